// Properties that come to a Buffer by Object.assign, Reflect.set and super.
const flag = Symbol('flag');
const buffer = Object.assign(Buffer.alloc(2), { [flag]: 7, y: 2, 1: 9 });
console.log(buffer[flag], buffer.y, buffer[1], Object.getOwnPropertySymbols(buffer).length);
console.log(Object.assign(Buffer.alloc(0), { [flag]: 7 })[flag]);
console.log(Reflect.set(buffer, 'z', 3), buffer.z, Reflect.set(buffer, 0, 5), buffer[0], Object.keys(buffer));

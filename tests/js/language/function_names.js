// Only a function that is written in the place takes the name of its variable or key.
function make() { return function (a) { return a; }; }
const made = make(), key = 'computed';
const o = { made, other: made, own: function () {}, [key]: () => 1, [key + 1]: made, __proto__: null, after: make(), made2: made };
console.log([made.name, o.made.name, o.other.name, o.own.name, o.computed.name, o.computed1.name, o.after.name, o.made2.name]);
let later; later = make(); exports.x = make();
console.log([later.name, exports.x.name]);
const spread = { ...{ a: make() }, b: made, [Symbol('s')]() {}, get [key]() { return 1; } };
console.log([spread.a.name, spread.b.name, spread[Object.getOwnPropertySymbols(spread)[0]].name, Object.getOwnPropertyDescriptor(spread, key).get.name]);

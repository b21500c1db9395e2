const u = new Uint8Array([1,2,300]); u[1] = 7; const f = new Float64Array(3); f[0]=1.5; f.set([2,NaN],1);
console.log(u.join(), f.join(), u.length, new Uint8ClampedArray([1.5,2.5,-3,400]).join(), new Int16Array(u.buffer, 0, 1)[0], [...u].length, u.map(x=>x*2).join(), u.subarray(1).join(), String(new BigInt64Array([-1n])[0]), String(new BigUint64Array([-1n])[0]));
const dv = new DataView(new ArrayBuffer(16)); dv.setInt32(0, -2); dv.setFloat64(8, Math.PI, true); console.log(dv.getUint32(0), dv.getFloat64(8,true), dv.getUint8(3), Object.keys(u).join(), 5 in u, u[5]);

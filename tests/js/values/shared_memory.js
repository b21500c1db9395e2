// SharedArrayBuffer and Atomics on one thread.
const b = new SharedArrayBuffer(8, { maxByteLength: 16 });
console.log(b.growable, b.byteLength, b.maxByteLength, Object.prototype.toString.call(b));
const i = new Int32Array(b);
console.log(i.length, (b.grow(16), i.length), b.slice(4) instanceof SharedArrayBuffer, b.slice(4).byteLength);
console.log(Atomics.add(i, 0, 5), Atomics.sub(i, 0, 7), Atomics.load(i, 0), Atomics.or(i, 0, 1), Atomics.exchange(i, 1, 9), Atomics.compareExchange(i, 1, 9, 3));
console.log(Atomics.wait(i, 0, 0, 10), Atomics.wait(i, 0, -1, 10), Atomics.isLockFree(4), Atomics.isLockFree(3), i);
const r = Atomics.waitAsync(i, 0, -1);
r.value.then((v) => console.log('async', v));
console.log(r.async, Atomics.notify(i, 0), Atomics.notify(i, 1));
console.log(Atomics.waitAsync(i, 0, 7), Atomics.waitAsync(i, 0, -1, 0));
const q = new BigInt64Array(new SharedArrayBuffer(8));
console.log(Atomics.add(q, 0, 2n ** 63n), Atomics.xor(q, 0, 1n), q[0], Atomics.store(q, 0, -5n), q);
const u = new Uint8Array([250]);
console.log(Atomics.add(u, 0, 10), u[0], Atomics.store(u, 0, 3.7), Atomics.and(u, 0, 2), u[0]);
for (const f of [() => Atomics.add(new Float64Array(2), 0, 1), () => Atomics.add([], 0, 1), () => Atomics.add(i, 9, 1), () => Atomics.wait(new Int32Array(2), 0, 0),
  () => Atomics.wait(new Int16Array(2), 0, 0), () => new SharedArrayBuffer(8, { maxByteLength: 4 }), () => SharedArrayBuffer(1), () => b.grow(4)]) {
  try { f(); } catch (e) { console.log(e.name, e.message); }
}
console.log(Object.getOwnPropertyNames(Atomics).join(), String(Atomics), new SharedArrayBuffer(2));
console.log(Object.getOwnPropertyNames(SharedArrayBuffer.prototype).join(), Object.getOwnPropertyNames(ArrayBuffer.prototype).join());

// TextEncoder.encodeInto writes into any Uint8Array, from where it begins.
const encoder = new TextEncoder();
const bytes = new Uint8Array(12);
console.log(encoder.encodeInto('héé', bytes.subarray(3)), bytes.join());
console.log(encoder.encodeInto('a€b', bytes.subarray(0, 3)), bytes.join());
class Own extends Uint8Array {}
const own = new Own(4);
console.log(encoder.encodeInto('𝌆!', own), own.join());
const buffer = Buffer.alloc(3);
console.log(encoder.encodeInto('xyz!', buffer), buffer);
for (const wrong of [new Uint16Array(2), [], undefined]) {
  try { encoder.encodeInto('x', wrong); } catch (e) { console.log(e.name); }
}

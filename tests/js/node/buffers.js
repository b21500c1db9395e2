'use strict';
const buffer = require('buffer');
const memory = new ArrayBuffer(16);
const b = Buffer.from(memory, 4, 8);
console.log(b.buffer === memory, b.parent === memory, b.byteOffset, b.length);
b[0] = 7;
console.log(new Uint8Array(memory)[4], Buffer.from('abc').toString('ascii', true, 3));
const array = new Uint8Array(3);
Object.setPrototypeOf(array, Buffer.prototype);
console.log(array.fill(5)[2], array.toString('hex'));
buffer.INSPECT_MAX_BYTES = 2;
console.log(Buffer.from('1234'));
try { buffer.INSPECT_MAX_BYTES = -1; } catch (e) { console.log(e.code); }

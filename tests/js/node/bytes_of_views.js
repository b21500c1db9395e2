// Functions of the library take any view of bytes, and BigInts where integers of 64 bits are.
'use strict';
const fs = require('fs'), os = require('os'), path = require('path'), buffer = require('buffer');
const bytes = new Uint8Array([104, 105, 226, 130, 172]);
const d = new TextDecoder('utf-8', { fatal: true });
console.log(d.decode(bytes), d.decode(bytes.buffer), d.decode(new DataView(bytes.buffer, 0, 2)));
console.log(d.decode(bytes.subarray(0, 3), { stream: true }) + d.decode(bytes.subarray(3)));
console.log(buffer.transcode(new Uint8Array([104, 233]), 'latin1', 'utf8'), buffer.isUtf8(bytes), buffer.isAscii(bytes.subarray(0, 2)));
try { d.decode('text'); } catch (e) { console.log(e.code); }

const b = Buffer.alloc(8);
b.writeBigInt64BE(-5n);
console.log(b.readBigInt64BE() === -5n, b.readBigUInt64LE() === 0xfbffffffffffffffn, b);
console.log(b.writeBigUInt64LE(2n ** 64n - 1n), b.readBigInt64LE(), typeof b.readBigUint64BE(0));
for (const v of [2n ** 64n, -1n, 'x', 1]) try { b.writeBigUInt64LE(v); } catch (e) { console.log(e.name, e.code); }

(async () => {
  const file = path.join(fs.mkdtempSync(path.join(os.tmpdir(), 'views-')), 'f');
  await fs.promises.writeFile(file, new Uint8Array([65, 66, 67, 68]));
  await fs.promises.appendFile(file, new DataView(new Uint8Array([69]).buffer));
  console.log(fs.readFileSync(file, 'utf8'));
  const fd = fs.openSync(file), into = Buffer.alloc(2);
  fs.readSync(fd, into, 0, 2, 2n);
  console.log(into.toString());
  fs.closeSync(fd);
  const plain = fs.statSync(file), big = await fs.promises.stat(file, { bigint: true });
  console.log(big.size === 5n, big.isFile(), big.mtimeNs / 1000000n === big.mtimeMs, big.mtime instanceof Date);
  console.log(big.ino === BigInt(plain.ino), typeof fs.statfsSync(file, { bigint: true }).bsize);
  console.log(Object.keys(plain).slice(0, 14).join());
  console.log(Object.keys(big).slice(0, 18).join());
  fs.rmSync(path.dirname(file), { recursive: true });
  console.log(atob(' YWJj '), atob(null) === '\x9Eée', atob([]) === '');
  try { atob(undefined); } catch (e) { console.log(e.name); }
  try { atob(); } catch (e) { console.log(e.name); }
})();

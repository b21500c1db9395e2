// A push of one's own sees the end as null, in a Transform and in zlib's streams, whose _transform may be overridden too.
import { Transform } from 'stream';
import { DeflateRaw, inflateRawSync } from 'zlib';
import { createReadStream, writeFileSync, rmSync, ReadStream } from 'fs';
import { tmpdir } from 'os';
import { join } from 'path';

const finished = (stream) => new Promise((resolve) => stream.on('end', resolve).resume());
class Upper extends Transform {
  push(chunk, encoding) { console.log('push', chunk && String(chunk)); return super.push(chunk, encoding); }
  _transform(chunk, encoding, callback) { callback(null, String(chunk).toUpperCase()); }
}
const upper = new Upper();
upper.end('text');
await finished(upper);

class Counted extends DeflateRaw {
  size = 0;
  push(chunk, encoding) { console.log('push', chunk === null ? null : typeof chunk.length); return super.push(chunk, encoding); }
  _transform(chunk, encoding, callback) { this.size += chunk.length; super._transform(chunk, encoding, callback); }
}
const counted = new Counted({ level: 9 }), parts = [];
counted.on('data', (chunk) => parts.push(chunk));
counted.write('hello'.repeat(10));
counted.end('!');
await finished(counted);
console.log(counted.size, inflateRawSync(Buffer.concat(parts)).length);

const path = join(tmpdir(), `push_overridden.${process.pid}`);
writeFileSync(path, 'file');
const file = createReadStream(path), push = file.push;
file.push = function (chunk) { console.log('push', chunk && String(chunk)); return push.call(this, chunk); };
await finished(file);
rmSync(path);

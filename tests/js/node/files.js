'use strict';
// fs: typed arrays, dates, nulls in options, functions that a program replaces, `new` on functions.
const fs = require('fs');
const os = require('os');
const path = require('path');
const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'lunode-files-'));
const file = path.join(folder, 'a');
fs.writeFileSync(file, new Uint8Array([104, 101, 108, 108, 111]));
console.log(fs.readFileSync(new TextEncoder().encode(file), 'utf8'), fs.statSync(file).mtime instanceof Date);
const fd = fs.openSync(file, 'r+');
const bytes = new Uint8Array(8);
console.log(fs.readSync(fd, bytes, { position: 0 }), bytes[0]);
console.log(fs.writevSync(fd, [new Uint8Array([65]), Buffer.from('BC')], 0), fs.readFileSync(file, 'utf8'));
for (const wrong of [{}, [{}], 'x', null]) {
  try { fs.readvSync(fd, wrong, null); } catch (e) { console.log(e.code); }
}
try { fs.fchown(fd, 'x'); } catch (e) { console.log(e.message); }
try { fs.chmod(null, 1, () => {}); } catch (e) { console.log(String(e)); }
console.log(fs.readFileSync(path.join(folder, 'new'), { flag: 'a+', encoding: 'utf8' }) === '', (fs.statSync(path.join(folder, 'new')).mode & 0o400) !== 0);
fs.closeSync(fd);
const { write } = fs;
fs.write = function(...args) {
  console.log('replaced');
  fs.write = write;
  return write(...args);
};
const out = new fs.createWriteStream(file);
out.end('through', () => {
  console.log(fs.readFileSync(file, 'utf8'));
  fs.createReadStream(null, { fd: fs.openSync(file, 'r'), encoding: 'utf8' }).on('data', (text) => console.log(text)).on('close', () => {
    fs.rmSync(folder, { recursive: true });
  });
});

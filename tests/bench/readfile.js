// SPDX-License-Identifier: MIT
// readfile.js SECONDS: fs.readFile of 10,000 files of 100 to 4,000 bytes, 64 under way at any time, again and again.
const fs = require('fs'), os = require('os'), path = require('path');
const seconds = Number(process.argv.at(-1)), COUNT = 10000, FLIGHT = 64;
const dir = fs.mkdtempSync(path.join(os.tmpdir(), 'readfile-'));
const names = [], sizes = [];
for (let i = 0; i < COUNT; i++) {
  names[i] = dir + '/' + i;
  sizes[i] = 100 + i * 37 % 3900;
  fs.writeFileSync(names[i], 'x'.repeat(sizes[i]));
}
let at = 0, going = 0, count = 0, start, warm = true, stopped;
function report(now) {
  const took = Number(now - start) / 1e9;
  console.log(`us_per_file ${(took * 1e6 / count).toFixed(1)}\nfiles ${count} seconds ${took.toFixed(6)}`);
  fs.rmSync(dir, { recursive: true });
}
function next() {
  at = (at + 1) % COUNT;
  const size = sizes[at];
  fs.readFile(names[at], (err, data) => {
    if (err) throw err;
    if (data.length !== size) throw new Error('wrong size');
    count++;
    if (count % COUNT === 0 && !stopped) {
      const now = process.hrtime.bigint();
      if (warm) [warm, count, start] = [false, 0, now];
      else if (Number(now - start) >= seconds * 1e9) stopped = now;
    }
    if (!stopped) return next();
    if (--going === 0) report(stopped);
  });
}
for (let i = 0; i < FLIGHT; i++) { going++; next(); }

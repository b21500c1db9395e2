// SPDX-License-Identifier: MIT
// spawn.js [ignore|pipe] SECONDS: /bin/true from spawn to 'exit', one after the other.
const { spawn } = require('child_process');
const seconds = Number(process.argv.at(-1)), options = { stdio: process.argv[3] ? process.argv[2] : 'ignore' };
let warm = 50, count = 0, start;
function ended(code) {
  if (code !== 0) throw new Error(`/bin/true ended with ${code}`);
  count++;
  const now = process.hrtime.bigint();
  if (warm && count === warm) [warm, count, start] = [0, 0, now];
  if (!warm && Number(now - start) >= seconds * 1e9) {
    const took = Number(now - start) / 1e9;
    console.log(`us_per_spawn ${(took * 1e6 / count).toFixed(1)}\nspawns ${count} seconds ${took.toFixed(6)}`);
  } else {
    next();
  }
}
function next() { spawn('/bin/true', [], options).on('exit', ended); }
next();

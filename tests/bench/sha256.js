// SPDX-License-Identifier: MIT
// sha256.js SECONDS: createHash("sha256") over 1 GiB in pieces of 1 MiB, again until the time is over.
const { createHash } = require('crypto');
const seconds = Number(process.argv.at(-1)), piece = Buffer.alloc(1048576, 7);
const start = process.hrtime.bigint();
let count = 0, took;
do {
  const hash = createHash('sha256');
  for (let i = 0; i < 1024; i++) hash.update(piece);
  hash.digest('hex');
  count++;
  took = Number(process.hrtime.bigint() - start) / 1e9;
} while (took < seconds);
console.log(`gib ${count} seconds ${took.toFixed(6)}`);

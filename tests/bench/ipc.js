// SPDX-License-Identifier: MIT
// ipc.js FLIGHT SECONDS: messages of 100 bytes of JSON to a child and back, FLIGHT of them on their way at any time.
'use strict';
if (process.argv[2] === 'child') {
  process.on('message', (message) => process.send(message));
} else {
  const flight = Number(process.argv[2]), seconds = Number(process.argv[3]);
  const message = { n: 12345, text: 'x'.repeat(81) };
  const child = require('child_process').fork(__filename, ['child']);
  let count = 0, start = 0n, warm = false, done = false;
  child.on('message', (got) => {
    if (done !== false) { // what is on its way comes home first
      if (--done === 0) child.disconnect();
      return;
    }
    count++;
    if (count % 64 === 0) {
      const now = process.hrtime.bigint();
      if (!warm) {
        if (count >= 2048) { warm = true; count = 0; start = now; }
      } else if (now - start >= BigInt(Math.round(seconds * 1e9))) {
        console.log(`trips ${count} seconds ${(Number(now - start) / 1e9).toFixed(6)} length ${got.text.length}`);
        done = flight - 1;
        if (done === 0) child.disconnect();
        return;
      }
    }
    child.send(message);
  });
  for (let i = 0; i < flight; i++) child.send(message);
}

// Warnings of rejections that are handled late, by number.
'use strict';
const { spawnSync } = require('child_process');
const r = spawnSync(process.execPath, ['--unhandled-rejections=warn', '-e', `
  process.removeAllListeners('warning');
  process.on('warning', (w) => console.log(w.name, '|', w.message.replace(/error originated.*?strict./, '…').replace(/\\(see[^)]*\\)/, ''), w.id));
  const p = Promise.reject('text');
  setImmediate(() => p.catch(() => {}));
  Promise.reject(42); Promise.reject(Symbol('s'));
`], { encoding: 'utf8' });
console.log(r.stdout);

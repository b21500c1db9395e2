// Appends in the forms that programs use, and positions in a text beyond ASCII. Prints "name milliseconds" (user time); run it with node as well.
'use strict';
const COUNT = 300000;
function measure(name, f) {
  let best = Infinity;
  for (let round = 0; round < 3; round++) {
    const before = process.cpuUsage();
    f();
    const { user, system } = process.cpuUsage(before);
    best = Math.min(best, (user + system) / 1000);
  }
  console.log(name, best.toFixed(1));
}
class Writer {
  constructor() { this.text = ''; }
  write(s) { this.text += s; }
}
let kept = '';
measure('append-property', () => { const w = new Writer(); for (let i = 0; i < COUNT; i++) w.write('ab'); return w.text.length; });
measure('append-captured', () => { let out = ''; const write = (s) => { out += s; }; for (let i = 0; i < COUNT; i++) write('ab'); return out.length; });
measure('append-module', () => { kept = ''; for (let i = 0; i < COUNT; i++) kept += 'ab'; return kept.length; });
measure('append-length', () => { let s = '', n = 0; for (let i = 0; i < COUNT; i++) { s += 'ab'; n += s.length; } return n; });
const text = 'naïve café ☕ 日本語 '.repeat(60000);
measure('wide-charCodeAt', () => { let n = 0; for (let i = 0; i < text.length; i++) n += text.charCodeAt(i); return n; });
measure('wide-indexOf', () => { let n = 0, i = -1; while ((i = text.indexOf('☕', i + 1)) >= 0) n++; return n; });
measure('replace-g', () => text.replace(/é/g, 'e').length);

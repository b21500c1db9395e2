const { PassThrough } = require('stream');
const readline = require('readline');
const input = new PassThrough(), output = new PassThrough();
input.on('keypress', (s, k) => { if (k.sequence === '.') console.log(Object.keys(k).join(), k.name); });
const rl = readline.createInterface({ terminal: true, input, output, completer: (line, cb) => cb(null, [['process.stdout', 'process.stdin'], line]) });
let text = '';
output.on('data', (c) => { text += c; });
input.write('process.s\t');
console.log(/process\.std/.test(text), /error/.test(text));
input.write('.');
rl.close();
for (const escapeCodeTimeout of [null, {}, NaN, '50']) {
  try { readline.createInterface({ input: new PassThrough(), escapeCodeTimeout }).close(); console.log('made'); } catch (e) { console.log(e.code); }
}

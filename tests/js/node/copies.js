// fs.cp over files, folders and links; path.resolve with another cwd; a callback of null.
const fs = require('fs'), path = require('path'), os = require('os'), crypto = require('crypto');
const dir = fs.mkdtempSync(path.join(os.tmpdir(), 'copies-'));
const at = (name) => path.join(dir, name);
process.on('exit', () => fs.rmSync(dir, { recursive: true, force: true }));
fs.mkdirSync(at('a/b'), { recursive: true });
fs.writeFileSync(at('f'), 'text', { mode: 0o640 });
fs.writeFileSync(at('a/b/g'), 'inner');
fs.symlinkSync(at('a'), at('link'));
for (const options of [{}, { dereference: false }, { dereference: true }, { preserveTimestamps: true }, { force: false }]) {
  fs.cpSync(at('f'), at('copy'), options);
  fs.cpSync(at('a'), at('tree'), { ...options, recursive: true });
  console.log(fs.readFileSync(at('copy'), 'utf8'), (fs.statSync(at('copy')).mode & 0o777).toString(8), fs.readFileSync(at('tree/b/g'), 'utf8'));
}
fs.cpSync(at('f'), at('link'), { dereference: false });
console.log(fs.lstatSync(at('link')).isFile(), fs.lstatSync(at('a')).isDirectory());
for (const [from, to] of [['a', 'a'], ['a', 'a/b/c'], ['a', 'f'], ['f', 'a'], ['none', 'x']]) {
  try { fs.cpSync(at(from), at(to), { recursive: true }); console.log('copied'); } catch (e) { console.log(e.code); }
}
try { crypto.randomBytes(1, null); console.log('no'); } catch (e) { console.log(e.code); }
fs.cp(at('f'), at('later'), (err) => {
  console.log(err, fs.readFileSync(at('later'), 'utf8'));
  fs.promises.cp(at('a'), at('last'), { recursive: true }).then(() => {
    console.log(fs.readdirSync(at('last/b')));
    const cwd = process.cwd;
    process.cwd = () => '';
    console.log(path.resolve(), path.resolve('x'), path.resolve('x/..'), path.resolve('/y'));
    process.cwd = cwd;
  });
});

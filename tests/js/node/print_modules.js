// -p and -e: the modules are globals; the parser's options reach the servers.
const { spawnSync } = require('child_process');
const run = (...args) => { const r = spawnSync(process.execPath, args); return String(r.stdout).trim(); };
console.log(run('--max-http-header-size=10', '-p', 'http.maxHeaderSize'));
console.log(run('-p', '[typeof fs.readFileSync, typeof path.join, Object.keys(globalThis).includes("fs")].join()'));
console.log(run('-e', 'const fs = 5; var os = 6; console.log(fs, os, typeof zlib)'));
const text = `const net = require('net'); const s = require('http').createServer((q, r) => r.end('ok')).listen(0, () => {
  const c = net.connect(s.address().port, () => c.write('GET / HTTP/1.1\\r\\nHost: x\\r\\nConnection: close\\r\\nX: a\\x08b\\r\\n\\r\\n'));
  c.once('data', (d) => { console.log(String(d).split('\\r\\n')[0]); process.exit(); }); });`;
console.log(run('-e', text), run('--insecure-http-parser', '-e', text));

// Serves a folder, by default examples/public: streams, ranges by conditional requests left aside.
'use strict';
const fs = require('fs'), http = require('http'), path = require('path');
const { pipeline } = require('stream');

const root = path.resolve(process.argv[2] ?? path.join(__dirname, 'public'));
const types = { '.html': 'text/html; charset=utf-8', '.css': 'text/css', '.js': 'text/javascript', '.json': 'application/json', '.txt': 'text/plain; charset=utf-8' };

const server = http.createServer((req, res) => {
  const refuse = (status) => { res.writeHead(status, { 'Content-Type': 'text/plain' }); res.end(http.STATUS_CODES[status] + '\n'); };
  if (req.method !== 'GET' && req.method !== 'HEAD') return refuse(405);
  let name;
  try { name = decodeURIComponent(new URL(req.url, 'http://localhost').pathname); } catch { return refuse(400); }
  if (name.includes('\0')) return refuse(400);
  let file = path.join(root, path.normalize('/' + name));
  if (name.endsWith('/')) file = path.join(file, 'index.html');
  fs.stat(file, (err, stats) => {
    if (err || !stats.isFile()) return refuse(404);
    res.writeHead(200, { 'Content-Type': types[path.extname(file)] ?? 'application/octet-stream', 'Content-Length': stats.size, 'Last-Modified': stats.mtime.toUTCString() });
    if (req.method === 'HEAD') return res.end();
    pipeline(fs.createReadStream(file), res, () => {});
  });
});
server.listen(process.env.PORT ?? 8000, '127.0.0.1', () => console.log(`Serving ${root} on http://127.0.0.1:${server.address().port}/`));

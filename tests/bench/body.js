// SPDX-License-Identifier: MIT
// body.js FILE: GET /file streams FILE, POST /echo sends back its body, anything else is hello.
'use strict';
const fs = require('fs');
const http = require('http');
const { pipeline } = require('stream');

const file = process.argv[2];
const size = String(fs.statSync(file).size);

const server = http.createServer((req, res) => {
  if (req.url === '/file') {
    res.writeHead(200, { 'Content-Type': 'application/octet-stream', 'Content-Length': size });
    pipeline(fs.createReadStream(file), res, () => {}); // an error has closed both
  } else if (req.method === 'POST') {
    res.writeHead(200, { 'Content-Type': 'application/octet-stream' });
    req.pipe(res);
  } else {
    res.writeHead(200, { 'Content-Type': 'text/plain', 'Content-Length': '12' });
    res.end('Hello world\n');
  }
});
server.listen(0, '127.0.0.1', () => console.log(server.address().port));

// SPDX-License-Identifier: MIT
'use strict';
const cluster = require('cluster');
const http = require('http');

if (cluster.isPrimary) {
  let listening = 0;
  cluster.on('listening', (worker, address) => {
    if (++listening === 2) console.log(address.port);
  });
  cluster.fork();
  cluster.fork();
} else {
  http.createServer((req, res) => {
    res.writeHead(200, { 'Content-Type': 'text/plain', 'Content-Length': '12' });
    res.end('Hello world\n');
  }).listen(0, '127.0.0.1');
}

// QUERY requests: alone, behind others, with bodies, in pieces. And what llhttp 9 says of a head with two lengths.
'use strict';
const http = require('http');
const net = require('net');
console.log(http.METHODS.includes('QUERY'), http.METHODS.length);
const server = http.createServer((req, res) => {
  const list = [];
  req.on('data', (d) => list.push(d));
  req.on('end', () => {
    console.log(req.method, req.url, req.httpVersion, req.rawHeaders.join(' '), Buffer.concat(list).toString());
    res.end();
  });
});
server.on('clientError', (e, socket) => { console.log(e.code, e.reason); socket.destroy(); });
const texts = [
  'QUERY / HTTP/1.1\r\nHost: a\r\n\r\n',
  'QUERY /x HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\n\r\nabGQUERY /b HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n' +
    '3\r\nabc\r\n0\r\n\r\nQUERY /c HTTP/1.1\r\nHost: a\r\n\r\nGET /l HTTP/1.1\r\nHost:b\r\n\r\n',
  '\r\n\r\nQUERY / HTTP/1.1\r\nHost: a\r\n\r\nQUERx',
  'GQUERY / HTTP/1.1\r\n\r\n',
  'POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n',
  'POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\nContent-Length: 1\r\n\r\n',
];
server.listen(0, async () => {
  for (const text of texts) {
    for (const step of [1000, 1, 4]) {
      await new Promise((done) => {
        const c = net.connect(server.address().port).setNoDelay().resume().on('error', () => {}).on('close', done);
        let i = 0;
        (function next() {
          if (i >= text.length) return setTimeout(() => c.end(), 10);
          c.write(text.slice(i, i + step));
          i += step;
          setTimeout(next, 1);
        })();
      });
    }
  }
  const res = await new Promise((done) => http.request({ port: server.address().port, method: 'QUERY', headers: { Host: 'x' } }, done).end('body'));
  console.log(res.statusCode);
  res.resume();
  server.close();
});

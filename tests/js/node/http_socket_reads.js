// What programs do with the socket below an HTTP server's request: they listen to its bytes, bring some, count.
'use strict';
const http = require('http');
const net = require('net');

function talk(port, text, later) {
  return new Promise((done) => {
    let got = '';
    const c = net.connect(port, () => {
      c.write(text);
      if (later) c.once('data', () => c.write(later));
    });
    c.setEncoding('latin1').on('data', (s) => {
      got += s;
      if (/\r\n\r\n.*end$/s.test(got)) c.end();
    }).on('close', () => done(got.replace(/Date:.*\r\n/g, ''))).on('error', () => {});
  });
}

async function main() {
  // Listening to the bytes: the requests come all the same.
  let seen = '';
  let server = http.createServer((req, res) => {
    const s = req.socket;
    if (req.url === '/1') {
      console.log(s.listenerCount('data'), s.listenerCount('end') > 0, s.listenerCount('timeout'), s.listenerCount('error'));
      s.on('data', (d) => { seen += d; });
      res.writeHead(200, { 'Content-Length': 2 });
      res.end('ok');
    } else {
      let body = '';
      req.setEncoding('utf8').on('data', (d) => { body += d; }).on('end', () => res.end(body + 'end'));
    }
  });
  await new Promise((done) => server.listen(0, done));
  const second = 'POST /2 HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\n\r\nhello';
  const answer = await talk(server.address().port, 'GET /1 HTTP/1.1\r\nHost: a\r\n\r\n', second);
  console.log(answer.split('\r\n').filter((l) => /^HTTP|end$/.test(l)), seen === second);
  await new Promise((done) => server.close(done));

  // A big body through it, slowly read: the socket stops and goes on.
  server = http.createServer((req, res) => {
    let n = 0;
    req.socket.on('data', () => {});
    req.on('readable', function next() {
      const d = req.read(65536) || req.read();
      if (d) { n += d.length; setImmediate(next); }
    }).on('end', () => { console.log(n); res.end('end'); });
  });
  await new Promise((done) => server.listen(0, done));
  await talk(server.address().port, 'POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 3000000\r\n\r\n' + 'x'.repeat(3000000));
  await new Promise((done) => server.close(done));

  // Bytes brought by the program.
  server = http.createServer((req, res) => res.end(req.url + ' end'));
  server.on('connection', (socket) => socket.push('GET /pushed HTTP/1.1\r\nHost: a\r\n\r\n'));
  await new Promise((done) => server.listen(0, done));
  console.log((await talk(server.address().port, '')).split('\r\n').pop());
  await new Promise((done) => server.close(done));

  // An upgrade after that.
  server = http.createServer();
  server.on('connection', (socket) => socket.on('data', () => {}));
  server.on('upgrade', (req, socket, head) => {
    socket.write(String(head));
    socket.on('data', (d) => socket.end(d + ' end'));
  });
  await new Promise((done) => server.listen(0, done));
  console.log(await talk(server.address().port, 'GET / HTTP/1.1\r\nHost: a\r\nConnection: upgrade\r\nUpgrade: x\r\n\r\nhead\r\n\r\n', 'more'));
  await new Promise((done) => server.close(done));

  // What is counted.
  server = http.createServer((req, res) => {
    const s = req.socket;
    res.writeHead(200);
    res.write('x'.repeat(1000));
    console.log(s.bytesWritten > 1000, res.outputSize, res.outputData.length);
    res.end('end');
  });
  await new Promise((done) => server.listen(0, done));
  await talk(server.address().port, 'GET / HTTP/1.1\r\nHost: a\r\n\r\n');
  await new Promise((done) => server.close(done));

  // Requests that have been read are answered to the end, though the socket goes.
  const urls = [];
  server = http.createServer((req, res) => { urls.push(req.url); if (req.url === '/a') res.destroy(); });
  await new Promise((done) => server.listen(0, done));
  await talk(server.address().port, ['a', 'b', 'c', 'd'].map((u) => `GET /${u} HTTP/1.1\r\nHost: a\r\n\r\n`).join(''));
  console.log(urls);
  server.close();
}
main();

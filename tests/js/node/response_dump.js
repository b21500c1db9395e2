// Aborting in the middle of buffered data; a parse error takes the listeners off; an error listener that throws.
const http = require('http');
const net = require('net');
const server = http.createServer((req, res) => { for (let i = 0; i < 500; i++) res.write('x' + i); res.end(); });
server.listen(0, () => {
  let size = 0, after = 0;
  const req = http.get({ port: server.address().port }, (res) => {
    res.on('data', (c) => { if (req.aborted) after++; size += c.length; if (size > 100) req.abort(); });
    res.on('error', () => {});
    res.on('close', () => { console.log('after abort', after, res.listenerCount('data')); server.close(); broken(); });
  });
  req.on('error', () => {});
});
function broken() {
  const s = net.createServer((c) => c.end('bad http')).listen(0, () => {
    const req = http.get({ port: s.address().port });
    req.on('error', (e) => { console.log(e.code, req.socket.listenerCount('data')); s.close(); interim(); });
  });
}
function interim() {
  const s = http.createServer((req, res) => {
    res._writeRaw('HTTP/1.1 102 Processing\r\nFoo: Bar\r\n');
    res._writeRaw('\r\n', () => console.log('interim out'));
    res.removeHeader('connection');
    res.removeHeader('transfer-encoding');
    res.removeHeader('content-length');
    const socket = res.socket;
    res.on('finish', () => console.log('ended with finish', socket.writableEnded));
    res.end('x');
  }).listen(0, () => {
    http.get({ port: s.address().port }, (res) => { res.resume().on('end', () => { s.close(); thrower(); }); })
      .on('information', (i) => console.log(i.statusCode, i.headers.foo));
  });
}
function thrower() {
  const req = http.get({ host: 'nowhere.invalid', lookup: (h, o, cb) => cb(Object.assign(new Error('nf'), { code: 'ENOTFOUND' })) });
  const mine = new Error('mine');
  req.on('error', (e) => { console.log('error', e.message); throw mine; });
  req.on('close', () => console.log('close'));
  process.on('uncaughtException', (e) => console.log('uncaught', e === mine));
}

// Sockets of requests asked for inside async functions; a connection taken over there.
const http = require('http');
const server = http.createServer(async (req, res) => {
  await null;
  console.log(req.socket === res.socket, typeof req.socket.remoteAddress, req.connection === req.socket);
  res.end('ok');
});
server.on('upgrade', async (req, socket) => {
  await null;
  socket.end('HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: x\r\n\r\nhello');
});
server.listen(0, async () => {
  const port = server.address().port;
  await new Promise((ok) => http.get({ port, agent: false }, (res) => res.on('end', ok).resume()));
  await new Promise((ok) => http.get({ port, headers: { Connection: 'Upgrade', Upgrade: 'x' } }).on('upgrade', (res, socket, head) => {
    let s = head.toString();
    socket.on('data', (c) => (s += c)).on('end', () => { console.log(s); socket.end(); ok(); });
  }));
  server.close(() => console.log('closed'));
});

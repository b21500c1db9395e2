// Where null is passed and where undefined: 'lookup', options of send, the message of a socket that CONNECT took.
'use strict';
const net = require('net');
const http = require('http');
const { fork } = require('child_process');
net.connect(42, '*'.repeat(64)).on('error', () => lookupOf('localhost')).on('lookup', (err, ...rest) => console.log(err instanceof Error, rest.slice(0, 2)));
function lookupOf(host) {
  net.connect(1, host).on('error', connect).on('lookup', (err, ip, family, name) => console.log(err, typeof ip, typeof family, name));
}
let asked = false;
function connect() {
  if (asked) return;
  asked = true;
  const server = http.createServer().on('connect', (req, socket) => { socket.write('HTTP/1.1 200 OK\r\n\r\n'); socket.end(); });
  server.listen(0, () => {
    http.request({ port: server.address().port, method: 'CONNECT', path: 'a:1' }).on('connect', (res, socket) => {
      console.log(socket._httpMessage, socket.listenerCount('data'), socket.listenerCount('end'));
      socket.end();
      server.close();
    }).end();
  });
}
const child = fork('-', [], { stdio: ['ignore', 'ignore', 'ignore', 'ipc'] }).on('error', () => {});
for (const args of [['m', null, null], ['m', null, ''], ['m', null, 0], ['m', 'meow'], [Symbol('s')], [undefined]]) {
  try { child.send(...args); console.log('sent'); } catch (e) { console.log(e.code); }
}
child.kill();

// What programs do with a socket's handle: methods put in place of its own, handles that are objects of the program's.
'use strict';
const net = require('net');

function watch(handle, name, log) {
  const own = handle[name];
  handle[name] = function(...args) { log.push([name, ...args]); return own.apply(this, args); };
}

const server = net.createServer({ keepAlive: 1, keepAliveInitialDelay: 2500, noDelay: 'yes' }, (socket) => {
  const log = [];
  watch(socket._handle, 'setNoDelay', log);
  watch(socket._handle, 'setKeepAlive', log);
  socket.setNoDelay(true); // both are so already
  socket.setKeepAlive(true, 2900);
  socket.setKeepAlive(true, 3000);
  socket.setNoDelay('');
  socket.setNoDelay(0);
  socket.setKeepAlive(0);
  socket.setKeepAlive(false);
  console.log('server', server.keepAlive, server.keepAliveInitialDelay, server.noDelay, log);
  socket.end();
});
server.listen(0, () => {
  const onconnection = server._handle.onconnection;
  server._handle.onconnection = (status, handle) => {
    console.log('accepted', status, typeof handle.readStart);
    onconnection.call(server._handle, status, handle);
  };
  const log = [];
  const client = net.connect({ port: server.address().port, noDelay: 'x', keepAlive: {}, keepAliveInitialDelay: 456123 }, () => {
    console.log('client', log);
    client.end();
  });
  client._handle.setNoDelay = (...args) => log.push(args);
  client._handle.setKeepAlive = (...args) => log.push(args);
  client.resume().on('close', () => server.close(ownHandle));
});

function ownHandle() {
  const log = [];
  const handle = { readStart() { log.push('readStart'); return 0; }, setNoDelay: (on) => log.push(on), setKeepAlive: null, close(cb) { log.push('close'); if (cb) cb(); } };
  const socket = new net.Socket({ handle });
  console.log(['end', 'data', 'error', 'close'].map((name) => socket.listenerCount(name)));
  socket.setNoDelay();
  socket.setNoDelay(1);
  socket.setNoDelay(null);
  socket.setKeepAlive(true);
  socket.on('close', () => console.log(log)).destroy();
}

// Whether a server looks at its connections' time limits: from 'listening' to close().
'use strict';
const http = require('http');
const { kConnectionsCheckingInterval } = require('_http_server');
const server = http.createServer();
console.log(typeof kConnectionsCheckingInterval, server[kConnectionsCheckingInterval]);
server.listen(0, () => {
  const first = server[kConnectionsCheckingInterval];
  console.log(first._destroyed, server.listenerCount('listening'), server.listenerCount('connection'));
  server.emit('listening');
  const second = server[kConnectionsCheckingInterval];
  console.log(first._destroyed, second._destroyed, first === second);
  server.close(() => console.log(second._destroyed));
});

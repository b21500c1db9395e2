// SPDX-License-Identifier: MIT
'use strict';
const net = require('net');

const server = net.createServer((socket) => {
  socket.on('error', () => {}); // a peer that resets
  socket.pipe(socket);
});
server.listen(0, '127.0.0.1', () => console.log(server.address().port));

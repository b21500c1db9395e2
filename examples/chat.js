// A chat over TCP: `nc 127.0.0.1 7000` from several terminals; what one types, the others see.
'use strict';
const net = require('net'), readline = require('readline');

const people = new Map();
const say = (text, except) => { for (const [socket, name] of people) if (socket !== except) socket.write(text + '\n'); };

const server = net.createServer(async (socket) => {
  socket.on('error', () => {});
  socket.write('Your name? ');
  const lines = readline.createInterface({ input: socket });
  for await (const line of lines) {
    if (!people.has(socket)) {
      people.set(socket, line.trim() || 'somebody');
      say(`* ${people.get(socket)} came`, socket);
    } else say(`${people.get(socket)}: ${line}`, socket);
  }
  const name = people.get(socket);
  if (people.delete(socket)) say(`* ${name} left`);
});
server.listen(process.env.PORT ?? 7000, '127.0.0.1', () => console.log(`Chat on 127.0.0.1:${server.address().port}`));

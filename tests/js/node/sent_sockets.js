// Sockets that were sent to a child are counted by their server, and its 'close' waits for them.
'use strict';
const { fork, execFileSync, ChildProcess, spawn } = require('child_process');
const net = require('net');
if (process.argv[2] === 'child') {
  const sockets = [];
  process.on('message', (m, socket) => {
    if (socket) sockets.push(socket);
    else sockets.shift().once('close', () => process.send('closed')).destroy();
    if (socket) process.send('got');
  });
} else {
  const child = fork(__filename, ['child']);
  const log = [];
  let got = 0, closed = 0;
  const server = net.createServer((socket) => child.send('take', socket));
  const count = () => new Promise((done) => server.getConnections((err, n) => done(n)));
  child.on('message', async (m) => {
    if (m === 'got' && ++got === 3) {
      log.push(await count(), server._connections);
      child.send('close');
    } else if (m === 'closed') {
      log.push(await count());
      closed++;
      if (closed === 1) { server.close(() => { console.log(log); child.kill(); }); setTimeout(() => { log.push('waits'); child.send('close'); child.send('close'); }, 50); }
    }
  });
  child.on('exit', () => console.log(server._workers.length));
  server.listen(0, () => {
    for (let i = 0; i < 3; i++) net.connect(server.address().port).resume().on('error', () => {});
  });

  // What is checked, and what is null.
  const tries = [{}, { file: 1 }, { envPairs: null, stdio: ['ignore', 'ignore', 'ignore', 'ipc'] }, { file: 'x', args: null }, { file: 'x', args: 'a' }];
  for (const options of tries) try { new ChildProcess().spawn(options); } catch (e) { console.log(e.message); }
  for (const serialization of [null, 42, 'foo']) try { spawn('x', [], { serialization }); } catch (e) { console.log(e.message); }
  try { execFileSync(process.execPath, ['-e', 'process.exit(3)'], { stdio: 'ignore' }); } catch (e) {
    console.log(e.status, e.signal, e.output, e.stdout, e.stderr);
  }
}

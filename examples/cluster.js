// One worker a core on one port; a worker that dies is replaced.
'use strict';
const cluster = require('cluster'), http = require('http'), os = require('os');

if (cluster.isPrimary) {
  for (let i = 0; i < os.availableParallelism(); i++) cluster.fork();
  let told = false;
  cluster.on('listening', (worker, address) => {
    if (!told) console.log(`Listening on http://127.0.0.1:${address.port}/`);
    told = true;
  });
  cluster.on('exit', (worker, code, signal) => {
    console.log(`worker ${worker.id} died (${signal ?? code})`);
    if (!worker.exitedAfterDisconnect) cluster.fork();
  });
  process.on('SIGTERM', () => cluster.disconnect(() => process.exit()));
} else {
  http.createServer((req, res) => res.end(`from process ${process.pid}\n`)).listen(process.env.PORT ?? 8000, '127.0.0.1');
}

// The smallest server: `lunode examples/hello.js`, then http://127.0.0.1:8000/.
'use strict';
const http = require('http');

const server = http.createServer((req, res) => {
  res.writeHead(200, { 'Content-Type': 'text/plain' });
  res.end('Hello world\n');
});
server.listen(process.env.PORT ?? 8000, '127.0.0.1', () => {
  console.log(`Listening on http://127.0.0.1:${server.address().port}/`);
});

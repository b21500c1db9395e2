// SPDX-License-Identifier: MIT
// Bun's own server; it sets Content-Length itself.
const server = Bun.serve({
  hostname: '127.0.0.1',
  port: 0,
  fetch() {
    return new Response('Hello world\n', { headers: { 'Content-Type': 'text/plain' } });
  },
});
console.log(server.port);

// Sockets that an agent makes for waiting requests, time limits and their listeners, requests given up in the queue.
const http = require('http');
const server = http.createServer((req, res) => { res.end('ok'); });
server.listen(0, '127.0.0.1', () => {
  const port = server.address().port;
  const agent = new http.Agent({ maxSockets: 1 });
  let free = 0;
  agent.on('free', () => free++);
  const opts = { agent, host: '127.0.0.1', port, path: '/' };
  const first = http.get(opts, (res) => {
    const key = agent.getName(opts);
    console.log('waiting', agent.requests[key].length);
    res.resume();
    res.on('end', () => first.socket.destroy());
  });
  const second = http.get(opts, (res) => {
    console.log('another socket', second.socket !== first.socket);
    res.resume().on('end', () => setTimeout(next, 20));
  });
  function next() {
    console.log('free events', free);
    const keep = new http.Agent({ maxSockets: 1 });
    const held = http.get({ agent: keep, host: '127.0.0.1', port }, (res) => {
      const given = http.get({ agent: keep, host: '127.0.0.1', port });
      given.on('error', (e) => console.log('given up', e.code));
      given.on('close', () => { console.log('closed'); limits(); });
      given.destroy();
      console.log('still there', Object.keys(keep.requests).length);
      res.resume();
    });
    void held;
  }
  function limits() {
    const timed = http.get({ agent: new http.Agent({ timeout: 5000 }), host: '127.0.0.1', port, timeout: 7000 }, (res) => {
      console.log('with response', timed.socket.listenerCount('timeout') >= 2);
      res.resume().on('end', () => setImmediate(bad));
    });
    timed.on('socket', (s) => {
      const list = s.listeners('timeout');
      console.log(s.timeout, list.length, list[1] === timed.timeoutCb);
    });
  }
  function bad() {
    for (const o of [{ timeout: null }, { headers: { host: [] } }, { headers: { HOST: ['a'] } }, { maxHeaderSize: null },
      { insecureHTTPParser: null }, { joinDuplicateHeaders: null }]) {
      try { http.request(o); console.log('made'); } catch (e) { console.log(e.code, e.message); }
    }
    server.close();
  }
});

'use strict';
// EventEmitter, timers and servers: statics that are asked for each time, names, callbacks without an error.
const EventEmitter = require('events');
const net = require('net');
const http = require('http');
console.log(EventEmitter.defaultMaxListeners, EventEmitter.captureRejections, EventEmitter.prototype.on.name, EventEmitter.prototype.off.name);
EventEmitter.defaultMaxListeners = 3;
console.log(new EventEmitter().getMaxListeners());
EventEmitter.defaultMaxListeners = 10;
const s = net.createServer();
console.log(s._handle, s.address(), new net.Socket()._handle);
s.listen(0, () => s.close(function(err) { console.log('closed', arguments.length, err); }));
console.log(new http.Agent().sockets, new http.OutgoingMessage().getHeaders());
console.log(require('_http_agent').Agent === http.Agent, require('_stream_readable') === require('stream').Readable);
console.log(typeof setTimeout(() => {}, 1)[Symbol.dispose], setTimeout(() => {}, 1)._destroyed);
clearInterval(null);
const once = setInterval(() => { once._onTimeout = null; console.log('interval'); }, 1);
try { new http.OutgoingMessage().write({}); } catch (e) { console.log(String(e)); }
class Request extends http.IncomingMessage { mine() { return this.headers['x-mine']; } }
class Response extends http.ServerResponse { hello() { this.end('hello'); } }
const server = http.createServer({ IncomingMessage: Request, ServerResponse: Response }, (req, res) => {
  console.log(req.mine(), req.destroyed, req.client === req.socket);
  try { req.socket.setEncoding('utf8'); } catch (e) { console.log(e.code); }
  res.hello();
});
server.listen(0, () => {
  const agent = new http.Agent({ keepAlive: true });
  http.get({ port: server.address().port, agent, headers: { 'x-mine': 'yes' } }, (res) => {
    res.setEncoding('utf8');
    res.on('data', (text) => console.log(text));
    res.on('end', () => process.nextTick(() => {
      const [name] = Object.keys(agent.freeSockets);
      console.log(Object.keys(agent.sockets).length, agent.freeSockets[name].length);
      agent.destroy();
      server.close();
    }));
  });
});

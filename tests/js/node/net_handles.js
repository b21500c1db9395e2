const net = require('net');
const dgram = require('dgram');
const dns = require('dns');
const server = net.createServer((s) => s.on('error', () => {})).listen(0, () => {
  const port = server.address().port;
  const a = net.connect({ port }, () => {
    a.on('error', (e) => { console.log(e.message, e.constructor === Error); second(); });
    a._handle.close();
    a.write('x');
  });
  function second() {
    const b = net.connect({ port }, () => {
      b.on('error', (e) => { console.log(e.code, e.message); server.close(); patched(); });
      b._handle.close();
      b._handle = null;
      b.write('x');
    });
  }
});
function patched() {
  const connect = net.Socket.prototype.connect;
  net.Socket.prototype.connect = function(args) {
    console.log('patched', Array.isArray(args), args[0].port);
    net.Socket.prototype.connect = connect;
    return connect.call(this, args);
  };
  net.connect({ port: 1, host: '127.0.0.1' }).on('error', (e) => { console.log(e.code); lookups(); });
}
function lookups() {
  const own = dns.lookup;
  let calls = 0;
  dns.lookup = (host, family, cb) => { calls++; dns.lookup = own; own(host, family, cb); };
  const s = dgram.createSocket('udp4');
  s.bind(0, () => {
    console.log('bound', calls, dns.lookup === own);
    s.close();
    for (const lookup of [null, false, 0, '', {}]) {
      try { dgram.createSocket({ type: 'udp4', lookup }); } catch (e) { console.log(e.code, e.message); }
    }
    for (const list of [[null], [undefined], [1]]) {
      try { dns.setServers(list); } catch (e) { console.log(e.code, e.message); }
    }
    const g = require('zlib').createGzip();
    g.destroy();
    console.log(g._handle);
  });
}

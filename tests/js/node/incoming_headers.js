const { IncomingMessage, OutgoingMessage } = require('http');
const m = new IncomingMessage();
const dest = {};
for (const [k, v] of [['Age', undefined], ['X-A', '1'], ['x-a', '2'], ['Set-Cookie', 'a'], ['set-cookie', 'b'], ['Host', 'h'], ['Host', 'i']]) m._addHeaderLine(k, v, dest);
console.log(dest, dest['set-cookie'].length);
m.headers = { key1: 'value1' };
m._addHeaderLines(['key2', 'value2'], 2);
console.log(m.headers);
try { new OutgoingMessage().addTrailers(); } catch (e) { console.log(e instanceof TypeError); }

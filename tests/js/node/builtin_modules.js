// Modules of Node in other orders and by other ways than the usual ones.
const zlib = require('zlib'), crypto = require('crypto');
const stream = require('stream');
console.log(typeof stream.Transform, typeof stream.Readable.prototype.map, zlib.createGzip() instanceof stream.Transform, typeof stream.pipeline);
console.log(crypto.createHash('md5') instanceof stream.Transform);
const dc = process.getBuiltinModule('diagnostics_channel');
console.log(dc === require('diagnostics_channel'), dc.tracingChannel('a:b').hasSubscribers, process.getBuiltinModule('node:fs') === require('fs'));
console.log(process.getBuiltinModule('nothing'));
try { process.getBuiltinModule(1); } catch (e) { console.log(e.code); }
const http2 = require('http2'), { HTTP2_HEADER_PATH, HTTP2_METHOD_POST, NGHTTP2_CANCEL, HTTP_STATUS_NOT_FOUND } = http2.constants;
console.log(HTTP2_HEADER_PATH, HTTP2_METHOD_POST, NGHTTP2_CANCEL, HTTP_STATUS_NOT_FOUND, Object.keys(http2.constants).length);
console.log(typeof http2.connect, {} instanceof http2.Http2ServerRequest, typeof http2.sensitiveHeaders);
const https = require('https'), http = require('http');
const agent = new https.Agent({ keepAlive: true, maxSockets: 3 });
console.log(agent.protocol, agent.defaultPort, agent.maxSockets, agent instanceof http.Agent, https.globalAgent instanceof https.Agent, agent.options.keepAlive);

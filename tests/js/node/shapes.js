// The names, lengths and attributes (enumerable, configurable, writable; get, set) of what Node's modules have.
const paths = `fs fs/promises path os child_process dgram dgram.Socket.prototype dns dns.Resolver.prototype http http.Agent.prototype
  http.ClientRequest.prototype http.IncomingMessage.prototype http.OutgoingMessage.prototype http.Server.prototype http.ServerResponse.prototype
  net net.Socket.prototype net.Server.prototype stream stream.Readable stream.Readable.prototype stream.Writable.prototype stream.Duplex.prototype
  events.prototype url url.URL.prototype url.URLSearchParams.prototype util util.types buffer.Buffer buffer.Buffer.prototype timers timers/promises
  string_decoder.StringDecoder.prototype querystring crypto crypto.Hash.prototype crypto.Cipher.prototype zlib cluster process tty.WriteStream.prototype`;
// What is absent, Lunode's own, or seen otherwise (a value in place of a pair of functions, what Node keeps in the object itself).
const apart = new Set(`
  buffer.Buffer.poolSize buffer.Buffer.prototype.at buffer.Buffer.prototype.copyWithin buffer.Buffer.prototype.join
  buffer.Buffer.prototype.offset buffer.Buffer.prototype.parent buffer.Buffer.prototype.reverse buffer.Buffer.prototype.set
  buffer.Buffer.prototype.toJSON buffer.Buffer.prototype.toReversed buffer.Buffer.prototype.toSorted buffer.Buffer.prototype.utf16leSlice
  buffer.Buffer.prototype.utf16leWrite buffer.Buffer.prototype.with crypto.constants crypto.createCipher crypto.createDecipher crypto.fips
  crypto.getRandomValues crypto.prng crypto.pseudoRandomBytes crypto.rng crypto.subtle crypto.webcrypto dns.Resolver.prototype.cancel
  dns.Resolver.prototype.getServers dns.Resolver.prototype.setLocalAddress dns.Resolver.prototype.setServers dns.promises
  events.prototype.removeAllListeners fs.FSWatcher fs.F_OK fs.R_OK fs.StatFs fs.StatWatcher fs.W_OK fs.X_OK fs.constants fs.glob fs.globSync
  fs.lchmod fs.lchmodSync fs.opendir fs.opendirSync fs.promises fs/promises.FileHandle fs/promises.glob http.Agent.prototype.defaultPort
  http.Agent.prototype.protocol http.ClientRequest.prototype.aborted http.ClientRequest.prototype.protocol http.ClientRequest.prototype.res
  http.ClientRequest.prototype.reusedSocket http.ClientRequest.prototype.upgradeOrConnect http.IncomingMessage.prototype.aborted
  http.IncomingMessage.prototype.client http.IncomingMessage.prototype.complete http.IncomingMessage.prototype.httpVersion
  http.IncomingMessage.prototype.httpVersionMajor http.IncomingMessage.prototype.httpVersionMinor
  http.IncomingMessage.prototype.joinDuplicateHeaders http.IncomingMessage.prototype.method http.IncomingMessage.prototype.rawHeaders
  http.IncomingMessage.prototype.rawTrailers http.IncomingMessage.prototype.socket http.IncomingMessage.prototype.statusCode
  http.IncomingMessage.prototype.statusMessage http.IncomingMessage.prototype.upgrade http.OutgoingMessage.prototype.chunkedEncoding
  http.OutgoingMessage.prototype.destroyed http.OutgoingMessage.prototype.finished
  http.OutgoingMessage.prototype.maxRequestsOnConnectionReached http.OutgoingMessage.prototype.outputData http.OutgoingMessage.prototype.outputSize
  http.ServerResponse.prototype.outputSize
  http.OutgoingMessage.prototype.sendDate http.OutgoingMessage.prototype.shouldKeepAlive http.OutgoingMessage.prototype.socket
  http.OutgoingMessage.prototype.strictContentLength http.OutgoingMessage.prototype.useChunkedEncodingByDefault
  http.OutgoingMessage.prototype.writable http.Server.prototype.connectionsCheckingInterval http.Server.prototype.headersTimeout
  http.Server.prototype.keepAliveTimeout http.Server.prototype.maxHeadersCount http.Server.prototype.maxRequestsPerSocket
  http.Server.prototype.requestTimeout http.ServerResponse.prototype.addTrailers http.ServerResponse.prototype.chunkedEncoding
  http.ServerResponse.prototype.cork http.ServerResponse.prototype.destroy http.ServerResponse.prototype.end
  http.ServerResponse.prototype.flushHeaders http.ServerResponse.prototype.headersSent http.ServerResponse.prototype.removeHeader
  http.ServerResponse.prototype.sendDate http.ServerResponse.prototype.setTimeout http.ServerResponse.prototype.socket
  http.ServerResponse.prototype.statusMessage http.ServerResponse.prototype.strictContentLength http.ServerResponse.prototype.uncork
  http.ServerResponse.prototype.useChunkedEncodingByDefault http.ServerResponse.prototype.writableFinished
  http.ServerResponse.prototype.writableHighWaterMark http.ServerResponse.prototype.writableLength http.ServerResponse.prototype.write
  http.maxHeaderSize net.BlockList net.Socket.prototype.end net.Socket.prototype.parser net.Socket.prototype.server net.SocketAddress
  process.allowedNodeEnvironmentFlags process.assert process.binding process.domain process.mainModule process.moduleLoadList
  process.noDeprecation process.noProcessWarnings process.report process.sourceMapsEnabled process.stderr process.stdin process.stdout
  process.throwDeprecation process.traceDeprecation process.traceProcessWarnings stream.Duplex.prototype.writableAborted
  stream.Readable.isDisturbed stream.Readable.isErrored stream.Readable.isReadable timers.active timers.enroll timers.promises
  timers.unenroll util.aborted util.getCallSites util.getSystemErrorMessage util.transferableAbortController util.transferableAbortSignal
  util.types.isBigInt util.types.isClass util.types.isCryptoKey util.types.isKeyObject zlib.createBrotliCompress zlib.createBrotliDecompress
  zlib.createDeflate zlib.createDeflateRaw zlib.createGunzip zlib.createGzip zlib.createInflate zlib.createInflateRaw zlib.createUnzip
`.trim().split(/\s+/));
for (const path of paths.split(/\s+/)) {
  const [name, ...keys] = path.split('.');
  let o = require(name);
  for (const k of keys) o = o[k];
  const line = [];
  for (const k of Object.getOwnPropertyNames(o).sort()) {
    if (k[0] === '_' || apart.has(path + '.' + k) || typeof o === 'function' && ['length', 'name', 'prototype', 'arguments', 'caller'].includes(k)) continue;
    const d = Object.getOwnPropertyDescriptor(o, k);
    const flags = (d.enumerable ? 'e' : '') + (d.configurable ? 'c' : '') + (d.writable ? 'w' : '') + (d.get ? 'g' : '') + (d.set ? 's' : '');
    line.push(k + (flags === 'ecw' ? '' : ':' + flags) + (typeof d.value === 'function' ? '/' + d.value.length : ''));
  }
  console.log(path + '\n  ' + line.join(' '));
}

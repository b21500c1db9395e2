// Typed arrays, DataViews and ArrayBuffers where bytes are wanted; ArrayBuffers and BigInts where Node gives them.
const crypto = require('crypto');
const zlib = require('zlib');
const { promisify } = require('util');
const bytes = new Uint8Array([97, 98, 99]);
const sha = (data) => crypto.createHash('sha1').update(data).digest('hex').slice(0, 8);
console.log(sha(bytes), sha(new DataView(bytes.buffer)), sha('abc'));
const target = new Uint32Array(4);
console.log(crypto.randomFillSync(target) === target, target.some((x) => x !== 0), crypto.getRandomValues(target) === target);
console.log(crypto.hkdfSync('sha256', 'key', bytes, 'info', 4), crypto.generatePrimeSync(32) instanceof ArrayBuffer);
console.log(crypto.createHmac('sha1', { toString: null, __proto__: null } && bytes.buffer).update('x').digest().length);
console.log(crypto.generateKeyPairSync('rsa', { modulusLength: 512 }).publicKey.asymmetricKeyDetails.publicExponent === 65537n);
console.log(Object.prototype.toString.call(crypto.createSecretKey(bytes)), Object.prototype.toString.call(globalThis.crypto));
try { crypto.timingSafeEqual('a', 'a'); } catch (e) { console.log(e.code); }
console.log(zlib.gunzipSync(new Uint8Array(zlib.gzipSync(bytes))).toString(), zlib.codes[0], zlib.codes['-3'], Object.isFrozen(zlib.constants));
for (const f of [() => new zlib.Deflate({ dictionary: 'text' }), () => zlib.createBrotliCompress({ params: { '0': 0, '00': 0 } }), () => zlib.crc32('a', null)]) {
  try { f(); console.log('no error'); } catch (e) { console.log(e.code, e.message); }
}
(async () => {
  await promisify((done) => crypto.randomFill(target, (err, filled) => { console.log(err, filled === target); done(); }))();
  const hash = await crypto.subtle.digest('SHA-1', bytes);
  console.log(hash instanceof ArrayBuffer, hash.byteLength);
  console.log((await promisify(crypto.generateKeyPair)('ed25519')).publicKey.type);
  const socket = require('dgram').createSocket('udp4');
  socket.bind(0, '127.0.0.1', function() {
    console.log(this === socket);
    socket.on('message', (message) => { console.log(message.toString()); socket.close(function() { console.log(this === socket); }); });
    socket.send([bytes, 'd', new DataView(bytes.buffer)], this.address().port, '127.0.0.1');
  });
})();

// An engine whose close is put aside goes on after _processChunk, as minizlib uses it.
const zlib = require('zlib');
const engine = new zlib.Gzip({ level: 9 });
const handle = engine._handle;
const parts = [];
function chunk(text, flag) {
  const { close } = handle, closeEngine = engine.close;
  handle.close = engine.close = () => {};
  try { parts.push(Buffer.from(engine._processChunk(Buffer.from(text), flag))); } finally {
    engine._handle = handle;
    handle.close = close;
    engine.close = closeEngine;
  }
}
chunk('first ', zlib.constants.Z_NO_FLUSH);
chunk('second ', zlib.constants.Z_SYNC_FLUSH);
chunk('third', zlib.constants.Z_FINISH);
engine.close();
console.log(parts.length, zlib.gunzipSync(Buffer.concat(parts)).toString(), engine._handle);

// The constants of zlib stand on the module too, unseen by its keys.
const zlib = require('zlib');
const names = Object.keys(zlib.constants).filter((k) => !k.startsWith('BROTLI'));
console.log(names.length > 30, names.every((k) => zlib[k] === zlib.constants[k]), zlib.Z_MIN_CHUNK, zlib.Z_BEST_COMPRESSION, zlib.BROTLI_DECODE);
console.log(Object.keys(zlib).includes('Z_SYNC_FLUSH'), Object.getOwnPropertyDescriptor(zlib, 'Z_SYNC_FLUSH'));

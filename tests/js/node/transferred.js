// structuredClone's transfer list, errors that tell their class before anybody named it, their own properties.
'use strict';
const { isAscii, isUtf8 } = require('buffer'), fs = require('fs');
const c = new AbortController();
c.abort();
console.log(require('util').inspect(c.signal.reason).split('\n')[0]);
const a = new ArrayBuffer(8), view = new Uint8Array(a);
view[1] = 7;
const { v } = structuredClone({ v: view }, { transfer: [a] });
console.log(a.byteLength, view.length, v);
for (const list of [[{}], [new ArrayBuffer(1), 1]]) try { structuredClone(1, { transfer: list }); } catch (e) { console.log(e.name, e.code); }
const twice = new ArrayBuffer(1);
try { structuredClone(1, { transfer: [twice, twice] }); } catch (e) { console.log(e.name, twice.byteLength); }
for (const f of [isAscii, isUtf8]) for (const x of [a, view, 'text', null]) try { console.log(f(x)); } catch (e) { console.log(e.code); }
fs.readFile(__filename, { signal: c.signal }, (e) => {
  console.log(e.constructor.name, Object.prototype.propertyIsEnumerable.call(e, 'message'), Object.keys(e).includes('cause'), e.code, String(e));
});

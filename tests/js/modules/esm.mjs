// ES modules: live bindings, namespaces, import(), import.meta, interop.
import fs, { readFileSync } from 'node:fs';
import * as ns from './files/live.mjs';
import def, { count, inc } from './files/live.mjs';
import cjs from './files/common.cjs';
import data from './files/data.json' with { type: 'json' };
import { createRequire } from 'module';
console.log(fs.readFileSync === readFileSync, ns, def, count);
inc();
console.log(count, ns.count, cjs, data);
console.log(import.meta.url.slice(-8), import.meta.filename.slice(-8), import.meta.dirname.slice(-8), import.meta.resolve('./x.mjs').slice(-6));
console.log(await import('./files/live.mjs') === ns, Object.keys(ns), createRequire(import.meta.url)('./files/common.cjs') === cjs);
for (const name of ['./none.mjs', 'no-such-package', './files', './files/data.json']) {
  try { await import(name); } catch (e) { console.log(name, e.code); }
}
console.log(typeof require, this, (await import('data:text/javascript,export default 7')).default);
try { ns.count = 5; } catch (e) { console.log(e.message); }
export { later };
const later = 1;

// CommonJS: resolution, exports and imports of packages, cycles, the cache, what require and module have.
'use strict';
const entry = require('./files/entry');
console.log(entry);
console.log(require('./files/cycle_a'));
console.log(require.main === module, module.id, module.loaded, module.children.length, module.paths[0].endsWith('/modules/node_modules'));
const key = require.resolve('./files/cycle_b.js');
console.log(key.endsWith('/files/cycle_b.js'), require.cache[key].exports === require('./files/cycle_b'), delete require.cache[key], key in require.cache);
console.log(require('./files/cycle_b').seen, require('./files/data.json'), typeof require('node:fs').readFileSync);
const Module = require('module');
console.log(module instanceof Module, Module.builtinModules.includes('fs'), Module.isBuiltin('node:http'), Module._nodeModulePaths('/a/b'));
require.extensions['.txt'] = (m, file) => { m.exports = 'text of ' + file.split('/').pop(); };
require('fs').writeFileSync('/tmp/lunode_commonjs_test.txt', '');
console.log(require('/tmp/lunode_commonjs_test.txt'));
require('fs').unlinkSync('/tmp/lunode_commonjs_test.txt');
console.log(require('./files/live.mjs'));
(function () { console.log(this === undefined, typeof __filename, arguments.length); })();
try { require(''); } catch (e) { console.log(e.code); }
try { require.resolve('.', { paths: [1] }); } catch (e) { console.log(e.code); }

// Messages name what was called however long the file's name is.
const vm = require('vm');
const filename = '/' + 'folder/'.repeat(12) + 'file.js';
for (const code of ['var o = {}; o.inner = {}; o.inner.f()', 'var g; (g)()', 'var list = []; list[0]()']) {
  try { vm.runInThisContext(code, { filename }); } catch (e) { console.log(e.message); }
}

// More values in one expression, and deeper blocks, than Lua has locals and levels for.
const list = (n, item, separator = ',') => Array.from({ length: n }, (_, i) => item(i)).join(separator);
function run(name, code) {
  const o = { q: { r: 2 }, m() { return this; } };
  try {
    const text = JSON.stringify(new Function('a', 'o', 'p', code)(3, o, (x) => x));
    console.log(name, text.length, text.slice(-30));
  } catch (e) {
    console.log(name, e.name, e.message);
  }
}
run('enumeration', `return ((e) => (${list(400, (i) => `e[e.K${i} = ${i}] = "K${i}"`)}, e))({})`);
run('sequence', list(400, (i) => `a = o[o["k${i}"] = ${i}] || p(a?.b?.c())`) + '; return o');
run('array', `return [${list(400, (i) => `a ? p(${i}) : p(2)`)}]`);
run('spread', `return [${list(400, (i) => `...[a ? p(${i}) : p(2)], o.q?.r`)}]`);
run('object', `return {${list(400, (i) => `k${i}: { z: a ? p(${i}) : p(2), y: [o.q?.r] }`)}}`);
run('computed', `return {${list(400, (i) => `["k" + (a ? p(${i}) : 2)]: a ? p(${i}) : p(2)`)}}`);
run('numeric keys', `return {${list(5000, (i) => `${i}: ${i}`)}}`);
run('getters', `return {a, ${list(3000, (i) => `get k${i}() { return p(${i}) }`)}, z: 1}`);
run('same keys', `return {${list(3000, (i) => `k${i % 7}: p(${i})`)}}`);
run('arguments', `return [].concat(${list(400, (i) => `a ? p(${i}) : p(2)`)})`);
run('template', 'return `' + list(400, (i) => '${a ? p(' + i + ') : p(2)}', '') + '`');
run('sum', `return ${list(400, (i) => `(a ? p(${i}) : p(2))`, '+')}`);
run('and', `return ${list(400, (i) => `(a ? p(${i}) : p(2)) !== o.q?.s`, '&&')}`);
run('conditions', `return ${list(400, (i) => `a === ${i + 10} ? p(${i}) : `, '')} o.q?.r`);
run('effects', `${list(400, (i) => `a === ${i + 10} ? p(${i}) : `, '')} o.q.r++; return o`);
run('calls', `return o${list(300, () => '.m(a ? p(1) : p(2))', '')}.q`);
run('nested', `${list(150, (i) => `if (a !== ${i + 10}) { o.x = ${i};`, '')} return o ${'}'.repeat(150)}`);
run('nested else', `${list(150, (i) => `if (a === ${i + 10}) o.x = 2; else { o.x = ${i};`, '')} return o ${'}'.repeat(150)}`);

// Temporaries in blocks, functions and closures around each other.
run('blocks', `const fs = []; for (let i = 0; i < 3; i++) { fs.push([${list(200, (i) => `o.q?.r ?? ${i}`)}, () => [${list(170, () => 'a?.b ?? i')}].length + i][200]); }
  try { o.t = [${list(200, (i) => `a ? p(${i}) : p(2)`)}].length } finally { o.u = [${list(200, (i) => `o.q?.z ?? ${i}`)}].at(-1) }
  return [o.t, o.u, fs.map((f) => f())]`);

// The columns of a stack: where V8 has them, for all that stands once on its line.
const vm = require('vm');
const cases = ['console.log(nope1)', 'var q = 1 + nope1', 'nope1()', 'foo(1, nope1); function foo() {}', 'var o = { a: nope1 }',
  'let f = () => { throw Error() }; f?.()', 'let o = { f() { throw Error() } }; o?.f?.(1)', 'let o = { f() { throw Error() } }; o?.f(1)',
  'let o = {}; o.a.b.c()', 'let u = {}; u.x.y', 'let u = {}; u.x.y = 1', 'let o = { f: 1 }; o.f (2)', 'let o = { f: {} }; o.f.g.h (2)',
  'let o = { q() { zz1() } }; o . q ()', 'let o={};o\n  .a\n  .b()', 'let f = () => { throw Error() }\nf(\n1)',
  'class A { #p() { throw Error() } t() { this.#p() } }\nnew A().t()', 'let f = 1; f(2)', 'x1 = null; x1.y', 'JSON.parse("{")',
  'const f2 = function () { throw new Error("e") }; f2()', 'let e = new Error("a");\nthrow e', '[3].forEach(v => { v.x.y })',
  'class B { constructor() { throw Error() } } class C extends B { constructor() { super(1) } } new C()', 'const é = "é𝒳"; throw new Error(é)',
  'class E2 extends Error { constructor(m) { super(m) } }\n  throw new E2("a")', 'function a1() { b1() }\nfunction b1() { throw TypeError() } a1()'];
for (const s of cases) {
  try { vm.runInThisContext('{\n' + s + '\n}', { filename: 'FF' }); } catch (e) {
    console.log(JSON.stringify(s), (e.stack.match(/FF:\d+:\d+/g) ?? []).join(' '));
  }
}

// f() = 1 is an error when it runs, in sloppy code: f is called, nothing else.
for (const s of ['f()=g()', 'f()++', '--f()', 'for (f() in [1]);', 'for (f() of [1]);', 'f()+=g()', '(f())=1', 'o.f()=1', 'async() = 1']) {
  globalThis.n = globalThis.m = 0;
  globalThis.f = globalThis.async = () => { n++; return { valueOf() { m++; } }; };
  globalThis.g = () => { m++; };
  globalThis.o = { f };
  try { (0, eval)(s); } catch (e) { console.log(s, e.name, e.message, n, m); }
}
for (const s of ['f()&&=1', 'f()??=1', '[f()]=[1]', '({a:f()}={})', 'f?.()=1', 'f``=1', 'new f()=1', 'import("x")=1', 'for (let f() of []);']) {
  try { new Function(s); console.log(s); } catch (e) { console.log(s, e.name); }
}

// structuredClone: expected output is Node 20's.
const a = { m: new Map([[1,{x:1}]]), s: new Set([1]), d: new Date(5), r: /a/gi, e: new TypeError('t'), arr: [1,,3], n: null, u: undefined, b: 10n, ta: new Float64Array([1,2]), bf: Buffer.from('ab'), ab: new ArrayBuffer(2), bx: Object(5) };
a.self = a; const c = structuredClone(a);
console.log(Object.keys(c), c.m, c.s, c.d, c.r, c.e.message, c.arr, c.b, c.ta, c.bf, c.ab, c.bx, c.self === c, c.m !== a.m, c.e instanceof TypeError, 1 in c.arr);
for (const bad of [() => 1, Symbol('q'), new Proxy({}, {}), Promise.resolve()]) try { structuredClone(bad) } catch (e) { console.log(e.name, e.code, e.message) }

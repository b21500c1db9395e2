var a = 1, b = 'x' + a, c = a ? b : null;
var o = {a, 'b-c': 2, end: 3, list: [1, , 3], sum(x) { return this.a + x; }};
o.end += o['b-c'] * 2;
o.f?.(a)?.then();
a = b = o.list[a++];
if (a && !b || c) o.end = void 0;
var s = a ?? o.a, t = typeof s === 'string', u = -a - -1;

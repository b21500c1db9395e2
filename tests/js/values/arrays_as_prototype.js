console.log(Array.isArray(Array.prototype), Array.prototype.length, Array.prototype, Object.prototype.toString.call(Array.prototype));
const a=[1,2]; a[Symbol.iterator]; const s=Symbol('q'); a[s]=1; console.log(a[s], a); a.foo=1; console.log(a);
class X extends Array {} const x=new X(); x.push(1); x.foo=2; console.log(x, x.length);
const o=Object.create(Array.prototype); o.push(3); console.log(o.length, o instanceof Array, Array.isArray(o), o);
console.log((1.5).toFixed(100).length, (0).toExponential(-0), (1.25).toFixed(-0), (123.456).toExponential(100).length);
const b=[]; b.length=5; b[7]=1; console.log(b, b.concat([1]), [1,,2].indexOf(undefined), [1,undefined].indexOf(undefined));
Array.prototype[3]='p'; const h=[1,2]; console.log(h[3], 3 in h, h.length, [,,,,].indexOf('p')); delete Array.prototype[3]; console.log(h[3], Array.prototype.length); Array.prototype.length=0;
console.log(JSON.parse('{"__proto__":[1]}').__proto__);
console.log(Object.getOwnPropertyNames(Array.prototype).slice(0,4));

// What is read through prototypes again and again, while the prototypes change under it. Accessors in the chain make every read a walk.
class A { get kind() { return 'a' + this.n; } plain() { return 'A.plain'; } }
class B extends A { }
class C extends B { constructor(n) { super(); this.n = n; } }
const one = new C(1), two = new C(2);
const read = (o, k) => { let v; for (let i = 0; i < 200; i++) v = o[k]; return v; };
const say = (...list) => console.log(list.map((v) => typeof v === 'function' ? v() : v).join(' '));

say(read(one, 'kind'), read(two, 'kind'), read(one, 'plain'), read(one, 'late'), read(one, 'constructor') === C);
B.prototype.late = () => 'B.late';
say(read(one, 'late'));
C.prototype.late = () => 'C.late';
say(read(one, 'late'), read(two, 'late'));
delete C.prototype.late;
say(read(one, 'late'));
B.prototype.late = () => 'B.other';
say(read(one, 'late'));
B.prototype.late = undefined;
say(read(one, 'late'));
delete B.prototype.late;
say(read(one, 'late'));

B.prototype.plain = () => 'B.plain';
say(read(one, 'plain'));
Object.defineProperty(C.prototype, 'plain', { get() { return 'got ' + this.n; }, configurable: true });
say(read(one, 'plain'), read(two, 'plain'));
Object.defineProperty(C.prototype, 'plain', { value: 'fixed', configurable: true });
say(read(one, 'plain'));
Object.defineProperty(C.prototype, 'plain', { value: 'fixed again', configurable: true });
say(read(one, 'plain'));
delete C.prototype.plain;
say(read(one, 'plain'));

Object.setPrototypeOf(B.prototype, { get kind() { return 'other'; }, plain2: 'x' });
say(read(one, 'kind'), read(one, 'plain2'), read(one, 'plain'));
Object.setPrototypeOf(B.prototype, A.prototype);
say(read(one, 'kind'), read(one, 'plain2'));
Object.setPrototypeOf(one, { plain: 'mine' });
say(read(one, 'plain'), read(one, 'kind'), read(two, 'kind'));
Object.prototype.everywhere = 'e';
say(read(two, 'everywhere'), read({}, 'everywhere'), read([], 'everywhere'));
delete Object.prototype.everywhere;
say(read(two, 'everywhere'), read({}, 'everywhere'));
Object.defineProperty(Object.prototype, 'self', { get() { return this; }, configurable: true });
const plain = {};
say(read(two, 'self') === two, read(plain, 'self') === plain);
delete Object.prototype.self;
say(read(plain, 'self'));
Object.freeze(A.prototype);
say(read(two, 'kind'), read(two, 'toString') === Object.prototype.toString);

// scopes made of prototypes, as interpreters and template engines have them
let scope = { get here() { return 'root'; } };
for (let i = 0; i < 100; i++) {
  scope = Object.create(scope);
  if (i % 10 === 0) scope['v' + i] = i;
  read(scope, 'v' + (i - 5));
}
say(read(scope, 'v0'), read(scope, 'v90'), read(scope, 'v91'), read(scope, 'here'));

// keys without end
const many = new C(3);
let missing = 0;
for (let i = 0; i < 40000; i++) if (many['k' + i] === undefined) missing++;
say(missing, read(many, 'kind'));

// elements that are undefined, and holes
const a = new Array(4); a[0] = 1; a[1] = undefined; a[3] = undefined;
console.log(a, 1 in a, 2 in a, Object.keys(a));
const b = new Array(4); b[0] = 1; b[1] = undefined; b[3] = undefined; delete b[1];
console.log(b, a, 1 in a, 1 in b);
b.x = 1; b[1] = undefined; a.length = 2;
console.log(a, b, 1 in b);
const c = new Array(3); c[0] = c[1] = c[2] = undefined;
console.log(c, c.map(() => 1));
c.foo = 2;
console.log(c, Object.keys(c));
delete c.foo; c[1] = 5; delete c[1];
console.log(c);
const e = new Array(3); e[0] = e[1] = e[2] = undefined;
console.log(e);
(function () { console.log(arguments, 0 in arguments, delete arguments[0], arguments, 0 in arguments, Object.keys(arguments)); })(undefined, 1, undefined);
(function () { 'use strict'; console.log(arguments, 0 in arguments, arguments.length); arguments.x = 1; console.log(arguments); })(undefined, 1, undefined);
const f = new Array(100);
for (let i = 0; i < 100; i++) f[i] = undefined;
console.log(f.every((x, i) => i in f), f.indexOf(undefined));
const g = [, undefined, , 3];
console.log(g, Object.keys(g));
g[0] = undefined;
console.log(g, JSON.stringify(g));
g.sort();
console.log(g);
Object.freeze(g);
console.log(Object.isFrozen(g), 0 in g);

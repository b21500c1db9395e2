// The tag of a template that is a method has its object as this.
class P { constructor(){ this._=''; this.x=0; this.o={p:this, t:this.tag} } tag(s,...v){ return (this&&this._!==undefined?'P':this&&this.p?'O':String(this))+s.join('|')+v.join() } m(y){ return [this.tag`a${this.x = +y}b`, this.tag`c`, this['tag']`d${1}`, this.o.t`e${y}`, f(this).tag`g${y++}`, (0,this.tag)`h`, this.o['t']`i${y}`] } }
function f(x){ return x } console.log(new P().m(5).join(' '));
const o={n:1,t(s){return this===o}}; console.log(o.t`x`, o['t']`y`, (o.t)`z`, o?.n);
class Q extends P { tag(s,...v){ return 'Q'+super.tag`${s.join()}${v.length}` } } console.log(new Q().tag`k${1}`);
class H { #t(s, v) { return [this instanceof H, s.raw[0], v]; } run() { let i = 0; return [this.#t`a\n${i++}`, i]; } }
console.log(new H().run());
const deep = { a: { b: { name: 'deep', tag(s) { return this.name + s; } } } }; let calls = 0; const get = () => { calls++; return deep; };
console.log(get().a.b.tag`!`, get()['a'].b.tag`?${deep?.a}`, calls);

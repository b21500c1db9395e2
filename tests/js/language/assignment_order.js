// The target of an assignment is found before its value is computed.
var mask=255, j=0, key=[], smear, str='hello';
while (j < 3) key[mask & j] = mask & ((smear ^= key[mask & j]*19) + str.charCodeAt(j++));
console.log(key, smear);
var s=[], i=0; while(i<4) s[i] = i++; console.log(s);
var t; s=[5,1,2,0]; j=0; for(i=0;i<4;i++){ s[i] = s[j = 3 & (j + (t = s[i]))]; s[j] = t; } console.log(s,j);
function g(s){ var r=0,i=0,j=0,t,count=3; while(count--){ t = s[i = 3 & (i+1)]; r = r*4 + s[3 & ((s[i] = s[j = 3 & (j + t)]) + (s[j] = t))]; } return [r,i,j,s]; }
console.log(g([0,1,2,3]));
var o={n:1}; o[o.n] = o.n++; console.log(o); var a=[1,2,3], k=0; a[k] = a[k++] + a[k]; console.log(a,k);
var q=[[1],[2]]; k=0; q[k][0] = (k=1, 9); console.log(JSON.stringify(q)); k=0; a[k] += (k=2, 5); console.log(a); k=0; a[k+1] = k = 2; console.log(a); 
function Ns(){ this._l=null } Object.defineProperty(Ns.prototype,'l',{get:function(){ return this._l || (this._l = ['x']) }}); var ns=new Ns(); for (var j2=0;j2<ns.l.length;++j2) console.log(ns._l[j2]);
var n = { v: 1 }, ref = n; n.x = n = { v: 2 }; console.log(JSON.stringify(ref), JSON.stringify(n));
function fill(list, f) { var i = 0, out = []; while (i < list.length) out[i] = f ? f(list[i++]) : list[i++]; return out; }
console.log(fill([1, 2], (x) => x * 2), fill(['a']));
var p = 0, res = []; function next() { p++; return 'n' + p; } res[p] = next(); res[p] = next(); console.log(res, p);
(function () { var at = 0, list = []; function step() { at += 2; return at; } list[at] = step(); list[at] += step(); console.log(list, at); })();
var w = { a: { b: 1 } }, z = w; w.a[w.a.b] = (w = null, 4); console.log(JSON.stringify(z));
var u = [1, 2, 3], m = 0; u[m] ||= m++; u[m] &&= (m = 2, 7); console.log(u, m); u[m] ??= m++; console.log(u, m);
async function later() { var i = 0, o = []; o[i] = await (i++, 'x'); o[i] = await 'y'; return o; } later().then((o) => console.log(o));
function* gen() { var i = 0, o = []; o[i] = yield i++; return o; } { const g = gen(); g.next(); console.log(g.next('v').value); }

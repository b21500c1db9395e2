const o={x:5n, s:"7", u:undefined, n:null, b:true, w:new String("3"), d:{valueOf(){return 4}, toString(){return "9"}}, bad:"abc"};
for (const k of Object.keys(o)) { const r=[]; r.push(o[k]++); r.push(o[k]); r.push(o[k]--); r.push(o[k]); r.push(++o[k]); r.push(--o[k]); o[k]++; o[k]--; console.log(k, r, o[k]); }
for (let i=10n; i>7n; i--) console.log(i);
let j=3; while(j-- > 0) console.log(j);
class C { static #p=1n; static inc(){ C.#p++; return C.#p-- } } console.log(C.inc());
try { const y=5n; console.log(y - 1) } catch(e) { console.log(e.message) }
try { const y=5n; console.log(y + 1) } catch(e) { console.log(e.message) }
try { const y=o.x; console.log(y + 1) } catch(e) { console.log(e.message) }
try { let y=Symbol(); y++ } catch(e) { console.log(e.message) }
function t(f){ try { console.log(f()) } catch(e) { console.log('ERR', e.message, f.toString()) } }
t(()=>{ let a=10n*2n; return a<5 });
t(()=>{ let a=10n; a*=2n; return [a<5, 5<a, a>=20, a==20, a===20n] });
t(()=>{ let a=10n; a++; return a });
t(()=>{ let a=10n; return a++ });
t(()=>{ let a=10n; a--; --a; return -a });
t(()=>{ let a=10n-2n; a++; return a });
t(()=>{ let a=10n-2n; return a+"x" });
t(()=>{ let a=10n; let s=0n; for (let i=0n;i<a;i++) s+=i; return s });
t(()=>{ let a=10n; return ~a });
t(()=>{ let a=10n; let b=~a; b++; return b|1n });
t(()=>{ let a=10n; a<<=3n; return a/3n });
t(()=>{ let a=10n, b=3n; let c=a%b; c**=2n; return typeof c+c });
t(()=>{ function f(a,b){ let x=a-b; x++; return x } return [f(1,2), f(5n,1n)] });
t(()=>{ function f(a,b){ let x=a*b; x+=1n; return x } return f(5n,1n) });
t(()=>{ function f(a){ let x=-a; x++; return x } return f(5n) });
t(()=>{ let x=5n; x=x*x; if (x) return x ? !x : 1; });
t(()=>{ let x=5n; x=x-x; if (x) return 1; return x || 'zero'; });
t(()=>{ let x=5n-5n; return x ? 1 : 2 });
t(()=>{ let x=5n-3n; return [1,2,3][x] });
t(()=>{ let x=5n-3n; const o={}; o[x]=1; return o });
t(()=>{ let x=5n-3n; return `${x} ${x+1n}` + x });

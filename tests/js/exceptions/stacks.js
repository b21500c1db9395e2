function a(){ b() } function b(){ try { c() } finally { } } function c(){ throw new Error('boom') }
const f=(s)=>s.replace(/\(?\/.*\/(\w+\.js:\d+):\d+\)?/g,'$1').split('\n').filter(l=>!/node:internal|Module|node:/.test(l)).join('\n');
try { a() } catch (e) { console.log(f(e.stack)) }
class E extends Error { constructor(m){ super(m); this.name='E' } }
class F extends E {} function make(){ return new F('sub') }
console.log(f(make().stack));
const o={}; function cap(){ Error.captureStackTrace(o, cap) } function outer(){ cap() } outer(); console.log(f(o.stack));
Error.stackTraceLimit=1; let e1; try { a() } catch(e) { e1=e } Error.stackTraceLimit=10; console.log(f(e1.stack));
Error.stackTraceLimit=0; try { a() } catch(e) { e1=e } Error.stackTraceLimit=10; console.log(f(e1.stack));
function rec(n){ if(!n) throw new Error('deep'); rec(n-1); } try { rec(50) } catch (e) { console.log(f(e.stack)) }
console.log(e1.message, Object.keys(e1), Object.getOwnPropertyNames(e1).sort().join());

// try, catch, finally with every way out; switch; labels.
function t(how) {
  const log = [];
  outer: for (let i = 0; i < 3; i++) {
    try {
      log.push('t' + i);
      if (how === 'break') break;
      if (how === 'continue') continue outer;
      if (how === 'return') return log.join() + '|';
      if (how === 'throw') throw new Error('boom');
      for (;;) { if (how === 'inner') continue outer; break outer; }
    } catch (e) {
      log.push(e.message);
      if (i === 1) break;
    } finally {
      log.push('f' + i);
    }
    log.push('after');
  }
  return log.join();
}
for (const how of ['break', 'continue', 'return', 'throw', 'inner', 'none']) console.log(how, t(how));
console.log((() => { try { return 1; } finally { console.log('cleanup'); } })());
console.log((() => { try { throw 1; } catch (e) { return e + 1; } finally { console.log('f'); } })());
console.log((() => { try { return 1; } finally { return 2; } })());
console.log((() => { l: try { return 1; } finally { break l; } return 3; })());
console.log((() => { try { try { throw 1; } finally { throw 2; } } catch (e) { return e; } })());
console.log((() => { for (const x of [1, 2, 3]) { try { if (x === 2) return x; } finally { console.log('x', x); } } })());
function sw(x) {
  let s = '';
  switch (x) {
    case 1: s += 'one ';
    case 2: s += 'two '; break;
    default: s += 'default ';
    case 3: { s += 'three '; if (x === 3) break; }
    case 4: s += 'four '; return s + 'ret';
  }
  return s;
}
for (let i = 0; i < 6; i++) console.log(i, sw(i));
function chain(x) { switch (typeof x) { case 'number': case 'bigint': return 'n'; case 'string': { const y = x; return y + 's'; } default: return '?'; } }
console.log(chain(1), chain('q'), chain(null));
function sum(n) { let r = 0; do { r += n; if (r > 100) break; if (n % 2) continue; r += 1; } while (--n); return r; }
console.log(sum(5), sum(50));
a: for (let i = 0; i < 3; i++) { b: for (let j = 0; j < 3; j++) { if (j === 1) continue a; if (i === 2) break a; console.log(i, j); } }
var i = 0; for (;;) { if (++i > 3) break; } console.log(i);
while (i-- > 0) if (i === 1) break; console.log(i);
if (i) console.log('yes'); else if (i > 5) console.log('no'); else console.log('else');
try { null.foo; } catch (e) { console.log(e instanceof TypeError, e.message); }
try { undefined.foo.bar; } catch (e) { console.log(e.message); }
try { missing; } catch (e) { console.log(e.name, e.message); }
try { missing(); } catch { console.log('caught'); }
console.log(typeof missing);
function* gen() { try { yield 1; yield 2; } finally { console.log('closed'); } }
for (const x of gen()) { console.log(x); break; }
(function () { for (const x of gen()) { return; } })();
try { for (const x of gen()) throw new Error('out'); } catch (e) { console.log(e.message); }
switch (3) { case 3: function inSwitch() { return 's'; } }
console.log(inSwitch());
var x = 0; switch (x) { } switch (x) { default: console.log('d'); }

// What the single things cost that programs do all the time. Prints "name nanoseconds" (user time of one step, best of rounds); arguments
// name those to run. Run it with node as well.
'use strict';
const only = process.argv.slice(2);
let kept = 0;
function measure(name, count, f) {
  if (only.length && !only.includes(name)) return;
  let best = Infinity;
  for (let round = 0; round < 4; round++) {
    const before = process.cpuUsage();
    const r = f(count);
    const { user, system } = process.cpuUsage(before);
    kept += typeof r === 'number' ? r : 1;
    best = Math.min(best, (user + system) * 1000 / count);
  }
  console.log(name, best.toFixed(1));
}
const N = 300000;

// texts and numbers
measure('String(int)', N, (n) => { let c = 0; for (let i = 0; i < n; i++) c += String(i).length; return c; });
measure('int.toString', N, (n) => { let c = 0; for (let i = 0; i < n; i++) c += i.toString().length; return c; });
measure('float.toString', N, (n) => { let c = 0; for (let i = 0; i < n; i++) c += (i / 7).toString().length; return c; });
measure('toFixed(2)', N, (n) => { let c = 0; for (let i = 0; i < n; i++) c += (i / 7).toFixed(2).length; return c; });
measure('toString(16)', N, (n) => { let c = 0; for (let i = 0; i < n; i++) c += i.toString(16).length; return c; });
measure('toString(36)-random', N, (n) => { let c = 0; for (let i = 0; i < n; i++) c += Math.random().toString(36).length; return c; });
const digits = Array.from({ length: 1000 }, (_, i) => String(i * 37)), floats = digits.map((d) => d + '.25');
measure('parseInt', N, (n) => { let c = 0; for (let i = 0; i < n; i++) c += parseInt(digits[i % 1000], 10); return c; });
measure('parseInt16', N, (n) => { let c = 0; for (let i = 0; i < n; i++) c += parseInt(digits[i % 1000], 16); return c; });
measure('parseFloat', N, (n) => { let c = 0; for (let i = 0; i < n; i++) c += parseFloat(floats[i % 1000]); return c; });
measure('Number(text)', N, (n) => { let c = 0; for (let i = 0; i < n; i++) c += Number(floats[i % 1000]); return c; });
measure('+text', N, (n) => { let c = 0; for (let i = 0; i < n; i++) c += +digits[i % 1000]; return c; });
measure('template', N, (n) => { let c = 0; for (let i = 0; i < n; i++) c += `a${i}b${i & 7}c`.length; return c; });
measure('concat-number', N, (n) => { let c = 0; for (let i = 0; i < n; i++) c += ('k' + i).length; return c; });
measure('Math.floor/round/max', N, (n) => { let c = 0; for (let i = 0; i < n; i++) c += Math.floor(i / 3) + Math.round(i / 3) + Math.max(i, 5); return c; });
measure('Math.trunc/hypot/sign', N, (n) => { let c = 0; for (let i = 0; i < n; i++) c += Math.trunc(i / 3) + Math.hypot(i, 3) + Math.sign(i); return c; });
measure('Number.isInteger', N, (n) => { let c = 0; for (let i = 0; i < n; i++) if (Number.isInteger(i / 2)) c++; return c; });
measure('bit-ops', N, (n) => { let h = 0; for (let i = 0; i < n; i++) h = ((h << 5) - h + i) | 0; return h; });

// strings
const line = 'the quick brown fox jumps over the lazy dog, again and again';
const words = line.split(' ');
measure('charCodeAt', N * 10, (n) => { let c = 0; const l = line.length; for (let i = 0; i < n; i++) c += line.charCodeAt(i % l); return c; });
measure('s[i]', N * 3, (n) => { let c = 0; const l = line.length; for (let i = 0; i < n; i++) if (line[i % l] === 'o') c++; return c; });
measure('charAt', N * 3, (n) => { let c = 0; const l = line.length; for (let i = 0; i < n; i++) if (line.charAt(i % l) === 'o') c++; return c; });
measure('codePointAt', N * 3, (n) => { let c = 0; const l = line.length; for (let i = 0; i < n; i++) c += line.codePointAt(i % l); return c; });
measure('indexOf', N, (n) => { let c = 0; for (let i = 0; i < n; i++) c += line.indexOf('lazy'); return c; });
measure('includes', N, (n) => { let c = 0; for (let i = 0; i < n; i++) if (line.includes('lazy')) c++; return c; });
measure('startsWith', N, (n) => { let c = 0; for (let i = 0; i < n; i++) if (line.startsWith('the')) c++; return c; });
measure('endsWith', N, (n) => { let c = 0; for (let i = 0; i < n; i++) if (line.endsWith('again')) c++; return c; });
measure('slice', N, (n) => { let c = 0; for (let i = 0; i < n; i++) c += line.slice(i & 15, 20).length; return c; });
measure('substring', N, (n) => { let c = 0; for (let i = 0; i < n; i++) c += line.substring(i & 15, 20).length; return c; });
measure('split-space', N / 10, (n) => { let c = 0; for (let i = 0; i < n; i++) c += line.split(' ').length; return c; });
measure('split-empty', N / 30, (n) => { let c = 0; for (let i = 0; i < n; i++) c += line.split('').length; return c; });
measure('split-regexp', N / 30, (n) => { let c = 0; for (let i = 0; i < n; i++) c += line.split(/[ ,]+/).length; return c; });
measure('join', N / 10, (n) => { let c = 0; for (let i = 0; i < n; i++) c += words.join('-').length; return c; });
measure('replace-text', N, (n) => { let c = 0; for (let i = 0; i < n; i++) c += line.replace('fox', 'cat').length; return c; });
measure('replace-regexp', N / 10, (n) => { let c = 0; for (let i = 0; i < n; i++) c += line.replace(/o/g, '0').length; return c; });
measure('replace-function', N / 10, (n) => { let c = 0; for (let i = 0; i < n; i++) c += line.replace(/\b\w/g, (m) => m.toUpperCase()).length; return c; });
measure('replaceAll', N / 10, (n) => { let c = 0; for (let i = 0; i < n; i++) c += line.replaceAll('again', 'once').length; return c; });
measure('toUpperCase', N, (n) => { let c = 0; for (let i = 0; i < n; i++) c += words[i & 7].toUpperCase().length; return c; });
measure('trim', N, (n) => { let c = 0; for (let i = 0; i < n; i++) c += '  ab '.trim().length; return c; });
measure('padStart', N, (n) => { let c = 0; for (let i = 0; i < n; i++) c += String(i & 7).padStart(5, '0').length; return c; });
measure('repeat', N, (n) => { let c = 0; for (let i = 0; i < n; i++) c += 'ab'.repeat(i & 7).length; return c; });
measure('localeCompare', N, (n) => { let c = 0; for (let i = 0; i < n; i++) c += words[i & 7].localeCompare(words[(i + 1) & 7]); return c; });
measure('compare<', N, (n) => { let c = 0; for (let i = 0; i < n; i++) if (words[i & 7] < words[(i + 1) & 7]) c++; return c; });
measure('fromCharCode', N, (n) => { let c = 0; for (let i = 0; i < n; i++) c += String.fromCharCode(65 + (i & 15)).length; return c; });
measure('for-of-string', N, (n) => { let c = 0; for (let i = 0; i < n / 60; i++) for (const ch of line) if (ch === 'o') c++; return c; });
measure('append', N, (n) => { let s = ''; for (let i = 0; i < n; i++) s += 'x'; return s.length; });
measure('encodeURIComponent', N / 10, (n) => { let c = 0; for (let i = 0; i < n; i++) c += encodeURIComponent('a b&c=d').length; return c; });
measure('decodeURIComponent', N / 10, (n) => { let c = 0; for (let i = 0; i < n; i++) c += decodeURIComponent('a%20b%26c%3Dd').length; return c; });

// arrays
const A = Array.from({ length: 100 }, (_, i) => i), M = N / 30;
measure('push/pop', N, (n) => { const a = []; for (let i = 0; i < n; i++) a.push(i); let c = 0; while (a.length) c += a.pop(); return c; });
measure('a[a.length]=', N, (n) => { const a = []; for (let i = 0; i < n; i++) a[a.length] = i; return a.length; });
measure('shift/unshift-10', N, (n) => { const a = [1, 2, 3, 4, 5, 6, 7, 8, 9, 10]; for (let i = 0; i < n; i++) { a.push(a.shift()); } return a.length; });
measure('queue-1000', N, (n) => { const a = []; for (let i = 0; i < 1000; i++) a.push(i); for (let i = 0; i < n; i++) { a.push(a.shift()); } return a.length; });
measure('array-index-sum', N * 10, (n) => { let c = 0; for (let r = 0; r < n; r += 100) for (let i = 0; i < A.length; i++) c += A[i]; return c; });
measure('for-of-array', N * 10, (n) => { let c = 0; for (let r = 0; r < n; r += 100) for (const v of A) c += v; return c; });
measure('entries()', N, (n) => { let c = 0; for (let r = 0; r < n; r += 100) for (const [i, v] of A.entries()) c += i + v; return c; });
measure('forEach', N * 10, (n) => { let c = 0; for (let r = 0; r < n; r += 100) A.forEach((v) => { c += v; }); return c; });
measure('map', N * 3, (n) => { let c = 0; for (let r = 0; r < n; r += 100) c += A.map((v) => v * 2).length; return c; });
measure('filter', N * 3, (n) => { let c = 0; for (let r = 0; r < n; r += 100) c += A.filter((v) => v & 1).length; return c; });
measure('reduce', N * 3, (n) => { let c = 0; for (let r = 0; r < n; r += 100) c += A.reduce((s, v) => s + v, 0); return c; });
measure('find/some', N * 3, (n) => { let c = 0; for (let r = 0; r < n; r += 100) { c += A.find((v) => v === 50); if (A.some((v) => v > 50)) c++; } return c; });
measure('array-indexOf', N * 3, (n) => { let c = 0; for (let r = 0; r < n; r += 100) c += A.indexOf(99); return c; });
measure('array-includes', N * 3, (n) => { let c = 0; for (let r = 0; r < n; r += 100) if (A.includes(99)) c++; return c; });
measure('array-slice', M * 10, (n) => { let c = 0; for (let i = 0; i < n; i++) c += A.slice(10, 20).length; return c; });
measure('array-concat', M * 10, (n) => { let c = 0; const s = [1, 2, 3]; for (let i = 0; i < n; i++) c += s.concat(s, 4).length; return c; });
measure('array-spread', M * 10, (n) => { let c = 0; const s = [1, 2, 3]; for (let i = 0; i < n; i++) c += [...s, i, ...s].length; return c; });
measure('splice', M * 10, (n) => { let c = 0; const s = [1, 2, 3, 4, 5, 6]; for (let i = 0; i < n; i++) { c += s.splice(2, 1).length; s.splice(3, 0, i); } return c; });
measure('reverse', M * 10, (n) => { let c = 0; const s = [1, 2, 3, 4, 5, 6]; for (let i = 0; i < n; i++) c += s.reverse()[0]; return c; });
measure('Array.from', M, (n) => { let c = 0; for (let i = 0; i < n; i++) c += Array.from({ length: 10 }, (_, j) => j).length; return c; });
measure('new Array.fill', M, (n) => { let c = 0; for (let i = 0; i < n; i++) c += new Array(10).fill(0).length; return c; });
measure('flat', M, (n) => { let c = 0; const s = [[1, 2], [3, 4], [5]]; for (let i = 0; i < n; i++) c += s.flat().length; return c; });
measure('flatMap', M, (n) => { let c = 0; const s = [1, 2, 3]; for (let i = 0; i < n; i++) c += s.flatMap((v) => [v, v]).length; return c; });
measure('Array.isArray', N, (n) => { let c = 0; for (let i = 0; i < n; i++) if (Array.isArray(i & 1 ? A : i)) c++; return c; });
const shuffled = Array.from({ length: 1000 }, (_, i) => (i * 7919) % 1000);
measure('sort-numbers(1000)', N, (n) => { let c = 0; for (let r = 0; r < n; r += 1000) c += shuffled.slice().sort((a, b) => a - b)[5]; return c; });
measure('sort-strings(1000)', N, (n) => { let c = 0; for (let r = 0; r < n; r += 1000) c += shuffled.map(String).sort().length; return c; });
measure('sort-objects(1000)', N, (n) => { let c = 0; for (let r = 0; r < n; r += 1000) c += shuffled.map((v) => ({ v, s: 'k' + v })).sort((a, b) => a.v - b.v || a.s.localeCompare(b.s)).length; return c; });
measure('swap', N * 3, (n) => { let a = 1, b = 2; for (let i = 0; i < n; i++) [a, b] = [b, a]; return a; });
measure('swap-elements', N * 3, (n) => { const s = [1, 2, 3]; for (let i = 0; i < n; i++) [s[0], s[2]] = [s[2], s[0]]; return s[0]; });
measure('destructure-array', N, (n) => { let c = 0; const s = [1, 2, 3]; for (let i = 0; i < n; i++) { const [a, b, d] = s; c += a + b + d; } return c; });
measure('destructure-rest', N, (n) => { let c = 0; const s = [1, 2, 3]; for (let i = 0; i < n; i++) { const [a, ...b] = s; c += a + b.length; } return c; });
measure('matrix', N, (n) => { const m = Array.from({ length: 100 }, () => new Array(100).fill(1)); let c = 0; for (let r = 0; r < n; r += 10000) for (let i = 0; i < 100; i++) for (let j = 0; j < 100; j++) c += m[i][j]; return c; });

// objects
measure('literal', N * 3, (n) => { let c = 0; for (let i = 0; i < n; i++) { const o = { a: i, b: 2, c: 3 }; c += o.a + o.b; } return c; });
measure('literal-kept', N, (n) => { const l = []; for (let i = 0; i < n; i++) l.push({ a: i, b: 2, c: 3 }); return l.length; });
measure('destructure-object', N, (n) => { let c = 0; const s = { a: 1, b: 2 }; for (let i = 0; i < n; i++) { const { a, b, d = 3 } = s; c += a + b + d; } return c; });
measure('params-object', N, (n) => { const f = ({ a, b = 2 }) => a + b; let c = 0; for (let i = 0; i < n; i++) c += f({ a: i }); return c; });
measure('object-rest', N / 3, (n) => { let c = 0; const s = { a: 1, b: 2, d: 3 }; for (let i = 0; i < n; i++) { const { a, ...r } = s; c += a + r.b; } return c; });
measure('Object.keys', N / 3, (n) => { let c = 0; const s = { a: 1, b: 2, d: 3 }; for (let i = 0; i < n; i++) c += Object.keys(s).length; return c; });
measure('Object.values', N / 3, (n) => { let c = 0; const s = { a: 1, b: 2, d: 3 }; for (let i = 0; i < n; i++) c += Object.values(s).length; return c; });
measure('Object.entries', N / 3, (n) => { let c = 0; const s = { a: 1, b: 2, d: 3 }; for (let i = 0; i < n; i++) for (const [k, v] of Object.entries(s)) c += v; return c; });
measure('Object.fromEntries', N / 10, (n) => { let c = 0; const s = [['a', 1], ['b', 2]]; for (let i = 0; i < n; i++) c += Object.fromEntries(s).b; return c; });
measure('Object.assign', N / 3, (n) => { let c = 0; const s = { a: 1, b: 2, d: 3 }; for (let i = 0; i < n; i++) c += Object.assign({}, s, { e: i }).b; return c; });
measure('object-spread', N / 3, (n) => { let c = 0; const s = { a: 1, b: 2, d: 3 }; for (let i = 0; i < n; i++) c += ({ ...s, e: i }).b; return c; });
measure('for-in', N / 3, (n) => { let c = 0; const s = { a: 1, b: 2, d: 3 }; for (let i = 0; i < n; i++) for (const k in s) c += s[k]; return c; });
measure('computed-key', N, (n) => { let c = 0; const k = ['a', 'b', 'c']; for (let i = 0; i < n; i++) c += ({ [k[i % 3]]: i, x: 1 }).x; return c; });
measure('o[k]', N * 3, (n) => { let c = 0; const s = { a: 1, b: 2, d: 3 }, k = ['a', 'b', 'd']; for (let i = 0; i < n; i++) c += s[k[i % 3]]; return c; });
measure('o[k]++', N * 3, (n) => { const s = {}, k = ['a', 'b', 'd']; for (let i = 0; i < n; i++) { const key = k[i % 3]; s[key] = (s[key] || 0) + 1; } return s.a; });
measure('dictionary-write', N, (n) => { const s = {}; for (let i = 0; i < n; i++) s['k' + (i % 5000)] = i; return 1; });
measure('dictionary-int', N, (n) => { const s = {}; for (let i = 0; i < n; i++) s[i % 5000] = i; return 1; });
measure('create(null)', N, (n) => { const s = Object.create(null); for (let i = 0; i < n; i++) s['k' + (i % 500)] = i; return 1; });
measure('delete', N / 3, (n) => { let c = 0; for (let i = 0; i < n; i++) { const o = { a: 1, b: 2 }; delete o.a; c += o.b; } return c; });
measure('delete-dictionary', N / 3, (n) => { const s = {}; for (let i = 0; i < n; i++) { s['k' + (i % 50)] = i; delete s['k' + ((i + 25) % 50)]; } return 1; });
measure('in', N, (n) => { let c = 0; const s = { a: 1 }; for (let i = 0; i < n; i++) if ('a' in s) c++; return c; });
measure('hasOwnProperty', N, (n) => { let c = 0; const s = { a: 1 }; for (let i = 0; i < n; i++) if (s.hasOwnProperty('a')) c++; return c; });
measure('hasOwnProperty.call', N, (n) => { let c = 0; const s = { a: 1 }, h = Object.prototype.hasOwnProperty; for (let i = 0; i < n; i++) if (h.call(s, i & 1 ? 'a' : 'b')) c++; return c; });
measure('Object.hasOwn', N, (n) => { let c = 0; const s = { a: 1 }; for (let i = 0; i < n; i++) if (Object.hasOwn(s, 'a')) c++; return c; });
measure('Object.freeze', N / 3, (n) => { let c = 0; for (let i = 0; i < n; i++) c += Object.freeze({ a: i }).a; return c; });
measure('Object.create', N / 3, (n) => { let c = 0; const p = { x: 1 }; for (let i = 0; i < n; i++) c += Object.create(p).x; return c; });
measure('Object.defineProperty', N / 10, (n) => { let c = 0; for (let i = 0; i < n; i++) c += Object.defineProperty({}, 'x', { value: 1, enumerable: true }).x; return c; });
measure('optional-chain', N * 3, (n) => { let c = 0; const s = [{ a: { b: 1 } }, {}]; for (let i = 0; i < n; i++) c += s[i & 1]?.a?.b ?? 2; return c; });
measure('typeof', N * 3, (n) => { let c = 0; const s = ['a', 1, null, {}]; for (let i = 0; i < n; i++) { const v = s[i & 3]; if (typeof v === 'string') c++; else if (typeof v === 'object' && v !== null) c += 2; } return c; });

// functions and classes
class Point { constructor(x, y) { this.x = x; this.y = y; } get sum() { return this.x + this.y; } set sum(v) { this.x = v; } add(o) { return new Point(this.x + o.x, this.y + o.y); } static of(x) { return new Point(x, x); } }
class Point3 extends Point { constructor(x, y, z) { super(x, y); this.z = z; } add(o) { return super.add(o); } }
class Hidden { #v = 1; static count = 0; bump() { this.#v++; Hidden.count++; return this.#v; } }
measure('new', N * 3, (n) => { let c = 0; for (let i = 0; i < n; i++) c += new Point(i, 1).x; return c; });
measure('new-kept', N, (n) => { const l = []; for (let i = 0; i < n; i++) l.push(new Point(i, 1)); return l.length; });
measure('new-derived', N, (n) => { let c = 0; for (let i = 0; i < n; i++) c += new Point3(i, 1, 2).x; return c; });
measure('method', N * 3, (n) => { let p = new Point(0, 0); const q = new Point(1, 1); for (let i = 0; i < n; i++) p = p.add(q); return p.x; });
measure('super.method', N, (n) => { let c = 0; const p = new Point3(0, 0, 1), q = new Point(1, 1); for (let i = 0; i < n; i++) c += p.add(q).x; return c; });
measure('getter', N * 3, (n) => { let c = 0; const p = new Point(1, 2); for (let i = 0; i < n; i++) c += p.sum; return c; });
measure('setter', N, (n) => { const p = new Point(1, 2); for (let i = 0; i < n; i++) p.sum = i; return p.x; });
measure('literal-getter', N, (n) => { let c = 0; const p = { v: 1, get x() { return this.v; } }; for (let i = 0; i < n; i++) c += p.x; return c; });
measure('private', N, (n) => { let c = 0; const p = new Hidden(); for (let i = 0; i < n; i++) c += p.bump(); return c; });
measure('new-private', N / 3, (n) => { let c = 0; for (let i = 0; i < n; i++) c += new Hidden().bump(); return c; });
measure('instanceof', N, (n) => { let c = 0; const s = [new Point(1, 1), {}, new Point3(1, 1, 1)]; for (let i = 0; i < n; i++) if (s[i % 3] instanceof Point) c++; return c; });
measure('function-new', N, (n) => { function P(x) { this.x = x; } P.prototype.get = function () { return this.x; }; let c = 0; for (let i = 0; i < n; i++) c += new P(i).get(); return c; });
measure('closure', N, (n) => { const l = []; for (let i = 0; i < n; i++) l[i & 7] = () => i; return l[3](); });
measure('closure-call', N, (n) => { const add = (x) => (y) => x + y; let c = 0; for (let i = 0; i < n; i++) c += add(i)(1); return c; });
measure('counter', N, (n) => { function make() { let v = 0; return { inc() { v++; }, get() { return v; } }; } let c = 0; for (let i = 0; i < n; i += 10) { const m = make(); for (let j = 0; j < 10; j++) m.inc(); c += m.get(); } return c; });
measure('bind', N / 3, (n) => { function f(a, b) { return a + b; } let c = 0; for (let i = 0; i < n; i++) c += f.bind(null, i)(1); return c; });
measure('bound-call', N, (n) => { function f(a, b) { return this.k + a + b; } const g = f.bind({ k: 1 }, 2); let c = 0; for (let i = 0; i < n; i++) c += g(i); return c; });
measure('call', N, (n) => { function f(a) { return this.x + a; } const o = { x: 1 }; let c = 0; for (let i = 0; i < n; i++) c += f.call(o, i); return c; });
measure('apply', N, (n) => { function f(a, b) { return this.x + a + b; } const o = { x: 1 }, l = [1, 2]; let c = 0; for (let i = 0; i < n; i++) c += f.apply(o, l); return c; });
measure('apply-arguments', N, (n) => { const o = { f(a, b) { return a + b; } }; function g() { return o.f.apply(o, arguments); } let c = 0; for (let i = 0; i < n; i++) c += g(i, 2); return c; });
measure('arguments', N, (n) => { function f() { let s = 0; for (let i = 0; i < arguments.length; i++) s += arguments[i]; return s; } let c = 0; for (let i = 0; i < n; i++) c += f(i, 2, 3); return c; });
measure('arguments-escape', N / 3, (n) => { function f() { return Array.prototype.slice.call(arguments, 1).length; } let c = 0; for (let i = 0; i < n; i++) c += f(i, 2, 3); return c; });
measure('rest', N, (n) => { function f(...a) { let s = 0; for (let i = 0; i < a.length; i++) s += a[i]; return s; } let c = 0; for (let i = 0; i < n; i++) c += f(i, 2, 3); return c; });
measure('rest-forward', N, (n) => { function g(a, b, d) { return a + b + d; } function f(...a) { return g(...a); } let c = 0; for (let i = 0; i < n; i++) c += f(i, 2, 3); return c; });
measure('spread-call', N, (n) => { function f(a, b, d) { return a + b + d; } const l = [1, 2, 3]; let c = 0; for (let i = 0; i < n; i++) c += f(...l); return c; });
measure('Math.max(...)', N / 10, (n) => { let c = 0; for (let i = 0; i < n; i++) c += Math.max(...A); return c; });
measure('default-params', N, (n) => { function f(a, b = 2, d = a) { return a + b + d; } let c = 0; for (let i = 0; i < n; i++) c += f(i); return c; });
measure('recursion', N * 3, (n) => { function fib(k) { return k < 2 ? k : fib(k - 1) + fib(k - 2); } return fib(25); });
measure('try', N, (n) => { let c = 0; for (let i = 0; i < n; i++) { try { c += i; } catch (e) { c = 0; } } return c; });
measure('try-call', N, (n) => { function f(v) { if (v < 0) throw new Error('no'); return v; } let c = 0; for (let i = 0; i < n; i++) { try { c += f(i); } catch (e) { c = 0; } finally { c++; } } return c; });
measure('throw', N / 10, (n) => { let c = 0; for (let i = 0; i < n; i++) { try { throw new Error('no'); } catch (e) { c++; } } return c; });
measure('switch-string', N, (n) => { const k = ['get', 'put', 'post', 'delete', 'x']; let c = 0; for (let i = 0; i < n; i++) switch (k[i % 5]) { case 'get': c += 1; break; case 'put': c += 2; break; case 'post': c += 3; break; case 'delete': c += 4; break; default: c += 5; } return c; });
measure('switch-int', N, (n) => { let c = 0; for (let i = 0; i < n; i++) switch (i & 15) { case 0: c++; break; case 1: c += 2; break; case 2: c += 3; break; case 3: c += 4; break; case 4: c += 5; break; case 5: c += 6; break; case 6: c += 1; break; case 7: c += 2; break; case 8: c += 7; break; case 9: c += 2; break; default: c += 9; } return c; });

// collections
measure('Map.set/get-int', N, (n) => { const m = new Map(); for (let i = 0; i < n; i++) m.set(i & 4095, i); let c = 0; for (let i = 0; i < n; i++) c += m.get(i & 4095); return c; });
measure('Map.set/get-string', N, (n) => { const m = new Map(); let c = 0; for (let i = 0; i < n; i++) { const k = digits[i % 1000]; m.set(k, (m.get(k) || 0) + 1); } return m.size; });
measure('Map.set/get-object', N, (n) => { const m = new Map(), k = A.map((v) => ({ v })); let c = 0; for (let i = 0; i < n; i++) { m.set(k[i % 100], i); c += m.get(k[(i + 7) % 100]) || 0; } return c; });
measure('Map-grow', N, (n) => { const m = new Map(); for (let i = 0; i < n; i++) m.set(i, i); return m.size; });
measure('Map-for-of', N, (n) => { const m = new Map(A.map((v) => [v, v])); let c = 0; for (let r = 0; r < n; r += 100) for (const [k, v] of m) c += k + v; return c; });
measure('Map.forEach', N, (n) => { const m = new Map(A.map((v) => [v, v])); let c = 0; for (let r = 0; r < n; r += 100) m.forEach((v, k) => { c += k + v; }); return c; });
measure('Map.values', N, (n) => { const m = new Map(A.map((v) => [v, v])); let c = 0; for (let r = 0; r < n; r += 100) for (const v of m.values()) c += v; return c; });
measure('[...map.keys]', N, (n) => { const m = new Map(A.map((v) => [v, v])); let c = 0; for (let r = 0; r < n; r += 100) c += [...m.keys()].length; return c; });
measure('Map-delete', N, (n) => { const m = new Map(); for (let i = 0; i < n; i++) { m.set(i, i); m.delete(i - 50); } return m.size; });
measure('Set.add/has', N, (n) => { const s = new Set(); let c = 0; for (let i = 0; i < n; i++) { s.add(i & 1023); if (s.has(i)) c++; } return c; });
measure('Set-for-of', N, (n) => { const m = new Set(A); let c = 0; for (let r = 0; r < n; r += 100) for (const v of m) c += v; return c; });
measure('new Set(array)', N, (n) => { let c = 0; for (let r = 0; r < n; r += 100) c += new Set(A).size; return c; });
measure('[...new Set]', N, (n) => { let c = 0; for (let r = 0; r < n; r += 100) c += [...new Set(A)].length; return c; });
measure('WeakMap', N, (n) => { const m = new WeakMap(), k = A.map((v) => ({ v })); let c = 0; for (let i = 0; i < n; i++) { m.set(k[i % 100], i); c += m.get(k[(i + 7) % 100]) || 0; } return c; });

// iterators
measure('generator', N, (n) => { function* g() { for (let i = 0; i < n; i++) yield i; } let c = 0; for (const v of g()) c += v; return c; });
measure('generator-short', N / 3, (n) => { function* g() { yield 1; yield 2; yield 3; } let c = 0; for (let i = 0; i < n; i += 3) for (const v of g()) c += v; return c; });
measure('own-iterator', N, (n) => { const o = { [Symbol.iterator]() { let i = 0; return { next: () => i < n ? { value: i++, done: false } : { value: undefined, done: true } }; } }; let c = 0; for (const v of o) c += v; return c; });

// text formats
const record = { id: 17, name: 'Some One', tags: ['a', 'b', 'c'], nested: { x: 1.5, y: null, ok: true }, list: [{ k: 'v', n: 1 }, { k: 'w', n: 2 }] };
const json = JSON.stringify(record);
measure('JSON.stringify', N / 30, (n) => { let c = 0; for (let i = 0; i < n; i++) c += JSON.stringify(record).length; return c; });
measure('JSON.stringify-indent', N / 30, (n) => { let c = 0; for (let i = 0; i < n; i++) c += JSON.stringify(record, null, 2).length; return c; });
measure('JSON.parse', N / 30, (n) => { let c = 0; for (let i = 0; i < n; i++) c += JSON.parse(json).id; return c; });
measure('structuredClone', N / 100, (n) => { let c = 0; for (let i = 0; i < n; i++) c += structuredClone(record).id; return c; });
measure('regexp-test', N, (n) => { let c = 0; for (let i = 0; i < n; i++) if (/^[\w.]+@\w+\.\w+$/.test('some.one@example.org')) c++; return c; });
measure('regexp-exec', N / 3, (n) => { let c = 0; for (let i = 0; i < n; i++) c += /(\d+)-(\d+)/.exec('on 2024-12 it')[1].length; return c; });
measure('regexp-exec-g', N / 3, (n) => { let c = 0; const re = /\w+/g; for (let i = 0; i < n; i++) { const m = re.exec(line); if (m) c += m.index; } return c; });
measure('match-g', N / 30, (n) => { let c = 0; for (let i = 0; i < n; i++) c += line.match(/\w+/g).length; return c; });
measure('matchAll', N / 100, (n) => { let c = 0; for (let i = 0; i < n; i++) for (const m of line.matchAll(/(\w)(\w+)/g)) c += m[1].length; return c; });
measure('Date.now', N, (n) => { let c = 0; for (let i = 0; i < n; i++) c += Date.now() & 1; return c; });
measure('new Date', N / 3, (n) => { let c = 0; for (let i = 0; i < n; i++) c += new Date(1.7e12 + i * 1e6).getTime() & 1; return c; });
measure('Date-fields', N / 3, (n) => { let c = 0; for (let i = 0; i < n; i++) { const d = new Date(1.7e12 + i * 1e6); c += d.getFullYear() + d.getMonth() + d.getDate() + d.getHours(); } return c; });
measure('toISOString', N / 3, (n) => { let c = 0; for (let i = 0; i < n; i++) c += new Date(1.7e12 + i * 1e6).toISOString().length; return c; });
measure('Date.parse', N / 10, (n) => { let c = 0; for (let i = 0; i < n; i++) c += Date.parse('2024-02-03T04:05:06.789Z') & 1; return c; });
measure('toLocaleString', N / 100, (n) => { let c = 0; for (let i = 0; i < n; i++) c += (12345.678).toLocaleString().length; return c; });
measure('BigInt-add/mul', N / 3, (n) => { let a = 1n; for (let i = 0; i < n; i++) a = (a * 31n + 7n) % 1000000007n; return Number(a); });
measure('BigInt-big', 2000, (n) => { let a = 1n; for (let i = 1; i < n; i++) a *= BigInt(i); return a > 0n ? 1 : 0; });
measure('BigInt-toString', 3000, (n) => { let c = 0; const a = 123456789n ** 5n; for (let i = 0; i < n; i++) c += a.toString().length; return c; });

// bytes
const buf = Buffer.from(line.repeat(10));
measure('buf[i]', N * 10, (n) => { let c = 0; const l = buf.length; for (let i = 0; i < n; i++) c += buf[i % l]; return c; });
measure('buf.toString', N / 3, (n) => { let c = 0; for (let i = 0; i < n; i++) c += buf.toString('utf8', 0, 60).length; return c; });
measure('buf.toString-hex', N / 10, (n) => { let c = 0; for (let i = 0; i < n; i++) c += buf.toString('hex', 0, 60).length; return c; });
measure('Buffer.from-string', N / 3, (n) => { let c = 0; for (let i = 0; i < n; i++) c += Buffer.from(line).length; return c; });
measure('Buffer.from-base64', N / 3, (n) => { let c = 0; for (let i = 0; i < n; i++) c += Buffer.from('aGVsbG8gd29ybGQ=', 'base64').length; return c; });
measure('Buffer.concat', N / 10, (n) => { let c = 0; for (let i = 0; i < n; i++) c += Buffer.concat([buf, buf]).length; return c; });
measure('Buffer.slice', N / 3, (n) => { let c = 0; for (let i = 0; i < n; i++) c += buf.subarray(i & 63, 100).length; return c; });
measure('readUInt32BE', N, (n) => { let c = 0; for (let i = 0; i < n; i++) c += buf.readUInt32BE(i & 255); return c; });
measure('writeUInt16LE', N, (n) => { const b = Buffer.alloc(300); for (let i = 0; i < n; i++) b.writeUInt16LE(i & 65535, i & 255); return b[0]; });
measure('Uint8Array', N * 10, (n) => { const a = new Uint8Array(1024); for (let i = 0; i < n; i++) a[i & 1023] += i; return a[5]; });
measure('Float64Array', N * 10, (n) => { const a = new Float64Array(1024); for (let i = 0; i < n; i++) a[i & 1023] += i; return a[5]; });
measure('Int32Array-for-of', N, (n) => { const a = new Int32Array(100); let c = 0; for (let r = 0; r < n; r += 100) for (const v of a) c += v; return c; });
measure('new Uint8Array', N / 10, (n) => { let c = 0; for (let i = 0; i < n; i++) c += new Uint8Array(16).length; return c; });
measure('DataView', N, (n) => { const d = new DataView(new ArrayBuffer(64)); let c = 0; for (let i = 0; i < n; i++) { d.setInt32(i & 31, i); c += d.getInt32(i & 31); } return c; });
measure('TextEncoder', N / 10, (n) => { let c = 0; const t = new TextEncoder(); for (let i = 0; i < n; i++) c += t.encode(line).length; return c; });

// events, symbols, proxies
const EventEmitter = require('events');
measure('emit', N * 3, (n) => { const e = new EventEmitter(); let c = 0; e.on('x', (v) => { c += v; }); for (let i = 0; i < n; i++) e.emit('x', i); return c; });
measure('on/off', N / 3, (n) => { const e = new EventEmitter(); const f = () => {}; for (let i = 0; i < n; i++) { e.on('x', f); e.removeListener('x', f); } return 1; });
measure('once', N / 3, (n) => { const e = new EventEmitter(); let c = 0; const f = () => { c++; }; for (let i = 0; i < n; i++) { e.once('x', f); e.emit('x'); } return c; });
const sym = Symbol('s');
measure('symbol-key', N, (n) => { const o = { [sym]: 1 }; let c = 0; for (let i = 0; i < n; i++) c += o[sym]; return c; });
measure('Proxy-get', N, (n) => { const p = new Proxy({ a: 1 }, { get(t, k, r) { return t[k]; } }); let c = 0; for (let i = 0; i < n; i++) c += p.a; return c; });
measure('Reflect.get', N, (n) => { const o = { a: 1 }; let c = 0; for (let i = 0; i < n; i++) c += Reflect.get(o, 'a'); return c; });
measure('path.join', N / 30, (n) => { const path = require('path'); let c = 0; for (let i = 0; i < n; i++) c += path.join('/a/b', '../c', 'd.js').length; return c; });
measure('new URL', N / 100, (n) => { let c = 0; for (let i = 0; i < n; i++) c += new URL('http://example.org/a/b?c=d#e').pathname.length; return c; });
measure('util.format', N / 30, (n) => { const util = require('util'); let c = 0; for (let i = 0; i < n; i++) c += util.format('%s is %d', 'x', i).length; return c; });
measure('util.inspect', N / 100, (n) => { const util = require('util'); let c = 0; for (let i = 0; i < n; i++) c += util.inspect(record).length; return c; });

// promises
async function measured(name, count, f) {
  if (only.length && !only.includes(name)) return;
  let best = Infinity;
  for (let round = 0; round < 4; round++) {
    const before = process.cpuUsage();
    kept += await f(count);
    const { user, system } = process.cpuUsage(before);
    best = Math.min(best, (user + system) * 1000 / count);
  }
  console.log(name, best.toFixed(1));
}
(async () => {
  await measured('await-value', N, async (n) => { let c = 0; for (let i = 0; i < n; i++) c += await i; return c; });
  await measured('await-async', N, async (n) => { const f = async (v) => v + 1; let c = 0; for (let i = 0; i < n; i++) c += await f(i); return c; });
  await measured('await-chain', N / 3, async (n) => { const g = async (v) => v + 1, f = async (v) => (await g(v)) + 1; let c = 0; for (let i = 0; i < n; i++) c += await f(i); return c; });
  await measured('then', N, async (n) => { let p = Promise.resolve(0); for (let i = 0; i < n; i++) p = p.then((v) => v + 1); return p; });
  await measured('new Promise', N, async (n) => { let c = 0; for (let i = 0; i < n; i++) c += await new Promise((r) => r(i)); return c; });
  await measured('Promise.all', N, async (n) => { let c = 0; for (let i = 0; i < n; i += 10) c += (await Promise.all([1, 2, 3, 4, 5, 6, 7, 8, 9, i])).length; return c; });
  await measured('for-await', N, async (n) => { async function* g() { for (let i = 0; i < n; i++) yield i; } let c = 0; for await (const v of g()) c += v; return c; });
  await measured('nextTick', N, (n) => new Promise((r) => { let i = 0; const f = () => { if (++i === n) r(1); else process.nextTick(f); }; f(); }));
  await measured('setImmediate', N / 10, (n) => new Promise((r) => { let i = 0; const f = () => { if (++i === n) r(1); else setImmediate(f); }; f(); }));
  await measured('setTimeout-set/clear', N / 3, async (n) => { for (let i = 0; i < n; i++) clearTimeout(setTimeout(() => {}, 1000)); return 1; });
  if (kept === 0.5) console.log(kept);
})();

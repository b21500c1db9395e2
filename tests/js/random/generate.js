// SPDX-License-Identifier: MIT
//
// generate(seed): a random program that ends, prints what it computes, and depends on nothing but the language. Run with Node's and with
// ours it must print the same (tests/cli/js_random.sh). Its own arithmetic stays within what both certainly agree on.
'use strict';
const hot = require('./hot');

function generate(seed) {
  let state = (seed * 2654435761 + 12345) >>> 0 || 1;
  const any = (n) => {
    state ^= state << 13; state >>>= 0;
    state ^= state >>> 17;
    state ^= state << 5; state >>>= 0;
    return state % n;
  };
  const pick = (list) => list[any(list.length)];
  let names = 0;
  const fresh = () => 'v' + names++;

  const literal = () => pick([
    () => String(any(100)), () => String(any(20) - 10), () => '-0', () => '0.5', () => '1e21', () => 'NaN', () => 'Infinity', () => `'${pick(['', 'a', 'xyz', '10', 'é', '😀b', ' 7 '])}'`,
    () => 'true', () => 'false', () => 'null', () => 'undefined', () => `[${any(9)}, ${any(9)}]`, () => `({a: ${any(9)}, b: '${any(9)}'})`, () => `${any(50)}n`,
  ])();

  const number = () => pick([String(any(100)), String(any(512) - 256), '-0', '0.1', '1e21', '123456.789', '1e-7', 'NaN', '-Infinity', '4294967295.5', '2147483648', '5e-324', '0.000001', String(any(1e6) / 64), '-129']);
  const text = () => `'${pick(['', 'a', 'abc', 'aXbXc', 'é', '😀b', 'x😀', '\\ud83d', '\\ude00z', ' 7 ', '1e3', 'a,b;c', 'ß', 'İi', 'aab12', '\\n'])}'`;
  const pattern = (flags = '') => `/${pick(['a', '[a-c]+', '(a)|(b)', '(?<n>\\w)\\d?', 'x*', '^.', '.$', '(?=b)', '(?<!a)b', '\\s|\\D', '(.)\\1', '[^a]', '(?:ab|a)(c|bcd)?', '\\ud83d', '[😀é]', 'a{0,2}?'])}/${flags || pick(['', 'g', 'i', 'u', 'gi', 's', 'y', 'gu'])}`;

  // An expression over the variables in `scope`; `depth` bounds it.
  function expression(scope, depth) {
    if (depth <= 0 || any(6) === 0) return scope.length && any(3) ? pick(scope) : literal();
    const e = () => expression(scope, depth - 1);
    return pick([
      () => `(${e()} ${pick(['+', '-', '*', '%', '&', '|', '^', '<<', '>>', '/'])} ${e()})`,
      () => `(${e()} ${pick(['<', '>', '<=', '>=', '==', '!=', '===', '!=='])} ${e()})`,
      () => `(${e()} ${pick(['&&', '||'])} ${e()})`,
      () => `(${e()} ?? ${e()})`,
      () => `(${e()} ? ${e()} : ${e()})`,
      () => `${pick(['!', '-', '~', 'typeof ', 'void '])}(${e()})`,
      () => `[${e()}, ...[${e()}, ${e()}]].length`,
      () => `String(${e()})`,
      () => `(${e()})?.a`,
      () => `((a, b = ${e()}, ...c) => [a, b, c.length].join())(${e()}, ${e()})`,
      () => `\`<\${${e()}}>\``,
      () => `JSON.stringify({k: ${e()}}, (k, v) => typeof v === 'bigint' ? 'big' : v)`,
      () => `(([p, q = ${e()}] = [${e()}]) => q)()`,
      () => `(function () { return arguments.length; })(${e()}, ${e()})`,
      () => `[3, 1, ${any(9)}].map((x) => x * 2).filter((x) => x > ${any(9)}).reduce((x, y) => x + y, ${any(5)})`,
      () => `(${e()}) ** ${any(4)}`.replace(/^/, '(').replace(/$/, ')'),
      () => `(${e()} >>> ${any(33)})`,
      () => `(${e()})?.[${text()}]`,
      () => `(${e()})?.toString?.(${pick(['', '2', '10'])})`,
      () => `Object.entries({ ...${e()}, k: ${e()} }).join(';').slice(0, 40)`,
      () => `(({ a = ${e()}, ...r } = {}) => [a, Object.keys(r).length].join())(${e()})`,
      () => `new ${pick(['Int8', 'Uint8', 'Uint8Clamped', 'Int16', 'Uint16', 'Int32', 'Uint32', 'Float32', 'Float64'])}Array([${number()}, ${number()}, ${number()}]).join()`,
      () => `new DataView(new ArrayBuffer(8)).${pick(['getFloat64', 'getInt16', 'getUint32'])}(${any(9)})`,
      () => `(${number()}).${pick([`toString(${pick([2, 8, 16, 36])})`, `toFixed(${any(6)})`, `toPrecision(${1 + any(12)})`, `toExponential(${any(8)})`])}`,
      () => `${pick(['parseInt', 'parseFloat', 'Number', 'isNaN', 'BigInt', 'encodeURIComponent', 'escape'])}(${e()})`,
      () => `Math.${pick(['max', 'min', 'hypot', 'atan2', 'pow', 'imul'])}(${number()}, ${e()})`,
      () => `Math.${pick(['round', 'trunc', 'sign', 'cbrt', 'fround', 'clz32', 'floor', 'ceil', 'sqrt', 'abs'])}(${e()})`,
      () => `${text()}.${pick([`slice(${any(5) - 2}, ${any(6) - 2})`, `substring(${any(5)}, ${any(5)})`, `at(${any(6) - 3})`, `charCodeAt(${any(4)})`, `codePointAt(${any(4)})`, `indexOf(${text()})`,
        `lastIndexOf(${text()})`, `padEnd(${any(9)}, ${text()})`, `split(${text()}).length`, `split('').join('|')`, `toUpperCase()`, `normalize('NFD').length`, `replaceAll(${text()}, '<$&>')`,
        `localeCompare(${text()})`, `concat(${e()})`, `includes(${text()}, ${any(3)})`, `isWellFormed?.()`, `trimEnd()`, `substr(${any(4) - 2}, ${any(3)})`])}`,
      () => `${text()}.replace(${pattern()}, ${pick(["'[$&]'", "'$1-$`'", "(m, p) => `{${m}${typeof p}}`", "'$<n>$$'"])})`,
      () => `JSON.stringify(${text()}.match(${pattern()}))`,
      () => `[...${text()}.matchAll(${pattern('g')})].map((m) => m.index + m[0]).join()`,
      () => `${text()}.search(${pattern()}) + ${text()}.split(${pattern()}).length`,
      () => `tag\`a\${${e()}}\\n\${${e()}}\``,
      () => `[${e()}, ${e()}, ${e()}].sort().map(text).join()`,
      () => `[5, 1, ${any(20)}, ${any(20)}, 3].sort((x, y) => ${pick(['x - y', 'y - x', 'x % 3 - y % 3', '0', 'String(x) < String(y) ? -1 : 1'])}).join()`,
      () => `[${any(5)}, [${any(5)}, [${any(5)}]]].${pick(['flat()', 'flat(2)', 'flatMap((x) => [x, 1])', 'join()', 'concat([1], 2)', 'at(-1)', 'includes(1)', 'toString()'])}.length`,
      () => `[1, , 3, ${e()}].${pick([`indexOf(undefined)`, `findLast((x) => x == null)`, `some((x) => x === undefined)`, `fill(${any(9)}, 1, 2).join()`, `copyWithin(0, 2).length`, `toSpliced(1, 1, 7, 8).length`,
        `with(0, 9).join()`, `reverse().map((x) => 1).length`, `slice(-3).length`, `splice(1, 2).length`, `keys().next().value`, `reduceRight((x, y) => x + '' + y)`, `entries().next().value.length`])}`,
      () => `new Date(${any(3) ? `Date.UTC(${1900 + any(200)}, ${any(14)}, ${any(33)}, ${any(30)}, ${any(70)}, ${any(70)}, ${any(2000)})` : number()}).${pick(['toISOString()', 'getUTCDay()', 'getTime()', 'toJSON()', 'getUTCMonth()', 'setUTCDate(40)', 'toUTCString()'])}`,
      () => `Date.parse('${2000 + any(30)}-0${1 + any(9)}-${10 + any(25)}${pick(['', 'T10:20:30Z', 'T10:20:30.5+02:00'])}')`,
      () => `new Proxy({ a: ${e()} }, { get: (t, k) => k in t ? t[k] : ${text()}, has: (t, k) => k === 'b' })${pick(['.a', '.b', '[1]'])}`,
      () => `('b' in new Proxy({}, { has: (t, k) => k === ${pick(["'b'", "'c'"])} }))`,
      () => `Reflect.ownKeys({ b: 1, 2: 1, a: 1, 1: 1, [Symbol.iterator]: 1 }).length + Object.keys({ b: ${any(3)}, 2: 1, a: 1, 1: 1 }).join()`,
      () => `(() => { const o = { a: ${e()} }; o.b ??= ${e()}; o.a ||= ${e()}; o.a &&= ${e()}; return text(o.a) + text(o.b); })()`,
      () => `(() => { const m = new Map([[${e()}, 1], [${e()}, 2]]); m.delete(${e()}); return [...m].length + m.size; })()`,
      () => `[...new Set([${e()}, ${e()}, ${e()}])].length`,
      () => `Object.getOwnPropertyNames(class { static ${pick(['a', 'length', 'name'])} = 1; static m() {} }).join()`,
      () => `typeof Symbol(${text()}).description`,
      () => `structuredClone({ a: [${number()}, new Date(${any(1e6)})] }).a.length`,
      () => `Array.from({ length: ${any(5)} }, (_, i) => i * ${any(5)}).join()`,
      () => `(function f(n) { return n <= 0 ? ${e()} : f(n - 1); })(${any(6)})`,
      () => `(BigInt.as${pick(['Int', 'Uint'])}N(${any(70)}, ${any(50)}n ** ${any(20)}n) ${pick(['+', '*', '-', '&', '|', '<<', '>>'])} ${any(30)}n)`,
      () => `(0, eval)('${any(9)} + ${any(9)}')`,
    ])();
  }

  function block(scope, depth, loops) {
    const inner = scope.slice();
    let text = '';
    for (let n = 1 + any(4); n > 0; n--) text += statement(inner, depth, loops);
    return `{ ${text}}`;
  }

  function statement(scope, depth, loops) {
    const e = () => expression(scope, 2);
    const simple = [
      () => { const value = e(), name = fresh(); scope.push(name); return `${pick(['let', 'var'])} ${name} = attempt(() => ${value});\n`; },
      () => scope.length ? `${pick(scope)} = attempt(() => ${e()});\n` : ';\n',
      () => `show(attempt(() => ${e()}));\n`,
    ];
    if (depth <= 0) return pick(simple)();
    const inside = () => { const known = scope.length, text = pick(simple)(); scope.length = known; return text; };
    const s = () => block(scope, depth - 1, loops);
    return pick([
      ...simple, ...simple,
      () => `if (attempt(() => ${e()})) ${s()} else ${s()}\n`,
      () => { const i = fresh(); return `for (let ${i} = 0; ${i} < ${1 + any(4)}; ${i}++) ${block(scope, depth - 1, true)}\n`; },
      () => { const i = fresh(); return `for (const ${i} of [${any(9)}, '${any(9)}', ${any(9)}]) { show(${i}); ${block(scope, depth - 1, true)} }\n`; },
      () => { const i = fresh(); return `for (const ${i} in {x: 1, 2: 2, y: ${any(9)}}) { show(${i}); ${block(scope, depth - 1, true)} }\n`; },
      () => `try ${s()} catch (error) { show(error instanceof Error ? error.name : error); } finally { show('finally ${any(9)}'); }\n`,
      () => `try { if (attempt(() => ${e()})) throw '${any(99)}'; ${inside()} } catch (error) { show(error); }\n`,
      () => `switch (attempt(() => ${e()})) { case ${any(5)}: show(1); case '${any(5)}': show(2); break; default: show(3); case true: show(4); }\n`,
      () => loops ? `if (attempt(() => ${e()})) ${pick(['break', 'continue'])};\n` : ';\n',
      () => { const f = fresh(), p = fresh(); return `function ${f}(${p}) { ${inside()} ${block(scope.concat(p), depth - 1, false)} return attempt(() => ${expression(scope.concat(p), 2)}); }\nshow(${f}(${any(9)}));\n`; },
      () => { const c = fresh(); return `class ${c} { #p = attempt(() => ${e()}); static s = ${any(9)}; get g() { return this.#p; } set g(v) { this.#p = v; } m(x) { return [x, this.g, ${c}.s].length; } }\nshow(new ${c}().g, new ${c}().m(1), Object.keys(new ${c}()).length);\n`; },
      () => { const g = fresh(); return `function* ${g}() { try { yield attempt(() => ${e()}); yield* [${any(9)}, ${any(9)}]; } finally { show('end'); } }\nfor (const x of ${g}()) { show(x); if (x === ${any(9)}) break; }\n`; },
      () => { const f = fresh(); return `const ${f} = []; for (let i = 0; i < 3; i++) ${f}.push(() => i++); show(${f}.map((f) => f() + f()).join());\n`; },
      () => { const l = fresh(); return `${l}: for (let ${l}i = 0; ${l}i < 3; ${l}i++) { for (const ${l}j of [1, 2, 3]) { try { if (${l}j === ${any(4)}) ${pick(['break', 'continue'])} ${pick([l, ''])}; show(${l}i, ${l}j); ${inside()} } finally { show('f'); ${any(4) ? '' : `${pick(['break', 'continue'])} ${l};`} } } }\n`; },
      () => { const f = fresh(); return `function ${f}() { for (const x of [1, 2, 3]) { try { ${pick(['return x;', "throw 't' + x;", 'continue;', 'break;', `if (x === ${any(4)}) return 'early';`])} } catch (e) { show(e); ${pick(['', 'return e;', "throw 'again';"])} } finally { show('finally', x); ${pick(['', '', 'if (x === 2) return 9;', 'if (x === 1) continue;', "if (x === 3) throw 'last';"])} } } return 'end'; }\nshow(attempt(${f}));\n`; },
      () => { const c = fresh(); return `class ${c} { static #n = ${any(9)}; #x = attempt(() => ${e()}); static { show(${c}.#n++); } static get n() { return ${c}.#n; } static has(o) { return #x in o; } #m(y) { return text(this.#x) + y; } m(y) { return this.#m(y); } get #a() { return this.#x; } set #a(v) { this.#x = v; } swap(v) { [this.#a, v] = [v, this.#a]; return v; } [${pick(["'k'", '1 + 1', "'a' + 'b'"])}]() { return 1; } }
class ${c}B extends ${c} { f = super.m(${any(9)}); constructor(...a) { super(...a); this.n = a.length; } m(y) { return 'B' + super.m(y); } static get n() { return super.n + 1; } }
show(attempt(() => new ${c}B(1, 2).f), new ${c}B(...[1, 2]).n, ${c}B.n, ${c}.has(new ${c}B()), ${c}.has({}), attempt(() => new ${c}B().m(attempt(() => ${e()}))), attempt(() => new ${c}().swap(1)), Object.keys(new ${c}B()).join());\n`; },
      () => { const g = fresh(); return `{ function* ${g}(a) { let got = 0; while (got !== 'stop') { try { got = yield [got, a]; } catch (e) { show('caught', e); ${pick(['', 'return e;', "yield 'y';", "throw 'other';"])} } finally { show('fin'); ${pick(['', '', "yield 'late';", 'got = 1;'])} } } return 'done'; }
const ${g}i = ${g}(${any(9)}); for (const [how, v] of [${Array.from({ length: 2 + any(5) }, () => `['${pick(['next', 'next', 'next', 'throw', 'return'])}', ${pick(['1', "'stop'", 'undefined', "'z'"])}]`).join(', ')}]) show(attempt(() => text(${g}i[how](v)))); }\n`; },
      () => { const f = fresh(); return `{ const ${f} = { get a() { show('get'); return ${any(9)}; }, set a(v) { show('set', v); }, ['b' + ${any(3)}]: ${any(9)}, __proto__: { c: ${any(9)}, m() { return 'proto'; } }, m() { return super.m() + 1; } }; attempt(() => { ${f}.a ${pick(['=', '+=', '||=', '&&=', '??='])} attempt(() => ${e()}); ${f}.a${pick(['++', '--'])}; }); show(${f}.m(), ${f}.c, Object.keys(${f}).join(), text(${f}), delete ${f}.b0, 'b0' in ${f}); }\n`; },
      () => { const p = fresh(); return `{ const ${p} = new Proxy({ x: ${any(9)} }, { get(t, k, r) { show('get', String(k)); return Reflect.get(t, k, r); }, set(t, k, v, r) { show('set', String(k), v); return Reflect.set(t, k, v, r); }, ownKeys(t) { show('keys'); return Reflect.ownKeys(t); }, deleteProperty(t, k) { show('delete', k); return delete t[k]; } }); ${p}.x ${pick(['+=', '=', '??='])} ${any(9)}; ${p}.y = attempt(() => ${e()}); delete ${p}.x; show(Object.keys(${p}).join(), ({ ...${p} }).y, text(${p})); }\n`; },
      () => `switch (${any(5)}) { case 0: let a = 1; show(a); case 1: { let a = 2; show(attempt(() => a)); } ${pick(['break;', ''])} case 2: show(attempt(() => a)); default: a = 3; show(a); case 4: const b = () => a; show(attempt(b)); }\n`.replace(/^/, 'try { ').replace(/\n$/, " } catch (e) { show(e.name); }\n"),
      () => { const f = fresh(); return `later.push(async () => { const log = []; const ${f} = async (n) => { log.push('s' + n); try { await ${pick(['n', 'null', 'Promise.resolve(n)', '{ then(r) { r(n); } }'])}; log.push('a' + n); if (n === ${any(4)}) throw 't' + n; return n; } catch (e) { log.push('c' + e); ${pick(['', "throw 'u';", 'return 8;'])} } finally { log.push('f' + n); ${pick(['', 'await 0;'])} } };
const all = await Promise.${pick(['all', 'allSettled', 'race', 'any'])}([${f}(1), ${f}(2), ${f}(${any(4)})].map((p, i) => p.then((v) => log.push('t' + i + v)${pick(['', ', (e) => log.push(e)'])}))).catch((e) => 'rejected ' + (e && e.name || e)); queueMicrotask(() => log.push('m')); ${pick(['', 'for await (const x of (async function* () { yield 1; yield ' + any(9) + '; })()) log.push(x);'])} await null; show(log.join(), text(all)); });\n`; },
      () => { const v = fresh(); return `{ let ${v} = [${any(5)}, ${any(5)}, ${any(5)}], i = 0; ${v}[i++] ${pick(['+=', '*=', '**=', '=', '??='])} ${v}[i++] ${pick(['+', '-', '*'])} i; [${v}[0], ${v}[1]] = [${v}[1], ${v}[0]]; [i, ...${v}.rest] = ${v}; ({ length: i, [0]: ${v}.z = 5, ...${v}.o } = ${v}); show(text(${v}), i, ${v}.z, text(${v}.rest), Object.keys(${v}.o).join()); }\n`; },
      () => { const f = fresh(); return `{ const ${f} = []; ${pick([`for (let i = 0, n = 2; i < n; ${f}.push(() => [i, n]), i++)`, `for (const i of [4, 5])`, `for (const i in { a: 1, b: 2 })`, `for (var i = 0; i < 2; i++)`])} { let k = i; ${f}.push(() => k + '' + i, () => { k += 'z'; return k; }); ${pick(['', 'continue;', "if (i === 1) break;"])} } show(${f}.map((f) => text(f())).join('|'), ${f}.map((f) => text(f())).join('|')); }\n`; },
      () => `{ const list = [3, 1, 2, ${any(9)}]; for (const x of list) { if (list.length < 8) list.push(x * 2); show(x); if (x > ${any(9)}) break; } const it = list[Symbol.iterator](); it.next(); show([...it].length); }\n`,
      () => { const o = fresh(); return `{ const ${o} = { [Symbol.iterator]() { let n = 0; return { next: () => ({ value: n++, done: n > ${1 + any(5)} }), return() { show('closed'); return {}; } }; }, [Symbol.toPrimitive]: (hint) => hint, valueOf: () => ${any(9)}, toString: () => 's' }; const [a, ...b] = ${o}; const [c] = ${o}; show(a, b.length, c, \`\${${o}}\`, +${o}, ${o} + 1, Math.max(...${o}), new Set(${o}).size); for (const x of ${o}) { if (x === ${any(3)}) ${pick(['break', 'continue'])}; show(x); } }\n`; },
    ])();
  }

  let program = `'use strict';
let steps = 0;
const text = (v) => typeof v === 'bigint' ? v + 'n' : Object.is(v, -0) ? '-0' : typeof v === 'object' && v !== null ? JSON.stringify(v, (k, x) => typeof x === 'bigint' ? x + 'n' : x) : String(v);
const show = (...values) => { if (++steps < 1500) console.log(values.map(text).join(' ').toWellFormed()); };
const later = [];
const tag = (strings, ...values) => strings.raw.join('/') + strings.length + values.map(text).join();
const attempt = (f) => { try { return f(); } catch (error) { return error instanceof Error ? error.name : error; } };
`;
  const scope = [];
  for (let n = 12; n > 0; n--) program += statement(scope, 3, false);
  if (any(2)) program += hot(any, pick, fresh);
  return program + '(async () => { for (const f of later) await f(); })();\n';
}

if (require.main === module) process.stdout.write(generate(Number(process.argv[2])));
module.exports = generate;

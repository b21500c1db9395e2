// SPDX-License-Identifier: MIT
//
// hot(any, pick, fresh): a part of a random program that runs long enough to be compiled by a JIT: functions of typed values called some hundred
// times, now and then with others than before. Nothing in it raises but on purpose; what it computes goes into a checksum.
'use strict';

module.exports = function hot(any, pick, fresh) {
  const small = () => pick([String(any(20)), String(any(9)), '-' + (1 + any(9)), '0.5', '1.25', '255', '65536', '2147483647', '-0', '1e9']);

  // Expressions by what they give. scope: {n: names of numbers, s: of strings, a: of arrays of numbers, o: of objects {x, y, z}}; depth bounds them.
  function number(scope, depth) {
    if (depth <= 0 || any(5) === 0) return any(3) ? pick(scope.n) : small();
    const n = () => number(scope, depth - 1), s = () => string(scope, depth - 1), b = () => boolean(scope, depth - 1);
    const a = pick(scope.a), o = pick(scope.o);
    return pick([
      () => `(${n()} ${pick(['+', '-', '*', '%', '/'])} ${n()})`,
      () => `(${n()} ${pick(['&', '|', '^', '<<', '>>', '>>>'])} ${n()})`,
      () => `(${n()} | 0)`, () => `(~${n()})`, () => `(-${pick(scope.n)})`, () => `(${n()} >>> 0)`,
      () => `(${b()} ? ${n()} : ${n()})`,
      () => `Math.${pick(['floor', 'abs', 'sign', 'trunc', 'round', 'ceil', 'fround', 'clz32'])}(${n()})`,
      () => `Math.${pick(['min', 'max', 'imul'])}(${n()}, ${n()})`,
      () => `(${a}[${any(4)}] ?? ${n()})`,
      () => `(${a}[(${n()}) & 3] || 0)`,
      () => `${a}.length`, () => `${s()}.length`, () => `${o}.${pick(['x', 'y', 'z'])}`,
      () => `(${s()}.charCodeAt((${n()}) & 3) || 7)`,
      () => `${s()}.indexOf(${s()})`,
      () => `sum(${n()}, ${n()}, ${n()})`, () => `sum(...${a})`, () => `count(${n()}, ${n()})`, () => `second(${n()}, ${n()})`, () => `rest(${n()}, ...${a})`,
      () => `${a}.reduce((p, q) => p + q, ${n()})`,
      () => `${a}.map((q) => q + ${n()})[0]`,
      () => `${o}.m(${n()})`, () => `${o}.g`, () => `(${o}.inner?.w ?? ${n()})`,
      () => `Number(${s()})`, () => `(+${b()})`, () => `parseInt(${s()}, 10)`,
      () => `(${b()} && ${n()} || ${n()})`,
      () => `((p, q = ${n()}) => p * 3 - q)(${n()})`,
      () => `hand(${n()}, ${n()}, ${n()})`,
      () => `bits[(bits[${any(8)}] = ${n()}, ${any(8)})]`,
    ])();
  }
  function string(scope, depth) {
    if (depth <= 0 || any(4) === 0) return any(3) ? pick(scope.s) : `'${pick(['', 'a', 'bc', 'é', '12', ' 7', '😀'])}'`;
    const n = () => number(scope, depth - 1), s = () => string(scope, depth - 1), b = () => boolean(scope, depth - 1);
    return pick([
      () => `(${s()} + ${s()})`, () => `(${s()} + ${n()})`, () => `(${n()} + ${s()})`, () => `\`\${${n()}}:\${${s()}}\``, () => `String(${n()})`,
      () => `(${b()} ? ${s()} : ${s()})`, () => `${s()}.slice(${any(3)}, ${any(6)})`, () => `${s()}.substring(${any(4)})`, () => `${s()}.charAt(${any(3)})`,
      () => `(${pick(scope.s)}[${any(3)}] ?? '-')`, () => `${s()}.repeat(${any(3)})`, () => `${s()}.toUpperCase()`, () => `${s()}.trim()`, () => `${s()}.padStart(${any(8)}, '*')`,
      () => `${s()}.replace(/[a-c]/g, (c) => c + ${n()})`, () => `${s()}.split('').reverse().join('${pick(['', '-'])}')`,
      () => `${pick(scope.a)}.join('${pick(['', ',', '-'])}')`, () => `typeof ${n()}`, () => `(${n()}).toString(${pick(['10', '2', '16', '36'])})`,
      () => `(${n()} % 1000).toFixed(${any(4)})`,
    ])() ;
  }
  function boolean(scope, depth) {
    if (depth <= 0) return `(${pick(scope.n)} > ${small()})`;
    const n = () => number(scope, depth - 1), s = () => string(scope, depth - 1);
    return pick([
      () => `(${n()} ${pick(['<', '>', '<=', '>=', '===', '!==', '=='])} ${n()})`, () => `(${s()} ${pick(['<', '>', '===', '!='])} ${s()})`,
      () => `(!${boolean(scope, depth - 1)})`, () => `(${boolean(scope, depth - 1)} ${pick(['&&', '||'])} ${boolean(scope, depth - 1)})`,
      () => `Number.isInteger(${n()})`, () => `${s()}.includes(${s()})`, () => `('${pick(['x', 'q'])}' in ${pick(scope.o)})`, () => `(${pick(scope.o)} instanceof P)`,
    ])();
  }

  function block(scope, depth, loops) {
    const inner = { n: scope.n.slice(), s: scope.s.slice(), a: scope.a.slice(), o: scope.o.slice() };
    let text = '';
    for (let k = 1 + any(3); k > 0; k--) text += statement(inner, depth, loops);
    return `{ ${text}}`;
  }
  const own = (list) => list.filter((name) => name[0] === 'v'); // parameters and locals: the others are constants
  function statement(scope, depth, loops) {
    const n = () => number(scope, 2), s = () => string(scope, 2), b = () => boolean(scope, 2), a = pick(scope.a), o = pick(scope.o);
    const simple = [
      () => { const value = n(), v = fresh(); scope.n.push(v); return `let ${v} = ${value}; `; },
      () => { const value = s(), v = fresh(); scope.s.push(v); return `let ${v} = ${value}; `; },
      () => { const v = own(scope.n); return v.length ? `${pick(v)} ${pick(['=', '+=', '-=', '*=', '|=', '^='])} ${n()}; ` : ''; },
      () => { const v = own(scope.n); return v.length ? `${pick(v)}${pick(['++', '--'])}; ` : ''; },
      () => { const v = own(scope.s); return v.length ? `${pick(v)} = (${pick(v)} + ${s()}).slice(-12); ` : ''; },
      () => `${a}[${any(4)}] = ${n()}; `, () => `${o}.${pick(['x', 'y', 'z'])} = ${n()}; `, () => `${o}.${pick(['x', 'y'])} += ${n()}; `, () => `${a}[(${n()}) & 3] ^= ${n()}; `,
      () => `${a}.push(${n()}); if (${a}.length > 6) ${a}.${pick(['shift()', 'pop()', 'length = 3', 'splice(1, 2)'])}; `,
      () => `add(${pick([n, s, b])()}); `,
      () => { const v = own(scope.n); return v.length > 1 ? `[${v[0]}, ${v[v.length - 1]}] = [${v[v.length - 1]}, ${v[0]}]; ` : ''; },
      () => { const v = fresh(), w = fresh(), u = o; scope.n.push(v); return `let { x: ${v} = ${n()}, ...${w} } = ${u}; add(Object.keys(${w}).length); `; },
      () => { const v = fresh(), w = fresh(); scope.n.push(v); const text = `let [${v} = 1, ...${w}] = ${a}; `; scope.a.push(w); return text; },
      () => { const v = fresh(); scope.o.push(v); return `let ${v} = new ${pick(['P', 'Q'])}(${n()}, ${n()}); `; },
      () => { const v = fresh(), values = `x: ${n()}, y: ${n()}, z: ${n()}`; scope.o.push(v); return `let ${v} = { ${values}, m(q) { return q + this.x; }, get g() { return this.y; } }; `; },
      () => { const v = fresh(), values = `${n()}, ${n()}, ${n()}`; scope.a.push(v); return `let ${v} = [${values}]; `; },
      () => `seen.set(${pick([n, s])()}, ${n()}); if (seen.size > 20) seen.clear(); `, () => `add(seen.get(${n()}) ?? 0); `,
    ];
    if (depth <= 0) return pick(simple)();
    const i = fresh();
    return pick([
      ...simple,
      () => `if (${b()}) ${block(scope, depth - 1, loops)} else ${block(scope, depth - 1, loops)} `,
      () => `for (let ${i} = 0; ${i} < ${2 + any(5)}; ${i}++) ${block({ ...scope, n: [...scope.n, i.replace('v', 'c')] }, depth - 1, true).replace('{ ', `{ const ${i.replace('v', 'c')} = ${i}; `)} `,
      () => `for (const c${i} of ${a}.slice()) ${block({ ...scope, n: [...scope.n, 'c' + i] }, depth - 1, true)} `,
      () => `for (const c${i} of ${s()}) { add(c${i}); } `,
      () => `for (const c${i} in ${o}) { add(c${i}); } `,
      () => `for (const c${i} of steps(${any(4)})) ${block({ ...scope, n: [...scope.n, 'c' + i] }, depth - 1, true)} `,
      () => `try { if (${b()}) throw ${pick([n, s])()}; ${pick(simple)()} } catch (c${i}) { add(c${i}); } ${any(2) ? `finally { ${pick(simple)()} } ` : ''}`,
      () => `switch (${n()}) { case ${any(4)}: add(1); case ${any(9) + 4}: ${pick(simple)()} break; default: add(3); } `.replace(/let /g, 'var '),
      () => loops ? `if (${b()}) ${pick(['break', 'continue'])}; ` : '',
      () => { const f = 'c' + i; const text = `const ${f} = (c${f}) => { ${pick(simple)()} return ${number({ ...scope, n: [...scope.n, 'c' + f] }, 2)}; }; add(${f}(${n()}) + ${f}(${n()})); `; return text; },
      () => `outer${i}: for (let ${i} = 0; ${i} < 3; ${i}++) { for (let j${i} = 0; j${i} < 3; j${i}++) { if (${b()}) ${pick(['break', 'continue'])} outer${i}; ${pick(simple)()} } } `,
      () => `do ${block(scope, depth - 1, true)} while (false); `,
    ])();
  }

  function routine(name) {
    const names = [fresh(), fresh(), fresh(), fresh()];
    const scope = { n: [names[0], names[1], 'base'], s: [names[2], 'word'], a: [names[3], 'list'], o: ['point', 'other'] };
    let body = '';
    for (let k = 2 + any(5); k > 0; k--) body += statement(scope, 2, false);
    const returned = pick([() => number(scope, 2), () => string(scope, 2), () => boolean(scope, 1)])();
    return `  function ${name}(${names.join(', ')}) { ${body}return ${returned}; }\n`;
  }

  const names = Array.from({ length: 1 + any(3) }, fresh);
  const turns = 150 + any(300), odd = pick([1e9, 60 + any(60), any(200)]);
  return `{ // hot
  let checksum = 0;
  const add = (v) => { const t = text(v); let h = checksum; for (let i = 0; i < t.length; i++) h = (h * 31 + t.charCodeAt(i)) | 0; checksum = h; return v; };
  const base = ${small()}, word = 'w${any(9)}', list = [1, ${any(9)}, 3], seen = new Map(), bits = new ${pick(['Int8', 'Uint8', 'Uint8Clamped', 'Int16', 'Int32', 'Uint32', 'Float32', 'Float64'])}Array(8);
  class P { constructor(x, y) { this.x = x; this.y = y; this.z = 0; } m(q) { return this.x - q; } get g() { return this.x + this.y; } set h(v) { this.x = v; } }
  class Q extends P { #p = ${any(9)}; inner = { w: ${any(9)} }; m(q) { return super.m(q) + this.#p++; } get g() { return super.g * 2; } static k = 3; }
  const point = new P(1, 2), other = new Q(3, 4);
  function sum() { let t = 0; for (let i = 0; i < arguments.length; i++) t += arguments[i]; return t; }
  function count() { return arguments.length; }
  function second(a) { return arguments[1] + a; }
  function rest(a, ...r) { return r.length ? r[r.length - 1] - a : a; }
  function hand(...r) { return sum.apply(null, r) + rest(...r); }
  function* steps(n) { for (let i = 0; i < n; i++) yield i * 2; }
${names.map(routine).join('')}  for (let i = 0; i < ${turns}; i++) {
    const value = i > ${odd} ? ${pick(["'s' + i", 'i + 0.5', '-i', 'undefined', 'null', 'true', 'i * 1e9', '{}'])} : i;
    const items = [i, ${any(9)}, i % 3];
${names.map((name) => `    add(attempt(() => ${name}(value, i % ${2 + any(9)}, ${pick(["'k' + i", "'abc'", "''", 'String(value)'])}, items)));\n`).join('')}    if (i % 50 === 0) show(checksum, point.x, other.y, list.length);
    ${pick(['', 'list.length = 3;', 'list[1] = i;'])} point.x = i; other.y = -i;
  }
  show(checksum);
}
`;
};

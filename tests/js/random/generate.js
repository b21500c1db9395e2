// SPDX-License-Identifier: MIT
//
// generate(seed): a random program that ends, prints what it computes, and depends on nothing but the language. Run with Node's and with
// ours it must print the same (tests/cli/js_random.sh). Its own arithmetic stays within what both certainly agree on.
'use strict';

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
    const s = () => block(scope, depth - 1, loops);
    return pick([
      ...simple, ...simple,
      () => `if (attempt(() => ${e()})) ${s()} else ${s()}\n`,
      () => { const i = fresh(); return `for (let ${i} = 0; ${i} < ${1 + any(4)}; ${i}++) ${block(scope, depth - 1, true)}\n`; },
      () => { const i = fresh(); return `for (const ${i} of [${any(9)}, '${any(9)}', ${any(9)}]) { show(${i}); ${block(scope, depth - 1, true)} }\n`; },
      () => { const i = fresh(); return `for (const ${i} in {x: 1, 2: 2, y: ${any(9)}}) { show(${i}); ${block(scope, depth - 1, true)} }\n`; },
      () => `try ${s()} catch (error) { show(error instanceof Error ? error.name : error); } finally { show('finally ${any(9)}'); }\n`,
      () => `try { if (attempt(() => ${e()})) throw '${any(99)}'; ${pick(simple)()} } catch (error) { show(error); }\n`,
      () => `switch (attempt(() => ${e()})) { case ${any(5)}: show(1); case '${any(5)}': show(2); break; default: show(3); case true: show(4); }\n`,
      () => loops ? `if (attempt(() => ${e()})) ${pick(['break', 'continue'])};\n` : ';\n',
      () => { const f = fresh(), p = fresh(); return `function ${f}(${p}) { ${pick(simple)()} ${block(scope.concat(p), depth - 1, false)} return attempt(() => ${expression(scope.concat(p), 2)}); }\nshow(${f}(${any(9)}));\n`; },
      () => { const c = fresh(); return `class ${c} { #p = attempt(() => ${e()}); static s = ${any(9)}; get g() { return this.#p; } set g(v) { this.#p = v; } m(x) { return [x, this.g, ${c}.s].length; } }\nshow(new ${c}().g, new ${c}().m(1), Object.keys(new ${c}()).length);\n`; },
      () => { const g = fresh(); return `function* ${g}() { try { yield attempt(() => ${e()}); yield* [${any(9)}, ${any(9)}]; } finally { show('end'); } }\nfor (const x of ${g}()) { show(x); if (x === ${any(9)}) break; }\n`; },
      () => { const f = fresh(); return `const ${f} = []; for (let i = 0; i < 3; i++) ${f}.push(() => i++); show(${f}.map((f) => f() + f()).join());\n`; },
    ])();
  }

  let text = `'use strict';
let steps = 0;
const text = (v) => typeof v === 'bigint' ? v + 'n' : Object.is(v, -0) ? '-0' : typeof v === 'object' && v !== null ? JSON.stringify(v, (k, x) => typeof x === 'bigint' ? x + 'n' : x) : String(v);
const show = (...values) => { if (++steps < 2000) console.log(values.map(text).join(' ')); };
const attempt = (f) => { try { return f(); } catch (error) { return error instanceof Error ? error.name : error; } };
`;
  const scope = [];
  for (let n = 12; n > 0; n--) text += statement(scope, 3, false);
  return text;
}

if (require.main === module) process.stdout.write(generate(Number(process.argv[2])));
module.exports = generate;

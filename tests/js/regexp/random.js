// Patterns put together at random (the same each time) from what loops, looks and references are made of.
let seed = 12345;
const pick = (list) => list[((seed = (seed * 48271) % 2147483647) >>> 8) % list.length];
const atom = (depth) => depth === 0 ? pick(['a', 'b', '.', '[ab]', '\\w', '^', '$', '\\b'])
  : pick([() => `(${alternatives(depth - 1)})`, () => `(?:${alternatives(depth - 1)})`, () => `(?=${alternatives(depth - 1)})`, () => `(?!${alternatives(depth - 1)})`,
    () => `(?<=${alternatives(depth - 1)})`, () => `(?<!${alternatives(depth - 1)})`, () => atom(0), () => atom(0), () => '\\1'])();
const term = (depth) => { const a = atom(depth); return /^(?:\(\?[=!<]|\^|\$|\\b)/.test(a) ? a : a + pick(['', '', '', '*', '+', '?', '{1,2}', '*?', '+?', '??']); };
const sequence = (depth) => Array.from({ length: pick([1, 2, 3]) }, () => term(depth)).join('');
const alternatives = (depth) => pick([0, 0, 1]) ? `${sequence(depth)}|${sequence(depth)}` : sequence(depth);
const out = [];
for (let i = 0; i < 1500; i++) {
  const source = alternatives(2);
  let r;
  try { r = new RegExp(source, pick(["", "i", "u", "m"])); } catch { continue; }
  for (const text of ['ab', 'aabba', 'b a\nab', 'ABba']) {
    const m = r.exec(text);
    out.push(m === null ? '-' : `${m.index}:${m.map((x) => x ?? '~').join('|')}`);
  }
  if (i % 25 === 24) { console.log(out.join(' ').replaceAll('\n', '/')); out.length = 0; }
}

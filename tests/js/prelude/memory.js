// What a program makes and drops again takes no more and more memory.
const kinds = {
  keys(i) { const o = {}; o['k' + i] = i; },
  symbols(i) { const o = {}; o[Symbol(i)] = i; },
  literals(i) { return { ['q' + i]: i, a: 1 }; },
  bare(i) { const o = Object.create(null); o['n' + i] = i; },
  functions(i) { new Function('return ' + i)(); },
  evaluated(i) { (0, eval)('1 + ' + i); },
};
for (const name of Object.keys(kinds)) {
  const count = name === 'functions' || name === 'evaluated' ? 2000 : 25000;
  let at = 0;
  const round = () => { for (let i = 0; i < count; i++) kinds[name](at++); return process.memoryUsage().rss; };
  round();
  const before = round();
  round();
  round();
  console.log(name, round() - before < 60e6);
}
const o = {};
for (let i = 0; i < 100000; i++) o[Symbol(i)] = i;
console.log(Object.getOwnPropertySymbols(o).length);
class Guarded { set x(v) {} }
const g = new Guarded();
for (let i = 0; i < 100000; i++) g['k' + i] = i;
console.log(Object.keys(g).length, g.k77);

// Recursion through coroutines ends in a RangeError, and the program goes on.
let depth = 0;
function* endless() { depth++; yield* endless(); }
try { endless().next(); } catch (e) { console.log(e instanceof RangeError, e.message, depth > 1000); }
function* tree(n) { if (n) yield* tree(n - 1); yield n; }
console.log([...tree(600)].length);
let calls = 0;
const again = async () => { calls++; await again(); };
again().catch((e) => console.log(e instanceof RangeError, e.message, calls > 1000)).then(async () => {
  async function* values() { for await (const v of values()) yield v; }
  try { await values().next(); } catch (e) { console.log(e instanceof RangeError, e.message); }
  console.log([...tree(10)].join());
});

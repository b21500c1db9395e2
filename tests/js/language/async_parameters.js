async function f(a, b = bad, ...[c, d]) { return arguments.length }
f(1, 2, 3, 4).then(console.log); f(1).then(0, e => console.log(e.message));
async function g(a, ...r) { return [a, r, arguments.length] } g(1,2,3).then(console.log);
const h = async (...[x, {y}]) => x + y; h(1, {y: 2}).then(console.log); h().then(0, e => console.log(e.message));
async function* k(a, ...[x, y]) { yield* [a, x, y, arguments.length] } (async () => { for await (const v of k(1,2,3)) console.log(v) })();
function m(a, b = 2, ...[c, d = b]) { return [a, b, c, d, arguments.length] } console.log(m(1, undefined, 3), m(1,5,6,7));

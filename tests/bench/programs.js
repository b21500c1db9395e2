// SPDX-License-Identifier: MIT
// programs.js SECONDS: small programs of the kinds that scripts are made of, each again and again until its share of the time is
// over. Needs nothing but the language, so that every engine runs it. Ends with each program's shortest time in milliseconds.

class Random {
  constructor(seed) { this.seed = seed; }
  next(limit) {
    this.seed = (this.seed * 1103515245 + 12345) % 2147483648;
    return this.seed % limit;
  }
}

// Numbers in arrays: how many flips until the first card is the first?
function flips(n) {
  const cards = [], count = [], turned = new Array(n);
  for (let i = 0; i < n; i++) { cards.push(i); count.push(0); }
  let most = 0, sum = 0, parity = 0, i = 0;
  for (;;) {
    if (i === 0) {
      for (let k = 0; k < n; k++) turned[k] = cards[k];
      let times = 0;
      while (turned[0] !== 0) {
        for (let low = 0, high = turned[0]; low < high; low++, high--) {
          const card = turned[low];
          turned[low] = turned[high];
          turned[high] = card;
        }
        times++;
      }
      if (times > most) most = times;
      sum += parity ? -times : times;
    }
    i = 1;
    while (i < n && count[i] >= i) count[i++] = 0;
    if (i === n) return most * 100000 + sum;
    const other = i % 2 ? count[i] : 0, card = cards[other];
    cards[other] = cards[i];
    cards[i] = card;
    count[i]++;
    parity ^= 1;
    i = 0;
  }
}

function matrices(n) {
  const make = (f) => Array.from({ length: n }, (_, y) => Array.from({ length: n }, (_, x) => f(x, y)));
  const a = make((x, y) => x + y), b = make((x, y) => x - y), product = make(() => 0);
  for (let y = 0; y < n; y++) {
    for (let x = 0; x < n; x++) {
      let sum = 0;
      for (let k = 0; k < n; k++) sum += a[y][k] * b[k][x];
      product[y][x] = sum;
    }
  }
  return product[n - 1][1];
}

// Objects that come and go.
class Node {
  constructor(key, left, right) { this.key = key; this.left = left; this.right = right; }
  count() { return 1 + (this.left === null ? 0 : this.left.count()) + (this.right === null ? 0 : this.right.count()); }
  static of(depth) { return depth === 0 ? new Node(0, null, null) : new Node(depth, Node.of(depth - 1), Node.of(depth - 1)); }
}
function trees(depth) {
  let nodes = 0;
  for (let i = 0; i < 8; i++) nodes += Node.of(depth).count();
  return nodes;
}

// Classes, methods of parents, accessors, callbacks.
class Shape {
  #name;
  constructor(name) { this.#name = name; this.marks = 0; }
  get name() { return this.#name; }
  area() { return 0; }
  mark(by) { this.marks += by; return this; }
}
class Square extends Shape {
  constructor(side) { super('square'); this.side = side; }
  area() { return this.side * this.side; }
}
class Circle extends Shape {
  constructor(radius) { super('circle'); this.radius = radius; }
  area() { return Math.floor(3.14 * this.radius * this.radius); }
  mark(by) { return super.mark(by * 2); }
}
function shapes(rounds) {
  const list = [];
  for (let i = 0; i < 50; i++) list.push(i % 3 ? new Square(i) : new Circle(i));
  let total = 0;
  for (let round = 0; round < rounds; round++) {
    list.forEach((shape) => { total += shape.mark(round).area(); });
    total += list.filter((shape) => shape.area() > round).map((shape) => shape.name.length).reduce((a, b) => a + b, 0);
  }
  return total;
}

function tokens(lines) {
  const source = 'let total_1 = 42 + sum(items, 3.14) * "text"; // note\n'.repeat(lines);
  const found = { name: 0, number: 0, string: 0, sign: 0 };
  const letter = (c) => (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c === '_', digit = (c) => c >= '0' && c <= '9';
  let at = 0;
  while (at < source.length) {
    const c = source[at], start = at;
    if (c === ' ' || c === '\n') at++;
    else if (letter(c)) {
      while (letter(source[at]) || digit(source[at])) at++;
      found.name += source.slice(start, at).length;
    } else if (digit(c)) {
      while (digit(source[at]) || source[at] === '.') at++;
      found.number += Number(source.slice(start, at));
    } else if (c === '"') {
      at = source.indexOf('"', at + 1) + 1;
      found.string++;
    } else if (c === '/' && source[at + 1] === '/') {
      while (at < source.length && source[at] !== '\n') at++;
    } else {
      switch (c) {
        case '(': case ')': case '=': case ';': found.sign++; break;
        default: found.sign += 2;
      }
      at++;
    }
  }
  return Math.round(found.name + found.number) + found.string + found.sign;
}

function words(count) {
  const random = new Random(7), seen = new Map(), counts = {};
  for (let i = 0; i < count; i++) {
    const word = 'w' + random.next(2000);
    seen.set(word, (seen.get(word) || 0) + 1);
    counts[word] = (counts[word] || 0) + 1;
  }
  const unique = new Set(seen.keys());
  let most = 0;
  for (const [, times] of seen) if (times > most) most = times;
  for (const word in counts) if (counts[word] !== seen.get(word)) return -1;
  return unique.size * 1000 + most;
}

function records(count) {
  const random = new Random(11), list = [];
  for (let i = 0; i < count; i++) list.push({ id: i, name: `n${random.next(500)}`, age: random.next(90), tags: ['a', 'b'] });
  list.sort((a, b) => a.age - b.age || (a.name < b.name ? -1 : a.name > b.name ? 1 : a.id - b.id));
  const groups = {};
  for (const { age, name, ...rest } of list) (groups[age] ??= []).push({ ...rest, name });
  const copy = JSON.parse(JSON.stringify(groups));
  return Object.entries(copy).reduce((sum, [age, [first]]) => sum + Number(age) * first.name.length, 0);
}

function hashes(count) {
  let a = 0x12345678, b = 0x9abcdef, sum = 0;
  const bytes = new Uint8Array(256);
  for (let i = 0; i < count; i++) {
    const mixed = a ^ (a << 11);
    a = b;
    b = (b ^ (b >>> 19)) ^ (mixed ^ (mixed >>> 8));
    bytes[b & 255] += 1;
    sum = (sum + bytes[a & 255]) | 0;
  }
  return (sum ^ b) >>> 0;
}

function life(size, turns) {
  let grid = Array.from({ length: size }, (_, y) => Array.from({ length: size }, (_, x) => (x * y) % 3 === 0));
  for (let turn = 0; turn < turns; turn++) {
    grid = grid.map((row, y) => row.map((cell, x) => {
      let near = 0;
      for (let dy = -1; dy <= 1; dy++)
        for (let dx = -1; dx <= 1; dx++)
          if ((dx || dy) && grid[y + dy] && grid[y + dy][x + dx]) near++;
      return near === 3 || (cell && near === 2);
    }));
  }
  return grid.flat().filter(Boolean).length;
}

function text(count) {
  let all = '';
  for (let i = 0; i < count; i++) all += `${i}:${String.fromCharCode(97 + (i % 26))},`;
  return all.split(',').map((part) => part.toUpperCase()).join(';').length;
}

function* upTo(n) { for (let i = 0; i < n; i++) yield i; }
function generators(count) {
  let sum = 0;
  for (const i of upTo(count)) sum += i;
  const [first, second, ...others] = upTo(50);
  return sum + first + second + others.length;
}

function exceptions(count) {
  let caught = 0;
  for (let i = 0; i < count; i++) {
    try {
      if (i % 10 === 0) throw new RangeError('of ' + i);
      caught += 1;
    } catch (error) {
      caught += error.message.length;
    } finally {
      caught += 1;
    }
  }
  return caught;
}

const programs = {
  flips: [() => flips(7), 1599982], matrices: [() => matrices(80), -407640], trees: [() => trees(11), 32760], shapes: [() => shapes(300), 20840610],
  tokens: [() => tokens(500), 37070], words: [() => words(20000), 297210], records: [() => records(2000), 7151], hashes: [() => hashes(200000), 620363295],
  life: [() => life(60, 5), 204], text: [() => text(20000), 148890], generators: [() => generators(20000), 199990049], exceptions: [() => exceptions(10000), 25889],
};

const given = typeof process === 'object' ? process.argv : scriptArgs;
const now = typeof performance === 'object' ? () => performance.now() : () => Date.now();
const share = (Number(given[given.length - 1]) * 1000) / Object.keys(programs).length;
const figures = [];
for (const [name, [run, wanted]] of Object.entries(programs)) {
  const result = run(), begun = now();
  let least = Infinity;
  do {
    const start = now();
    if (run() !== result || result !== wanted) throw new Error(`${name}: ${result}`);
    least = Math.min(least, now() - start);
  } while (now() - begun < share);
  figures.push(`${name} ${Math.max(least, 0.001).toFixed(3)}`);
}
console.log(figures.join(' '));

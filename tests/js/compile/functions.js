'use strict';
const util = require('util');

module.exports = function area(w, h = w) {
  return w * h;
};

class Counter extends Base {
  #count = 0;
  constructor(name) {
    super(name);
    this.name = name;
  }
  next() { return this.#count++; }
}

main();

function main() {
  const {log, names = []} = util;
  let text = '';
  for (const name of names) {
    if (name == null) continue;
    text += `${name}, `;
  }
  return text || 'none';
}

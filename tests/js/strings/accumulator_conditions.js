// A text that is appended to begins with what takes statements to find out.
const has = { part(text, x) { return text.indexOf(x) >= 0; } };
function size(value, format, units) {
  var output, suffix = has.part(format, ' b') || has.part(format, ' ib') ? ' ' : '', power;
  for (power = 0; power <= 3; power++) {
    if (value === power) { suffix += units[power]; break; }
  }
  output = 'x';
  return output + suffix;
}
console.log(size(2, '0 b', ['a', 'b', 'c']), size(9, '0b'));
function chain(o) {
  let text = (o?.head ?? o?.name) || (o ? `${o.x}` : 'none');
  for (let i = 0; i < 3; i++) text += i;
  const more = () => { let inner = (o && o.a ? o.b?.c : 'z') + '-'; for (const k in o) inner += k; return inner; };
  return text + more();
}
console.log(chain({ head: 'h' }), chain({ x: 5, a: 1, b: { c: 'C' } }), chain(null));

// Large patterns, large bounds, long texts.
const say = (name, f) => { let r; try { r = f(); } catch (e) { r = e.name; } console.log(name, r); };
say('many alternatives', () => /^(?:a|b)*$/.test('ab'.repeat(1000000)));
say('group over lines', () => /(.|\n)*z/.test('x'.repeat(100000) + 'z'));
say('escaped string', () => ('"' + '\\"a'.repeat(300000) + '"').match(/"(?:[^"\\]|\\.)*"/)[0].length);
say('again', () => ('"' + '\\"a'.repeat(30) + '"').match(/"(?:[^"\\]|\\.)*"/)[0].length);
say('backtracking', () => /^(a+)+$/.test('a'.repeat(25) + 'b'));
say('nested', () => new RegExp('('.repeat(400) + 'a' + ')'.repeat(400)).exec('a').length);
say('groups', () => new RegExp('(a)'.repeat(5000)).exec('a'.repeat(5000)).length);
say('words', () => new RegExp(Array.from({ length: 5000 }, (_, i) => 'word' + i).join('|')).exec('xx word4999')[0]);
for (const n of [999, 1000, 2000, 2001]) say('bounds of a group ' + n, () => /^(?:ab){1000,2000}$/.test('ab'.repeat(n)));
for (const n of [99, 100, 200, 201]) {
  say('bounds of a large group ' + n, () => /^(?:[a-z]+-[0-9]+(?:\.[0-9a-f]+|[A-F]+)*;(?:alpha|beta|gamma|delta)(?:one|two|three)?,){100,200}$/.test('x-1.f;gammatwo,'.repeat(n)));
}
for (const n of [65535, 65536, 70000, 70001]) say('large bound ' + n, () => [/^a{65536}$/.test('a'.repeat(n)), /^[ab]{1,70000}$/.test('b'.repeat(n)), /^a{65536,}$/.test('a'.repeat(n))].join());
for (const text of ['ab', 'aé', 'a😀']) {
  const long = text.repeat(100000), pattern = new RegExp(text.replace(/./gu, '(?:$&)'), 'gu');
  let n = 0;
  while (pattern.exec(long)) n++;
  say('in a long text', () => [n, long.match(pattern).length, long.split(pattern).length, long.replace(pattern, '').length, [...long.matchAll(pattern)].length].join());
}

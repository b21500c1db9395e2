console.log('a1b22c'.replace(/\d+/g, m => `<${m}>`), /(?<y>\d{4})-(?<m>\d\d)/.exec('on 2024-05').groups.y, 'a,b;c'.split(/[,;]/).join('|'), [...'x1y2'.matchAll(/([a-z])(\d)/g)].map(m => m[2]).join(), /^\s*$/m.test('a\n \nb'), 'aBc'.search(/b/i), /\u{1F600}/u.test('😀'), '😀x'.replace(/x/, '$&$`'), /(a)|b/.exec('b').length);
console.log(String(/a\/b/g), new RegExp('/').source, /[^]/.test('\n'), /\bfoo\b/.test('a foo b'), /(?<=\$)\d+/.exec('x$42')[0], /(\w+) \1/.test('hey hey'), 'é1'.match(/\d/).index);
try { new RegExp('(') } catch (e) { console.log(e.name, e.message) }

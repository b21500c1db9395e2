// What PCRE2 does otherwise: look-behind of any length, groups reset in each turn, halves of surrogate pairs.
console.log('abcdef'.match(/(?<=^(\w+))def/)+'', 'abc'.match(/(?<=(\w)(\w))c/)+'', 'foooo'.match(/^foooo(?<=fo+)$/)+'');
console.log('zaacbbbcac'.match(/(z)((a+)?(b+)?(c))*/)+'', 'aaab'.match(/(?:(a)|(b))*/)+'', 'x'.match(/(?:a*)*/)+'', 'abab'.match(/(?:(a)|b)*?$/)+'');
console.log('\u{1F600}'.match(/[^x]/)[0].length, /^.$/.test('😀'), /^..$/.test('😀'), '😀x'.replace(/./g, '-'), '😀'.split(/(?:)/).length, /[\ud83d\ude00]/.test('\ud83d'), '😀'.match(/(.)(.)/).index);
console.log('$10 €20'.replace(/(?<=€)\d+/, 'N'), '1234567'.replace(/\B(?=(\d{3})+(?!\d))/g, ','), 'price 1234567.891'.replace(/(?<!\.\d*)(?<=\d)(?=(?:\d{3})+(?:\.|$))/g, ','));
console.log('AbCabc'.match(/(?<=([abc]+)).\1/i)+'', [...'a1b22'.matchAll(/(?<=([a-z]))\d+/g)].map(m=>m.index+m[0]+m[1]).join());
console.log(/(?<=(?<a>\w){3})f/.exec('abcdef').groups.a, /(?<=a(.\2)b(\1)).{4}/.exec('aabcacbc')+'', 'x'.match(/(?=(x))?/)+'');
console.log('a😀b'.replace(/[^a-z]+/g,'_'), 'a😀b'.replace(/[^a-z]/g,'_'), 'a😀b'.search(/b/), /\u{1F600}/u.exec('a😀').index, /😀/.exec('a😀').index, '😀😀'.match(/😀+/)[0].length, /[😀]/.exec('😀')[0].length);
'a'.repeat(20000).match(/(?<=(a+))b/); 

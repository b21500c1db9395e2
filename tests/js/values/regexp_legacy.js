// RegExp.$1 and its kin.
console.log([RegExp.$1, RegExp.lastMatch]);
while (/(\d+)-(\w)?/.test('xx 12- yy')) { console.log(RegExp.$1, [RegExp.$2], RegExp.$3 === ''); break; }
const re = /(b)(c)?/g;
re.exec('abcabd'); console.log([RegExp.$1, RegExp.$2, RegExp.lastMatch, RegExp['$&'], RegExp.lastParen, RegExp.leftContext, RegExp.rightContext, RegExp.input]);
re.exec('abcabd'); console.log([RegExp.$1, RegExp.$2, RegExp['$`'], RegExp["$'"], RegExp.$_]);
re.exec('abcabd'); console.log([RegExp.$1, RegExp.$2]);
'k=v;q=w'.replace(/(\w)=(\w)/g, () => console.log(RegExp.$1 + RegExp.$2) || '');
'a1b2'.split(/(\d)/); console.log(RegExp.$1);
console.log('é€x'.match(/€(x)/)[1], RegExp.leftContext, RegExp.rightContext === '');
RegExp.$1 = 'no'; console.log(RegExp.$1);
console.log(Object.getOwnPropertyDescriptor(RegExp, '$1').enumerable, Object.keys(RegExp));

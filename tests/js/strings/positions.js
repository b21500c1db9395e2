const s='a😀é☕b'.repeat(100); console.log(s.length, s.indexOf('☕',300), s.slice(1,2).charCodeAt(0).toString(16), s.slice(2,3).charCodeAt(0), s.slice(0,7), s.lastIndexOf('é'), s.charCodeAt(599), s.charCodeAt(600), s.at(-1));
let h='';for(let i=0;i<s.length;i++)h+=s.charCodeAt(i).toString(16)+','; console.log(h.length, h.slice(0,60));
let q='';for(let i=0;i<s.length;i++){ const a=s.substring(i,i+3); q+=a.length } console.log(q);
for(let i=0;i<s.length;i+=37) console.log(i, s.indexOf('b',i), s.codePointAt(i), JSON.stringify(s.slice(i,i+4)));
// lone surrogates, pairs split by an index, searches from every position
const pair = '\ud83d\ude00';
const lone = ('é' + '\ud83d' + 'x' + '\ude00' + pair).repeat(60);
for (let i = 0; i < 14; i++) console.log(i, lone.charCodeAt(i).toString(16), JSON.stringify(lone[i]), JSON.stringify(lone.slice(i, i + 2)), JSON.stringify(lone.substring(i, i + 5)));
let sum = 0;
for (let i = 0; i <= lone.length; i++) sum = (sum * 31 + lone.indexOf(pair, i) + lone.lastIndexOf('x', i)) % 1000003;
console.log(sum, lone.length, lone.isWellFormed(), lone.toWellFormed().length);
const left = 'ж'.repeat(500), right = '漢'.repeat(500);
sum = 0;
for (let i = 0; i < 500; i++) sum += left.charCodeAt(i) + right.charCodeAt(499 - i) + left.codePointAt(i);
console.log(sum, left.charCodeAt(500), left.at(-500), left[500], left.charAt(500) === '');
const re = /[^ ]+/g, words = 'naïve ☕ 日本 😀 x '.repeat(40);
let m, at = 0;
while ((m = re.exec(words))) at = (at * 7 + m.index + re.lastIndex) % 1000003;
console.log(at);

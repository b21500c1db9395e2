for (const n of [5,0.5,1.5,2.5,1.005,1.45,8.345,-1.5,-0.5,0,-0,1e20,123.456,0.000001,1.255,10.235,1e-10]) for (const d of [0,1,2,3,5,20,22,25]) console.log(n.toFixed(d));
for (const n of [255,-255,0,4503599627370495,4503599627370497,1e15,3.5,-0]) for (const r of [2,8,16,36]) console.log(n.toString(r));
console.log(encodeURIComponent('a b&ü😀€'),encodeURI('http://x/ü?a=b c'));
console.log('a.b.c'.replaceAll('.',''),'aaa'.replaceAll('a','aa'),'x'.replace('y','z'),'abc'.replace('b',''),'abc'.replace('','_'),'abc'.replaceAll('','_'),'a$b'.replace('$','$$'),'\ud83dX\ude00'.replace('X','').length,'日本語'.replace('本','X'),'한국'.replace('국','X'));
console.log('a,b,,c,'.split(','),'abc'.split(''),'abc'.split('',2),'a b'.split(' ',1),''.split(','),''.split(''),'aXXbXXc'.split('XX'),'한국한'.split('국'));
console.log([1,2,3].slice(-2),[1,,3].slice(0,2),[1,2,3].map((x,i)=>x*i),[1,,3].map(x=>x),[].map(x=>x),new Array(3).map(x=>1));
class A extends Array{}; console.log(new A(1,2,3).slice(1) instanceof A, new A(1,2,3).map(x=>x).constructor.name);
class B extends Array{ static get [Symbol.species](){return Array} } console.log(new B(1,2,3).slice(1).constructor.name);

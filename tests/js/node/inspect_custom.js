// util.inspect.custom: the functions among its arguments; fs.stat's BigInts are BigInts.
const util=require('util'); class A { constructor(){this.x='5'} [util.inspect.custom](d,o,i){ return 'A('+(i||util.inspect)(this.x,o)+')'+o.stylize('q','string') } }
console.log(new A(), [new A()], util.inspect(new A(),{colors:true})); class B { [util.inspect.custom](d,o){ const {stylize}=o; return stylize('z','number') } } console.log(new B());
{ const fs = require('fs'), s = fs.statSync('/', { bigint: true }); console.log(typeof s.uid, s.uid < 0, s.mode & 0xf000n, s.isDirectory(), s.mtime instanceof Date, typeof s.mtimeNs, s.uid + 0n === s.uid, typeof fs.statfsSync('/', { bigint: true }).blocks); }

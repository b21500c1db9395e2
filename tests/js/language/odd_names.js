// var arguments, heads of loops, delete of what is no place.
function a1(){ return typeof arguments; var arguments = 3 }
function a2(){ var arguments; return arguments.length }
function a3(){ var n = arguments.length; var arguments = 'x'; return n + arguments }
function a4(){ var arguments = [7]; return arguments[0] }
function a5(arguments){ var arguments; return arguments }
function a6(){ return (() => { var arguments = 5; return arguments })() }
function a7(){ return typeof arguments; function arguments(){} }
function a8(){ for (var arguments of [1,2]); return arguments }
console.log(a1(1), a2(1,2), a3(1,2,3), a4(), a5(9), a6(), a7(), a8());
let x = 'out'; var probe, p2;
for (let [x] of [['in', probe = () => x]]) console.log(x);
try { probe() } catch (e) { console.log(e.message) }
for (const x in { a: probe = () => typeof x }) console.log(x);
try { probe() } catch (e) { console.log(e.message) }
try { for (let z of [z]); } catch (e) { console.log(e.message) }
for (let y of (() => { let y = 3; return [y] })()) console.log(y);
var o = { x: 1 }, loc = 1; with (o) { console.log(delete x, delete loc, delete o, delete nothing) }
console.log(delete (() => console.log('once'))(), delete 5, delete (loc, o.q), delete `t${console.log('t')}`, delete [console.log('arr')], delete (o && o.x));
delete console.log('st');

const vm=require('vm'); const c=vm.createContext({x:2,console}); console.log(vm.runInContext('var y = x*21; z = y+1; function f(){return y} y',c), c.y, c.z, typeof c.f, c.f());
console.log(vm.runInNewContext('a+1',{a:1}), new vm.Script('1+1').runInThisContext(), vm.runInThisContext('typeof require'), vm.isContext(c));
try { new vm.Script('1+',{filename:'q.js'}) } catch(e) { console.log(e.name, e.message) }
console.log(vm.compileFunction('return a+b',['a','b'])(1,2), require('module').builtinModules.includes('fs'), require('worker_threads').isMainThread);

// A class called through call, apply and Reflect.apply.
class P { constructor(){ } }
for (const f of [()=>P.call({}),()=>P.apply({},[]),()=>Reflect.apply(P,{},[])]) try { f(); console.log('no') } catch(e) { console.log(e.message) }

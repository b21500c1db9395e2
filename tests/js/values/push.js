const a=[]; console.log(a.push(), a.push(undefined), a.push(1), a.push(1,2,3), a, a.length); const o={length:2}; console.log([].push.call(o,5), o);

// Exceptions thrown and caught. Prints "name milliseconds" (user time); run it with node as well.
'use strict';
const COUNT = 300000;
function thrower(i) { throw new Error('x' + i); }
const before = process.cpuUsage();
let n = 0;
for (let i = 0; i < COUNT; i++) { try { thrower(i); } catch (e) { n += e.message.length; } }
const { user, system } = process.cpuUsage(before);
console.log('exceptions', ((user + system) / 1000).toFixed(1), n);

// MessagePort is a global that nothing is an instance of yet, and that cannot be made.
console.log(typeof MessagePort, {} instanceof MessagePort, Object.getOwnPropertyDescriptor(globalThis, 'MessagePort').enumerable);
console.log(MessagePort === require('worker_threads').MessagePort);
try { new MessagePort(); } catch (e) { console.log('refused'); }

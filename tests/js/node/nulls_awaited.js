// What an event gives as null arrives as null when it is awaited.
const { once, on } = require('events');
const { spawn } = require('child_process');

const child = spawn(process.execPath, ['-e', '0'], { stdio: 'ignore' });
once(child, 'exit').then((list) => console.log('once', list));
child.on('exit', (code, signal) => console.log('listener', code, signal));
(async () => {
  for await (const list of on(child, 'close', { close: ['close'] })) console.log('on', list);
})();

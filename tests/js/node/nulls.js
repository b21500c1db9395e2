// null where Node gives null, undefined where it gives that; Arrays are told from objects.
const { spawn, exec } = require('child_process');
const cluster = require('cluster');
const os = require('os');
const child = spawn(process.execPath, ['-e', 'setTimeout(() => {}, 10000)'], { stdio: 'ignore' });
console.log(child.exitCode, child.signalCode, child.stdin, child.stdout);
child.on('exit', (code, signal) => console.log('exit', code, signal));
child.kill();
child.on('close', (...args) => {
  console.log('close', args);
  exec('exit 2', (err, stdout) => {
    console.log(err.code, err.signal, err.killed, stdout === '');
    exec('echo x', { encoding: null }, (err, stdout) => {
      console.log(err, stdout instanceof Buffer);
      spawn('pwd', [], { cwd: '/' }).stdout.on('data', (data) => console.log(data.toString().trim()));
    });
  });
});
cluster.setupPrimary({ args: ['a'] });
console.log(Array.isArray(cluster.settings.args), Array.isArray(cluster.settings.execArgv), Object.keys(cluster.workers));
console.log(`${os.platform}` === os.platform(), Object.getOwnPropertyDescriptor(os.constants.signals, 'SIGINT'), Object.getPrototypeOf(os.constants));
try { (() => { 'use strict'; os.EOL = 1; })(); } catch (e) { console.log(e.name); }
try { process.setgroups({}); } catch (e) { console.log(e.code); }
try { process.emitWarning('', []); } catch (e) { console.log(e.code); }
console.log(typeof require('dns').promises.lookup, typeof require('dns').Resolver, typeof require('dns/promises').Resolver);

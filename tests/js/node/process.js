// process as JavaScript sees it: the environment is text, what is put in place of its functions is called.
const { execFileSync, execSync, spawnSync } = require('child_process');
process.env.A_NUMBER = 1;
console.log(process.env.A_NUMBER === '1', 'A_NUMBER' in process.env, { ...process.env }.A_NUMBER);
console.log(delete process.env.A_NUMBER, process.env.A_NUMBER, process.env[Symbol('s')]);
for (const f of [
  () => { process.env[Symbol('s')] = 1; },
  () => { process.env.S = Symbol('s'); },
  () => Object.defineProperty(process.env, 'x', { get() {} }),
  () => Object.defineProperty(process.env, 'x', { value: 1 }),
]) try { f(); console.log('no error'); } catch (e) { console.log(e.name, e.code); }
process.env.TZ = 'Europe/Amsterdam';
console.log(new Date(0).getHours());
process.env.TZ = 'UTC';
console.log(process instanceof process.constructor, process.constructor.name, Object.prototype.toString.call(process));
console.log(typeof process.hrtime.bigint(), process.memoryUsage.rss() > 0, typeof process.versions.openssl);
const kill = process.kill;
process.kill = (pid) => console.log('kill', pid);
process.kill(3);
process.kill = kill;
// -e and -p are JavaScript for the children of JavaScript, whatever their environment is
console.log(execFileSync(process.execPath, ['-e', 'process.stdout.write("x".repeat(3))'], { env: {} }).toString());
console.log(execSync(`"${process.execPath}" -p "[1, { a: undefined }]"`).toString().trim());
console.log(execFileSync(process.execPath, ['--expose-gc', '--max-old-space-size=100', '-p', 'typeof gc']).toString().trim());
console.log(execFileSync(process.execPath, ['-'], { input: 'console.log("stdin".length)' }).toString().trim());
const r = spawnSync('sh', ['-c', 'exit 3']);
console.log(r.status, r.signal, r.output, r.error);
const env = Object.create({ INHERITED: 'yes' });
env.NOTHING = undefined;
console.log(spawnSync('/bin/sh', ['-c', 'echo $INHERITED ${NOTHING-unset}'], { env }).stdout.toString().trim());
process.exit = ((exit) => (code) => { console.log('exit', code); exit(code); })(process.exit);
process.on('exit', (code) => console.log('code', code));
process.exit(0);

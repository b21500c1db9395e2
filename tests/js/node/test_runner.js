// node:test: order, nesting, hooks, mocks, plans.
const { test, describe, it, before, beforeEach, afterEach, mock } = require('node:test');
const log = [];
test('first', async (t) => {
  log.push('first');
  await t.test('inner', () => { log.push('inner'); });
  t.assert.ok(true);
});
test('with a callback', (t, done) => setImmediate(() => { log.push('callback'); done(); }));
describe('suite', () => {
  before(() => log.push('before'));
  beforeEach(() => log.push('each'));
  afterEach(() => log.push('after'));
  it('a', () => { log.push('a'); });
  it.skip('b', () => { log.push('b'); });
  it('c', { skip: true }, () => { log.push('c'); });
});
test('mocks', (t) => {
  const o = { add: (a, b) => a + b };
  t.mock.method(o, 'add', () => 9);
  log.push(o.add(1, 2), o.add.mock.callCount(), o.add.mock.calls[0].arguments.length);
  const f = mock.fn((x) => x * 2);
  log.push(f(4), f.mock.calls[0].result);
});
test('plan', (t) => { t.plan(1); t.assert.strictEqual(1, 1); });
test('last', () => log.push('last'));
process.stdout.write = () => true; // what the runner reports is not of interest
process.on('exit', (code) => require('fs').writeSync(1, code + ' ' + log.join() + '\n'));

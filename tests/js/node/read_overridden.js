// A class whose read() stands before a stream's: the null that it gives ends a flow, an iteration and a composition.
const { Readable, Transform, Writable, compose, pipeline, PassThrough } = require('stream');

class Counted extends Transform {
  reads = 0;
  _transform(chunk, encoding, callback) { callback(null, chunk); }
  read(n) {
    const chunk = super.read(n);
    this.reads++;
    return chunk;
  }
}
const made = (text) => { const s = new Counted(); s.end(text); return s; };
made('piped').pipe(new Writable({ write(chunk, encoding, done) { console.log('pipe', String(chunk)); done(); } })).on('finish', async () => {
  for await (const chunk of made('iterated')) console.log('iterate', String(chunk));
  const whole = compose(new PassThrough(), new Counted());
  whole.on('data', (chunk) => console.log('compose', String(chunk))).on('end', () => {
    const s = made('resumed');
    s.on('end', () => console.log('end', s.reads > 0)).resume();
  });
  whole.end('composed');
});

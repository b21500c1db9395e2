// Intl.Segmenter
const g = new Intl.Segmenter();
for (const s of ['abc', 'e\u0301x', '👨‍👩‍👧 ok', '🇩🇪🇫🇷', '👍🏽', '각한국', 'a\r\nb', '', 'नमस्ते'.slice(0, 4), '❤️‍🔥'])
  console.log(JSON.stringify([...g.segment(s)].map((x) => x.segment)), [...g.segment(s)].map((x) => x.index).join());
const w = new Intl.Segmenter('en', { granularity: 'word' });
console.log(JSON.stringify([...w.segment("Hello, world! It's 3.5 o'clock  a_b x-y.")].map((x) => [x.segment, x.isWordLike])));
const s = new Intl.Segmenter('en', { granularity: 'sentence' });
console.log(JSON.stringify([...s.segment('One two. Three 3.5 four! "Five?" Six\nseven')].map((x) => x.segment)));
console.log(g.segment('a👍🏽b').containing(2), g.segment('ab').containing(5), w.resolvedOptions().granularity);
console.log(Object.prototype.toString.call(g), Intl.Segmenter.supportedLocalesOf(['en']));
try { new Intl.Segmenter('en', { granularity: 'x' }); } catch (e) { console.log(e.name); }

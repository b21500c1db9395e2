// Intl.Locale, and what of the other classes goes with it.
const u = ['second', 'minute', 'hour', 'day', 'week', 'month', 'quarter', 'year'];
for (const style of ['long', 'short', 'narrow']) {
  const f = new Intl.RelativeTimeFormat('en-US', { style }), g = new Intl.RelativeTimeFormat('en-US', { style, numeric: 'auto' });
  console.log(style, u.map((x) => [f.format(-2, x), f.format(2.5, x), f.format(1, x), g.format(-1, x), g.format(0, x), g.format(1, x)].join('|')).join('\n'));
}
console.log(new Intl.RelativeTimeFormat('en-US').formatToParts(-1234.5, 'days'), new Intl.RelativeTimeFormat('en-US', { numeric: 'auto' }).formatToParts(1, 'day'));
console.log(new Intl.PluralRules('en-US').selectRange(1, 1), new Intl.PluralRules('en-US', { type: 'ordinal' }).selectRange(1, 22));
const l = new Intl.Locale('en-Latn-US-u-hc-h23-ca-gregory-kn-false', { numeric: true });
console.log(String(l), l.hourCycle, l.caseFirst, l.collation, l.calendar, l.numeric, Intl.Locale.length, Object.prototype.toString.call(l));
for (const t of ['en_US', '', 'e', 'en-', 'x-foo', 'en-u-kn-true', 'en-u-kn', 'en-a-bbb-x-a-ccc', 'de-DE-u-co-phonebk', 'iw', 'sl-rozaj-biske-1994', 'und', 'cmn',
  'en-US-u-attr-co-eor', 'en-u', 'en-a', 'de-1996-1996', 'ZH-hans-cn', 5, null, l]) {
  try { const x = new Intl.Locale(t); console.log(String(t), String(x), x.baseName, x.numeric); } catch (e) { console.log(String(t), e.name, e.message); }
}
for (const o of [{ region: 'x' }, { hourCycle: 'x' }, { script: 'cyrl' }, { language: 'fr', region: 'ca', calendar: 'buddhist', numberingSystem: 'arab' }]) {
  try { console.log(String(new Intl.Locale('en-US-u-ca-gregory', o))); } catch (e) { console.log(e.name, e.message); }
}
for (const t of ['zh-TW', 'zh-Hant', 'zh', 'sr-ME', 'sr', 'en-GB', 'und-US', 'und', 'pt-PT', 'uz-AF', 'pa-PK', 'sr-Latn', 'zh-Hant-HK', 'fil', 'ja', 'ar-EG', 'en-Latn-US-u-hc-h12', 'he']) {
  const x = new Intl.Locale(t);
  console.log(t, String(x.maximize()), String(x.minimize()), x.textInfo.direction);
}
console.log(Intl.getCanonicalLocales(['EN-us', 'zh-hans-cn', 'en-US', 'IW']), new Intl.NumberFormat(new Intl.Locale('en-US')).format(1234.5));

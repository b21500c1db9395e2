for (const s of ['[^\\q{ab}]', '[^\\q{a|b}]', '[^\\q{}]', '[^\\p{Emoji_Keycap_Sequence}]', '[^[\\q{ab}&&a]]', '[^[a&&\\q{ab}]]', '[^[\\q{ab}--a]]', '[^[a--\\q{ab}]]', '[^\\q{ab|c}&&\\q{ab}]', '[\\q{ab|c}--\\q{ab}]', '[^[^a]]', '[\\q{ab}[^c]]']) {
  try { const r = new RegExp(s, 'v'); console.log(s, r.exec('xab1')?.[0]); } catch (e) { console.log(e.message); }
}
console.log(/^\p{Emoji_Keycap_Sequence}$/v.test('1\ufe0f\u20e3'), /^[\p{RGI_Emoji_Flag_Sequence}x]+$/v.test('🇩🇪x🇫🇷'), /\p{RGI_Emoji_Flag_Sequence}/v.test('🇦🇦'), /\p{RGI_Emoji_Tag_Sequence}/v.exec('-🏴󠁧󠁢󠁥󠁮󠁧󠁿-')[0].length);

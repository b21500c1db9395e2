// String.prototype.normalize: expected output is Node 20's.
for (const f of ['NFC','NFD','NFKC','NFKD']) console.log(f, JSON.stringify('ä\u0041\u030aﬁ가\ud800x'.normalize(f)), 'Å'.normalize(f).length);
try { 'a'.normalize('x') } catch (e) { console.log(e.name, e.message) }

// A Response without a body can be made: programs ask one of its properties where they run (pg).
const made = new Response(null, { cf: { thing: true } });
console.log(typeof made.cf, made.status, made.ok, JSON.stringify(made.statusText), made.body, made.type, made.bodyUsed, made instanceof Response);
const other = new Response(null, { status: 404, statusText: 'Not Found' });
console.log(other.status, other.ok, other.statusText);
try { new Response(null, { status: 99 }); } catch (e) { console.log(e.name); }
other.text().then((text) => console.log(JSON.stringify(text)));

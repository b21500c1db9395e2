// Intl in en-US: expected output is Node 20's.
const D = new Date(Date.UTC(2024, 6, 4, 15, 5, 9, 78)), W = new Date(Date.UTC(2024, 0, 4, 3, 5, 9));
const show = (f) => { try { console.log(JSON.stringify(f())) } catch (e) { console.log(e.name, e.message) } };
  for (const d of [D, W]) for (const o of [{}, {dateStyle:'full', timeStyle:'full'}, {dateStyle:'long',timeStyle:'long'}, {dateStyle:'medium'}, {timeStyle:'short'}, {dateStyle:'short', timeStyle:'medium'}, {year:'numeric',month:'long',day:'numeric'}, {weekday:'short', month:'short', day:'2-digit'}, {hour:'numeric'}, {hour:'2-digit', minute:'2-digit', hour12:false}, {month:'long', year:'numeric'}, {weekday:'long'}, {year:'numeric',month:'2-digit',day:'2-digit',hour:'2-digit',minute:'2-digit',second:'2-digit'}, {timeZoneName:'short'}, {hour:'numeric',timeZoneName:'longOffset'}, {minute:'2-digit',second:'2-digit',fractionalSecondDigits:3}, {era:'short', year:'numeric'}, {year:'numeric',month:'long',day:'numeric',hour:'numeric',minute:'numeric'}])
    show(() => new Intl.DateTimeFormat('en-US', {...o, timeZone: tz}).format(d));
for (const x of [0, -0, 1, -1, 0.5, 1.005, 1234.5678, 1e21, 123456789, 999999, 1e-7, NaN, -Infinity, 12345678901234567890n])
  for (const o of [{}, {style:'percent'}, {style:'currency',currency:'USD'}, {style:'currency',currency:'EUR',currencySign:'accounting'}, {style:'currency',currency:'JPY'}, {maximumFractionDigits:0}, {minimumFractionDigits:2}, {maximumSignificantDigits:3}, {minimumSignificantDigits:4}, {notation:'compact'}, {notation:'compact',compactDisplay:'long'}, {notation:'scientific'}, {notation:'engineering'}, {useGrouping:false}, {style:'unit',unit:'kilometer-per-hour'}, {style:'unit',unit:'day'}, {style:'unit',unit:'liter',unitDisplay:'long'}, {signDisplay:'always'}, {signDisplay:'exceptZero'}, {minimumIntegerDigits:3}, {style:'currency',currency:'USD',currencyDisplay:'name'}])
    show(() => new Intl.NumberFormat('en-US', o).format(x));
show(() => ['b','a','C','ä','Z','z','_x','1','10','2','-','A b','ab'].sort(new Intl.Collator('en').compare));
show(() => ['a10','a2','A1'].sort(new Intl.Collator('en',{numeric:true}).compare));
show(() => ['résumé','resume','Resume'].sort((a,b)=>a.localeCompare(b)));
show(() => 'a'.localeCompare('A', undefined, {sensitivity:'base'}));
show(() => new Intl.NumberFormat('en-US',{style:'currency',currency:'USD'}).formatToParts(-1234.5));
show(() => new Intl.DateTimeFormat('en-US',{timeZone:'UTC'}).formatToParts(D));
show(() => [new Intl.RelativeTimeFormat('en',{numeric:'auto'}).format(-1,'day'), new Intl.RelativeTimeFormat('en').format(3,'weeks')]);
show(() => D.toLocaleDateString('en-US',{timeZone:'UTC',month:'short'}) + D.toLocaleTimeString('en-US',{timeZone:'UTC',hour:'2-digit'}));
show(() => Intl.NumberFormat('en').format(5) + Object.prototype.toString.call(Intl) + new Intl.Collator() + Intl.DateTimeFormat.name + Intl.NumberFormat.length);
show(() => new Intl.NumberFormat('en', {style:'currency'}));

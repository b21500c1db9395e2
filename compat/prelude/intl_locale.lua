-- SPDX-License-Identifier: MIT
--
-- Intl.Locale (ECMA-402, 14): a language tag taken apart, in JavaScript; intl.lua loads it. Tags are ordered as UTS 35 has them; the aliases of
-- languages are the few that are still met. What a language is likely written in and where it is spoken is CLDR's, for all of two letters.
local rt = ...
if rt.intl_locale then return end

local source = [==[
'use strict';
const ALIAS = { iw: 'he', ji: 'yi', in: 'id', mo: 'ro', sh: 'sr-Latn', cmn: 'zh', tl: 'fil' };
const LIKELY = { fil: 'Latn-PH', yue: 'Hant-HK', und: 'Latn-US' };
// script:languageREGION …
const WRITTEN = 'Latn:aaET afZA akGH anES ayBO azAZ biVU bmML brFR bsBA caES chGU coFR csCZ cyGB daDK deDE eeGH enUS eo001 esES etEE euES ffSN fiFI fjFJ foFO' +
  ' frFR fyNL gaIE gdGB glES gnPY gvIM haNG hoPG hrHR htHT huHU hzNA ia001 idID ieEE igNG ikUS io001 isIS itIT jvID kgCD kiKE kjNA klGL krNG' +
  ' kuTR kwGB laVA lbLU lgUG liNL lnCD ltLT luCD lvLV mgMG mhMH miNZ msMY mtMT naNR nbNO ndZW ngNA nlNL nnNO noNO nrZA nvUS nyMW ocFR omET piGB' +
  ' plPL ptBR quPE rmCH rnBI roRO rwRW scIT seNO sgCF skSK slSI smWS snZW soSO sqAL ssZA stZA suID svSE swTZ tkTM tnZA toTO trTR tsZA tyPF uzUZ' +
  ' veZA viVN vo001 waBE woSN xhZA yoNG zaCN zuZA;Cyrl:abGE avRU baRU beBY bgBG ceRU cuRU cvRU kkKZ kvRU kyKG mkMK mnMN osGE ruRU srRS tgTJ' +
  ' ttRU ukUA;Avst:aeIR;Ethi:amET tiET;Arab:arEG faIR ksIN psAF sdPK ugCN urPK;Beng:asIN bnBD;Tibt:boCN dzBT;Cans:crCA iuCA ojCA;Thaa:dvMV' +
  ';Grek:elGR;Gujr:guIN;Hebr:heIL yiUA;Deva:hiIN mrIN neNP saIN;Armn:hyAM;Yiii:iiCN;Jpan:jaJP;Geor:kaGE;Khmr:kmKH;Knda:knIN;Kore:koKR;Laoo:loLA' +
  ';Mlym:mlIN;Mymr:myMM;Orya:orIN;Guru:paIN;Sinh:siLK;Taml:taIN;Telu:teIN;Thai:thTH;Hans:zhCN';
for (const each of WRITTEN.split(';')) {
  const [script, list] = each.split(':');
  for (const item of list.split(' ')) LIKELY[item.slice(0, 2)] = script + '-' + item.slice(2);
}
// Where another script than the language's first is likely: by region, and the region by script.
const BY_REGION = { zh: { TW: 'Hant', HK: 'Hant', MO: 'Hant' }, sr: { ME: 'Latn', RO: 'Latn', TR: 'Latn' }, uz: { AF: 'Arab', CN: 'Cyrl' }, az: { IR: 'Arab', IQ: 'Arab', RU: 'Cyrl' }, pa: { PK: 'Arab' }, mn: { CN: 'Mong' }, kk: { CN: 'Arab', IR: 'Arab', MN: 'Arab' }, ky: { CN: 'Arab', TR: 'Latn' }, tg: { PK: 'Arab' }, yue: { CN: 'Hans' }, ha: { CM: 'Arab', SD: 'Arab' } };
const BY_SCRIPT = { zh: { Hant: 'TW' }, uz: { Arab: 'AF', Cyrl: 'UZ' }, az: { Arab: 'IR', Cyrl: 'AZ' }, pa: { Arab: 'PK' }, mn: { Mong: 'CN' }, kk: { Arab: 'CN' }, ky: { Arab: 'CN', Latn: 'TR' }, tg: { Arab: 'PK' }, yue: { Hans: 'CN' }, en: { Shaw: 'GB' }, ha: { Arab: 'CM' } };
const RTL = /^(Arab|Hebr|Syrc|Thaa|Nkoo|Adlm|Rohg|Mand|Samr|Mend)$/;

function refuse() { throw new RangeError('Incorrect locale information provided'); }
function title(s) { return s[0].toUpperCase() + s.slice(1).toLowerCase(); }

// {language, script, region, variants, extensions: [letter, …parts], keywords: Map, attributes}
function parse(tag) {
  const parts = tag.split('-');
  const next = (re) => parts.length && re.test(parts[0]) ? parts.shift() : undefined;
  const o = { variants: [], extensions: [], keywords: new Map(), attributes: [], unicode: false, rest: '' };
  o.language = (next(/^([a-z]{2,3}|[a-z]{5,8})$/i) ?? refuse()).toLowerCase();
  if (ALIAS[o.language]) {
    const [language, script] = ALIAS[o.language].split('-');
    o.language = language;
    o.script = script;
  }
  o.script = next(/^[a-z]{4}$/i) ?? o.script;
  if (o.script) o.script = title(o.script);
  o.region = next(/^([a-z]{2}|[0-9]{3})$/i)?.toUpperCase();
  for (let v; (v = next(/^([a-z0-9]{5,8}|[0-9][a-z0-9]{3})$/i));) {
    v = v.toLowerCase();
    if (o.variants.includes(v)) refuse();
    if (v === 'posix') { o.unicode = true; o.keywords.set('va', 'posix'); } else o.variants.push(v);
  }
  o.variants.sort();
  const seen = new Set();
  while (parts.length) {
    const letter = (next(/^[a-z0-9]$/i) ?? refuse()).toLowerCase();
    if (seen.has(letter)) refuse();
    seen.add(letter);
    if (letter === 'x') {
      if (!parts.length || !parts.every((p) => /^[a-z0-9]{1,8}$/i.test(p))) refuse();
      o.rest = 'x-' + parts.splice(0).join('-').toLowerCase();
    } else if (letter === 'u') {
      o.unicode = true;
      for (let a; (a = next(/^[a-z0-9]{3,8}$/i));) o.attributes.push(a.toLowerCase());
      for (let key; (key = next(/^[a-z0-9][a-z]$/i));) {
        const value = [];
        for (let v; (v = next(/^[a-z0-9]{3,8}$/i));) value.push(v.toLowerCase());
        key = key.toLowerCase();
        if (!o.keywords.has(key)) o.keywords.set(key, value.join('-') === 'true' ? '' : value.join('-'));
      }
      if (!o.attributes.length && !o.keywords.size) refuse();
    } else {
      const value = [];
      for (let v; (v = next(/^[a-z0-9]{2,8}$/i));) value.push(v.toLowerCase());
      if (!value.length) refuse();
      o.extensions.push(letter + '-' + value.join('-'));
    }
  }
  return o;
}
function base(o) { return [o.language, o.script, o.region, ...o.variants].filter(Boolean).join('-'); }
function write(o) {
  const extensions = [...o.extensions];
  if (o.unicode) {
    const words = [...[...o.attributes].sort(), ...[...o.keywords].sort(([a], [b]) => a < b ? -1 : 1).map(([k, v]) => v === '' ? k : k + '-' + v)];
    extensions.push('u-' + words.join('-'));
  }
  return [base(o), ...extensions.sort(), o.rest].filter(Boolean).join('-');
}
function maximize(o) {
  const { language } = o;
  if (!LIKELY[language] || (o.script && o.region && language !== 'und')) return o;
  let [script, region] = LIKELY[language].split('-');
  if (o.region && !o.script) script = BY_REGION[language]?.[o.region] ?? script;
  if (o.script && !o.region) region = BY_SCRIPT[language]?.[o.script] ?? region;
  return { ...o, language: language === 'und' ? 'en' : language, script: o.script ?? script, region: o.region ?? region };
}
function minimize(o) {
  const full = maximize(o), { language, script, region } = full, wanted = base({ ...full, variants: [] });
  for (const part of [{}, { region }, { script }]) {
    const tried = { ...o, language, script: undefined, region: undefined, ...part };
    if (base({ ...maximize(tried), variants: [] }) === wanted) return tried;
  }
  return full;
}

const OPTIONS = [['ca', 'calendar'], ['co', 'collation'], ['hc', 'hourCycle'], ['kf', 'caseFirst'], ['kn', 'numeric'], ['nu', 'numberingSystem']];
const VALUES = { hourCycle: ['h11', 'h12', 'h23', 'h24'], caseFirst: ['upper', 'lower', 'false'] };

class Locale {
  #o;
  constructor(tag, options) {
    const empty = "First argument to Intl.Locale constructor can't be empty or missing";
    if (typeof tag !== 'string' && (typeof tag !== 'object' || tag === null)) throw new TypeError(empty);
    if (tag === '') throw new RangeError(empty);
    if (options === null) throw new TypeError('Cannot convert undefined or null to object');
    const o = this.#o = parse(typeof tag === 'object' && #o in tag ? tag.toString() : String(tag));
    options = options === undefined ? {} : Object(options);
    for (const [name, re] of [['language', /^([a-z]{2,3}|[a-z]{5,8})$/i], ['script', /^[a-z]{4}$/i], ['region', /^([a-z]{2}|[0-9]{3})$/i]]) {
      let v = options[name];
      if (v === undefined) continue;
      v = String(v);
      if (!re.test(v)) refuse();
      o[name] = name === 'language' ? v.toLowerCase() : name === 'script' ? title(v) : v.toUpperCase();
    }
    for (const [key, name] of OPTIONS) {
      let v = options[name];
      if (v === undefined) continue;
      v = name === 'numeric' ? (v ? '' : 'false') : String(v);
      if (VALUES[name] && !VALUES[name].includes(v)) throw new RangeError(`Value ${v} out of range for locale options property ${name}`);
      if (!VALUES[name] && name !== 'numeric' && !/^[a-z0-9]{3,8}(-[a-z0-9]{3,8})*$/i.test(v)) refuse();
      o.unicode = true;
      o.keywords.set(key, v.toLowerCase());
    }
  }
  toString() { return write(this.#o); }
  maximize() { return new Locale(write(maximize(this.#o))); }
  minimize() { return new Locale(write(minimize(this.#o))); }
  get language() { return this.#o.language; }
  get script() { return this.#o.script; }
  get region() { return this.#o.region; }
  get baseName() { return base(this.#o); }
  get calendar() { return this.#o.keywords.get('ca'); }
  get caseFirst() { return this.#o.keywords.get('kf'); }
  get collation() { return this.#o.keywords.get('co'); }
  get hourCycle() { return this.#o.keywords.get('hc'); }
  get numeric() { return this.#o.keywords.get('kn') === ''; }
  get numberingSystem() { return this.#o.keywords.get('nu'); }
  get textInfo() { return { direction: RTL.test(maximize(this.#o).script) ? 'rtl' : 'ltr' }; }
}
Object.defineProperty(Locale, 'length', { value: 1, configurable: true });
Object.defineProperty(Locale.prototype, Symbol.toStringTag, { value: 'Intl.Locale', configurable: true });
exports.Locale = Locale;
exports.canonical = (tag) => write(parse(tag));
]==]

local exports = rt.object_of(rt.ObjectPrototype)
local main = rt.load(source, "lunode:compat/intl_locale", { goal = "function", params = "exports" }, rt)
main(exports, exports)
rt.intl_locale = exports

-- SPDX-License-Identifier: MIT
--
-- Intl for en-US, in JavaScript, compiled when a program first asks for it (ECMA-402; the words are CLDR's for English).
-- NumberFormat, DateTimeFormat with all time zones of the system's database, Collator, PluralRules, ListFormat, RelativeTimeFormat, Segmenter; Locale is intl_locale.lua's.
local rt = ...
if rt.intl then return end

local source = [==[
'use strict';
const fs = require('fs');
const LOCALE = 'en-US';

function locales(list) {
  if (list === undefined) return [];
  const all = typeof list === 'string' ? [list] : Array.from(list, (x) => {
    if (typeof x !== 'string' && (typeof x !== 'object' || x === null)) throw new TypeError('Incorrect locale information provided');
    return String(x);
  });
  return all.map(canonical);
}
function pick(options, name, values, fallback) {
  let v = options[name];
  if (v === undefined) return fallback;
  if (typeof v !== 'boolean' || values) v = String(v);
  if (values && !values.includes(v)) throw new RangeError(`Value ${v} out of range for Intl.NumberFormat options property ${name}`.replace('NumberFormat', pick.owner));
  return v;
}
pick.owner = 'NumberFormat';
function digits(options, name, low, high, fallback) {
  const v = options[name];
  if (v === undefined) return fallback;
  const n = Number(v);
  if (!(n >= low && n <= high)) throw new RangeError(`${name} value is out of range.`);
  return Math.floor(n);
}
const { canonical, Locale } = part;
function supported(list) { return locales(list).filter((x) => /^en\b/i.test(x)); }
function tag(C, name) {
  Object.defineProperty(C.prototype, Symbol.toStringTag, { value: 'Intl.' + name, configurable: true });
  Object.defineProperty(C, 'supportedLocalesOf', { value: function supportedLocalesOf(list) { return supported(list); }, writable: true, configurable: true });
  return C;
}

// ---- numbers

// The shortest decimal of |x|: [digits, position of the point].
function decimal(x) {
  const text = typeof x === 'bigint' ? String(x < 0n ? -x : x) : String(Math.abs(x));
  const [, whole, rest = '', e = '0'] = /^(\d+)(?:\.(\d+))?(?:e([+-]\d+))?$/.exec(text);
  let d = whole + rest, point = whole.length + Number(e);
  const zeros = /^0*/.exec(d)[0].length;
  d = d.slice(zeros); point -= zeros;
  d = d.replace(/0+$/, '');
  return d === '' ? ['', 0] : [d, point];
}
// Half away from zero, to `places` digits behind the point.
function round(d, point, places) {
  const keep = point + places;
  if (keep >= d.length) return [d, point];
  if (keep < 0) return ['', 0];
  const up = d.charCodeAt(keep) >= 53;
  d = d.slice(0, keep);
  if (up) {
    let i = d.length - 1;
    while (i >= 0 && d[i] === '9') i--;
    if (i < 0) { d = '1'; point++; } else d = d.slice(0, i) + String.fromCharCode(d.charCodeAt(i) + 1);
  }
  d = d.replace(/0+$/, '');
  return d === '' ? ['', 0] : [d, point];
}
function group(whole, always) {
  if (whole.length <= 3 || (always === 'min2' && whole.length <= 4)) return whole;
  return whole.replace(/\B(?=(\d{3})+$)/g, ',');
}
const CURRENCY = { USD: '$', EUR: '€', GBP: '£', JPY: '¥', INR: '₹', CNY: 'CN¥', KRW: '₩', BRL: 'R$', CAD: 'CA$', AUD: 'A$', MXN: 'MX$', NZD: 'NZ$', HKD: 'HK$', ILS: '₪', VND: '₫', TWD: 'NT$', XAF: 'FCFA', PHP: '₱' };
const NAMES = { USD: 'US dollars', EUR: 'euros', GBP: 'British pounds', JPY: 'Japanese yen', CHF: 'Swiss francs', INR: 'Indian rupees', CNY: 'Chinese yuan' };
const NO_CENTS = ['JPY', 'KRW', 'VND', 'CLP', 'ISK', 'UGX', 'XAF', 'XOF', 'XPF', 'PYG', 'RWF', 'KMF', 'GNF', 'DJF', 'BIF', 'VUV'];
const UNITS = { kilometer: 'km', meter: 'm', centimeter: 'cm', millimeter: 'mm', mile: 'mi', foot: 'ft', inch: 'in', kilogram: 'kg', gram: 'g', pound: 'lb', ounce: 'oz', liter: 'L', milliliter: 'mL',
  byte: 'byte', kilobyte: 'kB', megabyte: 'MB', gigabyte: 'GB', terabyte: 'TB', bit: 'bit', second: 'sec', minute: 'min', hour: 'hr', day: 'day', week: 'wk', month: 'mth', year: 'yr', millisecond: 'ms',
  celsius: '°C', fahrenheit: '°F', percent: '%', degree: 'deg', acre: 'ac', hectare: 'ha', stone: 'st', yard: 'yd' };
const COUNTED = ['byte', 'bit', 'day', 'week', 'month', 'year'];
const COMPACT = [['', ''], ['K', ' thousand'], ['M', ' million'], ['B', ' billion'], ['T', ' trillion']];

class NumberFormat {
  #o; #format;
  constructor(list, options = {}) {
    locales(list);
    pick.owner = 'NumberFormat';
    options = Object(options);
    const o = { locale: LOCALE, numberingSystem: 'latn', style: pick(options, 'style', ['decimal', 'percent', 'currency', 'unit'], 'decimal') };
    if (options.currency !== undefined) {
      o.currency = String(options.currency).toUpperCase();
      if (!/^[A-Z]{3}$/.test(o.currency)) throw new RangeError(`Invalid currency code : ${options.currency}`);
    }
    if (o.style === 'currency') {
      if (!o.currency) throw new TypeError('Currency code is required with currency style.');
      o.currencyDisplay = pick(options, 'currencyDisplay', ['code', 'symbol', 'narrowSymbol', 'name'], 'symbol');
      o.currencySign = pick(options, 'currencySign', ['standard', 'accounting'], 'standard');
    } else delete o.currency;
    if (o.style === 'unit') {
      if (options.unit === undefined) throw new TypeError('Required unit with unit style.');
      o.unit = String(options.unit);
      if (!o.unit.split('-per-').every((u) => u in UNITS)) throw new RangeError(`Invalid unit argument for Intl.NumberFormat() '${o.unit}'`);
      o.unitDisplay = pick(options, 'unitDisplay', ['short', 'narrow', 'long'], 'short');
    }
    o.notation = pick(options, 'notation', ['standard', 'scientific', 'engineering', 'compact'], 'standard');
    const cents = o.style === 'currency' ? (NO_CENTS.includes(o.currency) ? 0 : 2) : 0;
    const most = o.style === 'currency' ? cents : o.style === 'percent' ? 0 : 3;
    o.minimumIntegerDigits = digits(options, 'minimumIntegerDigits', 1, 21, 1);
    const significant = options.minimumSignificantDigits !== undefined || options.maximumSignificantDigits !== undefined;
    if (significant) {
      o.minimumSignificantDigits = digits(options, 'minimumSignificantDigits', 1, 21, 1);
      o.maximumSignificantDigits = digits(options, 'maximumSignificantDigits', o.minimumSignificantDigits, 21, 21);
    } else if (o.notation === 'compact' && options.minimumFractionDigits === undefined && options.maximumFractionDigits === undefined) {
      o.minimumFractionDigits = 0; o.maximumFractionDigits = 0;
    } else {
      let low = digits(options, 'minimumFractionDigits', 0, 20, undefined), high = digits(options, 'maximumFractionDigits', 0, 20, undefined);
      if (low === undefined) low = high === undefined ? cents : Math.min(cents, high);
      if (high === undefined) high = Math.max(most, low);
      if (low > high) throw new RangeError('maximumFractionDigits value is out of range.');
      o.minimumFractionDigits = low; o.maximumFractionDigits = high;
    }
    const grouping = options.useGrouping;
    o.useGrouping = grouping === undefined ? (o.notation === 'compact' ? 'min2' : 'auto') : grouping === false || grouping === 'false' ? false : grouping === true ? 'always' : String(grouping);
    if (o.notation === 'compact') o.compactDisplay = pick(options, 'compactDisplay', ['short', 'long'], 'short');
    o.signDisplay = pick(options, 'signDisplay', ['auto', 'never', 'always', 'exceptZero', 'negative'], 'auto');
    o.roundingIncrement = 1; o.roundingMode = 'halfExpand'; o.roundingPriority = 'auto'; o.trailingZeroDisplay = 'auto';
    this.#o = o;
  }
  #number(x, extra) {
    const o = this.#o;
    let [d, point] = decimal(x);
    if (o.style === 'percent' && d) point += 2;
    let suffix = '', exponent;
    if (o.notation === 'compact' || o.notation === 'scientific' || o.notation === 'engineering') {
      for (let again = 0; again < 2; again++) {
        const power = d === '' ? 0 : point - 1;
        exponent = o.notation === 'scientific' ? power : Math.floor(power / 3) * 3;
        if (o.notation === 'compact') exponent = Math.max(0, Math.min(12, exponent));
        const places = o.maximumSignificantDigits !== undefined ? o.maximumSignificantDigits - (point - exponent)
          : o.notation === 'compact' && o.maximumFractionDigits === 0 && point - exponent <= 1 ? 2 - (point - exponent) : o.maximumFractionDigits;
        const [r, p] = round(d, d === '' ? 0 : point - exponent, places);
        if (again === 0 && p > (o.notation === 'scientific' ? 1 : 3) && !(o.notation === 'compact' && exponent === 12)) { d = '1'; point = exponent + p; continue; }
        d = r; point = p;
        break;
      }
      if (o.notation === 'compact') suffix = COMPACT[exponent / 3][o.compactDisplay === 'long' ? 1 : 0];
    } else if (o.maximumSignificantDigits !== undefined) [d, point] = round(d, point, o.maximumSignificantDigits - point);
    else [d, point] = round(d, point, o.maximumFractionDigits);
    let whole = point > 0 ? d.slice(0, point).padEnd(point, '0') : '0';
    let rest = point > 0 ? d.slice(point) : d === '' ? '' : '0'.repeat(-point) + d;
    whole = whole.padStart(o.minimumIntegerDigits, '0');
    if (o.minimumFractionDigits) rest = rest.padEnd(o.minimumFractionDigits, '0');
    if (o.minimumSignificantDigits) {
      const have = d === '' ? 1 : (point > 0 ? point : 0) + rest.length - (point <= 0 && d !== '' ? -point : 0);
      if (have < o.minimumSignificantDigits) rest = rest.padEnd(rest.length + o.minimumSignificantDigits - have, '0');
    }
    const parts = [];
    const grouped = o.useGrouping ? group(whole, o.useGrouping) : whole;
    grouped.split(',').forEach((piece, i) => { if (i) parts.push(['group', ',']); parts.push(['integer', piece]); });
    if (rest) parts.push(['decimal', '.'], ['fraction', rest]);
    if (suffix) {
      if (suffix[0] === ' ') parts.push(['literal', ' '], ['compact', suffix.slice(1)]);
      else parts.push(['compact', suffix]);
    }
    if (o.notation === 'scientific' || o.notation === 'engineering') {
      parts.push(['exponentSeparator', 'E']);
      if (exponent < 0) parts.push(['exponentMinusSign', '-']);
      parts.push(['exponentInteger', String(Math.abs(exponent))]);
    }
    return [parts, d === ''];
  }
  #parts(x) {
    const o = this.#o;
    if (typeof x !== 'bigint') { x = typeof x === 'string' && /^\s*-?\d{16,}\s*$/.test(x) ? BigInt(x.trim()) : Number(x); }
    const negative = typeof x === 'bigint' ? x < 0n : x < 0 || Object.is(x, -0);
    let parts, zero = false;
    if (x !== x) parts = [['nan', 'NaN']];
    else if (x === Infinity || x === -Infinity) parts = [['infinity', '∞']];
    else [parts, zero] = this.#number(x);
    const one = parts.length === 1 && parts[0][1] === '1';
    let sign = '';
    if (o.signDisplay === 'always') sign = negative ? '-' : '+';
    else if (o.signDisplay === 'exceptZero') sign = zero || x !== x ? '' : negative ? '-' : '+';
    else if (o.signDisplay === 'negative') sign = negative && !zero ? '-' : '';
    else if (o.signDisplay === 'auto') sign = negative ? '-' : '';
    let before = [], after = [];
    if (o.style === 'percent') after.push(['percentSign', '%']);
    if (o.style === 'currency') {
      if (o.currencyDisplay === 'name') after.push(['literal', ' '], ['currency', NAMES[o.currency] || o.currency]);
      else if (o.currencyDisplay === 'code' || !CURRENCY[o.currency]) before.push(['currency', o.currency], ['literal', '\u00a0']);
      else before.push(['currency', o.currencyDisplay === 'narrowSymbol' ? CURRENCY[o.currency].replace(/^(CN|CA|A|MX|NZ|HK|NT)(?=[¥$])/, '') : CURRENCY[o.currency]]);
    }
    if (o.style === 'unit') {
      const [u, per] = o.unit.split('-per-');
      if (o.unitDisplay === 'long') after.push(['literal', ' '], ['unit', u + (one ? '' : u === 'foot' ? '' : 's') + (per ? ' per ' + per : '')]);
      else if (o.unitDisplay === 'narrow' || /^[°%]/.test(UNITS[u])) after.push(['unit', UNITS[u] + (per ? '/' + UNITS[per][0] : '')]);
      else after.push(['literal', ' '], ['unit', o.unit === 'kilometer-per-hour' ? 'km/h' : o.unit === 'mile-per-hour' ? 'mph' : UNITS[u] + (COUNTED.includes(u) && !one ? 's' : '') + (per ? '/' + UNITS[per][0] : '')]);
    }
    const signed = sign === '-' ? [['minusSign', '-']] : sign === '+' ? [['plusSign', '+']] : [];
    if (sign === '-' && o.style === 'currency' && o.currencySign === 'accounting') return [['literal', '('], ...before, ...parts, ...after, ['literal', ')']];
    return [...signed, ...before, ...parts, ...after];
  }
  get format() {
    return this.#format ??= Object.defineProperty((x) => this.#parts(x).map((p) => p[1]).join(''), 'name', { value: '' });
  }
  formatToParts(x) { return this.#parts(x).map(([type, value]) => ({ type, value })); }
  formatRange(a, b) { return this.format(a) === this.format(b) ? '~' + this.format(a) : this.format(a) + '–' + this.format(b); }
  resolvedOptions() { return { ...this.#o }; }
}
tag(NumberFormat, 'NumberFormat');

// ---- dates

const MONTHS = ['January', 'February', 'March', 'April', 'May', 'June', 'July', 'August', 'September', 'October', 'November', 'December'];
const DAYS = ['Sunday', 'Monday', 'Tuesday', 'Wednesday', 'Thursday', 'Friday', 'Saturday'];
const ZONES = { EST: 'Eastern Standard Time', EDT: 'Eastern Daylight Time', CST: 'Central Standard Time', CDT: 'Central Daylight Time', MST: 'Mountain Standard Time', MDT: 'Mountain Daylight Time',
  PST: 'Pacific Standard Time', PDT: 'Pacific Daylight Time', AKST: 'Alaska Standard Time', AKDT: 'Alaska Daylight Time', HST: 'Hawaii-Aleutian Standard Time', UTC: 'Coordinated Universal Time' };
const LONG = { CET: 'Central European Standard Time', CEST: 'Central European Summer Time', GMT: 'Greenwich Mean Time', BST: 'British Summer Time', WET: 'Western European Standard Time', WEST: 'Western European Summer Time',
  EET: 'Eastern European Standard Time', EEST: 'Eastern European Summer Time', JST: 'Japan Standard Time', IST: 'India Standard Time', AEST: 'Australian Eastern Standard Time', AEDT: 'Australian Eastern Daylight Time' };
const zones = new Map();

// A zone of the system's database (RFC 8536): transitions, types, and the rule for what comes after.
function zone(name) {
  let z = zones.get(name.toLowerCase());
  if (z) return z;
  const offset = /^([+-])(\d\d):?(\d\d)?$/.exec(name);
  if (offset) z = { name, at: [], types: [{ offset: (offset[1] === '-' ? -1 : 1) * (offset[2] * 60 + +(offset[3] || 0)) * 60, name: name }], first: 0, rule: '' };
  else if (/^(utc|gmt|etc\/utc|etc\/gmt)$/i.test(name)) z = { name: 'UTC', at: [], types: [{ offset: 0, name: 'UTC' }], first: 0, rule: '' };
  else {
    const canonical = name.toLowerCase().split('/').map((part) => part.replace(/(^|[_-])([a-z])/g, (m, a, b) => a + b.toUpperCase()).replace(/_(Of|And|Es|Au)\b/g, (m) => m.toLowerCase())).join('/');
    let b;
    for (const each of [name, canonical, name.toUpperCase()]) {
      if (!/^[A-Za-z][A-Za-z0-9_+-]*(\/[A-Za-z0-9_+-]+)*$/.test(each)) continue;
      try { b = fs.readFileSync('/usr/share/zoneinfo/' + each); name = each; break; } catch {}
    }
    if (!b || b.length < 44 || b.toString('latin1', 0, 4) !== 'TZif') throw new RangeError(`Invalid time zone specified: ${name}`);
    let p = 0, wide = false;
    const head = () => [20, 24, 28, 32, 36, 40].map((i) => b.readUInt32BE(p + i));
    let [isut, isstd, leap, times, types, chars] = head();
    if (b[4] >= 50) {
      p += 44 + times * 5 + types * 6 + chars + leap * 8 + isstd + isut;
      [isut, isstd, leap, times, types, chars] = head();
      wide = true;
    }
    p += 44;
    const size = wide ? 8 : 4, at = [], which = [];
    for (let i = 0; i < times; i++) at.push(wide ? b.readInt32BE(p + i * 8) * 4294967296 + b.readUInt32BE(p + i * 8 + 4) : b.readInt32BE(p + i * 4));
    p += times * size;
    for (let i = 0; i < times; i++) which.push(b[p + i]);
    p += times;
    const kinds = [], names = p + types * 6;
    for (let i = 0; i < types; i++) {
      const n = names + b[p + i * 6 + 5];
      kinds.push({ offset: b.readInt32BE(p + i * 6), dst: b[p + i * 6 + 4], name: b.toString('latin1', n, b.indexOf(0, n)) });
    }
    p = names + chars + leap * (size + 4) + isstd + isut;
    z = { name, at, which, types: kinds, first: Math.max(0, kinds.findIndex((k) => !k.dst)), rule: wide ? b.toString('latin1', p).trim() : '' };
  }
  zones.set(name.toLowerCase(), z);
  return z;
}
// "CET-1CEST,M3.5.0,M10.5.0/3": -> { offset, name } at a time in seconds
function by_rule(rule, t) {
  const m = /^(<[^>]+>|[A-Za-z]+)([+-]?[\d:]+)(?:(<[^>]+>|[A-Za-z]+)([+-]?[\d:]+)?,M(\d+)\.(\d)\.(\d)(?:\/([+-]?[\d:]+))?,M(\d+)\.(\d)\.(\d)(?:\/([+-]?[\d:]+))?)?$/.exec(rule);
  if (!m) return null;
  const seconds = (s) => { const neg = s[0] === '-' ? -1 : 1; const [h, mi = 0, se = 0] = s.replace(/^[+-]/, '').split(':').map(Number); return neg * (h * 3600 + mi * 60 + se); };
  const std = { offset: -seconds(m[2]), name: m[1].replace(/[<>]/g, '') };
  if (!m[3]) return std;
  const dst = { offset: m[4] ? -seconds(m[4]) : std.offset + 3600, name: m[3].replace(/[<>]/g, '') };
  const year = new Date((t + std.offset) * 1000).getUTCFullYear();
  const day = (month, week, weekday, time, offset) => {
    const first = new Date(Date.UTC(year, month - 1, 1)).getUTCDay();
    let d = 1 + (weekday - first + 7) % 7 + (week - 1) * 7;
    const last = new Date(Date.UTC(year, month, 0)).getUTCDate();
    while (d > last) d -= 7;
    return Date.UTC(year, month - 1, d) / 1000 + (time ? seconds(time) : 7200) - offset;
  };
  const start = day(+m[5], +m[6], +m[7], m[8], std.offset), end = day(+m[9], +m[10], +m[11], m[12], dst.offset);
  return (start < end ? t >= start && t < end : t >= start || t < end) ? dst : std;
}
function zone_at(z, ms) {
  const t = Math.floor(ms / 1000);
  if (z.at.length === 0) return z.rule && by_rule(z.rule, t) || z.types[z.first];
  if (t >= z.at[z.at.length - 1]) return z.rule && by_rule(z.rule, t) || z.types[z.which[z.at.length - 1]];
  let low = 0, high = z.at.length;
  while (low < high) { const mid = low + high >> 1; if (z.at[mid] <= t) low = mid + 1; else high = mid; }
  return low === 0 ? z.types[z.first] : z.types[z.which[low - 1]];
}
function local_zone() {
  const set = process.env.TZ;
  if (set) return set.replace(/^:/, '');
  try { const link = fs.readlinkSync('/etc/localtime'); const m = /zoneinfo\/(.+)$/.exec(link); if (m) return m[1].replace(/^Etc\/UTC$/, 'UTC'); } catch {}
  return 'UTC';
}
const WIDTHS = { weekday: ['narrow', 'short', 'long'], era: ['narrow', 'short', 'long'], year: ['2-digit', 'numeric'], month: ['2-digit', 'numeric', 'narrow', 'short', 'long'], day: ['2-digit', 'numeric'],
  dayPeriod: ['narrow', 'short', 'long'], hour: ['2-digit', 'numeric'], minute: ['2-digit', 'numeric'], second: ['2-digit', 'numeric'],
  timeZoneName: ['short', 'long', 'shortOffset', 'longOffset', 'shortGeneric', 'longGeneric'] };

class DateTimeFormat {
  #o; #f; #zone; #format;
  constructor(list, options = {}, need = 'any', fill = 'date') {
    locales(list);
    pick.owner = 'DateTimeFormat';
    options = options === undefined ? {} : Object(options);
    const o = { locale: LOCALE, calendar: 'gregory', numberingSystem: 'latn', timeZone: undefined }, f = {};
    const name = options.timeZone === undefined ? local_zone() : String(options.timeZone);
    try { this.#zone = zone(name); } catch (e) { if (options.timeZone !== undefined) throw new RangeError(`Invalid time zone specified: ${name}`); this.#zone = zone('UTC'); }
    o.timeZone = this.#zone.name;
    for (const key in WIDTHS) f[key] = pick(options, key, WIDTHS[key], undefined);
    f.fractionalSecondDigits = digits(options, 'fractionalSecondDigits', 1, 3, undefined);
    const dateStyle = pick(options, 'dateStyle', ['full', 'long', 'medium', 'short'], undefined), timeStyle = pick(options, 'timeStyle', ['full', 'long', 'medium', 'short'], undefined);
    const given = Object.keys(f).some((k) => f[k] !== undefined);
    if (dateStyle || timeStyle) {
      if (given) throw new TypeError(`Can't set option ${Object.keys(f).find((k) => f[k] !== undefined)} when ${dateStyle ? 'dateStyle' : 'timeStyle'} is used`);
      o.dateStyle = dateStyle; o.timeStyle = timeStyle;
      if (dateStyle) Object.assign(f, { full: { weekday: 'long', year: 'numeric', month: 'long', day: 'numeric' }, long: { year: 'numeric', month: 'long', day: 'numeric' },
        medium: { year: 'numeric', month: 'short', day: 'numeric' }, short: { year: '2-digit', month: 'numeric', day: 'numeric' } }[dateStyle]);
      if (timeStyle) Object.assign(f, { hour: 'numeric', minute: '2-digit' }, timeStyle !== 'short' && { second: '2-digit' }, timeStyle === 'long' && { timeZoneName: 'short' }, timeStyle === 'full' && { timeZoneName: 'long' });
    } else {
      const date = f.weekday || f.year || f.month || f.day, time = f.dayPeriod || f.hour || f.minute || f.second || f.fractionalSecondDigits;
      const missing = need === 'date' ? !date : need === 'time' ? !time : !date && !time;
      if (missing) {
        if (fill !== 'time') f.year = f.month = f.day = 'numeric';
        if (fill !== 'date') { f.hour = 'numeric'; f.minute = f.second = '2-digit'; }
      }
      if (f.hour && f.minute) f.minute = '2-digit';
      if ((f.minute || f.hour) && f.second) f.second = '2-digit';
    }
    if (f.hour) {
      const cycle = pick(options, 'hourCycle', ['h11', 'h12', 'h23', 'h24'], 'h12');
      f.cycle = options.hour12 === undefined ? cycle : options.hour12 ? 'h12' : 'h24';
      o.hourCycle = f.cycle; o.hour12 = f.cycle === 'h12' || f.cycle === 'h11';
      if (!o.hour12) f.hour = '2-digit';
    }
    for (const key in WIDTHS) if (f[key] && !o.dateStyle && !o.timeStyle) o[key] = f[key];
    if (f.fractionalSecondDigits) o.fractionalSecondDigits = f.fractionalSecondDigits;
    this.#o = o; this.#f = f;
  }
  #parts(date) {
    const t = date === undefined ? Date.now() : Number(date);
    if (!(Math.abs(t) <= 8.64e15)) throw new RangeError('Invalid time value');
    const f = this.#f, here = zone_at(this.#zone, t), d = new Date(Math.floor(t / 1000) * 1000 + here.offset * 1000);
    const two = (n) => String(n).padStart(2, '0'), out = [];
    const year = d.getUTCFullYear();
    const of = {
      weekday: () => { const n = DAYS[d.getUTCDay()]; return f.weekday === 'long' ? n : n.slice(0, f.weekday === 'short' ? 3 : 1); },
      month: () => { const m = d.getUTCMonth(); return f.month === 'numeric' ? String(m + 1) : f.month === '2-digit' ? two(m + 1) : f.month === 'long' ? MONTHS[m] : MONTHS[m].slice(0, f.month === 'short' ? 3 : 1); },
      day: () => f.day === '2-digit' ? two(d.getUTCDate()) : String(d.getUTCDate()),
      year: () => { const y = year > 0 ? year : 1 - year; return f.year === '2-digit' ? two(y % 100) : String(y); },
    };
    const put = (type, value) => out.push([type, value]);
    if (f.weekday) put('weekday', of.weekday());
    const text = f.month && f.month !== 'numeric' && f.month !== '2-digit';
    const has = ['month', 'day', 'year'].filter((k) => f[k]);
    if (f.weekday && has.length) put('literal', has.length === 1 && has[0] === 'day' ? ' ' : ', ');
    if (f.weekday && has.length === 1 && has[0] === 'day') { const w = out.splice(0); put('day', of.day()); put('literal', ' '); out.push(w[0]); }
    else has.forEach((k, i) => {
      if (i) put('literal', !text ? '/' : k === 'year' && f.day ? ', ' : ' ');
      put(k, of[k]());
    });
    if (f.era) { put('literal', ' '); put('era', f.era === 'long' ? (year > 0 ? 'Anno Domini' : 'Before Christ') : f.era === 'narrow' ? (year > 0 ? 'A' : 'B') : year > 0 ? 'AD' : 'BC'); }
    if (f.hour || f.minute || f.second || f.fractionalSecondDigits || f.dayPeriod) {
      if (out.length) put('literal', (this.#o.dateStyle ? /^(full|long)$/.test(this.#o.dateStyle) : f.month === 'long') ? ' at ' : ', ');
      const h = d.getUTCHours();
      const pieces = [];
      if (f.hour) {
        const n = f.cycle === 'h12' ? h % 12 || 12 : f.cycle === 'h11' ? h % 12 : f.cycle === 'h24' ? h || 24 : h;
        pieces.push(['hour', f.hour === '2-digit' ? two(n) : String(n)]);
      }
      if (f.minute) pieces.push(['minute', f.hour || f.second || f.minute === '2-digit' && f.hour ? two(d.getUTCMinutes()) : String(d.getUTCMinutes())]);
      if (f.second) pieces.push(['second', f.minute ? two(d.getUTCSeconds()) : String(d.getUTCSeconds())]);
      pieces.forEach(([k, v], i) => { if (i) put('literal', ':'); put(k, v); });
      if (f.fractionalSecondDigits) {
        if (f.second) put('literal', '.');
        put('fractionalSecond', String(((t % 1000) + 1000) % 1000).padStart(3, '0').slice(0, f.fractionalSecondDigits));
      }
      if (f.hour && this.#o.hour12) { put('literal', ' '); put('dayPeriod', h < 12 ? 'AM' : 'PM'); }
    }
    if (f.timeZoneName) {
      if (out.length) put('literal', out.some((p) => p[0] === 'hour' || p[0] === 'minute' || p[0] === 'second') ? ' ' : ', ');
      const minutes = Math.round(here.offset / 60), sign = minutes < 0 ? '-' : '+', abs = Math.abs(minutes);
      const short = minutes === 0 ? 'GMT' : 'GMT' + sign + Math.floor(abs / 60) + (abs % 60 ? ':' + two(abs % 60) : '');
      const long = 'GMT' + sign + two(Math.floor(abs / 60)) + ':' + two(abs % 60);
      const w = f.timeZoneName;
      put('timeZoneName', w === 'shortOffset' ? short : w === 'longOffset' ? long : w.startsWith('long') ? ZONES[here.name] || LONG[here.name] || long : ZONES[here.name] ? here.name : short);
    }
    return out;
  }
  get format() { return this.#format ??= Object.defineProperty((date) => this.#parts(date).map((p) => p[1]).join(''), 'name', { value: '' }); }
  formatToParts(date) { return this.#parts(date).map(([type, value]) => ({ type, value })); }
  formatRange(a, b) { const x = this.format(a), y = this.format(b); return x === y ? x : x + ' – ' + y; }
  resolvedOptions() { const o = { ...this.#o }; for (const k of Object.keys(o)) if (o[k] === undefined) delete o[k]; return o; }
}
tag(DateTimeFormat, 'DateTimeFormat');

// ---- text

const CLASS = (c) => /\s/.test(c) ? 0 : /\d/.test(c) ? 3 : /\p{L}/u.test(c) ? 4 : /[\p{P}]/u.test(c) ? 1 : /\p{Cs}/u.test(c) ? 5 : 2;
const PUNCTUATION = '_-,;:!?.\'"()[]{}@*/\\&#%`^+<=>|~$';
class Collator {
  #o; #compare;
  constructor(list, options = {}) {
    locales(list);
    pick.owner = 'Collator';
    options = options === undefined ? {} : Object(options);
    this.#o = { locale: LOCALE, usage: pick(options, 'usage', ['sort', 'search'], 'sort'), sensitivity: pick(options, 'sensitivity', ['base', 'accent', 'case', 'variant'], 'variant'),
      ignorePunctuation: !!options.ignorePunctuation, collation: 'default', numeric: !!options.numeric, caseFirst: pick(options, 'caseFirst', ['upper', 'lower', 'false'], 'false') };
  }
  #order(a, b) {
    const o = this.#o;
    const split = (s) => { s = s.normalize('NFD'); if (o.ignorePunctuation) s = s.replace(/[\p{P}\s]/gu, ''); return s.match(o.numeric ? /\d+|[^\p{M}]\p{M}*/gsu : /[^\p{M}]\p{M}*/gsu) || []; };
    const x = split(a), y = split(b);
    let accent = 0, kase = 0;
    for (let i = 0; i < x.length && i < y.length; i++) {
      const p = x[i], q = y[i];
      if (p === q) continue;
      if (o.numeric && /^\d/.test(p) && /^\d/.test(q)) {
        const m = p.replace(/^0+(?=\d)/, ''), n = q.replace(/^0+(?=\d)/, '');
        const r = m.length - n.length || (m < n ? -1 : m > n ? 1 : 0);
        if (r) return r < 0 ? -1 : 1;
        continue;
      }
      const pb = p[0] === undefined ? '' : String.fromCodePoint(p.codePointAt(0)), qb = String.fromCodePoint(q.codePointAt(0));
      const pl = pb.toLowerCase(), ql = qb.toLowerCase();
      if (pl !== ql) {
        const c = CLASS(pl) - CLASS(ql);
        if (c) return c < 0 ? -1 : 1;
        const k = PUNCTUATION.indexOf(pl), l = PUNCTUATION.indexOf(ql);
        if (k >= 0 && l >= 0) return k < l ? -1 : 1;
        return pl < ql ? -1 : 1;
      }
      const pm = p.slice(pb.length), qm = q.slice(qb.length);
      if (!accent && pm !== qm) accent = pm < qm ? -1 : 1;
      if (!kase && pb !== qb) kase = (pb === pl ? -1 : 1) * (o.caseFirst === 'upper' ? -1 : 1);
    }
    if (x.length !== y.length) return x.length < y.length ? -1 : 1;
    if (accent && (o.sensitivity === 'accent' || o.sensitivity === 'variant')) return accent;
    if (kase && (o.sensitivity === 'case' || o.sensitivity === 'variant')) return kase;
    return 0;
  }
  get compare() { return this.#compare ??= Object.defineProperty((a, b) => this.#order(String(a), String(b)), 'name', { value: '' }); }
  resolvedOptions() { return { ...this.#o }; }
}
tag(Collator, 'Collator');

class PluralRules {
  #type; #options;
  constructor(list, options = {}) { locales(list); pick.owner = 'PluralRules'; this.#options = Object(options); this.#type = pick(this.#options, 'type', ['cardinal', 'ordinal'], 'cardinal'); }
  select(n) {
    n = Number(n);
    if (this.#type === 'cardinal') return n === 1 && !this.#options.minimumFractionDigits ? 'one' : 'other';
    const ten = n % 10, hundred = n % 100;
    return ten === 1 && hundred !== 11 ? 'one' : ten === 2 && hundred !== 12 ? 'two' : ten === 3 && hundred !== 13 ? 'few' : 'other';
  }
  selectRange(start, end) {
    if (start === undefined || end === undefined) throw new TypeError('Invalid selectRange arguments');
    start = Number(start); end = Number(end);
    if (start !== start || end !== end) throw new RangeError('Invalid selectRange arguments');
    return 'other'; // English has one form for all ranges
  }
  resolvedOptions() { return { locale: LOCALE, type: this.#type, minimumIntegerDigits: 1, minimumFractionDigits: 0, maximumFractionDigits: 3,
    pluralCategories: this.#type === 'cardinal' ? ['one', 'other'] : ['few', 'one', 'two', 'other'] }; }
}
tag(PluralRules, 'PluralRules');

class ListFormat {
  #o;
  constructor(list, options = {}) {
    locales(list);
    pick.owner = 'ListFormat';
    options = Object(options);
    this.#o = { locale: LOCALE, type: pick(options, 'type', ['conjunction', 'disjunction', 'unit'], 'conjunction'), style: pick(options, 'style', ['long', 'short', 'narrow'], 'long') };
  }
  formatToParts(list) {
    const items = Array.from(list, (x) => { if (typeof x !== 'string') throw new TypeError('Iterable yielded ' + String(x) + ' which is not a string'); return x; });
    const { type, style } = this.#o, word = type === 'unit' ? '' : type === 'disjunction' ? 'or ' : style === 'long' ? 'and ' : style === 'short' ? '& ' : '';
    const sep = type === 'unit' && style === 'narrow' ? ' ' : ', ', out = [];
    items.forEach((value, i) => {
      if (i) out.push({ type: 'literal', value: i < items.length - 1 ? sep : items.length === 2 ? (word ? ' ' + word : sep) : sep + word });
      out.push({ type: 'element', value });
    });
    return out;
  }
  format(list) { return this.formatToParts(list).map((p) => p.value).join(''); }
  resolvedOptions() { return { ...this.#o }; }
}
tag(ListFormat, 'ListFormat');

const SHORT = { second: 'sec.', minute: 'min.', hour: 'hr.', day: 'day', week: 'wk.', month: 'mo.', quarter: 'qtr.', year: 'yr.' };
const NARROW = { second: 's', minute: 'm', hour: 'h', day: 'd', week: 'w', month: 'mo', quarter: 'q', year: 'y' };
const SPECIAL = { day: ['yesterday', 'today', 'tomorrow'], year: ['last year', 'this year', 'next year'], month: ['last month', 'this month', 'next month'], week: ['last week', 'this week', 'next week'],
  quarter: ['last quarter', 'this quarter', 'next quarter'], hour: [, 'this hour'], minute: [, 'this minute'], second: [, 'now'] };
class RelativeTimeFormat {
  #o; #numbers = new NumberFormat();
  constructor(list, options = {}) {
    locales(list);
    pick.owner = 'RelativeTimeFormat';
    options = Object(options);
    this.#o = { locale: LOCALE, style: pick(options, 'style', ['long', 'short', 'narrow'], 'long'), numeric: pick(options, 'numeric', ['always', 'auto'], 'always'), numberingSystem: 'latn' };
  }
  // -> the words before and after the number, the number, the unit; the number is undefined where a word stands for all
  #parts(value, unit, name) {
    value = Number(value);
    unit = String(unit).replace(/s$/, '');
    if (!Object.hasOwn(SHORT, unit)) throw new RangeError(`Invalid unit argument for ${name}() '${unit}'`);
    if (!Number.isFinite(value)) throw new RangeError(`The number provided to Intl.RelativeTimeFormat.prototype.${name} must be finite`);
    const { style } = this.#o;
    const special = this.#o.numeric === 'auto' ? SPECIAL[unit]?.[value + 1] : undefined;
    if (special !== undefined) return [style === 'long' ? special : special.replace(/ (week|month|quarter|year)$/, (_, x) => ' ' + SHORT[x])];
    const n = Math.abs(value), past = value < 0 || Object.is(value, -0);
    let word = style === 'long' ? ' ' + unit + (n === 1 ? '' : 's') : style === 'narrow' ? NARROW[unit] : ' ' + SHORT[unit];
    if (style === 'short' && unit === 'day' && n !== 1) word = ' days';
    if (style === 'short' && unit === 'quarter' && n !== 1) word = ' qtrs.';
    return past ? ['', word + ' ago', n, unit] : ['in ', word, n, unit];
  }
  format(value, unit) {
    const [before, after, n] = this.#parts(value, unit, 'format');
    return n === undefined ? before : before + this.#numbers.format(n) + after;
  }
  formatToParts(value, unit) {
    const [before, after, n, name] = this.#parts(value, unit, 'formatToParts');
    if (n === undefined) return [{ type: 'literal', value: before }];
    const parts = this.#numbers.formatToParts(n).map((p) => ({ ...p, unit: name }));
    if (before) parts.unshift({ type: 'literal', value: before });
    return [...parts, { type: 'literal', value: after }];
  }
  resolvedOptions() { return { ...this.#o }; }
}
tag(RelativeTimeFormat, 'RelativeTimeFormat');

// Segments (UAX #29), each found from a position on. Words of scripts that put no blanks between them come letter by letter.
const EXTEND = '(?:\\p{M}|\\u200D|\\u200C|\\p{Emoji_Modifier}|[\\u{E0020}-\\u{E007F}])';
const SEGMENT = {
  grapheme: new RegExp('\\r\\n|\\p{Cc}|(?:\\p{RI}\\p{RI}|\\p{Extended_Pictographic}(?:' + EXTEND + '*\\u200D\\p{Extended_Pictographic})*' +
    '|[\\u1100-\\u115F\\uA960-\\uA97C]*(?:[\\uAC00-\\uD7A3]|[\\u1160-\\u11A7\\uD7B0-\\uD7C6])[\\u1160-\\u11FF\\uD7B0-\\uD7FB]*|[\\u1100-\\u115F]+|[^])' +
    EXTEND + '*', 'uy'),
  word: new RegExp("\\r\\n|[ \\u3000]+|[\\p{sc=Han}\\p{sc=Hira}\\p{sc=Thai}]\\p{M}*|\\p{sc=Kana}+" +
    "|\\p{N}+(?:[.,;']\\p{N}+)*(?:[\\p{L}_]|\\p{N}|\\p{M})*|[\\p{L}_](?:\\p{M}|\\u200D)*(?:(?:['’.:·](?=\\p{L}))?[\\p{L}\\p{N}_]\\p{M}*)*" +
    '|\\p{RI}\\p{RI}|\\p{Extended_Pictographic}(?:' + EXTEND + '*\\u200D\\p{Extended_Pictographic})*' + EXTEND + '*|[^]' + EXTEND + '*', 'uy'),
  sentence: /[^.!?\r\n]*(?:\.(?=\p{N}|\p{L}|\s+\p{Ll})[^.!?\r\n]*)*(?:[.!?]+["'”’)\]]*[^\S\r\n]*(?:\r\n|[\r\n])?|\r\n|[\r\n]|$)/uy,
};
const WORD = /[\p{L}\p{N}]/u;
class Segments {
  #text; #how;
  constructor(text, how) { this.#text = text; this.#how = how; }
  #at(index) {
    const re = SEGMENT[this.#how];
    re.lastIndex = index;
    const segment = re.exec(this.#text)[0], found = { segment, index, input: this.#text };
    if (this.#how === 'word') found.isWordLike = WORD.test(segment);
    return found;
  }
  containing(index = 0) {
    index = Math.trunc(index) || 0;
    if (index < 0 || index >= this.#text.length) return undefined;
    for (const found of this) if (index < found.index + found.segment.length) return found;
  }
  *[Symbol.iterator]() {
    for (let index = 0; index < this.#text.length;) {
      const found = this.#at(index);
      index += found.segment.length;
      yield found;
    }
  }
}
class Segmenter {
  #granularity;
  constructor(list, options = {}) {
    locales(list);
    pick.owner = 'Segmenter';
    this.#granularity = pick(Object(options), 'granularity', ['grapheme', 'word', 'sentence'], 'grapheme');
  }
  segment(text) { return new Segments(String(text), this.#granularity); }
  resolvedOptions() { return { locale: LOCALE, granularity: this.#granularity }; }
}
tag(Segmenter, 'Segmenter');

const Intl = Object.create(Object.prototype, { [Symbol.toStringTag]: { value: 'Intl', configurable: true } });
function callable(C) { // NumberFormat(), DateTimeFormat() and Collator() work without new
  const F = { [C.name]: function (list, options) { return Reflect.construct(C, [list, options], new.target || F); } }[C.name];
  F.prototype = C.prototype;
  Object.defineProperty(F, 'prototype', { writable: false });
  Object.defineProperty(C.prototype, 'constructor', { value: F, writable: true, configurable: true });
  Object.defineProperty(F, 'length', { value: 0, configurable: true });
  Object.defineProperty(F, 'supportedLocalesOf', { value: C.supportedLocalesOf, writable: true, configurable: true });
  return F;
}
for (const C of [callable(Collator), callable(DateTimeFormat), ListFormat, Locale, callable(NumberFormat), PluralRules, RelativeTimeFormat, Segmenter]) Object.defineProperty(Intl, C.name, { value: C, writable: true, configurable: true });
Object.defineProperty(Intl, 'getCanonicalLocales', { value: function getCanonicalLocales(list) { return [...new Set(locales(list))]; }, writable: true, configurable: true });
Object.defineProperty(Intl, 'supportedValuesOf', { value: function supportedValuesOf(key) {
  const all = { calendar: ['gregory'], collation: ['default'], currency: Object.keys(CURRENCY).sort(), numberingSystem: ['latn'], unit: Object.keys(UNITS).sort(), timeZone: ['UTC'] }[key];
  if (!all) throw new RangeError('Invalid key : ' + key);
  return all;
}, writable: true, configurable: true });
exports.Intl = Intl;
exports.date = (date, list, options, need, fill) => new DateTimeFormat(list, options, need, fill).format(date);
exports.number = (n, list, options) => new NumberFormat(list, options).format(n);
exports.compare = (a, b, list, options) => new Collator(list, options).compare(a, b);
]==]

local exports = rt.object_of(rt.ObjectPrototype)
local main = rt.load(source, "lunode:compat/intl", { goal = "function", params = "exports part require" }, rt)
rt.part "intl_locale"
main(exports, exports, rt.intl_locale, rt.native("require", 1, rt.lua.setfenv(function(_, name) return rt.node_module(name) end, rt.global)))
rt.intl = exports

// SPDX-License-Identifier: MIT
//
// Hosts (WHATWG URL, clauses 3.5 and 3.6).
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "encoding.h"
#include "idna.h"
#include "url.h"

static int hex_value(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  c |= 0x20;
  return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

// ---- IPv4

#define TOO_GREAT UINT64_C(0x100000000)

// The number that all of p..end is, TOO_GREAT at the most. False when it is none.
static bool ipv4_number(const char *p, const char *end, uint64_t *number) {
  int base = 10;
  if (p == end) return false;
  if (end - p >= 2 && p[0] == '0') {
    base = (p[1] | 0x20) == 'x' ? 16 : 8;
    p += base == 16 ? 2 : 1;
  }
  for (*number = 0; p < end; p++) {
    int digit = hex_value(*p);
    if (digit < 0 || digit >= base) return false;
    if (*number < TOO_GREAT) *number = *number * (uint64_t)base + (uint64_t)digit;
  }
  if (*number > TOO_GREAT) *number = TOO_GREAT;
  return true;
}

static bool ends_in_number(const char *p, const char *end) {
  if (end > p && end[-1] == '.') end--;
  const char *last = end;
  while (last > p && last[-1] != '.') last--;
  if (last == end || *last < '0' || *last > '9') return false;
  const char *q = last;
  while (q < end && *q >= '0' && *q <= '9') q++;
  uint64_t number;
  return q == end || ipv4_number(last, end, &number);
}

static url_status parse_ipv4(url_scratch *s, const char *p, const char *end, url_slice *host) {
  uint64_t numbers[4], address = 0;
  int count = 0;
  if (end[-1] == '.') end--;
  for (;; p++) {
    const char *dot = memchr(p, '.', (size_t)(end - p));
    const char *stop = dot != NULL ? dot : end;
    if (count == 4 || !ipv4_number(p, stop, &numbers[count])) return URL_INVALID;
    count++;
    p = stop;
    if (dot == NULL) break;
  }
  for (int i = 0; i < count - 1; i++) {
    if (numbers[i] > 255) return URL_INVALID;
    address |= numbers[i] << (8 * (3 - i));
  }
  if (numbers[count - 1] >= UINT64_C(1) << (8 * (5 - count))) return URL_INVALID;
  address |= numbers[count - 1];
  char *out = url_room(s, 16);
  if (out == NULL) return URL_MEMORY;
  unsigned a = (unsigned)address;
  int n = snprintf(out, 16, "%u.%u.%u.%u", a >> 24, a >> 16 & 255, a >> 8 & 255, a & 255);
  *host = (url_slice){out, (size_t)n};
  return URL_OK;
}

// ---- IPv6

// Dotted decimal at the end of an address: four numbers without leading zeros.
static bool embedded_ipv4(const char *p, const char *end, uint16_t *high, uint16_t *low) {
  unsigned bytes[4];
  for (int i = 0; i < 4; i++) {
    if (i > 0 && (p == end || *p++ != '.')) return false;
    const char *start = p;
    for (bytes[i] = 0; p < end && *p >= '0' && *p <= '9'; p++) {
      if (p > start && bytes[i] == 0) return false;
      bytes[i] = bytes[i] * 10 + (unsigned)(*p - '0');
      if (bytes[i] > 255) return false;
    }
    if (p == start) return false;
  }
  *high = (uint16_t)(bytes[0] << 8 | bytes[1]);
  *low = (uint16_t)(bytes[2] << 8 | bytes[3]);
  return p == end;
}

static bool ipv6_groups(const char *p, const char *end, uint16_t group[8]) {
  int count = 0, gap = -1;
  memset(group, 0, 8 * sizeof *group);
  if (p < end && *p == ':') {
    if (end - p < 2 || p[1] != ':') return false;
    p += 2;
    gap = 0;
  }
  while (p < end) {
    if (count == 8) return false;
    if (*p == ':') {
      if (gap >= 0) return false;
      p++;
      gap = count;
      continue;
    }
    const char *start = p;
    unsigned value = 0;
    while (p < end && p - start < 4 && hex_value(*p) >= 0) value = value << 4 | (unsigned)hex_value(*p++);
    if (p < end && *p == '.') {
      if (count > 6 || !embedded_ipv4(start, end, &group[count], &group[count + 1])) return false;
      count += 2;
      break;
    }
    if (p == start) return false;
    group[count++] = (uint16_t)value;
    if (p == end) break;
    if (*p++ != ':' || p == end) return false;
  }
  if (gap < 0) return count == 8;
  if (count == 8) return false;
  for (int i = count - 1, to = 7; i >= gap; i--, to--) {
    group[to] = group[i];
    group[i] = 0;
  }
  return true;
}

static url_status parse_ipv6(url_scratch *s, const char *p, const char *end, url_slice *host) {
  uint16_t group[8];
  if (!ipv6_groups(p, end, group)) return URL_INVALID;
  int best = -1, length = 1; // the first longest run of at least two zeros is left out
  for (int i = 0; i < 8;) {
    int j = i;
    while (j < 8 && group[j] == 0) j++;
    if (j - i > length) {
      best = i;
      length = j - i;
    }
    i = j > i ? j : i + 1;
  }
  char *out = url_room(s, 48), *o = out;
  if (out == NULL) return URL_MEMORY;
  *o++ = '[';
  for (int i = 0; i < 8;) {
    if (i == best) {
      *o++ = ':';
      if (i == 0) *o++ = ':';
      i += length;
      continue;
    }
    o += sprintf(o, "%x", group[i]);
    if (++i < 8) *o++ = ':';
  }
  *o++ = ']';
  *host = (url_slice){out, (size_t)(o - out)};
  return URL_OK;
}

// ---- domains

static size_t percent_decode(char *out, url_slice text) {
  size_t n = 0;
  for (size_t i = 0; i < text.n; i++) {
    char c = text.p[i];
    if (c == '%' && text.n - i > 2 && hex_value(text.p[i + 1]) >= 0 && hex_value(text.p[i + 2]) >= 0) {
      c = (char)(hex_value(text.p[i + 1]) << 4 | hex_value(text.p[i + 2]));
      i += 2;
    }
    out[n++] = c;
  }
  return n;
}

// Whether a label begins with "xn--". The text is in lower case.
static bool has_ace(const char *p, size_t n) {
  for (size_t i = 0; n - i >= 4;) {
    if (memcmp(p + i, "xn--", 4) == 0) return true;
    const char *dot = memchr(p + i, '.', n - i);
    if (dot == NULL) return false;
    i = (size_t)(dot - p) + 1;
  }
  return false;
}

static url_status domain_to_ascii(url_scratch *s, url_slice *domain) {
  char *out;
  size_t n;
  switch (idna_to_ascii(domain->p, domain->n, &out, &n)) {
    case IDNA_OK: break;
    case IDNA_INVALID: return URL_INVALID;
    case IDNA_MEMORY: return URL_MEMORY;
    case IDNA_LIBRARY: return URL_LIBRARY;
  }
  char *kept = url_room(s, n);
  if (kept != NULL) memcpy(kept, out, n);
  free(out);
  *domain = (url_slice){kept, n};
  return kept != NULL ? URL_OK : URL_MEMORY;
}

static url_status parse_domain(url_scratch *s, url_slice text, url_slice *host) {
  char *name = url_room(s, text.n);
  if (name == NULL) return URL_MEMORY;
  url_slice domain = {name, text.n};
  if (memchr(text.p, '%', text.n) != NULL) domain.n = percent_decode(name, text);
  else memcpy(name, text.p, text.n);
  int bits = 0, high = 0;
  for (size_t i = 0; i < domain.n; i++) {
    char c = name[i];
    if (c >= 'A' && c <= 'Z') name[i] = (char)(c + 32);
    bits |= url_sets[(uint8_t)c];
    high |= c & 0x80;
  }
  if (high || has_ace(domain.p, domain.n)) {
    if (high && utf8_valid_prefix((const uint8_t *)domain.p, domain.n) != domain.n) return URL_INVALID;
    url_status status = domain_to_ascii(s, &domain);
    if (status != URL_OK) return status;
    bits = 0;
    for (size_t i = 0; i < domain.n; i++) bits |= url_sets[(uint8_t)domain.p[i]];
  }
  if (domain.n == 0 || bits & FORBIDDEN_DOMAIN) return URL_INVALID;
  if (ends_in_number(domain.p, domain.p + domain.n)) return parse_ipv4(s, domain.p, domain.p + domain.n, host);
  *host = domain;
  return URL_OK;
}

url_status url_host_parse(url_scratch *s, url_slice text, bool opaque, url_slice *host) {
  if (text.n > 0 && text.p[0] == '[') {
    if (text.p[text.n - 1] != ']') return URL_INVALID;
    return parse_ipv6(s, text.p + 1, text.p + text.n - 1, host);
  }
  if (!opaque) return parse_domain(s, text, host);
  for (size_t i = 0; i < text.n; i++)
    if (url_sets[(uint8_t)text.p[i]] & FORBIDDEN_HOST) return URL_INVALID;
  char *out = url_room(s, text.n * 3);
  if (out == NULL) return URL_MEMORY;
  *host = (url_slice){out, url_encode(out, text, SET_C0)};
  return URL_OK;
}

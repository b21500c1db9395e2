// SPDX-License-Identifier: MIT
#include "units.h"

#include "unicode.h"

#include <stdbool.h>
#include <string.h>

enum { STRETCH = 256 };

static size_t width_in_units(unsigned char lead) {
  return lead < 0x80 ? 1 : lead >= 0xf0 ? 2 : lead >= 0xc0;
}

static void units_index(const char *text, double length, uint32_t *index) {
  size_t n = (size_t)length, units = 0;
  for (size_t at = 0; at <= n; at += STRETCH) {
    index[at / STRETCH] = (uint32_t)units;
    size_t size = n - at < STRETCH ? n - at : STRETCH;
    units += (size_t)unicode_units(text + at, (double)size);
  }
}

static double units_unit_of(const char *text, const uint32_t *index, double byte) {
  size_t at = (size_t)byte, start = at / STRETCH * STRETCH;
  return index[at / STRETCH] + unicode_units(text + start, (double)(at - start));
}

static double units_byte_of(const char *text, double length, const uint32_t *index, double unit) {
  size_t n = (size_t)length, wanted = (size_t)unit, low = 0, high = n / STRETCH;
  while (low < high) { // the last stretch that begins at or before the unit
    size_t middle = (low + high + 1) / 2;
    if (index[middle] <= wanted) low = middle;
    else high = middle - 1;
  }
  size_t at = low * STRETCH, units = index[low];
  for (; at < n; at++) {
    size_t width = width_in_units((unsigned char)text[at]);
    if (width && units + width > wanted) return (double)at + (units < wanted ? 0.5 : 0);
    units += width;
  }
  return (double)n;
}

static uint32_t tail(const char *text, size_t n, size_t at) {
  return at < n ? (unsigned char)text[at] & 0x3fu : 0;
}

// The units of the character at `at`.
static void take(const char *text, size_t n, size_t at, uint32_t units[2]) {
  unsigned char lead = (unsigned char)text[at];
  if (lead < 0x80) {
    units[0] = lead;
  } else if (lead < 0xe0) {
    units[0] = (lead & 0x1fu) << 6 | tail(text, n, at + 1);
  } else if (lead < 0xf0) {
    units[0] = (lead & 0x0fu) << 12 | tail(text, n, at + 1) << 6 | tail(text, n, at + 2);
  } else {
    uint32_t point = (lead & 0x07u) << 18 | tail(text, n, at + 1) << 12 | tail(text, n, at + 2) << 6 | tail(text, n, at + 3);
    point -= 0x10000;
    units[0] = 0xd800 + (point >> 10 & 0x3ff);
    units[1] = 0xdc00 + (point & 0x3ff);
  }
}

static double units_unit_at(const char *text, double length, double unit) {
  size_t n = (size_t)length, wanted = (size_t)unit, units = 0;
  for (size_t at = 0; at < n; at++) {
    size_t width = width_in_units((unsigned char)text[at]);
    if (units + width > wanted) {
      uint32_t found[2] = {0, 0};
      take(text, n, at, found);
      return found[wanted - units];
    }
    units += width;
  }
  return -1;
}

static void units_decode(const char *text, double length, uint16_t *units) {
  size_t n = (size_t)length;
  for (size_t at = 0; at < n; at++) {
    size_t width = width_in_units((unsigned char)text[at]);
    if (!width) continue;
    uint32_t found[2];
    take(text, n, at, found);
    for (size_t i = 0; i < width; i++) *units++ = (uint16_t)found[i];
  }
}

static bool is_pair(const unsigned char *at, const unsigned char *end) {
  return end - at >= 6 && at[0] == 0xed && at[1] >= 0xa0 && at[1] < 0xb0 && at[3] == 0xed && at[4] >= 0xb0;
}

static double units_join(const char *text, double length, char *out) {
  const unsigned char *at = (const unsigned char *)text, *end = at + (size_t)length;
  char *to = out;
  bool any = false;
  while (at < end) {
    const unsigned char *high = memchr(at, 0xed, (size_t)(end - at));
    if (!high) high = end;
    if (to) {
      memcpy(to, at, (size_t)(high - at));
      to += high - at;
    }
    at = high;
    if (at == end) break;
    if (is_pair(at, end)) {
      any = true;
      if (!to) return 1;
      uint32_t point = 0x10000 + ((at[1] & 0x0fu) << 16 | (at[2] & 0x3fu) << 10 | (at[4] & 0x0fu) << 6 | (at[5] & 0x3fu));
      *to++ = (char)(0xf0 | point >> 18);
      *to++ = (char)(0x80 | (point >> 12 & 0x3f));
      *to++ = (char)(0x80 | (point >> 6 & 0x3f));
      *to++ = (char)(0x80 | (point & 0x3f));
      at += 6;
    } else {
      if (to) *to++ = (char)*at;
      at++;
    }
  }
  return any ? (double)(to - out) : -1;
}

const UnitsTable units_table = {units_index, units_unit_of, units_byte_of, units_unit_at, units_decode, units_join};

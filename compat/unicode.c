// SPDX-License-Identifier: MIT
#include "unicode.h"

#include <string.h>

typedef struct Range {
  uint32_t first, last;
} Range;

static const Range id_start[] = {
#define START(first, last) {first, last},
#include "unicode.def"
};

static const Range id_part[] = {
#define PART(first, last) {first, last},
#include "unicode.def"
};

static bool in_ranges(uint32_t code, const Range *ranges, size_t count) {
  size_t low = 0;
  while (low < count) {
    size_t middle = (low + count) / 2;
    if (code > ranges[middle].last) low = middle + 1;
    else if (code < ranges[middle].first) count = middle;
    else return true;
  }
  return false;
}

bool unicode_id_start(uint32_t c) {
  if (c < 0x80) return (c | 32) - 'a' < 26 || c == '$' || c == '_';
  return in_ranges(c, id_start, sizeof id_start / sizeof *id_start);
}

bool unicode_id_part(uint32_t c) {
  if (c < 0x80) return (c | 32) - 'a' < 26 || c == '$' || c == '_' || c - '0' < 10;
  if (c == 0x200C || c == 0x200D) return true;
  return in_ranges(c, id_start, sizeof id_start / sizeof *id_start) ||
         in_ranges(c, id_part, sizeof id_part / sizeof *id_part);
}

bool unicode_space(uint32_t c) {
  return c == 0xA0 || c == 0x1680 || (c >= 0x2000 && c <= 0x200A) || c == 0x202F || c == 0x205F || c == 0x3000 ||
         c == 0xFEFF;
}

int unicode_decode(const char *at, const char *end, uint32_t *code) {
  const unsigned char *s = (const unsigned char *)at;
  ptrdiff_t left = end - at;
  if (left < 1) return 0;
  if (s[0] < 0x80) return *code = s[0], 1;
  int len = s[0] >= 0xF0 ? 4 : s[0] >= 0xE0 ? 3 : 2;
  if (s[0] < 0xC2 || s[0] > 0xF4 || left < len) return 0;
  uint32_t c = s[0] & (0xFFu >> (len + 1));
  for (int i = 1; i < len; i++) {
    if ((s[i] & 0xC0) != 0x80) return 0;
    c = c << 6 | (s[i] & 63);
  }
  static const uint32_t least[] = {0, 0, 0x80, 0x800, 0x10000};
  if (c < least[len] || c > 0x10FFFF) return 0;
  return *code = c, len;
}

double unicode_units(const char *text, double length) {
  const unsigned char *at = (const unsigned char *)text, *end = at + (size_t)length;
  size_t units = 0;
  while (at < end) {
    uint64_t word;
    while (end - at >= 8 && (memcpy(&word, at, 8), !(word & 0x8080808080808080u))) at += 8, units += 8;
    for (const unsigned char *stop = end - at >= 8 ? at + 8 : end; at < stop; at++) units += *at < 0x80 ? 1 : *at >= 0xf0 ? 2 : *at >= 0xc0;
  }
  return (double)units;
}

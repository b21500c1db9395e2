// SPDX-License-Identifier: MIT
#include "number.h"

#include <math.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

static const char PAIRS[] =
    "00010203040506070809101112131415161718192021222324252627282930313233343536373839404142434445464748495051525354555657585960616263"
    "646566676869707172737475767778798081828384858687888990919293949596979899";

static size_t print_integer(int64_t v, char *out) {
  char digits[24];
  char *p = digits + sizeof digits;
  uint64_t u = v < 0 ? -(uint64_t)v : (uint64_t)v;
  while (u >= 100) {
    p -= 2;
    memcpy(p, PAIRS + u % 100 * 2, 2);
    u /= 100;
  }
  if (u >= 10) {
    p -= 2;
    memcpy(p, PAIRS + u * 2, 2);
  } else {
    *--p = (char)('0' + u);
  }
  if (v < 0) *--p = '-';
  size_t length = (size_t)(digits + sizeof digits - p);
  memcpy(out, p, length);
  return length;
}

// ---- the shortest digits: R. Giulietti, "The Schubfach way to render doubles" (2020)

#define POWER_MIN (-292)
#define POWER_MAX 324
#define LIMBS 18 // 10^324 has 1077 bits

typedef struct power { // the upper 128 bits of a power of ten, rounded up; high != 0 once it is known
  uint64_t high, low;
} power;

static int32_t floor_log2_pow10(int32_t e) {
  return (int32_t)(((int64_t)e * 1741647) >> 19);
}

static int32_t floor_log10_pow2(int32_t e, bool three_quarters) {
  return (int32_t)(((int64_t)e * 1262611 - (three_quarters ? 524031 : 0)) >> 22);
}

static void big_power(uint64_t limbs[LIMBS], int n) { // 10^n, least limb first
  memset(limbs, 0, LIMBS * sizeof *limbs);
  limbs[0] = 1;
  for (; n > 0; n--) {
    uint64_t carry = 0;
    for (int i = 0; i < LIMBS; i++) {
      unsigned __int128 product = (unsigned __int128)limbs[i] * 10 + carry;
      limbs[i] = (uint64_t)product;
      carry = (uint64_t)(product >> 64);
    }
  }
}

static bool bit_at(const uint64_t limbs[LIMBS], int bit) {
  return bit >= 0 && (limbs[bit / 64] >> (bit % 64) & 1) != 0;
}

static bool big_less(const uint64_t a[LIMBS], const uint64_t b[LIMBS]) {
  for (int i = LIMBS - 1; i >= 0; i--)
    if (a[i] != b[i]) return a[i] < b[i];
  return false;
}

static void big_subtract(uint64_t a[LIMBS], const uint64_t b[LIMBS]) {
  uint64_t borrow = 0;
  for (int i = 0; i < LIMBS; i++) {
    unsigned __int128 difference = (unsigned __int128)a[i] - b[i] - borrow;
    a[i] = (uint64_t)difference;
    borrow = (uint64_t)(difference >> 64) & 1;
  }
}

static void big_double(uint64_t a[LIMBS]) {
  for (int i = LIMBS - 1; i > 0; i--) a[i] = a[i] << 1 | a[i - 1] >> 63;
  a[0] <<= 1;
}

static power make_power(int n) {
  unsigned __int128 bits = 0;
  bool rest = false;
  uint64_t ten[LIMBS];
  int top = floor_log2_pow10(n);
  if (n >= 0) {
    big_power(ten, n);
    for (int i = 0; i < 128; i++) bits = bits << 1 | bit_at(ten, top - i);
    for (int i = top - 128; i >= 0 && !rest; i--) rest = bit_at(ten, i);
  } else { // long division of 2^-top, which is 10^-n or up to twice as much
    uint64_t left[LIMBS] = {0};
    big_power(ten, -n);
    left[-top / 64] = UINT64_C(1) << (-top % 64);
    for (int i = 0; i < 128; i++) {
      bool fits = !big_less(left, ten);
      if (fits) big_subtract(left, ten);
      bits = bits << 1 | fits;
      big_double(left);
    }
    for (int i = 0; i < LIMBS && !rest; i++) rest = left[i] != 0;
  }
  bits += rest;
  return (power){(uint64_t)(bits >> 64), (uint64_t)bits};
}

// Made when first asked for; the loop's thread is the only one here.
static power power_of_ten(int n) {
  static power known[POWER_MAX - POWER_MIN + 1];
  power *p = &known[n - POWER_MIN];
  if (p->high == 0) *p = make_power(n);
  return *p;
}

static uint64_t round_to_odd(power g, uint64_t c) {
  unsigned __int128 low = (unsigned __int128)g.low * c;
  unsigned __int128 product = (unsigned __int128)g.high * c + (uint64_t)(low >> 64);
  return (uint64_t)(product >> 64) | ((uint64_t)product > 1);
}

// value = result × 10^*exponent for a positive finite value, in the fewest digits but for zeros at the end.
static uint64_t shortest(double value, int *exponent) {
  uint64_t bits;
  memcpy(&bits, &value, sizeof bits);
  uint64_t fraction = bits & ((UINT64_C(1) << 52) - 1);
  int biased = (int)(bits >> 52 & 0x7ff);
  uint64_t c = biased != 0 ? fraction | UINT64_C(1) << 52 : fraction;
  int q = (biased != 0 ? biased : 1) - 1075;
  bool odd = c & 1, closer = fraction == 0 && biased > 1; // the neighbour below is nearer

  int k = floor_log10_pow2(q, closer), h = q + floor_log2_pow10(-k) + 1;
  power g = power_of_ten(-k);
  uint64_t lower = round_to_odd(g, (4 * c - 2 + closer) << h) + odd;
  uint64_t middle = round_to_odd(g, 4 * c << h);
  uint64_t upper = round_to_odd(g, (4 * c + 2) << h) - odd;

  uint64_t s = middle / 4;
  if (s >= 10) { // one digit less
    uint64_t tenth = s / 10;
    bool below = lower <= 40 * tenth, above = 40 * tenth + 40 <= upper;
    if (below != above) {
      *exponent = k + 1;
      return tenth + above;
    }
  }
  *exponent = k;
  bool below = lower <= 4 * s, above = 4 * s + 4 <= upper;
  if (below != above) return s + above;
  uint64_t half = 4 * s + 2;
  return s + (middle > half || (middle == half && (s & 1)));
}

// ---- printing

size_t number_print(double value, char out[NUMBER_TEXT]) {
  if (value == 0) { // -0 too
    out[0] = '0';
    return 1;
  }
  if (fabs(value) < 1e15 && value == (double)(int64_t)value) return print_integer((int64_t)value, out);

  char digits[24];
  int exponent;
  uint64_t decimal = shortest(fabs(value), &exponent);
  int count = (int)print_integer((int64_t)decimal, digits);
  exponent += count - 1;
  while (count > 1 && digits[count - 1] == '0') count--;

  char *o = out;
  if (value < 0) *o++ = '-';
  int point = exponent + 1; // digits before the point
  if (point > 21 || point < -5) {
    *o++ = digits[0];
    if (count > 1) {
      *o++ = '.';
      memcpy(o, digits + 1, (size_t)count - 1);
      o += count - 1;
    }
    *o++ = 'e';
    *o++ = exponent < 0 ? '-' : '+';
    o += print_integer(abs(exponent), o);
  } else if (point <= 0) {
    *o++ = '0';
    *o++ = '.';
    for (int i = point; i < 0; i++) *o++ = '0';
    memcpy(o, digits, (size_t)count);
    o += count;
  } else {
    int whole = count < point ? count : point;
    memcpy(o, digits, (size_t)whole);
    o += whole;
    for (int i = count; i < point; i++) *o++ = '0';
    if (count > point) {
      *o++ = '.';
      memcpy(o, digits + point, (size_t)(count - point));
      o += count - point;
    }
  }
  return (size_t)(o - out);
}

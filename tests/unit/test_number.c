// SPDX-License-Identifier: MIT
// Numbers as JavaScript prints them. Texts recorded from Node 20.
#include <check.h>
#include <math.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "number.h"

static const char *print(double value) {
  static char out[NUMBER_TEXT + 1];
  size_t n = number_print(value, out);
  ck_assert_uint_le(n, NUMBER_TEXT);
  out[n] = 0;
  return out;
}

START_TEST(known_numbers) {
  static const struct {
    double value;
    const char *text;
  } cases[] = {{0, "0"}, {-0.0, "0"}, {1, "1"}, {-1, "-1"}, {99, "99"}, {100, "100"}, {12345678, "12345678"}, {0.1, "0.1"}, {0.5, "0.5"}, {1.0 / 3, "0.3333333333333333"},
               {2.0 / 3, "0.6666666666666666"}, {1e21, "1e+21"}, {1e20, "100000000000000000000"}, {123456789012345680000.0, "123456789012345680000"}, {1e-6, "0.000001"}, {1e-7, "1e-7"},
               {1.5e-7, "1.5e-7"}, {5e-324, "5e-324"}, {1.5e-323, "1.5e-323"}, {2.2250738585072014e-308, "2.2250738585072014e-308"}, {2.225073858507201e-308, "2.225073858507201e-308"},
               {1.7976931348623157e308, "1.7976931348623157e+308"}, {9007199254740991.0, "9007199254740991"}, {9007199254740993.0, "9007199254740992"}, {1e15, "1000000000000000"},
               {4.35, "4.35"}, {-123.456, "-123.456"}, {0.000123, "0.000123"}, {1e23, "1e+23"}, {9.5e-5, "0.000095"}, {4.4501477170144023e-308, "4.4501477170144023e-308"},
               {0.30000000000000004, "0.30000000000000004"}, {5e-5, "0.00005"}, {123e45, "1.23e+47"}, {-1e-300, "-1e-300"}, {9.999999999999997e22, "9.999999999999997e+22"}};
  for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) ck_assert_str_eq(print(cases[i].value), cases[i].text);
}
END_TEST

// Any bits: the text reads back, and no shorter mantissa would.
START_TEST(random_bits_read_back_and_are_shortest) {
  uint64_t seed = 88172645463325252u;
  for (int i = 0; i < 200000; i++) {
    seed ^= seed << 13;
    seed ^= seed >> 7;
    seed ^= seed << 17;
    double value;
    uint64_t bits = i % 5 == 0 ? seed >> 12 : i % 5 == 1 ? seed & ~UINT64_C(0) << 40 : seed;
    memcpy(&value, &bits, sizeof value);
    if (!isfinite(value)) continue;
    const char *text = print(value);
    ck_assert_msg(strtod(text, NULL) == value, "%s for %a", text, value);
    if (i % 50 != 0 || value == 0) continue;
    int digits = 0, trailing = 0;
    for (const char *p = text; *p != 0 && *p != 'e'; p++) {
      if (*p < '0' || *p > '9' || (digits == 0 && *p == '0')) continue;
      digits++;
      trailing = *p == '0' ? trailing + 1 : 0;
    }
    digits -= trailing;
    if (digits < 2) continue;
    char shorter[64];
    snprintf(shorter, sizeof shorter, "%.*e", digits - 2, value);
    ck_assert_msg(strtod(shorter, NULL) != value, "%s is shorter than %s", shorter, text);
  }
}
END_TEST

START_TEST(every_power_of_two_and_of_ten) {
  for (int e = -1074; e <= 1023; e++) {
    double value = ldexp(1, e);
    ck_assert(strtod(print(value), NULL) == value);
    ck_assert(strtod(print(nextafter(value, 0)), NULL) == nextafter(value, 0));
    ck_assert(strtod(print(nextafter(value, INFINITY)), NULL) == nextafter(value, INFINITY));
  }
  for (int e = -323; e <= 308; e++) {
    char text[16];
    snprintf(text, sizeof text, "1e%d", e);
    double value = strtod(text, NULL);
    const char *printed = print(value);
    ck_assert(strtod(printed, NULL) == value);
    ck_assert_uint_le(strlen(printed), 22);
  }
}
END_TEST

int main(void) {
  Suite *suite = suite_create("number");
  TCase *tests = tcase_create("number");
  tcase_set_timeout(tests, 60);
  tcase_add_test(tests, known_numbers);
  tcase_add_test(tests, random_bits_read_back_and_are_shortest);
  tcase_add_test(tests, every_power_of_two_and_of_ten);
  suite_add_tcase(suite, tests);
  SRunner *runner = srunner_create(suite);
  srunner_run_all(runner, CK_ENV);
  int failed = srunner_ntests_failed(runner);
  srunner_free(runner);
  return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}

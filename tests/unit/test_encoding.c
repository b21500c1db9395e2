// SPDX-License-Identifier: MIT
// Encodings: known texts, every split, every amount of room, any bytes. Blocks are exactly as large as the _max functions say.
#include <check.h>
#include <stdlib.h>
#include <string.h>

#include "encoding.h"

static const char *const NAMES[] = {"utf8", "utf16le", "latin1", "ascii", "base64", "base64url", "hex"};

static char *decoded(encoding e, const void *bytes, size_t length, size_t *made) {
  size_t room = encoding_decoded_max(e, length);
  uint8_t *copy = malloc(length + 1); // its own block, so that a read beyond it shows
  uint8_t *exact = realloc(copy, length != 0 ? length : 1);
  if (length != 0) memcpy(exact, bytes, length);
  char *out = malloc(room != 0 ? room : 1);
  *made = encoding_decode(e, exact, length, out);
  ck_assert_uint_le(*made, room);
  free(exact);
  return out;
}

static void check_decode(encoding e, const char *bytes, size_t length, const char *want) {
  size_t made;
  char *out = decoded(e, bytes, length, &made);
  ck_assert_msg(made == strlen(want) && memcmp(out, want, made) == 0, "%s: %.*s, want %s", NAMES[e], (int)made, out, want);
  free(out);
}

static void check_encode(encoding e, const char *text, const char *want, size_t length) {
  size_t room = encoding_encoded_max(e, strlen(text));
  ck_assert_uint_ge(room, length);
  uint8_t *out = malloc(room != 0 ? room : 1);
  size_t made = encoding_encode(e, text, strlen(text), out, room);
  ck_assert_msg(made == length && memcmp(out, want, length) == 0, "%s of %s: %zu bytes", NAMES[e], text, made);
  free(out);
}

START_TEST(names) {
  for (int i = 0; i < ENC_COUNT; i++) ck_assert_int_eq(encoding_named(NAMES[i]), i);
  ck_assert_int_eq(encoding_named("utf-8"), ENC_COUNT);
  ck_assert_int_eq(encoding_named(""), ENC_COUNT);
}
END_TEST

START_TEST(known_texts) {
  check_decode(ENC_UTF8, "a\xc3\xa9\xe2\x82\xac\xf0\x9f\x98\x80", 10, "a\xc3\xa9\xe2\x82\xac\xf0\x9f\x98\x80");
  check_decode(ENC_UTF16LE, "a\0\xac\x20\x3d\xd8\x00\xde", 8, "a\xe2\x82\xac\xf0\x9f\x98\x80");
  check_decode(ENC_UTF16LE, "\x3d\xd8" "a\0b", 5, "\xed\xa0\xbd" "a");
  check_decode(ENC_LATIN1, "a\xe9\xff", 3, "a\xc3\xa9\xc3\xbf");
  check_decode(ENC_ASCII, "a\xe1", 2, "aa");
  check_decode(ENC_BASE64, "\xfb\xff\xfe", 3, "+//+");
  check_decode(ENC_BASE64, "\xfb\xff", 2, "+/8=");
  check_decode(ENC_BASE64, "\xfb", 1, "+w==");
  check_decode(ENC_BASE64URL, "\xfb\xff", 2, "-_8");
  check_decode(ENC_HEX, "\x01\xfe", 2, "01fe");
  check_encode(ENC_UTF8, "a\xc3\xa9", "a\xc3\xa9", 3);
  check_encode(ENC_UTF8, "\xff\xed\xa0\xbd", "\xff\xed\xa0\xbd", 4);
  check_encode(ENC_UTF16LE, "a\xf0\x9f\x98\x80", "a\0\x3d\xd8\x00\xde", 6);
  check_encode(ENC_UTF16LE, "\xed\xa0\xbd", "\x3d\xd8", 2);
  check_encode(ENC_LATIN1, "\xc3\xa9\xe2\x82\xac", "\xe9\xac", 2);
  check_encode(ENC_BASE64, "-_8=", "\xfb\xff", 2);
  check_encode(ENC_BASE64, "+ /\n8", "\xfb\xff", 2);
  check_encode(ENC_BASE64, "YWI=YWI=", "ab", 2);
  check_encode(ENC_BASE64URL, "YWJjZA", "abcd", 4);
  check_encode(ENC_HEX, "0aFfzz01", "\x0a\xff", 2);
  check_encode(ENC_HEX, "0a0", "\x0a", 1);
}
END_TEST

START_TEST(invalid_utf8_is_replaced_once_for_each_maximal_part) {
  check_decode(ENC_UTF8, "\xff", 1, "\xef\xbf\xbd");
  check_decode(ENC_UTF8, "\xe2\x82", 2, "\xef\xbf\xbd");
  check_decode(ENC_UTF8, "\xe2\x82" "a", 3, "\xef\xbf\xbd" "a");
  check_decode(ENC_UTF8, "\xc0\xaf", 2, "\xef\xbf\xbd\xef\xbf\xbd");
  check_decode(ENC_UTF8, "\xed\xa0\x80", 3, "\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd");
  check_decode(ENC_UTF8, "\xf4\x90\x80\x80", 4, "\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd");
  check_decode(ENC_UTF8, "\xf0\x9f\x98", 3, "\xef\xbf\xbd");
}
END_TEST

START_TEST(valid_prefix_at_every_cut) {
  static const char text[] = "0123456\xc3\xa9" "89abcdef\xe2\x82\xac_\xf0\x9f\x98\x80";
  static const size_t starts[] = {7, 8, 17, 19, 21, 24}; // first byte of each sequence, and the one behind it
  for (size_t n = 0; n < sizeof text; n++) {
    size_t want = n;
    for (int i = 0; i < 3; i++) {
      size_t first = i == 0 ? starts[0] : i == 1 ? starts[2] : starts[4], length = (size_t)i + 2;
      if (n > first && n < first + length) want = first;
    }
    uint8_t *exact = malloc(n != 0 ? n : 1);
    memcpy(exact, text, n);
    ck_assert_uint_eq(utf8_valid_prefix(exact, n), want);
    free(exact);
  }
}
END_TEST

// Into less room: a prefix of the whole, as long as whole characters (in UTF-16: units) allow.
START_TEST(every_amount_of_room) {
  static const char *const texts[] = {"a\xc3\xa9\xe2\x82\xac\xf0\x9f\x98\x80z", "YWJj\nZGVm=", "0a0b0c0d", "-_-_-_-_-", "\xff\xfe\xed\xa0\x80", ""};
  for (int e = 0; e < ENC_COUNT; e++) {
    for (size_t k = 0; k < sizeof texts / sizeof *texts; k++) {
      size_t length = strlen(texts[k]), max = encoding_encoded_max((encoding)e, length);
      uint8_t *whole = malloc(max + 1);
      size_t all = encoding_encode((encoding)e, texts[k], length, whole, max), before = 0;
      for (size_t room = 0; room <= all; room++) {
        uint8_t *out = malloc(room != 0 ? room : 1);
        size_t made = encoding_encode((encoding)e, texts[k], length, out, room);
        ck_assert_uint_le(made, room);
        ck_assert_uint_ge(made, before);
        ck_assert_uint_ge(made + 4, room + 1);
        ck_assert(memcmp(out, whole, made) == 0);
        before = made;
        free(out);
      }
      ck_assert_uint_eq(before, all);
      free(whole);
    }
  }
}
END_TEST

START_TEST(any_bytes_do_no_harm_and_whole_ones_come_back) {
  uint32_t seed = 2463534242u;
  for (int round = 0; round < 20000; round++) {
    uint8_t bytes[24];
    size_t length = (size_t)round % sizeof bytes;
    for (size_t i = 0; i < length; i++) {
      seed ^= seed << 13;
      seed ^= seed >> 17;
      seed ^= seed << 5;
      bytes[i] = (uint8_t)(round & 1 ? seed : 0x80 | (seed & 0x7f));
    }
    for (int e = 0; e < ENC_COUNT; e++) {
      size_t made;
      char *text = decoded((encoding)e, bytes, length, &made);
      if (e == ENC_UTF8 || e == ENC_LATIN1) ck_assert_uint_eq(utf8_valid_prefix((uint8_t *)text, made), made);
      size_t room = encoding_encoded_max((encoding)e, made);
      uint8_t *back = malloc(room != 0 ? room : 1);
      size_t n = encoding_encode((encoding)e, text, made, back, room);
      if (e >= ENC_BASE64 || e == ENC_LATIN1) ck_assert(n == length && memcmp(back, bytes, n) == 0);
      if (e == ENC_UTF16LE) ck_assert(n == length / 2 * 2 && memcmp(back, bytes, n) == 0);
      free(back);
      room = encoding_encoded_max((encoding)e, length); // the bytes taken as text
      back = malloc(room != 0 ? room : 1);
      ck_assert_uint_le(encoding_encode((encoding)e, (char *)bytes, length, back, room), room);
      free(back);
      free(text);
    }
  }
}
END_TEST

int main(void) {
  Suite *suite = suite_create("encoding");
  TCase *tests = tcase_create("encoding");
  tcase_set_timeout(tests, 60);
  tcase_add_test(tests, names);
  tcase_add_test(tests, known_texts);
  tcase_add_test(tests, invalid_utf8_is_replaced_once_for_each_maximal_part);
  tcase_add_test(tests, valid_prefix_at_every_cut);
  tcase_add_test(tests, every_amount_of_room);
  tcase_add_test(tests, any_bytes_do_no_harm_and_whole_ones_come_back);
  suite_add_tcase(suite, tests);
  SRunner *runner = srunner_create(suite);
  srunner_run_all(runner, CK_ENV);
  int failed = srunner_ntests_failed(runner);
  srunner_free(runner);
  return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}

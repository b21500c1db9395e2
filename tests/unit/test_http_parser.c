// SPDX-License-Identifier: MIT
//
// http_parser.c without Lua: growing bytes, and the raw block of every way to split a message.
#include <check.h>
#include <stdlib.h>
#include <string.h>

#include "../../src/http_parser.h"

static char seen[1024]; // what the hooks were given
static size_t seen_length;

static void note(const char *bytes, size_t length) {
  ck_assert_uint_lt(seen_length + length, sizeof seen);
  memcpy(seen + seen_length, bytes, length);
  seen_length += length;
  seen[seen_length] = 0;
}

static int headers(http_parser *p) {
  note("<", 1);
  note(p->head.data, p->head.length);
  note(">", 1);
  p->head.length = 0;
  p->first_line = p->pair = p->pairs = 0;
  return 0;
}

static int body(http_parser *p, const char *bytes, size_t length) {
  (void)p;
  note(bytes, length);
  return 0;
}

static int complete(http_parser *p) {
  note("[", 1);
  note(p->head.data == NULL ? "" : p->head.data, p->head.length);
  note("]", 1);
  return 0;
}

static const http_hooks hooks = {headers, body, complete};

START_TEST(bytes_grow) {
  http_bytes b = {0};
  for (int i = 0; i < 10000; i++) ck_assert(http_bytes_put(&b, "0123456789", 10));
  ck_assert_uint_eq(b.length, 100000);
  ck_assert_uint_ge(b.capacity, b.length);
  for (size_t i = 0; i < b.length; i++) ck_assert_int_eq(b.data[i], '0' + (char)(i % 10));
  ck_assert(!http_bytes_room(&b, SIZE_MAX - 5)); // refused, and nothing is lost
  ck_assert_uint_eq(b.length, 100000);
  http_bytes_free(&b);
  ck_assert_ptr_null(b.data);
}
END_TEST

START_TEST(every_split_is_the_same) {
  static const char text[] = "POST /a HTTP/1.1\r\nHost:  x \r\nTransfer-Encoding: chunked\r\nExpect: y\r\n\r\n3\r\nabc\r\n0\r\nT: u\r\n\r\n";
  static const char want[] = "</aHost\nx\nTransfer-Encoding\nchunked\nExpect\ny\n>abc[T\nu\n]";
  size_t length = sizeof text - 1;
  for (size_t i = 0; i <= length; i++) {
    http_parser p;
    memset(&p, 0, sizeof p);
    http_parser_init(&p, HTTP_REQUEST, &hooks, false);
    seen_length = 0;
    size_t parsed;
    // Copies, so that a read past the end is caught.
    char *first = malloc(i + 1), *second = malloc(length - i + 1);
    memcpy(first, text, i);
    memcpy(second, text + i, length - i);
    ck_assert_int_eq(http_parser_execute(&p, first, i, &parsed), HPE_OK);
    ck_assert_int_eq(http_parser_execute(&p, second, length - i, &parsed), HPE_OK);
    ck_assert_uint_eq(parsed, length - i);
    ck_assert_str_eq(seen, want);
    ck_assert_int_eq(p.seen, HTTP_HAS_HOST | HTTP_HAS_EXPECT);
    ck_assert(!p.in_message);
    free(first);
    free(second);
    http_parser_free(&p);
  }
}
END_TEST

START_TEST(limits_hold) {
  http_parser p;
  memset(&p, 0, sizeof p);
  p.max_head = 32;
  p.max_pairs = 1;
  http_parser_init(&p, HTTP_REQUEST, &hooks, false);
  seen_length = 0;
  size_t parsed;
  static const char two[] = "GET / HTTP/1.1\r\nA: 1\r\nB: 2\r\n\r\n";
  ck_assert_int_eq(http_parser_execute(&p, two, sizeof two - 1, &parsed), HPE_OK);
  ck_assert_str_eq(seen, "</A\n1\n>[]");
  static const char longer[] = "GET / HTTP/1.1\r\nA: 12345678901234567890123456789012\r\n\r\n";
  ck_assert_int_eq(http_parser_execute(&p, longer, sizeof longer - 1, &parsed), HPE_USER);
  http_error error;
  http_parser_error(&p, &error);
  ck_assert_int_eq(strncmp(error.code, "HPE_HEADER_OVERFLOW", error.code_length), 0);
  ck_assert_str_eq(error.reason, "Header overflow");
  http_parser_free(&p);
}
END_TEST

int main(void) {
  Suite *suite = suite_create("http_parser");
  TCase *tcase = tcase_create("all");
  tcase_add_test(tcase, bytes_grow);
  tcase_add_test(tcase, every_split_is_the_same);
  tcase_add_test(tcase, limits_hold);
  suite_add_tcase(suite, tcase);
  SRunner *runner = srunner_create(suite);
  srunner_run_all(runner, CK_ENV);
  int failed = srunner_ntests_failed(runner);
  srunner_free(runner);
  return failed == 0 ? 0 : 1;
}

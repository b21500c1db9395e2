// SPDX-License-Identifier: MIT
#include "lex.h"

#include <check.h>
#include <stdlib.h>
#include <string.h>

typedef struct Lexing {
  Arena arena;
  Atoms atoms;
  Text scratch;
  Diagnostic diagnostic;
  Lexer lexer;
} Lexing;

static Lexing *lexing_new(const char *source, size_t len, bool module) {
  Lexing *l = calloc(1, sizeof *l);
  arena_init(&l->arena);
  atoms_init(&l->atoms, &l->arena);
  l->diagnostic = (Diagnostic){.source = source, .len = len};
  lex_init(&l->lexer, source, len, &l->atoms, &l->scratch, &l->diagnostic, module);
  return l;
}

static void lexing_free(Lexing *l) {
  text_free(&l->scratch);
  atoms_free(&l->atoms);
  arena_free(&l->arena);
  free(l);
}

static Token only_token(Lexing *l) {
  Token token = l->lexer.token;
  lex_next(&l->lexer);
  ck_assert_int_eq(l->lexer.token.type, T_END);
  return token;
}

static void check_number(const char *source, double value) {
  Lexing *l = lexing_new(source, strlen(source), false);
  Token token = only_token(l);
  ck_assert_msg(!l->diagnostic.failed, "%s: %s", source, l->diagnostic.error.message);
  ck_assert_int_eq(token.type, T_NUMBER);
  ck_assert_double_eq(token.number, value);
  lexing_free(l);
}

START_TEST(numbers_have_their_values) {
  check_number("0", 0);
  check_number("1_000.5e-1", 100.05);
  check_number("0xFF", 255);
  check_number("0b101", 5);
  check_number("0o17", 15);
  check_number("017", 15);
  check_number("089", 89);
  check_number(".5", 0.5);
  check_number("5.", 5);
  check_number("9007199254740993", 9007199254740992.0);
  check_number("0x20000000000001", 9007199254740992.0);
  check_number("0x20000000000003", 9007199254740996.0);
  check_number("0x200000000000011", 144115188075855904.0);
}
END_TEST

static void check_string(const char *source, const char *value, size_t len) {
  Lexing *l = lexing_new(source, strlen(source), false);
  Token token = only_token(l);
  ck_assert_int_eq(token.type, T_STRING);
  ck_assert_uint_eq(token.atom->len, len);
  ck_assert(!memcmp(token.atom->text, value, len));
  lexing_free(l);
}

START_TEST(strings_are_cooked) {
  check_string("'a\\n\\x41\\u0042\\u{1F600}'", "a\nAB\xF0\x9F\x98\x80", 8);
  check_string("'\\uD83D\\uDE00'", "\xF0\x9F\x98\x80", 4);
  check_string("'\\uD83D'", "\xED\xA0\xBD", 3);
  check_string("'a\\\r\nb'", "ab", 2);
  check_string("'\\0'", "", 1);
  check_string("'\\101'", "A", 1);
  check_string("'\xFF'", "\xEF\xBF\xBD", 3);
}
END_TEST

static void check_error(const char *source, const char *message, uint32_t column) {
  Lexing *l = lexing_new(source, strlen(source), false);
  while (l->lexer.token.type != T_END) lex_next(&l->lexer);
  ck_assert_msg(l->diagnostic.failed, "%s was taken", source);
  ck_assert_str_eq(l->diagnostic.error.message, message);
  ck_assert_uint_eq(l->diagnostic.error.column, column);
  lexing_free(l);
}

START_TEST(errors_are_in_V8s_words) {
  check_error("a @", "Invalid or unexpected token", 3);
  check_error("'abc", "Invalid or unexpected token", 1);
  check_error("3in []", "Invalid or unexpected token", 2);
  check_error("1__0", "Only one underscore is allowed as numeric separator", 2);
  check_error("1_", "Numeric separators are not allowed at the end of numeric literals", 2);
  check_error("'\\u{110000}'", "Undefined Unicode code-point", 2);
  check_error("'\\xg'", "Invalid hexadecimal escape sequence", 2);
  check_error("/* x", "Invalid or unexpected token", 1);
}
END_TEST

START_TEST(lines_are_counted_by_every_line_end) {
  const char *source = "a\nb\r\nc\rd\xE2\x80\xA8" "e /* \n */ f";
  Lexing *l = lexing_new(source, strlen(source), false);
  uint32_t lines[] = {1, 2, 3, 4, 5, 6};
  for (int i = 0; i < 6; i++, lex_next(&l->lexer)) {
    ck_assert_uint_eq(l->lexer.token.line, lines[i]);
    ck_assert(l->lexer.token.newline);
  }
  lexing_free(l);
}
END_TEST

START_TEST(html_comments_and_hashbang_are_skipped) {
  const char *source = "#!x\n<!-- y\n--> z\na --> b";
  Lexing *l = lexing_new(source, strlen(source), false);
  TokenType want[] = {T_NAME, T_DEC, T_GT, T_NAME, T_END};
  for (int i = 0; i < 5; i++, lex_next(&l->lexer)) ck_assert_int_eq(l->lexer.token.type, want[i]);
  lexing_free(l);
}
END_TEST

START_TEST(names_with_escapes_are_the_same_names) {
  const char *source = "\\u0061b ab \\u{66}or";
  Lexing *l = lexing_new(source, strlen(source), false);
  Atom *name = l->lexer.token.atom;
  lex_next(&l->lexer);
  ck_assert_ptr_eq(name, l->lexer.token.atom);
  lex_next(&l->lexer);
  ck_assert_int_eq(l->lexer.token.type, T_ESCAPED_RESERVED);
  lexing_free(l);
}
END_TEST

// Sources cut at every byte, and each byte changed: no crash, no loop (the sanitizers watch).
START_TEST(any_bytes_end) {
  static const char source[] = "#!x\nvar a\xC3\xA9 = 0x1F + 1_0.5e3 / b ** `t${'s\\u{41}'}` ?? /[a/]\\//gu // c\n\xE2\x80\xA8 #p?.x ||= 10n";
  size_t len = sizeof source - 1;
  for (size_t cut = 0; cut <= len; cut++) {
    for (int changed = 0; changed < 3; changed++) {
      char *copy = malloc(cut ? cut : 1);
      memcpy(copy, source, cut);
      if (changed && cut) copy[cut - 1] = changed == 1 ? '\0' : '\xE2';
      Lexing *l = lexing_new(copy, cut, false);
      for (size_t n = 0; l->lexer.token.type != T_END; n++, lex_next(&l->lexer)) ck_assert_uint_le(n, len);
      lexing_free(l);
      free(copy);
    }
  }
}
END_TEST

int main(void) {
  Suite *suite = suite_create("compat/lex");
  TCase *tests = tcase_create("lex");
  tcase_add_test(tests, numbers_have_their_values);
  tcase_add_test(tests, strings_are_cooked);
  tcase_add_test(tests, errors_are_in_V8s_words);
  tcase_add_test(tests, lines_are_counted_by_every_line_end);
  tcase_add_test(tests, html_comments_and_hashbang_are_skipped);
  tcase_add_test(tests, names_with_escapes_are_the_same_names);
  tcase_add_test(tests, any_bytes_end);
  suite_add_tcase(suite, tests);
  SRunner *runner = srunner_create(suite);
  srunner_run_all(runner, CK_ENV);
  int failed = srunner_ntests_failed(runner);
  srunner_free(runner);
  return failed != 0;
}

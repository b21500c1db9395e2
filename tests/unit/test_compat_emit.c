// SPDX-License-Identifier: MIT
#include "js.h"

#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static char *compile(const char *source, JsGoal goal, JsOutput output) {
  JsOptions options = {.goal = goal, .params = "exports require"};
  JsResult result = js_compile(source, strlen(source), &options, output);
  ck_assert_msg(result.ok, "%s: %s", source, result.error.message);
  return result.text;
}

static void emits(const char *source, const char *part) {
  char *text = compile(source, JS_FUNCTION, JS_LUA);
  ck_assert_msg(strstr(text, part) != NULL, "%s gave %s", source, text);
  free(text);
}

static void scopes(const char *source, const char *part) {
  char *text = compile(source, JS_FUNCTION, JS_SCOPE);
  ck_assert_msg(strstr(text, part) != NULL, "%s gave %s", source, text);
  free(text);
}

START_TEST(calls_pass_this_first) {
  emits("f(1)", "(f or rt.missing(\"f\"))(nil, 1)");
  emits("var o; o.m(1)", "o:m(1)");
  emits("var o; o.end(1)", "o[\"end\"](o, 1)");
  emits("var o; o.p().then(1)", "invoke(o:p(), \"then\", 1)");
  emits("exports.f(exports.g())", "exports:f((exports:g()))");
  emits("return exports.f()", "return (exports:f())");
}
END_TEST

START_TEST(known_types_use_luas_operators) {
  emits("let i = 1, j = i + 2; exports(i < j)", "exports(nil, i < j)");
  emits("let i = 1; exports(i + 2)", "i + 2");
  emits("exports(exports + 2)", "plus(exports, 2)");
  emits("exports('a' + exports)", "\"a\" .. tostr(exports)");
  emits("let a = [], i = 0; a[i]; exports(a[i - 1], a[i + 1], a[0])", "a[i], a[i + 2], a[1]");
  emits("exports[require]", "exports[tokey(require)]");
  emits("exports(require == null)", "require == nil or require == null");
  emits("for (let i = 0; i < 10; i++) exports(i)", "for i = 0, 9 do exports(nil, i) end");
}
END_TEST

START_TEST(appends_go_to_a_buffer) {
  emits("let s = ''; for (const x of exports) s += x; return s", "s:put(tostr(x))");
  emits("let s = ''; for (const x of exports) s = s + 'a' + x; return s", "s:put(\"a\", tostr(x))");
  scopes("let s = ''; for (const x of exports) { s += x; exports(s) }", "let \"s\" local reassigned\n");
}
END_TEST

START_TEST(lines_are_kept) {
  const char *source = "var a = 1;\n\nfunction f() {\n  return a;\n}\nf(\n  1,\n  function () {\n    throw a;\n  }\n);\nif (a) {\n  f();\n}\nelse\n  g();\n";
  char *text = compile(source, JS_FUNCTION, JS_LUA);
  uint32_t line = 1;
  static const struct {
    uint32_t line;
    const char *text;
  } places[] = {{4, "return a"}, {6, "f(nil"}, {9, "throw(a)"}, {13, "f(nil)"}, {16, "missing(\"g\")"}};
  size_t next = 0;
  for (char *at = text; next < sizeof places / sizeof *places; line++) {
    char *end = strchr(at, '\n');
    ck_assert_ptr_nonnull(end);
    *end = 0;
    if (line == places[next].line) {
      ck_assert_msg(strstr(at, places[next].text) != NULL, "line %u: %s", line, at);
      next++;
    }
    at = end + 1;
  }
  free(text);
}
END_TEST

START_TEST(scopes_know_what_may_be_dead) {
  scopes("f(); function f() { return x } let x = 1", "let \"x\" local captured checked");
  scopes("function f() { return x } let x = 1; f()", "let \"x\" local captured forward");
  scopes("f(); function f() { g() } function g() {}", "function \"g\" local captured early");
  scopes("function f() {} f()", "function \"f\" local\n");
  scopes("x; let x", "checked");
}
END_TEST

START_TEST(limits_move_names_to_tables) {
  char source[8192] = "";
  for (int i = 0; i < 300; i++) sprintf(source + strlen(source), "var v%d; ", i);
  strcat(source, "function f() { return v1 + v299 }");
  char *text = compile(source, JS_FUNCTION, JS_SCOPE);
  ck_assert_ptr_nonnull(strstr(text, "var \"v1\" table captured"));
  free(text);
}
END_TEST

START_TEST(names_that_lua_lacks_are_changed) {
  emits("var end = 1; exports(end)", "exports(nil, end_1)");
  emits("var $ = 1, t1 = 2; exports($, t1)", "exports(nil, __1, t1_2)");
  emits("var plus = exports + exports; exports(plus)", "plus(exports, exports)");
}
END_TEST

int main(void) {
  Suite *suite = suite_create("compat/emit");
  TCase *tests = tcase_create("emit");
  tcase_add_test(tests, calls_pass_this_first);
  tcase_add_test(tests, known_types_use_luas_operators);
  tcase_add_test(tests, appends_go_to_a_buffer);
  tcase_add_test(tests, lines_are_kept);
  tcase_add_test(tests, scopes_know_what_may_be_dead);
  tcase_add_test(tests, limits_move_names_to_tables);
  tcase_add_test(tests, names_that_lua_lacks_are_changed);
  suite_add_tcase(suite, tests);
  SRunner *runner = srunner_create(suite);
  srunner_run_all(runner, CK_ENV);
  int failed = srunner_ntests_failed(runner);
  srunner_free(runner);
  return failed != 0;
}

// SPDX-License-Identifier: MIT
#include "js.h"

#include <check.h>
#include <stdlib.h>
#include <string.h>

static JsResult check(const char *source, JsGoal goal, bool strict) {
  JsOptions options = {.goal = goal, .strict = strict};
  return js_check(source, strlen(source), &options);
}

static void accept(const char *source) {
  JsResult result = check(source, JS_SCRIPT, false);
  ck_assert_msg(result.ok, "%s: %s", source, result.error.message);
}

static void refuse(const char *source, const char *message) {
  JsResult result = check(source, JS_SCRIPT, false);
  ck_assert_msg(!result.ok, "%s was taken", source);
  ck_assert_str_eq(result.error.type, "SyntaxError");
  ck_assert_msg(!strcmp(result.error.message, message), "%s: %s", source, result.error.message);
}

START_TEST(statements_end_by_themselves) {
  accept("a = b\nc = d");
  accept("do ; while (0) x");
  accept("x\n++y");
  accept("var a = 1\n;[a]");
  accept("async\nfunction f() {}");
  accept("for (;;) { continue\n}");
  refuse("a b", "Unexpected identifier 'b'");
  refuse("throw\n1", "Illegal newline after throw");
}
END_TEST

START_TEST(cover_grammars_are_told_apart) {
  accept("({a, b: [c = 1, ...d], ...e}) => a");
  accept("[a.b, c[0], ...{length: d}] = e");
  accept("async ({a = 1}, ...b) => await a");
  accept("async(1, 2)");
  accept("({a = 1} = {})");
  refuse("({a = 1})", "Invalid shorthand property initializer");
  refuse("({a: 1} = {})", "Invalid destructuring assignment target");
  refuse("(a, b) = 1", "Invalid left-hand side in assignment");
  refuse("((a)) => 1", "Invalid destructuring assignment target");
  refuse("(a, ...b)", "Unexpected end of input");
  refuse("() + 1", "Unexpected token '+'");
  refuse("[...a, b] = c", "Rest element must be last element");
  refuse("f(a = 1, {b = 2})", "Invalid shorthand property initializer");
}
END_TEST

START_TEST(early_errors_are_in_V8s_words) {
  refuse("let a; let a", "Identifier 'a' has already been declared");
  refuse("{ var x; let x }", "Identifier 'x' has already been declared");
  refuse("try {} catch (e) { let e }", "Identifier 'e' has already been declared");
  refuse("const a;", "Missing initializer in const declaration");
  refuse("break", "Illegal break statement");
  refuse("a: { continue a }", "Illegal continue statement: 'a' does not denote an iteration statement");
  refuse("while (1) break b", "Undefined label 'b'");
  refuse("a: a: ;", "Label 'a' has already been declared");
  refuse("return", "Illegal return statement");
  refuse("'use strict'; with (a) {}", "Strict mode code may not include a with statement");
  refuse("'use strict'; 010", "Octal literals are not allowed in strict mode.");
  refuse("'\\01'; 'use strict'", "Octal escape sequences are not allowed in strict mode.");
  refuse("'use strict'; delete a", "Delete of an unqualified identifier in strict mode.");
  refuse("'use strict'; eval = 1", "Unexpected eval or arguments in strict mode");
  refuse("function f(a, a) { 'use strict' }", "Duplicate parameter name not allowed in this context");
  refuse("(a, a) => 1", "Duplicate parameter name not allowed in this context");
  refuse("function f(a = 1) { 'use strict' }", "Illegal 'use strict' directive in function with non-simple parameter list");
  refuse("class A { #a; #a }", "Identifier '#a' has already been declared");
  refuse("class A { f() { this.#b } }", "Private field '#b' must be declared in an enclosing class");
  refuse("class A { constructor() { super() } }", "'super' keyword unexpected here");
  refuse("class A { constructor() {} constructor() {} }", "A class may only have one constructor");
  refuse("new.target", "new.target expression is not allowed here");
  refuse("({__proto__: 1, __proto__: 2})", "Duplicate __proto__ fields are not allowed in object literals");
  refuse("-1 ** 2", "Unary operator used immediately before exponentiation expression. "
                    "Parenthesis must be used to disambiguate operator precedence");
  refuse("a ?? b || c", "Unexpected token '||'");
  refuse("new a?.b()", "Invalid optional chain from new expression");
  refuse("a?.b = 1", "Invalid left-hand side in assignment");
  refuse("if (1) let\n[a] = b", "Lexical declaration cannot appear in a single-statement context");
  refuse("/(/", "Invalid regular expression: /(/: Unterminated group");
  refuse("/a/gg", "Invalid regular expression flags");
  refuse("/a{2,1}/", "Invalid regular expression: /a{2,1}/: numbers out of order in {} quantifier");
  refuse("`\\u{}`", "Invalid Unicode escape sequence");
  refuse("async () => { for await (a in b) ; }", "Unexpected token 'in'");
  refuse("function f() { await x }", "await is only valid in async functions and the top level bodies of modules");
  refuse("import a from 'b'", "Cannot use import statement outside a module");
  refuse("f(a b)", "missing ) after argument list");
}
END_TEST

START_TEST(words_mean_what_their_place_says) {
  accept("var yield, await, async, of, get, set, static, let, as, from");
  accept("async = 1; async(); async => async; let = 1");
  accept("({get, set, async, static: 1, get a() {}, set a(b) {}, async c() {}, *d() {}, async *e() {}, get() {}, new: 1})");
  accept("class A { static; get; set; async; static static; static get x() {} static async *y() {} 'constructor'() {} }");
  accept("label: function f() {}");
  accept("if (a) function f() {} else function g() {}");
  accept("for (var i = 0 in {}) ;");
  accept("for (let in {}) ;");
  accept("x = /=/ / a / /b/g; x = a++ / 2; y = {} / 1");
  accept("a?.5:1; a?.[0]?.(b)?.c");
  ck_assert(!check("yield = 1", JS_SCRIPT, true).ok);
  ck_assert(!check("await = 1", JS_MODULE, false).ok);
  ck_assert(check("await 1; for await (const a of b) ;", JS_MODULE, false).ok);
  ck_assert(check("return new.target", JS_FUNCTION, false).ok);
}
END_TEST

START_TEST(places_are_given_in_code_points) {
  const char *source = "var a;\n  '\xC3\xA9' b";
  JsResult result = check(source, JS_SCRIPT, false);
  ck_assert_uint_eq(result.error.line, 2);
  ck_assert_uint_eq(result.error.column, 7);
  char *text = js_error_render(&result.error, "x.js", source, strlen(source));
  ck_assert_str_eq(text, "x.js:2:7\n  '\xC3\xA9' b\n      ^\n\nSyntaxError: Unexpected identifier 'b'\n");
  free(text);
}
END_TEST

static char *repeated(const char *open, const char *middle, const char *close, size_t n) {
  size_t a = strlen(open), m = strlen(middle), c = strlen(close);
  char *text = malloc(n * (a + c) + m + 1), *at = text;
  for (size_t i = 0; i < n; i++, at += a) memcpy(at, open, a);
  memcpy(at, middle, m);
  at += m;
  for (size_t i = 0; i < n; i++, at += c) memcpy(at, close, c);
  *at = 0;
  return text;
}

START_TEST(deep_nesting_is_an_error) {
  static const char *const cases[][3] = {
    {"(", "1", ")"}, {"[", "", "]"}, {"{", "", "}"}, {"{a:", "1", "}"}, {"a=>", "1", ""}, {"-", "1", ""}, {"!", "1", ""},
    {"a?", "1", ":1"}, {"a=", "1", ""}, {"f(", "", ")"}, {"if(1)", ";", ""}, {"for(;;)", ";", ""}, {"a.b(", "", ")"},
    {"function f(){", "", "}"}, {"class A{a(){", "", "}}"}, {"`${", "1", "}`"}, {"new ", "a", ""}, {"a=[", "", "]"},
    {"({a:", "1", "})"}, {"async()=>{await ", "1", "}"}, {"try{", "", "}finally{}"}, {"switch(1){case 1:", "", "}"}, {"a**", "1", ""},
    {"var{a:", "b", "}=1"}, {"x", "", ".y"}, {"x", "", "()"}, {"x", "", "[0]"}, {"x", "", "?.z"}, {"[a=", "1", "]"}, {"/(", "/", ""},
  };
  for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
    char *text = repeated(cases[i][0], cases[i][1], cases[i][2], 10000);
    JsOptions options = {.goal = JS_SCRIPT};
    JsResult result = js_compile(text, strlen(text), &options, JS_LUA);
    ck_assert_msg(!result.ok || i >= 24, "%s", cases[i][0]);
    js_result_free(&result);
    free(text);
  }
}
END_TEST

START_TEST(long_chains_are_no_nesting) {
  static const char *const cases[][2] = {{"a+", "a"}, {"a&&", "a"}, {"'x'+", "b"}, {"if(a);else ", ";"}, {"a,", "a"}, {"a;", ""}, {"a-", "1"}};
  for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
    char *text = repeated(cases[i][0], cases[i][1], "", 20000);
    JsOptions options = {.goal = JS_SCRIPT};
    JsResult result = js_compile(text, strlen(text), &options, JS_LUA);
    ck_assert_msg(result.ok, "%s: %s", cases[i][0], result.error.message);
    js_result_free(&result);
    free(text);
  }
}
END_TEST

static const char everything[] =
  "#!x\n'use strict'; import d, {a as b, 'x' as c} from 'm' with {t: 'j'}; export * as n from 'o'; export {b as q};\n"
  "export default class extends A { #p = 1; static { this.#p } get [k]() { return super.x } async *g() { yield* await 1 } }\n"
  "const {e, f: [g = 1, ...h], ...i} = {e, async *f() {}, get x() {}, ['y' + 1]: 0x1Fn, ...z}; let j = `a${b}c` ?? d?.e[1]?.(2);\n"
  "l: for (let k = 0, m; k < 1_0; k++) { try { continue l } catch ({o}) { break l } finally { if (a) throw /[/]\\u{1}/u } }\n"
  "switch (x) { case 1: default: do { y **= -2 } while (a ||= b) } for await (var r of async (s, t = 1) => s) ; new.x;\n";

START_TEST(every_cut_and_change_ends) {
  size_t len = sizeof everything - 1;
  static const JsGoal goals[] = {JS_MODULE, JS_SCRIPT};
  for (size_t cut = 0; cut <= len; cut++) {
    for (int way = 0; way < 8; way++) {
      char *copy = malloc(len + 1);
      size_t size = way < 2 ? cut : len;
      memcpy(copy, everything, len);
      static const char changes[] = "({`\"/\\";
      if (way >= 2 && cut < len) copy[cut] = changes[way - 2];
      char *exact = malloc(size ? size : 1); // so that the sanitizer sees a byte too far
      memcpy(exact, copy, size);
      JsOptions options = {.goal = goals[way & 1]};
      JsResult result = js_compile(exact, size, &options, JS_LUA);
      js_result_free(&result);
      free(exact);
      free(copy);
    }
  }
}
END_TEST

START_TEST(garbage_ends) {
  uint32_t seed = 1;
  static const char *const words[] = {"(", ")", "{", "}", "[", "]", "=>", "=", "...", "a", "async", "await", "yield", "let", "of",
                                      "function", "class", "static", "get", "#p", ".", "?.", ",", ";", ":", "?", "`", "${", "'s'", "/", "1",
                                      "1n", "for", "in", "if", "else", "var", "const", "return", "new", "super", "import", "export", "\n",
                                      "++", "**", "??", "||=", "try", "catch", "finally", "switch", "case", "default", "extends", "*"};
  for (int round = 0; round < 20000; round++) {
    char text[512];
    size_t len = 0;
    for (int n = 0; n < 24; n++) {
      seed = seed * 1664525 + 1013904223;
      const char *word = words[(seed >> 16) % (sizeof words / sizeof *words)];
      size_t size = strlen(word);
      memcpy(text + len, word, size);
      len += size;
      text[len++] = ' ';
    }
    JsOptions options = {.goal = (JsGoal)(round % 3)};
    JsResult result = js_compile(text, len, &options, JS_LUA);
    js_result_free(&result);
  }
}
END_TEST

int main(void) {
  Suite *suite = suite_create("compat/parse");
  TCase *tests = tcase_create("parse");
  tcase_set_timeout(tests, 120);
  tcase_add_test(tests, statements_end_by_themselves);
  tcase_add_test(tests, cover_grammars_are_told_apart);
  tcase_add_test(tests, early_errors_are_in_V8s_words);
  tcase_add_test(tests, words_mean_what_their_place_says);
  tcase_add_test(tests, places_are_given_in_code_points);
  tcase_add_test(tests, deep_nesting_is_an_error);
  tcase_add_test(tests, long_chains_are_no_nesting);
  tcase_add_test(tests, every_cut_and_change_ends);
  tcase_add_test(tests, garbage_ends);
  suite_add_tcase(suite, tests);
  SRunner *runner = srunner_create(suite);
  srunner_run_all(runner, CK_ENV);
  int failed = srunner_ntests_failed(runner);
  srunner_free(runner);
  return failed != 0;
}

// SPDX-License-Identifier: MIT
#include "luabind.h"

#include <check.h>
#include <lauxlib.h>
#include <lualib.h>

static lua_State *L;

static void setup(void) {
  L = luaL_newstate();
  luaL_openlibs(L);
  compiler_open(L);
  lua_setglobal(L, "js");
}

static void teardown(void) {
  lua_close(L);
}

static void run(const char *text) {
  ck_assert_msg(luaL_loadstring(L, text) == 0 && lua_pcall(L, 0, 0, 0) == 0, "%s", lua_tostring(L, -1));
}

START_TEST(a_source_becomes_lua_text) {
  run("local text = assert(js.compile('return 1 + 2'))\n"
      "assert(text:find('return 1 + 2', 1, true))\n"
      "assert(js.compile('let a', { output = 'ast' }):find('VARIABLES', 1, true))\n"
      "assert(js.compile('let a', { output = 'scope' }):find('let \"a\"', 1, true))");
}
END_TEST

START_TEST(a_source_is_loaded) {
  run("local chunk = assert(js.load('return a * 2', '@x.js', { params = 'a' }))\n"
      "local main, meta = chunk {}\n"
      "assert(main(nil, 21) == 42)\n"
      "assert(debug.getinfo(main, 'S').source == '@x.js')\n"
      "assert(meta:sub(1, 2) == '- ')");
}
END_TEST

START_TEST(options_say_what_is_allowed) {
  run("assert(not js.check('return 1', { goal = 'script' }))\n"
      "assert(js.check('return 1'))\n"
      "assert(not js.check('with (a) b', { strict = true }))\n"
      "assert(js.check('with (a) b'))\n"
      "assert(js.check('await 1', { goal = 'module' }))\n"
      "assert(js.check('new.target', { goal = 'eval', inFunction = true }))\n"
      "assert(not js.check('new.target', { goal = 'eval' }))\n"
      "assert(js.check('a.#b', { goal = 'eval', private = '#b' }))");
}
END_TEST

START_TEST(an_error_says_where) {
  run("local ok, e = js.compile('let a;\\n  a = ;', { filename = 'x.js' })\n"
      "assert(ok == nil and e.type == 'SyntaxError' and e.line == 2 and e.column == 7, e.text)\n"
      "assert(e.first == 13 and e.message == \"Unexpected token ';'\", e.message)\n"
      "assert(e.text:find('x.js:2', 1, true) and e.text:find('\\n      ^', 1, true), e.text)\n"
      "local f, l = js.load('}', '@y.js') assert(f == nil and l.type == 'SyntaxError')");
}
END_TEST

START_TEST(wrong_arguments_raise) {
  run("assert(not pcall(js.compile))\n"
      "assert(not pcall(js.compile, 'a', 5))\n"
      "assert(not pcall(js.compile, 'a', { goal = 'nonsense' }))\n"
      "assert(not pcall(js.compile, 'a', { filename = {} }))\n"
      "assert(not pcall(js.load, 'a'))");
}
END_TEST

int main(void) {
  Suite *suite = suite_create("compat/luabind");
  TCase *tests = tcase_create("luabind");
  tcase_add_checked_fixture(tests, setup, teardown);
  tcase_add_test(tests, a_source_becomes_lua_text);
  tcase_add_test(tests, a_source_is_loaded);
  tcase_add_test(tests, options_say_what_is_allowed);
  tcase_add_test(tests, an_error_says_where);
  tcase_add_test(tests, wrong_arguments_raise);
  suite_add_tcase(suite, tests);
  SRunner *runner = srunner_create(suite);
  srunner_run_all(runner, CK_ENV);
  int failed = srunner_ntests_failed(runner);
  srunner_free(runner);
  return failed != 0;
}

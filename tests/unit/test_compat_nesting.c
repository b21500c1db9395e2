// SPDX-License-Identifier: MIT
//
// Whatever nests ten thousand deep, or stands ten thousand times in a row, compiles, or is refused with a place (by the compiler,
// or by LuaJIT for a limit of its own): on a small stack, in memory and time in proportion.
#include <check.h>
#include <lauxlib.h>
#include <lua.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#include "js.h"

#ifdef __SANITIZE_ADDRESS__
enum { STACK = 32 << 20 };
#else
enum { STACK = 2 << 20 };
#endif

// before, open × n, middle, close × n, after
typedef struct Kind {
  const char *name, *before, *open, *middle, *close, *after;
} Kind;

static const Kind kinds[] = {
  {"parentheses", "", "(", "1", ")", ""},
  {"arrays", "x=", "[", "", "]", ""},
  {"objects", "x=", "{a:", "1", "}", ""},
  {"computed keys", "x=", "{[", "1", "]:1}", ""},
  {"methods", "x=", "{m(){return ", "1", "}}", ""},
  {"getters", "x=", "{get m(){return ", "1", "}}", ""},
  {"blocks", "", "{", "", "}", ""},
  {"functions", "", "function f(){", "", "}", ""},
  {"function expressions", "x=", "function(){return ", "1", "}", ""},
  {"called functions", "", "(function(){", "", "})()", ""},
  {"arrows", "x=", "a=>", "1", "", ""},
  {"arrows with bodies", "x=", "()=>{", "", "}", ""},
  {"arrow defaults", "x=", "(a=", "1", ")=>1", ""},
  {"arrow patterns", "x=(", "[", "a", "]", ")=>1"},
  {"ifs", "", "if(a)", ";", "", ""},
  {"ifs with blocks", "", "if(a){", "", "}", ""},
  {"elses with blocks", "", "if(a){}else{", "", "}", ""},
  {"whiles", "", "while(a)", ";", "", ""},
  {"dos", "", "do ", ";", "while(a);", ""},
  {"fors", "", "for(;;)", ";", "", ""},
  {"for-ofs", "", "for(x of y)", ";", "", ""},
  {"withs", "", "with(a)", ";", "", ""},
  {"switches", "", "switch(a){case 1:", "", "}", ""},
  {"cases", "switch(a){", "case 1:", "", "", "}"},
  {"tries", "", "try{", "", "}catch{}", ""},
  {"catches", "", "try{}catch(e){", "", "}", ""},
  {"finallies", "", "try{}finally{", "", "}", ""},
  {"sums", "x=a", "+a", "", "", ""},
  {"sums to the right", "x=", "a+(", "a", ")", ""},
  {"sums of strings", "x=''", "+'a'", "", "", ""},
  {"commas", "x", ",x", "", "", ""},
  {"ands", "x", "&&x", "", "", ""},
  {"ors of ands", "x=a", "||b&&c", "", "", ""},
  {"nullish", "x=a", "??b", "", "", ""},
  {"powers", "x=a", "**a", "", "", ""},
  {"comparisons", "x=a", "<a", "", "", ""},
  {"ins", "x=a", " in a", "", "", ""},
  {"bits", "x=a", "|a", "", "", ""},
  {"assignments", "", "a=", "1", "", ""},
  {"assignments to members", "", "a.b=", "1", "", ""},
  {"logical assignments", "", "a\?\?=", "1", "", ""},
  {"conditionals", "x=", "a?b:", "c", "", ""},
  {"conditionals in the middle", "x=", "a?", "b", ":c", ""},
  {"members", "x=a", ".b", "", "", ""},
  {"optional members", "x=a", "?.b", "", "", ""},
  {"indices", "x=a", "[0]", "", "", ""},
  {"indices inside", "x=", "a[", "0", "]", ""},
  {"calls", "x=a", "()", "", "", ""},
  {"calls inside", "x=", "a(", "", ")", ""},
  {"methods called", "x=a", ".b()", "", "", ""},
  {"arguments", "x=a(", "b,", "", "", ")"},
  {"news", "x=", "new ", "a", "", ""},
  {"news inside", "x=", "new a(", "", ")", ""},
  {"nots", "x=", "!", "a", "", ""},
  {"minuses", "x=", "- ", "a", "", ""},
  {"typeofs", "x=", "typeof ", "a", "", ""},
  {"awaits", "async function f(){", "await ", "a", "", "}"},
  {"yields", "function*f(){", "yield ", "a", "", "}"},
  {"imports", "x=", "import(", "1", ")", ""},
  {"templates", "x=", "`${", "1", "}`", ""},
  {"substitutions", "x=`", "${a}", "", "", "`"},
  {"tags", "x=a", "``", "", "", ""},
  {"tags inside", "x=", "a`${", "1", "}`", ""},
  {"classes", "", "class A{m(){", "", "}}", ""},
  {"parents", "x=", "class extends ", "A", "{}", ""},
  {"fields", "x=", "class{a=", "1", "}", ""},
  {"class keys", "x=", "class{[", "1", "]=1}", ""},
  {"static blocks", "", "class A{static{", "", "}}", ""},
  {"private names", "class A{#a;m(){return this", ".#a", "", "", "}}"},
  {"patterns", "var ", "[", "a", "]", "=x"},
  {"object patterns", "var ", "{a:", "a", "}", "=x"},
  {"assigned patterns", "", "[", "a", "]", "=x"},
  {"assigned object patterns", "(", "{a:", "a", "}", "=x)"},
  {"parameters", "function f(", "[", "a", "]", "){}"},
  {"defaults in patterns", "var ", "[a=", "1", "]=x", ""},
  {"spread arrays", "x=[", "...[", "1", "]", "]"},
  {"spread arguments", "x=a(", "...a(", "1", ")", ")"},
  {"groups", "x=/", "(", "", ")", "/"},
  {"elements", "x=[", "a,", "", "", "]"},
};

typedef struct Text {
  char *bytes;
  size_t len;
} Text;

static void add(Text *text, const char *piece, size_t times) {
  size_t len = strlen(piece);
  for (size_t i = 0; i < times; i++, text->len += len) memcpy(text->bytes + text->len, piece, len);
}

static Text make(const Kind *k, size_t n) {
  Text text = {malloc(strlen(k->before) + strlen(k->middle) + strlen(k->after) + n * (strlen(k->open) + strlen(k->close)) + 1), 0};
  ck_assert_ptr_nonnull(text.bytes);
  add(&text, k->before, 1);
  add(&text, k->open, n);
  add(&text, k->middle, 1);
  add(&text, k->close, n);
  add(&text, k->after, 1);
  return text;
}

typedef struct Work {
  Text source;
  JsResult result;
} Work;

static void *compile(void *arg) {
  Work *work = arg;
  JsOptions options = {.goal = JS_FUNCTION, .params = "exports require module"};
  work->result = js_compile(work->source.bytes, work->source.len, &options, JS_LUA);
  return NULL;
}

static void try_one(const Kind *k, size_t n) {
  Work work = {.source = make(k, n)};
  pthread_attr_t attributes;
  pthread_t thread;
  ck_assert_int_eq(pthread_attr_init(&attributes), 0);
  ck_assert_int_eq(pthread_attr_setstacksize(&attributes, STACK), 0);
  ck_assert_int_eq(pthread_create(&thread, &attributes, compile, &work), 0);
  ck_assert_int_eq(pthread_join(thread, NULL), 0);
  pthread_attr_destroy(&attributes);
  const JsResult *result = &work.result;
  ck_assert_msg(result->memory_peak < (4 << 20) + work.source.len * 400, "%s, %zu: %zu bytes of memory", k->name, n, result->memory_peak);
  if (result->ok) {
    lua_State *L = luaL_newstate();
    int status = luaL_loadbuffer(L, result->text, result->len, "=nest");
    ck_assert_msg(status == 0 || (n > 20 && !strncmp(lua_tostring(L, -1), "nest:1:", 7)), "%s, %zu: %s", k->name, n, lua_tostring(L, -1));
    lua_close(L);
  } else {
    const JsError *e = &result->error;
    ck_assert_msg(!strcmp(e->type, "RangeError") || !strcmp(e->type, "SyntaxError"), "%s: %s", k->name, e->type);
    ck_assert_msg(e->line == 1 && e->column >= 1 && e->start <= work.source.len, "%s, %zu: %u:%u", k->name, n, e->line, e->column);
  }
  ck_assert_msg(n > 20 || result->ok, "%s, %zu: %s", k->name, n, result->error.message);
  js_result_free(&work.result);
  free(work.source.bytes);
}

START_TEST(shallow_compiles) {
  for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++)
    if (strcmp(kinds[i].name, "defaults in patterns")) try_one(&kinds[i], 5);
}
END_TEST

START_TEST(deep_is_refused_or_compiles) {
  static const size_t depths[] = {60, 190, 990, 10000};
  for (size_t d = 0; d < sizeof depths / sizeof *depths; d++) try_one(&kinds[_i], depths[d]);
}
END_TEST

int main(void) {
  Suite *suite = suite_create("compat/nesting");
  TCase *tcase = tcase_create("nesting");
  tcase_set_timeout(tcase, 60);
  tcase_add_test(tcase, shallow_compiles);
  tcase_add_loop_test(tcase, deep_is_refused_or_compiles, 0, sizeof kinds / sizeof *kinds);
  suite_add_tcase(suite, tcase);
  SRunner *runner = srunner_create(suite);
  srunner_run_all(runner, CK_NORMAL);
  int failed = srunner_ntests_failed(runner);
  srunner_free(runner);
  return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}

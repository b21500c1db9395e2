// SPDX-License-Identifier: MIT
//
// The JavaScript compiler, fed with anything: the first byte chooses the goal and the mode. What compiles must be Lua that LuaJIT
// takes; memory stays in proportion to the source. What is refused has a place inside the source.
#include <lauxlib.h>
#include <lua.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "fuzz.h"
#include "js.h"

static const char *const goals[] = {"function", "script", "module", "eval"};

static lua_State *L;

static void stop(void) {
  lua_close(L);
}

static void fail(const char *what, const char *detail) {
  fprintf(stderr, "%s: %s\n", what, detail);
  abort();
}

static void refused(const JsResult *result, const char *source, size_t size) {
  const JsError *error = &result->error;
  if (strcmp(error->type, "SyntaxError") && strcmp(error->type, "RangeError")) fail("error of another type", error->type);
  if (error->start > size || error->line == 0 || error->column == 0) fail("an error without a place", error->message);
  char *rendered = js_error_render(error, "fuzz.js", source, size);
  if (rendered == NULL || strlen(rendered) == 0) fail("an error without a text", error->message);
  free(rendered);
}

static void dump(const char *source, size_t size, const JsOptions *options, JsOutput output) {
  JsResult result = js_compile(source, size, options, output);
  if (result.ok && strlen(result.text) > result.len) fail("a text without an end", "dump");
  js_result_free(&result);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
  if (size == 0) return 0;
  if (L == NULL) {
    L = luaL_newstate();
    if (L == NULL) fail("no state", "memory");
    atexit(stop);
  }
  uint8_t mode = *data++;
  char *source = malloc(size); // its end is guarded
  if (source == NULL) fail("no source", "memory");
  memcpy(source, data, --size);
  JsOptions options = {.goal = (JsGoal)(mode & 3), .filename = "fuzz.js", .strict = mode & 4, .keep_lexical = mode & 8};
  if (options.goal == JS_FUNCTION) options.params = "exports require module";
  if (options.goal == JS_EVAL) {
    options.eval_in_function = mode & 16;
    options.eval_in_method = mode & 32;
    options.eval_private = mode & 64 ? "#a #b" : NULL;
  }
  JsResult result = js_compile(source, size, &options, JS_LUA);
  if (result.memory_peak > (1 << 20) + size * 2000) fail("memory out of proportion", goals[options.goal]);
  if (!result.ok) {
    refused(&result, source, size);
  } else {
    if (luaL_loadbuffer(L, result.text, result.len, "=fuzz") != 0) {
      fwrite(result.text, 1, result.len, stderr);
      fail("\nLuaJIT refuses what was compiled", lua_tostring(L, -1));
    }
    lua_settop(L, 0);
    dump(source, size, &options, JS_AST);
    dump(source, size, &options, JS_SCOPE);
  }
  js_result_free(&result);
  free(source);
  return 0;
}

// SPDX-License-Identifier: MIT
//
// The compiler as Lua sees it: a table with
//
//   compile(source, options) -> Lua text                  or nil, error
//   load(source, chunkname, options) -> the loaded chunk  or nil, error      (README.md: "The chunk")
//   check(source, options) -> true                        or nil, error
//   frames(above, level, most) -> list                    the running functions and their lines
//   unitsAddress                                          where unicode_units is (unicode.h)
//   unitsTable                                            where units_table is (units.h)
//   cache(folder, version, most) -> a compile cache (cache.h) or nil: its entries are of this executable, this `version`
//     cache:get(source, chunkname, options) -> the chunk  or nil, key       options: any text that says how it is compiled
//     cache:put(key, chunk)
//
// options (all may be absent): goal = "function" (default), "script", "module", "eval"; filename (for messages); params (names, separated
// by blanks); strict, keepLexical, inFunction, inMethod, inDerived, inField: booleans; private ("#a #b"); output = "lua", "ast", "scope".
// error: {type = "SyntaxError" | "RangeError", message, line, column, first, last (byte offsets from 0), text (place, line, caret, message)}.
//
// What the passes took from malloc hangs on a userdata before Lua may raise.
#include "luabind.h"
#include "cache.h"
#include "js.h"
#include "unicode.h"
#include "units.h"

#include <lauxlib.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <uv.h>

typedef struct Held {
  JsResult result;
  char *rendered;
} Held;

static const char HELD[] = "lunode.compat.held";

static int held_gc(lua_State *L) {
  Held *held = lua_touserdata(L, 1);
  js_result_free(&held->result);
  free(held->rendered);
  held->rendered = NULL;
  return 0;
}

static Held *held_new(lua_State *L) {
  Held *held = lua_newuserdata(L, sizeof *held);
  memset(held, 0, sizeof *held);
  if (luaL_newmetatable(L, HELD)) {
    lua_pushcfunction(L, held_gc);
    lua_setfield(L, -2, "__gc");
  }
  lua_setmetatable(L, -2);
  return held;
}

// ---- options. Their strings stay on the stack while the compiler uses them.

static const char *text_option(lua_State *L, int options, const char *name) {
  lua_getfield(L, options, name);
  if (!lua_isnil(L, -1) && lua_type(L, -1) != LUA_TSTRING) luaL_error(L, "option '%s' must be a string", name);
  return lua_tostring(L, -1);
}

static bool flag_option(lua_State *L, int options, const char *name) {
  lua_getfield(L, options, name);
  bool value = lua_toboolean(L, -1);
  lua_pop(L, 1);
  return value;
}

static int word_option(lua_State *L, int options, const char *name, const char *const words[]) {
  const char *text = text_option(L, options, name);
  int found = 0;
  if (text) {
    while (words[found] && strcmp(words[found], text)) found++;
    if (!words[found]) luaL_error(L, "option '%s' cannot be '%s'", name, text);
  }
  lua_pop(L, 1);
  return found;
}

static JsOutput read_options(lua_State *L, int index, JsOptions *options) {
  static const char *const goals[] = {"function", "script", "module", "eval", NULL};
  static const JsGoal goal[] = {JS_FUNCTION, JS_SCRIPT, JS_MODULE, JS_EVAL};
  static const char *const outputs[] = {"lua", "ast", "scope", NULL};
  static const JsOutput output[] = {JS_LUA, JS_AST, JS_SCOPE};
  *options = (JsOptions){.goal = JS_FUNCTION};
  if (lua_isnoneornil(L, index)) return JS_LUA;
  luaL_checktype(L, index, LUA_TTABLE);
  luaL_checkstack(L, 8, NULL);
  options->goal = goal[word_option(L, index, "goal", goals)];
  options->strict = flag_option(L, index, "strict");
  options->keep_lexical = flag_option(L, index, "keepLexical");
  options->eval_in_function = flag_option(L, index, "inFunction");
  options->eval_in_method = flag_option(L, index, "inMethod");
  options->eval_in_derived = flag_option(L, index, "inDerived");
  options->eval_in_field = flag_option(L, index, "inField");
  JsOutput wanted = output[word_option(L, index, "output", outputs)];
  options->filename = text_option(L, index, "filename");
  options->params = text_option(L, index, "params");
  options->eval_private = text_option(L, index, "private");
  return wanted;
}

// ---- functions

static int push_failure(lua_State *L, Held *held, const JsOptions *options, const char *source, size_t len) {
  const JsError *error = &held->result.error;
  held->rendered = js_error_render(error, options->filename, source, len);
  lua_pushnil(L);
  lua_createtable(L, 0, 7);
  lua_pushstring(L, error->type);
  lua_setfield(L, -2, "type");
  lua_pushstring(L, error->message);
  lua_setfield(L, -2, "message");
  lua_pushnumber(L, error->line);
  lua_setfield(L, -2, "line");
  lua_pushnumber(L, error->column);
  lua_setfield(L, -2, "column");
  lua_pushnumber(L, error->start);
  lua_setfield(L, -2, "first");
  lua_pushnumber(L, error->end);
  lua_setfield(L, -2, "last");
  lua_pushstring(L, held->rendered ? held->rendered : error->message);
  lua_setfield(L, -2, "text");
  js_result_free(&held->result);
  free(held->rendered);
  held->rendered = NULL;
  return 2;
}

static int compiler_compile(lua_State *L) {
  size_t len;
  const char *source = luaL_checklstring(L, 1, &len);
  JsOptions options;
  JsOutput output = read_options(L, 2, &options);
  Held *held = held_new(L);
  held->result = js_compile(source, len, &options, output);
  if (!held->result.ok) return push_failure(L, held, &options, source, len);
  lua_pushlstring(L, held->result.text, held->result.len);
  js_result_free(&held->result);
  return 1;
}

static int compiler_load(lua_State *L) {
  size_t len;
  const char *source = luaL_checklstring(L, 1, &len), *name = luaL_checkstring(L, 2);
  JsOptions options;
  read_options(L, 3, &options);
  Held *held = held_new(L);
  held->result = js_compile(source, len, &options, JS_LUA);
  if (!held->result.ok) return push_failure(L, held, &options, source, len);
  int status = luaL_loadbuffer(L, held->result.text, held->result.len, name);
  js_result_free(&held->result);
  if (status == 0) return 1;
  // LuaJIT's own limits: a jump too far, too many constants.
  lua_pushnil(L);
  lua_createtable(L, 0, 3);
  lua_pushliteral(L, "RangeError");
  lua_setfield(L, -2, "type");
  lua_pushvalue(L, -3);
  lua_setfield(L, -2, "message");
  lua_pushvalue(L, -3);
  lua_setfield(L, -2, "text");
  return 2;
}

static int compiler_check(lua_State *L) {
  size_t len;
  const char *source = luaL_checklstring(L, 1, &len);
  JsOptions options;
  read_options(L, 2, &options);
  Held *held = held_new(L);
  held->result = js_check(source, len, &options);
  if (!held->result.ok) return push_failure(L, held, &options, source, len);
  js_result_free(&held->result);
  lua_pushboolean(L, 1);
  return 1;
}

// ---- the cache of compiled chunks: LuaJIT's bytecode with its line numbers and names

typedef struct CompileCache {
  Cache cache;
  uint8_t version[BLAKE2B_SIZE];
} CompileCache;

static const char CACHE[] = "lunode.compat.cache";

static int compile_cache_gc(lua_State *L) {
  CompileCache *c = luaL_checkudata(L, 1, CACHE);
  cache_close(&c->cache);
  return 0;
}

static void add_text(Blake2b *b, const char *text, size_t len) {
  uint64_t size = len;
  blake2b_add(b, &size, sizeof size);
  blake2b_add(b, text, len);
}

// Bytecode of another build must never be met: the executable, as the file system knows it, is part of every key.
static bool add_executable(Blake2b *b) {
  char path[4096];
  size_t len = sizeof path;
  struct stat s;
  if (uv_exepath(path, &len) != 0 || stat(path, &s) != 0) return false;
  uint64_t about[] = {(uint64_t)s.st_dev, (uint64_t)s.st_ino, (uint64_t)s.st_size, (uint64_t)s.st_mtim.tv_sec, (uint64_t)s.st_mtim.tv_nsec};
  blake2b_add(b, about, sizeof about);
  return true;
}

static int compile_cache_get(lua_State *L) {
  CompileCache *c = luaL_checkudata(L, 1, CACHE);
  Blake2b b;
  blake2b_init(&b);
  blake2b_add(&b, c->version, sizeof c->version);
  for (int i = 2; i <= 4; i++) {
    size_t len;
    const char *text = luaL_checklstring(L, i, &len);
    add_text(&b, text, len);
  }
  uint8_t key[BLAKE2B_SIZE];
  blake2b_done(&b, key);
  size_t len = 0;
  char *content = c->cache.folder >= 0 ? cache_read(&c->cache, key, &len) : NULL;
  if (content) {
    int status = luaL_loadbufferx(L, content, len, lua_tostring(L, 3), "b");
    free(content);
    if (status == 0) return 1;
  }
  lua_pushnil(L);
  lua_pushlstring(L, (const char *)key, sizeof key);
  return 2;
}

typedef struct Dump {
  char *bytes;
  size_t len, room;
} Dump;

static int dump_piece(lua_State *L, const void *piece, size_t len, void *data) {
  (void)L;
  Dump *dump = data;
  if (len > dump->room - dump->len) {
    size_t room = (dump->len + len) * 2;
    char *bytes = realloc(dump->bytes, room);
    if (!bytes) return 1;
    dump->bytes = bytes;
    dump->room = room;
  }
  memcpy(dump->bytes + dump->len, piece, len);
  dump->len += len;
  return 0;
}

static int compile_cache_put(lua_State *L) {
  CompileCache *c = luaL_checkudata(L, 1, CACHE);
  size_t len;
  const char *key = luaL_checklstring(L, 2, &len);
  luaL_argcheck(L, len == BLAKE2B_SIZE, 2, "no key");
  luaL_checktype(L, 3, LUA_TFUNCTION);
  lua_settop(L, 3);
  Dump dump = {0};
  if (c->cache.folder >= 0 && lua_dump(L, dump_piece, &dump) == 0) cache_write(&c->cache, (const uint8_t *)key, dump.bytes, dump.len);
  free(dump.bytes);
  return 0;
}

static int compiler_cache(lua_State *L) {
  const char *folder = luaL_checkstring(L, 1);
  size_t len;
  const char *version = luaL_checklstring(L, 2, &len);
  lua_Number most = luaL_checknumber(L, 3);
  CompileCache *c = lua_newuserdata(L, sizeof *c);
  c->cache.folder = -1;
  if (luaL_newmetatable(L, CACHE)) {
    static const luaL_Reg methods[] = {{"get", compile_cache_get}, {"put", compile_cache_put}, {"__gc", compile_cache_gc}, {NULL, NULL}};
    luaL_register(L, NULL, methods);
    lua_pushvalue(L, -1);
    lua_setfield(L, -2, "__index");
  }
  lua_setmetatable(L, -2);
  Blake2b b;
  blake2b_init(&b);
  add_text(&b, version, len);
  if (!add_executable(&b) || !cache_open(&c->cache, folder, most > 0 ? (uint64_t)most : 0)) return 0;
  blake2b_done(&b, c->version);
  return 1;
}

// frames(above, level, most) -> {function, line, function, line, …, n = }: what an error keeps of the stack, at most `most` Lua functions. With a
// function `above`, only those below its innermost frame.
static int compiler_frames(lua_State *L) {
  bool skipping = lua_isfunction(L, 1);
  int level = (int)luaL_checkinteger(L, 2), most = (int)luaL_checkinteger(L, 3), n = 0;
  lua_Debug at;
  lua_createtable(L, most < 16 ? 2 * most : 32, 1);
  for (; n < 2 * most && lua_getstack(L, level, &at); level++) {
    if (skipping) {
      lua_getinfo(L, "f", &at);
      skipping = !lua_rawequal(L, -1, 1);
      lua_pop(L, 1);
      continue;
    }
    lua_getinfo(L, "fl", &at);
    if (at.currentline <= 0) {
      lua_pop(L, 1);
      continue;
    }
    lua_rawseti(L, 4, ++n);
    lua_pushinteger(L, at.currentline);
    lua_rawseti(L, 4, ++n);
  }
  lua_pushinteger(L, n);
  lua_setfield(L, 4, "n");
  return 1;
}

static const luaL_Reg functions[] = {
  {"frames", compiler_frames},
  {"cache", compiler_cache},
  {"compile", compiler_compile},
  {"load", compiler_load},
  {"check", compiler_check},
  {NULL, NULL},
};

void compiler_open(lua_State *L) {
  lua_createtable(L, 0, 4);
  luaL_register(L, NULL, functions);
  lua_pushnumber(L, (lua_Number)(uintptr_t)unicode_units); // for the FFI
  lua_setfield(L, -2, "unitsAddress");
  lua_pushnumber(L, (lua_Number)(uintptr_t)&units_table);
  lua_setfield(L, -2, "unitsTable");
}

int luaopen_lunode_compiler(lua_State *L) {
  compiler_open(L);
  return 1;
}

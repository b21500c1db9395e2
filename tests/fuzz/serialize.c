// SPDX-License-Identifier: MIT
//
// The reader of V8's serialization format, fed with anything. What it takes is written and read once more.
#include <lauxlib.h>
#include <lua.h>
#include <lualib.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "fuzz.h"
#include "serialize.h"

static lua_State *L;
static int decode_ref;

static void fatal(const char *what) {
  fprintf(stderr, "%s: %s\n", what, lua_isstring(L, -1) ? lua_tostring(L, -1) : "?");
  abort();
}

static void start(void) {
  L = fuzz_state();
  static const char code[] =
      "local serialize = require 'lunode.core'.serialize\n"
      "require 'lunode.internal.serializable'\n"
      "return serialize.decode";
  if (luaL_dostring(L, code) != 0) fatal("cannot load");
  decode_ref = luaL_ref(L, LUA_REGISTRYINDEX);
}

// What was read is on top: it can be written, unless too deep, and what is written can be read.
static void again(void) {
  if (serialize_encode(L, -1) == 0) {
    size_t length;
    const char *bytes = lua_tolstring(L, -1, &length);
    if (serialize_decode(L, bytes, length) != 0) fatal("what was written cannot be read");
  }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
  static unsigned rounds;
  if (L == NULL) start();
  char *copy = malloc(size + !size); // its end is guarded
  memcpy(copy, data, size);
  if (serialize_decode(L, copy, size) == 0) again();
  lua_settop(L, 0);
  free(copy);
  lua_rawgeti(L, LUA_REGISTRYINDEX, decode_ref);
  lua_pushlstring(L, (const char *)data, size);
  lua_pushnil(L);
  lua_pushnil(L);
  lua_pushliteral(L, "v8");
  if (lua_pcall(L, 4, 1, 0) == 0) again();
  lua_settop(L, 0);
  if (++rounds % 4096 == 0) lua_gc(L, LUA_GCCOLLECT, 0);
  return 0;
}

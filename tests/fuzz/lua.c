// SPDX-License-Identifier: MIT
//
// A target written in Lua: the file FUZZ_TARGET returns function(bytes), which raises when something is wrong.
#include <lauxlib.h>
#include <stdio.h>
#include <stdlib.h>

#include "fuzz.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
  static lua_State *L;
  static unsigned rounds;
  if (L == NULL) {
    L = fuzz_state();
    if (luaL_dofile(L, FUZZ_TARGET) != 0) {
      fprintf(stderr, "%s\n", lua_tostring(L, -1));
      abort();
    }
    lua_settop(L, 1);
  }
  lua_pushvalue(L, 1);
  lua_pushlstring(L, (const char *)data, size);
  if (lua_pcall(L, 1, 0, 0) != 0) {
    lua_getglobal(L, "tostring");
    lua_insert(L, -2);
    lua_call(L, 1, 1);
    fprintf(stderr, "%s\n", lua_tostring(L, -1));
    abort();
  }
  lua_settop(L, 1);
  if (++rounds % 4096 == 0) lua_gc(L, LUA_GCCOLLECT, 0);
  return 0;
}

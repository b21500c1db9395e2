// SPDX-License-Identifier: MIT
//
// The Lua state of a fuzzing target.
#include <lauxlib.h>
#include <lualib.h>
#include <stdlib.h>

#include "fuzz.h"
#include "runtime.h"

static lua_State *state;

static void stop(void) {
  lua_close(state);
}

lua_State *fuzz_state(void) {
  const char *path = getenv("LUNODE_LUA");
  if (path == NULL) path = "build/share";
  lua_State *L = state = luaL_newstate();
  luaL_openlibs(L);
  lua_getglobal(L, "package");
  lua_pushfstring(L, "%s/?.lua;%s/?/init.lua", path, path);
  lua_setfield(L, -2, "path");
  lua_getfield(L, -1, "preload");
  lua_pushcfunction(L, luaopen_lunode_core);
  lua_setfield(L, -2, "lunode.core");
  lua_settop(L, 0);
  atexit(stop);
  return L;
}

// SPDX-License-Identifier: MIT
//
// core.url: the URL parser for the FFI (lua/url/record.lua).
//   scratch: the url_scratch, a userdata · parse, set: addresses of url_parse and url_set · problem() -> why there is no libunistring
#include "url.h"

#include <lauxlib.h>
#include <lua.h>
#include <string.h>

#include "areas.h"
#include "idna.h"

static int scratch_gc(lua_State *L) {
  url_scratch_free(lua_touserdata(L, 1));
  return 0;
}

static int url_problem(lua_State *L) {
  lua_pushstring(L, idna_problem());
  return 1;
}

static void set_address(lua_State *L, const char *name, void *address) {
  lua_pushlightuserdata(L, address);
  lua_setfield(L, -2, name);
}

void url_open(lua_State *L) {
  lua_newtable(L);
  url_scratch *s = lua_newuserdata(L, sizeof *s);
  memset(s, 0, sizeof *s);
  lua_newtable(L);
  lua_pushcfunction(L, scratch_gc);
  lua_setfield(L, -2, "__gc");
  lua_setmetatable(L, -2);
  lua_setfield(L, -2, "scratch");
  set_address(L, "parse", (void *)url_parse);
  set_address(L, "set", (void *)url_set);
  lua_pushcfunction(L, url_problem);
  lua_setfield(L, -2, "problem");
}

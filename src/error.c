// SPDX-License-Identifier: MIT
#include "error.h"

#include <lauxlib.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <uv.h>

static const struct {
  int code;
  const char *name, *message;
} ERRORS[] = {
#define XX(name, message) {UV_##name, #name, message},
    UV_ERRNO_MAP(XX)
#undef XX
};
enum { ERROR_COUNT = sizeof ERRORS / sizeof *ERRORS };

void error_abort(const char *file, int line, const char *condition) {
  fprintf(stderr, "lunode: %s:%d: impossible: not %s\n", file, line, condition);
  abort();
}

static int error_name(lua_State *L) {
  int code = (int)luaL_checkinteger(L, 1);
  for (int i = 0; i < ERROR_COUNT; i++) {
    if (ERRORS[i].code != code) continue;
    lua_pushstring(L, ERRORS[i].name);
    return 1;
  }
  lua_pushfstring(L, "Unknown system error %d", code);
  return 1;
}

static int error_message(lua_State *L) {
  int code = (int)luaL_checkinteger(L, 1);
  for (int i = 0; i < ERROR_COUNT; i++) {
    if (ERRORS[i].code != code) continue;
    lua_pushstring(L, ERRORS[i].message);
    return 1;
  }
  lua_pushfstring(L, "Unknown system error %d", code);
  return 1;
}

static int error_code(lua_State *L) {
  const char *name = luaL_checkstring(L, 1);
  for (int i = 0; i < ERROR_COUNT; i++) {
    if (strcmp(ERRORS[i].name, name) != 0) continue;
    lua_pushinteger(L, ERRORS[i].code);
    return 1;
  }
  return 0;
}

static int error_list(lua_State *L) {
  lua_createtable(L, 0, ERROR_COUNT);
  for (int i = 0; i < ERROR_COUNT; i++) {
    lua_createtable(L, 2, 0);
    lua_pushstring(L, ERRORS[i].name);
    lua_rawseti(L, -2, 1);
    lua_pushstring(L, ERRORS[i].message);
    lua_rawseti(L, -2, 2);
    lua_rawseti(L, -2, ERRORS[i].code);
  }
  return 1;
}

void error_open(lua_State *L) {
  static const luaL_Reg functions[] = {
      {"name", error_name}, {"message", error_message}, {"code", error_code}, {"list", error_list}, {NULL, NULL}};
  lua_newtable(L);
  luaL_register(L, NULL, functions);
}

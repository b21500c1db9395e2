// SPDX-License-Identifier: MIT
//
// Registry references. A ref is LUA_NOREF when it holds nothing; ref_drop makes it so again.
#ifndef LUNODE_REF_H
#define LUNODE_REF_H

#include <lauxlib.h>
#include <lua.h>

// Pops the value on top into *ref, dropping what it held.
static inline void ref_set(lua_State *L, int *ref) {
  int fresh = luaL_ref(L, LUA_REGISTRYINDEX);
  if (*ref != LUA_NOREF) luaL_unref(L, LUA_REGISTRYINDEX, *ref);
  *ref = fresh;
}

// Pushes the value, or nil.
static inline void ref_push(lua_State *L, int ref) {
  if (ref == LUA_NOREF) {
    lua_pushnil(L);
  } else {
    lua_rawgeti(L, LUA_REGISTRYINDEX, ref);
  }
}

static inline void ref_drop(lua_State *L, int *ref) {
  if (*ref != LUA_NOREF) luaL_unref(L, LUA_REGISTRYINDEX, *ref);
  *ref = LUA_NOREF;
}

#endif

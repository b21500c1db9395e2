// SPDX-License-Identifier: MIT
#include "handle.h"

#include <stdlib.h>
#include <string.h>

#include "areas.h"
#include "call.h"
#include "error.h"
#include "ref.h"

static const char HANDLE_TAG = 0; // a metatable holding this key is one of ours

static void unlink_handle(handle *h) {
  if (h->link == NULL) return;
  *h->link = h->next;
  if (h->next != NULL) h->next->link = h->link;
  h->link = NULL;
}

static void free_if_done(handle *h) {
  if (!h->finalized || (h->opened && !h->closed)) return;
  unlink_handle(h);
  free(h);
}

// The userdata is on top: its async context is that of now.
static void keep_context(runtime *rt, lua_State *L) {
  lua_getfenv(L, -1);
  ref_push(L, rt->ref_queue);
  lua_getfield(L, -1, "context");
  lua_setfield(L, -3, "context");
  lua_pop(L, 2);
}

void handle_enter(const handle *h) {
  lua_State *L = h->rt->L;
  if (h->self == LUA_NOREF || h->rt->shared.depth != 0 || h->rt->ref_queue == LUA_NOREF || !lua_checkstack(L, 4)) return;
  ref_push(L, h->rt->ref_queue);
  ref_push(L, h->self);
  lua_getfenv(L, -1);
  lua_getfield(L, -1, "context");
  if (!lua_toboolean(L, -1)) {
    lua_pop(L, 1);
    lua_pushboolean(L, 0);
  }
  lua_setfield(L, -4, "context");
  lua_pop(L, 3);
}

handle *handle_new(lua_State *L, const handle_type *type) {
  runtime *rt = runtime_get(L);
  if (rt->closing) luaL_error(L, "the loop is closed");
  handle **box = lua_newuserdata(L, sizeof *box);
  *box = NULL;
  luaL_getmetatable(L, type->name);
  lua_setmetatable(L, -2);
  lua_createtable(L, 0, 4);
  lua_setfenv(L, -2);
  handle *h = calloc(1, type->size);
  if (h == NULL) luaL_error(L, "out of memory");
  h->rt = rt;
  h->type = type;
  h->self = LUA_NOREF;
  h->uv.handle.data = h;
  h->next = rt->handles;
  h->link = &rt->handles;
  if (h->next != NULL) h->next->link = &h->next;
  rt->handles = h;
  *box = h;
  lua_pushvalue(L, -1);
  ref_set(L, &h->self);
  if (rt->shared.tracking != 0) keep_context(rt, L);
  return h;
}

void handle_opened(handle *h) {
  h->opened = true;
  h->uv.handle.data = h;
}

void handle_abandon(lua_State *L, handle *h) {
  ref_drop(L, &h->self);
}

static handle *test(lua_State *L, int index) {
  handle **box = lua_touserdata(L, index);
  if (box == NULL || lua_islightuserdata(L, index) || !lua_getmetatable(L, index)) return NULL;
  lua_pushlightuserdata(L, (void *)&HANDLE_TAG);
  lua_rawget(L, -2);
  bool ours = lua_toboolean(L, -1);
  lua_pop(L, 2);
  return ours ? *box : NULL;
}

bool handle_is_closing(const handle *h) {
  return !h->opened || h->rt == NULL || uv_is_closing(&h->uv.handle);
}

handle *handle_check(lua_State *L, int index, const handle_type *type) {
  handle *h = test(L, index);
  if (h == NULL || h->type != type) luaL_error(L, "%s expected, got %s", type->name, luaL_typename(L, index));
  if (handle_is_closing(h)) luaL_error(L, "%s is closed", type->name);
  return h;
}

handle *handle_check_base(lua_State *L, int index, const luaL_Reg *base, bool closing_allowed) {
  handle *h = test(L, index);
  if (h == NULL || (base != NULL && h->type->base != base)) luaL_error(L, "handle expected, got %s", luaL_typename(L, index));
  if (!closing_allowed && handle_is_closing(h)) luaL_error(L, "%s is closed", h->type->name);
  return h;
}

void handle_push(lua_State *L, const handle *h) {
  ref_push(L, h->self);
}

bool handle_begin(handle *h, const char *name, int slots) {
  runtime *rt = h->rt;
  if (rt == NULL || h->self == LUA_NOREF || !call_begin(rt, slots + 4)) return false;
  lua_State *L = rt->L;
  if (rt->shared.tracking != 0) handle_enter(h);
  lua_rawgeti(L, LUA_REGISTRYINDEX, h->self);
  lua_getfenv(L, -1);
  lua_replace(L, -2);
  lua_pushstring(L, name);
  lua_rawget(L, -2);
  if (lua_isnil(L, -1)) {
    lua_pop(L, 2);
    return false;
  }
  lua_pushliteral(L, "owner");
  lua_rawget(L, -3);
  lua_remove(L, -3);
  return true;
}

// libuv has let go of the handle. The callback may touch it for the last time.
static void on_close(uv_handle_t *uv) {
  handle *h = uv->data;
  h->closed = true;
  if (h->type->closed != NULL) h->type->closed(h);
  runtime *rt = h->rt;
  if (rt != NULL && !rt->closing) {
    bool told = handle_begin(h, "onclose", 0);
    ref_drop(rt->L, &h->self);
    if (told) call_end(rt, handle_args(0)); // h may be freed from here on
    return;
  }
  free_if_done(h);
}

void handle_close(handle *h) {
  if (!h->opened || uv_is_closing(&h->uv.handle)) return;
  uv_close(&h->uv.handle, on_close);
}

int handle_close_reset(handle *h) {
  if (!h->opened || uv_is_closing(&h->uv.handle)) return UV_EBADF;
  int err = uv_tcp_close_reset(&h->uv.tcp, on_close);
  if (err != 0) uv_close(&h->uv.handle, on_close);
  return err;
}

void handle_orphan_all(runtime *rt) {
  for (handle *h = rt->handles, *next; h != NULL; h = next) {
    next = h->next;
    h->rt = NULL;
    h->link = NULL;
    h->next = NULL;
    if (h->finalized) free(h);
  }
  rt->handles = NULL;
}

static int method_gc(lua_State *L) {
  handle **box = lua_touserdata(L, 1);
  handle *h = *box;
  if (h == NULL) return 0;
  *box = NULL;
  h->finalized = true;
  if (h->rt != NULL) {
    h->self = LUA_NOREF; // only lua_close finalizes what is pinned
    handle_close(h);
  }
  if (h->rt == NULL) {
    free(h);
  } else {
    free_if_done(h);
  }
  return 0;
}

static int method_close(lua_State *L) {
  handle_close(handle_check_base(L, 1, NULL, true));
  return 0;
}

static int method_ref(lua_State *L) {
  handle *h = handle_check_base(L, 1, NULL, true);
  if (h->opened && h->rt != NULL) uv_ref(&h->uv.handle);
  return 0;
}

static int method_unref(lua_State *L) {
  handle *h = handle_check_base(L, 1, NULL, true);
  if (h->opened && h->rt != NULL) uv_unref(&h->uv.handle);
  return 0;
}

static int method_has_ref(lua_State *L) {
  handle *h = handle_check_base(L, 1, NULL, true);
  lua_pushboolean(L, !handle_is_closing(h) && uv_has_ref(&h->uv.handle));
  return 1;
}

static int method_is_active(lua_State *L) {
  handle *h = handle_check_base(L, 1, NULL, true);
  lua_pushboolean(L, !handle_is_closing(h) && uv_is_active(&h->uv.handle));
  return 1;
}

static int method_is_closing(lua_State *L) {
  lua_pushboolean(L, handle_is_closing(handle_check_base(L, 1, NULL, true)));
  return 1;
}

static int method_fd(lua_State *L) {
  handle *h = handle_check_base(L, 1, NULL, true);
  uv_os_fd_t fd;
  int err = handle_is_closing(h) ? UV_EBADF : uv_fileno(&h->uv.handle, &fd);
  lua_pushinteger(L, err != 0 ? err : (int)fd);
  return 1;
}

// What Lua stored in the environment, be it in a method's place; then upvalue 1, the methods; then 2, those that are read as fields.
static int method_index(lua_State *L) {
  luaL_checktype(L, 1, LUA_TUSERDATA);
  lua_getfenv(L, 1);
  lua_pushvalue(L, 2);
  lua_rawget(L, -2);
  if (!lua_isnil(L, -1)) return 1;
  lua_pushvalue(L, 2);
  lua_rawget(L, lua_upvalueindex(1));
  if (!lua_isnil(L, -1)) return 1;
  lua_pushvalue(L, 2);
  lua_rawget(L, lua_upvalueindex(2));
  if (lua_isnil(L, -1)) return 1;
  lua_pushvalue(L, 1);
  lua_call(L, 1, 1);
  return 1;
}

static int method_newindex(lua_State *L) {
  handle_check_base(L, 1, NULL, true);
  lua_getfenv(L, 1);
  lua_replace(L, 1);
  lua_rawset(L, 1);
  return 0;
}

void handle_register(lua_State *L, const handle_type *type) {
  static const luaL_Reg common[] = {{"close", method_close},       {"ref", method_ref},
                                    {"unref", method_unref},       {"hasRef", method_has_ref},
                                    {"isActive", method_is_active}, {"isClosing", method_is_closing},
                                    {"fd", method_fd},             {NULL, NULL}};
  luaL_newmetatable(L, type->name);
  lua_pushlightuserdata(L, (void *)&HANDLE_TAG);
  lua_pushboolean(L, 1);
  lua_rawset(L, -3);
  lua_pushcfunction(L, method_gc);
  lua_setfield(L, -2, "__gc");
  lua_pushcfunction(L, method_newindex);
  lua_setfield(L, -2, "__newindex");
  lua_newtable(L);
  luaL_register(L, NULL, common);
  if (type->base != NULL) luaL_register(L, NULL, type->base);
  if (type->methods != NULL) luaL_register(L, NULL, type->methods);
  lua_newtable(L);
  static const char *const fields[] = {"fd", "bytesRead", "bytesWritten", "writeQueueSize"};
  for (size_t i = 0; i < sizeof fields / sizeof *fields; i++) {
    lua_getfield(L, -2, fields[i]);
    lua_setfield(L, -2, fields[i]);
    lua_pushnil(L);
    lua_setfield(L, -3, fields[i]);
  }
  lua_pushcclosure(L, method_index, 2);
  lua_setfield(L, -2, "__index");
  lua_pop(L, 1);
}

// core.handle.active(idle) -> a sequence of {type, handle} for every handle that keeps the loop alive; with `idle` also those that would
// if they had something to do.
static int active(lua_State *L) {
  runtime *rt = runtime_get(L);
  int n = 0;
  bool idle = lua_toboolean(L, 1);
  lua_newtable(L);
  for (handle *h = rt->handles; h != NULL; h = h->next) {
    if (handle_is_closing(h) || (!idle && !uv_is_active(&h->uv.handle)) || !uv_has_ref(&h->uv.handle) || h->self == LUA_NOREF) continue;
    lua_createtable(L, 2, 0);
    lua_pushstring(L, h->type->name);
    lua_rawseti(L, -2, 1);
    ref_push(L, h->self);
    lua_rawseti(L, -2, 2);
    lua_rawseti(L, -2, ++n);
  }
  return 1;
}

void handle_open(lua_State *L) {
  lua_newtable(L);
  lua_pushcfunction(L, active);
  lua_setfield(L, -2, "active");
}

// SPDX-License-Identifier: MIT
//
// core.fs_watch: changes told by the system, and changes found by asking again and again.
//   event(path) -> handle, or nil, code     calls onchange(owner, "rename" | "change", name or nil), onerror(owner, code)
//   poll(path, interval in ms, wide) -> handle, or nil, code
//     calls onchange(owner, code or nil, current, previous): two stat results as in core.fs, when they differ; with a
//     code, when the path cannot be asked about (zeros then)
#include <stdlib.h>
#include <string.h>

#include "areas.h"
#include "call.h"
#include "fs.h"
#include "handle.h"

typedef struct event_handle {
  handle h;
} event_handle;

typedef struct poll_handle {
  handle h;
  bool wide;
} poll_handle;

static const handle_type event_type = {"lunode.fs_event", sizeof(event_handle), NULL, NULL, NULL};
static const handle_type poll_type = {"lunode.fs_poll", sizeof(poll_handle), NULL, NULL, NULL};

static void on_event(uv_fs_event_t *uv, const char *name, int events, int status) {
  handle *h = uv->data;
  lua_State *L = h->rt->L;
  if (status < 0) {
    if (!handle_begin(h, "onerror", 1)) return;
    lua_pushinteger(L, status);
    call_end(h->rt, handle_args(1));
    return;
  }
  if (!handle_begin(h, "onchange", 2)) return;
  if (events & UV_RENAME) lua_pushliteral(L, "rename");
  else lua_pushliteral(L, "change");
  lua_pushstring(L, name); // nil when there is none
  call_end(h->rt, handle_args(2));
}

static void on_poll(uv_fs_poll_t *uv, int status, const uv_stat_t *previous, const uv_stat_t *current) {
  handle *h = uv->data;
  lua_State *L = h->rt->L;
  bool wide = ((poll_handle *)h)->wide;
  if (!handle_begin(h, "onchange", 3)) return;
  if (status < 0) lua_pushinteger(L, status);
  else lua_pushnil(L);
  fs_push_stat(L, current, wide);
  fs_push_stat(L, previous, wide);
  call_end(h->rt, handle_args(3));
}

static int failure(lua_State *L, int err) {
  lua_pushnil(L);
  lua_pushinteger(L, err);
  return 2;
}

static int watch_event(lua_State *L) {
  const char *path = luaL_checkstring(L, 1);
  handle *h = handle_new(L, &event_type);
  int err = uv_fs_event_init(&h->rt->loop, &h->uv.fs_event);
  if (err != 0) {
    handle_abandon(L, h);
    return failure(L, err);
  }
  handle_opened(h);
  err = uv_fs_event_start(&h->uv.fs_event, on_event, path, 0);
  if (err == 0) return 1;
  handle_close(h);
  return failure(L, err);
}

static int watch_poll(lua_State *L) {
  const char *path = luaL_checkstring(L, 1);
  unsigned interval = (unsigned)luaL_checknumber(L, 2);
  handle *h = handle_new(L, &poll_type);
  ((poll_handle *)h)->wide = lua_toboolean(L, 3);
  int err = uv_fs_poll_init(&h->rt->loop, &h->uv.fs_poll);
  if (err != 0) {
    handle_abandon(L, h);
    return failure(L, err);
  }
  handle_opened(h);
  err = uv_fs_poll_start(&h->uv.fs_poll, on_poll, path, interval);
  if (err == 0) return 1;
  handle_close(h);
  return failure(L, err);
}

void fs_watch_open(lua_State *L) {
  static const luaL_Reg functions[] = {{"event", watch_event}, {"poll", watch_poll}, {NULL, NULL}};
  handle_register(L, &event_type);
  handle_register(L, &poll_type);
  lua_newtable(L);
  luaL_register(L, NULL, functions);
}

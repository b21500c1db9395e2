// SPDX-License-Identifier: MIT
#include "runtime.h"

#include <stdlib.h>
#include <string.h>

#include "areas.h"
#include "buffer.h"
#include "call.h"
#include "error.h"
#include "handle.h"

static const char RUNTIME_KEY = 0;

// One full collection for every EXTERNAL_BUDGET bytes of Buffers allocated.
#define EXTERNAL_BUDGET ((size_t)32 << 20)
#define EXTERNAL_STEP ((size_t)256 << 10)

runtime *runtime_get(lua_State *L) {
  lua_pushlightuserdata(L, (void *)&RUNTIME_KEY);
  lua_rawget(L, LUA_REGISTRYINDEX);
  runtime *rt = lua_touserdata(L, -1);
  lua_pop(L, 1);
  if (rt == NULL) luaL_error(L, "lunode: no runtime in this state");
  return rt;
}

void runtime_defer(runtime *rt, deferred *d) {
  if (d->queued) return;
  d->queued = true;
  d->next = NULL;
  *rt->deferred_tail = d;
  rt->deferred_tail = &d->next;
}

void runtime_cancel(runtime *rt, deferred *d) {
  if (!d->queued) return;
  deferred **p = &rt->deferred_head;
  while (*p != NULL && *p != d) p = &(*p)->next;
  if (*p == d) {
    *p = d->next;
    if (rt->deferred_tail == &d->next) rt->deferred_tail = p;
  }
  d->queued = false;
}

void runtime_run_deferred(runtime *rt) {
  while (rt->deferred_head != NULL) {
    deferred *d = rt->deferred_head;
    rt->deferred_head = d->next;
    if (rt->deferred_head == NULL) rt->deferred_tail = &rt->deferred_head;
    d->queued = false;
    d->run(d);
  }
}

void runtime_external(runtime *rt, lua_State *L, ptrdiff_t bytes) {
  if (bytes < 0) {
    rt->external -= (size_t)-bytes;
    return;
  }
  rt->external += (size_t)bytes;
  rt->external_debt += (size_t)bytes;
  if (rt->external_debt < EXTERNAL_STEP || rt->closing) return;
  size_t heap = (size_t)lua_gc(L, LUA_GCCOUNT, 0); // KiB
  size_t budget = EXTERNAL_BUDGET + rt->external / 2;
  size_t debt = rt->external_debt;
  rt->external_debt = 0;
  size_t step = debt >= budget ? heap : heap * (debt >> 10) / (budget >> 10);
  lua_gc(L, LUA_GCSTEP, (int)(step + 1));
}

// Handles that belong to the runtime itself (timer.c) carry no `handle`.
static void close_walked(uv_handle_t *uv, void *arg) {
  (void)arg;
  if (uv_is_closing(uv)) return;
  if (uv->data != NULL) handle_close(uv->data);
  else uv_close(uv, NULL);
}

// Orderly end: nothing reaches Lua from here on; every handle is closed, and the
// loop runs until libuv has let go of them.
static void teardown(runtime *rt) {
  if (rt->closing) return;
  rt->closing = true;
  uv_walk(&rt->loop, close_walked, NULL);
  while (uv_run(&rt->loop, UV_RUN_DEFAULT) != 0) continue;
  runtime_run_deferred(rt);
  uv_loop_close(&rt->loop);
  buffer_release_pools(rt);
  handle_orphan_all(rt);
}

static int runtime_gc(lua_State *L) {
  teardown(lua_touserdata(L, 1));
  return 0;
}

static int core_teardown(lua_State *L) {
  teardown(runtime_get(L));
  return 0;
}

static runtime *runtime_create(lua_State *L) {
  runtime *rt = lua_newuserdata(L, sizeof *rt);
  memset(rt, 0, sizeof *rt);
  rt->deferred_tail = &rt->deferred_head;
  rt->ref_drain = rt->ref_uncaught = rt->ref_traceback = rt->ref_queue = rt->ref_buffer_mt = LUA_NOREF;
  int err = uv_loop_init(&rt->loop);
  if (err != 0) luaL_error(L, "lunode: no event loop: %s", uv_strerror(err));
  rt->loop.data = rt;
  lua_newtable(L);
  lua_pushcfunction(L, runtime_gc);
  lua_setfield(L, -2, "__gc");
  lua_setmetatable(L, -2);
  lua_pushlightuserdata(L, (void *)&RUNTIME_KEY);
  lua_pushvalue(L, -2);
  lua_rawset(L, LUA_REGISTRYINDEX);
  lua_pop(L, 1);
  if (lua_pushthread(L) == 1) {
    rt->L = L; // the main thread outlives us
    lua_pop(L, 1);
  } else {
    lua_pop(L, 1);
    rt->L = lua_newthread(L);
    luaL_ref(L, LUA_REGISTRYINDEX);
  }
  return rt;
}

int luaopen_lunode_core(lua_State *L) {
  lua_getglobal(L, "jit");
  if (!lua_istable(L, -1)) return luaL_error(L, "lunode needs LuaJIT 2.1: this Lua is %s", LUA_VERSION);
  lua_pop(L, 1);
  runtime *rt = runtime_create(L);
  lua_newtable(L);
#define AREA(name)  \
  name##_open(L);   \
  lua_setfield(L, -2, #name);
#include "areas.def"
#undef AREA
  error_open(L);
  lua_setfield(L, -2, "error");
  lua_pushlightuserdata(L, &rt->shared);
  lua_setfield(L, -2, "shared");
  lua_pushcfunction(L, core_teardown);
  lua_setfield(L, -2, "teardown");
  lua_pushliteral(L, LUNODE_VERSION);
  lua_setfield(L, -2, "version");
  lua_pushstring(L, uv_version_string());
  lua_setfield(L, -2, "uv_version");
  return 1;
}

// SPDX-License-Identifier: MIT
//
// core.loop: running the event loop and leaving it.
//   run() -> whether anything is still alive; alive() -> boolean; settle(): drains the queues after code that
//   was not called from C; stop(); flush(): does now what callbacks have put off to their end; exit(code): ends the process at once; setup(drain, uncaught, traceback, queue)
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "areas.h"
#include "call.h"
#include "ref.h"
#include "tty.h"

static int run(lua_State *L) {
  runtime *rt = runtime_get(L);
  if (rt->closing) return luaL_error(L, "the loop is closed");
  if (rt->shared.depth != 0) return luaL_error(L, "lunode.run() was called from inside a callback of the loop it would run");
  call_settle(rt);
  lua_pushboolean(L, uv_run(&rt->loop, UV_RUN_DEFAULT));
  return 1;
}

static int alive(lua_State *L) {
  runtime *rt = runtime_get(L);
  lua_pushboolean(L, !rt->closing && uv_loop_alive(&rt->loop));
  return 1;
}

static int settle(lua_State *L) {
  call_settle(runtime_get(L));
  return 0;
}

static int flush(lua_State *L) {
  runtime_run_deferred(runtime_get(L));
  return 0;
}

static int stop(lua_State *L) {
  uv_stop(&runtime_get(L)->loop);
  return 0;
}

// Without unwinding: callbacks may be on the stack. What they put off is done, without Lua; standard streams are flushed and
// the terminal restored.
static int loop_exit(lua_State *L) {
  int code = (int)luaL_optinteger(L, 1, 0);
  runtime *rt = runtime_get(L);
  rt->closing = true;
  runtime_run_deferred(rt);
  tty_restore();
  fflush(NULL);
  _exit(code);
}

static int setup(lua_State *L) {
  runtime *rt = runtime_get(L);
  for (int i = 1; i <= 3; i++) luaL_checktype(L, i, LUA_TFUNCTION);
  luaL_checktype(L, 4, LUA_TTABLE);
  lua_settop(L, 4);
  ref_set(L, &rt->ref_queue);
  ref_set(L, &rt->ref_traceback);
  ref_set(L, &rt->ref_uncaught);
  ref_set(L, &rt->ref_drain);
  return 0;
}

// now(): the monotonic clock in ns, as a Lua number
static int hrtime(lua_State *L) {
  lua_pushnumber(L, (lua_Number)uv_hrtime());
  return 1;
}

// idleTime(): ns that the loop has waited for something to happen, since the first call
static int idle_time(lua_State *L) {
  uv_loop_t *loop = &runtime_get(L)->loop;
  uv_loop_configure(loop, UV_METRICS_IDLE_TIME); // may be said again
  lua_pushnumber(L, (lua_Number)uv_metrics_idle_time(loop));
  return 1;
}

static int update_time(lua_State *L) {
  uv_update_time(&runtime_get(L)->loop);
  return 0;
}

void loop_open(lua_State *L) {
  static const luaL_Reg functions[] = {{"run", run},       {"alive", alive},   {"settle", settle},
                                       {"stop", stop},     {"exit", loop_exit}, {"flush", flush}, {"setup", setup},
                                       {"hrtime", hrtime}, {"updateTime", update_time}, {"idleTime", idle_time}, {NULL, NULL}};
  lua_newtable(L);
  luaL_register(L, NULL, functions);
}

// SPDX-License-Identifier: MIT
//
// core.timer: the one uv timer behind all Lua timers, and the check/idle pair behind immediates.
// lua/internal/timers.lua keeps the lists; it is called back as
//   timers(now) -> ms until the next expiry (0: none), negative when only unref'd ones are left
//   immediates()
#include <math.h>
#include <stddef.h>

#include "areas.h"
#include "call.h"
#include "error.h"
#include "ref.h"
#include "runtime.h"

typedef struct timers {
  runtime *rt;
  uv_timer_t timer;
  uv_check_t check;
  uv_idle_t idle; // keeps the loop from sleeping while immediates wait
  int ref_timers, ref_immediates;
  int open;
} timers;

static timers *timers_check(lua_State *L) {
  timers *t = lua_touserdata(L, lua_upvalueindex(1));
  if (t->rt->closing) luaL_error(L, "the loop is closed");
  return t;
}

static void schedule(timers *t, double ms);

static void on_timer(uv_timer_t *uv) {
  timers *t = (timers *)((char *)uv - offsetof(timers, timer));
  runtime *rt = t->rt;
  if (!call_begin(rt, 2)) return;
  lua_State *L = rt->L;
  ref_push(L, t->ref_timers);
  lua_pushnumber(L, (lua_Number)uv_now(&rt->loop));
  call_value(rt, 1);
  double next = lua_tonumber(L, -1);
  lua_pop(L, 1);
  if (next != 0 && !rt->closing) {
    schedule(t, fabs(next));
    if (next > 0) uv_ref((uv_handle_t *)&t->timer);
    else uv_unref((uv_handle_t *)&t->timer);
  }
  call_settle(rt);
}

static void on_check(uv_check_t *uv) {
  timers *t = (timers *)((char *)uv - offsetof(timers, check));
  if (!call_begin(t->rt, 1)) return;
  ref_push(t->rt->L, t->ref_immediates);
  call_end(t->rt, 0);
}

static void on_idle(uv_idle_t *uv) {
  (void)uv;
}

static void schedule(timers *t, double ms) {
  CHECK(uv_timer_start(&t->timer, on_timer, ms < 1 ? 1 : (uint64_t)ms, 0) == 0);
}

// start(ms): the uv timer fires once in ms (≥ 1).
static int start(lua_State *L) {
  schedule(timers_check(L), luaL_checknumber(L, 1));
  return 0;
}

// toggleRef(on): whether the uv timer keeps the loop alive.
static int toggle_ref(lua_State *L) {
  timers *t = timers_check(L);
  if (lua_toboolean(L, 1)) uv_ref((uv_handle_t *)&t->timer);
  else uv_unref((uv_handle_t *)&t->timer);
  return 0;
}

// immediates(waiting, ref): runs the callback in each turn's check phase while `waiting`;
// with `ref` the loop neither sleeps nor ends.
static int immediates(lua_State *L) {
  timers *t = timers_check(L);
  if (lua_toboolean(L, 1)) uv_check_start(&t->check, on_check);
  else uv_check_stop(&t->check);
  if (lua_toboolean(L, 2)) uv_idle_start(&t->idle, on_idle);
  else uv_idle_stop(&t->idle);
  return 0;
}

// now() -> the loop's clock in ms, as of this turn
static int now(lua_State *L) {
  lua_pushnumber(L, (lua_Number)uv_now(&timers_check(L)->rt->loop));
  return 1;
}

// setup(timers, immediates)
static int setup(lua_State *L) {
  timers *t = timers_check(L);
  luaL_checktype(L, 1, LUA_TFUNCTION);
  luaL_checktype(L, 2, LUA_TFUNCTION);
  lua_settop(L, 2);
  ref_set(L, &t->ref_immediates);
  ref_set(L, &t->ref_timers);
  return 0;
}

// The uv handles are part of a userdata that the registry holds as long as the state lives.
void timer_open(lua_State *L) {
  static const luaL_Reg functions[] = {{"start", start}, {"toggleRef", toggle_ref}, {"immediates", immediates},
                                       {"now", now},     {"setup", setup},          {NULL, NULL}};
  runtime *rt = runtime_get(L);
  lua_newtable(L);
  timers *t = lua_newuserdata(L, sizeof *t);
  t->rt = rt;
  t->ref_timers = t->ref_immediates = LUA_NOREF;
  CHECK(uv_timer_init(&rt->loop, &t->timer) == 0);
  CHECK(uv_check_init(&rt->loop, &t->check) == 0);
  CHECK(uv_idle_init(&rt->loop, &t->idle) == 0);
  t->timer.data = t->check.data = t->idle.data = NULL; // the runtime's own, not a `handle`
  uv_unref((uv_handle_t *)&t->check);
  uv_unref((uv_handle_t *)&t->timer);
  lua_pushvalue(L, -1);
  luaL_ref(L, LUA_REGISTRYINDEX);
  for (const luaL_Reg *f = functions; f->name != NULL; f++) {
    lua_pushvalue(L, -1);
    lua_pushcclosure(L, f->func, 1);
    lua_setfield(L, -3, f->name);
  }
  lua_pop(L, 1);
}

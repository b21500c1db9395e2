// SPDX-License-Identifier: MIT
//
// core.timer: the one uv timer behind all Lua timers, and the check/idle pair behind immediates.
//
// lua/internal/timers.lua keeps the lists. It is called back as
//   timers(now) -> ms until the next expiry (0: none), negative when only unref'd ones are left
//   immediates() -> true
// and again at once after an error, until it returns: an error never costs the timers behind it.
//
// What Lua calls often it calls through the FFI, which the JIT compiles: `self` and the functions
// `now`, `start`, `toggleRef`, `immediates` are light userdata. None of them can fail or raise.
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
} timers;

#define TIMER_MAX 2147483647.0 // ms

static void schedule(timers *t, double ms);

// Calls the function until it gets through, and pushes its result; false when teardown has begun.
static bool call_through(timers *t, int ref, bool pass_now) {
  runtime *rt = t->rt;
  for (;;) {
    if (!call_begin(rt, 3)) return false;
    ref_push(rt->L, ref);
    if (pass_now) lua_pushnumber(rt->L, (lua_Number)uv_now(&rt->loop));
    call_value(rt, pass_now ? 1 : 0);
    if (!lua_isnil(rt->L, -1)) return true;
    lua_pop(rt->L, 1); // the ticks of one that raised come after the next one, as in Node
  }
}

static void on_timer(uv_timer_t *uv) {
  timers *t = (timers *)((char *)uv - offsetof(timers, timer));
  runtime *rt = t->rt;
  if (!call_through(t, t->ref_timers, true)) return;
  double next = lua_tonumber(rt->L, -1);
  lua_pop(rt->L, 1);
  if (next != 0 && !rt->closing) {
    schedule(t, fabs(next));
    if (next > 0) uv_ref((uv_handle_t *)&t->timer);
    else uv_unref((uv_handle_t *)&t->timer);
  }
  call_settle(rt);
}

static void on_check(uv_check_t *uv) {
  timers *t = (timers *)((char *)uv - offsetof(timers, check));
  if (!call_through(t, t->ref_immediates, false)) return;
  lua_pop(t->rt->L, 1);
  call_settle(t->rt);
}

static void on_idle(uv_idle_t *uv) {
  (void)uv;
}

static void schedule(timers *t, double ms) {
  uint64_t wait = !(ms >= 1) ? 1 : ms > TIMER_MAX ? (uint64_t)TIMER_MAX : (uint64_t)ms;
  CHECK(uv_timer_start(&t->timer, on_timer, wait, 0) == 0);
}

// now(self) -> the loop's clock in ms, brought up to date
static double ffi_now(void *self) {
  timers *t = self;
  if (t->rt->closing) return 0;
  uv_update_time(&t->rt->loop);
  return (double)uv_now(&t->rt->loop);
}

// start(self, ms): the uv timer fires once in ms (≥ 1).
static void ffi_start(void *self, double ms) {
  timers *t = self;
  if (!t->rt->closing) schedule(t, ms);
}

// toggleRef(self, on): whether the uv timer keeps the loop alive.
static void ffi_toggle_ref(void *self, int on) {
  timers *t = self;
  if (t->rt->closing) return;
  if (on) uv_ref((uv_handle_t *)&t->timer);
  else uv_unref((uv_handle_t *)&t->timer);
}

// immediates(self, waiting, ref): runs the callback in each turn's check phase while `waiting`;
// with `ref` the loop neither sleeps nor ends.
static void ffi_immediates(void *self, int waiting, int ref) {
  timers *t = self;
  if (t->rt->closing) return;
  if (waiting) uv_check_start(&t->check, on_check);
  else uv_check_stop(&t->check);
  if (ref) uv_idle_start(&t->idle, on_idle);
  else uv_idle_stop(&t->idle);
}

// setup(timers, immediates)
static int setup(lua_State *L) {
  timers *t = lua_touserdata(L, lua_upvalueindex(1));
  luaL_checktype(L, 1, LUA_TFUNCTION);
  luaL_checktype(L, 2, LUA_TFUNCTION);
  lua_settop(L, 2);
  ref_set(L, &t->ref_immediates);
  ref_set(L, &t->ref_timers);
  return 0;
}

static void push_function(lua_State *L, const char *name, void (*function)(void)) {
  lua_pushlightuserdata(L, (void *)function);
  lua_setfield(L, -2, name);
}

// The uv handles are part of a userdata that the registry holds as long as the state lives.
void timer_open(lua_State *L) {
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
  lua_pushcclosure(L, setup, 1);
  lua_setfield(L, -3, "setup");
  luaL_ref(L, LUA_REGISTRYINDEX);
  lua_pushlightuserdata(L, t);
  lua_setfield(L, -2, "self");
  push_function(L, "now", (void (*)(void))ffi_now);
  push_function(L, "start", (void (*)(void))ffi_start);
  push_function(L, "toggleRef", (void (*)(void))ffi_toggle_ref);
  push_function(L, "immediates", (void (*)(void))ffi_immediates);
}

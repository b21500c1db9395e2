// SPDX-License-Identifier: MIT
#include "call.h"

#include <stdio.h>
#include <stdlib.h>

#include "ref.h"

bool call_begin(runtime *rt, int slots) {
  if (rt->closing) return false;
  if (!lua_checkstack(rt->L, slots + 4)) {
    fputs("lunode: out of Lua stack in a callback\n", stderr);
    abort();
  }
  return true;
}

// The error value is on top. Lua's handler decides; if it fails itself, that ends
// the process as Node's does (exit code 7).
static void report(runtime *rt) {
  lua_State *L = rt->L;
  ref_push(L, rt->ref_uncaught);
  if (lua_isnil(L, -1)) { // before lua/internal/queue.lua was loaded
    lua_pop(L, 1);
    const char *text = lua_tostring(L, -1);
    fprintf(stderr, "lunode: %s\n", text != NULL ? text : luaL_typename(L, -1));
    exit(1);
  }
  lua_insert(L, -2);
  if (lua_pcall(L, 1, 0, 0) != 0) {
    const char *text = lua_tostring(L, -1);
    fprintf(stderr, "lunode: error in the handler of uncaught errors: %s\n", text != NULL ? text : luaL_typename(L, -1));
    exit(7);
  }
}

// Calls the function below its nargs arguments; on error reports it.
static bool invoke(runtime *rt, int nargs, int nresults) {
  lua_State *L = rt->L;
  int base = lua_gettop(L) - nargs; // where the function is
  ref_push(L, rt->ref_traceback);
  lua_insert(L, base);
  rt->lua_runs++;
  rt->shared.depth++;
  int status = lua_pcall(L, nargs, nresults, base);
  rt->shared.depth--;
  lua_remove(L, base);
  if (status == 0) return true;
  report(rt);
  return false;
}

void call_settle(runtime *rt) {
  if (rt->shared.depth != 0) return;
  lua_State *L = rt->L;
  if (rt->shared.tracking != 0) rt->shared.pending = 1;
  do {
    while (rt->shared.pending != 0 && !rt->closing) {
      ref_push(L, rt->ref_drain);
      if (!invoke(rt, 0, 0)) { // the others come with the next callback; Lua sees to it that there is one
        runtime_run_deferred(rt);
        return;
      }
    }
    runtime_run_deferred(rt);
  } while (rt->shared.pending != 0 && !rt->closing);
}

void call_end(runtime *rt, int nargs) {
  invoke(rt, nargs, 0);
  call_settle(rt);
}

void call_value(runtime *rt, int nargs) {
  if (!invoke(rt, nargs, 1)) lua_pushnil(rt->L);
}

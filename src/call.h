// SPDX-License-Identifier: MIT
//
// The one protected way from libuv into Lua.
//
//   if (call_begin(rt, slots)) { push function and arguments; call_end(rt, nargs); }
//
// call_begin checks the stack and refuses (false) once teardown has begun.
// call_end calls with a traceback, hands an error to the uncaught handler, and,
// when this was the outermost callback, drains nextTick and microtasks and runs
// what was deferred. Nothing is left on the stack; no error crosses uv_run.
#ifndef LUNODE_CALL_H
#define LUNODE_CALL_H

#include "runtime.h"

bool call_begin(runtime *rt, int slots);
void call_end(runtime *rt, int nargs);

// As call_end, but keeps one result (nil after an error) on rt->L, which the
// caller pops, and does not drain: follow with call_settle when done.
void call_value(runtime *rt, int nargs);
void call_settle(runtime *rt);

#endif

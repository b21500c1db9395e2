// SPDX-License-Identifier: MIT
//
// The runtime: one Lua state, one event loop, and what lies between them.
//
// There is one runtime a Lua state. It is a userdata in the registry, made by
// luaopen_lunode_core and torn down by its own __gc, so it outlives every
// handle's userdata in an orderly shutdown and copes with any order in lua_close.
//
// Every callback from libuv reaches Lua through call.h, on `rt->L`.
#ifndef LUNODE_RUNTIME_H
#define LUNODE_RUNTIME_H

#include <lauxlib.h>
#include <lua.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <uv.h>

// Seen by Lua through the FFI (lua/internal/queue.lua holds the same layout).
struct runtime_shared {
  uint32_t pending; // not 0: nextTick or microtask queues hold something
  uint32_t depth;   // callbacks from C now on the stack; 0 outside of them
  // Not 0: there are async contexts. Handles then keep the one they were made in, and every callback ends with a drain,
  // which leaves it.
  uint32_t tracking;
};

// Work put off until the running callback has returned and the queues are
// empty: corked writes are flushed here. Intrusive: put it into your struct.
typedef struct deferred {
  struct deferred *next;
  void (*run)(struct deferred *);
  bool queued;
} deferred;

typedef struct runtime {
  lua_State *L; // callbacks run on it; its stack is empty between them
  uv_loop_t loop;
  struct runtime_shared shared;
  deferred *deferred_head, **deferred_tail;
  struct handle *handles;  // every handle not yet freed, newest first
  size_t external;         // bytes held by Buffers, outside Lua's heap
  size_t external_debt;    // of these, allocated since the last collector step
  struct block *pool;      // the block small Buffers are cut from
  size_t pool_used;        // bytes of it handed out
  struct block *spare[16]; // blocks of READ_SIZE, kept for reading
  int spare_count;
  struct block *reading;   // the block that streams read into
  int ref_drain, ref_uncaught, ref_traceback, ref_queue; // set by lua/internal/queue.lua
  int ref_buffer_mt;
  uint64_t lua_runs; // entries into Lua from callbacks: what Lua decided holds in C while it stands still
  bool closing; // teardown has begun: no callback reaches Lua any more
} runtime;

// The runtime of a state; raises an error when there is none.
runtime *runtime_get(lua_State *L);

// Puts `d` on the list that runs once the outermost callback ends. Idempotent.
void runtime_defer(runtime *rt, deferred *d);
void runtime_cancel(runtime *rt, deferred *d);
void runtime_run_deferred(runtime *rt);

// Tells the collector of memory outside its heap (negative: freed), and lets it
// work in proportion, so that garbage Buffers cannot pile up behind tiny userdata.
void runtime_external(runtime *rt, lua_State *L, ptrdiff_t bytes);

// Entry of the loadable module: pushes the table `lunode.core`.
int luaopen_lunode_core(lua_State *L);

// Versions as text, for --version and process.versions.
#define LUNODE_VERSION "0.1.0"

#endif

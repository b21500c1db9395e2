// SPDX-License-Identifier: MIT
//
// One life cycle for every libuv handle.
//
// Lua holds a small userdata that points to a heap struct beginning with `handle`.
// From handle_new until its close callback the userdata is pinned in the registry, as
// Node pins a HandleWrap: a live handle is never collected, however little of it Lua
// still sees. handle_close may be called any number of times; the struct is freed
// when libuv has closed it and the userdata has been finalized.
//
// The userdata's environment is a table with the fields that Lua sets by plain
// assignment: `handle.owner = socket`, `handle.onread = fn` … C calls back as
// fn(owner, …), so the functions can be shared by all handles of a kind.
//
// Creating: handle_new gives a struct that libuv has not seen; after a successful
// uv_*_init call handle_opened, after a failed one handle_abandon.
#ifndef LUNODE_HANDLE_H
#define LUNODE_HANDLE_H

#include "runtime.h"

typedef struct handle_type {
  const char *name; // also the metatable's name in the registry: "lunode.tcp"
  size_t size;      // of the struct that begins with `handle`
  // Called once, when libuv has closed it and before `onclose`; may be NULL.
  void (*closed)(struct handle *);
  const luaL_Reg *methods; // besides the common ones
  const luaL_Reg *base;    // methods of the base kind (streams), or NULL
} handle_type;

typedef struct handle {
  union uv_any_handle uv; // first: uv.handle.data points to this struct
  runtime *rt;            // NULL after teardown
  const handle_type *type;
  struct handle *next, **link; // in rt->handles
  int self;                    // registry ref of the userdata while pinned
  bool opened, closed, finalized;
} handle;

// Makes and pushes a userdata; every byte behind `handle` is zero.
handle *handle_new(lua_State *L, const handle_type *type);
void handle_opened(handle *h);
void handle_abandon(lua_State *L, handle *h);

// The handle at `index`; raises when it is of another type or closing.
handle *handle_check(lua_State *L, int index, const handle_type *type);
// Closed, being closed, or never opened.
bool handle_is_closing(const handle *h);

// Like handle_check, for any type in the family whose `base` is `base` (NULL: all); closing ones raise unless allowed.
handle *handle_check_base(lua_State *L, int index, const luaL_Reg *base, bool closing_allowed);

void handle_close(handle *h);
// For TCP: closes with RST; falls back to a plain close and returns why.
int handle_close_reset(handle *h);

// Begins a callback: pushes env[name] and the owner on rt->L (two slots, room for
// `slots` more). False when Lua set no such function or teardown has begun.
bool handle_begin(handle *h, const char *name, int slots);
// Ends it: the owner counts as an argument already.
static inline int handle_args(int nargs) { return nargs + 1; }

// While there are async contexts: what runs now runs in that of the handle. handle_begin does it; for callbacks begun otherwise.
void handle_enter(const handle *h);

// Pushes the pinned userdata on L, which may be any coroutine.
void handle_push(lua_State *L, const handle *h);

// Common methods for every type's metatable: close, ref, unref, hasRef, isActive, isClosing.
void handle_register(lua_State *L, const handle_type *type);
// Frees what teardown left without a loop.
void handle_orphan_all(runtime *rt);

#endif

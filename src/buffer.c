// SPDX-License-Identifier: MIT
#include "buffer.h"

#include <stdlib.h>
#include <string.h>

#include "areas.h"
#include "ref.h"

block *block_new(runtime *rt, lua_State *L, size_t size) {
  if (size > SIZE_MAX - sizeof(block)) return NULL;
  block *b = malloc(sizeof *b + size);
  if (b != NULL) block_adopt(rt, L, b, size);
  return b;
}

void block_adopt(runtime *rt, lua_State *L, block *b, size_t size) {
  b->rt = rt;
  b->refs = 1;
  b->size = size;
  runtime_external(rt, L, (ptrdiff_t)size);
}

void block_ref(block *b) {
  b->refs++;
}

void block_unref(block *b) {
  if (b == NULL || --b->refs != 0) return;
  runtime *rt = b->rt;
  rt->external -= b->size;
  if (b->size == BUFFER_READ_SIZE && !rt->closing && rt->spare_count < (int)(sizeof rt->spare / sizeof *rt->spare)) {
    rt->spare[rt->spare_count++] = b;
    return;
  }
  free(b);
}

block *block_for_reading(runtime *rt, lua_State *L) {
  if (rt->spare_count == 0) return block_new(rt, L, BUFFER_READ_SIZE);
  block *b = rt->spare[--rt->spare_count];
  b->refs = 1;
  runtime_external(rt, L, (ptrdiff_t)b->size);
  return b;
}

static buffer *push(lua_State *L, runtime *rt) {
  buffer *u = lua_newuserdata(L, sizeof *u);
  u->data = NULL;
  u->length = 0;
  u->block = NULL;
  ref_push(L, rt->ref_buffer_mt);
  lua_setmetatable(L, -2);
  return u;
}

buffer *buffer_new(lua_State *L, runtime *rt, size_t length) {
  buffer *u = push(L, rt);
  if (length == 0) return u;
  if (length > BUFFER_POOL_SIZE / 2) {
    u->block = length > BUFFER_MAX ? NULL : block_new(rt, L, length);
    if (u->block == NULL) luaL_error(L, "out of memory: a Buffer of %f bytes", (double)length);
    u->data = u->block->data;
  } else {
    if (rt->pool == NULL || rt->pool->size - rt->pool_used < length) {
      block *fresh = block_new(rt, L, BUFFER_POOL_SIZE);
      if (fresh == NULL) luaL_error(L, "out of memory: a Buffer pool");
      block_unref(rt->pool);
      rt->pool = fresh;
      rt->pool_used = 0;
    }
    u->block = rt->pool;
    block_ref(rt->pool);
    u->data = rt->pool->data + rt->pool_used;
    rt->pool_used += (length + 7) & ~(size_t)7;
    if (rt->pool_used > rt->pool->size) rt->pool_used = rt->pool->size;
  }
  u->length = length;
  return u;
}

void buffer_push_copy(lua_State *L, runtime *rt, const void *data, size_t length) {
  buffer *u = buffer_new(L, rt, length);
  if (length != 0) memcpy(u->data, data, length);
}

void buffer_push_window(lua_State *L, block *b, uint8_t *data, size_t length) {
  buffer *u = push(L, b->rt);
  block_ref(b);
  u->block = b;
  u->data = data;
  u->length = length;
}

void buffer_push_read(lua_State *L, runtime *rt, block **b, size_t length) {
  if (length <= (*b)->size / 4) {
    buffer_push_copy(L, rt, (*b)->data, length);
    return;
  }
  buffer_push_window(L, *b, (*b)->data, length);
  block_unref(*b);
  *b = NULL;
}

// The mark in the metatable, not the metatable itself: a subclass has a shape of its own.
buffer *buffer_test(lua_State *L, int index) {
  if (lua_type(L, index) != LUA_TUSERDATA || !lua_getmetatable(L, index)) return NULL;
  lua_pushliteral(L, "is_buffer");
  lua_rawget(L, -2);
  bool ours = lua_toboolean(L, -1);
  lua_pop(L, 2);
  return ours ? lua_touserdata(L, index) : NULL;
}

const char *buffer_bytes(lua_State *L, int index, size_t *length) {
  if (lua_type(L, index) == LUA_TSTRING) return lua_tolstring(L, index, length);
  buffer *u = buffer_test(L, index);
  if (u == NULL) return NULL;
  *length = u->length;
  return u->length == 0 ? "" : (const char *)u->data;
}

const char *buffer_check_bytes(lua_State *L, int index, size_t *length) {
  const char *bytes = buffer_bytes(L, index, length);
  if (bytes == NULL) luaL_error(L, "string or Buffer expected, got %s", luaL_typename(L, index));
  return bytes;
}

void buffer_release_pools(runtime *rt) {
  block_unref(rt->pool);
  rt->pool = NULL;
  block_unref(rt->reading);
  rt->reading = NULL;
  while (rt->spare_count > 0) free(rt->spare[--rt->spare_count]);
}

static int buffer_gc(lua_State *L) {
  buffer *u = lua_touserdata(L, 1);
  block *b = u->block;
  u->block = NULL;
  u->data = NULL;
  u->length = 0;
  block_unref(b);
  return 0;
}

// alloc(length, unpooled?) -> Buffer, contents undefined; unpooled gives it a block of its own.
static int alloc(lua_State *L) {
  runtime *rt = runtime_get(L);
  lua_Number n = luaL_checknumber(L, 1);
  if (!(n >= 0 && n <= (lua_Number)BUFFER_MAX)) return luaL_error(L, "length out of range");
  size_t length = (size_t)n;
  if (!lua_toboolean(L, 2) || length == 0) {
    buffer_new(L, rt, length);
    return 1;
  }
  block *b = block_new(rt, L, length);
  if (b == NULL) return luaL_error(L, "out of memory: a Buffer of %f bytes", n);
  buffer_push_window(L, b, b->data, length);
  block_unref(b);
  return 1;
}

// from(string) -> Buffer with its bytes
static int from(lua_State *L) {
  size_t length;
  const char *bytes = luaL_checklstring(L, 1, &length);
  buffer_push_copy(L, runtime_get(L), bytes, length);
  return 1;
}

// slice(buffer, start, stop) -> a window on the same bytes; 0 <= start <= stop <= length, checked.
static int slice(lua_State *L) {
  buffer *u = buffer_test(L, 1);
  if (u == NULL) return luaL_error(L, "Buffer expected, got %s", luaL_typename(L, 1));
  lua_Number start = luaL_checknumber(L, 2), stop = luaL_checknumber(L, 3);
  if (!(start >= 0 && start <= stop && stop <= (lua_Number)u->length)) return luaL_error(L, "slice out of range");
  if (start == stop) {
    buffer_new(L, runtime_get(L), 0);
  } else {
    buffer_push_window(L, u->block, u->data + (size_t)start, (size_t)stop - (size_t)start);
  }
  return 1;
}

// setMetatable(mt): the metatable of every Buffer from now on. Adds __gc and the mark that C knows it by.
static int set_metatable(lua_State *L) {
  luaL_checktype(L, 1, LUA_TTABLE);
  lua_pushcfunction(L, buffer_gc);
  lua_setfield(L, 1, "__gc");
  lua_pushboolean(L, 1);
  lua_setfield(L, 1, "is_buffer");
  lua_settop(L, 1);
  ref_set(L, &runtime_get(L)->ref_buffer_mt);
  return 0;
}

// is(value) -> boolean
static int is(lua_State *L) {
  lua_pushboolean(L, buffer_test(L, 1) != NULL);
  return 1;
}

// external() -> bytes held by all Buffers
static int external(lua_State *L) {
  lua_pushnumber(L, (lua_Number)runtime_get(L)->external);
  return 1;
}

void buffer_open(lua_State *L) {
  static const luaL_Reg functions[] = {{"alloc", alloc}, {"from", from},         {"slice", slice},
                                       {"is", is},       {"external", external}, {"setMetatable", set_metatable},
                                       {NULL, NULL}};
  runtime *rt = runtime_get(L);
  lua_newtable(L); // until lua/buffer.lua sets its own
  lua_pushcfunction(L, buffer_gc);
  lua_setfield(L, -2, "__gc");
  lua_pushboolean(L, 1);
  lua_setfield(L, -2, "is_buffer");
  ref_set(L, &rt->ref_buffer_mt);
  lua_newtable(L);
  luaL_register(L, NULL, functions);
}

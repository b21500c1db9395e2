// SPDX-License-Identifier: MIT
//
// Bytes outside Lua's heap.
//
// A `block` is counted memory; a `buffer` is the userdata that Lua sees, a window
// on a block which it keeps alive. The struct's layout is known to lua/buffer.lua
// through the FFI, which does all reading, writing and searching; C only makes them.
// Small ones are cut from a shared pool block, as in Node (pool of 8 KiB, halves of it go alone).
#ifndef LUNODE_BUFFER_H
#define LUNODE_BUFFER_H

#include "runtime.h"

#define BUFFER_POOL_SIZE ((size_t)8192)
// Of the blocks that streams read into. A little above 64 KiB: a read that fills the buffer makes libuv
// ask the kernel once more, in vain when the message was 64 KiB.
#define BUFFER_READ_SIZE ((size_t)65536 + 1024)
#define BUFFER_MAX ((size_t)0x7fffffff)  // 2 GiB - 1: buffer.constants.MAX_LENGTH

typedef struct block {
  runtime *rt;
  size_t refs, size;
  uint8_t data[];
} block;

typedef struct buffer { // the userdata
  uint8_t *data;
  size_t length;
  block *block; // NULL: empty
} buffer;

// One reference is the caller's. NULL when there is no memory.
block *block_new(runtime *rt, lua_State *L, size_t size);
// Makes a block of one that another thread allocated (malloc, room for `size` bytes) and filled.
void block_adopt(runtime *rt, lua_State *L, block *b, size_t size);
void block_ref(block *b);
void block_unref(block *b);
// A block of BUFFER_READ_SIZE, reused when one is spare.
block *block_for_reading(runtime *rt, lua_State *L);

// Push a Buffer; raise when out of memory. Contents of buffer_new are undefined.
buffer *buffer_new(lua_State *L, runtime *rt, size_t length);
void buffer_push_copy(lua_State *L, runtime *rt, const void *data, size_t length);
// A window on `b` (takes a reference of its own).
void buffer_push_window(lua_State *L, block *b, uint8_t *data, size_t length);
// What was read into `*b`: copies when little, else gives the block away and sets *b to NULL.
void buffer_push_read(lua_State *L, runtime *rt, block **b, size_t length);

// The Buffer at `index`, or NULL.
buffer *buffer_test(lua_State *L, int index);
// Bytes of a string or Buffer at `index`, or NULL for anything else. Valid while the value lives.
const char *buffer_bytes(lua_State *L, int index, size_t *length);
// Like it, but raises.
const char *buffer_check_bytes(lua_State *L, int index, size_t *length);

void buffer_release_pools(runtime *rt);


#endif

// SPDX-License-Identifier: MIT
// What the files of the area `serialize` share: serialize.c, serialize_write.c, serialize_read.c.
#ifndef LUNODE_SERIALIZE_INTERNAL_H
#define LUNODE_SERIALIZE_INTERNAL_H

#include <lauxlib.h>
#include <lua.h>
#include <stddef.h>

#define SERIALIZE_FORMAT 15        // written
#define SERIALIZE_FORMAT_OLDEST 13 // read
#define SERIALIZE_DEPTH 2500       // up to three stack slots a level; LuaJIT gives a C function 8000
#define SERIALIZE_WIDE_TOP 320     // below this stack top an object's pairs are piled on the stack
#define SERIALIZE_WIDE_PAIRS 32    // as many of them

// The functions of lua/internal/serializable.lua, by their place in its list.
typedef enum hook {
  HOOK_RAISE = 1,  // (what, value, form) -> Error
  HOOK_CLASSIFY,   // (metatable) -> kind
  HOOK_INT_WRITE,  // (cdata) -> negative, low 32 bits, high 32 bits of the magnitude; or nothing
  HOOK_INT_READ,   // (negative, low, high) -> cdata
  HOOK_DATE_WRITE, // (date) -> ms
  HOOK_DATE_READ,  // (ms) -> date
  HOOK_MAP_WRITE,  // (map) -> {key, value, …}, length of that
  HOOK_MAP_NEW,    // () -> map
  HOOK_MAP_SET,    // (map, key, value)
  HOOK_SET_WRITE,  // (set) -> {value, …}, length of that
  HOOK_SET_NEW,    // () -> set
  HOOK_SET_ADD,    // (set, value)
  HOOK_REGEXP_WRITE, // (regexp) -> source, flags as V8's bits
  HOOK_REGEXP_READ,  // (source, bits) -> regexp
  HOOK_ERROR_WRITE,  // (error) -> class's letter or nil, message or nil, stack or nil, whether there is a cause, cause
  HOOK_ERROR_NEW,    // (letter or nil, message or nil) -> error
  HOOK_ERROR_END,    // (error, stack or nil, whether there is a cause, cause)
  HOOK_LISTED_WRITE, // (object) -> {key, value, …}, length of that, length of the array or nil for an object
  HOOK_ADOPT,        // (table, list of its keys as read or nil, length of the array or nil); not there in a Lua program
  HOOK_COUNT
} hook;

typedef enum kind { // what a table with a metatable is
  KIND_PLAIN = 1, KIND_INSTANCE, KIND_ARRAY, KIND_DATE, KIND_MAP, KIND_SET, KIND_REGEXP, KIND_ERROR, KIND_LISTED, KIND_REFUSED, KIND_COUNT
} kind;

#define VIEW_BUFFER 10
#define VIEW_ARRAY_BUFFER 13

// Pushes null, array_mt, kinds, views and hooks, in this order.
void serialize_push_setup(lua_State *L);
// The same key for each state: where the writer is kept in the registry.
extern int serialize_writer_key;

// core.serialize.encode and decode (see serialize.c).
int serialize_encode_call(lua_State *L);
int serialize_decode_call(lua_State *L);
// Decodes the bytes, an IPC message (form "") or v8.serialize's ("v8"). The value at 1, the only one on the stack, keeps them alive.
int serialize_decode_bytes(lua_State *L, const char *bytes, size_t length, const char *form);

#endif

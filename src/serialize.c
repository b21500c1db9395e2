// SPDX-License-Identifier: MIT
//
// core.serialize: values as V8's ValueSerializer writes them, and back. Source: V8's value-serializer.cc (format 15; 13 to 15
// are read), Node's lib/v8.js and lib/internal/child_process/serialization.js (how Buffers are told from other objects).
//   setup(null, array_mt, kinds, views, hooks)   called by lua/internal/serializable.lua, which this file requires when it is
//     first used. kinds: metatable -> one of core.serialize.kinds, filled by hooks.classify. views: Buffer -> which typed array
//     it was on the wire (0 to 12 as Node counts them, 13: an ArrayBuffer). hooks: a list of functions, in the order of `hook`.
//   encode(value, form) -> bytes     form nil: a string, as an IPC message; "v8": a Buffer, as v8.serialize makes it;
//                                    "clone": a string like that, errors are DataCloneErrors
//   decode(bytes, from, to, form) -> value    bytes: a string or Buffer, of which from (0) to `to` (its length) is read
// Both raise Errors, made by hooks.raise.
//
// Lua's values on the wire. A table with [1], or one that carries the array mark, is a dense array: index n is n - 1 there, and
// what other keys it has follow as its properties. An array mark with a field `length` beyond the last element is a sparse
// array. Any other table is an object; of an instance of a class the fields that begin with "_" are left out. Number keys of
// objects are not shifted: they are written as doubles and read back as numbers, while V8 writes them as integers, which
// become text, as in JSON. Text that is valid UTF-8 (or WTF-8) is a one-byte string below U+0100, else a two-byte string.
// Other bytes are written as a UTF-8 string (tag 'S'), which this side takes as it is and V8 repairs with U+FFFD.
// nil is undefined and lunode.null null; the hole in an array, undefined and a missing element are all nil here.
// 64-bit integers are BigInts.
//
// Objects are numbered as they begin; a second mention is a reference, so identities and cycles are kept.
#include "serialize.h"

#include "areas.h"
#include "serialize_internal.h"

static int null_key, array_key, kinds_key, views_key, hooks_key, require_key; // addresses: keys in the registry

static const char *const hook_names[HOOK_COUNT] = {
    NULL,     "raise",  "classify", "intWrite",    "intRead",    "dateWrite",  "dateRead", "mapWrite", "mapNew",     "mapSet",
    "setWrite", "setNew", "setAdd",   "regexpWrite", "regexpRead", "errorWrite", "errorNew", "errorEnd", "listedWrite", "adopt"};

static const char *const kind_names[KIND_COUNT] = {NULL,  "plain", "instance", "array", "date",   "map",
                                                   "set", "regexp", "error",    "listed", "refused"};

static void push_registered(lua_State *L, int *key) {
  lua_pushlightuserdata(L, key);
  lua_rawget(L, LUA_REGISTRYINDEX);
}

void serialize_push_setup(lua_State *L) {
  push_registered(L, &hooks_key);
  if (lua_isnil(L, -1)) {
    push_registered(L, &require_key);
    lua_pushliteral(L, "lunode.internal.serializable");
    lua_call(L, 1, 0);
  }
  lua_pop(L, 1);
  push_registered(L, &null_key);
  push_registered(L, &array_key);
  push_registered(L, &kinds_key);
  push_registered(L, &views_key);
  push_registered(L, &hooks_key);
}

// ---- for C

static int room(lua_State *L) { // for the function and its arguments
  if (lua_checkstack(L, 4)) return 1;
  lua_pushliteral(L, "stack overflow");
  return 0;
}

int serialize_encode(lua_State *L, int index) {
  if (!room(L)) return -1;
  lua_pushvalue(L, index);
  lua_pushcfunction(L, serialize_encode_call);
  lua_insert(L, -2);
  return lua_pcall(L, 1, 1, 0) == 0 ? 0 : -1;
}

typedef struct span {
  const char *bytes;
  size_t length;
} span;

static int decode_span(lua_State *L) {
  span *s = lua_touserdata(L, 1);
  return serialize_decode_bytes(L, s->bytes, s->length, "");
}

int serialize_decode(lua_State *L, const char *bytes, size_t length) {
  span s = {bytes, length};
  if (!room(L)) return -1;
  lua_pushcfunction(L, decode_span);
  lua_pushlightuserdata(L, &s);
  return lua_pcall(L, 1, 1, 0) == 0 ? 0 : -1;
}

static int setup(lua_State *L) {
  lua_settop(L, 5);
  int *keys[] = {&null_key, &array_key, &kinds_key, &views_key, &hooks_key};
  for (int i = 0; i < 5; i++) {
    lua_pushlightuserdata(L, keys[i]);
    lua_pushvalue(L, i + 1);
    lua_rawset(L, LUA_REGISTRYINDEX);
  }
  return 0;
}

static void push_numbers(lua_State *L, const char *const *names, int count) {
  lua_createtable(L, 0, count - 1);
  for (int i = 1; i < count; i++) {
    lua_pushinteger(L, i);
    lua_setfield(L, -2, names[i]);
  }
}

void serialize_open(lua_State *L) {
  static const luaL_Reg functions[] = {
      {"encode", serialize_encode_call}, {"decode", serialize_decode_call}, {"setup", setup}, {NULL, NULL}};
  lua_newtable(L);
  luaL_register(L, NULL, functions);
  lua_pushlightuserdata(L, &require_key); // as it is before any program can have changed it
  lua_getglobal(L, "require");
  lua_rawset(L, LUA_REGISTRYINDEX);
  push_numbers(L, hook_names, HOOK_COUNT);
  lua_setfield(L, -2, "hooks");
  push_numbers(L, kind_names, KIND_COUNT);
  lua_setfield(L, -2, "kinds");
}

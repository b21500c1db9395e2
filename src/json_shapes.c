// SPDX-License-Identifier: MIT
//
// core.json_shapes: JSON text of objects with shapes, JavaScript's (compat/prelude/object_model.lua).
//   stringify(value, gap, array, names_of, other, null) -> text | nil where there is none | false: everything is to be written by others
//     array: the shape of arrays without holes; names_of(object) -> the names of an object whose properties are all in its table, or nil;
//     other(key, value, depth) -> the text of what is written here by nobody (accessors, toJSON, wrappers …), or nil
// A shape that several objects have keeps its names in `listed`.
#include <lauxlib.h>
#include <stdbool.h>

#include "areas.h"
#include "json_text.h"

#define DEPTH 1000

enum { VALUE = 1, GAP, ARRAY, NAMES_OF, OTHER, NULL_VALUE, LISTED, LENGTH, TO_JSON, INDEX }; // places on the stack

typedef enum written { NOTHING, WRITTEN, GIVEN_UP } written;

typedef struct writer {
  text text; // first: it is freed with the userdata
  bool busy; // also for ever when an error was raised: then it is not used again
  lua_State *L;
  const char *gap;
  size_t gap_length;
  int depth;
  const void *array, *open[DEPTH]; // the shape of arrays; the tables being written, outermost first
} writer;

static int writer_key; // its address: a key in the registry

static void put_line(writer *w) {
  if (w->gap_length == 0) return;
  json_text_char(w->L, &w->text, '\n');
  for (int i = 0; i < w->depth; i++) json_text_put(w->L, &w->text, w->gap, w->gap_length);
}

static written write_value(writer *w);

// The value on top, its key below it.
static written write_other(writer *w) {
  lua_State *L = w->L;
  lua_pushvalue(L, OTHER);
  lua_pushvalue(L, -3);
  lua_pushvalue(L, -3);
  lua_pushinteger(L, w->depth);
  lua_call(L, 3, 1);
  size_t length;
  const char *bytes = lua_tolstring(L, -1, &length);
  if (bytes != NULL) json_text_put(L, &w->text, bytes, length);
  lua_pop(L, 1);
  return bytes != NULL ? WRITTEN : NOTHING;
}

// Whether nothing answers to toJSON, as far as tables can tell: the object on top is `object`.
static bool without_method(lua_State *L) {
  int top = lua_gettop(L);
  bool without = true;
  lua_pushvalue(L, -1);
  for (;;) { // … table
    lua_pushvalue(L, TO_JSON);
    lua_rawget(L, -2);
    without = lua_isnil(L, -1);
    lua_pop(L, 1);
    if (!without || !lua_getmetatable(L, -1)) break;
    lua_pushvalue(L, INDEX);
    lua_rawget(L, -2);
    if (lua_isnil(L, -1)) break;
    without = lua_istable(L, -1);
    if (!without) break;
    lua_replace(L, -3);
    lua_pop(L, 1);
  }
  lua_settop(L, top);
  return without;
}

// Whether the table on top has no keys but names: no indices, and nothing that makes it a wrapper.
static bool only_names(lua_State *L) {
  for (lua_pushnil(L); lua_next(L, -2); lua_pop(L, 1)) {
    if (lua_type(L, -2) == LUA_TSTRING) continue;
    lua_pop(L, 2);
    return false;
  }
  return true;
}

static bool enter(writer *w) {
  const void *table = lua_topointer(w->L, -1);
  for (int i = 0; i < w->depth; i++)
    if (w->open[i] == table) return false;
  if (w->depth >= DEPTH || !lua_checkstack(w->L, 16)) return false;
  w->open[w->depth++] = table;
  return true;
}

static written write_array(writer *w) {
  lua_State *L = w->L;
  lua_pushvalue(L, LENGTH);
  lua_rawget(L, -2);
  double length = lua_tonumber(L, -1);
  lua_pop(L, 1);
  if (length >= 2147483647.0 || !enter(w)) return GIVEN_UP;
  json_text_char(L, &w->text, '[');
  for (int i = 1, count = (int)length; i <= count; i++) {
    if (i > 1) json_text_char(L, &w->text, ',');
    put_line(w);
    lua_pushinteger(L, i);
    lua_rawgeti(L, -2, i);
    written done = write_value(w);
    lua_pop(L, 2);
    if (done == GIVEN_UP) return GIVEN_UP;
    if (done == NOTHING) json_text_put(L, &w->text, "null", 4);
  }
  w->depth--;
  if (length > 0) put_line(w);
  json_text_char(L, &w->text, ']');
  return WRITTEN;
}

// Stack: … object names
static written write_members(writer *w) {
  lua_State *L = w->L;
  int names = lua_gettop(L), count = (int)lua_objlen(L, names);
  bool first = true;
  json_text_char(L, &w->text, '{');
  for (int i = 1; i <= count; i++) {
    size_t before = w->text.length, length;
    lua_rawgeti(L, names, i);
    lua_pushvalue(L, -1);
    lua_rawget(L, names - 1);
    if (!first) json_text_char(L, &w->text, ',');
    put_line(w);
    const char *name = lua_tolstring(L, names + 1, &length);
    json_put_quoted(L, &w->text, name, length);
    json_text_char(L, &w->text, ':');
    if (w->gap_length != 0) json_text_char(L, &w->text, ' ');
    written done = write_value(w);
    lua_settop(L, names);
    if (done == GIVEN_UP) return GIVEN_UP;
    if (done == WRITTEN) first = false;
    else w->text.length = before;
  }
  w->depth--;
  if (!first) put_line(w);
  json_text_char(L, &w->text, '}');
  return WRITTEN;
}

static written write_table(writer *w) { // on top, its key below it
  lua_State *L = w->L;
  int table = lua_gettop(L);
  if (lua_rawequal(L, table, NULL_VALUE)) {
    json_text_put(L, &w->text, "null", 4);
    return WRITTEN;
  }
  if (!lua_getmetatable(L, table)) return write_other(w);
  bool array = lua_topointer(L, -1) == w->array;
  lua_pushvalue(L, LISTED);
  lua_rawget(L, -2);
  bool listed = lua_istable(L, -1);
  if (array || !listed) lua_settop(L, table);
  else lua_replace(L, table + 1);
  if (array) return write_array(w);
  // … table [names]
  lua_pushvalue(L, table);
  bool plain = without_method(L) && only_names(L);
  lua_pop(L, 1);
  if (plain && !listed) {
    lua_pushvalue(L, NAMES_OF);
    lua_pushvalue(L, table);
    lua_call(L, 1, 1);
    plain = lua_istable(L, -1);
  }
  if (!plain) {
    lua_settop(L, table);
    return write_other(w);
  }
  lua_pushvalue(L, table);
  bool entered = enter(w);
  lua_pop(L, 1);
  written done = entered ? write_members(w) : GIVEN_UP;
  lua_settop(L, table);
  return done;
}

// The value on top, its key below it.
static written write_value(writer *w) {
  lua_State *L = w->L;
  switch (lua_type(L, -1)) {
    case LUA_TSTRING: {
      size_t length;
      const char *bytes = lua_tolstring(L, -1, &length);
      json_put_quoted(L, &w->text, bytes, length);
      return WRITTEN;
    }
    case LUA_TNUMBER: json_put_number(L, &w->text, lua_tonumber(L, -1)); return WRITTEN;
    case LUA_TBOOLEAN:
      if (lua_toboolean(L, -1)) json_text_put(L, &w->text, "true", 4);
      else json_text_put(L, &w->text, "false", 5);
      return WRITTEN;
    case LUA_TNIL: return NOTHING;
    case LUA_TTABLE: return write_table(w);
    default: return write_other(w);
  }
}

static int stringify(lua_State *L) {
  size_t gap_length;
  const char *gap = luaL_checklstring(L, GAP, &gap_length);
  lua_settop(L, NULL_VALUE);
  lua_pushliteral(L, "listed");
  lua_pushliteral(L, "length");
  lua_pushliteral(L, "toJSON");
  lua_pushliteral(L, "__index");
  writer *w = json_push_spare(L, &writer_key);
  if (w == NULL || w->busy) w = json_new_spare(L, &writer_key, sizeof *w);
  json_text_reset(&w->text);
  w->busy = true;
  w->L = L;
  w->gap = gap;
  w->gap_length = gap_length;
  w->depth = 0;
  w->array = lua_topointer(L, ARRAY);
  lua_pushliteral(L, "");
  lua_pushvalue(L, VALUE);
  written done = write_value(w);
  if (done == WRITTEN) lua_pushlstring(L, w->text.data, w->text.length);
  else if (done == NOTHING) lua_pushnil(L);
  else lua_pushboolean(L, 0);
  json_text_reset(&w->text);
  w->busy = false;
  return 1;
}

void json_shapes_open(lua_State *L) {
  static const luaL_Reg functions[] = {{"stringify", stringify}, {NULL, NULL}};
  lua_newtable(L);
  luaL_register(L, NULL, functions);
}

// SPDX-License-Identifier: MIT
//
// The text that JSON is written into: it grows, and the collector frees it whatever happens.
#ifndef LUNODE_JSON_TEXT_H
#define LUNODE_JSON_TEXT_H

#include <lua.h>
#include <stddef.h>
#include <string.h>

typedef struct text {
  char *data;
  size_t length, capacity;
} text;

// Makes and pushes a userdata of `size` zero bytes that begins with an empty text.
void *json_text_new(lua_State *L, size_t size);

// What is kept in the registry under the address `key`, which is pushed, or NULL; and one made and kept anew in its place.
void *json_push_spare(lua_State *L, int *key);
void *json_new_spare(lua_State *L, int *key, size_t size);

// Empties a text that is kept from one call to the next; what is large is freed.
void json_text_reset(text *t);

void json_text_grow(lua_State *L, text *t, size_t more);

static inline char *json_text_room(lua_State *L, text *t, size_t more) {
  if (more > t->capacity - t->length) json_text_grow(L, t, more);
  return t->data + t->length;
}

static inline void json_text_put(lua_State *L, text *t, const char *bytes, size_t length) {
  if (length == 0) return;
  memcpy(json_text_room(L, t, length), bytes, length);
  t->length += length;
}

static inline void json_text_char(lua_State *L, text *t, char c) {
  *json_text_room(L, t, 1) = c;
  t->length++;
}

// A string with its quotes; lone surrogates (WTF-8) are escaped, bytes that are no text replaced. A number, or null where it is not finite.
void json_put_quoted(lua_State *L, text *out, const char *bytes, size_t length);
void json_put_number(lua_State *L, text *out, double v);

#endif

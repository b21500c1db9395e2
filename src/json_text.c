// SPDX-License-Identifier: MIT
//
// The text that JSON is written into.
#include "json_text.h"

#include <lauxlib.h>
#include <math.h>
#include <stdint.h>
#include <stdlib.h>

#include "buffer.h"
#include "encoding.h"
#include "number.h"

#define SPARE_TEXT 65536 // bytes of text kept from one call to the next

static int text_gc(lua_State *L) {
  text *t = lua_touserdata(L, 1);
  free(t->data);
  t->data = NULL;
  return 0;
}

void *json_text_new(lua_State *L, size_t size) {
  text *t = lua_newuserdata(L, size);
  memset(t, 0, size);
  if (luaL_newmetatable(L, "lunode.json.text")) {
    lua_pushcfunction(L, text_gc);
    lua_setfield(L, -2, "__gc");
  }
  lua_setmetatable(L, -2);
  return t;
}

void *json_push_spare(lua_State *L, int *key) {
  lua_pushlightuserdata(L, key);
  lua_rawget(L, LUA_REGISTRYINDEX);
  return lua_touserdata(L, -1);
}

void *json_new_spare(lua_State *L, int *key, size_t size) {
  lua_pop(L, 1);
  void *t = json_text_new(L, size);
  lua_pushlightuserdata(L, key);
  lua_pushvalue(L, -2);
  lua_rawset(L, LUA_REGISTRYINDEX);
  return t;
}

void json_text_reset(text *t) {
  t->length = 0;
  if (t->capacity <= SPARE_TEXT) return;
  free(t->data);
  t->data = NULL;
  t->capacity = 0;
}

void json_text_grow(lua_State *L, text *t, size_t more) {
  size_t capacity = t->capacity < 512 ? 512 : t->capacity * 2;
  while (capacity - t->length < more) capacity *= 2;
  char *data = capacity > BUFFER_MAX ? NULL : realloc(t->data, capacity);
  if (data == NULL) luaL_error(L, "out of memory");
  t->data = data;
  t->capacity = capacity;
}

// 0: as it is; else what follows the backslash, 'u' for the long form, 1 for a byte beyond ASCII
static const uint8_t escapes[256] = {
    'u', 'u', 'u', 'u', 'u', 'u', 'u', 'u', 'b', 't', 'n', 'u', 'f', 'r', 'u', 'u', 'u', 'u', 'u', 'u', 'u', 'u', 'u', 'u',
    'u', 'u', 'u', 'u', 'u', 'u', 'u', 'u', ['"'] = '"', ['\\'] = '\\', [128 ... 255] = 1};

void json_put_quoted(lua_State *L, text *out, const char *bytes, size_t length) {
  static const char hex[] = "0123456789abcdef";
  const uint8_t *p = (const uint8_t *)bytes, *end = p + length;
  if (length > BUFFER_MAX / 8) luaL_error(L, "out of memory");
  char *start = json_text_room(L, out, length * 6 + 2), *o = start; // a byte becomes six at most
  *o++ = '"';
  while (p < end) {
    const uint8_t *from = p;
    while (p < end && escapes[*p] == 0) p++;
    memcpy(o, from, (size_t)(p - from));
    o += p - from;
    if (p >= end) break;
    uint8_t c = *p, kind = escapes[c];
    if (kind == 1) {
      size_t good = 0, left = (size_t)(end - p);
      while (good < left && p[good] >= 0x80) good++;
      good = utf8_valid_prefix(p, good);
      if (good != 0) {
        memcpy(o, p, good);
        o += good;
        p += good;
      } else if (left >= 6 && p[0] == 0xed && p[1] >= 0xa0 && p[1] <= 0xaf && (p[2] & 0xc0) == 0x80 && p[3] == 0xed && p[4] >= 0xb0 && p[4] <= 0xbf &&
                 (p[5] & 0xc0) == 0x80) { // two halves that have met
        uint32_t high = (uint32_t)(p[1] & 15) << 6 | (p[2] & 63), low = (uint32_t)(p[4] & 15) << 6 | (p[5] & 63);
        o += utf8_put(o, 0x10000 + (high << 10) + low);
        p += 6;
      } else if (left >= 3 && p[0] == 0xed && p[1] >= 0xa0 && p[1] <= 0xbf && (p[2] & 0xc0) == 0x80) { // a lone surrogate
        unsigned v = (unsigned)(p[0] & 15) << 12 | (unsigned)(p[1] & 63) << 6 | (p[2] & 63);
        const char escape[] = {'\\', 'u', hex[v >> 12], hex[v >> 8 & 15], hex[v >> 4 & 15], hex[v & 15]};
        memcpy(o, escape, 6);
        o += 6;
        p += 3;
      } else { // not text: one replacement for each byte
        memcpy(o, "\xef\xbf\xbd", 3);
        o += 3;
        p++;
      }
      continue;
    }
    p++;
    *o++ = '\\';
    *o++ = (char)kind;
    if (kind == 'u') {
      *o++ = '0';
      *o++ = '0';
      *o++ = hex[c >> 4];
      *o++ = hex[c & 15];
    }
  }
  *o++ = '"';
  out->length += (size_t)(o - start);
}

void json_put_number(lua_State *L, text *out, double v) {
  if (!isfinite(v)) {
    json_text_put(L, out, "null", 4);
    return;
  }
  char *room = json_text_room(L, out, NUMBER_TEXT);
  out->length += number_print(v, room);
}

// SPDX-License-Identifier: MIT
#include "http_head.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "http.h"

// RFC 9110, 5.6.2: the characters of a token.
static const uint8_t token[256] = {
    ['!'] = 1, ['#'] = 1, ['$'] = 1, ['%'] = 1, ['&'] = 1, ['\''] = 1, ['*'] = 1, ['+'] = 1, ['-'] = 1, ['.'] = 1, ['^'] = 1,
    ['_'] = 1, ['`'] = 1, ['|'] = 1, ['~'] = 1, ['0' ... '9'] = 1, ['A' ... 'Z'] = 1, ['a' ... 'z'] = 1};

static bool is_token(const char *text, size_t length) {
  for (size_t i = 0; i < length; i++)
    if (!token[(uint8_t)text[i]]) return false;
  return length > 0;
}

// Lua's values are sent as the bytes that they are. JavaScript's text is UTF-8 here, and latin1 on the wire.
static bool as_latin1;

// Anything but controls; tabs are fine.
static bool is_value(const char *text, size_t length) {
  for (size_t i = 0; i < length; i++) {
    uint8_t c = (uint8_t)text[i];
    if ((c < 32 && c != '\t') || c == 127) return false;
    if (c > 0xC3 && as_latin1) return false; // beyond U+00FF
  }
  return true;
}

// Copies the value; the number of bytes.
static size_t copy_value(char *to, const char *value, size_t length) {
  if (!as_latin1) {
    memcpy(to, value, length);
    return length;
  }
  size_t n = 0;
  for (size_t i = 0; i < length; i++) {
    uint8_t c = (uint8_t)value[i];
    if ((c == 0xC2 || c == 0xC3) && i + 1 < length && ((uint8_t)value[i + 1] & 0xC0) == 0x80) c = (uint8_t)(c << 6 | ((uint8_t)value[++i] & 0x3F));
    to[n++] = (char)c;
  }
  return n;
}

// Whether `word` (lower case) stands in the text with no letter, digit or _ beside it.
static bool has_word(const char *text, size_t length, const char *word) {
  size_t n = strlen(word);
  for (size_t i = 0; i + n <= length; i++) {
    if (strncasecmp(text + i, word, n) != 0) continue;
    char before = i == 0 ? ' ' : text[i - 1], behind = i + n == length ? ' ' : text[i + n];
#define IS_WORD(c) (((c) >= '0' && (c) <= '9') || ((c) >= 'A' && (c) <= 'Z') || ((c) >= 'a' && (c) <= 'z') || (c) == '_')
    if (!IS_WORD(before) && !IS_WORD(behind)) return true;
#undef IS_WORD
  }
  return false;
}

// Takes note of the names that decide on framing.
static void match(http_head *h, const char *name, size_t n, const char *value, size_t length) {
#define IS(text) (n == sizeof text - 1 && strncasecmp(name, text, n) == 0)
  switch (n) {
  case 4:
    if (IS("date")) h->bits |= HEAD_DATE;
    break;
  case 6:
    if (IS("expect")) h->bits |= HEAD_EXPECT;
    break;
  case 7:
    if (IS("trailer")) h->bits |= HEAD_TRAILER;
    break;
  case 10:
    if (IS("keep-alive")) h->bits |= HEAD_KEEP_ALIVE;
    if (IS("connection")) {
      h->bits |= HEAD_CONNECTION;
      if (has_word(value, length, "close")) h->bits |= HEAD_CLOSE;
    }
    break;
  case 14:
    if (IS("content-length")) {
      h->bits |= HEAD_LENGTH;
      h->length = NAN;
      if (length > 0 && length < 20) {
        double sum = 0;
        size_t i = 0;
        for (; i < length && value[i] >= '0' && value[i] <= '9'; i++) sum = sum * 10 + (value[i] - '0');
        if (i == length) h->length = sum;
      }
    }
    break;
  case 17:
    if (IS("transfer-encoding")) {
      h->bits |= HEAD_ENCODING;
      if (has_word(value, length, "chunked")) h->bits |= HEAD_CHUNKED;
    }
    break;
  }
#undef IS
}

static void no_memory(lua_State *L) {
  luaL_error(L, "out of memory: an HTTP head");
}

// The text of a value at the top: replaced there when it is no string. NULL for what cannot be sent.
static const char *text_of(lua_State *L, size_t *length) {
  switch (lua_type(L, -1)) {
  case LUA_TSTRING:
  case LUA_TNUMBER: return lua_tolstring(L, -1, length); // a copy on the stack: converting it in place is fine
  case LUA_TBOOLEAN: lua_pushstring(L, lua_toboolean(L, -1) ? "true" : "false"); break;
  default: return NULL;
  }
  lua_replace(L, -2);
  return lua_tolstring(L, -1, length);
}

static const char *problem(lua_State *L, const char *what, const char *name, size_t n, int value) {
  if (value < 0) value += lua_gettop(L) + 1;
  lua_pushlstring(L, name, n);
  lua_pushvalue(L, value);
  return what;
}

static const char *line(lua_State *L, http_head *h, const char *name, size_t n) {
  size_t length;
  const char *value = text_of(L, &length);
  if (value == NULL) return problem(L, "value", name, n, -1);
  if (!h->checked && !is_value(value, length)) return problem(L, "char", name, n, -1);
  http_bytes *out = h->out;
  if (!http_bytes_room(out, n + length + 4)) no_memory(L);
  char *to = out->data + out->length;
  memcpy(to, name, n);
  memcpy(to + n, ": ", 2);
  size_t copied = copy_value(to + n + 2, value, length);
  if (as_latin1 && h->sized && n == 19 && strncasecmp(name, "content-disposition", n) == 0) {
    // Node 20 reads its bytes as UTF-8 here, and sends the low byte of U+FFFD for what is none.
    for (char *p = to + n + 2; p < to + n + 2 + copied; p++)
      if ((uint8_t)*p >= 0x80) *p = (char)0xFD;
  }
  memcpy(to + n + 2 + copied, "\r\n", 2);
  out->length += n + copied + 4;
  match(h, name, n, value, length);
  return NULL;
}

static bool joined(lua_State *L, const http_head *h, const char *name, size_t n) {
  if (n == 6 && strncasecmp(name, "cookie", 6) == 0) return true;
  if (h->unique == 0) return false;
  lua_getglobal(L, "string");
  lua_getfield(L, -1, "lower");
  lua_pushlstring(L, name, n);
  lua_call(L, 1, 1);
  lua_rawget(L, h->unique);
  bool is = lua_toboolean(L, -1);
  lua_pop(L, 2);
  return is;
}

// The field `name` with the value on top, which it pops when all is well.
static const char *field(lua_State *L, http_head *h, const char *name, size_t n) {
  if (!h->checked && !is_token(name, n)) return problem(L, "name", name, n, -1);
  const char *wrong = NULL;
  if (lua_istable(L, -1)) {
    int list = lua_gettop(L);
    size_t count = lua_objlen(L, list);
    lua_rawgeti(L, list, 1);
    bool is_list = !lua_isnil(L, -1);
    lua_pop(L, 1);
    if (!is_list) return problem(L, "value", name, n, list);
    if (count >= 2 && joined(L, h, name, n)) {
      lua_pushliteral(L, "");
      for (size_t i = 1; i <= count; i++) {
        size_t length;
        lua_rawgeti(L, list, (int)i);
        if (text_of(L, &length) == NULL) return problem(L, "value", name, n, -1);
        if (i > 1) {
          lua_pushliteral(L, "; ");
          lua_insert(L, -2);
        }
        lua_concat(L, i > 1 ? 3 : 2);
      }
      lua_replace(L, list);
      wrong = line(L, h, name, n);
    } else {
      for (size_t i = 1; i <= count && wrong == NULL; i++) {
        lua_rawgeti(L, list, (int)i);
        wrong = line(L, h, name, n);
        if (wrong == NULL) lua_pop(L, 1);
      }
    }
  } else {
    wrong = line(L, h, name, n);
  }
  if (wrong == NULL) lua_pop(L, 1);
  return wrong;
}

// A name on the stack; NULL when it is no text.
static const char *name_at(lua_State *L, int index, size_t *n) {
  return lua_type(L, index) == LUA_TSTRING ? lua_tolstring(L, index, n) : NULL;
}

static const char *put_pair(lua_State *L, http_head *h, int name_index) {
  size_t n;
  const char *name = name_at(L, name_index, &n);
  if (name == NULL) {
    lua_pushvalue(L, name_index);
    lua_pushvalue(L, -2);
    return "name";
  }
  return field(L, h, name, n);
}

static const char *put_flat(lua_State *L, int index, http_head *h, int count) {
  if (count % 2 != 0) {
    lua_pushnil(L);
    lua_pushnil(L);
    return "list";
  }
  for (int i = 1; i < count; i += 2) {
    lua_rawgeti(L, index, i);
    int name = lua_gettop(L);
    lua_rawgeti(L, index, i + 1);
    const char *wrong = put_pair(L, h, name);
    if (wrong != NULL) return wrong;
    lua_pop(L, 1);
  }
  return NULL;
}

static const char *put_pairs(lua_State *L, int index, http_head *h, int count) {
  for (int i = 1; i <= count; i++) {
    lua_rawgeti(L, index, i);
    if (!lua_istable(L, -1)) {
      lua_pushnil(L);
      lua_pushnil(L);
      return "list";
    }
    int pair = lua_gettop(L);
    lua_rawgeti(L, pair, 1);
    lua_rawgeti(L, pair, 2);
    const char *wrong = put_pair(L, h, pair + 1);
    if (wrong != NULL) return wrong;
    lua_pop(L, 2);
  }
  return NULL;
}

// Pushes the ordered key list of a JavaScript object, when it is one and no array: its metatable has a function for that.
static bool push_keys(lua_State *L, int index) {
  if (!lua_getmetatable(L, index)) return false;
  lua_pushliteral(L, "array");
  lua_rawget(L, -2);
  if (lua_toboolean(L, -1)) {
    lua_pop(L, 2);
    return false;
  }
  lua_pop(L, 1);
  lua_pushliteral(L, "ordered");
  lua_rawget(L, -2);
  lua_remove(L, -2);
  if (lua_isfunction(L, -1)) {
    lua_pushvalue(L, index);
    lua_call(L, 1, 1);
    if (lua_istable(L, -1)) return true;
  }
  lua_pop(L, 1);
  return false;
}

static const char *put_ordered(lua_State *L, int index, http_head *h) {
  int keys = lua_gettop(L), count = (int)lua_objlen(L, keys);
  for (int i = 1; i <= count; i++) {
    lua_rawgeti(L, keys, i);
    lua_pushvalue(L, -1);
    lua_rawget(L, index);
    if (lua_type(L, keys + 1) == LUA_TNUMBER) { // the index + 1
      lua_pushinteger(L, lua_tointeger(L, keys + 1) - 1);
      lua_tostring(L, -1);
      lua_replace(L, keys + 1);
    }
    const char *wrong = put_pair(L, h, keys + 1);
    if (wrong != NULL) return wrong;
    lua_pop(L, 1);
  }
  lua_pop(L, 1);
  return NULL;
}

typedef struct entry {
  const char *name;
  size_t n;
  int value; // stack index
} entry;

static int compare(const void *a, const void *b) {
  const entry *x = a, *y = b;
  int order = memcmp(x->name, y->name, x->n < y->n ? x->n : y->n);
  return order != 0 ? order : x->n < y->n ? -1 : x->n > y->n;
}

enum { FEW = 24 };

static const char *put_map(lua_State *L, int index, http_head *h) {
  entry few[FEW], *entries = few;
  size_t count = 0, room = FEW;
  int base = lua_gettop(L);
  lua_pushnil(L);
  while (lua_next(L, index) != 0) {
    luaL_checkstack(L, 8, "too many headers");
    if (count == room) {
      entry *more = lua_newuserdata(L, room * 2 * sizeof *more);
      memcpy(more, entries, count * sizeof *more);
      entries = more;
      room *= 2;
      lua_insert(L, base + 1); // stays on the stack below the values
      base++;
      for (size_t i = 0; i < count; i++) entries[i].value++;
    }
    entry e = {.value = lua_gettop(L)};
    e.name = name_at(L, -2, &e.n);
    if (e.name == NULL) {
      lua_pushvalue(L, -2);
      lua_pushvalue(L, -2);
      return "name";
    }
    // Few and mostly in order: insertion is enough, until it is not.
    size_t at = count++;
    if (count <= FEW) {
      for (; at > 0 && compare(&e, &entries[at - 1]) < 0; at--) entries[at] = entries[at - 1];
    }
    entries[at] = e;
    lua_pushvalue(L, -2);
  }
  if (count > FEW) qsort(entries, count, sizeof *entries, compare);
  for (size_t i = 0; i < count; i++) {
    lua_pushvalue(L, entries[i].value);
    const char *wrong = field(L, h, entries[i].name, entries[i].n);
    if (wrong != NULL) return wrong;
  }
  return NULL;
}

const char *http_head_put(lua_State *L, int index, http_head *h) {
  h->bits = 0;
  h->length = -1;
  if (lua_isnoneornil(L, index)) return NULL;
  luaL_checktype(L, index, LUA_TTABLE);
  luaL_checkstack(L, 16, "too many headers");
  int top = lua_gettop(L);
  const char *wrong;
  lua_rawgeti(L, index, 1);
  int first = lua_type(L, -1);
  lua_pop(L, 1);
  if (first != LUA_TNIL && push_keys(L, index)) wrong = put_ordered(L, index, h);
  else if (first == LUA_TTABLE) wrong = put_pairs(L, index, h, (int)lua_objlen(L, index));
  else if (first != LUA_TNIL) wrong = put_flat(L, index, h, (int)lua_objlen(L, index));
  else if (push_keys(L, index)) wrong = put_ordered(L, index, h);
  else wrong = put_map(L, index, h);
  if (wrong == NULL) lua_settop(L, top);
  return wrong;
}

// head(headers, unique, checked)
static int head(lua_State *L) {
  lua_settop(L, 3);
  http_bytes *out = lua_newuserdata(L, sizeof *out); // freed by its collector should anything raise
  *out = (http_bytes){0};
  lua_pushvalue(L, lua_upvalueindex(1));
  lua_setmetatable(L, -2);
  http_head h = {.out = out, .unique = lua_istable(L, 2) ? 2 : 0, .checked = lua_toboolean(L, 3)};
  const char *wrong = http_head_put(L, 1, &h);
  if (wrong != NULL) {
    lua_pushnil(L);
    lua_insert(L, -3);
    lua_pushstring(L, wrong);
    lua_insert(L, -3);
    http_bytes_free(out);
    return 4;
  }
  lua_pushlstring(L, out->length == 0 ? "" : out->data, out->length);
  http_bytes_free(out);
  lua_pushinteger(L, (lua_Integer)h.bits);
  lua_pushnumber(L, h.length);
  return 3;
}

static int head_gc(lua_State *L) {
  http_bytes_free(lua_touserdata(L, 1));
  return 0;
}

static int is_token_of(lua_State *L) {
  size_t length;
  const char *text = lua_type(L, 1) == LUA_TSTRING ? lua_tolstring(L, 1, &length) : NULL;
  lua_pushboolean(L, text != NULL && is_token(text, length));
  return 1;
}

static int is_value_of(lua_State *L) {
  size_t length;
  const char *text = luaL_checklstring(L, 1, &length);
  lua_pushboolean(L, is_value(text, length));
  return 1;
}

static int set_latin1(lua_State *L) {
  as_latin1 = lua_toboolean(L, 1);
  return 0;
}

void http_head_open(lua_State *L) {
  lua_createtable(L, 0, 1);
  lua_pushcfunction(L, head_gc);
  lua_setfield(L, -2, "__gc");
  lua_pushcclosure(L, head, 1);
  lua_setfield(L, -2, "head");
  lua_pushcfunction(L, is_token_of);
  lua_setfield(L, -2, "isToken");
  lua_pushcfunction(L, is_value_of);
  lua_setfield(L, -2, "isValue");
  lua_pushcfunction(L, set_latin1);
  lua_setfield(L, -2, "latin1");
}

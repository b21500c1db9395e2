// SPDX-License-Identifier: MIT
//
// core.json: JSON text to Lua values and back. Source: ECMA-262, "The JSON Object"; RFC 8259.
//   setup(null, array_mt, raise): the value for null, the metatable that marks lists, and raise(kind, chain) which raises the
//     error "circular" (chain: object, key, object, …, key), "bigint" or "depth"
//   parse(bytes) -> value | nothing, message, position      position: bytes before the error
//   parse(bytes, root, array, define, null)  the same, of objects with shapes (compat/prelude/object_model.lua): root is the shape of an empty
//     object, array of an array; define(object, key, value) is called where the next shape is not known yet. Keys count from 1.
//   stringify(value, indent, replacer, allowed) -> text, or nothing where Node gives undefined
//     replacer(key, value) -> value; allowed: the list of keys that objects are written with; either may be nil
//   number(n) -> text
// A table with [1], or one that carries the array mark, is a list. Keys of other tables are sorted, integers first, unless
// their shape lists them. Nesting deeper than JSON_DEPTH is an error both ways.
#include <ctype.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "areas.h"
#include "buffer.h"
#include "json_text.h"
#include "number.h"
#include "ref.h"

#define JSON_DEPTH 2500   // up to three stack slots a level; LuaJIT gives a C function 8000
#define WIDE_TOP 320      // below this stack top an object's pairs are piled on the stack
#define WIDE_PAIRS 32     // as many of them
#define ORDERS 32         // key orders remembered while writing

static int null_key, array_key, raise_key, scratch_key, writer_key; // addresses: keys in the registry

static void push_null(lua_State *L) {
  lua_pushlightuserdata(L, &null_key);
  lua_rawget(L, LUA_REGISTRYINDEX);
}

static void push_array_mt(lua_State *L) {
  lua_pushlightuserdata(L, &array_key);
  lua_rawget(L, LUA_REGISTRYINDEX);
}

// ---- parsing

typedef struct parser {
  lua_State *L;
  const char *start, *p, *end;
  text *scratch; // for strings with escapes
  int scratch_index, null_index, array_index, depth;
  int members; // of the object that was read last: the next one may have as many
  int root_index, define_index, next_index, length_index; // of objects with shapes; root_index 0: of plain tables
  const char *error;
} parser;

static bool fail(parser *s, const char *at, const char *message) {
  s->p = at;
  s->error = message;
  return false;
}

static bool unexpected(parser *s) {
  if (s->p >= s->end) return fail(s, s->p, "Unexpected end of JSON input");
  if (*s->p == '"') return fail(s, s->p, "Unexpected string in JSON");
  if (*s->p == '-' || (*s->p >= '0' && *s->p <= '9')) return fail(s, s->p, "Unexpected number in JSON");
  return fail(s, s->p, "Unexpected token");
}

static void skip_space(parser *s) {
  while (s->p < s->end && (*s->p == ' ' || *s->p == '\n' || *s->p == '\r' || *s->p == '\t')) s->p++;
}

static int hex4(const char *p, const char *end) {
  if (end - p < 4) return -1;
  int v = 0;
  for (int i = 0; i < 4; i++) {
    char c = p[i];
    int d = c >= '0' && c <= '9' ? c - '0' : c >= 'a' && c <= 'f' ? c - 'a' + 10 : c >= 'A' && c <= 'F' ? c - 'A' + 10 : -1;
    if (d < 0) return -1;
    v = v << 4 | d;
  }
  return v;
}

static void put_character(parser *s, unsigned c) {
  char *o = json_text_room(s->L, s->scratch, 4);
  size_t n;
  if (c < 0x80) {
    o[0] = (char)c;
    n = 1;
  } else if (c < 0x800) {
    o[0] = (char)(0xc0 | c >> 6);
    o[1] = (char)(0x80 | (c & 63));
    n = 2;
  } else if (c < 0x10000) {
    o[0] = (char)(0xe0 | c >> 12);
    o[1] = (char)(0x80 | (c >> 6 & 63));
    o[2] = (char)(0x80 | (c & 63));
    n = 3;
  } else {
    o[0] = (char)(0xf0 | c >> 18);
    o[1] = (char)(0x80 | (c >> 12 & 63));
    o[2] = (char)(0x80 | (c >> 6 & 63));
    o[3] = (char)(0x80 | (c & 63));
    n = 4;
  }
  s->scratch->length += n;
}

static bool parse_escape(parser *s) { // p is behind the backslash
  if (s->p >= s->end) return unexpected(s);
  char c = *s->p++;
  switch (c) {
    case '"': case '\\': case '/': break;
    case 'b': c = '\b'; break;
    case 'f': c = '\f'; break;
    case 'n': c = '\n'; break;
    case 'r': c = '\r'; break;
    case 't': c = '\t'; break;
    case 'u': {
      int high = hex4(s->p, s->end);
      if (high < 0) {
        const char *p = s->p;
        while (p < s->end && isxdigit((unsigned char)*p)) p++;
        return fail(s, p, "Bad Unicode escape in JSON");
      }
      s->p += 4;
      if (high >= 0xd800 && high < 0xdc00 && s->end - s->p >= 6 && s->p[0] == '\\' && s->p[1] == 'u') {
        int low = hex4(s->p + 2, s->end);
        if (low >= 0xdc00 && low < 0xe000) {
          s->p += 6;
          put_character(s, 0x10000u + ((unsigned)(high - 0xd800) << 10) + (unsigned)(low - 0xdc00));
          return true;
        }
      }
      if (s->root_index != 0 && high >= 0xd800 && high < 0xe000) return fail(s, s->p, "A lone surrogate"); // may meet its other half
      put_character(s, (unsigned)high);
      return true;
    }
    default: return fail(s, s->p - 1, "Bad escaped character in JSON");
  }
  json_text_char(s->L, s->scratch, c);
  return true;
}

static bool parse_string(parser *s) { // p is at the opening quote; pushes the string
  const char *from = ++s->p, *p = from;
  while (p < s->end && *p != '"' && *p != '\\' && (unsigned char)*p >= 0x20) p++;
  if (p < s->end && *p == '"') {
    lua_pushlstring(s->L, from, (size_t)(p - from));
    s->p = p + 1;
    return true;
  }
  s->scratch->length = 0;
  for (;;) {
    json_text_put(s->L, s->scratch, from, (size_t)(p - from));
    if (p >= s->end) return fail(s, s->end, "Unterminated string in JSON");
    if (*p == '"') break;
    if (*p != '\\') return fail(s, p, "Bad control character in string literal in JSON");
    s->p = p + 1;
    if (!parse_escape(s)) return false;
    from = p = s->p;
    while (p < s->end && *p != '"' && *p != '\\' && (unsigned char)*p >= 0x20) p++;
  }
  s->p = p + 1;
  lua_pushlstring(s->L, s->scratch->data, s->scratch->length);
  return true;
}

static bool is_digit(const parser *s, const char *p) {
  return p < s->end && *p >= '0' && *p <= '9';
}

static bool parse_number(parser *s) {
  static const double powers[] = {1e0,  1e1,  1e2,  1e3,  1e4,  1e5,  1e6,  1e7,  1e8,  1e9,  1e10, 1e11,
                                  1e12, 1e13, 1e14, 1e15, 1e16, 1e17, 1e18, 1e19, 1e20, 1e21, 1e22};
  const char *from = s->p, *p = from;
  bool negative = *p == '-';
  if (negative) p++;
  if (!is_digit(s, p)) return fail(s, p, "No number after minus sign in JSON");
  uint64_t mantissa = 0;
  int digits = 0, exponent = 0;
  if (*p == '0' && is_digit(s, p + 1)) return fail(s, p + 1, "Unexpected number in JSON");
  for (; is_digit(s, p); p++) {
    if (digits < 18) mantissa = mantissa * 10 + (uint64_t)(*p - '0');
    if (mantissa != 0) digits++;
  }
  if (p < s->end && *p == '.') {
    if (!is_digit(s, ++p)) return fail(s, p, "Unterminated fractional number in JSON");
    for (; is_digit(s, p); p++) {
      if (digits < 18) {
        mantissa = mantissa * 10 + (uint64_t)(*p - '0');
        exponent--;
        if (mantissa != 0) digits++;
      }
    }
  }
  if (p < s->end && (*p == 'e' || *p == 'E')) {
    p++;
    bool minus = p < s->end && *p == '-';
    if (p < s->end && (*p == '-' || *p == '+')) p++;
    if (!is_digit(s, p)) return fail(s, p, "Exponent part is missing a number in JSON");
    int e = 0;
    for (; is_digit(s, p); p++)
      if (e < 100000) e = e * 10 + (*p - '0');
    exponent += minus ? -e : e;
  }
  s->p = p;
  double value;
  if (digits < 18 && mantissa <= (uint64_t)1 << 53 && exponent >= -22 && exponent <= 22) {
    value = (double)mantissa; // both exact, so one rounding: the nearest double
    value = exponent < 0 ? value / powers[-exponent] : value * powers[exponent];
    lua_pushnumber(s->L, negative ? -value : value);
  } else if (digits + exponent > 400 || digits + exponent < -400) { // far beyond a double, either way
    value = mantissa != 0 && digits + exponent > 0 ? HUGE_VAL : 0;
    lua_pushnumber(s->L, negative ? -value : value);
  } else { // LuaJIT's own scanner, which knows no locale
    lua_pushlstring(s->L, from, (size_t)(p - from));
    value = lua_tonumber(s->L, -1);
    lua_pop(s->L, 1);
    lua_pushnumber(s->L, value);
  }
  return true;
}

static bool word(parser *s, const char *name, size_t length) {
  if ((size_t)(s->end - s->p) >= length && memcmp(s->p, name, length) == 0) {
    s->p += length;
    return true;
  }
  const char *p = s->p;
  while (p < s->end && *name != 0 && *p == *name) p++, name++;
  s->p = p;
  return unexpected(s);
}

static bool parse_value(parser *s);

// The array on top has n elements: its `length`.
static bool close_array(parser *s, int n) {
  s->p++;
  if (s->root_index == 0) return true;
  lua_pushvalue(s->L, s->length_index);
  lua_pushinteger(s->L, n);
  lua_rawset(s->L, -3);
  return true;
}

static bool parse_array(parser *s) {
  lua_State *L = s->L;
  s->p++;
  lua_createtable(L, 0, s->root_index != 0);
  lua_pushvalue(L, s->array_index);
  lua_setmetatable(L, -2);
  skip_space(s);
  if (s->p < s->end && *s->p == ']') return close_array(s, 0);
  for (int i = 1;; i++) {
    if (!parse_value(s)) return false;
    lua_rawseti(L, -2, i);
    skip_space(s);
    if (s->p < s->end && *s->p == ',') {
      s->p++;
      continue;
    }
    if (s->p < s->end && *s->p == ']') return close_array(s, i);
    return fail(s, s->p, "Expected ',' or ']' after array element in JSON");
  }
}

// Makes of the text on top the key that it is: an index is a number that counts from 1.
static void index_key(lua_State *L) {
  size_t length;
  const char *digits = lua_tolstring(L, -1, &length);
  if (length == 0 || length > 10 || digits[0] < '0' || digits[0] > '9' || (digits[0] == '0' && length > 1)) return;
  double n = 0;
  for (size_t i = 0; i < length; i++) {
    if (digits[i] < '0' || digits[i] > '9') return;
    n = n * 10 + (digits[i] - '0');
  }
  if (n >= 4294967295.0) return;
  lua_pop(L, 1);
  lua_pushnumber(L, n + 1);
}

// Stack: … object shape key value -> … object shape', the shape that the object has with the key.
static void add_member(parser *s) {
  lua_State *L = s->L;
  int object = lua_gettop(L) - 3;
  if (lua_type(L, object + 2) == LUA_TNUMBER) { // indices are no part of a shape
    lua_rawset(L, object);
    return;
  }
  lua_pushvalue(L, object + 2);
  lua_rawget(L, object);
  bool there = !lua_isnil(L, -1);
  lua_pop(L, 1);
  if (there) {
    lua_rawset(L, object);
    return;
  }
  lua_pushvalue(L, s->next_index);
  lua_rawget(L, object + 1);
  if (lua_istable(L, -1)) {
    lua_pushvalue(L, object + 2);
    lua_rawget(L, -2);
    if (lua_istable(L, -1)) {
      lua_replace(L, object + 1);
      lua_pop(L, 1);
      lua_pushvalue(L, object + 1);
      lua_setmetatable(L, object);
      lua_pushvalue(L, object + 2);
      lua_pushvalue(L, object + 3);
      lua_rawset(L, object);
      lua_settop(L, object + 1);
      return;
    }
  }
  lua_settop(L, object + 3);
  lua_pushvalue(L, s->define_index);
  lua_pushvalue(L, object);
  lua_pushvalue(L, object + 2);
  lua_pushvalue(L, object + 3);
  lua_call(L, 3, 0);
  lua_settop(L, object);
  lua_getmetatable(L, object);
}

static bool parse_object(parser *s) {
  lua_State *L = s->L;
  bool shaped = s->root_index != 0;
  int members = 0;
  s->p++;
  lua_createtable(L, 0, s->members);
  if (shaped) {
    lua_pushvalue(L, s->root_index);
    lua_pushvalue(L, -1);
    lua_setmetatable(L, -3);
  }
  skip_space(s);
  if (s->p < s->end && *s->p == '}') {
    s->p++;
    if (shaped) lua_pop(L, 1);
    return true;
  }
  for (bool first = true;; first = false) {
    skip_space(s);
    if (s->p >= s->end || *s->p != '"')
      return fail(s, s->p, first ? "Expected property name or '}' in JSON" : "Expected double-quoted property name in JSON");
    if (!parse_string(s)) return false;
    if (shaped) {
      size_t length;
      const char *name = lua_tolstring(L, -1, &length);
      if (length == 9 && memcmp(name, "__proto__", 9) == 0) return fail(s, s->p, "__proto__");
      index_key(L);
    }
    skip_space(s);
    if (s->p >= s->end || *s->p != ':') return !first ? unexpected(s) : fail(s, s->p, "Expected ':' after property name in JSON");
    s->p++;
    if (!parse_value(s)) return false;
    if (shaped) add_member(s);
    else lua_rawset(L, -3);
    members++;
    skip_space(s);
    if (s->p < s->end && *s->p == ',') {
      s->p++;
      continue;
    }
    if (s->p < s->end && *s->p == '}') {
      s->p++;
      s->members = members < 16 ? members : 16;
      if (shaped) lua_pop(L, 1);
      return true;
    }
    return fail(s, s->p, "Expected ',' or '}' after property value in JSON");
  }
}

static bool parse_value(parser *s) {
  skip_space(s);
  if (s->p >= s->end) return unexpected(s);
  switch (*s->p) {
    case '"': return parse_string(s);
    case '[':
    case '{': {
      if (s->depth >= JSON_DEPTH || !lua_checkstack(s->L, 10)) return fail(s, s->p, "Nested too deeply");
      s->depth++;
      bool done = *s->p == '[' ? parse_array(s) : parse_object(s);
      s->depth--;
      return done;
    }
    case 't':
      if (!word(s, "true", 4)) return false;
      lua_pushboolean(s->L, 1);
      return true;
    case 'f':
      if (!word(s, "false", 5)) return false;
      lua_pushboolean(s->L, 0);
      return true;
    case 'n':
      if (!word(s, "null", 4)) return false;
      lua_pushvalue(s->L, s->null_index);
      return true;
    default:
      if (*s->p == '-' || (*s->p >= '0' && *s->p <= '9')) return parse_number(s);
      return unexpected(s);
  }
}

static int json_parse(lua_State *L) {
  size_t length;
  parser s = {.L = L, .start = buffer_check_bytes(L, 1, &length)};
  bool shaped = lua_istable(L, 2);
  lua_settop(L, shaped ? 5 : 1);
  s.p = s.start;
  s.end = s.start + length;
  if (shaped) {
    s.null_index = 5;
    s.root_index = 2;
    s.array_index = 3;
    s.define_index = 4;
    lua_pushliteral(L, "next");
    s.next_index = lua_gettop(L);
    lua_pushliteral(L, "length");
    s.length_index = lua_gettop(L);
  } else {
    push_null(L);
    s.null_index = lua_gettop(L);
    push_array_mt(L);
    s.array_index = lua_gettop(L);
  }
  s.scratch = json_push_spare(L, &scratch_key);
  if (s.scratch == NULL) s.scratch = json_new_spare(L, &scratch_key, sizeof *s.scratch);
  json_text_reset(s.scratch);
  bool done = parse_value(&s);
  if (done) {
    skip_space(&s);
    if (s.p < s.end) done = fail(&s, s.p, "Unexpected non-whitespace character after JSON");
  }
  if (done) return 1;
  lua_pushnil(L);
  lua_pushstring(L, s.error);
  lua_pushinteger(L, (lua_Integer)(s.p - s.start));
  return 3;
}

// ---- writing

// The order in which an object's keys are written, remembered by the order in which its table yields them: objects made
// alike need no sorting. Keys are known by their strings' addresses, which is safe while no Lua code runs.
typedef struct order {
  int count;
  const char *keys[WIDE_PAIRS];
  uint8_t sorted[WIDE_PAIRS];
} order;

typedef struct writer {
  text text; // first: it is freed with the userdata
  bool busy; // also for ever when an error was raised: then it is not used again
  lua_State *L;
  text *out;
  int null_index, array_index, tojson_index, length_index, replacer, allowed; // stack indices; 0: none
  const char *indent;
  size_t indent_length;
  int depth;
  bool pure; // no Lua code has run yet
  const void *array_mt;
  const void *open[JSON_DEPTH]; // the tables being written, outermost first
  int slots[JSON_DEPTH];        // where their keys are on the stack; the table is right behind
  order orders[ORDERS];
} writer;

static void raise_error(writer *w, const char *kind) {
  lua_State *L = w->L;
  lua_pushlightuserdata(L, &raise_key);
  lua_rawget(L, LUA_REGISTRYINDEX);
  lua_insert(L, -2); // below the chain
  lua_pushstring(L, kind);
  lua_insert(L, -2);
  lua_call(L, 2, 0);
  luaL_error(L, "JSON: %s", kind);
}

static void called(writer *w) { // Lua code is about to run
  if (!w->pure) return;
  w->pure = false;
  for (int i = 0; i < ORDERS; i++) w->orders[i].count = 0;
}

static void put_line(writer *w) {
  if (w->indent_length == 0) return;
  json_text_char(w->L, w->out, '\n');
  for (int i = 0; i < w->depth; i++) json_text_put(w->L, w->out, w->indent, w->indent_length);
}

static bool write_value(writer *w);

// The table on top, with its key below it, is being written from now on.
static void enter(writer *w) {
  lua_State *L = w->L;
  const void *table = lua_topointer(L, -1);
  for (int i = 0; i < w->depth; i++) {
    if (w->open[i] != table) continue;
    int top = lua_gettop(L), n = 0;
    luaL_checkstack(L, 8, "JSON");
    lua_newtable(L);
    for (int k = i; k < w->depth; k++) {
      if (k > i) {
        lua_pushvalue(L, w->slots[k]);
        lua_rawseti(L, -2, ++n);
      }
      lua_pushvalue(L, w->slots[k] + 1);
      lua_rawseti(L, -2, ++n);
    }
    lua_pushvalue(L, top - 1);
    lua_rawseti(L, -2, ++n);
    raise_error(w, "circular");
  }
  if (w->depth >= JSON_DEPTH || !lua_checkstack(L, 12)) {
    lua_pushnil(L);
    raise_error(w, "depth");
  }
  w->slots[w->depth] = lua_gettop(L) - 1;
  w->open[w->depth++] = table;
}

// Makes of the value on top, under `key` below it, what is to be written: applies toJSON and the replacer.
// Stack: … key value -> … key value'
static void prepare(writer *w) {
  lua_State *L = w->L;
  int type = lua_type(L, -1);
  if (type == LUA_TUSERDATA || type == LUA_TTABLE) {
    bool behind = lua_getmetatable(L, -1) != 0, marked = false;
    if (behind) {
      marked = lua_topointer(L, -1) == w->array_mt; // a marked list has no methods
      lua_pop(L, 1);
    }
    if (!marked && (behind || type == LUA_TTABLE) && !lua_rawequal(L, -1, w->null_index)) {
      lua_pushvalue(L, w->tojson_index);
      if (behind) {
        called(w);
        lua_gettable(L, -2);
      } else {
        lua_rawget(L, -2);
      }
      if (lua_isfunction(L, -1)) {
        called(w);
        lua_pushvalue(L, -2);
        lua_pushvalue(L, -4);
        lua_call(L, 2, 1);
        lua_replace(L, -2);
      } else {
        lua_pop(L, 1);
      }
    }
  }
  if (w->replacer != 0) {
    called(w);
    lua_pushvalue(L, w->replacer);
    lua_pushvalue(L, -3);
    lua_pushvalue(L, -3);
    lua_call(L, 2, 1);
    lua_replace(L, -2);
  }
}

// The value on top when it is text, a number or a boolean and nothing has a say in it; else false.
static inline bool write_scalar(writer *w, int index, int type) {
  if (w->replacer != 0) return false;
  if (type == LUA_TSTRING) {
    size_t length;
    const char *bytes = lua_tolstring(w->L, index, &length);
    json_put_quoted(w->L, w->out, bytes, length);
    return true;
  }
  if (type == LUA_TNUMBER) {
    json_put_number(w->L, w->out, lua_tonumber(w->L, index));
    return true;
  }
  if (type != LUA_TBOOLEAN) return false;
  if (lua_toboolean(w->L, index)) json_text_put(w->L, w->out, "true", 4);
  else json_text_put(w->L, w->out, "false", 5);
  return true;
}

static void write_array(writer *w, size_t count) {
  lua_State *L = w->L;
  enter(w);
  json_text_char(L, w->out, '[');
  for (size_t i = 1; i <= count; i++) {
    if (i > 1) json_text_char(L, w->out, ',');
    put_line(w);
    lua_rawgeti(L, -1, (int)i);
    if (write_scalar(w, -1, lua_type(L, -1))) {
      lua_pop(L, 1);
      continue;
    }
    lua_pushinteger(L, (lua_Integer)i);
    lua_insert(L, -2);
    prepare(w);
    if (!write_value(w)) json_text_put(L, w->out, "null", 4);
    lua_pop(L, 2);
  }
  w->depth--;
  if (count != 0) put_line(w);
  json_text_char(L, w->out, ']');
}

typedef struct key {
  double number; // NAN for text
  const char *name;
  size_t length;
} key;

static int compare_keys(const void *a, const void *b) {
  const key *x = a, *y = b;
  bool nx = !isnan(x->number), ny = !isnan(y->number);
  if (nx != ny) return nx ? -1 : 1;
  if (nx) return x->number < y->number ? -1 : x->number > y->number;
  size_t n = x->length < y->length ? x->length : y->length;
  int r = memcmp(x->name, y->name, n);
  return r != 0 ? r : x->length < y->length ? -1 : x->length > y->length;
}

static const char *key_text(lua_State *L, int index, key *k) {
  if (lua_type(L, index) == LUA_TNUMBER) {
    *k = (key){lua_tonumber(L, index), NULL, 0};
    return NULL;
  }
  k->number = NAN;
  k->name = lua_tolstring(L, index, &k->length);
  return k->name;
}

static bool is_key(int type) {
  return type == LUA_TSTRING || type == LUA_TNUMBER;
}

// Whether `key` of a class's instance is its own affair.
static bool is_internal(const key *k, bool instance) {
  return instance && k->name != NULL && k->length != 0 && k->name[0] == '_';
}

static void put_key(writer *w, const key *k) {
  if (k->name != NULL) {
    json_put_quoted(w->L, w->out, k->name, k->length);
  } else {
    json_text_char(w->L, w->out, '"');
    json_put_number(w->L, w->out, k->number);
    json_text_char(w->L, w->out, '"');
  }
  json_text_char(w->L, w->out, ':');
  if (w->indent_length != 0) json_text_char(w->L, w->out, ' ');
}

// Writes "key": value for the pair on top (key, value); false when the value is none.
static bool write_pair(writer *w, bool first) {
  lua_State *L = w->L;
  size_t before = w->out->length;
  if (!first) json_text_char(L, w->out, ',');
  put_line(w);
  key k;
  key_text(L, -2, &k);
  put_key(w, &k);
  prepare(w);
  if (write_value(w)) return true;
  w->out->length = before;
  return false;
}

// Pushes a sequence of the keys of the table on top, in order; returns their count.
static size_t push_keys(writer *w, bool instance) {
  lua_State *L = w->L;
  size_t count = 0;
  for (lua_pushnil(L); lua_next(L, -2); lua_pop(L, 1))
    if (is_key(lua_type(L, -2))) count++;
  key *keys = lua_newuserdata(L, count * sizeof *keys + 1);
  size_t i = 0;
  for (lua_pushnil(L); lua_next(L, -3); lua_pop(L, 1)) {
    if (i == count || !is_key(lua_type(L, -2))) continue;
    key_text(L, -2, &keys[i]);
    if (!is_internal(&keys[i], instance)) i++;
  }
  qsort(keys, i, sizeof *keys, compare_keys);
  lua_createtable(L, (int)i, 0);
  for (size_t k = 0; k < i; k++) {
    if (isnan(keys[k].number)) lua_pushlstring(L, keys[k].name, keys[k].length);
    else lua_pushnumber(L, keys[k].number);
    lua_rawseti(L, -2, (int)k + 1);
  }
  lua_remove(L, -2); // the userdata
  return i;
}

// The key on top, as text: replaced by the number that it prints, where the table at `table` has only that.
static void number_key(lua_State *L, int table) {
  lua_pushvalue(L, -1);
  lua_rawget(L, table);
  bool there = !lua_isnil(L, -1);
  lua_pop(L, 1);
  if (there || !lua_isnumber(L, -1)) return;
  lua_pushnumber(L, lua_tonumber(L, -1));
  lua_pushvalue(L, -1);
  lua_rawget(L, table);
  there = !lua_isnil(L, -1);
  lua_pop(L, 1);
  if (there) lua_replace(L, -2);
  else lua_pop(L, 1);
}

// The object below the list of keys on top, which it pops.
static bool write_listed(writer *w, size_t count, bool text_keys) {
  lua_State *L = w->L;
  bool first = true;
  for (size_t i = 1; i <= count; i++) {
    lua_rawgeti(L, -1, (int)i);
    if (text_keys) number_key(L, lua_gettop(L) - 2);
    lua_pushvalue(L, -1);
    lua_gettable(L, -4); // accessors count
    if (write_pair(w, first)) first = false;
    lua_pop(L, 2);
  }
  lua_pop(L, 1);
  return first;
}

typedef struct pile {
  int count;
  bool numbers;
  order fresh;
  key keys[WIDE_PAIRS];
  const char *names[WIDE_PAIRS];
  uint8_t types[WIDE_PAIRS];
} pile;

static const uint8_t *pile_order(writer *w, pile *p) {
  uintptr_t hash = (uintptr_t)p->count;
  for (int i = 0; i < p->count; i++) hash = hash * 31 + ((uintptr_t)p->names[i] >> 4);
  hash ^= hash >> 15;
  order *o = &p->fresh;
  if (!p->numbers && w->pure) { // one of two places
    for (int i = 0; i < 2; i++) {
      o = &w->orders[(hash >> (5 * i)) % ORDERS];
      if (o->count == p->count && memcmp(o->keys, p->names, (size_t)p->count * sizeof *p->names) == 0) return o->sorted;
      if (o->count == 0) break;
    }
  }
  o->count = p->count;
  memcpy(o->keys, p->names, (size_t)p->count * sizeof *p->names);
  for (int i = 0; i < p->count; i++) {
    int at = i; // insertion: few, and often sorted already
    while (at > 0 && compare_keys(&p->keys[o->sorted[at - 1]], &p->keys[i]) > 0) at--;
    memmove(o->sorted + at + 1, o->sorted + at, (size_t)(i - at));
    o->sorted[at] = (uint8_t)i;
  }
  return o->sorted;
}

// The members of the plain table on top, all its pairs piled up behind it: few, and not deep, so that a pile's frame
// does no harm. False, with nothing done, when they are too many; else *first tells that none was written.
static bool write_piled(writer *w, bool instance, bool *first) {
  lua_State *L = w->L;
  int table = lua_gettop(L), base = table + 1;
  luaL_checkstack(L, 2 * WIDE_PAIRS + 12, "JSON");
  pile p;
  p.count = 0;
  p.numbers = false;
  lua_pushnil(L);
  while (lua_next(L, table)) {
    int type = lua_type(L, -2);
    key k = {0, NULL, 0};
    if (is_key(type)) key_text(L, -2, &k);
    if (!is_key(type) || is_internal(&k, instance)) {
      lua_pop(L, 1);
      continue;
    }
    if (p.count == WIDE_PAIRS) {
      lua_settop(L, table);
      return false;
    }
    if (k.name == NULL) p.numbers = true;
    p.keys[p.count] = k;
    p.names[p.count] = k.name;
    p.types[p.count++] = (uint8_t)lua_type(L, -1);
    lua_pushvalue(L, -2); // to go on from
  }
  uint8_t sorted[WIDE_PAIRS];
  memcpy(sorted, pile_order(w, &p), (size_t)p.count);
  *first = true;
  for (int i = 0; i < p.count; i++) {
    int at = sorted[i], pair = base + 2 * at;
    size_t before = w->out->length;
    if (!*first) json_text_char(L, w->out, ',');
    put_line(w);
    put_key(w, &p.keys[at]);
    bool written = write_scalar(w, pair + 1, p.types[at]);
    if (!written) {
      lua_pushvalue(L, pair);
      lua_pushvalue(L, pair + 1);
      prepare(w);
      written = write_value(w);
      lua_pop(L, 2);
    }
    if (written) *first = false;
    else w->out->length = before;
  }
  lua_settop(L, table);
  return true;
}

static void write_object(writer *w) {
  lua_State *L = w->L;
  enter(w);
  json_text_char(L, w->out, '{');
  bool first, instance = false;
  if (w->allowed != 0) {
    lua_pushvalue(L, w->allowed);
    first = write_listed(w, lua_objlen(L, w->allowed), true);
  } else {
    size_t listed = 0;
    if (lua_getmetatable(L, -1)) {
      lua_pushliteral(L, "ordered"); // a JavaScript object's shape knows the order
      lua_rawget(L, -2);
      if (lua_isfunction(L, -1)) {
        lua_pushvalue(L, -3);
        lua_call(L, 1, 1);
      }
      if (lua_istable(L, -1)) listed = lua_objlen(L, -1);
      lua_pushliteral(L, "class");
      lua_rawget(L, -3);
      instance = lua_toboolean(L, -1);
      lua_pop(L, 1);
      lua_remove(L, -2);
      if (listed == 0) lua_pop(L, 1);
    }
    if (listed != 0) {
      called(w);
      first = write_listed(w, listed, false);
    } else {
      if (lua_gettop(L) >= WIDE_TOP || !write_piled(w, instance, &first)) {
        size_t count = push_keys(w, instance);
        first = write_listed(w, count, false);
      }
    }
  }
  w->depth--;
  if (!first) put_line(w);
  json_text_char(L, w->out, '}');
}

// Writes the value on top and leaves it there; false when JSON has nothing for it (nil, functions).
static bool write_value(writer *w) {
  lua_State *L = w->L;
  switch (lua_type(L, -1)) {
    case LUA_TSTRING: {
      size_t length;
      const char *bytes = lua_tolstring(L, -1, &length);
      json_put_quoted(w->L, w->out, bytes, length);
      return true;
    }
    case LUA_TNUMBER: json_put_number(w->L, w->out, lua_tonumber(L, -1)); return true;
    case LUA_TBOOLEAN:
      if (lua_toboolean(L, -1)) json_text_put(L, w->out, "true", 4);
      else json_text_put(L, w->out, "false", 5);
      return true;
    case LUA_TTABLE: break;
    case 10: // cdata: a 64-bit integer
      lua_pushnil(L);
      raise_error(w, "bigint");
      return false;
    case LUA_TUSERDATA: json_text_put(L, w->out, "{}", 2); return true;
    default: return false;
  }
  if (lua_rawequal(L, -1, w->null_index)) {
    json_text_put(L, w->out, "null", 4);
    return true;
  }
  size_t count = lua_objlen(L, -1);
  lua_rawgeti(L, -1, 1);
  bool array = !lua_isnil(L, -1);
  lua_pop(L, 1);
  if (lua_getmetatable(L, -1)) {
    array = array || lua_rawequal(L, -1, w->array_index);
    lua_pop(L, 1);
    if (array) {
      lua_pushvalue(L, w->length_index); // a JavaScript array may end in holes
      lua_rawget(L, -2);
      if (lua_isnumber(L, -1) && lua_tonumber(L, -1) > (lua_Number)count && lua_tonumber(L, -1) < 4294967296.0) count = (size_t)lua_tonumber(L, -1);
      lua_pop(L, 1);
    }
  }
  if (array) write_array(w, count);
  else write_object(w);
  return true;
}

static int json_stringify(lua_State *L) {
  lua_settop(L, 4);
  size_t indent_length;
  const char *indent = luaL_optlstring(L, 2, "", &indent_length);
  push_null(L);                                  // 5
  push_array_mt(L);                              // 6
  lua_pushliteral(L, "toJSON");                  // 7
  lua_pushliteral(L, "length");                  // 8
  writer *w = json_push_spare(L, &writer_key);        // 9: large, so it is kept
  if (w == NULL || w->busy) w = json_new_spare(L, &writer_key, sizeof *w);
  text *out = &w->text;
  json_text_reset(out);
  w->busy = true;
  w->L = L;
  w->out = out;
  w->null_index = 5;
  w->array_index = 6;
  w->tojson_index = 7;
  w->length_index = 8;
  w->replacer = lua_isfunction(L, 3) ? 3 : 0;
  w->allowed = lua_istable(L, 4) ? 4 : 0;
  w->indent = indent;
  w->indent_length = indent_length;
  w->depth = 0;
  w->pure = true;
  w->array_mt = lua_topointer(L, 6);
  for (int i = 0; i < ORDERS; i++) w->orders[i].count = 0;
  lua_pushliteral(L, "");
  lua_pushvalue(L, 1);
  prepare(w);
  bool any = write_value(w);
  if (any) lua_pushlstring(L, out->data, out->length);
  json_text_reset(out);
  w->busy = false;
  return any ? 1 : 0;
}

static int json_setup(lua_State *L) {
  lua_settop(L, 3);
  void *keys[] = {&null_key, &array_key, &raise_key};
  for (int i = 0; i < 3; i++) {
    lua_pushlightuserdata(L, keys[i]);
    lua_pushvalue(L, i + 1);
    lua_rawset(L, LUA_REGISTRYINDEX);
  }
  return 0;
}

// number(n) -> text, as JavaScript prints it
static int json_number(lua_State *L) {
  double v = luaL_checknumber(L, 1);
  if (!isfinite(v)) {
    lua_pushstring(L, isnan(v) ? "NaN" : v > 0 ? "Infinity" : "-Infinity");
    return 1;
  }
  char out[NUMBER_TEXT];
  lua_pushlstring(L, out, number_print(v, out));
  return 1;
}

void json_open(lua_State *L) {
  static const luaL_Reg functions[] = {
      {"parse", json_parse}, {"stringify", json_stringify}, {"setup", json_setup}, {"number", json_number}, {NULL, NULL}};
  lua_newtable(L);
  luaL_register(L, NULL, functions);
}

// SPDX-License-Identifier: MIT
//
// core.serialize.encode: values to bytes (see serialize.c for what becomes what).
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "buffer.h"
#include "number.h"
#include "serialize_internal.h"

#define ORDERS 16            // key orders remembered while writing
#define KEEP ((size_t)65536) // room that is kept between messages
#define TYPE_CDATA 10

int serialize_writer_key;

typedef struct slot { // of the table of objects met
  const void *key;
  uint32_t id, round;
} slot;

// The order in which an object's keys are written, remembered by the order in which its table yields them: objects made
// alike need no sorting. Keys are known by their strings' addresses, which is safe while no Lua code runs.
typedef struct order {
  int count;
  const char *keys[SERIALIZE_WIDE_PAIRS];
  uint8_t sorted[SERIALIZE_WIDE_PAIRS];
} order;

typedef struct writer { // a userdata, kept for the next message
  lua_State *L;
  uint8_t *data;
  size_t length, capacity;
  slot *slots;
  uint32_t room, count, round; // room: a power of two, or 0
  int depth, anchors;          // anchors: the stack index of a table that keeps every object met, or 0
  const void *null, *array_mt;
  bool busy, ipc;
  order orders[ORDERS];
} writer;

enum { INDEX_FORM = 2, INDEX_NULL, INDEX_ARRAY, INDEX_KINDS, INDEX_VIEWS, INDEX_HOOKS, INDEX_WRITER }; // stack of encode

static int writer_gc(lua_State *L) {
  writer *w = lua_touserdata(L, 1);
  free(w->data);
  free(w->slots);
  w->data = NULL;
  w->slots = NULL;
  w->capacity = 0;
  w->room = 0;
  return 0;
}

// Pushes the writer. One that is busy (a hook encodes, or an error left it so) is replaced and left to the collector.
static writer *writer_acquire(lua_State *L) {
  lua_pushlightuserdata(L, &serialize_writer_key);
  lua_rawget(L, LUA_REGISTRYINDEX);
  writer *w = lua_touserdata(L, -1);
  if (w == NULL || w->busy) {
    lua_pop(L, 1);
    w = lua_newuserdata(L, sizeof *w);
    memset(w, 0, sizeof *w);
    if (luaL_newmetatable(L, "lunode.serialize.writer")) {
      lua_pushcfunction(L, writer_gc);
      lua_setfield(L, -2, "__gc");
    }
    lua_setmetatable(L, -2);
    lua_pushlightuserdata(L, &serialize_writer_key);
    lua_pushvalue(L, -2);
    lua_rawset(L, LUA_REGISTRYINDEX);
  }
  w->busy = true;
  return w;
}

static void writer_release(writer *w) {
  if (w->capacity > KEEP) {
    free(w->data);
    w->data = NULL;
    w->capacity = 0;
  }
  if (w->room * sizeof *w->slots > KEEP) {
    free(w->slots);
    w->slots = NULL;
    w->room = 0;
  }
  w->busy = false;
}

static __attribute__((noinline)) void grow(writer *w, size_t more) {
  size_t capacity = w->capacity < 512 ? 512 : w->capacity * 2;
  while (capacity - w->length < more) capacity *= 2;
  if (capacity > BUFFER_MAX && w->length + more <= BUFFER_MAX) capacity = BUFFER_MAX;
  uint8_t *data = capacity > BUFFER_MAX ? NULL : realloc(w->data, capacity);
  if (data == NULL) luaL_error(w->L, "out of memory");
  w->data = data;
  w->capacity = capacity;
}

static inline uint8_t *room(writer *w, size_t more) {
  if (more > w->capacity - w->length) grow(w, more);
  return w->data + w->length;
}

static inline void put_byte(writer *w, uint8_t byte) {
  *room(w, 1) = byte;
  w->length++;
}

static inline uint8_t *varint(uint8_t *o, uint32_t value) {
  while (value >= 0x80) {
    *o++ = (uint8_t)(value | 0x80);
    value >>= 7;
  }
  *o++ = (uint8_t)value;
  return o;
}

static void put_varint(writer *w, uint32_t value) {
  uint8_t *start = room(w, 5);
  w->length += (size_t)(varint(start, value) - start);
}

static void put_tagged(writer *w, uint8_t tag, uint32_t value) {
  uint8_t *o = room(w, 6), *start = o;
  *o++ = tag;
  w->length += (size_t)(varint(o, value) - start);
}

static void put_double(writer *w, double value) {
  uint64_t bits;
  memcpy(&bits, &value, 8);
  if (value != value) bits = UINT64_C(0x7ff8000000000000);
  memcpy(room(w, 8), &bits, 8);
  w->length += 8;
}

static void put_number(writer *w, double value) {
  if (value >= -2147483648.0 && value <= 2147483647.0) {
    int32_t i = (int32_t)value;
    if ((double)i == value && (i != 0 || !signbit(value))) {
      put_tagged(w, 'I', (uint32_t)i << 1 ^ (uint32_t)(i >> 31));
      return;
    }
  }
  put_byte(w, 'N');
  put_double(w, value);
}

// Raises the error that the hook makes of `what`, and of the value at `index` (0: none).
static _Noreturn void refuse(writer *w, const char *what, int index) {
  lua_State *L = w->L;
  if (index == 0) lua_pushnil(L);
  else lua_pushvalue(L, index);
  lua_rawgeti(L, INDEX_HOOKS, HOOK_RAISE);
  lua_insert(L, -2);
  lua_pushstring(L, what);
  lua_insert(L, -2);
  lua_pushvalue(L, INDEX_FORM);
  lua_call(L, 3, 1);
  lua_error(L);
  abort();
}

// ---- text

typedef enum text { TEXT_ASCII, TEXT_LATIN1, TEXT_WIDE, TEXT_BYTES } text;

// What a string is; *units: its length in characters or, when wide, in UTF-16 units.
static text scan_text(const uint8_t *p, size_t length, size_t *units) {
  size_t i = 0;
  uint64_t word;
  for (; i + 8 <= length; i += 8) {
    memcpy(&word, p + i, 8);
    if (word & UINT64_C(0x8080808080808080)) break;
  }
  while (i < length && p[i] < 0x80) i++;
  size_t n = i;
  text what = i == length ? TEXT_ASCII : TEXT_LATIN1;
  while (i < length) {
    uint8_t c = p[i];
    size_t left = length - i;
    if (c < 0x80) {
      i++;
      n++;
    } else if (c >= 0xc2 && c <= 0xdf && left >= 2 && (p[i + 1] & 0xc0) == 0x80) {
      if (c > 0xc3) what = TEXT_WIDE;
      i += 2;
      n++;
    } else if (c >= 0xe0 && c <= 0xef && left >= 3 && (p[i + 1] & 0xc0) == 0x80 && (p[i + 2] & 0xc0) == 0x80 &&
               (c != 0xe0 || p[i + 1] >= 0xa0)) { // lone surrogates are let through
      what = TEXT_WIDE;
      i += 3;
      n++;
    } else if (c >= 0xf0 && c <= 0xf4 && left >= 4 && (p[i + 1] & 0xc0) == 0x80 && (p[i + 2] & 0xc0) == 0x80 && (p[i + 3] & 0xc0) == 0x80 &&
               (c != 0xf0 || p[i + 1] >= 0x90) && (c != 0xf4 || p[i + 1] < 0x90)) {
      what = TEXT_WIDE;
      i += 4;
      n += 2;
    } else {
      return TEXT_BYTES;
    }
  }
  *units = n;
  return what;
}

static uint8_t *put_unit(uint8_t *o, uint32_t unit) {
  o[0] = (uint8_t)unit;
  o[1] = (uint8_t)(unit >> 8);
  return o + 2;
}

static __attribute__((noinline)) void write_other_text(writer *w, const uint8_t *p, size_t length, text what, size_t units) {
  const uint8_t *end = p + length;
  uint8_t *o;
  if (length > BUFFER_MAX / 4) luaL_error(w->L, "out of memory");
  if (what == TEXT_BYTES) {
    put_tagged(w, 'S', (uint32_t)length);
    memcpy(room(w, length), p, length);
    w->length += length;
  } else if (what == TEXT_LATIN1) {
    put_tagged(w, '"', (uint32_t)units);
    o = room(w, units);
    w->length += units;
    while (p < end) {
      if (*p < 0x80) {
        *o++ = *p++;
      } else {
        *o++ = (uint8_t)(p[0] << 6 | (p[1] & 63));
        p += 2;
      }
    }
  } else {
    uint32_t bytes = (uint32_t)units * 2;
    uint8_t head[5];
    size_t head_length = (size_t)(varint(head, bytes) - head);
    if ((w->length + 1 + head_length) & 1) put_byte(w, 0); // V8 wants them at even places
    put_tagged(w, 'c', bytes);
    o = room(w, bytes);
    w->length += bytes;
    while (p < end) {
      uint32_t c = *p;
      if (c < 0x80) {
        p += 1;
      } else if (c < 0xe0) {
        c = (c & 31) << 6 | (p[1] & 63);
        p += 2;
      } else if (c < 0xf0) {
        c = (c & 15) << 12 | (uint32_t)(p[1] & 63) << 6 | (p[2] & 63);
        p += 3;
      } else {
        c = (c & 7) << 18 | (uint32_t)(p[1] & 63) << 12 | (uint32_t)(p[2] & 63) << 6 | (p[3] & 63);
        p += 4;
        c -= 0x10000;
        o = put_unit(o, 0xd800 + (c >> 10));
        c = 0xdc00 + (c & 0x3ff);
      }
      o = put_unit(o, c);
    }
  }
}

static void write_text(writer *w, const char *bytes, size_t length) {
  const uint8_t *p = (const uint8_t *)bytes;
  size_t units = 0;
  text what = scan_text(p, length, &units);
  if (what != TEXT_ASCII) {
    write_other_text(w, p, length, what, units);
    return;
  }
  if (length > BUFFER_MAX - 6) luaL_error(w->L, "out of memory");
  uint8_t *start = room(w, length + 6), *o = start;
  *o++ = '"';
  o = varint(o, (uint32_t)length);
  memcpy(o, p, length);
  w->length += (size_t)(o - start) + length;
}

static void write_string_at(writer *w, int index) {
  size_t length;
  const char *bytes = lua_tolstring(w->L, index, &length);
  write_text(w, bytes, length);
}

// ---- objects met

static uint32_t slot_of(const writer *w, const void *key) {
  return (uint32_t)((uint64_t)((uintptr_t)key >> 3) * UINT64_C(0x9e3779b97f4a7c15) >> 32) & (w->room - 1);
}

static __attribute__((noinline)) void slots_grow(writer *w) {
  uint32_t wanted = w->room == 0 ? 64 : w->room * 2;
  slot *old = w->slots, *fresh = w->room > UINT32_MAX / 4 ? NULL : calloc(wanted, sizeof *fresh);
  if (fresh == NULL) luaL_error(w->L, "out of memory");
  uint32_t old_room = w->room, round = w->round;
  w->slots = fresh;
  w->room = wanted;
  for (uint32_t i = 0; i < old_room; i++) {
    if (old[i].round != round) continue;
    uint32_t at = slot_of(w, old[i].key);
    while (fresh[at].round == round) at = (at + 1) & (wanted - 1);
    fresh[at] = old[i];
  }
  free(old);
}

// Writes a reference when the value on top has been met before; otherwise numbers it.
static bool write_met(writer *w) {
  lua_State *L = w->L;
  const void *key = lua_topointer(L, -1);
  if (w->count >= w->room / 2) slots_grow(w);
  uint32_t at = slot_of(w, key);
  for (; w->slots[at].round == w->round; at = (at + 1) & (w->room - 1)) {
    if (w->slots[at].key != key) continue;
    put_tagged(w, '^', w->slots[at].id);
    return true;
  }
  w->slots[at] = (slot){key, w->count++, w->round};
  if (w->anchors != 0) {
    lua_pushvalue(L, -1);
    lua_rawseti(L, w->anchors, (int)w->count);
  }
  return false;
}

static void forget_orders(writer *w) {
  for (int i = 0; i < ORDERS; i++) w->orders[i].count = 0;
}

// Code that may be the program's own is about to run, and might drop objects whose addresses are noted. False: not yet
// anchored, so the message is begun anew with anchors.
static bool anchored(writer *w) {
  forget_orders(w);
  return w->anchors != 0;
}

// Pushes what the hook gives for the table on top.
static void call_hook(writer *w, hook which, int results) {
  lua_State *L = w->L;
  forget_orders(w);
  lua_rawgeti(L, INDEX_HOOKS, which);
  lua_pushvalue(L, -2);
  lua_call(L, 1, results);
}

// ---- keys

typedef struct key {
  double number; // NAN for text
  const char *name;
  size_t length;
} key;

static bool is_key(int type) {
  return type == LUA_TSTRING || type == LUA_TNUMBER;
}

static void key_at(lua_State *L, int index, key *k) {
  if (lua_type(L, index) == LUA_TNUMBER) {
    *k = (key){lua_tonumber(L, index), NULL, 0};
  } else {
    k->number = NAN;
    k->name = lua_tolstring(L, index, &k->length);
  }
}

static int compare_keys(const void *a, const void *b) {
  const key *x = a, *y = b;
  bool nx = x->name == NULL, ny = y->name == NULL;
  if (nx != ny) return nx ? -1 : 1;
  if (nx) return x->number < y->number ? -1 : x->number > y->number;
  size_t n = x->length < y->length ? x->length : y->length;
  int r = memcmp(x->name, y->name, n);
  return r != 0 ? r : x->length < y->length ? -1 : x->length > y->length;
}

// Whether `key` of a class's instance is its own affair.
static bool is_internal(const key *k, bool instance) {
  return instance && k->name != NULL && k->length != 0 && k->name[0] == '_';
}

// Whether the table at `table` also has the text of its number key: V8 would take a message with both for broken.
static bool has_text_too(lua_State *L, int table, double number) {
  char out[NUMBER_TEXT];
  if (!isfinite(number)) return false;
  lua_pushlstring(L, out, number_print(number, out));
  lua_rawget(L, table);
  bool there = !lua_isnil(L, -1);
  lua_pop(L, 1);
  return there;
}

static void write_key(writer *w, const key *k) {
  if (k->name != NULL) {
    write_text(w, k->name, k->length);
  } else {
    put_byte(w, 'N');
    put_double(w, k->number);
  }
}

// Whether a list of `count` elements has this key besides them.
static bool is_extra(const key *k, size_t count) {
  if (k->name != NULL) return k->length != 6 || memcmp(k->name, "length", 6) != 0;
  return !(k->number >= 1 && k->number <= (double)count && k->number == floor(k->number));
}

// Pushes a sequence of the keys of the table on top, in order, without elements 1 to `list` and the length when list is not
// -1. Returns how many.
static size_t push_keys(writer *w, bool instance, ptrdiff_t list) {
  lua_State *L = w->L;
  size_t count = 0;
  for (lua_pushnil(L); lua_next(L, -2); lua_pop(L, 1))
    if (is_key(lua_type(L, -2))) count++;
  if (count > SIZE_MAX / sizeof(key) - 1) luaL_error(L, "out of memory");
  key *keys = lua_newuserdata(L, count * sizeof *keys + 1);
  size_t n = 0;
  for (lua_pushnil(L); lua_next(L, -3); lua_pop(L, 1)) {
    if (n == count || !is_key(lua_type(L, -2))) continue;
    key_at(L, -2, &keys[n]);
    if (is_internal(&keys[n], instance) || (list >= 0 && !is_extra(&keys[n], (size_t)list))) continue;
    n++;
  }
  qsort(keys, n, sizeof *keys, compare_keys);
  lua_createtable(L, n > 1 << 20 ? 1 << 20 : (int)n, 0);
  for (size_t i = 0; i < n; i++) {
    if (keys[i].name == NULL) lua_pushnumber(L, keys[i].number);
    else lua_pushlstring(L, keys[i].name, keys[i].length);
    lua_rawseti(L, -2, (int)i + 1);
  }
  lua_remove(L, -2); // the userdata
  return n;
}

// ---- objects and arrays

static bool write_value(writer *w);

static inline bool write_scalar(writer *w, int index, int type) {
  switch (type) {
    case LUA_TSTRING: write_string_at(w, index); return true;
    case LUA_TNUMBER: put_number(w, lua_tonumber(w->L, index)); return true;
    case LUA_TBOOLEAN: put_byte(w, lua_toboolean(w->L, index) ? 'T' : 'F'); return true;
    case LUA_TNIL: put_byte(w, '_'); return true;
    default: return false;
  }
}

// The members named by the list on top, of the table below it; pops the list. shift: number keys are an array's.
static bool write_listed(writer *w, size_t count, bool shift, uint32_t *written) {
  lua_State *L = w->L;
  int table = lua_gettop(L) - 1;
  for (size_t i = 1; i <= count; i++) {
    lua_rawgeti(L, -1, (int)i);
    key k;
    key_at(L, -1, &k);
    if (k.name == NULL && has_text_too(L, table, shift ? k.number - 1 : k.number)) {
      lua_pop(L, 1);
      continue;
    }
    size_t before = w->length;
    if (k.name == NULL && shift) put_number(w, k.number - 1);
    else write_key(w, &k);
    lua_rawget(L, table);
    if (lua_isnil(L, -1)) {
      w->length = before; // gone since
      lua_pop(L, 1);
      continue;
    }
    if (!write_value(w)) return false;
    lua_pop(L, 1);
    ++*written;
  }
  lua_pop(L, 1);
  return true;
}

typedef struct pile {
  int count;
  bool numbers;
  order fresh;
  key keys[SERIALIZE_WIDE_PAIRS];
  const char *names[SERIALIZE_WIDE_PAIRS];
  uint8_t types[SERIALIZE_WIDE_PAIRS];
} pile;

static const uint8_t *pile_order(writer *w, pile *p) {
  uintptr_t hash = (uintptr_t)p->count;
  for (int i = 0; i < p->count; i++) hash = hash * 31 + ((uintptr_t)p->names[i] >> 4);
  hash ^= hash >> 15;
  order *o = &p->fresh;
  if (!p->numbers) { // one of two places
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

// Piles the pairs of the table on top up behind it. False, with nothing done, when they are too many.
static bool pile_up(lua_State *L, pile *p, bool instance) {
  int table = lua_gettop(L);
  p->count = 0;
  p->numbers = false;
  lua_pushnil(L);
  while (lua_next(L, table)) {
    int type = lua_type(L, -2);
    key k = {0, NULL, 0};
    if (is_key(type)) key_at(L, -2, &k);
    if (!is_key(type) || is_internal(&k, instance)) {
      lua_pop(L, 1);
      continue;
    }
    if (p->count == SERIALIZE_WIDE_PAIRS) {
      lua_settop(L, table);
      return false;
    }
    if (k.name == NULL) p->numbers = true;
    p->keys[p->count] = k;
    p->names[p->count] = k.name;
    p->types[p->count++] = (uint8_t)lua_type(L, -1);
    lua_pushvalue(L, -2); // to go on from
  }
  return true;
}

// The members of the table on top, all its pairs piled up behind it: few, and not deep, so that a pile's frame does no harm.
static int write_piled(writer *w, bool instance, uint32_t *written) { // 1: done, 0: begin anew, -1: too many
  lua_State *L = w->L;
  int table = lua_gettop(L), base = table + 1;
  luaL_checkstack(L, 2 * SERIALIZE_WIDE_PAIRS + 12, "serialize");
  pile p;
  if (!pile_up(L, &p, instance)) return -1;
  uint8_t sorted[SERIALIZE_WIDE_PAIRS];
  memcpy(sorted, pile_order(w, &p), (size_t)p.count);
  for (int i = 0; i < p.count; i++) {
    int at = sorted[i], pair = base + 2 * at;
    if (p.keys[at].name == NULL && has_text_too(L, table, p.keys[at].number)) continue;
    write_key(w, &p.keys[at]);
    if (!write_scalar(w, pair + 1, p.types[at])) {
      lua_pushvalue(L, pair + 1);
      if (!write_value(w)) return 0;
      lua_pop(L, 1);
    }
    ++*written;
  }
  lua_settop(L, table);
  return 1;
}

static bool write_object(writer *w, bool instance) {
  lua_State *L = w->L;
  uint32_t written = 0;
  put_byte(w, 'o');
  int done = lua_gettop(L) < SERIALIZE_WIDE_TOP ? write_piled(w, instance, &written) : -1;
  if (done == 0) return false;
  if (done < 0) {
    size_t count = push_keys(w, instance, -1);
    if (!write_listed(w, count, false, &written)) return false;
  }
  put_tagged(w, '{', written);
  return true;
}

// marked: it may say its length, which a JavaScript array that ends in holes does.
static bool write_array(writer *w, bool marked) {
  lua_State *L = w->L;
  int table = lua_gettop(L);
  size_t count = lua_objlen(L, table);
  uint32_t written = 0;
  if (marked) {
    lua_pushliteral(L, "length");
    lua_rawget(L, table);
    double length = lua_type(L, -1) == LUA_TNUMBER ? lua_tonumber(L, -1) : 0;
    lua_pop(L, 1);
    if (length > (double)count && length <= 4294967295.0 && length == floor(length)) {
      put_tagged(w, 'a', (uint32_t)length);
      size_t keys = push_keys(w, false, 0);
      if (!write_listed(w, keys, true, &written)) return false;
      put_tagged(w, '@', written);
      put_varint(w, (uint32_t)length);
      return true;
    }
  }
  if (count > UINT32_MAX - 1) luaL_error(L, "out of memory");
  put_tagged(w, 'A', (uint32_t)count);
  size_t at = 0; // elements written
  bool extra = false;
  lua_pushnil(L);
  while (lua_next(L, table)) { // yields the elements first and in order, when they lie in the table's array part
    if (at == count || lua_type(L, -2) != LUA_TNUMBER || lua_tonumber(L, -2) != (double)(at + 1)) {
      extra = true;
      lua_settop(L, table);
      break;
    }
    if (!write_scalar(w, -1, lua_type(L, -1)) && !write_value(w)) return false;
    lua_pop(L, 1);
    at++;
  }
  while (at < count) {
    lua_rawgeti(L, table, (int)++at);
    if (!write_value(w)) return false;
    lua_pop(L, 1);
  }
  if (extra) {
    size_t keys = push_keys(w, false, (ptrdiff_t)count);
    if (!write_listed(w, keys, true, &written)) return false;
  }
  put_tagged(w, '$', written);
  put_varint(w, (uint32_t)count);
  return true;
}

// ---- values with a class of their own

// The values of the list below its length, both on top; pops them.
static bool write_flat(writer *w, uint8_t begin, uint8_t end) {
  lua_State *L = w->L;
  double length = lua_tonumber(L, -1);
  lua_pop(L, 1);
  if (!lua_istable(L, -1) || !(length >= 0 && length <= 2147483647.0)) luaL_error(L, "serialize: a hook gave no list");
  put_byte(w, begin);
  for (int i = 1; i <= (int)length; i++) {
    lua_rawgeti(L, -1, i);
    if (!write_value(w)) return false;
    lua_pop(L, 1);
  }
  lua_pop(L, 1);
  put_tagged(w, end, (uint32_t)length);
  return true;
}

static bool write_error(writer *w) {
  lua_State *L = w->L;
  if (!anchored(w)) return false;
  call_hook(w, HOOK_ERROR_WRITE, 5); // letter, message, stack, whether caused, cause
  put_byte(w, 'r');
  if (lua_type(L, -5) == LUA_TSTRING) put_byte(w, (uint8_t)lua_tostring(L, -5)[0]);
  if (lua_type(L, -4) == LUA_TSTRING) {
    put_byte(w, 'm');
    write_string_at(w, -4);
  }
  if (lua_type(L, -3) == LUA_TSTRING) {
    put_byte(w, 's');
    write_string_at(w, -3);
  }
  bool caused = lua_toboolean(L, -2);
  lua_replace(L, -5); // so that a long chain of causes takes little of the stack
  lua_pop(L, 3);
  if (caused) { // last: so its reader knows the error when the cause mentions it
    put_byte(w, 'c');
    if (!write_value(w)) return false;
  }
  lua_pop(L, 1);
  put_byte(w, '.');
  return true;
}

static bool write_described(writer *w) { // by HOOK_LISTED_WRITE
  lua_State *L = w->L;
  if (!anchored(w)) return false;
  call_hook(w, HOOK_LISTED_WRITE, 3);
  bool array = lua_type(L, -1) == LUA_TNUMBER;
  double length = array ? lua_tonumber(L, -1) : 0, pairs = lua_tonumber(L, -2);
  if (!lua_istable(L, -3) || !(length >= 0 && length <= 4294967295.0) || !(pairs >= 0 && pairs <= 2147483646.0))
    luaL_error(L, "serialize: a hook gave no list");
  lua_pop(L, 2);
  if (array) put_tagged(w, 'a', (uint32_t)length);
  else put_byte(w, 'o');
  uint32_t written = 0;
  for (int i = 1; i < (int)pairs; i += 2) {
    lua_rawgeti(L, -1, i);
    int type = lua_type(L, -1);
    if (!is_key(type)) luaL_error(L, "serialize: a hook gave no key");
    if (!write_scalar(w, -1, type)) return false;
    lua_pop(L, 1);
    lua_rawgeti(L, -1, i + 1);
    if (!write_value(w)) return false;
    lua_pop(L, 1);
    written++;
  }
  lua_pop(L, 1);
  put_tagged(w, array ? '@' : '{', written);
  if (array) put_varint(w, (uint32_t)length);
  return true;
}

static kind kind_of(writer *w) { // of the table on top whose metatable is above it; pops that
  lua_State *L = w->L;
  lua_pushvalue(L, -1);
  lua_rawget(L, INDEX_KINDS);
  if (lua_isnil(L, -1)) {
    lua_pop(L, 1);
    lua_rawgeti(L, INDEX_HOOKS, HOOK_CLASSIFY);
    lua_pushvalue(L, -2);
    lua_call(L, 1, 1);
    lua_pushvalue(L, -2);
    lua_pushvalue(L, -2);
    lua_rawset(L, INDEX_KINDS);
  }
  kind k = (kind)lua_tointeger(L, -1);
  lua_pop(L, 2);
  return k;
}

static bool write_kind(writer *w, kind k) {
  lua_State *L = w->L;
  switch (k) {
    case KIND_DATE:
      call_hook(w, HOOK_DATE_WRITE, 1);
      put_byte(w, 'D');
      put_double(w, lua_tonumber(L, -1));
      lua_pop(L, 1);
      return true;
    case KIND_MAP: call_hook(w, HOOK_MAP_WRITE, 2); return write_flat(w, ';', ':');
    case KIND_SET: call_hook(w, HOOK_SET_WRITE, 2); return write_flat(w, '\'', ',');
    case KIND_REGEXP:
      call_hook(w, HOOK_REGEXP_WRITE, 2);
      if (lua_type(L, -2) != LUA_TSTRING) luaL_error(L, "serialize: a hook gave no source");
      put_byte(w, 'R');
      write_string_at(w, -2);
      put_varint(w, (uint32_t)lua_tointeger(L, -1));
      lua_pop(L, 2);
      return true;
    case KIND_ERROR: return write_error(w);
    case KIND_LISTED: return write_described(w);
    default: refuse(w, "clone", -1);
  }
}

static bool write_table(writer *w) {
  lua_State *L = w->L;
  if (lua_topointer(L, -1) == w->null) {
    put_byte(w, '0');
    return true;
  }
  if (write_met(w)) return true;
  if (w->depth >= SERIALIZE_DEPTH || !lua_checkstack(L, 16)) refuse(w, "depth", 0);
  w->depth++;
  kind k = KIND_PLAIN;
  bool marked = false, done;
  if (lua_getmetatable(L, -1)) {
    if (lua_topointer(L, -1) == w->array_mt) {
      marked = true;
      lua_pop(L, 1);
    } else {
      k = kind_of(w);
      if (k == KIND_ARRAY) marked = true;
    }
  }
  if (k > KIND_ARRAY) {
    done = write_kind(w, k);
  } else {
    bool array = marked;
    if (!array) {
      lua_rawgeti(L, -1, 1);
      array = !lua_isnil(L, -1);
      lua_pop(L, 1);
    }
    done = array ? write_array(w, marked) : write_object(w, k == KIND_INSTANCE);
  }
  w->depth--;
  return done;
}

static bool write_buffer(writer *w) {
  lua_State *L = w->L;
  buffer *b = buffer_test(L, -1);
  if (b == NULL) refuse(w, "clone", -1);
  if (write_met(w)) return true;
  lua_pushvalue(L, -1);
  lua_rawget(L, INDEX_VIEWS);
  uint32_t view = lua_isnil(L, -1) ? VIEW_BUFFER : (uint32_t)lua_tointeger(L, -1);
  lua_pop(L, 1);
  if (b->length > BUFFER_MAX - 16) luaL_error(L, "out of memory");
  uint8_t *start = room(w, b->length + 16), *o = start;
  if (view == VIEW_ARRAY_BUFFER) {
    *o++ = 'B';
  } else {
    *o++ = '\\';
    if (w->ipc) *o++ = 0;
    *o++ = (uint8_t)view;
  }
  o = varint(o, (uint32_t)b->length);
  if (b->length != 0) memcpy(o, b->data, b->length);
  w->length += (size_t)(o - start) + b->length;
  return true;
}

static void write_integer(writer *w) { // a 64-bit one
  lua_State *L = w->L;
  lua_rawgeti(L, INDEX_HOOKS, HOOK_INT_WRITE);
  lua_pushvalue(L, -2);
  lua_call(L, 1, 3);
  if (lua_isnil(L, -1)) refuse(w, "clone", lua_gettop(L) - 3);
  uint64_t magnitude = (uint64_t)lua_tonumber(L, -1) << 32 | (uint64_t)lua_tonumber(L, -2);
  bool negative = lua_toboolean(L, -3);
  lua_pop(L, 3);
  put_tagged(w, 'Z', magnitude == 0 ? 0 : 8 << 1 | negative);
  if (magnitude == 0) return;
  memcpy(room(w, 8), &magnitude, 8);
  w->length += 8;
}

// Writes the value on top and leaves it there; false: the message is to be begun anew, with anchors.
static bool write_value(writer *w) {
  int type = lua_type(w->L, -1);
  if (write_scalar(w, -1, type)) return true;
  switch (type) {
    case LUA_TTABLE: return write_table(w);
    case LUA_TUSERDATA: return write_buffer(w);
    case TYPE_CDATA: write_integer(w); return true;
    default: refuse(w, "clone", -1);
  }
}

int serialize_encode_call(lua_State *L) {
  lua_settop(L, 2);
  const char *form = lua_type(L, INDEX_FORM) == LUA_TSTRING ? lua_tostring(L, INDEX_FORM) : "";
  serialize_push_setup(L);
  writer *w = writer_acquire(L);
  w->L = L;
  w->null = lua_topointer(L, INDEX_NULL);
  w->array_mt = lua_topointer(L, INDEX_ARRAY);
  w->ipc = form[0] == 0;
  w->anchors = 0;
  for (;;) {
    w->length = 0;
    w->count = 0;
    w->depth = 0;
    if (++w->round == 0) { // the slots of 2^32 messages ago would look new
      if (w->room != 0) memset(w->slots, 0, w->room * sizeof *w->slots);
      w->round = 1;
    }
    forget_orders(w);
    put_byte(w, 0xff);
    put_byte(w, SERIALIZE_FORMAT);
    lua_pushvalue(L, 1);
    if (write_value(w)) break;
    lua_settop(L, INDEX_WRITER);
    lua_newtable(L);
    w->anchors = INDEX_WRITER + 1;
  }
  if (form[0] == 'v') buffer_push_copy(L, runtime_get(L), w->data, w->length);
  else lua_pushlstring(L, (const char *)w->data, w->length);
  writer_release(w);
  return 1;
}

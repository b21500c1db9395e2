// SPDX-License-Identifier: MIT
//
// core.serialize.decode: bytes to values (see serialize.c for what becomes what). The bytes may come from anybody: whatever
// they say, nothing beyond them is read, and what is made stays in proportion to their number.
#include <math.h>
#include <string.h>

#include "buffer.h"
#include "number.h"
#include "serialize_internal.h"

static const uint8_t view_sizes[VIEW_ARRAY_BUFFER] = {1, 1, 1, 2, 2, 4, 4, 4, 8, 1, 1, 8, 8};

typedef struct reader {
  lua_State *L;
  const uint8_t *p, *end;
  uint32_t version, next_id;
  size_t owed; // bytes that the elements yet to come of the arrays being read need at least
  int depth;
  bool ipc, adopt;
  bool references;    // there may be some: objects are kept by number
  const char *error;  // for HOOK_RAISE; NULL: the data are broken
  uint8_t hints[16];  // how many members the last object at a depth had
} reader;

enum { READ_NULL = 2, READ_ARRAY, READ_KINDS, READ_VIEWS, READ_HOOKS, READ_IDS }; // stack of decode

static inline size_t left(const reader *s) {
  return (size_t)(s->end - s->p);
}

static bool read_varint(reader *s, uint32_t *value) {
  uint32_t v = 0;
  for (unsigned shift = 0; shift < 35; shift += 7) { // what is beyond 32 bits is dropped
    if (s->p >= s->end) return false;
    uint8_t byte = *s->p++;
    v |= (uint32_t)(byte & 0x7f) << shift;
    if (byte < 0x80) {
      *value = v;
      return true;
    }
  }
  return false;
}

static bool peek_tag(reader *s, uint8_t *tag) { // skips the padding before it
  while (s->p < s->end && *s->p == 0) s->p++;
  if (s->p >= s->end) return false;
  *tag = *s->p;
  return true;
}

static bool read_tag(reader *s, uint8_t *tag) {
  if (!peek_tag(s, tag)) return false;
  s->p++;
  return true;
}

// A NaN of other bits would be taken for one of Lua's other values.
static bool read_double(reader *s, double *value) {
  if (left(s) < 8) return false;
  uint64_t bits;
  memcpy(&bits, s->p, 8);
  s->p += 8;
  if ((bits & UINT64_C(0x7fffffffffffffff)) > UINT64_C(0x7ff0000000000000)) bits = UINT64_C(0x7ff8000000000000);
  memcpy(value, &bits, 8);
  return true;
}

// Notes the value on top as object `id`.
static void keep(reader *s, uint32_t id) {
  if (!s->references) return;
  lua_pushvalue(s->L, -1);
  lua_rawseti(s->L, READ_IDS, (int)id + 1);
}

static uint32_t take_id(reader *s) {
  return s->next_id++; // fewer than the message has bytes
}

static char *put_utf8(char *out, uint32_t c) {
  uint8_t *o = (uint8_t *)out;
  if (c < 0x80) {
    *o++ = (uint8_t)c;
  } else if (c < 0x800) {
    *o++ = (uint8_t)(0xc0 | c >> 6);
    *o++ = (uint8_t)(0x80 | (c & 63));
  } else if (c < 0x10000) {
    *o++ = (uint8_t)(0xe0 | c >> 12);
    *o++ = (uint8_t)(0x80 | (c >> 6 & 63));
    *o++ = (uint8_t)(0x80 | (c & 63));
  } else {
    *o++ = (uint8_t)(0xf0 | c >> 18);
    *o++ = (uint8_t)(0x80 | (c >> 12 & 63));
    *o++ = (uint8_t)(0x80 | (c >> 6 & 63));
    *o++ = (uint8_t)(0x80 | (c & 63));
  }
  return (char *)o;
}

#define SMALL_TEXT 1024

// Pushes the text of `length` bytes at p, one or two a unit, in UTF-8.
static __attribute__((noinline)) void push_transcoded(lua_State *L, const uint8_t *p, size_t length, bool wide) {
  char small[SMALL_TEXT], *out = small;
  small[0] = 0;
  size_t most = wide ? length / 2 * 3 : length * 2;
  if (most > SMALL_TEXT) out = lua_newuserdata(L, most);
  char *o = out;
  const uint8_t *end = p + length;
  if (!wide) {
    while (p < end) o = put_utf8(o, *p++);
  } else {
    while (p < end) {
      uint32_t c = (uint32_t)(p[0] | p[1] << 8);
      p += 2;
      if (c >= 0xd800 && c < 0xdc00 && p < end) {
        uint32_t low = (uint32_t)(p[0] | p[1] << 8);
        if (low >= 0xdc00 && low < 0xe000) {
          c = 0x10000 + ((c - 0xd800) << 10) + (low - 0xdc00);
          p += 2;
        }
      }
      o = put_utf8(o, c);
    }
  }
  lua_pushlstring(L, out, (size_t)(o - out));
  if (out != small) lua_remove(L, -2);
}

// The string behind its tag.
static bool read_text(reader *s, uint8_t tag) {
  uint32_t length;
  if (!read_varint(s, &length) || length > left(s) || (tag == 'c' && length % 2 != 0)) return false;
  const uint8_t *p = s->p;
  s->p += length;
  if (tag == 'c') {
    push_transcoded(s->L, p, length, true);
    return true;
  }
  if (tag == '"') {
    size_t i = 0;
    uint64_t word;
    for (; i + 8 <= length; i += 8) {
      memcpy(&word, p + i, 8);
      if (word & UINT64_C(0x8080808080808080)) break;
    }
    while (i < length && p[i] < 0x80) i++;
    if (i < length) {
      push_transcoded(s->L, p, length, false);
      return true;
    }
  }
  lua_pushlstring(s->L, (const char *)p, length);
  return true;
}

static bool is_text(uint8_t tag) {
  return tag == '"' || tag == 'c' || tag == 'S';
}

static bool read_string(reader *s) { // with its tag
  uint8_t tag;
  return read_tag(s, &tag) && is_text(tag) && read_text(s, tag);
}

static bool read_value(reader *s);

static bool enter(reader *s) {
  if (s->depth >= SERIALIZE_DEPTH || !lua_checkstack(s->L, 12)) {
    s->error = "depth";
    return false;
  }
  s->depth++;
  return true;
}

static void call_reader_hook(reader *s, hook which, int arguments, int results) { // the arguments are on top
  lua_rawgeti(s->L, READ_HOOKS, which);
  lua_insert(s->L, -1 - arguments);
  lua_call(s->L, arguments, results);
}

// Pushes the Lua key of a property.
static bool read_key(reader *s, bool array) {
  uint8_t tag;
  if (!read_tag(s, &tag)) return false;
  if (is_text(tag)) return read_text(s, tag);
  double number;
  uint32_t bits;
  if (tag == 'N') {
    if (!read_double(s, &number)) return false;
  } else if (tag == 'I' || tag == 'U') {
    if (!read_varint(s, &bits)) return false;
    number = tag == 'U' ? (double)bits : (double)(int32_t)(bits >> 1 ^ -(bits & 1));
  } else {
    return false;
  }
  if (isnan(number)) {
    lua_pushliteral(s->L, "NaN");
  } else if (array) {
    lua_pushnumber(s->L, number + 1);
  } else if (tag == 'N') {
    lua_pushnumber(s->L, number);
  } else {
    char out[NUMBER_TEXT];
    lua_pushlstring(s->L, out, number_print(number, out));
  }
  return true;
}

// Notes the key below the value on top in the list at `keys`.
static void note_key(reader *s, int keys, uint32_t n) {
  lua_pushvalue(s->L, -2);
  lua_rawseti(s->L, keys, (int)n);
}

// Properties up to `end`, into the table on top (or, when keys are noted, below their list). *count: how many.
static bool read_members(reader *s, uint8_t end, bool array, int keys, uint32_t *count) {
  lua_State *L = s->L;
  int table = keys == 0 ? lua_gettop(L) : keys - 1;
  uint8_t tag;
  for (;; ++*count) {
    if (!peek_tag(s, &tag)) return false;
    if (tag == end) {
      s->p++;
      return true;
    }
    if (!read_key(s, array) || !read_value(s)) return false;
    if (keys != 0) note_key(s, keys, *count + 1);
    lua_rawset(L, table);
  }
}

static bool counts_agree(reader *s, uint32_t count) {
  uint32_t said;
  return read_varint(s, &said) && said == count;
}

// Members piled on the stack, so that the table is made in its right size; only where nothing can refer to it meanwhile.
static bool read_piled(reader *s, uint32_t *count) {
  lua_State *L = s->L;
  int table = lua_gettop(L) + 1;
  luaL_checkstack(L, 2 * SERIALIZE_WIDE_PAIRS + 12, "serialize");
  lua_pushnil(L);
  uint8_t tag = 0;
  for (; *count < SERIALIZE_WIDE_PAIRS; ++*count) {
    if (!peek_tag(s, &tag)) return false;
    if (tag == '{') {
      s->p++;
      break;
    }
    if (!read_key(s, false) || !read_value(s)) return false;
  }
  lua_createtable(L, 0, (int)*count);
  lua_replace(L, table);
  for (uint32_t i = 0; i < *count; i++) lua_rawset(L, table);
  return tag == '{' && *count < SERIALIZE_WIDE_PAIRS ? true : read_members(s, '{', false, 0, count);
}

static bool read_object(reader *s) {
  lua_State *L = s->L;
  uint32_t id = take_id(s), count = 0;
  uint8_t *hint = &s->hints[s->depth % 16];
  if (!enter(s)) return false;
  bool done;
  if (!s->references && !s->adopt && lua_gettop(L) < SERIALIZE_WIDE_TOP) {
    done = read_piled(s, &count);
  } else {
    lua_createtable(L, 0, *hint);
    keep(s, id);
    if (s->adopt) lua_newtable(L);
    done = read_members(s, '{', false, s->adopt ? lua_gettop(L) : 0, &count);
  }
  if (!done || !counts_agree(s, count)) return false;
  *hint = count > SERIALIZE_WIDE_PAIRS ? SERIALIZE_WIDE_PAIRS : (uint8_t)count;
  if (s->adopt) { // table, keys
    lua_pushvalue(L, -2);
    lua_insert(L, -2);
    call_reader_hook(s, HOOK_ADOPT, 2, 0);
  }
  s->depth--;
  return true;
}

// The array's table on top has all it will have: tells its length where that cannot be seen.
static void end_array(reader *s, uint32_t length) {
  lua_State *L = s->L;
  if (s->adopt) {
    lua_pushvalue(L, -1);
    lua_pushnil(L);
    lua_pushnumber(L, length);
    call_reader_hook(s, HOOK_ADOPT, 3, 0);
    return;
  }
  if (lua_objlen(L, -1) >= length) return;
  lua_pushliteral(L, "length");
  lua_pushnumber(L, length);
  lua_rawset(L, -3);
}

static bool array_ends(reader *s, uint32_t count, uint32_t length) {
  uint32_t said;
  if (!counts_agree(s, count) || !read_varint(s, &said) || said != length) return false;
  end_array(s, length);
  s->depth--;
  return true;
}

static void new_array(reader *s, uint32_t id, int size) {
  lua_createtable(s->L, size, 0);
  lua_pushvalue(s->L, READ_ARRAY);
  lua_setmetatable(s->L, -2);
  keep(s, id);
}

static bool read_dense(reader *s) {
  lua_State *L = s->L;
  uint32_t length, count = 0;
  uint8_t tag;
  if (!read_varint(s, &length)) return false;
  size_t free_bytes = left(s); // an element takes a byte at least, so no table is made for what cannot come
  if (s->owed > free_bytes || length > free_bytes - s->owed || length > (uint32_t)1 << 27) return false;
  uint32_t id = take_id(s);
  if (!enter(s)) return false;
  s->owed += length;
  new_array(s, id, (int)length);
  for (uint32_t i = 1; i <= length; i++) {
    if (!peek_tag(s, &tag)) return false;
    s->owed--;
    if (tag == '-') {
      s->p++;
      continue;
    }
    if (!read_value(s)) return false;
    lua_rawseti(L, -2, (int)i);
  }
  return read_members(s, '$', true, 0, &count) && array_ends(s, count, length);
}

static bool read_sparse(reader *s) {
  uint32_t length, count = 0;
  if (!read_varint(s, &length)) return false;
  uint32_t id = take_id(s);
  if (!enter(s)) return false;
  new_array(s, id, 0);
  return read_members(s, '@', true, 0, &count) && array_ends(s, count, length);
}

static bool read_collection(reader *s, bool map) {
  lua_State *L = s->L;
  uint32_t id = take_id(s), count = 0;
  uint8_t tag;
  if (!enter(s)) return false;
  call_reader_hook(s, map ? HOOK_MAP_NEW : HOOK_SET_NEW, 0, 1);
  keep(s, id);
  for (;;) {
    if (!peek_tag(s, &tag)) return false;
    if (tag == (map ? ':' : ',')) break;
    lua_pushvalue(L, -1);
    if (!read_value(s) || (map && !read_value(s))) return false;
    call_reader_hook(s, map ? HOOK_MAP_SET : HOOK_SET_ADD, map ? 3 : 2, 0);
    count += map ? 2 : 1;
  }
  s->p++;
  s->depth--;
  return counts_agree(s, count);
}

static bool read_date(reader *s) {
  double ms;
  if (!read_double(s, &ms)) return false;
  uint32_t id = take_id(s);
  lua_pushnumber(s->L, ms);
  call_reader_hook(s, HOOK_DATE_READ, 1, 1);
  keep(s, id);
  return true;
}

static bool read_regexp(reader *s) {
  uint32_t id = take_id(s), flags;
  if (!read_string(s) || !read_varint(s, &flags) || flags > 0x1ff) return false;
  lua_pushnumber(s->L, flags);
  call_reader_hook(s, HOOK_REGEXP_READ, 2, 1);
  keep(s, id);
  return true;
}

// V8 has written the cause before the stack and behind it, so the fields are taken in any order; the error is made when the
// cause comes, which may mention it.
static bool read_error(reader *s) {
  lua_State *L = s->L;
  uint32_t id = take_id(s);
  if (!enter(s)) return false;
  int base = lua_gettop(L) + 1; // error, letter, message, stack, cause
  lua_settop(L, base + 4);
  bool made = false, caused = false;
  for (;;) {
    if (s->p >= s->end) return false;
    uint8_t tag = *s->p++;
    if (tag == '.') break;
    if (tag == 'm' && !made) {
      if (!read_string(s)) return false;
      lua_replace(L, base + 2);
    } else if (tag == 's') {
      if (!read_string(s)) return false;
      lua_replace(L, base + 3);
    } else if (tag == 'c' && !caused) {
      lua_pushvalue(L, base + 1);
      lua_pushvalue(L, base + 2);
      call_reader_hook(s, HOOK_ERROR_NEW, 2, 1);
      keep(s, id);
      lua_replace(L, base);
      made = caused = true;
      if (!read_value(s)) return false;
      lua_replace(L, base + 4);
    } else if (!made && (tag == 'E' || tag == 'R' || tag == 'F' || tag == 'S' || tag == 'T' || tag == 'U')) {
      char letter = (char)tag;
      lua_pushlstring(L, &letter, 1);
      lua_replace(L, base + 1);
    } else {
      return false;
    }
  }
  if (!made) {
    lua_pushvalue(L, base + 1);
    lua_pushvalue(L, base + 2);
    call_reader_hook(s, HOOK_ERROR_NEW, 2, 1);
    keep(s, id);
    lua_replace(L, base);
  }
  lua_pushvalue(L, base);
  lua_pushvalue(L, base + 3);
  lua_pushboolean(L, caused);
  lua_pushvalue(L, base + 4);
  call_reader_hook(s, HOOK_ERROR_END, 4, 0);
  lua_settop(L, base);
  s->depth--;
  return true;
}

// The Buffer on top is a view of this kind.
static void note_view(reader *s, int view) {
  if (view == VIEW_BUFFER) return;
  lua_pushvalue(s->L, -1);
  lua_pushinteger(s->L, view);
  lua_rawset(s->L, READ_VIEWS);
}

static bool push_bytes(reader *s, uint32_t length, int view) {
  if (length > left(s)) return false;
  buffer_push_copy(s->L, runtime_get(s->L), s->p, length);
  s->p += length;
  note_view(s, view);
  return true;
}

// The view that stands behind the ArrayBuffer on top; replaces that.
static bool read_view(reader *s) {
  static const char tags[] = "bBCwWdDfF??qQ"; // as Node counts them, without its Buffer
  lua_State *L = s->L;
  uint32_t tag, offset, length, flags = 0;
  buffer *b = buffer_test(L, -1);
  if (!read_varint(s, &tag) || !read_varint(s, &offset) || !read_varint(s, &length)) return false;
  if (s->version >= 14 && !read_varint(s, &flags)) return false;
  const char *at = tag < 0x80 && tag != 0 ? strchr(tags, (int)tag) : NULL;
  if (b == NULL || at == NULL || offset > b->length || length > b->length - offset) return false;
  int view = (int)(at - tags);
  if (offset % view_sizes[view] != 0 || length % view_sizes[view] != 0) return false;
  uint32_t id = take_id(s);
  if (length == 0) buffer_new(L, runtime_get(L), 0);
  else buffer_push_window(L, b->block, b->data + offset, length);
  note_view(s, view);
  keep(s, id);
  lua_replace(L, -2);
  return true;
}

static bool read_array_buffer(reader *s, bool resizable) {
  uint32_t id = take_id(s), length, most;
  uint8_t tag;
  if (!read_varint(s, &length)) return false;
  if (resizable && (!read_varint(s, &most) || length > most)) return false;
  if (!push_bytes(s, length, VIEW_ARRAY_BUFFER)) return false;
  keep(s, id);
  if (!peek_tag(s, &tag) || tag != 'V') return true;
  s->p++;
  return read_view(s);
}

static bool read_host_object(reader *s) {
  uint32_t id = take_id(s), tag, view, length;
  if (s->ipc) {
    if (!read_varint(s, &tag) || tag > 1) return false;
    if (tag == 1) { // an object of the other side's own kind, as a plain one
      if (!enter(s)) return false;
      if (!read_value(s)) return false;
      if (!lua_istable(s->L, -1)) return false;
      s->depth--;
      keep(s, id);
      return true;
    }
  }
  if (!read_varint(s, &view) || view >= VIEW_ARRAY_BUFFER || !read_varint(s, &length)) return false;
  if (length % view_sizes[view] != 0 || !push_bytes(s, length, (int)view)) return false;
  keep(s, id);
  return true;
}

static bool read_integer(reader *s) {
  uint32_t bits;
  if (!read_varint(s, &bits)) return false;
  size_t length = (bits >> 1) & 0x3fffffff;
  if (length > left(s)) return false;
  uint64_t magnitude = 0;
  for (size_t i = 0; i < length; i++) {
    if (i >= 8 && s->p[i] != 0) {
      s->error = "bigint";
      return false;
    }
    if (i < 8) magnitude |= (uint64_t)s->p[i] << (8 * i);
  }
  s->p += length;
  bool negative = bits & 1;
  if (negative && magnitude > (uint64_t)1 << 63) {
    s->error = "bigint";
    return false;
  }
  lua_pushboolean(s->L, negative);
  lua_pushnumber(s->L, (double)(uint32_t)magnitude);
  lua_pushnumber(s->L, (double)(magnitude >> 32));
  call_reader_hook(s, HOOK_INT_READ, 3, 1);
  return true;
}

// Number, String, Boolean and BigInt objects: the primitive inside. They are objects on the wire, and so are numbered.
static bool read_wrapper(reader *s, uint8_t tag) {
  double number;
  uint32_t id = take_id(s);
  if (tag == 'n') {
    if (!read_double(s, &number)) return false;
    lua_pushnumber(s->L, number);
  } else if (tag == 'z') {
    if (!read_integer(s)) return false;
  } else if (tag == 's') {
    if (!read_string(s)) return false;
  } else {
    lua_pushboolean(s->L, tag == 'y');
  }
  keep(s, id);
  return true;
}

// Pushes the next value.
static bool read_value(reader *s) {
  lua_State *L = s->L;
  uint8_t tag;
  uint32_t bits;
  double number;
  for (;;) {
    if (!read_tag(s, &tag)) return false;
    if (tag != '?') break;
    if (!read_varint(s, &bits)) return false; // the number of objects, once
  }
  switch (tag) {
    case '"': case 'c': case 'S': return read_text(s, tag);
    case 'I':
      if (!read_varint(s, &bits)) return false;
      lua_pushinteger(L, (int32_t)(bits >> 1 ^ -(bits & 1)));
      return true;
    case 'U':
      if (!read_varint(s, &bits)) return false;
      lua_pushnumber(L, bits);
      return true;
    case 'N':
      if (!read_double(s, &number)) return false;
      lua_pushnumber(L, number);
      return true;
    case 'T': lua_pushboolean(L, 1); return true;
    case 'F': lua_pushboolean(L, 0); return true;
    case '_': lua_pushnil(L); return true;
    case '0': lua_pushvalue(L, READ_NULL); return true;
    case '^':
      if (!read_varint(s, &bits) || bits >= s->next_id) return false;
      lua_rawgeti(L, READ_IDS, (int)bits + 1);
      return !lua_isnil(L, -1);
    case 'o': return read_object(s);
    case 'A': return read_dense(s);
    case 'a': return read_sparse(s);
    case ';': return read_collection(s, true);
    case '\'': return read_collection(s, false);
    case 'D': return read_date(s);
    case 'R': return read_regexp(s);
    case 'r': return read_error(s);
    case 'B': return read_array_buffer(s, false);
    case '~': return read_array_buffer(s, true);
    case '\\': return read_host_object(s);
    case 'Z': return read_integer(s);
    case 'n': case 'z': case 's': case 'x': case 'y': return read_wrapper(s, tag);
    default: return false; // what is shared between threads, or unknown
  }
}

// The `length` bytes, which the value at 1 keeps alive.
int serialize_decode_bytes(lua_State *L, const char *bytes, size_t length, const char *form) {
  lua_settop(L, 1);
  serialize_push_setup(L);
  lua_newtable(L);
  reader s = {.L = L, .p = (const uint8_t *)bytes, .end = (const uint8_t *)bytes + length, .ipc = form[0] == 0};
  lua_rawgeti(L, READ_HOOKS, HOOK_ADOPT);
  s.adopt = !lua_isnil(L, -1);
  lua_pop(L, 1);
  if (length < 2 || bytes[0] != (char)0xff) {
    s.error = "version";
  } else {
    s.p++;
    if (!read_varint(&s, &s.version) || s.version > SERIALIZE_FORMAT || s.version < SERIALIZE_FORMAT_OLDEST) {
      s.error = "version";
    } else {
      s.references = memchr(s.p, '^', left(&s)) != NULL;
      if (read_value(&s)) return 1;
    }
  }
  if (s.error == NULL) s.error = "data";
  lua_checkstack(L, 8); // it may be full to the brim
  lua_settop(L, READ_HOOKS);
  lua_rawgeti(L, READ_HOOKS, HOOK_RAISE);
  lua_pushstring(L, s.error);
  lua_call(L, 1, 1);
  return lua_error(L);
}

int serialize_decode_call(lua_State *L) {
  size_t length;
  const char *bytes = buffer_check_bytes(L, 1, &length);
  lua_Number from = luaL_optnumber(L, 2, 0), to = luaL_optnumber(L, 3, (lua_Number)length);
  if (!(from >= 0 && from <= to && to <= (lua_Number)length)) return luaL_error(L, "decode: range outside the bytes");
  const char *form = luaL_optstring(L, 4, "");
  return serialize_decode_bytes(L, bytes + (size_t)from, (size_t)to - (size_t)from, form[0] == 0 ? "" : "v8");
}

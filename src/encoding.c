// SPDX-License-Identifier: MIT
#define _GNU_SOURCE
#include "encoding.h"

#include <lauxlib.h>
#include <lua.h>
#include <stdlib.h>
#include <string.h>

#include "areas.h"
#include "buffer.h"

encoding encoding_named(const char *name) {
  static const char *const names[] = {"utf8", "utf16le", "latin1", "ascii", "base64", "base64url", "hex"};
  for (int i = 0; i < ENC_COUNT; i++)
    if (strcmp(names[i], name) == 0) return (encoding)i;
  return ENC_COUNT;
}

// ---- UTF-8

// Length of the ASCII run at the start, eight bytes at a time.
static size_t ascii_run(const uint8_t *p, size_t length) {
  size_t i = 0;
  for (; i + 8 <= length; i += 8) {
    uint64_t word;
    memcpy(&word, p + i, 8);
    if (word & UINT64_C(0x8080808080808080)) break;
  }
  while (i < length && p[i] < 0x80) i++;
  return i;
}

// One sequence that begins with a byte ≥ 0x80. Returns its length when valid; otherwise 0, with the length of
// its maximal valid part (≥ 1) in *bad: that much is one replacement character.
static size_t utf8_sequence(const uint8_t *p, size_t length, size_t *bad) {
  uint8_t lead = p[0], low = 0x80, high = 0xbf;
  size_t need;
  *bad = 1;
  if (lead >= 0xc2 && lead <= 0xdf) need = 1;
  else if (lead >= 0xe0 && lead <= 0xef) {
    need = 2;
    if (lead == 0xe0) low = 0xa0;
    if (lead == 0xed) high = 0x9f;
  } else if (lead >= 0xf0 && lead <= 0xf4) {
    need = 3;
    if (lead == 0xf0) low = 0x90;
    if (lead == 0xf4) high = 0x8f;
  } else {
    return 0;
  }
  for (size_t i = 1; i <= need; i++) {
    if (i >= length || p[i] < low || p[i] > high) {
      *bad = i;
      return 0;
    }
    low = 0x80;
    high = 0xbf;
  }
  return need + 1;
}

size_t utf8_valid_prefix(const uint8_t *bytes, size_t length) {
  size_t i = 0, bad;
  for (;;) {
    i += ascii_run(bytes + i, length - i);
    if (i >= length) return length;
    size_t n = utf8_sequence(bytes + i, length - i, &bad);
    if (n == 0) return i;
    i += n;
  }
}

size_t utf8_put(char *out, uint32_t c) {
  uint8_t *o = (uint8_t *)out;
  if (c < 0x80) {
    o[0] = (uint8_t)c;
    return 1;
  }
  if (c < 0x800) {
    o[0] = (uint8_t)(0xc0 | c >> 6);
    o[1] = (uint8_t)(0x80 | (c & 63));
    return 2;
  }
  if (c < 0x10000) {
    o[0] = (uint8_t)(0xe0 | c >> 12);
    o[1] = (uint8_t)(0x80 | (c >> 6 & 63));
    o[2] = (uint8_t)(0x80 | (c & 63));
    return 3;
  }
  o[0] = (uint8_t)(0xf0 | c >> 18);
  o[1] = (uint8_t)(0x80 | (c >> 12 & 63));
  o[2] = (uint8_t)(0x80 | (c >> 6 & 63));
  o[3] = (uint8_t)(0x80 | (c & 63));
  return 4;
}

uint32_t utf8_next(const uint8_t *p, size_t length, size_t *used) {
  if (p[0] < 0x80) {
    *used = 1;
    return p[0];
  }
  size_t bad, n = utf8_sequence(p, length, &bad);
  if (n == 0 && length >= 3 && p[0] == 0xed && p[1] >= 0xa0 && p[1] <= 0xbf && p[2] >= 0x80 && p[2] <= 0xbf) n = 3;
  if (n == 0) {
    *used = bad;
    return 0xfffd;
  }
  *used = n;
  if (n == 2) return (uint32_t)(p[0] & 31) << 6 | (p[1] & 63);
  if (n == 3) return (uint32_t)(p[0] & 15) << 12 | (uint32_t)(p[1] & 63) << 6 | (p[2] & 63);
  return (uint32_t)(p[0] & 7) << 18 | (uint32_t)(p[1] & 63) << 12 | (uint32_t)(p[2] & 63) << 6 | (p[3] & 63);
}

// ---- sizes

size_t encoding_decoded_max(encoding e, size_t length) {
  switch (e) {
    case ENC_UTF8: return length * 3;
    case ENC_LATIN1: return length * 2;
    case ENC_ASCII: return length;
    case ENC_UTF16LE: return length / 2 * 3;
    case ENC_HEX: return length * 2;
    default: return (length + 2) / 3 * 4;
  }
}

size_t encoding_encoded_max(encoding e, size_t length) {
  switch (e) {
    case ENC_UTF16LE: return length * 2;
    case ENC_HEX: return length / 2;
    case ENC_BASE64:
    case ENC_BASE64URL: return length / 4 * 3 + 3;
    default: return length * 3; // UTF-8 with every byte replaced
  }
}

// ---- bytes to text

static const char HEX[] = "0123456789abcdef";
static const char BASE64[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
static const char BASE64URL[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

static size_t decode_utf8(const uint8_t *p, size_t length, char *out) {
  char *o = out;
  size_t i = 0, bad;
  while (i < length) {
    size_t n = ascii_run(p + i, length - i);
    memcpy(o, p + i, n);
    o += n;
    i += n;
    if (i >= length) break;
    n = utf8_sequence(p + i, length - i, &bad);
    if (n != 0) {
      memcpy(o, p + i, n);
      o += n;
      i += n;
    } else {
      memcpy(o, "\xef\xbf\xbd", 3);
      o += 3;
      i += bad;
    }
  }
  return (size_t)(o - out);
}

static size_t decode_utf16(const uint8_t *p, size_t length, char *out) {
  char *o = out;
  for (size_t i = 0; i + 2 <= length; i += 2) {
    uint32_t c = (uint32_t)(p[i] | p[i + 1] << 8);
    if (c >= 0xd800 && c < 0xdc00 && i + 4 <= length) {
      uint32_t low = (uint32_t)(p[i + 2] | p[i + 3] << 8);
      if (low >= 0xdc00 && low < 0xe000) {
        c = 0x10000 + ((c - 0xd800) << 10) + (low - 0xdc00);
        i += 2;
      }
    }
    o += utf8_put(o, c);
  }
  return (size_t)(o - out);
}

static size_t decode_base64(const uint8_t *p, size_t length, char *out, const char *alphabet, bool pad) {
  char *o = out;
  size_t i = 0;
  for (; i + 3 <= length; i += 3) {
    uint32_t v = (uint32_t)p[i] << 16 | (uint32_t)p[i + 1] << 8 | p[i + 2];
    *o++ = alphabet[v >> 18];
    *o++ = alphabet[v >> 12 & 63];
    *o++ = alphabet[v >> 6 & 63];
    *o++ = alphabet[v & 63];
  }
  if (length - i == 1) {
    *o++ = alphabet[p[i] >> 2];
    *o++ = alphabet[(p[i] & 3) << 4];
    if (pad) *o++ = '=', *o++ = '=';
  } else if (length - i == 2) {
    *o++ = alphabet[p[i] >> 2];
    *o++ = alphabet[(p[i] & 3) << 4 | p[i + 1] >> 4];
    *o++ = alphabet[(p[i + 1] & 15) << 2];
    if (pad) *o++ = '=';
  }
  return (size_t)(o - out);
}

size_t encoding_decode(encoding e, const uint8_t *p, size_t length, char *out) {
  char *o = out;
  switch (e) {
    case ENC_UTF8: return decode_utf8(p, length, out);
    case ENC_UTF16LE: return decode_utf16(p, length, out);
    case ENC_LATIN1:
      for (size_t i = 0; i < length; i++) o += utf8_put(o, p[i]);
      return (size_t)(o - out);
    case ENC_ASCII:
      for (size_t i = 0; i < length; i++) out[i] = (char)(p[i] & 0x7f);
      return length;
    case ENC_HEX:
      for (size_t i = 0; i < length; i++) *o++ = HEX[p[i] >> 4], *o++ = HEX[p[i] & 15];
      return (size_t)(o - out);
    case ENC_BASE64: return decode_base64(p, length, out, BASE64, true);
    default: return decode_base64(p, length, out, BASE64URL, false);
  }
}

// ---- text to bytes

// One more than the value of a character of either alphabet; 0: no such character.
static const uint8_t base64_values[256] = {
    ['A'] = 1,  2,  3,  4,  5,  6,  7,  8,  9,  10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20, 21, 22, 23, 24, 25, 26,
    ['a'] = 27, 28, 29, 30, 31, 32, 33, 34, 35, 36, 37, 38, 39, 40, 41, 42, 43, 44, 45, 46, 47, 48, 49, 50, 51, 52,
    ['0'] = 53, 54, 55, 56, 57, 58, 59, 60, 61, 62, ['+'] = 63, ['-'] = 63, ['/'] = 64, ['_'] = 64};

// Both alphabets; ends at '='; anything else is passed over.
static size_t encode_base64(const uint8_t *p, size_t length, uint8_t *out, size_t room) {
  size_t i = 0, n = 0;
  while (i < length) {
    for (; i + 4 <= length && n + 3 <= room; i += 4, n += 3) { // four good ones at a time
      uint32_t a = base64_values[p[i]] - 1u, b = base64_values[p[i + 1]] - 1u;
      uint32_t c = base64_values[p[i + 2]] - 1u, d = base64_values[p[i + 3]] - 1u;
      if ((a | b | c | d) > 63) break;
      uint32_t v = a << 18 | b << 12 | c << 6 | d;
      out[n] = (uint8_t)(v >> 16);
      out[n + 1] = (uint8_t)(v >> 8);
      out[n + 2] = (uint8_t)v;
    }
    uint32_t bits = 0;
    int count = 0;
    for (int taken = 0; i < length && taken < 4; i++) { // one group, with what does not belong between
      uint32_t v = base64_values[p[i]];
      if (p[i] == '=') return n;
      if (v == 0) continue;
      taken++;
      bits = bits << 6 | (v - 1);
      count += 6;
      if (count < 8) continue;
      count -= 8;
      if (n == room) return n;
      out[n++] = (uint8_t)(bits >> count);
    }
  }
  return n;
}

static int hex_value(uint8_t c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return -1;
}

size_t encoding_encode(encoding e, const char *text, size_t length, uint8_t *out, size_t room) {
  const uint8_t *p = (const uint8_t *)text;
  size_t n = 0, used;
  switch (e) {
    case ENC_HEX:
      for (size_t i = 0; i + 2 <= length && n < room; i += 2) {
        int high = hex_value(p[i]), low = hex_value(p[i + 1]);
        if (high < 0 || low < 0) break;
        out[n++] = (uint8_t)(high << 4 | low);
      }
      return n;
    case ENC_BASE64:
    case ENC_BASE64URL: return encode_base64(p, length, out, room);
    case ENC_LATIN1:
    case ENC_ASCII: // the low byte of each UTF-16 unit
      for (size_t i = 0; i < length && n < room; i += used) {
        uint32_t c = utf8_next(p + i, length - i, &used);
        if (c >= 0x10000) {
          out[n++] = (uint8_t)((c - 0x10000) >> 10);
          if (n < room) out[n++] = (uint8_t)c;
        } else {
          out[n++] = (uint8_t)c;
        }
      }
      return n;
    case ENC_UTF16LE:
      for (size_t i = 0; i < length; i += used) {
        uint32_t c = utf8_next(p + i, length - i, &used);
        if (room - n < 2) break;
        if (c >= 0x10000) {
          uint32_t high = 0xd800 + ((c - 0x10000) >> 10);
          out[n++] = (uint8_t)high;
          out[n++] = (uint8_t)(high >> 8);
          if (room - n < 2) break;
          c = 0xdc00 + ((c - 0x10000) & 0x3ff);
        }
        out[n++] = (uint8_t)c;
        out[n++] = (uint8_t)(c >> 8);
      }
      return n;
    default: { // UTF-8 is what Lua's text is: the bytes as they are, and no character in part
      n = length <= room ? length : room;
      if (n < length)
        for (size_t back = 0; back < 4 && back <= n; back++) {
          if ((p[n - back] & 0xc0) == 0x80) continue;
          n -= back;
          break;
        }
      if (n != 0) memcpy(out, p, n);
      return n;
    }
  }
}

// ---- Lua: core.encoding

static encoding check_encoding(lua_State *L, int index) {
  encoding e = encoding_named(luaL_checkstring(L, index));
  if (e == ENC_COUNT) luaL_error(L, "unknown encoding %s", lua_tostring(L, index));
  return e;
}

// decode(bytes, encoding, start, stop) -> text; the window is within the bytes
static int decode(lua_State *L) {
  size_t length;
  const char *bytes = buffer_check_bytes(L, 1, &length);
  encoding e = check_encoding(L, 2);
  lua_Number start = luaL_optnumber(L, 3, 0), stop = luaL_optnumber(L, 4, (lua_Number)length);
  if (!(start >= 0 && start <= stop && stop <= (lua_Number)length)) return luaL_error(L, "window out of range");
  const uint8_t *p = (const uint8_t *)bytes + (size_t)start;
  size_t n = (size_t)stop - (size_t)start;
  if (e == ENC_UTF8 && utf8_valid_prefix(p, n) == n) {
    lua_pushlstring(L, (const char *)p, n);
    return 1;
  }
  char *out = malloc(encoding_decoded_max(e, n) + 1);
  if (out == NULL) return luaL_error(L, "out of memory");
  size_t made = encoding_decode(e, p, n, out);
  lua_pushlstring(L, out, made); // may raise when out of memory; the block is then lost with the process
  free(out);
  return 1;
}

// bytes(bytes, start, stop) -> the window as a string, untouched
static int raw_bytes(lua_State *L) {
  size_t length;
  const char *bytes = buffer_check_bytes(L, 1, &length);
  lua_Number start = luaL_checknumber(L, 2), stop = luaL_checknumber(L, 3);
  if (!(start >= 0 && start <= stop && stop <= (lua_Number)length)) return luaL_error(L, "window out of range");
  lua_pushlstring(L, bytes + (size_t)start, (size_t)stop - (size_t)start);
  return 1;
}

// encode(text, encoding) -> Buffer
static int encode(lua_State *L) {
  size_t length;
  const char *text = luaL_checklstring(L, 1, &length);
  encoding e = check_encoding(L, 2);
  runtime *rt = runtime_get(L);
  if (e == ENC_UTF8) {
    buffer_push_copy(L, rt, text, length);
    return 1;
  }
  size_t room = encoding_encoded_max(e, length);
  uint8_t *out = malloc(room + 1);
  if (out == NULL) return luaL_error(L, "out of memory");
  size_t made = encoding_encode(e, text, length, out, room);
  buffer *b = buffer_new(L, rt, made);
  if (made != 0) memcpy(b->data, out, made);
  free(out);
  return 1;
}

// write(text, encoding, buffer, offset, room) -> bytes written
static int write_text(lua_State *L) {
  size_t length;
  const char *text = luaL_checklstring(L, 1, &length);
  encoding e = check_encoding(L, 2);
  buffer *b = buffer_test(L, 3);
  lua_Number offset = luaL_checknumber(L, 4), room = luaL_checknumber(L, 5);
  if (b == NULL || !(offset >= 0 && room >= 0 && offset + room <= (lua_Number)b->length)) return luaL_error(L, "window out of range");
  size_t n = room == 0 ? 0 : encoding_encode(e, text, length, b->data + (size_t)offset, (size_t)room);
  lua_pushnumber(L, (lua_Number)n);
  return 1;
}

// length(text, encoding) -> bytes that encode would give; of hex and base64 that it could give
static int byte_length(lua_State *L) {
  size_t length;
  const char *text = luaL_checklstring(L, 1, &length);
  const uint8_t *p = (const uint8_t *)text;
  encoding e = check_encoding(L, 2);
  size_t n = 0, used;
  switch (e) {
    case ENC_UTF8: n = length; break;
    default: // by the number of UTF-16 units
      for (size_t i = 0; i < length; i += used) n += utf8_next(p + i, length - i, &used) >= 0x10000 ? 2 : 1;
      if (e == ENC_UTF16LE) n *= 2;
      if (e == ENC_HEX) n /= 2;
      if (e == ENC_BASE64 || e == ENC_BASE64URL) { // an estimate, as in Node: only padding is looked at
        for (int i = 0; i < 2 && n > 0 && length > 0 && p[length - 1] == '='; i++) length--, n--;
        n = n / 4 * 3 + n % 4 * 3 / 4;
      }
  }
  lua_pushnumber(L, (lua_Number)n);
  return 1;
}

// search(haystack, needle, from, step, backwards) -> offset or -1. Matches begin at multiples of step.
// Forwards the first at or after `from`; backwards the last at or before it.
static int search(lua_State *L) {
  size_t length, size;
  const char *hay = buffer_check_bytes(L, 1, &length), *needle = buffer_check_bytes(L, 2, &size);
  lua_Number from = luaL_checknumber(L, 3);
  size_t step = (size_t)luaL_optinteger(L, 4, 1);
  bool backwards = lua_toboolean(L, 5);
  lua_Number found = -1;
  if (size != 0 && size <= length && from >= 0) {
    size_t last = length - size, at = from > (lua_Number)last ? last : (size_t)from;
    if (backwards) {
      for (at -= at % step;; at -= step) {
        if (memcmp(hay + at, needle, size) == 0) {
          found = (lua_Number)at;
          break;
        }
        if (at < step) break;
      }
    } else if (from <= (lua_Number)last) {
      const char *p = hay + at;
      while ((p = memmem(p, length - (size_t)(p - hay), needle, size)) != NULL) {
        if ((size_t)(p - hay) % step == 0) {
          found = (lua_Number)(p - hay);
          break;
        }
        p++;
      }
    }
  }
  lua_pushnumber(L, found);
  return 1;
}

// validPrefix(bytes) -> length of the longest valid UTF-8 prefix; ascii(bytes) -> whether all are below 128
static int valid_prefix(lua_State *L) {
  size_t length;
  const char *bytes = buffer_check_bytes(L, 1, &length);
  lua_pushnumber(L, (lua_Number)utf8_valid_prefix((const uint8_t *)bytes, length));
  return 1;
}

static int is_ascii(lua_State *L) {
  size_t length;
  const char *bytes = buffer_check_bytes(L, 1, &length);
  lua_pushboolean(L, ascii_run((const uint8_t *)bytes, length) == length);
  return 1;
}

void encoding_open(lua_State *L) {
  static const luaL_Reg functions[] = {{"decode", decode}, {"encode", encode},           {"write", write_text}, {"length", byte_length}, {"bytes", raw_bytes},
                                       {"search", search}, {"validPrefix", valid_prefix}, {"ascii", is_ascii},   {NULL, NULL}};
  lua_newtable(L);
  luaL_register(L, NULL, functions);
  // The address of utf8_valid_prefix, for calls through the FFI, which compile.
  lua_pushnumber(L, (lua_Number)(uintptr_t)utf8_valid_prefix);
  lua_setfield(L, -2, "validPrefixAddress");
}

// SPDX-License-Identifier: MIT
//
// core.zlib: compression on the spot or on the thread pool.
//
//   zlib(mode, windowBits, level, memLevel, strategy, dictionary or nil) -> stream     arguments have been checked
//   brotli(mode, {[parameter] = value}) -> stream, or nil: a value is refused          raises when Brotli cannot be loaded
//   crc32(bytes, value) -> number
//   VERNUM, version: zlib's
//
//   stream:write(flush, input, offset, length, output, offset, length, done)   one step (zlib_codec.h) from Buffer or string to
//     Buffer; with a function returns nothing and calls done(bytes of output left, bytes of input left, message, errno, code)
//     later, else returns these. message is nil when nothing is wrong.
//   stream:whole(flush, input, limit, done)    all of the input at once: -> Buffer or nil, bytes of input used, message, errno,
//     code; more output than `limit` bytes: code "ERR_BUFFER_TOO_LARGE" with no message. The stream is closed by it: what it
//     held is freed by the thread, so that results which wait for Lua hold nothing but themselves
//   stream:reset(), stream:params(level, strategy) -> message, errno, code or nothing
//   stream:close()      any number of times; what works is let finish
//
// One piece of work at a time: write, whole, reset and params raise while one is under way. The thread has the bytes of
// Buffers and strings, which are kept, never a Lua state; a stream at work is not collected.
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <zlib.h>

#include "areas.h"
#include "buffer.h"
#include "call.h"
#include "ref.h"
#include "zlib_codec.h"

#define TYPE "lunode.zlib"
#define ROOM_MIN ((size_t)16384)

typedef struct kept { // bytes in use by a thread
  block *block;       // of a Buffer
  int ref;            // to a string
} kept;

typedef struct stream {
  uv_work_t work;
  runtime *rt;
  struct stream **owner; // the userdata; NULL once the state is being closed
  codec *codec;          // NULL: closed
  bool working, closing;
  size_t counted; // of the codec's memory, what the collector knows of
  kept input, output;
  int ref_self, ref_done;
  // whole():
  bool whole, too_large;
  size_t given, left, limit, room, length; // bytes of input, in all and not used; bytes of output: most, allocated, made
  codec_error error;
  block *result;
} stream;

// ---- check

static stream *check_stream(lua_State *L) {
  stream *s = *(stream **)luaL_checkudata(L, 1, TYPE);
  if (s != NULL && s->working) luaL_error(L, "the stream is at work"); // and its codec the thread's
  if (s == NULL || s->codec == NULL) luaL_error(L, "the stream is closed");
  return s;
}

static int check_number(lua_State *L, int index, int min, int max) {
  lua_Number n = luaL_checknumber(L, index);
  if (!(n > (lua_Number)min - 1 && n < (lua_Number)max + 1)) luaL_argerror(L, index, "out of range");
  return (int)n;
}

static size_t check_size(lua_State *L, int index, size_t max) {
  lua_Number n = luaL_checknumber(L, index);
  if (!(n >= 0 && n <= (lua_Number)max)) luaL_argerror(L, index, "out of range");
  return (size_t)n;
}

static const char *check_input(lua_State *L, int index, size_t *length) {
  const char *bytes = buffer_check_bytes(L, index, length);
  if (*length > UINT32_MAX) luaL_argerror(L, index, "too long");
  return bytes;
}

static void check_done(lua_State *L, int index) {
  if (!lua_isnoneornil(L, index)) luaL_checktype(L, index, LUA_TFUNCTION);
}

// ---- memory

// The codec's memory is told to the collector, which would else see a small userdata.
static void count(lua_State *L, stream *s) {
  size_t now = s->codec == NULL ? 0 : s->codec->memory;
  ptrdiff_t change = (ptrdiff_t)(now - s->counted);
  s->counted = now;
  if (change != 0) runtime_external(s->rt, L, change);
}

static void end_codec(lua_State *L, stream *s) {
  codec_free(s->codec);
  s->codec = NULL;
  count(L, s);
}

static void keep(lua_State *L, kept *k, int index) {
  buffer *b = buffer_test(L, index);
  if (b != NULL) {
    k->block = b->block;
    if (k->block != NULL) block_ref(k->block);
  } else {
    lua_pushvalue(L, index);
    ref_set(L, &k->ref);
  }
}

static void let_go(lua_State *L, kept *k) {
  block_unref(k->block);
  k->block = NULL;
  if (L != NULL) ref_drop(L, &k->ref);
}

// ---- work: no Lua here

static bool grow(stream *s) {
  size_t room = s->room == 0 ? ROOM_MIN : s->room <= s->limit / 2 ? s->room * 2 : s->limit + 1;
  // Compression is given what it may need at once: memory that it does not touch costs nothing.
  if (s->room == 0 && codec_compresses(s->codec)) room = s->given + (s->given >> 8) + ROOM_MIN;
  if (room > s->limit + 1) room = s->limit + 1;
  block *b = realloc(s->result, sizeof *b + room);
  if (b == NULL) return false;
  s->result = b;
  s->codec->out = b->data + s->length;
  s->codec->avail_out = room - s->length;
  s->room = room;
  return true;
}

// Up to one byte more than the limit is made, to see that there is more.
static void do_whole(stream *s) {
  codec *c = s->codec;
  do {
    if (s->room == s->length && !grow(s)) {
      s->error = (codec_error){"not enough memory", "Z_MEM_ERROR", Z_MEM_ERROR};
      break;
    }
    codec_step(c);
    s->length = s->room - c->avail_out;
    s->too_large = s->length > s->limit;
    s->error = c->error;
  } while (!s->too_large && s->error.message == NULL && c->avail_out == 0);
  s->left = c->avail_in;
  codec_free(c); // its errors' texts are static
  s->codec = NULL;
}

static void do_work(stream *s) {
  if (s->whole) do_whole(s);
  else codec_step(s->codec);
}

static void on_work(uv_work_t *work) {
  do_work(work->data);
}

// ---- results

static int push_error(lua_State *L, const codec_error *e) {
  if (e->message == NULL) return 0;
  lua_pushstring(L, e->message);
  lua_pushinteger(L, e->number);
  lua_pushstring(L, e->code);
  return 3;
}

// Takes the output; false: there is none to give.
static bool push_output(lua_State *L, stream *s) {
  block *b = s->result;
  s->result = NULL;
  if (s->too_large || s->error.message != NULL) {
    free(b);
    return false;
  }
  size_t n = s->length;
  if (n <= BUFFER_POOL_SIZE / 2) {
    buffer_push_copy(L, s->rt, b->data, n);
    free(b);
    return true;
  }
  if (s->room - n > n / 8) {
    block *trimmed = realloc(b, sizeof *b + n);
    if (trimmed != NULL) {
      b = trimmed;
      s->room = n;
    }
  }
  block_adopt(s->rt, L, b, s->room);
  buffer_push_window(L, b, b->data, n);
  block_unref(b);
  return true;
}

static int push_results(lua_State *L, stream *s) {
  codec *c = s->codec;
  if (!s->whole) {
    lua_pushnumber(L, (lua_Number)c->avail_out);
    lua_pushnumber(L, (lua_Number)c->avail_in);
    return 2 + push_error(L, &c->error);
  }
  if (!push_output(L, s)) lua_pushnil(L);
  lua_pushnumber(L, (lua_Number)(s->given - s->left));
  if (!s->too_large) return 2 + push_error(L, &s->error);
  lua_pushnil(L);
  lua_pushnil(L);
  lua_pushliteral(L, "ERR_BUFFER_TOO_LARGE");
  return 5;
}

static void on_worked(uv_work_t *work, int status) {
  (void)status; // never cancelled
  stream *s = work->data;
  runtime *rt = s->rt;
  s->working = false;
  bool runs = s->owner != NULL && call_begin(rt, 8);
  lua_State *L = runs ? rt->L : NULL;
  let_go(L, &s->input);
  let_go(L, &s->output);
  if (!runs) {
    free(s->result);
    s->result = NULL;
    if (s->owner == NULL) {
      codec_free(s->codec);
      free(s);
    }
    return; // else the userdata frees it
  }
  ref_push(L, s->ref_self); // not to be collected before the results are there
  ref_push(L, s->ref_done);
  ref_drop(L, &s->ref_self);
  ref_drop(L, &s->ref_done);
  lua_insert(L, -2);
  int self = lua_gettop(L), nargs = push_results(L, s);
  if (s->closing) end_codec(L, s);
  else count(L, s);
  lua_remove(L, self);
  call_end(rt, nargs);
}

// Works now, or later for a function at `done`; input and output are stack indices (output 0: none).
static int start(lua_State *L, stream *s, int done, int input, int output) {
  if (lua_isnoneornil(L, done)) {
    do_work(s);
    int results = push_results(L, s);
    count(L, s);
    return results;
  }
  if (s->rt->closing) return luaL_error(L, "the loop is closed");
  keep(L, &s->input, input);
  if (output != 0) keep(L, &s->output, output);
  lua_pushvalue(L, 1);
  ref_set(L, &s->ref_self);
  lua_pushvalue(L, done);
  ref_set(L, &s->ref_done);
  s->working = true;
  s->work.data = s;
  uv_queue_work(&s->rt->loop, &s->work, on_work, on_worked); // fails without a work function only
  return 0;
}

// ---- methods

static int stream_write(lua_State *L) {
  lua_settop(L, 9);
  stream *s = check_stream(L);
  int flush = check_number(L, 2, 0, Z_BLOCK);
  size_t length, offset, n;
  const char *input = check_input(L, 3, &length);
  offset = check_size(L, 4, length);
  n = check_size(L, 5, length - offset);
  buffer *out = buffer_test(L, 6);
  if (out == NULL) return luaL_argerror(L, 6, "Buffer expected");
  size_t out_offset = check_size(L, 7, out->length), out_n = check_size(L, 8, out->length - out_offset);
  check_done(L, 9);
  codec *c = s->codec;
  c->flush = flush;
  c->in = (const uint8_t *)input + offset;
  c->avail_in = n;
  c->out = out->data + out_offset;
  c->avail_out = out_n;
  s->whole = false;
  return start(L, s, 9, 3, 6);
}

static int stream_whole(lua_State *L) {
  lua_settop(L, 5);
  stream *s = check_stream(L);
  int flush = check_number(L, 2, 0, Z_BLOCK);
  size_t length;
  const char *input = check_input(L, 3, &length);
  size_t limit = check_size(L, 4, BUFFER_MAX);
  check_done(L, 5);
  codec *c = s->codec;
  c->flush = flush;
  c->in = (const uint8_t *)input;
  c->avail_in = s->given = length;
  c->out = NULL;
  c->avail_out = 0;
  s->whole = true;
  s->too_large = false;
  s->error = (codec_error){0};
  s->limit = limit;
  s->room = s->length = 0;
  return start(L, s, 5, 3, 0);
}

static int stream_reset(lua_State *L) {
  stream *s = check_stream(L);
  codec_reset(s->codec);
  count(L, s);
  return push_error(L, &s->codec->error);
}

static int stream_params(lua_State *L) {
  stream *s = check_stream(L);
  int level = check_number(L, 2, Z_DEFAULT_COMPRESSION, Z_BEST_COMPRESSION), strategy = check_number(L, 3, Z_DEFAULT_STRATEGY, Z_FIXED);
  codec_params(s->codec, level, strategy);
  return push_error(L, &s->codec->error);
}

static int stream_close(lua_State *L) {
  stream *s = *(stream **)luaL_checkudata(L, 1, TYPE);
  if (s == NULL) return 0;
  if (s->working) s->closing = true;
  else end_codec(L, s);
  return 0;
}

static int stream_gc(lua_State *L) {
  stream **owner = lua_touserdata(L, 1), *s = *owner;
  *owner = NULL;
  if (s == NULL) return 0;
  if (s->working) { // the state is being closed: freed when the thread is done
    s->owner = NULL;
    return 0;
  }
  end_codec(L, s);
  free(s->result);
  free(s);
  return 0;
}

// ---- functions

// Pushes a userdata without a codec.
static stream *new_stream(lua_State *L) {
  runtime *rt = runtime_get(L);
  stream **owner = lua_newuserdata(L, sizeof *owner);
  *owner = NULL;
  luaL_getmetatable(L, TYPE);
  lua_setmetatable(L, -2);
  stream *s = calloc(1, sizeof *s);
  if (s == NULL) luaL_error(L, "not enough memory");
  s->rt = rt;
  s->owner = owner;
  s->ref_self = s->ref_done = s->input.ref = s->output.ref = LUA_NOREF;
  *owner = s;
  return s;
}

static int new_zlib(lua_State *L) {
  lua_settop(L, 6);
  int mode = check_number(L, 1, CODEC_DEFLATE, CODEC_UNZIP);
  codec_settings settings = {.window_bits = check_number(L, 2, 0, MAX_WBITS),
                             .level = check_number(L, 3, Z_DEFAULT_COMPRESSION, Z_BEST_COMPRESSION),
                             .mem_level = check_number(L, 4, 1, MAX_MEM_LEVEL),
                             .strategy = check_number(L, 5, Z_DEFAULT_STRATEGY, Z_FIXED)};
  if (!lua_isnil(L, 6)) settings.dictionary = check_input(L, 6, &settings.dictionary_length);
  stream *s = new_stream(L);
  s->codec = codec_new_zlib((codec_mode)mode, &settings);
  if (s->codec == NULL) return luaL_error(L, "not enough memory");
  return 1;
}

static int new_brotli(lua_State *L) {
  lua_settop(L, 2);
  int mode = check_number(L, 1, CODEC_BROTLI_DECODE, CODEC_BROTLI_ENCODE);
  luaL_checktype(L, 2, LUA_TTABLE);
  uint32_t params[CODEC_BROTLI_PARAMS];
  for (int i = 0; i < CODEC_BROTLI_PARAMS; i++) {
    lua_rawgeti(L, 2, i);
    lua_Number n = lua_tonumber(L, -1); // as JavaScript's ToUint32 has it
    if (lua_isnil(L, -1)) params[i] = CODEC_UNSET;
    else if (lua_isboolean(L, -1)) params[i] = (uint32_t)lua_toboolean(L, -1);
    else params[i] = isfinite(n) ? (uint32_t)(int64_t)fmod(trunc(n), 4294967296.0) : 0;
    lua_pop(L, 1);
  }
  const char *problem = codec_brotli_problem();
  if (problem != NULL) return luaL_error(L, "%s", problem);
  stream *s = new_stream(L);
  s->codec = codec_new_brotli((codec_mode)mode, params);
  if (s->codec == NULL) return 0;
  count(L, s);
  return 1;
}

static int checksum(lua_State *L) {
  size_t length;
  const char *bytes = buffer_check_bytes(L, 1, &length);
  lua_Number value = luaL_optnumber(L, 2, 0);
  if (!(value >= 0 && value <= UINT32_MAX)) return luaL_argerror(L, 2, "out of range");
  lua_pushnumber(L, (lua_Number)crc32_z((uLong)value, (const Bytef *)bytes, length));
  return 1;
}

static const luaL_Reg methods[] = {{"write", stream_write}, {"whole", stream_whole}, {"reset", stream_reset},
                                   {"params", stream_params}, {"close", stream_close}, {NULL, NULL}};
static const luaL_Reg functions[] = {{"zlib", new_zlib}, {"brotli", new_brotli}, {"crc32", checksum}, {NULL, NULL}};

void zlib_open(lua_State *L) {
  luaL_newmetatable(L, TYPE);
  lua_pushcfunction(L, stream_gc);
  lua_setfield(L, -2, "__gc");
  lua_newtable(L);
  luaL_register(L, NULL, methods);
  lua_setfield(L, -2, "__index");
  lua_pop(L, 1);
  lua_newtable(L);
  luaL_register(L, NULL, functions);
  lua_pushinteger(L, ZLIB_VERNUM);
  lua_setfield(L, -2, "VERNUM");
  lua_pushstring(L, zlibVersion());
  lua_setfield(L, -2, "version");
}

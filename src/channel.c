// SPDX-License-Identifier: MIT
//
// core.channel: the pipe between a process and its child, which carries messages and handles. It is a stream, so
// core.spawn takes it for a pipe. What a message says is Lua's affair (lua/internal/channel.lua).
//   new(framed) -> handle or nil, code      framed: a message is four bytes of length (big-endian) and as many bytes;
//                                           otherwise a line that ends in "\n". Both are what Node speaks.
//   handle:open(fd) -> status
//   handle:readStart() -> status            onmessages(owner, texts)  a list of messages, without their frames
//                                           onend(owner, status)     UV_EOF or an error; UV_EMSGSIZE: a message too long
//   handle:send(text, handle or nil) -> status, backlog    status 0: written; 1: pending, and onwrite(owner, status, count)
//                                           follows for `count` of them, in order; backlog: bytes that wait to be written
//   handle:take() -> handle or nil          the next of the handles that came along; nil when one was lost on the way
//   handle:buffering() -> boolean           the beginning of a message has been read, its end has not
// All messages of one read are handed over together, before any queued task runs: onmessages should only queue them.
//
// What a callback sends is written together when it has ended: a hundred answers are one write. Whoever is about to block or
// end the process in a callback calls core.loop.flush() first.
#include <stdlib.h>
#include <string.h>

#include "areas.h"
#include "buffer.h"
#include "call.h"
#include "ref.h"
#include "stream.h"
#include "udp.h"

#define MESSAGE_MAX ((size_t)512 << 20) // bytes of a message; V8's longest string is as long
#define SPARE_MAX ((size_t)1 << 16)     // room that is kept between messages
#define CORK_MAX ((size_t)4096)         // bytes that are held back for the end of the callback; with more the two sides would take turns

#define UNTAKEN_MAX ((size_t)128)       // handles that wait while a message arrives; an honest sender waits for an answer to each

typedef struct channel {
  stream s;
  bool framed;
  char *in; // what has been read of a message that has not ended
  size_t used, capacity, scanned;
  deferred flush;
  char *out; // what the running callback has sent
  size_t out_used, out_capacity;
  int out_count; // messages
  handle **arrived; // handles not taken yet; NULL: one that could not be accepted
  size_t first, count, room;
} channel;

static const luaL_Reg channel_methods[];
static void channel_closed(handle *h);
static void on_written(stream *s, int status, void *count);
static const handle_type channel_type = {"lunode.channel", sizeof(channel), channel_closed, channel_methods, stream_methods};

static channel *channel_check(lua_State *L) {
  return (channel *)handle_check(L, 1, &channel_type);
}

static channel *channel_check_any(lua_State *L) { // it may be closing
  handle *h = handle_check_base(L, 1, stream_methods, true);
  if (h->type != &channel_type) luaL_error(L, "%s expected, got %s", channel_type.name, h->type->name);
  return (channel *)h;
}

// ---- handles that come along

static handle *accept_one(channel *c) {
  uv_pipe_t *pipe = &c->s.h.uv.pipe;
  lua_State *L = c->s.h.rt->L;
  uv_handle_type type = uv_pipe_pending_type(pipe);
  int err;
  handle *h = type == UV_TCP ? tcp_make(L, &err) : type == UV_UDP ? udp_make(L, &err) : pipe_make(L, &err);
  if (h == NULL) return NULL;
  lua_pop(L, 1); // it is pinned while it is open
  err = uv_accept(&c->s.h.uv.stream, &h->uv.stream);
  // Of anything else (a file, a folder) libuv takes the descriptor, and aborts when it is read.
  if (err == 0 && (type == UV_TCP || type == UV_UDP || type == UV_NAMED_PIPE)) return h;
  handle_close(h);
  return NULL;
}

static void accept_all(channel *c) {
  uv_pipe_t *pipe = &c->s.h.uv.pipe;
  for (int left = uv_pipe_pending_count(pipe); left > 0; left--) {
    if (c->first + c->count == c->room) {
      if (c->first > 0) {
        memmove(c->arrived, c->arrived + c->first, c->count * sizeof *c->arrived);
        c->first = 0;
      } else {
        size_t room = c->room == 0 ? 4 : c->room * 2;
        handle **arrived = realloc(c->arrived, room * sizeof *arrived);
        if (arrived == NULL) return; // libuv keeps it for the next read
        c->arrived = arrived;
        c->room = room;
      }
    }
    c->arrived[c->first + c->count++] = accept_one(c);
  }
}

// What no message spoke of. A handle comes with the first bytes of its message, so none can be due when no message has begun.
static void drop_untaken(channel *c) {
  for (size_t i = 0; i < c->count; i++)
    if (c->arrived[c->first + i] != NULL) handle_close(c->arrived[c->first + i]);
  c->first = c->count = 0;
}

static int method_take(lua_State *L) {
  channel *c = channel_check_any(L);
  if (c->count == 0) return 0;
  handle *h = c->arrived[c->first++];
  if (--c->count == 0) c->first = 0;
  if (h == NULL || h->closed) return 0;
  handle_push(L, h);
  return 1;
}

static void channel_closed(handle *h) {
  channel *c = (channel *)h;
  runtime_cancel(h->rt, &c->flush);
  if (c->out_count > 0) on_written(&c->s, UV_ECANCELED, (void *)(intptr_t)c->out_count);
  free(c->out);
  c->out = NULL;
  c->out_used = c->out_capacity = 0;
  c->out_count = 0;
  drop_untaken(c);
  free(c->arrived);
  free(c->in);
  c->arrived = NULL;
  c->in = NULL;
  c->room = c->used = c->capacity = 0;
  stream_closed(h);
}

// ---- reading

// Messages of one read on their way to Lua: onmessages, its owner and the list are on the stack from the first one on.
typedef struct batch {
  channel *c;
  int count; // -1: nobody wants them
} batch;

static void batch_add(batch *b, const char *bytes, size_t length) {
  lua_State *L = b->c->s.h.rt->L;
  if (b->count < 0) return;
  if (b->count == 0) {
    if (!handle_begin(&b->c->s.h, "onmessages", 3)) {
      b->count = -1;
      return;
    }
    lua_newtable(L);
  }
  lua_pushlstring(L, bytes, length);
  lua_rawseti(L, -2, ++b->count);
}

static void batch_deliver(batch *b) {
  if (b->count <= 0) return;
  runtime *rt = b->c->s.h.rt;
  call_value(rt, handle_args(1));
  lua_pop(rt->L, 1);
}

static size_t frame_length(const char *bytes) {
  const uint8_t *b = (const uint8_t *)bytes;
  return (size_t)b[0] << 24 | (size_t)b[1] << 16 | (size_t)b[2] << 8 | b[3];
}

// Hands over the whole messages of `bytes`; how much of it they were, or -1 when the next one is too long.
// *scanned: bytes of the rest that are known to hold no end.
static ssize_t take_messages(channel *c, const char *bytes, size_t length, size_t *scanned) {
  size_t at = 0;
  batch b = {c, 0};
  ssize_t result = 0;
  if (c->framed) {
    while (length - at >= 4) {
      size_t size = frame_length(bytes + at);
      if (size > MESSAGE_MAX) {
        result = -1;
        break;
      }
      if (length - at - 4 < size) break;
      batch_add(&b, bytes + at + 4, size);
      at += size + 4;
    }
  } else {
    const char *end;
    size_t from = *scanned;
    while ((end = memchr(bytes + from, '\n', length - from)) != NULL) {
      batch_add(&b, bytes + at, (size_t)(end - bytes) - at);
      at = from = (size_t)(end - bytes) + 1;
    }
    *scanned = length - at;
    if (*scanned > MESSAGE_MAX) result = -1;
  }
  batch_deliver(&b);
  return result < 0 ? result : (ssize_t)at;
}

static bool keep(channel *c, const char *bytes, size_t length) {
  size_t needed = c->used + length;
  if (needed > c->capacity) {
    size_t capacity = c->capacity < 4096 ? 4096 : c->capacity * 2;
    if (capacity < needed) capacity = needed;
    char *in = realloc(c->in, capacity);
    if (in == NULL) return false;
    c->in = in;
    c->capacity = capacity;
  }
  memcpy(c->in + c->used, bytes, length);
  c->used = needed;
  return true;
}

// -> 0 or the error that ends the channel
static int take_bytes(channel *c, const char *bytes, size_t length) {
  if (c->used == 0) {
    c->scanned = 0;
    ssize_t at = take_messages(c, bytes, length, &c->scanned);
    if (at < 0) return UV_EMSGSIZE;
    return (size_t)at == length || keep(c, bytes + at, length - (size_t)at) ? 0 : UV_ENOMEM;
  }
  if (!keep(c, bytes, length)) return UV_ENOMEM;
  ssize_t at = take_messages(c, c->in, c->used, &c->scanned);
  if (at < 0) return UV_EMSGSIZE;
  c->used -= (size_t)at;
  if (c->used > 0 && at > 0) {
    memmove(c->in, c->in + at, c->used);
  } else if (c->used == 0 && c->capacity > SPARE_MAX) {
    free(c->in);
    c->in = NULL;
    c->capacity = 0;
  }
  return 0;
}

static void on_read(stream *s, ssize_t nread, const char *bytes) {
  channel *c = (channel *)s;
  runtime *rt = s->h.rt;
  int status = (int)nread;
  if (nread > 0) {
    if (!call_begin(rt, 4)) return;
    accept_all(c);
    status = take_bytes(c, bytes, (size_t)nread);
    if (c->used == 0 || c->count > UNTAKEN_MAX) drop_untaken(c);
  }
  if (status != 0) {
    stream_read_stop(s);
    if (handle_begin(&s->h, "onend", 1)) {
      lua_pushinteger(rt->L, status);
      call_value(rt, handle_args(1));
      lua_pop(rt->L, 1);
    }
  }
  call_settle(rt);
}

static const stream_listener listener = {on_read, NULL};

static int method_buffering(lua_State *L) {
  lua_pushboolean(L, channel_check_any(L)->used > 0);
  return 1;
}

// ---- writing

// `count`: how many messages it was.
static void on_written(stream *s, int status, void *count) {
  if (!handle_begin(&s->h, "onwrite", 2)) return;
  lua_pushinteger(s->h.rt->L, status);
  lua_pushinteger(s->h.rt->L, (lua_Integer)(intptr_t)count);
  call_end(s->h.rt, handle_args(2));
}

static void flush_out(channel *c) {
  if (c->out_count == 0) return;
  void *count = (void *)(intptr_t)c->out_count;
  uv_buf_t all = uv_buf_init(c->out, (unsigned)c->out_used);
  int status = uv_is_closing(&c->s.h.uv.handle) ? UV_ECANCELED : stream_write(&c->s, &all, 1, on_written, count);
  c->out_used = 0;
  c->out_count = 0;
  if (status != 1) on_written(&c->s, status, count);
}

static void run_flush(deferred *d) {
  flush_out((channel *)((char *)d - offsetof(channel, flush)));
}

// Keeps a message for the end of the callback.
static bool cork(channel *c, const uv_buf_t bufs[2]) {
  size_t length = bufs[0].len + bufs[1].len;
  if (c->out_used + length > c->out_capacity) {
    size_t capacity = c->out_capacity == 0 ? 4096 : c->out_capacity * 2;
    if (capacity < c->out_used + length) capacity = c->out_used + length;
    char *out = realloc(c->out, capacity);
    if (out == NULL) return false;
    c->out = out;
    c->out_capacity = capacity;
  }
  for (int i = 0; i < 2; i++) {
    if (bufs[i].len > 0) memcpy(c->out + c->out_used, bufs[i].base, bufs[i].len);
    c->out_used += bufs[i].len;
  }
  c->out_count++;
  return true;
}

typedef struct send_req {
  uv_write_t uv;
  stream *s;
  int sent; // ref of the handle: libuv looks at it until the write is over
  char bytes[];
} send_req;

static void on_sent(uv_write_t *uv, int status) {
  send_req *r = uv->data;
  stream *s = r->s;
  if (!s->h.rt->closing) ref_drop(s->h.rt->L, &r->sent);
  free(r);
  on_written(s, status, (void *)1);
}

static int push_sent(lua_State *L, channel *c, int status) {
  lua_pushinteger(L, status);
  lua_pushnumber(L, (lua_Number)(c->s.h.uv.stream.write_queue_size + c->out_used));
  return 2;
}

static int method_send(lua_State *L) {
  channel *c = channel_check(L);
  size_t length;
  const char *text = buffer_check_bytes(L, 2, &length);
  handle *sent = lua_isnoneornil(L, 3) ? NULL : handle_check_base(L, 3, NULL, false);
  if (length > MESSAGE_MAX) return push_sent(L, c, UV_EMSGSIZE);
  char head[4] = {(char)(length >> 24), (char)(length >> 16), (char)(length >> 8), (char)length};
  uv_buf_t bufs[2] = {uv_buf_init((char *)text, (unsigned)length), uv_buf_init((char *)"\n", 1)};
  if (c->framed) {
    bufs[1] = bufs[0];
    bufs[0] = uv_buf_init(head, 4);
  }
  runtime *rt = c->s.h.rt;
  if (sent == NULL) {
    if (c->out_used + length > CORK_MAX) flush_out(c);
    if (rt->shared.depth > 0 && length < CORK_MAX && cork(c, bufs)) {
      runtime_defer(rt, &c->flush);
      return push_sent(L, c, 1);
    }
    flush_out(c);
    return push_sent(L, c, stream_write(&c->s, bufs, 2, on_written, (void *)1));
  }
  if (sent->uv.handle.type != UV_TCP && sent->uv.handle.type != UV_NAMED_PIPE && sent->uv.handle.type != UV_UDP)
    return luaL_error(L, "this handle cannot be sent");
  flush_out(c);
  send_req *r = malloc(sizeof *r + length + 4);
  if (r == NULL) return push_sent(L, c, UV_ENOMEM);
  memcpy(r->bytes, bufs[0].base, bufs[0].len);
  if (bufs[1].len > 0) memcpy(r->bytes + bufs[0].len, bufs[1].base, bufs[1].len);
  uv_buf_t all = uv_buf_init(r->bytes, bufs[0].len + bufs[1].len);
  r->uv.data = r;
  r->s = &c->s;
  r->sent = LUA_NOREF;
  lua_pushvalue(L, 3);
  ref_set(L, &r->sent);
  int err = uv_write2(&r->uv, &c->s.h.uv.stream, &all, 1, &sent->uv.stream, on_sent);
  if (err != 0) {
    ref_drop(L, &r->sent);
    free(r);
  } else {
    c->s.bytes_written += all.len;
  }
  return push_sent(L, c, err != 0 ? err : 1);
}

// ---- making

static int channel_new(lua_State *L) {
  bool framed = lua_toboolean(L, 1);
  channel *c = (channel *)handle_new(L, &channel_type);
  int err = uv_pipe_init(&c->s.h.rt->loop, &c->s.h.uv.pipe, 1);
  if (err != 0) {
    handle_abandon(L, &c->s.h);
    lua_pushnil(L);
    lua_pushinteger(L, err);
    return 2;
  }
  handle_opened(&c->s.h);
  c->framed = framed;
  c->flush.run = run_flush;
  stream_listen_to(&c->s, &listener, NULL);
  return 1;
}

static int method_open(lua_State *L) {
  channel *c = channel_check(L);
  int fd = (int)luaL_checkinteger(L, 2), err = stream_check_fd(fd);
  lua_pushinteger(L, err != 0 ? err : uv_pipe_open(&c->s.h.uv.pipe, fd));
  return 1;
}

static const luaL_Reg channel_methods[] = {{"open", method_open},
                                           {"send", method_send},
                                           {"take", method_take},
                                           {"buffering", method_buffering},
                                           {NULL, NULL}};

void channel_open(lua_State *L) {
  handle_register(L, &channel_type);
  lua_newtable(L);
  lua_pushcfunction(L, channel_new);
  lua_setfield(L, -2, "new");
}

// SPDX-License-Identifier: MIT
#include "http_connection.h"

#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "buffer.h"
#include "call.h"
#include "error.h"
#include "http.h"
#include "http_head.h"
#include "ref.h"
#include "stream.h"

#define SERVER_NAME "lunode.http_server"
#define CONNECTION_NAME "lunode.http_connection"

#define DIRECT ((size_t)16384)     // a piece this long is written at once, uncopied
#define BATCH ((size_t)65536)      // output of one read that is not let grow further
#define MAX_PENDING 1024u          // answers due on one connection before its parsing stops
#define NEVER UINT64_MAX

enum { ON_REQUEST, ON_BODY, ON_COMPLETE, ON_FINISHED, ON_DRAIN, ON_FAILED, ON_INPUT, ON_TIMEOUT, ON_WANTS_UPGRADE, ON_UPGRADE, ON_LAST, ON_OUTPUT, ON_CLOSE, ON_COUNT };
static const char *const callback_names[] = {"request", "body",         "complete", "finished", "drain",  "failed", "input",
                                             "timeout", "wantsUpgrade", "upgrade",  "last",     "output", "close"};

typedef struct response response;

// What all servers of a runtime share.
typedef struct shared {
  runtime *rt;
  uv_timer_t timer; // the one behind all time limits
  uint64_t armed;   // when it fires, NEVER when it does not
  struct server *servers;
  int callbacks[ON_COUNT];
  int ref_connection_mt, ref_methods;
  http_bytes spare[2]; // empty output and head buffers for the next request
  response *free;      // a record for the next request
  bool over;           // finalized: keeps nothing any more
  char date[40];
  uint64_t date_until; // of the loop's clock
} shared;

typedef struct server {
  shared *sh;
  struct server *next, **link; // in sh->servers
  struct connection *connections, *cursor;
  size_t count;
  int owner; // registry ref of the owner while there are connections; else it is in the userdata's environment
  uint32_t max_head, max_pairs;
  bool lenient;
  double keep_alive, headers_timeout, request_timeout, interval, max_requests, high_water; // ms, requests, bytes; 0: none
  uint64_t next_check;
} server;

struct response {
  struct response *next;
  uint32_t seq;
  int ref; // res, while it wants to be told
  http_bytes out; // not at the front: its bytes, `committed` of them to be sent
  size_t committed;
  bool head_only, http10, headed, chunked, last, has_body, finished, want_drain, sent;
};

typedef struct connection {
  http_parser p; // first
  runtime *rt;
  shared *sh;
  server *server; // valid while it is open
  stream *stream; // NULL: Lua feeds it, or it is over
  int self;       // registry ref while it is open
  deferred flush;
  struct connection *next, **link;
  response *front, *back; // answers due
  response *done, **done_tail; // finished, wanting to be told when their bytes are out
  uint32_t seq, pending;
  http_bytes out;
  size_t committed; // bytes of out that may go
  size_t held;      // bytes of answers behind the front one
  size_t lua_queued;
  unsigned writing; // writes that have not ended
  int ref_request;  // the request whose body is arriving
  const char *span; // the first piece of a body not yet delivered
  size_t span_length;
  http_bytes rest; // input not yet parsed
  uint64_t activity, started; // ms; started: of the message that is arriving, 0: none
  uint32_t requests;
  int due_flags;
  uint32_t head_end; // where the head being delivered ends in p.head: trailers may follow
  bool due;       // a head has been parsed, Lua does not know yet
  bool headed;    // the head of the arriving message is complete
  bool open, feeding, stop, stalled, upgrading, detached, last, paused, dumping, socketed, input_ended, failed, windowed, own_env, closing;
} connection;

// ---- checks

static server *check_server(lua_State *L) {
  return luaL_checkudata(L, 1, SERVER_NAME);
}

static connection *check(lua_State *L) {
  connection *c = lua_touserdata(L, 1);
  if (c != NULL && lua_getmetatable(L, 1)) {
    bool ours = lua_rawequal(L, -1, lua_upvalueindex(1));
    lua_pop(L, 1);
    if (ours) return c;
  }
  luaL_error(L, "HTTP connection expected, got %s", luaL_typename(L, 1));
  return NULL;
}

static uint64_t now_of(const connection *c) {
  return uv_now(&c->rt->loop);
}

// ---- buffers that go from connection to connection, so that idle ones hold none

static void lend(shared *sh, http_bytes *b) {
  if (b->data != NULL) return;
  for (int i = 0; i < 2; i++) {
    if (sh->spare[i].data == NULL) continue;
    *b = sh->spare[i];
    sh->spare[i] = (http_bytes){0};
    return;
  }
}

static void give_back(shared *sh, http_bytes *b) {
  b->length = 0;
  if (b->data == NULL) return;
  for (int i = 0; i < 2 && b->capacity <= BATCH && !sh->over; i++) {
    if (sh->spare[i].data != NULL) continue;
    sh->spare[i] = *b;
    *b = (http_bytes){0};
    return;
  }
  http_bytes_free(b);
}

// ---- calling Lua

// Pushes the callback and the owner; false when nothing may be called.
static bool begin(connection *c, int which, int slots) {
  shared *sh = c->sh;
  runtime *rt = sh->rt;
  if (sh->callbacks[which] == LUA_NOREF || c->server->owner == LUA_NOREF || !call_begin(rt, slots + 4)) return false;
  lua_rawgeti(rt->L, LUA_REGISTRYINDEX, sh->callbacks[which]);
  lua_rawgeti(rt->L, LUA_REGISTRYINDEX, c->server->owner);
  return true;
}

static bool begin_conn(connection *c, int which, int slots) {
  if (c->self == LUA_NOREF || !begin(c, which, slots + 1)) return false;
  lua_rawgeti(c->rt->L, LUA_REGISTRYINDEX, c->self);
  return true;
}

// Ends it without draining the queues: whoever entered from libuv settles.
static void end(connection *c, int nargs) {
  runtime *rt = c->rt;
  call_value(rt, nargs);
  lua_pop(rt->L, 1);
}

static void drop_ref(connection *c, int *ref) {
  runtime *rt = c->rt;
  if (!rt->closing) ref_drop(rt->L, ref);
}

// ---- time limits

static void on_timer(uv_timer_t *timer);

static void arm(shared *sh, uint64_t when) {
  if (when >= sh->armed) return;
  uint64_t now = uv_now(&sh->rt->loop);
  sh->armed = when;
  uv_timer_start(&sh->timer, on_timer, when > now ? when - now : 1, 0);
  uv_unref((uv_handle_t *)&sh->timer);
}

// Nothing is going on: an idle connection between requests.
static bool is_idle(const connection *c) {
  return c->front == NULL && !c->p.in_message && !c->due && c->rest.length == 0;
}

static void arm_idle(connection *c) {
  server *s = c->server;
  if (s->keep_alive > 0) arm(s->sh, c->activity + (uint64_t)s->keep_alive);
}

static void sweep(server *s, uint64_t now, uint64_t *next) {
  bool checking = s->interval > 0 && now >= s->next_check;
  if (checking) s->next_check = now + (uint64_t)s->interval;
  for (connection *c = s->connections; c != NULL; c = s->cursor) {
    s->cursor = c->next;
    if (c->closing || c->detached) continue;
    if (c->requests > 0 && is_idle(c)) {
      if (s->keep_alive <= 0) continue;
      uint64_t deadline = c->activity + (uint64_t)s->keep_alive;
      if (now < deadline) {
        if (deadline < *next) *next = deadline;
      } else if (begin_conn(c, ON_TIMEOUT, 1)) {
        c->activity = now;
        lua_pushliteral(s->sh->rt->L, "idle");
        end(c, 3);
      }
    } else if (checking && c->started != 0) {
      double age = (double)(now - c->started);
      if ((!c->headed && s->headers_timeout > 0 && age > s->headers_timeout) || (s->request_timeout > 0 && age > s->request_timeout)) {
        if (!begin_conn(c, ON_TIMEOUT, 1)) continue;
        c->started = 0;
        lua_pushliteral(s->sh->rt->L, "request");
        end(c, 3);
      }
    }
  }
  s->cursor = NULL;
  if (s->connections != NULL && s->interval > 0 && s->next_check < *next) *next = s->next_check;
}

static void on_timer(uv_timer_t *timer) {
  shared *sh = (shared *)((char *)timer - offsetof(shared, timer));
  uint64_t now = uv_now(&sh->rt->loop), next = NEVER;
  sh->armed = NEVER;
  size_t count = 0;
  for (server *s = sh->servers; s != NULL;) {
    count += s->count;
    bool pinned = s->owner != LUA_NOREF && call_begin(sh->rt, 1);
    if (pinned) lua_rawgeti(sh->rt->L, LUA_REGISTRYINDEX, s->owner); // a callback may let its last connection go
    if (pinned) sweep(s, now, &next);
    s = s->next;
    if (pinned) lua_pop(sh->rt->L, 1);
  }
  // Many connections are looked at together: 20 of them for each ms that passes between two looks.
  if (next != NEVER) {
    uint64_t gap = count / 20;
    arm(sh, next < now + gap ? now + gap : next);
  }
  call_settle(sh->rt);
}

// ---- answers

static response *find(connection *c, lua_State *L, int index) {
  uint32_t seq = (uint32_t)lua_tonumber(L, index);
  if (c->front != NULL && c->front->seq == seq) return c->front;
  if (c->back != NULL && c->back->seq == seq) return c->back;
  for (response *r = c->front; r != NULL; r = r->next)
    if (r->seq == seq) return r;
  return NULL;
}

static http_bytes *output_of(connection *c, response *r, size_t **committed) {
  if (r == c->front) {
    lend(c->sh, &c->out);
    *committed = &c->committed;
    return &c->out;
  }
  *committed = &r->committed;
  return &r->out;
}

static size_t queued(const connection *c) {
  return c->committed + c->lua_queued + (c->stream != NULL ? c->stream->h.uv.stream.write_queue_size : 0);
}

static void run_flush(deferred *d);

static void mark(connection *c) {
  if (!c->flush.queued) runtime_defer(c->rt, &c->flush);
}

static void commit(connection *c, response *r) {
  size_t *committed;
  http_bytes *out = output_of(c, r, &committed);
  if (r != c->front) c->held += out->length - *committed;
  if (r->headed) r->sent = true;
  *committed = out->length;
  mark(c);
}

static void free_response(connection *c, response *r) {
  drop_ref(c, &r->ref);
  http_bytes_free(&r->out);
  if (c->sh->free == NULL && !c->sh->over) c->sh->free = r;
  else free(r);
}

// Zeroed; NULL: no memory.
static response *new_response(connection *c) {
  response *r = c->sh->free;
  if (r == NULL) {
    r = calloc(1, sizeof *r);
  } else {
    c->sh->free = NULL;
    memset(r, 0, sizeof *r);
  }
  if (r != NULL) r->ref = LUA_NOREF;
  return r;
}

static void add_done(connection *c, response *r) {
  r->next = NULL;
  *c->done_tail = r;
  c->done_tail = &r->next;
}

// Takes finished answers off the front; the next one's bytes become output.
static void advance(connection *c) {
  while (c->front != NULL && c->front->finished) {
    response *r = c->front;
    c->front = r->next;
    if (c->front == NULL) c->back = NULL;
    c->pending--;
    if (r->last) c->last = true;
    if (r->ref != LUA_NOREF) add_done(c, r);
    else free_response(c, r);
    if (c->last) break;
    r = c->front;
    if (r == NULL) break;
    if (r->out.length > 0) {
      size_t base = c->out.length;
      lend(c->sh, &c->out);
      if (http_bytes_put(&c->out, r->out.data, r->out.length)) c->committed = base + r->committed;
      else c->failed = true;
      c->held -= r->committed < c->held ? r->committed : c->held;
    }
    http_bytes_free(&r->out);
    r->committed = 0;
  }
  c->activity = now_of(c);
  if (c->front == NULL && !c->last) arm_idle(c);
}

// ---- output

static void after_output(connection *c);
static void free_answers(connection *c);
static void unpin(connection *c);

static void on_written(stream *st, int status, void *arg);

static const stream_listener listener;

static void output_failed(connection *c, int status) {
  c->failed = true;
  if (c->input_ended || !begin_conn(c, ON_INPUT, 1)) return;
  c->input_ended = true;
  lua_pushinteger(c->rt->L, status);
  end(c, 3);
}

static void drop_out(connection *c, size_t n) {
  if (n == 0) return;
  c->committed -= n;
  c->out.length -= n;
  if (c->out.length > 0) memmove(c->out.data, c->out.data + n, c->out.length);
}

// Hands over what is committed, with up to two more pieces behind it.
static void put_out(connection *c, const char *bytes, size_t length, const char *tail, size_t tail_length) {
  size_t n = c->committed;
  c->activity = now_of(c);
  if (n + length == 0) return;
  if (c->stream != NULL && !c->failed && !uv_is_closing(&c->stream->h.uv.handle)) {
    uv_buf_t bufs[3];
    unsigned count = 0;
    if (n > 0) bufs[count++] = (uv_buf_t){.base = c->out.data, .len = n};
    if (length > 0) bufs[count++] = (uv_buf_t){.base = (char *)bytes, .len = length};
    if (tail_length > 0) bufs[count++] = (uv_buf_t){.base = (char *)tail, .len = tail_length};
    int err = stream_write(c->stream, bufs, count, on_written, NULL);
    if (err == 1) c->writing++;
    drop_out(c, n); // before Lua is called, which may come back here
    if (err < 0) output_failed(c, err);
    return;
  } else if (c->stream == NULL && !c->detached && begin_conn(c, ON_OUTPUT, 2)) {
    lua_State *L = c->rt->L;
    c->writing++;
    c->lua_queued += n + length + tail_length;
    lua_pushlstring(L, n == 0 ? "" : c->out.data, n);
    if (length > 0) {
      lua_pushlstring(L, bytes, length);
      lua_pushlstring(L, tail == NULL ? "" : tail, tail_length);
      lua_concat(L, 3);
    }
    drop_out(c, n);
    end(c, 3);
    return;
  }
  drop_out(c, n);
}

static void flush_now(connection *c) {
  if (c->committed > 0) put_out(c, NULL, 0, NULL, 0);
  if (c->out.length == 0) give_back(c->sh, &c->out);
}

// Runs once the outermost callback has ended.
static void run_flush(deferred *d) {
  connection *c = (connection *)((char *)d - offsetof(connection, flush));
  if (!c->open) return;
  flush_now(c);
  after_output(c);
}

static void close_stream(connection *c) {
  c->closing = true;
  if (c->stream != NULL) handle_close(&c->stream->h);
}

// Closes it, or has Lua do so where a Socket knows of the stream.
static void shut(connection *c) {
  if (c->closing) return;
  c->closing = true;
  flush_now(c);
  if ((c->socketed || c->stream == NULL) && begin_conn(c, ON_LAST, 0)) end(c, 2);
  else close_stream(c);
}

static bool stalled(connection *c) {
  return c->pending >= MAX_PENDING || (c->writing > 0 && queued(c) + c->held >= c->server->high_water) || c->held >= 16 * BATCH;
}

static void feed(connection *c, const char *bytes, size_t length);

static void go_on_reading(connection *c) {
  if (!c->open || c->closing || c->last || c->detached || c->stop || c->feeding || stalled(c)) return;
  if (c->stalled) {
    c->stalled = false;
    http_bytes rest = c->rest;
    c->rest = (http_bytes){0};
    feed(c, rest.data, rest.length);
    http_bytes_free(&rest);
    if (!c->open || c->closing || c->stalled || c->detached) return;
  }
  if (c->stream != NULL && !c->paused && !c->input_ended && !uv_is_closing(&c->stream->h.uv.handle)) stream_read_start(c->stream);
}

// After bytes have gone out: tells whoever waits for it.
static void after_output(connection *c) {
  if (c->writing > 0 || c->committed > 0 || c->failed) return;
  runtime *rt = c->rt;
  while (c->done != NULL && c->open) {
    response *r = c->done;
    c->done = r->next;
    if (c->done == NULL) c->done_tail = &c->done;
    if (begin(c, ON_FINISHED, 1)) {
      ref_push(rt->L, r->ref);
      end(c, 2);
    }
    free_response(c, r);
  }
  if (!c->open) return;
  response *front = c->front;
  if (front != NULL && front->want_drain) {
    front->want_drain = false;
    if (front->ref != LUA_NOREF && begin(c, ON_DRAIN, 1)) {
      ref_push(rt->L, front->ref);
      end(c, 2);
    }
  }
  if (!c->open || c->writing > 0 || c->committed > 0) return;
  if (c->last && !c->closing) {
    shut(c);
    return;
  }
  if (c->stalled || (c->stream != NULL && !c->stream->reading)) go_on_reading(c);
}

static void on_written(stream *st, int status, void *arg) {
  (void)arg;
  if (st->listener != &listener) return; // detached meanwhile
  connection *c = st->listener_data;
  runtime *rt = c->rt;
  c->writing--;
  c->activity = now_of(c);
  if (rt->closing) return;
  if (status < 0) {
    if (status != UV_ECANCELED) output_failed(c, status);
  } else {
    after_output(c);
  }
  call_settle(rt);
}

// ---- input

static int go_on(connection *c, int value) {
  return c->stop || c->closing || c->detached || !c->open ? HPE_PAUSED : value;
}

// The body bytes as a Buffer: large ones are a window on the block that was read into.
static void push_body(connection *c, const char *bytes, size_t length) {
  runtime *rt = c->rt;
  block *b = rt->reading;
  if (length >= DIRECT && c->stream != NULL && b != NULL && (uint8_t *)bytes >= b->data && (uint8_t *)bytes + length <= b->data + b->size) {
    buffer_push_window(rt->L, b, (uint8_t *)bytes, length);
    c->windowed = true;
  } else {
    buffer_push_copy(rt->L, rt, bytes, length);
  }
}

// The head has been taken; trailers that came with it stay.
static void drop_head(connection *c) {
  http_parser *p = &c->p;
  p->head.length -= c->head_end;
  if (p->head.length > 0) memmove(p->head.data, p->head.data + c->head_end, p->head.length);
  p->pair = p->pair > c->head_end ? p->pair - c->head_end : 0;
  p->first_line = c->head_end = 0;
}

// Gives Lua the request whose head is complete.
static void deliver(connection *c, bool complete) {
  server *s = c->server;
  runtime *rt = s->sh->rt;
  c->due = false;
  if (!begin_conn(c, ON_REQUEST, 12)) return;
  lua_State *L = rt->L;
  response *r = new_response(c);
  if (r == NULL) {
    lua_pop(L, 3);
    c->stop = true;
    shut(c);
    return;
  }
  http_parser *p = &c->p;
  r->seq = ++c->seq;
  r->head_only = p->llhttp.method == HTTP_HEAD;
  r->http10 = !(c->due_flags & HTTP_MINOR_1);
  r->has_body = true;
  if (c->back != NULL) c->back->next = r;
  else c->front = r;
  c->back = r;
  c->pending++;
  lua_pushnumber(L, (lua_Number)r->seq);
  lua_rawgeti(L, LUA_REGISTRYINDEX, s->sh->ref_methods);
  lua_rawgeti(L, -1, p->llhttp.method + 1);
  lua_remove(L, -2);
  lua_pushlstring(L, p->head.data, p->first_line);
  lua_pushlstring(L, p->head.data + p->first_line, c->head_end - p->first_line);
  lua_pushinteger(L, c->due_flags | (complete ? HTTP_IS_COMPLETE : 0));
  if (c->span != NULL) push_body(c, c->span, c->span_length);
  else lua_pushnil(L);
  c->span = NULL;
  drop_head(c);
  uint32_t seq = r->seq;
  call_value(rt, 8);
  if (lua_istable(L, -1) && c->open) {
    for (r = c->front; r != NULL && r->seq != seq;) r = r->next;
    if (r != NULL && r->ref == LUA_NOREF) {
      r->ref = luaL_ref(L, LUA_REGISTRYINDEX);
      return;
    }
    for (response *d = c->done; r == NULL && d != NULL; d = d->next)
      if (d->seq == seq) r = d; // track() has put it there
    if (r == NULL) { // finished already, its bytes perhaps not yet out
      r = new_response(c);
      if (r != NULL) {
        r->seq = seq;
        r->ref = luaL_ref(L, LUA_REGISTRYINDEX);
        add_done(c, r);
        mark(c);
        return;
      }
    }
  }
  lua_pop(L, 1);
}

static int on_headers(http_parser *p) {
  connection *c = (connection *)p;
  server *s = c->server;
  runtime *rt = s->sh->rt;
  int flags = http_parser_flags(p);
  c->headed = true;
  c->requests++;
  c->dumping = false;
  c->span = NULL;
  if (s->max_requests > 0) {
    if (c->requests >= s->max_requests) flags |= HTTP_MAX_REACHED;
    if (c->requests > s->max_requests) flags |= HTTP_DROPPED;
  }
  if (!(flags & HTTP_HAS_HOST) || !(flags & HTTP_MINOR_1) || (flags & (HTTP_HAS_EXPECT | HTTP_MAX_REACHED))) flags |= HTTP_SPECIAL;
  if (flags & HTTP_IS_UPGRADE) {
    bool connect = p->llhttp.method == HTTP_CONNECT, wanted = false;
    if (begin(c, ON_WANTS_UPGRADE, 1)) {
      lua_pushboolean(rt->L, connect);
      call_value(rt, 2);
      wanted = lua_toboolean(rt->L, -1);
      lua_pop(rt->L, 1);
    }
    if (!wanted && connect) {
      c->stop = true;
      shut(c);
      return HPE_PAUSED;
    }
    p->llhttp.upgrade = wanted;
    c->upgrading = wanted;
    if (!wanted) flags &= ~HTTP_IS_UPGRADE;
  }
  c->due = true;
  c->due_flags = flags;
  c->head_end = (uint32_t)p->head.length;
  p->pairs = 0;
  return go_on(c, c->upgrading ? 2 : 0);
}

static int on_body(http_parser *p, const char *bytes, size_t length) {
  connection *c = (connection *)p;
  runtime *rt = c->rt;
  if (c->due && c->span == NULL) {
    c->span = bytes;
    c->span_length = length;
    return 0;
  }
  if (c->due) deliver(c, false);
  if (!c->dumping && c->ref_request != LUA_NOREF && begin_conn(c, ON_BODY, 4)) {
    ref_push(rt->L, c->ref_request);
    push_body(c, bytes, length);
    end(c, 4);
  }
  return go_on(c, 0);
}

static int on_complete(http_parser *p) {
  connection *c = (connection *)p;
  runtime *rt = c->rt;
  c->started = 0;
  c->headed = false;
  if (c->upgrading) return 0; // the bytes behind it decide nothing: feed() goes on
  bool trailers = c->due && p->head.length > c->head_end;
  if (c->due) deliver(c, !trailers);
  if (c->ref_request != LUA_NOREF) {
    if (begin_conn(c, ON_COMPLETE, 4)) {
      ref_push(rt->L, c->ref_request);
      if (p->pairs > 0 && p->head.length > 0) lua_pushlstring(rt->L, p->head.data, p->head.length);
      else lua_pushnil(rt->L);
      end(c, 4);
    }
    drop_ref(c, &c->ref_request);
  }
  p->head.length = 0;
  c->paused = false; // of this body
  int value = go_on(c, 0);
  if (value != 0 || c->p.llhttp.upgrade) return value;
  if (c->committed >= BATCH) flush_now(c);
  if (!stalled(c)) return 0;
  c->stalled = true;
  return HPE_PAUSED;
}

static const http_hooks hooks = {on_headers, on_body, on_complete};

static void parse_failed(connection *c, const char *bytes, size_t length, size_t parsed) {
  runtime *rt = c->rt;
  http_error error;
  http_parser_error(&c->p, &error);
  c->stop = true;
  if (!begin_conn(c, ON_FAILED, 8)) return;
  lua_pushlstring(rt->L, error.code, error.code_length);
  lua_pushstring(rt->L, error.reason);
  lua_pushnumber(rt->L, (lua_Number)parsed);
  buffer_push_copy(rt->L, rt, bytes, length);
  end(c, 6);
}

static void upgrade(connection *c, const char *head, size_t length) {
  runtime *rt = c->rt;
  http_parser *p = &c->p;
  c->due = false;
  c->stop = true;
  if (!begin_conn(c, ON_UPGRADE, 8)) return;
  http_push_method(rt->L, p->llhttp.method);
  lua_pushlstring(rt->L, p->head.data, p->first_line);
  lua_pushlstring(rt->L, p->head.data + p->first_line, p->head.length - p->first_line);
  lua_pushinteger(rt->L, c->due_flags | HTTP_IS_COMPLETE);
  buffer_push_copy(rt->L, rt, head, length);
  end(c, 7);
}

// Parses bytes. The connection is still there afterwards, though it may be over.
static void feed(connection *c, const char *bytes, size_t length) {
  shared *sh = c->sh;
  runtime *rt = sh->rt;
  size_t parsed = 0;
  c->feeding = true;
  c->activity = now_of(c);
  lend(sh, &c->p.head);
  block *b = rt->reading;
  bool in_block = c->stream != NULL && b != NULL && (uint8_t *)bytes >= b->data && (uint8_t *)bytes < b->data + b->size;
  if (in_block) block_ref(b);
  llhttp_errno_t err = http_parser_execute(&c->p, bytes, length, &parsed);
  if (c->due && !c->upgrading && !c->stop) deliver(c, false);
  c->span = NULL;
  if (c->open && !c->detached && !c->stop) {
    if (err == HPE_PAUSED_UPGRADE && c->upgrading) {
      upgrade(c, bytes + parsed, length - parsed);
    } else if (err == HPE_PAUSED && c->stalled) {
      llhttp_resume(&c->p.llhttp);
      if (!http_bytes_put(&c->rest, bytes + parsed, length - parsed)) shut(c);
      if (c->stream != NULL) stream_read_stop(c->stream);
    } else if (err != HPE_OK && err != HPE_PAUSED && !c->closing && !c->last) {
      parse_failed(c, bytes, length, parsed);
    }
  }
  if (in_block) {
    if (c->windowed && rt->reading == b) { // it belongs to the Buffers cut from it
      rt->reading = NULL;
      block_unref(b);
    }
    block_unref(b);
  }
  c->windowed = false;
  c->feeding = false;
  if (!c->p.in_message || c->p.head.length == 0) give_back(sh, &c->p.head);
  if (c->open && c->p.in_message && c->started == 0) c->started = c->activity > 0 ? c->activity : 1;
  if (!c->open || c->detached) {
    free_answers(c);
    unpin(c);
  } else if (!c->stalled && c->stream != NULL && !c->stream->reading) {
    go_on_reading(c);
  }
}

static void on_read(stream *st, ssize_t nread, const char *bytes) {
  connection *c = st->listener_data;
  runtime *rt = c->rt;
  if (c->stop || c->last) { // nothing more is listened to; what arrives is thrown away until the connection closes
    if (nread > 0) return;
    stream_read_stop(st);
    if (c->closing) return;
  }
  if (nread > 0) {
    feed(c, bytes, (size_t)nread);
  } else {
    stream_read_stop(st);
    if (!c->input_ended) {
      c->input_ended = true;
      bool bad = false;
      if (nread == UV_EOF && !c->stop && c->p.in_message) {
        llhttp_errno_t err = http_parser_finish(&c->p);
        bad = err != HPE_OK;
        if (bad) parse_failed(c, "", 0, 0);
      }
      if (!bad) {
        if (is_idle(c) && !c->socketed && queued(c) == 0) close_stream(c);
        else if (begin_conn(c, ON_INPUT, 1)) {
          lua_pushinteger(rt->L, (lua_Integer)nread);
          end(c, 3);
        }
      }
    }
  }
  call_settle(rt);
}

// ---- life cycle

static void unlink_connection(connection *c) {
  if (c->link == NULL) return;
  server *s = c->server;
  if (s->cursor == c) s->cursor = c->next;
  *c->link = c->next;
  if (c->next != NULL) c->next->link = c->link;
  c->link = NULL;
  s->count--;
}

static void free_answers(connection *c) {
  for (response *r = c->front, *next; r != NULL; r = next) {
    next = r->next;
    free_response(c, r);
  }
  for (response *r = c->done, *next; r != NULL; r = next) {
    next = r->next;
    free_response(c, r);
  }
  c->front = c->back = c->done = NULL;
  c->done_tail = &c->done;
  c->pending = 0;
  c->committed = c->held = 0;
  http_bytes_free(&c->out);
  http_bytes_free(&c->rest);
  http_bytes_free(&c->p.head);
}

// The last reference from C goes, and with the last connection the server's owner.
static void unpin(connection *c) {
  if (c->feeding || c->self == LUA_NOREF) return;
  server *s = c->server;
  drop_ref(c, &c->self);
  if (s->count == 0) drop_ref(c, &s->owner);
}

// It is over: those who wait for something are told.
static void gone(connection *c) {
  if (!c->open) return;
  runtime *rt = c->rt;
  c->open = false;
  c->stream = NULL;
  runtime_cancel(rt, &c->flush);
  if (begin_conn(c, ON_CLOSE, 6)) {
    lua_State *L = rt->L;
    ref_push(L, c->ref_request);
    int n = 0;
    bool some = false;
    for (response *r = c->front; r != NULL; r = r->next) some = some || r->ref != LUA_NOREF;
    if (some || c->done != NULL) {
      lua_newtable(L);
      for (response *r = c->done; r != NULL; r = r->next) {
        ref_push(L, r->ref);
        lua_rawseti(L, -2, ++n);
      }
      for (response *r = c->front; r != NULL; r = r->next) {
        if (r->ref == LUA_NOREF) continue;
        ref_push(L, r->ref);
        lua_rawseti(L, -2, ++n);
      }
    } else {
      lua_pushnil(L);
    }
    end(c, 4);
  }
  drop_ref(c, &c->ref_request);
  free_answers(c);
  unlink_connection(c);
  unpin(c);
}

static void on_stream_closed(stream *st) {
  connection *c = st->listener_data;
  runtime *rt = c->rt;
  gone(c);
  if (!rt->closing) call_settle(rt);
}

static const stream_listener listener = {on_read, on_stream_closed};

// attach(server, handle | nil) -> conn. Reading begins with the next turn of the loop at the earliest.
static int attach(lua_State *L) {
  server *s = check_server(L);
  stream *st = lua_isnoneornil(L, 2) ? NULL : stream_check(L, 2);
  runtime *rt = s->sh->rt;
  lua_settop(L, 2);
  connection *c = lua_newuserdata(L, sizeof *c);
  memset(c, 0, sizeof *c);
  c->server = s;
  c->sh = s->sh;
  c->rt = rt;
  c->self = c->ref_request = LUA_NOREF;
  c->flush.run = run_flush;
  c->done_tail = &c->done;
  c->p.max_head = s->max_head;
  c->p.max_pairs = s->max_pairs;
  http_parser_init(&c->p, HTTP_REQUEST, &hooks, s->lenient);
  ref_push(L, s->sh->ref_connection_mt);
  lua_setmetatable(L, -2);
  if (s->owner == LUA_NOREF) {
    lua_getfenv(L, 1);
    lua_rawgeti(L, -1, 1);
    ref_set(L, &s->owner);
    lua_pop(L, 1);
  }
  lua_pushvalue(L, -1);
  ref_set(L, &c->self);
  c->open = true;
  c->stream = st;
  c->next = s->connections;
  c->link = &s->connections;
  if (c->next != NULL) c->next->link = &c->next;
  s->connections = c;
  s->count++;
  uint64_t now = uv_now(&rt->loop);
  c->activity = now;
  c->started = now > 0 ? now : 1;
  if (s->interval > 0) {
    if (s->next_check <= now) s->next_check = now + (uint64_t)s->interval;
    arm(s->sh, s->next_check);
  }
  if (st != NULL) {
    stream_listen_to(st, &listener, c);
    stream_read_start(st);
  }
  return 1;
}

static int connection_gc(lua_State *L) {
  connection *c = lua_touserdata(L, 1);
  if (c->open) { // only lua_close finalizes what is pinned
    c->open = false;
    if (c->stream != NULL) stream_listen_to(c->stream, NULL, NULL);
    runtime_cancel(c->rt, &c->flush);
  }
  for (response *r = c->front; r != NULL; r = r->next) r->ref = LUA_NOREF;
  for (response *r = c->done; r != NULL; r = r->next) r->ref = LUA_NOREF;
  free_answers(c);
  return 0;
}

// ---- answering

static const char *date(shared *sh, size_t *length) {
  uint64_t now = uv_now(&sh->rt->loop);
  if (now >= sh->date_until) {
    struct timespec ts;
    struct tm tm;
    static const char days[] = "SunMonTueWedThuFriSat", months[] = "JanFebMarAprMayJunJulAugSepOctNovDec";
    clock_gettime(CLOCK_REALTIME, &ts);
    gmtime_r(&ts.tv_sec, &tm);
    snprintf(sh->date, sizeof sh->date, "%.3s, %02d %.3s %04d %02d:%02d:%02d GMT", days + 3 * tm.tm_wday, tm.tm_mday % 100, months + 3 * tm.tm_mon,
             (tm.tm_year + 1900) % 10000, tm.tm_hour % 100, tm.tm_min % 100, tm.tm_sec % 100);
    sh->date_until = now + 1000 - (uint64_t)ts.tv_nsec / 1000000;
  }
  *length = 29;
  return sh->date;
}

static bool put_text(http_bytes *out, const char *text) {
  return http_bytes_put(out, text, strlen(text));
}

static bool put_number(http_bytes *out, double n) {
  char digits[24], *at = digits + sizeof digits;
  uint64_t rest = n > 0 && n < 1e19 ? (uint64_t)n : 0;
  do {
    *--at = (char)('0' + rest % 10);
    rest /= 10;
  } while (rest != 0);
  return http_bytes_put(out, at, (size_t)(digits + sizeof digits - at));
}

static bool put_hex(http_bytes *out, size_t n) {
  char digits[20], *at = digits + sizeof digits;
  *--at = '\n';
  *--at = '\r';
  do {
    *--at = "0123456789abcdef"[n & 15];
    n >>= 4;
  } while (n != 0);
  return http_bytes_put(out, at, (size_t)(digits + sizeof digits - at));
}

enum { REMOVED_CONNECTION = 1, REMOVED_ENCODING = 2, REMOVED_LENGTH = 4, CHUNKED_TOO = 8, CHECKED = 16, MAX_CLOSE = 32, NOT_CHUNKED = 64 };

// The headers of Node's own making, behind the given ones. False: no memory.
static bool put_tail(connection *c, response *r, http_bytes *out, const http_head *h, int status, bool send_date, bool keep, double length, int options) {
  server *s = c->server;
  bool ok = true;
  bool may_chunk = (!r->http10 || (options & CHUNKED_TOO)) && !(options & NOT_CHUNKED);
  if (send_date && !(h->bits & HEAD_DATE)) {
    size_t n;
    const char *text = date(s->sh, &n);
    ok = ok && put_text(out, "Date: ") && http_bytes_put(out, text, n) && put_text(out, "\r\n");
  }
  r->chunked = (h->bits & HEAD_CHUNKED) != 0;
  if (r->chunked && (status == 204 || status == 304)) r->chunked = keep = false;
  if (h->bits & HEAD_CONNECTION) {
    r->last = (h->bits & HEAD_CLOSE) != 0;
  } else if (options & REMOVED_CONNECTION) {
    r->last = !keep;
  } else if (keep && ((h->bits & HEAD_LENGTH) || may_chunk)) {
    if (options & MAX_CLOSE) {
      ok = ok && put_text(out, "Connection: close\r\n");
    } else if (s->keep_alive > 0 && !(h->bits & HEAD_KEEP_ALIVE)) {
      ok = ok && put_text(out, "Connection: keep-alive\r\nKeep-Alive: timeout=") && put_number(out, s->keep_alive / 1000);
      if (s->max_requests > 0) ok = ok && put_text(out, ", max=") && put_number(out, s->max_requests);
      ok = ok && put_text(out, "\r\n");
    } else {
      ok = ok && put_text(out, "Connection: keep-alive\r\n");
    }
  } else {
    r->last = true;
    ok = ok && put_text(out, "Connection: close\r\n");
  }
  if (h->bits & (HEAD_LENGTH | HEAD_ENCODING)) return ok;
  if (!r->has_body) {
    r->chunked = false;
  } else if (!may_chunk) {
    r->last = true;
  } else if (!(h->bits & HEAD_TRAILER) && !(options & REMOVED_LENGTH) && length >= 0) {
    ok = ok && put_text(out, "Content-Length: ") && put_number(out, length) && put_text(out, "\r\n");
  } else if (!(options & REMOVED_ENCODING)) {
    ok = ok && put_text(out, "Transfer-Encoding: chunked\r\n");
    r->chunked = true;
  } else {
    r->last = true;
  }
  return ok;
}

// writeHead(conn, seq, status, phrase, headers, sendDate, keepAlive, length | nil, options | nil, unique | nil)
static int write_head(lua_State *L) {
  connection *c = check(L);
  response *r = c->open ? find(c, L, 2) : NULL;
  int status = (int)luaL_checkinteger(L, 3);
  size_t phrase_length;
  const char *phrase = luaL_checklstring(L, 4, &phrase_length);
  bool send_date = lua_toboolean(L, 6), keep = lua_toboolean(L, 7);
  double length = lua_isnoneornil(L, 8) ? -1 : luaL_checknumber(L, 8);
  int options = (int)luaL_optinteger(L, 9, 0);
  if (r == NULL || r->headed) {
    lua_pushboolean(L, 0);
    return 1;
  }
  size_t *committed;
  http_bytes *out = output_of(c, r, &committed);
  size_t start = out->length = *committed;
  if (r->head_only || status == 204 || status == 304 || (status >= 100 && status < 200)) r->has_body = false;
  char line[] = "HTTP/1.1 200 ";
  line[9] = (char)('0' + status / 100 % 10);
  line[10] = (char)('0' + status / 10 % 10);
  line[11] = (char)('0' + status % 10);
  bool ok = http_bytes_put(out, line, sizeof line - 1) && http_bytes_put(out, phrase, phrase_length) && put_text(out, "\r\n");
  http_head h = {.out = out, .unique = lua_istable(L, 10) ? 10 : 0, .checked = (options & CHECKED) != 0};
  const char *wrong = ok ? http_head_put(L, 5, &h) : NULL;
  if (wrong == NULL && ok) {
    ok = put_tail(c, r, out, &h, status, send_date, keep, length, options) && put_text(out, "\r\n");
    if (!r->chunked && (h.bits & HEAD_TRAILER)) wrong = "trailer";
  }
  if (wrong != NULL || !ok) {
    out->length = start;
    if (!ok) return luaL_error(L, "out of memory: an HTTP head");
    lua_pushnil(L);
    lua_pushstring(L, wrong);
    if (strcmp(wrong, "trailer") == 0) return 2;
    lua_pushvalue(L, -4);
    lua_pushvalue(L, -4);
    return 4;
  }
  r->headed = true;
  lua_pushinteger(L, (r->chunked ? 1 : 0) | (r->last ? 2 : 0) | (r->has_body ? 4 : 0) | (h.bits & HEAD_EXPECT ? 8 : 0));
  return 1;
}

// Appends a piece of the body; large ones at the front go out at once. False: no memory.
static bool put_body(connection *c, response *r, const char *bytes, size_t length) {
  size_t *committed;
  http_bytes *out = output_of(c, r, &committed);
  if (length == 0) return true;
  if (r->chunked && !put_hex(out, length)) return false;
  if (length >= DIRECT && r == c->front) {
    commit(c, r);
    put_out(c, bytes, length, "\r\n", r->chunked ? 2 : 0);
    return true;
  }
  return http_bytes_put(out, bytes, length) && (!r->chunked || http_bytes_put(out, "\r\n", 2));
}

static void out_of_memory(lua_State *L) {
  luaL_error(L, "out of memory: an HTTP message");
}

// write(conn, seq, bytes, tell) -> whether more may come at once | nil: over. tell: `drain` is called in any case
static int write_body(lua_State *L) {
  connection *c = check(L);
  response *r = c->open ? find(c, L, 2) : NULL;
  size_t length;
  const char *bytes = buffer_check_bytes(L, 3, &length);
  if (r == NULL || r->finished || c->failed) return 0;
  size_t *committed;
  output_of(c, r, &committed);
  size_t before = r == c->front ? queued(c) : r->committed;
  if (r->has_body && !put_body(c, r, bytes, length)) out_of_memory(L);
  commit(c, r);
  bool more = before + length < c->server->high_water;
  if (!more || lua_toboolean(L, 4)) r->want_drain = true;
  lua_pushboolean(L, more);
  return 1;
}

// finish(conn, seq, bytes | nil, trailers | nil) -> whether it was still open
static int finish(lua_State *L) {
  connection *c = check(L);
  response *r = c->open ? find(c, L, 2) : NULL;
  size_t length = 0, trailers_length = 0;
  const char *bytes = lua_isnoneornil(L, 3) ? NULL : buffer_check_bytes(L, 3, &length);
  const char *trailers = lua_isnoneornil(L, 4) ? NULL : luaL_checklstring(L, 4, &trailers_length);
  if (r == NULL || r->finished) {
    lua_pushboolean(L, 0);
    return 1;
  }
  if (r->has_body) {
    size_t *committed;
    if (bytes != NULL && !put_body(c, r, bytes, length)) out_of_memory(L);
    http_bytes *out = output_of(c, r, &committed);
    if (r->chunked && !(http_bytes_put(out, "0\r\n", 3) && http_bytes_put(out, trailers, trailers_length) && http_bytes_put(out, "\r\n", 2))) out_of_memory(L);
  }
  commit(c, r);
  r->finished = true;
  advance(c);
  lua_pushboolean(L, 1);
  return 1;
}

// raw(conn, seq, bytes): bytes that are no part of the answer (1xx)
static int raw(lua_State *L) {
  connection *c = check(L);
  response *r = c->open ? find(c, L, 2) : NULL;
  size_t length, *committed;
  const char *bytes = luaL_checklstring(L, 3, &length);
  if (r == NULL || r->headed) return 0;
  if (!http_bytes_put(output_of(c, r, &committed), bytes, length)) out_of_memory(L);
  commit(c, r);
  return 0;
}

static int flush_head(lua_State *L) {
  connection *c = check(L);
  response *r = c->open ? find(c, L, 2) : NULL;
  if (r != NULL) commit(c, r);
  return 0;
}

// ---- the rest that Lua asks for

static int keep(lua_State *L) {
  connection *c = check(L);
  if (!c->open) return 0;
  lua_settop(L, 2);
  ref_set(L, &c->ref_request);
  return 0;
}

// track(conn, seq, res) -> 2: unfinished, 1: finished, its bytes not yet out (res will be told), 0: neither
static int track(lua_State *L) {
  connection *c = check(L);
  luaL_checktype(L, 3, LUA_TTABLE);
  lua_settop(L, 3);
  int state = 0;
  if (c->open) {
    response *r = find(c, L, 2);
    if (r != NULL) {
      if (r->ref == LUA_NOREF) r->ref = luaL_ref(L, LUA_REGISTRYINDEX);
      state = r->finished ? 1 : 2;
    } else if (c->committed > 0 || c->writing > 0) {
      uint32_t seq = (uint32_t)lua_tonumber(L, 2);
      state = 1;
      for (r = c->done; r != NULL && r->seq != seq;) r = r->next;
      if (r == NULL && (r = new_response(c)) != NULL) {
        r->seq = seq;
        r->ref = luaL_ref(L, LUA_REGISTRYINDEX);
        add_done(c, r);
      }
    }
  }
  lua_pushinteger(L, state);
  return 1;
}

static int queued_bytes(lua_State *L) {
  connection *c = check(L);
  response *r = c->open ? find(c, L, 2) : NULL;
  size_t n = !c->open ? 0 : r != NULL && r != c->front ? r->out.length : queued(c) + (r != NULL ? c->out.length - c->committed : 0);
  lua_pushnumber(L, (lua_Number)n);
  return 1;
}

static int pause_body(lua_State *L) {
  connection *c = check(L);
  if (!c->open || c->closing) return 0;
  c->paused = true;
  if (c->stream != NULL) stream_read_stop(c->stream);
  return 0;
}

static int resume_body(lua_State *L) {
  connection *c = check(L);
  if (!c->open || !c->paused) return 0;
  c->paused = false;
  if (c->stream != NULL && !c->feeding && !c->stalled) go_on_reading(c);
  lua_pushboolean(L, c->stream == NULL);
  return 1;
}

static int is_paused(lua_State *L) {
  connection *c = check(L);
  lua_pushboolean(L, c->paused || c->stalled);
  return 1;
}

// The rest of the arriving body is thrown away.
static int dump(lua_State *L) {
  connection *c = check(L);
  c->dumping = true;
  lua_settop(L, 1);
  return resume_body(L);
}

static int handle_of(lua_State *L) {
  connection *c = check(L);
  if (c->stream == NULL) return 0;
  handle_push(&c->stream->h);
  return 1;
}

static int owner_of(lua_State *L) {
  connection *c = check(L);
  if (!c->open) return 0;
  ref_push(L, c->server->owner);
  return 1;
}

static int is_over(lua_State *L) {
  connection *c = check(L);
  lua_pushboolean(L, !c->open || c->closing || c->detached || (c->stream != NULL && uv_is_closing(&c->stream->h.uv.handle)));
  return 1;
}

static int request_count(lua_State *L) {
  lua_pushinteger(L, (lua_Integer)check(L)->requests);
  return 1;
}

static int activity(lua_State *L) {
  lua_pushnumber(L, (lua_Number)check(L)->activity);
  return 1;
}

static int flush(lua_State *L) {
  connection *c = check(L);
  if (!c->open) return 0;
  flush_now(c);
  if (c->done != NULL || c->last) mark(c);
  return 0;
}

static int socketed(lua_State *L) {
  check(L)->socketed = true;
  return 0;
}

// close(conn): at once, without sending what waits. A Socket, if there is one, is Lua's to destroy.
static int close_connection(lua_State *L) {
  connection *c = check(L);
  if (!c->open) return 0;
  c->stop = true;
  close_stream(c);
  return 0;
}

// halt(conn): no more requests are read
static int halt(lua_State *L) {
  connection *c = check(L);
  c->stop = true;
  return 0;
}

// finishLast(conn): closes once the answers that are due are out, at once when there are none
static int finish_last(lua_State *L) {
  connection *c = check(L);
  if (!c->open) return 0;
  c->stop = true;
  if (c->back != NULL) {
    c->back->last = true;
  } else {
    c->last = true;
    mark(c);
  }
  return 0;
}

// current(conn) -> res of the answer that is due next, if it is known
static int current(lua_State *L) {
  connection *c = check(L);
  if (!c->open || c->front == NULL) return 0;
  ref_push(L, c->front->ref);
  return 1;
}

// reject(conn, text): no more requests; text goes out in place of the answer that is due, unless that has begun
static int reject(lua_State *L) {
  connection *c = check(L);
  size_t length;
  const char *text = luaL_checklstring(L, 2, &length);
  c->stop = true;
  if (!c->open || c->closing || c->last) return 0;
  c->out.length = c->committed;
  if (c->front == NULL || !c->front->sent) {
    lend(c->sh, &c->out);
    if (!http_bytes_put(&c->out, text, length)) out_of_memory(L);
    c->committed = c->out.length;
  }
  flush_now(c);
  return 0;
}

// detach(conn) -> handle: from now on the connection has no part in it. Output that waits is written first.
static int detach(lua_State *L) {
  connection *c = check(L);
  stream *st = c->stream;
  if (!c->open) return 0;
  flush_now(c);
  c->detached = true;
  c->open = false;
  c->stream = NULL;
  runtime_cancel(c->rt, &c->flush);
  if (st != NULL) {
    stream_read_stop(st);
    stream_listen_to(st, NULL, NULL);
    handle_push(&st->h);
  } else {
    lua_pushnil(L);
  }
  drop_ref(c, &c->ref_request);
  if (!c->feeding) free_answers(c);
  unlink_connection(c);
  unpin(c);
  return 1;
}

// execute(conn, bytes): input of a connection without a stream
static int execute(lua_State *L) {
  connection *c = check(L);
  size_t length;
  const char *bytes = buffer_check_bytes(L, 2, &length);
  if (!c->open || c->stop || c->last || length == 0) return 0;
  if (c->feeding) return luaL_error(L, "an HTTP connection is not re-entrant");
  if (c->stalled) {
    if (!http_bytes_put(&c->rest, bytes, length)) out_of_memory(L);
    return 0;
  }
  feed(c, bytes, length);
  return 0;
}

// ended(conn) -> whether a request was cut short (failed was called)
static int ended(lua_State *L) {
  connection *c = check(L);
  bool bad = false;
  if (c->open && !c->input_ended) {
    c->input_ended = true;
    if (!c->stop && c->p.in_message) {
      bad = http_parser_finish(&c->p) != HPE_OK;
      if (bad) parse_failed(c, "", 0, 0);
    }
  }
  lua_pushboolean(L, bad);
  return 1;
}

// written(conn, n): n bytes given to `output` are out
static int written(lua_State *L) {
  connection *c = check(L);
  lua_Number n = luaL_checknumber(L, 2);
  if (!c->open || c->writing == 0) return 0;
  c->writing--;
  c->lua_queued -= n > 0 && n <= (lua_Number)c->lua_queued ? (size_t)n : c->lua_queued;
  c->activity = now_of(c);
  if (!c->feeding) after_output(c);
  return 0;
}

static int closed(lua_State *L) {
  connection *c = check(L);
  if (c->open && c->stream == NULL) gone(c);
  return 0;
}

static int env(lua_State *L) {
  connection *c = check(L);
  if (!c->own_env) {
    lua_createtable(L, 0, 2);
    lua_setfenv(L, 1);
    c->own_env = true;
  }
  lua_getfenv(L, 1);
  return 1;
}

// ---- servers

static int server_new(lua_State *L) {
  shared *sh = lua_touserdata(L, lua_upvalueindex(2));
  luaL_checkany(L, 1);
  server *s = lua_newuserdata(L, sizeof *s);
  memset(s, 0, sizeof *s);
  s->sh = sh;
  s->owner = LUA_NOREF;
  s->max_head = HTTP_MAX_HEAD;
  s->max_pairs = HTTP_MAX_PAIRS;
  s->high_water = 16384;
  s->keep_alive = 5000;
  s->headers_timeout = 60000;
  s->request_timeout = 300000;
  s->interval = 30000;
  luaL_getmetatable(L, SERVER_NAME);
  lua_setmetatable(L, -2);
  lua_createtable(L, 1, 0);
  lua_pushvalue(L, 1);
  lua_rawseti(L, -2, 1);
  lua_setfenv(L, -2);
  s->next = sh->servers;
  s->link = &sh->servers;
  if (s->next != NULL) s->next->link = &s->next;
  sh->servers = s;
  return 1;
}

static int server_gc(lua_State *L) {
  server *s = lua_touserdata(L, 1);
  if (s->link != NULL) {
    *s->link = s->next;
    if (s->next != NULL) s->next->link = s->link;
    s->link = NULL;
  }
  return 0;
}

// option(server, name, value)
static int server_option(lua_State *L) {
  static const char *const names[] = {"keepAliveTimeout", "headersTimeout", "requestTimeout", "connectionsCheckingInterval", "maxRequestsPerSocket",
                                      "highWaterMark",    "maxHeaderSize",  "maxHeaders",     "lenient",                     NULL};
  server *s = check_server(L);
  int which = luaL_checkoption(L, 2, NULL, names);
  lua_Number n = lua_isboolean(L, 3) ? lua_toboolean(L, 3) : luaL_checknumber(L, 3);
  if (!(n > 0)) n = 0;
  if (n > 1e15) n = 1e15;
  uint32_t small = n > 1073741824 ? 1073741824u : (uint32_t)n;
  switch (which) {
  case 0: s->keep_alive = n; break;
  case 1: s->headers_timeout = n; break;
  case 2: s->request_timeout = n; break;
  case 3: s->interval = n > 0 && n < 1 ? 1 : n; break;
  case 4: s->max_requests = n; break;
  case 5: s->high_water = n; break;
  case 6: s->max_head = small > 0 ? small : 1; break;
  case 7: s->max_pairs = small; break;
  default: s->lenient = n != 0; break;
  }
  return 0;
}

// connections(server, idle) -> list; idle: only those between requests
static int server_connections(lua_State *L) {
  server *s = check_server(L);
  bool idle = lua_toboolean(L, 2);
  int n = 0;
  lua_newtable(L);
  for (connection *c = s->connections; c != NULL; c = c->next) {
    if (c->self == LUA_NOREF || (idle && !(is_idle(c) && c->requests > 0 && queued(c) == 0))) continue;
    ref_push(L, c->self);
    lua_rawseti(L, -2, ++n);
  }
  return 1;
}

static int date_text(lua_State *L) {
  size_t n;
  const char *text = date(lua_touserdata(L, lua_upvalueindex(2)), &n);
  lua_pushlstring(L, text, n);
  return 1;
}

static int setup(lua_State *L) {
  shared *sh = lua_touserdata(L, lua_upvalueindex(2));
  luaL_checktype(L, 1, LUA_TTABLE);
  for (int i = 0; i < ON_COUNT; i++) {
    lua_getfield(L, 1, callback_names[i]);
    luaL_checktype(L, -1, LUA_TFUNCTION);
    ref_set(L, &sh->callbacks[i]);
  }
  return 0;
}

static int shared_gc(lua_State *L) {
  shared *sh = lua_touserdata(L, 1);
  for (int i = 0; i < 2; i++) http_bytes_free(&sh->spare[i]);
  free(sh->free);
  sh->free = NULL;
  sh->over = true;
  return 0;
}

void http_connection_open(lua_State *L) {
  static const luaL_Reg functions[] = {
      {"server", server_new}, {"option", server_option}, {"connections", server_connections}, {"attach", attach}, {"setup", setup},
      {"date", date_text}, {"writeHead", write_head}, {"write", write_body}, {"finish", finish}, {"raw", raw}, {"flushHead", flush_head},
      {"keep", keep}, {"track", track}, {"queued", queued_bytes}, {"pause", pause_body}, {"resume", resume_body}, {"isPaused", is_paused},
      {"dump", dump}, {"handle", handle_of}, {"over", is_over}, {"owner", owner_of}, {"requests", request_count}, {"activity", activity}, {"flush", flush},
      {"socketed", socketed}, {"close", close_connection}, {"halt", halt}, {"finishLast", finish_last}, {"detach", detach},
      {"current", current}, {"reject", reject},
      {"execute", execute}, {"ended", ended}, {"written", written}, {"closed", closed}, {"env", env}, {NULL, NULL}};
  runtime *rt = runtime_get(L);
  luaL_newmetatable(L, SERVER_NAME);
  lua_pushcfunction(L, server_gc);
  lua_setfield(L, -2, "__gc");
  lua_pop(L, 1);
  luaL_newmetatable(L, CONNECTION_NAME);
  lua_pushcfunction(L, connection_gc);
  lua_setfield(L, -2, "__gc");
  shared *sh = lua_newuserdata(L, sizeof *sh);
  memset(sh, 0, sizeof *sh);
  sh->rt = rt;
  sh->armed = NEVER;
  for (int i = 0; i < ON_COUNT; i++) sh->callbacks[i] = LUA_NOREF;
  CHECK(uv_timer_init(&rt->loop, &sh->timer) == 0);
  sh->timer.data = NULL; // the runtime's own, not a `handle`
  uv_unref((uv_handle_t *)&sh->timer);
  lua_createtable(L, 0, 1);
  lua_pushcfunction(L, shared_gc);
  lua_setfield(L, -2, "__gc");
  lua_setmetatable(L, -2);
  lua_pushvalue(L, -1);
  luaL_ref(L, LUA_REGISTRYINDEX);
  sh->ref_connection_mt = sh->ref_methods = LUA_NOREF;
  http_push_methods(L);
  ref_set(L, &sh->ref_methods);
  lua_pushvalue(L, -2);
  ref_set(L, &sh->ref_connection_mt);
  // stack: core.http, metatable, shared; both are upvalues of every function
  for (const luaL_Reg *f = functions; f->name != NULL; f++) {
    lua_pushvalue(L, -2);
    lua_pushvalue(L, -2);
    lua_pushcclosure(L, f->func, 2);
    lua_setfield(L, -4, f->name);
  }
  lua_pop(L, 2);
}

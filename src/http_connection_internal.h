// SPDX-License-Identifier: MIT
//
// What the three files behind http_connection.h share; for them only.
//   http_server.c      servers: their lists of connections, options, time limits
//   http_connection.c  a connection: requests read and handed to Lua, its life cycle
//   http_answer.c      answers: their order, heads and bodies, output until it is written
#ifndef LUNODE_HTTP_CONNECTION_INTERNAL_H
#define LUNODE_HTTP_CONNECTION_INTERNAL_H

#include <lauxlib.h>

#include "call.h"
#include "http_connection.h"
#include "ref.h"
#include "stream.h"

#define DIRECT ((size_t)16384)     // a piece this long is written at once, uncopied
#define BATCH ((size_t)65536)      // output of one read that is not let grow further
#define NEVER UINT64_MAX
#define IDLE_MARGIN 1000u          // ms that an idle connection is kept beyond the announced time: a request may be on its way

// The callbacks given to setup(); their names: http_server.c.
enum { ON_REQUEST, ON_BODY, ON_COMPLETE, ON_FINISHED, ON_DRAIN, ON_FAILED, ON_INPUT, ON_TIMEOUT, ON_WANTS_UPGRADE, ON_UPGRADE, ON_LAST, ON_OUTPUT, ON_RESUME, ON_CLOSE, ON_COUNT };

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
  bool head_only, http10, headed, chunked, last, has_body, finished, want_drain, sent, flushed;
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
  bool fed; // it has a stream, but Lua reads it
  bool open, feeding, stop, stalled, upgrading, detached, last, paused, dumping, socketed, input_ended, failed, windowed, own_env, closing;
} connection;

// ---- small things, inlined: every request passes through them

static inline connection *check(lua_State *L) {
  connection *c = lua_touserdata(L, 1);
  if (c != NULL && lua_getmetatable(L, 1)) {
    bool ours = lua_rawequal(L, -1, lua_upvalueindex(1));
    lua_pop(L, 1);
    if (ours) return c;
  }
  luaL_error(L, "HTTP connection expected, got %s", luaL_typename(L, 1));
  return NULL;
}

static inline uint64_t now_of(const connection *c) {
  return uv_now(&c->rt->loop);
}

static inline void out_of_memory(lua_State *L) {
  luaL_error(L, "out of memory: an HTTP message");
}

// Buffers go from connection to connection, so that idle ones hold none.
static inline void lend(shared *sh, http_bytes *b) {
  if (b->data != NULL) return;
  for (int i = 0; i < 2; i++) {
    if (sh->spare[i].data == NULL) continue;
    *b = sh->spare[i];
    sh->spare[i] = (http_bytes){0};
    return;
  }
}

static inline void give_back(shared *sh, http_bytes *b) {
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

// Pushes the callback and the owner; false when nothing may be called.
static inline bool begin(connection *c, int which, int slots) {
  shared *sh = c->sh;
  runtime *rt = sh->rt;
  if (sh->callbacks[which] == LUA_NOREF || c->server->owner == LUA_NOREF || !call_begin(rt, slots + 4)) return false;
  if (rt->shared.tracking != 0 && c->stream != NULL) handle_enter(&c->stream->h);
  lua_rawgeti(rt->L, LUA_REGISTRYINDEX, sh->callbacks[which]);
  lua_rawgeti(rt->L, LUA_REGISTRYINDEX, c->server->owner);
  return true;
}

static inline bool begin_conn(connection *c, int which, int slots) {
  if (c->self == LUA_NOREF || !begin(c, which, slots + 1)) return false;
  lua_rawgeti(c->rt->L, LUA_REGISTRYINDEX, c->self);
  return true;
}

// Ends it without draining the queues: whoever entered from libuv settles.
static inline void end(connection *c, int nargs) {
  runtime *rt = c->rt;
  call_value(rt, nargs);
  lua_pop(rt->L, 1);
}

static inline void drop_ref(connection *c, int *ref) {
  runtime *rt = c->rt;
  if (!rt->closing) ref_drop(rt->L, ref);
}

// Nothing is going on: an idle connection between requests.
static inline bool is_idle(const connection *c) {
  return c->front == NULL && !c->p.in_message && !c->due && c->rest.length == 0;
}

static inline size_t queued(const connection *c) {
  return c->committed + c->lua_queued + (c->stream != NULL ? c->stream->h.uv.stream.write_queue_size : 0);
}

static inline void mark(connection *c) {
  if (!c->flush.queued) runtime_defer(c->rt, &c->flush);
}

// ---- what the files have from each other; hidden, so that calls may still be inlined within a file

#pragma GCC visibility push(hidden)

extern const luaL_Reg server_functions[], connection_functions[], answer_functions[];
extern const stream_listener connection_listener, connection_fed_listener;

shared *server_open(lua_State *L); // pushes it
server *server_check(lua_State *L);
void server_arm(shared *sh, uint64_t when);

void connection_shut(connection *c);
void connection_go_on_reading(connection *c);

response *answer_new(connection *c);
void answer_add_done(connection *c, response *r);
void answer_free_all(connection *c);
void answer_flush_now(connection *c);
void answer_run_flush(deferred *d);

#pragma GCC visibility pop

#endif

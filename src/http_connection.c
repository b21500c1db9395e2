// SPDX-License-Identifier: MIT
//
// A connection: input parsed and handed to Lua, reading stopped and resumed, its beginning and end.
#include "http_connection_internal.h"

#include <string.h>

#include "buffer.h"
#include "http.h"

#define CONNECTION_NAME "lunode.http_connection"
#define MAX_PENDING 1024u          // answers due on one connection before its parsing stops

// ---- closing, and reading again

static void feed(connection *c, const char *bytes, size_t length);
static void unpin(connection *c);

static void close_stream(connection *c) {
  c->closing = true;
  if (c->stream != NULL) handle_close(&c->stream->h);
}

// Closes it, or has Lua do so where a Socket knows of the stream.
void connection_shut(connection *c) {
  if (c->closing) return;
  c->closing = c->stop = true;
  answer_flush_now(c);
  if ((c->socketed || c->stream == NULL) && begin_conn(c, ON_LAST, 0)) end(c, 2);
  else close_stream(c);
}

// More input is wanted, once reading was stopped.
static void read_on(connection *c) {
  if (c->stream != NULL && !c->fed) {
    if (!uv_is_closing(&c->stream->h.uv.handle)) stream_read_start(c->stream);
  } else if (begin_conn(c, ON_RESUME, 0)) {
    end(c, 2);
  }
}

static void read_no_more(connection *c) {
  if (c->stream != NULL && !c->fed) stream_read_stop(c->stream);
}

static bool stalled(connection *c) {
  return c->pending >= MAX_PENDING || (c->writing > 0 && queued(c) + c->held >= c->server->high_water) || c->held >= 16 * BATCH;
}

void connection_go_on_reading(connection *c) {
  if (!c->open || c->closing || c->last || c->detached || c->stop || c->feeding || stalled(c)) return;
  if (c->stalled) {
    c->stalled = false;
    http_bytes rest = c->rest;
    c->rest = (http_bytes){0};
    feed(c, rest.data, rest.length);
    http_bytes_free(&rest);
    if (!c->open || c->closing || c->stalled || c->detached) return;
  }
  if (!c->paused && !c->input_ended) read_on(c);
}

// ---- input

// What has been read already is parsed to its end, also when the program closes the connection meanwhile.
static int go_on(connection *c, int value) {
  return c->stop || c->detached || !c->open ? HPE_PAUSED : value;
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
  response *r = answer_new(c);
  if (r == NULL) {
    lua_pop(L, 3);
    c->stop = true;
    connection_shut(c);
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
  lua_rawgeti(L, -1, (int)http_parser_method(p) + 1);
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
      r = answer_new(c);
      if (r != NULL) {
        r->seq = seq;
        r->ref = luaL_ref(L, LUA_REGISTRYINDEX);
        answer_add_done(c, r);
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
      connection_shut(c);
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
  if (c->committed >= BATCH) answer_flush_now(c);
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
  http_push_method(rt->L, http_parser_method(p));
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
      if (!http_bytes_put(&c->rest, bytes + parsed, length - parsed)) connection_shut(c);
      read_no_more(c);
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
    answer_free_all(c);
    unpin(c);
  } else if (!c->stalled && c->stream != NULL && !c->stream->reading && !c->fed) {
    connection_go_on_reading(c);
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
  answer_free_all(c);
  unlink_connection(c);
  unpin(c);
}

static void on_stream_closed(stream *st) {
  connection *c = st->listener_data;
  runtime *rt = c->rt;
  gone(c);
  if (!rt->closing) call_settle(rt);
}

const stream_listener connection_listener = {on_read, on_stream_closed}, connection_fed_listener = {NULL, on_stream_closed};

// attach(server, handle | nil) -> conn. Reading begins with the next turn of the loop at the earliest.
static int attach(lua_State *L) {
  server *s = server_check(L);
  stream *st = lua_isnoneornil(L, 2) ? NULL : stream_check(L, 2);
  runtime *rt = s->sh->rt;
  lua_settop(L, 2);
  connection *c = lua_newuserdata(L, sizeof *c);
  memset(c, 0, sizeof *c);
  c->server = s;
  c->sh = s->sh;
  c->rt = rt;
  c->self = c->ref_request = LUA_NOREF;
  c->flush.run = answer_run_flush;
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
    server_arm(s->sh, s->next_check);
  }
  if (st != NULL) {
    stream_listen_to(st, &connection_listener, c);
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
  answer_free_all(c);
  return 0;
}

// ---- what Lua asks for

static int keep(lua_State *L) {
  connection *c = check(L);
  if (!c->open) return 0;
  lua_settop(L, 2);
  ref_set(L, &c->ref_request);
  return 0;
}

static int pause_body(lua_State *L) {
  connection *c = check(L);
  if (!c->open || c->closing) return 0;
  c->paused = true;
  read_no_more(c);
  return 0;
}

static int resume_body(lua_State *L) {
  connection *c = check(L);
  if (!c->open || !c->paused) return 0;
  c->paused = false;
  if (!c->feeding && !c->stalled) connection_go_on_reading(c);
  return 0;
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
  handle_push(L, &c->stream->h);
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

static int socketed(lua_State *L) {
  check(L)->socketed = true;
  return 0;
}

// The program closes the connection. As in Node answers that were finished have gone out by then, and what was written
// before this turn; a piece of one that has just been begun has not.
static void send_last(connection *c) {
  if (!c->feeding || c->front == NULL || !c->front->sent || c->front->flushed) answer_flush_now(c);
}

// closing(conn): its Socket is about to close the stream
static int closing(lua_State *L) {
  connection *c = check(L);
  if (c->open && c->stream != NULL) send_last(c);
  return 0;
}

// close(conn): at once. A Socket, if there is one, is Lua's to destroy.
static int close_connection(lua_State *L) {
  connection *c = check(L);
  if (!c->open) return 0;
  send_last(c);
  if (!c->feeding) c->stop = true;
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

// detach(conn) -> handle: from now on the connection has no part in it. Output that waits is written first.
static int detach(lua_State *L) {
  connection *c = check(L);
  stream *st = c->stream;
  if (!c->open) return 0;
  answer_flush_now(c);
  c->detached = true;
  c->open = false;
  if (!c->fed && st != NULL) stream_read_stop(st);
  c->stream = NULL;
  runtime_cancel(c->rt, &c->flush);
  if (st != NULL) {
    stream_listen_to(st, NULL, NULL);
    handle_push(L, &st->h);
  } else {
    lua_pushnil(L);
  }
  drop_ref(c, &c->ref_request);
  if (!c->feeding) answer_free_all(c);
  unlink_connection(c);
  unpin(c);
  return 1;
}

// handReads(conn): from now on its stream is read by Lua, which executes what comes
static int hand_reads(lua_State *L) {
  connection *c = check(L);
  if (!c->open || c->stream == NULL || c->fed) return 0;
  stream_read_stop(c->stream);
  c->fed = true;
  stream_listen_to(c->stream, &connection_fed_listener, c);
  return 0;
}

// execute(conn, bytes): input of a connection that is not read in C
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

const luaL_Reg connection_functions[] = {
    {"attach", attach}, {"keep", keep}, {"pause", pause_body}, {"resume", resume_body}, {"isPaused", is_paused}, {"dump", dump},
    {"handle", handle_of}, {"over", is_over}, {"owner", owner_of}, {"requests", request_count}, {"activity", activity}, {"socketed", socketed},
    {"close", close_connection}, {"halt", halt}, {"finishLast", finish_last}, {"detach", detach}, {"execute", execute}, {"ended", ended},
    {"closed", closed}, {"env", env}, {"handReads", hand_reads}, {"closing", closing}, {NULL, NULL}};

static void add_functions(lua_State *L, const luaL_Reg *f) {
  // stack: core.http, metatable, shared; both are upvalues of every function
  for (; f->name != NULL; f++) {
    lua_pushvalue(L, -2);
    lua_pushvalue(L, -2);
    lua_pushcclosure(L, f->func, 2);
    lua_setfield(L, -4, f->name);
  }
}

void http_connection_open(lua_State *L) {
  luaL_newmetatable(L, CONNECTION_NAME);
  lua_pushcfunction(L, connection_gc);
  lua_setfield(L, -2, "__gc");
  shared *sh = server_open(L);
  http_push_methods(L);
  ref_set(L, &sh->ref_methods);
  lua_pushvalue(L, -2);
  ref_set(L, &sh->ref_connection_mt);
  add_functions(L, server_functions);
  add_functions(L, connection_functions);
  add_functions(L, answer_functions);
  lua_pop(L, 2);
}

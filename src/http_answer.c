// SPDX-License-Identifier: MIT
//
// Answers: records in the order of the requests, their heads and bodies, and the output until it is written.
#include "http_connection_internal.h"

#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "buffer.h"
#include "http_head.h"

// ---- records

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
response *answer_new(connection *c) {
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

void answer_add_done(connection *c, response *r) {
  r->next = NULL;
  *c->done_tail = r;
  c->done_tail = &r->next;
}

void answer_free_all(connection *c) {
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

static void arm_idle(connection *c) {
  server *s = c->server;
  if (s->keep_alive > 0) server_arm(s->sh, c->activity + (uint64_t)s->keep_alive + IDLE_MARGIN);
}

// Takes finished answers off the front; the next one's bytes become output.
static void advance(connection *c) {
  while (c->front != NULL && c->front->finished) {
    response *r = c->front;
    c->front = r->next;
    if (c->front == NULL) c->back = NULL;
    c->pending--;
    if (r->last) c->last = true;
    if (r->ref != LUA_NOREF) answer_add_done(c, r);
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

static void on_written(stream *st, int status, void *arg);

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
  c->failed = true; // nobody gets them: their answers are not finished, they end with the connection
}

void answer_flush_now(connection *c) {
  if (c->committed > 0) put_out(c, NULL, 0, NULL, 0);
  if (c->out.length == 0) give_back(c->sh, &c->out);
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
    connection_shut(c);
    return;
  }
  if (c->stalled || (c->stream != NULL && !c->stream->reading && !c->fed)) connection_go_on_reading(c);
}

// Runs once the outermost callback has ended.
void answer_run_flush(deferred *d) {
  connection *c = (connection *)((char *)d - offsetof(connection, flush));
  if (!c->open) return;
  answer_flush_now(c);
  after_output(c);
}

static void on_written(stream *st, int status, void *arg) {
  (void)arg;
  if (st->listener != &connection_listener && st->listener != &connection_fed_listener) return; // detached meanwhile
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

// ---- heads

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
  http_head h = {.out = out, .unique = lua_istable(L, 10) ? 10 : 0, .checked = (options & CHECKED) != 0, .sized = length >= 0};
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

// ---- bodies

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
  if (r != NULL) {
    commit(c, r);
    r->flushed = true;
  }
  return 0;
}

// ---- the rest that Lua asks of answers

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
      if (r == NULL && (r = answer_new(c)) != NULL) {
        r->seq = seq;
        r->ref = luaL_ref(L, LUA_REGISTRYINDEX);
        answer_add_done(c, r);
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

// outputSize(conn, seq) -> bytes of an answer that waits for others
static int output_size(lua_State *L) {
  connection *c = check(L);
  response *r = c->open ? find(c, L, 2) : NULL;
  lua_pushnumber(L, r != NULL && r != c->front ? (lua_Number)r->out.length : 0);
  return 1;
}

// unsent(conn) -> bytes of all answers that the stream has not been given
static int unsent(lua_State *L) {
  connection *c = check(L);
  lua_pushnumber(L, c->open ? (lua_Number)(c->out.length + c->held) : 0);
  return 1;
}

// current(conn) -> res of the answer that is due next, if it is known
static int current(lua_State *L) {
  connection *c = check(L);
  if (!c->open || c->front == NULL) return 0;
  ref_push(L, c->front->ref);
  return 1;
}

static int flush(lua_State *L) {
  connection *c = check(L);
  if (!c->open) return 0;
  answer_flush_now(c);
  if (c->done != NULL || c->last) mark(c);
  return 0;
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
  answer_flush_now(c);
  return 0;
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

static int date_text(lua_State *L) {
  size_t n;
  const char *text = date(lua_touserdata(L, lua_upvalueindex(2)), &n);
  lua_pushlstring(L, text, n);
  return 1;
}

const luaL_Reg answer_functions[] = {
    {"date", date_text}, {"writeHead", write_head}, {"write", write_body}, {"finish", finish}, {"raw", raw}, {"flushHead", flush_head},
    {"track", track}, {"queued", queued_bytes}, {"outputSize", output_size}, {"unsent", unsent}, {"flush", flush}, {"current", current}, {"reject", reject}, {"written", written}, {NULL, NULL}};

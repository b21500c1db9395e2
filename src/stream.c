// SPDX-License-Identifier: MIT
#include "stream.h"

#include <fcntl.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#include "areas.h"
#include "buffer.h"
#include "call.h"
#include "error.h"
#include "ref.h"

#define KEEP_MIN ((size_t)16384) // bytes from which a pending write holds the Lua value instead of a copy

// ---- reading

static bool listens(const stream *s) {
  return s->listener != NULL && s->listener->read != NULL;
}

static void on_alloc(uv_handle_t *uv, size_t suggested, uv_buf_t *buf) {
  (void)suggested;
  stream *s = uv->data;
  runtime *rt = s->h.rt;
  if (s->into != NULL && !listens(s)) {
    *buf = uv_buf_init((char *)s->into->data, (unsigned)s->into->length);
    return;
  }
  if (rt->reading == NULL) rt->reading = block_for_reading(rt, rt->L);
  *buf = rt->reading == NULL ? uv_buf_init(NULL, 0) : uv_buf_init((char *)rt->reading->data, BUFFER_READ_SIZE);
}

// What goes at once, without waiting: bytes written, or an error (UV_EAGAIN among them). On a TCP socket with one buffer
// by send(2), which costs the kernel less than write(2) does by way of the file layer.
static int try_write(stream *s, const uv_buf_t *bufs, unsigned count) {
  uv_stream_t *uv = &s->h.uv.stream;
  uv_os_fd_t fd;
  if (count != 1 || uv->type != UV_TCP || s->connecting || uv->write_queue_size != 0 || uv_fileno(&s->h.uv.handle, &fd) != 0)
    return uv_try_write(uv, bufs, count);
  ssize_t n;
  do n = send(fd, bufs->base, bufs->len, MSG_DONTWAIT | MSG_NOSIGNAL);
  while (n < 0 && errno == EINTR);
  if (n >= 0) return (int)n;
  return errno == EAGAIN || errno == EWOULDBLOCK || errno == ENOBUFS ? UV_EAGAIN : -errno;
}

// The bytes that the target took; the rest is Lua's.
static size_t forward(stream *s, const char *bytes, size_t length) {
  stream *to = s->forward;
  if (to == NULL || s->forward_run != s->h.rt->lua_runs || length >= s->forward_below || s->into != NULL) return 0;
  if (!to->h.opened || to->h.rt == NULL || uv_is_closing(&to->h.uv.handle) || to->shutting || to->connecting) return 0;
  uv_buf_t buf = uv_buf_init((char *)bytes, (unsigned)length);
  int n = try_write(to, &buf, 1);
  if (n <= 0) return 0; // Lua will meet the error too
  to->bytes_written += (uint64_t)n;
  return (size_t)n;
}

static void on_read(uv_stream_t *uv, ssize_t nread, const uv_buf_t *buf) {
  stream *s = uv->data;
  runtime *rt = s->h.rt;
  if (nread == 0) return; // EAGAIN
  if (nread > 0) s->bytes_read += (uint64_t)nread;
  else s->reading = false;
  if (listens(s)) {
    s->listener->read(s, nread, buf->base);
    return;
  }
  size_t gone = nread > 0 ? forward(s, buf->base, (size_t)nread) : 0;
  if (nread > 0 && gone == (size_t)nread) return;
  if (nread < 0) uv_read_stop(uv);
  if (!handle_begin(&s->h, "onread", 3)) return;
  lua_State *L = rt->L;
  lua_pushinteger(L, (lua_Integer)nread - (lua_Integer)gone);
  if (nread <= 0 || s->into != NULL) lua_pushnil(L);
  else if (gone > 0) buffer_push_copy(L, rt, buf->base + gone, (size_t)nread - gone);
  else buffer_push_read(L, rt, &rt->reading, (size_t)nread);
  uint64_t run = rt->lua_runs;
  call_value(rt, handle_args(2));
  bool quiet = lua_toboolean(L, -1) && rt->lua_runs == run + 1;
  lua_pop(L, 1);
  if (quiet) rt->lua_runs = run; // what others were told holds on
  call_settle(rt);
}

int stream_read_start(stream *s) {
  if (s->reading) return 0;
  int err = uv_read_start(&s->h.uv.stream, on_alloc, on_read);
  s->reading = err == 0;
  return err;
}

void stream_read_stop(stream *s) {
  s->reading = false;
  uv_read_stop(&s->h.uv.stream);
}

int stream_check_fd(int fd) {
  uv_handle_type type = uv_guess_handle(fd);
  if (type == UV_NAMED_PIPE || type == UV_TCP || type == UV_TTY) return 0;
  return fcntl(fd, F_GETFD) < 0 ? UV_EBADF : UV_EINVAL;
}

void stream_listen_to(stream *s, const stream_listener *listener, void *data) {
  s->listener = listener;
  s->listener_data = data;
}

void stream_closed(handle *h) {
  stream *s = (stream *)h;
  const stream_listener *listener = s->listener;
  if (listener != NULL && listener->closed != NULL) listener->closed(s);
  s->listener = NULL;
}

// ---- writing

typedef struct write_req {
  uv_write_t uv;
  stream *s;
  stream_write_cb done;
  void *arg;
  int kept;    // ref of the Lua value whose bytes are being written
  char rest[]; // or a copy of them
} write_req;

static void on_write(uv_write_t *uv, int status) {
  write_req *w = uv->data;
  runtime *rt = w->s->h.rt;
  if (!rt->closing) ref_drop(rt->L, &w->kept);
  if (w->done != NULL) w->done(w->s, status, w->arg);
  free(w);
}

// Takes off what was written; the index of the first buf that is left.
static unsigned skip_written(uv_buf_t *bufs, unsigned count, size_t written) {
  unsigned i = 0;
  while (i < count && written >= bufs[i].len) written -= bufs[i++].len;
  if (i < count) {
    bufs[i].base += written;
    bufs[i].len -= written;
  }
  return i;
}

// When `value` is not 0 it is the index on L of what the bytes belong to, and `bufs` may be changed.
static int write_or_keep(stream *s, uv_buf_t *bufs, unsigned count, stream_write_cb done, void *arg, lua_State *L, int value) {
  size_t total = 0;
  for (unsigned i = 0; i < count; i++) {
    if (bufs[i].len > SIZE_MAX / 2 - total) return UV_EINVAL;
    total += bufs[i].len;
  }
  int n = try_write(s, bufs, count);
  if (n < 0 && n != UV_EAGAIN) return n;
  size_t written = n > 0 ? (size_t)n : 0;
  if (written == total) {
    s->bytes_written += total;
    return 0;
  }
  bool keep = value != 0 && total - written >= KEEP_MIN;
  write_req *w = malloc(sizeof *w + (keep ? 0 : total - written));
  if (w == NULL) return UV_ENOMEM;
  w->uv.data = w;
  w->s = s;
  w->done = done;
  w->arg = arg;
  w->kept = LUA_NOREF;
  int err;
  if (keep) {
    lua_pushvalue(L, value);
    ref_set(L, &w->kept);
    unsigned first = skip_written(bufs, count, written);
    err = uv_write(&w->uv, &s->h.uv.stream, bufs + first, count - first, on_write);
  } else {
    char *to = w->rest;
    size_t left = written;
    for (unsigned i = 0; i < count; i++) {
      size_t skip = left < bufs[i].len ? left : bufs[i].len;
      left -= skip;
      if (bufs[i].len != skip) memcpy(to, bufs[i].base + skip, bufs[i].len - skip);
      to += bufs[i].len - skip;
    }
    uv_buf_t rest = uv_buf_init(w->rest, (unsigned)(to - w->rest));
    err = uv_write(&w->uv, &s->h.uv.stream, &rest, 1, on_write);
  }
  if (err != 0) {
    if (keep) ref_drop(L, &w->kept);
    free(w);
    return err;
  }
  s->bytes_written += total;
  return 1;
}

int stream_write(stream *s, const uv_buf_t *bufs, unsigned count, stream_write_cb done, void *arg) {
  return write_or_keep(s, (uv_buf_t *)bufs, count, done, arg, NULL, 0);
}

static void lua_written(stream *s, int status, void *arg) {
  (void)arg;
  if (!handle_begin(&s->h, "onwrite", 1)) return;
  lua_pushinteger(s->h.rt->L, status);
  call_end(s->h.rt, handle_args(1));
}

stream *stream_check(lua_State *L, int index) {
  return (stream *)handle_check_base(L, index, stream_methods, false);
}

// What is written to a handle that somebody has closed fails as it would in the kernel.
static stream *check_writable(lua_State *L) {
  stream *s = (stream *)handle_check_base(L, 1, stream_methods, true);
  return handle_is_closing(&s->h) ? NULL : s;
}

static int method_write(lua_State *L) {
  stream *s = check_writable(L);
  if (s == NULL) {
    lua_pushinteger(L, UV_EBADF);
    return 1;
  }
  size_t length;
  const char *bytes = buffer_check_bytes(L, 2, &length);
  if (length > UINT32_MAX) return luaL_error(L, "chunk too large");
  uv_buf_t buf = uv_buf_init((char *)bytes, (unsigned)length);
  lua_pushinteger(L, length == 0 ? 0 : write_or_keep(s, &buf, 1, lua_written, NULL, L, 2));
  return 1;
}

static int method_writev(lua_State *L) {
  stream *s = check_writable(L);
  if (s == NULL) {
    lua_pushinteger(L, UV_EBADF);
    return 1;
  }
  luaL_checktype(L, 2, LUA_TTABLE);
  size_t count = lua_objlen(L, 2);
  if (count > INT32_MAX / sizeof(uv_buf_t)) return luaL_error(L, "too many chunks");
  uv_buf_t *bufs = lua_newuserdata(L, count * sizeof *bufs + 1);
  for (size_t i = 0; i < count; i++) {
    lua_rawgeti(L, 2, (int)i + 1);
    size_t length;
    const char *bytes = buffer_check_bytes(L, -1, &length); // the table keeps it
    if (length > UINT32_MAX) return luaL_error(L, "chunk too large");
    bufs[i] = uv_buf_init((char *)bytes, (unsigned)length);
    lua_pop(L, 1);
  }
  lua_pushinteger(L, count == 0 ? 0 : write_or_keep(s, bufs, (unsigned)count, lua_written, NULL, L, 2));
  return 1;
}

static void on_shutdown(uv_shutdown_t *req, int status) {
  stream *s = req->data;
  s->shutting = false;
  if (!handle_begin(&s->h, "onshutdown", 1)) return;
  lua_pushinteger(s->h.rt->L, status);
  call_end(s->h.rt, handle_args(1));
}

static int method_shutdown(lua_State *L) {
  stream *s = stream_check(L, 1);
  int err = s->shutting ? UV_EALREADY : 0;
  if (err == 0) {
    s->shutdown.data = s;
    err = uv_shutdown(&s->shutdown, &s->h.uv.stream, on_shutdown);
    s->shutting = err == 0;
  }
  lua_pushinteger(L, err);
  return 1;
}

// ---- connecting and listening

void stream_on_connect(uv_connect_t *req, int status) {
  stream *s = req->data;
  s->connecting = false;
  if (!handle_begin(&s->h, "onconnect", 1)) return;
  lua_pushinteger(s->h.rt->L, status);
  call_end(s->h.rt, handle_args(1));
}

static void on_connection(uv_stream_t *uv, int status) {
  stream *server = uv->data;
  lua_State *L = server->h.rt->L;
  if (!handle_begin(&server->h, "onconnection", 6)) return;
  lua_pushinteger(L, status);
  if (status == 0) {
    handle *client = handle_new(L, server->h.type);
    int err = uv->type == UV_TCP ? uv_tcp_init(uv->loop, &client->uv.tcp) : uv_pipe_init(uv->loop, &client->uv.pipe, 0);
    if (err == 0) {
      handle_opened(client);
      err = uv_accept(uv, &client->uv.stream);
      if (err != 0) handle_close(client);
    } else {
      handle_abandon(L, client);
    }
    if (err != 0) {
      lua_pop(L, 2);
      lua_pushinteger(L, err);
      lua_pushnil(L);
    }
  } else {
    lua_pushnil(L);
  }
  call_end(server->h.rt, handle_args(2));
}

static int method_listen(lua_State *L) {
  stream *s = stream_check(L, 1);
  lua_pushinteger(L, uv_listen(&s->h.uv.stream, (int)luaL_checkinteger(L, 2), on_connection));
  return 1;
}

// ---- the rest

static int method_read_start(lua_State *L) {
  lua_pushinteger(L, stream_read_start(stream_check(L, 1)));
  return 1;
}

static int method_read_stop(lua_State *L) {
  stream_read_stop(stream_check(L, 1));
  lua_pushinteger(L, 0);
  return 1;
}

static int method_forward(lua_State *L) {
  stream *s = stream_check(L, 1), *to = stream_check(L, 2);
  s->forward_below = (size_t)luaL_checkinteger(L, 3);
  s->forward_run = s->h.rt->lua_runs - 1; // that of onread, which is running and will be quiet
  if (s->forward == to) return 0;
  s->forward = NULL;
  lua_settop(L, 2);
  lua_getfenv(L, 1);
  lua_pushvalue(L, 2);
  lua_setfield(L, -2, "forward_target");
  s->forward = to;
  return 0;
}

static int method_use_buffer(lua_State *L) {
  stream *s = stream_check(L, 1);
  buffer *into = lua_isnoneornil(L, 2) ? NULL : buffer_test(L, 2);
  if (into == NULL && !lua_isnoneornil(L, 2)) return luaL_error(L, "Buffer expected, got %s", luaL_typename(L, 2));
  if (into != NULL && into->length == 0) return luaL_error(L, "an empty Buffer cannot be read into");
  lua_settop(L, 2);
  lua_getfenv(L, 1);
  lua_pushvalue(L, 2);
  lua_setfield(L, -2, "into");
  s->into = into;
  return 0;
}

static int method_write_queue_size(lua_State *L) {
  handle *h = handle_check_base(L, 1, stream_methods, true);
  lua_pushnumber(L, h->opened && !h->closed ? (lua_Number)h->uv.stream.write_queue_size : 0);
  return 1;
}

static int method_bytes_read(lua_State *L) {
  lua_pushnumber(L, (lua_Number)((stream *)handle_check_base(L, 1, stream_methods, true))->bytes_read);
  return 1;
}

static int method_bytes_written(lua_State *L) {
  lua_pushnumber(L, (lua_Number)((stream *)handle_check_base(L, 1, stream_methods, true))->bytes_written);
  return 1;
}

static int method_set_blocking(lua_State *L) {
  stream *s = stream_check(L, 1);
  lua_pushinteger(L, uv_stream_set_blocking(&s->h.uv.stream, lua_toboolean(L, 2)));
  return 1;
}

const luaL_Reg stream_methods[] = {{"readStart", method_read_start},
                                   {"readStop", method_read_stop},
                                   {"useBuffer", method_use_buffer},
                                   {"forward", method_forward},
                                   {"write", method_write},
                                   {"writev", method_writev},
                                   {"shutdown", method_shutdown},
                                   {"listen", method_listen},
                                   {"writeQueueSize", method_write_queue_size},
                                   {"bytesRead", method_bytes_read},
                                   {"bytesWritten", method_bytes_written},
                                   {"setBlocking", method_set_blocking},
                                   {NULL, NULL}};

// recycle(buffer): a Buffer that the caller knows nobody else to hold, fresh from onread, gives its block back for the
// next read at once, and is empty from then on. Others are left alone.
static int stream_recycle(lua_State *L) {
  buffer *u = buffer_test(L, 1);
  if (u == NULL || u->block == NULL || u->block->refs != 1 || u->block->size != BUFFER_READ_SIZE) return 0;
  block *b = u->block;
  runtime *rt = b->rt;
  u->block = NULL;
  u->data = NULL;
  u->length = 0;
  if (rt->external_debt >= b->size) rt->external_debt -= b->size; // the collector need not work for it
  block_unref(b);
  return 0;
}

void stream_open(lua_State *L) {
  lua_newtable(L);
  luaL_register(L, NULL, stream_methods);
  lua_pushcfunction(L, stream_recycle);
  lua_setfield(L, -2, "recycle");
}

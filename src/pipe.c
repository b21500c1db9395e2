// SPDX-License-Identifier: MIT
//
// core.pipe: Unix sockets and pipes. A path may begin with "\0": Linux's abstract names.
//   new() -> handle or nil, code
//   handle:bind(path) open(fd) -> status        bind makes the file, which closing the handle removes
//   handle:connect(path) -> status              0: onconnect(owner, status) follows; 1: connected already
//   handle:chmod(mode) -> status                mode: "r", "w", "rw" for all users, besides the owner
//   handle:getsockname() getpeername() -> path or nil, code
#include <errno.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "areas.h"
#include "stream.h"

static const luaL_Reg pipe_methods[];
static const handle_type pipe_type = {"lunode.pipe", sizeof(stream), stream_closed, pipe_methods, stream_methods};

static stream *pipe_check(lua_State *L) {
  return (stream *)handle_check(L, 1, &pipe_type);
}

handle *pipe_make(lua_State *L, int *err) {
  handle *h = handle_new(L, &pipe_type);
  *err = uv_pipe_init(&h->rt->loop, &h->uv.pipe, 0);
  if (*err == 0) {
    handle_opened(h);
    return h;
  }
  handle_abandon(L, h);
  lua_pop(L, 1);
  return NULL;
}

static int pipe_new(lua_State *L) {
  int err;
  if (pipe_make(L, &err) != NULL) return 1;
  lua_pushnil(L);
  lua_pushinteger(L, err);
  return 2;
}

// libuv cuts long paths short, so the length is checked here. A name with a NUL inside is no path.
static int check_path(const char *path, size_t length) {
  if (length == 0) return UV_EINVAL;
  if (length > sizeof((struct sockaddr_un *)0)->sun_path - (path[0] != 0)) return UV_ENAMETOOLONG;
  if (path[0] != 0 && strlen(path) != length) return UV_EINVAL;
  return 0;
}

// libuv 1.44 cannot express an abstract name: the descriptor is made here and given to it.
static int open_abstract(stream *s, const char *name, size_t length, int (*use)(int, const struct sockaddr *, socklen_t)) {
  struct sockaddr_un address = {.sun_family = AF_UNIX};
  memcpy(address.sun_path, name, length);
  int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
  if (fd < 0) return uv_translate_sys_error(errno);
  int err;
  do {
    err = use(fd, (struct sockaddr *)&address, (socklen_t)(offsetof(struct sockaddr_un, sun_path) + length)) != 0 ? errno : 0;
  } while (err == EINTR);
  if (err != 0) err = uv_translate_sys_error(err);
  if (err == 0) err = uv_pipe_open(&s->h.uv.pipe, fd);
  if (err != 0) close(fd);
  return err;
}

static int method_bind(lua_State *L) {
  stream *s = pipe_check(L);
  size_t length;
  const char *path = luaL_checklstring(L, 2, &length);
  int err = check_path(path, length);
  if (err == 0) err = path[0] == 0 ? open_abstract(s, path, length, bind) : uv_pipe_bind(&s->h.uv.pipe, path);
  lua_pushinteger(L, err);
  return 1;
}

static int method_connect(lua_State *L) {
  stream *s = pipe_check(L);
  size_t length;
  const char *path = luaL_checklstring(L, 2, &length);
  int err = check_path(path, length);
  if (err == 0 && s->connecting) err = UV_EALREADY;
  if (err == 0 && path[0] == 0) {
    err = open_abstract(s, path, length, connect);
    if (err == 0) err = 1;
  } else if (err == 0) {
    s->connect.data = s;
    uv_pipe_connect(&s->connect, &s->h.uv.pipe, path, stream_on_connect); // failures come by the callback
    s->connecting = true;
  }
  lua_pushinteger(L, err);
  return 1;
}

static int method_open(lua_State *L) {
  stream *s = pipe_check(L);
  int fd = (int)luaL_checkinteger(L, 2), err = stream_check_fd(fd);
  lua_pushinteger(L, err != 0 ? err : uv_pipe_open(&s->h.uv.pipe, fd));
  return 1;
}

static int method_chmod(lua_State *L) {
  stream *s = pipe_check(L);
  const char *mode = luaL_checkstring(L, 2);
  int flags = (strchr(mode, 'r') != NULL ? UV_READABLE : 0) | (strchr(mode, 'w') != NULL ? UV_WRITABLE : 0);
  lua_pushinteger(L, uv_pipe_chmod(&s->h.uv.pipe, flags));
  return 1;
}

static int push_name(lua_State *L, int (*get)(const uv_pipe_t *, char *, size_t *)) {
  stream *s = pipe_check(L);
  char name[sizeof(struct sockaddr_un) + 1];
  size_t size = sizeof name;
  int err = get(&s->h.uv.pipe, name, &size);
  if (err == 0) {
    lua_pushlstring(L, name, size);
    return 1;
  }
  lua_pushnil(L);
  lua_pushinteger(L, err);
  return 2;
}

static int method_getsockname(lua_State *L) {
  return push_name(L, uv_pipe_getsockname);
}

static int method_getpeername(lua_State *L) {
  return push_name(L, uv_pipe_getpeername);
}

static const luaL_Reg pipe_methods[] = {{"bind", method_bind},
                                        {"connect", method_connect},
                                        {"open", method_open},
                                        {"chmod", method_chmod},
                                        {"getsockname", method_getsockname},
                                        {"getpeername", method_getpeername},
                                        {NULL, NULL}};

void pipe_open(lua_State *L) {
  handle_register(L, &pipe_type);
  lua_newtable(L);
  lua_pushcfunction(L, pipe_new);
  lua_setfield(L, -2, "new");
}

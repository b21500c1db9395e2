// SPDX-License-Identifier: MIT
//
// core.tty: terminals, and what the standard streams need of descriptors.
//   new(fd) -> handle or nil, code; handle:setMode(raw) -> status; handle:getWindowSize() -> columns, rows or nil, code
//   isatty(fd) -> boolean
//   guess(fd) -> "TCP" "PIPE" "TTY" "FILE" "UDP" "UNKNOWN"
//   writeSync(fd, bytes) -> status: all of it, waiting where the descriptor does not take it at once. The
//     descriptor's flags are left alone: it may be shared with other processes.
#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "areas.h"
#include "buffer.h"
#include "stream.h"

static const luaL_Reg tty_methods[];
static const handle_type tty_type = {"lunode.tty", sizeof(stream), stream_closed, tty_methods, stream_methods};

static stream *tty_check(lua_State *L) {
  return (stream *)handle_check(L, 1, &tty_type);
}

static int tty_new(lua_State *L) {
  lua_Integer fd = luaL_checkinteger(L, 1);
  handle *h = handle_new(L, &tty_type);
  int err = uv_tty_init(&h->rt->loop, &h->uv.tty, (uv_file)fd, 0);
  if (err != 0) {
    handle_abandon(L, h);
    lua_pushnil(L);
    lua_pushinteger(L, err);
    return 2;
  }
  handle_opened(h);
  return 1;
}

static void reset_mode(void) {
  uv_tty_reset_mode();
}

static int method_set_mode(lua_State *L) {
  static bool registered; // a terminal must not stay raw when the program is over
  stream *s = tty_check(L);
  if (!registered) registered = atexit(reset_mode) == 0;
  lua_pushinteger(L, uv_tty_set_mode(&s->h.uv.tty, lua_toboolean(L, 2) ? UV_TTY_MODE_RAW : UV_TTY_MODE_NORMAL));
  return 1;
}

static int method_get_window_size(lua_State *L) {
  int width, height;
  int err = uv_tty_get_winsize(&tty_check(L)->h.uv.tty, &width, &height);
  if (err != 0) {
    lua_pushnil(L);
    lua_pushinteger(L, err);
    return 2;
  }
  lua_pushinteger(L, width);
  lua_pushinteger(L, height);
  return 2;
}

static const luaL_Reg tty_methods[] = {{"setMode", method_set_mode}, {"getWindowSize", method_get_window_size}, {NULL, NULL}};

static int tty_isatty(lua_State *L) {
  lua_pushboolean(L, uv_guess_handle((uv_file)luaL_checkinteger(L, 1)) == UV_TTY);
  return 1;
}

static int guess(lua_State *L) {
  const char *name;
  switch (uv_guess_handle((uv_file)luaL_checkinteger(L, 1))) {
    case UV_TCP: name = "TCP"; break;
    case UV_NAMED_PIPE: name = "PIPE"; break;
    case UV_TTY: name = "TTY"; break;
    case UV_FILE: name = "FILE"; break;
    case UV_UDP: name = "UDP"; break;
    default: name = "UNKNOWN";
  }
  lua_pushstring(L, name);
  return 1;
}

static int write_sync(lua_State *L) {
  int fd = (int)luaL_checkinteger(L, 1);
  size_t left;
  const char *bytes = buffer_check_bytes(L, 2, &left);
  int err = 0;
  if (fd == STDOUT_FILENO) fflush(stdout); // what Lua's print and io.write hold back comes first
  while (left > 0 && err == 0) {
    ssize_t n = write(fd, bytes, left);
    if (n >= 0) {
      bytes += n;
      left -= (size_t)n;
    } else if (errno == EAGAIN || errno == EWOULDBLOCK) {
      struct pollfd wait = {.fd = fd, .events = POLLOUT};
      if (poll(&wait, 1, -1) < 0 && errno != EINTR) err = errno;
    } else if (errno != EINTR) {
      err = errno;
    }
  }
  lua_pushinteger(L, err == 0 ? 0 : uv_translate_sys_error(err));
  return 1;
}

void tty_open(lua_State *L) {
  static const luaL_Reg functions[] = {{"new", tty_new}, {"isatty", tty_isatty}, {"guess", guess}, {"writeSync", write_sync}, {NULL, NULL}};
  handle_register(L, &tty_type);
  lua_newtable(L);
  luaL_register(L, NULL, functions);
}

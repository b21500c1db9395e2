// SPDX-License-Identifier: MIT
//
// core.tcp: TCP handles. Addresses are numeric text ("127.0.0.1", "::1", "fe80::1%eth0"); names are Lua's business.
//   new() -> handle or nil, code
//   handle:bind(address, port, ipv6Only) connect(address, port) open(fd) setNoDelay(on) setKeepAlive(on, seconds) reset() -> status
//   handle:getsockname() getpeername() -> address, port, family | nil, code
//   onconnect(owner, status)
#include <string.h>

#include "areas.h"
#include "stream.h"

static const luaL_Reg tcp_methods[];
static const handle_type tcp_type = {"lunode.tcp", sizeof(stream), stream_closed, tcp_methods, stream_methods};

static stream *tcp_check(lua_State *L) {
  return (stream *)handle_check(L, 1, &tcp_type);
}

handle *tcp_make(lua_State *L, int *err) {
  handle *h = handle_new(L, &tcp_type);
  *err = uv_tcp_init(&h->rt->loop, &h->uv.tcp);
  if (*err == 0) {
    handle_opened(h);
    return h;
  }
  handle_abandon(L, h);
  lua_pop(L, 1);
  return NULL;
}

static int tcp_new(lua_State *L) {
  int err;
  if (tcp_make(L, &err) != NULL) return 1;
  lua_pushnil(L);
  lua_pushinteger(L, err);
  return 2;
}

static int parse_address(lua_State *L, int index, struct sockaddr_storage *out) {
  const char *text = luaL_checkstring(L, index);
  lua_Integer port = luaL_checkinteger(L, index + 1);
  if (port < 0 || port > 65535) return UV_EINVAL;
  memset(out, 0, sizeof *out);
  if (strchr(text, ':') != NULL) return uv_ip6_addr(text, (int)port, (struct sockaddr_in6 *)out);
  return uv_ip4_addr(text, (int)port, (struct sockaddr_in *)out);
}

static int method_bind(lua_State *L) {
  stream *s = tcp_check(L);
  struct sockaddr_storage address;
  int err = parse_address(L, 2, &address);
  unsigned flags = lua_toboolean(L, 4) ? UV_TCP_IPV6ONLY : 0;
  if (err == 0) err = uv_tcp_bind(&s->h.uv.tcp, (struct sockaddr *)&address, flags);
  lua_pushinteger(L, err);
  return 1;
}

static int method_connect(lua_State *L) {
  stream *s = tcp_check(L);
  struct sockaddr_storage address;
  int err = parse_address(L, 2, &address);
  if (err == 0 && s->connecting) err = UV_EALREADY;
  if (err == 0) {
    s->connect.data = s;
    err = uv_tcp_connect(&s->connect, &s->h.uv.tcp, (struct sockaddr *)&address, stream_on_connect);
    s->connecting = err == 0;
  }
  lua_pushinteger(L, err);
  return 1;
}

static int method_open(lua_State *L) {
  stream *s = tcp_check(L);
  int fd = (int)luaL_checkinteger(L, 2), err = stream_check_fd(fd);
  lua_pushinteger(L, err != 0 ? err : uv_tcp_open(&s->h.uv.tcp, fd));
  return 1;
}

static int method_no_delay(lua_State *L) {
  lua_pushinteger(L, uv_tcp_nodelay(&tcp_check(L)->h.uv.tcp, lua_toboolean(L, 2)));
  return 1;
}

static int method_keep_alive(lua_State *L) {
  stream *s = tcp_check(L);
  lua_pushinteger(L, uv_tcp_keepalive(&s->h.uv.tcp, lua_toboolean(L, 2), (unsigned)luaL_optinteger(L, 3, 0)));
  return 1;
}

// Closes with RST in place of FIN.
static int method_reset(lua_State *L) {
  stream *s = tcp_check(L);
  lua_pushinteger(L, handle_close_reset(&s->h));
  return 1;
}

static int push_address(lua_State *L, int err, const struct sockaddr_storage *address) {
  char text[INET6_ADDRSTRLEN + UV_IF_NAMESIZE + 1];
  uint16_t port = 0;
  const char *family = "IPv4";
  if (err == 0 && address->ss_family == AF_INET6) {
    const struct sockaddr_in6 *in6 = (const struct sockaddr_in6 *)address;
    port = in6->sin6_port;
    family = "IPv6";
    err = uv_ip6_name(in6, text, sizeof text);
    if (err == 0 && in6->sin6_scope_id != 0) {
      size_t at = strlen(text), room = sizeof text - at - 1;
      text[at] = '%';
      if (uv_if_indextoiid(in6->sin6_scope_id, text + at + 1, &room) != 0) text[at] = 0;
    }
  } else if (err == 0) {
    const struct sockaddr_in *in = (const struct sockaddr_in *)address;
    port = in->sin_port;
    err = uv_ip4_name(in, text, sizeof text);
  }
  if (err != 0) {
    lua_pushnil(L);
    lua_pushinteger(L, err);
    return 2;
  }
  lua_pushstring(L, text);
  lua_pushinteger(L, ntohs(port));
  lua_pushstring(L, family);
  return 3;
}

static int method_getsockname(lua_State *L) {
  struct sockaddr_storage address;
  int length = sizeof address;
  int err = uv_tcp_getsockname(&tcp_check(L)->h.uv.tcp, (struct sockaddr *)&address, &length);
  return push_address(L, err, &address);
}

static int method_getpeername(lua_State *L) {
  struct sockaddr_storage address;
  int length = sizeof address;
  int err = uv_tcp_getpeername(&tcp_check(L)->h.uv.tcp, (struct sockaddr *)&address, &length);
  return push_address(L, err, &address);
}

static const luaL_Reg tcp_methods[] = {{"bind", method_bind},
                                       {"connect", method_connect},
                                       {"open", method_open},
                                       {"setNoDelay", method_no_delay},
                                       {"setKeepAlive", method_keep_alive},
                                       {"reset", method_reset},
                                       {"getsockname", method_getsockname},
                                       {"getpeername", method_getpeername},
                                       {NULL, NULL}};

void tcp_open(lua_State *L) {
  handle_register(L, &tcp_type);
  lua_newtable(L);
  lua_pushcfunction(L, tcp_new);
  lua_setfield(L, -2, "new");
}

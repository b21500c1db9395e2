// SPDX-License-Identifier: MIT
//
// core.dns: names and addresses, by the system's resolver (a thread of libuv's pool).
//   getaddrinfo(host, family, hints, fn) -> status    family 0, 4, 6; later fn(status, {address, …}) in the resolver's order
//   getnameinfo(address, port, fn) -> status          later fn(status, host, service)
//   parse(text) -> 4 or 16 bytes, or nil; a zone ("%eth0") is checked and left out
//   format(bytes) -> text                             the canonical form of RFC 5952
//   AI_ADDRCONFIG, AI_ALL, AI_V4MAPPED
#include <netdb.h>
#include <stdlib.h>
#include <string.h>

#include "areas.h"
#include "call.h"
#include "ref.h"

typedef struct dns_request {
  union {
    uv_getaddrinfo_t addrinfo;
    uv_getnameinfo_t nameinfo;
  } uv;
  runtime *rt;
  int callback;
} dns_request;

// The function is at `index`.
static dns_request *request_new(lua_State *L, int index) {
  luaL_checktype(L, index, LUA_TFUNCTION);
  dns_request *r = malloc(sizeof *r);
  if (r == NULL) luaL_error(L, "out of memory");
  r->rt = runtime_get(L);
  r->callback = LUA_NOREF;
  lua_pushvalue(L, index);
  ref_set(L, &r->callback);
  return r;
}

static void request_free(lua_State *L, dns_request *r) {
  ref_drop(L, &r->callback);
  free(r);
}

// Pushes the callback and gives the request up; false when teardown has begun.
static bool request_begin(dns_request *r) {
  runtime *rt = r->rt;
  if (!call_begin(rt, 6)) {
    free(r);
    return false;
  }
  ref_push(rt->L, r->callback);
  request_free(rt->L, r);
  return true;
}

static int request_started(lua_State *L, dns_request *r, int err) {
  if (err != 0) request_free(L, r);
  lua_pushinteger(L, err);
  return 1;
}

static void on_addrinfo(uv_getaddrinfo_t *uv, int status, struct addrinfo *list) {
  dns_request *r = (dns_request *)uv;
  runtime *rt = r->rt;
  if (request_begin(r)) {
    lua_State *L = rt->L;
    int n = 0;
    lua_pushinteger(L, status);
    lua_newtable(L);
    for (struct addrinfo *a = status == 0 ? list : NULL; a != NULL; a = a->ai_next) {
      char text[INET6_ADDRSTRLEN];
      const void *bytes = a->ai_family == AF_INET6 ? (void *)&((struct sockaddr_in6 *)a->ai_addr)->sin6_addr
                                                   : (void *)&((struct sockaddr_in *)a->ai_addr)->sin_addr;
      if (a->ai_family != AF_INET && a->ai_family != AF_INET6) continue;
      if (uv_inet_ntop(a->ai_family, bytes, text, sizeof text) != 0) continue;
      lua_pushstring(L, text);
      lua_rawseti(L, -2, ++n);
    }
    call_end(rt, 2);
  }
  uv_freeaddrinfo(list);
}

static int dns_getaddrinfo(lua_State *L) {
  size_t length;
  const char *host = luaL_checklstring(L, 1, &length);
  lua_Integer family = luaL_checkinteger(L, 2);
  struct addrinfo hints = {.ai_family = family == 4 ? AF_INET : family == 6 ? AF_INET6 : AF_UNSPEC,
                           .ai_socktype = SOCK_STREAM,
                           .ai_flags = (int)luaL_checkinteger(L, 3)};
  luaL_checktype(L, 4, LUA_TFUNCTION);
  if (strlen(host) != length) {
    lua_pushinteger(L, UV_EINVAL);
    return 1;
  }
  dns_request *r = request_new(L, 4);
  return request_started(L, r, uv_getaddrinfo(&r->rt->loop, &r->uv.addrinfo, on_addrinfo, host, NULL, &hints));
}

static void on_nameinfo(uv_getnameinfo_t *uv, int status, const char *host, const char *service) {
  dns_request *r = (dns_request *)uv;
  runtime *rt = r->rt;
  if (!call_begin(rt, 6)) {
    free(r);
    return;
  }
  lua_State *L = rt->L;
  ref_push(L, r->callback);
  lua_pushinteger(L, status);
  lua_pushstring(L, status == 0 ? host : NULL); // both are part of the request
  lua_pushstring(L, status == 0 ? service : NULL);
  request_free(L, r);
  call_end(rt, 3);
}

static int dns_getnameinfo(lua_State *L) {
  const char *text = luaL_checkstring(L, 1);
  int port = (int)luaL_checkinteger(L, 2);
  luaL_checktype(L, 3, LUA_TFUNCTION);
  struct sockaddr_storage address;
  memset(&address, 0, sizeof address);
  int err = strchr(text, ':') != NULL ? uv_ip6_addr(text, port, (struct sockaddr_in6 *)&address)
                                      : uv_ip4_addr(text, port, (struct sockaddr_in *)&address);
  if (err != 0) {
    lua_pushinteger(L, err);
    return 1;
  }
  dns_request *r = request_new(L, 3);
  return request_started(L, r, uv_getnameinfo(&r->rt->loop, &r->uv.nameinfo, on_nameinfo, (struct sockaddr *)&address, NI_NAMEREQD));
}

// The characters that Node allows in a zone.
static bool zone_ok(const char *zone, size_t length) {
  if (length == 0) return false;
  for (size_t i = 0; i < length; i++) {
    char c = zone[i], lower = c | 0x20;
    if (!((c >= '0' && c <= '9') || (lower >= 'a' && lower <= 'z') || c == '-' || c == '.' || c == ':')) return false;
  }
  return true;
}

static int dns_parse(lua_State *L) {
  size_t length;
  const char *text = luaL_checklstring(L, 1, &length);
  unsigned char bytes[16];
  if (strlen(text) != length) return 0;
  const char *zone = strchr(text, '%');
  if (zone != NULL && !zone_ok(zone + 1, length - (size_t)(zone + 1 - text))) return 0;
  if (zone == NULL && uv_inet_pton(AF_INET, text, bytes) == 0) {
    lua_pushlstring(L, (char *)bytes, 4);
    return 1;
  }
  char address[INET6_ADDRSTRLEN];
  size_t used = zone != NULL ? (size_t)(zone - text) : length;
  if (used >= sizeof address) return 0;
  memcpy(address, text, used);
  address[used] = 0;
  if (uv_inet_pton(AF_INET6, address, bytes) != 0) return 0;
  lua_pushlstring(L, (char *)bytes, 16);
  return 1;
}

static int dns_format(lua_State *L) {
  size_t length;
  const char *bytes = luaL_checklstring(L, 1, &length);
  char text[INET6_ADDRSTRLEN];
  if (length != 4 && length != 16) return luaL_error(L, "4 or 16 bytes expected");
  if (uv_inet_ntop(length == 4 ? AF_INET : AF_INET6, bytes, text, sizeof text) != 0) return 0;
  lua_pushstring(L, text);
  return 1;
}

void dns_open(lua_State *L) {
  static const luaL_Reg functions[] = {{"getaddrinfo", dns_getaddrinfo}, {"getnameinfo", dns_getnameinfo},
                                       {"parse", dns_parse},             {"format", dns_format},
                                       {NULL, NULL}};
  lua_newtable(L);
  luaL_register(L, NULL, functions);
  lua_pushinteger(L, AI_ADDRCONFIG);
  lua_setfield(L, -2, "AI_ADDRCONFIG");
  lua_pushinteger(L, AI_ALL);
  lua_setfield(L, -2, "AI_ALL");
  lua_pushinteger(L, AI_V4MAPPED);
  lua_setfield(L, -2, "AI_V4MAPPED");
}

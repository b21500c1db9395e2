// SPDX-License-Identifier: MIT
//
// core.udp: datagram sockets. Addresses are numeric text ("127.0.0.1", "::1", "fe80::1%eth0"); names are Lua's business.
// Functions that end in 6 take IPv6 addresses only, those without IPv4 only; any other text is UV_EINVAL.
//   new() -> handle or nil, code
//   handle:bind(address, port, flags) bind6(…) connect(address, port) connect6(…) disconnect() open(fd) -> status
//   handle:send(data, port, address, offset, length) send6(…) -> sent or status, or true, or nil
//       data: a string, a Buffer or a list of them, which makes one datagram; offset and length (of a string or Buffer,
//       within it) may be left out; port nil: to where the socket is connected.
//       0 or more: the bytes that went at once. true: pending; onsend(owner, status) follows, in the order of sending, also
//       with UV_ECANCELED when the handle is closed first. The bytes were copied. nil: the address is a name.
//   handle:recvStart() recvStop() -> status
//       onmessage(owner, nread, buffer, address, port, family)   a datagram: nread is its size, family "IPv4" or "IPv6"
//       onmessage(owner, status)                                 status < 0: an error; receiving goes on
//   handle:addMembership(group, interface or nil) dropMembership(…) -> status
//   handle:addSourceMembership(source, group, interface or nil) dropSourceMembership(…) -> status
//   handle:setMulticastInterface(address) setMulticastLoopback(on) setMulticastTTL(n) setTTL(n) setBroadcast(on) -> status
//   handle:recvBufferSize(size or nil) sendBufferSize(…) -> bytes or status     without a size: what it is
//   handle:getsockname() getpeername() -> address, port, family | nil, code
//   handle:sendQueueSize() -> bytes   sendQueueCount() -> datagrams
// core.udp holds the same functions, to be called as udp.send(handle, …), and the flags REUSEADDR and IPV6ONLY of bind.
#include "udp.h"

#include <stdlib.h>
#include <string.h>

#include "areas.h"
#include "buffer.h"
#include "call.h"
#include "ref.h"

#define DATAGRAM_MAX ((size_t)65535) // bytes; more than the kernel takes in one
#define IOV_MAX_COUNT 1024           // parts of one sendmsg
#define REQ_BYTES ((size_t)1472)     // a pending datagram up to this size fits into a request that is used again
#define REQ_SPARE 64

typedef struct send_req {
  uv_udp_send_t uv;
  struct udp *u;
  struct send_req *next; // in u->spare
  size_t room;
  char bytes[];
} send_req;

#define ADDRESS_TEXT (INET6_ADDRSTRLEN + UV_IF_NAMESIZE + 1)

typedef struct udp {
  handle h;
  send_req *spare;
  int spare_count;
  // The last sender and the last receiver, and their text: most datagrams come from where the one before came from.
  struct sockaddr_storage from, to;
  char from_text[ADDRESS_TEXT], to_text[ADDRESS_TEXT];
  size_t from_length; // of the text; 0: none yet
  // Whether to ask the kernel for another datagram after the first one of a wake-up (see on_alloc).
  unsigned taken;   // datagrams of this wake-up
  unsigned singles; // wake-ups in a row that brought one
  bool enough;      // libuv has been told to stop asking
} udp;

static const luaL_Reg udp_methods[];
static void udp_closed(handle *h);
static const handle_type udp_type = {"lunode.udp", sizeof(udp), udp_closed, udp_methods, NULL};

static udp *udp_check(lua_State *L) {
  return (udp *)handle_check(L, 1, &udp_type);
}

handle *udp_make(lua_State *L, int *err) {
  handle *h = handle_new(L, &udp_type);
  *err = uv_udp_init(&h->rt->loop, &h->uv.udp);
  if (*err == 0) {
    handle_opened(h);
    return h;
  }
  handle_abandon(L, h);
  lua_pop(L, 1);
  return NULL;
}

static int udp_new(lua_State *L) {
  int err;
  if (udp_make(L, &err) != NULL) return 1;
  lua_pushnil(L);
  lua_pushinteger(L, err);
  return 2;
}

static int push_status(lua_State *L, int status) {
  lua_pushinteger(L, status);
  return 1;
}

// ---- addresses

static int parse_address(const char *text, lua_Integer port, bool six, struct sockaddr_storage *out) {
  if (port < 0 || port > 65535) return UV_EINVAL;
  memset(out, 0, sizeof *out);
  if (six) return uv_ip6_addr(text, (int)port, (struct sockaddr_in6 *)out);
  return uv_ip4_addr(text, (int)port, (struct sockaddr_in *)out);
}

static bool is_numeric(const char *text) {
  struct sockaddr_in in;
  struct sockaddr_in6 in6;
  return uv_ip4_addr(text, 0, &in) == 0 || uv_ip6_addr(text, 0, &in6) == 0;
}

// The text of an address; its length, or an error.
static int format_address(const struct sockaddr *address, char text[ADDRESS_TEXT]) {
  if (address->sa_family != AF_INET6) {
    int err = uv_ip4_name((const struct sockaddr_in *)address, text, ADDRESS_TEXT);
    return err != 0 ? err : (int)strlen(text);
  }
  const struct sockaddr_in6 *in6 = (const struct sockaddr_in6 *)address;
  int err = uv_ip6_name(in6, text, ADDRESS_TEXT);
  if (err != 0) return err;
  size_t at = strlen(text);
  if (in6->sin6_scope_id != 0) {
    size_t room = ADDRESS_TEXT - at - 1;
    if (uv_if_indextoiid(in6->sin6_scope_id, text + at + 1, &room) == 0) {
      text[at] = '%';
      at += 1 + room;
    }
  }
  return (int)at;
}

static int port_of(const struct sockaddr *address) {
  return ntohs(address->sa_family == AF_INET6 ? ((const struct sockaddr_in6 *)address)->sin6_port : ((const struct sockaddr_in *)address)->sin_port);
}

static int push_name(lua_State *L, int (*get)(const uv_udp_t *, struct sockaddr *, int *)) {
  udp *u = udp_check(L);
  struct sockaddr_storage address;
  char text[ADDRESS_TEXT];
  int length = sizeof address;
  int err = get(&u->h.uv.udp, (struct sockaddr *)&address, &length);
  if (err == 0) err = format_address((struct sockaddr *)&address, text);
  if (err < 0) {
    lua_pushnil(L);
    lua_pushinteger(L, err);
    return 2;
  }
  lua_pushlstring(L, text, (size_t)err);
  lua_pushinteger(L, port_of((struct sockaddr *)&address));
  lua_pushstring(L, address.ss_family == AF_INET6 ? "IPv6" : "IPv4");
  return 3;
}

static int method_getsockname(lua_State *L) {
  return push_name(L, uv_udp_getsockname);
}

static int method_getpeername(lua_State *L) {
  return push_name(L, uv_udp_getpeername);
}

// ---- binding and connecting

static int bind_to(lua_State *L, bool six) {
  udp *u = udp_check(L);
  struct sockaddr_storage address;
  int err = parse_address(luaL_checkstring(L, 2), luaL_checkinteger(L, 3), six, &address);
  unsigned flags = (unsigned)luaL_optinteger(L, 4, 0) & (UV_UDP_REUSEADDR | UV_UDP_IPV6ONLY);
  if (err == 0) err = uv_udp_bind(&u->h.uv.udp, (struct sockaddr *)&address, flags);
  return push_status(L, err);
}

static int method_bind(lua_State *L) {
  return bind_to(L, false);
}

static int method_bind6(lua_State *L) {
  return bind_to(L, true);
}

static int method_open(lua_State *L) {
  udp *u = udp_check(L);
  return push_status(L, uv_udp_open(&u->h.uv.udp, (uv_os_sock_t)luaL_checkinteger(L, 2)));
}

static int connect_to(lua_State *L, bool six) {
  udp *u = udp_check(L);
  struct sockaddr_storage address;
  int err = parse_address(luaL_checkstring(L, 2), luaL_checkinteger(L, 3), six, &address);
  if (err == 0) err = uv_udp_connect(&u->h.uv.udp, (struct sockaddr *)&address);
  return push_status(L, err);
}

static int method_connect(lua_State *L) {
  return connect_to(L, false);
}

static int method_connect6(lua_State *L) {
  return connect_to(L, true);
}

static int method_disconnect(lua_State *L) {
  return push_status(L, uv_udp_connect(&udp_check(L)->h.uv.udp, NULL));
}

// ---- sending

static void release_req(udp *u, send_req *r) {
  if (r->room != REQ_BYTES || u->spare_count >= REQ_SPARE) {
    free(r);
    return;
  }
  r->next = u->spare;
  u->spare = r;
  u->spare_count++;
}

static send_req *take_req(udp *u, size_t length) {
  send_req *r = length <= REQ_BYTES ? u->spare : NULL;
  if (r != NULL) {
    u->spare = r->next;
    u->spare_count--;
    return r;
  }
  size_t room = length <= REQ_BYTES ? REQ_BYTES : length;
  r = malloc(sizeof *r + room);
  if (r != NULL) r->room = room;
  return r;
}

static void on_send(uv_udp_send_t *req, int status) {
  send_req *r = req->data;
  udp *u = r->u;
  release_req(u, r);
  if (!handle_begin(&u->h, "onsend", 1)) return;
  lua_pushinteger(u->h.rt->L, status);
  call_end(u->h.rt, handle_args(1));
}

static void gather(char *to, const uv_buf_t *bufs, unsigned count) {
  for (unsigned i = 0; i < count; i++) {
    if (bufs[i].len != 0) memcpy(to, bufs[i].base, bufs[i].len);
    to += bufs[i].len;
  }
}

// -> the bytes sent, an error, or 1 in *pending. `address` NULL: to where the socket is connected.
static int send_or_keep(udp *u, const uv_buf_t *bufs, unsigned count, const struct sockaddr *address, bool *pending) {
  size_t total = 0;
  for (unsigned i = 0; i < count; i++) {
    if (bufs[i].len > DATAGRAM_MAX - total) return UV_EMSGSIZE;
    total += bufs[i].len;
  }
  uv_udp_t *uv = &u->h.uv.udp;
  send_req *r = NULL;
  uv_buf_t one;
  if (count > IOV_MAX_COUNT) {
    r = take_req(u, total);
    if (r == NULL) return UV_ENOMEM;
    gather(r->bytes, bufs, count);
    one = uv_buf_init(r->bytes, (unsigned)total);
    bufs = &one;
    count = 1;
  }
  int n = uv_udp_try_send(uv, bufs, count, address);
  if (n == UV_EAGAIN) {
    if (r == NULL) {
      r = take_req(u, total);
      if (r == NULL) return UV_ENOMEM;
      gather(r->bytes, bufs, count);
    }
    r->uv.data = r;
    r->u = u;
    one = uv_buf_init(r->bytes, (unsigned)total);
    n = uv_udp_send(&r->uv, uv, &one, 1, address, on_send);
    if (n == 0) {
      *pending = true;
      return 0;
    }
  }
  if (r != NULL) release_req(u, r);
  return n;
}

// The parts of a list; the table keeps them. Raises when one is neither string nor Buffer.
static uv_buf_t *check_list(lua_State *L, int index, unsigned *count) {
  size_t n = lua_objlen(L, index);
  if (n > INT32_MAX / sizeof(uv_buf_t)) luaL_error(L, "too many chunks");
  uv_buf_t *bufs = lua_newuserdata(L, n * sizeof *bufs + sizeof *bufs);
  bufs[0] = uv_buf_init("", 0);
  for (size_t i = 0; i < n; i++) {
    lua_rawgeti(L, index, (int)i + 1);
    size_t length;
    const char *bytes = buffer_check_bytes(L, -1, &length);
    bufs[i] = uv_buf_init((char *)bytes, length > UINT32_MAX ? UINT32_MAX : (unsigned)length);
    lua_pop(L, 1);
  }
  *count = n == 0 ? 1 : (unsigned)n;
  return bufs;
}

static int send_to(lua_State *L, bool six) {
  udp *u = udp_check(L);
  uv_buf_t single, *bufs = &single;
  unsigned count = 1;
  if (lua_type(L, 2) == LUA_TTABLE) {
    lua_settop(L, 4);
    bufs = check_list(L, 2, &count);
  } else {
    size_t length, offset = 0;
    const char *bytes = buffer_check_bytes(L, 2, &length);
    if (!lua_isnoneornil(L, 5)) {
      lua_Number from = luaL_checknumber(L, 5), size = luaL_checknumber(L, 6);
      if (!(from >= 0 && size >= 0 && from + size <= (lua_Number)length)) return luaL_error(L, "outside of the data");
      offset = (size_t)from;
      length = (size_t)size;
    }
    single = uv_buf_init((char *)bytes + offset, length > UINT32_MAX ? UINT32_MAX : (unsigned)length);
  }
  const struct sockaddr *address = NULL;
  if (!lua_isnoneornil(L, 3)) {
    lua_Integer port = luaL_checkinteger(L, 3);
    size_t length;
    const char *text = luaL_checklstring(L, 4, &length);
    struct sockaddr *to = (struct sockaddr *)&u->to;
    if (strlen(text) != length) return 0; // a NUL inside: no address
    bool known = length > 0 && length < ADDRESS_TEXT && memcmp(text, u->to_text, length + 1) == 0 && port >= 0 && port <= 65535 && to->sa_family == (six ? AF_INET6 : AF_INET);
    if (known) {
      if (six) ((struct sockaddr_in6 *)to)->sin6_port = htons((uint16_t)port);
      else ((struct sockaddr_in *)to)->sin_port = htons((uint16_t)port);
    } else {
      u->to_text[0] = 0;
      to->sa_family = AF_UNSPEC;
      int err = parse_address(text, port, six, &u->to);
      if (err != 0) {
        to->sa_family = AF_UNSPEC;
        if (port >= 0 && port <= 65535 && !is_numeric(text)) return 0;
        return push_status(L, err);
      }
      // The number behind an interface's name may change.
      if (length < ADDRESS_TEXT && strchr(text, '%') == NULL) memcpy(u->to_text, text, length + 1);
    }
    address = to;
  }
  bool pending = false;
  int n = send_or_keep(u, bufs, count, address, &pending);
  if (pending) lua_pushboolean(L, 1);
  else lua_pushinteger(L, n);
  return 1;
}

static int method_send(lua_State *L) {
  return send_to(L, false);
}

static int method_send6(lua_State *L) {
  return send_to(L, true);
}

// ---- receiving

#define UV_ROUND 32      // datagrams that libuv takes in one wake-up
#define SINGLES_SURE 8   // after so many wake-ups with one datagram the next is expected to bring one too
#define SINGLES_PROBE 16 // every so many of them that is checked

// All sockets receive into the block that streams read into; what came is copied out of it, but for large datagrams.
// libuv reads until the kernel says that there is no more, which costs a question and an answer such as DNS makes half of
// its time to receive. Where datagrams come one by one it is given no room for the second, and so returns to the loop,
// which will find the descriptor readable if there was one after all.
static void on_alloc(uv_handle_t *uv, size_t suggested, uv_buf_t *buf) {
  (void)suggested;
  udp *u = uv->data;
  runtime *rt = u->h.rt;
  if (u->taken == 1 && u->singles >= SINGLES_SURE && u->singles % SINGLES_PROBE != 0) {
    u->enough = true;
    *buf = uv_buf_init(NULL, 0);
    return;
  }
  if (rt->reading == NULL) rt->reading = block_for_reading(rt, rt->L);
  *buf = rt->reading == NULL ? uv_buf_init(NULL, 0) : uv_buf_init((char *)rt->reading->data, BUFFER_READ_SIZE);
}

static bool same_host(const struct sockaddr *a, const struct sockaddr *b) {
  if (a->sa_family != b->sa_family) return false;
  if (a->sa_family == AF_INET) return ((const struct sockaddr_in *)a)->sin_addr.s_addr == ((const struct sockaddr_in *)b)->sin_addr.s_addr;
  const struct sockaddr_in6 *a6 = (const struct sockaddr_in6 *)a, *b6 = (const struct sockaddr_in6 *)b;
  return a6->sin6_scope_id == 0 && b6->sin6_scope_id == 0 && memcmp(&a6->sin6_addr, &b6->sin6_addr, sizeof a6->sin6_addr) == 0;
}

static void push_sender(lua_State *L, udp *u, const struct sockaddr *address) {
  if (u->from_length == 0 || !same_host(address, (struct sockaddr *)&u->from)) {
    size_t size = address->sa_family == AF_INET6 ? sizeof(struct sockaddr_in6) : sizeof(struct sockaddr_in);
    memcpy(&u->from, address, size);
    int length = format_address(address, u->from_text);
    u->from_length = length < 0 ? 0 : (size_t)length;
  }
  lua_pushlstring(L, u->from_text, u->from_length);
  lua_pushinteger(L, port_of(address));
  if (address->sa_family == AF_INET6) lua_pushliteral(L, "IPv6");
  else lua_pushliteral(L, "IPv4");
}

static void on_receive(uv_udp_t *uv, ssize_t nread, const uv_buf_t *buf, const struct sockaddr *address, unsigned flags) {
  (void)flags;
  udp *u = uv->data;
  runtime *rt = u->h.rt;
  if (address == NULL) { // the end of this wake-up
    bool stopped = u->enough;
    u->singles = u->taken == 1 ? u->singles + 1 : 0;
    u->taken = 0;
    u->enough = false;
    if (nread == 0 || stopped) return;
  } else if (++u->taken == UV_ROUND) {
    u->taken = u->singles = 0;
  }
  if (!handle_begin(&u->h, "onmessage", 5)) return;
  lua_State *L = rt->L;
  lua_pushinteger(L, (lua_Integer)nread);
  if (nread < 0) {
    call_end(rt, handle_args(1));
    return;
  }
  // A window on the whole block only where it is mostly full: datagrams may be kept long.
  if ((size_t)nread < BUFFER_READ_SIZE / 2) buffer_push_copy(L, rt, buf->base, (size_t)nread);
  else buffer_push_read(L, rt, &rt->reading, (size_t)nread);
  push_sender(L, u, address);
  call_end(rt, handle_args(5));
}

static int method_recv_start(lua_State *L) {
  udp *u = udp_check(L);
  int err = uv_udp_recv_start(&u->h.uv.udp, on_alloc, on_receive);
  return push_status(L, err == UV_EALREADY ? 0 : err);
}

static int method_recv_stop(lua_State *L) {
  return push_status(L, uv_udp_recv_stop(&udp_check(L)->h.uv.udp));
}

// ---- options

static int membership(lua_State *L, uv_membership change) {
  udp *u = udp_check(L);
  const char *group = luaL_checkstring(L, 2), *interface = luaL_optstring(L, 3, NULL);
  return push_status(L, uv_udp_set_membership(&u->h.uv.udp, group, interface, change));
}

static int method_add_membership(lua_State *L) {
  return membership(L, UV_JOIN_GROUP);
}

static int method_drop_membership(lua_State *L) {
  return membership(L, UV_LEAVE_GROUP);
}

static int source_membership(lua_State *L, uv_membership change) {
  udp *u = udp_check(L);
  const char *source = luaL_checkstring(L, 2), *group = luaL_checkstring(L, 3), *interface = luaL_optstring(L, 4, NULL);
  return push_status(L, uv_udp_set_source_membership(&u->h.uv.udp, group, interface, source, change));
}

static int method_add_source_membership(lua_State *L) {
  return source_membership(L, UV_JOIN_GROUP);
}

static int method_drop_source_membership(lua_State *L) {
  return source_membership(L, UV_LEAVE_GROUP);
}

static int method_set_multicast_interface(lua_State *L) {
  udp *u = udp_check(L);
  return push_status(L, uv_udp_set_multicast_interface(&u->h.uv.udp, luaL_checkstring(L, 2)));
}

static int method_set_multicast_loopback(lua_State *L) {
  return push_status(L, uv_udp_set_multicast_loop(&udp_check(L)->h.uv.udp, lua_toboolean(L, 2)));
}

// A number that fits an int, or one that every option refuses.
static int small_number(lua_State *L, int index) {
  lua_Number n = luaL_checknumber(L, index);
  return n >= -65536 && n <= 65536 ? (int)n : -65536;
}

static int method_set_multicast_ttl(lua_State *L) {
  udp *u = udp_check(L);
  return push_status(L, uv_udp_set_multicast_ttl(&u->h.uv.udp, small_number(L, 2)));
}

static int method_set_ttl(lua_State *L) {
  udp *u = udp_check(L);
  return push_status(L, uv_udp_set_ttl(&u->h.uv.udp, small_number(L, 2)));
}

static int method_set_broadcast(lua_State *L) {
  return push_status(L, uv_udp_set_broadcast(&udp_check(L)->h.uv.udp, lua_toboolean(L, 2)));
}

static int buffer_size(lua_State *L, int (*call)(uv_handle_t *, int *)) {
  udp *u = udp_check(L);
  int value = 0;
  if (!lua_isnoneornil(L, 2)) {
    lua_Number n = luaL_checknumber(L, 2);
    if (!(n >= 0 && n <= INT32_MAX)) return push_status(L, UV_EINVAL);
    value = (int)n;
  }
  int err = call(&u->h.uv.handle, &value);
  return push_status(L, err != 0 ? err : value);
}

static int method_recv_buffer_size(lua_State *L) {
  return buffer_size(L, uv_recv_buffer_size);
}

static int method_send_buffer_size(lua_State *L) {
  return buffer_size(L, uv_send_buffer_size);
}

static int method_send_queue_size(lua_State *L) {
  lua_pushnumber(L, (lua_Number)uv_udp_get_send_queue_size(&udp_check(L)->h.uv.udp));
  return 1;
}

static int method_send_queue_count(lua_State *L) {
  lua_pushnumber(L, (lua_Number)uv_udp_get_send_queue_count(&udp_check(L)->h.uv.udp));
  return 1;
}

// ---- closing

static void udp_closed(handle *h) {
  udp *u = (udp *)h;
  while (u->spare != NULL) {
    send_req *r = u->spare;
    u->spare = r->next;
    free(r);
  }
  u->spare_count = 0;
}

static const luaL_Reg udp_methods[] = {{"bind", method_bind},
                                       {"bind6", method_bind6},
                                       {"open", method_open},
                                       {"connect", method_connect},
                                       {"connect6", method_connect6},
                                       {"disconnect", method_disconnect},
                                       {"send", method_send},
                                       {"send6", method_send6},
                                       {"recvStart", method_recv_start},
                                       {"recvStop", method_recv_stop},
                                       {"addMembership", method_add_membership},
                                       {"dropMembership", method_drop_membership},
                                       {"addSourceMembership", method_add_source_membership},
                                       {"dropSourceMembership", method_drop_source_membership},
                                       {"setMulticastInterface", method_set_multicast_interface},
                                       {"setMulticastLoopback", method_set_multicast_loopback},
                                       {"setMulticastTTL", method_set_multicast_ttl},
                                       {"setTTL", method_set_ttl},
                                       {"setBroadcast", method_set_broadcast},
                                       {"recvBufferSize", method_recv_buffer_size},
                                       {"sendBufferSize", method_send_buffer_size},
                                       {"getsockname", method_getsockname},
                                       {"getpeername", method_getpeername},
                                       {"sendQueueSize", method_send_queue_size},
                                       {"sendQueueCount", method_send_queue_count},
                                       {NULL, NULL}};

void udp_open(lua_State *L) {
  handle_register(L, &udp_type);
  lua_newtable(L);
  luaL_register(L, NULL, udp_methods);
  lua_pushcfunction(L, udp_new);
  lua_setfield(L, -2, "new");
  lua_pushinteger(L, UV_UDP_REUSEADDR);
  lua_setfield(L, -2, "REUSEADDR");
  lua_pushinteger(L, UV_UDP_IPV6ONLY);
  lua_setfield(L, -2, "IPV6ONLY");
}

// SPDX-License-Identifier: MIT
//
// core.resolver: queries to name servers, by c-ares.
//   new(timeout, tries) -> handle or nil, status     timeout in ms of the first try, tries: -1 for c-ares's own
//     handle.onanswer(owner, id, status, bytes)      status: 0 or c-ares's; bytes: the message for parse, nil when there is none
//     handle:query(id, name, type)                   type: the record type's number (RFC 1035 and later)
//     handle:reverse(id, address)                    4 or 16 bytes; the answer is a list of names in place of bytes
//     handle:cancel()                                what is under way is answered with ECANCELLED
//     handle:setServers({{bytes, port}, …}) -> status   while nothing is under way
//     handle:getServers() -> {{bytes, port}, …}
//     handle:setLocalAddress(bytes4 or nil, bytes6 or nil)
//   parse(bytes, type) -> list of records or nil, status   type 255: of all kinds that are known. A record is a table with type,
//                                                    ttl, and its parts as Node names them.
//   name(status) -> "ENOTFOUND"                      message(status) -> c-ares's text
//
// Answers are never given from inside of a call to c-ares: a callback may cancel, set servers or close. An idle resolver has no
// socket open and does not keep the loop alive.
#include <ares.h>
#include <arpa/inet.h>
#include <arpa/nameser.h>
#include <netdb.h>
#include <stdlib.h>
#include <string.h>

#include "areas.h"
#include "call.h"
#include "handle.h"

#define QUERY_MAX_TTL 0x7fffffffu
#define TYPE_CAA 257

struct resolver;

typedef struct query {
  struct query *next; // in resolver->answered
  struct resolver *r;
  double id;
  int status;
  size_t length;
  unsigned char *bytes; // the message, or the names of reverse, each ended by NUL
  bool names;
} query;

typedef struct resolver { // its uv handle is the timer
  handle h;
  ares_channel channel;
  bool usable;
  int under_way; // queries that are not delivered
  query *answered, **answered_tail;
  struct watch *watches;
} resolver;

typedef struct watch { // a socket of c-ares
  handle h;            // uv.poll
  resolver *r;         // NULL: c-ares has closed it
  ares_socket_t fd;
  struct watch *next, **link;
} watch;

static const luaL_Reg resolver_methods[];
static void resolver_closed(handle *h);
static void watch_closed(handle *h);
static const handle_type resolver_type = {"lunode.resolver", sizeof(resolver), resolver_closed, resolver_methods, NULL};
static const handle_type watch_type = {"lunode.resolver.socket", sizeof(watch), watch_closed, NULL, NULL};

static resolver *resolver_check(lua_State *L) {
  return (resolver *)handle_check(L, 1, &resolver_type);
}

// ---- time

static void on_timer(uv_timer_t *uv);

// The timer runs while anything is under way: until c-ares's next deadline, or at once when answers wait.
static void set_timer(resolver *r) {
  uv_timer_t *timer = &r->h.uv.timer;
  if (uv_is_closing((uv_handle_t *)timer)) return;
  if (r->answered != NULL) {
    uv_timer_start(timer, on_timer, 0, 0);
  } else if (r->under_way > 0) {
    struct timeval limit = {1, 0}, left;
    struct timeval *next = ares_timeout(r->channel, &limit, &left);
    uint64_t ms = (uint64_t)next->tv_sec * 1000 + (uint64_t)(next->tv_usec + 999) / 1000;
    uv_timer_start(timer, on_timer, ms > 0 ? ms : 1, 0);
  } else {
    uv_timer_stop(timer);
  }
}

static void free_query(query *q) {
  free(q->bytes);
  free(q);
}

// Hands over what has been answered. Lua code runs: anything may have changed afterwards, but the resolver lives until the
// loop has seen to its closing.
static void deliver(resolver *r) {
  runtime *rt = r->h.rt;
  query *q;
  while ((q = r->answered) != NULL) {
    r->answered = q->next;
    if (r->answered == NULL) r->answered_tail = &r->answered;
    r->under_way--;
    if (handle_begin(&r->h, "onanswer", 5)) {
      lua_State *L = rt->L;
      lua_pushnumber(L, q->id);
      lua_pushinteger(L, q->status);
      if (q->bytes == NULL) {
        lua_pushnil(L);
      } else if (q->names) {
        lua_newtable(L);
        int n = 0;
        for (size_t at = 0; at < q->length; at += strlen((char *)q->bytes + at) + 1) {
          lua_pushstring(L, (char *)q->bytes + at);
          lua_rawseti(L, -2, ++n);
        }
      } else {
        lua_pushlstring(L, (char *)q->bytes, q->length);
      }
      free_query(q);
      call_end(rt, handle_args(3));
    } else {
      free_query(q);
    }
  }
  set_timer(r);
}

static void on_timer(uv_timer_t *uv) {
  resolver *r = uv->data;
  ares_process_fd(r->channel, ARES_SOCKET_BAD, ARES_SOCKET_BAD);
  deliver(r);
}

// ---- sockets

static void watch_closed(handle *h) {
  watch *w = (watch *)h;
  if (w->link == NULL) return;
  *w->link = w->next;
  if (w->next != NULL) w->next->link = w->link;
  w->link = NULL;
}

static void on_poll(uv_poll_t *uv, int status, int events) {
  watch *w = uv->data;
  resolver *r = w->r;
  if (r == NULL) return;
  ares_socket_t in = status < 0 || (events & UV_READABLE) ? w->fd : ARES_SOCKET_BAD;
  ares_socket_t out = status < 0 || (events & UV_WRITABLE) ? w->fd : ARES_SOCKET_BAD;
  ares_process_fd(r->channel, in, out); // w may be closing from here on
  deliver(r);
}

static watch *find_watch(resolver *r, ares_socket_t fd) {
  for (watch *w = r->watches; w != NULL; w = w->next)
    if (w->fd == fd && w->r == r) return w;
  return NULL;
}

// Called by c-ares: what it wants to know of a socket; nothing: it is about to close it.
static void on_socket_state(void *data, ares_socket_t fd, int readable, int writable) {
  resolver *r = data;
  watch *w = find_watch(r, fd);
  int events = (readable ? UV_READABLE : 0) | (writable ? UV_WRITABLE : 0);
  if (events == 0) {
    if (w == NULL) return;
    w->r = NULL;
    if (w->h.opened && !w->h.closed && !uv_is_closing(&w->h.uv.handle)) uv_poll_stop(&w->h.uv.poll);
    handle_close(&w->h);
    return;
  }
  if (r->h.rt == NULL || r->h.rt->closing) return;
  if (w == NULL) {
    lua_State *L = r->h.rt->L;
    if (!lua_checkstack(L, 8)) return;
    w = (watch *)handle_new(L, &watch_type);
    int err = uv_poll_init(&r->h.rt->loop, &w->h.uv.poll, fd);
    if (err != 0) { // the query runs into its time limit
      handle_abandon(L, &w->h);
      lua_pop(L, 1);
      return;
    }
    handle_opened(&w->h);
    lua_pop(L, 1); // pinned while it is open
    w->fd = fd;
    w->r = r;
    w->next = r->watches;
    w->link = &r->watches;
    if (w->next != NULL) w->next->link = &w->next;
    r->watches = w;
  }
  uv_poll_start(&w->h.uv.poll, events, on_poll);
}

// ---- queries

static void answered(query *q, int status, const void *bytes, size_t length) {
  resolver *r = q->r;
  if (r == NULL || r->h.rt == NULL || r->h.rt->closing) { // the resolver is being destroyed
    free_query(q);
    return;
  }
  q->status = status;
  if (status == ARES_SUCCESS && length > 0) {
    q->bytes = malloc(length);
    if (q->bytes == NULL) q->status = ARES_ENOMEM;
    else memcpy(q->bytes, bytes, length);
    q->length = length;
  }
  q->next = NULL;
  *r->answered_tail = q;
  r->answered_tail = &q->next;
}

static void on_answer(void *arg, int status, int timeouts, unsigned char *bytes, int length) {
  (void)timeouts;
  answered(arg, status, bytes, length > 0 ? (size_t)length : 0);
}

static void on_host(void *arg, int status, int timeouts, struct hostent *host) {
  (void)timeouts;
  query *q = arg;
  q->names = true;
  if (status != ARES_SUCCESS) {
    answered(q, status, NULL, 0);
    return;
  }
  size_t length = 0;
  for (char **alias = host->h_aliases; *alias != NULL; alias++) length += strlen(*alias) + 1;
  const char *name = length == 0 && host->h_name != NULL ? host->h_name : NULL;
  if (name != NULL) length = strlen(name) + 1;
  char *all = malloc(length + 1), *to = all;
  if (all == NULL) {
    answered(q, ARES_ENOMEM, NULL, 0);
    return;
  }
  if (name != NULL) memcpy(all, name, length);
  else
    for (char **alias = host->h_aliases; *alias != NULL; alias++) to = stpcpy(to, *alias) + 1;
  answered(q, status, all, length);
  free(all);
}

static query *new_query(lua_State *L, resolver *r) {
  double id = luaL_checknumber(L, 2);
  query *q = calloc(1, sizeof *q);
  if (q == NULL) luaL_error(L, "out of memory");
  q->r = r;
  q->id = id;
  r->under_way++;
  return q;
}

static int method_query(lua_State *L) {
  resolver *r = resolver_check(L);
  const char *name = luaL_checkstring(L, 3);
  int type = (int)luaL_checkinteger(L, 4);
  query *q = new_query(L, r);
  ares_query(r->channel, name, ns_c_in, type, on_answer, q);
  set_timer(r);
  return 0;
}

static int method_reverse(lua_State *L) {
  resolver *r = resolver_check(L);
  size_t length;
  const char *bytes = luaL_checklstring(L, 3, &length);
  if (length != 4 && length != 16) return luaL_error(L, "an address of 4 or 16 bytes expected");
  query *q = new_query(L, r);
  ares_gethostbyaddr(r->channel, bytes, (int)length, length == 4 ? AF_INET : AF_INET6, on_host, q);
  set_timer(r);
  return 0;
}

static int method_cancel(lua_State *L) {
  resolver *r = resolver_check(L);
  ares_cancel(r->channel);
  set_timer(r);
  return 0;
}

// ---- servers

static int method_set_servers(lua_State *L) {
  resolver *r = resolver_check(L);
  luaL_checktype(L, 2, LUA_TTABLE);
  size_t count = lua_objlen(L, 2);
  if (count > 4096) return luaL_error(L, "too many servers");
  struct ares_addr_port_node *nodes = lua_newuserdata(L, count * sizeof *nodes + 1);
  for (size_t i = 0; i < count; i++) {
    lua_rawgeti(L, 2, (int)i + 1);
    luaL_checktype(L, -1, LUA_TTABLE);
    lua_rawgeti(L, -1, 1);
    lua_rawgeti(L, -2, 2);
    size_t length;
    const char *bytes = luaL_checklstring(L, -2, &length);
    lua_Integer port = luaL_checkinteger(L, -1);
    if ((length != 4 && length != 16) || port < 0 || port > 65535) return luaL_error(L, "an address and a port expected");
    struct ares_addr_port_node *node = &nodes[i];
    memset(node, 0, sizeof *node);
    node->next = i + 1 < count ? node + 1 : NULL;
    node->family = length == 4 ? AF_INET : AF_INET6;
    memcpy(&node->addr, bytes, length);
    node->udp_port = node->tcp_port = (int)port;
    lua_pop(L, 3);
  }
  lua_pushinteger(L, r->under_way > 0 ? ARES_ENOTIMP : ares_set_servers_ports(r->channel, count > 0 ? nodes : NULL));
  return 1;
}

static int method_get_servers(lua_State *L) {
  resolver *r = resolver_check(L);
  struct ares_addr_port_node *nodes = NULL;
  lua_newtable(L);
  if (ares_get_servers_ports(r->channel, &nodes) != ARES_SUCCESS) return 1;
  int n = 0;
  for (struct ares_addr_port_node *node = nodes; node != NULL; node = node->next) {
    lua_createtable(L, 2, 0);
    lua_pushlstring(L, (const char *)&node->addr, node->family == AF_INET ? 4 : 16);
    lua_rawseti(L, -2, 1);
    lua_pushinteger(L, node->udp_port != 0 ? node->udp_port : 53);
    lua_rawseti(L, -2, 2);
    lua_rawseti(L, -2, ++n);
  }
  ares_free_data(nodes);
  return 1;
}

static int method_set_local_address(lua_State *L) {
  resolver *r = resolver_check(L);
  size_t length4 = 0, length6 = 0;
  const char *four = luaL_optlstring(L, 2, NULL, &length4), *six = luaL_optlstring(L, 3, NULL, &length6);
  if ((four != NULL && length4 != 4) || (six != NULL && length6 != 16)) return luaL_error(L, "addresses of 4 and 16 bytes expected");
  if (four != NULL) {
    uint32_t value;
    memcpy(&value, four, 4);
    ares_set_local_ip4(r->channel, ntohl(value));
  }
  if (six != NULL) ares_set_local_ip6(r->channel, (const unsigned char *)six);
  return 0;
}

// ---- making

static void resolver_closed(handle *h) {
  resolver *r = (resolver *)h;
  query *q;
  while ((q = r->answered) != NULL) {
    r->answered = q->next;
    free_query(q);
  }
  r->answered_tail = &r->answered;
  if (r->usable) {
    r->usable = false;
    ares_destroy(r->channel); // queries that are under way come to `answered`
  }
  while ((q = r->answered) != NULL) {
    r->answered = q->next;
    free_query(q);
  }
  for (watch *w = r->watches; w != NULL; w = w->next) w->r = NULL;
  for (watch *w = r->watches, *next; w != NULL; w = next) {
    next = w->next;
    w->link = NULL;
    w->next = NULL;
  }
  r->watches = NULL;
}

static int resolver_new(lua_State *L) {
  int timeout = (int)luaL_optinteger(L, 1, -1), tries = (int)luaL_optinteger(L, 2, -1);
  resolver *r = (resolver *)handle_new(L, &resolver_type);
  r->answered_tail = &r->answered;
  struct ares_options options;
  memset(&options, 0, sizeof options);
  int mask = ARES_OPT_FLAGS | ARES_OPT_SOCK_STATE_CB;
  options.flags = ARES_FLAG_NOCHECKRESP; // the server's refusal is an answer, as in Node
  options.sock_state_cb = on_socket_state;
  options.sock_state_cb_data = r;
  if (timeout >= 0) {
    options.timeout = timeout;
    mask |= ARES_OPT_TIMEOUTMS;
  }
  if (tries >= 1) {
    options.tries = tries;
    mask |= ARES_OPT_TRIES;
  }
  int status = ares_library_init(ARES_LIB_INIT_ALL);
  if (status == ARES_SUCCESS) status = ares_init_options(&r->channel, &options, mask);
  if (status == ARES_SUCCESS && uv_timer_init(&r->h.rt->loop, &r->h.uv.timer) != 0) {
    ares_destroy(r->channel);
    status = ARES_ENOMEM;
  }
  if (status != ARES_SUCCESS) {
    handle_abandon(L, &r->h);
    lua_pushnil(L);
    lua_pushinteger(L, status);
    return 2;
  }
  r->usable = true;
  handle_opened(&r->h);
  return 1;
}

// ---- reading answers

typedef struct reader {
  lua_State *L;
  const unsigned char *bytes, *end, *p;
  int length;
} reader;

static bool has(const reader *r, const unsigned char *end, size_t n) {
  return (size_t)(end - r->p) >= n;
}

static unsigned take8(reader *r) { return *r->p++; }

static unsigned take16(reader *r) {
  unsigned v = (unsigned)r->p[0] << 8 | r->p[1];
  r->p += 2;
  return v;
}

static unsigned take32(reader *r) {
  unsigned v = take16(r) << 16;
  return v | take16(r);
}

// A domain name, compressed or not, that ends before `end`: pushed when `push`.
static bool take_name(reader *r, const unsigned char *end, bool push) {
  char *name;
  long used;
  if (r->p >= end || ares_expand_name(r->p, r->bytes, r->length, &name, &used) != ARES_SUCCESS) return false;
  bool inside = used > 0 && used <= end - r->p;
  if (inside) r->p += used;
  if (inside && push) lua_pushstring(r->L, name);
  ares_free_string(name);
  return inside;
}

// A text of up to 255 bytes behind its length.
static bool take_text(reader *r, const unsigned char *end) {
  if (!has(r, end, 1)) return false;
  size_t n = take8(r);
  if (!has(r, end, n)) return false;
  lua_pushlstring(r->L, (const char *)r->p, n);
  r->p += n;
  return true;
}

static void set_number(reader *r, const char *key, double value) {
  lua_pushnumber(r->L, value);
  lua_setfield(r->L, -2, key);
}

static bool set_name(reader *r, const unsigned char *end, const char *key) {
  if (!take_name(r, end, true)) return false;
  lua_setfield(r->L, -2, key);
  return true;
}

static bool set_text(reader *r, const unsigned char *end, const char *key) {
  if (!take_text(r, end)) return false;
  lua_setfield(r->L, -2, key);
  return true;
}

// The record's own part, into the table on top. False: it is broken.
static bool take_data(reader *r, unsigned type, const unsigned char *end) {
  lua_State *L = r->L;
  switch (type) {
    case ns_t_a:
    case ns_t_aaaa: {
      char text[INET6_ADDRSTRLEN];
      if (end - r->p != (type == ns_t_a ? 4 : 16)) return false;
      if (inet_ntop(type == ns_t_a ? AF_INET : AF_INET6, r->p, text, sizeof text) == NULL) return false;
      lua_pushstring(L, text);
      lua_setfield(L, -2, "address");
      r->p = end;
      return true;
    }
    case ns_t_cname:
    case ns_t_ns:
    case ns_t_ptr:
      return set_name(r, end, "value");
    case ns_t_mx:
      if (!has(r, end, 2)) return false;
      set_number(r, "priority", take16(r));
      return set_name(r, end, "exchange");
    case ns_t_srv:
      if (!has(r, end, 6)) return false;
      set_number(r, "priority", take16(r));
      set_number(r, "weight", take16(r));
      set_number(r, "port", take16(r));
      return set_name(r, end, "name");
    case ns_t_txt: {
      lua_newtable(L);
      for (int i = 1; r->p < end; i++) {
        if (!take_text(r, end)) return false;
        lua_rawseti(L, -2, i);
      }
      lua_setfield(L, -2, "entries");
      return true;
    }
    case ns_t_naptr:
      if (!has(r, end, 4)) return false;
      set_number(r, "order", take16(r));
      set_number(r, "preference", take16(r));
      return set_text(r, end, "flags") && set_text(r, end, "service") && set_text(r, end, "regexp") && set_name(r, end, "replacement");
    case ns_t_soa:
      if (!set_name(r, end, "nsname") || !set_name(r, end, "hostmaster") || !has(r, end, 20)) return false;
      set_number(r, "serial", take32(r));
      set_number(r, "refresh", take32(r));
      set_number(r, "retry", take32(r));
      set_number(r, "expire", take32(r));
      set_number(r, "minttl", take32(r));
      return true;
    case TYPE_CAA: {
      if (!has(r, end, 2)) return false;
      set_number(r, "critical", take8(r));
      if (!take_text(r, end)) return false;
      size_t length;
      lua_tolstring(L, -1, &length);
      if (length == 0) {
        lua_pop(L, 1);
        return false;
      }
      lua_setfield(L, -2, "tag");
      lua_pushlstring(L, (const char *)r->p, (size_t)(end - r->p));
      lua_setfield(L, -2, "value");
      r->p = end;
      return true;
    }
    default: return false;
  }
}

static const char *type_name(unsigned type) {
  switch (type) {
    case ns_t_a: return "A";
    case ns_t_aaaa: return "AAAA";
    case ns_t_cname: return "CNAME";
    case ns_t_ns: return "NS";
    case ns_t_ptr: return "PTR";
    case ns_t_mx: return "MX";
    case ns_t_srv: return "SRV";
    case ns_t_txt: return "TXT";
    case ns_t_naptr: return "NAPTR";
    case ns_t_soa: return "SOA";
    case TYPE_CAA: return "CAA";
    default: return NULL;
  }
}

// The list of records on top of the stack; ARES_SUCCESS, or why there is none.
static int take_records(reader *r, unsigned wanted) {
  lua_State *L = r->L;
  if (!has(r, r->end, NS_HFIXEDSZ)) return ARES_EBADRESP;
  r->p += 4;
  unsigned questions = take16(r), answers = take16(r);
  r->p += 4;
  while (questions-- > 0) {
    if (!take_name(r, r->end, false) || !has(r, r->end, 4)) return ARES_EBADRESP;
    r->p += 4;
  }
  lua_newtable(L);
  int n = 0;
  bool any = answers > 0;
  while (answers-- > 0) {
    if (!take_name(r, r->end, false) || !has(r, r->end, 10)) return ARES_EBADRESP;
    unsigned type = take16(r), kind = take16(r), ttl = take32(r), size = take16(r);
    if (!has(r, r->end, size)) return ARES_EBADRESP;
    const unsigned char *end = r->p + size;
    const char *name = type_name(type);
    if (kind == ns_c_in && name != NULL && (wanted == ns_t_any || wanted == type)) {
      lua_createtable(L, 0, 4);
      if (!take_data(r, type, end)) return ARES_EBADRESP;
      lua_pushstring(L, name);
      lua_setfield(L, -2, "type");
      set_number(r, "ttl", ttl <= QUERY_MAX_TTL ? ttl : 0); // RFC 2181: a set top bit means 0
      lua_rawseti(L, -2, ++n);
    }
    r->p = end;
  }
  if (n > 0) return ARES_SUCCESS;
  if (!any) return ARES_ENODATA;
  switch (wanted) { // records of other types only, an alias mostly: what c-ares's own functions make of it
    case ns_t_soa: return ARES_EBADRESP;
    case ns_t_ns:
    case ns_t_ptr:
    case ns_t_cname:
    case ns_t_any: return ARES_ENODATA;
    default: return ARES_SUCCESS;
  }
}

static int resolver_parse(lua_State *L) {
  size_t length;
  const char *bytes = luaL_checklstring(L, 1, &length);
  unsigned wanted = (unsigned)luaL_checkinteger(L, 2);
  luaL_checkstack(L, 10, "resolver");
  reader r = {.L = L, .bytes = (const unsigned char *)bytes, .p = (const unsigned char *)bytes, .length = (int)length};
  r.end = r.bytes + length;
  int status = length > 65535 ? ARES_EBADRESP : take_records(&r, wanted);
  if (status == ARES_SUCCESS) return 1;
  lua_pushnil(L);
  lua_pushinteger(L, status);
  return 2;
}

static int resolver_name(lua_State *L) {
  static const char *const names[] = {NULL, "ENODATA", "EFORMERR", "ESERVFAIL", "ENOTFOUND", "ENOTIMP", "EREFUSED", "EBADQUERY", "EBADNAME",
                                      "EBADFAMILY", "EBADRESP", "ECONNREFUSED", "ETIMEOUT", "EOF", "EFILE", "ENOMEM", "EDESTRUCTION", "EBADSTR",
                                      "EBADFLAGS", "ENONAME", "EBADHINTS", "ENOTINITIALIZED", "ELOADIPHLPAPI", "EADDRGETNETWORKPARAMS",
                                      "ECANCELLED"};
  lua_Integer status = luaL_checkinteger(L, 1);
  bool known = status > 0 && status < (lua_Integer)(sizeof names / sizeof *names);
  lua_pushstring(L, known ? names[status] : "UNKNOWN_ARES_ERROR");
  return 1;
}

static int resolver_message(lua_State *L) {
  lua_pushstring(L, ares_strerror((int)luaL_checkinteger(L, 1)));
  return 1;
}

static const luaL_Reg resolver_methods[] = {{"query", method_query},
                                            {"reverse", method_reverse},
                                            {"cancel", method_cancel},
                                            {"setServers", method_set_servers},
                                            {"getServers", method_get_servers},
                                            {"setLocalAddress", method_set_local_address},
                                            {NULL, NULL}};

void resolver_open(lua_State *L) {
  static const luaL_Reg functions[] = {
      {"new", resolver_new}, {"parse", resolver_parse}, {"name", resolver_name}, {"message", resolver_message}, {NULL, NULL}};
  handle_register(L, &resolver_type);
  handle_register(L, &watch_type);
  lua_newtable(L);
  luaL_register(L, NULL, functions);
}

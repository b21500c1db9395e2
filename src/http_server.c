// SPDX-License-Identifier: MIT
//
// Servers: what all of them share, their connections and options, the time limits of connections.
#include "http_connection_internal.h"

#include <stdlib.h>
#include <string.h>

#include "error.h"

#define SERVER_NAME "lunode.http_server"

// In the order of the ON_ values.
static const char *const callback_names[] = {"request", "body",         "complete", "finished", "drain",  "failed", "input",
                                             "timeout", "wantsUpgrade", "upgrade",  "last",     "output", "resume", "close"};

server *server_check(lua_State *L) {
  return luaL_checkudata(L, 1, SERVER_NAME);
}

// ---- time limits

static void on_timer(uv_timer_t *timer);

void server_arm(shared *sh, uint64_t when) {
  if (when >= sh->armed) return;
  uint64_t now = uv_now(&sh->rt->loop);
  sh->armed = when;
  uv_timer_start(&sh->timer, on_timer, when > now ? when - now : 1, 0);
  uv_unref((uv_handle_t *)&sh->timer);
}

static void sweep(server *s, uint64_t now, uint64_t *next) {
  bool checking = s->interval > 0 && now >= s->next_check;
  if (checking) s->next_check = now + (uint64_t)s->interval;
  for (connection *c = s->connections; c != NULL; c = s->cursor) {
    s->cursor = c->next;
    if (c->closing || c->detached) continue;
    if (c->requests > 0 && is_idle(c)) {
      if (s->keep_alive <= 0) continue;
      uint64_t deadline = c->activity + (uint64_t)s->keep_alive + IDLE_MARGIN;
      if (now < deadline) {
        if (deadline < *next) *next = deadline;
      } else if (begin_conn(c, ON_TIMEOUT, 1)) {
        c->activity = now;
        lua_pushliteral(s->sh->rt->L, "idle");
        end(c, 3);
      }
    } else if (checking && c->started != 0) {
      double age = (double)(now - c->started);
      if ((!c->headed && s->headers_timeout > 0 && age > s->headers_timeout) || (s->request_timeout > 0 && age > s->request_timeout)) {
        if (!begin_conn(c, ON_TIMEOUT, 1)) continue;
        c->started = 0;
        lua_pushliteral(s->sh->rt->L, "request");
        end(c, 3);
      }
    }
  }
  s->cursor = NULL;
  if (s->connections != NULL && s->interval > 0 && s->next_check < *next) *next = s->next_check;
}

static void on_timer(uv_timer_t *timer) {
  shared *sh = (shared *)((char *)timer - offsetof(shared, timer));
  uint64_t now = uv_now(&sh->rt->loop), next = NEVER;
  sh->armed = NEVER;
  size_t count = 0;
  for (server *s = sh->servers; s != NULL;) {
    count += s->count;
    bool pinned = s->owner != LUA_NOREF && call_begin(sh->rt, 1);
    if (pinned) lua_rawgeti(sh->rt->L, LUA_REGISTRYINDEX, s->owner); // a callback may let its last connection go
    if (pinned) sweep(s, now, &next);
    s = s->next;
    if (pinned) lua_pop(sh->rt->L, 1);
  }
  // Many connections are looked at together: 20 of them for each ms that passes between two looks.
  if (next != NEVER) {
    uint64_t gap = count / 20;
    server_arm(sh, next < now + gap ? now + gap : next);
  }
  call_settle(sh->rt);
}

// ---- what Lua asks for

static int server_new(lua_State *L) {
  shared *sh = lua_touserdata(L, lua_upvalueindex(2));
  luaL_checkany(L, 1);
  server *s = lua_newuserdata(L, sizeof *s);
  memset(s, 0, sizeof *s);
  s->sh = sh;
  s->owner = LUA_NOREF;
  s->max_head = HTTP_MAX_HEAD;
  s->max_pairs = HTTP_MAX_PAIRS;
  s->high_water = 16384;
  s->keep_alive = 5000;
  s->headers_timeout = 60000;
  s->request_timeout = 300000;
  s->interval = 30000;
  luaL_getmetatable(L, SERVER_NAME);
  lua_setmetatable(L, -2);
  lua_createtable(L, 1, 0);
  lua_pushvalue(L, 1);
  lua_rawseti(L, -2, 1);
  lua_setfenv(L, -2);
  s->next = sh->servers;
  s->link = &sh->servers;
  if (s->next != NULL) s->next->link = &s->next;
  sh->servers = s;
  return 1;
}

static int server_gc(lua_State *L) {
  server *s = lua_touserdata(L, 1);
  if (s->link != NULL) {
    *s->link = s->next;
    if (s->next != NULL) s->next->link = s->link;
    s->link = NULL;
  }
  return 0;
}

// option(server, name, value)
static int server_option(lua_State *L) {
  static const char *const names[] = {"keepAliveTimeout", "headersTimeout", "requestTimeout", "connectionsCheckingInterval", "maxRequestsPerSocket",
                                      "highWaterMark",    "maxHeaderSize",  "maxHeaders",     "lenient",                     NULL};
  server *s = server_check(L);
  int which = luaL_checkoption(L, 2, NULL, names);
  lua_Number n = lua_isboolean(L, 3) ? lua_toboolean(L, 3) : luaL_checknumber(L, 3);
  if (!(n > 0)) n = 0;
  if (n > 1e15) n = 1e15;
  uint32_t small = n > 1073741824 ? 1073741824u : (uint32_t)n;
  switch (which) {
  case 0: s->keep_alive = n; break;
  case 1: s->headers_timeout = n; break;
  case 2: s->request_timeout = n; break;
  case 3: s->interval = n > 0 && n < 1 ? 1 : n; break;
  case 4: s->max_requests = n; break;
  case 5: s->high_water = n; break;
  case 6: s->max_head = small > 0 ? small : 1; break;
  case 7: s->max_pairs = small; break;
  default: s->lenient = n != 0; break;
  }
  return 0;
}

// connections(server, idle) -> list; idle: only those between requests
static int server_connections(lua_State *L) {
  server *s = server_check(L);
  bool idle = lua_toboolean(L, 2);
  int n = 0;
  lua_newtable(L);
  for (connection *c = s->connections; c != NULL; c = c->next) {
    if (c->self == LUA_NOREF || (idle && !(is_idle(c) && c->requests > 0 && queued(c) == 0))) continue;
    ref_push(L, c->self);
    lua_rawseti(L, -2, ++n);
  }
  return 1;
}

static int setup(lua_State *L) {
  shared *sh = lua_touserdata(L, lua_upvalueindex(2));
  luaL_checktype(L, 1, LUA_TTABLE);
  for (int i = 0; i < ON_COUNT; i++) {
    lua_getfield(L, 1, callback_names[i]);
    luaL_checktype(L, -1, LUA_TFUNCTION);
    ref_set(L, &sh->callbacks[i]);
  }
  return 0;
}

static int shared_gc(lua_State *L) {
  shared *sh = lua_touserdata(L, 1);
  for (int i = 0; i < 2; i++) http_bytes_free(&sh->spare[i]);
  free(sh->free);
  sh->free = NULL;
  sh->over = true;
  return 0;
}

const luaL_Reg server_functions[] = {
    {"server", server_new}, {"option", server_option}, {"connections", server_connections}, {"setup", setup}, {NULL, NULL}};

shared *server_open(lua_State *L) {
  runtime *rt = runtime_get(L);
  luaL_newmetatable(L, SERVER_NAME);
  lua_pushcfunction(L, server_gc);
  lua_setfield(L, -2, "__gc");
  lua_pop(L, 1);
  shared *sh = lua_newuserdata(L, sizeof *sh);
  memset(sh, 0, sizeof *sh);
  sh->rt = rt;
  sh->armed = NEVER;
  for (int i = 0; i < ON_COUNT; i++) sh->callbacks[i] = LUA_NOREF;
  CHECK(uv_timer_init(&rt->loop, &sh->timer) == 0);
  sh->timer.data = NULL; // the runtime's own, not a `handle`
  uv_unref((uv_handle_t *)&sh->timer);
  lua_createtable(L, 0, 1);
  lua_pushcfunction(L, shared_gc);
  lua_setfield(L, -2, "__gc");
  lua_setmetatable(L, -2);
  lua_pushvalue(L, -1);
  luaL_ref(L, LUA_REGISTRYINDEX);
  sh->ref_connection_mt = sh->ref_methods = LUA_NOREF;
  return sh;
}

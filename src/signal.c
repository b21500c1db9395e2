// SPDX-License-Identifier: MIT
//
// core.signal: new(number) -> handle, status; the handle calls onsignal(owner, number) and does not keep the loop alive.
// numbers() -> {SIGINT = 2, …}
#include <signal.h>

#include "areas.h"
#include "call.h"
#include "handle.h"

typedef struct signal_handle {
  handle h;
} signal_handle;

static const handle_type signal_type = {"lunode.signal", sizeof(signal_handle), NULL, NULL, NULL};

static void on_signal(uv_signal_t *uv, int number) {
  handle *h = uv->data;
  runtime *rt = h->rt;
  if (!handle_begin(h, "onsignal", 1)) return;
  lua_pushinteger(rt->L, number);
  call_end(rt, handle_args(1));
}

static int signal_new(lua_State *L) {
  int number = (int)luaL_checkinteger(L, 1);
  handle *h = handle_new(L, &signal_type);
  int err = uv_signal_init(&h->rt->loop, &h->uv.signal);
  if (err != 0) {
    handle_abandon(L, h);
    lua_pushnil(L);
    lua_pushinteger(L, err);
    return 2;
  }
  handle_opened(h);
  err = uv_signal_start(&h->uv.signal, on_signal, number);
  if (err != 0) {
    handle_close(h);
    lua_pushnil(L);
    lua_pushinteger(L, err);
    return 2;
  }
  uv_unref(&h->uv.handle);
  return 1;
}

static int signal_numbers(lua_State *L) {
  static const struct {
    const char *name;
    int number;
  } signals[] = {
#define XX(name) {#name, name},
      XX(SIGHUP) XX(SIGINT) XX(SIGQUIT) XX(SIGILL) XX(SIGTRAP) XX(SIGABRT) XX(SIGBUS) XX(SIGFPE) XX(SIGKILL) XX(SIGUSR1)
      XX(SIGSEGV) XX(SIGUSR2) XX(SIGPIPE) XX(SIGALRM) XX(SIGTERM) XX(SIGCHLD) XX(SIGCONT) XX(SIGSTOP) XX(SIGTSTP)
      XX(SIGTTIN) XX(SIGTTOU) XX(SIGURG) XX(SIGXCPU) XX(SIGXFSZ) XX(SIGVTALRM) XX(SIGPROF) XX(SIGWINCH) XX(SIGIO) XX(SIGSYS)
#ifdef SIGSTKFLT
      XX(SIGSTKFLT)
#endif
#ifdef SIGPWR
      XX(SIGPWR)
#endif
#ifdef SIGPOLL
      XX(SIGPOLL)
#endif
#undef XX
      {"SIGIOT", SIGABRT}};
  lua_newtable(L);
  for (size_t i = 0; i < sizeof signals / sizeof *signals; i++) {
    lua_pushinteger(L, signals[i].number);
    lua_setfield(L, -2, signals[i].name);
  }
  return 1;
}

void signal_open(lua_State *L) {
  static const luaL_Reg functions[] = {{"new", signal_new}, {"numbers", signal_numbers}, {NULL, NULL}};
  handle_register(L, &signal_type);
  // Writing to a peer that has gone is an error of the write, not the end of the process; a handler of the host's stays.
  struct sigaction now;
  if (sigaction(SIGPIPE, NULL, &now) == 0 && now.sa_handler == SIG_DFL) signal(SIGPIPE, SIG_IGN);
  lua_newtable(L);
  luaL_register(L, NULL, functions);
}

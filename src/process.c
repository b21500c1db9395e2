// SPDX-License-Identifier: MIT
//
// core.process: facts of the running process, and what changes them. Statuses are libuv codes; ids are numbers.
//   cwd() -> path | nil, code      chdir(path) -> status       exepath() -> path
//   environ() -> {NAME = value}    setenv(name, value | nil) -> status
//   pid() ppid()   umask(mask | nil) -> previous   kill(pid, signal) -> status   title(text | nil) -> title
//   rss() -> bytes   rusage() -> table of numbers (times in µs)   memory() -> free, total, constrained (bytes)
//   ids() -> uid, euid, gid, egid   groups() -> sequence   setid("uid" | "euid" | "gid" | "egid", number) -> status
//   user(name), group(name) -> id or nothing   user_name(id) -> name or nothing   initgroups(name, gid), setgroups(sequence) -> status   abort()
//   external() -> bytes held by Buffers   started: the monotonic clock in ns at the start   llhttp_version, openssl_version: text
#define _GNU_SOURCE
#include <errno.h>
#include <grp.h>
#include <llhttp.h>
#include <openssl/opensslv.h>
#include <pwd.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "areas.h"
#include "runtime.h"

extern char **environ;

static int status(lua_State *L, int result) {
  lua_pushinteger(L, result == 0 ? 0 : -errno);
  return 1;
}

typedef int (*text_getter)(char *, size_t *);

// libuv's getters say how much room they want.
static int push_text(lua_State *L, text_getter get) {
  size_t size = 256;
  char *text = NULL;
  int err;
  do {
    char *more = realloc(text, size);
    if (more == NULL) {
      free(text);
      return luaL_error(L, "out of memory");
    }
    text = more;
    size_t room = size;
    err = get(text, &room);
    if (err == 0 && room >= size) err = UV_ENOBUFS;
    size *= 2;
  } while (err == UV_ENOBUFS && size < (size_t)1 << 22);
  if (err != 0) {
    free(text);
    lua_pushnil(L);
    lua_pushinteger(L, err);
    return 2;
  }
  lua_pushstring(L, text);
  free(text);
  return 1;
}

static int process_cwd(lua_State *L) { return push_text(L, uv_cwd); }
static int process_exepath(lua_State *L) { return push_text(L, uv_exepath); }

static int process_chdir(lua_State *L) {
  lua_pushinteger(L, uv_chdir(luaL_checkstring(L, 1)));
  return 1;
}

static int process_environ(lua_State *L) {
  lua_newtable(L);
  for (char **e = environ; e != NULL && *e != NULL; e++) {
    const char *equals = strchr(*e, '=');
    if (equals == NULL) continue;
    lua_pushlstring(L, *e, (size_t)(equals - *e));
    lua_pushstring(L, equals + 1);
    lua_rawset(L, -3);
  }
  return 1;
}

static int process_setenv(lua_State *L) {
  const char *name = luaL_checkstring(L, 1);
  int result = lua_isnoneornil(L, 2) ? unsetenv(name) : setenv(name, luaL_checkstring(L, 2), 1);
  if (strcmp(name, "TZ") == 0) tzset();
  return status(L, result);
}

static int process_pid(lua_State *L) {
  lua_pushinteger(L, uv_os_getpid());
  return 1;
}

static int process_ppid(lua_State *L) {
  lua_pushinteger(L, uv_os_getppid());
  return 1;
}

static int process_umask(lua_State *L) {
  mode_t old;
  if (lua_isnoneornil(L, 1)) {
    old = umask(0);
    umask(old);
  } else {
    old = umask((mode_t)luaL_checkinteger(L, 1));
  }
  lua_pushinteger(L, old);
  return 1;
}

static int process_kill(lua_State *L) {
  lua_pushinteger(L, uv_kill((int)luaL_checkinteger(L, 1), (int)luaL_checkinteger(L, 2)));
  return 1;
}

static int process_title(lua_State *L) {
  if (!lua_isnoneornil(L, 1)) uv_set_process_title(luaL_checkstring(L, 1));
  // libuv keeps it where the arguments were, and says only "too small".
  for (size_t size = 256; size <= (size_t)1 << 22; size *= 2) {
    char *title = lua_newuserdata(L, size);
    int err = uv_get_process_title(title, size);
    if (err == 0) lua_pushstring(L, title);
    if (err != UV_ENOBUFS) break;
    lua_pop(L, 1);
  }
  if (!lua_isstring(L, -1)) lua_pushliteral(L, "");
  return 1;
}

static int process_rss(lua_State *L) {
  size_t rss = 0;
  uv_resident_set_memory(&rss);
  lua_pushnumber(L, (lua_Number)rss);
  return 1;
}

static double microseconds(const uv_timeval_t *t) {
  return (double)t->tv_sec * 1e6 + (double)t->tv_usec;
}

static int process_rusage(lua_State *L) {
  uv_rusage_t r;
  int err = uv_getrusage(&r);
  if (err != 0) memset(&r, 0, sizeof r);
  const struct {
    const char *name;
    double value;
  } fields[] = {{"userCPUTime", microseconds(&r.ru_utime)}, {"systemCPUTime", microseconds(&r.ru_stime)},
                {"maxRSS", (double)r.ru_maxrss},           {"sharedMemorySize", (double)r.ru_ixrss},
                {"unsharedDataSize", (double)r.ru_idrss},  {"unsharedStackSize", (double)r.ru_isrss},
                {"minorPageFault", (double)r.ru_minflt},   {"majorPageFault", (double)r.ru_majflt},
                {"swappedOut", (double)r.ru_nswap},        {"fsRead", (double)r.ru_inblock},
                {"fsWrite", (double)r.ru_oublock},         {"ipcSent", (double)r.ru_msgsnd},
                {"ipcReceived", (double)r.ru_msgrcv},      {"signalsCount", (double)r.ru_nsignals},
                {"voluntaryContextSwitches", (double)r.ru_nvcsw}, {"involuntaryContextSwitches", (double)r.ru_nivcsw}};
  lua_newtable(L);
  for (size_t i = 0; i < sizeof fields / sizeof *fields; i++) {
    lua_pushnumber(L, fields[i].value);
    lua_setfield(L, -2, fields[i].name);
  }
  return 1;
}

static int process_ids(lua_State *L) {
  lua_pushinteger(L, (lua_Integer)getuid());
  lua_pushinteger(L, (lua_Integer)geteuid());
  lua_pushinteger(L, (lua_Integer)getgid());
  lua_pushinteger(L, (lua_Integer)getegid());
  return 4;
}

static int process_groups(lua_State *L) {
  int count = getgroups(0, NULL);
  if (count < 0) count = 0;
  gid_t *list = lua_newuserdata(L, (size_t)count * sizeof *list + 1);
  count = getgroups(count, list);
  lua_newtable(L);
  for (int i = 0; i < count; i++) {
    lua_pushinteger(L, (lua_Integer)list[i]);
    lua_rawseti(L, -2, i + 1);
  }
  return 1;
}

static int process_setid(lua_State *L) {
  static const char *const names[] = {"uid", "euid", "gid", "egid", NULL};
  int which = luaL_checkoption(L, 1, NULL, names);
  lua_Number id = luaL_checknumber(L, 2);
  switch (which) {
    case 0: return status(L, setuid((uid_t)id));
    case 1: return status(L, seteuid((uid_t)id));
    case 2: return status(L, setgid((gid_t)id));
    default: return status(L, setegid((gid_t)id));
  }
}

static int process_setgroups(lua_State *L) {
  luaL_checktype(L, 1, LUA_TTABLE);
  size_t count = lua_objlen(L, 1);
  gid_t *list = lua_newuserdata(L, count * sizeof *list + 1);
  for (size_t i = 0; i < count; i++) {
    lua_rawgeti(L, 1, (int)i + 1);
    list[i] = (gid_t)luaL_checknumber(L, -1);
    lua_pop(L, 1);
  }
  return status(L, setgroups(count, list));
}

static int process_initgroups(lua_State *L) {
  return status(L, initgroups(luaL_checkstring(L, 1), (gid_t)luaL_checknumber(L, 2)));
}

static int process_user(lua_State *L) {
  const struct passwd *entry = getpwnam(luaL_checkstring(L, 1));
  if (entry == NULL) return 0;
  lua_pushinteger(L, (lua_Integer)entry->pw_uid);
  return 1;
}

static int process_group(lua_State *L) {
  const struct group *entry = getgrnam(luaL_checkstring(L, 1));
  if (entry == NULL) return 0;
  lua_pushinteger(L, (lua_Integer)entry->gr_gid);
  return 1;
}

static int process_user_name(lua_State *L) {
  const struct passwd *entry = getpwuid((uid_t)luaL_checknumber(L, 1));
  if (entry == NULL) return 0;
  lua_pushstring(L, entry->pw_name);
  return 1;
}

static int process_external(lua_State *L) {
  lua_pushnumber(L, (lua_Number)runtime_get(L)->external);
  return 1;
}

static int process_memory(lua_State *L) {
  lua_pushnumber(L, (lua_Number)uv_get_free_memory());
  lua_pushnumber(L, (lua_Number)uv_get_total_memory());
  lua_pushnumber(L, (lua_Number)uv_get_constrained_memory());
  return 3;
}

static int process_abort(lua_State *L) {
  (void)L;
  abort();
}

void process_open(lua_State *L) {
  static const luaL_Reg functions[] = {
      {"cwd", process_cwd},       {"chdir", process_chdir},   {"exepath", process_exepath}, {"environ", process_environ},
      {"setenv", process_setenv}, {"pid", process_pid},       {"ppid", process_ppid},       {"umask", process_umask},
      {"kill", process_kill},     {"title", process_title},   {"rss", process_rss},         {"rusage", process_rusage},
      {"ids", process_ids},       {"groups", process_groups}, {"setid", process_setid},     {"setgroups", process_setgroups},
      {"initgroups", process_initgroups}, {"user", process_user}, {"group", process_group}, {"memory", process_memory},
      {"user_name", process_user_name}, {"external", process_external}, {"abort", process_abort}, {NULL, NULL}};
  lua_newtable(L);
  luaL_register(L, NULL, functions);
  lua_pushnumber(L, (lua_Number)uv_hrtime());
  lua_setfield(L, -2, "started");
  lua_pushfstring(L, "%d.%d.%d", LLHTTP_VERSION_MAJOR, LLHTTP_VERSION_MINOR, LLHTTP_VERSION_PATCH);
  lua_setfield(L, -2, "llhttp_version");
  lua_pushliteral(L, OPENSSL_FULL_VERSION_STR); // of the headers: the library itself is loaded by crypto
  lua_setfield(L, -2, "openssl_version");
}

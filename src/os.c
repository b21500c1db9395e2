// SPDX-License-Identifier: MIT
//
// core.os: facts of the machine, by libuv. What fails gives nil and libuv's code.
//   hostname() homedir() -> text   uname() -> {sysname, release, version, machine}   uptime() -> seconds
//   loadavg() -> three numbers   cpus() -> sequence of {model, speed, user, nice, sys, idle, irq} (MHz, ms)
//   interfaces() -> sequence of {name, internal, mac, address, netmask, family, scopeid}
//   passwd() -> {username, uid, gid, shell, homedir}   getPriority(pid), setPriority(pid, n) -> status or number, code
//   parallelism() -> count   constants() -> {errno = {...}, dlopen = {...}}
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "areas.h"
#include "runtime.h"

static int fail(lua_State *L, int err) {
  lua_pushnil(L);
  lua_pushinteger(L, err);
  return 2;
}

typedef int (*text_getter)(char *, size_t *);

// libuv's getters say how much room they want.
static int push_text(lua_State *L, text_getter get) {
  size_t size = 256;
  for (;;) {
    char *text = lua_newuserdata(L, size);
    size_t room = size;
    int err = get(text, &room);
    if (err == 0) {
      lua_pushlstring(L, text, room);
      return 1;
    }
    lua_pop(L, 1);
    if (err != UV_ENOBUFS || size >= (size_t)1 << 20) return fail(L, err);
    size = room > size ? room : size * 2;
  }
}

static int os_hostname(lua_State *L) { return push_text(L, uv_os_gethostname); }
static int os_homedir(lua_State *L) { return push_text(L, uv_os_homedir); }

static void set_text(lua_State *L, const char *name, const char *value) {
  lua_pushstring(L, value);
  lua_setfield(L, -2, name);
}

static void set_number(lua_State *L, const char *name, double value) {
  lua_pushnumber(L, value);
  lua_setfield(L, -2, name);
}

static int os_uname(lua_State *L) {
  uv_utsname_t names;
  int err = uv_os_uname(&names);
  if (err != 0) return fail(L, err);
  lua_createtable(L, 0, 4);
  set_text(L, "sysname", names.sysname);
  set_text(L, "release", names.release);
  set_text(L, "version", names.version);
  set_text(L, "machine", names.machine);
  return 1;
}

static int os_uptime(lua_State *L) {
  double seconds;
  int err = uv_uptime(&seconds);
  if (err != 0) return fail(L, err);
  lua_pushnumber(L, seconds);
  return 1;
}

static int os_loadavg(lua_State *L) {
  double average[3];
  uv_loadavg(average);
  for (int i = 0; i < 3; i++) lua_pushnumber(L, average[i]);
  return 3;
}

static int os_cpus(lua_State *L) {
  uv_cpu_info_t *list;
  int count;
  int err = uv_cpu_info(&list, &count);
  if (err != 0) return fail(L, err);
  lua_createtable(L, count, 0);
  for (int i = 0; i < count; i++) {
    lua_createtable(L, 0, 7);
    set_text(L, "model", list[i].model);
    set_number(L, "speed", list[i].speed);
    set_number(L, "user", (double)list[i].cpu_times.user);
    set_number(L, "nice", (double)list[i].cpu_times.nice);
    set_number(L, "sys", (double)list[i].cpu_times.sys);
    set_number(L, "idle", (double)list[i].cpu_times.idle);
    set_number(L, "irq", (double)list[i].cpu_times.irq);
    lua_rawseti(L, -2, i + 1);
  }
  uv_free_cpu_info(list, count);
  return 1;
}

static void set_address(lua_State *L, const char *name, const struct sockaddr *address) {
  char text[INET6_ADDRSTRLEN] = "";
  if (address->sa_family == AF_INET6) uv_ip6_name((const struct sockaddr_in6 *)address, text, sizeof text);
  else uv_ip4_name((const struct sockaddr_in *)address, text, sizeof text);
  set_text(L, name, text);
}

static int os_interfaces(lua_State *L) {
  uv_interface_address_t *list;
  int count;
  int err = uv_interface_addresses(&list, &count);
  if (err == UV_ENOSYS) {
    lua_newtable(L);
    return 1;
  }
  if (err != 0) return fail(L, err);
  lua_createtable(L, count, 0);
  int n = 0;
  for (int i = 0; i < count; i++) {
    const uv_interface_address_t *entry = &list[i];
    int family = entry->address.address4.sin_family;
    if (family != AF_INET && family != AF_INET6) continue;
    lua_createtable(L, 0, 7);
    set_text(L, "name", entry->name);
    lua_pushboolean(L, entry->is_internal);
    lua_setfield(L, -2, "internal");
    const unsigned char *mac = (const unsigned char *)entry->phys_addr;
    char text[18];
    snprintf(text, sizeof text, "%02x:%02x:%02x:%02x:%02x:%02x", mac[0], mac[1], mac[2], mac[3], mac[4], mac[5]);
    set_text(L, "mac", text);
    set_address(L, "address", (const struct sockaddr *)&entry->address);
    set_address(L, "netmask", (const struct sockaddr *)&entry->netmask);
    set_text(L, "family", family == AF_INET ? "IPv4" : "IPv6");
    if (family == AF_INET6) set_number(L, "scopeid", entry->address.address6.sin6_scope_id);
    lua_rawseti(L, -2, ++n);
  }
  uv_free_interface_addresses(list, count);
  return 1;
}

static int os_passwd(lua_State *L) {
  uv_passwd_t entry;
  int err = uv_os_get_passwd(&entry);
  if (err != 0) return fail(L, err);
  lua_createtable(L, 0, 5);
  set_text(L, "username", entry.username);
  set_number(L, "uid", (double)entry.uid);
  set_number(L, "gid", (double)entry.gid);
  if (entry.shell != NULL) set_text(L, "shell", entry.shell);
  set_text(L, "homedir", entry.homedir);
  uv_os_free_passwd(&entry);
  return 1;
}

static int os_get_priority(lua_State *L) {
  int priority;
  int err = uv_os_getpriority((uv_pid_t)luaL_checkinteger(L, 1), &priority);
  if (err != 0) return fail(L, err);
  lua_pushinteger(L, priority);
  return 1;
}

static int os_set_priority(lua_State *L) {
  lua_pushinteger(L, uv_os_setpriority((uv_pid_t)luaL_checkinteger(L, 1), (int)luaL_checkinteger(L, 2)));
  return 1;
}

static int os_parallelism(lua_State *L) {
  lua_pushinteger(L, (lua_Integer)uv_available_parallelism());
  return 1;
}

static int os_constants(lua_State *L) {
  static const struct {
    const char *name;
    int value;
  } errors[] = {
#define E(name) {#name, name},
      E(E2BIG) E(EACCES) E(EADDRINUSE) E(EADDRNOTAVAIL) E(EAFNOSUPPORT) E(EAGAIN) E(EALREADY) E(EBADF) E(EBADMSG) E(EBUSY)
      E(ECANCELED) E(ECHILD) E(ECONNABORTED) E(ECONNREFUSED) E(ECONNRESET) E(EDEADLK) E(EDESTADDRREQ) E(EDOM) E(EDQUOT)
      E(EEXIST) E(EFAULT) E(EFBIG) E(EHOSTUNREACH) E(EIDRM) E(EILSEQ) E(EINPROGRESS) E(EINTR) E(EINVAL) E(EIO) E(EISCONN)
      E(EISDIR) E(ELOOP) E(EMFILE) E(EMLINK) E(EMSGSIZE) E(EMULTIHOP) E(ENAMETOOLONG) E(ENETDOWN) E(ENETRESET)
      E(ENETUNREACH) E(ENFILE) E(ENOBUFS) E(ENODATA) E(ENODEV) E(ENOENT) E(ENOEXEC) E(ENOLCK) E(ENOLINK) E(ENOMEM)
      E(ENOMSG) E(ENOPROTOOPT) E(ENOSPC) E(ENOSR) E(ENOSTR) E(ENOSYS) E(ENOTCONN) E(ENOTDIR) E(ENOTEMPTY) E(ENOTSOCK)
      E(ENOTSUP) E(ENOTTY) E(ENXIO) E(EOPNOTSUPP) E(EOVERFLOW) E(EPERM) E(EPIPE) E(EPROTO) E(EPROTONOSUPPORT)
      E(EPROTOTYPE) E(ERANGE) E(EROFS) E(ESPIPE) E(ESRCH) E(ESTALE) E(ETIME) E(ETIMEDOUT) E(ETXTBSY) E(EWOULDBLOCK) E(EXDEV)
#undef E
  };
  static const struct {
    const char *name;
    int value;
  } dl[] = {{"RTLD_LAZY", RTLD_LAZY}, {"RTLD_NOW", RTLD_NOW}, {"RTLD_GLOBAL", RTLD_GLOBAL}, {"RTLD_LOCAL", RTLD_LOCAL},
#ifdef RTLD_DEEPBIND
            {"RTLD_DEEPBIND", RTLD_DEEPBIND},
#endif
  };
  lua_createtable(L, 0, 2);
  lua_newtable(L);
  for (size_t i = 0; i < sizeof errors / sizeof *errors; i++) set_number(L, errors[i].name, errors[i].value);
  lua_setfield(L, -2, "errno");
  lua_newtable(L);
  for (size_t i = 0; i < sizeof dl / sizeof *dl; i++) set_number(L, dl[i].name, dl[i].value);
  lua_setfield(L, -2, "dlopen");
  return 1;
}

void os_open(lua_State *L) {
  static const luaL_Reg functions[] = {{"hostname", os_hostname},       {"homedir", os_homedir},         {"uname", os_uname},
                                       {"uptime", os_uptime},           {"loadavg", os_loadavg},         {"cpus", os_cpus},
                                       {"interfaces", os_interfaces},   {"passwd", os_passwd},           {"getPriority", os_get_priority},
                                       {"setPriority", os_set_priority}, {"parallelism", os_parallelism}, {"constants", os_constants},
                                       {NULL, NULL}};
  lua_newtable(L);
  luaL_register(L, NULL, functions);
}

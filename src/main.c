// SPDX-License-Identifier: MIT
//
// The command. It makes a Lua state that finds the embedded modules, and hands the
// arguments to lua/internal/main.lua, which does the rest and returns the exit code.
#include <errno.h>
#include <fcntl.h>
#include <lauxlib.h>
#include <lua.h>
#include <luajit.h>
#include <lualib.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "embed.h"
#include "luabind.h"
#include "runtime.h"

static int compare(const void *name, const void *entry) {
  return strcmp(name, ((const struct embedded *)entry)->name);
}

// A package loader: "lunode.x" from the executable.
static int load_embedded(lua_State *L) {
  const char *name = luaL_checkstring(L, 1);
  const struct embedded *e = bsearch(name, embedded, (size_t)embedded_count, sizeof *embedded, compare);
  if (e == NULL) {
    lua_pushfstring(L, "\n\tno module '%s' in the executable", name);
    return 1;
  }
  if (luaL_loadbuffer(L, (const char *)e->code, e->size, e->chunk) != 0) return lua_error(L);
  return 1;
}

static void install_loader(lua_State *L) {
  lua_getglobal(L, "package");
  lua_getfield(L, -1, "preload");
  lua_pushcfunction(L, luaopen_lunode_core);
  lua_setfield(L, -2, "lunode.core");
  lua_pushcfunction(L, luaopen_lunode_compiler);
  lua_setfield(L, -2, "lunode.compiler");
  lua_pop(L, 1);
  lua_getfield(L, -1, "loaders");
  for (int i = (int)lua_objlen(L, -1); i >= 2; i--) {
    lua_rawgeti(L, -1, i);
    lua_rawseti(L, -2, i + 1);
  }
  lua_pushcfunction(L, load_embedded);
  lua_rawseti(L, -2, 2);
  lua_pop(L, 2);
}

static int traceback(lua_State *L) {
  const char *text = lua_tostring(L, 1);
  luaL_traceback(L, L, text != NULL ? text : luaL_typename(L, 1), 1);
  return 1;
}

static int run(lua_State *L) {
  int argc = (int)lua_tointeger(L, 1);
  char **argv = lua_touserdata(L, 2);
  luaL_openlibs(L);
  install_loader(L);
  lua_getglobal(L, "require");
  lua_pushliteral(L, "lunode.internal.collector");
  lua_call(L, 1, 0);
  lua_getglobal(L, "require");
  lua_pushliteral(L, "lunode.internal.main");
  lua_call(L, 1, 1);
  lua_createtable(L, argc, 0);
  for (int i = 0; i < argc; i++) {
    lua_pushstring(L, argv[i]);
    lua_rawseti(L, -2, i);
  }
  lua_call(L, 1, 1);
  return 1;
}

// A standard descriptor that is closed would be given to the next file or socket.
static void open_standard_descriptors(void) {
  for (int fd = STDIN_FILENO; fd <= STDERR_FILENO; fd++) {
    struct stat st;
    if (fstat(fd, &st) == 0 || errno != EBADF) continue;
    if (open("/dev/null", O_RDWR) != fd) abort(); // the lowest that is free
  }
}

int main(int argc, char **argv) {
  open_standard_descriptors();
  argv = uv_setup_args(argc, argv);
  lua_State *L = luaL_newstate();
  if (L == NULL) {
    fputs("lunode: out of memory\n", stderr);
    return 1;
  }
  lua_pushcfunction(L, traceback);
  lua_pushcfunction(L, run);
  lua_pushinteger(L, argc);
  lua_pushlightuserdata(L, argv);
  int code = 1;
  if (lua_pcall(L, 2, 1, 1) != 0) {
    fprintf(stderr, "lunode: %s\n", lua_tostring(L, -1));
  } else {
    code = (int)lua_tointeger(L, -1);
  }
  lua_close(L);
  return code;
}

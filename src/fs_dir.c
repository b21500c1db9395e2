// SPDX-License-Identifier: MIT
//
// core.fs_dir: folders read piece by piece. Callbacks as in core.fs.
//   open(path, callback) -> dir
//   read(dir, count, callback) -> names, types (two sequences, empty at the end)
//   close(dir, callback)
// One operation at a time: Lua keeps the order. A dir that is collected open is closed.
#include <stdlib.h>

#include "areas.h"
#include "fs.h"

static const char TYPE[] = "lunode.fs_dir";

typedef struct dir {
  uv_dir_t *uv; // NULL: closed
  runtime *rt;
  uv_dirent_t *entries; // of the read that is under way
  bool busy;
} dir;

static dir *check(lua_State *L) {
  dir *d = luaL_checkudata(L, 1, TYPE);
  if (d->uv == NULL) luaL_error(L, "the folder is closed");
  if (d->busy) luaL_error(L, "the folder is in use");
  return d;
}

static int push_opened(lua_State *L, fs_request *r) {
  dir *d = lua_newuserdata(L, sizeof *d);
  d->uv = r->uv.ptr;
  d->rt = r->rt;
  d->entries = NULL;
  d->busy = false;
  luaL_getmetatable(L, TYPE);
  lua_setmetatable(L, -2);
  return 1;
}

static int dir_open(lua_State *L) {
  const char *path = luaL_checkstring(L, 1);
  fs_check_callback(L, 2);
  fs_request *r = fs_request_begin(L, 2, 0, 0);
  r->push = push_opened;
  return fs_request_submit(L, r, uv_fs_opendir(&r->rt->loop, &r->uv, path, r->done));
}

static int push_entries(lua_State *L, fs_request *r) {
  dir *d = r->owner;
  lua_newtable(L);
  lua_newtable(L);
  for (int i = 0; i < (int)r->uv.result; i++) {
    lua_pushstring(L, d->entries[i].name);
    lua_rawseti(L, -3, i + 1);
    lua_pushstring(L, fs_dirent_name(d->entries[i].type));
    lua_rawseti(L, -2, i + 1);
  }
  return 2;
}

static void read_over(fs_request *r) {
  dir *d = r->owner;
  d->busy = false;
}

static int dir_read(lua_State *L) {
  dir *d = check(L);
  lua_Number count = luaL_checknumber(L, 2);
  if (!(count >= 1 && count <= 1 << 20)) return luaL_error(L, "a count of 1 to 1048576 expected");
  fs_check_callback(L, 3);
  uv_dirent_t *entries = realloc(d->entries, (size_t)count * sizeof *entries);
  if (entries == NULL) return luaL_error(L, "out of memory");
  d->entries = entries;
  fs_request *r = fs_request_begin(L, 3, 1, 0);
  r->owner = d;
  r->push = push_entries;
  r->over = read_over;
  d->busy = true;
  d->uv->dirents = d->entries;
  d->uv->nentries = (size_t)count;
  return fs_request_submit(L, r, uv_fs_readdir(&r->rt->loop, &r->uv, d->uv, r->done));
}

static void release(dir *d) {
  free(d->entries);
  d->entries = NULL;
  d->uv = NULL;
}

static int dir_close(lua_State *L) {
  dir *d = check(L);
  fs_check_callback(L, 2);
  fs_request *r = fs_request_begin(L, 2, 0, 0);
  uv_dir_t *uv = d->uv;
  release(d);
  return fs_request_submit(L, r, uv_fs_closedir(&r->rt->loop, &r->uv, uv, r->done));
}

static int dir_gc(lua_State *L) {
  dir *d = lua_touserdata(L, 1);
  if (d->uv == NULL) return 0;
  uv_fs_t req;
  uv_fs_closedir(NULL, &req, d->uv, NULL); // without a callback the loop is not asked
  uv_fs_req_cleanup(&req);
  release(d);
  return 0;
}

void fs_dir_open(lua_State *L) {
  static const luaL_Reg functions[] = {{"open", dir_open}, {"read", dir_read}, {"close", dir_close}, {NULL, NULL}};
  luaL_newmetatable(L, TYPE);
  lua_pushcfunction(L, dir_gc);
  lua_setfield(L, -2, "__gc");
  lua_pop(L, 1);
  lua_newtable(L);
  luaL_register(L, NULL, functions);
}

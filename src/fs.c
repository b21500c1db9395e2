// SPDX-License-Identifier: MIT
//
// core.fs: libuv's file operations. Each takes its arguments and a callback or nil last:
//   with nil it blocks and returns the result, or nil and libuv's code;
//   with a function it returns 0 (or a code when it could not even start) and calls fn(code or nil, result) later.
// Paths are byte strings without NUL (Lua checks). Positions: -1 is the file's own. Results by kind:
//   a number (open, read, write, …) · a path (readlink, realpath, mkdtemp) · true
//   stat: a sequence dev mode nlink uid gid rdev blksize ino size blocks atime mtime ctime birthtime (times in ms)
//     with `wide`: a string of 18 int64: the first ten, then seconds and nanoseconds of the four times
//   scandir: names, types (two sequences; types: "file" "dir" "link" "fifo" "socket" "char" "block" "unknown")
//   statfs: a sequence type bsize blocks bfree bavail files ffree; with `wide` a string of 7 int64
// Buffers and strings that are read or written are held until the operation is over.
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/uio.h>
#include <unistd.h>

#include "areas.h"
#include "buffer.h"
#include "call.h"
#include "error.h"
#include "fs.h"
#include "ref.h"

// ---- results

const char *fs_dirent_name(uv_dirent_type_t type) {
  switch (type) {
    case UV_DIRENT_FILE: return "file";
    case UV_DIRENT_DIR: return "dir";
    case UV_DIRENT_LINK: return "link";
    case UV_DIRENT_FIFO: return "fifo";
    case UV_DIRENT_SOCKET: return "socket";
    case UV_DIRENT_CHAR: return "char";
    case UV_DIRENT_BLOCK: return "block";
    default: return "unknown";
  }
}

static double milliseconds(const uv_timespec_t *t) {
  return (double)t->tv_sec * 1e3 + (double)t->tv_nsec / 1e6;
}

static int push_numbers(lua_State *L, const double *values, int count) {
  lua_createtable(L, count, 0);
  for (int i = 0; i < count; i++) {
    lua_pushnumber(L, values[i]);
    lua_rawseti(L, -2, i + 1);
  }
  return 1;
}

int fs_push_stat(lua_State *L, const uv_stat_t *s, bool wide) {
  if (wide) {
    const int64_t values[] = {(int64_t)s->st_dev, (int64_t)s->st_mode, (int64_t)s->st_nlink, (int64_t)s->st_uid, (int64_t)s->st_gid,
                              (int64_t)s->st_rdev, (int64_t)s->st_blksize, (int64_t)s->st_ino, (int64_t)s->st_size, (int64_t)s->st_blocks,
                              s->st_atim.tv_sec, s->st_atim.tv_nsec, s->st_mtim.tv_sec, s->st_mtim.tv_nsec,
                              s->st_ctim.tv_sec, s->st_ctim.tv_nsec, s->st_birthtim.tv_sec, s->st_birthtim.tv_nsec};
    lua_pushlstring(L, (const char *)values, sizeof values);
    return 1;
  }
  const double values[] = {(double)s->st_dev, (double)s->st_mode, (double)s->st_nlink, (double)s->st_uid, (double)s->st_gid,
                           (double)s->st_rdev, (double)s->st_blksize, (double)s->st_ino, (double)s->st_size, (double)s->st_blocks,
                           milliseconds(&s->st_atim), milliseconds(&s->st_mtim), milliseconds(&s->st_ctim), milliseconds(&s->st_birthtim)};
  return push_numbers(L, values, sizeof values / sizeof *values);
}

static int push_statfs(lua_State *L, const uv_statfs_t *s, bool wide) {
  if (wide) {
    const int64_t values[] = {(int64_t)s->f_type, (int64_t)s->f_bsize, (int64_t)s->f_blocks, (int64_t)s->f_bfree,
                              (int64_t)s->f_bavail, (int64_t)s->f_files, (int64_t)s->f_ffree};
    lua_pushlstring(L, (const char *)values, sizeof values);
    return 1;
  }
  const double values[] = {(double)s->f_type, (double)s->f_bsize, (double)s->f_blocks, (double)s->f_bfree,
                           (double)s->f_bavail, (double)s->f_files, (double)s->f_ffree};
  return push_numbers(L, values, sizeof values / sizeof *values);
}

static int push_scandir(lua_State *L, uv_fs_t *req) {
  uv_dirent_t entry;
  lua_newtable(L);
  lua_newtable(L);
  for (int i = 1; uv_fs_scandir_next(req, &entry) != UV_EOF; i++) {
    lua_pushstring(L, entry.name);
    lua_rawseti(L, -3, i);
    lua_pushstring(L, fs_dirent_name(entry.type));
    lua_rawseti(L, -2, i);
  }
  return 2;
}

// Pushes what a successful request gave; the count of values.
static int push_result(lua_State *L, fs_request *r) {
  uv_fs_t *req = &r->uv;
  if (r->push != NULL) return r->push(L, r);
  switch (req->fs_type) {
    case UV_FS_STAT:
    case UV_FS_LSTAT:
    case UV_FS_FSTAT:
      return fs_push_stat(L, &req->statbuf, r->wide);
    case UV_FS_READLINK:
    case UV_FS_REALPATH:
      lua_pushstring(L, req->ptr);
      return 1;
    case UV_FS_MKDTEMP:
      lua_pushstring(L, req->path);
      return 1;
    case UV_FS_SCANDIR:
      return push_scandir(L, req);
    case UV_FS_STATFS:
      return push_statfs(L, req->ptr, r->wide);
    case UV_FS_OPEN:
    case UV_FS_READ:
    case UV_FS_WRITE:
      lua_pushnumber(L, (lua_Number)req->result);
      return 1;
    default:
      lua_pushboolean(L, 1);
      return 1;
  }
}

// ---- the life of a request

static void release(lua_State *L, fs_request *r) {
  uv_fs_req_cleanup(&r->uv);
  ref_drop(L, &r->ref_callback);
  ref_drop(L, &r->ref_data);
  free(r);
}

static void on_done(uv_fs_t *req) {
  fs_request *r = req->data;
  runtime *rt = r->rt;
  lua_State *L = rt->L;
  if (r->over != NULL) r->over(r);
  if (!call_begin(rt, 8)) {
    uv_fs_req_cleanup(req);
    free(r);
    return;
  }
  ref_push(L, r->ref_callback);
  int nargs = 1;
  if (req->result < 0) {
    lua_pushinteger(L, (lua_Integer)req->result);
  } else {
    lua_pushnil(L);
    nargs += push_result(L, r);
  }
  release(L, r);
  call_end(rt, nargs);
}

fs_request *fs_request_begin(lua_State *L, int callback, int data, size_t bufs) {
  runtime *rt = runtime_get(L);
  fs_request *r = malloc(sizeof *r + bufs * sizeof *r->bufs);
  if (r == NULL) luaL_error(L, "out of memory");
  memset(r, 0, sizeof *r);
  r->uv.data = r;
  r->rt = rt;
  r->ref_callback = r->ref_data = LUA_NOREF;
  if (lua_isnoneornil(L, callback)) return r;
  r->done = on_done;
  lua_pushvalue(L, callback);
  ref_set(L, &r->ref_callback);
  if (data != 0) {
    lua_pushvalue(L, data);
    ref_set(L, &r->ref_data);
  }
  return r;
}

int fs_request_submit(lua_State *L, fs_request *r, int err) {
  if (r->done != NULL) { // the callback comes, unless it could not start
    lua_pushinteger(L, err < 0 ? err : 0);
    if (err >= 0) return 1;
    if (r->over != NULL) r->over(r);
    release(L, r);
    return 1;
  }
  if (r->over != NULL) r->over(r);
  int count;
  if (r->uv.result < 0 || err < 0) {
    lua_pushnil(L);
    lua_pushinteger(L, (lua_Integer)(r->uv.result < 0 ? r->uv.result : err));
    count = 2;
  } else {
    count = push_result(L, r);
  }
  release(L, r);
  return count;
}

void fs_check_callback(lua_State *L, int index) {
  if (!lua_isnoneornil(L, index)) luaL_checktype(L, index, LUA_TFUNCTION);
}

// ---- operations, by the shape of their arguments

typedef int (*path_op)(uv_loop_t *, uv_fs_t *, const char *, uv_fs_cb);
typedef int (*path2_op)(uv_loop_t *, uv_fs_t *, const char *, const char *, uv_fs_cb);
typedef int (*fd_op)(uv_loop_t *, uv_fs_t *, uv_file, uv_fs_cb);

static int with_path(lua_State *L, path_op op) {
  const char *path = luaL_checkstring(L, 1);
  fs_check_callback(L, 2);
  fs_request *r = fs_request_begin(L, 2, 0, 0);
  return fs_request_submit(L, r, op(&r->rt->loop, &r->uv, path, r->done));
}

static int with_paths(lua_State *L, path2_op op) {
  const char *from = luaL_checkstring(L, 1), *to = luaL_checkstring(L, 2);
  fs_check_callback(L, 3);
  fs_request *r = fs_request_begin(L, 3, 0, 0);
  return fs_request_submit(L, r, op(&r->rt->loop, &r->uv, from, to, r->done));
}

static int with_fd(lua_State *L, fd_op op) {
  uv_file fd = (uv_file)luaL_checkinteger(L, 1);
  fs_check_callback(L, 2);
  fs_request *r = fs_request_begin(L, 2, 0, 0);
  return fs_request_submit(L, r, op(&r->rt->loop, &r->uv, fd, r->done));
}

static int fs_close(lua_State *L) { return with_fd(L, uv_fs_close); }
static int fs_fsync(lua_State *L) { return with_fd(L, uv_fs_fsync); }
static int fs_fdatasync(lua_State *L) { return with_fd(L, uv_fs_fdatasync); }
static int fs_unlink(lua_State *L) { return with_path(L, uv_fs_unlink); }
static int fs_rmdir(lua_State *L) { return with_path(L, uv_fs_rmdir); }
static int fs_readlink(lua_State *L) { return with_path(L, uv_fs_readlink); }
static int fs_realpath(lua_State *L) { return with_path(L, uv_fs_realpath); }
static int fs_mkdtemp(lua_State *L) { return with_path(L, uv_fs_mkdtemp); }
static int fs_rename(lua_State *L) { return with_paths(L, uv_fs_rename); }
static int fs_link(lua_State *L) { return with_paths(L, uv_fs_link); }

// stat, lstat, statfs (path, wide, callback), fstat (fd, …)
static int with_path_wide(lua_State *L, path_op op) {
  const char *path = luaL_checkstring(L, 1);
  fs_check_callback(L, 3);
  fs_request *r = fs_request_begin(L, 3, 0, 0);
  r->wide = lua_toboolean(L, 2);
  return fs_request_submit(L, r, op(&r->rt->loop, &r->uv, path, r->done));
}

static int fs_stat(lua_State *L) { return with_path_wide(L, uv_fs_stat); }
static int fs_lstat(lua_State *L) { return with_path_wide(L, uv_fs_lstat); }
static int fs_statfs(lua_State *L) { return with_path_wide(L, uv_fs_statfs); }

static int fs_fstat(lua_State *L) {
  uv_file fd = (uv_file)luaL_checkinteger(L, 1);
  fs_check_callback(L, 3);
  fs_request *r = fs_request_begin(L, 3, 0, 0);
  r->wide = lua_toboolean(L, 2);
  return fs_request_submit(L, r, uv_fs_fstat(&r->rt->loop, &r->uv, fd, r->done));
}

// open(path, flags, mode, callback)
static int fs_open_file(lua_State *L) {
  const char *path = luaL_checkstring(L, 1);
  int flags = (int)luaL_checkinteger(L, 2), mode = (int)luaL_checkinteger(L, 3);
  fs_check_callback(L, 4);
  fs_request *r = fs_request_begin(L, 4, 0, 0);
  return fs_request_submit(L, r, uv_fs_open(&r->rt->loop, &r->uv, path, flags, mode, r->done));
}

static void check_window(lua_State *L, size_t length, lua_Number offset, lua_Number count) {
  if (!(offset >= 0 && count >= 0 && offset + count <= (lua_Number)length)) luaL_error(L, "range outside of the Buffer");
}

// read(fd, buffer, offset, length, position, callback) -> bytes
static int fs_read(lua_State *L) {
  uv_file fd = (uv_file)luaL_checkinteger(L, 1);
  buffer *b = buffer_test(L, 2);
  if (b == NULL) return luaL_error(L, "Buffer expected, got %s", luaL_typename(L, 2));
  lua_Number offset = luaL_checknumber(L, 3), length = luaL_checknumber(L, 4), position = luaL_checknumber(L, 5);
  check_window(L, b->length, offset, length);
  fs_check_callback(L, 6);
  fs_request *r = fs_request_begin(L, 6, 2, 0);
  uv_buf_t buf = uv_buf_init((char *)b->data + (size_t)offset, (unsigned)length);
  return fs_request_submit(L, r, uv_fs_read(&r->rt->loop, &r->uv, fd, &buf, 1, (int64_t)position, r->done));
}

// readNow(fd, buffer, offset, length, position) -> bytes that need no waiting (0: end), or nil when that cannot be told
static int fs_read_now(lua_State *L) {
#ifdef RWF_NOWAIT
  int fd = (int)luaL_checkinteger(L, 1);
  buffer *b = buffer_test(L, 2);
  if (b == NULL) return luaL_error(L, "Buffer expected, got %s", luaL_typename(L, 2));
  lua_Number offset = luaL_checknumber(L, 3), length = luaL_checknumber(L, 4), position = luaL_checknumber(L, 5);
  check_window(L, b->length, offset, length);
  struct iovec io = {b->data + (size_t)offset, (size_t)length};
  ssize_t n = preadv2(fd, &io, 1, (off_t)position, RWF_NOWAIT);
  if (n >= 0) {
    lua_pushnumber(L, (lua_Number)n);
    return 1;
  }
#endif
  lua_pushnil(L);
  return 1;
}

// write(fd, bytes, offset, length, position, callback) -> bytes
static int fs_write(lua_State *L) {
  uv_file fd = (uv_file)luaL_checkinteger(L, 1);
  size_t size;
  const char *bytes = buffer_check_bytes(L, 2, &size);
  lua_Number offset = luaL_checknumber(L, 3), length = luaL_checknumber(L, 4), position = luaL_checknumber(L, 5);
  check_window(L, size, offset, length);
  fs_check_callback(L, 6);
  fs_request *r = fs_request_begin(L, 6, 2, 0);
  uv_buf_t buf = uv_buf_init((char *)bytes + (size_t)offset, (unsigned)length);
  return fs_request_submit(L, r, uv_fs_write(&r->rt->loop, &r->uv, fd, &buf, 1, (int64_t)position, r->done));
}

// readv(fd, {buffer, …}, position, callback), writev the same with strings or Buffers -> bytes
static int vector(lua_State *L, bool writing) {
  uv_file fd = (uv_file)luaL_checkinteger(L, 1);
  luaL_checktype(L, 2, LUA_TTABLE);
  lua_Number position = luaL_checknumber(L, 3);
  fs_check_callback(L, 4);
  size_t count = lua_objlen(L, 2);
  if (count == 0 || count > 1 << 20) return luaL_error(L, "a list of 1 to 1048576 Buffers expected");
  lua_settop(L, 4);
  lua_createtable(L, (int)count, 0); // the caller may change its list: what it holds now is kept
  for (size_t i = 1; i <= count; i++) {
    lua_rawgeti(L, 2, (int)i);
    size_t length;
    if (writing ? buffer_bytes(L, -1, &length) == NULL : buffer_test(L, -1) == NULL) return luaL_error(L, "Buffer expected, got %s", luaL_typename(L, -1));
    lua_rawseti(L, 5, (int)i);
  }
  fs_request *r = fs_request_begin(L, 4, 5, count);
  for (size_t i = 0; i < count; i++) {
    lua_rawgeti(L, 5, (int)i + 1);
    size_t length;
    const char *bytes = buffer_bytes(L, -1, &length);
    r->bufs[i] = uv_buf_init((char *)bytes, (unsigned)length);
    lua_pop(L, 1);
  }
  int err = writing ? uv_fs_write(&r->rt->loop, &r->uv, fd, r->bufs, (unsigned)count, (int64_t)position, r->done)
                    : uv_fs_read(&r->rt->loop, &r->uv, fd, r->bufs, (unsigned)count, (int64_t)position, r->done);
  return fs_request_submit(L, r, err);
}

static int fs_readv(lua_State *L) { return vector(L, false); }
static int fs_writev(lua_State *L) { return vector(L, true); }

// access(path, mode), chmod(path, mode), fchmod(fd, mode), mkdir(path, mode), ftruncate(fd, length)
static int fs_access(lua_State *L) {
  const char *path = luaL_checkstring(L, 1);
  int mode = (int)luaL_checkinteger(L, 2);
  fs_check_callback(L, 3);
  fs_request *r = fs_request_begin(L, 3, 0, 0);
  return fs_request_submit(L, r, uv_fs_access(&r->rt->loop, &r->uv, path, mode, r->done));
}

static int fs_chmod(lua_State *L) {
  const char *path = luaL_checkstring(L, 1);
  int mode = (int)luaL_checkinteger(L, 2);
  fs_check_callback(L, 3);
  fs_request *r = fs_request_begin(L, 3, 0, 0);
  return fs_request_submit(L, r, uv_fs_chmod(&r->rt->loop, &r->uv, path, mode, r->done));
}

static int fs_fchmod(lua_State *L) {
  uv_file fd = (uv_file)luaL_checkinteger(L, 1);
  int mode = (int)luaL_checkinteger(L, 2);
  fs_check_callback(L, 3);
  fs_request *r = fs_request_begin(L, 3, 0, 0);
  return fs_request_submit(L, r, uv_fs_fchmod(&r->rt->loop, &r->uv, fd, mode, r->done));
}

static int fs_mkdir(lua_State *L) {
  const char *path = luaL_checkstring(L, 1);
  int mode = (int)luaL_checkinteger(L, 2);
  fs_check_callback(L, 3);
  fs_request *r = fs_request_begin(L, 3, 0, 0);
  return fs_request_submit(L, r, uv_fs_mkdir(&r->rt->loop, &r->uv, path, mode, r->done));
}

static int fs_ftruncate(lua_State *L) {
  uv_file fd = (uv_file)luaL_checkinteger(L, 1);
  lua_Number length = luaL_checknumber(L, 2);
  fs_check_callback(L, 3);
  fs_request *r = fs_request_begin(L, 3, 0, 0);
  return fs_request_submit(L, r, uv_fs_ftruncate(&r->rt->loop, &r->uv, fd, (int64_t)length, r->done));
}

// symlink(target, path, flags)
static int fs_symlink(lua_State *L) {
  const char *target = luaL_checkstring(L, 1), *path = luaL_checkstring(L, 2);
  int flags = (int)luaL_checkinteger(L, 3);
  fs_check_callback(L, 4);
  fs_request *r = fs_request_begin(L, 4, 0, 0);
  return fs_request_submit(L, r, uv_fs_symlink(&r->rt->loop, &r->uv, target, path, flags, r->done));
}

// scandir(path)
static int fs_scandir(lua_State *L) {
  const char *path = luaL_checkstring(L, 1);
  fs_check_callback(L, 2);
  fs_request *r = fs_request_begin(L, 2, 0, 0);
  return fs_request_submit(L, r, uv_fs_scandir(&r->rt->loop, &r->uv, path, 0, r->done));
}

// utime, lutime (path, atime, mtime), futime (fd, …): seconds
typedef int (*path_times_op)(uv_loop_t *, uv_fs_t *, const char *, double, double, uv_fs_cb);
static int with_path_times(lua_State *L, path_times_op op) {
  const char *path = luaL_checkstring(L, 1);
  double atime = luaL_checknumber(L, 2), mtime = luaL_checknumber(L, 3);
  fs_check_callback(L, 4);
  fs_request *r = fs_request_begin(L, 4, 0, 0);
  return fs_request_submit(L, r, op(&r->rt->loop, &r->uv, path, atime, mtime, r->done));
}

static int fs_utime(lua_State *L) { return with_path_times(L, uv_fs_utime); }
static int fs_lutime(lua_State *L) { return with_path_times(L, uv_fs_lutime); }

static int fs_futime(lua_State *L) {
  uv_file fd = (uv_file)luaL_checkinteger(L, 1);
  double atime = luaL_checknumber(L, 2), mtime = luaL_checknumber(L, 3);
  fs_check_callback(L, 4);
  fs_request *r = fs_request_begin(L, 4, 0, 0);
  return fs_request_submit(L, r, uv_fs_futime(&r->rt->loop, &r->uv, fd, atime, mtime, r->done));
}

// chown, lchown (path, uid, gid), fchown (fd, …)
typedef int (*path_owner_op)(uv_loop_t *, uv_fs_t *, const char *, uv_uid_t, uv_gid_t, uv_fs_cb);
static int with_path_owner(lua_State *L, path_owner_op op) {
  const char *path = luaL_checkstring(L, 1);
  uv_uid_t uid = (uv_uid_t)luaL_checknumber(L, 2);
  uv_gid_t gid = (uv_gid_t)luaL_checknumber(L, 3);
  fs_check_callback(L, 4);
  fs_request *r = fs_request_begin(L, 4, 0, 0);
  return fs_request_submit(L, r, op(&r->rt->loop, &r->uv, path, uid, gid, r->done));
}

static int fs_chown(lua_State *L) { return with_path_owner(L, uv_fs_chown); }
static int fs_lchown(lua_State *L) { return with_path_owner(L, uv_fs_lchown); }

static int fs_fchown(lua_State *L) {
  uv_file fd = (uv_file)luaL_checkinteger(L, 1);
  uv_uid_t uid = (uv_uid_t)luaL_checknumber(L, 2);
  uv_gid_t gid = (uv_gid_t)luaL_checknumber(L, 3);
  fs_check_callback(L, 4);
  fs_request *r = fs_request_begin(L, 4, 0, 0);
  return fs_request_submit(L, r, uv_fs_fchown(&r->rt->loop, &r->uv, fd, uid, gid, r->done));
}

static void push_constants(lua_State *L) {
  static const struct {
    const char *name;
    int value;
  } constants[] = {
#define XX(name) {#name, name},
      XX(F_OK) XX(R_OK) XX(W_OK) XX(X_OK) XX(O_RDONLY) XX(O_WRONLY) XX(O_RDWR) XX(O_CREAT) XX(O_EXCL) XX(O_TRUNC) XX(O_APPEND)
      XX(O_SYNC) XX(O_DSYNC) XX(O_DIRECTORY) XX(O_NOFOLLOW) XX(O_NONBLOCK) XX(O_NOCTTY) XX(O_DIRECT) XX(O_NOATIME) XX(S_IFMT)
      XX(S_IFREG) XX(S_IFDIR) XX(S_IFCHR) XX(S_IFBLK) XX(S_IFIFO) XX(S_IFLNK) XX(S_IFSOCK) XX(S_IRWXU) XX(S_IRUSR) XX(S_IWUSR)
      XX(S_IXUSR) XX(S_IRWXG) XX(S_IRGRP) XX(S_IWGRP) XX(S_IXGRP) XX(S_IRWXO) XX(S_IROTH) XX(S_IWOTH) XX(S_IXOTH)
      XX(UV_FS_O_FILEMAP) XX(UV_FS_SYMLINK_DIR) XX(UV_FS_SYMLINK_JUNCTION) XX(UV_FS_COPYFILE_EXCL) XX(UV_FS_COPYFILE_FICLONE)
      XX(UV_FS_COPYFILE_FICLONE_FORCE) XX(UV_DIRENT_UNKNOWN) XX(UV_DIRENT_FILE) XX(UV_DIRENT_DIR) XX(UV_DIRENT_LINK)
      XX(UV_DIRENT_FIFO) XX(UV_DIRENT_SOCKET) XX(UV_DIRENT_CHAR) XX(UV_DIRENT_BLOCK)
#undef XX
  };
  lua_newtable(L);
  for (size_t i = 0; i < sizeof constants / sizeof *constants; i++) {
    lua_pushinteger(L, constants[i].value);
    lua_setfield(L, -2, constants[i].name);
  }
}

void fs_open(lua_State *L) {
  static const luaL_Reg functions[] = {
      {"open", fs_open_file}, {"close", fs_close},       {"read", fs_read},           {"readNow", fs_read_now}, {"write", fs_write},
      {"readv", fs_readv},    {"writev", fs_writev},     {"stat", fs_stat},           {"lstat", fs_lstat},      {"fstat", fs_fstat},
      {"statfs", fs_statfs},  {"access", fs_access},     {"chmod", fs_chmod},         {"fchmod", fs_fchmod},    {"mkdir", fs_mkdir},
      {"rmdir", fs_rmdir},    {"unlink", fs_unlink},     {"rename", fs_rename},       {"link", fs_link},        {"symlink", fs_symlink},
      {"readlink", fs_readlink}, {"realpath", fs_realpath}, {"mkdtemp", fs_mkdtemp},  {"scandir", fs_scandir},
      {"fsync", fs_fsync},    {"fdatasync", fs_fdatasync}, {"ftruncate", fs_ftruncate}, {"utime", fs_utime},    {"lutime", fs_lutime},
      {"futime", fs_futime},  {"chown", fs_chown},       {"lchown", fs_lchown},       {"fchown", fs_fchown},    {NULL, NULL}};
  lua_newtable(L);
  luaL_register(L, NULL, functions);
  push_constants(L);
  lua_setfield(L, -2, "constants");
}

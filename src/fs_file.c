// SPDX-License-Identifier: MIT
//
// core.fs_file: whole files in one trip to the thread pool: open, fstat, read, write or copy, close.
//
//   read(path or fd, flags, text, callback)                   -> Buffer; with `text` a string when the bytes are UTF-8
//   write(path or fd, flags, mode, bytes, flush, callback)    -> true; flush: fsync before the close
//   copy(from, to, flags, callback)                           -> true; flags: UV_FS_COPYFILE_…
//     (uv_fs_copyfile of libuv 1.44 never ends when the file gets shorter meanwhile.)
//
// With a nil callback they block and return the result, or nil, code, syscall, size. With a function they return a job and call
// fn(code or nil, result or syscall, size). The syscall "size" means a file of `size` bytes, too large for a Buffer.
// A descriptor is used from its own position and stays open.
//   cancel(job): the callback comes with ECANCELED, unless the work is done already
//
// A job gives its thread back after every TURN bytes, and after each read of what has no size (pipes, /proc), so that
// a few large or slow files do not keep all others waiting.
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <linux/fs.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "areas.h"
#include "buffer.h"
#include "call.h"
#include "encoding.h"
#include "fs.h"
#include "ref.h"

#define TURN ((size_t)4 << 20)
#define FIRST ((size_t)65536 - sizeof(block)) // room for what has no size

static const char TYPE[] = "lunode.fs_job";

typedef enum state { START, MOVE, FINISHED } state;
typedef enum task { READ, WRITE, COPY } task;

typedef struct job { // the userdata; pinned while the pool works on it
  uv_work_t work;
  runtime *rt;
  state state;
  task task;
  int fd, flags, mode;
  int from; // of a copy: the descriptor that is read, -1: none
  bool own, text, flush, sized, valid;
  bool by_hand;       // a copy: the kernel does not copy these files by itself
  const char *target; // a copy: the other path, behind `path`
  int cancelled; // set by the loop's thread, read by the pool's
  int code;      // 0, or libuv's
  const char *syscall;
  size_t size, done; // bytes expected (sized) or to be written; bytes moved
  block *block;      // what was read; its bytes beyond `done` mean nothing
  size_t room;
  const char *bytes; // what is written
  int ref_self, ref_callback, ref_data;
  char path[];
} job;

// ---- in the pool's thread (or, blocking, in the loop's)

static void fail(job *j, int error, const char *syscall) {
  j->code = -error;
  j->syscall = syscall;
  j->state = FINISHED;
}

static int open_again(const char *path, int flags, int mode) {
  int fd;
  do fd = open(path, flags | O_CLOEXEC, mode);
  while (fd < 0 && errno == EINTR);
  return fd;
}

static void open_file(job *j) {
  j->state = MOVE;
  if (!j->own) return;
  j->fd = open_again(j->path, j->flags, j->mode);
  if (j->fd < 0) fail(j, errno, "open");
}

// Both files of a copy, the other one with the first one's mode and nothing in it.
static void open_both(job *j) {
  struct stat from, to;
  j->state = MOVE;
  j->from = open_again(j->path, O_RDONLY, 0);
  if (j->from < 0 || fstat(j->from, &from) != 0) {
    fail(j, errno, "copyfile");
    return;
  }
  if (S_ISDIR(from.st_mode)) {
    fail(j, EISDIR, "copyfile");
    return;
  }
  j->fd = open_again(j->target, O_WRONLY | O_CREAT | (j->flags & UV_FS_COPYFILE_EXCL ? O_EXCL : 0), from.st_mode & 07777);
  if (j->fd < 0 || fstat(j->fd, &to) != 0) {
    fail(j, errno, "copyfile");
    return;
  }
  if (from.st_dev == to.st_dev && from.st_ino == to.st_ino) {
    j->state = FINISHED;
    return;
  }
  // A file system that has no modes says EPERM.
  if (ftruncate(j->fd, 0) != 0 || (fchmod(j->fd, from.st_mode & 07777) != 0 && errno != EPERM)) {
    fail(j, errno, "copyfile");
    return;
  }
  if (j->flags & (UV_FS_COPYFILE_FICLONE | UV_FS_COPYFILE_FICLONE_FORCE)) {
    if (ioctl(j->fd, FICLONE, j->from) == 0) {
      j->state = FINISHED;
      return;
    }
    if (j->flags & UV_FS_COPYFILE_FICLONE_FORCE) {
      fail(j, errno == ENOTTY || errno == EOPNOTSUPP || errno == EXDEV ? ENOTSUP : errno, "copyfile");
      return;
    }
  }
  if (!S_ISREG(from.st_mode)) j->state = FINISHED; // a device or pipe may have no end
  j->by_hand = from.st_size == 0;                  // of /proc, for all we know
}

static void close_file(job *j) {
  if (j->from >= 0) close(j->from);
  j->from = -1;
  if (!j->own || j->fd < 0) return;
  int fd = j->fd;
  j->fd = -1;
  // EINTR on Linux: it is closed all the same.
  if (close(fd) != 0 && errno != EINTR && errno != EINPROGRESS && j->code == 0) fail(j, errno, j->task == COPY ? "copyfile" : "close");
  if (j->task == COPY && j->code != 0) unlink(j->target);
}

// A block that no runtime knows yet: the loop's thread adopts it.
static bool resize(job *j, size_t room) {
  block *b = realloc(j->block, sizeof *b + room);
  if (b == NULL) {
    fail(j, ENOMEM, "read");
    return false;
  }
  j->block = b;
  j->room = room;
  return true;
}

static void measure(job *j) {
  struct stat st;
  if (fstat(j->fd, &st) != 0) {
    fail(j, errno, "fstat");
    return;
  }
  size_t room = FIRST;
  if (S_ISREG(st.st_mode) && st.st_size > 0) {
    if ((uint64_t)st.st_size > BUFFER_MAX) {
      j->size = (size_t)st.st_size;
      fail(j, EFBIG, "size");
      return;
    }
    j->sized = true;
    room = j->size = (size_t)st.st_size;
  }
  resize(j, room);
}

static void read_some(job *j) {
  if (j->block == NULL) {
    measure(j);
    if (j->state == FINISHED) return;
  }
  size_t turn = 0;
  while (turn < TURN && !__atomic_load_n(&j->cancelled, __ATOMIC_RELAXED)) {
    if (!j->sized && j->done == j->room) {
      if (j->room >= BUFFER_MAX) {
        j->size = j->done;
        fail(j, EFBIG, "size");
        return;
      }
      size_t room = j->room * 2 + sizeof(block);
      if (!resize(j, room < BUFFER_MAX ? room : BUFFER_MAX)) return;
    }
    size_t want = (j->sized ? j->size : j->room) - j->done;
    if (want > TURN - turn) want = TURN - turn;
    ssize_t n = read(j->fd, j->block->data + j->done, want);
    if (n < 0 && errno == EINTR) continue;
    if (n < 0) {
      fail(j, errno, "read");
      return;
    }
    j->done += (size_t)n;
    turn += (size_t)n;
    if (n == 0 || (j->sized && j->done == j->size)) {
      j->state = FINISHED;
      return;
    }
    if (!j->sized) return;
  }
}

static void write_some(job *j) {
  size_t turn = 0;
  while (j->done < j->size) {
    if (turn >= TURN || __atomic_load_n(&j->cancelled, __ATOMIC_RELAXED)) return;
    size_t want = j->size - j->done;
    if (want > TURN - turn) want = TURN - turn;
    ssize_t n = write(j->fd, j->bytes + j->done, want);
    if (n < 0 && errno == EINTR) continue;
    if (n < 0) {
      fail(j, errno, "write");
      return;
    }
    j->done += (size_t)n;
    turn += (size_t)n;
  }
  if (j->flush && fsync(j->fd) != 0) fail(j, errno, "fsync");
  j->state = FINISHED;
}

static bool write_whole(job *j, const uint8_t *bytes, size_t length) {
  while (length != 0) {
    ssize_t n = write(j->fd, bytes, length);
    if (n < 0 && errno == EINTR) continue;
    if (n < 0) {
      fail(j, errno, "copyfile");
      return false;
    }
    bytes += n;
    length -= (size_t)n;
  }
  return true;
}

static void copy_some(job *j) {
  for (size_t turn = 0; turn < TURN && !__atomic_load_n(&j->cancelled, __ATOMIC_RELAXED);) {
    ssize_t n;
    if (!j->by_hand) {
      n = copy_file_range(j->from, NULL, j->fd, NULL, TURN - turn, 0);
      if (n == 0 || (n < 0 && errno != EINTR)) {
        // Not between these file systems, or nothing although there may be something: asked again by reading.
        j->by_hand = true;
        continue;
      }
    } else {
      if (j->block == NULL && !resize(j, FIRST)) return;
      n = read(j->from, j->block->data, j->room);
      if (n == 0) {
        j->state = FINISHED;
        return;
      }
      if (n > 0 && !write_whole(j, j->block->data, (size_t)n)) return;
    }
    if (n < 0 && errno == EINTR) continue;
    if (n < 0) {
      fail(j, errno, "copyfile");
      return;
    }
    turn += (size_t)n;
  }
}

// What a regular file lost since it was measured, and what a growing block had to spare, goes back.
static void trim(job *j) {
  if (j->task != READ || j->block == NULL || j->code != 0 || j->done == j->room) return;
  block *b = realloc(j->block, sizeof *b + j->done);
  if (b != NULL) j->block = b;
}

static void step(job *j) {
  if (!__atomic_load_n(&j->cancelled, __ATOMIC_RELAXED)) {
    if (j->state == START && j->task == COPY) open_both(j);
    else if (j->state == START) open_file(j);
    if (j->state == MOVE) {
      if (j->task == READ) read_some(j);
      else if (j->task == WRITE) write_some(j);
      else copy_some(j);
    }
  }
  if (j->state != FINISHED && __atomic_load_n(&j->cancelled, __ATOMIC_RELAXED)) fail(j, -UV_ECANCELED, "cancel");
  if (j->state != FINISHED) return;
  close_file(j);
  trim(j);
  j->valid = j->text && j->code == 0 && j->block != NULL && utf8_valid_prefix(j->block->data, j->done) == j->done;
}

// ---- in the loop's thread

static void drop_block(job *j) {
  free(j->block);
  j->block = NULL;
}

// The count of values pushed.
static int push_result(lua_State *L, job *j) {
  if (j->task != READ) {
    drop_block(j);
    lua_pushboolean(L, 1);
    return 1;
  }
  if (j->valid) {
    lua_pushlstring(L, (const char *)j->block->data, j->done);
    drop_block(j);
    return 1;
  }
  if (j->done == 0) {
    drop_block(j);
    buffer_new(L, j->rt, 0);
    return 1;
  }
  block *b = j->block;
  j->block = NULL;
  block_adopt(j->rt, L, b, j->done);
  buffer_push_window(L, b, b->data, j->done);
  block_unref(b);
  return 1;
}

static int push_failure(lua_State *L, job *j) {
  lua_pushinteger(L, j->code);
  lua_pushstring(L, j->syscall);
  lua_pushnumber(L, (lua_Number)j->size);
  return 3;
}

static void work(uv_work_t *w) { step(w->data); }

static void after_work(uv_work_t *w, int status) {
  job *j = w->data;
  runtime *rt = j->rt;
  if (status != 0) fail(j, -status, "cancel"); // before it began: no descriptor is open
  if (j->state != FINISHED && rt->closing) j->cancelled = 1;
  if (j->state != FINISHED) {
    int err = uv_queue_work(&rt->loop, w, work, after_work);
    if (err == 0) return;
    fail(j, -err, "read");
    close_file(j);
  }
  if (!call_begin(rt, 8)) {
    drop_block(j);
    return;
  }
  lua_State *L = rt->L;
  ref_push(L, j->ref_callback);
  int nargs;
  if (j->code != 0) {
    drop_block(j);
    nargs = push_failure(L, j);
  } else {
    lua_pushnil(L);
    nargs = 1 + push_result(L, j);
  }
  ref_drop(L, &j->ref_callback);
  ref_drop(L, &j->ref_data);
  ref_drop(L, &j->ref_self); // the job may be collected from here on
  call_end(rt, nargs);
}

// A path or a descriptor at 1; pushes the job. target: the other path, or NULL
static job *new_job(lua_State *L, task what, int flags, const char *target) {
  size_t length = 0, behind = target != NULL ? strlen(target) + 1 : 0;
  const char *path = lua_type(L, 1) == LUA_TSTRING ? lua_tolstring(L, 1, &length) : NULL;
  int fd = path != NULL ? -1 : (int)luaL_checkinteger(L, 1);
  job *j = lua_newuserdata(L, sizeof *j + length + 1 + behind);
  memset(j, 0, sizeof *j);
  if (path != NULL) memcpy(j->path, path, length);
  j->path[length] = '\0';
  if (target != NULL) j->target = memcpy(j->path + length + 1, target, behind);
  j->task = what;
  j->from = -1;
  luaL_getmetatable(L, TYPE);
  lua_setmetatable(L, -2);
  j->rt = runtime_get(L);
  j->work.data = j;
  j->own = path != NULL;
  j->fd = fd;
  j->flags = flags;
  j->mode = 0666; // what O_CREAT makes
  j->ref_self = j->ref_callback = j->ref_data = LUA_NOREF;
  return j;
}

// The job is on top; callback and data are stack indices.
static int start(lua_State *L, job *j, int callback, int data) {
  if (lua_isnoneornil(L, callback)) {
    while (j->state != FINISHED) step(j);
    if (j->code == 0) return push_result(L, j);
    drop_block(j);
    lua_pushnil(L);
    return 1 + push_failure(L, j);
  }
  if (j->rt->closing) return luaL_error(L, "the loop is closed");
  lua_pushvalue(L, callback);
  ref_set(L, &j->ref_callback);
  if (data != 0) {
    lua_pushvalue(L, data);
    ref_set(L, &j->ref_data);
  }
  lua_pushvalue(L, -1);
  ref_set(L, &j->ref_self);
  uv_queue_work(&j->rt->loop, &j->work, work, after_work); // fails without a work function only
  return 1;
}

static int file_read(lua_State *L) {
  fs_check_callback(L, 4);
  int flags = (int)luaL_checkinteger(L, 2);
  lua_settop(L, 4);
  job *j = new_job(L, READ, flags, NULL);
  j->text = lua_toboolean(L, 3);
  return start(L, j, 4, 0);
}

static int file_write(lua_State *L) {
  int flags = (int)luaL_checkinteger(L, 2), mode = (int)luaL_checkinteger(L, 3);
  size_t size;
  const char *bytes = buffer_check_bytes(L, 4, &size);
  fs_check_callback(L, 6);
  lua_settop(L, 6);
  job *j = new_job(L, WRITE, flags, NULL);
  j->mode = mode;
  j->bytes = bytes;
  j->size = size;
  j->flush = lua_toboolean(L, 5);
  return start(L, j, 6, 4);
}

static int file_copy(lua_State *L) {
  luaL_checkstring(L, 1);
  const char *target = luaL_checkstring(L, 2);
  int flags = (int)luaL_checkinteger(L, 3);
  fs_check_callback(L, 4);
  lua_settop(L, 4);
  job *j = new_job(L, COPY, flags, target);
  return start(L, j, 4, 0);
}

static int file_cancel(lua_State *L) {
  job *j = luaL_checkudata(L, 1, TYPE);
  __atomic_store_n(&j->cancelled, 1, __ATOMIC_RELAXED);
  return 0;
}

void fs_file_open(lua_State *L) {
  static const luaL_Reg functions[] = {{"read", file_read}, {"write", file_write}, {"copy", file_copy}, {"cancel", file_cancel}, {NULL, NULL}};
  luaL_newmetatable(L, TYPE);
  lua_pop(L, 1);
  lua_newtable(L);
  luaL_register(L, NULL, functions);
}

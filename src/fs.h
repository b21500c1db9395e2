// SPDX-License-Identifier: MIT
//
// One request of libuv's file operations, for fs.c and fs_dir.c.
//
//   fs_request *r = fs_request_begin(L, callback, data, bufs);
//   return fs_request_submit(L, r, uv_fs_…(&r->rt->loop, &r->uv, …, r->done));
//
// `callback` is the stack index of a function or nil; with nil the request blocks (r->done is NULL). Arguments must
// have been checked before begin: nothing raises from there to submit. The request is freed by submit, or after the callback.
#ifndef LUNODE_FS_H
#define LUNODE_FS_H

#include "runtime.h"

typedef struct fs_request {
  uv_fs_t uv;
  runtime *rt;
  uv_fs_cb done; // NULL: blocking
  // Pushes what a successful request gave; returns the count of values. NULL: by kind of request.
  int (*push)(lua_State *L, struct fs_request *r);
  // Called whatever came of it, before push; may be NULL.
  void (*over)(struct fs_request *r);
  void *owner; // for these two
  bool wide;   // stat and statfs: 64-bit integers
  int ref_callback, ref_data;
  uv_buf_t bufs[]; // count of them is the caller's
} fs_request;

// `data`: stack index of what is held until the request is over, or 0. Raises when out of memory.
fs_request *fs_request_begin(lua_State *L, int callback, int data, size_t bufs);
// err: what libuv's function returned. Blocking: pushes the results, or nil and the code. Else pushes 0, or the code when
// it could not start (then there is no callback).
int fs_request_submit(lua_State *L, fs_request *r, int err);

// Raises unless nil or a function.
void fs_check_callback(lua_State *L, int index);
// "file" "dir" "link" "fifo" "socket" "char" "block" "unknown"
const char *fs_dirent_name(uv_dirent_type_t type);
// A sequence of 14 numbers (fs.c), or with `wide` their 64-bit integers in a string.
int fs_push_stat(lua_State *L, const uv_stat_t *s, bool wide);

#endif

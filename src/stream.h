// SPDX-License-Identifier: MIT
//
// What TCP, pipes and terminals share: reading, writing, shutdown, listening.
//
// Reading: all streams read into one block of the runtime (libuv allocates and reads in
// one go). The bytes go to the stream's listener; the default one hands Lua a Buffer.
// A listener in C (the HTTP connection) borrows them for the time of the call.
//
// Forwarding: a stream that is piped into another, with nothing to see or do for Lua, is told so (forward); as long as
// no other Lua code runs afterwards nothing can have changed, and what is read goes on to the other stream in C. What
// that does not take at once goes the long way.
//
// Writing: what the kernel takes at once is written at once; only the rest is kept. What Lua
// wrote is copied when little is left of it, else the value itself is held until it is written.
//
// Lua sees (callbacks are fields of the handle; owner is `handle.owner`):
//   readStart() readStop()             -> status     onread(owner, nread, buffer)  nread < 0: error or UV_EOF
//                                      it returns true when it ran no code but the library's: forwarding goes on
//   forward(target, below)             small reads (less than `below` bytes) may go to that stream from now on
//   useBuffer(buffer or nil)           reads go into this Buffer: onread(owner, nread, nil)
//   write(bytes) writev({bytes, …})    -> status, 1 = pending        onwrite(owner, status)
//                                      a list that is pending must not be changed
//   shutdown()                         -> status     onshutdown(owner, status)
//   listen(backlog)                    -> status     onconnection(owner, status, handle)
//   setBlocking(on) -> status          fields: writeQueueSize, bytesRead, bytesWritten
//
// core.stream holds the same functions, to be called as stream.write(handle, bytes): it spares the search by name;
// and recycle(buffer), for a chunk from onread that nobody else holds.
#ifndef LUNODE_STREAM_H
#define LUNODE_STREAM_H

#include "handle.h"

struct stream;

typedef struct stream_listener {
  // nread > 0: bytes, borrowed; nread < 0: error or UV_EOF, and reading has stopped by itself on EOF. NULL: they are Lua's.
  void (*read)(struct stream *, ssize_t nread, const char *bytes);
  // The stream was closed; the listener is off already.
  void (*closed)(struct stream *);
} stream_listener;

typedef struct stream {
  handle h;
  const stream_listener *listener; // NULL: Lua
  void *listener_data;
  struct buffer *into; // set by useBuffer, kept alive by the handle's environment; NULL: the runtime's block
  struct stream *forward; // kept alive by the environment; may be followed while forward_run is rt->lua_runs
  uint64_t forward_run;
  size_t forward_below;
  uv_connect_t connect; // at most one at a time
  uv_shutdown_t shutdown;
  uint64_t bytes_read, bytes_written;
  bool connecting, shutting, reading;
} stream;

// The methods of the base kind: a type with them is a stream.
extern const luaL_Reg stream_methods[];

stream *stream_check(lua_State *L, int index);
// For handle_type.closed of every stream type.
void stream_closed(handle *h);

int stream_read_start(stream *s);
void stream_read_stop(stream *s);
void stream_listen_to(stream *s, const stream_listener *listener, void *data);

// Writes what goes at once, keeps a copy of the rest. Returns 0 (all written), 1 (pending; `done(s, status, arg)`
// is called, also when the stream closes first) or an error. `done` may be NULL.
typedef void (*stream_write_cb)(stream *s, int status, void *arg);
int stream_write(stream *s, const uv_buf_t *bufs, unsigned count, stream_write_cb done, void *arg);

// Make and push a handle that is not open yet; NULL, nothing pushed, and libuv's code when there can be none.
// Whether a stream may be opened on `fd`: 0, UV_EBADF or UV_EINVAL. libuv aborts when it is to wait for a file or a folder.
int stream_check_fd(int fd);

handle *tcp_make(lua_State *L, int *err);
handle *pipe_make(lua_State *L, int *err);

// Begins connecting is up to the type; it passes this callback, which calls onconnect(owner, status).
void stream_on_connect(uv_connect_t *req, int status);

#endif

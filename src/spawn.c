// SPDX-License-Identifier: MIT
//
// core.spawn: child processes.
//   spawn(options) -> handle, or nil, code       nothing is left behind when it failed
//     handle.onexit(owner, exitCode, signal)     once; signal: a number, 0 for none
//     handle:kill(signal) -> status              UV_ESRCH: it has ended
//     handle:pid() -> number
//   sync(options) -> result                      the whole life of a child, without the loop of the program
//
// options: file; args, a sequence, the name that the child sees first; env, a sequence of "NAME=value"; cwd; detached;
// uid, gid; stdio, a sequence with one entry for each descriptor of the child:
//     {"ignore"}                /dev/null for the first three, left alone for others
//     {"fd", number}            a descriptor of this process
//     {"stream", handle}        that of an open stream
//     {"pipe", handle}          spawn: a new pair of sockets; the pipe's handle, not open yet, gets this end
//     {"pipe", input}           sync: for the first descriptor; input: bytes that the child reads, or nil
//     {"pipe"}                  sync: for others: what the child writes is collected
// All text must be free of NUL; env, cwd, uid, gid, detached may be nil.
//
// sync takes three more: timeout in ms (0: none), maxBuffer in bytes of all output together (nil or 0: no limit), killSignal, a
// number. The child is killed when one of them is exceeded: error is UV_ETIMEDOUT or UV_ENOBUFS then. The result has
// pid, status (nil when a signal ended it), signal (number or nil), error (a code, or nil), and output: {[descriptor + 1] =
// Buffer}, nil when the child was not started.
#include <stdlib.h>
#include <string.h>

#include "areas.h"
#include "buffer.h"
#include "call.h"
#include "handle.h"
#include "launch.h"
#include "stream.h"

#define OUTPUT_ROOM ((size_t)65536) // at least so much room is there for every read
#define LIST_MAX ((size_t)1 << 24)  // arguments, variables

typedef struct child {
  handle h;
  launched l;
} child;

static const luaL_Reg child_methods[];
static void child_closed(handle *h);
static const handle_type child_type = {"lunode.process", sizeof(child), child_closed, child_methods, NULL};

static child *child_check(lua_State *L) {
  return (child *)handle_check(L, 1, &child_type);
}

// ---- options

// What the option is, checked; it stays alive in the options' table.
static const char *text_field(lua_State *L, int options, const char *name, bool needed) {
  lua_getfield(L, options, name);
  if (!needed && lua_isnil(L, -1)) {
    lua_pop(L, 1);
    return NULL;
  }
  size_t length;
  if (lua_type(L, -1) != LUA_TSTRING) luaL_error(L, "option %s: text expected, got %s", name, luaL_typename(L, -1));
  const char *text = lua_tolstring(L, -1, &length);
  if (strlen(text) != length) luaL_error(L, "option %s has a NUL inside", name);
  lua_pop(L, 1);
  return text;
}

static double number_field(lua_State *L, int options, const char *name, double absent) {
  lua_getfield(L, options, name);
  double value = absent;
  if (!lua_isnil(L, -1)) {
    if (lua_type(L, -1) != LUA_TNUMBER) luaL_error(L, "option %s: a number expected, got %s", name, luaL_typename(L, -1));
    value = lua_tonumber(L, -1);
  }
  lua_pop(L, 1);
  return value;
}

// A list of texts as C wants it, in a userdata that stays on the stack; NULL (and nil) when it may be absent and is.
static char **text_list(lua_State *L, int options, const char *name, bool needed) {
  lua_getfield(L, options, name);
  if (!needed && lua_isnil(L, -1)) return NULL;
  if (!lua_istable(L, -1)) luaL_error(L, "option %s: a table expected, got %s", name, luaL_typename(L, -1));
  size_t count = lua_objlen(L, -1);
  if (count > LIST_MAX || (needed && count == 0)) luaL_error(L, "option %s: wrong number of entries", name);
  char **list = lua_newuserdata(L, (count + 1) * sizeof *list);
  for (size_t i = 0; i < count; i++) {
    lua_rawgeti(L, -2, (int)i + 1);
    size_t length;
    if (lua_type(L, -1) != LUA_TSTRING) luaL_error(L, "option %s: text expected, got %s", name, luaL_typename(L, -1));
    list[i] = (char *)lua_tolstring(L, -1, &length); // the table keeps it
    if (strlen(list[i]) != length) luaL_error(L, "option %s has a NUL inside", name);
    lua_pop(L, 1);
  }
  list[count] = NULL;
  lua_remove(L, -2);
  return list;
}

typedef enum entry_kind { ENTRY_IGNORE, ENTRY_PIPE, ENTRY_FD, ENTRY_STREAM } entry_kind;

// Entry `index` (from 0) of stdio; pushes its second element.
static entry_kind stdio_entry(lua_State *L, int list, size_t index) {
  static const char *const kinds[] = {"ignore", "pipe", "fd", "stream", NULL};
  lua_rawgeti(L, list, (int)index + 1);
  if (!lua_istable(L, -1)) luaL_error(L, "option stdio: a table expected, got %s", luaL_typename(L, -1));
  lua_rawgeti(L, -1, 1);
  entry_kind kind = (entry_kind)luaL_checkoption(L, -1, NULL, kinds);
  lua_pop(L, 1);
  lua_rawgeti(L, -1, 2);
  lua_remove(L, -2);
  return kind;
}

// What is the same for both ways; the lists that `o` points to stay on the stack.
static void read_options(lua_State *L, int options, uv_process_options_t *o) {
  luaL_checktype(L, options, LUA_TTABLE);
  luaL_checkstack(L, 16, "spawn");
  memset(o, 0, sizeof *o);
  o->file = text_field(L, options, "file", true);
  o->cwd = text_field(L, options, "cwd", false);
  o->args = text_list(L, options, "args", true);
  o->env = text_list(L, options, "env", false);
  lua_getfield(L, options, "detached");
  if (lua_toboolean(L, -1)) o->flags |= UV_PROCESS_DETACHED;
  lua_pop(L, 1);
  double uid = number_field(L, options, "uid", -1), gid = number_field(L, options, "gid", -1);
  if (uid >= 0) {
    o->flags |= UV_PROCESS_SETUID;
    o->uid = (uv_uid_t)uid;
  }
  if (gid >= 0) {
    o->flags |= UV_PROCESS_SETGID;
    o->gid = (uv_gid_t)gid;
  }
  lua_getfield(L, options, "stdio");
  if (!lua_istable(L, -1)) luaL_error(L, "option stdio: a table expected, got %s", luaL_typename(L, -1));
  size_t count = lua_objlen(L, -1);
  if (count > (size_t)1 << 16) luaL_error(L, "option stdio: too many entries");
  o->stdio_count = (int)count;
  o->stdio = lua_newuserdata(L, count * sizeof *o->stdio + 1);
  lua_insert(L, -2); // the list is on top
}

// The two kinds that both ways understand alike; the value is on top.
static void inherit_entry(lua_State *L, entry_kind kind, uv_stdio_container_t *entry) {
  if (kind == ENTRY_IGNORE) {
    entry->flags = UV_IGNORE;
  } else if (kind == ENTRY_FD) {
    entry->flags = UV_INHERIT_FD;
    entry->data.fd = (int)luaL_checkinteger(L, -1);
  } else {
    handle *h = handle_check_base(L, -1, stream_methods, false);
    entry->flags = UV_INHERIT_STREAM;
    entry->data.stream = &h->uv.stream;
  }
}

// ---- spawn

static void ended(child *c, int64_t status, int signal) {
  handle *h = &c->h;
  c->l.ended = true;
  if (!handle_begin(h, "onexit", 2)) return;
  lua_pushnumber(h->rt->L, (lua_Number)status);
  lua_pushinteger(h->rt->L, signal);
  call_end(h->rt, handle_args(2));
}

static void on_exit_status(uv_process_t *uv, int64_t status, int signal) {
  ended(uv->data, status, signal);
}

static void on_poll(uv_poll_t *uv, int status, int events) {
  (void)status, (void)events;
  child *c = uv->data;
  int64_t code;
  int signal;
  if (launch_reap(&c->l, &code, &signal)) ended(c, code, signal);
}

static void child_closed(handle *h) {
  launch_forget(&((child *)h)->l);
}

static int spawn_spawn(lua_State *L) {
  uv_process_options_t o;
  lua_settop(L, 1);
  read_options(L, 1, &o);
  int list = lua_gettop(L);
  for (int i = 0; i < o.stdio_count; i++) {
    entry_kind kind = stdio_entry(L, list, (size_t)i);
    if (kind == ENTRY_PIPE) {
      handle *h = handle_check_base(L, -1, stream_methods, false);
      if (h->uv.handle.type != UV_NAMED_PIPE) return luaL_error(L, "a pipe expected, got %s", h->type->name);
      o.stdio[i].flags = UV_CREATE_PIPE | UV_READABLE_PIPE | UV_WRITABLE_PIPE;
      o.stdio[i].data.stream = &h->uv.stream;
    } else {
      inherit_entry(L, kind, &o.stdio[i]);
    }
    lua_pop(L, 1); // options keep it
  }
  o.exit_cb = on_exit_status;
  child *c = (child *)handle_new(L, &child_type);
  c->l.uv = &c->h.uv.handle;
  int err = launch(&c->h.rt->loop, &c->l, &o, on_poll);
  if (c->l.initialized) handle_opened(&c->h);
  if (err == 0) return 1;
  if (c->l.initialized) handle_close(&c->h);
  else handle_abandon(L, &c->h);
  lua_pushnil(L);
  lua_pushinteger(L, err);
  return 2;
}

static int method_kill(lua_State *L) {
  child *c = child_check(L);
  lua_pushinteger(L, launch_kill(&c->l, (int)luaL_checkinteger(L, 2)));
  return 1;
}

static int method_pid(lua_State *L) {
  lua_pushinteger(L, child_check(L)->l.pid);
  return 1;
}

static const luaL_Reg child_methods[] = {{"kill", method_kill}, {"pid", method_pid}, {NULL, NULL}};

// ---- sync

// One pipe of a child that is waited for.
typedef struct sync_pipe {
  uv_pipe_t pipe;
  struct sync_run *run;
  bool used, input;
  uv_buf_t bytes; // input: what the child reads
  uv_write_t write;
  uv_shutdown_t shutdown;
  char *data; // output: what it wrote
  size_t length, capacity;
} sync_pipe;

typedef struct sync_run { // a userdata, so that what was collected is freed also when Lua has no memory for it
  uv_loop_t loop;
  union {
    uv_handle_t handle;
    uv_process_t process;
    uv_poll_t poll;
  } uv;
  launched child;
  uv_timer_t timer;
  sync_pipe *pipes;
  size_t count;
  size_t collected, limit; // of all output
  bool limited, timed, killed;
  int64_t status;
  int signal, kill_signal;
  int error, pipe_error; // the first of each; error is told before pipe_error
} sync_run;

#define SYNC_RUN "lunode.sync_run"

static void close_handle(void *uv) {
  if (!uv_is_closing(uv)) uv_close(uv, NULL);
}

static void close_all(sync_run *r) {
  for (size_t i = 0; i < r->count; i++) {
    if (r->pipes[i].used) close_handle(&r->pipes[i].pipe);
  }
  if (r->timed) close_handle(&r->timer);
}

static void set_error(int *error, int code) {
  if (*error == 0) *error = code;
}

static void kill_child(sync_run *r) {
  if (r->killed) return;
  r->killed = true;
  int err = launch_kill(&r->child, r->kill_signal);
  if (err < 0 && err != UV_ESRCH) {
    set_error(&r->error, err);
    launch_kill(&r->child, SIGKILL);
  }
  close_all(r); // nobody waits for a grandchild that has the pipes
}

static void sync_ended(sync_run *r, int64_t status, int signal) {
  r->child.ended = true;
  r->status = status;
  r->signal = signal;
  if (r->timed) close_handle(&r->timer);
  close_handle(&r->uv);
}

static void on_sync_exit(uv_process_t *uv, int64_t status, int signal) {
  sync_ended(uv->data, status, signal);
}

static void on_sync_poll(uv_poll_t *uv, int poll_status, int events) {
  (void)poll_status, (void)events;
  sync_run *r = uv->data;
  int64_t status;
  int signal;
  if (launch_reap(&r->child, &status, &signal)) sync_ended(r, status, signal);
}

static void on_sync_timeout(uv_timer_t *uv) {
  sync_run *r = uv->data;
  set_error(&r->error, UV_ETIMEDOUT);
  kill_child(r);
}

static void on_sync_alloc(uv_handle_t *uv, size_t suggested, uv_buf_t *buf) {
  (void)suggested;
  sync_pipe *p = uv->data;
  if (p->capacity - p->length < OUTPUT_ROOM) {
    size_t capacity = p->capacity == 0 ? OUTPUT_ROOM : p->capacity * 2;
    char *data = capacity <= BUFFER_MAX * 2 ? realloc(p->data, capacity) : NULL;
    if (data == NULL) {
      *buf = uv_buf_init(NULL, 0); // the read fails with UV_ENOBUFS
      return;
    }
    p->data = data;
    p->capacity = capacity;
  }
  // No more than one read may pass the limit by.
  *buf = uv_buf_init(p->data + p->length, (unsigned)OUTPUT_ROOM);
}

static void on_sync_read(uv_stream_t *uv, ssize_t nread, const uv_buf_t *buf) {
  (void)buf;
  sync_pipe *p = uv->data;
  sync_run *r = p->run;
  if (nread == UV_EOF) {
    close_handle(uv);
  } else if (nread < 0) {
    set_error(&r->pipe_error, (int)nread);
    close_handle(uv);
    if (nread == UV_ENOBUFS) kill_child(r);
  } else if (nread > 0) {
    p->length += (size_t)nread;
    r->collected += (size_t)nread;
    if ((r->limited && r->collected > r->limit) || p->length > BUFFER_MAX) {
      if (p->length > BUFFER_MAX) p->length = BUFFER_MAX;
      set_error(&r->error, UV_ENOBUFS);
      kill_child(r);
    }
  }
}

static void on_sync_shutdown(uv_shutdown_t *req, int status) {
  sync_pipe *p = req->data;
  if (status < 0 && status != UV_ENOTCONN && status != UV_ECANCELED) set_error(&p->run->pipe_error, status);
  close_handle(&p->pipe);
}

static void end_input(sync_pipe *p) {
  p->shutdown.data = p;
  int err = uv_shutdown(&p->shutdown, (uv_stream_t *)&p->pipe, on_sync_shutdown);
  if (err == 0) return;
  if (err != UV_ENOTCONN) set_error(&p->run->pipe_error, err);
  close_handle(&p->pipe);
}

static void on_sync_write(uv_write_t *req, int status) {
  sync_pipe *p = req->data;
  if (status < 0 && status != UV_ECANCELED) set_error(&p->run->pipe_error, status);
  if (uv_is_closing((uv_handle_t *)&p->pipe)) return;
  if (status < 0) close_handle(&p->pipe);
  else end_input(p);
}

static void start_pipe(sync_pipe *p) {
  int err;
  if (!p->input) {
    err = uv_read_start((uv_stream_t *)&p->pipe, on_sync_alloc, on_sync_read);
  } else if (p->bytes.len == 0) {
    end_input(p);
    return;
  } else {
    p->write.data = p;
    err = uv_write(&p->write, (uv_stream_t *)&p->pipe, &p->bytes, 1, on_sync_write);
  }
  if (err == 0) return;
  set_error(&p->run->pipe_error, err);
  close_handle(&p->pipe);
}

static int sync_gc(lua_State *L) {
  sync_run *r = lua_touserdata(L, 1);
  for (size_t i = 0; i < r->count; i++) free(r->pipes[i].data);
  r->count = 0;
  return 0;
}

// From here to the end of the loop nothing can raise. -> 0, or why the child was not started
static int run_to_end(sync_run *r, uv_process_options_t *o, uint64_t timeout) {
  int err = uv_loop_init(&r->loop);
  if (err != 0) return err;
  for (size_t i = 0; i < r->count && err == 0; i++) {
    sync_pipe *p = &r->pipes[i];
    if (o->stdio[i].flags != UV_CREATE_PIPE) continue;
    err = uv_pipe_init(&r->loop, &p->pipe, 0);
    p->used = err == 0;
    p->run = r;
    p->pipe.data = p;
    o->stdio[i].flags |= p->input ? UV_READABLE_PIPE : UV_WRITABLE_PIPE;
    o->stdio[i].data.stream = (uv_stream_t *)&p->pipe;
  }
  if (err == 0 && timeout > 0) {
    err = uv_timer_init(&r->loop, &r->timer);
    r->timed = err == 0;
    r->timer.data = r;
    if (err == 0) err = uv_timer_start(&r->timer, on_sync_timeout, timeout, 0);
    uv_unref((uv_handle_t *)&r->timer);
  }
  if (err == 0) {
    o->exit_cb = on_sync_exit;
    r->child.uv = &r->uv.handle;
    r->uv.handle.data = r;
    err = launch(&r->loop, &r->child, o, on_sync_poll);
    if (err != 0 && r->child.initialized) close_handle(&r->uv);
  }
  if (err == 0) {
    for (size_t i = 0; i < r->count; i++) {
      if (r->pipes[i].used) start_pipe(&r->pipes[i]);
    }
  } else {
    close_all(r);
  }
  uv_run(&r->loop, UV_RUN_DEFAULT);
  close_all(r);
  uv_run(&r->loop, UV_RUN_DEFAULT);
  uv_loop_close(&r->loop);
  if (r->child.initialized) launch_forget(&r->child);
  return err;
}

static int spawn_sync(lua_State *L) {
  uv_process_options_t o;
  lua_settop(L, 1);
  read_options(L, 1, &o);
  int list = lua_gettop(L);
  double timeout = number_field(L, 1, "timeout", 0), limit = number_field(L, 1, "maxBuffer", -1);
  int kill_signal = (int)number_field(L, 1, "killSignal", SIGTERM);
  size_t count = (size_t)o.stdio_count;
  runtime *rt = runtime_get(L);
  sync_run *r = lua_newuserdata(L, sizeof *r + count * sizeof *r->pipes);
  memset(r, 0, sizeof *r + count * sizeof *r->pipes);
  r->pipes = (sync_pipe *)(r + 1);
  luaL_getmetatable(L, SYNC_RUN);
  lua_setmetatable(L, -2);
  int self = lua_gettop(L);
  r->count = count;
  r->limited = limit > 0 && limit < 9007199254740992.0;
  r->limit = r->limited ? (size_t)limit : 0;
  r->kill_signal = kill_signal;
  for (size_t i = 0; i < count; i++) {
    entry_kind kind = stdio_entry(L, list, i);
    if (kind == ENTRY_PIPE) {
      o.stdio[i].flags = UV_CREATE_PIPE;
      r->pipes[i].input = i == 0;
      if (!lua_isnil(L, -1)) {
        size_t length;
        const char *bytes = buffer_check_bytes(L, -1, &length); // options keep it
        if (length > BUFFER_MAX) return luaL_error(L, "too much input");
        r->pipes[i].input = true;
        r->pipes[i].bytes = uv_buf_init((char *)bytes, (unsigned)length);
      }
    } else {
      inherit_entry(L, kind, &o.stdio[i]);
    }
    lua_pop(L, 1);
  }
  int err = run_to_end(r, &o, timeout >= 1 ? (uint64_t)timeout : 0);
  set_error(&r->error, err);
  lua_createtable(L, 0, 5);
  lua_pushinteger(L, err == 0 ? r->child.pid : 0);
  lua_setfield(L, -2, "pid");
  if (r->child.ended && r->signal == 0) {
    lua_pushnumber(L, (lua_Number)r->status);
    lua_setfield(L, -2, "status");
  }
  if (r->child.ended && r->signal != 0) {
    lua_pushinteger(L, r->signal);
    lua_setfield(L, -2, "signal");
  }
  if (r->error != 0 || r->pipe_error != 0) {
    lua_pushinteger(L, r->error != 0 ? r->error : r->pipe_error);
    lua_setfield(L, -2, "error");
  }
  if (r->child.ended) {
    lua_createtable(L, (int)count, 0);
    for (size_t i = 0; i < count; i++) {
      sync_pipe *p = &r->pipes[i];
      if (!p->used || p->input) continue;
      buffer_push_copy(L, rt, p->data, p->length);
      lua_rawseti(L, -2, (int)i + 1);
      free(p->data);
      p->data = NULL;
    }
    lua_setfield(L, -2, "output");
  }
  lua_remove(L, self);
  return 1;
}

void spawn_open(lua_State *L) {
  static const luaL_Reg functions[] = {{"spawn", spawn_spawn}, {"sync", spawn_sync}, {NULL, NULL}};
  handle_register(L, &child_type);
  luaL_newmetatable(L, SYNC_RUN);
  lua_pushcfunction(L, sync_gc);
  lua_setfield(L, -2, "__gc");
  lua_pop(L, 1);
  lua_newtable(L);
  luaL_register(L, NULL, functions);
}

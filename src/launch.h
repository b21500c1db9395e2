// SPDX-License-Identifier: MIT
//
// Starting a process, and being told of its end.
//
// uv_spawn forks: the page tables of this process are copied for nothing, which costs as much as half the life of a small
// program. Where the system lets us, the child is made by posix_spawn (a vfork), and its end is seen on a pidfd, which
// needs no SIGCHLD handler; else, and for another user or group, uv_spawn does it. Both do the same otherwise: signals are
// at their defaults in the child, `file` is looked for in the PATH of the child, a script without "#!" is run by /bin/sh.
#ifndef LUNODE_LAUNCH_H
#define LUNODE_LAUNCH_H

#include <stdbool.h>
#include <uv.h>

typedef struct launched {
  uv_handle_t *uv; // a uv_process_t or a uv_poll_t in memory for both; the caller's to close
  int pid;
  int pidfd; // -1: uv_spawn is at work, or the process has ended
  bool initialized; // libuv has seen the handle
  bool ended;
} launched;

// l->uv and its data are set. The end is told to o->exit_cb by uv_spawn, or to on_poll, which asks launch_reap. The streams
// in `o` are opened also when the program could not be run, and end at once then.
// -> 0 or a code; l->initialized says in both cases whether the handle must be closed.
int launch(uv_loop_t *loop, launched *l, uv_process_options_t *o, uv_poll_cb on_poll);

// Whether the process has ended: true once.
bool launch_reap(launched *l, int64_t *status, int *signal);

// UV_ESRCH when the process has ended.
int launch_kill(launched *l, int signal);

// After libuv has closed the handle.
void launch_forget(launched *l);

#endif

// SPDX-License-Identifier: MIT
#define _GNU_SOURCE
#include "launch.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <signal.h>
#include <spawn.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#if defined(__linux__) && defined(__GLIBC_PREREQ) && defined(SYS_pidfd_open)
#if __GLIBC_PREREQ(2, 29) // the file actions that change the directory, and dup2 of a descriptor onto itself
#define HAS_POSIX_SPAWN 1
#endif
#endif

#ifdef HAS_POSIX_SPAWN

extern char **environ;

static int pidfd_open(int pid) {
  return (int)syscall(SYS_pidfd_open, pid, 0); // close-on-exec by itself
}

// Asked once: old kernels and strict sandboxes have none.
static bool has_pidfd(void) {
  static int known;
  if (known == 0) {
    int fd = pidfd_open(getpid());
    known = fd >= 0 || errno == EMFILE || errno == ENFILE ? 1 : -1;
    if (fd >= 0) close(fd);
  }
  return known > 0;
}

static void close_fd(int *fd) {
  if (*fd >= 0) close(*fd);
  *fd = -1;
}

typedef struct descriptors {
  int child, own; // of the child's entry; own: our end of a pair. -1: none
  bool made;      // `child` was made for this child
} descriptors;

typedef struct plan {
  uv_process_options_t *o;
  descriptors *fds;
  posix_spawn_file_actions_t actions;
  posix_spawnattr_t attributes;
  int cwd; // -1: the directory of this process
} plan;

// Descriptors that the child gets under other numbers are first moved out of the way of those numbers.
static int take_descriptor(plan *p, int i, int fd) {
  descriptors *d = &p->fds[i];
  if (fcntl(fd, F_GETFD) < 0) return -errno;
  // Programs do not expect their standard streams to be non-blocking. The flag is of the file, not of the descriptor.
  if (i <= 2) {
    int flags = fcntl(fd, F_GETFL);
    if (flags >= 0 && (flags & O_NONBLOCK) != 0 && fcntl(fd, F_SETFL, flags & ~O_NONBLOCK) < 0) return -errno;
  }
  d->child = fd;
  if (fd == i || fd >= p->o->stdio_count) return 0;
  d->child = fcntl(fd, F_DUPFD_CLOEXEC, p->o->stdio_count);
  if (d->child < 0) return -errno;
  d->made = true;
  return 0;
}

static int make_pair(plan *p, int i) {
  descriptors *d = &p->fds[i];
  int pair[2];
  if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair) != 0) return -errno;
  d->own = pair[0];
  if (pair[1] >= p->o->stdio_count) {
    d->child = pair[1];
    d->made = true;
    return 0;
  }
  int err = take_descriptor(p, i, pair[1]);
  if (err != 0 || d->child != pair[1]) close(pair[1]);
  else d->made = true;
  return err;
}

static int collect_descriptors(plan *p) {
  int err = 0;
  for (int i = 0; i < p->o->stdio_count && err == 0; i++) {
    uv_stdio_container_t *e = &p->o->stdio[i];
    uv_os_fd_t fd;
    if (e->flags & UV_CREATE_PIPE) {
      err = make_pair(p, i);
    } else if (e->flags & UV_INHERIT_FD) {
      err = take_descriptor(p, i, e->data.fd);
    } else if (e->flags & UV_INHERIT_STREAM) {
      err = uv_fileno((uv_handle_t *)e->data.stream, &fd);
      if (err == 0) err = take_descriptor(p, i, fd);
    }
  }
  return err;
}

static int list_actions(plan *p) {
  int err = p->cwd >= 0 ? posix_spawn_file_actions_addfchdir_np(&p->actions, p->cwd) : 0;
  for (int i = 0; i < p->o->stdio_count && err == 0; i++) {
    if (p->fds[i].child >= 0) err = posix_spawn_file_actions_adddup2(&p->actions, p->fds[i].child, i);
    else if (i <= 2) err = posix_spawn_file_actions_addopen(&p->actions, i, "/dev/null", i == 0 ? O_RDONLY : O_RDWR, 0);
  }
  return -err;
}

static int set_attributes(plan *p) {
  sigset_t set;
  sigfillset(&set);
  sigdelset(&set, SIGKILL);
  sigdelset(&set, SIGSTOP);
  posix_spawnattr_setsigdefault(&p->attributes, &set);
  sigemptyset(&set);
  posix_spawnattr_setsigmask(&p->attributes, &set);
  short flags = POSIX_SPAWN_SETSIGDEF | POSIX_SPAWN_SETSIGMASK;
  if (p->o->flags & UV_PROCESS_DETACHED) flags |= POSIX_SPAWN_SETSID;
  return -posix_spawnattr_setflags(&p->attributes, flags);
}

// ---- which program

static char **environment(const plan *p) {
  return p->o->env != NULL ? p->o->env : environ;
}

static int run_script(plan *p, const char *path, pid_t *pid) {
  size_t count = 0;
  while (p->o->args[count] != NULL) count++;
  char **args = malloc((count + 2) * sizeof *args);
  if (args == NULL) return ENOMEM;
  args[0] = (char *)"/bin/sh";
  args[1] = (char *)path;
  memcpy(args + 2, p->o->args + (count > 0), (count > 0 ? count : 1) * sizeof *args); // NULL among them
  int err = posix_spawn(pid, args[0], &p->actions, &p->attributes, args, environment(p));
  free(args);
  return err;
}

// -> 0 or an errno
static int run(plan *p, const char *path, pid_t *pid) {
  int err = posix_spawn(pid, path, &p->actions, &p->attributes, p->o->args, environment(p));
  return err == ENOEXEC ? run_script(p, path, pid) : err;
}

static const char *search_path(const plan *p) {
  const char *path = NULL;
  for (char **e = environment(p); e != NULL && *e != NULL && path == NULL; e++) {
    if (strncmp(*e, "PATH=", 5) == 0) path = *e + 5;
  }
  return path != NULL ? path : "/bin:/usr/bin"; // execvp's own
}

// As execvp(3) does. A candidate that is not there costs no process.
static int run_found(plan *p, pid_t *pid) {
  const char *file = p->o->file;
  if (strchr(file, '/') != NULL) return run(p, file, pid);
  if (*file == '\0') return ENOENT;
  size_t length = strlen(file);
  if (length > NAME_MAX) return ENAMETOOLONG;
  const char *path = search_path(p);
  char *candidate = malloc(strlen(path) + length + 2);
  if (candidate == NULL) return ENOMEM;
  int denied = 0, err = ENOENT;
  for (const char *end;; path = end + 1) {
    end = strchrnul(path, ':');
    size_t size = (size_t)(end - path);
    memcpy(candidate, path, size);
    if (size > 0) candidate[size++] = '/';
    memcpy(candidate + size, file, length + 1);
    if (faccessat(p->cwd >= 0 ? p->cwd : AT_FDCWD, candidate, F_OK, 0) == 0) err = run(p, candidate, pid);
    else err = errno;
    if (err == EACCES) denied = EACCES;
    else if (err != ENOENT && err != ESTALE && err != ENOTDIR && err != ENODEV && err != ETIMEDOUT) break;
    err = denied != 0 ? denied : ENOENT;
    if (*end == '\0') break;
  }
  free(candidate);
  return err;
}

// ---- all of it

static void reset_sigchld(void) {
  // When it is ignored the kernel throws the exit status away.
  struct sigaction now;
  if (sigaction(SIGCHLD, NULL, &now) != 0) return;
  if (now.sa_handler == SIG_IGN) signal(SIGCHLD, SIG_DFL);
}

// Starts it, and has the pidfd; `spare` keeps a descriptor free for that.
static int start(plan *p, launched *l, int *spare) {
  pid_t pid;
  int err = -run_found(p, &pid);
  if (err != 0) return err;
  close_fd(spare);
  l->pidfd = pidfd_open(pid);
  if (l->pidfd < 0) {
    err = -errno;
    kill(pid, SIGKILL);
    while (waitpid(pid, NULL, 0) < 0 && errno == EINTR) {}
    return err;
  }
  l->pid = pid;
  return 0;
}

// What keeps the streams from being opened is told by *early.
static int prepare_and_start(plan *p, launched *l, bool *early) {
  *early = true;
  int spare = -1;
  int err = collect_descriptors(p);
  if (err == 0 && p->o->cwd != NULL) {
    p->cwd = open(p->o->cwd, O_PATH | O_DIRECTORY | O_CLOEXEC);
    if (p->cwd < 0) err = -errno;
    *early = err == UV_EMFILE || err == UV_ENFILE;
  }
  if (err == 0) err = list_actions(p);
  if (err == 0) err = set_attributes(p);
  if (err == 0) {
    spare = open("/", O_PATH | O_CLOEXEC);
    if (spare < 0) err = -errno;
  }
  if (err == 0) {
    *early = false;
    err = start(p, l, &spare);
  }
  close_fd(&spare);
  return err;
}

static void open_streams(plan *p) {
  for (int i = 0; i < p->o->stdio_count; i++) {
    if (!(p->o->stdio[i].flags & UV_CREATE_PIPE) || p->fds[i].own < 0) continue;
    if (uv_pipe_open((uv_pipe_t *)p->o->stdio[i].data.stream, p->fds[i].own) == 0) p->fds[i].own = -1;
  }
}

static int launch_here(uv_loop_t *loop, launched *l, uv_process_options_t *o, uv_poll_cb on_poll) {
  plan p = {.o = o, .cwd = -1};
  bool early;
  p.fds = malloc(((size_t)o->stdio_count + 1) * sizeof *p.fds);
  if (p.fds == NULL) return UV_ENOMEM;
  for (int i = 0; i < o->stdio_count; i++) p.fds[i] = (descriptors){-1, -1, false};
  int err = -posix_spawn_file_actions_init(&p.actions);
  if (err != 0) {
    free(p.fds);
    return err;
  }
  err = -posix_spawnattr_init(&p.attributes);
  if (err == 0) {
    reset_sigchld();
    err = prepare_and_start(&p, l, &early);
    posix_spawnattr_destroy(&p.attributes);
    if (!early) open_streams(&p);
  }
  posix_spawn_file_actions_destroy(&p.actions);
  for (int i = 0; i < o->stdio_count; i++) {
    if (p.fds[i].made) close_fd(&p.fds[i].child);
    close_fd(&p.fds[i].own);
  }
  close_fd(&p.cwd);
  free(p.fds);
  if (err != 0) return err;
  uv_poll_t *poll = (uv_poll_t *)l->uv;
  err = uv_poll_init(loop, poll, l->pidfd);
  l->initialized = err == 0;
  if (err == 0) err = uv_poll_start(poll, UV_READABLE, on_poll);
  if (err != 0) { // no memory for it
    kill(l->pid, SIGKILL);
    while (waitpid(l->pid, NULL, 0) < 0 && errno == EINTR) {}
    if (!l->initialized) close_fd(&l->pidfd);
  }
  return err;
}

bool launch_reap(launched *l, int64_t *status, int *signal) {
  if (l->ended || l->pidfd < 0) return false;
  int how;
  pid_t pid;
  do pid = waitpid(l->pid, &how, WNOHANG);
  while (pid < 0 && errno == EINTR);
  if (pid == 0) return false;
  *status = pid > 0 && WIFEXITED(how) ? WEXITSTATUS(how) : 0;
  *signal = pid > 0 && WIFSIGNALED(how) ? WTERMSIG(how) : 0;
  l->ended = true;
  uv_poll_stop((uv_poll_t *)l->uv);
  close_fd(&l->pidfd);
  return true;
}

void launch_forget(launched *l) {
  close_fd(&l->pidfd);
}

#else

static bool has_pidfd(void) { return false; }
static int launch_here(uv_loop_t *loop, launched *l, uv_process_options_t *o, uv_poll_cb on_poll) {
  (void)loop, (void)l, (void)o, (void)on_poll;
  return UV_ENOSYS;
}
bool launch_reap(launched *l, int64_t *status, int *signal) {
  (void)l, (void)status, (void)signal;
  return false;
}
void launch_forget(launched *l) { (void)l; }

#endif

int launch(uv_loop_t *loop, launched *l, uv_process_options_t *o, uv_poll_cb on_poll) {
  l->pidfd = -1;
  if ((o->flags & (UV_PROCESS_SETUID | UV_PROCESS_SETGID)) == 0 && has_pidfd()) return launch_here(loop, l, o, on_poll);
  uv_process_t *process = (uv_process_t *)l->uv;
  int err = uv_spawn(loop, process, o);
  l->initialized = true; // also when it failed
  l->pid = err == 0 ? uv_process_get_pid(process) : 0;
  return err;
}

int launch_kill(launched *l, int signal) {
  if (l->ended) return UV_ESRCH;
  return uv_kill(l->pid, signal);
}

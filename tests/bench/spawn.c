// SPDX-License-Identifier: MIT
//
// spawn [ignore|pipe] SECONDS: posix_spawn of /bin/true and waitpid, one after the other. What spawn.lua and spawn.js are held
// against: with `ignore` the child has /dev/null three times, with `pipe` (a pair of sockets each) both ends are made and closed.
// Prints "spawns N seconds S".
#include <errno.h>
#include <fcntl.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

extern char **environ;

static void check(int failed, const char *what) {
  if (failed == 0) return;
  fprintf(stderr, "spawn: %s: %s\n", what, strerror(failed));
  exit(1);
}

static double now(void) {
  struct timespec t;
  clock_gettime(CLOCK_MONOTONIC, &t);
  return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

static void run(int pipes) {
  static char *argv[] = {(char *)"/bin/true", NULL};
  posix_spawn_file_actions_t actions;
  int pairs[3][2];
  pid_t child;
  int status;
  check(posix_spawn_file_actions_init(&actions), "posix_spawn_file_actions_init");
  for (int fd = 0; fd < 3; fd++) {
    if (pipes) {
      check(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pairs[fd]) == 0 ? 0 : errno, "socketpair");
      check(posix_spawn_file_actions_adddup2(&actions, pairs[fd][1], fd), "posix_spawn_file_actions_adddup2");
    } else {
      check(posix_spawn_file_actions_addopen(&actions, fd, "/dev/null", fd == 0 ? O_RDONLY : O_RDWR, 0), "posix_spawn_file_actions_addopen");
    }
  }
  check(posix_spawn(&child, argv[0], &actions, NULL, argv, environ), "posix_spawn");
  posix_spawn_file_actions_destroy(&actions);
  for (int fd = 0; pipes && fd < 3; fd++) close(pairs[fd][1]);
  while (waitpid(child, &status, 0) < 0) check(errno == EINTR ? 0 : errno, "waitpid");
  for (int fd = 0; pipes && fd < 3; fd++) close(pairs[fd][0]);
  check(status == 0 ? 0 : EINVAL, "/bin/true");
}

int main(int argc, char **argv) {
  double seconds = argc > 1 ? atof(argv[argc - 1]) : 0;
  int pipes = argc > 2 && strcmp(argv[1], "pipe") == 0;
  if (seconds <= 0) {
    fprintf(stderr, "usage: spawn [ignore|pipe] SECONDS\n");
    return 2;
  }
  for (int i = 0; i < 50; i++) run(pipes);
  unsigned long count = 0;
  double start = now(), end;
  do {
    run(pipes);
    count++;
    end = now();
  } while (end - start < seconds);
  printf("us_per_spawn %.1f\nspawns %lu seconds %.6f\n", (end - start) * 1e6 / (double)count, count, end - start);
  return 0;
}

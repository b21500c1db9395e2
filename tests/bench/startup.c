// SPDX-License-Identifier: MIT
//
// How long programs take from fork to exit.
//
//   startup RUNS -- COMMAND [ARGUMENT…] [-- COMMAND [ARGUMENT…]]…
//
// Runs every command once unmeasured, then RUNS times in turn, with nothing on its standard
// input and its output thrown away. Wall time goes from before posix_spawn (a vfork and an
// exec) until the parent has waited for it; CPU time and peak memory are what the kernel
// accounts to the child. Prints a line for each command, in order:
//   wall_ms MEDIAN min_ms MIN cpu_ms MEDIAN peak_kib MEDIAN
// A command that fails is the end.
#include "load.h"

#include <errno.h>
#include <fcntl.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>

extern char **environ;

typedef struct {
  char **argv;
  double *wall, *cpu, *peak; // one a run
} command;

static posix_spawn_file_actions_t quiet;

static double milliseconds(struct timeval time) {
  return (double)time.tv_sec * 1e3 + (double)time.tv_usec / 1e3;
}

static void run(command *c, double *wall, double *cpu, double *peak) {
  pid_t child;
  int status;
  struct rusage used;
  uint64_t start = load_now();
  int failed = posix_spawnp(&child, c->argv[0], &quiet, NULL, c->argv, environ);
  if (failed != 0)
    load_die("%s: %s", c->argv[0], strerror(failed));
  while (wait4(child, &status, 0, &used) < 0)
    if (errno != EINTR)
      load_die("wait4: %s", strerror(errno));
  *wall = (double)(load_now() - start) / 1e6;
  if (!WIFEXITED(status) || WEXITSTATUS(status) != 0)
    load_die("%s %s: failed with status %#x", c->argv[0], c->argv[1] ? c->argv[1] : "",
             (unsigned)status);
  *cpu = milliseconds(used.ru_utime) + milliseconds(used.ru_stime);
  *peak = (double)used.ru_maxrss;
}

static int ascending(const void *a, const void *b) {
  double x = *(const double *)a, y = *(const double *)b;
  return (x > y) - (x < y);
}

static double median(double *values, size_t count) {
  qsort(values, count, sizeof *values, ascending);
  return (values[(count - 1) / 2] + values[count / 2]) / 2;
}

int main(int argc, char **argv) {
  if (argc < 4 || strcmp(argv[2], "--") != 0)
    load_die("usage: startup RUNS -- COMMAND [ARGUMENT...] [-- COMMAND [ARGUMENT...]]...");
  size_t runs = load_number(argv[1], "RUNS", 1, 100000);

  posix_spawn_file_actions_init(&quiet);
  posix_spawn_file_actions_addopen(&quiet, 0, "/dev/null", O_RDONLY, 0);
  posix_spawn_file_actions_addopen(&quiet, 1, "/dev/null", O_WRONLY, 0);

  command *commands = load_alloc((size_t)argc * sizeof *commands);
  size_t count = 0;
  for (int i = 2; i < argc; i++) {
    if (strcmp(argv[i], "--") != 0)
      continue;
    argv[i] = NULL; // the end of the command before
    if (i + 1 == argc || strcmp(argv[i + 1], "--") == 0)
      load_die("a command is missing after --");
    commands[count++] = (command){.argv = &argv[i + 1],
                                  .wall = load_alloc(runs * sizeof(double)),
                                  .cpu = load_alloc(runs * sizeof(double)),
                                  .peak = load_alloc(runs * sizeof(double))};
  }

  for (size_t k = 0; k < count; k++)
    run(&commands[k], &commands[k].wall[0], &commands[k].cpu[0], &commands[k].peak[0]);
  for (size_t i = 0; i < runs; i++)
    for (size_t k = 0; k < count; k++)
      run(&commands[k], &commands[k].wall[i], &commands[k].cpu[i], &commands[k].peak[i]);
  for (size_t k = 0; k < count; k++) {
    double wall = median(commands[k].wall, runs);
    printf("wall_ms %.3f min_ms %.3f cpu_ms %.3f peak_kib %.0f\n", wall, commands[k].wall[0],
           median(commands[k].cpu, runs), median(commands[k].peak, runs));
  }
  return 0;
}

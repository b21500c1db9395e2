// SPDX-License-Identifier: MIT
#define _GNU_SOURCE // program_invocation_short_name
#include "load.h"

#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

void load_die(const char *format, ...) {
  va_list arguments;
  va_start(arguments, format);
  fprintf(stderr, "%s: ", program_invocation_short_name);
  vfprintf(stderr, format, arguments);
  fputc('\n', stderr);
  va_end(arguments);
  exit(1);
}

uint64_t load_number(const char *text, const char *what, uint64_t min, uint64_t max) {
  char *end;
  errno = 0;
  unsigned long long number = strtoull(text, &end, 10);
  if (errno != 0 || end == text || *end != '\0' || *text == '-' || number < min || number > max)
    load_die("%s: a number from %llu to %llu is wanted, not %s", what, (unsigned long long)min,
             (unsigned long long)max, text);
  return number;
}

uint64_t load_seconds(const char *text, const char *what) {
  char *end;
  double seconds = strtod(text, &end);
  if (end == text || *end != '\0' || !(seconds > 0 && seconds < 1e6))
    load_die("%s: seconds are wanted, not %s", what, text);
  return (uint64_t)(seconds * 1e9);
}

uint64_t load_now(void) {
  struct timespec now;
  clock_gettime(CLOCK_MONOTONIC, &now);
  return (uint64_t)now.tv_sec * 1000000000u + (uint64_t)now.tv_nsec;
}

void *load_alloc(size_t size) {
  void *memory = malloc(size);
  if (memory == NULL)
    load_die("out of memory");
  return memory;
}

int load_connect(unsigned port, bool blocking) {
  struct sockaddr_in address = {.sin_family = AF_INET,
                                .sin_port = htons((uint16_t)port),
                                .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
  int on = 1;
  int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC | (blocking ? 0 : SOCK_NONBLOCK), 0);
  if (fd < 0)
    return -1;
  setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
  if (connect(fd, (struct sockaddr *)&address, sizeof address) != 0 && errno != EINPROGRESS) {
    int reason = errno;
    close(fd);
    errno = reason;
    return -1;
  }
  return fd;
}

void load_need_files(uint64_t count) {
  struct rlimit limit;
  getrlimit(RLIMIT_NOFILE, &limit);
  limit.rlim_cur = limit.rlim_max;
  setrlimit(RLIMIT_NOFILE, &limit);
  getrlimit(RLIMIT_NOFILE, &limit);
  if (limit.rlim_cur < count + 16)
    load_die("%llu open files are needed and %llu allowed: ulimit -n", (unsigned long long)count,
             (unsigned long long)limit.rlim_cur);
}

void load_pattern(char *into, size_t size, uint64_t offset) {
  for (size_t i = 0; i < size; i++)
    into[i] = (char)((offset + i) % 251);
}

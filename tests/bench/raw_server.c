// SPDX-License-Identifier: MIT
#include "raw_server.h"

#include <arpa/inet.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { BACKLOG = 511 }; // Node's default

typedef struct {
  uv_write_t request;
  void (*sent)(uv_stream_t *, int);
  char rest[];
} late_write;

static char read_buffer[65536];

static void must(int result, const char *what) {
  if (result < 0) {
    fprintf(stderr, "%s: %s\n", what, uv_strerror(result));
    exit(1);
  }
}

int raw_server_run(uv_connection_cb accepted) {
  static uv_tcp_t server;
  struct sockaddr_in address;
  int length = sizeof address;
  uv_loop_t *loop = uv_default_loop();

  signal(SIGPIPE, SIG_IGN);
  must(uv_ip4_addr("127.0.0.1", 0, &address), "uv_ip4_addr");
  must(uv_tcp_init(loop, &server), "uv_tcp_init");
  must(uv_tcp_bind(&server, (const struct sockaddr *)&address, 0), "uv_tcp_bind");
  must(uv_listen((uv_stream_t *)&server, BACKLOG, accepted), "uv_listen");
  must(uv_tcp_getsockname(&server, (struct sockaddr *)&address, &length), "uv_tcp_getsockname");
  printf("%u\n", (unsigned)ntohs(address.sin_port));
  fflush(stdout);
  return uv_run(loop, UV_RUN_DEFAULT);
}

void raw_server_buffer(uv_handle_t *handle, size_t suggested, uv_buf_t *buffer) {
  (void)handle;
  (void)suggested;
  *buffer = uv_buf_init(read_buffer, sizeof read_buffer);
}

static void late_written(uv_write_t *request, int status) {
  late_write *late = (late_write *)request;
  late->sent(request->handle, status);
  free(late);
}

int raw_server_write(uv_stream_t *stream, const uv_buf_t *parts, unsigned count,
                     void (*sent)(uv_stream_t *stream, int status)) {
  size_t total = 0;
  for (unsigned i = 0; i < count; i++)
    total += parts[i].len;

  int written = uv_try_write(stream, parts, count);
  if (written < 0 && written != UV_EAGAIN)
    return written;
  size_t skip = written > 0 ? (size_t)written : 0;
  if (skip == total)
    return 0;

  late_write *late = raw_server_alloc(sizeof *late + (total - skip));
  char *end = late->rest;
  for (unsigned i = 0; i < count; i++) {
    size_t gone = skip < parts[i].len ? skip : parts[i].len;
    memcpy(end, parts[i].base + gone, parts[i].len - gone);
    end += parts[i].len - gone;
    skip -= gone;
  }
  late->sent = sent;
  uv_buf_t rest = uv_buf_init(late->rest, (unsigned)(end - late->rest));
  int failed = uv_write(&late->request, stream, &rest, 1, late_written);
  if (failed) {
    free(late);
    return failed;
  }
  return 1;
}

void *raw_server_alloc(size_t size) {
  void *memory = malloc(size);
  if (memory == NULL) {
    fprintf(stderr, "out of memory\n");
    exit(1);
  }
  return memory;
}

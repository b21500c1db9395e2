// SPDX-License-Identifier: MIT
//
// Opens keep-alive connections and leaves them idle.
//
//   idle_connections PORT COUNT
//
// Opens COUNT connections to the server, one after the other; each sends GET / and takes the
// whole answer, which must be 200 and keep the connection. Prints "open COUNT", waits for a line
// or the end of its standard input, and prints "still N", the number that the server has not
// closed since.
#include "load.h"

#include <errno.h>
#include <llhttp.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

static const char REQUEST[] = "GET / HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n";

typedef struct {
  bool complete, keep_alive;
  int status;
} answer;

static int answer_complete(llhttp_t *parser) {
  answer *a = parser->data;
  a->complete = true;
  a->keep_alive = llhttp_should_keep_alive(parser);
  a->status = llhttp_get_status_code(parser);
  return 0;
}

static void one_request(int fd, const llhttp_settings_t *settings) {
  static char piece[65536];
  answer a = {0};
  llhttp_t parser;
  llhttp_init(&parser, HTTP_RESPONSE, settings);
  parser.data = &a;

  if (send(fd, REQUEST, sizeof REQUEST - 1, MSG_NOSIGNAL) != sizeof REQUEST - 1)
    load_die("send: %s", strerror(errno));
  while (!a.complete) {
    ssize_t n = recv(fd, piece, sizeof piece, 0);
    if (n <= 0)
      load_die("recv: %s", n == 0 ? "closed" : strerror(errno));
    llhttp_errno_t error = llhttp_execute(&parser, piece, (size_t)n);
    if (error != HPE_OK)
      load_die("the answer is not HTTP: %s", llhttp_errno_name(error));
  }
  if (a.status != 200 || !a.keep_alive)
    load_die("the answer is %d%s", a.status, a.keep_alive ? "" : " and closes the connection");
}

int main(int argc, char **argv) {
  if (argc != 3)
    load_die("usage: idle_connections PORT COUNT");
  unsigned port = (unsigned)load_number(argv[1], "PORT", 1, 65535);
  size_t count = load_number(argv[2], "COUNT", 1, 1000000);
  llhttp_settings_t settings;
  llhttp_settings_init(&settings);
  settings.on_message_complete = answer_complete;

  load_need_files(count);
  int *open = load_alloc(count * sizeof *open);
  for (size_t i = 0; i < count; i++) {
    struct timeval limit = {.tv_sec = 10};
    open[i] = load_connect(port, true);
    if (open[i] < 0)
      load_die("connection %zu: %s", i + 1, strerror(errno));
    setsockopt(open[i], SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof limit);
    one_request(open[i], &settings);
  }
  printf("open %zu\n", count);
  fflush(stdout);

  char go;
  while (read(0, &go, 1) < 0 && errno == EINTR) {
  }
  size_t still = 0;
  for (size_t i = 0; i < count; i++)
    if (recv(open[i], &go, 1, MSG_PEEK | MSG_DONTWAIT) < 0 && errno == EAGAIN)
      still++;
  printf("still %zu\n", still);
  return 0;
}

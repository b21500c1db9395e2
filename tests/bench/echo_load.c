// SPDX-License-Identifier: MIT
//
// Load for a TCP echo server.
//
//   echo_load PORT SIZE CONNECTIONS SECONDS
//
// Every connection sends a message of SIZE bytes, takes exactly these bytes back, compares
// them, and sends the next, which differs. After SECONDS no more are sent; those under way are
// waited for and count. Prints "messages N seconds S". Any wrong or missing byte is the end.
#include "load.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

enum { PERIOD = 251, EVENTS = 256, PIECE = 262144, STALLED_MS = 10000 };

typedef struct {
  int fd;
  size_t start; // of the message, in the pattern
  size_t sent, received;
  bool wants_writable;
} connection;

static struct {
  int epoll;
  size_t size;
  char *pattern; // size + PERIOD bytes
  uint64_t deadline, messages;
  size_t open;
} load;

static char piece[PIECE];

static void watch(connection *c, int operation, uint32_t events) {
  struct epoll_event event = {.events = events, .data.ptr = c};
  if (epoll_ctl(load.epoll, operation, c->fd, &event) != 0)
    load_die("epoll_ctl: %s", strerror(errno));
}

static void send_more(connection *c) {
  while (c->sent < load.size) {
    ssize_t n = send(c->fd, load.pattern + c->start + c->sent, load.size - c->sent,
                     MSG_NOSIGNAL | MSG_DONTWAIT);
    if (n < 0 && errno == EAGAIN)
      break;
    if (n < 0 && errno != EINTR)
      load_die("send: %s", strerror(errno));
    if (n > 0)
      c->sent += (size_t)n;
  }
  bool wants = c->sent < load.size;
  if (wants != c->wants_writable) {
    c->wants_writable = wants;
    watch(c, EPOLL_CTL_MOD, wants ? EPOLLIN | EPOLLOUT : EPOLLIN);
  }
}

static void next_message(connection *c) {
  c->sent = c->received = 0;
  c->start = (c->start + 1) % PERIOD;
  if (load_now() < load.deadline) {
    send_more(c);
  } else {
    close(c->fd);
    load.open--;
  }
}

static void receive(connection *c) {
  ssize_t n = recv(c->fd, piece, sizeof piece, MSG_DONTWAIT);
  if (n < 0 && (errno == EAGAIN || errno == EINTR))
    return;
  if (n < 0)
    load_die("recv: %s", strerror(errno));
  if (n == 0)
    load_die("the server closed a connection");
  if ((size_t)n > c->sent - c->received ||
      memcmp(piece, load.pattern + c->start + c->received, (size_t)n) != 0)
    load_die("what came back is not what was sent");
  c->received += (size_t)n;
  if (c->received == load.size) {
    load.messages++;
    next_message(c);
  }
}

int main(int argc, char **argv) {
  if (argc != 5)
    load_die("usage: echo_load PORT SIZE CONNECTIONS SECONDS");
  unsigned port = (unsigned)load_number(argv[1], "PORT", 1, 65535);
  load.size = load_number(argv[2], "SIZE", 1, 1u << 30);
  size_t count = load_number(argv[3], "CONNECTIONS", 1, 1000000);
  uint64_t duration = load_seconds(argv[4], "SECONDS");

  load_need_files(count);
  load.pattern = load_alloc(load.size + PERIOD);
  load_pattern(load.pattern, load.size + PERIOD, 0);
  load.epoll = epoll_create1(EPOLL_CLOEXEC);
  connection *connections = load_alloc(count * sizeof *connections);
  for (size_t i = 0; i < count; i++) {
    int fd = load_connect(port, true);
    if (fd < 0)
      load_die("connect: %s", strerror(errno));
    connections[i] = (connection){.fd = fd, .start = i % PERIOD};
  }

  uint64_t start = load_now();
  load.deadline = start + duration;
  load.open = count;
  for (size_t i = 0; i < count; i++) {
    watch(&connections[i], EPOLL_CTL_ADD, EPOLLIN);
    send_more(&connections[i]);
  }
  while (load.open > 0) {
    struct epoll_event events[EVENTS];
    int n = epoll_wait(load.epoll, events, EVENTS, STALLED_MS);
    if (n == 0)
      load_die("no byte came back for %d s", STALLED_MS / 1000);
    for (int i = 0; i < n; i++) {
      connection *c = events[i].data.ptr;
      if (events[i].events & EPOLLOUT)
        send_more(c);
      if (events[i].events & ~(uint32_t)EPOLLOUT)
        receive(c);
    }
  }
  printf("messages %llu seconds %.6f\n", (unsigned long long)load.messages,
         (double)(load_now() - start) / 1e9);
  return 0;
}

// SPDX-License-Identifier: MIT
//
// HTTP load that checks every byte of every answer and, on request, behaves badly.
//
//   mixed_load PORT FILE [--requests N | --seconds S] [--connections C] [--kinds A,B…]
//              [--progress S] [--seed N]
//
// The server answers GET / with "Hello world\n", GET /file with FILE, which holds the pattern
// of load.h, and POST /echo with the body it was sent. Each of C connections takes turns; for
// each turn a kind is drawn by its weight:
//
//   hello            GET /
//   split            GET / that arrives in pieces of 7 bytes
//   pipelined        16 × GET / in one write
//   post             POST /echo, 64 KiB, with a Content-Length
//   post-chunked     POST /echo, 64 KiB in two chunks
//   file             GET /file
//   abort-head       a part of a request's head, then the connection is cut
//   abort-body       a part of a body, nothing read, cut
//   abort-file       GET /file, cut when a random part of it has come
//   abort-pipelined  16 × GET /, cut when a random part of the answers has come
//
// A cut is a reset three times in four and a plain close otherwise, at once or some
// milliseconds later; the next turn opens a new connection. A wrong status, a wrong byte,
// or 10 seconds without an answer end the program with 1. An answer that the server broke off is
// counted in "broken". Prints, every --progress seconds and at the end,
//   progress|done requests N answered N aborted N broken N bytes N seconds S
// where an aborted turn is one request, and then for each kind "kind NAME N".
#include "load.h"

#include <errno.h>
#include <llhttp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

enum {
  BATCH = 16,
  POST_SIZE = 65536,
  SPLIT_SIZE = 7,
  EVENTS = 256,
  PIECE = 262144,
  STALLED_S = 10,
};

#define SECOND UINT64_C(1000000000)

// name, weight, answers that a whole turn brings
#define KINDS(X) \
  X(HELLO, "hello", 600, 1) \
  X(SPLIT, "split", 40, 1) \
  X(PIPELINED, "pipelined", 180, BATCH) \
  X(POST, "post", 40, 1) \
  X(POST_CHUNKED, "post-chunked", 40, 1) \
  X(FILE_, "file", 20, 1) \
  X(ABORT_HEAD, "abort-head", 20, 1) \
  X(ABORT_BODY, "abort-body", 20, 1) \
  X(ABORT_FILE, "abort-file", 20, 1) \
  X(ABORT_PIPELINED, "abort-pipelined", 20, BATCH)

typedef enum {
#define X(id, name, weight, answers) id,
  KINDS(X)
#undef X
  KIND_COUNT
} kind;

static struct {
  const char *name;
  unsigned weight, answers;
  uint64_t turns;
} kinds[] = {
#define X(id, name, weight, answers) {name, weight, answers, 0},
    KINDS(X)
#undef X
};

typedef struct {
  const char *bytes;
  size_t length;
} span;

typedef struct {
  int fd; // -1: none
  uint32_t watched;
  llhttp_t parser;
  kind turn;
  uint64_t turn_start;
  span out;           // what this turn sends
  size_t sent;        // of it
  span body;          // what each of its answers must bring
  unsigned answers;   // still to come
  uint64_t cut_after; // this many bytes received; 0: not for that reason
  bool cut_when_sent;
  uint64_t cut_at; // the time, when only that is waited for
  uint64_t received;
  // The answer that is coming in.
  size_t body_length, name_length, name_matched;
  bool has_type, closes;
  const char *wrong; // found by a parser callback
} connection;

static struct {
  unsigned port;
  int epoll;
  uint64_t goal, deadline; // requests, time; 0: none
  uint64_t random;
  unsigned weights;
  size_t waiting; // connections with cut_at set
  uint64_t started, requests, answered, aborted, broken, bytes;
  span hello, batch, post, post_chunked, file_request;
  span hello_body, post_body, file_body;
} load;

static const char CONTENT_TYPE[] = "content-type";
static llhttp_settings_t settings;
static char piece[PIECE];

static void begin(connection *c);

// ---- chance ----

static uint64_t chance(uint64_t below) { // xorshift64*
  load.random ^= load.random >> 12;
  load.random ^= load.random << 25;
  load.random ^= load.random >> 27;
  return (load.random * UINT64_C(2685821657736338717) >> 16) % below;
}

static kind draw(void) {
  uint64_t at = chance(load.weights);
  unsigned k = 0;
  while (at >= kinds[k].weight)
    at -= kinds[k++].weight;
  return (kind)k;
}

// ---- the connection ----

static void watch(connection *c, uint32_t events) {
  struct epoll_event event = {.events = events, .data.ptr = c};
  if (events != c->watched && epoll_ctl(load.epoll, EPOLL_CTL_MOD, c->fd, &event) != 0)
    load_die("epoll_ctl: %s", strerror(errno));
  c->watched = events;
}

static void connect_again(connection *c) {
  for (int tries = 0; (c->fd = load_connect(load.port, false)) < 0; tries++) {
    const struct timespec moment = {.tv_nsec = 10000000};
    if (errno != EADDRNOTAVAIL || tries == 1000) // all ports are in TIME_WAIT
      load_die("connect: %s", strerror(errno));
    nanosleep(&moment, NULL);
  }
  struct epoll_event event = {.events = EPOLLIN | EPOLLOUT, .data.ptr = c};
  if (epoll_ctl(load.epoll, EPOLL_CTL_ADD, c->fd, &event) != 0)
    load_die("epoll_ctl: %s", strerror(errno));
  c->watched = event.events;
  llhttp_init(&c->parser, HTTP_RESPONSE, &settings);
  c->parser.data = c;
}

static void disconnect(connection *c, bool reset) {
  const struct linger none = {.l_onoff = 1, .l_linger = 0};
  if (c->fd < 0)
    return;
  if (reset)
    setsockopt(c->fd, SOL_SOCKET, SO_LINGER, &none, sizeof none);
  close(c->fd);
  c->fd = -1;
}

static void cut(connection *c) {
  if (c->cut_at != 0) {
    c->cut_at = 0;
    load.waiting--;
  }
  load.aborted++;
  load.requests++;
  disconnect(c, chance(4) != 0);
  begin(c);
}

static void cut_soon(connection *c) {
  if (chance(2) == 0) {
    cut(c);
  } else {
    c->cut_at = load_now() + chance(5000000) + 1;
    load.waiting++;
    watch(c, 0);
  }
}

// The server ended a connection that still owed an answer, or owes none.
static void lost(connection *c) {
  if (c->cut_at != 0) {
    cut(c);
    return;
  }
  if (c->answers > 0) {
    load.broken++;
    load.requests++;
  }
  disconnect(c, false);
  begin(c);
}

static void send_more(connection *c) {
  size_t most = c->turn == SPLIT ? SPLIT_SIZE : SIZE_MAX;
  while (c->sent < c->out.length) {
    size_t left = c->out.length - c->sent;
    ssize_t n = send(c->fd, c->out.bytes + c->sent, left < most ? left : most, MSG_NOSIGNAL);
    if (n < 0 && errno == EINTR)
      continue;
    if (n < 0 && errno == EAGAIN)
      break;
    if (n < 0 && errno == ECONNREFUSED)
      load_die("the server is gone");
    if (n < 0) {
      lost(c);
      return;
    }
    c->sent += (size_t)n;
    if (most != SIZE_MAX)
      break;
  }
  if (c->sent == c->out.length && c->cut_when_sent)
    cut_soon(c);
  else
    watch(c, c->sent < c->out.length ? EPOLLIN | EPOLLOUT : EPOLLIN);
}

static void receive(connection *c) {
  ssize_t n = recv(c->fd, piece, sizeof piece, 0);
  if (n < 0 && (errno == EAGAIN || errno == EINTR))
    return;
  if (n < 0 && errno == ECONNREFUSED)
    load_die("the server is gone");
  if (n <= 0) {
    lost(c);
    return;
  }
  load.bytes += (uint64_t)n;
  c->received += (uint64_t)n;
  llhttp_errno_t error = llhttp_execute(&c->parser, piece, (size_t)n);
  if (c->wrong != NULL)
    load_die("%s: %s", kinds[c->turn].name, c->wrong);
  if (error != HPE_OK)
    load_die("%s: not HTTP: %s", kinds[c->turn].name, llhttp_errno_name(error));
  if (c->cut_after != 0 && (c->received >= c->cut_after || c->answers == 0)) {
    cut(c);
  } else if (c->answers == 0) {
    load.requests += kinds[c->turn].answers;
    load.answered += kinds[c->turn].answers;
    if (c->sent < c->out.length)
      load_die("%s: answered before the request was complete", kinds[c->turn].name);
    if (c->closes)
      disconnect(c, false);
    begin(c);
  } else if (c->closes) {
    lost(c);
  }
}

// ---- turns ----

static void begin(connection *c) {
  if ((load.goal != 0 && load.started >= load.goal) ||
      (load.deadline != 0 && load_now() >= load.deadline)) {
    disconnect(c, false);
    return;
  }
  c->turn = draw();
  c->turn_start = load_now();
  c->answers = kinds[c->turn].answers;
  c->out = load.hello;
  c->body = load.hello_body;
  c->sent = c->body_length = 0;
  c->received = c->cut_after = 0;
  c->cut_when_sent = c->closes = false;
  kinds[c->turn].turns++;
  load.started += c->answers;

  switch (c->turn) {
  case HELLO:
  case SPLIT:
    break;
  case PIPELINED:
    c->out = load.batch;
    break;
  case POST:
    c->out = load.post;
    c->body = load.post_body;
    break;
  case POST_CHUNKED:
    c->out = load.post_chunked;
    c->body = load.post_body;
    break;
  case FILE_:
    c->out = load.file_request;
    c->body = load.file_body;
    break;
  case ABORT_HEAD:
    c->out.length = 1 + chance(load.hello.length - 1);
    c->cut_when_sent = true;
    break;
  case ABORT_BODY:
    c->out = load.post;
    c->out.length = load.post.length - 1 - chance(POST_SIZE);
    c->body = load.post_body;
    c->cut_when_sent = true;
    break;
  case ABORT_FILE:
    c->out = load.file_request;
    c->body = load.file_body;
    c->cut_after = 1 + chance(load.file_body.length);
    break;
  case ABORT_PIPELINED:
    c->out = load.batch;
    c->cut_after = 1 + chance(BATCH * 100);
    break;
  case KIND_COUNT:
    break;
  }
  if (c->turn >= ABORT_HEAD) // counted as one request, however much of it is answered
    load.started -= c->answers - 1;
  if (c->fd < 0)
    connect_again(c);
  send_more(c);
}

// ---- answers ----

static int fail(connection *c, const char *wrong) {
  c->wrong = wrong;
  return -1;
}

static int answer_begins(llhttp_t *parser) {
  connection *c = parser->data;
  if (c->answers == 0)
    return fail(c, "an answer that nobody asked for");
  c->body_length = 0;
  c->has_type = false;
  c->name_length = c->name_matched = 0;
  return 0;
}

static int header_name(llhttp_t *parser, const char *bytes, size_t length) {
  connection *c = parser->data;
  for (size_t i = 0; i < length; i++, c->name_length++)
    if (c->name_length < sizeof CONTENT_TYPE - 1 &&
        (bytes[i] | 0x20) == CONTENT_TYPE[c->name_length])
      c->name_matched++;
  return 0;
}

static int header_name_complete(llhttp_t *parser) {
  connection *c = parser->data;
  if (c->name_length == sizeof CONTENT_TYPE - 1 && c->name_matched == c->name_length)
    c->has_type = true;
  c->name_length = c->name_matched = 0;
  return 0;
}

static int head_complete(llhttp_t *parser) {
  connection *c = parser->data;
  if (llhttp_get_status_code(parser) != 200)
    return fail(c, "the status is not 200");
  if (!c->has_type)
    return fail(c, "the answer has no Content-Type");
  return 0;
}

static int body_piece(llhttp_t *parser, const char *bytes, size_t length) {
  connection *c = parser->data;
  if (length > c->body.length - c->body_length)
    return fail(c, "the body is too long");
  if (memcmp(bytes, c->body.bytes + c->body_length, length) != 0)
    return fail(c, "the body is not the right one");
  c->body_length += length;
  return 0;
}

static int answer_complete(llhttp_t *parser) {
  connection *c = parser->data;
  if (c->body_length != c->body.length)
    return fail(c, "the body is too short");
  c->answers--;
  c->closes = !llhttp_should_keep_alive(parser);
  return 0;
}

// ---- the program ----

static span text(const char *bytes) {
  return (span){bytes, strlen(bytes)};
}

static span join(span a, span b) {
  char *bytes = load_alloc(a.length + b.length);
  memcpy(bytes, a.bytes, a.length);
  memcpy(bytes + a.length, b.bytes, b.length);
  return (span){bytes, a.length + b.length};
}

static void prepare(const char *file) {
  load.hello = text("GET / HTTP/1.1\r\nHost: 127.0.0.1\r\nUser-Agent: mixed_load\r\n"
                    "Accept: */*\r\n\r\n");
  load.hello_body = text("Hello world\n");
  load.file_request = text("GET /file HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n");
  load.batch = load.hello;
  for (int i = 1; i < BATCH; i++)
    load.batch = join(load.batch, load.hello);

  char *body = load_alloc(POST_SIZE);
  load_pattern(body, POST_SIZE, 7);
  load.post_body = (span){body, POST_SIZE};
  load.post = join(text("POST /echo HTTP/1.1\r\nHost: 127.0.0.1\r\n"
                        "Content-Type: application/octet-stream\r\n"
                        "Content-Length: 65536\r\n\r\n"),
                   load.post_body);
  load.post_chunked = join(text("POST /echo HTTP/1.1\r\nHost: 127.0.0.1\r\n"
                                "Content-Type: application/octet-stream\r\n"
                                "Transfer-Encoding: chunked\r\n\r\n8000\r\n"),
                           (span){body, POST_SIZE / 2});
  load.post_chunked = join(load.post_chunked, text("\r\n8000\r\n"));
  load.post_chunked = join(load.post_chunked, (span){body + POST_SIZE / 2, POST_SIZE / 2});
  load.post_chunked = join(load.post_chunked, text("\r\n0\r\n\r\n"));

  FILE *in = fopen(file, "rb");
  if (in == NULL)
    load_die("%s: %s", file, strerror(errno));
  if (fseek(in, 0, SEEK_END) != 0 || ftell(in) <= 0)
    load_die("%s: empty", file);
  size_t size = (size_t)ftell(in);
  char *bytes = load_alloc(size);
  rewind(in);
  if (fread(bytes, 1, size, in) != size)
    load_die("%s: cannot be read", file);
  fclose(in);
  load.file_body = (span){bytes, size};
}

static void choose_kinds(const char *list) {
  bool chosen[KIND_COUNT] = {false};
  while (*list != '\0') {
    size_t length = strcspn(list, ",");
    unsigned k = 0;
    while (k < KIND_COUNT &&
           (strlen(kinds[k].name) != length || memcmp(kinds[k].name, list, length) != 0))
      k++;
    if (k == KIND_COUNT)
      load_die("--kinds: no kind %.*s", (int)length, list);
    chosen[k] = true;
    list += length + (list[length] == ',');
  }
  for (unsigned k = 0; k < KIND_COUNT; k++)
    if (!chosen[k])
      kinds[k].weight = 0;
}

static void report(const char *what, uint64_t start) {
  printf("%s requests %llu answered %llu aborted %llu broken %llu bytes %llu seconds %.6f\n", what,
         (unsigned long long)load.requests, (unsigned long long)load.answered,
         (unsigned long long)load.aborted, (unsigned long long)load.broken,
         (unsigned long long)load.bytes, (double)(load_now() - start) / 1e9);
  fflush(stdout);
}

// Cuts what is due, and finds who has waited too long. Tells whether any connection is open.
static bool look_after(connection *connections, size_t count) {
  uint64_t now = load_now();
  bool open = false;
  for (size_t i = 0; i < count; i++) {
    connection *c = &connections[i];
    if (c->fd >= 0 && c->cut_at != 0 && c->cut_at <= now)
      cut(c);
    else if (c->fd >= 0 && now > c->turn_start && now - c->turn_start > STALLED_S * SECOND)
      load_die("%s: no whole answer within %d s", kinds[c->turn].name, STALLED_S);
    open |= c->fd >= 0;
  }
  return open;
}

int main(int argc, char **argv) {
  uint64_t duration = 0, progress = 0;
  size_t count = 64;
  if (argc < 3)
    load_die("usage: mixed_load PORT FILE [--requests N | --seconds S] [--connections C] "
             "[--kinds A,B] [--progress S] [--seed N]");
  load.port = (unsigned)load_number(argv[1], "PORT", 1, 65535);
  load.random = 1;
  prepare(argv[2]);
  for (int i = 3; i < argc; i += 2) {
    const char *option = argv[i], *value = argv[i + 1];
    if (value == NULL)
      load_die("%s: a value is missing", option);
    if (strcmp(option, "--requests") == 0)
      load.goal = load_number(value, option, 1, UINT64_MAX);
    else if (strcmp(option, "--seconds") == 0)
      duration = load_seconds(value, option);
    else if (strcmp(option, "--connections") == 0)
      count = load_number(value, option, 1, 100000);
    else if (strcmp(option, "--kinds") == 0)
      choose_kinds(value);
    else if (strcmp(option, "--progress") == 0)
      progress = load_seconds(value, option);
    else if (strcmp(option, "--seed") == 0)
      load.random = load_number(value, option, 1, UINT64_MAX);
    else
      load_die("no option %s", option);
  }
  if ((load.goal == 0) == (duration == 0))
    load_die("either --requests or --seconds is wanted");
  for (unsigned k = 0; k < KIND_COUNT; k++)
    load.weights += kinds[k].weight;
  if (load.weights == 0)
    load_die("--kinds: none");

  llhttp_settings_init(&settings);
  settings.on_message_begin = answer_begins;
  settings.on_header_field = header_name;
  settings.on_header_field_complete = header_name_complete;
  settings.on_headers_complete = head_complete;
  settings.on_body = body_piece;
  settings.on_message_complete = answer_complete;

  load_need_files(count);
  load.epoll = epoll_create1(EPOLL_CLOEXEC);
  connection *connections = load_alloc(count * sizeof *connections);
  memset(connections, 0, count * sizeof *connections);
  uint64_t start = load_now(), shown = start, looked = start;
  if (duration != 0)
    load.deadline = start + duration;
  for (size_t i = 0; i < count; i++) {
    connections[i].fd = -1;
    begin(&connections[i]);
  }
  for (bool open = true; open;) {
    struct epoll_event events[EVENTS];
    int n = epoll_wait(load.epoll, events, EVENTS, load.waiting > 0 ? 1 : 100);
    for (int i = 0; i < n; i++) {
      connection *c = events[i].data.ptr;
      if (c->cut_at != 0) {
        cut(c); // only an error or a hang-up is told of now
        continue;
      }
      int fd = c->fd;
      if (events[i].events & EPOLLOUT)
        send_more(c);
      if (c->fd == fd && c->cut_at == 0 && (events[i].events & ~(uint32_t)EPOLLOUT))
        receive(c);
    }
    uint64_t now = load_now();
    if (now - looked >= SECOND / 1000) {
      looked = now;
      open = look_after(connections, count);
    }
    if (progress != 0 && now - shown >= progress) {
      shown = now;
      report("progress", start);
    }
  }
  report("done", start);
  for (unsigned k = 0; k < KIND_COUNT; k++)
    if (kinds[k].weight > 0)
      printf("kind %s %llu\n", kinds[k].name, (unsigned long long)kinds[k].turns);
  return 0;
}

// SPDX-License-Identifier: MIT
//
// The limit for bodies: libuv and llhttp, nothing else.
//
//   raw_body FILE
//
// GET is answered with the file, opened, read in pieces of 64 KiB until its end, and closed
// through libuv's threads for every request, as fs.createReadStream does; POST is answered
// with its own body, piece by piece as it comes, chunked.
#include "raw_server.h"

#include <fcntl.h>
#include <llhttp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

enum { PIECE = 65536 };

typedef struct {
  uv_tcp_t tcp; // first
  llhttp_t parser;
  unsigned users;  // the handle and the running file request: the last one frees
  unsigned waiting; // writes that the kernel has not taken yet; no reading meanwhile
  bool last;       // no request follows: close when all is out
  // The POST that is being echoed.
  bool head_due;
  const char *piece; // of its body, in the read buffer, not yet written
  size_t piece_length;
  // The file that is being sent.
  uv_fs_t fs;
  uv_file file; // -1: none
  bool file_head_due;
  char *chunk; // PIECE bytes while a file is being sent
  // What was read behind the request that is being answered with a file.
  char *rest;
  size_t rest_length;
} connection;

static const char BAD[] =
    "HTTP/1.1 400 Bad Request\r\nConnection: close\r\nContent-Length: 0\r\n\r\n";
static const char ECHO_HEAD[] = "HTTP/1.1 200 OK\r\nContent-Type: application/octet-stream\r\n"
                                "Connection: keep-alive\r\nTransfer-Encoding: chunked\r\n\r\n";
static const char ECHO_END[] = "0\r\n\r\n";

static llhttp_settings_t settings;
static const char *file_path;
static char file_head[256];
static unsigned file_head_length;

static void received(uv_stream_t *stream, ssize_t length, const uv_buf_t *buffer);
static void feed(connection *c, const char *bytes, size_t length);
static void file_read(connection *c);

// ---- life cycle ----

static bool closing(connection *c) {
  return uv_is_closing((uv_handle_t *)&c->tcp);
}

static void leave(connection *c) {
  if (--c->users > 0)
    return;
  if (c->file >= 0) {
    uv_fs_t request;
    uv_fs_close(NULL, &request, c->file, NULL);
    uv_fs_req_cleanup(&request);
  }
  free(c->chunk);
  free(c->rest);
  free(c);
}

static void closed(uv_handle_t *handle) {
  leave((connection *)handle);
}

static void drop(connection *c) {
  if (!closing(c))
    uv_close((uv_handle_t *)&c->tcp, closed);
}

static bool sending_file(connection *c) {
  return c->chunk != NULL;
}

// Goes on reading when nothing holds the connection up, or closes it after its last answer.
static void proceed(connection *c) {
  if (closing(c) || c->waiting > 0 || sending_file(c))
    return;
  if (c->last)
    drop(c);
  else if (uv_read_start((uv_stream_t *)&c->tcp, raw_server_buffer, received) != 0)
    drop(c);
}

static void sent(uv_stream_t *stream, int status) {
  connection *c = (connection *)stream;
  c->waiting--;
  if (status < 0)
    drop(c);
  if (closing(c))
    return;
  if (sending_file(c)) {
    if (c->waiting == 0)
      file_read(c);
  } else {
    proceed(c);
  }
}

static void put(connection *c, const uv_buf_t *parts, unsigned count) {
  if (closing(c))
    return;
  int result = raw_server_write((uv_stream_t *)&c->tcp, parts, count, sent);
  if (result < 0) {
    drop(c);
  } else if (result > 0) {
    c->waiting++;
    uv_read_stop((uv_stream_t *)&c->tcp);
  }
}

static uv_buf_t part(const char *bytes, size_t length) {
  return uv_buf_init((char *)bytes, (unsigned)length);
}

// ---- GET: the file ----

static void file_done(connection *c) {
  char *rest = c->rest;
  free(c->chunk);
  c->chunk = NULL;
  c->rest = NULL;
  if (c->last) {
    proceed(c);
  } else {
    llhttp_resume(&c->parser);
    feed(c, rest, c->rest_length);
    proceed(c);
  }
  free(rest);
}

static void file_closed(uv_fs_t *request) {
  connection *c = request->data;
  uv_fs_req_cleanup(request);
  if (!closing(c))
    file_done(c);
  leave(c);
}

static void file_was_read(uv_fs_t *request) {
  connection *c = request->data;
  ssize_t length = request->result;
  uv_fs_req_cleanup(request);
  if (length < 0)
    drop(c);
  if (closing(c)) {
    leave(c);
  } else if (length == 0) {
    uv_file file = c->file;
    c->file = -1;
    uv_fs_close(c->tcp.loop, &c->fs, file, file_closed);
  } else {
    uv_buf_t parts[] = {part(file_head, c->file_head_due ? file_head_length : 0),
                        part(c->chunk, (size_t)length)};
    c->file_head_due = false;
    put(c, parts, 2);
    if (!closing(c) && c->waiting == 0)
      file_read(c);
    leave(c);
  }
}

static void file_read(connection *c) {
  uv_buf_t into = uv_buf_init(c->chunk, PIECE);
  c->users++;
  uv_fs_read(c->tcp.loop, &c->fs, c->file, &into, 1, -1, file_was_read);
}

static void file_opened(uv_fs_t *request) {
  connection *c = request->data;
  c->file = request->result < 0 ? -1 : (uv_file)request->result;
  uv_fs_req_cleanup(request);
  if (c->file < 0)
    drop(c);
  if (!closing(c) && c->waiting == 0)
    file_read(c);
  leave(c);
}

static void file_start(connection *c, const char *rest, size_t length) {
  uv_read_stop((uv_stream_t *)&c->tcp);
  c->rest = raw_server_alloc(length + 1);
  memcpy(c->rest, rest, length);
  c->rest_length = length;
  c->chunk = raw_server_alloc(PIECE);
  c->file_head_due = true;
  c->fs.data = c;
  c->users++;
  uv_fs_open(c->tcp.loop, &c->fs, file_path, O_RDONLY, 0, file_opened);
}

// ---- POST: the echo ----

// Writes what is held of the answer: its head if still due, the piece as one chunk, its end.
static void echo_flush(connection *c, bool end) {
  static const char CRLF_END[] = "\r\n0\r\n\r\n";
  char start[sizeof ECHO_HEAD + 20];
  size_t length = 0;
  if (c->head_due) {
    memcpy(start, ECHO_HEAD, sizeof ECHO_HEAD - 1);
    length = sizeof ECHO_HEAD - 1;
    c->head_due = false;
  }
  if (c->piece_length > 0) {
    length += (size_t)snprintf(start + length, sizeof start - length, "%zx\r\n", c->piece_length);
    uv_buf_t parts[] = {part(start, length), part(c->piece, c->piece_length),
                        part(CRLF_END, end ? sizeof CRLF_END - 1 : 2)};
    c->piece_length = 0;
    put(c, parts, 3);
  } else {
    uv_buf_t parts[] = {part(start, length), part(ECHO_END, end ? sizeof ECHO_END - 1 : 0)};
    put(c, parts, 2);
  }
}

// ---- the parser ----

static int head_complete(llhttp_t *parser) {
  connection *c = parser->data;
  if (closing(c) || c->last)
    return -1;
  c->head_due = llhttp_get_method(parser) == HTTP_POST;
  return 0;
}

static int body_piece(llhttp_t *parser, const char *bytes, size_t length) {
  connection *c = parser->data;
  if (c->piece_length > 0)
    echo_flush(c, false);
  c->piece = bytes;
  c->piece_length = length;
  return closing(c) ? HPE_USER : 0;
}

static int request_complete(llhttp_t *parser) {
  connection *c = parser->data;
  c->last = !llhttp_should_keep_alive(parser);
  if (llhttp_get_method(parser) != HTTP_POST)
    return HPE_PAUSED; // feed() sends the file
  echo_flush(c, true);
  return 0;
}

static void feed(connection *c, const char *bytes, size_t length) {
  llhttp_errno_t error = llhttp_execute(&c->parser, bytes, length);
  if (c->piece_length > 0)
    echo_flush(c, false);
  if (closing(c))
    return;
  if (error == HPE_PAUSED) {
    const char *at = llhttp_get_error_pos(&c->parser);
    file_start(c, at, (size_t)(bytes + length - at));
  } else if (error != HPE_OK && !c->last) {
    uv_buf_t bad = part(BAD, sizeof BAD - 1);
    c->last = true;
    put(c, &bad, 1);
  }
}

static void received(uv_stream_t *stream, ssize_t length, const uv_buf_t *buffer) {
  connection *c = (connection *)stream;
  if (length < 0) {
    drop(c);
  } else if (length > 0) {
    feed(c, buffer->base, (size_t)length);
    if (c->last)
      proceed(c);
  }
}

static void accepted(uv_stream_t *server, int status) {
  if (status < 0)
    return;
  connection *c = raw_server_alloc(sizeof *c);
  memset(c, 0, sizeof *c);
  c->users = 1;
  c->file = -1;
  uv_tcp_init(server->loop, &c->tcp);
  if (uv_accept(server, (uv_stream_t *)&c->tcp) != 0) {
    drop(c);
    return;
  }
  uv_tcp_nodelay(&c->tcp, 1);
  llhttp_init(&c->parser, HTTP_REQUEST, &settings);
  c->parser.data = c;
  proceed(c);
}

int main(int argc, char **argv) {
  struct stat about;
  if (argc != 2 || stat(argv[1], &about) != 0) {
    fprintf(stderr, "usage: raw_body FILE\n");
    return 2;
  }
  file_path = argv[1];
  int length = snprintf(file_head, sizeof file_head,
                        "HTTP/1.1 200 OK\r\nContent-Type: application/octet-stream\r\n"
                        "Connection: keep-alive\r\nContent-Length: %lld\r\n\r\n",
                        (long long)about.st_size);
  if (length < 0 || (size_t)length >= sizeof file_head)
    return 2;
  file_head_length = (unsigned)length;

  llhttp_settings_init(&settings);
  settings.on_headers_complete = head_complete;
  settings.on_body = body_piece;
  settings.on_message_complete = request_complete;
  return raw_server_run(accepted);
}

// SPDX-License-Identifier: MIT
//
// The limit for the hello server: libuv and llhttp, nothing else. Every request is parsed to
// its end, every answer is one write of the same bytes.
#include "raw_server.h"

#include <llhttp.h>
#include <stdlib.h>

#define ANSWER(status, connection, length, body) \
  "HTTP/1.1 " status "\r\nContent-Type: text/plain\r\nConnection: " connection \
  "\r\nContent-Length: " length "\r\n\r\n" body

static const char OK[] = ANSWER("200 OK", "keep-alive", "12", "Hello world\n");
static const char LAST[] = ANSWER("200 OK", "close", "12", "Hello world\n");
static const char BAD[] = ANSWER("400 Bad Request", "close", "0", "");

typedef struct {
  uv_tcp_t tcp; // first
  llhttp_t parser;
  size_t waiting; // answers that the kernel has not taken yet; no reading meanwhile
  bool last;      // no request follows: close when all answers are out
} connection;

typedef struct {
  uv_write_t request;
  connection *of;
} late_answer;

static llhttp_settings_t settings;

static void received(uv_stream_t *stream, ssize_t length, const uv_buf_t *buffer);

static void closed(uv_handle_t *handle) {
  free(handle);
}

static bool closing(connection *c) {
  return uv_is_closing((uv_handle_t *)&c->tcp);
}

static void drop(connection *c) {
  if (!closing(c))
    uv_close((uv_handle_t *)&c->tcp, closed);
}

static void finish(connection *c) {
  if (c->last && c->waiting == 0)
    drop(c);
}

static void answered(uv_write_t *request, int status) {
  connection *c = ((late_answer *)request)->of;
  free(request);
  c->waiting--;
  if (status < 0)
    drop(c);
  if (closing(c) || c->waiting > 0)
    return;
  if (c->last)
    finish(c);
  else if (uv_read_start((uv_stream_t *)&c->tcp, raw_server_buffer, received) != 0)
    drop(c);
}

// `text` is one of the constants above: it is never copied.
static void answer(connection *c, const char *text, size_t length) {
  uv_stream_t *stream = (uv_stream_t *)&c->tcp;
  uv_buf_t part = uv_buf_init((char *)text, (unsigned)length);

  if (c->waiting == 0) {
    int written = uv_try_write(stream, &part, 1);
    if (written == (int)length)
      return;
    if (written < 0 && written != UV_EAGAIN) {
      drop(c);
      return;
    }
    if (written > 0)
      part = uv_buf_init(part.base + written, (unsigned)(length - (size_t)written));
  }
  late_answer *late = raw_server_alloc(sizeof *late);
  late->of = c;
  if (uv_write(&late->request, stream, &part, 1, answered) != 0) {
    free(late);
    drop(c);
    return;
  }
  c->waiting++;
  uv_read_stop(stream);
}

static int request_complete(llhttp_t *parser) {
  connection *c = parser->data;
  if (closing(c) || c->last)
    return HPE_USER;
  if (llhttp_should_keep_alive(parser)) {
    answer(c, OK, sizeof OK - 1);
  } else {
    c->last = true;
    answer(c, LAST, sizeof LAST - 1);
  }
  return HPE_OK;
}

static void received(uv_stream_t *stream, ssize_t length, const uv_buf_t *buffer) {
  connection *c = (connection *)stream;

  if (length < 0) {
    drop(c);
  } else if (length > 0) {
    llhttp_errno_t error = llhttp_execute(&c->parser, buffer->base, (size_t)length);
    if (closing(c))
      return;
    if (error != HPE_OK && !c->last) {
      c->last = true;
      answer(c, BAD, sizeof BAD - 1);
    }
    finish(c);
  }
}

static void accepted(uv_stream_t *server, int status) {
  if (status < 0)
    return;
  connection *c = raw_server_alloc(sizeof *c);
  uv_stream_t *stream = (uv_stream_t *)&c->tcp;
  c->waiting = 0;
  c->last = false;
  uv_tcp_init(server->loop, &c->tcp);
  if (uv_accept(server, stream) != 0) {
    drop(c);
    return;
  }
  uv_tcp_nodelay(&c->tcp, 1);
  llhttp_init(&c->parser, HTTP_REQUEST, &settings);
  c->parser.data = c;
  if (uv_read_start(stream, raw_server_buffer, received) != 0)
    drop(c);
}

int main(void) {
  llhttp_settings_init(&settings);
  settings.on_message_complete = request_complete;
  return raw_server_run(accepted);
}

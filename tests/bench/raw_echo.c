// SPDX-License-Identifier: MIT
//
// The limit for a TCP echo: what comes is written back, and nothing is read while a peer
// does not take its answer.
#include "raw_server.h"

#include <stdlib.h>

static void received(uv_stream_t *stream, ssize_t length, const uv_buf_t *buffer);

static void closed(uv_handle_t *handle) {
  free(handle);
}

static void drop(uv_stream_t *stream) {
  if (!uv_is_closing((uv_handle_t *)stream))
    uv_close((uv_handle_t *)stream, closed);
}

static void sent(uv_stream_t *stream, int status) {
  if (status < 0 || uv_read_start(stream, raw_server_buffer, received) != 0)
    drop(stream);
}

static void received(uv_stream_t *stream, ssize_t length, const uv_buf_t *buffer) {
  if (length < 0)
    drop(stream);
  if (length <= 0)
    return;
  uv_buf_t part = uv_buf_init(buffer->base, (unsigned)length);
  int result = raw_server_write(stream, &part, 1, sent);
  if (result < 0)
    drop(stream);
  else if (result > 0)
    uv_read_stop(stream);
}

static void accepted(uv_stream_t *server, int status) {
  if (status < 0)
    return;
  uv_tcp_t *tcp = raw_server_alloc(sizeof *tcp);
  uv_stream_t *stream = (uv_stream_t *)tcp;
  uv_tcp_init(server->loop, tcp);
  if (uv_accept(server, stream) != 0 || uv_read_start(stream, raw_server_buffer, received) != 0)
    drop(stream);
  else
    uv_tcp_nodelay(tcp, 1);
}

int main(void) {
  return raw_server_run(accepted);
}

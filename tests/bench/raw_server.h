// SPDX-License-Identifier: MIT
//
// What the raw C servers share: listening, the read buffer, and writing.
//
// They are the limit that the others are measured against: libuv and nothing above it.
// Each listens on a free port of 127.0.0.1, prints the port on a line of its own, and runs
// until it is killed.
#ifndef BENCH_RAW_SERVER_H
#define BENCH_RAW_SERVER_H

#include <stdbool.h>
#include <stddef.h>
#include <uv.h>

// Listens, prints the port, runs the loop; `accepted` is libuv's connection callback.
// Returns only when the loop does.
int raw_server_run(uv_connection_cb accepted);

// Gives all connections one buffer of 64 KiB to read into: whoever reads with it is done
// with the bytes, or has copied them, when its read callback returns.
void raw_server_buffer(uv_handle_t *handle, size_t suggested, uv_buf_t *buffer);

// Writes all of `parts`, at most RAW_PARTS: at once as far as the kernel takes it, the rest,
// copied, when it does. Returns 0 when all is gone, 1 when `sent` will be called once, later
// (its status negative if the write failed), or a negative libuv error.
// Further writes before that are queued in order; a caller that must stay bounded stops
// reading until every `sent` came.
enum { RAW_PARTS = 4 };
int raw_server_write(uv_stream_t *stream, const uv_buf_t *parts, unsigned count,
                     void (*sent)(uv_stream_t *stream, int status));

// malloc that ends the program when there is no memory.
void *raw_server_alloc(size_t size);

#endif

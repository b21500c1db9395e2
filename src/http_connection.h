// SPDX-License-Identifier: MIT
//
// The server's side of HTTP/1 connections: reading requests, ordering answers, writing, time limits.
//
// A server (userdata, made by core.http.server(owner)) has connections (userdata). A connection listens to an accepted
// stream in C, or (no handle) is fed by Lua from any Duplex. It is pinned until its stream is closed or detached; the
// server and its owner are pinned while it has connections.
//
// Requests are numbered (`seq`). Each has a response record until its answer is finished; answers leave in the order of
// the requests: the front one goes to the connection's output, later ones wait in their records. Output leaves in one
// write when the outermost callback has ended (runtime_defer), bodies of 16 KiB and more at once. A head that writeHead
// made stays back until the first write, finish or flushHead of its response.
//
// While output is stuck (the peer does not read) or too many answers are due, parsing stops and so does reading.
//
// core.http, for lua/http/server.lua (conn, seq as the first arguments; all of them do nothing on a connection that is over):
//   setup{request=fn, …}        the callbacks, for all servers; owner is what server() was given
//     request(owner, conn, seq, method, url, raw, flags, body) -> res | nil
//        body: Buffer with what is there already, or nil; flags: http_parser.h, and those below.
//        res is kept and told of finished, drain and close; nil when nobody needs to know
//     body(owner, conn, req, buffer)   complete(owner, conn, req, trailers)       req: what keep(conn, req) was given
//     finished(owner, res)        its last byte was handed to the system
//     drain(owner, res)           after write returned false: all is out
//     failed(owner, conn, code, reason, bytesParsed, packet)       input that is not HTTP
//     input(owner, conn, status)  reading ended: UV_EOF or an error, with something still going on
//     timeout(owner, conn, kind)  kind "idle" (keepAliveTimeout) or "request" (headersTimeout, requestTimeout)
//     wantsUpgrade(owner, connect) -> boolean       upgrade(owner, conn, method, url, raw, flags, head)
//     last(owner, conn)           the last answer is out: close (only asked when a Socket exists or there is no stream)
//     output(owner, conn, bytes)  no stream: write them, then written(conn, #bytes)
//     resume(owner, conn)         not read in C: more input may come (after isPaused)
//     close(owner, conn, req, list)    the connection is gone; res of unfinished answers
//   server(owner) -> server       option(server, name, number)     connections(server, idle) -> list of conn
//   attach(server, handle | nil) -> conn
//   writeHead(conn, seq, status, phrase, headers, sendDate, keepAlive, length, options, unique)
//        -> bits (1 chunked, 2 last, 4 has a body) | nil, problem, name, value (http_head.h) | false: over
//   write(conn, seq, bytes, tell) -> boolean | nil     finish(conn, seq, bytes, trailers) -> boolean     raw(conn, seq, bytes)
//   flushHead(conn, seq)   keep(conn, req)   track(conn, seq, res) -> 0 gone, 1 finished, 2 not yet
//   current(conn) -> res | nil   reject(conn, text)   halt(conn)   finishLast(conn)
//   queued(conn, seq) -> bytes   pause(conn)  resume(conn) dump(conn)   handle(conn)   over(conn)   requests(conn)
//   activity(conn) -> ms of the loop's clock   flush(conn)   socketed(conn)   close(conn)   closing(conn): before the Socket closes   detach(conn) -> handle
//   execute(conn, bytes)  ended(conn)  written(conn, n)  closed(conn)     for connections without a stream
//   handReads(conn)   its stream is read by Lua from now on: execute(conn, bytes), ended(conn)
//   outputSize(conn, seq) -> bytes that wait for other answers   unsent(conn) -> bytes of all answers not given to the stream
//   env(conn) -> table, its own     date() -> text
#ifndef LUNODE_HTTP_CONNECTION_H
#define LUNODE_HTTP_CONNECTION_H

#include "http_parser.h"

enum { // besides http_parser.h's flags
  HTTP_MAX_REACHED = 1 << 16, // this is the last request allowed on the connection
  HTTP_DROPPED = 1 << 17,     // one too many
  HTTP_SPECIAL = 1 << 18,     // not HTTP/1.1, without Host, with Expect, or one of the above
};

#endif

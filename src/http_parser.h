// SPDX-License-Identifier: MIT
//
// HTTP/1 messages: llhttp, with the head gathered into one block and limits on it.
//
// Two users: http_connection.c (the server, in C) and core.http.parser (below), fed from Lua.
//
// The raw header block of a message is text, "Name\nvalue\nName\nvalue\n", in order of arrival, values without
// surrounding white space: neither may hold LF. core.http.fields(raw) and core.http.headers(raw) read it.
//
// Lua sees
//   core.http.parser(kind [, options]) -> parser        kind: "request" | "response"
//     options: maxHeaderSize (bytes, 16384), maxHeaders (1000; 0: no limit; the rest is dropped), lenient (boolean)
//   parser:execute(bytes) -> count        string or Buffer; count < #bytes only when the message was an upgrade:
//                                         what follows at byte count+1 is another protocol, parser.upgraded is true
//                         -> nil, code, reason, bytesParsed      "HPE_INVALID_CONSTANT", text; the parser is then of no use until reset
//   parser:finish()       -> true | nil, code, reason            at the end of the stream
//   parser:reset([kind])                  ready for the first message of a connection
//   parser:stop()                         from within a callback: execute returns at once, with the bytes taken so far
//   Fields: parser.owner and the callbacks, set by plain assignment, called as fn(owner, …):
//     onheaders(owner, first, second, raw, flags) -> nil: the body follows as the head says
//                                                    1: there is none (answers to HEAD); 2: the message is an upgrade
//       request:  first = method name, second = url;  response: first = status code, second = reason phrase
//       flags is a number: HTTP version 1.x: bit 0 = x (1 for 1.1), bits 8…11 the major, 12…15 the minor version;
//       2 keep-alive; 4 upgrade (or CONNECT); 8 has Host; 16 has Expect; 32 has Content-Length; 64 is chunked
//     onbody(owner, buffer)               a Buffer, never empty
//     oncomplete(owner, trailers)         raw block of the trailer section, or nil
//   An error raised by a callback leaves execute as it was raised; the parser is then of no use until reset.
//   A parser is not re-entrant: execute from its own callback raises; reset from there stops it and takes effect when it has returned.
//
//   core.http.fields(raw) -> {"Name", "value", …}
//   core.http.headers(raw, join) -> table, names in lower case, duplicates as Node does (join: all joined with ", ")
//   core.http.distinct(raw) -> table of lists, names in lower case
//   core.http.methods() -> list of method names, sorted
#ifndef LUNODE_HTTP_PARSER_H
#define LUNODE_HTTP_PARSER_H

#include <llhttp.h>

#include "runtime.h"

enum { // flags as Lua sees them
  HTTP_MINOR_1 = 1,
  HTTP_KEEP_ALIVE = 2,
  HTTP_IS_UPGRADE = 4,
  HTTP_HAS_HOST = 8,
  HTTP_HAS_EXPECT = 16,
  HTTP_HAS_LENGTH = 32,
  HTTP_IS_CHUNKED = 64,
  HTTP_IS_COMPLETE = 128, // http_connection: the whole request is there
};

#define HTTP_MAX_HEAD ((size_t)16384)
#define HTTP_MAX_PAIRS 1000u
#define HTTP_MAX_EXTENSIONS ((size_t)16384)

// Growing bytes. All zero is empty.
typedef struct http_bytes {
  char *data;
  size_t length, capacity;
} http_bytes;

bool http_bytes_room(http_bytes *b, size_t more); // false: no memory
bool http_bytes_put(http_bytes *b, const void *data, size_t length);
void http_bytes_free(http_bytes *b);

enum { HTTP_METHOD_QUERY = 63 }; // beyond llhttp's own

struct http_parser;

// Return values are llhttp's: 0 goes on, HPE_PAUSED stops, HPE_USER refuses.
typedef struct http_hooks {
  int (*headers)(struct http_parser *); // also 1: no body, 2: upgrade
  int (*body)(struct http_parser *, const char *bytes, size_t length);
  int (*complete)(struct http_parser *);
} http_hooks;

typedef struct http_parser {
  llhttp_t llhttp; // first
  const http_hooks *hooks;
  http_bytes head;     // request target or reason phrase, then the raw block; trailers use it again
  uint32_t first_line; // length of the former
  uint32_t pair;       // where the header being read starts
  uint32_t max_head, max_pairs, pairs;
  uint32_t counted; // bytes of this head, of this trailer section, or of this chunk's extensions so far
  uint8_t seen;     // HTTP_HAS_HOST, HTTP_HAS_EXPECT
  uint8_t value;    // enum http_value
  uint8_t query_matched; // bytes of "QUERY " that ended the input so far
  bool in_message, folded, query;
  uint32_t executes, value_end; // calls of execute so far; the one in which an open value must go on
  const char *feed, *feed_end;  // the bytes being parsed
  const char *body_end;         // behind the last bytes of a body in them
} http_parser;

// What has been seen of a header's value.
enum http_value { HTTP_VALUE_NONE, HTTP_VALUE_DUE, HTTP_VALUE_OPEN, HTTP_VALUE_ENDED };

typedef struct http_error {
  const char *code; // "HPE_INVALID_METHOD", code_length bytes
  size_t code_length;
  const char *reason;
} http_error;

// kind: HTTP_REQUEST or HTTP_RESPONSE. Keeps the limits; the first call must be on zeroed memory.
void http_parser_init(http_parser *p, llhttp_type_t kind, const http_hooks *hooks, bool lenient);
void http_parser_free(http_parser *p);
// Gives the head's memory back once its contents were taken.
void http_parser_release_head(http_parser *p);
int http_parser_flags(const http_parser *p);
// Feeds bytes. HPE_OK, or why it stopped, with the bytes taken in *parsed.
llhttp_errno_t http_parser_execute(http_parser *p, const char *bytes, size_t length, size_t *parsed);
// The stream has ended.
llhttp_errno_t http_parser_finish(http_parser *p);
// What it stopped with.
void http_parser_error(const http_parser *p, http_error *error);
// The method of the request: llhttp's number, or HTTP_METHOD_QUERY where llhttp has none for it.
unsigned http_parser_method(const http_parser *p);
// Pushes the list of method names (name of method n at n+1), and one of them.
void http_push_methods(lua_State *L);
void http_push_method(lua_State *L, unsigned method);

#endif

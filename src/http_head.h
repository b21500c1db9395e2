// SPDX-License-Identifier: MIT
//
// Writing heads: header fields from Lua values, checked, and the names that decide how a message is framed.
//
// Headers are given as
//   a map {["Content-Type"] = "text/plain", ["Set-Cookie"] = {"a=1", "b=2"}}    sent in sorted order of the names
//     (with an ordered key list in its metatable, as JavaScript objects have: in that order; their number keys are the name + 1)
//   a flat list {"A", "1", "B", "2"} or a list of pairs {{"A", "1"}, {"B", "2"}}  sent in that order
// Values are text, numbers, booleans, or lists of these (a line each; Cookie joined with "; ").
//
// Lua sees
//   core.http.head(headers, unique, checked) -> text, bits, contentLength | nil, problem, name, value
//     unique: set of lower-case names whose lists are joined with "; ", or nil; checked: true when values were validated before
//     bits: 1 Content-Length, 2 Transfer-Encoding, 4 of these chunked, 8 Connection, 16 of these close, 32 Date, 64 Expect,
//     128 Trailer, 256 Keep-Alive;  problem: "name", "value", "char", "list"
//   core.http.isToken(text) -> boolean          core.http.isValue(text) -> boolean (no CR, LF, NUL or other control)
#ifndef LUNODE_HTTP_HEAD_H
#define LUNODE_HTTP_HEAD_H

#include "http_parser.h"

enum {
  HEAD_LENGTH = 1,
  HEAD_ENCODING = 2,
  HEAD_CHUNKED = 4,
  HEAD_CONNECTION = 8,
  HEAD_CLOSE = 16,
  HEAD_DATE = 32,
  HEAD_EXPECT = 64,
  HEAD_TRAILER = 128,
  HEAD_KEEP_ALIVE = 256,
};

typedef struct http_head {
  http_bytes *out;
  int unique;      // stack index of the set, or 0
  bool checked;    // names and values are known to be good
  bool sized;      // the whole body is there
  unsigned bits;   // out
  double length;   // out: of Content-Length, NaN when it is no number
} http_head;

// Appends the fields at `index` (nil: none). Returns NULL, or the problem, with name and value pushed.
// May raise when memory or stack run out; what was appended then is the caller's to drop.
const char *http_head_put(lua_State *L, int index, http_head *h);

#endif

// SPDX-License-Identifier: MIT
//
// Values as V8's ValueSerializer writes them, for IPC messages with serialization "advanced": what Node puts behind the four
// bytes of a message's length. Source: V8's value-serializer.cc (format 15), Node's lib/internal/child_process/serialization.js.
//
// Neither function raises, runs out of stack or calls libuv; both leave exactly one value on the stack of L, for which there
// must be one free slot (lua_checkstack). They may run Lua code (accessors and hooks of classes) and the collector.
#ifndef LUNODE_SERIALIZE_H
#define LUNODE_SERIALIZE_H

#include <lua.h>
#include <stddef.h>

// Encodes the value at `index` and pushes a string: version header and value. Returns 0; or -1, with the Error pushed
// ("… could not be cloned.", or RangeError for nesting beyond 2,500 levels; what an accessor of the value raised; a
// string when memory ran out).
int serialize_encode(lua_State *L, int index);

// Decodes one message (header and value; what follows them is ignored, as in Node) and pushes the value. Returns 0; or -1,
// with an Error pushed likewise. `bytes` need not outlive the call: nothing decoded points into it.
int serialize_decode(lua_State *L, const char *bytes, size_t length);

#endif

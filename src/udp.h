// SPDX-License-Identifier: MIT
//
// Datagram sockets. What Lua sees is in udp.c.
#ifndef LUNODE_UDP_H
#define LUNODE_UDP_H

#include "handle.h"

// Makes and pushes a handle that has no descriptor yet; NULL, nothing pushed, and libuv's code when there can be none.
// One that uv_accept filled is bound, maybe connected: recvStart and send work at once.
handle *udp_make(lua_State *L, int *err);

#endif

// SPDX-License-Identifier: MIT
//
// The area core.http: http_parser.c opens it, http_head.c and http_connection.c add their parts to the table on top.
#ifndef LUNODE_HTTP_H
#define LUNODE_HTTP_H

#include <lua.h>

void http_head_open(lua_State *L);
void http_connection_open(lua_State *L);

#endif

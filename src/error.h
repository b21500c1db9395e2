// SPDX-License-Identifier: MIT
//
// Errors, three kinds.
//  - A caller's mistake inside lunode.core (wrong type, closed handle) raises: luaL_error and friends.
//    Node's ERR_* objects are made in Lua, which checks first.
//  - An operation that fails returns libuv's negative code as a number (0 or more is success);
//    lua/internal/errors.lua turns it into an Error with code, errno, syscall.
//  - The impossible aborts: CHECK.
#ifndef LUNODE_ERROR_H
#define LUNODE_ERROR_H

#include <lua.h>

// core.error: name(code) -> "ENOENT", message(code) -> "no such file or directory", code(name) -> -2,
// list() -> {[-2] = {"ENOENT", "no such file or directory"}, …}
void error_open(lua_State *L);

_Noreturn void error_abort(const char *file, int line, const char *condition);

#define CHECK(condition) ((condition) ? (void)0 : error_abort(__FILE__, __LINE__, #condition))

#endif

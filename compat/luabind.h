// SPDX-License-Identifier: MIT
//
// The compiler's Lua face; luabind.c says what the table holds. The only part of the compiler that sees Lua.
#ifndef LUNODE_COMPAT_LUABIND_H
#define LUNODE_COMPAT_LUABIND_H

#include <lua.h>

// Pushes the table {compile, load, check}.
void compiler_open(lua_State *L);

// The same for `package.loadlib`.
int luaopen_lunode_compiler(lua_State *L);

#endif

// SPDX-License-Identifier: MIT
// Declares the opener of every area in areas.def.
#ifndef LUNODE_AREAS_H
#define LUNODE_AREAS_H
#include <lua.h>
#define AREA(name) void name##_open(lua_State *L);
#include "areas.def"
#undef AREA
#endif

// SPDX-License-Identifier: MIT
//
// Fuzzing. A target is LLVMFuzzerTestOneInput, in C (serialize.c) or in Lua through lua.c: json.lua, http.lua, url.lua.
//   make fuzz [TIME=seconds] [TARGET=name]   with libFuzzer (clang), on what it found before ($(BUILD)/fuzz/corpus)
//   $(BUILD)/fuzz/<name> seeds/<name>.txt COUNT SEED   without: driver.c changes the seeds COUNT times; the tests run this
#ifndef LUNODE_FUZZ_H
#define LUNODE_FUZZ_H

#include <lua.h>
#include <stddef.h>
#include <stdint.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

// A Lua state that finds the library (in the folder that LUNODE_LUA names, by default build/share), closed at exit.
lua_State *fuzz_state(void);

#endif

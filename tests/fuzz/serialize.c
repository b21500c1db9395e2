// SPDX-License-Identifier: MIT
//
// The reader of V8's serialization format, fed with anything. What it takes is written and read once more.
//
// With libFuzzer, from the top of the tree (the path of the Lua files is LUNODE_LUA, by default build/asan/share):
//   clang -fsanitize=fuzzer,address,undefined -fno-sanitize=function -Isrc $(pkg-config --cflags luajit libuv)
//     -I/usr/share/include/llhttp tests/fuzz/serialize.c $(ls src/*.c | grep -v main.c) build/asan/obj/llhttp/*.o
//     $(pkg-config --libs luajit libuv) -lpthread -ldl -lm -o fuzz_serialize
// and run it with -detect_leaks=0: leaks are searched at the end, when the state has been closed.
// Without libFuzzer, add -DFUZZ_MAIN: then `fuzz_serialize FILE COUNT SEED` changes the messages of FILE (lines of name and
// hexadecimal bytes, as tests/fixtures/serialize_node.txt) COUNT times.
#include <lauxlib.h>
#include <lua.h>
#include <lualib.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "runtime.h"
#include "serialize.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static lua_State *L;
static int decode_ref;
static unsigned long taken, written; // messages that could be read, and written again

static void fatal(const char *what) {
  fprintf(stderr, "%s: %s\n", what, lua_isstring(L, -1) ? lua_tostring(L, -1) : "?");
  abort();
}

static void stop(void) {
  lua_close(L);
}

static void start(void) {
  const char *path = getenv("LUNODE_LUA");
  if (path == NULL) path = "build/asan/share";
  L = luaL_newstate();
  luaL_openlibs(L);
  lua_getglobal(L, "package");
  lua_pushfstring(L, "%s/?.lua;%s/?/init.lua", path, path);
  lua_setfield(L, -2, "path");
  lua_getfield(L, -1, "preload");
  lua_pushcfunction(L, luaopen_lunode_core);
  lua_setfield(L, -2, "lunode.core");
  lua_settop(L, 0);
  static const char code[] =
      "local serialize = require 'lunode.core'.serialize\n"
      "require 'lunode.internal.serializable'\n"
      "return serialize.decode";
  if (luaL_dostring(L, code) != 0) fatal("cannot load");
  decode_ref = luaL_ref(L, LUA_REGISTRYINDEX);
  atexit(stop);
}

// What was read is on top: it can be written, unless too deep, and what is written can be read.
static void again(void) {
  taken++;
  if (serialize_encode(L, -1) == 0) {
    written++;
    size_t length;
    const char *bytes = lua_tolstring(L, -1, &length);
    if (serialize_decode(L, bytes, length) != 0) fatal("what was written cannot be read");
  }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
  static unsigned rounds;
  if (L == NULL) start();
  char *copy = malloc(size + !size); // its end is guarded
  memcpy(copy, data, size);
  if (serialize_decode(L, copy, size) == 0) again();
  lua_settop(L, 0);
  free(copy);
  lua_rawgeti(L, LUA_REGISTRYINDEX, decode_ref);
  lua_pushlstring(L, (const char *)data, size);
  lua_pushnil(L);
  lua_pushnil(L);
  lua_pushliteral(L, "v8");
  if (lua_pcall(L, 4, 1, 0) == 0) again();
  lua_settop(L, 0);
  if (++rounds % 4096 == 0) lua_gc(L, LUA_GCCOLLECT, 0);
  return 0;
}

#ifdef FUZZ_MAIN
static uint64_t state;

static uint32_t any(uint32_t below) {
  state ^= state << 13;
  state ^= state >> 7;
  state ^= state << 17;
  return (uint32_t)(state >> 11) % below;
}

#define MOST 8192
#define SEEDS 512
static struct { uint8_t bytes[MOST]; size_t length; } seeds[SEEDS];
static uint32_t seed_count;

static void read_seeds(const char *name) {
  FILE *f = fopen(name, "r");
  if (f == NULL) { perror(name); exit(1); }
  int c, high = -1, field = 0;
  size_t n = 0;
  while ((c = fgetc(f)) != EOF) {
    if (c == ' ' || c == '\n') {
      if (field > 0 && n > 0 && seed_count < SEEDS) seeds[seed_count++].length = n;
      field = c == ' ' ? field + 1 : 0;
      n = 0;
      high = -1;
    } else if (field > 0 && seed_count < SEEDS && n < MOST) {
      int d = c <= '9' ? c - '0' : c - 'a' + 10;
      if (high < 0) high = d;
      else seeds[seed_count].bytes[n++] = (uint8_t)(high << 4 | d), high = -1;
    }
  }
  fclose(f);
}

static size_t change(uint8_t *b, size_t n) {
  static const uint8_t tags[] = "_0TFIUNZ\"cS^o{Aa$@D;:',Rr.mscRTB~V\\nzsxy-?\xff\0";
  for (uint32_t times = 1 + any(5); times > 0; times--) {
    uint32_t at = n == 0 ? 0 : any((uint32_t)n);
    switch (any(8)) {
      case 0: if (n > 0) b[at] = (uint8_t)any(256); break;
      case 1: if (n > 0) b[at] = tags[any(sizeof tags - 1)]; break;
      case 2: if (n > 0) b[at] ^= (uint8_t)(1 << any(8)); break;
      case 3: if (n > 0) n = at; break;
      case 4: // out
        if (n > 0) memmove(b + at, b + at + 1, --n - at);
        break;
      case 5: // in
        if (n < MOST) {
          memmove(b + at + 1, b + at, n - at);
          b[at] = any(2) ? tags[any(sizeof tags - 1)] : (uint8_t)any(256);
          n++;
        }
        break;
      case 6: { // a piece of another
        uint32_t from = any(seed_count);
        size_t length = seeds[from].length;
        if (length < 3) break;
        size_t start_at = 2 + any((uint32_t)length - 2), piece = 1 + any((uint32_t)(length - start_at));
        if (n + piece > MOST) break;
        memmove(b + at + piece, b + at, n - at);
        memcpy(b + at, seeds[from].bytes + start_at, piece);
        n += piece;
        break;
      }
      case 7: // a piece of its own, again
        if (n > 0) {
          size_t piece = 1 + any((uint32_t)(n - at));
          if (n + piece > MOST) break;
          memmove(b + at + piece, b + at, n - at);
          n += piece;
        }
        break;
    }
  }
  return n;
}

int main(int argc, char **argv) {
  if (argc < 4) return 2;
  read_seeds(argv[1]);
  long count = atol(argv[2]);
  state = strtoull(argv[3], NULL, 10) * UINT64_C(0x9e3779b97f4a7c15) + 1;
  for (uint32_t i = 0; i < seed_count; i++) LLVMFuzzerTestOneInput(seeds[i].bytes, seeds[i].length);
  static uint8_t work[MOST];
  for (long i = 0; i < count; i++) {
    uint32_t from = any(seed_count);
    memcpy(work, seeds[from].bytes, seeds[from].length);
    size_t n = change(work, seeds[from].length);
    LLVMFuzzerTestOneInput(work, n);
  }
  printf("%u messages, %ld changed, each read in both forms: %lu could be read, %lu of these written again\n", seed_count, count, taken, written);
  return 0;
}
#endif

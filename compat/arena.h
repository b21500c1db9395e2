// SPDX-License-Identifier: MIT
//
// Memory of one compilation.
//  - Arena: everything that a compilation makes and keeps (names, tree, scopes). Nothing is freed singly;
//    arena_free gives all of it back. Blocks grow, so that memory stays in proportion to the source.
//  - Text: one growing byte string (the emitted Lua, a dump). Owned by who made it; text_free.
// Out of memory is not an error value: there is nothing that a caller could do; the process ends with a message.
#ifndef LUNODE_COMPAT_ARENA_H
#define LUNODE_COMPAT_ARENA_H

#include <stddef.h>
#include <stdint.h>
#include <string.h>

typedef struct ArenaBlock ArenaBlock;

typedef struct Arena {
  ArenaBlock *block;  // newest first
  char *free, *limit; // unused part of the newest block
  size_t total;       // bytes taken from malloc
} Arena;

void arena_init(Arena *arena);
void arena_free(Arena *arena);

// Zeroed memory, aligned for any object of the compiler's. Never NULL; size 0 is allowed.
void *arena_alloc_slow(Arena *arena, size_t size);
static inline void *arena_alloc(Arena *arena, size_t size) {
  size_t rounded = (size + 7) & ~(size_t)7;
  if (rounded < size || rounded > (size_t)(arena->limit - arena->free)) return arena_alloc_slow(arena, size);
  void *memory = arena->free;
  arena->free += rounded;
  return memset(memory, 0, rounded);
}

// A copy of `len` bytes with a NUL after them.
char *arena_copy(Arena *arena, const char *bytes, size_t len);

typedef struct Text {
  char *data; // NUL-terminated once text_done was called
  size_t len, size;
} Text;

void text_free(Text *text);
void text_grow(Text *text, size_t len); // makes room for len bytes and a NUL
void text_number(Text *text, uint32_t n);

static inline void text_add(Text *text, const char *bytes, size_t len) {
  if (text->size - text->len <= len) text_grow(text, len);
  if (len) memcpy(text->data + text->len, bytes, len);
  text->len += len;
}

static inline void text_str(Text *text, const char *string) {
  text_add(text, string, strlen(string));
}

static inline void text_insert(Text *text, size_t at, const char *string) {
  size_t len = strlen(string);
  text_add(text, string, len);
  memmove(text->data + at + len, text->data + at, text->len - len - at);
  memcpy(text->data + at, string, len);
}

static inline void text_char(Text *text, char c) {
  if (text->size - text->len <= 1) text_grow(text, 1);
  text->data[text->len++] = c;
}

const char *text_done(Text *text);

// One code point as UTF-8 (a lone surrogate as WTF-8).
void text_utf8(Text *text, uint32_t code);

// malloc and realloc that do not return NULL.
void *memory_resize(void *old, size_t size);

#endif

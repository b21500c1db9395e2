// SPDX-License-Identifier: MIT
#include "arena.h"

#include <stdalign.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct ArenaBlock {
  ArenaBlock *older;
  size_t size; // of the whole block
  alignas(max_align_t) char data[];
};

enum { BLOCK_FIRST = 16 * 1024, BLOCK_MOST = 1024 * 1024, SPARE_BLOCKS = 4, ALIGN = 8 };

// Large blocks that the last compilation gave back: the kernel's work of handing out their pages anew would be a third of the time
// that a compilation takes. Each is taken and put by one exchange, so that threads need no lock. At most 4 MB.
static _Atomic(ArenaBlock *) spare[SPARE_BLOCKS];

static _Noreturn void memory_exhausted(void) {
  fputs("lunode: out of memory\n", stderr);
  abort();
}

void *memory_resize(void *old, size_t size) {
  void *memory = size <= PTRDIFF_MAX ? realloc(old, size ? size : 1) : NULL;
  if (!memory) memory_exhausted();
  return memory;
}

void arena_init(Arena *arena) {
  *arena = (Arena){0};
}

void arena_free(Arena *arena) {
  ArenaBlock *block = arena->block;
  while (block) {
    ArenaBlock *older = block->older;
    if (block->size == BLOCK_MOST)
      for (int i = 0; i < SPARE_BLOCKS && block; i++) block = atomic_exchange(&spare[i], block);
    free(block);
    block = older;
  }
  *arena = (Arena){0};
}

static void arena_grow(Arena *arena, size_t size) {
  size_t want = arena->total < BLOCK_FIRST ? BLOCK_FIRST : arena->total >= BLOCK_MOST / 8 ? BLOCK_MOST : arena->total;
  if (size > PTRDIFF_MAX - sizeof(ArenaBlock)) memory_exhausted();
  if (want < size + sizeof(ArenaBlock)) want = size + sizeof(ArenaBlock);
  ArenaBlock *block = NULL;
  if (want == BLOCK_MOST)
    for (int i = 0; i < SPARE_BLOCKS && !block; i++) block = atomic_exchange(&spare[i], NULL);
  if (!block) block = memory_resize(NULL, want);
  block->size = want;
  block->older = arena->block;
  arena->block = block;
  arena->free = block->data;
  arena->limit = (char *)block + want;
  arena->total += want;
}

void *arena_alloc_slow(Arena *arena, size_t size) {
  if (size > SIZE_MAX - ALIGN) memory_exhausted();
  size_t rounded = (size + ALIGN - 1) & ~(size_t)(ALIGN - 1);
  if (!arena->free || rounded > (size_t)(arena->limit - arena->free)) arena_grow(arena, rounded);
  void *memory = arena->free;
  arena->free += rounded;
  return memset(memory, 0, rounded);
}

char *arena_copy(Arena *arena, const char *bytes, size_t len) {
  char *copy = arena_alloc(arena, len + 1);
  if (len) memcpy(copy, bytes, len);
  return copy;
}

void text_free(Text *text) {
  free(text->data);
  *text = (Text){0};
}

void text_grow(Text *text, size_t len) {
  size_t size = text->size ? text->size : 256;
  if (len > SIZE_MAX / 4 || text->len > SIZE_MAX / 4) memory_exhausted();
  while (size - text->len <= len) size *= 2;
  text->data = memory_resize(text->data, size);
  text->size = size;
}

void text_number(Text *text, uint32_t n) {
  char digits[12];
  int i = (int)sizeof digits;
  do {
    digits[--i] = (char)('0' + n % 10);
    n /= 10;
  } while (n);
  text_add(text, digits + i, sizeof digits - (size_t)i);
}

const char *text_done(Text *text) {
  text_char(text, 0);
  text->len--;
  return text->data;
}

void text_utf8(Text *text, uint32_t c) {
  if (c < 0x80) {
    text_char(text, (char)c);
  } else if (c < 0x800) {
    text_char(text, (char)(0xC0 | c >> 6));
    text_char(text, (char)(0x80 | (c & 63)));
  } else if (c < 0x10000) {
    text_char(text, (char)(0xE0 | c >> 12));
    text_char(text, (char)(0x80 | (c >> 6 & 63)));
    text_char(text, (char)(0x80 | (c & 63)));
  } else {
    text_char(text, (char)(0xF0 | c >> 18));
    text_char(text, (char)(0x80 | (c >> 12 & 63)));
    text_char(text, (char)(0x80 | (c >> 6 & 63)));
    text_char(text, (char)(0x80 | (c & 63)));
  }
}

// SPDX-License-Identifier: MIT
//
// The compile cache's folder: entries of bytes under a 32 byte key. A file counts only if it is a regular one that the user owns and
// nobody else may write, in a folder of which the same holds, and if its header, key, length and the hash of its content are right.
// Files appear whole (written beside and renamed). Nothing here raises or waits for locks; what fails is as if it were not there.
#ifndef LUNODE_COMPAT_CACHE_H
#define LUNODE_COMPAT_CACHE_H

#include "blake2b.h"

typedef struct Cache {
  int folder; // descriptor, -1: closed
  uint64_t most; // bytes of all entries together
  unsigned written;
} Cache;

// Opens the folder; it and the one above are made with mode 0700 if need be. False: no such folder, or not to be trusted.
int cache_open(Cache *cache, const char *path, uint64_t most);
void cache_close(Cache *cache);

// The content, from malloc, or NULL.
char *cache_read(Cache *cache, const uint8_t key[BLAKE2B_SIZE], size_t *len);
void cache_write(Cache *cache, const uint8_t key[BLAKE2B_SIZE], const char *content, size_t len);

#endif

// SPDX-License-Identifier: MIT
//
// BLAKE2b-256 (RFC 7693) without a key: what the compile cache knows its entries by.
#ifndef LUNODE_COMPAT_BLAKE2B_H
#define LUNODE_COMPAT_BLAKE2B_H

#include <stddef.h>
#include <stdint.h>

enum { BLAKE2B_SIZE = 32 };

typedef struct Blake2b {
  uint64_t h[8], total;
  size_t filled;
  uint8_t block[128];
} Blake2b;

void blake2b_init(Blake2b *b);
void blake2b_add(Blake2b *b, const void *bytes, size_t len); // less than 2^64 bytes in all
void blake2b_done(Blake2b *b, uint8_t hash[BLAKE2B_SIZE]);

#endif

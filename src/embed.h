// SPDX-License-Identifier: MIT
// The Lua files inside the executable, sorted by name. Made by embed.lua at build time.
#ifndef LUNODE_EMBED_H
#define LUNODE_EMBED_H

struct embedded {
  const char *name, *chunk; // "lunode.events", "@lunode:events"
  const unsigned char *code;
  unsigned size;
};
extern const struct embedded embedded[];
extern const int embedded_count;

#endif

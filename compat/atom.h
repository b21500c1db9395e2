// SPDX-License-Identifier: MIT
//
// Atoms: each distinct name or string of a source is one object, so that equality is a pointer's.
// Atoms live in the compilation's arena; the table that finds them is freed by atoms_free.
#ifndef LUNODE_COMPAT_ATOM_H
#define LUNODE_COMPAT_ATOM_H

#include "arena.h"

#include <stdbool.h>

typedef struct Atom {
  uint32_t hash, len;
  uint8_t token;           // the keyword's token (token.def), or 0
  uint8_t shape;           // AtomShape, found by the emitter when first asked
  bool assigned;           // some code assigns a variable of that name, other than by a declaration
  uint32_t mark;           // of the object literal that the emitter last met it in as a key
  struct Binding *binding; // innermost declaration in force; kept by the scope pass
  uint8_t text_uses;       // as the name of a property: how it is used in this source
  const char *lua;         // the Lua name that stands for it as a variable; kept by the emitter
  char text[];             // UTF-8 (WTF-8), NUL after it; may hold NULs
} Atom;

enum { TEXT_HELD = 1, TEXT_APPENDED = 2 }; // text_uses: some property of the name is given a string; one is appended to

typedef struct Atoms {
  Arena *arena;
  Atom **slots;
  uint32_t mask, count;
} Atoms;

void atoms_init(Atoms *atoms, Arena *arena);
void atoms_free(Atoms *atoms);

Atom *atom_make(Atoms *atoms, const char *bytes, size_t len);
Atom *atom_find(const Atoms *atoms, const char *bytes, size_t len); // NULL if nobody made it

bool atom_is_length(const Atom *atom);
uint32_t atom_hash(const char *bytes, size_t len);
Atom *atom_make_hashed(Atoms *atoms, const char *bytes, size_t len, uint32_t hash);

#endif

// SPDX-License-Identifier: MIT
#include "atom.h"

#include <stdlib.h>
#include <string.h>

enum { FIRST_SLOTS = 512 };

void atoms_init(Atoms *atoms, Arena *arena) {
  *atoms = (Atoms){.arena = arena, .mask = FIRST_SLOTS - 1};
  atoms->slots = memory_resize(NULL, FIRST_SLOTS * sizeof *atoms->slots);
  memset(atoms->slots, 0, FIRST_SLOTS * sizeof *atoms->slots);
}

void atoms_free(Atoms *atoms) {
  free(atoms->slots);
  *atoms = (Atoms){0};
}

// FNV-1a over at most 64 bytes and the length: long strings are rarely compared by hash alone.
bool atom_is_length(const Atom *atom) {
  return atom->len == 6 && !memcmp(atom->text, "length", 6);
}

uint32_t atom_hash(const char *bytes, size_t len) {
  uint32_t hash = 2166136261u ^ (uint32_t)len;
  size_t n = len < 64 ? len : 64;
  for (size_t i = 0; i < n; i++) hash = (hash ^ (unsigned char)bytes[i]) * 16777619u;
  if (len > 64)
    for (size_t i = len - 32; i < len; i++) hash = (hash ^ (unsigned char)bytes[i]) * 16777619u;
  return hash ^ hash >> 15;
}

static void atoms_grow(Atoms *atoms) {
  uint32_t mask = atoms->mask * 2 + 1;
  size_t size = ((size_t)mask + 1) * sizeof(Atom *);
  Atom **slots = memory_resize(NULL, size);
  memset(slots, 0, size);
  for (uint32_t i = 0; i <= atoms->mask; i++) {
    Atom *atom = atoms->slots[i];
    if (!atom) continue;
    uint32_t at = atom->hash & mask;
    while (slots[at]) at = (at + 1) & mask;
    slots[at] = atom;
  }
  free(atoms->slots);
  atoms->slots = slots;
  atoms->mask = mask;
}

static Atom **atom_slot(const Atoms *atoms, const char *bytes, size_t len, uint32_t hash) {
  uint32_t at = hash & atoms->mask;
  for (Atom *atom; (atom = atoms->slots[at]); at = (at + 1) & atoms->mask)
    if (atom->hash == hash && atom->len == len && !memcmp(atom->text, bytes, len)) break;
  return &atoms->slots[at];
}

Atom *atom_make_hashed(Atoms *atoms, const char *bytes, size_t len, uint32_t hash) {
  Atom **slot = atom_slot(atoms, bytes, len, hash);
  if (*slot) return *slot;
  if (atoms->count * 2 > atoms->mask) {
    atoms_grow(atoms);
    slot = atom_slot(atoms, bytes, len, hash);
  }
  Atom *atom = arena_alloc(atoms->arena, sizeof *atom + len + 1);
  atom->hash = hash;
  atom->len = (uint32_t)len;
  if (len) memcpy(atom->text, bytes, len);
  atoms->count++;
  return *slot = atom;
}

Atom *atom_make(Atoms *atoms, const char *bytes, size_t len) {
  return atom_make_hashed(atoms, len ? bytes : "", len, atom_hash(bytes, len));
}

Atom *atom_find(const Atoms *atoms, const char *bytes, size_t len) {
  return *atom_slot(atoms, bytes, len, atom_hash(bytes, len));
}

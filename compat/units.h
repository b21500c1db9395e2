// SPDX-License-Identifier: MIT
//
// Positions in UTF-16 units against positions in bytes of UTF-8 (lone surrogates as WTF-8). Any bytes may come: one that is no lead byte counts
// nothing. The prelude calls these through their addresses, hence the doubles, Lua's numbers; all positions count from 0.
#ifndef LUNODE_COMPAT_UNITS_H
#define LUNODE_COMPAT_UNITS_H

#include <stdint.h>

// An index holds, for each full stretch of 256 bytes and for the rest, the units before it: length / 256 + 1 entries.
typedef struct UnitsTable {
  void (*index)(const char *text, double length, uint32_t *index);
  double (*unit_of)(const char *text, const uint32_t *index, double byte);
  // Of the character that holds the unit; half a byte more where that is the second unit of a pair.
  double (*byte_of)(const char *text, double length, const uint32_t *index, double unit);
  // The unit at a position of a text without an index, -1 behind its end.
  double (*unit_at)(const char *text, double length, double unit);
  void (*decode)(const char *text, double length, uint16_t *units);
  // Joins each high surrogate with the low one behind it (3 + 3 bytes) into one character (4). Gives the new length; -1 where there are none.
  // `out` has room for `length` bytes, or is NULL to ask only.
  double (*join)(const char *text, double length, char *out);
} UnitsTable;

extern const UnitsTable units_table;

#endif

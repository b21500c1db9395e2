// SPDX-License-Identifier: MIT
//
// What ECMA-262 asks of Unicode: identifier characters, white space, line ends, UTF-8.
#ifndef LUNODE_COMPAT_UNICODE_H
#define LUNODE_COMPAT_UNICODE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

bool unicode_id_start(uint32_t code); // ID_Start, $, _
bool unicode_id_part(uint32_t code);  // ID_Continue, $, ZWNJ, ZWJ
bool unicode_space(uint32_t code);    // WhiteSpace above ASCII (ECMA-262 12.2)

// Reads one code point of WTF-8 before `end`. Gives its length, or 0 where the bytes are not a code point.
int unicode_decode(const char *at, const char *end, uint32_t *code);


// The length in UTF-16 units of UTF-8 text (any bytes: what is no lead byte counts nothing). Called by the prelude through its
// address, hence the doubles, Lua's numbers.
double unicode_units(const char *text, double length);

#endif

// SPDX-License-Identifier: MIT
// Numbers as JavaScript prints them: the shortest digits that read back as the same double.
// Source: ECMA-262, Number::toString.
#ifndef LUNODE_NUMBER_H
#define LUNODE_NUMBER_H

#include <stddef.h>

#define NUMBER_TEXT 32 // room that number_print needs

// Writes a finite number, without a closing NUL; returns the length.
size_t number_print(double value, char out[NUMBER_TEXT]);

#endif

// SPDX-License-Identifier: MIT
//
// The emitter: a resolved tree to Lua text, line n to line n. README.md says what the text expects of the prelude.
#ifndef LUNODE_COMPAT_EMIT_H
#define LUNODE_COMPAT_EMIT_H

#include "scope.h"

// Appends the chunk to `out`. A program that Lua cannot hold (nesting) is an error in scopes->diagnostic; then what was
// written so far is of no use.
void emit_program(Scopes *scopes, Function *program, Text *out);

#endif

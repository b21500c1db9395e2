// SPDX-License-Identifier: MIT
//
// Is this a regular expression? The grammar of ECMA-262 22.2.1 with Annex B, judged and not translated.
#ifndef LUNODE_COMPAT_REGEXP_H
#define LUNODE_COMPAT_REGEXP_H

#include "atom.h"

#include <stdbool.h>

// NULL if the pattern and flags are right, else what V8 says of them ("Unterminated group", …); static text.
// `flags_wrong` says that the flags are at fault.
const char *regexp_check(const Atom *pattern, const Atom *flags, bool *flags_wrong);

#endif

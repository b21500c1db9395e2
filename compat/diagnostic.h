// SPDX-License-Identifier: MIT
//
// Errors as values. The first error of a compilation is the one that counts; later ones are dropped.
#ifndef LUNODE_COMPAT_DIAGNOSTIC_H
#define LUNODE_COMPAT_DIAGNOSTIC_H

#include "js.h"

typedef struct Diagnostic {
  const char *source;
  size_t len;
  bool failed;
  JsError error;
} Diagnostic;

// `format` is printf's. `start` and `end` are byte offsets in the source; line and column are found here.
void diagnostic_fail(Diagnostic *diagnostic, const char *type, uint32_t start, uint32_t end, const char *format, ...)
  __attribute__((format(printf, 5, 6)));

#endif

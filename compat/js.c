// SPDX-License-Identifier: MIT
//
// One compilation from end to end.
#include "js.h"

#include "emit.h"
#include "parse.h"
#include "scope.h"

#include <stdlib.h>
#include <string.h>

enum { SOURCE_LIMIT = 512 * 1024 * 1024 };

typedef struct Compilation {
  Arena arena;
  Atoms atoms;
  Text scratch;
  Diagnostic diagnostic;
  Parser parser;
  Scopes scopes;
} Compilation;

static Function *compilation_begin(Compilation *c, const char *source, size_t len, const JsOptions *options) {
  arena_init(&c->arena);
  atoms_init(&c->atoms, &c->arena);
  c->scratch = (Text){0};
  c->diagnostic = (Diagnostic){.source = source, .len = len};
  if (len > SOURCE_LIMIT) {
    c->diagnostic.len = 0;
    diagnostic_fail(&c->diagnostic, "RangeError", 0, 0, "Source is too large");
    return NULL;
  }
  c->scopes = (Scopes){.arena = &c->arena, .atoms = &c->atoms, .diagnostic = &c->diagnostic, .options = options};
  Function *program = parse_program(&c->parser, &c->arena, &c->atoms, &c->scratch, &c->diagnostic, source, len, options);
  c->scopes.bigints = c->parser.bigints;
  return program && scope_program(&c->scopes, program) ? program : NULL;
}

static JsResult compilation_end(Compilation *c, Text *output) {
  JsResult result = {.ok = !c->diagnostic.failed, .error = c->diagnostic.error};
  result.memory_peak = c->arena.total + c->scratch.size + (output ? output->size : 0) +
                       ((size_t)c->atoms.mask + 1) * sizeof(Atom *);
  if (result.ok && output) {
    text_done(output);
    result.text = output->data;
    result.len = output->len;
  } else if (output) {
    text_free(output);
  }
  text_free(&c->scratch);
  atoms_free(&c->atoms);
  arena_free(&c->arena);
  return result;
}

JsResult js_check(const char *source, size_t len, const JsOptions *options) {
  Compilation compilation;
  compilation_begin(&compilation, source ? source : "", len, options);
  return compilation_end(&compilation, NULL);
}

JsResult js_compile(const char *source, size_t len, const JsOptions *options, JsOutput output) {
  Compilation compilation;
  Text text = {0};
  Function *program = compilation_begin(&compilation, source ? source : "", len, options);
  if (program) {
    if (output == JS_AST) ast_dump(program, &text);
    else if (output == JS_SCOPE) scope_dump(&compilation.scopes, &text);
    else emit_program(&compilation.scopes, program, &text);
  }
  return compilation_end(&compilation, &text);
}

void js_result_free(JsResult *result) {
  free(result->text);
  result->text = NULL;
}

// SPDX-License-Identifier: MIT
//
// JavaScript to Lua: the compiler's one public header.
//
// js_compile reads a source and hands back Lua text, line n of which is line n of the source. It is a pure function
// of its arguments: no Lua state, no globals, no files; any number of threads may compile at once.
// What the Lua text expects of the world around it is in README.md beside this file.
//
// Source: ECMA-262 (14th edition, and what Node 20 runs beyond it).
#ifndef LUNODE_COMPAT_JS_H
#define LUNODE_COMPAT_JS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

typedef enum JsGoal {
  JS_SCRIPT,   // global code: vm, -e, the REPL; var and function become properties of the global object
  JS_FUNCTION, // the body of a function whose parameters are JsOptions.params: a CommonJS module
  JS_MODULE,   // an ES module
  JS_EVAL      // direct eval: like JS_SCRIPT, but names that are not declared go to the scope that was handed in
} JsGoal;

typedef struct JsOptions {
  JsGoal goal;
  const char *filename;      // for messages only; NULL means "<anonymous>"
  const char *params;        // JS_FUNCTION: names of the parameters, separated by blanks; NULL for none
  bool strict;               // begin in strict mode
  bool eval_in_function;     // JS_EVAL: new.target is allowed
  bool eval_in_method;       // JS_EVAL: super.x is allowed
  bool eval_in_derived;      // JS_EVAL: super() is allowed
  bool eval_in_field;        // JS_EVAL: `arguments` is refused
  const char *eval_private;  // JS_EVAL: private names in force, separated by blanks ("#a #b"); NULL for none
  bool keep_lexical;         // JS_SCRIPT: top-level let, const and class become global too, so that a REPL keeps them
} JsOptions;

// Why a source was refused. `line` and `column` count from 1, columns in code points; offsets are in bytes.
typedef struct JsError {
  const char *type; // "SyntaxError", or "RangeError" for a source too large or too deep; static text
  uint32_t start, end;
  uint32_t line, column;
  char message[240]; // in V8's words, UTF-8
} JsError;

typedef enum JsOutput {
  JS_LUA,  // the compiled program
  JS_AST,  // the tree, one node a line
  JS_SCOPE // the scopes and what became of each name
} JsOutput;

typedef struct JsResult {
  bool ok;
  char *text; // from malloc, NUL after it; NULL unless ok. Free it with js_result_free.
  size_t len;
  JsError error;      // unless ok
  size_t memory_peak; // bytes that the passes took from malloc
} JsResult;

// `source` is UTF-8; a byte order mark and NULs are allowed, bytes that are no UTF-8 are read as U+FFFD in literals.
JsResult js_compile(const char *source, size_t len, const JsOptions *options, JsOutput output);

// Only lex and parse: for checking a source.
JsResult js_check(const char *source, size_t len, const JsOptions *options);

void js_result_free(JsResult *result);

// The error as Node prints it: place, source line, caret, message. From malloc, NUL after it; the caller frees it.
char *js_error_render(const JsError *error, const char *filename, const char *source, size_t len);

#endif

// SPDX-License-Identifier: MIT
//
// The lexer (ECMA-262 clause 12). It is pulled by the parser, which alone knows where a `/` begins a regular expression
// and a `}` goes on with a template: it then calls lex_regexp or lex_template on the token at hand.
// A Lexer is a plain value: copy it to look ahead, copy it back to return.
// After an error every token is END.
#ifndef LUNODE_COMPAT_LEX_H
#define LUNODE_COMPAT_LEX_H

#include "atom.h"
#include "diagnostic.h"

typedef enum TokenType {
  T_END,
  T_NAME,            // identifier; a contextual keyword has Token.word set
  T_ESCAPED_RESERVED, // a reserved word written with \u: only a property name
  T_HASH_NAME,       // #name
  T_NUMBER,
  T_BIGINT,
  T_STRING,
  T_REGEXP,
  T_TEMPLATE,
#define PUNCTUATOR(name, text, precedence) T_##name,
#include "token.def"
#define RESERVED(name, text) T_##name,
#include "token.def"
#define CONTEXTUAL(name, text) T_##name,
#include "token.def"
  T_COUNT
} TokenType;

typedef struct Token {
  uint8_t type;      // TokenType
  uint8_t word;      // NAME: its contextual keyword's token, 0 if none or if written with an escape
  bool newline;      // a line end stands before it
  bool escaped;      // a name or string written with an escape
  bool octal;        // 010, 08, "\1", "\8": refused in strict mode
  bool tail;         // TEMPLATE: the last part
  uint32_t start, end, line;
  Atom *atom;        // name, string's value, BIGINT's digits, regexp's pattern, template's cooked text (NULL: invalid escape)
  Atom *second;      // regexp's flags, template's raw text
  double number;
} Token;

typedef struct Lexer {
  const char *source, *at, *end;
  uint32_t line;
  bool module;       // HTML-like comments are refused
  Token token;       // the token at hand
  uint32_t last_end; // end and line of the token before it
  uint32_t last_line;
  Atoms *atoms;
  Text *scratch;     // shared by copies
  Diagnostic *diagnostic;
} Lexer;

// Reads the first token. Skips a byte order mark and a hashbang.
void lex_init(Lexer *lexer, const char *source, size_t len, Atoms *atoms, Text *scratch, Diagnostic *diagnostic,
              bool module);
void lex_next(Lexer *lexer);

// The token at hand is `/` or `/=`; it becomes a REGEXP. Flags and pattern are not judged here (regexp.h).
void lex_regexp(Lexer *lexer);

// The token at hand is a back quote, or the `}` that closes a substitution; it becomes a TEMPLATE part.
void lex_template(Lexer *lexer);

const char *token_text(TokenType type); // "" for those without a fixed text
int token_precedence(TokenType type);

// "Unexpected token 'x'" and its kin, as V8 says it of the token at hand.
void lex_unexpected(Lexer *lexer);
void lex_fail(Lexer *lexer, uint32_t start, uint32_t end, const char *message);

#endif

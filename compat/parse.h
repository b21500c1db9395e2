// SPDX-License-Identifier: MIT
//
// The parser (ECMA-262 clauses 13 to 16): tokens to a tree, with all early errors but those about declarations
// (scope.h). One token is at hand; lookahead copies the lexer. Cover grammars are read as expressions and turned into
// patterns when `=`, `=>`, `in` or `of` shows what they were.
// After an error each function still returns a node, every token is END, and so all loops end.
#ifndef LUNODE_COMPAT_PARSE_H
#define LUNODE_COMPAT_PARSE_H

#include "ast.h"
#include "js.h"

typedef struct Target Target;             // a statement that break or continue may name
typedef struct PrivateScope PrivateScope; // the private names of one class

// What the code at hand may say; saved and restored around functions and classes.
typedef struct Context {
  Function *function;
  bool strict;
  bool yield, await;          // these words are operators
  bool await_reserved;        // `await` is no identifier either (static blocks)
  bool parameters;            // inside formal parameters: no yield or await expressions
  bool field;                 // inside a field's initializer or a static block: no `arguments`
  bool super_property, super_call, new_target;
  bool can_return;
  Target *targets;
} Context;

typedef struct Parser {
  Lexer lex;
  Arena *arena;
  const JsOptions *options;
  Context in;
  PrivateScope *private_scope;
  uint32_t depth;
  struct {
    uint32_t from, to; // the labels from here stand before the statement there
    bool loop;
  } labels;
  bool bigints;           // the source mentions BigInts
  bool no_in;             // inside a for head: `in` is no operator
  uint32_t covers;        // parts read so far that are right in a pattern only
  uint32_t cover_at;      // the last of them, and what to say
  const char *cover_message;
  uint32_t last_yield, last_await, last_await_name; // offset + 1 of the last such expression
} Parser;

enum {
  PARSE_DEPTH = 1000, // of nested expressions and statements
  TREE_HEIGHT = 2000  // of the tree; chains of calls and members count too
};

// The whole source. NULL after an error.
Function *parse_program(Parser *parser, Arena *arena, Atoms *atoms, Text *scratch, Diagnostic *diagnostic,
                        const char *source, size_t len, const JsOptions *options);

// ---- shared by the parser's files

static inline TokenType parse_type(const Parser *p) {
  return p->lex.token.type;
}
static inline void parse_next(Parser *p) {
  lex_next(&p->lex);
}
bool parse_accept(Parser *p, TokenType type);
void parse_expect(Parser *p, TokenType type);
void parse_semicolon(Parser *p);            // or what ASI puts in its place
bool parse_is_word(const Parser *p, TokenType word); // the contextual keyword, without an escape
Token parse_peek(Parser *p);
void parse_go_back(Parser *p, const Lexer *saved); // to a copy of p->lex; after an error the token stays END
Node *parse_new(Parser *p, NodeKind kind);  // begins at the token at hand
Node *parse_new_at(Parser *p, NodeKind kind, const Node *start);
Node *parse_finish(Parser *p, Node *node);  // ends after the last token
Node *parse_call_as_target(Parser *p, Node *node, const char *message);
void parse_above(Parser *p, Node *node, const Node *child); // keeps heights; refuses a tree too tall
void parse_list_add(Parser *p, Node *node, List *list, Node *child);
void parse_fail(Parser *p, const Node *node, const char *message);
void parse_fail_token(Parser *p, const char *message);
bool parse_enter(Parser *p);                // one level deeper; false after an error
void parse_leave(Parser *p);
void parse_unexpected(Parser *p);

// parse_expr.c
Node *parse_expression(Parser *p);          // with commas
Node *parse_assign(Parser *p);              // one AssignmentExpression
Node *parse_assign_cover(Parser *p);        // the same, left uncertain if it may be a pattern
Node *parse_left_side(Parser *p);           // LeftHandSideExpression
Node *parse_property_name(Parser *p, uint16_t *flags);
bool parse_is_property_name(const Parser *p);
void parse_covers_end(Parser *p, uint32_t before); // what was read since `before` is no pattern
void parse_name_function(Node *value, Atom *name);
Atom *parse_key_name(const Node *key);

// parse_pattern.c
Node *parse_binding_target(Parser *p, bool lexical); // a name or a pattern
Node *parse_binding_element(Parser *p);     // with a default
Node *parse_binding_name(Parser *p, bool lexical);
void parse_check_name(Parser *p, const Token *token); // may this NAME be an identifier here?
void parse_check_target_name(Parser *p, const Node *name, bool binding);
void parse_to_pattern(Parser *p, Node *node, bool binding);
bool parse_each_name(Node *pattern, bool (*found)(void *context, Node *name), void *context);

// parse_function.c
Node *parse_function(Parser *p, bool statement, bool async, Node *start);
Function *parse_method(Parser *p, FunctionKind kind, bool async, bool generator, uint32_t start, uint32_t line);
Node *parse_arrow(Parser *p, Node *start, List *params, bool async);
Function *parse_function_new(Parser *p, FunctionKind kind, uint32_t start, uint32_t line);
void parse_directives(Parser *p, Node *block);

// parse_class.c
Node *parse_class(Parser *p, bool statement, bool name_optional);
void parse_use_private(Parser *p, const Token *token);

// parse_stmt.c
Node *parse_statement(Parser *p);           // a single statement: no declaration
Node *parse_statement_item(Parser *p);      // or a declaration
Node *parse_block(Parser *p);
Node *parse_variables(Parser *p, TokenType kind, bool in_for);

// parse_module.c
Node *parse_import(Parser *p);
Node *parse_export(Parser *p);
void parse_check_exports(Parser *p, Node *program);

#endif

// SPDX-License-Identifier: MIT
#include "parse.h"

#include <string.h>

bool parse_accept(Parser *p, TokenType type) {
  if (parse_type(p) != type) return false;
  parse_next(p);
  return true;
}

void parse_unexpected(Parser *p) {
  lex_unexpected(&p->lex);
}

void parse_expect(Parser *p, TokenType type) {
  if (parse_type(p) == type) parse_next(p);
  else parse_unexpected(p);
}

void parse_semicolon(Parser *p) {
  if (parse_accept(p, T_SEMICOLON)) return;
  const Token *token = &p->lex.token;
  if (token->type == T_RBRACE || token->type == T_END || token->newline) return;
  parse_unexpected(p);
}

bool parse_is_word(const Parser *p, TokenType word) {
  return p->lex.token.type == T_NAME && p->lex.token.word == word;
}

void parse_go_back(Parser *p, const Lexer *saved) {
  p->lex = *saved;
  if (p->lex.diagnostic->failed) p->lex.token.type = T_END;
}

Token parse_peek(Parser *p) {
  Lexer saved = p->lex;
  Diagnostic *diagnostic = p->lex.diagnostic, ignored = *diagnostic;
  p->lex.diagnostic = &ignored; // an error there will be met again
  lex_next(&p->lex);
  Token token = p->lex.token;
  p->lex = saved;
  p->lex.diagnostic = diagnostic;
  return token;
}

static Node *new_node(Parser *p, NodeKind kind, uint32_t start, uint32_t line) {
  Node *node = node_new(p->arena, kind, start, line);
  bool operates = kind == N_UNARY || kind == N_UPDATE || kind == N_BINARY || kind == N_LOGICAL || kind == N_ASSIGN;
  if (p->bigints && operates) node->flags |= NODE_BIGINT;
  return node;
}

Node *parse_new(Parser *p, NodeKind kind) {
  return new_node(p, kind, p->lex.token.start, p->lex.token.line);
}

Node *parse_new_at(Parser *p, NodeKind kind, const Node *start) {
  return new_node(p, kind, start->start, start->line);
}

Node *parse_finish(Parser *p, Node *node) {
  node->end = p->lex.last_end;
  return node;
}

static void too_deep(Parser *p, uint32_t at) {
  diagnostic_fail(p->lex.diagnostic, "RangeError", at, at, "Maximum nesting depth exceeded");
  p->lex.at = p->lex.end;
  p->lex.token.type = T_END;
}

void parse_above(Parser *p, Node *node, const Node *child) {
  if (child->height < node->height) return;
  node->height = (uint16_t)(child->height + 1);
  if (node->height > TREE_HEIGHT) {
    node->height = TREE_HEIGHT;
    too_deep(p, node->start);
  }
}

void parse_list_add(Parser *p, Node *node, List *list, Node *child) {
  list_add(list, child);
  parse_above(p, node, child);
}

void parse_fail(Parser *p, const Node *node, const char *message) {
  lex_fail(&p->lex, node->start, node->end, message);
}

void parse_fail_token(Parser *p, const char *message) {
  lex_fail(&p->lex, p->lex.token.start, p->lex.token.end, message);
}

bool parse_enter(Parser *p) {
  if (++p->depth > PARSE_DEPTH) too_deep(p, p->lex.token.start);
  return !p->lex.diagnostic->failed;
}

void parse_leave(Parser *p) {
  p->depth--;
}

// The parameters of a function body's goal: names separated by blanks.
static void option_params(Parser *p, Function *function) {
  const char *at = p->options->params;
  while (at && *at) {
    size_t len = strcspn(at, " ");
    if (len) {
      Node *name = node_new(p->arena, N_IDENTIFIER, 0, 1);
      name->as.name.name = atom_make(p->lex.atoms, at, len);
      list_add(&function->params, name);
      function->length++;
    }
    at += len;
    at += *at == ' ';
  }
}

static bool is_word(char c) {
  return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_' || c == '$';
}

// Does a BigInt literal end with the `n` there? Its digits may be hexadecimal.
static bool ends_bigint(const char *source, const char *n, const char *end) {
  if (n + 1 < end && is_word(n[1])) return false;
  const char *at = n;
  while (at > source && is_word(at[-1])) at--;
  return at < n && *at >= '0' && *at <= '9';
}

// A guess that never says no wrongly, so long as BigInts come from literals or from functions called BigInt, bigint …
static bool mentions_bigints(const char *source, size_t len) {
  const char *end = source + len;
  for (const char *at = source; (at = memchr(at, 'n', (size_t)(end - at))); at++) {
    if (end - at >= 2 && at - source >= 3 && at[1] == 't' && !memcmp(at - 3, "igI", 3)) return true;
    if (end - at >= 2 && at - source >= 4 && at[1] == 't' && !memcmp(at - 4, "bigi", 4)) return true;
    if (at > source && is_word(at[-1]) && ends_bigint(source, at, end)) return true;
  }
  return false;
}

Function *parse_program(Parser *p, Arena *arena, Atoms *atoms, Text *scratch, Diagnostic *diagnostic,
                        const char *source, size_t len, const JsOptions *options) {
  JsGoal goal = options->goal;
  *p = (Parser){.arena = arena, .options = options, .bigints = mentions_bigints(source, len)};
  p->lex.diagnostic = diagnostic;
  lex_init(&p->lex, source, len, atoms, scratch, diagnostic, goal == JS_MODULE);
  Function *program = parse_function_new(p, FUNCTION_PROGRAM, 0, 1);
  program->simple = true;
  p->in = (Context){
    .function = program,
    .strict = options->strict || goal == JS_MODULE,
    .await = goal == JS_MODULE,
    .can_return = goal == JS_FUNCTION,
    .new_target = goal == JS_FUNCTION || (goal == JS_EVAL && options->eval_in_function),
    .super_property = goal == JS_EVAL && options->eval_in_method,
    .super_call = goal == JS_EVAL && options->eval_in_derived,
    .field = goal == JS_EVAL && options->eval_in_field,
  };
  program->async = goal == JS_MODULE;
  program->strict = p->in.strict;
  if (goal == JS_FUNCTION) option_params(p, program);
  Node *block = node_new(arena, S_BLOCK, 0, 1);
  program->body = block;
  parse_directives(p, block);
  while (parse_type(p) != T_END) {
    Node *item = NULL;
    if (goal == JS_MODULE && parse_type(p) == T_IMPORT) item = parse_import(p);
    else if (goal == JS_MODULE && parse_type(p) == T_EXPORT) item = parse_export(p);
    else item = parse_statement_item(p);
    parse_list_add(p, block, &block->as.list.items, item);
  }
  block->end = (uint32_t)len;
  program->strict = p->in.strict;
  program->end = (uint32_t)len;
  program->end_line = p->lex.line;
  if (goal == JS_MODULE) parse_check_exports(p, block);
  return diagnostic->failed ? NULL : program;
}

// SPDX-License-Identifier: MIT
//
// Functions, methods and arrows (ECMA-262 clause 15 but classes).
#include "parse.h"

Function *parse_function_new(Parser *p, FunctionKind kind, uint32_t start, uint32_t line) {
  Function *function = arena_alloc(p->arena, sizeof *function);
  function->kind = (uint8_t)kind;
  function->start = start;
  function->line = line;
  function->outer = p->in.function;
  return function;
}

typedef struct Saved {
  Context in;
  bool no_in;
} Saved;

static Saved function_begin(Parser *p, Function *function) {
  Saved saved = {p->in, p->no_in};
  FunctionKind kind = function->kind;
  p->no_in = false;
  p->in = (Context){
    .function = function,
    .strict = saved.in.strict,
    .yield = function->generator,
    .await = function->async,
    .can_return = kind != FUNCTION_FIELD && kind != FUNCTION_STATIC,
    .new_target = true,
    .super_property = kind != FUNCTION_NORMAL,
    .super_call = kind == FUNCTION_DERIVED,
    .field = kind == FUNCTION_FIELD || kind == FUNCTION_STATIC,
    .await_reserved = kind == FUNCTION_STATIC,
  };
  if (kind == FUNCTION_ARROW) {
    p->in.new_target = saved.in.new_target;
    p->in.super_property = saved.in.super_property;
    p->in.super_call = saved.in.super_call;
    p->in.field = saved.in.field;
  }
  return saved;
}

static void function_end(Parser *p, Function *function, const Saved *saved) {
  p->in = saved->in;
  p->no_in = saved->no_in;
  function->end = p->lex.last_end;
  function->end_line = p->lex.last_line;
}

// ---- directives

// "use strict" and other strings at the head of a body.
void parse_directives(Parser *p, Node *block) {
  Token octal = {0};
  while (parse_type(p) == T_STRING) {
    Token token = p->lex.token;
    if (token.octal && !octal.type) octal = token;
    bool strict_word = token.atom->token == T_USE_STRICT && token.end - token.start == 12;
    Node *statement = parse_statement_item(p);
    Node *value = statement->kind == S_EXPRESSION ? statement->as.unary.value : statement;
    if (p->lex.diagnostic->failed) return;
    list_add(&block->as.list.items, statement);
    parse_above(p, block, statement);
    if (value->kind != N_STRING || value->flags & NODE_PARENTHESIZED) return;
    if (!strict_word) continue;
    if (!p->in.function->simple) {
      lex_fail(&p->lex, token.start, token.end,
               "Illegal 'use strict' directive in function with non-simple parameter list");
      return;
    }
    p->in.strict = true;
    if (octal.type) {
      lex_fail(&p->lex, octal.start, octal.end, "Octal escape sequences are not allowed in strict mode.");
      return;
    }
    // the token at hand was judged under sloppy rules only if it is an octal, which is judged when taken
  }
}

// ---- parameters

typedef struct NameCheck {
  Parser *p;
  bool unique, clear;
} NameCheck;

// Marks each name's atom, to find those given twice; the second walk takes the marks away.
static bool check_param(void *context, Node *name) {
  NameCheck *check = context;
  Atom *atom = name->as.name.name;
  static char marker;
  Binding *mark = (Binding *)(void *)&marker;
  if (check->clear) {
    if (atom->binding == mark) atom->binding = NULL;
    return true;
  }
  if (atom->binding == mark && check->unique) {
    parse_fail(check->p, name, "Duplicate parameter name not allowed in this context");
    return true;
  }
  atom->binding = mark;
  parse_check_target_name(check->p, name, true);
  return true;
}

static void check_params(Parser *p, Function *function) {
  NameCheck check = {p, p->in.strict || !function->simple || function->kind == FUNCTION_ARROW ||
                          (function->kind >= FUNCTION_METHOD && function->kind <= FUNCTION_DERIVED), false};
  for (Node *param = function->params.first; param; param = param->next) parse_each_name(param, check_param, &check);
  check.clear = true;
  for (Node *param = function->params.first; param; param = param->next) parse_each_name(param, check_param, &check);
}

static void count_params(Function *function) {
  bool counting = true;
  function->simple = true;
  function->length = 0;
  for (Node *param = function->params.first; param; param = param->next) {
    if (param->kind != N_IDENTIFIER) function->simple = false;
    if (param->kind == N_DEFAULT || param->kind == N_REST) counting = false;
    if (counting) function->length++;
  }
}

static void parse_params(Parser *p, Function *function) {
  uint32_t start = p->lex.token.start;
  p->in.parameters = true;
  parse_expect(p, T_LPAREN);
  while (parse_type(p) != T_RPAREN && parse_type(p) != T_END) {
    Node *param;
    if (parse_type(p) == T_ELLIPSIS) {
      param = parse_new(p, N_REST);
      parse_next(p);
      param->as.unary.value = parse_binding_target(p, false);
      parse_above(p, param, param->as.unary.value);
      parse_finish(p, param);
      if (parse_type(p) == T_ASSIGN) parse_fail_token(p, "Rest parameter may not have a default initializer");
      if (parse_type(p) != T_RPAREN) parse_fail_token(p, "Rest parameter must be last formal parameter");
    } else {
      param = parse_binding_element(p);
    }
    list_add(&function->params, param);
    if (parse_type(p) == T_RPAREN) break;
    if (parse_type(p) != T_COMMA) {
      if (!p->lex.diagnostic->failed) parse_fail_token(p, "missing ) after formal parameters");
      break;
    }
    parse_next(p);
  }
  parse_expect(p, T_RPAREN);
  p->in.parameters = false;
  count_params(function);
  if (function->kind == FUNCTION_GETTER && function->params.count)
    lex_fail(&p->lex, start, p->lex.last_end, "Getter must not have any formal parameters.");
  if (function->kind == FUNCTION_SETTER) {
    if (function->params.count != 1)
      lex_fail(&p->lex, start, p->lex.last_end, "Setter must have exactly one formal parameter.");
    else if (function->params.first->kind == N_REST)
      lex_fail(&p->lex, start, p->lex.last_end, "Setter function argument must not be a rest parameter");
  }
}

// ---- bodies

static void parse_body(Parser *p, Function *function) {
  Node *block = parse_new(p, S_BLOCK);
  function->body = block;
  parse_expect(p, T_LBRACE);
  parse_directives(p, block);
  while (parse_type(p) != T_RBRACE && parse_type(p) != T_END)
    parse_list_add(p, block, &block->as.list.items, parse_statement_item(p));
  function->strict = p->in.strict;
  check_params(p, function);
  p->in.await = p->in.await_reserved = false; // its name was judged outside
  if (function->name && p->in.strict) parse_check_target_name(p, function->name, true);
}

// The `}` is read in the outer context, whose rules hold for what follows.
static void finish_body(Parser *p, Function *function) {
  if (parse_type(p) == T_RBRACE) function->body->end = p->lex.token.end;
  parse_expect(p, T_RBRACE);
}

Node *parse_function(Parser *p, bool statement, bool async, Node *node) {
  Function *function = parse_function_new(p, FUNCTION_NORMAL, node->start, node->line);
  node->as.function.function = function;
  function->node = node;
  function->async = async;
  parse_next(p);
  function->generator = parse_accept(p, T_MUL);
  if (statement) {
    if (parse_type(p) != T_LPAREN) function->name = parse_binding_name(p, false);
  } else if (parse_type(p) != T_LPAREN) {
    Context outer = p->in;
    p->in.yield = function->generator;
    p->in.await = async;
    p->in.await_reserved = false;
    p->in.field = false;
    function->name = parse_binding_name(p, false);
    p->in = outer;
  }
  bool entered = parse_enter(p);
  Saved saved = function_begin(p, function);
  parse_params(p, function);
  if (entered) parse_body(p, function);
  else function->body = parse_new(p, S_BLOCK);
  finish_body(p, function);
  function_end(p, function, &saved);
  parse_leave(p);
  parse_above(p, node, function->body);
  return parse_finish(p, node);
}

Function *parse_method(Parser *p, FunctionKind kind, bool async, bool generator, uint32_t start, uint32_t line) {
  Function *function = parse_function_new(p, kind, start, line);
  function->async = async;
  function->generator = generator;
  bool entered = parse_enter(p);
  Saved saved = function_begin(p, function);
  parse_params(p, function);
  if (entered) parse_body(p, function);
  else function->body = parse_new(p, S_BLOCK);
  finish_body(p, function);
  function_end(p, function, &saved);
  parse_leave(p);
  return function;
}

// `start` begins the parameters, which were read as expressions; `=>` is at hand.
Node *parse_arrow(Parser *p, Node *start, List *params, bool async) {
  Node *node = node_new(p->arena, N_FUNCTION, start->start, start->line);
  Function *function = parse_function_new(p, FUNCTION_ARROW, start->start, start->line);
  node->as.function.function = function;
  function->node = node;
  function->async = async;
  const char *inside = NULL;
  if (p->last_yield > start->start) inside = "Yield expression not allowed in formal parameter";
  if (p->last_await > start->start) inside = "Illegal await-expression in formal parameters of async function";
  if (async && p->last_await_name > start->start + 1) inside = "Unexpected reserved word";
  if (inside) lex_fail(&p->lex, start->start, p->lex.last_end, inside);
  if (p->lex.token.newline) parse_unexpected(p);
  for (Node *param = params->first; param; param = param->next) {
    if (param->kind == N_SPREAD) {
      if (param->next || param->flags & NODE_COVER)
        parse_fail(p, param, "Rest parameter must be last formal parameter");
      param->kind = N_REST;
      if (param->as.unary.value->kind == N_ASSIGN)
        parse_fail(p, param, "Rest parameter may not have a default initializer");
    }
    parse_to_pattern(p, param->kind == N_REST ? param->as.unary.value : param, true);
  }
  function->params = *params;
  count_params(function);
  bool no_in = p->no_in;
  bool entered = parse_enter(p);
  Saved saved = function_begin(p, function);
  parse_next(p);
  if (!entered) {
    function->body = parse_new(p, S_BLOCK);
  } else if (parse_type(p) == T_LBRACE) {
    parse_body(p, function);
    finish_body(p, function);
  } else {
    p->no_in = no_in;
    function->expression_body = true;
    function->strict = p->in.strict;
    check_params(p, function);
    function->body = parse_assign(p);
  }
  function_end(p, function, &saved);
  parse_leave(p);
  parse_above(p, node, function->body);
  return parse_finish(p, node);
}

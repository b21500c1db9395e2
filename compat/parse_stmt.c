// SPDX-License-Identifier: MIT
//
// Statements and declarations (ECMA-262 clause 14).
#include "parse.h"

// A statement that break or continue may leave.
struct Target {
  Node *node;
  Atom *label;    // NULL for a loop or switch
  bool loop;      // continue may name it
  bool labels_loop; // a label whose statement is a loop
  Target *outer;
};

// A jump out of for-of loops must close their iterators: those up to `until` are marked, and itself unless continued.
static Node *mark_jump(Parser *p, const Target *until, bool continues) {
  for (Target *target = p->in.targets; target != until; target = target->outer) target->node->flags |= NODE_LEFT;
  if (until) until->node->flags |= continues ? NODE_CONTINUED : NODE_LEFT;
  return until ? until->node : NULL;
}

static void add_child(Parser *p, Node *node, const Node *child) {
  if (child) parse_above(p, node, child);
}

Node *parse_block(Parser *p) {
  Node *block = parse_new(p, S_BLOCK);
  parse_expect(p, T_LBRACE);
  while (parse_type(p) != T_RBRACE && parse_type(p) != T_END)
    parse_list_add(p, block, &block->as.list.items, parse_statement_item(p));
  parse_expect(p, T_RBRACE);
  return parse_finish(p, block);
}

static Node *declarator(Parser *p, TokenType kind, bool in_for) {
  Node *node = parse_new(p, N_DECLARATOR);
  Node *target = parse_binding_target(p, kind != T_VAR);
  node->as.binary.left = target;
  add_child(p, node, target);
  if (parse_accept(p, T_ASSIGN)) {
    node->as.binary.right = parse_assign(p);
    if (target->kind == N_IDENTIFIER) parse_name_function(node->as.binary.right, target->as.name.name);
    add_child(p, node, node->as.binary.right);
  } else if (!(in_for && (parse_type(p) == T_IN || parse_is_word(p, T_OF)))) {
    if (target->kind != N_IDENTIFIER) parse_fail_token(p, "Missing initializer in destructuring declaration");
    else if (kind == T_CONST) parse_fail_token(p, "Missing initializer in const declaration");
  }
  return parse_finish(p, node);
}

// var, let or const is at hand; the caller reads the semicolon.
Node *parse_variables(Parser *p, TokenType kind, bool in_for) {
  Node *node = parse_new(p, S_VARIABLES);
  node->op = (uint8_t)kind;
  parse_next(p);
  do parse_list_add(p, node, &node->as.list.items, declarator(p, kind, in_for));
  while (parse_accept(p, T_COMMA));
  return parse_finish(p, node);
}

// `let` is at hand: does it begin a declaration?
static bool is_let(Parser *p) {
  if (!parse_is_word(p, T_LET)) return false;
  Token after = parse_peek(p);
  return after.type == T_NAME || after.type == T_LBRACKET || after.type == T_LBRACE || after.type == T_ESCAPED_RESERVED;
}

// The statement of a loop, if or with: no labelled function.
static Node *parse_substatement(Parser *p) {
  Node *node = parse_statement(p), *inner = node;
  while (inner->kind == S_LABELED) inner = inner->as.jump.body;
  if (inner != node && inner->kind == S_FUNCTION_DECLARATION)
    parse_fail(p, inner, "In non-strict mode code, functions can only be declared at top level, inside a block, "
                         "or as the body of an if statement.");
  return node;
}

// Annex B: a function may be the whole branch of an if, in sloppy mode. It stands in a block of its own.
static Node *parse_branch(Parser *p) {
  if (parse_type(p) != T_FUNCTION || p->in.strict) return parse_substatement(p);
  Node *block = parse_new(p, S_BLOCK);
  Node *function = parse_new(p, S_FUNCTION_DECLARATION);
  parse_function(p, true, false, function);
  if (function->as.function.function->generator)
    parse_fail(p, function, "Generators can only be declared at the top level or inside a block.");
  parse_list_add(p, block, &block->as.list.items, function);
  return parse_finish(p, block);
}

static Node *parse_if(Parser *p) {
  Node *first = parse_new(p, S_IF), *node = first;
  for (;;) {
    parse_next(p);
    parse_expect(p, T_LPAREN);
    node->as.conditional.test = parse_expression(p);
    parse_expect(p, T_RPAREN);
    node->as.conditional.yes = parse_branch(p);
    add_child(p, first, node->as.conditional.test);
    add_child(p, first, node->as.conditional.yes);
    if (!parse_accept(p, T_ELSE)) break;
    if (parse_type(p) != T_IF) { // a chain of else-ifs is one level
      node->as.conditional.no = parse_branch(p);
      add_child(p, first, node->as.conditional.no);
      break;
    }
    node->as.conditional.no = parse_new(p, S_IF);
    node = node->as.conditional.no;
  }
  uint32_t end = p->lex.last_end;
  for (Node *chain = first; chain && chain->kind == S_IF; chain = chain->as.conditional.no) chain->end = end;
  return first;
}

static Node *loop_body(Parser *p, Node *loop) {
  Target target = {.node = loop, .loop = true, .outer = p->in.targets};
  p->in.targets = &target;
  Node *body = parse_substatement(p);
  p->in.targets = target.outer;
  loop->as.loop.body = body;
  add_child(p, loop, body);
  return parse_finish(p, loop);
}

static void for_in_or_of(Parser *p, Node *loop, bool declared) {
  Node *init = loop->as.loop.init;
  bool of = parse_type(p) != T_IN;
  loop->kind = of ? S_FOR_OF : S_FOR_IN;
  if (declared) {
    Node *only = init->as.list.items.first;
    if (only->next) {
      parse_fail(p, init, of ? "Invalid left-hand side in for-of loop: Must have a single binding."
                             : "Invalid left-hand side in for-in loop: Must have a single binding.");
    } else if (only->as.binary.right &&
               (of || p->in.strict || init->op != T_VAR || only->as.binary.left->kind != N_IDENTIFIER)) {
      parse_fail(p, init, of ? "for-of loop variable declaration may not have an initializer."
                             : "for-in loop variable declaration may not have an initializer.");
    }
  } else if ((init->kind == N_ARRAY || init->kind == N_OBJECT) && !(init->flags & NODE_PARENTHESIZED)) {
    parse_to_pattern(p, init, false);
  } else if (init->kind == N_IDENTIFIER) {
    parse_check_target_name(p, init, false);
  } else if (init->kind == N_CALL) {
    init = loop->as.loop.init = parse_call_as_target(p, init, "Invalid left-hand side in for-loop");
    if (init->kind == N_CALL) parse_fail(p, init, "Invalid left-hand side in for-loop");
    add_child(p, loop, init);
  } else if (init->kind != N_MEMBER && init->kind != N_INDEX && init->kind != N_PRIVATE_MEMBER) {
    parse_fail(p, init, "Invalid left-hand side in for-loop");
  }
  parse_next(p);
  loop->as.loop.test = of ? parse_assign(p) : parse_expression(p);
  add_child(p, loop, loop->as.loop.test);
}

static Node *parse_for(Parser *p) {
  Node *loop = parse_new(p, S_FOR);
  parse_next(p);
  bool await = false;
  if (parse_type(p) == T_NAME && p->lex.token.word == T_AWAIT) {
    if (!p->in.await) parse_unexpected(p);
    await = true;
    loop->flags |= NODE_AWAIT;
    parse_next(p);
  }
  parse_expect(p, T_LPAREN);
  Token first = p->lex.token;
  uint32_t covers = p->covers;
  bool declared = first.type == T_VAR || first.type == T_CONST;
  if (!declared && parse_is_word(p, T_LET)) {
    Token after = parse_peek(p);
    declared = after.type == T_LBRACKET || after.type == T_LBRACE || after.type == T_ESCAPED_RESERVED ||
               (after.type == T_NAME && after.word != T_OF);
    if (after.type == T_NAME && after.word == T_OF) { // for (let of = …), but not for (let of …)
      Lexer saved = p->lex;
      parse_next(p);
      TokenType then = parse_peek(p).type;
      declared = then == T_ASSIGN || then == T_SEMICOLON || then == T_COMMA || then == T_IN;
      parse_go_back(p, &saved);
    }
  }
  p->no_in = true;
  if (declared) {
    loop->as.loop.init = parse_variables(p, first.type == T_NAME ? T_LET : first.type, true);
  } else if (parse_type(p) != T_SEMICOLON) {
    Node *init = parse_assign_cover(p);
    if (parse_type(p) != T_IN && !parse_is_word(p, T_OF)) parse_covers_end(p, covers);
    if (parse_type(p) == T_COMMA) {
      Node *list = parse_new_at(p, N_SEQUENCE, init);
      parse_list_add(p, list, &list->as.list.items, init);
      while (parse_accept(p, T_COMMA)) parse_list_add(p, list, &list->as.list.items, parse_assign(p));
      init = parse_finish(p, list);
    }
    loop->as.loop.init = init;
  }
  p->no_in = false;
  if (loop->as.loop.init) add_child(p, loop, loop->as.loop.init);
  bool of = parse_is_word(p, T_OF);
  if (loop->as.loop.init && (of || (parse_type(p) == T_IN && !await))) {
    const Node *init = loop->as.loop.init;
    if (of && !declared && first.type == T_NAME && init->kind == N_IDENTIFIER && !(init->flags & NODE_PARENTHESIZED)) {
      if (first.word == T_LET) parse_fail(p, init, "The left-hand side of a for-of loop may not be 'let'.");
      if (first.word == T_ASYNC && !await) parse_fail(p, init, "The left-hand side of a for-of loop may not be 'async'.");
    } else if (of && !declared && first.word == T_LET) {
      parse_fail(p, init, "The left-hand side of a for-of loop may not be 'let'.");
    }
    for_in_or_of(p, loop, declared);
    parse_covers_end(p, covers);
  } else {
    if (await) parse_unexpected(p);
    if (declared && !p->lex.diagnostic->failed)
      for (Node *item = loop->as.loop.init->as.list.items.first; item; item = item->next)
        if (!item->as.binary.right && item->as.binary.left->kind != N_IDENTIFIER)
          parse_fail(p, item, "Missing initializer in destructuring declaration");
    parse_expect(p, T_SEMICOLON);
    if (parse_type(p) != T_SEMICOLON) {
      loop->as.loop.test = parse_expression(p);
      add_child(p, loop, loop->as.loop.test);
    }
    parse_expect(p, T_SEMICOLON);
    if (parse_type(p) != T_RPAREN) {
      loop->as.loop.update = parse_expression(p);
      add_child(p, loop, loop->as.loop.update);
    }
  }
  parse_expect(p, T_RPAREN);
  return loop_body(p, loop);
}

static Node *parse_while(Parser *p) {
  Node *loop = parse_new(p, S_WHILE);
  parse_next(p);
  parse_expect(p, T_LPAREN);
  loop->as.loop.test = parse_expression(p);
  add_child(p, loop, loop->as.loop.test);
  parse_expect(p, T_RPAREN);
  return loop_body(p, loop);
}

static Node *parse_do(Parser *p) {
  Node *loop = parse_new(p, S_DO_WHILE);
  parse_next(p);
  loop_body(p, loop);
  parse_expect(p, T_WHILE);
  parse_expect(p, T_LPAREN);
  loop->as.loop.test = parse_expression(p);
  add_child(p, loop, loop->as.loop.test);
  parse_expect(p, T_RPAREN);
  parse_accept(p, T_SEMICOLON);
  return parse_finish(p, loop);
}

// What break or continue leaves; NULL after an error.
static Node *jump_target(Parser *p, const Node *jump) {
  const Atom *label = jump->as.jump.label;
  bool wants_loop = jump->kind == S_CONTINUE;
  Node *loop = NULL; // the loop that the labels met next stand before
  for (Target *target = p->in.targets; target; target = target->outer) {
    if (!target->label) {
      loop = target->loop ? target->node : NULL;
      if (!label && (target->loop || !wants_loop)) return mark_jump(p, target, wants_loop);
    } else if (target->label == label) {
      if (!wants_loop) return mark_jump(p, target, false);
      if (target->labels_loop) {
        mark_jump(p, target, true);
        loop->flags |= NODE_CONTINUED;
        return loop;
      }
      diagnostic_fail(p->lex.diagnostic, "SyntaxError", jump->start, jump->end,
                      "Illegal continue statement: '%.150s' does not denote an iteration statement", label->text);
      parse_unexpected(p);
      return NULL;
    }
  }
  if (label)
    diagnostic_fail(p->lex.diagnostic, "SyntaxError", jump->start, jump->end, "Undefined label '%.150s'", label->text);
  else
    parse_fail(p, jump, wants_loop ? "Illegal continue statement: no surrounding iteration statement"
                                   : "Illegal break statement");
  parse_unexpected(p);
  return NULL;
}

static Node *parse_jump(Parser *p, NodeKind kind) {
  Node *node = parse_new(p, kind);
  parse_next(p);
  Token token = p->lex.token;
  if (token.type == T_NAME && !token.newline) {
    parse_check_name(p, &token);
    node->as.jump.label = token.atom;
    parse_next(p);
  }
  parse_finish(p, node);
  if (!p->lex.diagnostic->failed) node->as.jump.target = jump_target(p, node);
  parse_semicolon(p);
  return node;
}

static Node *parse_labeled(Parser *p, Node *name) {
  Node *node = parse_new_at(p, S_LABELED, name);
  Atom *label = name->as.name.name;
  node->as.jump.label = label;
  parse_next(p);
  for (Target *target = p->in.targets; target; target = target->outer) {
    if (target->label != label) continue;
    diagnostic_fail(p->lex.diagnostic, "SyntaxError", name->start, name->end,
                    "Label '%.150s' has already been declared", label->text);
    parse_unexpected(p);
  }
  Target target = {.node = node, .label = label, .outer = p->in.targets};
  uint32_t from = p->lex.token.start;
  if (from < p->labels.from || from > p->labels.to) { // else a label before this one has looked
    Lexer saved = p->lex;
    while (parse_type(p) == T_NAME && parse_peek(p).type == T_COLON) {
      parse_next(p);
      parse_next(p);
    }
    p->labels.from = from;
    p->labels.to = p->lex.token.start;
    p->labels.loop = parse_type(p) == T_FOR || parse_type(p) == T_WHILE || parse_type(p) == T_DO;
    parse_go_back(p, &saved);
  }
  target.labels_loop = p->labels.loop;
  p->in.targets = &target;
  if (parse_type(p) == T_FUNCTION) {
    if (p->in.strict) {
      parse_fail_token(p, "In strict mode code, functions can only be declared at top level or inside a block.");
    }
    Node *function = parse_new(p, S_FUNCTION_DECLARATION);
    parse_function(p, true, false, function);
    if (function->as.function.function->generator)
      parse_fail(p, function, "Generators can only be declared at the top level or inside a block.");
    node->as.jump.body = function;
  } else {
    node->as.jump.body = parse_statement(p);
  }
  p->in.targets = target.outer;
  add_child(p, node, node->as.jump.body);
  return parse_finish(p, node);
}

static Node *parse_return(Parser *p) {
  Node *node = parse_new(p, S_RETURN);
  if (!p->in.can_return) parse_fail_token(p, "Illegal return statement");
  mark_jump(p, NULL, false);
  parse_next(p);
  TokenType type = parse_type(p);
  if (type != T_SEMICOLON && type != T_RBRACE && type != T_END && !p->lex.token.newline) {
    node->as.unary.value = parse_expression(p);
    add_child(p, node, node->as.unary.value);
  }
  parse_semicolon(p);
  return parse_finish(p, node);
}

static Node *parse_throw(Parser *p) {
  Node *node = parse_new(p, S_THROW);
  parse_next(p);
  if (p->lex.token.newline) parse_fail_token(p, "Illegal newline after throw");
  node->as.unary.value = parse_expression(p);
  add_child(p, node, node->as.unary.value);
  parse_semicolon(p);
  return parse_finish(p, node);
}

static Node *parse_try(Parser *p) {
  Node *node = parse_new(p, S_TRY);
  parse_next(p);
  node->as.try.block = parse_block(p);
  add_child(p, node, node->as.try.block);
  if (parse_accept(p, T_CATCH)) {
    if (parse_accept(p, T_LPAREN)) {
      node->as.try.parameter = parse_binding_target(p, true);
      add_child(p, node, node->as.try.parameter);
      parse_expect(p, T_RPAREN);
    }
    node->as.try.handler = parse_block(p);
    add_child(p, node, node->as.try.handler);
  }
  if (parse_accept(p, T_FINALLY)) {
    node->as.try.finalizer = parse_block(p);
    add_child(p, node, node->as.try.finalizer);
  }
  if (!node->as.try.handler && !node->as.try.finalizer) parse_fail_token(p, "Missing catch or finally after try");
  return parse_finish(p, node);
}

static Node *parse_switch(Parser *p) {
  Node *node = parse_new(p, S_SWITCH);
  bool has_default = false;
  parse_next(p);
  parse_expect(p, T_LPAREN);
  node->as.choice.value = parse_expression(p);
  add_child(p, node, node->as.choice.value);
  parse_expect(p, T_RPAREN);
  parse_expect(p, T_LBRACE);
  Target target = {.node = node, .outer = p->in.targets};
  p->in.targets = &target;
  while (parse_type(p) != T_RBRACE && parse_type(p) != T_END) {
    Node *item = parse_new(p, N_CASE);
    if (parse_type(p) == T_DEFAULT) {
      if (has_default) parse_fail_token(p, "More than one default clause in switch statement");
      has_default = true;
      parse_next(p);
    } else {
      parse_expect(p, T_CASE);
      item->as.switch_case.test = parse_expression(p);
      add_child(p, item, item->as.switch_case.test);
    }
    parse_expect(p, T_COLON);
    TokenType type;
    while ((type = parse_type(p)) != T_CASE && type != T_DEFAULT && type != T_RBRACE && type != T_END)
      parse_list_add(p, item, &item->as.switch_case.body, parse_statement_item(p));
    parse_list_add(p, node, &node->as.choice.cases, parse_finish(p, item));
  }
  p->in.targets = target.outer;
  parse_expect(p, T_RBRACE);
  return parse_finish(p, node);
}

static Node *parse_with(Parser *p) {
  Node *node = parse_new(p, S_WITH);
  if (p->in.strict) parse_fail_token(p, "Strict mode code may not include a with statement");
  parse_next(p);
  parse_expect(p, T_LPAREN);
  node->as.with.object = parse_expression(p);
  add_child(p, node, node->as.with.object);
  parse_expect(p, T_RPAREN);
  node->as.with.body = parse_substatement(p);
  add_child(p, node, node->as.with.body);
  return parse_finish(p, node);
}

static Node *parse_expression_statement(Parser *p) {
  Node *node = parse_new(p, S_EXPRESSION);
  Token first = p->lex.token;
  Node *value = parse_expression(p);
  if (first.type == T_NAME && value->kind == N_IDENTIFIER && !(value->flags & NODE_PARENTHESIZED) &&
      parse_type(p) == T_COLON)
    return parse_labeled(p, value);
  node->as.unary.value = value;
  add_child(p, node, value);
  parse_semicolon(p);
  return parse_finish(p, node);
}

static Node *statement_at(Parser *p, bool item) {
  switch (parse_type(p)) {
  case T_LBRACE: return parse_block(p);
  case T_SEMICOLON: {
    Node *node = parse_new(p, S_EMPTY);
    parse_next(p);
    return parse_finish(p, node);
  }
  case T_VAR: {
    Node *node = parse_variables(p, T_VAR, false);
    parse_semicolon(p);
    return parse_finish(p, node);
  }
  case T_IF: return parse_if(p);
  case T_FOR: return parse_for(p);
  case T_WHILE: return parse_while(p);
  case T_DO: return parse_do(p);
  case T_CONTINUE: return parse_jump(p, S_CONTINUE);
  case T_BREAK: return parse_jump(p, S_BREAK);
  case T_RETURN: return parse_return(p);
  case T_WITH: return parse_with(p);
  case T_SWITCH: return parse_switch(p);
  case T_THROW: return parse_throw(p);
  case T_TRY: return parse_try(p);
  case T_DEBUGGER: {
    Node *node = parse_new(p, S_DEBUGGER);
    parse_next(p);
    parse_semicolon(p);
    return parse_finish(p, node);
  }
  case T_FUNCTION:
    if (item) return parse_function(p, true, false, parse_new(p, S_FUNCTION_DECLARATION));
    parse_fail_token(p, p->in.strict
      ? "In strict mode code, functions can only be declared at top level or inside a block."
      : "In non-strict mode code, functions can only be declared at top level, inside a block, "
        "or as the body of an if statement.");
    break;
  case T_CLASS:
    if (item) return parse_class(p, true, false);
    parse_unexpected(p);
    break;
  case T_CONST:
    if (!item) {
      parse_fail_token(p, "Lexical declaration cannot appear in a single-statement context");
      break;
    } else {
      Node *node = parse_variables(p, T_CONST, false);
      parse_semicolon(p);
      return parse_finish(p, node);
    }
  case T_IMPORT: {
    TokenType after = parse_peek(p).type;
    if (after != T_LPAREN && after != T_DOT) {
      parse_fail_token(p, p->lex.module ? "Unexpected token 'import'" : "Cannot use import statement outside a module");
      break;
    }
    return parse_expression_statement(p);
  }
  case T_NAME:
    if (is_let(p)) {
      Token after = parse_peek(p);
      if (item || after.type == T_LBRACKET) {
        if (!item) {
          parse_fail_token(p, "Lexical declaration cannot appear in a single-statement context");
          break;
        }
        Node *node = parse_variables(p, T_LET, false);
        parse_semicolon(p);
        return parse_finish(p, node);
      }
      if (!after.newline) {
        parse_fail_token(p, "Lexical declaration cannot appear in a single-statement context");
        break;
      }
    }
    if (p->lex.token.word == T_ASYNC) {
      Token after = parse_peek(p);
      if (after.type == T_FUNCTION && !after.newline) {
        if (!item) {
          parse_fail_token(p, "Async functions can only be declared at the top level or inside a block.");
          break;
        }
        Node *node = parse_new(p, S_FUNCTION_DECLARATION);
        parse_next(p);
        return parse_function(p, true, true, node);
      }
    }
    return parse_expression_statement(p);
  default: return parse_expression_statement(p);
  }
  return parse_new(p, S_EMPTY);
}

static Node *parse_one(Parser *p, bool item) {
  Node *node = parse_enter(p) ? statement_at(p, item) : parse_new(p, S_EMPTY);
  parse_leave(p);
  return node;
}

Node *parse_statement_item(Parser *p) {
  return parse_one(p, true);
}

Node *parse_statement(Parser *p) {
  return parse_one(p, false);
}

// SPDX-License-Identifier: MIT
//
// Classes (ECMA-262 15.7) and their private names.
#include "parse.h"

#include <string.h>

typedef struct PrivateName {
  const Atom *name;
  uint8_t kind;      // PropertyKind
  bool is_static;
  uint32_t start, end;
  struct PrivateName *next;
} PrivateName;

struct PrivateScope {
  PrivateName *declared, *used;
  PrivateScope *outer;
};

static void private_add(Parser *p, PrivateName **list, const Token *token, PropertyKind kind, bool is_static) {
  PrivateName *name = arena_alloc(p->arena, sizeof *name);
  *name = (PrivateName){token->atom, (uint8_t)kind, is_static, token->start, token->end, *list};
  *list = name;
}

static bool option_private(const Parser *p, const Atom *name) {
  const char *at = p->options->goal == JS_EVAL ? p->options->eval_private : NULL;
  while (at && *at) {
    size_t len = strcspn(at, " ");
    if (len == name->len && !memcmp(at, name->text, len)) return true;
    at += len;
    at += *at == ' ';
  }
  return false;
}

static void undeclared(Parser *p, const PrivateName *name) {
  diagnostic_fail(p->lex.diagnostic, "SyntaxError", name->start, name->end,
                  "Private field '%.150s' must be declared in an enclosing class", name->name->text);
  parse_unexpected(p);
}

void parse_use_private(Parser *p, const Token *token) {
  PrivateName name = {.name = token->atom, .start = token->start, .end = token->end};
  if (p->private_scope) private_add(p, &p->private_scope->used, token, PROPERTY_VALUE, false);
  else if (!option_private(p, token->atom)) undeclared(p, &name);
}

static void declare_private(Parser *p, const Token *token, PropertyKind kind, bool is_static) {
  for (const PrivateName *name = p->private_scope->declared; name; name = name->next) {
    if (name->name != token->atom) continue;
    bool pair = (kind == PROPERTY_GET && name->kind == PROPERTY_SET) || (kind == PROPERTY_SET && name->kind == PROPERTY_GET);
    if (pair && name->is_static == is_static) continue;
    diagnostic_fail(p->lex.diagnostic, "SyntaxError", token->start, token->end,
                    "Identifier '%.150s' has already been declared", token->atom->text);
    parse_unexpected(p);
    return;
  }
  private_add(p, &p->private_scope->declared, token, kind, is_static);
}

static void close_private(Parser *p) {
  PrivateScope *scope = p->private_scope;
  p->private_scope = scope->outer;
  for (PrivateName *use = scope->used, *next; use; use = next) {
    next = use->next;
    const PrivateName *name = scope->declared;
    while (name && name->name != use->name) name = name->next;
    if (name) continue;
    if (scope->outer) {
      use->next = scope->outer->used;
      scope->outer->used = use;
    } else if (!option_private(p, use->name)) {
      undeclared(p, use);
    }
  }
}

// ---- members

static bool ends_member_name(TokenType type) {
  return type == T_LPAREN || type == T_ASSIGN || type == T_SEMICOLON || type == T_RBRACE || type == T_END;
}

static void member_method(Parser *p, Node *item, FunctionKind kind, bool async, bool generator) {
  Node *value = node_new(p->arena, N_FUNCTION, item->start, item->line);
  Function *function = parse_method(p, kind, async, generator, item->start, item->line);
  function->node = value;
  function->is_static = item->flags & NODE_STATIC;
  value->as.function.function = function;
  if (!(item->flags & NODE_COMPUTED)) function->inferred = parse_key_name(item->as.property.key);
  item->as.property.value = parse_finish(p, value);
  parse_above(p, value, function->body);
  parse_above(p, item, value);
}

static void member_field(Parser *p, Node *item) {
  item->op = PROPERTY_FIELD;
  if (parse_type(p) == T_ASSIGN) {
    Function *function = parse_function_new(p, FUNCTION_FIELD, p->lex.token.start, p->lex.token.line);
    Context outer = p->in;
    bool no_in = p->no_in;
    p->no_in = false;
    p->in = (Context){.function = function, .strict = true, .field = true, .super_property = true, .new_target = true,
                      .await_reserved = outer.await || outer.await_reserved};
    parse_next(p);
    function->simple = function->strict = function->expression_body = true;
    function->body = parse_assign(p);
    p->in = outer;
    p->no_in = no_in;
    function->end = p->lex.last_end;
    function->end_line = p->lex.last_line;
    function->node = item;
    item->as.property.function = function;
    item->as.property.value = function->body;
    if (!(item->flags & NODE_COMPUTED)) {
      Atom *name = parse_key_name(item->as.property.key);
      if (!name && item->as.property.key->kind == N_IDENTIFIER) name = item->as.property.key->as.name.name;
      if (name) parse_name_function(function->body, name);
    }
    parse_above(p, item, function->body);
  }
  parse_semicolon(p);
}

static void static_block(Parser *p, Node *class) {
  Node *item = parse_new(p, N_STATIC_BLOCK);
  Function *function = parse_function_new(p, FUNCTION_STATIC, item->start, item->line);
  Context outer = p->in;
  item->flags |= NODE_STATIC;
  item->as.function.function = function;
  function->node = item;
  function->strict = function->simple = true;
  p->in = (Context){.function = function, .strict = true, .field = true, .super_property = true, .new_target = true,
                    .await_reserved = true};
  function->body = parse_block(p);
  p->in = outer;
  function->end = p->lex.last_end;
  function->end_line = p->lex.last_line;
  parse_above(p, item, function->body);
  parse_list_add(p, class, &class->as.class.members, parse_finish(p, item));
}

static void check_member_name(Parser *p, const Node *item, bool is_field, bool plain_method, Node *class) {
  const Node *key = item->as.property.key;
  Atom *name = item->flags & NODE_COMPUTED ? NULL : parse_key_name(key);
  if (!name) return;
  if (item->flags & NODE_STATIC) {
    if (name->token == T_PROTOTYPE) parse_fail(p, key, "Classes may not have static property named 'prototype'");
    if (is_field && name->token == T_CONSTRUCTOR) parse_fail(p, key, "Classes may not have a field named 'constructor'");
  } else if (name->token == T_CONSTRUCTOR) {
    if (is_field) parse_fail(p, key, "Classes may not have a field named 'constructor'");
    else if (!plain_method) parse_fail(p, key, "Class constructor may not be an accessor, generator, or async method");
    else if (class->as.class.constructor) parse_fail(p, key, "A class may only have one constructor");
  }
}

static void parse_member(Parser *p, Node *class) {
  Node *item = parse_new(p, N_CLASS_MEMBER);
  bool async = false, generator = false;
  FunctionKind kind = FUNCTION_METHOD;
  if (parse_is_word(p, T_STATIC)) {
    TokenType after = parse_peek(p).type;
    if (after == T_LBRACE) {
      parse_next(p);
      static_block(p, class);
      return;
    }
    if (!ends_member_name(after)) {
      item->flags |= NODE_STATIC;
      parse_next(p);
      item->start = p->lex.token.start; // a method's source text begins behind the word
    }
  }
  if (parse_is_word(p, T_ASYNC)) {
    Token after = parse_peek(p);
    if (!ends_member_name(after.type) && !after.newline) {
      parse_next(p);
      async = true;
    }
  }
  if (parse_type(p) == T_MUL) {
    parse_next(p);
    generator = true;
  }
  if (!async && !generator && (parse_is_word(p, T_GET) || parse_is_word(p, T_SET))) {
    Lexer saved = p->lex;
    bool getter = parse_is_word(p, T_GET);
    parse_next(p);
    if (parse_is_property_name(p)) kind = getter ? FUNCTION_GETTER : FUNCTION_SETTER;
    else parse_go_back(p, &saved);
  }
  Token token = p->lex.token;
  if (token.type == T_HASH_NAME) {
    Node *key = parse_new(p, N_IDENTIFIER);
    key->as.name.name = token.atom;
    parse_next(p);
    item->as.property.key = parse_finish(p, key);
    if (!strcmp(token.atom->text, "#constructor"))
      parse_fail(p, key, "Classes may not have a private field named '#constructor'");
  } else {
    item->as.property.key = parse_property_name(p, &item->flags);
    parse_above(p, item, item->as.property.key);
  }
  bool method = async || generator || kind != FUNCTION_METHOD || parse_type(p) == T_LPAREN;
  check_member_name(p, item, !method, kind == FUNCTION_METHOD && !async && !generator, class);
  if (token.type == T_HASH_NAME) {
    PropertyKind property = !method ? PROPERTY_FIELD
                            : kind == FUNCTION_GETTER ? PROPERTY_GET
                            : kind == FUNCTION_SETTER ? PROPERTY_SET
                                                      : PROPERTY_METHOD;
    declare_private(p, &token, property, item->flags & NODE_STATIC);
  }
  if (!method) {
    member_field(p, item);
  } else {
    Atom *name = item->flags & (NODE_COMPUTED | NODE_STATIC) ? NULL : parse_key_name(item->as.property.key);
    bool constructor = name && name->token == T_CONSTRUCTOR;
    if (constructor) kind = class->as.class.parent ? FUNCTION_DERIVED : FUNCTION_CONSTRUCTOR;
    item->op = kind == FUNCTION_GETTER ? PROPERTY_GET : kind == FUNCTION_SETTER ? PROPERTY_SET : PROPERTY_METHOD;
    member_method(p, item, kind, async, generator);
    if (token.type == T_HASH_NAME) item->as.property.value->as.function.function->inferred = token.atom;
    if (constructor) {
      Function *function = item->as.property.value->as.function.function;
      function->inferred = NULL;
      class->as.class.constructor = function;
    }
  }
  parse_list_add(p, class, &class->as.class.members, parse_finish(p, item));
}

Node *parse_class(Parser *p, bool statement, bool name_optional) {
  Node *node = parse_new(p, statement ? S_CLASS_DECLARATION : N_CLASS);
  bool strict = p->in.strict;
  PrivateScope scope = {.outer = p->private_scope};
  p->in.strict = true;
  parse_next(p);
  if (parse_type(p) == T_NAME) {
    node->as.class.name = parse_binding_name(p, true);
  } else if (!name_optional) {
    parse_unexpected(p);
  }
  if (parse_accept(p, T_EXTENDS) && parse_enter(p)) {
    uint32_t covers = p->covers;
    node->as.class.parent = parse_left_side(p);
    parse_leave(p);
    parse_covers_end(p, covers);
    parse_above(p, node, node->as.class.parent);
  }
  p->private_scope = &scope;
  parse_expect(p, T_LBRACE);
  bool entered = parse_enter(p);
  while (entered && parse_type(p) != T_RBRACE && parse_type(p) != T_END) {
    if (!parse_accept(p, T_SEMICOLON)) parse_member(p, node);
  }
  parse_leave(p);
  close_private(p);
  p->in.strict = strict;
  parse_expect(p, T_RBRACE);
  parse_finish(p, node);
  if (!node->as.class.constructor) {
    FunctionKind kind = node->as.class.parent ? FUNCTION_DERIVED : FUNCTION_CONSTRUCTOR;
    Function *function = parse_function_new(p, kind, node->start, node->line);
    function->strict = function->simple = function->default_constructor = true;
    function->node = node;
    function->body = parse_new_at(p, S_BLOCK, node);
    node->as.class.constructor = function;
  }
  Function *constructor = node->as.class.constructor;
  constructor->start = node->start;
  constructor->end = node->end;
  if (node->as.class.name) constructor->inferred = node->as.class.name->as.name.name;
  return node;
}

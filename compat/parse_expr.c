// SPDX-License-Identifier: MIT
//
// Expressions (ECMA-262 clause 13).
#include "parse.h"

#include "regexp.h"

#include <string.h>

static Node *parse_unary(Parser *p);

static Node *unary_new(Parser *p, Node *node, Node *value) {
  node->as.unary.value = value;
  parse_above(p, node, value);
  return parse_finish(p, node);
}

void parse_covers_end(Parser *p, uint32_t before) {
  if (p->covers == before) return;
  lex_fail(&p->lex, p->cover_at, p->cover_at + 1, p->cover_message);
  p->covers = before;
}

// ---- names of functions

void parse_name_function(Node *value, Atom *name) {
  if (value->kind == N_FUNCTION) {
    if (!value->as.function.function->name) value->as.function.function->inferred = name;
  } else if (value->kind == N_CLASS && !value->as.class.name) {
    if (value->as.class.constructor) value->as.class.constructor->inferred = name;
  }
}

Atom *parse_key_name(const Node *key) {
  return key->kind == N_STRING ? key->as.string.value : NULL;
}

// ---- literals

static Node *parse_template(Parser *p, bool tagged) {
  Node *node = parse_new(p, N_TEMPLATE);
  for (;;) {
    lex_template(&p->lex);
    Token token = p->lex.token;
    if (token.type == T_END) break;
    Node *part = parse_new(p, N_TEMPLATE_PART);
    part->as.template_part.cooked = token.atom;
    part->as.template_part.raw = token.second;
    part->end = token.end;
    list_add(&node->as.template.parts, part);
    if (!token.atom && !tagged) {
      const char *raw = token.second->text, *slash = strchr(raw, '\\');
      while (slash && slash[1] != 'u' && slash[1] != 'x' && !(slash[1] >= '0' && slash[1] <= '9'))
        slash = strchr(slash + 2, '\\');
      parse_fail_token(p, !slash ? "Invalid or unexpected token"
                          : slash[1] == 'u' ? "Invalid Unicode escape sequence"
                          : slash[1] == 'x' ? "Invalid hexadecimal escape sequence"
                                            : "Octal escape sequences are not allowed in template strings");
      break;
    }
    parse_next(p);
    if (token.tail) break;
    parse_list_add(p, node, &node->as.template.values, parse_expression(p));
    if (parse_type(p) != T_RBRACE) {
      if (parse_type(p) == T_END) parse_fail_token(p, "Unterminated template literal");
      else parse_unexpected(p);
      break;
    }
  }
  return parse_finish(p, node);
}

static Node *parse_regexp(Parser *p) {
  Node *node = parse_new(p, N_REGEXP);
  lex_regexp(&p->lex);
  Token token = p->lex.token;
  node->as.regexp.pattern = token.atom ? token.atom : atom_make(p->lex.atoms, "", 0);
  node->as.regexp.flags = token.second ? token.second : node->as.regexp.pattern;
  if (token.type != T_REGEXP) return node;
  bool flags_wrong = false;
  const char *fault = regexp_check(token.atom, token.second, &flags_wrong);
  if (fault) {
    if (flags_wrong)
      diagnostic_fail(p->lex.diagnostic, "SyntaxError", token.start, token.end, "Invalid regular expression flags");
    else
      diagnostic_fail(p->lex.diagnostic, "SyntaxError", token.start, token.end,
                      "Invalid regular expression: /%.80s/%s: %s", token.atom->text, token.second->text, fault);
    parse_unexpected(p);
    return node;
  }
  parse_next(p);
  return parse_finish(p, node);
}

static Node *parse_array(Parser *p) {
  Node *node = parse_new(p, N_ARRAY);
  parse_next(p);
  while (parse_type(p) != T_RBRACKET && parse_type(p) != T_END) {
    Node *item;
    if (parse_type(p) == T_COMMA) {
      item = parse_new(p, N_HOLE);
    } else if (parse_type(p) == T_ELLIPSIS) {
      item = parse_new(p, N_SPREAD);
      parse_next(p);
      unary_new(p, item, parse_assign_cover(p));
      if (parse_type(p) == T_COMMA) item->flags |= NODE_COVER;
    } else {
      item = parse_assign_cover(p);
    }
    parse_list_add(p, node, &node->as.list.items, item);
    if (parse_type(p) != T_RBRACKET) parse_expect(p, T_COMMA);
  }
  parse_expect(p, T_RBRACKET);
  return parse_finish(p, node);
}

bool parse_is_property_name(const Parser *p) {
  TokenType type = parse_type(p);
  return type == T_NAME || type == T_ESCAPED_RESERVED || type == T_STRING || type == T_NUMBER || type == T_BIGINT ||
         type == T_LBRACKET || type == T_HASH_NAME || (type >= T_BREAK && type < T_ARGUMENTS);
}

// PropertyName; a name becomes a STRING.
Node *parse_property_name(Parser *p, uint16_t *flags) {
  Node *key = parse_new(p, N_STRING);
  Token token = p->lex.token;
  switch (token.type) {
  case T_STRING:
    if (token.octal && p->in.strict) parse_fail_token(p, "Octal escape sequences are not allowed in strict mode.");
    key->as.string.value = token.atom;
    break;
  case T_NUMBER:
    if (token.octal && p->in.strict) parse_fail_token(p, "Octal literals are not allowed in strict mode.");
    key = parse_new(p, N_NUMBER);
    key->as.number.value = token.number;
    break;
  case T_BIGINT:
    key->kind = N_BIGINT;
    key->as.string.value = token.atom;
    break;
  case T_LBRACKET: {
    bool no_in = p->no_in;
    p->no_in = false;
    *flags |= NODE_COMPUTED;
    parse_next(p);
    key = parse_assign(p);
    p->no_in = no_in;
    parse_expect(p, T_RBRACKET);
    return key;
  }
  default:
    if (token.type == T_NAME || token.type == T_ESCAPED_RESERVED) {
      key->as.string.value = token.atom;
    } else if (token.type >= T_BREAK && token.type < T_ARGUMENTS) {
      key->as.string.value = atom_make(p->lex.atoms, token_text(token.type), strlen(token_text(token.type)));
    } else {
      parse_unexpected(p);
      key->as.string.value = atom_make(p->lex.atoms, "", 0);
    }
  }
  parse_next(p);
  return parse_finish(p, key);
}

static bool ends_property_name(TokenType type) {
  return type == T_COMMA || type == T_RBRACE || type == T_COLON || type == T_LPAREN || type == T_ASSIGN || type == T_END;
}

static void property_method(Parser *p, Node *item, FunctionKind kind, bool async, bool generator) {
  Node *key = item->as.property.key;
  Node *value = node_new(p->arena, N_FUNCTION, item->start, item->line);
  Function *function = parse_method(p, kind, async, generator, item->start, item->line);
  function->node = value;
  value->as.function.function = function;
  if (!(item->flags & NODE_COMPUTED)) function->inferred = parse_key_name(key);
  item->flags |= NODE_METHOD;
  item->as.property.value = parse_finish(p, value);
  value->height = function->body ? (uint16_t)(function->body->height) : 1;
  parse_above(p, item, value);
}

static Node *parse_property(Parser *p, bool *has_proto) {
  Node *item = parse_new(p, N_PROPERTY);
  Token token = p->lex.token;
  bool async = false, generator = false;
  FunctionKind kind = FUNCTION_METHOD;
  item->op = PROPERTY_VALUE;
  if (token.type == T_NAME && (token.word == T_ASYNC || token.word == T_GET || token.word == T_SET)) {
    Token after = parse_peek(p);
    if (!ends_property_name(after.type) && !(token.word == T_ASYNC && after.newline)) {
      parse_next(p);
      if (token.word == T_ASYNC) async = true;
      else kind = token.word == T_GET ? FUNCTION_GETTER : FUNCTION_SETTER;
    }
  }
  if (parse_type(p) == T_MUL && kind == FUNCTION_METHOD) {
    parse_next(p);
    generator = true;
  }
  if (parse_type(p) == T_HASH_NAME) parse_unexpected(p);
  token = p->lex.token;
  item->as.property.key = parse_property_name(p, &item->flags);
  parse_above(p, item, item->as.property.key);
  if (kind != FUNCTION_METHOD || async || generator || parse_type(p) == T_LPAREN) {
    item->op = kind == FUNCTION_GETTER ? PROPERTY_GET : kind == FUNCTION_SETTER ? PROPERTY_SET : PROPERTY_METHOD;
    property_method(p, item, kind, async, generator);
  } else if (parse_accept(p, T_COLON)) {
    Atom *name = item->flags & NODE_COMPUTED ? NULL : parse_key_name(item->as.property.key);
    item->as.property.value = parse_assign_cover(p);
    if (name && name->token == T_PROTO) {
      if (*has_proto) {
        p->covers++;
        p->cover_at = item->start;
        p->cover_message = "Duplicate __proto__ fields are not allowed in object literals";
        item->flags |= NODE_COVER;
      }
      *has_proto = true;
    } else if (name) {
      parse_name_function(item->as.property.value, name);
    }
    parse_above(p, item, item->as.property.value);
  } else if (token.type == T_NAME) {
    Node *name = node_new(p->arena, N_IDENTIFIER, token.start, token.line);
    name->as.name.name = token.atom;
    name->end = token.end;
    parse_check_name(p, &token);
    item->flags |= NODE_SHORTHAND;
    item->as.property.value = name;
    if (parse_type(p) == T_ASSIGN) {
      p->covers++;
      p->cover_at = p->lex.token.start;
      p->cover_message = "Invalid shorthand property initializer";
      item->flags |= NODE_COVER;
      parse_next(p);
      Node *node = node_new(p->arena, N_ASSIGN, token.start, token.line); // a pattern's default
      node->op = T_ASSIGN;
      node->as.binary.left = name;
      node->as.binary.right = parse_assign(p);
      parse_name_function(node->as.binary.right, token.atom);
      parse_above(p, node, node->as.binary.right);
      item->as.property.value = parse_finish(p, node);
    }
    parse_above(p, item, item->as.property.value);
  } else {
    item->as.property.value = item->as.property.key;
    if (token.type == T_ESCAPED_RESERVED) parse_fail_token(p, "Keyword must not contain escaped characters");
    else parse_unexpected(p);
  }
  return parse_finish(p, item);
}

static Node *parse_object(Parser *p) {
  Node *node = parse_new(p, N_OBJECT);
  bool has_proto = false;
  parse_next(p);
  while (parse_type(p) != T_RBRACE && parse_type(p) != T_END) {
    Node *item;
    if (parse_type(p) == T_ELLIPSIS) {
      item = parse_new(p, N_SPREAD);
      parse_next(p);
      unary_new(p, item, parse_assign_cover(p));
      if (parse_type(p) == T_COMMA) item->flags |= NODE_COVER;
    } else {
      item = parse_property(p, &has_proto);
    }
    parse_list_add(p, node, &node->as.list.items, item);
    if (parse_type(p) != T_RBRACE) parse_expect(p, T_COMMA);
  }
  parse_expect(p, T_RBRACE);
  return parse_finish(p, node);
}

// `(` … `)`: an expression, or what must be an arrow's parameters: then a parenthesized SEQUENCE of them, with NODE_COVER.
static Node *parse_parenthesized(Parser *p) {
  Node *list = parse_new(p, N_SEQUENCE);
  uint32_t covers = p->covers;
  bool no_in = p->no_in, only_parameters = false;
  p->no_in = false;
  parse_next(p);
  while (parse_type(p) != T_RPAREN && parse_type(p) != T_END) {
    Node *item;
    if (parse_type(p) == T_ELLIPSIS) {
      item = parse_new(p, N_REST);
      parse_next(p);
      unary_new(p, item, parse_binding_target(p, false));
      only_parameters = true;
      if (parse_type(p) == T_ASSIGN) parse_fail_token(p, "Rest parameter may not have a default initializer");
      else if (parse_type(p) != T_RPAREN) parse_fail_token(p, "Rest parameter must be last formal parameter");
    } else {
      item = parse_assign_cover(p);
    }
    parse_list_add(p, list, &list->as.list.items, item);
    if (parse_type(p) == T_RPAREN) break;
    parse_expect(p, T_COMMA);
    if (parse_type(p) == T_RPAREN) only_parameters = true;
  }
  if (!list->as.list.items.count) only_parameters = true;
  p->no_in = no_in;
  parse_expect(p, T_RPAREN);
  parse_finish(p, list);
  list->flags |= NODE_PARENTHESIZED;
  if (parse_type(p) == T_ARROW && !p->lex.token.newline) {
    list->flags |= NODE_COVER;
    return list;
  }
  if (only_parameters) parse_unexpected(p);
  if (!list->as.list.items.first || p->lex.diagnostic->failed) return list;
  Node *only = list->as.list.items.first;
  if (!only->next) {
    only->flags |= NODE_PARENTHESIZED;
    parse_covers_end(p, covers);
    return only;
  }
  parse_covers_end(p, covers);
  return list;
}

// ---- primary and left-hand-side expressions

static Node *name_node(Parser *p) {
  Node *node = parse_new(p, N_IDENTIFIER);
  Token token = p->lex.token;
  node->as.name.name = token.atom;
  parse_check_name(p, &token);
  parse_next(p);
  return parse_finish(p, node);
}

static Node *parse_super(Parser *p) {
  Node *node = parse_new(p, N_SUPER);
  parse_next(p);
  TokenType type = parse_type(p);
  bool right = type == T_LPAREN ? p->in.super_call : (type == T_DOT || type == T_LBRACKET) && p->in.super_property;
  parse_finish(p, node);
  if (!right) parse_fail(p, node, "'super' keyword unexpected here");
  return node;
}

static Node *parse_import_expression(Parser *p) {
  Node *node = parse_new(p, N_IMPORT_CALL);
  parse_next(p);
  if (parse_accept(p, T_DOT)) {
    node->kind = N_IMPORT_META;
    if (!parse_is_word(p, T_META)) parse_unexpected(p);
    else if (!p->lex.module) parse_fail(p, node, "Cannot use 'import.meta' outside a module");
    parse_next(p);
    return parse_finish(p, node);
  }
  if (parse_type(p) != T_LPAREN) {
    if (p->lex.module) parse_unexpected(p);
    else parse_fail(p, node, "Cannot use import statement outside a module");
    return node;
  }
  bool no_in = p->no_in;
  p->no_in = false;
  parse_next(p);
  node->as.binary.left = parse_assign(p);
  parse_above(p, node, node->as.binary.left);
  if (parse_accept(p, T_COMMA) && parse_type(p) != T_RPAREN) {
    node->as.binary.right = parse_assign(p);
    parse_above(p, node, node->as.binary.right);
    parse_accept(p, T_COMMA);
  }
  p->no_in = no_in;
  parse_expect(p, T_RPAREN);
  return parse_finish(p, node);
}

static Node *parse_primary(Parser *p) {
  Token token = p->lex.token;
  Node *node;
  switch (token.type) {
  case T_NAME:
    if (token.word == T_ASYNC) {
      Token after = parse_peek(p);
      if (after.type == T_FUNCTION && !after.newline) {
        node = parse_new(p, N_FUNCTION);
        parse_next(p);
        return parse_function(p, false, true, node);
      }
    }
    return name_node(p);
  case T_NUMBER:
    if (token.octal && p->in.strict) {
      parse_fail_token(p, p->lex.source[token.start + 1] >= '8' ? "Decimals with leading zeros are not allowed in strict mode."
                                                                : "Octal literals are not allowed in strict mode.");
    }
    node = parse_new(p, N_NUMBER);
    node->as.number.value = token.number;
    break;
  case T_STRING:
    if (token.octal && p->in.strict) parse_fail_token(p, "Octal escape sequences are not allowed in strict mode.");
    node = parse_new(p, N_STRING);
    node->as.string.value = token.atom;
    break;
  case T_BIGINT:
    node = parse_new(p, N_BIGINT);
    node->as.string.value = token.atom;
    break;
  case T_NULL: node = parse_new(p, N_NULL); break;
  case T_TRUE: node = parse_new(p, N_TRUE); break;
  case T_FALSE: node = parse_new(p, N_FALSE); break;
  case T_THIS:
    node = parse_new(p, N_THIS);
    break;
  case T_BACKQUOTE: return parse_template(p, false);
  case T_DIV:
  case T_ASSIGN_DIV: return parse_regexp(p);
  case T_LBRACKET: {
    bool no_in = p->no_in;
    p->no_in = false;
    node = parse_array(p);
    p->no_in = no_in;
    return node;
  }
  case T_LBRACE: {
    bool no_in = p->no_in;
    p->no_in = false;
    node = parse_object(p);
    p->no_in = no_in;
    return node;
  }
  case T_LPAREN: return parse_parenthesized(p);
  case T_FUNCTION: return parse_function(p, false, false, parse_new(p, N_FUNCTION));
  case T_CLASS: return parse_class(p, false, true);
  case T_SUPER: return parse_super(p);
  case T_IMPORT: return parse_import_expression(p);
  default:
    node = parse_new(p, N_NULL);
    parse_unexpected(p);
    return node;
  }
  parse_next(p);
  return parse_finish(p, node);
}

static void parse_arguments(Parser *p, Node *call) {
  bool no_in = p->no_in;
  p->no_in = false;
  parse_next(p);
  while (parse_type(p) != T_RPAREN && parse_type(p) != T_END) {
    Node *item;
    if (parse_type(p) == T_ELLIPSIS) {
      item = parse_new(p, N_SPREAD);
      parse_next(p);
      unary_new(p, item, parse_assign_cover(p));
    } else {
      item = parse_assign_cover(p);
    }
    parse_list_add(p, call, &call->as.call.arguments, item);
    if (parse_type(p) == T_RPAREN) break;
    if (parse_type(p) != T_COMMA) {
      if (parse_type(p) != T_END || !p->lex.diagnostic->failed) parse_fail_token(p, "missing ) after argument list");
      break;
    }
    parse_next(p);
    if (parse_type(p) == T_RPAREN && item->kind == N_SPREAD) item->flags |= NODE_COVER;
  }
  p->no_in = no_in;
  parse_expect(p, T_RPAREN);
}

static Node *parse_new_expression(Parser *p) {
  Node *node = parse_new(p, N_NEW);
  parse_next(p);
  if (parse_accept(p, T_DOT)) {
    node->kind = N_NEW_TARGET;
    if (!parse_is_word(p, T_TARGET)) parse_unexpected(p);
    else if (!p->in.new_target) {
      node->end = p->lex.token.end;
      parse_fail(p, node, "new.target expression is not allowed here");
    }
    parse_next(p);
    return parse_finish(p, node);
  }
  if (!parse_enter(p)) return node->as.call.callee = node_new(p->arena, N_NULL, node->start, node->line), parse_leave(p), node;
  Node *callee;
  if (parse_type(p) == T_NEW) callee = parse_new_expression(p);
  else if (parse_type(p) == T_IMPORT && parse_peek(p).type == T_LPAREN) {
    parse_fail_token(p, "Cannot use new with import");
    callee = parse_new(p, N_NULL);
  } else callee = parse_primary(p);
  parse_leave(p);
  for (;;) { // members bind closer than new's arguments
    Node *member;
    if (parse_type(p) == T_DOT) {
      parse_next(p);
      member = parse_new_at(p, parse_type(p) == T_HASH_NAME ? N_PRIVATE_MEMBER : N_MEMBER, callee);
      member->as.member.object = callee;
      if (member->kind == N_PRIVATE_MEMBER) {
        Token token = p->lex.token;
        parse_use_private(p, &token);
        member->as.member.name = token.atom;
        parse_next(p);
      } else {
        uint16_t flags = 0;
        if (parse_type(p) == T_LBRACKET || parse_type(p) == T_STRING || parse_type(p) == T_NUMBER) parse_unexpected(p);
        member->as.member.name = parse_key_name(parse_property_name(p, &flags));
      }
      member->line = p->lex.last_line;
    } else if (parse_type(p) == T_LBRACKET) {
      bool no_in = p->no_in;
      p->no_in = false;
      member = parse_new_at(p, N_INDEX, callee);
      parse_next(p);
      member->as.binary.left = callee;
      member->as.binary.right = parse_expression(p);
      parse_above(p, member, member->as.binary.right);
      p->no_in = no_in;
      parse_expect(p, T_RBRACKET);
    } else if (parse_type(p) == T_BACKQUOTE) {
      member = parse_new_at(p, N_TAGGED, callee);
      member->as.tagged.tag = callee;
      member->as.tagged.template = parse_template(p, true);
      parse_above(p, member, member->as.tagged.template);
    } else {
      break;
    }
    parse_above(p, member, callee);
    callee = parse_finish(p, member);
  }
  if (parse_type(p) == T_OPTIONAL) parse_fail_token(p, "Invalid optional chain from new expression");
  node->as.call.callee = callee;
  parse_above(p, node, callee);
  if (parse_type(p) == T_LPAREN) {
    uint32_t covers = p->covers;
    parse_arguments(p, node);
    parse_covers_end(p, covers);
  }
  return parse_finish(p, node);
}

// One more `.name`, `[index]`, `(arguments)` or template after `left`; NULL if none follows. `optional`: after `?.`.
static Node *parse_suffix(Parser *p, Node *left, bool optional, bool calls) {
  Node *node;
  switch (parse_type(p)) {
  case T_DOT:
    parse_next(p);
    break;
  case T_LBRACKET: {
    bool no_in = p->no_in;
    p->no_in = false;
    node = parse_new_at(p, N_INDEX, left);
    parse_next(p);
    node->as.binary.left = left;
    node->as.binary.right = parse_expression(p);
    parse_above(p, node, left);
    parse_above(p, node, node->as.binary.right);
    p->no_in = no_in;
    parse_expect(p, T_RBRACKET);
    return parse_finish(p, node);
  }
  case T_LPAREN: {
    if (!calls) return NULL;
    uint32_t covers = p->covers;
    bool async = left->kind == N_IDENTIFIER && left->as.name.name->token == T_ASYNC && !p->lex.token.newline &&
                 left->end - left->start == 5 && !(left->flags & NODE_PARENTHESIZED);
    node = parse_new_at(p, N_CALL, left);
    node->line = p->lex.token.line;
    node->as.call.callee = left;
    if (left->kind == N_IDENTIFIER && left->as.name.name->token == T_EVAL && !optional) {
      node->flags |= NODE_SPECIAL;
      p->in.function->uses_eval = true;
    }
    parse_above(p, node, left);
    parse_arguments(p, node);
    if (async && parse_type(p) == T_ARROW && !p->lex.token.newline) node->flags |= NODE_COVER;
    else parse_covers_end(p, covers);
    return parse_finish(p, node);
  }
  case T_BACKQUOTE:
    node = parse_new_at(p, N_TAGGED, left);
    node->as.tagged.tag = left;
    node->as.tagged.template = parse_template(p, true);
    parse_above(p, node, left);
    parse_above(p, node, node->as.tagged.template);
    return parse_finish(p, node);
  default:
    if (!optional) return NULL;
  }
  node = parse_new_at(p, parse_type(p) == T_HASH_NAME ? N_PRIVATE_MEMBER : N_MEMBER, left);
  node->line = p->lex.token.line;
  node->as.member.object = left;
  parse_above(p, node, left);
  if (node->kind == N_PRIVATE_MEMBER) {
    Token token = p->lex.token;
    if (left->kind == N_SUPER) parse_fail_token(p, "Unexpected private field");
    parse_use_private(p, &token);
    node->as.member.name = token.atom;
    parse_next(p);
  } else {
    uint16_t flags = 0;
    TokenType type = parse_type(p);
    if (type == T_LBRACKET || type == T_STRING || type == T_NUMBER || type == T_BIGINT) parse_unexpected(p);
    node->as.member.name = parse_key_name(parse_property_name(p, &flags));
    if (!node->as.member.name) node->as.member.name = atom_make(p->lex.atoms, "", 0);
  }
  return parse_finish(p, node);
}

Node *parse_left_side(Parser *p) {
  Node *left = parse_type(p) == T_NEW ? parse_new_expression(p) : parse_primary(p);
  bool chain = false;
  if (left->kind == N_SEQUENCE && left->flags & NODE_COVER) return left;
  for (;;) {
    bool optional = false;
    if (parse_type(p) == T_OPTIONAL) {
      if (left->kind == N_SUPER) parse_unexpected(p);
      parse_next(p);
      optional = chain = true;
      if (parse_type(p) == T_BACKQUOTE) parse_fail_token(p, "Invalid tagged template on optional chain");
    } else if (chain && parse_type(p) == T_BACKQUOTE) {
      parse_fail_token(p, "Invalid tagged template on optional chain");
    }
    if (left->kind == N_IMPORT_CALL && left->as.binary.left == NULL) break;
    Node *next = parse_suffix(p, left, optional, true);
    if (!next) break;
    if (optional) next->flags |= NODE_OPTIONAL;
    left = next;
    if (left->kind == N_CALL && parse_type(p) == T_ARROW) break;
  }
  if (chain) left = unary_new(p, parse_new_at(p, N_CHAIN, left), left);
  return left;
}

// ---- operators

static bool is_simple_target(const Node *node) {
  return node->kind == N_IDENTIFIER || node->kind == N_MEMBER || node->kind == N_INDEX || node->kind == N_PRIVATE_MEMBER;
}

static void check_simple_target(Parser *p, const Node *node, const char *message) {
  if (p->lex.diagnostic->failed) return;
  if (node->kind == N_IDENTIFIER) parse_check_target_name(p, node, false);
  else if (!is_simple_target(node)) parse_fail(p, node, message);
}

// In sloppy code a call may stand where a place must (13.15.1, "web-compat"): it is called, then a ReferenceError is raised, by
// the key of the place that the call is made here.
Node *parse_call_as_target(Parser *p, Node *node, const char *message) {
  if (node->kind != N_CALL || p->in.strict || node->as.call.callee->kind == N_SUPER || p->lex.diagnostic->failed) return node;
  Node *text = parse_new_at(p, N_STRING, node), *key = parse_new_at(p, N_UNARY, node), *place = parse_new_at(p, N_INDEX, node);
  text->as.string.value = atom_make(p->lex.atoms, message, strlen(message));
  key->op = T_THROW;
  place->as.binary.left = node;
  place->as.binary.right = unary_new(p, parse_finish(p, key), parse_finish(p, text));
  parse_above(p, place, node);
  return parse_finish(p, place);
}

static Node *parse_update(Parser *p) {
  Node *node;
  if (parse_type(p) == T_INC || parse_type(p) == T_DEC) {
    node = parse_new(p, N_UPDATE);
    node->op = p->lex.token.type;
    node->flags |= NODE_PREFIX;
    parse_next(p);
    static const char message[] = "Invalid left-hand side expression in prefix operation";
    Node *target = parse_call_as_target(p, parse_unary(p), message);
    check_simple_target(p, target, message);
    return unary_new(p, node, target);
  }
  Node *target = parse_left_side(p);
  if ((parse_type(p) != T_INC && parse_type(p) != T_DEC) || p->lex.token.newline) return target;
  static const char message[] = "Invalid left-hand side expression in postfix operation";
  target = parse_call_as_target(p, target, message);
  check_simple_target(p, target, message);
  node = parse_new_at(p, N_UPDATE, target);
  node->op = p->lex.token.type;
  parse_next(p);
  return unary_new(p, node, target);
}

// delete x, delete this.#x (also through parentheses and chains)
static void check_delete(Parser *p, const Node *value) {
  while (value->kind == N_CHAIN) value = value->as.unary.value;
  if (value->kind == N_IDENTIFIER && p->in.strict) parse_fail(p, value, "Delete of an unqualified identifier in strict mode.");
  else if (value->kind == N_PRIVATE_MEMBER) parse_fail(p, value, "Private fields can not be deleted");
}

static Node *parse_unary(Parser *p) {
  TokenType op = parse_type(p);
  Node *node;
  switch (op) {
  case T_NOT:
  case T_BITNOT:
  case T_ADD:
  case T_SUB:
  case T_TYPEOF:
  case T_VOID:
  case T_DELETE: node = parse_new(p, N_UNARY); break;
  case T_NAME:
    if (p->lex.token.word == T_AWAIT && p->in.await) {
      node = parse_new(p, N_AWAIT);
      break;
    }
    if (p->lex.token.word == T_AWAIT && !p->in.strict && !p->in.await_reserved && !p->lex.module) {
      Token after = parse_peek(p);
      if (!after.newline && (after.type == T_NAME || after.type == T_STRING || after.type == T_NUMBER ||
                             after.type == T_NEW || after.type == T_THIS)) {
        parse_fail_token(p, "await is only valid in async functions and the top level bodies of modules");
      }
    }
    // fall through
  default: return parse_update(p);
  }
  if (!parse_enter(p)) {
    parse_leave(p);
    return parse_new(p, N_NULL);
  }
  uint32_t covers = p->covers;
  if (node->kind == N_AWAIT) {
    if (p->in.parameters) parse_fail_token(p, "Illegal await-expression in formal parameters of async function");
    p->last_await = node->start + 1;
  }
  node->op = (uint8_t)op;
  parse_next(p);
  Node *value = parse_unary(p);
  parse_leave(p);
  parse_covers_end(p, covers);
  unary_new(p, node, value);
  if (op == T_DELETE) check_delete(p, value);
  if (parse_type(p) == T_POW && node->kind == N_UNARY)
    parse_fail_token(p, "Unary operator used immediately before exponentiation expression. "
                        "Parenthesis must be used to disambiguate operator precedence");
  return node;
}

static bool is_spine(const Node *node) {
  return node->kind == N_BINARY || node->kind == N_LOGICAL;
}

static bool mixes(TokenType op, const Node *operand) {
  if (operand->kind != N_LOGICAL || operand->flags & NODE_PARENTHESIZED) return false;
  return (op == T_NULLISH) != (operand->op == T_NULLISH);
}

static Node *binary_operand(Parser *p) {
  if (parse_type(p) != T_HASH_NAME) return parse_unary(p);
  Node *node = parse_new(p, N_PRIVATE_IN);
  Token token = p->lex.token;
  parse_use_private(p, &token);
  parse_next(p);
  node->as.member.name = token.atom;
  if (parse_type(p) != T_IN || p->no_in) parse_unexpected(p);
  return node;
}

// Operators that bind closer than `least`.
static Node *parse_binary(Parser *p, int least) {
  uint32_t covers = p->covers;
  Node *left = binary_operand(p);
  if (left->kind == N_SEQUENCE && left->flags & NODE_COVER) return left;
  if (left->kind == N_PRIVATE_IN && !left->as.member.object) {
    if (least >= token_precedence(T_LT)) parse_unexpected(p);
    parse_next(p);
    left->as.member.object = parse_binary(p, token_precedence(T_LT));
    parse_above(p, left, left->as.member.object);
    parse_finish(p, left);
  }
  for (;;) {
    TokenType op = parse_type(p);
    int precedence = token_precedence(op);
    if (op == T_INSTANCEOF || (op == T_IN && !p->no_in)) precedence = token_precedence(T_LT);
    if (precedence <= least || op == T_END) return left;
    parse_covers_end(p, covers);
    bool logical = op == T_AND || op == T_OR || op == T_NULLISH;
    Node *node = parse_new_at(p, logical ? N_LOGICAL : N_BINARY, left);
    node->op = (uint8_t)op;
    if (logical && mixes(op, left)) parse_unexpected(p);
    parse_next(p);
    if (!parse_enter(p)) {
      parse_leave(p);
      return left;
    }
    Node *right = parse_binary(p, op == T_POW ? precedence - 1 : precedence);
    parse_leave(p);
    parse_covers_end(p, covers);
    if (right->kind == N_SEQUENCE && right->flags & NODE_COVER) parse_unexpected(p);
    if (logical && mixes(op, right)) {
      diagnostic_fail(p->lex.diagnostic, "SyntaxError", right->start, right->end, "Unexpected token '%s'", token_text(right->op));
      parse_unexpected(p);
    }
    node->as.binary.left = left;
    node->as.binary.right = right;
    if (is_spine(left)) node->height = left->height > node->height ? left->height : node->height;
    else parse_above(p, node, left);
    parse_above(p, node, right);
    left = parse_finish(p, node);
  }
}

static Node *parse_yield(Parser *p) {
  Node *node = parse_new(p, N_YIELD);
  if (p->in.parameters) parse_fail_token(p, "Yield expression not allowed in formal parameter");
  p->last_yield = node->start + 1;
  parse_next(p);
  Token token = p->lex.token;
  if (token.newline) return parse_finish(p, node);
  switch (token.type) {
  case T_RPAREN:
  case T_RBRACKET:
  case T_RBRACE:
  case T_COMMA:
  case T_SEMICOLON:
  case T_COLON:
  case T_END: return parse_finish(p, node);
  case T_IN: return parse_finish(p, node);
  case T_MUL:
    node->flags |= NODE_DELEGATE;
    parse_next(p);
    break;
  default: break;
  }
  return unary_new(p, node, parse_assign(p));
}

static bool is_assignment(TokenType type) {
  return type >= T_ASSIGN && type <= T_ASSIGN_POW;
}

static Node *parse_assignment(Parser *p, Node *left, uint32_t covers) {
  TokenType op = parse_type(p);
  Node *node = parse_new_at(p, N_ASSIGN, left);
  node->op = (uint8_t)op;
  bool pattern = (left->kind == N_ARRAY || left->kind == N_OBJECT) && !(left->flags & NODE_PARENTHESIZED);
  if (op == T_ASSIGN && pattern) {
    parse_to_pattern(p, left, false);
  } else {
    static const char message[] = "Invalid left-hand side in assignment";
    if (op != T_ASSIGN_AND && op != T_ASSIGN_OR && op != T_ASSIGN_NULLISH) left = parse_call_as_target(p, left, message);
    check_simple_target(p, left, message);
  }
  parse_covers_end(p, covers);
  parse_next(p);
  Node *value = parse_assign(p);
  bool names = op == T_ASSIGN || op == T_ASSIGN_AND || op == T_ASSIGN_OR || op == T_ASSIGN_NULLISH;
  if (names && left->kind == N_IDENTIFIER && !(left->flags & NODE_PARENTHESIZED))
    parse_name_function(value, left->as.name.name);
  node->as.binary.left = left;
  node->as.binary.right = value;
  parse_above(p, node, left);
  parse_above(p, node, value);
  return parse_finish(p, node);
}

static Node *parse_conditional(Parser *p, Node *test) {
  uint32_t covers = p->covers;
  bool no_in = p->no_in;
  Node *node = parse_new_at(p, N_CONDITIONAL, test);
  parse_next(p);
  p->no_in = false;
  Node *yes = parse_assign(p);
  p->no_in = no_in;
  parse_expect(p, T_COLON);
  Node *no = parse_assign(p);
  parse_covers_end(p, covers);
  node->as.conditional.test = test;
  node->as.conditional.yes = yes;
  node->as.conditional.no = no;
  parse_above(p, node, test);
  parse_above(p, node, yes);
  parse_above(p, node, no);
  return parse_finish(p, node);
}

static Node *assign_at(Parser *p) {
  Token token = p->lex.token;
  uint32_t covers = p->covers;
  if (token.type == T_NAME && token.atom->token == T_YIELD && p->in.yield) {
    if (token.escaped) parse_fail_token(p, "Keyword must not contain escaped characters");
    return parse_yield(p);
  }
  if (token.type == T_NAME && token.word == T_ASYNC) { // async x => …
    Lexer saved = p->lex;
    Token name = parse_peek(p);
    if (name.type == T_NAME && !name.newline) {
      Node *start = parse_new(p, N_SEQUENCE);
      parse_next(p);
      if (parse_peek(p).type == T_ARROW) {
        Token param = p->lex.token;
        List params = {0};
        Node *node = parse_new(p, N_IDENTIFIER);
        node->as.name.name = param.atom;
        node->end = param.end;
        if (param.atom->token == T_AWAIT) parse_fail_token(p, "Unexpected reserved word");
        else parse_check_name(p, &param);
        parse_next(p);
        list_add(&params, node);
        return parse_arrow(p, start, &params, true);
      }
      parse_go_back(p, &saved);
    }
  }
  Node *left = parse_binary(p, 0);
  TokenType type = parse_type(p);
  if (type == T_ARROW && !p->lex.token.newline) {
    List params = {0};
    if (left->kind == N_IDENTIFIER && !(left->flags & NODE_PARENTHESIZED)) {
      list_add(&params, left);
      return parse_arrow(p, left, &params, false);
    }
    if (left->kind == N_SEQUENCE && left->flags & NODE_COVER) return parse_arrow(p, left, &left->as.list.items, false);
    if (left->kind == N_CALL && left->flags & NODE_COVER) return parse_arrow(p, left, &left->as.call.arguments, true);
    parse_fail_token(p, "Malformed arrow function parameter list");
    return left;
  }
  if (left->kind == N_SEQUENCE && left->flags & NODE_COVER) parse_unexpected(p);
  if (type == T_QUESTION) {
    parse_covers_end(p, covers);
    return parse_conditional(p, left);
  }
  if (is_assignment(type)) return parse_assignment(p, left, covers);
  return left;
}

Node *parse_assign_cover(Parser *p) {
  Node *node = parse_enter(p) ? assign_at(p) : parse_new(p, N_NULL);
  parse_leave(p);
  return node;
}

Node *parse_assign(Parser *p) {
  uint32_t covers = p->covers;
  Node *node = parse_assign_cover(p);
  parse_covers_end(p, covers);
  return node;
}

Node *parse_expression(Parser *p) {
  Node *node = parse_assign(p);
  if (parse_type(p) != T_COMMA) return node;
  Node *list = parse_new_at(p, N_SEQUENCE, node);
  parse_list_add(p, list, &list->as.list.items, node);
  while (parse_accept(p, T_COMMA)) parse_list_add(p, list, &list->as.list.items, parse_assign(p));
  return parse_finish(p, list);
}

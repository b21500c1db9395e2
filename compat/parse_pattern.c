// SPDX-License-Identifier: MIT
//
// Binding patterns, and expressions that turn out to be patterns (ECMA-262 13.15.5, 14.3.3, 15.3).
#include "parse.h"

// The word that bars this NAME from being an identifier here, as V8 says it; NULL if it may be one.
static const char *name_fault(const Parser *p, TokenType keyword, bool escaped) {
  switch (keyword) {
  case T_YIELD:
    if (p->in.strict) return "Unexpected strict mode reserved word";
    return p->in.yield ? "Unexpected identifier 'yield'" : NULL;
  case T_AWAIT:
    if (p->in.await || p->in.await_reserved || p->lex.module) return "Unexpected reserved word";
    return NULL;
  case T_LET:
  case T_STATIC:
  case T_IMPLEMENTS:
  case T_INTERFACE:
  case T_PACKAGE:
  case T_PRIVATE:
  case T_PROTECTED:
  case T_PUBLIC:
    (void)escaped;
    return p->in.strict ? "Unexpected strict mode reserved word" : NULL;
  default: return NULL;
  }
}

void parse_check_name(Parser *p, const Token *token) {
  const char *fault = name_fault(p, token->atom->token, token->escaped);
  if (fault) lex_fail(&p->lex, token->start, token->end, fault);
  else if (token->atom->token == T_ARGUMENTS && p->in.field)
    lex_fail(&p->lex, token->start, token->end,
             "'arguments' is not allowed in class field initializer or static initialization block");
  else if (token->atom->token == T_AWAIT) p->last_await_name = token->start + 1;
}

void parse_check_target_name(Parser *p, const Node *name, bool binding) {
  TokenType keyword = name->as.name.name->token;
  const char *fault = binding ? name_fault(p, keyword, false) : NULL;
  if (p->in.strict && (keyword == T_EVAL || keyword == T_ARGUMENTS)) fault = "Unexpected eval or arguments in strict mode";
  if (fault) parse_fail(p, name, fault);
  if (!binding) name->as.name.name->assigned = true;
}

Node *parse_binding_name(Parser *p, bool lexical) {
  Node *name = parse_new(p, N_IDENTIFIER);
  Token token = p->lex.token;
  if (token.type != T_NAME) {
    parse_unexpected(p);
    name->as.name.name = atom_make(p->lex.atoms, "", 0);
    return name;
  }
  name->as.name.name = token.atom;
  parse_check_name(p, &token);
  parse_next(p);
  parse_finish(p, name);
  parse_check_target_name(p, name, true);
  if (lexical && token.atom->token == T_LET) parse_fail(p, name, "let is disallowed as a lexically bound name");
  return name;
}

static Node *binding_default(Parser *p, Node *target) {
  if (!parse_accept(p, T_ASSIGN)) return target;
  Node *node = parse_new_at(p, N_DEFAULT, target);
  node->as.binary.left = target;
  node->as.binary.right = parse_assign(p);
  if (target->kind == N_IDENTIFIER) parse_name_function(node->as.binary.right, target->as.name.name);
  parse_above(p, node, target);
  parse_above(p, node, node->as.binary.right);
  return parse_finish(p, node);
}

static Node *binding_array(Parser *p, bool lexical) {
  Node *pattern = parse_new(p, N_ARRAY_PATTERN);
  List *items = &pattern->as.list.items;
  parse_next(p);
  while (parse_type(p) != T_RBRACKET && parse_type(p) != T_END) {
    Node *item;
    if (parse_type(p) == T_COMMA) {
      item = parse_new(p, N_HOLE);
    } else if (parse_type(p) == T_ELLIPSIS) {
      item = parse_new(p, N_REST);
      parse_next(p);
      item->as.unary.value = parse_binding_target(p, lexical);
      parse_above(p, item, item->as.unary.value);
      parse_finish(p, item);
      if (parse_type(p) == T_COMMA) parse_fail(p, item, "Rest element must be last element");
    } else {
      item = binding_default(p, parse_binding_target(p, lexical));
    }
    parse_list_add(p, pattern, items, item);
    if (parse_type(p) != T_RBRACKET) parse_expect(p, T_COMMA);
  }
  parse_expect(p, T_RBRACKET);
  return parse_finish(p, pattern);
}

static Node *binding_object(Parser *p, bool lexical) {
  Node *pattern = parse_new(p, N_OBJECT_PATTERN);
  List *items = &pattern->as.list.items;
  parse_next(p);
  while (parse_type(p) != T_RBRACE && parse_type(p) != T_END) {
    Node *item;
    if (parse_type(p) == T_ELLIPSIS) {
      item = parse_new(p, N_REST);
      parse_next(p);
      item->as.unary.value = parse_binding_name(p, lexical);
      parse_finish(p, item);
      if (parse_type(p) == T_COMMA) parse_fail(p, item, "Rest element must be last element");
    } else {
      item = parse_new(p, N_PROPERTY);
      Token token = p->lex.token;
      if (token.type == T_NAME) {
        TokenType after = parse_peek(p).type;
        if (after != T_COLON) {
          Node *name = parse_binding_name(p, lexical);
          item->flags |= NODE_SHORTHAND;
          item->as.property.key = parse_new_at(p, N_STRING, name);
          item->as.property.key->as.string.value = name->as.name.name;
          item->as.property.key->end = name->end;
          item->as.property.value = binding_default(p, name);
          goto done;
        }
      }
      item->as.property.key = parse_property_name(p, &item->flags);
      parse_expect(p, T_COLON);
      item->as.property.value = binding_default(p, parse_binding_target(p, lexical));
      parse_above(p, item, item->as.property.key);
    done:
      parse_above(p, item, item->as.property.value);
      parse_finish(p, item);
    }
    parse_list_add(p, pattern, items, item);
    if (parse_type(p) != T_RBRACE) parse_expect(p, T_COMMA);
  }
  parse_expect(p, T_RBRACE);
  return parse_finish(p, pattern);
}

Node *parse_binding_target(Parser *p, bool lexical) {
  Node *node;
  if (!parse_enter(p)) node = parse_new(p, N_HOLE);
  else if (parse_type(p) == T_LBRACKET) node = binding_array(p, lexical);
  else if (parse_type(p) == T_LBRACE) node = binding_object(p, lexical);
  else node = parse_binding_name(p, lexical);
  parse_leave(p);
  return node;
}

Node *parse_binding_element(Parser *p) {
  return binding_default(p, parse_binding_target(p, false));
}

// ---- reinterpretation

static void rest_to_pattern(Parser *p, Node *item, bool binding, bool object) {
  item->kind = N_REST;
  Node *value = item->as.unary.value;
  if (item->next || (item->flags & NODE_COVER)) {
    parse_fail(p, item, "Rest element must be last element");
  } else if (value->kind == N_ASSIGN || value->kind == N_DEFAULT) {
    parse_fail(p, value, "Invalid destructuring assignment target");
  } else if (object && (value->kind == N_ARRAY || value->kind == N_OBJECT)) {
    parse_fail(p, value, binding ? "`...` must be followed by an identifier in declaration contexts"
                                 : "`...` must be followed by an assignable reference in assignment contexts");
  } else {
    parse_to_pattern(p, value, binding);
  }
}

static void property_to_pattern(Parser *p, Node *item, bool binding) {
  if (item->op != PROPERTY_VALUE || item->flags & NODE_METHOD) {
    parse_fail(p, item, "Invalid destructuring assignment target");
    return;
  }
  if (item->flags & NODE_COVER) p->covers--;
  item->flags &= (uint16_t)~NODE_COVER;
  parse_to_pattern(p, item->as.property.value, binding);
}

void parse_to_pattern(Parser *p, Node *node, bool binding) {
  if (p->lex.diagnostic->failed) return;
  bool wrapped = node->flags & NODE_PARENTHESIZED;
  switch (node->kind) {
  case N_IDENTIFIER:
    if (binding && wrapped) break;
    parse_check_target_name(p, node, binding);
    return;
  case N_MEMBER:
  case N_INDEX:
  case N_PRIVATE_MEMBER:
    if (binding) break;
    return;
  case N_ASSIGN:
    if (node->op != T_ASSIGN || wrapped) break;
    node->kind = N_DEFAULT;
    parse_to_pattern(p, node->as.binary.left, binding);
    return;
  case N_DEFAULT:
    if (wrapped) break;
    parse_to_pattern(p, node->as.binary.left, binding);
    return;
  case N_ARRAY:
  case N_ARRAY_PATTERN:
    if (wrapped) break;
    node->kind = N_ARRAY_PATTERN;
    for (Node *item = node->as.list.items.first; item; item = item->next) {
      if (item->kind == N_SPREAD || item->kind == N_REST) rest_to_pattern(p, item, binding, false);
      else if (item->kind != N_HOLE) parse_to_pattern(p, item, binding);
    }
    return;
  case N_OBJECT:
  case N_OBJECT_PATTERN:
    if (wrapped) break;
    if (node->flags & NODE_COVER) p->covers--; // __proto__ given twice
    node->flags &= (uint16_t)~NODE_COVER;
    node->kind = N_OBJECT_PATTERN;
    for (Node *item = node->as.list.items.first; item; item = item->next) {
      if (item->kind == N_SPREAD || item->kind == N_REST) rest_to_pattern(p, item, binding, true);
      else property_to_pattern(p, item, binding);
    }
    return;
  default: break;
  }
  parse_fail(p, node, "Invalid destructuring assignment target");
}

bool parse_each_name(Node *pattern, bool (*found)(void *context, Node *name), void *context) {
  switch (pattern->kind) {
  case N_IDENTIFIER: return found(context, pattern);
  case N_DEFAULT: return parse_each_name(pattern->as.binary.left, found, context);
  case N_REST: return parse_each_name(pattern->as.unary.value, found, context);
  case N_PROPERTY: return parse_each_name(pattern->as.property.value, found, context);
  case N_ARRAY_PATTERN:
  case N_OBJECT_PATTERN:
    for (Node *item = pattern->as.list.items.first; item; item = item->next)
      if (!parse_each_name(item, found, context)) return false;
    return true;
  default: return true;
  }
}

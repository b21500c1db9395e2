// SPDX-License-Identifier: MIT
//
// Imports and exports (ECMA-262 16.2).
//   IMPORT_NAME: `local` is the name here, `source` the one there, NULL for the whole namespace.
//   EXPORT_NAME: `name` is the exported name; `local` is what it stands for here, or, in an export from another module,
//   `source` is the name there, NULL for the whole namespace (export * as name).
#include "parse.h"

#include <string.h>

static Node *parse_specifier(Parser *p) {
  Node *node = parse_new(p, N_STRING);
  if (parse_type(p) != T_STRING) parse_unexpected(p);
  node->as.string.value = p->lex.token.atom;
  if (!node->as.string.value) node->as.string.value = atom_make(p->lex.atoms, "", 0);
  parse_next(p);
  return parse_finish(p, node);
}

// with { type: "json" }
static void parse_attributes(Parser *p, Node *module) {
  bool assert = parse_type(p) == T_NAME && !p->lex.token.newline && !p->lex.token.escaped &&
                !strcmp(p->lex.token.atom->text, "assert");
  if (parse_type(p) != T_WITH && !assert) return;
  parse_next(p);
  parse_expect(p, T_LBRACE);
  while (parse_type(p) != T_RBRACE && parse_type(p) != T_END) {
    Node *item = parse_new(p, N_ATTRIBUTE);
    if (parse_type(p) == T_LBRACKET || parse_type(p) == T_NUMBER || parse_type(p) == T_BIGINT) parse_unexpected(p);
    item->as.property.key = parse_property_name(p, &item->flags);
    parse_expect(p, T_COLON);
    item->as.property.value = parse_specifier(p);
    for (Node *other = module->as.module.attributes.first; other; other = other->next)
      if (parse_key_name(other->as.property.key) == parse_key_name(item->as.property.key))
        parse_fail(p, item, "Import attributes has a duplicate key");
    list_add(&module->as.module.attributes, parse_finish(p, item));
    if (parse_type(p) != T_RBRACE) parse_expect(p, T_COMMA);
  }
  parse_expect(p, T_RBRACE);
}

static void parse_from(Parser *p, Node *module) {
  if (!parse_is_word(p, T_FROM)) parse_unexpected(p);
  parse_next(p);
  module->as.module.specifier = parse_specifier(p);
  parse_attributes(p, module);
}

static bool well_formed(const Atom *name) {
  for (uint32_t i = 0; i + 2 < name->len; i++) // a surrogate is ED A0..BF xx
    if ((unsigned char)name->text[i] == 0xED && (unsigned char)name->text[i + 1] >= 0xA0) return false;
  return true;
}

// A name on the other side: any word, or a string.
static Atom *module_export_name(Parser *p, Token *token) {
  uint16_t flags = 0;
  *token = p->lex.token;
  if (token->type == T_NUMBER || token->type == T_BIGINT || token->type == T_LBRACKET) parse_unexpected(p);
  Atom *name = parse_key_name(parse_property_name(p, &flags));
  if (!name) name = atom_make(p->lex.atoms, "", 0);
  if (token->type == T_STRING && !well_formed(name))
    parse_fail_token(p, "Invalid module export name: contains unpaired surrogate character");
  return name;
}

static Node *local_name(Parser *p, const Token *token, Atom *name) {
  Node *node = node_new(p->arena, N_IDENTIFIER, token->start, token->line);
  node->end = token->end;
  node->as.name.name = name;
  return node;
}

static void parse_import_names(Parser *p, Node *module) {
  parse_expect(p, T_LBRACE);
  while (parse_type(p) != T_RBRACE && parse_type(p) != T_END) {
    Node *item = parse_new(p, N_IMPORT_NAME);
    Token token;
    Atom *name = module_export_name(p, &token);
    item->as.module_name.source = name;
    if (parse_is_word(p, T_AS)) {
      parse_next(p);
      item->as.module_name.local = parse_binding_name(p, true);
    } else {
      item->as.module_name.local = local_name(p, &token, name);
      if (token.type != T_NAME) lex_fail(&p->lex, token.start, token.end, "Unexpected token");
      else {
        parse_check_name(p, &token);
        parse_check_target_name(p, item->as.module_name.local, true);
      }
    }
    list_add(&module->as.module.names, parse_finish(p, item));
    if (parse_type(p) != T_RBRACE) parse_expect(p, T_COMMA);
  }
  parse_expect(p, T_RBRACE);
}

Node *parse_import(Parser *p) {
  TokenType after = parse_peek(p).type;
  if (after == T_LPAREN || after == T_DOT) return parse_statement_item(p);
  Node *node = parse_new(p, S_IMPORT);
  parse_next(p);
  if (parse_type(p) == T_STRING) {
    node->as.module.specifier = parse_specifier(p);
    parse_attributes(p, node);
  } else {
    bool more = true;
    if (parse_type(p) == T_NAME) {
      Node *item = parse_new(p, N_IMPORT_NAME);
      item->as.module_name.local = parse_binding_name(p, true);
      item->as.module_name.source = atom_make(p->lex.atoms, "default", 7);
      list_add(&node->as.module.names, parse_finish(p, item));
      more = parse_accept(p, T_COMMA);
    }
    if (more && parse_type(p) == T_MUL) {
      Node *item = parse_new(p, N_IMPORT_NAME);
      parse_next(p);
      if (!parse_is_word(p, T_AS)) parse_unexpected(p);
      parse_next(p);
      item->as.module_name.local = parse_binding_name(p, true);
      list_add(&node->as.module.names, parse_finish(p, item));
    } else if (more) {
      parse_import_names(p, node);
    }
    parse_from(p, node);
  }
  parse_semicolon(p);
  return parse_finish(p, node);
}

static Node *export_names(Parser *p, Node *node) {
  parse_expect(p, T_LBRACE);
  const char *fault = NULL; // wrong only if no `from` follows
  Token at = {0};
  while (parse_type(p) != T_RBRACE && parse_type(p) != T_END) {
    Node *item = parse_new(p, N_EXPORT_NAME);
    Token token, other;
    Atom *name = module_export_name(p, &token);
    if (!fault && token.type != T_NAME) fault = "Unexpected token", at = token;
    if (!fault && (name->token == T_AWAIT || name->token == T_YIELD || name->token == T_LET || name->token == T_STATIC ||
                   name->token == T_IMPLEMENTS || name->token == T_INTERFACE || name->token == T_PACKAGE ||
                   name->token == T_PRIVATE || name->token == T_PROTECTED || name->token == T_PUBLIC))
      fault = "Unexpected strict mode reserved word", at = token;
    item->as.module_name.source = item->as.module_name.name = name;
    item->as.module_name.local = local_name(p, &token, name);
    if (parse_is_word(p, T_AS)) {
      parse_next(p);
      item->as.module_name.name = module_export_name(p, &other);
    }
    list_add(&node->as.module.names, parse_finish(p, item));
    if (parse_type(p) != T_RBRACE) parse_expect(p, T_COMMA);
  }
  parse_expect(p, T_RBRACE);
  if (parse_is_word(p, T_FROM)) {
    parse_from(p, node);
    for (Node *item = node->as.module.names.first; item; item = item->next) item->as.module_name.local = NULL;
  } else if (fault) {
    lex_fail(&p->lex, at.start, at.end, fault);
  }
  parse_semicolon(p);
  return parse_finish(p, node);
}

static Node *export_default(Parser *p, Node *node) {
  node->kind = S_EXPORT_DEFAULT;
  parse_next(p);
  Node *value;
  bool async = false;
  if (parse_is_word(p, T_ASYNC)) {
    Token after = parse_peek(p);
    async = after.type == T_FUNCTION && !after.newline;
  }
  Atom *name = atom_make(p->lex.atoms, "default", 7);
  if (parse_type(p) == T_FUNCTION || async) {
    value = parse_new(p, S_FUNCTION_DECLARATION);
    if (async) parse_next(p);
    parse_function(p, true, async, value);
    value->as.function.function->inferred = name;
  } else if (parse_type(p) == T_CLASS) {
    value = parse_class(p, true, true);
    if (!value->as.class.name) value->as.class.constructor->inferred = name;
  } else {
    value = parse_assign(p);
    parse_name_function(value, name);
    parse_semicolon(p);
  }
  node->as.unary.value = value;
  parse_above(p, node, value);
  return parse_finish(p, node);
}

Node *parse_export(Parser *p) {
  Node *node = parse_new(p, S_EXPORT_NAMES);
  Token after = parse_peek(p);
  if (after.type == T_LBRACE || after.type == T_MUL) {
    parse_next(p);
    if (after.type == T_LBRACE) return export_names(p, node);
    node->kind = S_EXPORT_ALL;
    parse_next(p);
    if (parse_is_word(p, T_AS)) {
      Node *item = parse_new(p, N_EXPORT_NAME);
      Token token;
      parse_next(p);
      item->as.module_name.name = module_export_name(p, &token);
      list_add(&node->as.module.names, parse_finish(p, item));
    }
    parse_from(p, node);
    parse_semicolon(p);
    return parse_finish(p, node);
  }
  node = parse_new(p, S_EXPORT_DECLARATION);
  parse_next(p);
  if (after.type == T_DEFAULT) return export_default(p, node);
  bool declaration = after.type == T_VAR || after.type == T_CONST || after.type == T_FUNCTION || after.type == T_CLASS ||
                     parse_is_word(p, T_LET) || parse_is_word(p, T_ASYNC);
  if (!declaration) parse_unexpected(p);
  Node *value = parse_statement_item(p);
  if (value->kind != S_VARIABLES && value->kind != S_FUNCTION_DECLARATION && value->kind != S_CLASS_DECLARATION) {
    parse_fail(p, value, "Unexpected token 'export'");
  }
  node->as.unary.value = value;
  parse_above(p, node, value);
  return parse_finish(p, node);
}

// ---- names exported twice

typedef struct ExportCheck {
  Parser *p;
  bool clear;
} ExportCheck;

static void check_export(ExportCheck *check, const Node *at, Atom *name) {
  static char marker;
  Binding *mark = (Binding *)(void *)&marker;
  if (check->clear) {
    name->binding = NULL;
  } else if (name->binding == mark) {
    diagnostic_fail(check->p->lex.diagnostic, "SyntaxError", at->start, at->end, "Duplicate export of '%.150s'", name->text);
  } else {
    name->binding = mark;
  }
}

static bool check_exported_name(void *context, Node *name) {
  check_export(context, name, name->as.name.name);
  return true;
}

static void check_exports(ExportCheck *check, Node *program) {
  for (Node *item = program->as.list.items.first; item; item = item->next) {
    if (item->kind == S_EXPORT_NAMES || item->kind == S_EXPORT_ALL) {
      for (Node *name = item->as.module.names.first; name; name = name->next)
        check_export(check, name, name->as.module_name.name);
    } else if (item->kind == S_EXPORT_DEFAULT) {
      check_export(check, item, atom_make(check->p->lex.atoms, "default", 7));
    } else if (item->kind == S_EXPORT_DECLARATION) {
      Node *value = item->as.unary.value;
      if (value->kind == S_VARIABLES) {
        for (Node *each = value->as.list.items.first; each; each = each->next)
          parse_each_name(each->as.binary.left, check_exported_name, check);
      } else if (value->kind == S_FUNCTION_DECLARATION) {
        if (value->as.function.function->name) check_exported_name(check, value->as.function.function->name);
      } else if (value->as.class.name) {
        check_exported_name(check, value->as.class.name);
      }
    }
  }
}

void parse_check_exports(Parser *p, Node *program) {
  if (p->lex.diagnostic->failed) return;
  ExportCheck check = {p, false};
  check_exports(&check, program);
  check.clear = true;
  check_exports(&check, program);
}

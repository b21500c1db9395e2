// SPDX-License-Identifier: MIT
//
// The passes made visible: `--ast` and `--scope`.
#include "ast.h"
#include "scope.h"

#include <stdio.h>

typedef struct Dump {
  Text *out;
  int depth;
} Dump;

static void dump_node(Dump *d, const Node *node, const char *role);

static void dump_indent(Dump *d) {
  for (int i = 0; i < d->depth; i++) text_str(d->out, "  ");
}

static void dump_atom(Dump *d, const Atom *atom) {
  if (!atom) return;
  text_str(d->out, " \"");
  for (uint32_t i = 0; i < atom->len; i++) {
    unsigned char c = (unsigned char)atom->text[i];
    char escape[8];
    snprintf(escape, sizeof escape, "\\x%02X", c);
    if (c < 32 || c == '"' || c == '\\') text_str(d->out, escape);
    else text_char(d->out, (char)c);
  }
  text_char(d->out, '"');
}

static void dump_list(Dump *d, const List *list, const char *role) {
  for (const Node *item = list->first; item; item = item->next) dump_node(d, item, role);
}

static void dump_function(Dump *d, const Function *function) {
  static const char *const kinds[] = {"normal", "arrow", "method", "getter", "setter", "constructor", "derived",
                                      "field", "static", "program"};
  text_char(d->out, ' ');
  text_str(d->out, kinds[function->kind]);
  if (function->async) text_str(d->out, " async");
  if (function->generator) text_str(d->out, " generator");
  if (function->strict) text_str(d->out, " strict");
  dump_atom(d, function->name ? function->name->as.name.name : function->inferred);
  text_char(d->out, '\n');
  d->depth++;
  dump_list(d, &function->params, "param");
  dump_node(d, function->body, "body");
  d->depth--;
}

static void dump_children(Dump *d, const Node *node) {
  switch ((NodeKind)node->kind) {
  case N_TEMPLATE:
    dump_list(d, &node->as.template.parts, NULL);
    dump_list(d, &node->as.template.values, NULL);
    break;
  case N_TAGGED:
    dump_node(d, node->as.tagged.tag, "tag");
    dump_node(d, node->as.tagged.template, NULL);
    break;
  case N_ARRAY:
  case N_OBJECT:
  case N_SEQUENCE:
  case N_ARRAY_PATTERN:
  case N_OBJECT_PATTERN:
  case S_VARIABLES:
  case S_BLOCK: dump_list(d, &node->as.list.items, NULL); break;
  case N_CLASS:
  case S_CLASS_DECLARATION:
    dump_node(d, node->as.class.name, "name");
    dump_node(d, node->as.class.parent, "extends");
    dump_list(d, &node->as.class.members, NULL);
    break;
  case N_UNARY:
  case N_UPDATE:
  case N_CHAIN:
  case N_YIELD:
  case N_AWAIT:
  case N_REST:
  case N_SPREAD:
  case S_EXPRESSION:
  case S_RETURN:
  case S_THROW:
  case S_EXPORT_DEFAULT:
  case S_EXPORT_DECLARATION: dump_node(d, node->as.unary.value, NULL); break;
  case N_BINARY:
  case N_LOGICAL:
  case N_ASSIGN:
  case N_INDEX:
  case N_IMPORT_CALL:
  case N_DEFAULT:
  case N_DECLARATOR:
    dump_node(d, node->as.binary.left, NULL);
    dump_node(d, node->as.binary.right, NULL);
    break;
  case N_CONDITIONAL:
  case S_IF:
    dump_node(d, node->as.conditional.test, "test");
    dump_node(d, node->as.conditional.yes, "yes");
    dump_node(d, node->as.conditional.no, "no");
    break;
  case N_CALL:
  case N_NEW:
    dump_node(d, node->as.call.callee, "callee");
    dump_list(d, &node->as.call.arguments, NULL);
    break;
  case N_MEMBER:
  case N_PRIVATE_MEMBER:
  case N_PRIVATE_IN: dump_node(d, node->as.member.object, NULL); break;
  case N_PROPERTY:
  case N_CLASS_MEMBER:
  case N_ATTRIBUTE:
    dump_node(d, node->as.property.key, "key");
    dump_node(d, node->as.property.value, "value");
    break;
  case N_CASE:
    dump_node(d, node->as.switch_case.test, "test");
    dump_list(d, &node->as.switch_case.body, NULL);
    break;
  case S_FOR:
  case S_FOR_IN:
  case S_FOR_OF:
  case S_WHILE:
  case S_DO_WHILE:
    dump_node(d, node->as.loop.init, "init");
    dump_node(d, node->as.loop.test, "test");
    dump_node(d, node->as.loop.update, "update");
    dump_node(d, node->as.loop.body, "body");
    break;
  case S_LABELED: dump_node(d, node->as.jump.body, NULL); break;
  case S_WITH:
    dump_node(d, node->as.with.object, NULL);
    dump_node(d, node->as.with.body, NULL);
    break;
  case S_TRY:
    dump_node(d, node->as.try.block, "try");
    dump_node(d, node->as.try.parameter, "parameter");
    dump_node(d, node->as.try.handler, "catch");
    dump_node(d, node->as.try.finalizer, "finally");
    break;
  case S_SWITCH:
    dump_node(d, node->as.choice.value, NULL);
    dump_list(d, &node->as.choice.cases, NULL);
    break;
  case S_IMPORT:
  case S_EXPORT_NAMES:
  case S_EXPORT_ALL:
    dump_node(d, node->as.module.specifier, "from");
    dump_list(d, &node->as.module.names, NULL);
    dump_list(d, &node->as.module.attributes, NULL);
    break;
  case N_IMPORT_NAME:
  case N_EXPORT_NAME: dump_node(d, node->as.module_name.local, "local"); break;
  default: break;
  }
}

static void dump_node(Dump *d, const Node *node, const char *role) {
  if (!node) return;
  dump_indent(d);
  if (role) {
    text_str(d->out, role);
    text_str(d->out, ": ");
  }
  text_str(d->out, node_names[node->kind]);
  text_str(d->out, " @");
  text_number(d->out, node->line);
  text_char(d->out, ' ');
  text_number(d->out, node->start);
  text_char(d->out, '-');
  text_number(d->out, node->end);
  if (node->op && (node->kind < N_LAST_EXPRESSION || node->kind == S_VARIABLES)) {
    text_char(d->out, ' ');
    text_str(d->out, token_text(node->op));
  }
  static const struct {
    uint16_t flag;
    const char *name;
  } flags[] = {{NODE_OPTIONAL, " optional"}, {NODE_PREFIX, " prefix"}, {NODE_AWAIT, " await"},
               {NODE_COMPUTED, " computed"}, {NODE_SHORTHAND, " shorthand"}, {NODE_STATIC, " static"}};
  for (size_t i = 0; i < sizeof flags / sizeof *flags; i++)
    if (node->flags & flags[i].flag) text_str(d->out, flags[i].name);
  if (node->kind == N_YIELD && node->flags & NODE_DELEGATE) text_str(d->out, " delegate");
  switch ((NodeKind)node->kind) {
  case N_IDENTIFIER: dump_atom(d, node->as.name.name); break;
  case N_STRING:
  case N_BIGINT: dump_atom(d, node->as.string.value); break;
  case N_NUMBER: {
    char number[32];
    snprintf(number, sizeof number, " %.17g", node->as.number.value);
    text_str(d->out, number);
    break;
  }
  case N_REGEXP:
    dump_atom(d, node->as.regexp.pattern);
    dump_atom(d, node->as.regexp.flags);
    break;
  case N_TEMPLATE_PART: dump_atom(d, node->as.template_part.raw); break;
  case N_MEMBER:
  case N_PRIVATE_MEMBER:
  case N_PRIVATE_IN: dump_atom(d, node->as.member.name); break;
  case S_BREAK:
  case S_CONTINUE:
  case S_LABELED: dump_atom(d, node->as.jump.label); break;
  case N_IMPORT_NAME:
  case N_EXPORT_NAME:
    dump_atom(d, node->as.module_name.source);
    dump_atom(d, node->as.module_name.name);
    break;
  case N_FUNCTION:
  case S_FUNCTION_DECLARATION:
  case N_STATIC_BLOCK: dump_function(d, node->as.function.function); return;
  default: break;
  }
  text_char(d->out, '\n');
  d->depth++;
  dump_children(d, node);
  d->depth--;
}

void ast_dump(const Function *program, Text *out) {
  Dump dump = {out, 0};
  text_str(out, "PROGRAM");
  dump_function(&dump, program);
}

// ---- scopes

static void dump_scope(Dump *d, const Scope *scope) {
  static const char *const kinds[] = {"function", "block", "loop", "switch", "catch", "class", "self", "with"};
  static const char *const bindings[] = {"var", "param", "function", "let", "const", "class", "catch", "self", "arguments",
                                         "import", "private"};
  static const char *const storages[] = {"local", "table", "global", "module", "import"};
  dump_indent(d);
  text_str(d->out, kinds[scope->kind]);
  text_str(d->out, " @");
  text_number(d->out, scope->function->line);
  if (scope->kind == SCOPE_FUNCTION)
    dump_atom(d, scope->function->name ? scope->function->name->as.name.name : scope->function->inferred);
  if (scope->spilled) text_str(d->out, " spilled");
  if (scope->uses_eval) text_str(d->out, " eval");
  text_char(d->out, '\n');
  d->depth++;
  for (const Binding *b = scope->first; b; b = b->next) {
    dump_indent(d);
    text_str(d->out, bindings[b->kind]);
    dump_atom(d, b->name);
    text_char(d->out, ' ');
    text_str(d->out, storages[b->storage]);
    if (b->captured) text_str(d->out, " captured");
    if (b->checked) text_str(d->out, " checked");
    if (b->early) text_str(d->out, " early");
    if (b->forward) text_str(d->out, " forward");
    if (b->reassigned) text_str(d->out, " reassigned");
    if (b->accumulator) text_str(d->out, " accumulator");
    text_char(d->out, '\n');
  }
  d->depth--;
}

// Scopes in the order in which they begin, each as deep as it lies.
void scope_dump(const Scopes *scopes, Text *out) {
  Dump dump = {out, 0};
  for (const Scope *scope = scopes->all; scope; scope = scope->all) {
    dump.depth = (int)scope->depth;
    dump_scope(&dump, scope);
  }
}

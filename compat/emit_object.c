// SPDX-License-Identifier: MIT
//
// Object and array literals, templates.
#include "emitter.h"

#include <stdlib.h>
#include <string.h>

enum { TRIPLES = 20 };      // of one rt.object call
enum { LONG_OBJECT = 100 }; // calls for more of them are statements: nested in each other they would need a register each

// A raw field that is nil would let what Object.prototype has under the name shine through.
static bool may_hide(Node *item) {
  static const char *const names[] = {"constructor", "hasOwnProperty", "isPrototypeOf", "propertyIsEnumerable", "toLocaleString", "toString", "valueOf"};
  const char *text = item->as.property.key->as.string.value->text;
  for (size_t i = 0; i < sizeof names / sizeof *names; i++)
    if (!strcmp(text, names[i])) return type_of(item->as.property.value) & TYPE_UNDEFINED;
  return false;
}

static bool is_plain(Node *item) {
  double index;
  if (item->kind != N_PROPERTY || item->flags & NODE_COMPUTED) return false;
  if (item->op != PROPERTY_VALUE && item->op != PROPERTY_METHOD) return false;
  const Node *key = item->as.property.key;
  if (key->kind != N_STRING || is_index_name(key->as.string.value, &index)) return false;
  if (strchr(key->as.string.value->text, ' ') || strchr(key->as.string.value->text, '\n') || !key->as.string.value->len ||
      strlen(key->as.string.value->text) != key->as.string.value->len)
    return false; // shapes are written with blanks between keys
  if (may_hide(item)) return false;
  return key->as.string.value->token != T_PROTO || item->flags & (NODE_SHORTHAND | NODE_METHOD);
}

static bool seen_before(Emitter *e, const Node *item) {
  Atom *key = item->as.property.key->as.string.value;
  if (key->mark == e->objects) return true;
  key->mark = e->objects;
  return false;
}

static void emit_plain(Emitter *e, Node *first, const Node *end) {
  Text keys = {0};
  put_helper(e, HELPER_setmeta);
  put(e, "({");
  for (Node *item = first; item != end; item = item->next) {
    Atom *name = item->as.property.key->as.string.value;
    if (item != first) {
      put(e, ", ");
      text_char(&keys, ' ');
    }
    emit_line(e, item->line);
    if (atom_is_name(e, name)) {
      put(e, name->text);
    } else {
      put(e, "[");
      put_string(e, name);
      put(e, "]");
    }
    put(e, " = ");
    text_add(&keys, name->text, name->len);
    emit_single(e, item->as.property.value);
  }
  put(e, "}, K[");
  put_number(e, shape_number(e, atom_make(e->atoms, keys.data ? keys.data : "", keys.len)));
  put(e, "])");
  text_free(&keys);
}

// A function, arrow or class that takes the name of what it is given to.
static bool is_nameless(const Node *value) {
  if (value->kind == N_FUNCTION) return !value->as.function.function->name;
  return value->kind == N_CLASS && !value->as.class.name;
}

static void emit_triple(Emitter *e, Node *item) {
  put(e, ", ");
  emit_line(e, item->line);
  if (item->kind == N_SPREAD) {
    put(e, "\"spread\", nil, ");
    emit_single(e, item->as.unary.value);
    return;
  }
  Node *key = item->as.property.key;
  bool proto = item->op == PROPERTY_VALUE && !(item->flags & (NODE_COMPUTED | NODE_SHORTHAND)) && key->kind == N_STRING &&
               key->as.string.value->token == T_PROTO;
  bool names = item->flags & NODE_COMPUTED && (item->op == PROPERTY_METHOD || is_nameless(item->as.property.value));
  put(e, proto ? "\"proto\", nil, "
         : item->op == PROPERTY_GET ? "\"get\", "
         : item->op == PROPERTY_SET ? "\"set\", "
         : names                    ? "\"named\", "
                                    : "\"value\", ");
  if (!proto) {
    emit_defined_key(e, item);
    put(e, ", ");
  }
  emit_single(e, item->as.property.value);
}

// The first of the items that need rt.object, and how many follow it.
static Node *end_of_plain(Emitter *e, Node *node, uint32_t *rest) {
  Node *end = node->as.list.items.first;
  e->objects++;
  while (end && is_plain(end) && !seen_before(e, end)) end = end->next;
  *rest = 0;
  for (const Node *item = end; item; item = item->next) ++*rest;
  return end;
}

bool object_is_long(Emitter *e, Node *node) {
  uint32_t rest;
  if (node->as.list.items.count <= LONG_OBJECT) return false;
  end_of_plain(e, node, &rest);
  return rest > LONG_OBJECT;
}

void emit_long_object(Emitter *e, Node *node) {
  uint32_t rest, written = 0;
  Node *end = end_of_plain(e, node, &rest);
  uint32_t temp = local_temp(e);
  emit_plain(e, node->as.list.items.first, end);
  e->separator = true;
  for (Node *item = end; item; item = item->next) {
    if (written % TRIPLES == 0) {
      emit_begin(e, item->line);
      put_helper(e, HELPER_object);
      put(e, "(");
      put_temp(e, temp);
    }
    emit_triple(e, item);
    if (++written % TRIPLES && item->next) continue;
    put(e, ")");
    e->separator = true;
  }
  node->temp = temp;
}

void emit_object(Emitter *e, Node *node, Level level) {
  (void)level;
  uint32_t rest;
  Node *first = node->as.list.items.first, *end = end_of_plain(e, node, &rest);
  for (uint32_t i = 0; i < rest; i += TRIPLES) {
    put_helper(e, HELPER_object);
    put(e, "(");
  }
  emit_plain(e, first, end);
  uint32_t written = 0;
  for (Node *item = end; item; item = item->next) {
    emit_triple(e, item);
    if (++written % TRIPLES == 0 && item->next) put(e, ")");
  }
  if (rest) put(e, ")");
}

static bool has_hole(const List *items) {
  for (const Node *item = items->first; item; item = item->next)
    if (item->kind == N_HOLE) return true;
  return false;
}

void emit_array(Emitter *e, Node *node, Level level) {
  (void)level;
  const List *items = &node->as.list.items;
  for (const Node *item = items->first; item; item = item->next) {
    if (item->kind != N_SPREAD) continue;
    if (item == items->last && items->count < 100 && is_spared(item->as.unary.value) && !has_hole(items)) { // [a, ...args]
      put_helper(e, HELPER_rest);
      put(e, "(0");
      emit_arguments(e, items, false);
      put(e, ")");
    } else {
      emit_flatten(e, items);
    }
    return;
  }
  if (has_hole(items)) {
    put_helper(e, HELPER_holey);
    put(e, "(");
  }
  put_helper(e, HELPER_setmeta);
  put(e, "({");
  for (Node *item = items->first; item; item = item->next) {
    if (item->kind == N_HOLE) put(e, "nil");
    else emit_value(e, item, L_ANY);
    put(e, ", ");
  }
  put(e, "length = ");
  put_number(e, items->count);
  put(e, "}, ");
  put_helper(e, HELPER_array);
  put(e, ")");
  if (!has_hole(items)) return;
  uint32_t index = 0;
  bool first = true;
  for (const Node *item = items->first; item; item = item->next) {
    index++;
    if (item->kind != N_HOLE) continue;
    put(e, first ? ", {" : ", ");
    put_number(e, index);
    first = false;
  }
  put(e, "})");
}

// Brackets around each 32 operands of a long concatenation, around each 32 such groups, and so on: it nests to the right in
// Lua's parser, a register to an operand.
enum { OPERANDS = 32 };

static void open_operand(Emitter *e, uint32_t index, uint32_t count) {
  if (index) put(e, " .. ");
  for (uint64_t span = OPERANDS; span < count; span *= OPERANDS)
    if (index % span == 0) put(e, "(");
}

static void close_operand(Emitter *e, uint32_t index, uint32_t count) {
  for (uint64_t span = OPERANDS; span < count; span *= OPERANDS)
    if ((index + 1) % span == 0 || index + 1 == count) put(e, ")");
}

// May halves of a pair meet in it?
static bool may_pair(const Node *node) {
  for (const Node *part = node->as.template.parts.first; part; part = part->next) {
    const Atom *text = part->as.template_part.cooked;
    bool last = !part->next, first = part == node->as.template.parts.first;
    if (!text) continue;
    if (!text->len && !first && !last) return true;
    if ((!first && starts_with_half(text)) || (!last && ends_with_half(text))) return true;
  }
  return false;
}

void emit_template(Emitter *e, Node *node, Level level) {
  Node *value = node->as.template.values.first;
  const Node *part = node->as.template.parts.first;
  uint32_t operands = 0;
  for (const Node *p = part; p; p = p->next) operands += p->as.template_part.cooked && p->as.template_part.cooked->len;
  operands += node->as.template.values.count;
  if (!operands) {
    put(e, "\"\"");
    return;
  }
  bool pairs = may_pair(node), wrap = pairs || (operands > 1 && level > L_CONCAT);
  uint32_t index = 0;
  if (pairs) put_helper(e, HELPER_joined);
  if (wrap) put(e, "(");
  for (; part; part = part->next) {
    if (part->as.template_part.cooked && part->as.template_part.cooked->len) {
      open_operand(e, index, operands);
      put_string(e, part->as.template_part.cooked);
      close_operand(e, index++, operands);
    }
    if (!value) break;
    open_operand(e, index, operands);
    if (type_is(value, TYPE_STRING) || (type_is(value, TYPE_INT) && operands > 1)) {
      emit_value(e, value, L_ADD);
    } else {
      put_helper(e, HELPER_text);
      put(e, "(");
      emit_single(e, value);
      put(e, ")");
    }
    close_operand(e, index++, operands);
    value = value->next;
  }
  if (wrap) put(e, ")");
}

// rt.template(K, site, cooked, raw, …): one frozen array for each place in the source.
void emit_tagged(Emitter *e, Node *node) {
  Node *tag = node->as.tagged.tag, *template = node->as.tagged.template;
  const Node *object = callee_object(tag);
  emit_value(e, tag, L_PREFIX);
  put(e, "(");
  if (object && object->kind == N_SUPER) emit_this_argument(e);
  else if (object) emit_value(e, callee_object(tag), L_ANY);
  else put(e, "nil");
  put(e, ", ");
  put_helper(e, HELPER_template);
  put(e, "(K, ");
  put_number(e, ++e->site_count);
  for (const Node *part = template->as.template.parts.first; part; part = part->next) {
    put(e, ", ");
    if (part->as.template_part.cooked) put_string(e, part->as.template_part.cooked);
    else put(e, "nil");
    put(e, ", ");
    put_string(e, part->as.template_part.raw);
  }
  put(e, ")");
  emit_arguments(e, &template->as.template.values, false);
  put(e, ")");
}

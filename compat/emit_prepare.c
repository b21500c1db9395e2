// SPDX-License-Identifier: MIT
//
// Statements that must stand before an expression, and the temporaries that they leave.
#include "emitter.h"

#include <stdlib.h>
#include <string.h>

void emit_spill(Emitter *e, Node *node) {
  if (node->temp) return;
  uint32_t temp = local_temp(e);
  emit_value(e, node, L_ANY);
  e->separator = true;
  node->temp = temp;
}

// Operands in the order of evaluation: those before the last that needs statements are kept safe from it.
void emit_prepare_all(Emitter *e, Node **nodes, uint32_t count) {
  uint32_t last = 0;
  for (uint32_t i = 0; i < count; i++)
    if (nodes[i] && needs_statements(nodes[i])) last = i + 1;
  for (uint32_t i = 0; i < last; i++) {
    Node *node = nodes[i];
    if (!node || node->kind == N_HOLE) continue;
    if (node->kind == N_SPREAD) {
      emit_prepare(e, node->as.unary.value);
      if (i + 1 < last) emit_spill(e, node->as.unary.value);
      node->flags &= (uint16_t)~NODE_STATEMENTS;
      continue;
    }
    emit_prepare(e, node);
    if (i + 1 < last && !is_stable(e, node)) emit_spill(e, node);
  }
}

static void prepare_list(Emitter *e, Node *first, Node *second, const List *list) {
  uint32_t count = 0, size = list->count + 2;
  Node *small[32], **nodes = size <= 32 ? small : memory_resize(NULL, size * sizeof *nodes);
  if (first) nodes[count++] = first;
  if (second) nodes[count++] = second;
  for (Node *item = list->first; item; item = item->next) nodes[count++] = item;
  emit_prepare_all(e, nodes, count);
  if (nodes != small) free(nodes);
}

void emit_prepare_list(Emitter *e, const List *list) {
  prepare_list(e, NULL, NULL, list);
}

// tN = value, the value's own statements in a block of their own.
static void assign_temp(Emitter *e, uint32_t temp, Node *value) {
  uint32_t locals = e->lua->locals;
  emit_prepare(e, value);
  emit_begin(e, 0);
  put_temp(e, temp);
  put(e, " = ");
  emit_value(e, value, L_ANY);
  e->separator = true;
  e->lua->locals = locals;
}

static void open_if(Emitter *e) {
  emit_begin(e, 0);
  put(e, "if ");
}

static void then(Emitter *e) {
  put(e, " then");
  e->separator = false;
}

static void end(Emitter *e) {
  emit_begin(e, 0);
  put(e, "end");
  e->separator = true;
}

static void prepare_conditional(Emitter *e, Node *node) {
  Node *test = node->as.conditional.test, *yes = node->as.conditional.yes, *no = node->as.conditional.no;
  emit_prepare_condition(e, test);
  if (!needs_statements(yes) && !needs_statements(no) &&
      !(type_of(yes) & TYPE_LUA_FALSY && type_of(no) & TYPE_LUA_FALSY))
    return;
  uint32_t temp = declare_temp(e);
  open_if(e);
  for (;;) {
    emit_condition(e, test, L_ANY);
    then(e);
    assign_temp(e, temp, yes);
    emit_begin(e, 0);
    if (no->kind != N_CONDITIONAL || !needs_statements(no) || condition_needs_statements(no->as.conditional.test)) break;
    put(e, "elseif "); // a chain of them nests no deeper
    test = no->as.conditional.test;
    yes = no->as.conditional.yes;
    no = no->as.conditional.no;
  }
  put(e, "else");
  e->separator = false;
  assign_temp(e, temp, no);
  end(e);
  node->temp = temp;
}

static void test_temp(Emitter *e, TokenType op, uint32_t temp, uint16_t type) {
  if (op == T_NULLISH) {
    put_temp(e, temp);
    put(e, " == nil");
    if (type & TYPE_NULL) {
      put(e, " or ");
      put_temp(e, temp);
      put(e, " == ");
      put_helper(e, HELPER_null);
    }
    return;
  }
  if (op == T_OR) put(e, "not ");
  if (type & ~TYPE_SAME_TRUTH) {
    put_helper(e, HELPER_truthy);
    put(e, "(");
    put_temp(e, temp);
    put(e, ")");
  } else {
    put_temp(e, temp);
  }
}

static void prepare_logical(Emitter *e, Node *node) {
  Node *left = node->as.binary.left, *right = node->as.binary.right;
  emit_prepare(e, left);
  node->flags &= (uint16_t)~NODE_STATEMENTS;
  bool plain = node->op == T_NULLISH ? type_is(left, TYPE_ANY & ~(TYPE_NULL | TYPE_BOOLEAN)) : type_is(left, TYPE_SAME_TRUTH);
  if (!needs_statements(right) && (plain || is_cheap(right))) return;
  uint32_t temp = left->temp;
  if (!temp || (left->kind != N_LOGICAL && left->kind != N_BINARY)) { // a temporary of this very chain is used on
    temp = local_temp(e);
    emit_value(e, left, L_ANY);
    e->separator = true;
  }
  open_if(e);
  test_temp(e, node->op, temp, type_of(left));
  then(e);
  assign_temp(e, temp, right);
  end(e);
  node->temp = temp;
}

static void prepare_operator(Emitter *e, Node *node) {
  if (!needs_statements(node)) return;
  if (node->kind == N_LOGICAL) {
    prepare_logical(e, node);
  } else {
    Node *operands[] = {node->as.binary.left, node->as.binary.right};
    emit_prepare_all(e, operands, 2);
  }
  node->flags &= (uint16_t)~NODE_STATEMENTS;
}

// A part of a chain goes to a temporary: to the one that holds the part before it, where there is one.
static uint32_t spill_part(Emitter *e, Node *node, uint32_t temp) {
  if (node->temp) return node->temp;
  if (!temp) {
    emit_spill(e, node);
    return node->temp;
  }
  emit_begin(e, node->line);
  put_temp(e, temp);
  put(e, " = ");
  emit_value(e, node, L_ANY);
  e->separator = true;
  return node->temp = temp;
}

static void prepare_spine(Emitter *e, Node *node) {
  uint32_t count = 0;
  for (Node *n = node; (n->kind == N_BINARY || n->kind == N_LOGICAL) && needs_statements(n); n = n->as.binary.left) count++;
  Node *small[64], **spine = count <= 64 ? small : memory_resize(NULL, count * sizeof *spine);
  uint32_t i = count;
  for (Node *n = node; i; n = n->as.binary.left) spine[--i] = n;
  uint32_t temp = 0;
  for (i = 0; i < count; i++) {
    bool deep = spine[i]->flags & NODE_DEEP;
    prepare_operator(e, spine[i]);
    if (deep) temp = spill_part(e, spine[i], temp);
    else if (spine[i]->temp) temp = spine[i]->temp;
  }
  if (spine != small) free(spine);
}

// ---- optional chains

// Writes the chain's links from the inside out; each `?.` opens an `if` around the rest. Leaves the number of ifs.
static void prepare_chain_link(Emitter *e, Node *node, uint32_t *ifs, bool keep_object);
static void prepare_chain(Emitter *e, Node *node, bool called);

static void open_optional(Emitter *e, Node *object, uint32_t *ifs) {
  if (!object->temp || !is_stable(e, object)) emit_spill(e, object);
  open_if(e);
  put_temp(e, object->temp);
  put(e, " ~= nil");
  if (type_of(object) & TYPE_NULL) {
    put(e, " and ");
    put_temp(e, object->temp);
    put(e, " ~= ");
    put_helper(e, HELPER_null);
  }
  then(e);
  ++*ifs;
}

static void prepare_chain_object(Emitter *e, Node *object, uint32_t *ifs) {
  switch (object->kind) {
  case N_MEMBER:
  case N_INDEX:
  case N_PRIVATE_MEMBER:
  case N_CALL: prepare_chain_link(e, object, ifs, false); break;
  default: emit_prepare(e, object);
  }
}

static void prepare_chain_link(Emitter *e, Node *node, uint32_t *ifs, bool keep_object) {
  if (node->flags & NODE_PARENTHESIZED && !keep_object) { // (a?.b).c: a chain of its own, but then it is a CHAIN
    emit_prepare(e, node);
    return;
  }
  if (node->kind == N_CALL) {
    Node *callee = node->as.call.callee;
    bool method = callee->kind == N_MEMBER || callee->kind == N_INDEX || callee->kind == N_PRIVATE_MEMBER;
    if (callee->kind == N_SUPER) {
      emit_prepare(e, node);
      return;
    }
    if (method && !(callee->kind == N_MEMBER && callee->as.member.object->kind == N_SUPER)) prepare_chain_link(e, callee, ifs, true);
    else if (chained_object(callee)) prepare_chain(e, callee, true);
    else prepare_chain_object(e, callee, ifs);
    if (node->flags & NODE_OPTIONAL) {
      if (method) {
        Node *object = callee->kind == N_INDEX ? callee->as.binary.left : callee->as.member.object;
        if (object->kind != N_SUPER && !is_stable(e, object)) emit_spill(e, object);
      }
      open_optional(e, callee, ifs);
    }
    prepare_list(e, method ? NULL : callee, NULL, &node->as.call.arguments);
  } else {
    Node *object = node->kind == N_INDEX ? node->as.binary.left : node->as.member.object;
    prepare_chain_object(e, object, ifs);
    if (node->flags & NODE_OPTIONAL) open_optional(e, object, ifs);
    if (node->kind == N_INDEX && needs_statements(node->as.binary.right)) {
      if (!is_stable(e, object)) emit_spill(e, object);
      emit_prepare(e, node->as.binary.right);
    }
  }
  node->flags &= (uint16_t)~NODE_STATEMENTS;
}

Node *chained_object(const Node *callee) {
  if (callee->kind != N_CHAIN) return NULL;
  const Node *value = callee->as.unary.value;
  if (value->kind == N_INDEX) return value->as.binary.left;
  return value->kind == N_MEMBER || value->kind == N_PRIVATE_MEMBER ? value->as.member.object : NULL;
}

// `called`: (a?.b)() has a for its `this`, which so goes to a temporary too.
static void prepare_chain(Emitter *e, Node *node, bool called) {
  Node *value = node->as.unary.value, *object = called ? chained_object(node) : NULL;
  uint32_t kept = object ? declare_temp(e) : 0, temp = declare_temp(e), ifs = 0;
  prepare_chain_link(e, value, &ifs, true);
  if (object) {
    emit_begin(e, 0);
    put_temp(e, kept);
    put(e, " = ");
    emit_value(e, object, L_ANY);
    e->separator = true;
    object->temp = kept;
  }
  emit_begin(e, 0);
  put_temp(e, temp);
  put(e, " = ");
  emit_value(e, value, L_ANY);
  e->separator = true;
  while (ifs--) end(e);
  node->temp = temp;
}

// ---- assignments as values

static void prepare_assign(Emitter *e, Node *node) {
  Node *left = node->as.binary.left, *right = node->as.binary.right;
  if (node->op >= T_ASSIGN_NULLISH && node->op <= T_ASSIGN_AND) { // a ||= b
    prepare_target(e, left, right);
    uint32_t temp = local_temp(e);
    emit_value(e, left, L_ANY);
    e->separator = true;
    open_if(e);
    test_temp(e, assign_operator(node->op), temp, type_of(left));
    then(e);
    assign_temp(e, temp, right);
    emit_store(e, left, temp_name(e, temp));
    end(e);
    node->temp = temp;
    return;
  }
  if (left->kind == N_ARRAY_PATTERN || left->kind == N_OBJECT_PATTERN) {
    emit_prepare(e, right);
    emit_spill(e, right);
    emit_pattern(e, left, temp_name(e, right->temp), false);
    node->temp = right->temp;
    return;
  }
  if (node->op == T_ASSIGN) {
    prepare_target(e, left, right);
    emit_prepare(e, right);
    bool function = right->kind == N_FUNCTION && !right->temp; // stable, but to be made once only
    if (function && left->kind == N_IDENTIFIER) { // which gives it its name
      emit_store_node(e, left, right);
      emit_spill(e, left);
      node->temp = left->temp;
      left->temp = 0;
      return;
    }
    if (function || !is_stable(e, right)) emit_spill(e, right);
    emit_store_node(e, left, right);
    if (right->temp) {
      node->temp = right->temp;
    } else {
      emit_spill(e, right);
      node->temp = right->temp;
    }
    return;
  }
  prepare_target(e, left, right);
  if (needs_statements(right)) {
    emit_spill(e, left);
    uint32_t old = left->temp;
    emit_prepare(e, right);
    left->temp = old;
  }
  uint32_t temp = local_temp(e);
  emit_compound(e, node);
  e->separator = true;
  left->temp = 0;
  emit_store(e, left, temp_name(e, temp));
  node->temp = temp;
}

static void prepare_update(Emitter *e, Node *node) {
  Node *target = node->as.unary.value;
  prepare_target(e, target, NULL);
  bool prefix = node->flags & NODE_PREFIX;
  uint32_t old = local_temp(e);
  bool number = type_is(target, TYPE_NUMERIC);
  if (!number && !prefix) {
    put_helper(e, HELPER_tonumeric);
    put(e, "(");
  }
  emit_value(e, target, L_ANY);
  if (!number && !prefix) put(e, ")");
  bool inc = node->op == T_INC;
  const char *step = may_step_bigint(node) ? (inc ? " - -1" : " + -1") : inc ? " + 1" : " - 1";
  if (prefix) put(e, step);
  e->separator = true;
  if (prefix) {
    emit_store(e, target, temp_name(e, old));
  } else {
    char value[40];
    const char *name = temp_name(e, old);
    size_t n = 0;
    for (; name[n]; n++) value[n] = name[n];
    for (size_t i = 0; i <= strlen(step); i++) value[n + i] = step[i];
    emit_store(e, target, value);
  }
  node->temp = old;
}

// ---- literals with parts that need statements

static void prepare_members(Emitter *e, Node *node) {
  uint32_t count = 0, size = node->as.list.items.count * 2 + 1;
  Node **nodes = memory_resize(NULL, size * sizeof *nodes);
  for (Node *item = node->as.list.items.first; item; item = item->next) {
    if (item->kind == N_SPREAD) {
      nodes[count++] = item->as.unary.value;
    } else {
      if (item->flags & NODE_COMPUTED) nodes[count++] = item->as.property.key;
      nodes[count++] = item->as.property.value;
    }
  }
  emit_prepare_all(e, nodes, count);
  free(nodes);
}

static void prepare_object(Emitter *e, Node *node) {
  bool super = false;
  for (Node *item = node->as.list.items.first; item; item = item->next)
    if (item->kind == N_PROPERTY && item->flags & NODE_METHOD && item->as.property.value->as.function.function->uses_super)
      super = true;
  uint32_t home = 0, outer = e->home;
  if (super) {
    home = ++e->unique;
    new_temp(e);
    emit_begin(e, 0);
    put(e, "local P");
    put_number(e, home);
    e->separator = true;
    e->home = home;
  }
  prepare_members(e, node);
  if (super) {
    emit_begin(e, 0);
    put(e, "P");
    put_number(e, home);
    put(e, " = ");
    emit_object(e, node, L_ANY);
    e->separator = true;
    uint32_t temp = local_temp(e);
    put(e, "P");
    put_number(e, home);
    e->separator = true;
    node->temp = temp;
    e->home = outer;
  } else if (object_is_long(e, node)) {
    emit_long_object(e, node);
  }
}

// local name; name = function … end: a function expression that knows its own name
static void prepare_function(Emitter *e, Node *node) {
  Function *function = node->as.function.function;
  Binding *self = function->name->as.name.binding;
  emit_begin(e, node->line);
  open_table(e, self->scope);
  if (self->storage == STORAGE_LOCAL) {
    put(e, "local ");
    put_variable(e, self);
    put(e, "; ");
    e->lua->locals++;
  }
  put_variable(e, self);
  put(e, " = ");
  emit_function(e, function);
  e->separator = true;
  uint32_t temp = local_temp(e);
  put_variable(e, self);
  e->separator = true;
  node->temp = temp;
}

void emit_prepare(Emitter *e, Node *node) {
  if (!needs_statements(node) || e->diagnostic->failed) return;
  switch (node->kind) {
  case N_BINARY:
  case N_LOGICAL: prepare_spine(e, node); return;
  case N_TEMPLATE: prepare_list(e, NULL, NULL, &node->as.template.values); break;
  case N_TAGGED:
    if (callee_object(node->as.tagged.tag) && !is_repeatable(callee_object(node->as.tagged.tag))) {
      emit_prepare(e, callee_object(node->as.tagged.tag));
      emit_spill(e, callee_object(node->as.tagged.tag));
    }
    prepare_list(e, node->as.tagged.tag, NULL, &node->as.tagged.template->as.template.values);
    break;
  case N_ARRAY: prepare_list(e, NULL, NULL, &node->as.list.items); break;
  case N_OBJECT: prepare_object(e, node); break;
  case N_SEQUENCE: {
    Node *item = node->as.list.items.first;
    for (; item && item->next; item = item->next) emit_effect(e, item);
    emit_prepare(e, item);
    emit_spill(e, item);
    node->temp = item->temp;
    break;
  }
  case N_UNARY:
    if (node->op == T_DELETE) {
      prepare_delete(e, node);
      break;
    }
    // fall through
  case N_SPREAD:
  case N_YIELD:
  case N_AWAIT:
    if (node->kind == N_UNARY && node->op == T_NOT) emit_prepare_condition(e, node->as.unary.value);
    else emit_prepare(e, node->as.unary.value);
    break;
  case N_CHAIN: prepare_chain(e, node, false); break;
  case N_CLASS: {
    uint32_t temp = declare_temp(e);
    emit_class(e, node, temp_name(e, temp));
    node->temp = temp;
    break;
  }
  case N_FUNCTION: prepare_function(e, node); break;
  case N_UPDATE: prepare_update(e, node); break;
  case N_ASSIGN: prepare_assign(e, node); break;
  case N_CONDITIONAL: prepare_conditional(e, node); break;
  case N_CALL: {
    Node *callee = node->as.call.callee;
    if (callee->kind == N_SUPER) {
      prepare_list(e, NULL, NULL, &node->as.call.arguments);
      emit_super_call(e, node);
      uint32_t temp = local_temp(e);
      put(e, "this");
      e->separator = true;
      node->temp = temp;
      break;
    }
    if (callee->kind == N_MEMBER || callee->kind == N_PRIVATE_MEMBER)
      prepare_list(e, callee->as.member.object, NULL, &node->as.call.arguments);
    else if (callee->kind == N_INDEX)
      prepare_list(e, callee->as.binary.left, callee->as.binary.right, &node->as.call.arguments);
    else if (chained_object(callee)) {
      prepare_chain(e, callee, true);
      prepare_list(e, NULL, NULL, &node->as.call.arguments);
    } else
      prepare_list(e, callee, NULL, &node->as.call.arguments);
    if (lent_argument(node)) {
      Node *object = callee->as.member.object;
      if (!is_cheap(object) && object->kind != N_THIS) emit_spill(e, object);
    }
    callee->flags &= (uint16_t)~NODE_STATEMENTS;
    break;
  }
  case N_NEW: prepare_list(e, node->as.call.callee, NULL, &node->as.call.arguments); break;
  case N_MEMBER:
  case N_PRIVATE_MEMBER:
  case N_PRIVATE_IN: emit_prepare(e, node->as.member.object); break;
  case N_INDEX:
  case N_IMPORT_CALL: {
    Node *operands[] = {node->as.binary.left, node->as.binary.right};
    emit_prepare_all(e, operands, 2);
    break;
  }
  default: break;
  }
  if (node->flags & NODE_DEEP && !node->temp) emit_spill(e, node);
  node->flags &= (uint16_t)~NODE_STATEMENTS;
}

// The same for a value of which only the truth counts.
void emit_prepare_condition(Emitter *e, Node *node) {
  if (!needs_statements(node)) return;
  if (node->kind == N_UNARY && node->op == T_NOT) {
    emit_prepare_condition(e, node->as.unary.value);
    node->flags &= (uint16_t)~NODE_STATEMENTS;
    return;
  }
  if (node->kind != N_LOGICAL || node->op == T_NULLISH || node->flags & NODE_DEEP) {
    emit_prepare(e, node);
    return;
  }
  Node *left = node->as.binary.left, *right = node->as.binary.right;
  emit_prepare_condition(e, left);
  if (condition_needs_statements(right)) {
    uint32_t temp = local_temp(e);
    emit_condition(e, left, L_ANY);
    e->separator = true;
    open_if(e);
    if (node->op == T_OR) put(e, "not ");
    put_temp(e, temp);
    then(e);
    uint32_t locals = e->lua->locals;
    emit_prepare_condition(e, right);
    emit_begin(e, 0);
    put_temp(e, temp);
    put(e, " = ");
    emit_condition(e, right, L_ANY);
    e->separator = true;
    e->lua->locals = locals;
    end(e);
    node->temp = temp;
    node->type = TYPE_BOOLEAN;
  }
  node->flags &= (uint16_t)~NODE_STATEMENTS;
}

// Would emit_prepare_condition write anything? A logical operator over plain operands needs statements as a value only.
bool condition_needs_statements(Node *node) {
  if (!needs_statements(node)) return false;
  if (node->flags & NODE_DEEP) return true;
  if (node->kind == N_UNARY && node->op == T_NOT) return condition_needs_statements(node->as.unary.value);
  if (node->kind != N_LOGICAL || node->op == T_NULLISH) return true;
  return condition_needs_statements(node->as.binary.left) || condition_needs_statements(node->as.binary.right);
}

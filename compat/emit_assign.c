// SPDX-License-Identifier: MIT
//
// Assignments, declarations and destructuring.
#include "emitter.h"

#include <stdio.h>
#include <string.h>

// The value of a store: a node, or Lua text.
typedef struct Source {
  const char *text;
  Node *node;
} Source;

static void put_source(Emitter *e, Source source) {
  if (source.node) emit_value(e, source.node, L_ANY);
  else put(e, source.text);
}

static void put_source_single(Emitter *e, Source source) {
  if (source.node) emit_single(e, source.node);
  else put(e, source.text);
}

static void finish(Emitter *e) {
  e->separator = true;
}

// ---- stores

static void put_setter(Emitter *e, Binding *b) {
  put_function_word(e, NULL);
  put(e, "(var) "); // a word that no variable of JavaScript's can be
  put_variable(e, b);
  put(e, " = var end");
}

static void store_name(Emitter *e, Node *target, Source source, bool declares) {
  Binding *b = target->as.name.binding;
  Atom *name = target->as.name.name;
  emit_begin(e, 0);
  if (target->flags & NODE_SPECIAL) {
    put_helper(e, HELPER_withset);
    put(e, "(");
    put_dynamic(e, target);
    put(e, ", ");
    put_string(e, name);
    put(e, ", ");
    put_source_single(e, source);
    if (b) {
      put(e, ", ");
      put_setter(e, b);
    }
    if (e->function->strict) put(e, b ? ", true" : ", nil, true");
    put(e, ")");
  } else if (!b) {
    if (e->function->strict) {
      put_helper(e, HELPER_setglobal);
      put(e, "(");
      put_string(e, name);
      put(e, ", ");
      put_source_single(e, source);
      put(e, ")");
    } else {
      put_global_place(e, name);
      put(e, " = ");
      put_source(e, source);
    }
  } else if (!declares && (b->kind == BINDING_CONST || b->kind == BINDING_IMPORT || b->kind == BINDING_SELF)) {
    bool silent = b->kind == BINDING_SELF && !e->function->strict && b->scope->kind == SCOPE_SELF;
    put_helper(e, silent ? HELPER_void : HELPER_constant);
    put(e, "(");
    if (!silent) {
      put_string(e, name);
      put(e, ", ");
    }
    put_source_single(e, source);
    put(e, ")");
  } else if (b->accumulator) {
    put_variable(e, b);
    put(e, ":set(");
    put_source_single(e, source);
    put(e, ")");
  } else {
    if (!declares && target->flags & NODE_CHECKED && b->checked) {
      put(e, "if ");
      put_variable(e, b);
      put(e, " == ");
      put_helper(e, HELPER_unset);
      put(e, " then ");
      put_helper(e, HELPER_dead);
      put(e, "(");
      put_string(e, name);
      put(e, ") end; ");
    }
    put_variable(e, b);
    put(e, " = ");
    put_source(e, source);
  }
  finish(e);
}

static void store(Emitter *e, Node *target, Source source) {
  switch (target->kind) {
  case N_IDENTIFIER: store_name(e, target, source, false); return;
  case N_ARRAY_PATTERN:
  case N_OBJECT_PATTERN: {
    uint32_t temp = local_temp(e);
    put_source(e, source);
    finish(e);
    emit_pattern(e, target, temp_name(e, temp), false);
    return;
  }
  case N_PRIVATE_MEMBER: {
    emit_begin(e, 0);
    put_helper(e, HELPER_setprivate);
    put(e, "(");
    emit_value(e, target->as.member.object, L_ANY);
    put(e, ", ");
    put_private_name(e, target);
    put(e, ", ");
    put_source_single(e, source);
    put(e, ")");
    break;
  }
  case N_MEMBER:
  case N_INDEX: {
    Node *object = target->kind == N_MEMBER ? target->as.member.object : target->as.binary.left;
    bool proto = target->kind == N_MEMBER && target->as.member.name->token == T_PROTO;
    emit_begin(e, 0);
    if (object->kind == N_SUPER) {
      put_helper(e, HELPER_setsuper);
      put(e, "(");
      emit_this_argument(e);
      put(e, ", ");
      emit_super_base(e);
      put(e, ", ");
      if (target->kind == N_MEMBER) put_string(e, target->as.member.name);
      else emit_key_value(e, target->as.binary.right);
      put(e, ", ");
      put_source_single(e, source);
      put(e, ")");
    } else if (proto || (target->kind == N_MEMBER && atom_is_length(target->as.member.name))) {
      put_helper(e, proto ? HELPER_setproto : HELPER_setlength); // an array's length is a plain field, but ends its elements
      put(e, "(");
      emit_value(e, object, L_ANY);
      put(e, ", ");
      put_source_single(e, source);
      put(e, ")");
    } else {
      size_t start = e->out->len;
      bool ambiguous = e->ambiguous;
      emit_value(e, object, L_PREFIX);
      emit_line(e, target->kind == N_MEMBER ? target->line : 0);
      if (target->kind == N_MEMBER) put_field(e, target->as.member.name);
      else emit_index_key(e, target);
      put(e, " = ");
      put_source(e, source);
      emit_guard_paren(e, start, ambiguous);
    }
    break;
  }
  default: break;
  }
  finish(e);
}

void emit_store(Emitter *e, Node *target, const char *value) {
  store(e, target, (Source){value, NULL});
}

void emit_store_node(Emitter *e, Node *target, Node *value) {
  store(e, target, (Source){NULL, value});
}

// Readies a target's own parts. They are read again where the old value is read too (`twice`), and after the statements of the value
// that is assigned (`value`, or NULL), which may assign to the variables among them: a[i] = i++.
static void ready_target(Emitter *e, Node *target, bool twice, const Node *value) {
  bool moved = value && needs_statements(value);
  switch (target->kind) {
  case N_MEMBER:
  case N_PRIVATE_MEMBER: {
    Node *object = target->as.member.object;
    if (object->kind == N_SUPER) break;
    emit_prepare(e, object);
    if ((moved || (twice && !is_cheap(object))) && !is_stable(e, object)) emit_spill(e, object);
    break;
  }
  case N_INDEX: {
    Node *operands[] = {target->as.binary.left, target->as.binary.right};
    if (twice) target->flags |= NODE_COMPOUND;
    emit_prepare_all(e, operands, 2);
    for (int i = 0; i < 2 && (twice || moved); i++)
      if (operands[i]->kind != N_SUPER && (moved || !is_cheap(operands[i])) && !is_stable(e, operands[i])) emit_spill(e, operands[i]);
    break;
  }
  default: break;
  }
  target->flags &= (uint16_t)~NODE_STATEMENTS;
}

void prepare_target(Emitter *e, Node *target, const Node *value) {
  ready_target(e, target, true, value);
}

void prepare_delete(Emitter *e, Node *node) {
  Node *value = node->as.unary.value;
  if (value->kind != N_CHAIN) {
    bool place = value->kind == N_MEMBER || value->kind == N_INDEX || value->kind == N_IDENTIFIER;
    if (place) ready_target(e, value, false, NULL);
    else emit_prepare(e, value);
    return;
  }
  // delete a?.b: nothing to delete is a success
  Node *link = value->as.unary.value;
  Node *object = link->kind == N_MEMBER ? link->as.member.object : link->kind == N_INDEX ? link->as.binary.left : link;
  emit_prepare(e, object);
  emit_spill(e, object);
  uint32_t temp = local_temp(e);
  put_temp(e, object->temp);
  put(e, " == nil or ");
  put_temp(e, object->temp);
  put(e, " == ");
  put_helper(e, HELPER_null);
  put(e, " or ");
  put_helper(e, HELPER_delete);
  put(e, "(");
  put_temp(e, object->temp);
  put(e, ", ");
  if (link->kind == N_MEMBER) put_string(e, link->as.member.name);
  else if (link->kind == N_INDEX) emit_key_value(e, link->as.binary.right);
  else put(e, "nil");
  put(e, ")");
  finish(e);
  node->temp = temp;
}

// ---- assignments

void emit_compound(Emitter *e, Node *assign) {
  Node *sum = node_new(e->arena, N_BINARY, assign->start, assign->line);
  sum->op = (uint8_t)assign_operator(assign->op);
  sum->flags |= assign->flags & NODE_BIGINT;
  sum->as.binary.left = assign->as.binary.left;
  sum->as.binary.right = assign->as.binary.right;
  emit_value(e, sum, L_ANY);
}

// x = x + a + b on an accumulator: x:put(a, b)
static void emit_append(Emitter *e, Node *assign) {
  Binding *b = assign->as.binary.left->as.name.binding;
  Node *value = assign->as.binary.right, *operands[64];
  int count = 0;
  emit_prepare(e, value);
  emit_begin(e, 0);
  put_variable(e, b);
  put(e, ":put(");
  if (assign->op == T_ASSIGN_ADD) {
    while (value->kind == N_BINARY && value->op == T_ADD && !value->temp && type_is(value, TYPE_STRING) && count < 63 &&
           type_is(value->as.binary.left, TYPE_STRING)) {
      operands[count++] = value->as.binary.right;
      value = value->as.binary.left;
    }
    operands[count++] = value;
  } else {
    for (; value->kind == N_BINARY && value->op == T_ADD; value = value->as.binary.left) operands[count++] = value->as.binary.right;
  }
  while (count--) {
    emit_string_value(e, operands[count], L_ANY);
    if (count) put(e, ", ");
  }
  put(e, ")");
  finish(e);
}

static bool can_append(Node *assign) {
  if (assign->as.binary.left->kind != N_IDENTIFIER || assign->as.binary.left->flags & NODE_SPECIAL) return false;
  Binding *b = assign->as.binary.left->as.name.binding;
  if (!b || !b->accumulator || !is_append_to_self(assign)) return false;
  if (assign->op == T_ASSIGN_ADD) return true;
  int count = 0; // the parts of the sum must stand in place
  for (Node *n = assign->as.binary.right; n->kind == N_BINARY && n->op == T_ADD; n = n->as.binary.left, count++)
    if (n->flags & NODE_STATEMENTS || n->temp) return false;
  return count < 60;
}

// Does it run no code of the program?
static bool is_quiet(Node *node) {
  if (node->temp) return true;
  switch (node->kind) {
  case N_STRING:
  case N_NUMBER:
  case N_THIS: return true;
  case N_IDENTIFIER: return node->as.name.binding && !(node->flags & (NODE_SPECIAL | NODE_CHECKED | NODE_DEAD));
  case N_BINARY:
    return node->op == T_ADD && type_is(node->as.binary.left, TYPE_STRING | TYPE_NUMERIC) &&
           type_is(node->as.binary.right, TYPE_STRING | TYPE_NUMERIC) && is_quiet(node->as.binary.left) && is_quiet(node->as.binary.right);
  case N_TEMPLATE:
    for (Node *value = node->as.template.values.first; value; value = value->next)
      if (!type_is(value, TYPE_STRING | TYPE_NUMERIC) || !is_quiet(value)) return false;
    return true;
  default: return false;
  }
}

static bool is_rope(const Node *node) {
  return node->kind == N_IDENTIFIER && !(node->flags & NODE_SPECIAL) && node->as.name.binding && node->as.name.binding->rope;
}

// x += a, x = x + a + b on a rope: x = appended(x, a). What may append to x itself is kept from the old value by its size.
static bool emit_rope_append(Emitter *e, Node *assign) {
  Node *left = assign->as.binary.left, *value = assign->as.binary.right, *operands[64] = {value};
  if (!is_rope(left) || !is_append_to_self(assign)) return false;
  Binding *b = left->as.name.binding;
  int count = 0;
  if (assign->op == T_ASSIGN_ADD) {
    count = 1;
  } else {
    for (; value->kind == N_BINARY && value->op == T_ADD; value = value->as.binary.left) {
      if (count == 60 || value->temp || needs_statements(value)) return false;
      operands[count++] = value->as.binary.right;
    }
    for (int i = 0; i < count && count > 1; i++)
      if (!is_quiet(operands[i])) return false;
  }
  if (needs_statements(operands[0])) {
    uint32_t old = local_temp(e);
    put_variable(e, b);
    finish(e);
    uint32_t size = local_temp(e);
    put_helper(e, HELPER_sizeof);
    put(e, "(");
    put_temp(e, old);
    put(e, ")");
    finish(e);
    emit_prepare(e, operands[0]);
    emit_begin(e, 0);
    put_variable(e, b);
    put(e, " = ");
    put_helper(e, HELPER_appended_at);
    put(e, "(");
    put_temp(e, old);
    put(e, ", ");
    put_temp(e, size);
    put(e, ", ");
    emit_single(e, operands[0]);
    put(e, ")");
    finish(e);
    return true;
  }
  bool quiet = is_quiet(operands[0]);
  emit_begin(e, 0);
  put_variable(e, b);
  put(e, " = ");
  for (int i = 0; i < count; i++) {
    put_helper(e, quiet ? HELPER_appended : HELPER_appended_at);
    put(e, "(");
  }
  put_variable(e, b);
  if (!quiet) {
    put(e, ", ");
    put_helper(e, HELPER_sizeof);
    put(e, "(");
    put_variable(e, b);
    put(e, ")");
  }
  while (count--) {
    put(e, ", ");
    emit_single(e, operands[count]);
    put(e, ")");
  }
  finish(e);
  return true;
}

// o.k += a, where it is likely that o.k is a text
static bool emit_property_append(Emitter *e, Node *assign) {
  Node *left = assign->as.binary.left, *right = assign->as.binary.right;
  if (assign->op != T_ASSIGN_ADD || left->kind != N_MEMBER || left->as.member.object->kind == N_SUPER) return false;
  Atom *name = left->as.member.name;
  if (name->token == T_PROTO || atom_is_length(name)) return false;
  if (!type_is(right, TYPE_STRING) && !(type_of(right) & TYPE_STRING && name->text_uses & TEXT_HELD)) return false;
  ready_target(e, left, true, NULL);
  uint32_t old = 0, size = 0;
  if (!is_quiet(right)) {
    old = new_temp(e);
    size = new_temp(e);
    emit_begin(e, 0);
    put(e, "local ");
    put_temp(e, old);
    put(e, ", ");
    put_temp(e, size);
    put(e, " = ");
    put_helper(e, HELPER_held);
    put(e, "(");
    emit_value(e, left->as.member.object, L_ANY);
    emit_line(e, left->line);
    put(e, ", ");
    put_string(e, name);
    put(e, ")");
    finish(e);
    emit_prepare(e, right);
  }
  emit_begin(e, 0);
  put_helper(e, old ? HELPER_extend_at : HELPER_extend);
  put(e, "(");
  emit_value(e, left->as.member.object, L_ANY);
  put(e, ", ");
  put_string(e, name);
  put(e, ", ");
  if (old) {
    put_temp(e, old);
    put(e, ", ");
    put_temp(e, size);
    put(e, ", ");
  }
  emit_single(e, right);
  put(e, ")");
  finish(e);
  return true;
}

static bool is_plain_name(const Node *node) {
  return node->kind == N_IDENTIFIER && node->as.name.binding && !(node->flags & (NODE_SPECIAL | NODE_CHECKED)) &&
         !node->as.name.binding->accumulator && !node->as.name.binding->rope && node->as.name.binding->kind != BINDING_CONST &&
         node->as.name.binding->kind != BINDING_SELF && node->as.name.binding->kind != BINDING_IMPORT;
}

static void bind(Emitter *e, Node *target, Source source, bool declares);
static bool takes_turns(const Node *pattern);

// [a, b] = [b, a], and the same with places: [a[i], a[j]] = [a[j], a[i]]. No array is made.
static bool emit_swap(Emitter *e, Node *pattern, Node *value) {
  if (pattern->kind != N_ARRAY_PATTERN || value->kind != N_ARRAY || needs_statements(value)) return false;
  if (pattern->as.list.items.count != value->as.list.items.count || !value->as.list.items.count || value->as.list.items.count > 20)
    return false;
  bool names = true;
  for (const Node *item = pattern->as.list.items.first; item; item = item->next) {
    if (item->kind == N_REST || item->kind == N_HOLE) return false;
    names = names && is_plain_name(item);
  }
  if (!names && takes_turns(pattern)) return false;
  for (const Node *item = value->as.list.items.first; item; item = item->next)
    if (item->kind == N_SPREAD || item->kind == N_HOLE) return false;
  emit_begin(e, 0);
  if (!names) {
    uint32_t first = e->lua->temps + 1, i = 0;
    put(e, "local ");
    for (Node *item = value->as.list.items.first; item; item = item->next) {
      put_temp(e, new_temp(e));
      put(e, item->next ? ", " : " = ");
    }
    for (Node *item = value->as.list.items.first; item; item = item->next) {
      emit_value(e, item, L_ANY);
      if (item->next) put(e, ", ");
    }
    finish(e);
    for (Node *item = pattern->as.list.items.first; item; item = item->next) bind(e, item, (Source){temp_name(e, first + i++), NULL}, false);
    return true;
  }
  for (Node *item = pattern->as.list.items.first; item; item = item->next) {
    put_variable(e, item->as.name.binding);
    put(e, item->next ? ", " : " = ");
  }
  for (Node *item = value->as.list.items.first; item; item = item->next) {
    emit_value(e, item, L_ANY);
    if (item->next) put(e, ", ");
  }
  finish(e);
  return true;
}

void emit_assign_statement(Emitter *e, Node *node) {
  Node *left = node->as.binary.left, *right = node->as.binary.right;
  if (can_append(node)) {
    emit_append(e, node);
    return;
  }
  if (emit_rope_append(e, node) || emit_property_append(e, node)) return;
  if (node->op >= T_ASSIGN_NULLISH && node->op <= T_ASSIGN_AND) {
    ready_target(e, left, true, right);
    emit_begin(e, 0);
    put(e, "if ");
    if (node->op == T_ASSIGN_NULLISH) {
      uint32_t temp = 0;
      if (!is_cheap(left)) {
        e->out->len -= 3;
        temp = new_temp(e);
        put(e, "local ");
        put_temp(e, temp);
        put(e, " = ");
        emit_value(e, left, L_ANY);
        put(e, "; if ");
      }
      for (int i = 0; i < 2; i++) {
        if (temp) put_temp(e, temp);
        else emit_value(e, left, L_COMPARE);
        put(e, i ? " == " : " == nil or ");
      }
      put_helper(e, HELPER_null);
    } else {
      if (node->op == T_ASSIGN_OR) put(e, "not ");
      emit_condition(e, left, L_UNARY);
    }
    put(e, " then");
    e->separator = false;
    uint32_t locals = e->lua->locals;
    emit_prepare(e, right);
    emit_store_node(e, left, right);
    e->lua->locals = locals;
    put(e, " end");
    finish(e);
    return;
  }
  if (left->kind == N_ARRAY_PATTERN || left->kind == N_OBJECT_PATTERN) {
    if (emit_swap(e, left, right)) return;
    emit_prepare(e, right);
    if (!is_stable(e, right)) emit_spill(e, right);
    uint32_t temp = right->temp;
    if (!temp) {
      temp = local_temp(e);
      emit_value(e, right, L_ANY);
      finish(e);
    }
    emit_pattern(e, left, temp_name(e, temp), false);
    return;
  }
  bool compound = node->op != T_ASSIGN;
  ready_target(e, left, compound, right);
  if (needs_statements(right)) {
    if (compound) {
      uint32_t old = local_temp(e);
      emit_value(e, left, L_ANY);
      finish(e);
      emit_prepare(e, right);
      uint32_t value = new_temp(e);
      emit_begin(e, 0);
      put(e, "local ");
      put_temp(e, value);
      put(e, " = ");
      left->temp = old;
      emit_compound(e, node);
      left->temp = 0;
      finish(e);
      emit_store(e, left, temp_name(e, value));
      return;
    }
    emit_prepare(e, right);
  }
  if (!compound) {
    emit_store_node(e, left, right);
    return;
  }
  Node *sum = node_new(e->arena, N_BINARY, node->start, node->line);
  sum->op = (uint8_t)assign_operator(node->op);
  sum->flags |= node->flags & NODE_BIGINT;
  sum->as.binary.left = left;
  sum->as.binary.right = right;
  emit_store_node(e, left, sum);
}

// x - -1 and x + -1 are what BigInts take for x++ and x--: they do not mix with numbers otherwise.
bool may_step_bigint(const Node *update) {
  return update->flags & NODE_BIGINT && !type_is(update->as.unary.value, TYPE_NUMERIC);
}

void emit_update_statement(Emitter *e, Node *node) {
  Node *target = node->as.unary.value;
  ready_target(e, target, true, NULL);
  Node *one = node_new(e->arena, N_NUMBER, node->start, node->line);
  Node *sum = node_new(e->arena, N_BINARY, node->start, node->line);
  bool bigint = may_step_bigint(node);
  one->as.number.value = bigint ? -1 : 1;
  sum->op = (node->op == T_INC) == bigint ? T_SUB : T_ADD;
  sum->flags |= NODE_PREFIX; // numeric whatever the operand
  sum->type = TYPE_NUMBER;
  sum->as.binary.left = target;
  sum->as.binary.right = one;
  emit_store_node(e, target, sum);
}

// ---- declarations

void emit_declare(Emitter *e, Binding *b, Node *value) {
  emit_begin(e, 0);
  if (b->accumulator) {
    if (!b->declared) {
      put(e, "local ");
      e->lua->locals++;
    }
    put_variable(e, b);
    put(e, " = ");
    put_helper(e, HELPER_buffer);
    put(e, "(");
    if (value) emit_value(e, value, L_ANY);
    put(e, ")");
    b->declared = true;
    finish(e);
    return;
  }
  if (b->storage == STORAGE_LOCAL && !b->declared) {
    put(e, "local ");
    put_variable(e, b);
    if (value) {
      put(e, " = ");
      emit_value(e, value, L_ANY);
    }
    b->declared = true;
    e->lua->locals++;
  } else {
    put_variable(e, b);
    put(e, " = ");
    if (value) emit_value(e, value, L_ANY);
    else put(e, "nil");
  }
  finish(e);
}

typedef struct Declaring {
  Emitter *e;
  bool some;
} Declaring;

static bool declare_local(void *context, Node *name) {
  Declaring *declaring = context;
  Emitter *e = declaring->e;
  Binding *b = name->as.name.binding;
  if (!b || b->storage != STORAGE_LOCAL || b->declared || b->accumulator) return true;
  if (!declaring->some) emit_begin(e, 0);
  put(e, declaring->some ? ", " : "local ");
  declaring->some = true;
  put_variable(e, b);
  b->declared = true;
  e->lua->locals++;
  finish(e);
  return true;
}

void emit_declare_names(Emitter *e, Node *pattern) {
  Declaring declaring = {e, false};
  parse_each_name(pattern, declare_local, &declaring);
}

// ---- patterns

static void bind_plain(Emitter *e, Node *target, Source source, bool declares) {
  if (target->kind == N_IDENTIFIER) {
    store_name(e, target, source, declares);
  } else if (target->kind == N_ARRAY_PATTERN || target->kind == N_OBJECT_PATTERN) {
    uint32_t temp = local_temp(e);
    put_source(e, source);
    finish(e);
    emit_pattern(e, target, temp_name(e, temp), declares);
  } else {
    emit_plan(e, target);
    ready_target(e, target, false, NULL);
    store(e, target, source);
  }
}

static void bind(Emitter *e, Node *target, Source source, bool declares) {
  emit_line(e, 0);
  uint32_t locals = e->lua->locals;
  if (target->kind != N_DEFAULT) {
    bind_plain(e, target, source, declares);
    return;
  }
  emit_begin(e, target->line);
  put(e, "do");
  e->separator = false;
  uint32_t temp = local_temp(e);
  put_source(e, source);
  finish(e);
  emit_begin(e, 0);
  put(e, "if ");
  put_temp(e, temp);
  put(e, " == nil then");
  e->separator = false;
  Node *value = target->as.binary.right;
  emit_plan(e, value);
  emit_prepare(e, value);
  emit_begin(e, 0);
  put_temp(e, temp);
  put(e, " = ");
  emit_value(e, value, L_ANY);
  put(e, " end");
  finish(e);
  bind_plain(e, target->as.binary.left, (Source){temp_name(e, temp), NULL}, declares);
  emit_begin(e, 0);
  put(e, "end");
  finish(e);
  e->lua->locals = locals;
}

static const char *join(Emitter *e, const char *a, const char *b, size_t len, const char *c) {
  size_t la = strlen(a), lc = strlen(c);
  char *text = arena_alloc(e->arena, la + len + lc + 1);
  memcpy(text, a, la);
  memcpy(text + la, b, len);
  memcpy(text + la + len, c, lc);
  return text;
}

// The Lua text of value[key].
static const char *field_text(Emitter *e, const char *value, Node *key) {
  Text text = {0}, *out = e->out;
  bool fresh = e->fresh;
  e->out = &text;
  emit_key(e, key);
  e->out = out;
  e->fresh = fresh;
  const char *field = join(e, value, text.data, text.len, "");
  text_free(&text);
  return field;
}

static void object_pattern(Emitter *e, Node *pattern, const char *value, bool declares) {
  const List *items = &pattern->as.list.items;
  bool rest = items->last && items->last->kind == N_REST;
  if (!items->first || items->first->flags & NODE_COMPUTED) { // undefined and null have no properties; restof knows
    emit_begin(e, 0);
    put(e, "do local _ = ");
    put(e, value);
    put(e, "[1] end");
    finish(e);
  }
  for (Node *item = items->first; item; item = item->next) {
    if (item->kind == N_REST) {
      Text keys = {0}, *out = e->out;
      e->out = &keys;
      put_helper(e, HELPER_restof);
      put(e, "(");
      put(e, value);
      for (Node *other = items->first; other != item; other = other->next) {
        put(e, ", ");
        emit_key_value(e, other->as.property.key);
      }
      put(e, ")");
      e->out = out;
      const char *text = arena_copy(e->arena, keys.data, keys.len);
      text_free(&keys);
      bind(e, item->as.unary.value, (Source){text, NULL}, declares);
      continue;
    }
    Node *key = item->as.property.key;
    if (item->flags & NODE_COMPUTED) {
      emit_plan(e, key);
      emit_prepare(e, key);
      if (rest) emit_spill(e, key);
    }
    emit_line(e, item->line);
    bind(e, item->as.property.value, (Source){field_text(e, value, key), NULL}, declares);
  }
}

// Evaluating it runs no code that could see the pattern half done.
static bool is_silent(const Node *node) {
  switch (node->kind) {
  case N_FUNCTION:
  case N_THIS:
  case N_SUPER:
  case N_REGEXP: return true;
  case N_IDENTIFIER: return !(node->flags & (NODE_CHECKED | NODE_SPECIAL | NODE_DEAD));
  case N_ARRAY:
  case N_OBJECT: return !node->as.list.items.count;
  case N_TEMPLATE: return !node->as.template.values.count;
  case N_UNARY: return (node->op == T_SUB || node->op == T_NOT || node->op == T_VOID) && is_silent(node->as.unary.value);
  case N_MEMBER: return is_silent(node->as.member.object);
  case N_BINARY: return is_silent(node->as.binary.left) && is_silent(node->as.binary.right);
  default: return is_cheap(node);
  }
}

// Must the iterator's steps and the targets take turns?
static bool takes_turns(const Node *pattern) {
  for (const Node *item = pattern->as.list.items.first; item; item = item->next) {
    const Node *target = item->kind == N_REST ? item->as.unary.value : item;
    if (target->kind == N_DEFAULT) {
      if (!is_silent(target->as.binary.right)) return true;
      target = target->as.binary.left;
    }
    if ((target->kind == N_MEMBER || target->kind == N_PRIVATE_MEMBER) && !is_silent(target->as.member.object)) return true;
    if (target->kind == N_INDEX && (!is_silent(target->as.binary.left) || !is_silent(target->as.binary.right))) return true;
  }
  return false;
}

static bool is_place(const Node *target) {
  return target->kind == N_MEMBER || target->kind == N_PRIVATE_MEMBER || target->kind == N_INDEX;
}

static void step_pattern(Emitter *e, Node *pattern, const char *value, bool declares) {
  uint32_t state = local_temp(e);
  put_helper(e, HELPER_steps);
  put(e, "(");
  put(e, value);
  put(e, ")");
  finish(e);
  for (Node *item = pattern->as.list.items.first; item; item = item->next) {
    bool rest = item->kind == N_REST;
    Node *target = rest ? item->as.unary.value : item;
    Node *place = target->kind == N_DEFAULT ? target->as.binary.left : target;
    if (is_place(place)) { // which place it is comes before its value
      emit_plan(e, place);
      ready_target(e, place, true, NULL);
    }
    uint32_t temp = 0;
    if (item->kind == N_HOLE) emit_begin(e, 0);
    else temp = local_temp(e);
    put_helper(e, rest ? HELPER_steprest : HELPER_step);
    put(e, "(");
    put_temp(e, state);
    put(e, ")");
    finish(e);
    if (temp) bind(e, target, (Source){temp_name(e, temp), NULL}, declares);
  }
  emit_begin(e, 0);
  put_helper(e, HELPER_stepend);
  put(e, "(");
  put_temp(e, state);
  put(e, ")");
  finish(e);
}

static void array_pattern(Emitter *e, Node *pattern, const char *value, bool declares) {
  if (takes_turns(pattern)) {
    step_pattern(e, pattern, value, declares);
    return;
  }
  const List *items = &pattern->as.list.items;
  bool rest = items->last && items->last->kind == N_REST;
  uint32_t count = items->count - rest, first = e->lua->temps + 1;
  emit_begin(e, 0);
  if (items->count) {
    put(e, "local ");
    for (uint32_t i = 0; i < items->count; i++) {
      if (i) put(e, ", ");
      put_temp(e, new_temp(e));
    }
    put(e, " = ");
  }
  put_helper(e, rest ? HELPER_takerest : HELPER_take);
  put(e, "(");
  put(e, value);
  put(e, ", ");
  put_number(e, count);
  put(e, ")");
  finish(e);
  uint32_t i = 0;
  for (Node *item = items->first; item; item = item->next, i++) {
    if (item->kind == N_HOLE) continue;
    Node *target = item->kind == N_REST ? item->as.unary.value : item;
    bind(e, target, (Source){temp_name(e, first + i), NULL}, declares);
  }
}

void emit_pattern(Emitter *e, Node *pattern, const char *value, bool declares) {
  if (pattern->kind == N_OBJECT_PATTERN) object_pattern(e, pattern, value, declares);
  else if (pattern->kind == N_ARRAY_PATTERN) array_pattern(e, pattern, value, declares);
  else bind(e, pattern, (Source){value, NULL}, declares);
}

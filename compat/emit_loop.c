// SPDX-License-Identifier: MIT
//
// Loops.
#include "emitter.h"

#include <math.h>

static void finish(Emitter *e) {
  e->separator = true;
}

static void open_do(Emitter *e, uint32_t line) {
  emit_begin(e, line);
  put(e, "do");
  e->separator = false;
}

static void put_label(Emitter *e, const char *kind, uint32_t id) {
  emit_begin(e, 0);
  put(e, kind);
  put_number(e, id);
  put(e, "::");
  e->separator = false;
}

// Does the body declare Lua locals, or end with what must be the last of a Lua block?
static bool leaves_locals(const Node *body) {
  if (body->kind != S_BLOCK) return body->kind != S_EXPRESSION && body->kind != S_IF;
  for (const Node *item = body->as.list.items.first; item; item = item->next)
    if (item->kind != S_EXPRESSION && item->kind != S_IF && item->kind != S_FOR && item->kind != S_BLOCK) return true;
  return body->as.list.scope != NULL;
}

// The body, with the place that `continue` goes to after it. `more`: statements follow in the same Lua block.
static void loop_body(Emitter *e, Node *loop, Way *way, bool more) {
  uint32_t locals = e->lua->locals;
  bool wrap = loop->flags & NODE_CONTINUED || (more && leaves_locals(loop->as.loop.body));
  Node *body = loop->as.loop.body;
  e->indent++;
  if (wrap) open_do(e, body->line);
  e->lua->ways = way;
  emit_block(e, body);
  e->lua->ways = way->outer;
  if (wrap) emit_end(e, 0);
  if (way->continue_used) put_label(e, "::continue_", way->id);
  e->indent--;
  e->lua->locals = locals;
}

static void after_loop(Emitter *e, const Way *way) {
  if (way->break_used) put_label(e, "::break_", way->id);
}

// if not test then break end
static void break_unless(Emitter *e, Node *test) {
  emit_prepare_condition(e, test);
  emit_begin(e, 0);
  put(e, "if not ");
  emit_condition(e, test, L_UNARY);
  put(e, " then break end");
  finish(e);
}

static Way new_way(Emitter *e, const Node *node) {
  return (Way){.node = node, .outer = e->lua->ways, .closure = e->lua->closure, .id = ++e->lua->labels, .lua_loop = true};
}

static void emit_while(Emitter *e, Node *node) {
  Node *test = node->as.loop.test;
  Way way = new_way(e, node);
  emit_plan(e, test);
  bool statements = condition_needs_statements(test);
  uint32_t locals = e->lua->locals;
  emit_begin(e, node->line);
  put(e, "while ");
  if (statements) put(e, "true");
  else emit_condition(e, test, L_ANY);
  put(e, " do");
  e->separator = false;
  if (statements) break_unless(e, test);
  loop_body(e, node, &way, false);
  emit_end(e, 0);
  e->lua->locals = locals;
  after_loop(e, &way);
}

static void emit_do_while(Emitter *e, Node *node) {
  Node *test = node->as.loop.test;
  Way way = new_way(e, node);
  uint32_t locals = e->lua->locals;
  emit_begin(e, node->line);
  put(e, "repeat");
  e->separator = false;
  loop_body(e, node, &way, true);
  emit_plan(e, test);
  emit_line(e, test->line);
  emit_prepare_condition(e, test);
  emit_begin(e, test->line);
  put(e, "until not ");
  emit_condition(e, test, L_UNARY);
  finish(e);
  e->lua->locals = locals;
  after_loop(e, &way);
}

// ---- for

static bool is_whole(const Node *node, double *value) {
  if (node->kind != N_NUMBER || node->as.number.value != floor(node->as.number.value)) return false;
  *value = node->as.number.value;
  return fabs(*value) < 1e9;
}

// for (let i = a; i < b; i++) where only the update changes i and b stays: a Lua numeric for.
static bool is_numeric(Node *node) {
  const Node *init = node->as.loop.init;
  Node *test = node->as.loop.test, *update = node->as.loop.update;
  double value;
  if (!init || init->kind != S_VARIABLES || init->op == T_VAR || init->as.list.items.count != 1 || !test || !update) return false;
  const Node *only = init->as.list.items.first, *name = only->as.binary.left;
  if (name->kind != N_IDENTIFIER || !only->as.binary.right) return false;
  Binding *b = name->as.name.binding;
  if (!b || b->storage != STORAGE_LOCAL || b->checked || b->escapes || b->type != TYPE_INT) return false;
  if (!b->assigned || !b->assigned->next || b->assigned->next->next) return false; // the init and the update only
  if (type_of(only->as.binary.right) != TYPE_INT || only->as.binary.right->kind == N_ASSIGN) return false;
  if (test->kind != N_BINARY || (test->op != T_LT && test->op != T_LE)) return false;
  if (test->as.binary.left->kind != N_IDENTIFIER || test->as.binary.left->as.name.binding != b) return false;
  Node *limit = test->as.binary.right;
  if (!is_whole(limit, &value)) {
    if (limit->kind != N_IDENTIFIER || !limit->as.name.binding || limit->flags & (NODE_CHECKED | NODE_SPECIAL)) return false;
    const Binding *l = limit->as.name.binding;
    if (l->type != TYPE_INT || l->reassigned || l->escapes || l == b || l->storage != STORAGE_LOCAL) return false;
  }
  return b->kind != BINDING_CONST && update->kind == N_UPDATE && update->op == T_INC && update->as.unary.value->kind == N_IDENTIFIER &&
         update->as.unary.value->as.name.binding == b;
}

static void emit_numeric(Emitter *e, Node *node) {
  Node *only = node->as.loop.init->as.list.items.first, *limit = node->as.loop.test->as.binary.right;
  Binding *b = only->as.binary.left->as.name.binding;
  Way way = new_way(e, node);
  uint32_t locals = e->lua->locals;
  double value;
  emit_plan(e, only->as.binary.right);
  emit_begin(e, node->line);
  put(e, "for ");
  put_variable(e, b);
  put(e, " = ");
  emit_value(e, only->as.binary.right, L_ANY);
  put(e, ", ");
  bool less = node->as.loop.test->op == T_LT;
  if (is_whole(limit, &value)) {
    put_double(e, less ? value - 1 : value, L_ANY);
  } else {
    emit_value(e, limit, L_ADD);
    if (less) put(e, " - 1");
  }
  put(e, " do");
  e->separator = false;
  b->declared = true;
  e->lua->locals += 4;
  loop_body(e, node, &way, false);
  emit_end(e, 0);
  e->lua->locals = locals;
  after_loop(e, &way);
}

// The loop's variables that closures take: each turn has its own.
static uint32_t count_captured(const Scope *scope) {
  uint32_t count = 0;
  for (const Binding *b = scope ? scope->first : NULL; b; b = b->next) count += b->captured && b->storage == STORAGE_LOCAL;
  return count;
}

static void put_copies(Emitter *e, const Scope *scope, uint32_t first, bool back) {
  emit_begin(e, 0);
  if (!back) put(e, "local ");
  for (int side = 0; side < 2; side++) {
    uint32_t temp = first;
    bool names = side == (back ? 1 : 0), some = false;
    for (Binding *b = scope->first; b; b = b->next) {
      if (!b->captured || b->storage != STORAGE_LOCAL) continue;
      if (some) put(e, ", ");
      some = true;
      if (names) put_variable(e, b);
      else put_temp(e, temp);
      temp++;
    }
    if (!side) put(e, " = ");
  }
  finish(e);
}

static void emit_for(Emitter *e, Node *node) {
  if (is_numeric(node)) {
    emit_numeric(e, node);
    return;
  }
  Node *init = node->as.loop.init, *test = node->as.loop.test, *update = node->as.loop.update;
  Scope *scope = node->as.loop.scope;
  Way way = new_way(e, node);
  uint32_t locals = e->lua->locals, copies = count_captured(scope);
  bool block = scope || (init && init->kind != S_VARIABLES);
  if (block) open_do(e, node->line);
  open_scope(e, scope);
  if (init && init->kind == S_VARIABLES) {
    emit_statement(e, init);
  } else if (init) {
    emit_plan(e, init);
    uint32_t before = e->lua->locals;
    open_do(e, init->line);
    emit_effect(e, init);
    emit_end(e, 0);
    e->lua->locals = before;
  }
  uint32_t first = 0, started = 0;
  if (copies) {
    first = e->lua->temps + 1;
    for (uint32_t i = 0; i < copies; i++) new_temp(e);
    emit_begin(e, 0);
    put(e, "local ");
    for (uint32_t i = 0; i < copies; i++) {
      if (i) put(e, ", ");
      put_temp(e, first + i);
    }
    put(e, " = ");
    bool some = false;
    for (Binding *b = scope->first; b; b = b->next) {
      if (!b->captured || b->storage != STORAGE_LOCAL) continue;
      if (some) put(e, ", ");
      some = true;
      put_variable(e, b);
    }
    finish(e);
    if (update) {
      started = local_temp(e);
      put(e, "false");
      finish(e);
    }
  }
  if (test) emit_plan(e, test);
  if (update) emit_plan(e, update);
  bool statements = (test && condition_needs_statements(test)) || copies;
  emit_begin(e, test ? test->line : node->line);
  put(e, "while ");
  if (statements || !test) put(e, "true");
  else emit_condition(e, test, L_ANY);
  put(e, " do");
  e->separator = false;
  if (copies) {
    put_copies(e, scope, first, false);
    e->lua->locals += copies;
    if (update) {
      emit_begin(e, 0);
      put(e, "if ");
      put_temp(e, started);
      put(e, " then");
      e->separator = false;
      uint32_t before = e->lua->locals;
      emit_effect(e, update);
      e->lua->locals = before;
      emit_begin(e, 0);
      put(e, "else ");
      put_temp(e, started);
      put(e, " = true end");
      finish(e);
    }
  }
  if (statements && test) break_unless(e, test);
  loop_body(e, node, &way, update || copies);
  if (copies) {
    put_copies(e, scope, first, true);
  } else if (update) {
    uint32_t before = e->lua->locals;
    bool wrap = effect_needs_block(update);
    if (wrap) open_do(e, 0);
    emit_effect(e, update);
    if (wrap) emit_end(e, 0);
    e->lua->locals = before;
  }
  emit_end(e, 0);
  if (block) emit_end(e, 0);
  e->lua->locals = locals;
  after_loop(e, &way);
}

// ---- for-in and for-of

// What the loop's Lua variable is: the JS variable itself where that is a plain new local, else a temporary.
static Binding *plain_variable(Node *node) {
  const Node *init = node->as.loop.init;
  if (init->kind != S_VARIABLES || init->op == T_VAR) return NULL;
  const Node *target = init->as.list.items.first->as.binary.left;
  if (target->kind != N_IDENTIFIER) return NULL;
  Binding *b = target->as.name.binding;
  return b && b->storage == STORAGE_LOCAL && !b->checked && !b->escapes ? b : NULL;
}

static void bind_variable(Emitter *e, Node *node, uint32_t temp) {
  Node *init = node->as.loop.init;
  if (init->kind != S_VARIABLES) {
    if (init->kind == N_ARRAY_PATTERN || init->kind == N_OBJECT_PATTERN || init->kind == N_IDENTIFIER) {
      emit_pattern(e, init, temp_name(e, temp), false);
      return;
    }
    emit_plan(e, init);
    prepare_target(e, init, NULL);
    emit_store(e, init, temp_name(e, temp));
    return;
  }
  Node *target = init->as.list.items.first->as.binary.left;
  if (init->op != T_VAR) emit_declare_names(e, target);
  uint32_t locals = e->lua->locals;
  open_do(e, 0);
  emit_pattern(e, target, temp_name(e, temp), true);
  emit_end(e, 0);
  e->lua->locals = locals;
}

static void emit_iteration(Emitter *e, Node *node) {
  Node *object = node->as.loop.test, *init = node->as.loop.init;
  bool in = node->kind == S_FOR_IN, closes = !in && node->flags & NODE_LEFT;
  Way way = new_way(e, node);
  uint32_t locals = e->lua->locals;
  emit_plan(e, object);
  Scope *scope = node->as.loop.scope;
  bool dead = false; // for (let x of x): the names are there, and dead
  for (Binding *b = scope ? scope->first : NULL; b; b = b->next) dead |= b->checked;
  bool block = closes || needs_statements(object) || dead ||
               (init->kind == S_VARIABLES && init->as.list.items.first->as.binary.right);
  if (block) open_do(e, node->line);
  if (dead) open_scope(e, scope);
  if (init->kind == S_VARIABLES && init->as.list.items.first->as.binary.right) { // for (var x = 1 in …)
    Node *value = init->as.list.items.first->as.binary.right;
    emit_plan(e, value);
    emit_prepare(e, value);
    emit_store_node(e, init->as.list.items.first->as.binary.left, value);
  }
  emit_prepare(e, object);
  Helper helper = in ? HELPER_keys : node->flags & NODE_AWAIT ? HELPER_eachasync : HELPER_each;
  uint32_t first = 0;
  if (closes) {
    first = e->lua->temps + 1;
    new_temp(e);
    new_temp(e);
    new_temp(e);
    emit_begin(e, 0);
    put(e, "local ");
    for (uint32_t i = 0; i < 3; i++) {
      put_temp(e, first + i);
      put(e, i < 2 ? ", " : " = ");
    }
    put_helper(e, helper);
    put(e, "(");
    emit_single(e, object);
    put(e, ")");
    finish(e);
    way.iterator = first + 1;
  }
  Binding *variable = dead ? NULL : plain_variable(node);
  emit_begin(e, node->line);
  put(e, in ? "for " : "for _, ");
  uint32_t temp = 0;
  if (variable) {
    put_variable(e, variable);
    variable->declared = true;
    e->lua->locals++;
  } else {
    temp = new_temp(e);
    put_temp(e, temp);
  }
  put(e, " in ");
  if (closes) {
    for (uint32_t i = 0; i < 3; i++) {
      put_temp(e, first + i);
      if (i < 2) put(e, ", ");
    }
  } else {
    put_helper(e, helper);
    put(e, "(");
    emit_single(e, object);
    put(e, ")");
  }
  put(e, " do");
  e->separator = false;
  e->lua->locals += 4;
  if (!variable) {
    if (scope && !dead) open_scope(e, scope);
    bind_variable(e, node, temp);
  } else if (scope) {
    open_table(e, scope);
  }
  loop_body(e, node, &way, false);
  emit_end(e, 0);
  if (block) emit_end(e, 0);
  e->lua->locals = locals;
  after_loop(e, &way);
}

void emit_loop(Emitter *e, Node *node) {
  switch (node->kind) {
  case S_FOR: emit_for(e, node); break;
  case S_WHILE: emit_while(e, node); break;
  case S_DO_WHILE: emit_do_while(e, node); break;
  default: emit_iteration(e, node);
  }
}

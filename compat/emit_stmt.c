// SPDX-License-Identifier: MIT
//
// Statements but loops, try and switch.
#include "emitter.h"

#include <string.h>

static void finish(Emitter *e) {
  e->separator = true;
}

// do … end around a statement that needs temporaries
static uint32_t open_block(Emitter *e, uint32_t line) {
  emit_begin(e, line);
  put(e, "do");
  e->separator = false;
  return e->lua->locals;
}

static void close_block(Emitter *e, uint32_t locals) {
  emit_end(e, 0);
  e->lua->locals = locals;
}

// ---- scopes

static bool wants_local(const Binding *b, bool all) {
  if (b->declared || !is_seen(b)) return false;
  switch (b->kind) {
  case BINDING_VAR: return all || !b->in_place;
  case BINDING_FUNCTION: return all || b->forward || b->escapes;
  case BINDING_LET:
  case BINDING_CONST:
  case BINDING_CLASS: return all || b->forward || b->checked || b->escapes || b->scope->kind == SCOPE_SWITCH;
  default: return false;
  }
}

static void declare_some(Emitter *e, Scope *scope, bool all, bool checked) {
  uint32_t count = 0;
  for (int pass = 0; pass < 2; pass++) {
    bool first = true;
    if (pass && (!checked || !count)) break;
    for (Binding *b = scope->first; b; b = b->next) {
      if (b->storage != STORAGE_LOCAL || b->checked != checked || b->accumulator) continue;
      if (pass ? !b->declared : !wants_local(b, all)) continue;
      if (pass && !(b->kind == BINDING_LET || b->kind == BINDING_CONST || b->kind == BINDING_CLASS)) continue;
      if (!pass) {
        if (first) emit_begin(e, 0);
        put(e, first ? "local " : ", ");
        put_variable(e, b);
        b->declared = true;
        e->lua->locals++;
        count++;
      } else {
        put(e, first ? " = " : ", ");
        put_helper(e, HELPER_unset);
      }
      first = false;
    }
  }
  if (count) finish(e);
}

void open_scope(Emitter *e, Scope *scope) {
  if (!scope) return;
  if (scope->kind != SCOPE_FUNCTION) open_table(e, scope);
  declare_some(e, scope, scope->has_early, false);
  declare_some(e, scope, scope->has_early, true);
  for (Binding *b = scope->first; b; b = b->next) {
    if (b->accumulator && wants_local(b, scope->has_early)) {
      emit_begin(e, 0);
      put(e, "local ");
      put_variable(e, b);
      put(e, " = ");
      put_helper(e, HELPER_buffer);
      put(e, "()");
      b->declared = true;
      e->lua->locals++;
      finish(e);
    } else if (b->checked && (b->storage == STORAGE_TABLE || b->storage == STORAGE_MODULE)) {
      emit_begin(e, 0);
      put_variable(e, b);
      put(e, " = ");
      put_helper(e, HELPER_unset);
      finish(e);
    } else if (b->storage == STORAGE_GLOBAL && b->kind == BINDING_VAR) {
      emit_begin(e, 0);
      put_helper(e, HELPER_declare);
      put(e, "(");
      put_string(e, b->name);
      put(e, ")");
      finish(e);
    }
  }
}

// ---- lists, with the functions that run before the text reaches them

static bool is_early(const Node *item) {
  bool exported = item->kind == S_EXPORT_DEFAULT;
  if (item->kind == S_EXPORT_DECLARATION || exported) item = item->as.unary.value;
  if (exported && item->kind == S_FUNCTION_DECLARATION && !item->as.function.function->name) return true;
  while (item->kind == S_LABELED) item = item->as.jump.body;
  if (item->kind != S_FUNCTION_DECLARATION || !item->as.function.function->name) return false;
  const Binding *b = item->as.function.function->name->as.name.binding;
  return b && (b->early || b->storage == STORAGE_MODULE);
}

static void put_goto(Emitter *e, const char *kind, uint32_t group, uint32_t part) {
  emit_begin(e, 0);
  put(e, "goto ");
  put(e, kind);
  put_number(e, group);
  put(e, "_");
  put_number(e, part);
  finish(e);
}

static void put_label(Emitter *e, const char *kind, uint32_t group, uint32_t part) {
  emit_begin(e, 0);
  put(e, "::");
  put(e, kind);
  put_number(e, group);
  put(e, "_");
  put_number(e, part);
  put(e, "::");
  e->separator = false;
}

// Runs the early functions first though the text keeps its order: each part ends with a goto to the next in time.
//   goto early1_1 ::main1_0:: do … end goto main1_1 ::early1_1:: f = function … goto main1_0 ::main1_1:: do … end
// The last early part goes back to the first main one by steps (back1_1 …), for LuaJIT's jumps reach 32768 instructions.
enum { BACK_STEP = 16384 }; // bytes of text

static uint32_t early_parts(const List *items, bool *before) {
  uint32_t parts = 0;
  for (const Node *item = items->first; item; item = item->next) {
    bool early = is_early(item);
    parts += early && !*before;
    *before = early;
  }
  return parts;
}

static void put_back(Emitter *e, uint32_t group, uint32_t step) {
  put_goto(e, step ? "back" : "main", group, step);
}

static void early_begin(Emitter *e, Early *early) {
  early->group = ++e->lua->labels;
  early->last_back = e->out->len;
  put_goto(e, "early", early->group, 1);
  put_label(e, "main", early->group, 0);
}

// From the main code to early functions or back.
static void early_turn(Emitter *e, Early *early) {
  if (!early->inside) {
    put_goto(e, "main", early->group, ++early->part);
    if (e->out->len - early->last_back > BACK_STEP) {
      put_label(e, "back", early->group, ++early->backs);
      put_back(e, early->group, early->backs - 1);
      early->last_back = e->out->len;
    }
    put_label(e, "early", early->group, early->part);
  } else {
    if (early->part < early->parts) put_goto(e, "early", early->group, early->part + 1);
    else put_back(e, early->group, early->backs);
    put_label(e, "main", early->group, early->part);
  }
  early->inside = !early->inside;
}

// Annex B: where the text reaches the declaration of a block's function, its variable becomes that.
static void emit_annex(Emitter *e, Node *item) {
  while (item->kind == S_LABELED) item = item->as.jump.body;
  if (item->kind != S_FUNCTION_DECLARATION || !item->as.function.function->name) return;
  Binding *b = item->as.function.function->name->as.name.binding;
  if (!b || !b->variable || b->function != item->as.function.function || !is_seen(b->variable)) return;
  emit_begin(e, 0);
  put_variable(e, b->variable);
  put(e, " = ");
  put_variable(e, b);
  finish(e);
}

// Statements among which there may be early functions; between the two turns each stretch of others is a block.
static void early_list(Emitter *e, Early *early, const List *items) {
  bool open = false;
  uint32_t locals = e->lua->locals;
  Node *first = NULL;
  for (Node *item = items->first; item && !e->diagnostic->failed; item = item->next) {
    if (is_early(item) != early->inside) {
      if (!early->inside) {
        if (open) emit_end(e, 0);
        e->lua->locals = locals;
        open = false;
        first = item;
      }
      early_turn(e, early);
      if (!early->inside)
        for (; first != item; first = first->next) emit_annex(e, first);
    }
    if (!early->inside && !open) {
      emit_begin(e, item->line);
      put(e, "do");
      e->separator = false;
      open = true;
    }
    e->tail = false;
    emit_statement(e, item);
  }
  if (open) emit_end(e, 0);
  e->lua->locals = locals;
  if (early->inside) {
    early_turn(e, early);
    for (; first; first = first->next) emit_annex(e, first);
  }
}

static void emit_early(Emitter *e, const List *items) {
  Early early = {0};
  bool before = false;
  early.parts = early_parts(items, &before);
  early_begin(e, &early);
  if (e->function->kind == FUNCTION_PROGRAM && e->scopes->options->goal == JS_MODULE) {
    emit_begin(e, 0);
    put_helper(e, HELPER_link);
    put(e, "()");
    finish(e);
  }
  early_list(e, &early, items);
}

// The clauses of a switch are lists that follow each other; each ends outside of an early part.
bool emit_early_clauses(Emitter *e, Early *early, const List *clauses) {
  *early = (Early){0};
  for (const Node *item = clauses->first; item; item = item->next) {
    bool before = false;
    early->parts += early_parts(&item->as.switch_case.body, &before);
  }
  if (early->parts) early_begin(e, early);
  return early->parts != 0;
}

void emit_early_clause(Emitter *e, Early *early, const List *items) {
  early_list(e, early, items);
}

void emit_list(Emitter *e, const List *items, Scope *scope, bool function_level) {
  bool module = function_level && e->function->kind == FUNCTION_PROGRAM && e->scopes->options->goal == JS_MODULE;
  if (scope && module) scope->has_early = true; // what importers see must be there before anything runs
  open_scope(e, scope);
  bool early = false;
  if (scope && scope->has_early)
    for (const Node *item = items->first; item && !early; item = item->next) early = is_early(item);
  if (module && !early) {
    emit_begin(e, 0);
    put_helper(e, HELPER_link);
    put(e, "()");
    finish(e);
  }
  if (early) {
    emit_early(e, items);
    e->tail = false;
    return;
  }
  for (Node *item = items->first; item && !e->diagnostic->failed; item = item->next) {
    e->tail = !item->next && !(function_level && e->function->kind == FUNCTION_DERIVED && !e->lua->closure);
    emit_statement(e, item);
  }
  e->tail = false;
}

// ---- expressions as statements

static void emit_discarded(Emitter *e, Node *node) {
  bool block = e->lua->locals >= 100; // as many as there may be of them, they share one local
  emit_begin(e, 0);
  put(e, block ? "do local _ = " : "local _ = ");
  emit_value(e, node, L_ANY);
  if (block) put(e, " end");
  else e->lua->locals++;
  finish(e);
}

static void emit_call_effect(Emitter *e, Node *node) {
  emit_begin(e, 0);
  size_t start = e->out->len;
  bool ambiguous = e->ambiguous;
  emit_value(e, node, L_ANY);
  emit_guard_paren(e, start, ambiguous);
  finish(e);
}

static void open_if(Emitter *e) {
  emit_begin(e, 0);
  put(e, "if ");
}

static void effect_branch(Emitter *e, Node *node) {
  uint32_t locals = e->lua->locals;
  put(e, " then");
  e->separator = false;
  emit_effect(e, node);
  e->lua->locals = locals;
}

// The chain's links with its last call or access as a statement.
static void emit_chain_effect(Emitter *e, Node *node) {
  uint32_t locals = open_block(e, 0);
  emit_prepare(e, node);
  close_block(e, locals);
}

void emit_effect(Emitter *e, Node *node) {
  if (e->diagnostic->failed) return;
  emit_line(e, node->kind == N_CALL ? 0 : node->line);
  switch (node->kind) {
  case N_ASSIGN: emit_assign_statement(e, node); return;
  case N_UPDATE: emit_update_statement(e, node); return;
  case N_SEQUENCE:
    for (Node *item = node->as.list.items.first; item; item = item->next) emit_effect(e, item);
    return;
  case N_LOGICAL:
    emit_prepare_condition(e, node->as.binary.left);
    if (node->op == T_NULLISH) {
      emit_prepare(e, node->as.binary.left);
      if (!is_cheap(node->as.binary.left)) emit_spill(e, node->as.binary.left);
      open_if(e);
      emit_value(e, node->as.binary.left, L_COMPARE);
      put(e, " == nil or ");
      emit_value(e, node->as.binary.left, L_COMPARE);
      put(e, " == ");
      put_helper(e, HELPER_null);
    } else {
      open_if(e);
      if (node->op == T_OR) put(e, "not ");
      emit_condition(e, node->as.binary.left, node->op == T_OR ? L_UNARY : L_ANY);
    }
    effect_branch(e, node->as.binary.right);
    emit_end(e, 0);
    return;
  case N_CONDITIONAL: {
    emit_prepare_condition(e, node->as.conditional.test);
    open_if(e);
    Node *no;
    for (;; node = no) {
      emit_condition(e, node->as.conditional.test, L_ANY);
      effect_branch(e, node->as.conditional.yes);
      emit_begin(e, 0);
      no = node->as.conditional.no;
      if (no->kind != N_CONDITIONAL || condition_needs_statements(no->as.conditional.test)) break;
      put(e, "elseif "); // a chain of them nests no deeper
    }
    put(e, "else");
    e->separator = false;
    uint32_t locals = e->lua->locals;
    emit_effect(e, no);
    e->lua->locals = locals;
    emit_end(e, 0);
    return;
  }
  case N_CHAIN: emit_chain_effect(e, node); return;
  case N_CALL:
    if (node->as.call.callee->kind == N_SUPER) {
      emit_prepare_list(e, &node->as.call.arguments);
      emit_super_call(e, node);
      return;
    }
    // fall through
  case N_NEW:
  case N_AWAIT:
  case N_YIELD:
  case N_TAGGED:
  case N_IMPORT_CALL:
    emit_prepare(e, node);
    if (!node->temp) emit_call_effect(e, node);
    return;
  case N_UNARY:
    if (node->op != T_TYPEOF && node->op != T_DELETE && node->op != T_SUB && node->op != T_ADD && node->op != T_BITNOT) {
      emit_effect(e, node->as.unary.value);
      return;
    }
    break;
  case N_NUMBER:
  case N_STRING:
  case N_NULL:
  case N_TRUE:
  case N_FALSE:
  case N_THIS:
  case N_FUNCTION:
  case N_BIGINT: return;
  case N_IDENTIFIER:
    if (is_cheap(node)) return;
    break;
  default: break;
  }
  emit_prepare(e, node);
  if (!node->temp) emit_discarded(e, node);
}

void emit_super_call(Emitter *e, Node *node) {
  emit_begin(e, 0);
  bool again = this_owner(e)->super_calls > 1;
  put(e, "this = ");
  put_helper(e, again ? HELPER_supertwice : HELPER_super);
  put(e, again ? "(this, C" : "(C");
  put_number(e, e->home);
  put(e, ", newtarget");
  emit_arguments(e, &node->as.call.arguments, false);
  put(e, ")");
  finish(e);
}

// Does the statement need temporaries of its own?
bool effect_needs_block(const Node *node) {
  if (node->kind == N_UPDATE || node->kind == N_ASSIGN) {
    const Node *target = node->kind == N_ASSIGN ? node->as.binary.left : node->as.unary.value;
    if (node->kind == N_ASSIGN && needs_statements(node->as.binary.right)) return true;
    if (target->kind == N_IDENTIFIER) return node->op == T_ASSIGN_NULLISH && !is_cheap(target);
    if (target->kind == N_ARRAY_PATTERN || target->kind == N_OBJECT_PATTERN) return true;
    if (target->flags & NODE_STATEMENTS) return true;
    if (node->kind == N_ASSIGN && node->op == T_ASSIGN) return false;
    if (node->op == T_ASSIGN_NULLISH) return true;
    if (target->kind == N_INDEX)
      return !is_cheap(target->as.binary.right) || (!is_cheap(target->as.binary.left) && target->as.binary.left->kind != N_THIS);
    return !is_cheap(target->as.member.object) && target->as.member.object->kind != N_THIS;
  }
  return needs_statements(node) && node->kind != N_CHAIN;
}

static void emit_return(Emitter *e, Node *node);

static bool tracks_completion(const Emitter *e) {
  return e->completion_temp && e->function->kind == FUNCTION_PROGRAM;
}

// A statement that has a value of its own, undefined to begin with.
void emit_no_completion(Emitter *e) {
  if (!tracks_completion(e)) return;
  emit_begin(e, 0);
  put_temp(e, e->completion_temp);
  put(e, " = nil");
  e->separator = true;
}

static void emit_expression_statement(Emitter *e, Node *node) {
  Node *value = node->as.unary.value;
  if (node == e->completion) {
    emit_return(e, node);
    return;
  }
  if (tracks_completion(e)) {
    uint32_t locals = open_block(e, node->line);
    emit_plan(e, value);
    emit_prepare(e, value);
    emit_begin(e, 0);
    put_temp(e, e->completion_temp);
    put(e, " = ");
    emit_single(e, value);
    e->separator = true;
    close_block(e, locals);
    return;
  }
  if (value->kind == N_STRING) return; // a directive
  emit_plan(e, value);
  bool discarded = value->kind != N_CALL && value->kind != N_ASSIGN && value->kind != N_UPDATE && value->kind != N_NEW &&
                   value->kind != N_AWAIT && value->kind != N_YIELD;
  if (!effect_needs_block(value) && !discarded) {
    emit_line(e, node->line);
    emit_effect(e, value);
    return;
  }
  if (is_cheap(value)) return;
  uint32_t locals = open_block(e, node->line);
  emit_effect(e, value);
  close_block(e, locals);
}

// ---- declarations

static void emit_variables(Emitter *e, Node *node) {
  for (Node *item = node->as.list.items.first; item; item = item->next) {
    Node *target = item->as.binary.left, *value = item->as.binary.right;
    Binding *b = target->kind == N_IDENTIFIER ? target->as.name.binding : NULL;
    if (!value && node->op == T_VAR) {
      if (b && !b->declared && b->storage == STORAGE_LOCAL && b->declaration == target) {
        emit_line(e, item->line);
        emit_declare(e, b, NULL);
      }
      continue;
    }
    if (value) emit_plan(e, value);
    emit_line(e, item->line);
    if (value && value->kind == N_CLASS && b) {
      emit_declare_names(e, target);
      Text text = {0}, *out = e->out;
      e->out = &text;
      put_variable(e, b);
      e->out = out;
      const char *into = arena_copy(e->arena, text.data, text.len);
      text_free(&text);
      emit_class(e, value, into);
      continue;
    }
    if (b && !(target->flags & NODE_SPECIAL) && (!value || !needs_statements(value))) {
      if (b->declaration == target && value && b->storage == STORAGE_LOCAL && !b->declared && b->first < value->end) {
        emit_begin(e, 0); // the value mentions its variable: in Lua it would be another one of the name
        put(e, "local ");
        put_variable(e, b);
        put(e, "; ");
        b->declared = true;
        e->lua->locals++;
        e->fresh = true;
      }
      emit_declare(e, b, value);
      continue;
    }
    emit_declare_names(e, target);
    if (b && b->accumulator && !b->declared) { // before the block: its buffer outlives that
      emit_begin(e, 0);
      put(e, "local ");
      put_variable(e, b);
      finish(e);
      b->declared = true;
      e->lua->locals++;
    }
    uint32_t locals = open_block(e, item->line);
    if (value) emit_prepare(e, value);
    if (b) {
      if (target->flags & NODE_SPECIAL) emit_store_node(e, target, value);
      else emit_declare(e, b, value);
    } else {
      if (!value->temp && !(value->kind == N_IDENTIFIER && is_stable(e, value))) emit_spill(e, value);
      const char *name = value->temp ? temp_name(e, value->temp) : NULL;
      if (!name) {
        emit_spill(e, value);
        name = temp_name(e, value->temp);
      }
      emit_pattern(e, target, name, true);
    }
    close_block(e, locals);
  }
}

static void emit_function_declaration(Emitter *e, Node *node) {
  Function *function = node->as.function.function;
  Binding *b = function->name ? function->name->as.name.binding : NULL;
  if (!b || b->function != function) return; // a later one of the name wins
  emit_begin(e, node->line);
  if (b->storage == STORAGE_LOCAL && !b->declared) {
    put(e, "local ");
    e->function_name = binding_name(e, b);
    b->declared = true;
    e->lua->locals++;
  } else {
    put_variable(e, b);
    put(e, " = ");
  }
  emit_function(e, function);
  finish(e);
  if (!b->early) emit_annex(e, node);
}

static void emit_class_declaration(Emitter *e, Node *node) {
  emit_declare_names(e, node->as.class.name);
  emit_class(e, node, NULL);
}

// ---- jumps

void emit_return_value(Emitter *e, const char *value) {
  bool tail = e->tail;
  emit_begin(e, 0);
  put(e, tail ? "return " : "do return ");
  if (e->lua->closure) put(e, "1, ");
  put(e, value);
  if (!tail) put(e, " end");
  finish(e);
}

static void close_iterators(Emitter *e, const Way *until) {
  for (Way *way = e->lua->ways; way && way != until && way->closure == e->lua->closure; way = way->outer) {
    if (!way->iterator) continue;
    emit_begin(e, 0);
    put_helper(e, HELPER_close);
    put(e, "(");
    put_temp(e, way->iterator);
    put(e, ")");
    finish(e);
  }
}

static bool has_iterators(const Emitter *e) {
  for (Way *way = e->lua->ways; way && way->closure == e->lua->closure; way = way->outer)
    if (way->iterator) return true;
  return false;
}

static void emit_return(Emitter *e, Node *node) {
  Node *value = node->as.unary.value;
  if (value && node->kind == S_RETURN && e->function->async && e->function->generator) { // what it gives is waited for
    Node *await = node_new(e->arena, N_AWAIT, value->start, value->line);
    await->as.unary.value = value;
    node->as.unary.value = value = await;
  }
  bool tail = e->tail, derived = e->function->kind == FUNCTION_DERIVED;
  if (value) emit_plan(e, value);
  bool statements = (value && needs_statements(value)) || has_iterators(e);
  uint32_t locals = e->lua->locals;
  emit_begin(e, node->line);
  if (!tail || statements) {
    put(e, "do");
    e->separator = false;
  }
  if (value) emit_prepare(e, value);
  if (has_iterators(e)) {
    if (value && !is_stable(e, value)) emit_spill(e, value);
    close_iterators(e, NULL);
  }
  if (!tail || statements) emit_begin(e, 0);
  put(e, "return");
  if (e->lua->closure) {
    put(e, " 1");
    if (value) put(e, ",");
    for (Closure *closure = e->lua->closure; closure; closure = closure->outer) closure->returns = true;
  }
  if (derived && !e->lua->closure) {
    put(e, " ");
    put_helper(e, HELPER_result);
    put(e, "(");
    if (value) emit_value(e, value, L_ANY);
    else put(e, "nil");
    put(e, ", this)");
  } else if (value) {
    put(e, " ");
    emit_returned(e, value);
  }
  finish(e);
  if (!tail || statements) emit_end(e, 0);
  e->lua->locals = locals;
}

static uint32_t exit_code(Emitter *e, const Node *target, bool is_continue) {
  uint32_t code = 2;
  Exit **at = &e->lua->closure->exits;
  for (; *at; at = &(*at)->next, code++)
    if ((*at)->jump_to == target && (*at)->is_continue == is_continue) return code;
  *at = arena_alloc(e->arena, sizeof **at);
  **at = (Exit){target, is_continue, NULL};
  return code;
}

void emit_jump(Emitter *e, const Node *target, bool is_continue) {
  bool tail = e->tail;
  e->tail = false;
  Way *way = e->lua->ways;
  while (way && way->node != target) way = way->outer;
  if (!way) return;
  if (way->closure != e->lua->closure) {
    close_iterators(e, NULL);
    emit_begin(e, 0);
    put(e, tail ? "return " : "do return ");
    put_number(e, exit_code(e, target, is_continue));
    if (!tail) put(e, " end");
    finish(e);
    return;
  }
  close_iterators(e, is_continue ? way : way->outer);
  const Way *loop = e->lua->ways; // the innermost that a Lua break would leave
  while (loop && !loop->lua_loop) loop = loop->outer;
  emit_begin(e, 0);
  if (!is_continue && loop == way) {
    put(e, tail ? "break" : "do break end");
  } else {
    put(e, is_continue ? "goto continue_" : "goto break_");
    put_number(e, way->id);
    if (is_continue) way->continue_used = true;
    else way->break_used = true;
  }
  finish(e);
}

// ---- the rest

void emit_block(Emitter *e, Node *node) {
  if (node->kind == S_BLOCK) {
    emit_list(e, &node->as.list.items, node->as.list.scope, false);
    return;
  }
  e->tail = true;
  emit_statement(e, node);
  e->tail = false;
}

static void emit_branch(Emitter *e, Node *node) {
  uint32_t locals = e->lua->locals;
  e->separator = false;
  e->indent++;
  emit_block(e, node);
  e->indent--;
  e->lua->locals = locals;
}

static void emit_if(Emitter *e, Node *node) {
  uint32_t nested = 0, locals = e->lua->locals, depth = e->depth;
  bool first = true;
  for (Node *chain = node;; chain = chain->as.conditional.no) {
    Node *test = chain->as.conditional.test;
    emit_plan(e, test);
    if (first || condition_needs_statements(test)) {
      if (!first) {
        emit_begin(e, chain->line);
        put(e, "else");
        e->separator = false;
        nested++;
        if (++e->depth > LUA_LEVELS) {
          emit_too_deep(e, chain);
          e->depth = depth;
          return;
        }
      }
      if (first && condition_needs_statements(test)) {
        emit_begin(e, chain->line);
        put(e, "do");
        e->separator = false;
        nested++;
        e->depth++;
      }
      emit_prepare_condition(e, test);
      emit_begin(e, chain->line);
      put(e, "if ");
    } else {
      emit_begin(e, chain->line);
      put(e, "elseif ");
    }
    first = false;
    emit_condition(e, test, L_ANY);
    put(e, " then");
    emit_branch(e, chain->as.conditional.yes);
    Node *no = chain->as.conditional.no;
    if (!no) break;
    if (no->kind != S_IF) {
      emit_begin(e, 0);
      put(e, "else");
      emit_branch(e, no);
      break;
    }
    e->separator = false;
  }
  emit_end(e, 0);
  while (nested--) emit_end(e, 0);
  e->lua->locals = locals;
  e->depth = depth;
}

static void emit_labeled(Emitter *e, Node *node) {
  Way way = {.node = node, .outer = e->lua->ways, .closure = e->lua->closure, .id = ++e->lua->labels};
  uint32_t locals = e->lua->locals;
  emit_begin(e, node->line);
  put(e, "do");
  e->separator = false;
  e->lua->ways = &way;
  e->tail = false;
  emit_statement(e, node->as.jump.body);
  e->lua->ways = way.outer;
  emit_end(e, 0);
  e->lua->locals = locals;
  if (way.break_used) {
    emit_begin(e, 0);
    put(e, "::break_");
    put_number(e, way.id);
    put(e, "::");
    e->separator = false;
  }
}

static void emit_throw(Emitter *e, Node *node) {
  Node *value = node->as.unary.value;
  emit_plan(e, value);
  bool block = needs_statements(value);
  uint32_t locals = e->lua->locals;
  emit_begin(e, node->line);
  if (block) {
    put(e, "do");
    e->separator = false;
    emit_prepare(e, value);
    emit_begin(e, 0);
  }
  put_helper(e, HELPER_throw);
  put(e, "(");
  emit_single(e, value);
  put(e, ")");
  finish(e);
  if (block) emit_end(e, 0);
  e->lua->locals = locals;
}

static void emit_export_default(Emitter *e, Node *node) {
  Node *value = node->as.unary.value;
  if (value->kind == S_FUNCTION_DECLARATION && value->as.function.function->name) {
    emit_function_declaration(e, value);
  } else if (value->kind == S_CLASS_DECLARATION && value->as.class.name) {
    emit_class_declaration(e, value);
  } else if (value->kind == S_CLASS_DECLARATION) {
    emit_class(e, value, "export.default");
  } else if (value->kind == S_FUNCTION_DECLARATION) {
    emit_begin(e, node->line);
    put(e, "export.default = ");
    emit_function(e, value->as.function.function);
    finish(e);
  } else {
    emit_plan(e, value);
    uint32_t locals = open_block(e, node->line);
    emit_prepare(e, value);
    emit_begin(e, 0);
    put(e, "export.default = ");
    emit_value(e, value, L_ANY);
    finish(e);
    close_block(e, locals);
  }
}

// How many of Lua's syntax levels the statement takes for itself at most.
static uint32_t statement_levels(const Node *node) {
  switch (node->kind) {
  case S_EXPRESSION:
  case S_VARIABLES:
  case S_FUNCTION_DECLARATION:
  case S_RETURN:
  case S_IF:
  case S_BLOCK: return 1;
  case S_TRY: return 6;
  case S_FOR:
  case S_FOR_IN:
  case S_FOR_OF:
  case S_SWITCH:
  case S_CLASS_DECLARATION: return 3;
  default: return 2;
  }
}

void emit_statement(Emitter *e, Node *node) {
  if (e->diagnostic->failed) return;
  bool tail = e->tail;
  uint32_t depth = e->depth;
  leave_locals(e);
  e->depth += statement_levels(node);
  if (e->depth > LUA_LEVELS) {
    emit_too_deep(e, node);
    e->depth = depth;
    return;
  }
  e->tail = false;
  if (node->kind == S_IF || node->kind == S_TRY || node->kind == S_SWITCH || node->kind == S_WITH ||
      (node->kind >= S_FOR && node->kind <= S_DO_WHILE))
    emit_no_completion(e);
  switch (node->kind) {
  case S_EXPRESSION: emit_expression_statement(e, node); break;
  case S_VARIABLES: emit_variables(e, node); break;
  case S_FUNCTION_DECLARATION: emit_function_declaration(e, node); break;
  case S_CLASS_DECLARATION: emit_class_declaration(e, node); break;
  case S_RETURN:
    e->tail = tail;
    emit_return(e, node);
    break;
  case S_IF: emit_if(e, node); break;
  case S_FOR:
  case S_FOR_IN:
  case S_FOR_OF:
  case S_WHILE:
  case S_DO_WHILE: emit_loop(e, node); break;
  case S_BREAK:
  case S_CONTINUE:
    emit_line(e, node->line);
    e->tail = tail;
    emit_jump(e, node->as.jump.target, node->kind == S_CONTINUE);
    break;
  case S_THROW: emit_throw(e, node); break;
  case S_TRY: emit_try(e, node); break;
  case S_SWITCH: emit_switch(e, node); break;
  case S_LABELED: emit_labeled(e, node); break;
  case S_BLOCK: {
    if (!node->as.list.items.first) break;
    uint32_t locals = open_block(e, node->line);
    e->indent++;
    emit_block(e, node);
    e->indent--;
    close_block(e, locals);
    break;
  }
  case S_WITH: emit_with(e, node); break;
  case S_EXPORT_DECLARATION: emit_statement(e, node->as.unary.value); break;
  case S_EXPORT_DEFAULT: emit_export_default(e, node); break;
  default: break;
  }
  e->tail = false;
  e->depth = depth;
}

// SPDX-License-Identifier: MIT
//
// try, switch, with, and direct eval.
#include "emitter.h"

#include <string.h>

static void finish(Emitter *e) {
  e->separator = true;
}

static void open_do(Emitter *e, uint32_t line) {
  emit_begin(e, line);
  put(e, "do");
  e->separator = false;
}

// ---- try
//
//   local t1, t2, t3 = try(function() … end)         ok or not; the completion's code or the error; a returned value
//   if not t1 then local e = catch(t2) … end         without finally: in place, and so its jumps are plain
//   if t2 == 1 then return t3 elseif t2 == 2 then break …
//
// The codes: nil ran to its end, 1 return, 2 and up the jumps out in the order in which they were met.

// A body may be made once, and given what it uses of the function around: scope_keep.c.

// Has the list a name of the scope's table already?
static bool has_table(Binding *const *given, uint32_t count, const Binding *b) {
  for (uint32_t i = 0; i < count; i++)
    if (given[i]->storage == STORAGE_TABLE && given[i]->scope == b->scope) return true;
  return false;
}

// -> how many values and tables the body is to be given, of which each has a binding in `given`, or GIVEN_MOST + 1 where it must stay a closure.
static uint32_t find_given(const Emitter *e, const Unit *unit, Binding **given, uint32_t most) {
  const Function *function = e->function;
  enum { STAYS = GIVEN_MOST + 1 };
  if (!scope_keeps_blocks(e->scopes, function)) return STAYS;
  uint32_t count = 0;
  for (const Upvalue *upvalue = unit->list; upvalue; upvalue = upvalue->next) {
    Binding *b = upvalue->binding;
    if (b->storage == STORAGE_GLOBAL || b->scope == e->scopes->program) continue;
    if (b->scope->function != function) return STAYS;
    if (b->storage == STORAGE_TABLE) {
      if (has_table(given, count, b)) continue;
    } else if (!scope_gives_value(upvalue)) {
      return STAYS;
    }
    if (count == most) return STAYS;
    given[count++] = b;
  }
  return count;
}

static void put_one_given(Emitter *e, Binding *b) {
  if (b->storage != STORAGE_TABLE) {
    put_variable(e, b);
    return;
  }
  put(e, "S");
  put_number(e, b->scope->id);
}

typedef struct Kept {
  Binding *given[GIVEN_MOST];
  uint32_t count; // GIVEN_MOST + 1: it is a closure
} Kept;

// `this` goes with them, but into an arrow function's. error: a temporary that goes along, or 0.
static void put_given(Emitter *e, const Kept *kept, uint32_t error, const char *this) {
  put(e, this);
  for (uint32_t i = 0; i < kept->count; i++) {
    put(e, ", ");
    put_one_given(e, kept->given[i]);
  }
  if (!error) return;
  put(e, ", ");
  put_temp(e, error);
}

static void closure_begin(Emitter *e, LuaFunction *lua, Closure *closure, const Kept *kept, uint32_t error) {
  *lua = *e->lua;
  lua->outer = e->lua;
  lua->locals = lua->overflow = lua->overflow_locals = 0;
  lua->closure = closure;
  closure->outer = e->lua->closure;
  e->lua = lua;
  put_function_word(e, NULL);
  put(e, "(");
  if (kept->count <= GIVEN_MOST) {
    put_given(e, kept, error, e->function->kind == FUNCTION_ARROW ? "_" : "this");
    lua->locals = kept->count + 1 + (error != 0);
  }
  put(e, ")");
  e->separator = false;
  e->indent++;
}

static void closure_end(Emitter *e, LuaFunction *lua) {
  e->indent--;
  emit_end(e, 0);
  e->lua = lua->outer;
  e->lua->temps = lua->temps;
  e->lua->labels = lua->labels;
}

// What follows `try(` up to the statements of a block: T[1] or rt.keep(T, 1, function(…), or function().
static void keep_begin(Emitter *e, Kept *kept, const Unit *unit, uint32_t error, LuaFunction *lua, Closure *closure) {
  kept->count = find_given(e, unit, kept->given, GIVEN_MOST - (error != 0));
  if (kept->count <= GIVEN_MOST) {
    uint32_t number = ++e->bodies;
    put(e, "T[");
    put_number(e, number);
    put(e, "] or ");
    put_helper(e, HELPER_keep);
    put(e, "(T, ");
    put_number(e, number);
    put(e, ", ");
  }
  closure_begin(e, lua, closure, kept, error);
}

static void keep_end(Emitter *e, const Kept *kept, uint32_t error, LuaFunction *lua) {
  closure_end(e, lua);
  if (kept->count <= GIVEN_MOST) {
    put(e, "), ");
    put_given(e, kept, error, e->function->kind == FUNCTION_ARROW ? "nil" : "this");
  }
  put(e, ")");
  finish(e);
}

static void put_three(Emitter *e, uint32_t first) {
  for (uint32_t i = 0; i < 3; i++) {
    if (i) put(e, ", ");
    put_temp(e, first + i);
  }
}

static void catch_parameter(Emitter *e, Node *node, uint32_t error) {
  Node *parameter = node->as.try.parameter;
  open_table(e, node->as.try.scope ? node->as.try.scope : e->function->scope);
  if (!parameter) return;
  if (parameter->kind == N_IDENTIFIER) {
    Binding *b = parameter->as.name.binding;
    emit_begin(e, 0);
    if (b->storage == STORAGE_LOCAL) {
      put(e, "local ");
      e->lua->locals++;
    }
    b->declared = true;
    put_variable(e, b);
    put(e, " = ");
    put_helper(e, HELPER_catch);
    put(e, "(");
    put_temp(e, error);
    put(e, ")");
    finish(e);
    return;
  }
  open_scope(e, node->as.try.scope);
  emit_declare_names(e, parameter);
  open_do(e, 0);
  uint32_t locals = e->lua->locals, temp = local_temp(e);
  put_helper(e, HELPER_catch);
  put(e, "(");
  put_temp(e, error);
  put(e, ")");
  finish(e);
  emit_pattern(e, parameter, temp_name(e, temp), true);
  emit_end(e, 0);
  e->lua->locals = locals;
}

static void emit_handler(Emitter *e, Node *node, uint32_t error) {
  Node *handler = node->as.try.handler;
  if (node->as.try.parameter) {
    catch_parameter(e, node, error);
  } else { // even so, what only finally may see passes
    emit_begin(e, 0);
    put_helper(e, HELPER_catch);
    put(e, "(");
    put_temp(e, error);
    put(e, ")");
    finish(e);
  }
  emit_list(e, &handler->as.list.items, handler->as.list.scope, false);
}

static void put_code_test(Emitter *e, bool *some, uint32_t temp, uint32_t code) {
  emit_begin(e, 0);
  put(e, *some ? "elseif " : "if ");
  put_temp(e, temp);
  put(e, " == ");
  put_number(e, code);
  put(e, " then");
  e->separator = false;
  *some = true;
}

// Goes on with what the closure's completion says. `chained`: an if is open already.
static void emit_exits(Emitter *e, const Closure *closure, uint32_t first, bool chained) {
  bool some = chained;
  if (closure->returns) {
    put_code_test(e, &some, first + 1, 1);
    for (Way *way = e->lua->ways; way && way->closure == e->lua->closure; way = way->outer) {
      if (!way->iterator) continue;
      emit_begin(e, 0);
      put_helper(e, HELPER_close);
      put(e, "(");
      put_temp(e, way->iterator);
      put(e, ")");
      finish(e);
    }
    emit_begin(e, 0);
    put(e, "return ");
    if (e->lua->closure) {
      put(e, "1, ");
      put_temp(e, first + 2);
    } else if (e->function->kind == FUNCTION_DERIVED) {
      put_helper(e, HELPER_result);
      put(e, "(");
      put_temp(e, first + 2);
      put(e, ", this)");
    } else {
      put_temp(e, first + 2);
    }
    finish(e);
  }
  uint32_t code = 2;
  for (const Exit *exit = closure->exits; exit; exit = exit->next, code++) {
    put_code_test(e, &some, first + 1, code);
    e->tail = true;
    emit_jump(e, exit->jump_to, exit->is_continue);
    e->tail = false;
  }
  if (some) emit_end(e, 0);
}

void emit_try(Emitter *e, Node *node) {
  LuaFunction lua;
  Closure closure = {0};
  Node *block = node->as.try.block, *finalizer = node->as.try.finalizer;
  uint32_t locals = e->lua->locals;
  open_do(e, node->line);
  uint32_t first = e->lua->temps + 1;
  for (int i = 0; i < 3; i++) new_temp(e);
  emit_begin(e, 0);
  put(e, "local ");
  put_three(e, first);
  put(e, " = ");
  put_helper(e, HELPER_try);
  put(e, "(");
  Kept kept;
  keep_begin(e, &kept, node->as.try.unit, 0, &lua, &closure);
  emit_list(e, &block->as.list.items, block->as.list.scope, false);
  keep_end(e, &kept, 0, &lua);
  bool chained = false;
  if (node->as.try.handler) {
    emit_begin(e, node->as.try.parameter ? node->as.try.parameter->line : node->as.try.handler->line);
    put(e, "if not ");
    put_temp(e, first);
    put(e, " then");
    e->separator = false;
    uint32_t inner = e->lua->locals;
    if (finalizer) {
      emit_begin(e, 0);
      put_three(e, first);
      put(e, " = ");
      put_helper(e, HELPER_try);
      put(e, "(");
      keep_begin(e, &kept, node->as.try.handler_unit, first + 1, &lua, &closure);
      emit_handler(e, node, first + 1);
      keep_end(e, &kept, first + 1, &lua);
      emit_end(e, 0);
    } else {
      e->indent++;
      emit_handler(e, node, first + 1);
      e->indent--;
      chained = true;
    }
    e->lua->locals = inner;
  }
  if (finalizer) {
    uint32_t inner = e->lua->locals;
    open_do(e, finalizer->line);
    e->indent++;
    uint32_t value = 0; // of the statement so far: a finally block that runs to its end does not change it
    if (e->completion_temp && e->function->kind == FUNCTION_PROGRAM) {
      value = local_temp(e);
      put_temp(e, e->completion_temp);
      finish(e);
      emit_no_completion(e);
    }
    if (value) {
      emit_begin(e, 0);
      put(e, "do");
      e->separator = false;
    }
    emit_list(e, &finalizer->as.list.items, finalizer->as.list.scope, false);
    if (value) {
      emit_end(e, 0);
      emit_begin(e, 0);
      put_temp(e, e->completion_temp);
      put(e, " = ");
      put_temp(e, value);
      finish(e);
    }
    e->indent--;
    emit_end(e, 0);
    e->lua->locals = inner;
    emit_begin(e, 0);
    put(e, "if not ");
    put_temp(e, first);
    put(e, " then ");
    put_helper(e, HELPER_throw);
    put(e, "(");
    put_temp(e, first + 1);
    put(e, ")");
    finish(e);
    chained = true;
  }
  emit_exits(e, &closure, first, chained);
  emit_end(e, 0);
  e->lua->locals = locals;
}

// ---- switch

// Does the list always leave at its end? Then the next case is not run into.
static bool always_leaves(const List *body) {
  const Node *last = body->last;
  while (last && last->kind == S_BLOCK) last = last->as.list.items.last;
  return last && (last->kind == S_BREAK || last->kind == S_RETURN || last->kind == S_THROW || last->kind == S_CONTINUE);
}

// Cases become a chain of ifs where none runs into a later one that has a body, and default is the last.
static bool is_chain(const Node *node) {
  for (const Node *item = node->as.choice.cases.first; item; item = item->next) {
    if (!item->as.switch_case.test && item->next) return false;
    if (item->next && item->as.switch_case.body.first && !always_leaves(&item->as.switch_case.body)) return false;
  }
  return node->as.choice.cases.count > 0;
}

static void put_case_test(Emitter *e, Node *value, Node *test) {
  emit_value(e, value, L_COMPARE);
  put(e, " == ");
  emit_value(e, test, L_CONCAT);
}

// The body without the `break` at its end.
static void case_body(Emitter *e, const Node *node, const List *body) {
  for (Node *item = body->first; item; item = item->next) {
    if (!item->next && item->kind == S_BREAK && item->as.jump.target == node) break;
    const Node *after = item->next;
    e->tail = !after;
    emit_statement(e, item);
  }
  e->tail = false;
}

static void emit_chain(Emitter *e, Node *node, Node *value) {
  uint32_t locals = e->lua->locals;
  bool open = false;
  e->indent++;
  for (Node *item = node->as.choice.cases.first; item; item = item->next) {
    emit_begin(e, item->line);
    if (!item->as.switch_case.test) {
      put(e, open ? "else" : "do");
    } else {
      put(e, open ? "elseif " : "if ");
      put_case_test(e, value, item->as.switch_case.test);
      bool otherwise = false;
      while (!item->as.switch_case.body.first && item->next) {
        item = item->next;
        if (!item->as.switch_case.test) {
          otherwise = true;
          break;
        }
        put(e, " or ");
        emit_line(e, item->line);
        put_case_test(e, value, item->as.switch_case.test);
      }
      if (otherwise) put(e, " or true");
      put(e, " then");
    }
    open = true;
    e->separator = false;
    e->indent++;
    case_body(e, node, &item->as.switch_case.body);
    e->indent--;
    e->lua->locals = locals;
  }
  e->indent--;
  if (open) emit_end(e, 0);
}

static void put_case_label(Emitter *e, bool jump, uint32_t id, uint32_t number) {
  put(e, jump ? "goto case_" : "::case_");
  put_number(e, id);
  put(e, "_");
  put_number(e, number);
  if (!jump) put(e, "::");
}

static void emit_jumps(Emitter *e, Node *node, Node *value, Way *way) {
  uint32_t number = 0, otherwise = 0;
  Early early;
  bool functions = node->as.choice.scope && node->as.choice.scope->has_early && emit_early_clauses(e, &early, &node->as.choice.cases);
  for (Node *item = node->as.choice.cases.first; item; item = item->next) {
    Node *test = item->as.switch_case.test;
    number++;
    if (!test) {
      otherwise = number;
      continue;
    }
    uint32_t locals = e->lua->locals;
    bool block = needs_statements(test);
    if (block) open_do(e, 0);
    emit_prepare(e, test);
    emit_begin(e, 0);
    put(e, "if ");
    put_case_test(e, value, test);
    put(e, " then ");
    put_case_label(e, true, way->id, number);
    put(e, " end");
    finish(e);
    if (block) emit_end(e, 0);
    e->lua->locals = locals;
  }
  emit_begin(e, 0);
  if (otherwise) {
    put_case_label(e, true, way->id, otherwise);
  } else {
    put(e, "goto break_");
    put_number(e, way->id);
    way->break_used = true;
  }
  finish(e);
  number = 0;
  e->indent++;
  for (Node *item = node->as.choice.cases.first; item; item = item->next) {
    uint32_t locals = e->lua->locals;
    emit_begin(e, item->line);
    put_case_label(e, false, way->id, ++number);
    if (functions) {
      e->separator = false;
      e->indent++;
      emit_early_clause(e, &early, &item->as.switch_case.body);
      e->indent--;
      continue;
    }
    put(e, " do");
    e->separator = false;
    e->indent++;
    for (Node *each = item->as.switch_case.body.first; each; each = each->next) {
      e->tail = !each->next;
      emit_statement(e, each);
    }
    e->tail = false;
    e->indent--;
    emit_end(e, 0);
    e->lua->locals = locals;
  }
  e->indent--;
}

void emit_switch(Emitter *e, Node *node) {
  Way way = {.node = node, .outer = e->lua->ways, .closure = e->lua->closure, .id = ++e->lua->labels};
  uint32_t locals = e->lua->locals;
  Node *value = node->as.choice.value;
  bool chain = is_chain(node) && !(node->as.choice.scope && node->as.choice.scope->has_early);
  open_do(e, node->line);
  emit_plan(e, value);
  emit_prepare(e, value);
  if (!value->temp && !(is_cheap(value) && is_stable(e, value))) emit_spill(e, value);
  open_scope(e, node->as.choice.scope);
  for (Node *item = node->as.choice.cases.first; item; item = item->next) {
    if (!item->as.switch_case.test) continue;
    emit_plan(e, item->as.switch_case.test);
    if (needs_statements(item->as.switch_case.test)) chain = false;
  }
  e->lua->ways = &way;
  if (chain) emit_chain(e, node, value);
  else emit_jumps(e, node, value, &way);
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

// ---- with, direct eval

void open_dynamic(Emitter *e, const Scope *scope, Node *object) {
  emit_begin(e, 0);
  put(e, "local D");
  put_number(e, scope->id);
  put(e, " = ");
  put_helper(e, object ? HELPER_withobject : HELPER_scope);
  put(e, "(");
  if (object) emit_value(e, object, L_ANY);
  else put(e, "nil");
  if (scope->dynamic) {
    put(e, ", D");
    put_number(e, scope->dynamic->id);
  }
  put(e, ")");
  e->lua->locals++;
  finish(e);
}

void emit_with(Emitter *e, Node *node) {
  uint32_t locals = e->lua->locals;
  emit_plan(e, node->as.with.object);
  open_do(e, node->line);
  emit_prepare(e, node->as.with.object);
  open_dynamic(e, node->as.with.scope, node->as.with.object);
  emit_block(e, node->as.with.body);
  emit_end(e, 0);
  e->lua->locals = locals;
}

static bool eval_sees(const Binding *b) {
  return b->storage != STORAGE_GLOBAL;
}

static bool eval_sets(const Binding *b) {
  return b->kind != BINDING_CONST && b->kind != BINDING_IMPORT && b->kind != BINDING_PRIVATE;
}

static bool is_method(const Function *owner) {
  return owner->kind != FUNCTION_NORMAL && owner->kind != FUNCTION_PROGRAM;
}

// May the eval's code ask for super.x? Inside an eval that is what the code around it says.
static bool has_super(const Emitter *e) {
  const JsOptions *options = e->scopes->options;
  const Function *owner = this_owner(e);
  return is_method(owner) || (owner->kind == FUNCTION_PROGRAM && options->goal == JS_EVAL && options->eval_in_method);
}

// "@" and what the code may use: s(uper), f (a field's initializer: no `arguments`), t (new.target).
static void put_eval_context(Emitter *e) {
  const JsOptions *options = e->scopes->options;
  const Function *owner = this_owner(e);
  bool program = owner->kind == FUNCTION_PROGRAM, nested = program && options->goal == JS_EVAL;
  bool field = owner->kind == FUNCTION_FIELD || owner->kind == FUNCTION_STATIC || (nested && options->eval_in_field);
  put(e, ", \"@");
  if (has_super(e)) put(e, "s");
  if (field) put(e, "f");
  if (!program || options->goal == JS_FUNCTION || (nested && options->eval_in_function)) put(e, "t");
}

static void put_private_names(Emitter *e, const Node *node) {
  for (const Scope *scope = node->as.call.scope; scope; scope = scope->outer)
    for (const Binding *b = scope->first; b; b = b->next)
      if (b->kind == BINDING_PRIVATE) {
        put(e, " ");
        put(e, b->name->text);
      }
  const JsOptions *options = e->scopes->options;
  if (options->goal == JS_EVAL && options->eval_private) {
    put(e, " ");
    put(e, options->eval_private);
  }
}

// A string: the code's context, the private names that it sees, and the names that a var of it must not have, for a let or
// the like stands between it and its function.
static void put_eval_names(Emitter *e, const Node *node) {
  put_eval_context(e);
  put_private_names(e, node);
  for (const Scope *scope = node->as.call.scope; scope; scope = scope->outer) {
    for (const Binding *b = scope->first; b; b = b->next) {
      bool lexical = b->kind == BINDING_LET || b->kind == BINDING_CONST || b->kind == BINDING_CLASS;
      if (node->flags & NODE_DEAD) lexical |= b->kind == BINDING_PARAM || b->kind == BINDING_ARGUMENTS;
      if (!lexical || strchr(b->name->text, '"') || strchr(b->name->text, '\\')) continue;
      put(e, " ");
      put(e, b->name->text);
    }
    if (scope->kind == SCOPE_FUNCTION) break;
  }
  put(e, "\"");
}

// What else an eval's code may ask for.
static bool put_eval_special(Emitter *e) {
  const Function *owner = this_owner(e);
  bool constructor = owner->kind == FUNCTION_CONSTRUCTOR || owner->kind == FUNCTION_DERIVED;
  bool has_target = owner->kind == FUNCTION_PROGRAM ? e->scopes->options->goal == JS_EVAL : constructor || !is_method(owner);
  bool some = false;
  if (has_super(e)) {
    put(e, "if case == \"super\" then return true, ");
    put_home_object(e);
    put(e, " ");
    some = true;
  }
  if (has_target && owner->uses_new_target) {
    put(e, some ? "elseif" : "if");
    put(e, " case == \"new.target\" then return true, newtarget ");
    some = true;
  }
  return some;
}

// rt.direct(scope, strict, this, get, set, names, code …): get(name) gives true and the value, set(name, value) gives true.
void emit_direct_eval(Emitter *e, Node *node) {
  put_helper(e, HELPER_direct);
  put(e, "(");
  const Scope *dynamic = node->as.call.dynamic;
  if (dynamic) {
    put(e, "D");
    put_number(e, dynamic->id);
  } else {
    put(e, "nil");
  }
  put(e, e->function->strict ? ", true, " : ", false, ");
  put(e, e->function->kind == FUNCTION_PROGRAM && e->scopes->options->goal == JS_MODULE ? "nil" : "this");
  for (int set = 0; set < 2; set++) {
    put(e, ", ");
    put_function_word(e, NULL);
    put(e, set ? "(case, var) " : "(case) "); // words that no variable of JavaScript's can be
    bool some = !set && put_eval_special(e);
    for (Scope *scope = node->as.call.scope; scope; scope = scope->outer) {
      for (Binding *b = scope->first; b; b = b->next) {
        if (!eval_sees(b) || (set && !eval_sets(b))) continue;
        put(e, some ? "elseif case == " : "if case == ");
        some = true;
        put_string(e, b->name);
        put(e, " then ");
        if (set && b->kind == BINDING_SELF) {
          put(e, b->scope->kind == SCOPE_SELF && !e->function->strict ? "return true " : "return false ");
        } else if (set) {
          put_variable(e, b);
          put(e, " = var return true ");
        } else {
          put(e, "return true, ");
          put_variable(e, b);
          put(e, " ");
        }
      }
    }
    put(e, some ? "end end" : "end");
  }
  put_eval_names(e, node);
  emit_arguments(e, &node->as.call.arguments, false);
  put(e, ")");
}

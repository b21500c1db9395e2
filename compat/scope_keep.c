// SPDX-License-Identifier: MIT
//
// Blocks of try statements that are made once. A closure for every run would be garbage, and would keep the JIT from the function. A block that is
// made once is given what it uses of the function around: the values of variables that do not change while it runs, and the tables of
// scopes whose variables it assigns. It is kept in the table T of the program's function, so all else that it uses must be of the program itself.
#include "scope_walk.h"

bool scope_keeps_blocks(const Scopes *scopes, const Function *function) {
  JsGoal goal = scopes->options->goal; // a script's function may run more than once
  if ((goal != JS_FUNCTION && goal != JS_MODULE) || function->kind == FUNCTION_PROGRAM || function->kind == FUNCTION_FIELD || function->kind == FUNCTION_STATIC ||
      function->kind == FUNCTION_DERIVED || function->uses_eval || function->uses_super || function->uses_new_target ||
      (function->kind == FUNCTION_ARROW && function->has_inner_this))
    return false;
  for (const Scope *scope = function->scope; scope; scope = scope->outer)
    if (scope->kind == SCOPE_WITH || scope->dynamic) return false;
  return true;
}

static bool is_plain(const Binding *b) {
  return !b->escapes && !b->checked && !b->accumulator && !b->rope;
}

bool scope_gives_value(const Upvalue *upvalue) {
  const Binding *b = upvalue->binding;
  const Node *statement = upvalue->unit->statement;
  if (!is_plain(b) || b->storage != STORAGE_LOCAL) return false;
  if (b->kind != BINDING_PARAM && b->kind != BINDING_ARGUMENTS && b->end >= statement->start) return false;
  if (!b->reassigned) return true;
  return !b->captured && !upvalue->assigned && !b->function;
}

static bool may_live_in_table(const Binding *b) {
  if (b->storage == STORAGE_TABLE) return true;
  if (!is_plain(b) || b->storage != STORAGE_LOCAL || b->function || b->scope->kind == SCOPE_LOOP) return false; // each turn has a variable of its own
  return b->kind == BINDING_PARAM || b->kind == BINDING_VAR || b->kind == BINDING_LET;
}

// Whether `binding` is the first of its scope in the list that is no value.
static bool first_of_scope(const Unit *unit, const Upvalue *upvalue) {
  for (const Upvalue *u = unit->list; u != upvalue; u = u->next)
    if (u->binding->scope == upvalue->binding->scope && !scope_gives_value(u)) return false;
  return true;
}

static bool may_keep(const Walker *w, const Unit *unit) {
  uint32_t count = 0;
  if (!scope_keeps_blocks(w->scopes, unit->function)) return false;
  for (const Upvalue *u = unit->list; u; u = u->next) {
    const Binding *b = u->binding;
    if (b->storage == STORAGE_GLOBAL || b->scope == w->scopes->program) continue;
    if (b->scope->function != unit->function) return false;
    if (scope_gives_value(u)) count++;
    else if (!may_live_in_table(b)) return false;
    else count += first_of_scope(unit, u);
    if (count > GIVEN_MOST) return false;
  }
  return true;
}

void scope_settle_blocks(Walker *w) {
  for (Unit *unit = w->scopes->units; unit; unit = unit->all) {
    if (!unit->statement || !may_keep(w, unit)) continue;
    for (Upvalue *u = unit->list; u; u = u->next) {
      Binding *b = u->binding;
      if (b->storage != STORAGE_LOCAL || b->scope == w->scopes->program || scope_gives_value(u)) continue;
      b->captured = b->scope->spilled = true;
    }
  }
}

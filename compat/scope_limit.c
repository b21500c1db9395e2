// SPDX-License-Identifier: MIT
//
// LuaJIT's limits: 200 locals and 60 upvalues to a function. Where a source has more, the names of its fullest scopes move
// to a table, which is one local and one upvalue. The rest of both limits is left to the emitter's helpers and temporaries.
#include "scope_walk.h"

#include <stdlib.h>
#include <string.h>

enum { LOCALS_MOST = 110, UPVALUES_MOST = 28, FIRST_SET = 1024 };

static uint32_t pair_hash(const Unit *unit, const Binding *binding) {
  uintptr_t mixed = (uintptr_t)unit * 31 + (uintptr_t)binding;
  return (uint32_t)((uint64_t)mixed * 0x9E3779B97F4A7C15u >> 32);
}

static void set_grow(Walker *w) {
  uint32_t mask = w->upvalues ? w->upvalue_mask * 2 + 1 : FIRST_SET - 1;
  size_t size = ((size_t)mask + 1) * sizeof *w->upvalues;
  Upvalue **set = memory_resize(NULL, size);
  memset(set, 0, size);
  for (uint32_t i = 0; w->upvalues && i <= w->upvalue_mask; i++) {
    Upvalue *old = w->upvalues[i];
    if (!old) continue;
    uint32_t at = pair_hash(old->unit, old->binding) & mask;
    while (set[at]) at = (at + 1) & mask;
    set[at] = old;
  }
  free(w->upvalues);
  w->upvalues = set;
  w->upvalue_mask = mask;
}

void scope_limit_free(Walker *w) {
  free(w->upvalues);
  w->upvalues = NULL;
}

void scope_note_upvalue(Walker *w, Binding *binding) {
  Unit *home = binding->scope->unit;
  for (Unit *unit = w->unit; unit && unit != home; unit = unit->outer) {
    if (!w->upvalues || w->upvalue_count * 2 > w->upvalue_mask) set_grow(w);
    uint32_t at = pair_hash(unit, binding) & w->upvalue_mask;
    while (w->upvalues[at] && (w->upvalues[at]->unit != unit || w->upvalues[at]->binding != binding))
      at = (at + 1) & w->upvalue_mask;
    if (w->upvalues[at]) return; // then the functions around have it too
    Upvalue *upvalue = arena_alloc(w->scopes->arena, sizeof *upvalue);
    *upvalue = (Upvalue){.binding = binding, .unit = unit, .next = unit->list};
    unit->list = upvalue;
    unit->upvalues++;
    w->upvalues[at] = upvalue;
    w->upvalue_count++;
  }
}

void scope_note_assigned(Walker *w, Binding *binding) {
  Unit *home = binding->scope->unit;
  scope_note_upvalue(w, binding);
  for (Unit *unit = w->unit; unit && unit != home; unit = unit->outer) {
    uint32_t at = pair_hash(unit, binding) & w->upvalue_mask;
    while (w->upvalues[at]->unit != unit || w->upvalues[at]->binding != binding) at = (at + 1) & w->upvalue_mask;
    if (w->upvalues[at]->assigned) return;
    w->upvalues[at]->assigned = true;
  }
}

static bool takes_local(const Binding *b) {
  if (b->storage != STORAGE_LOCAL) return false;
  return !b->scope->spilled_all && !(b->scope->spilled && b->captured);
}

static uint32_t own_locals(const Scope *scope) {
  uint32_t count = scope->spilled ? 1 : 0;
  for (const Binding *b = scope->first; b; b = b->next) count += takes_local(b);
  return count;
}

// The most locals that live at once in the scope and below; *fullest is the scope on that path with most of its own.
static uint32_t need_locals(Scope *scope, Scope **fullest, uint32_t *most) {
  uint32_t below = 0, own = own_locals(scope);
  Scope *below_fullest = NULL;
  uint32_t below_most = 0;
  for (Scope *child = scope->child; child; child = child->sibling) {
    Scope *its = NULL;
    uint32_t its_most = 0, need = need_locals(child, &its, &its_most);
    if (need > below) {
      below = need;
      below_fullest = its;
      below_most = its_most;
    }
  }
  bool here = own >= below_most;
  *fullest = here ? scope : below_fullest;
  *most = here ? own : below_most;
  return own + below;
}

static void limit_locals(Unit *unit) {
  for (Scope *scope = unit->scopes; scope; scope = scope->sibling) {
    for (;;) {
      Scope *fullest = NULL;
      uint32_t most = 0;
      if (need_locals(scope, &fullest, &most) <= LOCALS_MOST || most < 4) break;
      if (!fullest->spilled) fullest->spilled = true;
      else fullest->spilled_all = true;
    }
  }
}

static uint32_t effective_upvalues(const Unit *unit, Scope **fullest) {
  uint32_t count = 0, most = 0;
  *fullest = NULL;
  for (const Upvalue *u = unit->list; u; u = u->next) {
    if (!takes_local(u->binding)) continue;
    count++;
    uint32_t same = 0;
    for (const Upvalue *v = unit->list; v && same <= UPVALUES_MOST; v = v->next)
      same += v->binding->scope == u->binding->scope && takes_local(v->binding);
    if (same > most) {
      most = same;
      *fullest = u->binding->scope;
    }
  }
  return count;
}

static void limit_upvalues(Unit *unit) {
  while (unit->upvalues > UPVALUES_MOST) {
    Scope *fullest;
    if (effective_upvalues(unit, &fullest) <= UPVALUES_MOST || !fullest) break;
    for (const Upvalue *u = unit->list; u; u = u->next)
      if (u->binding->scope == fullest) u->binding->captured = true; // a try's closure counts as well
    fullest->spilled = true;
  }
}

void scope_settle_limits(Walker *w) {
  for (Unit *unit = w->scopes->units; unit; unit = unit->all) limit_upvalues(unit);
  for (Unit *unit = w->scopes->units; unit; unit = unit->all) limit_locals(unit);
  for (Binding *b = w->scopes->bindings; b; b = b->all)
    if (b->storage == STORAGE_LOCAL && !takes_local(b)) b->storage = STORAGE_TABLE;
}

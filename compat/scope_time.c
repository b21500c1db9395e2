// SPDX-License-Identifier: MIT
//
// When can it run, and what was declared by then? See the head of scope.h.
#include "scope_walk.h"

// Spreads the earliest times along "a function known as a mentions b", earliest first.
static void spread(Binding *from) {
  for (Edge *edge = from->edges; edge; edge = edge->next) {
    Binding *to = edge->to;
    if (from->use < to->use) {
      to->use = from->use;
      if (to->edges) spread(to);
    }
  }
}

static bool inside(const Node *node, const Node *part) {
  return part && node->start >= part->start && node->start < part->end;
}

static void settle_references(Binding *b) {
  for (Reference *r = b->references; r; r = r->next) {
    uint32_t time = r->through ? r->through->use : r->time;
    bool skipped = b->scope->kind == SCOPE_SWITCH && !inside(b->declaration, r->clause);
    if (time >= b->end && !skipped) continue;
    if (r->through && r->through->use == UINT32_MAX) continue; // never runs
    r->node->flags |= NODE_CHECKED;
    b->checked = true;
  }
}

void scope_settle_times(Walker *w, Binding *older, const Function *function) {
  for (Binding *b = w->scopes->bindings; b != older; b = b->all)
    if (b->scope->function == function && b->edges && b->use != UINT32_MAX) spread(b);
  for (Binding *b = w->scopes->bindings; b != older; b = b->all) {
    if (b->scope->function != function) continue;
    Scope *scope = b->scope;
    if (scope->uses_eval) b->captured = b->escapes = true;
    // a switch may begin at any of its clauses
    if (b->function && (b->use < b->start || b->escapes || b->storage == STORAGE_GLOBAL || scope->kind == SCOPE_SWITCH))
      b->early = scope->has_early = true;
    if (b->first < b->start) b->forward = true;
    settle_references(b);
  }
}

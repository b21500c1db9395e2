// SPDX-License-Identifier: MIT
//
// Shared by the scope pass's files only.
#ifndef LUNODE_COMPAT_SCOPE_WALK_H
#define LUNODE_COMPAT_SCOPE_WALK_H

#include "parse.h"
#include "scope.h"

typedef struct Annex {
  Binding *binding;
  struct Annex *next;
} Annex;

struct Reference {
  Node *node;
  Binding *through;  // the function that mentions it is known by this name only; NULL for none
  uint32_t time;     // else when it is mentioned
  const Node *clause; // the switch's clause that it stands in
  Reference *next;
};

struct Edge {
  Binding *to;
  Edge *next;
};

typedef struct Walker {
  Scopes *scopes;
  Scope *scope;
  Function *function;
  Unit *unit;
  bool module;
  uint32_t scope_count;
  Annex *annex;            // while declaring
  bool async_or_generator; // the function being declared
  bool of_target;
  Function **path;         // the functions around, outermost first
  uint32_t path_size;
  Scope *dynamic;          // the innermost with or eval scope
  const Node *clause;      // the innermost switch clause
  bool parameters;         // the walk is in a function's parameters
  uint32_t dead_from;      // in a parameter's default: where that parameter begins
  const Binding *heritage; // the class whose `extends` the walk is in
  const Scope *head;       // the loop whose `in` or `of` expression the walk is in
  uint32_t loops;          // loops around, in this function
  uint32_t modules;        // imported so far
  bool place;              // the expression that is visited next is assigned, deleted or called
  const Node *unused;      // the expression whose value nobody reads
  Upvalue **upvalues;      // a hash set of (unit, binding)
  uint32_t upvalue_mask, upvalue_count;
} Walker;

Scope *scope_new(Walker *w, ScopeKind kind); // becomes the scope in force
void scope_place(Walker *w, Scope *scope);   // in the Lua function at hand
void scope_enter(Walker *w, Scope *scope);
void scope_leave(Walker *w);
Binding *scope_declare_arguments(Walker *w); // NULL where there are none
Binding *scope_declare(Walker *w, Scope *scope, BindingKind kind, Node *name);
void scope_collect(Walker *w, Function *function);
void scope_assign(Walker *w, Binding *binding, Node *value, TokenType op);

// scope_time.c: after a function was walked, for the bindings of its scopes, which are those newer than `older`.
void scope_settle_times(Walker *w, Binding *older, const Function *function);

// scope_lend.c: functions that are lent to a method of arrays.
void scope_note_call(Walker *w, Node *call);               // before its parts are walked
void scope_note_capture(Walker *w, Binding *binding);      // the function at hand uses a name of one around
void scope_note_this(Walker *w, const Function *owner, bool refuse); // it uses owner's `this`; or what cannot be lent
void scope_settle_blocks(Walker *w);                       // before the limits: scope_keep.c
void scope_settle_lent(Walker *w);                         // before the limits

// scope_limit.c: what does not fit a Lua function moves to tables.
void scope_note_upvalue(Walker *w, Binding *binding);
void scope_note_assigned(Walker *w, Binding *binding);
void scope_settle_limits(Walker *w);
void scope_limit_free(Walker *w);

#endif

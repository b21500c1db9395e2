// SPDX-License-Identifier: MIT
//
// Functions that are lent. LuaJIT compiles no creation of a closure, so that a function with `list.forEach((item) => …)` in it
// would be interpreted from end to end. An array's method only calls what it is given: such an arrow is made once, and finds what
// it uses of the functions around it in a table (its environment), which the call hands over where forEach takes the callback's
// `this`. The prelude makes a closure of both where the receiver is something else (rt.lend).
//
// What does not change is copied into the table; what does lives in its scope's table anyway then.
#include "scope_walk.h"

#include <string.h>

enum { CAPTURES_MOST = 12 };

static bool only_calls(const Atom *name) {
  static const char *const names[] = {"forEach", "map", "filter", "some", "every", "find", "findIndex", "flatMap"};
  for (size_t i = 0; i < sizeof names / sizeof *names; i++)
    if (strlen(names[i]) == name->len && !memcmp(names[i], name->text, name->len)) return true;
  return false;
}

static bool plain_params(const Function *function) {
  for (const Node *param = function->params.first; param; param = param->next)
    if (param->kind == N_REST) return false;
  return function->params.count < 20;
}

void scope_note_call(Walker *w, Node *call) {
  const Node *callee = call->as.call.callee, *first = call->as.call.arguments.first;
  JsGoal goal = w->scopes->options->goal;
  if (callee->kind != N_MEMBER || call->as.call.arguments.count != 1 || first->kind != N_FUNCTION) return;
  if ((call->flags | callee->flags) & NODE_OPTIONAL || !only_calls(callee->as.member.name) || callee->as.member.object->kind == N_SUPER) return;
  Function *function = first->as.function.function;
  // Of a program that runs once, functions are made once anyway; of others the text may run many times over one table of shapes.
  if ((goal != JS_FUNCTION && goal != JS_MODULE) || w->dynamic || w->function->kind == FUNCTION_PROGRAM || w->parameters) return;
  if (w->function->kind == FUNCTION_FIELD || w->function->kind == FUNCTION_STATIC) return;
  if (function->kind != FUNCTION_ARROW || function->async || function->generator || !plain_params(function)) return;
  function->lendable = true;
  function->next_lendable = w->scopes->lendable;
  w->scopes->lendable = function;
}

void scope_note_capture(Walker *w, Binding *binding) {
  const Function *home = binding->scope->function;
  if (binding->scope == w->scopes->program) return; // an upvalue for all
  for (uint32_t depth = home->depth + 1; depth <= w->function->depth; depth++) {
    Function *function = w->path[depth];
    if (!function->lendable) continue;
    uint32_t count = 0;
    Capture *capture = function->captures;
    for (; capture && capture->binding != binding; capture = capture->next) count++;
    if (capture) continue;
    if (count >= CAPTURES_MOST) function->lendable = false;
    capture = arena_alloc(w->scopes->arena, sizeof *capture);
    *capture = (Capture){binding, function->captures};
    function->captures = capture;
  }
}

void scope_note_this(Walker *w, const Function *owner, bool refuse) {
  for (Function *function = w->function; function != owner; function = function->outer) {
    if (refuse || owner->kind == FUNCTION_DERIVED || owner->kind == FUNCTION_PROGRAM) function->lendable = false;
    else function->lent_this = true;
  }
}

static bool has_value(const Function *function, const Binding *b) {
  if (b->escapes || b->checked) return false;
  if (b->kind == BINDING_PARAM || b->kind == BINDING_ARGUMENTS || b->kind == BINDING_PRIVATE) return true;
  if (b->kind == BINDING_FUNCTION && b->early) return true;
  return b->start <= function->start && !b->forward;
}

static bool may_lend(const Function *function) {
  if (!function->lendable || function->uses_eval) return false;
  for (const Capture *c = function->captures; c; c = c->next) {
    const Binding *b = c->binding;
    if (!has_value(function, b)) return false;
    if (b->storage != STORAGE_LOCAL && b->storage != STORAGE_TABLE) return false;
    if (b->reassigned && b->scope->kind == SCOPE_LOOP) return false; // each turn has a variable of its own
    for (const Capture *other = c->next; other; other = other->next)
      if (other->binding->name == b->name) return false;
  }
  return true;
}

void scope_settle_lent(Walker *w) {
  for (Function *function = w->scopes->lendable; function; function = function->next_lendable) {
    if (!may_lend(function)) continue;
    function->lent = true;
    for (Capture *c = function->captures; c; c = c->next)
      if (c->binding->reassigned) c->binding->scope->spilled = true;
  }
}

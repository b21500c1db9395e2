// SPDX-License-Identifier: MIT
//
// Functions that are lent to a method (scope_lend.c says which): made once, kept in the table T of the program's function, with an environment E1 as first parameter.
#include "emitter.h"

#include <string.h>

static bool captures(const Function *function, const Binding *b) {
  for (const Capture *c = function->captures; c; c = c->next)
    if (c->binding == b) return true;
  return false;
}

static void put_environment_name(Emitter *e, const Function *function) {
  put(e, "E");
  put_number(e, function->environment);
}

void put_environment(Emitter *e, const Binding *b) {
  const Function *home = b->scope->function;
  for (const Function *function = e->function; function && function != home; function = function->outer) {
    if (function->lent && captures(function, b)) {
      put_environment_name(e, function);
      put(e, ".");
      return;
    }
    if (function->outer == function) return;
  }
}

bool put_environment_this(Emitter *e, const Function *owner) {
  for (const Function *function = e->function; function != owner; function = function->outer) {
    if (!function->lent) continue;
    put_environment_name(e, function);
    put(e, ".this");
    return true;
  }
  return false;
}

Node *lent_argument(const Node *call) {
  Node *first = call->as.call.arguments.first;
  return first && !first->temp && first->kind == N_FUNCTION && first->as.function.function->lent ? first : NULL;
}

static bool seen_scope(const Capture *from, const Capture *to, const Scope *scope) {
  for (; from != to; from = from->next)
    if (from->binding->storage == STORAGE_TABLE && from->binding->scope == scope) return true;
  return false;
}

// { S1 = S1, name = name, this = this }
static void put_captured(Emitter *e, const Function *function) {
  const char *separator = "";
  put(e, "{");
  for (const Capture *c = function->captures; c; c = c->next) {
    Binding *b = c->binding;
    bool table = b->storage == STORAGE_TABLE;
    if (table && seen_scope(function->captures, c, b->scope)) continue;
    put(e, separator);
    separator = ", ";
    if (table) {
      put(e, "S");
      put_number(e, b->scope->id);
      put(e, " = ");
      put_environment(e, b);
      put(e, "S");
      put_number(e, b->scope->id);
    } else {
      put(e, binding_name(e, b));
      put(e, " = ");
      put_variable(e, b);
    }
  }
  if (function->lent_this) {
    const Function *owner = function;
    while (owner->kind == FUNCTION_ARROW) owner = owner->outer;
    put(e, separator);
    put(e, "this = ");
    if (!put_environment_this(e, owner)) put(e, "this");
  }
  put(e, "}");
}

// rt.lend(object, "name", T[1] or rt.keep(T, 1, function(E1, …) … end), environment) as the last argument of object:name(…);
// call NULL: rt.closure(f, environment).
void emit_lent(Emitter *e, Node *node, const Node *call) {
  Function *function = node->as.function.function;
  uint32_t number = ++e->bodies;
  function->environment = ++e->unique;
  put_helper(e, call ? HELPER_lend : HELPER_closure);
  put(e, "(");
  if (call) {
    const Node *callee = call->as.call.callee;
    emit_value(e, callee->as.member.object, L_ANY);
    put(e, ", ");
    put_string(e, callee->as.member.name);
    put(e, ", ");
  }
  put(e, "T[");
  put_number(e, number);
  put(e, "] or ");
  put_helper(e, HELPER_keep);
  put(e, "(T, ");
  put_number(e, number);
  put(e, ", ");
  emit_function(e, function);
  put(e, "), ");
  put_captured(e, function);
  put(e, ")");
}

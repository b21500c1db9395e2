// SPDX-License-Identifier: MIT
//
// Declares names: the scopes of a function's statements, and what may not be declared twice (ECMA-262 8.2, 14.2.1, 16.1.1,
// Annex B.3). Then scope_resolve.c walks the code.
#include "scope_walk.h"

#include <string.h>

Scope *scope_new(Walker *w, ScopeKind kind) {
  Scope *scope = arena_alloc(w->scopes->arena, sizeof *scope);
  scope->kind = (uint8_t)kind;
  scope->outer = w->scope;
  scope->depth = w->scope ? w->scope->depth + 1 : 0;
  scope->function = w->function;
  scope->id = ++w->scope_count;
  if (w->scopes->last) w->scopes->last->all = scope;
  else w->scopes->all = scope;
  w->scopes->last = scope;
  return w->scope = scope;
}

void scope_place(Walker *w, Scope *scope) {
  Scope *outer = scope->outer;
  Scope **list = outer && outer->unit == w->unit ? &outer->child : &w->unit->scopes;
  scope->unit = w->unit;
  scope->sibling = *list;
  *list = scope;
}

// ---- the names in force: Atom.binding heads a chain of bindings, innermost scope first

static void activate(Binding *binding) {
  Binding **at = &binding->name->binding;
  while (*at && (*at)->scope->depth > binding->scope->depth) at = &(*at)->shadowed;
  binding->shadowed = *at;
  *at = binding;
}

static void deactivate(Binding *binding) {
  Binding **at = &binding->name->binding;
  while (*at && *at != binding) at = &(*at)->shadowed;
  if (*at) *at = binding->shadowed;
}

void scope_enter(Walker *w, Scope *scope) {
  w->scope = scope;
  for (Binding *b = scope->first; b; b = b->next) activate(b);
}

void scope_leave(Walker *w) {
  Scope *scope = w->scope;
  for (Binding *b = scope->first; b; b = b->next) deactivate(b);
  w->scope = scope->outer;
}

Binding *scope_declare(Walker *w, Scope *scope, BindingKind kind, Node *name) {
  Binding *binding = arena_alloc(w->scopes->arena, sizeof *binding);
  binding->name = name->as.name.name;
  binding->kind = (uint8_t)kind;
  binding->scope = scope;
  binding->declaration = name;
  binding->start = name->start;
  binding->end = name->end;
  binding->first = binding->use = UINT32_MAX;
  binding->all = w->scopes->bindings;
  w->scopes->bindings = binding;
  if (scope->last) scope->last->next = binding;
  else scope->first = binding;
  scope->last = binding;
  scope->count++;
  activate(binding);
  return binding;
}

static Binding *find_in(const Scope *scope, const Atom *name) {
  Binding *binding = name->binding;
  while (binding && binding->scope->depth > scope->depth) binding = binding->shadowed;
  return binding && binding->scope == scope ? binding : NULL;
}

// The same in a scope that was left already.
static Binding *find_left(const Scope *scope, const Atom *name) {
  Binding *binding = scope->first;
  while (binding && binding->name != name) binding = binding->next;
  return binding;
}

static void declared_twice(Walker *w, const Node *name) {
  diagnostic_fail(w->scopes->diagnostic, "SyntaxError", name->start, name->end,
                  "Identifier '%.150s' has already been declared", name->as.name.name->text);
}

static bool is_lexical(const Binding *binding) {
  return binding->kind == BINDING_LET || binding->kind == BINDING_CONST || binding->kind == BINDING_CLASS ||
         binding->kind == BINDING_IMPORT || (binding->kind == BINDING_FUNCTION && binding->scope->kind != SCOPE_FUNCTION);
}

static void place_global(Walker *w, Binding *binding) {
  const JsOptions *options = w->scopes->options;
  if (binding->scope != w->scopes->program) return;
  bool script = options->goal == JS_SCRIPT || (options->goal == JS_EVAL && !w->function->strict);
  if (script && (!is_lexical(binding) || options->keep_lexical)) binding->storage = STORAGE_GLOBAL;
}

static Binding *declare_lexical(Walker *w, BindingKind kind, Node *name) {
  Scope *scope = w->scope;
  Binding *old = find_in(scope, name->as.name.name);
  if (old && old->kind == BINDING_ARGUMENTS) old = NULL;
  if (old) {
    bool again = kind == BINDING_FUNCTION && old->kind == BINDING_FUNCTION && !w->function->strict &&
                 !w->async_or_generator && !old->function->async && !old->function->generator;
    if (again) return old;
    declared_twice(w, name);
    return old;
  }
  if (scope->outer && scope->outer->kind == SCOPE_CATCH && find_in(scope->outer, name->as.name.name)) declared_twice(w, name);
  if (scope != w->function->scope && kind != BINDING_CATCH) { // { var x; let x }
    const Binding *var = find_in(w->function->scope, name->as.name.name);
    if (var && var->last > scope->start && !is_lexical(var)) declared_twice(w, name);
  }
  Binding *binding = scope_declare(w, scope, kind, name);
  place_global(w, binding);
  return binding;
}

static Binding *declare_var(Walker *w, BindingKind kind, Node *name) {
  Scope *top = w->function->scope;
  for (Scope *scope = w->scope; scope != top; scope = scope->outer) {
    Binding *old = find_in(scope, name->as.name.name);
    if (old && old->kind != BINDING_CATCH) {
      declared_twice(w, name);
      return old;
    }
    if (old && w->of_target) declared_twice(w, name);
  }
  Binding *old = find_in(top, name->as.name.name);
  if (!old && kind == BINDING_VAR && name->as.name.name->token == T_ARGUMENTS && w->function->kind != FUNCTION_ARROW) {
    old = scope_declare_arguments(w);
    if (old) old->scope->function->arguments->mentions++;
  }
  if (!old) {
    Binding *binding = scope_declare(w, top, kind, name);
    if (kind == BINDING_VAR) binding->last = name->start;
    place_global(w, binding);
    return binding;
  }
  if (kind == BINDING_VAR) old->last = name->start;
  if (is_lexical(old)) declared_twice(w, name);
  if (kind == BINDING_FUNCTION && old->kind != BINDING_FUNCTION) {
    if (old->kind == BINDING_VAR) old->kind = BINDING_FUNCTION;
    old->start = name->start;
    old->end = name->end;
    old->declaration = name;
    old->reassigned = true;
    scope_assign(w, old, NULL, T_ASSIGN);
  } else if (kind == BINDING_VAR && old->kind == BINDING_FUNCTION) {
    old->reassigned = true;
    scope_assign(w, old, NULL, T_ASSIGN);
  }
  return old;
}

typedef struct Declaring {
  Walker *w;
  int kind; // BindingKind
  uint32_t end;
} Declaring;

static bool declare_name(void *context, Node *name) {
  Declaring *d = context;
  bool lexical = d->kind == BINDING_LET || d->kind == BINDING_CONST || d->kind == BINDING_CATCH;
  Binding *binding = lexical ? declare_lexical(d->w, (BindingKind)d->kind, name) : declare_var(d->w, (BindingKind)d->kind, name);
  if (lexical) binding->end = d->end;
  name->as.name.binding = binding;
  return !d->w->scopes->diagnostic->failed;
}

static void declare_pattern(Walker *w, BindingKind kind, Node *pattern, uint32_t end) {
  Declaring declaring = {w, kind, end};
  parse_each_name(pattern, declare_name, &declaring);
}

static void collect_variables(Walker *w, Node *node, uint32_t end) {
  BindingKind kind = node->op == T_VAR ? BINDING_VAR : node->op == T_LET ? BINDING_LET : BINDING_CONST;
  for (Node *item = node->as.list.items.first; item; item = item->next)
    declare_pattern(w, kind, item->as.binary.left, end ? end : item->end);
}

static void collect_function(Walker *w, Node *node) {
  Function *function = node->as.function.function;
  if (!function->name) return; // export default function
  Binding *binding;
  w->async_or_generator = function->async || function->generator;
  if (w->scope == w->function->scope) {
    binding = w->module && w->scope == w->scopes->program ? declare_lexical(w, BINDING_FUNCTION, function->name)
                                                         : declare_var(w, BINDING_FUNCTION, function->name);
  } else {
    binding = declare_lexical(w, BINDING_FUNCTION, function->name);
    if (!w->function->strict && !w->async_or_generator) {
      Annex *annex = arena_alloc(w->scopes->arena, sizeof *annex);
      *annex = (Annex){binding, w->annex};
      w->annex = annex;
    }
  }
  if (binding->function) binding->reassigned = true; // declared twice: the last one wins
  binding->function = function;
  function->name->as.name.binding = binding;
}

static void collect(Walker *w, Node *node);

static bool has_lexical(const List *items) {
  for (const Node *item = items->first; item; item = item->next) {
    const Node *inner = item;
    while (inner->kind == S_LABELED) inner = inner->as.jump.body;
    if (inner->kind == S_FUNCTION_DECLARATION || inner->kind == S_CLASS_DECLARATION ||
        (inner->kind == S_VARIABLES && inner->op != T_VAR))
      return true;
  }
  return false;
}

static void collect_list(Walker *w, const List *items) {
  for (Node *item = items->first; item && !w->scopes->diagnostic->failed; item = item->next) collect(w, item);
}

static void collect_exported(Walker *w, Node *node) {
  collect(w, node->as.unary.value);
}

static void collect_import(Walker *w, Node *node) {
  for (Node *item = node->as.module.names.first; item; item = item->next) {
    Binding *binding = declare_lexical(w, BINDING_IMPORT, item->as.module_name.local);
    binding->storage = STORAGE_IMPORT;
    binding->module_name = item->as.module_name.source;
    binding->end = 0;
  }
}

static void collect_try(Walker *w, Node *node) {
  collect(w, node->as.try.block);
  if (node->as.try.handler) {
    if (node->as.try.parameter) {
      node->as.try.scope = scope_new(w, SCOPE_CATCH);
      w->scope->start = UINT32_MAX;
      bool simple = node->as.try.parameter->kind == N_IDENTIFIER;
      declare_pattern(w, simple ? BINDING_CATCH : BINDING_LET, node->as.try.parameter, node->as.try.parameter->end);
    }
    node->as.try.handler->as.list.scope = scope_new(w, SCOPE_BLOCK);
    w->scope->start = node->as.try.handler->start;
    collect_list(w, &node->as.try.handler->as.list.items);
    scope_leave(w);
    if (node->as.try.parameter) scope_leave(w);
  }
  if (node->as.try.finalizer) collect(w, node->as.try.finalizer);
}

static void collect(Walker *w, Node *node) {
  switch (node->kind) {
  case S_VARIABLES: collect_variables(w, node, 0); break;
  case S_FUNCTION_DECLARATION: collect_function(w, node); break;
  case S_CLASS_DECLARATION:
    if (node->as.class.name) {
      Binding *binding = declare_lexical(w, BINDING_CLASS, node->as.class.name);
      binding->end = node->end;
      node->as.class.name->as.name.binding = binding;
    }
    break;
  case S_BLOCK:
    if (has_lexical(&node->as.list.items)) {
      node->as.list.scope = scope_new(w, SCOPE_BLOCK);
      w->scope->start = node->start;
      collect_list(w, &node->as.list.items);
      scope_leave(w);
    } else {
      collect_list(w, &node->as.list.items);
    }
    break;
  case S_IF:
    for (Node *chain = node; chain; chain = chain->as.conditional.no) {
      if (chain->kind != S_IF) {
        collect(w, chain);
        break;
      }
      collect(w, chain->as.conditional.yes);
    }
    break;
  case S_FOR:
  case S_FOR_IN:
  case S_FOR_OF: {
    Node *init = node->as.loop.init;
    bool lexical = init && init->kind == S_VARIABLES && init->op != T_VAR;
    if (lexical) {
      node->as.loop.scope = scope_new(w, SCOPE_LOOP);
      w->scope->start = UINT32_MAX; // a var before it cannot stand inside
    }
    if (init && init->kind == S_VARIABLES) {
      w->of_target = node->kind == S_FOR_OF;
      collect_variables(w, init, node->kind == S_FOR || init->op == T_VAR ? 0 : node->as.loop.test->end);
      w->of_target = false;
    }
    collect(w, node->as.loop.body);
    if (lexical) scope_leave(w);
    break;
  }
  case S_WHILE:
  case S_DO_WHILE: collect(w, node->as.loop.body); break;
  case S_LABELED:
    collect(w, node->as.jump.body);
    if (node->as.jump.body->kind == S_FUNCTION_DECLARATION) { // the label is a block of Lua's
      Binding *binding = node->as.jump.body->as.function.function->name->as.name.binding;
      if (binding) binding->forward = true;
    }
    break;
  case S_WITH:
    node->as.with.scope = scope_new(w, SCOPE_WITH);
    collect(w, node->as.with.body);
    scope_leave(w);
    break;
  case S_TRY: collect_try(w, node); break;
  case S_SWITCH: {
    bool lexical = false;
    for (const Node *item = node->as.choice.cases.first; item; item = item->next)
      lexical |= has_lexical(&item->as.switch_case.body);
    if (lexical) {
      node->as.choice.scope = scope_new(w, SCOPE_SWITCH);
      w->scope->start = node->start;
    }
    for (Node *item = node->as.choice.cases.first; item; item = item->next) collect_list(w, &item->as.switch_case.body);
    if (lexical) scope_leave(w);
    break;
  }
  case S_IMPORT: collect_import(w, node); break;
  case S_EXPORT_DECLARATION:
  case S_EXPORT_DEFAULT:
    if (node->as.unary.value->kind > N_LAST_EXPRESSION) collect_exported(w, node);
    break;
  default: break;
  }
}

// Annex B.3.3: in sloppy mode a block's function is also a variable of the function, unless that would be an error: one
// that becomes the block's function where the declaration stands.
static void settle_annex(Walker *w) {
  Scope *top = w->function->scope;
  for (Annex *annex = w->annex; annex; annex = annex->next) {
    Binding *binding = annex->binding;
    bool conflict = binding->variable != NULL;
    for (Scope *scope = binding->scope->outer; !conflict && scope != top; scope = scope->outer) {
      const Binding *between = find_left(scope, binding->name);
      conflict = between && between->kind != BINDING_CATCH;
    }
    Binding *old = find_in(top, binding->name);
    if (conflict || (old && (is_lexical(old) || old->kind == BINDING_PARAM))) continue;
    if (!old) {
      old = scope_declare(w, top, BINDING_VAR, binding->declaration);
      old->annex = true;
      place_global(w, old);
    }
    old->reassigned = true;
    scope_assign(w, old, NULL, T_ASSIGN);
    binding->variable = old;
    for (Scope *scope = binding->scope->outer; scope != top; scope = scope->outer) {
      Binding *between = find_left(scope, binding->name);
      if (between) between->hides = true;
    }
  }
  w->annex = NULL;
}

void scope_collect(Walker *w, Function *function) {
  Annex *annex = w->annex;
  w->annex = NULL;
  for (Node *param = function->params.first; param; param = param->next) {
    Declaring declaring = {w, BINDING_PARAM, 0};
    parse_each_name(param, declare_name, &declaring);
  }
  if (function->body && !function->expression_body) collect_list(w, &function->body->as.list.items);
  settle_annex(w);
  w->annex = annex;
}

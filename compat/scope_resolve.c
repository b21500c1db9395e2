// SPDX-License-Identifier: MIT
//
// Walks the code, resolves each name, and notes what the rest of the scope pass needs.
#include "scope_walk.h"
#include "types.h"

#include <stdlib.h>
#include <string.h>

static void visit(Walker *w, Node *node);
static void visit_function(Walker *w, Function *function, Binding *known_as);

static void visit_list(Walker *w, const List *list) {
  for (Node *item = list->first; item && !w->scopes->diagnostic->failed; item = item->next) visit(w, item);
}

static void visit_maybe(Walker *w, Node *node) {
  if (node) visit(w, node);
}

// ---- references

void scope_assign(Walker *w, Binding *binding, Node *value, TokenType op) {
  Assigned *assigned = arena_alloc(w->scopes->arena, sizeof *assigned);
  *assigned = (Assigned){value, op, w->scopes->bigints, binding->assigned};
  binding->assigned = assigned;
}

static Function *this_function(Walker *w) {
  Function *function = w->function;
  while (function->kind == FUNCTION_ARROW && function->outer && function->outer != function) function = function->outer;
  return function;
}

static void note_reference(Walker *w, Binding *b, Node *node) {
  Function *home = b->scope->function;
  if (node->start < b->first) b->first = node->start;
  uint32_t time = node->start;
  Binding *through = NULL;
  if (home != w->function) {
    b->captured = true;
    scope_note_capture(w, b);
    Function *child = w->path[home->depth + 1];
    through = child->known_as;
    time = child->kind == FUNCTION_STATIC ? child->end : child->start;
  }
  scope_note_upvalue(w, b);
  if (through == b) return; // recursion
  if (through) {
    if (b->function || b->edges || b->kind == BINDING_CONST || b->kind == BINDING_CLASS || b->kind == BINDING_LET) {
      Edge *edge = arena_alloc(w->scopes->arena, sizeof *edge);
      *edge = (Edge){b, through->edges};
      through->edges = edge;
    }
  } else if (time < b->use) {
    b->use = time;
  }
  bool dead_zone = b->kind == BINDING_LET || b->kind == BINDING_CONST || b->kind == BINDING_CLASS;
  if (!dead_zone || b->storage == STORAGE_GLOBAL) return;
  if (!through && time >= b->end && b->scope->kind != SCOPE_SWITCH) return;
  Reference *reference = arena_alloc(w->scopes->arena, sizeof *reference);
  *reference = (Reference){node, through, time, w->clause, b->references};
  b->references = reference;
}

Binding *scope_declare_arguments(Walker *w) {
  Function *function = this_function(w);
  if (function->kind == FUNCTION_PROGRAM && w->scopes->options->goal != JS_FUNCTION) return NULL;
  if (function->kind == FUNCTION_FIELD || function->kind == FUNCTION_STATIC) return NULL;
  Node *name = node_new(w->scopes->arena, N_IDENTIFIER, function->start, function->line);
  name->as.name.name = atom_make(w->scopes->atoms, "arguments", 9);
  Binding *binding = scope_declare(w, function->scope, BINDING_ARGUMENTS, name);
  binding->end = 0;
  scope_assign(w, binding, NULL, T_ASSIGN);
  function->uses_arguments = true;
  function->arguments = arena_alloc(w->scopes->arena, sizeof *function->arguments);
  *function->arguments = (ArgumentsUse){0};
  return binding;
}

// ---- sloppy `arguments`: is it seen after a parameter was assigned, or assigned itself?

static void note_param_assigned(Walker *w, const Binding *b, const Node *node) {
  Function *owner = b->scope->function;
  if (b->kind != BINDING_PARAM) return;
  uint32_t at = owner != w->function || w->loops ? 1 : node->start + 1;
  if (!owner->param_assigned || at < owner->param_assigned) owner->param_assigned = at;
}

static void note_arguments_use(Walker *w, const Binding *b, const Node *node) {
  Function *owner = b->scope->function;
  uint32_t at = owner != w->function ? UINT32_MAX : node->start + 1;
  if (at > owner->arguments_last) owner->arguments_last = at;
}

static bool is_arguments(const Node *node) {
  return node->kind == N_IDENTIFIER && node->as.name.name->token == T_ARGUMENTS;
}

static void note_place(Walker *w, const Node *place) {
  if (place->kind == N_INDEX && is_arguments(place->as.binary.left)) this_function(w)->assigns_arguments = true;
}

// Object.defineProperty(arguments, …)
static void note_defined(Walker *w, const Node *call) {
  const Node *callee = call->as.call.callee, *first = call->as.call.arguments.first;
  if (callee->kind == N_MEMBER && first && is_arguments(first) && !strncmp(callee->as.member.name->text, "defineProper", 12))
    this_function(w)->assigns_arguments = true;
}

// Ties the parameters to `arguments` where the difference could be seen.
static void map_arguments(Function *function) {
  enum { MOST_MAPPED = 50 }; // they are upvalues of one closure
  if (!function->uses_arguments || function->strict || !function->simple || !function->params.count) return;
  if (!function->assigns_arguments && (!function->param_assigned || function->param_assigned > function->arguments_last)) return;
  if (function->params.count > MOST_MAPPED) return;
  for (Node *param = function->params.first; param; param = param->next) {
    for (Node *other = param->next; other; other = other->next)
      if (other->as.name.binding == param->as.name.binding) return; // two of one name
  }
  function->maps_arguments = true;
  for (Node *param = function->params.first; param; param = param->next) {
    Binding *b = param->as.name.binding;
    b->captured = b->escapes = b->reassigned = true;
  }
}

// A plain rest parameter after plain parameters. (What stands in a default may mention it before it is noted.)
static void note_rest(Walker *w, const Function *function) {
  const Node *last = function->params.last;
  if (!last || last->kind != N_REST || last->as.unary.value->kind != N_IDENTIFIER || function->uses_eval || function->params.count > 100) return;
  for (const Node *param = function->params.first; param != last; param = param->next)
    if (param->kind != N_IDENTIFIER) return;
  Binding *b = last->as.unary.value->as.name.binding;
  if (!b || b->kind != BINDING_PARAM || b->scope != function->scope) return;
  b->rest = arena_alloc(w->scopes->arena, sizeof *b->rest);
  *b->rest = (ArgumentsUse){0};
}

static Binding *resolve(Walker *w, Node *node) {
  Atom *name = node->as.name.name;
  Binding *b = name->binding;
  if (name->token == T_ARGUMENTS) {
    Scope *top = this_function(w)->scope;
    if (top && (!b || b->scope->depth < top->depth)) b = scope_declare_arguments(w);
  }
  if (arguments_use(b)) arguments_use(b)->mentions++;
  if (w->dynamic && (!b || b->scope->depth < w->dynamic->depth)) {
    node->flags |= NODE_SPECIAL;
    node->as.name.scope = w->dynamic;
    if (b) b->escapes = b->captured = true;
  }
  node->as.name.binding = b;
  if (b) note_reference(w, b, node);
  if (b && b->kind == BINDING_ARGUMENTS) note_arguments_use(w, b, node);
  if (b && b->scope == w->head) node->flags |= NODE_DEAD; // these are others, which never get a value
  if (b && b == w->heritage && b->scope->function == w->function) node->flags |= NODE_DEAD;
  if (b && b->kind == BINDING_PARAM && w->dead_from && b->scope->function == w->function && b->start >= w->dead_from)
    node->flags |= NODE_DEAD;
  return b;
}

static bool is_hot(Walker *w, const Binding *b) {
  return w->loops || b->scope->function != w->function;
}

static void visit_name(Walker *w, Node *node) {
  Binding *b = resolve(w, node);
  if (b && is_hot(w, b)) b->reads_hot++;
}

static void visit_place(Walker *w, Node *node) {
  w->place = true;
  visit(w, node);
}

static void visit_target(Walker *w, Node *node, Node *value, TokenType op);

static void visit_target_name(Walker *w, Node *node, Node *value, TokenType op) {
  Binding *b = resolve(w, node);
  if (!b) return;
  b->reassigned = true;
  scope_note_assigned(w, b);
  note_param_assigned(w, b, node);
  scope_assign(w, b, value, op);
}

static void note_text(Atom *name, const Node *value) {
  if (name && value && (value->kind == N_STRING || value->kind == N_TEMPLATE)) name->text_uses |= TEXT_HELD;
}

// Targets that are assigned, not declared.
static void visit_target(Walker *w, Node *node, Node *value, TokenType op) {
  switch (node->kind) {
  case N_IDENTIFIER: visit_target_name(w, node, value, op); break;
  case N_DEFAULT:
    visit_target(w, node->as.binary.left, NULL, op);
    visit(w, node->as.binary.right);
    break;
  case N_REST: visit_target(w, node->as.unary.value, NULL, op); break;
  case N_PROPERTY:
    if (node->flags & NODE_COMPUTED) visit(w, node->as.property.key);
    visit_target(w, node->as.property.value, NULL, op);
    break;
  case N_ARRAY_PATTERN:
  case N_OBJECT_PATTERN:
    for (Node *item = node->as.list.items.first; item; item = item->next) visit_target(w, item, NULL, op);
    break;
  case N_HOLE: break;
  default:
    note_place(w, node);
    visit_place(w, node);
  }
}

// Targets that are declared: their names have bindings already.
static void visit_declared(Walker *w, Node *node, Node *value, bool initializes) {
  switch (node->kind) {
  case N_IDENTIFIER: {
    Binding *b = node->as.name.binding;
    if (!b) break;
    if (b->declaration != node) {
      if (initializes) b->reassigned = true;
      if (initializes) note_param_assigned(w, b, node);
      if (node->start < b->first) b->first = node->start;
    }
    if (initializes) scope_assign(w, b, value, T_ASSIGN);
    scope_note_assigned(w, b);
    if (w->dynamic && b->scope->depth < w->dynamic->depth) {
      node->flags |= NODE_SPECIAL;
      node->as.name.scope = w->dynamic;
      b->escapes = b->captured = true;
    }
    if (w->loops && b->declaration == node && b->scope->kind == SCOPE_FUNCTION) b->reassigned = true;
    break;
  }
  case N_DEFAULT:
    visit_declared(w, node->as.binary.left, NULL, initializes);
    if (w->parameters) {
      uint32_t outer = w->dead_from;
      if (!outer) w->dead_from = node->start;
      visit(w, node->as.binary.right);
      w->dead_from = outer;
    } else {
      visit(w, node->as.binary.right);
    }
    break;
  case N_REST: visit_declared(w, node->as.unary.value, NULL, initializes); break;
  case N_PROPERTY:
    if (node->flags & NODE_COMPUTED) visit(w, node->as.property.key);
    visit_declared(w, node->as.property.value, NULL, initializes);
    break;
  case N_ARRAY_PATTERN:
  case N_OBJECT_PATTERN:
    for (Node *item = node->as.list.items.first; item; item = item->next) visit_declared(w, item, NULL, initializes);
    break;
  default: break;
  }
}

// ---- which variables keep their first declaration as their Lua local

static void mark_in_place(Function *function) {
  if (function->expression_body || !function->body || function->uses_eval) return;
  for (Node *item = function->body->as.list.items.first; item; item = item->next) {
    if (item->kind != S_VARIABLES) continue;
    for (Node *each = item->as.list.items.first; each; each = each->next) {
      Node *target = each->as.binary.left;
      Binding *b = target->kind == N_IDENTIFIER ? target->as.name.binding : NULL;
      if (b && b->declaration == target && !b->forward) b->in_place = true;
    }
  }
}

// ---- functions and classes

static Unit *unit_begin(Walker *w) {
  Unit *unit = arena_alloc(w->scopes->arena, sizeof *unit);
  unit->outer = w->unit;
  unit->all = w->scopes->units;
  w->scopes->units = unit;
  return w->unit = unit;
}

// Of a try statement.
static Unit *block_begin(Walker *w, const Node *statement) {
  Unit *unit = unit_begin(w);
  unit->statement = statement;
  unit->function = w->function;
  return unit;
}

static void enter_placed(Walker *w, Scope *scope) {
  scope_enter(w, scope);
  scope_place(w, scope);
  if (w->function->uses_eval) scope->uses_eval = true;
}

static void visit_function(Walker *w, Function *function, Binding *known_as) {
  Walker saved = *w;
  Binding *older = w->scopes->bindings;
  Scope *self = NULL;
  function->known_as = known_as;
  function->outer = w->function ? w->function : function;
  function->depth = w->function ? w->function->depth + 1 : 0;
  if (function->node && function->node->kind == N_FUNCTION && function->name) {
    self = scope_new(w, SCOPE_SELF);
    scope_place(w, self);
    Binding *binding = scope_declare(w, self, BINDING_SELF, function->name);
    binding->end = 0;
    function->name->as.name.binding = binding;
    if (!known_as) function->known_as = NULL;
  }
  w->function = function;
  if (function->depth >= w->path_size) {
    w->path_size = function->depth * 2 + 16;
    w->path = memory_resize(w->path, w->path_size * sizeof *w->path);
  }
  w->path[function->depth] = function;
  function->unit = unit_begin(w);
  Scope *scope = scope_new(w, SCOPE_FUNCTION);
  scope_place(w, scope);
  function->scope = scope;
  w->loops = 0;
  w->clause = NULL;
  w->annex = NULL;
  if (function->kind == FUNCTION_PROGRAM) w->scopes->program = scope;
  if (function->kind == FUNCTION_PROGRAM && w->scopes->options->goal == JS_EVAL) w->dynamic = scope;
  if (function->uses_eval) {
    scope->uses_eval = true;
    Function *owner = this_function(w);
    owner->uses_this = true;
    if (!function->strict && w->dynamic != scope) {
      scope->dynamic = w->dynamic;
      w->dynamic = scope;
    }
  }
  scope_collect(w, function);
  w->parameters = true;
  w->dead_from = 0;
  for (Node *param = function->params.first; param; param = param->next) visit_declared(w, param, NULL, true);
  w->parameters = false;
  note_rest(w, function);
  bool closed = function->generator || function->async;
  if (closed && function->kind != FUNCTION_PROGRAM) unit_begin(w);
  if (function->body && !w->scopes->diagnostic->failed) {
    if (function->expression_body) visit(w, function->body);
    else visit_list(w, &function->body->as.list.items);
  }
  map_arguments(function);
  w->scope = scope;
  scope_leave(w);
  if (self) scope_leave(w);
  saved.scopes = w->scopes;
  saved.path = w->path;
  saved.path_size = w->path_size;
  saved.scope_count = w->scope_count;
  saved.modules = w->modules;
  saved.upvalues = w->upvalues;
  saved.upvalue_mask = w->upvalue_mask;
  saved.upvalue_count = w->upvalue_count;
  *w = saved;
  if (function->uses_eval && w->function) {
    w->function->uses_eval = true; // what is visible inside is visible from here out
    if (w->function->scope) w->function->scope->uses_eval = true;
    for (Scope *outer = w->scope; outer; outer = outer->outer) outer->uses_eval = true;
  }
  scope_settle_times(w, older, function);
  mark_in_place(function);
}

static void declare_private(Walker *w, Node *class) {
  for (Node *item = class->as.class.members.first; item; item = item->next) {
    if (item->kind != N_CLASS_MEMBER || item->flags & NODE_COMPUTED || item->as.property.key->kind != N_IDENTIFIER) continue;
    Node *key = item->as.property.key;
    Binding *b = key->as.name.name->binding;
    if (!b || b->scope != w->scope) b = scope_declare(w, w->scope, BINDING_PRIVATE, key);
    b->start = b->end = 0;
    key->as.name.binding = b;
  }
}

static void visit_class(Walker *w, Node *node, Binding *known_as) {
  Scope *scope = scope_new(w, SCOPE_CLASS);
  scope_place(w, scope);
  node->as.class.scope = scope;
  if (w->function->uses_eval) scope->uses_eval = true;
  if (node->kind == N_CLASS && node->as.class.name) {
    Binding *self = scope_declare(w, scope, BINDING_SELF, node->as.class.name);
    self->end = 0;
    node->as.class.name->as.name.binding = self;
  } else if (node->as.class.name && node->as.class.name->as.name.name->assigned) {
    node->as.class.inner = scope_declare(w, scope, BINDING_SELF, node->as.class.name);
    node->as.class.inner->end = 0;
  }
  const Binding *outer_heritage = w->heritage;
  w->heritage = node->as.class.inner ? node->as.class.inner : node->as.class.name ? node->as.class.name->as.name.binding : NULL;
  visit_maybe(w, node->as.class.parent);
  w->heritage = outer_heritage;
  declare_private(w, node);
  for (Node *item = node->as.class.members.first; item; item = item->next) {
    if (item->flags & NODE_COMPUTED && item->kind == N_CLASS_MEMBER) visit(w, item->as.property.key);
  }
  for (Node *item = node->as.class.members.first; item && !w->scopes->diagnostic->failed; item = item->next) {
    bool is_static = item->flags & NODE_STATIC;
    if (item->kind == N_STATIC_BLOCK) {
      item->as.function.function->end = node->end;
      visit_function(w, item->as.function.function, NULL);
    } else if (item->op == PROPERTY_FIELD) {
      Function *function = item->as.property.function;
      if (!function) continue;
      if (is_static) {
        function->kind = FUNCTION_STATIC;
        function->end = node->end;
      }
      visit_function(w, function, is_static ? NULL : known_as);
    } else {
      visit_function(w, item->as.property.value->as.function.function, known_as);
    }
  }
  if (node->as.class.constructor->default_constructor) visit_function(w, node->as.class.constructor, known_as);
  scope_leave(w);
}

// ---- expressions

static void visit_assign(Walker *w, Node *node) {
  Node *left = node->as.binary.left, *right = node->as.binary.right;
  bool unused = w->unused == node, append = is_append_to_self(node);
  if (left->kind == N_MEMBER && (node->op == T_ASSIGN || node->op == T_ASSIGN_ADD)) {
    if (node->op == T_ASSIGN_ADD) left->as.member.name->text_uses |= TEXT_APPENDED;
    note_text(left->as.member.name, right);
  }
  if (node->op == T_ASSIGN) {
    visit_target(w, left, right, T_ASSIGN);
  } else if (left->kind == N_IDENTIFIER) {
    visit_target_name(w, left, right, node->op);
  } else {
    note_place(w, left);
    visit_place(w, left);
  }
  uint32_t reads_before = 0;
  Binding *b = left->kind == N_IDENTIFIER ? left->as.name.binding : NULL;
  if (b) reads_before = b->reads_hot;
  if (right->kind == N_CLASS) visit_class(w, right, NULL);
  else visit(w, right);
  if (!b) return;
  bool hot = is_hot(w, b);
  if (append) {
    b->appends++;
    if (node->op == T_ASSIGN && hot && b->reads_hot == reads_before + 1) b->reads_hot--; // the leftmost operand
    if (hot) b->appends_hot++;
  } else if (node->op != T_ASSIGN && hot) {
    b->reads_hot++;
  }
  if (!unused && hot) b->reads_hot++;
}

static void visit_spine(Walker *w, Node *node) {
  uint32_t count = 0;
  for (Node *n = node; n->kind == N_BINARY || n->kind == N_LOGICAL; n = n->as.binary.left) count++;
  Node *small[64], **spine = count <= 64 ? small : memory_resize(NULL, count * sizeof *spine);
  uint32_t i = count;
  Node *leftmost = node;
  for (; leftmost->kind == N_BINARY || leftmost->kind == N_LOGICAL; leftmost = leftmost->as.binary.left) spine[--i] = leftmost;
  visit(w, leftmost);
  for (i = 0; i < count; i++) visit(w, spine[i]->as.binary.right);
  if (spine != small) free(spine);
}

static void visit_property(Walker *w, Node *node) {
  if (node->flags & NODE_COMPUTED) visit(w, node->as.property.key);
  else note_text(parse_key_name(node->as.property.key), node->as.property.value);
  visit(w, node->as.property.value);
}

static void mark_this(Walker *w, bool target) {
  Function *function = this_function(w);
  if (target) function->uses_new_target = true;
  else function->uses_this = true;
  for (Function *arrow = w->function; arrow != function; arrow = arrow->outer) arrow->has_inner_this = true;
  if (w->function != function) function->has_inner_this = true;
  scope_note_this(w, function, target);
}

static void mark_super(Walker *w) {
  Function *function = this_function(w);
  mark_this(w, false);
  function->uses_super = true;
  for (Function *arrow = w->function; arrow != function; arrow = arrow->outer) arrow->uses_super = true;
}

static void visit_eval(Walker *w, Node *node) {
  Function *owner = this_function(w);
  owner->uses_this = true;
  if (owner->kind != FUNCTION_PROGRAM || w->scopes->options->goal == JS_EVAL) {
    mark_this(w, true);
    if (owner->kind != FUNCTION_NORMAL && owner->kind != FUNCTION_PROGRAM) mark_super(w);
  }
  scope_note_this(w, owner, true);
  node->as.call.scope = w->scope;
  node->as.call.dynamic = w->dynamic;
  if (w->parameters) node->flags |= NODE_DEAD;
  for (Scope *scope = w->scope; scope; scope = scope->outer) {
    scope->uses_eval = true;
    for (Binding *b = scope->first; b; b = b->next) scope_note_upvalue(w, b);
  }
  if (owner->kind != FUNCTION_PROGRAM && owner->kind != FUNCTION_FIELD && owner->kind != FUNCTION_STATIC) {
    Node *name = node_new(w->scopes->arena, N_IDENTIFIER, node->start, node->line);
    name->as.name.name = atom_make(w->scopes->atoms, "arguments", 9);
    resolve(w, name);
  }
}

static void visit_private(Walker *w, Node *node) {
  visit(w, node->as.member.object);
  Binding *b = node->as.member.name->binding;
  node->as.member.binding = b;
  if (!b) return; // of the code around an eval
  if (b->scope->function != w->function) {
    b->captured = true;
    scope_note_capture(w, b);
  }
  scope_note_upvalue(w, b);
}

// Is the name, in the function's own code, that of its arguments or its rest parameter?
static ArgumentsUse *own_arguments(const Walker *w, const Node *name) {
  if (name->kind != N_IDENTIFIER || name->flags & NODE_SPECIAL || w->parameters) return NULL;
  const Binding *b = name->as.name.binding;
  return b && b->scope->function == w->function && w->unit == w->function->unit ? arguments_use(b) : NULL;
}

// arguments.length and arguments[i]
static void note_arguments(Walker *w, const Node *node) {
  ArgumentsUse *use = own_arguments(w, node->kind == N_MEMBER ? node->as.member.object : node->as.binary.left);
  if (!use || node->flags & NODE_OPTIONAL) return;
  if (node->kind == N_MEMBER) {
    if (!atom_is_length(node->as.member.name)) return;
    use->counted = true;
  } else {
    Node *index = node->as.binary.right;
    if (index->kind == N_NUMBER && index->as.number.value >= 0 && index->as.number.value < 8 &&
        index->as.number.value == (uint32_t)index->as.number.value) {
      uint32_t constants = (uint32_t)index->as.number.value + 1;
      if (constants > use->constants) use->constants = constants;
    } else if (index->kind == N_IDENTIFIER) {
      struct ArgumentsIndex *each = arena_alloc(w->scopes->arena, sizeof *each);
      *each = (struct ArgumentsIndex){index, use->indices};
      use->indices = each;
      use->indexed = true;
    } else {
      return;
    }
  }
  use->readings++;
}

// f(...arguments), new F(...args), [...args], f.apply(o, arguments)
static void note_forwarded(Walker *w, const Node *node) {
  const List *given = node->kind == N_ARRAY ? &node->as.list.items : &node->as.call.arguments;
  const Node *name = given->last && given->last->kind == N_SPREAD ? given->last->as.unary.value : NULL;
  if (!name && node->kind != N_ARRAY) name = applied_arguments(node);
  ArgumentsUse *use = name ? own_arguments(w, name) : NULL;
  if (!use || given->count > 100) return;
  use->forwarded = true;
  use->readings++;
}

static void visit_expression(Walker *w, Node *node) {
  bool place = w->place;
  w->place = false;
  switch (node->kind) {
  case N_IDENTIFIER: visit_name(w, node); break;
  case N_TEMPLATE: visit_list(w, &node->as.template.values); break;
  case N_TAGGED:
    visit_place(w, node->as.tagged.tag);
    visit(w, node->as.tagged.template);
    break;
  case N_THIS:
    mark_this(w, false);
    break;
  case N_SUPER:
    mark_super(w);
    scope_note_this(w, this_function(w), true);
    break;
  case N_NEW_TARGET: mark_this(w, true); break;
  case N_ARRAY:
    visit_list(w, &node->as.list.items);
    note_forwarded(w, node);
    break;
  case N_OBJECT:
  case N_SEQUENCE: visit_list(w, &node->as.list.items); break;
  case N_UNARY:
    w->place = node->op == T_DELETE;
    visit(w, node->as.unary.value);
    break;
  case N_SPREAD:
  case N_CHAIN:
  case N_AWAIT:
  case N_YIELD: visit_maybe(w, node->as.unary.value); break;
  case N_PROPERTY: visit_property(w, node); break;
  case N_FUNCTION: visit_function(w, node->as.function.function, NULL); break;
  case N_CLASS: visit_class(w, node, NULL); break;
  case N_UPDATE:
    if (node->as.unary.value->kind == N_IDENTIFIER) {
      visit_target_name(w, node->as.unary.value, NULL, node->op);
      Binding *b = node->as.unary.value->as.name.binding;
      if (b) b->reads_hot++;
    } else {
      note_place(w, node->as.unary.value);
      visit_place(w, node->as.unary.value);
    }
    break;
  case N_BINARY:
  case N_LOGICAL: visit_spine(w, node); break;
  case N_ASSIGN: visit_assign(w, node); break;
  case N_CONDITIONAL:
    visit(w, node->as.conditional.test);
    visit(w, node->as.conditional.yes);
    visit(w, node->as.conditional.no);
    break;
  case N_CALL:
    if (node->as.call.callee->kind == N_SUPER) { // may it run twice?
      Function *owner = this_function(w);
      owner->super_calls = owner->super_calls || w->loops || w->function != owner ? 2 : 1;
    }
    if (node->flags & NODE_SPECIAL) visit_eval(w, node);
    else scope_note_call(w, node);
    note_defined(w, node);
    // fall through
  case N_NEW:
    visit_place(w, node->as.call.callee);
    visit_list(w, &node->as.call.arguments);
    note_forwarded(w, node);
    break;
  case N_MEMBER: {
    Function *owner = is_arguments(node->as.member.object) ? this_function(w) : NULL;
    uint32_t last = owner ? owner->arguments_last : 0;
    visit(w, node->as.member.object);
    if (owner && atom_is_length(node->as.member.name)) owner->arguments_last = last;
    if (!place) note_arguments(w, node);
    break;
  }
  case N_INDEX:
  case N_IMPORT_CALL:
    visit(w, node->as.binary.left);
    visit_maybe(w, node->as.binary.right);
    if (node->kind == N_INDEX && !place) note_arguments(w, node);
    break;
  case N_PRIVATE_MEMBER:
  case N_PRIVATE_IN: visit_private(w, node); break;
  default: break;
  }
}

// ---- statements

static void visit_variables(Walker *w, Node *node) {
  for (Node *item = node->as.list.items.first; item; item = item->next) {
    Node *target = item->as.binary.left, *value = item->as.binary.right;
    Binding *b = target->kind == N_IDENTIFIER ? target->as.name.binding : NULL;
    if (value || !b) visit_declared(w, target, value, true);
    else visit_declared(w, target, NULL, false);
    if (b && !value) scope_assign(w, b, NULL, T_UNDEFINED);
    if (!value) continue;
    bool known = b && node->op == T_CONST;
    if (value->kind == N_FUNCTION && known) visit_function(w, value->as.function.function, b);
    else if (value->kind == N_CLASS) visit_class(w, value, known ? b : NULL);
    else visit(w, value);
  }
}

static void visit_loop(Walker *w, Node *node) {
  Scope *scope = node->as.loop.scope;
  Node *init = node->as.loop.init;
  if (scope) enter_placed(w, scope);
  if (node->kind == S_FOR_IN || node->kind == S_FOR_OF) {
    if (init->kind == S_VARIABLES) {
      visit_maybe(w, init->as.list.items.first->as.binary.right);
    }
    const Scope *outer = w->head;
    w->head = scope ? scope : outer;
    visit(w, node->as.loop.test);
    w->head = outer;
    w->loops++;
    if (init->kind == S_VARIABLES) visit_declared(w, init->as.list.items.first->as.binary.left, NULL, true);
    else visit_target(w, init, NULL, T_ASSIGN);
  } else {
    if (init) {
      w->unused = init;
      visit(w, init);
    }
    w->loops++;
    visit_maybe(w, node->as.loop.test);
    w->unused = node->as.loop.update;
    visit_maybe(w, node->as.loop.update);
  }
  visit(w, node->as.loop.body);
  w->loops--;
  if (scope) scope_leave(w);
}

static void visit_try(Walker *w, Node *node) {
  node->as.try.unit = block_begin(w, node);
  visit(w, node->as.try.block);
  w->unit = w->unit->outer;
  if (node->as.try.handler) {
    bool closed = node->as.try.finalizer;
    if (closed) node->as.try.handler_unit = block_begin(w, node);
    if (node->as.try.scope) enter_placed(w, node->as.try.scope);
    if (node->as.try.parameter) visit_declared(w, node->as.try.parameter, NULL, true);
    visit(w, node->as.try.handler);
    if (node->as.try.scope) scope_leave(w);
    if (closed) w->unit = w->unit->outer;
  }
  visit_maybe(w, node->as.try.finalizer);
}

static void visit_switch(Walker *w, Node *node) {
  const Node *outer = w->clause;
  visit(w, node->as.choice.value);
  if (node->as.choice.scope) enter_placed(w, node->as.choice.scope);
  for (Node *item = node->as.choice.cases.first; item; item = item->next) visit_maybe(w, item->as.switch_case.test);
  for (Node *item = node->as.choice.cases.first; item; item = item->next) {
    w->clause = item;
    visit_list(w, &item->as.switch_case.body);
  }
  w->clause = outer;
  if (node->as.choice.scope) scope_leave(w);
}

static void visit_with(Walker *w, Node *node) {
  visit(w, node->as.with.object);
  Scope *outer = w->dynamic;
  Scope *scope = node->as.with.scope;
  enter_placed(w, scope);
  scope->dynamic = outer;
  w->dynamic = scope;
  visit(w, node->as.with.body);
  w->dynamic = outer;
  scope_leave(w);
}

static void visit_import(Walker *w, Node *node) {
  uint32_t module = ++w->modules;
  for (Node *item = node->as.module.names.first; item; item = item->next)
    if (item->as.module_name.local && item->as.module_name.local->as.name.name->binding)
      item->as.module_name.local->as.name.name->binding->module = module;
}

static void visit_export_names(Walker *w, Node *node) {
  if (node->as.module.specifier) {
    w->modules++;
    return;
  }
  for (Node *item = node->as.module.names.first; item; item = item->next) {
    Node *local = item->as.module_name.local;
    Binding *b = local->as.name.name->binding;
    if (!b || b->scope != w->scopes->program) {
      diagnostic_fail(w->scopes->diagnostic, "SyntaxError", local->start, local->end,
                      "Export '%.150s' is not defined in module", local->as.name.name->text);
      return;
    }
    local->as.name.binding = b;
  }
}

static void visit_statement(Walker *w, Node *node) {
  switch (node->kind) {
  case S_EXPRESSION:
    w->unused = node->as.unary.value;
    visit(w, node->as.unary.value);
    break;
  case S_VARIABLES: visit_variables(w, node); break;
  case S_FUNCTION_DECLARATION: {
    Function *function = node->as.function.function;
    Binding *b = function->name ? function->name->as.name.binding : NULL;
    if (b) scope_note_upvalue(w, b);
    if (b) scope_assign(w, b, node, T_ASSIGN);
    if (b && b->variable) {
      scope_note_upvalue(w, b->variable);
      if (node->end < b->use) b->use = node->end; // it can be called through the variable
    }
    visit_function(w, function, b && !b->escapes && b->function == function && !b->reassigned ? b : NULL);
    break;
  }
  case S_CLASS_DECLARATION: {
    Binding *b = node->as.class.name ? node->as.class.name->as.name.binding : NULL;
    if (b) scope_assign(w, b, node, T_ASSIGN);
    if (b) scope_note_upvalue(w, b);
    visit_class(w, node, b);
    break;
  }
  case S_EXPORT_DEFAULT: {
    const Node *value = node->as.unary.value;
    if (value->kind == S_FUNCTION_DECLARATION && !value->as.function.function->name) w->scope->has_early = true;
    visit(w, node->as.unary.value);
    break;
  }
  case S_RETURN:
  case S_THROW:
  case S_EXPORT_DECLARATION: visit_maybe(w, node->as.unary.value); break;
  case S_IF:
    for (Node *chain = node; chain; chain = chain->as.conditional.no) {
      if (chain->kind != S_IF) {
        visit(w, chain);
        break;
      }
      visit(w, chain->as.conditional.test);
      visit(w, chain->as.conditional.yes);
    }
    break;
  case S_FOR:
  case S_FOR_IN:
  case S_FOR_OF: visit_loop(w, node); break;
  case S_WHILE:
  case S_DO_WHILE:
    w->loops++;
    if (node->kind == S_WHILE) visit(w, node->as.loop.test);
    visit(w, node->as.loop.body);
    if (node->kind == S_DO_WHILE) visit(w, node->as.loop.test);
    w->loops--;
    break;
  case S_TRY: visit_try(w, node); break;
  case S_SWITCH: visit_switch(w, node); break;
  case S_LABELED: visit(w, node->as.jump.body); break;
  case S_BLOCK:
    if (node->as.list.scope) enter_placed(w, node->as.list.scope);
    visit_list(w, &node->as.list.items);
    if (node->as.list.scope) scope_leave(w);
    break;
  case S_WITH: visit_with(w, node); break;
  case S_IMPORT: visit_import(w, node); break;
  case S_EXPORT_NAMES:
  case S_EXPORT_ALL: visit_export_names(w, node); break;
  default: break;
  }
}

static void visit(Walker *w, Node *node) {
  if (w->scopes->diagnostic->failed) return;
  if (node->kind < N_LAST_EXPRESSION || node->kind == N_SPREAD || node->kind == N_PROPERTY) visit_expression(w, node);
  else visit_statement(w, node);
}

// Exported names live in the module's table, under the first name that they are exported as.
static void place_exported(Binding *b, Atom *name) {
  if (b->storage != STORAGE_LOCAL) return;
  b->storage = STORAGE_MODULE;
  b->module_name = name;
}

static bool place_exported_name(void *context, Node *name) {
  (void)context;
  if (name->as.name.binding) place_exported(name->as.name.binding, name->as.name.name);
  return true;
}

static void place_exports(Walker *w, Function *program) {
  if (!w->module) return;
  for (Node *item = program->body->as.list.items.first; item; item = item->next) {
    if (item->kind == S_EXPORT_NAMES && !item->as.module.specifier) {
      for (Node *name = item->as.module.names.first; name; name = name->next)
        if (name->as.module_name.local->as.name.binding)
          place_exported(name->as.module_name.local->as.name.binding, name->as.module_name.name);
    } else if (item->kind == S_EXPORT_DECLARATION || item->kind == S_EXPORT_DEFAULT) {
      Node *value = item->as.unary.value;
      Atom *name = item->kind == S_EXPORT_DEFAULT ? atom_make(w->scopes->atoms, "default", 7) : NULL;
      if (value->kind == S_VARIABLES) {
        for (Node *each = value->as.list.items.first; each; each = each->next)
          parse_each_name(each->as.binary.left, place_exported_name, NULL);
      } else if (value->kind == S_FUNCTION_DECLARATION && value->as.function.function->name) {
        Node *own = value->as.function.function->name;
        place_exported(own->as.name.binding, name ? name : own->as.name.name);
      } else if (value->kind == S_CLASS_DECLARATION && value->as.class.name) {
        Node *own = value->as.class.name;
        place_exported(own->as.name.binding, name ? name : own->as.name.name);
      }
    }
  }
}

bool scope_program(Scopes *scopes, Function *program) {
  Walker w = {.scopes = scopes, .module = scopes->options->goal == JS_MODULE};
  visit_function(&w, program, NULL);
  free(w.path);
  if (!scopes->diagnostic->failed) {
    place_exports(&w, program);
    scope_settle_lent(&w);
    scope_settle_blocks(&w);
    scope_settle_limits(&w);
  }
  scope_limit_free(&w);
  return !scopes->diagnostic->failed;
}

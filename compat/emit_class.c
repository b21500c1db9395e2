// SPDX-License-Identifier: MIT
//
// Classes. What comes up to the constructor goes into one call, in the order of the text, as triples of kind, key and
// value; what comes after it follows in calls of rt.method:
//   local C1, P1; C1, P1 = rt.class("Name", parent, "method", "m", function … end, "constructor", nil, function … end)
//   rt.method(C1, "get", "g", function … end)
#include "emitter.h"

#include <string.h>

static bool is_constructor(const Node *item, const Node *class) {
  return item->kind == N_CLASS_MEMBER && item->op == PROPERTY_METHOD &&
         item->as.property.value->as.function.function == class->as.class.constructor;
}

static bool is_field_run(const Node *item) {
  return item && item->kind == N_CLASS_MEMBER && item->op == PROPERTY_FIELD && !(item->flags & NODE_STATIC);
}

static bool is_private(const Node *item) {
  return !(item->flags & NODE_COMPUTED) && item->as.property.key->kind == N_IDENTIFIER;
}

static void put_key(Emitter *e, Node *item) {
  if (is_private(item)) put_variable(e, item->as.property.key->as.name.binding);
  else if (item->flags & NODE_COMPUTED && item->as.property.key->temp) put_temp(e, item->as.property.key->temp);
  else emit_key_value(e, item->as.property.key);
}

// rt.field(this, key, value), or rt.privatefield
static void emit_field(Emitter *e, Node *item) {
  Function *function = item->as.property.function;
  if (function) {
    emit_plan(e, function->body);
    emit_prepare(e, function->body);
  }
  emit_begin(e, item->line);
  put_helper(e, is_private(item) ? HELPER_privatefield : HELPER_field);
  put(e, "(this, ");
  put_key(e, item);
  if (function) {
    put(e, ", ");
    emit_single(e, function->body);
  }
  put(e, ")");
  e->separator = true;
}

// A function(this) … end around fields or a static block.
static void emit_initializer(Emitter *e, Function *function, Node *first, const Node *end) {
  LuaFunction lua = {.outer = e->lua, .function = function, .locals = 1, .temps = e->lua->temps};
  Function *outer = e->function, *as = function;
  bool separator = e->separator, tail = e->tail;
  e->lua = &lua;
  e->separator = e->tail = false;
  put_function_word(e, NULL);
  put(e, "(this)");
  e->indent++;
  if (first) {
    for (Node *item = first; item != end; item = item->next) {
      Function fallback = {.kind = first->flags & NODE_STATIC ? FUNCTION_STATIC : FUNCTION_FIELD, .strict = true};
      fallback.outer = &fallback;
      e->function = item->as.property.function ? item->as.property.function : &fallback;
      if (item->as.property.function) {
        emit_begin(e, item->line);
        put(e, "do");
        e->separator = false;
        open_table(e, item->as.property.function->scope);
      }
      uint32_t locals = lua.locals;
      emit_field(e, item);
      lua.locals = locals;
      if (item->as.property.function) emit_end(e, 0);
    }
  } else {
    e->function = as;
    open_table(e, function->scope);
    emit_list(e, &function->body->as.list.items, function->scope, true);
  }
  e->indent--;
  emit_end(e, 0);
  lua.outer->temps = lua.temps;
  e->lua = lua.outer;
  e->function = outer;
  e->separator = separator;
  e->tail = tail;
}

// "kind", key, value. Gives the last member that it took.
static Node *emit_member(Emitter *e, Node *class, Node *item) {
  bool is_static = item->flags & NODE_STATIC;
  if (item->kind == N_STATIC_BLOCK) {
    put(e, "\"static\", nil, ");
    emit_initializer(e, item->as.function.function, NULL, NULL);
    return item;
  }
  if (item->op == PROPERTY_FIELD) {
    Node *last = item;
    if (!is_static)
      while (is_field_run(last->next)) last = last->next;
    put(e, is_static ? "\"static\", nil, " : "\"fields\", nil, ");
    emit_initializer(e, item->as.property.function, item, last->next);
    return last;
  }
  Function *function = item->as.property.value->as.function.function;
  if (function == class->as.class.constructor) {
    put(e, "\"constructor\", nil, ");
  } else {
    put(e, "\"");
    if (is_static) put(e, "static ");
    put(e, item->op == PROPERTY_GET ? "get" : item->op == PROPERTY_SET ? "set" : "method");
    put(e, "\", ");
    put_key(e, item);
    put(e, ", ");
  }
  emit_function(e, function);
  return item;
}

static void open_private(Emitter *e, Scope *scope) {
  for (Binding *b = scope->first; b; b = b->next) {
    if (b->kind != BINDING_PRIVATE) continue;
    emit_begin(e, 0);
    if (b->storage == STORAGE_LOCAL) {
      put(e, "local ");
      e->lua->locals++;
    }
    put_variable(e, b);
    put(e, " = ");
    put_helper(e, HELPER_private);
    put(e, "(");
    put_string(e, b->name);
    put(e, ")");
    e->separator = true;
  }
}

// Computed keys are read before anything is defined; each goes to a temporary.
static void keep_keys(Emitter *e, Node *class) {
  for (Node *item = class->as.class.members.first; item; item = item->next) {
    if (item->kind != N_CLASS_MEMBER || !(item->flags & NODE_COMPUTED)) continue;
    Node *key = item->as.property.key;
    emit_plan(e, key);
    emit_prepare(e, key);
    if (key->temp || !is_cheap(key) || key->kind == N_IDENTIFIER) {
      uint32_t temp = local_temp(e);
      emit_defined_key(e, item);
      e->separator = true;
      key->temp = temp;
    }
  }
}

// The class becomes the value of `into`, a Lua name or field; NULL where a class declaration's binding takes it.
void emit_class(Emitter *e, Node *node, const char *into) {
  uint32_t locals = e->lua->locals, outer_home = e->home;
  Node *outer_class = e->class;
  Scope *scope = node->as.class.scope;
  Function *constructor = node->as.class.constructor;
  Binding *own = node->as.class.name ? node->as.class.name->as.name.binding : NULL;
  Binding *inner = node->as.class.inner ? node->as.class.inner : own && own->kind == BINDING_SELF ? own : NULL;
  Node *parent = node->as.class.parent;
  emit_begin(e, node->line);
  put(e, "do");
  e->separator = false;
  e->indent++;
  e->home = ++e->unique;
  if (inner && inner->storage == STORAGE_LOCAL) {
    emit_begin(e, 0);
    put(e, "local ");
    put_variable(e, inner);
    inner->declared = true;
    e->lua->locals++;
    e->separator = true;
  }
  if (parent) {
    emit_plan(e, parent);
    emit_prepare(e, parent);
  }
  open_table(e, scope);
  open_private(e, scope);
  keep_keys(e, node);
  emit_begin(e, 0);
  put(e, "local C");
  put_number(e, e->home);
  put(e, ", P");
  put_number(e, e->home);
  e->separator = true;
  e->lua->locals += 2;
  emit_begin(e, 0);
  put(e, "C");
  put_number(e, e->home);
  put(e, ", P");
  put_number(e, e->home);
  put(e, " = ");
  put_helper(e, HELPER_class);
  put(e, "(");
  if (constructor->inferred) put_string(e, constructor->inferred);
  else put(e, "\"\"");
  put(e, ", ");
  if (parent) emit_single(e, parent);
  else put(e, "false");
  Node *item = node->as.class.members.first;
  bool statics = false;
  e->class = node;
  if (constructor->default_constructor) {
    put(e, ", \"constructor\", nil, ");
    emit_function(e, constructor);
  } else {
    for (bool more = true; item && more; item = item->next) {
      more = !is_constructor(item, node);
      put(e, ", ");
      emit_line(e, item->line);
      statics |= item->flags & NODE_STATIC && (item->kind == N_STATIC_BLOCK || item->op == PROPERTY_FIELD);
      item = emit_member(e, node, item);
    }
  }
  put(e, ")");
  e->separator = true;
  if (inner) {
    emit_begin(e, 0);
    put_variable(e, inner);
    put(e, " = C");
    put_number(e, e->home);
    e->separator = true;
  }
  emit_begin(e, 0);
  if (into) {
    put(e, into);
  } else {
    put_variable(e, own);
  }
  put(e, " = C");
  put_number(e, e->home);
  e->separator = true;
  for (; item; item = item->next) {
    emit_begin(e, item->line);
    put_helper(e, HELPER_method);
    put(e, "(C");
    put_number(e, e->home);
    put(e, ", ");
    statics |= item->flags & NODE_STATIC && (item->kind == N_STATIC_BLOCK || item->op == PROPERTY_FIELD);
    item = emit_member(e, node, item);
    put(e, ")");
    e->separator = true;
  }
  if (statics) {
    emit_begin(e, 0);
    put_helper(e, HELPER_finish);
    put(e, "(C");
    put_number(e, e->home);
    put(e, ")");
    e->separator = true;
  }
  e->indent--;
  emit_end(e, 0);
  e->home = outer_home;
  e->class = outer_class;
  e->lua->locals = locals;
}

// SPDX-License-Identifier: MIT
//
// Which parts of an expression need statements, and which nest too deep for one Lua expression (Lua's parser allows 200
// levels in all). Works before anything of the expression is written.
#include "emitter.h"

#include <stdlib.h>

enum { EXPRESSION_DEPTH = 24 }; // levels of one Lua expression; what is deeper goes to a temporary

static uint32_t plan(Emitter *e, Node *node);

bool needs_statements(const Node *node) {
  return node->flags & NODE_STATEMENTS && !node->temp;
}

bool is_cheap(const Node *node) {
  switch (node->kind) {
  case N_NUMBER:
  case N_STRING:
  case N_NULL:
  case N_TRUE:
  case N_FALSE: return true;
  case N_IDENTIFIER: {
    if (node->temp) return true;
    if (node->flags & (NODE_CHECKED | NODE_SPECIAL | NODE_DEAD)) return false;
    const Binding *b = node->as.name.binding;
    return b ? !b->accumulator && !b->rope && b->storage != STORAGE_IMPORT : node->as.name.name->token == T_UNDEFINED;
  }
  default: return node->temp != 0;
  }
}

// The object that a method is called on; NULL for what is no method.
Node *callee_object(const Node *callee) {
  switch (callee->kind) {
  case N_MEMBER:
  case N_PRIVATE_MEMBER: return callee->as.member.object;
  case N_INDEX: return callee->as.binary.left;
  default: return NULL;
  }
}

// Can it be written a second time in one expression?
bool is_repeatable(const Node *node) {
  return is_cheap(node) || node->kind == N_THIS || node->kind == N_SUPER;
}

// Its value stays the same whatever runs between here and its use.
bool is_stable(Emitter *e, Node *node) {
  (void)e;
  if (node->temp) return true;
  switch (node->kind) {
  case N_NUMBER:
  case N_STRING:
  case N_NULL:
  case N_TRUE:
  case N_FALSE:
  case N_FUNCTION:
  case N_SUPER: return true;
  case N_THIS: return true;
  case N_IDENTIFIER: {
    const Binding *b = node->as.name.binding;
    if (node->flags & (NODE_CHECKED | NODE_SPECIAL | NODE_DEAD)) return false;
    if (!b) return node->as.name.name->token == T_UNDEFINED;
    return !b->reassigned && !b->escapes && b->storage != STORAGE_IMPORT && b->storage != STORAGE_GLOBAL;
  }
  default: return false;
  }
}

static uint32_t plan_list(Emitter *e, const List *list, bool *statements) {
  uint32_t depth = 0;
  for (Node *item = list->first; item; item = item->next) {
    uint32_t its = plan(e, item);
    if (its > depth) depth = its;
    if (item->flags & NODE_STATEMENTS) *statements = true;
  }
  return depth;
}

static uint32_t deeper(uint32_t a, uint32_t b) {
  return a > b ? a : b;
}

static uint32_t done(Node *node, uint32_t depth, bool statements) {
  if (depth > EXPRESSION_DEPTH) {
    node->flags |= NODE_DEEP;
    statements = true;
    depth = 1;
  }
  if (statements) node->flags |= NODE_STATEMENTS;
  else node->flags &= (uint16_t)~NODE_STATEMENTS;
  return depth;
}

static bool child_statements(const Node *node) {
  return node && node->flags & NODE_STATEMENTS;
}

static bool logical_in_place(Node *node) {
  Node *left = node->as.binary.left, *right = node->as.binary.right;
  if (child_statements(right)) return false;
  if (node->op == T_NULLISH) {
    return type_is(left, TYPE_ANY & ~(TYPE_NULL | TYPE_BOOLEAN)) || is_cheap(right);
  }
  return type_is(left, TYPE_SAME_TRUTH) || is_cheap(right);
}

static uint32_t plan_operator(Emitter *e, Node *node, uint32_t left_depth) {
  Node *left = node->as.binary.left, *right = node->as.binary.right;
  uint32_t depth = deeper(left_depth, plan(e, right)) + 1;
  bool statements = child_statements(left) || child_statements(right);
  if (node->kind == N_LOGICAL && !logical_in_place(node)) statements = true;
  return done(node, depth, statements);
}

static uint32_t plan_spine(Emitter *e, Node *node) {
  uint32_t count = 0;
  Node *leftmost = node;
  for (; leftmost->kind == N_BINARY || leftmost->kind == N_LOGICAL; leftmost = leftmost->as.binary.left) count++;
  Node *small[64], **spine = count <= 64 ? small : memory_resize(NULL, count * sizeof *spine);
  uint32_t i = count;
  for (Node *n = node; n->kind == N_BINARY || n->kind == N_LOGICAL; n = n->as.binary.left) spine[--i] = n;
  uint32_t depth = plan(e, leftmost);
  for (i = 0; i < count; i++) {
    (void)type_of(spine[i]); // from the leaves up, so that no type is asked for far down
    depth = plan_operator(e, spine[i], depth);
  }
  if (spine != small) free(spine);
  return depth;
}

static uint32_t plan_members(Emitter *e, Node *node, bool *statements) {
  uint32_t depth = 0;
  for (Node *item = node->as.list.items.first; item; item = item->next) {
    if (item->kind == N_SPREAD) {
      depth = deeper(depth, plan(e, item->as.unary.value));
      *statements |= child_statements(item->as.unary.value);
      continue;
    }
    if (item->flags & NODE_COMPUTED) {
      depth = deeper(depth, plan(e, item->as.property.key));
      *statements |= child_statements(item->as.property.key);
    }
    depth = deeper(depth, plan(e, item->as.property.value));
    *statements |= child_statements(item->as.property.value);
    Node *value = item->as.property.value;
    if (item->flags & NODE_METHOD && value->kind == N_FUNCTION && value->as.function.function->uses_super) *statements = true;
  }
  return depth;
}

static bool is_not(const Node *node) {
  return node->kind == N_UNARY && node->op == T_NOT;
}

static uint32_t plan(Emitter *e, Node *node) {
  bool statements = false;
  uint32_t depth = 0;
  switch (node->kind) {
  case N_TEMPLATE:
    depth = plan_list(e, &node->as.template.values, &statements);
    depth += node->as.template.values.count < 16 ? node->as.template.values.count / 2 : 8; // `..` nests to the right in Lua's parser
    break;
  case N_TAGGED:
    depth = deeper(plan(e, node->as.tagged.tag), plan_list(e, &node->as.tagged.template->as.template.values, &statements));
    if (node->as.tagged.tag->kind == N_MEMBER || node->as.tagged.tag->kind == N_INDEX) depth++;
    statements |= child_statements(node->as.tagged.tag);
    if (callee_object(node->as.tagged.tag)) statements |= !is_repeatable(callee_object(node->as.tagged.tag));
    break;
  case N_ARRAY:
    depth = plan_list(e, &node->as.list.items, &statements);
    break;
  case N_OBJECT:
    depth = plan_members(e, node, &statements);
    if (object_is_long(e, node)) statements = true;
    break;
  case N_SEQUENCE:
    plan_list(e, &node->as.list.items, &statements);
    statements = true;
    break;
  case N_UNARY:
    while (node->op == T_NOT && is_not(node->as.unary.value) && is_not(node->as.unary.value->as.unary.value))
      node->as.unary.value = node->as.unary.value->as.unary.value->as.unary.value; // !!!x is !x
    // fall through
  case N_SPREAD:
  case N_YIELD:
  case N_AWAIT:
    if (node->as.unary.value) {
      depth = plan(e, node->as.unary.value);
      statements = child_statements(node->as.unary.value);
    }
    if (node->kind == N_UNARY && node->op == T_DELETE && node->as.unary.value->kind == N_CHAIN) statements = true;
    break;
  case N_CHAIN:
    plan(e, node->as.unary.value);
    statements = true;
    break;
  case N_CLASS: statements = true; break;
  case N_FUNCTION: {
    const Function *function = node->as.function.function;
    const Binding *self = function->name ? function->name->as.name.binding : NULL;
    statements = self && self->kind == BINDING_SELF && (self->first != UINT32_MAX || self->escapes);
    break;
  }
  case N_UPDATE:
    plan(e, node->as.unary.value);
    statements = true;
    break;
  case N_ASSIGN:
    plan(e, node->as.binary.left);
    plan(e, node->as.binary.right);
    statements = true;
    break;
  case N_BINARY:
  case N_LOGICAL: return plan_spine(e, node);
  case N_CONDITIONAL: {
    depth = plan(e, node->as.conditional.test);
    depth = deeper(depth, plan(e, node->as.conditional.yes));
    depth = deeper(depth, plan(e, node->as.conditional.no));
    statements = child_statements(node->as.conditional.test) || child_statements(node->as.conditional.yes) ||
                 child_statements(node->as.conditional.no);
    if (type_of(node->as.conditional.yes) & TYPE_LUA_FALSY && type_of(node->as.conditional.no) & TYPE_LUA_FALSY)
      statements = true;
    break;
  }
  case N_CALL:
    if (node->as.call.callee->kind == N_SUPER) statements = true;
    // fall through
  case N_NEW:
    depth = plan(e, node->as.call.callee);
    depth = deeper(depth, plan_list(e, &node->as.call.arguments, &statements));
    statements |= child_statements(node->as.call.callee);
    if (node->kind == N_CALL && lent_argument(node)) { // its receiver is asked twice
      const Node *object = node->as.call.callee->as.member.object;
      statements |= !is_cheap(object) && object->kind != N_THIS;
    }
    break;
  case N_MEMBER:
  case N_PRIVATE_MEMBER:
  case N_PRIVATE_IN:
    depth = plan(e, node->as.member.object);
    statements = child_statements(node->as.member.object);
    break;
  case N_INDEX:
  case N_IMPORT_CALL:
    depth = plan(e, node->as.binary.left);
    statements = child_statements(node->as.binary.left);
    if (node->as.binary.right) {
      depth = deeper(depth, plan(e, node->as.binary.right));
      statements |= child_statements(node->as.binary.right);
    }
    break;
  case N_ARRAY_PATTERN:
  case N_OBJECT_PATTERN: return 1; // its parts are planned when it is taken apart
  default: break;
  }
  return done(node, depth + 1, statements);
}

void emit_plan(Emitter *e, Node *node) {
  plan(e, node);
}

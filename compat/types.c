// SPDX-License-Identifier: MIT
#include "types.h"

#include <math.h>

static uint16_t infer(Node *node);

static bool small_whole(double value) {
  return value == floor(value) && fabs(value) < 2147483648.0 && !(value == 0 && signbit(value));
}

// What numeric operators make of operands that may be BigInts where `bigints` says that the source knows any: one kind does
// not mix with the other.
static uint16_t numeric(uint16_t left, uint16_t right, uint16_t number, bool bigints) {
  if (!bigints || !(left & TYPE_BIGINT) || !(right & TYPE_BIGINT)) return number;
  return left == TYPE_BIGINT || right == TYPE_BIGINT ? TYPE_BIGINT : (uint16_t)(number | TYPE_BIGINT);
}

static uint16_t sum(uint16_t left, uint16_t right) {
  if (left == TYPE_BIGINT && right == TYPE_BIGINT) return TYPE_BIGINT;
  if (!(left & ~TYPE_NO_STRING) && !(right & ~TYPE_NO_STRING))
    return !(left & ~TYPE_INT) && !(right & ~TYPE_INT) ? TYPE_INT : TYPE_NUMBER;
  if (!(left & ~(TYPE_NO_STRING | TYPE_BIGINT)) && !(right & ~(TYPE_NO_STRING | TYPE_BIGINT)))
    return numeric(left, right, TYPE_NUMBER, true);
  if (left == TYPE_STRING || right == TYPE_STRING) return TYPE_STRING;
  return TYPE_NUMERIC | TYPE_STRING | TYPE_BIGINT;
}

static uint16_t operate(TokenType op, uint16_t left, uint16_t right, bool bigints) {
  if (!left || !right) return 0; // not known yet
  switch (op) {
  case T_ADD: return sum(left, right);
  case T_SUB: return left == TYPE_INT && right == TYPE_INT ? TYPE_INT : numeric(left, right, TYPE_NUMBER, bigints);
  case T_MUL:
  case T_DIV:
  case T_MOD:
  case T_POW: return numeric(left, right, TYPE_NUMBER, bigints);
  case T_BITOR:
  case T_BITXOR:
  case T_BITAND:
  case T_SHL:
  case T_SAR:
  case T_SHR: return numeric(left, right, TYPE_INT, bigints);
  case T_AND: return left | right;
  case T_OR:
  case T_NULLISH: return (uint16_t)((left & ~(TYPE_UNDEFINED | TYPE_NULL)) | right);
  default: return TYPE_BOOLEAN;
  }
}

// arguments.length of a function that does nothing to its arguments but read them
static bool is_argument_count(const Node *node) {
  const Binding *b = argument_reading(node);
  return b && arguments_use(b)->mentions == arguments_use(b)->readings;
}

// x++ and x--
static uint16_t step_type(uint16_t type, bool bigints) {
  return type == TYPE_INT ? TYPE_INT : numeric(type, type, TYPE_NUMBER, bigints);
}

static uint16_t infer_spine(Node *node) {
  // Iterates down a long sum: only its ends matter, for a string anywhere below makes strings of all above.
  Node *left = node->as.binary.left;
  uint32_t depth = 0;
  for (Node *n = left; depth <= 200 && !n->type && (n->kind == N_BINARY || n->kind == N_LOGICAL); n = n->as.binary.left) depth++;
  if (depth > 200) {
    if (node->op == T_ADD) {
      for (Node *n = node; n->kind == N_BINARY && n->op == T_ADD; n = n->as.binary.left)
        if (n->as.binary.right->kind == N_STRING) return TYPE_STRING;
      return TYPE_NUMERIC | TYPE_STRING | TYPE_BIGINT;
    }
    return operate(node->op, TYPE_ANY, TYPE_ANY, node->flags & NODE_BIGINT);
  }
  bool bigints = node->flags & NODE_BIGINT;
  if (!bigints && (node->op == T_MUL || node->op == T_DIV || node->op == T_MOD || node->op == T_POW)) return TYPE_NUMBER;
  if (node->op >= T_EQ && node->op <= T_GE) return TYPE_BOOLEAN;
  if (node->op == T_IN || node->op == T_INSTANCEOF) return TYPE_BOOLEAN;
  return operate(node->op, infer(left), infer(node->as.binary.right), bigints);
}

static uint16_t infer_name(const Node *node) {
  const Binding *b = node->as.name.binding;
  if (node->flags & NODE_SPECIAL) return TYPE_ANY;
  if (!b) return node->as.name.name->token == T_UNDEFINED ? TYPE_UNDEFINED : TYPE_ANY;
  return b->type;
}

static uint16_t infer(Node *node) {
  if (node->type) return node->type;
  switch (node->kind) {
  case N_IDENTIFIER: return infer_name(node);
  case N_NUMBER: return small_whole(node->as.number.value) ? TYPE_INT : TYPE_NUMBER;
  case N_STRING:
  case N_TEMPLATE: return TYPE_STRING;
  case N_BIGINT: return TYPE_BIGINT;
  case N_REGEXP:
  case N_ARRAY:
  case N_OBJECT:
  case N_NEW:
  case N_IMPORT_CALL:
  case N_IMPORT_META: return TYPE_OBJECT;
  case N_NULL: return TYPE_NULL;
  case N_TRUE:
  case N_FALSE:
  case N_PRIVATE_IN: return TYPE_BOOLEAN;
  case N_FUNCTION:
  case N_CLASS:
  case S_FUNCTION_DECLARATION:
  case S_CLASS_DECLARATION: return TYPE_FUNCTION;
  case N_UNARY:
    switch (node->op) {
    case T_NOT:
    case T_DELETE: return TYPE_BOOLEAN;
    case T_TYPEOF: return TYPE_STRING;
    case T_VOID: return TYPE_UNDEFINED;
    case T_BITNOT: return node->flags & NODE_BIGINT ? numeric(infer(node->as.unary.value), TYPE_ANY, TYPE_INT, true) : TYPE_INT;
    case T_SUB: {
      Node *value = node->as.unary.value;
      if (node->flags & NODE_BIGINT && value->kind != N_NUMBER) return numeric(infer(value), TYPE_ANY, TYPE_NUMBER, true);
      return value->kind == N_NUMBER && value->as.number.value != 0 && small_whole(value->as.number.value) ? TYPE_INT
                                                                                                          : TYPE_NUMBER;
    }
    default: return TYPE_NUMBER;
    }
  case N_UPDATE: return step_type(infer(node->as.unary.value), node->flags & NODE_BIGINT);
  case N_BINARY:
  case N_LOGICAL: return infer_spine(node);
  case N_ASSIGN:
    if (node->op == T_ASSIGN) return infer(node->as.binary.right);
    return operate(assign_operator(node->op), infer(node->as.binary.left), infer(node->as.binary.right), node->flags & NODE_BIGINT);
  case N_CONDITIONAL: return infer(node->as.conditional.yes) | infer(node->as.conditional.no);
  case N_SEQUENCE: return node->as.list.items.last ? infer(node->as.list.items.last) : TYPE_ANY;
  case N_MEMBER:
    if (is_argument_count(node)) return TYPE_INT;
    if (node->as.member.name->len == 6 && !(node->flags & NODE_OPTIONAL) && infer(node->as.member.object) == TYPE_STRING &&
        node->as.member.name->text[0] == 'l' && node->as.member.name->text[5] == 'h')
      return TYPE_INT;
    return TYPE_ANY;
  default: return TYPE_ANY;
  }
}

uint16_t type_of(Node *node) {
  if (node->type) return node->type;
  return node->type = infer(node);
}

ArgumentsUse *arguments_use(const Binding *b) {
  return !b ? NULL : b->kind == BINDING_ARGUMENTS ? b->scope->function->arguments : b->rest;
}

static const Binding *arguments_name(const Node *node) {
  if (node->kind != N_IDENTIFIER || node->flags & NODE_SPECIAL) return NULL;
  return arguments_use(node->as.name.binding) ? node->as.name.binding : NULL;
}

const Binding *argument_reading(const Node *node) {
  const Node *object = node->kind == N_MEMBER ? node->as.member.object : node->kind == N_INDEX ? node->as.binary.left : NULL;
  return object ? arguments_name(object) : NULL;
}

static bool is_timeless(const Node *node) {
  if (node->kind == N_IDENTIFIER) return node->as.name.binding && !(node->flags & (NODE_CHECKED | NODE_SPECIAL | NODE_DEAD));
  return node->kind == N_THIS || node->kind == N_NULL || node->kind == N_NUMBER;
}

Node *applied_arguments(const Node *call) {
  const Node *callee = call->as.call.callee;
  const List *given = &call->as.call.arguments;
  if (call->kind != N_CALL || callee->kind != N_MEMBER || (call->flags | callee->flags) & NODE_OPTIONAL || given->count != 2) return NULL;
  const Atom *name = callee->as.member.name;
  if (name->len != 5 || memcmp(name->text, "apply", 5) != 0 || callee->as.member.object->kind == N_SUPER) return NULL;
  return is_timeless(given->first) && arguments_name(given->last) ? given->last : NULL;
}

bool arguments_spared(const Binding *b) {
  ArgumentsUse *use = arguments_use(b);
  if (!use) return false;
  if (use->settled) return use->spared;
  use->settled = true;
  const Function *function = b->scope->function;
  if (use->mentions != use->readings) return false;
  for (const struct ArgumentsIndex *each = use->indices; each; each = each->next)
    if (type_of(each->node) != TYPE_INT) return false;
  if (b->kind != BINDING_ARGUMENTS) {
    if (function->uses_arguments || b->captured || b->escapes || b->reassigned || b->function) return false;
    return use->spared = b->storage == STORAGE_LOCAL;
  }
  if (function->maps_arguments) return false;
  if (use->indexed && function->params.last && function->params.last->kind == N_REST) return false; // one call only is given `...`
  if (!function->strict && (use->constants || use->indexed || use->forwarded))
    for (const Binding *param = function->scope->first; param; param = param->next)
      if (param->kind == BINDING_PARAM && param->reassigned) return false; // arguments[i] follows the parameter
  return use->spared = true;
}

bool is_append_to_self(const Node *assign) {
  const Node *left = assign->as.binary.left, *value = assign->as.binary.right;
  if (left->kind != N_IDENTIFIER) return false;
  if (assign->op == T_ASSIGN_ADD) return true;
  if (assign->op != T_ASSIGN || value->kind != N_BINARY) return false;
  while (value->kind == N_BINARY && value->op == T_ADD) value = value->as.binary.left;
  return value->kind == N_IDENTIFIER && value->as.name.name == left->as.name.name;
}

// A sum of two variables may grow faster than by counting, and then is no INT.
static uint16_t widen(const Node *value, uint16_t type) {
  bool counts = value->kind == N_BINARY && (value->as.binary.left->kind == N_NUMBER || value->as.binary.right->kind == N_NUMBER);
  bool grows = value->kind == N_BINARY && (value->op == T_ADD || value->op == T_SUB) && !counts;
  return grows && type & TYPE_INT ? (uint16_t)((type & ~TYPE_INT) | TYPE_NUMBER) : type;
}

static uint16_t assigned_type(const Binding *b, const Assigned *a) {
  switch (a->op) {
  case T_UNDEFINED: return TYPE_UNDEFINED;
  case T_INC:
  case T_DEC: return b->type ? step_type(b->type, a->bigints) : TYPE_INT;
  case T_ASSIGN: return a->value ? widen(a->value, infer(a->value)) : TYPE_ANY;
  default: {
    if (!a->value) return TYPE_ANY;
    uint16_t type = operate(assign_operator(a->op), b->type, infer(a->value), a->bigints);
    if (type == TYPE_INT && (a->op == T_ASSIGN_ADD || a->op == T_ASSIGN_SUB) && a->value->kind != N_NUMBER) return TYPE_NUMBER;
    return type;
  }
  }
}

static bool is_known(const Binding *b) {
  if (b->escapes || b->storage == STORAGE_GLOBAL || b->storage == STORAGE_IMPORT) return false;
  return b->kind == BINDING_VAR || b->kind == BINDING_LET || b->kind == BINDING_CONST || b->kind == BINDING_FUNCTION ||
         b->kind == BINDING_CLASS;
}

static bool refine(Binding *b) {
  uint16_t type = b->type;
  for (const Assigned *a = b->assigned; a && type != TYPE_ANY; a = a->next) type |= assigned_type(b, a);
  if (type & TYPE_NUMBER) type &= (uint16_t)~TYPE_INT;
  if (type == b->type) return false;
  b->type = type;
  return true;
}

void types_infer(Scopes *scopes) {
  for (Binding *b = scopes->bindings; b; b = b->all) {
    if (!is_known(b)) b->type = TYPE_ANY;
    else if (b->kind == BINDING_VAR && !b->in_place) b->type = TYPE_UNDEFINED;
  }
  bool changed = true;
  for (int round = 0; changed && round < 12; round++) {
    changed = false;
    for (Binding *b = scopes->bindings; b; b = b->all)
      if (b->type != TYPE_ANY && refine(b)) changed = true;
  }
  for (Binding *b = scopes->bindings; b; b = b->all) {
    if (changed || !b->type) b->type = TYPE_ANY; // too tangled, or never assigned
    bool plain = b->kind == BINDING_VAR || b->kind == BINDING_LET;
    b->accumulator = plain && b->type == TYPE_STRING && b->storage == STORAGE_LOCAL && !b->captured && !b->checked &&
                     !b->escapes && b->appends_hot && !b->reads_hot;
    // A loop's own variable is copied for each round, and a rope has one owner.
    b->rope = plain && !b->accumulator && b->type == TYPE_STRING && (b->storage == STORAGE_LOCAL || b->storage == STORAGE_TABLE) &&
              !b->checked && !b->escapes && b->appends_hot && b->scope->kind != SCOPE_LOOP;
  }
}

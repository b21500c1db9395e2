// SPDX-License-Identifier: MIT
//
// Expressions that stand in place; what needs statements has left its value in a temporary by now (emit_prepare.c).
#include "emitter.h"

#include <math.h>
#include <string.h>

static void open_paren(Emitter *e, bool wrap) {
  if (wrap) put(e, "(");
}

static void close_paren(Emitter *e, bool wrap) {
  if (wrap) put(e, ")");
}

static void call_helper(Emitter *e, Helper helper, Node *a, Node *b) {
  put_helper(e, helper);
  put(e, "(");
  emit_value(e, a, L_ANY);
  if (b) {
    put(e, ", ");
    emit_value(e, b, L_ANY);
  }
  put(e, ")");
}

// ---- names

Function *this_owner(const Emitter *e) {
  Function *function = e->function;
  while (function->kind == FUNCTION_ARROW && function->outer != function) function = function->outer;
  return function;
}

static void emit_this(Emitter *e) {
  if (this_owner(e)->kind == FUNCTION_DERIVED) {
    put(e, "(this or ");
    put_helper(e, HELPER_nothis);
    put(e, "())");
  } else if (!put_environment_this(e, this_owner(e))) {
    put(e, "this");
  }
}

static void put_global(Emitter *e, Atom *name) {
  if (name->token == T_UNDEFINED) {
    put(e, "nil");
  } else if (!strcmp(name->text, "NaN")) {
    put(e, "(0/0)");
  } else if (!strcmp(name->text, "Infinity")) {
    put(e, "(1/0)");
  } else if (name->shape & ATOM_GLOBAL && atom_is_name(e, name)) {
    put(e, name->text);
  } else {
    put(e, "(");
    put_global_place(e, name);
    put(e, " or ");
    put_helper(e, HELPER_missing);
    put(e, "(");
    put_string(e, name);
    put(e, "))");
  }
}

// The global as a place: it may be absent.
void put_global_place(Emitter *e, Atom *name) {
  if (atom_is_name(e, name) && !(name->shape & ATOM_RESERVED)) {
    put(e, name->text);
  } else {
    put_helper(e, HELPER_global);
    put_field(e, name);
  }
}

void put_dynamic(Emitter *e, const Node *node) {
  put(e, "D");
  put_number(e, node->as.name.scope->id);
}

// The object of what is handed on otherwise than as `...`
static void put_varargs(Emitter *e, const Binding *b) {
  if (b->kind == BINDING_ARGUMENTS) {
    put_arguments_helper(e, b->scope->function);
    put(e, "(...)");
  } else {
    put_helper(e, HELPER_rest);
    put(e, "(0, ...)");
  }
}

static void emit_name(Emitter *e, Node *node) {
  Binding *b = node->as.name.binding;
  if (node->flags & NODE_DEAD) {
    put_helper(e, HELPER_dead);
    put(e, "(");
    put_string(e, node->as.name.name);
    put(e, ")");
  } else if (node->flags & NODE_SPECIAL) {
    put_helper(e, HELPER_withget);
    put(e, "(");
    put_dynamic(e, node);
    put(e, ", ");
    put_string(e, node->as.name.name);
    if (b) {
      put(e, ", ");
      put_function_word(e, NULL);
      put(e, "() return ");
      put_variable(e, b);
      put(e, " end");
    }
    put(e, ")");
  } else if (!b) {
    put_global(e, node->as.name.name);
  } else if (arguments_spared(b)) {
    put_varargs(e, b);
  } else if (b->accumulator) {
    put_helper(e, HELPER_joined);
    put(e, "(");
    put_variable(e, b);
    put(e, ":tostring())");
  } else if (b->rope) {
    put_helper(e, HELPER_textof);
    put(e, "(");
    put_variable(e, b);
    put(e, ")");
  } else if (node->flags & NODE_CHECKED && b->checked) {
    put(e, "(");
    put_variable(e, b);
    put(e, " == ");
    put_helper(e, HELPER_unset);
    put(e, " and ");
    put_helper(e, HELPER_dead);
    put(e, "(");
    put_string(e, b->name);
    put(e, ") or ");
    put_variable(e, b);
    put(e, ")");
  } else {
    put_variable(e, b);
  }
}

// ---- keys

// A canonical array index as a property name.
bool is_index_name(const Atom *name, double *value) {
  if (!name->len || name->len > 10 || (name->text[0] == '0' && name->len > 1)) return false;
  double n = 0;
  for (uint32_t i = 0; i < name->len; i++) {
    if (name->text[i] < '0' || name->text[i] > '9') return false;
    n = n * 10 + (name->text[i] - '0');
  }
  *value = n;
  return n < 4294967295.0;
}

static bool is_literal_number(const Node *node, double *value) {
  if (node->kind == N_NUMBER) return *value = node->as.number.value, true;
  return false;
}

// [i + 1], with the literal of i + 1 or i - 1 folded in.
static void emit_shifted(Emitter *e, Node *key) {
  double n;
  if (!key->temp && key->kind == N_BINARY && (key->op == T_ADD || key->op == T_SUB) && type_is(key, TYPE_NUMERIC) &&
      type_is(key->as.binary.left, TYPE_NUMERIC) && is_literal_number(key->as.binary.right, &n) && n == floor(n) && fabs(n) < 1e6) {
    n = (key->op == T_ADD ? n : -n) + 1;
    emit_value(e, key->as.binary.left, n ? L_ADD : L_ANY);
    if (n > 0) put(e, " + ");
    if (n < 0) put(e, " - ");
    if (n) put_double(e, fabs(n), L_ADD);
  } else {
    emit_value(e, key, L_ADD);
    put(e, " + 1");
  }
}

// A quotient or a power in the key's own expression: no index, as likely as not.
static bool may_be_fraction(const Node *key) {
  if (key->temp || key->kind != N_BINARY) return key->kind == N_NUMBER && key->as.number.value != floor(key->as.number.value);
  if (key->op == T_DIV || key->op == T_POW) return true;
  bool arithmetic = key->op == T_ADD || key->op == T_SUB || key->op == T_MUL;
  return arithmetic && (may_be_fraction(key->as.binary.left) || may_be_fraction(key->as.binary.right));
}

void emit_key_value(Emitter *e, Node *key) {
  double n;
  if (!key->temp && is_literal_number(key, &n) && n == floor(n) && n >= 0 && n < 4294967295.0) put_double(e, n + 1, L_ANY);
  else if (!key->temp && key->kind == N_STRING && is_index_name(key->as.string.value, &n)) put_double(e, n + 1, L_ANY);
  else if (!key->temp && key->kind == N_STRING) put_string(e, key->as.string.value);
  else if (!key->temp && (key->kind == N_NUMBER || key->kind == N_UNARY)) call_helper(e, HELPER_tokey, key, NULL); // a fraction: its text
  else if (type_is(key, TYPE_NUMERIC) && !may_be_fraction(key)) emit_shifted(e, key);
  else {
    put_helper(e, HELPER_tokey);
    put(e, "(");
    emit_value(e, key, L_ANY);
    put(e, ")");
  }
}

// The key of a property that is defined, not looked up: a computed number may be none of an index.
void emit_defined_key(Emitter *e, Node *property) {
  Node *key = property->as.property.key;
  double n;
  if (property->flags & NODE_COMPUTED && type_is(key, TYPE_NUMERIC) && !is_literal_number(key, &n)) call_helper(e, HELPER_tokey, key, NULL);
  else emit_key_value(e, key);
}

void emit_key(Emitter *e, Node *key) {
  double n;
  if (!key->temp && key->kind == N_STRING && !is_index_name(key->as.string.value, &n)) {
    put_field(e, key->as.string.value);
    return;
  }
  put(e, "[");
  emit_key_value(e, key);
  put(e, "]");
}

// The scope that a direct eval's code was handed.
static void put_eval_scope(Emitter *e) {
  put(e, "D");
  put_number(e, e->scopes->program->id);
}

// The object whose prototype super.x looks into.
void put_home_object(Emitter *e) {
  Function *owner = this_owner(e);
  if (owner->kind == FUNCTION_PROGRAM) { // of the method around an eval
    put_eval_scope(e);
    put(e, "[\"super\"]");
    return;
  }
  bool is_static = owner->kind == FUNCTION_STATIC || owner->is_static;
  put(e, is_static ? "C" : "P");
  put_number(e, e->home);
}

void emit_super_base(Emitter *e) {
  put_helper(e, HELPER_superbase);
  put(e, "(");
  put_home_object(e);
  put(e, ")");
}

static bool is_module_this(Emitter *e) {
  return this_owner(e)->kind == FUNCTION_PROGRAM && e->scopes->options->goal == JS_MODULE;
}

void emit_this_argument(Emitter *e) {
  if (is_module_this(e)) put(e, "nil");
  else emit_this(e);
}

// rt.getsuper(this, base, key)
static void emit_super_get(Emitter *e, Node *node) {
  put_helper(e, HELPER_getsuper);
  put(e, "(");
  emit_this_argument(e);
  put(e, ", ");
  emit_super_base(e);
  put(e, ", ");
  if (node->kind == N_MEMBER) put_string(e, node->as.member.name);
  else emit_key_value(e, node->as.binary.right);
  put(e, ")");
}

// arguments.length, arguments[i] where the function has no arguments object
static bool emit_argument_reading(Emitter *e, Node *node) {
  const Binding *b = argument_reading(node);
  if (!arguments_spared(b)) return false;
  const ArgumentsUse *use = arguments_use(b);
  if (node->kind == N_MEMBER) {
    put_temp(e, use->count);
  } else if (node->as.binary.right->kind == N_NUMBER) {
    put_temp(e, use->first + (uint32_t)node->as.binary.right->as.number.value);
  } else {
    put_temp(e, use->list);
    emit_key(e, node->as.binary.right);
  }
  return true;
}

// The length of what may be a rope: it need not be put together for that.
static bool emit_rope_length(Emitter *e, Node *object) {
  if (object->temp) return false;
  if (object->kind == N_IDENTIFIER) {
    Binding *b = object->as.name.binding;
    if (!b || !b->rope) return false;
    put_helper(e, HELPER_unitsof);
    put(e, "(");
    put_variable(e, b);
    put(e, ")");
    return true;
  }
  if (object->kind != N_MEMBER || object->as.member.object->kind == N_SUPER || object->flags & NODE_OPTIONAL) return false;
  uint8_t uses = object->as.member.name->text_uses;
  if (!(uses & TEXT_APPENDED) || !(uses & TEXT_HELD)) return false;
  put_helper(e, HELPER_length_of);
  put(e, "(");
  emit_value(e, object->as.member.object, L_ANY);
  emit_line(e, object->line);
  put(e, ", ");
  put_string(e, object->as.member.name);
  put(e, ")");
  return true;
}

static void emit_member(Emitter *e, Node *node) {
  Node *object = node->as.member.object;
  Atom *name = node->as.member.name;
  if (emit_argument_reading(e, node)) return;
  if (name->len == 6 && !memcmp(name->text, "length", 6) && !(node->flags & NODE_OPTIONAL) && emit_rope_length(e, object)) return;
  if (object->kind == N_SUPER) {
    emit_super_get(e, node);
    return;
  } else if (name->token == T_PROTO) {
    call_helper(e, HELPER_dunder_proto, object, NULL);
    return;
  } else {
    emit_value(e, object, L_PREFIX);
  }
  emit_line(e, node->line);
  put_field(e, name);
}

// [key] of x[key]
void emit_index_key(Emitter *e, Node *index) {
  Node *key = index->as.binary.right;
  if (!(index->flags & NODE_COMPOUND) || type_is(key, TYPE_NUMERIC) || type_is(key, TYPE_STRING)) {
    emit_key(e, key);
    return;
  }
  put(e, "[");
  call_helper(e, HELPER_keyof, index->as.binary.left, key);
  put(e, "]");
}

static void emit_index(Emitter *e, Node *node) {
  if (emit_argument_reading(e, node)) return;
  if (node->as.binary.left->kind == N_SUPER) {
    emit_super_get(e, node);
    return;
  }
  emit_value(e, node->as.binary.left, L_PREFIX);
  emit_index_key(e, node);
}

void put_private_name(Emitter *e, const Node *node) {
  if (node->as.member.binding) {
    put_variable(e, node->as.member.binding);
  } else { // of the class around an eval
    put_eval_scope(e);
    put(e, "[");
    put_string(e, node->as.member.name);
    put(e, "]");
  }
}

static void emit_private(Emitter *e, Node *node) {
  put_helper(e, node->kind == N_PRIVATE_IN ? HELPER_hasprivate : HELPER_getprivate);
  put(e, "(");
  emit_value(e, node->as.member.object, L_ANY);
  put(e, ", ");
  put_private_name(e, node);
  put(e, ")");
}

// ---- calls

static bool may_be_many(const Node *node) {
  return !node->temp && (node->kind == N_CALL || node->kind == N_TAGGED);
}

void emit_single(Emitter *e, Node *node) {
  bool wrap = may_be_many(node);
  open_paren(e, wrap);
  emit_value(e, node, L_ANY);
  close_paren(e, wrap);
}

// The value of a return: no tail call, which would take the function off the stack. `new` gives one value, but is a call as well.
void emit_returned(Emitter *e, Node *node) {
  bool wrap = may_be_many(node) || (!node->temp && node->kind == N_NEW);
  open_paren(e, wrap);
  emit_value(e, node, L_ANY);
  close_paren(e, wrap);
}

static bool has_spread(const List *list) {
  for (const Node *item = list->first; item; item = item->next)
    if (item->kind == N_SPREAD) return true;
  return false;
}

// `mask`, value, value …: a spread value's place in the mask is 1.
static void emit_flattened(Emitter *e, const Node *first, uint32_t count) {
  enum { GROUP = 40 };
  bool holes = false;
  const Node *each = first;
  for (uint32_t i = 0; i < count; i++, each = each->next) holes |= each->kind == N_HOLE;
  put_helper(e, count > 3 || holes ? HELPER_flatten : HELPER_flat);
  put(e, "(\"");
  if (count > GROUP) { // groups, each an array to be spread
    for (uint32_t i = 0; i < count; i += GROUP) put(e, "1");
    put(e, "\"");
    for (uint32_t i = 0; i < count; i += GROUP) {
      put(e, ", ");
      emit_flattened(e, first, count - i < GROUP ? count - i : GROUP);
      for (uint32_t k = 0; k < GROUP && first; k++) first = first->next;
    }
    put(e, ")");
    return;
  }
  const Node *item = first;
  for (uint32_t i = 0; i < count; i++, item = item->next) put(e, item->kind == N_SPREAD ? "1" : item->kind == N_HOLE ? "2" : "0");
  put(e, "\"");
  item = first;
  for (uint32_t i = 0; i < count; i++, item = item->next) {
    put(e, ", ");
    if (item->kind == N_HOLE) put(e, "nil");
    else emit_single(e, item->kind == N_SPREAD ? item->as.unary.value : (Node *)item);
  }
  put(e, ")");
}

void emit_flatten(Emitter *e, const List *items) {
  emit_flattened(e, items->first, items->count);
}

bool is_spared(const Node *name) {
  return name->kind == N_IDENTIFIER && !name->temp && !(name->flags & NODE_SPECIAL) && arguments_spared(name->as.name.binding);
}

// The arguments, each but the first after a comma; `first`: nothing stands before them.
void emit_arguments(Emitter *e, const List *arguments, bool first) {
  if (arguments->count > 200 || has_spread(arguments)) {
    Node *last = arguments->last;
    bool simple = arguments->count <= 200;
    for (const Node *item = arguments->first; item != last; item = item->next) simple &= item->kind != N_SPREAD;
    if (!simple) {
      put(e, first ? "" : ", ");
      put_helper(e, HELPER_spread);
      put(e, "(");
      Node array = {.kind = N_ARRAY, .as.list.items = *arguments};
      emit_array(e, &array, L_ANY);
      put(e, ")");
      return;
    }
  }
  for (Node *item = arguments->first; item; item = item->next) {
    if (!first) put(e, ", ");
    first = false;
    if (item->kind == N_SPREAD && is_spared(item->as.unary.value)) put(e, "...");
    else if (item->kind == N_SPREAD) call_helper(e, HELPER_spread, item->as.unary.value, NULL);
    else if (!item->next) emit_single(e, item);
    else emit_value(e, item, L_ANY);
  }
}

// f.apply(o, arguments): applied(f)(o, ...)
static bool emit_applied(Emitter *e, Node *node) {
  Node *callee = node->as.call.callee;
  const Node *handed = applied_arguments(node);
  if (!handed || callee->temp || !is_spared(handed)) return false;
  put_helper(e, HELPER_applied);
  put(e, "(");
  emit_single(e, callee->as.member.object);
  emit_line(e, callee->line);
  put(e, ")(");
  emit_value(e, node->as.call.arguments.first, L_ANY);
  put(e, ", ...)");
  return true;
}

static void emit_method_call(Emitter *e, Node *node) {
  if (emit_applied(e, node)) return;
  Node *callee = node->as.call.callee;
  const List *arguments = &node->as.call.arguments;
  Node *object = callee->kind == N_INDEX ? callee->as.binary.left : callee->as.member.object;
  if (object->kind == N_SUPER) {
    emit_value(e, callee, L_PREFIX);
    put(e, "(");
    emit_this_argument(e);
    emit_arguments(e, arguments, false);
    put(e, ")");
    return;
  }
  Node *lent = lent_argument(node);
  bool named = callee->kind == N_MEMBER && atom_is_name(e, callee->as.member.name) && callee->as.member.name->token != T_PROTO;
  if (named && !callee->temp) {
    emit_value(e, object, L_PREFIX);
    emit_line(e, callee->line);
    put(e, ":");
    put(e, callee->as.member.name->text);
    put(e, "(");
    if (lent && (is_cheap(object) || object->kind == N_THIS)) emit_lent(e, lent, node);
    else emit_arguments(e, arguments, true);
    put(e, ")");
    return;
  }
  if (callee->temp || (callee->kind != N_PRIVATE_MEMBER && (is_cheap(object) || object->kind == N_THIS))) {
    emit_value(e, callee, L_PREFIX);
    put(e, "(");
    emit_value(e, object, L_ANY);
    emit_arguments(e, arguments, false);
    put(e, ")");
    return;
  }
  put_helper(e, callee->kind == N_PRIVATE_MEMBER ? HELPER_callprivate : HELPER_invoke);
  put(e, "(");
  emit_value(e, object, L_ANY);
  put(e, ", ");
  if (callee->kind == N_INDEX) emit_key_value(e, callee->as.binary.right);
  else if (callee->kind == N_PRIVATE_MEMBER) put_private_name(e, callee);
  else put_string(e, callee->as.member.name);
  emit_arguments(e, arguments, false);
  put(e, ")");
}

static void emit_call(Emitter *e, Node *node) {
  Node *callee = node->as.call.callee;
  if (node->flags & NODE_SPECIAL) {
    emit_direct_eval(e, node);
    return;
  }
  switch (callee->kind) {
  case N_MEMBER:
  case N_INDEX:
  case N_PRIVATE_MEMBER: emit_method_call(e, node); return;
  case N_IDENTIFIER:
    if (callee->flags & NODE_SPECIAL && !callee->temp) {
      put_helper(e, HELPER_withcall);
      put(e, "(");
      put_dynamic(e, callee);
      put(e, ", ");
      put_string(e, callee->as.name.name);
      put(e, ", ");
      if (callee->as.name.binding) put_variable(e, callee->as.name.binding);
      else put(e, "nil");
      emit_arguments(e, &node->as.call.arguments, false);
      put(e, ")");
      return;
    }
    break;
  default: break;
  }
  Node *object = chained_object(callee);
  emit_value(e, callee, L_PREFIX);
  put(e, "(");
  if (object) emit_value(e, object, L_ANY);
  else put(e, "nil");
  emit_arguments(e, &node->as.call.arguments, false);
  put(e, ")");
}

static void emit_new(Emitter *e, Node *node) {
  static const Helper fixed[] = {HELPER_new, HELPER_new1, HELPER_new2, HELPER_new3};
  uint32_t count = node->as.call.arguments.count;
  put_helper(e, count < 4 && !has_spread(&node->as.call.arguments) ? fixed[count] : HELPER_new);
  put(e, "(");
  if (node->as.call.arguments.count) emit_value(e, node->as.call.callee, L_ANY);
  else emit_single(e, node->as.call.callee);
  emit_arguments(e, &node->as.call.arguments, false);
  put(e, ")");
}

// ---- operators

void emit_string_value(Emitter *e, Node *node, Level level) {
  if (type_is(node, TYPE_STRING) || type_is(node, TYPE_INT)) {
    emit_value(e, node, level);
    return;
  }
  put_helper(e, HELPER_tostr);
  put(e, "(");
  emit_single(e, node);
  put(e, ")");
}

static void emit_string_single(Emitter *e, Node *node) {
  if (type_is(node, TYPE_STRING)) emit_single(e, node);
  else emit_string_value(e, node, L_ANY);
}

static bool is_concat(Node *node) {
  return node->kind == N_BINARY && node->op == T_ADD && !node->temp && type_is(node, TYPE_STRING);
}

bool starts_with_half(const Atom *text) {
  const unsigned char *at = (const unsigned char *)text->text;
  return text->len >= 3 && at[0] == 0xed && at[1] >= 0xb0;
}

bool ends_with_half(const Atom *text) {
  const unsigned char *end = (const unsigned char *)text->text + text->len;
  return text->len >= 3 && end[-3] == 0xed && end[-2] >= 0xa0 && end[-2] < 0xb0;
}

// May the one end in the first half of a pair and the other begin with the second? They make one character, which `..` does not.
static bool may_pair(Node *left, Node *right) {
  if (is_concat(left)) left = left->as.binary.right;
  if (left->kind == N_STRING ? !ends_with_half(left->as.string.value) : type_is(left, TYPE_NUMERIC)) return false;
  return right->kind == N_STRING ? starts_with_half(right->as.string.value) : !type_is(right, TYPE_NUMERIC);
}

static void emit_concat(Emitter *e, Node *node, Level level) {
  Node *left = node->as.binary.left, *right = node->as.binary.right;
  if (may_pair(left, right)) {
    put_helper(e, HELPER_join);
    put(e, "(");
    if (is_concat(left)) emit_concat(e, left, L_ANY);
    else emit_string_single(e, left);
    put(e, ", ");
    emit_string_single(e, right);
    put(e, ")");
    return;
  }
  bool wrap = level > L_CONCAT;
  open_paren(e, wrap);
  if (is_concat(left)) emit_concat(e, left, L_CONCAT);
  else emit_string_value(e, left, L_ADD);
  put(e, " .. ");
  emit_string_value(e, node->as.binary.right, L_ADD);
  close_paren(e, wrap);
}

static void emit_infix(Emitter *e, Node *node, const char *operator, Level own, Level level) {
  bool wrap = level > own;
  open_paren(e, wrap);
  emit_value(e, node->as.binary.left, own);
  put(e, " ");
  put(e, operator);
  put(e, " ");
  emit_value(e, node->as.binary.right, (Level)(own + 1));
  close_paren(e, wrap);
}

static bool is_nothing(const Node *node) {
  return !node->temp && (node->kind == N_NULL || (node->kind == N_IDENTIFIER && !node->as.name.binding &&
                                                  node->as.name.name->token == T_UNDEFINED));
}

static void emit_equality(Emitter *e, Node *node, Level level) {
  Node *left = node->as.binary.left, *right = node->as.binary.right;
  bool strict = node->op == T_SEQ || node->op == T_SNE, negated = node->op == T_NE || node->op == T_SNE;
  uint16_t a = type_of(left), b = type_of(right);
  bool same = (a == b && (a == TYPE_STRING || a == TYPE_BOOLEAN)) || (!(a & ~TYPE_NUMERIC) && !(b & ~TYPE_NUMERIC));
  if (strict || same) {
    emit_infix(e, node, negated ? "~=" : "==", L_COMPARE, level);
    return;
  }
  if (is_nothing(right) && (is_cheap(left) || left->kind == N_THIS) && left->kind != N_NULL) {
    bool wrap = level > (negated ? L_AND : L_OR);
    open_paren(e, wrap);
    emit_value(e, left, L_COMPARE);
    put(e, negated ? " ~= nil and " : " == nil or ");
    emit_value(e, left, L_COMPARE);
    put(e, negated ? " ~= " : " == ");
    put_helper(e, HELPER_null);
    close_paren(e, wrap);
    return;
  }
  bool wrap = negated && level > L_UNARY;
  open_paren(e, wrap);
  if (negated) put(e, "not ");
  call_helper(e, HELPER_equals, left, right);
  close_paren(e, wrap);
}

static void emit_binary(Emitter *e, Node *node, Level level) {
  Node *left = node->as.binary.left, *right = node->as.binary.right;
  Helper helper;
  switch (node->op) {
  case T_ADD:
    if (type_is(node, TYPE_STRING)) {
      emit_concat(e, node, level);
      return;
    }
    if (node->flags & NODE_PREFIX || (type_is(left, TYPE_NO_STRING) && type_is(right, TYPE_NO_STRING))) {
      emit_infix(e, node, "+", L_ADD, level);
      return;
    }
    helper = HELPER_plus;
    break;
  case T_SUB: emit_infix(e, node, "-", L_ADD, level); return;
  case T_MUL: emit_infix(e, node, "*", L_MUL, level); return;
  case T_DIV: emit_infix(e, node, "/", L_MUL, level); return;
  case T_MOD: helper = HELPER_mod; break;
  case T_POW: helper = HELPER_pow; break;
  case T_BITOR: helper = HELPER_bitor; break;
  case T_BITAND: helper = HELPER_bitand; break;
  case T_BITXOR: helper = HELPER_bitxor; break;
  case T_SHL: helper = HELPER_shl; break;
  case T_SAR: helper = HELPER_sar; break;
  case T_SHR: helper = HELPER_shr; break;
  case T_LT:
  case T_GT:
  case T_LE:
  case T_GE: // Lua compares only what is of one type
    if ((type_is(left, TYPE_NUMERIC) && type_is(right, TYPE_NUMERIC)) ||
        (type_is(left, TYPE_STRING) && type_is(right, TYPE_STRING))) {
      emit_infix(e, node, token_text(node->op), L_COMPARE, level);
      return;
    }
    helper = node->op == T_LT ? HELPER_less : node->op == T_GT ? HELPER_greater : node->op == T_LE ? HELPER_lesseq : HELPER_greatereq;
    break;
  case T_IN: helper = HELPER_has; break;
  case T_INSTANCEOF: helper = HELPER_instanceof; break;
  default: emit_equality(e, node, level); return;
  }
  call_helper(e, helper, left, right);
}

static void emit_logical(Emitter *e, Node *node, Level level) {
  Node *left = node->as.binary.left, *right = node->as.binary.right;
  bool plain = node->op == T_NULLISH ? type_is(left, TYPE_ANY & ~(TYPE_NULL | TYPE_BOOLEAN)) : type_is(left, TYPE_SAME_TRUTH);
  if (plain) {
    emit_infix(e, node, node->op == T_AND ? "and" : "or", node->op == T_AND ? L_AND : L_OR, level);
    return;
  }
  call_helper(e, node->op == T_AND ? HELPER_logand : node->op == T_OR ? HELPER_logor : HELPER_nullish, left, right);
}

static void emit_conditional(Emitter *e, Node *node, Level level) {
  Node *yes = node->as.conditional.yes, *no = node->as.conditional.no;
  bool wrap = level > L_OR, swap = type_of(yes) & TYPE_LUA_FALSY;
  open_paren(e, wrap);
  if (swap) put(e, "not ");
  emit_condition(e, node->as.conditional.test, swap ? L_UNARY : L_AND);
  put(e, " and ");
  emit_value(e, swap ? no : yes, L_COMPARE);
  put(e, " or ");
  emit_value(e, swap ? yes : no, L_AND);
  close_paren(e, wrap);
}

static void emit_delete(Emitter *e, Node *value) {
  while (value->kind == N_CHAIN) value = value->as.unary.value;
  if (value->kind != N_MEMBER && value->kind != N_INDEX) {
    if (value->kind != N_IDENTIFIER) {
      if (is_cheap(value)) {
        put(e, "true");
      } else {
        put(e, "(");
        call_helper(e, HELPER_void, value, NULL);
        put(e, " == nil)");
      }
    } else if (value->flags & NODE_SPECIAL) {
      put_helper(e, HELPER_withdelete);
      put(e, "(");
      put_dynamic(e, value);
      put(e, ", ");
      put_string(e, value->as.name.name);
      if (value->as.name.binding && value->as.name.binding->storage != STORAGE_GLOBAL) put(e, ", true");
      put(e, ")");
    } else if (value->as.name.binding && value->as.name.binding->storage != STORAGE_GLOBAL) put(e, "false");
    else {
      put_helper(e, HELPER_delete);
      put(e, "(");
      put_helper(e, HELPER_global);
      put(e, ", ");
      put_string(e, value->as.name.name);
      put(e, ")");
    }
    return;
  }
  Node *object = value->kind == N_MEMBER ? value->as.member.object : value->as.binary.left;
  if (object->kind == N_SUPER) {
    put_helper(e, HELPER_supernot);
    put(e, "(");
    emit_this_argument(e);
    if (value->kind == N_INDEX) {
      put(e, ", ");
      emit_value(e, value->as.binary.right, L_ANY);
    }
    put(e, ")");
    return;
  }
  put_helper(e, HELPER_delete);
  put(e, "(");
  if (value->kind == N_MEMBER) {
    emit_value(e, value->as.member.object, L_ANY);
    put(e, ", ");
    put_string(e, value->as.member.name);
  } else {
    emit_value(e, value->as.binary.left, L_ANY);
    put(e, ", ");
    emit_key_value(e, value->as.binary.right);
  }
  if (e->function->strict) put(e, ", true");
  put(e, ")");
}

static void emit_unary(Emitter *e, Node *node, Level level) {
  Node *value = node->as.unary.value;
  switch (node->op) {
  case T_NOT: {
    bool wrap = level > L_UNARY;
    open_paren(e, wrap);
    put(e, "not ");
    emit_condition(e, value, L_UNARY);
    close_paren(e, wrap);
    break;
  }
  case T_SUB: {
    bool wrap = level >= L_UNARY;
    open_paren(e, wrap);
    put(e, "-");
    emit_value(e, value, L_POW);
    close_paren(e, wrap);
    break;
  }
  case T_ADD:
    if (type_is(value, TYPE_NUMERIC)) emit_value(e, value, level);
    else call_helper(e, HELPER_tonum, value, NULL);
    break;
  case T_BITNOT: call_helper(e, HELPER_bitnot, value, NULL); break;
  case T_TYPEOF:
    put_helper(e, HELPER_typeof);
    put(e, "(");
    if (!value->temp && value->kind == N_IDENTIFIER && !value->as.name.binding && value->flags & NODE_SPECIAL) {
      put_helper(e, HELPER_withget);
      put(e, "(");
      put_dynamic(e, value);
      put(e, ", ");
      put_string(e, value->as.name.name);
      put(e, ", ");
      put_helper(e, HELPER_void);
      put(e, ")");
    } else if (!value->temp && value->kind == N_IDENTIFIER && !value->as.name.binding &&
               value->as.name.name->token != T_UNDEFINED)
      put_global_place(e, value->as.name.name);
    else
      emit_single(e, value);
    put(e, ")");
    break;
  case T_VOID:
    if (is_cheap(value)) put(e, "nil");
    else call_helper(e, HELPER_void, value, NULL);
    break;
  case T_THROW: call_helper(e, HELPER_invalid, value, NULL); break;
  default: emit_delete(e, value);
  }
}

static void emit_dynamic_import(Emitter *e, Node *node) {
  call_helper(e, HELPER_import, node->as.binary.left, node->as.binary.right);
}

static bool wraps_as_prefix(const Node *node) {
  switch (node->kind) {
  case N_NUMBER:
  case N_STRING:
  case N_NULL:
  case N_TRUE:
  case N_FALSE:
  case N_FUNCTION:
  case N_TEMPLATE: return true;
  case N_UNARY: return node->op == T_VOID; // perhaps nil
  case N_IDENTIFIER: return !node->as.name.binding && node->as.name.name->token == T_UNDEFINED; // nil
  default: return false;
  }
}

static void emit_in_place(Emitter *e, Node *node, Level level) {
  switch (node->kind) {
  case N_IDENTIFIER: emit_name(e, node); break;
  case N_NUMBER: put_double(e, node->as.number.value, level); break;
  case N_STRING: put_string(e, node->as.string.value); break;
  case N_BIGINT:
    put_helper(e, HELPER_bigint);
    put(e, "(");
    put_string(e, node->as.string.value);
    put(e, ")");
    break;
  case N_REGEXP:
    put_helper(e, HELPER_regexp);
    put(e, "(");
    put_string(e, node->as.regexp.pattern);
    put(e, ", ");
    put_string(e, node->as.regexp.flags);
    put(e, ")");
    break;
  case N_TEMPLATE: emit_template(e, node, level); break;
  case N_TAGGED: emit_tagged(e, node); break;
  case N_NULL: put_helper(e, HELPER_null); break;
  case N_TRUE: put(e, "true"); break;
  case N_FALSE: put(e, "false"); break;
  case N_THIS:
    if (level == L_PREFIX && is_module_this(e)) put(e, "(nil)");
    else emit_this_argument(e);
    break;
  case N_NEW_TARGET: {
    FunctionKind kind = this_owner(e)->kind;
    bool has = kind == FUNCTION_NORMAL || kind == FUNCTION_CONSTRUCTOR || kind == FUNCTION_DERIVED ||
               (kind == FUNCTION_PROGRAM && e->scopes->options->goal == JS_EVAL);
    put(e, has ? "newtarget" : level == L_PREFIX ? "(nil)" : "nil");
    break;
  }
  case N_IMPORT_META: put(e, "import.meta"); break;
  case N_IMPORT_CALL: emit_dynamic_import(e, node); break;
  case N_ARRAY: emit_array(e, node, level); break;
  case N_OBJECT: emit_object(e, node, level); break;
  case N_FUNCTION:
    if (node->as.function.function->lent) emit_lent(e, node, NULL);
    else emit_function(e, node->as.function.function);
    break;
  case N_UNARY: emit_unary(e, node, level); break;
  case N_BINARY: emit_binary(e, node, level); break;
  case N_LOGICAL: emit_logical(e, node, level); break;
  case N_CONDITIONAL: emit_conditional(e, node, level); break;
  case N_CALL: emit_call(e, node); break;
  case N_NEW: emit_new(e, node); break;
  case N_MEMBER: emit_member(e, node); break;
  case N_INDEX: emit_index(e, node); break;
  case N_PRIVATE_MEMBER:
  case N_PRIVATE_IN: emit_private(e, node); break;
  case N_YIELD:
    put_helper(e, node->flags & NODE_DELEGATE ? HELPER_yieldall : HELPER_yield);
    put(e, "(");
    if (node->as.unary.value) emit_single(e, node->as.unary.value);
    put(e, ")");
    break;
  case N_AWAIT:
    put_helper(e, HELPER_await);
    put(e, "(");
    emit_single(e, node->as.unary.value);
    put(e, ")");
    break;
  default: put(e, "nil"); // prepared already, or an error
  }
}

void emit_value(Emitter *e, Node *node, Level level) {
  if (node->temp) {
    put_temp(e, node->temp);
    return;
  }
  emit_line(e, node->kind == N_CALL || node->kind == N_MEMBER ? 0 : node->line);
  bool wrap = level == L_PREFIX && wraps_as_prefix(node);
  open_paren(e, wrap);
  emit_in_place(e, node, wrap ? L_ANY : level);
  close_paren(e, wrap);
}

void emit_condition(Emitter *e, Node *node, Level level) {
  if (!node->temp) {
    if (node->kind == N_UNARY && node->op == T_NOT) {
      emit_unary(e, node, level);
      return;
    }
    if (node->kind == N_LOGICAL && node->op != T_NULLISH) {
      Level own = node->op == T_AND ? L_AND : L_OR;
      bool wrap = level > own;
      open_paren(e, wrap);
      emit_condition(e, node->as.binary.left, own);
      put(e, own == L_AND ? " and " : " or ");
      emit_condition(e, node->as.binary.right, (Level)(own + 1));
      close_paren(e, wrap);
      return;
    }
    if (node->kind == N_NUMBER) {
      put(e, node->as.number.value != 0 ? "true" : "false");
      return;
    }
  }
  if (type_is(node, TYPE_SAME_TRUTH)) {
    emit_value(e, node, level);
  } else if (type_is(node, TYPE_INT) || type_is(node, TYPE_STRING)) {
    bool wrap = level > L_COMPARE, number = type_is(node, TYPE_INT);
    open_paren(e, wrap);
    emit_value(e, node, L_CONCAT);
    put(e, number ? " ~= 0" : " ~= \"\"");
    close_paren(e, wrap);
  } else {
    put_helper(e, HELPER_truthy);
    put(e, "(");
    emit_single(e, node);
    put(e, ")");
  }
}

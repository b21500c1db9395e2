// SPDX-License-Identifier: MIT
//
// The emitter's text: lines, names, constants, helpers; and the chunk around it all.
#include "emitter.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

static const char *const helper_names[] = {
#define HOT(name) #name,
#include "helper.def"
#define COLD(name) #name,
#include "helper.def"
};

// ---- text and lines

void put_number(Emitter *e, uint32_t n) {
  text_number(e->out, n);
  e->fresh = false;
}

static void put_indent(Emitter *e) {
  uint32_t indent = e->indent < 40 ? e->indent : 40;
  for (uint32_t i = 0; i < indent; i++) text_add(e->out, "  ", 2);
}

void emit_line(Emitter *e, uint32_t line) {
  if (e->line >= line) return;
  while (e->out->len && e->out->data[e->out->len - 1] == ' ') e->out->len--;
  for (; e->line < line; e->line++) text_char(e->out, '\n');
  put_indent(e);
  e->fresh = true;
}

void emit_begin(Emitter *e, uint32_t line) {
  if (e->line < line) emit_line(e, line);
  e->ambiguous = e->fresh && e->separator;
  if (!e->fresh) put(e, e->separator ? "; " : " ");
  e->separator = false;
}

void emit_guard_paren(Emitter *e, size_t start, bool ambiguous) {
  if (!ambiguous || e->out->data[start] != '(') return;
  text_char(e->out, ' ');
  memmove(e->out->data + start + 1, e->out->data + start, e->out->len - start - 1);
  e->out->data[start] = ';';
}

void emit_too_deep(Emitter *e, const Node *node) {
  diagnostic_fail(e->diagnostic, "RangeError", node->start, node->start, "Maximum nesting depth exceeded");
}

// ---- helpers and temporaries

void put_helper(Emitter *e, Helper helper) {
  e->used[helper] = true;
  if (helper >= HELPERS_HOT) put(e, "rt.");
  put(e, helper_names[helper]);
}

void leave_locals(Emitter *e) {
  if (e->lua->locals < e->lua->overflow_locals) e->lua->overflow = e->lua->overflow_locals = 0;
}

uint32_t new_temp(Emitter *e) {
  LuaFunction *lua = e->lua;
  leave_locals(e);
  lua->temps++;
  lua->locals++;
  if (lua->locals > 190)
    diagnostic_fail(e->diagnostic, "RangeError", e->function->start, e->function->start,
                    "Too many values at once in one expression");
  return lua->temps;
}

static void put_temp_name(Emitter *e, uint32_t temp) {
  put(e, "t");
  put_number(e, temp);
}

void put_temp(Emitter *e, uint32_t temp) {
  if (!(temp & TEMP_FIELD)) {
    put_temp_name(e, temp);
    return;
  }
  TempField field = e->fields[temp & ~TEMP_FIELD];
  put_temp_name(e, field.table);
  put(e, "[");
  put_number(e, field.key);
  put(e, "]");
}

// A field of the table of temporaries, which is made where it is not in scope.
static uint32_t field_temp(Emitter *e) {
  LuaFunction *lua = e->lua;
  if (!lua->overflow) {
    uint32_t table = new_temp(e);
    emit_begin(e, 0);
    put(e, "local ");
    put_temp_name(e, table);
    put(e, " = {}");
    e->separator = true;
    lua->overflow = table;
    lua->overflow_locals = lua->locals;
  }
  if (e->field_count == e->field_room) {
    uint32_t room = e->field_room ? e->field_room * 2 : 64;
    TempField *fields = arena_alloc(e->arena, room * sizeof *fields);
    if (e->field_count) memcpy(fields, e->fields, e->field_count * sizeof *fields);
    e->fields = fields;
    e->field_room = room;
  }
  e->fields[e->field_count] = (TempField){lua->overflow, ++lua->temps};
  return e->field_count++ | TEMP_FIELD;
}

// A temporary whose declaration begins here.
static uint32_t begin_temp(Emitter *e) {
  leave_locals(e);
  bool field = e->lua->locals >= TEMPS_LOCAL;
  uint32_t temp = field ? field_temp(e) : new_temp(e);
  emit_begin(e, 0);
  if (!field) put(e, "local ");
  put_temp(e, temp);
  return temp;
}

uint32_t local_temp(Emitter *e) {
  uint32_t temp = begin_temp(e);
  put(e, " = ");
  return temp;
}

uint32_t declare_temp(Emitter *e) {
  uint32_t temp = begin_temp(e);
  if (temp & TEMP_FIELD) put(e, " = nil");
  e->separator = true;
  return temp;
}

const char *temp_name(Emitter *e, uint32_t temp) {
  char *name = arena_alloc(e->arena, 26);
  if (temp & TEMP_FIELD) snprintf(name, 26, "t%u[%u]", e->fields[temp & ~TEMP_FIELD].table, e->fields[temp & ~TEMP_FIELD].key);
  else snprintf(name, 26, "t%u", temp);
  return name;
}

// ---- constants

void put_string(Emitter *e, const Atom *value) {
  text_char(e->out, '"');
  for (uint32_t i = 0; i < value->len; i++) {
    unsigned char c = (unsigned char)value->text[i];
    char escape[8];
    switch (c) {
    case '\n': text_add(e->out, "\\n", 2); break;
    case '\r': text_add(e->out, "\\r", 2); break;
    case '\t': text_add(e->out, "\\t", 2); break;
    case '"': text_add(e->out, "\\\"", 2); break;
    case '\\': text_add(e->out, "\\\\", 2); break;
    default:
      if (c >= 32 && c != 127) {
        text_char(e->out, (char)c);
      } else {
        snprintf(escape, sizeof escape, "\\%03d", c);
        text_str(e->out, escape);
      }
    }
  }
  text_char(e->out, '"');
  e->fresh = false;
}

void put_double(Emitter *e, double value, Level level) {
  char digits[40];
  if (value >= 0 && value < 4294967296.0 && value == (uint32_t)value && !(value == 0 && signbit(value))) {
    put_number(e, (uint32_t)value);
    return;
  }
  if (isnan(value)) {
    put(e, "(0/0)");
    return;
  }
  if (isinf(value)) {
    put(e, value < 0 ? "(-1/0)" : "(1/0)");
    return;
  }
  for (int precision = 15; precision <= 17; precision++) {
    snprintf(digits, sizeof digits, "%.*g", precision, value);
    double back = 0;
    if (sscanf(digits, "%lf", &back) == 1 && back == value) break;
  }
  if (value == floor(value) && fabs(value) < 1e15) snprintf(digits, sizeof digits, "%.0f", value);
  bool wrap = level > L_UNARY && digits[0] == '-';
  if (wrap) put(e, "(");
  put(e, digits);
  if (wrap) put(e, ")");
}

uint32_t shape_number(Emitter *e, Atom *keys) {
  Shape **list = &e->shape_list[keys->hash & 255];
  for (Shape *shape = *list; shape; shape = shape->next)
    if (shape->keys == keys) return shape->number;
  Shape *shape = arena_alloc(e->arena, sizeof *shape);
  *shape = (Shape){keys, ++e->shape_count, *list};
  *list = shape;
  if (e->shape_count > 1) text_char(&e->shapes, '\n');
  text_add(&e->shapes, keys->text, keys->len);
  return shape->number;
}

// ---- names

static const char *const lua_keywords[] = {"and", "break", "do", "else", "elseif", "end", "false", "for", "function",
                                           "goto", "if", "in", "local", "nil", "not", "or", "repeat", "return", "then",
                                           "true", "until", "while"};

static void reserve(Emitter *e, const char *name, uint8_t shape) {
  atom_make(e->atoms, name, strlen(name))->shape |= shape;
}

static void reserve_names(Emitter *e) {
  for (size_t i = 0; i < sizeof lua_keywords / sizeof *lua_keywords; i++)
    reserve(e, lua_keywords[i], ATOM_KEYWORD | ATOM_RESERVED);
  for (size_t i = 0; i < HELPERS_HOT; i++) reserve(e, helper_names[i], ATOM_RESERVED);
  reserve(e, "rt", ATOM_RESERVED);
  reserve(e, "K", ATOM_RESERVED);
  reserve(e, "T", ATOM_RESERVED);
  reserve(e, "this", ATOM_RESERVED);
  reserve(e, "newtarget", ATOM_RESERVED);
  reserve(e, "_", ATOM_RESERVED);
  reserve(e, "_ENV", ATOM_RESERVED);
  static const char *const globals[] = {
#define GLOBAL(name) #name,
#include "global.def"
  };
  for (size_t i = 0; i < sizeof globals / sizeof *globals; i++) reserve(e, globals[i], ATOM_GLOBAL);
}

static bool is_name_char(unsigned char c, bool first) {
  return ((c | 32) >= 'a' && (c | 32) <= 'z') || c == '_' || c >= 0x80 || (!first && c >= '0' && c <= '9');
}

static uint8_t atom_shape(Atom *atom) {
  if (atom->shape & ATOM_SHAPE) return atom->shape & ATOM_SHAPE;
  bool name = atom->len > 0;
  for (uint32_t i = 0; i < atom->len && name; i++) name = is_name_char((unsigned char)atom->text[i], i == 0);
  // temporaries, tables, classes, environments: t1, S1, C1, P1, E1
  bool ours = name && atom->len > 1 && strchr("tSCPDE", atom->text[0]);
  for (uint32_t i = 1; i < atom->len && ours; i++) ours = atom->text[i] >= '0' && atom->text[i] <= '9';
  if (ours) atom->shape |= ATOM_RESERVED;
  uint8_t shape = name ? ATOM_NAME : ATOM_OTHER;
  atom->shape |= shape;
  return shape;
}

bool atom_is_name(Emitter *e, Atom *atom) {
  (void)e;
  return atom_shape(atom) == ATOM_NAME;
}

// The Lua name of a variable: its own where Lua and the helpers leave it free, else one that no other name has.
static const char *fresh_name(Emitter *e, Atom *atom) {
  char buffer[80];
  size_t len = 0;
  for (uint32_t i = 0; i < atom->len && len < 48; i++) {
    unsigned char c = (unsigned char)atom->text[i];
    buffer[len++] = is_name_char(c, i == 0) ? (char)c : '_';
  }
  while (len && (unsigned char)buffer[len - 1] >= 0x80) len--;
  for (;;) {
    int n = snprintf(buffer + len, sizeof buffer - len, "_%u", ++e->unique);
    if (atom_find(e->atoms, buffer, len + (size_t)n)) continue;
    return atom_make(e->atoms, buffer, len + (size_t)n)->text;
  }
}

const char *lua_name(Emitter *e, Atom *atom) {
  if (atom->lua) return atom->lua;
  if (atom_shape(atom) == ATOM_NAME && !(atom->shape & ATOM_RESERVED)) return atom->lua = atom->text;
  return atom->lua = fresh_name(e, atom);
}

// Does anything but the declaration know the variable of a block's function?
bool is_seen(const Binding *variable) {
  return variable->first != UINT32_MAX || !variable->annex || variable->escapes || variable->storage == STORAGE_GLOBAL;
}

// The name of a function or class expression must not hide the variable that the value goes to, nor that of a block's
// function the variable that it is copied to.
const char *binding_name(Emitter *e, Binding *b) {
  bool hides = b->hides || (b->kind == BINDING_SELF ? b->shadowed != NULL : b->variable && is_seen(b->variable));
  if (!hides) return lua_name(e, b->name);
  if (!b->lua) b->lua = fresh_name(e, b->name);
  return b->lua;
}

void put_field(Emitter *e, Atom *name) {
  if (atom_is_name(e, name)) {
    put(e, ".");
    put(e, name->text);
  } else {
    put(e, "[");
    put_string(e, name);
    put(e, "]");
  }
}

void put_variable(Emitter *e, Binding *b) {
  switch ((Storage)b->storage) {
  case STORAGE_LOCAL:
    put_environment(e, b);
    put(e, binding_name(e, b));
    break;
  case STORAGE_TABLE:
    put_environment(e, b);
    put(e, "S");
    put_number(e, b->scope->id);
    put_field(e, b->name);
    break;
  case STORAGE_GLOBAL:
    if (e->scopes->options->goal == JS_EVAL) { // a var of the code around
      put(e, "D");
      put_number(e, e->scopes->program->id);
      put_field(e, b->name);
    } else if (atom_is_name(e, b->name) && !(b->name->shape & ATOM_RESERVED)) {
      put(e, b->name->text);
    } else {
      put_helper(e, HELPER_global);
      put_field(e, b->name);
    }
    break;
  case STORAGE_MODULE:
    put(e, "export");
    put_field(e, b->module_name);
    break;
  case STORAGE_IMPORT:
    put(e, "import[");
    put_number(e, b->module);
    put(e, "]");
    if (b->module_name) put_field(e, b->module_name);
    else put(e, "[0]");
    break;
  }
}

// ---- what is known of each function at run time: one line for each `function` in the text, in its order

static void meta_text(Text *out, const Atom *atom) {
  for (uint32_t i = 0; i < atom->len; i++) {
    char c = atom->text[i];
    if (c == '\n') text_add(out, "\\n", 2);
    else if (c == '\\') text_add(out, "\\\\", 2);
    else text_char(out, c);
  }
}

static void link_item(Emitter *e, const char *what, uint32_t module, const Atom *a, const Atom *b) {
  Text *meta = &e->meta;
  text_char(meta, '\t');
  text_str(meta, what);
  if (module) {
    text_char(meta, ' ');
    text_number(meta, module);
  }
  const Atom *names[] = {a, b};
  for (int i = 0; i < 2; i++) {
    if (!names[i]) continue;
    text_char(meta, ' ');
    for (uint32_t k = 0; k < names[i]->len; k++) { // a name may be any string; blanks part the fields
      char c = names[i]->text[k];
      if (c == '\n' || c == '\\' || c == ' ' || c == '\t') text_char(meta, '\\');
      text_char(meta, c == '\n' ? 'n' : c == ' ' ? 's' : c == '\t' ? 't' : c);
    }
  }
}

static void link_binding(Emitter *e, const Binding *b, const Atom *name) {
  if (b->storage == STORAGE_IMPORT && b->module_name) link_item(e, "reexport", b->module, name, b->module_name);
  else if (b->storage == STORAGE_IMPORT) link_item(e, "namespace", b->module, name, NULL);
  else if (b->module_name == name) link_item(e, b->kind == BINDING_VAR ? "var" : "export", 0, name, NULL);
  else link_item(e, "alias", 0, name, b->module_name);
}

static bool link_name(void *context, Node *name) {
  link_binding(context, name->as.name.binding, name->as.name.name);
  return true;
}

static void link_declaration(Emitter *e, Node *value) {
  if (value->kind == S_VARIABLES) {
    for (Node *each = value->as.list.items.first; each; each = each->next)
      parse_each_name(each->as.binary.left, link_name, e);
  } else {
    Node *name = value->kind == S_CLASS_DECLARATION ? value->as.class.name : value->as.function.function->name;
    if (name) link_name(e, name);
  }
}

// What a module asks of and gives to others; README.md has the words.
static void put_linkage(Emitter *e, const Function *program) {
  uint32_t module = 0;
  for (Node *item = program->body->as.list.items.first; item; item = item->next) {
    Node *specifier = item->kind == S_IMPORT || item->kind == S_EXPORT_NAMES || item->kind == S_EXPORT_ALL
      ? item->as.module.specifier : NULL;
    if (specifier) {
      link_item(e, "from", ++module, specifier->as.string.value, NULL);
      for (Node *each = item->as.module.attributes.first; each; each = each->next)
        link_item(e, "with", module, parse_key_name(each->as.property.key), each->as.property.value->as.string.value);
    }
    switch (item->kind) {
    case S_IMPORT:
      for (Node *name = item->as.module.names.first; name; name = name->next)
        if (name->as.module_name.source) link_item(e, "import", module, name->as.module_name.source, NULL);
      break;
    case S_EXPORT_ALL:
      if (item->as.module.names.first) link_item(e, "namespace", module, item->as.module.names.first->as.module_name.name, NULL);
      else link_item(e, "all", module, NULL, NULL);
      break;
    case S_EXPORT_NAMES:
      for (Node *name = item->as.module.names.first; name; name = name->next) {
        if (specifier) link_item(e, "reexport", module, name->as.module_name.name, name->as.module_name.source);
        else link_binding(e, name->as.module_name.local->as.name.binding, name->as.module_name.name);
      }
      break;
    case S_EXPORT_DECLARATION: link_declaration(e, item->as.unary.value); break;
    case S_EXPORT_DEFAULT: {
      Node *value = item->as.unary.value;
      Node *own = value->kind == S_CLASS_DECLARATION ? value->as.class.name
                  : value->kind == S_FUNCTION_DECLARATION ? value->as.function.function->name : NULL;
      const Atom *name = atom_make(e->atoms, "default", 7);
      if (own) link_binding(e, own->as.name.binding, name);
      else link_item(e, "export", 0, name, NULL);
      break;
    }
    default: break;
    }
  }
}

// ---- what a constructor begins with
//
// `this.a = …; this.b = …` at the head of a function, where nothing can see the object before all of them are assigned: `new` may
// make it with those keys. A class's fields come before them; in a derived class all that comes after super(). A "." at the end
// says that the constructor does nothing else.

static bool hides_this_list(const List *list, int depth);

static bool hides_this(const Node *node, int depth) {
  if (depth > 30) return false;
  depth++;
  switch (node->kind) {
  case N_NUMBER:
  case N_STRING:
  case N_BIGINT:
  case N_REGEXP:
  case N_NULL:
  case N_TRUE:
  case N_FALSE:
  case N_HOLE: return true;
  case N_IDENTIFIER: return !(node->flags & NODE_SPECIAL);
  case N_TEMPLATE: return hides_this_list(&node->as.template.values, depth);
  case N_ARRAY:
  case N_OBJECT: return hides_this_list(&node->as.list.items, depth);
  case N_PROPERTY:
    return (!(node->flags & NODE_COMPUTED) || hides_this(node->as.property.key, depth)) && hides_this(node->as.property.value, depth);
  case N_FUNCTION: return node->as.function.function->kind != FUNCTION_ARROW;
  case N_SPREAD:
  case N_UNARY: return node->op != T_DELETE && hides_this(node->as.unary.value, depth);
  case N_BINARY:
  case N_LOGICAL:
  case N_INDEX: return hides_this(node->as.binary.left, depth) && hides_this(node->as.binary.right, depth);
  case N_CONDITIONAL:
    return hides_this(node->as.conditional.test, depth) && hides_this(node->as.conditional.yes, depth) &&
           hides_this(node->as.conditional.no, depth);
  case N_MEMBER: return hides_this(node->as.member.object, depth);
  case N_CALL:
  case N_NEW:
    return !(node->flags & NODE_SPECIAL) && hides_this(node->as.call.callee, depth) && hides_this_list(&node->as.call.arguments, depth);
  default: return false;
  }
}

static bool hides_this_list(const List *list, int depth) {
  for (const Node *item = list->first; item; item = item->next)
    if (!hides_this(item, depth)) return false;
  return true;
}

static void put_first_key(Emitter *e, const Atom *name, int *count) {
  text_str(&e->meta, (*count)++ ? " " : "\tthis ");
  meta_text(&e->meta, name);
}

// The keys of the class's fields. False: one of them may see the object.
static bool put_field_keys(Emitter *e, const Node *class, int *count) {
  for (const Node *item = class->as.class.members.first; item; item = item->next) {
    if (item->flags & NODE_STATIC || item->kind != N_CLASS_MEMBER || item->op != PROPERTY_FIELD) continue;
    if (item->flags & NODE_COMPUTED || *count >= 40) return false;
    const Node *key = item->as.property.key;
    const Function *initial = item->as.property.function;
    double index;
    if (initial && !hides_this(initial->body, 0)) return false;
    const Atom *name = parse_key_name(key);
    if (key->kind == N_IDENTIFIER) continue; // private
    if (key->kind != N_STRING || !name->len || memchr(name->text, ' ', name->len) || memchr(name->text, '\t', name->len) || is_index_name(name, &index) || name->text[0] == '.')
      return false;
    put_first_key(e, name, count);
  }
  return true;
}

static bool is_super_call(const Node *item) {
  const Node *call = item && item->kind == S_EXPRESSION ? item->as.unary.value : NULL;
  return call && call->kind == N_CALL && call->as.call.callee->kind == N_SUPER && hides_this_list(&call->as.call.arguments, 0);
}

static void put_first_keys(Emitter *e, const Function *function) {
  bool derived = function->kind == FUNCTION_DERIVED, plain = function->kind == FUNCTION_NORMAL;
  if ((!plain && !derived && function->kind != FUNCTION_CONSTRUCTOR) || function->async || function->generator || function->uses_eval || !function->body)
    return;
  for (const Node *param = function->params.first; param; param = param->next)
    if (param->kind != N_IDENTIFIER && (param->kind != N_REST || param->as.unary.value->kind != N_IDENTIFIER)) return;
  int count = 0;
  const Node *item = function->default_constructor ? NULL : function->body->as.list.items.first;
  if (derived && !function->default_constructor) {
    if (!is_super_call(item)) return;
    item = item->next;
  }
  if (!plain && !put_field_keys(e, e->class, &count)) return;
  for (; item && count < 40; item = item->next) {
    if (item->kind == S_VARIABLES) { // what stands between may be declarations
      bool safe = true;
      for (const Node *each = item->as.list.items.first; each && safe; each = each->next)
        safe = each->as.binary.left->kind == N_IDENTIFIER && (!each->as.binary.right || hides_this(each->as.binary.right, 0));
      if (!safe) return;
      continue;
    }
    if (item->kind != S_EXPRESSION) return;
    const Node *assign = item->as.unary.value;
    if (assign->kind == N_STRING && !count) continue; // a directive
    if (assign->kind != N_ASSIGN || assign->op != T_ASSIGN) return;
    const Node *target = assign->as.binary.left;
    if (target->kind != N_MEMBER || target->as.member.object->kind != N_THIS || target->as.member.name->token == T_PROTO) return;
    if (!hides_this(assign->as.binary.right, 0)) return;
    put_first_key(e, target->as.member.name, &count);
  }
  if (!plain && !item) text_str(&e->meta, count ? " ." : "\tthis .");
}

void put_function_word(Emitter *e, const Function *function) {
  Text *meta = &e->meta;
  if (meta->len) text_char(meta, '\n');
  if (function) {
    static const char kinds[] = "naMgsCDfS-";
    text_char(meta, kinds[function->kind]);
    if (function->async) text_char(meta, 'A');
    if (function->generator) text_char(meta, 'G');
    if (function->strict) text_char(meta, 's');
    if (function->uses_new_target && function->kind != FUNCTION_ARROW) text_char(meta, 't');
    text_char(meta, ' ');
    text_number(meta, function->length);
    text_char(meta, ' ');
    text_number(meta, function->start);
    text_char(meta, ' ');
    text_number(meta, function->end);
    const Atom *name = function->name ? function->name->as.name.name : function->inferred;
    if (name) {
      text_char(meta, ' ');
      if (function->kind == FUNCTION_GETTER) text_str(meta, "get ");
      if (function->kind == FUNCTION_SETTER) text_str(meta, "set ");
      meta_text(meta, name);
    }
    if (function->kind == FUNCTION_PROGRAM && e->scopes->options->goal == JS_MODULE) put_linkage(e, function);
    put_first_keys(e, function);
  } else {
    text_char(meta, '-');
  }
  put(e, "function");
}

// ---- the chunk

static void put_quoted(Text *out, const Text *text) {
  text_char(out, '"');
  for (size_t i = 0; i < text->len; i++) {
    char c = text->data[i];
    if (c == '\n') text_add(out, "\\n", 2);
    else if (c == '\r') text_add(out, "\\r", 2);
    else if (c == '"') text_add(out, "\\\"", 2);
    else if (c == '\\') text_add(out, "\\\\", 2);
    else if (c == 0) text_add(out, "\\000", 4);
    else text_char(out, c);
  }
  text_char(out, '"');
}

static void put_prologue(Emitter *e, Text *out) {
  bool some = false;
  text_str(out, "local rt = ...; ");
  for (int pass = 0; pass < 2; pass++) {
    bool first = true;
    for (size_t i = 0; i < HELPERS_HOT; i++) {
      if (!e->used[i]) continue;
      if (first) text_str(out, pass ? "= " : "local ");
      else text_str(out, ", ");
      if (pass) text_str(out, "rt.");
      text_str(out, helper_names[i]);
      first = false;
      some = true;
    }
    if (!first) text_str(out, pass ? "; " : " ");
  }
  (void)some;
  if (e->shape_count || e->site_count) {
    text_str(out, "local K = rt.shapes(");
    put_quoted(out, &e->shapes);
    text_str(out, "); ");
  }
}

void emit_program(Scopes *scopes, Function *program, Text *out) {
  Text body = {0};
  Emitter e = {.scopes = scopes, .arena = scopes->arena, .atoms = scopes->atoms, .diagnostic = scopes->diagnostic,
               .out = &body, .line = 1};
  reserve_names(&e);
  types_infer(scopes);
  if (scopes->options->goal == JS_SCRIPT || scopes->options->goal == JS_EVAL) {
    for (const Node *item = program->body->as.list.items.first; item; item = item->next) {
      if (item->kind == S_FUNCTION_DECLARATION || item->kind == S_EMPTY) continue;
      bool declares = item->kind == S_VARIABLES || item->kind == S_CLASS_DECLARATION;
      if (item->kind == S_EXPRESSION) e.tracks_completion = false;
      else if (!declares || e.completion) e.tracks_completion = true;
      e.completion = item->kind == S_EXPRESSION ? item : NULL;
    }
    if (e.tracks_completion) e.completion = NULL;
  }
  put(&e, "return ");
  emit_function(&e, program);
  put_prologue(&e, out);
  text_add(out, body.data, body.len);
  text_str(out, ", ");
  put_quoted(out, &e.meta);
  text_str(out, "\n");
  text_free(&body);
  text_free(&e.meta);
  text_free(&e.shapes);
}

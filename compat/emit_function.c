// SPDX-License-Identifier: MIT
//
// Functions: their parameters, what their bodies begin with, and generators' and async functions' coroutines.
#include "emitter.h"

#include <string.h>

void emit_end(Emitter *e, uint32_t line) {
  if (e->line < line) emit_line(e, line);
  if (!e->fresh) put(e, " ");
  put(e, "end");
  e->separator = true;
}

void open_table(Emitter *e, Scope *scope) {
  if (!scope->spilled && !scope->spilled_all) return;
  emit_begin(e, 0);
  put(e, "local S");
  put_number(e, scope->id);
  put(e, " = {}");
  e->lua->locals++;
  e->separator = true;
}

static void simple_statement(Emitter *e, const char *text) {
  emit_begin(e, 0);
  put(e, text);
  e->separator = true;
}

// Parameters that are not plain: their values come in as t1, t2 …
static bool is_plain_param(const Node *param) {
  return param->kind == N_IDENTIFIER || (param->kind == N_DEFAULT && param->as.binary.left->kind == N_IDENTIFIER);
}

static Node *param_target(Node *param) {
  return param->kind == N_DEFAULT ? param->as.binary.left : param;
}

static void put_params(Emitter *e, const Function *function, const char *separator, bool with_rest) {
  for (Node *param = function->params.first; param; param = param->next) {
    if (param->kind == N_REST && !with_rest) break;
    put(e, separator);
    separator = ", ";
    if (param->kind == N_REST) {
      put(e, "...");
    } else if (is_plain_param(param)) {
      Binding *b = param_target(param)->as.name.binding;
      put(e, lua_name(e, b->name));
      b->declared = true;
      e->lua->locals++;
    } else {
      param->temp = new_temp(e);
      put_temp(e, param->temp);
    }
  }
}

static void put_header(Emitter *e, const Function *function) {
  bool arrow = function->kind == FUNCTION_ARROW, varargs = function->uses_arguments || function->params.count > 150;
  if (function->params.count > 180) {
    const Node *param = function->params.last;
    diagnostic_fail(e->diagnostic, "RangeError", param->start, param->end, "Too many parameters");
    return;
  }
  put_function_word(e, function);
  if (e->function_name) {
    put(e, " ");
    put(e, e->function_name);
    e->function_name = NULL;
  }
  put(e, function->kind == FUNCTION_DERIVED ? "(newtarget" : function->lent ? "(E" : arrow ? "(_" : "(this");
  if (function->lent) put_number(e, function->environment);
  e->lua->locals++;
  if (function->kind == FUNCTION_PROGRAM && e->scopes->options->goal == JS_MODULE) put(e, ", export, import");
  if (function->kind == FUNCTION_PROGRAM && e->scopes->options->goal == JS_EVAL) {
    put(e, ", D");
    put_number(e, function->scope->id);
    put(e, ", newtarget");
  }
  if (varargs) put(e, ", ...");
  else put_params(e, function, ", ", true);
  put(e, ")");
}

// if a == nil then a = default end
static void default_param(Emitter *e, Node *param) {
  Node *value = param->as.binary.right;
  const char *name = is_plain_param(param) ? lua_name(e, param_target(param)->as.name.binding->name) : temp_name(e, param->temp);
  emit_begin(e, param->line);
  put(e, "if ");
  put(e, name);
  put(e, " == nil then");
  e->separator = false;
  uint32_t locals = e->lua->locals;
  emit_plan(e, value);
  emit_prepare(e, value);
  emit_begin(e, 0);
  put(e, name);
  put(e, " = ");
  emit_value(e, value, L_ANY);
  put(e, " end");
  e->separator = true;
  e->lua->locals = locals;
}

// The locals for arguments.length and arguments[i].
static void open_argument_readings(Emitter *e, ArgumentsUse *use) {
  if (use->counted) {
    use->count = local_temp(e);
    put_helper(e, HELPER_select);
    put(e, "(\"#\", ...)");
    e->separator = true;
  }
  if (use->indexed) {
    use->list = local_temp(e);
    put_helper(e, HELPER_pack);
    put(e, "(...)");
    e->separator = true;
  }
  if (use->constants) {
    emit_begin(e, 0);
    put(e, "local ");
    for (uint32_t i = 0; i < use->constants; i++) {
      uint32_t temp = new_temp(e);
      if (!i) use->first = temp;
      else put(e, ", ");
      put_temp(e, temp);
    }
    put(e, " = ...");
    e->separator = true;
  }
  if (use->counted) { // the last to call: see open_varargs
    emit_begin(e, 0);
    put(e, "if ");
    put_temp(e, use->count);
    put(e, " > 3700 then ");
    put_temp(e, use->count);
    put(e, " = ");
    put_helper(e, HELPER_many);
    put(e, "(...) end");
    e->separator = true;
  }
}

// rt.mappedarguments(2, function(case, switch, var) if case == 1 then if switch then a = var end return a elseif … end end, ...)
static void put_mapped_arguments(Emitter *e, Function *function) {
  put_helper(e, HELPER_mappedarguments);
  put(e, "(");
  put_number(e, function->params.count);
  put(e, ", ");
  put_function_word(e, NULL);
  put(e, "(case, switch, var) "); // words that no variable of JavaScript's can be
  uint32_t i = 0;
  for (Node *param = function->params.first; param; param = param->next) {
    Binding *b = param->as.name.binding;
    put(e, i ? "elseif case == " : "if case == ");
    put_number(e, ++i);
    put(e, " then if switch then ");
    put_variable(e, b);
    put(e, " = var end return ");
    put_variable(e, b);
    put(e, " ");
  }
  put(e, "end end, ...)");
}

// Who is asked for `callee` only where the word stands in the source: it takes a look at the stack.
void put_arguments_helper(Emitter *e, const Function *function) {
  put_helper(e, function->strict ? HELPER_strictarguments : atom_find(e->atoms, "callee", 6) ? HELPER_arguments : HELPER_plainarguments);
}

static void open_arguments(Emitter *e, Function *function) {
  for (Binding *b = function->scope->first; b; b = b->next) {
    if (b->kind != BINDING_ARGUMENTS) continue;
    if (arguments_spared(b)) {
      open_argument_readings(e, function->arguments);
      return;
    }
    emit_begin(e, 0);
    if (b->storage == STORAGE_LOCAL) put(e, "local ");
    put_variable(e, b);
    put(e, " = ");
    if (function->maps_arguments) {
      put_mapped_arguments(e, function);
    } else {
      put_arguments_helper(e, function);
      put(e, "(...)");
    }
    b->declared = true;
    e->lua->locals++;
    e->separator = true;
  }
}

// The rest parameter's array, in its variable or, for a pattern, in a local.
static void open_rest(Emitter *e, Function *function, Node *rest, uint32_t count, bool varargs) {
  Node *target = rest->as.unary.value;
  if (target->kind == N_IDENTIFIER) {
    Binding *b = target->as.name.binding;
    if (arguments_spared(b)) {
      open_argument_readings(e, b->rest);
      return;
    }
    emit_begin(e, 0);
    if (b->storage == STORAGE_LOCAL && !b->declared) {
      put(e, "local ");
      e->lua->locals++;
      b->declared = true;
    }
    put_variable(e, b);
    put(e, " = ");
  } else {
    rest->temp = local_temp(e);
  }
  const Binding *object = NULL;
  if (function->uses_arguments)
    for (const Binding *b = function->scope->first; b; b = b->next)
      if (b->kind == BINDING_ARGUMENTS && !arguments_spared(b)) object = b;
  if (object) {
    put_helper(e, HELPER_restarguments);
    put(e, "(");
    put_variable(e, (Binding *)object);
    put(e, ", ");
    put_number(e, count);
    put(e, ")");
  } else {
    put_helper(e, HELPER_rest);
    put(e, "(");
    put_number(e, varargs ? count : 0);
    put(e, ", ...)");
  }
  e->separator = true;
}

// What is read of `...` is read before any call of a Lua function: a trace that begins in such a function and comes back reads wrong
// values (LuaJIT 2.1). So this stands first, and only its last statement calls.
static void open_varargs(Emitter *e, Function *function) {
  uint32_t count = 0;
  Node *rest = NULL;
  bool varargs = function->uses_arguments || function->params.count > 150;
  for (Node *param = function->params.first; param; param = param->next) {
    if (param->kind == N_REST) rest = param;
    else count++;
  }
  if (varargs && count) {
    emit_begin(e, 0);
    put(e, "local");
    put_params(e, function, " ", false);
    put(e, " = ...");
    e->separator = true;
  }
  if (function->uses_arguments) open_arguments(e, function);
  if (rest) open_rest(e, function, rest, count, varargs);
}

static void open_params(Emitter *e, Function *function) {
  Node *rest = NULL;
  for (Node *param = function->params.first; param; param = param->next) {
    if (param->kind == N_REST) {
      rest = param;
      continue;
    }
    if (param->kind == N_DEFAULT) default_param(e, param);
    if (is_plain_param(param)) {
      Binding *b = param_target(param)->as.name.binding;
      if (b->storage == STORAGE_LOCAL) continue;
      emit_begin(e, 0);
      put_variable(e, b);
      put(e, " = ");
      put(e, lua_name(e, b->name));
      e->separator = true;
    } else {
      Node *target = param_target(param);
      emit_declare_names(e, target);
      simple_statement(e, "do");
      e->separator = false;
      uint32_t locals = e->lua->locals;
      emit_pattern(e, target, temp_name(e, param->temp), true);
      e->lua->locals = locals;
      emit_end(e, 0);
    }
  }
  if (!rest || rest->as.unary.value->kind == N_IDENTIFIER) return;
  emit_declare_names(e, rest->as.unary.value);
  emit_pattern(e, rest->as.unary.value, temp_name(e, rest->temp), true);
}

static void open_this(Emitter *e, Function *function) {
  FunctionKind kind = function->kind;
  if (kind == FUNCTION_DERIVED) {
    simple_statement(e, "local this");
    e->lua->locals++;
  } else if (kind == FUNCTION_CONSTRUCTOR) {
    emit_begin(e, 0);
    put(e, "if this == nil then ");
    put_helper(e, HELPER_noclass);
    put(e, "() end");
    e->separator = true;
  } else if (!function->strict && function->uses_this && kind != FUNCTION_ARROW && kind != FUNCTION_PROGRAM &&
             kind != FUNCTION_FIELD && kind != FUNCTION_STATIC) {
    emit_begin(e, 0);
    put(e, "this = ");
    put_helper(e, HELPER_sloppy);
    put(e, "(this)");
    e->separator = true;
  }
  if (function->uses_new_target && (kind == FUNCTION_NORMAL || kind == FUNCTION_CONSTRUCTOR)) {
    emit_begin(e, 0);
    put(e, "local newtarget = ");
    put_helper(e, HELPER_newtarget);
    put(e, "()");
    e->lua->locals++;
    e->separator = true;
  }
}

static void emit_expression_body(Emitter *e, Node *body) {
  emit_plan(e, body);
  emit_prepare(e, body);
  emit_begin(e, body->line);
  put(e, "return ");
  emit_returned(e, body);
  e->separator = true;
}

void emit_function_body(Emitter *e, Function *function) {
  if (function->expression_body) {
    emit_expression_body(e, function->body);
  } else {
    e->indent++;
    emit_list(e, &function->body->as.list.items, function->scope, true);
    e->indent--;
  }
}

static void default_constructor(Emitter *e, const Function *function) {
  if (function->kind != FUNCTION_DERIVED) {
    put_function_word(e, function);
    put(e, "(this) if this == nil then ");
    put_helper(e, HELPER_noclass);
    put(e, "() end end");
    return;
  }
  put_function_word(e, function);
  put(e, "(newtarget, ...) return (");
  put_helper(e, HELPER_super);
  put(e, "(C");
  put_number(e, e->home);
  put(e, ", newtarget, ...)) end");
}

void emit_function(Emitter *e, Function *function) {
  if (e->diagnostic->failed) return;
  if (function->default_constructor) {
    default_constructor(e, function);
    return;
  }
  LuaFunction lua = {.outer = e->lua, .function = function}, body = {0};
  Function *outer = e->function;
  bool tail = e->tail, separator = e->separator;
  e->lua = &lua;
  e->function = function;
  e->separator = e->tail = false;
  e->depth += 3;
  if (e->depth > LUA_LEVELS) emit_too_deep(e, function->node ? function->node : function->body);
  put_header(e, function);
  size_t after_header = e->out->len;
  open_table(e, function->scope);
  open_varargs(e, function);
  open_this(e, function);
  JsGoal goal = e->scopes->options->goal;
  if (function->uses_eval && !function->strict && function->kind == FUNCTION_PROGRAM && goal == JS_SCRIPT) {
    emit_begin(e, 0); // a script's eval declares globals
    put(e, "local D");
    put_number(e, function->scope->id);
    e->separator = true;
    lua.locals++;
  } else if (function->uses_eval && !function->strict && (function->kind != FUNCTION_PROGRAM || goal == JS_FUNCTION))
    open_dynamic(e, function->scope, NULL);
  if (function->kind == FUNCTION_PROGRAM && e->tracks_completion) {
    emit_begin(e, 0);
    e->completion_temp = new_temp(e);
    put(e, "local ");
    put_temp(e, e->completion_temp);
    e->separator = true;
    lua.locals++;
  }
  bool coroutine = (function->async || function->generator) && function->kind != FUNCTION_PROGRAM;
  bool params_inside = coroutine && !function->generator; // an async function's promise is rejected by what they raise
  if (!params_inside) open_params(e, function);
  if (coroutine) {
    emit_begin(e, 0);
    put(e, "return (");
    put_helper(e, !function->generator ? HELPER_async : function->async ? HELPER_asyncgenerator : HELPER_generator);
    put(e, "(");
    put_function_word(e, NULL);
    put(e, "()");
    body = (LuaFunction){.outer = &lua, .function = function, .temps = lua.temps};
    e->lua = &body;
    e->separator = false;
    if (params_inside) open_params(e, function);
  }
  emit_function_body(e, function);
  if (function->kind == FUNCTION_PROGRAM && e->bodies) text_insert(e->out, after_header, " local T = {};");
  if (function->kind == FUNCTION_PROGRAM && e->completion_temp) {
    emit_begin(e, 0);
    put(e, "return ");
    put_temp(e, e->completion_temp);
    e->separator = true;
  }
  if (function->kind == FUNCTION_DERIVED) {
    emit_begin(e, 0);
    put(e, "return ");
    put_helper(e, HELPER_result);
    put(e, "(nil, this)");
  }
  emit_end(e, function->end_line > function->line && function->kind != FUNCTION_STATIC ? function->end_line : 0);
  if (coroutine) put(e, ")) end");
  e->depth -= 3;
  e->lua = lua.outer;
  e->function = outer;
  e->tail = tail;
  e->separator = separator;
}

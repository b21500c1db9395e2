// SPDX-License-Identifier: MIT
//
// Shared by the emitter's files only.
//
// How an expression becomes Lua. Where each part of it has a Lua expression, it is written in place (emit_value). Where a
// part needs statements (an assignment used as a value, a?.b, c ? d : e of unknown types …), emit_prepare first writes
// those, in the order of evaluation, and leaves each such part's value in a Lua local whose number is in Node.temp; parts
// before it that are not stable go to locals too. emit_plan finds beforehand which parts do (NODE_STATEMENTS).
// A statement that needs such locals stands in do … end, so that they do not pile up.
#ifndef LUNODE_COMPAT_EMITTER_H
#define LUNODE_COMPAT_EMITTER_H

#include "emit.h"
#include "parse.h"
#include "types.h"

typedef enum Helper {
#define HOT(name) HELPER_##name,
#include "helper.def"
  HELPERS_HOT,
  HELPERS_BEFORE_COLD = HELPERS_HOT - 1,
#define COLD(name) HELPER_##name,
#include "helper.def"
  HELPERS
} Helper;

// Lua's precedences, loosest first.
typedef enum Level { L_ANY, L_OR, L_AND, L_COMPARE, L_CONCAT, L_ADD, L_MUL, L_UNARY, L_POW, L_PREFIX } Level;

enum { TEMPS_LOCAL = 150 }; // with so many locals active, the temporaries that follow are fields of a table
enum { TEMP_FIELD = 1u << 31 }; // of a temporary's number: its place in Emitter.fields

typedef struct TempField { // tTABLE[key]
  uint32_t table, key;
} TempField;

enum { LUA_LEVELS = 160 }; // of Lua's 200 levels of syntax; the rest is for expressions

typedef enum AtomShape { ATOM_UNKNOWN, ATOM_NAME, ATOM_KEYWORD, ATOM_OTHER } AtomShape; // of a Lua name, a keyword, neither
enum { ATOM_SHAPE = 3, ATOM_GLOBAL = 4, ATOM_RESERVED = 8 }; // bits of Atom.shape

// A way out of a Lua closure that the emitter made (try): the closure returns the code, and the code after it goes on.
typedef struct Exit {
  const Node *jump_to; // NULL: return
  bool is_continue;
  struct Exit *next;
} Exit;

typedef struct Closure { // a try's body
  struct Closure *outer;
  Exit *exits;           // code 1 is the first
  bool returns;
} Closure;

// A statement that a jump may go to.
typedef struct Way {
  const Node *node;
  struct Way *outer;
  Closure *closure;      // the closure that it stands in
  uint32_t id;           // of its labels
  bool lua_loop;         // a Lua `break` inside of it leaves it
  bool break_used, continue_used;
  uint32_t iterator;     // for-of: the temp of the iterator to close, 0 for none
} Way;

// Functions that run before the text reaches them, among the statements of a list or of a switch.
typedef struct Early {
  uint32_t group;        // of its labels
  uint32_t parts, part;  // stretches of such functions: all, and met so far
  uint32_t backs;        // steps back
  size_t last_back;      // where the last of them stands in the text
  bool inside;
} Early;

typedef struct LuaFunction {
  struct LuaFunction *outer;
  Function *function;
  uint32_t locals;       // active now
  uint32_t temps, most_temps;
  uint32_t overflow;     // the temporary whose table holds those that Lua has no local for; 0 for none
  uint32_t overflow_locals; // it is in scope while as many locals are active
  uint32_t labels;
  Closure *closure;
  Way *ways;
  bool generator_body;
} LuaFunction;

typedef struct Shape {
  Atom *keys;            // joined by blanks
  uint32_t number;
  struct Shape *next;
} Shape;

typedef struct Emitter {
  Scopes *scopes;
  Arena *arena;
  Atoms *atoms;
  Diagnostic *diagnostic;
  Text *out;
  uint32_t line;         // of the text written so far
  uint32_t indent;
  bool fresh;            // at the start of a line
  bool separator;        // the next statement on this line needs a semicolon before it
  bool ambiguous;        // the statement that began last stands on a new line after another
  bool tail;             // the statement at hand is the last of its Lua block
  Function *function;
  LuaFunction *lua;
  const Node *completion; // the statement whose value a script gives back
  bool tracks_completion; // or it is in a temporary, which each statement of the program sets
  uint32_t completion_temp;
  bool used[HELPERS];
  Text meta;             // one entry for each `function` written
  Text shapes;
  Shape *shape_list[256];
  uint32_t shape_count;
  uint32_t site_count;   // of tagged templates
  uint32_t objects;      // object literals so far
  TempField *fields;
  uint32_t field_count, field_room;
  uint32_t bodies;       // bodies of try, and functions that are lent, which are made once
  uint32_t depth;        // of Lua's syntax around
  Node *class;           // innermost class
  const char *function_name; // of the `function` that comes next, where it is a Lua local function
  uint32_t home;         // its temps' number
  uint32_t unique;
} Emitter;

// emit.c: text
static inline void put(Emitter *e, const char *text) {
  text_str(e->out, text);
  e->fresh = false;
}
void put_number(Emitter *e, uint32_t n);
void put_helper(Emitter *e, Helper helper);
void put_string(Emitter *e, const Atom *value);
void put_double(Emitter *e, double value, Level level);
void put_temp(Emitter *e, uint32_t temp);
void emit_line(Emitter *e, uint32_t line); // goes down to the line of the source, if above it
// A statement that began at `start` with `(`, on a new line after another, gets a semicolon before it.
void emit_guard_paren(Emitter *e, size_t start, bool ambiguous);
void emit_begin(Emitter *e, uint32_t line); // a statement begins there
bool atom_is_name(Emitter *e, Atom *atom); // a name that Lua can write after a dot
const char *lua_name(Emitter *e, Atom *atom);
void put_field(Emitter *e, Atom *name);    // .name or ["name"]
bool is_seen(const Binding *variable);
const char *binding_name(Emitter *e, Binding *b);
void put_variable(Emitter *e, Binding *b); // where it lives: a Lua name or table field
void put_function_word(Emitter *e, const Function *function); // `function`, noted in the metadata
uint32_t new_temp(Emitter *e);             // a number; the caller writes `local`
uint32_t local_temp(Emitter *e);           // writes `local tN = `, or `tN[k] = ` where there are too many locals
uint32_t declare_temp(Emitter *e);         // writes `local tN`
void leave_locals(Emitter *e);             // after blocks have ended: is the table of temporaries still in scope?
uint32_t shape_number(Emitter *e, Atom *keys);
void emit_too_deep(Emitter *e, const Node *node);

void emit_no_completion(Emitter *e);       // emit_stmt.c

// emit_lend.c: functions that are lent (scope_lend.c)
void put_environment(Emitter *e, const Binding *b);           // `E1.` where b is found in a lent function's environment
bool put_environment_this(Emitter *e, const Function *owner); // the same for owner's `this`
Node *lent_argument(const Node *call);                        // its function that is lent; NULL for none
void emit_lent(Emitter *e, Node *node, const Node *call);     // call: the one it is the argument of; NULL: a closure

// emit_plan.c
void emit_plan(Emitter *e, Node *node);
bool is_stable(Emitter *e, Node *node);
bool is_cheap(const Node *node);           // evaluating it costs nothing and does nothing
Node *callee_object(const Node *callee); // of a method call; NULL for what is no method
bool is_repeatable(const Node *node);
bool needs_statements(const Node *node);

// emit_prepare.c
void emit_prepare(Emitter *e, Node *node);
void emit_prepare_condition(Emitter *e, Node *node);
void emit_prepare_all(Emitter *e, Node **nodes, uint32_t count); // operands in order
void emit_prepare_list(Emitter *e, const List *list);
void emit_spill(Emitter *e, Node *node);   // its value goes to a temp

bool condition_needs_statements(Node *node);

// emit_expr.c
void emit_value(Emitter *e, Node *node, Level level);
void emit_condition(Emitter *e, Node *node, Level level); // a Lua boolean, or what Lua takes for the same
void emit_this_argument(Emitter *e);
void emit_arguments(Emitter *e, const List *arguments, bool first);
void emit_single(Emitter *e, Node *node);  // in a list: exactly one value
void emit_returned(Emitter *e, Node *node); // what a return gives back
void emit_key(Emitter *e, Node *key);      // [key] after an object
void emit_defined_key(Emitter *e, Node *property);
void emit_index_key(Emitter *e, Node *index);
void emit_key_value(Emitter *e, Node *key); // the Lua key as a value
void emit_this_argument(Emitter *e);
void put_home_object(Emitter *e);
void emit_super_base(Emitter *e);
Function *this_owner(const Emitter *e);    // the function whose this, super and new.target the code sees
void put_global_place(Emitter *e, Atom *name);
void put_private_name(Emitter *e, const Node *node);
void put_dynamic(Emitter *e, const Node *node); // the with or eval scope that a SPECIAL name goes through
void put_arguments_helper(Emitter *e, const Function *function); // makes the arguments object of (...)
bool is_spared(const Node *name); // `arguments` or a rest parameter that is no object here, but `...`
void emit_flatten(Emitter *e, const List *items);
bool is_index_name(const Atom *name, double *value);
void emit_direct_eval(Emitter *e, Node *call);
void emit_string_value(Emitter *e, Node *node, Level level); // ToString of it

// emit_object.c
void emit_object(Emitter *e, Node *node, Level level);
void emit_array(Emitter *e, Node *node, Level level);
bool starts_with_half(const Atom *text); // the second of a surrogate pair
bool ends_with_half(const Atom *text);   // the first
void emit_template(Emitter *e, Node *node, Level level);
void emit_tagged(Emitter *e, Node *node);
bool object_is_long(Emitter *e, Node *node);    // it is written by statements
void emit_long_object(Emitter *e, Node *node); // to a temporary, its parts being prepared

// emit_assign.c
void emit_assign_statement(Emitter *e, Node *assign);
void emit_update_statement(Emitter *e, Node *update);
bool may_step_bigint(const Node *update);
void emit_compound(Emitter *e, Node *assign); // the new value of x op= y
Node *chained_object(const Node *callee); // a of the callee of (a?.b)(), or NULL
void prepare_delete(Emitter *e, Node *node);
void emit_store(Emitter *e, Node *target, const char *value);      // target = Lua text
void emit_store_node(Emitter *e, Node *target, Node *value);       // value is prepared
void emit_pattern(Emitter *e, Node *pattern, const char *value, bool declares); // value: a Lua name
void prepare_target(Emitter *e, Node *target, const Node *value);
void emit_declare(Emitter *e, Binding *b, Node *value);            // its declaration runs
void emit_declare_names(Emitter *e, Node *pattern);                // the Lua locals of a pattern
const char *temp_name(Emitter *e, uint32_t temp);

// emit_function.c
void emit_function(Emitter *e, Function *function);
void emit_function_body(Emitter *e, Function *function);
void emit_end(Emitter *e, uint32_t line);  // `end` on that line
void open_table(Emitter *e, Scope *scope); // `local Sn = {}` where the scope has a table

// emit_class.c
void emit_class(Emitter *e, Node *node, const char *into);

// emit_stmt.c
void emit_statement(Emitter *e, Node *node);
void emit_list(Emitter *e, const List *items, Scope *scope, bool function_level);
bool emit_early_clauses(Emitter *e, Early *early, const List *clauses); // false where there are none
void emit_early_clause(Emitter *e, Early *early, const List *items);
void emit_block(Emitter *e, Node *node);   // its statements, in the Lua block at hand
void emit_effect(Emitter *e, Node *node);  // the expression as a statement
bool effect_needs_block(const Node *node); // it leaves locals behind
void emit_super_call(Emitter *e, Node *node);
void emit_return_value(Emitter *e, const char *value);
void emit_jump(Emitter *e, const Node *target, bool is_continue);
void open_scope(Emitter *e, Scope *scope); // declares what must be declared before the statements

// emit_loop.c, emit_try.c
void emit_loop(Emitter *e, Node *node);
void emit_with(Emitter *e, Node *node);
void open_dynamic(Emitter *e, const Scope *scope, Node *object); // `local Dn = rt.scope(object)`
void emit_try(Emitter *e, Node *node);
void emit_switch(Emitter *e, Node *node);

#endif

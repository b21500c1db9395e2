// SPDX-License-Identifier: MIT
//
// The scope pass: who is who. It declares every name, resolves every reference, refuses what is declared twice, and finds
// what the emitter must know of each name:
//  - captured: a function inside uses it, so that a loop needs one per turn;
//  - checked: some access may meet it before its declaration ran (its dead zone);
//  - early: a function declaration that may be called before the text reaches it;
//  - where it lives: a Lua local, a field of a scope table (Lua allows 200 locals and 60 upvalues to a function),
//    a global, a field of a module.
// Time is measured in source offsets: a function that is known by one name only (a declaration, `const f = () => …`,
// a class's methods) cannot run before the first place that mentions the name, directly or through such functions.
#ifndef LUNODE_COMPAT_SCOPE_H
#define LUNODE_COMPAT_SCOPE_H

#include "ast.h"
#include "js.h"

typedef enum BindingKind {
  BINDING_VAR,
  BINDING_PARAM,
  BINDING_FUNCTION,  // a declaration
  BINDING_LET,
  BINDING_CONST,
  BINDING_CLASS,
  BINDING_CATCH,     // catch (name): var may declare it again
  BINDING_SELF,      // the name of a function or class expression, seen inside only
  BINDING_ARGUMENTS,
  BINDING_IMPORT,
  BINDING_PRIVATE    // #name of a class
} BindingKind;

typedef enum Storage {
  STORAGE_LOCAL,
  STORAGE_TABLE,  // a field of its scope's table
  STORAGE_GLOBAL, // a property of the global object
  STORAGE_MODULE, // a field of the module's table, where importers see it
  STORAGE_IMPORT  // a field of another module's table
} Storage;

typedef struct Unit Unit;
typedef struct Assigned Assigned;
typedef struct Reference Reference;
typedef struct Edge Edge;

struct Binding {
  Atom *name;
  uint8_t kind, storage;
  bool captured, checked, early, forward; // forward: mentioned in the text before its declaration
  bool in_place;      // its declaration is also its Lua `local`
  bool declared;      // emitter: the Lua local exists
  bool reassigned;    // assigned other than by its declaration
  bool escapes;       // eval or with may see or change it: nothing is known of its value
  bool accumulator;   // a string.buffer, see types.h
  bool rope;          // a string or a rope of the prelude, see types.h
  uint16_t type;      // types.h
  uint32_t start, end; // of the declaration
  uint32_t first;     // offset of the first mention
  uint32_t last;      // offset of the last var that declares it
  uint32_t use;       // the earliest time that its function can run
  uint32_t reads_hot, appends_hot, appends;
  Scope *scope;
  Binding *next;      // in its scope
  Binding *shadowed;  // what the name meant outside
  const char *lua;    // emitter: its own Lua name, where another than that of its atom
  Binding *variable;  // Annex B: the function's variable that a block's function is copied to where it is declared
  bool annex;         // such a variable that nothing else declares
  bool hides;         // stands between the two
  Node *declaration;  // the IDENTIFIER
  Function *function; // the declared function
  Edge *edges;        // what its functions mention
  Reference *references;
  Assigned *assigned;
  struct ArgumentsUse *rest; // of a rest parameter, NULL where more may be done to it
  Atom *module_name;  // STORAGE_MODULE, STORAGE_IMPORT: the field; NULL for a namespace
  uint32_t module;    // STORAGE_IMPORT: which module, from 1
  Binding *all;       // every binding, newest first
};

typedef struct Capture {
  Binding *binding;
  struct Capture *next;
} Capture;

struct Assigned {     // a value that a binding may get; NULL for one that is not known
  Node *value;
  TokenType op;       // ASSIGN, the token of x op= value, INC, DEC; UNDEFINED: let x;
  bool bigints;       // the source knows of BigInts
  Assigned *next;
};

typedef enum ScopeKind { SCOPE_FUNCTION, SCOPE_BLOCK, SCOPE_LOOP, SCOPE_SWITCH, SCOPE_CATCH, SCOPE_CLASS, SCOPE_SELF, SCOPE_WITH } ScopeKind;

struct Scope {
  uint8_t kind;
  bool spilled;     // its captured names live in a table
  bool spilled_all; // all of them
  bool has_early;   // some function declared here is early
  bool uses_eval;   // a direct eval stands inside
  uint32_t depth, count, id;
  uint32_t start;   // offset
  Scope *outer;
  Scope *dynamic;   // of a with or eval scope: the one around
  Function *function;
  Unit *unit;
  Binding *first, *last;
  Scope *child, *sibling; // in the same Lua function
  Scope *all;             // every scope, in the order in which they begin
};

// A function as Lua sees it: a JS function, or a closure that the emitter makes (a try's body).
typedef struct Upvalue {
  Binding *binding;
  Unit *unit;
  bool assigned; // in this unit or in one inside
  struct Upvalue *next;
} Upvalue;

struct Unit {
  Unit *outer;
  Scope *scopes;
  uint32_t upvalues;
  Upvalue *list;    // what it mentions of the functions around
  Unit *all;
  const Node *statement; // the try statement that it is part of, and the function around that
  Function *function;
};

typedef struct Scopes {
  Arena *arena;
  Atoms *atoms;
  Diagnostic *diagnostic;
  const JsOptions *options;
  Scope *program;
  Binding *bindings; // all
  Scope *all, *last; // scopes
  Unit *units;       // all
  bool bigints;      // the source mentions BigInts
  Function *lendable; // all
} Scopes;

// The most values and tables that a block of a try statement is given, so that it can be made once (emit_try.c).
enum { GIVEN_MOST = 6 };

// May the blocks of the function's try statements be made once?
bool scope_keeps_blocks(const Scopes *scopes, const Function *function);

// Is the binding, which a block of a try statement mentions, a Lua local whose value when the block begins is all that the block needs?
bool scope_gives_value(const Upvalue *upvalue);

// False after an error.
bool scope_program(Scopes *scopes, Function *program);

// The text of `--scope`.
void scope_dump(const Scopes *scopes, Text *out);

#endif

// SPDX-License-Identifier: MIT
//
// The tree. Nodes live in the compilation's arena; each takes only the bytes that its kind's payload needs, so a Node is
// never copied or declared as a variable. Lists are chained by `next`; a node is in one list at most.
#ifndef LUNODE_COMPAT_AST_H
#define LUNODE_COMPAT_AST_H

#include "atom.h"
#include "lex.h"

typedef enum NodeKind {
#define EXPRESSION(name, payload) N_##name,
#include "node.def"
  N_LAST_EXPRESSION,
#define PATTERN(name, payload) N_##name,
#include "node.def"
#define PART(name, payload) N_##name,
#include "node.def"
#define STATEMENT(name, payload) S_##name,
#include "node.def"
  NODE_KINDS
} NodeKind;

typedef enum NodeFlags {
  NODE_PARENTHESIZED = 1,  // stood in parentheses: no pattern, no anonymous function to name
  NODE_OPTIONAL = 2,       // ?. stands before the name, index or arguments
  NODE_PREFIX = 4,
  NODE_COMPOUND = 4,       // INDEX: read and then assigned, x[y] += z: the base is checked before the key is converted
  NODE_DELEGATE = 8,
  NODE_AWAIT = 16,
  NODE_COMPUTED = 32,      // PROPERTY, CLASS_MEMBER: the key is an expression
  NODE_SHORTHAND = 64,     // PROPERTY: { name }
  NODE_STATIC = 128,
  NODE_METHOD = 256,       // PROPERTY: written as a method
  NODE_COVER = 512,        // PROPERTY: { name = value }, only a pattern. SEQUENCE, CALL: an arrow's parameters.
                           // OBJECT: __proto__ given twice. SPREAD: a comma follows
  NODE_BIGINT = 8,         // UNARY, UPDATE, BINARY, LOGICAL, ASSIGN: the source knows of BigInts, so its operands may be some
  NODE_CONTINUED = 8,      // a loop: some `continue` goes to it
  NODE_LEFT = 256,         // a loop: some break or return leaves it early
  // found by the later passes:
  NODE_STATEMENTS = 1024,  // must be lowered to statements before its value can stand in a Lua expression
  NODE_CHECKED = 2048,     // IDENTIFIER: may be met in its dead zone
  NODE_DEEP = 4096,        // nests so deep that it goes to a temporary (Lua's parser allows 200 levels)
  NODE_DEAD = 16384,       // IDENTIFIER: a parameter that has no value yet: this one or a later one. CALL: an eval among parameters
  NODE_SPECIAL = 8192      // CALL: a direct eval. IDENTIFIER: found through a with or eval scope
} NodeFlags;

typedef struct Node Node;
typedef struct Function Function;
typedef struct Scope Scope;
typedef struct Binding Binding;

typedef struct List {
  Node *first, *last;
  uint32_t count;
} List;

struct Node {
  uint8_t kind;     // NodeKind
  uint8_t op;       // an operator's token; PROPERTY, CLASS_MEMBER: PropertyKind
  uint16_t flags;   // NodeFlags
  uint16_t height;  // of the tree below, a chain of binary operators counted once
  uint16_t type;    // what values it can have (types.h); 0 until asked
  uint32_t start, end, line;
  uint32_t temp;    // emitter: the Lua local that holds its value, 0 for none
  Node *next;
  union {
    struct { char unused; } none;
    struct { Atom *name; Binding *binding; Scope *scope; } name;
    struct { double value; } number;
    struct { Atom *value; } string;
    struct { Atom *pattern, *flags; } regexp;
    struct { List parts, values; } template; // parts are one more than values
    struct { Atom *cooked, *raw; } template_part;
    struct { Node *tag, *template; } tagged;
    struct { List items; Scope *scope; } list;
    struct { Function *function; } function;
    struct { Node *name, *parent; List members; Function *constructor; Scope *scope; Binding *inner; } class; // inner: a declaration's own name, where it is not one with the variable
    struct { Node *value; } unary;
    struct { Node *left, *right; } binary;
    struct { Node *test, *yes, *no; } conditional;
    struct { Node *callee; List arguments; Scope *scope, *dynamic; } call; // scopes: of a direct eval
    struct { Node *object; Atom *name; Binding *binding; } member;
    struct { Node *key, *value; Function *function; } property; // function: a field's initializer
    struct { Node *object, *body; Scope *scope; } with;
    struct { Node *init, *test, *update, *body; Scope *scope; Scope *each; } loop; // each: the scope of one turn
    struct { Atom *label; Node *body; Node *target; } jump; // target: the statement that is left or continued
    struct { Node *block, *parameter, *handler, *finalizer; Scope *scope; struct Unit *unit, *handler_unit; bool returns, jumps; } try; // units: of the block, of the handler before a finally
    struct { Node *value; List cases; Scope *scope; } choice;
    struct { Node *test; List body; } switch_case; // test NULL: default
    struct { Node *specifier; List names; List attributes; } module; // specifier NULL: export {…}
    struct { Node *local; Atom *name, *source; } module_name; // parse_module.c says which is what
  } as;
};

typedef enum PropertyKind { PROPERTY_VALUE, PROPERTY_GET, PROPERTY_SET, PROPERTY_METHOD, PROPERTY_FIELD } PropertyKind;

typedef enum FunctionKind {
  FUNCTION_NORMAL,
  FUNCTION_ARROW,
  FUNCTION_METHOD,
  FUNCTION_GETTER,
  FUNCTION_SETTER,
  FUNCTION_CONSTRUCTOR, // of a class
  FUNCTION_DERIVED,     // constructor of a class that extends
  FUNCTION_FIELD,       // a field's initializer: body_expression, or none
  FUNCTION_STATIC,      // a static block
  FUNCTION_PROGRAM      // the whole source
} FunctionKind;

// How a function uses its `arguments`, or its rest parameter: where nothing is asked but how many there are and what one of them is, or
// they are only handed on (f(...args), f.apply(o, arguments)), no object is made.
typedef struct ArgumentsUse {
  uint32_t mentions, readings; // how often the name stands there, and how often as one of the readings
  uint32_t constants;          // 1 + the greatest index that is a literal
  bool counted, indexed, forwarded; // arguments.length; arguments[i]; handed on
  struct ArgumentsIndex { Node *node; struct ArgumentsIndex *next; } *indices; // the i of each arguments[i]
  bool settled, spared;        // emitter: no object is made
  uint32_t count, list, first; // emitter: the locals
} ArgumentsUse;

struct Function {
  uint8_t kind; // FunctionKind
  bool async, generator, strict, simple; // simple: parameters are plain names
  bool expression_body, default_constructor;
  bool is_static;   // a static method
  bool uses_arguments, uses_this, uses_new_target, uses_eval, uses_super;
  bool assigns_arguments, maps_arguments; // arguments[i] = v stands in it; its parameters and `arguments` are one
  bool has_inner_this; // an arrow inside uses `this`, `new.target` or `super`
  Node *name;       // IDENTIFIER, NULL for none
  Atom *inferred;   // the name that it gets where it has none of its own
  Node *node;       // the node that holds it
  List params;      // targets, DEFAULT, REST
  Node *body;       // BLOCK, or an expression
  uint32_t start, end, line, end_line;
  uint8_t super_calls; // 2: more than one may run
  uint32_t param_assigned, arguments_last; // offsets + 1: the first assignment to a parameter, the last use of `arguments`
  uint32_t length;  // parameters before the first with a default
  Scope *scope;
  Function *outer;
  Binding *known_as; // scope pass: the one name that it is known by
  struct Unit *unit;
  uint32_t depth;
  ArgumentsUse *arguments;
  bool lendable, lent, lent_this; // scope_lend.c: no closure is made of it for a method that only calls it; it needs `this`
  struct Capture *captures; // of a lendable function: what it uses of the functions around
  Function *next_lendable;
  uint32_t environment;     // emitter: the number of the parameter that a lent function finds those in
};

extern const char *const node_names[NODE_KINDS];
size_t node_size(NodeKind kind);

// A new zeroed node of the kind; height 1.
Node *node_new(Arena *arena, NodeKind kind, uint32_t start, uint32_t line);

// The text of `--ast`.
void ast_dump(const Function *program, Text *out);

// Appends. A node is appended once.
void list_add(List *list, Node *node);

#endif

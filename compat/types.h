// SPDX-License-Identifier: MIT
//
// A small inference: which types of value can an expression or a local have? It is flow-insensitive and stays within one
// compilation; what comes from a parameter, a property or a call can be anything.
//
// Two licences are taken, both for speed, and both only where nothing is known of the operands:
//  - `a - b`, `a * b`, `a / b` … count as numbers though they may be BigInts; the emitted operators work on both. Comparisons do not:
//    `a - b < 0` raises where both are BigInts and nothing says so.
//  - INT means a whole number of less than 10^14: what counts up or down by literals is INT.
#ifndef LUNODE_COMPAT_TYPES_H
#define LUNODE_COMPAT_TYPES_H

#include "scope.h"

typedef enum Type {
  TYPE_UNDEFINED = 1,
  TYPE_NULL = 2,
  TYPE_BOOLEAN = 4,
  TYPE_INT = 8,
  TYPE_NUMBER = 16, // that is not known to be INT
  TYPE_STRING = 32,
  TYPE_BIGINT = 64,
  TYPE_FUNCTION = 128,
  TYPE_OBJECT = 256, // and symbols
  TYPE_ANY = 511
} Type;

enum {
  TYPE_NUMERIC = TYPE_INT | TYPE_NUMBER,
  TYPE_LUA_FALSY = TYPE_UNDEFINED | TYPE_BOOLEAN,                    // can be nil or false
  TYPE_SAME_TRUTH = TYPE_UNDEFINED | TYPE_BOOLEAN | TYPE_FUNCTION | TYPE_OBJECT, // JavaScript and Lua agree what is true
  TYPE_NO_STRING = TYPE_UNDEFINED | TYPE_NULL | TYPE_BOOLEAN | TYPE_NUMERIC // + on two of these adds
};

// Finds the type of every local, and which are accumulators: locals that hold strings, are appended to in loops and read
// outside of them only. Those live in a string.buffer, for appending to a Lua string copies it.
// Strings that are appended to in loops or by inner functions, and are read there too, are ropes: they hold a string while it is short.
void types_infer(Scopes *scopes);

uint16_t type_of(Node *node); // Type bits, never 0

static inline bool type_is(Node *node, uint16_t types) {
  return !(type_of(node) & ~types);
}

// How the binding of `arguments` or of a rest parameter is used; NULL for others.
ArgumentsUse *arguments_use(const Binding *b);

// That binding where the node is a member of it, else NULL.
const Binding *argument_reading(const Node *node);

// Is no object or array needed: does the function read only how many there are and single ones, or hand them on?
bool arguments_spared(const Binding *b);

// The `arguments` or rest parameter's name in f.apply(o, name), where o may be evaluated at any time; else NULL.
Node *applied_arguments(const Node *call);

// The operator of an assignment: ADD for ASSIGN_ADD.
static inline TokenType assign_operator(TokenType op) {
  return op == T_ASSIGN ? T_ASSIGN : (TokenType)(op - T_ASSIGN_NULLISH + T_NULLISH + (op > T_ASSIGN_BITAND ? T_SHL - T_EQ : 0));
}

// x = x + a, x += a: the leftmost operand of the sum is the target.
bool is_append_to_self(const Node *assign);

#endif

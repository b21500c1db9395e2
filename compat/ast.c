// SPDX-License-Identifier: MIT
#include "ast.h"

#include <stddef.h>

const char *const node_names[NODE_KINDS] = {
#define EXPRESSION(name, payload) [N_##name] = #name,
#include "node.def"
#define PATTERN(name, payload) [N_##name] = #name,
#include "node.def"
#define PART(name, payload) [N_##name] = #name,
#include "node.def"
#define STATEMENT(name, payload) [S_##name] = #name,
#include "node.def"
};

static const uint16_t payload_size[NODE_KINDS] = {
#define EXPRESSION(name, payload) [N_##name] = sizeof(((Node *)0)->as.payload),
#include "node.def"
#define PATTERN(name, payload) [N_##name] = sizeof(((Node *)0)->as.payload),
#include "node.def"
#define PART(name, payload) [N_##name] = sizeof(((Node *)0)->as.payload),
#include "node.def"
#define STATEMENT(name, payload) [S_##name] = sizeof(((Node *)0)->as.payload),
#include "node.def"
};

size_t node_size(NodeKind kind) {
  return offsetof(Node, as) + payload_size[kind];
}

Node *node_new(Arena *arena, NodeKind kind, uint32_t start, uint32_t line) {
  Node *node = arena_alloc(arena, node_size(kind));
  node->kind = (uint8_t)kind;
  node->start = node->end = start;
  node->line = line;
  node->height = 1;
  return node;
}

void list_add(List *list, Node *node) {
  node->next = NULL;
  if (list->last) list->last->next = node;
  else list->first = node;
  list->last = node;
  list->count++;
}

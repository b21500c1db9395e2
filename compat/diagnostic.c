// SPDX-License-Identifier: MIT
#include "diagnostic.h"

#include "arena.h"
#include "unicode.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

// Length of the line end at `at` (LF, CR, CRLF, LS, PS), 0 where there is none.
static size_t line_end(const char *source, size_t len, size_t at) {
  unsigned char c = (unsigned char)source[at];
  if (c == '\n') return 1;
  if (c == '\r') return at + 1 < len && source[at + 1] == '\n' ? 2 : 1;
  if (c == 0xE2 && at + 2 < len && (unsigned char)source[at + 1] == 0x80 && ((unsigned char)source[at + 2] & 0xFE) == 0xA8)
    return 3;
  return 0;
}

static size_t find_line(const char *source, size_t len, size_t offset, uint32_t *line) {
  size_t start = 0;
  *line = 1;
  for (size_t at = 0; at < offset && at < len;) {
    size_t skip = line_end(source, len, at);
    at += skip ? skip : 1;
    if (skip && at <= offset) {
      start = at;
      ++*line;
    }
  }
  return start;
}

void diagnostic_fail(Diagnostic *diagnostic, const char *type, uint32_t start, uint32_t end, const char *format, ...) {
  if (diagnostic->failed) return;
  diagnostic->failed = true;
  JsError *error = &diagnostic->error;
  if (start > diagnostic->len) start = (uint32_t)diagnostic->len;
  if (end < start) end = start;
  *error = (JsError){.type = type, .start = start, .end = end, .column = 1};
  va_list args;
  va_start(args, format);
  int n = vsnprintf(error->message, sizeof error->message, format, args);
  va_end(args);
  if (n >= (int)sizeof error->message) { // do not leave half a character
    size_t last = sizeof error->message - 1;
    while (last && ((unsigned char)error->message[last - 1] & 0xC0) == 0x80) last--;
    if (last && (unsigned char)error->message[last - 1] >= 0xC0) last--;
    error->message[last] = 0;
  }
  for (size_t at = find_line(diagnostic->source, diagnostic->len, start, &error->line); at < start; at++)
    if (((unsigned char)diagnostic->source[at] & 0xC0) != 0x80) error->column++;
}

enum { SHOWN_BEFORE = 80, SHOWN_AFTER = 60 };

char *js_error_render(const JsError *error, const char *filename, const char *source, size_t len) {
  Text text = {0};
  uint32_t line;
  size_t start = find_line(source, len, error->start, &line), end = start;
  while (end < len && !line_end(source, len, end)) end++;
  size_t at = error->start < end ? error->start : end;
  size_t from = at - start > SHOWN_BEFORE ? at - SHOWN_BEFORE : start;
  size_t to = end - at > SHOWN_AFTER ? at + SHOWN_AFTER : end;
  while (from < at && ((unsigned char)source[from] & 0xC0) == 0x80) from++;
  while (to < end && ((unsigned char)source[to] & 0xC0) == 0x80) to++;

  text_str(&text, filename ? filename : "<anonymous>");
  text_char(&text, ':');
  text_number(&text, error->line);
  text_char(&text, ':');
  text_number(&text, error->column);
  text_char(&text, '\n');
  text_add(&text, source + from, to - from);
  text_char(&text, '\n');
  for (size_t i = from; i < at; i++)
    if (((unsigned char)source[i] & 0xC0) != 0x80) text_char(&text, source[i] == '\t' ? '\t' : ' ');
  size_t marks = 0;
  for (size_t i = at; i < error->end && i < to; i++)
    if (((unsigned char)source[i] & 0xC0) != 0x80) marks++;
  do text_char(&text, '^');
  while (marks-- > 1);
  text_str(&text, "\n\n");
  text_str(&text, error->type);
  text_str(&text, ": ");
  text_str(&text, error->message);
  text_char(&text, '\n');
  text_done(&text);
  return text.data;
}

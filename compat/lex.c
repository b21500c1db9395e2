// SPDX-License-Identifier: MIT
#include "lex.h"

#include "unicode.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

typedef enum CharClass { C_OTHER, C_SPACE, C_NEWLINE, C_NAME, C_DIGIT, C_QUOTE, C_HIGH } CharClass;

static const uint8_t char_class[256] = {
  ['\t'] = C_SPACE,   ['\v'] = C_SPACE,   ['\f'] = C_SPACE, [' '] = C_SPACE,  ['\n'] = C_NEWLINE, ['\r'] = C_NEWLINE,
  ['a' ... 'z'] = C_NAME, ['A' ... 'Z'] = C_NAME, ['$'] = C_NAME, ['_'] = C_NAME, ['0' ... '9'] = C_DIGIT,
  ['"'] = C_QUOTE,    ['\''] = C_QUOTE,   [0x80 ... 0xFF] = C_HIGH,
};

typedef struct TokenInfo {
  const char *text;
  int precedence;
} TokenInfo;

static const TokenInfo token_info[T_COUNT] = {
#define PUNCTUATOR(name, text, precedence) [T_##name] = {text, precedence},
#include "token.def"
#define RESERVED(name, text) [T_##name] = {text, 0},
#include "token.def"
#define CONTEXTUAL(name, text) [T_##name] = {text, 0},
#include "token.def"
};

const char *token_text(TokenType type) {
  return token_info[type].text ? token_info[type].text : "";
}

int token_precedence(TokenType type) {
  return token_info[type].precedence;
}

void lex_fail(Lexer *lexer, uint32_t start, uint32_t end, const char *message) {
  diagnostic_fail(lexer->diagnostic, "SyntaxError", start, end, "%s", message);
  lexer->at = lexer->end;
  lexer->token.type = T_END;
}

static uint32_t offset(const Lexer *lexer, const char *at) {
  return (uint32_t)(at - lexer->source);
}

static int byte_at(const Lexer *lexer, const char *at) {
  return at < lexer->end ? (unsigned char)*at : -1;
}

static void invalid_token(Lexer *lexer, const char *at) {
  uint32_t code;
  int len = unicode_decode(at, lexer->end, &code);
  uint32_t start = offset(lexer, at);
  lex_fail(lexer, start, start + (uint32_t)(len ? len : 1), "Invalid or unexpected token");
}

static bool is_line_separator(const Lexer *lexer, const char *at) {
  return lexer->end - at >= 3 && !memcmp(at, "\xE2\x80", 2) && ((unsigned char)at[2] & 0xFE) == 0xA8;
}

// Steps over the line end at `at`, if one is there.
static const char *skip_newline(Lexer *lexer, const char *at) {
  int c = byte_at(lexer, at);
  if (c == '\n') at++;
  else if (c == '\r') at += byte_at(lexer, at + 1) == '\n' ? 2 : 1;
  else if (c == 0xE2 && is_line_separator(lexer, at)) at += 3;
  else return at;
  lexer->line++;
  return at;
}

static const char *skip_to_newline(const Lexer *lexer, const char *at) {
  while (at < lexer->end && *at != '\n' && *at != '\r' && !((unsigned char)*at == 0xE2 && is_line_separator(lexer, at)))
    at++;
  return at;
}

// White space and comments. False after an error.
static bool skip_blanks(Lexer *lexer) {
  const char *at = lexer->at, *end = lexer->end;
  bool newline = at == lexer->source;
  for (;;) {
    while (at < end && char_class[(unsigned char)*at] == C_SPACE) at++;
    if (at == end) break;
    const char *after = skip_newline(lexer, at);
    if (after != at) {
      newline = true;
      at = after;
    } else if (*at == '/' && byte_at(lexer, at + 1) == '/') {
      at = skip_to_newline(lexer, at);
    } else if (*at == '/' && byte_at(lexer, at + 1) == '*') {
      const char *start = at;
      at += 2;
      while (!(byte_at(lexer, at) == '*' && byte_at(lexer, at + 1) == '/')) {
        if (at >= end) {
          lex_fail(lexer, offset(lexer, start), offset(lexer, end), "Invalid or unexpected token");
          return false;
        }
        after = skip_newline(lexer, at);
        if (after != at) newline = true;
        at = after == at ? at + 1 : after;
      }
      at += 2;
    } else if (*at == '<' && !lexer->module && end - at >= 4 && !memcmp(at, "<!--", 4)) {
      at = skip_to_newline(lexer, at);
    } else if (*at == '-' && newline && !lexer->module && end - at >= 3 && !memcmp(at, "-->", 3)) {
      at = skip_to_newline(lexer, at);
    } else if ((unsigned char)*at >= 0x80) {
      uint32_t code;
      int len = unicode_decode(at, end, &code);
      if (!len || !unicode_space(code)) break;
      at += len;
    } else {
      break;
    }
  }
  lexer->at = at;
  lexer->token.newline = newline;
  return true;
}

// ---- escapes

static int hex_digit(int c) {
  if (c >= '0' && c <= '9') return c - '0';
  c |= 32;
  return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

// What follows `\u`: four digits, or {digits}. Gives the place after it; NULL where it is malformed, with *why set.
static const char *read_unicode_escape(const Lexer *lexer, const char *at, uint32_t *code, const char **why) {
  uint32_t value = 0;
  *why = "Invalid Unicode escape sequence";
  if (byte_at(lexer, at) == '{') {
    at++;
    if (hex_digit(byte_at(lexer, at)) < 0) return NULL;
    for (int digit; (digit = hex_digit(byte_at(lexer, at))) >= 0; at++) {
      value = value * 16 + (uint32_t)digit;
      if (value > 0x10FFFF) {
        *why = "Undefined Unicode code-point";
        return NULL;
      }
    }
    if (byte_at(lexer, at) != '}') return NULL;
    at++;
  } else {
    for (int i = 0; i < 4; i++, at++) {
      int digit = hex_digit(byte_at(lexer, at));
      if (digit < 0) return NULL;
      value = value * 16 + (uint32_t)digit;
    }
  }
  *code = value;
  return at;
}

// Adds a UTF-16 unit or code point; a low surrogate that follows a high one becomes one character with it.
static void add_code(Text *text, uint32_t code) {
  if (code >= 0xDC00 && code < 0xE000 && text->len >= 3) {
    unsigned char *last = (unsigned char *)text->data + text->len - 3;
    if (last[0] == 0xED && last[1] >= 0xA0 && last[1] < 0xB0) {
      uint32_t high = 0xD000u | (last[1] & 63u) << 6 | (last[2] & 63u);
      text->len -= 3;
      code = 0x10000 + ((high - 0xD800) << 10) + (code - 0xDC00);
    }
  }
  text_utf8(text, code);
}

// Copies one character that is not ASCII; bytes that are no UTF-8 become U+FFFD.
static const char *copy_high(const Lexer *lexer, const char *at, Text *text) {
  uint32_t code;
  int len = unicode_decode(at, lexer->end, &code);
  add_code(text, len ? code : 0xFFFD);
  return at + (len ? len : 1);
}

// The escape after a backslash in a string or template. NULL where it is malformed, with *why set.
// In a template, octal escapes are malformed.
static const char *read_escape(Lexer *lexer, const char *at, Text *text, bool in_template, const char **why) {
  const char *after = skip_newline(lexer, at);
  if (after != at) return after; // a line continuation
  int c = byte_at(lexer, at);
  uint32_t code;
  switch (c) {
  case -1:
    *why = "Invalid or unexpected token";
    return NULL;
  case 'b': text_char(text, '\b'); return at + 1;
  case 'f': text_char(text, '\f'); return at + 1;
  case 'n': text_char(text, '\n'); return at + 1;
  case 'r': text_char(text, '\r'); return at + 1;
  case 't': text_char(text, '\t'); return at + 1;
  case 'v': text_char(text, '\v'); return at + 1;
  case 'x': {
    int high = hex_digit(byte_at(lexer, at + 1));
    int low = high < 0 ? -1 : hex_digit(byte_at(lexer, at + 2));
    if (low < 0) {
      *why = "Invalid hexadecimal escape sequence";
      return NULL;
    }
    add_code(text, (uint32_t)(high * 16 + low));
    return at + 3;
  }
  case 'u':
    at = read_unicode_escape(lexer, at + 1, &code, why);
    if (at) add_code(text, code);
    return at;
  case '0' ... '9':
    if (c == '0' && !(byte_at(lexer, at + 1) >= '0' && byte_at(lexer, at + 1) <= '9')) {
      text_char(text, 0);
      return at + 1;
    }
    if (in_template) {
      *why = c >= '8' ? "\\8 and \\9 are not allowed in template strings."
                      : "Octal escape sequences are not allowed in template strings";
      return NULL;
    }
    lexer->token.octal = true;
    if (c >= '8') {
      text_char(text, (char)c);
      return at + 1;
    }
    code = 0;
    for (int most = c <= '3' ? 3 : 2; most && byte_at(lexer, at) >= '0' && byte_at(lexer, at) <= '7'; most--)
      code = code * 8 + (uint32_t)(*at++ - '0');
    add_code(text, code);
    return at;
  default:
    if (c >= 0x80) return copy_high(lexer, at, text);
    text_char(text, (char)c);
    return at + 1;
  }
}

// ---- names

static const char *read_name_slow(Lexer *lexer, const char *start) {
  Text *text = lexer->scratch;
  text->len = 0;
  const char *at = start;
  lexer->token.escaped = false;
  for (bool first = true;; first = false) {
    uint32_t code;
    const char *next;
    int c = byte_at(lexer, at);
    if (c == '\\') {
      const char *why = "Invalid Unicode escape sequence";
      next = byte_at(lexer, at + 1) == 'u' ? read_unicode_escape(lexer, at + 2, &code, &why) : NULL;
      if (next && !(first ? unicode_id_start(code) : unicode_id_part(code))) next = NULL;
      if (!next) {
        lex_fail(lexer, offset(lexer, at), offset(lexer, at) + 1, why);
        return NULL;
      }
      lexer->token.escaped = true;
    } else {
      int len = c < 0 ? 0 : unicode_decode(at, lexer->end, &code);
      if (!len || !(first ? unicode_id_start(code) : unicode_id_part(code))) {
        if (first || (c >= 0x80 && !len)) {
          invalid_token(lexer, at);
          return NULL;
        }
        break;
      }
      next = at + len;
    }
    text_utf8(text, code);
    at = next;
  }
  lexer->token.atom = atom_make(lexer->atoms, text->data, text->len);
  return at;
}

// Reads an identifier's characters into token.atom. NULL after an error.
static const char *read_name(Lexer *lexer, const char *start) {
  const char *at = start;
  while (at < lexer->end) {
    uint8_t class = char_class[(unsigned char)*at];
    if (class != C_NAME && (class != C_DIGIT || at == start)) break;
    at++;
  }
  if (at == start || (at < lexer->end && (*at == '\\' || (unsigned char)*at >= 0x80))) return read_name_slow(lexer, start);
  lexer->token.escaped = false;
  lexer->token.atom = atom_make(lexer->atoms, start, (size_t)(at - start));
  return at;
}

static void lex_name(Lexer *lexer) {
  const char *at = read_name(lexer, lexer->at);
  if (!at) return;
  lexer->at = at;
  Token *token = &lexer->token;
  TokenType keyword = token->atom->token;
  if (keyword >= T_ARGUMENTS) {
    token->type = T_NAME;
    token->word = token->escaped ? 0 : (uint8_t)keyword;
  } else if (keyword) {
    token->type = token->escaped ? T_ESCAPED_RESERVED : (uint8_t)keyword;
  } else {
    token->type = T_NAME;
  }
}

// ---- numbers

// Digits of a power-of-two radix as a double, rounded once.
static double radix_value(const char *digits, size_t len, int bits) {
  uint64_t mantissa = 0;
  int exponent = 0;
  for (size_t i = 0; i < len; i++) {
    uint64_t digit = (uint64_t)hex_digit((unsigned char)digits[i]);
    if (mantissa >> 58) {
      mantissa |= digit != 0; // far below the last bit that counts
      exponent += bits;
      if (exponent > 2000) return HUGE_VAL;
    } else {
      mantissa = mantissa << bits | digit;
    }
  }
  return ldexp((double)mantissa, exponent);
}

// Digits with numeric separators into the scratch text. NULL after an error.
static const char *read_digits(Lexer *lexer, const char *at, int radix, bool separators) {
  const char *start = at;
  for (;; at++) {
    int c = byte_at(lexer, at);
    int digit = hex_digit(c);
    if (digit >= 0 && digit < radix) {
      text_char(lexer->scratch, (char)c);
    } else if (c == '_') {
      const char *why = NULL;
      int next = hex_digit(byte_at(lexer, at + 1));
      if (!separators) why = "Numeric separator can not be used after leading 0.";
      else if (byte_at(lexer, at + 1) == '_') why = "Only one underscore is allowed as numeric separator";
      else if (at == start || next < 0 || next >= radix)
        why = "Numeric separators are not allowed at the end of numeric literals";
      if (why) {
        lex_fail(lexer, offset(lexer, at), offset(lexer, at) + 1, why);
        return NULL;
      }
    } else {
      return at;
    }
  }
}

static void lex_number(Lexer *lexer) {
  const char *start = lexer->at, *at = start;
  Token *token = &lexer->token;
  Text *text = lexer->scratch;
  text->len = 0;
  token->type = T_NUMBER;
  bool integer = true;
  int marker = *at == '0' ? byte_at(lexer, at + 1) | 32 : 0;
  int bits = marker == 'x' ? 4 : marker == 'o' ? 3 : marker == 'b' ? 1 : 0;

  if (bits) {
    at = read_digits(lexer, at + 2, 1 << bits, true);
    if (!at) return;
    if (!text->len) return invalid_token(lexer, at);
    token->number = radix_value(text->data, text->len, bits);
  } else if (*at == '0' && byte_at(lexer, at + 1) >= '0' && byte_at(lexer, at + 1) <= '9') {
    token->octal = true;
    bool octal = true;
    for (const char *p = at; byte_at(lexer, p) >= '0' && byte_at(lexer, p) <= '9'; p++)
      if (*p >= '8') octal = false;
    at = read_digits(lexer, at, octal ? 8 : 10, false);
    if (!at) return;
    integer = false; // no BigInt
    if (octal) {
      token->number = radix_value(text->data, text->len, 3);
      goto done;
    }
    goto fraction;
  } else {
    if (*at == '0' && byte_at(lexer, at + 1) == '_') {
      lex_fail(lexer, offset(lexer, at) + 1, offset(lexer, at) + 2, "Numeric separator can not be used after leading 0.");
      return;
    }
    if (*at != '.') {
      at = read_digits(lexer, at, 10, true);
      if (!at) return;
    }
  fraction:
    if (byte_at(lexer, at) == '.') {
      integer = false;
      text_char(text, '.');
      if (byte_at(lexer, at + 1) == '_') {
        lex_fail(lexer, offset(lexer, at) + 1, offset(lexer, at) + 2,
                 "Numeric separators are not allowed at the end of numeric literals");
        return;
      }
      at = read_digits(lexer, at + 1, 10, true);
      if (!at) return;
    }
    if ((byte_at(lexer, at) | 32) == 'e') {
      integer = false;
      text_char(text, 'e');
      at++;
      if (byte_at(lexer, at) == '+' || byte_at(lexer, at) == '-') text_char(text, *at++);
      size_t before = text->len;
      at = read_digits(lexer, at, 10, true);
      if (!at) return;
      if (text->len == before) return invalid_token(lexer, at < lexer->end ? at : lexer->at);
    }
    if (text->len <= 15 && integer) {
      uint64_t value = 0;
      for (size_t i = 0; i < text->len; i++) value = value * 10 + (uint64_t)(text->data[i] - '0');
      token->number = (double)value;
    } else {
      token->number = strtod(text_done(text), NULL);
    }
  }
  if (integer && byte_at(lexer, at) == 'n') {
    token->type = T_BIGINT;
    if (bits) { // keep the prefix
      char prefix[2] = {'0', (char)marker};
      size_t len = text->len;
      text_add(text, prefix, 2);
      memmove(text->data + 2, text->data, len);
      memcpy(text->data, prefix, 2);
    }
    token->atom = atom_make(lexer->atoms, text->data, text->len);
    at++;
  }
done:;
  uint32_t code;
  int c = byte_at(lexer, at);
  if (c == '\\' || (c >= 0 && unicode_decode(at, lexer->end, &code) && (unicode_id_part(code))))
    return invalid_token(lexer, at);
  lexer->at = at;
}

// ---- strings, templates, regular expressions

static void lex_string(Lexer *lexer) {
  const char *start = lexer->at, *at = start + 1;
  char quote = *start;
  Token *token = &lexer->token;
  token->type = T_STRING;
  while (at < lexer->end && *at != quote && *at != '\\' && *at != '\n' && *at != '\r' && (unsigned char)*at < 0x80) at++;
  if (at < lexer->end && *at == quote) {
    token->atom = atom_make(lexer->atoms, start + 1, (size_t)(at - start - 1));
    lexer->at = at + 1;
    return;
  }
  Text *text = lexer->scratch;
  text->len = 0;
  text_add(text, start + 1, (size_t)(at - start - 1));
  for (;;) {
    int c = byte_at(lexer, at);
    if (c == quote) break;
    if (c < 0 || c == '\n' || c == '\r') {
      lex_fail(lexer, offset(lexer, start), offset(lexer, start) + 1, "Invalid or unexpected token");
      return;
    }
    if (c == '\\') {
      const char *why = NULL, *escape = at;
      token->escaped = true;
      at = read_escape(lexer, at + 1, text, false, &why);
      if (!at) {
        lex_fail(lexer, offset(lexer, escape), offset(lexer, escape) + 2, why);
        return;
      }
    } else if (c >= 0x80) {
      if (is_line_separator(lexer, at)) lexer->line++;
      at = copy_high(lexer, at, text);
    } else {
      text_char(text, (char)c);
      at++;
    }
  }
  token->atom = atom_make(lexer->atoms, text->data ? text->data : "", text->len);
  lexer->at = at + 1;
}

// The raw text of a template part: line ends normalized to LF (ECMA-262 12.9.6.1).
static Atom *raw_template(Lexer *lexer, const char *start, const char *end) {
  Text text = {0};
  const char *from = start;
  for (const char *at = start; at < end; at++) {
    if (*at != '\r') continue;
    text_add(&text, from, (size_t)(at - from));
    text_char(&text, '\n');
    if (at + 1 < end && at[1] == '\n') at++;
    from = at + 1;
  }
  Atom *raw;
  if (from == start) {
    raw = atom_make(lexer->atoms, start, (size_t)(end - start));
  } else {
    text_add(&text, from, (size_t)(end - from));
    raw = atom_make(lexer->atoms, text.data, text.len);
  }
  text_free(&text);
  return raw;
}

void lex_template(Lexer *lexer) {
  Token *token = &lexer->token;
  if (token->type == T_END) return;
  const char *start = lexer->source + token->start + 1, *at = start;
  Text *text = lexer->scratch;
  text->len = 0;
  bool valid = true;
  for (;;) {
    int c = byte_at(lexer, at);
    if (c == '`' || (c == '$' && byte_at(lexer, at + 1) == '{')) break;
    if (c < 0) {
      lex_fail(lexer, token->start, offset(lexer, lexer->end), "Unterminated template literal");
      return;
    }
    if (c == '\\') {
      const char *why = NULL, *next = at + 1 < lexer->end ? read_escape(lexer, at + 1, text, true, &why) : NULL;
      if (!next) { // the raw text goes on after the backslash's character
        valid = false;
        next = at + 1 < lexer->end ? at + 2 : at + 1;
      }
      at = next;
    } else if (c == '\r' || c == '\n') {
      text_char(text, '\n');
      at = skip_newline(lexer, at);
    } else if (c >= 0x80) {
      if (is_line_separator(lexer, at)) lexer->line++;
      at = copy_high(lexer, at, text);
    } else {
      text_char(text, (char)c);
      at++;
    }
  }
  token->type = T_TEMPLATE;
  token->tail = *at == '`';
  token->atom = valid ? atom_make(lexer->atoms, text->data ? text->data : "", text->len) : NULL;
  token->second = raw_template(lexer, start, at);
  lexer->at = at + (token->tail ? 1 : 2);
  token->end = offset(lexer, lexer->at);
}

void lex_regexp(Lexer *lexer) {
  Token *token = &lexer->token;
  if (token->type == T_END) return;
  const char *start = lexer->source + token->start + 1, *at = start;
  for (bool class = false;; at++) {
    int c = byte_at(lexer, at);
    if (c == '\\' && at + 1 < lexer->end) c = byte_at(lexer, ++at), c = c == '\n' || c == '\r' || c == 0xE2 ? c : 'a';
    if (c < 0 || c == '\n' || c == '\r' || (c == 0xE2 && is_line_separator(lexer, at))) {
      lex_fail(lexer, token->start, offset(lexer, at), "Invalid regular expression: missing /");
      return;
    }
    if (c == '[') class = true;
    if (c == ']') class = false;
    if (c == '/' && !class) break;
  }
  Text *text = lexer->scratch;
  text->len = 0;
  for (const char *p = start; p < at;) {
    if ((unsigned char)*p >= 0x80) p = copy_high(lexer, p, text);
    else text_char(text, *p++);
  }
  token->type = T_REGEXP;
  Atom *pattern = atom_make(lexer->atoms, text->data ? text->data : "", text->len);
  const char *flags = ++at;
  while (at < lexer->end) {
    uint32_t code;
    int len = unicode_decode(at, lexer->end, &code);
    if (*at == '\\') {
      lex_fail(lexer, token->start, offset(lexer, at), "Invalid regular expression flags");
      return;
    }
    if (!len || !unicode_id_part(code)) break;
    at += len;
  }
  token->atom = pattern;
  token->second = atom_make(lexer->atoms, flags, (size_t)(at - flags));
  lexer->at = at;
  token->end = offset(lexer, at);
}

// ---- punctuators


static TokenType read_punctuator(Lexer *lexer, const char *at, int *len) {
  int a = byte_at(lexer, at), b = byte_at(lexer, at + 1), c = byte_at(lexer, at + 2), d = byte_at(lexer, at + 3);
  *len = 1;
  switch (a) {
  case '{': return T_LBRACE;
  case '}': return T_RBRACE;
  case '(': return T_LPAREN;
  case ')': return T_RPAREN;
  case '[': return T_LBRACKET;
  case ']': return T_RBRACKET;
  case ';': return T_SEMICOLON;
  case ',': return T_COMMA;
  case ':': return T_COLON;
  case '~': return T_BITNOT;
  case '`': return T_BACKQUOTE;
  case '.': return b == '.' && c == '.' ? (*len = 3, T_ELLIPSIS) : T_DOT;
  case '?':
    if (b == '?') return c == '=' ? (*len = 3, T_ASSIGN_NULLISH) : (*len = 2, T_NULLISH);
    return b == '.' && !(c >= '0' && c <= '9') ? (*len = 2, T_OPTIONAL) : T_QUESTION;
  case '=':
    if (b == '=') return c == '=' ? (*len = 3, T_SEQ) : (*len = 2, T_EQ);
    return b == '>' ? (*len = 2, T_ARROW) : T_ASSIGN;
  case '!':
    if (b == '=') return c == '=' ? (*len = 3, T_SNE) : (*len = 2, T_NE);
    return T_NOT;
  case '+': return b == '+' ? (*len = 2, T_INC) : b == '=' ? (*len = 2, T_ASSIGN_ADD) : T_ADD;
  case '-': return b == '-' ? (*len = 2, T_DEC) : b == '=' ? (*len = 2, T_ASSIGN_SUB) : T_SUB;
  case '*':
    if (b == '*') return c == '=' ? (*len = 3, T_ASSIGN_POW) : (*len = 2, T_POW);
    return b == '=' ? (*len = 2, T_ASSIGN_MUL) : T_MUL;
  case '/': return b == '=' ? (*len = 2, T_ASSIGN_DIV) : T_DIV;
  case '%': return b == '=' ? (*len = 2, T_ASSIGN_MOD) : T_MOD;
  case '&':
    if (b == '&') return c == '=' ? (*len = 3, T_ASSIGN_AND) : (*len = 2, T_AND);
    return b == '=' ? (*len = 2, T_ASSIGN_BITAND) : T_BITAND;
  case '|':
    if (b == '|') return c == '=' ? (*len = 3, T_ASSIGN_OR) : (*len = 2, T_OR);
    return b == '=' ? (*len = 2, T_ASSIGN_BITOR) : T_BITOR;
  case '^': return b == '=' ? (*len = 2, T_ASSIGN_BITXOR) : T_BITXOR;
  case '<':
    if (b == '<') return c == '=' ? (*len = 3, T_ASSIGN_SHL) : (*len = 2, T_SHL);
    return b == '=' ? (*len = 2, T_LE) : T_LT;
  case '>':
    if (b == '>' && c == '>') return d == '=' ? (*len = 4, T_ASSIGN_SHR) : (*len = 3, T_SHR);
    if (b == '>') return c == '=' ? (*len = 3, T_ASSIGN_SAR) : (*len = 2, T_SAR);
    return b == '=' ? (*len = 2, T_GE) : T_GT;
  default: return T_END;
  }
}

void lex_next(Lexer *lexer) {
  lexer->last_end = lexer->token.end;
  lexer->last_line = lexer->line;
  lexer->token = (Token){0};
  if (lexer->diagnostic->failed || !skip_blanks(lexer)) return;
  Token *token = &lexer->token;
  token->start = token->end = offset(lexer, lexer->at);
  token->line = lexer->line;
  if (lexer->at == lexer->end) return;
  int c = (unsigned char)*lexer->at;
  switch (char_class[c]) {
  case C_NAME:
  case C_HIGH: lex_name(lexer); break;
  case C_DIGIT: lex_number(lexer); break;
  case C_QUOTE: lex_string(lexer); break;
  default:
    if (c == '\\') {
      lex_name(lexer);
    } else if (c == '#') {
      const char *at = read_name(lexer, lexer->at + 1);
      if (!at) break;
      const Atom *name = token->atom; // the atom of a private name begins with #
      lexer->scratch->len = 0;
      text_char(lexer->scratch, '#');
      text_add(lexer->scratch, name->text, name->len);
      token->atom = atom_make(lexer->atoms, lexer->scratch->data, lexer->scratch->len);
      token->type = T_HASH_NAME;
      lexer->at = at;
    } else if (c == '.' && byte_at(lexer, lexer->at + 1) >= '0' && byte_at(lexer, lexer->at + 1) <= '9') {
      lex_number(lexer);
    } else {
      int len;
      token->type = (uint8_t)read_punctuator(lexer, lexer->at, &len);
      if (token->type) lexer->at += len;
      else invalid_token(lexer, lexer->at);
    }
  }
  token->end = offset(lexer, lexer->at);
}

void lex_init(Lexer *lexer, const char *source, size_t len, Atoms *atoms, Text *scratch, Diagnostic *diagnostic,
              bool module) {
  *lexer = (Lexer){.source = source, .at = source, .end = source + len, .line = 1, .module = module,
                   .atoms = atoms, .scratch = scratch, .diagnostic = diagnostic};
#define RESERVED(name, text) atom_make(atoms, text, sizeof text - 1)->token = T_##name;
#include "token.def"
#define CONTEXTUAL(name, text) atom_make(atoms, text, sizeof text - 1)->token = T_##name;
#include "token.def"
  if (len >= 3 && !memcmp(source, "\xEF\xBB\xBF", 3)) lexer->at += 3;
  if (lexer->end - lexer->at >= 2 && !memcmp(lexer->at, "#!", 2)) lexer->at = skip_to_newline(lexer, lexer->at);
  lex_next(lexer);
  lexer->token.newline = true;
}

void lex_unexpected(Lexer *lexer) {
  const Token *token = &lexer->token;
  uint32_t start = token->start, end = token->end;
  Diagnostic *d = lexer->diagnostic;
  const char *text = token->atom ? token->atom->text : "";
  switch (token->type) {
  case T_END: diagnostic_fail(d, "SyntaxError", start, end, "Unexpected end of input"); break;
  case T_NUMBER:
  case T_BIGINT: diagnostic_fail(d, "SyntaxError", start, end, "Unexpected number"); break;
  case T_STRING: diagnostic_fail(d, "SyntaxError", start, end, "Unexpected string"); break;
  case T_BACKQUOTE:
  case T_TEMPLATE: diagnostic_fail(d, "SyntaxError", start, end, "Unexpected template string"); break;
  case T_NAME: diagnostic_fail(d, "SyntaxError", start, end, "Unexpected identifier '%.150s'", text); break;
  case T_HASH_NAME: diagnostic_fail(d, "SyntaxError", start, end, "Unexpected identifier '%.150s'", text); break;
  case T_ESCAPED_RESERVED:
    diagnostic_fail(d, "SyntaxError", start, end, "Keyword must not contain escaped characters");
    break;
  case T_REGEXP: diagnostic_fail(d, "SyntaxError", start, end, "Unexpected regular expression"); break;
  default: diagnostic_fail(d, "SyntaxError", start, end, "Unexpected token '%s'", token_text(token->type));
  }
  lexer->at = lexer->end;
  lexer->token.type = T_END;
}

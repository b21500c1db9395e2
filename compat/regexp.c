// SPDX-License-Identifier: MIT
#include "regexp.h"

#include "unicode.h"

#include <string.h>

typedef struct GroupName {
  const char *name;
  size_t len;
} GroupName;

enum { DEPTH_LIMIT = 500, NAMES_LIMIT = 200 };

typedef struct Pattern {
  const char *at, *end;
  bool unicode, sets, named; // flags u or v, flag v, \k is a reference
  bool texts;                // the operand read last, of a class under the flag v, may match other than one character
  const char *fault;
  uint32_t groups, depth;
  uint32_t greatest_reference;
  GroupName names[NAMES_LIMIT];
  uint32_t name_count;
  GroupName wanted[64];
  uint32_t wanted_count;
} Pattern;

static int peek(const Pattern *r) {
  return r->at < r->end ? (unsigned char)*r->at : -1;
}

static int peek_at(const Pattern *r, int n) {
  return r->end - r->at > n ? (unsigned char)r->at[n] : -1;
}

static bool eat(Pattern *r, char c) {
  if (peek(r) != (unsigned char)c) return false;
  r->at++;
  return true;
}

static bool fail(Pattern *r, const char *fault) {
  if (!r->fault) r->fault = fault;
  r->at = r->end;
  return false;
}

static uint32_t next_code(Pattern *r) {
  uint32_t code = 0xFFFD;
  int len = unicode_decode(r->at, r->end, &code);
  r->at += len ? len : 1;
  return code;
}

static int hex(int c) {
  if (c >= '0' && c <= '9') return c - '0';
  c |= 32;
  return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

static bool read_hex(Pattern *r, int count, uint32_t *code) {
  uint32_t value = 0;
  for (int i = 0; i < count; i++) {
    int digit = hex(peek_at(r, i));
    if (digit < 0) return false;
    value = value * 16 + (uint32_t)digit;
  }
  r->at += count;
  *code = value;
  return true;
}

// What follows \u. In a group's name the braces are allowed without the flag u.
static bool read_unicode(Pattern *r, bool braces, uint32_t *code) {
  if (braces && peek(r) == '{') {
    const char *start = r->at++;
    uint32_t value = 0;
    if (hex(peek(r)) < 0) return r->at = start, false;
    while (hex(peek(r)) >= 0) {
      value = value * 16 + (uint32_t)hex(peek(r));
      if (value > 0x10FFFF) return r->at = start, false;
      r->at++;
    }
    if (!eat(r, '}')) return r->at = start, false;
    *code = value;
    return true;
  }
  if (!read_hex(r, 4, code)) return false;
  if (braces && *code >= 0xD800 && *code < 0xDC00 && peek(r) == '\\' && peek_at(r, 1) == 'u') {
    const char *start = r->at;
    uint32_t low;
    r->at += 2;
    if (read_hex(r, 4, &low) && low >= 0xDC00 && low < 0xE000) *code = 0x10000 + ((*code - 0xD800) << 10) + (low - 0xDC00);
    else r->at = start;
  }
  return true;
}

// <name> after (? or \k. The name's code points are written to `text`, normalized from escapes, by identity of spelling.
static bool read_group_name(Pattern *r, GroupName *name) {
  if (!eat(r, '<')) return fail(r, "Invalid capture group name");
  name->name = r->at;
  bool first = true;
  while (peek(r) != '>') {
    uint32_t code;
    if (peek(r) < 0) return fail(r, "Invalid capture group name");
    if (eat(r, '\\')) {
      if (!eat(r, 'u') || !read_unicode(r, true, &code)) return fail(r, "Invalid Unicode escape");
    } else {
      code = next_code(r);
    }
    if (!(first ? unicode_id_start(code) : unicode_id_part(code))) return fail(r, "Invalid capture group name");
    first = false;
  }
  name->len = (size_t)(r->at - name->name);
  r->at++;
  return first ? fail(r, "Invalid capture group name") : true;
}

static bool add_group_name(Pattern *r) {
  GroupName name = {0};
  if (!read_group_name(r, &name)) return false;
  for (uint32_t i = 0; i < r->name_count; i++)
    if (r->names[i].len == name.len && !memcmp(r->names[i].name, name.name, name.len))
      return fail(r, "Duplicate capture group name");
  if (r->name_count < NAMES_LIMIT) r->names[r->name_count++] = name;
  return true;
}

static bool read_decimal(Pattern *r, uint32_t *value) {
  if (!(peek(r) >= '0' && peek(r) <= '9')) return false;
  uint32_t n = 0;
  while (peek(r) >= '0' && peek(r) <= '9') {
    n = n > 400000000 ? 4000000000u : n * 10 + (uint32_t)(*r->at - '0');
    r->at++;
  }
  *value = n;
  return true;
}

// ---- \p{…}

static const char *const categories[] = {
#define CATEGORY(name) #name,
#include "property.def"
};
static const char *const scripts[] = {
#define SCRIPT(name) #name,
#include "property.def"
};
static const char *const binaries[] = {
#define BINARY(name) #name,
#include "property.def"
};
static const char *const strings[] = {
#define STRINGS(name) #name,
#include "property.def"
};

static bool is_one_of(const char *const *list, size_t count, const char *name, size_t len) {
  for (size_t i = 0; i < count; i++)
    if (!strncmp(list[i], name, len) && !list[i][len]) return true;
  return false;
}

#define IS_ONE_OF(list, name, len) is_one_of(list, sizeof list / sizeof *list, name, len)

static bool is_word(const char *word, const char *name, size_t len) {
  return strlen(word) == len && !memcmp(word, name, len);
}

// \p{Name} or \p{Name=Value}; the letter is read.
static bool read_property(Pattern *r, bool negated) {
  if (!eat(r, '{')) return fail(r, "Invalid property name");
  const char *name = r->at, *value = NULL;
  for (int c; (c = peek(r)) != '}'; r->at++) {
    bool word = c == '_' || (c >= '0' && c <= '9') || ((c | 32) >= 'a' && (c | 32) <= 'z');
    if (c == '=' && !value) value = r->at + 1;
    else if (!word) return fail(r, "Invalid property name");
  }
  size_t len = (size_t)((value ? value - 1 : r->at) - name);
  bool known;
  if (!value) {
    bool texts = r->sets && !negated && IS_ONE_OF(strings, name, len);
    known = texts || IS_ONE_OF(categories, name, len) || IS_ONE_OF(binaries, name, len);
    if (texts) r->texts = true;
  } else {
    size_t rest = (size_t)(r->at - value);
    if (is_word("General_Category", name, len) || is_word("gc", name, len)) known = IS_ONE_OF(categories, value, rest);
    else
      known = (is_word("Script", name, len) || is_word("sc", name, len) || is_word("Script_Extensions", name, len) || is_word("scx", name, len)) &&
              IS_ONE_OF(scripts, value, rest);
  }
  if (!known) return fail(r, "Invalid property name");
  r->at++;
  return true;
}

enum { NO_CODE = 0xFFFFFFFF }; // a class escape: no single character

static bool is_syntax(int c) {
  return c > 0 && strchr("^$\\.*+?()[]{}|/", c);
}

// An escape that is right both in a class and outside; *code is the character. The backslash is read.
static bool character_escape(Pattern *r, bool in_class, uint32_t *code) {
  int c = peek(r);
  *code = NO_CODE;
  switch (c) {
  case -1: return fail(r, "\\ at end of pattern");
  case 'd': case 'D': case 's': case 'S': case 'w': case 'W': r->at++; return true;
  case 'p': case 'P':
    r->at++;
    if (r->unicode) return read_property(r, c == 'P');
    *code = (uint32_t)c;
    return true;
  case 'f': r->at++; *code = '\f'; return true;
  case 'n': r->at++; *code = '\n'; return true;
  case 'r': r->at++; *code = '\r'; return true;
  case 't': r->at++; *code = '\t'; return true;
  case 'v': r->at++; *code = '\v'; return true;
  case 'c': {
    int letter = peek_at(r, 1);
    if ((letter | 32) >= 'a' && (letter | 32) <= 'z') {
      r->at += 2;
      *code = (uint32_t)letter & 31;
      return true;
    }
    if (r->unicode) return fail(r, "Invalid unicode escape");
    if (in_class && (letter == '_' || (letter >= '0' && letter <= '9'))) {
      r->at += 2;
      *code = (uint32_t)letter & 31;
      return true;
    }
    *code = '\\'; // the backslash stands for itself, and the c is read next
    return true;
  }
  case '0':
    if (!(peek_at(r, 1) >= '0' && peek_at(r, 1) <= '9')) {
      r->at++;
      *code = 0;
      return true;
    }
    // fall through
  case '1': case '2': case '3': case '4': case '5': case '6': case '7':
    if (r->unicode) return fail(r, in_class ? "Invalid class escape" : "Invalid decimal escape");
    *code = 0;
    for (int most = c <= '3' ? 3 : 2; most && peek(r) >= '0' && peek(r) <= '7'; most--)
      *code = *code * 8 + (uint32_t)(*r->at++ - '0');
    return true;
  case 'x':
    r->at++;
    if (read_hex(r, 2, code)) return true;
    if (r->unicode) return fail(r, "Invalid escape");
    *code = 'x';
    return true;
  case 'u':
    r->at++;
    if (read_unicode(r, r->unicode, code)) return true;
    if (r->unicode) return fail(r, "Invalid Unicode escape");
    *code = 'u';
    return true;
  default:
    if (r->unicode) {
      if (is_syntax(c) || (in_class && c == '-')) return r->at++, *code = (uint32_t)c, true;
      return fail(r, "Invalid escape");
    }
    if (c == 'k' && r->named) return fail(r, "Invalid escape");
    *code = next_code(r);
    return true;
  }
}

static bool class_atom(Pattern *r, uint32_t *code) {
  if (!eat(r, '\\')) return *code = next_code(r), true;
  if (eat(r, 'b')) return *code = '\b', true;
  return character_escape(r, true, code);
}

// [ … ] without the flag v; the bracket is read.
static bool read_class(Pattern *r) {
  eat(r, '^');
  while (peek(r) != ']') {
    uint32_t first, last;
    if (peek(r) < 0) return fail(r, "Unterminated character class");
    if (!class_atom(r, &first)) return false;
    if (peek(r) != '-' || peek_at(r, 1) == ']' || peek_at(r, 1) < 0) continue;
    r->at++;
    if (!class_atom(r, &last)) return false;
    if (first == NO_CODE || last == NO_CODE) {
      if (r->unicode) return fail(r, "Invalid character class");
    } else if (first > last) {
      return fail(r, "Range out of order in character class");
    }
  }
  r->at++;
  return true;
}

static bool is_double_punctuator(const Pattern *r) {
  int c = peek(r);
  return c > 0 && c == peek_at(r, 1) && strchr("&!#$%*+,.:;<=>?@^`~", c);
}

static bool set_class(Pattern *r);

// One operand of a class under the flag v. *code is its character, NO_CODE for a set.
static bool set_operand(Pattern *r, uint32_t *code) {
  *code = NO_CODE;
  r->texts = false;
  int c = peek(r);
  if (c < 0) return fail(r, "Unterminated character class");
  if (eat(r, '[')) return set_class(r);
  if (eat(r, '\\')) {
    if (peek(r) == 'q' && peek_at(r, 1) == '{') {
      r->at += 2;
      bool texts = false;
      uint32_t count = 0;
      for (; peek(r) != '}'; count++) {
        uint32_t ignored;
        if (eat(r, '|')) {
          if (count != 1) texts = true;
          count = UINT32_MAX; // 0 with the loop's step
          continue;
        }
        if (peek(r) < 0) return fail(r, "Invalid escape");
        if (strchr("()[]{}/-", peek(r)) || is_double_punctuator(r)) return fail(r, "Invalid character in character class");
        if (!set_operand(r, &ignored)) return false;
        if (ignored == NO_CODE) return fail(r, "Invalid escape");
      }
      r->at++;
      r->texts = texts || count != 1;
      return true;
    }
    if (peek(r) > 0 && strchr("&-!#%,:;<=>@`~", peek(r))) return *code = next_code(r), true;
    if (eat(r, 'b')) return *code = '\b', true;
    return character_escape(r, true, code);
  }
  if (strchr("()[]{}/-|", c)) return fail(r, "Invalid character in character class");
  if (is_double_punctuator(r)) return fail(r, "Invalid set operation in character class");
  *code = next_code(r);
  return true;
}

static bool set_class(Pattern *r) {
  if (++r->depth > DEPTH_LIMIT) return fail(r, "Regular expression too large");
  bool negated = eat(r, '^'), texts = false;
  char operation = 0; // of the whole class: & or -, u for a union
  for (bool first = true; peek(r) != ']'; first = false) {
    uint32_t code, last;
    if (peek(r) < 0) return fail(r, "Unterminated character class");
    if (!first) {
      char this_operation = 'u';
      if (peek(r) == '&' && peek_at(r, 1) == '&') this_operation = '&';
      if (peek(r) == '-' && peek_at(r, 1) == '-') this_operation = '-';
      if (this_operation != 'u') r->at += 2;
      if (operation && operation != this_operation) return fail(r, "Invalid set operation in character class");
      operation = this_operation;
      if (operation == '&' && peek(r) == '&') return fail(r, "Invalid character in character class");
    }
    if (!set_operand(r, &code)) return false;
    if (first || operation == 'u') texts = texts || r->texts;
    else if (operation == '&') texts = texts && r->texts;
    if (peek(r) == '-' && peek_at(r, 1) != '-') {
      r->at++;
      if (code == NO_CODE || (operation && operation != 'u')) return fail(r, "Invalid character class");
      if (!set_operand(r, &last)) return false;
      if (last == NO_CODE) return fail(r, "Invalid character class");
      if (code > last) return fail(r, "Range out of order in character class");
      operation = 'u';
    }
  }
  if (negated && texts) return fail(r, "Negated character class may contain strings");
  r->texts = texts;
  r->at++;
  r->depth--;
  return true;
}

static bool disjunction(Pattern *r);

// {n}, {n,}, {n,m}: true if one was read.
static bool read_braces(Pattern *r) {
  const char *start = r->at;
  uint32_t least, most;
  if (!eat(r, '{') || !read_decimal(r, &least)) return r->at = start, false;
  most = 4000000000u;
  if (!eat(r, ',')) most = least;
  else if (peek(r) != '}' && !read_decimal(r, &most)) return r->at = start, false;
  if (!eat(r, '}')) return r->at = start, false;
  if (least > most) fail(r, "numbers out of order in {} quantifier");
  return true;
}

static bool quantifier(Pattern *r, bool allowed) {
  int c = peek(r);
  bool found = false;
  if (c == '*' || c == '+' || c == '?') {
    r->at++;
    found = true;
  } else if (c == '{') {
    found = read_braces(r);
    if (!found && r->unicode) return fail(r, "Incomplete quantifier");
  }
  if (r->fault) return false;
  if (found && !allowed) return fail(r, "Nothing to repeat");
  if (found) eat(r, '?');
  return true;
}

static bool group(Pattern *r) {
  bool quantifiable = true;
  if (eat(r, '?')) {
    if (eat(r, ':')) {
      // no capture
    } else if (eat(r, '=') || eat(r, '!')) {
      quantifiable = !r->unicode;
    } else if (peek(r) == '<' && (peek_at(r, 1) == '=' || peek_at(r, 1) == '!')) {
      r->at += 2;
      quantifiable = false;
    } else if (peek(r) == '<') {
      r->groups++;
      if (!add_group_name(r)) return false;
    } else {
      return fail(r, "Invalid group");
    }
  } else {
    r->groups++;
  }
  if (!disjunction(r)) return false;
  if (!eat(r, ')')) return fail(r, "Unterminated group");
  return quantifier(r, quantifiable);
}

static bool atom_escape(Pattern *r) {
  int c = peek(r);
  uint32_t code;
  if (c == 'b' || c == 'B') {
    r->at++;
    return quantifier(r, false);
  }
  if (c >= '1' && c <= '9') {
    const char *start = r->at;
    uint32_t number;
    read_decimal(r, &number);
    if (r->unicode) {
      if (number > r->greatest_reference) r->greatest_reference = number;
      return quantifier(r, true);
    }
    r->at = start;
    if (c >= '8') {
      r->at++;
      return quantifier(r, true);
    }
  }
  if (c == 'k' && (r->unicode || r->named)) {
    GroupName name = {0};
    r->at++;
    if (peek(r) != '<') return fail(r, "Invalid named reference");
    if (!read_group_name(r, &name)) {
      r->fault = "Invalid named reference";
      return false;
    }
    if (r->wanted_count < sizeof r->wanted / sizeof *r->wanted) r->wanted[r->wanted_count++] = name;
    return quantifier(r, true);
  }
  return character_escape(r, false, &code) && quantifier(r, true);
}

static bool term(Pattern *r) {
  int c = peek(r);
  switch (c) {
  case '^':
  case '$':
    r->at++;
    return quantifier(r, false);
  case '(':
    r->at++;
    return group(r);
  case '[':
    r->at++;
    return (r->sets ? set_class(r) : read_class(r)) && quantifier(r, true);
  case '\\':
    r->at++;
    return atom_escape(r);
  case '*':
  case '+':
  case '?': return fail(r, "Nothing to repeat");
  case '{':
    if (r->unicode) return fail(r, "Nothing to repeat");
    if (read_braces(r)) return fail(r, "Nothing to repeat");
    r->at++;
    return quantifier(r, true);
  case '}':
  case ']':
    if (r->unicode) return fail(r, "Lone quantifier brackets");
    // fall through
  default:
    next_code(r);
    return quantifier(r, true);
  }
}

static bool disjunction(Pattern *r) {
  if (++r->depth > DEPTH_LIMIT) return fail(r, "Regular expression too large");
  while (r->at < r->end && peek(r) != ')') {
    if (eat(r, '|')) continue;
    if (!term(r)) return false;
  }
  r->depth--;
  return !r->fault;
}

static bool has_group_name(const Atom *pattern) {
  bool class = false;
  for (uint32_t i = 0; i < pattern->len; i++) {
    char c = pattern->text[i];
    if (c == '\\') i++;
    else if (c == '[') class = true;
    else if (c == ']') class = false;
    else if (c == '(' && !class && i + 3 < pattern->len && pattern->text[i + 1] == '?' && pattern->text[i + 2] == '<' &&
             pattern->text[i + 3] != '=' && pattern->text[i + 3] != '!')
      return true;
  }
  return false;
}

const char *regexp_check(const Atom *pattern, const Atom *flags, bool *flags_wrong) {
  *flags_wrong = true;
  for (uint32_t i = 0; i < flags->len; i++) {
    if (!strchr("dgimsuvy", flags->text[i]) || !flags->text[i]) return "Invalid flags";
    if (memchr(flags->text, flags->text[i], i)) return "Invalid flags";
  }
  bool u = memchr(flags->text, 'u', flags->len), v = memchr(flags->text, 'v', flags->len);
  if (u && v) return "Invalid flags";
  *flags_wrong = false;
  Pattern r = {.at = pattern->text, .end = pattern->text + pattern->len, .unicode = u || v, .sets = v};
  r.named = has_group_name(pattern);
  if (disjunction(&r) && r.at < r.end) fail(&r, "Unmatched ')'");
  if (r.fault) return r.fault;
  if (r.unicode && r.greatest_reference > r.groups) return "Invalid escape";
  for (uint32_t i = 0; i < r.wanted_count; i++) {
    bool found = false;
    for (uint32_t k = 0; k < r.name_count; k++)
      if (r.names[k].len == r.wanted[i].len && !memcmp(r.names[k].name, r.wanted[i].name, r.names[k].len)) found = true;
    if (!found) return "Invalid named capture referenced";
  }
  return NULL;
}

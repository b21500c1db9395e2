// SPDX-License-Identifier: MIT
//
// core.idna: toASCII(domain) -> text, or nil when it is no valid name · toUnicode(domain) -> text
#define _GNU_SOURCE
#include "idna.h"

#include <dlfcn.h>
#include <lauxlib.h>
#include <lua.h>
#include <pthread.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unicase.h>
#include <unictype.h>
#include <uninorm.h>

#include "areas.h"
#include "encoding.h"

// ---- the library

static struct {
  __typeof__(u32_casefold) *casefold;
  __typeof__(u32_normalize) *normalize;
  __typeof__(uc_is_general_category_withtable) *in_category;
  __typeof__(uc_combining_class) *combining_class;
  __typeof__(uc_bidi_class) *bidi_class;
  __typeof__(uc_joining_type) *joining_type;
  __typeof__(uc_is_property_default_ignorable_code_point) *ignorable;
  uninorm_t nfc, nfkc;
} uni;

static const struct {
  const char *name;
  void *where;
} NAMES[] = {
    {"u32_casefold", &uni.casefold},
    {"u32_normalize", &uni.normalize},
    {"uc_is_general_category_withtable", &uni.in_category},
    {"uc_combining_class", &uni.combining_class},
    {"uc_bidi_class", &uni.bidi_class},
    {"uc_joining_type", &uni.joining_type},
    {"uc_is_property_default_ignorable_code_point", &uni.ignorable},
    {"uninorm_nfc", &uni.nfc},
    {"uninorm_nfkc", &uni.nfkc},
};

static pthread_once_t once = PTHREAD_ONCE_INIT;
static char problem[512];

static void load(void) {
  static const char *const libraries[] = {
#ifdef UNISTRING_LIBDIR
      UNISTRING_LIBDIR "/libunistring.so",
#endif
      "libunistring.so.5", "libunistring.so.2", "libunistring.so"};
  void *library = NULL;
  for (size_t i = 0; i < sizeof libraries / sizeof *libraries && library == NULL; i++) library = dlopen(libraries[i], RTLD_NOW | RTLD_LOCAL);
  if (library == NULL) {
    snprintf(problem, sizeof problem, "international host names need libunistring: %s", dlerror());
    return;
  }
  for (size_t i = 0; i < sizeof NAMES / sizeof *NAMES; i++) {
    void *address = dlsym(library, NAMES[i].name);
    if (address == NULL) {
      snprintf(problem, sizeof problem, "international host names need a newer libunistring: %s", dlerror());
      return;
    }
    memcpy(NAMES[i].where, &address, sizeof address);
  }
}

static bool loaded(void) {
  pthread_once(&once, load);
  return problem[0] == 0;
}

const char *idna_problem(void) {
  return problem[0] != 0 ? problem : NULL;
}

// ---- growing sequences of characters

typedef struct text {
  uint32_t *at;
  size_t count, room;
  bool failed; // no memory
} text;

static void put(text *t, uint32_t c) {
  if (t->count == t->room) {
    size_t room = t->room == 0 ? 64 : t->room * 2;
    uint32_t *more = room > SIZE_MAX / sizeof *more ? NULL : realloc(t->at, room * sizeof *more);
    if (more == NULL) {
      t->failed = true;
      return;
    }
    t->at = more;
    t->room = room;
  }
  t->at[t->count++] = c;
}

static void put_all(text *t, const uint32_t *from, size_t n) {
  for (size_t i = 0; i < n; i++) put(t, from[i]);
}

static void put_utf8(text *t, const char *bytes, size_t n) {
  for (size_t i = 0; i < n;) {
    uint8_t b = (uint8_t)bytes[i];
    size_t length = b < 0x80 ? 1 : b < 0xe0 ? 2 : b < 0xf0 ? 3 : 4;
    uint32_t c = length == 1 ? b : (uint32_t)(b & (0xff >> (length + 1)));
    for (size_t k = 1; k < length && i + k < n; k++) c = c << 6 | ((uint8_t)bytes[i + k] & 63);
    put(t, c);
    i += length;
  }
}

// Bytes in UTF-8 from malloc, or NULL.
static char *to_bytes(const text *t, size_t *length) {
  char *out = t->failed || t->count > (SIZE_MAX - 1) / 4 ? NULL : malloc(t->count * 4 + 1);
  if (out == NULL) return NULL;
  size_t n = 0;
  for (size_t i = 0; i < t->count; i++) n += utf8_put(out + n, t->at[i]);
  out[n] = 0;
  *length = n;
  return out;
}

// ---- Punycode (RFC 3492)

#define BASE 36
#define TMIN 1
#define TMAX 26

static uint32_t adapt(uint32_t delta, uint32_t count, bool first) {
  uint32_t k = 0;
  delta = first ? delta / 700 : delta / 2;
  for (delta += delta / count; delta > (BASE - TMIN) * TMAX / 2; k += BASE) delta /= BASE - TMIN;
  return k + (BASE - TMIN + 1) * delta / (delta + 38);
}

static uint32_t threshold(uint32_t k, uint32_t bias) {
  return k <= bias ? TMIN : k >= bias + TMAX ? TMAX : k - bias;
}

static bool punycode_encode(text *out, const uint32_t *label, size_t n) {
  size_t start = out->count;
  for (size_t i = 0; i < n; i++)
    if (label[i] < 0x80) put(out, label[i]);
  size_t basic = out->count - start, done = basic;
  if (basic > 0) put(out, '-');
  uint32_t at = 0x80, delta = 0, bias = 72;
  while (done < n) {
    uint32_t next = UINT32_MAX;
    for (size_t i = 0; i < n; i++)
      if (label[i] >= at && label[i] < next) next = label[i];
    if ((next - at) > (UINT32_MAX - delta) / (done + 1)) return false;
    delta += (next - at) * (uint32_t)(done + 1);
    at = next;
    for (size_t i = 0; i < n; i++) {
      if (label[i] < at && ++delta == 0) return false;
      if (label[i] != at) continue;
      uint32_t q = delta;
      for (uint32_t k = BASE;; k += BASE) {
        uint32_t t = threshold(k, bias);
        uint32_t digit = q < t ? q : t + (q - t) % (BASE - t);
        put(out, digit < 26 ? 'a' + digit : '0' + digit - 26);
        if (q < t) break;
        q = (q - t) / (BASE - t);
      }
      bias = adapt(delta, (uint32_t)done + 1, done == basic);
      delta = 0;
      done++;
    }
    delta++;
    at++;
  }
  return true;
}

static bool punycode_decode(text *out, const uint32_t *code, size_t n) {
  size_t start = out->count, basic = 0;
  for (size_t i = 0; i < n; i++) {
    if (code[i] >= 0x80) return false;
    if (code[i] == '-') basic = i;
  }
  put_all(out, code, basic);
  uint32_t at = 0x80, i = 0, bias = 72;
  for (size_t in = basic > 0 ? basic + 1 : 0; in < n;) {
    uint32_t before = i, weight = 1;
    for (uint32_t k = BASE;; k += BASE) {
      if (in >= n) return false;
      uint32_t c = code[in++] | 0x20;
      uint32_t digit = c >= 'a' && c <= 'z' ? c - 'a' : code[in - 1] >= '0' && code[in - 1] <= '9' ? code[in - 1] - '0' + 26 : BASE;
      if (digit >= BASE || digit > (UINT32_MAX - i) / weight) return false;
      i += digit * weight;
      uint32_t t = threshold(k, bias);
      if (digit < t) break;
      if (weight > UINT32_MAX / (BASE - t)) return false;
      weight *= BASE - t;
    }
    uint32_t count = (uint32_t)(out->count - start) + 1;
    bias = adapt(i - before, count, before == 0);
    if (i / count > UINT32_MAX - at) return false;
    at += i / count;
    i %= count;
    if (at > 0x10ffff || (at >= 0xd800 && at < 0xe000)) return false;
    put(out, 0);
    if (out->failed) return false;
    uint32_t *place = out->at + start + i;
    memmove(place + 1, place, (count - 1 - i) * sizeof *place);
    *place = at;
    i++;
  }
  return true;
}

// ---- the mapping (UTS 46, section 6)

typedef enum status { VALID, IGNORED, MAPPED, DISALLOWED } status;

#define ROOM 32 // the longest NFKC_Casefold has 18 characters

static bool in(uint32_t c, uint32_t low, uint32_t high) {
  return c >= low && c <= high;
}

// Characters that are disallowed though the derivation gives another status: controls of direction, tags, those that describe
// ideographs, and replacement characters.
static bool excluded(uint32_t c) {
  return c == 0x61c || in(c, 0x200e, 0x200f) || in(c, 0x202a, 0x202e) || in(c, 0x2066, 0x2069) || in(c, 0xe0000, 0xe007f) ||
         in(c, 0x2ff0, 0x2fff) || c == 0x31ef || in(c, 0xfff9, 0xfffd) || in(c, 0x13430, 0x1343f);
}

static bool is_valid(uint32_t c) {
  return !uni.in_category(c, UC_CATEGORY_MASK_C | UC_CATEGORY_MASK_Z) && !excluded(c) && !uni.ignorable(c);
}

static status status_of(uint32_t c, uint32_t mapped[ROOM], size_t *count) {
  if (c < 0x80) {
    mapped[0] = in(c, 'A', 'Z') ? c + 32 : c;
    *count = 1;
    return mapped[0] != c ? MAPPED : VALID;
  }
  if (c == 0xdf || c == 0x3c2 || c == 0x200c || c == 0x200d) return VALID; // the deviations
  *count = 1;
  if (c == 0x3002 || c == 0xff0e || c == 0xff61 || c == 0x1e9e) {
    mapped[0] = c == 0x1e9e ? 0xdf : '.';
    return MAPPED;
  }
  if (excluded(c) || uni.in_category(c, UC_CATEGORY_MASK_Cn)) return DISALLOWED;
  uint32_t folded[ROOM];
  size_t n = ROOM, kept = 0;
  uint32_t *result = uni.casefold(&c, 1, NULL, uni.nfkc, folded, &n);
  if (result == NULL) return DISALLOWED;
  if (result != folded) { // longer than any that there is
    free(result);
    return DISALLOWED;
  }
  for (size_t i = 0; i < n; i++)
    if (!uni.ignorable(folded[i])) mapped[kept++] = folded[i];
  *count = kept;
  if (kept == 0) return IGNORED;
  if (kept == 1 && mapped[0] == c) return is_valid(c) ? VALID : DISALLOWED;
  for (size_t i = 0; i < kept; i++)
    if (mapped[i] == '.' || (mapped[i] >= 0x80 && !is_valid(mapped[i]))) return DISALLOWED;
  return MAPPED;
}

// ---- validity (UTS 46, section 4.1)

static bool joins(const uint32_t *label, size_t n, size_t at) {
  if (at > 0 && uni.combining_class(label[at - 1]) == UC_CCC_VR) return true;
  if (label[at] == 0x200d) return false;
  size_t i = at; // RFC 5892, A.1: (Joining_Type:{L,D})(Joining_Type:T)*ZWNJ(Joining_Type:T)*(Joining_Type:{R,D})
  int type = UC_JOINING_TYPE_T;
  while (i > 0 && type == UC_JOINING_TYPE_T) type = uni.joining_type(label[--i]);
  if (type != UC_JOINING_TYPE_L && type != UC_JOINING_TYPE_D) return false;
  type = UC_JOINING_TYPE_T;
  for (i = at + 1; i < n && type == UC_JOINING_TYPE_T; i++) type = uni.joining_type(label[i]);
  return type == UC_JOINING_TYPE_R || type == UC_JOINING_TYPE_D;
}

static bool label_valid(const uint32_t *label, size_t n) {
  if (n == 0) return true;
  if (uni.in_category(label[0], UC_CATEGORY_MASK_M)) return false;
  if (n >= 4 && label[0] == 'x' && label[1] == 'n' && label[2] == '-' && label[3] == '-') return false;
  for (size_t i = 0; i < n; i++) {
    uint32_t mapped[ROOM];
    size_t count;
    if (label[i] == '.' || status_of(label[i], mapped, &count) != VALID) return false;
    if ((label[i] == 0x200c || label[i] == 0x200d) && !joins(label, n, i)) return false;
  }
  return true;
}

static bool right_to_left(const uint32_t *label, size_t n) {
  for (size_t i = 0; i < n; i++) {
    int class = label[i] < 0x80 ? UC_BIDI_L : uni.bidi_class(label[i]);
    if (class == UC_BIDI_R || class == UC_BIDI_AL || class == UC_BIDI_AN) return true;
  }
  return false;
}

// The six conditions of RFC 5893, section 2.
static bool bidi_valid(const uint32_t *label, size_t n) {
  if (n == 0) return true;
  int first = uni.bidi_class(label[0]), last = UC_BIDI_NSM;
  bool rtl = first == UC_BIDI_R || first == UC_BIDI_AL;
  if (!rtl && first != UC_BIDI_L) return false;
  bool european = false, arabic = false;
  for (size_t i = 0; i < n; i++) {
    int class = uni.bidi_class(label[i]);
    switch (class) {
      case UC_BIDI_R:
      case UC_BIDI_AL:
      case UC_BIDI_AN:
        if (!rtl) return false;
        arabic = arabic || class == UC_BIDI_AN;
        break;
      case UC_BIDI_L:
        if (rtl) return false;
        break;
      case UC_BIDI_EN: european = true; break;
      case UC_BIDI_ES:
      case UC_BIDI_CS:
      case UC_BIDI_ET:
      case UC_BIDI_ON:
      case UC_BIDI_BN:
      case UC_BIDI_NSM: break;
      default: return false;
    }
    if (class != UC_BIDI_NSM) last = class;
  }
  if (!rtl) return last == UC_BIDI_L || last == UC_BIDI_EN;
  return (last == UC_BIDI_R || last == UC_BIDI_AL || last == UC_BIDI_EN || last == UC_BIDI_AN) && !(european && arabic);
}

// ---- names

static bool has_prefix(const uint32_t *label, size_t n) {
  return n >= 4 && (label[0] | 0x20) == 'x' && (label[1] | 0x20) == 'n' && label[2] == '-' && label[3] == '-';
}

static bool is_ascii(const uint32_t *label, size_t n) {
  for (size_t i = 0; i < n; i++)
    if (label[i] >= 0x80) return false;
  return true;
}

static bool is_nfc(const uint32_t *label, size_t n) {
  size_t length = 0;
  uint32_t *normal = uni.normalize(uni.nfc, label, n, NULL, &length);
  bool same = normal != NULL && length == n && memcmp(normal, label, n * sizeof *label) == 0;
  free(normal);
  return same;
}

// What a label that begins with xn-- stands for is put into `out`. False when it is not valid.
static bool decode_label(text *out, const uint32_t *label, size_t n) {
  out->count = 0;
  return punycode_decode(out, label + 4, n - 4) && !is_ascii(out->at, out->count) && is_nfc(out->at, out->count) && label_valid(out->at, out->count);
}

static size_t label_end(const text *t, size_t from) {
  while (from < t->count && t->at[from] != '.') from++;
  return from;
}

static idna_status map(text *out, const char *domain, size_t n) {
  text in_text = {0}, mapped = {0};
  idna_status result = IDNA_OK;
  put_utf8(&in_text, domain, n);
  for (size_t i = 0; i < in_text.count && result == IDNA_OK; i++) {
    uint32_t to[ROOM];
    size_t count;
    switch (status_of(in_text.at[i], to, &count)) {
      case VALID: put(&mapped, in_text.at[i]); break;
      case MAPPED: put_all(&mapped, to, count); break;
      case IGNORED: break;
      case DISALLOWED: result = IDNA_INVALID; break;
    }
  }
  if (in_text.failed || mapped.failed) result = IDNA_MEMORY;
  if (result == IDNA_OK && mapped.count > 0) {
    size_t length = 0;
    uint32_t *normal = uni.normalize(uni.nfc, mapped.at, mapped.count, NULL, &length);
    if (normal == NULL) result = IDNA_MEMORY;
    else put_all(out, normal, length);
    free(normal);
  }
  free(in_text.at);
  free(mapped.at);
  return result;
}

idna_status idna_to_ascii(const char *domain, size_t n, char **out, size_t *length) {
  if (!loaded()) return IDNA_LIBRARY;
  text name = {0}, ascii = {0}, all = {0}, label = {0};
  idna_status result = map(&name, domain, n);
  // Twice over the labels: whether any of them is right to left decides how all are checked.
  for (size_t at = 0; result == IDNA_OK && at <= name.count;) {
    size_t end = label_end(&name, at);
    const uint32_t *p = name.at == NULL ? NULL : name.at + at;
    size_t count = end - at;
    if (has_prefix(p, count)) {
      if (!decode_label(&label, p, count)) result = IDNA_INVALID;
      put_all(&ascii, p, count);
      put_all(&all, label.at, label.count);
    } else {
      if (!label_valid(p, count)) result = IDNA_INVALID;
      if (is_ascii(p, count)) {
        put_all(&ascii, p, count);
      } else {
        for (const char *prefix = "xn--"; *prefix != 0; prefix++) put(&ascii, (uint32_t)*prefix);
        if (!punycode_encode(&ascii, p, count)) result = IDNA_INVALID;
      }
      put_all(&all, p, count);
    }
    if (end < name.count) {
      put(&ascii, '.');
      put(&all, '.');
    }
    at = end + 1;
  }
  if (result == IDNA_OK && right_to_left(all.at, all.count)) {
    for (size_t at = 0; at <= all.count && result == IDNA_OK;) {
      size_t end = label_end(&all, at);
      if (!bidi_valid(all.at + at, end - at)) result = IDNA_INVALID;
      at = end + 1;
    }
  }
  if (name.failed || ascii.failed || all.failed || label.failed) result = IDNA_MEMORY;
  if (result == IDNA_OK && (*out = to_bytes(&ascii, length)) == NULL) result = IDNA_MEMORY;
  free(name.at);
  free(ascii.at);
  free(all.at);
  free(label.at);
  return result;
}

idna_status idna_to_unicode(const char *domain, size_t n, char **out, size_t *length) {
  if (!loaded()) return IDNA_LIBRARY;
  text name = {0}, unicode = {0}, label = {0};
  put_utf8(&name, domain, n);
  for (size_t at = 0; at <= name.count;) {
    size_t end = label_end(&name, at);
    const uint32_t *p = name.at == NULL ? NULL : name.at + at;
    if (has_prefix(p, end - at) && decode_label(&label, p, end - at)) put_all(&unicode, label.at, label.count);
    else put_all(&unicode, p, end - at);
    if (end < name.count) put(&unicode, '.');
    at = end + 1;
  }
  idna_status result = name.failed || label.failed || (*out = to_bytes(&unicode, length)) == NULL ? IDNA_MEMORY : IDNA_OK;
  free(name.at);
  free(unicode.at);
  free(label.at);
  return result;
}

// ---- core.idna

static int convert(lua_State *L, idna_status (*to)(const char *, size_t, char **, size_t *)) {
  size_t n, length;
  const char *domain = luaL_checklstring(L, 1, &n);
  if (utf8_valid_prefix((const uint8_t *)domain, n) != n) return 0;
  char *out;
  switch (to(domain, n, &out, &length)) {
    case IDNA_OK: break;
    case IDNA_INVALID: return 0;
    case IDNA_MEMORY: return luaL_error(L, "not enough memory");
    case IDNA_LIBRARY: return luaL_error(L, "%s", idna_problem());
  }
  lua_pushlstring(L, out, length);
  free(out);
  return 1;
}

static int l_to_ascii(lua_State *L) { return convert(L, idna_to_ascii); }
static int l_to_unicode(lua_State *L) { return convert(L, idna_to_unicode); }

static const luaL_Reg functions[] = {{"toASCII", l_to_ascii}, {"toUnicode", l_to_unicode}, {NULL, NULL}};

void idna_open(lua_State *L) {
  lua_newtable(L);
  luaL_register(L, NULL, functions);
}

// SPDX-License-Identifier: MIT
//
// The parser, the serializer and the setters (WHATWG URL, clauses 4.4, 4.5 and 6.1). The standard's parser is a machine with a
// state for each character; here each state is a function over the text from one delimiter to the next.
#include "url.h"

#include <stdlib.h>
#include <string.h>

#include "encoding.h"

#define LIMIT (UINT32_MAX / 16) // longer text is no URL: what comes of it must fit 32 bits
#define KEEP 65536              // memory that is kept from one call to the next

// ---- memory

#define LINK sizeof(max_align_t)

char *url_room(url_scratch *s, size_t n) {
  if (s->arena == NULL || s->size - s->used < n) {
    size_t size = LINK + (n < 2000 ? 2000 : n);
    char *piece = malloc(size);
    if (piece == NULL) return NULL;
    memcpy(piece, &s->arena, sizeof s->arena);
    s->arena = piece;
    s->used = LINK;
    s->size = size;
  }
  char *room = s->arena + s->used;
  s->used += n;
  return room;
}

void url_scratch_free(url_scratch *s) {
  while (s->arena != NULL) {
    char *before;
    memcpy(&before, s->arena, sizeof before);
    free(s->arena);
    s->arena = before;
  }
  s->used = s->size = 0;
}

static void reset(url_scratch *s) {
  char *before = NULL;
  if (s->arena != NULL) memcpy(&before, s->arena, sizeof before);
  if (before != NULL || s->size > KEEP) url_scratch_free(s);
  else s->used = s->arena == NULL ? 0 : LINK;
}

// ---- characters

#define EVERY (SET_C0 | SET_FRAGMENT | SET_QUERY | SET_SPECIAL_QUERY | SET_PATH | SET_USERINFO)
#define QUERIES (SET_QUERY | SET_SPECIAL_QUERY)
#define HOSTS (FORBIDDEN_HOST | FORBIDDEN_DOMAIN)

const uint8_t url_sets[256] = {
    [0] = EVERY | HOSTS,
    [1 ... 8] = EVERY | FORBIDDEN_DOMAIN,
    [9 ... 10] = EVERY | HOSTS,
    [11 ... 12] = EVERY | FORBIDDEN_DOMAIN,
    [13] = EVERY | HOSTS,
    [14 ... 31] = EVERY | FORBIDDEN_DOMAIN,
    [' '] = SET_FRAGMENT | QUERIES | SET_PATH | SET_USERINFO | HOSTS,
    ['"'] = SET_FRAGMENT | QUERIES | SET_PATH | SET_USERINFO,
    ['#'] = QUERIES | SET_PATH | SET_USERINFO | HOSTS,
    ['%'] = FORBIDDEN_DOMAIN,
    ['\''] = SET_SPECIAL_QUERY,
    ['/'] = SET_USERINFO | HOSTS,
    [':'] = SET_USERINFO | HOSTS,
    [';'] = SET_USERINFO,
    ['<'] = SET_FRAGMENT | QUERIES | SET_PATH | SET_USERINFO | HOSTS,
    ['='] = SET_USERINFO,
    ['>'] = SET_FRAGMENT | QUERIES | SET_PATH | SET_USERINFO | HOSTS,
    ['?'] = SET_PATH | SET_USERINFO | HOSTS,
    ['@'] = SET_USERINFO | HOSTS,
    ['['] = SET_USERINFO | HOSTS,
    ['\\'] = SET_USERINFO | HOSTS,
    [']'] = SET_USERINFO | HOSTS,
    ['^'] = SET_PATH | SET_USERINFO | HOSTS,
    ['`'] = SET_FRAGMENT | SET_PATH | SET_USERINFO,
    ['{'] = SET_PATH | SET_USERINFO,
    ['|'] = SET_USERINFO | HOSTS,
    ['}'] = SET_PATH | SET_USERINFO,
    [127] = EVERY | FORBIDDEN_DOMAIN,
    [128 ... 255] = EVERY,
};

size_t url_encode(char *out, url_slice text, int set) {
  static const char hex[] = "0123456789ABCDEF";
  char *o = out;
  for (size_t i = 0; i < text.n; i++) {
    uint8_t c = (uint8_t)text.p[i];
    if (url_sets[c] & set) {
      *o++ = '%';
      *o++ = hex[c >> 4];
      *o++ = hex[c & 15];
    } else {
      *o++ = (char)c;
    }
  }
  return (size_t)(o - out);
}

// False: no memory.
static bool encoded(url_scratch *s, url_slice *to, const char *p, const char *end, int set) {
  url_slice text = {p, (size_t)(end - p)};
  int bits = 0;
  for (const char *c = p; c < end; c++) bits |= url_sets[(uint8_t)*c];
  if ((bits & set) == 0) {
    *to = text;
    return true;
  }
  char *out = url_room(s, text.n * 3);
  if (out == NULL) return false;
  *to = (url_slice){out, url_encode(out, text, set)};
  return true;
}

static bool is_alpha(char c) { return (c | 0x20) >= 'a' && (c | 0x20) <= 'z'; }
static bool is_digit(char c) { return c >= '0' && c <= '9'; }
static bool same(url_slice a, url_slice b) { return a.n == b.n && memcmp(a.p, b.p, a.n) == 0; }

static bool is_drive(const char *p, size_t n) { return n == 2 && is_alpha(p[0]) && (p[1] == ':' || p[1] == '|'); }

static bool starts_with_drive(const char *p, const char *end) {
  return end - p >= 2 && is_drive(p, 2) && (end - p == 2 || strchr("/\\?#", p[2]) != NULL) && (end - p == 2 || p[2] != 0);
}

// Text as characters: lone surrogates and what is not UTF-8 become U+FFFD. `strip`: without tabs and newlines.
static bool clean(url_scratch *s, url_slice *text, bool strip) {
  const char *p = text->p;
  size_t n = text->n;
  bool drop = false, high = false;
  for (size_t i = 0; i < n; i++) {
    drop |= p[i] == '\t' || p[i] == '\n' || p[i] == '\r';
    high |= (p[i] & 0x80) != 0;
  }
  drop = drop && strip;
  if (!drop && (!high || utf8_valid_prefix((const uint8_t *)p, n) == n)) return true;
  char *out = url_room(s, n * 3);
  if (out == NULL) return false;
  size_t length = 0;
  for (size_t i = 0, used; i < n; i += used) {
    uint32_t c = utf8_next((const uint8_t *)p + i, n - i, &used);
    if (c >= 0xd800 && c < 0xe000) c = 0xfffd;
    if (!drop || (c != '\t' && c != '\n' && c != '\r')) length += utf8_put(out + length, c);
  }
  *text = (url_slice){out, length};
  return true;
}

// ---- the record

typedef struct record {
  url_slice scheme, username, password, host, path, query, fragment;
  uint32_t port, default_port; // URL_NONE: none
  bool special, file, has_host, opaque, has_query, has_fragment;
} record;

static const struct scheme {
  const char *name;
  uint32_t port;
} SPECIAL[] = {{"http", 80}, {"https", 443}, {"ws", 80}, {"wss", 443}, {"ftp", 21}, {"file", URL_NONE}};

static void set_scheme(record *u, url_slice scheme) {
  u->scheme = scheme;
  u->special = u->file = false;
  u->default_port = URL_NONE;
  for (size_t i = 0; i < sizeof SPECIAL / sizeof *SPECIAL; i++) {
    if (strlen(SPECIAL[i].name) != scheme.n || memcmp(SPECIAL[i].name, scheme.p, scheme.n) != 0) continue;
    u->special = true;
    u->default_port = SPECIAL[i].port;
    u->file = SPECIAL[i].port == URL_NONE;
  }
}

// The length of the scheme that text begins with, 0 without one.
static size_t scheme_length(const char *p, const char *end) {
  if (p == end || !is_alpha(*p)) return 0;
  const char *q = p + 1;
  while (q < end && (is_alpha(*q) || is_digit(*q) || *q == '+' || *q == '-' || *q == '.')) q++;
  return (size_t)(q - p);
}

static bool lower_scheme(url_scratch *s, record *u, const char *p, size_t n) {
  char *out = url_room(s, n);
  if (out == NULL) return false;
  for (size_t i = 0; i < n; i++) out[i] = (char)(p[i] >= 'A' && p[i] <= 'Z' ? p[i] + 32 : p[i]);
  set_scheme(u, (url_slice){out, n});
  return true;
}

static bool no_port(const record *u) { return !u->has_host || u->host.n == 0 || u->file; }

// ---- the end of a URL: query and fragment. p is at "?", "#" or the end.

static url_status parse_tail(url_scratch *s, record *u, const char *p, const char *end) {
  if (p < end && *p == '?') {
    const char *hash = memchr(p, '#', (size_t)(end - p));
    u->has_query = true;
    if (!encoded(s, &u->query, p + 1, hash != NULL ? hash : end, u->special ? SET_SPECIAL_QUERY : SET_QUERY)) return URL_MEMORY;
    p = hash != NULL ? hash : end;
  }
  if (p < end) {
    u->has_fragment = true;
    if (!encoded(s, &u->fragment, p + 1, end, SET_FRAGMENT)) return URL_MEMORY;
  }
  return URL_OK;
}

// ---- path

// 1 for ".", 2 for "..", also when written as %2e.
static int dots(const char *p, size_t n) {
  int count = 0;
  for (size_t i = 0; i < n;) {
    if (p[i] == '.') i++;
    else if (n - i >= 3 && p[i] == '%' && p[i + 1] == '2' && (p[i + 2] | 0x20) == 'e') i += 3;
    else return 0;
    if (++count > 2) return 0;
  }
  return count;
}

static size_t shorten(const char *path, size_t n, bool file) {
  if (file && n == 3 && is_alpha(path[1]) && path[2] == ':') return n;
  while (n > 0 && path[--n] != '/') continue;
  return n;
}

// Adds the segments from p on to `before`. whole: "?" and "#" do not end the path.
static url_status parse_path(url_scratch *s, record *u, url_slice before, const char *p, const char *end, bool whole) {
  size_t n = before.n;
  char *out = url_room(s, n + 3 * (size_t)(end - p) + 4);
  if (out == NULL) return URL_MEMORY;
  if (n > 0) memcpy(out, before.p, n);
  for (;;) {
    const char *q = p;
    int bits = 0;
    while (q < end && *q != '/' && !(u->special && *q == '\\') && (whole || (*q != '?' && *q != '#'))) bits |= url_sets[(uint8_t)*q++];
    bool slash = q < end && *q != '?' && *q != '#';
    size_t length = (size_t)(q - p);
    int up = length <= 6 ? dots(p, length) : 0;
    if (up == 2) n = shorten(out, n, u->file);
    if (up == 0 || !slash) out[n++] = '/';
    if (up == 0) {
      if (u->file && n == 1 && is_drive(p, length)) {
        out[n++] = p[0];
        out[n++] = ':';
      } else if (bits & SET_PATH) {
        n += url_encode(out + n, (url_slice){p, length}, SET_PATH);
      } else if (length > 0) {
        memcpy(out + n, p, length);
        n += length;
      }
    }
    p = q;
    if (!slash) break;
    p++;
  }
  u->path = (url_slice){out, n};
  u->opaque = false;
  return whole ? URL_OK : parse_tail(s, u, p, end);
}

static const url_slice EMPTY = {"", 0};

static url_status parse_path_start(url_scratch *s, record *u, const char *p, const char *end) {
  if (!u->special && (p == end || *p == '?' || *p == '#')) return parse_tail(s, u, p, end);
  if (p < end && (*p == '/' || (u->special && *p == '\\'))) p++;
  return parse_path(s, u, EMPTY, p, end, false);
}

static url_status parse_opaque(url_scratch *s, record *u, const char *p, const char *end) {
  const char *q = p;
  while (q < end && *q != '?' && *q != '#') q++;
  u->opaque = true;
  bool space = q < end && q > p && q[-1] == ' '; // a space at the end would get lost with what stands behind it
  if (!encoded(s, &u->path, p, q - space, SET_C0)) return URL_MEMORY;
  if (space) {
    char *out = url_room(s, u->path.n + 3);
    if (out == NULL) return URL_MEMORY;
    memcpy(out, u->path.p, u->path.n);
    memcpy(out + u->path.n, "%20", 3);
    u->path = (url_slice){out, u->path.n + 3};
  }
  return parse_tail(s, u, q, end);
}

// ---- authority

static const char *authority_end(const record *u, const char *p, const char *end) {
  while (p < end && *p != '/' && *p != '?' && *p != '#' && !(u->special && *p == '\\')) p++;
  return p;
}

// The colon before the port, or NULL.
static const char *port_colon(const char *p, const char *end) {
  bool brackets = false;
  for (; p < end; p++) {
    if (*p == '[') brackets = true;
    else if (*p == ']') brackets = false;
    else if (*p == ':' && !brackets) return p;
  }
  return NULL;
}

// The number that the digits at p are; more than 65535 when it is greater.
static const char *digits(const char *p, const char *end, uint32_t *number) {
  for (*number = 0; p < end && is_digit(*p); p++)
    if (*number <= 65535) *number = *number * 10 + (uint32_t)(*p - '0');
  return p;
}

static url_status parse_authority(url_scratch *s, record *u, const char *p, const char *end) {
  const char *stop = authority_end(u, p, end), *at = NULL;
  for (const char *q = p; q < stop; q++)
    if (*q == '@') at = q;
  if (at != NULL) {
    if (at + 1 == stop) return URL_INVALID;
    const char *colon = memchr(p, ':', (size_t)(at - p));
    if (!encoded(s, &u->username, p, colon != NULL ? colon : at, SET_USERINFO)) return URL_MEMORY;
    if (colon != NULL && !encoded(s, &u->password, colon + 1, at, SET_USERINFO)) return URL_MEMORY;
    p = at + 1;
  }
  const char *colon = port_colon(p, stop);
  url_slice name = {p, (size_t)((colon != NULL ? colon : stop) - p)};
  if (name.n == 0 && (colon != NULL || u->special)) return URL_INVALID;
  u->has_host = true;
  u->host = EMPTY;
  if (name.n > 0) {
    url_status status = url_host_parse(s, name, !u->special, &u->host);
    if (status != URL_OK) return status;
  }
  if (colon != NULL && colon + 1 < stop) {
    uint32_t port;
    if (digits(colon + 1, stop, &port) != stop || port > 65535) return URL_INVALID;
    u->port = port == u->default_port ? URL_NONE : port;
  }
  return parse_path_start(s, u, stop, end);
}

static url_status parse_authority_behind_slashes(url_scratch *s, record *u, const char *p, const char *end) {
  while (p < end && (*p == '/' || *p == '\\')) p++;
  return parse_authority(s, u, p, end);
}

// ---- file

static url_status set_file_host(url_scratch *s, record *u, url_slice name) {
  url_slice host = EMPTY;
  if (name.n > 0) {
    url_status status = url_host_parse(s, name, false, &host);
    if (status != URL_OK) return status;
    if (same(host, (url_slice){"localhost", 9})) host = EMPTY;
  }
  u->has_host = true;
  u->host = host;
  return URL_OK;
}

static url_status parse_file_host(url_scratch *s, record *u, const char *p, const char *end) {
  const char *stop = authority_end(u, p, end);
  if (is_drive(p, (size_t)(stop - p))) return parse_path(s, u, EMPTY, p, end, false);
  url_status status = set_file_host(s, u, (url_slice){p, (size_t)(stop - p)});
  return status != URL_OK ? status : parse_path_start(s, u, stop, end);
}

static bool is_slash(const char *p, const char *end) {
  return p < end && (*p == '/' || *p == '\\');
}

static url_status parse_file(url_scratch *s, record *u, const char *p, const char *end, const record *base) {
  if (base != NULL && !base->file) base = NULL;
  u->has_host = true;
  u->host = EMPTY;
  if (is_slash(p, end)) {
    if (is_slash(++p, end)) return parse_file_host(s, u, p + 1, end);
    url_slice before = EMPTY;
    if (base != NULL) {
      u->host = base->host;
      bool drive = base->path.n >= 3 && is_alpha(base->path.p[1]) && base->path.p[2] == ':' && (base->path.n == 3 || base->path.p[3] == '/');
      if (drive && !starts_with_drive(p, end)) before = (url_slice){base->path.p, 3};
    }
    return parse_path(s, u, before, p, end, false);
  }
  if (base == NULL) return parse_path(s, u, EMPTY, p, end, false);
  u->host = base->host;
  u->path = base->path;
  if (p == end || *p == '?' || *p == '#') {
    if (p == end || *p == '#') u->query = base->query, u->has_query = base->has_query;
    return parse_tail(s, u, p, end);
  }
  url_slice before = starts_with_drive(p, end) ? EMPTY : (url_slice){base->path.p, shorten(base->path.p, base->path.n, true)};
  return parse_path(s, u, before, p, end, false);
}

// ---- relative

static url_status parse_relative(url_scratch *s, record *u, const char *p, const char *end, const record *base) {
  set_scheme(u, base->scheme);
  bool slash = p < end && (*p == '/' || (u->special && *p == '\\'));
  if (slash) {
    p++;
    if (u->special && is_slash(p, end)) return parse_authority_behind_slashes(s, u, p, end);
    if (p < end && *p == '/') return parse_authority(s, u, p + 1, end);
  }
  u->username = base->username;
  u->password = base->password;
  u->has_host = base->has_host;
  u->host = base->host;
  u->port = base->port;
  if (slash) return parse_path(s, u, EMPTY, p, end, false);
  u->path = base->path;
  if (p == end || *p == '?' || *p == '#') {
    if (p == end || *p == '#') u->query = base->query, u->has_query = base->has_query;
    return parse_tail(s, u, p, end);
  }
  return parse_path(s, u, (url_slice){base->path.p, shorten(base->path.p, base->path.n, u->file)}, p, end, false);
}

// ---- all of it

static url_status parse(url_scratch *s, record *u, url_slice text, const record *base) {
  if (text.n > LIMIT) return URL_INVALID;
  *u = (record){.port = URL_NONE, .default_port = URL_NONE};
  for (; text.n > 0 && (uint8_t)text.p[0] <= 32; text.n--) text.p++;
  while (text.n > 0 && (uint8_t)text.p[text.n - 1] <= 32) text.n--;
  if (!clean(s, &text, true)) return URL_MEMORY;
  const char *p = text.p, *end = p + text.n;
  size_t n = scheme_length(p, end);
  if (n == 0 || p + n == end || p[n] != ':') {
    if (base == NULL) return URL_INVALID;
    if (base->opaque) {
      if (p == end || *p != '#') return URL_INVALID;
      *u = *base;
      return parse_tail(s, u, p, end);
    }
    if (!base->file) return parse_relative(s, u, p, end, base);
    set_scheme(u, base->scheme);
    return parse_file(s, u, p, end, base);
  }
  if (!lower_scheme(s, u, p, n)) return URL_MEMORY;
  p += n + 1;
  bool two = end - p >= 2 && p[0] == '/' && p[1] == '/';
  if (u->file) return parse_file(s, u, p, end, base);
  if (u->special) {
    if (base != NULL && !two && same(base->scheme, u->scheme)) return parse_relative(s, u, p, end, base);
    return parse_authority_behind_slashes(s, u, p, end);
  }
  if (two) return parse_authority(s, u, p + 2, end);
  if (p < end && *p == '/') return parse_path(s, u, EMPTY, p + 1, end, false);
  return parse_opaque(s, u, p, end);
}

static char *append(char *o, url_slice text) {
  if (text.n > 0) memcpy(o, text.p, text.n);
  return o + text.n;
}

static url_status serialize(url_scratch *s, const record *u) {
  char *href = url_room(s, u->scheme.n + u->username.n + u->password.n + u->host.n + u->path.n + u->query.n + u->fragment.n + 32);
  if (href == NULL) return URL_MEMORY;
  char *o = append(href, u->scheme);
  *o++ = ':';
  url_parts *parts = &s->parts;
  parts->href = href;
  parts->protocol_end = (uint32_t)(o - href);
  parts->port = URL_NONE;
  if (u->has_host) {
    *o++ = '/';
    *o++ = '/';
    o = append(o, u->username);
    parts->username_end = (uint32_t)(o - href);
    if (u->password.n > 0) {
      *o++ = ':';
      o = append(o, u->password);
    }
    parts->host_start = (uint32_t)(o - href);
    if (u->username.n > 0 || u->password.n > 0) *o++ = '@';
    o = append(o, u->host);
    parts->host_end = (uint32_t)(o - href);
    if (u->port != URL_NONE) {
      parts->port = u->port;
      *o++ = ':';
      char text[8];
      size_t n = 0;
      uint32_t port = u->port;
      do text[n++] = (char)('0' + port % 10);
      while ((port /= 10) > 0);
      while (n > 0) *o++ = text[--n];
    }
  } else {
    parts->username_end = parts->host_start = parts->host_end = parts->protocol_end;
    if (!u->opaque && u->path.n > 1 && u->path.p[1] == '/') {
      *o++ = '/';
      *o++ = '.';
    }
  }
  parts->pathname_start = (uint32_t)(o - href);
  o = append(o, u->path);
  parts->search_start = parts->hash_start = URL_NONE;
  if (u->has_query) {
    parts->search_start = (uint32_t)(o - href);
    *o++ = '?';
    o = append(o, u->query);
  }
  if (u->has_fragment) {
    parts->hash_start = (uint32_t)(o - href);
    *o++ = '#';
    o = append(o, u->fragment);
  }
  parts->length = (uint32_t)(o - href);
  return URL_OK;
}

url_status url_parse(url_scratch *s, const char *input, size_t n, const char *base, size_t base_n) {
  record u, b;
  reset(s);
  if (base != NULL) {
    url_status status = parse(s, &b, (url_slice){base, base_n}, NULL);
    if (status != URL_OK) return status == URL_INVALID ? URL_BAD_BASE : status;
  }
  url_status status = parse(s, &u, (url_slice){input, n}, base != NULL ? &b : NULL);
  return status != URL_OK ? status : serialize(s, &u);
}

// ---- setters

static url_status set_protocol(url_scratch *s, record *u, url_slice value) {
  size_t n = scheme_length(value.p, value.p + value.n);
  if (n == 0 || (n < value.n && value.p[n] != ':')) return URL_INVALID;
  record new = *u;
  if (!lower_scheme(s, &new, value.p, n)) return URL_MEMORY;
  if (new.special != u->special) return URL_INVALID;
  if (new.file && (u->username.n > 0 || u->password.n > 0 || u->port != URL_NONE)) return URL_INVALID;
  if (u->file && u->host.n == 0) return URL_INVALID;
  if (new.port == new.default_port) new.port = URL_NONE;
  *u = new;
  return URL_OK;
}

// With state override a port ends at the first byte that is no digit.
static url_status set_port(record *u, const char *p, const char *end) {
  uint32_t port;
  if (digits(p, end, &port) == p || port > 65535) return URL_INVALID;
  u->port = port == u->default_port ? URL_NONE : port;
  return URL_OK;
}

static url_status set_host(url_scratch *s, record *u, url_slice value, bool with_port) {
  const char *p = value.p, *end = authority_end(u, p, p + value.n);
  if (u->opaque) return URL_INVALID;
  if (u->file) return set_file_host(s, u, (url_slice){p, (size_t)(end - p)});
  const char *colon = port_colon(p, end);
  url_slice name = {p, (size_t)((colon != NULL ? colon : end) - p)}, host = EMPTY;
  if (colon != NULL && (name.n == 0 || !with_port)) return URL_INVALID;
  if (name.n == 0 && (u->special || u->username.n > 0 || u->password.n > 0 || u->port != URL_NONE)) return URL_INVALID;
  if (name.n > 0) {
    url_status status = url_host_parse(s, name, !u->special, &host);
    if (status != URL_OK) return status;
  }
  u->has_host = true;
  u->host = host;
  if (colon != NULL) set_port(u, colon + 1, end); // a bad port leaves the host changed
  return URL_OK;
}

static url_status set_pathname(url_scratch *s, record *u, url_slice value) {
  if (u->opaque) return URL_INVALID;
  const char *p = value.p, *end = p + value.n;
  if (p == end && !u->special && u->has_host) {
    u->path = EMPTY;
    return URL_OK;
  }
  if (p < end && (*p == '/' || (u->special && *p == '\\'))) p++;
  return parse_path(s, u, EMPTY, p, end, true);
}

static url_status set_tail(url_scratch *s, url_slice value, char sign, int set, bool *has, url_slice *to) {
  *has = value.n > 0;
  *to = EMPTY;
  if (value.n == 0) return URL_OK;
  if (value.p[0] == sign) value.p++, value.n--;
  if (!clean(s, &value, true)) return URL_MEMORY;
  return encoded(s, to, value.p, value.p + value.n, set) ? URL_OK : URL_MEMORY;
}

static url_status change(url_scratch *s, record *u, url_part part, url_slice value) {
  url_slice cleaned = value;
  if (!clean(s, &cleaned, true)) return URL_MEMORY;
  switch (part) {
    case URL_PROTOCOL: return set_protocol(s, u, cleaned);
    case URL_USERNAME:
    case URL_PASSWORD: {
      if (no_port(u)) return URL_INVALID;
      if (!clean(s, &value, false)) return URL_MEMORY;
      return encoded(s, part == URL_USERNAME ? &u->username : &u->password, value.p, value.p + value.n, SET_USERINFO) ? URL_OK : URL_MEMORY;
    }
    case URL_HOST:
    case URL_HOSTNAME: return set_host(s, u, cleaned, part == URL_HOST);
    case URL_PORT:
      if (no_port(u)) return URL_INVALID;
      if (value.n > 0) return set_port(u, cleaned.p, cleaned.p + cleaned.n);
      u->port = URL_NONE;
      return URL_OK;
    case URL_PATHNAME: return set_pathname(s, u, cleaned);
    case URL_SEARCH: return set_tail(s, value, '?', u->special ? SET_SPECIAL_QUERY : SET_QUERY, &u->has_query, &u->query);
    case URL_HASH: return set_tail(s, value, '#', SET_FRAGMENT, &u->has_fragment, &u->fragment);
  }
  return URL_INVALID;
}

url_status url_set(url_scratch *s, url_part part, const char *href, size_t n, const char *value, size_t value_n) {
  record u;
  reset(s);
  url_status status = parse(s, &u, (url_slice){href, n}, NULL);
  if (status != URL_OK) return status;
  if (n > LIMIT || value_n > LIMIT - n) return URL_INVALID;
  status = change(s, &u, part, (url_slice){value, value_n});
  return status != URL_OK ? status : serialize(s, &u);
}

// SPDX-License-Identifier: MIT
#include "http_parser.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "areas.h"
#include "buffer.h"
#include "http.h"
#include "ref.h"

// ---- bytes

bool http_bytes_room(http_bytes *b, size_t more) {
  if (more <= b->capacity - b->length) return true;
  if (more > SIZE_MAX / 2 - b->length) return false;
  size_t need = b->length + more;
  size_t capacity = b->capacity < 256 ? 512 : b->capacity * 2;
  while (capacity < need) capacity *= 2;
  char *data = realloc(b->data, capacity);
  if (data == NULL) return false;
  b->data = data;
  b->capacity = capacity;
  return true;
}

bool http_bytes_put(http_bytes *b, const void *data, size_t length) {
  if (!http_bytes_room(b, length)) return false;
  if (length != 0) memcpy(b->data + b->length, data, length);
  b->length += length;
  return true;
}

void http_bytes_free(http_bytes *b) {
  free(b->data);
  *b = (http_bytes){0};
}

// ---- the parser in C

static int refuse(http_parser *p, const char *reason) {
  llhttp_set_error_reason(&p->llhttp, reason);
  return HPE_USER;
}

static int count(http_parser *p, size_t length) {
  p->counted += (uint32_t)(length < p->max_head ? length : p->max_head);
  return p->counted >= p->max_head ? refuse(p, "HPE_HEADER_OVERFLOW:Header overflow") : 0;
}

static int put(http_parser *p, const char *bytes, size_t length) {
  return http_bytes_put(&p->head, bytes, length) ? 0 : refuse(p, "HPE_INTERNAL:Out of memory");
}

static int on_message_begin(llhttp_t *llhttp) {
  http_parser *p = (http_parser *)llhttp;
  p->head.length = 0;
  p->first_line = p->pair = p->pairs = p->counted = 0;
  p->seen = 0;
  p->query = false;
  p->in_message = true;
  return 0;
}

static int on_first_line(llhttp_t *llhttp, const char *at, size_t length) {
  http_parser *p = (http_parser *)llhttp;
  int err = count(p, length);
  if (err == 0) err = put(p, at, length);
  p->first_line = p->pair = (uint32_t)p->head.length;
  return err;
}

static int on_header_field(llhttp_t *llhttp, const char *at, size_t length) {
  http_parser *p = (http_parser *)llhttp;
  int err = count(p, length);
  return err != 0 ? err : put(p, at, length);
}

static int on_header_field_complete(llhttp_t *llhttp) {
  http_parser *p = (http_parser *)llhttp;
  size_t length = p->head.length - p->pair;
  const char *name = length > 0 ? p->head.data + p->pair : ""; // lenient: a name may be empty, the block too
  if (length == 4 && strncasecmp(name, "host", 4) == 0) p->seen |= HTTP_HAS_HOST;
  else if (length == 6 && strncasecmp(name, "expect", 6) == 0) p->seen |= HTTP_HAS_EXPECT;
  p->value = HTTP_VALUE_DUE;
  p->folded = false;
  return put(p, "\n", 1);
}

// llhttp unfolds continuation lines; here they are refused (RFC 9112, 5.2). A value goes on in a second span only when the
// first one ended with the bytes fed; before a first span only spaces and tabs may have stood.
static bool folds(const http_parser *p, const char *at) {
  if (p->value == HTTP_VALUE_OPEN) return p->value_end != p->executes || at != p->feed;
  if (p->value == HTTP_VALUE_ENDED) return true;
  while (at > p->feed && (at[-1] == ' ' || at[-1] == '\t')) at--;
  return p->folded || (at > p->feed && at[-1] == '\n');
}

static int on_header_value(llhttp_t *llhttp, const char *at, size_t length) {
  http_parser *p = (http_parser *)llhttp;
  if (!(llhttp->lenient_flags & LENIENT_HEADERS) && length != 0 && folds(p, at)) return refuse(p, "HPE_INVALID_HEADER_TOKEN:Unexpected whitespace after header value");
  if (length != 0) {
    p->value = at + length == p->feed_end ? HTTP_VALUE_OPEN : HTTP_VALUE_ENDED;
    p->value_end = p->executes + 1;
  }
  int err = count(p, length);
  return err != 0 ? err : put(p, at, length);
}

static int on_header_value_complete(llhttp_t *llhttp) {
  http_parser *p = (http_parser *)llhttp;
  p->value = HTTP_VALUE_NONE;
  size_t n = p->head.length;
  while (p->head.data[n - 1] == ' ' || p->head.data[n - 1] == '\t') n--; // stops at the name's LF
  p->head.length = n;
  if (p->max_pairs != 0 && p->pairs >= p->max_pairs) {
    p->head.length = p->pair;
    return 0;
  }
  p->pairs++;
  int err = put(p, "\n", 1);
  p->pair = (uint32_t)p->head.length;
  return err;
}

static int on_headers_complete(llhttp_t *llhttp) {
  http_parser *p = (http_parser *)llhttp;
  p->counted = 0;
  return p->hooks->headers(p);
}

static int on_body(llhttp_t *llhttp, const char *at, size_t length) {
  http_parser *p = (http_parser *)llhttp;
  p->body_end = at + length;
  return length == 0 ? 0 : p->hooks->body(p, at, length);
}

static int on_extension(llhttp_t *llhttp, const char *at, size_t length) {
  (void)at;
  http_parser *p = (http_parser *)llhttp;
  p->counted += (uint32_t)(length <= HTTP_MAX_EXTENSIONS ? length : HTTP_MAX_EXTENSIONS + 1);
  return p->counted > HTTP_MAX_EXTENSIONS ? refuse(p, "HPE_CHUNK_EXTENSIONS_OVERFLOW:Chunk extensions overflow") : 0;
}

static int on_chunk_header(llhttp_t *llhttp) {
  http_parser *p = (http_parser *)llhttp;
  p->counted = 0;
  return 0;
}

static int on_message_complete(llhttp_t *llhttp) {
  http_parser *p = (http_parser *)llhttp;
  p->in_message = false;
  return p->hooks->complete(p);
}

static const llhttp_settings_t settings = {
    .on_message_begin = on_message_begin,
    .on_url = on_first_line,
    .on_status = on_first_line,
    .on_header_field = on_header_field,
    .on_header_value = on_header_value,
    .on_chunk_extension_name = on_extension,
    .on_chunk_extension_value = on_extension,
    .on_headers_complete = on_headers_complete,
    .on_body = on_body,
    .on_message_complete = on_message_complete,
    .on_header_field_complete = on_header_field_complete,
    .on_header_value_complete = on_header_value_complete,
    .on_chunk_header = on_chunk_header,
};

void http_parser_init(http_parser *p, llhttp_type_t kind, const http_hooks *hooks, bool lenient) {
  llhttp_init(&p->llhttp, kind, &settings);
  if (lenient) {
    llhttp_set_lenient_headers(&p->llhttp, 1);
    llhttp_set_lenient_chunked_length(&p->llhttp, 1);
    llhttp_set_lenient_keep_alive(&p->llhttp, 1);
    llhttp_set_lenient_transfer_encoding(&p->llhttp, 1);
  }
  if (p->max_head == 0) {
    p->max_head = HTTP_MAX_HEAD;
    p->max_pairs = HTTP_MAX_PAIRS;
  }
  p->hooks = hooks;
  p->head.length = 0;
  p->first_line = p->pair = p->pairs = p->counted = 0;
  p->seen = 0;
  p->value = HTTP_VALUE_NONE;
  p->in_message = p->folded = p->query = false;
  p->query_matched = 0;
}

void http_parser_free(http_parser *p) {
  http_bytes_free(&p->head);
}

void http_parser_release_head(http_parser *p) {
  http_bytes_free(&p->head);
  p->first_line = p->pair = 0;
}

int http_parser_flags(const http_parser *p) {
  const llhttp_t *h = &p->llhttp;
  int flags = p->seen | (h->http_minor & 1) | h->http_major << 8 | h->http_minor << 12;
  if (llhttp_should_keep_alive(h)) flags |= HTTP_KEEP_ALIVE;
  if (h->upgrade) flags |= HTTP_IS_UPGRADE;
  if (h->flags & F_CONTENT_LENGTH) flags |= HTTP_HAS_LENGTH;
  if (h->flags & F_CHUNKED) flags |= HTTP_IS_CHUNKED;
  return flags;
}

// QUERY: llhttp before 9 does not know it, and stops at its first letter. Then it is told another method of the same
// length, which differs in nothing else.
static const char query[] = "QUERY ", query_as[] = "PATCH";

static llhttp_errno_t after_query(http_parser *p, const char *bytes, size_t length) {
  p->query_matched = 0;
  llhttp_reset(&p->llhttp);
  llhttp_errno_t err = llhttp_execute(&p->llhttp, query_as, sizeof query_as - 1);
  p->query = true;
  if (err != HPE_OK) return err;
  return llhttp_execute(&p->llhttp, " ", 1) == HPE_OK ? llhttp_execute(&p->llhttp, bytes, length) : llhttp_get_errno(&p->llhttp);
}

static llhttp_errno_t run(http_parser *p, const char *bytes, const char *end, bool begun) {
  llhttp_errno_t err;
  const char *at = bytes;
  if (p->query_matched > 0) {
    size_t n = p->query_matched;
    while (at < end && n < sizeof query - 1 && *at == query[n]) at++, n++;
    if (at == end && n < sizeof query - 1) {
      p->query_matched = (uint8_t)n;
      return HPE_OK;
    }
    if (n < sizeof query - 1) {
      p->query_matched = 0;
      llhttp_execute(&p->llhttp, query, 1); // says what is wrong
      p->llhttp.error_pos = bytes;
      return llhttp_get_errno(&p->llhttp);
    }
    err = after_query(p, at, (size_t)(end - at));
  } else {
    err = llhttp_execute(&p->llhttp, bytes, (size_t)(end - bytes));
  }
  while (err == HPE_INVALID_METHOD && p->llhttp.type == HTTP_REQUEST) {
    at = llhttp_get_error_pos(&p->llhttp);
    if (at < bytes || at >= end || !((at == bytes && !begun) || at[-1] == '\n' || at == p->body_end)) break; // inside a name
    size_t n = 0;
    while (at + n < end && n < sizeof query - 1 && at[n] == query[n]) n++;
    if (n == sizeof query - 1) {
      err = after_query(p, at + n, (size_t)(end - at) - n);
      begun = true;
    } else if (at + n == end && n > 0) {
      p->query_matched = (uint8_t)n;
      llhttp_reset(&p->llhttp);
      return HPE_OK;
    } else {
      break;
    }
  }
  return err;
}

unsigned http_parser_method(const http_parser *p) {
  return p->query ? HTTP_METHOD_QUERY : p->llhttp.method;
}

llhttp_errno_t http_parser_execute(http_parser *p, const char *bytes, size_t length, size_t *parsed) {
  p->feed = bytes;
  p->feed_end = bytes + length;
  p->body_end = NULL;
  p->executes++;
  if (p->executes == UINT32_MAX) p->executes = 1; // a value open just now is at worst refused
  // llhttp reports where it stopped relative to the bytes fed.
  llhttp_errno_t err = run(p, bytes, bytes + length, p->in_message);
  const char *at = err == HPE_OK ? bytes + length : llhttp_get_error_pos(&p->llhttp);
  *parsed = at >= bytes && at <= bytes + length ? (size_t)(at - bytes) : 0;
  if (err == HPE_OK && p->value == HTTP_VALUE_DUE) {
    for (at = p->feed_end; at > bytes && strchr(" \t\r\n", at[-1]) != NULL; at--)
      if (at[-1] == '\n') p->folded = true;
  }
  p->feed = p->feed_end = NULL;
  return err;
}

llhttp_errno_t http_parser_finish(http_parser *p) {
  llhttp_errno_t err = llhttp_finish(&p->llhttp);
  if (err != HPE_OK) p->llhttp.error = (int32_t)err; // llhttp only returns it
  return err;
}

// ---- the raw block

typedef struct field {
  const char *name, *value;
  size_t name_length, value_length;
} field;

static bool next_field(const char **at, const char *end, field *f) {
  const char *lf = *at < end ? memchr(*at, '\n', (size_t)(end - *at)) : NULL;
  const char *lf2 = lf == NULL ? NULL : memchr(lf + 1, '\n', (size_t)(end - lf - 1));
  if (lf2 == NULL) return false;
  *f = (field){*at, lf + 1, (size_t)(lf - *at), (size_t)(lf2 - lf - 1)};
  *at = lf2 + 1;
  return true;
}

// Which of the two came last in a head that has both.
static bool encoding_after_length(const http_parser *p) {
  if (p->head.length <= p->first_line) return false;
  const char *at = p->head.data + p->first_line, *end = p->head.data + p->head.length;
  bool length = false;
  field f;
  while (next_field(&at, end, &f)) {
    if (f.name_length == 14 && strncasecmp(f.name, "content-length", 14) == 0) length = true;
    if (f.name_length == 17 && strncasecmp(f.name, "transfer-encoding", 17) == 0) return length;
  }
  return false;
}

// ---- errors

void http_parser_error(const http_parser *p, http_error *error) {
  const char *reason = llhttp_get_error_reason(&p->llhttp);
  const char *colon = reason == NULL || strncmp(reason, "HPE_", 4) != 0 ? NULL : strchr(reason, ':');
  if (colon != NULL) {
    error->code = reason;
    error->code_length = (size_t)(colon - reason);
    error->reason = colon + 1;
    return;
  }
  error->code = llhttp_errno_name(llhttp_get_errno(&p->llhttp));
  error->reason = reason == NULL ? "" : reason;
  // The words of llhttp 9, which Node 20 has.
  if (strcmp(error->reason, "Content-Length can't be present with Transfer-Encoding") == 0) {
    bool encoding_last = encoding_after_length(p);
    error->code = encoding_last ? "HPE_INVALID_TRANSFER_ENCODING" : "HPE_INVALID_CONTENT_LENGTH";
    if (encoding_last) error->reason = "Transfer-Encoding can't be present with Content-Length";
  } else if (strcmp(error->reason, "Expected HTTP/") == 0) {
    error->reason = "Expected HTTP/, RTSP/ or ICE/";
  } else if (strcmp(error->reason, "Invalid characters in url (strict mode)") == 0) {
    error->reason = "Invalid characters in url";
  }
  error->code_length = strlen(error->code);
}

static void push_lower(lua_State *L, const char *name, size_t length) {
  char small[64];
  small[0] = 0;
  char *lower = length <= sizeof small ? small : lua_newuserdata(L, length);
  for (size_t i = 0; i < length; i++) lower[i] = (char)(name[i] >= 'A' && name[i] <= 'Z' ? name[i] | 0x20 : name[i]);
  lua_pushlstring(L, lower, length);
  if (lower != small) lua_remove(L, -2);
}

// Pushes the key of a field. JavaScript's objects keep what reads as an index as a number, one more than it says.
static void push_key(lua_State *L, const field *f, bool plain) {
  enum { DIGITS = 9 }; // none of these comes near the largest index
  push_lower(L, f->name, f->name_length);
  if (plain || f->name_length > DIGITS || f->name[0] > '9' || f->name[0] < '0' || (f->name[0] == '0' && f->name_length > 1)) return;
  lua_Integer index = 0;
  for (size_t i = 0; i < f->name_length; i++) {
    if (f->name[i] < '0' || f->name[i] > '9') return;
    index = index * 10 + (f->name[i] - '0');
  }
  lua_pop(L, 1);
  lua_pushinteger(L, index + 1);
}

// fields(raw) -> {"Name", "value", …}
static int fields(lua_State *L) {
  size_t length;
  const char *at = luaL_checklstring(L, 1, &length), *end = at + length;
  field f;
  int n = 0;
  lua_createtable(L, 16, 0);
  while (next_field(&at, end, &f)) {
    lua_pushlstring(L, f.name, f.name_length);
    lua_rawseti(L, -2, ++n);
    lua_pushlstring(L, f.value, f.value_length);
    lua_rawseti(L, -2, ++n);
  }
  return 1;
}

// Of these only the first counts (Node 20 docs: message.headers).
static bool is_single(const char *name, size_t length) {
  static const char *const names[] = {"age", "authorization", "content-length", "content-type", "etag", "expires", "from", "host", "if-modified-since",
                                      "if-unmodified-since", "last-modified", "location", "max-forwards", "proxy-authorization", "referer",
                                      "retry-after", "server", "user-agent"};
  for (size_t i = 0; i < sizeof names / sizeof *names; i++)
    if (strlen(names[i]) == length && memcmp(names[i], name, length) == 0) return true;
  return false;
}

// Puts the value on top under the key below it; an object of JavaScript's learns the key.
static void put_field(lua_State *L, int index, bool plain) {
  if (plain) lua_rawset(L, index);
  else lua_settable(L, index);
}

static bool is_plain(lua_State *L, int index) {
  if (!lua_getmetatable(L, index)) return true;
  lua_pop(L, 1);
  return false;
}

// headers(raw, join, table?) -> table; one given is added to
static int headers(lua_State *L) {
  size_t length;
  const char *at = luaL_checklstring(L, 1, &length), *end = at + length;
  bool join = lua_toboolean(L, 2);
  field f;
  lua_settop(L, 3);
  if (!lua_istable(L, 3)) {
    lua_createtable(L, 0, 8);
    lua_replace(L, 3);
  }
  bool plain = is_plain(L, 3);
  while (next_field(&at, end, &f)) {
    push_key(L, &f, plain);
    size_t n = 0;
    const char *name = lua_type(L, -1) == LUA_TSTRING ? lua_tolstring(L, -1, &n) : "";
    lua_pushvalue(L, -1);
    lua_rawget(L, 3);
    if (n == 10 && memcmp(name, "set-cookie", 10) == 0) {
      if (lua_isnil(L, -1)) {
        lua_pop(L, 1);
        lua_createtable(L, 1, 0);
        lua_pushvalue(L, -1);
        lua_insert(L, -3);
        put_field(L, 3, plain);
      }
      lua_pushlstring(L, f.value, f.value_length);
      lua_rawseti(L, -2, (int)lua_objlen(L, -2) + 1);
      lua_settop(L, 3);
    } else if (lua_isnil(L, -1)) {
      lua_pop(L, 1);
      lua_pushlstring(L, f.value, f.value_length);
      put_field(L, 3, plain);
    } else if (!join && is_single(name, n)) {
      lua_pop(L, 2);
    } else {
      if (n == 6 && memcmp(name, "cookie", 6) == 0) lua_pushliteral(L, "; ");
      else lua_pushliteral(L, ", ");
      lua_pushlstring(L, f.value, f.value_length);
      lua_concat(L, 3);
      put_field(L, 3, plain);
    }
  }
  return 1;
}

// distinct(raw, table?) -> {name = {value, …}}
static int distinct(lua_State *L) {
  size_t length;
  const char *at = luaL_checklstring(L, 1, &length), *end = at + length;
  field f;
  lua_settop(L, 2);
  if (!lua_istable(L, 2)) {
    lua_createtable(L, 0, 8);
    lua_replace(L, 2);
  }
  bool plain = is_plain(L, 2);
  while (next_field(&at, end, &f)) {
    push_key(L, &f, plain);
    lua_pushvalue(L, -1);
    lua_rawget(L, 2);
    if (lua_isnil(L, -1)) {
      lua_pop(L, 1);
      lua_createtable(L, 1, 0);
      lua_pushvalue(L, -2);
      lua_pushvalue(L, -2);
      put_field(L, 2, plain);
    }
    lua_pushlstring(L, f.value, f.value_length);
    lua_rawseti(L, -2, (int)lua_objlen(L, -2) + 1);
    lua_settop(L, 2);
  }
  return 1;
}

// ---- methods

static const char METHODS_KEY = 0;

static const char *const method_names[] = {
#define XX(number, name, string) [number] = #string,
    HTTP_ALL_METHOD_MAP(XX)
#undef XX
    [HTTP_METHOD_QUERY] = "QUERY",
};
enum { METHOD_COUNT = sizeof method_names / sizeof *method_names };

void http_push_methods(lua_State *L) {
  lua_pushlightuserdata(L, (void *)&METHODS_KEY);
  lua_rawget(L, LUA_REGISTRYINDEX);
}

void http_push_method(lua_State *L, unsigned method) {
  http_push_methods(L);
  lua_rawgeti(L, -1, (int)method + 1);
  lua_remove(L, -2);
}

// methods() -> list of those of HTTP, sorted
static int methods(lua_State *L) {
  static const char *const names[] = {
#define XX(number, name, string) #string,
      HTTP_METHOD_MAP(XX)
#undef XX
  };
  lua_getglobal(L, "table");
  lua_getfield(L, -1, "sort");
  lua_newtable(L);
  size_t count = sizeof names / sizeof *names;
  bool query_known = false;
  for (size_t i = 0; i < count; i++) {
    lua_pushstring(L, names[i]);
    lua_rawseti(L, -2, (int)i + 1);
    query_known = query_known || strcmp(names[i], "QUERY") == 0;
  }
  if (!query_known) {
    lua_pushliteral(L, "QUERY");
    lua_rawseti(L, -2, (int)count + 1);
  }
  lua_pushvalue(L, -1);
  lua_insert(L, -3);
  lua_call(L, 1, 0);
  return 1;
}

// ---- the parser that Lua feeds

#define PARSER_NAME "lunode.http_parser"

typedef struct lua_parser {
  http_parser p; // first
  runtime *rt;
  lua_State *L; // of the running execute; the parser's environment is at index 3 of its stack
  bool lenient, busy, stopped, broken, upgraded;
  bool resetting; // reset came from a callback, or after one that raised: it waits until execute is surely over
  llhttp_type_t reset_to;
} lua_parser;

// Pushes env[name] and the owner; false when there is no such callback.
static bool begin(lua_parser *u, const char *name) {
  lua_State *L = u->L;
  luaL_checkstack(L, 12, "in an HTTP parser");
  lua_pushstring(L, name);
  lua_rawget(L, 3);
  if (lua_isnil(L, -1)) {
    lua_pop(L, 1);
    return false;
  }
  lua_pushliteral(L, "owner");
  lua_rawget(L, 3);
  return true;
}

static int after(lua_parser *u, int value) {
  return u->stopped ? HPE_PAUSED : value;
}

static int lua_headers(http_parser *p) {
  lua_parser *u = (lua_parser *)p;
  lua_State *L = u->L;
  if (!begin(u, "onheaders")) {
    p->head.length = p->first_line = p->pair = p->pairs = 0;
    return 0;
  }
  if (p->llhttp.type == HTTP_REQUEST) {
    http_push_method(L, http_parser_method(p));
  } else {
    lua_pushinteger(L, p->llhttp.status_code);
  }
  lua_pushlstring(L, p->first_line == 0 ? "" : p->head.data, p->first_line);
  lua_pushlstring(L, p->head.data == NULL ? "" : p->head.data + p->first_line, p->head.length - p->first_line);
  lua_pushinteger(L, http_parser_flags(p));
  p->head.length = p->first_line = p->pair = p->pairs = 0;
  lua_call(L, 5, 1);
  int answer = (int)lua_tointeger(L, -1);
  lua_pop(L, 1);
  if (answer != 1 && answer != 2) {
    answer = 0;
    p->llhttp.upgrade = 0;
    // RFC 9112, 6.3: these have none whatever their head says.
    if (p->llhttp.type == HTTP_RESPONSE) {
      int status = p->llhttp.status_code;
      if (status / 100 == 1 || status == 204 || status == 304) answer = 1;
    }
  }
  return after(u, answer);
}

static int lua_body(http_parser *p, const char *bytes, size_t length) {
  lua_parser *u = (lua_parser *)p;
  if (!begin(u, "onbody")) return 0;
  buffer_push_copy(u->L, u->rt, bytes, length);
  lua_call(u->L, 2, 0);
  return after(u, 0);
}

static int lua_complete(http_parser *p) {
  lua_parser *u = (lua_parser *)p;
  bool any = begin(u, "oncomplete");
  if (any) {
    if (p->head.length > 0 && p->pairs > 0) lua_pushlstring(u->L, p->head.data, p->head.length);
    else lua_pushnil(u->L);
  }
  http_parser_release_head(p);
  if (any) lua_call(u->L, 2, 0);
  return after(u, 0);
}

static const http_hooks lua_hooks = {lua_headers, lua_body, lua_complete};

static lua_parser *check(lua_State *L, bool idle) {
  lua_parser *u = luaL_checkudata(L, 1, PARSER_NAME);
  if (idle && u->busy && !u->resetting) luaL_error(L, "an HTTP parser is not re-entrant, and wants a reset after a callback that raised");
  return u;
}

static void reset(lua_parser *u) {
  http_parser_release_head(&u->p);
  http_parser_init(&u->p, u->reset_to, &lua_hooks, u->lenient);
  u->busy = u->broken = u->stopped = u->upgraded = u->resetting = false;
  u->L = NULL;
}

static llhttp_type_t check_kind(lua_State *L, int index) {
  static const char *const names[] = {"request", "response", NULL};
  return luaL_checkoption(L, index, NULL, names) == 0 ? HTTP_REQUEST : HTTP_RESPONSE;
}

static int push_error(lua_State *L, lua_parser *u, size_t parsed) {
  http_error error;
  http_parser_error(&u->p, &error);
  lua_pushnil(L);
  lua_pushlstring(L, error.code, error.code_length);
  lua_pushstring(L, error.reason);
  lua_pushnumber(L, (lua_Number)parsed);
  return 4;
}

static int parser_execute(lua_State *L) {
  lua_parser *u = check(L, true);
  size_t length, parsed = 0;
  const char *bytes = buffer_check_bytes(L, 2, &length);
  if (u->resetting) reset(u);
  if (u->broken) return luaL_error(L, "the HTTP parser is broken: reset it");
  lua_settop(L, 2);
  lua_getfenv(L, 1);
  u->L = L;
  u->stopped = false;
  u->broken = u->busy = true; // stays so when a callback raises
  llhttp_errno_t err = http_parser_execute(&u->p, bytes, length, &parsed);
  u->busy = false;
  u->L = NULL;
  if (u->resetting) {
    reset(u);
    lua_pushnumber(L, (lua_Number)parsed);
    return 1;
  }
  if (err == HPE_PAUSED_UPGRADE) {
    u->upgraded = true;
    u->broken = false;
  } else if (err == HPE_OK || (err == HPE_PAUSED && u->stopped)) {
    u->broken = false;
    if (err == HPE_PAUSED) llhttp_resume(&u->p.llhttp);
  } else {
    return push_error(L, u, parsed);
  }
  lua_pushnumber(L, (lua_Number)parsed);
  return 1;
}

static int parser_finish(lua_State *L) {
  lua_parser *u = check(L, true);
  if (u->resetting) reset(u);
  if (u->broken || u->upgraded) {
    lua_pushboolean(L, 1);
    return 1;
  }
  lua_settop(L, 2);
  lua_getfenv(L, 1);
  u->L = L;
  u->broken = u->busy = true;
  llhttp_errno_t err = http_parser_finish(&u->p);
  u->busy = false;
  u->L = NULL;
  if (u->resetting) {
    reset(u);
    err = HPE_PAUSED;
  }
  if (err != HPE_OK && err != HPE_PAUSED) return push_error(L, u, 0);
  u->broken = false;
  lua_pushboolean(L, 1);
  return 1;
}

static int parser_reset(lua_State *L) {
  lua_parser *u = check(L, false);
  u->reset_to = lua_isnoneornil(L, 2) ? (llhttp_type_t)u->p.llhttp.type : check_kind(L, 2);
  if (u->busy) u->resetting = u->stopped = true;
  else reset(u);
  return 0;
}

static int parser_stop(lua_State *L) {
  check(L, false)->stopped = true;
  return 0;
}

static int parser_gc(lua_State *L) {
  http_parser_free(&((lua_parser *)lua_touserdata(L, 1))->p);
  return 0;
}

static int parser_index(lua_State *L) {
  lua_parser *u = check(L, false);
  lua_pushvalue(L, 2);
  lua_rawget(L, lua_upvalueindex(1));
  if (!lua_isnil(L, -1)) return 1;
  if (lua_type(L, 2) == LUA_TSTRING && strcmp(lua_tostring(L, 2), "upgraded") == 0) {
    lua_pushboolean(L, u->upgraded);
    return 1;
  }
  lua_getfenv(L, 1);
  lua_pushvalue(L, 2);
  lua_rawget(L, -2);
  return 1;
}

static int parser_newindex(lua_State *L) {
  check(L, false);
  lua_getfenv(L, 1);
  lua_replace(L, 1);
  lua_rawset(L, 1);
  return 0;
}

static uint32_t option(lua_State *L, int index, const char *name, uint32_t fallback, uint32_t least) {
  lua_getfield(L, index, name);
  lua_Number n = lua_isnil(L, -1) ? fallback : luaL_checknumber(L, -1);
  lua_pop(L, 1);
  return n >= 1073741824 ? 1073741824u : n > least ? (uint32_t)n : least;
}

// parser(kind, options)
static int parser_new(lua_State *L) {
  llhttp_type_t kind = check_kind(L, 1);
  uint32_t max_head = HTTP_MAX_HEAD, max_pairs = HTTP_MAX_PAIRS;
  bool lenient = false;
  if (!lua_isnoneornil(L, 2)) {
    luaL_checktype(L, 2, LUA_TTABLE);
    max_head = option(L, 2, "maxHeaderSize", max_head, 1);
    max_pairs = option(L, 2, "maxHeaders", max_pairs, 0);
    lua_getfield(L, 2, "lenient");
    lenient = lua_toboolean(L, -1);
    lua_pop(L, 1);
  }
  runtime *rt = runtime_get(L);
  lua_parser *u = lua_newuserdata(L, sizeof *u);
  memset(u, 0, sizeof *u);
  u->rt = rt;
  u->lenient = lenient;
  u->p.max_head = max_head;
  u->p.max_pairs = max_pairs;
  http_parser_init(&u->p, kind, &lua_hooks, lenient);
  luaL_getmetatable(L, PARSER_NAME);
  lua_setmetatable(L, -2);
  lua_createtable(L, 0, 4);
  lua_setfenv(L, -2);
  return 1;
}

void http_open(lua_State *L) {
  static const luaL_Reg parser_methods[] = {{"execute", parser_execute}, {"finish", parser_finish}, {"reset", parser_reset},
                                            {"stop", parser_stop},       {NULL, NULL}};
  static const luaL_Reg functions[] = {{"parser", parser_new}, {"fields", fields},   {"headers", headers},
                                       {"distinct", distinct}, {"methods", methods}, {NULL, NULL}};
  lua_pushlightuserdata(L, (void *)&METHODS_KEY);
  lua_createtable(L, METHOD_COUNT, 0);
  for (int i = 0; i < METHOD_COUNT; i++) {
    lua_pushstring(L, method_names[i] == NULL ? "" : method_names[i]);
    lua_rawseti(L, -2, i + 1);
  }
  lua_rawset(L, LUA_REGISTRYINDEX);
  luaL_newmetatable(L, PARSER_NAME);
  lua_pushcfunction(L, parser_gc);
  lua_setfield(L, -2, "__gc");
  lua_pushcfunction(L, parser_newindex);
  lua_setfield(L, -2, "__newindex");
  lua_newtable(L);
  luaL_register(L, NULL, parser_methods);
  lua_pushcclosure(L, parser_index, 1);
  lua_setfield(L, -2, "__index");
  lua_pop(L, 1);
  lua_newtable(L);
  luaL_register(L, NULL, functions);
  http_head_open(L);
  http_connection_open(L);
}

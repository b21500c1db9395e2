// SPDX-License-Identifier: MIT
//
// The URL parser (WHATWG URL Standard): text in, the serialized URL and where its parts lie out. It knows nothing of Lua.
//
// A parsed URL is its href; a setter parses the href again, changes one part and serializes. What one call needs lies in the
// url_scratch, and the result stays valid until the next call with the same one.
#ifndef LUNODE_URL_H
#define LUNODE_URL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define URL_NONE UINT32_MAX

// Seen by Lua through the FFI (lua/url/record.lua holds the same layout). Offsets are from 0 into href.
//   https://user:pass@example.com:1234/foo/bar?baz#quux
//         |     |    |           |    |       |   |
//         |     |    |           |    |       |   hash_start     URL_NONE without a fragment, at the "#" with one
//         |     |    |           |    |       search_start       likewise
//         |     |    |           |    pathname_start
//         |     |    |           host_end                        port: the number, or URL_NONE
//         |     |    host_start                                  at the "@" when there are credentials, else at the host
//         |     username_end
//         protocol_end                                           "//" follows when there is a host
typedef struct url_parts {
  const char *href;
  uint32_t length;
  uint32_t protocol_end, username_end, host_start, host_end, port, pathname_start, search_start, hash_start;
} url_parts;

typedef struct url_scratch {
  url_parts parts;
  char *arena; // the newest piece of memory; the others hang on it
  size_t used, size;
} url_scratch;

typedef enum url_status { URL_OK, URL_INVALID, URL_BAD_BASE, URL_MEMORY, URL_LIBRARY } url_status;
typedef enum url_part { URL_PROTOCOL, URL_USERNAME, URL_PASSWORD, URL_HOST, URL_HOSTNAME, URL_PORT, URL_PATHNAME, URL_SEARCH, URL_HASH } url_part;

// input, base: bytes of text (what is not UTF-8 counts as U+FFFD); base may be NULL.
url_status url_parse(url_scratch *s, const char *input, size_t n, const char *base, size_t base_n);

// href must be one that url_parse gave. URL_INVALID: the part cannot take the value, the URL stays as it is.
url_status url_set(url_scratch *s, url_part part, const char *href, size_t n, const char *value, size_t value_n);

// Frees what the scratch holds; it may be used again.
void url_scratch_free(url_scratch *s);

// ---- between url_parse.c and url_host.c

typedef struct url_slice {
  const char *p;
  size_t n;
} url_slice;

// Room that lasts until the next call, or NULL.
char *url_room(url_scratch *s, size_t n);

// The host as it is written in a URL (clause 3.5). opaque: of a URL that is not special.
url_status url_host_parse(url_scratch *s, url_slice text, bool opaque, url_slice *host);

// The percent-encode sets (clause 1.3): a bit for each.
enum { SET_C0 = 1, SET_FRAGMENT = 2, SET_QUERY = 4, SET_SPECIAL_QUERY = 8, SET_PATH = 16, SET_USERINFO = 32, FORBIDDEN_HOST = 64, FORBIDDEN_DOMAIN = 128 };
extern const uint8_t url_sets[256];

// Writes text with the bytes of the set percent-encoded to `out`, which has room for 3 * n; returns the length.
size_t url_encode(char *out, url_slice text, int set);

#endif

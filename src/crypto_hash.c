// SPDX-License-Identifier: MIT
//
// core.crypto, digests and HMAC:
//   digest(name) -> digest object or nil           fetched once: give it to the functions below
//   hashNew(digest or hash, outputLength or nil) -> hash     of a hash: a copy in its state
//   hashUpdate(hash, bytes) -> boolean
//   hashDigest(hash, encoding or nil) -> Buffer, or text where the encoding is given and the digest short
//   hashOnce(digest, bytes, encoding or nil) -> the same in one call
//   hashJob(digest, bytes, callback) -> Buffer; as crypto_job_run has it
//   hmacNew(digest, key) -> hmac; hmacUpdate, hmacDigest as those of hash
#include "crypto.h"
#include "encoding.h"

#include <limits.h>
#include <string.h>

typedef struct digest {
  EVP_MD *md;
} digest;

typedef struct hash {
  EVP_MD_CTX *ctx;
  size_t length; // of the output
  bool xof;      // the length is not the digest's own
} hash;

typedef struct hmac {
  HMAC_CTX *ctx;
} hmac;

static digest *check_digest(lua_State *L, int index) { return luaL_checkudata(L, index, "lunode.crypto.digest"); }
static hash *check_hash(lua_State *L, int index) { return luaL_checkudata(L, index, "lunode.crypto.hash"); }
static hmac *check_hmac(lua_State *L, int index) { return luaL_checkudata(L, index, "lunode.crypto.hmac"); }

static int digest_gc(lua_State *L) {
  digest *d = lua_touserdata(L, 1);
  EVP_MD_free(d->md);
  d->md = NULL;
  return 0;
}

static int hash_gc(lua_State *L) {
  hash *h = lua_touserdata(L, 1);
  EVP_MD_CTX_free(h->ctx);
  h->ctx = NULL;
  return 0;
}

static int hmac_gc(lua_State *L) {
  hmac *h = lua_touserdata(L, 1);
  HMAC_CTX_free(h->ctx);
  h->ctx = NULL;
  return 0;
}

const EVP_MD *crypto_digest_named(const char *name) {
  const EVP_MD *md = EVP_get_digestbyname(name);
  ERR_clear_error();
  return md;
}

static int digest_named(lua_State *L) {
  const char *name = luaL_checkstring(L, 1);
  digest *d = crypto_new_object(L, sizeof *d, "lunode.crypto.digest", digest_gc);
  const EVP_MD *known = EVP_get_digestbyname(name); // knows the aliases, "RSA-SHA256" among them
  if (known != NULL) d->md = EVP_MD_fetch(NULL, EVP_MD_get0_name(known), NULL);
  return d->md != NULL ? (ERR_clear_error(), 1) : crypto_fail(L);
}

// Pushes a digest: a Buffer, or text when the encoding is given and it is short.
static void push_digest(lua_State *L, const uint8_t *bytes, size_t length, int encoding_index) {
  const char *name = lua_tostring(L, encoding_index);
  encoding e = name == NULL ? ENC_COUNT : encoding_named(name);
  char text[EVP_MAX_MD_SIZE * 4];
  if (e == ENC_COUNT || encoding_decoded_max(e, length) > sizeof text) buffer_push_copy(L, runtime_get(L), bytes, length);
  else lua_pushlstring(L, text, encoding_decode(e, bytes, length, text));
}

static int hash_new(lua_State *L) {
  hash *from = crypto_test_object(L, 1, "lunode.crypto.hash");
  digest *d = from == NULL ? check_digest(L, 1) : NULL;
  bool given = !lua_isnoneornil(L, 2);
  lua_Number wanted = given ? luaL_checknumber(L, 2) : 0;
  if (given && !(wanted >= 0 && wanted <= (lua_Number)BUFFER_MAX)) return luaL_error(L, "length out of range");
  hash *h = crypto_new_object(L, sizeof *h, "lunode.crypto.hash", hash_gc);
  h->ctx = EVP_MD_CTX_new();
  if (h->ctx == NULL) return crypto_fail(L);
  if (from == NULL) {
    if (EVP_DigestInit_ex(h->ctx, d->md, NULL) != 1) return crypto_fail(L);
  } else if (from->ctx == NULL || EVP_MD_CTX_copy_ex(h->ctx, from->ctx) != 1) {
    return crypto_fail(L);
  }
  const EVP_MD *md = EVP_MD_CTX_get0_md(h->ctx);
  h->length = (size_t)EVP_MD_get_size(md);
  if (given && (size_t)wanted != h->length) {
    if ((EVP_MD_get_flags(md) & EVP_MD_FLAG_XOF) == 0) {
      ERR_new();
      ERR_set_error(ERR_LIB_EVP, EVP_R_NOT_XOF_OR_INVALID_LENGTH, NULL);
      return crypto_fail(L);
    }
    h->length = (size_t)wanted;
    h->xof = true;
  }
  return 1;
}

static int hash_update(lua_State *L) {
  hash *h = check_hash(L, 1);
  size_t length;
  const char *bytes = buffer_check_bytes(L, 2, &length);
  lua_pushboolean(L, h->ctx != NULL && EVP_DigestUpdate(h->ctx, bytes, length) == 1);
  ERR_clear_error();
  return 1;
}

static int hash_digest(lua_State *L) {
  hash *h = check_hash(L, 1);
  if (h->ctx == NULL) return luaL_error(L, "the hash is over");
  int ok = 1;
  if (h->length > EVP_MAX_MD_SIZE) {
    buffer *b = buffer_new(L, runtime_get(L), h->length);
    ok = EVP_DigestFinalXOF(h->ctx, b->data, h->length);
  } else {
    uint8_t bytes[EVP_MAX_MD_SIZE];
    if (h->xof) ok = h->length == 0 || EVP_DigestFinalXOF(h->ctx, bytes, h->length);
    else ok = EVP_DigestFinal_ex(h->ctx, bytes, NULL);
    if (ok == 1) push_digest(L, bytes, h->length, 2);
  }
  EVP_MD_CTX_free(h->ctx);
  h->ctx = NULL;
  return ok == 1 ? (ERR_clear_error(), 1) : crypto_fail(L);
}

static int hash_once(lua_State *L) {
  digest *d = check_digest(L, 1);
  size_t length;
  const char *bytes = buffer_check_bytes(L, 2, &length);
  uint8_t out[EVP_MAX_MD_SIZE];
  unsigned size = 0;
  if (EVP_Digest(bytes, length, out, &size, d->md, NULL) != 1) return crypto_fail(L);
  push_digest(L, out, size, 3);
  return 1;
}

// ---- on the thread pool

typedef struct hash_job {
  crypto_job job;
  EVP_MD *md;
  uint8_t *data;
  size_t length;
  unsigned size;
  uint8_t out[EVP_MAX_MD_SIZE];
} hash_job;

static bool hash_work(crypto_job *job) {
  hash_job *j = (hash_job *)job;
  return EVP_Digest(j->data, j->length, j->out, &j->size, j->md, NULL) == 1;
}

static int hash_push(lua_State *L, crypto_job *job) {
  hash_job *j = (hash_job *)job;
  buffer_push_copy(L, job->rt, j->out, j->size);
  return 1;
}

static void hash_clear(crypto_job *job) {
  hash_job *j = (hash_job *)job;
  EVP_MD_free(j->md);
  OPENSSL_clear_free(j->data, j->length);
}

static const crypto_job_type HASH_JOB = {sizeof(hash_job), hash_work, hash_push, hash_clear};

static int hash_in_job(lua_State *L) {
  lua_settop(L, 3);
  digest *d = check_digest(L, 1);
  size_t length;
  const char *bytes = buffer_check_bytes(L, 2, &length);
  hash_job *j = (hash_job *)crypto_job_new(L, &HASH_JOB);
  EVP_MD_up_ref(d->md);
  j->md = d->md;
  j->length = length;
  j->data = crypto_copy(bytes, length);
  if (j->data == NULL) return luaL_error(L, "out of memory");
  return crypto_job_run(L, &j->job, 3);
}

// ---- HMAC

static int hmac_new(lua_State *L) {
  digest *d = check_digest(L, 1);
  size_t length;
  const char *key = crypto_check_secret(L, 2, &length);
  if (length > INT_MAX) return luaL_error(L, "key too long");
  hmac *h = crypto_new_object(L, sizeof *h, "lunode.crypto.hmac", hmac_gc);
  h->ctx = HMAC_CTX_new();
  if (h->ctx == NULL || HMAC_Init_ex(h->ctx, length == 0 ? "" : key, (int)length, d->md, NULL) != 1) return crypto_fail(L);
  return 1;
}

static int hmac_update(lua_State *L) {
  hmac *h = check_hmac(L, 1);
  size_t length;
  const char *bytes = buffer_check_bytes(L, 2, &length);
  lua_pushboolean(L, h->ctx != NULL && HMAC_Update(h->ctx, (const unsigned char *)bytes, length) == 1);
  ERR_clear_error();
  return 1;
}

static int hmac_digest(lua_State *L) {
  hmac *h = check_hmac(L, 1);
  if (h->ctx == NULL) return luaL_error(L, "the hmac is over");
  uint8_t bytes[EVP_MAX_MD_SIZE];
  unsigned length = 0;
  int ok = HMAC_Final(h->ctx, bytes, &length);
  HMAC_CTX_free(h->ctx);
  h->ctx = NULL;
  if (ok != 1) return crypto_fail(L);
  push_digest(L, bytes, length, 2);
  return 1;
}

const luaL_Reg crypto_hash_functions[] = {{"digest", digest_named},   {"hashNew", hash_new},       {"hashUpdate", hash_update},
                                          {"hashDigest", hash_digest}, {"hashOnce", hash_once},     {"hashJob", hash_in_job},   {"hmacNew", hmac_new},
                                          {"hmacUpdate", hmac_update}, {"hmacDigest", hmac_digest}, {NULL, NULL}};

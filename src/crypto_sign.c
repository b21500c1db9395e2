// SPDX-License-Identifier: MIT
//
// core.crypto, signatures. padding and salt length are those of crypto.constants, or nil; p1363: a (EC)DSA signature is r and s
// side by side (IEEE P1363) instead of DER.
//   sign(digest name or nil, key, bytes, padding, saltLength, p1363, callback) -> Buffer
//   verify(digest name or nil, key, bytes, signature, padding, saltLength, p1363, callback) -> boolean
//   signNew(digest name) -> state; signUpdate(state, bytes) -> boolean         for many pieces; used for verifying as well
//   signFinal(state, key, padding, saltLength, p1363) -> Buffer
//   verifyFinal(state, key, signature, padding, saltLength, p1363) -> boolean
#include <limits.h>
#include <string.h>

#include "crypto.h"

HOLD(drop_ctx, EVP_PKEY_CTX, EVP_PKEY_CTX_free)

typedef struct options {
  int padding, salt; // INT_MIN: not given
  bool p1363;
} options;

static options check_options(lua_State *L, int index) {
  options o = {(int)luaL_optinteger(L, index, INT_MIN), (int)luaL_optinteger(L, index + 1, INT_MIN), lua_toboolean(L, index + 2)};
  return o;
}

static bool apply(EVP_PKEY *key, EVP_PKEY_CTX *ctx, const options *o) {
  int id = EVP_PKEY_get_id(key);
  if (id != EVP_PKEY_RSA && id != EVP_PKEY_RSA_PSS) return true;
  int padding = o->padding != INT_MIN ? o->padding : id == EVP_PKEY_RSA_PSS ? RSA_PKCS1_PSS_PADDING : RSA_PKCS1_PADDING;
  if (EVP_PKEY_CTX_set_rsa_padding(ctx, padding) <= 0) return false;
  return padding != RSA_PKCS1_PSS_PADDING || o->salt == INT_MIN || EVP_PKEY_CTX_set_rsa_pss_saltlen(ctx, o->salt) > 0;
}

// ---- r and s side by side

// Bytes of each; 0 for keys that have no such signatures.
static size_t half_length(EVP_PKEY *key) {
  int bits = 0;
  if (EVP_PKEY_get_id(key) == EVP_PKEY_EC) {
    const EC_KEY *ec = EVP_PKEY_get0_EC_KEY(key);
    if (ec != NULL) bits = EC_GROUP_order_bits(EC_KEY_get0_group(ec));
  } else if (EVP_PKEY_get_id(key) == EVP_PKEY_DSA) {
    const DSA *dsa = EVP_PKEY_get0_DSA(key);
    const BIGNUM *q = NULL;
    if (dsa != NULL) DSA_get0_pqg(dsa, NULL, &q, NULL);
    if (q != NULL) bits = BN_num_bits(q);
  }
  return ((size_t)bits + 7) / 8;
}

// In place: DER is never shorter than its two numbers. False when it is no such signature.
static bool to_p1363(uint8_t *signature, size_t *length, size_t half, size_t room) {
  const uint8_t *p = signature;
  ECDSA_SIG *sig = room >= 2 * half ? d2i_ECDSA_SIG(NULL, &p, (long)*length) : NULL;
  if (sig == NULL) return false;
  const BIGNUM *r, *s;
  ECDSA_SIG_get0(sig, &r, &s);
  bool ok = BN_bn2binpad(r, signature, (int)half) >= 0 && BN_bn2binpad(s, signature + half, (int)half) >= 0;
  ECDSA_SIG_free(sig);
  *length = 2 * half;
  return ok;
}

// A DER copy (OPENSSL_free), or NULL when the signature has not the right length.
static uint8_t *to_der(const uint8_t *signature, size_t length, size_t half, size_t *der_length) {
  if (length != 2 * half) return NULL;
  ECDSA_SIG *sig = ECDSA_SIG_new();
  BIGNUM *r = BN_bin2bn(signature, (int)half, NULL), *s = BN_bin2bn(signature + half, (int)half, NULL);
  uint8_t *der = NULL;
  if (sig != NULL && r != NULL && s != NULL && ECDSA_SIG_set0(sig, r, s) == 1) {
    int n = i2d_ECDSA_SIG(sig, &der);
    *der_length = n > 0 ? (size_t)n : 0;
  } else {
    BN_free(r);
    BN_free(s);
  }
  ECDSA_SIG_free(sig);
  return der;
}

// ---- in one call

typedef struct sign_job {
  crypto_job job;
  EVP_PKEY *key;
  const EVP_MD *md;
  options options;
  const uint8_t *data; // of the copy, or on the spot the caller's
  uint8_t *copy, *signature;
  size_t length, signature_length;
  bool answer;
} sign_job;

static bool sign_work(crypto_job *job) {
  sign_job *j = (sign_job *)job;
  EVP_MD_CTX *ctx = EVP_MD_CTX_new();
  EVP_PKEY_CTX *key_ctx = NULL; // belongs to ctx
  size_t room = 0;
  bool ok = ctx != NULL && EVP_DigestSignInit(ctx, &key_ctx, j->md, NULL, j->key) == 1 && apply(j->key, key_ctx, &j->options) &&
            EVP_DigestSign(ctx, NULL, &room, j->data, j->length) == 1;
  size_t half = ok && j->options.p1363 ? half_length(j->key) : 0;
  if (ok && room < 2 * half) room = 2 * half;
  ok = ok && (j->signature = OPENSSL_malloc(room)) != NULL;
  j->signature_length = room;
  ok = ok && EVP_DigestSign(ctx, j->signature, &j->signature_length, j->data, j->length) == 1;
  EVP_MD_CTX_free(ctx);
  return ok && (half == 0 || to_p1363(j->signature, &j->signature_length, half, room));
}

static int sign_push(lua_State *L, crypto_job *job) {
  sign_job *j = (sign_job *)job;
  buffer_push_copy(L, job->rt, j->signature, j->signature_length);
  return 1;
}

static bool verify_work(crypto_job *job) {
  sign_job *j = (sign_job *)job;
  size_t half = j->options.p1363 ? half_length(j->key) : 0;
  if (half != 0) {
    size_t length = 0;
    uint8_t *der = to_der(j->signature, j->signature_length, half, &length);
    OPENSSL_free(j->signature);
    j->signature = der;
    j->signature_length = length;
  }
  EVP_MD_CTX *ctx = EVP_MD_CTX_new();
  EVP_PKEY_CTX *key_ctx = NULL;
  bool ok = ctx != NULL && EVP_DigestVerifyInit(ctx, &key_ctx, j->md, NULL, j->key) == 1 && apply(j->key, key_ctx, &j->options);
  j->answer = ok && j->signature != NULL && EVP_DigestVerify(ctx, j->signature, j->signature_length, j->data, j->length) == 1;
  EVP_MD_CTX_free(ctx);
  return ok;
}

static int verify_push(lua_State *L, crypto_job *job) {
  lua_pushboolean(L, ((sign_job *)job)->answer);
  return 1;
}

static void sign_clear(crypto_job *job) {
  sign_job *j = (sign_job *)job;
  EVP_PKEY_free(j->key);
  OPENSSL_free(j->copy);
  OPENSSL_free(j->signature);
}

static const crypto_job_type SIGN = {sizeof(sign_job), sign_work, sign_push, sign_clear};
static const crypto_job_type VERIFY = {sizeof(sign_job), verify_work, verify_push, sign_clear};

// What sign and verify have in common; `callback` decides whether the data is copied. NULL: an error was pushed.
static sign_job *prepare(lua_State *L, const crypto_job_type *type, int callback, int option_index) {
  const char *digest = luaL_optstring(L, 1, NULL);
  EVP_PKEY *key = crypto_key_check_pkey(L, 2);
  size_t length;
  const char *data = buffer_check_bytes(L, 3, &length);
  options o = check_options(L, option_index);
  if (!lua_isnoneornil(L, callback)) luaL_checktype(L, callback, LUA_TFUNCTION);
  lua_settop(L, callback);
  const EVP_MD *md = NULL;
  if (digest != NULL && (md = crypto_digest_named(digest)) == NULL) {
    crypto_fail_with(L, "ERR_CRYPTO_INVALID_DIGEST", "Invalid digest: %s", digest);
    return NULL;
  }
  sign_job *j = (sign_job *)crypto_job_new(L, type);
  EVP_PKEY_up_ref(key);
  j->key = key;
  j->md = md;
  j->options = o;
  j->length = length;
  j->data = (const uint8_t *)data;
  if (!lua_isnil(L, callback)) {
    j->data = j->copy = crypto_copy(data, length);
    if (j->copy == NULL) luaL_error(L, "out of memory");
  }
  return j;
}

static int sign(lua_State *L) {
  sign_job *j = prepare(L, &SIGN, 7, 4);
  return j == NULL ? 2 : crypto_job_run(L, &j->job, 7);
}

static int verify(lua_State *L) {
  size_t length;
  const char *signature = buffer_check_bytes(L, 4, &length);
  sign_job *j = prepare(L, &VERIFY, 8, 5);
  if (j == NULL) return 2;
  j->signature = crypto_copy(signature, length);
  if (j->signature == NULL) return luaL_error(L, "out of memory");
  j->signature_length = length;
  return crypto_job_run(L, &j->job, 8);
}

// ---- in pieces

typedef struct sign_state {
  EVP_MD_CTX *ctx;
} sign_state;

static sign_state *check_state(lua_State *L, int index) { return luaL_checkudata(L, index, "lunode.crypto.sign"); }

static int state_gc(lua_State *L) {
  sign_state *s = lua_touserdata(L, 1);
  EVP_MD_CTX_free(s->ctx);
  s->ctx = NULL;
  return 0;
}

static int sign_new(lua_State *L) {
  const char *digest = luaL_checkstring(L, 1);
  const EVP_MD *md = crypto_digest_named(digest);
  if (md == NULL) return crypto_fail_with(L, "ERR_CRYPTO_INVALID_DIGEST", NULL);
  sign_state *s = crypto_new_object(L, sizeof *s, "lunode.crypto.sign", state_gc);
  s->ctx = EVP_MD_CTX_new();
  if (s->ctx == NULL || EVP_DigestInit_ex(s->ctx, md, NULL) != 1) return crypto_fail(L);
  return 1;
}

static int sign_update(lua_State *L) {
  sign_state *s = check_state(L, 1);
  size_t length;
  const char *bytes = buffer_check_bytes(L, 2, &length);
  if (s->ctx == NULL) return crypto_fail_with(L, "ERR_CRYPTO_INVALID_STATE", "Not initialised");
  if (EVP_DigestUpdate(s->ctx, bytes, length) != 1) return crypto_fail(L);
  lua_pushboolean(L, true);
  return 1;
}

// The digest of all pieces, and a context for the key behind a hold; NULL: an error was pushed.
static EVP_PKEY_CTX *conclude(lua_State *L, sign_state *s, EVP_PKEY *key, bool signing, const options *o, uint8_t *digest, unsigned *length, hold *h) {
  if (s->ctx == NULL) {
    crypto_fail_with(L, "ERR_CRYPTO_INVALID_STATE", "Not initialised");
    return NULL;
  }
  if (EVP_PKEY_get_id(key) == EVP_PKEY_ED25519 || EVP_PKEY_get_id(key) == EVP_PKEY_ED448) { // sign no digests
    crypto_fail_with(L, "ERR_CRYPTO_UNSUPPORTED_OPERATION", NULL);
    return NULL;
  }
  const EVP_MD *md = EVP_MD_CTX_get0_md(s->ctx);
  bool ok = EVP_DigestFinal_ex(s->ctx, digest, length) == 1;
  EVP_PKEY_CTX *ctx = h->object = ok ? EVP_PKEY_CTX_new(key, NULL) : NULL;
  ok = ctx != NULL && (signing ? EVP_PKEY_sign_init(ctx) : EVP_PKEY_verify_init(ctx)) == 1 && apply(key, ctx, o) &&
       EVP_PKEY_CTX_set_signature_md(ctx, md) > 0;
  EVP_MD_CTX_free(s->ctx);
  s->ctx = NULL;
  if (ok) return ctx;
  crypto_fail(L);
  return NULL;
}

static int sign_final(lua_State *L) {
  sign_state *s = check_state(L, 1);
  EVP_PKEY *key = crypto_key_check_pkey(L, 2);
  options o = check_options(L, 3);
  uint8_t digest[EVP_MAX_MD_SIZE];
  unsigned digest_length;
  hold *h = crypto_hold(L, drop_ctx);
  EVP_PKEY_CTX *ctx = conclude(L, s, key, true, &o, digest, &digest_length, h);
  if (ctx == NULL) return 2;
  size_t half = o.p1363 ? half_length(key) : 0, room = (size_t)EVP_PKEY_get_size(key);
  if (room < 2 * half) room = 2 * half;
  buffer *b = buffer_new(L, runtime_get(L), room);
  size_t length = room;
  if (EVP_PKEY_sign(ctx, b->data, &length, digest, digest_length) != 1 || (half != 0 && !to_p1363(b->data, &length, half, room))) return crypto_fail(L);
  crypto_drop(h);
  ERR_clear_error();
  b->length = length;
  return 1;
}

static int verify_final(lua_State *L) {
  sign_state *s = check_state(L, 1);
  EVP_PKEY *key = crypto_key_check_pkey(L, 2);
  size_t length, der_length;
  const uint8_t *signature = (const uint8_t *)buffer_check_bytes(L, 3, &length);
  options o = check_options(L, 4);
  uint8_t digest[EVP_MAX_MD_SIZE];
  unsigned digest_length;
  hold *h = crypto_hold(L, drop_ctx);
  EVP_PKEY_CTX *ctx = conclude(L, s, key, false, &o, digest, &digest_length, h);
  if (ctx == NULL) return 2;
  size_t half = o.p1363 ? half_length(key) : 0;
  bool ok;
  if (half != 0) {
    uint8_t *der = to_der(signature, length, half, &der_length);
    ok = der != NULL && EVP_PKEY_verify(ctx, der, der_length, digest, digest_length) == 1;
    OPENSSL_free(der);
  } else {
    ok = EVP_PKEY_verify(ctx, signature, length, digest, digest_length) == 1;
  }
  crypto_drop(h);
  ERR_clear_error();
  lua_pushboolean(L, ok);
  return 1;
}

const luaL_Reg crypto_sign_functions[] = {{"sign", sign},           {"verify", verify},           {"signNew", sign_new}, {"signUpdate", sign_update},
                                          {"signFinal", sign_final}, {"verifyFinal", verify_final}, {NULL, NULL}};

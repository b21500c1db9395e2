// SPDX-License-Identifier: MIT
//
// core.crypto, keys from passwords and other keys. Each with a callback last, as crypto_job_run has it; -> Buffer.
//   pbkdf2(password, salt, iterations, length, digest name, callback)           RFC 8018
//   scrypt(password, salt, length, N, r, p, maxmem, callback)                   RFC 7914
//   hkdf(digest name, key, salt, info, length, callback)                        RFC 5869; the key may be a secret key
#include <limits.h>
#include <stdio.h>

#include "crypto.h"

typedef struct kdf_job {
  crypto_job job;
  uint8_t *secret, *salt, *info, *out;
  size_t secret_length, salt_length, info_length, length;
  const EVP_MD *md;
  int iterations;
  uint64_t N, r, p, maxmem;
} kdf_job;

static int kdf_push(lua_State *L, crypto_job *job) {
  kdf_job *j = (kdf_job *)job;
  buffer_push_copy(L, job->rt, j->out, j->length);
  return 1;
}

static void kdf_clear(crypto_job *job) {
  kdf_job *j = (kdf_job *)job;
  OPENSSL_clear_free(j->secret, j->secret_length);
  OPENSSL_clear_free(j->salt, j->salt_length);
  OPENSSL_clear_free(j->info, j->info_length);
  OPENSSL_clear_free(j->out, j->length);
}

static bool pbkdf2_work(crypto_job *job) {
  kdf_job *j = (kdf_job *)job;
  if (j->length == 0) return true;
  return PKCS5_PBKDF2_HMAC((const char *)j->secret, (int)j->secret_length, j->salt, (int)j->salt_length, j->iterations, j->md,
                           (int)j->length, j->out) == 1;
}

static bool scrypt_work(crypto_job *job) {
  kdf_job *j = (kdf_job *)job;
  if (j->length == 0) return true;
  return EVP_PBE_scrypt((const char *)j->secret, j->secret_length, j->salt, j->salt_length, j->N, j->r, j->p, j->maxmem, j->out,
                        j->length) == 1;
}

// Extract by HMAC, for HKDF's own extraction takes no empty key; then OpenSSL's expansion.
static bool hkdf_work(crypto_job *job) {
  kdf_job *j = (kdf_job *)job;
  if (j->length == 0) return true;
  uint8_t prk[EVP_MAX_MD_SIZE];
  static const uint8_t zeros[EVP_MAX_MD_SIZE];
  unsigned prk_length = sizeof prk;
  const uint8_t *salt = j->salt_length == 0 ? zeros : j->salt;
  size_t salt_length = j->salt_length == 0 ? (size_t)EVP_MD_get_size(j->md) : j->salt_length;
  if (HMAC(j->md, salt, (int)salt_length, j->secret, j->secret_length, prk, &prk_length) == NULL) return false;
  EVP_PKEY_CTX *ctx = EVP_PKEY_CTX_new_id(EVP_PKEY_HKDF, NULL);
  size_t length = j->length;
  bool ok = ctx != NULL && EVP_PKEY_derive_init(ctx) == 1 && EVP_PKEY_CTX_set_hkdf_mode(ctx, EVP_KDF_HKDF_MODE_EXPAND_ONLY) == 1 &&
            EVP_PKEY_CTX_set_hkdf_md(ctx, j->md) == 1 && EVP_PKEY_CTX_set1_hkdf_key(ctx, prk, (int)prk_length) == 1 &&
            (j->info_length == 0 || EVP_PKEY_CTX_add1_hkdf_info(ctx, j->info, (int)j->info_length) == 1) &&
            EVP_PKEY_derive(ctx, j->out, &length) == 1;
  EVP_PKEY_CTX_free(ctx);
  OPENSSL_cleanse(prk, sizeof prk);
  return ok;
}

static const crypto_job_type PBKDF2 = {sizeof(kdf_job), pbkdf2_work, kdf_push, kdf_clear};
static const crypto_job_type SCRYPT = {sizeof(kdf_job), scrypt_work, kdf_push, kdf_clear};
static const crypto_job_type HKDF_JOB = {sizeof(kdf_job), hkdf_work, kdf_push, kdf_clear};

static uint8_t *copy(lua_State *L, int index, size_t *length) {
  size_t n;
  const char *bytes = crypto_check_secret(L, index, &n);
  if (n > INT_MAX) luaL_error(L, "input too long");
  uint8_t *c = crypto_copy(bytes, n);
  if (c == NULL) luaL_error(L, "out of memory");
  *length = n;
  return c;
}

static void out_of(lua_State *L, kdf_job *j, lua_Number length) {
  if (!(length >= 0 && length <= (lua_Number)BUFFER_MAX)) luaL_error(L, "length out of range");
  j->length = (size_t)length;
  j->out = OPENSSL_malloc(j->length + 1);
  if (j->out == NULL) luaL_error(L, "out of memory");
}

static int pbkdf2(lua_State *L) {
  lua_settop(L, 6);
  lua_Number iterations = luaL_checknumber(L, 3), length = luaL_checknumber(L, 4);
  const char *digest = luaL_checkstring(L, 5);
  const EVP_MD *md = crypto_digest_named(digest);
  if (md == NULL) return crypto_fail_with(L, "ERR_CRYPTO_INVALID_DIGEST", "Invalid digest: %s", digest);
  kdf_job *j = (kdf_job *)crypto_job_new(L, &PBKDF2);
  j->secret = copy(L, 1, &j->secret_length);
  j->salt = copy(L, 2, &j->salt_length);
  j->iterations = (int)iterations;
  j->md = md;
  out_of(L, j, length);
  return crypto_job_run(L, &j->job, 6);
}

static int scrypt(lua_State *L) {
  lua_settop(L, 8);
  lua_Number length = luaL_checknumber(L, 3), N = luaL_checknumber(L, 4), r = luaL_checknumber(L, 5), p = luaL_checknumber(L, 6),
             maxmem = luaL_checknumber(L, 7);
  // Asked without an output it only checks the parameters.
  if (EVP_PBE_scrypt(NULL, 0, NULL, 0, (uint64_t)N, (uint64_t)r, (uint64_t)p, (uint64_t)maxmem, NULL, 0) != 1) {
    char why[256] = "";
    unsigned long code = ERR_peek_last_error();
    if (code != 0) ERR_error_string_n(code, why, sizeof why);
    return crypto_fail_with(L, "ERR_CRYPTO_INVALID_SCRYPT_PARAMS", code != 0 ? "Invalid scrypt params: %s" : "Invalid scrypt params", why);
  }
  kdf_job *j = (kdf_job *)crypto_job_new(L, &SCRYPT);
  j->secret = copy(L, 1, &j->secret_length);
  j->salt = copy(L, 2, &j->salt_length);
  j->N = (uint64_t)N;
  j->r = (uint64_t)r;
  j->p = (uint64_t)p;
  j->maxmem = (uint64_t)maxmem;
  out_of(L, j, length);
  return crypto_job_run(L, &j->job, 8);
}

static int hkdf(lua_State *L) {
  lua_settop(L, 6);
  const char *digest = luaL_checkstring(L, 1);
  lua_Number length = luaL_checknumber(L, 5);
  const EVP_MD *md = crypto_digest_named(digest);
  if (md == NULL) return crypto_fail_with(L, "ERR_CRYPTO_INVALID_DIGEST", "Invalid digest: %s", digest);
  if (length > 255.0 * EVP_MD_get_size(md)) return crypto_fail_with(L, "ERR_CRYPTO_INVALID_KEYLEN", NULL);
  kdf_job *j = (kdf_job *)crypto_job_new(L, &HKDF_JOB);
  j->secret = copy(L, 2, &j->secret_length);
  j->salt = copy(L, 3, &j->salt_length);
  j->info = copy(L, 4, &j->info_length);
  j->md = md;
  out_of(L, j, length);
  return crypto_job_run(L, &j->job, 6);
}

const luaL_Reg crypto_kdf_functions[] = {{"pbkdf2", pbkdf2}, {"scrypt", scrypt}, {"hkdf", hkdf}, {NULL, NULL}};

// SPDX-License-Identifier: MIT
//
// core.crypto, new keys. Each with a callback last, as crypto_job_run has it.
//   generateRsa(pss, bits, exponent, digest or nil, mgf1 digest or nil, salt length or nil, callback)
//   generateDsa(bits, divisor bits or nil, callback)
//   generateEc(curve, explicit, callback)
//   generateNamed(name, callback)                        "ED25519" "ED448" "X25519" "X448"
//   generateDh(group or nil, prime or nil, bits or nil, generator, callback)
//     -> public key, private key
#include <limits.h>
#include <string.h>

#include "crypto.h"

typedef struct keygen_job {
  crypto_job job;
  EVP_PKEY *key;
  char name[64];
  bool pss, explicit_curve;
  int bits, divisor, salt, generator, nid;
  unsigned exponent;
  const EVP_MD *md, *mgf1;
  BIGNUM *prime;
} keygen_job;

static int keygen_push(lua_State *L, crypto_job *job) {
  keygen_job *j = (keygen_job *)job;
  for (int i = 0; i < 2; i++) {
    crypto_key *k = crypto_key_new(L, i == 0 ? KEY_PUBLIC : KEY_PRIVATE);
    EVP_PKEY_up_ref(j->key);
    k->pkey = j->key;
  }
  return 2;
}

static void keygen_clear(crypto_job *job) {
  keygen_job *j = (keygen_job *)job;
  EVP_PKEY_free(j->key);
  BN_free(j->prime);
}

// Makes the key of the parameters, and frees these.
static bool from_parameters(keygen_job *j, EVP_PKEY *parameters) {
  EVP_PKEY_CTX *ctx = parameters != NULL ? EVP_PKEY_CTX_new(parameters, NULL) : NULL;
  bool ok = ctx != NULL && EVP_PKEY_keygen_init(ctx) == 1 && EVP_PKEY_keygen(ctx, &j->key) == 1;
  EVP_PKEY_CTX_free(ctx);
  EVP_PKEY_free(parameters);
  return ok;
}

static bool rsa_work(crypto_job *job) {
  keygen_job *j = (keygen_job *)job;
  EVP_PKEY_CTX *ctx = EVP_PKEY_CTX_new_id(j->pss ? EVP_PKEY_RSA_PSS : EVP_PKEY_RSA, NULL);
  BIGNUM *e = BN_new();
  bool ok = ctx != NULL && e != NULL && EVP_PKEY_keygen_init(ctx) == 1 && EVP_PKEY_CTX_set_rsa_keygen_bits(ctx, j->bits) == 1 &&
            BN_set_word(e, j->exponent) == 1 && EVP_PKEY_CTX_set1_rsa_keygen_pubexp(ctx, e) == 1;
  if (ok && j->md != NULL) ok = EVP_PKEY_CTX_set_rsa_pss_keygen_md(ctx, j->md) == 1;
  if (ok && j->mgf1 != NULL) ok = EVP_PKEY_CTX_set_rsa_pss_keygen_mgf1_md(ctx, j->mgf1) == 1;
  if (ok && j->salt >= 0) ok = EVP_PKEY_CTX_set_rsa_pss_keygen_saltlen(ctx, j->salt) == 1;
  ok = ok && EVP_PKEY_keygen(ctx, &j->key) == 1;
  BN_free(e);
  EVP_PKEY_CTX_free(ctx);
  return ok;
}

static bool dsa_work(crypto_job *job) {
  keygen_job *j = (keygen_job *)job;
  EVP_PKEY_CTX *ctx = EVP_PKEY_CTX_new_id(EVP_PKEY_DSA, NULL);
  EVP_PKEY *parameters = NULL;
  bool ok = ctx != NULL && EVP_PKEY_paramgen_init(ctx) == 1 && EVP_PKEY_CTX_set_dsa_paramgen_bits(ctx, j->bits) == 1;
  if (ok && j->divisor >= 0) ok = EVP_PKEY_CTX_set_dsa_paramgen_q_bits(ctx, j->divisor) == 1;
  ok = ok && EVP_PKEY_paramgen(ctx, &parameters) == 1;
  EVP_PKEY_CTX_free(ctx);
  return from_parameters(j, ok ? parameters : NULL);
}

static bool ec_work(crypto_job *job) {
  keygen_job *j = (keygen_job *)job;
  EVP_PKEY_CTX *ctx = EVP_PKEY_CTX_new_id(EVP_PKEY_EC, NULL);
  EVP_PKEY *parameters = NULL;
  bool ok = ctx != NULL && EVP_PKEY_paramgen_init(ctx) == 1 && EVP_PKEY_CTX_set_ec_paramgen_curve_nid(ctx, j->nid) == 1 &&
            EVP_PKEY_CTX_set_ec_param_enc(ctx, j->explicit_curve ? OPENSSL_EC_EXPLICIT_CURVE : OPENSSL_EC_NAMED_CURVE) == 1 &&
            EVP_PKEY_paramgen(ctx, &parameters) == 1;
  EVP_PKEY_CTX_free(ctx);
  return from_parameters(j, ok ? parameters : NULL);
}

static bool named_work(crypto_job *job) {
  keygen_job *j = (keygen_job *)job;
  EVP_PKEY_CTX *ctx = EVP_PKEY_CTX_new_from_name(NULL, j->name, NULL);
  bool ok = ctx != NULL && EVP_PKEY_keygen_init(ctx) == 1 && EVP_PKEY_keygen(ctx, &j->key) == 1;
  EVP_PKEY_CTX_free(ctx);
  return ok;
}

static bool dh_work(crypto_job *job) {
  keygen_job *j = (keygen_job *)job;
  EVP_PKEY *parameters = NULL;
  if (j->prime != NULL) {
    DH *dh = DH_new();
    BIGNUM *p = BN_dup(j->prime), *g = BN_new();
    bool ok = dh != NULL && p != NULL && g != NULL && BN_set_word(g, (BN_ULONG)j->generator) == 1 && DH_set0_pqg(dh, p, NULL, g) == 1;
    if (!ok) {
      BN_free(p);
      BN_free(g);
    }
    parameters = EVP_PKEY_new();
    ok = ok && parameters != NULL && EVP_PKEY_set1_DH(parameters, dh) == 1;
    DH_free(dh);
    if (!ok) {
      EVP_PKEY_free(parameters);
      return false;
    }
    return from_parameters(j, parameters);
  }
  EVP_PKEY_CTX *ctx = EVP_PKEY_CTX_new_id(EVP_PKEY_DH, NULL);
  bool ok = ctx != NULL && EVP_PKEY_paramgen_init(ctx) == 1 && EVP_PKEY_CTX_set_dh_paramgen_prime_len(ctx, j->bits) == 1 &&
            EVP_PKEY_CTX_set_dh_paramgen_generator(ctx, j->generator) == 1 && EVP_PKEY_paramgen(ctx, &parameters) == 1;
  EVP_PKEY_CTX_free(ctx);
  return from_parameters(j, ok ? parameters : NULL);
}

static const crypto_job_type RSA_KEYS = {sizeof(keygen_job), rsa_work, keygen_push, keygen_clear};
static const crypto_job_type DSA_KEYS = {sizeof(keygen_job), dsa_work, keygen_push, keygen_clear};
static const crypto_job_type EC_KEYS = {sizeof(keygen_job), ec_work, keygen_push, keygen_clear};
static const crypto_job_type NAMED_KEYS = {sizeof(keygen_job), named_work, keygen_push, keygen_clear};
static const crypto_job_type DH_KEYS = {sizeof(keygen_job), dh_work, keygen_push, keygen_clear};

static keygen_job *new_job(lua_State *L, const crypto_job_type *type) {
  crypto_job *job = crypto_job_new(L, type);
  job->message = "Key generation job failed";
  return (keygen_job *)job;
}

static int generate_rsa(lua_State *L) {
  lua_settop(L, 7);
  bool pss = lua_toboolean(L, 1);
  lua_Number bits = luaL_checknumber(L, 2), exponent = luaL_checknumber(L, 3);
  const char *digest = luaL_optstring(L, 4, NULL), *mgf1 = luaL_optstring(L, 5, NULL);
  int salt = (int)luaL_optinteger(L, 6, -1);
  const EVP_MD *md = NULL, *mgf1_md = NULL;
  if (digest != NULL && (md = crypto_digest_named(digest)) == NULL) return crypto_fail_with(L, "ERR_CRYPTO_INVALID_DIGEST", "Invalid digest: %s", digest);
  if (mgf1 != NULL && (mgf1_md = crypto_digest_named(mgf1)) == NULL)
    return crypto_fail_with(L, "ERR_CRYPTO_INVALID_DIGEST", "Invalid MGF1 digest: %s", mgf1);
  keygen_job *j = new_job(L, &RSA_KEYS);
  j->pss = pss;
  j->bits = bits > INT_MAX ? INT_MAX : (int)bits;
  j->exponent = (unsigned)exponent;
  j->md = md;
  j->mgf1 = mgf1_md == NULL ? md : mgf1_md;
  j->salt = salt < 0 && md != NULL ? EVP_MD_get_size(md) : salt;
  return crypto_job_run(L, &j->job, 7);
}

static int generate_dsa(lua_State *L) {
  lua_settop(L, 3);
  lua_Number bits = luaL_checknumber(L, 1);
  int divisor = (int)luaL_optinteger(L, 2, -1);
  keygen_job *j = new_job(L, &DSA_KEYS);
  j->bits = bits > INT_MAX ? INT_MAX : (int)bits;
  j->divisor = divisor;
  return crypto_job_run(L, &j->job, 3);
}

// By OpenSSL's name or NIST's ("P-256").
static int curve_nid(const char *name) {
  int nid = EC_curve_nist2nid(name);
  return nid == NID_undef ? OBJ_sn2nid(name) : nid;
}

static int generate_ec(lua_State *L) {
  lua_settop(L, 3);
  const char *curve = luaL_checkstring(L, 1);
  bool explicit_curve = lua_toboolean(L, 2);
  int nid = curve_nid(curve);
  if (nid == NID_undef) return crypto_fail_with(L, "ERR_CRYPTO_INVALID_CURVE", NULL);
  keygen_job *j = new_job(L, &EC_KEYS);
  j->nid = nid;
  j->explicit_curve = explicit_curve;
  return crypto_job_run(L, &j->job, 3);
}

static int generate_named(lua_State *L) {
  lua_settop(L, 2);
  const char *name = luaL_checkstring(L, 1);
  if (strlen(name) >= sizeof ((keygen_job *)0)->name) return luaL_error(L, "name too long");
  keygen_job *j = new_job(L, &NAMED_KEYS);
  strcpy(j->name, name);
  return crypto_job_run(L, &j->job, 2);
}

// The primes of RFC 2409 and RFC 3526.
BIGNUM *crypto_dh_group(const char *name) {
  static const struct {
    const char *name;
    int number;
  } GROUPS[] = {{"modp1", 1}, {"modp2", 2}, {"modp5", 5}, {"modp14", 14}, {"modp15", 15}, {"modp16", 16}, {"modp17", 17}, {"modp18", 18}};
  int number = 0;
  for (size_t i = 0; i < sizeof GROUPS / sizeof *GROUPS; i++) {
    if (OPENSSL_strcasecmp(name, GROUPS[i].name) == 0) number = GROUPS[i].number;
  }
  switch (number) {
    case 1: return BN_get_rfc2409_prime_768(NULL);
    case 2: return BN_get_rfc2409_prime_1024(NULL);
    case 5: return BN_get_rfc3526_prime_1536(NULL);
    case 14: return BN_get_rfc3526_prime_2048(NULL);
    case 15: return BN_get_rfc3526_prime_3072(NULL);
    case 16: return BN_get_rfc3526_prime_4096(NULL);
    case 17: return BN_get_rfc3526_prime_6144(NULL);
    case 18: return BN_get_rfc3526_prime_8192(NULL);
    default: return NULL;
  }
}

static int generate_dh(lua_State *L) {
  lua_settop(L, 5);
  const char *group = luaL_optstring(L, 1, NULL), *prime = NULL;
  size_t length = 0;
  if (!lua_isnoneornil(L, 2)) prime = buffer_check_bytes(L, 2, &length);
  int bits = (int)luaL_optinteger(L, 3, 0), generator = (int)luaL_checkinteger(L, 4);
  if (length > 1 << 16) return luaL_error(L, "prime too long");
  keygen_job *j = new_job(L, &DH_KEYS);
  j->bits = bits;
  j->generator = generator;
  if (group != NULL) {
    j->prime = crypto_dh_group(group);
    if (j->prime == NULL) return crypto_fail_with(L, "ERR_CRYPTO_UNKNOWN_DH_GROUP", NULL);
    j->generator = 2;
  } else if (prime != NULL) {
    j->prime = BN_bin2bn((const unsigned char *)prime, (int)length, NULL);
    if (j->prime == NULL) return luaL_error(L, "out of memory");
  }
  return crypto_job_run(L, &j->job, 5);
}

const luaL_Reg crypto_keygen_functions[] = {{"generateRsa", generate_rsa},     {"generateDsa", generate_dsa}, {"generateEc", generate_ec},
                                            {"generateNamed", generate_named}, {"generateDh", generate_dh},   {NULL, NULL}};

// SPDX-License-Identifier: MIT
//
// core.crypto, what there is:
//   hashes(), ciphers(), curves() -> a sequence of names
//   timingSafeEqual(a, b) -> boolean; both of one length
//   secureHeap() -> bytes of OpenSSL's secure heap in use; 0 without one
//   fips() -> boolean, setFips(boolean) -> true
//   version() -> text
//   constants: a table, made once
#include "crypto.h"

#define NAMES 1024

typedef struct names {
  int count;
  const char *name[NAMES]; // OpenSSL's own text
} names;

static void add(names *list, const char *name) {
  if (list->count < NAMES) list->name[list->count++] = name;
}

// What OpenSSL only has a name for (no provider implements it) is left out.
static void add_hash(const EVP_MD *md, const char *from, const char *to, void *arg) {
  (void)md, (void)to;
  const EVP_MD *real = from != NULL ? EVP_get_digestbyname(from) : NULL;
  EVP_MD *fetched = real != NULL ? EVP_MD_fetch(NULL, EVP_MD_get0_name(real), NULL) : NULL;
  if (fetched != NULL) add(arg, from);
  EVP_MD_free(fetched);
}

static void add_cipher(const EVP_CIPHER *cipher, const char *from, const char *to, void *arg) {
  (void)cipher, (void)to;
  const EVP_CIPHER *real = from != NULL ? EVP_get_cipherbyname(from) : NULL;
  EVP_CIPHER *fetched = real != NULL ? EVP_CIPHER_fetch(NULL, EVP_CIPHER_get0_name(real), NULL) : NULL;
  if (fetched != NULL) add(arg, from);
  EVP_CIPHER_free(fetched);
}

static int push_names(lua_State *L, const names *list) {
  ERR_clear_error();
  lua_createtable(L, list->count, 0);
  for (int i = 0; i < list->count; i++) {
    lua_pushstring(L, list->name[i]);
    lua_rawseti(L, -2, i + 1);
  }
  return 1;
}

static int hashes(lua_State *L) {
  names list = {.count = 0};
  EVP_MD_do_all_sorted(add_hash, &list);
  return push_names(L, &list);
}

static int ciphers(lua_State *L) {
  names list = {.count = 0};
  EVP_CIPHER_do_all_sorted(add_cipher, &list);
  return push_names(L, &list);
}

static int curves(lua_State *L) {
  static EC_builtin_curve all[NAMES];
  names list = {.count = 0};
  size_t count = EC_get_builtin_curves(all, NAMES);
  for (size_t i = 0; i < count && i < NAMES; i++) add(&list, OBJ_nid2sn(all[i].nid));
  return push_names(L, &list);
}

static int timing_safe_equal(lua_State *L) {
  size_t a, b;
  const char *x = buffer_check_bytes(L, 1, &a), *y = buffer_check_bytes(L, 2, &b);
  if (a != b) return luaL_error(L, "lengths differ");
  lua_pushboolean(L, CRYPTO_memcmp(x, y, a) == 0);
  return 1;
}

static int secure_heap(lua_State *L) {
  bool there = CRYPTO_secure_malloc_initialized();
  lua_pushnumber(L, there ? (lua_Number)CRYPTO_secure_used() : 0);
  return 1;
}

static int fips(lua_State *L) {
  lua_pushboolean(L, EVP_default_properties_is_fips_enabled(NULL));
  return 1;
}

static int set_fips(lua_State *L) {
  int enable = lua_toboolean(L, 1);
  OSSL_PROVIDER *provider = enable && !OSSL_PROVIDER_available(NULL, "fips") ? OSSL_PROVIDER_load(NULL, "fips") : NULL;
  if (enable && provider == NULL && !OSSL_PROVIDER_available(NULL, "fips")) return crypto_fail(L);
  if (EVP_default_properties_enable_fips(NULL, enable) != 1) return crypto_fail(L);
  ERR_clear_error();
  lua_pushboolean(L, true);
  return 1;
}

static int version(lua_State *L) {
  lua_pushstring(L, OpenSSL_version(OPENSSL_VERSION_STRING));
  return 1;
}

void crypto_constants(lua_State *L) {
  static const struct {
    const char *name;
    double value;
  } CONSTANTS[] = {
#define K(name) {#name, (double)(name)},
      K(SSL_OP_ALL) K(SSL_OP_ALLOW_NO_DHE_KEX) K(SSL_OP_ALLOW_UNSAFE_LEGACY_RENEGOTIATION) K(SSL_OP_CIPHER_SERVER_PREFERENCE)
      K(SSL_OP_CISCO_ANYCONNECT) K(SSL_OP_COOKIE_EXCHANGE) K(SSL_OP_CRYPTOPRO_TLSEXT_BUG) K(SSL_OP_DONT_INSERT_EMPTY_FRAGMENTS)
      K(SSL_OP_LEGACY_SERVER_CONNECT) K(SSL_OP_NO_COMPRESSION) K(SSL_OP_NO_ENCRYPT_THEN_MAC) K(SSL_OP_NO_QUERY_MTU)
      K(SSL_OP_NO_RENEGOTIATION) K(SSL_OP_NO_SESSION_RESUMPTION_ON_RENEGOTIATION) K(SSL_OP_NO_SSLv2) K(SSL_OP_NO_SSLv3)
      K(SSL_OP_NO_TICKET) K(SSL_OP_NO_TLSv1) K(SSL_OP_NO_TLSv1_1) K(SSL_OP_NO_TLSv1_2) K(SSL_OP_NO_TLSv1_3)
      K(SSL_OP_PRIORITIZE_CHACHA) K(SSL_OP_TLS_ROLLBACK_BUG)
      K(ENGINE_METHOD_RSA) K(ENGINE_METHOD_DSA) K(ENGINE_METHOD_DH) K(ENGINE_METHOD_RAND) K(ENGINE_METHOD_EC) K(ENGINE_METHOD_CIPHERS)
      K(ENGINE_METHOD_DIGESTS) K(ENGINE_METHOD_PKEY_METHS) K(ENGINE_METHOD_PKEY_ASN1_METHS) K(ENGINE_METHOD_ALL) K(ENGINE_METHOD_NONE)
      K(DH_CHECK_P_NOT_SAFE_PRIME) K(DH_CHECK_P_NOT_PRIME) K(DH_UNABLE_TO_CHECK_GENERATOR) K(DH_NOT_SUITABLE_GENERATOR)
      K(RSA_PKCS1_PADDING) K(RSA_NO_PADDING) K(RSA_PKCS1_OAEP_PADDING) K(RSA_X931_PADDING) K(RSA_PKCS1_PSS_PADDING)
      K(RSA_PSS_SALTLEN_DIGEST)
      {"RSA_PSS_SALTLEN_MAX_SIGN", -2}, {"RSA_PSS_SALTLEN_AUTO", -2}, // as Node has them: one number for both
      K(TLS1_VERSION) K(TLS1_1_VERSION) K(TLS1_2_VERSION) K(TLS1_3_VERSION)
      {"POINT_CONVERSION_COMPRESSED", POINT_CONVERSION_COMPRESSED}, {"POINT_CONVERSION_UNCOMPRESSED", POINT_CONVERSION_UNCOMPRESSED},
      {"POINT_CONVERSION_HYBRID", POINT_CONVERSION_HYBRID},
#undef K
  };
  lua_createtable(L, 0, sizeof CONSTANTS / sizeof *CONSTANTS + 1);
  lua_pushnumber(L, (lua_Number)OpenSSL_version_num());
  lua_setfield(L, -2, "OPENSSL_VERSION_NUMBER");
  for (size_t i = 0; i < sizeof CONSTANTS / sizeof *CONSTANTS; i++) {
    lua_pushnumber(L, CONSTANTS[i].value);
    lua_setfield(L, -2, CONSTANTS[i].name);
  }
}

const luaL_Reg crypto_info_functions[] = {{"hashes", hashes},   {"ciphers", ciphers}, {"curves", curves},
                                          {"timingSafeEqual", timing_safe_equal}, {"secureHeap", secure_heap},
                                          {"fips", fips},       {"setFips", set_fips}, {"version", version},
                                          {NULL, NULL}};

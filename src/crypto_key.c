// SPDX-License-Identifier: MIT
//
// core.crypto, keys. kind is "secret", "public" or "private"; format "pem" or "der"; type "pkcs1", "spki", "pkcs8" or "sec1".
//   keySecret(bytes) -> key
//   keyPublic(bytes, format, type or nil, passphrase or nil) -> key        reads private keys and certificates as well: their public half
//   keyPrivate(bytes, format, type or nil, passphrase or nil) -> key
//   keyAny(bytes, format, type or nil, passphrase or nil) -> key           public, or private where that is what it reads
//   keyPublicOf(key) -> public key of a private one
//   keyFromRsa(kind, n, e, d, p, q, dp, dq, qi), keyFromEc(kind, curve, x, y, d), keyFromRaw(kind, name, bytes) -> key
//   keyKind(key), keyType(key) -> "rsa" "rsa-pss" "dsa" "dh" "ec" "ed25519" "ed448" "x25519" "x448", or nothing
//   keySize(key) -> bytes of a secret key; keyBytes(key) -> Buffer of a secret key; keyBits(key) -> bits of an asymmetric one
//   keyExport(key, format, type, cipher or nil, passphrase or nil) -> text or Buffer
//   keyParts(key) -> table: kty and the members of a JWK as Buffers (crv as text)
//   keyDetails(key) -> table (publicExponent as a Buffer)
//   keyEquals(a, b) -> boolean
#include <limits.h>
#include <string.h>

#include "crypto.h"

static const char NAME[] = "lunode.crypto.key";

HOLD(drop_bio, BIO, BIO_free_all)
HOLD(drop_ec, EC_KEY, EC_KEY_free)
HOLD(drop_rsa, RSA, RSA_free)
HOLD(drop_bn, BIGNUM, BN_clear_free)

static int key_gc(lua_State *L) {
  crypto_key *k = lua_touserdata(L, 1);
  EVP_PKEY_free(k->pkey);
  OPENSSL_clear_free(k->secret, k->length);
  k->pkey = NULL;
  k->secret = NULL;
  return 0;
}

crypto_key *crypto_key_new(lua_State *L, key_kind kind) {
  crypto_key *k = crypto_new_object(L, sizeof *k, NAME, key_gc);
  k->kind = kind;
  return k;
}

crypto_key *crypto_key_test(lua_State *L, int index) {
  return lua_type(L, index) == LUA_TUSERDATA ? crypto_test_object(L, index, NAME) : NULL;
}

static crypto_key *check_key(lua_State *L, int index) { return luaL_checkudata(L, index, NAME); }

EVP_PKEY *crypto_key_check_pkey(lua_State *L, int index) {
  crypto_key *k = check_key(L, index);
  if (k->pkey == NULL) luaL_error(L, "an asymmetric key expected");
  return k->pkey;
}

const char *crypto_check_secret(lua_State *L, int index, size_t *length) {
  crypto_key *k = crypto_key_test(L, index);
  if (k == NULL) return buffer_check_bytes(L, index, length);
  if (k->secret == NULL) luaL_error(L, "a secret key expected");
  *length = k->length;
  return (const char *)k->secret;
}

static key_kind kind_at(lua_State *L, int index) {
  static const char *const NAMES[] = {"secret", "public", "private", NULL};
  return (key_kind)luaL_checkoption(L, index, NULL, NAMES);
}

// ---- reading

typedef struct passphrase {
  const char *bytes;
  size_t length;
} passphrase;

static int give_passphrase(char *to, int room, int writing, void *arg) {
  (void)writing;
  passphrase *p = arg;
  if (p->bytes == NULL || p->length > (size_t)room) return -1;
  memcpy(to, p->bytes, p->length);
  return (int)p->length;
}

typedef enum outcome { READ_OK, READ_UNKNOWN, READ_FAILED, READ_NEEDS_PASSPHRASE } outcome;

typedef struct source {
  const uint8_t *bytes;
  size_t length;
  bool der;
  const char *type; // or NULL
  passphrase passphrase;
} source;

static void check_source(lua_State *L, source *s) {
  static const char *const FORMATS[] = {"pem", "der", NULL};
  s->bytes = (const uint8_t *)buffer_check_bytes(L, 1, &s->length);
  s->der = luaL_checkoption(L, 2, NULL, FORMATS) == 1;
  s->type = luaL_optstring(L, 3, NULL);
  s->passphrase.bytes = NULL;
  s->passphrase.length = 0;
  if (!lua_isnoneornil(L, 4)) s->passphrase.bytes = buffer_check_bytes(L, 4, &s->passphrase.length);
  if (s->length > INT_MAX) luaL_error(L, "key too long");
}

static bool is_type(const source *s, const char *type) { return s->type != NULL && strcmp(s->type, type) == 0; }

// One kind of PEM block: found, it is parsed or has failed.
static outcome read_block(const source *s, const char *name, EVP_PKEY **key) {
  uint8_t *der = NULL;
  long length = 0;
  BIO *bio = BIO_new_mem_buf(s->bytes, (int)s->length);
  if (bio == NULL) return READ_FAILED;
  passphrase none = {NULL, 0}; // without a callback OpenSSL would ask at the terminal
  int found = PEM_bytes_read_bio(&der, &length, NULL, name, bio, give_passphrase, &none);
  BIO_free_all(bio);
  if (found != 1) {
    ERR_clear_error();
    return READ_UNKNOWN;
  }
  const uint8_t *p = der;
  if (strcmp(name, "CERTIFICATE") == 0) {
    X509 *x = d2i_X509(NULL, &p, length);
    *key = x != NULL ? X509_get_pubkey(x) : NULL;
    X509_free(x);
  } else if (strcmp(name, "RSA PUBLIC KEY") == 0) {
    *key = d2i_PublicKey(EVP_PKEY_RSA, NULL, &p, length);
  } else {
    *key = d2i_PUBKEY(NULL, &p, length);
  }
  OPENSSL_clear_free(der, (size_t)length);
  return *key != NULL ? READ_OK : READ_FAILED;
}

static outcome read_public(const source *s, EVP_PKEY **key) {
  if (s->der) {
    const uint8_t *p = s->bytes;
    *key = is_type(s, "pkcs1") ? d2i_PublicKey(EVP_PKEY_RSA, NULL, &p, (long)s->length) : d2i_PUBKEY(NULL, &p, (long)s->length);
    return *key != NULL ? READ_OK : READ_FAILED;
  }
  outcome o = read_block(s, "PUBLIC KEY", key);
  if (o == READ_UNKNOWN) o = read_block(s, "RSA PUBLIC KEY", key);
  if (o == READ_UNKNOWN) o = read_block(s, "CERTIFICATE", key);
  return o;
}

// A DER length and tag at *p; its contents' bounds.
static bool enter(const uint8_t **p, const uint8_t *end, uint8_t tag, size_t *length) {
  if (end - *p < 2 || **p != tag) return false;
  const uint8_t *q = *p + 1;
  size_t n = *q++;
  if (n >= 0x80) {
    int digits = (int)(n & 0x7f);
    if (digits == 0 || digits > 4 || end - q < digits) return false;
    for (n = 0; digits > 0; digits--) n = n << 8 | *q++;
  }
  if (n > (size_t)(end - q)) return false;
  *p = q;
  *length = n;
  return true;
}

// A PKCS #8 EncryptedPrivateKeyInfo begins with a sequence in a sequence, a PrivateKeyInfo with an integer.
static bool is_encrypted_pkcs8(const source *s) {
  const uint8_t *p = s->bytes, *end = p + s->length;
  size_t length;
  return enter(&p, end, 0x30, &length) && length > 0 && p < end && *p != 0x02;
}

// A PKCS #1 private key begins with the version, 0 or 1, in one byte; a public key with its modulus.
static bool is_rsa_private(const source *s) {
  const uint8_t *p = s->bytes, *end = p + s->length;
  size_t length;
  return enter(&p, end, 0x30, &length) && enter(&p, end, 0x02, &length) && length == 1 && p < end && (*p & 0xfe) == 0;
}

static outcome read_private(source *s, EVP_PKEY **key) {
  ERR_clear_error();
  const uint8_t *p = s->bytes;
  if (s->der && is_type(s, "pkcs1")) {
    *key = d2i_PrivateKey(EVP_PKEY_RSA, NULL, &p, (long)s->length);
  } else if (s->der && is_type(s, "sec1")) {
    *key = d2i_PrivateKey(EVP_PKEY_EC, NULL, &p, (long)s->length);
  } else {
    BIO *bio = BIO_new_mem_buf(s->bytes, (int)s->length);
    if (bio == NULL) return READ_FAILED;
    if (!s->der) {
      *key = PEM_read_bio_PrivateKey(bio, NULL, give_passphrase, &s->passphrase);
    } else if (is_encrypted_pkcs8(s)) {
      *key = d2i_PKCS8PrivateKey_bio(bio, NULL, give_passphrase, &s->passphrase);
    } else {
      PKCS8_PRIV_KEY_INFO *info = d2i_PKCS8_PRIV_KEY_INFO_bio(bio, NULL);
      *key = info != NULL ? EVP_PKCS82PKEY(info) : NULL;
      PKCS8_PRIV_KEY_INFO_free(info);
    }
    BIO_free_all(bio);
  }
  unsigned long err = ERR_peek_error();
  if (err != 0) { // a key may come back that is not whole
    EVP_PKEY_free(*key);
    *key = NULL;
  }
  if (*key != NULL) return READ_OK;
  if (ERR_GET_LIB(err) == ERR_LIB_PEM && ERR_GET_REASON(err) == PEM_R_BAD_PASSWORD_READ && s->passphrase.bytes == NULL) return READ_NEEDS_PASSPHRASE;
  return READ_FAILED;
}

// The key's userdata is on top.
static int finish(lua_State *L, crypto_key *k, outcome o, EVP_PKEY *key) {
  k->pkey = key;
  if (o == READ_NEEDS_PASSPHRASE) return crypto_fail_with(L, "ERR_MISSING_PASSPHRASE", "Passphrase required for encrypted key");
  if (o != READ_OK) return crypto_fail(L);
  ERR_clear_error();
  return 1;
}

static int key_private(lua_State *L) {
  source s;
  check_source(L, &s);
  crypto_key *k = crypto_key_new(L, KEY_PRIVATE);
  EVP_PKEY *key = NULL;
  outcome o = read_private(&s, &key);
  return finish(L, k, o, key);
}

static int read_any(lua_State *L, bool keep_private) {
  source s;
  check_source(L, &s);
  crypto_key *k = crypto_key_new(L, KEY_PUBLIC);
  EVP_PKEY *key = NULL;
  bool is_public = !s.der || is_type(&s, "spki") || (is_type(&s, "pkcs1") && !is_rsa_private(&s));
  outcome o = is_public ? read_public(&s, &key) : READ_UNKNOWN;
  if (o == READ_UNKNOWN) {
    o = read_private(&s, &key);
    if (o == READ_OK && keep_private) k->kind = KEY_PRIVATE;
  }
  return finish(L, k, o, key);
}

static int key_public(lua_State *L) { return read_any(L, false); }
static int key_any(lua_State *L) { return read_any(L, true); }

static int key_public_of(lua_State *L) {
  EVP_PKEY *key = crypto_key_check_pkey(L, 1);
  crypto_key *k = crypto_key_new(L, KEY_PUBLIC);
  EVP_PKEY_up_ref(key);
  k->pkey = key;
  return 1;
}

static int key_secret(lua_State *L) {
  size_t length;
  const char *bytes = crypto_check_secret(L, 1, &length);
  crypto_key *k = crypto_key_new(L, KEY_SECRET);
  k->secret = crypto_copy(bytes, length);
  if (k->secret == NULL) return luaL_error(L, "out of memory");
  k->length = length;
  return 1;
}

// ---- from their parts

// Pushes a hold with the number at `index`, or raises.
static BIGNUM *number_at(lua_State *L, int index) {
  size_t length;
  const char *bytes = buffer_check_bytes(L, index, &length);
  hold *h = crypto_hold(L, drop_bn);
  h->object = length <= 1 << 16 ? BN_bin2bn((const unsigned char *)bytes, (int)length, NULL) : NULL;
  if (h->object == NULL) luaL_error(L, "number too long");
  return h->object;
}

// A copy for OpenSSL to own.
static BIGNUM *own(const BIGNUM *n) { return n != NULL ? BN_dup(n) : NULL; }

static int key_from_rsa(lua_State *L) {
  key_kind kind = kind_at(L, 1);
  lua_settop(L, 9);
  const BIGNUM *n[8] = {NULL};
  int count = kind == KEY_PRIVATE ? 8 : 2;
  for (int i = 0; i < count; i++) n[i] = number_at(L, i + 2);
  hold *h = crypto_hold(L, drop_rsa);
  RSA *rsa = h->object = RSA_new();
  crypto_key *k = crypto_key_new(L, kind);
  k->pkey = EVP_PKEY_new();
  bool ok = rsa != NULL && k->pkey != NULL && RSA_set0_key(rsa, own(n[0]), own(n[1]), own(n[2])) == 1;
  if (ok && kind == KEY_PRIVATE)
    ok = RSA_set0_factors(rsa, own(n[3]), own(n[4])) == 1 && RSA_set0_crt_params(rsa, own(n[5]), own(n[6]), own(n[7])) == 1;
  ok = ok && EVP_PKEY_set1_RSA(k->pkey, rsa) == 1;
  crypto_drop(h);
  if (!ok) return crypto_fail(L);
  ERR_clear_error();
  return 1;
}

static int key_from_ec(lua_State *L) {
  key_kind kind = kind_at(L, 1);
  int nid = OBJ_sn2nid(luaL_checkstring(L, 2));
  lua_settop(L, 5);
  BIGNUM *x = number_at(L, 3), *y = number_at(L, 4), *d = kind == KEY_PRIVATE ? number_at(L, 5) : NULL;
  hold *h = crypto_hold(L, drop_ec);
  EC_KEY *ec = h->object = EC_KEY_new_by_curve_name(nid);
  crypto_key *k = crypto_key_new(L, kind);
  k->pkey = EVP_PKEY_new();
  bool ok = ec != NULL && k->pkey != NULL && EC_KEY_set_public_key_affine_coordinates(ec, x, y) == 1 &&
            (d == NULL || EC_KEY_set_private_key(ec, d) == 1) && EVP_PKEY_set1_EC_KEY(k->pkey, ec) == 1;
  crypto_drop(h);
  if (!ok) return crypto_fail(L);
  ERR_clear_error();
  return 1;
}

static int key_from_raw(lua_State *L) {
  key_kind kind = kind_at(L, 1);
  const char *name = luaL_checkstring(L, 2);
  size_t length;
  const char *bytes = buffer_check_bytes(L, 3, &length);
  crypto_key *k = crypto_key_new(L, kind);
  k->pkey = kind == KEY_PRIVATE ? EVP_PKEY_new_raw_private_key_ex(NULL, name, NULL, (const unsigned char *)bytes, length)
                                : EVP_PKEY_new_raw_public_key_ex(NULL, name, NULL, (const unsigned char *)bytes, length);
  if (k->pkey == NULL) return crypto_fail(L);
  ERR_clear_error();
  return 1;
}

// ---- asking

static int key_kind_name(lua_State *L) {
  static const char *const NAMES[] = {"secret", "public", "private"};
  lua_pushstring(L, NAMES[check_key(L, 1)->kind]);
  return 1;
}

static const char *type_name(const EVP_PKEY *key) {
  switch (EVP_PKEY_get_id(key)) {
    case EVP_PKEY_RSA: return "rsa";
    case EVP_PKEY_RSA_PSS: return "rsa-pss";
    case EVP_PKEY_DSA: return "dsa";
    case EVP_PKEY_DH: return "dh";
    case EVP_PKEY_EC: return "ec";
    case EVP_PKEY_ED25519: return "ed25519";
    case EVP_PKEY_ED448: return "ed448";
    case EVP_PKEY_X25519: return "x25519";
    case EVP_PKEY_X448: return "x448";
    default: return NULL;
  }
}

static int key_type(lua_State *L) {
  lua_pushstring(L, type_name(crypto_key_check_pkey(L, 1))); // NULL pushes nil
  return 1;
}

static int key_size(lua_State *L) {
  size_t length;
  crypto_check_secret(L, 1, &length);
  lua_pushnumber(L, (lua_Number)length);
  return 1;
}

static int key_bytes(lua_State *L) {
  size_t length;
  const char *bytes = crypto_check_secret(L, 1, &length);
  buffer_push_copy(L, runtime_get(L), bytes, length);
  return 1;
}

static int key_bits(lua_State *L) {
  lua_pushinteger(L, EVP_PKEY_get_bits(crypto_key_check_pkey(L, 1)));
  return 1;
}

static int key_equals(lua_State *L) {
  crypto_key *a = check_key(L, 1), *b = check_key(L, 2);
  bool same = a->kind == b->kind;
  if (same && a->kind == KEY_SECRET) {
    same = a->length == b->length && CRYPTO_memcmp(a->secret, b->secret, a->length) == 0;
  } else if (same) {
    int r = EVP_PKEY_eq(a->pkey, b->pkey);
    if (r == -2) return crypto_fail_with(L, "ERR_CRYPTO_UNSUPPORTED_OPERATION", NULL);
    same = r == 1;
    ERR_clear_error();
  }
  lua_pushboolean(L, same);
  return 1;
}

static void set_integer(lua_State *L, const char *name, lua_Integer value) {
  lua_pushinteger(L, value);
  lua_setfield(L, -2, name);
}

static void set_text(lua_State *L, const char *name, const char *value) {
  lua_pushstring(L, value);
  lua_setfield(L, -2, name);
}

static void set_bn(lua_State *L, const char *name, const BIGNUM *value, int size) {
  if (value == NULL) return;
  crypto_push_bn(L, value, size);
  lua_setfield(L, -2, name);
}

static const char *algorithm_name(const X509_ALGOR *algorithm) {
  const ASN1_OBJECT *object;
  X509_ALGOR_get0(&object, NULL, NULL, algorithm);
  return OBJ_nid2ln(OBJ_obj2nid(object));
}

static void set_pss_details(lua_State *L, const RSA *rsa) {
  const RSA_PSS_PARAMS *params = RSA_get0_pss_params(rsa);
  if (params == NULL) return;
  // What is absent has the default of RFC 8017, A.2.3.
  set_text(L, "hashAlgorithm", params->hashAlgorithm != NULL ? algorithm_name(params->hashAlgorithm) : "sha1");
  const char *mgf1 = "sha1";
  if (params->maskGenAlgorithm != NULL && params->maskHash != NULL) mgf1 = algorithm_name(params->maskHash);
  set_text(L, "mgf1HashAlgorithm", mgf1);
  int64_t salt = 20;
  if (params->saltLength != NULL) ASN1_INTEGER_get_int64(&salt, params->saltLength);
  set_integer(L, "saltLength", (lua_Integer)salt);
}

static int key_details(lua_State *L) {
  EVP_PKEY *key = crypto_key_check_pkey(L, 1);
  lua_newtable(L);
  switch (EVP_PKEY_get_id(key)) {
    case EVP_PKEY_RSA:
    case EVP_PKEY_RSA_PSS: {
      const RSA *rsa = EVP_PKEY_get0_RSA(key);
      const BIGNUM *n, *e;
      if (rsa == NULL) return crypto_fail(L);
      RSA_get0_key(rsa, &n, &e, NULL);
      set_integer(L, "modulusLength", BN_num_bits(n));
      set_bn(L, "publicExponent", e, 0);
      if (EVP_PKEY_get_id(key) == EVP_PKEY_RSA_PSS) set_pss_details(L, rsa);
      break;
    }
    case EVP_PKEY_DSA: {
      const DSA *dsa = EVP_PKEY_get0_DSA(key);
      const BIGNUM *p, *q;
      if (dsa == NULL) return crypto_fail(L);
      DSA_get0_pqg(dsa, &p, &q, NULL);
      set_integer(L, "modulusLength", BN_num_bits(p));
      set_integer(L, "divisorLength", BN_num_bits(q));
      break;
    }
    case EVP_PKEY_EC: {
      const EC_KEY *ec = EVP_PKEY_get0_EC_KEY(key);
      if (ec == NULL) return crypto_fail(L);
      int nid = EC_GROUP_get_curve_name(EC_KEY_get0_group(ec));
      if (nid != 0) set_text(L, "namedCurve", OBJ_nid2sn(nid));
    }
  }
  ERR_clear_error();
  return 1;
}

// ---- writing

static int key_export(lua_State *L) {
  static const char *const FORMATS[] = {"pem", "der", NULL}, *const TYPES[] = {"pkcs1", "spki", "pkcs8", "sec1", NULL};
  crypto_key *k = check_key(L, 1);
  EVP_PKEY *key = crypto_key_check_pkey(L, 1);
  bool pem = luaL_checkoption(L, 2, NULL, FORMATS) == 0;
  int type = luaL_checkoption(L, 3, NULL, TYPES);
  const char *cipher_name = luaL_optstring(L, 4, NULL), *pass = NULL;
  size_t pass_length = 0;
  if (!lua_isnoneornil(L, 5)) pass = buffer_check_bytes(L, 5, &pass_length);
  if (pass_length > INT_MAX) return luaL_error(L, "passphrase too long");
  const EVP_CIPHER *cipher = NULL;
  if (cipher_name != NULL && (cipher = EVP_get_cipherbyname(cipher_name)) == NULL) return crypto_fail_with(L, "ERR_CRYPTO_UNKNOWN_CIPHER", NULL);
  if (cipher != NULL && pass == NULL) return luaL_error(L, "a passphrase expected"); // OpenSSL would ask at the terminal
  hold *h = crypto_hold(L, drop_bio);
  BIO *bio = h->object = BIO_new(BIO_s_secmem());
  if (bio == NULL) return crypto_fail(L);
  unsigned char *word = (unsigned char *)pass;
  const RSA *rsa = type == 0 ? EVP_PKEY_get0_RSA(key) : NULL;
  const EC_KEY *ec = type == 3 ? EVP_PKEY_get0_EC_KEY(key) : NULL;
  int ok = 0;
  if (k->kind == KEY_PUBLIC) {
    if (type == 0 && rsa != NULL) ok = pem ? PEM_write_bio_RSAPublicKey(bio, rsa) : i2d_RSAPublicKey_bio(bio, rsa);
    if (type == 1) ok = pem ? PEM_write_bio_PUBKEY(bio, key) : i2d_PUBKEY_bio(bio, key);
  } else {
    if (type == 0 && rsa != NULL)
      ok = pem ? PEM_write_bio_RSAPrivateKey(bio, rsa, cipher, word, (int)pass_length, NULL, NULL) : i2d_RSAPrivateKey_bio(bio, rsa);
    if (type == 2)
      ok = pem ? PEM_write_bio_PKCS8PrivateKey(bio, key, cipher, pass, (int)pass_length, NULL, NULL)
               : i2d_PKCS8PrivateKey_bio(bio, key, cipher, pass, (int)pass_length, NULL, NULL);
    if (type == 3 && ec != NULL)
      ok = pem ? PEM_write_bio_ECPrivateKey(bio, ec, cipher, word, (int)pass_length, NULL, NULL) : i2d_ECPrivateKey_bio(bio, ec);
  }
  if (ok != 1) return crypto_fail(L);
  ERR_clear_error();
  crypto_push_bio(L, bio, !pem);
  crypto_drop(h);
  return 1;
}

static int rsa_parts(lua_State *L, const crypto_key *k) {
  const RSA *rsa = EVP_PKEY_get0_RSA(k->pkey);
  const BIGNUM *n, *e, *d, *p, *q, *dp, *dq, *qi;
  if (rsa == NULL) return crypto_fail(L);
  RSA_get0_key(rsa, &n, &e, &d);
  RSA_get0_factors(rsa, &p, &q);
  RSA_get0_crt_params(rsa, &dp, &dq, &qi);
  set_text(L, "kty", "RSA");
  set_bn(L, "n", n, 0);
  set_bn(L, "e", e, 0);
  if (k->kind == KEY_PRIVATE) {
    set_bn(L, "d", d, 0);
    set_bn(L, "p", p, 0);
    set_bn(L, "q", q, 0);
    set_bn(L, "dp", dp, 0);
    set_bn(L, "dq", dq, 0);
    set_bn(L, "qi", qi, 0);
  }
  return 1;
}

static int ec_parts(lua_State *L, const crypto_key *k) {
  const EC_KEY *ec = EVP_PKEY_get0_EC_KEY(k->pkey);
  if (ec == NULL) return crypto_fail(L);
  const EC_GROUP *group = EC_KEY_get0_group(ec);
  const char *curve;
  switch (EC_GROUP_get_curve_name(group)) {
    case NID_X9_62_prime256v1: curve = "P-256"; break;
    case NID_secp256k1: curve = "secp256k1"; break;
    case NID_secp384r1: curve = "P-384"; break;
    case NID_secp521r1: curve = "P-521"; break;
    default:
      return crypto_fail_with(L, "ERR_CRYPTO_JWK_UNSUPPORTED_CURVE", "Unsupported JWK EC curve: %s.", OBJ_nid2sn(EC_GROUP_get_curve_name(group)));
  }
  int size = (EC_GROUP_get_degree(group) + 7) / 8;
  hold *hx = crypto_hold(L, drop_bn), *hy = crypto_hold(L, drop_bn);
  hx->object = BN_new();
  hy->object = BN_new();
  lua_insert(L, -3); // the table on top again
  lua_insert(L, -3);
  if (hx->object == NULL || hy->object == NULL || EC_POINT_get_affine_coordinates(group, EC_KEY_get0_public_key(ec), hx->object, hy->object, NULL) != 1)
    return crypto_fail(L);
  set_text(L, "kty", "EC");
  set_text(L, "crv", curve);
  set_bn(L, "x", hx->object, size);
  set_bn(L, "y", hy->object, size);
  if (k->kind == KEY_PRIVATE) set_bn(L, "d", EC_KEY_get0_private_key(ec), size);
  crypto_drop(hx);
  crypto_drop(hy);
  return 1;
}

static int okp_parts(lua_State *L, const crypto_key *k, const char *curve) {
  uint8_t raw[64];
  size_t length = sizeof raw;
  if (EVP_PKEY_get_raw_public_key(k->pkey, raw, &length) != 1) return crypto_fail(L);
  set_text(L, "kty", "OKP");
  set_text(L, "crv", curve);
  buffer_push_copy(L, runtime_get(L), raw, length);
  lua_setfield(L, -2, "x");
  if (k->kind == KEY_PRIVATE) {
    length = sizeof raw;
    if (EVP_PKEY_get_raw_private_key(k->pkey, raw, &length) != 1) return crypto_fail(L);
    buffer *b = buffer_new(L, runtime_get(L), length);
    length = b->length;
    memcpy(b->data, raw, length);
    OPENSSL_cleanse(raw, sizeof raw);
    lua_setfield(L, -2, "d");
  }
  return 1;
}

static int key_parts(lua_State *L) {
  crypto_key *k = check_key(L, 1);
  EVP_PKEY *key = crypto_key_check_pkey(L, 1);
  lua_newtable(L);
  int results;
  switch (EVP_PKEY_get_id(key)) {
    case EVP_PKEY_RSA: results = rsa_parts(L, k); break;
    case EVP_PKEY_EC: results = ec_parts(L, k); break;
    case EVP_PKEY_ED25519: results = okp_parts(L, k, "Ed25519"); break;
    case EVP_PKEY_ED448: results = okp_parts(L, k, "Ed448"); break;
    case EVP_PKEY_X25519: results = okp_parts(L, k, "X25519"); break;
    case EVP_PKEY_X448: results = okp_parts(L, k, "X448"); break;
    default: return crypto_fail_with(L, "ERR_CRYPTO_JWK_UNSUPPORTED_KEY_TYPE", NULL);
  }
  if (results == 1) ERR_clear_error();
  return results;
}

const luaL_Reg crypto_key_functions[] = {
    {"keySecret", key_secret},   {"keyPublic", key_public},    {"keyPrivate", key_private}, {"keyAny", key_any},     {"keyPublicOf", key_public_of},
    {"keyFromRsa", key_from_rsa}, {"keyFromEc", key_from_ec},   {"keyFromRaw", key_from_raw}, {"keyKind", key_kind_name}, {"keyType", key_type},
    {"keySize", key_size},       {"keyBytes", key_bytes},      {"keyExport", key_export},   {"keyParts", key_parts}, {"keyDetails", key_details},
    {"keyEquals", key_equals},   {"keyBits", key_bits},       {NULL, NULL}};

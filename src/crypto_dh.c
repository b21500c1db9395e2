// SPDX-License-Identifier: MIT
//
// core.crypto, key agreement. Numbers and points as big-endian bytes.
//   dhNew(bits, or prime bytes, generator: number or bytes) -> dh      dhGroup(name) -> dh
//   dhGenerate(dh) -> Buffer of the public key; dhCompute(dh, other's public key) -> Buffer
//   dhGet(dh, "prime" | "generator" | "public" | "private") -> Buffer; dhSet(dh, "public" | "private", bytes)
//   dhVerifyError(dh) -> bits of DH_check
//   ecdhNew(curve) -> ecdh
//   ecdhGenerate(ecdh), ecdhCompute(ecdh, point) -> Buffer, ecdhPublic(ecdh, form) -> Buffer, ecdhPrivate(ecdh) -> Buffer
//   ecdhSetPrivate(ecdh, bytes), ecdhSetPublic(ecdh, bytes)
//   ecdhConvert(point, curve, form) -> Buffer                form: 2 compressed, 4 uncompressed, 6 hybrid
//   derive(private key, public key) -> Buffer
#include <limits.h>
#include <string.h>

#include "crypto.h"

HOLD(drop_ctx, EVP_PKEY_CTX, EVP_PKEY_CTX_free)
HOLD(drop_bn, BIGNUM, BN_clear_free)
HOLD(drop_point, EC_POINT, EC_POINT_clear_free)
HOLD(drop_group, EC_GROUP, EC_GROUP_free)

static BIGNUM *number_at(lua_State *L, int index) {
  size_t length;
  const char *bytes = buffer_check_bytes(L, index, &length);
  if (length > 1 << 16) luaL_error(L, "number too long");
  return BN_bin2bn((const unsigned char *)bytes, (int)length, NULL);
}

static int done(lua_State *L) {
  ERR_clear_error();
  lua_pushboolean(L, true);
  return 1;
}

// ---- Diffie-Hellman

typedef struct dh {
  DH *dh;
} dh;

static dh *check_dh(lua_State *L, int index) { return luaL_checkudata(L, index, "lunode.crypto.dh"); }

static int dh_gc(lua_State *L) {
  dh *d = lua_touserdata(L, 1);
  DH_free(d->dh);
  d->dh = NULL;
  return 0;
}

static int raise_reason(lua_State *L, int library, int reason) {
  ERR_new();
  ERR_set_error(library, reason, NULL);
  return crypto_fail(L);
}

static int dh_new(lua_State *L) {
  bool by_size = lua_type(L, 1) == LUA_TNUMBER, plain = lua_type(L, 2) == LUA_TNUMBER;
  int bits = by_size ? (int)lua_tointeger(L, 1) : 0, generator = plain ? (int)lua_tointeger(L, 2) : 0;
  size_t length;
  if (!by_size) buffer_check_bytes(L, 1, &length);
  if (!plain) buffer_check_bytes(L, 2, &length);
  if (by_size && !plain) return luaL_error(L, "a generator for a prime that is to be made is a number");
  dh *d = crypto_new_object(L, sizeof *d, "lunode.crypto.dh", dh_gc);
  d->dh = DH_new();
  if (d->dh == NULL) return crypto_fail(L);
  if (by_size) {
    if (bits < 2) return raise_reason(L, ERR_LIB_DH, DH_R_MODULUS_TOO_SMALL);
    if (generator < 2) return raise_reason(L, ERR_LIB_DH, DH_R_BAD_GENERATOR);
    if (DH_generate_parameters_ex(d->dh, bits, generator, NULL) != 1) return crypto_fail(L);
    ERR_clear_error();
    return 1;
  }
  if (plain && generator < 2) return raise_reason(L, ERR_LIB_DH, DH_R_BAD_GENERATOR);
  hold *hp = crypto_hold(L, drop_bn), *hg = crypto_hold(L, drop_bn);
  BIGNUM *p = hp->object = number_at(L, 1), *g;
  if (plain) {
    g = hg->object = BN_new();
    if (g == NULL || BN_set_word(g, (BN_ULONG)generator) != 1) return crypto_fail(L);
  } else {
    g = hg->object = number_at(L, 2);
    if (g == NULL) return crypto_fail(L);
    if (BN_is_zero(g) || BN_is_one(g)) return raise_reason(L, ERR_LIB_DH, DH_R_BAD_GENERATOR);
  }
  if (p == NULL || DH_set0_pqg(d->dh, p, NULL, g) != 1) return crypto_fail(L);
  hp->object = hg->object = NULL; // the DH has them now
  lua_pop(L, 2);
  ERR_clear_error();
  return 1;
}

static int dh_group(lua_State *L) {
  const char *name = luaL_checkstring(L, 1);
  dh *d = crypto_new_object(L, sizeof *d, "lunode.crypto.dh", dh_gc);
  BIGNUM *p = crypto_dh_group(name), *g = BN_new();
  d->dh = DH_new();
  bool ok = p != NULL && g != NULL && d->dh != NULL && BN_set_word(g, 2) == 1 && DH_set0_pqg(d->dh, p, NULL, g) == 1;
  bool unknown = p == NULL;
  if (!ok) {
    BN_free(p);
    BN_free(g);
  }
  if (unknown) return crypto_fail_with(L, "ERR_CRYPTO_UNKNOWN_DH_GROUP", NULL);
  return ok ? (ERR_clear_error(), 1) : crypto_fail(L);
}

static int dh_verify_error(lua_State *L) {
  dh *d = check_dh(L, 1);
  int codes = 0;
  if (DH_check(d->dh, &codes) != 1) codes = 0;
  ERR_clear_error();
  lua_pushinteger(L, codes);
  return 1;
}

static int dh_generate(lua_State *L) {
  dh *d = check_dh(L, 1);
  if (DH_generate_key(d->dh) != 1) return crypto_fail(L);
  const BIGNUM *key;
  DH_get0_key(d->dh, &key, NULL);
  ERR_clear_error();
  crypto_push_bn(L, key, 0);
  return 1;
}

static int dh_compute(lua_State *L) {
  dh *d = check_dh(L, 1);
  hold *h = crypto_hold(L, drop_bn);
  BIGNUM *key = h->object = number_at(L, 2);
  if (key == NULL) return crypto_fail(L);
  size_t size = (size_t)DH_size(d->dh);
  buffer *b = buffer_new(L, runtime_get(L), size);
  if (DH_compute_key_padded(b->data, key, d->dh) < 0) {
    int codes = 0;
    ERR_clear_error();
    int checked = DH_check_pub_key(d->dh, key, &codes);
    if ((codes & DH_CHECK_PUBKEY_TOO_SMALL) != 0) return crypto_fail_with(L, "ERR_CRYPTO_INVALID_KEYLEN", "Supplied key is too small");
    if ((codes & DH_CHECK_PUBKEY_TOO_LARGE) != 0) return crypto_fail_with(L, "ERR_CRYPTO_INVALID_KEYLEN", "Supplied key is too large");
    if (checked != 1) return crypto_fail(L);
    return crypto_fail_with(L, "ERR_CRYPTO_INVALID_KEYTYPE", NULL);
  }
  crypto_drop(h);
  ERR_clear_error();
  return 1;
}

static int dh_get(lua_State *L) {
  static const char *const NAMES[] = {"prime", "generator", "public", "private", NULL};
  dh *d = check_dh(L, 1);
  const BIGNUM *n[4];
  int what = luaL_checkoption(L, 2, NULL, NAMES);
  DH_get0_pqg(d->dh, &n[0], NULL, &n[1]);
  DH_get0_key(d->dh, &n[2], &n[3]);
  if (n[what] == NULL) {
    return crypto_fail_with(L, "ERR_CRYPTO_INVALID_STATE", what == 2 ? "No public key - did you forget to generate one?"
                                                                     : "No private key - did you forget to generate one?");
  }
  crypto_push_bn(L, n[what], 0);
  return 1;
}

static int dh_set(lua_State *L) {
  static const char *const NAMES[] = {"public", "private", NULL};
  dh *d = check_dh(L, 1);
  bool is_private = luaL_checkoption(L, 2, NULL, NAMES) == 1;
  hold *h = crypto_hold(L, drop_bn);
  BIGNUM *n = h->object = number_at(L, 3);
  if (n == NULL || DH_set0_key(d->dh, is_private ? NULL : n, is_private ? n : NULL) != 1) return crypto_fail(L);
  h->object = NULL;
  return done(L);
}

// ---- ECDH

typedef struct ecdh {
  EC_KEY *key;
} ecdh;

static ecdh *check_ecdh(lua_State *L, int index) { return luaL_checkudata(L, index, "lunode.crypto.ecdh"); }

static int ecdh_gc(lua_State *L) {
  ecdh *e = lua_touserdata(L, 1);
  EC_KEY_free(e->key);
  e->key = NULL;
  return 0;
}

static int ecdh_new(lua_State *L) {
  int nid = OBJ_sn2nid(luaL_checkstring(L, 1));
  if (nid == NID_undef) return crypto_fail_with(L, "ERR_CRYPTO_INVALID_CURVE", NULL);
  ecdh *e = crypto_new_object(L, sizeof *e, "lunode.crypto.ecdh", ecdh_gc);
  e->key = EC_KEY_new_by_curve_name(nid);
  if (e->key == NULL) return crypto_fail_with(L, "ERR_CRYPTO_OPERATION_FAILED", "Failed to create key using named curve");
  ERR_clear_error();
  return 1;
}

static int ecdh_generate(lua_State *L) {
  ecdh *e = check_ecdh(L, 1);
  if (EC_KEY_generate_key(e->key) != 1) return crypto_fail_with(L, "ERR_CRYPTO_OPERATION_FAILED", "Failed to generate key");
  return done(L);
}

// Pushes a hold with the point, or NULL in it when the bytes are none of the curve.
static EC_POINT *point_at(lua_State *L, int index, const EC_GROUP *group) {
  size_t length;
  const char *bytes = buffer_check_bytes(L, index, &length);
  hold *h = crypto_hold(L, drop_point);
  EC_POINT *point = h->object = EC_POINT_new(group);
  if (point == NULL || EC_POINT_oct2point(group, point, (const unsigned char *)bytes, length, NULL) == 1) return point;
  crypto_drop(h);
  return NULL;
}

static int push_point(lua_State *L, const EC_GROUP *group, const EC_POINT *point, int form) {
  size_t length = EC_POINT_point2oct(group, point, (point_conversion_form_t)form, NULL, 0, NULL);
  if (length == 0) return crypto_fail_with(L, "ERR_CRYPTO_OPERATION_FAILED", "Failed to get public key length");
  buffer *b = buffer_new(L, runtime_get(L), length);
  if (EC_POINT_point2oct(group, point, (point_conversion_form_t)form, b->data, length, NULL) != length)
    return crypto_fail_with(L, "ERR_CRYPTO_OPERATION_FAILED", "Failed to get public key");
  ERR_clear_error();
  return 1;
}

static bool pair_valid(const ecdh *e) {
  bool valid = EC_KEY_get0_private_key(e->key) != NULL && EC_KEY_check_key(e->key) == 1;
  ERR_clear_error();
  return valid;
}

static int ecdh_compute(lua_State *L) {
  ecdh *e = check_ecdh(L, 1);
  const EC_GROUP *group = EC_KEY_get0_group(e->key);
  if (!pair_valid(e)) return crypto_fail_with(L, "ERR_CRYPTO_INVALID_KEYPAIR", NULL);
  EC_POINT *point = point_at(L, 2, group);
  if (point == NULL) return crypto_fail_with(L, "ERR_CRYPTO_ECDH_INVALID_PUBLIC_KEY", NULL);
  size_t size = ((size_t)EC_GROUP_get_degree(group) + 7) / 8;
  buffer *b = buffer_new(L, runtime_get(L), size);
  if (ECDH_compute_key(b->data, size, point, e->key, NULL) <= 0) return crypto_fail_with(L, "ERR_CRYPTO_OPERATION_FAILED", "Failed to compute ECDH key");
  ERR_clear_error();
  return 1;
}

static int ecdh_public(lua_State *L) {
  ecdh *e = check_ecdh(L, 1);
  const EC_POINT *point = EC_KEY_get0_public_key(e->key);
  if (point == NULL) return crypto_fail_with(L, "ERR_CRYPTO_OPERATION_FAILED", "Failed to get ECDH public key");
  return push_point(L, EC_KEY_get0_group(e->key), point, (int)luaL_checkinteger(L, 2));
}

static int ecdh_private(lua_State *L) {
  ecdh *e = check_ecdh(L, 1);
  const BIGNUM *n = EC_KEY_get0_private_key(e->key);
  if (n == NULL) return crypto_fail_with(L, "ERR_CRYPTO_OPERATION_FAILED", "Failed to get ECDH private key");
  crypto_push_bn(L, n, 0);
  return 1;
}

static int ecdh_set_private(lua_State *L) {
  ecdh *e = check_ecdh(L, 1);
  const EC_GROUP *group = EC_KEY_get0_group(e->key);
  hold *h = crypto_hold(L, drop_bn), *hp = crypto_hold(L, drop_point);
  BIGNUM *n = h->object = number_at(L, 2);
  if (n == NULL) return crypto_fail_with(L, "ERR_CRYPTO_OPERATION_FAILED", "Failed to convert Buffer to BN");
  if (BN_is_zero(n) || BN_cmp(n, EC_GROUP_get0_order(group)) >= 0)
    return crypto_fail_with(L, "ERR_CRYPTO_INVALID_KEYTYPE", "Private key is not valid for specified curve.");
  EC_KEY *fresh = EC_KEY_new();
  EC_POINT *point = hp->object = EC_POINT_new(group);
  bool ok = fresh != NULL && point != NULL && EC_KEY_set_group(fresh, group) == 1 && EC_KEY_set_private_key(fresh, n) == 1 &&
            EC_POINT_mul(group, point, n, NULL, NULL, NULL) == 1 && EC_KEY_set_public_key(fresh, point) == 1;
  if (!ok) {
    EC_KEY_free(fresh);
    return crypto_fail_with(L, "ERR_CRYPTO_OPERATION_FAILED", "Failed to set generated public key");
  }
  EC_KEY_free(e->key);
  e->key = fresh;
  crypto_drop(h);
  return done(L);
}

static int ecdh_set_public(lua_State *L) {
  ecdh *e = check_ecdh(L, 1);
  EC_POINT *point = point_at(L, 2, EC_KEY_get0_group(e->key));
  if (point == NULL) return crypto_fail_with(L, "ERR_CRYPTO_OPERATION_FAILED", "Failed to convert Buffer to EC_POINT");
  if (EC_KEY_set_public_key(e->key, point) != 1) return crypto_fail_with(L, "ERR_CRYPTO_OPERATION_FAILED", "Failed to set EC_POINT as the public key");
  return done(L);
}

static int ecdh_convert(lua_State *L) {
  size_t length;
  buffer_check_bytes(L, 1, &length);
  int nid = OBJ_sn2nid(luaL_checkstring(L, 2)), form = (int)luaL_checkinteger(L, 3);
  if (nid == NID_undef) return crypto_fail_with(L, "ERR_CRYPTO_INVALID_CURVE", NULL);
  hold *h = crypto_hold(L, drop_group);
  EC_GROUP *group = h->object = EC_GROUP_new_by_curve_name(nid);
  if (group == NULL) return crypto_fail_with(L, "ERR_CRYPTO_OPERATION_FAILED", "Failed to get EC_GROUP");
  EC_POINT *point = length == 0 ? NULL : point_at(L, 1, group);
  if (point == NULL) return crypto_fail_with(L, "ERR_CRYPTO_OPERATION_FAILED", "Failed to convert Buffer to EC_POINT");
  return push_point(L, group, point, form);
}

// ---- by key objects

static int derive(lua_State *L) {
  EVP_PKEY *ours = crypto_key_check_pkey(L, 1), *theirs = crypto_key_check_pkey(L, 2);
  hold *h = crypto_hold(L, drop_ctx);
  EVP_PKEY_CTX *ctx = h->object = EVP_PKEY_CTX_new(ours, NULL);
  size_t size = 0;
  if (ctx == NULL || EVP_PKEY_derive_init(ctx) <= 0 || EVP_PKEY_derive_set_peer(ctx, theirs) <= 0 || EVP_PKEY_derive(ctx, NULL, &size) <= 0)
    return crypto_fail(L);
  buffer *b = buffer_new(L, runtime_get(L), size);
  size_t made = size;
  if (EVP_PKEY_derive(ctx, b->data, &made) <= 0) return crypto_fail(L);
  crypto_drop(h);
  ERR_clear_error();
  if (made < size) { // a shorter number: zeros in front, so that all secrets of a group have one length
    memmove(b->data + (size - made), b->data, made);
    memset(b->data, 0, size - made);
  }
  return 1;
}

const luaL_Reg crypto_dh_functions[] = {{"dhNew", dh_new},
                                        {"dhGroup", dh_group},
                                        {"dhVerifyError", dh_verify_error},
                                        {"dhGenerate", dh_generate},
                                        {"dhCompute", dh_compute},
                                        {"dhGet", dh_get},
                                        {"dhSet", dh_set},
                                        {"ecdhNew", ecdh_new},
                                        {"ecdhGenerate", ecdh_generate},
                                        {"ecdhCompute", ecdh_compute},
                                        {"ecdhPublic", ecdh_public},
                                        {"ecdhPrivate", ecdh_private},
                                        {"ecdhSetPrivate", ecdh_set_private},
                                        {"ecdhSetPublic", ecdh_set_public},
                                        {"ecdhConvert", ecdh_convert},
                                        {"derive", derive},
                                        {NULL, NULL}};

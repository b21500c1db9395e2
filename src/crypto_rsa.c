// SPDX-License-Identifier: MIT
//
// core.crypto, RSA on short messages:
//   rsaCrypt(operation, key, bytes, padding, oaep digest name or nil, oaep label or nil) -> Buffer
// operation: "encrypt" (with the public key), "decrypt" (with the private one), "sign" (Node's privateEncrypt), "recover" (publicDecrypt).
#include <limits.h>
#include <string.h>

#include "crypto.h"

HOLD(drop_ctx, EVP_PKEY_CTX, EVP_PKEY_CTX_free)

typedef int (*operation)(EVP_PKEY_CTX *, unsigned char *, size_t *, const unsigned char *, size_t);

static bool set_label(EVP_PKEY_CTX *ctx, const char *label, size_t length) {
  void *copy = crypto_copy(label, length); // the context takes it
  if (copy == NULL) return false;
  if (EVP_PKEY_CTX_set0_rsa_oaep_label(ctx, copy, (int)length) > 0) return true;
  OPENSSL_free(copy);
  return false;
}

static int rsa_crypt(lua_State *L) {
  static const char *const NAMES[] = {"encrypt", "decrypt", "sign", "recover", NULL};
  int what = luaL_checkoption(L, 1, NULL, NAMES);
  const operation run = what == 0 ? EVP_PKEY_encrypt : what == 1 ? EVP_PKEY_decrypt : what == 2 ? EVP_PKEY_sign : EVP_PKEY_verify_recover;
  EVP_PKEY *key = crypto_key_check_pkey(L, 2);
  size_t length, label_length = 0;
  const unsigned char *bytes = (const unsigned char *)buffer_check_bytes(L, 3, &length);
  int padding = (int)luaL_checkinteger(L, 4);
  const char *digest = luaL_optstring(L, 5, NULL), *label = NULL;
  if (!lua_isnoneornil(L, 6)) label = buffer_check_bytes(L, 6, &label_length);
  if (label_length > INT_MAX) return luaL_error(L, "label too long");
  const EVP_MD *md = NULL;
  if (digest != NULL && (md = crypto_digest_named(digest)) == NULL) 
    return crypto_fail_with(L, "ERR_OSSL_EVP_INVALID_DIGEST", NULL);
  hold *h = crypto_hold(L, drop_ctx);
  EVP_PKEY_CTX *ctx = h->object = EVP_PKEY_CTX_new(key, NULL);
  if (ctx == NULL) return crypto_fail(L);
  int ready = what == 0 ? EVP_PKEY_encrypt_init(ctx) : what == 1 ? EVP_PKEY_decrypt_init(ctx) : what == 2 ? EVP_PKEY_sign_init(ctx) : EVP_PKEY_verify_recover_init(ctx);
  if (ready <= 0 || EVP_PKEY_CTX_set_rsa_padding(ctx, padding) <= 0) return crypto_fail(L);
  // Without implicit rejection (OpenSSL 3.2, or where it was ported back) decrypting this padding is an oracle (CVE-2023-46809).
  if (what == 1 && padding == RSA_PKCS1_PADDING && EVP_PKEY_CTX_ctrl_str(ctx, "rsa_pkcs1_implicit_rejection", "1") <= 0)
    return crypto_fail_with(L, "ERR_INVALID_ARG_VALUE",
                            "RSA_PKCS1_PADDING is no longer supported for private decryption, this can be reverted with --security-revert=CVE-2023-46809");
  if (md != NULL && EVP_PKEY_CTX_set_rsa_oaep_md(ctx, md) <= 0) return crypto_fail(L);
  if (label_length != 0 && !set_label(ctx, label, label_length)) return crypto_fail(L);
  size_t room = 0;
  if (run(ctx, NULL, &room, bytes, length) <= 0) return crypto_fail(L);
  buffer *out = buffer_new(L, runtime_get(L), room);
  size_t made = room;
  if (run(ctx, out->data, &made, bytes, length) <= 0) {
    if (out->length != 0) OPENSSL_cleanse(out->data, out->length);
    return crypto_fail(L);
  }
  crypto_drop(h);
  ERR_clear_error();
  out->length = made;
  return 1;
}

const luaL_Reg crypto_rsa_functions[] = {{"rsaCrypt", rsa_crypt}, {NULL, NULL}};

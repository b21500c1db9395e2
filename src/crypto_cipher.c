// SPDX-License-Identifier: MIT
//
// core.crypto, symmetric ciphers:
//   cipherNew(name, encrypt, key, iv or nil, authTagLength or -1) -> cipher
//   cipherNewFromPassword(name, encrypt, password, authTagLength or -1) -> cipher     key and iv by EVP_BytesToKey with MD5
//   cipherUpdate(cipher, bytes) -> Buffer
//   cipherFinal(cipher) -> Buffer
//   cipherSetAutoPadding(cipher, boolean), cipherSetAAD(cipher, bytes, plaintextLength or -1), cipherSetAuthTag(cipher, bytes)
//     -> boolean: false in a state where it is not allowed
//   cipherGetAuthTag(cipher) -> Buffer, or nothing in such a state
//   cipherInfo(name or nid, keyLength or nil, ivLength or nil) -> {name, nid, mode, blockSize, ivLength, keyLength}, or nothing
// Tags: of GCM 4, 8 or 12 to 16 bytes (NIST SP 800-38D, 5.2.1.2); CCM and OCB need the length in advance.
#include <limits.h>
#include <string.h>

#include "crypto.h"

typedef enum tag_state { TAG_UNKNOWN, TAG_KNOWN, TAG_PASSED } tag_state;

typedef struct cipher {
  EVP_CIPHER_CTX *ctx; // NULL once final was called
  bool encrypt, authenticated, ended;
  bool failed; // CCM: the tag was found wrong by update; final says so
  tag_state tag_state;
  int tag_length; // -1: not known yet
  int mode;
  size_t max_message; // CCM
  uint8_t tag[16];
} cipher;

static cipher *check_cipher(lua_State *L, int index) { return luaL_checkudata(L, index, "lunode.crypto.cipher"); }

static int cipher_gc(lua_State *L) {
  cipher *c = lua_touserdata(L, 1);
  EVP_CIPHER_CTX_free(c->ctx); // cleanses the key
  c->ctx = NULL;
  return 0;
}

static bool is_authenticated(const EVP_CIPHER *type) {
  switch (EVP_CIPHER_get_mode(type)) {
    case EVP_CIPH_GCM_MODE:
    case EVP_CIPH_CCM_MODE:
    case EVP_CIPH_OCB_MODE: return true;
    default: return EVP_CIPHER_get_nid(type) == NID_chacha20_poly1305;
  }
}

static bool gcm_tag_length_ok(int length) {
  return length == 4 || length == 8 || (length >= 12 && length <= 16);
}

static int bad_tag_length(lua_State *L, int length) {
  return crypto_fail_with(L, "ERR_CRYPTO_INVALID_AUTH_TAG", "Invalid authentication tag length: %d", length);
}

// 0 when all is well, else what was pushed.
static int init_authenticated(lua_State *L, cipher *c, const char *name, int iv_length, int tag_length) {
  if (EVP_CIPHER_CTX_ctrl(c->ctx, EVP_CTRL_AEAD_SET_IVLEN, iv_length, NULL) != 1) return crypto_fail_with(L, "ERR_CRYPTO_INVALID_IV", NULL);
  if (c->mode == EVP_CIPH_GCM_MODE) {
    if (tag_length >= 0 && !gcm_tag_length_ok(tag_length)) return bad_tag_length(L, tag_length);
    c->tag_length = tag_length;
    return 0;
  }
  if (tag_length < 0) {
    if (c->mode == EVP_CIPH_CCM_MODE || c->mode == EVP_CIPH_OCB_MODE)
      return crypto_fail_with(L, "ERR_CRYPTO_INVALID_AUTH_TAG", "authTagLength required for %s", name);
    tag_length = 16;
  }
  if (tag_length > 16 || EVP_CIPHER_CTX_ctrl(c->ctx, EVP_CTRL_AEAD_SET_TAG, tag_length, NULL) != 1) return bad_tag_length(L, tag_length);
  c->tag_length = tag_length;
  if (c->mode == EVP_CIPH_CCM_MODE) // the length field takes 15 - iv_length bytes
    c->max_message = iv_length == 12 ? 16777215 : iv_length == 13 ? 65535 : INT_MAX;
  return 0;
}

// The cipher's userdata is on top of the stack.
static int init(lua_State *L, cipher *c, const EVP_CIPHER *type, const char *name, const uint8_t *key, size_t key_length,
                const uint8_t *iv, size_t iv_length, int tag_length) {
  c->tag_length = -1;
  c->max_message = INT_MAX;
  c->mode = EVP_CIPHER_get_mode(type);
  c->authenticated = is_authenticated(type);
  c->ctx = EVP_CIPHER_CTX_new();
  if (c->ctx == NULL) return crypto_fail(L);
  if (c->mode == EVP_CIPH_WRAP_MODE) EVP_CIPHER_CTX_set_flags(c->ctx, EVP_CIPHER_CTX_FLAG_WRAP_ALLOW);
  if (EVP_CipherInit_ex(c->ctx, type, NULL, NULL, NULL, c->encrypt) != 1) return crypto_fail(L);
  if (c->authenticated) {
    int failed = init_authenticated(L, c, name, (int)iv_length, tag_length);
    if (failed != 0) return failed;
  }
  if (EVP_CIPHER_CTX_set_key_length(c->ctx, (int)key_length) != 1) return crypto_fail_with(L, "ERR_CRYPTO_INVALID_KEYLEN", NULL);
  if (EVP_CipherInit_ex(c->ctx, NULL, NULL, key, iv, c->encrypt) != 1) return crypto_fail(L);
  ERR_clear_error();
  return 1;
}

static int cipher_new(lua_State *L) {
  const char *name = luaL_checkstring(L, 1);
  bool encrypt = lua_toboolean(L, 2);
  size_t key_length, iv_length = 0;
  const char *key = crypto_check_secret(L, 3, &key_length), *iv = NULL;
  if (!lua_isnoneornil(L, 4)) iv = buffer_check_bytes(L, 4, &iv_length);
  lua_Number tag_length = luaL_checknumber(L, 5);
  if (key_length > INT_MAX || iv_length > INT_MAX) return luaL_error(L, "key or iv too long");
  const EVP_CIPHER *type = EVP_get_cipherbyname(name);
  if (type == NULL) return crypto_fail_with(L, "ERR_CRYPTO_UNKNOWN_CIPHER", NULL);
  int expected = EVP_CIPHER_get_iv_length(type);
  bool has_iv = iv_length > 0;
  if ((!has_iv && expected != 0) || (has_iv && !is_authenticated(type) && (int)iv_length != expected) ||
      (EVP_CIPHER_get_nid(type) == NID_chacha20_poly1305 && iv_length > 12)) {
    return crypto_fail_with(L, "ERR_CRYPTO_INVALID_IV", NULL);
  }
  cipher *c = crypto_new_object(L, sizeof *c, "lunode.crypto.cipher", cipher_gc);
  c->encrypt = encrypt;
  return init(L, c, type, name, (const uint8_t *)key, key_length, has_iv ? (const uint8_t *)iv : NULL, iv_length,
              tag_length > INT_MAX ? INT_MAX : (int)tag_length);
}

static int cipher_from_password(lua_State *L) {
  const char *name = luaL_checkstring(L, 1);
  bool encrypt = lua_toboolean(L, 2);
  size_t length;
  const char *password = buffer_check_bytes(L, 3, &length);
  lua_Number tag_length = luaL_checknumber(L, 4);
  if (length > INT_MAX) return luaL_error(L, "password too long");
  const EVP_CIPHER *type = EVP_get_cipherbyname(name);
  if (type == NULL) return crypto_fail_with(L, "ERR_CRYPTO_UNKNOWN_CIPHER", NULL);
  cipher *c = crypto_new_object(L, sizeof *c, "lunode.crypto.cipher", cipher_gc);
  c->encrypt = encrypt;
  uint8_t key[EVP_MAX_KEY_LENGTH], iv[EVP_MAX_IV_LENGTH];
  int key_length = EVP_BytesToKey(type, EVP_md5(), NULL, (const uint8_t *)password, (int)length, 1, key, iv);
  if (key_length <= 0) return crypto_fail(L);
  int results = init(L, c, type, name, key, (size_t)key_length, iv, (size_t)EVP_CIPHER_get_iv_length(type),
                     tag_length > INT_MAX ? INT_MAX : (int)tag_length);
  OPENSSL_cleanse(key, sizeof key);
  OPENSSL_cleanse(iv, sizeof iv);
  return results;
}

static bool pass_tag(cipher *c) {
  if (c->tag_state != TAG_KNOWN) return true;
  if (EVP_CIPHER_CTX_ctrl(c->ctx, EVP_CTRL_AEAD_SET_TAG, c->tag_length, c->tag) != 1) return false;
  c->tag_state = TAG_PASSED;
  return true;
}

static int cipher_update(lua_State *L) {
  cipher *c = check_cipher(L, 1);
  size_t length;
  const uint8_t *bytes = (const uint8_t *)buffer_check_bytes(L, 2, &length);
  if (c->ctx == NULL || length > INT_MAX - EVP_MAX_BLOCK_LENGTH) return crypto_fail(L);
  if (c->mode == EVP_CIPH_CCM_MODE && length > c->max_message) return crypto_fail_with(L, "ERR_CRYPTO_INVALID_MESSAGELEN", NULL);
  if (!c->encrypt && c->authenticated && !pass_tag(c)) return crypto_fail(L);
  int room = (int)length + EVP_CIPHER_CTX_get_block_size(c->ctx);
  if (c->mode == EVP_CIPH_WRAP_MODE && c->encrypt && EVP_CipherUpdate(c->ctx, NULL, &room, bytes, (int)length) != 1) return crypto_fail(L);
  buffer *out = buffer_new(L, runtime_get(L), (size_t)room);
  int made = room, ok = EVP_CipherUpdate(c->ctx, out->data, &made, bytes, (int)length);
  if (ok != 1) {
    memset(out->data, 0, (size_t)room); // nothing that was not authenticated
    if (c->encrypt || c->mode != EVP_CIPH_CCM_MODE) return crypto_fail(L);
    c->failed = true;
    made = 0;
  }
  ERR_clear_error();
  out->length = (size_t)made; // the window shrinks; its block stays
  return 1;
}

static int cipher_final(lua_State *L) {
  cipher *c = check_cipher(L, 1);
  if (c->ctx == NULL) return crypto_fail_with(L, "ERR_CRYPTO_INVALID_STATE", NULL);
  uint8_t out[EVP_MAX_BLOCK_LENGTH];
  int length = 0;
  bool ok = true;
  if (!c->encrypt && c->authenticated) ok = pass_tag(c);
  if (!c->encrypt && c->mode == EVP_CIPH_CCM_MODE) {
    ok = ok && !c->failed && c->tag_state == TAG_PASSED;
  } else if (ok) {
    ok = EVP_CipherFinal_ex(c->ctx, out, &length) == 1;
    if (ok && c->encrypt && c->authenticated) {
      if (c->tag_length < 0) c->tag_length = sizeof c->tag;
      ok = EVP_CIPHER_CTX_ctrl(c->ctx, EVP_CTRL_AEAD_GET_TAG, c->tag_length, c->tag) == 1;
    }
  }
  EVP_CIPHER_CTX_free(c->ctx);
  c->ctx = NULL;
  c->ended = ok;
  if (!ok) {
    OPENSSL_cleanse(out, sizeof out);
    int results = crypto_fail(L);
    lua_pushboolean(L, c->authenticated);
    lua_setfield(L, -2, "authenticated");
    return results;
  }
  ERR_clear_error();
  buffer_push_copy(L, runtime_get(L), out, (size_t)length);
  OPENSSL_cleanse(out, sizeof out);
  return 1;
}

static int cipher_set_padding(lua_State *L) {
  cipher *c = check_cipher(L, 1);
  lua_pushboolean(L, c->ctx != NULL && EVP_CIPHER_CTX_set_padding(c->ctx, lua_toboolean(L, 2)) == 1);
  ERR_clear_error();
  return 1;
}

static int cipher_set_aad(lua_State *L) {
  cipher *c = check_cipher(L, 1);
  size_t length;
  const uint8_t *bytes = (const uint8_t *)buffer_check_bytes(L, 2, &length);
  lua_Number plaintext = luaL_checknumber(L, 3);
  bool ok = c->ctx != NULL && c->authenticated && length <= INT_MAX;
  int made;
  if (ok && c->mode == EVP_CIPH_CCM_MODE) { // needs all lengths and the tag in advance
    if (plaintext < 0) return crypto_fail_with(L, "ERR_MISSING_ARGS", "options.plaintextLength required for CCM mode with AAD");
    if (plaintext > (lua_Number)c->max_message) return crypto_fail_with(L, "ERR_CRYPTO_INVALID_MESSAGELEN", NULL);
    ok = (c->encrypt || pass_tag(c)) && EVP_CipherUpdate(c->ctx, NULL, &made, NULL, (int)plaintext) == 1;
  }
  ok = ok && EVP_CipherUpdate(c->ctx, NULL, &made, bytes, (int)length) == 1;
  ERR_clear_error();
  lua_pushboolean(L, ok);
  return 1;
}

static int cipher_set_tag(lua_State *L) {
  cipher *c = check_cipher(L, 1);
  size_t length;
  const char *bytes = buffer_check_bytes(L, 2, &length);
  if (c->ctx == NULL || !c->authenticated || c->encrypt || c->tag_state != TAG_UNKNOWN) {
    lua_pushboolean(L, false);
    return 1;
  }
  int size = length > INT_MAX ? INT_MAX : (int)length;
  bool valid = c->mode == EVP_CIPH_GCM_MODE ? (c->tag_length < 0 || c->tag_length == size) && gcm_tag_length_ok(size) : c->tag_length == size;
  if (!valid) return bad_tag_length(L, size);
  c->tag_length = size;
  c->tag_state = TAG_KNOWN;
  memcpy(c->tag, bytes, length);
  lua_pushboolean(L, true);
  return 1;
}

static int cipher_get_tag(lua_State *L) {
  cipher *c = check_cipher(L, 1);
  if (!c->ended || !c->encrypt || !c->authenticated) return 0;
  buffer_push_copy(L, runtime_get(L), c->tag, (size_t)c->tag_length);
  return 1;
}

static const char *mode_name(int mode) {
  switch (mode) {
    case EVP_CIPH_CBC_MODE: return "cbc";
    case EVP_CIPH_CCM_MODE: return "ccm";
    case EVP_CIPH_CFB_MODE: return "cfb";
    case EVP_CIPH_CTR_MODE: return "ctr";
    case EVP_CIPH_ECB_MODE: return "ecb";
    case EVP_CIPH_GCM_MODE: return "gcm";
    case EVP_CIPH_OCB_MODE: return "ocb";
    case EVP_CIPH_OFB_MODE: return "ofb";
    case EVP_CIPH_WRAP_MODE: return "wrap";
    case EVP_CIPH_XTS_MODE: return "xts";
    case EVP_CIPH_STREAM_CIPHER: return "stream";
    default: return NULL;
  }
}

// Lengths that the caller asks about: set in a context, to see whether they are accepted.
static bool lengths_ok(const EVP_CIPHER *type, int *key_length, int *iv_length) {
  EVP_CIPHER_CTX *ctx = EVP_CIPHER_CTX_new();
  bool ok = ctx != NULL && EVP_CipherInit_ex(ctx, type, NULL, NULL, NULL, 1) == 1;
  if (ok && *key_length >= 0) ok = EVP_CIPHER_CTX_set_key_length(ctx, *key_length) == 1;
  if (ok && *iv_length >= 0) {
    int mode = EVP_CIPHER_get_mode(type);
    if (mode == EVP_CIPH_CCM_MODE) ok = *iv_length >= 7 && *iv_length <= 13;
    else if (is_authenticated(type)) ok = EVP_CIPHER_CTX_ctrl(ctx, EVP_CTRL_AEAD_SET_IVLEN, *iv_length, NULL) == 1;
    else ok = *iv_length == EVP_CIPHER_get_iv_length(type);
  }
  EVP_CIPHER_CTX_free(ctx);
  return ok;
}

static void set_number(lua_State *L, const char *name, int value) {
  lua_pushinteger(L, value);
  lua_setfield(L, -2, name);
}

static int cipher_info(lua_State *L) {
  const EVP_CIPHER *type = lua_type(L, 1) == LUA_TNUMBER ? EVP_get_cipherbyname(OBJ_nid2sn((int)lua_tointeger(L, 1)))
                                                         : EVP_get_cipherbyname(luaL_checkstring(L, 1));
  int key_length = (int)luaL_optinteger(L, 2, -1), iv_length = (int)luaL_optinteger(L, 3, -1);
  bool ok = type != NULL && ((lua_isnoneornil(L, 2) && lua_isnoneornil(L, 3)) || lengths_ok(type, &key_length, &iv_length));
  ERR_clear_error();
  if (!ok) return 0;
  int mode = EVP_CIPHER_get_mode(type);
  if (key_length < 0) key_length = EVP_CIPHER_get_key_length(type);
  if (iv_length < 0) iv_length = EVP_CIPHER_get_iv_length(type);
  lua_newtable(L);
  if (mode_name(mode) != NULL) {
    lua_pushstring(L, mode_name(mode));
    lua_setfield(L, -2, "mode");
  }
  lua_pushstring(L, OBJ_nid2sn(EVP_CIPHER_get_nid(type)));
  lua_setfield(L, -2, "name");
  set_number(L, "nid", EVP_CIPHER_get_nid(type));
  if (mode != EVP_CIPH_STREAM_CIPHER) set_number(L, "blockSize", EVP_CIPHER_get_block_size(type));
  if (iv_length != 0) set_number(L, "ivLength", iv_length);
  set_number(L, "keyLength", key_length);
  return 1;
}

const luaL_Reg crypto_cipher_functions[] = {{"cipherNew", cipher_new},
                                            {"cipherNewFromPassword", cipher_from_password},
                                            {"cipherUpdate", cipher_update},
                                            {"cipherFinal", cipher_final},
                                            {"cipherSetAutoPadding", cipher_set_padding},
                                            {"cipherSetAAD", cipher_set_aad},
                                            {"cipherSetAuthTag", cipher_set_tag},
                                            {"cipherGetAuthTag", cipher_get_tag},
                                            {"cipherInfo", cipher_info},
                                            {NULL, NULL}};

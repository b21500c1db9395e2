// SPDX-License-Identifier: MIT
//
// core.crypto: load() -> the table of all functions of the crypto_*.c files. Raises when there is no OpenSSL.
#include "crypto.h"

#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include "areas.h"
#include "call.h"
#include "ref.h"

// ---- errors

void crypto_errors_take(crypto_errors *e) {
  e->count = 0;
  unsigned long code;
  while ((code = ERR_get_error()) != 0) {
    if (e->count < CRYPTO_ERRORS) e->codes[e->count++] = code;
  }
}

// "wrong tag" of the library PROV -> ERR_OSSL_WRONG_TAG; of EVP -> ERR_OSSL_EVP_WRONG_TAG, as Node names them
static void push_code(lua_State *L, unsigned long code, const char *reason) {
  static const struct {
    int number;
    const char *name;
  } LIBRARIES[] = {{ERR_LIB_SYS, "SYS_"},       {ERR_LIB_BN, "BN_"},       {ERR_LIB_RSA, "RSA_"},     {ERR_LIB_DH, "DH_"},
                   {ERR_LIB_EVP, "EVP_"},       {ERR_LIB_BUF, "BUF_"},     {ERR_LIB_OBJ, "OBJ_"},     {ERR_LIB_PEM, "PEM_"},
                   {ERR_LIB_DSA, "DSA_"},       {ERR_LIB_X509, "X509_"},   {ERR_LIB_ASN1, "ASN1_"},   {ERR_LIB_CONF, "CONF_"},
                   {ERR_LIB_CRYPTO, "CRYPTO_"}, {ERR_LIB_EC, "EC_"},       {ERR_LIB_BIO, "BIO_"},     {ERR_LIB_PKCS7, "PKCS7_"},
                   {ERR_LIB_X509V3, "X509V3_"}, {ERR_LIB_PKCS12, "PKCS12_"}, {ERR_LIB_RAND, "RAND_"}, {ERR_LIB_DSO, "DSO_"},
                   {ERR_LIB_ENGINE, "ENGINE_"}, {ERR_LIB_OCSP, "OCSP_"},   {ERR_LIB_UI, "UI_"},       {ERR_LIB_COMP, "COMP_"},
                   {ERR_LIB_ECDSA, "ECDSA_"},   {ERR_LIB_ECDH, "ECDH_"},   {ERR_LIB_OSSL_STORE, "OSSL_STORE_"}, {ERR_LIB_FIPS, "FIPS_"},
                   {ERR_LIB_CMS, "CMS_"},       {ERR_LIB_TS, "TS_"},       {ERR_LIB_HMAC, "HMAC_"},   {ERR_LIB_CT, "CT_"},
                   {ERR_LIB_ASYNC, "ASYNC_"},   {ERR_LIB_KDF, "KDF_"},     {ERR_LIB_SM2, "SM2_"},     {ERR_LIB_USER, "USER_"}};
  int library = ERR_GET_LIB(code);
  const char *name = "";
  for (size_t i = 0; i < sizeof LIBRARIES / sizeof *LIBRARIES; i++) {
    if (LIBRARIES[i].number == library) name = LIBRARIES[i].name;
  }
  luaL_Buffer b;
  luaL_buffinit(L, &b);
  luaL_addstring(&b, library == ERR_LIB_SSL ? "ERR_SSL_" : "ERR_OSSL_");
  luaL_addstring(&b, name);
  for (const char *c = reason; *c != 0; c++) luaL_addchar(&b, *c == ' ' ? '_' : (char)(*c >= 'a' && *c <= 'z' ? *c - 32 : *c));
  luaL_pushresult(&b);
}

void crypto_errors_push(lua_State *L, const crypto_errors *e) {
  lua_createtable(L, 0, 1);
  lua_createtable(L, e->count, 0);
  for (int i = 0; i < e->count; i++) {
    char text[256];
    ERR_error_string_n(e->codes[i], text, sizeof text);
    lua_createtable(L, 4, 0);
    lua_pushstring(L, text);
    lua_rawseti(L, -2, 1);
    const char *library = ERR_lib_error_string(e->codes[i]), *reason = ERR_reason_error_string(e->codes[i]);
    if (library != NULL) {
      lua_pushstring(L, library);
      lua_rawseti(L, -2, 2);
    }
    if (reason != NULL) {
      lua_pushstring(L, reason);
      lua_rawseti(L, -2, 3);
      push_code(L, e->codes[i], reason);
      lua_rawseti(L, -2, 4);
    }
    lua_rawseti(L, -2, i + 1);
  }
  lua_setfield(L, -2, "queue");
}

int crypto_fail(lua_State *L) {
  crypto_errors e;
  crypto_errors_take(&e);
  lua_pushnil(L);
  crypto_errors_push(L, &e);
  return 2;
}

int crypto_fail_with(lua_State *L, const char *code, const char *message, ...) {
  ERR_clear_error();
  lua_pushnil(L);
  lua_createtable(L, 0, 2);
  lua_pushstring(L, code);
  lua_setfield(L, -2, "code");
  if (message != NULL) {
    char text[512];
    va_list args;
    va_start(args, message);
    vsnprintf(text, sizeof text, message, args); // a long name is cut
    va_end(args);
    lua_pushstring(L, text);
    lua_setfield(L, -2, "message");
  }
  return 2;
}

// ---- holding

static int hold_gc(lua_State *L) {
  crypto_drop(lua_touserdata(L, 1));
  return 0;
}

hold *crypto_hold(lua_State *L, void (*release)(void *)) {
  hold *h = lua_newuserdata(L, sizeof *h);
  h->object = NULL;
  h->release = release;
  if (luaL_newmetatable(L, "lunode.crypto.hold")) {
    lua_pushcfunction(L, hold_gc);
    lua_setfield(L, -2, "__gc");
  }
  lua_setmetatable(L, -2);
  return h;
}

void crypto_drop(hold *h) {
  void *object = h->object;
  h->object = NULL;
  if (object != NULL) h->release(object);
}

void *crypto_new_object(lua_State *L, size_t size, const char *name, lua_CFunction gc) {
  void *object = lua_newuserdata(L, size);
  memset(object, 0, size);
  if (luaL_newmetatable(L, name)) {
    lua_pushcfunction(L, gc);
    lua_setfield(L, -2, "__gc");
  }
  lua_setmetatable(L, -2);
  return object;
}

void *crypto_test_object(lua_State *L, int index, const char *name) {
  void *object = lua_touserdata(L, index);
  if (object == NULL || !lua_getmetatable(L, index)) return NULL;
  luaL_getmetatable(L, name);
  bool same = lua_rawequal(L, -1, -2);
  lua_pop(L, 2);
  return same ? object : NULL;
}

void crypto_push_bio(lua_State *L, BIO *bio, bool as_buffer) {
  char *data = NULL;
  long length = BIO_ctrl(bio, BIO_CTRL_INFO, 0, &data);
  if (length < 0) length = 0;
  if (as_buffer) buffer_push_copy(L, runtime_get(L), data, (size_t)length);
  else lua_pushlstring(L, length == 0 ? "" : data, (size_t)length);
}

void crypto_push_bn(lua_State *L, const BIGNUM *n, int size) {
  if (size == 0) size = (BN_num_bits(n) + 7) / 8;
  buffer *b = buffer_new(L, runtime_get(L), (size_t)size);
  if (size > 0) BN_bn2binpad(n, b->data, size);
}

uint8_t *crypto_copy(const void *bytes, size_t length) {
  uint8_t *copy = OPENSSL_malloc(length == 0 ? 1 : length);
  if (copy != NULL && length != 0) memcpy(copy, bytes, length);
  return copy;
}

// ---- jobs

static void job_free(crypto_job *job) {
  job->type->clear(job);
  free(job);
}

// Once the results are on the stack: secrets do not wait for the collector.
static void job_release(crypto_job *job) {
  *job->owner = NULL;
  job_free(job);
}

static int job_gc(lua_State *L) {
  crypto_job **owner = lua_touserdata(L, 1);
  crypto_job *job = *owner;
  *owner = NULL;
  if (job == NULL) return 0;
  if (job->running) job->owner = NULL; // the state is being closed: it is freed when the thread is done
  else job_free(job);
  return 0;
}

crypto_job *crypto_job_new(lua_State *L, const crypto_job_type *type) {
  runtime *rt = runtime_get(L);
  crypto_job **owner = lua_newuserdata(L, sizeof *owner);
  *owner = NULL;
  if (luaL_newmetatable(L, "lunode.crypto.job")) {
    lua_pushcfunction(L, job_gc);
    lua_setfield(L, -2, "__gc");
  }
  lua_setmetatable(L, -2);
  crypto_job *job = calloc(1, type->size);
  if (job == NULL) luaL_error(L, "out of memory");
  job->type = type;
  job->rt = rt;
  job->owner = owner;
  job->ref_owner = job->ref_callback = LUA_NOREF;
  *owner = job;
  return job;
}

static void do_work(crypto_job *job) {
  ERR_clear_error();
  job->ok = job->type->work(job);
  crypto_errors_take(&job->errors);
}

static void on_work(uv_work_t *uv) {
  do_work((crypto_job *)uv);
}

static void push_error(lua_State *L, crypto_job *job) {
  if (job->code != NULL) {
    crypto_fail_with(L, job->code, job->message != NULL ? "%s" : NULL, job->message);
    lua_remove(L, -2); // its nil
  } else {
    crypto_errors_push(L, &job->errors);
    if (job->message != NULL) { // for when OpenSSL gives no reason
      lua_pushstring(L, job->message);
      lua_setfield(L, -2, "message");
    }
  }
}

// job_result(userdata, callback): within a protected call, for push may raise
static int job_result(lua_State *L) {
  crypto_job *job = *(crypto_job **)lua_touserdata(L, 1);
  int nargs = 1;
  if (job->ok) {
    lua_pushnil(L);
    nargs += job->type->push(L, job);
  } else {
    push_error(L, job);
  }
  job_release(job);
  lua_call(L, nargs, 0);
  return 0;
}

static void on_worked(uv_work_t *uv, int status) {
  (void)status; // never cancelled
  crypto_job *job = (crypto_job *)uv;
  runtime *rt = job->rt;
  job->running = false;
  if (job->owner == NULL) {
    job_free(job);
    return;
  }
  if (!call_begin(rt, 4)) return; // the userdata frees it
  lua_State *L = rt->L;
  lua_pushcfunction(L, job_result);
  ref_push(L, job->ref_owner);
  ref_push(L, job->ref_callback);
  ref_drop(L, &job->ref_owner);
  ref_drop(L, &job->ref_callback);
  call_end(rt, 2);
}

int crypto_job_run(lua_State *L, crypto_job *job, int callback) {
  if (lua_isnoneornil(L, callback)) {
    do_work(job);
    int count = 2;
    if (job->ok) {
      count = job->type->push(L, job);
    } else {
      lua_pushnil(L);
      push_error(L, job);
    }
    job_release(job);
    return count;
  }
  luaL_checktype(L, callback, LUA_TFUNCTION);
  lua_pushvalue(L, callback);
  ref_set(L, &job->ref_callback);
  // The userdata is the newest one that job_new pushed: find it by its address.
  for (int i = lua_gettop(L); i > 0; i--) {
    if (lua_touserdata(L, i) == job->owner) {
      lua_pushvalue(L, i);
      break;
    }
  }
  ref_set(L, &job->ref_owner);
  job->running = true;
  int err = uv_queue_work(&job->rt->loop, &job->uv, on_work, on_worked);
  if (err != 0) {
    job->running = false;
    ref_drop(L, &job->ref_owner);
    ref_drop(L, &job->ref_callback);
    return luaL_error(L, "uv_queue_work: %s", uv_strerror(err));
  }
  return 0;
}

// ---- opening

static int load(lua_State *L) {
  const char *problem = openssl_load();
  if (problem != NULL) return luaL_error(L, "%s", problem);
  static const luaL_Reg *const FILES[] = {crypto_info_functions, crypto_hash_functions,   crypto_cipher_functions, crypto_random_functions,
                                          crypto_kdf_functions,  crypto_key_functions,    crypto_keygen_functions, crypto_sign_functions,
                                          crypto_rsa_functions,  crypto_dh_functions,     crypto_x509_functions};
  lua_newtable(L);
  for (size_t i = 0; i < sizeof FILES / sizeof *FILES; i++) luaL_register(L, NULL, FILES[i]);
  crypto_constants(L);
  lua_setfield(L, -2, "constants");
  return 1;
}

void crypto_open(lua_State *L) {
  lua_createtable(L, 0, 1);
  lua_pushcfunction(L, load);
  lua_setfield(L, -2, "load");
}

// SPDX-License-Identifier: MIT
//
// What the crypto_*.c files share. core.crypto holds one function, load(), which loads OpenSSL and returns the table of
// everything else: a program that uses no cryptography pays nothing for it.
//
// How the functions of that table fail: a caller's mistake that Lua should have found raises; everything else returns
// nil and a table that lua/crypto/util.lua makes an Error of:
//   {code = "ERR_CRYPTO_…", message = text or nil}    one of Node's own errors
//   {queue = {{message, library, reason, code}, …}, message = text or nil}
//                                                      what OpenSSL's error queue held, the oldest first; the message is for an empty one
//
// No function leaves anything in OpenSSL's error queue. What a Lua error could skip over is held by a userdata:
// an object of its own, or a `hold`. Secrets are cleansed before their memory is given back.
#ifndef LUNODE_CRYPTO_H
#define LUNODE_CRYPTO_H

#include "buffer.h"
#include "openssl.h"
#include "runtime.h"

// ---- errors

#define CRYPTO_ERRORS 16 // all that the queue of a thread can hold

typedef struct crypto_errors {
  int count;
  unsigned long codes[CRYPTO_ERRORS];
} crypto_errors;

// Moves this thread's queue into `e`, the oldest first.
void crypto_errors_take(crypto_errors *e);
void crypto_errors_push(lua_State *L, const crypto_errors *e);
// Empties the queue and pushes nil and the table; the count of both, for `return`.
int crypto_fail(lua_State *L);
int crypto_fail_with(lua_State *L, const char *code, const char *message, ...) __attribute__((format(printf, 3, 4)));

// ---- what is held while Lua may raise

typedef struct hold {
  void *object;
  void (*release)(void *);
} hold;

// Pushes a userdata that releases `object` when it is collected; fill it in after.
hold *crypto_hold(lua_State *L, void (*release)(void *));
void crypto_drop(hold *h); // now

#define HOLD(name, type, function) \
  static void name(void *object) { function((type *)object); }

// Pushes a zeroed userdata of the type; the userdata at `index` when it is of the type, or NULL.
void *crypto_new_object(lua_State *L, size_t size, const char *name, lua_CFunction gc);
void *crypto_test_object(lua_State *L, int index, const char *name);

// Pushes what was written to a memory BIO as a string or a Buffer.
void crypto_push_bio(lua_State *L, BIO *bio, bool as_buffer);
// Pushes a number as a big-endian Buffer of `size` bytes (0: as few as it takes).
void crypto_push_bn(lua_State *L, const BIGNUM *n, int size);

// A copy in memory of OpenSSL's, for the threads; freed by OPENSSL_clear_free. NULL without memory; length 0 gives one byte.
uint8_t *crypto_copy(const void *bytes, size_t length);

// ---- jobs: the same work on the spot or on the thread pool

typedef struct crypto_job crypto_job;
typedef struct crypto_job_type {
  size_t size;                               // of the struct that begins with `crypto_job`; zeroed
  bool (*work)(crypto_job *);                // no Lua here; false: failed, the reason is in the error queue or `code`
  int (*push)(lua_State *L, crypto_job *);   // the results' count; may raise
  void (*clear)(crypto_job *);               // frees what it holds
} crypto_job_type;

struct crypto_job {
  uv_work_t uv;
  const crypto_job_type *type;
  runtime *rt;
  crypto_job **owner; // the userdata, NULL once it is collected
  int ref_owner, ref_callback;
  bool running, ok;
  const char *code, *message; // of an error that is not OpenSSL's; the message alone: for when OpenSSL gives no reason (static text)
  crypto_errors errors;
};

// Pushes a userdata that owns the job.
crypto_job *crypto_job_new(lua_State *L, const crypto_job_type *type);
// With nil at `callback` works now and returns what push() pushes, or nil and the error table. With a function returns
// nothing and calls fn(error table or nil, results …) later.
int crypto_job_run(lua_State *L, crypto_job *job, int callback);

// ---- keys (crypto_key.c)

typedef enum key_kind { KEY_SECRET, KEY_PUBLIC, KEY_PRIVATE } key_kind;

typedef struct crypto_key {
  key_kind kind;
  EVP_PKEY *pkey;  // of asymmetric ones
  uint8_t *secret; // of secret ones
  size_t length;
} crypto_key;

// Pushes an empty key.
crypto_key *crypto_key_new(lua_State *L, key_kind kind);
// The key at `index`, or NULL.
crypto_key *crypto_key_test(lua_State *L, int index);
// Raises unless it is an asymmetric key.
EVP_PKEY *crypto_key_check_pkey(lua_State *L, int index);
// Bytes of a string, Buffer or secret key; raises for anything else.
const char *crypto_check_secret(lua_State *L, int index, size_t *length);

// The digest of a name, or NULL. Not owned by the caller.
const EVP_MD *crypto_digest_named(const char *name);

// The prime of a group "modp1" … "modp18", or NULL. The caller's.
BIGNUM *crypto_dh_group(const char *name);

extern const luaL_Reg crypto_hash_functions[], crypto_cipher_functions[], crypto_random_functions[], crypto_kdf_functions[],
    crypto_key_functions[], crypto_keygen_functions[], crypto_sign_functions[], crypto_rsa_functions[], crypto_dh_functions[],
    crypto_x509_functions[], crypto_info_functions[];
void crypto_constants(lua_State *L); // pushes a table

#endif

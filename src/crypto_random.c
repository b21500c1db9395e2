// SPDX-License-Identifier: MIT
//
// core.crypto, random numbers (OpenSSL's generator, nothing else) and primes. Functions with a callback as crypto_job_run has it.
//   randomFill(buffer, offset, size) -> true
//   randomBytes(size, callback) -> Buffer
//   generatePrime(bits, safe, add or nil, rem or nil, callback) -> big-endian Buffer
//   checkPrime(bytes, rounds, callback) -> boolean
#include <limits.h>

#include "crypto.h"

static bool fill(uint8_t *to, size_t length) {
  for (size_t n; length > 0; to += n, length -= n) {
    n = length < (1 << 30) ? length : 1 << 30;
    if (RAND_bytes(to, (int)n) != 1) return false;
  }
  return true;
}

static int random_fill(lua_State *L) {
  buffer *b = buffer_test(L, 1);
  lua_Number offset = luaL_checknumber(L, 2), size = luaL_checknumber(L, 3);
  if (b == NULL || !(offset >= 0 && size >= 0 && offset + size <= (lua_Number)b->length)) return luaL_error(L, "range outside of the Buffer");
  if (!fill(b->data + (size_t)offset, (size_t)size)) return crypto_fail(L);
  lua_pushboolean(L, true);
  return 1;
}

typedef struct bytes_job {
  crypto_job job;
  uint8_t *data;
  size_t length;
} bytes_job;

static bool bytes_work(crypto_job *job) {
  bytes_job *j = (bytes_job *)job;
  return fill(j->data, j->length);
}

static int bytes_push(lua_State *L, crypto_job *job) {
  bytes_job *j = (bytes_job *)job;
  buffer_push_copy(L, job->rt, j->data, j->length);
  return 1;
}

static void bytes_clear(crypto_job *job) {
  bytes_job *j = (bytes_job *)job;
  OPENSSL_clear_free(j->data, j->length);
}

static const crypto_job_type BYTES = {sizeof(bytes_job), bytes_work, bytes_push, bytes_clear};

static int random_bytes(lua_State *L) {
  lua_settop(L, 2);
  lua_Number size = luaL_checknumber(L, 1);
  if (!(size >= 0 && size <= (lua_Number)BUFFER_MAX)) return luaL_error(L, "size out of range");
  bytes_job *j = (bytes_job *)crypto_job_new(L, &BYTES);
  j->length = (size_t)size;
  j->data = OPENSSL_malloc(j->length + 1);
  if (j->data == NULL) return luaL_error(L, "out of memory: %f random bytes", size);
  return crypto_job_run(L, &j->job, 2);
}

// ---- primes

typedef struct prime_job {
  crypto_job job;
  BIGNUM *prime, *add, *rem;
  int bits, rounds;
  bool safe, answer;
} prime_job;

static bool prime_generate(crypto_job *job) {
  prime_job *j = (prime_job *)job;
  j->prime = BN_secure_new();
  return j->prime != NULL && BN_generate_prime_ex(j->prime, j->bits, j->safe, j->add, j->rem, NULL) == 1;
}

static int prime_push(lua_State *L, crypto_job *job) {
  crypto_push_bn(L, ((prime_job *)job)->prime, 0);
  return 1;
}

static bool prime_check(crypto_job *job) {
  prime_job *j = (prime_job *)job;
  int answer = BN_is_prime_ex(j->prime, j->rounds, NULL, NULL);
  j->answer = answer == 1;
  return answer >= 0;
}

static int prime_push_answer(lua_State *L, crypto_job *job) {
  lua_pushboolean(L, ((prime_job *)job)->answer);
  return 1;
}

static void prime_clear(crypto_job *job) {
  prime_job *j = (prime_job *)job;
  BN_clear_free(j->prime);
  BN_clear_free(j->add);
  BN_clear_free(j->rem);
}

static const crypto_job_type GENERATE = {sizeof(prime_job), prime_generate, prime_push, prime_clear};
static const crypto_job_type CHECK_PRIME = {sizeof(prime_job), prime_check, prime_push_answer, prime_clear};

static BIGNUM *number_at(lua_State *L, int index) {
  size_t length;
  const char *bytes = buffer_check_bytes(L, index, &length);
  if (length > INT_MAX / 8) luaL_error(L, "number too long");
  BIGNUM *n = BN_bin2bn((const unsigned char *)bytes, (int)length, NULL);
  if (n == NULL) luaL_error(L, "out of memory");
  return n;
}

static int generate_prime(lua_State *L) {
  lua_settop(L, 5);
  int bits = (int)luaL_checkinteger(L, 1);
  prime_job *j = (prime_job *)crypto_job_new(L, &GENERATE);
  j->bits = bits;
  j->safe = lua_toboolean(L, 2);
  if (!lua_isnil(L, 3)) j->add = number_at(L, 3);
  if (!lua_isnil(L, 4)) j->rem = number_at(L, 4);
  // What OpenSSL does not check, and would look for without end.
  if (j->add != NULL && BN_num_bits(j->add) > bits) return crypto_fail_with(L, "ERR_OUT_OF_RANGE", "invalid options.add");
  if (j->add != NULL && j->rem != NULL && BN_cmp(j->add, j->rem) != 1) return crypto_fail_with(L, "ERR_OUT_OF_RANGE", "invalid options.rem");
  return crypto_job_run(L, &j->job, 5);
}

static int check_prime(lua_State *L) {
  lua_settop(L, 3);
  int rounds = (int)luaL_checkinteger(L, 2);
  prime_job *j = (prime_job *)crypto_job_new(L, &CHECK_PRIME);
  j->prime = number_at(L, 1);
  j->rounds = rounds;
  return crypto_job_run(L, &j->job, 3);
}

const luaL_Reg crypto_random_functions[] = {{"randomFill", random_fill},
                                            {"randomBytes", random_bytes},
                                            {"generatePrime", generate_prime},
                                            {"checkPrime", check_prime},
                                            {NULL, NULL}};

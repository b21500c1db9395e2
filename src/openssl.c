// SPDX-License-Identifier: MIT
#define OPENSSL_TABLE_ONLY
#include "openssl.h"

#include <dlfcn.h>
#include <pthread.h>
#include <stddef.h>
#include <stdio.h>

openssl_api openssl;

static const struct {
  const char *name;
  size_t offset;
} FUNCTIONS[] = {
#define F(name) {#name, offsetof(openssl_api, name)},
#include "openssl.def"
#undef F
};

#define TEXT2(x) #x
#define TEXT(x) TEXT2(x)
#define SONAME "libcrypto.so." TEXT(OPENSSL_SHLIB_VERSION)

static pthread_once_t once = PTHREAD_ONCE_INIT;
static char problem[512];

static void load(void) {
  void *library = NULL;
#ifdef OPENSSL_LIBDIR // where the library that was built against lies
  library = dlopen(OPENSSL_LIBDIR "/" SONAME, RTLD_NOW | RTLD_LOCAL);
#endif
  if (library == NULL) library = dlopen(SONAME, RTLD_NOW | RTLD_LOCAL);
  if (library == NULL) {
    snprintf(problem, sizeof problem, "crypto needs OpenSSL: %s", dlerror());
    return;
  }
  for (size_t i = 0; i < sizeof FUNCTIONS / sizeof *FUNCTIONS; i++) {
    void *address = dlsym(library, FUNCTIONS[i].name);
    if (address == NULL) {
      snprintf(problem, sizeof problem, "crypto needs OpenSSL %s or later: %s", OPENSSL_VERSION_STR, dlerror());
      return;
    }
    *(void **)((char *)&openssl + FUNCTIONS[i].offset) = address;
  }
  // No cleaning up at exit: threads of the pool may still be at work then.
  if (openssl.OPENSSL_init_crypto(OPENSSL_INIT_NO_ATEXIT, NULL) != 1) snprintf(problem, sizeof problem, "OpenSSL cannot be initialised");
}

const char *openssl_load(void) {
  pthread_once(&once, load);
  return problem[0] != 0 ? problem : NULL;
}

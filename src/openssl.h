// SPDX-License-Identifier: MIT
//
// OpenSSL 3, loaded when it is first needed.
//
// libcrypto is not linked: mapping and relocating it takes 0.7 ms or more, a third of the start of a program that may never use it.
// openssl.def lists the functions in use; `openssl` is the table of their addresses, which openssl_load fills by
// dlopen, and openssl_names.h (made from the list by the Makefile) lets code call them by their own names.
// A function that is missing in the list is an undefined symbol when the executable is linked.
#ifndef LUNODE_OPENSSL_H
#define LUNODE_OPENSSL_H

#define OPENSSL_SUPPRESS_DEPRECATED
#include <openssl/bn.h>
#include <openssl/core_names.h>
#include <openssl/crypto.h>
#include <openssl/dh.h>
#include <openssl/dsa.h>
#include <openssl/ec.h>
#include <openssl/ecdsa.h>
#include <openssl/engine.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <openssl/kdf.h>
#include <openssl/param_build.h>
#include <openssl/pem.h>
#include <openssl/provider.h>
#include <openssl/rand.h>
#include <openssl/rsa.h>
#include <openssl/ssl.h>
#include <openssl/x509.h>
#include <openssl/x509v3.h>
#include <stdbool.h>

typedef struct openssl_api {
#define F(name) __typeof__(name) *name;
#include "openssl.def"
#undef F
} openssl_api;

extern openssl_api openssl;

// Loads libcrypto and fills the table, once for the process. NULL, or why it cannot be.
const char *openssl_load(void);

#ifndef OPENSSL_TABLE_ONLY
#include "openssl_names.h"
#endif
#endif

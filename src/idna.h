// SPDX-License-Identifier: MIT
//
// Internationalized domain names: UTS 46 as the WHATWG URL Standard uses it (clause 3.3): not transitional, CheckHyphens false,
// CheckBidi true, CheckJoiners true, UseSTD3ASCIIRules false, VerifyDnsLength false.
//
// The facts of Unicode come from libunistring, which is loaded when the first name outside of ASCII is seen. The mapping table of
// UTS 46 is not in it, but its derivation (section 6 of UTS 46) rests on NFKC_Casefold, which is.
// (libidn2 speaks IDNA 2008: it refuses 19,000 characters that UTS 46 takes, emoji among them, and its rules for hyphens and
// lengths cannot be switched off.)
#ifndef LUNODE_IDNA_H
#define LUNODE_IDNA_H

#include <stddef.h>

typedef enum idna_status { IDNA_OK, IDNA_INVALID, IDNA_MEMORY, IDNA_LIBRARY } idna_status;

// domain is well-formed UTF-8. With IDNA_OK, *out (from malloc, the caller frees it) holds *length bytes and a zero byte.
// Forbidden host characters are the caller's business.
idna_status idna_to_ascii(const char *domain, size_t n, char **out, size_t *length);

// Labels that begin with xn-- and are valid become UTF-8; all others stay as they are.
idna_status idna_to_unicode(const char *domain, size_t n, char **out, size_t *length);

// Why the library could not be loaded, or NULL.
const char *idna_problem(void);

#endif

// SPDX-License-Identifier: MIT
//
// Bytes to text and back, in the encodings that Node names. Text is UTF-8 (lone surrogates as WTF-8).
// Decoding replaces what is not valid by U+FFFD as the WHATWG Encoding Standard says. Encoding as UTF-8 keeps the bytes
// of the text, valid or not: a Lua string is taken wherever a Buffer is. Encoding as hex stops at the first invalid pair,
// as base64 passes over what does not belong, as Node does.
#ifndef LUNODE_ENCODING_H
#define LUNODE_ENCODING_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

typedef enum encoding { ENC_UTF8, ENC_UTF16LE, ENC_LATIN1, ENC_ASCII, ENC_BASE64, ENC_BASE64URL, ENC_HEX, ENC_COUNT } encoding;

// The encoding of a canonical name, or ENC_COUNT.
encoding encoding_named(const char *name);

// Length of the longest valid UTF-8 prefix.
size_t utf8_valid_prefix(const uint8_t *bytes, size_t length);

// Writes a character (four bytes at the most), returns its length.
size_t utf8_put(char *out, uint32_t c);

// The next character of text, lone surrogates (WTF-8) included; what is no text at all is U+FFFD. length > 0.
uint32_t utf8_next(const uint8_t *p, size_t length, size_t *used);

// Most bytes that decoding `length` bytes can give, or encoding `length` bytes of text.
size_t encoding_decoded_max(encoding e, size_t length);
size_t encoding_encoded_max(encoding e, size_t length);

// Both return the bytes written; `out` has the room that the _max function told. `room` of encode may be
// smaller: whole characters (of UTF-16, whole units) are written as long as they fit.
size_t encoding_decode(encoding e, const uint8_t *bytes, size_t length, char *out);
size_t encoding_encode(encoding e, const char *text, size_t length, uint8_t *out, size_t room);

#endif

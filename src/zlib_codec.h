// SPDX-License-Identifier: MIT
//
// Compression and decompression, a step at a time: zlib's formats and Brotli behind one face. No Lua here: a codec may
// be used by any thread, by one at a time.
//
//   codec *c = codec_new_zlib(…);              allocates little: the library's state comes with the first step
//   c->in, c->avail_in, c->out, c->avail_out, c->flush = …;
//   codec_step(c);                             moves both; what went wrong is in c->error
//
// A step has consumed its input when avail_out is not 0 afterwards; input that is left then lies behind the end of the
// compressed data. Source: RFC 1950-1952, RFC 7932; what is an error, and its code and text, as Node 20's zlib has it.
#ifndef LUNODE_ZLIB_CODEC_H
#define LUNODE_ZLIB_CODEC_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

// Node's numbers (zlib.constants).
typedef enum codec_mode {
  CODEC_DEFLATE = 1,
  CODEC_INFLATE,
  CODEC_GZIP,
  CODEC_GUNZIP,
  CODEC_DEFLATE_RAW,
  CODEC_INFLATE_RAW,
  CODEC_UNZIP, // gzip or zlib, told by the first two bytes
  CODEC_BROTLI_DECODE,
  CODEC_BROTLI_ENCODE
} codec_mode;

typedef struct codec_error {
  const char *message; // NULL: no error. Static text
  const char *code;
  int number; // the library's
} codec_error;

typedef struct codec {
  const struct codec_type *type;
  codec_mode mode;
  const uint8_t *in;
  uint8_t *out;
  size_t avail_in, avail_out; // below 4 GiB
  int flush;
  codec_error error; // stays until codec_reset
  size_t memory;     // that the library holds for it
} codec;

typedef struct codec_type { // what a family does
  void (*step)(codec *);
  void (*reset)(codec *);
  void (*params)(codec *, int level, int strategy);
  void (*free)(codec *);
} codec_type;

typedef struct codec_settings { // of zlib's formats
  int window_bits, level, mem_level, strategy;
  const void *dictionary; // copied; NULL: none
  size_t dictionary_length;
} codec_settings;

static inline bool codec_compresses(const codec *c) {
  return c->mode == CODEC_DEFLATE || c->mode == CODEC_GZIP || c->mode == CODEC_DEFLATE_RAW || c->mode == CODEC_BROTLI_ENCODE;
}

// NULL without memory.
codec *codec_new_zlib(codec_mode mode, const codec_settings *settings);
// Why Brotli cannot be had, or NULL. Loads it, once for the process: linking it would cost every program's start 0.15 ms.
const char *codec_brotli_problem(void);
// params[i] is the value of parameter i, or CODEC_UNSET. NULL when one is refused, or without memory.
#define CODEC_BROTLI_PARAMS 9
#define CODEC_UNSET UINT32_MAX
codec *codec_new_brotli(codec_mode mode, const uint32_t params[CODEC_BROTLI_PARAMS]);

static inline void codec_step(codec *c) { c->type->step(c); }
// To the beginning, with the same settings.
static inline void codec_reset(codec *c) { c->type->reset(c); }
// Other settings from here on; for compression in zlib's formats, without effect on the others. To be called when a flush
// has been taken out in full.
static inline void codec_params(codec *c, int level, int strategy) { c->type->params(c, level, strategy); }
static inline void codec_free(codec *c) {
  if (c != NULL) c->type->free(c);
}

// For the libraries: memory that is counted in c->memory.
void *codec_alloc(void *c, size_t size);
void codec_release(void *c, void *memory);

#endif

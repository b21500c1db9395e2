// SPDX-License-Identifier: MIT
#include <brotli/decode.h>
#include <brotli/encode.h>
#include <dlfcn.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "zlib_codec.h"

// ---- the libraries

#define ENCODER(F) \
  F(BrotliEncoderCreateInstance) F(BrotliEncoderDestroyInstance) F(BrotliEncoderSetParameter) F(BrotliEncoderCompressStream)
#define DECODER(F)                                                                                                             \
  F(BrotliDecoderCreateInstance) F(BrotliDecoderDestroyInstance) F(BrotliDecoderSetParameter) F(BrotliDecoderDecompressStream) \
  F(BrotliDecoderGetErrorCode)

static struct {
#define F(name) __typeof__(name) *name;
  ENCODER(F) DECODER(F)
#undef F
} brotli;

static pthread_once_t once = PTHREAD_ONCE_INIT;
static char problem[512];

static void *open_library(const char *name) {
  static const char *const PATTERNS[] = {
#ifdef BROTLI_LIBDIR // where the libraries that were built against lie
      BROTLI_LIBDIR "/%s.so.1",
#endif
      "%s.so.1", "%s.so"};
  void *library = NULL;
  for (size_t i = 0; i < sizeof PATTERNS / sizeof *PATTERNS && library == NULL; i++) {
    char path[1024];
    int n = snprintf(path, sizeof path, PATTERNS[i], name);
    if (n > 0 && (size_t)n < sizeof path) library = dlopen(path, RTLD_NOW | RTLD_LOCAL);
  }
  if (library == NULL) snprintf(problem, sizeof problem, "Brotli needs %s: %s", name, dlerror());
  return library;
}

static void find(void *library, const char *name, void *where) {
  if (library == NULL) return;
  void *address = dlsym(library, name);
  if (address == NULL) snprintf(problem, sizeof problem, "Brotli needs a newer library: %s", dlerror());
  memcpy(where, &address, sizeof address);
}

static void load(void) {
  void *encoder = open_library("libbrotlienc"), *decoder = open_library("libbrotlidec");
#define F(name) find(encoder, #name, &brotli.name);
  ENCODER(F)
#undef F
#define F(name) find(decoder, #name, &brotli.name);
  DECODER(F)
#undef F
}

const char *codec_brotli_problem(void) {
  pthread_once(&once, load);
  return problem[0] != 0 ? problem : NULL;
}

// ---- the codec

typedef struct brotli_codec {
  codec base;
  BrotliEncoderState *encoder; // one of the two
  BrotliDecoderState *decoder;
  uint32_t params[CODEC_BROTLI_PARAMS];
} brotli_codec;

static const char *decoder_error(BrotliDecoderErrorCode code) {
  switch (code) {
#define NAMED(prefix, name, number) \
  case number: return "ERR_" #prefix #name
#define SEMICOLON ;
    BROTLI_DECODER_ERROR_CODES_LIST(NAMED, SEMICOLON);
#undef NAMED
#undef SEMICOLON
    default: return "ERR__ERROR_UNKNOWN";
  }
}

static void end(brotli_codec *b) {
  if (b->encoder != NULL) brotli.BrotliEncoderDestroyInstance(b->encoder);
  if (b->decoder != NULL) brotli.BrotliDecoderDestroyInstance(b->decoder);
  b->encoder = NULL;
  b->decoder = NULL;
}

// False when a parameter is refused, or without memory.
static bool begin(brotli_codec *b) {
  bool encodes = b->base.mode == CODEC_BROTLI_ENCODE;
  if (encodes) b->encoder = brotli.BrotliEncoderCreateInstance(codec_alloc, codec_release, b);
  else b->decoder = brotli.BrotliDecoderCreateInstance(codec_alloc, codec_release, b);
  if (b->encoder == NULL && b->decoder == NULL) return false;
  for (int i = 0; i < CODEC_BROTLI_PARAMS; i++) {
    uint32_t value = b->params[i];
    if (value == CODEC_UNSET) continue;
    if (encodes ? !brotli.BrotliEncoderSetParameter(b->encoder, (BrotliEncoderParameter)i, value)
                : !brotli.BrotliDecoderSetParameter(b->decoder, (BrotliDecoderParameter)i, value))
      return false;
  }
  return true;
}

static void encode_step(codec *c) {
  brotli_codec *b = (brotli_codec *)c;
  if (!brotli.BrotliEncoderCompressStream(b->encoder, (BrotliEncoderOperation)c->flush, &c->avail_in, &c->in, &c->avail_out, &c->out, NULL))
    c->error = (codec_error){"Compression failed", "ERR_BROTLI_COMPRESSION_FAILED", -1};
}

static void decode_step(codec *c) {
  brotli_codec *b = (brotli_codec *)c;
  BrotliDecoderResult result = brotli.BrotliDecoderDecompressStream(b->decoder, &c->avail_in, &c->in, &c->avail_out, &c->out, NULL);
  if (result == BROTLI_DECODER_RESULT_ERROR) {
    BrotliDecoderErrorCode code = brotli.BrotliDecoderGetErrorCode(b->decoder);
    c->error = (codec_error){"Decompression failed", decoder_error(code), code};
  } else if (result == BROTLI_DECODER_RESULT_NEEDS_MORE_INPUT && c->flush == BROTLI_OPERATION_FINISH) {
    c->error = (codec_error){"unexpected end of file", "Z_BUF_ERROR", -5};
  }
}

static void brotli_step(codec *c) {
  if (c->error.message != NULL) return; // a reset that failed: there is no state
  if (c->mode == CODEC_BROTLI_ENCODE) encode_step(c);
  else decode_step(c);
}

static void brotli_reset(codec *c) {
  brotli_codec *b = (brotli_codec *)c;
  end(b);
  c->error = (codec_error){0};
  if (!begin(b)) c->error = (codec_error){"Could not initialize Brotli instance", "ERR_ZLIB_INITIALIZATION_FAILED", -1};
}

static void brotli_params(codec *c, int level, int strategy) {
  (void)c, (void)level, (void)strategy;
}

static void brotli_free(codec *c) {
  brotli_codec *b = (brotli_codec *)c;
  end(b);
  free(b);
}

static const codec_type BROTLI = {brotli_step, brotli_reset, brotli_params, brotli_free};

codec *codec_new_brotli(codec_mode mode, const uint32_t params[CODEC_BROTLI_PARAMS]) {
  brotli_codec *b = calloc(1, sizeof *b);
  if (b == NULL) return NULL;
  b->base.type = &BROTLI;
  b->base.mode = mode;
  memcpy(b->params, params, sizeof b->params);
  if (begin(b)) return &b->base;
  brotli_free(&b->base);
  return NULL;
}

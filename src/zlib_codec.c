// SPDX-License-Identifier: MIT
#include "zlib_codec.h"

#include <stdlib.h>
#include <string.h>
#include <zlib.h>

typedef struct zlib_codec {
  codec base;
  z_stream strm;
  codec_mode format;   // what the bytes turned out to be: base.mode, but for CODEC_UNZIP
  bool begun, seen_id; // of the library's state; of the first byte of a gzip header
  int window_bits, level, mem_level, strategy;
  size_t dictionary_length;
  uint8_t dictionary[];
} zlib_codec;

// ---- memory

typedef union header {
  size_t size;
  max_align_t align;
} header;

// Compressing a small thing takes a quarter of a megabyte for a moment. The pieces are kept for the next one, a few and
// of any thread: given back to the kernel and asked for again they cost as much as the work itself.
#define SPARES 16
#define SPARE_MIN ((size_t)16384)
#define SPARE_MAX ((size_t)131072)
static header *spares[SPARES];

static bool spareable(size_t size) {
  return size >= SPARE_MIN && size <= SPARE_MAX;
}

static header *take_spare(size_t size) {
  for (int i = 0; i < SPARES; i++) {
    header *h = __atomic_exchange_n(&spares[i], NULL, __ATOMIC_ACQ_REL);
    if (h == NULL) continue;
    if (h->size == size) return h;
    header *empty = NULL;
    if (!__atomic_compare_exchange_n(&spares[i], &empty, h, false, __ATOMIC_ACQ_REL, __ATOMIC_RELAXED)) free(h);
  }
  return NULL;
}

static bool put_spare(header *h) {
  for (int i = 0; i < SPARES; i++) {
    header *empty = NULL;
    if (__atomic_compare_exchange_n(&spares[i], &empty, h, false, __ATOMIC_ACQ_REL, __ATOMIC_RELAXED)) return true;
  }
  return false;
}

void *codec_alloc(void *owner, size_t size) {
  codec *c = owner;
  if (size > SIZE_MAX - sizeof(header)) return NULL;
  header *h = spareable(size) ? take_spare(size) : NULL;
  if (h == NULL) h = malloc(sizeof *h + size);
  if (h == NULL) return NULL;
  h->size = size;
  c->memory += size;
  return h + 1;
}

void codec_release(void *owner, void *memory) {
  if (memory == NULL) return;
  codec *c = owner;
  header *h = (header *)memory - 1;
  c->memory -= h->size;
  if (!spareable(h->size) || !put_spare(h)) free(h);
}

static voidpf z_alloc(voidpf owner, uInt items, uInt size) {
  return codec_alloc(owner, (size_t)items * size);
}

static void z_release(voidpf owner, voidpf memory) {
  codec_release(owner, memory);
}

// ---- errors

static const char *name_of(int err) {
  switch (err) {
    case Z_OK: return "Z_OK";
    case Z_STREAM_END: return "Z_STREAM_END";
    case Z_NEED_DICT: return "Z_NEED_DICT";
    case Z_ERRNO: return "Z_ERRNO";
    case Z_STREAM_ERROR: return "Z_STREAM_ERROR";
    case Z_DATA_ERROR: return "Z_DATA_ERROR";
    case Z_MEM_ERROR: return "Z_MEM_ERROR";
    case Z_BUF_ERROR: return "Z_BUF_ERROR";
    case Z_VERSION_ERROR: return "Z_VERSION_ERROR";
    default: return "Z_UNKNOWN_ERROR";
  }
}

static void fail(zlib_codec *z, int err, const char *message) {
  const char *reason = z->strm.msg;
  z->base.error = (codec_error){reason != NULL ? reason : message, name_of(err), err};
}

static void check(zlib_codec *z, int err) {
  switch (err) {
    case Z_OK:
    case Z_BUF_ERROR:
      if (z->strm.avail_out != 0 && z->base.flush == Z_FINISH) fail(z, err, "unexpected end of file");
      break;
    case Z_STREAM_END: break;
    case Z_NEED_DICT: fail(z, err, z->dictionary_length == 0 ? "Missing dictionary" : "Bad dictionary"); break;
    default: fail(z, err, "Zlib error");
  }
}

// ---- the library's state

// What zlib and raw data need from the start; a zlib stream's reader is asked for its dictionary.
static int give_dictionary(zlib_codec *z) {
  if (z->dictionary_length == 0) return Z_OK;
  uInt n = (uInt)z->dictionary_length;
  switch (z->base.mode) {
    case CODEC_DEFLATE:
    case CODEC_DEFLATE_RAW: return deflateSetDictionary(&z->strm, z->dictionary, n);
    case CODEC_INFLATE_RAW: return inflateSetDictionary(&z->strm, z->dictionary, n);
    default: return Z_OK;
  }
}

static int begin(zlib_codec *z) {
  if (z->begun) return Z_OK;
  int bits = z->window_bits, err;
  switch (z->base.mode) {
    case CODEC_GZIP:
    case CODEC_GUNZIP: bits += 16; break;
    case CODEC_UNZIP: bits += 32; break;
    case CODEC_DEFLATE_RAW:
    case CODEC_INFLATE_RAW: bits = -bits; break;
    default: break;
  }
  z->strm.zalloc = z_alloc;
  z->strm.zfree = z_release;
  z->strm.opaque = z;
  if (codec_compresses(&z->base)) err = deflateInit2(&z->strm, z->level, Z_DEFLATED, bits, z->mem_level, z->strategy);
  else err = inflateInit2(&z->strm, bits);
  if (err != Z_OK) return err;
  z->begun = true;
  return give_dictionary(z);
}

static int restart(zlib_codec *z) {
  int err = codec_compresses(&z->base) ? deflateReset(&z->strm) : inflateReset(&z->strm);
  return err == Z_OK ? give_dictionary(z) : err;
}

// ---- steps

// The first two bytes tell; they may come in two steps.
static void tell_format(zlib_codec *z) {
  const uint8_t *p = z->strm.next_in, *end = p + z->strm.avail_in;
  if (p == end) return;
  if (!z->seen_id) {
    if (*p++ != 0x1f) {
      z->format = CODEC_INFLATE;
      return;
    }
    z->seen_id = true;
  }
  if (p != end) z->format = *p == 0x8b ? CODEC_GUNZIP : CODEC_INFLATE;
}

static int inflate_step(zlib_codec *z) {
  z_stream *s = &z->strm;
  int flush = z->base.flush;
  if (z->format == CODEC_UNZIP) tell_format(z);
  int err = inflate(s, flush);
  if (err == Z_NEED_DICT && z->format != CODEC_INFLATE_RAW && z->dictionary_length != 0) {
    err = inflateSetDictionary(s, z->dictionary, (uInt)z->dictionary_length);
    if (err == Z_OK) err = inflate(s, flush);
    else if (err == Z_DATA_ERROR) err = Z_NEED_DICT; // not the dictionary that the data asks for
  }
  // Members may follow one another (RFC 1952, 2.2); zeros behind the last are padding.
  while (s->avail_in > 0 && z->format == CODEC_GUNZIP && err == Z_STREAM_END && *s->next_in != 0) {
    err = restart(z);
    if (err == Z_OK) err = inflate(s, flush);
  }
  return err;
}

static void zlib_step(codec *c) {
  zlib_codec *z = (zlib_codec *)c;
  z_stream *s = &z->strm;
  int err = begin(z);
  s->next_in = (Bytef *)c->in;
  s->avail_in = (uInt)c->avail_in;
  s->next_out = c->out;
  s->avail_out = (uInt)c->avail_out;
  if (err == Z_OK) err = codec_compresses(&z->base) ? deflate(s, c->flush) : inflate_step(z);
  c->in = s->next_in;
  c->avail_in = s->avail_in;
  c->out = s->next_out;
  c->avail_out = s->avail_out;
  check(z, err);
}

static void zlib_reset(codec *c) {
  zlib_codec *z = (zlib_codec *)c;
  c->error = (codec_error){0};
  z->format = c->mode;
  z->seen_id = false;
  if (!z->begun) return;
  int err = restart(z);
  if (err != Z_OK) fail(z, err, "Failed to reset stream");
}

static void zlib_params(codec *c, int level, int strategy) {
  zlib_codec *z = (zlib_codec *)c;
  z->level = level;
  z->strategy = strategy;
  if (!codec_compresses(&z->base) || !z->begun) return;
  // There is nothing to come out, and nowhere to put it.
  z->strm.avail_in = z->strm.avail_out = 0;
  int err = deflateParams(&z->strm, level, strategy);
  if (err != Z_OK && err != Z_BUF_ERROR) fail(z, err, "Failed to set parameters");
}

static void zlib_free(codec *c) {
  zlib_codec *z = (zlib_codec *)c;
  if (z->begun) codec_compresses(&z->base) ? deflateEnd(&z->strm) : inflateEnd(&z->strm);
  free(z);
}

static const codec_type ZLIB = {zlib_step, zlib_reset, zlib_params, zlib_free};

codec *codec_new_zlib(codec_mode mode, const codec_settings *settings) {
  if (settings->dictionary_length > SIZE_MAX - sizeof(zlib_codec)) return NULL;
  zlib_codec *z = calloc(1, sizeof *z + settings->dictionary_length);
  if (z == NULL) return NULL;
  z->base.type = &ZLIB;
  z->base.mode = z->format = mode;
  z->window_bits = settings->window_bits;
  z->level = settings->level;
  z->mem_level = settings->mem_level;
  z->strategy = settings->strategy;
  z->dictionary_length = settings->dictionary_length;
  if (z->dictionary_length != 0) memcpy(z->dictionary, settings->dictionary, z->dictionary_length);
  return &z->base;
}

// SPDX-License-Identifier: MIT
//
// What runs a target where there is no libFuzzer: every seed, then COUNT changed ones.
//
//   target SEEDS COUNT SEED     SEEDS: a line a seed, with \r \n \t \\ \xHH; or lines of a name and words of hexadecimal digits
//   target SEEDS --write DIR    the seeds as files, for libFuzzer
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "fuzz.h"

typedef struct seed {
  uint8_t *bytes;
  size_t length;
} seed;

static seed *seeds;
static uint32_t count, room;

static void out_of_memory(void) {
  fputs("out of memory\n", stderr);
  exit(1);
}

static void add(const uint8_t *bytes, size_t length) {
  if (count == room) {
    room = room ? room * 2 : 64;
    seeds = realloc(seeds, room * sizeof *seeds);
    if (seeds == NULL) out_of_memory();
  }
  uint8_t *copy = malloc(length + !length);
  if (copy == NULL) out_of_memory();
  memcpy(copy, bytes, length);
  seeds[count++] = (seed){copy, length};
}

static int digit(int c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  return -1;
}

// In place; the length.
static size_t unescape(uint8_t *line, size_t n) {
  size_t to = 0;
  for (size_t i = 0; i < n; i++) {
    if (line[i] != '\\' || i + 1 == n) {
      line[to++] = line[i];
      continue;
    }
    uint8_t c = line[++i];
    if (c == 'x' && i + 2 < n + 0 && digit(line[i + 1]) >= 0 && digit(line[i + 2]) >= 0) {
      line[to++] = (uint8_t)(digit(line[i + 1]) << 4 | digit(line[i + 2]));
      i += 2;
    } else {
      line[to++] = c == 'n' ? '\n' : c == 'r' ? '\r' : c == 't' ? '\t' : c;
    }
  }
  return to;
}

// "name hex hex": each word after the first. False where the line is something else.
static int add_hexadecimal(uint8_t *line, size_t n) {
  uint8_t *space = memchr(line, ' ', n);
  if (space == NULL) return 0;
  for (uint8_t *p = space; p < line + n; p++)
    if (*p != ' ' && digit(*p) < 0) return 0;
  uint8_t *p = space + 1, *end = line + n;
  while (p < end) {
    uint8_t *to = p, *start = p;
    for (; p + 1 < end && *p != ' '; p += 2) *to++ = (uint8_t)(digit(p[0]) << 4 | digit(p[1]));
    while (p < end && *p != ' ') p++;
    p++;
    add(start, (size_t)(to - start));
  }
  return 1;
}

static void read_seeds(const char *name) {
  FILE *f = fopen(name, "r");
  if (f == NULL) {
    perror(name);
    exit(1);
  }
  char *line = NULL;
  size_t size = 0;
  ssize_t n;
  while ((n = getline(&line, &size, f)) >= 0) {
    if (n > 0 && line[n - 1] == '\n') n--;
    if (!add_hexadecimal((uint8_t *)line, (size_t)n)) add((uint8_t *)line, unescape((uint8_t *)line, (size_t)n));
  }
  free(line);
  fclose(f);
  if (count == 0) {
    fprintf(stderr, "%s: no seeds\n", name);
    exit(1);
  }
}

static int write_seeds(const char *dir) {
  for (uint32_t i = 0; i < count; i++) {
    size_t room_for_name = strlen(dir) + 32;
    char *name = malloc(room_for_name);
    if (name == NULL) out_of_memory();
    snprintf(name, room_for_name, "%s/seed%u", dir, i);
    FILE *f = fopen(name, "wb");
    if (f == NULL || fwrite(seeds[i].bytes, 1, seeds[i].length, f) != seeds[i].length || fclose(f) != 0) {
      perror(name);
      return 1;
    }
    free(name);
  }
  return 0;
}

// ---- changing

static uint64_t state;

static uint32_t any(size_t below) {
  state ^= state << 13;
  state ^= state >> 7;
  state ^= state << 17;
  return (uint32_t)((state >> 11) % below);
}

#define MOST ((size_t)8192)

// A byte that occurs in some seed, or any other.
static uint8_t some_byte(void) {
  const seed *s = &seeds[any(count)];
  return s->length > 0 && any(4) > 0 ? s->bytes[any(s->length)] : (uint8_t)any(256);
}

static size_t insert(uint8_t *b, size_t n, size_t at, const uint8_t *piece, size_t length) {
  if (n + length > MOST) return n;
  static uint8_t kept[8192];
  memcpy(kept, piece, length); // it may lie in b
  memmove(b + at + length, b + at, n - at);
  memcpy(b + at, kept, length);
  return n + length;
}

static size_t change(uint8_t *b, size_t n) {
  for (uint32_t times = 1 + any(5); times > 0; times--) {
    size_t at = n == 0 ? 0 : any(n);
    uint8_t byte = some_byte();
    switch (n == 0 ? 4 : any(7)) {
      case 0: b[at] = byte; break;
      case 1: b[at] ^= (uint8_t)(1 << any(8)); break;
      case 2: n = at; break;
      case 3: memmove(b + at, b + at + 1, --n - at); break;
      case 4: n = insert(b, n, at, &byte, 1); break;
      case 5: { // a piece of another
        const seed *s = &seeds[any(count)];
        if (s->length == 0 || s->length > MOST) break;
        size_t from = any(s->length);
        n = insert(b, n, at, s->bytes + from, 1 + any(s->length - from));
        break;
      }
      case 6: n = insert(b, n, at, b + at, 1 + any(n - at)); break; // a piece of its own, again
    }
  }
  return n;
}

int main(int argc, char **argv) {
  if (argc != 4) {
    fputs("usage: target SEEDS COUNT SEED | target SEEDS --write DIR\n", stderr);
    return 2;
  }
  read_seeds(argv[1]);
  if (strcmp(argv[2], "--write") == 0) return write_seeds(argv[3]);
  long rounds = atol(argv[2]);
  state = strtoull(argv[3], NULL, 10) * UINT64_C(0x9e3779b97f4a7c15) + 1;
  for (uint32_t i = 0; i < count; i++) LLVMFuzzerTestOneInput(seeds[i].bytes, seeds[i].length);
  static uint8_t work[8192];
  for (long i = 0; i < rounds; i++) {
    const seed *s = &seeds[any(count)];
    size_t n = s->length < MOST ? s->length : MOST;
    memcpy(work, s->bytes, n);
    n = change(work, n);
    LLVMFuzzerTestOneInput(work, n);
  }
  printf("%u seeds, %ld changed\n", count, rounds);
  return 0;
}

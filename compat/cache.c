// SPDX-License-Identifier: MIT
#include "cache.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

// magic, key, length (little endian), hash of the content, then the content
enum { MAGIC = 8, HEADER = MAGIC + BLAKE2B_SIZE + 8 + BLAKE2B_SIZE, NAME = 2 * BLAKE2B_SIZE, DAY = 86400, SWEEP = 64 };
static const char magic[MAGIC] = "lunodeC1";

static int is_mine(const struct stat *s) {
  return s->st_uid == geteuid() && !(s->st_mode & (S_IWGRP | S_IWOTH));
}

// The folder, and the one that it stands in (~/.cache).
static int make_folder(const char *path) {
  if (mkdir(path, 0700) == 0 || errno == EEXIST) return 1;
  const char *slash = strrchr(path, '/');
  if (errno != ENOENT || !slash || slash == path) return 0;
  char *above = strndup(path, (size_t)(slash - path));
  int made = above && mkdir(above, 0700) == 0 && mkdir(path, 0700) == 0;
  free(above);
  return made;
}

int cache_open(Cache *cache, const char *path, uint64_t most) {
  *cache = (Cache){.folder = -1, .most = most};
  if (getuid() != geteuid() || getgid() != getegid()) return 0; // another user's environment named the folder
  if (!make_folder(path)) return 0;
  int fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC | O_NOFOLLOW);
  if (fd < 0) return 0;
  struct stat s;
  if (fstat(fd, &s) != 0 || !is_mine(&s)) {
    close(fd);
    return 0;
  }
  cache->folder = fd;
  return 1;
}

void cache_close(Cache *cache) {
  if (cache->folder >= 0) close(cache->folder);
  cache->folder = -1;
}

static void file_name(const uint8_t key[BLAKE2B_SIZE], char name[NAME + 1]) {
  static const char digits[] = "0123456789abcdef";
  for (int i = 0; i < BLAKE2B_SIZE; i++) {
    name[2 * i] = digits[key[i] >> 4];
    name[2 * i + 1] = digits[key[i] & 15];
  }
  name[NAME] = 0;
}

static void hash_of(const char *content, size_t len, uint8_t hash[BLAKE2B_SIZE]) {
  Blake2b b;
  blake2b_init(&b);
  blake2b_add(&b, content, len);
  blake2b_done(&b, hash);
}

static void make_header(uint8_t header[HEADER], const uint8_t key[BLAKE2B_SIZE], const char *content, size_t len) {
  memcpy(header, magic, MAGIC);
  memcpy(header + MAGIC, key, BLAKE2B_SIZE);
  for (int i = 0; i < 8; i++) header[MAGIC + BLAKE2B_SIZE + i] = (uint8_t)((uint64_t)len >> (8 * i));
  hash_of(content, len, header + MAGIC + BLAKE2B_SIZE + 8);
}

static int read_all(int fd, void *to, size_t len) {
  char *at = to;
  while (len) {
    ssize_t n = read(fd, at, len);
    if (n < 0 && errno == EINTR) continue;
    if (n <= 0) return 0;
    at += n;
    len -= (size_t)n;
  }
  return 1;
}

static int write_all(int fd, const void *from, size_t len) {
  const char *at = from;
  while (len) {
    ssize_t n = write(fd, at, len);
    if (n < 0 && errno == EINTR) continue;
    if (n <= 0) return 0;
    at += n;
    len -= (size_t)n;
  }
  return 1;
}

static char *read_entry(int fd, const struct stat *s, uint64_t most, const uint8_t key[BLAKE2B_SIZE], size_t *len) {
  if (!S_ISREG(s->st_mode) || !is_mine(s) || s->st_size < HEADER || (uint64_t)s->st_size > most) return NULL;
  uint8_t header[HEADER], wanted[HEADER];
  size_t n = (size_t)s->st_size - HEADER;
  char *content = malloc(n + 1);
  if (content && read_all(fd, header, HEADER) && read_all(fd, content, n)) {
    make_header(wanted, key, content, n);
    if (!memcmp(header, wanted, HEADER)) {
      *len = n;
      return content;
    }
  }
  free(content);
  return NULL;
}

char *cache_read(Cache *cache, const uint8_t key[BLAKE2B_SIZE], size_t *len) {
  char name[NAME + 1];
  file_name(key, name);
  int fd = openat(cache->folder, name, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK);
  if (fd < 0) return NULL;
  struct stat s;
  char *content = fstat(fd, &s) == 0 ? read_entry(fd, &s, cache->most, key, len) : NULL;
  if (content && s.st_mtime + DAY < time(NULL)) (void)futimens(fd, NULL); // used: the oldest go first
  close(fd);
  return content;
}

// ---- the size of it all

typedef struct Entry {
  char name[NAME + 1];
  time_t used;
  uint64_t size;
} Entry;

static int older(const void *a, const void *b) {
  time_t x = ((const Entry *)a)->used, y = ((const Entry *)b)->used;
  return x < y ? -1 : x > y;
}

// Only names that this cache gives: 64 hexadecimal digits, and temporary ones left by a process that died.
static int is_ours(const char *name) {
  return name[0] == '.' ? !strncmp(name, ".tmp-", 5) : strlen(name) == NAME && strspn(name, "0123456789abcdef") == NAME;
}

// Too large? The half that was not used for longest goes.
static void sweep(Cache *cache) {
  int fd = openat(cache->folder, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  DIR *dir = fd < 0 ? NULL : fdopendir(fd);
  if (!dir) {
    if (fd >= 0) close(fd);
    return;
  }
  Entry *entries = NULL;
  size_t count = 0, room = 0;
  uint64_t total = 0;
  time_t now = time(NULL);
  for (struct dirent *d; (d = readdir(dir));) {
    struct stat s;
    if (!is_ours(d->d_name) || fstatat(fd, d->d_name, &s, AT_SYMLINK_NOFOLLOW) != 0 || !S_ISREG(s.st_mode)) continue;
    if (d->d_name[0] == '.') {
      if (s.st_mtime + DAY < now) unlinkat(fd, d->d_name, 0);
      continue;
    }
    if (count == room) {
      Entry *more = realloc(entries, (room = room * 2 + 256) * sizeof *more);
      if (!more) break;
      entries = more;
    }
    Entry *entry = &entries[count++];
    memcpy(entry->name, d->d_name, NAME + 1);
    entry->used = s.st_mtime;
    entry->size = (uint64_t)s.st_size;
    total += entry->size;
  }
  if (total > cache->most) {
    qsort(entries, count, sizeof *entries, older);
    for (size_t i = 0; i < count && total > cache->most / 2; i++) {
      unlinkat(fd, entries[i].name, 0);
      total -= entries[i].size;
    }
  }
  free(entries);
  closedir(dir);
}

void cache_write(Cache *cache, const uint8_t key[BLAKE2B_SIZE], const char *content, size_t len) {
  if (len > cache->most / 4) return;
  static unsigned counter; // two threads may meet here: O_EXCL tells them apart
  char name[NAME + 1], temporary[64];
  uint8_t header[HEADER];
  file_name(key, name);
  snprintf(temporary, sizeof temporary, ".tmp-%ld-%lx-%u", (long)getpid(), (unsigned long)(uintptr_t)cache, __atomic_add_fetch(&counter, 1, __ATOMIC_RELAXED));
  int fd = openat(cache->folder, temporary, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0600);
  if (fd < 0) return;
  make_header(header, key, content, len);
  int whole = write_all(fd, header, HEADER) && write_all(fd, content, len);
  if (close(fd) != 0 || !whole || renameat(cache->folder, temporary, cache->folder, name) != 0) unlinkat(cache->folder, temporary, 0);
  if (cache->written++ % SWEEP == 0) sweep(cache);
}

// SPDX-License-Identifier: MIT
//
// What the load makers share. All of them end the program with a message when something is
// wrong: a load that failed quietly would be a figure that lies.
#ifndef BENCH_LOAD_H
#define BENCH_LOAD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

// Prints "program: message" and exits with 1.
_Noreturn void load_die(const char *format, ...) __attribute__((format(printf, 1, 2)));

// A whole number between `min` and `max`, or the end of the program.
uint64_t load_number(const char *text, const char *what, uint64_t min, uint64_t max);

// Seconds, with a fraction, as nanoseconds.
uint64_t load_seconds(const char *text, const char *what);

// Monotonic, in nanoseconds.
uint64_t load_now(void);

// malloc that ends the program when there is no memory.
void *load_alloc(size_t size);

// A socket connected to 127.0.0.1:port, with TCP_NODELAY; blocking, or connecting in the
// background. -1 with errno when the kernel refuses.
int load_connect(unsigned port, bool blocking);

// Raises the limit on open files as far as it goes, and dies when that is below `count`.
void load_need_files(uint64_t count);

// The `size` bytes of test data that starts at `offset` of an endless pattern which does not
// repeat at any power of two. The file that the servers send holds it from offset 0.
void load_pattern(char *into, size_t size, uint64_t offset);

#endif

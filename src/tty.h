// SPDX-License-Identifier: MIT
//
// What must be put back when the program ends, however it ends: the terminal's mode, and the O_NONBLOCK flag of the
// standard descriptors, which are shared with the shell and other programs.
#ifndef LUNODE_TTY_H
#define LUNODE_TTY_H

// Puts both back. Async-signal-safe.
void tty_restore(void);

// Once a terminal is raw, signals that end the program by default restore it first; only those without another handler.
// To be called again where a handler was taken off (libuv goes back to the default).
void tty_guard(void);

#endif

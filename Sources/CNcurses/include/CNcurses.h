#ifndef CAIRN_NCURSES_H
#define CAIRN_NCURSES_H

// What Swift sees of ncurses and of the signals of a terminal program. The names of curses itself stay
// in the .c files: half of them are macros or globals that Swift cannot import.

#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

// --- screen.c: ncurses, drawing into memory. One thread at a time.

// Bits as in Canvas' Style.Attributes.
enum {
  CAIRN_BOLD = 1,
  CAIRN_DIM = 2,
  CAIRN_REVERSE = 4,
  CAIRN_UNDERLINE = 8,
  CAIRN_ITALIC = 16
};

// Scalars of one cell that are shown; further combining marks are dropped.
enum { CAIRN_CELL_SCALARS = 4 };

// Sets the character type of the locale; returns 1 if it can show Unicode.
int cairn_locale_open(void);

// Returns 0, or -1 if the terminal type is not known here. `colors` is 0 without colour.
int cairn_screen_open(const char *term, int rows, int columns, int *colors);
void cairn_screen_close(void);
void cairn_screen_resize(int rows, int columns);

// Colours are -1 for the terminal's own, else an index below the number of colours.
void cairn_screen_cell(int row, int column, const uint32_t *scalars, int count, unsigned attributes,
                       int foreground, int background);

// The next frame repaints every cell, and clears first.
void cairn_screen_repaint(void);

// Must come between leaving the terminal and drawing on it again.
void cairn_screen_suspend(void);

// Returns the bytes that bring the terminal up to date, valid until the next call; none if it is.
const char *cairn_screen_render(size_t *count);

// Whether the last cell of the last row is written one column too early and then pushed to its place,
// because a glyph written there would scroll the screen for all that the terminal's entry says.
int cairn_screen_pushes_corner(void);

// Whether colours from 16 on are told as `38;5;n` and `48;5;n`.
int cairn_screen_numbers_colors(void);

// Columns of a scalar as ncurses counts them; -1 if it cannot be shown.
int cairn_scalar_width(uint32_t scalar);

// --- guard.c: the state of the tty, and giving it back whatever happens.

// Remembers the tty and installs handlers: one byte, the number, goes into the pipe for each signal
// that asks for something; those that kill restore the terminal first. Returns 0 or -1 and errno.
int cairn_guard_open(int tty, int signals);

// Makes the tty raw and captures standard error if that is a terminal. Returns 0 or -1 and errno.
int cairn_guard_enter(void);

// Sets the modes that the tty had when it was last entered. Returns 0 or -1 and errno.
int cairn_guard_reset(void);

// Gives back modes, screen and standard error, with what was written to it. Async-signal-safe; does
// nothing if the terminal is not held.
void cairn_guard_leave(void);

// Keeps what was captured of standard error within its limit; to be called now and then.
void cairn_guard_trim(void);

// Forgets that the terminal is held, because it is gone.
void cairn_guard_abandon(void);

// From now on processes that are cloned from this one know whether the terminal is held, and how it
// was; to be called before it is.
void cairn_guard_share(void);

// In such a process, once this one was killed: gives the terminal back if it is still held. Makes
// system calls on shared memory and nothing else, and never waits for the terminal for long.
void cairn_guard_rescue(void);

void cairn_guard_close(void);

// Stops this process group as the tty would on ^Z; returns when continued.
void cairn_guard_stop(void);

// Names the calling thread and gives it a stack of its own for fatal signals.
void cairn_guard_thread(const char *name);

// --- loan.c: another program on the tty, after cairn_guard_leave and until cairn_guard_enter.

// Starts a program in a process group of its own, in the foreground of the terminal, with signals as
// they are by default. `arguments` begins with a path and ends with NULL. Returns 0 or errno.
int cairn_loan_start(int terminal, char *const arguments[], pid_t *program);

// Waits until the program has ended or was stopped. Returns 1 if it was stopped; else `status` is the
// code of its exit, or 128 and the signal, as a shell counts.
int cairn_loan_wait(pid_t program, int *status);

// Puts this process group into the foreground again.
void cairn_loan_take_back(int terminal);

// Puts a program that was stopped into the foreground and lets it go on.
void cairn_loan_continue(int terminal, pid_t program);

// Asks the program to end, or (with `force`) ends it.
void cairn_loan_end(pid_t program, int force);

// An event counter that does not block, or -1 and errno.
int cairn_wakeup_open(void);

// A pipe whose ends do not block; 0, or -1 and errno.
int cairn_pipe_open(int *reading, int *writing);

// Bytes that undo every mode which Cairn or ncurses sets.
enum { CAIRN_RESTORE_LIMIT = 512 };
void cairn_guard_set_restore(const char *bytes, size_t count);

// More bytes that undo what was switched on since, in place of those of the call before; `mouse` says
// whether its reports are on, which then must not be left for the shell to read.
void cairn_guard_extend_restore(const uint8_t *bytes, size_t count, int mouse);

// Copies the bytes out, for the tests; returns their number.
size_t cairn_guard_restore_bytes(char *bytes, size_t limit);

#endif

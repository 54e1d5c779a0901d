#define _GNU_SOURCE 1
#define _XOPEN_SOURCE_EXTENDED 1
#define NCURSES_WIDECHAR 1
#define NCURSES_NOMACROS 1
#include "CNcurses.h"

#include <curses.h>
#include <langinfo.h>
#include <locale.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>
#include <wchar.h>

// From <term.h>, which also defines a macro for every common word.
extern int tputs(const char *text, int lines, int (*put)(int));
extern char *tiparm(const char *text, ...);

// doupdate issues a write(2) for each cursor move. A memory file as its output gathers them, so that
// a frame can go out in one piece, between the marks of a synchronised update.
static SCREEN *screen;
static FILE *sink;
static int sink_fd = -1;

static char *frame;
static size_t frame_capacity;

// Modes of ours are switched on with the first frame after each (re)entry.
static int modes_due;

static const char modes_on[] = "\033[?2004h\033[?1004h";
// CAN first: a frame that was cut off may have left the terminal inside a control sequence.
static const char modes_off[] = "\030\033[?2026l\033[?1006l\033[?1002l\033[?1000l\033[?1004l\033[?2004l";
static const char frame_begins[] = "\033[?2026h";
static const char frame_ends[] = "\033[?2026l";

int cairn_locale_open(void) {
  // LC_NUMERIC stays "C": numbers are parsed all over the program.
  setlocale(LC_CTYPE, "");
  if (strcmp(nl_langinfo(CODESET), "UTF-8") == 0) return 1;
  const char *asked = getenv("LC_ALL");
  if (asked && *asked) return 0;
  // Minimal images set no locale, and ncurses would print blanks for every line.
  return setlocale(LC_CTYPE, "C.UTF-8") != NULL;
}

static const char *capability(const char *name) {
  const char *text = tigetstr((char *)name);
  return text == (char *)-1 ? NULL : text;
}

static char gathered[CAIRN_RESTORE_LIMIT];
static size_t gathered_count;

static int gather(int byte) {
  if (gathered_count < sizeof gathered) gathered[gathered_count++] = (char)byte;
  return byte;
}

static void gather_capability(const char *name) {
  const char *text = capability(name);
  if (text) tputs(text, 1, gather);
}

static void arm_restore(void) {
  gathered_count = 0;
  for (const char *byte = modes_off; *byte; byte++) gather(*byte);
  gather_capability("sgr0");
  gather_capability("op");
  gather_capability("cnorm");
  gather_capability("rmcup");
  cairn_guard_set_restore(gathered, gathered_count);
}

// The pair of each two colours, where there are few; 0 is not made yet.
enum { FEW_COLORS = 16 };
static int pairs[FEW_COLORS + 1][FEW_COLORS + 1];
// What was asked for last, where there are many.
static struct pair {
  int foreground, background, number;
} last_pair = {-1, -1, 0};
// Of the pairs above, those that have a standard colour of the terminal.
static int standard_pairs;

int cairn_screen_open(const char *term, int rows, int columns, int *colors) {
  sink_fd = memfd_create("cairn-frame", MFD_CLOEXEC);
  if (sink_fd < 0) return -1;
  sink = fdopen(sink_fd, "w");
  if (!sink) {
    close(sink_fd);
    return -1;
  }
  screen = newterm((char *)term, sink, stdin);
  if (!screen) {
    fclose(sink);
    return -1;
  }
  *colors = 0;
  if (has_colors() && start_color() == OK && use_default_colors() == OK) *colors = COLORS;
  memset(pairs, 0, sizeof pairs);
  standard_pairs = 0;
  last_pair = (struct pair){-1, -1, 0};
  typeahead(-1);
  nonl();
  noecho();
  leaveok(stdscr, TRUE);
  idlok(stdscr, FALSE);
  curs_set(0);
  arm_restore();
  modes_due = 1;
  // Not resizeterm, which also queues a key.
  resize_term(rows, columns);
  return 0;
}

void cairn_screen_close(void) {
  if (!screen) return;
  endwin();
  delscreen(screen);
  screen = NULL;
  fclose(sink);
  sink_fd = -1;
}

void cairn_screen_resize(int rows, int columns) {
  if (!screen) return;
  resize_term(rows, columns);
  cairn_screen_repaint();
}

// With few colours alloc_pair runs out of pairs and takes one that cells on the screen still have: they
// change their colour. With 256 there are more pairs than cells.
static int pair_of(int foreground, int background) {
  if (foreground < 0 && background < 0) return 0;
  if (COLORS > FEW_COLORS) {
    // Neighbours mostly have the same, and ncurses looks it up in a tree.
    if (foreground != last_pair.foreground || background != last_pair.background)
      last_pair = (struct pair){foreground, background, alloc_pair(foreground, background)};
    return last_pair.number;
  }
  int *known = &pairs[foreground + 1][background + 1];
  if (*known) return *known;
  int pair = foreground * COLORS + background + 1;
  // ncurses takes pairs with a standard colour beyond the last pair of the entry, one after the other.
  if (foreground < 0 || background < 0) pair = COLORS * COLORS + ++standard_pairs;
  if (init_extended_pair(pair, foreground, background) == ERR)
    return alloc_pair(foreground, background);
  return *known = pair;
}

void cairn_screen_cell(int row, int column, const uint32_t *scalars, int count, unsigned attributes,
                       int foreground, int background) {
  if (!screen) return;
  wchar_t text[CAIRN_CELL_SCALARS + 1] = {0};
  for (int i = 0; i < count && i < CAIRN_CELL_SCALARS; i++) text[i] = (wchar_t)scalars[i];
  attr_t bits = A_NORMAL;
  if (attributes & CAIRN_BOLD) bits |= A_BOLD;
  if (attributes & CAIRN_DIM) bits |= A_DIM;
  if (attributes & CAIRN_REVERSE) bits |= A_REVERSE;
  if (attributes & CAIRN_UNDERLINE) bits |= A_UNDERLINE;
  if (attributes & CAIRN_ITALIC) bits |= A_ITALIC;
  int pair = pair_of(foreground, background);
  if (pair < 0) pair = 0;
  cchar_t cell;
  // The last argument lifts the limit of 32,767 pairs that the short one has.
  if (setcchar(&cell, text, bits, 0, &pair) == OK) mvadd_wch(row, column, &cell);
}

void cairn_screen_repaint(void) {
  if (screen) clearok(curscr, TRUE);
}

static void empty_sink(void) {
  if (ftruncate(sink_fd, 0) == 0) lseek(sink_fd, 0, SEEK_SET);
}

void cairn_screen_suspend(void) {
  if (!screen) return;
  endwin();
  fflush(sink);
  empty_sink();
  modes_due = 1;
}

// Coming back from a stop, ncurses resets the palette to the terminal's factory setting. We change no
// palette, and the person may have one of their own.
static size_t without_palette_reset(char *bytes, size_t count) {
  const char *reset = capability("oc");
  size_t length = reset ? strlen(reset) : 0;
  char *found = length ? memmem(bytes, count, reset, length) : NULL;
  if (!found) return count;
  memmove(found, found + length, (size_t)(bytes + count - found) - length);
  return count - length;
}

static int begins(const char *bytes, size_t count, const char *word) {
  size_t length = strlen(word);
  return count >= length && memcmp(bytes, word, length) == 0;
}

static const char ascii[] = "\033(B";
static const char graphics[] = "\033(0";

// Whether all attributes and colours are reset next.
static int resets(const char *bytes, size_t count) {
  if (begins(bytes, count, ascii)) bytes += sizeof ascii - 1, count -= sizeof ascii - 1;
  return begins(bytes, count, "\033[m") || begins(bytes, count, "\033[0;") ||
         begins(bytes, count, "\033[0m");
}

// The length of a sequence that sets attributes or colours, `ESC [ … m`; 0 for anything else.
static size_t setting(const char *bytes, size_t count) {
  if (!begins(bytes, count, "\033[")) return 0;
  size_t at = 2;
  while (at < count && (bytes[at] == ';' || (bytes[at] >= '0' && bytes[at] <= '9'))) at++;
  return at < count && bytes[at] == 'm' ? at + 1 : 0;
}

// The length of what changes nothing here: a character set that is chosen already, and a colour taken
// back in front of a reset.
static size_t needless(const char *bytes, size_t count, int has_graphics) {
  if (!has_graphics && begins(bytes, count, ascii)) return sizeof ascii - 1;
  int is_color = begins(bytes, count, "\033[39m") || begins(bytes, count, "\033[49m");
  return is_color && resets(bytes + 5, count - 5) ? 5 : 0;
}

// ncurses says such things with every attribute, and each in a sequence of its own: a third of the bytes
// of a small change. Colours by number stay apart, for they may yet be told by their parts.
static size_t without_repeats(char *bytes, size_t count) {
  static int has_graphics;
  if (memmem(bytes, count, graphics, sizeof graphics - 1)) has_graphics = 1;
  size_t kept = 0, joins = 0;
  for (size_t at = 0; at < count;) {
    const char *rest = bytes + at;
    size_t left = count - at, skipped = needless(rest, left, has_graphics);
    if (skipped) {
      at += skipped;
      continue;
    }
    size_t length = setting(rest, left), taken = length ? length : 1;
    int can_join = length > 3 && !begins(rest, left, "\033[38;") && !begins(rest, left, "\033[48;");
    size_t head = joins && can_join ? 2 : 0;
    if (head) bytes[kept - 1] = ';';
    joins = can_join;
    memmove(bytes + kept, rest + head, taken - head);
    kept += taken - head, at += taken;
  }
  return kept;
}

static void append(size_t *count, const char *bytes, size_t length) {
  memcpy(frame + *count, bytes, length);
  *count += length;
}

const char *cairn_screen_render(size_t *count) {
  *count = 0;
  if (!screen) return NULL;
  wnoutrefresh(stdscr);
  doupdate();
  fflush(sink);
  struct stat status;
  if (fstat(sink_fd, &status) != 0 || status.st_size == 0) return NULL;
  size_t length = (size_t)status.st_size;
  size_t needed = length + sizeof modes_on + sizeof frame_begins + sizeof frame_ends;
  if (needed > frame_capacity) {
    char *larger = realloc(frame, needed * 2);
    if (!larger) return NULL;
    frame = larger;
    frame_capacity = needed * 2;
  }
  append(count, frame_begins, sizeof frame_begins - 1);
  ssize_t got = pread(sink_fd, frame + *count, length, 0);
  if (got > 0 && modes_due) got = (ssize_t)without_palette_reset(frame + *count, (size_t)got);
  if (got > 0 && !modes_due) got = (ssize_t)without_repeats(frame + *count, (size_t)got);
  if (got > 0) *count += (size_t)got;
  if (modes_due) append(count, modes_on, sizeof modes_on - 1);
  modes_due = 0;
  append(count, frame_ends, sizeof frame_ends - 1);
  empty_sink();
  return frame;
}

int cairn_screen_pushes_corner(void) { return tigetflag("am") > 0 && !capability("rmam"); }

static int numbers(const char *name, const char *wanted) {
  const char *text = capability(name);
  const char *made = text ? tiparm(text, 200) : NULL;
  return made && strcmp(made, wanted) == 0;
}

int cairn_screen_numbers_colors(void) {
  return numbers("setaf", "\033[38;5;200m") && numbers("setab", "\033[48;5;200m");
}

int cairn_scalar_width(uint32_t scalar) { return wcwidth((wchar_t)scalar); }

#ifndef CAIRN_WATCH_H
#define CAIRN_WATCH_H

#include <stdint.h>
#include <sys/types.h>

/* A thread whose children cannot change the file tree unseen: before each call that makes, removes,
   renames or opens something to write, they wait for an answer (seccomp_unotify(2)). They get no new
   privileges either, so a set-user-id program of theirs runs without. */
struct cairn_starter;

/* Starts the thread, which passes its filter on to all that it starts; NULL and `error` where the kernel
   has none of this (before Linux 5.5), or another filter above has a listener. `listener` is the caller's
   to close, close-on-exec. */
struct cairn_starter *cairn_starter_open(int *listener, int *error);

/* Ends the thread, and with it what it has started. */
void cairn_starter_close(struct cairn_starter *starter);

enum { CAIRN_WRITE_PATHS = 2, CAIRN_WRITE_PATH = 4200 };

/* A call that waits for its answer. */
struct cairn_write {
  uint64_t id;
  pid_t pid; /* of the thread that makes it */
  int count;
  char paths[CAIRN_WRITE_PATHS][CAIRN_WRITE_PATH]; /* absolute and without links, as far as they exist */
};

/* One of `count`, for Swift, which shows no array so large. */
const char *cairn_write_path(const struct cairn_write *write, int index);

/* Waits for a call one of whose paths is below the folder; all others go on at once. -1 when nobody is
   left who could make one. The folder is absolute and without links. From one thread at a time. */
int cairn_write_next(int listener, const char *folder, struct cairn_write *write);

/* Lets the call go on with 0, else it fails with that error. What a caller changes in its memory between
   the look at its paths and the call is not seen: this keeps apart who means no harm. */
void cairn_write_answer(int listener, const struct cairn_write *write, int error);

#endif

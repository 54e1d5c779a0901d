#ifndef CAIRN_SPAWN_H
#define CAIRN_SPAWN_H

#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "probe.h"

/* Where a start failed; the parent's steps come first. */
enum cairn_stage {
  CAIRN_STAGE_NONE = 0,
  CAIRN_STAGE_INPUT,
  CAIRN_STAGE_LOG,
  CAIRN_STAGE_FORK,
  CAIRN_STAGE_SESSION,
  CAIRN_STAGE_DIRECTORY,
  CAIRN_STAGE_STREAMS,
  CAIRN_STAGE_ORPHAN,
  CAIRN_STAGE_EXEC
};

struct cairn_launch {
  const char *path; /* resolved; execve looks nothing up */
  char *const *arguments;
  char *const *environment;
  const char *directory;
  int input;  /* above 2 */
  int output; /* above 2; standard output and error */
};

struct cairn_started {
  pid_t pid;
  int pidfd; /* -1 where the kernel has none */
  int stage; /* enum cairn_stage; not 0 means that nothing runs */
  int error; /* errno of that stage */
  uint64_t start_time; /* clock ticks since boot, as in /proc/PID/stat; 0 if it has to be read there */
};

/* Starts a process in a session of its own and returns once exec has succeeded or failed.
   The process dies with the calling thread, so that thread has to live as long as Cairn. */
struct cairn_started cairn_spawn(const struct cairn_launch *launch);

/* Opens close-on-exec above the standard streams, so that dup2 onto them never meets itself. */
int cairn_open_high(const char *path, int flags, mode_t mode);

/* Makes this process the parent of orphans below it, and able to learn how children end. */
int cairn_become_subreaper(void);

/* epoll and eventfd, which Swift's Glibc does not show. All descriptors are close-on-exec. */
int cairn_watch_open(void);
int cairn_watch_add(int watch, int descriptor, uint64_t mark);
/* Needed before a close: a child that has not execed yet may still hold a copy of the descriptor, and
   the watch knows files, not descriptors. */
int cairn_watch_remove(int watch, int descriptor);
/* Stores the marks of at most 64 descriptors that can be read; -1 milliseconds waits for ever. */
int cairn_watch_wait(int watch, uint64_t *marks, int count, int milliseconds);
int cairn_bell_open(void);

/* copy_file_range(2) between the current offsets. */
ssize_t cairn_copy_range(int source, int copy, size_t count);

/* Gives the blocks of a part of a file back and keeps its size: the part then reads as zeros.
   0, or the error's number. */
int cairn_punch_hole(int file, int64_t offset, int64_t count);

int cairn_pidfd_open(pid_t pid);
int cairn_pidfd_send_signal(int pidfd, int number);

#endif

#ifndef CAIRN_SPAWN_H
#define CAIRN_SPAWN_H

#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

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
  const char *input; /* NULL is /dev/null */
  const char *log;   /* created if missing, appended to */
};

struct cairn_started {
  pid_t pid;
  int pidfd; /* -1 where the kernel has none */
  int stage; /* enum cairn_stage; not 0 means that nothing runs */
  int error; /* errno of that stage */
};

/* Starts a process in a session of its own and returns once exec has succeeded or failed.
   The process dies with the calling thread, so that thread has to live as long as Cairn. */
struct cairn_started cairn_spawn(const struct cairn_launch *launch);

/* Makes this process the parent of orphans below it, and able to learn how children end. */
int cairn_become_subreaper(void);

/* epoll and eventfd, which Swift's Glibc does not show. All descriptors are close-on-exec. */
int cairn_watch_open(void);
int cairn_watch_add(int watch, int descriptor, uint64_t mark);
/* Stores the marks of at most 64 descriptors that can be read; -1 milliseconds waits for ever. */
int cairn_watch_wait(int watch, uint64_t *marks, int count, int milliseconds);
int cairn_bell_open(void);

/* copy_file_range(2) between the current offsets. */
ssize_t cairn_copy_range(int source, int copy, size_t count);

int cairn_pidfd_open(pid_t pid);
int cairn_pidfd_send_signal(int pidfd, int number);

#endif

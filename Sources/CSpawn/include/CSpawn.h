#ifndef CAIRN_SPAWN_H
#define CAIRN_SPAWN_H

#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "probe.h"
#include "tool.h"
#include "watch.h"

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
  CAIRN_STAGE_LIMITS,
  CAIRN_STAGE_TERMINAL,
  CAIRN_STAGE_CONTAINMENT,
  CAIRN_STAGE_EXEC
};

struct cairn_launch {
  const char *path; /* resolved; execve looks nothing up */
  char *const *arguments;
  char *const *environment;
  const char *directory;
  int input;  /* above 2; -1 for the terminal */
  int output; /* above 2; standard output and error */
  int terminal; /* slave side of a pty, in place of `output`; -1 for none */
  /* Where it lives; -1 where Cairn itself does. */
  int pid_namespace;
  int own_pid_namespace;
  int mount_namespace;
  int cgroup; /* the folder */
  int memory_cgroup; /* one of version 1 that it joins besides */
  /* Limits; -1 leaves them as Cairn has them. */
  int64_t open_files;
  int64_t soft_open_files; /* put back without an own limit: Cairn may have raised its own */
  int64_t file_bytes;
  int64_t cpu_seconds;
  /* Not to be waited for until it has execed: for what is known to start, since its failure is told
     only by its end. */
  int ahead;
};

struct cairn_started {
  pid_t pid;
  int pidfd; /* -1 where the kernel has none */
  int stage; /* enum cairn_stage; not 0 means that nothing runs */
  int error; /* errno of that stage */
  uint64_t start_time; /* clock ticks since boot, as in /proc/PID/stat; 0 if it has to be read there */
  int ahead; /* not -1: it may not have execed yet; ask `cairn_spawn_failed` when it has ended */
};

/* Starts a process in a session of its own and returns once exec has succeeded or failed, with `ahead`
   before that where the machine lets it. For one thread. The process dies with the calling thread, so that thread has to live as long as Cairn. */
struct cairn_started cairn_spawn(const struct cairn_launch *launch);

/* As `cairn_spawn`, by that thread: it is waited for. From one thread at a time. */
struct cairn_started cairn_starter_spawn(struct cairn_starter *starter,
                                         const struct cairn_launch *launch);

/* Waits until a process that was started ahead has execed or ended: before that it has our memory, and
   for a moment no session of its own. From any thread. */
void cairn_spawn_await(int ahead);

/* Whether a process that was started ahead and has ended never became its program, and why not. */
int cairn_spawn_failed(int ahead, int *stage, int *error);

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

/* What a keeper (the first process of a namespace, or a guardian) does besides when Cairn has died; it
   may make system calls and nothing else. NULL for nothing. */
typedef void (*cairn_last_act)(void);

/* The first process of a pid namespace and of a mount namespace with a /proc of its own. */
struct cairn_namespace {
  pid_t first;
  int pidfd;
  int pid_namespace;
  int mount_namespace;
  const char *step; /* what failed; NULL when nothing did */
  int error;
};

/* Makes one. It dies with the calling thread, and when the writing end of `lifeline` is closed, and
   everything in it dies before. */
struct cairn_namespace cairn_namespace_open(int lifeline, cairn_last_act last_act);

/* A mount namespace in which one slot can be seen and no other. */
struct cairn_slot_namespace {
  int mount_namespace; /* -1 if there is none */
  const char *step;    /* what failed; NULL when nothing did */
  int error;
};

/* Makes one out of the mount namespace of a run. `folder` lies right in `slots`; both are absolute and
   hold no link. What is mounted outside is seen in it, what is mounted in it is not seen outside. */
struct cairn_slot_namespace cairn_slot_open(int mount_namespace, const char *slots,
                                            const char *folder);

/* Whether the calling thread may come back to its own pid namespace when it has entered one: not in a
   user namespace that it does not belong to. 0, or the error's number. */
int cairn_namespace_return(int own_pid_namespace);

enum { CAIRN_BOARD_SESSIONS = 4096, CAIRN_BOARD_TOKEN = 128, CAIRN_BOARD_PATH = 4096 };

/* What the guardian has to know when Cairn is gone; shared memory. */
struct cairn_board {
  char token[CAIRN_BOARD_TOKEN]; /* value of CAIRN_TOKEN; empty for none */
  char cgroup[CAIRN_BOARD_PATH]; /* folder to kill and remove; empty for none */
  char groups[CAIRN_BOARD_PATH]; /* beginning of paths of more such folders; empty for none */
  struct {
    int32_t pid; /* 0 is a free row */
    uint64_t start_time;
  } sessions[CAIRN_BOARD_SESSIONS];
};

struct cairn_board *cairn_board_open(void);
void cairn_board_close(struct cairn_board *board);
void cairn_board_set_token(struct cairn_board *board, const char *token);
void cairn_board_set_cgroup(struct cairn_board *board, const char *path);
void cairn_board_set_groups(struct cairn_board *board, const char *beginning);
void cairn_board_set_session(struct cairn_board *board, int row, pid_t pid, uint64_t start_time);

/* Starts the process that ends what the board names once the writing end of `lifeline` is closed,
   which is when Cairn has died; without a board only the last act. It outlives the calling thread.
   Returns its pid. */
pid_t cairn_guardian_open(int lifeline, struct cairn_board *board, cairn_last_act last_act,
                          int *pidfd);

/* A pipe, close-on-exec, above the standard streams. */
int cairn_lifeline_open(int ends[2]);

/* A pty of this size; the master does not block. */
int cairn_terminal_open(int rows, int columns, int *master, int *slave);

int64_t cairn_soft_open_files(void);

/* Makes do with little address space: threads that are started from now on get stacks of this many
   bytes, and all take their memory from one place, for each place of their own reserves 64 MiB. */
void cairn_save_address_space(size_t stack);

#endif

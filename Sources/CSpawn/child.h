#ifndef CAIRN_CHILD_H
#define CAIRN_CHILD_H

#include "CSpawn.h"

#include <stdint.h>
#include <sys/types.h>

/* Shared with the child: it borrows our memory until it execs. */
struct child {
  const struct cairn_launch *launch;
  pid_t parent; /* as the child sees it */
  int joins_cgroup;
  int resets_all;   /* it was born with our handlers */
  uint64_t ignored; /* signals to reset, a bit each, from 1 */
  int stage;        /* enum cairn_stage; where it failed */
  int error;
};

/* What the child does on its way to its program; comes back only where that fails. */
int cairn_run_child(void *child);

/* Both only make system calls, so they may be used between a fork and an exec. */
void cairn_reset_signals(void);
void cairn_close_from(int first);

/* The signals that may be ignored here, and would be in a program that starts: those that Cairn or a
   library of its ignores, and those that whoever started us did. Asking the kernel about all of them
   costs a tenth of a start. */
uint64_t cairn_ignored_signals(void);

#endif

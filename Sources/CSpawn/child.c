#define _GNU_SOURCE
#include "child.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <sys/ioctl.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <unistd.h>

enum {
  /* Where close_range is missing, descriptors above this stay open. */
  FALLBACK_DESCRIPTORS = 4096,
  HIGHEST_SIGNAL = 64,
  /* From XCPU, which a task may handle, to KILL. */
  CPU_ROOM_SECONDS = 5
};

/* Between clone and exec the child shares our memory, and where we do not stand still meanwhile even
   `errno`, which is the thread's that cloned: so it makes its system calls without the C library.
   Returns what the kernel does: below 0 it is an error's number. */
static long call(long number, long a, long b, long c, long d) {
#if defined(__x86_64__)
  long result;
  register long fourth __asm__("r10") = d;
  __asm__ volatile("syscall"
                   : "=a"(result)
                   : "0"(number), "D"(a), "S"(b), "d"(c), "r"(fourth)
                   : "rcx", "r11", "memory");
  return result;
#else
  /* Here the parent always stands still. */
  long result = syscall(number, a, b, c, d);
  return result < 0 ? -errno : result;
#endif
}

/* The kernel's layout of a limit. */
struct limit {
  uint64_t soft;
  uint64_t hard;
};

/* After this an ignored signal is not ignored any more in the program that starts.
   Asked of the kernel itself, for the C library keeps 32 and 33 to itself, even when whoever started
   us has ignored them. A zeroed action of the kernel's layout is "default, no flags, empty mask". */
static void reset_signals(uint64_t numbers) {
  unsigned long action[8] = {0};
  for (int number = 1; number <= HIGHEST_SIGNAL; number++)
    if (numbers >> (number - 1) & 1)
      call(SYS_rt_sigaction, number, (long)action, 0, HIGHEST_SIGNAL / 8);
}

void cairn_reset_signals(void) { reset_signals(~(uint64_t)0); }

uint64_t cairn_ignored_signals(void) {
  static uint64_t ignored;
  if (ignored != 0) return ignored;
  const int ours[] = {SIGHUP, SIGINT, SIGQUIT, SIGPIPE, SIGTERM, SIGCHLD, SIGTSTP,
                      SIGTTIN, SIGTTOU, SIGUSR1, SIGUSR2, SIGWINCH, SIGALRM, SIGXFSZ};
  uint64_t inherited = ~(uint64_t)0;
  char line[256];
  FILE *status = fopen("/proc/self/status", "re");
  while (status != NULL && fgets(line, sizeof line, status) != NULL)
    if (sscanf(line, "SigIgn: %" SCNx64, &inherited) == 1) break;
  if (status != NULL) fclose(status);
  ignored = inherited;
  for (size_t i = 0; i < sizeof ours / sizeof *ours; i++) ignored |= (uint64_t)1 << (ours[i] - 1);
  return ignored;
}

void cairn_close_from(int first) {
#ifdef SYS_close_range
  if (call(SYS_close_range, first, ~0U, 0, 0) == 0) return;
#endif
  for (int descriptor = first; descriptor < FALLBACK_DESCRIPTORS; descriptor++)
    call(SYS_close, descriptor, 0, 0, 0);
}

static int fail(struct child *child, int stage, long result) {
  child->error = (int)-result;
  __atomic_store_n(&child->stage, stage, __ATOMIC_RELEASE);
  call(SYS_exit_group, 127, 0, 0, 0);
  return 127;
}

/* Sets the limit at which the kernel warns, and `room` above it the one at which it acts. */
static long set_limit(int resource, int64_t value, int64_t room) {
  struct limit limit;
  if (value < 0) return 0;
  long result = call(SYS_prlimit64, 0, resource, 0, (long)&limit);
  if (result < 0) return result;
  /* Never above what Cairn itself may have. */
  if ((uint64_t)(value + room) < limit.hard) limit.hard = (uint64_t)(value + room);
  limit.soft = (uint64_t)value < limit.hard ? (uint64_t)value : limit.hard;
  return call(SYS_prlimit64, 0, resource, (long)&limit, 0);
}

static long set_limits(const struct cairn_launch *launch) {
  long result = 0;
  if (launch->open_files < 0 && launch->soft_open_files >= 0) {
    struct limit limit;
    result = call(SYS_prlimit64, 0, RLIMIT_NOFILE, 0, (long)&limit);
    if (result < 0) return result;
    limit.soft = (uint64_t)launch->soft_open_files;
    result = call(SYS_prlimit64, 0, RLIMIT_NOFILE, (long)&limit, 0);
  }
  if (result == 0) result = set_limit(RLIMIT_NOFILE, launch->open_files, 0);
  if (result == 0) result = set_limit(RLIMIT_FSIZE, launch->file_bytes, 0);
  return result < 0 ? result : set_limit(RLIMIT_CPU, launch->cpu_seconds, CPU_ROOM_SECONDS);
}

static long join_cgroup(int folder) {
  long list = call(SYS_openat, folder, (long)"cgroup.procs", O_WRONLY | O_CLOEXEC, 0);
  if (list < 0) return list;
  long written = call(SYS_write, list, (long)"0", 1, 0);
  return written < 0 ? written : 0;
}

static long set_streams(const struct cairn_launch *launch) {
  int input = launch->input >= 0 ? launch->input : launch->terminal;
  int output = launch->terminal >= 0 ? launch->terminal : launch->output;
  long result = call(SYS_dup3, input, 0, 0, 0);
  if (result >= 0) result = call(SYS_dup3, output, 1, 0, 0);
  if (result >= 0) result = call(SYS_dup3, output, 2, 0, 0);
  return result;
}

static long join_groups(const struct child *child) {
  const struct cairn_launch *launch = child->launch;
  long result = child->joins_cgroup ? join_cgroup(launch->cgroup) : 0;
  if (result == 0 && launch->memory_cgroup >= 0) result = join_cgroup(launch->memory_cgroup);
  if (result == 0 && launch->mount_namespace >= 0)
    result = call(SYS_setns, launch->mount_namespace, CLONE_NEWNS, 0, 0);
  return result;
}

int cairn_run_child(void *argument) {
  struct child *child = argument;
  const struct cairn_launch *launch = child->launch;
  const uint64_t no_signals = 0;
  long result = call(SYS_setsid, 0, 0, 0, 0);
  if (result < 0) return fail(child, CAIRN_STAGE_SESSION, result);
  result = call(SYS_prctl, PR_SET_PDEATHSIG, SIGKILL, 0, 0);
  if (result < 0) return fail(child, CAIRN_STAGE_ORPHAN, result);
  /* The parent may have died before the line above took effect. */
  if (call(SYS_getppid, 0, 0, 0, 0) != child->parent) return fail(child, CAIRN_STAGE_ORPHAN, -ESRCH);
  result = join_groups(child);
  if (result < 0) return fail(child, CAIRN_STAGE_CONTAINMENT, result);
  call(SYS_umask, 022, 0, 0, 0);
  result = call(SYS_chdir, (long)launch->directory, 0, 0, 0);
  if (result < 0) return fail(child, CAIRN_STAGE_DIRECTORY, result);
  if (launch->terminal >= 0) result = call(SYS_ioctl, launch->terminal, TIOCSCTTY, 0, 0);
  if (result < 0) return fail(child, CAIRN_STAGE_TERMINAL, result);
  result = set_streams(launch);
  if (result < 0) return fail(child, CAIRN_STAGE_STREAMS, result);
  result = set_limits(launch);
  if (result < 0) return fail(child, CAIRN_STAGE_LIMITS, result);
  cairn_close_from(3);
  reset_signals(child->resets_all ? ~(uint64_t)0 : child->ignored);
  call(SYS_rt_sigprocmask, SIG_SETMASK, (long)&no_signals, 0, sizeof no_signals);
  result = call(SYS_execve, (long)launch->path, (long)launch->arguments, (long)launch->environment, 0);
  return fail(child, CAIRN_STAGE_EXEC, result);
}

#define _GNU_SOURCE
#include "CSpawn.h"

#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <stddef.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#ifndef CLONE_PIDFD
#define CLONE_PIDFD 0x00001000
#endif

enum {
  /* The child only makes system calls on it, then execs. */
  STACK_BYTES = 65536,
  /* Where close_range is missing, descriptors above this stay open. */
  FALLBACK_DESCRIPTORS = 4096,
  HIGHEST_SIGNAL = 64
};

/* Shared with the child: it borrows our memory until it execs. */
struct child {
  const struct cairn_launch *launch;
  pid_t parent;
  volatile int stage;
  volatile int error;
};

/* After this an ignored signal is not ignored any more in the program that starts.
   Asked of the kernel itself, for the C library keeps 32 and 33 to itself, even when whoever started
   us has ignored them. A zeroed action of the kernel's layout is "default, no flags, empty mask". */
static void reset_signals(void) {
  unsigned long action[8] = {0};
  sigset_t none;
  for (int number = 1; number <= HIGHEST_SIGNAL; number++)
    syscall(SYS_rt_sigaction, number, action, NULL, HIGHEST_SIGNAL / 8);
  sigemptyset(&none);
  sigprocmask(SIG_SETMASK, &none, NULL);
}

static void close_above_standard(void) {
#ifdef SYS_close_range
  if (syscall(SYS_close_range, 3U, ~0U, 0U) == 0) return;
#endif
  for (int descriptor = 3; descriptor < FALLBACK_DESCRIPTORS; descriptor++) close(descriptor);
}

static int fail(struct child *child, int stage) {
  child->error = errno;
  child->stage = stage;
  _exit(127);
}

static int run_child(void *argument) {
  struct child *child = argument;
  const struct cairn_launch *launch = child->launch;
  if (setsid() < 0) return fail(child, CAIRN_STAGE_SESSION);
  if (prctl(PR_SET_PDEATHSIG, SIGKILL, 0, 0, 0) < 0) return fail(child, CAIRN_STAGE_ORPHAN);
  /* The parent may have died before the line above took effect. */
  if (getppid() != child->parent) return fail(child, CAIRN_STAGE_ORPHAN);
  umask(022);
  if (chdir(launch->directory) < 0) return fail(child, CAIRN_STAGE_DIRECTORY);
  if (dup2(launch->input, 0) < 0 || dup2(launch->output, 1) < 0 || dup2(launch->output, 2) < 0)
    return fail(child, CAIRN_STAGE_STREAMS);
  close_above_standard();
  reset_signals();
  execve(launch->path, launch->arguments, launch->environment);
  return fail(child, CAIRN_STAGE_EXEC);
}

int cairn_open_high(const char *path, int flags, mode_t mode) {
  int descriptor = open(path, flags | O_CLOEXEC | O_NOCTTY, mode);
  if (descriptor < 0 || descriptor > 2) return descriptor;
  int high = fcntl(descriptor, F_DUPFD_CLOEXEC, 3);
  int error = errno;
  close(descriptor);
  errno = error;
  return high;
}

static uint64_t boot_nanoseconds(void) {
  struct timespec time;
  if (clock_gettime(CLOCK_BOOTTIME, &time) != 0) return 0;
  return (uint64_t)time.tv_sec * 1000000000 + (uint64_t)time.tv_nsec;
}

/* The kernel stamps a process with the boot clock and shows it in ticks. Where the moments before and
   after lie in one tick, with room for its rounding, that tick is known without asking /proc. */
static uint64_t tick_between(uint64_t before, uint64_t after) {
  enum { MARGIN = 20000 };
  static uint64_t length;
  if (length == 0) length = 1000000000 / (uint64_t)sysconf(_SC_CLK_TCK);
  uint64_t tick = (before - MARGIN) / length;
  return before > MARGIN && tick == (after + MARGIN) / length ? tick : 0;
}

static void clone_child(struct child *child, struct cairn_started *started) {
  _Alignas(16) char stack[STACK_BYTES];
  sigset_t all, before;
  int pidfd = -1;
  /* Our handlers must not run in the child, which shares our memory until it execs. */
  sigfillset(&all);
  pthread_sigmask(SIG_SETMASK, &all, &before);
  /* CLONE_VFORK: we stand still until the child has execed or exited, so the stack, the error and
     the answer "it runs" need no pipe, and no page table is copied. */
  uint64_t began = boot_nanoseconds();
  pid_t pid = clone(run_child, stack + sizeof stack,
                    CLONE_VM | CLONE_VFORK | CLONE_PIDFD | SIGCHLD, child, &pidfd);
  int error = errno;
  started->start_time = tick_between(began, boot_nanoseconds());
  pthread_sigmask(SIG_SETMASK, &before, NULL);
  if (pid < 0) {
    started->stage = CAIRN_STAGE_FORK;
    started->error = error;
    return;
  }
  if (child->stage != CAIRN_STAGE_NONE) {
    while (waitpid(pid, NULL, 0) < 0 && errno == EINTR) {
    }
    if (pidfd >= 0) close(pidfd);
    started->stage = child->stage;
    started->error = child->error;
    return;
  }
  started->pid = pid;
  started->pidfd = pidfd;
}

struct cairn_started cairn_spawn(const struct cairn_launch *launch) {
  struct cairn_started started = {.pid = -1, .pidfd = -1};
  struct child child = {.launch = launch, .parent = getpid()};
  clone_child(&child, &started);
  return started;
}

int cairn_become_subreaper(void) {
  struct sigaction action;
  /* Whoever started us may have ignored SIGCHLD; then the kernel throws exit statuses away. */
  if (sigaction(SIGCHLD, NULL, &action) == 0 && action.sa_handler == SIG_IGN) {
    action.sa_handler = SIG_DFL;
    sigaction(SIGCHLD, &action, NULL);
  }
  return prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0);
}

int cairn_watch_open(void) { return epoll_create1(EPOLL_CLOEXEC); }

int cairn_watch_add(int watch, int descriptor, uint64_t mark) {
  struct epoll_event event = {.events = EPOLLIN, .data.u64 = mark};
  return epoll_ctl(watch, EPOLL_CTL_ADD, descriptor, &event);
}

int cairn_watch_remove(int watch, int descriptor) {
  return epoll_ctl(watch, EPOLL_CTL_DEL, descriptor, NULL);
}

int cairn_watch_wait(int watch, uint64_t *marks, int count, int milliseconds) {
  struct epoll_event events[64];
  int found = epoll_wait(watch, events, count < 64 ? count : 64, milliseconds);
  for (int i = 0; i < found; i++) marks[i] = events[i].data.u64;
  return found;
}

int cairn_bell_open(void) { return eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK); }

ssize_t cairn_copy_range(int source, int copy, size_t count) {
  return copy_file_range(source, NULL, copy, NULL, count, 0);
}

int cairn_punch_hole(int file, int64_t offset, int64_t count) {
  int result;
  do {
    result = fallocate(file, FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE, offset, count);
  } while (result < 0 && errno == EINTR);
  return result < 0 ? errno : 0;
}

int cairn_pidfd_open(pid_t pid) {
#ifdef SYS_pidfd_open
  return (int)syscall(SYS_pidfd_open, pid, 0U);
#else
  errno = ENOSYS;
  return -1;
#endif
}

int cairn_pidfd_send_signal(int pidfd, int number) {
#ifdef SYS_pidfd_send_signal
  return (int)syscall(SYS_pidfd_send_signal, pidfd, number, NULL, 0U);
#else
  errno = ENOSYS;
  return -1;
#endif
}

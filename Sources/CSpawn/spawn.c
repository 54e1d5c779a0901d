#define _GNU_SOURCE
#include "CSpawn.h"
#include "child.h"

#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <inttypes.h>
#include <signal.h>
#include <linux/sched.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/ioctl.h>
#include <sys/prctl.h>
#include <sys/resource.h>
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
  HIGHEST_SIGNAL = 64,
  /* From XCPU, which a task may handle, to KILL. */
  CPU_ROOM_SECONDS = 5
};

/* Shared with the child: it borrows our memory until it execs. */
struct child {
  const struct cairn_launch *launch;
  pid_t parent; /* as the child sees it */
  int joins_cgroup;
  uint64_t ignored; /* a bit a signal, from 1 */
  volatile int stage;
  volatile int error;
};

/* After this an ignored signal is not ignored any more in the program that starts.
   Asked of the kernel itself, for the C library keeps 32 and 33 to itself, even when whoever started
   us has ignored them. A zeroed action of the kernel's layout is "default, no flags, empty mask". */
void cairn_reset_signals(void) {
  unsigned long action[8] = {0};
  for (int number = 1; number <= HIGHEST_SIGNAL; number++)
    syscall(SYS_rt_sigaction, number, action, NULL, HIGHEST_SIGNAL / 8);
}

/* The signals that may be ignored here, and would be in the program that starts: those that Cairn or
   a library of its ignores, and those that whoever started us did. A handled one needs nothing, exec
   puts it back; asking the kernel about all of them costs a tenth of a start. */
static uint64_t ignored_signals(void) {
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

static void reset_signals(uint64_t ignored) {
  unsigned long action[8] = {0};
  for (int number = 1; number <= HIGHEST_SIGNAL; number++)
    if (ignored >> (number - 1) & 1)
      syscall(SYS_rt_sigaction, number, action, NULL, HIGHEST_SIGNAL / 8);
}

void cairn_close_from(int first) {
#ifdef SYS_close_range
  if (syscall(SYS_close_range, (unsigned)first, ~0U, 0U) == 0) return;
#endif
  for (int descriptor = first; descriptor < FALLBACK_DESCRIPTORS; descriptor++) close(descriptor);
}

static int fail(struct child *child, int stage) {
  child->error = errno;
  child->stage = stage;
  _exit(127);
}

/* Sets the limit at which the kernel warns, and `room` above it the one at which it acts. */
static int set_limit(int resource, int64_t value, int64_t room) {
  struct rlimit limit;
  if (value < 0) return 0;
  if (getrlimit(resource, &limit) != 0) return -1;
  /* Never above what Cairn itself may have. */
  if ((rlim_t)(value + room) < limit.rlim_max) limit.rlim_max = (rlim_t)(value + room);
  limit.rlim_cur = (rlim_t)value < limit.rlim_max ? (rlim_t)value : limit.rlim_max;
  return setrlimit(resource, &limit);
}

static int set_limits(const struct cairn_launch *launch) {
  if (launch->open_files < 0 && launch->soft_open_files >= 0) {
    struct rlimit limit;
    if (getrlimit(RLIMIT_NOFILE, &limit) != 0) return -1;
    limit.rlim_cur = (rlim_t)launch->soft_open_files;
    if (setrlimit(RLIMIT_NOFILE, &limit) != 0) return -1;
  }
  if (set_limit(RLIMIT_NOFILE, launch->open_files, 0) != 0) return -1;
  if (set_limit(RLIMIT_FSIZE, launch->file_bytes, 0) != 0) return -1;
  return set_limit(RLIMIT_CPU, launch->cpu_seconds, CPU_ROOM_SECONDS);
}

static int join_cgroup(int folder) {
  int list = openat(folder, "cgroup.procs", O_WRONLY | O_CLOEXEC);
  if (list < 0) return -1;
  return write(list, "0", 1) == 1 ? 0 : -1;
}

static int run_child(void *argument) {
  struct child *child = argument;
  const struct cairn_launch *launch = child->launch;
  int input = launch->terminal >= 0 ? launch->terminal : launch->input;
  int output = launch->terminal >= 0 ? launch->terminal : launch->output;
  if (setsid() < 0) return fail(child, CAIRN_STAGE_SESSION);
  if (prctl(PR_SET_PDEATHSIG, SIGKILL, 0, 0, 0) < 0) return fail(child, CAIRN_STAGE_ORPHAN);
  /* The parent may have died before the line above took effect. */
  if (getppid() != child->parent) return fail(child, CAIRN_STAGE_ORPHAN);
  if (child->joins_cgroup && join_cgroup(launch->cgroup) < 0)
    return fail(child, CAIRN_STAGE_CONTAINMENT);
  if (launch->memory_cgroup >= 0 && join_cgroup(launch->memory_cgroup) < 0)
    return fail(child, CAIRN_STAGE_CONTAINMENT);
  if (launch->mount_namespace >= 0 && setns(launch->mount_namespace, CLONE_NEWNS) < 0)
    return fail(child, CAIRN_STAGE_CONTAINMENT);
  umask(022);
  if (chdir(launch->directory) < 0) return fail(child, CAIRN_STAGE_DIRECTORY);
  if (launch->terminal >= 0 && ioctl(launch->terminal, TIOCSCTTY, 0) < 0)
    return fail(child, CAIRN_STAGE_TERMINAL);
  if (dup2(input, 0) < 0 || dup2(output, 1) < 0 || dup2(output, 2) < 0)
    return fail(child, CAIRN_STAGE_STREAMS);
  if (set_limits(launch) < 0) return fail(child, CAIRN_STAGE_LIMITS);
  cairn_close_from(3);
  reset_signals(child->ignored);
  sigset_t none;
  sigemptyset(&none);
  sigprocmask(SIG_SETMASK, &none, NULL);
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

#if defined(__x86_64__) && defined(SYS_clone3) && defined(CLONE_INTO_CGROUP)
/* The C library does not offer clone3. The child starts on its own stack, with the registers of the
   parent. Born in its cgroup, it need not move there, for which the kernel stops the world. */
static long clone_into(int (*body)(void *), void *argument, void *stack, size_t size, int flags,
                       int *pidfd, int cgroup) {
  struct clone_args request = {.flags = (uint64_t)flags | CLONE_INTO_CGROUP,
                               .pidfd = (uint64_t)(uintptr_t)pidfd,
                               .exit_signal = SIGCHLD,
                               .stack = (uint64_t)(uintptr_t)stack,
                               .stack_size = size,
                               .cgroup = (uint64_t)cgroup};
  register int (*kept_body)(void *) __asm__("r12") = body;
  register void *kept_argument __asm__("r13") = argument;
  long result;
  __asm__ volatile(
      "syscall\n\t"
      "test %%rax, %%rax\n\t"
      "jnz 1f\n\t"
      "xor %%ebp, %%ebp\n\t"
      "mov %%r13, %%rdi\n\t"
      "call *%%r12\n\t"
      "mov %%eax, %%edi\n\t"
      "mov $60, %%eax\n\t"
      "syscall\n\t"
      "hlt\n"
      "1:"
      : "=a"(result)
      : "0"((long)SYS_clone3), "D"(&request), "S"(sizeof request), "r"(kept_body),
        "r"(kept_argument)
      : "rcx", "r11", "memory");
  if (result >= 0) return result;
  errno = (int)-result;
  return -1;
}
#else
static long clone_into(int (*body)(void *), void *argument, void *stack, size_t size, int flags,
                       int *pidfd, int cgroup) {
  (void)body, (void)argument, (void)stack, (void)size, (void)flags, (void)pidfd, (void)cgroup;
  errno = ENOSYS;
  return -1;
}
#endif

static pid_t clone_here(struct child *child, int *pidfd) {
  _Alignas(16) char stack[STACK_BYTES];
  /* CLONE_VFORK: we stand still until the child has execed or exited, so the stack, the error and
     the answer "it runs" need no pipe, and no page table is copied. */
  int flags = CLONE_VM | CLONE_VFORK | CLONE_PIDFD;
  int cgroup = child->launch->cgroup;
  if (cgroup >= 0) {
    long pid = clone_into(run_child, child, stack, sizeof stack, flags, pidfd, cgroup);
    if (pid >= 0 || (errno != ENOSYS && errno != E2BIG && errno != EINVAL)) return (pid_t)pid;
    child->joins_cgroup = 1;
  }
  return clone(run_child, stack + sizeof stack, flags | SIGCHLD, child, pidfd);
}

static void clone_child(struct child *child, struct cairn_started *started) {
  sigset_t all, before;
  int pidfd = -1;
  /* Our handlers must not run in the child, which shares our memory until it execs. CHLD has none:
     blocked here it would wake other threads for every exit meanwhile, unblocked the kernel drops it. */
  sigfillset(&all);
  sigdelset(&all, SIGCHLD);
  pthread_sigmask(SIG_SETMASK, &all, &before);
  uint64_t began = boot_nanoseconds();
  pid_t pid = clone_here(child, &pidfd);
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
  struct child child = {.launch = launch, .parent = getpid(), .ignored = ignored_signals()};
  if (launch->pid_namespace < 0) {
    clone_child(&child, &started);
    return started;
  }
  /* A parent in another namespace is 0. */
  child.parent = 0;
  if (setns(launch->pid_namespace, CLONE_NEWPID) != 0) {
    started.stage = CAIRN_STAGE_CONTAINMENT;
    started.error = errno;
    return started;
  }
  clone_child(&child, &started);
  /* At once: a thread whose children are born elsewhere can start no threads. */
  if (setns(launch->own_pid_namespace, CLONE_NEWPID) != 0) abort();
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

int64_t cairn_soft_open_files(void) {
  struct rlimit limit;
  return getrlimit(RLIMIT_NOFILE, &limit) == 0 ? (int64_t)limit.rlim_cur : -1;
}

int cairn_lifeline_open(int ends[2]) {
  if (pipe2(ends, O_CLOEXEC) != 0) return -1;
  for (int i = 0; i < 2; i++) {
    if (ends[i] > 2) continue;
    int high = fcntl(ends[i], F_DUPFD_CLOEXEC, 3);
    if (high < 0) return -1;
    close(ends[i]);
    ends[i] = high;
  }
  return 0;
}

int cairn_terminal_open(int rows, int columns, int *master, int *slave) {
  char name[64];
  struct winsize size = {.ws_row = (unsigned short)rows, .ws_col = (unsigned short)columns};
  *slave = -1;
  *master = posix_openpt(O_RDWR | O_NOCTTY | O_CLOEXEC | O_NONBLOCK);
  if (*master < 0) return -1;
  if (grantpt(*master) == 0 && unlockpt(*master) == 0 &&
      ptsname_r(*master, name, sizeof name) == 0 && ioctl(*master, TIOCSWINSZ, &size) == 0)
    *slave = cairn_open_high(name, O_RDWR, 0);
  if (*slave >= 0) return 0;
  int error = errno;
  close(*master);
  errno = error;
  return -1;
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

#define _GNU_SOURCE
#include "CSpawn.h"
#include "child.h"

#include <errno.h>
#include <limits.h>
#include <linux/futex.h>
#include <linux/sched.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#ifndef CLONE_PIDFD
#define CLONE_PIDFD 0x00001000
#endif

enum {
  /* The child only makes system calls on it, then execs. */
  STACK_BYTES = 32768,
  /* Children that may be on their way to their exec at a time; with more the caller waits for it. */
  AHEAD = 16
};

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
enum { HAS_CLONE3 = 1 };

/* The C library does not offer clone3. The child starts on its own stack, with the registers of the
   parent. Born in its cgroup, it need not move there, for which the kernel stops the world; born
   without our handlers, it need not put them back. */
static long clone_three(struct child *child, void *stack, uint64_t flags, int *pidfd, int *busy) {
  int cgroup = child->launch->cgroup;
  struct clone_args request = {
      .flags = flags | CLONE_CLEAR_SIGHAND | (cgroup >= 0 ? CLONE_INTO_CGROUP : 0),
      .pidfd = (uint64_t)(uintptr_t)pidfd,
      .child_tid = (uint64_t)(uintptr_t)busy,
      .exit_signal = SIGCHLD,
      .stack = (uint64_t)(uintptr_t)stack,
      .stack_size = STACK_BYTES,
      .cgroup = cgroup >= 0 ? (uint64_t)cgroup : 0};
  register int (*kept_body)(void *) __asm__("r12") = cairn_run_child;
  register void *kept_argument __asm__("r13") = child;
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
enum { HAS_CLONE3 = 0 };

static long clone_three(struct child *child, void *stack, uint64_t flags, int *pidfd, int *busy) {
  (void)child, (void)stack, (void)flags, (void)pidfd, (void)busy;
  errno = ENOSYS;
  return -1;
}
#endif

/* Whether the kernel has turned clone3 down: too old, or a filter of system calls. */
static int lacks_clone3 = !HAS_CLONE3;

static pid_t clone_waiting(struct child *child, int *pidfd) {
  _Alignas(16) char stack[STACK_BYTES];
  /* CLONE_VFORK: we stand still until the child has execed or exited, so the stack, the error and
     the answer "it runs" need no pipe, and no page table is copied. */
  int flags = CLONE_VM | CLONE_VFORK | CLONE_PIDFD;
  if (!lacks_clone3) {
    long pid = clone_three(child, stack, (uint64_t)flags, pidfd, NULL);
    if (pid >= 0 || (errno != ENOSYS && errno != E2BIG && errno != EINVAL && errno != EPERM)) return (pid_t)pid;
    lacks_clone3 = 1;
  }
  child->resets_all = 1;
  child->joins_cgroup = child->launch->cgroup >= 0;
  return clone(cairn_run_child, stack + sizeof stack, flags | SIGCHLD, child, pidfd);
}

/* What a child needs until its exec while we go on. `busy` is cleared by the kernel when it has execed
   or ended; a child that failed keeps its place until its parent has asked why. */
struct ahead {
  int busy;
  /* Of the start that has the place, and of no other; its remainder by AHEAD is the place's index. */
  int number;
  struct child child;
  struct cairn_launch launch;
  char *stack;
  char *text;
  size_t text_room;
  char **strings;
  size_t strings_room;
};

static struct ahead aheads[AHEAD];
static int starts;

/* For taking a place, and for asking why its child failed: more than one thread may start children. */
static pthread_mutex_t aheads_lock = PTHREAD_MUTEX_INITIALIZER;

static struct ahead *take_free(void) {
  struct ahead *found = NULL;
  pthread_mutex_lock(&aheads_lock);
  for (struct ahead *place = aheads; place < aheads + AHEAD && found == NULL; place++)
    if (__atomic_load_n(&place->busy, __ATOMIC_ACQUIRE) == 0 &&
        place->child.stage == CAIRN_STAGE_NONE)
      found = place;
  if (found != NULL) {
    starts = (starts + 1) % (INT_MAX / AHEAD);
    __atomic_store_n(&found->number, starts * AHEAD + (int)(found - aheads), __ATOMIC_RELAXED);
    found->busy = 1;
  }
  pthread_mutex_unlock(&aheads_lock);
  return found;
}

static size_t count_strings(char *const *strings, size_t *bytes) {
  size_t count = 0;
  for (; strings[count] != NULL; count++) *bytes += strlen(strings[count]) + 1;
  return count;
}

static char **copy_strings(char *const *strings, size_t count, char **to, char **text) {
  for (size_t i = 0; i < count; i++) {
    size_t length = strlen(strings[i]) + 1;
    to[i] = memcpy(*text, strings[i], length);
    *text += length;
  }
  to[count] = NULL;
  return to + count + 1;
}

static int make_room(void **memory, size_t *room, size_t wanted) {
  if (*room >= wanted) return 1;
  void *larger = realloc(*memory, wanted * 2);
  if (larger == NULL) return 0;
  *memory = larger;
  *room = wanted * 2;
  return 1;
}

/* The caller's strings are used again by the next start, which may come before this exec. */
static int copy_launch(struct ahead *place, const struct cairn_launch *launch) {
  size_t bytes = strlen(launch->path) + strlen(launch->directory) + 2;
  size_t arguments = count_strings(launch->arguments, &bytes);
  size_t variables = count_strings(launch->environment, &bytes);
  size_t pointers = (arguments + variables + 2) * sizeof(char *);
  if (!make_room((void **)&place->text, &place->text_room, bytes) ||
      !make_room((void **)&place->strings, &place->strings_room, pointers))
    return 0;
  if (place->stack == NULL) {
    place->stack = mmap(NULL, STACK_BYTES, PROT_READ | PROT_WRITE,
                        MAP_PRIVATE | MAP_ANONYMOUS | MAP_STACK, -1, 0);
    if (place->stack == MAP_FAILED) place->stack = NULL;
    if (place->stack == NULL) return 0;
  }
  place->launch = *launch;
  char *text = place->text;
  char **rest = copy_strings(launch->arguments, arguments, place->strings, &text);
  place->launch.arguments = place->strings;
  copy_strings(launch->environment, variables, rest, &text);
  place->launch.environment = rest;
  place->launch.path = strcpy(text, launch->path);
  place->launch.directory = strcpy(text + strlen(launch->path) + 1, launch->directory);
  return 1;
}

/* Starts the child without waiting for its exec; -1 with ENOSYS where that is not to be had. */
static pid_t clone_ahead(const struct child *child, int *pidfd, int *number) {
  struct ahead *place = lacks_clone3 ? NULL : take_free();
  if (place == NULL || !copy_launch(place, child->launch)) {
    if (place != NULL) __atomic_store_n(&place->busy, 0, __ATOMIC_RELEASE);
    errno = ENOSYS;
    return -1;
  }
  place->child = *child;
  place->child.launch = &place->launch;
  /* Before the clone: the place may be another's as soon as the child has execed. */
  *number = place->number;
  pid_t pid = (pid_t)clone_three(&place->child, place->stack,
                                 CLONE_VM | CLONE_PIDFD | CLONE_CHILD_CLEARTID, pidfd, &place->busy);
  if (pid < 0) __atomic_store_n(&place->busy, 0, __ATOMIC_RELEASE);
  return pid;
}

void cairn_spawn_await(int ahead) {
  if (ahead < 0) return;
  struct ahead *place = &aheads[ahead % AHEAD];
  const struct timespec patience = {.tv_nsec = 10000000};
  /* The kernel wakes who waits where it clears the word. */
  while (__atomic_load_n(&place->number, __ATOMIC_RELAXED) == ahead &&
         __atomic_load_n(&place->busy, __ATOMIC_ACQUIRE) == 1)
    syscall(SYS_futex, &place->busy, FUTEX_WAIT, 1, &patience, NULL, 0);
}

int cairn_spawn_failed(int ahead, int *stage, int *error) {
  struct ahead *place = &aheads[ahead % AHEAD];
  pthread_mutex_lock(&aheads_lock);
  int failed = place->number == ahead && place->child.stage != CAIRN_STAGE_NONE;
  if (failed) {
    *stage = place->child.stage;
    *error = place->child.error;
    place->child.stage = CAIRN_STAGE_NONE;
  }
  pthread_mutex_unlock(&aheads_lock);
  return failed;
}

static void clone_child(struct child *child, struct cairn_started *started) {
  sigset_t all, before;
  int pidfd = -1;
  pid_t pid = -1;
  /* Our handlers must not run in the child, which shares our memory until it execs. CHLD has none:
     blocked here it would wake other threads for every exit meanwhile, unblocked the kernel drops it. */
  sigfillset(&all);
  sigdelset(&all, SIGCHLD);
  pthread_sigmask(SIG_SETMASK, &all, &before);
  uint64_t began = boot_nanoseconds();
  if (child->launch->ahead) pid = clone_ahead(child, &pidfd, &started->ahead);
  if (pid < 0) {
    started->ahead = -1;
    pid = clone_waiting(child, &pidfd);
  }
  int error = errno;
  started->start_time = tick_between(began, boot_nanoseconds());
  pthread_sigmask(SIG_SETMASK, &before, NULL);
  if (pid < 0) {
    started->stage = CAIRN_STAGE_FORK;
    started->error = error;
    return;
  }
  if (started->ahead < 0 && child->stage != CAIRN_STAGE_NONE) {
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
  struct cairn_started started = {.pid = -1, .pidfd = -1, .ahead = -1};
  struct child child = {
      .launch = launch, .parent = getpid(), .ignored = cairn_ignored_signals()};
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

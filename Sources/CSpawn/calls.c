#define _GNU_SOURCE
#include "CSpawn.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/ioctl.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

/* System calls that Swift's Glibc does not show. */

int cairn_open_high(const char *path, int flags, mode_t mode) {
  int descriptor = open(path, flags | O_CLOEXEC | O_NOCTTY, mode);
  if (descriptor < 0 || descriptor > 2) return descriptor;
  int high = fcntl(descriptor, F_DUPFD_CLOEXEC, 3);
  int error = errno;
  close(descriptor);
  errno = error;
  return high;
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

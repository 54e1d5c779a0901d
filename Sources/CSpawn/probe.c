#define _GNU_SOURCE
#include "probe.h"

#include "CSpawn.h"

#include <errno.h>
#include <sched.h>
#include <sys/syscall.h>
#include <sys/vfs.h>
#include <sys/wait.h>
#include <unistd.h>

int cairn_probe_pidfd(void) {
  int descriptor = cairn_pidfd_open(getpid());
  if (descriptor < 0) return errno;
  int result = cairn_pidfd_send_signal(descriptor, 0) == 0 ? 0 : errno;
  close(descriptor);
  return result;
}

int cairn_probe_clone3(void) {
#ifdef SYS_clone3
  /* No arguments at all are refused as such by a kernel that knows the call. */
  if (syscall(SYS_clone3, NULL, 0) < 0 && errno != EINVAL) return errno;
  return 0;
#else
  return ENOSYS;
#endif
}

int cairn_probe_close_range(void) {
#ifdef SYS_close_range
  return syscall(SYS_close_range, ~0U, ~0U, 0U) == 0 ? 0 : errno;
#else
  return ENOSYS;
#endif
}

int cairn_probe_epoll(void) {
  int watch = cairn_watch_open();
  if (watch < 0) return errno;
  close(watch);
  return 0;
}

/* In a child, which then ends: a namespace cannot be left again. */
static int probe_unshare(int flags) {
  pid_t child = fork();
  if (child < 0) return errno;
  if (child == 0) _exit(unshare(flags) == 0 ? 0 : errno);
  int status = 0;
  while (waitpid(child, &status, 0) < 0) {
    if (errno != EINTR) return errno;
  }
  return WIFEXITED(status) ? WEXITSTATUS(status) : EINTR;
}

int cairn_probe_pid_namespace(void) { return probe_unshare(CLONE_NEWPID); }

int cairn_probe_user_namespace(void) { return probe_unshare(CLONE_NEWUSER | CLONE_NEWPID); }

uint64_t cairn_file_system_type(const char *path) {
  struct statfs system;
  /* A signed long in the kernel's interface, though the numbers have 32 bits. */
  return statfs(path, &system) == 0 ? (uint32_t)system.f_type : 0;
}

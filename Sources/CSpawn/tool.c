#define _GNU_SOURCE
#include "child.h"

#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

/* Runs in the child, which borrows our memory until it execs. Returns what went wrong. */
static int become(const struct cairn_tool *tool, pid_t parent) {
  sigset_t none;
  sigemptyset(&none);
  if (prctl(PR_SET_PDEATHSIG, SIGKILL, 0, 0, 0) != 0) return errno;
  if (getppid() != parent) return ESRCH;
  if (setpgid(0, 0) != 0) return errno;
  if (dup2(tool->input, 0) < 0 || dup2(tool->output, 1) < 0 || dup2(tool->errors, 2) < 0)
    return errno;
  if (chdir(tool->directory) != 0) return errno;
  cairn_close_from(3);
  cairn_reset_signals();
  sigprocmask(SIG_SETMASK, &none, NULL);
  execve(tool->path, tool->arguments, tool->environment);
  return errno;
}

pid_t cairn_tool_start(const struct cairn_tool *tool, int *error) {
  volatile int failure = 0;
  pid_t parent = getpid();
  sigset_t all, before;
  sigfillset(&all);
  /* A handler of ours must not run in the child, on memory that is not its own. */
  pthread_sigmask(SIG_SETMASK, &all, &before);
  pid_t pid = vfork();
  if (pid == 0) {
    failure = become(tool, parent);
    _exit(127);
  }
  int number = errno;
  pthread_sigmask(SIG_SETMASK, &before, NULL);
  if (pid > 0 && failure == 0) return pid;
  if (pid > 0)
    while (waitpid(pid, NULL, 0) < 0 && errno == EINTR) {}
  *error = pid > 0 ? failure : number;
  return -1;
}

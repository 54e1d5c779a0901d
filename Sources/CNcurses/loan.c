#define _GNU_SOURCE 1
#include "CNcurses.h"

#include <errno.h>
#include <signal.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

extern char **environ;

// Setting the foreground from the background stops the caller, unless the signal is blocked.
static int set_foreground(int terminal, pid_t group) {
  sigset_t blocked, before;
  sigemptyset(&blocked);
  sigaddset(&blocked, SIGTTOU);
  pthread_sigmask(SIG_BLOCK, &blocked, &before);
  int code = tcsetpgrp(terminal, group) == 0 ? 0 : errno;
  pthread_sigmask(SIG_SETMASK, &before, NULL);
  return code;
}

// Only calls that are safe behind fork in a process with threads.
static void become(int terminal, char *const arguments[]) {
  struct sigaction standard;
  memset(&standard, 0, sizeof standard);
  standard.sa_handler = SIG_DFL;
  setpgid(0, 0);
  set_foreground(terminal, getpid());
  for (int number = 1; number < NSIG; number++) sigaction(number, &standard, NULL);
  sigset_t none;
  sigemptyset(&none);
  pthread_sigmask(SIG_SETMASK, &none, NULL);
  // Who reads a log of a Cairn that is gone would be left with a terminal that the shell took back.
  prctl(PR_SET_PDEATHSIG, SIGHUP);
  execve(arguments[0], arguments, environ);
  _exit(127);
}

int cairn_loan_start(int terminal, char *const arguments[], pid_t *program) {
  pid_t child = fork();
  if (child < 0) return errno;
  if (child == 0) become(terminal, arguments);
  // Both sides do it: neither may depend on who runs first.
  setpgid(child, child);
  set_foreground(terminal, child);
  *program = child;
  return 0;
}

int cairn_loan_wait(pid_t program, int *status) {
  int what = 0;
  while (waitpid(program, &what, WUNTRACED) < 0) {
    if (errno != EINTR) {
      *status = 0;
      return 0;
    }
  }
  *status = WIFEXITED(what) ? WEXITSTATUS(what) : WIFSIGNALED(what) ? 128 + WTERMSIG(what) : 0;
  return WIFSTOPPED(what);
}

void cairn_loan_take_back(int terminal) { set_foreground(terminal, getpgrp()); }

void cairn_loan_continue(int terminal, pid_t program) {
  set_foreground(terminal, program);
  kill(-program, SIGCONT);
}

void cairn_loan_end(pid_t program, int force) {
  kill(-program, force ? SIGKILL : SIGTERM);
  kill(-program, SIGCONT);
}

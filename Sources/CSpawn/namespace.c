#define _GNU_SOURCE
#include "CSpawn.h"
#include "child.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/signalfd.h>
#include <sys/wait.h>
#include <unistd.h>

#ifndef CLONE_PIDFD
#define CLONE_PIDFD 0x00001000
#endif

enum {
  FIRST_STACK_BYTES = 65536,
  /* The kernel's word that the thread which made it is gone; nobody sends it by accident. */
  PARENT_DIED = 44
};

/* What the first process needs, and where it tells how far it came. */
struct first {
  int lifeline;
  int report;
  cairn_last_act last_act;
};

enum step { STEP_DONE, STEP_STREAMS, STEP_PRIVATE, STEP_PROC };

static const char *const step_names[] = {
    NULL, "open the first process's streams", "keep its /proc to itself", "mount its /proc"};

static void tell(int report, enum step step) {
  int answer[2] = {step, errno};
  ssize_t done = write(report, answer, sizeof answer);
  (void)done;
}

/* Returns when Cairn has died. Not KILL as the death signal: then there would be no last act. A signal
   tells earlier than the pipe, which is open until the last thread has left the kernel. */
static void wait_for_death(int lifeline) {
  sigset_t death;
  sigemptyset(&death);
  sigaddset(&death, PARENT_DIED);
  dup2(lifeline, 3);
  cairn_close_from(4);
  struct pollfd waiting[] = {{.fd = 3, .events = POLLIN},
                             {.fd = signalfd(-1, &death, SFD_CLOEXEC), .events = POLLIN}};
  while (poll(waiting, 2, -1) < 0) {
  }
}

/* A copy of a process with many threads: nothing but system calls is safe here. */
static int run_first(void *argument) {
  struct first first = *(struct first *)argument;
  enum step failed = STEP_DONE;
  prctl(PR_SET_NAME, "cairn-init", 0, 0, 0);
  prctl(PR_SET_PDEATHSIG, PARENT_DIED, 0, 0, 0);
  setsid();
  cairn_reset_signals();
  /* The kernel buries the children of one who ignores their end, so nobody has to be woken for it. */
  signal(SIGCHLD, SIG_IGN);
  int null = open("/dev/null", O_RDWR);
  /* A pipe behind Cairn must see its end when Cairn dies. */
  if (null < 0 || dup2(null, 0) < 0 || dup2(null, 1) < 0 || dup2(null, 2) < 0) failed = STEP_STREAMS;
  /* Only this mount is ours alone: what tasks mount elsewhere is seen outside, as ever. */
  else if (mount(NULL, "/proc", NULL, MS_PRIVATE, NULL) != 0) failed = STEP_PRIVATE;
  else if (mount("proc", "/proc", "proc", MS_NOSUID | MS_NODEV | MS_NOEXEC, NULL) != 0)
    failed = STEP_PROC;
  tell(first.report, failed);
  if (failed != STEP_DONE) return 1;
  wait_for_death(first.lifeline);
  /* All but this one; whatever the last act waits for, the run is over. */
  kill(-1, SIGKILL);
  if (first.last_act != NULL) first.last_act();
  return 0;
}

static int open_link(pid_t pid, const char *name) {
  char path[64];
  snprintf(path, sizeof path, "/proc/%d/ns/%s", (int)pid, name);
  return open(path, O_RDONLY | O_CLOEXEC);
}

static void give_up(struct cairn_namespace *made, const char *step, int error) {
  if (made->first > 0) {
    kill(made->first, SIGKILL);
    while (waitpid(made->first, NULL, 0) < 0 && errno == EINTR) {
    }
  }
  if (made->pidfd >= 0) close(made->pidfd);
  if (made->pid_namespace >= 0) close(made->pid_namespace);
  if (made->mount_namespace >= 0) close(made->mount_namespace);
  *made = (struct cairn_namespace){
      .first = -1, .pidfd = -1, .pid_namespace = -1, .mount_namespace = -1, .step = step,
      .error = error};
}

int cairn_namespace_return(int own_pid_namespace) {
  return setns(own_pid_namespace, CLONE_NEWPID) == 0 ? 0 : errno;
}

struct cairn_namespace cairn_namespace_open(int lifeline, cairn_last_act last_act) {
  struct cairn_namespace made = {
      .first = -1, .pidfd = -1, .pid_namespace = -1, .mount_namespace = -1};
  _Alignas(16) char stack[FIRST_STACK_BYTES];
  sigset_t all, before;
  int ends[2];
  int answer[2] = {STEP_STREAMS, EIO};
  if (cairn_lifeline_open(ends) != 0) {
    give_up(&made, "make a pipe", errno);
    return made;
  }
  struct first first = {.lifeline = lifeline, .report = ends[1], .last_act = last_act};
  sigfillset(&all);
  pthread_sigmask(SIG_SETMASK, &all, &before);
  /* It keeps this mask: nobody but the kernel and the end of the pipe ends it. */
  made.first = clone(run_first, stack + sizeof stack,
                     CLONE_NEWPID | CLONE_NEWNS | CLONE_PIDFD | SIGCHLD, &first, &made.pidfd);
  int error = errno;
  pthread_sigmask(SIG_SETMASK, &before, NULL);
  close(ends[1]);
  if (made.first < 0) {
    made.pidfd = -1;
    give_up(&made, "make the namespaces", error);
  } else {
    while (read(ends[0], answer, sizeof answer) < 0 && errno == EINTR) {
    }
    made.pid_namespace = open_link(made.first, "pid");
    made.mount_namespace = open_link(made.first, "mnt");
    if (answer[0] != STEP_DONE)
      give_up(&made, step_names[answer[0]], answer[1]);
    else if (made.pidfd < 0 || made.pid_namespace < 0 || made.mount_namespace < 0)
      give_up(&made, "open the namespaces", errno);
  }
  close(ends[0]);
  return made;
}

#define _GNU_SOURCE
#include "CSpawn.h"
#include "child.h"

#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

/* Linux 5.2; older C libraries and headers do not show them. */
#ifndef SYS_open_tree
#define SYS_open_tree 428
#define SYS_move_mount 429
#endif

enum {
  STACK_BYTES_OF_SLOT = 65536,
  CLONE_OF_TREE = 1,      /* OPEN_TREE_CLONE */
  FROM_EMPTY_PATH = 4     /* MOVE_MOUNT_F_EMPTY_PATH */
};

enum step { STEP_DONE, STEP_ENTER, STEP_UNSHARE, STEP_KEEP, STEP_SLAVE, STEP_HIDE, STEP_SHOW, STEP_CLOSE };

static const char *const step_names[] = {
    NULL,
    "enter the run's mount namespace",
    "make a mount namespace",
    "take hold of the slot",
    "keep its mounts to itself",
    "hide the other slots",
    "show the slot",
    "protect what hides the others"};

/* What the process needs that makes the namespace, and where it tells how far it came. */
struct slot {
  int mount_namespace;
  int report;
  int hold; /* a byte comes when the namespace has been opened */
  const char *slots;
  const char *slot;
};

/* The mount that holds the path may go on taking part in what is mounted outside, and sends nothing of
   its own there. The path is absolute and without links; its own buffer is cut from the end on. */
static int make_slave(const char *path) {
  char prefix[4096];
  if (strlen(path) >= sizeof prefix) {
    errno = ENAMETOOLONG;
    return -1;
  }
  strcpy(prefix, path);
  for (;;) {
    if (mount(NULL, prefix[0] != 0 ? prefix : "/", NULL, MS_SLAVE, NULL) == 0) return 0;
    if (errno != EINVAL || prefix[0] == 0) return -1;
    char *slash = strrchr(prefix, '/');
    if (slash == NULL) return -1;
    *slash = 0;
  }
}

/* Of the slots only this one is left: the others lie below an empty folder that nobody can fill. */
static enum step hide(const struct slot *slot) {
  if (setns(slot->mount_namespace, CLONE_NEWNS) != 0) return STEP_ENTER;
  if (unshare(CLONE_NEWNS) != 0) return STEP_UNSHARE;
  int tree = (int)syscall(SYS_open_tree, AT_FDCWD, slot->slot, CLONE_OF_TREE | O_CLOEXEC);
  if (tree < 0) return STEP_KEEP;
  if (make_slave(slot->slots) != 0) return STEP_SLAVE;
  if (mount("cairn-slots", slot->slots, "tmpfs", MS_NOSUID | MS_NODEV, "size=64k,mode=755") != 0)
    return STEP_HIDE;
  if (mkdir(slot->slot, 0755) != 0 ||
      syscall(SYS_move_mount, tree, "", AT_FDCWD, slot->slot, FROM_EMPTY_PATH) != 0)
    return STEP_SHOW;
  if (mount(NULL, slot->slots, NULL, MS_REMOUNT | MS_RDONLY | MS_NOSUID | MS_NODEV, NULL) != 0)
    return STEP_CLOSE;
  return STEP_DONE;
}

/* A copy of a process with many threads: nothing but system calls is safe here. */
static int run_slot(void *argument) {
  const struct slot *slot = argument;
  prctl(PR_SET_PDEATHSIG, SIGKILL, 0, 0, 0);
  int answer[2] = {hide(slot), 0};
  answer[1] = errno;
  ssize_t done = write(slot->report, answer, sizeof answer);
  char end;
  if (answer[0] == STEP_DONE) done = read(slot->hold, &end, 1);
  (void)done;
  return 0;
}

static void close_ends(const int ends[2]) {
  close(ends[0]);
  close(ends[1]);
}

static int open_mounts(pid_t pid) {
  char path[64];
  snprintf(path, sizeof path, "/proc/%d/ns/mnt", (int)pid);
  return open(path, O_RDONLY | O_CLOEXEC);
}

struct cairn_slot_namespace cairn_slot_open(int mount_namespace, const char *slots,
                                            const char *folder) {
  struct cairn_slot_namespace made = {.mount_namespace = -1, .step = "make a pipe"};
  _Alignas(16) char stack[STACK_BYTES_OF_SLOT];
  int report[2], hold[2];
  if (cairn_lifeline_open(report) != 0) {
    made.error = errno;
    return made;
  }
  if (cairn_lifeline_open(hold) != 0) {
    made.error = errno;
    close_ends(report);
    return made;
  }
  struct slot slot = {.mount_namespace = mount_namespace, .report = report[1], .hold = hold[0],
                      .slots = slots, .slot = folder};
  sigset_t all, before;
  sigfillset(&all);
  pthread_sigmask(SIG_SETMASK, &all, &before);
  pid_t pid = clone(run_slot, stack + sizeof stack, SIGCHLD, &slot);
  made.error = errno;
  pthread_sigmask(SIG_SETMASK, &before, NULL);
  close(report[1]);
  if (pid > 0) {
    int answer[2] = {STEP_UNSHARE, EIO};
    while (read(report[0], answer, sizeof answer) < 0 && errno == EINTR) {
    }
    made.step = step_names[answer[0]];
    made.error = answer[1];
    if (answer[0] == STEP_DONE && (made.mount_namespace = open_mounts(pid)) < 0) {
      made.step = "open the mount namespace";
      made.error = errno;
    }
  } else {
    made.step = "start a process";
  }
  close(report[0]);
  /* Not by closing it: the process has a copy of this end, too. */
  ssize_t told = write(hold[1], "", 1);
  (void)told;
  close_ends(hold);
  while (pid > 0 && waitpid(pid, NULL, 0) < 0 && errno == EINTR) {
  }
  return made;
}

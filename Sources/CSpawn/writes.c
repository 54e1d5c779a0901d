#define _GNU_SOURCE
#include "CSpawn.h"
#include "filter.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/openat2.h>
#include <linux/seccomp.h>
#include <limits.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <unistd.h>

#ifndef SYS_openat2
#define SYS_openat2 437
#endif

enum { PAGE = 4096 };

/* Reads a path of another process; -1 where it is none. Page by page: what lies behind its end may not
   be there. */
static int read_path(pid_t pid, uint64_t address, char path[PATH_MAX]) {
  size_t length = 0;
  while (length < PATH_MAX) {
    size_t room = PAGE - (address + length) % PAGE;
    if (room > PATH_MAX - length) room = PATH_MAX - length;
    struct iovec here = {path + length, room};
    struct iovec there = {(void *)(uintptr_t)(address + length), room};
    ssize_t count = process_vm_readv(pid, &here, 1, &there, 1, 0);
    if (count <= 0) return -1;
    if (memchr(path + length, 0, (size_t)count) != NULL) return 0;
    length += (size_t)count;
  }
  return -1;
}

/* How we name what the process names so. */
static int name_of(pid_t pid, int folder, const char *path, char *name, size_t size) {
  int length = path[0] == '/'       ? snprintf(name, size, "/proc/%d/root%s", pid, path)
               : folder == AT_FDCWD ? snprintf(name, size, "/proc/%d/cwd/%s", pid, path)
                                    : snprintf(name, size, "/proc/%d/fd/%d/%s", pid, folder, path);
  return length > 0 && (size_t)length < size ? 0 : -1;
}

/* Where an open place lies, and below it a name that is not there yet. */
static int place_of(int file, const char *rest, char *real, size_t size) {
  char link[64];
  snprintf(link, sizeof link, "/proc/self/fd/%d", file);
  ssize_t length = readlink(link, real, size - 1);
  if (length < 0) return -1;
  real[length] = 0;
  int more = snprintf(real + length, size - (size_t)length, "%s%s", rest[0] ? "/" : "", rest);
  return more >= 0 && (size_t)(length + more) < size ? 0 : -1;
}

/* The path without links, as far as it exists; `name` is cut. -1 also for what is there already and is
   to be made: that call fails as it is, and `mkdir -p` makes it for all folders above. */
static int resolve(char *name, int follows, int makes, char *real, size_t size) {
  int flags = O_PATH | O_CLOEXEC | (follows ? 0 : O_NOFOLLOW);
  const char *rest = "";
  int file = open(name, flags);
  if (file >= 0 && makes) {
    close(file);
    return -1;
  }
  if (file < 0) {
    size_t end = strlen(name);
    while (end > 1 && name[end - 1] == '/') name[--end] = 0;
    char *slash = strrchr(name, '/');
    if (slash == NULL) return -1;
    rest = slash + 1;
    *slash = 0;
    file = open(name, O_PATH | O_CLOEXEC | O_DIRECTORY);
    if (file < 0) return -1;
  }
  int result = place_of(file, rest, real, size);
  close(file);
  return result;
}

static int lies_in(const char *path, const char *folder) {
  size_t length = strlen(folder);
  return strncmp(path, folder, length) == 0 && (path[length] == '/' || path[length] == 0);
}

/* Which flags a call opens with; 0 where it does not open. */
static uint64_t flags_of(const struct seccomp_notif *call, const struct cairn_rule *rule) {
  if (rule->flags < 0) return 0;
  uint64_t value = call->data.args[(int)rule->flags];
  if (rule->number != SYS_openat2) return value;
  struct open_how how = {0};
  struct iovec here = {&how, sizeof how};
  struct iovec there = {(void *)(uintptr_t)value, sizeof how};
  ssize_t count = process_vm_readv((pid_t)call->pid, &here, 1, &there, 1, 0);
  return count >= (ssize_t)sizeof how.flags ? how.flags : 0;
}

static int writes(const struct cairn_rule *rule, uint64_t flags) {
  return rule->flags < 0 || (flags & (O_WRONLY | O_RDWR | O_CREAT | O_TRUNC)) != 0;
}

/* Fills in the paths of a call that writes below the folder; 0 for any other. */
static int describe(const struct seccomp_notif *call, const char *folder, struct cairn_write *write) {
  const struct cairn_rule *rule = cairn_rule_of(call->data.nr);
  if (rule == NULL) return 0;
  uint64_t flags = flags_of(call, rule);
  if (!writes(rule, flags)) return 0;
  int follows = rule->follows && !(flags & O_NOFOLLOW);
  pid_t pid = (pid_t)call->pid;
  int is_inside = 0;
  write->id = call->id;
  write->pid = pid;
  write->count = 0;
  for (int i = 0; i < CAIRN_WRITE_PATHS && rule->paths[i] >= 0; i++) {
    int at = rule->folders[i] < 0 ? AT_FDCWD : (int)call->data.args[(int)rule->folders[i]];
    char path[PATH_MAX], name[PATH_MAX + 64];
    char *real = write->paths[write->count];
    if (read_path(pid, call->data.args[(int)rule->paths[i]], path) != 0 ||
        name_of(pid, at, path, name, sizeof name) != 0 ||
        resolve(name, follows, rule->makes, real, CAIRN_WRITE_PATH) != 0)
      continue;
    is_inside |= lies_in(real, folder);
    write->count++;
  }
  return is_inside;
}

const char *cairn_write_path(const struct cairn_write *write, int index) {
  return write->paths[index];
}

/* A newer kernel may know more of a call, and writes all of it. */
union call {
  struct seccomp_notif call;
  char room[512];
};

union answer {
  struct seccomp_notif_resp answer;
  char room[512];
};

void cairn_write_answer(int listener, const struct cairn_write *write, int error) {
  union answer made = {0};
  made.answer.id = write->id;
  made.answer.error = -error;
  made.answer.flags = error == 0 ? SECCOMP_USER_NOTIF_FLAG_CONTINUE : 0;
  /* Who asked may have died. */
  ioctl(listener, SECCOMP_IOCTL_NOTIF_SEND, &made);
}

/* Whether a call waits; 0 when nobody is left who could make one. */
static int wait_for_call(int listener) {
  struct pollfd polled = {.fd = listener, .events = POLLIN};
  while (poll(&polled, 1, -1) < 0)
    if (errno != EINTR) return 0;
  return (polled.revents & POLLIN) != 0;
}

int cairn_write_next(int listener, const char *folder, struct cairn_write *write) {
  while (wait_for_call(listener)) {
    union call made = {0};
    if (ioctl(listener, SECCOMP_IOCTL_NOTIF_RECV, &made) != 0) {
      /* Its caller was killed while it waited. */
      if (errno == ENOENT || errno == EINTR) continue;
      return -1;
    }
    write->id = made.call.id;
    if (describe(&made.call, folder, write) &&
        ioctl(listener, SECCOMP_IOCTL_NOTIF_ID_VALID, &write->id) == 0)
      return 0;
    cairn_write_answer(listener, write, 0);
  }
  return -1;
}

#define _GNU_SOURCE
#include "filter.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/audit.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

/* Linux 5.19; without it a signal may make a call wait for its answer again and again. */
#ifndef SECCOMP_FILTER_FLAG_WAIT_KILLABLE_RECV
#define SECCOMP_FILTER_FLAG_WAIT_KILLABLE_RECV (1UL << 5)
#endif
#ifndef SYS_openat2
#define SYS_openat2 437
#endif
#ifndef SYS_fchmodat2
#define SYS_fchmodat2 452
#endif

#if defined(__x86_64__)
enum { ARCHITECTURE = AUDIT_ARCH_X86_64 };
#elif defined(__aarch64__)
enum { ARCHITECTURE = AUDIT_ARCH_AARCH64 };
#else
enum { ARCHITECTURE = 0 };
#endif

#define WRITES (O_WRONLY | O_RDWR | O_CREAT | O_TRUNC)

static const struct cairn_rule rules[] = {
    {SYS_openat, {0, -1}, {1, -1}, 2, 1, 0},
    {SYS_openat2, {0, -1}, {1, -1}, 2, 1, 0},
    {SYS_mkdirat, {0, -1}, {1, -1}, -1, 0, 1},
    {SYS_unlinkat, {0, -1}, {1, -1}, -1, 0, 0},
    {SYS_renameat2, {0, 2}, {1, 3}, -1, 0, 0},
    {SYS_linkat, {0, 2}, {1, 3}, -1, 0, 0},
    {SYS_symlinkat, {1, -1}, {2, -1}, -1, 0, 1},
    {SYS_mknodat, {0, -1}, {1, -1}, -1, 0, 1},
    {SYS_fchmodat, {0, -1}, {1, -1}, -1, 1, 0},
    {SYS_fchmodat2, {0, -1}, {1, -1}, -1, 1, 0},
    {SYS_truncate, {-1, -1}, {0, -1}, -1, 1, 0},
#ifdef SYS_renameat
    {SYS_renameat, {0, 2}, {1, 3}, -1, 0, 0},
#endif
#ifdef SYS_open
    {SYS_open, {-1, -1}, {0, -1}, 1, 1, 0},
    {SYS_creat, {-1, -1}, {0, -1}, -1, 1, 0},
    {SYS_mkdir, {-1, -1}, {0, -1}, -1, 0, 1},
    {SYS_rmdir, {-1, -1}, {0, -1}, -1, 0, 0},
    {SYS_unlink, {-1, -1}, {0, -1}, -1, 0, 0},
    {SYS_rename, {-1, -1}, {0, 1}, -1, 0, 0},
    {SYS_link, {-1, -1}, {0, 1}, -1, 0, 0},
    {SYS_symlink, {-1, -1}, {1, -1}, -1, 0, 1},
    {SYS_mknod, {-1, -1}, {0, -1}, -1, 0, 1},
    {SYS_chmod, {-1, -1}, {0, -1}, -1, 1, 0},
#endif
};

enum { RULES = sizeof rules / sizeof *rules, HEAD = 4 };

const struct cairn_rule *cairn_rule_of(int number) {
  for (const struct cairn_rule *rule = rules; rule < rules + RULES; rule++)
    if (rule->number == number) return rule;
  return NULL;
}

/* A call that opens: it asks only if its flags say that it writes. openat2 has them in memory, which no
   filter sees, so it always asks. */
static struct sock_filter *add_open(struct sock_filter *next, const struct cairn_rule *rule) {
  unsigned flags = offsetof(struct seccomp_data, args) + sizeof(uint64_t) * (unsigned)rule->flags;
  *next++ = (struct sock_filter)BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, rule->number, 0, 4);
  *next++ = (struct sock_filter)BPF_STMT(BPF_LD | BPF_W | BPF_ABS, flags);
  *next++ = (struct sock_filter)BPF_JUMP(BPF_JMP | BPF_JSET | BPF_K, WRITES, 1, 0);
  *next++ = (struct sock_filter)BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW);
  *next++ = (struct sock_filter)BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_USER_NOTIF);
  return next;
}

static struct sock_filter *add(struct sock_filter *next, const struct cairn_rule *rule) {
  if (rule->flags >= 0 && rule->number != SYS_openat2) return add_open(next, rule);
  *next++ = (struct sock_filter)BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, rule->number, 0, 1);
  *next++ = (struct sock_filter)BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_USER_NOTIF);
  return next;
}

/* Programs of another architecture, whose numbers mean other calls, are not asked. */
static unsigned short write_filter(struct sock_filter *program) {
  struct sock_filter *next = program;
  *next++ = (struct sock_filter)BPF_STMT(BPF_LD | BPF_W | BPF_ABS,
                                         offsetof(struct seccomp_data, arch));
  *next++ = (struct sock_filter)BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, (unsigned)ARCHITECTURE, 1, 0);
  *next++ = (struct sock_filter)BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW);
  *next++ = (struct sock_filter)BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr));
  for (const struct cairn_rule *rule = rules; rule < rules + RULES; rule++) next = add(next, rule);
  *next++ = (struct sock_filter)BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW);
  return (unsigned short)(next - program);
}

int cairn_filter_install(void) {
  struct sock_filter program[HEAD + 5 * RULES + 1];
  struct sock_fprog filter = {.len = write_filter(program), .filter = program};
  if (ARCHITECTURE == 0) {
    errno = ENOSYS;
    return -1;
  }
  /* Without it only root may have a filter. */
  if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0) return -1;
  unsigned long flags = SECCOMP_FILTER_FLAG_NEW_LISTENER;
  unsigned long patient = flags | SECCOMP_FILTER_FLAG_WAIT_KILLABLE_RECV;
  long listener = syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, patient, &filter);
  if (listener < 0 && errno == EINVAL)
    listener = syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, flags, &filter);
  return (int)listener;
}

#define _GNU_SOURCE
#include "CSpawn.h"
#include "child.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdatomic.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

/* The guardian is a copy of a process with many threads, any of which may have held any lock: from
   fork to _exit it makes system calls on static memory and nothing else. */

enum {
  MOST_PROCESSES = 65536,
  TEXT_BYTES = 65536,
  QUIET_ROUNDS = 3,
  ROUND_NANOSECONDS = 20000000,
  /* struct linux_dirent64: 8 bytes inode, 8 offset, 2 length, 1 type, name. */
  DIRENT_LENGTH = 16,
  DIRENT_NAME = 19,
  /* Of /proc/PID/stat, proc(5). */
  START_TIME = 22,
  ENVIRONMENT_END = 51,
  /* About ten seconds; what is alive then waits in the kernel and dies when it comes back. */
  MOST_ROUNDS = 500
};

struct entry {
  int32_t pid;
  int32_t parent;
  int32_t session;
  int is_ours;
  int is_unsure;
  int has_environment; /* if only an empty one; none from the middle of an exec to its end */
  uint64_t start_time;
};

static struct entry entries[MOST_PROCESSES];
static int entry_count;
static char text[TEXT_BYTES];
static char mark[sizeof "CAIRN_TOKEN=" + CAIRN_BOARD_TOKEN];
static size_t mark_bytes; /* with the zero at its end; 0 for none */
static uint64_t began; /* when the guardian did, and no process of the run before it */

static char *put_number(char *at, int32_t number) {
  char digits[12];
  int count = 0;
  do digits[count++] = (char)('0' + number % 10);
  while ((number /= 10) > 0);
  while (count > 0) *at++ = digits[--count];
  return at;
}

static int open_of(int32_t pid, const char *name) {
  char path[64] = "/proc/";
  strcpy(put_number(path + 6, pid), name);
  return open(path, O_RDONLY | O_CLOEXEC);
}

static uint64_t number_at(const char *at) {
  uint64_t value = 0;
  while (*at >= '0' && *at <= '9') value = value * 10 + (uint64_t)(*at++ - '0');
  return value;
}

/* Fills an entry from /proc/PID/stat; 0 for a process that has ended. */
static int look(int32_t pid, struct entry *entry) {
  int file = open_of(pid, "/stat");
  if (file < 0) return 0;
  ssize_t got = read(file, text, sizeof text - 1);
  close(file);
  if (got <= 0) return 0;
  text[got] = 0;
  /* The name in parentheses may hold anything, so the last one counts. */
  char *at = strrchr(text, ')');
  if (at == NULL || at[1] == 0 || at[2] == 'Z' || at[2] == 'X') return 0;
  uint64_t fields[ENVIRONMENT_END + 1] = {0};
  int field = 2;
  for (at++; *at != 0 && field < ENVIRONMENT_END; at++)
    if (*at == ' ') fields[++field] = number_at(at + 1);
  *entry = (struct entry){.pid = pid, .parent = (int32_t)fields[4],
                          .session = (int32_t)fields[6], .start_time = fields[START_TIME],
                          .has_environment = fields[ENVIRONMENT_END] != 0};
  return field == ENVIRONMENT_END;
}

/* Whether the environment holds the mark as a whole entry; -1 where there is none to be seen. */
static int is_marked(int32_t pid) {
  if (mark_bytes == 0) return 0;
  int file = open_of(pid, "/environ");
  if (file < 0) return 0;
  size_t kept = 0;
  int at_start = 1;
  int found = -1;
  for (;;) {
    ssize_t got = read(file, text + kept, sizeof text - kept);
    if (got <= 0) break;
    size_t count = kept + (size_t)got;
    found = at_start && count >= mark_bytes && memcmp(text, mark, mark_bytes) == 0;
    for (size_t i = 0; !found && i + mark_bytes < count; i++)
      if (text[i] == 0 && memcmp(text + i + 1, mark, mark_bytes) == 0) found = 1;
    if (found) break;
    kept = count < mark_bytes ? count : mark_bytes;
    memmove(text, text + count - kept, kept);
    at_start = at_start && count < mark_bytes;
  }
  close(file);
  return found;
}

/* A session of the run: its number may have a new owner, but not one that began before it. */
static int is_in_session(const struct cairn_board *board, const struct entry *entry) {
  if (entry->session <= 1) return 0;
  for (int row = 0; row < CAIRN_BOARD_SESSIONS; row++)
    if (board->sessions[row].pid == entry->session)
      return entry->pid == entry->session ? entry->start_time == board->sessions[row].start_time
                                          : entry->start_time >= board->sessions[row].start_time;
  return 0;
}

static void look_at_all(const struct cairn_board *board) {
  static char names[TEXT_BYTES];
  int self = getpid();
  int folder = open("/proc", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  entry_count = 0;
  if (folder < 0) return;
  long got;
  while ((got = syscall(SYS_getdents64, folder, names, sizeof names)) > 0) {
    for (long at = 0; at < got;) {
      uint16_t length;
      memcpy(&length, names + at + DIRENT_LENGTH, sizeof length);
      int32_t pid = (int32_t)number_at(names + at + DIRENT_NAME);
      at += length;
      if (pid <= 1 || pid == self || entry_count == MOST_PROCESSES) continue;
      struct entry *entry = &entries[entry_count];
      if (!look(pid, entry)) continue;
      int marked = is_marked(pid);
      entry->is_ours = is_in_session(board, entry) || marked > 0;
      /* It may be in its exec, where a busy machine can leave it for a while. The kernel's own
         threads, children of 2, never have one. */
      entry->is_unsure = !entry->is_ours && marked < 0 && !entry->has_environment &&
                         entry->start_time >= began && entry->parent != 2;
      entry_count++;
    }
  }
  close(folder);
}

/* Whatever a process of the run has started belongs to it, too. */
static void add_descendants(void) {
  for (int changed = 1; changed;) {
    changed = 0;
    for (int i = 0; i < entry_count; i++) {
      for (int j = 0; !entries[i].is_ours && j < entry_count; j++) {
        if (!entries[j].is_ours || entries[j].pid != entries[i].parent) continue;
        entries[i].is_ours = changed = 1;
      }
    }
  }
}

/* Ends this process and no later one with its number. */
static void end(const struct entry *entry) {
  struct entry now;
  int pidfd = cairn_pidfd_open(entry->pid);
  if (pidfd < 0) return;
  if (look(entry->pid, &now) && now.start_time == entry->start_time)
    cairn_pidfd_send_signal(pidfd, SIGKILL);
  close(pidfd);
}

static void write_one(const char *folder, const char *name) {
  static char path[CAIRN_BOARD_PATH + 256 + 32];
  strcpy(path, folder);
  strcat(path, name);
  int file = open(path, O_WRONLY | O_CLOEXEC);
  if (file < 0) return;
  ssize_t done = write(file, "1", 1);
  (void)done;
  close(file);
}

/* Kills and removes the groups whose path begins with this text, a folder and the beginning of names. */
static void end_groups(const char *beginning) {
  static char path[CAIRN_BOARD_PATH + 256];
  static char names[TEXT_BYTES];
  const char *slash = strrchr(beginning, '/');
  if (slash == NULL) return;
  size_t count = (size_t)(slash - beginning);
  memcpy(path, beginning, count);
  path[count] = 0;
  int folder = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (folder < 0) return;
  path[count++] = '/';
  long got;
  while ((got = syscall(SYS_getdents64, folder, names, sizeof names)) > 0) {
    for (long at = 0; at < got;) {
      const char *name = names + at + DIRENT_NAME;
      uint16_t length;
      memcpy(&length, names + at + DIRENT_LENGTH, sizeof length);
      at += length;
      if (strncmp(name, slash + 1, strlen(slash + 1)) != 0) continue;
      strcpy(path + count, name);
      write_one(path, "/cgroup.kill");
      rmdir(path);
    }
  }
  close(folder);
}

static void end_all(const struct cairn_board *board) {
  struct timespec pause = {.tv_nsec = ROUND_NANOSECONDS};
  int quiet = 0;
  int is_unsure = 0;
  for (int round = 0; round < MOST_ROUNDS && (quiet < QUIET_ROUNDS || is_unsure); round++) {
    if (board->cgroup[0] != 0) write_one(board->cgroup, "/cgroup.kill");
    end_groups(board->groups);
    look_at_all(board);
    add_descendants();
    quiet++;
    is_unsure = 0;
    for (int i = 0; i < entry_count; i++) {
      is_unsure |= entries[i].is_unsure;
      if (!entries[i].is_ours) continue;
      quiet = 0;
      end(&entries[i]);
    }
    nanosleep(&pause, NULL);
  }
  end_groups(board->groups);
  if (board->cgroup[0] != 0) rmdir(board->cgroup);
}

/* In a process of its own: a terminal that does not answer must not keep the run alive. */
static void perform(cairn_last_act last_act) {
  if (last_act == NULL || syscall(SYS_clone, SIGCHLD, 0, 0, 0, 0) != 0) return;
  last_act();
  _exit(0);
}

static void watch(int lifeline, const struct cairn_board *board, cairn_last_act last_act) {
  char byte;
  prctl(PR_SET_NAME, "cairn-guardian", 0, 0, 0);
  setsid();
  cairn_reset_signals();
  struct entry self;
  began = look(getpid(), &self) ? self.start_time : 0;
  int null = open("/dev/null", O_RDWR);
  for (int stream = 0; stream < 3; stream++) dup2(null, stream);
  dup2(lifeline, 3);
  cairn_close_from(4);
  if (chdir("/") != 0) return;
  for (;;) {
    ssize_t got = read(3, &byte, 1);
    if (got == 0 || (got < 0 && errno != EINTR)) break;
  }
  perform(last_act);
  if (board == NULL) return;
  if (board->token[0] != 0) {
    strcpy(mark, "CAIRN_TOKEN=");
    strncat(mark, board->token, CAIRN_BOARD_TOKEN - 1);
    mark_bytes = strlen(mark) + 1;
  }
  end_all(board);
}

pid_t cairn_guardian_open(int lifeline, struct cairn_board *board, cairn_last_act last_act,
                          int *pidfd) {
  sigset_t all, before;
  sigfillset(&all);
  pthread_sigmask(SIG_SETMASK, &all, &before);
  /* Not fork, whose handlers take locks. It keeps this mask: only KILL ends it. */
  pid_t pid = (pid_t)syscall(SYS_clone, SIGCHLD, 0, 0, 0, 0);
  if (pid == 0) {
    watch(lifeline, board, last_act);
    _exit(0);
  }
  pthread_sigmask(SIG_SETMASK, &before, NULL);
  *pidfd = pid > 0 ? cairn_pidfd_open(pid) : -1;
  return pid;
}

struct cairn_board *cairn_board_open(void) {
  void *memory = mmap(NULL, sizeof(struct cairn_board), PROT_READ | PROT_WRITE,
                      MAP_SHARED | MAP_ANONYMOUS, -1, 0);
  return memory == MAP_FAILED ? NULL : memory;
}

void cairn_board_close(struct cairn_board *board) { munmap(board, sizeof *board); }

void cairn_board_set_token(struct cairn_board *board, const char *token) {
  if (strncmp(board->token, token, CAIRN_BOARD_TOKEN) == 0) return;
  board->token[0] = 0;
  if (strlen(token) < CAIRN_BOARD_TOKEN) strcpy(board->token, token);
}

void cairn_board_set_cgroup(struct cairn_board *board, const char *path) {
  if (strlen(path) < CAIRN_BOARD_PATH) strcpy(board->cgroup, path);
}

void cairn_board_set_groups(struct cairn_board *board, const char *beginning) {
  if (strlen(beginning) < CAIRN_BOARD_PATH) strcpy(board->groups, beginning);
}

void cairn_board_set_session(struct cairn_board *board, int row, pid_t pid, uint64_t start_time) {
  if (row < 0 || row >= CAIRN_BOARD_SESSIONS) return;
  /* Cairn may die between any two of these. */
  board->sessions[row].pid = 0;
  atomic_signal_fence(memory_order_seq_cst);
  board->sessions[row].start_time = start_time;
  atomic_signal_fence(memory_order_seq_cst);
  board->sessions[row].pid = pid;
}

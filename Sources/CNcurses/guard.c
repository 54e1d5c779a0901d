#define _GNU_SOURCE 1
#include "CNcurses.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <termios.h>
#include <unistd.h>

// All of it is read by signal handlers, so it is plain memory, written before `held` is set.
static int tty = -1;
static int pipe_end = -1;

enum { NAME_LIMIT = 256 };

// What it takes to give the terminal back; shared with whoever does so when we were killed.
struct hold {
  int is_held;
  char name[NAME_LIMIT]; // of the device; empty if it has none here
  struct termios before;
  struct termios ours;
  char restore[CAIRN_RESTORE_LIMIT];
  size_t restore_count;
  size_t base_count; // of these, those that are always needed
  int mouse;         // its reports are on
};
static struct hold unshared;
static struct hold *hold = &unshared;

// Standard error while the screen is open: a print or the text of a trap would land in the picture.
static int error_memory = -1;
static int error_saved = -1;
// At most this much of it, its end, is shown after leaving.
enum { ERROR_LIMIT = 64 * 1024 };
// Beyond this what was written to standard error is dropped, and gathering starts anew.
enum { ERROR_MEMORY_LIMIT = 1024 * 1024 };
// The restore bytes are given up if the terminal does not take them for this long.
enum { RESTORE_PATIENCE_MS = 200 };

static const int asking[] = {SIGTERM, SIGHUP, SIGINT, SIGQUIT, SIGWINCH, SIGCONT, SIGTSTP};
static const int fatal[] = {SIGSEGV, SIGBUS, SIGILL, SIGFPE, SIGABRT, SIGTRAP, SIGSYS};
enum { ASKING = sizeof asking / sizeof asking[0], FATAL = sizeof fatal / sizeof fatal[0] };
static struct sigaction asking_before[ASKING];
static struct sigaction fatal_before[FATAL];

static void write_patiently(int fd, const char *bytes, size_t count) {
  while (count > 0) {
    ssize_t done = write(fd, bytes, count);
    if (done > 0) {
      bytes += done;
      count -= (size_t)done;
    } else if (done < 0 && errno == EINTR) {
      continue;
    } else if (done < 0 && errno == EAGAIN) {
      struct pollfd wait = {.fd = fd, .events = POLLOUT};
      if (poll(&wait, 1, RESTORE_PATIENCE_MS) <= 0) return;
    } else {
      return;
    }
  }
}

static void release_errors(void) {
  if (error_memory < 0) return;
  dup2(error_saved, STDERR_FILENO);
  struct stat status;
  if (fstat(error_memory, &status) == 0) {
    off_t at = status.st_size > ERROR_LIMIT ? status.st_size - ERROR_LIMIT : 0;
    char piece[1024];
    ssize_t got;
    while ((got = pread(error_memory, piece, sizeof piece, at)) > 0) {
      write_patiently(STDERR_FILENO, piece, (size_t)got);
      at += got;
    }
  }
  close(error_memory);
  close(error_saved);
  error_memory = error_saved = -1;
}

static void capture_errors(void) {
  if (!isatty(STDERR_FILENO)) return;
  error_saved = fcntl(STDERR_FILENO, F_DUPFD_CLOEXEC, 3);
  error_memory = memfd_create("cairn-errors", MFD_CLOEXEC);
  if (error_saved < 0 || error_memory < 0) {
    if (error_saved >= 0) close(error_saved);
    if (error_memory >= 0) close(error_memory);
    error_saved = error_memory = -1;
    return;
  }
  fcntl(error_memory, F_SETFL, O_APPEND);
  dup2(error_memory, STDERR_FILENO);
}

void cairn_guard_trim(void) {
  struct stat status;
  if (error_memory < 0 || fstat(error_memory, &status) != 0) return;
  // It is written with O_APPEND, so the next byte comes first again.
  if (status.st_size > ERROR_MEMORY_LIMIT && ftruncate(error_memory, 0) != 0) return;
}

// Read by handlers while another thread may make it larger.
static size_t restore_count(void) { return __atomic_load_n(&hold->restore_count, __ATOMIC_SEQ_CST); }

// True for one caller only, in all processes that share it.
static int take_hold(void) { return __atomic_exchange_n(&hold->is_held, 0, __ATOMIC_SEQ_CST); }

void cairn_guard_leave(void) {
  if (!take_hold()) return;
  write_patiently(tty, hold->restore, restore_count());
  // Reports that nobody has read would be typed into the shell.
  if (__atomic_load_n(&hold->mouse, __ATOMIC_SEQ_CST)) tcflush(tty, TCIFLUSH);
  // Not TCSADRAIN, which waits for ever on a terminal that takes nothing.
  tcsetattr(tty, TCSANOW, &hold->before);
  release_errors();
}

void cairn_guard_abandon(void) {
  if (take_hold()) release_errors();
}

void cairn_guard_share(void) {
  if (hold != &unshared) return;
  void *memory = mmap(NULL, sizeof *hold, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
  if (memory == MAP_FAILED) return;
  memcpy(memory, hold, sizeof *hold);
  hold = memory;
}

static int is_same(const struct termios *one, const struct termios *other) {
  return one->c_iflag == other->c_iflag && one->c_oflag == other->c_oflag &&
         one->c_cflag == other->c_cflag && one->c_lflag == other->c_lflag &&
         memcmp(one->c_cc, other->c_cc, sizeof one->c_cc) == 0;
}

void cairn_guard_rescue(void) {
  struct termios now;
  // Unshared, it says how things stood when this process was cloned.
  if (hold == &unshared || !take_hold()) return;
  int device = open(hold->name, O_RDWR | O_NOCTTY | O_NONBLOCK | O_CLOEXEC);
  if (device < 0) return;
  // The modes first, for the shell takes them over at once; if it was quicker, it has set its own.
  if (tcgetattr(device, &now) == 0 && is_same(&now, &hold->ours))
    tcsetattr(device, TCSANOW, &hold->before);
  write_patiently(device, hold->restore, restore_count());
  close(device);
}

int cairn_guard_reset(void) { return tcsetattr(tty, TCSANOW, &hold->before); }

int cairn_guard_enter(void) {
  struct termios raw;
  if (tcgetattr(tty, &hold->before) != 0) return -1;
  raw = hold->before;
  raw.c_iflag &= ~(tcflag_t)(IGNBRK | BRKINT | PARMRK | ISTRIP | INLCR | IGNCR | ICRNL | IXON);
  // ncurses was told nonl(), so a line feed must stay one.
  raw.c_oflag &= ~(tcflag_t)OPOST;
  raw.c_lflag &= ~(tcflag_t)(ECHO | ECHONL | ICANON | ISIG | IEXTEN);
  raw.c_cc[VMIN] = 1;
  raw.c_cc[VTIME] = 0;
  if (tcsetattr(tty, TCSANOW, &raw) != 0) return -1;
  // As the terminal has it, which may lack some of what was asked.
  if (tcgetattr(tty, &hold->ours) != 0) hold->ours = raw;
  capture_errors();
  __atomic_store_n(&hold->is_held, 1, __ATOMIC_SEQ_CST);
  return 0;
}

static void on_asking(int number) {
  int before = errno;
  unsigned char byte = (unsigned char)number;
  ssize_t done = write(pipe_end, &byte, 1);
  (void)done;
  errno = before;
}

// Gives the terminal back, lets the handler before ours (the runtime's backtrace) have its say, and
// dies of the signal. Handing over by raise alone is not enough: the runtime's handler returns so that
// the fault happens again. A signal that somebody sent is no fault and has nothing to trace; its tracer
// was seen to hang.
static void on_fatal(int number, siginfo_t *info, void *context) {
  cairn_guard_leave();
  for (size_t i = 0; i < FATAL && info->si_code != SI_USER; i++) {
    if (fatal[i] != number) continue;
    const struct sigaction *before = &fatal_before[i];
    if (before->sa_flags & SA_SIGINFO)
      before->sa_sigaction(number, info, context);
    else if (before->sa_handler != SIG_DFL && before->sa_handler != SIG_IGN)
      before->sa_handler(number);
  }
  signal(number, SIG_DFL);
  // Pending until this handler returns.
  raise(number);
}

// A handler of ours that stays after close would write into a pipe that is gone.
static void install(void) {
  struct sigaction action;
  memset(&action, 0, sizeof action);
  sigfillset(&action.sa_mask);
  action.sa_handler = on_asking;
  action.sa_flags = SA_RESTART;
  for (size_t i = 0; i < ASKING; i++) sigaction(asking[i], &action, &asking_before[i]);
  sigemptyset(&action.sa_mask);
  action.sa_sigaction = on_fatal;
  action.sa_flags = SA_ONSTACK | SA_SIGINFO;
  for (size_t i = 0; i < FATAL; i++) sigaction(fatal[i], &action, &fatal_before[i]);
}

int cairn_guard_open(int descriptor, int signals) {
  static int registered;
  if (tcgetattr(descriptor, &hold->before) != 0) return -1;
  if (ttyname_r(descriptor, hold->name, sizeof hold->name) != 0) hold->name[0] = 0;
  tty = descriptor;
  pipe_end = signals;
  install();
  if (!registered) atexit(cairn_guard_leave);
  registered = 1;
  return 0;
}

void cairn_guard_close(void) {
  cairn_guard_leave();
  for (size_t i = 0; i < ASKING; i++) sigaction(asking[i], &asking_before[i], NULL);
  for (size_t i = 0; i < FATAL; i++) sigaction(fatal[i], &fatal_before[i], NULL);
  tty = pipe_end = -1;
}

void cairn_guard_stop(void) {
  struct sigaction ours, ignore, standard;
  memset(&ignore, 0, sizeof ignore);
  ignore.sa_handler = SIG_IGN;
  memset(&standard, 0, sizeof standard);
  standard.sa_handler = SIG_DFL;
  // The others of the job first; our own stop must have happened when raise returns.
  sigaction(SIGTSTP, &ignore, &ours);
  kill(0, SIGTSTP);
  sigaction(SIGTSTP, &standard, NULL);
  raise(SIGTSTP);
  sigaction(SIGTSTP, &ours, NULL);
}

void cairn_guard_thread(const char *name) {
  pthread_setname_np(pthread_self(), name);
  // A thread of a pool starts us with all signals blocked: then raise would only make a stop pending,
  // and a fault would kill without our handler.
  sigset_t none;
  sigemptyset(&none);
  pthread_sigmask(SIG_SETMASK, &none, NULL);
  // Lives as long as the thread, which lives as long as the process.
  static char stack[64 * 1024];
  stack_t alternative = {.ss_sp = stack, .ss_size = sizeof stack};
  sigaltstack(&alternative, NULL);
}

void cairn_guard_set_restore(const char *bytes, size_t count) {
  hold->restore_count = count < sizeof hold->restore ? count : sizeof hold->restore;
  memcpy(hold->restore, bytes, hold->restore_count);
  hold->base_count = hold->restore_count;
  hold->mouse = 0;
}

void cairn_guard_extend_restore(const uint8_t *bytes, size_t count, int mouse) {
  size_t room = sizeof hold->restore - hold->base_count;
  if (count > room) count = room;
  // Whoever restores meanwhile does without them, or has them whole.
  __atomic_store_n(&hold->restore_count, hold->base_count, __ATOMIC_SEQ_CST);
  memcpy(hold->restore + hold->base_count, bytes, count);
  __atomic_store_n(&hold->restore_count, hold->base_count + count, __ATOMIC_SEQ_CST);
  __atomic_store_n(&hold->mouse, mouse, __ATOMIC_SEQ_CST);
}

size_t cairn_guard_restore_bytes(char *bytes, size_t limit) {
  size_t count = hold->restore_count < limit ? hold->restore_count : limit;
  memcpy(bytes, hold->restore, count);
  return count;
}

int cairn_wakeup_open(void) { return eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK); }

int cairn_pipe_open(int *reading, int *writing) {
  int ends[2];
  if (pipe2(ends, O_CLOEXEC | O_NONBLOCK) != 0) return -1;
  *reading = ends[0];
  *writing = ends[1];
  return 0;
}

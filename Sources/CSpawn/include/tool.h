#ifndef CAIRN_TOOL_H
#define CAIRN_TOOL_H

#include <sys/types.h>

/* A program of Cairn's own, such as git: no task, and nothing that outlives its caller. */
struct cairn_tool {
  const char *path; /* execve looks nothing up */
  char *const *arguments;
  char *const *environment;
  const char *directory;
  int input; /* above 2, all three */
  int output;
  int errors;
};

/* Starts it as the first of a process group, in our session, and returns its pid once exec has
   succeeded; else -1 and `error`. It dies with the calling thread. From any thread. */
pid_t cairn_tool_start(const struct cairn_tool *tool, int *error);

#endif

#ifndef CAIRN_PROBE_H
#define CAIRN_PROBE_H

#include <stdint.h>

/* The f_type of statfs(2), which Swift's Glibc does not show; 0 if the path cannot be asked. */
uint64_t cairn_file_system_type(const char *path);

/* Whether the kernel, and what filters its calls, lets this process do something.
   Each returns 0, or the errno that stands in the way; nothing is left behind. */
int cairn_probe_pidfd(void);
int cairn_probe_clone3(void);
int cairn_probe_close_range(void);
int cairn_probe_epoll(void);

/* A PID namespace of our own: by right, or within a user namespace. */
int cairn_probe_pid_namespace(void);
int cairn_probe_user_namespace(void);

#endif

#ifndef CSOCKET_H
#define CSOCKET_H

#include <sys/types.h>

// What Swift's Glibc module leaves out, because it is GNU's alone.

// accept4(2): the descriptor is non-blocking and closed on exec from its first moment on; -1 and errno.
int cairn_socket_accept(int listener);

// SO_PEERCRED: who made the connection, as the kernel noted then; 0, or -1 and errno.
int cairn_socket_peer(int socket, uid_t *user, pid_t *process);

// eventfd(2), non-blocking, closed on exec; -1 and errno.
int cairn_socket_bell(void);

// Names the calling thread, for `top -H` and debuggers; at most 15 bytes.
void cairn_socket_name_thread(const char *name);

#endif

#define _GNU_SOURCE 1
#include "CSocket.h"

#include <pthread.h>
#include <sys/eventfd.h>
#include <sys/socket.h>

int cairn_socket_accept(int listener) {
  return accept4(listener, 0, 0, SOCK_CLOEXEC | SOCK_NONBLOCK);
}

int cairn_socket_peer(int socket, uid_t *user, pid_t *process) {
  struct ucred credentials;
  socklen_t length = sizeof credentials;
  if (getsockopt(socket, SOL_SOCKET, SO_PEERCRED, &credentials, &length) != 0) return -1;
  *user = credentials.uid;
  *process = credentials.pid;
  return 0;
}

int cairn_socket_bell(void) { return eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK); }

void cairn_socket_name_thread(const char *name) { pthread_setname_np(pthread_self(), name); }

#define _GNU_SOURCE
#include "CSpawn.h"
#include "filter.h"

#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/prctl.h>

struct cairn_starter {
  pthread_t thread;
  pthread_mutex_t lock;
  pthread_cond_t changed;
  /* What is to be started; NULL when there is nothing to do. */
  const struct cairn_launch *launch;
  struct cairn_started started;
  int listener; /* -1 before the filter is there */
  int error;
  int is_ready;
  int is_ending;
};

static void serve(struct cairn_starter *starter) {
  pthread_mutex_lock(&starter->lock);
  for (;;) {
    while (starter->launch == NULL && !starter->is_ending)
      pthread_cond_wait(&starter->changed, &starter->lock);
    if (starter->is_ending) break;
    /* Who waits for the answer has nothing else to do with this. */
    starter->started = cairn_spawn(starter->launch);
    starter->launch = NULL;
    pthread_cond_broadcast(&starter->changed);
  }
  pthread_mutex_unlock(&starter->lock);
}

static void *run(void *argument) {
  struct cairn_starter *starter = argument;
  prctl(PR_SET_NAME, "cairn.starter");
  int listener = cairn_filter_install();
  pthread_mutex_lock(&starter->lock);
  starter->listener = listener;
  starter->error = listener < 0 ? errno : 0;
  starter->is_ready = 1;
  pthread_cond_broadcast(&starter->changed);
  pthread_mutex_unlock(&starter->lock);
  if (listener >= 0) serve(starter);
  return NULL;
}

/* Signals are for other threads: all but CHLD, which the kernel drops where it is not blocked. */
static int start_thread(struct cairn_starter *starter) {
  sigset_t all, before;
  sigfillset(&all);
  sigdelset(&all, SIGCHLD);
  pthread_sigmask(SIG_SETMASK, &all, &before);
  int error = pthread_create(&starter->thread, NULL, run, starter);
  pthread_sigmask(SIG_SETMASK, &before, NULL);
  return error;
}

static void destroy(struct cairn_starter *starter) {
  pthread_cond_destroy(&starter->changed);
  pthread_mutex_destroy(&starter->lock);
  free(starter);
}

struct cairn_starter *cairn_starter_open(int *listener, int *error) {
  struct cairn_starter *starter = calloc(1, sizeof *starter);
  if (starter == NULL) {
    *error = ENOMEM;
    return NULL;
  }
  pthread_mutex_init(&starter->lock, NULL);
  pthread_cond_init(&starter->changed, NULL);
  *error = start_thread(starter);
  if (*error != 0) {
    destroy(starter);
    return NULL;
  }
  pthread_mutex_lock(&starter->lock);
  while (!starter->is_ready) pthread_cond_wait(&starter->changed, &starter->lock);
  pthread_mutex_unlock(&starter->lock);
  *error = starter->error;
  *listener = starter->listener;
  if (*listener >= 0) return starter;
  pthread_join(starter->thread, NULL);
  destroy(starter);
  return NULL;
}

struct cairn_started cairn_starter_spawn(struct cairn_starter *starter,
                                         const struct cairn_launch *launch) {
  pthread_mutex_lock(&starter->lock);
  starter->launch = launch;
  pthread_cond_broadcast(&starter->changed);
  while (starter->launch != NULL) pthread_cond_wait(&starter->changed, &starter->lock);
  struct cairn_started started = starter->started;
  pthread_mutex_unlock(&starter->lock);
  return started;
}

void cairn_starter_close(struct cairn_starter *starter) {
  pthread_mutex_lock(&starter->lock);
  starter->is_ending = 1;
  pthread_cond_broadcast(&starter->changed);
  pthread_mutex_unlock(&starter->lock);
  pthread_join(starter->thread, NULL);
  destroy(starter);
}

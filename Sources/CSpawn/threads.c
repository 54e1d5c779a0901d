#define _GNU_SOURCE
#include "CSpawn.h"

#include <malloc.h>
#include <pthread.h>

void cairn_save_address_space(size_t stack) {
  mallopt(M_ARENA_MAX, 1);
  pthread_attr_t traits;
  if (pthread_getattr_default_np(&traits) != 0) return;
  if (pthread_attr_setstacksize(&traits, stack) == 0) pthread_setattr_default_np(&traits);
  pthread_attr_destroy(&traits);
}

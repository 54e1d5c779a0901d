#ifndef CAIRN_FILTER_H
#define CAIRN_FILTER_H

/* A system call that changes the file tree, by the numbers of its arguments; -1 for none. */
struct cairn_rule {
  int number;
  signed char folders[2]; /* without one a path is the working directory's */
  signed char paths[2];
  signed char flags;  /* of open(2); for openat2(2) the address of its struct */
  signed char follows; /* a link at the end of its path */
  signed char makes;   /* what is not there yet, and nothing else */
};

const struct cairn_rule *cairn_rule_of(int number);

/* Puts the calling thread under a filter that asks before each of them; returns the listener, or -1 and
   errno. */
int cairn_filter_install(void);

#endif

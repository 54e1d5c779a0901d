#ifndef CAIRN_CHILD_H
#define CAIRN_CHILD_H

/* Both only make system calls, so they may be used between a fork and an exec. */
void cairn_reset_signals(void);
void cairn_close_from(int first);

#endif

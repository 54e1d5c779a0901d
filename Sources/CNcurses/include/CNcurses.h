#ifndef CAIRN_NCURSES_H
#define CAIRN_NCURSES_H
#endif

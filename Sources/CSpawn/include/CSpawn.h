#ifndef CAIRN_SPAWN_H
#define CAIRN_SPAWN_H
#endif

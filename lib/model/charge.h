/* SPDX-License-Identifier: Apache-2.0 */
/* What a task has of its host. A charge lives in what it pays for: what was taken is written here and given back from here, so that a
 * release can never be another amount than what was taken, nor happen twice. CPU and memory are two numbers in the task; a host port and
 * a GPU are a node each, which the engine finds the holder by. */
#ifndef MODEL_CHARGE_H
#define MODEL_CHARGE_H

#include "base/list.h"
#include "base/map.h"
#include "model/limits.h"

struct task;

enum port_origin {
    PORT_FIXED = 0,  /* the document names it */
    PORT_CHOSEN = 1, /* the engine chose it */
    PORT_SEEN = 2,   /* the runtime chose it; not in the record: the container's bindings are */
};

struct port_charge {
    struct map_node by_port; /* the engine's, while the task is */
    struct list link;        /* of the task */
    struct task *task;
    uint16_t port;
    uint16_t container;      /* index */
    uint16_t mapping;        /* index; not of a SEEN one */
    uint16_t container_port;
    uint8_t protocol;        /* enum protocol */
    uint8_t origin;          /* enum port_origin */
};

struct gpu_charge {
    struct list link; /* of the task */
    struct list held; /* the engine's: all */
    struct task *task;
    uint16_t container;
    char id[LIMIT_GPU_ID + 1];
};

#endif

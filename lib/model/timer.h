/* SPDX-License-Identifier: Apache-2.0 */
/* A deadline of the engine, living in what waits for it. */
#ifndef MODEL_TIMER_H
#define MODEL_TIMER_H

#include "base/heap.h"

enum timer_kind {
    TIMER_NONE = 0,
    TIMER_OP,            /* struct ecsengine_op: its time is over */
    TIMER_RETRY,         /* struct container: try again */
    TIMER_INSPECT,       /* struct container: inspect again */
    TIMER_START_TIMEOUT, /* struct container: its dependents look again */
    TIMER_RESOURCE,       /* struct resource: try to remove it again */
    TIMER_TASK,          /* struct task: cleanup */
    TIMER_RUNTIME,       /* struct engine: subscribe or ask for facts again */
    TIMER_ORPHAN,        /* an orphan (engine/orphans.c): try to remove it again */
    TIMER_POLL,          /* struct engine: look at all containers */
    TIMER_AGENT,         /* struct agent: what its phase says is due */
};

struct timer {
    struct heap_node node;
    uint8_t kind;
};

#endif

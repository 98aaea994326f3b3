/* SPDX-License-Identifier: Apache-2.0 */
/* A bare runtime in the process: it answers each operation at once and sends the events that Docker would, and does next to nothing
 * beside, so that what is measured is the engine. An inspection is asked for after a start and a stop, as with Docker: nothing is sent
 * along that would save it. */
#ifndef BENCH_BARE_H
#define BENCH_BARE_H

#include <stdbool.h>

#include "ecsengine/ecsengine.h"

struct bare_container {
    int64_t started_at, finished_at; /* 0: not yet */
    int32_t host_port;               /* 0: none */
    bool udp;
};

struct bare {
    ecsengine *engine;
    int64_t wall_ns; /* the clock of what it reports */
    struct bare_container *containers;
    size_t count, cap;
    uint64_t ops, events;
};

/* Joins it to the engine; the structure must outlive that. */
void bare_attach(struct bare *bare, ecsengine *engine);
void bare_close(struct bare *bare); /* after the engine's end */
/* The CPU time that its own work costs a life of one container, calls of the library left out, in ns. */
int64_t bare_own_cost_ns(void);

#endif

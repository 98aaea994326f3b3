/* SPDX-License-Identifier: Apache-2.0 */
/* Lives of many tasks: up, down, cleaned up. */
#ifndef BENCH_LIFECYCLE_H
#define BENCH_LIFECYCLE_H

#include "host.h"

struct lifecycle {
    /* what is measured */
    size_t tasks;
    struct payload_shape shape;
    bool on_simulator, manifests;
    bool counts; /* through an allocator that counts, which costs some time itself */
    enum host_store store;
    unsigned burst; /* commands a turn */

    /* what came of it */
    struct moment up;    /* from the first add to all RUNNING with every event taken; documents were made before */
    struct moment down;  /* from the first stop to all STOPPED */
    struct moment clean; /* until all are removed */
    struct moment add;   /* of `up`: within ecsengine_task_add(), which parses */
    uint64_t turns, ops, events;
    uint64_t allocations;     /* through the engine's allocator: with `counts` */
    uint64_t add_allocations; /* of them, those of ecsengine_task_add() */
    int64_t engine_bytes;     /* outstanding in that allocator with all tasks RUNNING, beyond those of the idle engine */
    int64_t resident_bytes;   /* by which the process grew until then */
    int64_t runtime_bytes;    /* of `resident_bytes`, what the bare runtime keeps */
    int64_t stopping_since_ns; /* on the host's clock */
};

void lifecycle_run(struct lifecycle *run);
/* CPU a lifecycle from the first add to all cleaned up, in ns: with and without ecsengine_task_add(). */
double lifecycle_cpu_ns(const struct lifecycle *run);
double lifecycle_engine_ns(const struct lifecycle *run);

#endif

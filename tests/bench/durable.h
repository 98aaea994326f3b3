/* SPDX-License-Identifier: Apache-2.0 */
/* Lives of tasks whose every change is made durable, on the simulated runtime: so many at once, each added when another one is gone. */
#ifndef BENCH_DURABLE_H
#define BENCH_DURABLE_H

#include "host.h"

enum { DURABLE_PATH = 256 };

enum durable_store {
    DURABLE_SQLITE, /* libecsengine-sqlite */
    DURABLE_PLAIN,  /* the bench's own writer (plain.h); then its batches alone, as what SQLite allows */
};

struct durable {
    /* what is measured */
    enum durable_store store;
    size_t concurrent, lives;
    struct payload_shape shape;
    char folder[DURABLE_PATH]; /* on the disk in question; a file is made there and removed */

    /* what came of it */
    struct moment took;     /* from the first add to the last task removed */
    int64_t engine_cpu_ns;  /* of `took`, on the thread that dispatches: the engine, the simulator, the host's loop */
    uint64_t commits, records, value_bytes;
    int64_t syncs, file_bytes; /* of the file and its log */
    int64_t file_size, log_size_max;
    struct moment alone;    /* DURABLE_PLAIN: the batches written again with no engine */
};

void durable_run(struct durable *run);

/* Tasks that run, kept, and given back to a new engine. */
struct durable_restore {
    /* what is measured */
    size_t tasks;
    struct payload_shape shape;
    char folder[DURABLE_PATH];

    /* what came of it */
    int64_t file_size;
    struct moment attach;   /* ecsengine_sqlite_attach(): the records are read, checked, and a live engine is made of them */
    struct moment known;    /* from there until each container was looked at, and nothing is left to do */
    uint64_t records, value_bytes; /* that the new engine has written by then */
    uint64_t looks;         /* inspections that were asked for meanwhile */
    uint64_t lists;
    size_t looks_at_once;   /* the most in one turn */
};

void durable_restore_run(struct durable_restore *run);

#endif

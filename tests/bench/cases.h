/* SPDX-License-Identifier: Apache-2.0 */
/* What is measured beside whole lives. Each function makes its own engine, and leaves nothing. */
#ifndef BENCH_CASES_H
#define BENCH_CASES_H

#include "host.h"

/* parse.c: one document, in ns; `add_ns` is ecsengine_task_add() without the queueing of the command, measured as that of a stop. */
struct parse_cost {
    size_t bytes;
    int64_t add_ns;
    int64_t queue_ns;   /* what a command costs beside its document */
    int64_t jansson_ns; /* json_loadb() and json_decref(): a tree, without any meaning */
    double add_allocations, jansson_bytes;
};

void parse_measure(bool large, size_t repeats, struct parse_cost *out_cost);

/* admission.c: `queued` tasks wait, and `admitted` of them are let in one after another, as running ones end. */
struct admission_cost {
    size_t queued, admitted;
    int64_t enqueue_ns; /* CPU to add one to the queue, its parsing included */
    int64_t admit_ns;   /* CPU from one stop to the next task RUNNING */
};

void admission_measure(size_t queued, size_t admitted, bool ports, const char *policy, struct admission_cost *out_cost);

/* latency.c: `running` tasks run; one stops and another is added in each round of turns. */
struct latency_cost {
    size_t running, rounds;
    int64_t turn_p50_ns, turn_p99_ns;
    int64_t round_cpu_ns; /* CPU of one round: a whole life, spread over tasks */
    size_t woken_an_hour; /* wake-ups while nothing is given to do, for an hour of the engine's time */
};

void latency_measure(size_t running, size_t rounds, bool ports, struct latency_cost *out_cost);

/* restore.c: the records of `tasks` running tasks are given to a new engine. */
struct restore_cost {
    size_t tasks;
    int64_t records_ns; /* CPU, from the first record to the end of ecsengine_restore_end() */
    int64_t ready_ns;   /* CPU, until each container was looked at, and nothing is left to do */
};

void restore_measure(size_t tasks, bool ports, struct restore_cost *out_cost);

#endif

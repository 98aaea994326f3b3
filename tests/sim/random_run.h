/* SPDX-License-Identifier: Apache-2.0 */
/* A run that is drawn from a seed: tasks, what their containers do, how the runtime, the store, the clocks and people misbehave, and when.
 * Whatever is drawn, the invariants hold (invariants.h); and when the faults are over every task comes to its goal, and at last, stopped,
 * to its end. */
#ifndef TEST_RANDOM_RUN_H
#define TEST_RANDOM_RUN_H

#include "faults.h"
#include "harness.h"

enum { RUN_ITEMS_MAX = 512 };

struct run_options {
    uint64_t seed;
    const bool *without; /* RUN_ITEMS_MAX flags: items that take no part; NULL: all do */
};

struct run_report {
    uint64_t struck[FAULTS];
    uint64_t checked[INVARIANTS];
    uint64_t turns, ops, events, tasks, containers;
    uint64_t reached; /* tasks that ran, or waited for good reason, when the faults were over */
    unsigned items;
};

/* What the harness uses (traces, memory) the caller says before; what does not hold is in harness->broken. The report is added to. */
void random_run(const struct run_options *options, struct harness *harness, struct run_report *report);

#endif

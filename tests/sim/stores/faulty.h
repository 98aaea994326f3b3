/* SPDX-License-Identifier: Apache-2.0 */
/* A store that has trouble with its n-th write under a scenario. Two programs have the same main(): store_memory, where a write is a
 * batch, and store_sqlite, where it is a write or a sync of a file. */
#ifndef TEST_FAULTY_H
#define TEST_FAULTY_H

#include "ends.h"
#include "scenario.h"

struct fault_kind {
    const char *name;
    const char *text;
    bool takes_time; /* so that what a scenario does at a time comes upon something else: then ends are not compared */
};
extern const struct fault_kind fault_kinds[];
extern const size_t fault_kind_count;
extern const char *const faulty_writes; /* what is counted, in words */

struct faulty_run {
    const struct scenario *scenario;
    const char *path;
    size_t kind; /* an index */
    uint64_t at; /* the write that it strikes, from 1; 0: none */
    /* what comes of it: */
    bool struck;
    uint64_t restarts; /* of a store that was torn, from what was durable */
};

/* Runs the scenario on the harness, which the caller frees; what does not hold is in harness->broken. */
void faulty_run(struct faulty_run *run, struct harness *harness);

#endif

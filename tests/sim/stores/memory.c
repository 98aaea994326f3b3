/* SPDX-License-Identifier: Apache-2.0 */
/* The memory store: trouble with whole batches (trouble.h). */
#include "faulty.h"

const struct fault_kind fault_kinds[] = {
    {"fails", "fails once", false},
    {"full", "and all after it for a minute find the store full", true},
    {"slow", "is answered two seconds later", true},
    {"torn", "fails, and the process dies before it hears of it", false},
};
const size_t fault_kind_count = sizeof(fault_kinds) / sizeof(fault_kinds[0]);
const char *const faulty_writes = "batches";

void faulty_run(struct faulty_run *run, struct harness *harness)
{
    *harness = (struct harness){
        .with_store = true,
        .deaths.counts = true,
        .trouble = {.kind = run->at != 0 ? (enum trouble_kind)(TROUBLE_FAILS + run->kind) : TROUBLE_NONE, .at = run->at},
    };
    scenario_run(run->scenario, harness, COMPARE_NOTHING);
    run->struck = run->at != 0 && harness->trouble.batches >= run->at;
    run->restarts = harness->deaths.died;
}

/* SPDX-License-Identifier: Apache-2.0 */
/* Shows a real engine and its simulated world to the checker of invariants. */
#ifndef TEST_WATCH_H
#define TEST_WATCH_H

#include "harness.h"

void watch_start(struct harness *harness); /* makes harness->invariants and harness->watch */
void watch_free(struct watch *watch);
void watch_restart(struct harness *harness);

void watch_op(struct harness *harness, const ecsengine_op *op);
void watch_event(struct harness *harness, const struct seen_event *event);
void watch_turn(struct harness *harness);

/* What is not saved can not be relied on, and is tried again: the last that was heard of the store is that it fails. */
bool watch_store_fails(const struct harness *harness);

/* At rest: the first of those that wait for the host's resources does not fit. */
void watch_head(struct harness *harness);

/* At rest: looks at every explanation (explained.h). */
void watch_explain(struct harness *harness);

/* At rest, with nothing on its way to the store: another engine is given a copy of the records, and describes the same. */
void watch_copy(struct harness *harness);

/* Without faults since long: is every task where it should be? */
void watch_goals(struct harness *harness);

/* Lets time pass until all tasks are removed, which must be within so much. */
void watch_until_removed(struct harness *harness, int64_t patience_ns);

/* All tasks are removed: has the store the engine's own record alone? */
void watch_records(struct harness *harness);

/* All tasks are removed: is everything else gone, too? */
void watch_end(struct harness *harness);

#endif

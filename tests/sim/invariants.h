/* SPDX-License-Identifier: Apache-2.0 */
/* What holds in every run, whatever goes wrong around the engine:
 *
 *   - a container's known status never goes back, as the engine describes it
 *   - each status of a container and of a task is told at most once, and never an earlier one after a later one
 *   - one STOPPED for each task, after the STOPPED of each of its containers
 *   - a container is created only when the conditions of its dependencies hold in the simulated world
 *   - a container is asked to stop only when nothing that depends on it runs any more
 *   - when a task was removed, none of its containers is left
 *   - no id of an operation comes twice
 *
 * Tasks are made known with their dependencies; what is not known is checked as far as it can be. */
#ifndef TEST_INVARIANTS_H
#define TEST_INVARIANTS_H

#include "harness.h"

struct invariants *invariants_new(void);
void invariants_free(struct invariants *invariants);

/* A task as its payload has it: names and `dependsOn` are read from the document. Bad documents are ignored. */
void invariants_know(struct invariants *invariants, const char *document);

/* Containers that may be left behind by this task (a stop that never worked). */
void invariants_may_leave(struct invariants *invariants, const char *task, size_t containers);

/* The world was tampered with (containers restarted, killed or removed from outside; a stop given up): the order of stops is not
 * checked from now on. */
void invariants_tampered(struct invariants *invariants);

void invariants_on_op(struct harness *harness, const ecsengine_op *op);
void invariants_on_event(struct harness *harness, const struct seen_event *event);
void invariants_after_turn(struct harness *harness);

/* A new engine: ids start again, and what is not acknowledged is told again. */
void invariants_on_restart(struct invariants *invariants);

/* Every task that was told of is STOPPED and removed. */
bool invariants_all_removed(const struct invariants *invariants);

#endif

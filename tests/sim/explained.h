/* SPDX-License-Identifier: Apache-2.0 */
/* What must be true of every explanation when the engine has come to rest (the turn is over, nothing is due, nothing waits to be taken):
 *
 *   - every task and every container has a cause, and none is `moving`: what does not move says why
 *   - a time at which the engine will act itself lies ahead, and the engine's deadline is not later
 *   - an operation that is said to be in flight was submitted, with that kind, for that container
 *   - who waits for another container waits for one that can still move, and nobody waits for himself in the end
 *   - the first of the queue lacks something of the host; who stands behind another names one that waits too
 *   - an event that is said to be not acknowledged is not
 *   - who waits for a pull slot names as many holders as there are slots
 */
#ifndef TEST_EXPLAINED_H
#define TEST_EXPLAINED_H

#include <jansson.h>

#include "harness.h"

/* The explanation of a task, by the last part of its ARN; NULL: there is no such task. A new reference. */
json_t *explained(struct harness *harness, const char *task);

/* Looks at every task, at rest; what does not hold goes to harness->broken. Does nothing when memory is to fail. */
void explained_check(struct harness *harness);

/* If set: is called with each cause that explained() and explained_check() see. */
extern void (*explained_seen)(const json_t *cause);

#endif

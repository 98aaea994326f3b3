/* SPDX-License-Identifier: Apache-2.0 */
/* What the host has, and the charges against it (task-engine: sections 6.1 to 6.4). */
#ifndef ENGINE_ACCOUNTING_H
#define ENGINE_ACCOUNTING_H

#include "engine/engine.h"

/* Capacity becomes known: from the settings, and from what INFO said (NULL: it can't say; what is not set is unbounded). */
void accounting_learn(struct engine *engine, const struct ecsengine_result *info);
/* Why the task does not fit now, as one clause of at most `size` bytes in `why`; false if it fits. */
bool accounting_lacks(const struct engine *engine, const struct task *task, char *why, size_t size);
/* Takes what the task needs; it must fit, or be running already. Idempotent. */
void accounting_charge(struct engine *engine, struct task *task);
/* Gives back what it took. Idempotent. */
void accounting_release(struct engine *engine, struct task *task);

#endif

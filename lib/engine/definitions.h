/* SPDX-License-Identifier: Apache-2.0 */
/* Definitions, kept once each. */
#ifndef ENGINE_DEFINITIONS_H
#define ENGINE_DEFINITIONS_H

#include "engine/engine.h"

/* Makes the task use the engine's copy of its definition, or makes its definition that copy. Room was reserved. */
void definitions_share(struct engine *engine, struct task *task);
/* The task will not use its definition any more; the last one takes it out of the table. Before task_free(). */
void definitions_drop(struct engine *engine, struct task *task);
/* By the hash of its content; NULL: unknown. Borrowed. */
struct definition *definitions_find(const struct engine *engine, uint64_t hash);

#endif

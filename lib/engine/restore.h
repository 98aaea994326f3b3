/* SPDX-License-Identifier: Apache-2.0 */
/* From records back to a live engine (task-engine: section 10). */
#ifndef ENGINE_RESTORE_H
#define ENGINE_RESTORE_H

#include "engine/engine.h"

/* Keeps one record until all are given. ECORRUPT, EUNSUPPORTED (a newer version), ENOMEM. */
int restore_record(struct engine *engine, const char *key, const void *value, size_t len);
/* All are given: makes tasks of them. ENOMEM: call again. */
int restore_end(struct engine *engine);
/* Throws away what was not made a task of. */
void restore_forget(struct engine *engine);

/* Keys. `key` has room for LIMIT_RECORD_KEY bytes. */
void restore_key_of_task(const struct task *task, char *key);
void restore_key_of_definition(const struct definition *definition, char *key);
#define RESTORE_KEY_OF_ENGINE "engine"

#endif

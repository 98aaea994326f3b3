/* SPDX-License-Identifier: Apache-2.0 */
/* Task manifests and verified stops (task-engine: section 8.6). */
#ifndef ENGINE_MANIFEST_H
#define ENGINE_MANIFEST_H

#include "engine/engine.h"

/* Commands. ENOMEM: nothing was done. */
int manifest_compare(struct engine *engine, struct command *command);
int manifest_verified(struct engine *engine, struct command *command);
int manifest_sequence(struct engine *engine, struct command *command);

#endif

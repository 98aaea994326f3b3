/* SPDX-License-Identifier: Apache-2.0 */
/* A container's known status: what a change does to it and to its task (task-engine: sections 5.3 to 5.7). */
#ifndef ENGINE_CONTAINER_H
#define ENGINE_CONTAINER_H

#include "engine/engine.h"
#include "engine/ops.h"

/* A container is, or failed to become, `status`. `record` is what an inspection saw, `failure` what went wrong; either may be NULL. A
 * status that is not above the known one changes nothing (but a running container's record is merged). */
void container_change(struct engine *engine, struct container *container, container_status status,
                      const struct ecsengine_result *record, const struct failure *failure);
/* A container that ran is STOPPED, whatever its restart policy says. Of `failure` only name and text are looked at; kind NONE: none. */
void container_end(struct engine *engine, struct container *container, const struct failure *failure);
/* A failed transition into RUNNING whose outcome is not certain (5.4): the container may run. */
bool container_may_run(const struct failure *failure);
/* Takes over what an inspection saw (5.7). */
void container_merge(struct engine *engine, struct container *container, const struct ecsengine_result *record);
/* Keeps `Name: text` as the container's reason, if it has none yet: the first error sticks. */
void container_set_error(struct engine *engine, struct container *container, const char *name, const char *text);
/* Keeps how the last try went, until the next one is over (NULL: it went well). */
void container_trouble(struct engine *engine, struct container *container, const struct failure *failure);
/* The runtime's id has become known. */
void container_set_id(struct engine *engine, struct container *container, struct str *id);
void container_set_health(struct engine *engine, struct container *container, enum ecsengine_health health, struct str *output);
/* By the runtime's id or the runtime name; NULL: none of ours. */
struct container *container_lookup(const struct engine *engine, const char *id_or_name);

#endif

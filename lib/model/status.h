/* SPDX-License-Identifier: Apache-2.0 */
/* The statuses of tasks and containers: names, order, and what a container's status means for its task (task-engine: section 1). */
#ifndef MODEL_STATUS_H
#define MODEL_STATUS_H

#include <stdbool.h>

#include "ecsengine/task.h"

/* Stored in a byte each; the public enums are four. */
typedef uint8_t container_status;
typedef uint8_t task_status;

enum { CONTAINER_STEADY = ECSENGINE_CONTAINER_RUNNING }; /* of every container that this engine has so far */

static inline bool container_is_running(container_status status)
{
    return status == ECSENGINE_CONTAINER_RUNNING || status == ECSENGINE_CONTAINER_RESOURCES_PROVISIONED;
}

/* What a container that is known to be in `status` lets its task be. */
task_status task_status_of_container(container_status status);
/* What a task that shall be in `desired` wants of its containers. */
container_status container_status_for_task(task_status desired);
/* A task status as a document has it: NONE, MANIFEST_PULLED, CREATED, RUNNING, STOPPED, UNKNOWN (NONE), DEAD (STOPPED). */
bool task_status_parse(const char *name, task_status *out_status);

#endif

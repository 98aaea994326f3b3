/* SPDX-License-Identifier: Apache-2.0 */
/* The statuses of tasks and containers: names, order, and what a container's status means for its task (task-engine: section 1). */
#ifndef MODEL_STATUS_H
#define MODEL_STATUS_H

#include <stdbool.h>

#include "ecsengine/task.h"

/* Stored in a byte each; the public enums are four. */
typedef uint8_t container_status;
typedef uint8_t task_status;
typedef uint8_t resource_status;

/* Of what a task has beside its containers (task-engine: 1.6). CREATED is where it stays, REMOVED the end; REMOVED says that it is not
 * wanted any more, not that it is gone. */
enum { RESOURCE_NONE = 0, RESOURCE_CREATED = 1, RESOURCE_REMOVED = 2 };

static inline bool container_is_running(container_status status)
{
    return status == ECSENGINE_CONTAINER_RUNNING || status == ECSENGINE_CONTAINER_RESOURCES_PROVISIONED;
}

/* `steady` is where a container stays while its task runs: RUNNING, or RESOURCES_PROVISIONED where the host does something for it after its
 * start (task-engine: 1.5). */

/* What a container that is known to be in `status` lets its task be (1.3). */
task_status task_status_of_container(container_status status, container_status steady);
/* What a task that shall be in `desired` wants of a container, and of a resource. */
container_status container_status_for_task(task_status desired, container_status steady);
resource_status resource_status_for_task(task_status desired);
/* The status after `known`: which transition dependencies count, also for a container that shall stop. */
container_status container_status_after(container_status known, container_status steady);
const char *resource_status_name(resource_status status);
/* A task status as a document has it: NONE, MANIFEST_PULLED, CREATED, RUNNING, STOPPED, UNKNOWN (NONE), DEAD (STOPPED). */
bool task_status_parse(const char *name, task_status *out_status);

#endif

/* SPDX-License-Identifier: Apache-2.0 */
/* Statuses: names and mappings. */
#include "model/status.h"

#include <string.h>

#include "ecsengine/exec_agent.h"

static const char *const container_names[] = {
    [ECSENGINE_CONTAINER_NONE] = "NONE",
    [ECSENGINE_CONTAINER_MANIFEST_PULLED] = "MANIFEST_PULLED",
    [ECSENGINE_CONTAINER_PULLED] = "PULLED",
    [ECSENGINE_CONTAINER_CREATED] = "CREATED",
    [ECSENGINE_CONTAINER_RUNNING] = "RUNNING",
    [ECSENGINE_CONTAINER_RESOURCES_PROVISIONED] = "RESOURCES_PROVISIONED",
    [ECSENGINE_CONTAINER_STOPPED] = "STOPPED",
};

/* PULLED has a number but no name: it is never a task's status. */
static const char *const task_names[] = {
    [ECSENGINE_TASK_NONE] = "NONE",
    [ECSENGINE_TASK_MANIFEST_PULLED] = "MANIFEST_PULLED",
    [ECSENGINE_TASK_PULLED] = "NONE",
    [ECSENGINE_TASK_CREATED] = "CREATED",
    [ECSENGINE_TASK_RUNNING] = "RUNNING",
    [ECSENGINE_TASK_STOPPED] = "STOPPED",
};

static const char *const agent_names[] = {
    [ECSENGINE_AGENT_NONE] = "NONE",
    [ECSENGINE_AGENT_CREATED] = "CREATED",
    [ECSENGINE_AGENT_RUNNING] = "RUNNING",
    [ECSENGINE_AGENT_STOPPED] = "STOPPED",
};

static const char *const health_names[] = {
    [ECSENGINE_HEALTH_UNKNOWN] = "UNKNOWN",
    [ECSENGINE_HEALTH_HEALTHY] = "HEALTHY",
    [ECSENGINE_HEALTH_UNHEALTHY] = "UNHEALTHY",
};

#define NAME(table, index) ((size_t)(index) < sizeof(table) / sizeof((table)[0]) ? (table)[index] : "NONE")

const char *ecsengine_container_status_name(enum ecsengine_container_status status) { return NAME(container_names, status); }
const char *ecsengine_task_status_name(enum ecsengine_task_status status) { return NAME(task_names, status); }
const char *ecsengine_agent_status_name(enum ecsengine_agent_status status) { return NAME(agent_names, status); }
const char *ecsengine_health_name(enum ecsengine_health health) { return NAME(health_names, health); }

/* First match wins: NONE before all, then the steady state, whichever it is. */
task_status task_status_of_container(container_status status, container_status steady)
{
    if (status != ECSENGINE_CONTAINER_NONE && status == steady)
        return ECSENGINE_TASK_RUNNING;
    switch (status) {
    case ECSENGINE_CONTAINER_MANIFEST_PULLED:
    case ECSENGINE_CONTAINER_PULLED:
        return ECSENGINE_TASK_MANIFEST_PULLED;
    case ECSENGINE_CONTAINER_CREATED:
        return ECSENGINE_TASK_CREATED;
    case ECSENGINE_CONTAINER_STOPPED:
        return ECSENGINE_TASK_STOPPED;
    case ECSENGINE_CONTAINER_RUNNING: /* and something is left to do for it */
        return steady == ECSENGINE_CONTAINER_RESOURCES_PROVISIONED ? ECSENGINE_TASK_CREATED : ECSENGINE_TASK_NONE;
    default:
        return ECSENGINE_TASK_NONE;
    }
}

container_status container_status_for_task(task_status desired, container_status steady)
{
    switch (desired) {
    case ECSENGINE_TASK_CREATED:
        return ECSENGINE_CONTAINER_CREATED;
    case ECSENGINE_TASK_RUNNING:
        return steady;
    case ECSENGINE_TASK_STOPPED:
        return ECSENGINE_CONTAINER_STOPPED;
    default:
        return ECSENGINE_CONTAINER_NONE;
    }
}

resource_status resource_status_for_task(task_status desired)
{
    return desired == ECSENGINE_TASK_RUNNING ? RESOURCE_CREATED : RESOURCE_REMOVED;
}

container_status container_status_after(container_status known, container_status steady)
{
    return known >= steady ? ECSENGINE_CONTAINER_STOPPED : (container_status)(known + 1);
}

const char *resource_status_name(resource_status status)
{
    static const char *const names[] = {[RESOURCE_NONE] = "NONE", [RESOURCE_CREATED] = "CREATED", [RESOURCE_REMOVED] = "REMOVED"};

    return NAME(names, status);
}

bool task_status_parse(const char *name, task_status *out_status)
{
    for (size_t i = 0; i < sizeof(task_names) / sizeof(task_names[0]); i++) {
        if (strcmp(name, task_names[i]) == 0) { /* PULLED has no name of its own: NONE comes before it */
            *out_status = (task_status)i;
            return true;
        }
    }
    if (strcmp(name, "UNKNOWN") == 0)
        *out_status = ECSENGINE_TASK_NONE;
    else if (strcmp(name, "DEAD") == 0)
        *out_status = ECSENGINE_TASK_STOPPED;
    else
        return false;
    return true;
}

/* SPDX-License-Identifier: Apache-2.0 */
/* Tasks: what a host asks for, and what it can ask about.
 *
 * A task is known by its ARN, a container by its name in the task. Commands are queued and applied by a later turn; each can be
 * followed by its command id: the event COMMAND_DONE (event.h) says that it is applied and durable, or why not. */
#ifndef ECSENGINE_TASK_H
#define ECSENGINE_TASK_H

#include "ecsengine/engine.h"

#ifdef __cplusplus
extern "C" {
#endif

/* The statuses of a container, in their order (ecs-agent/api/container/status/containerstatus.go). */
enum ecsengine_container_status {
    ECSENGINE_CONTAINER_NONE = 0,
    ECSENGINE_CONTAINER_MANIFEST_PULLED = 1,
    ECSENGINE_CONTAINER_PULLED = 2,
    ECSENGINE_CONTAINER_CREATED = 3,
    ECSENGINE_CONTAINER_RUNNING = 4,
    ECSENGINE_CONTAINER_RESOURCES_PROVISIONED = 5,
    ECSENGINE_CONTAINER_STOPPED = 6
};

/* The statuses of a task, in their order (ecs-agent/api/task/status/taskstatus.go). 2 is never a task's status. */
enum ecsengine_task_status {
    ECSENGINE_TASK_NONE = 0,
    ECSENGINE_TASK_MANIFEST_PULLED = 1,
    ECSENGINE_TASK_PULLED = 2,
    ECSENGINE_TASK_CREATED = 3,
    ECSENGINE_TASK_RUNNING = 4,
    ECSENGINE_TASK_STOPPED = 5
};

enum ecsengine_health {
    ECSENGINE_HEALTH_UNKNOWN = 0,
    ECSENGINE_HEALTH_HEALTHY = 1,
    ECSENGINE_HEALTH_UNHEALTHY = 2
};

/* The names: `MANIFEST_PULLED`, `RUNNING`, `HEALTHY` ... Static. Never NULL. */
ECSENGINE_API const char *ecsengine_container_status_name(enum ecsengine_container_status status);
ECSENGINE_API const char *ecsengine_task_status_name(enum ecsengine_task_status status);
ECSENGINE_API const char *ecsengine_health_name(enum ecsengine_health health);

/* Adds a task, or updates the desired status of one that is known. `document` (UTF-8, `document_len` bytes, need not end in NUL) is
 * an ACS task payload as the agent receives it, or an ECS task definition (RegisterTaskDefinition, or the answer of
 * DescribeTaskDefinition) with `"taskArn"` beside it; which one it is shows by itself. Parsed on the calling thread, copied, then
 * queued. Fields that are not honoured are reported to the log and by ecsengine_task_describe().
 * A task that has an ARN but is refused (a cycle, a bad link) is no error here: it has one STOPPED event with the reason.
 * ESYNTAX, EDOCUMENT, ELIMIT, ENOMEM, ECLOSED. `out_command_id` may be NULL. Any thread. */
ECSENGINE_API int ecsengine_task_add(ecsengine *engine, const char *document, size_t document_len, uint64_t *out_command_id,
                                     ecsengine_error **error);

/* Wants a task STOPPED: containers stop in reverse order of their dependencies. COMMAND_DONE carries ENOTFOUND for an unknown ARN.
 * EINVAL, ENOMEM, ECLOSED. Any thread. */
ECSENGINE_API int ecsengine_task_stop(ecsengine *engine, const char *task_arn, uint64_t *out_command_id, ecsengine_error **error);

/* The same without patience: running containers are given no grace period, stops in flight are sent again with none. */
ECSENGINE_API int ecsengine_task_kill(ecsengine *engine, const char *task_arn, uint64_t *out_command_id, ecsengine_error **error);

/* Every task as JSON: {"tasks":[{"taskArn","family","version","knownStatus","desiredStatus"}...]}, in the order of admission.
 * Owned by the caller. Any thread; shows the state after the last turn. ENOMEM. */
ECSENGINE_API int ecsengine_task_list(ecsengine *engine, ecsengine_text **out_text, ecsengine_error **error);

/* One task with its containers as JSON (docs/documents.md has the members; they are only ever added to). ENOTFOUND, ENOMEM. */
ECSENGINE_API int ecsengine_task_describe(ecsengine *engine, const char *task_arn, ecsengine_text **out_text,
                                          ecsengine_error **error);

/* Why the task, or one container of it, is where it is: {"taskArn","cause","text","causes":[...],"containers":[{"containerName","cause",
 * "text","causes":[...]}...]}. Each cause is an object with a stable word, a sentence, and typed members: which dependency, which
 * resource, which operation and until when (docs/documents.md). The first cause is the one that decides. What does not move always has
 * one that says what would move it. `container_name` may be NULL for all. Shows the state after the last turn; a task that was removed
 * is found until its last event is acknowledged. Any thread. ENOTFOUND, ENOMEM. */
ECSENGINE_API int ecsengine_explain(ecsengine *engine, const char *task_arn, const char *container_name,
                                    ecsengine_text **out_text, ecsengine_error **error);
/* The same as lines of text, for a person at a terminal. Its wording is no part of the promise. */
ECSENGINE_API int ecsengine_explain_text(ecsengine *engine, const char *task_arn, const char *container_name,
                                         ecsengine_text **out_text, ecsengine_error **error);

#ifdef __cplusplus
}
#endif
#endif

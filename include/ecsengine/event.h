/* SPDX-License-Identifier: Apache-2.0 */
/* Events: what the engine tells the host, in order.
 *
 * An event belongs to whoever took it, until ecsengine_event_free(). What getters return is borrowed for its life. Events that report
 * a status are kept until they are acknowledged: after a restart everything unacknowledged comes again (at least once), within one
 * life nothing comes twice. `event-ack=auto` acknowledges when an event is taken. (task-engine: section 7.)
 *
 * STORE with the status DAMAGED comes for each record that could not be taken as it was given back: the reason names its key and says what
 * is wrong, and if it was the record of a task, the event has that task's ARN. Its bytes are kept aside (store.h), and such a task is told
 * as STOPPED. */
#ifndef ECSENGINE_EVENT_H
#define ECSENGINE_EVENT_H

#include "ecsengine/task.h"

#ifdef __cplusplus
extern "C" {
#endif

enum ecsengine_event_kind {
    ECSENGINE_EVENT_NONE = 0,
    ECSENGINE_EVENT_READY = 1,         /* once: the runtime answers and saved state is restored */
    ECSENGINE_EVENT_CONTAINER = 2,     /* a container's status: MANIFEST_PULLED, RUNNING or STOPPED */
    ECSENGINE_EVENT_TASK = 3,          /* a task's status, after the container events that it follows from */
    ECSENGINE_EVENT_TASK_REMOVED = 4,  /* cleanup has removed containers, resources and records */
    ECSENGINE_EVENT_RUNTIME = 5,       /* the runtime came (CONNECTED) or went (UNREACHABLE) */
    ECSENGINE_EVENT_STORE = 6,         /* the store fails (FAILING), works again (WORKING), or gave back a damaged record (DAMAGED) */
    ECSENGINE_EVENT_COMMAND_DONE = 7,  /* a command is applied and durable, or refused */
    ECSENGINE_EVENT_STOP_CANDIDATES = 8, /* tasks that a manifest does not have (manifest.h) */
    ECSENGINE_EVENT_MANAGED_AGENT = 9, /* the status of an agent in a container (exec_agent.h) */
    ECSENGINE_EVENT_EXEC_DONE = 10     /* what came of ecsengine_exec() (exec_agent.h) */
};

typedef struct ecsengine_event ecsengine_event;

/* The next event, or NULL. Owned by the caller. For hosts without an event callback. Any thread. */
ECSENGINE_API ecsengine_event *ecsengine_next_event(ecsengine *engine);

/* Delivers events to a callback instead, on the dispatching thread; ownership of the event goes to the callback. Before the first
 * dispatch. ESTATE. */
typedef void (*ecsengine_event_fn)(ecsengine_event *event, void *user_data);
ECSENGINE_API int ecsengine_set_event_callback(ecsengine *engine, ecsengine_event_fn callback, void *user_data,
                                               ecsengine_error **error);

/* Says that the event with this id has arrived where it should. Unknown ids (never issued, or acknowledged before) are EALREADY or
 * harmless. Any thread. ENOMEM, ECLOSED. */
ECSENGINE_API int ecsengine_event_ack(ecsengine *engine, uint64_t event_id, ecsengine_error **error);

/* Gives the event back; NULL is fine. What was not acknowledged stays so. Any thread. */
ECSENGINE_API void ecsengine_event_free(ecsengine_event *event);

/* What an event says. Getters take NULL as an event that says nothing. */
ECSENGINE_API enum ecsengine_event_kind ecsengine_event_get_kind(const ecsengine_event *event);
ECSENGINE_API const char *ecsengine_event_kind_name(enum ecsengine_event_kind kind); /* `container`, `task-removed`; static */
ECSENGINE_API uint64_t ecsengine_event_id(const ecsengine_event *event);
ECSENGINE_API int64_t ecsengine_event_time_ns(const ecsengine_event *event);         /* wall clock of the turn that made it */
ECSENGINE_API const char *ecsengine_event_task_arn(const ecsengine_event *event);       /* "" where there is none */
ECSENGINE_API const char *ecsengine_event_container_name(const ecsengine_event *event); /* "" where there is none */

/* The status as its name (`RUNNING`, `CONNECTED`, `FAILING`), "" where there is none; and as its number for tasks and containers. */
ECSENGINE_API const char *ecsengine_event_status(const ecsengine_event *event);
ECSENGINE_API enum ecsengine_container_status ecsengine_event_container_status(const ecsengine_event *event);
ECSENGINE_API enum ecsengine_task_status ecsengine_event_task_status(const ecsengine_event *event);

/* `<ErrorName>: <text>` for a container, the reason of a task, "" where there is none; at most 1,024 bytes. */
ECSENGINE_API const char *ecsengine_event_reason(const ecsengine_event *event);

/* CONTAINER, EXEC_DONE: 1 and the exit code if it is known, else 0. */
ECSENGINE_API int32_t ecsengine_event_exit_code(const ecsengine_event *event, int32_t *out_exit_code);
ECSENGINE_API const char *ecsengine_event_runtime_id(const ecsengine_event *event);   /* CONTAINER, or "" */
ECSENGINE_API const char *ecsengine_event_image_digest(const ecsengine_event *event); /* CONTAINER, or "" */

/* CONTAINER: the network bindings. */
ECSENGINE_API size_t ecsengine_event_port_count(const ecsengine_event *event);
ECSENGINE_API int32_t ecsengine_event_port_container(const ecsengine_event *event, size_t index);
ECSENGINE_API int32_t ecsengine_event_port_host(const ecsengine_event *event, size_t index);
ECSENGINE_API const char *ecsengine_event_port_protocol(const ecsengine_event *event, size_t index);
ECSENGINE_API const char *ecsengine_event_port_bind_ip(const ecsengine_event *event, size_t index);

/* TASK: ns since 1970, 0 where not set. */
ECSENGINE_API int64_t ecsengine_event_pull_started_at(const ecsengine_event *event);
ECSENGINE_API int64_t ecsengine_event_pull_stopped_at(const ecsengine_event *event);
ECSENGINE_API int64_t ecsengine_event_execution_stopped_at(const ecsengine_event *event);

/* TASK: the events of the task's containers and managed agents that came since its last TASK event, in order (of an agent the newest): what a control plane is told of in one call
 * (SubmitTaskStateChange). They are the events that were given out before this one, each alone, and are acknowledged each by its own id;
 * here they are borrowed for the life of the task's event. 0 and NULL for other kinds, NULL past the end. (task-engine: section 7.5.) */
ECSENGINE_API size_t ecsengine_event_batch_count(const ecsengine_event *event);
ECSENGINE_API const ecsengine_event *ecsengine_event_batch_at(const ecsengine_event *event, size_t index);

/* COMMAND_DONE, EXEC_DONE: which command, and 0 or one of enum ecsengine_code; the reason has the text. */
ECSENGINE_API uint64_t ecsengine_event_command_id(const ecsengine_event *event);
ECSENGINE_API int ecsengine_event_command_code(const ecsengine_event *event);

/* The event as one line of JSON, as in the line protocol (docs/line-protocol.md). Owned by the caller. ENOMEM. */
ECSENGINE_API int ecsengine_event_json(const ecsengine_event *event, ecsengine_text **out_text, ecsengine_error **error);

#ifdef __cplusplus
}
#endif
#endif

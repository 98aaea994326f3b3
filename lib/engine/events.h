/* SPDX-License-Identifier: Apache-2.0 */
/* State changes that the host is told, and what it has acknowledged of them (task-engine: section 7). */
#ifndef ENGINE_EVENTS_H
#define ENGINE_EVENTS_H

#include "engine/engine.h"

/* An event that was given out: whose, and what its acknowledgement raises. */
struct pending_ack {
    struct map_node by_id;
    struct list link; /* of its task */
    uint64_t id;
    struct task *task;
    uint16_t container_index;
    uint8_t agent_index;
    uint8_t kind;
    uint8_t status;
};

/* Tells the status of a container, or of a task, if it is one that is told and was not told in this life. */
void events_container(struct engine *engine, struct container *container);
void events_task(struct engine *engine, struct task *task);
/* Tells the status of a managed agent, or holds it until the same one that was told before is acknowledged. */
void events_agent(struct engine *engine, struct agent *agent);
void events_task_removed(struct engine *engine, struct task *task);
/* READY, RUNTIME, STORE: no acknowledgement. `reason` may be NULL. */
void events_host(struct engine *engine, enum ecsengine_event_kind kind, enum event_word word, const char *reason);
/* STORE, DAMAGED: the record of that key, of that task (NULL: of none), was set aside. */
void events_damaged(struct engine *engine, const char *key, const char *arn, const char *why);
/* STOP_CANDIDATES: takes over the candidates; no acknowledgement. */
void events_stop_candidates(struct engine *engine, struct stop_candidates *candidates);
/* EXEC_DONE: an event to be filled in; no acknowledgement. */
struct ecsengine_event *events_exec_done(struct engine *engine);
/* COMMAND_DONE: fills in the event that came with the command. */
void events_command(struct engine *engine, struct command *command, int code, const char *reason);

/* The event has arrived: advances the sent status. Unknown ids are harmless. */
void events_acknowledge(struct engine *engine, uint64_t event_id);
/* The id of the task's event of that kind and status that is not acknowledged yet; 0: there is none. */
uint64_t events_pending(const struct task *task, enum ecsengine_event_kind kind, uint8_t status);
/* Enters an event that will be acknowledged; takes the node over. */
void events_await(struct engine *engine, struct pending_ack *pending);
bool events_awaited(const struct engine *engine, uint64_t event_id);
/* Nobody will acknowledge this task's events any more. */
void events_forget(struct engine *engine, struct task *task);

#endif

/* SPDX-License-Identifier: Apache-2.0 */
/* Events. Of each object there are a known, an emitted and a sent status: an event goes out when known is told and above emitted, and
 * its acknowledgement raises sent. So nothing is told twice in one life, and after a restart (emitted := sent) everything that was not
 * acknowledged is told again. At most one event a status and object waits, which bounds the memory by the model. */
#include "engine/events.h"

#include <stdio.h>
#include <string.h>

#include "ecsengine/exec_agent.h"
#include "engine/cleanup.h"

static uint64_t hash_of(uint64_t id) { return id * UINT64_C(0x9e3779b97f4a7c15) >> 16; }

static struct ecsengine_event *emit(struct engine *engine, enum ecsengine_event_kind kind)
{
    struct ecsengine_event *event = event_init(mem_sure(engine->mem, sizeof(*event)), engine->root, kind);

    event->id = ++engine->next_event;
    event->time_ns = engine->wall_ns;
    list_append(&engine->events_out, &event->link);
    return event;
}

/* The table may be small; lookups only get slower, so that no memory is needed here. */
void events_await(struct engine *engine, struct pending_ack *pending)
{
    list_append(&pending->task->open_events, &pending->link);
    map_reserve(&engine->acks, engine->acks.count + 1);
    map_insert(&engine->acks, &pending->by_id, hash_of(pending->id));
}

static void expect_ack(struct engine *engine, const struct ecsengine_event *event, struct task *task)
{
    struct pending_ack *pending = mem_sure(engine->mem, sizeof(*pending));

    pending->id = event->id;
    pending->task = task;
    pending->container_index = event->container_index;
    pending->agent_index = event->agent_index;
    pending->kind = event->kind;
    pending->status = event->status;
    events_await(engine, pending);
}

static void drop(struct engine *engine, struct pending_ack *pending)
{
    map_remove(&engine->acks, &pending->by_id);
    list_remove(&pending->link);
    mem_free(engine->mem, pending);
}

/* The event will be summed up by the next one of its task. */
static void batch_add(struct task *task, struct ecsengine_event *event)
{
    atomic_fetch_add_explicit(&event->refs, 1, memory_order_relaxed);
    if (task->batch_last != NULL)
        task->batch_last->batch_next = event;
    else
        task->batch_first = event;
    task->batch_last = event;
}

static bool of_agent(const struct ecsengine_event *event, const struct agent *agent)
{
    return event->kind == ECSENGINE_EVENT_MANAGED_AGENT && event->container_index == agent->container->index &&
           event->agent_index == agent->index;
}

/* Of an agent the newest is summed up: it may come and go for years. */
static void batch_drop(struct task *task, const struct agent *agent)
{
    struct ecsengine_event **at = &task->batch_first, *last = NULL;

    while (*at != NULL) {
        struct ecsengine_event *event = *at;
        if (!of_agent(event, agent)) {
            last = event;
            at = &event->batch_next;
            continue;
        }
        *at = event->batch_next;
        event->batch_next = NULL;
        ecsengine_event_free(event);
    }
    task->batch_last = last;
}

static bool agent_pending(const struct agent *agent)
{
    const struct list *all = &agent->container->task->open_events;

    for (const struct list *node = all->next; node != all; node = node->next) {
        const struct pending_ack *pending = container_of(node, const struct pending_ack, link);
        if (pending->kind == ECSENGINE_EVENT_MANAGED_AGENT && pending->container_index == agent->container->index &&
            pending->agent_index == agent->index && pending->status == agent->status)
            return true;
    }
    return false;
}

void events_agent(struct engine *engine, struct agent *agent)
{
    struct task *task = agent->container->task;

    agent->untold = agent->status != ECSENGINE_AGENT_NONE && agent_pending(agent);
    if (agent->status == ECSENGINE_AGENT_NONE || agent->untold)
        return;
    struct ecsengine_event *event = emit(engine, ECSENGINE_EVENT_MANAGED_AGENT);
    event->arn = str_ref(task->arn);
    event->definition = definition_ref(task->definition);
    event->container_index = agent->container->index;
    event->agent_index = agent->index;
    event->status = agent->status;
    event->reason = str_ref(agent->reason);
    agent->event_id = event->id;
    expect_ack(engine, event, task);
    batch_drop(task, agent);
    batch_add(task, event);
    engine_log(engine, ECSENGINE_LOG_INFO, MESSAGE_CONTAINER_STATUS, "%s: container %s: %s is %s: %s", str_text(task->arn),
               container_def(agent->container)->name, agent_def(agent)->name,
               ecsengine_agent_status_name((enum ecsengine_agent_status)agent->status), str_text(agent->reason));
}

/* What is told of a container as it is known to be (task-engine 7.2): its steady state is RUNNING to others, whichever it is. NONE: nothing. */
static container_status told_status(const struct container *container)
{
    container_status known = container->known;

    if (container_def(container)->type != CONTAINER_NORMAL)
        return ECSENGINE_CONTAINER_NONE; /* nobody knows that it is there */
    if (known == container_steady(container))
        return ECSENGINE_CONTAINER_RUNNING;
    if (known == ECSENGINE_CONTAINER_STOPPED || (known == ECSENGINE_CONTAINER_MANIFEST_PULLED && container->digest_resolved))
        return known;
    return ECSENGINE_CONTAINER_NONE;
}

/* Which addresses a binding is told of (7.5). */
static uint8_t family_told(const struct engine *engine)
{
    if (engine->settings.ipv6_only != 0)
        return EVENT_NO_IPV4;
    return engine->settings.exclude_ipv6 != 0 ? EVENT_NO_IPV6 : EVENT_ANY_FAMILY;
}

/* More bindings than the backend takes of a container with a port range are left out: the reference would send them again and again, and
 * never what comes behind (trap 19). */
static void limit_bindings(struct engine *engine, const struct container *container, struct ecsengine_event *event)
{
    const struct container_def *def = container_def(container);
    bool range = false;

    for (uint16_t i = 0; i < def->port_count; i++)
        range = range || def->ports[i].is_range;
    size_t count = range ? ecsengine_event_port_count(event) : 0;
    if (count <= LIMIT_BINDINGS_TOLD)
        return;
    event->ports_told = LIMIT_BINDINGS_TOLD;
    engine_log(engine, ECSENGINE_LOG_WARNING, MESSAGE_BINDINGS_CUT, "%s: container %s has %zu network bindings, of which %d are told",
               str_text(container->task->arn), def->name, count, LIMIT_BINDINGS_TOLD);
}

void events_container(struct engine *engine, struct container *container)
{
    struct task *task = container->task;

    container_status status = told_status(container);

    if (container->emitted >= status)
        return;
    container->emitted = status;
    struct ecsengine_event *event = emit(engine, ECSENGINE_EVENT_CONTAINER);
    event->arn = str_ref(task->arn);
    event->definition = definition_ref(task->definition);
    event->container_index = container->index;
    event->status = status;
    event->has_exit_code = container->has_exit_code;
    event->exit_code = container->exit_code;
    event->runtime_id = str_ref(container->runtime_id);
    event->image_digest = str_ref(container->image_digest);
    event->reason = str_ref(container->error);
    event->ports = ports_ref(container->ports);
    event->family = family_told(engine);
    limit_bindings(engine, container, event);
    expect_ack(engine, event, task);
    batch_add(task, event);
    engine_log(engine, ECSENGINE_LOG_INFO, MESSAGE_CONTAINER_STATUS, "%s: container %s is %s%s%s", str_text(task->arn),
               container_def(container)->name, ecsengine_container_status_name((enum ecsengine_container_status)status),
               container->error != NULL ? ": " : "", str_text(container->error));
}

static bool task_told(const struct task *task)
{
    if (task->known == ECSENGINE_TASK_RUNNING || task->known == ECSENGINE_TASK_STOPPED)
        return true;
    if (task->known != ECSENGINE_TASK_MANIFEST_PULLED)
        return false;
    for (uint16_t i = 0; i < task->container_count; i++)
        if (task->containers[i].digest_resolved)
            return true;
    return false;
}

void events_task(struct engine *engine, struct task *task)
{
    if (!task_told(task) || task->emitted >= task->known)
        return;
    task->emitted = task->known;
    struct ecsengine_event *event = emit(engine, ECSENGINE_EVENT_TASK);
    event->arn = str_ref(task->arn);
    event->status = task->known;
    event->reason = task->known == ECSENGINE_TASK_STOPPED ? str_ref(task->reason) : NULL;
    event->pull_started_at = task->pull_started_at;
    event->pull_stopped_at = task->pull_stopped_at;
    event->execution_stopped_at = task->execution_stopped_at;
    event->batch = task->batch_first;
    task->batch_first = task->batch_last = NULL;
    expect_ack(engine, event, task);
    engine_log(engine, ECSENGINE_LOG_INFO, MESSAGE_TASK_STATUS, "%s is %s", str_text(task->arn),
               ecsengine_task_status_name((enum ecsengine_task_status)task->known));
}

void events_task_removed(struct engine *engine, struct task *task)
{
    struct ecsengine_event *event = emit(engine, ECSENGINE_EVENT_TASK_REMOVED);

    event->arn = str_ref(task->arn);
    expect_ack(engine, event, task);
}

void events_host(struct engine *engine, enum ecsengine_event_kind kind, enum event_word word, const char *reason)
{
    struct ecsengine_event *event = emit(engine, kind);

    event->status = (uint8_t)word;
    if (reason != NULL)
        event->reason = str_new_sure(engine->mem, reason, utf8_cut(reason, strlen(reason), LIMIT_REASON - 1));
}

void events_damaged(struct engine *engine, const char *key, const char *arn, const char *why)
{
    char text[LIMIT_REASON + 1];
    struct ecsengine_event *event = emit(engine, ECSENGINE_EVENT_STORE);

    event->status = EVENT_DAMAGED;
    snprintf(text, sizeof(text), "record `%.900s`: %s", key, why);
    utf8_repair(text, strlen(text)); /* whatever the key was */
    event->reason = str_new_sure(engine->mem, text, strlen(text));
    if (arn != NULL)
        event->arn = str_new_sure(engine->mem, arn, strlen(arn));
}

void events_stop_candidates(struct engine *engine, struct stop_candidates *candidates)
{
    emit(engine, ECSENGINE_EVENT_STOP_CANDIDATES)->candidates = candidates;
}

struct ecsengine_event *events_exec_done(struct engine *engine) { return emit(engine, ECSENGINE_EVENT_EXEC_DONE); }

void events_command(struct engine *engine, struct command *command, int code, const char *reason)
{
    struct ecsengine_event *event = command->done;

    command->done = NULL;
    event->id = ++engine->next_event;
    event->time_ns = engine->wall_ns;
    event->command_id = command->id;
    event->command_code = code;
    event->arn = str_ref(command->arn);
    if (reason != NULL)
        event->reason = str_new_sure(engine->mem, reason, utf8_cut(reason, strlen(reason), LIMIT_REASON));
    list_append(&engine->events_out, &event->link);
}

static void raise(struct engine *engine, struct task *task, uint8_t *sent, uint8_t status)
{
    if (*sent < status) {
        *sent = status;
        engine_dirty(engine, task);
    }
}

static struct pending_ack *find(const struct engine *engine, uint64_t event_id)
{
    struct map_node *node = map_find(&engine->acks, hash_of(event_id));

    while (node != NULL && container_of(node, struct pending_ack, by_id)->id != event_id)
        node = map_find_next(node);
    return node != NULL ? container_of(node, struct pending_ack, by_id) : NULL;
}

bool events_awaited(const struct engine *engine, uint64_t event_id) { return find(engine, event_id) != NULL; }

void events_acknowledge(struct engine *engine, uint64_t event_id)
{
    struct pending_ack *pending = find(engine, event_id);

    if (pending == NULL)
        return;
    struct task *task = pending->task;
    if (pending->kind == ECSENGINE_EVENT_CONTAINER) {
        raise(engine, task, &task->containers[pending->container_index].sent, pending->status);
    } else if (pending->kind == ECSENGINE_EVENT_TASK) {
        raise(engine, task, &task->sent, pending->status);
        engine_touch(engine, task); /* cleanup may have waited for it */
    } else if (pending->kind == ECSENGINE_EVENT_MANAGED_AGENT) {
        struct agent *agent = &task->containers[pending->container_index].agents[pending->agent_index];
        if (agent->event_id == pending->id)
            raise(engine, task, &agent->sent, pending->status);
        if (agent->untold)
            engine_touch(engine, task);
    } else {
        task->removal_sent = true;
        engine_touch(engine, task);
    }
    drop(engine, pending);
}

uint64_t events_pending(const struct task *task, enum ecsengine_event_kind kind, uint8_t status)
{
    for (const struct list *node = task->open_events.next; node != &task->open_events; node = node->next) {
        const struct pending_ack *pending = container_of(node, struct pending_ack, link);
        if (pending->kind == kind && pending->status == status)
            return pending->id;
    }
    return 0;
}

void events_forget(struct engine *engine, struct task *task)
{
    while (!list_empty(&task->open_events))
        drop(engine, container_of(task->open_events.next, struct pending_ack, link));
}

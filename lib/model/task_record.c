/* SPDX-License-Identifier: Apache-2.0 */
/* A task as a record. What is volatile is left out: applied and emitted statuses, operations, monotonic times; inspection and the clocks
 * bring them back. The health is kept, which the reference does not (task-engine: section 10.7): a container that has ended is not
 * looked at again, and another one may have waited for just that. */
#include <string.h>

#include "ecsengine/error.h"
#include "ecsengine/exec_agent.h"
#include "model/limits.h"
#include "model/record.h"
#include "model/settings.h"

enum { FLAG_EXIT = 1, FLAG_TRIED = 2, FLAG_RESTOPPED = 4, FLAG_DIGEST = 8, FLAG_REMOVED = 16, FLAG_RESTART = 32, FLAG_UNANSWERED = 64 };
enum { TASK_FLAG_ADMITTED = 1, TASK_FLAG_GAVE_UP = 2, TASK_FLAG_CHARGED = 4 };
enum { RESOURCE_FLAG_TRIED = 1, RESOURCE_FLAG_REMOVED = 2, RESOURCE_FLAG_UNANSWERED = 4 };

/* What was intended before it was done: a restart that is under way is one in the next life too. */
static void put_restart(struct buf *buf, const struct restart *restart)
{
    record_number(buf, restart->count);
    record_number(buf, restart->decision);
    record_number(buf, restart->phase != RESTART_IDLE ? 1 : 0);
    record_signed(buf, restart->exit_code);
    record_signed(buf, restart->last_at);
    record_signed(buf, restart->first_started_at);
    record_signed(buf, restart->ended_started_at);
    record_signed(buf, restart->ended_at);
    record_put_str(buf, restart->error_name);
    record_put_str(buf, restart->error_text);
}

enum { AGENT_PREPARED = 1, AGENT_INIT_FAILED = 2, AGENT_CLEANED = 4, AGENT_RESTARTING = 8, AGENT_GIVEN_UP = 16 };

/* The exec too, before it is started: whoever comes after a crash asks for that one and makes no other. */
static void put_agent(struct buf *buf, const struct agent *agent)
{
    record_number(buf, agent->status);
    record_number(buf, agent->sent);
    record_number(buf, (agent->prepared ? AGENT_PREPARED : 0) | (agent->init_failed ? AGENT_INIT_FAILED : 0) |
                           (agent->cleaned ? AGENT_CLEANED : 0) | (agent->restarting ? AGENT_RESTARTING : 0) |
                           (agent->phase == AGENT_GAVE_UP ? AGENT_GIVEN_UP : 0));
    record_number(buf, agent->failures);
    record_number(buf, agent->restarts);
    record_signed(buf, agent->pid);
    record_signed(buf, agent->started_at);
    record_put_str(buf, agent->uuid);
    record_put_str(buf, agent->version);
    record_put_str(buf, agent->files);
    record_put_str(buf, agent->exec_id);
    record_put_str(buf, agent->reason);
}

static void put_container(struct buf *buf, const struct container *container)
{
    record_number(buf, container->known);
    record_number(buf, container->desired);
    record_number(buf, container->sent);
    record_number(buf, (container->has_exit_code ? FLAG_EXIT : 0) | (container->create_tried ? FLAG_TRIED : 0) |
                           (container->restopped ? FLAG_RESTOPPED : 0) | (container->digest_resolved ? FLAG_DIGEST : 0) |
                           (container->removed ? FLAG_REMOVED : 0) | (container->restart != NULL ? FLAG_RESTART : 0) |
                           (container->unanswered ? FLAG_UNANSWERED : 0));
    record_signed(buf, container->exit_code);
    record_signed(buf, container->created_at);
    record_signed(buf, container->started_at);
    record_signed(buf, container->finished_at);
    record_number(buf, container->health);
    record_put_str(buf, container->runtime_name);
    record_put_str(buf, container->runtime_id);
    record_put_str(buf, container->error);
    record_put_str(buf, container->image_digest);
    record_put_ports(buf, container->ports);
    if (container->restart != NULL)
        put_restart(buf, container->restart);
    for (uint16_t i = 0; i < agent_count(container); i++)
        put_agent(buf, &container->agents[i]);
}

static void put_resource(struct buf *buf, const struct resource *resource)
{
    record_number(buf, resource->known);
    record_number(buf, resource->desired);
    record_number(buf, (resource->tried ? RESOURCE_FLAG_TRIED : 0) | (resource->removed ? RESOURCE_FLAG_REMOVED : 0) |
                           (resource->unanswered ? RESOURCE_FLAG_UNANSWERED : 0));
    record_put_str(buf, resource->runtime_name);
    record_put_str(buf, resource->error);
}

/* What the runtime chose is not in it: the containers' bindings say that. */
static void put_charge(struct buf *buf, const struct task *task)
{
    uint64_t ports = 0, gpus = 0;

    for (const struct list *node = task->charged_ports.next; node != &task->charged_ports; node = node->next)
        ports += container_of(node, struct port_charge, link)->origin != PORT_SEEN;
    for (const struct list *node = task->charged_gpus.next; node != &task->charged_gpus; node = node->next)
        gpus++;
    record_number(buf, (uint64_t)task->charged_cpu_units);
    record_number(buf, (uint64_t)task->charged_memory_mib);
    record_number(buf, ports);
    for (const struct list *node = task->charged_ports.next; node != &task->charged_ports; node = node->next) {
        const struct port_charge *port = container_of(node, struct port_charge, link);
        if (port->origin == PORT_SEEN)
            continue;
        record_number(buf, port->port);
        record_number(buf, port->container_port);
        record_number(buf, port->container);
        record_number(buf, port->mapping);
        record_number(buf, (uint64_t)port->origin << 1 | port->protocol);
    }
    record_number(buf, gpus);
    for (const struct list *node = task->charged_gpus.next; node != &task->charged_gpus; node = node->next) {
        const struct gpu_charge *gpu = container_of(node, struct gpu_charge, link);
        record_number(buf, gpu->container);
        record_text(buf, gpu->id, strlen(gpu->id));
    }
}

void record_put_task(struct buf *buf, const struct task *task)
{
    record_put_str(buf, task->arn);
    record_number(buf, task->definition != NULL ? task->definition->hash : 0);
    record_number(buf, task->number);
    record_number(buf, task->phase);
    record_number(buf, task->known);
    record_number(buf, task->desired);
    record_number(buf, task->sent);
    record_number(buf, (task->admitted ? TASK_FLAG_ADMITTED : 0) | (task->gave_up ? TASK_FLAG_GAVE_UP : 0) |
                           (task->charged ? TASK_FLAG_CHARGED : 0));
    record_signed(buf, task->known_at);
    record_signed(buf, task->pull_started_at);
    record_signed(buf, task->pull_stopped_at);
    record_signed(buf, task->execution_stopped_at);
    record_put_str(buf, task->reason);
    record_put_str(buf, task->execution_credentials_id);
    record_put_str(buf, task->role_credentials_id);
    if (task->charged)
        put_charge(buf, task);
    record_number(buf, task->container_count);
    for (uint16_t i = 0; i < task->container_count; i++)
        put_container(buf, &task->containers[i]);
    record_number(buf, task->resource_count);
    for (uint16_t i = 0; i < task->resource_count; i++)
        put_resource(buf, &task->resources[i]);
}

static int64_t get_time(struct record_reader *reader)
{
    int64_t wall_ns = record_read_signed(reader);

    if (wall_ns < 0 || wall_ns > LIMIT_WALL_NS)
        reader->bad = true;
    return wall_ns;
}

static void get_restart(struct record_getter *getter, struct container *container)
{
    struct record_reader *reader = getter->reader;
    struct restart *restart = mem_zalloc(getter->mem, sizeof(*restart));

    if (restart == NULL) {
        getter->no_memory = true;
        return;
    }
    container->restart = restart;
    restart->count = (uint32_t)record_read_number(reader, UINT32_MAX);
    restart->decision = (uint8_t)record_read_number(reader, RESTART_GAVE_UP);
    restart->phase = record_read_number(reader, 1) != 0 ? RESTART_WAITING : RESTART_IDLE;
    restart->exit_code = (int32_t)record_read_signed(reader);
    restart->last_at = get_time(reader);
    restart->first_started_at = get_time(reader);
    restart->ended_started_at = get_time(reader);
    restart->ended_at = get_time(reader);
    restart->error_name = record_get_str(getter, LIMIT_NAME);
    restart->error_text = record_get_str(getter, LIMIT_REASON);
    if (container_def(container)->restart == NULL ||
        (restart->phase != RESTART_IDLE && !container_is_running(container->known)))
        reader->bad = true;
}

static void get_agent(struct record_getter *getter, struct agent *agent)
{
    struct record_reader *reader = getter->reader;

    agent->status = (uint8_t)record_read_number(reader, ECSENGINE_AGENT_STOPPED);
    agent->sent = (uint8_t)record_read_number(reader, ECSENGINE_AGENT_STOPPED);
    uint64_t flags = record_read_number(reader, 31);
    agent->prepared = (flags & AGENT_PREPARED) != 0;
    agent->init_failed = (flags & AGENT_INIT_FAILED) != 0;
    agent->cleaned = (flags & AGENT_CLEANED) != 0;
    agent->restarting = (flags & AGENT_RESTARTING) != 0;
    agent->failures = (uint32_t)record_read_number(reader, UINT32_MAX);
    agent->restarts = (uint32_t)record_read_number(reader, UINT32_MAX);
    agent->pid = (int32_t)record_read_signed(reader);
    agent->started_at = get_time(reader);
    agent->uuid = record_get_str(getter, LIMIT_NAME);
    agent->version = record_get_str(getter, LIMIT_NAME);
    agent->files = record_get_str(getter, LIMIT_AGENT_FILES * (LIMIT_NAME + 1));
    agent->exec_id = record_get_str(getter, LIMIT_EXEC_ID);
    agent->reason = record_get_str(getter, LIMIT_REASON);
    if ((flags & AGENT_GIVEN_UP) != 0)
        agent->phase = AGENT_GAVE_UP;
    else if (agent->uuid != NULL && container_is_running(agent->container->known))
        agent->phase = agent->exec_id != NULL ? AGENT_LOOK : AGENT_CREATE;
    agent->unclear = agent->exec_id != NULL && agent->started_at == 0; /* who asked for its start has died */
}

static void get_container(struct record_getter *getter, struct container *container)
{
    struct record_reader *reader = getter->reader;

    container->known = (container_status)record_read_number(reader, ECSENGINE_CONTAINER_STOPPED);
    container->desired = (container_status)record_read_number(reader, ECSENGINE_CONTAINER_STOPPED);
    container->sent = (container_status)record_read_number(reader, ECSENGINE_CONTAINER_STOPPED);
    uint64_t flags = record_read_number(reader, 127);
    container->has_exit_code = (flags & FLAG_EXIT) != 0;
    container->create_tried = (flags & FLAG_TRIED) != 0;
    container->restopped = (flags & FLAG_RESTOPPED) != 0;
    container->digest_resolved = (flags & FLAG_DIGEST) != 0;
    container->removed = (flags & FLAG_REMOVED) != 0;
    container->unanswered = (flags & FLAG_UNANSWERED) != 0;
    container->exit_code = (int32_t)record_read_signed(reader);
    container->created_at = get_time(reader);
    container->started_at = get_time(reader);
    container->finished_at = get_time(reader);
    container->health = (uint8_t)record_read_number(reader, ECSENGINE_HEALTH_UNHEALTHY);
    container->runtime_name = record_get_str(getter, LIMIT_RUNTIME_NAME);
    container->runtime_id = record_get_str(getter, LIMIT_RUNTIME_ID);
    container->error = record_get_str(getter, 2 * LIMIT_REASON);
    container->image_digest = record_get_str(getter, LIMIT_RUNTIME_ID);
    container->ports = record_get_ports(getter);
    if ((flags & FLAG_RESTART) != 0)
        get_restart(getter, container);
    for (uint16_t i = 0; i < agent_count(container); i++)
        get_agent(getter, &container->agents[i]);
}

static void get_resource(struct record_getter *getter, struct resource *resource)
{
    resource->known = (resource_status)record_read_number(getter->reader, RESOURCE_REMOVED);
    resource->desired = (resource_status)record_read_number(getter->reader, RESOURCE_REMOVED);
    uint64_t flags = record_read_number(getter->reader, 7);
    resource->tried = (flags & RESOURCE_FLAG_TRIED) != 0;
    resource->removed = (flags & RESOURCE_FLAG_REMOVED) != 0;
    resource->unanswered = (flags & RESOURCE_FLAG_UNANSWERED) != 0;
    resource->runtime_name = record_get_str(getter, LIMIT_RUNTIME_NAME);
    resource->error = record_get_str(getter, LIMIT_REASON);
}

static void get_port_charge(struct record_getter *getter, struct task *task)
{
    struct record_reader *reader = getter->reader;
    struct port_charge *port = mem_zalloc(getter->mem, sizeof(*port));

    if (port == NULL) {
        getter->no_memory = true;
        return;
    }
    port->task = task;
    list_append(&task->charged_ports, &port->link);
    port->port = (uint16_t)record_read_number(reader, UINT16_MAX);
    port->container_port = (uint16_t)record_read_number(reader, UINT16_MAX);
    port->container = (uint16_t)record_read_number(reader, task->container_count - 1u);
    port->mapping = (uint16_t)record_read_number(reader, UINT16_MAX);
    uint64_t bits = record_read_number(reader, PORT_CHOSEN << 1 | 1);
    port->origin = (uint8_t)(bits >> 1);
    port->protocol = bits & 1;
    if (port->port == 0 || port->mapping >= task->definition->containers[port->container].port_count)
        reader->bad = true;
}

static void get_gpu_charge(struct record_getter *getter, struct task *task)
{
    struct record_reader *reader = getter->reader;
    struct gpu_charge *gpu = mem_zalloc(getter->mem, sizeof(*gpu));
    size_t len;

    if (gpu == NULL) {
        getter->no_memory = true;
        return;
    }
    gpu->task = task;
    list_append(&task->charged_gpus, &gpu->link);
    gpu->container = (uint16_t)record_read_number(reader, task->container_count - 1u);
    const char *id = record_read_text(reader, LIMIT_GPU_ID, &len);
    memcpy(gpu->id, id, len);
    if (!setting_gpu_id_valid(gpu->id, len))
        reader->bad = true;
}

static void get_charge(struct record_getter *getter, struct task *task)
{
    struct record_reader *reader = getter->reader;

    task->charged = true;
    task->charged_cpu_units = (int64_t)record_read_number(reader, INT32_MAX);
    task->charged_memory_mib = (int64_t)record_read_number(reader, INT32_MAX);
    uint64_t ports = record_read_number(reader, task->definition->port_total);
    for (uint64_t i = 0; i < ports && !reader->bad && !getter->no_memory; i++)
        get_port_charge(getter, task);
    uint64_t gpus = record_read_number(reader, (uint64_t)LIMIT_GPUS * LIMIT_CONTAINERS);
    for (uint64_t i = 0; i < gpus && !reader->bad && !getter->no_memory; i++)
        get_gpu_charge(getter, task);
}

static void get_body(struct record_getter *getter, struct task *task)
{
    struct record_reader *reader = getter->reader;

    task->number = record_read_number(reader, UINT64_MAX);
    task->phase = (uint8_t)record_read_number(reader, TASK_LOST);
    if (!task_phase_fits(task->phase, task->definition != NULL))
        reader->bad = true;
    task->known = (task_status)record_read_number(reader, ECSENGINE_TASK_STOPPED);
    task->desired = (task_status)record_read_number(reader, ECSENGINE_TASK_STOPPED);
    task->sent = (task_status)record_read_number(reader, ECSENGINE_TASK_STOPPED);
    uint64_t flags = record_read_number(reader, 7);
    task->admitted = (flags & TASK_FLAG_ADMITTED) != 0;
    task->gave_up = (flags & TASK_FLAG_GAVE_UP) != 0;
    task->known_at = get_time(reader);
    task->pull_started_at = record_read_signed(reader);
    task->pull_stopped_at = record_read_signed(reader);
    task->execution_stopped_at = record_read_signed(reader);
    task->reason = record_get_str(getter, 2 * LIMIT_REASON);
    task->execution_credentials_id = record_get_str(getter, LIMIT_NAME);
    task->role_credentials_id = record_get_str(getter, LIMIT_NAME);
    if ((flags & TASK_FLAG_CHARGED) != 0 && task->definition != NULL && task->admitted)
        get_charge(getter, task);
    else if ((flags & TASK_FLAG_CHARGED) != 0)
        reader->bad = true;
    if (record_read_number(reader, LIMIT_CONTAINERS) != task->container_count)
        reader->bad = true;
    for (uint16_t i = 0; i < task->container_count && !reader->bad; i++)
        get_container(getter, &task->containers[i]);
    if (record_read_number(reader, LIMIT_RESOURCES) != task->resource_count)
        reader->bad = true;
    for (uint16_t i = 0; i < task->resource_count && !reader->bad; i++)
        get_resource(getter, &task->resources[i]);
}

int record_get_task(struct record_reader *body, struct mem *mem, struct definition *(*find)(void *context, uint64_t hash),
                    void *context, struct task **out_task)
{
    struct record_getter getter = {.reader = body, .mem = mem};
    struct str *arn = record_get_str(&getter, LIMIT_ARN);
    uint64_t hash = record_read_number(body, UINT64_MAX);
    struct definition *definition = hash != 0 && !body->bad ? find(context, hash) : NULL;
    struct task *task = NULL;

    if (arn != NULL && !body->bad && (hash == 0 || definition != NULL)) {
        task = task_new(mem, arn, definition, NULL);
        getter.no_memory = getter.no_memory || task == NULL;
        if (task != NULL)
            get_body(&getter, task);
    } else {
        body->bad = true;
    }
    str_unref(arn);
    if (getter.no_memory || body->bad || body->at != body->end) {
        task_free(task);
        return getter.no_memory ? ECSENGINE_ENOMEM : ECSENGINE_ECORRUPT;
    }
    *out_task = task;
    return 0;
}

/* SPDX-License-Identifier: Apache-2.0 */
/* Tasks. What is a task's alone is read before the engine knows of it; what the engine has a hand in (timers, charges, acknowledgements)
 * after that, so that a task is always one that the engine can let go of. */
#include <stdlib.h>
#include <string.h>

#include "engine/accounting.h"
#include "engine/command.h"
#include "engine/events.h"
#include "engine/ports.h"
#include "engine/snapshot_parts.h"
#include "model/event_record.h"

/* ---- what is the task's alone ---- */

/* How many containers were given the same id, or name, before this one: who is found by it is the last. */
static uint64_t rank_of(const struct map_node *node, bool in_map)
{
    uint64_t rank = 0;

    for (node = in_map ? map_find_next(node) : NULL; node != NULL; node = map_find_next(node))
        rank++;
    return rank;
}

static void put_container(const struct snapshot_writer *writer, const struct container *container)
{
    struct buf *buf = writer->buf;

    snapshot_put_fields(buf, TABLE_CONTAINER, container);
    record_put_ports(buf, container->ports);
    record_number(buf, container->restart != NULL);
    if (container->restart != NULL)
        snapshot_put_fields(buf, TABLE_RESTART, container->restart);
    for (uint16_t i = 0; i < agent_count(container); i++)
        snapshot_put_fields(buf, TABLE_AGENT, &container->agents[i]);
}

static void get_restart(struct snapshot_reader *reader, struct container *container)
{
    container->restart = mem_zalloc(reader->engine->mem, sizeof(*container->restart));
    reader->getter.no_memory = container->restart == NULL;
    snapshot_expect(reader, container_def(container)->restart != NULL);
    if (container->restart != NULL)
        snapshot_get_fields(reader, TABLE_RESTART, container->restart);
}

/* What is looked at, or started, has an id. */
static void get_agent(struct snapshot_reader *reader, struct agent *agent)
{
    snapshot_get_fields(reader, TABLE_AGENT, agent);
    snapshot_expect(reader, agent->exec_id != NULL || (agent->phase != AGENT_LOOK && agent->phase != AGENT_START));
}

static void get_container(struct snapshot_reader *reader, struct container *container)
{
    snapshot_get_fields(reader, TABLE_CONTAINER, container);
    container->ports = record_get_ports(&reader->getter);
    if (record_read_number(reader->getter.reader, 1) != 0 && !snapshot_stuck(reader))
        get_restart(reader, container);
    for (uint16_t i = 0; i < agent_count(container) && !snapshot_stuck(reader); i++)
        get_agent(reader, &container->agents[i]);
}

static void put_own(const struct snapshot_writer *writer, const struct task *task)
{
    struct buf *buf = writer->buf;

    record_put_str(buf, task->arn);
    record_number(buf, snapshot_hash(task->definition));
    snapshot_put_fields(buf, TABLE_TASK, task);
    record_number(buf, task->notice_count);
    for (size_t i = 0; i < task->notice_count; i++)
        record_put_str(buf, task->notices[i]);
    for (uint16_t i = 0; i < task->container_count; i++)
        put_container(writer, &task->containers[i]);
    for (uint16_t i = 0; i < task->resource_count; i++)
        snapshot_put_fields(buf, TABLE_RESOURCE, &task->resources[i]);
}

static void get_notices(struct snapshot_reader *reader, struct task *task)
{
    size_t count = snapshot_get_count(reader);

    if (count == 0)
        return;
    task->notices = snapshot_pointers(reader, count);
    for (size_t i = 0; i < count && !snapshot_stuck(reader); i++)
        task->notices[task->notice_count++] = record_get_str(&reader->getter, SIZE_MAX);
}

/* NULL: bad, or no memory. */
static struct task *get_own(struct snapshot_reader *reader)
{
    struct str *arn = record_get_str(&reader->getter, LIMIT_ARN);
    struct definition *definition = snapshot_get_definition(reader);
    struct task *task = NULL;

    snapshot_expect(reader, reader->getter.no_memory || arn != NULL);
    if (!snapshot_stuck(reader)) {
        snapshot_expect(reader, engine_find_task(reader->engine, str_text(arn)) == NULL);
        task = task_new(reader->engine->mem, arn, definition, NULL);
        reader->getter.no_memory = task == NULL;
    }
    str_unref(arn);
    if (task == NULL)
        return NULL;
    snapshot_get_fields(reader, TABLE_TASK, task);
    snapshot_expect(reader, task_phase_fits(task->phase, task->definition != NULL));
    get_notices(reader, task);
    for (uint16_t i = 0; i < task->container_count && !snapshot_stuck(reader); i++)
        get_container(reader, &task->containers[i]);
    for (uint16_t i = 0; i < task->resource_count && !snapshot_stuck(reader); i++)
        snapshot_get_fields(reader, TABLE_RESOURCE, &task->resources[i]);
    if (!snapshot_stuck(reader))
        return task;
    task_free(task);
    return NULL;
}

/* ---- charges ---- */

static void put_charges(const struct snapshot_writer *writer, const struct task *task)
{
    struct buf *buf = writer->buf;
    uint64_t ports = 0, gpus = 0;

    for (const struct list *node = task->charged_ports.next; node != &task->charged_ports; node = node->next)
        ports++;
    for (const struct list *node = task->charged_gpus.next; node != &task->charged_gpus; node = node->next)
        gpus++;
    record_number(buf, ports);
    for (const struct list *node = task->charged_ports.next; node != &task->charged_ports; node = node->next)
        snapshot_put_fields(buf, TABLE_PORT_CHARGE, container_of(node, struct port_charge, link));
    record_number(buf, gpus);
    for (const struct list *node = task->charged_gpus.next; node != &task->charged_gpus; node = node->next) {
        const struct gpu_charge *gpu = container_of(node, struct gpu_charge, link);
        snapshot_put_fields(buf, TABLE_GPU_CHARGE, gpu);
        record_text(buf, gpu->id, strlen(gpu->id));
    }
}

static bool port_makes_sense(const struct engine *engine, const struct port_charge *charge)
{
    const struct task *task = charge->task;

    return charge->port != 0 && charge->container < task->container_count &&
           (charge->origin == PORT_SEEN || charge->mapping < task->definition->containers[charge->container].port_count) &&
           ports_find(engine, task, charge->protocol, charge->port) == NULL;
}

static void get_port(struct snapshot_reader *reader, struct task *task)
{
    struct port_charge *charge = mem_zalloc(reader->engine->mem, sizeof(*charge));

    if (charge == NULL) {
        reader->getter.no_memory = true;
        return;
    }
    charge->task = task;
    snapshot_get_fields(reader, TABLE_PORT_CHARGE, charge);
    snapshot_expect(reader, port_makes_sense(reader->engine, charge));
    if (snapshot_stuck(reader))
        mem_free(reader->engine->mem, charge);
    else
        ports_take(reader->engine, charge);
}

static void get_gpu(struct snapshot_reader *reader, struct task *task)
{
    struct gpu_charge *charge = mem_zalloc(reader->engine->mem, sizeof(*charge));
    size_t len;

    if (charge == NULL) {
        reader->getter.no_memory = true;
        return;
    }
    charge->task = task;
    list_append(&task->charged_gpus, &charge->link);
    list_append(&reader->engine->gpu_holders, &charge->held); /* who came first is said later */
    snapshot_get_fields(reader, TABLE_GPU_CHARGE, charge);
    const char *id = record_read_text(reader->getter.reader, LIMIT_GPU_ID, &len);
    memcpy(charge->id, id, len);
    snapshot_expect(reader, charge->container < task->container_count && setting_gpu_id_valid(charge->id, len));
}

static void get_charges(struct snapshot_reader *reader, struct task *task)
{
    if (task->charged)
        accounting_restore(reader->engine, task); /* it has no ports and GPUs yet */
    size_t ports = snapshot_get_count(reader);
    for (size_t i = 0; i < ports && !snapshot_stuck(reader); i++)
        get_port(reader, task);
    size_t gpus = snapshot_get_count(reader);
    for (size_t i = 0; i < gpus && !snapshot_stuck(reader); i++)
        get_gpu(reader, task);
}

/* ---- what was told ---- */

static void put_told(const struct snapshot_writer *writer, const struct task *task)
{
    uint64_t acks = 0, batch = 0;

    for (const struct list *node = task->open_events.next; node != &task->open_events; node = node->next)
        acks++;
    record_number(writer->buf, acks);
    for (const struct list *node = task->open_events.next; node != &task->open_events; node = node->next)
        snapshot_put_fields(writer->buf, TABLE_PENDING_ACK, container_of(node, struct pending_ack, link));
    for (const struct ecsengine_event *one = task->batch_first; one != NULL; one = one->batch_next)
        batch++;
    record_number(writer->buf, batch);
    for (const struct ecsengine_event *one = task->batch_first; one != NULL; one = one->batch_next)
        record_put_event(writer->buf, one, writer->mask);
}

static void get_ack(struct snapshot_reader *reader, struct task *task)
{
    struct pending_ack *pending = mem_zalloc(reader->engine->mem, sizeof(*pending));

    if (pending == NULL) {
        reader->getter.no_memory = true;
        return;
    }
    pending->task = task;
    snapshot_get_fields(reader, TABLE_PENDING_ACK, pending);
    bool of_agent = pending->kind == ECSENGINE_EVENT_MANAGED_AGENT;
    snapshot_expect(reader, (pending->kind != ECSENGINE_EVENT_CONTAINER && !of_agent) || pending->container_index < task->container_count);
    if (of_agent && !snapshot_stuck(reader))
        snapshot_expect(reader, pending->agent_index < agent_count(&task->containers[pending->container_index]));
    snapshot_expect(reader, pending->id <= reader->engine->next_event && !events_awaited(reader->engine, pending->id));
    if (snapshot_stuck(reader))
        mem_free(reader->engine->mem, pending);
    else
        events_await(reader->engine, pending);
}

static void get_batched(struct snapshot_reader *reader, struct task *task)
{
    struct ecsengine_event *event = NULL;
    int code = record_get_event(reader->getter.reader, reader->engine->root, snapshot_find_definition, reader, &event);

    if (code < 0) {
        reader->getter.no_memory = code == ECSENGINE_ENOMEM;
        return; /* else the reader knows that it is bad */
    }
    if (task->batch_last != NULL)
        task->batch_last->batch_next = event;
    else
        task->batch_first = event;
    task->batch_last = event;
    snapshot_expect(reader, (event->kind == ECSENGINE_EVENT_CONTAINER || event->kind == ECSENGINE_EVENT_MANAGED_AGENT) && event->batch == NULL);
}

static void get_told(struct snapshot_reader *reader, struct task *task)
{
    size_t acks = snapshot_get_count(reader);

    for (size_t i = 0; i < acks && !snapshot_stuck(reader); i++)
        get_ack(reader, task);
    size_t batch = snapshot_get_count(reader);
    for (size_t i = 0; i < batch && !snapshot_stuck(reader); i++)
        get_batched(reader, task);
}

/* ---- the engine's part ---- */

static void put_timers(const struct snapshot_writer *writer, const struct task *task)
{
    snapshot_put_timer(writer->buf, &task->timer);
    for (uint16_t i = 0; i < task->container_count; i++) {
        snapshot_put_timer(writer->buf, &task->containers[i].retry);
        snapshot_put_timer(writer->buf, &task->containers[i].inspect_timer);
        snapshot_put_timer(writer->buf, &task->containers[i].start_timer);
        for (uint16_t j = 0; j < agent_count(&task->containers[i]); j++)
            snapshot_put_timer(writer->buf, &task->containers[i].agents[j].timer);
    }
    for (uint16_t i = 0; i < task->resource_count; i++)
        snapshot_put_timer(writer->buf, &task->resources[i].retry);
}

static void get_timers(struct snapshot_reader *reader, struct task *task)
{
    snapshot_get_timer(reader, &task->timer);
    for (uint16_t i = 0; i < task->container_count; i++) {
        snapshot_get_timer(reader, &task->containers[i].retry);
        snapshot_get_timer(reader, &task->containers[i].inspect_timer);
        snapshot_get_timer(reader, &task->containers[i].start_timer);
        for (uint16_t j = 0; j < agent_count(&task->containers[i]); j++)
            snapshot_get_timer(reader, &task->containers[i].agents[j].timer);
    }
    for (uint16_t i = 0; i < task->resource_count; i++)
        snapshot_get_timer(reader, &task->resources[i].retry);
}

static void get_task(struct snapshot_reader *reader)
{
    struct engine *engine = reader->engine;
    struct task *task = get_own(reader);

    if (task == NULL)
        return;
    if (command_make_room(engine, task) < 0) {
        reader->getter.no_memory = true;
        task_free(task);
        return;
    }
    snapshot_expect(reader, task->number <= engine->next_number);
    command_insert(engine, task);
    list_remove(&task->touched);
    list_remove(&task->dirty);
    reader->tasks[reader->task_count++] = task;
    get_timers(reader, task);
    get_charges(reader, task);
    get_told(reader, task);
}

/* ---- who is found by an id ---- */

/* Where two containers were given one id, or one name. */
struct ranked {
    uint64_t rank;
    struct container *container;
};

static void put_ranks(const struct snapshot_writer *writer, bool by_id)
{
    uint64_t count = 0;

    for (int pass = 0; pass < 2; pass++) {
        for (size_t i = 0; i < writer->task_count; i++) {
            for (uint16_t j = 0; j < writer->tasks[i]->container_count; j++) {
                const struct container *container = &writer->tasks[i]->containers[j];
                uint64_t rank = by_id ? rank_of(&container->by_id, container->runtime_id != NULL)
                                      : rank_of(&container->by_name, container->runtime_name != NULL);
                count += pass == 0 && rank > 0;
                if (pass == 0 || rank == 0)
                    continue;
                snapshot_put_container_place(writer, container);
                record_number(writer->buf, rank);
            }
        }
        if (pass == 0)
            record_number(writer->buf, count);
    }
}

static int by_rank(const void *left, const void *right)
{
    uint64_t a = ((const struct ranked *)left)->rank, b = ((const struct ranked *)right)->rank;

    return a < b ? -1 : a > b;
}

/* Those that came later come before the others. */
static void get_ranks(struct snapshot_reader *reader, struct map *map, size_t node_offset, size_t text_offset)
{
    size_t count = snapshot_get_count(reader);
    struct ranked *ranked = snapshot_stuck(reader) ? NULL : mem_array(reader->engine->mem, count + 1, sizeof(*ranked));

    reader->getter.no_memory = reader->getter.no_memory || (ranked == NULL && !snapshot_stuck(reader));
    for (size_t i = 0; i < count && !snapshot_stuck(reader); i++) {
        ranked[i].container = snapshot_get_container_place(reader);
        ranked[i].rank = record_read_number(reader->getter.reader, UINT64_MAX);
        snapshot_expect(reader, ranked[i].container == NULL || *(struct str **)((char *)ranked[i].container + text_offset) != NULL);
    }
    if (!snapshot_stuck(reader))
        qsort(ranked, count, sizeof(*ranked), by_rank);
    for (size_t i = 0; i < count && !snapshot_stuck(reader); i++) {
        struct map_node *node = (struct map_node *)((char *)ranked[i].container + node_offset);
        uint64_t hash = node->hash;
        map_remove(map, node);
        map_insert(map, node, hash);
    }
    mem_free(reader->engine->mem, ranked);
}

void snapshot_put_tasks(const struct snapshot_writer *writer)
{
    record_number(writer->buf, writer->task_count);
    for (size_t i = 0; i < writer->task_count && writer->buf->failed == 0; i++) {
        put_own(writer, writer->tasks[i]);
        put_timers(writer, writer->tasks[i]);
        put_charges(writer, writer->tasks[i]);
        put_told(writer, writer->tasks[i]);
    }
    put_ranks(writer, true);
    put_ranks(writer, false);
}

void snapshot_get_tasks(struct snapshot_reader *reader)
{
    size_t count = snapshot_get_count(reader);

    reader->tasks = snapshot_pointers(reader, count);
    for (size_t i = 0; i < count && !snapshot_stuck(reader); i++)
        get_task(reader);
    get_ranks(reader, &reader->engine->by_id, offsetof(struct container, by_id), offsetof(struct container, runtime_id));
    get_ranks(reader, &reader->engine->by_name, offsetof(struct container, by_name), offsetof(struct container, runtime_name));
    accounting_refresh_gpus(reader->engine);
}

/* SPDX-License-Identifier: Apache-2.0 */
/* Restore. Records come in any order; they are checked and kept, and when all are there definitions come first, then tasks, in the order
 * in which they were admitted. A damaged record is left out and reported; the rest goes on. Nothing is believed about containers: each
 * that may exist is looked at before it moves. What was told but not acknowledged is told again. */
#include "engine/restore.h"

#include <stdio.h>
#include <string.h>

#include "engine/accounting.h"
#include "engine/command.h"
#include "engine/events.h"
#include "engine/orphans.h"
#include "engine/task.h"
#include "model/record.h"

struct kept_record {
    struct list link;
    struct map_node by_hash;    /* a definition that was decoded */
    struct heap_node by_number; /* a task that was */
    char kind;
    struct definition *definition;
    struct task *task;
    size_t len;
    unsigned char value[];
};

void restore_key_of_task(const struct task *task, char *key)
{
    memcpy(key, "task/", 5);
    memcpy(key + 5, str_text(task->arn), str_len(task->arn) + 1);
}

void restore_key_of_definition(const struct definition *definition, char *key)
{
    snprintf(key, LIMIT_RECORD_KEY, "definition/%016llx", (unsigned long long)definition->hash);
}

static int restore_engine(struct engine *engine, struct record_reader *body)
{
    size_t len;
    const char *text = record_read_text(body, LIMIT_NAME, &len);
    uint64_t number = record_read_number(body, UINT64_MAX);
    int64_t manifest_number = record_read_signed(body);
    uint16_t port_cursor = (uint16_t)record_read_number(body, UINT16_MAX);

    if (body->bad || len == 0)
        return ECSENGINE_ECORRUPT;
    struct str *instance = str_new(engine->mem, text, len);
    if (instance == NULL)
        return ECSENGINE_ENOMEM;
    str_unref(engine->instance);
    engine->instance = instance;
    engine->instance_dirty = false;
    engine->next_number = number;
    engine->manifest_number = manifest_number;
    engine->host.port_cursor = port_cursor;
    return 0;
}

int restore_record(struct engine *engine, const char *key, const void *value, size_t len)
{
    struct record_reader body;
    char kind;
    int code = record_open(value, len, &kind, &body);

    if (code == 0 && kind == 'e')
        code = restore_engine(engine, &body);
    else if (code == 0 && kind == 'o')
        code = orphans_restore(engine, &body);
    else if (code == 0 && kind != 't' && kind != 'd')
        code = ECSENGINE_ECORRUPT;
    else if (code == 0) {
        struct kept_record *kept = mem_zalloc(engine->mem, sizeof(*kept) + len);
        if (kept == NULL)
            return ECSENGINE_ENOMEM;
        kept->kind = kind;
        kept->len = len;
        memcpy(kept->value, value, len);
        list_append(&engine->restoring, &kept->link);
    }
    if (code == ECSENGINE_ECORRUPT)
        engine_log(engine, ECSENGINE_LOG_ERROR, MESSAGE_RECORD_DAMAGED, "record `%.200s` is damaged and left out", key);
    return code;
}

static void drop(struct engine *engine, struct kept_record *kept)
{
    list_remove(&kept->link);
    heap_remove(&engine->restored_tasks, &kept->by_number);
    if (kept->definition != NULL)
        map_remove(&engine->restored_definitions, &kept->by_hash);
    definition_unref(kept->definition);
    task_free(kept->task);
    mem_free(engine->mem, kept);
}

void restore_forget(struct engine *engine)
{
    while (!list_empty(&engine->restoring))
        drop(engine, container_of(engine->restoring.next, struct kept_record, link));
    map_free(&engine->restored_definitions);
}

static struct definition *find_definition(void *context, uint64_t hash)
{
    struct engine *engine = context;
    struct map_node *node = map_find(&engine->restored_definitions, hash);

    return node != NULL ? container_of(node, struct kept_record, by_hash)->definition : NULL;
}

static int decode_definition(struct engine *engine, struct kept_record *kept, const struct record_reader *body)
{
    if (map_reserve(&engine->restored_definitions, engine->restored_definitions.count + 1) < 0)
        return ECSENGINE_ENOMEM;
    int code = definition_decode(engine->mem, body->at, (size_t)(body->end - body->at), &kept->definition);
    if (code == 0)
        map_insert(&engine->restored_definitions, &kept->by_hash, kept->definition->hash);
    return code;
}

static int decode_task(struct engine *engine, struct kept_record *kept, struct record_reader *body)
{
    int code = record_get_task(body, engine->mem, find_definition, engine, &kept->task);

    if (code == 0) /* the order of numbers without a sign is that of keys with one */
        heap_insert(&engine->restored_tasks, &kept->by_number, (int64_t)(kept->task->number ^ UINT64_C(1) << 63));
    return code;
}

/* Decodes the kept records of one kind. A damaged one is dropped, ENOMEM keeps all. */
static int decode(struct engine *engine, char kind)
{
    for (struct list *node = engine->restoring.next, *next; node != &engine->restoring; node = next) {
        struct kept_record *kept = container_of(node, struct kept_record, link);
        struct record_reader body;
        char found;
        next = node->next;
        if (kept->kind != kind || kept->task != NULL || kept->definition != NULL)
            continue;
        record_open(kept->value, kept->len, &found, &body); /* it was opened before it was kept */
        int code = kind == 'd' ? decode_definition(engine, kept, &body) : decode_task(engine, kept, &body);
        if (code == ECSENGINE_ENOMEM)
            return code;
        if (code < 0) {
            engine_log(engine, ECSENGINE_LOG_ERROR, MESSAGE_RECORD_DAMAGED, "a record of kind `%c` makes no sense and is left out", kind);
            drop(engine, kept);
        }
    }
    return 0;
}

static struct kept_record *first_task(struct engine *engine)
{
    struct heap_node *first = heap_min(&engine->restored_tasks);

    return first != NULL ? container_of(first, struct kept_record, by_number) : NULL;
}

static void tell_again(struct engine *engine, struct task *task)
{
    for (uint16_t i = 0; i < task->container_count; i++) {
        task->containers[i].emitted = task->containers[i].sent;
        events_container(engine, &task->containers[i]);
    }
    task->emitted = task->sent;
    events_task(engine, task);
    if (task->phase == TASK_REMOVED)
        events_task_removed(engine, task);
}

/* A task that runs keeps what it has, whether the host still has so much or not (trap 29); of one of which nothing has begun the host has
 * nothing, and it queues again. */
static void hold(struct engine *engine, struct task *task, bool began)
{
    bool alive = task->phase == TASK_ACTIVE && task->known != ECSENGINE_TASK_STOPPED;

    if (alive && task->charged && (began || task->pull_started_at != 0)) {
        accounting_restore(engine, task);
    } else {
        task_drop_charge(task);
        if (alive && !began)
            task->admitted = false;
    }
    for (uint16_t i = 0; alive && i < task->container_count; i++)
        if (task->containers[i].ports != NULL)
            accounting_note_ports(engine, &task->containers[i]);
}

static void revive(struct engine *engine, struct task *task)
{
    bool began = false;

    command_insert(engine, task);
    task->restored = task->admitted;
    if (engine->next_number < task->number)
        engine->next_number = task->number;
    for (uint16_t i = 0; i < task->container_count; i++) {
        struct container *container = &task->containers[i];
        began = began || container->known != ECSENGINE_CONTAINER_NONE;
        container->adopting = task->admitted && container->runtime_id == NULL;
        container->create_tried = container->create_tried || container->adopting;
        if (container->started_at != 0)
            task_arm_start_timeout(engine, container);
    }
    for (uint16_t i = 0; i < task->resource_count; i++)
        if (task->resources[i].known == RESOURCE_NONE && !resource_def(&task->resources[i])->shared)
            task->resources[i].tried = true; /* its create may have gone out after the record was written */
    hold(engine, task, began);
    tell_again(engine, task);
}

int restore_end(struct engine *engine)
{
    int code = decode(engine, 'd');
    struct kept_record *kept;

    if (code == 0)
        code = decode(engine, 't');
    while (code == 0 && (kept = first_task(engine)) != NULL) {
        if (engine_reserve(engine, kept->task) < 0 || command_make_room(engine, kept->task) < 0)
            return ECSENGINE_ENOMEM;
        struct task *task = kept->task;
        kept->task = NULL;
        if (engine_find_task(engine, str_text(task->arn)) != NULL)
            task_free(task);
        else
            revive(engine, task);
        drop(engine, kept);
    }
    if (code == 0)
        restore_forget(engine);
    return code;
}

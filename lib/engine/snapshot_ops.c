/* SPDX-License-Identifier: Apache-2.0 */
/* Operations: those that are open, with who waits for them; and orphans, which are removed by one. */
#include <stdlib.h>
#include <string.h>

#include "engine/orphans.h"
#include "engine/snapshot_parts.h"
#include "model/op_record.h"

/* ---- one operation ---- */

void snapshot_put_op(const struct snapshot_writer *writer, const struct ecsengine_op *op)
{
    record_put_op(writer->buf, op, writer->mask);
    snapshot_put_fields(writer->buf, TABLE_OP, op);
    record_text(writer->buf, op->progress, strlen(op->progress));
}

/* No sum of its times leaves 64 bits. */
static bool times_make_sense(const struct ecsengine_op *op)
{
    if (op->deadline_ns == INT64_MAX)
        return op->batch_id == 0;
    return op->deadline_ns >= op->begun_ns && op->deadline_ns - op->begun_ns <= LIMIT_WALL_NS / 2;
}

struct ecsengine_op *snapshot_get_op(struct snapshot_reader *reader)
{
    struct record_reader *body = reader->getter.reader;
    struct ecsengine_op *op = NULL;
    size_t len;
    int code = record_get_op(body, reader->engine->root, snapshot_find_definition, reader, &op);

    if (code < 0) {
        reader->getter.no_memory = code == ECSENGINE_ENOMEM;
        return NULL; /* else the reader knows that it is bad */
    }
    snapshot_get_fields(reader, TABLE_OP, op);
    const unsigned char *progress = record_read_bytes(body, LIMIT_PROGRESS_TEXT, &len);
    memcpy(op->progress, progress, len);
    snapshot_expect(reader, strlen(op->progress) == len && op->id <= reader->engine->next_op && times_make_sense(op));
    if (!snapshot_stuck(reader))
        return op;
    op_unref(op);
    return NULL;
}

/* ---- open ones ---- */

enum waiter {
    WAITER_NONE = 0, /* nobody, or an orphan */
    WAITER_CONTAINER,
    WAITER_INSPECTION, /* of a container */
    WAITER_RESOURCE,
    WAITER_INFO,
    WAITER_SUBSCRIBE,
    WAITER_LIST,
    WAITER_AGENT,
    WAITER_PING,
    WAITER_LAST = WAITER_PING,
};

/* Where a waiter keeps its operation; NULL: nowhere. */
static struct ecsengine_op **place_of(struct engine *engine, const struct ecsengine_op *op, enum waiter waiter)
{
    struct task *task = op->task;

    switch (waiter) {
    case WAITER_CONTAINER:
        return task != NULL && !op->of_resource ? &task->containers[op->container_index].op : NULL;
    case WAITER_INSPECTION:
        return task != NULL && !op->of_resource ? &task->containers[op->container_index].inspect_op : NULL;
    case WAITER_RESOURCE:
        return task != NULL && op->of_resource ? &task->resources[op->resource_index].op : NULL;
    case WAITER_AGENT:
        return task != NULL && op->of_agent ? &task->containers[op->container_index].agents[op->agent_index].op : NULL;
    case WAITER_INFO:
        return &engine->info_op;
    case WAITER_SUBSCRIBE:
        return &engine->subscribe_op;
    case WAITER_LIST:
        return &engine->list_op;
    case WAITER_PING:
        return &engine->ping_op;
    default:
        return NULL;
    }
}

static enum waiter waiter_of(const struct engine *engine, const struct ecsengine_op *op)
{
    for (int waiter = WAITER_CONTAINER; waiter <= WAITER_LAST; waiter++) {
        struct ecsengine_op *const *place = place_of((struct engine *)engine, op, (enum waiter)waiter);
        if (place != NULL && *place == op)
            return (enum waiter)waiter;
    }
    return WAITER_NONE;
}

/* What a waiter makes of an answer is for certain kinds. */
static bool suits(const struct ecsengine_op *op, enum waiter waiter)
{
    switch (waiter) {
    case WAITER_CONTAINER:
        return (op->kind >= ECSENGINE_OP_PULL_IMAGE && op->kind <= ECSENGINE_OP_PROVISION && op->kind != ECSENGINE_OP_LIST) ||
               op->kind == ECSENGINE_OP_PING || op->kind == ECSENGINE_OP_AGENT_PREPARE;
    case WAITER_INSPECTION:
        return op->kind == ECSENGINE_OP_INSPECT;
    case WAITER_RESOURCE:
        return (op->kind >= ECSENGINE_OP_VOLUME_CREATE && op->kind <= ECSENGINE_OP_RESOURCE_REMOVE) || op->kind == ECSENGINE_OP_PING;
    case WAITER_AGENT:
        return op->kind >= ECSENGINE_OP_EXEC_CREATE && op->kind != ECSENGINE_OP_EXEC_RUN && op->kind != ECSENGINE_OP_AGENT_PREPARE;
    case WAITER_INFO:
        return op->kind == ECSENGINE_OP_INFO;
    case WAITER_SUBSCRIBE:
        return op->kind == ECSENGINE_OP_SUBSCRIBE;
    case WAITER_LIST:
        return op->kind == ECSENGINE_OP_LIST;
    case WAITER_PING:
        return op->kind == ECSENGINE_OP_PING;
    default:
        return op->kind != ECSENGINE_OP_CANCEL;
    }
}

static void get_waiter(struct snapshot_reader *reader, struct ecsengine_op *op)
{
    enum waiter waiter = (enum waiter)record_read_number(reader->getter.reader, WAITER_LAST);
    struct ecsengine_op **place = place_of(reader->engine, op, waiter);

    snapshot_expect(reader, suits(op, waiter) && (waiter == WAITER_NONE || (place != NULL && *place == NULL)));
    if (!snapshot_stuck(reader) && place != NULL)
        *place = op;
}

static void get_open(struct snapshot_reader *reader)
{
    struct ecsengine_op *op = snapshot_get_op(reader);

    if (op == NULL)
        return;
    snapshot_expect(reader, !op->answered && (reader->op_count == 0 || reader->ops[reader->op_count - 1]->id < op->id));
    list_append(&reader->engine->open_ops, &op->open);
    reader->engine->looking += op->kind == ECSENGINE_OP_INSPECT;
    reader->ops[reader->op_count++] = op;
    struct task *task = snapshot_get_task_place(reader);
    snapshot_expect(reader, task == NULL || (op->definition != NULL && op->definition->hash == snapshot_hash(task->definition)));
    if (snapshot_stuck(reader))
        return;
    op->task = task;
    get_waiter(reader, op);
    snapshot_get_timer(reader, &op->timer);
}

void snapshot_put_ops(const struct snapshot_writer *writer)
{
    const struct list *open = &writer->engine->open_ops;
    uint64_t count = 0;

    for (const struct list *node = open->next; node != open; node = node->next)
        count++;
    record_number(writer->buf, count);
    for (const struct list *node = open->next; node != open && writer->buf->failed == 0; node = node->next) {
        const struct ecsengine_op *op = container_of(node, const struct ecsengine_op, open);
        snapshot_put_op(writer, op);
        snapshot_put_task_place(writer, op->task);
        record_number(writer->buf, waiter_of(writer->engine, op));
        snapshot_put_timer(writer->buf, &op->timer);
    }
}

void snapshot_get_ops(struct snapshot_reader *reader)
{
    size_t count = snapshot_get_count(reader);

    reader->ops = snapshot_pointers(reader, count);
    for (size_t i = 0; i < count && !snapshot_stuck(reader); i++)
        get_open(reader);
}

static int against_id(const void *id, const void *item)
{
    uint64_t a = *(const uint64_t *)id, b = (*(struct ecsengine_op *const *)item)->id;

    return a < b ? -1 : a > b;
}

struct ecsengine_op *snapshot_get_open(struct snapshot_reader *reader)
{
    uint64_t id = record_read_number(reader->getter.reader, UINT64_MAX);
    struct ecsengine_op **found =
        snapshot_stuck(reader) ? NULL : bsearch(&id, reader->ops, reader->op_count, sizeof(*reader->ops), against_id);

    snapshot_expect(reader, found != NULL);
    return found != NULL ? *found : NULL;
}

/* ---- orphans ---- */

static void put_orphan(const struct snapshot_writer *writer, const struct orphan *orphan)
{
    snapshot_put_fields(writer->buf, TABLE_ORPHAN, orphan);
    record_number(writer->buf, snapshot_hash(orphan->definition));
    record_number(writer->buf, orphan->op != NULL);
    if (orphan->op != NULL)
        record_number(writer->buf, orphan->op->id);
    snapshot_put_timer(writer->buf, &orphan->retry);
}

static bool orphan_makes_sense(const struct orphan *orphan)
{
    if (str_len(orphan->runtime_name) == 0)
        return false;
    return orphan->definition == NULL ? orphan->resource_index == 0 : orphan->resource_index < orphan->definition->resource_count;
}

static bool removes(const struct ecsengine_op *op, const struct orphan *orphan)
{
    return op->task == NULL && strcmp(str_text(op->runtime_name), str_text(orphan->runtime_name)) == 0;
}

static void get_orphan(struct snapshot_reader *reader)
{
    struct orphan *orphan = mem_zalloc(reader->engine->mem, sizeof(*orphan));

    if (orphan == NULL) {
        reader->getter.no_memory = true;
        return;
    }
    orphan->retry.kind = TIMER_ORPHAN;
    snapshot_get_fields(reader, TABLE_ORPHAN, orphan);
    orphans_list(reader->engine, orphan);
    orphan->definition = definition_ref(snapshot_get_definition(reader));
    if (record_read_number(reader->getter.reader, 1) != 0)
        orphan->op = snapshot_get_open(reader);
    snapshot_expect(reader, orphan_makes_sense(orphan) && (orphan->op == NULL || removes(orphan->op, orphan)));
    snapshot_get_timer(reader, &orphan->retry);
}

/* The n-th of the list, from 0. */
static struct orphan *nth_orphan(struct engine *engine, uint64_t n)
{
    struct list *node = engine->orphans.next;

    for (; n > 0 && node != &engine->orphans; n--)
        node = node->next;
    return node != &engine->orphans ? container_of(node, struct orphan, link) : NULL;
}

static uint64_t place_of_orphan(const struct engine *engine, const struct orphan *orphan)
{
    uint64_t place = 0;

    for (const struct list *node = engine->orphans.next; node != &orphan->link; node = node->next)
        place++;
    return place;
}

void snapshot_put_orphans(const struct snapshot_writer *writer)
{
    const struct list *all = &writer->engine->orphans, *dirty = &writer->engine->dirty_orphans;
    uint64_t count = 0, marked = 0;

    for (const struct list *node = all->next; node != all; node = node->next)
        count++;
    record_number(writer->buf, count);
    for (const struct list *node = all->next; node != all; node = node->next)
        put_orphan(writer, container_of(node, const struct orphan, link));
    for (const struct list *node = dirty->next; node != dirty; node = node->next)
        marked++;
    record_number(writer->buf, marked);
    for (const struct list *node = dirty->next; node != dirty; node = node->next)
        record_number(writer->buf, place_of_orphan(writer->engine, container_of(node, const struct orphan, dirty)));
}

void snapshot_get_orphans(struct snapshot_reader *reader)
{
    size_t count = snapshot_get_count(reader);

    for (size_t i = 0; i < count && !snapshot_stuck(reader); i++)
        get_orphan(reader);
    size_t marked = snapshot_get_count(reader);
    for (size_t i = 0; i < marked && !snapshot_stuck(reader); i++) {
        struct orphan *orphan = nth_orphan(reader->engine, record_read_number(reader->getter.reader, count));
        snapshot_expect(reader, orphan != NULL && !list_linked(&orphan->dirty));
        if (!snapshot_stuck(reader))
            list_append(&reader->engine->dirty_orphans, &orphan->dirty);
    }
}

/* SPDX-License-Identifier: Apache-2.0 */
/* What is to leave: operations and events that wait. */
#include <stdlib.h>

#include "engine/snapshot_parts.h"
#include "model/event_record.h"

/* ---- operations ---- */

/* An open one by its id. */
static void put_queued(const struct snapshot_writer *writer, const struct ecsengine_op *op)
{
    bool open = list_linked(&op->open);

    record_number(writer->buf, open);
    if (open)
        record_number(writer->buf, op->id);
    else
        snapshot_put_op(writer, op);
}

static void get_queued(struct snapshot_reader *reader, struct list *queue)
{
    bool open = record_read_number(reader->getter.reader, 1) != 0;
    struct ecsengine_op *op = open ? snapshot_get_open(reader) : snapshot_get_op(reader);

    if (op == NULL)
        return;
    snapshot_expect(reader, !list_linked(&op->link) && !op->left && (open || op->answered || op->kind == ECSENGINE_OP_CANCEL));
    if (snapshot_stuck(reader)) {
        if (!open)
            op_unref(op);
        return;
    }
    list_append(queue, &op->link);
    if (open)
        ecsengine_op_ref(op); /* of the way out, beside that of the books */
}

static void put_op_queue(const struct snapshot_writer *writer, const struct list *queue)
{
    uint64_t count = 0;

    for (const struct list *node = queue->next; node != queue; node = node->next)
        count++;
    record_number(writer->buf, count);
    for (const struct list *node = queue->next; node != queue && writer->buf->failed == 0; node = node->next)
        put_queued(writer, container_of(node, const struct ecsengine_op, link));
}

/* ---- events ---- */

static void put_event_queue(const struct snapshot_writer *writer, const struct list *queue)
{
    uint64_t count = 0;

    for (const struct list *node = queue->next; node != queue; node = node->next)
        count++;
    record_number(writer->buf, count);
    for (const struct list *node = queue->next; node != queue && writer->buf->failed == 0; node = node->next) {
        const struct ecsengine_event *event = container_of(node, const struct ecsengine_event, link);
        record_put_event(writer->buf, event, writer->mask);
        snapshot_put_fields(writer->buf, TABLE_EVENT, event);
    }
}

static void get_event(struct snapshot_reader *reader, struct list *queue)
{
    struct ecsengine_event *event = NULL;
    int code = record_get_event(reader->getter.reader, reader->engine->root, snapshot_find_definition, reader, &event);

    if (code < 0) {
        reader->getter.no_memory = code == ECSENGINE_ENOMEM;
        return; /* else the reader knows that it is bad */
    }
    list_append(queue, &event->link);
    snapshot_get_fields(reader, TABLE_EVENT, event);
    snapshot_expect(reader, event->id <= reader->engine->next_event);
}

/* A container's event that waits, and is summed up by one of its task, or will be, is one and the same: what is filled in when it leaves is
 * filled in for both. Each came with a copy, which is replaced here. */
struct sharing {
    struct ecsengine_event **all; /* container events of the queues, by id; NULL: in its place already */
    uint64_t *ids;
    size_t count;
};

static struct ecsengine_event **find_shared(struct sharing *sharing, uint64_t id)
{
    size_t low = 0, high = sharing->count;

    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (sharing->ids[middle] < id)
            low = middle + 1;
        else
            high = middle;
    }
    return sharing->ids[low] == id && sharing->all[low] != NULL ? &sharing->all[low] : NULL; /* behind the last one stands NULL */
}

/* The last of the chain. */
static struct ecsengine_event *share_chain(struct sharing *sharing, struct ecsengine_event **place)
{
    struct ecsengine_event *last = NULL;

    for (; *place != NULL; place = &(*place)->batch_next) {
        struct ecsengine_event *copy = *place, **found = find_shared(sharing, copy->id);
        if (found != NULL) {
            atomic_fetch_add_explicit(&(*found)->refs, 1, memory_order_relaxed);
            (*found)->batch_next = copy->batch_next;
            *place = *found;
            *found = NULL;
            ecsengine_event_free(copy);
        }
        last = *place;
    }
    return last;
}

/* Those of the driver, and those of the engine itself, which has some before its first turn: after records were given back. */
enum { QUEUES = SNAPSHOT_QUEUES + 1 };

static struct list *op_queue(const struct engine *engine, const struct snapshot_queues *queues, size_t i)
{
    return i < SNAPSHOT_QUEUES ? queues->ops[i] : (struct list *)&engine->ops_out;
}

static struct list *event_queue(const struct engine *engine, const struct snapshot_queues *queues, size_t i)
{
    return i < SNAPSHOT_QUEUES ? queues->events[i] : (struct list *)&engine->events_out;
}

void snapshot_put_queues(const struct snapshot_writer *writer)
{
    for (size_t i = 0; i < QUEUES; i++) {
        put_op_queue(writer, op_queue(writer->engine, writer->queues, i));
        put_event_queue(writer, event_queue(writer->engine, writer->queues, i));
    }
}

void snapshot_get_queues(struct snapshot_reader *reader)
{
    for (size_t i = 0; i < QUEUES; i++) {
        size_t ops = snapshot_get_count(reader);
        for (size_t j = 0; j < ops && !snapshot_stuck(reader); j++)
            get_queued(reader, op_queue(reader->engine, reader->queues, i));
        size_t events = snapshot_get_count(reader);
        for (size_t j = 0; j < events && !snapshot_stuck(reader); j++)
            get_event(reader, event_queue(reader->engine, reader->queues, i));
    }
}

static int by_id(const void *left, const void *right)
{
    uint64_t a = (*(struct ecsengine_event *const *)left)->id, b = (*(struct ecsengine_event *const *)right)->id;

    return a < b ? -1 : a > b;
}

static size_t gather(struct snapshot_reader *reader, struct ecsengine_event **into)
{
    size_t count = 0;

    for (size_t i = 0; i < QUEUES; i++) {
        struct list *queue = event_queue(reader->engine, reader->queues, i);
        for (struct list *node = queue->next; node != queue; node = node->next) {
            struct ecsengine_event *event = container_of(node, struct ecsengine_event, link);
            if (event->kind != ECSENGINE_EVENT_CONTAINER && event->kind != ECSENGINE_EVENT_MANAGED_AGENT)
                continue;
            if (into != NULL)
                into[count] = event;
            count++;
        }
    }
    return count;
}

static void share_all(struct snapshot_reader *reader, struct sharing *sharing)
{
    for (size_t i = 0; i < QUEUES; i++) {
        struct list *queue = event_queue(reader->engine, reader->queues, i);
        for (struct list *node = queue->next; node != queue; node = node->next)
            share_chain(sharing, &container_of(node, struct ecsengine_event, link)->batch);
    }
    for (size_t i = 0; i < reader->task_count; i++)
        reader->tasks[i]->batch_last = share_chain(sharing, &reader->tasks[i]->batch_first);
}

void snapshot_share_events(struct snapshot_reader *reader)
{
    size_t count = gather(reader, NULL);
    struct sharing sharing = {.all = snapshot_pointers(reader, count), .count = count};

    sharing.ids = snapshot_stuck(reader) ? NULL : mem_array(reader->engine->mem, count + 1, sizeof(*sharing.ids));
    reader->getter.no_memory = reader->getter.no_memory || (sharing.ids == NULL && !snapshot_stuck(reader));
    if (!snapshot_stuck(reader)) {
        gather(reader, sharing.all);
        qsort(sharing.all, count, sizeof(struct ecsengine_event *), by_id);
        for (size_t i = 0; i < count; i++)
            sharing.ids[i] = sharing.all[i]->id;
        share_all(reader, &sharing);
    }
    mem_free(reader->engine->mem, sharing.all);
    mem_free(reader->engine->mem, sharing.ids);
}

void snapshot_each_queued(const struct engine *engine, const struct snapshot_queues *queues, snapshot_queued_fn *each, void *context)
{
    for (size_t i = 0; i < QUEUES; i++) {
        const struct list *ops = op_queue(engine, queues, i), *events = event_queue(engine, queues, i);
        for (const struct list *node = ops->next; node != ops; node = node->next)
            each(context, container_of(node, const struct ecsengine_op, link)->definition);
        for (const struct list *node = events->next; node != events; node = node->next) {
            const struct ecsengine_event *event = container_of(node, const struct ecsengine_event, link);
            each(context, event->definition);
            for (const struct ecsengine_event *one = event->batch; one != NULL; one = one->batch_next)
                each(context, one->definition);
        }
    }
}

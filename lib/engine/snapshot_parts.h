/* SPDX-License-Identifier: Apache-2.0 */
/* The parts of a snapshot: each puts and gets what is its own. What is pointed to is written once, by the part whose it is; others refer to
 * a task by its place in the order of admission, to a definition by its hash, to an open operation by its id. */
#ifndef ENGINE_SNAPSHOT_PARTS_H
#define ENGINE_SNAPSHOT_PARTS_H

#include "engine/snapshot.h"
#include "engine/snapshot_fields.h"

struct snapshot_writer {
    const struct engine *engine;
    const struct snapshot_queues *queues;
    const struct secret_mask *mask;
    struct buf *buf;
    const struct task **tasks; /* in the order of admission */
    size_t task_count;
};

struct snapshot_reader {
    struct engine *engine;
    const struct snapshot_queues *queues;
    struct record_getter getter;
    struct layout layout;
    uint64_t timer_seq;              /* no timer of the other engine has a higher number */
    struct definition **definitions; /* by hash; a reference each */
    size_t definition_count;
    struct task **tasks;
    size_t task_count;
    struct ecsengine_op **ops; /* those of open_ops, by id */
    size_t op_count;
};

static inline bool snapshot_stuck(const struct snapshot_reader *reader) { return reader->getter.no_memory || reader->getter.reader->bad; }
static inline void snapshot_expect(struct snapshot_reader *reader, bool holds)
{
    if (!holds)
        reader->getter.reader->bad = true;
}

/* A number of items that may all be there: each has a byte at least. */
size_t snapshot_get_count(struct snapshot_reader *reader);
/* A block of `count` pointers; NULL: noted. */
void *snapshot_pointers(struct snapshot_reader *reader, size_t count);
void snapshot_get_fields(struct snapshot_reader *reader, enum snapshot_table table, void *object);
static inline void snapshot_put_fields(struct buf *buf, enum snapshot_table table, const void *object)
{
    fields_put(buf, &snapshot_tables[table], object);
}

/* Whether it is due, when, and which of those that are due then comes first. */
void snapshot_put_timer(struct buf *buf, const struct timer *timer);
void snapshot_get_timer(struct snapshot_reader *reader, struct timer *timer);

/* snapshot_definitions.c. find: for the codecs of operations and events. */
void snapshot_put_definitions(const struct snapshot_writer *writer);
void snapshot_get_definitions(struct snapshot_reader *reader);
struct definition *snapshot_find_definition(void *snapshot_reader, uint64_t hash);
/* By its hash; 0 is none. */
struct definition *snapshot_get_definition(struct snapshot_reader *reader);
static inline uint64_t snapshot_hash(const struct definition *definition) { return definition != NULL ? definition->hash : 0; }

/* snapshot_task.c: with containers, resources, charges, and what was told of it. */
void snapshot_put_tasks(const struct snapshot_writer *writer);
void snapshot_get_tasks(struct snapshot_reader *reader);

/* snapshot_lists.c: who stands where in the engine's lists. A task by its place; NULL is 0, a container is always there. */
void snapshot_put_task_place(const struct snapshot_writer *writer, const struct task *task);
struct task *snapshot_get_task_place(struct snapshot_reader *reader);
void snapshot_put_container_place(const struct snapshot_writer *writer, const struct container *container);
struct container *snapshot_get_container_place(struct snapshot_reader *reader); /* NULL: bad */
void snapshot_put_lists(const struct snapshot_writer *writer);
void snapshot_get_lists(struct snapshot_reader *reader);

/* snapshot_waiting.c: the tasks that wait for host resources. */
void snapshot_put_waiting(const struct snapshot_writer *writer);
void snapshot_get_waiting(struct snapshot_reader *reader);

/* snapshot_ops.c: open operations, and orphans. */
void snapshot_put_op(const struct snapshot_writer *writer, const struct ecsengine_op *op);
struct ecsengine_op *snapshot_get_op(struct snapshot_reader *reader);   /* with one reference; NULL: bad, or no memory */
struct ecsengine_op *snapshot_get_open(struct snapshot_reader *reader); /* by its id, borrowed; NULL: bad */
void snapshot_put_ops(const struct snapshot_writer *writer);
void snapshot_get_ops(struct snapshot_reader *reader);
void snapshot_put_orphans(const struct snapshot_writer *writer);
void snapshot_get_orphans(struct snapshot_reader *reader);

/* snapshot_queues.c: what is to leave. */
void snapshot_put_queues(const struct snapshot_writer *writer);
void snapshot_get_queues(struct snapshot_reader *reader);
/* What tasks and events have of the same event becomes one. */
void snapshot_share_events(struct snapshot_reader *reader);
/* The definitions of what is in the queues; NULL where there is none. */
typedef void snapshot_queued_fn(void *context, const struct definition *definition);
void snapshot_each_queued(const struct engine *engine, const struct snapshot_queues *queues, snapshot_queued_fn *each, void *context);

#endif

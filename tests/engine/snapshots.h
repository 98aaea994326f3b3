/* SPDX-License-Identifier: Apache-2.0 */
/* A bare engine's snapshot, and the engine that is made of one. */
#ifndef TESTS_ENGINE_SNAPSHOTS_H
#define TESTS_ENGINE_SNAPSHOTS_H

#include "made.h"

#include "engine/snapshot.h"

static struct list empty[2 * SNAPSHOT_QUEUES];
static struct engine twin;

static inline struct snapshot_queues queues(void)
{
    for (size_t i = 0; i < sizeof(empty) / sizeof(empty[0]); i++)
        list_init(&empty[i]);
    return (struct snapshot_queues){.ops = {&empty[0], &empty[1]}, .events = {&empty[2], &empty[3]}};
}

static inline int put_masked(const struct engine *engine, bool hidden, struct buf *out)
{
    const struct secret_mask mask = {.hidden = hidden, .key = {3, 4}};
    struct snapshot_queues none = queues();

    buf_init(out, &made_root.mem, 0);
    return snapshot_put(engine, &none, &mask, out);
}

static inline int put(const struct engine *engine, struct buf *out) { return put_masked(engine, false, out); }

/* Into `twin`. */
static inline int get(const void *data, size_t len)
{
    struct snapshot_queues none = queues();
    struct record_reader reader = {.at = data, .end = (const unsigned char *)data + len};

    ck_assert_int_eq(0, engine_init(&twin, &made_root, &made_settings, 7));
    int code = snapshot_get(&twin, &none, &reader);
    return code == 0 && reader.at != reader.end ? ECSENGINE_ECORRUPT : code;
}

static inline void close_twin(void)
{
    struct list *node;

    engine_close(&twin);
    for (size_t i = 0; i < SNAPSHOT_QUEUES; i++) {
        while ((node = list_shift(&empty[i])) != NULL)
            op_unref(container_of(node, struct ecsengine_op, link));
        while ((node = list_shift(&empty[SNAPSHOT_QUEUES + i])) != NULL)
            ecsengine_event_free(container_of(node, struct ecsengine_event, link));
    }
}

static inline void end(void)
{
    struct ecsengine_op *op;
    struct list *node;

    while ((op = made_next()) != NULL)
        op_unref(op);
    while ((node = list_shift(&made.events_out)) != NULL)
        ecsengine_event_free(container_of(node, struct ecsengine_event, link));
    made_close();
}

/* The twin's bytes are those of the engine. */
static inline void twin_is_the_same(void)
{
    struct buf one, other;

    ck_assert_int_eq(0, put(&made, &one));
    ck_assert_int_eq(0, get(one.data, one.len));
    ck_assert_int_eq(0, put_masked(&twin, true, &other));
    ck_assert_uint_eq(one.len, other.len);
    ck_assert_mem_eq(one.data, other.data, one.len);
    buf_free(&one);
    buf_free(&other);
}

#endif

/* SPDX-License-Identifier: Apache-2.0 */
/* The driver's part of a snapshot. What has come in and was not taken is not in it: that is an input of what comes after. So is the answer
 * of the store to the batch that is under way. */
#include "driver/snapshot.h"

#include <string.h>

#include "engine/snapshot.h"
#include "model/fields.h"

static const struct field handle_fields[] = {
    NUMBER(ecsengine, store_state, STORE_PAUSING),
    FLAG(ecsengine, store_failing),
    NUMBER(ecsengine, store_attempt, UINT32_MAX),
    SIGNED(ecsengine, store_retry_ns, RANGE_ANY),
    SIGNED(ecsengine, store_since_ns, RANGE_ANY),
    SIGNED(ecsengine, store_code, RANGE_FAILURE),
    NUMBER(ecsengine, next_batch, UINT32_MAX),
    NUMBER(ecsengine, last_batch, UINT32_MAX),
    NUMBER(ecsengine, durable, UINT32_MAX),
    FLAG(ecsengine, records_given),
    FLAG(ecsengine, records_ended),
};

static const struct field batch_fields[] = {
    NUMBER(ecsengine_batch, id, UINT32_MAX),
};

enum { TABLE_HANDLE = 0, TABLE_BATCH, TABLES };

static const struct fields tables[TABLES] = {
    [TABLE_HANDLE] = {handle_fields, sizeof(handle_fields) / sizeof(handle_fields[0])},
    [TABLE_BATCH] = {batch_fields, sizeof(batch_fields) / sizeof(batch_fields[0])},
};

enum { FLAG_KEEPS = 1, FLAG_BEGAN = 2, FLAG_REFUSING = 4 };

static void queues_of(struct ecsengine *handle, struct snapshot_queues *out_queues)
{
    *out_queues = (struct snapshot_queues){
        .ops = {&handle->ops_now, &handle->ops_wait},
        .events = {&handle->events_now, &handle->events_wait},
    };
}

/* ---- the batch ---- */

static void put_batch(const struct ecsengine *handle, struct buf *buf)
{
    const struct ecsengine_batch *batch = &handle->batch;
    size_t count = handle->store_state != STORE_IDLE ? batch->count : 0;

    fields_put(buf, &tables[TABLE_BATCH], batch);
    record_number(buf, count);
    for (size_t i = 0; i < count; i++) {
        const char *key = batch->data.data + batch->entries[i].key;
        record_text(buf, key, strlen(key));
        record_number(buf, batch->entries[i].deletes);
        if (!batch->entries[i].deletes)
            record_text(buf, batch->data.data + batch->entries[i].value, batch->entries[i].value_len);
    }
}

static void get_entry(struct record_getter *getter, struct ecsengine_batch *batch)
{
    struct str *key = record_get_key(getter);
    bool deletes = record_read_number(getter->reader, 1) != 0;
    size_t len = 0;
    const unsigned char *value = deletes ? NULL : record_read_bytes(getter->reader, SIZE_MAX, &len);

    if (deletes) {
        batch_delete(batch, str_text(key));
    } else {
        batch_begin(batch, str_text(key));
        buf_put(&batch->data, value, len);
        batch_end(batch);
    }
    str_unref(key);
}

static void get_batch(struct record_getter *getter, const struct layout *layout, struct ecsengine_batch *batch)
{
    fields_get(getter, layout, TABLE_BATCH, batch);
    uint64_t count = record_read_number(getter->reader, (uint64_t)(getter->reader->end - getter->reader->at));
    for (uint64_t i = 0; i < count && !getter->reader->bad && batch->failed == 0; i++)
        get_entry(getter, batch);
    getter->no_memory = getter->no_memory || batch->failed != 0;
}

/* ---- all of it ---- */

static bool refusing(struct mailbox *mailbox)
{
    pthread_mutex_lock(&mailbox->lock);
    bool refuses = mailbox->refusing;
    pthread_mutex_unlock(&mailbox->lock);
    return refuses;
}

int driver_snapshot_put(struct ecsengine *handle, const struct secret_mask *mask, struct buf *buf)
{
    struct snapshot_queues queues;

    if (!list_empty(&handle->inputs) || (handle->records_given && !handle->records_ended))
        return ECSENGINE_ESTATE;
    queues_of(handle, &queues);
    fields_put_layout(buf, tables, TABLES);
    record_number(buf, (writeahead_keeps(handle) ? FLAG_KEEPS : 0) | (atomic_load(&handle->began) ? FLAG_BEGAN : 0) |
                           (refusing(handle->mailbox) ? FLAG_REFUSING : 0));
    record_number(buf, atomic_load(&handle->next_command));
    fields_put(buf, &tables[TABLE_HANDLE], handle);
    put_batch(handle, buf);
    return snapshot_put(&handle->engine, &queues, mask, buf);
}

static bool makes_sense(const struct ecsengine *handle)
{
    return handle->next_batch > 0 && handle->last_batch < handle->next_batch && handle->durable <= handle->last_batch &&
           (handle->store_state == STORE_IDLE || handle->batch.id == handle->last_batch) &&
           (!handle->records_given || handle->records_ended);
}

static void get_handle(struct record_getter *getter, struct layout *layout, struct ecsengine *handle)
{
    fields_get_layout(getter, tables, TABLES, layout);
    if (getter->no_memory || getter->reader->bad)
        return;
    uint64_t flags = record_read_number(getter->reader, FLAG_KEEPS | FLAG_BEGAN | FLAG_REFUSING);
    handle->pulls_batches = (flags & FLAG_KEEPS) != 0 && !handle->has_store;
    atomic_store(&handle->began, (flags & FLAG_BEGAN) != 0);
    atomic_store(&handle->next_command, record_read_number(getter->reader, INT64_MAX));
    fields_get(getter, layout, TABLE_HANDLE, handle);
    get_batch(getter, layout, &handle->batch);
    if (!makes_sense(handle))
        getter->reader->bad = true;
    pthread_mutex_lock(&handle->mailbox->lock);
    handle->mailbox->refusing = (flags & FLAG_REFUSING) != 0;
    handle->answer_expected = handle->store_state == STORE_IN_FLIGHT;
    pthread_mutex_unlock(&handle->mailbox->lock);
}

int driver_snapshot_get(struct ecsengine *handle, const void *data, size_t len)
{
    struct record_reader body = {.at = data, .end = (const unsigned char *)data + len};
    struct record_getter getter = {.reader = &body, .mem = handle->engine.mem};
    struct snapshot_queues queues;
    struct layout layout;

    get_handle(&getter, &layout, handle);
    layout_free(&layout);
    if (getter.no_memory)
        return ECSENGINE_ENOMEM;
    if (body.bad)
        return ECSENGINE_ECORRUPT;
    queues_of(handle, &queues);
    int code = snapshot_get(&handle->engine, &queues, &body);
    return code == 0 && body.at != body.end ? ECSENGINE_ECORRUPT : code;
}

/* SPDX-License-Identifier: Apache-2.0 */
/* Write-ahead: at a turn's end everything that it changed becomes one batch. One batch is under way at a time; what changes meanwhile
 * stays marked and goes into the next, so many turns on a slow disk cost one batch. A batch that failed is handed out again as it is. */
#include "driver/driver.h"

#include <string.h>

#include "engine/aside.h"
#include "engine/cleanup.h"
#include "engine/events.h"
#include "engine/orphans.h"
#include "engine/restore.h"
#include "model/record.h"

static const struct backoff store_backoff = {100 * NS_PER_MS, 30 * NS_PER_S, 0, 2000};

bool writeahead_keeps(const struct ecsengine *handle) { return handle->has_store || handle->pulls_batches; }

static bool anything_dirty(const struct ecsengine *handle)
{
    return !list_empty(&handle->engine.dirty) || !list_empty(&handle->engine.dirty_orphans) || !list_empty(&handle->engine.asides) ||
           handle->engine.instance_dirty;
}

uint64_t writeahead_batch_of_turn(const struct ecsengine *handle)
{
    if (!writeahead_keeps(handle))
        return 0;
    uint64_t id = anything_dirty(handle) ? handle->next_batch : handle->last_batch;
    return id <= handle->durable ? 0 : id;
}

static void put_engine(struct ecsengine *handle)
{
    batch_begin(&handle->batch, RESTORE_KEY_OF_ENGINE);
    size_t start = record_begin(&handle->batch.data, 'e');
    record_text(&handle->batch.data, str_text(handle->engine.instance), str_len(handle->engine.instance));
    record_number(&handle->batch.data, handle->engine.next_number);
    record_signed(&handle->batch.data, handle->engine.manifest_number);
    record_number(&handle->batch.data, handle->engine.host.port_cursor);
    record_end(&handle->batch.data, start);
    batch_end(&handle->batch);
}

static void put_definition(struct ecsengine *handle, struct definition *definition)
{
    char key[LIMIT_RECORD_KEY];

    restore_key_of_definition(definition, key);
    batch_begin(&handle->batch, key);
    size_t start = record_begin(&handle->batch.data, 'd');
    buf_put(&handle->batch.data, definition->content, definition->content_len);
    record_end(&handle->batch.data, start);
    batch_end(&handle->batch);
    definition->saved_batch = handle->next_batch;
}

static void put_task(struct ecsengine *handle, struct task *task)
{
    char key[LIMIT_RECORD_KEY];

    if (task->definition != NULL && task->definition->saved_batch == 0)
        put_definition(handle, task->definition);
    restore_key_of_task(task, key);
    batch_begin(&handle->batch, key);
    size_t start = record_begin(&handle->batch.data, 't');
    record_put_task(&handle->batch.data, task);
    record_end(&handle->batch.data, start);
    batch_end(&handle->batch);
}

/* The task goes, and with it its definition, if no other task has it. Definitions of tasks that are dirty too are still in use: their
 * tasks count. */
static void delete_task(struct ecsengine *handle, const struct task *task)
{
    char key[LIMIT_RECORD_KEY];

    restore_key_of_task(task, key);
    batch_delete(&handle->batch, key);
    if (task->definition == NULL || task->definition->tasks_going + 1 < task->definition->tasks) {
        if (task->definition != NULL)
            task->definition->tasks_going++;
        return;
    }
    restore_key_of_definition(task->definition, key);
    batch_delete(&handle->batch, key);
}

/* Before all else: what is to stand under the same keys comes behind. */
static void put_asides(struct ecsengine *handle)
{
    for (struct list *node = handle->engine.asides.next; node != &handle->engine.asides; node = node->next) {
        const struct kept_record *kept = container_of(node, struct kept_record, link);
        batch_begin(&handle->batch, kept->text);
        buf_put(&handle->batch.data, kept->value, kept->len);
        batch_end(&handle->batch);
        batch_delete(&handle->batch, kept->key);
    }
}

static void put_orphans(struct ecsengine *handle)
{
    char key[LIMIT_RECORD_KEY];

    for (struct list *node = handle->engine.dirty_orphans.next; node != &handle->engine.dirty_orphans; node = node->next) {
        const struct orphan *orphan = container_of(node, struct orphan, dirty);
        orphans_key(orphan, key);
        if (orphan->gone) {
            if (orphan->saved)
                batch_delete(&handle->batch, key);
            continue;
        }
        batch_begin(&handle->batch, key);
        size_t start = record_begin(&handle->batch.data, 'o');
        orphans_put(orphan, &handle->batch.data);
        record_end(&handle->batch.data, start);
        batch_end(&handle->batch);
    }
}

/* Encoding has failed: as if it had not begun. */
static void take_back(struct ecsengine *handle)
{
    for (struct list *node = handle->engine.dirty.next; node != &handle->engine.dirty; node = node->next) {
        struct definition *definition = container_of(node, struct task, dirty)->definition;
        if (definition != NULL && definition->saved_batch == handle->next_batch)
            definition->saved_batch = 0;
    }
    batch_clear(&handle->batch);
}

static int encode(struct ecsengine *handle)
{
    batch_clear(&handle->batch);
    put_asides(handle);
    if (handle->engine.instance_dirty)
        put_engine(handle);
    put_orphans(handle);
    for (struct list *node = handle->engine.dirty.next; node != &handle->engine.dirty; node = node->next) {
        struct definition *definition = container_of(node, struct task, dirty)->definition;
        if (definition != NULL)
            definition->tasks_going = 0;
    }
    for (struct list *node = handle->engine.dirty.next; node != &handle->engine.dirty && handle->batch.failed == 0;
         node = node->next) {
        struct task *task = container_of(node, struct task, dirty);
        if (task->deleted)
            delete_task(handle, task);
        else
            put_task(handle, task);
    }
    if (handle->batch.failed == 0)
        return 0;
    take_back(handle);
    return ECSENGINE_ENOMEM;
}

/* All that was dirty is in the batch, or need not be kept. */
static void settle_dirty(struct ecsengine *handle)
{
    struct list *node;

    handle->engine.instance_dirty = false;
    aside_settle(&handle->engine);
    orphans_settle(&handle->engine);
    while ((node = list_shift(&handle->engine.dirty)) != NULL) {
        struct task *task = container_of(node, struct task, dirty);
        if (task->saved_batch == 0)
            task->saved_batch = handle->next_batch;
        if (task->deleted)
            cleanup_forget(&handle->engine, task);
    }
}

int writeahead_run(struct ecsengine *handle)
{
    if (handle->store_state == STORE_PAUSING && handle->engine.mono_ns >= handle->store_retry_ns) {
        handle->store_state = STORE_IN_FLIGHT;
        handle->commit_now = true;
    }
    if (!anything_dirty(handle) || handle->store_state != STORE_IDLE)
        return 0;
    if (!writeahead_keeps(handle)) {
        settle_dirty(handle);
        return 0;
    }
    int code = encode(handle);
    if (code < 0)
        return code;
    settle_dirty(handle);
    handle->batch.id = handle->next_batch;
    handle->last_batch = handle->next_batch++;
    handle->store_state = STORE_IN_FLIGHT;
    handle->store_since_ns = handle->engine.mono_ns;
    handle->commit_now = true;
    return 0;
}

void writeahead_answer(struct ecsengine *handle, uint64_t batch_id, int code)
{
    struct engine *engine = &handle->engine;

    if (code == 0) {
        handle->durable = batch_id;
        handle->store_state = STORE_IDLE;
        handle->store_attempt = 0;
        if (handle->store_failing)
            events_host(engine, ECSENGINE_EVENT_STORE, EVENT_WORKING, NULL);
        handle->store_failing = false;
        return;
    }
    handle->store_state = STORE_PAUSING;
    handle->store_code = code;
    handle->store_retry_ns = engine->mono_ns + backoff_delay_ns(&store_backoff, handle->store_attempt, 0);
    if (handle->store_attempt < UINT32_MAX)
        handle->store_attempt++;
    if (!handle->store_failing) {
        engine_log(engine, ECSENGINE_LOG_ERROR, MESSAGE_STORE_FAILED, "the store failed: %s", ecsengine_code_name(code));
        events_host(engine, ECSENGINE_EVENT_STORE, EVENT_FAILING, ecsengine_code_name(code));
    }
    handle->store_failing = true;
}

void writeahead_view(const struct ecsengine *handle, struct store_view *out_store)
{
    const struct ecsengine_event *held =
        list_empty(&handle->events_wait) ? NULL : container_of(handle->events_wait.next, const struct ecsengine_event, link);

    *out_store = (struct store_view){
        .keeps = writeahead_keeps(handle),
        .pausing = handle->store_state == STORE_PAUSING,
        .durable = handle->durable,
        .held_event = held != NULL ? held->id : 0,
        .held_batch = held != NULL ? held->batch_id : 0,
        .since_ns = handle->store_state != STORE_IDLE ? handle->store_since_ns : CAUSE_NO_TIME,
        .retry_ns = handle->store_retry_ns,
        .tries = handle->store_attempt,
        .error = handle->store_attempt > 0 ? ecsengine_code_name(handle->store_code) : NULL,
    };
}

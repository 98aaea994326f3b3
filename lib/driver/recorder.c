/* SPDX-License-Identifier: Apache-2.0 */
/* The recorder. */
#include "driver/recorder.h"

#include <string.h>

#include "base/prng.h"
#include "driver/snapshot.h"
#include "engine/engine.h"
#include "model/event_record.h"
#include "model/op_record.h"

struct recorder *recorder_new(struct mailbox *mailbox, const uint64_t key[2])
{
    struct mem *mem = &mailbox->root.mem;
    struct recorder *recorder = mem_zalloc(mem, sizeof(*recorder));

    if (recorder == NULL)
        return NULL;
    input_codec_init(&recorder->codec, mailbox);
    memcpy(recorder->codec.mask.key, key, sizeof(recorder->codec.mask.key));
    struct buf *bufs[] = {&recorder->pending, &recorder->body, &recorder->inputs, &recorder->outputs, &recorder->scratch, &recorder->writing};
    for (size_t i = 0; i < sizeof(bufs) / sizeof(bufs[0]); i++)
        buf_init(bufs[i], mem, 0);
    return recorder;
}

void recorder_free(struct recorder *recorder)
{
    if (recorder == NULL)
        return;
    struct mem *mem = &recorder->codec.mailbox->root.mem;
    struct buf *bufs[] = {&recorder->pending, &recorder->body, &recorder->inputs, &recorder->outputs, &recorder->scratch, &recorder->writing};
    for (size_t i = 0; i < sizeof(bufs) / sizeof(bufs[0]); i++)
        buf_free(bufs[i]);
    input_codec_free(&recorder->codec);
    mem_wipe(&recorder->codec.mask, sizeof(recorder->codec.mask));
    mem_free(mem, recorder);
}

/* No memory: what is complete is good, and nothing comes after it. */
static void give_up(struct recorder *recorder, struct engine *engine)
{
    if (!recorder->failed)
        engine_log(engine, ECSENGINE_LOG_ERROR, MESSAGE_RECORDING_FAILED, "the recording ends here: there is no memory for it");
    recorder->failed = true;
}

static size_t chunk_begin(struct recorder *recorder, char kind)
{
    buf_clear(&recorder->body);
    return record_begin(&recorder->body, kind);
}

/* False: no memory. What was pending is as it was. */
static bool chunk_end(struct recorder *recorder, size_t start)
{
    size_t len = recorder->pending.len;

    record_end(&recorder->body, start);
    if (recorder->body.failed == 0) {
        record_number(&recorder->pending, recorder->body.len);
        buf_put(&recorder->pending, recorder->body.data, recorder->body.len);
    }
    if (recorder->body.failed == 0 && recorder->pending.failed == 0)
        return true;
    recorder->pending.len = len;
    recorder->pending.failed = 0;
    return false;
}

static void put_settings(struct recorder *recorder, const struct engine *engine)
{
    const struct setting *setting;
    size_t count = 0;

    while (setting_at(count) != NULL)
        count++;
    record_number(&recorder->body, count);
    for (size_t i = 0; (setting = setting_at(i)) != NULL; i++) {
        buf_clear(&recorder->scratch);
        setting_print(&engine->settings, setting, &recorder->scratch);
        record_text(&recorder->body, setting_key(setting), strlen(setting_key(setting)));
        record_text(&recorder->body, recorder->scratch.data != NULL ? recorder->scratch.data : "", recorder->scratch.len);
        if (recorder->scratch.failed != 0)
            recorder->body.failed = ECSENGINE_ENOMEM;
    }
}

static int put_state(struct recorder *recorder, struct ecsengine *handle)
{
    size_t start = chunk_begin(recorder, 'S');
    int code = driver_snapshot_put(handle, &recorder->codec.mask, &recorder->body);

    if (code < 0)
        return code;
    return chunk_end(recorder, start) ? 0 : ECSENGINE_ENOMEM;
}

int recorder_begin(struct recorder *recorder, struct ecsengine *handle)
{
    bool middle = atomic_load(&handle->began) || handle->records_given;

    buf_puts(&recorder->pending, RECORDING_MAGIC);
    size_t start = chunk_begin(recorder, 'H');
    record_text(&recorder->body, ecsengine_version(), strlen(ecsengine_version()));
    record_number(&recorder->body, middle ? START_MIDDLE : START_NEW);
    record_number(&recorder->body, handle->engine.seed);
    put_settings(recorder, &handle->engine);
    recorder->codec.first_op = handle->engine.next_op + 1;
    if (!chunk_end(recorder, start) || recorder->pending.failed != 0)
        return ECSENGINE_ENOMEM;
    return middle ? put_state(recorder, handle) : 0;
}

void recorder_restored(struct recorder *recorder, const char *key, const void *value, size_t len)
{
    if (recorder->failed)
        return;
    size_t start = chunk_begin(recorder, key != NULL ? 'R' : 'E');
    if (key != NULL) {
        record_number(&recorder->body, strlen(key));
        buf_puts(&recorder->body, key);
        record_number(&recorder->body, len);
        buf_put(&recorder->body, value, len);
    }
    recorder->failed = !chunk_end(recorder, start);
}

void recorder_turn(struct recorder *recorder, const struct ecsengine *handle, bool due)
{
    buf_clear(&recorder->inputs);
    buf_clear(&recorder->outputs);
    recorder->input_count = recorder->output_count = 0;
    recorder->due = due || !handle->engine.began;
}

struct recorder_mark recorder_input(struct recorder *recorder, const struct input *input)
{
    struct recorder_mark mark = {.len = recorder->inputs.len, .known = recorder->codec.known_count};

    if (!recorder->failed && !recorder->keeps)
        input_put(&recorder->codec, &recorder->inputs, input);
    recorder->input_count++;
    return mark;
}

void recorder_take_back(struct recorder *recorder, struct recorder_mark mark)
{
    recorder->inputs.len = mark.len;
    input_codec_unlearn(&recorder->codec, mark.known);
    recorder->input_count--;
}

static void put_output(struct recorder *recorder, uint64_t tag, uint64_t id)
{
    record_number(&recorder->outputs, tag);
    record_number(&recorder->outputs, id);
    record_number(&recorder->outputs, hash64(0, recorder->scratch.data, recorder->scratch.len));
    if (recorder->scratch.failed != 0)
        recorder->outputs.failed = ECSENGINE_ENOMEM;
    recorder->output_count++;
}

static void put_batch(struct recorder *recorder, const struct ecsengine_batch *batch)
{
    buf_clear(&recorder->scratch);
    for (size_t i = 0; i < batch->count; i++) {
        const struct batch_entry *entry = &batch->entries[i];
        const char *key = batch->data.data + entry->key;
        record_text(&recorder->scratch, key, strlen(key));
        record_number(&recorder->scratch, entry->deletes);
        if (!entry->deletes)
            record_text(&recorder->scratch, batch->data.data + entry->value, entry->value_len);
    }
    put_output(recorder, OUTPUT_BATCH, batch->id);
}

static void put_outputs(struct recorder *recorder, const struct ecsengine *handle, const struct list *ops, const struct list *events,
                        bool commit)
{
    for (const struct list *node = ops->next; node != ops; node = node->next) {
        const struct ecsengine_op *op = container_of(node, struct ecsengine_op, link);
        buf_clear(&recorder->scratch);
        record_put_op(&recorder->scratch, op, &recorder->codec.mask);
        put_output(recorder, op->kind, op->id);
    }
    for (const struct list *node = events->next; node != events; node = node->next) {
        const struct ecsengine_event *event = container_of(node, struct ecsengine_event, link);
        buf_clear(&recorder->scratch);
        record_put_event(&recorder->scratch, event, &recorder->codec.mask);
        put_output(recorder, OUTPUT_EVENT + event->kind, event->id);
    }
    if (commit)
        put_batch(recorder, &handle->batch);
}

void recorder_turn_end(struct recorder *recorder, struct ecsengine *handle, const struct list *ops, const struct list *events,
                       bool commit, int64_t deadline_ns, int code)
{
    if (recorder->failed)
        return;
    put_outputs(recorder, handle, ops, events, commit);
    if (recorder->inputs.failed != 0 || recorder->outputs.failed != 0) {
        give_up(recorder, &handle->engine);
        return;
    }
    if (recorder->keeps || (!recorder->due && code == 0 && recorder->input_count == 0 && recorder->output_count == 0))
        return;
    size_t start = chunk_begin(recorder, 'T');
    record_number(&recorder->body, (code < 0 ? TURN_FAILED : 0) | (writeahead_keeps(handle) ? TURN_KEEPS : 0));
    record_number(&recorder->body, (uint64_t)handle->engine.mono_ns);
    record_number(&recorder->body, (uint64_t)handle->engine.wall_ns);
    record_number(&recorder->body, recorder->input_count);
    buf_put(&recorder->body, recorder->inputs.data, recorder->inputs.len);
    record_signed(&recorder->body, deadline_ns);
    record_number(&recorder->body, recorder->output_count);
    buf_put(&recorder->body, recorder->outputs.data, recorder->outputs.len);
    if (!chunk_end(recorder, start))
        give_up(recorder, &handle->engine);
}

void recorder_flush(struct ecsengine *handle)
{
    struct buf bytes;

    pthread_mutex_lock(&handle->record_lock);
    pthread_mutex_lock(&handle->lock);
    struct recorder *recorder = handle->recorder;
    size_t len = recorder != NULL ? recorder->pending.len : 0;
    if (len > 0) { /* the next chunks go where the last ones were */
        bytes = recorder->pending;
        recorder->pending = recorder->writing;
        recorder->writing = bytes;
    }
    pthread_mutex_unlock(&handle->lock);
    if (len > 0) {
        handle->record_thread = pthread_self();
        atomic_store(&handle->record_writes, true);
        recorder->write(recorder->writing.data, len, recorder->write_data);
        atomic_store(&handle->record_writes, false);
        buf_clear(&recorder->writing);
    }
    pthread_mutex_unlock(&handle->record_lock);
}

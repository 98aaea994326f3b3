/* SPDX-License-Identifier: Apache-2.0 */
/* The turn. Inputs are applied in the order in which they came, each with all that follows from it, before the timers that are due; so
 * a completion that came in time wins over its deadline, and how inputs are spread over turns makes no difference. */
#include "driver/driver.h"

#include <assert.h>

#include "driver/recorder.h"
#include "engine/check.h"

static int apply(struct ecsengine *handle, struct input *input)
{
    if (input->kind != INPUT_STORE_DONE)
        return engine_apply(&handle->engine, input);
    if (engine_reserve(&handle->engine, NULL) < 0)
        return ECSENGINE_ENOMEM;
    struct store_answer *answer = container_of(input, struct store_answer, input);
    writeahead_answer(handle, answer->batch_id, answer->code);
    return 0;
}

static int apply_one(struct ecsengine *handle, struct input *input)
{
    struct recorder *recorder = handle->recorder;
    struct recorder_mark mark = {0, 0};
    uint8_t kind = input->kind;

    if (kind == INPUT_UPDATE)
        mailbox_accept_update(handle->mailbox, container_of(input, struct ecsengine_op, update));
    if (recorder != NULL)
        mark = recorder_input(recorder, input);
    int code = apply(handle, input);
    if (code < 0 && recorder != NULL)
        recorder_take_back(recorder, mark);
    bool embedded = kind == INPUT_COMPLETION || kind == INPUT_UPDATE || kind == INPUT_TAKEN; /* gone with their object */
    if (code == 0 && !embedded)
        input_free(handle->mailbox, input);
    return code;
}

/* ENOMEM: the input that could not be applied is the first of those that wait. */
static int apply_all(struct ecsengine *handle)
{
    struct list *node;
    int code = engine_advance(&handle->engine); /* what the last turn had no memory for */

    while (code == 0 && (node = list_shift(&handle->inputs)) != NULL) {
        code = apply_one(handle, container_of(node, struct input, link));
        if (code < 0)
            list_prepend(&handle->inputs, node);
        else
            code = engine_advance(&handle->engine);
    }
    return code < 0 ? code : engine_settle(&handle->engine);
}

#ifdef ECSENGINE_CHECKS
/* With many tasks not after every turn, so that a turn's cost does not grow with them. */
static void check(struct ecsengine *handle)
{
    char text[CHECK_TEXT_MAX];

    if (handle->checks++ % (1 + handle->engine.tasks.count / 256) != 0 || engine_check(&handle->engine, text))
        return;
    engine_log(&handle->engine, ECSENGINE_LOG_ERROR, MESSAGE_CHECK_FAILED, "%s", text);
    assert(!"the engine's books balance");
}
#endif

static int64_t deadline_of(const struct ecsengine *handle)
{
    int64_t due = engine_deadline(&handle->engine);

    return handle->store_state == STORE_PAUSING && handle->store_retry_ns < due ? handle->store_retry_ns : due;
}

static void submit(struct ecsengine *handle, struct ecsengine_op *op)
{
    if (op->kind != ECSENGINE_OP_CANCEL) {
        handle->runtime.submit(op, handle->runtime_data);
        return;
    }
    if (handle->runtime.cancel != NULL)
        handle->runtime.cancel(op->cancel_id, handle->runtime_data);
    op_unref(op);
}

/* What is left in the list is for the host itself to pull. */
static void submit_all(struct ecsengine *handle, struct list *ops)
{
    struct list *node, kept;

    list_init(&kept);
    while ((node = list_shift(ops)) != NULL) {
        struct ecsengine_op *op = container_of(node, struct ecsengine_op, link);
        uint8_t kind = op->kind == ECSENGINE_OP_CANCEL ? op->cancel_kind : op->kind;
        if ((handle->kept_ops >> kind & 1) != 0)
            list_append(&kept, node);
        else
            submit(handle, op);
    }
    list_splice(ops, &kept);
}

/* Out of the lock: the host may call back. */
static void deliver(struct ecsengine *handle, struct list *ops, struct list *events, bool commit, bool again, int64_t deadline_ns)
{
    const struct ecsengine_batch *batch = commit ? &handle->batch : NULL;
    struct list *node, events_now;
    bool automatic = handle->engine.settings.event_ack_auto != 0;

    list_init(&events_now);
    while (handle->event_callback != NULL && (node = list_shift(events)) != NULL)
        list_append(&events_now, node);
    if (handle->has_runtime)
        submit_all(handle, ops);
    mailbox_publish(handle->mailbox, ops, events, handle->pulls_batches ? batch : NULL, deadline_ns, again);
    if (batch != NULL && handle->has_store)
        handle->store.commit(batch->id, batch, handle->store_data);
    while ((node = list_shift(&events_now)) != NULL) {
        struct ecsengine_event *event = container_of(node, struct ecsengine_event, link);
        if (automatic)
            mailbox_taken(handle->mailbox, event);
        handle->event_callback(event, handle->event_data);
    }
}

int driver_turn(struct ecsengine *handle, int64_t mono_ns, int64_t wall_ns)
{
    struct list ops, events;
    struct engine *engine = &handle->engine;

    list_init(&ops);
    list_init(&events);
    pthread_mutex_lock(&handle->lock);
    if (mono_ns > engine->mono_ns)
        engine->mono_ns = mono_ns;
    engine->wall_ns = wall_ns;
    if (handle->recorder != NULL)
        recorder_turn(handle->recorder, handle, deadline_of(handle) <= engine->mono_ns || !list_empty(&engine->touched));
    mailbox_take(handle->mailbox, &handle->inputs);
    if (engine->manifest_number < 0 && writeahead_keeps(handle))
        engine->manifest_number = 0; /* as the reference has it: 0 in a store that is new, -1 without one */
    int code = apply_all(handle);
#ifdef ECSENGINE_CHECKS
    if (code == 0)
        check(handle);
#endif
    outbox_sort(handle);
    int written = writeahead_run(handle);
    int released = outbox_release(handle, &ops, &events);
    if (code == 0)
        code = written < 0 ? written : released;
    bool commit = handle->commit_now;
    handle->commit_now = false;
    int64_t deadline_ns = deadline_of(handle);
    bool recorded = handle->recorder != NULL;
    if (recorded)
        recorder_turn_end(handle->recorder, handle, &ops, &events, commit, deadline_ns, code);
    pthread_mutex_unlock(&handle->lock);
    if (recorded)
        recorder_flush(handle);
    if (commit) {
        pthread_mutex_lock(&handle->mailbox->lock);
        handle->answer_expected = true;
        pthread_mutex_unlock(&handle->mailbox->lock);
    }
    deliver(handle, &ops, &events, commit, code < 0, deadline_ns);
    return code;
}

int driver_dispatch(struct ecsengine *handle, int64_t mono_ns, int64_t wall_ns, struct ecsengine_error **error)
{
    if (handle->replays)
        return error_set(error, ECSENGINE_ESTATE, "this engine's turns come from a recording: ecsengine_replay_next()");
    if (handle->records_given && !handle->records_ended)
        return error_set(error, ECSENGINE_ESTATE, "records were given back; ecsengine_restore_end() has to be called first");
    if (atomic_exchange(&handle->turning, true))
        return error_set(error, ECSENGINE_EREENTRANT, "a turn is under way already");
    atomic_store(&handle->began, true);
    int code = driver_turn(handle, mono_ns, wall_ns);
    atomic_store(&handle->turning, false);
    return code < 0 ? error_nomem(error) : 0;
}

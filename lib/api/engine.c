/* SPDX-License-Identifier: Apache-2.0 */
/* engine.h: birth and end of an engine, and driving it. */
#include <string.h>
#include <sys/random.h>

#include "api/config.h"
#include "api/handle.h"
#include "api/struct_gate.h"
#include "driver/recorder.h"
#include "spec/agent.h"

const char *ecsengine_version(void) { return "0.1.0"; }

void ecsengine_allocator_init(ecsengine_allocator *allocator, size_t size)
{
    if (allocator != NULL && size >= sizeof(allocator->size)) {
        memset(allocator, 0, size);
        allocator->size = size;
    }
}

static int draw_seed(uint64_t *out_seed, struct ecsengine_error **error)
{
    ssize_t got = getrandom(out_seed, sizeof(*out_seed), 0);

    return got == sizeof(*out_seed) ? 0 : error_set(error, ECSENGINE_ESYSTEM, "the system gave no random seed");
}

static int prepare(struct ecsengine *handle, struct mailbox *mailbox, const struct settings *settings, uint64_t seed)
{
    struct list *lists[] = {&handle->inputs, &handle->ops_now, &handle->ops_wait, &handle->events_now, &handle->events_wait};

    handle->mailbox = mailbox;
    pthread_mutex_init(&handle->lock, NULL);
    pthread_mutex_init(&handle->record_lock, NULL);
    for (size_t i = 0; i < sizeof(lists) / sizeof(lists[0]); i++)
        list_init(lists[i]);
    batch_init(&handle->batch, &mailbox->root.mem);
    handle->answer.input.kind = INPUT_STORE_DONE;
    handle->next_batch = 1;
    return engine_init(&handle->engine, &mailbox->root, settings, seed);
}

int handle_new(const struct settings *settings, uint64_t seed, const ecsengine_allocator *allocator, struct ecsengine **out_handle,
               struct ecsengine_error **error)
{
    ecsengine_allocator own;

    if (allocator != NULL) {
        int code = struct_gate(&own, sizeof(own), sizeof(own), allocator, "the allocator", error);
        if (code < 0)
            return code;
        if (own.alloc == NULL || own.free == NULL)
            return error_set(error, ECSENGINE_EINVAL, "the allocator: both of its functions are needed");
    }
    struct mailbox *mailbox = mailbox_new(allocator != NULL ? &own : NULL);
    if (mailbox == NULL)
        return error_nomem(error);
    struct ecsengine *handle = mem_zalloc(&mailbox->root.mem, sizeof(*handle));
    if (handle == NULL) {
        mailbox_close(mailbox);
        return error_nomem(error);
    }
    if (prepare(handle, mailbox, settings, seed) < 0) {
        handle_free(handle);
        return error_nomem(error);
    }
    *out_handle = handle;
    return 0;
}

int ecsengine_new(const ecsengine_config *config, const ecsengine_allocator *allocator, ecsengine **out_engine,
                  ecsengine_error **error)
{
    struct settings settings;
    uint64_t seed;

    if (out_engine == NULL)
        return error_set(error, ECSENGINE_EINVAL, "a place for the engine is needed");
    if (config != NULL)
        settings = *config_settings(config);
    else
        settings_init(&settings);
    seed = settings.seed;
    if (settings.has_seed == 0 && draw_seed(&seed, error) < 0)
        return ECSENGINE_ESYSTEM;
    return handle_new(&settings, seed, allocator, out_engine, error);
}

static void free_lists(struct ecsengine *handle)
{
    struct list *node;

    while ((node = list_shift(&handle->inputs)) != NULL)
        input_free(handle->mailbox, container_of(node, struct input, link));
    while ((node = list_shift(&handle->ops_now)) != NULL)
        op_unref(container_of(node, struct ecsengine_op, link));
    while ((node = list_shift(&handle->ops_wait)) != NULL)
        op_unref(container_of(node, struct ecsengine_op, link));
    while ((node = list_shift(&handle->events_now)) != NULL)
        ecsengine_event_free(container_of(node, struct ecsengine_event, link));
    while ((node = list_shift(&handle->events_wait)) != NULL)
        ecsengine_event_free(container_of(node, struct ecsengine_event, link));
}

int ecsengine_free(ecsengine *engine)
{
    if (engine == NULL)
        return 0;
    if (engine->replays) /* it goes with its replay */
        return ECSENGINE_ESTATE;
    if (engine->thread_runs && thread_stop(engine, NULL) < 0)
        return ECSENGINE_EREENTRANT;
    if (atomic_exchange(&engine->turning, true)) /* for good: the close callbacks can't dispatch either */
        return ECSENGINE_EREENTRANT;
    handle_free(engine);
    return 0;
}

void handle_free(struct ecsengine *engine)
{
    struct mailbox *mailbox = engine->mailbox;
    root_ref(&mailbox->root); /* until the handle itself is given back */
    mailbox_close(mailbox);
    if (engine->has_runtime && engine->runtime.close != NULL)
        engine->runtime.close(engine->runtime_data);
    if (engine->has_store && engine->store.close != NULL)
        engine->store.close(engine->store_data);
    free_lists(engine);
    engine_close(&engine->engine);
    batch_free(&engine->batch);
    recorder_free(engine->recorder);
    agent_entries_free(engine->agents);
    pthread_mutex_destroy(&engine->record_lock);
    pthread_mutex_destroy(&engine->lock);
    mem_free(&mailbox->root.mem, engine);
    mem_close(&mailbox->root.mem);
    root_unref(&mailbox->root);
}

void ecsengine_set_log(ecsengine *engine, enum ecsengine_log_level minimum, ecsengine_log_fn log, void *user_data)
{
    if (engine == NULL)
        return;
    pthread_mutex_lock(&engine->lock);
    engine->engine.log_minimum = minimum;
    engine->engine.log = log;
    engine->engine.log_data = user_data;
    pthread_mutex_unlock(&engine->lock);
}

int ecsengine_dispatch(ecsengine *engine, int64_t mono_ns, int64_t wall_ns, ecsengine_error **error)
{
    if (engine == NULL || mono_ns < 0 || wall_ns < 1 || mono_ns > LIMIT_WALL_NS || wall_ns > LIMIT_WALL_NS)
        return error_set(error, ECSENGINE_EINVAL,
                         "an engine, a monotonic time from 0 and a wall clock from 1 to 2^62 ns are needed");
    return driver_dispatch(engine, mono_ns, wall_ns, error);
}

int64_t ecsengine_deadline_ns(ecsengine *engine)
{
    if (engine == NULL)
        return ECSENGINE_NO_DEADLINE;
    pthread_mutex_lock(&engine->mailbox->lock);
    int64_t deadline_ns = engine->mailbox->deadline_ns;
    pthread_mutex_unlock(&engine->mailbox->lock);
    return deadline_ns < 0 ? 0 : deadline_ns;
}

int ecsengine_get_fd(ecsengine *engine, int32_t *out_fd, ecsengine_error **error)
{
    if (engine == NULL || out_fd == NULL)
        return error_set(error, ECSENGINE_EINVAL, "an engine and a place for the descriptor are needed");
    if (mailbox_get_fd(engine->mailbox, out_fd) < 0)
        return error_set(error, ECSENGINE_ESYSTEM, "the system gave no descriptor");
    return 0;
}

int ecsengine_start(ecsengine *engine, ecsengine_error **error)
{
    if (engine == NULL)
        return error_set(error, ECSENGINE_EINVAL, "an engine is needed");
    return thread_start(engine, error);
}

int ecsengine_stop(ecsengine *engine, ecsengine_error **error)
{
    if (engine == NULL)
        return error_set(error, ECSENGINE_EINVAL, "an engine is needed");
    return thread_stop(engine, error);
}

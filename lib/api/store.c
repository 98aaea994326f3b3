/* SPDX-License-Identifier: Apache-2.0 */
/* store.h: joining a store, its answers, and giving records back. */
#include <string.h>

#include "api/struct_gate.h"
#include "driver/recorder.h"
#include "engine/restore.h"

void ecsengine_store_vtable_init(ecsengine_store_vtable *vtable, size_t size)
{
    if (vtable != NULL && size >= sizeof(vtable->size)) {
        memset(vtable, 0, size);
        vtable->size = size;
    }
}

static int not_too_late(struct ecsengine *engine, struct ecsengine_error **error)
{
    if (engine == NULL)
        return error_set(error, ECSENGINE_EINVAL, "an engine is needed");
    if (atomic_load(&engine->began))
        return error_set(error, ECSENGINE_ESTATE, "this is done before the first dispatch");
    return 0;
}

int ecsengine_set_store(ecsengine *engine, const ecsengine_store_vtable *vtable, void *user_data, ecsengine_error **error)
{
    ecsengine_store_vtable own;

    int code = not_too_late(engine, error);
    if (code == 0)
        code = struct_gate(&own, sizeof(own), sizeof(own), vtable, "the store's vtable", error);
    if (code < 0)
        return code;
    if (own.commit == NULL)
        return error_set(error, ECSENGINE_EINVAL, "the store's vtable: commit is needed");
    if (engine->has_store || engine->pulls_batches)
        return error_set(error, ECSENGINE_ESTATE, "the engine has a store already");
    engine->store = own;
    engine->store_data = user_data;
    engine->has_store = true;
    return 0;
}

int ecsengine_pull_batches(ecsengine *engine, ecsengine_error **error)
{
    int code = not_too_late(engine, error);

    if (code < 0)
        return code;
    if (engine->has_store)
        return error_set(error, ECSENGINE_ESTATE, "the engine has a store already");
    engine->pulls_batches = true;
    return 0;
}

const ecsengine_batch *ecsengine_next_batch(ecsengine *engine)
{
    return engine != NULL ? mailbox_next_batch(engine->mailbox) : NULL;
}

int ecsengine_store_done(ecsengine *engine, uint64_t batch_id, int code, ecsengine_error **error)
{
    bool put = false;

    if (engine == NULL || code > 0)
        return error_set(error, ECSENGINE_EINVAL, "an engine, and 0 or a negative code, are needed");
    pthread_mutex_lock(&engine->mailbox->lock);
    if (engine->answer_expected && engine->batch.id == batch_id) {
        engine->answer_expected = false;
        engine->mailbox->batch = NULL; /* answered without having been taken */
        engine->answer.batch_id = batch_id;
        engine->answer.code = code;
        put = true;
    }
    pthread_mutex_unlock(&engine->mailbox->lock);
    if (!put)
        return error_set(error, ECSENGINE_EALREADY, "batch %llu is not in flight", (unsigned long long)batch_id);
    if (mailbox_put(engine->mailbox, &engine->answer.input, false) < 0)
        return error_set(error, ECSENGINE_ECLOSED, "the engine is gone");
    return 0;
}

int ecsengine_restore_record(ecsengine *engine, const char *key, const void *value, size_t value_len, ecsengine_error **error)
{
    int code = not_too_late(engine, error);

    if (code < 0)
        return code;
    if (key == NULL || (value == NULL && value_len > 0))
        return error_set(error, ECSENGINE_EINVAL, "a key and a value are needed");
    pthread_mutex_lock(&engine->lock);
    engine->records_given = true;
    code = restore_record(&engine->engine, key, value, value_len);
    if (code != ECSENGINE_ENOMEM && engine->recorder != NULL)
        recorder_restored(engine->recorder, key, value, value_len);
    pthread_mutex_unlock(&engine->lock);
    if (code == ECSENGINE_ENOMEM)
        return error_nomem(error);
    if (code == ECSENGINE_EUNSUPPORTED)
        return error_set(error, code, "record `%.200s` was written by a newer version of the library", key);
    return code < 0 ? error_set(error, code, "record `%.200s` is damaged", key) : 0;
}

int ecsengine_restore_end(ecsengine *engine, ecsengine_error **error)
{
    int code = not_too_late(engine, error);

    if (code < 0)
        return code;
    pthread_mutex_lock(&engine->lock);
    code = restore_end(&engine->engine);
    engine->records_ended = code == 0;
    if (code == 0 && engine->recorder != NULL)
        recorder_restored(engine->recorder, NULL, NULL, 0);
    pthread_mutex_unlock(&engine->lock);
    return code < 0 ? error_nomem(error) : 0;
}

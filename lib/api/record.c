/* SPDX-License-Identifier: Apache-2.0 */
/* record.h: beginning and ending a recording. */
#include "ecsengine/record.h"

#include <sys/random.h>

#include "driver/recorder.h"

/* Puts a recorder in the place of the one that there is, whose last chunks the host is given first. */
static int replace(struct ecsengine *engine, struct recorder *next, struct ecsengine_error **error)
{
    int code = 0;

    recorder_flush(engine);
    pthread_mutex_lock(&engine->record_lock);
    pthread_mutex_lock(&engine->lock);
    if (next != NULL)
        code = recorder_begin(next, engine);
    struct recorder *last = code == 0 ? engine->recorder : next;
    if (code == 0)
        engine->recorder = next;
    bool failed = last != NULL && last->failed, restoring = engine->records_given && !engine->records_ended;
    pthread_mutex_unlock(&engine->lock);
    pthread_mutex_unlock(&engine->record_lock);
    recorder_free(last);
    if (code < 0)
        return code == ECSENGINE_ESTATE && restoring
                   ? error_set(error, code, "records are being given back: a recording begins before that, or after ecsengine_restore_end()")
                   : error_nomem(error);
    if (next == NULL && last == NULL)
        return error_set(error, ECSENGINE_ESTATE, "nothing is being recorded");
    return next == NULL && failed ? error_nomem(error) : 0;
}

/* From within the host's own write function: it would wait for itself. */
static int not_from_within(struct ecsengine *engine, struct ecsengine_error **error)
{
    if (atomic_load(&engine->record_writes) && pthread_equal(engine->record_thread, pthread_self()))
        return error_set(error, ECSENGINE_EREENTRANT, "a recording can not be begun or ended by the function that writes it");
    return 0;
}

int ecsengine_record_start(ecsengine *engine, ecsengine_record_fn write, void *user_data, ecsengine_error **error)
{
    uint64_t key[2];

    if (engine == NULL || write == NULL)
        return error_set(error, ECSENGINE_EINVAL, "an engine and a function that writes are needed");
    int code = not_from_within(engine, error);
    if (code < 0)
        return code;
    if (engine->replays)
        return error_set(error, ECSENGINE_ESTATE, "this engine's turns come from a recording already");
    if (getrandom(key, sizeof(key), 0) != sizeof(key))
        return error_set(error, ECSENGINE_ESYSTEM, "the system gave no random key");
    struct recorder *recorder = recorder_new(engine->mailbox, key);
    if (recorder == NULL)
        return error_nomem(error);
    recorder->write = write;
    recorder->write_data = user_data;
    code = replace(engine, recorder, error);
    if (code == 0)
        recorder_flush(engine);
    return code;
}

int ecsengine_record_stop(ecsengine *engine, ecsengine_error **error)
{
    if (engine == NULL)
        return error_set(error, ECSENGINE_EINVAL, "an engine is needed");
    int code = not_from_within(engine, error);
    return code < 0 ? code : replace(engine, NULL, error);
}

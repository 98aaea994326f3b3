/* SPDX-License-Identifier: Apache-2.0 */
/* The store: one thread that commits, and the public functions. The engine has one batch out at a time, so there is one place for work.
 * The database belongs to the thread while a batch is there, and to whoever attaches an engine while none is. */
#include "ecsengine/sqlite.h"

#include <pthread.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "database.h"

enum { FAILURE_TEXT = 512 };

struct counters {
    uint64_t commits, failed, records, bytes, quarantined, checkpoints;
};

struct ecsengine_sqlite {
    struct database database;
    pthread_t thread;

    pthread_mutex_t lock;
    pthread_cond_t changed; /* work has come, is done, or there will be none */
    /* guarded by lock */
    ecsengine *engine; /* whose store it is; NULL: nobody's */
    const ecsengine_batch *batch;
    bool working; /* on a batch, up to and with its answer */
    bool ends;
    struct counters counters;
    char failure[FAILURE_TEXT];
    char shown[FAILURE_TEXT]; /* what ecsengine_sqlite_failure() gave out */
};

static void count(struct ecsengine_sqlite *store, const ecsengine_batch *batch, int code)
{
    size_t len = 0;

    if (code < 0) {
        store->counters.failed++;
        return;
    }
    store->counters.commits++;
    store->counters.records += ecsengine_batch_count(batch);
    for (size_t i = 0; i < ecsengine_batch_count(batch); i++) {
        if (ecsengine_batch_value(batch, i, &len) == NULL)
            continue;
        store->counters.bytes += len;
        store->counters.quarantined += database_sets_aside(ecsengine_batch_key(batch, i));
    }
}

/* With the lock held, which is given up meanwhile. After the answer, so that nobody waits for it but a batch that comes too soon. */
static void tidy_locked(struct ecsengine_sqlite *store)
{
    char text[FAILURE_TEXT] = "";

    if (!database_tidy_due(&store->database, store->batch != NULL))
        return;
    pthread_mutex_unlock(&store->lock);
    int code = database_tidy(&store->database, text, sizeof(text));
    pthread_mutex_lock(&store->lock);
    store->counters.checkpoints += code == 0;
    if (code < 0)
        memcpy(store->failure, text, sizeof(text));
}

/* With the lock held, which is given up meanwhile. The batch is the engine's again with its answer, and the next one may come before that
 * call has returned. */
static void work_locked(struct ecsengine_sqlite *store)
{
    const ecsengine_batch *batch = store->batch;
    ecsengine *engine = store->engine;
    uint64_t batch_id = ecsengine_batch_id(batch);
    char text[FAILURE_TEXT] = "";

    store->batch = NULL;
    store->working = true;
    pthread_mutex_unlock(&store->lock);
    int code = database_commit(&store->database, batch, text, sizeof(text));
    pthread_mutex_lock(&store->lock);
    count(store, batch, code);
    if (code < 0)
        memcpy(store->failure, text, sizeof(text));
    pthread_mutex_unlock(&store->lock);
    ecsengine_store_done(engine, batch_id, code, NULL);
    pthread_mutex_lock(&store->lock);
    tidy_locked(store);
    store->working = false;
    pthread_cond_broadcast(&store->changed);
}

static void *run(void *user_data)
{
    struct ecsengine_sqlite *store = user_data;

    pthread_mutex_lock(&store->lock);
    while (!store->ends) {
        if (store->batch != NULL)
            work_locked(store);
        else
            pthread_cond_wait(&store->changed, &store->lock);
    }
    pthread_mutex_unlock(&store->lock);
    return NULL;
}

static void commit(uint64_t batch_id, const ecsengine_batch *batch, void *user_data)
{
    struct ecsengine_sqlite *store = user_data;

    (void)batch_id;
    pthread_mutex_lock(&store->lock);
    store->batch = batch;
    pthread_cond_broadcast(&store->changed);
    pthread_mutex_unlock(&store->lock);
}

/* The engine is being freed. What was handed over is still made durable: it costs one commit and may spare a repetition. */
static void closed(void *user_data)
{
    struct ecsengine_sqlite *store = user_data;

    pthread_mutex_lock(&store->lock);
    while (store->working || store->batch != NULL)
        pthread_cond_wait(&store->changed, &store->lock);
    store->engine = NULL;
    pthread_mutex_unlock(&store->lock);
}

int ecsengine_sqlite_open(const char *path, ecsengine_sqlite **out_store, ecsengine_error **error)
{
    if (path == NULL || path[0] == '\0' || out_store == NULL)
        return ecsengine_error_set(error, ECSENGINE_EINVAL, "a path and a place for the store are needed");
    struct ecsengine_sqlite *store = calloc(1, sizeof(*store));
    if (store == NULL)
        return ecsengine_error_set(error, ECSENGINE_ENOMEM, "there is no memory for a store");
    int code = database_open(&store->database, path, error);
    if (code < 0) {
        free(store);
        return code;
    }
    pthread_mutex_init(&store->lock, NULL);
    pthread_cond_init(&store->changed, NULL);
    if (pthread_create(&store->thread, NULL, run, store) != 0) {
        database_close(&store->database);
        free(store);
        return ecsengine_error_set(error, ECSENGINE_ESYSTEM, "the store's thread could not be started");
    }
    *out_store = store;
    return 0;
}

/* What is damaged is the engine's to deal with: it has it set aside by its first batch. */
static int give(const char *key, const void *value, size_t len, void *user_data, ecsengine_error **error)
{
    ecsengine_error *own = NULL;
    int code = ecsengine_restore_record(user_data, key, value, len, &own);
    bool refused = code < 0 && code != ECSENGINE_ECORRUPT;

    if (refused && error != NULL)
        *error = own;
    else
        ecsengine_error_free(own);
    return refused ? code : 0;
}

static int restore(struct ecsengine_sqlite *store, ecsengine *engine, ecsengine_error **error)
{
    ecsengine_store_vtable vtable;
    int code = database_read(&store->database, give, engine, error);

    if (code == 0)
        code = ecsengine_restore_end(engine, error);
    if (code < 0)
        return code;
    ecsengine_store_vtable_init(&vtable, sizeof(vtable));
    vtable.commit = commit;
    vtable.close = closed;
    return ecsengine_set_store(engine, &vtable, store, error);
}

int ecsengine_sqlite_attach(ecsengine_sqlite *store, ecsengine *engine, ecsengine_error **error)
{
    if (store == NULL || engine == NULL)
        return ecsengine_error_set(error, ECSENGINE_EINVAL, "a store and an engine are needed");
    pthread_mutex_lock(&store->lock);
    bool taken = store->engine != NULL;
    if (!taken)
        store->engine = engine;
    pthread_mutex_unlock(&store->lock);
    if (taken)
        return ecsengine_error_set(error, ECSENGINE_ESTATE, "the store serves an engine already");
    int code = restore(store, engine, error);
    if (code < 0)
        closed(store);
    return code;
}

int ecsengine_sqlite_close(ecsengine_sqlite *store, ecsengine_error **error)
{
    if (store == NULL)
        return 0;
    pthread_mutex_lock(&store->lock);
    bool serves = store->engine != NULL;
    store->ends = !serves;
    pthread_cond_broadcast(&store->changed);
    pthread_mutex_unlock(&store->lock);
    if (serves)
        return ecsengine_error_set(error, ECSENGINE_ESTATE, "an engine uses the store: free the engine first");
    pthread_join(store->thread, NULL);
    database_close(&store->database);
    pthread_cond_destroy(&store->changed);
    pthread_mutex_destroy(&store->lock);
    free(store);
    return 0;
}

uint64_t ecsengine_sqlite_counter(ecsengine_sqlite *store, const char *name)
{
    struct counters now = {0};

    if (store == NULL || name == NULL)
        return 0;
    pthread_mutex_lock(&store->lock);
    now = store->counters;
    pthread_mutex_unlock(&store->lock);
    return strcmp(name, "commits") == 0          ? now.commits
           : strcmp(name, "failed-commits") == 0 ? now.failed
           : strcmp(name, "records") == 0        ? now.records
           : strcmp(name, "bytes") == 0          ? now.bytes
           : strcmp(name, "quarantined") == 0    ? now.quarantined
           : strcmp(name, "checkpoints") == 0    ? now.checkpoints
                                                 : 0;
}

const char *ecsengine_sqlite_failure(ecsengine_sqlite *store)
{
    if (store == NULL)
        return "";
    pthread_mutex_lock(&store->lock);
    memcpy(store->shown, store->failure, sizeof(store->shown));
    pthread_mutex_unlock(&store->lock);
    return store->shown;
}

/* SPDX-License-Identifier: Apache-2.0 */
#define _GNU_SOURCE /* RTLD_NEXT */
#include "between.h"

#include <dlfcn.h>
#include <pthread.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include "ecsengine/store.h"

struct records between_durable, between_perhaps, between_given;

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t answered_one = PTHREAD_COND_INITIALIZER;
static uint64_t handed, answered;
static ecsengine_store_vtable store;
static void *store_data;

/* The function of that name in the library. */
static void *real(const char *name)
{
    void *found = dlsym(RTLD_NEXT, name);

    if (found == NULL) {
        fprintf(stderr, "between: there is no %s\n", name);
        abort();
    }
    return found;
}

static void commit(uint64_t batch_id, const ecsengine_batch *batch, void *user_data)
{
    (void)user_data;
    pthread_mutex_lock(&lock);
    handed++;
    records_copy(&between_perhaps, &between_durable);
    for (size_t i = 0; i < ecsengine_batch_count(batch); i++) {
        size_t len = 0;
        const void *value = ecsengine_batch_value(batch, i, &len);
        records_put(&between_perhaps, ecsengine_batch_key(batch, i), value, len);
    }
    pthread_mutex_unlock(&lock);
    store.commit(batch_id, batch, store_data);
}

static void closed(void *user_data)
{
    (void)user_data;
    if (store.close != NULL)
        store.close(store_data);
}

int ecsengine_set_store(ecsengine *engine, const ecsengine_store_vtable *vtable, void *user_data, ecsengine_error **error)
{
    int (*set)(ecsengine *, const ecsengine_store_vtable *, void *, ecsengine_error **) = real("ecsengine_set_store");
    ecsengine_store_vtable own;

    store = *vtable;
    store_data = user_data;
    ecsengine_store_vtable_init(&own, sizeof(own));
    own.commit = commit;
    own.close = closed;
    return set(engine, &own, NULL, error);
}

int ecsengine_store_done(ecsengine *engine, uint64_t batch_id, int code, ecsengine_error **error)
{
    int (*done)(ecsengine *, uint64_t, int, ecsengine_error **) = real("ecsengine_store_done");
    int rc = done(engine, batch_id, code, error);

    pthread_mutex_lock(&lock);
    if (code == 0)
        records_copy(&between_durable, &between_perhaps);
    answered++;
    pthread_cond_signal(&answered_one);
    pthread_mutex_unlock(&lock);
    return rc;
}

int ecsengine_restore_record(ecsengine *engine, const char *key, const void *value, size_t len, ecsengine_error **error)
{
    int (*restore)(ecsengine *, const char *, const void *, size_t, ecsengine_error **) = real("ecsengine_restore_record");

    records_put(&between_given, key, value, len);
    return restore(engine, key, value, len, error);
}

void between_wait(void)
{
    pthread_mutex_lock(&lock);
    while (answered < handed)
        pthread_cond_wait(&answered_one, &lock);
    pthread_mutex_unlock(&lock);
}

void between_forget_given(void) { records_clear(&between_given); }

void between_reset(void)
{
    records_clear(&between_durable);
    records_clear(&between_perhaps);
    records_clear(&between_given);
    handed = answered = 0;
}

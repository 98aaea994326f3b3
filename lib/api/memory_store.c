/* SPDX-License-Identifier: Apache-2.0 */
/* The memory store: the store contract in its simplest form, for tests and as an example. It uses the public API alone. Records are
 * kept sorted by key. */
#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "ecsengine/store.h"

struct kept {
    char *key;
    unsigned char *value;
    size_t len;
};

struct ecsengine_memory_store {
    struct kept *items;
    size_t count;
    size_t cap;
    ecsengine *engine;
    uint64_t held_batch; /* not answered yet */
    const ecsengine_batch *held_work; /* nor kept yet; NULL: it is, or has failed */
    int held_code;
    int32_t hold;
    int32_t fail_count;
    int fail_code;
};

int ecsengine_memory_store_new(ecsengine_memory_store **out_store, ecsengine_error **error)
{
    if (out_store == NULL)
        return error_set(error, ECSENGINE_EINVAL, "a place for the store is needed");
    struct ecsengine_memory_store *store = calloc(1, sizeof(*store));
    if (store == NULL)
        return error_nomem(error);
    *out_store = store;
    return 0;
}

void ecsengine_memory_store_free(ecsengine_memory_store *store)
{
    if (store == NULL)
        return;
    for (size_t i = 0; i < store->count; i++) {
        free(store->items[i].key);
        free(store->items[i].value);
    }
    free(store->items);
    free(store);
}

/* Where the key is, or would be. */
static size_t place(const struct ecsengine_memory_store *store, const char *key, int *found)
{
    size_t low = 0, high = store->count;

    *found = 0;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        int order = strcmp(store->items[middle].key, key);
        if (order == 0)
            *found = 1;
        if (order < 0)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

/* Everything that a batch needs is allocated before anything is changed: all of it or nothing. */
static int prepare(struct ecsengine_memory_store *store, const ecsengine_batch *batch, struct kept *fresh)
{
    size_t count = ecsengine_batch_count(batch);

    if (store->count + count > store->cap) {
        size_t cap = (store->count + count) * 2;
        struct kept *items = realloc(store->items, cap * sizeof(*items));
        if (items == NULL)
            return ECSENGINE_ENOMEM;
        store->items = items;
        store->cap = cap;
    }
    for (size_t i = 0; i < count; i++) {
        const void *value = ecsengine_batch_value(batch, i, &fresh[i].len);
        if (value == NULL)
            continue;
        fresh[i].key = strdup(ecsengine_batch_key(batch, i));
        fresh[i].value = malloc(fresh[i].len + 1);
        if (fresh[i].key == NULL || fresh[i].value == NULL)
            return ECSENGINE_ENOMEM;
        memcpy(fresh[i].value, value, fresh[i].len);
    }
    return 0;
}

static void apply_one(struct ecsengine_memory_store *store, const char *key, struct kept *fresh)
{
    int found;
    size_t at = place(store, key, &found);

    if (found) {
        free(store->items[at].key);
        free(store->items[at].value);
    }
    if (fresh->value == NULL && found) {
        memmove(&store->items[at], &store->items[at + 1], (store->count - at - 1) * sizeof(store->items[0]));
        store->count--;
    } else if (fresh->value != NULL) {
        if (!found) {
            memmove(&store->items[at + 1], &store->items[at], (store->count - at) * sizeof(store->items[0]));
            store->count++;
        }
        store->items[at] = *fresh;
        *fresh = (struct kept){0};
    }
}

static int keep(struct ecsengine_memory_store *store, const ecsengine_batch *batch)
{
    size_t count = ecsengine_batch_count(batch);
    struct kept *fresh = calloc(count + 1, sizeof(*fresh));
    int code = fresh != NULL ? prepare(store, batch, fresh) : ECSENGINE_ENOMEM;

    for (size_t i = 0; code == 0 && i < count; i++)
        apply_one(store, ecsengine_batch_key(batch, i), &fresh[i]);
    for (size_t i = 0; fresh != NULL && i < count; i++) {
        free(fresh[i].key);
        free(fresh[i].value);
    }
    free(fresh);
    return code;
}

static void commit(uint64_t batch_id, const ecsengine_batch *batch, void *user_data)
{
    struct ecsengine_memory_store *store = user_data;
    int code = 0;

    store->held_work = NULL;
    if (store->fail_count > 0) {
        store->fail_count--;
        code = store->fail_code;
    } else if (store->hold > 1) {
        store->held_work = batch;
    } else {
        code = keep(store, batch);
    }
    store->held_batch = batch_id;
    store->held_code = code;
    if (store->hold == 0)
        ecsengine_memory_store_flush(store);
}

static void closed(void *user_data)
{
    struct ecsengine_memory_store *store = user_data;

    store->engine = NULL;
    store->held_batch = 0;
    store->held_work = NULL;
}

int ecsengine_memory_store_attach(ecsengine_memory_store *store, ecsengine *engine, ecsengine_error **error)
{
    ecsengine_store_vtable vtable;

    if (store == NULL || engine == NULL)
        return error_set(error, ECSENGINE_EINVAL, "a store and an engine are needed");
    if (store->engine != NULL)
        return error_set(error, ECSENGINE_ESTATE, "the store serves an engine already");
    ecsengine_store_vtable_init(&vtable, sizeof(vtable));
    vtable.commit = commit;
    vtable.close = closed;
    for (size_t i = 0; i < store->count; i++) {
        int code = ecsengine_restore_record(engine, store->items[i].key, store->items[i].value, store->items[i].len, error);
        if (code < 0 && code != ECSENGINE_ECORRUPT)
            return code;
    }
    int code = ecsengine_restore_end(engine, error);
    if (code == 0)
        code = ecsengine_set_store(engine, &vtable, store, error);
    if (code == 0)
        store->engine = engine;
    return code;
}

size_t ecsengine_memory_store_count(const ecsengine_memory_store *store) { return store != NULL ? store->count : 0; }

const char *ecsengine_memory_store_key(const ecsengine_memory_store *store, size_t index)
{
    return index < ecsengine_memory_store_count(store) ? store->items[index].key : NULL;
}

const void *ecsengine_memory_store_value(const ecsengine_memory_store *store, size_t index, size_t *out_len)
{
    if (index >= ecsengine_memory_store_count(store))
        return NULL;
    if (out_len != NULL)
        *out_len = store->items[index].len;
    return store->items[index].value;
}

void ecsengine_memory_store_fail(ecsengine_memory_store *store, int32_t count, int code)
{
    if (store != NULL) {
        store->fail_count = count;
        store->fail_code = code;
    }
}

void ecsengine_memory_store_hold(ecsengine_memory_store *store, int32_t hold)
{
    if (store != NULL)
        store->hold = hold;
}

void ecsengine_memory_store_flush(ecsengine_memory_store *store)
{
    if (store == NULL || store->engine == NULL || store->held_batch == 0)
        return;
    uint64_t batch_id = store->held_batch;
    store->held_batch = 0;
    if (store->held_work != NULL)
        store->held_code = keep(store, store->held_work);
    store->held_work = NULL;
    ecsengine_store_done(store->engine, batch_id, store->held_code, NULL);
}

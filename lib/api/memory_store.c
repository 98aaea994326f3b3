/* SPDX-License-Identifier: Apache-2.0 */
/* The memory store: the store contract in its simplest form, for tests and as an example. It uses the public API alone, and of ours a
 * hash map, so that a record costs the same however many there are. They are put in order of their keys when somebody looks at them. */
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "base/map.h"
#include "base/prng.h"
#include "ecsengine/store.h"

struct kept {
    struct map_node by_key;
    size_t at; /* in the list */
    size_t key_len, len;
    size_t room;  /* for the value: a little more than it needed, since records grow while a task goes on */
    bool in_hand; /* the batch at hand has an entry for it already */
    char key[];   /* NUL-terminated; the value comes behind it */
};

struct ecsengine_memory_store {
    struct mem mem;
    struct map by_key;
    struct kept **items;
    size_t count;
    size_t cap;
    bool sorted;
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
    mem_init(&store->mem, NULL);
    map_init(&store->by_key, &store->mem);
    *out_store = store;
    return 0;
}

void ecsengine_memory_store_free(ecsengine_memory_store *store)
{
    if (store == NULL)
        return;
    for (size_t i = 0; i < store->count; i++)
        free(store->items[i]);
    free(store->items);
    map_free(&store->by_key);
    mem_close(&store->mem);
    free(store);
}

static char *value_of(struct kept *kept) { return kept->key + kept->key_len + 1; }

static struct kept *find(const struct ecsengine_memory_store *store, const char *key, uint64_t hash)
{
    struct map_node *node = map_find(&store->by_key, hash);

    while (node != NULL && strcmp(container_of(node, struct kept, by_key)->key, key) != 0)
        node = map_find_next(node);
    return node != NULL ? container_of(node, struct kept, by_key) : NULL;
}

static struct kept *kept_new(const char *key, const void *value, size_t len)
{
    size_t key_len = strlen(key), room = (len + 127) & ~(size_t)63;
    struct kept *kept = malloc(sizeof(*kept) + key_len + 1 + room);

    if (kept == NULL)
        return NULL;
    kept->key_len = key_len;
    kept->len = len;
    kept->room = room;
    kept->in_hand = false;
    memcpy(kept->key, key, key_len + 1);
    memcpy(value_of(kept), value, len);
    return kept;
}

/* What is to become of one entry of a batch. */
struct change {
    uint64_t hash;      /* of its key */
    struct kept *old;   /* what is there before the batch; NULL: nothing */
    struct kept *fresh; /* what takes its place; NULL: it is deleted, or written over */
};

static int prepare_one(struct ecsengine_memory_store *store, const ecsengine_batch *batch, size_t index, struct change *change)
{
    const char *key = ecsengine_batch_key(batch, index);
    size_t len = 0;
    const void *value = ecsengine_batch_value(batch, index, &len);

    change->old = find(store, key, change->hash);
    bool over = change->old != NULL && !change->old->in_hand && value != NULL && len <= change->old->room;
    if (change->old != NULL)
        change->old->in_hand = true;
    if (value == NULL || over)
        return 0;
    change->fresh = kept_new(key, value, len);
    return change->fresh != NULL ? 0 : ECSENGINE_ENOMEM;
}

static int make_room(struct ecsengine_memory_store *store, size_t count)
{
    if (store->count + count > store->cap) {
        size_t cap = (store->count + count) * 2;
        struct kept **items = realloc(store->items, cap * sizeof(*items));
        if (items == NULL)
            return ECSENGINE_ENOMEM;
        store->items = items;
        store->cap = cap;
    }
    return map_reserve(&store->by_key, store->count + count);
}

/* Everything that a batch needs is allocated before anything is changed: all of it or nothing. */
static int prepare(struct ecsengine_memory_store *store, const ecsengine_batch *batch, struct change *changes)
{
    size_t count = ecsengine_batch_count(batch);
    int code = make_room(store, count);

    if (code < 0)
        return code;
    for (size_t i = 0; i < count; i++) {
        const char *key = ecsengine_batch_key(batch, i);
        changes[i].hash = hash64(0, key, strlen(key));
        map_near(&store->by_key, changes[i].hash);
    }
    for (size_t i = 0; i < count; i++)
        map_nearer(&store->by_key, changes[i].hash);
    for (size_t i = 0; i < count && code == 0; i++)
        code = prepare_one(store, batch, i, &changes[i]);
    for (size_t i = 0; i < count; i++)
        if (changes[i].old != NULL)
            changes[i].old->in_hand = false;
    return code;
}

static void put(struct ecsengine_memory_store *store, struct kept *fresh, struct kept *old, uint64_t hash)
{
    if (old != NULL) {
        fresh->at = old->at;
        map_remove(&store->by_key, &old->by_key);
        free(old);
    } else {
        fresh->at = store->count++;
        store->sorted = false;
    }
    store->items[fresh->at] = fresh;
    map_insert(&store->by_key, &fresh->by_key, hash);
}

static void delete(struct ecsengine_memory_store *store, struct kept *old)
{
    struct kept *last = store->items[--store->count];

    store->items[old->at] = last;
    last->at = old->at;
    store->sorted = store->sorted && last == old;
    map_remove(&store->by_key, &old->by_key);
    free(old);
}

static void apply(struct ecsengine_memory_store *store, const ecsengine_batch *batch, size_t index, const struct change *change)
{
    size_t len;
    const char *key = ecsengine_batch_key(batch, index);
    const void *value = ecsengine_batch_value(batch, index, &len);
    struct kept *old = find(store, key, change->hash); /* an earlier entry may have put another there */

    if (change->fresh != NULL) {
        put(store, change->fresh, old, change->hash);
    } else if (value != NULL) { /* the first entry for what is there already */
        old->len = len;
        memcpy(value_of(old), value, len);
    } else if (old != NULL) {
        delete(store, old);
    }
}

static int keep(struct ecsengine_memory_store *store, const ecsengine_batch *batch)
{
    size_t count = ecsengine_batch_count(batch);
    struct change *changes = calloc(count + 1, sizeof(*changes));
    int code = changes != NULL ? prepare(store, batch, changes) : ECSENGINE_ENOMEM;

    for (size_t i = 0; code == 0 && i < count; i++)
        apply(store, batch, i, &changes[i]);
    for (size_t i = 0; code < 0 && changes != NULL && i < count; i++)
        free(changes[i].fresh);
    free(changes);
    return code;
}

static int by_key(const void *left, const void *right)
{
    return strcmp((*(struct kept *const *)left)->key, (*(struct kept *const *)right)->key);
}

static struct kept *item(const struct ecsengine_memory_store *store, size_t index)
{
    struct ecsengine_memory_store *own = (struct ecsengine_memory_store *)store; /* their order is nobody's but ours */

    if (!own->sorted && own->count > 0) {
        qsort(own->items, own->count, sizeof(own->items[0]), by_key);
        for (size_t i = 0; i < own->count; i++)
            own->items[i]->at = i;
    }
    own->sorted = true;
    return own->items[index];
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
        struct kept *kept = item(store, i);
        ecsengine_error *own = NULL;
        int code = ecsengine_restore_record(engine, kept->key, value_of(kept), kept->len, &own);
        bool refused = code < 0 && code != ECSENGINE_ECORRUPT; /* what is damaged is the engine's to deal with */
        if (refused && error != NULL)
            *error = own;
        else
            ecsengine_error_free(own);
        if (refused)
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
    return index < ecsengine_memory_store_count(store) ? item(store, index)->key : NULL;
}

const void *ecsengine_memory_store_value(const ecsengine_memory_store *store, size_t index, size_t *out_len)
{
    if (index >= ecsengine_memory_store_count(store))
        return NULL;
    struct kept *kept = item(store, index);
    if (out_len != NULL)
        *out_len = kept->len;
    return value_of(kept);
}

int ecsengine_memory_store_put(ecsengine_memory_store *store, const char *key, const void *value, size_t value_len,
                               ecsengine_error **error)
{
    if (store == NULL || key == NULL)
        return error_set(error, ECSENGINE_EINVAL, "a store and a key are needed");
    if (store->engine != NULL)
        return error_set(error, ECSENGINE_ESTATE, "the store serves an engine");
    uint64_t hash = hash64(0, key, strlen(key));
    struct kept *old = find(store, key, hash), *fresh = NULL;
    if (value == NULL) {
        if (old != NULL)
            delete(store, old);
        return 0;
    }
    if (make_room(store, 1) < 0 || (fresh = kept_new(key, value, value_len)) == NULL)
        return error_nomem(error);
    put(store, fresh, old, hash);
    return 0;
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

int32_t ecsengine_memory_store_holds(const ecsengine_memory_store *store) { return store != NULL && store->held_batch != 0; }

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

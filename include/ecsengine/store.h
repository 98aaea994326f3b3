/* SPDX-License-Identifier: Apache-2.0 */
/* Stores: how state is kept so that nothing is lost.
 *
 * At the end of a turn the engine hands all records that it changed to the store, as one batch. It goes on meanwhile; what relies on
 * the batch (the create of a container, an event, COMMAND_DONE) leaves when the batch is reported durable. One batch is in flight at
 * a time: what later turns change goes into the next. A batch that fails is handed out again, with back-off, until it is durable.
 *
 * A record is a key (text) and a value (bytes of the library's own form, with a version and a checksum; never a secret). A store
 * keeps the newest value of every key. Before its first dispatch a new engine is given all records that are kept. Without a store
 * nothing is kept, and everything counts as durable at once.
 *
 * A record that can not be taken as it was given back (damaged, under the key of another, of a task whose definition is missing) never keeps
 * the others from going on. It is told by an event (STORE, DAMAGED), and the engine's first batch deletes it and keeps its bytes under the key
 * `quarantine/<16 hex digits>/<its key>`, for somebody to look at. Those records are of no use to an engine: a store may keep them wherever
 * it likes, need not give them back, and may throw them away. */
#ifndef ECSENGINE_STORE_H
#define ECSENGINE_STORE_H

#include "ecsengine/engine.h"

#ifdef __cplusplus
extern "C" {
#endif

typedef struct ecsengine_batch ecsengine_batch;

/* The batch's number, which its answer names; and how many entries it has. They apply in order: of two for a key the later counts. */
ECSENGINE_API uint64_t ecsengine_batch_id(const ecsengine_batch *batch);
ECSENGINE_API size_t ecsengine_batch_count(const ecsengine_batch *batch);
ECSENGINE_API const char *ecsengine_batch_key(const ecsengine_batch *batch, size_t index); /* borrowed for the batch's life */

/* The value, borrowed for the batch's life; NULL if the record is to be deleted. A new record may be empty, but is never NULL. */
ECSENGINE_API const void *ecsengine_batch_value(const ecsengine_batch *batch, size_t index, size_t *out_len);

typedef struct ecsengine_store_vtable {
    size_t size; /* sizeof(ecsengine_store_vtable), as the caller's compiler saw it */
    /* Starts to make the batch durable, all of it or nothing, and returns. Then ecsengine_store_done() from any thread, also from
     * inside this call. The batch is borrowed until then. Dispatching thread. Required. */
    void (*commit)(uint64_t batch_id, const ecsengine_batch *batch, void *user_data);
    /* The engine is being freed and will not call again. A commit that is in flight is still the store's: it ends it here. After this
     * returns neither the batch nor the engine may be touched. NULL: nothing to close. */
    void (*close)(void *user_data);
} ecsengine_store_vtable;

/* Fills in `size` and zeroes the rest. `size` is the caller's sizeof. */
ECSENGINE_API void ecsengine_store_vtable_init(ecsengine_store_vtable *vtable, size_t size);

/* Joins a store to the engine, before the first dispatch. The table is copied. EINVAL (size, no commit), ESTATE. */
ECSENGINE_API int ecsengine_set_store(ecsengine *engine, const ecsengine_store_vtable *vtable, void *user_data,
                                      ecsengine_error **error);

/* Says how the batch in flight ended: 0, or a negative code (it will be handed out again). Never fails for want of memory.
 * EALREADY for a batch that is not in flight, ECLOSED. Any thread. */
ECSENGINE_API int ecsengine_store_done(ecsengine *engine, uint64_t batch_id, int code, ecsengine_error **error);

/* The pulled form, without callbacks: say so before the first dispatch; take the batch; answer it with ecsengine_store_done(). The
 * batch is borrowed until then. NULL while there is none to take. */
ECSENGINE_API int ecsengine_pull_batches(ecsengine *engine, ecsengine_error **error);
ECSENGINE_API const ecsengine_batch *ecsengine_next_batch(ecsengine *engine);

/* Gives a kept record back to a new engine, in any order, before the first dispatch; copied. It is taken to be in the store, and is written again
 * when it changes: to move to another store, copy the records first. ECORRUPT: it is damaged, which is the engine's to
 * deal with (above): go on with the others. EUNSUPPORTED: a newer version of the library has written it; nothing was taken. It is no damage,
 * and an engine that went on without it would stop its task: do not begin with that engine. ESTATE, ENOMEM. */
ECSENGINE_API int ecsengine_restore_record(ecsengine *engine, const char *key, const void *value, size_t value_len,
                                           ecsengine_error **error);

/* All records are given. Required before the first dispatch if any record was. ENOMEM. */
ECSENGINE_API int ecsengine_restore_end(ecsengine *engine, ecsengine_error **error);

/* A store that keeps records in memory: for tests, and as an example of the contract. It outlives the engines that it serves. */
typedef struct ecsengine_memory_store ecsengine_memory_store;
ECSENGINE_API int ecsengine_memory_store_new(ecsengine_memory_store **out_store, ecsengine_error **error);
ECSENGINE_API void ecsengine_memory_store_free(ecsengine_memory_store *store);
/* Gives all kept records to the engine and becomes its store. */
ECSENGINE_API int ecsengine_memory_store_attach(ecsengine_memory_store *store, ecsengine *engine, ecsengine_error **error);
ECSENGINE_API size_t ecsengine_memory_store_count(const ecsengine_memory_store *store);
/* The index-th record in order of keys; borrowed until the store changes; NULL past the end. */
ECSENGINE_API const char *ecsengine_memory_store_key(const ecsengine_memory_store *store, size_t index);
ECSENGINE_API const void *ecsengine_memory_store_value(const ecsengine_memory_store *store, size_t index, size_t *out_len);
/* What an older copy, or a damaged disk, would give back: puts a record in, or with a NULL value takes it out, while the store serves no engine.
 * Copied. EINVAL, ESTATE, ENOMEM. */
ECSENGINE_API int ecsengine_memory_store_put(ecsengine_memory_store *store, const char *key, const void *value, size_t value_len,
                                             ecsengine_error **error);
/* Fault injection: the next `count` commits fail with `code`. */
ECSENGINE_API void ecsengine_memory_store_fail(ecsengine_memory_store *store, int32_t count, int code);
/* 1: answers are held until ecsengine_memory_store_flush(), as a slow disk would; what was given is kept. 2: it is kept only then, so
 * that an engine that goes away before has lost it. 0: neither. */
ECSENGINE_API void ecsengine_memory_store_hold(ecsengine_memory_store *store, int32_t hold);
ECSENGINE_API void ecsengine_memory_store_flush(ecsengine_memory_store *store);
/* 1: a batch was given and not answered; 0: none is held. */
ECSENGINE_API int32_t ecsengine_memory_store_holds(const ecsengine_memory_store *store);

#ifdef __cplusplus
}
#endif
#endif

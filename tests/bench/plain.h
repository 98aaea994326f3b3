/* SPDX-License-Identifier: Apache-2.0 */
/* What SQLite itself allows: a writer that is nothing but sqlite3 calls, with the same table and the same pragmas as libecsengine-sqlite.
 * It serves an engine as a store for once, and notes every batch; then the same batches are written again into a new file, one after
 * another, with no engine beside them. No store can commit that work faster on that disk. */
#ifndef BENCH_PLAIN_H
#define BENCH_PLAIN_H

#include <pthread.h>
#include <sqlite3.h>
#include <stdbool.h>

#include "ecsengine/ecsengine.h"

/* Batches, in order; offsets, since the bytes move while they grow. */
struct plain_entry {
    size_t key, value, value_len;
    bool deletes;
};

struct plain_log {
    char *bytes;
    size_t len, cap;
    struct plain_entry *entries;
    size_t count, entry_cap;
    size_t *ends; /* of each batch, among the entries */
    size_t batches, batch_cap;
};

struct plain {
    sqlite3 *handle;
    sqlite3_stmt *put, *delete, *begin, *commit;
    struct plain_log log;

    ecsengine *engine;
    pthread_t thread;
    pthread_mutex_t lock;
    pthread_cond_t changed;
    const ecsengine_batch *batch; /* guarded by lock, as is the next */
    bool ends;
};

void plain_open(struct plain *plain, const char *path);
/* Becomes the store of a new engine, which has to be freed before plain_close(). */
void plain_attach(struct plain *plain, ecsengine *engine);
/* Ends its thread, if it has one, and closes the file. The log stays. */
void plain_close(struct plain *plain);
/* Writes all batches of `log`, one transaction each. */
void plain_write_again(struct plain *plain, const struct plain_log *log);
void plain_log_free(struct plain_log *log);

#endif

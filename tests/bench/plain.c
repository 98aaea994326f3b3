/* SPDX-License-Identifier: Apache-2.0 */
/* The writer, its log, and the store that it is for once. */
#include "plain.h"

#include <stdlib.h>
#include <string.h>

#include "measure.h"

static void must(int sqlite_code, const char *what)
{
    bench_must(sqlite_code == SQLITE_OK || sqlite_code == SQLITE_DONE ? 0 : ECSENGINE_EIO, what);
}

static sqlite3_stmt *prepared(struct plain *plain, const char *sql)
{
    sqlite3_stmt *statement = NULL;

    must(sqlite3_prepare_v3(plain->handle, sql, -1, SQLITE_PREPARE_PERSISTENT, &statement, NULL), sql);
    return statement;
}

void plain_open(struct plain *plain, const char *path)
{
    *plain = (struct plain){0};
    must(sqlite3_open_v2(path, &plain->handle, SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE | SQLITE_OPEN_NOMUTEX, NULL), path);
    must(sqlite3_exec(plain->handle,
                      "PRAGMA locking_mode=EXCLUSIVE; PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL;"
                      "CREATE TABLE record (key TEXT PRIMARY KEY NOT NULL, value BLOB NOT NULL) WITHOUT ROWID",
                      NULL, NULL, NULL),
         "a table");
    plain->put = prepared(plain, "INSERT INTO record (key, value) VALUES (?1, ?2) ON CONFLICT (key) DO UPDATE SET value = ?2");
    plain->delete = prepared(plain, "DELETE FROM record WHERE key = ?1");
    plain->begin = prepared(plain, "BEGIN IMMEDIATE");
    plain->commit = prepared(plain, "COMMIT");
}

static void step(sqlite3_stmt *statement, const char *what)
{
    must(sqlite3_step(statement), what);
    must(sqlite3_reset(statement), what);
}

static void write_batch(struct plain *plain, const struct plain_log *log, size_t from, size_t end)
{
    step(plain->begin, "BEGIN");
    for (size_t i = from; i < end; i++) {
        const struct plain_entry *entry = &log->entries[i];
        sqlite3_stmt *statement = entry->deletes ? plain->delete : plain->put;
        must(sqlite3_bind_text(statement, 1, log->bytes + entry->key, -1, SQLITE_STATIC), "a key");
        if (!entry->deletes)
            must(sqlite3_bind_blob64(statement, 2, log->bytes + entry->value, entry->value_len, SQLITE_STATIC), "a value");
        step(statement, "a record");
    }
    step(plain->commit, "COMMIT");
}

void plain_write_again(struct plain *plain, const struct plain_log *log)
{
    for (size_t i = 0; i < log->batches; i++)
        write_batch(plain, log, i > 0 ? log->ends[i - 1] : 0, log->ends[i]);
}

/* ---- the log ---- */

static void *roomy(void *block, size_t count, size_t *cap, size_t size)
{
    if (count <= *cap)
        return block;
    *cap = count * 2;
    block = realloc(block, *cap * size);
    bench_must(block != NULL ? 0 : ECSENGINE_ENOMEM, "the log of batches");
    return block;
}

static size_t put_bytes(struct plain_log *log, const void *bytes, size_t len)
{
    log->bytes = roomy(log->bytes, log->len + len, &log->cap, 1);
    memcpy(log->bytes + log->len, bytes, len);
    log->len += len;
    return log->len - len;
}

static void note(struct plain_log *log, const ecsengine_batch *batch)
{
    for (size_t i = 0; i < ecsengine_batch_count(batch); i++) {
        const char *key = ecsengine_batch_key(batch, i);
        size_t len = 0;
        const void *value = ecsengine_batch_value(batch, i, &len);
        struct plain_entry entry = {.key = put_bytes(log, key, strlen(key) + 1), .value_len = len, .deletes = value == NULL};
        entry.value = value != NULL ? put_bytes(log, value, len) : 0;
        log->entries = roomy(log->entries, log->count + 1, &log->entry_cap, sizeof(*log->entries));
        log->entries[log->count++] = entry;
    }
    log->ends = roomy(log->ends, log->batches + 1, &log->batch_cap, sizeof(*log->ends));
    log->ends[log->batches++] = log->count;
}

void plain_log_free(struct plain_log *log)
{
    free(log->bytes);
    free(log->entries);
    free(log->ends);
    *log = (struct plain_log){0};
}

/* ---- the store ---- */

static void *run(void *user_data)
{
    struct plain *plain = user_data;

    pthread_mutex_lock(&plain->lock);
    while (!plain->ends || plain->batch != NULL) {
        const ecsengine_batch *batch = plain->batch;
        if (batch == NULL) {
            pthread_cond_wait(&plain->changed, &plain->lock);
            continue;
        }
        plain->batch = NULL;
        pthread_mutex_unlock(&plain->lock);
        size_t from = plain->log.count;
        note(&plain->log, batch);
        write_batch(plain, &plain->log, from, plain->log.count);
        ecsengine_store_done(plain->engine, ecsengine_batch_id(batch), 0, NULL); /* refused when the engine is going */
        pthread_mutex_lock(&plain->lock);
    }
    pthread_mutex_unlock(&plain->lock);
    return NULL;
}

static void commit(uint64_t batch_id, const ecsengine_batch *batch, void *user_data)
{
    struct plain *plain = user_data;

    (void)batch_id;
    pthread_mutex_lock(&plain->lock);
    plain->batch = batch;
    pthread_cond_signal(&plain->changed);
    pthread_mutex_unlock(&plain->lock);
}

/* The engine goes: its last batch is written before. */
static void closed(void *user_data)
{
    struct plain *plain = user_data;

    pthread_mutex_lock(&plain->lock);
    plain->ends = true;
    pthread_cond_signal(&plain->changed);
    pthread_mutex_unlock(&plain->lock);
    pthread_join(plain->thread, NULL);
    plain->engine = NULL;
}

void plain_attach(struct plain *plain, ecsengine *engine)
{
    ecsengine_store_vtable vtable;

    plain->engine = engine;
    pthread_mutex_init(&plain->lock, NULL);
    pthread_cond_init(&plain->changed, NULL);
    bench_must(pthread_create(&plain->thread, NULL, run, plain) == 0 ? 0 : ECSENGINE_ESYSTEM, "a thread");
    ecsengine_store_vtable_init(&vtable, sizeof(vtable));
    vtable.commit = commit;
    vtable.close = closed;
    bench_must(ecsengine_set_store(engine, &vtable, plain, NULL), "the plain store");
}

void plain_close(struct plain *plain)
{
    sqlite3_finalize(plain->put);
    sqlite3_finalize(plain->delete);
    sqlite3_finalize(plain->begin);
    sqlite3_finalize(plain->commit);
    must(sqlite3_close(plain->handle), "the plain file");
}

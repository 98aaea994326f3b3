/* SPDX-License-Identifier: Apache-2.0 */
/* The database file: opening it, its schema, and what is asked of it. One thread at a time. */
#ifndef SQLITE_DATABASE_H
#define SQLITE_DATABASE_H

#include <sqlite3.h>
#include <stdbool.h>
#include <stddef.h>

#include "ecsengine/store.h"
#include "order.h"

struct database {
    sqlite3 *handle;
    sqlite3_stmt *put, *delete, *set_aside, *begin, *commit, *rollback;
    struct order order; /* of the batch at hand */
    int log_pages;      /* in the write-ahead log, after the last commit */
};

enum { DATABASE_ID = 0x65637365, DATABASE_SCHEMA = 2 }; /* `ecse`; docs/stores.md has the versions */

/* Opens, checks, and brings the schema up to date. On failure nothing is left open. */
int database_open(struct database *database, const char *path, ecsengine_error **error);
void database_close(struct database *database);

/* One transaction: all of the batch or nothing. 0, or a code; then `text` has SQLite's words. */
int database_commit(struct database *database, const ecsengine_batch *batch, char *text, size_t size);

/* Is it the key of a damaged record, which goes into the table `quarantine`, and from there to no engine? */
bool database_sets_aside(const char *key);

/* The log goes back into the file, so that it does not grow without end: has it grown so much that this is due, or, if there is other work,
 * that it has to be? Writes and syncs both, and is no part of a commit. 0, or a code; then `text` has SQLite's words. */
bool database_tidy_due(const struct database *database, bool other_work);
int database_tidy(struct database *database, char *text, size_t size);

/* Calls `each` for every record, in the order of keys; a code below 0 from it ends that. */
typedef int database_reader(const char *key, const void *value, size_t len, void *user_data, ecsengine_error **error);
int database_read(struct database *database, database_reader *each, void *user_data, ecsengine_error **error);

/* SQLite's code as one of ours. */
int database_code(int sqlite_code);

#endif

/* SPDX-License-Identifier: Apache-2.0 */
/* libecsengine-sqlite: a store in one SQLite file, for engines whose state must outlive them.
 *
 * One table of records, in write-ahead mode with a sync for each commit: what was reported durable survives the death of the process and
 * of the machine. Commits are made on a thread of the store's own, one transaction a batch, so that a turn never waits for the disk; what
 * turns change meanwhile is one batch again. The file is owned by one store at a time: a second one, in this process or another, is
 * refused. It is made with mode 0600. Damaged records are kept aside in a table of their own (`quarantine`), for somebody to look at. */
#ifndef ECSENGINE_SQLITE_H
#define ECSENGINE_SQLITE_H

#include "ecsengine/store.h"

#ifdef __cplusplus
extern "C" {
#endif

typedef struct ecsengine_sqlite ecsengine_sqlite;

/* Opens the store in the file `path`, or makes it; brings an older schema up to date. Owned by the caller. EINVAL (it is the database of
 * another program), ESTATE (another store has it open), EUNSUPPORTED (a newer version wrote it), ECORRUPT (it is damaged, or no
 * database), EIO, ENOMEM, ESYSTEM (no thread). */
ECSENGINE_API int ecsengine_sqlite_open(const char *path, ecsengine_sqlite **out_store, ecsengine_error **error);

/* Gives all records to the engine and becomes its store: before the engine's first dispatch. A damaged record is told and set
 * aside by the engine's first batch, and the rest goes on. When the engine was freed, another one can be attached. ESTATE (it serves an engine, or the engine has a store or has
 * begun), EUNSUPPORTED (a record of a newer version), ECORRUPT, EIO, ENOMEM. */
ECSENGINE_API int ecsengine_sqlite_attach(ecsengine_sqlite *store, ecsengine *engine, ecsengine_error **error);

/* Closes and frees the store; NULL is fine. ESTATE while an engine uses it: free that first. */
ECSENGINE_API int ecsengine_sqlite_close(ecsengine_sqlite *store, ecsengine_error **error);

/* A count by its name, since the store was opened: `commits`, `failed-commits`, `records` (written or deleted), `bytes` (of their values),
 * `quarantined`, `checkpoints` (the write-ahead log went back into the file). 0 for other names. Any thread. */
ECSENGINE_API uint64_t ecsengine_sqlite_counter(ecsengine_sqlite *store, const char *name);

/* Why the last commit or checkpoint that failed did, in SQLite's words; "" if none did. Borrowed until the next call; any one thread. */
ECSENGINE_API const char *ecsengine_sqlite_failure(ecsengine_sqlite *store);

#ifdef __cplusplus
}
#endif
#endif

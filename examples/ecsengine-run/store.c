/* SPDX-License-Identifier: Apache-2.0 */
/* --store: what the engine keeps, in one SQLite file, so that the next run goes on where this one was, however it ended.
 *
 * The store is attached before the engine's first turn and gives it all that was kept. It is closed after the engine is freed. */
#include "run.h"

#include <stdlib.h>

#ifdef WITH_SQLITE
#include <ecsengine/sqlite.h>

struct store {
    ecsengine_sqlite *sqlite;
};

struct store *store_open(const char *path, ecsengine *engine)
{
    struct store *store = need(calloc(1, sizeof(*store)));
    ecsengine_error *error = NULL;

    if (ecsengine_sqlite_open(path, &store->sqlite, &error) < 0) {
        say_error("--store", error); /* which names the path */
    } else if (ecsengine_sqlite_attach(store->sqlite, engine, &error) < 0) {
        say_error(path, error);
        ecsengine_sqlite_close(store->sqlite, NULL);
    } else {
        return store;
    }
    free(store);
    return NULL;
}

void store_close(struct store *store)
{
    if (store == NULL)
        return;
    ecsengine_sqlite_close(store->sqlite, NULL);
    free(store);
}
#else
struct store *store_open(const char *path, ecsengine *engine)
{
    (void)engine;
    say("--store %s: this program was built without SQLite", path);
    return NULL;
}

void store_close(struct store *store)
{
    (void)store;
}
#endif

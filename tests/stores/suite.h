/* SPDX-License-Identifier: Apache-2.0 */
/* The store contract (store.h) as tests that any store can be run through: give a store as five functions, get a test case.
 *
 * An engine on the simulator makes the batches; what a store has kept is what a later engine is given back. */
#ifndef TESTS_STORES_SUITE_H
#define TESTS_STORES_SUITE_H

#include <check.h>

#include "ecsengine/ecsengine.h"
#include "ecsengine/sim.h"

struct store_under_test {
    const char *name;
    void *(*open)(void);          /* an empty store */
    int (*attach)(void *store, ecsengine *engine, ecsengine_error **error);
    void *(*reopen)(void *store); /* what a new process would find */
    void (*end)(void *store);     /* closes it, and throws away what it kept */
    void (*break_commits)(void *store, int32_t count); /* the next `count` commits fail; NULL: that can't be arranged */
    /* Changes a byte of the record with that key behind the store's back; what a new process would find. NULL: that can't be arranged. */
    void *(*damage)(void *store, const char *key);
    size_t (*set_aside)(void **store); /* how many damaged records it keeps aside, while it serves no engine; needed with `damage` */
};

/* Runs them all, and what `more` adds (may be NULL); returns what main() should. */
int store_suite_run(const struct store_under_test *under_test, void (*more)(TCase *tcase));

/* For more tests: an engine on a simulator, turn by turn in virtual time. */
struct store_host {
    ecsengine *engine;
    ecsengine_sim *sim;
    int64_t mono_ns;
    int events;          /* taken and acknowledged */
    int stopped;         /* of them, tasks that are STOPPED */
    int removed;         /* and task-removed */
    int failing, working, damaged; /* store events */
    uint64_t done;        /* the command that was done last */
    uint64_t turns;
};

void store_host_start(struct store_host *host, ecsengine_sim *sim, void *store); /* `sim` NULL: a new one */
/* Frees the engine; the simulator stays, with its containers. */
void store_host_stop(struct store_host *host);
void store_host_add(struct store_host *host, const char *name, const char *command);
/* Runs turns, in real time where nothing is due in virtual time, until all is quiet and saved. */
void store_host_settle(struct store_host *host);
/* The same, and lets virtual time pass. */
void store_host_run(struct store_host *host, int64_t for_ns);
/* What the engine knows, as JSON; freed by the caller. */
char *store_host_describe(struct store_host *host, const char *name);
size_t store_host_tasks(struct store_host *host);

#endif

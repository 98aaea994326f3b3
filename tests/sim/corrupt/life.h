/* SPDX-License-Identifier: Apache-2.0 */
/* A few tasks on a simulated host, in one engine's life and in the next. It expects nothing: that is for whoever damages what was kept. */
#ifndef TEST_LIFE_H
#define TEST_LIFE_H

#include "../harness.h"
#include "../stores/records.h"

enum { LIFE_TASKS = 5 };
extern const char *const life_tasks[LIFE_TASKS];

struct life {
    ecsengine *engine;
    ecsengine_sim *sim;
    struct records *kept;  /* the store; NULL: another one is attached */
    void (*wait)(void);    /* after each turn, for that other one; NULL: nothing to wait for */
    int64_t mono_ns;
    int32_t fd;
    struct test_memory memory;

    size_t damaged;              /* records that were told to be damaged */
    bool stopped[LIFE_TASKS], removed[LIFE_TASKS];
    bool restless;               /* it does not come to rest */
    char definition[LIFE_TASKS][64]; /* the key of each task's definition, known where they were added */
};

/* A new engine on the simulator (NULL: a new one too). */
void life_begin(struct life *life, ecsengine_sim *sim);
/* Adds the tasks, one after the other. */
void life_add(struct life *life);
void life_run(struct life *life, int64_t for_ns);
void life_stop_all(struct life *life);
bool life_knows(const struct life *life, size_t task);
/* Frees the engine; the simulator stays. False: memory was not given back. */
bool life_end(struct life *life);

#endif

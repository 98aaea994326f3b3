/* SPDX-License-Identifier: Apache-2.0 */
/* A random run while it is made: what is drawn, in items that have numbers, so that any of them can be left out without a change of the
 * others (campaign --minimize does that). random_task.c draws the tasks, random_world.c what containers do and how the runtime misbehaves,
 * random_deeds.c what is done to them all, random_run.c puts it together. */
#ifndef TEST_PLAN_H
#define TEST_PLAN_H

#include "draws.h"
#include "harness.h"
#include "random_run.h"

enum { PLAN_TASKS = 5, PLAN_CONTAINERS = 10, PLAN_SETTINGS = 32 };
enum subject { SUBJECT_TASKS = 1, SUBJECT_CONFIG, SUBJECT_WORLD, SUBJECT_FAULTS, SUBJECT_DEEDS, SUBJECT_MEMORY, SUBJECT_LIFE };

struct plan {
    const struct run_options *options;
    struct run_report *report;
    struct harness *harness;
    unsigned items;

    char *documents[PLAN_TASKS];
    bool adds[PLAN_TASKS]; /* the task takes part */
    unsigned containers[PLAN_TASKS];
    unsigned task_count;

    char config[PLAN_SETTINGS][2][64];
    const char *config_list[2 * PLAN_SETTINGS + 1];
    unsigned setting_count;
    int64_t host_cpu; /* 0: as the host has it */
    bool ack_late, ack_never;
};

/* Counts an item and says whether it takes part; what it is goes to the trace. */
bool plan_item(struct plan *plan, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* One line for the simulator, as an item. */
void plan_script(struct plan *plan, const char *format, ...) __attribute__((format(printf, 2, 3)));

void plan_struck(struct plan *plan, enum fault fault);

void random_tasks(struct plan *plan);
void random_config(struct plan *plan);
void random_world(struct plan *plan);
void random_faults(struct plan *plan);

/* Adds the tasks and does deeds until it is enough. False: something did not hold. */
bool random_deeds(struct plan *plan);

#endif

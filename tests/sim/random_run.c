/* SPDX-License-Identifier: Apache-2.0 */
/* A run: tasks and faults, the deeds in their time, then calm. In the calm every task comes to run, or stops, or waits for what is not
 * there; then all are stopped, and nothing is left of them. */
#include "random_run.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include "plan.h"
#include "watch.h"

/* In the calm the last operation that hangs runs into its deadline (a list: 10 minutes) and is followed by another look at all
 * containers, and what waits for a start timeout of an hour that was measured with a clock that was set back has had it. */
#define CALM_NS (160 * 60 * SECOND)
#define END_NS (12 * 3600 * SECOND)
#define REST_NS (2 * 3600 * SECOND) /* what nobody answered for is looked for so long */

enum { EXPLAINED_RESTS = 12, HEAD_RESTS = 5 };

bool plan_item(struct plan *plan, const char *format, ...)
{
    char line[512];
    va_list args;
    unsigned item = plan->items++;
    bool left_out = plan->options->without != NULL && item < RUN_ITEMS_MAX && plan->options->without[item];

    va_start(args, format);
    vsnprintf(line, sizeof(line), format, args);
    va_end(args);
    if (!left_out)
        text_add(&plan->harness->trace, "#%-3u %s\n", item, line);
    return !left_out;
}

void plan_script(struct plan *plan, const char *format, ...)
{
    char line[512];
    va_list args;

    va_start(args, format);
    vsnprintf(line, sizeof(line), format, args);
    va_end(args);
    if (plan_item(plan, "sim %s", line) && ecsengine_sim_script(plan->harness->sim, line, NULL) < 0)
        harness_broken(plan->harness, "the simulator does not understand: %s", line);
}

void plan_struck(struct plan *plan, enum fault fault) { plan->report->struck[fault]++; }

static void look_at_rest(struct harness *harness)
{
    if (harness->memory.fail_per_million == 0 && harness->turns % EXPLAINED_RESTS == 0)
        watch_explain(harness);
    if (harness->memory.fail_per_million == 0 && harness->turns % HEAD_RESTS == 0)
        watch_head(harness);
}

static void calm_down(struct plan *plan)
{
    struct harness *harness = plan->harness;

    text_add(&harness->trace, "[%7.3f] calm\n", (double)harness->mono_ns / 1e9);
    ecsengine_sim_script(harness->sim, "op=any fault=none", NULL);
    ecsengine_sim_script(harness->sim, "event=any fault=none", NULL);
    ecsengine_sim_set_down(harness->sim, 0, NULL);
    harness->memory.fail_per_million = 0;
    for (unsigned i = 0; i < plan->task_count; i++) {
        char id[16];
        snprintf(id, sizeof(id), "role-%u", i);
        harness_give_credentials(harness, id);
    }
}

static bool in_the_calm(struct plan *plan)
{
    struct harness *harness = plan->harness;

    if (!harness_run_until(harness, harness->mono_ns + CALM_NS, NULL, NULL))
        return false;
    watch_goals(harness);
    watch_copy(harness);
    while (invariants_open_task(harness->invariants, plan->report->reached) != NULL)
        plan->report->reached++;
    return harness->broken.len == 0;
}

static void to_the_end(struct plan *plan)
{
    struct harness *harness = plan->harness;
    char name[16];

    text_add(&harness->trace, "[%7.3f] all are stopped\n", (double)harness->mono_ns / 1e9);
    if (plan->ack_never && harness->event_count > 0)
        plan_struck(plan, FAULT_ACK_NEVER);
    if (harness->ack == ACK_BY_HAND)
        harness->ack = ACK_AT_ONCE;
    harness_ack_all(harness);
    for (unsigned i = 0; i < plan->task_count; i++) {
        snprintf(name, sizeof(name), "t%u", i);
        if (plan->adds[i])
            harness_stop(harness, name);
    }
    watch_until_removed(harness, END_NS);
    if (harness->broken.len == 0 && harness_run_until(harness, harness->mono_ns + REST_NS, NULL, NULL))
        watch_end(harness);
}

void random_run(const struct run_options *options, struct harness *harness, struct run_report *report)
{
    struct plan plan = {.options = options, .report = report, .harness = harness};
    uint64_t reached = report->reached;

    report->reached = 0;
    harness->seed = options->seed;
    harness->at_rest = look_at_rest;
    harness->memory.draws = options->seed;
    random_tasks(&plan);
    random_config(&plan);
    harness_start(harness);
    random_world(&plan);
    random_faults(&plan);
    harness_settle(harness);
    if (random_deeds(&plan)) {
        calm_down(&plan);
        if (in_the_calm(&plan))
            to_the_end(&plan);
    }
    faults_of_sim(harness->sim, report->struck);
    report->struck[FAULT_NO_MEMORY] += harness->memory.failed;
    harness_end(harness);
    for (size_t i = 0; i < INVARIANTS; i++)
        report->checked[i] += invariants_checked(harness->invariants, (enum invariant)i);
    report->reached += reached;
    report->items = plan.items;
    report->turns += harness->turns;
    report->ops += harness->op_count;
    report->events += harness->event_count;
    for (unsigned i = 0; i < plan.task_count; i++)
        free(plan.documents[i]);
}

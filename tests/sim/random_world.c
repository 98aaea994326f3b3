/* SPDX-License-Identifier: Apache-2.0 */
/* What containers do, and how the runtime misbehaves, as lines of the simulator's script. What no engine could repair is not drawn:
 * a container that can not be removed however often it is tried. */
#include <stdio.h>

#include "plan.h"

static void draw_life(struct plan *plan, struct draws *draws, unsigned task, unsigned container, bool lasting)
{
    char line[200];
    size_t len = (size_t)snprintf(line, sizeof(line), "task=t%u container=c%u stop-exit=%u", task, container, below(draws, 3));
    unsigned ms = one_in(draws, 6) ? below(draws, 50) : below(draws, 150000), exit_code = one_in(draws, 2) ? 0 : below(draws, 4);

    if (!one_in(draws, lasting ? 2 : 5) || one_in(draws, 4))
        len += (size_t)snprintf(line + len, sizeof(line) - len, " run=%ums exit=%u", ms, exit_code);
    if (one_in(draws, 10))
        len += (size_t)snprintf(line + len, sizeof(line) - len, " oom=true");
    if (one_in(draws, 5))
        len += (size_t)snprintf(line + len, sizeof(line) - len, " ignore-term=true");
    else if (one_in(draws, 3))
        len += (size_t)snprintf(line + len, sizeof(line) - len, " stop-after=%ums", below(draws, 20000));
    if (one_in(draws, 2))
        len += (size_t)snprintf(line + len, sizeof(line) - len, " healthy-after=%ums", below(draws, 30000));
    if (one_in(draws, 8))
        snprintf(line + len, sizeof(line) - len, " unhealthy-after=%ums", below(draws, 60000));
    plan_script(plan, "%s", line);
}

void random_world(struct plan *plan)
{
    struct draws draws = draws_of(plan->options->seed, SUBJECT_WORLD);
    bool lasting = one_in(&draws, 2);

    for (unsigned i = 0; i < plan->task_count; i++) {
        for (unsigned k = 0; k < plan->containers[i]; k++)
            draw_life(plan, &draws, i, k, lasting);
    }
    if (one_in(&draws, 2)) {
        plan_script(plan, "records=false");
        plan_struck(plan, FAULT_NO_RECORDS);
    }
    if (one_in(&draws, 8)) {
        plan_script(plan, "image=alpine:1 missing=true");
        plan_struck(plan, FAULT_NO_IMAGE);
    }
    if (one_in(&draws, 8))
        plan_script(plan, "image=%s local=true", one_in(&draws, 2) ? "alpine:1" : "busybox:1");
    if (one_in(&draws, 8)) {
        plan_script(plan, "start-times=false");
        plan_struck(plan, FAULT_NO_START_TIMES);
    }
}

/* Some for the first few times, some by chance. */
static void draw_op_fault(struct plan *plan, struct draws *draws)
{
    static const char *const ops[] = {"create",        "create",        "start",     "start",        "inspect", "pull-image",
                                      "ping",          "list",          "subscribe", "stop",         "stop",    "info",
                                      "pull-manifest", "inspect-image", "tag-image", "volume-create"};
    static const char *const faults[] = {"fault=error",
                                         "fault=error failure=unreachable text=\"connection reset\"",
                                         "fault=error failure=not-found text=\"No such thing\"",
                                         "fault=error failure=conflict text=\"Conflict\"",
                                         "fault=lost",
                                         "fault=lost failure=other text=\"half done\"",
                                         "fault=hang",
                                         "fault=late",
                                         "fault=double",
                                         "delay=3s",
                                         "answer-delay=2s",
                                         "delay=100s",
                                         "delay=700ms answer-delay=40s",
                                         "fault=late delay=5m"};
    const char *op = ops[below(draws, sizeof(ops) / sizeof(ops[0]))];
    const char *fault = faults[below(draws, sizeof(faults) / sizeof(faults[0]))];
    unsigned how = below(draws, 3), number = 1 + below(draws, 4), chance = 5 + below(draws, 60),
             task = below(draws, plan->task_count);
    bool one_task = one_in(draws, 3);
    char who[24] = "";

    if (one_task)
        snprintf(who, sizeof(who), " task=t%u", task);
    if (how == 0)
        plan_script(plan, "op=%s%s %s times=%u", op, who, fault, number);
    else if (how == 1)
        plan_script(plan, "op=%s%s %s nth=%u", op, who, fault, number);
    else
        plan_script(plan, "op=%s%s %s chance=%u", op, who, fault, chance);
}

static void draw_event_fault(struct plan *plan, struct draws *draws)
{
    static const char *const events[] = {"start", "die", "stop", "any", "healthy", "create", "oom", "destroy", "any"};
    static const char *const faults[] = {"fault=drop",    "fault=double", "fault=late",
                                         "fault=reorder", "delay=40s",    "fault=reorder delay=7s"};
    const char *event = events[below(draws, sizeof(events) / sizeof(events[0]))];
    const char *fault = faults[below(draws, sizeof(faults) / sizeof(faults[0]))];

    plan_script(plan, "event=%s %s chance=%u", event, fault, 10 + below(draws, 90));
}

/* A removal that is refused five times is given up, and must not be. */
static void draw_remove_fault(struct plan *plan, struct draws *draws)
{
    static const char *const faults[] = {
        "fault=error",     "fault=error failure=unreachable", "fault=lost", "fault=hang", "fault=late", "fault=double", "delay=9s",
        "answer-delay=70s"};

    const char *op = one_in(draws, 4) ? "volume-remove" : "remove";

    plan_script(plan, "op=%s %s times=%u", op, faults[below(draws, 8)], 1 + below(draws, 2));
}

void random_faults(struct plan *plan)
{
    struct draws draws = draws_of(plan->options->seed, SUBJECT_FAULTS);

    for (unsigned n = below(&draws, 5); n > 0; n--)
        draw_op_fault(plan, &draws);
    for (unsigned n = below(&draws, 3); n > 0; n--)
        draw_event_fault(plan, &draws);
    if (one_in(&draws, 4))
        draw_remove_fault(plan, &draws);
}

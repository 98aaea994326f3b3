/* SPDX-License-Identifier: Apache-2.0 */
/* Drawing tasks, and the engine's configuration. Most graphs are sound: edges lead to containers with a lower number, whatever their
 * order in the document; a few have a circle, or wait for what can not be. */
#include <jansson.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "payload.h"
#include "plan.h"

struct drawn_container {
    bool takes_part, essential, health;
    char words[640];
    size_t len;
};

static void say(struct drawn_container *container, const char *format, ...) __attribute__((format(printf, 2, 3)));
static void say(struct drawn_container *container, const char *format, ...)
{
    va_list args;

    va_start(args, format);
    int len = vsnprintf(container->words + container->len, sizeof(container->words) - container->len, format, args);
    va_end(args);
    if (len > 0 && container->len + (size_t)len < sizeof(container->words))
        container->len += (size_t)len;
    else
        container->words[container->len] = '\0'; /* it does not fit: left out */
}

static void draw_self(struct draws *draws, struct drawn_container *container)
{
    container->essential = !one_in(draws, 3);
    container->health = one_in(draws, 2);
    if (!container->essential)
        say(container, " essential=false");
    if (container->health)
        say(container, " health=true");
    if (one_in(draws, 3))
        say(container, " startTimeout=%u", 1 + below(draws, 60));
    if (one_in(draws, 2))
        say(container, " stopTimeout=%u", 1 + below(draws, 60));
    if (one_in(draws, 3))
        say(container, " cpu=%u memory=%u", 1 + below(draws, 40), 6 + below(draws, 60));
    if (one_in(draws, 8))
        say(container, " restart=%u:%u", one_in(draws, 2) ? below(draws, 3) : 30 + below(draws, 60), below(draws, 4));
    if (one_in(draws, 8))
        say(container, " mount=v%u", below(draws, 2));
    if (one_in(draws, 12))
        say(container, " range=8000-%u", 8000 + below(draws, 4));
    if (one_in(draws, 10))
        say(container, " gpu=gpu-%u", below(draws, one_in(draws, 8) ? 4 : 3));
    if (one_in(draws, 6))
        say(container, " image=alpine:%u", below(draws, 3));
}

static void draw_ports(struct draws *draws, struct drawn_container *container)
{
    unsigned fixed = 18000 + below(draws, 4), other = below(draws, 3);

    if (!one_in(draws, 4))
        return;
    if (other == 0)
        say(container, " ports=80:0/tcp");
    else if (other == 1)
        say(container, " ports=80:%u/tcp", fixed);
    else
        say(container, " ports=80:%u/tcp,53:%u/udp", fixed, fixed);
}

/* `cN:CONDITION`, if cN takes part. Most conditions can come true. */
static void draw_edge(struct draws *draws, const struct drawn_container *all, unsigned target, char *list, size_t size)
{
    static const char *const conditions[] = {"START", "START", "COMPLETE", "SUCCESS", "HEALTHY"};
    const char *condition = conditions[below(draws, 5)];
    bool anyhow = one_in(draws, 15);
    const struct drawn_container *on = &all[target];
    size_t len = strlen(list);

    if (!anyhow && strcmp(condition, "HEALTHY") == 0 && !on->health)
        condition = "START";
    if (!anyhow && (strcmp(condition, "COMPLETE") == 0 || strcmp(condition, "SUCCESS") == 0) && on->essential)
        condition = "START";
    if (on->takes_part)
        snprintf(list + len, size - len, "%sc%u:%s", len > 0 ? "," : "", target, condition);
}

static void draw_edges(struct draws *draws, struct drawn_container *all, unsigned index, unsigned count, bool stopped)
{
    char list[256] = "";
    unsigned edges = index > 0 ? below(draws, 3) : 0;
    unsigned link = below(draws, 12), linked = index > 0 ? below(draws, index) : 0;
    bool circle = one_in(draws, 150) && !stopped; /* one that is born to stop is not looked at for circles */

    for (; edges > 0; edges--)
        draw_edge(draws, all, below(draws, index), list, sizeof(list));
    if (circle) /* also to itself */
        draw_edge(draws, all, index + below(draws, count - index), list, sizeof(list));
    if (list[0] != '\0')
        say(&all[index], " dependsOn=%s", list);
    if (index > 0 && all[linked].takes_part && link == 0)
        say(&all[index], " links=c%u", linked);
    if (index > 0 && all[linked].takes_part && link == 1)
        say(&all[index], " volumesFrom=c%u", linked);
}

static char *draw_task(struct plan *plan, struct draws *draws, const char *name, unsigned count)
{
    struct drawn_container all[PLAN_CONTAINERS] = {0};
    bool backwards = one_in(draws, 2), stopped = one_in(draws, 25);
    bool role = one_in(draws, 4);
    char words[64];
    snprintf(words, sizeof(words), "%s%s%s", stopped ? "desired=STOPPED" : "", role ? " credentials=role-" : "",
             role ? name + 1 : "");
    json_t *task = payload_task(name, words);
    unsigned part = 0;

    for (unsigned i = 0; i < count; i++) {
        all[i].takes_part = true;
        draw_self(draws, &all[i]);
        draw_ports(draws, &all[i]);
        if (role && one_in(draws, 2))
            say(&all[i], " ecr=true");
        if (one_in(draws, 5))
            say(&all[i], " agent=ExecuteCommandAgent");
    }
    for (unsigned i = 0; i < count; i++)
        all[i].takes_part = plan_item(plan, "container %s/c%u", name, i) || (i + 1 == count && part == 0);
    for (unsigned i = 0; i < count; i++)
        draw_edges(draws, all, i, count, stopped);
    for (unsigned i = 0; i < count; i++) {
        unsigned index = backwards ? count - 1 - i : i;
        char container[16];
        snprintf(container, sizeof(container), "c%u", index);
        if (!all[index].takes_part)
            continue;
        payload_add_container(task, container, all[index].words);
        part++;
    }
    char *document = json_dumps(task, JSON_COMPACT | JSON_SORT_KEYS);
    json_decref(task);
    plan->report->containers += part;
    return document;
}

void random_tasks(struct plan *plan)
{
    struct draws draws = draws_of(plan->options->seed, SUBJECT_TASKS);

    plan->task_count = 1 + below(&draws, one_in(&draws, 4) ? PLAN_TASKS : 3);
    for (unsigned i = 0; i < plan->task_count; i++) {
        char name[16];
        struct draws own = draws_of(draw(&draws), SUBJECT_TASKS);
        snprintf(name, sizeof(name), "t%u", i);
        plan->containers[i] = 1 + below(&own, one_in(&own, 6) ? PLAN_CONTAINERS : 4);
        plan->adds[i] = plan_item(plan, "task %s", name);
        plan->documents[i] = draw_task(plan, &own, name, plan->containers[i]);
        plan->report->tasks += plan->adds[i];
        if (plan->adds[i])
            text_add(&plan->harness->trace, "task %s\n", plan->documents[i]);
    }
}

static void set(struct plan *plan, const char *key, const char *format, ...) __attribute__((format(printf, 3, 4)));
static void set(struct plan *plan, const char *key, const char *format, ...)
{
    char value[64];
    va_list args;

    va_start(args, format);
    vsnprintf(value, sizeof(value), format, args);
    va_end(args);
    if (!plan_item(plan, "config %s=%s", key, value))
        return;
    unsigned n = plan->setting_count++;
    snprintf(plan->config[n][0], sizeof(plan->config[n][0]), "%s", key);
    snprintf(plan->config[n][1], sizeof(plan->config[n][1]), "%s", value);
    plan->config_list[2 * n] = plan->config[n][0];
    plan->config_list[2 * n + 1] = plan->config[n][1];
}

void random_config(struct plan *plan)
{
    static const char *const behaviours[] = {"default", "always", "once", "prefer-cached"};
    static const char *const waits[] = {"1s", "1s", "1m", "10m"};
    struct draws draws = draws_of(plan->options->seed, SUBJECT_CONFIG);
    struct harness *harness = plan->harness;
    unsigned ack = below(&draws, 8);

    set(plan, "image-pull-behavior", "%s", behaviours[below(&draws, 4)]);
    set(plan, "image-manifest-resolution", "%s", one_in(&draws, 3) ? "true" : "false");
    set(plan, "engine-task-cleanup-wait-duration", "%s", waits[below(&draws, 4)]);
    if (one_in(&draws, 3))
        set(plan, "host-cpu", "%u", 30 + below(&draws, 60));
    if (one_in(&draws, 6))
        set(plan, "host-memory", "%u", 80 + below(&draws, 150));
    if (one_in(&draws, 3))
        set(plan, "admission-policy", "backfill");
    if (one_in(&draws, 4))
        set(plan, "backfill-overtake-limit", "%u", 1 + below(&draws, 3));
    if (one_in(&draws, 3))
        set(plan, "dynamic-host-ports", "engine");
    if (one_in(&draws, 2))
        set(plan, "exec-agent-supervision", "immediate");
    if (one_in(&draws, 3))
        set(plan, "dynamic-host-port-range", "19000-%u", 19003 + below(&draws, 6));
    if (one_in(&draws, 2)) {
        set(plan, "enable-gpu-support", "true");
        set(plan, "host-gpus", "gpu-0,gpu-1,gpu-2");
    }
    if (one_in(&draws, 4))
        set(plan, "pull-dependent-containers-upfront", "true");
    if (one_in(&draws, 4))
        set(plan, "image-pull-parallel", "%u", 1 + below(&draws, 3));
    if (one_in(&draws, 4))
        set(plan, "container-stop-timeout", "%us", 1 + below(&draws, 40));
    if (one_in(&draws, 4))
        set(plan, "steady-state-poll-interval", "%us", 20 + below(&draws, 100));
    if (one_in(&draws, 6))
        set(plan, "cleanup-waits-for-ack", "false");
    harness->config = plan->config_list;
    harness->with_store = !one_in(&draws, 4);
    plan->ack_late = ack == 1 || ack == 2;
    plan->ack_never = ack == 3;
    if (one_in(&draws, 3))
        set(plan, "inspect-parallel", "%u", 1 + below(&draws, 3));
    harness->ack = ack == 0 ? ACK_AUTO : plan->ack_late || plan->ack_never ? ACK_BY_HAND : ACK_AT_ONCE;
    text_add(&harness->trace, "store %s, acknowledgements %s\n", harness->with_store ? "yes" : "no",
             ack == 0          ? "auto"
             : plan->ack_late  ? "late"
             : plan->ack_never ? "never"
                               : "at once");
}

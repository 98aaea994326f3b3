/* SPDX-License-Identifier: Apache-2.0 */
/* Drawing runs. Whatever is drawn, the invariants hold, and in the end, when the faults are over, every task is STOPPED and removed and
 * no container is left. Faults that no engine could repair are not drawn: one that stops a container from ever being stopped, and an
 * outsider who brings containers back again and again. */
#include "random_run.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "invariants.h"
#include "payload.h"

enum { TASKS_MAX = 3, CONTAINERS_MAX = 4, DEEDS_MAX = 6 };

struct draws {
    uint64_t state;
};

/* splitmix64: of the test alone; the simulator has streams of its own. */
static uint64_t draw(struct draws *draws)
{
    uint64_t z = draws->state += UINT64_C(0x9e3779b97f4a7c15);

    z = (z ^ (z >> 30)) * UINT64_C(0xbf58476d1ce4e5b9);
    z = (z ^ (z >> 27)) * UINT64_C(0x94d049bb133111eb);
    return z ^ (z >> 31);
}

static unsigned below(struct draws *draws, unsigned limit) { return (unsigned)(draw(draws) % limit); }
static bool one_in(struct draws *draws, unsigned n) { return below(draws, n) == 0; }

struct plan {
    struct draws draws;
    struct harness *harness;
    char *documents[TASKS_MAX];
    unsigned task_count;
    char config[8][2][64];
    const char *config_list[17];
    int64_t quiet_ns; /* when faults end */
};

static void script(struct plan *plan, const char *line)
{
    text_add(&plan->harness->trace, "sim %s\n", line);
    if (ecsengine_sim_script(plan->harness->sim, line, NULL) < 0)
        harness_broken(plan->harness, "the simulator does not understand: %s", line);
}

static void draw_container(struct plan *plan, json_t *task, unsigned index)
{
    static const char *const conditions[] = {"START", "START", "COMPLETE", "SUCCESS", "HEALTHY"};
    struct draws *draws = &plan->draws;
    char name[16], words[256] = "";
    size_t len = 0;

    snprintf(name, sizeof(name), "c%u", index);
    if (one_in(draws, 3))
        len += (size_t)snprintf(words + len, sizeof(words) - len, " essential=false");
    if (one_in(draws, 2))
        len += (size_t)snprintf(words + len, sizeof(words) - len, " health=true");
    if (one_in(draws, 2))
        len += (size_t)snprintf(words + len, sizeof(words) - len, " startTimeout=%u", 1 + below(draws, 60));
    if (one_in(draws, 2))
        len += (size_t)snprintf(words + len, sizeof(words) - len, " stopTimeout=%u", 1 + below(draws, 60));
    if (one_in(draws, 4))
        len +=
            (size_t)snprintf(words + len, sizeof(words) - len, " ports=80:%u/tcp", one_in(draws, 2) ? 0 : 18000 + below(draws, 3));
    if (index > 0 && one_in(draws, 2))
        snprintf(words + len, sizeof(words) - len, " dependsOn=c%u:%s", below(draws, index), conditions[below(draws, 5)]);
    payload_add_container(task, name, words);
}

static void draw_tasks(struct plan *plan)
{
    plan->task_count = 1 + below(&plan->draws, TASKS_MAX);
    for (unsigned i = 0; i < plan->task_count; i++) {
        char name[16];
        unsigned containers = 1 + below(&plan->draws, CONTAINERS_MAX);
        snprintf(name, sizeof(name), "t%u", i);
        json_t *task = payload_task(name, one_in(&plan->draws, 20) ? "desired=STOPPED" : "");
        for (unsigned k = 0; k < containers; k++)
            draw_container(plan, task, k);
        plan->documents[i] = json_dumps(task, JSON_COMPACT | JSON_SORT_KEYS);
        text_add(&plan->harness->trace, "task %s\n", plan->documents[i]);
        json_decref(task);
    }
}

/* What the containers do: most end by themselves within minutes. */
static void draw_behaviour(struct plan *plan)
{
    struct draws *draws = &plan->draws;
    char line[160];

    for (unsigned i = 0; i < CONTAINERS_MAX; i++) {
        size_t len = (size_t)snprintf(line, sizeof(line), "container=c%u stop-exit=%u", i, below(draws, 3));
        if (!one_in(draws, 4))
            len += (size_t)snprintf(line + len, sizeof(line) - len, " run=%ums", below(draws, 120000));
        if (one_in(draws, 3))
            len += (size_t)snprintf(line + len, sizeof(line) - len, " exit=%u", below(draws, 4));
        if (one_in(draws, 8))
            len += (size_t)snprintf(line + len, sizeof(line) - len, " oom=true");
        if (one_in(draws, 4))
            len += (size_t)snprintf(line + len, sizeof(line) - len, " ignore-term=true");
        else if (one_in(draws, 3))
            len += (size_t)snprintf(line + len, sizeof(line) - len, " stop-after=%ums", below(draws, 20000));
        if (one_in(draws, 2))
            len += (size_t)snprintf(line + len, sizeof(line) - len, " healthy-after=%ums", below(draws, 30000));
        script(plan, line);
    }
    if (one_in(draws, 2))
        script(plan, "records=false");
    if (one_in(draws, 4))
        script(plan, one_in(draws, 2) ? "image=busybox:1 local=true" : "image=busybox:1 missing=true");
}

/* Faults of a daemon, some for the first few times, some by chance. A removal or a stop is spared what it could not get over. */
static void draw_faults(struct plan *plan)
{
    static const char *const ops[] = {"create", "start", "inspect", "pull-image", "ping", "list", "subscribe", "stop", "remove"};
    static const char *const faults[] = {"fault=error", "fault=lost",      "fault=hang",   "fault=late",
                                         "delay=3s",    "answer-delay=2s", "fault=double", "delay=100s"};
    static const char *const events[] = {"start", "die", "stop", "any", "healthy", "create"};
    static const char *const event_faults[] = {"fault=drop", "fault=double", "fault=late", "fault=reorder", "delay=40s"};
    struct draws *draws = &plan->draws;
    char line[160];

    for (unsigned n = below(draws, 4); n > 0; n--) {
        snprintf(line, sizeof(line), "op=%s %s %s=%u", ops[below(draws, 9)], faults[below(draws, 8)],
                 one_in(draws, 2) ? "times" : "nth", 1 + below(draws, 3));
        script(plan, line);
    }
    for (unsigned n = below(draws, 3); n > 0; n--) {
        snprintf(line, sizeof(line), "event=%s %s chance=%u", events[below(draws, 6)], event_faults[below(draws, 5)],
                 10 + below(draws, 90));
        script(plan, line);
    }
}

static void set(struct plan *plan, unsigned index, const char *key, const char *value)
{
    snprintf(plan->config[index][0], sizeof(plan->config[index][0]), "%s", key);
    snprintf(plan->config[index][1], sizeof(plan->config[index][1]), "%s", value);
    plan->config_list[2 * index] = plan->config[index][0];
    plan->config_list[2 * index + 1] = plan->config[index][1];
    text_add(&plan->harness->trace, "config %s=%s\n", key, value);
}

static void draw_config(struct plan *plan)
{
    static const char *const behaviours[] = {"default", "always", "once", "prefer-cached"};
    struct draws *draws = &plan->draws;
    unsigned n = 0;

    set(plan, n++, "image-pull-behavior", behaviours[below(draws, 4)]);
    set(plan, n++, "image-manifest-resolution", one_in(draws, 3) ? "true" : "false");
    set(plan, n++, "engine-task-cleanup-wait-duration", one_in(draws, 2) ? "1s" : "10m");
    if (one_in(draws, 3))
        set(plan, n++, "host-cpu", "60");
    plan->harness->config = plan->config_list;
    plan->harness->ack = one_in(draws, 4) ? ACK_AUTO : ACK_AT_ONCE;
    plan->harness->with_store = one_in(draws, 2);
}

/* Somebody interferes. */
static void deed(struct plan *plan)
{
    struct harness *harness = plan->harness;
    struct draws *draws = &plan->draws;
    size_t count = ecsengine_sim_container_count(harness->sim);
    unsigned what = below(draws, 8);
    char task[16];

    snprintf(task, sizeof(task), "t%u", below(draws, plan->task_count));
    text_add(&harness->trace, "[%7.3f] deed %u %s\n", (double)harness->mono_ns / 1e9, what, task);
    if (what == 0)
        harness_stop(harness, task);
    else if (what == 1)
        harness_kill(harness, task);
    else if (what == 2)
        ecsengine_sim_lose(harness->sim, (int64_t)below(draws, 30) * SECOND, NULL);
    else if (what == 3)
        ecsengine_sim_set_down(harness->sim, one_in(draws, 2), NULL);
    else if (what == 4 && harness->with_store)
        ecsengine_memory_store_fail(harness->store, (int32_t)(1 + below(draws, 3)), ECSENGINE_EIO);
    else if (what == 5 && harness->with_store)
        harness_restart(harness);
    else if (what == 6 && count > 0)
        ecsengine_sim_kill(harness->sim, ecsengine_sim_container_id(harness->sim, below(draws, (unsigned)count)), 9, NULL);
    else if (what == 7 && count > 0)
        ecsengine_sim_remove(harness->sim, ecsengine_sim_container_id(harness->sim, below(draws, (unsigned)count)), NULL);
    if (what == 7 || what == 5)
        invariants_tampered(harness->invariants);
}

static bool is_over(struct harness *harness, void *data)
{
    (void)data;
    return invariants_all_removed(harness->invariants);
}

static void live(struct plan *plan)
{
    struct harness *harness = plan->harness;
    unsigned deeds = below(&plan->draws, DEEDS_MAX);
    int64_t at_ns = 0;

    harness_settle(harness);
    for (unsigned i = 0; i < plan->task_count; i++) {
        at_ns += (int64_t)below(&plan->draws, 3000) * MS;
        if (!harness_run_until(harness, at_ns, NULL, NULL))
            return;
        harness_add(harness, plan->documents[i]);
    }
    for (; deeds > 0; deeds--) {
        at_ns += (int64_t)below(&plan->draws, 90000) * MS;
        if (!harness_run_until(harness, at_ns, NULL, NULL))
            return;
        deed(plan);
    }
    /* From here on the world is well, and every task is wanted STOPPED. */
    harness_run_until(harness, at_ns + 60 * SECOND, NULL, NULL);
    script(plan, "op=any fault=none");
    script(plan, "event=any fault=none");
    ecsengine_sim_set_down(harness->sim, 0, NULL);
    for (unsigned i = 0; i < plan->task_count; i++) {
        char name[16];
        snprintf(name, sizeof(name), "t%u", i);
        harness_stop(harness, name);
    }
    harness_run_until(harness, at_ns + 72 * 3600 * SECOND, is_over, NULL);
    if (harness->broken.len == 0 && !is_over(harness, NULL))
        harness_broken(harness, "not every task is STOPPED and removed in the end");
}

void random_run(uint64_t seed, struct harness *harness)
{
    struct plan plan = {.draws = {seed}, .harness = harness};

    harness->seed = seed;
    draw_tasks(&plan);
    draw_config(&plan);
    harness_start(harness);
    draw_behaviour(&plan);
    draw_faults(&plan);
    for (unsigned i = 0; i < plan.task_count; i++)
        invariants_know(harness->invariants, plan.documents[i]);
    live(&plan);
    if (harness->broken.len == 0 && ecsengine_sim_container_count(harness->sim) > 0)
        harness_broken(harness, "%zu containers are left in the end", ecsengine_sim_container_count(harness->sim));
    harness_end(harness);
    for (unsigned i = 0; i < plan.task_count; i++)
        free(plan.documents[i]);
}

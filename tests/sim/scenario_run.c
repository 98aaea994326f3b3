/* SPDX-License-Identifier: Apache-2.0 */
/* Running a scenario: the steps in their time, then the comparison of what came of them with what was expected. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "invariants.h"
#include "scenario_types.h"
#include "watch.h"

#define ORPHANS_AT_MOST (6 * 3600 * SECOND) /* also of the last of several engines */

struct run {
    const struct scenario *scenario;
    struct harness *harness;
    enum scenario_compare compare;
    bool *done;       /* for each step */
    int64_t until_ns; /* how far the clock may go before the steps are looked at again */
};

static const struct scenario_task *task_named(const struct scenario *scenario, const char *name)
{
    for (size_t i = 0; i < scenario->task_count; i++) {
        if (strcmp(scenario->tasks[i].name, name) == 0)
            return &scenario->tasks[i];
    }
    return NULL;
}

static void do_add(struct run *run, const char *name)
{
    const struct scenario_task *task = task_named(run->scenario, name);
    char *document = task == NULL ? NULL : task->json != NULL ? json_dumps(task->json, JSON_COMPACT) : strdup(task->text);
    int rc = document != NULL ? harness_add(run->harness, document) : ECSENGINE_EINVAL;

    if (rc < 0)
        harness_broken(run->harness, "add %s: %s", name, ecsengine_code_name(rc));
    free(document);
}

/* `t1/a 137`: the runtime name and what follows. */
static const char *target(struct run *run, const char *argument, int *out_number)
{
    char task[128] = "", container[128] = "";

    *out_number = 0;
    sscanf(argument, "%127[^/]/%127s %d", task, container, out_number);
    const char *name = harness_runtime_name(run->harness, task, container);
    if (name == NULL && run->compare != COMPARE_NOTHING)
        harness_broken(run->harness, "there is no container %s", argument);
    return name;
}

/* What an outsider does; false: it is another action. */
static bool outside(struct run *run, const char *action, const char *argument)
{
    ecsengine_sim *sim = run->harness->sim;
    int number, rc = 0;

    if (strcmp(action, "kill") == 0) {
        const char *name = target(run, argument, &number);
        rc = name != NULL ? ecsengine_sim_kill(sim, name, number, NULL) : 0;
    } else if (strcmp(action, "exec-kill") == 0) {
        const char *name = target(run, argument, &number);
        rc = name != NULL ? ecsengine_sim_exec_kill(sim, name, number, NULL) : 0;
    } else if (strcmp(action, "start") == 0) {
        const char *name = target(run, argument, &number);
        rc = name != NULL ? ecsengine_sim_start(sim, name, NULL) : 0;
    } else if (strcmp(action, "remove") == 0) {
        const char *name = target(run, argument, &number);
        rc = name != NULL ? ecsengine_sim_remove(sim, name, NULL) : 0;
    } else if (strcmp(action, "lose") == 0) {
        rc = ecsengine_sim_lose(sim, (int64_t)(atof(argument) * 1e9), NULL);
    } else if (strcmp(action, "down") == 0 || strcmp(action, "up") == 0) {
        rc = ecsengine_sim_set_down(sim, strcmp(action, "down") == 0, NULL);
    } else if (strcmp(action, "volume") == 0) {
        char name[128] = "";
        int skip = 0;
        sscanf(argument, "%127s %n", name, &skip);
        rc = ecsengine_sim_volume_create(sim, name, argument[skip] != '\0' ? argument + skip : NULL, NULL);
    } else if (strcmp(action, "sim") == 0) {
        rc = ecsengine_sim_script(sim, argument, NULL);
    } else {
        return false;
    }
    if (rc < 0 && run->compare != COMPARE_NOTHING)
        harness_broken(run->harness, "%s %s: %s", action, argument, ecsengine_code_name(rc));
    return true;
}

static bool with_store(struct run *run, const char *action, const char *argument)
{
    ecsengine_memory_store *store = run->harness->store;

    if (strcmp(action, "fail-store") == 0)
        ecsengine_memory_store_fail(store, atoi(argument), ECSENGINE_EIO);
    else if (strcmp(action, "hold-store") == 0)
        harness_hold_store(run->harness, *argument != '\0' ? atoi(argument) : 1);
    else if (strcmp(action, "release-store") == 0)
        harness_release_store(run->harness);
    else
        return false;
    return true;
}

/* `KEY VALUE`. */
static int do_set(struct harness *harness, const char *argument)
{
    char key[64];
    size_t len = strcspn(argument, " ");

    snprintf(key, sizeof(key), "%.*s", (int)len, argument);
    return harness_set(harness, key, argument[len] != '\0' ? argument + len + 1 : "");
}

static void act(struct run *run, const char *action, const char *argument)
{
    struct harness *harness = run->harness;
    int rc = 0;

    text_add(&harness->trace, "[%7.3f] %-12s %s %s\n", (double)harness->mono_ns / 1e9, "do", action, argument);
    if (strcmp(action, "add") == 0)
        do_add(run, argument);
    else if (strcmp(action, "stop") == 0)
        rc = harness_stop(harness, argument);
    else if (strcmp(action, "kill-task") == 0)
        rc = harness_kill(harness, argument);
    else if (strcmp(action, "credentials") == 0)
        rc = harness_give_credentials(harness, argument);
    else if (strcmp(action, "no-credentials") == 0)
        rc = harness_take_credentials(harness, argument);
    else if (strcmp(action, "set") == 0)
        rc = do_set(harness, argument);
    else if (strcmp(action, "ack") == 0)
        harness_ack_all(harness);
    else if (strcmp(action, "restart") == 0)
        harness_restart(harness);
    else if (strcmp(action, "sleep") == 0)
        harness_sleep_until(harness, harness->mono_ns + (int64_t)(atof(argument) * 1e9));
    else if (strcmp(action, "damage") == 0 || strcmp(action, "forget") == 0)
        harness_spoil(harness, argument, strcmp(action, "forget") == 0);
    else if (strcmp(action, "wall") == 0)
        harness->wall_shift_ns += (int64_t)(atof(argument) * 1e9);
    else if (!outside(run, action, argument) && !with_store(run, action, argument))
        harness_broken(harness, "a scenario knows no action %s", action);
    if (rc < 0)
        harness_broken(harness, "%s %s: %s", action, argument, ecsengine_code_name(rc));
}

static bool is_event_of(const struct seen_event *event, const char *task, const char *container, const char *status)
{
    const char *seen = event->kind == ECSENGINE_EVENT_TASK_REMOVED ? "REMOVED" : event->status;

    return (event->kind == ECSENGINE_EVENT_CONTAINER || event->kind == ECSENGINE_EVENT_TASK ||
            event->kind == ECSENGINE_EVENT_TASK_REMOVED) &&
           strcmp(event->task, task) == 0 && strcmp(event->container, container) == 0 && strcmp(seen, status) == 0;
}

/* When a step is due; INT64_MAX: nobody knows yet. */
static int64_t due_ns(const struct run *run, size_t index)
{
    const struct scenario_step *step = &run->scenario->steps[index];

    if (run->done[index])
        return INT64_MAX;
    if (step->on_task == NULL)
        return step->after_ns;
    for (size_t i = 0; i < run->harness->event_count; i++) {
        const struct seen_event *event = &run->harness->events[i];
        if (is_event_of(event, step->on_task, step->on_container, step->on_status))
            return event->at_ns + step->after_ns;
    }
    return INT64_MAX;
}

/* The first step that is due first. */
static size_t next_step(const struct run *run, int64_t *out_due_ns)
{
    size_t next = 0;

    *out_due_ns = INT64_MAX;
    for (size_t i = 0; i < run->scenario->step_count; i++) {
        int64_t due = due_ns(run, i);
        if (due < *out_due_ns) {
            *out_due_ns = due;
            next = i;
        }
    }
    return next;
}

/* Stops the clock where a step is due, or has come to be due earlier than was known, or where all is over. */
static bool is_step_or_end(struct harness *harness, void *data)
{
    struct run *run = data;
    int64_t due;

    next_step(run, &due);
    if (due <= harness->mono_ns || due < run->until_ns)
        return true;
    return due == INT64_MAX && !run->scenario->runs_on && invariants_all_removed(harness->invariants);
}

static void live(struct run *run)
{
    const struct scenario *scenario = run->scenario;
    struct harness *harness = run->harness;

    for (;;) {
        int64_t due;
        size_t step = next_step(run, &due);
        if (due <= harness->mono_ns) {
            run->done[step] = true;
            act(run, scenario->steps[step].action, scenario->steps[step].argument);
            continue;
        }
        run->until_ns = due < scenario->until_ns ? due : scenario->until_ns;
        if (!harness_run_until(harness, run->until_ns, is_step_or_end, run) || harness->mono_ns >= scenario->until_ns)
            return;
        next_step(run, &due);
        if (due == INT64_MAX && is_step_or_end(harness, run))
            return;
    }
}

/* The kinds that are compared only if they are named: `runtime`, `store`, `done`. */
static const char *special_name(enum ecsengine_event_kind kind)
{
    return kind == ECSENGINE_EVENT_RUNTIME        ? "runtime"
           : kind == ECSENGINE_EVENT_STORE        ? "store"
           : kind == ECSENGINE_EVENT_COMMAND_DONE ? "done"
           : kind == ECSENGINE_EVENT_MANAGED_AGENT ? "agent"
                                                  : NULL;
}

static bool is_compared(const struct scenario *scenario, const struct seen_event *event)
{
    const char *special = special_name(event->kind);

    if (event->kind == ECSENGINE_EVENT_READY)
        return false;
    for (size_t i = 0; special != NULL && i < scenario->expected_count; i++) {
        if (strcmp(scenario->expected[i].task, special) == 0)
            return true;
    }
    return special == NULL;
}

static bool is_status(const struct expected *expected, const struct seen_event *event)
{
    const char *special = special_name(event->kind);

    if (event->kind == ECSENGINE_EVENT_COMMAND_DONE)
        return strcmp(expected->task, special) == 0 &&
               strcmp(expected->status, ecsengine_code_name(event->command_code) + strlen("ECSENGINE_")) == 0;
    if (special != NULL)
        return strcmp(expected->task, special) == 0 && strcmp(expected->status, event->status) == 0;
    return is_event_of(event, expected->task, expected->container, expected->status);
}

static bool matches(const struct expected *expected, const struct seen_event *event)
{
    return is_status(expected, event) &&
           (expected->exit != EXIT_MUST || (event->has_exit_code && event->exit_code == expected->exit_code)) &&
           (expected->exit != EXIT_MUST_NOT || !event->has_exit_code) &&
           (expected->reason == NULL ||
            (*expected->reason == '\0' ? *event->reason == '\0'
                                       : strncmp(event->reason, expected->reason, strlen(expected->reason)) == 0)) &&
           (expected->ports == NULL || strcmp(expected->ports, event->ports) == 0) &&
           (!expected->digest || *event->digest != '\0') && (!expected->timed || expected->at_ns == event->at_ns);
}

static void describe(const struct seen_event *event, char *out, size_t size)
{
    const char *special = special_name(event->kind), *status = event->status;
    char exit_code[32] = "";

    if (event->kind == ECSENGINE_EVENT_TASK_REMOVED)
        status = "REMOVED";
    if (event->kind == ECSENGINE_EVENT_COMMAND_DONE)
        status = ecsengine_code_name(event->command_code);
    if (event->has_exit_code)
        snprintf(exit_code, sizeof(exit_code), " exit=%d", event->exit_code);
    snprintf(out, size, "%s%s%s %s%s reason=\"%s\" ports=\"%s\" @%.3f", special != NULL ? special : event->task,
             *event->container ? "/" : "", event->container, status, exit_code, event->reason, event->ports,
             (double)event->at_ns / 1e9);
}

/* `task` NULL: the events of all tasks, as they came; else those of one. */
static void compare_events(const struct scenario *scenario, struct harness *harness, const char *task)
{
    size_t next = 0;
    char text[1024];

    for (size_t i = 0; i <= harness->event_count; i++) {
        const struct seen_event *event = i < harness->event_count ? &harness->events[i] : NULL;
        if (event != NULL && (!is_compared(scenario, event) ||
                              (task != NULL && (special_name(event->kind) != NULL || strcmp(event->task, task) != 0))))
            continue;
        while (next < scenario->expected_count && task != NULL && strcmp(scenario->expected[next].task, task) != 0)
            next++;
        if (event == NULL)
            break;
        describe(event, text, sizeof(text));
        if (next == scenario->expected_count) {
            harness_broken(harness, "one event too many: %s", text);
            return;
        }
        if (!matches(&scenario->expected[next], event)) {
            harness_broken(harness, "expected: %s; came: %s", scenario->expected[next].line, text);
            return;
        }
        next++;
    }
    if (next < scenario->expected_count)
        harness_broken(harness, "never came: %s", scenario->expected[next].line);
}

static bool is_call(enum ecsengine_op_kind kind)
{
    return kind == ECSENGINE_OP_PULL_IMAGE || kind == ECSENGINE_OP_PULL_MANIFEST || kind == ECSENGINE_OP_CREATE ||
           kind == ECSENGINE_OP_START || kind == ECSENGINE_OP_STOP || kind == ECSENGINE_OP_REMOVE ||
           (kind >= ECSENGINE_OP_VOLUME_CREATE && kind <= ECSENGINE_OP_EXEC_START) || kind == ECSENGINE_OP_AGENT_PREPARE;
}

static bool is_about(const struct seen_op *op, const char *target)
{
    size_t len = strlen(op->task);
    bool image = op->kind == ECSENGINE_OP_PULL_IMAGE || op->kind == ECSENGINE_OP_PULL_MANIFEST;

    if (image)
        return strcmp(op->image, target) == 0;
    return strncmp(op->task, target, len) == 0 && target[len] == '/' && strcmp(op->container, target + len + 1) == 0;
}

/* `t1/a create start stop remove` */
static void compare_calls(struct harness *harness, const char *line)
{
    char target[256] = "";
    struct text made = {0};
    int skip = 0;

    sscanf(line, "%255s %n", target, &skip);
    for (size_t i = 0; i < harness->op_count; i++) {
        if (is_call(harness->ops[i].kind) && is_about(&harness->ops[i], target))
            text_add(&made, "%s%s", made.len > 0 ? " " : "", ecsengine_op_kind_name(harness->ops[i].kind));
    }
    if (strcmp(text_or_empty(&made), line + skip) != 0)
        harness_broken(harness, "calls of %s: expected: %s; made: %s", target, line + skip, text_or_empty(&made));
    text_free(&made);
}

static size_t first_call(const struct harness *harness, const char *target, const char *kind)
{
    for (size_t i = 0; i < harness->op_count; i++) {
        if (is_about(&harness->ops[i], target) && strcmp(ecsengine_op_kind_name(harness->ops[i].kind), kind) == 0)
            return i;
    }
    return SIZE_MAX;
}

/* `t1/db start t1/web create` */
static void compare_order(struct harness *harness, const char *line)
{
    char first[256] = "", first_kind[64] = "", second[256] = "", second_kind[64] = "";

    sscanf(line, "%255s %63s %255s %63s", first, first_kind, second, second_kind);
    size_t one = first_call(harness, first, first_kind), other = first_call(harness, second, second_kind);
    if (one == SIZE_MAX || other == SIZE_MAX || one > other)
        harness_broken(harness, "the order is not: %s", line);
}

static void compare(const struct scenario *scenario, struct harness *harness, enum scenario_compare compare)
{
    if (compare == COMPARE_TASKS) {
        for (size_t i = 0; i < scenario->task_count; i++)
            compare_events(scenario, harness, scenario->tasks[i].name);
    }
    if (compare != COMPARE_ALL)
        return;
    compare_events(scenario, harness, NULL);
    for (size_t i = 0; i < scenario->calls.count; i++)
        compare_calls(harness, scenario->calls.list[i]);
    for (size_t i = 0; i < scenario->before.count; i++)
        compare_order(harness, scenario->before.list[i]);
}

static bool all_removed(struct harness *harness, void *data)
{
    (void)data;
    return invariants_all_removed(harness->invariants);
}

/* A step was left out, or had no effect: whatever still runs is asked to stop. */
static void bring_to_an_end(const struct scenario *scenario, struct harness *harness)
{
    if (harness->broken.len > 0 || all_removed(harness, NULL))
        return;
    ecsengine_sim_set_down(harness->sim, 0, NULL);
    for (size_t i = 0; i < scenario->task_count; i++)
        harness_stop(harness, scenario->tasks[i].name);
    harness_run_until(harness, harness->mono_ns + scenario->until_ns, all_removed, NULL);
}

static bool no_orphans(struct harness *harness, void *data)
{
    (void)data;
    for (size_t i = 0; i < ecsengine_memory_store_count(harness->store); i++)
        if (strncmp(ecsengine_memory_store_key(harness->store, i), "orphan/", strlen("orphan/")) == 0)
            return false;
    return true;
}

/* What a create may yet make that nobody answered is looked for until it comes, or will not come any more. */
static void wait_for_orphans(struct harness *harness)
{
    if (harness->store != NULL && !harness->store_is_slow && all_removed(harness, NULL))
        harness_run_until(harness, harness->mono_ns + ORPHANS_AT_MOST, no_orphans, NULL);
}

void scenario_run(const struct scenario *scenario, struct harness *harness, enum scenario_compare how)
{
    struct run run = {.scenario = scenario, .harness = harness, .compare = how};

    run.done = calloc(scenario->step_count, sizeof(bool));

    if (harness->seed == 0)
        harness->seed = 1;
    harness->config = (const char *const *)scenario->config.list;
    harness->ack = scenario->ack;
    harness->with_store |= scenario->with_store;
    harness->no_checks = scenario->is_long;
    harness_start(harness);
    for (size_t i = 0; i < scenario->sim.count; i++) {
        if (ecsengine_sim_script(harness->sim, scenario->sim.list[i], NULL) < 0)
            harness_broken(harness, "the simulator does not understand: %s", scenario->sim.list[i]);
    }
    if (scenario->tampered)
        invariants_tampered(harness->invariants);
    for (size_t i = 0; i < scenario->task_count; i++) {
        char *document = scenario->tasks[i].json != NULL ? json_dumps(scenario->tasks[i].json, 0) : strdup(scenario->tasks[i].text);
        invariants_know(harness->invariants, document);
        free(document);
    }
    if (scenario->leave_task != NULL)
        invariants_may_leave(harness->invariants, scenario->leave_task, scenario->leave);
    live(&run);
    if (how == COMPARE_NOTHING)
        bring_to_an_end(scenario, harness);
    if (!scenario->runs_on)
        wait_for_orphans(harness);
    if (!scenario->runs_on && !invariants_all_removed(harness->invariants))
        harness_broken(harness, "not every task is STOPPED and removed");
    size_t left = ecsengine_sim_container_count(harness->sim);
    if (!scenario->runs_on && left > scenario->leave)
        harness_broken(harness, "%zu containers are left in the end", left);
    size_t volumes = ecsengine_sim_volume_count(harness->sim);
    if (!scenario->runs_on && (volumes > scenario->volumes_left || (how == COMPARE_ALL && volumes != scenario->volumes_left)))
        harness_broken(harness, "%zu volumes are left in the end", volumes);
    if (!scenario->runs_on && ecsengine_sim_resource_count(harness->sim) > 0)
        harness_broken(harness, "%zu resources of the host are left in the end", ecsengine_sim_resource_count(harness->sim));
    if (harness->trouble.at != 0) /* until the store has what it had trouble with */
        harness_run_until(harness, harness->mono_ns + 120 * SECOND, NULL, NULL);
    if (invariants_all_removed(harness->invariants) && !harness->store_is_slow && scenario->ack != ACK_BY_HAND)
        watch_records(harness);
    compare(scenario, harness, how);
    harness_end(harness);
    free(run.done);
}

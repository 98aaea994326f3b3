/* SPDX-License-Identifier: Apache-2.0 */
/* Two hundred containers with agents, while every kind of operation on execs fails in every way: never two agents in one container, and when
 * the faults are over each has one, which is what was told. And what watching ten thousand costs: the looks that are due, and nothing beside. */
#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "harness.h"
#include "payload.h"

enum { TASKS = 200, MANY = 10000 };

#define MINUTE (60 * SECOND)

static void add_tasks(struct harness *harness, int first, int count)
{
    char name[16];

    for (int i = first; i < first + count; i++) {
        snprintf(name, sizeof(name), "t%d", i);
        json_t *task = payload_task(name, "");
        payload_add_container(task, "a", "agent=ExecuteCommandAgent");
        char *text = json_dumps(task, JSON_COMPACT);
        ck_assert_int_eq(0, harness_add(harness, text));
        free(text);
        json_decref(task);
    }
}

static bool two_run(struct harness *harness, void *data)
{
    bool *two = data;

    for (size_t i = 0; i < ecsengine_sim_container_count(harness->sim); i++)
        *two = *two || ecsengine_sim_exec_running(harness->sim, i) > 1;
    return *two;
}

static void run(struct harness *harness, int64_t ns)
{
    bool two = false;

    harness_run_until(harness, harness->mono_ns + ns, two_run, &two);
    ck_assert_msg(!two, "two agents run in one container");
}

static void script(struct harness *harness, const char *line) { ck_assert_int_eq(0, ecsengine_sim_script(harness->sim, line, NULL)); }

/* What was told last of the container's agent, and that it was told before the container's end. */
static const char *last_told(const struct harness *harness, const char *task)
{
    const char *status = "";
    bool ended = false;

    for (size_t i = 0; i < harness->event_count; i++) {
        const struct seen_event *event = &harness->events[i];
        if (strcmp(event->task, task) != 0)
            continue;
        if (event->kind == ECSENGINE_EVENT_CONTAINER && strcmp(event->status, "STOPPED") == 0)
            ended = true;
        if (event->kind != ECSENGINE_EVENT_MANAGED_AGENT)
            continue;
        ck_assert_msg(!ended, "%s: the agent is told %s after its container's end", task, event->status);
        status = event->status;
    }
    return status;
}

START_TEST(under_faults_there_are_never_two_and_in_the_end_there_is_one)
{
    static const char *const config[] = {"host-cpu", "1048576", "host-memory", "1048576", "exec-agent-supervision", "immediate", NULL};
    static const char *const kinds[] = {"exec-create", "exec-start", "exec-inspect", "agent-prepare"};
    static const char *const faults[] = {"error", "lost", "hang", "late", "double"};
    struct harness harness = {.seed = 5 + (uint64_t)_i, .no_checks = true, .config = config};
    char line[128], name[16];
    int struck = 0;

    harness_start(&harness);
    for (size_t i = 0; i < 4; i++)
        for (size_t j = 0; j < (i == 3 ? 1 : 5); j++) {
            snprintf(line, sizeof(line), "chance=8 op=%s fault=%s", kinds[i], faults[j]);
            script(&harness, line);
        }
    script(&harness, "chance=20 event=exec-die fault=drop");
    script(&harness, "container=a exec-run=40s exec-exit=1 exec-times=4");
    add_tasks(&harness, 0, TASKS);
    run(&harness, 20 * MINUTE);
    struck = (int)(ecsengine_sim_counter(harness.sim, "op-errors") + ecsengine_sim_counter(harness.sim, "op-answers-lost"));
    ck_assert_int_ge(struck, TASKS / 4);
    ck_assert_uint_gt(ecsengine_sim_counter(harness.sim, "op-hangs"), 0);
    ck_assert_uint_gt(ecsengine_sim_counter(harness.sim, "op-late"), 0);
    ck_assert_uint_gt(ecsengine_sim_counter(harness.sim, "op-doubled"), 0);
    ck_assert_uint_gt(ecsengine_sim_counter(harness.sim, "events-dropped"), 0);
    script(&harness, "op=any fault=none");
    script(&harness, "event=exec-die fault=none");
    run(&harness, 120 * MINUTE);
    int with = 0;
    for (size_t i = 0; i < TASKS; i++) {
        const char *task = harness_last_part(ecsengine_sim_container_task(harness.sim, i));
        int running = ecsengine_sim_exec_running(harness.sim, i);
        with += running;
        snprintf(name, sizeof(name), "%s", task);
        ck_assert_msg(strcmp(last_told(&harness, name), running ? "RUNNING" : "STOPPED") == 0, "%s: %d run, and %s is told", name, running,
                      last_told(&harness, name));
    }
    ck_assert_int_ge(with, TASKS * 8 / 10); /* the others could not be made ready */
    ck_assert_int_lt(with, TASKS);
    for (int i = 0; i < TASKS; i++) {
        snprintf(name, sizeof(name), "t%d", i);
        ck_assert_int_eq(0, harness_stop(&harness, name));
    }
    run(&harness, 5 * MINUTE);
    for (int i = 0; i < TASKS; i++) {
        snprintf(name, sizeof(name), "t%d", i);
        ck_assert_str_eq("STOPPED", last_told(&harness, name));
    }
    harness_end(&harness);
    ck_assert_msg(harness.broken.len == 0, "%s", text_or_empty(&harness.broken));
    harness_free(&harness);
}
END_TEST

/* An hour: three or four looks at each, a turn for each look and one for its answer. AGENTS_MANY=1 makes it ten thousand. */
START_TEST(watching_costs_a_look_an_interval_and_nothing_else)
{
    static const char *const config[] = {"host-cpu", "104857600", "host-memory", "104857600", "steady-state-poll-interval", "1000h", NULL};
    struct harness harness = {.seed = 3, .no_checks = true, .config = config};
    uint64_t looks, others, turns, wakes;
    int count = getenv("AGENTS_MANY") != NULL ? MANY : MANY / 10; /* with ten thousand the harness takes half a minute */

    harness_start(&harness);
    script(&harness, "cpus=1000000 memory-mib=100000000");
    for (int i = 0; i < count; i += 100) {
        add_tasks(&harness, i, 100);
        harness_settle(&harness);
    }
    looks = ecsengine_sim_op_count(harness.sim, ECSENGINE_OP_EXEC_INSPECT);
    others = ecsengine_sim_op_count(harness.sim, ECSENGINE_OP_NONE) - looks;
    ck_assert_uint_eq((uint64_t)count, looks); /* each after its start */
    turns = harness.turns;
    wakes = harness.wakes;
    harness_run_until(&harness, 61 * MINUTE, NULL, NULL);
    looks = ecsengine_sim_op_count(harness.sim, ECSENGINE_OP_EXEC_INSPECT) - looks;
    others = ecsengine_sim_op_count(harness.sim, ECSENGINE_OP_NONE) - looks - (uint64_t)count - others;
    turns = harness.turns - turns;
    wakes = harness.wakes - wakes;
    ck_assert_uint_ge(looks, 3 * (uint64_t)count);
    ck_assert_uint_le(looks, 4 * (uint64_t)count);
    ck_assert_uint_eq(0, others);
    ck_assert_uint_le(wakes, looks + 10);     /* no wake-up but for a look */
    ck_assert_uint_le(turns, 3 * looks + 10); /* its turn, its answer's, and one that finds nothing to do */
    harness_end(&harness);
    ck_assert_msg(harness.broken.len == 0, "%s", text_or_empty(&harness.broken));
    harness_free(&harness);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("agents");
    TCase *tcase = tcase_create("agents");

    tcase_set_timeout(tcase, 120);
    tcase_add_loop_test(tcase, under_faults_there_are_never_two_and_in_the_end_there_is_one, 0, 4);
    tcase_add_test(tcase, watching_costs_a_look_an_interval_and_nothing_else);
    suite_add_tcase(suite, tcase);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_ENV);
    int failures = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failures == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}

/* SPDX-License-Identifier: Apache-2.0 */
/* A thousand tasks at once: each comes to its end, in the time that one takes, and what they take is given back. */
#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "harness.h"
#include "payload.h"

enum { TASKS = 1000 };

static char *document(int index)
{
    char name[16];

    snprintf(name, sizeof(name), "t%d", index);
    json_t *task = payload_task(name, "");
    payload_add_container(task, "a", "dependsOn=b:START");
    payload_add_container(task, "b", "essential=false");
    char *text = json_dumps(task, JSON_COMPACT);
    json_decref(task);
    return text;
}

static size_t count_events(const struct harness *harness, enum ecsengine_event_kind kind, const char *status)
{
    size_t count = 0;

    for (size_t i = 0; i < harness->event_count; i++)
        count += harness->events[i].kind == kind && strcmp(harness->events[i].status, status) == 0;
    return count;
}

static bool all_removed(struct harness *harness, void *data)
{
    (void)data;
    return count_events(harness, ECSENGINE_EVENT_TASK_REMOVED, "") == TASKS;
}

static void run(const char *const *config, int64_t until_ns, struct harness *harness)
{
    *harness = (struct harness){.seed = 3, .no_checks = true, .config = config};
    harness_start(harness);
    ck_assert_int_eq(0, ecsengine_sim_script(harness->sim, "container=a run=2s", NULL));
    for (int i = 0; i < TASKS; i++) {
        char *text = document(i);
        ck_assert_int_eq(0, harness_add(harness, text));
        free(text);
    }
    ck_assert(harness_run_until(harness, until_ns, all_removed, NULL));
    ck_assert_uint_eq(TASKS, count_events(harness, ECSENGINE_EVENT_TASK_REMOVED, ""));
    ck_assert_uint_eq(TASKS, count_events(harness, ECSENGINE_EVENT_TASK, "RUNNING"));
    ck_assert_uint_eq(TASKS, count_events(harness, ECSENGINE_EVENT_TASK, "STOPPED"));
    ck_assert_uint_eq(2 * TASKS, count_events(harness, ECSENGINE_EVENT_CONTAINER, "STOPPED"));
    ck_assert_uint_eq(0, ecsengine_sim_container_count(harness->sim));
    harness_end(harness);
    ck_assert_msg(harness->broken.len == 0, "%s", text_or_empty(&harness->broken));
}

START_TEST(a_thousand_tasks_take_as_long_as_one)
{
    static const char *const config[] = {"host-cpu", "1048576", "host-memory", "1048576", NULL};
    struct harness harness;

    run(config, 60 * SECOND, &harness);
    ck_assert_int_le(harness.mono_ns, 4 * SECOND);
    harness_free(&harness);
}
END_TEST

START_TEST(with_room_for_ten_they_take_a_hundred_times_as_long)
{
    static const char *const config[] = {"host-cpu", "205", "host-memory", "1048576", NULL};
    struct harness harness;

    run(config, 3600 * SECOND, &harness);
    ck_assert_int_ge(harness.mono_ns, 200 * SECOND);
    ck_assert_int_le(harness.mono_ns, 204 * SECOND);
    harness_free(&harness);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("many");
    TCase *tcase = tcase_create("many");

    tcase_set_timeout(tcase, 120);
    tcase_add_test(tcase, a_thousand_tasks_take_as_long_as_one);
    tcase_add_test(tcase, with_room_for_ten_they_take_a_hundred_times_as_long);
    suite_add_tcase(suite, tcase);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_ENV);
    int failures = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failures == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}

/* SPDX-License-Identifier: Apache-2.0 */
/* The statuses, written out in full. */
#include "../base/unit.h"

#include "model/status.h"

enum { C_NONE, C_MANIFEST, C_PULLED, C_CREATED, C_RUNNING, C_PROVISIONED, C_STOPPED, C_COUNT };
enum { T_NONE, T_MANIFEST, T_PULLED, T_CREATED, T_RUNNING, T_STOPPED };

/* By steady state and known status. The letters are those of task-engine 1.3. */
START_TEST(a_containers_status_lets_its_task_be)
{
    static const uint8_t lets[C_COUNT][C_COUNT] = {
        [C_CREATED] = {T_NONE, T_MANIFEST, T_MANIFEST, /* b */ T_RUNNING, /* g */ T_NONE, /* g */ T_NONE, /* e */ T_STOPPED},
        [C_RUNNING] = {/* a */ T_NONE, /* c */ T_MANIFEST, T_MANIFEST, /* d */ T_CREATED, /* b */ T_RUNNING, /* g */ T_NONE, T_STOPPED},
        [C_PROVISIONED] = {T_NONE, T_MANIFEST, T_MANIFEST, T_CREATED, /* f */ T_CREATED, /* b */ T_RUNNING, T_STOPPED},
    };

    for (container_status steady = C_CREATED; steady <= C_PROVISIONED; steady++) {
        for (container_status status = 0; status < C_COUNT; status++)
            if (task_status_of_container(status, steady) != lets[steady][status])
                ck_abort_msg("%d with steady state %d lets its task be %d", status, steady, task_status_of_container(status, steady));
        ck_assert_int_eq(T_NONE, task_status_of_container(77, steady));
    }
    ck_assert_int_eq(T_NONE, task_status_of_container(C_NONE, C_NONE)); /* (a) comes before (b) */
}
END_TEST

START_TEST(a_tasks_desired_status_wants_of_its_containers)
{
    static const uint8_t wants[] = {[T_NONE] = C_NONE,       [T_MANIFEST] = C_NONE, [T_PULLED] = C_NONE,
                                    [T_CREATED] = C_CREATED, [T_RUNNING] = 99,      [T_STOPPED] = C_STOPPED};

    for (container_status steady = C_CREATED; steady <= C_PROVISIONED; steady++)
        for (task_status status = 0; status < sizeof(wants); status++)
            ck_assert_int_eq(status == T_RUNNING ? steady : wants[status], container_status_for_task(status, steady));
    ck_assert_int_eq(C_NONE, container_status_for_task(77, C_RUNNING));
}
END_TEST

START_TEST(resources_are_wanted_while_the_task_shall_run_and_at_no_other_time)
{
    for (task_status status = 0; status <= T_STOPPED; status++)
        ck_assert_int_eq(status == T_RUNNING ? RESOURCE_CREATED : RESOURCE_REMOVED, resource_status_for_task(status));
}
END_TEST

START_TEST(after_the_steady_state_comes_the_end)
{
    for (container_status steady = C_CREATED; steady <= C_PROVISIONED; steady++)
        for (container_status known = C_NONE; known < C_STOPPED; known++)
            ck_assert_int_eq(known < steady ? known + 1 : C_STOPPED, container_status_after(known, steady));
}
END_TEST

START_TEST(only_two_statuses_are_running)
{
    for (container_status status = 0; status <= ECSENGINE_CONTAINER_STOPPED; status++)
        ck_assert_int_eq(status == ECSENGINE_CONTAINER_RUNNING || status == ECSENGINE_CONTAINER_RESOURCES_PROVISIONED,
                         container_is_running(status));
}
END_TEST

START_TEST(names)
{
    static const char *const containers[] = {"NONE",    "MANIFEST_PULLED",       "PULLED", "CREATED",
                                             "RUNNING", "RESOURCES_PROVISIONED", "STOPPED"};
    static const char *const tasks[] = {"NONE", "MANIFEST_PULLED", "NONE", "CREATED", "RUNNING", "STOPPED"};
    static const char *const healths[] = {"UNKNOWN", "HEALTHY", "UNHEALTHY"};

    for (int i = 0; i < 7; i++)
        ck_assert_str_eq(containers[i], ecsengine_container_status_name((enum ecsengine_container_status)i));
    for (int i = 0; i < 6; i++)
        ck_assert_str_eq(tasks[i], ecsengine_task_status_name((enum ecsengine_task_status)i));
    ck_assert_str_eq("NONE", resource_status_name(RESOURCE_NONE));
    ck_assert_str_eq("CREATED", resource_status_name(RESOURCE_CREATED));
    ck_assert_str_eq("REMOVED", resource_status_name(RESOURCE_REMOVED));
    ck_assert_str_eq("NONE", resource_status_name(77));
    for (int i = 0; i < 3; i++)
        ck_assert_str_eq(healths[i], ecsengine_health_name((enum ecsengine_health)i));
}
END_TEST

START_TEST(a_document_names_a_task_status)
{
    static const struct {
        const char *name;
        int status; /* -1: none */
    } rows[] = {{"NONE", ECSENGINE_TASK_NONE},
                {"MANIFEST_PULLED", ECSENGINE_TASK_MANIFEST_PULLED},
                {"CREATED", ECSENGINE_TASK_CREATED},
                {"RUNNING", ECSENGINE_TASK_RUNNING},
                {"STOPPED", ECSENGINE_TASK_STOPPED},
                {"UNKNOWN", ECSENGINE_TASK_NONE},
                {"DEAD", ECSENGINE_TASK_STOPPED},
                {"PULLED", -1},
                {"running", -1},
                {"", -1},
                {"RUNNING ", -1}};

    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        task_status status = 99;
        bool parsed = task_status_parse(rows[i].name, &status);
        ck_assert_int_eq(rows[i].status >= 0, parsed);
        ck_assert_int_eq(rows[i].status >= 0 ? rows[i].status : 99, status);
    }
}
END_TEST

static void fill(TCase *tcase)
{
    tcase_add_test(tcase, a_containers_status_lets_its_task_be);
    tcase_add_test(tcase, a_tasks_desired_status_wants_of_its_containers);
    tcase_add_test(tcase, resources_are_wanted_while_the_task_shall_run_and_at_no_other_time);
    tcase_add_test(tcase, after_the_steady_state_comes_the_end);
    tcase_add_test(tcase, only_two_statuses_are_running);
    tcase_add_test(tcase, names);
    tcase_add_test(tcase, a_document_names_a_task_status);
}

int main(void) { return unit_run("status", fill); }

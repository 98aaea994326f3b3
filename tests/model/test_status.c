/* SPDX-License-Identifier: Apache-2.0 */
/* The statuses, written out in full. */
#include "../base/unit.h"

#include "model/status.h"

START_TEST(a_containers_status_lets_its_task_be)
{
    static const enum ecsengine_task_status lets[] = {
        [ECSENGINE_CONTAINER_NONE] = ECSENGINE_TASK_NONE,
        [ECSENGINE_CONTAINER_MANIFEST_PULLED] = ECSENGINE_TASK_MANIFEST_PULLED,
        [ECSENGINE_CONTAINER_PULLED] = ECSENGINE_TASK_MANIFEST_PULLED,
        [ECSENGINE_CONTAINER_CREATED] = ECSENGINE_TASK_CREATED,
        [ECSENGINE_CONTAINER_RUNNING] = ECSENGINE_TASK_RUNNING,
        [ECSENGINE_CONTAINER_RESOURCES_PROVISIONED] = ECSENGINE_TASK_NONE, /* past the steady state of this engine's containers */
        [ECSENGINE_CONTAINER_STOPPED] = ECSENGINE_TASK_STOPPED,
    };

    for (container_status status = 0; status < sizeof(lets) / sizeof(lets[0]); status++)
        ck_assert_int_eq(lets[status], task_status_of_container(status));
    ck_assert_int_eq(ECSENGINE_TASK_NONE, task_status_of_container(77));
}
END_TEST

START_TEST(a_tasks_desired_status_wants_of_its_containers)
{
    static const enum ecsengine_container_status wants[] = {
        [ECSENGINE_TASK_NONE] = ECSENGINE_CONTAINER_NONE,       [ECSENGINE_TASK_MANIFEST_PULLED] = ECSENGINE_CONTAINER_NONE,
        [ECSENGINE_TASK_PULLED] = ECSENGINE_CONTAINER_NONE,     [ECSENGINE_TASK_CREATED] = ECSENGINE_CONTAINER_CREATED,
        [ECSENGINE_TASK_RUNNING] = ECSENGINE_CONTAINER_RUNNING, [ECSENGINE_TASK_STOPPED] = ECSENGINE_CONTAINER_STOPPED,
    };

    for (task_status status = 0; status < sizeof(wants) / sizeof(wants[0]); status++)
        ck_assert_int_eq(wants[status], container_status_for_task(status));
    ck_assert_int_eq(ECSENGINE_CONTAINER_NONE, container_status_for_task(77));
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
    tcase_add_test(tcase, only_two_statuses_are_running);
    tcase_add_test(tcase, names);
    tcase_add_test(tcase, a_document_names_a_task_status);
}

int main(void) { return unit_run("status", fill); }

/* SPDX-License-Identifier: Apache-2.0 */
/* The periodic look (task-engine: section 3.8): one list, and an inspection of what it shows otherwise than it is known. */
#include "made.h"

#include "ecsengine/runtime.h"

#define WEB "{'name':'web','image':'nginx','memory':64}"
#define CHECKED \
    "{'name':'db','image':'db','memory':64,'healthCheck':{'command':['CMD','true']}}"

static struct task *task;

static void begin(const char *document)
{
    made_open();
    made_settle();
    task = made_add(document);
    made_settle();
    ck_assert_int_eq(ECSENGINE_TASK_RUNNING, task->known);
}

/* The next time something is due, which must be the look. */
static struct ecsengine_op *look(void)
{
    made_wait();
    struct ecsengine_op *op = made_next();
    ck_assert_ptr_nonnull(op);
    ck_assert_int_eq(ECSENGINE_OP_LIST, op->kind);
    return op;
}

static struct ecsengine_result *list_of(const struct container *container, int32_t running, enum ecsengine_health health)
{
    struct ecsengine_result *result = made_result();

    ck_assert_int_eq(0, ecsengine_result_add_container(result, "somebody-elses", "x", 1, ECSENGINE_HEALTH_UNKNOWN));
    if (container != NULL)
        ck_assert_int_eq(0, ecsengine_result_add_container(result, str_text(container->runtime_id),
                                                           str_text(container->runtime_name), running, health));
    return result;
}

static void inspected(bool expected)
{
    struct ecsengine_op *op = made_next();

    ck_assert_int_eq(expected, op != NULL);
    if (op != NULL) {
        ck_assert_int_eq(ECSENGINE_OP_INSPECT, op->kind);
        made_good(op);
    }
}

START_TEST(the_list_is_of_our_own_label)
{
    begin(TASK(WEB));
    struct ecsengine_op *op = look();
    char label[64];
    snprintf(label, sizeof(label), "ecsengine.instance=%s", str_text(made.instance));
    ck_assert_str_eq(label, ecsengine_op_label(op));
    made_answer(op, list_of(&task->containers[0], 1, ECSENGINE_HEALTH_UNKNOWN));
    inspected(false);
    made_close();
}
END_TEST

START_TEST(a_container_that_is_listed_as_known_is_not_inspected)
{
    begin(TASK(WEB));
    made_answer(look(), list_of(&task->containers[0], 1, ECSENGINE_HEALTH_UNKNOWN));
    inspected(false);
    made_answer(look(), list_of(&task->containers[0], 1, ECSENGINE_HEALTH_UNKNOWN)); /* nor the next time */
    inspected(false);
    made_close();
}
END_TEST

START_TEST(a_container_that_is_listed_as_ended_is_inspected)
{
    begin(TASK(WEB));
    made_answer(look(), list_of(&task->containers[0], 0, ECSENGINE_HEALTH_UNKNOWN));
    inspected(true);
    ck_assert_int_eq(ECSENGINE_TASK_RUNNING, task->known); /* the list alone proves nothing */
    made_close();
}
END_TEST

START_TEST(a_container_that_is_not_listed_is_inspected)
{
    begin(TASK(WEB));
    made_answer(look(), list_of(NULL, 0, ECSENGINE_HEALTH_UNKNOWN));
    inspected(true);
    made_close();
}
END_TEST

START_TEST(a_container_whose_health_is_listed_otherwise_is_inspected)
{
    begin(TASK(CHECKED));
    made_answer(look(), list_of(&task->containers[0], 1, ECSENGINE_HEALTH_HEALTHY));
    inspected(true);
    made_answer(look(), list_of(&task->containers[0], 1, ECSENGINE_HEALTH_UNKNOWN));
    inspected(false);
    made_close();
}
END_TEST

START_TEST(where_there_are_no_lists_every_container_is_inspected)
{
    begin(TASK(WEB));
    made_fail(look(), ECSENGINE_FAILURE_UNSUPPORTED, NULL, "what list?");
    inspected(true);
    made_close();
}
END_TEST

START_TEST(a_list_that_fails_changes_nothing_and_is_asked_for_again_at_its_time)
{
    begin(TASK(WEB));
    made_fail(look(), ECSENGINE_FAILURE_OTHER, NULL, "no");
    inspected(false);
    made_fail(look(), ECSENGINE_FAILURE_UNREACHABLE, NULL, "reset");
    inspected(false);
    made_answer(look(), list_of(NULL, 0, ECSENGINE_HEALTH_UNKNOWN));
    inspected(true);
    made_close();
}
END_TEST

START_TEST(there_is_one_list_at_a_time)
{
    made_set("steady-state-poll-interval", "1m");
    begin(TASK(WEB));
    struct ecsengine_op *op = look();
    ck_assert_int_eq(ecsengine_op_deadline_ns(op), engine_deadline(&made)); /* nobody is woken for the next one meanwhile */
    made_answer(op, list_of(&task->containers[0], 1, ECSENGINE_HEALTH_UNKNOWN));
    inspected(false);
    made_fail(look(), ECSENGINE_FAILURE_OTHER, NULL, "no");
    made_close();
}
END_TEST

START_TEST(where_there_is_nothing_to_look_at_nothing_is_due)
{
    begin(TASK(WEB));
    made_stop(task);
    made_settle();
    ck_assert_int_eq(ECSENGINE_TASK_STOPPED, task->known);
    for (int i = 0; i < 3 && engine_deadline(&made) != INT64_MAX; i++) { /* the look that was planned, and the cleanup's time */
        made_wait();
        struct ecsengine_op *op = made_next();
        ck_assert(op == NULL || op->kind == ECSENGINE_OP_REMOVE);
        op_unref(op);
    }
    made_close();
    made_start();
    made_open();
    made_settle();
    made_wait();
    ck_assert_ptr_null(made_next());
    ck_assert_int_eq(INT64_MAX, engine_deadline(&made));
    task = made_add(TASK(WEB)); /* and then there is */
    made_settle();
    made_answer(look(), list_of(&task->containers[0], 1, ECSENGINE_HEALTH_UNKNOWN));
    made_close();
}
END_TEST

START_TEST(a_list_that_is_under_way_when_the_runtime_is_lost_is_asked_for_anew)
{
    begin(TASK(WEB));
    struct ecsengine_op *list = look(), *op, *other = NULL;
    struct runtime_notice lost = {.input.kind = INPUT_RUNTIME_LOST};
    made_apply(&lost.input);
    made_wait();
    made_good(made_next()); /* it is subscribed to again */
    while ((op = made_next()) != NULL) {
        if (op->kind == ECSENGINE_OP_LIST)
            other = op;
        else
            made_good(op);
    }
    ck_assert(list->answered);
    ck_assert_ptr_nonnull(other);
    made_answer(list, list_of(NULL, 0, ECSENGINE_HEALTH_UNKNOWN)); /* too late: nothing is made of it */
    ck_assert_ptr_null(made_next());
    made_fail(other, ECSENGINE_FAILURE_OTHER, NULL, "no");
    ck_assert_int_lt(engine_deadline(&made), made.mono_ns + 2 * NS_PER_S); /* it is owed, so it is asked for again soon */
    made_answer(look(), list_of(&task->containers[0], 1, ECSENGINE_HEALTH_UNKNOWN));
    ck_assert_int_gt(engine_deadline(&made), made.mono_ns + NS_PER_MINUTE);
    made_close();
}
END_TEST

static void fill(TCase *tcase)
{
    tcase_add_checked_fixture(tcase, made_start, NULL);
    tcase_add_test(tcase, the_list_is_of_our_own_label);
    tcase_add_test(tcase, a_container_that_is_listed_as_known_is_not_inspected);
    tcase_add_test(tcase, a_container_that_is_listed_as_ended_is_inspected);
    tcase_add_test(tcase, a_container_that_is_not_listed_is_inspected);
    tcase_add_test(tcase, a_container_whose_health_is_listed_otherwise_is_inspected);
    tcase_add_test(tcase, where_there_are_no_lists_every_container_is_inspected);
    tcase_add_test(tcase, a_list_that_fails_changes_nothing_and_is_asked_for_again_at_its_time);
    tcase_add_test(tcase, there_is_one_list_at_a_time);
    tcase_add_test(tcase, a_list_that_is_under_way_when_the_runtime_is_lost_is_asked_for_anew);
    tcase_add_test(tcase, where_there_is_nothing_to_look_at_nothing_is_due);
}

int main(void) { return made_run("poll", fill); }

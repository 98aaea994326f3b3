/* SPDX-License-Identifier: Apache-2.0 */
/* Cleanup, where something is in its way: what is in flight when it begins, a runtime that is away, an acknowledgement that comes late
 * (task-engine: section 3.9). */
#include "made.h"

#include "ecsengine/runtime.h"
#include "engine/events.h"

#define WEB "{'name':'web','image':'nginx','memory':64}"

static struct task *task;
static struct container *web;

static void begin(const char *key, const char *value)
{
    made_set("engine-task-cleanup-wait-duration", "1s");
    if (key != NULL)
        made_set(key, value);
    made_open();
    made_settle();
    task = made_add(TASK(WEB));
    web = &task->containers[0];
}

static void acknowledge(void)
{
    struct list *node;

    while ((node = list_shift(&made.events_out)) != NULL) {
        struct ecsengine_event *event = container_of(node, struct ecsengine_event, link);
        struct acknowledgement input = {.input.kind = INPUT_ACK, .event_id = event->id};
        made_apply(&input.input);
        ecsengine_event_free(event);
    }
}

static void until_cleaning(void)
{
    acknowledge();
    for (int i = 0; task->phase == TASK_ACTIVE; i++) {
        ck_assert_int_lt(i, 100);
        made_wait();
    }
}

static void end(void)
{
    struct ecsengine_op *op;

    while ((op = made_next()) != NULL)
        op_unref(op);
    acknowledge();
    made_close();
}

static void run_and_stop(void)
{
    made_settle();
    made_stop(task);
    made_good(made_until(ECSENGINE_OP_STOP));
}

/* What makes nothing is given up; what was to be removed is not there. */
static void in_flight(enum ecsengine_op_kind kind)
{
    struct ecsengine_op *op = made_until(kind);

    ck_assert_ptr_nonnull(op);
    made_stop(task);
    ck_assert_int_eq(ECSENGINE_TASK_STOPPED, task->known);
    ck_assert_ptr_eq(op, web->op);
    until_cleaning();
    ck_assert(op->answered);
    ck_assert_int_eq(TASK_REMOVED, task->phase);
    ck_assert_uint_eq(0, made.pulls);
    made_good(op); /* late, and nobody listens */
    ck_assert_ptr_null(made_next());
    end();
}

START_TEST(a_manifest_in_flight_is_given_up) { begin(NULL, NULL), in_flight(ECSENGINE_OP_PULL_MANIFEST); }
END_TEST
START_TEST(a_pull_in_flight_is_given_up) { begin(NULL, NULL), in_flight(ECSENGINE_OP_PULL_IMAGE); }
END_TEST
START_TEST(a_tag_in_flight_is_given_up) { begin(NULL, NULL), in_flight(ECSENGINE_OP_TAG_IMAGE); }
END_TEST
START_TEST(a_look_for_an_image_in_flight_is_given_up) { begin("image-pull-behavior", "prefer-cached"), in_flight(ECSENGINE_OP_INSPECT_IMAGE); }
END_TEST

START_TEST(a_create_in_flight_is_waited_for)
{
    begin(NULL, NULL);
    struct ecsengine_op *op = made_until(ECSENGINE_OP_CREATE);
    made_stop(task);
    until_cleaning();
    ck_assert_int_eq(TASK_CLEANING, task->phase);
    ck_assert_ptr_null(made_next());
    made_good(op);
    op = made_next();
    ck_assert_int_eq(ECSENGINE_OP_REMOVE, op->kind);
    made_good(op);
    ck_assert_int_eq(TASK_REMOVED, task->phase);
    end();
}
END_TEST

START_TEST(a_container_that_is_removed_is_inspected_no_more)
{
    begin(NULL, NULL);
    run_and_stop();
    struct runtime_notice notice = {.input.kind = INPUT_RUNTIME_EVENT, .kind = ECSENGINE_RUNTIME_EVENT_START};
    notice.container = str_ref(web->runtime_id);
    made_apply(&notice.input); /* somebody started it, or it is old news */
    struct ecsengine_op *inspect = made_next();
    ck_assert_int_eq(ECSENGINE_OP_INSPECT, inspect->kind);
    until_cleaning();
    made_good(made_until(ECSENGINE_OP_REMOVE));
    ck_assert_int_eq(TASK_REMOVED, task->phase);
    ck_assert(inspect->answered && web->inspect_op == NULL);
    made_good(inspect);
    str_unref(notice.container);
    end();
}
END_TEST

START_TEST(a_remove_goes_on_as_long_as_the_runtime_is_away)
{
    begin(NULL, NULL);
    run_and_stop();
    until_cleaning();
    for (int i = 0; i < 300; i++) {
        struct ecsengine_op *op = made_next();
        ck_assert_int_eq(ECSENGINE_OP_REMOVE, op->kind);
        ck_assert(!op->force);
        made_fail(op, ECSENGINE_FAILURE_UNREACHABLE, NULL, "connection refused");
        ck_assert_int_eq(TASK_CLEANING, task->phase);
        ck_assert_int_ge(web->retry.node.key - made.mono_ns, i < 10 ? NS_PER_S : 5 * NS_PER_S); /* the pauses grow and stay long */
        for (int waits = 0; list_empty(&made.ops_out); waits++) {
            ck_assert_int_lt(waits, 5);
            made_wait();
        }
    }
    made_good(made_next());
    ck_assert_int_eq(TASK_REMOVED, task->phase);
    end();
}
END_TEST

START_TEST(a_stop_that_was_to_be_tried_again_does_not_hold_up_the_removal)
{
    begin(NULL, NULL);
    run_and_stop();
    acknowledge();
    struct runtime_notice notice = {.input.kind = INPUT_RUNTIME_EVENT, .kind = ECSENGINE_RUNTIME_EVENT_START};
    notice.container = str_ref(web->runtime_id);
    notice.details = made_result();
    ecsengine_result_set_running(notice.details, 1);
    made_apply(&notice.input); /* somebody started it */
    struct ecsengine_op *stop = made_next();
    ck_assert_int_eq(ECSENGINE_OP_STOP, stop->kind);
    made.mono_ns = task->timer.node.key - 1;
    made_fail(stop, ECSENGINE_FAILURE_OTHER, NULL, "busy");
    ck_assert(heap_has(&web->retry.node));
    made_wait();
    ck_assert_int_eq(TASK_CLEANING, task->phase);
    struct ecsengine_op *op = made_next();
    ck_assert_ptr_nonnull(op);
    ck_assert_int_eq(ECSENGINE_OP_REMOVE, op->kind);
    made_good(op);
    ck_assert_int_eq(TASK_REMOVED, task->phase);
    str_unref(notice.container);
    ecsengine_result_free(notice.details);
    end();
}
END_TEST

START_TEST(a_remove_that_is_refused_is_tried_five_times_more_by_force)
{
    begin(NULL, NULL);
    run_and_stop();
    until_cleaning();
    for (int i = 0; i < 6; i++) {
        struct ecsengine_op *op;
        while ((op = made_next()) == NULL)
            made_wait();
        ck_assert_int_eq(TASK_CLEANING, task->phase);
        ck_assert_int_eq(ECSENGINE_OP_REMOVE, op->kind);
        ck_assert_int_eq(i > 0, op->force);
        made_fail(op, ECSENGINE_FAILURE_OTHER, NULL, "busy");
    }
    ck_assert_int_eq(TASK_REMOVED, task->phase);
    end();
}
END_TEST

START_TEST(a_stop_that_nobody_acknowledges_is_logged_once_after_three_days)
{
    begin(NULL, NULL);
    run_and_stop();
    made_listen(MESSAGE_ACK_OVERDUE);
    for (int i = 0; !task->cleanup_due; i++) {
        ck_assert_int_lt(i, 100);
        made_wait();
    }
    ck_assert_int_eq(TASK_ACTIVE, task->phase);
    ck_assert_uint_eq(0, made_lines.count);
    while (task->phase == TASK_ACTIVE)
        made_settle(), made_wait();
    ck_assert_uint_eq(1, made_lines.count);
    ck_assert_int_ge(made.wall_ns - task->known_at, 72 * 60 * NS_PER_MINUTE);
    made_settle();
    end();
}
END_TEST

START_TEST(a_stop_that_was_acknowledged_in_time_is_not_logged)
{
    begin(NULL, NULL);
    run_and_stop();
    made_listen(MESSAGE_ACK_OVERDUE);
    until_cleaning();
    ck_assert_uint_eq(0, made_lines.count);
    made_settle();
    end();
}
END_TEST

static void fill(TCase *tcase)
{
    tcase_add_checked_fixture(tcase, made_start, NULL);
    tcase_add_test(tcase, a_manifest_in_flight_is_given_up);
    tcase_add_test(tcase, a_pull_in_flight_is_given_up);
    tcase_add_test(tcase, a_tag_in_flight_is_given_up);
    tcase_add_test(tcase, a_look_for_an_image_in_flight_is_given_up);
    tcase_add_test(tcase, a_create_in_flight_is_waited_for);
    tcase_add_test(tcase, a_container_that_is_removed_is_inspected_no_more);
    tcase_add_test(tcase, a_remove_goes_on_as_long_as_the_runtime_is_away);
    tcase_add_test(tcase, a_stop_that_was_to_be_tried_again_does_not_hold_up_the_removal);
    tcase_add_test(tcase, a_remove_that_is_refused_is_tried_five_times_more_by_force);
    tcase_add_test(tcase, a_stop_that_nobody_acknowledges_is_logged_once_after_three_days);
    tcase_add_test(tcase, a_stop_that_was_acknowledged_in_time_is_not_logged);
}

int main(void) { return made_run("cleanup", fill); }

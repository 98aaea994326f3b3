/* SPDX-License-Identifier: Apache-2.0 */
/* What events, inspections and the answers of create, start and stop prove, one with the other (task-engine: sections 5.3 to 5.6). */
#include "made.h"

#include "ecsengine/runtime.h"
#include "engine/container.h"
#include "engine/inspect.h"

#define WEB "{'name':'web','image':'nginx','memory':64,'healthCheck':{'command':['CMD','true']}}"

static struct task *task;
static struct container *web;

static void begin(void)
{
    made_start();
    made_open();
    made_settle();
    task = made_add(TASK(WEB));
    web = &task->containers[0];
}

static void end(void)
{
    struct ecsengine_op *op;

    while ((op = made_next()) != NULL)
        op_unref(op);
    made_close();
}

static void begin_running(void)
{
    begin();
    made_settle();
    ck_assert_int_eq(ECSENGINE_CONTAINER_RUNNING, web->known);
}

static struct ecsengine_result *record(bool running, int64_t started_at)
{
    struct ecsengine_result *result = made_result();

    ecsengine_result_set_running(result, running);
    ecsengine_result_set_started_at(result, started_at);
    return result;
}

static struct ecsengine_result *dead(int64_t started_at)
{
    struct ecsengine_result *result = record(false, started_at);

    ecsengine_result_set_dead(result, 1);
    return result;
}

static struct ecsengine_result *ended(int32_t exit_code)
{
    struct ecsengine_result *result = dead(made.wall_ns);

    ecsengine_result_set_exit_code(result, exit_code);
    return result;
}

static void event(enum ecsengine_runtime_event_kind kind, struct ecsengine_result *details)
{
    struct runtime_notice notice = {.input.kind = INPUT_RUNTIME_EVENT, .kind = (uint8_t)kind, .details = details};

    notice.container = str_ref(web->runtime_id);
    made_apply(&notice.input);
    str_unref(notice.container);
    ecsengine_result_free(details);
}

/* The next operation, which is of that kind. */
static struct ecsengine_op *next(enum ecsengine_op_kind kind)
{
    struct ecsengine_op *op = made_next();

    ck_assert_ptr_nonnull(op);
    ck_assert_str_eq(ecsengine_op_kind_name(kind), ecsengine_op_kind_name((enum ecsengine_op_kind)op->kind));
    return op;
}

static struct ecsengine_op *look(enum inspect_why why)
{
    inspect_want(&made, web, why);
    ck_assert_int_eq(0, engine_advance(&made));
    return next(ECSENGINE_OP_INSPECT);
}

static void nothing(void) { ck_assert_ptr_null(made_next()); }

static void is(container_status known) { ck_assert_int_eq(known, web->known); }

/* ---- events ---- */

START_TEST(a_record_that_comes_with_an_event_is_believed_at_once)
{
    begin_running();
    event(ECSENGINE_RUNTIME_EVENT_DIE, ended(4));
    is(ECSENGINE_CONTAINER_STOPPED);
    ck_assert_int_eq(4, web->exit_code);
    nothing();
    end();
}
END_TEST

START_TEST(a_record_of_one_that_never_ran_ends_what_is_not_being_started)
{
    begin_running();
    event(ECSENGINE_RUNTIME_EVENT_DIE, dead(0));
    is(ECSENGINE_CONTAINER_STOPPED);
    end();
    begin_running();
    made_stop(task);
    struct ecsengine_op *stop = next(ECSENGINE_OP_STOP);
    event(ECSENGINE_RUNTIME_EVENT_DIE, dead(0));
    is(ECSENGINE_CONTAINER_STOPPED);
    op_unref(stop);
    end();
}
END_TEST

START_TEST(while_it_is_being_started_a_record_without_a_run_proves_nothing)
{
    begin();
    struct ecsengine_op *start = made_until(ECSENGINE_OP_START);
    event(ECSENGINE_RUNTIME_EVENT_DIE, dead(0));
    is(ECSENGINE_CONTAINER_CREATED);
    made_answer(next(ECSENGINE_OP_INSPECT), dead(0));
    is(ECSENGINE_CONTAINER_CREATED); /* the start's own answer says why */
    made_fail(start, ECSENGINE_FAILURE_OTHER, NULL, "no such file");
    is(ECSENGINE_CONTAINER_STOPPED);
    ck_assert_str_eq("CannotStartContainerError: no such file", str_text(web->error));
    end();
}
END_TEST

START_TEST(while_it_is_being_started_a_record_that_runs_or_has_run_is_believed)
{
    begin();
    struct ecsengine_op *start = made_until(ECSENGINE_OP_START);
    event(ECSENGINE_RUNTIME_EVENT_START, record(true, 0));
    is(ECSENGINE_CONTAINER_RUNNING);
    nothing();
    op_unref(start);
    end();
    begin();
    start = made_until(ECSENGINE_OP_START);
    event(ECSENGINE_RUNTIME_EVENT_DIE, ended(9));
    is(ECSENGINE_CONTAINER_STOPPED);
    ck_assert_int_eq(9, web->exit_code);
    nothing();
    op_unref(start);
    end();
}
END_TEST

START_TEST(an_end_that_can_not_be_inspected_is_believed_after_five_tries)
{
    static const enum ecsengine_runtime_event_kind kinds[] = {ECSENGINE_RUNTIME_EVENT_DIE, ECSENGINE_RUNTIME_EVENT_STOP,
                                                              ECSENGINE_RUNTIME_EVENT_DESTROY};

    for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++) {
        begin_running();
        event(kinds[i], NULL);
        for (int n = 1; n <= 5; n++) {
            is(ECSENGINE_CONTAINER_RUNNING);
            made_fail(next(ECSENGINE_OP_INSPECT), ECSENGINE_FAILURE_OTHER, NULL, "busy");
            if (n < 5)
                made_wait();
        }
        is(ECSENGINE_CONTAINER_STOPPED);
        end();
    }
}
END_TEST

START_TEST(an_event_that_is_no_end_is_looked_into_for_as_long_as_it_takes)
{
    begin_running();
    event(ECSENGINE_RUNTIME_EVENT_RESTART, NULL);
    for (int n = 1; n <= 8; n++) {
        made_fail(next(ECSENGINE_OP_INSPECT), ECSENGINE_FAILURE_OTHER, NULL, "busy");
        is(ECSENGINE_CONTAINER_RUNNING);
        made_wait();
    }
    made_good(next(ECSENGINE_OP_INSPECT));
    is(ECSENGINE_CONTAINER_RUNNING);
    ck_assert_uint_eq(0, web->inspect_attempt);
    ck_assert_uint_eq(0, web->inspect_refusals);
    end();
}
END_TEST

START_TEST(health_is_taken_from_the_event)
{
    begin_running();
    event(ECSENGINE_RUNTIME_EVENT_HEALTHY, NULL);
    ck_assert_int_eq(ECSENGINE_HEALTH_HEALTHY, web->health);
    event(ECSENGINE_RUNTIME_EVENT_UNHEALTHY, NULL);
    ck_assert_int_eq(ECSENGINE_HEALTH_UNHEALTHY, web->health);
    nothing();
    end();
}
END_TEST

START_TEST(that_one_has_started_which_runs_is_no_news)
{
    begin_running();
    event(ECSENGINE_RUNTIME_EVENT_START, NULL);
    nothing();
    end();
}
END_TEST

START_TEST(one_that_has_ended_and_is_said_to_have_started_is_looked_at_once)
{
    begin_running();
    event(ECSENGINE_RUNTIME_EVENT_DIE, ended(0));
    event(ECSENGINE_RUNTIME_EVENT_START, NULL);
    struct ecsengine_op *look = next(ECSENGINE_OP_INSPECT);
    event(ECSENGINE_RUNTIME_EVENT_START, made_result()); /* details without a record */
    nothing();
    made_answer(look, ended(0));
    nothing();
    ck_assert(!web->restopped);
    event(ECSENGINE_RUNTIME_EVENT_START, made_result());
    op_unref(next(ECSENGINE_OP_INSPECT));
    end();
}
END_TEST

START_TEST(that_one_has_ended_which_has_ended_is_no_news)
{
    begin_running();
    event(ECSENGINE_RUNTIME_EVENT_DIE, ended(7));
    event(ECSENGINE_RUNTIME_EVENT_STOP, ended(8));
    ck_assert_int_eq(7, web->exit_code);
    ck_assert_int_eq(7, web->event_exit_code);
    nothing();
    end();
}
END_TEST

START_TEST(the_exit_code_of_the_event_counts_where_the_record_has_none)
{
    struct ecsengine_result *code;

    begin_running();
    code = made_result();
    ecsengine_result_set_exit_code(code, 3);
    event(ECSENGINE_RUNTIME_EVENT_DIE, code);
    made_answer(next(ECSENGINE_OP_INSPECT), dead(made.wall_ns));
    is(ECSENGINE_CONTAINER_STOPPED);
    ck_assert(web->has_exit_code);
    ck_assert_int_eq(3, web->exit_code);
    end();
    begin_running();
    code = made_result();
    ecsengine_result_set_exit_code(code, 3);
    event(ECSENGINE_RUNTIME_EVENT_DIE, code);
    made_fail(next(ECSENGINE_OP_INSPECT), ECSENGINE_FAILURE_NOT_FOUND, NULL, "No such container");
    is(ECSENGINE_CONTAINER_STOPPED);
    ck_assert_int_eq(3, web->exit_code);
    end();
    begin_running();
    code = made_result();
    ecsengine_result_set_exit_code(code, 3);
    event(ECSENGINE_RUNTIME_EVENT_DIE, code);
    made_answer(next(ECSENGINE_OP_INSPECT), ended(5));
    ck_assert_int_eq(5, web->exit_code); /* the record knows better */
    end();
}
END_TEST

/* ---- one that came back ---- */

START_TEST(one_that_came_back_is_stopped_once_and_that_is_tried_again)
{
    begin_running();
    event(ECSENGINE_RUNTIME_EVENT_DIE, ended(0));
    event(ECSENGINE_RUNTIME_EVENT_START, record(true, made.wall_ns));
    struct ecsengine_op *stop = next(ECSENGINE_OP_STOP);
    ck_assert(web->restopped);
    made_fail(stop, ECSENGINE_FAILURE_OTHER, NULL, "busy");
    ck_assert(web->force_stop);
    nothing();
    made_wait();
    stop = next(ECSENGINE_OP_STOP);
    ck_assert(!web->force_stop);
    made_good(stop);
    event(ECSENGINE_RUNTIME_EVENT_START, record(true, made.wall_ns));
    nothing(); /* it is left alone then */
    end();
}
END_TEST

START_TEST(the_stop_of_one_that_came_back_is_given_up_after_five_tries)
{
    begin_running();
    event(ECSENGINE_RUNTIME_EVENT_DIE, ended(0));
    event(ECSENGINE_RUNTIME_EVENT_START, record(true, made.wall_ns));
    for (int n = 1; n <= 5; n++) {
        made_fail(next(ECSENGINE_OP_STOP), ECSENGINE_FAILURE_OTHER, NULL, "busy");
        if (n < 5)
            made_wait();
    }
    ck_assert(!web->force_stop);
    ck_assert(!heap_has(&web->retry.node));
    nothing();
    end();
}
END_TEST

/* ---- what a record brings ---- */

START_TEST(a_record_with_another_id_makes_it_found_by_that_one_alone)
{
    begin_running();
    struct str *old = str_ref(web->runtime_id);
    event(ECSENGINE_RUNTIME_EVENT_RESTART, NULL);
    struct ecsengine_result *other = record(true, made.wall_ns);
    ck_assert_int_eq(0, ecsengine_result_set_container_id(other, "another"));
    made_answer(next(ECSENGINE_OP_INSPECT), other);
    ck_assert_str_eq("another", str_text(web->runtime_id));
    ck_assert_ptr_eq(web, container_lookup(&made, "another"));
    ck_assert_ptr_null(container_lookup(&made, str_text(old)));
    str_unref(old);
    end();
}
END_TEST

START_TEST(what_a_record_does_not_know_stays_as_it_was)
{
    begin_running();
    event(ECSENGINE_RUNTIME_EVENT_RESTART, NULL);
    struct ecsengine_result *known = record(true, made.wall_ns + 1);
    ecsengine_result_set_created_at(known, 77);
    ecsengine_result_set_finished_at(known, 78);
    int64_t started_at = web->started_at;
    made_answer(next(ECSENGINE_OP_INSPECT), known);
    event(ECSENGINE_RUNTIME_EVENT_RESTART, NULL);
    made_answer(next(ECSENGINE_OP_INSPECT), record(true, 0));
    ck_assert_int_eq(77, web->created_at);
    ck_assert_int_eq(78, web->finished_at);
    ck_assert_int_eq(started_at, web->started_at); /* the first one sticks */
    end();
}
END_TEST

/* ---- the inspection after a start ---- */

START_TEST(a_start_without_a_record_is_followed_by_an_inspection_that_shows_what_came_of_it)
{
    begin();
    made_answer(made_until(ECSENGINE_OP_START), made_result());
    is(ECSENGINE_CONTAINER_CREATED);
    made_answer(next(ECSENGINE_OP_INSPECT), record(true, 0));
    is(ECSENGINE_CONTAINER_RUNNING);
    end();
    begin();
    made_answer(made_until(ECSENGINE_OP_START), made_result());
    made_answer(next(ECSENGINE_OP_INSPECT), ended(6));
    is(ECSENGINE_CONTAINER_STOPPED);
    ck_assert_int_eq(6, web->exit_code);
    end();
    begin();
    made_answer(made_until(ECSENGINE_OP_START), made_result());
    made_answer(next(ECSENGINE_OP_INSPECT), record(false, 0)); /* the runtime that has started it is believed */
    is(ECSENGINE_CONTAINER_RUNNING);
    ck_assert_ptr_null(web->error);
    end();
}
END_TEST

START_TEST(a_lost_start_is_decided_by_the_inspection_that_an_event_asked_for)
{
    struct ecsengine_op *start, *look;

    begin();
    start = made_until(ECSENGINE_OP_START);
    event(ECSENGINE_RUNTIME_EVENT_START, NULL);
    look = next(ECSENGINE_OP_INSPECT);
    made_fail(start, ECSENGINE_FAILURE_UNREACHABLE, NULL, "EOF");
    is(ECSENGINE_CONTAINER_CREATED);
    ck_assert_ptr_null(web->error);
    made_answer(look, record(true, 0));
    is(ECSENGINE_CONTAINER_RUNNING);
    ck_assert_ptr_null(web->error);
    end();
    begin();
    start = made_until(ECSENGINE_OP_START);
    event(ECSENGINE_RUNTIME_EVENT_START, NULL);
    look = next(ECSENGINE_OP_INSPECT);
    made_fail(start, ECSENGINE_FAILURE_UNREACHABLE, NULL, "EOF");
    struct ecsengine_op *ping = next(ECSENGINE_OP_PING);
    if (_i == 0) {
        made_good(ping);
        made_answer(look, record(false, 0));
    } else { /* the other way round */
        made_answer(look, record(false, 0));
        ck_assert_ptr_null(web->error);
        made_good(ping);
    }
    ck_assert_str_eq("CannotStartContainerError: EOF", str_text(web->error));
    ck_assert_int_eq(ECSENGINE_CONTAINER_STOPPED, web->desired);
    end();
}
END_TEST

START_TEST(a_refused_start_is_refused_whatever_is_looked_at)
{
    begin();
    struct ecsengine_op *start = made_until(ECSENGINE_OP_START);
    event(ECSENGINE_RUNTIME_EVENT_START, NULL);
    struct ecsengine_op *look = next(ECSENGINE_OP_INSPECT);
    made_fail(start, ECSENGINE_FAILURE_OTHER, NULL, "no such file");
    ck_assert_str_eq("CannotStartContainerError: no such file", str_text(web->error));
    ck_assert_int_eq(ECSENGINE_CONTAINER_STOPPED, web->desired);
    op_unref(look);
    end();
}
END_TEST

/* ---- a runtime that has lost the start ---- */

static struct ecsengine_result *ended_without_a_start(int32_t exit_code)
{
    struct ecsengine_result *result = record(false, 0);

    ecsengine_result_set_finished_at(result, made.wall_ns);
    ecsengine_result_set_exit_code(result, exit_code);
    return result;
}

/* A Docker Engine that is killed while it starts a container: it runs, and its record never has the time of its start. */
START_TEST(one_that_has_ended_has_run_though_its_start_has_no_time)
{
    begin_running();
    event(ECSENGINE_RUNTIME_EVENT_DIE, NULL);
    made_answer(next(ECSENGINE_OP_INSPECT), ended_without_a_start(9));
    is(ECSENGINE_CONTAINER_STOPPED);
    ck_assert_int_eq(9, web->exit_code);
    end();
    begin_running();
    made_answer(look(INSPECT_EVENT), ended_without_a_start(255));
    is(ECSENGINE_CONTAINER_STOPPED);
    end();
}
END_TEST

START_TEST(one_that_was_stopped_and_does_not_run_has_ended_whatever_else_its_record_says)
{
    begin_running();
    made_stop(task);
    made_answer(next(ECSENGINE_OP_STOP), record(false, 0));
    is(ECSENGINE_CONTAINER_STOPPED);
    end();
    begin_running();
    made_stop(task);
    made_answer(next(ECSENGINE_OP_STOP), made_result());
    made_answer(next(ECSENGINE_OP_INSPECT), record(false, 0));
    is(ECSENGINE_CONTAINER_STOPPED);
    end();
}
END_TEST

START_TEST(one_that_ran_and_is_seen_as_created_after_a_gap_or_an_end_has_ended)
{
    begin_running();
    made_answer(look(INSPECT_VERIFY), record(false, 0));
    is(ECSENGINE_CONTAINER_STOPPED);
    end();
    begin_running();
    event(ECSENGINE_RUNTIME_EVENT_DIE, NULL);
    made_answer(next(ECSENGINE_OP_INSPECT), record(false, 0));
    is(ECSENGINE_CONTAINER_STOPPED);
    end();
}
END_TEST

START_TEST(one_that_runs_and_is_seen_as_created_by_a_look_from_before_its_start_runs)
{
    begin_running();
    made_answer(look(INSPECT_EVENT), record(false, 0));
    is(ECSENGINE_CONTAINER_RUNNING);
    nothing();
    end();
}
END_TEST

/* ---- the inspection after a stop ---- */

START_TEST(a_stop_without_a_record_is_followed_by_an_inspection_and_tried_again_if_it_runs)
{
    begin_running();
    made_stop(task);
    made_answer(next(ECSENGINE_OP_STOP), made_result());
    is(ECSENGINE_CONTAINER_RUNNING);
    made_answer(next(ECSENGINE_OP_INSPECT), record(true, 0));
    is(ECSENGINE_CONTAINER_RUNNING);
    ck_assert_str_eq("CannotStopContainerError: the container still runs after it was stopped", str_text(web->trouble));
    ck_assert(!web->force_stop);
    made_wait();
    made_answer(next(ECSENGINE_OP_STOP), made_result());
    made_fail(next(ECSENGINE_OP_INSPECT), ECSENGINE_FAILURE_OTHER, NULL, "busy");
    ck_assert_str_eq("CannotInspectContainerError: busy", str_text(web->trouble));
    made_wait();
    made_answer(next(ECSENGINE_OP_STOP), made_result());
    made_answer(next(ECSENGINE_OP_INSPECT), ended(2));
    is(ECSENGINE_CONTAINER_STOPPED);
    ck_assert_int_eq(2, web->exit_code);
    end();
}
END_TEST

/* ---- a create that finds its container there, in the next life ---- */

START_TEST(an_adopted_container_is_taken_as_it_is_found)
{
    begin();
    struct ecsengine_op *create = made_until(ECSENGINE_OP_CREATE);
    web->adopting = true;
    made_fail(create, ECSENGINE_FAILURE_CONFLICT, NULL, "in use");
    struct ecsengine_result *found = record(false, 0);
    ck_assert_int_eq(0, ecsengine_result_set_container_id(found, "found"));
    made_answer(next(ECSENGINE_OP_INSPECT), found);
    is(ECSENGINE_CONTAINER_CREATED);
    ck_assert_str_eq("found", str_text(web->runtime_id));
    ck_assert_ptr_null(web->error);
    made_good(next(ECSENGINE_OP_START));
    is(ECSENGINE_CONTAINER_RUNNING);
    end();
    begin();
    create = made_until(ECSENGINE_OP_CREATE);
    web->adopting = true;
    made_fail(create, ECSENGINE_FAILURE_CONFLICT, NULL, "in use");
    found = record(true, made.wall_ns);
    ck_assert_int_eq(0, ecsengine_result_set_container_id(found, "found"));
    made_answer(next(ECSENGINE_OP_INSPECT), found);
    is(ECSENGINE_CONTAINER_RUNNING);
    nothing();
    end();
}
END_TEST

START_TEST(an_adopted_container_that_is_not_found_has_failed)
{
    begin();
    struct ecsengine_op *create = made_until(ECSENGINE_OP_CREATE);
    web->adopting = true;
    made_fail(create, ECSENGINE_FAILURE_CONFLICT, NULL, "in use");
    made_fail(next(ECSENGINE_OP_INSPECT), ECSENGINE_FAILURE_NOT_FOUND, NULL, "No such container");
    is(ECSENGINE_CONTAINER_STOPPED);
    ck_assert_str_eq("CannotInspectContainerError: No such container", str_text(web->error));
    end();
}
END_TEST

START_TEST(a_conflict_of_what_is_not_adopted_is_an_error)
{
    begin();
    made_fail(made_until(ECSENGINE_OP_CREATE), ECSENGINE_FAILURE_CONFLICT, NULL, "in use");
    is(ECSENGINE_CONTAINER_STOPPED);
    ck_assert_str_eq("CannotCreateContainerError: in use", str_text(web->error));
    end();
}
END_TEST

static void fill(TCase *tcase)
{
    tcase_add_test(tcase, a_record_that_comes_with_an_event_is_believed_at_once);
    tcase_add_test(tcase, a_record_of_one_that_never_ran_ends_what_is_not_being_started);
    tcase_add_test(tcase, while_it_is_being_started_a_record_without_a_run_proves_nothing);
    tcase_add_test(tcase, while_it_is_being_started_a_record_that_runs_or_has_run_is_believed);
    tcase_add_test(tcase, an_end_that_can_not_be_inspected_is_believed_after_five_tries);
    tcase_add_test(tcase, an_event_that_is_no_end_is_looked_into_for_as_long_as_it_takes);
    tcase_add_test(tcase, health_is_taken_from_the_event);
    tcase_add_test(tcase, that_one_has_started_which_runs_is_no_news);
    tcase_add_test(tcase, one_that_has_ended_and_is_said_to_have_started_is_looked_at_once);
    tcase_add_test(tcase, that_one_has_ended_which_has_ended_is_no_news);
    tcase_add_test(tcase, the_exit_code_of_the_event_counts_where_the_record_has_none);
    tcase_add_test(tcase, one_that_came_back_is_stopped_once_and_that_is_tried_again);
    tcase_add_test(tcase, the_stop_of_one_that_came_back_is_given_up_after_five_tries);
    tcase_add_test(tcase, a_record_with_another_id_makes_it_found_by_that_one_alone);
    tcase_add_test(tcase, what_a_record_does_not_know_stays_as_it_was);
    tcase_add_test(tcase, a_start_without_a_record_is_followed_by_an_inspection_that_shows_what_came_of_it);
    tcase_add_loop_test(tcase, a_lost_start_is_decided_by_the_inspection_that_an_event_asked_for, 0, 2);
    tcase_add_test(tcase, a_refused_start_is_refused_whatever_is_looked_at);
    tcase_add_test(tcase, one_that_has_ended_has_run_though_its_start_has_no_time);
    tcase_add_test(tcase, one_that_was_stopped_and_does_not_run_has_ended_whatever_else_its_record_says);
    tcase_add_test(tcase, one_that_ran_and_is_seen_as_created_after_a_gap_or_an_end_has_ended);
    tcase_add_test(tcase, one_that_runs_and_is_seen_as_created_by_a_look_from_before_its_start_runs);
    tcase_add_test(tcase, a_stop_without_a_record_is_followed_by_an_inspection_and_tried_again_if_it_runs);
    tcase_add_test(tcase, an_adopted_container_is_taken_as_it_is_found);
    tcase_add_test(tcase, an_adopted_container_that_is_not_found_has_failed);
    tcase_add_test(tcase, a_conflict_of_what_is_not_adopted_is_an_error);
}

int main(void) { return made_run("inspect", fill); }

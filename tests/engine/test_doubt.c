/* SPDX-License-Identifier: Apache-2.0 */
/* Operations that were never answered, because the runtime went away or although it did not (docs/architecture.md: an answer that is none). */
#include "made.h"

#include "ecsengine/runtime.h"
#include "engine/doubt.h"
#include "engine/inspect.h"
#include "engine/runtime.h"

#define WEB "{'name':'web','image':'nginx','memory':64}"

static struct task *task;
static struct container *web;

static void begin(const char *document)
{
    made_start();
    made_open();
    made_settle();
    task = made_add(document);
    web = &task->containers[0];
}

static struct ecsengine_op *next(enum ecsengine_op_kind kind)
{
    struct ecsengine_op *op = made_next();

    if (op != NULL && op->kind == ECSENGINE_OP_LIST) { /* of what may be there that nobody knows */
        made_good(op);
        op = made_next();
    }
    ck_assert_ptr_nonnull(op);
    ck_assert_str_eq(ecsengine_op_kind_name(kind), ecsengine_op_kind_name((enum ecsengine_op_kind)op->kind));
    return op;
}

static void lose_answer(struct ecsengine_op *op) { made_fail(op, ECSENGINE_FAILURE_UNREACHABLE, NULL, "EOF"); }

static void lose_runtime(void)
{
    struct runtime_notice lost = {.input.kind = INPUT_RUNTIME_LOST};

    made_apply(&lost.input);
    ck_assert_int_eq(RUNTIME_UNREACHABLE, made.runtime);
}

/* The event stream is open again. */
static void come_back(void)
{
    while (made.subscribe_op == NULL)
        made_wait();
    made_good(made_until(ECSENGINE_OP_SUBSCRIBE));
    ck_assert_int_eq(RUNTIME_CONNECTED, made.runtime);
}

/* The container as it was made, and not started. */
static struct ecsengine_result *made_only(void)
{
    struct ecsengine_result *result = made_result();

    ecsengine_result_set_container_id(result, "id");
    ecsengine_result_set_running(result, 0);
    return result;
}

START_TEST(a_lost_answer_of_a_runtime_that_lives_is_an_error)
{
    enum ecsengine_op_kind kind = _i == 0 ? ECSENGINE_OP_CREATE : ECSENGINE_OP_START;

    begin(TASK(WEB));
    lose_answer(made_until(kind));
    ck_assert_ptr_null(web->error);
    made_good(next(ECSENGINE_OP_PING));
    ck_assert_str_eq(_i == 0 ? "CannotCreateContainerError: EOF" : "CannotStartContainerError: EOF", str_text(web->error));
    ck_assert_int_eq(ECSENGINE_CONTAINER_STOPPED, web->desired);
    made_settle();
    made_close();
}
END_TEST

/* Any answer will do. */
START_TEST(a_runtime_that_has_no_ping_lives)
{
    begin(TASK(WEB));
    lose_answer(made_until(ECSENGINE_OP_CREATE));
    made_fail(next(ECSENGINE_OP_PING), ECSENGINE_FAILURE_UNSUPPORTED, NULL, "no such operation");
    ck_assert_str_eq("CannotCreateContainerError: EOF", str_text(web->error));
    made_settle();
    made_close();
}
END_TEST

START_TEST(a_create_that_ran_out_of_time_is_an_error_at_once)
{
    begin(TASK(WEB));
    struct ecsengine_op *create = made_until(ECSENGINE_OP_CREATE);
    while (!create->answered)
        made_wait();
    ck_assert(strncmp(str_text(web->error), "DockerTimeoutError: ", 20) == 0);
    op_unref(create);
    made_close();
}
END_TEST

/* 0: the stream had broken before; 1: it breaks while the runtime is asked. */
START_TEST(a_create_that_died_with_the_runtime_is_asked_for_again_once_it_is_known_not_to_be_there)
{
    begin(TASK(WEB));
    struct ecsengine_op *create = made_until(ECSENGINE_OP_CREATE);
    if (_i == 0)
        lose_runtime();
    lose_answer(create);
    if (_i == 1) {
        struct ecsengine_op *ping = next(ECSENGINE_OP_PING);
        lose_runtime();
        made_good(ping); /* of the next daemon */
    }
    lose_answer(next(ECSENGINE_OP_INSPECT));
    ck_assert_int_eq(ECSENGINE_CONTAINER_PULLED, web->known);
    ck_assert_int_eq(ECSENGINE_CONTAINER_RUNNING, web->desired);
    come_back();
    struct ecsengine_op *look = next(ECSENGINE_OP_INSPECT);
    ck_assert_ptr_null(made_next()); /* not before it is answered */
    made_fail(look, ECSENGINE_FAILURE_NOT_FOUND, NULL, "no such container");
    made_good(next(ECSENGINE_OP_CREATE));
    made_settle();
    ck_assert_int_eq(ECSENGINE_CONTAINER_RUNNING, web->known);
    ck_assert_ptr_null(web->error);
    made_close();
}
END_TEST

START_TEST(a_create_that_was_done_before_the_runtime_died_is_found_by_its_name)
{
    begin(TASK(WEB));
    struct ecsengine_op *create = made_until(ECSENGINE_OP_CREATE);
    lose_runtime();
    lose_answer(create);
    lose_answer(next(ECSENGINE_OP_INSPECT));
    come_back();
    made_answer(next(ECSENGINE_OP_INSPECT), made_only());
    ck_assert_int_eq(ECSENGINE_CONTAINER_CREATED, web->known);
    ck_assert_str_eq("id", str_text(web->runtime_id));
    made_good(next(ECSENGINE_OP_START));
    made_settle();
    ck_assert_int_eq(ECSENGINE_CONTAINER_RUNNING, web->known);
    made_close();
}
END_TEST

START_TEST(a_start_that_died_with_the_runtime_is_what_is_seen_then)
{
    begin(TASK(WEB));
    struct ecsengine_op *start = made_until(ECSENGINE_OP_START);
    lose_runtime();
    lose_answer(start);
    lose_answer(next(ECSENGINE_OP_INSPECT));
    come_back();
    struct ecsengine_op *look = next(ECSENGINE_OP_INSPECT);
    if (_i == 0) { /* started */
        made_good(look);
        ck_assert_int_eq(ECSENGINE_CONTAINER_RUNNING, web->known);
        ck_assert_ptr_null(made_next());
    } else if (_i == 1) { /* not started */
        made_answer(look, made_only());
        made_good(next(ECSENGINE_OP_START));
        made_settle();
        ck_assert_int_eq(ECSENGINE_CONTAINER_RUNNING, web->known);
    } else { /* gone */
        made_fail(look, ECSENGINE_FAILURE_NOT_FOUND, NULL, "no such container");
        ck_assert_int_eq(ECSENGINE_CONTAINER_STOPPED, web->known);
        ck_assert(strncmp(str_text(web->error), "ContainerVanishedError: ", 24) == 0);
    }
    made_close();
}
END_TEST

/* It went away in the turn in which the start was asked for, and was back before the answer came. */
START_TEST(a_start_that_saw_the_runtime_go_at_once_is_in_doubt)
{
    begin(TASK(WEB));
    struct ecsengine_op *start = made_until(ECSENGINE_OP_START);
    lose_runtime();
    come_back();
    ck_assert_int_eq(start->begun_ns, made.runtime_lost_ns);
    lose_answer(start);
    made_answer(made_until(ECSENGINE_OP_INSPECT), made_only());
    made_good(next(ECSENGINE_OP_START));
    ck_assert_int_eq(ECSENGINE_CONTAINER_RUNNING, web->known);
    ck_assert_ptr_null(web->error);
    made_settle();
    made_close();
}
END_TEST

/* The stream breaks late, or never: then it is the pause that keeps this from spinning. */
START_TEST(a_ping_without_an_answer_is_followed_by_a_look_after_a_pause)
{
    begin(TASK(WEB));
    lose_answer(made_until(ECSENGINE_OP_START));
    lose_answer(next(ECSENGINE_OP_PING));
    ck_assert_ptr_null(made_next());
    ck_assert(heap_has(&web->inspect_timer.node));
    made_wait();
    made_answer(next(ECSENGINE_OP_INSPECT), made_only());
    made_good(next(ECSENGINE_OP_START));
    made_settle();
    ck_assert_int_eq(ECSENGINE_CONTAINER_RUNNING, web->known);
    made_close();
}
END_TEST

/* Of one that was started, and of one that is said to have ended. */
START_TEST(a_look_without_an_answer_is_no_try_and_decides_nothing)
{
    struct runtime_notice died = {.input.kind = INPUT_RUNTIME_EVENT, .kind = ECSENGINE_RUNTIME_EVENT_DIE};

    begin(TASK(WEB));
    if (_i == 0) {
        made_answer(made_until(ECSENGINE_OP_START), made_result());
    } else {
        made_settle();
        died.container = str_ref(web->runtime_id);
        made_apply(&died.input);
        str_unref(died.container);
    }
    for (int i = 0; i < 8; i++) {
        lose_answer(next(ECSENGINE_OP_INSPECT));
        ck_assert_ptr_null(web->error);
        ck_assert_str_eq("CannotInspectContainerError: EOF", str_text(web->trouble));
        ck_assert_int_eq(_i == 0 ? ECSENGINE_CONTAINER_CREATED : ECSENGINE_CONTAINER_RUNNING, web->known);
        ck_assert_int_eq(ECSENGINE_CONTAINER_RUNNING, web->desired);
        made_wait();
    }
    if (_i == 1) { /* nor does it count with those that have one */
        made_fail(next(ECSENGINE_OP_INSPECT), ECSENGINE_FAILURE_OTHER, NULL, "busy");
        ck_assert_int_eq(ECSENGINE_CONTAINER_RUNNING, web->known);
        made_wait();
    }
    made_good(next(ECSENGINE_OP_INSPECT));
    ck_assert_int_eq(ECSENGINE_CONTAINER_RUNNING, web->known);
    ck_assert_ptr_null(web->error);
    made_close();
}
END_TEST

START_TEST(a_container_that_shall_stop_meanwhile_does)
{
    begin(TASK(WEB));
    struct ecsengine_op *op = made_until(_i == 0 ? ECSENGINE_OP_CREATE : ECSENGINE_OP_START);
    lose_answer(op);
    struct ecsengine_op *ping = next(ECSENGINE_OP_PING);
    made_stop(task);
    if (_i == 0) { /* at once: it never ran */
        ck_assert_int_eq(ECSENGINE_CONTAINER_STOPPED, web->known);
        made_good(ping);
        ck_assert_ptr_null(web->error);
    } else {
        lose_runtime();
        made_good(ping);
        lose_answer(next(ECSENGINE_OP_INSPECT));
        come_back();
        made_good(next(ECSENGINE_OP_INSPECT)); /* it runs */
        made_good(next(ECSENGINE_OP_STOP));
        ck_assert_int_eq(ECSENGINE_CONTAINER_STOPPED, web->known);
    }
    made_settle();
    made_close();
}
END_TEST

START_TEST(nothing_is_begun_while_the_runtime_is_away)
{
    begin(TASK(WEB));
    struct ecsengine_op *pull = made_until(ECSENGINE_OP_PULL_MANIFEST);
    lose_runtime();
    made_good(pull);
    ck_assert_int_eq(ECSENGINE_CONTAINER_MANIFEST_PULLED, web->known);
    ck_assert_ptr_null(made_next());
    come_back();
    made_settle();
    ck_assert_int_eq(ECSENGINE_CONTAINER_RUNNING, web->known);
    made_close();
}
END_TEST

START_TEST(pulls_that_fail_while_the_runtime_is_away_are_no_tries)
{
    begin(TASK(WEB));
    struct ecsengine_op *pull = made_until(ECSENGINE_OP_PULL_IMAGE);
    lose_runtime();
    for (int i = 0; i < 40; i++) {
        if (pull->kind == ECSENGINE_OP_PULL_IMAGE || pull->kind == ECSENGINE_OP_SUBSCRIBE)
            lose_answer(pull);
        while ((pull = made_next()) == NULL)
            made_wait();
    }
    while (pull->kind != ECSENGINE_OP_SUBSCRIBE) {
        lose_answer(pull);
        while ((pull = made_next()) == NULL)
            made_wait();
    }
    made_good(pull);
    while (web->known != ECSENGINE_CONTAINER_RUNNING) {
        made_settle();
        if (web->known != ECSENGINE_CONTAINER_RUNNING)
            made_wait();
    }
    ck_assert_ptr_null(web->error);
    made_close();
}
END_TEST

#define WITH_VOLUME \
    "{'taskArn':'arn:aws:ecs:us-west-2:1:task/c/1','family':'f','volumes':[{'name':'data','dockerVolumeConfiguration':{'scope':'task'," \
    "'driver':'local'}}],'containerDefinitions':[{'name':'web','image':'nginx','memory':4,'mountPoints':[{'sourceVolume':'data'," \
    "'containerPath':'/data'}]}]}"

/* 0: the runtime was there; 1: it was away before; 2: it is away when asked; 3: not wanted any more when the ping is answered. */
START_TEST(a_volume_whose_making_was_not_answered_is_no_other_case)
{
    begin(WITH_VOLUME);
    struct resource *volume = &task->resources[0];
    struct ecsengine_op *create = made_until(ECSENGINE_OP_VOLUME_CREATE);
    if (_i == 1)
        lose_runtime();
    lose_answer(create);
    if (_i == 0) {
        made_good(made_until(ECSENGINE_OP_PING));
        ck_assert_str_eq("EOF", str_text(task->reason));
        ck_assert_int_eq(ECSENGINE_TASK_STOPPED, task->desired);
    } else if (_i == 1) {
        ck_assert_ptr_null(volume->op);
        come_back();
        made_good(made_until(ECSENGINE_OP_VOLUME_CREATE));
    } else if (_i == 2) {
        lose_answer(made_until(ECSENGINE_OP_PING));
        made_settle();
        ck_assert_ptr_null(volume->op); /* after a pause */
        made_wait();
        made_good(made_until(ECSENGINE_OP_VOLUME_CREATE));
    } else {
        struct ecsengine_op *ping = made_until(ECSENGINE_OP_PING);
        made_stop(task);
        made_good(ping);
        ck_assert_ptr_null(task->reason);
        ck_assert_int_eq(RESOURCE_REMOVED, volume->known);
    }
    if (_i == 1 || _i == 2) {
        ck_assert_int_eq(RESOURCE_CREATED, volume->known);
        ck_assert_ptr_null(volume->error);
    }
    made_settle();
    made_close();
}
END_TEST

static void fill(TCase *tcase)
{
    tcase_add_loop_test(tcase, a_lost_answer_of_a_runtime_that_lives_is_an_error, 0, 2);
    tcase_add_test(tcase, a_runtime_that_has_no_ping_lives);
    tcase_add_test(tcase, a_create_that_ran_out_of_time_is_an_error_at_once);
    tcase_add_loop_test(tcase, a_create_that_died_with_the_runtime_is_asked_for_again_once_it_is_known_not_to_be_there, 0, 2);
    tcase_add_test(tcase, a_create_that_was_done_before_the_runtime_died_is_found_by_its_name);
    tcase_add_loop_test(tcase, a_start_that_died_with_the_runtime_is_what_is_seen_then, 0, 3);
    tcase_add_test(tcase, a_start_that_saw_the_runtime_go_at_once_is_in_doubt);
    tcase_add_test(tcase, a_ping_without_an_answer_is_followed_by_a_look_after_a_pause);
    tcase_add_loop_test(tcase, a_look_without_an_answer_is_no_try_and_decides_nothing, 0, 2);
    tcase_add_loop_test(tcase, a_container_that_shall_stop_meanwhile_does, 0, 2);
    tcase_add_test(tcase, nothing_is_begun_while_the_runtime_is_away);
    tcase_add_test(tcase, pulls_that_fail_while_the_runtime_is_away_are_no_tries);
    tcase_add_loop_test(tcase, a_volume_whose_making_was_not_answered_is_no_other_case, 0, 4);
}

int main(void) { return made_run("doubt", fill); }

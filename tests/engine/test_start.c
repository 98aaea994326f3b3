/* SPDX-License-Identifier: Apache-2.0 */
/* A start that is refused as a conflict: the runtime's own life before this one may have done it, and it hears of that a moment later. */
#include "made.h"

#include "ecsengine/runtime.h"
#include "engine/explain.h"
#include "engine/transitions.h"

static struct task *task;
static struct container *web;

static void begin(void)
{
    made_start();
    made_open();
    made_settle();
    task = made_add(TASK("{'name':'web','image':'nginx','memory':64}"));
    web = &task->containers[0];
}

static struct ecsengine_op *next_start(void)
{
    struct ecsengine_op *op = made_next();

    while (op == NULL) {
        made_wait();
        op = made_next();
    }
    ck_assert_str_eq("start", ecsengine_op_kind_name((enum ecsengine_op_kind)op->kind));
    return op;
}

static void refuse(struct ecsengine_op *start) { made_fail(start, ECSENGINE_FAILURE_CONFLICT, NULL, "id already in use"); }

static struct ecsengine_result *seen(int running)
{
    struct ecsengine_result *record = made_result();

    ecsengine_result_set_container_id(record, str_text(web->runtime_id));
    ecsengine_result_set_running(record, running);
    ecsengine_result_set_started_at(record, made.wall_ns);
    if (!running)
        ecsengine_result_set_exit_code(record, 3);
    return record;
}

static void event(enum ecsengine_runtime_event_kind kind, int running)
{
    struct runtime_notice notice = {.input.kind = INPUT_RUNTIME_EVENT, .kind = (uint8_t)kind, .details = seen(running)};

    notice.container = str_ref(web->runtime_id);
    made_apply(&notice.input);
    str_unref(notice.container);
    ecsengine_result_free(notice.details);
}

static bool pause(void) { return heap_has(&web->retry.node); }

static void is(container_status known) { ck_assert_int_eq(known, web->known); }

START_TEST(a_refused_start_goes_out_again_after_a_pause_that_grows)
{
    int64_t paused = 0;

    begin();
    struct ecsengine_op *start = made_until(ECSENGINE_OP_START);
    for (int i = 0; i < 4; i++) {
        refuse(start);
        is(ECSENGINE_CONTAINER_CREATED);
        ck_assert_ptr_null(web->error);
        ck_assert_str_eq("CannotStartContainerError: id already in use", str_text(web->trouble));
        ck_assert_int_eq(ECSENGINE_OP_START, transitions_retried(web));
        ck_assert_ptr_null(made_next());
        int64_t from = made.mono_ns;
        start = next_start();
        ck_assert_int_ge(made.mono_ns - from, NS_PER_S);
        ck_assert_int_ge(made.mono_ns - from + NS_PER_S / 2, paused); /* a fifth of it is drawn */
        paused = made.mono_ns - from;
    }
    made_good(start);
    is(ECSENGINE_CONTAINER_RUNNING);
    ck_assert_ptr_null(web->trouble);
    ck_assert_ptr_null(web->error);
    made_close();
}
END_TEST

START_TEST(five_refusals_are_believed)
{
    begin();
    struct ecsengine_op *start = made_until(ECSENGINE_OP_START);
    for (int i = 0; i < 4; i++) {
        refuse(start);
        start = next_start();
    }
    refuse(start);
    ck_assert_str_eq("CannotStartContainerError: id already in use", str_text(web->error));
    ck_assert_int_eq(ECSENGINE_CONTAINER_STOPPED, web->desired);
    ck_assert(!pause());
    made_settle();
    is(ECSENGINE_CONTAINER_STOPPED);
    made_close();
}
END_TEST

START_TEST(what_is_seen_to_run_or_to_have_ended_meanwhile_is_not_started_again)
{
    int running = _i;

    begin();
    refuse(made_until(ECSENGINE_OP_START));
    ck_assert(pause());
    event(running ? ECSENGINE_RUNTIME_EVENT_START : ECSENGINE_RUNTIME_EVENT_DIE, running);
    is(running ? ECSENGINE_CONTAINER_RUNNING : ECSENGINE_CONTAINER_STOPPED);
    ck_assert_ptr_null(web->error);
    ck_assert_ptr_null(web->trouble);
    ck_assert(!pause());
    made_settle();
    is(running ? ECSENGINE_CONTAINER_RUNNING : ECSENGINE_CONTAINER_STOPPED);
    made_close();
}
END_TEST

START_TEST(a_refusal_of_what_is_seen_to_run_is_no_news)
{
    begin();
    struct ecsengine_op *start = made_until(ECSENGINE_OP_START);
    if (_i == 1) {
        refuse(start);
        start = next_start();
    }
    event(ECSENGINE_RUNTIME_EVENT_START, 1);
    is(ECSENGINE_CONTAINER_RUNNING);
    refuse(start);
    ck_assert_ptr_null(web->error);
    ck_assert_int_eq(ECSENGINE_CONTAINER_RUNNING, web->desired);
    made_close();
}
END_TEST

START_TEST(a_stop_ends_the_tries_and_is_made_for_real)
{
    begin();
    refuse(made_until(ECSENGINE_OP_START));
    made_stop(task);
    ck_assert_ptr_null(made_next());
    is(ECSENGINE_CONTAINER_CREATED);
    made_wait();
    made_good(made_until(ECSENGINE_OP_STOP));
    is(ECSENGINE_CONTAINER_STOPPED);
    ck_assert_ptr_null(web->error);
    ck_assert(!pause());
    made_close();
}
END_TEST

START_TEST(the_start_that_waits_is_explained)
{
    begin();
    struct view view = {.engine = &made};
    struct buf buf;

    refuse(made_until(ECSENGINE_OP_START));
    buf_init(&buf, &made_root.mem, 0);
    ck_assert(explain_document(&view, task, NULL, EXPLAIN_TEXT, &buf));
    ck_assert_ptr_nonnull(strstr(buf.data, "start failed once, next try in "));
    ck_assert_ptr_nonnull(strstr(buf.data, "CannotStartContainerError: id already in use"));
    buf_free(&buf);
    made_close();
}
END_TEST

static void fill(TCase *tcase)
{
    tcase_add_test(tcase, a_refused_start_goes_out_again_after_a_pause_that_grows);
    tcase_add_test(tcase, five_refusals_are_believed);
    tcase_add_loop_test(tcase, what_is_seen_to_run_or_to_have_ended_meanwhile_is_not_started_again, 0, 2);
    tcase_add_loop_test(tcase, a_refusal_of_what_is_seen_to_run_is_no_news, 0, 2);
    tcase_add_test(tcase, a_stop_ends_the_tries_and_is_made_for_real);
    tcase_add_test(tcase, the_start_that_waits_is_explained);
}

int main(void) { return made_run("start", fill); }

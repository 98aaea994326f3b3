/* SPDX-License-Identifier: Apache-2.0 */
/* The runtime at the beginning: the host's facts and the event stream, and what is asked again when one of them could not be had. */
#include "made.h"

#include "engine/runtime.h"

static struct ecsengine_op *subscribe, *info;

static void begin(void)
{
    made_start();
    made_open();
    ck_assert_int_eq(0, engine_settle(&made));
    subscribe = made_next();
    info = made_next();
    ck_assert_int_eq(ECSENGINE_OP_SUBSCRIBE, subscribe->kind);
    ck_assert_int_eq(ECSENGINE_OP_INFO, info->kind);
    ck_assert_ptr_null(made_next());
}

START_TEST(facts_that_could_not_be_had_are_asked_for_again_when_the_runtime_answers)
{
    made_fail(info, ECSENGINE_FAILURE_UNREACHABLE, NULL, "no such socket");
    ck_assert_ptr_null(made_next()); /* there is a pause */
    made_good(subscribe);
    info = made_next();
    ck_assert_ptr_nonnull(info);
    ck_assert_int_eq(ECSENGINE_OP_INFO, info->kind);
    ck_assert(!made.ready);
    made_good(info);
    ck_assert(made.ready);
    ck_assert_ptr_null(made_next());
    made_close();
}
END_TEST

START_TEST(facts_that_were_had_are_not_asked_for_again)
{
    made_good(info);
    made_good(subscribe);
    ck_assert(made.ready);
    ck_assert_ptr_null(made_next());
    made_close();
}
END_TEST

START_TEST(that_facts_can_not_be_had_is_a_warning_once)
{
    made_listen(MESSAGE_INFO_FAILED);
    for (unsigned i = 1; i <= 3; i++) {
        made_fail(info, ECSENGINE_FAILURE_UNREACHABLE, NULL, "no such socket");
        ck_assert_uint_eq(i, made_lines.count);
        ck_assert_int_eq(i == 1 ? ECSENGINE_LOG_WARNING : ECSENGINE_LOG_DEBUG, made_lines.level);
        made_wait();
        info = made_next();
        ck_assert_int_eq(ECSENGINE_OP_INFO, info->kind);
    }
    made_good(info);
    made_good(subscribe);
    made_close();
}
END_TEST

/* Nothing else shows that a runtime hangs: its stream is open. Its PING is answered, fails, or is not answered either. */
START_TEST(a_runtime_that_answers_nothing_is_asked_whether_it_lives)
{
    made_good(info);
    made_good(subscribe);
    struct task *task = made_add(TASK("{'name':'web','image':'nginx','memory':64}"));
    made_settle();
    made_stop(task);
    struct ecsengine_op *stop = made_until(ECSENGINE_OP_STOP);
    ck_assert_ptr_null(made.ping_op);
    made_shows_pings = true;
    while (!stop->answered)
        made_wait();
    struct ecsengine_op *ping = made_until(ECSENGINE_OP_PING);
    ck_assert_ptr_eq(made.ping_op, ping);
    ck_assert_int_eq(RUNTIME_CONNECTED, made.runtime);
    if (_i == 0)
        made_fail(ping, ECSENGINE_FAILURE_UNSUPPORTED, NULL, "what is that"); /* an answer is an answer */
    else if (_i == 1)
        made_fail(ping, ECSENGINE_FAILURE_UNREACHABLE, NULL, "no such socket");
    else if (_i == 2)
        while (!ping->answered)
            made_wait();
    if (_i == 3) { /* the stream breaks: what the PING says is old when the runtime is back */
        struct runtime_notice lost = {.input.kind = INPUT_RUNTIME_LOST};
        made_apply(&lost.input);
        ck_assert(ping->answered);
    }
    ck_assert_ptr_null(made.ping_op);
    ck_assert_int_eq(_i == 0 ? RUNTIME_CONNECTED : RUNTIME_UNREACHABLE, made.runtime);
    if (_i == 1 || _i == 2)
        ck_assert_str_eq(_i == 1 ? "no such socket" : "it does not answer", str_text(made.runtime_error));
    ck_assert_int_eq(ECSENGINE_CONTAINER_RUNNING, task->containers[0].known); /* nothing has ended for that */
    while (_i != 0 && made.runtime != RUNTIME_CONNECTED) {
        made_wait();
        made_settle();
    }
    if (_i >= 2)
        made_fail(ping, ECSENGINE_FAILURE_UNREACHABLE, NULL, "late");
    ck_assert_int_eq(RUNTIME_CONNECTED, made.runtime);
    made_good(stop);
    made_close();
    made_shows_pings = false;
}
END_TEST

START_TEST(what_the_host_does_late_says_nothing_of_the_runtime)
{
    static const enum ecsengine_op_kind kinds[] = {ECSENGINE_OP_RESOURCE_CREATE, ECSENGINE_OP_RESOURCE_REMOVE, ECSENGINE_OP_PROVISION,
                                                   ECSENGINE_OP_AGENT_PREPARE, ECSENGINE_OP_AGENT_CLEAN, ECSENGINE_OP_EXEC_RUN};
    struct ecsengine_op late = {.kind = ECSENGINE_OP_NONE};

    made_good(info);
    made_good(subscribe);
    for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++) {
        late.kind = (uint8_t)kinds[i];
        runtime_doubt(&made, &late);
        ck_assert_ptr_null(made.ping_op);
    }
    late.kind = ECSENGINE_OP_EXEC_INSPECT;
    runtime_doubt(&made, &late);
    ck_assert_ptr_nonnull(made.ping_op);
    made_close();
}
END_TEST

static void fill(TCase *tcase)
{
    tcase_add_checked_fixture(tcase, begin, NULL);
    tcase_add_test(tcase, facts_that_could_not_be_had_are_asked_for_again_when_the_runtime_answers);
    tcase_add_test(tcase, facts_that_were_had_are_not_asked_for_again);
    tcase_add_test(tcase, that_facts_can_not_be_had_is_a_warning_once);
    tcase_add_loop_test(tcase, a_runtime_that_answers_nothing_is_asked_whether_it_lives, 0, 4);
    tcase_add_test(tcase, what_the_host_does_late_says_nothing_of_the_runtime);
}

int main(void) { return made_run("runtime", fill); }

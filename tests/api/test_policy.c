/* SPDX-License-Identifier: Apache-2.0 */
/* Restart policies across a host's own end: what was intended when the engine was shut down is done by the next one. */
#include "host.h"

#include "ecsengine/runtime.h"

#define AGAIN_WEB "{'name':'web','image':'nginx','memory':64,'restartPolicy':{'enabled':true,'restartAttemptPeriod':60}}"

static void begin(void)
{
    OK(ecsengine_memory_store_new(&host.store, &error_));
    open_engine();
    add(TASK(ARN, AGAIN_WEB));
    settle();
    ck_assert_int_eq(1, traced("web RUNNING"));
    pass_time(90 * SECOND);
    turn();
}

static void end_of_run(void)
{
    host.boxes[0].running = false;
    OK(ecsengine_runtime_event(host.engine, ECSENGINE_RUNTIME_EVENT_DIE, host.boxes[0].id, NULL, &error_));
}

static int described(const char *part)
{
    ecsengine_text *text = NULL;

    OK(ecsengine_task_describe(host.engine, ARN, &text, &error_));
    int found = strstr(ecsengine_text_data(text), quoted(part)) != NULL;
    ecsengine_text_free(text);
    return found;
}

/* The inspection after the event is answered; the START is not handed out. */
static void until_start(void)
{
    end_of_run();
    turn();
    answer(held(ECSENGINE_OP_INSPECT, NULL));
}

START_TEST(a_restart_that_a_shutdown_holds_back_is_made_by_the_next_engine)
{
    begin();
    until_start();
    OK(ecsengine_shutdown(host.engine, NULL, &error_));
    turn();
    turn();
    ck_assert_ptr_null(find_held(ECSENGINE_OP_START, NULL));
    ck_assert(described("'restartCount':1"));
    close_engine();
    forget_trace();
    pass_time(SECOND);
    open_engine();
    settle();
    ck_assert(host.boxes[0].running);
    ck_assert_int_eq(1, host.boxes[0].creates);
    ck_assert(described("'restartCount':1"));
    ck_assert_int_eq(0, traced("web STOPPED"));
    stop(ARN);
    settle();
    end_host();
}
END_TEST

START_TEST(a_restart_does_not_leave_before_it_is_durable)
{
    begin();
    ecsengine_memory_store_hold(host.store, 1);
    until_start();
    for (int i = 0; i < 5; i++)
        turn();
    ck_assert_ptr_null(find_held(ECSENGINE_OP_START, NULL));
    ck_assert_int_eq(1, ecsengine_memory_store_holds(host.store));
    ecsengine_memory_store_hold(host.store, 0);
    ecsengine_memory_store_flush(host.store);
    ck_assert_int_eq(0, ecsengine_memory_store_holds(host.store));
    turn();
    ecsengine_op *op = find_held(ECSENGINE_OP_START, NULL);
    ck_assert_ptr_nonnull(op);
    answer(op);
    settle();
    stop(ARN);
    settle();
    end_host();
}
END_TEST

START_TEST(a_stop_is_not_held_back_by_a_store_that_holds_a_restart_back)
{
    begin();
    ecsengine_memory_store_hold(host.store, 1);
    until_start();
    stop(ARN);
    for (int i = 0; i < 5; i++)
        turn();
    ck_assert(described("'knownStatus':'STOPPED'"));
    ck_assert_ptr_null(find_held(ECSENGINE_OP_START, NULL));
    ecsengine_memory_store_hold(host.store, 0);
    ecsengine_memory_store_flush(host.store);
    settle();
    ck_assert_int_eq(1, traced("web STOPPED"));
    ck_assert(!host.boxes[0].running);
    end_host();
}
END_TEST

static void fill(TCase *tcase)
{
    tcase_add_test(tcase, a_restart_that_a_shutdown_holds_back_is_made_by_the_next_engine);
    tcase_add_test(tcase, a_restart_does_not_leave_before_it_is_durable);
    tcase_add_test(tcase, a_stop_is_not_held_back_by_a_store_that_holds_a_restart_back);
}

int main(void) { return run_tests("policy", fill); }

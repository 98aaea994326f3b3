/* SPDX-License-Identifier: Apache-2.0 */
/* Commands are followed by their ids; events wait until they are acknowledged, or count as acknowledged when they are taken. */
#include "host.h"

static void open_ready(void)
{
    open_engine();
    settle();
    forget_trace();
}

START_TEST(command_ids_count_from_one_and_refused_commands_have_none)
{
    open_engine();
    ck_assert_uint_eq(1, add(TASK(ARN, WEB)));
    uint64_t id = 77;
    ck_assert_int_eq(ECSENGINE_ESYNTAX, ecsengine_task_add(host.engine, "{", 1, &id, NULL));
    ck_assert_int_eq(ECSENGINE_EDOCUMENT, ecsengine_task_add(host.engine, "{}", 2, &id, NULL));
    ck_assert_uint_eq(77, id);
    ck_assert_uint_eq(2, stop(ARN));
    ck_assert_uint_eq(3, stop(ARN_HEAD "nobody"));
    turn();
    ck_assert_int_eq(0, host.done_codes[1]);
    ck_assert_int_eq(0, host.done_codes[2]);
    ck_assert_int_eq(ECSENGINE_ENOTFOUND, host.done_codes[3]);
    end_host();
}
END_TEST

START_TEST(commands_before_the_runtime_answers_are_taken_and_wait)
{
    open_engine();
    add(TASK(ARN, WEB));
    turn();
    ck_trace("done 1 ECSENGINE_OK\n> subscribe\n> info\n");
    settle();
    ck_assert_int_eq(1, traced("task RUNNING"));
    end_host();
}
END_TEST

START_TEST(adding_a_known_arn_changes_the_desired_status_alone)
{
    open_ready();
    add(TASK(ARN, WEB));
    settle();
    forget_trace();
    add("{'arn':'" ARN "','family':'other','version':'9','desiredStatus':'STOPPED','containers':[{'name':'x','image':'x'}]}");
    settle();
    ck_trace("done 2 ECSENGINE_OK\n> stop web\nweb STOPPED\ntask STOPPED\n");
    ecsengine_text *text = NULL;
    OK(ecsengine_task_describe(host.engine, ARN, &text, &error_));
    ck_assert_ptr_nonnull(strstr(ecsengine_text_data(text), "\"family\":\"fam\""));
    ecsengine_text_free(text);
    end_host();
}
END_TEST

START_TEST(a_desired_status_never_falls)
{
    open_ready();
    add(TASK(ARN, WEB));
    settle();
    stop(ARN);
    turn();
    add(TASK(ARN, WEB)); /* RUNNING again */
    settle();
    ck_assert_int_eq(0, host.done_codes[3]);
    ck_assert_int_eq(1, traced("task STOPPED"));
    end_host();
}
END_TEST

START_TEST(an_arn_whose_former_task_is_being_removed_is_taken)
{
    set("engine-task-cleanup-wait-duration", "1s");
    open_ready();
    add(TASK(ARN, WEB));
    settle();
    stop(ARN);
    settle();
    pass_time(SECOND);
    turn();
    ck_assert_int_eq(1, traced("> remove web"));
    uint64_t id = add(TASK(ARN, WEB));
    turn();
    ck_assert_int_eq(ECSENGINE_EEXIST, host.done_codes[id]);
    id = stop(ARN);
    turn();
    ck_assert_int_eq(0, host.done_codes[id]); /* a stop never fails for that */
    host.no_acks = true;
    settle();
    ck_assert_int_eq(1, traced("task-removed"));
    id = add(TASK(ARN, WEB));
    turn();
    ck_assert_int_eq(ECSENGINE_EEXIST, host.done_codes[id]); /* removed, but nobody said to have heard of it */
    OK(ecsengine_event_ack(host.engine, host.last_status, &error_));
    turn();
    id = add(TASK(ARN, WEB));
    turn();
    ck_assert_int_eq(0, host.done_codes[id]);
    end_host();
}
END_TEST

START_TEST(one_task_more_than_the_limit_is_refused)
{
    set("task-limit", "2");
    open_ready();
    add(TASK(ARN, WEB));
    add(TASK(ARN_HEAD "t2", WEB));
    uint64_t third = add(TASK(ARN_HEAD "t3", WEB));
    turn();
    ck_assert_int_eq(0, host.done_codes[2]);
    ck_assert_int_eq(ECSENGINE_ELIMIT, host.done_codes[third]);
    end_host();
}
END_TEST

START_TEST(a_document_over_the_limit_is_refused_with_the_limit)
{
    ecsengine_error *error = NULL;
    const char *document = quoted(TASK(ARN, WEB));

    set("payload-limit", "100");
    open_ready();
    ck_assert_int_eq(ECSENGINE_ELIMIT, ecsengine_task_add(host.engine, document, strlen(document), NULL, &error));
    ck_assert_ptr_nonnull(strstr(ecsengine_error_message(error), "100"));
    ecsengine_error_free(error);
    end_host();
}
END_TEST

START_TEST(a_document_need_not_end_in_nul)
{
    const char *document = quoted(TASK(ARN, WEB));
    size_t len = strlen(document);
    char *exact = malloc(len);

    memcpy(exact, document, len);
    open_ready();
    OK(ecsengine_task_add(host.engine, exact, len, NULL, &error_));
    free(exact); /* copied */
    settle();
    ck_assert_int_eq(1, traced("task RUNNING"));
    end_host();
}
END_TEST

START_TEST(a_refused_task_has_one_stopped_event_and_goes_when_it_is_acknowledged)
{
    host.no_acks = true;
    open_ready();
    add(TASK(ARN, "{'name':'a','image':'x','memory':4,'dependsOn':[{'containerName':'b','condition':'START'}]},"
                  "{'name':'b','image':'x','memory':4,'dependsOn':[{'containerName':'a','condition':'START'}]}"));
    settle();
    ck_assert_int_eq(0, host.done_codes[1]);
    const char *told = strstr(host.trace, "task STOPPED: ");
    ck_assert_ptr_nonnull(told);
    ck_assert_ptr_null(strstr(told + 1, "task "));
    ecsengine_text *text = NULL;
    OK(ecsengine_task_describe(host.engine, ARN, &text, &error_));
    ecsengine_text_free(text);
    OK(ecsengine_event_ack(host.engine, host.last_status, &error_));
    settle();
    ck_assert_int_eq(0, traced("task-removed"));
    ck_assert_int_eq(ECSENGINE_ENOTFOUND, ecsengine_task_describe(host.engine, ARN, &text, NULL));
    end_host();
}
END_TEST

START_TEST(cleanup_waits_for_the_acknowledgement_of_stopped)
{
    uint64_t stopped;

    set("engine-task-cleanup-wait-duration", "1s");
    open_ready();
    add(TASK(ARN, WEB));
    settle();
    host.no_acks = true;
    stop(ARN);
    settle();
    stopped = host.last_status;
    pass_time(3600 * SECOND);
    settle();
    ck_assert_int_eq(0, traced("> remove web"));
    OK(ecsengine_event_ack(host.engine, stopped, &error_));
    settle();
    ck_assert_int_eq(1, traced("> remove web"));
    end_host();
}
END_TEST

START_TEST(cleanup_does_not_wait_for_it_if_it_need_not)
{
    set("engine-task-cleanup-wait-duration", "1s");
    set("cleanup-waits-for-ack", "false");
    host.no_acks = true;
    open_ready();
    add(TASK(ARN, WEB));
    settle();
    stop(ARN);
    settle();
    pass_time(SECOND);
    settle();
    ck_assert_int_eq(1, traced("task-removed"));
    end_host();
}
END_TEST

START_TEST(taking_an_event_acknowledges_it_if_that_is_wanted)
{
    set("engine-task-cleanup-wait-duration", "1s");
    set("event-ack", "auto");
    host.no_acks = true;
    open_ready();
    add(TASK(ARN, WEB));
    settle();
    stop(ARN);
    settle();
    pass_time(SECOND);
    settle();
    ck_assert_int_eq(1, traced("task-removed"));
    add(TASK(ARN, WEB)); /* the former task is gone for good */
    settle();
    ck_assert_int_eq(2, traced("task RUNNING"));
    end_host();
}
END_TEST

START_TEST(an_unknown_acknowledgement_is_harmless)
{
    open_ready();
    add(TASK(ARN, WEB));
    settle();
    forget_trace();
    ecsengine_event_ack(host.engine, UINT64_MAX, NULL);
    ecsengine_event_ack(host.engine, 0, NULL);
    ecsengine_event_ack(host.engine, host.last_status, NULL); /* the second time */
    settle();
    ck_trace("");
    end_host();
}
END_TEST

START_TEST(waiting_tasks_are_admitted_in_order_as_soon_as_they_fit)
{
    set("host-cpu", "1024");
    set("host-memory", "1024");
    open_ready();
    add(TASK(ARN, "{'name':'a','image':'x','memory':600}"));
    add(TASK(ARN_HEAD "t2", "{'name':'b','image':'x','memory':600}"));
    add(TASK(ARN_HEAD "t3", "{'name':'c','image':'x','memory':100}"));
    settle();
    ck_assert_int_eq(1, traced("a RUNNING"));
    ck_assert_int_eq(0, traced("b RUNNING"));
    ck_assert_int_eq(0, traced("c RUNNING")); /* it would fit, but nobody overtakes */
    stop(ARN);
    settle();
    ck_assert_int_eq(1, traced("b RUNNING"));
    ck_assert_int_eq(1, traced("c RUNNING"));
    end_host();
}
END_TEST

START_TEST(stopping_a_waiting_task_lets_the_next_one_in)
{
    set("host-cpu", "1024");
    set("host-memory", "1024");
    open_ready();
    add(TASK(ARN, "{'name':'a','image':'x','memory':600}"));
    add(TASK(ARN_HEAD "t2", "{'name':'b','image':'x','memory':600}"));
    add(TASK(ARN_HEAD "t3", "{'name':'c','image':'x','memory':100}"));
    settle();
    stop(ARN_HEAD "t2");
    settle();
    ck_assert_int_eq(1, traced("b STOPPED"));
    ck_assert_int_eq(0, traced("> pull-manifest b"));
    ck_assert_int_eq(1, traced("c RUNNING"));
    end_host();
}
END_TEST

static void fill(TCase *tcase)
{
    tcase_add_test(tcase, command_ids_count_from_one_and_refused_commands_have_none);
    tcase_add_test(tcase, commands_before_the_runtime_answers_are_taken_and_wait);
    tcase_add_test(tcase, adding_a_known_arn_changes_the_desired_status_alone);
    tcase_add_test(tcase, a_desired_status_never_falls);
    tcase_add_test(tcase, an_arn_whose_former_task_is_being_removed_is_taken);
    tcase_add_test(tcase, one_task_more_than_the_limit_is_refused);
    tcase_add_test(tcase, a_document_over_the_limit_is_refused_with_the_limit);
    tcase_add_test(tcase, a_document_need_not_end_in_nul);
    tcase_add_test(tcase, a_refused_task_has_one_stopped_event_and_goes_when_it_is_acknowledged);
    tcase_add_test(tcase, cleanup_waits_for_the_acknowledgement_of_stopped);
    tcase_add_test(tcase, cleanup_does_not_wait_for_it_if_it_need_not);
    tcase_add_test(tcase, taking_an_event_acknowledges_it_if_that_is_wanted);
    tcase_add_test(tcase, an_unknown_acknowledgement_is_harmless);
    tcase_add_test(tcase, waiting_tasks_are_admitted_in_order_as_soon_as_they_fit);
    tcase_add_test(tcase, stopping_a_waiting_task_lets_the_next_one_in);
}

int main(void) { return run_tests("commands", fill); }

/* SPDX-License-Identifier: Apache-2.0 */
/* A host without any callback: operations are pulled and answered by hand, and every step of a task's life shows. */
#include "host.h"

START_TEST(the_first_turn_asks_for_facts_and_for_the_event_stream)
{
    open_engine();
    ck_assert_ptr_null(ecsengine_next_op(host.engine));
    turn();
    ck_trace("> subscribe\n> info\n");
    answer(held(ECSENGINE_OP_SUBSCRIBE, NULL));
    turn();
    ck_trace("runtime CONNECTED\n");
    answer(held(ECSENGINE_OP_INFO, NULL));
    turn();
    ck_trace("ready\n");
    end_host();
}
END_TEST

static void open_ready(void)
{
    open_engine();
    settle();
    forget_trace();
}

START_TEST(a_task_goes_through_its_whole_life_one_operation_at_a_time)
{
    set("engine-task-cleanup-wait-duration", "1m");
    open_ready();
    ck_assert_uint_eq(1, add(TASK(ARN, WEB)));
    turn();
    ck_trace("done 1 ECSENGINE_OK\n> pull-manifest web\n");
    ecsengine_op *op = held(ECSENGINE_OP_PULL_MANIFEST, "web");
    ck_assert_str_eq("nginx:latest", ecsengine_op_image(op));
    ck_assert_str_eq(ARN, ecsengine_op_task_arn(op));
    ck_assert_int_eq(host.mono_ns + 60 * SECOND, ecsengine_op_deadline_ns(op));
    answer(op);
    turn();
    ck_trace("web MANIFEST_PULLED\ntask MANIFEST_PULLED\n> pull-image web\n");
    op = held(ECSENGINE_OP_PULL_IMAGE, "web");
    ck_assert_str_eq("nginx@" DIGEST, ecsengine_op_image(op));
    ck_assert_int_eq(host.mono_ns + 7200 * SECOND, ecsengine_op_deadline_ns(op));
    answer(op);
    turn();
    ck_trace("> tag-image web\n");
    op = held(ECSENGINE_OP_TAG_IMAGE, "web");
    ck_assert_str_eq("nginx@" DIGEST, ecsengine_op_image(op));
    ck_assert_str_eq("nginx:latest", ecsengine_op_image_target(op));
    answer(op);
    turn();
    ck_trace("> create web\n");
    op = held(ECSENGINE_OP_CREATE, "web");
    char runtime_name[820];
    size_t len = 0;
    snprintf(runtime_name, sizeof(runtime_name), "%s", ecsengine_op_runtime_name(op));
    ck_assert_int_eq(0, strncmp("ecs-fam-3-web-", runtime_name, 14));
    ck_assert_uint_eq(14 + 20, strlen(runtime_name));
    const char *body = ecsengine_op_create_config(op, &len);
    ck_assert_uint_eq(strlen(body), len);
    ck_assert_ptr_nonnull(strstr(body, "\"com.amazonaws.ecs.task-arn\":\"" ARN "\""));
    answer(op);
    turn();
    ck_trace("> start web\n");
    op = held(ECSENGINE_OP_START, "web");
    ck_assert_str_eq("id-0-1", ecsengine_op_container(op));
    answer(op);
    turn();
    ck_trace("web RUNNING\ntask RUNNING\n");
    stop(ARN);
    turn();
    ck_trace("done 2 ECSENGINE_OK\n> stop web\n");
    op = held(ECSENGINE_OP_STOP, "web");
    ck_assert_int_eq(30 * SECOND, ecsengine_op_grace_ns(op));
    answer(op);
    turn();
    ck_trace("web STOPPED\ntask STOPPED\n");
    turn();
    ck_trace("");
    pass_time(60 * SECOND - 1);
    turn();
    ck_trace("");
    ck_assert_int_eq(host.mono_ns + 1, deadline());
    pass_time(1);
    turn();
    ck_trace("> remove web\n");
    op = held(ECSENGINE_OP_REMOVE, "web");
    ck_assert_int_eq(0, ecsengine_op_force(op));
    ck_assert_str_eq(runtime_name, ecsengine_op_runtime_name(op));
    answer(op);
    turn();
    ck_trace("task-removed\n");
    turn();
    ecsengine_text *text = NULL;
    OK(ecsengine_task_list(host.engine, &text, &error_));
    ck_assert_str_eq("{\"tasks\":[]}", ecsengine_text_data(text));
    ecsengine_text_free(text);
    ck_assert_uint_eq(0, boxes_there());
    end_host();
}
END_TEST

START_TEST(a_start_without_a_record_is_followed_by_an_inspection)
{
    open_ready();
    add(TASK(ARN, WEB));
    ecsengine_op *op = NULL;
    while ((op = find_held(ECSENGINE_OP_START, "web")) == NULL) {
        while (host.held_count > 0)
            answer(held(ecsengine_op_get_kind(host.held[0]), NULL));
        turn();
    }
    forget_trace();
    ecsengine_result *result = NULL;
    OK(ecsengine_result_new(op, &result, &error_));
    box_of(ecsengine_op_container(op))->running = box_of(ecsengine_op_container(op))->started = true;
    OK(ecsengine_op_complete(op, result, &error_));
    turn();
    ck_trace("> inspect web\n");
    settle();
    ck_trace("web RUNNING\ntask RUNNING\n");
    end_host();
}
END_TEST

START_TEST(an_event_is_a_hint_and_the_inspection_that_follows_is_believed)
{
    open_ready();
    add(TASK(ARN, WEB));
    settle();
    forget_trace();
    OK(ecsengine_runtime_event(host.engine, ECSENGINE_RUNTIME_EVENT_DIE, "id-0-1", NULL, &error_));
    turn();
    ck_trace("> inspect web\n");
    answer(held(ECSENGINE_OP_INSPECT, "web")); /* it runs */
    turn();
    ck_trace("");
    host.boxes[0].running = false;
    OK(ecsengine_runtime_event(host.engine, ECSENGINE_RUNTIME_EVENT_DIE, host.boxes[0].name, NULL, &error_));
    turn();
    answer(held(ECSENGINE_OP_INSPECT, "web"));
    turn();
    ck_trace("> inspect web\nweb STOPPED\ntask STOPPED\n");
    end_host();
}
END_TEST

START_TEST(events_of_other_containers_are_ignored)
{
    open_ready();
    OK(ecsengine_runtime_event(host.engine, ECSENGINE_RUNTIME_EVENT_DIE, "somebody-elses", NULL, &error_));
    turn();
    ck_trace("");
    end_host();
}
END_TEST

START_TEST(containers_stop_in_reverse_order_of_their_dependencies)
{
    open_ready();
    add(TASK(ARN, WEB_AFTER_DB));
    settle();
    forget_trace();
    stop(ARN);
    turn();
    ck_trace("done 2 ECSENGINE_OK\n> stop web\n");
    answer(held(ECSENGINE_OP_STOP, "web"));
    turn();
    ck_trace("web STOPPED\n> stop db\n");
    answer(held(ECSENGINE_OP_STOP, "db"));
    turn();
    ck_trace("db STOPPED\ntask STOPPED\n");
    end_host();
}
END_TEST

START_TEST(a_container_starts_when_the_one_before_it_runs)
{
    open_ready();
    add(TASK(ARN, WEB_AFTER_DB));
    settle();
    const char *db = strstr(host.trace, "> start db\n"), *web = strstr(host.trace, "> create web\n");
    ck_assert_ptr_nonnull(db);
    ck_assert_ptr_nonnull(web);
    ck_assert(db < web);
    ck_assert(strstr(host.trace, "db RUNNING\n") < web);
    end_host();
}
END_TEST

START_TEST(kill_sends_a_stop_in_flight_again_without_grace)
{
    open_ready();
    add(TASK(ARN, WEB));
    settle();
    forget_trace();
    stop(ARN);
    turn();
    ecsengine_op *first = held(ECSENGINE_OP_STOP, "web");
    ck_assert_int_eq(30 * SECOND, ecsengine_op_grace_ns(first));
    OK(ecsengine_task_kill(host.engine, ARN, NULL, &error_));
    turn();
    ck_trace("done 2 ECSENGINE_OK\n> stop web\ndone 3 ECSENGINE_OK\n> cancel\n> stop web\n");
    ecsengine_op *second = held(ECSENGINE_OP_STOP, "web");
    ck_assert_int_eq(0, ecsengine_op_grace_ns(second));
    answer(second);
    refuse(first, ECSENGINE_FAILURE_CANCELLED, "given up");
    settle();
    ck_trace("web STOPPED\ntask STOPPED\n");
    end_host();
}
END_TEST

START_TEST(kill_of_a_running_task_gives_no_grace)
{
    open_ready();
    add(TASK(ARN, WEB));
    settle();
    OK(ecsengine_task_kill(host.engine, ARN, NULL, &error_));
    turn();
    ecsengine_op *op = held(ECSENGINE_OP_STOP, "web");
    ck_assert_int_eq(0, ecsengine_op_grace_ns(op));
    answer(op);
    end_host();
}
END_TEST

START_TEST(an_operation_past_its_deadline_is_answered_by_the_engine)
{
    open_ready();
    add(TASK(ARN, WEB));
    turn();
    answer(held(ECSENGINE_OP_PULL_MANIFEST, "web"));
    turn();
    answer(held(ECSENGINE_OP_PULL_IMAGE, "web"));
    turn();
    answer(held(ECSENGINE_OP_TAG_IMAGE, "web"));
    turn();
    forget_trace();
    ecsengine_op *create = held(ECSENGINE_OP_CREATE, "web");
    ck_assert_int_eq(host.mono_ns + 240 * SECOND, ecsengine_op_deadline_ns(create));
    ck_assert_int_eq(ecsengine_op_deadline_ns(create), deadline());
    pass_time(240 * SECOND);
    turn();
    ck_assert_int_eq(1, traced("web STOPPED: DockerTimeoutError: Could not transition to created; timed out after waiting 4m0s"));
    answer(create); /* late: what it made is removed with the task */
    settle();
    ck_assert_uint_eq(1, boxes_there());
    pass_time(INT64_C(4) * 3600 * SECOND);
    settle();
    ck_assert_uint_eq(0, boxes_there());
    ck_assert_int_eq(1, traced("task-removed"));
    end_host();
}
END_TEST

START_TEST(what_a_create_makes_after_its_task_is_gone_is_removed)
{
    set("engine-task-cleanup-wait-duration", "1s");
    open_ready();
    add(TASK(ARN, WEB));
    ecsengine_op *create = NULL;
    while ((create = find_held(ECSENGINE_OP_CREATE, "web")) == NULL) {
        while (host.held_count > 0)
            answer(held(ecsengine_op_get_kind(host.held[0]), NULL));
        turn();
    }
    pass_time(240 * SECOND);
    settle();
    pass_time(10 * SECOND);
    settle();
    ck_assert_int_eq(1, traced("task-removed"));
    answer(create);
    ck_assert_uint_eq(1, boxes_there());
    settle();
    ck_assert_uint_eq(0, boxes_there());
    end_host();
}
END_TEST

START_TEST(a_second_completion_is_refused_and_harmless)
{
    open_ready();
    add(TASK(ARN, WEB));
    turn();
    ecsengine_op *op = held(ECSENGINE_OP_PULL_MANIFEST, "web");
    ecsengine_op_ref(op);
    answer(op);
    ecsengine_result *second = NULL;
    ecsengine_error *error = NULL;
    OK(ecsengine_result_new(op, &second, &error_));
    ck_assert_int_eq(ECSENGINE_EALREADY, ecsengine_op_update(op, 1, 2, "late", NULL));
    ck_assert_int_eq(ECSENGINE_EALREADY, ecsengine_op_complete(op, second, &error));
    ck_assert_int_eq(ECSENGINE_EALREADY, ecsengine_error_code(error));
    ecsengine_error_free(error);
    settle();
    ck_assert_int_eq(1, traced("task RUNNING"));
    end_host();
}
END_TEST

START_TEST(completing_with_no_result_counts_as_a_failure)
{
    open_ready();
    add(TASK(ARN, WEB));
    ecsengine_op *create = NULL;
    while ((create = find_held(ECSENGINE_OP_CREATE, "web")) == NULL) {
        while (host.held_count > 0)
            answer(held(ecsengine_op_get_kind(host.held[0]), NULL));
        turn();
    }
    OK(ecsengine_op_complete(create, NULL, &error_));
    settle();
    ck_assert_int_eq(1, traced("web STOPPED: CannotCreateContainerError: the host ran out of memory"));
    end_host();
}
END_TEST

START_TEST(progress_moves_the_guard_of_a_pull)
{
    set("image-pull-inactivity-timeout", "10s");
    open_ready();
    add(TASK(ARN, WEB));
    turn();
    answer(held(ECSENGINE_OP_PULL_MANIFEST, "web"));
    turn();
    ecsengine_op *pull = held(ECSENGINE_OP_PULL_IMAGE, "web");
    ck_assert_int_eq(host.mono_ns + 300 * SECOND, deadline()); /* it has to begin in 5 minutes */
    OK(ecsengine_op_update(pull, 1, 100, "first layer", &error_));
    turn();
    ck_assert_int_eq(host.mono_ns + 10 * SECOND, deadline());
    pass_time(9 * SECOND);
    OK(ecsengine_op_update(pull, 50, 100, "second layer", &error_));
    turn();
    ck_assert_int_eq(host.mono_ns + 10 * SECOND, deadline());
    ecsengine_text *text = NULL;
    OK(ecsengine_task_describe(host.engine, ARN, &text, &error_));
    ck_assert_ptr_nonnull(strstr(ecsengine_text_data(text), "\"pull\":{\"current\":50,\"total\":100,\"text\":\"second layer\"}"));
    ecsengine_text_free(text);
    forget_trace();
    pass_time(10 * SECOND);
    turn();
    ck_trace("> cancel\n> ping\n");
    answer(held(ECSENGINE_OP_PING, NULL)); /* it lives */
    pass_time(6 * SECOND);
    turn();
    ck_trace("> pull-image web\n");
    refuse(pull, ECSENGINE_FAILURE_CANCELLED, "late");
    settle();
    ck_assert_int_eq(1, traced("task RUNNING"));
    end_host();
}
END_TEST

START_TEST(a_text_of_progress_is_cut_at_63_bytes_and_not_inside_a_character)
{
    open_ready();
    add(TASK(ARN, WEB));
    turn();
    answer(held(ECSENGINE_OP_PULL_MANIFEST, "web"));
    turn();
    ecsengine_op *pull = held(ECSENGINE_OP_PULL_IMAGE, "web");
    char text[80], want[128];
    memset(text, 'x', sizeof(text));
    memcpy(text + 62, "\xc3\xa9 tail", 8);
    OK(ecsengine_op_update(pull, -1, -1, text, &error_));
    turn();
    ecsengine_text *described = NULL;
    OK(ecsengine_task_describe(host.engine, ARN, &described, &error_));
    snprintf(want, sizeof(want), "\"current\":-1,\"total\":-1,\"text\":\"%.62s\"}", text);
    ck_assert_ptr_nonnull(strstr(ecsengine_text_data(described), want));
    ecsengine_text_free(described);
    answer(pull);
    end_host();
}
END_TEST

START_TEST(shutdown_takes_no_more_commands_and_sends_no_more_operations)
{
    open_ready();
    add(TASK(ARN, WEB));
    turn();
    forget_trace();
    uint64_t id = 0;
    OK(ecsengine_shutdown(host.engine, &id, &error_));
    ecsengine_error *error = NULL;
    ck_assert_int_eq(ECSENGINE_ECLOSED, ecsengine_task_stop(host.engine, ARN, NULL, &error));
    ck_assert_int_eq(ECSENGINE_ECLOSED, ecsengine_error_code(error));
    ecsengine_error_free(error);
    const char *document = quoted(TASK(ARN_HEAD "t2", WEB));
    ck_assert_int_eq(ECSENGINE_ECLOSED, ecsengine_task_add(host.engine, document, strlen(document), NULL, NULL));
    ck_assert_int_eq(ECSENGINE_ECLOSED, ecsengine_task_kill(host.engine, ARN, NULL, NULL));
    ck_assert_int_eq(ECSENGINE_ECLOSED, ecsengine_shutdown(host.engine, NULL, NULL));
    answer(held(ECSENGINE_OP_PULL_MANIFEST, "web")); /* answers are still taken */
    turn();
    ck_assert_uint_eq(2, id);
    ck_trace("done 2 ECSENGINE_OK\nweb MANIFEST_PULLED\ntask MANIFEST_PULLED\n");
    settle();
    ck_trace("");
    end_host();
}
END_TEST

START_TEST(the_result_of_a_freed_engines_operation_is_closed)
{
    open_ready();
    add(TASK(ARN, WEB));
    turn();
    ecsengine_op *op = held(ECSENGINE_OP_PULL_MANIFEST, "web");
    ecsengine_op_ref(op);
    end_host();
    ck_assert_str_eq("nginx:latest", ecsengine_op_image(op)); /* still readable */
    ecsengine_result *result = NULL;
    ecsengine_error *error = NULL;
    OK(ecsengine_result_new(op, &result, &error_));
    ck_assert_int_eq(ECSENGINE_ECLOSED, ecsengine_op_update(op, 1, 1, NULL, NULL));
    ck_assert_int_eq(ECSENGINE_ECLOSED, ecsengine_op_complete(op, result, &error));
    ck_assert_int_eq(ECSENGINE_ECLOSED, ecsengine_error_code(error));
    ecsengine_error_free(error);
    ecsengine_op_release(op);
}
END_TEST

START_TEST(an_unreachable_runtime_stops_no_task_and_is_asked_again)
{
    open_ready();
    add(TASK(ARN, WEB));
    settle();
    forget_trace();
    OK(ecsengine_runtime_lost(host.engine, "the socket is gone", &error_));
    turn();
    ck_trace("runtime UNREACHABLE: the socket is gone\n");
    ck_assert_int_ge(deadline(), host.mono_ns + 100 * 1000000);
    ck_assert_int_le(deadline(), host.mono_ns + 120 * 1000000);
    pass_time(SECOND);
    turn();
    ck_trace("> subscribe\n");
    refuse(held(ECSENGINE_OP_SUBSCRIBE, NULL), ECSENGINE_FAILURE_UNREACHABLE, "still gone");
    turn();
    ck_trace(""); /* it was said already */
    pass_time(SECOND);
    settle();
    ck_trace("> subscribe\nruntime CONNECTED\n> list\n> inspect web\n");
    end_host();
}
END_TEST

static void fill(TCase *tcase)
{
    tcase_add_test(tcase, the_first_turn_asks_for_facts_and_for_the_event_stream);
    tcase_add_test(tcase, a_task_goes_through_its_whole_life_one_operation_at_a_time);
    tcase_add_test(tcase, a_start_without_a_record_is_followed_by_an_inspection);
    tcase_add_test(tcase, an_event_is_a_hint_and_the_inspection_that_follows_is_believed);
    tcase_add_test(tcase, events_of_other_containers_are_ignored);
    tcase_add_test(tcase, containers_stop_in_reverse_order_of_their_dependencies);
    tcase_add_test(tcase, a_container_starts_when_the_one_before_it_runs);
    tcase_add_test(tcase, kill_sends_a_stop_in_flight_again_without_grace);
    tcase_add_test(tcase, kill_of_a_running_task_gives_no_grace);
    tcase_add_test(tcase, an_operation_past_its_deadline_is_answered_by_the_engine);
    tcase_add_test(tcase, what_a_create_makes_after_its_task_is_gone_is_removed);
    tcase_add_test(tcase, a_second_completion_is_refused_and_harmless);
    tcase_add_test(tcase, completing_with_no_result_counts_as_a_failure);
    tcase_add_test(tcase, progress_moves_the_guard_of_a_pull);
    tcase_add_test(tcase, a_text_of_progress_is_cut_at_63_bytes_and_not_inside_a_character);
    tcase_add_test(tcase, shutdown_takes_no_more_commands_and_sends_no_more_operations);
    tcase_add_test(tcase, the_result_of_a_freed_engines_operation_is_closed);
    tcase_add_test(tcase, an_unreachable_runtime_stops_no_task_and_is_asked_again);
}

int main(void) { return run_tests("pulled", fill); }

/* SPDX-License-Identifier: Apache-2.0 */
/* Misuse of every public function: NULL where an object, an input or a place for an output is needed is EINVAL or a neutral
 * value, never a crash; and structs that hosts fill in pass the gate for their size. */
#include "host.h"

#define REFUSED(call)                                                                    \
    do {                                                                                 \
        ecsengine_error *error = NULL;                                                   \
        int code = (call);                                                               \
        if (code != ECSENGINE_EINVAL || ecsengine_error_code(error) != ECSENGINE_EINVAL) \
            ck_abort_msg("%s: %s", #call, ecsengine_code_name(code));                    \
        ck_assert_str_ne("", ecsengine_error_message(error));                            \
        ecsengine_error_free(error);                                                     \
    } while (0)
#define SETTER(call) ck_assert_int_eq(ECSENGINE_EINVAL, call)

START_TEST(functions_of_an_engine_refuse_none)
{
    ecsengine_text *text = NULL;
    ecsengine_replay *replay = NULL;
    ecsengine_result *result = NULL;
    ecsengine_op *op = NULL;
    int32_t fd = -7;
    uint64_t id = 77;
    ecsengine_store_vtable store;
    ecsengine_runtime_vtable runtime;

    ecsengine_store_vtable_init(&store, sizeof(store));
    ecsengine_runtime_vtable_init(&runtime, sizeof(runtime));
    REFUSED(ecsengine_new(NULL, NULL, NULL, &error));
    ck_assert_int_eq(0, ecsengine_free(NULL));
    ecsengine_set_log(NULL, ECSENGINE_LOG_DEBUG, NULL, NULL);
    REFUSED(ecsengine_dispatch(NULL, 1, 1, &error));
    ck_assert_int_eq(ECSENGINE_NO_DEADLINE, ecsengine_deadline_ns(NULL));
    REFUSED(ecsengine_get_fd(NULL, &fd, &error));
    REFUSED(ecsengine_start(NULL, &error));
    REFUSED(ecsengine_stop(NULL, &error));
    REFUSED(ecsengine_shutdown(NULL, NULL, &error));
    ck_assert_ptr_null(ecsengine_next_event(NULL));
    REFUSED(ecsengine_set_event_callback(NULL, NULL, NULL, &error));
    REFUSED(ecsengine_event_ack(NULL, 1, &error));
    ck_assert_ptr_null(ecsengine_next_op(NULL));
    REFUSED(ecsengine_result_new_for_event(NULL, &result, &error));
    REFUSED(ecsengine_set_runtime(NULL, &runtime, NULL, &error));
    REFUSED(ecsengine_keep_op(NULL, ECSENGINE_OP_PROVISION, &error));
    REFUSED(ecsengine_runtime_event(NULL, ECSENGINE_RUNTIME_EVENT_DIE, "x", NULL, &error));
    REFUSED(ecsengine_runtime_lost(NULL, "x", &error));
    REFUSED(ecsengine_set_store(NULL, &store, NULL, &error));
    REFUSED(ecsengine_store_done(NULL, 1, 0, &error));
    REFUSED(ecsengine_pull_batches(NULL, &error));
    ck_assert_ptr_null(ecsengine_next_batch(NULL));
    REFUSED(ecsengine_restore_record(NULL, "x", "x", 1, &error));
    REFUSED(ecsengine_restore_end(NULL, &error));
    REFUSED(ecsengine_task_add(NULL, "{}", 2, &id, &error));
    REFUSED(ecsengine_task_stop(NULL, "x", &id, &error));
    REFUSED(ecsengine_task_kill(NULL, "x", &id, &error));
    REFUSED(ecsengine_credentials_set(NULL, "x", "{}", 2, &id, &error));
    REFUSED(ecsengine_credentials_remove(NULL, "x", &id, &error));
    REFUSED(ecsengine_task_manifest(NULL, "{}", 2, &id, &error));
    REFUSED(ecsengine_task_stop_verified(NULL, "{}", 2, &id, &error));
    REFUSED(ecsengine_payload_sequence(NULL, 1, &id, &error));
    REFUSED(ecsengine_set_agent(NULL, "{}", 2, &error));
    REFUSED(ecsengine_exec(NULL, ARN, "web", "{}", 2, SECOND, &id, &error));
    REFUSED(ecsengine_task_list(NULL, &text, &error));
    REFUSED(ecsengine_task_describe(NULL, "x", &text, &error));
    REFUSED(ecsengine_explain(NULL, "x", NULL, &text, &error));
    REFUSED(ecsengine_explain_text(NULL, "x", NULL, &text, &error));
    REFUSED(ecsengine_host_set(NULL, "host-cpu", "1", NULL, &error));
    REFUSED(ecsengine_host_describe(NULL, ECSENGINE_HOST_TOTALS, &text, &error));
    REFUSED(ecsengine_plan(NULL, "{}", 2, ECSENGINE_PLAN_JSON, &text, &error));
    REFUSED(ecsengine_record_start(NULL, NULL, NULL, &error));
    REFUSED(ecsengine_record_stop(NULL, &error));
    REFUSED(ecsengine_replay_new(NULL, 0, NULL, &replay, &error));
    REFUSED(ecsengine_replay_next(NULL, &error));
    REFUSED(ecsengine_replay_inputs(NULL, &text, &error));
    ecsengine_replay_free(NULL);
    ck_assert(ecsengine_replay_engine(NULL) == NULL && replay == NULL);
    ck_assert_str_eq("", ecsengine_replay_difference(NULL));
    ck_assert_str_eq("", ecsengine_replay_version(NULL));
    ck_assert_int_eq(0, (int)(ecsengine_replay_turn(NULL) + ecsengine_replay_difference_turn(NULL)));
    ck_assert_int_eq(0, (int)(ecsengine_replay_mono_ns(NULL) + ecsengine_replay_wall_ns(NULL)));
    ck_assert_int_eq(INT64_MAX, ecsengine_replay_next_wall_ns(NULL));
    ck_assert_int_eq(0, ecsengine_replay_middle(NULL) + ecsengine_replay_cut(NULL) + ecsengine_replay_starved(NULL));
    REFUSED(ecsengine_op_update(NULL, 1, 1, "x", &error));
    REFUSED(ecsengine_op_complete(NULL, NULL, &error));
    REFUSED(ecsengine_op_request(NULL, &text, &error));
    REFUSED(ecsengine_result_new(NULL, &result, &error));
    ck_assert_ptr_null(ecsengine_op_ref(op));
    ecsengine_op_release(NULL);
    ck_assert(text == NULL && result == NULL && fd == -7 && id == 77); /* outputs are untouched */
}
END_TEST

START_TEST(functions_refuse_missing_inputs_and_places)
{
    ecsengine_text *text = NULL;
    ecsengine_result *details = NULL;
    char long_arn[2050], long_name[802];

    open_engine();
    turn();
    memset(long_arn, 'a', sizeof(long_arn));
    long_arn[2049] = '\0';
    memset(long_name, 'a', sizeof(long_name));
    long_name[801] = '\0';
    REFUSED(ecsengine_dispatch(host.engine, -1, 1, &error));
    REFUSED(ecsengine_dispatch(host.engine, 1, -1, &error));
    REFUSED(ecsengine_dispatch(host.engine, 1, 0, &error)); /* 0 stands for never */
    REFUSED(ecsengine_dispatch(host.engine, (INT64_C(1) << 62) + 1, 1, &error));
    REFUSED(ecsengine_dispatch(host.engine, 1, (INT64_C(1) << 62) + 1, &error));
    REFUSED(ecsengine_get_fd(host.engine, NULL, &error));
    REFUSED(ecsengine_result_new_for_event(host.engine, NULL, &error));
    REFUSED(ecsengine_set_runtime(host.engine, NULL, NULL, &error));
    REFUSED(ecsengine_keep_op(host.engine, ECSENGINE_OP_NONE, &error));
    REFUSED(ecsengine_keep_op(host.engine, ECSENGINE_OP_CANCEL, &error));
    REFUSED(ecsengine_keep_op(host.engine, (enum ecsengine_op_kind)63, &error));
    REFUSED(ecsengine_keep_op(host.engine, (enum ecsengine_op_kind)-1, &error));
    OK(ecsengine_result_new_for_event(host.engine, &details, &error_));
    REFUSED(ecsengine_runtime_event(host.engine, ECSENGINE_RUNTIME_EVENT_DIE, NULL, details, &error)); /* and details are freed */
    OK(ecsengine_result_new_for_event(host.engine, &details, &error_));
    REFUSED(ecsengine_runtime_event(host.engine, ECSENGINE_RUNTIME_EVENT_DIE, "", details, &error));
    REFUSED(ecsengine_runtime_event(host.engine, ECSENGINE_RUNTIME_EVENT_DIE, long_name, NULL, &error));
    REFUSED(ecsengine_runtime_event(host.engine, ECSENGINE_RUNTIME_EVENT_NONE, "x", NULL, &error));
    REFUSED(ecsengine_runtime_event(host.engine, (enum ecsengine_runtime_event_kind)11, "x", NULL, &error));
    OK(ecsengine_runtime_lost(host.engine, NULL, &error_)); /* a reason is not needed */
    REFUSED(ecsengine_store_done(host.engine, 1, 1, &error));
    REFUSED(ecsengine_task_add(host.engine, NULL, 0, NULL, &error));
    REFUSED(ecsengine_task_stop(host.engine, NULL, NULL, &error));
    REFUSED(ecsengine_task_stop(host.engine, "", NULL, &error));
    REFUSED(ecsengine_task_stop(host.engine, long_arn, NULL, &error));
    REFUSED(ecsengine_task_stop(host.engine, "arn\xff", NULL, &error));
    REFUSED(ecsengine_task_kill(host.engine, NULL, NULL, &error));
    long_arn[2048] = '\0';
    OK(ecsengine_task_kill(host.engine, long_arn, NULL, &error_)); /* the longest there is */
    REFUSED(ecsengine_set_agent(host.engine, NULL, 0, &error));
    ck_assert_int_eq(ECSENGINE_ESTATE, ecsengine_set_agent(host.engine, "{}", 2, NULL));
    REFUSED(ecsengine_exec(host.engine, NULL, "web", "{}", 2, SECOND, NULL, &error));
    REFUSED(ecsengine_exec(host.engine, ARN, "", "{}", 2, SECOND, NULL, &error));
    REFUSED(ecsengine_exec(host.engine, ARN, long_name, "{}", 2, SECOND, NULL, &error));
    REFUSED(ecsengine_exec(host.engine, ARN, "web", NULL, 0, SECOND, NULL, &error));
    REFUSED(ecsengine_exec(host.engine, ARN, "web", "{}", 2, SECOND / 1000 - 1, NULL, &error));
    REFUSED(ecsengine_exec(host.engine, ARN, "web", "{}", 2, INT64_MAX, NULL, &error));
    REFUSED(ecsengine_task_list(host.engine, NULL, &error));
    REFUSED(ecsengine_task_describe(host.engine, NULL, &text, &error));
    REFUSED(ecsengine_task_describe(host.engine, ARN, NULL, &error));
    REFUSED(ecsengine_explain(host.engine, NULL, NULL, &text, &error));
    REFUSED(ecsengine_explain_text(host.engine, NULL, NULL, &text, &error));
    REFUSED(ecsengine_host_set(host.engine, NULL, "1", NULL, &error));
    REFUSED(ecsengine_host_set(host.engine, "host-cpu", NULL, NULL, &error));
    REFUSED(ecsengine_host_set(host.engine, "no-such-key", "1", NULL, &error));
    REFUSED(ecsengine_host_set(host.engine, "cluster", "x", NULL, &error)); /* not while it runs */
    REFUSED(ecsengine_host_set(host.engine, "host-cpu", "much", NULL, &error));
    REFUSED(ecsengine_host_describe(host.engine, ECSENGINE_HOST_NONE, &text, &error));
    REFUSED(ecsengine_host_describe(host.engine, ECSENGINE_HOST_TOTALS, NULL, &error));
    REFUSED(ecsengine_plan(host.engine, NULL, 2, ECSENGINE_PLAN_JSON, &text, &error));
    REFUSED(ecsengine_plan(host.engine, "{}", 2, ECSENGINE_PLAN_JSON, NULL, &error));
    REFUSED(ecsengine_plan(host.engine, "{}", 2, ECSENGINE_PLAN_NONE, &text, &error));
    REFUSED(ecsengine_explain(host.engine, ARN, NULL, NULL, &error));
    ecsengine_op *op = held(ECSENGINE_OP_INFO, NULL);
    REFUSED(ecsengine_result_new(op, NULL, &error));
    REFUSED(ecsengine_op_request(op, NULL, &error));
    OK(ecsengine_op_update(op, 0, 0, NULL, &error_));
    answer(op);
    ecsengine *fresh = NULL;
    OK(ecsengine_new(NULL, NULL, &fresh, &error_));
    REFUSED(ecsengine_set_store(fresh, NULL, NULL, &error));
    REFUSED(ecsengine_restore_record(fresh, NULL, "x", 1, &error));
    REFUSED(ecsengine_restore_record(fresh, "x", NULL, 1, &error));
    ck_assert_int_eq(ECSENGINE_ECORRUPT, ecsengine_restore_record(fresh, "x", NULL, 0, NULL)); /* empty, and so damaged */
    REFUSED(ecsengine_memory_store_new(NULL, &error));
    REFUSED(ecsengine_memory_store_attach(NULL, fresh, &error));
    ck_assert_int_eq(0, ecsengine_free(fresh));
    end_host();
}
END_TEST

START_TEST(objects_that_are_not_there_have_neutral_values)
{
    ecsengine_text *text = NULL;
    int32_t number = 5;
    size_t len = 5;

    ck_assert_str_ne("", ecsengine_version());
    ck_assert_int_eq(0, ecsengine_error_code(NULL));
    ck_assert_str_eq("ECSENGINE_OK", ecsengine_error_name(NULL));
    ck_assert_str_eq("", ecsengine_error_message(NULL));
    ck_assert_str_eq("", ecsengine_error_path(NULL));
    ck_assert_int_eq(0, ecsengine_error_line(NULL));
    ck_assert_int_eq(0, ecsengine_error_column(NULL));
    ecsengine_error_free(NULL);
    ck_assert_int_eq(ECSENGINE_EIO, ecsengine_error_set(NULL, ECSENGINE_EIO, NULL));
    ck_assert_str_eq("ECSENGINE_E?", ecsengine_code_name(1));
    ck_assert_str_eq("ECSENGINE_E?", ecsengine_code_name(-16));
    ck_assert_int_eq(0, ecsengine_error_is_fatal(ECSENGINE_ENOMEM));
    ck_assert_str_eq("", ecsengine_text_data(NULL));
    ck_assert_uint_eq(0, ecsengine_text_length(NULL));
    ecsengine_text_free(NULL);
    ecsengine_event_free(NULL);
    ck_assert_int_eq(ECSENGINE_EVENT_NONE, ecsengine_event_get_kind(NULL));
    ck_assert_str_eq("unknown", ecsengine_event_kind_name((enum ecsengine_event_kind)99));
    ck_assert_uint_eq(0, ecsengine_event_id(NULL));
    ck_assert_int_eq(0, ecsengine_event_time_ns(NULL));
    ck_assert_str_eq("", ecsengine_event_task_arn(NULL));
    ck_assert_str_eq("", ecsengine_event_container_name(NULL));
    ck_assert_str_eq("", ecsengine_event_status(NULL));
    ck_assert_int_eq(ECSENGINE_CONTAINER_NONE, ecsengine_event_container_status(NULL));
    ck_assert_int_eq(ECSENGINE_TASK_NONE, ecsengine_event_task_status(NULL));
    ck_assert_str_eq("", ecsengine_event_reason(NULL));
    ck_assert_int_eq(0, ecsengine_event_exit_code(NULL, &number));
    ck_assert_int_eq(5, number);
    ck_assert_str_eq("", ecsengine_event_runtime_id(NULL));
    ck_assert_str_eq("", ecsengine_event_image_digest(NULL));
    ck_assert_uint_eq(0, ecsengine_event_port_count(NULL));
    ck_assert_int_eq(0, ecsengine_event_port_container(NULL, 0));
    ck_assert_int_eq(0, ecsengine_event_port_host(NULL, 0));
    ck_assert_str_eq("", ecsengine_event_port_protocol(NULL, 0));
    ck_assert_str_eq("", ecsengine_event_port_bind_ip(NULL, 0));
    ck_assert_int_eq(0, ecsengine_event_pull_started_at(NULL));
    ck_assert_int_eq(0, ecsengine_event_pull_stopped_at(NULL));
    ck_assert_int_eq(0, ecsengine_event_execution_stopped_at(NULL));
    ck_assert_uint_eq(0, ecsengine_event_command_id(NULL));
    ck_assert_int_eq(0, ecsengine_event_command_code(NULL));
    ck_assert_str_eq("", ecsengine_event_message_id(NULL));
    ck_assert_str_eq("", ecsengine_event_cluster_arn(NULL));
    ck_assert_uint_eq(0, ecsengine_event_candidate_count(NULL));
    ck_assert_str_eq("", ecsengine_event_candidate_arn(NULL, 0));
    ck_assert_uint_eq(0, ecsengine_event_batch_count(NULL));
    ck_assert_str_eq("", ecsengine_event_agent_name(NULL));
    ck_assert_int_eq(ECSENGINE_AGENT_NONE, ecsengine_event_agent_status(NULL));
    ck_assert_uint_eq(0, ecsengine_event_output_count(NULL));
    ck_assert_ptr_null(ecsengine_event_output_at(NULL, 0, &number, &len));
    ck_assert_int_eq(0, number);
    ck_assert_int_eq(0, ecsengine_event_output_cut(NULL));
    ck_assert_ptr_null(ecsengine_event_batch_at(NULL, 0));
    REFUSED(ecsengine_event_json(NULL, &text, &error));
    ck_assert_int_eq(ECSENGINE_OP_NONE, ecsengine_op_get_kind(NULL));
    ck_assert_str_eq("unknown", ecsengine_op_kind_name((enum ecsengine_op_kind) - 1));
    ck_assert_uint_eq(0, ecsengine_op_id(NULL));
    ck_assert_int_eq(ECSENGINE_NO_DEADLINE, ecsengine_op_deadline_ns(NULL));
    ck_assert_str_eq("", ecsengine_op_task_arn(NULL));
    ck_assert_str_eq("", ecsengine_op_container_name(NULL));
    ck_assert_str_eq("", ecsengine_op_runtime_name(NULL));
    ck_assert_str_eq("", ecsengine_op_container(NULL));
    ck_assert_str_eq("", ecsengine_op_create_config(NULL, &len));
    ck_assert_uint_eq(0, len);
    ck_assert_str_eq("", ecsengine_op_image(NULL));
    ck_assert_str_eq("", ecsengine_op_registry_auth_type(NULL));
    ck_assert_str_eq("", ecsengine_op_registry_auth(NULL));
    ck_assert_str_eq("", ecsengine_op_credentials_id(NULL));
    ck_assert_str_eq("", ecsengine_op_credentials(NULL, NULL));
    ck_assert_str_eq("", ecsengine_op_image_target(NULL));
    ck_assert_str_eq("", ecsengine_op_volume_name(NULL));
    ck_assert_str_eq("", ecsengine_op_volume_driver(NULL));
    ck_assert_str_eq("", ecsengine_op_volume_config(NULL, NULL));
    ck_assert_str_eq("", ecsengine_op_resource_name(NULL));
    ck_assert_str_eq("", ecsengine_op_resource_type(NULL));
    ck_assert_str_eq("", ecsengine_op_resource_config(NULL, NULL));
    ck_assert_str_eq("", ecsengine_op_exec_config(NULL, NULL));
    ck_assert_str_eq("", ecsengine_op_exec_id(NULL));
    ck_assert_str_eq("", ecsengine_op_agent_name(NULL));
    ck_assert_str_eq("", ecsengine_op_agent_config(NULL, NULL));
    ck_assert_int_eq(0, ecsengine_op_grace_ns(NULL));
    ck_assert_int_eq(0, ecsengine_op_force(NULL));
    ck_assert_str_eq("", ecsengine_op_label(NULL));
    ck_assert_uint_eq(0, ecsengine_op_cancel_id(NULL));
    ck_assert_uint_eq(0, ecsengine_batch_id(NULL));
    ck_assert_uint_eq(0, ecsengine_batch_count(NULL));
    ck_assert_ptr_null(ecsengine_batch_key(NULL, 0));
    ck_assert_ptr_null(ecsengine_batch_value(NULL, 0, &len));
    ecsengine_memory_store_free(NULL);
    ck_assert_uint_eq(0, ecsengine_memory_store_count(NULL));
    ck_assert_ptr_null(ecsengine_memory_store_key(NULL, 0));
    ck_assert_ptr_null(ecsengine_memory_store_value(NULL, 0, &len));
    ck_assert_int_eq(ECSENGINE_EINVAL, ecsengine_memory_store_put(NULL, "x", "y", 1, NULL));
    ecsengine_memory_store_fail(NULL, 1, -1);
    ecsengine_memory_store_hold(NULL, 1);
    ecsengine_memory_store_flush(NULL);
    ck_assert_int_eq(0, ecsengine_memory_store_holds(NULL));
    ck_assert_str_eq("NONE", ecsengine_container_status_name((enum ecsengine_container_status)99));
    ck_assert_str_eq("NONE", ecsengine_task_status_name((enum ecsengine_task_status) - 3));
    ck_assert_str_eq("NONE", ecsengine_agent_status_name((enum ecsengine_agent_status)99));
    ck_assert_str_eq("NONE", ecsengine_health_name((enum ecsengine_health)99));
    ck_assert_ptr_null(ecsengine_config_key(100000));
    ck_assert_ptr_null(ecsengine_config_key_variable(100000));
    ck_assert_ptr_null(ecsengine_config_key_default(100000));
    ck_assert_ptr_null(ecsengine_config_key_range(100000));
    ck_assert_ptr_null(ecsengine_config_key_help(100000));
    ecsengine_allocator_init(NULL, sizeof(ecsengine_allocator));
    ecsengine_runtime_vtable_init(NULL, sizeof(ecsengine_runtime_vtable));
    ecsengine_store_vtable_init(NULL, sizeof(ecsengine_store_vtable));
}
END_TEST

START_TEST(configuration_refuses_what_is_missing)
{
    ecsengine_config *config = NULL;

    REFUSED(ecsengine_config_new(NULL, &error));
    ecsengine_config_free(NULL);
    OK(ecsengine_config_new(&config, &error_));
    REFUSED(ecsengine_config_set(NULL, "cluster", "x", &error));
    REFUSED(ecsengine_config_set(config, NULL, "x", &error));
    REFUSED(ecsengine_config_set(config, "cluster", NULL, &error));
    REFUSED(ecsengine_config_from_env(NULL, NULL, NULL, &error));
    ck_assert_ptr_null(ecsengine_config_get(NULL, "cluster"));
    ck_assert_ptr_null(ecsengine_config_get(config, NULL));
    ck_assert_ptr_null(ecsengine_config_get(config, "nonsense"));
    ecsengine_config_free(config);
}
END_TEST

START_TEST(setters_of_results_refuse_what_is_missing_or_out_of_range)
{
    ecsengine_result *result = NULL;

    ecsengine_result_free(NULL);
    SETTER(ecsengine_result_set_failure(NULL, ECSENGINE_FAILURE_OTHER, "x"));
    SETTER(ecsengine_result_set_error_name(NULL, "x"));
    SETTER(ecsengine_result_set_container_id(NULL, "x"));
    SETTER(ecsengine_result_set_running(NULL, 1));
    SETTER(ecsengine_result_set_dead(NULL, 1));
    SETTER(ecsengine_result_set_exit_code(NULL, 1));
    SETTER(ecsengine_result_set_oom_killed(NULL, 1));
    SETTER(ecsengine_result_set_state_error(NULL, "x"));
    SETTER(ecsengine_result_set_created_at(NULL, 1));
    SETTER(ecsengine_result_set_started_at(NULL, 1));
    SETTER(ecsengine_result_set_finished_at(NULL, 1));
    SETTER(ecsengine_result_set_health(NULL, ECSENGINE_HEALTH_HEALTHY, "x"));
    SETTER(ecsengine_result_set_restart_count(NULL, 1));
    SETTER(ecsengine_result_add_port(NULL, 1, 1, "tcp", "::"));
    SETTER(ecsengine_result_set_image_id(NULL, "x"));
    SETTER(ecsengine_result_set_digest(NULL, "x", "x"));
    SETTER(ecsengine_result_add_repo_digest(NULL, "x"));
    SETTER(ecsengine_result_set_volume_name(NULL, "x"));
    SETTER(ecsengine_result_add_volume_option(NULL, "x", "y"));
    SETTER(ecsengine_result_add_volume_label(NULL, "x", "y"));
    SETTER(ecsengine_result_add_container(NULL, "x", "x", 1, ECSENGINE_HEALTH_UNKNOWN));
    SETTER(ecsengine_result_add_container_label(NULL, "x", "x"));
    SETTER(ecsengine_result_set_cpus(NULL, 1));
    SETTER(ecsengine_result_set_memory_mib(NULL, 1));
    SETTER(ecsengine_result_add_gpu(NULL, "GPU-1"));
    SETTER(ecsengine_result_set_runtime_version(NULL, "x"));
    SETTER(ecsengine_result_set_exec_id(NULL, "x"));
    SETTER(ecsengine_result_set_exec_state(NULL, 1, -1, 1));
    SETTER(ecsengine_result_add_output(NULL, 1, "x", 1));
    SETTER(ecsengine_result_set_agent_version(NULL, "1.0"));
    SETTER(ecsengine_result_add_agent_file(NULL, "x"));
    open_engine();
    OK(ecsengine_result_new_for_event(host.engine, &result, &error_));
    SETTER(ecsengine_result_set_exec_id(result, NULL));
    SETTER(ecsengine_result_set_exec_id(result, ""));
    SETTER(ecsengine_result_set_exec_state(result, 0, -2, 0));
    SETTER(ecsengine_result_set_exec_state(result, 1, -1, -1));
    SETTER(ecsengine_result_add_output(result, 0, "x", 1));
    SETTER(ecsengine_result_add_output(result, 3, "x", 1));
    SETTER(ecsengine_result_add_output(result, 1, NULL, 1));
    ck_assert_int_eq(0, ecsengine_result_add_output(result, 1, NULL, 0));
    SETTER(ecsengine_result_set_agent_version(result, "a/b"));
    SETTER(ecsengine_result_set_agent_version(result, ""));
    SETTER(ecsengine_result_add_agent_file(result, "a\"b"));
    SETTER(ecsengine_result_add_agent_file(result, "a\nb"));
    for (int i = 0; i < 16; i++)
        ck_assert_int_eq(0, ecsengine_result_add_agent_file(result, "a"));
    SETTER(ecsengine_result_add_agent_file(result, "a"));
    SETTER(ecsengine_result_set_failure(result, (enum ecsengine_failure)7, "x"));
    SETTER(ecsengine_result_set_failure(result, (enum ecsengine_failure) - 1, "x"));
    ck_assert_int_eq(0, ecsengine_result_set_failure(result, ECSENGINE_FAILURE_OTHER, NULL));
    SETTER(ecsengine_result_set_error_name(result, NULL));
    SETTER(ecsengine_result_set_container_id(result, NULL));
    ck_assert_int_eq(0, ecsengine_result_set_state_error(result, NULL));
    SETTER(ecsengine_result_set_created_at(result, -1));
    SETTER(ecsengine_result_set_started_at(result, -1));
    SETTER(ecsengine_result_set_finished_at(result, -1));
    SETTER(ecsengine_result_set_health(result, (enum ecsengine_health)3, NULL));
    SETTER(ecsengine_result_set_health(result, (enum ecsengine_health) - 1, NULL));
    ck_assert_int_eq(0, ecsengine_result_set_health(result, ECSENGINE_HEALTH_HEALTHY, NULL));
    SETTER(ecsengine_result_set_restart_count(result, -1));
    SETTER(ecsengine_result_add_port(result, 0, 1, "tcp", NULL));
    SETTER(ecsengine_result_add_port(result, 65536, 1, "tcp", NULL));
    SETTER(ecsengine_result_add_port(result, 1, -1, "tcp", NULL));
    SETTER(ecsengine_result_add_port(result, 1, 65536, "tcp", NULL));
    SETTER(ecsengine_result_add_port(result, 1, 1, NULL, NULL));
    SETTER(ecsengine_result_add_port(result, 1, 1, "tcp", "0123456789012345678901234567890123456789012345"));
    ck_assert_int_eq(0, ecsengine_result_add_port(result, 65535, 65535, "udp", NULL));
    SETTER(ecsengine_result_set_image_id(result, NULL));
    SETTER(ecsengine_result_set_digest(result, NULL, NULL));
    ck_assert_int_eq(0, ecsengine_result_set_digest(result, DIGEST, NULL));
    SETTER(ecsengine_result_add_repo_digest(result, NULL));
    SETTER(ecsengine_result_set_volume_name(result, NULL));
    SETTER(ecsengine_result_add_volume_option(result, NULL, "y"));
    SETTER(ecsengine_result_add_volume_option(result, "x", NULL));
    SETTER(ecsengine_result_add_volume_label(result, NULL, "y"));
    SETTER(ecsengine_result_add_volume_label(result, "x", NULL));
    SETTER(ecsengine_result_add_container_label(result, "x", "x")); /* of whom? */
    SETTER(ecsengine_result_add_container(result, NULL, "x", 1, ECSENGINE_HEALTH_UNKNOWN));
    SETTER(ecsengine_result_add_container(result, "x", NULL, 1, ECSENGINE_HEALTH_UNKNOWN));
    SETTER(ecsengine_result_add_container(result, "x", "x", 1, (enum ecsengine_health)3));
    SETTER(ecsengine_result_add_container(result, "x", "x", 1, (enum ecsengine_health)-1));
    SETTER(ecsengine_result_set_cpus(result, -1));
    SETTER(ecsengine_result_set_memory_mib(result, -1));
    SETTER(ecsengine_result_add_gpu(result, NULL));
    SETTER(ecsengine_result_add_gpu(result, ""));
    SETTER(ecsengine_result_add_gpu(result, "a,b"));
    SETTER(ecsengine_result_add_gpu(result, "a b"));
    SETTER(ecsengine_result_set_runtime_version(result, NULL));
    ecsengine_result_free(result);
    end_host();
}
END_TEST

/* A whole source file; the caller frees it. NULL: not there. */
static char *file_of(const char *path)
{
    char name[4096];
    const char *top = getenv("ECSENGINE_SOURCE");

    ck_assert_ptr_nonnull(top);
    snprintf(name, sizeof(name), "%s/%s", top, path);
    FILE *file = fopen(name, "rb");
    if (file == NULL)
        ck_abort_msg("%s can not be read", path);
    char *text = calloc(1, 1 << 20);
    size_t len = fread(text, 1, (1 << 20) - 1, file);
    ck_assert_uint_gt(len, 0);
    fclose(file);
    return text;
}

START_TEST(every_exported_function_is_called_with_null_above)
{
    char *map = file_of("lib/api/libecsengine.map"), *tests = file_of("tests/api/test_arguments.c");
    int count = 0;

    for (const char *at = map; (at = strstr(at, "    ecsengine_")) != NULL; at += 4) {
        char call[128];
        snprintf(call, sizeof(call), "%.*s(", (int)strcspn(at + 4, ";"), at + 4);
        if (strstr(tests, call) == NULL)
            ck_abort_msg("%s) is not called in this file", call);
        count++;
    }
    ck_assert_int_gt(count, 100);
    free(map);
    free(tests);
}
END_TEST

/* ---- the gate ---- */

static void *some_alloc(size_t size, void *user_data)
{
    (void)user_data;
    return malloc(size);
}

static void some_free(void *ptr, size_t size, void *user_data)
{
    (void)size;
    (void)user_data;
    free(ptr);
}

static void some_submit(ecsengine_op *op, void *user_data)
{
    (void)user_data;
    ecsengine_op_release(op);
}

static void some_commit(uint64_t batch_id, const ecsengine_batch *batch, void *user_data)
{
    (void)batch_id;
    (void)batch;
    (void)user_data;
}

enum struct_kind { ALLOCATOR, RUNTIME, STORE, KINDS };

static const size_t struct_sizes[] = {sizeof(ecsengine_allocator), sizeof(ecsengine_runtime_vtable),
                                      sizeof(ecsengine_store_vtable)};

/* Gives the library a block of exactly `size` bytes, so that a sanitizer sees a read past it; the last byte can be set. */
static int give(enum struct_kind kind, size_t size, size_t said, unsigned char last)
{
    unsigned char *block = calloc(1, size);
    ecsengine_allocator allocator = {.size = said, .alloc = some_alloc, .free = some_free};
    ecsengine_runtime_vtable runtime = {.size = said, .submit = some_submit};
    ecsengine_store_vtable store = {.size = said, .commit = some_commit};
    const void *const full[] = {&allocator, &runtime, &store};
    ecsengine *engine = NULL;
    ecsengine_error *error = NULL;
    int code;

    memcpy(block, full[kind], size < struct_sizes[kind] ? size : struct_sizes[kind]);
    if (last != 0)
        block[size - 1] = last;
    if (kind == ALLOCATOR) {
        code = ecsengine_new(NULL, (const ecsengine_allocator *)(void *)block, &engine, &error);
    } else {
        OK(ecsengine_new(NULL, NULL, &engine, &error_));
        code = kind == RUNTIME ? ecsengine_set_runtime(engine, (const ecsengine_runtime_vtable *)(void *)block, NULL, &error)
                               : ecsengine_set_store(engine, (const ecsengine_store_vtable *)(void *)block, NULL, &error);
    }
    ck_assert_int_eq(code, ecsengine_error_code(error));
    ecsengine_error_free(error);
    ecsengine_free(engine);
    free(block);
    return code;
}

START_TEST(a_struct_of_the_right_size_passes)
{
    for (enum struct_kind kind = 0; kind < KINDS; kind++)
        ck_assert_int_eq(0, give(kind, struct_sizes[kind], struct_sizes[kind], 0));
}
END_TEST

START_TEST(a_struct_that_is_too_short_is_refused)
{
    for (enum struct_kind kind = 0; kind < KINDS; kind++)
        for (size_t size = sizeof(size_t); size < struct_sizes[kind]; size++)
            ck_assert_int_eq(ECSENGINE_EINVAL, give(kind, size, size, 0));
}
END_TEST

START_TEST(a_struct_whose_size_is_not_set_is_refused)
{
    for (enum struct_kind kind = 0; kind < KINDS; kind++) {
        ck_assert_int_eq(ECSENGINE_EINVAL, give(kind, struct_sizes[kind], 0, 0));
        ck_assert_int_eq(ECSENGINE_EINVAL, give(kind, struct_sizes[kind], SIZE_MAX, 0));
    }
}
END_TEST

START_TEST(a_longer_struct_passes_if_its_tail_is_zero)
{
    for (enum struct_kind kind = 0; kind < KINDS; kind++) {
        for (size_t more = 1; more <= 64; more++) {
            ck_assert_int_eq(0, give(kind, struct_sizes[kind] + more, struct_sizes[kind] + more, 0));
            ck_assert_int_eq(ECSENGINE_EINVAL, give(kind, struct_sizes[kind] + more, struct_sizes[kind] + more, 1));
        }
    }
}
END_TEST

START_TEST(the_init_functions_set_the_size_and_zero_the_rest)
{
    unsigned char block[128];
    size_t size;

    for (int i = 0; i < 3; i++) {
        memset(block, 0xee, sizeof(block));
        if (i == 0)
            ecsengine_allocator_init((ecsengine_allocator *)(void *)block, 96);
        else if (i == 1)
            ecsengine_runtime_vtable_init((ecsengine_runtime_vtable *)(void *)block, 96);
        else
            ecsengine_store_vtable_init((ecsengine_store_vtable *)(void *)block, 96);
        memcpy(&size, block, sizeof(size));
        ck_assert_uint_eq(96, size);
        for (size_t at = sizeof(size); at < 96; at++)
            ck_assert_uint_eq(0, block[at]);
        ck_assert_uint_eq(0xee, block[96]);
    }
}
END_TEST

START_TEST(required_members_are_required)
{
    ecsengine_allocator allocator;
    ecsengine_runtime_vtable runtime;
    ecsengine_store_vtable store;
    ecsengine *engine = NULL;

    ecsengine_allocator_init(&allocator, sizeof(allocator));
    REFUSED(ecsengine_new(NULL, &allocator, &engine, &error));
    allocator.alloc = some_alloc;
    REFUSED(ecsengine_new(NULL, &allocator, &engine, &error));
    OK(ecsengine_new(NULL, NULL, &engine, &error_));
    ecsengine_runtime_vtable_init(&runtime, sizeof(runtime));
    REFUSED(ecsengine_set_runtime(engine, &runtime, NULL, &error));
    ecsengine_store_vtable_init(&store, sizeof(store));
    REFUSED(ecsengine_set_store(engine, &store, NULL, &error));
    runtime.submit = some_submit;
    store.commit = some_commit;
    OK(ecsengine_set_runtime(engine, &runtime, NULL, &error_));
    OK(ecsengine_set_store(engine, &store, NULL, &error_));
    ck_assert_int_eq(ECSENGINE_ESTATE, ecsengine_set_runtime(engine, &runtime, NULL, NULL)); /* once */
    ck_assert_int_eq(ECSENGINE_ESTATE, ecsengine_set_store(engine, &store, NULL, NULL));
    ck_assert_int_eq(ECSENGINE_ESTATE, ecsengine_pull_batches(engine, NULL));
    ck_assert_int_eq(0, ecsengine_free(engine));
    OK(ecsengine_new(NULL, NULL, &engine, &error_));
    OK(ecsengine_dispatch(engine, 1, 1, &error_));
    ck_assert_int_eq(ECSENGINE_ESTATE, ecsengine_set_runtime(engine, &runtime, NULL, NULL)); /* too late */
    ck_assert_int_eq(ECSENGINE_ESTATE, ecsengine_set_store(engine, &store, NULL, NULL));
    ck_assert_int_eq(ECSENGINE_ESTATE, ecsengine_set_event_callback(engine, NULL, NULL, NULL));
    ck_assert_int_eq(0, ecsengine_free(engine));
}
END_TEST

static void fill(TCase *tcase)
{
    tcase_add_test(tcase, functions_of_an_engine_refuse_none);
    tcase_add_test(tcase, functions_refuse_missing_inputs_and_places);
    tcase_add_test(tcase, objects_that_are_not_there_have_neutral_values);
    tcase_add_test(tcase, configuration_refuses_what_is_missing);
    tcase_add_test(tcase, setters_of_results_refuse_what_is_missing_or_out_of_range);
    tcase_add_test(tcase, every_exported_function_is_called_with_null_above);
    tcase_add_test(tcase, a_struct_of_the_right_size_passes);
    tcase_add_test(tcase, a_struct_that_is_too_short_is_refused);
    tcase_add_test(tcase, a_struct_whose_size_is_not_set_is_refused);
    tcase_add_test(tcase, a_longer_struct_passes_if_its_tail_is_zero);
    tcase_add_test(tcase, the_init_functions_set_the_size_and_zero_the_rest);
    tcase_add_test(tcase, required_members_are_required);
}

int main(void) { return run_tests("arguments", fill); }

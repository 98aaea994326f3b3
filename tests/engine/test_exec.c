/* SPDX-License-Identifier: Apache-2.0 */
/* One-off commands, from the public function to the event that comes of them. */
#include "../api/host.h"

static const char config[] = "{\"Cmd\":[\"ls\",\"/\"],\"User\":\"0\",\"Env\":[\"A=secret\"]}";
static uint64_t command;
static ecsengine_event *done; /* the last EXEC_DONE */
static int command_code;      /* of the last COMMAND_DONE; 1: none */

/* Turns until nothing comes any more; only what is about commands is kept. */
static void look(void)
{
    ecsengine_event *event;

    for (int i = 0; i < 3; i++) {
        OK(ecsengine_dispatch(host.engine, host.mono_ns, host.wall_ns, &error_));
        while ((event = ecsengine_next_event(host.engine)) != NULL) {
            enum ecsengine_event_kind kind = ecsengine_event_get_kind(event);
            if (kind == ECSENGINE_EVENT_COMMAND_DONE && ecsengine_event_command_id(event) == command)
                command_code = ecsengine_event_command_code(event);
            if (kind == ECSENGINE_EVENT_EXEC_DONE) {
                ck_assert_int_eq(0, command_code); /* that it is on its way was told first */
                ck_assert_uint_eq(command, ecsengine_event_command_id(event));
                ecsengine_event_free(done);
                done = event;
            } else {
                ecsengine_event_free(event);
            }
        }
    }
}

static void begin(const char *arn, const char *name)
{
    ecsengine_event_free(done);
    done = NULL;
    command_code = 1;
    OK(ecsengine_exec(host.engine, arn, name, config, sizeof(config) - 1, 5 * SECOND, &command, &error_));
    look();
}

static void running(void)
{
    done = NULL;
    start_host();
    open_engine();
    add(TASK(ARN, WEB));
    settle();
    begin(ARN, "web");
    ck_assert_int_eq(0, command_code);
}

static ecsengine_op *taken(enum ecsengine_op_kind kind)
{
    ecsengine_op *op = ecsengine_next_op(host.engine);

    ck_assert_ptr_nonnull(op);
    ck_assert_int_eq(kind, ecsengine_op_get_kind(op));
    return op;
}

static void end(void)
{
    ecsengine_event_free(done);
    done = NULL;
    end_host();
}

START_TEST(a_command_is_one_operation_and_its_output_an_event)
{
    ecsengine_result *result;
    int32_t stream = 0, code = 0;
    size_t len = 0;
    ecsengine_text *text;

    running();
    ecsengine_op *op = taken(ECSENGINE_OP_EXEC_RUN);
    ck_assert_str_eq("{\"Cmd\":[\"ls\",\"/\"],\"User\":\"0\",\"Env\":[\"A=secret\"],\"WorkingDir\":\"\",\"Tty\":false,\"Detach\":false,"
                     "\"AttachStdout\":true,\"AttachStderr\":true}",
                     ecsengine_op_exec_config(op, &len));
    ck_assert_str_eq("web", ecsengine_op_container_name(op));
    ck_assert_int_eq(host.mono_ns + 5 * SECOND, ecsengine_op_deadline_ns(op));
    OK(ecsengine_result_new(op, &result, &error_));
    ck_assert_int_eq(0, ecsengine_result_add_output(result, 1, "bin", 3));
    ck_assert_int_eq(0, ecsengine_result_add_output(result, 1, "\n\0", 2));
    ck_assert_int_eq(0, ecsengine_result_add_output(result, 2, "oh", 2));
    ck_assert_int_eq(0, ecsengine_result_set_exit_code(result, 3));
    OK(ecsengine_op_complete(op, result, &error_));
    look();
    ck_assert_ptr_nonnull(done);
    ck_assert_int_eq(0, ecsengine_event_command_code(done));
    ck_assert_int_eq(1, ecsengine_event_exit_code(done, &code));
    ck_assert_int_eq(3, code);
    ck_assert_uint_eq(2, ecsengine_event_output_count(done));
    ck_assert_mem_eq("bin\n\0", ecsengine_event_output_at(done, 0, &stream, &len), 5);
    ck_assert_uint_eq(5, len);
    ck_assert_int_eq(1, stream);
    ck_assert_mem_eq("oh", ecsengine_event_output_at(done, 1, &stream, &len), 2);
    ck_assert_int_eq(2, stream);
    ck_assert_ptr_null(ecsengine_event_output_at(done, 2, &stream, &len));
    ck_assert_int_eq(0, ecsengine_event_output_cut(done));
    OK(ecsengine_event_json(done, &text, &error_));
    ck_assert_ptr_nonnull(strstr(ecsengine_text_data(text), "\"ok\":true,\"exitCode\":3,\"output\":[{\"stream\":\"stdout\",\"text\":\"bin\\n"));
    ecsengine_text_free(text);
    end();
}
END_TEST

START_TEST(what_is_beyond_a_mebibyte_is_cut)
{
    static char block[300000];
    ecsengine_result *result;
    size_t len = 0, all = 0;

    running();
    ecsengine_op *op = taken(ECSENGINE_OP_EXEC_RUN);
    OK(ecsengine_result_new(op, &result, &error_));
    for (int i = 0; i < 5; i++)
        ck_assert_int_eq(0, ecsengine_result_add_output(result, 1 + i % 2, block, sizeof(block)));
    OK(ecsengine_op_complete(op, result, &error_));
    look();
    ck_assert_int_eq(1, ecsengine_event_output_cut(done));
    for (size_t i = 0; i < ecsengine_event_output_count(done); i++) {
        ecsengine_event_output_at(done, i, NULL, &len);
        all += len;
    }
    ck_assert_uint_eq(1 << 20, all);
    ck_assert_int_eq(0, ecsengine_event_exit_code(done, NULL));
    end();
}
END_TEST

static const struct failed {
    enum ecsengine_failure failure;
    int code;
} failures[] = {
    {ECSENGINE_FAILURE_OTHER, ECSENGINE_EIO},
    {ECSENGINE_FAILURE_NOT_FOUND, ECSENGINE_ENOTFOUND},
    {ECSENGINE_FAILURE_UNREACHABLE, ECSENGINE_EIO},
    {ECSENGINE_FAILURE_UNSUPPORTED, ECSENGINE_EUNSUPPORTED},
};

START_TEST(a_runtime_that_says_no_is_told_with_its_text)
{
    ecsengine_result *result;

    running();
    ecsengine_op *op = taken(ECSENGINE_OP_EXEC_RUN);
    OK(ecsengine_result_new(op, &result, &error_));
    ecsengine_result_set_failure(result, failures[_i].failure, "no such command");
    OK(ecsengine_op_complete(op, result, &error_));
    look();
    ck_assert_int_eq(failures[_i].code, ecsengine_event_command_code(done));
    ck_assert_str_eq("no such command", ecsengine_event_reason(done));
    end();
}
END_TEST

START_TEST(at_its_deadline_it_is_given_up)
{
    running();
    ecsengine_op *op = taken(ECSENGINE_OP_EXEC_RUN);
    host.mono_ns += 5 * SECOND;
    look();
    ck_assert_int_eq(ECSENGINE_EIO, ecsengine_event_command_code(done));
    ck_assert_str_eq("Could not transition to run exec command; timed out after waiting 5s", ecsengine_event_reason(done));
    ecsengine_op *cancel = taken(ECSENGINE_OP_CANCEL);
    ck_assert_uint_eq(ecsengine_op_id(op), ecsengine_op_cancel_id(cancel));
    ecsengine_op_release(cancel);
    ecsengine_op_release(op);
    end();
}
END_TEST

START_TEST(what_is_not_there_or_does_not_run_is_refused)
{
    running();
    ecsengine_op_release(taken(ECSENGINE_OP_EXEC_RUN));
    begin(ARN_HEAD "t9", "web");
    ck_assert_int_eq(ECSENGINE_ENOTFOUND, command_code);
    begin(ARN, "db");
    ck_assert_int_eq(ECSENGINE_ENOTFOUND, command_code);
    add(TASK(ARN_HEAD "t2", WEB));
    OK(ecsengine_dispatch(host.engine, host.mono_ns, host.wall_ns, &error_));
    begin(ARN_HEAD "t2", "web");
    ck_assert_int_eq(ECSENGINE_ESTATE, command_code);
    ck_assert_ptr_null(done);
    end();
}
END_TEST

static const struct bad {
    const char *config;
    int code;
    const char *text;
} bad[] = {
    {"{'Cmd':", ECSENGINE_ESYNTAX, ""},
    {"[]", ECSENGINE_EDOCUMENT, ""},
    {"{}", ECSENGINE_EDOCUMENT, "Cmd"},
    {"{'Cmd':[]}", ECSENGINE_EDOCUMENT, "$.Cmd"},
    {"{'Cmd':['a',1]}", ECSENGINE_EDOCUMENT, "$.Cmd[1]"},
    {"{'Cmd':['a'],'Tty':1}", ECSENGINE_EDOCUMENT, "$.Tty"},
    {"{'Cmd':['a'],'Privileged':true}", ECSENGINE_EDOCUMENT, "$.Privileged is not known."},
    {"{'Cmd':['a\\u0000']}", ECSENGINE_EDOCUMENT, "U+0000"},
};

START_TEST(a_config_that_is_none_is_an_error_of_the_call)
{
    ecsengine_error *error = NULL;
    const char *text = quoted(bad[_i].config);

    start_host();
    open_engine();
    ck_assert_int_eq(bad[_i].code, ecsengine_exec(host.engine, ARN, "web", text, strlen(text), SECOND, NULL, &error));
    if (strstr(ecsengine_error_message(error), bad[_i].text) == NULL)
        ck_abort_msg("%s", ecsengine_error_message(error));
    ecsengine_error_free(error);
    end_host();
}
END_TEST

static void fill(TCase *tcase)
{
    tcase_add_test(tcase, a_command_is_one_operation_and_its_output_an_event);
    tcase_add_test(tcase, what_is_beyond_a_mebibyte_is_cut);
    tcase_add_loop_test(tcase, a_runtime_that_says_no_is_told_with_its_text, 0, sizeof(failures) / sizeof(failures[0]));
    tcase_add_test(tcase, at_its_deadline_it_is_given_up);
    tcase_add_test(tcase, what_is_not_there_or_does_not_run_is_refused);
    tcase_add_loop_test(tcase, a_config_that_is_none_is_an_error_of_the_call, 0, sizeof(bad) / sizeof(bad[0]));
}

int main(void) { return run_tests("exec", fill); }

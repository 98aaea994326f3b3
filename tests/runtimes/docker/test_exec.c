/* SPDX-License-Identifier: Apache-2.0 */
/* Processes in containers: the requests of each kind, the output of a command frame by frame, and daemons that do not keep to any of it. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "rig.h"

#define CONFIG "{\"Cmd\":[\"id\"],\"AttachStdout\":true,\"AttachStderr\":true}"
#define CREATE "POST /v1.41/containers/c/exec"
#define START "POST /v1.41/exec/e1/start"
#define STATE "GET /v1.41/exec/e1/json"
#define STREAM_HEAD "HTTP/1.1 200 OK\r\nContent-Type: application/vnd.docker.raw-stream\r\n\r\n"

static const struct ecsengine_result *run(void) { return do_op(.kind = ECSENGINE_OP_EXEC_RUN, .container = "c", .config = CONFIG); }
static const struct ecsengine_result *inspect(void) { return do_op(.kind = ECSENGINE_OP_EXEC_INSPECT, .container = "c", .exec_id = "e1"); }

/* The stream of a started command: as it is given, and then closed. */
static void stream_is(const void *bytes, size_t len, size_t piece)
{
    static char whole[8][8192];
    static unsigned next;
    char *place = whole[next++ % 8];
    size_t head = sizeof(STREAM_HEAD) - 1;

    memcpy(place, STREAM_HEAD, head);
    memcpy(place + head, bytes, len);
    daemon_on(rig.daemon, &(struct daemon_rule){.request = START, .bytes = place, .len = head + len, .piece = piece, .close = true});
}

#define STREAM(bytes) stream_is(bytes, sizeof(bytes) - 1, 0)

static void daemon_runs(void)
{
    daemon_json(rig.daemon, CREATE, 201, "{\"Id\":\"e1\"}");
    daemon_json(rig.daemon, STATE, 200, "{\"ID\":\"e1\",\"Running\":false,\"ExitCode\":7,\"Pid\":41}");
}

START_TEST(creating_sends_the_configuration_and_tells_the_id)
{
    daemon_json(rig.daemon, CREATE, 201, "{\"Id\":\"e1\"}");
    const struct ecsengine_result *result = do_op(.kind = ECSENGINE_OP_EXEC_CREATE, .container = "c", .config = CONFIG);
    ck_assert_int_eq(result->failure, ECSENGINE_FAILURE_NONE);
    ck_assert_str_eq(result->exec_id, "e1");
    ck_assert_str_eq(daemon_body(rig.daemon, CREATE), CONFIG);
    assert_has(daemon_head(rig.daemon, CREATE), "\r\nContent-Type: application/json\r\n");
}
END_TEST

START_TEST(starting_is_detached)
{
    daemon_json(rig.daemon, START, 200, "");
    ck_assert_int_eq(do_op(.kind = ECSENGINE_OP_EXEC_START, .container = "c", .exec_id = "e1")->failure, ECSENGINE_FAILURE_NONE);
    ck_assert_str_eq(daemon_body(rig.daemon, START), "{\"Detach\":true,\"Tty\":false}");
}
END_TEST

START_TEST(inspecting_tells_whether_it_runs_its_exit_code_and_pid)
{
    static const struct {
        const char *document;
        int running, exit_code, pid;
    } cases[] = {
        {"{\"Running\":true,\"ExitCode\":null,\"Pid\":4711}", 1, -1, 4711},
        {"{\"Running\":true,\"ExitCode\":0,\"Pid\":4711}", 1, -1, 4711}, /* older daemons */
        {"{\"Running\":false,\"ExitCode\":137,\"Pid\":4711}", 0, 137, 4711},
        {"{\"Running\":false,\"ExitCode\":null,\"Pid\":0}", 0, -1, 0}, /* not started yet */
        {"{\"Running\":false}", 0, -1, 0},
    };

    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        daemon_json(rig.daemon, STATE, 200, cases[i].document);
        const struct ecsengine_result *result = inspect();
        ck_assert_int_eq(result->failure, ECSENGINE_FAILURE_NONE);
        ck_assert(result->has_exec_state);
        ck_assert_int_eq(result->exec_running, cases[i].running);
        ck_assert_int_eq(result->exec_exit_code, cases[i].exit_code);
        ck_assert_int_eq(result->exec_pid, cases[i].pid);
    }
}
END_TEST

START_TEST(refusals_have_their_class)
{
    daemon_json(rig.daemon, CREATE, 404, "{\"message\":\"No such container: c\"}");
    ck_assert_int_eq(do_op(.kind = ECSENGINE_OP_EXEC_CREATE, .container = "c", .config = CONFIG)->failure, ECSENGINE_FAILURE_NOT_FOUND);
    ck_assert_str_eq(run()->text, "Error response from daemon: No such container: c");
    daemon_json(rig.daemon, CREATE, 409, "{\"message\":\"Container c is not running\"}");
    ck_assert_int_eq(do_op(.kind = ECSENGINE_OP_EXEC_CREATE, .container = "c", .config = CONFIG)->failure, ECSENGINE_FAILURE_CONFLICT);
    ck_assert_int_eq(run()->failure, ECSENGINE_FAILURE_CONFLICT);
    daemon_json(rig.daemon, CREATE, 500, "{\"message\":\"busy\"}");
    ck_assert_int_eq(do_op(.kind = ECSENGINE_OP_EXEC_CREATE, .container = "c", .config = CONFIG)->failure, ECSENGINE_FAILURE_OTHER);
    daemon_json(rig.daemon, START, 409, "{\"message\":\"exec command e1 has already run\"}");
    ck_assert_int_eq(do_op(.kind = ECSENGINE_OP_EXEC_START, .container = "c", .exec_id = "e1")->failure, ECSENGINE_FAILURE_CONFLICT);
    daemon_json(rig.daemon, STATE, 404, "{\"message\":\"No such exec instance: e1\"}");
    ck_assert_int_eq(inspect()->failure, ECSENGINE_FAILURE_NOT_FOUND);
}
END_TEST

START_TEST(a_command_without_an_id_is_refused_and_nothing_is_sent)
{
    ck_assert_str_eq(do_op(.kind = ECSENGINE_OP_EXEC_CREATE, .config = CONFIG)->text, "No container is named.");
    ck_assert_str_eq(do_op(.kind = ECSENGINE_OP_EXEC_RUN, .config = CONFIG)->text, "No container is named.");
    ck_assert_str_eq(do_op(.kind = ECSENGINE_OP_EXEC_START, .container = "c")->text, "No exec is named.");
    ck_assert_str_eq(do_op(.kind = ECSENGINE_OP_EXEC_INSPECT, .container = "c")->text, "No exec is named.");
    ck_assert_int_eq(daemon_count(rig.daemon, "POST"), 0);
    do_op(.kind = ECSENGINE_OP_EXEC_START, .container = "c", .exec_id = "../containers/c");
    ck_assert_int_eq(daemon_count(rig.daemon, "POST /v1.41/exec/..%2Fcontainers%2Fc/start HTTP"), 1);
}
END_TEST

START_TEST(answers_that_lack_what_is_needed)
{
    static const char *const created[] = {"{}", "{\"Id\":\"\"}", "{\"Id\":1}", "[]", "", "nonsense"};
    static const char *const states[] = {"[]", "", "{\"Running\":1}", "{\"Running\":true,\"Pid\":-1}", "{\"Running\":false,\"ExitCode\":\"0\"}"};
    char long_id[400];

    for (size_t i = 0; i < sizeof(created) / sizeof(created[0]); i++) {
        daemon_json(rig.daemon, CREATE, 201, created[i]);
        ck_assert_int_eq(do_op(.kind = ECSENGINE_OP_EXEC_CREATE, .container = "c", .config = CONFIG)->failure, ECSENGINE_FAILURE_UNREACHABLE);
        assert_has(run()->text, "The Docker daemon's answer to POST /v1.41/containers/c/exec could not be read: ");
    }
    ck_assert_int_eq(daemon_count(rig.daemon, "POST /v1.41/exec"), 0);
    for (size_t i = 0; i < sizeof(states) / sizeof(states[0]); i++) {
        daemon_json(rig.daemon, STATE, 200, states[i]);
        ck_assert_int_eq(inspect()->failure, ECSENGINE_FAILURE_OTHER);
    }
    snprintf(long_id, sizeof(long_id), "{\"Id\":\"%0300d\"}", 1);
    daemon_json(rig.daemon, CREATE, 201, long_id);
    assert_has(run()->text, "could not be read: Id is too long");
}
END_TEST

START_TEST(a_command_is_created_started_and_asked_after)
{
    daemon_runs();
    STREAM("\1\0\0\0\0\0\0\3one" "\2\0\0\0\0\0\0\3two" "\1\0\0\0\0\0\0\5three");
    const struct ecsengine_result *result = run();
    ck_assert_int_eq(result->failure, ECSENGINE_FAILURE_NONE);
    ck_assert_str_eq(result->output, "<1>one<2>two<1>three");
    ck_assert(result->has_exit_code);
    ck_assert_int_eq(result->exit_code, 7);
    ck_assert_str_eq(daemon_body(rig.daemon, CREATE), CONFIG);
    ck_assert_str_eq(daemon_body(rig.daemon, START), "{\"Detach\":false,\"Tty\":false}");
    ck_assert_int_eq(daemon_count(rig.daemon, STATE), 1);
}
END_TEST

START_TEST(frames_may_be_cut_anywhere)
{
    static const char bytes[] = "\1\0\0\0\0\0\0\3one\2\0\0\0\0\0\0\0\2\0\0\0\0\0\0\3two\0\0\0\0\0\0\0\3in!";

    daemon_runs();
    for (size_t piece = 1; piece < 12; piece++) {
        stream_is(bytes, sizeof(bytes) - 1, piece);
        ck_assert_str_eq(run()->output, "<1>one<2>two<1>in!");
    }
}
END_TEST

START_TEST(output_may_have_any_bytes_and_none)
{
    daemon_runs();
    STREAM("\1\0\0\0\0\0\0\4\0\xff\r\n");
    ck_assert_str_eq(run()->output, "<1>\\00\\ff\\0d\\0a");
    STREAM("");
    const struct ecsengine_result *result = run();
    ck_assert_str_eq(result->output, "");
    ck_assert_int_eq(result->exit_code, 7);
}
END_TEST

START_TEST(a_terminal_has_no_frames)
{
    daemon_runs();
    STREAM("\1\0\0\0\0\0\0\3raw\r\n");
    const struct ecsengine_result *result =
        do_op(.kind = ECSENGINE_OP_EXEC_RUN, .container = "c", .config = "{\"Cmd\":[\"sh\"],\"Tty\":true}");
    ck_assert_str_eq(result->output, "<1>\\01\\00\\00\\00\\00\\00\\00\\03raw\\0d\\0a");
    ck_assert_str_eq(daemon_body(rig.daemon, START), "{\"Detach\":false,\"Tty\":true}");
}
END_TEST

START_TEST(much_output_is_read_to_its_end)
{
    daemon_runs();
    daemon_on(rig.daemon, &(struct daemon_rule){.request = START,
                                                .bytes = STREAM_HEAD "\1\0\0\0\0\x30\0\0",
                                                .len = sizeof(STREAM_HEAD) - 1 + 8,
                                                .filler = "0123456789abcdef",
                                                .fill_count = 0x30000,
                                                .close = true});
    const struct ecsengine_result *result = run();
    ck_assert_int_eq(result->failure, ECSENGINE_FAILURE_NONE);
    ck_assert_uint_eq(result->output_len, 0x300000);
    ck_assert_int_eq(result->exit_code, 7);
}
END_TEST

START_TEST(frames_that_are_none)
{
    static const struct {
        const char *bytes;
        size_t len;
        const char *said;
    } bad[] = {
        {"\4\0\0\0\0\0\0\3abc", 11, "could not be read: a frame of it belongs to a stream 4, which there is not"},
        {"HTTP is no frame", 16, "could not be read: a frame of it belongs to a stream 72, which there is not"},
        {"\1\0\0\0\0\0\0\5ab", 10, "could not be read: it ends in the middle of a frame"},
        {"\1\0\0", 3, "could not be read: it ends in the middle of a frame"},
        {"\1\0\0\0\xff\xff\xff\xff" "a", 9, "could not be read: it ends in the middle of a frame"},
        {"\3\0\0\0\0\0\0\4no\n!", 12, "could not be read: error from daemon in stream: no !"},
    };

    daemon_runs();
    for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
        stream_is(bad[i].bytes, bad[i].len, 0);
        const struct ecsengine_result *result = run();
        ck_assert_int_eq(result->failure, ECSENGINE_FAILURE_UNREACHABLE); /* the command may have run */
        assert_has(result->text, bad[i].said);
    }
    ck_assert_int_eq(daemon_count(rig.daemon, STATE), 0);
}
END_TEST

START_TEST(an_error_of_the_daemon_s_own_is_cut_to_a_line)
{
    static char bytes[8 + 2000];

    memcpy(bytes, "\3\0\0\0\0\0\x07\xd0", 8);
    memset(bytes + 8, 'e', 2000);
    daemon_runs();
    stream_is(bytes, sizeof(bytes), 100);
    assert_has(run()->text, "error from daemon in stream: eeee");
}
END_TEST

START_TEST(a_command_that_has_closed_its_output_and_runs_on_is_waited_for)
{
    daemon_json(rig.daemon, STATE, 200, "{\"Running\":false,\"ExitCode\":3}");
    daemon_on(rig.daemon, &(struct daemon_rule){.request = STATE,
                                                .bytes = "HTTP/1.1 200 OK\r\nContent-Length: 16\r\n\r\n{\"Running\":true}",
                                                .times = 4});
    daemon_json(rig.daemon, CREATE, 201, "{\"Id\":\"e1\"}");
    STREAM("");
    ck_assert_int_eq(run()->exit_code, 3);
    ck_assert_int_eq(daemon_count(rig.daemon, STATE), 5);
}
END_TEST

START_TEST(a_command_that_runs_on_can_be_cancelled_and_its_adapter_freed)
{
    daemon_json(rig.daemon, CREATE, 201, "{\"Id\":\"e1\"}");
    daemon_json(rig.daemon, STATE, 200, "{\"Running\":true}");
    STREAM("");
    uint64_t id = submit_op(.kind = ECSENGINE_OP_EXEC_RUN, .container = "c", .config = CONFIG);
    ck_assert(daemon_wait_count(rig.daemon, STATE, 3));
    double_cancel(rig.engine, id);
    ck_assert_int_eq(double_wait(rig.engine, id, 5000)->failure, ECSENGINE_FAILURE_CANCELLED);
    id = submit_op(.kind = ECSENGINE_OP_EXEC_RUN, .container = "c", .config = CONFIG);
    ck_assert(daemon_wait_count(rig.daemon, STATE, 5));
    ecsengine_docker_free(rig.docker);
    rig.docker = NULL;
    ck_assert_int_eq(double_wait(rig.engine, id, 5000)->failure, ECSENGINE_FAILURE_UNREACHABLE);
}
END_TEST

START_TEST(a_command_whose_output_does_not_end_can_be_cancelled)
{
    daemon_json(rig.daemon, CREATE, 201, "{\"Id\":\"e1\"}");
    daemon_on(rig.daemon, &(struct daemon_rule){.request = START, .bytes = STREAM_HEAD, .hang = true});
    uint64_t id = submit_op(.kind = ECSENGINE_OP_EXEC_RUN, .container = "c", .config = CONFIG);
    ck_assert(daemon_wait_count(rig.daemon, START, 1));
    double_cancel(rig.engine, id);
    ck_assert_int_eq(double_wait(rig.engine, id, 5000)->failure, ECSENGINE_FAILURE_CANCELLED);
}
END_TEST

START_TEST(a_command_that_could_not_be_started_tells_why)
{
    daemon_runs();
    daemon_json(rig.daemon, START, 400, "{\"message\":\"OCI runtime exec failed\"}");
    const struct ecsengine_result *result = run();
    ck_assert_int_eq(result->failure, ECSENGINE_FAILURE_OTHER);
    ck_assert_str_eq(result->text, "Error response from daemon: OCI runtime exec failed");
    daemon_on(rig.daemon, &(struct daemon_rule){.request = START, .bytes = "", .close = true});
    ck_assert_int_eq(run()->failure, ECSENGINE_FAILURE_UNREACHABLE);
    STREAM("\1\0\0\0\0\0\0\2ok");
    daemon_json(rig.daemon, STATE, 404, "{\"message\":\"No such exec instance: e1\"}");
    ck_assert_int_eq(run()->failure, ECSENGINE_FAILURE_NOT_FOUND);
}
END_TEST

START_TEST(an_exit_code_that_nobody_knows_is_none)
{
    daemon_runs();
    daemon_json(rig.daemon, STATE, 200, "{\"Running\":false,\"ExitCode\":null}");
    STREAM("");
    const struct ecsengine_result *result = run();
    ck_assert_int_eq(result->failure, ECSENGINE_FAILURE_NONE);
    ck_assert(!result->has_exit_code);
}
END_TEST

static void add(TCase *tcase)
{
    tcase_add_checked_fixture(tcase, rig_up, rig_down);
    tcase_add_test(tcase, creating_sends_the_configuration_and_tells_the_id);
    tcase_add_test(tcase, starting_is_detached);
    tcase_add_test(tcase, inspecting_tells_whether_it_runs_its_exit_code_and_pid);
    tcase_add_test(tcase, refusals_have_their_class);
    tcase_add_test(tcase, a_command_without_an_id_is_refused_and_nothing_is_sent);
    tcase_add_test(tcase, answers_that_lack_what_is_needed);
    tcase_add_test(tcase, a_command_is_created_started_and_asked_after);
    tcase_add_test(tcase, frames_may_be_cut_anywhere);
    tcase_add_test(tcase, output_may_have_any_bytes_and_none);
    tcase_add_test(tcase, a_terminal_has_no_frames);
    tcase_add_test(tcase, much_output_is_read_to_its_end);
    tcase_add_test(tcase, frames_that_are_none);
    tcase_add_test(tcase, an_error_of_the_daemon_s_own_is_cut_to_a_line);
    tcase_add_test(tcase, a_command_that_has_closed_its_output_and_runs_on_is_waited_for);
    tcase_add_test(tcase, a_command_that_runs_on_can_be_cancelled_and_its_adapter_freed);
    tcase_add_test(tcase, a_command_whose_output_does_not_end_can_be_cancelled);
    tcase_add_test(tcase, a_command_that_could_not_be_started_tells_why);
    tcase_add_test(tcase, an_exit_code_that_nobody_knows_is_none);
}

int main(void) { return rig_run("exec", add, 60); }

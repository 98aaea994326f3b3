/* SPDX-License-Identifier: Apache-2.0 */
/* The adapter's life: addresses, attaching, negotiation, connections, cancelling, giving up, and being freed in any order. */
#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

#include "rig.h"

#define INSPECT "GET /v1.41/containers/c/json"
#define RECORD "{\"Id\":\"c\",\"State\":{}}"

static const struct ecsengine_result *inspect(void) { return do_op(.kind = ECSENGINE_OP_INSPECT, .container = "c"); }

static void ping_says(const char *version, int times)
{
    static char text[8][120];
    static int used;
    char *bytes = text[used++ % 8];

    snprintf(bytes, sizeof(text[0]), "HTTP/1.1 200 OK\r\n%s%s%sContent-Length: 2\r\n\r\nOK", version != NULL ? "api-version: " : "",
             version != NULL ? version : "", version != NULL ? "\r\n" : "");
    daemon_on(rig.daemon, &(struct daemon_rule){.request = "GET /_ping", .bytes = bytes, .times = times});
}

START_TEST(only_unix_sockets_are_addresses)
{
    static const char *const bad[] = {"", "unix://", "tcp://127.0.0.1:2375", "http://x", "npipe:////./pipe/docker_engine"};
    ecsengine_docker *docker = NULL;
    char path[300] = "/";

    for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
        ck_assert_int_eq(ecsengine_docker_new(bad[i], &docker, NULL), ECSENGINE_EINVAL);
    memset(path + 1, 'a', 150);
    ck_assert_int_eq(ecsengine_docker_new(path, &docker, NULL), ECSENGINE_EINVAL);
    ck_assert_int_eq(ecsengine_docker_new(NULL, NULL, NULL), ECSENGINE_EINVAL);
    ck_assert_ptr_null(docker);
    ck_assert_int_eq(ecsengine_docker_new(NULL, &docker, NULL), 0);
    ecsengine_docker_free(docker);
    ecsengine_docker_free(NULL);
}
END_TEST

START_TEST(a_bare_path_is_an_address)
{
    ecsengine_docker *docker;
    ecsengine *engine = double_new();

    ck_assert_int_eq(ecsengine_docker_new(daemon_path(rig.daemon), &docker, NULL), 0);
    ck_assert_int_eq(ecsengine_docker_attach(docker, engine, NULL), 0);
    ck_assert_int_eq(double_do(engine, &(struct double_op){.kind = ECSENGINE_OP_PING})->failure, ECSENGINE_FAILURE_NONE);
    ecsengine_docker_free(docker);
    ck_assert_int_eq(double_free(engine), 0);
}
END_TEST

START_TEST(one_adapter_serves_one_engine)
{
    ecsengine *engine = double_new();
    ecsengine_docker *docker;

    ck_assert_int_eq(ecsengine_docker_attach(rig.docker, engine, NULL), ECSENGINE_ESTATE);
    ck_assert_int_eq(ecsengine_docker_attach(NULL, engine, NULL), ECSENGINE_EINVAL);
    ck_assert_int_eq(ecsengine_docker_attach(rig.docker, NULL, NULL), ECSENGINE_EINVAL);
    ck_assert_int_eq(ecsengine_docker_new(NULL, &docker, NULL), 0);
    ck_assert_int_eq(ecsengine_docker_attach(docker, rig.engine, NULL), ECSENGINE_ESTATE); /* it has a runtime */
    ecsengine_docker_free(docker);
    double_free(engine);
}
END_TEST

START_TEST(the_highest_common_version_is_spoken)
{
    ping_says("1.52", 1);
    inspect();
    ck_assert_int_eq(daemon_count(rig.daemon, "GET /v1.44/containers/c/json"), 1);
}
END_TEST

START_TEST(the_version_is_asked_once)
{
    for (int i = 0; i < 5; i++)
        inspect();
    ck_assert_int_eq(daemon_count(rig.daemon, "GET /_ping"), 1);
}
END_TEST

START_TEST(a_daemon_that_is_too_old_is_refused)
{
    ping_says("1.23", 0);
    ck_assert_int_eq(inspect()->failure, ECSENGINE_FAILURE_OTHER);
    assert_has(inspect()->text, "speaks API version 1.23, and the lowest that can be used is 1.24.");
    ck_assert_int_eq(daemon_count(rig.daemon, "GET /v"), 0);
}
END_TEST

START_TEST(a_ping_that_does_not_tell_is_followed_by_the_document)
{
    static const char *const headers[] = {NULL, "", "1.", "x", "1.x", "2.0", "1.99999", "1.41.1", "-1.4"};

    for (size_t i = 0; i < sizeof(headers) / sizeof(headers[0]); i++) {
        ping_says(headers[i], 0);
        daemon_json(rig.daemon, "GET /version", 200, "{\"ApiVersion\":\"1.40\"}");
        inspect();
        ck_assert_msg(daemon_count(rig.daemon, "GET /v1.40/containers/c/json") == 1, "case %zu", i);
        rig_down();
        rig_up();
    }
}
END_TEST

START_TEST(a_version_that_cannot_be_read_fails_what_waits_for_it)
{
    static const char *const bodies[] = {"{}", "{\"ApiVersion\":1.4}", "{\"ApiVersion\":\"new\"}", "nonsense"};

    ping_says(NULL, 0);
    for (size_t i = 0; i < sizeof(bodies) / sizeof(bodies[0]); i++) {
        daemon_json(rig.daemon, "GET /version", 200, bodies[i]);
        const struct ecsengine_result *result = inspect();
        ck_assert_int_eq(result->failure, ECSENGINE_FAILURE_OTHER);
        assert_has(result->text, "The Docker daemon's answer to GET /version could not be read: ");
    }
    daemon_json(rig.daemon, "GET /version", 500, "{\"message\":\"not now\"}");
    ck_assert_str_eq(inspect()->text, "Error response from daemon: not now");
}
END_TEST

START_TEST(requests_wait_for_the_version)
{
    uint64_t ids[20];

    daemon_on(rig.daemon, &(struct daemon_rule){.request = "GET /_ping",
                                                .bytes = "HTTP/1.1 200 OK\r\nApi-Version: 1.41\r\nContent-Length: 0\r\n\r\n",
                                                .delay_ms = 100});
    daemon_json(rig.daemon, INSPECT, 200, RECORD);
    for (int i = 0; i < 20; i++)
        ids[i] = submit_op(.kind = ECSENGINE_OP_INSPECT, .container = "c");
    for (int i = 0; i < 20; i++)
        ck_assert_int_eq(double_wait(rig.engine, ids[i], 5000)->failure, ECSENGINE_FAILURE_NONE);
    ck_assert_int_eq(daemon_count(rig.daemon, "GET /_ping"), 1);
}
END_TEST

START_TEST(the_version_is_asked_again_after_the_daemon_was_away)
{
    inspect();
    daemon_stop(rig.daemon);
    ck_assert_int_eq(inspect()->failure, ECSENGINE_FAILURE_UNREACHABLE);
    ping_says("1.30", 0);
    daemon_start(rig.daemon);
    inspect();
    ck_assert_int_eq(daemon_count(rig.daemon, "GET /v1.30/containers/c/json"), 1);
}
END_TEST

START_TEST(the_version_is_asked_again_after_the_event_stream_ended)
{
    daemon_on(rig.daemon, &(struct daemon_rule){.request = "GET /v1.41/events", .bytes = OK_CHUNKED, .hang = true});
    do_op(.kind = ECSENGINE_OP_SUBSCRIBE);
    ping_says("1.30", 0);
    daemon_drop(rig.daemon);
    ck_assert_uint_eq(double_wait_lost(rig.engine, 1, 5000), 1);
    inspect();
    ck_assert_int_eq(daemon_count(rig.daemon, "GET /v1.30/containers/c/json"), 1);
}
END_TEST

/* A daemon that came so fast that nobody saw the other one go. */
START_TEST(what_another_version_refuses_is_asked_for_in_its_own_words)
{
    static const char *const others[] = {"1.30", "1.43"};
    char refusal[200], good[100];

    inspect();
    snprintf(refusal, sizeof(refusal), "HTTP/1.1 400 Bad Request\r\nApi-Version: %s\r\nContent-Length: 21\r\n\r\n{\"message\":\"too new\"}", others[_i]);
    snprintf(good, sizeof(good), "HTTP/1.1 204 No Content\r\nApi-Version: %s\r\n\r\n", others[_i]);
    daemon_on(rig.daemon, &(struct daemon_rule){.request = "POST /v1.41", .bytes = refusal});
    daemon_on(rig.daemon, &(struct daemon_rule){.request = _i == 0 ? "POST /v1.30" : "POST /v1.43", .bytes = good});
    ping_says(others[_i], 0);
    for (int i = 0; i < 2; i++)
        ck_assert_int_eq(do_op(.kind = ECSENGINE_OP_START, .container = "c")->failure, ECSENGINE_FAILURE_NONE);
    ck_assert_int_eq(daemon_count(rig.daemon, "POST /v1.41"), 1);
    ck_assert_int_eq(daemon_count(rig.daemon, "POST"), 3);
    ck_assert_int_eq(daemon_count(rig.daemon, "GET /_ping"), 2);
}
END_TEST

START_TEST(a_refusal_is_tried_in_other_words_once_and_only_of_another_version)
{
    daemon_on(rig.daemon, &(struct daemon_rule){.request = "POST",
        .bytes = "HTTP/1.1 400 Bad Request\r\nApi-Version: 1.30\r\nContent-Length: 21\r\n\r\n{\"message\":\"too new\"}"});
    ck_assert_str_eq(do_op(.kind = ECSENGINE_OP_START, .container = "c")->text, "Error response from daemon: too new");
    ck_assert_int_eq(daemon_count(rig.daemon, "POST"), 2); /* the ping goes on saying 1.41 */
    ping_says("1.30", 0);
    do_op(.kind = ECSENGINE_OP_START, .container = "c");
    ck_assert_int_eq(daemon_count(rig.daemon, "POST"), 3);
    ck_assert_int_eq(daemon_count(rig.daemon, "POST /v1.30"), 1);
}
END_TEST

START_TEST(an_answer_of_another_version_makes_the_next_request_speak_it)
{
    inspect();
    daemon_on(rig.daemon, &(struct daemon_rule){.request = INSPECT,
        .bytes = "HTTP/1.1 200 OK\r\nApi-Version: 1.43\r\nContent-Length: 21\r\n\r\n{\"Id\":\"c\",\"State\":{}}"});
    ping_says("1.43", 0);
    ck_assert_int_eq(inspect()->failure, ECSENGINE_FAILURE_NONE);
    inspect();
    ck_assert_int_eq(daemon_count(rig.daemon, "GET /v1.43/containers/c/json"), 1);
    ck_assert_int_eq(daemon_count(rig.daemon, "GET /_ping"), 2);
}
END_TEST

START_TEST(connections_are_kept_and_used_again)
{
    daemon_json(rig.daemon, INSPECT, 200, RECORD);
    for (int i = 0; i < 50; i++)
        ck_assert_int_eq(inspect()->failure, ECSENGINE_FAILURE_NONE);
    ck_assert_int_eq(daemon_connections(rig.daemon), 1);
}
END_TEST

START_TEST(requests_run_side_by_side)
{
    uint64_t ids[40];
    int64_t before = rig_in_ms(0);

    daemon_on(rig.daemon, &(struct daemon_rule){.request = "POST", .bytes = "HTTP/1.1 204 X\r\n\r\n", .delay_ms = 200});
    for (int i = 0; i < 40; i++)
        ids[i] = submit_op(.kind = ECSENGINE_OP_STOP, .container = "c", .grace_ns = 1);
    for (int i = 0; i < 40; i++)
        ck_assert_int_eq(double_wait(rig.engine, ids[i], 5000)->failure, ECSENGINE_FAILURE_NONE);
    ck_assert_int_lt(rig_in_ms(0) - before, INT64_C(3000000000));
    ck_assert_int_ge(daemon_connections(rig.daemon), 40);
}
END_TEST

START_TEST(a_kept_connection_that_died_is_replaced)
{
    daemon_json(rig.daemon, INSPECT, 200, RECORD);
    ck_assert_int_eq(inspect()->failure, ECSENGINE_FAILURE_NONE);
    daemon_stop(rig.daemon);
    daemon_start(rig.daemon);
    daemon_on(rig.daemon, &(struct daemon_rule){.request = "POST", .bytes = "HTTP/1.1 204 X\r\n\r\n"});
    ck_assert_int_eq(do_op(.kind = ECSENGINE_OP_START, .container = "c")->failure, ECSENGINE_FAILURE_NONE);
    ck_assert_int_eq(daemon_count(rig.daemon, "POST"), 1);
}
END_TEST

START_TEST(a_read_is_sent_again_when_a_kept_connection_dies_under_it)
{
    daemon_json(rig.daemon, INSPECT, 200, RECORD);
    daemon_on(rig.daemon, &(struct daemon_rule){.request = INSPECT, .bytes = "", .close = true, .times = 1});
    ck_assert_int_eq(do_op(.kind = ECSENGINE_OP_PING)->failure, ECSENGINE_FAILURE_NONE);
    ck_assert_int_eq(inspect()->failure, ECSENGINE_FAILURE_NONE);
    ck_assert_int_eq(daemon_count(rig.daemon, INSPECT), 2);
}
END_TEST

/* Descriptors are scarce in this test: a quarter of 256. */
static void scarce_up(void)
{
    struct rlimit limit;

    getrlimit(RLIMIT_NOFILE, &limit);
    limit.rlim_cur = 256;
    setrlimit(RLIMIT_NOFILE, &limit);
    rig_up();
}

START_TEST(slow_work_leaves_room_for_quick_work_and_the_host)
{
    uint64_t stops[100];

    daemon_on(rig.daemon, &(struct daemon_rule){.request = "POST /v1.41/containers/slow/stop", .bytes = "", .hang = true});
    daemon_json(rig.daemon, INSPECT, 200, RECORD);
    for (int i = 0; i < 100; i++)
        stops[i] = submit_op(.kind = ECSENGINE_OP_STOP, .container = "slow", .grace_ns = 0);
    ck_assert(daemon_wait_count(rig.daemon, "POST", 48)); /* three quarters of 64 */
    ck_assert_int_eq(inspect()->failure, ECSENGINE_FAILURE_NONE);
    ck_assert_int_eq(do_op(.kind = ECSENGINE_OP_PING)->failure, ECSENGINE_FAILURE_NONE);
    ck_assert_int_eq(daemon_count(rig.daemon, "POST"), 48);
    for (int i = 0; i < 100; i++)
        double_cancel(rig.engine, stops[i]);
    for (int i = 0; i < 100; i++)
        ck_assert_int_eq(double_wait(rig.engine, stops[i], 5000)->failure, ECSENGINE_FAILURE_CANCELLED);
}
END_TEST

static void short_backlog_up(void) { rig_up_with_backlog(1); }

START_TEST(a_full_backlog_is_waited_for)
{
    uint64_t ids[60];

    daemon_on(rig.daemon, &(struct daemon_rule){.request = "POST",
                                                .bytes = "HTTP/1.1 201 X\r\nContent-Length: 10\r\n\r\n{\"Id\":\"a\"}",
                                                .delay_ms = 20});
    do_op(.kind = ECSENGINE_OP_PING);
    daemon_hold(rig.daemon, true);
    for (int i = 0; i < 60; i++)
        ids[i] = submit_op(.kind = ECSENGINE_OP_CREATE, .name = "n", .config = "{}");
    usleep(100000);
    daemon_hold(rig.daemon, false);
    for (int i = 0; i < 60; i++) {
        const struct ecsengine_result *result = double_wait(rig.engine, ids[i], 20000);
        ck_assert_msg(result->failure == ECSENGINE_FAILURE_NONE, "%s", result->text);
    }
    ck_assert_int_eq(daemon_count(rig.daemon, "POST"), 60);
}
END_TEST

START_TEST(a_cancelled_request_is_aborted_and_answered)
{
    daemon_on(rig.daemon, &(struct daemon_rule){.request = INSPECT, .bytes = "HTTP/1.1 200 OK\r\n", .hang = true});
    uint64_t id = submit_op(.kind = ECSENGINE_OP_INSPECT, .container = "c");
    ck_assert(daemon_wait_count(rig.daemon, INSPECT, 1));
    double_cancel(rig.engine, id);
    const struct ecsengine_result *result = double_wait(rig.engine, id, 5000);
    ck_assert_int_eq(result->failure, ECSENGINE_FAILURE_CANCELLED);
    ck_assert_str_eq(result->text, "context canceled");
    double_cancel(rig.engine, id); /* again, and one that never was: no harm */
    double_cancel(rig.engine, 4711);
    ck_assert_int_eq(do_op(.kind = ECSENGINE_OP_PING)->failure, ECSENGINE_FAILURE_NONE);
}
END_TEST

START_TEST(a_request_that_waits_for_the_version_can_be_cancelled)
{
    daemon_on(rig.daemon, &(struct daemon_rule){.request = "GET /_ping", .bytes = "", .hang = true});
    uint64_t id = submit_op(.kind = ECSENGINE_OP_INSPECT, .container = "c");
    ck_assert(daemon_wait_count(rig.daemon, "GET /_ping", 1));
    double_cancel(rig.engine, id);
    ck_assert_int_eq(double_wait(rig.engine, id, 5000)->failure, ECSENGINE_FAILURE_CANCELLED);
}
END_TEST

START_TEST(a_cancel_that_comes_as_an_operation_works_too)
{
    daemon_on(rig.daemon, &(struct daemon_rule){.request = INSPECT, .bytes = "", .hang = true});
    uint64_t id = submit_op(.kind = ECSENGINE_OP_INSPECT, .container = "c");
    submit_op(.kind = ECSENGINE_OP_CANCEL, .cancel_id = id);
    ck_assert_int_eq(double_wait(rig.engine, id, 5000)->failure, ECSENGINE_FAILURE_CANCELLED);
}
END_TEST

START_TEST(a_request_without_an_answer_is_given_up_after_its_deadline)
{
    daemon_on(rig.daemon, &(struct daemon_rule){.request = INSPECT, .bytes = "", .hang = true});
    uint64_t id = submit_op(.kind = ECSENGINE_OP_INSPECT, .container = "c", .deadline_ns = rig_in_ms(200));
    ck_assert_ptr_null(double_wait(rig.engine, id, 3000)); /* the engine's own answer goes first */
    ck_assert_int_eq(double_wait(rig.engine, id, 5000)->failure, ECSENGINE_FAILURE_UNREACHABLE);
    for (int i = 0; i < 200 && daemon_open_now(rig.daemon) > 1; i++)
        usleep(10000);
    ck_assert_int_le(daemon_open_now(rig.daemon), 1);
}
END_TEST

START_TEST(a_deadline_of_another_clock_ends_nothing)
{
    daemon_json(rig.daemon, INSPECT, 200, RECORD);
    ck_assert_int_eq(do_op(.kind = ECSENGINE_OP_INSPECT, .container = "c", .deadline_ns = 5)->failure, ECSENGINE_FAILURE_NONE);
}
END_TEST

START_TEST(a_daemon_that_never_answers_the_negotiation_is_unreachable)
{
    daemon_on(rig.daemon, &(struct daemon_rule){.request = "GET /_ping", .bytes = "", .hang = true, .times = 1});
    uint64_t id = submit_op(.kind = ECSENGINE_OP_INSPECT, .container = "c");
    const struct ecsengine_result *result = double_wait(rig.engine, id, 15000);
    ck_assert_int_eq(result->failure, ECSENGINE_FAILURE_UNREACHABLE);
    assert_has(result->text, "did not answer within 10 seconds");
    daemon_json(rig.daemon, INSPECT, 200, RECORD);
    ck_assert_int_eq(inspect()->failure, ECSENGINE_FAILURE_NONE);
}
END_TEST

START_TEST(freeing_the_adapter_first_answers_everything)
{
    daemon_on(rig.daemon, &(struct daemon_rule){.request = INSPECT, .bytes = "", .hang = true});
    uint64_t id = submit_op(.kind = ECSENGINE_OP_INSPECT, .container = "c");
    ck_assert(daemon_wait_count(rig.daemon, INSPECT, 1));
    ecsengine_docker_free(rig.docker);
    rig.docker = NULL;
    ck_assert_int_eq(double_wait(rig.engine, id, 0)->failure, ECSENGINE_FAILURE_UNREACHABLE);
    /* The engine still has the vtable. */
    ck_assert_int_eq(inspect()->failure, ECSENGINE_FAILURE_UNREACHABLE);
    double_cancel(rig.engine, id);
    double_close(rig.engine);
}
END_TEST

START_TEST(freeing_the_engine_first_leaves_nothing_under_way)
{
    daemon_on(rig.daemon, &(struct daemon_rule){.request = INSPECT, .bytes = "", .hang = true});
    submit_op(.kind = ECSENGINE_OP_INSPECT, .container = "c");
    ck_assert(daemon_wait_count(rig.daemon, INSPECT, 1));
    double_close(rig.engine);
    for (int i = 0; i < 200 && daemon_open_now(rig.daemon) > 1; i++)
        usleep(10000);
    ck_assert_int_le(daemon_open_now(rig.daemon), 1);
}
END_TEST

START_TEST(an_adapter_that_was_never_attached_can_be_freed)
{
    ecsengine_docker *docker;

    ck_assert_int_eq(ecsengine_docker_new("/nowhere", &docker, NULL), 0);
    ecsengine_docker_free(docker);
}
END_TEST

static int open_descriptors(void)
{
    DIR *folder = opendir("/proc/self/fd");
    int count = 0;

    while (readdir(folder) != NULL)
        count++;
    closedir(folder);
    return count;
}

START_TEST(nothing_is_left_open)
{
    int before;

    rig_down();
    before = open_descriptors();
    for (int i = 0; i < 3; i++) {
        rig_up();
        daemon_on(rig.daemon, &(struct daemon_rule){.request = INSPECT, .bytes = "HTTP/1.1 200 OK\r\n\r\n{", .hang = true});
        submit_op(.kind = ECSENGINE_OP_INSPECT, .container = "c");
        do_op(.kind = ECSENGINE_OP_PING);
        ecsengine_docker_free(rig.docker);
        rig.docker = NULL;
        rig_down();
    }
    ck_assert_int_eq(open_descriptors(), before);
    rig_up();
}
END_TEST

static void proxied_up(void)
{
    setenv("http_proxy", "http://127.0.0.1:9", 1);
    setenv("ALL_PROXY", "socks5://127.0.0.1:9", 1);
    rig_up();
}

START_TEST(proxies_of_the_environment_do_not_matter)
{
    ck_assert_int_eq(do_op(.kind = ECSENGINE_OP_PING)->failure, ECSENGINE_FAILURE_NONE);
}
END_TEST

static TCase *with(Suite *suite, const char *name, void (*up)(void), const TTest *test)
{
    TCase *tcase = tcase_create(name);

    tcase_set_timeout(tcase, 60);
    tcase_add_checked_fixture(tcase, up, rig_down);
    tcase_add_test(tcase, test);
    suite_add_tcase(suite, tcase);
    return tcase;
}

int main(void)
{
    Suite *suite = suite_create("docker-life");
    TCase *tcase = with(suite, "life", rig_up, only_unix_sockets_are_addresses);

    tcase_add_test(tcase, a_bare_path_is_an_address);
    tcase_add_test(tcase, one_adapter_serves_one_engine);
    tcase_add_test(tcase, the_highest_common_version_is_spoken);
    tcase_add_test(tcase, the_version_is_asked_once);
    tcase_add_test(tcase, a_daemon_that_is_too_old_is_refused);
    tcase_add_test(tcase, a_ping_that_does_not_tell_is_followed_by_the_document);
    tcase_add_test(tcase, a_version_that_cannot_be_read_fails_what_waits_for_it);
    tcase_add_test(tcase, requests_wait_for_the_version);
    tcase_add_test(tcase, the_version_is_asked_again_after_the_daemon_was_away);
    tcase_add_test(tcase, the_version_is_asked_again_after_the_event_stream_ended);
    tcase_add_loop_test(tcase, what_another_version_refuses_is_asked_for_in_its_own_words, 0, 2);
    tcase_add_test(tcase, a_refusal_is_tried_in_other_words_once_and_only_of_another_version);
    tcase_add_test(tcase, an_answer_of_another_version_makes_the_next_request_speak_it);
    tcase_add_test(tcase, connections_are_kept_and_used_again);
    tcase_add_test(tcase, requests_run_side_by_side);
    tcase_add_test(tcase, a_kept_connection_that_died_is_replaced);
    tcase_add_test(tcase, a_read_is_sent_again_when_a_kept_connection_dies_under_it);
    tcase_add_test(tcase, a_cancelled_request_is_aborted_and_answered);
    tcase_add_test(tcase, a_request_that_waits_for_the_version_can_be_cancelled);
    tcase_add_test(tcase, a_cancel_that_comes_as_an_operation_works_too);
    tcase_add_test(tcase, a_request_without_an_answer_is_given_up_after_its_deadline);
    tcase_add_test(tcase, a_deadline_of_another_clock_ends_nothing);
    tcase_add_test(tcase, a_daemon_that_never_answers_the_negotiation_is_unreachable);
    tcase_add_test(tcase, freeing_the_adapter_first_answers_everything);
    tcase_add_test(tcase, freeing_the_engine_first_leaves_nothing_under_way);
    tcase_add_test(tcase, an_adapter_that_was_never_attached_can_be_freed);
    tcase_add_test(tcase, nothing_is_left_open);
    with(suite, "scarce-descriptors", scarce_up, slow_work_leaves_room_for_quick_work_and_the_host);
    with(suite, "short-backlog", short_backlog_up, a_full_backlog_is_waited_for);
    with(suite, "proxies", proxied_up, proxies_of_the_environment_do_not_matter);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_NORMAL);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}

/* SPDX-License-Identifier: Apache-2.0 */
/* Refusals, and daemons that lie, break off, shout or fall silent. Whatever they do, the worst is a failed operation of the right class. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "rig.h"

#define START "POST /v1.41/containers/c/start"
#define INSPECT "GET /v1.41/containers/c/json"
#define HEAD_OK "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n"

static const struct ecsengine_result *start(void) { return do_op(.kind = ECSENGINE_OP_START, .container = "c"); }
static const struct ecsengine_result *inspect(void) { return do_op(.kind = ECSENGINE_OP_INSPECT, .container = "c"); }

static bool ends_with(const char *text, const char *end)
{
    return strlen(text) >= strlen(end) && strcmp(text + strlen(text) - strlen(end), end) == 0;
}

START_TEST(refusals_keep_the_daemons_words_and_have_a_class)
{
    daemon_json(rig.daemon, START, 404, "{\"message\":\"No such container: c\"}");
    ck_assert_int_eq(start()->failure, ECSENGINE_FAILURE_NOT_FOUND);
    ck_assert_str_eq(start()->text, "Error response from daemon: No such container: c");
    daemon_json(rig.daemon, START, 409, "{\"message\":\"taken\"}");
    ck_assert_int_eq(start()->failure, ECSENGINE_FAILURE_CONFLICT);
    daemon_json(rig.daemon, START, 500, "{\"message\":\" port is allocated \\n\"}");
    ck_assert_int_eq(start()->failure, ECSENGINE_FAILURE_OTHER);
    ck_assert_str_eq(start()->text, "Error response from daemon: port is allocated");
}
END_TEST

START_TEST(plain_text_refusals_are_passed_on)
{
    daemon_on(rig.daemon,
              &(struct daemon_rule){.request = START, .bytes = "HTTP/1.1 503 X\r\nContent-Length: 13\r\n\r\nproxy is down"});
    ck_assert_str_eq(start()->text, "Error response from daemon: proxy is down");
}
END_TEST

START_TEST(empty_refusals_say_what_was_asked)
{
    daemon_on(rig.daemon, &(struct daemon_rule){.request = START, .bytes = "HTTP/1.1 404 X\r\nContent-Length: 0\r\n\r\n"});
    const struct ecsengine_result *result = start();
    ck_assert_int_eq(result->failure, ECSENGINE_FAILURE_NOT_FOUND);
    assert_has(result->text, "request returned Not Found for API route and version http://%2Ftmp%2Fecsengine-test-");
    assert_has(result->text, "/v1.41/containers/c/start, check if the server supports the requested API version");
    daemon_on(rig.daemon, &(struct daemon_rule){.request = START, .bytes = "HTTP/1.1 418 X\r\nContent-Length: 0\r\n\r\n"});
    assert_has(start()->text, "request returned status 418 for");
}
END_TEST

START_TEST(refusals_of_bytes_that_are_no_text_are_made_text)
{
    static const char body[] = "HTTP/1.1 500 X\r\nContent-Length: 9\r\n\r\nbad\xff\0\xc3(\x01!";

    daemon_on(rig.daemon, &(struct daemon_rule){.request = START, .bytes = body, .len = sizeof(body) - 1});
    ck_assert_str_eq(start()->text, "Error response from daemon: bad? ?( !");
}
END_TEST

START_TEST(a_refusal_of_endless_words_keeps_its_class)
{
    daemon_on(rig.daemon, &(struct daemon_rule){.request = START,
                                                .bytes = "HTTP/1.1 404 X\r\n\r\n",
                                                .filler = "blah blah blah blah ",
                                                .fill_count = 100000,
                                                .close = true});
    const struct ecsengine_result *result = start();
    ck_assert_int_eq(result->failure, ECSENGINE_FAILURE_NOT_FOUND);
    ck_assert_str_eq(
        result->text,
        "The Docker daemon's answer to POST /v1.41/containers/c/start could not be read: it is longer than 65536 bytes");
}
END_TEST

START_TEST(a_redirection_is_not_followed_and_is_no_success)
{
    daemon_on(rig.daemon, &(struct daemon_rule){.request = START,
                                                .bytes = "HTTP/1.1 301 X\r\nLocation: /elsewhere\r\nContent-Length: 0\r\n\r\n"});
    const struct ecsengine_result *result = start();
    ck_assert_int_eq(result->failure, ECSENGINE_FAILURE_OTHER);
    ck_assert_str_eq(result->text, "unexpected redirect in response");
    ck_assert_int_eq(daemon_count(rig.daemon, "GET /elsewhere") + daemon_count(rig.daemon, "POST /elsewhere"), 0);
}
END_TEST

START_TEST(a_connection_closed_without_an_answer_is_unreachable_and_ends_in_eof)
{
    daemon_on(rig.daemon, &(struct daemon_rule){.request = START, .bytes = "", .close = true});
    const struct ecsengine_result *result = start();
    ck_assert_int_eq(result->failure, ECSENGINE_FAILURE_UNREACHABLE);
    assert_has(result->text, "error during connect: Post \"http://%2Ftmp%2F");
    ck_assert_msg(ends_with(result->text, "/v1.41/containers/c/start\": EOF"), "%s", result->text);
}
END_TEST

START_TEST(a_change_is_never_sent_twice)
{
    static const struct {
        const char *request;
        struct double_op op;
    } cases[] = {
        {START, {.kind = ECSENGINE_OP_START, .container = "c"}},
        {"POST /v1.41/containers/c/stop", {.kind = ECSENGINE_OP_STOP, .container = "c"}},
        {"POST /v1.41/containers/create", {.kind = ECSENGINE_OP_CREATE, .name = "c", .config = "{}"}},
        {"DELETE /v1.41/containers/c", {.kind = ECSENGINE_OP_REMOVE, .container = "c"}},
        {"POST /v1.41/images/create", {.kind = ECSENGINE_OP_PULL_IMAGE, .image = "c"}},
        {"POST /v1.41/images/c/tag", {.kind = ECSENGINE_OP_TAG_IMAGE, .image = "c", .target = "d"}},
    };

    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        daemon_on(rig.daemon, &(struct daemon_rule){.request = cases[i].request, .bytes = "", .close = true});
        /* Two connections that were used before and are kept: libcurl would try the second when the first one closes. */
        uint64_t a = submit_op(.kind = ECSENGINE_OP_PING);
        uint64_t b = submit_op(.kind = ECSENGINE_OP_PING);
        ck_assert_int_eq(double_wait(rig.engine, a, 5000)->failure, 0);
        ck_assert_int_eq(double_wait(rig.engine, b, 5000)->failure, 0);
        const struct ecsengine_result *result = double_do(rig.engine, &cases[i].op);
        ck_assert_int_eq(result->failure, ECSENGINE_FAILURE_UNREACHABLE);
        ck_assert_msg(ends_with(result->text, ": EOF"), "%s", result->text);
        ck_assert_int_eq(daemon_count(rig.daemon, cases[i].request), 1);
    }
}
END_TEST

START_TEST(half_answers_are_unreachable_at_every_byte)
{
    static const char whole[] = "HTTP/1.1 201 Created\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n"
                                "5\r\n{\"Id\"\r\n8\r\n:\"abcd\"}\r\n0\r\n\r\n";

    for (size_t len = 1; len < sizeof(whole) - 2; len++) { /* the last byte of all, a line feed, tells nothing new */
        daemon_on(rig.daemon,
                  &(struct daemon_rule){
                      .request = "POST /v1.41/containers/create", .bytes = whole, .len = len, .close = true, .times = 1});
        const struct ecsengine_result *result = do_op(.kind = ECSENGINE_OP_CREATE, .name = "n", .config = "{}");
        ck_assert_msg(result->failure == ECSENGINE_FAILURE_UNREACHABLE, "cut after %zu bytes: %d %s", len, (int)result->failure,
                      result->text);
        if (len % 40 == 39) { /* the table of rules is short */
            rig_down();
            rig_up();
        }
    }
    daemon_on(rig.daemon, &(struct daemon_rule){.request = "POST /v1.41/containers/create", .bytes = whole, .piece = 1});
    ck_assert_str_eq(do_op(.kind = ECSENGINE_OP_CREATE, .name = "n", .config = "{}")->id, "abcd");
}
END_TEST

START_TEST(half_a_start_ends_in_eof)
{
    daemon_on(rig.daemon, &(struct daemon_rule){.request = START, .bytes = "HTTP/1.1 204 No Con", .close = true});
    ck_assert_int_eq(start()->failure, ECSENGINE_FAILURE_UNREACHABLE);
    ck_assert_msg(ends_with(start()->text, "EOF"), "%s", start()->text);
    daemon_on(rig.daemon, &(struct daemon_rule){
                              .request = START, .bytes = "HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\n12345", .close = true});
    ck_assert_int_eq(start()->failure, ECSENGINE_FAILURE_UNREACHABLE);
    ck_assert_msg(ends_with(start()->text, "\": unexpected EOF"), "%s", start()->text);
}
END_TEST

START_TEST(what_is_no_http_is_unreachable)
{
    static const char *const garbage[] = {
        "SSH-2.0-OpenSSH_9.2\r\n\r\n",
        "\x16\x03\x01\x02\x03garbage garbage garbage garbage\n\n",
        "HTTP/1.1 abc def\r\n\r\n",
        "HTTP/9.7 200 OK\r\nContent-Length: 2\r\n\r\n{}",
        HEAD_OK "Transfer-Encoding: chunked\r\n\r\nzz\r\n{}\r\n",
        HEAD_OK "Transfer-Encoding: chunked\r\n\r\nffffffffffffffffffff\r\n{}\r\n",
        HEAD_OK "Content-Length: -5\r\n\r\n{}",
        "{\"Id\":\"no headers\"}\r\n\r\n",
    };

    for (size_t i = 0; i < sizeof(garbage) / sizeof(garbage[0]); i++) {
        daemon_on(rig.daemon, &(struct daemon_rule){.request = INSPECT, .bytes = garbage[i], .close = true});
        const struct ecsengine_result *result = inspect();
        ck_assert_msg(result->failure == ECSENGINE_FAILURE_UNREACHABLE, "case %zu: %d %s", i, (int)result->failure, result->text);
        ck_assert_msg(!result->has_record, "case %zu", i);
    }
}
END_TEST

START_TEST(deep_nesting_is_refused_before_it_is_parsed)
{
    daemon_on(rig.daemon, &(struct daemon_rule){.request = INSPECT,
                                                .bytes = HEAD_OK "\r\n{\"Id\":\"c\",\"x\":",
                                                .filler = "[[[[[[[[[[",
                                                .fill_count = 10000,
                                                .close = true});
    const struct ecsengine_result *result = inspect();
    ck_assert_int_eq(result->failure, ECSENGINE_FAILURE_OTHER);
    ck_assert_str_eq(
        result->text,
        "The Docker daemon's answer to GET /v1.41/containers/c/json could not be read: it is nested deeper than 64 levels");
    daemon_on(rig.daemon, &(struct daemon_rule){.request = "GET /v1.41/containers/json",
                                                .bytes = HEAD_OK "\r\n[",
                                                .filler = "{\"a\":{\"a\":",
                                                .fill_count = 50000,
                                                .close = true});
    assert_has(do_op(.kind = ECSENGINE_OP_LIST)->text, "it is nested deeper than 64 levels");
    daemon_on(rig.daemon, &(struct daemon_rule){.request = "POST /v1.41/images/create",
                                                .bytes = HEAD_OK "\r\n",
                                                .filler = "{\"a\":{\"a\":",
                                                .fill_count = 50000,
                                                .close = true});
    assert_has(do_op(.kind = ECSENGINE_OP_PULL_IMAGE, .image = "a")->text, "it is nested deeper than 64 levels");
}
END_TEST

START_TEST(a_refusal_of_deep_nesting_is_taken_as_plain_text)
{
    daemon_on(rig.daemon,
              &(struct daemon_rule){
                  .request = START, .bytes = "HTTP/1.1 500 X\r\n\r\n", .filler = "[[[[[[[[[[", .fill_count = 1000, .close = true});
    assert_has(start()->text, "Error response from daemon: [[[[");
}
END_TEST

START_TEST(sixty_four_levels_are_read)
{
    char body[400] = "HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n{\"Id\":\"c\",\"State\":{},\"x\":";
    size_t used = strlen(body);

    memset(body + used, '[', 63);
    memset(body + used + 63, ']', 63);
    memcpy(body + used + 126, "}", 2);
    daemon_on(rig.daemon, &(struct daemon_rule){.request = INSPECT, .bytes = body, .close = true});
    ck_assert_int_eq(inspect()->failure, ECSENGINE_FAILURE_NONE);
}
END_TEST

START_TEST(too_many_values_are_refused)
{
    daemon_on(rig.daemon,
              &(struct daemon_rule){
                  .request = INSPECT, .bytes = HEAD_OK "\r\n{\"x\":[{}", .filler = ",{}", .fill_count = 300000, .close = true});
    assert_has(inspect()->text, "it has more than 250000 values");
}
END_TEST

START_TEST(a_body_of_fifty_megabytes_is_not_collected)
{
    daemon_on(rig.daemon, &(struct daemon_rule){.request = INSPECT,
                                                .bytes = HEAD_OK "\r\n",
                                                .filler = "                                                  ",
                                                .fill_count = 1000000,
                                                .close = true});
    const struct ecsengine_result *result = inspect();
    ck_assert_int_eq(result->failure, ECSENGINE_FAILURE_OTHER);
    ck_assert_str_eq(
        result->text,
        "The Docker daemon's answer to GET /v1.41/containers/c/json could not be read: it is longer than 16777216 bytes");
    daemon_on(rig.daemon, &(struct daemon_rule){.request = START,
                                                .bytes = HEAD_OK "\r\n",
                                                .filler = "                                                  ",
                                                .fill_count = 1000000,
                                                .close = true});
    ck_assert_int_eq(start()->failure, ECSENGINE_FAILURE_UNREACHABLE); /* it said yes, and may have meant it */
}
END_TEST

START_TEST(an_object_of_two_megabytes_is_refused_in_a_stream)
{
    struct daemon_rule rule = {.request = "GET /v1.41/containers/json",
                               .bytes = HEAD_OK "\r\n[{\"Id\":\"",
                               .filler = "aaaaaaaaaaaaaaaaaaaaaaaaa",
                               .fill_count = 80000,
                               .close = true};

    daemon_on(rig.daemon, &rule);
    assert_has(do_op(.kind = ECSENGINE_OP_LIST)->text, "one object in it is longer than 1048576 bytes");
    rule.request = "POST /v1.41/images/create";
    rule.bytes = HEAD_OK "\r\n{\"status\":\"";
    daemon_on(rig.daemon, &rule);
    assert_has(do_op(.kind = ECSENGINE_OP_PULL_IMAGE, .image = "a")->text, "one object in it is longer than 1048576 bytes");
}
END_TEST

START_TEST(endless_headers_are_cut_off)
{
    daemon_on(rig.daemon, &(struct daemon_rule){.request = INSPECT,
                                                .bytes = "HTTP/1.1 200 OK\r\n",
                                                .filler = "X-More: and more and more and more\r\n",
                                                .fill_count = 100000,
                                                .close = true});
    const struct ecsengine_result *result = inspect();
    ck_assert_int_eq(result->failure, ECSENGINE_FAILURE_OTHER);
    assert_has(result->text, "its headers are longer than 131072 bytes");
    daemon_on(rig.daemon,
              &(struct daemon_rule){
                  .request = INSPECT, .bytes = "", .filler = "HTTP/1.1 100 Continue\r\n\r\n", .fill_count = 100000, .close = true});
    assert_has(inspect()->text, "its headers are longer than 131072 bytes");
    daemon_on(rig.daemon, &(struct daemon_rule){.request = INSPECT,
                                                .bytes = "HTTP/1.1 200 OK\r\nX: ",
                                                .filler = "yyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyy",
                                                .fill_count = 100000,
                                                .close = true});
    ck_assert_int_ne(inspect()->failure, ECSENGINE_FAILURE_NONE);
}
END_TEST

START_TEST(interim_answers_are_passed_over)
{
    daemon_on(rig.daemon, &(struct daemon_rule){.request = INSPECT,
                                                .bytes = "HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 102 Processing\r\n\r\nHTTP/1.1 200 "
                                                         "OK\r\nContent-Length: 21\r\n\r\n{\"Id\":\"c\",\"State\":{}}"});
    ck_assert_int_eq(inspect()->failure, ECSENGINE_FAILURE_NONE);
}
END_TEST

START_TEST(bytes_that_are_no_json_text_are_refused)
{
    static const char nul[] = "HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n{\"Id\":\"c\0d\",\"State\":{}}";
    static const char latin[] = "HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n{\"Id\":\"c\xe9\",\"State\":{}}";
    static const char escaped_nul[] = "HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n{\"Id\":\"c\\u0000d\",\"State\":{}}";
    static const char surrogate[] = "HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n{\"Id\":\"c\\ud800\",\"State\":{}}";

    daemon_on(rig.daemon, &(struct daemon_rule){.request = INSPECT, .bytes = nul, .len = sizeof(nul) - 1, .close = true});
    assert_has(inspect()->text, "it is no JSON");
    daemon_on(rig.daemon, &(struct daemon_rule){.request = INSPECT, .bytes = latin, .len = sizeof(latin) - 1, .close = true});
    assert_has(inspect()->text, "it is no JSON");
    daemon_on(rig.daemon, &(struct daemon_rule){.request = INSPECT, .bytes = escaped_nul, .close = true});
    assert_has(inspect()->text, "it is no JSON");
    daemon_on(rig.daemon, &(struct daemon_rule){.request = INSPECT, .bytes = surrogate, .close = true});
    assert_has(inspect()->text, "it is no JSON");
}
END_TEST

START_TEST(text_that_a_result_cannot_hold_is_refused)
{
    daemon_on(rig.daemon, &(struct daemon_rule){.request = INSPECT,
                                                .bytes = HEAD_OK "\r\n{\"State\":{},\"Id\":\"",
                                                .filler = "0123456789",
                                                .fill_count = 1000,
                                                .after = "\"}",
                                                .close = true});
    assert_has(inspect()->text, "a text in it is too long");
}
END_TEST

START_TEST(no_daemon_is_unreachable_with_the_known_words)
{
    char text[300];

    daemon_stop(rig.daemon);
    snprintf(text, sizeof(text), "Cannot connect to the Docker daemon at %s. Is the docker daemon running?",
             daemon_url(rig.daemon));
    for (int i = 0; i < 3; i++) {
        ck_assert_int_eq(inspect()->failure, ECSENGINE_FAILURE_UNREACHABLE);
        ck_assert_str_eq(inspect()->text, text);
        ck_assert_str_eq(do_op(.kind = ECSENGINE_OP_PING)->text, text);
        ck_assert_str_eq(do_op(.kind = ECSENGINE_OP_SUBSCRIBE)->text, text);
    }
    ck_assert_uint_eq(double_wait_lost(rig.engine, 1, 50), 0);
}
END_TEST

START_TEST(a_daemon_that_goes_away_later_is_unreachable_with_the_known_words)
{
    daemon_json(rig.daemon, INSPECT, 200, "{\"Id\":\"c\",\"State\":{}}");
    ck_assert_int_eq(inspect()->failure, ECSENGINE_FAILURE_NONE);
    daemon_stop(rig.daemon);
    assert_has(start()->text, "Cannot connect to the Docker daemon at unix:///tmp/");
}
END_TEST

START_TEST(a_socket_that_may_not_be_opened_says_so)
{
    chmod(daemon_path(rig.daemon), 0);
    if (getuid() == 0 && seteuid(65534) != 0) /* root may open anything; libc changes all threads at once */
        ck_abort_msg("cannot become somebody else");
    ck_assert_int_eq(inspect()->failure, ECSENGINE_FAILURE_UNREACHABLE);
    assert_has(inspect()->text, "permission denied");
    if (getuid() == 0 && seteuid(0) != 0)
        ck_abort_msg("cannot become root again");
}
END_TEST

START_TEST(no_memory_for_a_result_still_completes)
{
    daemon_json(rig.daemon, INSPECT, 200, "{\"Id\":\"c\",\"State\":{}}");
    ck_assert_int_eq(inspect()->failure, ECSENGINE_FAILURE_NONE);
    double_fail_results(rig.engine, 1);
    ck_assert_str_eq(inspect()->text, "no memory");
    double_fail_results(rig.engine, 1);
    ck_assert_str_eq(start()->text, "no memory");
    ck_assert_int_eq(inspect()->failure, ECSENGINE_FAILURE_NONE);
}
END_TEST

static void add(TCase *tcase)
{
    tcase_add_checked_fixture(tcase, rig_up, rig_down);
    tcase_add_test(tcase, refusals_keep_the_daemons_words_and_have_a_class);
    tcase_add_test(tcase, plain_text_refusals_are_passed_on);
    tcase_add_test(tcase, empty_refusals_say_what_was_asked);
    tcase_add_test(tcase, refusals_of_bytes_that_are_no_text_are_made_text);
    tcase_add_test(tcase, a_refusal_of_endless_words_keeps_its_class);
    tcase_add_test(tcase, a_redirection_is_not_followed_and_is_no_success);
    tcase_add_test(tcase, a_connection_closed_without_an_answer_is_unreachable_and_ends_in_eof);
    tcase_add_test(tcase, a_change_is_never_sent_twice);
    tcase_add_test(tcase, half_answers_are_unreachable_at_every_byte);
    tcase_add_test(tcase, half_a_start_ends_in_eof);
    tcase_add_test(tcase, what_is_no_http_is_unreachable);
    tcase_add_test(tcase, deep_nesting_is_refused_before_it_is_parsed);
    tcase_add_test(tcase, a_refusal_of_deep_nesting_is_taken_as_plain_text);
    tcase_add_test(tcase, sixty_four_levels_are_read);
    tcase_add_test(tcase, too_many_values_are_refused);
    tcase_add_test(tcase, a_body_of_fifty_megabytes_is_not_collected);
    tcase_add_test(tcase, an_object_of_two_megabytes_is_refused_in_a_stream);
    tcase_add_test(tcase, endless_headers_are_cut_off);
    tcase_add_test(tcase, interim_answers_are_passed_over);
    tcase_add_test(tcase, bytes_that_are_no_json_text_are_refused);
    tcase_add_test(tcase, text_that_a_result_cannot_hold_is_refused);
    tcase_add_test(tcase, no_daemon_is_unreachable_with_the_known_words);
    tcase_add_test(tcase, a_daemon_that_goes_away_later_is_unreachable_with_the_known_words);
    tcase_add_test(tcase, a_socket_that_may_not_be_opened_says_so);
    tcase_add_test(tcase, no_memory_for_a_result_still_completes);
}

int main(void) { return rig_run("docker-failures", add, 60); }

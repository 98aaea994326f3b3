/* SPDX-License-Identifier: Apache-2.0 */
/* The event stream: when it counts as open, what is forwarded, and that its end is told exactly once. */
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "rig.h"

#define EVENTS "GET /v1.41/events"

static void subscribe(void)
{
    daemon_on(rig.daemon, &(struct daemon_rule){.request = EVENTS, .bytes = OK_CHUNKED, .hang = true});
    ck_assert_int_eq(do_op(.kind = ECSENGINE_OP_SUBSCRIBE)->failure, ECSENGINE_FAILURE_NONE);
}

/* Sends one chunk. */
static void push(const char *text)
{
    char chunk[70000];

    snprintf(chunk, sizeof(chunk), "%zx\r\n%s\r\n", strlen(text), text);
    daemon_push(rig.daemon, chunk);
}

START_TEST(subscribe_completes_with_the_headers_before_any_event)
{
    subscribe();
    ck_assert_uint_eq(double_wait_events(rig.engine, 1, 30), 0);
    ck_assert_uint_eq(double_wait_lost(rig.engine, 1, 30), 0);
}
END_TEST

START_TEST(every_kind_of_event_is_forwarded_in_order)
{
    static const struct {
        const char *action;
        enum ecsengine_runtime_event_kind kind;
    } cases[] = {
        {"create", ECSENGINE_RUNTIME_EVENT_CREATE},
        {"start", ECSENGINE_RUNTIME_EVENT_START},
        {"die", ECSENGINE_RUNTIME_EVENT_DIE},
        {"stop", ECSENGINE_RUNTIME_EVENT_STOP},
        {"oom", ECSENGINE_RUNTIME_EVENT_OOM},
        {"restart", ECSENGINE_RUNTIME_EVENT_RESTART},
        {"destroy", ECSENGINE_RUNTIME_EVENT_DESTROY},
        {"health_status: healthy", ECSENGINE_RUNTIME_EVENT_HEALTHY},
        {"health_status: unhealthy", ECSENGINE_RUNTIME_EVENT_UNHEALTHY},
    };
    size_t count = sizeof(cases) / sizeof(cases[0]);
    char text[200];

    subscribe();
    for (size_t i = 0; i < count; i++) {
        snprintf(text, sizeof(text), "{\"status\":\"%s\",\"id\":\"c%zu\",\"Type\":\"container\",\"Action\":\"%s\"}\n",
                 cases[i].action, i, cases[i].action);
        push(text);
    }
    ck_assert_uint_eq(double_wait_events(rig.engine, count, 5000), count);
    for (size_t i = 0; i < count; i++) {
        snprintf(text, sizeof(text), "c%zu", i);
        ck_assert_int_eq(double_event_at(rig.engine, i).kind, cases[i].kind);
        ck_assert_str_eq(double_event_at(rig.engine, i).container, text);
    }
}
END_TEST

START_TEST(new_daemons_have_action_and_actor_alone)
{
    subscribe();
    push("{\"Type\":\"container\",\"Action\":\"die\",\"Actor\":{\"ID\":\"new\",\"Attributes\":{\"exitCode\":\"137\"}}}");
    ck_assert_uint_eq(double_wait_events(rig.engine, 1, 5000), 1);
    struct double_event event = double_event_at(rig.engine, 0);
    ck_assert_int_eq(event.kind, ECSENGINE_RUNTIME_EVENT_DIE);
    ck_assert_str_eq(event.container, "new");
    ck_assert(event.has_exit_code);
    ck_assert_int_eq(event.exit_code, 137);
}
END_TEST

START_TEST(the_end_of_an_exec_names_it)
{
    char text[700];

    subscribe();
    push("{\"Type\":\"container\",\"status\":\"exec_create: sh\",\"id\":\"c\",\"Actor\":{\"Attributes\":{\"execID\":\"e1\"}}}");
    push("{\"Type\":\"container\",\"status\":\"exec_start: sh\",\"id\":\"c\",\"Actor\":{\"Attributes\":{\"execID\":\"e1\"}}}");
    push("{\"Type\":\"container\",\"status\":\"exec_die\",\"id\":\"c\",\"Actor\":{\"Attributes\":{\"execID\":\"\",\"exitCode\":\"1\"}}}");
    snprintf(text, sizeof(text), "{\"Type\":\"container\",\"status\":\"exec_die\",\"id\":\"c\",\"Actor\":{\"Attributes\":{\"execID\":\"%0300d\"}}}", 1);
    push(text); /* no id that an operation can have had */
    push("{\"Type\":\"container\",\"status\":\"exec_die\",\"id\":\"c\",\"Actor\":{\"Attributes\":{\"execID\":\"e1\",\"exitCode\":\"137\"}}}");
    push("{\"Type\":\"container\",\"Action\":\"exec_die\",\"Actor\":{\"ID\":\"c\",\"Attributes\":{\"execID\":\"e2\"}}}");
    ck_assert_uint_eq(double_wait_events(rig.engine, 2, 5000), 2);
    struct double_event event = double_event_at(rig.engine, 0);
    ck_assert_int_eq(event.kind, ECSENGINE_RUNTIME_EVENT_EXEC_DIE);
    ck_assert_str_eq(event.container, "c");
    ck_assert_str_eq(event.exec_id, "e1");
    ck_assert(event.has_exit_code);
    ck_assert_int_eq(event.exit_code, 137);
    event = double_event_at(rig.engine, 1);
    ck_assert_str_eq(event.exec_id, "e2");
    ck_assert(!event.has_exit_code);
    ck_assert_uint_eq(double_wait_lost(rig.engine, 1, 20), 0);
}
END_TEST

START_TEST(only_a_readable_exit_code_is_passed_on)
{
    static const char *const codes[] = {"\"\"", "\"x\"", "\"1x\"", "\" 1\"", "\"99999999999\"", "7", "null", "{}"};
    char text[200];

    subscribe();
    for (size_t i = 0; i < sizeof(codes) / sizeof(codes[0]); i++) {
        snprintf(text, sizeof(text),
                 "{\"Type\":\"container\",\"status\":\"die\",\"id\":\"c\",\"Actor\":{\"Attributes\":{\"exitCode\":%s}}}", codes[i]);
        push(text);
        ck_assert_uint_eq(double_wait_events(rig.engine, i + 1, 5000), i + 1);
        ck_assert_msg(!double_event_at(rig.engine, i).has_exit_code, "%s", codes[i]);
    }
    push("{\"Type\":\"container\",\"status\":\"start\",\"id\":\"c\",\"Actor\":{\"Attributes\":{\"exitCode\":\"0\"}}}");
    ck_assert_uint_eq(double_wait_events(rig.engine, 9, 5000), 9);
    ck_assert(!double_event_at(rig.engine, 8).has_exit_code);
}
END_TEST

START_TEST(what_is_no_containers_event_is_passed_over)
{
    subscribe();
    push("{\"Type\":\"network\",\"Action\":\"create\",\"Actor\":{\"ID\":\"n\"}}{\"Type\":\"image\",\"status\":\"pull\",\"id\":"
         "\"i\"}");
    push("{\"Type\":\"container\",\"status\":\"exec_die\",\"id\":\"c\"}{\"Type\":\"container\",\"status\":\"start\"}{}");
    push("{\"Type\":7,\"status\":[],\"id\":{},\"Actor\":5}{\"Type\":\"container\",\"Action\":{},\"Actor\":[],\"status\":\"die\"}");
    push("{\"Type\":\"container\",\"status\":\"start\",\"id\":\"last\"}");
    ck_assert_uint_eq(double_wait_events(rig.engine, 1, 5000), 1);
    ck_assert_str_eq(double_event_at(rig.engine, 0).container, "last");
    ck_assert_uint_eq(double_wait_lost(rig.engine, 1, 20), 0);
}
END_TEST

START_TEST(events_may_be_cut_anywhere)
{
    static const char event[] = " {\"Type\":\"container\",\"status\":\"start\",\"id\":\"a\\\"}{\\\\\"} \r\n";
    char one[2] = "";

    subscribe();
    for (int round = 0; round < 3; round++)
        for (const char *c = event; *c != '\0'; c++) {
            one[0] = *c;
            push(one);
        }
    ck_assert_uint_eq(double_wait_events(rig.engine, 3, 5000), 3);
    ck_assert_str_eq(double_event_at(rig.engine, 2).container, "a\"}{\\");
}
END_TEST

START_TEST(a_burst_of_events_arrives_whole)
{
    char text[60000];
    size_t used = 0;

    subscribe();
    for (int i = 0; i < 700; i++)
        used += (size_t)snprintf(text + used, sizeof(text) - used,
                                 "{\"Type\":\"container\",\"status\":\"start\",\"id\":\"container-%03d\"}\n", i);
    for (int round = 0; round < 10; round++)
        push(text);
    ck_assert_uint_eq(double_wait_events(rig.engine, 7000, 20000), 7000);
    ck_assert_str_eq(double_event_at(rig.engine, 6999).container, "container-699");
    ck_assert_str_eq(double_event_at(rig.engine, 701).container, "container-001");
}
END_TEST

START_TEST(the_end_of_a_stream_is_told_once)
{
    subscribe();
    daemon_drop(rig.daemon);
    ck_assert_uint_eq(double_wait_lost(rig.engine, 1, 5000), 1);
    ck_assert_str_eq(double_lost_reason(rig.engine), "The event stream ended: unexpected EOF");
    ck_assert_uint_eq(double_wait_lost(rig.engine, 2, 50), 1);
    subscribe();
    push("{\"Type\":\"container\",\"status\":\"start\",\"id\":\"a\"}");
    ck_assert_uint_eq(double_wait_events(rig.engine, 1, 5000), 1);
    daemon_push(rig.daemon, "0\r\n\r\n");
    ck_assert_uint_eq(double_wait_lost(rig.engine, 2, 5000), 2);
    ck_assert_str_eq(double_lost_reason(rig.engine), "The event stream ended: EOF");
    ck_assert_uint_eq(double_wait_lost(rig.engine, 3, 50), 2);
}
END_TEST

START_TEST(a_stream_that_cannot_be_read_is_lost_and_closed)
{
    static const struct {
        const char *text;
        const char *why;
    } cases[] = {
        {"garbage", "it is no JSON (0x67 stands where an object should)"},
        {"{\"a\":tru}", "it is no JSON"},
        {"{\"id\":\"\xff\"}", "it is no JSON"},
        {"[{}]", "it is no JSON (0x5b stands where an object should)"},
        {"{\"a\":[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[", "it is nested deeper than 64 levels"},
    };

    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        subscribe();
        push(cases[i].text);
        ck_assert_uint_eq(double_wait_lost(rig.engine, i + 1, 5000), i + 1);
        assert_has(double_lost_reason(rig.engine), "The Docker daemon's answer to GET /v1.41/events could not be read: ");
        assert_has(double_lost_reason(rig.engine), cases[i].why);
    }
    ck_assert_uint_eq(double_wait_lost(rig.engine, 6, 50), 5);
}
END_TEST

START_TEST(an_event_of_two_megabytes_ends_the_stream)
{
    daemon_on(rig.daemon, &(struct daemon_rule){.request = EVENTS,
                                                .bytes = "HTTP/1.1 200 OK\r\n\r\n{\"id\":\"",
                                                .filler = "0123456789abcdef",
                                                .fill_count = 131072,
                                                .hang = true});
    ck_assert_int_eq(do_op(.kind = ECSENGINE_OP_SUBSCRIBE)->failure, ECSENGINE_FAILURE_NONE);
    ck_assert_uint_eq(double_wait_lost(rig.engine, 1, 10000), 1);
    assert_has(double_lost_reason(rig.engine), "one object in it is longer than 1048576 bytes");
}
END_TEST

START_TEST(a_refused_subscription_fails_and_nothing_is_lost)
{
    daemon_json(rig.daemon, EVENTS, 500, "{\"message\":\"no events today\"}");
    const struct ecsengine_result *result = do_op(.kind = ECSENGINE_OP_SUBSCRIBE);
    ck_assert_str_eq(result->text, "Error response from daemon: no events today");
    daemon_on(rig.daemon, &(struct daemon_rule){.request = EVENTS, .bytes = "HTTP/1.1 200 OK\r\nTransfer-Enc", .close = true});
    ck_assert_int_eq(do_op(.kind = ECSENGINE_OP_SUBSCRIBE)->failure, ECSENGINE_FAILURE_UNREACHABLE);
    ck_assert_uint_eq(double_wait_lost(rig.engine, 1, 50), 0);
}
END_TEST

START_TEST(an_event_without_memory_for_it_ends_the_stream)
{
    subscribe();
    double_fail_events(rig.engine, 1);
    push("{\"Type\":\"container\",\"status\":\"start\",\"id\":\"a\"}");
    ck_assert_uint_eq(double_wait_lost(rig.engine, 1, 5000), 1);
    ck_assert_str_eq(double_lost_reason(rig.engine), "The event stream ended: out of memory");
}
END_TEST

START_TEST(a_loss_without_memory_for_it_is_told_later)
{
    subscribe();
    double_fail_lost(rig.engine, 3);
    daemon_drop(rig.daemon);
    ck_assert_uint_eq(double_wait_lost(rig.engine, 1, 5000), 1);
    ck_assert_uint_eq(double_wait_lost(rig.engine, 2, 150), 1);
}
END_TEST

/* A daemon that hung has kept the old one open. */
START_TEST(a_new_stream_takes_the_place_of_the_old_one_without_a_word)
{
    subscribe();
    subscribe();
    for (int i = 0; i < 200 && daemon_open_now(rig.daemon) > 2; i++)
        usleep(10000);
    ck_assert_int_le(daemon_open_now(rig.daemon), 2); /* the connection of the negotiation is kept */
    ck_assert_uint_eq(double_wait_lost(rig.engine, 1, 50), 0);
    push("{\"Type\":\"container\",\"status\":\"start\",\"id\":\"a\"}");
    ck_assert_uint_eq(double_wait_events(rig.engine, 2, 50), 1);
    daemon_drop(rig.daemon);
    ck_assert_uint_eq(double_wait_lost(rig.engine, 2, 50), 1);
}
END_TEST

START_TEST(a_stream_that_the_engine_gave_up_meanwhile_is_closed_without_a_word)
{
    daemon_on(rig.daemon, &(struct daemon_rule){.request = EVENTS, .bytes = OK_CHUNKED, .hang = true, .delay_ms = 100});
    uint64_t id = submit_op(.kind = ECSENGINE_OP_SUBSCRIBE);
    ck_assert(daemon_wait_count(rig.daemon, EVENTS, 1));
    double_answer(rig.engine, id);
    for (int i = 0; i < 200 && daemon_open_now(rig.daemon) > 1; i++)
        usleep(10000);
    ck_assert_int_le(daemon_open_now(rig.daemon), 1); /* the connection of the negotiation is kept */
    ck_assert_uint_eq(double_wait_lost(rig.engine, 1, 50), 0);
}
END_TEST

START_TEST(a_stream_without_memory_for_its_completion_is_closed)
{
    daemon_on(rig.daemon, &(struct daemon_rule){.request = EVENTS, .bytes = OK_CHUNKED, .hang = true});
    double_fail_results(rig.engine, 1);
    ck_assert_str_eq(do_op(.kind = ECSENGINE_OP_SUBSCRIBE)->text, "no memory");
    for (int i = 0; i < 200 && daemon_open_now(rig.daemon) > 1; i++)
        usleep(10000);
    ck_assert_int_le(daemon_open_now(rig.daemon), 1);
    ck_assert_uint_eq(double_wait_lost(rig.engine, 1, 50), 0);
}
END_TEST

START_TEST(cancelling_an_open_stream_does_nothing)
{
    daemon_on(rig.daemon, &(struct daemon_rule){.request = EVENTS, .bytes = OK_CHUNKED, .hang = true});
    uint64_t id = submit_op(.kind = ECSENGINE_OP_SUBSCRIBE);
    ck_assert_int_eq(double_wait(rig.engine, id, 5000)->failure, ECSENGINE_FAILURE_NONE);
    double_cancel(rig.engine, id);
    push("{\"Type\":\"container\",\"status\":\"start\",\"id\":\"a\"}");
    ck_assert_uint_eq(double_wait_events(rig.engine, 1, 5000), 1);
}
END_TEST

START_TEST(freeing_the_adapter_tells_of_the_streams_end_once)
{
    subscribe();
    ecsengine_docker_free(rig.docker);
    rig.docker = NULL;
    ck_assert_uint_eq(double_wait_lost(rig.engine, 1, 0), 1);
}
END_TEST

START_TEST(a_closed_engine_hears_nothing_more)
{
    char text[60000];
    size_t used = 0;

    subscribe();
    for (int i = 0; i < 700; i++)
        used += (size_t)snprintf(text + used, sizeof(text) - used,
                                 "{\"Type\":\"container\",\"status\":\"start\",\"id\":\"container-%03d\"}\n", i);
    push(text);
    push(text);
    double_close(rig.engine); /* in the middle of the burst; the double counts events after it */
    usleep(50000);
    ck_assert_uint_eq(double_wait_lost(rig.engine, 1, 50), 0);
}
END_TEST

static void add(TCase *tcase)
{
    tcase_add_checked_fixture(tcase, rig_up, rig_down);
    tcase_add_test(tcase, subscribe_completes_with_the_headers_before_any_event);
    tcase_add_test(tcase, every_kind_of_event_is_forwarded_in_order);
    tcase_add_test(tcase, new_daemons_have_action_and_actor_alone);
    tcase_add_test(tcase, the_end_of_an_exec_names_it);
    tcase_add_test(tcase, only_a_readable_exit_code_is_passed_on);
    tcase_add_test(tcase, what_is_no_containers_event_is_passed_over);
    tcase_add_test(tcase, events_may_be_cut_anywhere);
    tcase_add_test(tcase, a_burst_of_events_arrives_whole);
    tcase_add_test(tcase, the_end_of_a_stream_is_told_once);
    tcase_add_test(tcase, a_stream_that_cannot_be_read_is_lost_and_closed);
    tcase_add_test(tcase, an_event_of_two_megabytes_ends_the_stream);
    tcase_add_test(tcase, a_refused_subscription_fails_and_nothing_is_lost);
    tcase_add_test(tcase, an_event_without_memory_for_it_ends_the_stream);
    tcase_add_test(tcase, a_loss_without_memory_for_it_is_told_later);
    tcase_add_test(tcase, a_new_stream_takes_the_place_of_the_old_one_without_a_word);
    tcase_add_test(tcase, a_stream_that_the_engine_gave_up_meanwhile_is_closed_without_a_word);
    tcase_add_test(tcase, a_stream_without_memory_for_its_completion_is_closed);
    tcase_add_test(tcase, cancelling_an_open_stream_does_nothing);
    tcase_add_test(tcase, freeing_the_adapter_tells_of_the_streams_end_once);
    tcase_add_test(tcase, a_closed_engine_hears_nothing_more);
}

int main(void) { return rig_run("docker-events", add, 60); }

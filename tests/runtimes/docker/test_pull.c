/* SPDX-License-Identifier: Apache-2.0 */
/* Pulls: progress, failure in the stream, and ends that are none. */
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "rig.h"

#define PULL "POST /v1.41/images/create"

static int64_t current, total;
static char text[256];

static void push(const char *object)
{
    char chunk[2000];

    snprintf(chunk, sizeof(chunk), "%zx\r\n%s\r\n", strlen(object), object);
    daemon_push(rig.daemon, chunk);
}

static uint64_t begin(void)
{
    int before = daemon_count(rig.daemon, PULL);

    daemon_on(rig.daemon, &(struct daemon_rule){.request = PULL, .bytes = OK_CHUNKED, .hang = true});
    uint64_t id = submit_op(.kind = ECSENGINE_OP_PULL_IMAGE, .image = "app:1");
    ck_assert(daemon_wait_count(rig.daemon, PULL, before + 1));
    return id;
}

static int updates(uint64_t id) { return double_updates(rig.engine, id, &current, &total, text, sizeof(text)); }

static bool wait_updates(uint64_t id, int count)
{
    for (int i = 0; i < 3000 && updates(id) < count; i++)
        usleep(1000);
    return updates(id) >= count;
}

START_TEST(a_pull_ends_well_with_its_answer)
{
    uint64_t id = begin();

    push("{\"status\":\"Pulling from app\",\"id\":\"1\"}\r\n");
    push("{\"status\":\"Status: Downloaded newer image for app:1\"}\r\n");
    ck_assert_ptr_null(double_wait(rig.engine, id, 50));
    daemon_push(rig.daemon, "0\r\n\r\n");
    ck_assert_int_eq(double_wait(rig.engine, id, 5000)->failure, ECSENGINE_FAILURE_NONE);
}
END_TEST

/* Updates are made of what has come when one is due; so the last object is sent again until an update shows it. */
static bool push_until_shown(uint64_t id, const char *object, const char *shown)
{
    for (int i = 0; i < 200; i++) {
        push(object);
        usleep(30000);
        if (updates(id) > 0 && strcmp(text, shown) == 0)
            return true;
    }
    return false;
}

START_TEST(progress_sums_the_bytes_of_all_layers)
{
    uint64_t id = begin();

    push("{\"status\":\"Pulling fs layer\",\"progressDetail\":{},\"id\":\"aaa\"}");
    ck_assert(wait_updates(id, 1));
    ck_assert_int_eq(current, -1);
    ck_assert_int_eq(total, -1);
    ck_assert_str_eq(text, "Pulling fs layer aaa");
    push("{\"status\":\"Downloading\",\"progressDetail\":{\"current\":100,\"total\":1000},\"id\":\"aaa\"}"
         "{\"status\":\"Downloading\",\"progressDetail\":{\"current\":7,\"total\":500},\"id\":\"bbb\"}");
    push("{\"status\":\"Downloading\",\"progressDetail\":{\"current\":200,\"total\":1000},\"id\":\"aaa\"}");
    ck_assert(push_until_shown(id, "{\"status\":\"Waiting\",\"id\":\"ccc\"}", "Waiting ccc"));
    ck_assert_int_eq(current, 207);
    ck_assert_int_eq(total, 1500);
    push("{\"status\":\"Download complete\",\"progressDetail\":{},\"id\":\"aaa\"}");
    ck_assert(push_until_shown(id, "{\"status\":\"Extracting\",\"progressDetail\":{\"current\":3,\"total\":500},\"id\":\"bbb\"}",
                               "Extracting bbb"));
    ck_assert_int_eq(current, 1500);
}
END_TEST

START_TEST(updates_come_at_most_four_times_a_second)
{
    uint64_t id = begin();
    int64_t began = rig_in_ms(0);

    for (int i = 0; i < 100; i++) {
        push("{\"status\":\"Downloading\",\"progressDetail\":{\"current\":1,\"total\":2},\"id\":\"a\"}");
        usleep(5000);
    }
    ck_assert(wait_updates(id, 2));
    ck_assert_int_le(updates(id), 1 + (rig_in_ms(0) - began) / 250000000);
    usleep(260000);
    int before = updates(id);
    push("{");
    ck_assert(wait_updates(id, before + 1)); /* part of an object is a sign of life */
}
END_TEST

START_TEST(nothing_is_reported_before_the_first_object)
{
    uint64_t id = begin();

    push("  {\"stat");
    usleep(300000);
    push("us\":\"x\"");
    usleep(30000);
    ck_assert_int_eq(updates(id), 0);
    push("}");
    ck_assert(wait_updates(id, 1));
}
END_TEST

START_TEST(senseless_progress_does_no_harm)
{
    uint64_t id = begin();

    push("{\"status\":7,\"id\":[],\"progressDetail\":\"x\"}{\"status\":\"Downloading\",\"id\":\"a\",\"progressDetail\":{"
         "\"current\":-5,\"total\":-9}}");
    push("{\"status\":\"Downloading\",\"id\":\"a\",\"progressDetail\":{\"current\":9223372036854775807,\"total\":"
         "9223372036854775807}}");
    push("{\"status\":\"Downloading\",\"id\":\"b\",\"progressDetail\":{\"current\":9223372036854775807,\"total\":"
         "9223372036854775807}}");
    ck_assert(push_until_shown(id, "{\"status\":\"new\\nline\\u0007 \",\"id\":\"\\u00fc\"}", "new line   \xc3\xbc"));
    ck_assert_int_eq(total, -1);
    daemon_push(rig.daemon, "0\r\n\r\n");
    ck_assert_int_eq(double_wait(rig.engine, id, 5000)->failure, ECSENGINE_FAILURE_NONE);
}
END_TEST

START_TEST(thousands_of_layers_are_bounded)
{
    char object[200];
    uint64_t id = begin();

    for (int i = 0; i < 2000; i++) {
        snprintf(object, sizeof(object),
                 "{\"status\":\"Downloading\",\"id\":\"layer-%d\",\"progressDetail\":{\"current\":1,\"total\":1}}", i);
        push(object);
    }
    ck_assert(push_until_shown(id, "{\"status\":\"x\"}", "x"));
    ck_assert_int_eq(current, 256);
}
END_TEST

START_TEST(an_error_object_is_the_failure_with_its_own_text)
{
    uint64_t id = begin();

    push("{\"status\":\"Pulling from app\"}{\"errorDetail\":{\"message\":\"deep\"},\"error\":\"manifest for app:1 not found\"}");
    push("{\"error\":\"a later one\"}");
    daemon_push(rig.daemon, "0\r\n\r\n");
    const struct ecsengine_result *result = double_wait(rig.engine, id, 5000);
    ck_assert_int_eq(result->failure, ECSENGINE_FAILURE_OTHER);
    ck_assert_str_eq(result->text, "manifest for app:1 not found");
}
END_TEST

START_TEST(an_error_detail_alone_is_a_failure_too)
{
    uint64_t id = begin();

    push("{\"errorDetail\":{\"code\":1,\"message\":\"deep\"}}");
    daemon_push(rig.daemon, "0\r\n\r\n");
    ck_assert_str_eq(double_wait(rig.engine, id, 5000)->text, "deep");
}
END_TEST

START_TEST(a_refused_pull_has_the_class_of_its_status)
{
    daemon_json(rig.daemon, PULL, 404, "{\"message\":\"pull access denied for app\"}");
    const struct ecsengine_result *result = do_op(.kind = ECSENGINE_OP_PULL_IMAGE, .image = "app:1");
    ck_assert_int_eq(result->failure, ECSENGINE_FAILURE_NOT_FOUND);
    ck_assert_str_eq(result->text, "Error response from daemon: pull access denied for app");
}
END_TEST

START_TEST(a_stream_that_breaks_off_is_no_success)
{
    uint64_t id = begin();

    push("{\"status\":\"Downloading\"}");
    daemon_drop(rig.daemon);
    const struct ecsengine_result *result = double_wait(rig.engine, id, 5000);
    ck_assert_int_eq(result->failure, ECSENGINE_FAILURE_UNREACHABLE);
    assert_has(result->text, ": unexpected EOF");
}
END_TEST

START_TEST(a_stream_that_ends_within_an_object_is_no_success)
{
    uint64_t id = begin();

    push("{\"status\":\"Download");
    daemon_push(rig.daemon, "0\r\n\r\n");
    const struct ecsengine_result *result = double_wait(rig.engine, id, 5000);
    ck_assert_int_eq(result->failure, ECSENGINE_FAILURE_OTHER);
    ck_assert_str_eq(result->text,
                     "The Docker daemon's answer to POST /v1.41/images/create could not be read: it ends in the middle");
}
END_TEST

START_TEST(garbage_in_the_stream_is_a_failure)
{
    uint64_t id = begin();

    push("{\"status\":\"x\"} nonsense");
    assert_has(double_wait(rig.engine, id, 5000)->text, "could not be read: it is no JSON");
    id = begin();
    push("{\"error\":5}");
    assert_has(double_wait(rig.engine, id, 5000)->text, "could not be read: error is no string");
}
END_TEST

START_TEST(a_cancelled_pull_closes_its_connection)
{
    uint64_t id = begin();

    push("{\"status\":\"x\"}");
    ck_assert(wait_updates(id, 1));
    double_cancel(rig.engine, id);
    ck_assert_int_eq(double_wait(rig.engine, id, 5000)->failure, ECSENGINE_FAILURE_CANCELLED);
    for (int i = 0; i < 200 && daemon_open_now(rig.daemon) > 1; i++)
        usleep(10000);
    ck_assert_int_le(daemon_open_now(rig.daemon), 1);
}
END_TEST

static void add(TCase *tcase)
{
    tcase_add_checked_fixture(tcase, rig_up, rig_down);
    tcase_add_test(tcase, a_pull_ends_well_with_its_answer);
    tcase_add_test(tcase, progress_sums_the_bytes_of_all_layers);
    tcase_add_test(tcase, updates_come_at_most_four_times_a_second);
    tcase_add_test(tcase, nothing_is_reported_before_the_first_object);
    tcase_add_test(tcase, senseless_progress_does_no_harm);
    tcase_add_test(tcase, thousands_of_layers_are_bounded);
    tcase_add_test(tcase, an_error_object_is_the_failure_with_its_own_text);
    tcase_add_test(tcase, an_error_detail_alone_is_a_failure_too);
    tcase_add_test(tcase, a_refused_pull_has_the_class_of_its_status);
    tcase_add_test(tcase, a_stream_that_breaks_off_is_no_success);
    tcase_add_test(tcase, a_stream_that_ends_within_an_object_is_no_success);
    tcase_add_test(tcase, garbage_in_the_stream_is_a_failure);
    tcase_add_test(tcase, a_cancelled_pull_closes_its_connection);
}

int main(void) { return rig_run("docker-pull", add, 60); }

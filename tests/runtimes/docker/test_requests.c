/* SPDX-License-Identifier: Apache-2.0 */
/* What is sent to the daemon for each kind of operation. */
#include <string.h>

#include "rig.h"

#define DIGEST "sha256:aaaabbbbccccddddeeeeffff0000111122223333444455556666777788889999"

static void assert_sent(const char *request) { ck_assert_msg(daemon_count(rig.daemon, request) == 1, "sent once: %s", request); }

START_TEST(every_kind_has_its_method_and_path)
{
    do_op(.kind = ECSENGINE_OP_INFO);
    do_op(.kind = ECSENGINE_OP_PING);
    do_op(.kind = ECSENGINE_OP_SUBSCRIBE);
    do_op(.kind = ECSENGINE_OP_START, .container = "abc");
    do_op(.kind = ECSENGINE_OP_STOP, .container = "abc", .grace_ns = INT64_C(30999999999));
    do_op(.kind = ECSENGINE_OP_INSPECT, .container = "abc");
    do_op(.kind = ECSENGINE_OP_REMOVE, .container = "abc");
    do_op(.kind = ECSENGINE_OP_REMOVE, .container = "def", .force = 1);
    do_op(.kind = ECSENGINE_OP_INSPECT_IMAGE, .image = "reg:5000/a/b:1");
    assert_sent("GET /v1.41/info HTTP");
    assert_sent("GET /v1.41/events HTTP");
    assert_sent("POST /v1.41/containers/abc/start HTTP");
    assert_sent("POST /v1.41/containers/abc/stop?t=30 HTTP");
    assert_sent("GET /v1.41/containers/abc/json HTTP");
    assert_sent("DELETE /v1.41/containers/abc?v=1 HTTP");
    assert_sent("DELETE /v1.41/containers/def?v=1&force=1 HTTP");
    assert_sent("GET /v1.41/images/reg:5000/a/b:1/json HTTP");
    ck_assert_int_eq(daemon_count(rig.daemon, "GET /_ping HTTP"), 2); /* the negotiation's and the operation's */
}
END_TEST

START_TEST(a_stop_without_patience_says_zero_seconds)
{
    do_op(.kind = ECSENGINE_OP_STOP, .container = "abc", .grace_ns = 0);
    assert_sent("POST /v1.41/containers/abc/stop?t=0 HTTP");
    do_op(.kind = ECSENGINE_OP_STOP, .container = "neg", .grace_ns = -5);
    assert_sent("POST /v1.41/containers/neg/stop?t=0 HTTP");
}
END_TEST

START_TEST(pull_splits_the_reference_and_sends_credentials)
{
    do_op(.kind = ECSENGINE_OP_PULL_IMAGE, .image = "busybox");
    do_op(.kind = ECSENGINE_OP_PULL_IMAGE, .image = "reg:5000/team/app");
    do_op(.kind = ECSENGINE_OP_PULL_IMAGE, .image = "reg:5000/team/app:1.2");
    do_op(.kind = ECSENGINE_OP_PULL_IMAGE, .image = "app@" DIGEST);
    do_op(.kind = ECSENGINE_OP_PULL_IMAGE, .image = "tagged:7@" DIGEST);
    assert_sent("POST /v1.41/images/create?fromImage=busybox&tag=latest HTTP");
    assert_sent("POST /v1.41/images/create?fromImage=reg%3A5000%2Fteam%2Fapp&tag=latest HTTP");
    assert_sent("POST /v1.41/images/create?fromImage=reg%3A5000%2Fteam%2Fapp&tag=1.2 HTTP");
    assert_sent("POST /v1.41/images/create?fromImage=app&tag=sha256%3Aaaaa");
    assert_sent("POST /v1.41/images/create?fromImage=tagged&tag=sha256%3Aaaaa");
    assert_has(daemon_head(rig.daemon, "POST /v1.41/images/create?fromImage=busybox"), "\r\nX-Registry-Auth: e30=\r\n");
}
END_TEST

START_TEST(manifest_asks_for_the_reference_as_given_with_credentials)
{
    do_op(.kind = ECSENGINE_OP_PULL_MANIFEST, .image = "reg:5000/a:1");
    assert_sent("GET /v1.41/distribution/reg:5000/a:1/json HTTP");
    assert_has(daemon_head(rig.daemon, "GET /v1.41/distribution/"), "\r\nX-Registry-Auth: e30=\r\n");
}
END_TEST

START_TEST(tag_names_source_and_target)
{
    do_op(.kind = ECSENGINE_OP_TAG_IMAGE, .image = "app@" DIGEST, .target = "reg:5000/app:2");
    assert_sent("POST /v1.41/images/app@" DIGEST "/tag?repo=reg%3A5000%2Fapp&tag=2 HTTP");
}
END_TEST

START_TEST(create_sends_the_configuration_as_it_is)
{
    do_op(.kind = ECSENGINE_OP_CREATE, .name = "ecs-web-1-x-00ff", .config = "{\"Image\":\"busybox\",\"HostConfig\":{}}");
    assert_sent("POST /v1.41/containers/create?name=ecs-web-1-x-00ff HTTP");
    ck_assert_str_eq(daemon_body(rig.daemon, "POST /v1.41/containers/create"), "{\"Image\":\"busybox\",\"HostConfig\":{}}");
    assert_has(daemon_head(rig.daemon, "POST /v1.41/containers/create"), "\r\nContent-Type: application/json\r\n");
}
END_TEST

START_TEST(list_filters_by_label)
{
    do_op(.kind = ECSENGINE_OP_LIST, .label = "ecsengine.instance=a\"b");
    assert_sent("GET /v1.41/containers/json?all=1&filters=%7B%22label%22%3A%5B%22ecsengine.instance%3Da%5C%22b%22%5D%7D HTTP");
    do_op(.kind = ECSENGINE_OP_LIST);
    assert_sent("GET /v1.41/containers/json?all=1 HTTP");
}
END_TEST

START_TEST(volumes_are_made_looked_at_and_removed)
{
    do_op(.kind = ECSENGINE_OP_VOLUME_CREATE, .name = "v", .config = "{\"Name\":\"v\",\"Driver\":\"local\"}");
    assert_sent("POST /v1.41/volumes/create HTTP");
    ck_assert_str_eq(daemon_body(rig.daemon, "POST /v1.41/volumes/create"), "{\"Name\":\"v\",\"Driver\":\"local\"}");
    do_op(.kind = ECSENGINE_OP_VOLUME_INSPECT, .name = "ecs-fam-1-data-00ff");
    assert_sent("GET /v1.41/volumes/ecs-fam-1-data-00ff HTTP");
    do_op(.kind = ECSENGINE_OP_VOLUME_REMOVE, .name = "ecs-fam-1-data-00ff");
    assert_sent("DELETE /v1.41/volumes/ecs-fam-1-data-00ff HTTP");
}
END_TEST

START_TEST(names_cannot_leave_their_place_in_the_path)
{
    do_op(.kind = ECSENGINE_OP_VOLUME_REMOVE, .name = "../images/a?force=1");
    assert_sent("DELETE /v1.41/volumes/..%2Fimages%2Fa%3Fforce%3D1 HTTP");

    do_op(.kind = ECSENGINE_OP_INSPECT, .container = "a/../b?x=1#y %\r\nHost: evil");
    assert_sent("GET /v1.41/containers/a%2F..%2Fb%3Fx%3D1%23y%20%25%0D%0AHost%3A%20evil/json HTTP");
    do_op(.kind = ECSENGINE_OP_START, .container = "..");
    assert_sent("POST /v1.41/containers/%2E%2E/start HTTP");
    do_op(.kind = ECSENGINE_OP_INSPECT_IMAGE, .image = "a?force=1");
    assert_sent("GET /v1.41/images/a%3Fforce%3D1/json HTTP");
}
END_TEST

START_TEST(an_empty_name_is_refused_and_nothing_is_sent)
{
    ck_assert_int_eq(do_op(.kind = ECSENGINE_OP_START, .container = "")->failure, ECSENGINE_FAILURE_OTHER);
    ck_assert_int_eq(do_op(.kind = ECSENGINE_OP_REMOVE, .container = "")->failure, ECSENGINE_FAILURE_OTHER);
    ck_assert_int_eq(do_op(.kind = ECSENGINE_OP_PULL_IMAGE, .image = "")->failure, ECSENGINE_FAILURE_OTHER);
    ck_assert_int_eq(do_op(.kind = ECSENGINE_OP_INSPECT_IMAGE, .image = "")->failure, ECSENGINE_FAILURE_OTHER);
    ck_assert_int_eq(do_op(.kind = ECSENGINE_OP_TAG_IMAGE, .image = "a", .target = "")->failure, ECSENGINE_FAILURE_OTHER);
    ck_assert_int_eq(do_op(.kind = ECSENGINE_OP_VOLUME_INSPECT, .name = "")->failure, ECSENGINE_FAILURE_OTHER);
    ck_assert_int_eq(do_op(.kind = ECSENGINE_OP_VOLUME_REMOVE, .name = "")->failure, ECSENGINE_FAILURE_OTHER);
    ck_assert_int_eq(daemon_count(rig.daemon, ""), 1); /* the negotiation */
}
END_TEST

START_TEST(an_unknown_kind_is_unsupported)
{
    const struct ecsengine_result *result = do_op(.kind = (enum ecsengine_op_kind)999);

    ck_assert_int_eq(result->failure, ECSENGINE_FAILURE_UNSUPPORTED);
    ck_assert_int_eq(daemon_count(rig.daemon, ""), 0);
}
END_TEST

START_TEST(a_body_of_a_megabyte_is_sent_without_waiting_for_permission)
{
    static char config[2 * 1024 * 1024];

    memset(config, ' ', sizeof(config) - 1);
    config[0] = '{';
    config[sizeof(config) - 2] = '}';
    daemon_json(rig.daemon, "POST /v1.41/containers/create", 201, "{\"Id\":\"c1\"}");
    ck_assert_str_eq(do_op(.kind = ECSENGINE_OP_CREATE, .name = "n", .config = config)->id, "c1");
    ck_assert_uint_eq(strlen(daemon_body(rig.daemon, "POST /v1.41/containers/create")), sizeof(config) - 1);
    ck_assert_ptr_null(strstr(daemon_head(rig.daemon, "POST /v1.41/containers/create"), "Expect"));
}
END_TEST

START_TEST(what_the_api_version_does_not_know_is_refused_before_it_is_sent)
{
    const struct ecsengine_result *result;

    result = do_op(.kind = ECSENGINE_OP_CREATE, .name = "n", .config = "{\"Healthcheck\":{\"StartInterval\":5000000000}}");
    ck_assert_int_eq(result->failure, ECSENGINE_FAILURE_OTHER);
    ck_assert_str_eq(
        result->text,
        "\"specify health-check start interval\" requires API version 1.44, but the Docker daemon API version is 1.41");
    ck_assert_int_eq(daemon_count(rig.daemon, "POST"), 0);
    do_op(.kind = ECSENGINE_OP_CREATE, .name = "n", .config = "{\"Healthcheck\":{\"StartInterval\":0},\"StopTimeout\":3}");
    ck_assert_int_eq(daemon_count(rig.daemon, "POST"), 1);
}
END_TEST

START_TEST(an_old_daemon_has_no_stop_timeout_and_no_manifests)
{
    const struct ecsengine_result *result;

    daemon_on(rig.daemon, &(struct daemon_rule){.request = "GET /_ping",
                                                .bytes = "HTTP/1.1 200 OK\r\nApi-Version: 1.24\r\nContent-Length: 0\r\n\r\n"});
    result = do_op(.kind = ECSENGINE_OP_CREATE, .name = "n", .config = "{\"StopTimeout\":3}");
    ck_assert_str_eq(result->text, "\"stop timeout\" requires API version 1.25, but the Docker daemon API version is 1.24");
    result = do_op(.kind = ECSENGINE_OP_PULL_MANIFEST, .image = "a");
    ck_assert_int_eq(result->failure, ECSENGINE_FAILURE_UNSUPPORTED);
}
END_TEST

static void add(TCase *tcase)
{
    tcase_add_checked_fixture(tcase, rig_up, rig_down);
    tcase_add_test(tcase, every_kind_has_its_method_and_path);
    tcase_add_test(tcase, a_stop_without_patience_says_zero_seconds);
    tcase_add_test(tcase, pull_splits_the_reference_and_sends_credentials);
    tcase_add_test(tcase, manifest_asks_for_the_reference_as_given_with_credentials);
    tcase_add_test(tcase, tag_names_source_and_target);
    tcase_add_test(tcase, create_sends_the_configuration_as_it_is);
    tcase_add_test(tcase, list_filters_by_label);
    tcase_add_test(tcase, volumes_are_made_looked_at_and_removed);
    tcase_add_test(tcase, names_cannot_leave_their_place_in_the_path);
    tcase_add_test(tcase, an_empty_name_is_refused_and_nothing_is_sent);
    tcase_add_test(tcase, an_unknown_kind_is_unsupported);
    tcase_add_test(tcase, a_body_of_a_megabyte_is_sent_without_waiting_for_permission);
    tcase_add_test(tcase, what_the_api_version_does_not_know_is_refused_before_it_is_sent);
    tcase_add_test(tcase, an_old_daemon_has_no_stop_timeout_and_no_manifests);
}

int main(void) { return rig_run("docker-requests", add, 30); }

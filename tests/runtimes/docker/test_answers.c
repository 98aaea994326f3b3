/* SPDX-License-Identifier: Apache-2.0 */
/* What becomes of a daemon's good answers, field by field, and of answers with fields of the wrong kind. */
#include <stdio.h>
#include <string.h>

#include "rig.h"

#define INSPECT "GET /v1.41/containers/c/json"

static const struct ecsengine_result *inspect(const char *body)
{
    daemon_json(rig.daemon, INSPECT, 200, body);
    return do_op(.kind = ECSENGINE_OP_INSPECT, .container = "c");
}

static const struct ecsengine_result *info(const char *body)
{
    daemon_json(rig.daemon, "GET /v1.41/info", 200, body);
    return do_op(.kind = ECSENGINE_OP_INFO);
}

static void assert_unreadable(const struct ecsengine_result *result, const char *request, const char *why)
{
    char text[400];

    snprintf(text, sizeof(text), "The Docker daemon's answer to %s could not be read: %s", request, why);
    ck_assert_int_eq(result->failure, ECSENGINE_FAILURE_OTHER);
    ck_assert_str_eq(result->text, text);
    ck_assert(!result->has_record);
}

START_TEST(info_has_processors_mebibytes_and_version)
{
    const struct ecsengine_result *result =
        info("{\"NCPU\":8,\"MemTotal\":8589934591,\"ServerVersion\":\"20.10.24\",\"More\":[1.5e3,null]}");

    ck_assert_int_eq(result->failure, ECSENGINE_FAILURE_NONE);
    ck_assert_int_eq(result->cpus, 8);
    ck_assert_int_eq(result->memory_mib, 8191);
    ck_assert_str_eq(result->version, "20.10.24");
}
END_TEST

START_TEST(info_that_makes_no_sense_is_refused)
{
    const char *request = "GET /v1.41/info";

    assert_unreadable(info("{}"), request, "NCPU is missing");
    assert_unreadable(info("{\"NCPU\":\"8\",\"MemTotal\":1}"), request, "NCPU is no whole number");
    assert_unreadable(info("{\"NCPU\":1.5,\"MemTotal\":1}"), request, "NCPU is no whole number");
    assert_unreadable(info("{\"NCPU\":-1,\"MemTotal\":1}"), request, "NCPU is not between 1 and 2147483647");
    assert_unreadable(info("{\"NCPU\":4294967297,\"MemTotal\":1}"), request, "NCPU is not between 1 and 2147483647");
    assert_unreadable(info("{\"NCPU\":1,\"MemTotal\":-5}"), request, "MemTotal is not between 1 and 9223372036854775807");
    assert_unreadable(info("{\"NCPU\":1,\"MemTotal\":1,\"ServerVersion\":[]}"), request, "ServerVersion is no string");
    assert_unreadable(info("[1]"), request, "it is no JSON object");
    assert_unreadable(info(""), request, "it is empty");
    assert_has(info("{\"NCPU\":99999999999999999999}")->text, "it is no JSON");
    assert_has(info("{\"NCPU\":1e99999}")->text, "it is no JSON");
    assert_has(info("{\"NCPU\":1} x")->text, "it is no JSON");
}
END_TEST

#define STATE_EXITED                                                                                   \
    "{\"Running\":false,\"Dead\":false,\"ExitCode\":137,\"OOMKilled\":true,\"Error\":\"bad \\u00fc\"," \
    "\"StartedAt\":\"2024-05-01T10:00:01.000000002Z\",\"FinishedAt\":\"2024-05-01T12:00:01+02:00\"}"

START_TEST(inspection_becomes_a_whole_record)
{
    const struct ecsengine_result *result = inspect(
        "{\"Id\":\"c123\",\"Created\":\"1970-01-01T00:00:02.5Z\",\"RestartCount\":3,\"State\":" STATE_EXITED
        ",\"NetworkSettings\":{\"Ports\":{\"80/tcp\":[{\"HostIp\":\"0.0.0.0\",\"HostPort\":\"32768\"},{\"HostIp\":\"::\","
        "\"HostPort\":\"32769\"}],\"53/udp\":[{\"HostIp\":\"127.0.0.1\",\"HostPort\":\"5353\"}],\"443/tcp\":null,\"1/tcp\":[]}}}");

    ck_assert_int_eq(result->failure, ECSENGINE_FAILURE_NONE);
    ck_assert_str_eq(result->id, "c123");
    ck_assert(result->has_record && result->has_exit_code);
    ck_assert_int_eq(result->running, 0);
    ck_assert_int_eq(result->exit_code, 137);
    ck_assert_int_eq(result->oom_killed, 1);
    ck_assert_int_eq(result->restart_count, 3);
    ck_assert_str_eq(result->state_error, "bad \xc3\xbc");
    ck_assert_int_eq(result->created_at, INT64_C(2500000000));
    ck_assert_int_eq(result->started_at, INT64_C(1714557601000000002));
    ck_assert_int_eq(result->finished_at, INT64_C(1714557601000000000));
    ck_assert_uint_eq(result->port_count, 3);
    ck_assert_int_eq(result->ports[0].inside, 80);
    ck_assert_int_eq(result->ports[0].outside, 32768);
    ck_assert_str_eq(result->ports[1].ip, "::");
    ck_assert_str_eq(result->ports[2].protocol, "udp");
    ck_assert_int_eq(result->health, ECSENGINE_HEALTH_UNKNOWN);
}
END_TEST

START_TEST(exit_code_is_there_only_after_an_end)
{
    const struct ecsengine_result *result;

    result = inspect("{\"Id\":\"c\",\"State\":{\"Running\":false,\"ExitCode\":0,\"StartedAt\":\"0001-01-01T00:00:00Z\","
                     "\"FinishedAt\":\"0001-01-01T00:00:00Z\"}}");
    ck_assert(!result->has_exit_code);
    ck_assert_int_eq(result->started_at, 0);
    result = inspect("{\"Id\":\"c\",\"State\":{\"Running\":true,\"ExitCode\":0,\"FinishedAt\":\"2024-05-01T10:00:01Z\"}}");
    ck_assert(!result->has_exit_code);
    ck_assert_int_ne(result->finished_at, 0);
}
END_TEST

START_TEST(paused_and_restarting_count_as_running)
{
    ck_assert_int_eq(inspect("{\"Id\":\"c\",\"State\":{\"Running\":false,\"Paused\":true}}")->running, 1);
    ck_assert_int_eq(inspect("{\"Id\":\"c\",\"State\":{\"Running\":false,\"Restarting\":true}}")->running, 1);
    ck_assert_int_eq(inspect("{\"Id\":\"c\",\"State\":{\"Dead\":true}}")->dead, 1);
}
END_TEST

START_TEST(health_is_a_verdict_with_the_latest_output)
{
    const struct ecsengine_result *result;

    result = inspect("{\"Id\":\"c\",\"State\":{\"Running\":true,\"Health\":{\"Status\":\"unhealthy\",\"Log\":[{\"Output\":\"old\"},"
                     "{\"Output\":\" new\\n\"}]}}}");
    ck_assert_int_eq(result->health, ECSENGINE_HEALTH_UNHEALTHY);
    ck_assert_str_eq(result->health_output, "new");
    result = inspect("{\"Id\":\"c\",\"State\":{\"Running\":true,\"Health\":{\"Status\":\"healthy\",\"Log\":null}}}");
    ck_assert_int_eq(result->health, ECSENGINE_HEALTH_HEALTHY);
    ck_assert_str_eq(result->health_output, "");
    result =
        inspect("{\"Id\":\"c\",\"State\":{\"Running\":true,\"Health\":{\"Status\":\"starting\",\"Log\":[{\"Output\":\"x\"}]}}}");
    ck_assert_int_eq(result->health, ECSENGINE_HEALTH_UNKNOWN);
}
END_TEST

START_TEST(health_output_is_cut_at_a_character)
{
    char body[4096];
    size_t used = (size_t)snprintf(body, sizeof(body),
                                   "{\"Id\":\"c\",\"State\":{\"Health\":{\"Status\":\"healthy\",\"Log\":[{\"Output\":\"x");

    for (int i = 0; i < 800; i++)
        used += (size_t)snprintf(body + used, sizeof(body) - used, "\xc3\xbc");
    snprintf(body + used, sizeof(body) - used, "\"}]}}}");
    const struct ecsengine_result *result = inspect(body);
    ck_assert_int_eq(result->health, ECSENGINE_HEALTH_HEALTHY);
    ck_assert_uint_eq(strlen(result->health_output), 1023);
}
END_TEST

START_TEST(a_port_that_cannot_be_read_is_the_records_failure)
{
    static const char *const ports[] = {"http/tcp", "/tcp", "65536/tcp", "-1/tcp", "99999999999999999999/tcp"};
    char body[300];

    for (size_t i = 0; i < sizeof(ports) / sizeof(ports[0]); i++) {
        snprintf(body, sizeof(body), "{\"Id\":\"c\",\"State\":{},\"NetworkSettings\":{\"Ports\":{\"%s\":[{\"HostPort\":\"1\"}]}}}",
                 ports[i]);
        const struct ecsengine_result *result = inspect(body);
        ck_assert_int_eq(result->failure, ECSENGINE_FAILURE_OTHER);
        ck_assert_str_eq(result->error_name, "UnparsablePort");
        assert_has(result->text, ports[i]);
    }
    const struct ecsengine_result *result =
        inspect("{\"Id\":\"c\",\"State\":{},\"NetworkSettings\":{\"Ports\":{\"80/tcp\":[{\"HostPort\":\"x\"}]}}}");
    ck_assert_str_eq(result->error_name, "UnparsablePort");
}
END_TEST

START_TEST(other_protocols_are_the_engines_to_judge)
{
    const struct ecsengine_result *result =
        inspect("{\"Id\":\"c\",\"State\":{},\"NetworkSettings\":{\"Ports\":{\"80/sctp\":[{\"HostIp\":\"\",\"HostPort\":\"1\"}]}}}");

    ck_assert_int_eq(result->failure, ECSENGINE_FAILURE_NONE);
    ck_assert_str_eq(result->ports[0].protocol, "sctp");
}
END_TEST

START_TEST(more_ports_than_a_result_holds_keep_the_first)
{
    char body[2048];
    size_t used =
        (size_t)snprintf(body, sizeof(body), "{\"Id\":\"c\",\"State\":{\"Running\":true},\"NetworkSettings\":{\"Ports\":{");

    for (int i = 0; i < 12; i++)
        used += (size_t)snprintf(body + used, sizeof(body) - used, "%s\"%d/tcp\":[{\"HostPort\":\"%d\"}]", i > 0 ? "," : "", i + 1,
                                 i + 1);
    snprintf(body + used, sizeof(body) - used, "}}}");
    const struct ecsengine_result *result = inspect(body);
    ck_assert_int_eq(result->failure, ECSENGINE_FAILURE_NONE);
    ck_assert_uint_eq(result->port_count, DOUBLE_PORTS_MAX);
    ck_assert_int_eq(result->running, 1);
}
END_TEST

START_TEST(inspection_with_wrong_types_is_refused)
{
    const char *request = INSPECT;
    static const struct {
        const char *body;
        const char *why;
    } cases[] = {
        {"{\"Id\":\"c\"}", "State is missing"},
        {"{\"State\":{}}", "Id is missing"},
        {"{\"Id\":7,\"State\":{}}", "Id is no string"},
        {"{\"Id\":\"c\",\"State\":[]}", "State is no object"},
        {"{\"Id\":\"c\",\"State\":{\"Running\":\"yes\"}}", "State.Running is no boolean"},
        {"{\"Id\":\"c\",\"State\":{\"Dead\":1}}", "State.Dead is no boolean"},
        {"{\"Id\":\"c\",\"State\":{\"ExitCode\":\"0\"}}", "State.ExitCode is no whole number"},
        {"{\"Id\":\"c\",\"State\":{\"ExitCode\":2147483648}}", "State.ExitCode is not between -2147483648 and 2147483647"},
        {"{\"Id\":\"c\",\"State\":{\"Error\":{}}}", "State.Error is no string"},
        {"{\"Id\":\"c\",\"State\":{\"StartedAt\":\"yesterday\"}}", "State.StartedAt is no time"},
        {"{\"Id\":\"c\",\"State\":{\"FinishedAt\":\"2024-13-01T00:00:00Z\"}}", "State.FinishedAt is no time"},
        {"{\"Id\":\"c\",\"State\":{\"StartedAt\":\"9999-01-01T00:00:00Z\"}}", "State.StartedAt is no time"},
        {"{\"Id\":\"c\",\"State\":{},\"Created\":5}", "Created is no string"},
        {"{\"Id\":\"c\",\"State\":{},\"RestartCount\":-1}", "RestartCount is not between 0 and 2147483647"},
        {"{\"Id\":\"c\",\"State\":{\"Health\":\"ok\"}}", "State.Health is no object"},
        {"{\"Id\":\"c\",\"State\":{\"Health\":{\"Status\":\"healthy\",\"Log\":{}}}}", "State.Health.Log is no array"},
        {"{\"Id\":\"c\",\"State\":{\"Health\":{\"Status\":\"healthy\",\"Log\":[{\"Output\":1}]}}}",
         "State.Health.Log.Output is no string"},
        {"{\"Id\":\"c\",\"State\":{},\"NetworkSettings\":[]}", "NetworkSettings is no object"},
        {"{\"Id\":\"c\",\"State\":{},\"NetworkSettings\":{\"Ports\":[]}}", "NetworkSettings.Ports is no object"},
        {"{\"Id\":\"c\",\"State\":{},\"NetworkSettings\":{\"Ports\":{\"1/tcp\":{}}}}",
         "NetworkSettings.Ports has a member that is no array"},
        {"{\"Id\":\"c\",\"State\":{},\"NetworkSettings\":{\"Ports\":{\"1/tcp\":[{\"HostPort\":80}]}}}",
         "NetworkSettings.Ports.HostPort is no string"},
    };

    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
        assert_unreadable(inspect(cases[i].body), request, cases[i].why);
}
END_TEST

START_TEST(array_elements_of_the_wrong_type_do_no_harm)
{
    inspect("{\"Id\":\"c\",\"State\":{\"Health\":{\"Status\":\"healthy\",\"Log\":[7]}},\"NetworkSettings\":{\"Ports\":{\"1/"
            "tcp\":[7,null,\"x\"]}}}");
}
END_TEST

START_TEST(a_member_that_is_null_counts_as_missing)
{
    const struct ecsengine_result *result =
        inspect("{\"Id\":\"c\",\"Created\":null,\"RestartCount\":null,\"NetworkSettings\":null,"
                "\"State\":{\"Running\":null,\"Health\":null,\"Error\":null,\"ExitCode\":null}}");

    ck_assert_int_eq(result->failure, ECSENGINE_FAILURE_NONE);
    ck_assert_int_eq(result->running, 0);
}
END_TEST

START_TEST(create_gives_the_id)
{
    daemon_json(rig.daemon, "POST /v1.41/containers/create", 201, "{\"Id\":\"abc\",\"Warnings\":null}");
    ck_assert_str_eq(do_op(.kind = ECSENGINE_OP_CREATE, .name = "n", .config = "{}")->id, "abc");
}
END_TEST

START_TEST(create_whose_answer_cannot_be_read_may_have_created)
{
    static const char *const bodies[] = {"{}", "{\"Id\":\"\"}", "{\"Id\":5}", "garbage", "{\"Id\":\"a"};

    for (size_t i = 0; i < sizeof(bodies) / sizeof(bodies[0]); i++) {
        daemon_json(rig.daemon, "POST /v1.41/containers/create", 201, bodies[i]);
        const struct ecsengine_result *result = do_op(.kind = ECSENGINE_OP_CREATE, .name = "n", .config = "{}");
        ck_assert_int_eq(result->failure, ECSENGINE_FAILURE_UNREACHABLE);
        assert_has(result->text, "The Docker daemon's answer to POST /v1.41/containers/create could not be read: ");
    }
}
END_TEST

START_TEST(manifest_gives_digest_and_media_type)
{
    daemon_json(rig.daemon, "GET /v1.41/distribution/a/json", 200,
                "{\"Descriptor\":{\"mediaType\":\"application/x\",\"digest\":\"sha256:ab\",\"size\":3}}");
    const struct ecsengine_result *result = do_op(.kind = ECSENGINE_OP_PULL_MANIFEST, .image = "a");
    ck_assert_str_eq(result->digest, "sha256:ab");
    ck_assert_str_eq(result->media_type, "application/x");
    daemon_json(rig.daemon, "GET /v1.41/distribution/a/json", 200, "{\"Descriptor\":{}}");
    assert_unreadable(do_op(.kind = ECSENGINE_OP_PULL_MANIFEST, .image = "a"), "GET /v1.41/distribution/a/json",
                      "Descriptor.digest is missing");
}
END_TEST

START_TEST(image_inspection_gives_id_and_digests)
{
    daemon_json(rig.daemon, "GET /v1.41/images/a/json", 200,
                "{\"Id\":\"sha256:1\",\"RepoDigests\":[\"a@sha256:2\",\"b@sha256:3\"]}");
    const struct ecsengine_result *result = do_op(.kind = ECSENGINE_OP_INSPECT_IMAGE, .image = "a");
    ck_assert_str_eq(result->image_id, "sha256:1");
    ck_assert_uint_eq(result->repo_digest_count, 2);
    ck_assert_str_eq(result->repo_digest, "b@sha256:3");
    daemon_json(rig.daemon, "GET /v1.41/images/a/json", 200, "{\"Id\":\"x\",\"RepoDigests\":[5]}");
    assert_unreadable(do_op(.kind = ECSENGINE_OP_INSPECT_IMAGE, .image = "a"), "GET /v1.41/images/a/json",
                      "RepoDigests has an element that is no string");
}
END_TEST

START_TEST(a_volume_has_a_name_options_and_labels)
{
    daemon_json(rig.daemon, "POST /v1.41/volumes/create", 201,
                "{\"CreatedAt\":\"x\",\"Driver\":\"local\",\"Labels\":{\"a\":\"b\"},\"Mountpoint\":\"/m\",\"Name\":\"v\",\"Options\":null}");
    const struct ecsengine_result *result = do_op(.kind = ECSENGINE_OP_VOLUME_CREATE, .name = "v", .config = "{}");
    ck_assert_int_eq(result->failure, ECSENGINE_FAILURE_NONE);
    ck_assert_str_eq(result->volume_name, "v");
    ck_assert_str_eq(result->labels, "a=b;");
    ck_assert_str_eq(result->options, "");
    daemon_json(rig.daemon, "GET /v1.41/volumes/v", 200, "{\"Name\":\"v\",\"Options\":{\"o\":\"x\",\"type\":\"nfs\"}}");
    result = do_op(.kind = ECSENGINE_OP_VOLUME_INSPECT, .name = "v");
    ck_assert_int_eq(result->failure, ECSENGINE_FAILURE_NONE);
    ck_assert_str_eq(result->options, "o=x;type=nfs;");
}
END_TEST

START_TEST(a_volume_that_is_not_there_or_in_use_is_told_apart)
{
    daemon_json(rig.daemon, "GET /v1.41/volumes/v", 404, "{\"message\":\"get v: no such volume\"}");
    const struct ecsengine_result *result = do_op(.kind = ECSENGINE_OP_VOLUME_INSPECT, .name = "v");
    ck_assert_int_eq(result->failure, ECSENGINE_FAILURE_NOT_FOUND);
    ck_assert_str_eq(result->text, "Error response from daemon: get v: no such volume");
    daemon_json(rig.daemon, "DELETE /v1.41/volumes/v", 409, "{\"message\":\"remove v: volume is in use\"}");
    ck_assert_int_eq(do_op(.kind = ECSENGINE_OP_VOLUME_REMOVE, .name = "v")->failure, ECSENGINE_FAILURE_CONFLICT);
}
END_TEST

START_TEST(a_volume_that_can_not_be_read_may_have_been_made)
{
    static const char *const bodies[] = {"", "[]", "{}", "{\"Name\":5}", "{\"Name\":\"v\",\"Labels\":[]}", "{\"Name\":\"v\",\"Options\":{\"a\":1}}"};

    for (size_t i = 0; i < sizeof(bodies) / sizeof(bodies[0]); i++) {
        daemon_json(rig.daemon, "POST /v1.41/volumes/create", 201, bodies[i]);
        const struct ecsengine_result *result = do_op(.kind = ECSENGINE_OP_VOLUME_CREATE, .name = "v", .config = "{}");
        ck_assert_msg(result->failure == ECSENGINE_FAILURE_UNREACHABLE, "made or not: %s", bodies[i]);
        assert_has(result->text, "The Docker daemon's answer to POST /v1.41/volumes/create could not be read: ");
    }
}
END_TEST

START_TEST(list_gives_ids_and_own_names)
{
    daemon_json(rig.daemon, "GET /v1.41/containers/json", 200,
                " [ {\"Id\":\"1\",\"Names\":[\"/web/alias\",\"/db\"],\"State\":\"running\",\"Status\":\"Up 2 hours (healthy)\"} , "
                "{\"Id\":\"2\",\"Names\":null,\"Labels\":{\"a\":\"b\",\"n\":null,\"c\":\"\"},\"x\":[[],{}],\"State\":\"paused\",\"Status\":\"Up 5 seconds (Paused)\"},"
                "{\"Id\":\"3\",\"Names\":[\"/[\\\"}\"],\"State\":\"exited\",\"Status\":\"Exited (0) (unhealthy)\"}]\n");
    const struct ecsengine_result *result = do_op(.kind = ECSENGINE_OP_LIST, .label = "a=b");
    ck_assert_int_eq(result->failure, ECSENGINE_FAILURE_NONE);
    ck_assert_uint_eq(result->container_count, 3);
    ck_assert_str_eq(result->container_ids[0], "1");
    ck_assert_str_eq(result->container_names[0], "db");
    ck_assert_str_eq(result->container_names[1], "");
    ck_assert_str_eq(result->container_names[2], "[\"}");
    ck_assert(result->container_running[0] && result->container_running[1] && !result->container_running[2]);
    ck_assert_int_eq(result->container_health[0], ECSENGINE_HEALTH_HEALTHY);
    ck_assert_int_eq(result->container_health[1], ECSENGINE_HEALTH_UNKNOWN);
    ck_assert_int_eq(result->container_health[2], ECSENGINE_HEALTH_UNHEALTHY);
    ck_assert_str_eq("a=b;c=;", result->labels);
    daemon_json(rig.daemon, "GET /v1.41/containers/json", 200, "[]");
    ck_assert_uint_eq(do_op(.kind = ECSENGINE_OP_LIST)->container_count, 0);
}
END_TEST

START_TEST(list_that_is_none_is_refused)
{
    static const char *const bodies[] = {"",
                                         "{}",
                                         "null",
                                         "[{\"Id\":\"1\"}",
                                         "[{\"Id\":\"1\"},]",
                                         "[1]",
                                         "[{}]",
                                         "[{\"Id\":1}]",
                                         "[] []",
                                         "[{\"Id\":\"1\"} {\"Id\":\"2\"}]",
                                         "[{\"Id\":\"1\",\"Names\":5}]",
                                         "[{\"Id\":\"1\",\"Labels\":[]}]"};

    for (size_t i = 0; i < sizeof(bodies) / sizeof(bodies[0]); i++) {
        daemon_json(rig.daemon, "GET /v1.41/containers/json", 200, bodies[i]);
        const struct ecsengine_result *result = do_op(.kind = ECSENGINE_OP_LIST);
        ck_assert_msg(result->failure == ECSENGINE_FAILURE_OTHER, "refused: %s", bodies[i]);
        assert_has(result->text, "The Docker daemon's answer to GET /v1.41/containers/json could not be read: ");
        ck_assert_uint_eq(result->container_count, 0);
    }
}
END_TEST

START_TEST(success_without_a_document_is_enough_for_commands)
{
    daemon_on(rig.daemon,
              &(struct daemon_rule){.request = "POST /v1.41/containers/c/start", .bytes = "HTTP/1.1 204 No Content\r\n\r\n"});
    daemon_on(rig.daemon,
              &(struct daemon_rule){.request = "POST /v1.41/containers/c/stop", .bytes = "HTTP/1.1 204 No Content\r\n\r\n"});
    daemon_on(rig.daemon,
              &(struct daemon_rule){.request = "DELETE /v1.41/containers/c", .bytes = "HTTP/1.1 204 No Content\r\n\r\n"});
    daemon_on(rig.daemon, &(struct daemon_rule){.request = "POST /v1.41/images/a/tag",
                                                .bytes = "HTTP/1.1 201 Created\r\nContent-Length: 0\r\n\r\n"});
    ck_assert_int_eq(do_op(.kind = ECSENGINE_OP_START, .container = "c")->failure, ECSENGINE_FAILURE_NONE);
    ck_assert_int_eq(do_op(.kind = ECSENGINE_OP_STOP, .container = "c")->failure, ECSENGINE_FAILURE_NONE);
    ck_assert_int_eq(do_op(.kind = ECSENGINE_OP_REMOVE, .container = "c")->failure, ECSENGINE_FAILURE_NONE);
    ck_assert_int_eq(do_op(.kind = ECSENGINE_OP_TAG_IMAGE, .image = "a", .target = "b:c")->failure, ECSENGINE_FAILURE_NONE);
    ck_assert_int_eq(do_op(.kind = ECSENGINE_OP_PING)->failure, ECSENGINE_FAILURE_NONE);
}
END_TEST

START_TEST(not_modified_means_started_or_stopped_already)
{
    daemon_on(rig.daemon,
              &(struct daemon_rule){.request = "POST /v1.41/containers/c/", .bytes = "HTTP/1.1 304 Not Modified\r\n\r\n"});
    ck_assert_int_eq(do_op(.kind = ECSENGINE_OP_START, .container = "c")->failure, ECSENGINE_FAILURE_NONE);
    ck_assert_int_eq(do_op(.kind = ECSENGINE_OP_STOP, .container = "c")->failure, ECSENGINE_FAILURE_NONE);
}
END_TEST

static void add(TCase *tcase)
{
    tcase_add_checked_fixture(tcase, rig_up, rig_down);
    tcase_add_test(tcase, info_has_processors_mebibytes_and_version);
    tcase_add_test(tcase, info_that_makes_no_sense_is_refused);
    tcase_add_test(tcase, inspection_becomes_a_whole_record);
    tcase_add_test(tcase, exit_code_is_there_only_after_an_end);
    tcase_add_test(tcase, paused_and_restarting_count_as_running);
    tcase_add_test(tcase, health_is_a_verdict_with_the_latest_output);
    tcase_add_test(tcase, health_output_is_cut_at_a_character);
    tcase_add_test(tcase, a_port_that_cannot_be_read_is_the_records_failure);
    tcase_add_test(tcase, other_protocols_are_the_engines_to_judge);
    tcase_add_test(tcase, more_ports_than_a_result_holds_keep_the_first);
    tcase_add_test(tcase, inspection_with_wrong_types_is_refused);
    tcase_add_test(tcase, array_elements_of_the_wrong_type_do_no_harm);
    tcase_add_test(tcase, a_member_that_is_null_counts_as_missing);
    tcase_add_test(tcase, create_gives_the_id);
    tcase_add_test(tcase, create_whose_answer_cannot_be_read_may_have_created);
    tcase_add_test(tcase, manifest_gives_digest_and_media_type);
    tcase_add_test(tcase, image_inspection_gives_id_and_digests);
    tcase_add_test(tcase, a_volume_has_a_name_options_and_labels);
    tcase_add_test(tcase, a_volume_that_is_not_there_or_in_use_is_told_apart);
    tcase_add_test(tcase, a_volume_that_can_not_be_read_may_have_been_made);
    tcase_add_test(tcase, list_gives_ids_and_own_names);
    tcase_add_test(tcase, list_that_is_none_is_refused);
    tcase_add_test(tcase, success_without_a_document_is_enough_for_commands);
    tcase_add_test(tcase, not_modified_means_started_or_stopped_already);
}

int main(void) { return rig_run("docker-answers", add, 30); }

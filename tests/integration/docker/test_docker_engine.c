/* SPDX-License-Identifier: Apache-2.0 */
/* The adapter against a real Docker Engine (or Podman's service): every kind of operation, and the failures that a daemon really has.
 *
 * ECSENGINE_TEST_DOCKER          its socket (unix:///path or a path); without it the tests are skipped, and fail if ECSENGINE_TEST_CI=1
 * ECSENGINE_TEST_DOCKER_IMAGE    an image that it has, with sh and sleep (busybox:latest)
 * ECSENGINE_TEST_DOCKER_REMOTE   an image that it can pull from a registry (127.0.0.1:5000/busybox:1) */
#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "../../runtimes/docker/engine_double.h"
#include "ecsengine/docker.h"

#define LABEL "ecsengine.test=integration"
#define LABELS "\"Labels\":{\"ecsengine.test\":\"integration\"}"

static ecsengine *engine;
static ecsengine_docker *docker;
static char name[64];
static char config[1024];

#define do_op(...) double_do(engine, &(struct double_op){__VA_ARGS__})
#define assert_has(text, part) ck_assert_msg(strstr(text, part) != NULL, "`%s` should have `%s`", text, part)
#define assert_done(result) ck_assert_msg((result)->failure == ECSENGINE_FAILURE_NONE, "%s", (result)->text)

static const char *setting(const char *variable, const char *otherwise)
{
    const char *value = getenv(variable);

    return value != NULL && value[0] != '\0' ? value : otherwise;
}

static const char *image(void) { return setting("ECSENGINE_TEST_DOCKER_IMAGE", "busybox:latest"); }
static const char *remote(void) { return setting("ECSENGINE_TEST_DOCKER_REMOTE", "127.0.0.1:5000/busybox:1"); }

static void up(void)
{
    engine = double_new();
    ck_assert_int_eq(ecsengine_docker_new(setting("ECSENGINE_TEST_DOCKER", NULL), &docker, NULL), 0);
    ck_assert_int_eq(ecsengine_docker_attach(docker, engine, NULL), 0);
    snprintf(name, sizeof(name), "ecsengine-test-%d", (int)getpid());
}

static void down(void)
{
    do_op(.kind = ECSENGINE_OP_REMOVE, .container = name, .force = 1);
    ecsengine_docker_free(docker);
    ck_assert_int_eq(double_free(engine), 0);
}

/* Creates the test's container; returns its id. */
static const char *create(const char *command, const char *more)
{
    snprintf(config, sizeof(config), "{\"Image\":\"%s\",\"Cmd\":[\"sh\",\"-c\",\"%s\"]," LABELS "%s}", image(), command, more);
    const struct ecsengine_result *result = do_op(.kind = ECSENGINE_OP_CREATE, .name = name, .config = config);
    assert_done(result);
    ck_assert_str_ne(result->id, "");
    return result->id;
}

static const struct ecsengine_result *inspect(void)
{
    const struct ecsengine_result *result = do_op(.kind = ECSENGINE_OP_INSPECT, .container = name);

    assert_done(result);
    ck_assert(result->has_record);
    return result;
}

static bool wait_event(const char *container, enum ecsengine_runtime_event_kind kind, struct double_event *out_event)
{
    size_t seen = 0;

    for (int i = 0; i < 200; i++) {
        size_t count = double_wait_events(engine, seen + 1, 100);
        for (; seen < count; seen++) {
            *out_event = double_event_at(engine, seen);
            if (out_event->kind == kind && strcmp(out_event->container, container) == 0)
                return true;
        }
    }
    return false;
}

START_TEST(the_host_is_described)
{
    const struct ecsengine_result *result = do_op(.kind = ECSENGINE_OP_INFO);

    assert_done(result);
    ck_assert_int_ge(result->cpus, 1);
    ck_assert_int_ge(result->memory_mib, 64);
    ck_assert_str_ne(result->version, "");
    assert_done(do_op(.kind = ECSENGINE_OP_PING));
}
END_TEST

START_TEST(a_container_lives_from_create_to_remove_and_its_events_are_heard)
{
    struct double_event event;

    assert_done(do_op(.kind = ECSENGINE_OP_SUBSCRIBE));
    const char *id = create("exit 7", "");
    const struct ecsengine_result *result = inspect();
    ck_assert_str_eq(result->id, id);
    ck_assert_int_eq(result->running, 0);
    ck_assert(!result->has_exit_code);
    ck_assert_int_gt(result->created_at, 0);
    ck_assert_int_eq(result->started_at, 0);
    assert_done(do_op(.kind = ECSENGINE_OP_START, .container = id));
    ck_assert(wait_event(id, ECSENGINE_RUNTIME_EVENT_CREATE, &event));
    ck_assert(wait_event(id, ECSENGINE_RUNTIME_EVENT_START, &event));
    ck_assert(wait_event(id, ECSENGINE_RUNTIME_EVENT_DIE, &event));
    ck_assert(event.has_exit_code);
    ck_assert_int_eq(event.exit_code, 7);
    result = inspect();
    ck_assert(result->has_exit_code);
    ck_assert_int_eq(result->exit_code, 7);
    ck_assert_int_ge(result->started_at, result->created_at);
    ck_assert_int_ge(result->finished_at, result->created_at); /* the daemon may stamp a short life's end before its start */
    assert_done(do_op(.kind = ECSENGINE_OP_REMOVE, .container = id));
    ck_assert(wait_event(id, ECSENGINE_RUNTIME_EVENT_DESTROY, &event));
    ck_assert_uint_eq(double_wait_lost(engine, 1, 0), 0);
}
END_TEST

START_TEST(a_stop_kills_after_its_grace_period_and_may_be_repeated)
{
    const char *id = create("trap : TERM; while :; do sleep 1; done", "");

    assert_done(do_op(.kind = ECSENGINE_OP_START, .container = id));
    assert_done(do_op(.kind = ECSENGINE_OP_START, .container = id)); /* started already */
    ck_assert_int_eq(inspect()->running, 1);
    assert_done(do_op(.kind = ECSENGINE_OP_STOP, .container = id, .grace_ns = INT64_C(1000000000)));
    ck_assert_int_eq(inspect()->running, 0);
    ck_assert_int_eq(inspect()->exit_code, 137);
    assert_done(do_op(.kind = ECSENGINE_OP_STOP, .container = id, .grace_ns = 0));
}
END_TEST

/* The exec of a command in the test's container, created. */
static const char *create_exec(const char *command)
{
    snprintf(config, sizeof(config), "{\"Cmd\":[\"sh\",\"-c\",\"%s\"],\"Detach\":true}", command);
    const struct ecsengine_result *result = do_op(.kind = ECSENGINE_OP_EXEC_CREATE, .container = name, .config = config);
    assert_done(result);
    ck_assert_str_ne(result->exec_id, "");
    return result->exec_id;
}

static const struct ecsengine_result *inspect_exec(const char *exec)
{
    const struct ecsengine_result *result = do_op(.kind = ECSENGINE_OP_EXEC_INSPECT, .container = name, .exec_id = exec);

    assert_done(result);
    ck_assert(result->has_exec_state);
    return result;
}

START_TEST(an_exec_lives_from_create_to_its_end_which_is_heard)
{
    struct double_event event;

    assert_done(do_op(.kind = ECSENGINE_OP_SUBSCRIBE));
    const char *id = create("sleep 60", "");
    assert_done(do_op(.kind = ECSENGINE_OP_START, .container = id));
    const char *exec = create_exec("sleep 1; exit 5");
    ck_assert_int_eq(inspect_exec(exec)->exec_running, 0);
    ck_assert_int_eq(inspect_exec(exec)->exec_exit_code, -1);
    assert_done(do_op(.kind = ECSENGINE_OP_EXEC_START, .container = id, .exec_id = exec));
    ck_assert_int_eq(inspect_exec(exec)->exec_running, 1);
    ck_assert_int_gt(inspect_exec(exec)->exec_pid, 0);
    ck_assert_int_eq(do_op(.kind = ECSENGINE_OP_EXEC_START, .container = id, .exec_id = exec)->failure, ECSENGINE_FAILURE_CONFLICT);
    ck_assert(wait_event(id, ECSENGINE_RUNTIME_EVENT_EXEC_DIE, &event));
    ck_assert_str_eq(event.exec_id, exec);
    ck_assert(event.has_exit_code);
    ck_assert_int_eq(event.exit_code, 5);
    ck_assert_int_eq(inspect_exec(exec)->exec_running, 0);
    ck_assert_int_eq(inspect_exec(exec)->exec_exit_code, 5);
}
END_TEST

START_TEST(execs_that_cannot_be)
{
    const char *id = create("sleep 60", "");
    snprintf(config, sizeof(config), "{\"Cmd\":[\"true\"]}");
    ck_assert_int_eq(do_op(.kind = ECSENGINE_OP_EXEC_CREATE, .container = id, .config = config)->failure, ECSENGINE_FAILURE_CONFLICT);
    ck_assert_int_eq(do_op(.kind = ECSENGINE_OP_EXEC_RUN, .container = id, .config = config)->failure, ECSENGINE_FAILURE_CONFLICT);
    ck_assert_int_eq(do_op(.kind = ECSENGINE_OP_EXEC_CREATE, .container = "ecsengine-no-such", .config = config)->failure,
                     ECSENGINE_FAILURE_NOT_FOUND);
    ck_assert_int_eq(do_op(.kind = ECSENGINE_OP_EXEC_INSPECT, .container = id, .exec_id = "00ff")->failure, ECSENGINE_FAILURE_NOT_FOUND);
    ck_assert_int_eq(do_op(.kind = ECSENGINE_OP_EXEC_START, .container = id, .exec_id = "00ff")->failure, ECSENGINE_FAILURE_NOT_FOUND);
    assert_done(do_op(.kind = ECSENGINE_OP_START, .container = id));
    snprintf(config, sizeof(config), "{\"Cmd\":[\"/no/such/agent\"],\"Detach\":true}");
    const struct ecsengine_result *result = do_op(.kind = ECSENGINE_OP_EXEC_CREATE, .container = id, .config = config);
    assert_done(result);
    ck_assert_int_eq(do_op(.kind = ECSENGINE_OP_EXEC_START, .container = id, .exec_id = result->exec_id)->failure, ECSENGINE_FAILURE_OTHER);
}
END_TEST

START_TEST(a_command_is_run_to_its_end)
{
    create("sleep 60", "");
    assert_done(do_op(.kind = ECSENGINE_OP_START, .container = name));
    static const char command[] = "{\"Cmd\":[\"sh\",\"-c\",\"echo one; sleep 0.3; echo two >&2; sleep 0.3; echo three; exit 6\"],"
                                  "\"AttachStdout\":true,\"AttachStderr\":true}";
    const struct ecsengine_result *result = do_op(.kind = ECSENGINE_OP_EXEC_RUN, .container = name, .config = command);
    assert_done(result);
    ck_assert_str_eq(result->output, "<1>one\\0a<2>two\\0a<1>three\\0a");
    ck_assert_int_eq(result->exit_code, 6);
    result = do_op(.kind = ECSENGINE_OP_EXEC_RUN, .container = name,
                   .config = "{\"Cmd\":[\"sh\",\"-c\",\"test -t 1 && echo tty\"],\"AttachStdout\":true,\"AttachStderr\":true,\"Tty\":true}");
    assert_done(result);
    ck_assert_str_eq(result->output, "<1>tty\\0d\\0a");
}
END_TEST

START_TEST(a_taken_name_is_a_conflict)
{
    create("true", "");
    const struct ecsengine_result *result = do_op(.kind = ECSENGINE_OP_CREATE, .name = name, .config = config);
    ck_assert_int_eq(result->failure, ECSENGINE_FAILURE_CONFLICT);
    assert_has(result->text, "Error response from daemon: ");
}
END_TEST

START_TEST(what_is_not_there_is_not_found)
{
    static const enum ecsengine_op_kind kinds[] = {ECSENGINE_OP_INSPECT, ECSENGINE_OP_START, ECSENGINE_OP_STOP,
                                                   ECSENGINE_OP_REMOVE};

    for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++) {
        const struct ecsengine_result *result = do_op(.kind = kinds[i], .container = "ecsengine-test-none");
        ck_assert_int_eq(result->failure, ECSENGINE_FAILURE_NOT_FOUND);
        assert_has(result->text, "No such container");
    }
    ck_assert_int_eq(do_op(.kind = ECSENGINE_OP_INSPECT_IMAGE, .image = "ecsengine/none:1")->failure, ECSENGINE_FAILURE_NOT_FOUND);
    ck_assert_int_eq(do_op(.kind = ECSENGINE_OP_CREATE, .name = name, .config = "{\"Image\":\"ecsengine/none:1\"}")->failure,
                     ECSENGINE_FAILURE_NOT_FOUND);
}
END_TEST

START_TEST(a_running_container_is_removed_by_force_alone)
{
    const char *id = create("sleep 300", "");

    assert_done(do_op(.kind = ECSENGINE_OP_START, .container = id));
    ck_assert_int_eq(do_op(.kind = ECSENGINE_OP_REMOVE, .container = id)->failure, ECSENGINE_FAILURE_CONFLICT);
    assert_done(do_op(.kind = ECSENGINE_OP_REMOVE, .container = id, .force = 1));
    ck_assert_int_eq(do_op(.kind = ECSENGINE_OP_INSPECT, .container = id)->failure, ECSENGINE_FAILURE_NOT_FOUND);
}
END_TEST

START_TEST(a_start_that_fails_leaves_its_error_in_the_record)
{
    snprintf(config, sizeof(config), "{\"Image\":\"%s\",\"Cmd\":[\"/no/such/program\"]," LABELS "}", image());
    assert_done(do_op(.kind = ECSENGINE_OP_CREATE, .name = name, .config = config));
    const struct ecsengine_result *result = do_op(.kind = ECSENGINE_OP_START, .container = name);
    ck_assert_int_ne(result->failure, ECSENGINE_FAILURE_NONE);
    assert_has(result->text, "no such file or directory");
    ck_assert_str_ne(inspect()->state_error, "");
}
END_TEST

START_TEST(ports_and_health_are_in_the_record)
{
    const struct ecsengine_result *result;

    create("sleep 300", ",\"ExposedPorts\":{\"80/tcp\":{},\"81/tcp\":{}},\"HostConfig\":{\"PortBindings\":{\"80/"
                        "tcp\":[{\"HostIp\":\"127.0.0.1\",\"HostPort\":\"0\"}]}},"
                        "\"Healthcheck\":{\"Test\":[\"CMD-SHELL\",\"echo fine\"],\"Interval\":1000000000,\"Retries\":1}");
    assert_done(do_op(.kind = ECSENGINE_OP_START, .container = name));
    result = inspect();
    ck_assert_uint_eq(result->port_count, 1);
    ck_assert_int_eq(result->ports[0].inside, 80);
    ck_assert_int_gt(result->ports[0].outside, 0);
    ck_assert_str_eq(result->ports[0].protocol, "tcp");
    ck_assert_str_eq(result->ports[0].ip, "127.0.0.1");
    for (int i = 0; i < 100 && result->health == ECSENGINE_HEALTH_UNKNOWN; i++) {
        usleep(100000);
        result = inspect();
    }
    ck_assert_int_eq(result->health, ECSENGINE_HEALTH_HEALTHY);
    ck_assert_str_eq(result->health_output, "fine");
}
END_TEST

START_TEST(containers_are_listed_by_label)
{
    const char *id = create("true", "");
    const struct ecsengine_result *result = do_op(.kind = ECSENGINE_OP_LIST, .label = LABEL);
    bool found = false;

    assert_done(result);
    for (size_t i = 0; i < result->container_count && i < DOUBLE_CONTAINERS_MAX; i++)
        found = found || (strcmp(result->container_ids[i], id) == 0 && strcmp(result->container_names[i], name) == 0 &&
                          !result->container_running[i]);
    ck_assert(found);
    ck_assert_uint_eq(do_op(.kind = ECSENGINE_OP_LIST, .label = "ecsengine.test=nobody")->container_count, 0);
}
END_TEST

START_TEST(a_volume_lives_from_create_to_remove)
{
    char body[512];

    snprintf(body, sizeof(body), "{\"Name\":\"%s\",\"Driver\":\"local\",\"DriverOpts\":{\"type\":\"tmpfs\",\"device\":\"tmpfs\"},\"Labels\":{\"a\":\"b\"}}",
             name);
    const struct ecsengine_result *result = do_op(.kind = ECSENGINE_OP_VOLUME_INSPECT, .name = name);
    ck_assert_int_eq(result->failure, ECSENGINE_FAILURE_NOT_FOUND);
    for (int i = 0; i < 2; i++) { /* one that is there already is good */
        result = do_op(.kind = ECSENGINE_OP_VOLUME_CREATE, .name = name, .config = body);
        assert_done(result);
        ck_assert_str_eq(result->volume_name, name);
    }
    result = do_op(.kind = ECSENGINE_OP_VOLUME_INSPECT, .name = name);
    assert_done(result);
    ck_assert_str_eq(result->labels, "a=b;");
    ck_assert_uint_eq(strlen("type=tmpfs;device=tmpfs;"), strlen(result->options));
    assert_done(do_op(.kind = ECSENGINE_OP_VOLUME_REMOVE, .name = name));
    result = do_op(.kind = ECSENGINE_OP_VOLUME_REMOVE, .name = name);
    ck_assert_int_eq(result->failure, ECSENGINE_FAILURE_NOT_FOUND);
}
END_TEST

START_TEST(a_volume_in_use_is_not_removed)
{
    char body[512], bind[512];

    snprintf(body, sizeof(body), "{\"Name\":\"%s\"}", name);
    assert_done(do_op(.kind = ECSENGINE_OP_VOLUME_CREATE, .name = name, .config = body));
    snprintf(bind, sizeof(bind), ",\"HostConfig\":{\"Binds\":[\"%s:/d\"]}", name);
    create("true", bind);
    ck_assert_int_eq(do_op(.kind = ECSENGINE_OP_VOLUME_REMOVE, .name = name)->failure, ECSENGINE_FAILURE_CONFLICT);
    assert_done(do_op(.kind = ECSENGINE_OP_REMOVE, .container = name, .force = 1));
    assert_done(do_op(.kind = ECSENGINE_OP_VOLUME_REMOVE, .name = name));
}
END_TEST

START_TEST(an_image_is_resolved_pulled_tagged_and_inspected)
{
    int64_t current, total;
    char text[256], by_digest[600];
    const struct ecsengine_result *manifest = do_op(.kind = ECSENGINE_OP_PULL_MANIFEST, .image = remote());

    assert_done(manifest);
    ck_assert_int_eq(strncmp(manifest->digest, "sha256:", 7), 0);
    ck_assert_str_ne(manifest->media_type, "");
    snprintf(by_digest, sizeof(by_digest), "%.*s@%s", (int)(strrchr(remote(), ':') - remote()), remote(), manifest->digest);
    uint64_t id = double_submit(engine, &(struct double_op){.kind = ECSENGINE_OP_PULL_IMAGE, .image = by_digest});
    assert_done(double_wait(engine, id, 60000));
    ck_assert_int_ge(double_updates(engine, id, &current, &total, text, sizeof(text)), 1);
    assert_done(do_op(.kind = ECSENGINE_OP_TAG_IMAGE, .image = by_digest, .target = "ecsengine-test/tagged:7"));
    const struct ecsengine_result *tagged = do_op(.kind = ECSENGINE_OP_INSPECT_IMAGE, .image = "ecsengine-test/tagged:7");
    assert_done(tagged);
    ck_assert_str_eq(tagged->image_id, do_op(.kind = ECSENGINE_OP_INSPECT_IMAGE, .image = by_digest)->image_id);
    ck_assert_uint_ge(tagged->repo_digest_count, 1);
}
END_TEST

START_TEST(a_pull_of_what_is_not_there_fails_with_the_registrys_words)
{
    char missing[300];

    snprintf(missing, sizeof(missing), "%.*s:no-such-tag", (int)(strrchr(remote(), ':') - remote()), remote());
    const struct ecsengine_result *result = do_op(.kind = ECSENGINE_OP_PULL_IMAGE, .image = missing);
    ck_assert_int_ne(result->failure, ECSENGINE_FAILURE_NONE);
    assert_has(result->text, "manifest");
    ck_assert_int_ne(do_op(.kind = ECSENGINE_OP_PULL_MANIFEST, .image = missing)->failure, ECSENGINE_FAILURE_NONE);
}
END_TEST

START_TEST(twenty_containers_live_side_by_side)
{
    enum { COUNT = 20 };
    uint64_t ids[COUNT];
    char names[COUNT][96];

    snprintf(config, sizeof(config), "{\"Image\":\"%s\",\"Cmd\":[\"sleep\",\"300\"]," LABELS "}", image());
    for (int i = 0; i < COUNT; i++) {
        snprintf(names[i], sizeof(names[i]), "%s-%d", name, i);
        ids[i] = double_submit(engine, &(struct double_op){.kind = ECSENGINE_OP_CREATE, .name = names[i], .config = config});
    }
    static const struct double_op steps[] = {
        {.kind = ECSENGINE_OP_START}, {.kind = ECSENGINE_OP_INSPECT}, {.kind = ECSENGINE_OP_STOP}, {.kind = ECSENGINE_OP_REMOVE}};
    for (size_t step = 0; step <= sizeof(steps) / sizeof(steps[0]); step++) {
        for (int i = 0; i < COUNT; i++)
            assert_done(double_wait(engine, ids[i], 60000));
        if (step == sizeof(steps) / sizeof(steps[0]))
            break;
        for (int i = 0; i < COUNT; i++) {
            struct double_op op = steps[step];
            op.container = names[i];
            ids[i] = double_submit(engine, &op);
        }
    }
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("docker-engine");
    TCase *tcase = tcase_create("docker-engine");

    if (setting("ECSENGINE_TEST_DOCKER", NULL) == NULL) {
        bool required = strcmp(setting("ECSENGINE_TEST_CI", "0"), "1") == 0;
        fprintf(stderr, "ECSENGINE_TEST_DOCKER names no Docker Engine: %s\n", required ? "but this run must have one" : "skipped");
        return required ? EXIT_FAILURE : 77;
    }
    tcase_set_timeout(tcase, 120);
    tcase_add_checked_fixture(tcase, up, down);
    tcase_add_test(tcase, the_host_is_described);
    tcase_add_test(tcase, a_container_lives_from_create_to_remove_and_its_events_are_heard);
    tcase_add_test(tcase, a_stop_kills_after_its_grace_period_and_may_be_repeated);
    tcase_add_test(tcase, an_exec_lives_from_create_to_its_end_which_is_heard);
    tcase_add_test(tcase, execs_that_cannot_be);
    tcase_add_test(tcase, a_command_is_run_to_its_end);
    tcase_add_test(tcase, a_taken_name_is_a_conflict);
    tcase_add_test(tcase, what_is_not_there_is_not_found);
    tcase_add_test(tcase, a_running_container_is_removed_by_force_alone);
    tcase_add_test(tcase, a_start_that_fails_leaves_its_error_in_the_record);
    tcase_add_test(tcase, ports_and_health_are_in_the_record);
    tcase_add_test(tcase, containers_are_listed_by_label);
    tcase_add_test(tcase, a_volume_lives_from_create_to_remove);
    tcase_add_test(tcase, a_volume_in_use_is_not_removed);
    tcase_add_test(tcase, an_image_is_resolved_pulled_tagged_and_inspected);
    tcase_add_test(tcase, a_pull_of_what_is_not_there_fails_with_the_registrys_words);
    tcase_add_test(tcase, twenty_containers_live_side_by_side);
    suite_add_tcase(suite, tcase);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_NORMAL);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}

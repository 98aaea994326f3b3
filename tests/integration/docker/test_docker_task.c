/* SPDX-License-Identifier: Apache-2.0 */
/* The real engine on the real adapter: whole tasks on a Docker Engine, and both orders of freeing. Public headers and both shared
 * libraries, as a host has them. The environment is that of test_docker_engine.c. */
#include <check.h>
#include <curl/curl.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "ecsengine/docker.h"
#include "ecsengine/ecsengine.h"

static ecsengine *engine;
static ecsengine_docker *docker;
static char arn[128];
static char runtime_id[128];

static const char *setting(const char *variable, const char *otherwise)
{
    const char *value = getenv(variable);

    return value != NULL && value[0] != '\0' ? value : otherwise;
}

static ecsengine_config *config; /* NULL: the defaults */

static void up_on(const char *url)
{
    ecsengine_error *error = NULL;

    snprintf(arn, sizeof(arn), "arn:aws:ecs:us-west-2:123456789012:task/test/%d-%lld", (int)getpid(), (long long)time(NULL));
    ck_assert_msg(ecsengine_new(config, NULL, &engine, &error) == 0, "%s", ecsengine_error_message(error));
    ck_assert_int_eq(ecsengine_docker_new(url, &docker, &error), 0);
    ck_assert_msg(ecsengine_docker_attach(docker, engine, &error) == 0, "%s", ecsengine_error_message(error));
    ck_assert_msg(ecsengine_start(engine, &error) == 0, "%s", ecsengine_error_message(error));
}

static void up(void) { up_on(setting("ECSENGINE_TEST_DOCKER", NULL)); }

/* The engine keeps ended containers for hours; the test does not. */
static void remove_container(void)
{
    char url[256];
    const char *socket_path = setting("ECSENGINE_TEST_DOCKER", "");
    CURL *curl = curl_easy_init();

    if (strncmp(socket_path, "unix://", 7) == 0)
        socket_path += 7;
    snprintf(url, sizeof(url), "http://docker/containers/%s?v=1&force=1", runtime_id);
    curl_easy_setopt(curl, CURLOPT_UNIX_SOCKET_PATH, socket_path);
    curl_easy_setopt(curl, CURLOPT_URL, url);
    curl_easy_setopt(curl, CURLOPT_CUSTOMREQUEST, "DELETE");
    ck_assert_int_eq(curl_easy_perform(curl), CURLE_OK);
    curl_easy_cleanup(curl);
}

static void add_task(const char *command)
{
    char document[1024];
    ecsengine_error *error = NULL;
    int len = snprintf(document, sizeof(document),
                       "{\"taskArn\":\"%s\",\"family\":\"adapter-test\",\"revision\":1,\"containerDefinitions\":[{\"name\":"
                       "\"main\",\"image\":\"%s\","
                       "\"memory\":32,\"essential\":true,\"command\":[\"sh\",\"-c\",\"%s\"]}]}",
                       arn, setting("ECSENGINE_TEST_DOCKER_REMOTE", "127.0.0.1:5000/busybox:1"), command);

    ck_assert_msg(ecsengine_task_add(engine, document, (size_t)len, NULL, &error) == 0, "%s", ecsengine_error_message(error));
}

/* Waits up to a minute for an event of that kind and status; -1 if its container has no exit code. */
static int wait_for(enum ecsengine_event_kind kind, const char *status)
{
    for (int i = 0; i < 6000; i++) {
        ecsengine_event *event = ecsengine_next_event(engine);
        if (event == NULL) {
            usleep(10000);
            continue;
        }
        int32_t exit_code = -1;
        bool found = ecsengine_event_get_kind(event) == kind && strcmp(ecsengine_event_status(event), status) == 0;
        if (!ecsengine_event_exit_code(event, &exit_code))
            exit_code = -1;
        if (ecsengine_event_get_kind(event) == ECSENGINE_EVENT_CONTAINER && ecsengine_event_runtime_id(event)[0] != '\0')
            snprintf(runtime_id, sizeof(runtime_id), "%s", ecsengine_event_runtime_id(event));
        ecsengine_event_free(event);
        if (found)
            return exit_code;
    }
    ck_abort_msg("no event %s", status);
    return -1;
}

START_TEST(a_task_runs_to_its_exit_code)
{
    add_task("exit 3");
    wait_for(ECSENGINE_EVENT_TASK, "RUNNING");
    ck_assert_int_eq(wait_for(ECSENGINE_EVENT_CONTAINER, "STOPPED"), 3);
    wait_for(ECSENGINE_EVENT_TASK, "STOPPED");
    remove_container();
    ck_assert_int_eq(ecsengine_free(engine), 0);
    ecsengine_docker_free(docker);
}
END_TEST

START_TEST(a_task_is_stopped_on_demand)
{
    add_task("trap 'exit 9' TERM; while :; do sleep 0.1; done");
    wait_for(ECSENGINE_EVENT_TASK, "RUNNING");
    ck_assert_int_eq(ecsengine_task_stop(engine, arn, NULL, NULL), 0);
    ck_assert_int_eq(wait_for(ECSENGINE_EVENT_CONTAINER, "STOPPED"), 9);
    wait_for(ECSENGINE_EVENT_TASK, "STOPPED");
    remove_container();
    ecsengine_docker_free(docker);
    ck_assert_int_eq(ecsengine_free(engine), 0);
}
END_TEST

/* What the daemon answers to a GET. */
static size_t collect(char *data, size_t size, size_t count, void *into)
{
    strncat(into, data, size * count);
    return size * count;
}

static const char *daemon_says(const char *path)
{
    static char answer[1 << 16];
    char url[256];
    const char *socket_path = setting("ECSENGINE_TEST_DOCKER", "");
    CURL *curl = curl_easy_init();

    if (strncmp(socket_path, "unix://", 7) == 0)
        socket_path += 7;
    answer[0] = '\0';
    snprintf(url, sizeof(url), "http://docker%s", path);
    curl_easy_setopt(curl, CURLOPT_UNIX_SOCKET_PATH, socket_path);
    curl_easy_setopt(curl, CURLOPT_URL, url);
    curl_easy_setopt(curl, CURLOPT_WRITEFUNCTION, collect);
    curl_easy_setopt(curl, CURLOPT_WRITEDATA, answer);
    ck_assert_int_eq(curl_easy_perform(curl), CURLE_OK);
    curl_easy_cleanup(curl);
    return answer;
}

/* Kept for no time, and everything is acknowledged when it is taken. */
static void up_for_cleanup(void)
{
    ck_assert_int_eq(ecsengine_config_new(&config, NULL), 0);
    ck_assert_int_eq(ecsengine_config_set(config, "engine-task-cleanup-wait-duration", "1s", NULL), 0);
    ck_assert_int_eq(ecsengine_config_set(config, "event-ack", "auto", NULL), 0);
    up();
}

static void down_after_cleanup(void)
{
    ecsengine_docker_free(docker);
    ck_assert_int_eq(ecsengine_free(engine), 0);
    ecsengine_config_free(config);
    config = NULL;
}

START_TEST(containers_share_the_volumes_of_their_task_which_go_with_it)
{
    char document[2048];
    ecsengine_error *error = NULL;
    const char *image = setting("ECSENGINE_TEST_DOCKER_REMOTE", "127.0.0.1:5000/busybox:1");

    up_for_cleanup();
    int len = snprintf(document, sizeof(document),
                       "{\"taskArn\":\"%s\",\"family\":\"volume-test\",\"revision\":1,\"volumes\":[{\"name\":\"data\","
                       "\"dockerVolumeConfiguration\":{\"scope\":\"task\",\"labels\":{\"a\":\"b\"}}},{\"name\":\"scratch\"}],"
                       "\"containerDefinitions\":[{\"name\":\"writer\",\"image\":\"%s\",\"memory\":32,\"essential\":false,"
                       "\"command\":[\"sh\",\"-c\",\"echo 5 > /d/code && touch /s/x\"],\"mountPoints\":[{\"sourceVolume\":\"data\","
                       "\"containerPath\":\"/d\"},{\"sourceVolume\":\"scratch\",\"containerPath\":\"/s\"}]},"
                       "{\"name\":\"reader\",\"image\":\"%s\",\"memory\":32,\"command\":[\"sh\",\"-c\",\"exit $(cat /d/code)\"],"
                       "\"dependsOn\":[{\"containerName\":\"writer\",\"condition\":\"SUCCESS\"}],"
                       "\"mountPoints\":[{\"sourceVolume\":\"data\",\"containerPath\":\"/d\",\"readOnly\":true}]}]}",
                       arn, image, image);
    ck_assert_msg(ecsengine_task_add(engine, document, (size_t)len, NULL, &error) == 0, "%s", ecsengine_error_message(error));
    ck_assert_int_eq(wait_for(ECSENGINE_EVENT_CONTAINER, "STOPPED"), 0);
    const char *volumes = daemon_says("/volumes");
    ck_assert_msg(strstr(volumes, "ecs-volume-test-1-data-") != NULL && strstr(volumes, "ecs-volume-test-1-scratch-") != NULL, "%s",
                  volumes);
    ck_assert_int_eq(wait_for(ECSENGINE_EVENT_CONTAINER, "STOPPED"), 5);
    wait_for(ECSENGINE_EVENT_TASK_REMOVED, "");
    volumes = daemon_says("/volumes");
    ck_assert_msg(strstr(volumes, "ecs-volume-test-1-") == NULL, "%s", volumes);
    down_after_cleanup();
}
END_TEST

/* Waits for the STOPPED of the task; its reason. */
static const char *reason_of_end(void)
{
    static char reason[1100];

    for (int i = 0; i < 6000; i++) {
        ecsengine_event *event = ecsengine_next_event(engine);
        if (event == NULL) {
            usleep(10000);
            continue;
        }
        bool found = ecsengine_event_get_kind(event) == ECSENGINE_EVENT_TASK && strcmp(ecsengine_event_status(event), "STOPPED") == 0;
        snprintf(reason, sizeof(reason), "%s", ecsengine_event_reason(event));
        ecsengine_event_free(event);
        if (found)
            return reason;
    }
    ck_abort_msg("the task did not stop");
    return NULL;
}

static void add_task_with_volume(const char *volume)
{
    char document[2048];
    ecsengine_error *error = NULL;
    int len = snprintf(document, sizeof(document),
                       "{\"taskArn\":\"%s\",\"family\":\"volume-test\",\"revision\":1,\"volumes\":[%s],\"containerDefinitions\":"
                       "[{\"name\":\"main\",\"image\":\"%s\",\"memory\":32,\"mountPoints\":[{\"sourceVolume\":\"data\",\"containerPath\":"
                       "\"/d\"}]}]}",
                       arn, volume, setting("ECSENGINE_TEST_DOCKER_REMOTE", "127.0.0.1:5000/busybox:1"));

    ck_assert_msg(ecsengine_task_add(engine, document, (size_t)len, NULL, &error) == 0, "%s", ecsengine_error_message(error));
}

START_TEST(a_volume_that_can_not_be_stops_the_task_with_the_daemons_reason)
{
    char want[512];

    up_for_cleanup();
    add_task_with_volume("{\"name\":\"data\",\"dockerVolumeConfiguration\":{\"scope\":\"shared\"}}");
    snprintf(want, sizeof(want),
             "resource cannot be initialized for task %s: initialize volume: volume detection failed, volume 'data' does not exist and "
             "autoprovision is set to false: Error response from daemon: get data: no such volume",
             arn);
    ck_assert_str_eq(want, reason_of_end());
    wait_for(ECSENGINE_EVENT_TASK_REMOVED, "");
    strcat(arn, "-2");
    add_task_with_volume("{\"name\":\"data\",\"dockerVolumeConfiguration\":{\"driver\":\"nosuchdriver\"}}");
    const char *reason = reason_of_end();
    ck_assert_msg(strncmp(reason, "Error response from daemon: ", 28) == 0 && strstr(reason, "nosuchdriver") != NULL, "%s", reason);
    wait_for(ECSENGINE_EVENT_TASK_REMOVED, "");
    down_after_cleanup();
}
END_TEST

/* A life of the engine on that store; `foreign`: what it does with containers that no record knows. */
static void live_on(ecsengine_memory_store *store, const char *foreign)
{
    ecsengine_error *error = NULL;

    ck_assert_int_eq(ecsengine_config_new(&config, NULL), 0);
    ck_assert_int_eq(ecsengine_config_set(config, "engine-task-cleanup-wait-duration", "1s", NULL), 0);
    ck_assert_int_eq(ecsengine_config_set(config, "event-ack", "auto", NULL), 0);
    ck_assert_int_eq(ecsengine_config_set(config, "foreign-containers", foreign, NULL), 0);
    ck_assert_msg(ecsengine_new(config, NULL, &engine, &error) == 0, "%s", ecsengine_error_message(error));
    ck_assert_int_eq(ecsengine_memory_store_attach(store, engine, NULL), 0);
    ck_assert_int_eq(ecsengine_docker_new(setting("ECSENGINE_TEST_DOCKER", NULL), &docker, NULL), 0);
    ck_assert_int_eq(ecsengine_docker_attach(docker, engine, NULL), 0);
    ck_assert_int_eq(ecsengine_start(engine, NULL), 0);
}

/* Its record is gone, as in an older copy of the store, or damaged: the container is found by its labels. */
START_TEST(a_container_that_no_record_knows_is_taken_up_by_its_labels)
{
    static const char *const ways[] = {"adopt", "stop", "ignore"};
    ecsengine_memory_store *store = NULL;
    char key[256], path[256];
    bool damaged = _i == 2;

    snprintf(arn, sizeof(arn), "arn:aws:ecs:us-west-2:123456789012:task/test/foreign-%d-%d", (int)getpid(), _i);
    ck_assert_int_eq(ecsengine_memory_store_new(&store, NULL), 0);
    live_on(store, ways[_i]);
    add_task("trap 'exit 9' TERM; while :; do sleep 0.1; done");
    wait_for(ECSENGINE_EVENT_TASK, "RUNNING");
    down_after_cleanup();
    snprintf(key, sizeof(key), "task/%s", arn);
    ck_assert_int_eq(ecsengine_memory_store_put(store, key, damaged ? "garbage" : NULL, 7, NULL), 0);
    live_on(store, ways[_i]);
    if (_i == 0) { /* it goes on until it is stopped by its ARN */
        wait_for(ECSENGINE_EVENT_TASK, "RUNNING");
        ck_assert_int_eq(ecsengine_task_stop(engine, arn, NULL, NULL), 0);
    }
    ck_assert_int_eq(wait_for(ECSENGINE_EVENT_CONTAINER, "STOPPED"), 9);
    wait_for(ECSENGINE_EVENT_TASK_REMOVED, "");
    snprintf(path, sizeof(path), "/containers/%s/json", runtime_id);
    ck_assert_ptr_nonnull(strstr(daemon_says(path), "No such container"));
    down_after_cleanup();
    ecsengine_memory_store_free(store);
}
END_TEST

START_TEST(the_adapter_can_be_freed_under_a_running_engine)
{
    wait_for(ECSENGINE_EVENT_READY, "");
    ecsengine_docker_free(docker);
    wait_for(ECSENGINE_EVENT_RUNTIME, "UNREACHABLE");
    ck_assert_int_eq(ecsengine_free(engine), 0);
}
END_TEST

START_TEST(a_daemon_that_is_not_there_is_an_unreachable_runtime)
{
    up_on("/nowhere/docker.sock");
    wait_for(ECSENGINE_EVENT_RUNTIME, "UNREACHABLE");
    ck_assert_int_eq(ecsengine_free(engine), 0);
    ecsengine_docker_free(docker);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("docker-task");
    TCase *tasks = tcase_create("tasks");
    TCase *absent = tcase_create("absent");
    TCase *volumes = tcase_create("volumes");

    if (setting("ECSENGINE_TEST_DOCKER", NULL) == NULL) {
        bool required = strcmp(setting("ECSENGINE_TEST_CI", "0"), "1") == 0;
        fprintf(stderr, "ECSENGINE_TEST_DOCKER names no Docker Engine: %s\n", required ? "but this run must have one" : "skipped");
        return required ? EXIT_FAILURE : 77;
    }
    tcase_set_timeout(tasks, 180);
    tcase_add_checked_fixture(tasks, up, NULL);
    tcase_add_test(tasks, a_task_runs_to_its_exit_code);
    tcase_add_test(tasks, a_task_is_stopped_on_demand);
    tcase_add_test(tasks, the_adapter_can_be_freed_under_a_running_engine);
    suite_add_tcase(suite, tasks);
    tcase_set_timeout(absent, 180);
    tcase_add_test(absent, a_daemon_that_is_not_there_is_an_unreachable_runtime);
    suite_add_tcase(suite, absent);
    tcase_set_timeout(volumes, 180);
    tcase_add_loop_test(volumes, a_container_that_no_record_knows_is_taken_up_by_its_labels, 0, 3);
    tcase_add_test(volumes, containers_share_the_volumes_of_their_task_which_go_with_it);
    tcase_add_test(volumes, a_volume_that_can_not_be_stops_the_task_with_the_daemons_reason);
    suite_add_tcase(suite, volumes);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_NORMAL);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}

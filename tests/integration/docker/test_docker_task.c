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

static void up_on(const char *url)
{
    ecsengine_error *error = NULL;

    snprintf(arn, sizeof(arn), "arn:aws:ecs:us-west-2:123456789012:task/test/%d-%lld", (int)getpid(), (long long)time(NULL));
    ck_assert_msg(ecsengine_new(NULL, NULL, &engine, &error) == 0, "%s", ecsengine_error_message(error));
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
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_NORMAL);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}

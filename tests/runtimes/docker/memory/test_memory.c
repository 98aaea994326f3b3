/* SPDX-License-Identifier: Apache-2.0 */
/* Without memory: the n-th allocation of the adapter, of libcurl or of the JSON parser fails, for every n that occurs. Whatever it was,
 * each operation is completed exactly once, and the adapter serves the next one. */
#include <curl/curl.h>
#include <jansson.h>
#include <stdatomic.h>
#include <stdio.h>

#include "../rig.h"
#include "failing_alloc.h"

#undef malloc
#undef calloc
#undef realloc
#undef strdup
#undef strndup

/* Counts down to the allocation that fails; below zero, none does. */
static atomic_int countdown = -1;
static atomic_int allocations;

static bool fails(void)
{
    atomic_fetch_add(&allocations, 1);
    return atomic_load(&countdown) >= 0 && atomic_fetch_sub(&countdown, 1) == 0;
}

void *failing_malloc(size_t size) { return fails() ? NULL : malloc(size); }
void *failing_calloc(size_t count, size_t size) { return fails() ? NULL : calloc(count, size); }
void *failing_realloc(void *old, size_t size) { return fails() ? NULL : realloc(old, size); }
char *failing_strdup(const char *text) { return fails() ? NULL : strdup(text); }
char *failing_strndup(const char *text, size_t len) { return fails() ? NULL : strndup(text, len); }

static struct fake_daemon *daemon_of_all_kinds(void)
{
    struct fake_daemon *daemon = daemon_new(0);

    daemon_json(daemon, "GET /v1.41/info", 200, "{\"NCPU\":2,\"MemTotal\":104857600,\"ServerVersion\":\"x\"}");
    daemon_json(daemon, "GET /v1.41/containers/c/json", 200, "{\"Id\":\"c\",\"State\":{\"Running\":true}}");
    daemon_json(daemon, "GET /v1.41/containers/json", 200, "[{\"Id\":\"1\",\"Names\":[\"/a\"]}]");
    daemon_json(daemon, "POST /v1.41/containers/create", 201, "{\"Id\":\"abc\"}");
    daemon_json(daemon, "DELETE /v1.41/volumes/v", 204, "");
    daemon_json(daemon, "POST /v1.41/volumes/create", 201, "{\"Name\":\"v\",\"Options\":{\"a\":\"b\"},\"Labels\":{\"c\":\"d\"}}");
    daemon_json(daemon, "POST /v1.41/images/create", 200, "{\"status\":\"done\"}");
    daemon_json(daemon, "POST /v1.41/containers/c/start", 500, "{\"message\":\"no\"}");
    daemon_json(daemon, "POST /v1.41/containers/c/exec", 201, "{\"Id\":\"e\"}");
    daemon_json(daemon, "GET /v1.41/exec/e/json", 200, "{\"Running\":false,\"ExitCode\":1,\"Pid\":2}");
    daemon_on(daemon, &(struct daemon_rule){.request = "POST /v1.41/exec/e/start",
                                            .bytes = "HTTP/1.1 200 OK\r\n\r\n\1\0\0\0\0\0\0\2hi",
                                            .len = 29,
                                            .close = true});
    daemon_on(daemon, &(struct daemon_rule){.request = "GET /v1.41/events",
                                            .bytes = OK_CHUNKED
                                            "37\r\n{\"Type\":\"container\",\"status\":\"start\",\"id\":\"c1\",\"x\":1234}\r\n",
                                            .hang = true});
    return daemon;
}

static const struct double_op ops[] = {
    {.kind = ECSENGINE_OP_SUBSCRIBE},
    {.kind = ECSENGINE_OP_INFO},
    {.kind = ECSENGINE_OP_CREATE, .name = "c", .config = "{}"},
    {.kind = ECSENGINE_OP_START, .container = "c"},
    {.kind = ECSENGINE_OP_INSPECT, .container = "c"},
    {.kind = ECSENGINE_OP_PULL_IMAGE, .image = "a:1"},
    {.kind = ECSENGINE_OP_LIST, .label = "a=b"},
    {.kind = ECSENGINE_OP_VOLUME_CREATE, .name = "v", .config = "{}"},
    {.kind = ECSENGINE_OP_VOLUME_REMOVE, .name = "v"},
    {.kind = ECSENGINE_OP_EXEC_CREATE, .container = "c", .config = "{}"},
    {.kind = ECSENGINE_OP_EXEC_INSPECT, .container = "c", .exec_id = "e"},
    {.kind = ECSENGINE_OP_EXEC_RUN, .container = "c", .config = "{\"Tty\":false}"},
};

enum { OPS = sizeof(ops) / sizeof(ops[0]) };

/* One life of an adapter in which the n-th allocation fails. */
static void live(struct fake_daemon *daemon, int n)
{
    ecsengine *engine = double_new();
    ecsengine_docker *docker = NULL;

    atomic_store(&countdown, n);
    int code = ecsengine_docker_new(daemon_url(daemon), &docker, NULL);
    if (code == 0)
        code = ecsengine_docker_attach(docker, engine, NULL);
    ck_assert_msg(code == 0 || code == ECSENGINE_ENOMEM, "allocation %d: code %d", n, code);
    for (int i = 0; code == 0 && i < OPS; i++)
        ck_assert_msg(double_do(engine, &ops[i]) != NULL, "allocation %d: operation %d was never completed", n, i);
    atomic_store(&countdown, -1);
    for (int i = 1; code == 0 && i < OPS; i++)
        ck_assert_int_eq(double_do(engine, &ops[i])->failure,
                         ops[i].kind == ECSENGINE_OP_START ? ECSENGINE_FAILURE_OTHER : ECSENGINE_FAILURE_NONE);
    ecsengine_docker_free(docker);
    ck_assert_msg(double_free(engine) == 0, "allocation %d", n);
}

START_TEST(each_operation_is_completed_once_whichever_allocation_fails)
{
    struct fake_daemon *daemon = daemon_of_all_kinds();

    json_set_alloc_funcs(failing_malloc, free);
    ck_assert_int_eq(
        curl_global_init_mem(CURL_GLOBAL_DEFAULT, failing_malloc, free, failing_realloc, failing_strdup, failing_calloc), 0);
    live(daemon, -1);
    atomic_store(&allocations, 0);
    live(daemon, -1);
    int all = atomic_load(&allocations) / 2 + 50; /* the operations are done twice; what is counted varies a little */
    for (int n = _i; n < all; n += 8) {
        live(daemon, n);
        if (n % 64 == _i) { /* it remembers every request */
            daemon_free(daemon);
            daemon = daemon_of_all_kinds();
        }
    }
    daemon_free(daemon);
    curl_global_cleanup();
}
END_TEST

static void add(TCase *tcase) { tcase_add_loop_test(tcase, each_operation_is_completed_once_whichever_allocation_fails, 0, 8); }

int main(void) { return rig_run("docker-memory", add, 120); }

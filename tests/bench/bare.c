/* SPDX-License-Identifier: Apache-2.0 */
/* The bare runtime. A container's id has its number in it, so nothing has to be looked up. */
#include "bare.h"

#include <stdlib.h>
#include <string.h>

#include "measure.h"

enum { ID_DIGITS = 64, NUMBER_DIGITS = 16 };

static void put_id(size_t number, char out_id[ID_DIGITS + 1])
{
    static const char digits[] = "0123456789abcdef";

    memset(out_id, 'c', ID_DIGITS);
    for (int i = NUMBER_DIGITS - 1; i >= 0; i--, number >>= 4)
        out_id[i] = digits[number & 15];
    out_id[ID_DIGITS] = '\0';
}

static struct bare_container *of_id(struct bare *bare, const char *id)
{
    size_t number = 0;

    for (int i = 0; i < NUMBER_DIGITS && id[i] != '\0'; i++)
        number = number << 4 | (size_t)(id[i] <= '9' ? id[i] - '0' : id[i] - 'a' + 10);
    return number < bare->count ? &bare->containers[number] : NULL;
}

static struct bare_container *create(struct bare *bare, const char *config, char out_id[ID_DIGITS + 1])
{
    if (bare->count == bare->cap) {
        bare->cap = bare->cap > 0 ? bare->cap * 2 : 1024;
        bare->containers = realloc(bare->containers, bare->cap * sizeof(*bare->containers));
        bench_must(bare->containers != NULL ? 0 : ECSENGINE_ENOMEM, "the bare runtime");
    }
    put_id(bare->count, out_id);
    struct bare_container *container = &bare->containers[bare->count++];
    *container = (struct bare_container){0};
    const char *port = strstr(config, "\"HostPort\":\"");
    if (port != NULL) {
        container->host_port = (int32_t)atoi(port + strlen("\"HostPort\":\""));
        container->udp = strstr(config, "80/udp") != NULL;
    }
    return container;
}

static void tell(struct bare *bare, enum ecsengine_runtime_event_kind kind, const char *id, bool exited)
{
    ecsengine_result *details = NULL;

    if (exited) {
        bench_must(ecsengine_result_new_for_event(bare->engine, &details, NULL), "a result");
        ecsengine_result_set_exit_code(details, 0);
    }
    bare->events++;
    bench_must(ecsengine_runtime_event(bare->engine, kind, id, details, NULL), "an event");
}

static void put_record(ecsengine_result *result, const struct bare_container *container, const char *id)
{
    bool running = container->started_at != 0 && container->finished_at == 0;

    ecsengine_result_set_container_id(result, id);
    ecsengine_result_set_running(result, running);
    ecsengine_result_set_created_at(result, 1);
    ecsengine_result_set_started_at(result, container->started_at);
    ecsengine_result_set_finished_at(result, container->finished_at);
    if (container->finished_at != 0)
        ecsengine_result_set_exit_code(result, 0);
    if (running && container->host_port != 0)
        ecsengine_result_add_port(result, 80, container->host_port, container->udp ? "udp" : "tcp", "0.0.0.0");
}

static void list(struct bare *bare, ecsengine_result *result)
{
    char id[ID_DIGITS + 1];

    for (size_t i = 0; i < bare->count; i++) {
        if (bare->containers[i].started_at < 0)
            continue;
        put_id(i, id);
        ecsengine_result_add_container(result, id, id, bare->containers[i].started_at != 0 && bare->containers[i].finished_at == 0,
                                       ECSENGINE_HEALTH_UNKNOWN);
    }
}

/* What Docker does and says before it answers. */
static void perform(struct bare *bare, const ecsengine_op *op, ecsengine_result *result)
{
    char id[ID_DIGITS + 1];
    struct bare_container *container = NULL;
    enum ecsengine_op_kind kind = ecsengine_op_get_kind(op);

    if (kind == ECSENGINE_OP_START || kind == ECSENGINE_OP_STOP || kind == ECSENGINE_OP_INSPECT || kind == ECSENGINE_OP_REMOVE) {
        memcpy(id, ecsengine_op_container(op), sizeof(id));
        container = of_id(bare, id);
        bench_must(container != NULL ? 0 : ECSENGINE_ENOTFOUND, "a container");
    }
    switch (kind) {
    case ECSENGINE_OP_INFO:
        ecsengine_result_set_cpus(result, 1 << 20);
        ecsengine_result_set_memory_mib(result, INT64_C(1) << 40);
        break;
    case ECSENGINE_OP_LIST:
        list(bare, result);
        break;
    case ECSENGINE_OP_PULL_MANIFEST:
        ecsengine_result_set_digest(result, "sha256:5be7104a4306abe768359a5379e6050ef69a29e9a5f99fcf7f46d5f7e9ba29a2",
                                    "application/vnd.docker.distribution.manifest.v2+json");
        break;
    case ECSENGINE_OP_CREATE:
        create(bare, ecsengine_op_create_config(op, NULL), id);
        tell(bare, ECSENGINE_RUNTIME_EVENT_CREATE, id, false);
        ecsengine_result_set_container_id(result, id);
        break;
    case ECSENGINE_OP_START:
        container->started_at = bare->wall_ns;
        tell(bare, ECSENGINE_RUNTIME_EVENT_START, id, false);
        break;
    case ECSENGINE_OP_STOP:
        container->finished_at = bare->wall_ns;
        tell(bare, ECSENGINE_RUNTIME_EVENT_DIE, id, true);
        tell(bare, ECSENGINE_RUNTIME_EVENT_STOP, id, false);
        break;
    case ECSENGINE_OP_INSPECT:
        put_record(result, container, id);
        break;
    case ECSENGINE_OP_REMOVE:
        container->started_at = -1; /* gone */
        tell(bare, ECSENGINE_RUNTIME_EVENT_DESTROY, id, false);
        break;
    default:
        break;
    }
}

static void submit(ecsengine_op *op, void *user_data)
{
    struct bare *bare = user_data;
    ecsengine_result *result;

    bare->ops++;
    bench_must(ecsengine_result_new(op, &result, NULL), "a result");
    perform(bare, op, result);
    bench_must(ecsengine_op_complete(op, result, NULL), "a completion");
}

void bare_attach(struct bare *bare, ecsengine *engine)
{
    ecsengine_runtime_vtable vtable;

    bare->engine = engine;
    ecsengine_runtime_vtable_init(&vtable, sizeof(vtable));
    vtable.submit = submit;
    bench_must(ecsengine_set_runtime(engine, &vtable, bare, NULL), "the runtime");
}

void bare_close(struct bare *bare)
{
    free(bare->containers);
    *bare = (struct bare){0};
}

int64_t bare_own_cost_ns(void)
{
    enum { LIVES = 200000, LOOKS = 5 }; /* start, inspect, stop, inspect, remove */
    static const char config[] = "{\"Image\":\"busybox:latest\",\"Cmd\":[\"sleep\",\"1000\"],\"Labels\":{\"com.amazonaws.ecs.task-arn\":"
                                 "\"arn:aws:ecs:us-west-2:123456789012:task/perf/0123456789abcdef0123456789abcdef\"}}";
    struct bare bare = {.wall_ns = 1};
    char id[ID_DIGITS + 1], copy[ID_DIGITS + 1];
    int64_t start = measure_cpu_ns();

    for (size_t i = 0; i < LIVES; i++) {
        create(&bare, config, id);
        for (int k = 0; k < LOOKS; k++) {
            memcpy(copy, id, sizeof(copy));
            of_id(&bare, copy)->started_at = bare.wall_ns + k;
        }
    }
    int64_t cost = (measure_cpu_ns() - start) / LIVES;
    bare_close(&bare);
    return cost;
}

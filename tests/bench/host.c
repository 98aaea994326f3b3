/* SPDX-License-Identifier: Apache-2.0 */
/* The host and its loop. */
#include "host.h"

#include <poll.h>
#include <stdio.h>
#include <stdlib.h>

#define WALL_0 (INT64_C(1700000000) * SECOND)

static void set(ecsengine_config *config, const char *key, const char *value)
{
    bench_must(ecsengine_config_set(config, key, value, NULL), key);
}

static void commit_blank(uint64_t batch_id, const ecsengine_batch *batch, void *user_data)
{
    struct host *host = user_data;

    (void)batch;
    bench_must(ecsengine_store_done(host->engine, batch_id, 0, NULL), "a batch");
}

static void set_store(struct host *host)
{
    ecsengine_store_vtable vtable;

    if (host->join_store != NULL)
        host->join_store(host);
    if (host->store_kind == STORE_MEMORY)
        bench_must(ecsengine_memory_store_attach(host->store, host->engine, NULL), "the store");
    if (host->store_kind != STORE_BLANK)
        return;
    ecsengine_store_vtable_init(&vtable, sizeof(vtable));
    vtable.commit = commit_blank;
    bench_must(ecsengine_set_store(host->engine, &vtable, host, NULL), "the store");
}

static void new_engine(struct host *host)
{
    ecsengine_config *config;
    ecsengine_allocator allocator;
    char cpu[16];

    bench_must(ecsengine_config_new(&config, NULL), "a configuration");
    set(config, "seed", "1");
    set(config, "event-ack", "auto");
    set(config, "reserved-ports", "[]");
    set(config, "image-manifest-resolution", host->manifests ? "true" : "false");
    snprintf(cpu, sizeof(cpu), "%u", host->host_cpu > 0 ? host->host_cpu : 2000000000u);
    set(config, "host-cpu", cpu);
    set(config, "host-memory", "2000000000");
    for (const char *const *more = host->config; more != NULL && *more != NULL; more += 2)
        set(config, more[0], more[1]);
    measure_allocator(&host->memory, &allocator);
    bench_must(ecsengine_new(config, host->counts ? &allocator : NULL, &host->engine, NULL), "an engine");
    ecsengine_config_free(config);
    if (host->on_simulator)
        bench_must(ecsengine_sim_attach(host->sim, host->engine, NULL), "the simulator");
    else
        bare_attach(&host->bare, host->engine);
    set_store(host);
    bench_must(ecsengine_get_fd(host->engine, &host->fd, NULL), "a descriptor");
}

void host_start(struct host *host)
{
    if (host->on_simulator)
        bench_must(ecsengine_sim_new(1, &host->sim, NULL), "a simulator");
    if (host->store_kind == STORE_MEMORY)
        bench_must(ecsengine_memory_store_new(&host->store, NULL), "a store");
    new_engine(host);
    host_settle(host);
}

void host_crash(struct host *host) { bench_must(ecsengine_free(host->engine), "the engine's end"); }
void host_again(struct host *host) { new_engine(host); }

void host_end(struct host *host)
{
    bench_must(ecsengine_free(host->engine), "the engine's end");
    ecsengine_sim_free(host->sim);
    ecsengine_memory_store_free(host->store);
    bare_close(&host->bare);
    free(host->turn_ns);
    if (host->memory.bytes != 0)
        bench_must(ECSENGINE_ECORRUPT, "memory that was not given back");
}

static void take_events(struct host *host)
{
    ecsengine_event *event;

    while ((event = ecsengine_next_event(host->engine)) != NULL) {
        enum ecsengine_event_kind kind = ecsengine_event_get_kind(event);
        host->events++;
        if (host->told != NULL)
            host->told(host, event);
        host->removed += kind == ECSENGINE_EVENT_TASK_REMOVED;
        host->running += ecsengine_event_task_status(event) == ECSENGINE_TASK_RUNNING;
        host->stopped += ecsengine_event_task_status(event) == ECSENGINE_TASK_STOPPED;
        if (kind == ECSENGINE_EVENT_COMMAND_DONE)
            bench_must(ecsengine_event_command_code(event), "a command");
        ecsengine_event_free(event);
    }
}

void host_turn(struct host *host)
{
    int64_t wall_ns = WALL_0 + host->mono_ns, start_ns = host->turn_ns != NULL ? measure_wall_ns() : 0;

    host->bare.wall_ns = wall_ns;
    if (host->sim != NULL)
        bench_must(ecsengine_sim_advance(host->sim, host->mono_ns, wall_ns, NULL), "the simulator");
    bench_must(ecsengine_dispatch(host->engine, host->mono_ns, wall_ns, NULL), "a turn");
    take_events(host);
    host->turns++;
    if (host->turn_ns != NULL && host->turn_count < host->turn_cap)
        host->turn_ns[host->turn_count++] = measure_wall_ns() - start_ns;
}

static int64_t due_ns(const struct host *host)
{
    int64_t engine_ns = ecsengine_deadline_ns(host->engine);
    int64_t sim_ns = host->sim != NULL ? ecsengine_sim_deadline_ns(host->sim) : ECSENGINE_NO_DEADLINE;

    return engine_ns < sim_ns ? engine_ns : sim_ns;
}

static bool readable_within(const struct host *host, int wait_ms)
{
    struct pollfd fd = {.fd = host->fd, .events = POLLIN};

    return poll(&fd, 1, wait_ms) > 0;
}

void host_settle(struct host *host)
{
    do
        host_turn(host);
    while (readable_within(host, 0) || due_ns(host) <= host->mono_ns);
}

void host_turn_and_wait(struct host *host)
{
    enum { LONG_MS = 60000 };

    host_turn(host);
    if (due_ns(host) > host->mono_ns && !readable_within(host, LONG_MS))
        bench_must(ECSENGINE_ESTATE, "an answer of the store");
}

size_t host_run_until(struct host *host, int64_t mono_ns)
{
    size_t woken = 0;

    for (int64_t due; (due = due_ns(host)) <= mono_ns; woken++) {
        host->mono_ns = due > host->mono_ns ? due : host->mono_ns;
        host_settle(host);
    }
    host->mono_ns = mono_ns;
    return woken;
}

void host_add(struct host *host, const struct payload_shape *shape, size_t number)
{
    char document[PAYLOAD_MAX];
    size_t len = payload_document(shape, number, document);

    bench_must(ecsengine_task_add(host->engine, document, len, NULL, NULL), "a task");
}

void host_stop(struct host *host, size_t number)
{
    char arn[PAYLOAD_ARN_MAX];

    payload_arn(number, arn);
    bench_must(ecsengine_task_stop(host->engine, arn, NULL, NULL), "a stop");
}

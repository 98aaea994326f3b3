/* SPDX-License-Identifier: Apache-2.0 */
/* Lives of many tasks. Commands come in bursts, a turn and a millisecond each, as from a loop that reads a socket; what follows from them
 * comes in turns of its own. So the waits before the cleanup end in bursts too. */
#include "lifecycle.h"

#include <stdlib.h>
#include <string.h>

#define CLEANUP_WAIT (3 * 3600 * SECOND) /* the reference's default */
#define BURST_TIME MS

struct documents {
    char **texts;
    size_t *lens;
    size_t count;
};

static struct documents make_documents(const struct lifecycle *run)
{
    struct documents made = {bench_alloc(run->tasks, sizeof(char *)), bench_alloc(run->tasks, sizeof(size_t)), run->tasks};
    char document[PAYLOAD_MAX];

    for (size_t i = 0; i < run->tasks; i++) {
        made.lens[i] = payload_document(&run->shape, i, document);
        made.texts[i] = memcpy(bench_alloc(made.lens[i] + 1, 1), document, made.lens[i] + 1);
    }
    return made;
}

static void free_documents(struct documents *documents)
{
    for (size_t i = 0; i < documents->count; i++)
        free(documents->texts[i]);
    free(documents->texts);
    free(documents->lens);
}

static void up(struct lifecycle *run, struct host *host, const struct documents *documents)
{
    struct moment start = measure_now();

    for (size_t i = 0; i < run->tasks;) {
        struct moment add = measure_now();
        uint64_t before = host->memory.count;
        for (unsigned k = 0; k < run->burst && i < run->tasks; k++, i++)
            bench_must(ecsengine_task_add(host->engine, documents->texts[i], documents->lens[i], NULL, NULL), "a task");
        add = measure_since(add);
        run->add.wall_ns += add.wall_ns;
        run->add.cpu_ns += add.cpu_ns;
        run->add_allocations += host->memory.count - before;
        host_turn(host);
    }
    host_settle(host);
    run->up = measure_since(start);
    bench_must(host->running == run->tasks ? 0 : ECSENGINE_ESTATE, "not all are running");
}

static void down(struct lifecycle *run, struct host *host)
{
    struct moment start = measure_now();

    run->stopping_since_ns = host->mono_ns;
    for (size_t i = 0; i < run->tasks;) {
        for (unsigned k = 0; k < run->burst && i < run->tasks; k++, i++)
            host_stop(host, i);
        host->mono_ns += BURST_TIME;
        host_turn(host);
    }
    host_settle(host);
    run->down = measure_since(start);
    bench_must(host->stopped == run->tasks ? 0 : ECSENGINE_ESTATE, "not all have stopped");
}

static void clean(struct lifecycle *run, struct host *host)
{
    struct moment start = measure_now();
    int64_t until = host->mono_ns + CLEANUP_WAIT + BURST_TIME;

    for (host->mono_ns = run->stopping_since_ns + CLEANUP_WAIT; host->mono_ns < until; host->mono_ns += BURST_TIME)
        host_settle(host);
    run->clean = measure_since(start);
    bench_must(host->removed == run->tasks ? 0 : ECSENGINE_ESTATE, "not all are removed");
}

void lifecycle_run(struct lifecycle *run)
{
    struct host host = {.on_simulator = run->on_simulator, .store_kind = run->store, .manifests = run->manifests,
                        .counts = run->counts};
    struct documents documents = make_documents(run);

    host_start(&host);
    uint64_t ops = host.bare.ops, events = host.events, allocations = host.memory.count;
    int64_t resident = measure_resident_bytes(), bytes = host.memory.bytes;
    up(run, &host, &documents);
    run->resident_bytes = measure_resident_bytes() - resident;
    run->engine_bytes = host.memory.bytes - bytes;
    run->runtime_bytes = (int64_t)(host.bare.cap * sizeof(host.bare.containers[0]));
    free_documents(&documents);
    down(run, &host);
    clean(run, &host);
    run->turns = host.turns;
    run->ops = host.on_simulator ? 0 : host.bare.ops - ops;
    run->events = host.events - events;
    run->allocations = host.memory.count - allocations;
    host_end(&host);
}

double lifecycle_cpu_ns(const struct lifecycle *run)
{
    return (double)(run->up.cpu_ns + run->down.cpu_ns + run->clean.cpu_ns) / (double)run->tasks;
}

double lifecycle_engine_ns(const struct lifecycle *run) { return lifecycle_cpu_ns(run) - (double)run->add.cpu_ns / (double)run->tasks; }

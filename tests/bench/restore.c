/* SPDX-License-Identifier: Apache-2.0 */
/* A new engine takes over: records in, then every container is looked at. */
#include "cases.h"

enum { BURST = 100 };

void restore_measure(size_t tasks, bool ports, struct restore_cost *out_cost)
{
    const struct payload_shape shape = {.containers = 1, .ports = ports};
    struct host host = {.store_kind = STORE_MEMORY};

    host_start(&host);
    for (size_t i = 0; i < tasks;) {
        for (size_t k = 0; k < BURST && i < tasks; k++, i++)
            host_add(&host, &shape, i);
        host_turn(&host);
    }
    host_settle(&host);
    bench_must(host.running == tasks ? 0 : ECSENGINE_ESTATE, "not all are running");
    host_crash(&host);
    ecsengine_memory_store_key(host.store, 0); /* the store puts its keys in order, which is no work of the engine */
    int64_t start = measure_cpu_ns();
    host_again(&host);
    out_cost->records_ns = measure_cpu_ns() - start;
    host_settle(&host);
    out_cost->ready_ns = measure_cpu_ns() - start;
    out_cost->tasks = tasks;
    bench_must(host.running == tasks && host.stopped == 0 ? 0 : ECSENGINE_ESTATE, "a restart has changed what runs");
    for (size_t i = 0; i < tasks; i += tasks / 10 + 1) {
        host_stop(&host, i);
        host_settle(&host);
    }
    bench_must(host.stopped > 0 ? 0 : ECSENGINE_ESTATE, "what was restored can not be stopped");
    host_end(&host);
}

/* SPDX-License-Identifier: Apache-2.0 */
/* A long queue: the host has room for a few tasks, and everything else waits. Each that ends lets the next one in. */
#include <stdlib.h>

#include "cases.h"

enum { ROOM = 100, BURST = 100, CPU = 10 };

void admission_measure(size_t queued, size_t admitted, bool ports, const char *policy, struct admission_cost *out_cost)
{
    const struct payload_shape shape = {.containers = 1, .ports = ports, .cpu = CPU};
    const char *const config[] = {"admission-policy", policy, NULL};
    struct host host = {.host_cpu = ROOM * CPU, .config = config};

    host_start(&host);
    int64_t start = measure_cpu_ns();
    for (size_t i = 0; i < ROOM + queued;) {
        for (size_t k = 0; k < BURST && i < ROOM + queued; k++, i++)
            host_add(&host, &shape, i);
        host_turn(&host);
    }
    host_settle(&host);
    out_cost->enqueue_ns = (measure_cpu_ns() - start) / (int64_t)(ROOM + queued);
    bench_must(host.running == ROOM ? 0 : ECSENGINE_ESTATE, "the host has another room than was thought");
    start = measure_cpu_ns();
    for (size_t i = 0; i < admitted; i++) {
        host_stop(&host, i);
        host_settle(&host);
    }
    out_cost->admit_ns = (measure_cpu_ns() - start) / (int64_t)(admitted > 0 ? admitted : 1);
    bench_must(host.running == ROOM + admitted ? 0 : ECSENGINE_ESTATE, "not every one that ended let one in");
    out_cost->queued = queued;
    out_cost->admitted = admitted;
    host_end(&host);
}

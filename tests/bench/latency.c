/* SPDX-License-Identifier: Apache-2.0 */
/* Turns beside many running tasks: cost must follow what changed, not what is there. Each round stops one task, spread over all, and adds
 * another, and takes as many turns as it takes. */
#include <stdlib.h>

#include "cases.h"

enum { BURST = 100 };

void latency_measure(size_t running, size_t rounds, bool ports, struct latency_cost *out_cost)
{
    const struct payload_shape shape = {.containers = 1, .ports = ports};
    struct host host = {0};

    host_start(&host);
    for (size_t i = 0; i < running;) {
        for (size_t k = 0; k < BURST && i < running; k++, i++)
            host_add(&host, &shape, i);
        host_turn(&host);
    }
    host_settle(&host);
    host.turn_cap = rounds * 32;
    host.turn_ns = bench_alloc(host.turn_cap, sizeof(*host.turn_ns));
    size_t *numbers = bench_alloc(running, sizeof(*numbers)); /* of those that run */
    for (size_t i = 0; i < running; i++)
        numbers[i] = i;
    int64_t start = measure_cpu_ns();
    for (size_t i = 0; i < rounds; i++) {
        size_t *number = &numbers[i * 7919 % running];
        host_stop(&host, *number);
        *number = running + i;
        host_add(&host, &shape, *number);
        host_settle(&host);
    }
    *out_cost = (struct latency_cost){.running = running, .rounds = rounds};
    out_cost->round_cpu_ns = (measure_cpu_ns() - start) / (int64_t)rounds;
    free(numbers);
    bench_must(host.running == running + rounds ? 0 : ECSENGINE_ESTATE, "not all that were added run");
    out_cost->turn_p50_ns = measure_quantile(host.turn_ns, host.turn_count, 500);
    out_cost->turn_p99_ns = measure_quantile(host.turn_ns, host.turn_count, 990);
    host.turn_cap = 0;
    out_cost->woken_an_hour = host_run_until(&host, host.mono_ns + 3600 * SECOND);
    host_end(&host);
}

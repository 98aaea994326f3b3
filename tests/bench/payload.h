/* SPDX-License-Identifier: Apache-2.0 */
/* The documents of the benchmarks: the task of docs/benchmarks.md as an ACS payload, with an ARN of its own each; and a large
 * definition. */
#ifndef BENCH_PAYLOAD_H
#define BENCH_PAYLOAD_H

#include <stdbool.h>
#include <stddef.h>

enum { PAYLOAD_MAX = 4096, PAYLOAD_ARN_MAX = 128, DEFINITION_MAX = 16384 };

struct payload_shape {
    unsigned containers; /* 1, or a chain of up to 3: each depends on the one before, START */
    bool ports;          /* the first has a host port of its own */
    unsigned cpu;        /* of each container; 0: the 10 of the benchmark */
};

void payload_arn(size_t number, char out_arn[PAYLOAD_ARN_MAX]);
/* Returns its length. Host ports repeat after payload_ports_max() tasks. */
size_t payload_document(const struct payload_shape *shape, size_t number, char out_document[PAYLOAD_MAX]);
size_t payload_ports_max(void);
/* A task definition of about 13 KB, as users register them: 10 containers with environments, logs, health checks and ports. */
size_t payload_large(char out_document[DEFINITION_MAX]);

#endif

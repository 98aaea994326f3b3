/* SPDX-License-Identifier: Apache-2.0 */
/* What the benchmarks measure with: clocks, resident memory, and an allocator that counts. */
#ifndef BENCH_MEASURE_H
#define BENCH_MEASURE_H

#include <stdatomic.h>
#include <stdint.h>

#include "ecsengine/memory.h"

#define MS INT64_C(1000000)
#define SECOND INT64_C(1000000000)

int64_t measure_wall_ns(void);
int64_t measure_cpu_ns(void); /* of the whole process, user and system */
int64_t measure_thread_cpu_ns(void); /* of the calling thread */
int64_t measure_resident_bytes(void);

/* Both clocks at once, and the difference to an earlier reading. */
struct moment {
    int64_t wall_ns;
    int64_t cpu_ns;
};

struct moment measure_now(void);
struct moment measure_since(struct moment start);

/* What went through the engine's allocator. */
struct counted_memory {
    _Atomic uint64_t count; /* allocations so far */
    _Atomic int64_t bytes;  /* outstanding, as they were asked for */
};

void measure_allocator(struct counted_memory *memory, ecsengine_allocator *out_allocator);

/* Sorts, and gives the value that `per_mille` of 1,000 are not above. */
int64_t measure_quantile(int64_t *values, size_t count, unsigned per_mille);

/* Ends the program: a benchmark that can't do what it measures has nothing to say. */
void bench_must(int code, const char *what);
void *bench_alloc(size_t count, size_t size);

#endif

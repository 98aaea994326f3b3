/* SPDX-License-Identifier: Apache-2.0 */
/* Clocks, resident memory, the counting allocator. */
#include "measure.h"

#include <stdio.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

#include "ecsengine/error.h"

static int64_t read_clock(clockid_t clock)
{
    struct timespec now;

    clock_gettime(clock, &now);
    return (int64_t)now.tv_sec * SECOND + now.tv_nsec;
}

int64_t measure_wall_ns(void) { return read_clock(CLOCK_MONOTONIC); }
int64_t measure_cpu_ns(void) { return read_clock(CLOCK_PROCESS_CPUTIME_ID); }

int64_t measure_thread_cpu_ns(void) { return read_clock(CLOCK_THREAD_CPUTIME_ID); }

int64_t measure_resident_bytes(void)
{
    FILE *file = fopen("/proc/self/statm", "r");
    long long size, resident = 0;

    if (file == NULL)
        return 0;
    if (fscanf(file, "%lld %lld", &size, &resident) != 2)
        resident = 0;
    fclose(file);
    return (int64_t)resident * sysconf(_SC_PAGESIZE);
}

struct moment measure_now(void) { return (struct moment){measure_wall_ns(), measure_cpu_ns()}; }

struct moment measure_since(struct moment start)
{
    struct moment now = measure_now();

    return (struct moment){now.wall_ns - start.wall_ns, now.cpu_ns - start.cpu_ns};
}

static void *counted_alloc(size_t size, void *user_data)
{
    struct counted_memory *memory = user_data;
    void *block = malloc(size);

    atomic_fetch_add_explicit(&memory->count, 1, memory_order_relaxed);
    if (block != NULL)
        atomic_fetch_add_explicit(&memory->bytes, (int64_t)size, memory_order_relaxed);
    return block;
}

static void counted_free(void *ptr, size_t size, void *user_data)
{
    struct counted_memory *memory = user_data;

    atomic_fetch_sub_explicit(&memory->bytes, (int64_t)size, memory_order_relaxed);
    free(ptr);
}

void measure_allocator(struct counted_memory *memory, ecsengine_allocator *out_allocator)
{
    ecsengine_allocator_init(out_allocator, sizeof(*out_allocator));
    out_allocator->alloc = counted_alloc;
    out_allocator->free = counted_free;
    out_allocator->user_data = memory;
}

static int by_value(const void *left, const void *right)
{
    int64_t l = *(const int64_t *)left, r = *(const int64_t *)right;

    return l < r ? -1 : l > r;
}

int64_t measure_quantile(int64_t *values, size_t count, unsigned per_mille)
{
    if (count == 0)
        return 0;
    qsort(values, count, sizeof(*values), by_value);
    size_t at = count * per_mille / 1000;
    return values[at < count ? at : count - 1];
}

void bench_must(int code, const char *what)
{
    if (code == 0)
        return;
    fprintf(stderr, "bench: %s: %s\n", what, ecsengine_code_name(code));
    exit(1);
}

void *bench_alloc(size_t count, size_t size)
{
    void *made = calloc(count > 0 ? count : 1, size);

    if (made == NULL) {
        fprintf(stderr, "bench: no memory\n");
        exit(1);
    }
    return made;
}

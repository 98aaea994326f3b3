/* SPDX-License-Identifier: Apache-2.0 */
/* What documents cost: the engine's reading, with all that is checked and rendered, beside jansson's, which makes a tree. The engine has
 * had no turn, so that commands only queue. */
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>

#include "cases.h"

static size_t jansson_bytes_out, jansson_bytes_max;

static void *weigh(size_t size)
{
    size_t *block = malloc(sizeof(max_align_t) + size);

    if (block == NULL)
        return NULL;
    *block = size;
    jansson_bytes_out += size;
    if (jansson_bytes_out > jansson_bytes_max)
        jansson_bytes_max = jansson_bytes_out;
    return (char *)block + sizeof(max_align_t);
}

static void unweigh(void *ptr)
{
    if (ptr == NULL)
        return;
    size_t *block = (size_t *)(void *)((char *)ptr - sizeof(max_align_t));
    jansson_bytes_out -= *block;
    free(block);
}

static void with_jansson(const char *document, size_t len, size_t repeats, struct parse_cost *cost)
{
    json_malloc_t malloc_fn;
    json_free_t free_fn;

    json_get_alloc_funcs(&malloc_fn, &free_fn);
    int64_t start = measure_cpu_ns();
    for (size_t i = 0; i < repeats; i++)
        json_decref(json_loadb(document, len, 0, NULL));
    cost->jansson_ns = (measure_cpu_ns() - start) / (int64_t)repeats;
    jansson_bytes_max = 0;
    json_set_alloc_funcs(weigh, unweigh);
    json_t *tree = json_loadb(document, len, 0, NULL);
    bench_must(tree != NULL ? 0 : ECSENGINE_ESYNTAX, "jansson");
    json_decref(tree);
    json_set_alloc_funcs(malloc_fn, free_fn);
    cost->jansson_bytes = (double)jansson_bytes_max;
}

static ecsengine *new_engine(struct counted_memory *memory)
{
    ecsengine_allocator allocator;
    ecsengine *engine;

    measure_allocator(memory, &allocator);
    bench_must(ecsengine_new(NULL, &allocator, &engine, NULL), "an engine");
    return engine;
}

void parse_measure(bool large, size_t repeats, struct parse_cost *out_cost)
{
    static char document[DEFINITION_MAX];
    const struct payload_shape shape = {.containers = 1};
    char arn[PAYLOAD_ARN_MAX];
    struct counted_memory memory = {0};
    size_t len = large ? payload_large(document) : payload_document(&shape, 1, document);

    ecsengine *engine = new_engine(&memory);
    uint64_t before = memory.count;
    int64_t start = measure_cpu_ns();
    for (size_t i = 0; i < repeats; i++)
        bench_must(ecsengine_task_add(engine, document, len, NULL, NULL), "a document");
    int64_t add = (measure_cpu_ns() - start) / (int64_t)repeats;
    out_cost->add_allocations = (double)(memory.count - before) / (double)repeats;
    bench_must(ecsengine_free(engine), "the engine's end");
    engine = new_engine(&memory);
    payload_arn(1, arn);
    start = measure_cpu_ns();
    for (size_t i = 0; i < repeats; i++)
        bench_must(ecsengine_task_stop(engine, arn, NULL, NULL), "a stop");
    out_cost->queue_ns = (measure_cpu_ns() - start) / (int64_t)repeats;
    bench_must(ecsengine_free(engine), "the engine's end");
    out_cost->bytes = len;
    out_cost->add_ns = add - out_cost->queue_ns;
    with_jansson(document, len, repeats, out_cost);
}

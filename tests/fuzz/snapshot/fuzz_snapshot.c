/* SPDX-License-Identifier: Apache-2.0 */
/* Any bytes as the state of an engine.
 *
 *     ./fuzz_snapshot corpus
 *
 * What must hold: a refusal, and an engine that can be closed; or an engine whose books balance, that can be asked and driven, and whose
 * own snapshot is read and written again as it is. And with one allocation failing, no memory and nothing lost. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/prng.h"
#include "driver/snapshot.h"
#include "ecsengine/ecsengine.h"
#include "engine/check.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len);

enum { TURNS = 3 };

static size_t allocations, fail_at, blocks;

static void *counting_alloc(size_t size, void *user_data)
{
    void *block = ++allocations == fail_at ? NULL : malloc(size);

    (void)user_data;
    blocks += block != NULL;
    return block;
}

static void counting_free(void *ptr, size_t size, void *user_data)
{
    (void)size;
    (void)user_data;
    blocks--;
    free(ptr);
}

static void must(bool holds, const char *what)
{
    if (holds)
        return;
    fprintf(stderr, "broken: %s\n", what);
    abort();
}

/* Settings with which there is most to be had. */
static ecsengine *fresh(void)
{
    static const char *const settings[] = {"seed", "7", "image-pull-behavior", "once", "enable-gpu-support", "true", "admission-policy", "backfill"};
    ecsengine_allocator allocator;
    ecsengine_config *config = NULL;
    ecsengine *engine = NULL;

    ecsengine_allocator_init(&allocator, sizeof(allocator));
    allocator.alloc = counting_alloc;
    allocator.free = counting_free;
    must(ecsengine_config_new(&config, NULL) == 0, "a configuration");
    for (size_t i = 0; i < sizeof(settings) / sizeof(settings[0]); i += 2)
        must(ecsengine_config_set(config, settings[i], settings[i + 1], NULL) == 0, settings[i]);
    must(ecsengine_new(config, &allocator, &engine, NULL) == 0, "an engine");
    ecsengine_config_free(config);
    return engine;
}

static void write_again(ecsengine *engine, struct buf *out)
{
    const struct secret_mask mask = {.hidden = true};

    must(driver_snapshot_put(engine, &mask, out) == 0, "what was read is written");
}

static void survives(ecsengine *engine)
{
    struct mem mem;
    struct buf once, twice;

    mem_init(&mem, NULL);
    buf_init(&once, &mem, 0);
    buf_init(&twice, &mem, 0);
    write_again(engine, &once);
    ecsengine *twin = fresh();
    must(driver_snapshot_get(twin, once.data, once.len) == 0, "what was written is read");
    write_again(twin, &twice);
    must(once.len == twice.len && memcmp(once.data, twice.data, once.len) == 0, "and is the same");
    ecsengine_free(twin);
    buf_free(&once);
    buf_free(&twice);
    mem_close(&mem);
}

static void ask(ecsengine *engine)
{
    ecsengine_text *text = NULL;

    must(ecsengine_host_describe(engine, ECSENGINE_HOST_HOLDERS, &text, NULL) == 0, "the host is described");
    ecsengine_text_free(text);
    for (const struct list *node = engine->engine.all.next; node != &engine->engine.all; node = node->next) {
        const char *arn = str_text(container_of(node, const struct task, all)->arn);
        text = NULL;
        ecsengine_task_describe(engine, arn, &text, NULL);
        ecsengine_text_free(text);
        text = NULL;
        ecsengine_explain_text(engine, arn, NULL, &text, NULL);
        ecsengine_text_free(text);
    }
}

static void drive(ecsengine *engine)
{
    int64_t mono_ns = engine->engine.mono_ns > 0 ? engine->engine.mono_ns : 0;
    ecsengine_op *op;
    ecsengine_event *event;

    for (int i = 0; i < TURNS; i++) {
        ecsengine_dispatch(engine, mono_ns, LIMIT_WALL_NS / 2, NULL);
        while ((op = ecsengine_next_op(engine)) != NULL)
            ecsengine_op_complete(op, NULL, NULL);
        while ((event = ecsengine_next_event(engine)) != NULL) {
            ecsengine_event_ack(engine, ecsengine_event_id(event), NULL);
            ecsengine_event_free(event);
        }
        mono_ns = mono_ns < LIMIT_WALL_NS - 3600 * NS_PER_S ? mono_ns + 3600 * NS_PER_S : mono_ns;
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
    char text[CHECK_TEXT_MAX];

    allocations = fail_at = 0;
    ecsengine *engine = fresh();
    size_t before = allocations;
    int code = driver_snapshot_get(engine, data, len);
    size_t count = allocations - before;
    must(code == 0 || code == ECSENGINE_ECORRUPT || code == ECSENGINE_EUNSUPPORTED, "a code of the contract");
    if (code == 0) {
        must(engine_check(&engine->engine, text), text);
        survives(engine);
        ask(engine);
        drive(engine);
    }
    ecsengine_free(engine);
    must(blocks == 0, "nothing is lost");
    if (count == 0)
        return 0;
    engine = fresh();
    fail_at = allocations + 1 + hash64(0, data, len) % count;
    code = driver_snapshot_get(engine, data, len);
    must(code == ECSENGINE_ENOMEM || code == ECSENGINE_ECORRUPT || code == 0, "a failed allocation is no crash");
    ecsengine_free(engine);
    must(blocks == 0, "nothing is lost without memory");
    return 0;
}

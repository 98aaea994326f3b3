/* SPDX-License-Identifier: Apache-2.0 */
/* Any bytes as a document. With libFuzzer it is a fuzz target:
 *
 *     clang -fsanitize=fuzzer,address,undefined -DECSENGINE_LIBFUZZER ...     ./fuzz_spec corpus
 *
 * Without it the program runs a corpus (files.c): an ordinary test.
 *
 * What must hold for each: an answer; a definition or a reason, not both; requests that are JSON; a definition that survives its
 * record; and with one allocation failing, no memory and nothing lost. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/json.h"
#include "base/prng.h"
#include "model/limits.h"
#include "spec/container_config.h"
#include "spec/spec.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len);

static const struct spec_limits limits = {.payload_bytes = 1 << 20, .container_count = 20};
static size_t allocations, fail_at;

static void *counting_alloc(size_t size, void *user_data)
{
    (void)user_data;
    return ++allocations == fail_at ? NULL : malloc(size);
}

static void counting_free(void *ptr, size_t size, void *user_data)
{
    (void)size;
    (void)user_data;
    free(ptr);
}

static void must(bool holds, const char *what)
{
    if (holds)
        return;
    fprintf(stderr, "broken: %s\n", what);
    abort();
}

static const char *runtime_name(const void *names, uint16_t index)
{
    (void)names;
    (void)index;
    return "ecs-fuzz-1-a-0123456789abcdef0123";
}

static void check_request(struct mem *mem, const struct task_spec *spec, uint16_t index)
{
    static const struct json_limits any = {.bytes = SIZE_MAX, .depth = LIMIT_JSON_DEPTH + 10, .values = UINT32_MAX};
    const struct config_facts facts = {
        .task_arn = str_text(spec->arn), .cluster = "default", .instance = "i", .runtime_name = runtime_name, .volume_name = runtime_name};
    struct json_doc doc;
    struct buf out;

    buf_init(&out, mem, 0);
    container_config_build(spec->definition, index, &facts, &out);
    must(out.failed == 0, "a request is built");
    must(json_doc_parse(&doc, mem, &any, out.data, out.len, NULL) == 0, "a request is JSON");
    must(doc.nul == NULL, "a request has no U+0000");
    const struct json_value *labels = json_member(doc.root, "Labels");
    must(json_member(doc.root, "Image") != NULL && json_member(doc.root, "HostConfig") != NULL, "a request has its parts");
    must(strcmp(json_member(labels, "com.amazonaws.ecs.task-arn")->text, str_text(spec->arn)) == 0, "the engine's labels win");
    json_doc_free(&doc);
    buf_free(&out);
}

static void check_definition(struct mem *mem, const struct task_spec *spec)
{
    const struct definition *definition = spec->definition;
    struct definition *again = NULL;

    must(definition->container_count > 0 && definition->container_count <= limits.container_count, "as many containers as allowed");
    for (uint16_t i = 0; i < definition->container_count; i++) {
        const struct container_def *container = &definition->containers[i];
        must(container->config_json[0] != '\0', "a config is never empty");
        for (size_t j = 0; j < container->dependency_count; j++)
            must(container->dependencies[j].on < definition->container_count, "a dependency is on a container");
        check_request(mem, spec, i);
    }
    must(definition_decode(mem, definition->content, definition->content_len, &again) == 0, "a definition survives its record");
    must(again->content_len == definition->content_len && again->container_count == definition->container_count, "and is the same");
    definition_unref(again);
}

static void check_spec(struct mem *mem, const struct task_spec *spec)
{
    must((spec->definition != NULL) != (spec->refusal != NULL), "a definition or a reason");
    must(str_len(spec->arn) > 0 && str_len(spec->arn) <= LIMIT_ARN, "an ARN");
    must(str_len(spec->refusal) <= LIMIT_REASON && utf8_valid(str_text(spec->refusal), str_len(spec->refusal)),
         "a reason that fits");
    for (size_t i = 0; i < spec->notice_count; i++)
        must(utf8_valid(str_text(spec->notices[i]), str_len(spec->notices[i])), "notices are text");
    if (spec->definition != NULL)
        check_definition(mem, spec);
}

static int parse(struct mem *mem, const uint8_t *data, size_t len, bool check)
{
    struct ecsengine_error *error = NULL;
    struct task_spec *spec = NULL;

    int code = spec_parse(mem, &limits, (const char *)data, len, &spec, &error);
    must(code == ecsengine_error_code(error), "the error has the code");
    must((code == 0) == (spec != NULL), "a task or an error");
    if (spec != NULL && check)
        check_spec(mem, spec);
    task_spec_free(spec);
    ecsengine_error_free(error);
    must(mem->bytes == 0, "nothing is lost");
    return code;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
    const ecsengine_allocator allocator = {.size = sizeof(allocator), .alloc = counting_alloc, .free = counting_free};
    struct mem mem;

    mem_init(&mem, &allocator);
    allocations = fail_at = 0;
    parse(&mem, data, len, false);
    size_t count = allocations;
    allocations = 0;
    int code = parse(&mem, data, len, true);
    must(code == 0 || code == ECSENGINE_ESYNTAX || code == ECSENGINE_EDOCUMENT || code == ECSENGINE_ELIMIT,
         "a code of the contract");
    if (count > 0) {
        allocations = 0;
        fail_at = hash64(0, data, len) % count + 1;
        must(parse(&mem, data, len, false) == ECSENGINE_ENOMEM, "a failed allocation is no memory");
    }
    mem_close(&mem);
    return 0;
}

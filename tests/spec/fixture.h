/* SPDX-License-Identifier: Apache-2.0 */
/* What the tests of spec/ share: documents with ' for ", one parse with its result, and an allocator that fails when it is told to.
 */
#ifndef TESTS_SPEC_FIXTURE_H
#define TESTS_SPEC_FIXTURE_H

#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "spec/container_config.h"
#include "spec/spec.h"

#define ARN "arn:aws:ecs:us-west-2:123456789012:task/default/t1"
/* A payload with these containers, and a task definition with these. */
#define PAYLOAD(containers) "{'arn':'" ARN "','family':'fam','version':'3','desiredStatus':'RUNNING','containers':[" containers "]}"
#define PAYLOAD_WITH(members, containers) \
    "{'arn':'" ARN "','family':'fam','version':'3','desiredStatus':'RUNNING'," members ",'containers':[" containers "]}"
#define TASKDEF(containers) "{'taskArn':'" ARN "','family':'fam','containerDefinitions':[" containers "]}"
#define TASKDEF_WITH(members, containers) "{'taskArn':'" ARN "','family':'fam'," members ",'containerDefinitions':[" containers "]}"
#define WEB "{'name':'web','image':'nginx'}"
#define DECODE "UnrecogniedTaskError: Error loading task - "

/* The last parse. */
static struct {
    struct mem mem;
    struct spec_limits limits;
    struct task_spec *spec;
    struct ecsengine_error *error;
    int code;
    struct buf config;
    long fail_at; /* the n-th allocation fails; 0: none */
    long allocations;
} last;

static inline void *last_alloc(size_t size, void *user_data)
{
    (void)user_data;
    last.allocations++;
    return last.allocations == last.fail_at ? NULL : malloc(size);
}

static inline void last_free(void *ptr, size_t size, void *user_data)
{
    (void)size;
    (void)user_data;
    free(ptr);
}

static inline void fixture_start(void)
{
    const ecsengine_allocator allocator = {.size = sizeof(allocator), .alloc = last_alloc, .free = last_free};

    memset(&last, 0, sizeof(last));
    mem_init(&last.mem, &allocator);
    last.limits = (struct spec_limits){.payload_bytes = 64 << 20, .container_count = 10};
    buf_init(&last.config, &last.mem, 0);
}

static inline void fixture_drop(void)
{
    task_spec_free(last.spec);
    ecsengine_error_free(last.error);
    buf_free(&last.config);
    last.spec = NULL;
    last.error = NULL;
    last.code = 0;
}

/* Everything goes back, whatever the test did. */
static inline void fixture_end(void)
{
    fixture_drop();
    ck_assert_uint_eq(last.mem.bytes, 0);
    mem_close(&last.mem);
}

static inline void parse_bytes(const char *document, size_t len)
{
    fixture_drop();
    /* In a block of its own length, so that a sanitizer sees a byte read too far. */
    char *copy = malloc(len > 0 ? len : 1);
    memcpy(copy, document, len);
    last.code = spec_parse(&last.mem, &last.limits, copy, len, &last.spec, &last.error);
    free(copy);
    if (last.code == 0)
        ck_assert_ptr_nonnull(last.spec);
    else
        ck_assert_ptr_null(last.spec);
}

/* Parses a document in which ' stands for ". */
static inline void parse(const char *document)
{
    size_t len = strlen(document);
    char *copy = malloc(len + 1);

    for (size_t i = 0; i <= len; i++)
        copy[i] = document[i] == '\'' ? '"' : document[i];
    parse_bytes(copy, len);
    free(copy);
}

/* Parses a document that must be accepted. */
static inline const struct definition *accept(const char *document)
{
    parse(document);
    ck_assert_msg(last.code == 0, "%s: %s", document, ecsengine_error_message(last.error));
    ck_assert_msg(last.spec->refusal == NULL, "%s: %s", document, str_text(last.spec->refusal));
    ck_assert_ptr_nonnull(last.spec->definition);
    return last.spec->definition;
}

/* Parses a document that must be refused with exactly this reason. */
static inline void refuse(const char *document, const char *reason)
{
    parse(document);
    ck_assert_msg(last.code == 0, "%s: %s", document, ecsengine_error_message(last.error));
    ck_assert_ptr_null(last.spec->definition);
    ck_assert_str_eq(str_text(last.spec->arn), ARN);
    ck_assert_str_eq(str_text(last.spec->refusal), reason);
}

/* Parses a document that must fail with this code and exactly this message. */
static inline void fail_with(const char *document, int code, const char *message)
{
    parse(document);
    ck_assert_int_eq(last.code, code);
    ck_assert_int_eq(ecsengine_error_code(last.error), code);
    ck_assert_str_eq(ecsengine_error_message(last.error), message);
}

static inline const char *runtime_name(const void *names, uint16_t index)
{
    static const char *const made[] = {"rt-0", "rt-1", "rt-2", "rt-3"};

    (void)names;
    return made[index % 4];
}

static inline const char *volume_name(const void *names, uint16_t index)
{
    static const char *const made[] = {"vol-0", "vol-1", "vol-2", "vol-3"};

    (void)names;
    return made[index % 4];
}

/* The whole create request of a container of the last parse, with ' for ". */
static inline const char *request(uint16_t index)
{
    const struct config_facts facts = {
        .task_arn = ARN, .cluster = "default", .instance = "i1", .runtime_name = runtime_name, .volume_name = volume_name};

    buf_clear(&last.config);
    container_config_build(last.spec->definition, index, &facts, &last.config);
    ck_assert_int_eq(last.config.failed, 0);
    for (char *c = last.config.data; *c != '\0'; c++)
        if (*c == '"')
            *c = '\'';
    return last.config.data;
}

/* The request has this member, or has it not. */
static inline void has(uint16_t index, const char *member)
{
    const char *text = request(index);

    ck_assert_msg(strstr(text, member) != NULL, "%s\nis not in\n%s", member, text);
}

static inline void has_not(uint16_t index, const char *member)
{
    const char *text = request(index);

    ck_assert_msg(strstr(text, member) == NULL, "%s\nis in\n%s", member, text);
}

/* The notices of the last parse, one to a line. */
static inline const char *notices(void)
{
    buf_clear(&last.config);
    buf_puts(&last.config, "");
    for (size_t i = 0; i < last.spec->notice_count; i++)
        buf_printf(&last.config, "%s%s", i > 0 ? "\n" : "", str_text(last.spec->notices[i]));
    return last.config.data;
}

/* Makes the test program of one suite. */
static inline int run_cases(const char *name, void (*add)(TCase *tcase))
{
    Suite *suite = suite_create(name);
    TCase *tcase = tcase_create("rules");
    SRunner *runner = srunner_create(suite);

    tcase_add_checked_fixture(tcase, fixture_start, fixture_end);
    tcase_set_timeout(tcase, 60);
    add(tcase);
    suite_add_tcase(suite, tcase);
    srunner_run_all(runner, CK_ENV);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed > 0 ? EXIT_FAILURE : EXIT_SUCCESS;
}

#endif

/* SPDX-License-Identifier: Apache-2.0 */
/* The fixture of the simulator's tests. */
#include "fixture.h"

#include <stdio.h>
#include <string.h>

ecsengine_sim *sim;
ecsengine engine;

static int64_t now_ns;

/* A delayed operation outlives the call that made it, and so do its texts. */
static char *texts[1024];
static size_t text_count;

static const char *kept_text(const char *first, const char *a, const char *b, const char *c)
{
    char text[1024];

    snprintf(text, sizeof(text), "%s%s%s%s", first, a, b, c);
    ck_assert_uint_lt(text_count, sizeof(texts) / sizeof(texts[0]));
    return texts[text_count++] = strdup(text);
}

void at(int64_t mono_ns)
{
    now_ns = mono_ns;
    ck_assert_int_eq(0, ecsengine_sim_advance(sim, mono_ns, WALL_0 + mono_ns, NULL));
}

void fixture_setup(void)
{
    fake_engine_init(&engine);
    ck_assert_int_eq(0, ecsengine_sim_new(7, &sim, NULL));
    ck_assert_int_eq(0, ecsengine_sim_attach(sim, &engine, NULL));
    at(0);
    good(ask(ECSENGINE_OP_SUBSCRIBE));
    script("image=busybox local=true");
}

void fixture_teardown(void)
{
    fake_engine_close(&engine);
    ecsengine_sim_free(sim);
    while (text_count > 0)
        free(texts[--text_count]);
    ck_assert_int_eq(0, fake_ops_alive);
    ck_assert_int_eq(0, fake_results_alive);
}

void script(const char *line)
{
    ecsengine_error *error = NULL;
    int rc = ecsengine_sim_script(sim, line, &error);

    ck_assert_msg(rc == 0, "%s: %s", line, ecsengine_error_message(error));
}

uint64_t ask(enum ecsengine_op_kind kind) { return fake_submit(&engine, (struct ecsengine_op){.kind = kind, .task = TASK_ARN}); }

static uint64_t ask_about(enum ecsengine_op_kind kind, const char *name, int64_t grace_ns, int32_t force)
{
    const char *runtime_name = kept_text("rt-", name, "", "");

    return fake_submit(&engine, (struct ecsengine_op){.kind = kind,
                                                      .task = TASK_ARN,
                                                      .name = kept_text(name, "", "", ""),
                                                      .container = runtime_name,
                                                      .runtime_name = runtime_name,
                                                      .grace_ns = grace_ns,
                                                      .force = force,
                                                      .deadline_ns = now_ns + 180 * SECONDS});
}

uint64_t create_with(const char *name, const char *config)
{
    return fake_submit(&engine,
                       (struct ecsengine_op){.kind = ECSENGINE_OP_CREATE,
                                             .task = TASK_ARN,
                                             .name = kept_text(name, "", "", ""),
                                             .runtime_name = kept_text("rt-", name, "", ""),
                                             .config = kept_text("{\"Image\":\"busybox\"", *config != '\0' ? "," : "", config, "}"),
                                             .deadline_ns = now_ns + 240 * SECONDS});
}

uint64_t create(const char *name) { return create_with(name, ""); }
uint64_t start(const char *name) { return ask_about(ECSENGINE_OP_START, name, 0, 0); }
uint64_t stop(const char *name, int64_t grace_ns) { return ask_about(ECSENGINE_OP_STOP, name, grace_ns, 0); }
uint64_t inspect(const char *name) { return ask_about(ECSENGINE_OP_INSPECT, name, 0, 0); }
uint64_t remove_container(const char *name, int32_t force) { return ask_about(ECSENGINE_OP_REMOVE, name, 0, force); }

uint64_t pull(const char *image)
{
    return fake_submit(&engine,
                       (struct ecsengine_op){.kind = ECSENGINE_OP_PULL_IMAGE, .task = TASK_ARN, .name = "a", .image = image});
}

void run(const char *name, const char *config)
{
    good(create_with(name, config));
    good(start(name));
}

const struct ecsengine_result *good(uint64_t op_id)
{
    const struct fake_said *said = fake_answer(&engine, op_id);

    ck_assert_msg(said != NULL, "operation %llu was not answered", (unsigned long long)op_id);
    ck_assert_msg(said->has_result && !said->result.failed, "operation %llu failed: %s", (unsigned long long)op_id,
                  said->result.text);
    return &said->result;
}

const struct ecsengine_result *failed(uint64_t op_id, enum ecsengine_failure failure)
{
    const struct fake_said *said = fake_answer(&engine, op_id);

    ck_assert_msg(said != NULL, "operation %llu was not answered", (unsigned long long)op_id);
    ck_assert(said->has_result && said->result.failed);
    ck_assert_int_eq(failure, said->result.failure);
    return &said->result;
}

bool is_open(uint64_t op_id) { return fake_answer(&engine, op_id) == NULL; }

static int run_case(const char *name, TCase *tcase)
{
    Suite *suite = suite_create(name);

    tcase_add_checked_fixture(tcase, fixture_setup, fixture_teardown);
    suite_add_tcase(suite, tcase);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_ENV);
    int failures = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failures == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}

int run_tests(const char *name, const TTest *const *tests, size_t count)
{
    TCase *tcase = tcase_create(name);

    for (size_t i = 0; i < count; i++)
        tcase_add_test(tcase, tests[i]);
    return run_case(name, tcase);
}

int run_loop_test(const char *name, const TTest *test, int end)
{
    TCase *tcase = tcase_create(name);

    tcase_add_loop_test(tcase, test, 0, end);
    return run_case(name, tcase);
}

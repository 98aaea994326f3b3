/* SPDX-License-Identifier: Apache-2.0 */
/* The public object: which operations it takes, that each is completed once and in order, cancelling, and being freed at any time. The
 * engine is the stand-in of the Docker adapter's tests, which counts what is done wrong. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "ecsengine/posix.h"
#include "engine_double.h"
#include "scratch.h"

static ecsengine *engine;
static ecsengine_posix *posix;

static void up(void)
{
    scratch_up();
    engine = double_new();
    ck_assert_int_eq(ecsengine_posix_new(&posix, NULL), 0);
}

static void down(void)
{
    ecsengine_posix_free(posix);
    ck_assert_int_eq(double_free(engine), 0);
    scratch_down();
}

#define pull(...) double_pull(engine, &(struct double_op){__VA_ARGS__})

static const struct ecsengine_result *done(uint64_t id)
{
    const struct ecsengine_result *result = double_wait(engine, id, 10000);

    ck_assert_ptr_nonnull(result);
    return result;
}

/* Takes an operation and waits for it. */
static const struct ecsengine_result *do_op(enum ecsengine_op_kind kind, const char *config)
{
    ecsengine_op *op = pull(.kind = kind, .config = config);
    uint64_t id = ecsengine_op_id(op);

    ck_assert_int_eq(ecsengine_posix_take(posix, op), 1);
    return done(id);
}

START_TEST(arguments_that_are_missing)
{
    ck_assert_int_eq(ecsengine_posix_new(NULL, NULL), ECSENGINE_EINVAL);
    ck_assert_int_eq(ecsengine_posix_attach(NULL, engine, NULL), ECSENGINE_EINVAL);
    ck_assert_int_eq(ecsengine_posix_attach(posix, NULL, NULL), ECSENGINE_EINVAL);
    ck_assert_int_eq(ecsengine_posix_take(posix, NULL), 0);
    ecsengine_posix_free(NULL);
}
END_TEST

START_TEST(attaching_keeps_the_kinds_that_are_done_here)
{
    ck_assert_int_eq(ecsengine_posix_attach(posix, engine, NULL), 0);
    ck_assert_uint_eq(double_kept(engine), UINT64_C(1) << ECSENGINE_OP_AGENT_PREPARE | UINT64_C(1) << ECSENGINE_OP_AGENT_CLEAN);
}
END_TEST

START_TEST(other_operations_stay_the_caller_s)
{
    static const enum ecsengine_op_kind kinds[] = {ECSENGINE_OP_INFO, ECSENGINE_OP_RESOURCE_CREATE, ECSENGINE_OP_EXEC_RUN, ECSENGINE_OP_CANCEL};

    for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++) {
        ecsengine_op *op = pull(.kind = kinds[i], .cancel_id = 4711);
        ck_assert_int_eq(ecsengine_posix_take(posix, op), 0);
        ecsengine_op_release(op);
    }
}
END_TEST

START_TEST(a_preparation_tells_what_it_found)
{
    char config[512];

    scratch_file("bin/3.1.0.0/agent", "");
    snprintf(config, sizeof(config),
             "{\"versions\":{\"dir\":\"%s\",\"shown\":\"x\",\"files\":[\"agent\"]},\"generated\":[{\"dir\":\"%s\",\"prefix\":\"p-\","
             "\"suffix\":\".json\",\"content\":\"{}\",\"error\":\"e\"}]}",
             scratch("bin"), scratch("config"));
    const struct ecsengine_result *result = do_op(ECSENGINE_OP_AGENT_PREPARE, config);
    ck_assert_int_eq(result->failure, ECSENGINE_FAILURE_NONE);
    ck_assert_str_eq(result->agent_version, "3.1.0.0");
    ck_assert_str_eq(result->agent_files, "p-RBNvo1WzZ4oRRq0W9-hknpT7T8If536DEMBg9hyq_4o=.json;");
}
END_TEST

START_TEST(a_failure_has_the_text_alone)
{
    const struct ecsengine_result *result =
        do_op(ECSENGINE_OP_AGENT_PREPARE, "{\"required\":[{\"path\":\"/nowhere\",\"error\":\"could not find certs\"}]}");
    ck_assert_int_eq(result->failure, ECSENGINE_FAILURE_OTHER);
    ck_assert_str_eq(result->text, "could not find certs");
    ck_assert_str_eq(do_op(ECSENGINE_OP_AGENT_CLEAN, "{}")->text, "the agent's configuration: log.dir is no text");
}
END_TEST

START_TEST(a_cleaning_tells_nothing)
{
    char config[256];

    scratch_file("log/task/web/errors.log", "x");
    snprintf(config, sizeof(config), "{\"log\":{\"dir\":\"%s\",\"path\":[\"task\"]}}", scratch("log"));
    ck_assert_int_eq(do_op(ECSENGINE_OP_AGENT_CLEAN, config)->failure, ECSENGINE_FAILURE_NONE);
    ck_assert_int_eq(scratch_count("log"), 0);
}
END_TEST

START_TEST(without_memory_for_a_result_the_operation_fails)
{
    double_fail_results(engine, 1);
    ck_assert_str_eq(do_op(ECSENGINE_OP_AGENT_PREPARE, "{}")->text, "no memory");
    double_fail_results(engine, 1);
    ck_assert_str_eq(do_op(ECSENGINE_OP_AGENT_PREPARE, "[]")->text, "no memory");
    ck_assert_int_eq(do_op(ECSENGINE_OP_AGENT_PREPARE, "{}")->failure, ECSENGINE_FAILURE_NONE);
}
END_TEST

/* Many trees that take some time, so that some are waiting when they are cancelled. Whatever the thread has come to: each is answered once,
 * those that were cancelled have done nothing, all others everything. */
START_TEST(many_operations_some_of_which_are_cancelled)
{
    enum { COUNT = 60 };
    static char configs[COUNT][256];
    uint64_t ids[COUNT];
    int cancelled = 0;

    for (int i = 0; i < COUNT; i++) {
        for (int j = 0; j < 5; j++)
            scratch_file(scratch_text("log/%d/%d", i, j), "");
        snprintf(configs[i], sizeof(configs[i]), "{\"log\":{\"dir\":\"%s\",\"path\":[\"%d\"]}}", scratch("log"), i);
    }
    for (int i = 0; i < COUNT; i++) {
        ecsengine_op *op = pull(.kind = ECSENGINE_OP_AGENT_CLEAN, .config = configs[i]);
        ids[i] = ecsengine_op_id(op);
        ck_assert_int_eq(ecsengine_posix_take(posix, op), 1);
    }
    for (int i = COUNT - 1; i >= 0; i -= 2) {
        ecsengine_op *cancel = pull(.kind = ECSENGINE_OP_CANCEL, .cancel_id = ids[i]);
        if (!ecsengine_posix_take(posix, cancel))
            ecsengine_op_release(cancel); /* it was done before */
    }
    for (int i = 0; i < COUNT; i++) {
        const struct ecsengine_result *result = done(ids[i]);
        bool is_there = scratch_has(scratch_text("log/%d", i));
        ck_assert_int_eq(result->failure, is_there ? ECSENGINE_FAILURE_CANCELLED : ECSENGINE_FAILURE_NONE);
        ck_assert(!is_there || i % 2 == 1);
        cancelled += is_there;
    }
    ck_assert_int_eq(scratch_count("log"), cancelled);
}
END_TEST

START_TEST(freed_with_work_left_each_is_answered)
{
    enum { COUNT = 50 };
    uint64_t ids[COUNT];
    char config[256];

    for (int i = 0; i < 20; i++)
        scratch_file(scratch_text("log/task/%d", i), "");
    snprintf(config, sizeof(config), "{\"log\":{\"dir\":\"%s\",\"path\":[\"task\"]}}", scratch("log"));
    for (int i = 0; i < COUNT; i++) {
        ecsengine_op *op = pull(.kind = ECSENGINE_OP_AGENT_CLEAN, .config = config);
        ids[i] = ecsengine_op_id(op);
        ecsengine_posix_take(posix, op);
    }
    ecsengine_posix_free(posix);
    posix = NULL;
    for (int i = 0; i < COUNT; i++)
        ck_assert_ptr_nonnull(double_wait(engine, ids[i], 0));
}
END_TEST

START_TEST(an_engine_that_is_gone_is_answered_too)
{
    ecsengine_runtime_vtable vtable;

    ecsengine_runtime_vtable_init(&vtable, sizeof(vtable));
    ck_assert_int_eq(ecsengine_set_runtime(engine, &vtable, NULL, NULL), 0);
    ck_assert_int_eq(ecsengine_posix_attach(posix, engine, NULL), ECSENGINE_ESTATE); /* the stand-in's: too late */
    ecsengine_op *op = pull(.kind = ECSENGINE_OP_AGENT_PREPARE, .config = "{}");
    double_close(engine);
    ck_assert_int_eq(ecsengine_posix_take(posix, op), 1);
    ecsengine_posix_free(posix);
    posix = NULL; /* down() finds that it was completed */
}
END_TEST

static void add(TCase *tcase)
{
    tcase_add_test(tcase, arguments_that_are_missing);
    tcase_add_test(tcase, attaching_keeps_the_kinds_that_are_done_here);
    tcase_add_test(tcase, other_operations_stay_the_caller_s);
    tcase_add_test(tcase, a_preparation_tells_what_it_found);
    tcase_add_test(tcase, a_failure_has_the_text_alone);
    tcase_add_test(tcase, a_cleaning_tells_nothing);
    tcase_add_test(tcase, without_memory_for_a_result_the_operation_fails);
    tcase_add_test(tcase, many_operations_some_of_which_are_cancelled);
    tcase_add_test(tcase, freed_with_work_left_each_is_answered);
    tcase_add_test(tcase, an_engine_that_is_gone_is_answered_too);
}

int main(void) { return scratch_run_with("take", up, down, add); }

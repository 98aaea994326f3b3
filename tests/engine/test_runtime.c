/* SPDX-License-Identifier: Apache-2.0 */
/* The runtime at the beginning: the host's facts and the event stream, and what is asked again when one of them could not be had. */
#include "made.h"

#include "engine/runtime.h"

static struct ecsengine_op *subscribe, *info;

static void begin(void)
{
    made_start();
    made_open();
    ck_assert_int_eq(0, engine_settle(&made));
    subscribe = made_next();
    info = made_next();
    ck_assert_int_eq(ECSENGINE_OP_SUBSCRIBE, subscribe->kind);
    ck_assert_int_eq(ECSENGINE_OP_INFO, info->kind);
    ck_assert_ptr_null(made_next());
}

START_TEST(facts_that_could_not_be_had_are_asked_for_again_when_the_runtime_answers)
{
    made_fail(info, ECSENGINE_FAILURE_UNREACHABLE, NULL, "no such socket");
    ck_assert_ptr_null(made_next()); /* there is a pause */
    made_good(subscribe);
    info = made_next();
    ck_assert_ptr_nonnull(info);
    ck_assert_int_eq(ECSENGINE_OP_INFO, info->kind);
    ck_assert(!made.ready);
    made_good(info);
    ck_assert(made.ready);
    ck_assert_ptr_null(made_next());
    made_close();
}
END_TEST

START_TEST(facts_that_were_had_are_not_asked_for_again)
{
    made_good(info);
    made_good(subscribe);
    ck_assert(made.ready);
    ck_assert_ptr_null(made_next());
    made_close();
}
END_TEST

START_TEST(that_facts_can_not_be_had_is_a_warning_once)
{
    made_listen(MESSAGE_INFO_FAILED);
    for (unsigned i = 1; i <= 3; i++) {
        made_fail(info, ECSENGINE_FAILURE_UNREACHABLE, NULL, "no such socket");
        ck_assert_uint_eq(i, made_lines.count);
        ck_assert_int_eq(i == 1 ? ECSENGINE_LOG_WARNING : ECSENGINE_LOG_DEBUG, made_lines.level);
        made_wait();
        info = made_next();
        ck_assert_int_eq(ECSENGINE_OP_INFO, info->kind);
    }
    made_good(info);
    made_good(subscribe);
    made_close();
}
END_TEST

static void fill(TCase *tcase)
{
    tcase_add_checked_fixture(tcase, begin, NULL);
    tcase_add_test(tcase, facts_that_could_not_be_had_are_asked_for_again_when_the_runtime_answers);
    tcase_add_test(tcase, facts_that_were_had_are_not_asked_for_again);
    tcase_add_test(tcase, that_facts_can_not_be_had_is_a_warning_once);
}

int main(void) { return made_run("runtime", fill); }

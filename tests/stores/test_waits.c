/* SPDX-License-Identifier: Apache-2.0 */
/* Between a task's add and its starts there is one wait for the store, whatever the task is like. */
#include <check.h>
#include <stdlib.h>

#include "waits.h"

START_TEST(a_task_waits_once_for_its_store_before_all_of_it_has_started)
{
    struct waits waits;

    waits_trace((enum waits_shape)_i, NULL, &waits);
    ck_assert_int_eq(waits.containers, waits.starts);
    ck_assert_int_eq(waits.containers, waits.creates);
    ck_assert_int_eq(1, waits.to_start);
    ck_assert_int_eq(0, waits.early);
}
END_TEST

/* So what is counted can be more than one: news has to be durable before it is told. */
START_TEST(what_is_told_waits_for_its_own_batch)
{
    struct waits waits;

    waits_trace((enum waits_shape)_i, NULL, &waits);
    ck_assert_int_gt(waits.to_told, waits.to_start);
    ck_assert_int_ge(waits.batches, waits.to_told);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("waits");
    TCase *tcase = tcase_create("waits");

    tcase_add_loop_test(tcase, a_task_waits_once_for_its_store_before_all_of_it_has_started, 0, WAITS_SHAPES);
    tcase_add_loop_test(tcase, what_is_told_waits_for_its_own_batch, 0, WAITS_SHAPES);
    suite_add_tcase(suite, tcase);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_ENV);
    int failures = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failures == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}

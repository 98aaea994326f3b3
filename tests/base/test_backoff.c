/* SPDX-License-Identifier: Apache-2.0 */
/* Back-off as arithmetic. */
#include "unit.h"

#include "base/backoff.h"
#include "base/timefmt.h"

START_TEST(delays_grow_by_the_multiplier_up_to_the_maximum)
{
    static const struct backoff stop = {NS_PER_S, 5 * NS_PER_S, 0, 1300};
    static const int64_t delays_us[] = {1000000, 1300000, 1690000, 2197000, 2856100, 3712930, 4826809, 5000000, 5000000};

    for (uint32_t n = 0; n < sizeof(delays_us) / sizeof(delays_us[0]); n++)
        ck_assert_int_eq(delays_us[n] * 1000, backoff_delay_ns(&stop, n, UINT64_MAX));
    ck_assert_int_eq(5 * NS_PER_S, backoff_delay_ns(&stop, UINT32_MAX, 0));
}
END_TEST

START_TEST(jitter_adds_up_to_its_share)
{
    static const struct backoff stop = {NS_PER_S, 5 * NS_PER_S, 200, 1300};

    ck_assert_int_eq(NS_PER_S, backoff_delay_ns(&stop, 0, 0));
    ck_assert_int_eq(1200 * NS_PER_MS, backoff_delay_ns(&stop, 0, UINT64_MAX));
    ck_assert_int_eq(6 * NS_PER_S, backoff_delay_ns(&stop, 50, UINT64_MAX));
    ck_assert_int_eq(1100 * NS_PER_MS, backoff_delay_ns(&stop, 0, UINT64_MAX / 2 + 1));
}
END_TEST

START_TEST(a_delay_that_does_not_grow_or_is_huge_ends)
{
    static const struct backoff flat = {100 * NS_PER_MS, 100 * NS_PER_MS, 0, 1000}, still = {NS_PER_S, 5 * NS_PER_S, 0, 1000};
    static const struct backoff huge = {INT64_MAX / 4, INT64_MAX / 2, 0, 4000000};

    ck_assert_int_eq(100 * NS_PER_MS, backoff_delay_ns(&flat, 1000, 0));
    ck_assert_int_eq(NS_PER_S, backoff_delay_ns(&still, 1000, 0));
    ck_assert_int_le(backoff_delay_ns(&huge, 0, 0), INT64_MAX / 2);
}
END_TEST

static void fill(TCase *tcase)
{
    tcase_add_test(tcase, delays_grow_by_the_multiplier_up_to_the_maximum);
    tcase_add_test(tcase, jitter_adds_up_to_its_share);
    tcase_add_test(tcase, a_delay_that_does_not_grow_or_is_huge_ends);
}

int main(void) { return unit_run("backoff", fill); }

/* SPDX-License-Identifier: Apache-2.0 */
/* Times and durations as text, and back. */
#include "unit.h"

#include "base/prng.h"
#include "base/timefmt.h"

static const char *duration(int64_t ns)
{
    static char text[4][DURATION_TEXT_MAX];
    static int which;

    duration_format(ns, text[which = (which + 1) % 4]);
    return text[which];
}

START_TEST(durations_are_written_as_go_does)
{
    ck_assert_str_eq("0s", duration(0));
    ck_assert_str_eq("1ns", duration(1));
    ck_assert_str_eq("1.1\xc2\xb5s", duration(1100));
    ck_assert_str_eq("250ms", duration(250 * NS_PER_MS));
    ck_assert_str_eq("2.2ms", duration(2200000));
    ck_assert_str_eq("1.5s", duration(1500 * NS_PER_MS));
    ck_assert_str_eq("1.000000001s", duration(NS_PER_S + 1));
    ck_assert_str_eq("1m30s", duration(90 * NS_PER_S));
    ck_assert_str_eq("3m0s", duration(180 * NS_PER_S));
    ck_assert_str_eq("2h0m0s", duration(2 * NS_PER_HOUR));
    ck_assert_str_eq("-1m30.5s", duration(-90500 * NS_PER_MS));
    ck_assert_str_eq("2562047h47m16.854775807s", duration(INT64_MAX));
    ck_assert_str_eq("-2562047h47m16.854775808s", duration(INT64_MIN));
}
END_TEST

START_TEST(durations_are_read_back_as_they_were_written)
{
    for (uint64_t n = 0; n < 2000; n++) {
        int64_t value = (int64_t)(prng_draw(3, "d", 1, 1, n) >> (1 + n % 62)), read = -1;
        if (!duration_parse(duration(value), &read) || read != value)
            ck_abort_msg("%s was read as %lld", duration(value), (long long)read);
    }
}
END_TEST

START_TEST(durations_have_several_forms)
{
    static const struct {
        const char *text;
        int64_t ns; /* -1: refused */
    } rows[] = {
        {"0", 0},
        {"90", 90 * NS_PER_S},
        {"1.5", 1500 * NS_PER_MS},
        {".5s", 500 * NS_PER_MS},
        {"1.s", NS_PER_S},
        {"+5s", 5 * NS_PER_S},
        {"1h30m", 5400 * NS_PER_S},
        {"3m20s", 200 * NS_PER_S},
        {"1.5h", 5400 * NS_PER_S},
        {"100us", 100000},
        {"100\xc2\xb5s", 100000},
        {"7ns", 7},
        {"1s1s", 2 * NS_PER_S},
        {"9223372036854775807ns", INT64_MAX},
        {"", -1},
        {"+", -1},
        {"-1s", -1},
        {".", -1},
        {".s", -1},
        {"s", -1},
        {"1h30", -1},
        {"1 s", -1},
        {"1d", -1},
        {"1S", -1},
        {"1s ", -1},
        {" 1s", -1},
        {"1e3", -1},
        {"9223372036854775808ns", -1},
        {"9223372036s1h", -1},
        {"2562048h", -1},
        {"99999999999999999999", -1},
    };

    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        int64_t value = 12345;
        bool parsed = duration_parse(rows[i].text, &value);
        if (parsed != (rows[i].ns >= 0) || value != (parsed ? rows[i].ns : 12345))
            ck_abort_msg("`%s` was read as %d, %lld", rows[i].text, parsed, (long long)value);
    }
}
END_TEST

START_TEST(times_are_written_as_rfc_3339)
{
    static const struct {
        int64_t ns;
        const char *text;
    } rows[] = {
        {0, "1970-01-01T00:00:00Z"},
        {1, "1970-01-01T00:00:00.000000001Z"},
        {-1, "1969-12-31T23:59:59.999999999Z"},
        {INT64_C(951782399) * NS_PER_S, "2000-02-28T23:59:59Z"},
        {INT64_C(951782400) * NS_PER_S + 500 * NS_PER_MS, "2000-02-29T00:00:00.5Z"},
        {INT64_C(1709164800) * NS_PER_S, "2024-02-29T00:00:00Z"},
        {INT64_C(4107542400) * NS_PER_S, "2100-03-01T00:00:00Z"}, /* no leap year */
        {INT64_MAX, "2262-04-11T23:47:16.854775807Z"},
        {INT64_MIN, "1677-09-21T00:12:43.145224192Z"},
    };
    char text[TIME_TEXT_MAX];

    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        time_format(rows[i].ns, text);
        ck_assert_str_eq(rows[i].text, text);
    }
}
END_TEST

static void fill(TCase *tcase)
{
    tcase_add_test(tcase, durations_are_written_as_go_does);
    tcase_add_test(tcase, durations_are_read_back_as_they_were_written);
    tcase_add_test(tcase, durations_have_several_forms);
    tcase_add_test(tcase, times_are_written_as_rfc_3339);
}

int main(void) { return unit_run("timefmt", fill); }

/* SPDX-License-Identifier: Apache-2.0 */
/* Which version directory is used. (runtime-and-agents: 3.1.) */
#include <stdio.h>
#include <string.h>
#include <sys/resource.h>

#include "hosts/posix/version.h"
#include "scratch.h"

static const char *const files[] = {"amazon-ssm-agent", "ssm-agent-worker", "ssm-session-worker"};
static char chosen[POSIX_VERSION_MAX];

#define CHOOSE(dir) posix_version_choose(scratch(dir), "/shown/bin", files, 3, chosen, &fault)
#define NONE "no valid versions were found in /shown/bin"

static void install(const char *version)
{
    for (size_t i = 0; i < 3; i++)
        scratch_file(scratch_text("bin/%s/%s", version, files[i]), "x");
}

START_TEST(names_that_are_versions)
{
    static const char *const good[] = {"1", "0", "3.1.1732.0", "4294967295", "1.2.3.4.5.6.7.8.9"};
    static const char *const bad[] = {"", ".", "..", "1.", ".1", "1..2", "01", "1.00", "4294967296", "99999999999999999999999", "1a", "a", "-1",
                                      "+1", " 1", "1 ", "1.2 ", "latest", "1,2", "0x1", "1_0"};
    char long_name[2 * POSIX_VERSION_MAX];

    for (size_t i = 0; i < sizeof(good) / sizeof(good[0]); i++)
        ck_assert_msg(posix_version_is(good[i]), "`%s`", good[i]);
    for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
        ck_assert_msg(!posix_version_is(bad[i]), "`%s`", bad[i]);
    for (size_t i = 0; i + 1 < sizeof(long_name); i++)
        long_name[i] = i % 2 == 0 ? '1' : '.';
    long_name[sizeof(long_name) - 1] = '\0';
    ck_assert(!posix_version_is(long_name));
    long_name[POSIX_VERSION_MAX - 1] = '\0';
    ck_assert(posix_version_is(long_name));
}
END_TEST

START_TEST(numbers_are_compared_one_by_one_and_what_is_missing_is_zero)
{
    static const struct {
        const char *low, *high;
    } pairs[] = {{"1", "2"},     {"9", "10"},         {"1.9", "1.10"},         {"1", "1.0.1"},   {"1.2.3", "1.3"},
                 {"2", "10.0.0"}, {"1.4294967294", "1.4294967295"}, {"3.1.0.0", "3.1.0"}, {"3.1.0", "3.1"}, {"0.0", "0"}};

    for (size_t i = 0; i < sizeof(pairs) / sizeof(pairs[0]); i++) {
        ck_assert_int_lt(posix_version_compare(pairs[i].low, pairs[i].high), 0);
        ck_assert_int_gt(posix_version_compare(pairs[i].high, pairs[i].low), 0);
        ck_assert_int_eq(posix_version_compare(pairs[i].low, pairs[i].low), 0);
    }
}
END_TEST

START_TEST(the_highest_that_is_whole_is_chosen)
{
    install("3.0.9");
    install("3.0.10");
    install("2.9.9.9");
    scratch_file("bin/3.1.0/amazon-ssm-agent", "x"); /* the others are missing */
    WORKS(CHOOSE("bin"));
    ck_assert_str_eq(chosen, "3.0.10");
    install("3.1.0");
    WORKS(CHOOSE("bin"));
    ck_assert_str_eq(chosen, "3.1.0");
}
END_TEST

START_TEST(each_of_the_files_is_needed)
{
    install("1");
    for (size_t i = 0; i < 3; i++) {
        remove(scratch(scratch_text("bin/1/%s", files[i])));
        FAILS(CHOOSE("bin"), NONE);
        scratch_dir(scratch_text("bin/1/%s", files[i])); /* a directory is no program */
        FAILS(CHOOSE("bin"), NONE);
        remove(scratch(scratch_text("bin/1/%s", files[i])));
        scratch_link(scratch_text("bin/1/%s", files[i]), "/dev/null"); /* anything else is one */
        WORKS(CHOOSE("bin"));
    }
    ck_assert_str_eq(chosen, "1");
}
END_TEST

START_TEST(what_is_no_directory_or_no_version_is_passed_over)
{
    install("1.0");
    install("latest");
    install("02");
    install("9.x");
    scratch_file("bin/7", "a file");
    scratch_link("bin/8", "1.0"); /* the agent lists directories, not links to them */
    WORKS(CHOOSE("bin"));
    ck_assert_str_eq(chosen, "1.0");
}
END_TEST

START_TEST(without_versions_the_text_names_the_directory_of_the_host)
{
    scratch_dir("bin");
    FAILS(CHOOSE("bin"), NONE);
}
END_TEST

START_TEST(a_directory_that_cannot_be_read_is_the_system_s_error)
{
    scratch_file("file", "");
    FAILS(CHOOSE("bin"), scratch_text("open %s: no such file or directory", scratch("bin")));
    FAILS(CHOOSE("file"), scratch_text("open %s: not a directory", scratch("file")));
    scratch_link("loop", "loop");
    FAILS(CHOOSE("loop"), scratch_text("open %s: too many levels of symbolic links", scratch("loop")));
}
END_TEST

START_TEST(without_descriptors_nothing_is_chosen)
{
    struct rlimit before, none;

    install("1");
    ck_assert_int_eq(getrlimit(RLIMIT_NOFILE, &before), 0);
    none = (struct rlimit){0, before.rlim_max};
    setrlimit(RLIMIT_NOFILE, &none);
    struct posix_fault fault = {0};
    bool done = CHOOSE("bin");
    setrlimit(RLIMIT_NOFILE, &before);
    ck_assert(!done);
    ck_assert_str_eq(fault.text, scratch_text("open %s: too many open files", scratch("bin")));
}
END_TEST

START_TEST(many_versions)
{
    for (int i = 0; i < 300; i++)
        scratch_dir(scratch_text("bin/1.%d", i));
    install("1.17");
    WORKS(CHOOSE("bin"));
    ck_assert_str_eq(chosen, "1.17");
}
END_TEST

static void add(TCase *tcase)
{
    tcase_add_test(tcase, names_that_are_versions);
    tcase_add_test(tcase, numbers_are_compared_one_by_one_and_what_is_missing_is_zero);
    tcase_add_test(tcase, the_highest_that_is_whole_is_chosen);
    tcase_add_test(tcase, each_of_the_files_is_needed);
    tcase_add_test(tcase, what_is_no_directory_or_no_version_is_passed_over);
    tcase_add_test(tcase, without_versions_the_text_names_the_directory_of_the_host);
    tcase_add_test(tcase, a_directory_that_cannot_be_read_is_the_system_s_error);
    tcase_add_test(tcase, without_descriptors_nothing_is_chosen);
    tcase_add_test(tcase, many_versions);
}

int main(void) { return scratch_run("version", add); }

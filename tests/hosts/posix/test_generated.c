/* SPDX-License-Identifier: Apache-2.0 */
/* Files with a hash of their content in their name. (runtime-and-agents: 3.2, 5 and 6.) */
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include "hosts/posix/generated.h"
#include "scratch.h"

/* printf '{}' | openssl dgst -sha256 -binary | basenc --base64url */
#define HASH_OF_BRACES "RBNvo1WzZ4oRRq0W9-hknpT7T8If536DEMBg9hyq_4o="
#define NAME "amazon-ssm-agent-" HASH_OF_BRACES ".json"

static char name[256];

#define MAKE(dir) posix_generated_make(scratch(dir), "amazon-ssm-agent-", ".json", "{}", 2, name, sizeof(name), &fault)

START_TEST(the_hash_is_base64url_of_sha256)
{
    char hash[POSIX_HASH_LEN + 1];

    ck_assert(posix_hash("", 0, hash));
    ck_assert_str_eq(hash, "47DEQpj8HBSa-_TImW-5JCeuQeRkm5NMpJWZG3hSuFU=");
    ck_assert(posix_hash("{}", 2, hash));
    ck_assert_str_eq(hash, HASH_OF_BRACES);
    ck_assert_uint_eq(strlen(hash), POSIX_HASH_LEN);
}
END_TEST

START_TEST(a_file_is_written_with_its_mode_whatever_the_umask)
{
    mode_t before = umask(077);

    scratch_dir("config");
    WORKS(MAKE("config"));
    umask(before);
    ck_assert_str_eq(name, NAME);
    ck_assert_str_eq(scratch_read("config/" NAME), "{}");
    ck_assert_int_eq(scratch_mode("config/" NAME), 0644);
    ck_assert_int_eq(scratch_count("config"), 1);
}
END_TEST

START_TEST(a_directory_that_is_missing_is_made_but_not_what_leads_to_it)
{
    WORKS(MAKE("config"));
    ck_assert_str_eq(scratch_read("config/" NAME), "{}");
    FAILS(MAKE("a/config"), scratch_text("mkdir %s: no such file or directory", scratch("a/config")));
}
END_TEST

START_TEST(the_same_content_is_not_written_again)
{
    struct stat first, second;

    WORKS(MAKE("config"));
    ck_assert_int_eq(stat(scratch("config/" NAME), &first), 0);
    WORKS(MAKE("config"));
    ck_assert_int_eq(stat(scratch("config/" NAME), &second), 0);
    ck_assert_uint_eq(first.st_ino, second.st_ino);
    ck_assert_int_eq(first.st_mtim.tv_nsec, second.st_mtim.tv_nsec);
}
END_TEST

START_TEST(what_has_another_content_or_mode_is_replaced)
{
    static const char *const contents[] = {"", "{", "[]", "{}\n", "something that is much longer"};

    for (size_t i = 0; i < sizeof(contents) / sizeof(contents[0]); i++) {
        scratch_file("config/" NAME, contents[i]);
        WORKS(MAKE("config"));
        ck_assert_str_eq(scratch_read("config/" NAME), "{}");
    }
    chmod(scratch("config/" NAME), 0600);
    WORKS(MAKE("config"));
    ck_assert_int_eq(scratch_mode("config/" NAME), 0644);
    ck_assert_int_eq(scratch_count("config"), 1);
}
END_TEST

START_TEST(a_mounted_file_is_not_written_through)
{
    struct stat before, after;

    scratch_file("config/" NAME, "half");
    ck_assert_int_eq(stat(scratch("config/" NAME), &before), 0);
    WORKS(MAKE("config"));
    ck_assert_int_eq(stat(scratch("config/" NAME), &after), 0);
    ck_assert_uint_ne(before.st_ino, after.st_ino);
}
END_TEST

START_TEST(a_directory_of_that_name_is_replaced_with_all_that_is_in_it)
{
    scratch_file("outside", "stays");
    scratch_file("config/" NAME "/a/b/c", "x");
    scratch_link("config/" NAME "/link", scratch("outside"));
    WORKS(MAKE("config"));
    ck_assert_str_eq(scratch_read("config/" NAME), "{}");
    ck_assert_str_eq(scratch_read("outside"), "stays");
    ck_assert_int_eq(scratch_count("config"), 1);
}
END_TEST

START_TEST(a_link_of_that_name_is_replaced_not_followed)
{
    scratch_file("outside", "{}");
    scratch_dir("config");
    scratch_link("config/" NAME, scratch("outside"));
    WORKS(MAKE("config"));
    ck_assert_int_eq(unlink(scratch("outside")), 0);
    ck_assert_str_eq(scratch_read("config/" NAME), "{}");
    ck_assert_int_eq(unlink(scratch("config/" NAME)), 0);
    scratch_link("config/" NAME, scratch("nowhere"));
    WORKS(MAKE("config"));
    ck_assert(!scratch_has("nowhere"));
}
END_TEST

START_TEST(a_pipe_of_that_name_holds_nobody_up)
{
    scratch_dir("config");
    ck_assert_int_eq(mkfifo(scratch("config/" NAME), 0644), 0);
    WORKS(MAKE("config"));
    ck_assert_str_eq(scratch_read("config/" NAME), "{}");
}
END_TEST

START_TEST(a_content_may_have_any_bytes_and_any_length)
{
    static char content[100000];

    for (size_t i = 0; i < sizeof(content); i++)
        content[i] = (char)(i * 7);
    for (int i = 0; i < 2; i++) {
        WORKS(posix_generated_make(scratch("config"), "a", "b", content, sizeof(content), name, sizeof(name), &fault));
        WORKS(posix_generated_make(scratch("config"), "a", "b", content, 0, name, sizeof(name), &fault));
    }
    ck_assert_int_eq(scratch_count("config"), 2);
}
END_TEST

START_TEST(names_that_would_lead_elsewhere_are_refused)
{
    static const char *const prefixes[] = {"../", "a/", "/", "/etc/"};
    char small[20];

    scratch_dir("config");
    for (size_t i = 0; i < sizeof(prefixes) / sizeof(prefixes[0]); i++)
        FAILS(posix_generated_make(scratch("config"), prefixes[i], ".x", "{}", 2, name, sizeof(name), &fault),
              scratch_text("`%s....x` makes no file name", prefixes[i]));
    FAILS(posix_generated_make(scratch("config"), "a", "/../b", "{}", 2, name, sizeof(name), &fault), "`a.../../b` makes no file name");
    FAILS(posix_generated_make(scratch("config"), "a", "b", "{}", 2, small, sizeof(small), &fault), "`a...b` makes no file name");
    ck_assert_int_eq(scratch_count("config"), 0);
}
END_TEST

START_TEST(a_directory_that_is_none_is_the_system_s_error)
{
    scratch_file("config", "");
    FAILS(MAKE("config"), scratch_text("open %s: not a directory", scratch("config")));
    FAILS(MAKE("config/config"), scratch_text("mkdir %s: not a directory", scratch("config/config")));
}
END_TEST

START_TEST(a_file_that_cannot_be_written_leaves_nothing)
{
    struct rlimit before, small;

    scratch_dir("config");
    signal(SIGXFSZ, SIG_IGN);
    ck_assert_int_eq(getrlimit(RLIMIT_FSIZE, &before), 0);
    small = (struct rlimit){1, before.rlim_max};
    setrlimit(RLIMIT_FSIZE, &small);
    struct posix_fault fault = {0};
    bool done = MAKE("config");
    setrlimit(RLIMIT_FSIZE, &before);
    ck_assert(!done);
    ck_assert_str_eq(fault.text, scratch_text("write %s: file too large", scratch("config/" NAME)));
    ck_assert_int_eq(scratch_count("config"), 0);
}
END_TEST

static void add(TCase *tcase)
{
    tcase_add_test(tcase, the_hash_is_base64url_of_sha256);
    tcase_add_test(tcase, a_file_is_written_with_its_mode_whatever_the_umask);
    tcase_add_test(tcase, a_directory_that_is_missing_is_made_but_not_what_leads_to_it);
    tcase_add_test(tcase, the_same_content_is_not_written_again);
    tcase_add_test(tcase, what_has_another_content_or_mode_is_replaced);
    tcase_add_test(tcase, a_mounted_file_is_not_written_through);
    tcase_add_test(tcase, a_directory_of_that_name_is_replaced_with_all_that_is_in_it);
    tcase_add_test(tcase, a_link_of_that_name_is_replaced_not_followed);
    tcase_add_test(tcase, a_pipe_of_that_name_holds_nobody_up);
    tcase_add_test(tcase, a_content_may_have_any_bytes_and_any_length);
    tcase_add_test(tcase, names_that_would_lead_elsewhere_are_refused);
    tcase_add_test(tcase, a_directory_that_is_none_is_the_system_s_error);
    tcase_add_test(tcase, a_file_that_cannot_be_written_leaves_nothing);
}

int main(void) { return scratch_run("generated", add); }

/* SPDX-License-Identifier: Apache-2.0 */
/* Each call that the library makes of the system, and each of its allocations, fails once. Whatever it was: the work is done all the same,
 * or it fails with a text; no descriptor stays open and no half file is left; and the next try works. */
#include <errno.h>
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "../scratch.h"
#include "hosts/posix/agent.h"

bool call_fails(void);

static int countdown = -1; /* below zero, none fails */
static int calls;

bool call_fails(void)
{
    calls++;
    if (countdown < 0 || countdown-- > 0)
        return false;
    errno = EIO;
    return true;
}

static void *failing_malloc(size_t size) { return call_fails() ? NULL : malloc(size); }

static char prepare_document[4096], clean_document[512];
static struct posix_agent_found found;

static void set_up(void)
{
    scratch_up();
    scratch_file("bin/3.1/agent", "");
    scratch_file("bin/3.2/worker", "");
    scratch_file("certs/pem", "");
    snprintf(prepare_document, sizeof(prepare_document),
             "{\"versions\":{\"dir\":\"%s\",\"shown\":\"/bin\",\"files\":[\"agent\"]},"
             "\"generated\":[{\"dir\":\"%s\",\"prefix\":\"a-\",\"suffix\":\".json\",\"content\":\"{}\",\"error\":\"no config\"}],"
             "\"required\":[{\"path\":\"%s\",\"error\":\"no certs\"}],\"log\":{\"dir\":\"%s\",\"path\":[\"task\",\"web\"]}}",
             scratch("bin"), scratch("config"), scratch("certs/pem"), scratch("a/log"));
    snprintf(clean_document, sizeof(clean_document), "{\"log\":{\"dir\":\"%s\",\"path\":[\"task\"]}}", scratch("a/log"));
}

static void no_half_files(int n)
{
    int count = scratch_count("config");

    ck_assert_msg(count <= 1, "call %d left %d files", n, count);
    if (found.file_count > 0)
        ck_assert_str_eq(scratch_read(scratch_text("config/%s", found.files[0])), "{}");
}

/* Fails each call of a round; the round begins where the last one has ended. Returns how many there were. */
static int enumerate(void (*before)(void), bool (*work)(struct posix_fault *fault), void (*after)(int n))
{
    int failed = 0;

    for (int n = 0;; n++) {
        struct posix_fault fault = {0};

        before();
        calls = 0;
        countdown = n;
        bool done = work(&fault);
        bool reached = countdown < 0;
        countdown = -1;
        after(n);
        if (!done) {
            failed++;
            ck_assert_msg(posix_fault_found(&fault), "call %d failed without a word", n);
        }
        WORKS(work(&fault));
        if (!reached)
            break;
    }
    return failed;
}

static bool prepare(struct posix_fault *fault)
{
    return posix_agent_prepare(prepare_document, strlen(prepare_document), &found, fault);
}

static bool clean(struct posix_fault *fault) { return posix_agent_clean(clean_document, strlen(clean_document), fault); }

static void forget_files(void)
{
    struct posix_fault fault = {0};

    clean(&fault);
    remove(scratch("a/log"));
    remove(scratch("a"));
    if (scratch_count("config") > 0)
        remove(scratch(scratch_text("config/%s", "a-RBNvo1WzZ4oRRq0W9-hknpT7T8If536DEMBg9hyq_4o=.json")));
    remove(scratch("config"));
}

static void directory_in_the_way(void)
{
    forget_files();
    scratch_file("config/a-RBNvo1WzZ4oRRq0W9-hknpT7T8If536DEMBg9hyq_4o=.json/x/y", "");
}

static void nothing(void) {}
static void nothing_to_check(int n) { (void)n; }

static void fill_logs(void)
{
    scratch_file("a/log/task/web/errors.log", "");
    scratch_file("a/log/task/db/deep/1/2/3/errors.log", "");
    scratch_file("a/log/other/errors.log", "stays");
}

static void others_stay(int n)
{
    (void)n;
    ck_assert_str_eq(scratch_read("a/log/other/errors.log"), "stays");
}

START_TEST(each_call_of_a_first_preparation) { ck_assert_int_ge(enumerate(forget_files, prepare, no_half_files), 20); }
END_TEST

START_TEST(each_call_of_a_second_preparation) { ck_assert_int_ge(enumerate(nothing, prepare, no_half_files), 10); }
END_TEST

START_TEST(each_call_when_a_directory_is_in_the_way) { ck_assert_int_ge(enumerate(directory_in_the_way, prepare, nothing_to_check), 20); }
END_TEST

START_TEST(each_call_of_a_cleaning) { ck_assert_int_ge(enumerate(fill_logs, clean, others_stay), 10); }
END_TEST

static void add(TCase *tcase)
{
    tcase_add_test(tcase, each_call_of_a_first_preparation);
    tcase_add_test(tcase, each_call_of_a_second_preparation);
    tcase_add_test(tcase, each_call_when_a_directory_is_in_the_way);
    tcase_add_test(tcase, each_call_of_a_cleaning);
}

int main(void)
{
    json_set_alloc_funcs(failing_malloc, free);
    return scratch_run_with("failing", set_up, scratch_down, add);
}

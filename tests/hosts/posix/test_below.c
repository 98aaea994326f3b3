/* SPDX-License-Identifier: Apache-2.0 */
/* Directories made and removed below another one, with hostile names and what a container may have left there. */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <unistd.h>

#include "hosts/posix/below.h"
#include "scratch.h"

#define NAMES(...) (const char *const[]){__VA_ARGS__}, sizeof((const char *const[]){__VA_ARGS__}) / sizeof(const char *)

static const char *const hostile[] = {"", ".", "..", "/", "../outside", "a/b", "/etc", "a/", "./a"};

START_TEST(the_directory_and_all_that_leads_to_it_are_made)
{
    WORKS(posix_below_make(scratch("var/log/ecs/exec"), NAMES("task", "web"), &fault));
    ck_assert(scratch_has("var/log/ecs/exec/task/web"));
    ck_assert_int_eq(scratch_mode("var/log/ecs/exec/task/web"), 0755);
    WORKS(posix_below_make(scratch("var/log/ecs/exec"), NAMES("task", "web"), &fault));
    WORKS(posix_below_make(scratch("var/log/ecs/exec"), NAMES("task", "db"), &fault));
    ck_assert_int_eq(scratch_count("var/log/ecs/exec/task"), 2);
    WORKS(posix_below_make(scratch("with//two/"), NAMES("task"), &fault));
    ck_assert(scratch_has("with/two/task"));
}
END_TEST

START_TEST(a_name_must_be_a_name)
{
    char text[300];

    memset(text, 'a', sizeof(text));
    text[256] = '\0';
    ck_assert(!posix_name_is_plain(text));
    text[255] = '\0';
    ck_assert(posix_name_is_plain(text));
    scratch_file("outside/file", "stays");
    scratch_dir("logs/a/b");
    for (size_t i = 0; i < sizeof(hostile) / sizeof(hostile[0]); i++) {
        const char *said = scratch_text("`%s` is no name of a directory below %s", hostile[i], scratch("logs"));
        FAILS(posix_below_make(scratch("logs"), NAMES(hostile[i]), &fault), said);
        FAILS(posix_below_make(scratch("logs"), NAMES("task", hostile[i]), &fault), said);
        FAILS(posix_below_remove(scratch("logs"), NAMES(hostile[i]), &fault), said);
        FAILS(posix_below_remove(scratch("logs"), NAMES(hostile[i], "b"), &fault), said);
    }
    ck_assert_int_eq(scratch_count("logs"), 1);
    ck_assert_int_eq(scratch_count("logs/a"), 1);
    ck_assert_str_eq(scratch_read("outside/file"), "stays");
}
END_TEST

START_TEST(the_directory_must_be_absolute_and_names_few)
{
    FAILS(posix_below_make("logs", NAMES("a"), &fault), "`logs` is no absolute path");
    FAILS(posix_below_remove("", NAMES("a"), &fault), "`` is no absolute path");
    FAILS(posix_below_remove("/x", NULL, 0, &fault), "between 1 and 8 names are needed below /x");
    FAILS(posix_below_make("/x", NAMES("1", "2", "3", "4", "5", "6", "7", "8", "9"), &fault), "between 1 and 8 names are needed below /x");
}
END_TEST

START_TEST(a_link_below_is_not_followed_when_directories_are_made)
{
    scratch_dir("outside");
    scratch_dir("logs");
    scratch_link("logs/task", scratch("outside"));
    FAILS(posix_below_make(scratch("logs"), NAMES("task", "web"), &fault), scratch_text("open %s: not a directory", scratch("logs/task")));
    ck_assert_int_eq(scratch_count("outside"), 0);
    scratch_file("logs/file", "");
    FAILS(posix_below_make(scratch("logs"), NAMES("file", "web"), &fault), scratch_text("open %s: not a directory", scratch("logs/file")));
}
END_TEST

START_TEST(the_directory_itself_may_be_a_link)
{
    scratch_dir("elsewhere");
    scratch_link("logs", scratch("elsewhere"));
    WORKS(posix_below_make(scratch("logs"), NAMES("task"), &fault));
    ck_assert(scratch_has("elsewhere/task"));
    WORKS(posix_below_remove(scratch("logs"), NAMES("task"), &fault));
    ck_assert_int_eq(scratch_count("elsewhere"), 0);
}
END_TEST

START_TEST(what_leads_to_it_can_be_no_file)
{
    scratch_file("logs", "");
    FAILS(posix_below_make(scratch("logs"), NAMES("task"), &fault), scratch_text("open %s: not a directory", scratch("logs")));
    FAILS(posix_below_make(scratch("logs/deeper"), NAMES("task"), &fault), scratch_text("mkdir %s: not a directory", scratch("logs/deeper")));
    char path[5000];
    memset(path, 'a', sizeof(path) - 1);
    path[0] = '/';
    path[sizeof(path) - 1] = '\0';
    struct posix_fault fault = {0};
    ck_assert(!posix_below_make(path, NAMES("task"), &fault));
    ck_assert_ptr_nonnull(strstr(fault.text, "mkdir /aaaa"));
}
END_TEST

START_TEST(a_tree_is_removed_and_nothing_beside_it)
{
    scratch_file("logs/task/web/amazon-ssm-agent.log", "x");
    scratch_file("logs/task/web/audits/a", "x");
    scratch_file("logs/task/db/errors.log", "x");
    scratch_file("logs/other/web/errors.log", "stays");
    scratch_dir("logs/task/empty");
    WORKS(posix_below_remove(scratch("logs"), NAMES("task"), &fault));
    ck_assert(!scratch_has("logs/task"));
    ck_assert_str_eq(scratch_read("logs/other/web/errors.log"), "stays");
}
END_TEST

START_TEST(what_is_not_there_is_removed)
{
    WORKS(posix_below_remove(scratch("logs"), NAMES("task"), &fault));
    scratch_dir("logs");
    WORKS(posix_below_remove(scratch("logs"), NAMES("task"), &fault));
    WORKS(posix_below_remove(scratch("logs"), NAMES("task", "web"), &fault));
}
END_TEST

START_TEST(links_are_removed_not_followed)
{
    scratch_file("outside/file", "stays");
    scratch_dir("logs/task/web");
    scratch_link("logs/task/web/dir", scratch("outside"));
    scratch_link("logs/task/web/file", scratch("outside/file"));
    scratch_link("logs/task/web/up", "../../..");
    scratch_link("logs/task/web/root", "/");
    scratch_link("logs/task/web/nowhere", "nowhere");
    WORKS(posix_below_remove(scratch("logs"), NAMES("task"), &fault));
    ck_assert_int_eq(scratch_count("logs"), 0);
    ck_assert_str_eq(scratch_read("outside/file"), "stays");
}
END_TEST

START_TEST(a_link_in_the_place_of_the_tree_is_removed_itself)
{
    scratch_file("outside/file", "stays");
    scratch_dir("logs");
    scratch_link("logs/task", scratch("outside"));
    WORKS(posix_below_remove(scratch("logs"), NAMES("task"), &fault));
    ck_assert(!scratch_has("logs/task"));
    ck_assert_str_eq(scratch_read("outside/file"), "stays");
    scratch_file("logs/task", "a file");
    WORKS(posix_below_remove(scratch("logs"), NAMES("task"), &fault));
    ck_assert(!scratch_has("logs/task"));
}
END_TEST

START_TEST(a_link_on_the_way_ends_it)
{
    scratch_file("outside/web/file", "stays");
    scratch_dir("logs");
    scratch_link("logs/task", scratch("outside"));
    FAILS(posix_below_remove(scratch("logs"), NAMES("task", "web"), &fault), scratch_text("open %s: not a directory", scratch("logs/task")));
    ck_assert_str_eq(scratch_read("outside/web/file"), "stays");
}
END_TEST

START_TEST(odd_files_and_names_are_removed)
{
    scratch_dir("logs/task");
    ck_assert_int_eq(mkfifo(scratch("logs/task/pipe"), 0600), 0);
    scratch_file("logs/task/a name\nwith \x01 and \xff bytes", "x");
    scratch_file("logs/task/...", "x");
    scratch_file("logs/task/.hidden/..data", "x");
    scratch_file("logs/task/-rf", "x");
    scratch_file("logs/task/locked/file", "x");
    chmod(scratch("logs/task/locked"), 0500);
    WORKS(posix_below_remove(scratch("logs"), NAMES("task"), &fault));
    ck_assert_int_eq(scratch_count("logs"), 0);
}
END_TEST

/* Much deeper than a path can be long, and than descriptors may be open; with names that the work itself uses. */
START_TEST(a_tree_may_be_deeper_than_any_path)
{
    scratch_file("logs/task/.ecsengine-0/x", "x");
    scratch_file("logs/task/.ecsengine-1", "x");
    char name[101];
    memset(name, 'd', sizeof(name) - 1);
    name[sizeof(name) - 1] = '\0';
    int fd = open(scratch("logs/task"), O_RDONLY | O_DIRECTORY);
    for (int i = 0; i < 100; i++) {
        ck_assert_int_eq(mkdirat(fd, name, 0755), 0);
        int next = openat(fd, name, O_RDONLY | O_DIRECTORY);
        ck_assert_int_eq(symlinkat("/", fd, "link"), 0);
        close(fd);
        fd = next;
    }
    close(fd);
    WORKS(posix_below_remove(scratch("logs"), NAMES("task"), &fault));
    ck_assert_int_eq(scratch_count("logs"), 0);
}
END_TEST

START_TEST(a_wide_tree)
{
    for (int i = 0; i < 200; i++)
        scratch_file(scratch_text("logs/task/%d/f", i), "");
    WORKS(posix_below_remove(scratch("logs"), NAMES("task"), &fault));
    ck_assert_int_eq(scratch_count("logs"), 0);
}
END_TEST

/* Needs to be root; who is not cannot be confronted with it either. */
START_TEST(another_file_system_is_not_touched_and_the_rest_is_removed)
{
    scratch_file("logs/task/a", "x");
    scratch_dir("logs/task/mounted");
    scratch_file("logs/task/z", "x");
    if (mount("none", scratch("logs/task/mounted"), "tmpfs", 0, NULL) < 0) {
        ck_assert_int_eq(errno, EPERM);
        return;
    }
    scratch_file("logs/task/mounted/file", "stays");
    struct posix_fault fault = {0};
    bool removed = posix_below_remove(scratch("logs"), NAMES("task"), &fault);
    const char *left = scratch_read("logs/task/mounted/file");
    int count = scratch_count("logs/task");
    umount(scratch("logs/task/mounted"));
    ck_assert(!removed);
    ck_assert_str_eq(fault.text, scratch_text("rmdir %s: invalid cross-device link", scratch("logs/task/mounted")));
    ck_assert_ptr_nonnull(left);
    ck_assert_int_eq(count, 1);
    WORKS(posix_below_remove(scratch("logs"), NAMES("task"), &fault));
}
END_TEST

static void add(TCase *tcase)
{
    tcase_add_test(tcase, the_directory_and_all_that_leads_to_it_are_made);
    tcase_add_test(tcase, a_name_must_be_a_name);
    tcase_add_test(tcase, the_directory_must_be_absolute_and_names_few);
    tcase_add_test(tcase, a_link_below_is_not_followed_when_directories_are_made);
    tcase_add_test(tcase, the_directory_itself_may_be_a_link);
    tcase_add_test(tcase, what_leads_to_it_can_be_no_file);
    tcase_add_test(tcase, a_tree_is_removed_and_nothing_beside_it);
    tcase_add_test(tcase, what_is_not_there_is_removed);
    tcase_add_test(tcase, links_are_removed_not_followed);
    tcase_add_test(tcase, a_link_in_the_place_of_the_tree_is_removed_itself);
    tcase_add_test(tcase, a_link_on_the_way_ends_it);
    tcase_add_test(tcase, odd_files_and_names_are_removed);
    tcase_add_test(tcase, a_tree_may_be_deeper_than_any_path);
    tcase_add_test(tcase, a_wide_tree);
    tcase_add_test(tcase, another_file_system_is_not_touched_and_the_rest_is_removed);
}

int main(void) { return scratch_run("below", add); }

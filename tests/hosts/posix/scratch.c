/* SPDX-License-Identifier: Apache-2.0 */
/* The directory is below /tmp and removed by nftw(), not by what is tested. */
#define _GNU_SOURCE /* nftw */
#include "scratch.h"

#include <dirent.h>
#include <fcntl.h>
#include <ftw.h>
#include <limits.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static char top[64];
static int descriptors;

static int count_entries(const char *path)
{
    DIR *stream = opendir(path);
    struct dirent *entry;
    int count = 0;

    if (stream == NULL)
        return -1;
    while ((entry = readdir(stream)) != NULL)
        count += strcmp(entry->d_name, ".") != 0 && strcmp(entry->d_name, "..") != 0;
    closedir(stream);
    return count;
}

static int remove_one(const char *path, const struct stat *status, int type, struct FTW *where)
{
    (void)status, (void)where;
    return (type == FTW_DP ? rmdir : unlink)(path);
}

void scratch_up(void)
{
    snprintf(top, sizeof(top), "/tmp/ecsengine-posix-XXXXXX");
    ck_assert_ptr_nonnull(mkdtemp(top));
    descriptors = count_entries("/proc/self/fd");
}

void scratch_down(void)
{
    ck_assert_int_eq(count_entries("/proc/self/fd"), descriptors);
    nftw(top, remove_one, 16, FTW_DEPTH | FTW_PHYS);
}

static char *ring(void)
{
    static char places[16][PATH_MAX];
    static unsigned next;

    return places[next++ % 16];
}

const char *scratch(const char *path)
{
    char *place = ring();

    snprintf(place, PATH_MAX, "%s%s%s", top, *path != '\0' ? "/" : "", path);
    return place;
}

const char *scratch_text(const char *format, ...)
{
    char *place = ring();
    va_list args;

    va_start(args, format);
    vsnprintf(place, PATH_MAX, format, args);
    va_end(args);
    return place;
}

void scratch_dir(const char *path)
{
    char copy[PATH_MAX];

    snprintf(copy, sizeof(copy), "%s/", scratch(path));
    for (char *at = strchr(copy + strlen(top) + 1, '/'); at != NULL; at = strchr(at + 1, '/')) {
        *at = '\0';
        mkdir(copy, 0755);
        *at = '/';
    }
    ck_assert_int_ge(count_entries(copy), 0);
}

void scratch_file(const char *path, const char *content)
{
    char dir[PATH_MAX];
    char *slash;

    snprintf(dir, sizeof(dir), "%s", path);
    if ((slash = strrchr(dir, '/')) != NULL) {
        *slash = '\0';
        scratch_dir(dir);
    }
    FILE *file = fopen(scratch(path), "w");
    ck_assert_ptr_nonnull(file);
    fputs(content, file);
    fclose(file);
}

void scratch_link(const char *path, const char *target) { ck_assert_int_eq(symlink(target, scratch(path)), 0); }

const char *scratch_read(const char *path)
{
    static char content[65536];
    FILE *file = fopen(scratch(path), "r");

    if (file == NULL)
        return NULL;
    content[fread(content, 1, sizeof(content) - 1, file)] = '\0';
    fclose(file);
    return content;
}

bool scratch_has(const char *path)
{
    struct stat status;

    return lstat(scratch(path), &status) == 0;
}

int scratch_count(const char *path) { return count_entries(scratch(path)); }

int scratch_mode(const char *path)
{
    struct stat status;

    return stat(scratch(path), &status) == 0 ? (int)(status.st_mode & 07777) : -1;
}

int scratch_run(const char *name, void (*add)(TCase *tcase)) { return scratch_run_with(name, scratch_up, scratch_down, add); }

int scratch_run_with(const char *name, void (*up)(void), void (*down)(void), void (*add)(TCase *tcase))
{
    Suite *suite = suite_create(name);
    TCase *tcase = tcase_create(name);

    tcase_add_checked_fixture(tcase, up, down);
    add(tcase);
    suite_add_tcase(suite, tcase);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_NORMAL);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}

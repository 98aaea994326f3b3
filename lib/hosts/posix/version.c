/* SPDX-License-Identifier: Apache-2.0 */
/* Versions as directories.
 *
 * The agent builds a path out of the numbers that it has read, so that a name with leading zeros leads to another directory or to
 * none: such a name is no version here. */
#include "hosts/posix/version.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

/* Reads one number and the dot behind it. False where there is none, or it is too large or has a leading zero. */
static bool take_number(const char **text, uint32_t *out_number)
{
    const char *at = *text;
    uint64_t number = 0;

    for (; *at >= '0' && *at <= '9'; at++) {
        number = number * 10 + (uint64_t)(*at - '0');
        if (number > UINT32_MAX)
            return false;
    }
    if (at == *text || (**text == '0' && at - *text > 1) || (*at != '.' && *at != '\0') || (*at == '.' && at[1] == '\0'))
        return false;
    *text = *at == '.' ? at + 1 : at;
    *out_number = (uint32_t)number;
    return true;
}

bool posix_version_is(const char *name)
{
    uint32_t number;

    if (name[0] == '\0' || strlen(name) >= POSIX_VERSION_MAX)
        return false;
    while (*name != '\0')
        if (!take_number(&name, &number))
            return false;
    return true;
}

int posix_version_compare(const char *a, const char *b)
{
    const char *at_a = a, *at_b = b;

    while (*at_a != '\0' || *at_b != '\0') {
        uint32_t number_a = 0, number_b = 0;

        if ((*at_a != '\0' && !take_number(&at_a, &number_a)) || (*at_b != '\0' && !take_number(&at_b, &number_b)))
            break; /* no version: it has no place in the order */
        if (number_a != number_b)
            return number_a < number_b ? -1 : 1;
    }
    size_t len_a = strlen(a), len_b = strlen(b);
    return len_a == len_b ? 0 : len_a < len_b ? 1 : -1;
}

struct versions {
    char **names;
    size_t count;
    size_t capacity;
};

static void versions_free(struct versions *versions)
{
    for (size_t i = 0; i < versions->count; i++)
        free(versions->names[i]);
    free(versions->names);
}

static bool add(struct versions *versions, const char *name)
{
    if (versions->count == versions->capacity) {
        size_t capacity = versions->capacity > 0 ? versions->capacity * 2 : 16;
        char **names = reallocarray(versions->names, capacity, sizeof(*names));
        if (names == NULL)
            return false;
        versions->names = names;
        versions->capacity = capacity;
    }
    versions->names[versions->count] = strdup(name);
    return versions->names[versions->count] != NULL && ++versions->count > 0;
}

static bool is_directory(int fd, const char *name, int flags)
{
    struct stat status;

    return fstatat(fd, name, &status, flags) == 0 && S_ISDIR(status.st_mode);
}

static bool has_all(int fd, const char *version, const char *const files[], size_t count)
{
    char path[POSIX_VERSION_MAX + NAME_MAX + 2];
    struct stat status;

    for (size_t i = 0; i < count; i++) {
        if ((size_t)snprintf(path, sizeof(path), "%s/%s", version, files[i]) >= sizeof(path) || fstatat(fd, path, &status, 0) < 0 ||
            S_ISDIR(status.st_mode))
            return false;
    }
    return true;
}

static int higher_first(const void *a, const void *b)
{
    return posix_version_compare(*(char *const *)b, *(char *const *)a);
}

static bool read_versions(DIR *stream, const char *dir, struct versions *versions, struct posix_fault *fault)
{
    struct dirent *entry;

    while ((errno = 0, entry = readdir(stream)) != NULL)
        if (posix_version_is(entry->d_name) && is_directory(dirfd(stream), entry->d_name, AT_SYMLINK_NOFOLLOW) &&
            !add(versions, entry->d_name))
            return posix_fault_no_memory(fault);
    return errno == 0 || posix_fault_system(fault, "readdirent", dir, errno);
}

bool posix_version_choose(const char *dir, const char *shown, const char *const files[], size_t count, char out[POSIX_VERSION_MAX],
                          struct posix_fault *fault)
{
    struct versions versions = {0};
    bool chosen = false;

    DIR *stream = opendir(dir);
    if (stream == NULL)
        return errno == ENOMEM ? posix_fault_no_memory(fault) : posix_fault_system(fault, "open", dir, errno);
    if (read_versions(stream, dir, &versions, fault)) {
        if (versions.count > 0)
            qsort(versions.names, versions.count, sizeof(*versions.names), higher_first);
        for (size_t i = 0; i < versions.count && !chosen; i++) {
            chosen = has_all(dirfd(stream), versions.names[i], files, count);
            if (chosen)
                snprintf(out, POSIX_VERSION_MAX, "%s", versions.names[i]);
        }
        if (!chosen)
            posix_fault_set(fault, "no valid versions were found in %s", shown);
    }
    versions_free(&versions);
    closedir(stream);
    return chosen;
}

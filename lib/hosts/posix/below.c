/* SPDX-License-Identifier: Apache-2.0 */
/* Making and removing below a directory.
 *
 * A tree that a container has made can be deeper than a path is long, or than a stack. It is therefore walked by descriptors, a few
 * levels at a time: what lies deeper is moved up to the tree's own top and has its turn in the next pass over it. */
#include "hosts/posix/below.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum {
    DEPTH_MAX = 24,      /* descriptors open at a time */
    PASSES_MAX = 100000, /* somebody may be filling the tree while it is emptied */
};

bool posix_name_is_plain(const char *name)
{
    size_t len = strlen(name);

    return len > 0 && len <= NAME_MAX && strcmp(name, ".") != 0 && strcmp(name, "..") != 0 && strchr(name, '/') == NULL;
}

static bool check_names(const char *dir, const char *const names[], size_t count, struct posix_fault *fault)
{
    if (dir[0] != '/')
        return posix_fault_set(fault, "`%.200s` is no absolute path", dir);
    if (count == 0 || count > POSIX_BELOW_MAX)
        return posix_fault_set(fault, "between 1 and %d names are needed below %.200s", (int)POSIX_BELOW_MAX, dir);
    for (size_t i = 0; i < count; i++)
        if (!posix_name_is_plain(names[i]))
            return posix_fault_set(fault, "`%.300s` is no name of a directory below %.200s", names[i], dir);
    return true;
}

/* The path below, for texts alone: it may be cut. */
static void describe(char *out, size_t size, const char *dir, const char *const names[], size_t count)
{
    size_t used = (size_t)snprintf(out, size, "%s", dir);

    for (size_t i = 0; i < count && used < size; i++)
        used += (size_t)snprintf(out + used, size - used, "/%s", names[i]);
}

static bool make_leading(const char *dir, struct posix_fault *fault)
{
    char path[PATH_MAX];

    if ((size_t)snprintf(path, sizeof(path), "%s", dir) >= sizeof(path))
        return posix_fault_system(fault, "mkdir", dir, ENAMETOOLONG);
    for (char *at = path + 1;; at++) {
        char kept = *at;

        if (kept != '/' && kept != '\0')
            continue;
        *at = '\0';
        if (mkdir(path, 0755) < 0 && errno != EEXIST)
            return posix_fault_system(fault, "mkdir", path, errno);
        *at = kept;
        if (kept == '\0')
            return true;
    }
}

/* Goes down by names, with or without making them; the last descriptor, or a negative errno. */
static int descend(const char *dir, const char *const names[], size_t count, bool make, struct posix_fault *fault)
{
    int fd = open(dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    char path[PATH_MAX];

    if (fd < 0) {
        fd = -errno;
        posix_fault_system(fault, "open", dir, -fd);
    }
    for (size_t i = 0; i < count && fd >= 0; i++) {
        const char *call = "mkdir";
        int next = -1;

        if (!make || mkdirat(fd, names[i], 0755) == 0 || errno == EEXIST) {
            call = "open";
            next = openat(fd, names[i], O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
        }
        if (next < 0) {
            next = -errno;
            describe(path, sizeof(path), dir, names, i + 1);
            posix_fault_system(fault, call, path, -next);
        }
        close(fd);
        fd = next;
    }
    return fd;
}

bool posix_below_make(const char *dir, const char *const names[], size_t count, struct posix_fault *fault)
{
    if (!check_names(dir, names, count, fault) || !make_leading(dir, fault))
        return false;
    int fd = descend(dir, names, count, true, fault);
    if (fd >= 0)
        close(fd);
    return fd >= 0;
}

struct removal {
    int top;           /* the directory that is emptied */
    dev_t device;      /* what it is on */
    const char *path;  /* where it lies, for texts */
    unsigned moved;    /* the number of the next one that is moved up */
    size_t progress;   /* what was removed or moved in this pass */
    struct posix_fault *fault;
};

static void empty(struct removal *removal, int fd, int depth);

static void remove_directory(struct removal *removal, int fd, const char *name, int depth)
{
    struct stat status;
    char place[32];

    if (depth == DEPTH_MAX) {
        snprintf(place, sizeof(place), ".ecsengine-%u", removal->moved++);
        if (renameat(fd, name, removal->top, place) == 0) /* where something has that name, the next number may be free */
            removal->progress++;
        return;
    }
    int inside = openat(fd, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
    int error = errno;
    if (inside >= 0 && fstat(inside, &status) == 0 && status.st_dev == removal->device) {
        empty(removal, inside, depth + 1);
        if (unlinkat(fd, name, AT_REMOVEDIR) == 0) {
            removal->progress++;
            return;
        }
        error = errno;
        if (error == ENOTEMPTY) /* something in it could not be removed, which is told already, or came while we looked */
            return;
    } else if (inside >= 0) {
        close(inside);
        error = EXDEV;
    }
    char path[PATH_MAX];
    describe(path, sizeof(path), removal->path, &name, 1);
    posix_fault_system(removal->fault, "rmdir", path, error);
}

/* One pass over a directory, whose descriptor is closed in the end. */
static void empty(struct removal *removal, int fd, int depth)
{
    DIR *stream = fdopendir(fd);
    struct dirent *entry;

    if (stream == NULL) {
        close(fd);
        posix_fault_no_memory(removal->fault);
        return;
    }
    while ((entry = readdir(stream)) != NULL) {
        if (!posix_name_is_plain(entry->d_name))
            continue;
        if (unlinkat(dirfd(stream), entry->d_name, 0) == 0) {
            removal->progress++;
        } else if (errno == EISDIR) {
            remove_directory(removal, dirfd(stream), entry->d_name, depth);
        } else if (errno != ENOENT) {
            char path[PATH_MAX];
            describe(path, sizeof(path), removal->path, &(const char *){entry->d_name}, 1);
            posix_fault_system(removal->fault, "unlink", path, errno);
        }
    }
    closedir(stream);
}

/* Empties the directory `fd`, which stays open. */
static void empty_whole(int fd, const char *path, struct posix_fault *fault)
{
    struct removal removal = {.top = fd, .path = path, .fault = fault};
    struct stat status;

    if (fstat(fd, &status) < 0) {
        posix_fault_system(fault, "stat", path, errno);
        return;
    }
    removal.device = status.st_dev;
    for (int pass = 0; pass < PASSES_MAX; pass++) {
        int again = openat(fd, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);

        if (again < 0) {
            posix_fault_system(fault, "open", path, errno);
            return;
        }
        removal.progress = 0;
        empty(&removal, again, 0);
        if (removal.progress == 0)
            return;
    }
}

bool posix_entry_remove(int fd, const char *path, const char *name, struct posix_fault *fault)
{
    struct posix_fault first = {0};
    char whole[PATH_MAX];

    if (unlinkat(fd, name, 0) == 0 || errno == ENOENT)
        return true;
    int error = errno;
    describe(whole, sizeof(whole), path, &name, 1);
    if (error != EISDIR)
        return posix_fault_system(fault, "unlink", whole, error);
    int inside = openat(fd, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
    if (inside < 0)
        return posix_fault_system(fault, "open", whole, errno);
    empty_whole(inside, whole, &first);
    close(inside);
    if (unlinkat(fd, name, AT_REMOVEDIR) == 0 || errno == ENOENT)
        return true;
    posix_fault_system(&first, "rmdir", whole, errno);
    *fault = first;
    return false;
}

bool posix_below_remove(const char *dir, const char *const names[], size_t count, struct posix_fault *fault)
{
    struct posix_fault on_the_way = {0};
    char path[PATH_MAX];

    if (!check_names(dir, names, count, fault))
        return false;
    int fd = descend(dir, names, count - 1, false, &on_the_way);
    if (fd == -ENOENT)
        return true;
    if (fd < 0) {
        *fault = on_the_way;
        return false;
    }
    describe(path, sizeof(path), dir, names, count - 1);
    bool removed = posix_entry_remove(fd, path, names[count - 1], fault);
    close(fd);
    return removed;
}

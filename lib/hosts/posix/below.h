/* SPDX-License-Identifier: Apache-2.0 */
/* Directories below one that the operator has named, made and removed without ever leaving it.
 *
 * The directory itself is trusted and may be reached through symbolic links. What lies below it is not: containers write there. There
 * no symbolic link is followed, no name may climb, and nothing of another file system is touched. */
#ifndef POSIX_BELOW_H
#define POSIX_BELOW_H

#include <stdbool.h>
#include <stddef.h>

#include "hosts/posix/fault.h"

enum { POSIX_BELOW_MAX = 8 }; /* names of one path below */

/* Is it one name of a directory entry: not empty, at most 255 bytes, neither `.` nor `..`, no slash? */
bool posix_name_is_plain(const char *name);

/* Makes `dir` with all that leads to it, and below it the directories `names`, each in the one before. Those that exist stay. */
bool posix_below_make(const char *dir, const char *const names[], size_t count, struct posix_fault *fault);

/* Removes the last of `names` with all that is in it; what is not there is removed. What can be removed is, and the first that can not
 * be is the fault. A link that stands for a directory on the way is a fault, and at the end is itself what is removed. */
bool posix_below_remove(const char *dir, const char *const names[], size_t count, struct posix_fault *fault);

/* The same of one entry of the open directory `fd`; `path` is what `fd` is, for texts. */
bool posix_entry_remove(int fd, const char *path, const char *name, struct posix_fault *fault);

#endif

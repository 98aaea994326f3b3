/* SPDX-License-Identifier: Apache-2.0 */
/* Which version of an agent is used: the highest that is there as a whole. */
#ifndef POSIX_VERSION_H
#define POSIX_VERSION_H

#include <stdbool.h>
#include <stddef.h>

#include "hosts/posix/fault.h"

enum { POSIX_VERSION_MAX = 256 };

/* Is the name a version: decimal numbers of at most 32 bits with dots between them, as they are printed? */
bool posix_version_is(const char *name);

/* By their numbers, one that is missing being 0; of equal ones the shorter is higher. Negative, 0, positive. */
int posix_version_compare(const char *a, const char *b);

/* The highest subdirectory of `dir` that has all of `files`, each something that is no directory. `shown` is the directory that the text
 * names when there is none. (runtime-and-agents: 3.1.) */
bool posix_version_choose(const char *dir, const char *shown, const char *const files[], size_t count, char out[POSIX_VERSION_MAX],
                          struct posix_fault *fault);

#endif

/* SPDX-License-Identifier: Apache-2.0 */
/* Files whose names have a hash of their content: made once, shared by all containers that need the same, never changed. */
#ifndef POSIX_GENERATED_H
#define POSIX_GENERATED_H

#include <stdbool.h>
#include <stddef.h>

#include "hosts/posix/fault.h"

enum { POSIX_HASH_LEN = 44 }; /* base64 of 32 bytes, with padding */

/* SHA-256 as base64url with padding, NUL-terminated. */
bool posix_hash(const char *data, size_t len, char out[POSIX_HASH_LEN + 1]);

/* Sees to it that `dir` has the file `<prefix><hash><suffix>` with this content and mode 0644. One that is there with the same content
 * is left alone; whatever else has that name is replaced, a directory with all that is in it. Appears as a whole or not at all. `dir`
 * itself is made if it is missing, but not what leads to it. (runtime-and-agents: 3.2, 5 and 6.) */
bool posix_generated_make(const char *dir, const char *prefix, const char *suffix, const char *content, size_t len, char *out_name,
                          size_t size, struct posix_fault *fault);

#endif

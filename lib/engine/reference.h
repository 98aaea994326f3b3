/* SPDX-License-Identifier: Apache-2.0 */
/* Image references as text: tags, digests, repositories, and what the texts of failed pulls become (task-engine: section 11.3). */
#ifndef ENGINE_REFERENCE_H
#define ENGINE_REFERENCE_H

#include <stdbool.h>
#include <stddef.h>

#include "engine/ops.h"

/* The digest (`sha256:...`) of `repo@digest`, or NULL. Borrowed. */
const char *reference_digest(const char *reference);
/* `repo:tag` as it is, `repo` with `:latest`. */
void reference_with_tag(const char *reference, char *out, size_t size);
/* `repo:tag` and a digest: `repo@digest`. */
void reference_with_digest(const char *reference, const char *digest, char *out, size_t size);
/* Do both name the same repository, `busybox` being `docker.io/library/busybox`? */
bool reference_same_repository(const char *left, const char *right);
/* The failure of a pull with the text that users are given: hints before, URLs of layers taken out. Returns `failure` or `out`. */
const struct failure *reference_augment(const struct failure *failure, struct failure *out);

#endif

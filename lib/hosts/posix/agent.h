/* SPDX-License-Identifier: Apache-2.0 */
/* What a managed agent needs on the host: made or found before its container is created, and taken away with its task. */
#ifndef POSIX_AGENT_H
#define POSIX_AGENT_H

#include <stdbool.h>
#include <stddef.h>

#include "hosts/posix/fault.h"
#include "hosts/posix/version.h"

enum { POSIX_AGENT_FILES_MAX = 16, POSIX_AGENT_NAME_MAX = 256 };

struct posix_agent_found {
    char version[POSIX_VERSION_MAX]; /* "": none was asked for */
    char files[POSIX_AGENT_FILES_MAX][POSIX_AGENT_NAME_MAX];
    size_t file_count;
};

/* `config` is the document of AGENT_PREPARE (docs/posix-host.md). Steps that it does not have are not done; the first that fails ends
 * it, and what was written stays. */
bool posix_agent_prepare(const char *config, size_t len, struct posix_agent_found *out_found, struct posix_fault *fault);

/* `config` is the document of AGENT_CLEAN. May be asked twice. */
bool posix_agent_clean(const char *config, size_t len, struct posix_fault *fault);

#endif

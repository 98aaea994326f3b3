/* SPDX-License-Identifier: Apache-2.0 */
/* libecsengine-host: what an engine asks of its host and is plain POSIX work, done by a thread of its own.
 *
 * So far AGENT_PREPARE and AGENT_CLEAN, the files of managed agents (docs/posix-host.md). A host may do them in another way, or not at
 * all: each is an operation like others. After ecsengine_posix_attach() they come by ecsengine_next_op(); the host passes on what it
 * takes there:
 *
 *     while ((op = ecsengine_next_op(engine)) != NULL)
 *         if (!ecsengine_posix_take(posix, op))
 *             ...                                        // one of its own
 *
 * What an operation's document names is done as it stands there: directories that the operator has configured are reached through
 * symbolic links, but below the directory of logs, where containers write, none is followed and nothing outside of it is touched. */
#ifndef ECSENGINE_POSIX_H
#define ECSENGINE_POSIX_H

#include "ecsengine/runtime.h"

#ifdef __cplusplus
extern "C" {
#endif

typedef struct ecsengine_posix ecsengine_posix;

/* Starts the thread, which sleeps until there is work. Owned by the caller. EINVAL, ENOMEM, ESYSTEM (no thread). */
ECSENGINE_API int ecsengine_posix_new(ecsengine_posix **out_posix, ecsengine_error **error);

/* Keeps the kinds of operations that this library does from the engine's runtime (ecsengine_keep_op), before the engine's first
 * dispatch. One object may serve several engines. EINVAL, ESTATE. */
ECSENGINE_API int ecsengine_posix_attach(ecsengine_posix *posix, ecsengine *engine, ecsengine_error **error);

/* Takes over an operation that the host got from ecsengine_next_op(), and completes it later, from its own thread, in the order in which
 * they were taken; or a CANCEL of one that it has. 0: it is none of ours, and still the caller's. Never blocks on the work. Any thread. */
ECSENGINE_API int32_t ecsengine_posix_take(ecsengine_posix *posix, ecsengine_op *op);

/* Waits for what is being done, fails what is not begun (CANCELLED), ends the thread and frees the object. Before or after the engines
 * are freed; NULL is fine. */
ECSENGINE_API void ecsengine_posix_free(ecsengine_posix *posix);

#ifdef __cplusplus
}
#endif
#endif

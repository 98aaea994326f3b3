/* SPDX-License-Identifier: Apache-2.0 */
/* The host's resources: what there is to give out, who has it, and who waits for it; and changing that while tasks run. */
#ifndef ECSENGINE_HOST_H
#define ECSENGINE_HOST_H

#include "ecsengine/engine.h"

#ifdef __cplusplus
extern "C" {
#endif

/* How much of it is asked for. */
enum ecsengine_host_detail {
    ECSENGINE_HOST_NONE = 0,   /* nothing: refused */
    ECSENGINE_HOST_TOTALS = 1, /* each resource, the policy, how many have something and how many wait */
    ECSENGINE_HOST_HOLDERS = 2 /* also who has what, and the queue in its order: as long as there are tasks */
};

/* Gives one of these configuration keys another value (config.h; written as there), from the turn on that applies it: host-cpu,
 * host-memory, host-gpus, reserved-memory, reserved-ports, reserved-ports-udp, admission-policy, backfill-overtake-limit. Both texts are
 * copied; the value is read on the calling thread. Waiting tasks that fit now are admitted in that turn. A host may be made smaller than
 * what is given out: nobody is stopped, and nobody is admitted until so much has been given back. A change lasts as long as the engine: it
 * is in no record, and the next engine begins with its configuration. `out_command_id` may be NULL. Any thread.
 * EINVAL (no such key, or no such value: the message has what would be right), ENOMEM, ECLOSED. */
ECSENGINE_API int ecsengine_host_set(ecsengine *engine, const char *key, const char *value, uint64_t *out_command_id,
                                     ecsengine_error **error);

/* The host as JSON (docs/documents.md), after the last turn. The text is owned by the caller. Any thread, callbacks but the log hook
 * included. EINVAL, ENOMEM. */
ECSENGINE_API int ecsengine_host_describe(ecsengine *engine, enum ecsengine_host_detail detail, ecsengine_text **out_text,
                                          ecsengine_error **error);

#ifdef __cplusplus
}
#endif
#endif

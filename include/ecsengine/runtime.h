/* SPDX-License-Identifier: Apache-2.0 */
/* Runtimes: how a container runtime is joined to an engine.
 *
 * A runtime is whatever performs operations (op.h) and tells what happens to containers. It can pull operations, or be handed them
 * through a vtable: the same operations from the same queue. Events are hints: the engine inspects before it believes. */
#ifndef ECSENGINE_RUNTIME_H
#define ECSENGINE_RUNTIME_H

#include "ecsengine/op.h"

#ifdef __cplusplus
extern "C" {
#endif

typedef struct ecsengine_runtime_vtable {
    size_t size; /* sizeof(ecsengine_runtime_vtable), as the caller's compiler saw it */
    /* Takes ownership of one operation; must not block; may complete it at once. Dispatching thread. Required. */
    void (*submit)(ecsengine_op *op, void *user_data);
    /* The operation with this id is not wanted any more. A hint. Dispatching thread. NULL: not interested. */
    void (*cancel)(uint64_t op_id, void *user_data);
    /* The engine is being freed and will not call again. After this returns no event may be sent to it; operations that are out may still
     * be completed (ECLOSED). NULL: nothing to close. */
    void (*close)(void *user_data);
} ecsengine_runtime_vtable;

/* Fills in `size` and zeroes the rest. `size` is the caller's sizeof. */
ECSENGINE_API void ecsengine_runtime_vtable_init(ecsengine_runtime_vtable *vtable, size_t size);

/* Joins a runtime to the engine, before the first dispatch. The table is copied. EINVAL (size, no submit), ESTATE. */
ECSENGINE_API int ecsengine_set_runtime(ecsengine *engine, const ecsengine_runtime_vtable *vtable, void *user_data,
                                        ecsengine_error **error);

/* Operations of this kind are not for the joined runtime: they wait for ecsengine_next_op(), and so does the CANCEL of one. For what a
 * host does itself beside a finished runtime, such as RESOURCE_CREATE and RESOURCE_REMOVE, or PROVISION. May be called for several kinds,
 * before the first dispatch. EINVAL (no such kind, or CANCEL), ESTATE. */
ECSENGINE_API int ecsengine_keep_op(ecsengine *engine, enum ecsengine_op_kind kind, ecsengine_error **error);

/* What happened to a container, as the runtime says it (Docker's event names). */
enum ecsengine_runtime_event_kind {
    ECSENGINE_RUNTIME_EVENT_NONE = 0,
    ECSENGINE_RUNTIME_EVENT_CREATE = 1,
    ECSENGINE_RUNTIME_EVENT_START = 2,
    ECSENGINE_RUNTIME_EVENT_DIE = 3,
    ECSENGINE_RUNTIME_EVENT_STOP = 4,
    ECSENGINE_RUNTIME_EVENT_OOM = 5,
    ECSENGINE_RUNTIME_EVENT_HEALTHY = 6,
    ECSENGINE_RUNTIME_EVENT_UNHEALTHY = 7,
    ECSENGINE_RUNTIME_EVENT_RESTART = 8,
    ECSENGINE_RUNTIME_EVENT_DESTROY = 9,
    ECSENGINE_RUNTIME_EVENT_EXEC_DIE = 10 /* a process that was started by EXEC_START has ended; details: exec id, exit code if known */
};

/* One event of a container (its runtime id, or its runtime name). Containers that are not the engine's are ignored: forward all.
 * `details` may be NULL; it may carry the exit code, and a whole record, which then saves the inspection. Its ownership goes to the
 * engine, whatever is returned. Any thread. EINVAL, ENOMEM, ECLOSED. */
ECSENGINE_API int ecsengine_runtime_event(ecsengine *engine, enum ecsengine_runtime_event_kind kind, const char *container,
                                          ecsengine_result *details, ecsengine_error **error);

/* The event stream that SUBSCRIBE opened has ended; `reason` is copied, may be NULL. The engine subscribes again, then inspects what
 * it may have missed. Any thread. ENOMEM, ECLOSED. */
ECSENGINE_API int ecsengine_runtime_lost(ecsengine *engine, const char *reason, ecsengine_error **error);

#ifdef __cplusplus
}
#endif
#endif

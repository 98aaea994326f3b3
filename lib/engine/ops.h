/* SPDX-License-Identifier: Apache-2.0 */
/* Operations in flight. */
#ifndef ENGINE_OPS_H
#define ENGINE_OPS_H

#include "engine/engine.h"

/* Makes an operation and puts it into the outputs, with a deadline of `limit_ns` from now (INT64_MAX: none). The caller keeps a pointer
 * to it and may fill in what is particular to the kind. Memory was reserved. */
struct ecsengine_op *op_emit(struct engine *engine, enum ecsengine_op_kind kind, struct container *container, int64_t limit_ns);
/* The same about a resource. */
struct ecsengine_op *op_emit_for_resource(struct engine *engine, enum ecsengine_op_kind kind, struct resource *resource,
                                          int64_t limit_ns);
/* True for kinds whose work must be heard of, however late: what they make has to be removed again. */
bool op_makes(enum ecsengine_op_kind kind);
/* The engine stops waiting: no answer counts any more; the host is told (CANCEL), but for a create, whose late success is wanted. Gives up
 * the books' reference: the operation may be gone after this. */
void op_abandon(struct engine *engine, struct ecsengine_op *op);
/* Moves the time at which the engine loses patience; what the host sees as deadline stays. */
void op_guard(struct engine *engine, struct ecsengine_op *op, int64_t until_ns);
/* The answer has come: takes it off the books. False if nobody waits for it any more. The caller gives up the inbox's reference. */
bool op_answered(struct engine *engine, struct ecsengine_op *op);

/* Why something failed: what a result, a deadline or the engine itself says. Borrowed texts. */
struct failure {
    enum ecsengine_failure kind; /* NONE: it did not fail */
    const char *name;            /* `CannotStartContainerError` */
    const char *text;
    char buffer[LIMIT_REASON + 1]; /* for texts that are made up on the way */
};

/* The result of an operation as a failure of that kind's error name; NULL is want of memory in the host. */
void failure_of(struct failure *failure, const struct ecsengine_op *op, const struct ecsengine_result *result);
/* The operation was not answered in time (task-engine: section 11.1). */
void failure_timeout(struct failure *failure, const struct ecsengine_op *op, int64_t waited_ns);
/* The reference's error name of a kind. */
const char *error_name_of(enum ecsengine_op_kind kind);

#endif

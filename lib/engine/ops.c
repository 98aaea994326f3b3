/* SPDX-License-Identifier: Apache-2.0 */
/* Operations in flight: born with an id that is never used again, on the books until they are answered, at their deadline answered by
 * the engine itself. A host's late answer is harmless then; only the container that a late create made must be removed. */
#include "engine/ops.h"

#include <stdio.h>
#include <string.h>

struct kind_words {
    const char *error_name; /* runtime-and-agents: section 1.1, "other error type" */
    const char *transition; /* "transition word in timeout error" */
};

static const struct kind_words kinds[] = {
    [ECSENGINE_OP_INFO] = {"CannotGetDockerclientError", "listing"},
    [ECSENGINE_OP_PING] = {"CannotGetDockerclientError", "listing"},
    [ECSENGINE_OP_SUBSCRIBE] = {"CannotGetDockerclientError", "subscribed"},
    [ECSENGINE_OP_PULL_IMAGE] = {"CannotPullContainerError", "pulled"},
    [ECSENGINE_OP_PULL_MANIFEST] = {"CannotPullImageManifestError", "MANIFEST_PULLED"},
    [ECSENGINE_OP_INSPECT_IMAGE] = {"CannotPullImageManifestError", "inspecting"},
    [ECSENGINE_OP_TAG_IMAGE] = {"CannotPullContainerError", "pulled"},
    [ECSENGINE_OP_CREATE] = {"CannotCreateContainerError", "created"},
    [ECSENGINE_OP_START] = {"CannotStartContainerError", "started"},
    [ECSENGINE_OP_STOP] = {"CannotStopContainerError", "stopped"},
    [ECSENGINE_OP_INSPECT] = {"CannotInspectContainerError", "inspecting"},
    [ECSENGINE_OP_REMOVE] = {"CannotRemoveContainerError", "removing"},
    [ECSENGINE_OP_VOLUME_CREATE] = {"CannotCreateVolumeError", "creating volume"},
    [ECSENGINE_OP_VOLUME_INSPECT] = {"CannotInspectVolumeError", "inspecting volume"},
    [ECSENGINE_OP_VOLUME_REMOVE] = {"CannotRemoveVolumeError", "removing volume"},
    [ECSENGINE_OP_RESOURCE_CREATE] = {"ResourceInitializationError", "creating resource"},
    [ECSENGINE_OP_RESOURCE_REMOVE] = {"CannotRemoveResourceError", "removing resource"}, /* the reference has no such operation */
    [ECSENGINE_OP_EXEC_CREATE] = {"CannotCreateContainerExecError", "exec command"},
    [ECSENGINE_OP_EXEC_START] = {"CannotStartContainerExecError", "start exec command"},
    [ECSENGINE_OP_EXEC_INSPECT] = {"CannotInspectContainerExecError", "inspect exec command"},
    [ECSENGINE_OP_EXEC_RUN] = {"CannotRunContainerExecError", "run exec command"}, /* nor has it the three of these */
    [ECSENGINE_OP_AGENT_PREPARE] = {"CannotPrepareAgentError", "preparing agent"},
    [ECSENGINE_OP_AGENT_CLEAN] = {"CannotCleanAgentError", "cleaning agent"},
    [ECSENGINE_OP_PROVISION] = {"ContainerNetworkingError", "provisioned"},
    [ECSENGINE_OP_LIST] = {"CannotListContainersError", "listing"},
};

const char *error_name_of(enum ecsengine_op_kind kind)
{
    const char *name = (size_t)kind < sizeof(kinds) / sizeof(kinds[0]) ? kinds[kind].error_name : NULL;

    return name != NULL ? name : "UnknownError";
}

void op_guard(struct engine *engine, struct ecsengine_op *op, int64_t until_ns)
{
    heap_remove(&engine->timers, &op->timer.node);
    if (until_ns != INT64_MAX)
        heap_insert(&engine->timers, &op->timer.node, until_ns);
}

struct ecsengine_op *op_emit(struct engine *engine, enum ecsengine_op_kind kind, struct container *container, int64_t limit_ns)
{
    struct ecsengine_op *op = mem_sure(engine->mem, sizeof(*op));

    op->root = root_ref(engine->root);
    op->id = ++engine->next_op;
    op->kind = (uint8_t)kind;
    op->begun_ns = engine->mono_ns;
    op->total = op->current = -1;
    op->deadline_ns = limit_ns == INT64_MAX ? INT64_MAX : engine->mono_ns + limit_ns;
    op->timer.kind = TIMER_OP;
    op->completion.kind = INPUT_COMPLETION;
    op->update.kind = INPUT_UPDATE;
    if (container != NULL) {
        op->task = container->task;
        op->arn = str_ref(container->task->arn);
        op->definition = definition_ref(container->task->definition);
        op->container_index = container->index;
        op->runtime_name = str_ref(container->runtime_name);
        op->runtime_id = str_ref(container->runtime_id);
    }
    atomic_init(&op->refs, kind == ECSENGINE_OP_CANCEL ? 1 : 2); /* the books, and the way out */
    engine->looking += kind == ECSENGINE_OP_INSPECT;
    if (kind != ECSENGINE_OP_CANCEL) {
        list_append(&engine->open_ops, &op->open);
        op_guard(engine, op, op->deadline_ns);
    }
    list_append(&engine->ops_out, &op->link);
    return op;
}

struct ecsengine_op *op_emit_for_resource(struct engine *engine, enum ecsengine_op_kind kind, struct resource *resource,
                                          int64_t limit_ns)
{
    struct ecsengine_op *op = op_emit(engine, kind, NULL, limit_ns);

    op->task = resource->task;
    op->arn = str_ref(resource->task->arn);
    op->definition = definition_ref(resource->task->definition);
    op->of_resource = true;
    op->resource_index = resource->index;
    op->runtime_name = str_ref(resource->runtime_name);
    return op;
}

/* Nobody waits for it any more. */
static void close_op(struct engine *engine, struct ecsengine_op *op)
{
    op->answered = true;
    engine->looking -= op->kind == ECSENGINE_OP_INSPECT;
    heap_remove(&engine->timers, &op->timer.node);
    list_remove(&op->open);
}

bool op_makes(enum ecsengine_op_kind kind)
{
    return kind == ECSENGINE_OP_CREATE || kind == ECSENGINE_OP_VOLUME_CREATE || kind == ECSENGINE_OP_RESOURCE_CREATE;
}

void op_abandon(struct engine *engine, struct ecsengine_op *op)
{
    if (op->answered)
        return;
    close_op(engine, op);
    op->task = NULL;
    if (!op_makes((enum ecsengine_op_kind)op->kind)) {
        struct ecsengine_op *cancel = op_emit(engine, ECSENGINE_OP_CANCEL, NULL, INT64_MAX);
        cancel->cancel_id = op->id;
        cancel->cancel_kind = op->kind;
    }
    op_unref(op); /* the books': whoever has it may never answer */
}

bool op_answered(struct engine *engine, struct ecsengine_op *op)
{
    bool waited = !op->answered;

    if (!waited)
        return false;
    close_op(engine, op);
    op_unref(op); /* the books' */
    return true;
}

void failure_of(struct failure *failure, const struct ecsengine_op *op, const struct ecsengine_result *result)
{
    failure->kind = result != NULL ? (enum ecsengine_failure)result->failure : ECSENGINE_FAILURE_OTHER;
    failure->name = error_name_of((enum ecsengine_op_kind)op->kind);
    failure->text = result != NULL ? str_text(result->text) : "the host ran out of memory";
    if (result != NULL && result->error_name != NULL)
        failure->name = result->error_name->data;
}

void failure_timeout(struct failure *failure, const struct ecsengine_op *op, int64_t waited_ns)
{
    char duration[DURATION_TEXT_MAX];

    duration_format(waited_ns, duration);
    failure->kind = ECSENGINE_FAILURE_UNREACHABLE;
    failure->name = "DockerTimeoutError";
    snprintf(failure->buffer, sizeof(failure->buffer), "Could not transition to %s; timed out after waiting %s",
             kinds[op->kind].transition, duration);
    failure->text = failure->buffer;
}

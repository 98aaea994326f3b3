/* SPDX-License-Identifier: Apache-2.0 */
/* A one-off command is an operation and nothing else: what it is about stands in it, so it outlives its task, and no record knows it. */
#include "engine/exec.h"

#include <string.h>

#include "engine/container.h"
#include "engine/events.h"

/* NULL: there is none. */
static struct container *find(struct task *task, const char *name)
{
    int index = task != NULL && task->definition != NULL && task->phase == TASK_ACTIVE ? definition_find(task->definition, name) : -1;

    return index >= 0 ? &task->containers[index] : NULL;
}

void exec_begin(struct engine *engine, struct command *command)
{
    struct container *container = find(engine_find_task(engine, command->arn->data), command->text->data);

    if (container == NULL) {
        events_command(engine, command, ECSENGINE_ENOTFOUND, "there is no such task, or it has no such container");
        return;
    }
    if (!container_is_running(container->known)) {
        events_command(engine, command, ECSENGINE_ESTATE, "the container does not run");
        return;
    }
    struct ecsengine_op *op = op_emit(engine, ECSENGINE_OP_EXEC_RUN, container, command->number);
    op->task = NULL; /* whatever becomes of the task, who asked is told */
    op->command_id = command->id;
    op->create_config = command->config;
    op->create_config_len = command->config_len;
    command->config = NULL;
    events_command(engine, command, 0, NULL);
}

static int code_of(enum ecsengine_failure failure)
{
    switch (failure) {
    case ECSENGINE_FAILURE_NONE:
        return 0;
    case ECSENGINE_FAILURE_NOT_FOUND:
        return ECSENGINE_ENOTFOUND;
    case ECSENGINE_FAILURE_UNSUPPORTED:
        return ECSENGINE_EUNSUPPORTED;
    default:
        return ECSENGINE_EIO;
    }
}

void exec_answer(struct engine *engine, const struct ecsengine_op *op, struct ecsengine_result *result, const struct failure *failure)
{
    struct ecsengine_event *event = events_exec_done(engine);

    event->arn = str_ref(op->arn);
    event->definition = definition_ref(op->definition);
    event->container_index = op->container_index;
    event->command_id = op->command_id;
    event->command_code = code_of(failure->kind);
    if (failure->kind != ECSENGINE_FAILURE_NONE)
        event->reason = str_new_sure(engine->mem, failure->text, strlen(failure->text));
    if (result == NULL)
        return;
    event->has_exit_code = result->has_exit_code;
    event->exit_code = result->exit_code;
    event->output = result->output;
    result->output = NULL;
}

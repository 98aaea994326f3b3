/* SPDX-License-Identifier: Apache-2.0 */
/* An input in words: what the trace of a replay shows. */
#include "driver/input_record.h"
#include "model/manifest.h"
#include "model/task.h"

static const char *const commands[] = {
    [0] = "none",
    [COMMAND_TASK_ADD] = "task-add",
    [COMMAND_TASK_STOP] = "task-stop",
    [COMMAND_TASK_KILL] = "task-kill",
    [COMMAND_SHUTDOWN] = "shutdown",
    [COMMAND_TASK_MANIFEST] = "task-manifest",
    [COMMAND_STOP_VERIFIED] = "task-stop-verified",
    [COMMAND_PAYLOAD_SEQUENCE] = "payload-sequence",
    [COMMAND_CREDENTIALS_SET] = "credentials-set",
    [COMMAND_CREDENTIALS_REMOVE] = "credentials-remove",
    [COMMAND_HOST_SET] = "host-set",
    [COMMAND_EXEC] = "exec",
};

static const char *const notices[] = {
    [ECSENGINE_RUNTIME_EVENT_NONE] = "none",       [ECSENGINE_RUNTIME_EVENT_CREATE] = "create",
    [ECSENGINE_RUNTIME_EVENT_START] = "start",     [ECSENGINE_RUNTIME_EVENT_DIE] = "die",
    [ECSENGINE_RUNTIME_EVENT_STOP] = "stop",       [ECSENGINE_RUNTIME_EVENT_OOM] = "oom",
    [ECSENGINE_RUNTIME_EVENT_HEALTHY] = "healthy", [ECSENGINE_RUNTIME_EVENT_UNHEALTHY] = "unhealthy",
    [ECSENGINE_RUNTIME_EVENT_RESTART] = "restart", [ECSENGINE_RUNTIME_EVENT_DESTROY] = "destroy",
    [ECSENGINE_RUNTIME_EVENT_EXEC_DIE] = "exec-die",
};

static const char *const failures[] = {
    [ECSENGINE_FAILURE_NONE] = "none",
    [ECSENGINE_FAILURE_OTHER] = "other",
    [ECSENGINE_FAILURE_NOT_FOUND] = "not-found",
    [ECSENGINE_FAILURE_CONFLICT] = "conflict",
    [ECSENGINE_FAILURE_UNREACHABLE] = "unreachable",
    [ECSENGINE_FAILURE_UNSUPPORTED] = "unsupported",
    [ECSENGINE_FAILURE_CANCELLED] = "cancelled",
};

static void some(struct buf *buf, const char *key, const struct str *text)
{
    if (str_len(text) > 0)
        json_text(buf, key, text->data);
}

static void describe_result(const struct ecsengine_result *result, struct buf *buf)
{
    if (result == NULL) {
        json_text(buf, "failure", "the host had no memory for a result");
        return;
    }
    if (result->failure != ECSENGINE_FAILURE_NONE)
        json_text(buf, "failure", failures[result->failure]);
    some(buf, "text", result->text);
    some(buf, "errorName", result->error_name);
    some(buf, "containerId", result->container_id);
    if (result->has_record)
        json_bool(buf, "running", result->running);
    if (result->has_exit_code)
        json_int(buf, "exitCode", result->exit_code);
    if (result->oom_killed)
        json_bool(buf, "oomKilled", true);
    some(buf, "stateError", result->state_error);
    if (result->has_health)
        json_text(buf, "health", ecsengine_health_name((enum ecsengine_health)result->health));
    some(buf, "imageId", result->image_id);
    some(buf, "digest", result->digest);
    some(buf, "volumeName", result->volume_name);
    some(buf, "execId", result->exec_id);
    if (result->has_exec) {
        json_bool(buf, "running", result->exec_running);
        json_int(buf, "exitCode", result->exec_code);
    }
    some(buf, "agentVersion", result->agent_version);
    if (result->container_count > 0)
        json_int(buf, "containers", (int64_t)result->container_count);
}

static void describe_command(const struct command *command, struct buf *buf)
{
    json_text(buf, "input", "command");
    json_text(buf, "command", commands[command->kind]);
    json_int(buf, "commandId", (int64_t)command->id);
    some(buf, "taskArn", command->arn);
    if (command->kind == COMMAND_TASK_ADD) {
        json_text(buf, "desiredStatus", ecsengine_task_status_name(command->desired));
        if (command->task->definition != NULL)
            json_text(buf, "family", command->task->definition->family);
        some(buf, "refusal", command->task->reason);
    }
    if (command->kind == COMMAND_CREDENTIALS_SET || command->kind == COMMAND_CREDENTIALS_REMOVE || command->credentials[0] != NULL)
        some(buf, "credentialsId", command->credentials[0] != NULL ? command->credentials[0]->id : command->text);
    if (command->manifest != NULL) {
        some(buf, "messageId", command->manifest->message_id);
        json_int(buf, "tasks", (int64_t)command->manifest->count);
    }
    if (command->kind == COMMAND_PAYLOAD_SEQUENCE)
        json_int(buf, "sequenceNumber", command->number);
    if (command->kind == COMMAND_EXEC)
        json_text(buf, "containerName", command->text->data);
    if (command->kind == COMMAND_HOST_SET)
        json_text(buf, "key", setting_key(command->setting));
}

static void describe_op(const struct ecsengine_op *op, struct buf *buf)
{
    json_int(buf, "opId", (int64_t)op->id);
    json_text(buf, "kind", ecsengine_op_kind_name((enum ecsengine_op_kind)op->kind));
    some(buf, "taskArn", op->arn);
    if (ecsengine_op_container_name(op)[0] != '\0')
        json_text(buf, "containerName", ecsengine_op_container_name(op));
}

static void describe_notice(const struct runtime_notice *notice, struct buf *buf)
{
    json_text(buf, "input", "runtime-event");
    json_text(buf, "event", notices[notice->kind]);
    some(buf, "container", notice->container);
    if (notice->details != NULL)
        describe_result(notice->details, buf);
}

static void describe_answer(const struct store_answer *answer, struct buf *buf)
{
    json_text(buf, "input", "store");
    json_int(buf, "batchId", (int64_t)answer->batch_id);
    json_text(buf, "code", answer->code == 0 ? "OK" : ecsengine_code_name(answer->code));
}

void input_describe(const struct input *input, struct buf *buf)
{
    json_open(buf, NULL, '{');
    switch (input->kind) {
    case INPUT_COMMAND:
        describe_command(container_of(input, struct command, input), buf);
        break;
    case INPUT_COMPLETION:
        json_text(buf, "input", "completion");
        describe_op(container_of(input, struct ecsengine_op, completion), buf);
        describe_result(container_of(input, struct ecsengine_op, completion)->result, buf);
        break;
    case INPUT_UPDATE:
        json_text(buf, "input", "update");
        describe_op(container_of(input, struct ecsengine_op, update), buf);
        json_text(buf, "text", container_of(input, struct ecsengine_op, update)->update_text);
        break;
    case INPUT_RUNTIME_EVENT:
        describe_notice(container_of(input, struct runtime_notice, input), buf);
        break;
    case INPUT_RUNTIME_LOST:
        json_text(buf, "input", "runtime-lost");
        some(buf, "reason", container_of(input, struct runtime_notice, input)->reason);
        break;
    case INPUT_ACK:
        json_text(buf, "input", "acknowledgement");
        json_int(buf, "eventId", (int64_t)container_of(input, struct acknowledgement, input)->event_id);
        break;
    default:
        describe_answer(container_of(input, struct store_answer, input), buf);
        break;
    }
    json_close(buf, '}');
}

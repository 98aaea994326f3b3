/* SPDX-License-Identifier: Apache-2.0 */
/* What is: tasks and containers as JSON. */
#include "engine/describe.h"

#include "engine/explain.h"
#include "engine/restart.h"

static const char *status_of(container_status status) { return ecsengine_container_status_name((enum ecsengine_container_status)status); }

void describe_list(const struct engine *engine, struct buf *out)
{
    json_open(out, NULL, '{');
    json_open(out, "tasks", '[');
    for (const struct list *node = engine->all.next; node != &engine->all; node = node->next) {
        const struct task *task = container_of(node, struct task, all);
        if (task->phase == TASK_REMOVED)
            continue;
        json_open(out, NULL, '{');
        json_text(out, "taskArn", str_text(task->arn));
        json_text(out, "family", task->definition != NULL ? task->definition->family : "");
        json_text(out, "version", task->definition != NULL ? task->definition->version : "");
        json_text(out, "knownStatus", ecsengine_task_status_name((enum ecsengine_task_status)task->known));
        json_text(out, "desiredStatus", ecsengine_task_status_name((enum ecsengine_task_status)task->desired));
        json_close(out, '}');
    }
    json_close(out, ']');
    json_close(out, '}');
}

static void describe_ports(const struct container *container, struct buf *out)
{
    json_open(out, "networkBindings", '[');
    for (uint32_t i = 0; container->ports != NULL && i < container->ports->count; i++) {
        const struct port_binding *port = &container->ports->items[i];
        json_open(out, NULL, '{');
        json_int(out, "containerPort", port->container_port);
        json_int(out, "hostPort", port->host_port);
        json_text(out, "bindIP", port->bind_ip);
        json_text(out, "protocol", port->protocol == PROTOCOL_UDP ? "udp" : "tcp");
        json_close(out, '}');
    }
    json_close(out, ']');
}

static void describe_container(const struct engine *engine, const struct container *container, struct buf *out)
{
    json_open(out, NULL, '{');
    json_text(out, "containerName", container_def(container)->name);
    json_text(out, "image", container_def(container)->image);
    json_bool(out, "essential", container_def(container)->essential);
    json_text(out, "desiredStatus", status_of(container->desired));
    json_text(out, "knownStatus", status_of(container->known));
    json_text(out, "appliedStatus", status_of(container->applied));
    json_text(out, "health", ecsengine_health_name((enum ecsengine_health)container->health));
    if (container->has_exit_code)
        json_int(out, "exitCode", container->exit_code);
    json_text(out, "reason", str_text(container->error));
    json_text(out, "runtimeId", str_text(container->runtime_id));
    json_text(out, "runtimeName", str_text(container->runtime_name));
    if (container->image_digest != NULL)
        json_text(out, "imageDigest", container->image_digest->data);
    json_int(out, "createdAt", container->created_at);
    json_int(out, "startedAt", container->started_at);
    json_int(out, "finishedAt", container->finished_at);
    if (container->op != NULL && container->op->kind == ECSENGINE_OP_PULL_IMAGE) {
        json_open(out, "pull", '{');
        json_int(out, "current", container->op->current);
        json_int(out, "total", container->op->total);
        json_text(out, "text", container->op->progress);
        json_close(out, '}');
    }
    describe_ports(container, out);
    if (container_def(container)->restart != NULL)
        json_int(out, "restartCount", container->restart != NULL ? container->restart->count : 0);
    restart_json(container, out);
    if (agent_count(container) > 0)
        explain_agents(engine, container, EXPLAIN_JSON, out);
    json_close(out, '}');
}

static void describe_resource(const struct resource *resource, struct buf *out)
{
    json_open(out, NULL, '{');
    json_text(out, "resourceName", resource_def(resource)->name);
    json_text(out, "resourceType", resource_def(resource)->type);
    json_text(out, "desiredStatus", resource_status_name(resource->desired));
    json_text(out, "knownStatus", resource_status_name(resource->known));
    json_text(out, "appliedStatus", resource_status_name(resource->applied));
    json_text(out, "reason", str_text(resource->error));
    json_text(out, "runtimeName", str_text(resource->runtime_name));
    json_close(out, '}');
}

void describe_task(const struct engine *engine, const struct task *task, struct buf *out)
{
    json_open(out, NULL, '{');
    json_text(out, "taskArn", str_text(task->arn));
    json_text(out, "family", task->definition != NULL ? task->definition->family : "");
    json_text(out, "version", task->definition != NULL ? task->definition->version : "");
    json_text(out, "desiredStatus", ecsengine_task_status_name((enum ecsengine_task_status)task->desired));
    json_text(out, "knownStatus", ecsengine_task_status_name((enum ecsengine_task_status)task->known));
    json_text(out, "reason", str_text(task->reason));
    json_open(out, "notices", '[');
    for (size_t i = 0; i < task->notice_count; i++)
        json_text(out, NULL, str_text(task->notices[i]));
    json_close(out, ']');
    json_int(out, "pullStartedAt", task->pull_started_at);
    json_int(out, "pullStoppedAt", task->pull_stopped_at);
    json_int(out, "executionStoppedAt", task->execution_stopped_at);
    json_open(out, "containers", '[');
    for (uint16_t i = 0; i < task->container_count; i++)
        describe_container(engine, &task->containers[i], out);
    json_close(out, ']');
    json_open(out, "resources", '[');
    for (uint16_t i = 0; i < task->resource_count; i++)
        describe_resource(&task->resources[i], out);
    json_close(out, ']');
    json_close(out, '}');
}

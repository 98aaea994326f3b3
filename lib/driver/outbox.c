/* SPDX-License-Identifier: Apache-2.0 */
/* The outbox: what the turn made leaves when what it relies on is durable. A create relies on the record of its task, with the names of
 * its containers and resources; a restart by policy on the record that counts it; a removal on the record that says how the container
 * ended; an event relies on the batch of the turn that made it; all else relies on nothing. The body of a create is put together when it
 * leaves, out of the definition and what is only known now. */
#include "driver/driver.h"

#include "engine/accounting.h"
#include "engine/agent.h"
#include "engine/ops.h"
#include "engine/restart.h"
#include "spec/container_config.h"
#include "spec/volume_config.h"

static uint64_t needs(const struct ecsengine *handle, const struct ecsengine_op *op, uint64_t turn)
{
    if (op->after_record)
        return turn;
    if (!op_makes((enum ecsengine_op_kind)op->kind) || turn == 0 || op->task == NULL)
        return 0;
    uint64_t id = op->task->saved_batch != 0 ? op->task->saved_batch : handle->next_batch;
    return id <= handle->durable || id == SAVED_BEFORE ? 0 : id;
}

/* Behind what waits for the same batch or an older one: nobody waits for a batch that is not his. */
static void wait_in_order(struct ecsengine *handle, struct ecsengine_op *op)
{
    struct list *before = handle->ops_wait.prev;

    while (before != &handle->ops_wait && container_of(before, struct ecsengine_op, link)->batch_id > op->batch_id)
        before = before->prev;
    list_prepend(before, &op->link);
}

void outbox_sort(struct ecsengine *handle)
{
    uint64_t turn = writeahead_batch_of_turn(handle);
    struct list *node;

    while ((node = list_shift(&handle->engine.ops_out)) != NULL) {
        struct ecsengine_op *op = container_of(node, struct ecsengine_op, link);
        op->batch_id = needs(handle, op, turn);
        if (op->batch_id != 0)
            op_guard(&handle->engine, op, INT64_MAX); /* its time begins when it leaves */
        if (op->batch_id != 0)
            wait_in_order(handle, op);
        else
            list_append(&handle->ops_now, node);
    }
    while ((node = list_shift(&handle->engine.events_out)) != NULL) {
        struct ecsengine_event *event = container_of(node, struct ecsengine_event, link);
        bool of_host = event->kind == ECSENGINE_EVENT_READY || event->kind == ECSENGINE_EVENT_RUNTIME ||
                       event->kind == ECSENGINE_EVENT_STORE;
        event->batch_id = of_host ? 0 : turn;
        if (event->time_ns == 0)
            event->time_ns = handle->engine.wall_ns; /* told while records were given back, when there was no time yet */
        list_append(of_host ? &handle->events_now : &handle->events_wait, node);
    }
}

/* Whose names, ports and agents they are. */
struct names {
    const struct ecsengine *handle;
    const struct task *task;
};

static const char *runtime_name(const void *names, uint16_t index)
{
    return str_text(((const struct names *)names)->task->containers[index].runtime_name);
}

static const char *volume_name(const void *names, uint16_t index)
{
    return str_text(((const struct names *)names)->task->resources[index].runtime_name);
}

static uint16_t host_port(const void *names, uint16_t index, uint16_t mapping)
{
    return accounting_port_of(((const struct names *)names)->task, index, mapping);
}

static const char *gpu(const void *names, uint16_t index, size_t n)
{
    return accounting_gpu_of(((const struct names *)names)->task, index, n);
}

static void agent_binds(const void *names, uint16_t index, struct buf *out)
{
    const struct container *container = &((const struct names *)names)->task->containers[index];
    const struct engine *engine = &((const struct names *)names)->handle->engine;

    for (uint16_t i = 0; i < agent_count(container); i++) {
        const struct agent *agent = &container->agents[i];
        if (agent->uuid == NULL || agent_def(agent)->description->binds[0] == '\0')
            continue;
        buf_puts(out, out->comma ? "," : "");
        agent_expand(engine, agent, agent_def(agent)->description->binds, out);
        out->comma = true;
    }
}

static void build_container(const struct ecsengine *handle, const struct ecsengine_op *op, struct buf *buf)
{
    const struct names names = {handle, op->task};
    struct config_facts facts = {
        .task_arn = str_text(op->arn),
        .cluster = handle->engine.settings.cluster,
        .instance = str_text(handle->engine.instance),
        .runtime_name = runtime_name,
        .volume_name = volume_name,
        .host_port = host_port,
        .gpu = gpu,
        .agent_binds = agent_binds,
        .names = &names,
    };

    container_config_build(op->definition, op->container_index, &facts, buf);
}

/* The body of what asks for a container or a volume. */
enum { USUAL_CONFIG = 1023 };

static int finish_create(struct ecsengine *handle, struct ecsengine_op *op)
{
    bool container = op->kind == ECSENGINE_OP_CREATE, volume = op->kind == ECSENGINE_OP_VOLUME_CREATE;
    const char *template = op->of_agent ? agent_template(op) : NULL;
    struct buf buf;

    if ((!container && !volume && template == NULL) || op->create_config != NULL || op->task == NULL)
        return 0;
    buf_init(&buf, handle->engine.mem, 0);
    buf_room(&buf, USUAL_CONFIG); /* so that it need not grow step by step */
    if (container)
        build_container(handle, op, &buf);
    else if (template != NULL)
        agent_expand(&handle->engine, &op->task->containers[op->container_index].agents[op->agent_index], template, &buf);
    else
        volume_config_build(&op->definition->resources[op->resource_index], str_text(op->runtime_name), &buf);
    op->create_config = buf_take(&buf, &op->create_config_len);
    buf_free(&buf);
    return op->create_config != NULL ? 0 : ECSENGINE_ENOMEM;
}

static int release_ops(struct ecsengine *handle, struct list *from, struct list *out)
{
    while (!list_empty(from)) {
        struct ecsengine_op *op = container_of(from->next, struct ecsengine_op, link);
        if (op->batch_id > handle->durable)
            return 0;
        if (finish_create(handle, op) < 0)
            return ECSENGINE_ENOMEM;
        list_remove(&op->link);
        op->left = true;
        if (op->batch_id != 0 && !op->answered) {
            op->deadline_ns += handle->engine.mono_ns - op->begun_ns;
            op->begun_ns = handle->engine.mono_ns;
            op_guard(&handle->engine, op, op->deadline_ns);
            restart_leaves(&handle->engine, op);
        }
        if (op->answered && op->kind != ECSENGINE_OP_CANCEL)
            op_unref(op); /* given up before it left: nobody needs to know of it */
        else
            list_append(out, &op->link);
    }
    return 0;
}

int outbox_release(struct ecsengine *handle, struct list *ops, struct list *events)
{
    struct list *node;
    int code = 0;

    while ((node = list_shift(&handle->events_now)) != NULL)
        list_append(events, node);
    while (!list_empty(&handle->events_wait)) {
        struct ecsengine_event *event = container_of(handle->events_wait.next, struct ecsengine_event, link);
        if (event->batch_id > handle->durable)
            break;
        list_remove(&event->link);
        list_append(events, &event->link);
    }
    if (handle->engine.shut_down)
        return 0; /* the containers are left as they are */
    code = release_ops(handle, &handle->ops_now, ops);
    return code < 0 ? code : release_ops(handle, &handle->ops_wait, ops);
}

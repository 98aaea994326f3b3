/* SPDX-License-Identifier: Apache-2.0 */
/* Tasks: birth and end. */
#include "model/task.h"

#include "model/event.h"

/* False: no memory. */
static bool add_agents(struct container *container)
{
    uint16_t count = container_def(container)->agent_count;

    if (count == 0)
        return true;
    container->agents = mem_array(container->task->mem, count, sizeof(*container->agents));
    for (uint8_t i = 0; container->agents != NULL && i < count; i++) {
        container->agents[i].index = i;
        container->agents[i].container = container;
        container->agents[i].timer.kind = TIMER_AGENT;
    }
    return container->agents != NULL;
}

struct task *task_new(struct mem *mem, struct str *arn, struct definition *definition, struct str *refusal)
{
    uint16_t count = definition != NULL ? definition->container_count : 0;
    uint16_t resources = definition != NULL ? definition->resource_count : 0;
    struct task *task =
        mem_zalloc(mem, sizeof(*task) + count * sizeof(task->containers[0]) + resources * sizeof(task->resources[0]));

    if (task == NULL)
        return NULL;
    task->mem = mem;
    task->arn = str_ref(arn);
    task->definition = definition_ref(definition);
    task->reason = str_ref(refusal);
    task->container_count = count;
    for (uint16_t i = 0; i < count; i++) {
        task->containers[i].index = i;
        task->containers[i].task = task;
        task->containers[i].retry.kind = TIMER_RETRY;
        task->containers[i].inspect_timer.kind = TIMER_INSPECT;
        task->containers[i].start_timer.kind = TIMER_START_TIMEOUT;
    }
    task->resource_count = resources;
    task->resources = (struct resource *)&task->containers[count];
    for (uint16_t i = 0; i < resources; i++) {
        task->resources[i].index = i;
        task->resources[i].task = task;
        task->resources[i].retry.kind = TIMER_RESOURCE;
    }
    task->timer.kind = TIMER_TASK;
    list_init(&task->open_events);
    list_init(&task->charged_ports);
    list_init(&task->charged_gpus);
    for (uint16_t i = 0; i < count; i++)
        if (!add_agents(&task->containers[i])) {
            task_free(task);
            return NULL;
        }
    return task;
}

void restart_free(struct mem *mem, struct restart *restart)
{
    if (restart == NULL)
        return;
    str_unref(restart->error_name);
    str_unref(restart->error_text);
    mem_free(mem, restart);
}

static void agents_free(struct container *container)
{
    for (uint16_t i = 0; i < agent_count(container); i++) {
        struct agent *agent = &container->agents[i];
        struct str *texts[] = {agent->uuid, agent->version, agent->files, agent->exec_id, agent->reason, agent->trouble};
        for (size_t j = 0; j < sizeof(texts) / sizeof(texts[0]); j++)
            str_unref(texts[j]);
    }
    mem_free(container->task->mem, container->agents);
}

static void container_clear(struct container *container)
{
    str_unref(container->runtime_name);
    str_unref(container->runtime_id);
    str_unref(container->error);
    str_unref(container->failure);
    str_unref(container->failure_name);
    str_unref(container->trouble);
    str_unref(container->image_digest);
    str_unref(container->health_output);
    ports_unref(container->ports);
    restart_free(container->task->mem, container->restart);
    agents_free(container);
}

void task_drop_charge(struct task *task)
{
    struct list *node;

    while ((node = list_shift(&task->charged_ports)) != NULL)
        mem_free(task->mem, container_of(node, struct port_charge, link));
    while ((node = list_shift(&task->charged_gpus)) != NULL)
        mem_free(task->mem, container_of(node, struct gpu_charge, link));
    task->charged = false;
    task->charged_cpu_units = task->charged_memory_mib = 0;
}

void task_free(struct task *task)
{
    if (task == NULL)
        return;
    for (uint16_t i = 0; i < task->container_count; i++)
        container_clear(&task->containers[i]);
    for (uint16_t i = 0; i < task->resource_count; i++) {
        str_unref(task->resources[i].runtime_name);
        str_unref(task->resources[i].error);
    }
    task_drop_charge(task);
    for (size_t i = 0; i < task->notice_count; i++)
        str_unref(task->notices[i]);
    mem_free(task->mem, task->notices);
    event_batch_free(task->batch_first);
    str_unref(task->arn);
    str_unref(task->reason);
    str_unref(task->execution_credentials_id);
    str_unref(task->role_credentials_id);
    definition_unref(task->definition);
    mem_free(task->mem, task);
}

/* SPDX-License-Identifier: Apache-2.0 */
/* Agents before their container is, and after it is gone: what they mount is found and made by the host before the create, what they have
 * logged is taken away with the task. An agent that can't be made ready is reported, and its container does without it (3.2, 3.4).
 *
 * What is mounted says under which directory the agent is found later, so the record has it before the create leaves. */
#include <stdio.h>
#include <string.h>

#include "base/prng.h"
#include "engine/agent.h"
#include "engine/transitions.h"

/* A random UUID of the container's own name, so that it is the same however often this is asked. */
static struct str *uuid_of(struct engine *engine, const struct agent *agent)
{
    uint64_t n = (uint64_t)agent->container->index << 32 | (uint64_t)agent->index << 1;
    const struct str *name = agent->container->runtime_name;
    uint64_t high = prng_draw(engine->seed, str_text(name), str_len(name), DRAW_AGENT_ID, n);
    uint64_t low = prng_draw(engine->seed, str_text(name), str_len(name), DRAW_AGENT_ID, n | 1);
    char text[40];
    int used = snprintf(text, sizeof(text), "%08llx-%04llx-4%03llx-%04llx-%012llx", (unsigned long long)(high >> 32),
                        (unsigned long long)(high >> 16 & 0xffff), (unsigned long long)(high & 0xfff),
                        (unsigned long long)(low >> 48 & 0x3fff) | 0x8000, (unsigned long long)(low & 0xffffffffffff));

    return str_new_sure(engine->mem, text, (size_t)used);
}

bool agent_prepare(struct engine *engine, struct container *container)
{
    for (uint16_t i = 0; i < agent_count(container); i++) {
        struct agent *agent = &container->agents[i];
        if (agent->prepared)
            continue;
        str_unref(agent->uuid);
        agent->uuid = uuid_of(engine, agent);
        agent->prepared = agent_def(agent)->description->prepare[0] == '\0';
        if (agent->prepared)
            continue;
        struct ecsengine_op *op = transition_op(engine, container, ECSENGINE_OP_AGENT_PREPARE, NS_PER_MINUTE);
        op->of_agent = true;
        op->agent_index = agent->index;
        return true;
    }
    return false;
}

static struct str *files_of(struct engine *engine, const struct ecsengine_result *result)
{
    char text[LIMIT_AGENT_FILES * (LIMIT_NAME + 1) + 1] = "";
    size_t used = 0;

    for (size_t i = 0; i < result->agent_file_count; i++)
        used += (size_t)snprintf(text + used, sizeof(text) - used, "%s\n", str_text(result->agent_files[i]));
    return str_new_sure(engine->mem, text, used);
}

void agent_prepared(struct engine *engine, struct container *container, const struct ecsengine_op *op, const struct ecsengine_result *result,
                    const struct failure *failure)
{
    struct agent *agent = &container->agents[op->agent_index];

    if (container->known == ECSENGINE_CONTAINER_STOPPED || agent->prepared)
        return;
    agent->prepared = true;
    engine_dirty(engine, container->task);
    if (failure->kind == ECSENGINE_FAILURE_NONE) {
        agent->version = str_ref(result->agent_version);
        agent->files = files_of(engine, result);
        return;
    }
    agent->init_failed = true;
    str_unref(agent->uuid);
    agent->uuid = NULL;
    agent_tell(engine, agent, ECSENGINE_AGENT_STOPPED, "%s Initialization failed - %s", agent_def(agent)->name, failure->text);
}

/* One of its kind that comes before it in the task sweeps for it: what is left behind is the task's. */
static bool swept_by_another(const struct task *task, const struct agent *agent)
{
    for (uint16_t i = 0; i <= agent->container->index; i++)
        for (uint16_t j = 0; j < agent_count(&task->containers[i]); j++) {
            const struct agent *other = &task->containers[i].agents[j];
            if (other == agent)
                return false;
            if (other->prepared && strcmp(agent_def(other)->name, agent_def(agent)->name) == 0)
                return true;
        }
    return false;
}

bool agents_sweep(struct engine *engine, struct task *task)
{
    bool clean = true;

    for (uint16_t i = 0; i < task->container_count; i++)
        for (uint16_t j = 0; j < agent_count(&task->containers[i]); j++) {
            struct agent *agent = &task->containers[i].agents[j];
            if (agent->cleaned || !agent->prepared || agent_def(agent)->description->clean[0] == '\0' || swept_by_another(task, agent))
                continue;
            clean = false;
            if (agent->op == NULL)
                agent_op(engine, agent, ECSENGINE_OP_AGENT_CLEAN);
        }
    return clean;
}

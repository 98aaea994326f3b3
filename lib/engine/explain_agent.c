/* SPDX-License-Identifier: Apache-2.0 */
/* Managed agents described and explained: what each is doing, why, and what comes next. */
#include "engine/explain.h"

#include <stdio.h>
#include <string.h>

#include "base/timefmt.h"
#include "ecsengine/exec_agent.h"

enum { AGENT_TEXT_MAX = 2 * LIMIT_REASON };

static const char *status_of(const struct agent *agent) { return ecsengine_agent_status_name((enum ecsengine_agent_status)agent->status); }

/* What failed last, and when the next try is. */
static void say_next(const struct engine *engine, const struct agent *agent, char text[AGENT_TEXT_MAX])
{
    char due[DURATION_TEXT_MAX] = "";
    bool waits = heap_has(&agent->timer.node);

    if (waits)
        duration_format(agent->timer.node.key > engine->mono_ns ? agent->timer.node.key - engine->mono_ns : 0, due);
    snprintf(text, AGENT_TEXT_MAX, "it is %s; %u failures in a row%s%s%s%s", agent->restarting ? "started again" : "started",
             (unsigned)agent->failures, agent->trouble != NULL ? ", the last one: " : "", str_text(agent->trouble),
             waits ? "; the next try is in " : "", due);
}

static const char *say(const struct engine *engine, const struct agent *agent, char text[AGENT_TEXT_MAX])
{
    const struct container *container = agent->container;
    char at[TIME_TEXT_MAX];

    if (container->known == ECSENGINE_CONTAINER_STOPPED)
        snprintf(text, AGENT_TEXT_MAX, "its container is STOPPED");
    else if (agent->init_failed)
        snprintf(text, AGENT_TEXT_MAX, "it could not be made ready: %s", str_text(agent->reason));
    else if (!container_is_running(container->known) || restart_pending(container))
        snprintf(text, AGENT_TEXT_MAX, "it waits for its container to run");
    else if (agent->uuid == NULL)
        snprintf(text, AGENT_TEXT_MAX, "container has not been initialized: missing UUID");
    else if (agent->phase == AGENT_GAVE_UP)
        snprintf(text, AGENT_TEXT_MAX, "%s; it is not started again before its container is", str_text(agent->reason));
    else if (agent->started_at != 0 && agent->status == ECSENGINE_AGENT_RUNNING) {
        time_format(agent->started_at, at);
        snprintf(text, AGENT_TEXT_MAX, "it runs since %s; it was started again %u times", at, (unsigned)agent->restarts);
    } else
        say_next(engine, agent, text);
    return text;
}

void explain_agents(const struct engine *engine, const struct container *container, enum explain_form form, struct buf *out)
{
    char text[AGENT_TEXT_MAX];
    uint16_t count = agent_count(container);

    if (form == EXPLAIN_JSON)
        json_open(out, "managedAgents", '[');
    for (uint16_t i = 0; i < count; i++) {
        const struct agent *agent = &container->agents[i];
        say(engine, agent, text);
        if (form == EXPLAIN_TEXT) {
            buf_printf(out, "    %s: %s\n", agent_def(agent)->name, text);
            continue;
        }
        json_open(out, NULL, '{');
        json_text(out, "name", agent_def(agent)->name);
        json_text(out, "status", status_of(agent));
        json_text(out, "reason", str_text(agent->reason));
        json_text(out, "text", text);
        json_int(out, "failures", agent->failures);
        json_int(out, "restarts", agent->restarts);
        json_int(out, "lastStartedAt", agent->started_at);
        json_int(out, "pid", agent->pid);
        json_text(out, "execId", str_text(agent->exec_id));
        json_text(out, "id", str_text(agent->uuid));
        json_close(out, '}');
    }
    if (form == EXPLAIN_JSON)
        json_close(out, ']');
}

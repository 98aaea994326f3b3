/* SPDX-License-Identifier: Apache-2.0 */
/* exec_agent.h: descriptions of agents, and one-off commands. What an event says of them is in model/event.c. */
#include "ecsengine/exec_agent.h"

#include <string.h>

#include "api/command.h"
#include "base/timefmt.h"
#include "spec/agent.h"
#include "spec/exec_config.h"

int ecsengine_set_agent(ecsengine *engine, const char *document, size_t document_len, ecsengine_error **error)
{
    struct agent_entry *entry;

    if (engine == NULL || document == NULL)
        return error_set(error, ECSENGINE_EINVAL, "an engine and a document are needed");
    if (atomic_load(&engine->began))
        return error_set(error, ECSENGINE_ESTATE, "agents are described before the first dispatch");
    struct spec_limits limits = command_limits(engine);
    int code = agent_parse(&engine->mailbox->root.mem, &limits, document, document_len, &entry, error);
    if (code < 0)
        return code;
    entry->next = engine->agents;
    engine->agents = entry;
    return 0;
}

static struct str *name_of(struct ecsengine *engine, const char *text, size_t max)
{
    return str_new(&engine->mailbox->root.mem, text, strnlen(text, max));
}

static bool valid(const char *text, size_t max)
{
    size_t len = text != NULL ? strnlen(text, max + 1) : 0;

    return len > 0 && len <= max && utf8_valid(text, len);
}

int ecsengine_exec(ecsengine *engine, const char *task_arn, const char *container_name, const char *config, size_t config_len,
                   int64_t timeout_ns, uint64_t *out_command_id, ecsengine_error **error)
{
    char *kept = NULL;
    size_t len = 0;

    if (engine == NULL || !valid(task_arn, LIMIT_ARN) || !valid(container_name, LIMIT_NAME) || config == NULL ||
        timeout_ns < NS_PER_MS || timeout_ns > LIMIT_TIMEOUT_NS)
        return error_set(error, ECSENGINE_EINVAL,
                         "an engine, a task ARN, a container name, a config and a timeout from 1 ms to 10 years are needed");
    struct spec_limits limits = command_limits(engine);
    int code = exec_config_parse(&engine->mailbox->root.mem, &limits, config, config_len, &kept, &len, error);
    if (code < 0)
        return code;
    struct str *arn = name_of(engine, task_arn, LIMIT_ARN), *name = name_of(engine, container_name, LIMIT_NAME);
    struct command *command = arn != NULL && name != NULL ? command_new(engine, COMMAND_EXEC, arn) : NULL;
    str_unref(arn);
    if (command == NULL) {
        str_unref(name);
        mem_free(&engine->mailbox->root.mem, kept);
        return error_nomem(error);
    }
    command->text = name;
    command->number = timeout_ns;
    command->config = kept;
    command->config_len = len;
    return command_put(engine, command, out_command_id, error);
}

/* SPDX-License-Identifier: Apache-2.0 */
/* Processes beside the main one of a container: managed agents, and one-off commands.
 *
 * A managed agent runs in each container whose document asks for it (`"managedAgents":[{"name":...,"properties":{...}}]`): it is made ready
 * before the container is created, started when the container runs, watched, started again when it has ended, and reported by events.
 * `ExecuteCommandAgent`, the agent behind ECS Exec, is described already. Others are described by the host, with the same means.
 * docs/exec-agents.md has the whole of it. (runtime-and-agents: section 3.) */
#ifndef ECSENGINE_EXEC_AGENT_H
#define ECSENGINE_EXEC_AGENT_H

#include "ecsengine/event.h"

#ifdef __cplusplus
extern "C" {
#endif

/* The statuses of a managed agent. CREATED is never an agent's status; NONE is never told. */
enum ecsengine_agent_status {
    ECSENGINE_AGENT_NONE = 0,
    ECSENGINE_AGENT_CREATED = 1,
    ECSENGINE_AGENT_RUNNING = 2,
    ECSENGINE_AGENT_STOPPED = 3
};

ECSENGINE_API const char *ecsengine_agent_status_name(enum ecsengine_agent_status status); /* `RUNNING`; static */

/* MANAGED_AGENT: the agent's name, and its status as a number; "" and NONE for other kinds. The event has the task's ARN, the container's
 * name, the status as a text and the reason, and is acknowledged as a container's is. */
ECSENGINE_API const char *ecsengine_event_agent_name(const ecsengine_event *event);
ECSENGINE_API enum ecsengine_agent_status ecsengine_event_agent_status(const ecsengine_event *event);

/* Describes a managed agent; tasks that are added after it may ask for it by its name, and keep the description that they were added with.
 * One of the same name takes the place of an earlier one, `ExecuteCommandAgent` too. `document` (UTF-8, `document_len` bytes):
 *   {"name":"probe",
 *    "exec":{"Cmd":["/probe-${uuid}/probe"],"User":"0","Detach":true},   what creates the process, as in Docker's exec
 *    "prepare":{...},   what the host does before the container is created (AGENT_PREPARE); absent: nothing
 *    "binds":["/opt/probe/${version}/probe:/probe-${uuid}/probe:ro"],    what is mounted in addition
 *    "clean":{...},     what the host does when the task is gone (AGENT_CLEAN); absent: nothing
 *    "restart":{"interval":"15m","delayMin":"1s","delayMax":"15m","steadyAfter":"10m","tries":16}}
 * Needed are `name` and `exec.Cmd`. In all texts of `exec`, `prepare`, `binds` and `clean`: ${uuid} (of the container's agent), ${version}
 * and ${file:N} (what AGENT_PREPARE has found), ${task}, ${container}, ${property:NAME}, ${count:NAME:DEFAULT}, ${dir}, ${runtime-dir},
 * ${log-dir} (the keys exec-agent-dir ...), ${dual-stack}; docs/exec-agents.md says more. Copied. Before the first dispatch, and before
 * tasks are added. ESTATE, ESYNTAX, EDOCUMENT, ELIMIT, EINVAL, ENOMEM. */
ECSENGINE_API int ecsengine_set_agent(ecsengine *engine, const char *document, size_t document_len, ecsengine_error **error);

/* Runs a command in a running container of a task, without input, and reads what it writes to its end.
 * `config` (UTF-8, `config_len` bytes): {"Cmd":["ls","/"],"User":"0","Env":["A=b"],"WorkingDir":"/","Tty":false}, as in Docker's exec; needed
 * is `Cmd`. `timeout_ns`: from 1 ms to 10 years; then the operation is given up, and whoever performs it is asked to end the command.
 * COMMAND_DONE says that it is on its way, or ENOTFOUND (no such task or container) or ESTATE (it does not run). After an ok one EXEC_DONE
 * follows, with the same command id. It is known to this life of the engine alone: after a restart there is no event.
 * `out_command_id` may be NULL. Copied. ESYNTAX, EDOCUMENT, ELIMIT, EINVAL, ENOMEM, ECLOSED. Any thread. */
ECSENGINE_API int ecsengine_exec(ecsengine *engine, const char *task_arn, const char *container_name, const char *config,
                                 size_t config_len, int64_t timeout_ns, uint64_t *out_command_id, ecsengine_error **error);

/* EXEC_DONE: ecsengine_event_command_code() is 0 if the command has ended: then the exit code is known. Else it is one of: ENOTFOUND (the
 * container is gone), EUNSUPPORTED, EIO (the runtime said no, or there was no answer in time); the reason has the text.
 * The output is a sequence of pieces, each of stdout (1) or stderr (2), in the order of arrival; bytes, borrowed for the event's life, not
 * NUL-terminated; NULL past the end. Only the first 1 MiB is kept: then `cut` is 1. `out_stream` and `out_len` may be NULL. */
ECSENGINE_API size_t ecsengine_event_output_count(const ecsengine_event *event);
ECSENGINE_API const char *ecsengine_event_output_at(const ecsengine_event *event, size_t index, int32_t *out_stream, size_t *out_len);
ECSENGINE_API int32_t ecsengine_event_output_cut(const ecsengine_event *event);

#ifdef __cplusplus
}
#endif
#endif

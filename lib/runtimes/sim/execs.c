/* SPDX-License-Identifier: Apache-2.0 */
/* Processes beside the main one of a container: execs, which are made, run once and end by themselves, with their container or by an outsider;
 * one-off commands, which end at once; and what a host does for managed agents, which is taken for done. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <jansson.h>

#include "fail.h"
#include "simulator.h"

#define DAEMON "Error response from daemon: "

enum { EXIT_KILLED = 137, PID = 1000 };

static struct sim_exec *exec_find(const struct sim_container *container, const char *id)
{
    struct sim_exec *exec = container->execs;

    while (exec != NULL && strcmp(exec->id, id) != 0)
        exec = exec->next;
    return exec;
}

void sim_exec_end(ecsengine_sim *sim, struct sim_exec *exec, int32_t exit_code)
{
    sim_schedule_clear(&sim->schedule, &exec->end);
    exec->state = SIM_EXITED;
    exec->exit_code = exit_code;
    sim->told = exec;
    sim_events_tell(sim, ECSENGINE_RUNTIME_EVENT_EXEC_DIE, exec->container);
    sim->told = NULL;
}

void sim_execs_end(ecsengine_sim *sim, struct sim_container *container)
{
    for (struct sim_exec *exec = container->execs; exec != NULL; exec = exec->next)
        if (exec->state == SIM_RUNNING)
            sim_exec_end(sim, exec, EXIT_KILLED);
        else
            exec->state = SIM_EXITED; /* what was made for this run can't be started in the next one */
}

void sim_execs_forget(ecsengine_sim *sim, struct sim_container *container)
{
    for (struct sim_exec *exec = container->execs; exec != NULL; exec = exec->next) {
        sim_schedule_clear(&sim->schedule, &exec->end);
        sim_schedule_unreserve(&sim->schedule, 1);
    }
}

static ecsengine_result *not_running(const ecsengine_op *op, const struct sim_container *container)
{
    return sim_result_failed(op, ECSENGINE_FAILURE_CONFLICT, DAEMON "container %s is not running", container->id);
}

static ecsengine_result *make(ecsengine_sim *sim, const ecsengine_op *op, struct sim_container *container)
{
    struct sim_exec *exec = calloc(1, sizeof(*exec));

    if (exec == NULL || sim_schedule_reserve(&sim->schedule, 1) < 0) {
        free(exec);
        return sim_result_failed(op, ECSENGINE_FAILURE_OTHER, DAEMON "no memory for an exec");
    }
    exec->end.what = SIM_DUE_EXEC;
    exec->container = container;
    exec->exit_code = -1;
    snprintf(exec->id, sizeof(exec->id), "exec-%.32s-%u", container->id, ++container->exec_count);
    exec->next = container->execs;
    container->execs = exec;
    ecsengine_result *answer = sim_result_ok(op);
    if (answer != NULL && ecsengine_result_set_exec_id(answer, exec->id) < 0) {
        ecsengine_result_free(answer);
        answer = NULL;
    }
    return answer;
}

static ecsengine_result *start(ecsengine_sim *sim, const ecsengine_op *op, struct sim_exec *exec)
{
    struct sim_container *container = exec->container;
    const struct sim_behaviour *behaviour = &container->behaviour;
    bool limited = behaviour->given & SIM_TRAIT_EXEC_TIMES, ends = behaviour->given & SIM_TRAIT_EXEC_RUN;

    if (exec->started)
        return sim_result_failed(op, ECSENGINE_FAILURE_CONFLICT, DAEMON "exec %s has already run", exec->id);
    exec->started = true;
    exec->state = SIM_RUNNING;
    container->exec_starts++;
    sim->counters[SIM_COUNT_CHANGES]++;
    if (ends && (!limited || container->exec_starts <= (uint64_t)behaviour->exec_times)) {
        if (behaviour->exec_run_ns == 0)
            sim_exec_end(sim, exec, behaviour->exec_exit);
        else if (behaviour->exec_run_ns != SIM_NEVER)
            sim_schedule_set(&sim->schedule, &exec->end, sim->mono_ns + behaviour->exec_run_ns);
    }
    return sim_result_ok(op);
}

static ecsengine_result *inspect(const ecsengine_op *op, const struct sim_exec *exec)
{
    ecsengine_result *answer = sim_result_ok(op);
    bool running = exec->state == SIM_RUNNING;

    if (answer != NULL && ecsengine_result_set_exec_state(answer, running, running ? -1 : exec->exit_code, running ? PID : 0) < 0) {
        ecsengine_result_free(answer);
        answer = NULL;
    }
    return answer;
}

/* It writes what it was asked for, and ends; `false` ends with 1. */
static ecsengine_result *run(const ecsengine_op *op)
{
    ecsengine_result *answer = sim_result_ok(op);
    json_t *config = json_loads(ecsengine_op_exec_config(op, NULL), 0, NULL), *words = json_object_get(config, "Cmd");
    const char *first = json_string_value(json_array_get(words, 0));
    int rc = answer != NULL ? ecsengine_result_set_exit_code(answer, first != NULL && strcmp(first, "false") == 0) : 0;

    for (size_t i = 0; answer != NULL && rc == 0 && i < json_array_size(words); i++) {
        const char *word = json_string_value(json_array_get(words, i));
        rc = ecsengine_result_add_output(answer, 1, i > 0 ? " " : "", i > 0);
        rc = rc == 0 ? ecsengine_result_add_output(answer, 1, word, strlen(word)) : rc;
    }
    if (answer != NULL && rc == 0)
        rc = ecsengine_result_add_output(answer, 1, "\n", 1);
    json_decref(config);
    if (rc < 0) {
        ecsengine_result_free(answer);
        answer = NULL;
    }
    return answer;
}

enum sim_performed sim_exec(ecsengine_sim *sim, struct sim_job *job, ecsengine_result **out_answer)
{
    struct sim_container *container = sim_containers_find(&sim->containers, ecsengine_op_container(job->op));
    const char *id = ecsengine_op_exec_id(job->op);
    struct sim_exec *exec = container != NULL ? exec_find(container, id) : NULL;
    bool names = job->kind == ECSENGINE_OP_EXEC_START || job->kind == ECSENGINE_OP_EXEC_INSPECT;

    if (container == NULL)
        *out_answer = sim_result_failed(job->op, ECSENGINE_FAILURE_NOT_FOUND, DAEMON "No such container: %s", ecsengine_op_container(job->op));
    else if (names && exec == NULL)
        *out_answer = sim_result_failed(job->op, ECSENGINE_FAILURE_NOT_FOUND, DAEMON "No such exec instance: %s", id);
    else if (job->kind == ECSENGINE_OP_EXEC_INSPECT)
        *out_answer = inspect(job->op, exec);
    else if (container->state != SIM_RUNNING || (exec != NULL && exec->state == SIM_EXITED && !exec->started))
        *out_answer = not_running(job->op, container);
    else if (job->kind == ECSENGINE_OP_EXEC_CREATE)
        *out_answer = make(sim, job->op, container);
    else
        *out_answer = job->kind == ECSENGINE_OP_EXEC_START ? start(sim, job->op, exec) : run(job->op);
    return SIM_DONE;
}

enum sim_performed sim_agent(ecsengine_sim *sim, struct sim_job *job, ecsengine_result **out_answer)
{
    ecsengine_result *answer = sim_result_ok(job->op);
    json_t *config = json_loads(ecsengine_op_agent_config(job->op, NULL), 0, NULL), *files = json_object_get(config, "generated");
    bool asked = answer != NULL && job->kind == ECSENGINE_OP_AGENT_PREPARE;
    int rc = asked ? ecsengine_result_set_agent_version(answer, "3.1.0.0") : 0;
    char name[128];

    (void)sim;
    for (size_t i = 0; asked && rc == 0 && i < json_array_size(files); i++) {
        const char *prefix = json_string_value(json_object_get(json_array_get(files, i), "prefix"));
        const char *suffix = json_string_value(json_object_get(json_array_get(files, i), "suffix"));
        snprintf(name, sizeof(name), "%.40ssim%.40s", prefix != NULL ? prefix : "", suffix != NULL ? suffix : "");
        rc = ecsengine_result_add_agent_file(answer, name);
    }
    json_decref(config);
    if (rc < 0) {
        ecsengine_result_free(answer);
        answer = NULL;
    }
    *out_answer = answer;
    return SIM_DONE;
}

/* What an outsider does, and sees. */

int ecsengine_sim_exec_kill(ecsengine_sim *sim, const char *name, int32_t exit_code, ecsengine_error **error)
{
    struct sim_container *container = sim != NULL && name != NULL ? sim_containers_find(&sim->containers, name) : NULL;
    int killed = 0;

    if (sim == NULL || name == NULL)
        return sim_fail(error, ECSENGINE_EINVAL, "no simulator or no container");
    for (struct sim_exec *exec = container != NULL ? container->execs : NULL; exec != NULL; exec = exec->next)
        if (exec->state == SIM_RUNNING) {
            sim_exec_end(sim, exec, exit_code);
            killed++;
        }
    return killed > 0 ? 0 : sim_fail(error, ECSENGINE_ENOTFOUND, "nothing was started in container %.128s that runs", name);
}

int32_t ecsengine_sim_exec_running(const ecsengine_sim *sim, size_t index)
{
    const struct sim_container *container = sim != NULL ? sim_containers_at((struct sim_containers *)&sim->containers, index) : NULL;
    int32_t count = 0;

    for (const struct sim_exec *exec = container != NULL ? container->execs : NULL; exec != NULL; exec = exec->next)
        count += exec->state == SIM_RUNNING;
    return container != NULL ? count : -1;
}

/* SPDX-License-Identifier: Apache-2.0 */
/* A container record: facts only. What they mean for a task (status, named errors) is the engine's.
 *
 * (runtime-and-agents: 1.6.) A port that cannot be read is the whole record's failure, as in the reference. */
#include "runtimes/docker/inspect.h"

#include <stdlib.h>
#include <string.h>

#include "runtimes/docker/answers.h"
#include "runtimes/docker/rfc3339.h"

enum { TEXT_MAX = 1024 }; /* bytes of a health check's output and of a state's error that anybody reads */

static int64_t time_member(json_t *object, const char *path, struct docker_fault *fault)
{
    int64_t wall_ns = 0;

    if (!docker_time_parse(docker_json_string(object, path, fault), &wall_ns))
        docker_fault_set(fault, "%s is no time", path);
    return wall_ns;
}

/* A port in decimal digits, up to `end`; -1 if it is none. */
static int32_t port_number(const char *text, const char *end)
{
    int32_t port = 0;

    if (text == end)
        return -1;
    for (; text < end; text++) {
        if (*text < '0' || *text > '9')
            return -1;
        port = port * 10 + (*text - '0');
        if (port > 65535)
            return -1;
    }
    return port;
}

static int unparsable_port(ecsengine_result *result, const char *port)
{
    char text[160] = "invalid port specification: ";
    size_t used = strlen(text);

    docker_text_clean(text + used, sizeof(text) - used, port, strlen(port));
    int code = ecsengine_result_set_failure(result, ECSENGINE_FAILURE_OTHER, text);
    return code == 0 ? ecsengine_result_set_error_name(result, "UnparsablePort") : code;
}

/* The host's bindings of one container port (`80/tcp`). Returns 1 if the record is spoilt. */
static int add_bindings(json_t *bindings, const char *port, ecsengine_result *result, struct docker_fault *fault)
{
    const char *slash = strchr(port, '/');
    const char *protocol = slash != NULL ? slash + 1 : "tcp";
    int32_t inside = port_number(port, slash != NULL ? slash : port + strlen(port));
    int code = 0;

    for (size_t i = 0; i < json_array_size(bindings) && code == 0; i++) {
        json_t *binding = json_array_get(bindings, i);
        const char *outside_text = docker_json_string(binding, "NetworkSettings.Ports.HostPort", fault);
        const char *ip = docker_json_string(binding, "NetworkSettings.Ports.HostIp", fault);
        int32_t outside = port_number(outside_text, outside_text + strlen(outside_text));

        if (docker_fault_found(fault))
            return 0;
        if (inside < 0 || outside < 0) {
            code = unparsable_port(result, inside < 0 ? port : outside_text);
            return code < 0 ? code : 1;
        }
        code = ecsengine_result_add_port(result, inside, outside, protocol, ip);
    }
    /* Past the maximum the first ports are kept: a record without all of its ports is better than none. */
    return code == ECSENGINE_ELIMIT ? 0 : code;
}

static int add_ports(struct docker_job *job, json_t *root, ecsengine_result *result)
{
    json_t *settings = docker_json_child(root, "NetworkSettings", &job->fault);
    json_t *ports = docker_json_child(settings, "NetworkSettings.Ports", &job->fault);
    const char *port;
    json_t *bindings;
    int code = 0;

    json_object_foreach(ports, port, bindings)
    {
        if (!json_is_array(bindings) && !json_is_null(bindings))
            docker_fault_set(&job->fault, "NetworkSettings.Ports has a member that is no array");
        if (docker_fault_found(&job->fault))
            break;
        code = add_bindings(bindings, port, result, &job->fault);
        if (code != 0)
            break;
    }
    return code;
}

/* Only the two verdicts count: `starting` and `none` are no health yet. The output is that of the latest probe. */
static int set_health(struct docker_job *job, json_t *state, ecsengine_result *result)
{
    json_t *health = docker_json_child(state, "State.Health", &job->fault);
    const char *status = docker_json_string(health, "State.Health.Status", &job->fault);
    json_t *log = docker_json_array(health, "State.Health.Log", &job->fault);
    size_t probes = json_array_size(log);
    json_t *last = probes > 0 ? json_array_get(log, probes - 1) : NULL;
    json_t *output = docker_json_member(last, "State.Health.Log.Output", JSON_STRING, "string", &job->fault);
    char text[TEXT_MAX + 1];

    if (strcmp(status, "healthy") != 0 && strcmp(status, "unhealthy") != 0)
        return 0;
    docker_text_clean(text, sizeof(text), json_string_value(output), json_string_length(output));
    return ecsengine_result_set_health(result, status[0] == 'h' ? ECSENGINE_HEALTH_HEALTHY : ECSENGINE_HEALTH_UNHEALTHY, text);
}

static int set_times(struct docker_job *job, json_t *root, json_t *state, bool running, ecsengine_result *result)
{
    int64_t created = time_member(root, "Created", &job->fault);
    int64_t started = time_member(state, "State.StartedAt", &job->fault);
    int64_t finished = time_member(state, "State.FinishedAt", &job->fault);
    int64_t exit_code = docker_json_integer(state, "State.ExitCode", INT32_MIN, INT32_MAX, 0, &job->fault);
    int code = ecsengine_result_set_created_at(result, created);

    if (code == 0)
        code = ecsengine_result_set_started_at(result, started);
    if (code == 0)
        code = ecsengine_result_set_finished_at(result, finished);
    /* A container that never ended has the exit code 0 in its record, which means nothing. */
    if (code == 0 && !running && finished != 0)
        code = ecsengine_result_set_exit_code(result, (int32_t)exit_code);
    return code;
}

static int set_state(struct docker_job *job, json_t *root, json_t *state, ecsengine_result *result)
{
    struct docker_fault *fault = &job->fault;
    /* Docker says Running for the other two as well, Podman does not. */
    bool running = docker_json_bool(state, "State.Running", fault);
    bool paused = docker_json_bool(state, "State.Paused", fault);
    bool restarting = docker_json_bool(state, "State.Restarting", fault);
    int64_t restarts = docker_json_integer(root, "RestartCount", 0, INT32_MAX, 0, fault);
    json_t *error = docker_json_member(state, "State.Error", JSON_STRING, "string", fault);
    char text[TEXT_MAX + 1];

    running = running || paused || restarting;
    docker_text_clean(text, sizeof(text), json_string_value(error), json_string_length(error));
    int code = ecsengine_result_set_running(result, running);
    if (code == 0)
        code = ecsengine_result_set_dead(result, docker_json_bool(state, "State.Dead", fault));
    if (code == 0)
        code = ecsengine_result_set_oom_killed(result, docker_json_bool(state, "State.OOMKilled", fault));
    if (code == 0 && text[0] != '\0')
        code = ecsengine_result_set_state_error(result, text);
    if (code == 0)
        code = ecsengine_result_set_restart_count(result, (int32_t)restarts);
    return code == 0 ? set_times(job, root, state, running, result) : code;
}

int docker_answer_inspect(struct docker_job *job, ecsengine_result *result)
{
    const struct docker_bytes *body = &job->exchange.answer;
    json_t *root = docker_json_object(docker_bytes_string(body), body->len, &job->fault);
    json_t *state = docker_json_child(root, "State", &job->fault);
    const char *id = docker_json_string(root, "Id", &job->fault);

    if (state == NULL)
        docker_fault_set(&job->fault, "State is missing");
    if (id[0] == '\0')
        docker_fault_set(&job->fault, "Id is missing");
    int code = docker_fault_found(&job->fault) ? ECSENGINE_EDOCUMENT : add_ports(job, root, result);
    if (code == 0)
        code = ecsengine_result_set_container_id(result, id);
    if (code == 0)
        code = set_state(job, root, state, result);
    if (code == 0)
        code = set_health(job, state, result);
    json_decref(root);
    return docker_answer_code(job, code > 0 ? 0 : code);
}

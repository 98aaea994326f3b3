/* SPDX-License-Identifier: Apache-2.0 */
/* Execs. A daemon wants three requests for a process: create, start, inspect. For managed agents they are operations of their own, since
 * what is done between them is the engine's; EXEC_RUN is all three, with the output in between.
 *
 * The daemon closes the connection of an attached start when the process has closed its output. That is not yet its end: it is asked after
 * until it says that the process does not run, a few times at once and then ever more slowly. A process that outlives its time limit runs
 * on, since the daemon has no request that ends it. */
#include "runtimes/docker/exec.h"

#include <stdlib.h>
#include <string.h>

#include "runtimes/docker/answers.h"
#include "runtimes/docker/frames.h"
#include "runtimes/docker/requests.h"

#define ASK_FIRST_NS INT64_C(10000000)
#define ASK_LAST_NS INT64_C(500000000)

enum { ANSWER_MAX = 1024 * 1024, EXEC_ID_MAX = 255 };

static bool create_request(struct docker_job *job, int minor)
{
    const char *container = ecsengine_op_container(job->op);
    struct docker_bytes *url = docker_request_begin(job, "POST", minor);

    if (container[0] == '\0')
        return docker_job_refuse(job, ECSENGINE_FAILURE_OTHER, "No container is named.");
    job->exchange.body = ecsengine_op_exec_config(job->op, &job->exchange.body_len);
    docker_bytes_text(url, "/containers/");
    docker_bytes_escaped(url, container, "");
    docker_bytes_text(url, "/exec");
    return docker_request_ready(job);
}

/* `/exec/<id><rest>`. An empty id would ask for something else altogether. */
static bool exec_request(struct docker_job *job, const char *method, int minor, const char *id, const char *rest, const char *body)
{
    struct docker_bytes *url = docker_request_begin(job, method, minor);

    if (id[0] == '\0')
        return docker_job_refuse(job, ECSENGINE_FAILURE_OTHER, "No exec is named.");
    job->exchange.body = body;
    job->exchange.body_len = body != NULL ? strlen(body) : 0;
    docker_bytes_text(url, "/exec/");
    docker_bytes_escaped(url, id, "");
    docker_bytes_text(url, rest);
    return docker_request_ready(job);
}

bool docker_request_exec_create(struct docker_job *job, int minor) { return create_request(job, minor); }

bool docker_request_exec_start(struct docker_job *job, int minor)
{
    return exec_request(job, "POST", minor, ecsengine_op_exec_id(job->op), "/start", "{\"Detach\":true,\"Tty\":false}");
}

bool docker_request_exec_inspect(struct docker_job *job, int minor)
{
    return exec_request(job, "GET", minor, ecsengine_op_exec_id(job->op), "/json", NULL);
}

int docker_answer_exec_create(struct docker_job *job, ecsengine_result *result)
{
    json_t *created = docker_answer_document(job);
    int code = ecsengine_result_set_exec_id(result, docker_answer_required(created, "Id", &job->fault));

    json_decref(created);
    return docker_answer_code(job, code);
}

struct state {
    bool running;
    int32_t exit_code; /* -1: none */
    int32_t pid;
};

static struct state read_state(struct docker_job *job)
{
    json_t *exec = docker_answer_document(job);
    struct state state = {
        .running = docker_json_bool(exec, "Running", &job->fault),
        .exit_code = (int32_t)docker_json_integer(exec, "ExitCode", INT32_MIN, INT32_MAX, -1, &job->fault),
        .pid = (int32_t)docker_json_integer(exec, "Pid", 0, INT32_MAX, 0, &job->fault),
    };

    json_decref(exec);
    return state;
}

int docker_answer_exec_inspect(struct docker_job *job, ecsengine_result *result)
{
    struct state state = read_state(job);

    return docker_answer_code(job, ecsengine_result_set_exec_state(result, state.running, state.running ? -1 : state.exit_code, state.pid));
}

/* ---- EXEC_RUN ---- */

enum step { STEP_CREATE, STEP_START, STEP_INSPECT };

struct exec_run {
    enum step step;
    bool tty;
    char id[EXEC_ID_MAX + 1];
    int64_t ask_after_ns;
    struct docker_frames frames;
};

/* Output without frames is that of a terminal, and whether there is one has to be said twice. */
static bool wants_tty(struct docker_job *job)
{
    size_t len = 0;
    const char *config = ecsengine_op_exec_config(job->op, &len);
    struct docker_fault ignored = {0};
    json_t *root = docker_json_object(config, len, &ignored);
    bool tty = docker_json_bool(root, "Tty", &ignored);

    json_decref(root);
    return tty;
}

bool docker_exec_run_request(struct docker_job *job, int minor)
{
    struct exec_run *run = job->reading;

    if (run == NULL) {
        run = calloc(1, sizeof(*run));
        if (run == NULL)
            return false;
        run->tty = wants_tty(job);
        run->ask_after_ns = ASK_FIRST_NS;
        job->reading = run;
    }
    if (run->step == STEP_CREATE)
        return create_request(job, minor);
    if (run->step == STEP_START)
        return exec_request(job, "POST", minor, run->id, "/start",
                            run->tty ? "{\"Detach\":false,\"Tty\":true}" : "{\"Detach\":false,\"Tty\":false}");
    return exec_request(job, "GET", minor, run->id, "/json", NULL);
}

static bool take_output(int stream, const char *data, size_t len, void *user_data)
{
    struct docker_job *job = user_data;
    ecsengine_result *result = docker_job_result(job);

    job->fault.no_memory = result == NULL || ecsengine_result_add_output(result, stream, data, len) < 0;
    return !job->fault.no_memory;
}

bool docker_exec_run_data(struct docker_job *job, const char *data, size_t len)
{
    struct exec_run *run = job->reading;

    if (run->step == STEP_START)
        return run->tty ? take_output(1, data, len, job) : docker_frames_feed(&run->frames, data, len, take_output, job, &job->fault);
    if (docker_bytes_add(&job->exchange.answer, data, len))
        return true;
    job->fault.no_memory = job->exchange.answer.no_memory;
    docker_fault_set(&job->fault, "it is longer than %d bytes", (int)ANSWER_MAX);
    return false;
}

static int after_create(struct docker_job *job, struct exec_run *run)
{
    json_t *created = docker_answer_document(job);
    const char *id = docker_answer_required(created, "Id", &job->fault);

    if (strlen(id) > EXEC_ID_MAX)
        docker_fault_set(&job->fault, "Id is too long");
    else
        memcpy(run->id, id, strlen(id) + 1);
    json_decref(created);
    run->step = STEP_START;
    return DOCKER_AGAIN;
}

static int after_inspect(struct docker_job *job, struct exec_run *run, ecsengine_result *result)
{
    struct state state = read_state(job);

    if (state.running) {
        job->not_before_ns = docker_now_ns() + run->ask_after_ns;
        run->ask_after_ns = run->ask_after_ns * 2 < ASK_LAST_NS ? run->ask_after_ns * 2 : ASK_LAST_NS;
        return DOCKER_AGAIN;
    }
    return state.exit_code >= 0 ? ecsengine_result_set_exit_code(result, state.exit_code) : 0;
}

int docker_exec_run_answer(struct docker_job *job, ecsengine_result *result)
{
    struct exec_run *run = job->reading;
    int code = DOCKER_AGAIN;

    if (run->step == STEP_CREATE) {
        code = after_create(job, run);
    } else if (run->step == STEP_START) {
        docker_frames_end(&run->frames, &job->fault);
        run->step = STEP_INSPECT;
    } else {
        code = after_inspect(job, run, result);
    }
    int fault = docker_answer_code(job, code < 0 ? code : 0);
    return fault < 0 ? fault : code;
}

void docker_exec_run_forget(struct docker_job *job)
{
    free(job->reading);
    job->reading = NULL;
}

/* SPDX-License-Identifier: Apache-2.0 */
/* What performs the engine's operations: a Docker Engine, or the simulator.
 *
 * Beside a Docker Engine stands libecsengine-host, which makes and removes files of managed agents; its operations are pulled and passed on.
 *
 * The Docker adapter has a thread of its own and needs nothing once it is attached. The simulator has none and reads no clock: it lives
 * as far as it is told, so the loop tells it the time before each turn and asks when it wants to be told again. */
#include "run.h"

#include <stdlib.h>

#ifdef WITH_DOCKER
#include <ecsengine/docker.h>
#endif
#ifdef WITH_HOST
#include <ecsengine/posix.h>
#endif
#ifdef WITH_SIM
#include <ecsengine/sim.h>
#endif

struct runtime {
#ifdef WITH_DOCKER
    ecsengine_docker *docker;
#endif
#ifdef WITH_HOST
    ecsengine_posix *posix; /* NULL with the simulator, which has no files */
#endif
#ifdef WITH_SIM
    ecsengine_sim *sim;
#endif
};

#ifdef WITH_DOCKER
static int open_docker(struct runtime *runtime, const struct options *options, ecsengine *engine, ecsengine_error **error)
{
    const char *url = options->docker_host != NULL ? options->docker_host : getenv("DOCKER_HOST");
    int code;

    if (url != NULL && *url == '\0')
        url = NULL;
    code = ecsengine_docker_new(url, &runtime->docker, error);
    if (code == 0)
        code = ecsengine_docker_attach(runtime->docker, engine, error);
#ifdef WITH_HOST
    if (code == 0)
        code = ecsengine_posix_new(&runtime->posix, error);
    if (code == 0)
        code = ecsengine_posix_attach(runtime->posix, engine, error);
#endif
    return code;
}
#endif

#ifdef WITH_SIM
static int open_sim(struct runtime *runtime, const struct options *options, ecsengine *engine, ecsengine_error **error)
{
    uint64_t seed = options->seed != NULL ? strtoull(options->seed, NULL, 0) : 1;
    int code = ecsengine_sim_new(seed, &runtime->sim, error);

    if (code == 0)
        ecsengine_sim_interpret(runtime->sim, 1);
    for (size_t i = 0; i < options->sim_script_count && code == 0; i++)
        code = ecsengine_sim_script(runtime->sim, options->sim_script[i], error);
    if (code == 0)
        code = ecsengine_sim_attach(runtime->sim, engine, error);
    return code;
}
#endif

struct runtime *runtime_open(const struct options *options, ecsengine *engine)
{
    struct runtime *runtime = need(calloc(1, sizeof(*runtime)));
    ecsengine_error *error = NULL;
    int code = ECSENGINE_EUNSUPPORTED; /* where it was not built in */

    (void)engine;
    if (options->sim) {
#ifdef WITH_SIM
        code = open_sim(runtime, options, engine, &error);
#endif
    } else {
#ifdef WITH_DOCKER
        code = open_docker(runtime, options, engine, &error);
#endif
    }
    if (code == 0)
        return runtime;
    if (error != NULL)
        say_error(options->sim ? "simulator" : "Docker", error);
    else
        say("no %s runtime: %s", options->sim ? "simulated" : "Docker", ecsengine_code_name(code));
    runtime_close(runtime);
    return NULL;
}

void runtime_close(struct runtime *runtime)
{
    if (runtime == NULL)
        return;
#ifdef WITH_DOCKER
    ecsengine_docker_free(runtime->docker);
#endif
#ifdef WITH_HOST
    ecsengine_posix_free(runtime->posix);
#endif
#ifdef WITH_SIM
    ecsengine_sim_free(runtime->sim);
#endif
    free(runtime);
}

int runtime_advance(struct runtime *runtime, int64_t mono_ns, int64_t wall_ns, ecsengine_error **error)
{
#ifdef WITH_SIM
    if (runtime->sim != NULL)
        return ecsengine_sim_advance(runtime->sim, mono_ns, wall_ns, error);
#endif
    (void)runtime, (void)mono_ns, (void)wall_ns, (void)error;
    return 0;
}

int64_t runtime_deadline(const struct runtime *runtime)
{
#ifdef WITH_SIM
    if (runtime->sim != NULL)
        return ecsengine_sim_deadline_ns(runtime->sim);
#endif
    (void)runtime;
    return ECSENGINE_NO_DEADLINE;
}

/* Without libecsengine-host nothing is kept from the runtime, and so nothing is to be pulled. */
void runtime_work(struct runtime *runtime, ecsengine *engine)
{
#ifdef WITH_HOST
    ecsengine_op *op;

    while (runtime->posix != NULL && (op = ecsengine_next_op(engine)) != NULL)
        if (!ecsengine_posix_take(runtime->posix, op))
            ecsengine_op_release(op); /* the CANCEL of one that is done already */
#else
    (void)runtime, (void)engine;
#endif
}

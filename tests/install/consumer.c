/* SPDX-License-Identifier: Apache-2.0 */
/* A program outside of the project: it sees what was installed and nothing else. With an adapter's macro it uses that adapter too. */
#include <ecsengine/ecsengine.h>
#ifdef WITH_DOCKER
#include <ecsengine/docker.h>
#endif
#ifdef WITH_HOST
#include <ecsengine/posix.h>
#endif
#ifdef WITH_SQLITE
#include <ecsengine/sqlite.h>
#endif
#ifdef WITH_SIM
#include <ecsengine/sim.h>
#endif
#include <stdio.h>
#include <string.h>

static int fail(const char *where, ecsengine_error *error)
{
    fprintf(stderr, "%s: %s\n", where, ecsengine_error_message(error));
    ecsengine_error_free(error);
    return 1;
}

int main(int argc, char **argv)
{
    ecsengine_config *config = NULL;
    ecsengine *engine = NULL;
    ecsengine_error *error = NULL;
    int ops = 0;

    (void)argc;
    (void)argv;
    if (ecsengine_config_new(&config, &error) < 0 || ecsengine_config_set(config, "seed", "7", &error) < 0)
        return fail("config", error);
    if (ecsengine_new(config, NULL, &engine, &error) < 0)
        return fail("engine", error);
    ecsengine_config_free(config);

#ifdef WITH_DOCKER
    ecsengine_docker *docker = NULL;
    if (ecsengine_docker_new("unix:///nonexistent/docker.sock", &docker, &error) < 0)
        return fail("docker", error);
    ecsengine_docker_free(docker);
#endif
#ifdef WITH_HOST
    ecsengine_posix *posix = NULL;
    if (ecsengine_posix_new(&posix, &error) < 0 || ecsengine_posix_attach(posix, engine, &error) < 0)
        return fail("posix", error);
    ecsengine_posix_free(posix);
#endif
#ifdef WITH_SQLITE
    ecsengine_sqlite *store = NULL;
    if (ecsengine_sqlite_open(argv[1], &store, &error) < 0 || ecsengine_sqlite_attach(store, engine, &error) < 0)
        return fail("sqlite", error);
#endif
#ifdef WITH_SIM
    ecsengine_sim *sim = NULL;
    if (ecsengine_sim_new(7, &sim, &error) < 0 || ecsengine_sim_attach(sim, engine, &error) < 0)
        return fail("sim", error);
#endif
    if (ecsengine_dispatch(engine, 0, 1700000000000000000, &error) < 0)
        return fail("dispatch", error);
#ifdef WITH_SIM
    ops = (int)ecsengine_sim_op_count(sim, ECSENGINE_OP_NONE);
#else
    for (ecsengine_op *op; (op = ecsengine_next_op(engine)) != NULL; ops++)
        ecsengine_op_release(op);
#endif
    if (ecsengine_free(engine) < 0)
        return 1;
#ifdef WITH_SQLITE
    if (ecsengine_sqlite_close(store, NULL) < 0)
        return 1;
#endif
#ifdef WITH_SIM
    ecsengine_sim_free(sim);
#endif
    printf("%s %s\n", ecsengine_version(), ops > 0 ? "asks" : "silent");
    return 0;
}

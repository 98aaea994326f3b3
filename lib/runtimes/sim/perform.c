/* SPDX-License-Identifier: Apache-2.0 */
/* The work of each kind of operation, done to the simulated containers and images, with the answers (and refusals) of a Docker Engine.
 * One function a kind, in one table; a kind that is not there is unsupported. */
#include <stdio.h>
#include <string.h>

#include "shape.h"
#include "simulator.h"

#define DAEMON "Error response from daemon: "

typedef enum sim_performed (*perform_fn)(ecsengine_sim *sim, struct sim_job *job, ecsengine_result **out_answer);

static enum sim_performed done(ecsengine_result *answer, ecsengine_result **out_answer)
{
    *out_answer = answer;
    return SIM_DONE;
}

static enum sim_performed checked(ecsengine_result *answer, int rc, ecsengine_result **out_answer)
{
    if (answer != NULL && rc < 0) {
        ecsengine_result_free(answer);
        answer = NULL;
    }
    return done(answer, out_answer);
}

/* The answer of an operation on a container that went well. */
static enum sim_performed with_record(const ecsengine_sim *sim, const struct sim_job *job, const struct sim_container *container,
                                      ecsengine_result **out_answer)
{
    bool recorded = sim->records || job->kind == ECSENGINE_OP_INSPECT;

    return done(sim_result_recorded(job->op, container, recorded), out_answer);
}

static enum sim_performed no_container(const struct sim_job *job, ecsengine_result **out_answer)
{
    return done(
        sim_result_failed(job->op, ECSENGINE_FAILURE_NOT_FOUND, DAEMON "No such container: %s", ecsengine_op_container(job->op)),
        out_answer);
}

static struct sim_container *container_of(const ecsengine_sim *sim, const struct sim_job *job)
{
    return sim_containers_find(&sim->containers, ecsengine_op_container(job->op));
}

static enum sim_performed do_info(ecsengine_sim *sim, struct sim_job *job, ecsengine_result **out_answer)
{
    ecsengine_result *answer = sim_result_ok(job->op);
    int rc = answer != NULL ? ecsengine_result_set_cpus(answer, sim->cpus) : 0;

    if (answer != NULL && rc == 0)
        rc = ecsengine_result_set_memory_mib(answer, sim->memory_mib);
    if (answer != NULL && rc == 0)
        rc = ecsengine_result_set_runtime_version(answer, sim->version != NULL ? sim->version : "sim");
    return checked(answer, rc, out_answer);
}

static enum sim_performed do_ping(ecsengine_sim *sim, struct sim_job *job, ecsengine_result **out_answer)
{
    (void)sim;
    return done(sim_result_ok(job->op), out_answer);
}

/* The stream is open when the answer says so, not before: jobs.c opens it. */
static enum sim_performed do_subscribe(ecsengine_sim *sim, struct sim_job *job, ecsengine_result **out_answer)
{
    if (sim->mono_ns >= sim->stream_from_ns)
        return done(sim_result_ok(job->op), out_answer);
    job->work_at_ns = sim->stream_from_ns;
    return SIM_LATER;
}

static enum sim_performed no_image(const struct sim_job *job, ecsengine_result **out_answer)
{
    return done(sim_result_failed(job->op, ECSENGINE_FAILURE_NOT_FOUND, DAEMON "No such image: %s", ecsengine_op_image(job->op)),
                out_answer);
}

static enum sim_performed not_in_registry(const struct sim_job *job, ecsengine_result **out_answer)
{
    const char *image = ecsengine_op_image(job->op);

    return done(sim_result_failed(job->op, ECSENGINE_FAILURE_NOT_FOUND,
                                  DAEMON "manifest for %s not found: manifest unknown: manifest unknown", image),
                out_answer);
}

static enum sim_performed do_pull_image(ecsengine_sim *sim, struct sim_job *job, ecsengine_result **out_answer)
{
    struct sim_image *image = sim_images_get(&sim->images, ecsengine_op_image(job->op));

    if (image == NULL || image->missing)
        return not_in_registry(job, out_answer);
    image->local = true;
    return done(sim_result_ok(job->op), out_answer);
}

static enum sim_performed do_pull_manifest(ecsengine_sim *sim, struct sim_job *job, ecsengine_result **out_answer)
{
    struct sim_image *image = sim_images_get(&sim->images, ecsengine_op_image(job->op));

    if (image == NULL || image->missing)
        return not_in_registry(job, out_answer);
    ecsengine_result *answer = sim_result_ok(job->op);
    int rc = answer != NULL
                 ? ecsengine_result_set_digest(answer, image->digest, "application/vnd.docker.distribution.manifest.v2+json")
                 : 0;
    return checked(answer, rc, out_answer);
}

static enum sim_performed do_inspect_image(ecsengine_sim *sim, struct sim_job *job, ecsengine_result **out_answer)
{
    struct sim_image *image = sim_images_get(&sim->images, ecsengine_op_image(job->op));

    if (image == NULL || !image->local)
        return no_image(job, out_answer);
    ecsengine_result *answer = sim_result_ok(job->op);
    int rc = answer != NULL ? ecsengine_result_set_image_id(answer, image->id) : 0;
    if (answer != NULL && rc == 0)
        rc = ecsengine_result_add_repo_digest(answer, image->by_digest);
    return checked(answer, rc, out_answer);
}

static enum sim_performed do_tag_image(ecsengine_sim *sim, struct sim_job *job, ecsengine_result **out_answer)
{
    struct sim_image *image = sim_images_get(&sim->images, ecsengine_op_image(job->op));
    struct sim_image *target = sim_images_get(&sim->images, ecsengine_op_image_target(job->op));

    if (image == NULL || !image->local)
        return no_image(job, out_answer);
    if (target == NULL)
        return done(sim_result_failed(job->op, ECSENGINE_FAILURE_OTHER, DAEMON "invalid reference"), out_answer);
    target->local = true;
    return done(sim_result_ok(job->op), out_answer);
}

/* Reads the configuration; SIM_LATER stands for: go on. */
static enum sim_performed read_config(ecsengine_sim *sim, const struct sim_job *job, struct sim_shape *shape,
                                      ecsengine_result **out_answer)
{
    char name[SIM_IMAGE_REF_SIZE];
    size_t len = 0;
    const char *config = ecsengine_op_create_config(job->op, &len);
    ecsengine_error *error = NULL;

    if (config == NULL)
        return done(NULL, out_answer);
    if (sim_shape_read(config, len, shape, name, sizeof(name), &error) < 0) {
        enum sim_performed end =
            done(sim_result_failed(job->op, ECSENGINE_FAILURE_OTHER, DAEMON "%s", ecsengine_error_message(error)), out_answer);
        ecsengine_error_free(error);
        return end;
    }
    struct sim_image *image = sim_images_get(&sim->images, name);
    if (image == NULL || !image->local) {
        sim_shape_free(shape);
        return done(sim_result_failed(job->op, ECSENGINE_FAILURE_NOT_FOUND, DAEMON "No such image: %s", name), out_answer);
    }
    return SIM_LATER;
}

static struct sim_container *create(ecsengine_sim *sim, const struct sim_job *job)
{
    struct sim_container *container = NULL;

    if (sim_schedule_reserve(&sim->schedule, SIM_CONTAINER_ITEMS) == 0)
        container = sim_containers_add(&sim->containers, sim->seed, ecsengine_op_runtime_name(job->op),
                                       ecsengine_op_container_name(job->op), ecsengine_op_task_arn(job->op));
    return container;
}

static enum sim_performed do_create(ecsengine_sim *sim, struct sim_job *job, ecsengine_result **out_answer)
{
    struct sim_shape shape = {0};
    const char *name = ecsengine_op_runtime_name(job->op);
    struct sim_container *container = sim_containers_named(&sim->containers, name);

    if (container != NULL)
        return done(sim_result_failed(job->op, ECSENGINE_FAILURE_CONFLICT,
                                      DAEMON "Conflict. The container name \"/%s\" is already in use by container \"%s\".", name,
                                      container->id),
                    out_answer);
    if (sim->interpret && read_config(sim, job, &shape, out_answer) == SIM_DONE)
        return SIM_DONE;
    bool mounted = sim_mount(sim, &shape) == 0;
    container = mounted ? create(sim, job) : NULL;
    if (container == NULL) {
        if (mounted)
            sim_unmount(sim, &shape);
        sim_shape_free(&shape);
        return done(sim_result_failed(job->op, ECSENGINE_FAILURE_OTHER, DAEMON "no memory for a container"), out_answer);
    }
    container->shape = shape;
    container->created_at = sim->wall_ns;
    sim_events_tell(sim, ECSENGINE_RUNTIME_EVENT_CREATE, container);
    ecsengine_result *answer = sim_result_ok(job->op);
    return checked(answer, answer != NULL ? ecsengine_result_set_container_id(answer, container->id) : 0, out_answer);
}

static enum sim_performed do_start(ecsengine_sim *sim, struct sim_job *job, ecsengine_result **out_answer)
{
    struct sim_container *container = container_of(sim, job);

    if (container == NULL)
        return no_container(job, out_answer);
    const char *refusal = container->state != SIM_RUNNING ? sim_life_start(sim, container) : NULL;
    if (refusal != NULL)
        return done(sim_result_failed(job->op, ECSENGINE_FAILURE_OTHER,
                                      DAEMON "driver failed programming external connectivity: %s", refusal),
                    out_answer);
    return with_record(sim, job, container, out_answer);
}

static enum sim_performed do_stop(ecsengine_sim *sim, struct sim_job *job, ecsengine_result **out_answer)
{
    struct sim_container *container = container_of(sim, job);

    if (container == NULL)
        return no_container(job, out_answer);
    if (container->state == SIM_RUNNING) {
        if (!sim_life_stop(sim, container, ecsengine_op_grace_ns(job->op))) {
            job->container = container;
            return SIM_WAITS;
        }
        sim_events_tell(sim, ECSENGINE_RUNTIME_EVENT_STOP, container);
    }
    return with_record(sim, job, container, out_answer);
}

static enum sim_performed do_inspect(ecsengine_sim *sim, struct sim_job *job, ecsengine_result **out_answer)
{
    struct sim_container *container = container_of(sim, job);

    return container != NULL ? with_record(sim, job, container, out_answer) : no_container(job, out_answer);
}

static enum sim_performed do_remove(ecsengine_sim *sim, struct sim_job *job, ecsengine_result **out_answer)
{
    struct sim_container *container = container_of(sim, job);

    if (container == NULL)
        return no_container(job, out_answer);
    if (container->state == SIM_RUNNING && !ecsengine_op_force(job->op))
        return done(sim_result_failed(job->op, ECSENGINE_FAILURE_CONFLICT,
                                      DAEMON "You cannot remove a running container %s. Stop the container before attempting "
                                             "removal or force remove",
                                      container->id),
                    out_answer);
    sim_life_remove(sim, container);
    return done(sim_result_ok(job->op), out_answer);
}

/* `key=value` */
static int add_label(ecsengine_result *answer, const char *label)
{
    static const char prefix[] = "com.amazonaws.ecs.";
    char key[64];
    const char *equals = strchr(label, '=');

    if (strncmp(label, prefix, sizeof(prefix) - 1) != 0 || equals == NULL || (size_t)(equals - label) >= sizeof(key))
        return 0;
    memcpy(key, label, (size_t)(equals - label));
    key[equals - label] = '\0';
    return ecsengine_result_add_container_label(answer, key, equals + 1);
}

static enum sim_performed do_list(ecsengine_sim *sim, struct sim_job *job, ecsengine_result **out_answer)
{
    ecsengine_result *answer = sim_result_ok(job->op);
    const char *label = ecsengine_op_label(job->op);
    int rc = 0;

    for (size_t i = 0; answer != NULL && rc == 0 && i < sim->containers.count; i++) {
        const struct sim_container *container = sim_containers_at(&sim->containers, i);
        if (!sim_container_has_label(container, label))
            continue;
        rc = ecsengine_result_add_container(answer, container->id, container->runtime_name, container->state == SIM_RUNNING,
                                            container->health);
        const char *at = container->shape.labels != NULL ? container->shape.labels : "";
        for (; rc == 0 && *at != '\0'; at += strlen(at) + 1)
            rc = add_label(answer, at);
    }
    return checked(answer, rc, out_answer);
}

static const perform_fn table[SIM_OP_KINDS] = {
    [ECSENGINE_OP_INFO] = do_info,
    [ECSENGINE_OP_PING] = do_ping,
    [ECSENGINE_OP_SUBSCRIBE] = do_subscribe,
    [ECSENGINE_OP_PULL_IMAGE] = do_pull_image,
    [ECSENGINE_OP_PULL_MANIFEST] = do_pull_manifest,
    [ECSENGINE_OP_INSPECT_IMAGE] = do_inspect_image,
    [ECSENGINE_OP_TAG_IMAGE] = do_tag_image,
    [ECSENGINE_OP_CREATE] = do_create,
    [ECSENGINE_OP_START] = do_start,
    [ECSENGINE_OP_STOP] = do_stop,
    [ECSENGINE_OP_INSPECT] = do_inspect,
    [ECSENGINE_OP_REMOVE] = do_remove,
    [ECSENGINE_OP_LIST] = do_list,
    [ECSENGINE_OP_PROVISION] = sim_make,
    [ECSENGINE_OP_VOLUME_CREATE] = sim_make,
    [ECSENGINE_OP_VOLUME_INSPECT] = sim_make,
    [ECSENGINE_OP_VOLUME_REMOVE] = sim_make,
    [ECSENGINE_OP_RESOURCE_CREATE] = sim_make,
    [ECSENGINE_OP_RESOURCE_REMOVE] = sim_make,
    [ECSENGINE_OP_EXEC_CREATE] = sim_exec,
    [ECSENGINE_OP_EXEC_START] = sim_exec,
    [ECSENGINE_OP_EXEC_INSPECT] = sim_exec,
    [ECSENGINE_OP_EXEC_RUN] = sim_exec,
    [ECSENGINE_OP_AGENT_PREPARE] = sim_agent,
    [ECSENGINE_OP_AGENT_CLEAN] = sim_agent,
};

enum sim_performed sim_perform(ecsengine_sim *sim, struct sim_job *job, ecsengine_result **out_answer)
{
    perform_fn perform = (unsigned)job->kind < SIM_OP_KINDS ? table[job->kind] : NULL;

    if (perform == NULL)
        return done(sim_result_failed(job->op, ECSENGINE_FAILURE_UNSUPPORTED, "the simulator knows no such operation"), out_answer);
    return perform(sim, job, out_answer);
}

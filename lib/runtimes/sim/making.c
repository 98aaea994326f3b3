/* SPDX-License-Identifier: Apache-2.0 */
/* Volumes, with the answers of a Docker Engine; and what a host would make by itself, which the simulator takes for done. */
#include <string.h>

#include "ecsengine/error.h"
#include "fail.h"
#include "simulator.h"

#define DAEMON "Error response from daemon: "

static ecsengine_result *no_volume(const ecsengine_op *op)
{
    return sim_result_failed(op, ECSENGINE_FAILURE_NOT_FOUND, DAEMON "get %s: no such volume", ecsengine_op_volume_name(op));
}

static ecsengine_result *no_memory(const ecsengine_op *op)
{
    return sim_result_failed(op, ECSENGINE_FAILURE_OTHER, DAEMON "no memory for a volume");
}

static ecsengine_result *create_volume(ecsengine_sim *sim, const ecsengine_op *op)
{
    size_t len = 0;
    const char *body = ecsengine_op_volume_config(op, &len), *name = ecsengine_op_volume_name(op);
    json_t *config = json_loadb(body, len, 0, NULL);

    if (!json_is_object(config)) {
        json_decref(config);
        return sim_result_failed(op, ECSENGINE_FAILURE_OTHER, DAEMON "the volume's configuration is no JSON object");
    }
    if (sim_volumes_add(&sim->volumes, name, config) == NULL)
        return no_memory(op);
    ecsengine_result *answer = sim_result_ok(op);
    if (answer != NULL && ecsengine_result_set_volume_name(answer, name) < 0) {
        ecsengine_result_free(answer);
        answer = NULL;
    }
    return answer;
}

typedef int (*add_fn)(ecsengine_result *result, const char *key, const char *value);

static int add_map(ecsengine_result *answer, json_t *map, add_fn add)
{
    const char *key;
    json_t *value;
    int rc = 0;

    json_object_foreach(map, key, value) rc = rc == 0 && json_is_string(value) ? add(answer, key, json_string_value(value)) : rc;
    return rc;
}

static ecsengine_result *inspect_volume(ecsengine_sim *sim, const ecsengine_op *op)
{
    const struct sim_volume *volume = sim_volumes_find(&sim->volumes, ecsengine_op_volume_name(op));

    if (volume == NULL)
        return no_volume(op);
    ecsengine_result *answer = sim_result_ok(op);
    int rc = answer != NULL ? ecsengine_result_set_volume_name(answer, volume->name) : 0;
    if (answer != NULL && rc == 0)
        rc = add_map(answer, json_object_get(volume->config, "DriverOpts"), ecsengine_result_add_volume_option);
    if (answer != NULL && rc == 0)
        rc = add_map(answer, json_object_get(volume->config, "Labels"), ecsengine_result_add_volume_label);
    if (rc < 0) {
        ecsengine_result_free(answer);
        answer = NULL;
    }
    return answer;
}

static ecsengine_result *remove_volume(ecsengine_sim *sim, const ecsengine_op *op)
{
    struct sim_volume *volume = sim_volumes_find(&sim->volumes, ecsengine_op_volume_name(op));

    if (volume == NULL)
        return no_volume(op);
    if (volume->users > 0)
        return sim_result_failed(op, ECSENGINE_FAILURE_CONFLICT, DAEMON "remove %s: volume is in use", volume->name);
    sim_volumes_remove(&sim->volumes, volume);
    return sim_result_ok(op);
}

static ecsengine_result *create_resource(ecsengine_sim *sim, const ecsengine_op *op)
{
    bool made = sim_volumes_add(&sim->resources, ecsengine_op_runtime_name(op), NULL) != NULL;

    return made ? sim_result_ok(op) : no_memory(op);
}

static ecsengine_result *remove_resource(ecsengine_sim *sim, const ecsengine_op *op)
{
    struct sim_volume *resource = sim_volumes_find(&sim->resources, ecsengine_op_runtime_name(op));

    if (resource != NULL)
        sim_volumes_remove(&sim->resources, resource);
    return sim_result_ok(op);
}

enum sim_performed sim_make(ecsengine_sim *sim, struct sim_job *job, ecsengine_result **out_answer)
{
    switch (job->kind) {
    case ECSENGINE_OP_VOLUME_CREATE:
        *out_answer = create_volume(sim, job->op);
        break;
    case ECSENGINE_OP_VOLUME_INSPECT:
        *out_answer = inspect_volume(sim, job->op);
        break;
    case ECSENGINE_OP_VOLUME_REMOVE:
        *out_answer = remove_volume(sim, job->op);
        break;
    case ECSENGINE_OP_RESOURCE_CREATE:
        *out_answer = create_resource(sim, job->op);
        break;
    case ECSENGINE_OP_RESOURCE_REMOVE:
        *out_answer = remove_resource(sim, job->op);
        break;
    default: /* PROVISION: there is no network to be set up */
        *out_answer = sim_result_ok(job->op);
        break;
    }
    return SIM_DONE;
}

/* A volume that a container names and that is not there is made, as Docker does it. */
int sim_mount(ecsengine_sim *sim, const struct sim_shape *shape)
{
    for (const char *name = shape->volumes; name != NULL && *name != '\0'; name += strlen(name) + 1)
        if (sim_volumes_add(&sim->volumes, name, NULL) == NULL)
            return ECSENGINE_ENOMEM;
    for (const char *name = shape->volumes; name != NULL && *name != '\0'; name += strlen(name) + 1)
        sim_volumes_find(&sim->volumes, name)->users++;
    return 0;
}

void sim_unmount(ecsengine_sim *sim, const struct sim_shape *shape)
{
    for (const char *name = shape->volumes; name != NULL && *name != '\0'; name += strlen(name) + 1)
        sim_volumes_find(&sim->volumes, name)->users--;
}

/* What an outsider does, and sees. */

int ecsengine_sim_volume_create(ecsengine_sim *sim, const char *name, const char *config, ecsengine_error **error)
{
    if (sim == NULL || name == NULL || *name == '\0')
        return sim_fail(error, ECSENGINE_EINVAL, "no simulator or no volume");
    json_t *body = config != NULL ? json_loads(config, 0, NULL) : NULL;
    if (config != NULL && !json_is_object(body)) {
        json_decref(body);
        return sim_fail(error, ECSENGINE_EINVAL, "the volume's configuration is no JSON object");
    }
    return sim_volumes_add(&sim->volumes, name, body) != NULL ? 0 : sim_fail(error, ECSENGINE_ENOMEM, "out of memory");
}

size_t ecsengine_sim_volume_count(const ecsengine_sim *sim) { return sim != NULL ? sim->volumes.count : 0; }

const char *ecsengine_sim_volume_name(const ecsengine_sim *sim, size_t index)
{
    const struct sim_volume *volume = sim != NULL ? sim_volumes_at(&sim->volumes, index) : NULL;

    return volume != NULL ? volume->name : NULL;
}

size_t ecsengine_sim_resource_count(const ecsengine_sim *sim) { return sim != NULL ? sim->resources.count : 0; }

const char *ecsengine_sim_resource_name(const ecsengine_sim *sim, size_t index)
{
    const struct sim_volume *resource = sim != NULL ? sim_volumes_at(&sim->resources, index) : NULL;

    return resource != NULL ? resource->name : NULL;
}

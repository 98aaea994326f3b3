/* SPDX-License-Identifier: Apache-2.0 */
/* Container configuration out: the body of Docker's `POST /containers/create` for one container of one task. */
#ifndef SPEC_CONTAINER_CONFIG_H
#define SPEC_CONTAINER_CONFIG_H

#include "base/buf.h"
#include "model/definition.h"

/* What a definition can't know. */
struct config_facts {
    const char *task_arn;
    const char *cluster;
    const char *instance; /* label `ecsengine.instance`; "" leaves it out */
    /* The runtime name of the index-th container of the task. */
    const char *(*runtime_name)(const void *names, uint16_t index);
    /* What the runtime knows the volume of the index-th resource by. */
    const char *(*volume_name)(const void *names, uint16_t index);
    /* The host port that the engine chose for a mapping (the first one of a range), and the id of the container's n-th GPU, or NULL.
     * Without them nothing is chosen yet: the ports are 0, and there are no GPUs. */
    uint16_t (*host_port)(const void *names, uint16_t index, uint16_t mapping);
    const char *(*gpu)(const void *names, uint16_t index, size_t n);
    /* Appends what the container's managed agents mount, as elements of Binds. NULL: nothing. */
    void (*agent_binds)(const void *names, uint16_t index, struct buf *out);
    const void *names;
};

/* Appends the JSON to `out`; failures are in out->failed. */
void container_config_build(const struct definition *definition, uint16_t index, const struct config_facts *facts, struct buf *out);

#endif

/* SPDX-License-Identifier: Apache-2.0 */
/* Provisioning. Only a container whose steady state is RESOURCES_PROVISIONED comes here. Whatever goes wrong is one error to the container,
 * which runs, so that it is stopped for real (task-engine: 5.4). A host that knows of no such work has none to do for a user's container;
 * without the network of a pause container the task would run in a wrong place. */
#include "engine/provision.h"

#include <stdio.h>

#define PROVISION_LIMIT NS_PER_MINUTE /* to set a network up (task-engine: section 12) */

enum next provision_begin(struct engine *engine, struct container *container)
{
    transition_begin(engine, container, ECSENGINE_CONTAINER_RESOURCES_PROVISIONED, PROVISION_LIMIT);
    transition_op(engine, container, ECSENGINE_OP_PROVISION, PROVISION_LIMIT);
    return NEXT_BUSY;
}

void provision_answer(struct engine *engine, struct container *container, struct ecsengine_op *op,
                      const struct ecsengine_result *result, const struct failure *failure)
{
    struct failure networking = {.kind = failure->kind, .name = error_name_of(ECSENGINE_OP_PROVISION)};

    (void)op;
    if (container->applied != ECSENGINE_CONTAINER_RESOURCES_PROVISIONED)
        return; /* it has ended meanwhile */
    bool nothing_to_do = failure->kind == ECSENGINE_FAILURE_UNSUPPORTED && container_def(container)->type == CONTAINER_NORMAL;
    if (failure->kind == ECSENGINE_FAILURE_NONE || nothing_to_do) {
        container_change(engine, container, ECSENGINE_CONTAINER_RESOURCES_PROVISIONED, result, NULL);
        return;
    }
    snprintf(networking.buffer, sizeof(networking.buffer), "container resource provisioning: %.900s", failure->text);
    networking.text = networking.buffer;
    container_change(engine, container, ECSENGINE_CONTAINER_RESOURCES_PROVISIONED, NULL, &networking);
}

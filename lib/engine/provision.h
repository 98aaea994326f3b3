/* SPDX-License-Identifier: Apache-2.0 */
/* What a host does for a container after its start: the network of a pause container (task-engine: 1.5, 3.5). */
#ifndef ENGINE_PROVISION_H
#define ENGINE_PROVISION_H

#include "engine/transitions.h"

enum next provision_begin(struct engine *engine, struct container *container);
void provision_answer(struct engine *engine, struct container *container, struct ecsengine_op *op,
                      const struct ecsengine_result *result, const struct failure *failure);

#endif

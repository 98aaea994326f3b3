/* SPDX-License-Identifier: Apache-2.0 */
/* How a volume comes about (task-payload: sections 4.3, 4.4, 12.7). */
#ifndef ENGINE_VOLUME_H
#define ENGINE_VOLUME_H

#include "engine/resource.h"

void volume_begin(struct engine *engine, struct resource *resource);
void volume_inspected(struct engine *engine, struct resource *resource, const struct ecsengine_result *result,
                      const struct failure *failure);
/* The runtime may know it by another name than it was asked for. */
void volume_take_name(struct resource *resource, const struct ecsengine_result *result);

#endif

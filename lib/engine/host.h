/* SPDX-License-Identifier: Apache-2.0 */
/* The host: what it has, and who has it. */
#ifndef ENGINE_HOST_H
#define ENGINE_HOST_H

#include "engine/engine.h"

/* A setting that ecsengine_host_set() may change; NULL: there is none of that name. */
const struct setting *host_setting(const char *key);
/* Takes the value of that setting out of `from`. */
void host_set(struct engine *engine, const struct setting *setting, const struct settings *from);
/* JSON: capacity, reserved, consumed and free of each resource, the policy and how many wait; with `everything` also who has what, and the
 * queue in order. */
void host_describe(const struct engine *engine, bool everything, struct buf *out);

#endif

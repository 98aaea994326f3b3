/* SPDX-License-Identifier: Apache-2.0 */
/* Reading a create configuration: what the container will do, its ports, its labels. */
#ifndef SIM_SHAPE_H
#define SIM_SHAPE_H

#include "containers.h"
#include "ecsengine/error.h"

/* Reads the body of a create. `out_image` (at least `image_size` bytes) gets the image, cut. On failure nothing is left to free.
 * EDOCUMENT: no such JSON; EINVAL: its label `ecsengine.sim` is no script; ENOMEM. The error is for people. */
int sim_shape_read(const char *config, size_t config_len, struct sim_shape *out_shape, char *out_image, size_t image_size,
                   ecsengine_error **error);

#endif

/* SPDX-License-Identifier: Apache-2.0 */
/* What this adapter can do, kind by kind. */
#ifndef DOCKER_KINDS_H
#define DOCKER_KINDS_H

#include "runtimes/docker/job.h"

/* NULL for a kind that it cannot do. Static. */
const struct docker_kind *docker_kind_of(enum ecsengine_op_kind kind);

#endif

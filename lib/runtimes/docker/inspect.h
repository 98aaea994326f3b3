/* SPDX-License-Identifier: Apache-2.0 */
/* The inspection of a container as a container record. */
#ifndef DOCKER_INSPECT_H
#define DOCKER_INSPECT_H

#include "runtimes/docker/job.h"

int docker_answer_inspect(struct docker_job *job, ecsengine_result *result);

#endif

/* SPDX-License-Identifier: Apache-2.0 */
/* A pull's stream of progress. */
#ifndef DOCKER_PULL_H
#define DOCKER_PULL_H

#include "runtimes/docker/job.h"

bool docker_pull_opened(struct docker_job *job);
bool docker_pull_data(struct docker_job *job, const char *data, size_t len);
int docker_pull_answer(struct docker_job *job, ecsengine_result *result);
void docker_pull_forget(struct docker_job *job);

#endif

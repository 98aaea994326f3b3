/* SPDX-License-Identifier: Apache-2.0 */
/* The list of containers, read element by element: it may be long, and only ids and names are wanted of it. */
#ifndef DOCKER_LIST_H
#define DOCKER_LIST_H

#include "runtimes/docker/job.h"

bool docker_list_opened(struct docker_job *job);
bool docker_list_data(struct docker_job *job, const char *data, size_t len);
int docker_list_answer(struct docker_job *job, ecsengine_result *result);
void docker_list_forget(struct docker_job *job);

#endif

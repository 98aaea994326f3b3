/* SPDX-License-Identifier: Apache-2.0 */
/* Processes that are started in running containers. */
#ifndef DOCKER_EXEC_H
#define DOCKER_EXEC_H

#include "runtimes/docker/job.h"

bool docker_request_exec_create(struct docker_job *job, int minor);
bool docker_request_exec_start(struct docker_job *job, int minor);
bool docker_request_exec_inspect(struct docker_job *job, int minor);
int docker_answer_exec_create(struct docker_job *job, ecsengine_result *result);
int docker_answer_exec_inspect(struct docker_job *job, ecsengine_result *result);

/* EXEC_RUN: several requests, one after the other. */
bool docker_exec_run_request(struct docker_job *job, int minor);
bool docker_exec_run_data(struct docker_job *job, const char *data, size_t len);
int docker_exec_run_answer(struct docker_job *job, ecsengine_result *result);
void docker_exec_run_forget(struct docker_job *job);

#endif

/* SPDX-License-Identifier: Apache-2.0 */
/* Answers as results: every end of an exchange becomes the one completion of its operation. */
#ifndef DOCKER_ANSWERS_H
#define DOCKER_ANSWERS_H

#include "runtimes/docker/job.h"

/* Completes the job's operation by how its exchange ended. False: not yet, it needs another request. */
bool docker_answer(struct docker_job *job, enum docker_http_outcome outcome);

/* Completes it without an answer: cancelled by the engine, or given up after its deadline. */
void docker_answer_cancelled(struct docker_job *job);
void docker_answer_overdue(struct docker_job *job);

/* What an exchange that brought no good answer says, as text and class, for any request (`/v1.41/info`, `/_ping`). */
enum ecsengine_failure docker_failure_of(const struct docker_http_exchange *exchange, enum docker_http_outcome outcome, char *text,
                                         size_t size);

/* How a stream that had begun to answer ended, in a few words. */
const char *docker_stream_end(enum docker_http_outcome outcome);

/* `The Docker daemon's answer to GET /v1.41/info could not be read: <why>` */
void docker_text_unreadable(const struct docker_http_exchange *exchange, const char *why, char *text, size_t size);

/* Good answers of the simple kinds: 0, ENOMEM, or another code with a fault in the job. */
int docker_answer_info(struct docker_job *job, ecsengine_result *result);
int docker_answer_manifest(struct docker_job *job, ecsengine_result *result);
int docker_answer_inspect_image(struct docker_job *job, ecsengine_result *result);
int docker_answer_create(struct docker_job *job, ecsengine_result *result);
int docker_answer_volume(struct docker_job *job, ecsengine_result *result);

/* For those that are made elsewhere: the collected body as an object, which the caller frees; a text without which it is worth nothing. */
json_t *docker_answer_document(struct docker_job *job);
const char *docker_answer_required(json_t *object, const char *path, struct docker_fault *fault);

/* What an answer function returns: the fault in the job wins over the setters' code. */
int docker_answer_code(struct docker_job *job, int code);

#endif

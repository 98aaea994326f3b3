/* SPDX-License-Identifier: Apache-2.0 */
/* The event stream: SUBSCRIBE completes when it is open; then each event of a container is handed to the engine as it is. */
#ifndef DOCKER_EVENTS_H
#define DOCKER_EVENTS_H

#include "runtimes/docker/job.h"
#include "runtimes/docker/split.h"

bool docker_events_opened(struct docker_job *job);
bool docker_events_data(struct docker_job *job, const char *data, size_t len);
void docker_events_forget(struct docker_job *job);

/* Says that an open stream has ended. ENOMEM: not said yet, call again. */
int docker_events_lost(struct docker_job *job);
/* Notes why, from how its exchange ended. */
void docker_events_note_end(struct docker_job *job, enum docker_http_outcome outcome);

#endif

/* SPDX-License-Identifier: Apache-2.0 */
/* The worker: the adapter's thread, which brings jobs from the mailbox to the daemon and back. */
#ifndef DOCKER_WORKER_H
#define DOCKER_WORKER_H

#include <pthread.h>

#include "runtimes/docker/job.h"
#include "runtimes/docker/mailbox.h"
#include "runtimes/docker/version.h"

struct docker_worker {
    struct docker_mailbox *mailbox; /* immutable */
    pthread_t thread;               /* immutable */

    /* The thread only, but for docker_http_wake(). */
    struct docker_http http;
    struct docker_version version;
    struct docker_job_list waiting[DOCKER_LANE_COUNT];
    struct docker_job_list running;
    struct docker_job_list delayed; /* between two requests of one operation */
    struct docker_job_list untold; /* streams whose end the engine had no memory to hear of */
    size_t in_use[DOCKER_LANE_COUNT];
    size_t connections_max;
    int64_t next_expiry_ns; /* no job expires before */
    int64_t pause_until_ns; /* the daemon's backlog is full */
    bool new_stream;        /* an event stream was opened; there may be older ones */
    bool ending;
};

/* Joins the mailbox to its engine and starts the thread. ESYSTEM, ENOMEM, and what ecsengine_set_runtime() says. */
int docker_worker_start(struct docker_worker *worker, struct docker_mailbox *mailbox, const char *socket_path,
                        ecsengine_error **error);

/* Ends the thread, answers what is left, and frees all but the mailbox. */
void docker_worker_stop(struct docker_worker *worker);

#endif

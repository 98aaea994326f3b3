/* SPDX-License-Identifier: Apache-2.0 */
/* The mailbox: what the engine and the adapter share, so that either may be freed first.
 *
 * The engine's vtable points at it, never at the adapter. It has two owners, the engine (until it calls close()) and the adapter; the
 * last one frees it. After close() nobody touches the engine any more, after docker_mailbox_shut() nobody wakes the adapter. */
#ifndef DOCKER_MAILBOX_H
#define DOCKER_MAILBOX_H

#include <pthread.h>

#include "runtimes/docker/job.h"

struct docker_cancel {
    struct docker_cancel *next;
    uint64_t op_id;
};

struct docker_mailbox {
    pthread_mutex_t lock;
    /* Guarded by lock. */
    struct docker_job_list jobs;
    struct docker_cancel *cancels;
    struct docker_http *http; /* whom to wake; NULL: the adapter is gone */
    int owners;
    bool closed;   /* by the engine */
    bool shutting; /* the thread is asked to end */

    pthread_mutex_t engine_lock; /* held while the engine is told of an event; never together with `lock` */
    /* Guarded by engine_lock. */
    ecsengine *engine; /* NULL after close() */
};

/* What docker_mailbox_take() found. */
struct docker_mail {
    struct docker_job_list jobs;
    struct docker_cancel *cancels; /* to be freed by the taker */
    bool closed;
    bool shutting;
};

/* One owner: the adapter. NULL: no memory. */
struct docker_mailbox *docker_mailbox_new(ecsengine *engine);

/* Joins the mailbox to its engine, which becomes the second owner. */
int docker_mailbox_join(struct docker_mailbox *mailbox, struct docker_http *http, ecsengine_error **error);

/* Asks the thread that reads the mailbox to end. */
void docker_mailbox_ask_to_end(struct docker_mailbox *mailbox);

/* Nothing is read any more: what comes in is refused from now on. Answers nothing itself. */
void docker_mailbox_shut(struct docker_mailbox *mailbox);
void docker_mailbox_release(struct docker_mailbox *mailbox);

/* Everything that came in since the last call. The adapter's thread. */
void docker_mailbox_take(struct docker_mailbox *mailbox, struct docker_mail *out_mail);

/* Tells the engine; 0 as well if there is none any more. `exec_id` and `exit_code` may be NULL. The adapter's thread. */
int docker_mailbox_event(struct docker_mailbox *mailbox, enum ecsengine_runtime_event_kind kind, const char *container,
                         const char *exec_id, const int32_t *exit_code);
int docker_mailbox_lost(struct docker_mailbox *mailbox, const char *reason);

#endif

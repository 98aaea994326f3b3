/* SPDX-License-Identifier: Apache-2.0 */
/* A job: one operation on its way through the adapter, from submit() to its one completion.
 *
 * It owns the operation until it completes it. What is particular to a kind of operation stands in one table (kinds.c): how it is
 * asked for, how its answer is read. Jobs are made on the engine's thread and handled on the adapter's alone. */
#ifndef DOCKER_JOB_H
#define DOCKER_JOB_H

#include "ecsengine/runtime.h"
#include "runtimes/docker/http.h"
#include "runtimes/docker/json.h"

struct docker_job;
struct docker_mailbox;

/* What kind->answer returns when the operation needs another request, which kind->request then makes. */
enum { DOCKER_AGAIN = 1 };

/* Where a job waits for a connection. Stops and pulls last long; they never take the last connections away from what is quick. */
enum docker_lane {
    DOCKER_LANE_URGENT, /* never waits */
    DOCKER_LANE_SHORT,
    DOCKER_LANE_LONG,
    DOCKER_LANE_COUNT
};

struct docker_kind {
    enum docker_lane lane;
    bool unversioned; /* goes out before the API version is known */
    bool ambiguous;   /* if its answer cannot be read, the work may have been done all the same */
    size_t answer_max;
    /* Fills in the request; `minor` is the API version. False: refused (the job's failure and text say why), or no memory. */
    bool (*request)(struct docker_job *job, int minor);
    /* The good answer begins; false stops it. NULL: nothing to do. */
    bool (*opened)(struct docker_job *job);
    /* A part of a good answer; false stops it. NULL: collected in exchange.answer. */
    bool (*data)(struct docker_job *job, const char *data, size_t len);
    /* Turns the good answer into a result. 0, or ENOMEM, or another negative code with a fault; or DOCKER_AGAIN. NULL: success says it all. */
    int (*answer)(struct docker_job *job, ecsengine_result *result);
    /* Frees what `reading` holds. */
    void (*forget)(struct docker_job *job);
};

struct docker_job {
    struct docker_job *next;
    struct docker_job *previous;
    const struct docker_kind *kind;
    struct docker_mailbox *mailbox; /* borrowed; for events */
    ecsengine_op *op;               /* NULL once completed */
    uint64_t op_id;
    int64_t expires_ns; /* CLOCK_MONOTONIC */
    bool running;       /* its exchange is under way */
    bool delayed;       /* its next request waits for its time */
    int64_t not_before_ns; /* ... which is this, or 0 */
    int daemons;        /* the API version of the daemon that it was made for */
    bool made_anew;     /* another daemon has refused it; once */
    bool opened;        /* SUBSCRIBE: completed, and the stream is the engine's */
    struct docker_http_exchange exchange;
    ecsengine_result *result; /* while it is filled in */
    void *reading;            /* what the kind keeps while it reads a stream */
    struct docker_fault fault;
    enum ecsengine_failure refusal; /* of kind->request */
    char text[512];                 /* why it was refused; why a stream ended */
};

/* Takes the operation over. NULL: no memory, and the operation is still the caller's. */
struct docker_job *docker_job_new(ecsengine_op *op, struct docker_mailbox *mailbox);
/* Frees all; an operation that is still open is released unanswered. */
void docker_job_free(struct docker_job *job);

/* The result that is being filled in, made at the first call. NULL: no memory. */
ecsengine_result *docker_job_result(struct docker_job *job);

/* Completes the operation, once; later calls do nothing. Return what ecsengine_op_complete() says. */
int docker_job_complete(struct docker_job *job); /* with the result; without one it counts as a lack of memory */
int docker_job_fail(struct docker_job *job, enum ecsengine_failure failure, const char *text);
int docker_job_fail_no_memory(struct docker_job *job);

/* Refuses a request from within kind->request; always false. */
bool docker_job_refuse(struct docker_job *job, enum ecsengine_failure failure, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

/* Jobs in order. */
struct docker_job_list {
    struct docker_job *first;
    struct docker_job *last;
};

void docker_jobs_append(struct docker_job_list *list, struct docker_job *job);
void docker_jobs_prepend(struct docker_job_list *list, struct docker_job *job);
void docker_jobs_remove(struct docker_job_list *list, struct docker_job *job);

/* The monotonic clock. */
int64_t docker_now_ns(void);

#endif

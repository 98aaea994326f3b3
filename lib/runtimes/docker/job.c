/* SPDX-License-Identifier: Apache-2.0 */
/* The life of a job, and lists of jobs. Every way out of a job passes one of the three completing functions below. */
#include "runtimes/docker/job.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include "runtimes/docker/kinds.h"

/* How long after its deadline a request is given up. The engine has answered the operation by then; this merely frees the connection. */
#define GIVE_UP_AFTER_NS INT64_C(5000000000)

int64_t docker_now_ns(void)
{
    struct timespec now;

    clock_gettime(CLOCK_MONOTONIC, &now);
    return (int64_t)now.tv_sec * 1000000000 + now.tv_nsec;
}

/* A deadline is a time of the host's clock, which need not be ours: a host may drive the engine by a clock of its own making. One that
 * is over before the work begins shows such a clock, and says nothing about when to give up; the engine's cancel does then. */
static int64_t expiry(const ecsengine_op *op)
{
    int64_t deadline = ecsengine_op_deadline_ns(op);
    int64_t expires;

    if (deadline <= docker_now_ns() || __builtin_add_overflow(deadline, GIVE_UP_AFTER_NS, &expires))
        return ECSENGINE_NO_DEADLINE;
    return expires;
}

struct docker_job *docker_job_new(ecsengine_op *op, struct docker_mailbox *mailbox)
{
    struct docker_job *job = calloc(1, sizeof(*job));

    if (job == NULL)
        return NULL;
    job->op = op;
    job->op_id = ecsengine_op_id(op);
    job->kind = docker_kind_of(ecsengine_op_get_kind(op));
    job->mailbox = mailbox;
    job->expires_ns = expiry(op);
    return job;
}

void docker_job_free(struct docker_job *job)
{
    if (job == NULL)
        return;
    if (job->kind != NULL && job->kind->forget != NULL)
        job->kind->forget(job);
    docker_http_exchange_free(&job->exchange);
    ecsengine_result_free(job->result);
    ecsengine_op_release(job->op);
    free(job);
}

ecsengine_result *docker_job_result(struct docker_job *job)
{
    if (job->result == NULL && job->op != NULL && ecsengine_result_new(job->op, &job->result, NULL) < 0)
        job->result = NULL;
    return job->result;
}

int docker_job_complete(struct docker_job *job)
{
    ecsengine_op *op = job->op;
    ecsengine_result *result = job->result;

    if (op == NULL)
        return ECSENGINE_EALREADY;
    job->op = NULL;
    job->result = NULL;
    return ecsengine_op_complete(op, result, NULL);
}

int docker_job_fail_no_memory(struct docker_job *job)
{
    ecsengine_result_free(job->result);
    job->result = NULL;
    return docker_job_complete(job);
}

int docker_job_fail(struct docker_job *job, enum ecsengine_failure failure, const char *text)
{
    /* A fresh result: what was read before the failure is no part of it. */
    ecsengine_result_free(job->result);
    job->result = NULL;
    if (docker_job_result(job) != NULL && ecsengine_result_set_failure(job->result, failure, text) < 0)
        return docker_job_fail_no_memory(job);
    return docker_job_complete(job);
}

bool docker_job_refuse(struct docker_job *job, enum ecsengine_failure failure, const char *format, ...)
{
    va_list args;

    job->refusal = failure;
    va_start(args, format);
    vsnprintf(job->text, sizeof(job->text), format, args);
    va_end(args);
    return false;
}

void docker_jobs_append(struct docker_job_list *list, struct docker_job *job)
{
    job->next = NULL;
    job->previous = list->last;
    if (list->last != NULL)
        list->last->next = job;
    else
        list->first = job;
    list->last = job;
}

void docker_jobs_prepend(struct docker_job_list *list, struct docker_job *job)
{
    job->previous = NULL;
    job->next = list->first;
    if (list->first != NULL)
        list->first->previous = job;
    else
        list->last = job;
    list->first = job;
}

void docker_jobs_remove(struct docker_job_list *list, struct docker_job *job)
{
    if (job->previous != NULL)
        job->previous->next = job->next;
    else
        list->first = job->next;
    if (job->next != NULL)
        job->next->previous = job->previous;
    else
        list->last = job->previous;
    job->next = job->previous = NULL;
}

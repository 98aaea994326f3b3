/* SPDX-License-Identifier: Apache-2.0 */
/* The mailbox. The engine's side only appends and wakes; it never waits for the network, and at most for a few pointers to be moved. */
#include "runtimes/docker/mailbox.h"

#include <stdlib.h>

struct docker_mailbox *docker_mailbox_new(ecsengine *engine)
{
    struct docker_mailbox *mailbox = calloc(1, sizeof(*mailbox));

    if (mailbox == NULL)
        return NULL;
    pthread_mutex_init(&mailbox->lock, NULL); /* with default attributes these cannot fail on Linux */
    pthread_mutex_init(&mailbox->engine_lock, NULL);
    mailbox->engine = engine;
    mailbox->owners = 1;
    return mailbox;
}

void docker_mailbox_release(struct docker_mailbox *mailbox)
{
    pthread_mutex_lock(&mailbox->lock);
    int left = --mailbox->owners;
    pthread_mutex_unlock(&mailbox->lock);
    if (left > 0)
        return;
    pthread_mutex_destroy(&mailbox->lock);
    pthread_mutex_destroy(&mailbox->engine_lock);
    free(mailbox);
}

static void wake_locked(struct docker_mailbox *mailbox)
{
    if (mailbox->http != NULL)
        docker_http_wake(mailbox->http);
}

/* Without a reader there is nobody to do the work, and an operation must not be left without an answer. */
static void refuse(struct docker_job *job)
{
    docker_job_fail(job, ECSENGINE_FAILURE_UNREACHABLE, "The Docker adapter of this engine was freed.");
    docker_job_free(job);
}

static void cancel(uint64_t op_id, void *user_data)
{
    struct docker_mailbox *mailbox = user_data;
    struct docker_cancel *note = malloc(sizeof(*note));

    if (note == NULL) /* a hint that is lost costs a connection until the deadline */
        return;
    note->op_id = op_id;
    pthread_mutex_lock(&mailbox->lock);
    bool read = mailbox->http != NULL;
    if (read) {
        note->next = mailbox->cancels;
        mailbox->cancels = note;
        wake_locked(mailbox);
    }
    pthread_mutex_unlock(&mailbox->lock);
    if (!read)
        free(note);
}

static void submit(ecsengine_op *op, void *user_data)
{
    struct docker_mailbox *mailbox = user_data;

    if (ecsengine_op_get_kind(op) == ECSENGINE_OP_CANCEL) {
        cancel(ecsengine_op_cancel_id(op), mailbox);
        ecsengine_op_release(op);
        return;
    }
    struct docker_job *job = docker_job_new(op, mailbox);
    if (job == NULL) {
        ecsengine_op_complete(op, NULL, NULL);
        return;
    }
    pthread_mutex_lock(&mailbox->lock);
    bool read = mailbox->http != NULL;
    if (read) {
        bool first = mailbox->jobs.first == NULL;
        docker_jobs_append(&mailbox->jobs, job);
        if (first)
            wake_locked(mailbox);
    }
    pthread_mutex_unlock(&mailbox->lock);
    if (!read)
        refuse(job);
}

static void engine_closes(void *user_data)
{
    struct docker_mailbox *mailbox = user_data;

    pthread_mutex_lock(&mailbox->engine_lock);
    mailbox->engine = NULL;
    pthread_mutex_unlock(&mailbox->engine_lock);
    pthread_mutex_lock(&mailbox->lock);
    mailbox->closed = true;
    wake_locked(mailbox);
    pthread_mutex_unlock(&mailbox->lock);
    docker_mailbox_release(mailbox);
}

int docker_mailbox_join(struct docker_mailbox *mailbox, struct docker_http *http, ecsengine_error **error)
{
    ecsengine_runtime_vtable vtable;

    ecsengine_runtime_vtable_init(&vtable, sizeof(vtable));
    vtable.submit = submit;
    vtable.cancel = cancel;
    vtable.close = engine_closes;
    pthread_mutex_lock(&mailbox->lock);
    mailbox->http = http;
    mailbox->owners++;
    pthread_mutex_unlock(&mailbox->lock);
    int code = ecsengine_set_runtime(mailbox->engine, &vtable, mailbox, error);
    if (code < 0)
        docker_mailbox_release(mailbox);
    return code;
}

void docker_mailbox_ask_to_end(struct docker_mailbox *mailbox)
{
    pthread_mutex_lock(&mailbox->lock);
    mailbox->shutting = true;
    wake_locked(mailbox);
    pthread_mutex_unlock(&mailbox->lock);
}

void docker_mailbox_shut(struct docker_mailbox *mailbox)
{
    pthread_mutex_lock(&mailbox->lock);
    mailbox->http = NULL;
    pthread_mutex_unlock(&mailbox->lock);
}

void docker_mailbox_take(struct docker_mailbox *mailbox, struct docker_mail *out_mail)
{
    pthread_mutex_lock(&mailbox->lock);
    *out_mail = (struct docker_mail){mailbox->jobs, mailbox->cancels, mailbox->closed, mailbox->shutting};
    mailbox->jobs = (struct docker_job_list){0};
    mailbox->cancels = NULL;
    pthread_mutex_unlock(&mailbox->lock);
}

int docker_mailbox_event(struct docker_mailbox *mailbox, enum ecsengine_runtime_event_kind kind, const char *container,
                         const char *exec_id, const int32_t *exit_code)
{
    ecsengine_result *details = NULL;
    int code = 0;

    pthread_mutex_lock(&mailbox->engine_lock);
    if (mailbox->engine != NULL) {
        if (exec_id != NULL || exit_code != NULL)
            code = ecsengine_result_new_for_event(mailbox->engine, &details, NULL);
        if (details != NULL && exec_id != NULL)
            code = ecsengine_result_set_exec_id(details, exec_id);
        if (details != NULL && code == 0 && exit_code != NULL)
            code = ecsengine_result_set_exit_code(details, *exit_code);
        if (code < 0)
            ecsengine_result_free(details);
        else
            code = ecsengine_runtime_event(mailbox->engine, kind, container, details, NULL);
    }
    pthread_mutex_unlock(&mailbox->engine_lock);
    return code;
}

int docker_mailbox_lost(struct docker_mailbox *mailbox, const char *reason)
{
    int code = 0;

    pthread_mutex_lock(&mailbox->engine_lock);
    if (mailbox->engine != NULL)
        code = ecsengine_runtime_lost(mailbox->engine, reason, NULL);
    pthread_mutex_unlock(&mailbox->engine_lock);
    return code;
}

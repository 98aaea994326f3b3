/* SPDX-License-Identifier: Apache-2.0 */
/* The public object: a queue of operations, and one thread that does them one after the other.
 *
 * What is done here are a few system calls, but a directory may lie on a slow disk, or hold what a container has filled it with. So it is
 * never done on the thread that gives an operation. The object holds no pointer to the engine, only operations, which outlive it. */
#include "ecsengine/posix.h"

#include <pthread.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/prctl.h>

#include "hosts/posix/agent.h"

struct job {
    struct job *next;
    ecsengine_op *op;
};

struct ecsengine_posix {
    pthread_t thread; /* immutable */

    pthread_mutex_t lock;
    pthread_cond_t changed;
    /* Guarded by lock. */
    struct job *first;
    struct job **last;
    uint64_t doing; /* the operation that is being done, or 0 */
    bool ending;
};

static void fail(ecsengine_op *op, enum ecsengine_failure failure, const char *text)
{
    ecsengine_result *result = NULL;

    if (ecsengine_result_new(op, &result, NULL) == 0 && ecsengine_result_set_failure(result, failure, text) < 0) {
        ecsengine_result_free(result);
        result = NULL; /* counts as a lack of memory */
    }
    ecsengine_op_complete(op, result, NULL);
}

/* Fills in the result of a preparation. */
static int tell_found(ecsengine_result *result, const struct posix_agent_found *found)
{
    int code = found->version[0] != '\0' ? ecsengine_result_set_agent_version(result, found->version) : 0;

    for (size_t i = 0; i < found->file_count && code == 0; i++)
        code = ecsengine_result_add_agent_file(result, found->files[i]);
    return code;
}

static void do_op(ecsengine_op *op)
{
    struct posix_fault fault = {0};
    struct posix_agent_found found = {0};
    ecsengine_result *result = NULL;
    size_t len = 0;
    const char *config = ecsengine_op_agent_config(op, &len);
    bool prepare = ecsengine_op_get_kind(op) == ECSENGINE_OP_AGENT_PREPARE;
    bool done = prepare ? posix_agent_prepare(config, len, &found, &fault) : posix_agent_clean(config, len, &fault);

    if (!done && !fault.no_memory) {
        fail(op, ECSENGINE_FAILURE_OTHER, fault.text);
        return;
    }
    if (done && ecsengine_result_new(op, &result, NULL) == 0 && tell_found(result, &found) < 0) {
        ecsengine_result_free(result);
        result = NULL;
    }
    ecsengine_op_complete(op, result, NULL);
}

static struct job *take_first_locked(ecsengine_posix *posix)
{
    struct job *job = posix->first;

    posix->first = job->next;
    if (posix->first == NULL)
        posix->last = &posix->first;
    return job;
}

static void *run(void *user_data)
{
    ecsengine_posix *posix = user_data;

    prctl(PR_SET_NAME, "ecsengine-hst");
    pthread_mutex_lock(&posix->lock);
    while (!posix->ending) {
        if (posix->first == NULL) {
            pthread_cond_wait(&posix->changed, &posix->lock);
            continue;
        }
        struct job *job = take_first_locked(posix);
        posix->doing = ecsengine_op_id(job->op);
        pthread_mutex_unlock(&posix->lock);
        do_op(job->op);
        free(job);
        pthread_mutex_lock(&posix->lock);
        posix->doing = 0;
    }
    pthread_mutex_unlock(&posix->lock);
    return NULL;
}

/* Signals are for the threads of the host. */
static int start_thread(ecsengine_posix *posix)
{
    sigset_t all, before;

    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, &before);
    int failed = pthread_create(&posix->thread, NULL, run, posix);
    pthread_sigmask(SIG_SETMASK, &before, NULL);
    return failed;
}

int ecsengine_posix_new(ecsengine_posix **out_posix, ecsengine_error **error)
{
    if (out_posix == NULL)
        return ecsengine_error_set(error, ECSENGINE_EINVAL, "a place for the object is needed");
    ecsengine_posix *posix = calloc(1, sizeof(*posix));
    if (posix == NULL)
        return ecsengine_error_set(error, ECSENGINE_ENOMEM, "out of memory");
    pthread_mutex_init(&posix->lock, NULL); /* with default attributes these cannot fail on Linux */
    pthread_cond_init(&posix->changed, NULL);
    posix->last = &posix->first;
    if (start_thread(posix) != 0) {
        pthread_cond_destroy(&posix->changed);
        pthread_mutex_destroy(&posix->lock);
        free(posix);
        return ecsengine_error_set(error, ECSENGINE_ESYSTEM, "no thread can be started");
    }
    *out_posix = posix;
    return 0;
}

int ecsengine_posix_attach(ecsengine_posix *posix, ecsengine *engine, ecsengine_error **error)
{
    if (posix == NULL || engine == NULL)
        return ecsengine_error_set(error, ECSENGINE_EINVAL, "an object and an engine are needed");
    int code = ecsengine_keep_op(engine, ECSENGINE_OP_AGENT_PREPARE, error);
    return code < 0 ? code : ecsengine_keep_op(engine, ECSENGINE_OP_AGENT_CLEAN, error);
}

/* One that nobody has begun is taken out and answered; one that is being done is nearly done. */
static int32_t cancel(ecsengine_posix *posix, uint64_t op_id)
{
    struct job *found = NULL;

    pthread_mutex_lock(&posix->lock);
    int32_t ours = posix->doing == op_id;
    for (struct job **place = &posix->first; *place != NULL; place = &(*place)->next)
        if (ecsengine_op_id((*place)->op) == op_id) {
            found = *place;
            *place = found->next;
            if (posix->last == &found->next)
                posix->last = place;
            break;
        }
    pthread_mutex_unlock(&posix->lock);
    if (found != NULL)
        fail(found->op, ECSENGINE_FAILURE_CANCELLED, "context canceled");
    free(found);
    return ours || found != NULL;
}

int32_t ecsengine_posix_take(ecsengine_posix *posix, ecsengine_op *op)
{
    if (posix == NULL || op == NULL)
        return 0;
    enum ecsengine_op_kind kind = ecsengine_op_get_kind(op);
    if (kind == ECSENGINE_OP_CANCEL) {
        int32_t ours = cancel(posix, ecsengine_op_cancel_id(op));
        if (ours)
            ecsengine_op_release(op);
        return ours;
    }
    if (kind != ECSENGINE_OP_AGENT_PREPARE && kind != ECSENGINE_OP_AGENT_CLEAN)
        return 0;
    struct job *job = malloc(sizeof(*job));
    if (job == NULL) {
        ecsengine_op_complete(op, NULL, NULL);
        return 1;
    }
    *job = (struct job){.op = op};
    pthread_mutex_lock(&posix->lock);
    *posix->last = job;
    posix->last = &job->next;
    pthread_cond_signal(&posix->changed);
    pthread_mutex_unlock(&posix->lock);
    return 1;
}

void ecsengine_posix_free(ecsengine_posix *posix)
{
    if (posix == NULL)
        return;
    pthread_mutex_lock(&posix->lock);
    posix->ending = true;
    pthread_cond_signal(&posix->changed);
    pthread_mutex_unlock(&posix->lock);
    pthread_join(posix->thread, NULL);
    while (posix->first != NULL) {
        struct job *job = take_first_locked(posix);
        fail(job->op, ECSENGINE_FAILURE_CANCELLED, "the host's work was ended before this was begun");
        free(job);
    }
    pthread_cond_destroy(&posix->changed);
    pthread_mutex_destroy(&posix->lock);
    free(posix);
}

/* SPDX-License-Identifier: Apache-2.0 */
/* The worker's loop: take what came in, start what may start, let libcurl work, wait.
 *
 * A job is in exactly one list: the mailbox, a waiting lane, running, delayed, or untold. It leaves the last one completed and is freed. Jobs wait
 * in a lane until the API version is known and a connection is free; the number of connections is bounded, because descriptors are the
 * host's, and a daemon's backlog is short. */
#include "runtimes/docker/worker.h"

#include <signal.h>
#include <stddef.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/resource.h>

#include "runtimes/docker/answers.h"
#include "runtimes/docker/events.h"
#include "runtimes/docker/kinds.h"

#define PAUSE_NS INT64_C(10000000)
#define RETELL_MS 100

static struct docker_worker *worker_of(const struct docker_http_exchange *exchange)
{
    return (struct docker_worker *)((char *)exchange->http - offsetof(struct docker_worker, http));
}

static bool job_opened(struct docker_http_exchange *exchange)
{
    struct docker_job *job = exchange->owner;
    bool good = job->kind->opened == NULL || job->kind->opened(job);

    worker_of(exchange)->new_stream = worker_of(exchange)->new_stream || job->opened;
    return good;
}

static bool job_data(struct docker_http_exchange *exchange, const char *data, size_t len)
{
    struct docker_job *job = exchange->owner;

    return job->kind->data(job, data, len);
}

static void tell_lost(struct docker_worker *worker, struct docker_job *job)
{
    if (docker_events_lost(job) == ECSENGINE_ENOMEM)
        docker_jobs_append(&worker->untold, job);
    else
        docker_job_free(job);
}

static void take_from_running(struct docker_worker *worker, struct docker_job *job)
{
    docker_jobs_remove(&worker->running, job);
    worker->in_use[job->kind->lane]--;
    job->running = false;
}

/* The daemon was replaced by one of another version while nobody looked. What it refused for that was not done: it is asked for once more, in
 * words that this one knows. */
static bool speaks_another(struct docker_worker *worker, struct docker_job *job, enum docker_http_outcome outcome)
{
    if (outcome != DOCKER_HTTP_ANSWERED || job->kind->unversioned || job->opened ||
        !docker_version_is_another(&worker->version, job->daemons, &job->exchange) || job->exchange.status != 400 || job->made_anew)
        return false;
    job->made_anew = true;
    return true;
}

static void job_ended(struct docker_http_exchange *exchange, enum docker_http_outcome outcome)
{
    struct docker_job *job = exchange->owner;
    struct docker_worker *worker = worker_of(exchange);

    take_from_running(worker, job);
    if (outcome == DOCKER_HTTP_BACKLOG_FULL) {
        docker_jobs_prepend(&worker->waiting[job->kind->lane], job);
        worker->pause_until_ns = docker_now_ns() + PAUSE_NS;
        return;
    }
    if (speaks_another(worker, job, outcome)) {
        docker_jobs_prepend(&worker->waiting[job->kind->lane], job);
        return;
    }
    if (outcome == DOCKER_HTTP_NO_CONNECTION || job->opened)
        docker_version_forget(&worker->version);
    if (job->opened) {
        docker_events_note_end(job, outcome);
        tell_lost(worker, job);
    } else if (docker_answer(job, outcome)) {
        docker_job_free(job);
    } else {
        job->delayed = true;
        docker_jobs_append(&worker->delayed, job);
    }
}

static const struct docker_http_handler collecting = {.opened = job_opened, .ended = job_ended};
static const struct docker_http_handler streaming = {.opened = job_opened, .data = job_data, .ended = job_ended};

static void start_job(struct docker_worker *worker, struct docker_job *job)
{
    job->exchange.handler = job->kind->data != NULL ? &streaming : &collecting;
    job->exchange.owner = job;
    job->daemons = worker->version.daemons;
    if (job->kind->request(job, worker->version.minor) && docker_http_start(&worker->http, &job->exchange)) {
        docker_jobs_append(&worker->running, job);
        worker->in_use[job->kind->lane]++;
        job->running = true;
        return;
    }
    if (job->refusal != ECSENGINE_FAILURE_NONE)
        docker_job_fail(job, job->refusal, job->text);
    else
        docker_job_fail_no_memory(job);
    docker_job_free(job);
}

/* Those whose time has come are next in their lanes. */
static void start_delayed(struct docker_worker *worker)
{
    int64_t now = docker_now_ns();

    for (struct docker_job *job = worker->delayed.first, *next; job != NULL; job = next) {
        next = job->next;
        if (job->not_before_ns > now)
            continue;
        docker_jobs_remove(&worker->delayed, job);
        job->delayed = false;
        docker_jobs_prepend(&worker->waiting[job->kind->lane], job);
    }
}

static bool room_in(const struct docker_worker *worker, enum docker_lane lane)
{
    size_t slow = worker->in_use[DOCKER_LANE_LONG];
    size_t all = slow + worker->in_use[DOCKER_LANE_SHORT];

    if (lane == DOCKER_LANE_URGENT)
        return true;
    return all < worker->connections_max && (lane == DOCKER_LANE_SHORT || slow < worker->connections_max / 4 * 3);
}

static void start_waiting(struct docker_worker *worker)
{
    if (worker->pause_until_ns > docker_now_ns())
        return;
    worker->pause_until_ns = 0;
    for (enum docker_lane lane = DOCKER_LANE_URGENT; lane < DOCKER_LANE_COUNT; lane++) {
        struct docker_job *job;

        while ((job = worker->waiting[lane].first) != NULL && room_in(worker, lane)) {
            if (!job->kind->unversioned && worker->version.state != DOCKER_VERSION_KNOWN) {
                if (!docker_version_ask(&worker->version))
                    worker->pause_until_ns = docker_now_ns() + PAUSE_NS;
                break;
            }
            docker_jobs_remove(&worker->waiting[lane], job);
            start_job(worker, job);
        }
    }
}

/* Without a version nothing that waits for it can be asked: all of it has the same failure. */
static void look_at_version(struct docker_worker *worker)
{
    struct docker_version *version = &worker->version;

    if (version->state == DOCKER_VERSION_ASKING && version->expires_ns <= docker_now_ns())
        docker_version_expire(version);
    if (version->state == DOCKER_VERSION_BUSY) {
        worker->pause_until_ns = docker_now_ns() + PAUSE_NS;
        version->state = DOCKER_VERSION_UNKNOWN;
    }
    if (version->state != DOCKER_VERSION_FAILED)
        return;
    version->state = DOCKER_VERSION_UNKNOWN;
    for (size_t lane = 0; lane < DOCKER_LANE_COUNT; lane++) {
        for (struct docker_job *job = worker->waiting[lane].first, *next; job != NULL; job = next) {
            next = job->next;
            if (job->kind->unversioned)
                continue;
            docker_jobs_remove(&worker->waiting[lane], job);
            docker_job_fail(job, version->failure, version->text);
            docker_job_free(job);
        }
    }
}

static void admit(struct docker_worker *worker, struct docker_job *job)
{
    if (job->kind == NULL) {
        docker_job_fail(job, ECSENGINE_FAILURE_UNSUPPORTED, "The Docker adapter cannot do this kind of operation.");
        docker_job_free(job);
        return;
    }
    if (job->expires_ns < worker->next_expiry_ns)
        worker->next_expiry_ns = job->expires_ns;
    if (job->kind->unversioned)
        start_job(worker, job);
    else
        docker_jobs_append(&worker->waiting[job->kind->lane], job);
}

/* Takes a job out of whatever it is in. */
static void pull_out(struct docker_worker *worker, struct docker_job *job)
{
    if (job->running) {
        docker_http_abort(&job->exchange);
        take_from_running(worker, job);
    } else {
        docker_jobs_remove(job->delayed ? &worker->delayed : &worker->waiting[job->kind->lane], job);
    }
}

/* The engine asks for another stream when it believes the old one dead: a daemon that hung has kept it open. The newest counts. */
static void close_old_streams(struct docker_worker *worker)
{
    const struct docker_job *newest = NULL;

    if (!worker->new_stream)
        return;
    worker->new_stream = false;
    for (const struct docker_job *job = worker->running.first; job != NULL; job = job->next)
        newest = job->opened ? job : newest;
    for (struct docker_job *job = worker->running.first, *next; job != NULL; job = next) {
        next = job->next;
        if (!job->opened || job == newest)
            continue;
        pull_out(worker, job);
        docker_job_free(job);
    }
}

enum { LISTS = DOCKER_LANE_COUNT + 2 };

static struct docker_job_list *list_at(struct docker_worker *worker, size_t index)
{
    return index < DOCKER_LANE_COUNT ? &worker->waiting[index] : index == DOCKER_LANE_COUNT ? &worker->running : &worker->delayed;
}

static void cancel_job(struct docker_worker *worker, uint64_t op_id)
{
    for (size_t i = 0; i < LISTS; i++) {
        for (struct docker_job *job = list_at(worker, i)->first; job != NULL; job = job->next) {
            if (job->op_id != op_id)
                continue;
            if (!job->opened) { /* an open stream is no operation any more */
                pull_out(worker, job);
                docker_answer_cancelled(job);
                docker_job_free(job);
            }
            return;
        }
    }
}

/* Looks at every job, but only when the earliest of them is due. */
static void expire_jobs(struct docker_worker *worker)
{
    int64_t now = docker_now_ns();

    if (now < worker->next_expiry_ns)
        return;
    worker->next_expiry_ns = ECSENGINE_NO_DEADLINE;
    for (size_t i = 0; i < LISTS; i++) {
        for (struct docker_job *job = list_at(worker, i)->first, *next; job != NULL; job = next) {
            next = job->next;
            if (job->expires_ns <= now) {
                pull_out(worker, job);
                docker_answer_overdue(job);
                docker_job_free(job);
            } else if (job->expires_ns < worker->next_expiry_ns) {
                worker->next_expiry_ns = job->expires_ns;
            }
        }
    }
}

/* The engine or the adapter is going: everything is answered, nothing is left under way. */
static void give_up_all(struct docker_worker *worker)
{
    struct docker_job *job;

    for (size_t i = 0; i < LISTS; i++) {
        while ((job = list_at(worker, i)->first) != NULL) {
            pull_out(worker, job);
            if (job->opened) {
                docker_events_note_end(job, DOCKER_HTTP_ANSWERED);
                docker_events_lost(job);
            } else {
                docker_job_fail(job, ECSENGINE_FAILURE_UNREACHABLE, "The Docker adapter of this engine was freed.");
            }
            docker_job_free(job);
        }
    }
    while ((job = worker->untold.first) != NULL) {
        docker_jobs_remove(&worker->untold, job);
        docker_events_lost(job);
        docker_job_free(job);
    }
}

static void take_mail(struct docker_worker *worker)
{
    struct docker_mail mail;

    docker_mailbox_take(worker->mailbox, &mail);
    for (struct docker_job *job = mail.jobs.first, *next; job != NULL; job = next) {
        next = job->next;
        job->next = job->previous = NULL;
        admit(worker, job);
    }
    for (struct docker_cancel *note = mail.cancels, *next; note != NULL; note = next) {
        next = note->next;
        cancel_job(worker, note->op_id);
        free(note);
    }
    if (mail.closed || mail.shutting)
        give_up_all(worker);
    worker->ending = mail.shutting;
}

static void retell(struct docker_worker *worker)
{
    struct docker_job_list again = worker->untold;

    worker->untold = (struct docker_job_list){0};
    for (struct docker_job *job = again.first, *next; job != NULL; job = next) {
        next = job->next;
        tell_lost(worker, job);
    }
}

/* How long nothing can happen without us being woken. */
static int quiet_ms(const struct docker_worker *worker)
{
    int64_t due = worker->next_expiry_ns;
    int64_t now = docker_now_ns();

    if (worker->version.state == DOCKER_VERSION_ASKING && worker->version.expires_ns < due)
        due = worker->version.expires_ns;
    if (worker->pause_until_ns != 0 && worker->pause_until_ns < due)
        due = worker->pause_until_ns;
    for (const struct docker_job *job = worker->delayed.first; job != NULL; job = job->next)
        if (job->not_before_ns < due)
            due = job->not_before_ns;
    if (worker->untold.first != NULL && now + RETELL_MS * 1000000 < due)
        due = now + RETELL_MS * 1000000;
    int64_t ms = due > now ? (due - now) / 1000000 + 1 : 0;
    return ms < INT32_MAX ? (int)ms : INT32_MAX;
}

static void *run(void *user_data)
{
    struct docker_worker *worker = user_data;

    prctl(PR_SET_NAME, "ecsengine-dkr");
    for (;;) {
        take_mail(worker);
        if (worker->ending)
            return NULL;
        docker_http_turn(&worker->http);
        close_old_streams(worker);
        expire_jobs(worker);
        retell(worker);
        look_at_version(worker);
        start_delayed(worker);
        start_waiting(worker);
        docker_http_wait(&worker->http, quiet_ms(worker));
    }
}

/* A quarter of the descriptors that this process may have: the others are the host's. */
static size_t connections_allowed(void)
{
    struct rlimit limit;
    size_t allowed = getrlimit(RLIMIT_NOFILE, &limit) == 0 && limit.rlim_cur != RLIM_INFINITY ? (size_t)limit.rlim_cur / 4 : 4096;

    return allowed < 16 ? 16 : allowed > 4096 ? 4096 : allowed;
}

/* Signals are for the threads of the host. */
static int start_thread(struct docker_worker *worker)
{
    sigset_t all;
    sigset_t before;

    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, &before);
    int failed = pthread_create(&worker->thread, NULL, run, worker);
    pthread_sigmask(SIG_SETMASK, &before, NULL);
    return failed ? ECSENGINE_ESYSTEM : 0;
}

static void clean_up(struct docker_worker *worker)
{
    docker_mailbox_shut(worker->mailbox);
    take_mail(worker); /* what came in while the thread was ending */
    give_up_all(worker);
    docker_version_free(&worker->version);
    docker_http_close(&worker->http);
}

int docker_worker_start(struct docker_worker *worker, struct docker_mailbox *mailbox, const char *socket_path,
                        ecsengine_error **error)
{
    *worker = (struct docker_worker){.mailbox = mailbox, .next_expiry_ns = ECSENGINE_NO_DEADLINE};
    worker->connections_max = connections_allowed();
    int code = docker_http_init(&worker->http, socket_path, (long)worker->connections_max);
    if (code < 0)
        return code;
    docker_version_init(&worker->version, &worker->http);
    code = docker_mailbox_join(mailbox, &worker->http, error);
    if (code == 0)
        code = start_thread(worker);
    if (code < 0)
        clean_up(worker);
    return code;
}

void docker_worker_stop(struct docker_worker *worker)
{
    docker_mailbox_ask_to_end(worker->mailbox);
    pthread_join(worker->thread, NULL);
    clean_up(worker);
}

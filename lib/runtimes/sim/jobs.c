/* SPDX-License-Identifier: Apache-2.0 */
/* One operation's way from submit() to its completion: what the script has in mind for it, the work, the answer.
 *
 * Most operations are done and answered inside submit(), on its stack. One that takes its time, or waits for a container's end, is kept:
 * it is in the list of jobs, in the table by its id, and the schedule has a place for it. An engine that goes away takes its operations
 * with it: they are released, and the containers stay. */
#include <stdlib.h>
#include <string.h>

#include "ecsengine/error.h"
#include "prng.h"
#include "simulator.h"

#define LATE_NS INT64_C(1000000000)      /* how long after the deadline `fault=late` does the work */
#define PROGRESS_NS INT64_C(10000000000) /* how often a pull says that it is alive */

static bool has_op_id(const void *object, const void *key)
{
    return ((const struct sim_job *)object)->op_id == *(const uint64_t *)key;
}

/* The job itself if it is kept already; else a kept copy, or NULL: no memory, and the operation was answered so. */
static struct sim_job *kept(ecsengine_sim *sim, struct sim_job *job)
{
    if (job->state != SIM_JOB_NEW)
        return job;
    struct sim_job *copy = malloc(sizeof(*copy));
    if (copy == NULL || sim_table_reserve(&sim->job_ids) < 0 || sim_schedule_reserve(&sim->schedule, 1) < 0) {
        free(copy);
        sim->counters[SIM_COUNT_NO_MEMORY]++;
        ecsengine_op_complete(job->op, NULL, NULL);
        return NULL;
    }
    *copy = *job;
    copy->item.what = SIM_DUE_JOB;
    copy->begun_ns = sim->mono_ns;
    copy->prev = sim->jobs_last;
    if (copy->prev != NULL)
        copy->prev->next = copy;
    else
        sim->jobs = copy;
    sim->jobs_last = copy;
    sim_table_add(&sim->job_ids, sim_mix(copy->op_id, 0))->object = copy;
    sim->counters[SIM_COUNT_OPEN]++;
    return copy;
}

static void forget_id(ecsengine_sim *sim, struct sim_job *job)
{
    sim_table_remove(&sim->job_ids, sim_table_find(&sim->job_ids, sim_mix(job->op_id, 0), has_op_id, &job->op_id));
}

/* Forgets a kept job; its operation and its answer have another owner by now. */
static void forget(ecsengine_sim *sim, struct sim_job *job)
{
    if (job->state == SIM_JOB_NEW)
        return;
    sim->counters[SIM_COUNT_OPEN]--;
    if (!job->orphan)
        forget_id(sim, job);
    sim_schedule_clear(&sim->schedule, &job->item);
    sim_schedule_unreserve(&sim->schedule, 1);
    if (job->prev != NULL)
        job->prev->next = job->next;
    else
        sim->jobs = job->next;
    if (job->next != NULL)
        job->next->prev = job->prev;
    else
        sim->jobs_last = job->prev;
    free(job);
}

static void complete(ecsengine_sim *sim, struct sim_job *job, ecsengine_result *answer)
{
    bool twice = job->plan.fault == SIM_FAULT_DOUBLE;
    ecsengine_op *again = twice ? ecsengine_op_ref(job->op) : NULL;
    ecsengine_result *second = twice ? sim_result_ok(job->op) : NULL;
    bool late = job->plan.fault == SIM_FAULT_LATE && ecsengine_op_deadline_ns(job->op) < sim->mono_ns;
    int rc = ecsengine_op_complete(job->op, answer, NULL);

    sim->counters[SIM_COUNT_LATE] += rc == ECSENGINE_EALREADY;
    sim->counters[SIM_COUNT_OP_LATE] += late;
    sim->counters[SIM_COUNT_OP_DOUBLES] += twice;
    sim->counters[SIM_COUNT_NO_MEMORY] += answer == NULL;
    if (rc == 0 && job->opens_stream)
        sim->stream_open = true;
    forget(sim, job);
    if (twice && ecsengine_op_complete(again, second, NULL) == 0)
        sim->counters[SIM_COUNT_DOUBLE_TAKEN]++;
}

static void answer(ecsengine_sim *sim, struct sim_job *job, ecsengine_result *result)
{
    const struct sim_plan *plan = &job->plan;

    if (plan->fault == SIM_FAULT_LOST) {
        sim->counters[SIM_COUNT_OP_LOST]++;
        enum ecsengine_failure failure = plan->failure != ECSENGINE_FAILURE_NONE ? plan->failure : ECSENGINE_FAILURE_UNREACHABLE;
        ecsengine_result_free(result);
        result = sim_result_failed(job->op, failure, "%s", plan->text != NULL ? plan->text : "unexpected EOF");
        job->opens_stream = false;
    }
    if (plan->answer_delay_ns == 0) {
        complete(sim, job, result);
        return;
    }
    struct sim_job *waiting = kept(sim, job);
    if (waiting == NULL) {
        ecsengine_result_free(result);
        return;
    }
    waiting->answer = result;
    waiting->state = SIM_JOB_ANSWERED;
    sim->counters[SIM_COUNT_ANSWERS_SLOW]++;
    sim_schedule_set(&sim->schedule, &waiting->item, sim->mono_ns + plan->answer_delay_ns);
}

static ecsengine_result *scripted_failure(const struct sim_job *job)
{
    const struct sim_plan *plan = &job->plan;
    enum ecsengine_failure failure = plan->failure != ECSENGINE_FAILURE_NONE ? plan->failure : ECSENGINE_FAILURE_OTHER;
    ecsengine_result *result = sim_result_failed(job->op, failure, "%s", plan->text != NULL ? plan->text : "simulated failure");

    if (result != NULL && plan->error_name != NULL && ecsengine_result_set_error_name(result, plan->error_name) < 0) {
        ecsengine_result_free(result);
        result = NULL;
    }
    return result;
}

static void park(struct sim_job *job, struct sim_container *container)
{
    struct sim_job **at = &container->waiting;

    while (*at != NULL)
        at = &(*at)->waits_next;
    *at = job;
    job->waits_next = NULL;
    job->container = container;
    job->state = SIM_JOB_WAITING;
}

static void delay_until(ecsengine_sim *sim, struct sim_job *job, int64_t work_at_ns)
{
    bool reports = job->kind == ECSENGINE_OP_PULL_IMAGE && !job->plan.silent;
    int64_t next_ns = sim->mono_ns + PROGRESS_NS;

    job->state = SIM_JOB_DELAYED;
    job->work_at_ns = work_at_ns;
    if (reports)
        ecsengine_op_update(job->op, (sim->mono_ns - job->begun_ns) / 1000000, (work_at_ns - job->begun_ns) / 1000000,
                            "Downloading", NULL);
    sim_schedule_set(&sim->schedule, &job->item, reports && next_ns < work_at_ns ? next_ns : work_at_ns);
}

static void work(ecsengine_sim *sim, struct sim_job *job)
{
    ecsengine_result *result = NULL;
    struct sim_job *waiting;

    if (job->plan.fault == SIM_FAULT_ERROR) {
        sim->counters[SIM_COUNT_OP_ERRORS]++;
        answer(sim, job, scripted_failure(job));
        return;
    }
    switch (sim_perform(sim, job, &result)) {
    case SIM_DONE:
        job->opens_stream = job->kind == ECSENGINE_OP_SUBSCRIBE && result != NULL;
        answer(sim, job, result);
        break;
    case SIM_WAITS:
        if (job->orphan) { /* who would be told of the end is gone */
            ecsengine_op_release(job->op);
            forget(sim, job);
            break;
        }
        waiting = kept(sim, job);
        if (waiting != NULL)
            park(waiting, job->container);
        break;
    case SIM_LATER:
        waiting = kept(sim, job);
        if (waiting != NULL)
            delay_until(sim, waiting, job->work_at_ns);
        break;
    }
}

static void plan_from(struct sim_plan *plan, const struct sim_rule *rule)
{
    if (rule == NULL)
        return;
    plan->fault = rule->fault;
    plan->failure = rule->failure;
    plan->delay_ns = rule->delay_ns > 0 ? rule->delay_ns : 0;
    plan->answer_delay_ns = rule->answer_delay_ns > 0 ? rule->answer_delay_ns : 0;
    plan->silent = rule->progress == 0;
    plan->text = rule->text;
    plan->error_name = rule->error_name;
}

static void make_plan(ecsengine_sim *sim, struct sim_job *job)
{
    if ((unsigned)job->kind >= SIM_OP_KINDS || ((sim->rules.ops >> job->kind) & 1) == 0)
        return;
    const char *container = ecsengine_op_container_name(job->op), *task = ecsengine_op_task_arn(job->op);
    if (container[0] == '\0')
        container = ecsengine_op_resource_name(job->op);
    struct sim_target target = {container, task, ecsengine_op_image(job->op),
                                sim_mix(sim_hash_text(task), sim_hash_text(container))};
    plan_from(&job->plan, sim_rules_for_op(&sim->rules, sim->seed, job->kind, &target));
}

/* When the work shall begin: now, after a delay, or so late that the engine has given up waiting. */
static int64_t work_time(const ecsengine_sim *sim, const struct sim_job *job)
{
    int64_t at_ns = sim->mono_ns + job->plan.delay_ns, deadline_ns = ecsengine_op_deadline_ns(job->op);

    if (job->plan.fault == SIM_FAULT_LATE && deadline_ns != ECSENGINE_NO_DEADLINE && at_ns <= deadline_ns)
        at_ns = deadline_ns + LATE_NS;
    return at_ns;
}

static void begin(ecsengine_sim *sim, struct sim_job *job)
{
    make_plan(sim, job);
    int64_t at_ns = work_time(sim, job);
    bool hangs = job->plan.fault == SIM_FAULT_HANG;
    if (!hangs && at_ns <= sim->mono_ns) {
        work(sim, job);
        return;
    }
    struct sim_job *waiting = kept(sim, job);
    if (waiting == NULL)
        return;
    sim->counters[hangs ? SIM_COUNT_OP_HANGS : SIM_COUNT_OP_SLOW]++;
    if (hangs)
        waiting->state = SIM_JOB_HANGING;
    else
        delay_until(sim, waiting, at_ns);
}

static ecsengine_result *unreachable(const ecsengine_op *op)
{
    return sim_result_failed(op, ECSENGINE_FAILURE_UNREACHABLE,
                             "Cannot connect to the simulated daemon. Is the simulated daemon running?");
}

void sim_jobs_submit(ecsengine_sim *sim, ecsengine_op *op)
{
    struct sim_job job = {.op = op, .op_id = ecsengine_op_id(op), .kind = ecsengine_op_get_kind(op)};

    sim->op_total++;
    if ((unsigned)job.kind < SIM_OP_KINDS)
        sim->op_counts[job.kind]++;
    if (sim->watch != NULL)
        sim->watch(op, sim->watch_data);
    if (sim->cut) {
        ecsengine_op_release(op);
        return;
    }
    if (job.kind == ECSENGINE_OP_CANCEL) {
        sim_jobs_cancel(sim, ecsengine_op_cancel_id(op));
        ecsengine_op_release(op);
    } else if (sim->down) {
        sim->counters[SIM_COUNT_OP_UNREACHABLE]++;
        complete(sim, &job, unreachable(op));
    } else {
        begin(sim, &job);
    }
}

bool sim_jobs_holds(const ecsengine_sim *sim, uint64_t op_id)
{
    struct sim_slot *slot = sim_table_find(&sim->job_ids, sim_mix(op_id, 0), has_op_id, &op_id);

    return slot != NULL && !((const struct sim_job *)slot->object)->cancelled;
}

static bool is_pull(const struct sim_job *job)
{
    return job->kind == ECSENGINE_OP_PULL_IMAGE || job->kind == ECSENGINE_OP_PULL_MANIFEST;
}

/* A daemon drops a pull when its client goes away; other work it finishes, client or not. */
void sim_jobs_cancel(ecsengine_sim *sim, uint64_t op_id)
{
    struct sim_slot *slot = sim_table_find(&sim->job_ids, sim_mix(op_id, 0), has_op_id, &op_id);
    struct sim_job *job = slot != NULL ? slot->object : NULL;

    if (job == NULL)
        return;
    job->cancelled = true;
    if (job->state == SIM_JOB_HANGING) {
        ecsengine_op_release(job->op);
        forget(sim, job);
    } else if (job->state == SIM_JOB_DELAYED && is_pull(job) && job->plan.fault != SIM_FAULT_LATE) {
        complete(sim, job, sim_result_failed(job->op, ECSENGINE_FAILURE_CANCELLED, "context canceled"));
    }
}

void sim_jobs_due(ecsengine_sim *sim, struct sim_job *job)
{
    if (job->state == SIM_JOB_ANSWERED)
        complete(sim, job, job->answer);
    else if (sim->mono_ns < job->work_at_ns)
        delay_until(sim, job, job->work_at_ns);
    else
        work(sim, job);
}

void sim_jobs_ended(ecsengine_sim *sim, struct sim_container *container)
{
    struct sim_job *job = container->waiting, *next;

    container->waiting = NULL;
    if (job != NULL)
        sim_events_tell(sim, ECSENGINE_RUNTIME_EVENT_STOP, container);
    for (; job != NULL; job = next) {
        next = job->waits_next;
        answer(sim, job, sim_result_recorded(job->op, container, sim->records));
    }
}

/* The container got its signal, and goes on with what it does about it; who would have killed it after its grace period is gone. */
static void abandon_stop(ecsengine_sim *sim, struct sim_job *job)
{
    struct sim_container *container = job->container;

    container->waiting = NULL;
    if (container->kill_exit == 137)
        sim_schedule_clear(&sim->schedule, &container->kill);
}

void sim_jobs_fail(ecsengine_sim *sim)
{
    for (struct sim_job *job = sim->jobs, *next; job != NULL; job = next) {
        next = job->next;
        if (job->state == SIM_JOB_HANGING)
            continue;
        if (job->state == SIM_JOB_WAITING)
            abandon_stop(sim, job);
        ecsengine_result_free(job->answer);
        job->opens_stream = false;
        sim->counters[SIM_COUNT_OP_UNREACHABLE]++;
        complete(sim, job, unreachable(job->op));
    }
}

/* The next engine counts its operations from 1 again: theirs are not known by their ids any more. */
void sim_jobs_orphan(ecsengine_sim *sim)
{
    for (struct sim_job *job = sim->jobs; job != NULL; job = job->next) {
        if (job->orphan || job->state != SIM_JOB_DELAYED || is_pull(job) || job->kind == ECSENGINE_OP_SUBSCRIBE)
            continue;
        forget_id(sim, job);
        job->orphan = true;
    }
}

static void drop(ecsengine_sim *sim, struct sim_job *job)
{
    if (job->state == SIM_JOB_WAITING)
        job->container->waiting = NULL;
    ecsengine_result_free(job->answer);
    ecsengine_op_release(job->op);
    forget(sim, job);
}

void sim_jobs_drop(ecsengine_sim *sim)
{
    for (struct sim_job *job = sim->jobs, *next; job != NULL; job = next) {
        next = job->next;
        if (!job->orphan)
            drop(sim, job);
    }
}

void sim_jobs_free(ecsengine_sim *sim)
{
    while (sim->jobs != NULL)
        drop(sim, sim->jobs);
}

/* SPDX-License-Identifier: Apache-2.0 */
/* Restart policies: a test for each row of the decision, and what becomes of the run that ended and of the one that begins. */
#include "made.h"

#include "ecsengine/runtime.h"
#include "engine/describe.h"
#include "engine/restart.h"
#include "model/record.h"

#define POLICY(period) "'restartPolicy':{'enabled':true,'restartAttemptPeriod':" period ",'ignoredExitCodes':[3,-7]}"
#define WITH(members) \
    "{'arn':'" ARN "','family':'fam','version':'1','containers':[{'name':'a','image':'i','essential':true," members "}]}"

static struct task *task;
static struct container *web;

static void begin(const char *members)
{
    char document[1024];

    made_start();
    made_open();
    snprintf(document, sizeof(document), WITH("%s"), members);
    task = made_add(document);
    web = &task->containers[0];
    made_settle();
    ck_assert_int_eq(ECSENGINE_CONTAINER_RUNNING, web->known);
}

static void later(int64_t ns)
{
    made.mono_ns += ns;
    made.wall_ns += ns;
}

static enum restart_decision decide(int32_t exit_code) { return restart_decide(&made, web, &exit_code); }

static struct ecsengine_result *record(bool running, int64_t started_at, int32_t exit_code)
{
    struct ecsengine_result *result = made_result();

    ecsengine_result_set_running(result, running);
    ecsengine_result_set_started_at(result, started_at);
    if (!running) {
        ecsengine_result_set_exit_code(result, exit_code);
        ecsengine_result_set_finished_at(result, made.wall_ns);
    }
    return result;
}

/* An event with a record, or without. */
static void event(enum ecsengine_runtime_event_kind kind, struct ecsengine_result *details)
{
    struct runtime_notice notice = {.input.kind = INPUT_RUNTIME_EVENT, .kind = (uint8_t)kind, .details = details};

    notice.container = str_ref(web->runtime_id != NULL ? web->runtime_id : web->runtime_name);
    made_apply(&notice.input);
    str_unref(notice.container);
    ecsengine_result_free(details);
}

/* The run ends after 90 seconds; the START of the next one is the caller's. */
static struct ecsengine_op *end_of_run(int32_t exit_code)
{
    later(90 * NS_PER_S);
    event(ECSENGINE_RUNTIME_EVENT_DIE, record(false, web->started_at, exit_code));
    struct ecsengine_op *op = made_next();
    ck_assert_ptr_nonnull(op);
    ck_assert_int_eq(ECSENGINE_OP_START, op->kind);
    return op;
}

static void run_again(void)
{
    struct ecsengine_op *start = end_of_run(1);

    made_answer(start, record(true, made.wall_ns, 0));
}

static void has_text(const char *want)
{
    char text[RESTART_TEXT_MAX];

    ck_assert_ptr_nonnull(web->restart);
    ck_assert_str_eq(want, restart_text(web->restart, text));
}

/* ---- the decision, row by row ---- */

START_TEST(without_a_policy_there_is_no_tracker)
{
    begin("'memory':4");
    ck_assert_int_eq(RESTART_UNDECIDED, decide(1));
    ck_assert_str_eq("", restart_text(&(struct restart){.decision = RESTART_UNDECIDED}, (char[RESTART_TEXT_MAX]){0}));
    later(90 * NS_PER_S);
    event(ECSENGINE_RUNTIME_EVENT_DIE, record(false, web->started_at, 1));
    ck_assert_int_eq(ECSENGINE_CONTAINER_STOPPED, web->known);
    ck_assert_ptr_null(web->restart);
    made_close();
}
END_TEST

START_TEST(a_policy_that_is_not_enabled_is_none)
{
    begin("'restartPolicy':{'enabled':false,'restartAttemptPeriod':60}");
    ck_assert_ptr_null(container_def(web)->restart);
    ck_assert_int_eq(RESTART_UNDECIDED, decide(1));
    made_close();
}
END_TEST

START_TEST(a_container_that_shall_stop_is_not_started_again)
{
    begin(POLICY("60"));
    later(90 * NS_PER_S);
    made_stop(task);
    ck_assert_int_eq(RESTART_STOPPING, decide(3)); /* before any other row */
    made_settle();
    ck_assert_int_eq(ECSENGINE_CONTAINER_STOPPED, web->known);
    has_text("container's desired status is stopped");
    ck_assert_ptr_null(web->error);
    made_close();
}
END_TEST

START_TEST(without_an_exit_code_it_is_not_started_again)
{
    begin(POLICY("60"));
    ck_assert_int_eq(RESTART_NO_EXIT_CODE, restart_decide(&made, web, NULL));
    later(90 * NS_PER_S);
    struct ecsengine_result *dead = made_result();
    ecsengine_result_set_running(dead, 0);
    ecsengine_result_set_dead(dead, 1);
    ecsengine_result_set_started_at(dead, web->started_at);
    event(ECSENGINE_RUNTIME_EVENT_STOP, dead);
    ck_assert_int_eq(ECSENGINE_CONTAINER_STOPPED, web->known);
    has_text("exit code is nil");
    made_close();
}
END_TEST

START_TEST(an_ignored_exit_code_is_looked_at_before_the_period)
{
    begin(POLICY("60"));
    ck_assert_int_eq(RESTART_IGNORED_CODE, decide(3));
    ck_assert_int_eq(RESTART_IGNORED_CODE, decide(-7));
    ck_assert_int_eq(RESTART_TOO_SOON, decide(4));
    event(ECSENGINE_RUNTIME_EVENT_DIE, record(false, web->started_at, -7));
    has_text("exit code -7 should be ignored");
    made_close();
}
END_TEST

START_TEST(a_run_shorter_than_the_period_is_the_last_one)
{
    begin(POLICY("60"));
    later(60 * NS_PER_S - 1);
    ck_assert_int_eq(RESTART_TOO_SOON, decide(0));
    event(ECSENGINE_RUNTIME_EVENT_DIE, record(false, web->started_at, 0));
    ck_assert_int_eq(ECSENGINE_CONTAINER_STOPPED, web->known);
    has_text("attempt reset period has not elapsed");
    made_close();
}
END_TEST

START_TEST(a_run_as_long_as_the_period_is_followed_by_another)
{
    begin(POLICY("60"));
    later(60 * NS_PER_S);
    ck_assert_int_eq(RESTART_STARTED, decide(0));
    made_close();
}
END_TEST

START_TEST(a_period_of_nothing_always_allows_a_restart)
{
    begin(POLICY("0"));
    ck_assert_int_eq(RESTART_STARTED, decide(0));
    made_close();
    begin(POLICY("-5"));
    ck_assert_int_eq(RESTART_STARTED, decide(0));
    made_close();
}
END_TEST

START_TEST(the_period_counts_from_the_last_restart)
{
    begin(POLICY("60"));
    run_again();
    later(59 * NS_PER_S);
    ck_assert_int_eq(RESTART_TOO_SOON, decide(1)); /* though 149 s have passed since the first start */
    later(NS_PER_S);
    ck_assert_int_eq(RESTART_STARTED, decide(1));
    made.wall_ns -= 3600 * NS_PER_S; /* within one life the clock that is set does not matter */
    ck_assert_int_eq(RESTART_STARTED, decide(1));
    web->restart->timed = false; /* in the next life it is all there is */
    ck_assert_int_eq(RESTART_TOO_SOON, decide(1));
    made_close();
}
END_TEST

/* ---- what a restart changes ---- */

START_TEST(a_restart_is_counted_before_its_start_leaves)
{
    begin(POLICY("60"));
    list_remove(&task->dirty);
    struct ecsengine_op *start = end_of_run(1);
    ck_assert_uint_eq(1, web->restart->count);
    ck_assert_int_eq(made.wall_ns, web->restart->last_at);
    ck_assert(list_linked(&task->dirty));
    ck_assert(start->after_record);
    ck_assert_int_eq(ECSENGINE_CONTAINER_RUNNING, web->known);
    ck_assert_int_eq(ECSENGINE_CONTAINER_RUNNING, web->applied);
    ck_assert(!web->has_exit_code);
    ck_assert_int_eq(ECSENGINE_TASK_RUNNING, task->known);
    made_good(start);
    ck_assert_int_eq(ECSENGINE_CONTAINER_NONE, web->applied);
    made_close();
}
END_TEST

START_TEST(a_start_that_is_none_of_a_restart_waits_for_nothing)
{
    made_start();
    made_open();
    task = made_add(WITH(POLICY("60")));
    struct ecsengine_op *start = made_until(ECSENGINE_OP_START);
    ck_assert(!start->after_record);
    made_good(start);
    made_close();
}
END_TEST

START_TEST(a_restart_takes_the_new_start_time_and_the_new_ports)
{
    begin(POLICY("60"));
    int64_t first = web->started_at;
    struct ecsengine_result *result = record(true, made.wall_ns + 90 * NS_PER_S + 5, 0);
    struct ecsengine_op *start = end_of_run(1);
    ck_assert_int_eq(0, ecsengine_result_add_port(result, 80, 32770, "tcp", "0.0.0.0"));
    made_answer(start, result);
    ck_assert_int_eq(first + 90 * NS_PER_S + 5, web->started_at);
    ck_assert_int_eq(first, container_first_started_at(web));
    ck_assert_uint_eq(32770, web->ports->items[0].host_port);
    start = end_of_run(1);
    result = record(true, made.wall_ns, 0);
    ck_assert_int_eq(0, ecsengine_result_add_port(result, 80, 32771, "tcp", "0.0.0.0"));
    made_answer(start, result);
    ck_assert_uint_eq(1, web->ports->count);
    ck_assert_uint_eq(32771, web->ports->items[0].host_port);
    ck_assert_int_eq(first, container_first_started_at(web));
    made_close();
}
END_TEST

START_TEST(a_late_stop_event_ends_no_container_that_runs_again)
{
    begin(POLICY("60"));
    run_again();
    event(ECSENGINE_RUNTIME_EVENT_STOP, NULL);
    struct ecsengine_op *inspect = made_next();
    ck_assert_int_eq(ECSENGINE_OP_INSPECT, inspect->kind);
    made_answer(inspect, record(true, web->started_at, 0));
    ck_assert_int_eq(ECSENGINE_CONTAINER_RUNNING, web->known);
    ck_assert(!web->died);
    made_close();
}
END_TEST

START_TEST(a_record_of_the_former_run_proves_nothing)
{
    begin(POLICY("60"));
    int64_t former = web->started_at;
    run_again();
    event(ECSENGINE_RUNTIME_EVENT_STOP, record(false, former, 1));
    ck_assert_int_eq(ECSENGINE_CONTAINER_RUNNING, web->known);
    made_good(made_next()); /* an inspection decides */
    ck_assert_int_eq(ECSENGINE_CONTAINER_RUNNING, web->known);
    made_close();
}
END_TEST

START_TEST(an_inspection_from_before_the_restart_is_not_waited_for)
{
    begin(POLICY("60"));
    event(ECSENGINE_RUNTIME_EVENT_RESTART, NULL);
    struct ecsengine_op *inspect = made_next();
    ck_assert_int_eq(ECSENGINE_OP_INSPECT, inspect->kind);
    struct ecsengine_op *start = end_of_run(1);
    made_answer(start, record(true, made.wall_ns, 0));
    made_answer(inspect, record(false, made.wall_ns - 90 * NS_PER_S, 1));
    ck_assert_int_eq(ECSENGINE_CONTAINER_RUNNING, web->known);
    ck_assert_uint_eq(1, web->restart->count);
    made_close();
}
END_TEST

START_TEST(the_same_end_seen_again_starts_nothing_twice)
{
    begin(POLICY("60"));
    int64_t former = web->started_at;
    struct ecsengine_op *start = end_of_run(1);
    event(ECSENGINE_RUNTIME_EVENT_STOP, record(false, former, 1));
    made_answer(made_next(), record(false, former, 1)); /* the inspection that it asks for */
    ck_assert_uint_eq(1, web->restart->count);
    made_good(start);
    ck_assert_int_eq(ECSENGINE_CONTAINER_RUNNING, web->known);
    ck_assert_ptr_null(made_next());
    made_close();
}
END_TEST

START_TEST(the_answer_of_an_overtaken_start_is_not_the_restarts)
{
    made_start();
    made_open();
    task = made_add(WITH(POLICY("0")));
    web = &task->containers[0];
    struct ecsengine_op *first = made_until(ECSENGINE_OP_START);
    event(ECSENGINE_RUNTIME_EVENT_DIE, record(false, made.wall_ns, 1));
    struct ecsengine_op *second = made_next();
    ck_assert_int_eq(ECSENGINE_OP_START, second->kind);
    made_fail(first, ECSENGINE_FAILURE_OTHER, NULL, "late");
    ck_assert_int_eq(RESTART_WAITING, web->restart->phase);
    ck_assert_uint_eq(0, web->restart->failures);
    made_good(second);
    ck_assert_int_eq(RESTART_IDLE, web->restart->phase);
    made_close();
}
END_TEST

START_TEST(health_begins_at_unknown_again)
{
    begin("'healthCheckType':'docker','dockerConfig':{'config':'{\\'Healthcheck\\':{\\'Test\\':[\\'CMD\\',\\'x\\']}}'}," POLICY("60"));
    event(ECSENGINE_RUNTIME_EVENT_HEALTHY, NULL);
    ck_assert_int_eq(ECSENGINE_HEALTH_HEALTHY, web->health);
    struct ecsengine_op *start = end_of_run(1);
    ck_assert_int_eq(ECSENGINE_HEALTH_UNKNOWN, web->health);
    made_good(start);
    ck_assert_int_eq(ECSENGINE_HEALTH_UNKNOWN, web->health);
    made_close();
}
END_TEST

START_TEST(restarts_are_a_second_apart)
{
    begin(POLICY("0"));
    run_again();
    later(NS_PER_S - 1);
    event(ECSENGINE_RUNTIME_EVENT_DIE, record(false, web->started_at, 1));
    ck_assert_ptr_null(made_next());
    ck_assert_int_eq(made.mono_ns + 1, engine_deadline(&made));
    made_wait();
    made_answer(made_next(), record(true, made.wall_ns, 0));
    later(NS_PER_S); /* just so long, and the next one need not wait */
    event(ECSENGINE_RUNTIME_EVENT_DIE, record(false, web->started_at, 1));
    ck_assert(!heap_has(&web->retry.node));
    struct ecsengine_op *start = made_next();
    ck_assert_ptr_nonnull(start);
    ck_assert_int_eq(ECSENGINE_OP_START, start->kind);
    op_unref(start);
    made_close();
}
END_TEST

START_TEST(while_a_restart_waits_another_end_is_old_news)
{
    begin(POLICY("0"));
    run_again();
    event(ECSENGINE_RUNTIME_EVENT_DIE, record(false, web->started_at, 1));
    ck_assert(heap_has(&web->retry.node));
    event(ECSENGINE_RUNTIME_EVENT_STOP, NULL);
    ck_assert(!web->died);
    made_wait();
    struct ecsengine_op *start;
    while ((start = made_next()) != NULL && start->kind != ECSENGINE_OP_START)
        op_unref(start);
    ck_assert_ptr_nonnull(start);
    event(ECSENGINE_RUNTIME_EVENT_STOP, NULL); /* now it may be the end of what is being started */
    ck_assert(web->died);
    op_unref(start);
    made_close();
}
END_TEST

START_TEST(pauses_between_failed_starts_grow)
{
    int64_t pauses[4];

    begin(POLICY("60"));
    struct ecsengine_op *start = end_of_run(1);
    for (int i = 0; i < 4; i++) {
        int64_t before = made.mono_ns;
        made_fail(start, ECSENGINE_FAILURE_OTHER, NULL, "no room");
        made_wait();
        pauses[i] = made.mono_ns - before;
        start = made_next();
        ck_assert_int_eq(ECSENGINE_OP_START, start->kind);
        ck_assert_int_ge(pauses[i], (INT64_C(1) << i) * NS_PER_S);
        ck_assert_int_le(pauses[i], (INT64_C(1) << i) * NS_PER_S * 12 / 10);
    }
    made_fail(start, ECSENGINE_FAILURE_OTHER, NULL, "no room");
    ck_assert_int_eq(ECSENGINE_CONTAINER_STOPPED, web->known);
    ck_assert_int_eq(1, web->exit_code);
    ck_assert_str_eq("CannotStartContainerError: could not be started again in 5 tries: no room", str_text(web->error));
    has_text("could not be started again in 5 tries");
    ck_assert_uint_eq(1, web->restart->count);
    made_close();
}
END_TEST

START_TEST(a_start_that_finds_no_container_is_not_tried_again)
{
    begin(POLICY("60"));
    made_fail(end_of_run(1), ECSENGINE_FAILURE_NOT_FOUND, NULL, "No such container");
    ck_assert_int_eq(ECSENGINE_CONTAINER_STOPPED, web->known);
    ck_assert_int_eq(1, web->exit_code);
    ck_assert_ptr_nonnull(strstr(str_text(web->error), "CannotStartContainerError: container does not exist any more: "));
    made_close();
}
END_TEST

START_TEST(a_stop_before_the_start_has_left_needs_no_stop)
{
    begin(POLICY("60"));
    struct ecsengine_op *start = end_of_run(1);
    made_stop(task);
    ck_assert(start->answered);
    ck_assert_int_eq(ECSENGINE_CONTAINER_STOPPED, web->known);
    ck_assert_ptr_null(made_next());
    op_unref(start);
    made_close();
}
END_TEST

START_TEST(a_stop_after_the_start_has_left_waits_for_it)
{
    begin(POLICY("60"));
    struct ecsengine_op *start = end_of_run(1);
    start->left = true;
    made_stop(task);
    ck_assert_ptr_null(made_next());
    ck_assert_int_eq(ECSENGINE_CONTAINER_RUNNING, web->known);
    made_good(start);
    struct ecsengine_op *stop = made_next();
    ck_assert_int_eq(ECSENGINE_OP_STOP, stop->kind);
    made_good(stop);
    ck_assert_int_eq(ECSENGINE_CONTAINER_STOPPED, web->known);
    made_close();
}
END_TEST

START_TEST(a_start_that_fails_after_a_stop_is_not_tried_again)
{
    begin(POLICY("60"));
    struct ecsengine_op *start = end_of_run(2);
    start->left = true;
    made_stop(task);
    made_fail(start, ECSENGINE_FAILURE_OTHER, NULL, "no room");
    ck_assert_int_eq(ECSENGINE_CONTAINER_STOPPED, web->known);
    ck_assert_int_eq(2, web->exit_code);
    ck_assert_ptr_null(web->error);
    made_close();
}
END_TEST

/* ---- records and questions ---- */

static struct definition *found(void *definition, uint64_t hash)
{
    (void)hash;
    return definition;
}

START_TEST(the_tracker_is_kept_with_the_container)
{
    struct task *copy = NULL;
    struct buf buf;

    begin(POLICY("60"));
    struct ecsengine_op *start = end_of_run(4);
    buf_init(&buf, &made_root.mem, 0);
    record_put_task(&buf, task);
    struct record_reader body = {.at = (unsigned char *)buf.data, .end = (unsigned char *)buf.data + buf.len};
    ck_assert_int_eq(0, record_get_task(&body, &made_root.mem, found, task->definition, &copy));
    const struct restart *was = web->restart, *is = copy->containers[0].restart;
    ck_assert_uint_eq(was->count, is->count);
    ck_assert_int_eq(was->last_at, is->last_at);
    ck_assert_int_eq(RESTART_WAITING, is->phase);
    ck_assert_int_eq(4, is->exit_code);
    ck_assert_int_eq(was->ended_started_at, is->ended_started_at);
    ck_assert_int_eq(was->first_started_at, is->first_started_at);
    ck_assert_int_eq(was->ended_at, is->ended_at);
    ck_assert(!is->timed);
    task_free(copy);
    buf_free(&buf);
    made_good(start);
    made_close();
}
END_TEST

static void describes(const char *part)
{
    struct buf buf;

    buf_init(&buf, &made_root.mem, 0);
    describe_task(&made, task, &buf);
    buf_put(&buf, "", 1);
    if (strstr(buf.data, unit_quoted(part)) == NULL)
        ck_abort_msg("%s is not in %s", part, buf.data);
    buf_free(&buf);
}

START_TEST(restarts_and_the_last_decision_are_described)
{
    begin(POLICY("60"));
    describes("'restartCount':0,'restart':{'count':0,'lastRestartAt':0,'decision':''}");
    run_again();
    describes("'restartCount':1,'restart':{'count':1,'lastRestartAt':1780000090000000000,'decision':''}");
    event(ECSENGINE_RUNTIME_EVENT_DIE, record(false, web->started_at, 1));
    describes("'decision':'attempt reset period has not elapsed'}");
    made_close();
}
END_TEST

/* ---- what is known of the run that ended, and of the one that begins ---- */

/* The next operation; it is of that kind. */
static struct ecsengine_op *next(enum ecsengine_op_kind kind)
{
    struct ecsengine_op *op = made_next();

    ck_assert_ptr_nonnull(op);
    ck_assert_str_eq(ecsengine_op_kind_name(kind), ecsengine_op_kind_name((enum ecsengine_op_kind)op->kind));
    return op;
}

/* An event tells of the end, with the exit code and no more; the inspection that follows is the caller's. */
static struct ecsengine_op *told_of_the_end(int32_t exit_code)
{
    struct ecsengine_result *details = made_result();

    later(90 * NS_PER_S);
    ecsengine_result_set_exit_code(details, exit_code);
    details->has_record = false;
    event(ECSENGINE_RUNTIME_EVENT_DIE, details);
    return next(ECSENGINE_OP_INSPECT);
}

START_TEST(the_exit_code_of_the_event_is_enough_for_a_restart)
{
    begin(POLICY("60"));
    struct ecsengine_op *inspect = told_of_the_end(4);
    for (int i = 0; i < 4; i++) {
        made_fail(inspect, ECSENGINE_FAILURE_OTHER, NULL, "busy");
        made_wait();
        inspect = next(ECSENGINE_OP_INSPECT);
    }
    made_fail(inspect, ECSENGINE_FAILURE_OTHER, NULL, "busy");
    struct ecsengine_op *start = next(ECSENGINE_OP_START);
    ck_assert_int_eq(4, web->restart->exit_code);
    ck_assert_int_eq(web->started_at, web->restart->ended_started_at); /* nobody has said otherwise */
    ck_assert_int_eq(made.wall_ns, web->restart->ended_at);
    made_good(start);
    ck_assert_int_eq(ECSENGINE_CONTAINER_RUNNING, web->known);
    made_close();
}
END_TEST

START_TEST(what_is_gone_is_not_started_again)
{
    begin(POLICY("60"));
    made_fail(told_of_the_end(4), ECSENGINE_FAILURE_NOT_FOUND, NULL, "No such container");
    ck_assert_int_eq(ECSENGINE_CONTAINER_STOPPED, web->known);
    ck_assert_int_eq(4, web->exit_code);
    ck_assert_uint_eq(0, web->restart->count);
    has_text("container does not exist any more");
    made_close();
}
END_TEST

START_TEST(a_record_without_times_is_completed_by_what_is_known)
{
    begin(POLICY("60"));
    later(90 * NS_PER_S);
    struct ecsengine_result *dead = made_result();
    ecsengine_result_set_running(dead, 0);
    ecsengine_result_set_dead(dead, 1);
    ecsengine_result_set_exit_code(dead, 4);
    event(ECSENGINE_RUNTIME_EVENT_DIE, dead);
    ck_assert_int_eq(WALL_0, web->restart->ended_started_at);
    ck_assert_int_eq(made.wall_ns, web->restart->ended_at);
    made_answer(next(ECSENGINE_OP_START), record(true, 0, 0));
    ck_assert_int_eq(ECSENGINE_CONTAINER_NONE, web->applied);
    ck_assert_int_eq(made.wall_ns, web->started_at); /* that it runs now is all that is known */
    made_close();
}
END_TEST

START_TEST(what_was_wrong_with_the_last_run_is_told_when_there_is_no_other)
{
    begin(POLICY("60"));
    later(90 * NS_PER_S);
    struct ecsengine_result *killed = record(false, web->started_at, 137);
    ecsengine_result_set_oom_killed(killed, 1);
    event(ECSENGINE_RUNTIME_EVENT_DIE, killed);
    struct ecsengine_op *start = next(ECSENGINE_OP_START);
    ck_assert_ptr_null(web->error);
    made_stop(task);
    ck_assert_int_eq(ECSENGINE_CONTAINER_STOPPED, web->known);
    ck_assert_int_eq(137, web->exit_code);
    ck_assert_str_eq("OutOfMemoryError: Container killed due to memory usage", str_text(web->error));
    op_unref(start);
    made_close();
}
END_TEST

/* The answer of the start is lost; the inspection that decides is the caller's. */
static struct ecsengine_op *lost_start(void)
{
    made_fail(end_of_run(1), ECSENGINE_FAILURE_UNREACHABLE, NULL, "connection reset");
    ck_assert_int_eq(RESTART_DOUBTFUL, web->restart->phase);
    return next(ECSENGINE_OP_INSPECT);
}

START_TEST(a_lost_start_is_tried_again_only_if_no_other_run_was_seen)
{
    begin(POLICY("60"));
    made_answer(lost_start(), record(false, _i == 0 ? WALL_0 : 0, 1)); /* the former run, or none */
    ck_assert_int_eq(RESTART_WAITING, web->restart->phase);
    ck_assert_uint_eq(1, web->restart->failures);
    made_wait();
    made_answer(next(ECSENGINE_OP_START), record(true, made.wall_ns, 0));
    ck_assert_int_eq(RESTART_IDLE, web->restart->phase);
    made_close();
}
END_TEST

START_TEST(a_lost_start_whose_run_is_over_has_started_it)
{
    begin(POLICY("60"));
    struct ecsengine_op *inspect = lost_start();
    made_answer(inspect, record(false, made.wall_ns, 5));
    ck_assert_int_eq(ECSENGINE_CONTAINER_STOPPED, web->known); /* it ran for no time at all */
    ck_assert_int_eq(5, web->exit_code);
    ck_assert_int_eq(made.wall_ns, web->started_at);
    has_text("attempt reset period has not elapsed");
    made_close();
}
END_TEST

START_TEST(an_answered_start_whose_run_is_over_needs_no_time_of_it)
{
    begin(POLICY("60"));
    struct ecsengine_op *start = end_of_run(1);
    made_answer(start, made_result());
    ck_assert_int_eq(RESTART_ANSWERED, web->restart->phase);
    made_answer(next(ECSENGINE_OP_INSPECT), record(false, 0, 5));
    ck_assert_int_eq(RESTART_IDLE, web->restart->phase);
    ck_assert_int_eq(WALL_0, web->started_at);
    made_close();
}
END_TEST

START_TEST(an_end_that_is_told_of_after_the_answer_is_that_of_the_new_run)
{
    begin(POLICY("60"));
    made_answer(end_of_run(1), made_result());
    struct ecsengine_op *inspect = next(ECSENGINE_OP_INSPECT);
    event(ECSENGINE_RUNTIME_EVENT_DIE, NULL);
    ck_assert(web->died);
    made_answer(inspect, record(false, made.wall_ns, 5));
    ck_assert_int_eq(ECSENGINE_CONTAINER_STOPPED, web->known);
    ck_assert_int_eq(5, web->exit_code);
    made_close();
}
END_TEST

START_TEST(while_a_start_is_on_its_way_a_record_counts_only_if_it_is_of_another_run)
{
    begin(POLICY("60"));
    struct ecsengine_op *start = end_of_run(1);
    int64_t former = web->started_at;
    event(ECSENGINE_RUNTIME_EVENT_RESTART, record(true, _i == 0 ? 0 : _i == 1 ? former : made.wall_ns, 0));
    ck_assert_int_eq(_i == 2 ? RESTART_IDLE : RESTART_WAITING, web->restart->phase);
    if (_i == 2)
        ck_assert_int_eq(made.wall_ns, web->started_at);
    else
        ck_assert(web->inspect != INSPECT_NONE);
    made_good(start);
    made_settle();
    ck_assert_int_eq(RESTART_IDLE, web->restart->phase);
    made_close();
}
END_TEST

START_TEST(one_that_was_never_started_again_has_no_former_run)
{
    begin(POLICY("60"));
    event(ECSENGINE_RUNTIME_EVENT_DIE, record(false, web->started_at, 1));
    ck_assert_int_eq(ECSENGINE_CONTAINER_STOPPED, web->known);
    ck_assert_uint_eq(0, web->restart->count);
    event(ECSENGINE_RUNTIME_EVENT_RESTART, record(true, web->started_at, 0)); /* believed at once: somebody else has started it */
    ck_assert(web->restopped);
    made_good(next(ECSENGINE_OP_STOP));
    made_close();
}
END_TEST

START_TEST(what_has_no_id_is_told_of_by_its_name)
{
    char want[256];

    made_start();
    made_open();
    task = made_add(WITH(POLICY("60")));
    web = &task->containers[0];
    made_answer(made_until(ECSENGINE_OP_CREATE), made_result()); /* the runtime keeps the id for itself */
    made_settle();
    ck_assert_ptr_null(web->runtime_id);
    made_fail(end_of_run(1), ECSENGINE_FAILURE_NOT_FOUND, NULL, "No such container");
    snprintf(want, sizeof(want), "CannotStartContainerError: container does not exist any more: Container not found: %s",
             str_text(web->runtime_name));
    ck_assert_str_eq(want, str_text(web->error));
    made_close();
}
END_TEST

static void fill(TCase *tcase)
{
    tcase_add_test(tcase, without_a_policy_there_is_no_tracker);
    tcase_add_test(tcase, a_policy_that_is_not_enabled_is_none);
    tcase_add_test(tcase, a_container_that_shall_stop_is_not_started_again);
    tcase_add_test(tcase, without_an_exit_code_it_is_not_started_again);
    tcase_add_test(tcase, an_ignored_exit_code_is_looked_at_before_the_period);
    tcase_add_test(tcase, a_run_shorter_than_the_period_is_the_last_one);
    tcase_add_test(tcase, a_run_as_long_as_the_period_is_followed_by_another);
    tcase_add_test(tcase, a_period_of_nothing_always_allows_a_restart);
    tcase_add_test(tcase, the_period_counts_from_the_last_restart);
    tcase_add_test(tcase, a_restart_is_counted_before_its_start_leaves);
    tcase_add_test(tcase, a_start_that_is_none_of_a_restart_waits_for_nothing);
    tcase_add_test(tcase, a_restart_takes_the_new_start_time_and_the_new_ports);
    tcase_add_test(tcase, a_late_stop_event_ends_no_container_that_runs_again);
    tcase_add_test(tcase, a_record_of_the_former_run_proves_nothing);
    tcase_add_test(tcase, an_inspection_from_before_the_restart_is_not_waited_for);
    tcase_add_test(tcase, the_same_end_seen_again_starts_nothing_twice);
    tcase_add_test(tcase, the_answer_of_an_overtaken_start_is_not_the_restarts);
    tcase_add_test(tcase, health_begins_at_unknown_again);
    tcase_add_test(tcase, pauses_between_failed_starts_grow);
    tcase_add_test(tcase, a_start_that_finds_no_container_is_not_tried_again);
    tcase_add_test(tcase, a_stop_before_the_start_has_left_needs_no_stop);
    tcase_add_test(tcase, a_stop_after_the_start_has_left_waits_for_it);
    tcase_add_test(tcase, a_start_that_fails_after_a_stop_is_not_tried_again);
    tcase_add_test(tcase, the_tracker_is_kept_with_the_container);
    tcase_add_test(tcase, restarts_and_the_last_decision_are_described);
    tcase_add_test(tcase, the_exit_code_of_the_event_is_enough_for_a_restart);
    tcase_add_test(tcase, what_is_gone_is_not_started_again);
    tcase_add_test(tcase, a_record_without_times_is_completed_by_what_is_known);
    tcase_add_test(tcase, what_was_wrong_with_the_last_run_is_told_when_there_is_no_other);
    tcase_add_loop_test(tcase, a_lost_start_is_tried_again_only_if_no_other_run_was_seen, 0, 2);
    tcase_add_test(tcase, a_lost_start_whose_run_is_over_has_started_it);
    tcase_add_test(tcase, an_answered_start_whose_run_is_over_needs_no_time_of_it);
    tcase_add_test(tcase, an_end_that_is_told_of_after_the_answer_is_that_of_the_new_run);
    tcase_add_loop_test(tcase, while_a_start_is_on_its_way_a_record_counts_only_if_it_is_of_another_run, 0, 3);
    tcase_add_test(tcase, what_has_no_id_is_told_of_by_its_name);
    tcase_add_test(tcase, one_that_was_never_started_again_has_no_former_run);
    tcase_add_test(tcase, restarts_are_a_second_apart);
    tcase_add_test(tcase, while_a_restart_waits_another_end_is_old_news);
}

int main(void) { return made_run("engine: restart", fill); }

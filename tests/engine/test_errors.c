/* SPDX-License-Identifier: Apache-2.0 */
/* What a failed step does to its container and task (task-engine: sections 5.4, 5.5): one test a cell. */
#include "made.h"

#include "ecsengine/runtime.h"

#define WEB "{'name':'web','image':'nginx','memory':64}"

static struct task *task;
static struct container *web;

static void begin(void)
{
    made_open();
    made_settle();
    task = made_add(TASK(WEB));
    web = &task->containers[0];
}

/* ---- manifest and pull, by behaviour ---- */

struct image_cell {
    enum ecsengine_op_kind kind; /* that fails, and with it the step */
    const char *behavior;
    const char *manifest; /* image-manifest-resolution */
    bool proceeds;
    const char *reason;
};

static const struct image_cell image_cells[] = {
    {ECSENGINE_OP_PULL_MANIFEST, "default", "true", true, "CannotPullImageManifestError: no"},
    {ECSENGINE_OP_PULL_MANIFEST, "prefer-cached", "true", true, "CannotPullImageManifestError: no"},
    {ECSENGINE_OP_PULL_MANIFEST, "always", "true", false, "CannotPullImageManifestError: no"},
    {ECSENGINE_OP_PULL_MANIFEST, "once", "true", false, "CannotPullImageManifestError: no"},
    {ECSENGINE_OP_PULL_IMAGE, "default", "false", true, "CannotPullContainerError: no"},
    {ECSENGINE_OP_PULL_IMAGE, "prefer-cached", "false", true, "CannotPullContainerError: no"},
    {ECSENGINE_OP_PULL_IMAGE, "always", "false", false, "CannotPullContainerError: no"},
    {ECSENGINE_OP_PULL_IMAGE, "once", "false", false, "CannotPullContainerError: no"},
};

START_TEST(a_failed_manifest_or_pull_stops_the_task_only_if_the_behaviour_says_so)
{
    const struct image_cell *cell = &image_cells[_i];
    struct ecsengine_op *op = NULL;
    bool cached = strcmp(cell->behavior, "prefer-cached") == 0;
    container_status at =
        cell->kind == ECSENGINE_OP_PULL_MANIFEST ? ECSENGINE_CONTAINER_MANIFEST_PULLED : ECSENGINE_CONTAINER_PULLED;
    bool seen = false;

    made_set("image-pull-behavior", cell->behavior);
    made_set("image-manifest-resolution", cell->manifest);
    begin();
    for (int i = 0; i < 60 && web->known < at; i++) {
        while ((op = made_next()) != NULL) {
            if (op->kind == cell->kind) {
                made_fail(op, ECSENGINE_FAILURE_OTHER, NULL, "no");
                seen = true;
            } else if (op->kind == ECSENGINE_OP_INSPECT_IMAGE && cached) {
                made_fail(op, ECSENGINE_FAILURE_NOT_FOUND, NULL, "no such image");
            } else if (op->kind == ECSENGINE_OP_CREATE || (op->kind == ECSENGINE_OP_PULL_IMAGE && web->known >= at)) {
                op_unref(op); /* too far already */
                break;
            } else {
                made_good(op);
            }
        }
        if (web->known < at)
            made_wait();
    }
    ck_assert(seen);
    ck_assert_str_eq(cell->reason, str_text(web->error));
    if (cell->proceeds) {
        ck_assert_int_ge(web->known, at);
        ck_assert_int_eq(ECSENGINE_TASK_RUNNING, task->desired);
        ck_assert_int_eq(ECSENGINE_CONTAINER_RUNNING, web->desired);
    } else {
        ck_assert_int_eq(ECSENGINE_TASK_STOPPED, task->desired);
        ck_assert_int_eq(ECSENGINE_TASK_STOPPED, task->known); /* nothing had to be stopped */
        ck_assert(!web->has_exit_code);
    }
    made_close();
}
END_TEST

/* ---- create and start ---- */

struct step_cell {
    enum ecsengine_op_kind kind;
    enum ecsengine_failure failure;
    const char *name; /* of the error; NULL: the kind's own */
    const char *text;
    bool force_stop;
    const char *reason;
};

static const struct step_cell step_cells[] = {
    {ECSENGINE_OP_CREATE, ECSENGINE_FAILURE_OTHER, NULL, "no", false, "CannotCreateContainerError: no"},
    {ECSENGINE_OP_CREATE, ECSENGINE_FAILURE_CONFLICT, NULL, "taken", false, "CannotCreateContainerError: taken"},
    {ECSENGINE_OP_CREATE, ECSENGINE_FAILURE_UNREACHABLE, NULL, "EOF", false, "CannotCreateContainerError: EOF"},
    {ECSENGINE_OP_CREATE, ECSENGINE_FAILURE_OTHER, "DockerTimeoutError", "late", false, "DockerTimeoutError: late"},
    {ECSENGINE_OP_START, ECSENGINE_FAILURE_OTHER, NULL, "no", false, "CannotStartContainerError: no"},
    {ECSENGINE_OP_START, ECSENGINE_FAILURE_NOT_FOUND, NULL, "no such container", false,
     "CannotStartContainerError: no such container"},
    {ECSENGINE_OP_START, ECSENGINE_FAILURE_OTHER, NULL, "unexpected EOF", true, "CannotStartContainerError: unexpected EOF"},
    {ECSENGINE_OP_START, ECSENGINE_FAILURE_OTHER, NULL, "EOF of something", false, "CannotStartContainerError: EOF of something"},
    {ECSENGINE_OP_START, ECSENGINE_FAILURE_OTHER, NULL, "OF", false, "CannotStartContainerError: OF"},
    {ECSENGINE_OP_START, ECSENGINE_FAILURE_UNREACHABLE, NULL, "reset by peer", true, "CannotStartContainerError: reset by peer"},
    {ECSENGINE_OP_START, ECSENGINE_FAILURE_OTHER, "DockerTimeoutError", "late", true, "DockerTimeoutError: late"},
    {ECSENGINE_OP_START, ECSENGINE_FAILURE_OTHER, "CannotInspectContainerError", "x", true, "CannotInspectContainerError: x"},
    {ECSENGINE_OP_START, ECSENGINE_FAILURE_OTHER, "SomethingElseError", "EOF", false, "SomethingElseError: EOF"},
};

START_TEST(a_failed_create_or_start_ends_the_container_and_stops_it_for_real_if_it_may_run)
{
    const struct step_cell *cell = &step_cells[_i];

    begin();
    struct ecsengine_op *op = made_until(cell->kind);
    ck_assert_ptr_nonnull(op);
    made_fail(op, cell->failure, cell->name, cell->text);
    if (cell->failure == ECSENGINE_FAILURE_UNREACHABLE)
        made_good(made_until(ECSENGINE_OP_PING)); /* the runtime was there all the time */
    ck_assert_str_eq(cell->reason, str_text(web->error));
    ck_assert_int_eq(ECSENGINE_CONTAINER_STOPPED, web->desired);
    ck_assert_int_eq(ECSENGINE_CONTAINER_STOPPED, web->known); /* reverted, and then stopped without action */
    ck_assert_int_eq(ECSENGINE_TASK_STOPPED, task->desired);
    ck_assert_int_eq(ECSENGINE_TASK_STOPPED, task->known);
    ck_assert(!web->has_exit_code);
    struct ecsengine_op *after = made_next();
    ck_assert_int_eq(cell->force_stop, after != NULL && after->kind == ECSENGINE_OP_STOP);
    if (after != NULL)
        made_good(after);
    made_close();
}
END_TEST

START_TEST(a_start_that_is_not_answered_is_stopped_for_real)
{
    begin();
    struct ecsengine_op *op = made_until(ECSENGINE_OP_START);
    made_wait();
    ck_assert_str_eq("DockerTimeoutError: Could not transition to started; timed out after waiting 3m0s", str_text(web->error));
    ck_assert_int_eq(ECSENGINE_CONTAINER_STOPPED, web->known);
    struct ecsengine_op *after = made_next();
    ck_assert_int_eq(ECSENGINE_OP_STOP, after->kind);
    made_good(after);
    made_good(op); /* late: it does not matter any more */
    ck_assert_int_eq(ECSENGINE_CONTAINER_STOPPED, web->known);
    made_close();
}
END_TEST

START_TEST(the_first_error_sticks)
{
    made_set("image-manifest-resolution", "false");
    begin();
    for (int i = 0; i < 10 && web->known < ECSENGINE_CONTAINER_PULLED; i++) {
        struct ecsengine_op *op = made_until(ECSENGINE_OP_PULL_IMAGE);
        if (op != NULL)
            made_fail(op, ECSENGINE_FAILURE_OTHER, NULL, "no network");
        else
            made_wait();
        if (web->known >= ECSENGINE_CONTAINER_PULLED)
            break;
    }
    struct ecsengine_op *create = made_until(ECSENGINE_OP_CREATE);
    ck_assert_ptr_nonnull(create);
    made_fail(create, ECSENGINE_FAILURE_NOT_FOUND, NULL, "no such image");
    ck_assert_str_eq("CannotPullContainerError: no network", str_text(web->error));
    made_close();
}
END_TEST

/* ---- an event that is faster than the start's answer (5.6) ---- */

/* The start is in flight; an event with a record says that the container runs. */
static struct ecsengine_op *started_by_event(void)
{
    begin();
    struct ecsengine_op *op = made_until(ECSENGINE_OP_START);
    struct runtime_notice notice = {.input.kind = INPUT_RUNTIME_EVENT, .kind = ECSENGINE_RUNTIME_EVENT_START};
    notice.container = str_ref(web->runtime_id);
    notice.details = made_result();
    ecsengine_result_set_running(notice.details, 1);
    ecsengine_result_set_started_at(notice.details, made.wall_ns);
    made_apply(&notice.input);
    ecsengine_result_free(notice.details);
    str_unref(notice.container);
    ck_assert_int_eq(ECSENGINE_CONTAINER_RUNNING, web->known);
    return op;
}

START_TEST(a_start_that_is_refused_after_its_event_stops_the_container)
{
    made_fail(started_by_event(), ECSENGINE_FAILURE_OTHER, "ContainerNetworkingError", "no address");
    ck_assert_str_eq("ContainerNetworkingError: no address", str_text(web->error));
    ck_assert_int_eq(ECSENGINE_TASK_STOPPED, task->desired);
    struct ecsengine_op *stop = made_next();
    ck_assert_ptr_nonnull(stop);
    ck_assert_int_eq(ECSENGINE_OP_STOP, stop->kind);
    made_good(stop);
    ck_assert_int_eq(ECSENGINE_TASK_STOPPED, task->known);
    made_close();
}
END_TEST

START_TEST(a_lost_answer_after_the_start_event_is_no_news)
{
    made_fail(started_by_event(), ECSENGINE_FAILURE_UNREACHABLE, NULL, "unexpected EOF");
    ck_assert_ptr_null(web->error);
    ck_assert_int_eq(ECSENGINE_TASK_RUNNING, task->known);
    ck_assert_ptr_null(made_next());
    made_close();
}
END_TEST

START_TEST(a_start_that_is_refused_after_the_end_of_its_container_changes_nothing)
{
    struct ecsengine_op *op = started_by_event();
    struct runtime_notice notice = {.input.kind = INPUT_RUNTIME_EVENT, .kind = ECSENGINE_RUNTIME_EVENT_DIE};
    notice.container = str_ref(web->runtime_id);
    notice.details = made_result();
    ecsengine_result_set_running(notice.details, 0);
    ecsengine_result_set_started_at(notice.details, made.wall_ns);
    ecsengine_result_set_exit_code(notice.details, 3);
    made_apply(&notice.input);
    ecsengine_result_free(notice.details);
    str_unref(notice.container);
    ck_assert_int_eq(ECSENGINE_TASK_STOPPED, task->known);
    made_fail(op, ECSENGINE_FAILURE_OTHER, NULL, "no");
    ck_assert_int_eq(3, web->exit_code);
    ck_assert_ptr_null(made_next());
    made_close();
}
END_TEST

/* ---- stop ---- */

static void run_and_stop(void)
{
    begin();
    made_settle();
    ck_assert_int_eq(ECSENGINE_TASK_RUNNING, task->known);
    made_stop(task);
}

static struct ecsengine_op *next_stop(void)
{
    struct ecsengine_op *op = made_next();

    for (int i = 0; op == NULL && i < 10; i++) {
        made_wait();
        op = made_next();
    }
    ck_assert_ptr_nonnull(op);
    ck_assert_int_eq(ECSENGINE_OP_STOP, op->kind);
    return op;
}

START_TEST(a_stop_of_a_container_that_is_gone_is_a_stop)
{
    run_and_stop();
    made_fail(next_stop(), ECSENGINE_FAILURE_NOT_FOUND, NULL, "gone");
    ck_assert_int_eq(ECSENGINE_CONTAINER_STOPPED, web->known);
    ck_assert_ptr_nonnull(strstr(str_text(web->error), "CannotStopContainerError: Container not found: "));
    ck_assert_int_eq(ECSENGINE_TASK_STOPPED, task->known);
    made_close();
}
END_TEST

START_TEST(a_stop_that_fails_is_tried_five_times_and_then_believed_if_the_runtime_lives)
{
    run_and_stop();
    for (int i = 0; i < 5; i++) {
        ck_assert_int_eq(ECSENGINE_CONTAINER_RUNNING, web->known);
        made_fail(next_stop(), ECSENGINE_FAILURE_OTHER, "SomeStopError", "it does not want to");
    }
    struct ecsengine_op *ping = made_next();
    ck_assert_int_eq(ECSENGINE_OP_PING, ping->kind);
    made_good(ping);
    ck_assert_int_eq(ECSENGINE_CONTAINER_STOPPED, web->known);
    ck_assert_str_eq("SomeStopError: it does not want to", str_text(web->error));
    made_close();
}
END_TEST

START_TEST(a_stop_goes_on_as_long_as_the_runtime_is_away)
{
    run_and_stop();
    for (int i = 0; i < 5; i++)
        made_fail(next_stop(), ECSENGINE_FAILURE_UNREACHABLE, NULL, "connection refused");
    for (int i = 0; i < 20; i++) {
        struct ecsengine_op *ping = made_next();
        ck_assert_int_eq(ECSENGINE_OP_PING, ping->kind);
        made_fail(ping, ECSENGINE_FAILURE_UNREACHABLE, NULL, "connection refused");
        ck_assert_int_eq(ECSENGINE_CONTAINER_RUNNING, web->known);
        made_fail(next_stop(), ECSENGINE_FAILURE_UNREACHABLE, NULL, "connection refused");
    }
    made_good(made_next()); /* it is back */
    ck_assert_int_eq(ECSENGINE_CONTAINER_STOPPED, web->known);
    made_close();
}
END_TEST

START_TEST(a_container_that_runs_on_after_its_stop_is_stopped_again)
{
    run_and_stop();
    struct ecsengine_result *result = made_result();
    ecsengine_result_set_running(result, 1);
    made_answer(next_stop(), result);
    struct ecsengine_op *inspect = made_next();
    ck_assert_int_eq(ECSENGINE_OP_INSPECT, inspect->kind);
    made_good(inspect); /* it runs */
    ck_assert_int_eq(ECSENGINE_CONTAINER_RUNNING, web->known);
    made_good(next_stop());
    ck_assert_int_eq(ECSENGINE_CONTAINER_STOPPED, web->known);
    ck_assert(web->has_exit_code && web->exit_code == 0);
    ck_assert_ptr_null(web->error);
    made_close();
}
END_TEST

/* ---- what a record says ---- */

struct record_cell {
    bool running, dead, oom, bad_protocol, started;
    const char *state_error;
    container_status known;
    const char *reason;
};

static const struct record_cell record_cells[] = {
    {.running = true, .started = true, .known = ECSENGINE_CONTAINER_RUNNING, .reason = ""},
    {.running = true, .started = true, .oom = true, .known = ECSENGINE_CONTAINER_RUNNING, .reason = ""}, /* of an earlier run */
    {.running = true, .started = true, .state_error = "x", .known = ECSENGINE_CONTAINER_RUNNING, .reason = ""},
    {.started = true, .known = ECSENGINE_CONTAINER_STOPPED, .reason = ""},
    {.dead = true, .known = ECSENGINE_CONTAINER_STOPPED, .reason = ""},
    {.state_error = "no space", .known = ECSENGINE_CONTAINER_STOPPED, .reason = "DockerStateError: no space"}, /* it never ran */
    {.started = true,
     .oom = true,
     .known = ECSENGINE_CONTAINER_STOPPED,
     .reason = "OutOfMemoryError: Container killed due to memory usage"},
    {.started = true, .state_error = "no space", .known = ECSENGINE_CONTAINER_STOPPED, .reason = "DockerStateError: no space"},
    {.started = true,
     .oom = true,
     .state_error = "x",
     .known = ECSENGINE_CONTAINER_STOPPED,
     .reason = "OutOfMemoryError: Container killed due to memory usage"},
    {.started = true,
     .bad_protocol = true,
     .known = ECSENGINE_CONTAINER_STOPPED,
     .reason = "UnrecognizedTransportProtocol: a port of the container has a transport protocol other than tcp and udp"},
};

START_TEST(a_record_says_what_the_container_is)
{
    const struct record_cell *cell = &record_cells[_i];

    begin();
    made_settle();
    struct str *id = str_ref(web->runtime_id);
    struct runtime_notice notice = {.input.kind = INPUT_RUNTIME_EVENT, .kind = ECSENGINE_RUNTIME_EVENT_DIE, .container = id};
    made_apply(&notice.input);
    struct ecsengine_op *inspect = made_next();
    ck_assert_int_eq(ECSENGINE_OP_INSPECT, inspect->kind);
    struct ecsengine_result *result = made_result();
    ecsengine_result_set_running(result, cell->running);
    ecsengine_result_set_dead(result, cell->dead);
    ecsengine_result_set_oom_killed(result, cell->oom);
    if (cell->bad_protocol)
        ecsengine_result_add_port(result, 1, 1, "sctp", NULL);
    if (cell->started)
        ecsengine_result_set_started_at(result, WALL_0);
    if (cell->state_error != NULL)
        ecsengine_result_set_state_error(result, cell->state_error);
    if (!cell->running)
        ecsengine_result_set_exit_code(result, 3);
    made_answer(inspect, result);
    ck_assert_int_eq(cell->known, web->known);
    ck_assert_str_eq(cell->reason, str_text(web->error));
    ck_assert_int_eq(!cell->running, web->has_exit_code);
    str_unref(id);
    made_close();
}
END_TEST

START_TEST(a_record_without_health_changes_no_health)
{
    made_open();
    made_settle();
    task = made_add(TASK("{'name':'web','image':'nginx','memory':64,'healthCheck':{'command':['CMD','true']}}"));
    web = &task->containers[0];
    made_settle();
    struct runtime_notice notice = {.input.kind = INPUT_RUNTIME_EVENT, .kind = ECSENGINE_RUNTIME_EVENT_HEALTHY};
    notice.container = str_ref(web->runtime_id);
    made_apply(&notice.input);
    ck_assert_int_eq(ECSENGINE_HEALTH_HEALTHY, web->health);
    notice.kind = ECSENGINE_RUNTIME_EVENT_RESTART;
    made_apply(&notice.input);
    made_settle(); /* an inspection that says that it runs, and no more */
    ck_assert_int_eq(ECSENGINE_HEALTH_HEALTHY, web->health);
    str_unref(notice.container);
    made_close();
}
END_TEST

#define COUNT(table) ((int)(sizeof(table) / sizeof((table)[0])))

/* ---- between an answer and what is seen ---- */

static void event(enum ecsengine_runtime_event_kind kind, struct ecsengine_result *details)
{
    struct runtime_notice notice = {.input.kind = INPUT_RUNTIME_EVENT, .kind = (uint8_t)kind, .container = str_ref(web->runtime_id), .details = details};

    made_apply(&notice.input);
    ecsengine_result_free(details);
    str_unref(notice.container);
}

static struct ecsengine_result *ended(int exit_code)
{
    struct ecsengine_result *result = made_result();

    ecsengine_result_set_running(result, 0);
    ecsengine_result_set_started_at(result, WALL_0);
    ecsengine_result_set_exit_code(result, exit_code);
    return result;
}

START_TEST(a_runtime_that_lives_says_nothing_of_a_container_that_has_ended_meanwhile)
{
    run_and_stop();
    for (int i = 0; i < 5; i++)
        made_fail(next_stop(), ECSENGINE_FAILURE_OTHER, "SomeStopError", "no");
    struct ecsengine_op *ping = made_next();
    event(ECSENGINE_RUNTIME_EVENT_DIE, ended(4));
    ck_assert_int_eq(ECSENGINE_CONTAINER_STOPPED, web->known);
    made_good(ping);
    ck_assert(web->exit_code == 4 && web->error == NULL);
    ck_assert_ptr_null(made_next());
    made_close();
}
END_TEST

/* The runtime said that it started it, and has not much to say else. */
START_TEST(a_start_that_was_answered_is_believed_if_what_is_seen_says_nothing_else)
{
    begin();
    made_answer(made_until(ECSENGINE_OP_START), made_result());
    struct ecsengine_op *inspect = made_next();
    ck_assert_int_eq(ECSENGINE_OP_INSPECT, inspect->kind);
    if (_i == 0) { /* created, and not started */
        struct ecsengine_result *result = made_result();
        ecsengine_result_set_running(result, 0);
        made_answer(inspect, result);
        ck_assert_int_eq(ECSENGINE_CONTAINER_RUNNING, web->known);
        ck_assert_ptr_null(web->error);
    } else { /* it can not be seen: it is stopped for real */
        made_fail(inspect, ECSENGINE_FAILURE_OTHER, NULL, "no");
        ck_assert_str_eq("CannotInspectContainerError: no", str_text(web->error));
        ck_assert_int_eq(ECSENGINE_CONTAINER_STOPPED, web->desired);
        op_unref(next_stop());
    }
    made_close();
}
END_TEST

START_TEST(a_start_whose_answer_was_lost_is_what_is_seen_after_its_event)
{
    begin();
    struct ecsengine_op *start = made_until(ECSENGINE_OP_START);
    event(ECSENGINE_RUNTIME_EVENT_START, NULL);
    struct ecsengine_op *inspect = made_next();
    ck_assert_int_eq(ECSENGINE_OP_INSPECT, inspect->kind);
    made_fail(start, ECSENGINE_FAILURE_UNREACHABLE, "SomeStartError", "EOF");
    made_good(made_next()); /* the runtime lives */
    ck_assert(web->start_done && web->error == NULL);
    struct ecsengine_result *result = made_result();
    ecsengine_result_set_running(result, 0);
    made_answer(inspect, result); /* not started */
    ck_assert_str_eq("SomeStartError: EOF", str_text(web->error));
    ck_assert_int_eq(ECSENGINE_CONTAINER_STOPPED, web->desired);
    made_close();
}
END_TEST

START_TEST(what_never_ran_has_its_reason_from_the_answer_of_its_start)
{
    begin();
    struct ecsengine_op *start = made_until(ECSENGINE_OP_START);
    struct ecsengine_result *details = made_result(), *record = made_result();
    ecsengine_result_set_running(details, 0);
    ecsengine_result_set_state_error(details, "no such file");
    event(ECSENGINE_RUNTIME_EVENT_DIE, details);
    struct ecsengine_op *inspect = made_next();
    ck_assert_int_eq(ECSENGINE_OP_INSPECT, inspect->kind);
    ecsengine_result_set_running(record, 0);
    ecsengine_result_set_state_error(record, "no such file");
    made_answer(inspect, record);
    ck_assert_int_eq(ECSENGINE_CONTAINER_CREATED, web->known);
    made_fail(start, ECSENGINE_FAILURE_OTHER, NULL, "no such file, says the start");
    ck_assert_str_eq("CannotStartContainerError: no such file, says the start", str_text(web->error));
    made_close();
}
END_TEST

START_TEST(an_inspection_that_says_nothing_is_tried_for_as_long_as_it_takes)
{
    made_set("steady-state-poll-interval", "24h");
    begin();
    made_settle();
    event(ECSENGINE_RUNTIME_EVENT_RESTART, NULL);
    for (int i = 0; i < 300; i++) {
        struct ecsengine_op *inspect = made_next();
        ck_assert_int_eq(ECSENGINE_OP_INSPECT, inspect->kind);
        if (i % 2 == 0)
            made_answer(inspect, made_result()); /* an answer without a record */
        else
            made_fail(inspect, ECSENGINE_FAILURE_OTHER, NULL, "no");
        ck_assert_int_eq(ECSENGINE_CONTAINER_RUNNING, web->known);
        ck_assert_int_ge(web->inspect_timer.node.key - made.mono_ns, i < 10 ? NS_PER_S : 5 * NS_PER_S); /* the pauses grow and stay long */
        for (int64_t until = made.mono_ns + 10 * NS_PER_S; list_empty(&made.ops_out) && made.mono_ns < until;)
            made_wait();
    }
    made_answer(made_next(), ended(0));
    ck_assert_int_eq(ECSENGINE_CONTAINER_STOPPED, web->known);
    made_close();
}
END_TEST

START_TEST(a_create_whose_name_is_taken_by_an_earlier_life_is_what_is_seen_of_it)
{
    begin();
    struct ecsengine_op *create = made_until(ECSENGINE_OP_CREATE);
    web->adopting = true;
    made_fail(create, ECSENGINE_FAILURE_CONFLICT, NULL, "taken");
    struct ecsengine_op *inspect = made_next();
    ck_assert_int_eq(ECSENGINE_OP_INSPECT, inspect->kind);
    if (_i == 0) {
        made_fail(inspect, ECSENGINE_FAILURE_NOT_FOUND, NULL, "gone");
        ck_assert_str_eq("CannotInspectContainerError: gone", str_text(web->error));
        ck_assert_int_eq(ECSENGINE_CONTAINER_STOPPED, web->desired);
    } else {
        struct ecsengine_result *record = made_result();
        ecsengine_result_set_container_id(record, "id");
        ecsengine_result_set_running(record, _i == 2);
        if (_i == 2)
            ecsengine_result_set_started_at(record, WALL_0);
        made_answer(inspect, record);
        ck_assert_int_eq(_i == 2 ? ECSENGINE_CONTAINER_RUNNING : ECSENGINE_CONTAINER_CREATED, web->known);
        ck_assert_str_eq("id", str_text(web->runtime_id));
    }
    made_close();
}
END_TEST

static void fill(TCase *tcase)
{
    tcase_add_checked_fixture(tcase, made_start, NULL);
    tcase_add_loop_test(tcase, a_failed_manifest_or_pull_stops_the_task_only_if_the_behaviour_says_so, 0, COUNT(image_cells));
    tcase_add_loop_test(tcase, a_failed_create_or_start_ends_the_container_and_stops_it_for_real_if_it_may_run, 0,
                        COUNT(step_cells));
    tcase_add_test(tcase, a_start_that_is_not_answered_is_stopped_for_real);
    tcase_add_test(tcase, the_first_error_sticks);
    tcase_add_test(tcase, a_start_that_is_refused_after_its_event_stops_the_container);
    tcase_add_test(tcase, a_lost_answer_after_the_start_event_is_no_news);
    tcase_add_test(tcase, a_start_that_is_refused_after_the_end_of_its_container_changes_nothing);
    tcase_add_test(tcase, a_stop_of_a_container_that_is_gone_is_a_stop);
    tcase_add_test(tcase, a_stop_that_fails_is_tried_five_times_and_then_believed_if_the_runtime_lives);
    tcase_add_test(tcase, a_stop_goes_on_as_long_as_the_runtime_is_away);
    tcase_add_test(tcase, a_container_that_runs_on_after_its_stop_is_stopped_again);
    tcase_add_test(tcase, a_record_without_health_changes_no_health);
    tcase_add_loop_test(tcase, a_record_says_what_the_container_is, 0, COUNT(record_cells));
    tcase_add_test(tcase, a_runtime_that_lives_says_nothing_of_a_container_that_has_ended_meanwhile);
    tcase_add_loop_test(tcase, a_start_that_was_answered_is_believed_if_what_is_seen_says_nothing_else, 0, 2);
    tcase_add_test(tcase, a_start_whose_answer_was_lost_is_what_is_seen_after_its_event);
    tcase_add_test(tcase, what_never_ran_has_its_reason_from_the_answer_of_its_start);
    tcase_add_test(tcase, an_inspection_that_says_nothing_is_tried_for_as_long_as_it_takes);
    tcase_add_loop_test(tcase, a_create_whose_name_is_taken_by_an_earlier_life_is_what_is_seen_of_it, 0, 3);
}

int main(void) { return made_run("errors", fill); }

/* SPDX-License-Identifier: Apache-2.0 */
/* Faults: each does what the script promises, and nothing else. */
#include <stdio.h>
#include <string.h>

#include "fixture.h"

START_TEST(an_error_does_nothing)
{
    script("op=create fault=error failure=conflict text=\"no room\" error-name=CannotCreateContainerError");
    const struct ecsengine_result *result = failed(create("web"), ECSENGINE_FAILURE_CONFLICT);
    ck_assert_str_eq("no room", result->text);
    ck_assert_str_eq("CannotCreateContainerError", result->error_name);
    ck_assert_uint_eq(0, ecsengine_sim_container_count(sim));
}
END_TEST

START_TEST(a_lost_answer_leaves_the_work_done)
{
    good(create("web"));
    script("op=start fault=lost");
    ck_assert_str_eq("unexpected EOF", failed(start("web"), ECSENGINE_FAILURE_UNREACHABLE)->text);
    ck_assert_int_eq(1, ecsengine_sim_container_running(sim, 0));
    ck_assert_uint_eq(1, fake_events(&engine, ECSENGINE_RUNTIME_EVENT_START));
}
END_TEST

START_TEST(what_hangs_is_never_done)
{
    good(create("web"));
    script("op=start nth=1 fault=hang");
    uint64_t op = start("web");
    at(1000 * SECONDS);
    ck_assert(is_open(op));
    ck_assert_int_eq(0, ecsengine_sim_container_running(sim, 0));
    ck_assert_int_eq(ECSENGINE_NO_DEADLINE, ecsengine_sim_deadline_ns(sim));
    engine.vtable.cancel(op, engine.data);
    ck_assert(is_open(op));
    ck_assert_int_eq(0, fake_ops_alive);
}
END_TEST

START_TEST(late_work_comes_after_the_deadline)
{
    good(create("web"));
    script("op=start fault=late");
    uint64_t op = start("web");
    engine.vtable.cancel(op, engine.data); /* a daemon goes on without its client */
    at(180 * SECONDS);
    ck_assert(is_open(op));
    at(181 * SECONDS);
    good(op);
    ck_assert_int_eq(1, ecsengine_sim_container_running(sim, 0));
    script("op=stop fault=late delay=200s");
    op = stop("web", 0);
    at(380 * SECONDS);
    ck_assert(is_open(op));
    at(381 * SECONDS);
    good(op);
}
END_TEST

START_TEST(a_second_answer_is_refused)
{
    script("op=any fault=double");
    uint64_t op = create("web");
    good(op);
    ck_assert_int_eq(ECSENGINE_EALREADY, engine.said[engine.count - 1].rc);
    ck_assert_uint_eq(op, engine.said[engine.count - 1].op_id);
    ck_assert_uint_eq(0, ecsengine_sim_counter(sim, "double-answers-taken"));
    good(start("web"));
    ck_assert_uint_eq(1, ecsengine_sim_container_count(sim));
}
END_TEST

START_TEST(work_and_answer_can_be_delayed)
{
    script("op=create delay=2s");
    script("op=start answer-delay=3s");
    uint64_t op = create("web");
    ck_assert_uint_eq(0, ecsengine_sim_container_count(sim));
    at(2 * SECONDS);
    good(op);
    op = start("web");
    ck_assert_int_eq(1, ecsengine_sim_container_running(sim, 0));
    ck_assert_int_eq(0, ecsengine_sim_kill(sim, "rt-web", 5, NULL));
    at(4 * SECONDS);
    ck_assert(is_open(op));
    at(5 * SECONDS);
    /* The answer tells of the time of the work. */
    ck_assert(good(op)->running);
}
END_TEST

START_TEST(a_long_pull_reports_progress)
{
    script("op=pull-image image=loud:1 delay=35s");
    script("op=pull-image image=mute:1 delay=35s progress=false");
    uint64_t loud = pull("loud:1"), mute = pull("mute:1");
    ck_assert_int_eq(10 * SECONDS, ecsengine_sim_deadline_ns(sim));
    at(10 * SECONDS);
    at(20 * SECONDS);
    at(34 * SECONDS);
    ck_assert(is_open(loud) && is_open(mute));
    ck_assert_int_eq(4, engine.updates); /* at 0, 10, 20 and 30 s, of one of them */
    at(35 * SECONDS);
    good(loud);
    good(mute);
    uint64_t cancelled = pull("loud:1");
    engine.vtable.cancel(cancelled, engine.data);
    failed(cancelled, ECSENGINE_FAILURE_CANCELLED);
}
END_TEST

START_TEST(a_dropped_event_never_comes)
{
    script("event=die nth=1 fault=drop");
    run("a", "");
    run("b", "");
    good(stop("a", 0));
    good(stop("b", 0));
    ck_assert_uint_eq(1, fake_events(&engine, ECSENGINE_RUNTIME_EVENT_DIE));
    ck_assert_uint_eq(2, fake_events(&engine, ECSENGINE_RUNTIME_EVENT_STOP));
    ck_assert_uint_eq(1, ecsengine_sim_counter(sim, "lost-events"));
}
END_TEST

START_TEST(a_doubled_event_comes_twice)
{
    script("event=start container=a fault=double");
    run("a", "");
    run("b", "");
    ck_assert_uint_eq(3, fake_events(&engine, ECSENGINE_RUNTIME_EVENT_START));
}
END_TEST

START_TEST(a_late_event_shows_what_is_when_it_comes)
{
    script("event=die delay=5s");
    run("a", "");
    good(stop("a", 0));
    at(4 * SECONDS);
    ck_assert_uint_eq(0, fake_events(&engine, ECSENGINE_RUNTIME_EVENT_DIE));
    good(start("a"));
    at(5 * SECONDS);
    const struct fake_said *die = fake_event(&engine, ECSENGINE_RUNTIME_EVENT_DIE, 0);
    ck_assert(die != NULL && die->result.running && !die->result.has_exit_code);
    ck_assert_int_eq(0, ecsengine_sim_kill(sim, "rt-a", 6, NULL));
    good(remove_container("a", 0));
    at(10 * SECONDS);
    die = fake_event(&engine, ECSENGINE_RUNTIME_EVENT_DIE, 1);
    ck_assert(die != NULL && die->result.has_exit_code && !die->result.has_record);
    ck_assert_int_eq(6, die->result.exit_code);
}
END_TEST

START_TEST(a_reordered_event_comes_after_the_next)
{
    script("event=die fault=reorder");
    run("a", "");
    good(stop("a", 0));
    ck_assert_int_eq(ECSENGINE_RUNTIME_EVENT_STOP, fake_event(&engine, ECSENGINE_RUNTIME_EVENT_NONE, 2)->event);
    ck_assert_int_eq(ECSENGINE_RUNTIME_EVENT_DIE, fake_event(&engine, ECSENGINE_RUNTIME_EVENT_NONE, 3)->event);
    run("b", "");
    ck_assert_int_eq(0, ecsengine_sim_kill(sim, "rt-b", 1, NULL));
    ck_assert_uint_eq(1, fake_events(&engine, ECSENGINE_RUNTIME_EVENT_DIE));
    at(SECONDS);
    ck_assert_uint_eq(2, fake_events(&engine, ECSENGINE_RUNTIME_EVENT_DIE));
}
END_TEST

START_TEST(without_a_stream_events_are_lost)
{
    run("a", "");
    ck_assert_int_eq(0, ecsengine_sim_lose(sim, 3 * SECONDS, NULL));
    ck_assert_int_eq(SAID_LOST, engine.said[engine.count - 1].what);
    ck_assert_int_eq(0, ecsengine_sim_kill(sim, "rt-a", 1, NULL));
    uint64_t op = ask(ECSENGINE_OP_SUBSCRIBE);
    at(2 * SECONDS);
    ck_assert(is_open(op));
    good(ask(ECSENGINE_OP_PING));
    at(3 * SECONDS);
    good(op);
    ck_assert_uint_eq(0, fake_events(&engine, ECSENGINE_RUNTIME_EVENT_DIE));
    good(start("a"));
    ck_assert_uint_eq(2, fake_events(&engine, ECSENGINE_RUNTIME_EVENT_START));
}
END_TEST

START_TEST(a_subscription_that_is_answered_late_opens_nothing)
{
    size_t before = engine.count;

    ck_assert_int_eq(0, ecsengine_sim_lose(sim, 0, NULL));
    script("op=subscribe nth=1 fault=lost");
    failed(ask(ECSENGINE_OP_SUBSCRIBE), ECSENGINE_FAILURE_UNREACHABLE);
    run("a", "");
    ck_assert_uint_eq(0, fake_events(&engine, ECSENGINE_RUNTIME_EVENT_NONE));
    ck_assert_int_eq(0, ecsengine_sim_lose(sim, 0, NULL));
    ck_assert_uint_eq(before + 4, engine.count); /* no second loss of what was not open */
}
END_TEST

START_TEST(a_daemon_that_is_down_answers_nobody)
{
    script("ignore-term=true");
    script("op=pull-image delay=30s");
    script("op=ping nth=1 fault=hang");
    run("a", "");
    uint64_t waits = stop("a", 10 * SECONDS), delayed = pull("nginx:1"), hangs = ask(ECSENGINE_OP_PING);
    ck_assert_int_eq(0, ecsengine_sim_set_down(sim, 1, NULL));
    failed(waits, ECSENGINE_FAILURE_UNREACHABLE);
    failed(delayed, ECSENGINE_FAILURE_UNREACHABLE);
    ck_assert(is_open(hangs));
    failed(ask(ECSENGINE_OP_PING), ECSENGINE_FAILURE_UNREACHABLE);
    failed(ask(ECSENGINE_OP_SUBSCRIBE), ECSENGINE_FAILURE_UNREACHABLE);
    at(60 * SECONDS);
    ck_assert_int_eq(1, ecsengine_sim_container_running(sim, 0)); /* who would have killed it was down */
    ck_assert_int_eq(0, ecsengine_sim_kill(sim, "rt-a", 1, NULL));
    ck_assert_int_eq(0, ecsengine_sim_set_down(sim, 0, NULL));
    good(ask(ECSENGINE_OP_SUBSCRIBE));
    ck_assert(!good(inspect("a"))->running);
    ck_assert_uint_eq(0, fake_events(&engine, ECSENGINE_RUNTIME_EVENT_DIE));
}
END_TEST

START_TEST(what_handles_its_signal_ends_without_the_daemon)
{
    script("stop-after=5s stop-exit=1");
    run("a", "");
    uint64_t op = stop("a", 10 * SECONDS);
    ck_assert_int_eq(0, ecsengine_sim_set_down(sim, 1, NULL));
    failed(op, ECSENGINE_FAILURE_UNREACHABLE);
    at(5 * SECONDS);
    ck_assert_int_eq(0, ecsengine_sim_container_running(sim, 0));
}
END_TEST

START_TEST(containers_outlive_the_engine)
{
    static ecsengine second;

    script("container=b ignore-term=true");
    script("op=pull-image delay=30s answer-delay=1s");
    script("op=ping fault=hang");
    script("op=info answer-delay=1s");
    run("a", "");
    run("b", "");
    stop("b", 10 * SECONDS);
    pull("nginx:1");
    ask(ECSENGINE_OP_PING);
    ask(ECSENGINE_OP_INFO);
    ck_assert_int_eq(4, fake_ops_alive);
    size_t said = engine.count;
    fake_engine_close(&engine);
    ck_assert_int_eq(0, fake_ops_alive);
    at(60 * SECONDS);
    ck_assert_uint_eq(said, engine.count);
    ck_assert_uint_eq(2, ecsengine_sim_container_count(sim));
    fake_engine_init(&second);
    ck_assert_int_eq(0, ecsengine_sim_attach(sim, &second, NULL));
    uint64_t op = fake_submit(&second, (struct ecsengine_op){.kind = ECSENGINE_OP_INSPECT, .container = "rt-a"});
    ck_assert(fake_answer(&second, op)->result.running);
    fake_engine_close(&second);
}
END_TEST

/* An engine that dies with a create, a stop and a pull under way; and what there is a minute later, for the next one. */
static size_t cut_off(int32_t finish)
{
    static ecsengine second;

    script("op=create container=b delay=5s");
    script("op=stop container=a delay=5s");
    script("op=pull-image delay=5s");
    run("a", "");
    create("b");
    stop("a", 10 * SECONDS);
    pull("nginx:1");
    size_t said = engine.count;
    ecsengine_sim_cut(sim, finish);
    ecsengine_sim_cut(sim, finish);
    ck_assert_int_eq(finish != 0 ? 2 : 0, fake_ops_alive);
    stop("a", 0);
    engine.vtable.cancel(1, engine.data);
    at(1 * SECONDS);
    ck_assert_uint_eq(said, engine.count);
    ck_assert_int_eq(1, ecsengine_sim_container_running(sim, 0));
    fake_engine_close(&engine);
    fake_engine_init(&second);
    ck_assert_int_eq(0, ecsengine_sim_attach(sim, &second, NULL));
    fake_submit(&second, (struct ecsengine_op){.kind = ECSENGINE_OP_SUBSCRIBE});
    at(60 * SECONDS);
    ck_assert_int_eq(0, fake_ops_alive);
    uint64_t op = fake_submit(&second, (struct ecsengine_op){.kind = ECSENGINE_OP_INSPECT_IMAGE, .image = "nginx:1"});
    ck_assert(fake_answer(&second, op)->result.failed);
    said = second.count;
    fake_engine_close(&second);
    return said;
}

START_TEST(an_engine_that_is_cut_off_reaches_nothing)
{
    ck_assert_uint_eq(2, cut_off(0)); /* the answers of the second one alone */
    ck_assert_uint_eq(1, ecsengine_sim_container_count(sim));
    ck_assert_int_eq(1, ecsengine_sim_container_running(sim, 0));
}
END_TEST

START_TEST(a_daemon_may_finish_for_nobody)
{
    ck_assert_uint_eq(2 + 3, cut_off(1)); /* and that b was created, and a has died and is stopped */
    ck_assert_uint_eq(2, ecsengine_sim_container_count(sim));
    ck_assert_int_eq(0, ecsengine_sim_container_running(sim, 0));
}
END_TEST

static void cut_it(const ecsengine_op *op, void *user_data)
{
    (void)user_data;
    if (ecsengine_op_get_kind(op) == ECSENGINE_OP_START)
        ecsengine_sim_cut(sim, 0);
}

START_TEST(what_the_watch_cuts_off_is_not_done)
{
    create("a");
    ecsengine_sim_set_watch(sim, cut_it, NULL);
    start("a");
    ck_assert_int_eq(0, fake_ops_alive);
    ck_assert_int_eq(0, ecsengine_sim_container_running(sim, 0));
}
END_TEST

START_TEST(a_freed_simulator_is_unreachable)
{
    ecsengine_sim *other;
    static ecsengine second;

    fake_engine_init(&second);
    ck_assert_int_eq(0, ecsengine_sim_new(1, &other, NULL));
    ck_assert_int_eq(0, ecsengine_sim_attach(other, &second, NULL));
    ecsengine_sim_free(other);
    uint64_t op = fake_submit(&second, (struct ecsengine_op){.kind = ECSENGINE_OP_PING});
    ck_assert_int_eq(ECSENGINE_FAILURE_UNREACHABLE, fake_answer(&second, op)->result.failure);
    second.vtable.cancel(op, second.data);
    fake_engine_close(&second);
}
END_TEST

START_TEST(without_memory_for_a_result_none_is_given)
{
    good(create("web"));
    engine.fail_results = 2; /* the event's and the answer's */
    uint64_t op = start("web");
    ck_assert(!fake_answer(&engine, op)->has_result);
    ck_assert(!fake_event(&engine, ECSENGINE_RUNTIME_EVENT_START, 0)->has_result);
    ck_assert(good(inspect("web"))->running);
}
END_TEST

START_TEST(an_event_without_memory_comes_in_the_next_turn_in_order)
{
    run("web", "");
    at(SECONDS);
    engine.fail_events = 1;
    good(stop("web", 0));
    ck_assert_uint_eq(0, fake_events(&engine, ECSENGINE_RUNTIME_EVENT_DIE));
    ck_assert_int_eq(SECONDS, ecsengine_sim_deadline_ns(sim));
    at(SECONDS);
    ck_assert_int_eq(ECSENGINE_RUNTIME_EVENT_DIE, fake_event(&engine, ECSENGINE_RUNTIME_EVENT_NONE, 2)->event);
    ck_assert_int_eq(ECSENGINE_RUNTIME_EVENT_STOP, fake_event(&engine, ECSENGINE_RUNTIME_EVENT_NONE, 3)->event);
    ck_assert_int_eq(ECSENGINE_NO_DEADLINE, ecsengine_sim_deadline_ns(sim));
    engine.fail_events = 1;
    ck_assert_int_eq(0, ecsengine_sim_lose(sim, 0, NULL));
    ck_assert_int_ne(SAID_LOST, engine.said[engine.count - 1].what);
    at(SECONDS);
    ck_assert_int_eq(SAID_LOST, engine.said[engine.count - 1].what);
    at(2 * SECONDS);
    ck_assert_int_eq(ECSENGINE_NO_DEADLINE, ecsengine_sim_deadline_ns(sim));
}
END_TEST

START_TEST(a_cancel_is_an_operation_too)
{
    script("op=ping nth=1 fault=hang");
    uint64_t op = ask(ECSENGINE_OP_PING);
    ck_assert_int_eq(1, fake_ops_alive);
    fake_submit(&engine, (struct ecsengine_op){.kind = ECSENGINE_OP_CANCEL, .cancel_id = op});
    ck_assert_int_eq(0, fake_ops_alive);
    ck_assert(is_open(op));
}
END_TEST

START_TEST(faults_are_counted_when_they_strike)
{
    script("op=create fault=error nth=1");
    script("op=start fault=lost nth=1");
    script("op=stop fault=hang nth=1");
    script("op=remove answer-delay=1s");
    script("event=die fault=drop nth=1");
    script("event=destroy fault=late");
    ck_assert_uint_eq(0, ecsengine_sim_counter(sim, "op-errors"));
    create("a");
    create("a");
    start("a");
    uint64_t hanging = stop("a", 0);
    good(stop("a", 0));
    uint64_t slow = remove_container("a", 0);
    ck_assert_int_eq(1, ecsengine_sim_op_open(sim, hanging));
    ck_assert_int_eq(1, ecsengine_sim_op_open(sim, slow));
    at(2 * SECONDS);
    ck_assert_int_eq(0, ecsengine_sim_op_open(sim, slow));
    ck_assert_int_eq(0, ecsengine_sim_op_open(NULL, hanging));
    static const char *const once[] = {"op-errors", "op-answers-lost", "op-hangs", "op-answers-slow", "events-dropped", "events-late"};
    for (size_t i = 0; i < sizeof(once) / sizeof(once[0]); i++)
        ck_assert_msg(ecsengine_sim_counter(sim, once[i]) == 1, "%s", once[i]);
    static const char *const never[] = {"op-late", "op-doubled", "op-slow", "op-unreachable", "events-doubled", "events-swapped", "streams-lost"};
    for (size_t i = 0; i < sizeof(never) / sizeof(never[0]); i++)
        ck_assert_msg(ecsengine_sim_counter(sim, never[i]) == 0, "%s", never[i]);
}
END_TEST

START_TEST(somebody_elses_container_has_a_name_and_a_port_and_no_label)
{
    ck_assert_int_eq(0, ecsengine_sim_foreign(sim, "other", 8080, NULL));
    ck_assert_int_eq(ECSENGINE_EEXIST, ecsengine_sim_foreign(sim, "other", 0, NULL));
    ck_assert_int_eq(ECSENGINE_EINVAL, ecsengine_sim_foreign(sim, "", 0, NULL));
    ck_assert_int_eq(ECSENGINE_EINVAL, ecsengine_sim_foreign(sim, "third", 65536, NULL));
    ck_assert_int_eq(ECSENGINE_ESTATE, ecsengine_sim_foreign(sim, "second", 8080, NULL));
    ck_assert_str_eq("", ecsengine_sim_container_task(sim, 0));
    ck_assert_int_eq(1, ecsengine_sim_container_running(sim, 0));
    ck_assert_int_eq(0, ecsengine_sim_container_oom_killed(sim, 0));
    ck_assert_int_eq(0, ecsengine_sim_container_running(sim, 1));
    ck_assert_int_eq(0, ecsengine_sim_remove(sim, "other", NULL));
    ck_assert_int_eq(0, ecsengine_sim_start(sim, "second", NULL));
    ck_assert_uint_eq(1, ecsengine_sim_container_count(sim));
}
END_TEST

int main(void)
{
    const TTest *tests[] = {an_error_does_nothing,
                            a_lost_answer_leaves_the_work_done,
                            what_hangs_is_never_done,
                            late_work_comes_after_the_deadline,
                            a_second_answer_is_refused,
                            work_and_answer_can_be_delayed,
                            a_long_pull_reports_progress,
                            a_dropped_event_never_comes,
                            a_doubled_event_comes_twice,
                            a_late_event_shows_what_is_when_it_comes,
                            a_reordered_event_comes_after_the_next,
                            without_a_stream_events_are_lost,
                            a_subscription_that_is_answered_late_opens_nothing,
                            a_daemon_that_is_down_answers_nobody,
                            what_handles_its_signal_ends_without_the_daemon,
                            containers_outlive_the_engine,
                            an_engine_that_is_cut_off_reaches_nothing,
                            a_daemon_may_finish_for_nobody,
                            what_the_watch_cuts_off_is_not_done,
                            a_freed_simulator_is_unreachable,
                            without_memory_for_a_result_none_is_given,
                            an_event_without_memory_comes_in_the_next_turn_in_order,
                            a_cancel_is_an_operation_too,
                            faults_are_counted_when_they_strike,
                            somebody_elses_container_has_a_name_and_a_port_and_no_label};

    return run_tests("sim faults", tests, sizeof(tests) / sizeof(tests[0]));
}

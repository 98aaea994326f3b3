/* SPDX-License-Identifier: Apache-2.0 */
/* An engine ends without warning, and another one takes over with what the store has. Whenever that happens: no container is
 * made twice or forgotten, what was said to be done is done, and what nobody acknowledged is told again. */
#include "host.h"

static void use_store(void) { OK(ecsengine_memory_store_new(&host.store, &error_)); }

/* The engine is gone at once, and with it all that it had not written. The runtime finishes what it was asked for, or has not
 * begun. */
static void crash(bool performed)
{
    for (size_t i = 0; performed && i < host.held_count; i++) {
        ecsengine_result *result = NULL;
        OK(ecsengine_result_new(host.held[i], &result, &error_));
        perform(host.held[i], result);
        ecsengine_result_free(result);
    }
    close_engine();
    ecsengine_memory_store_hold(host.store, 0);
}

static void restart(void)
{
    forget_trace();
    pass_time(SECOND);
    open_engine();
}

static const char *const told[] = {"db MANIFEST_PULLED", "web MANIFEST_PULLED", "task MANIFEST_PULLED", "db RUNNING",
                                   "web RUNNING",        "task RUNNING",        "web STOPPED",          "db STOPPED",
                                   "task STOPPED",       "task-removed"};

enum { TOLD = sizeof(told) / sizeof(told[0]) };

/* What was told in this life; nothing twice. */
static void count_told(int counts[TOLD])
{
    for (size_t i = 0; i < TOLD; i++) {
        int count = traced(told[i]);
        if (count > 1)
            ck_abort_msg("%s was told %d times in one life:\n%s", told[i], count, host.trace);
        counts[i] += count;
    }
}

START_TEST(what_a_slow_store_had_not_kept_is_lost_with_the_engine)
{
    use_store();
    open_engine();
    settle();
    size_t before = ecsengine_memory_store_count(host.store);
    ecsengine_memory_store_hold(host.store, 2);
    add(TASK(ARN, WEB_AFTER_DB));
    turn();
    ck_assert_uint_eq(before, ecsengine_memory_store_count(host.store));
    crash(false);
    ck_assert_uint_eq(before, ecsengine_memory_store_count(host.store));
    restart();
    ecsengine_memory_store_hold(host.store, 2);
    add(TASK(ARN, WEB_AFTER_DB));
    turn();
    ecsengine_memory_store_flush(host.store);
    ck_assert_uint_lt(before, ecsengine_memory_store_count(host.store));
    crash(false);
    open_engine();
    end_host();
}
END_TEST

enum { PERFORMED = 1, UNACKNOWLEDGED = 2, SLOW_DISK = 4, STOPPING = 8, VARIANTS = 16 };

/* One whole life with an end after `steps` turns. True if everything ran by then. */
static bool live_with_crash(int steps, unsigned variant)
{
    int counts[TOLD] = {0};

    start_host();
    use_store();
    set("engine-task-cleanup-wait-duration", "1m");
    open_engine();
    host.no_acks = (variant & UNACKNOWLEDGED) != 0;
    ecsengine_memory_store_hold(host.store, (variant & SLOW_DISK) != 0);
    uint64_t added = add(TASK(ARN, WEB_AFTER_DB));
    for (int i = 0; i < steps; i++) {
        if ((variant & STOPPING) != 0 && i == steps / 2)
            stop(ARN);
        if (i % 3 == 2)
            ecsengine_memory_store_flush(host.store);
        turn();
        if (host.held_count > 0)
            answer(held(ecsengine_op_get_kind(host.held[0]), NULL));
    }
    bool ran = traced("task RUNNING") == 1;
    bool known = host.done_codes[added] == 0;
    ck_assert_int_ge(known ? 0 : 1, host.done_codes[added]);
    count_told(counts);
    crash((variant & PERFORMED) != 0);

    host.no_acks = false;
    restart();
    if (!known)
        add(TASK(ARN, WEB_AFTER_DB));
    settle();
    stop(ARN);
    settle();
    pass_time(60 * SECOND);
    settle();
    count_told(counts);
    if (counts[TOLD - 2] == 0 || traced("task-removed") != 1)
        ck_abort_msg("crash after %d turns, variant %u: not ended:\n%s", steps, variant, host.trace);
    if ((variant & STOPPING) == 0) {
        for (size_t i = 0; i < TOLD; i++)
            if (counts[i] == 0)
                ck_abort_msg("crash after %d turns, variant %u: %s was never told:\n%s", steps, variant, told[i], host.trace);
        ck_assert_uint_eq(2, host.box_count); /* names are kept */
    }
    for (size_t i = 0; i < host.box_count; i++)
        ck_assert_int_eq(1, host.boxes[i].creates);
    ck_assert_uint_eq(0, boxes_there());
    ck_assert_uint_eq(1, ecsengine_memory_store_count(host.store));
    ck_assert_str_eq("engine", ecsengine_memory_store_key(host.store, 0));
    end_host();
    return ran;
}

START_TEST(an_end_after_any_turn_loses_and_doubles_nothing)
{
    enum { STEPS = 36 };
    int before_it_ran = 0;

    for (int steps = 0; steps < STEPS; steps++)
        before_it_ran += live_with_crash(steps, (unsigned)_i) ? 0 : 1;
    /* Manifests, pulls, tags, creates and starts of two containers were all interrupted, and what comes after them. */
    ck_assert_int_ge(before_it_ran, 10);
    ck_assert_int_lt(before_it_ran, STEPS);
}
END_TEST

static void run_web(void)
{
    use_store();
    open_engine();
    add(TASK(ARN, WEB));
    settle();
}

START_TEST(what_was_acknowledged_is_not_told_again)
{
    run_web();
    crash(false);
    restart();
    settle();
    ck_trace("> subscribe\n> info\nruntime CONNECTED\nready\n> list\n> inspect web\n");
    end_host();
}
END_TEST

START_TEST(what_was_not_acknowledged_is_told_again_as_it_is_now)
{
    host.no_acks = true;
    run_web();
    ck_assert_int_eq(1, traced("web MANIFEST_PULLED"));
    crash(false);
    restart();
    turn();
    ck_trace("web RUNNING\ntask RUNNING\n> subscribe\n> info\n");
    crash(false);
    restart();
    host.no_acks = false;
    turn();
    ck_trace("web RUNNING\ntask RUNNING\n> subscribe\n> info\n");
    settle();
    crash(false);
    restart();
    turn();
    turn();
    ck_trace("> subscribe\n> info\n");
    end_host();
}
END_TEST

START_TEST(an_event_that_is_told_again_has_the_time_of_the_turn_that_told_it)
{
    host.no_acks = true;
    run_web();
    crash(false);
    restart();
    OK(ecsengine_dispatch(host.engine, host.mono_ns, host.wall_ns, &error_));
    OK(ecsengine_dispatch(host.engine, host.mono_ns, host.wall_ns, &error_));
    ecsengine_event *event = ecsengine_next_event(host.engine);
    ck_assert_int_eq(ECSENGINE_EVENT_CONTAINER, ecsengine_event_get_kind(event));
    ck_assert_int_eq(host.wall_ns, ecsengine_event_time_ns(event));
    ecsengine_event_free(event);
    end_host();
}
END_TEST

START_TEST(a_removal_that_was_not_acknowledged_is_told_again)
{
    set("engine-task-cleanup-wait-duration", "1m");
    run_web();
    stop(ARN);
    settle();
    pass_time(60 * SECOND);
    host.no_acks = true;
    settle();
    ck_assert_int_eq(1, traced("task-removed"));
    crash(false);
    restart();
    host.no_acks = false;
    settle();
    ck_assert_int_eq(1, traced("task-removed"));
    crash(false);
    restart();
    settle();
    ck_assert_int_eq(0, traced("task-removed"));
    end_host();
}
END_TEST

START_TEST(a_refusal_is_told_until_it_is_acknowledged)
{
    use_store();
    host.no_acks = true;
    open_engine();
    add(TASK(ARN, "{'name':'web','image':'nginx','memory':64,'dependsOn':[{'containerName':'nobody','condition':'START'}]}"));
    settle();
    ck_assert_ptr_nonnull(strstr(host.trace, "done 1 ECSENGINE_OK\n"));
    char line[1100];
    const char *at = strstr(host.trace, "task STOPPED: ");
    ck_assert_ptr_nonnull(at);
    snprintf(line, sizeof(line), "%.*s", (int)strcspn(at, "\n"), at);
    crash(false);
    restart();
    host.no_acks = false;
    settle();
    ck_assert_int_eq(1, traced(line));
    crash(false);
    ck_assert_uint_eq(1, ecsengine_memory_store_count(host.store));
    restart();
    settle();
    ck_assert_int_eq(0, traced(line));
    end_host();
}
END_TEST

START_TEST(a_container_that_ended_meanwhile_is_seen)
{
    run_web();
    crash(false);
    host.boxes[0].running = false;
    restart();
    settle();
    ck_assert_int_eq(1, traced("web STOPPED"));
    ck_assert_int_eq(1, traced("task STOPPED"));
    end_host();
}
END_TEST

/* Turns and answers until a create comes; it is the caller's. */
static ecsengine_op *next_create(void)
{
    ecsengine_op *op;

    for (int turns = 0; (op = find_held(ECSENGINE_OP_CREATE, NULL)) == NULL; turns++) {
        ck_assert_int_lt(turns, 100);
        while (host.held_count > 0)
            answer(held(ecsengine_op_get_kind(host.held[0]), NULL));
        turn();
    }
    return op;
}

START_TEST(a_create_that_ends_after_the_new_engine_has_looked_is_adopted)
{
    use_store();
    open_engine();
    add(TASK(ARN, WEB));
    ecsengine_op_release(next_create());
    crash(false); /* the runtime is slow */
    restart();
    ecsengine_op *again = next_create();
    ck_assert_int_eq(1, traced("> inspect web")); /* there was nothing then */
    make_box(ecsengine_op_runtime_name(again));   /* now the former create is done */
    answer(again);                                /* and this one is refused: the name is taken */
    settle();
    ck_assert_int_eq(1, traced("task RUNNING"));
    ck_assert_uint_eq(1, host.box_count);
    ck_assert_int_eq(1, host.boxes[0].creates);
    end_host();
}
END_TEST

START_TEST(a_container_that_vanished_meanwhile_is_stopped)
{
    run_web();
    crash(false);
    host.boxes[0].there = false;
    restart();
    settle();
    ck_assert_int_eq(1, traced("web STOPPED: ContainerVanishedError: No container matching saved ID found"));
    end_host();
}
END_TEST

START_TEST(a_running_task_keeps_its_host_port)
{
    use_store();
    open_engine();
    add(TASK(ARN, "{'name':'web','image':'nginx','memory':64,'portMappings':[{'containerPort':80,'hostPort':8080}]}"));
    settle();
    crash(false);
    restart();
    add(TASK(ARN_HEAD "t2", "{'name':'web','image':'nginx','memory':64,'portMappings':[{'containerPort':80,'hostPort':8080}]}"));
    settle();
    ecsengine_text *text = NULL;
    OK(ecsengine_explain(host.engine, ARN_HEAD "t2", NULL, &text, &error_));
    ck_assert_ptr_nonnull(strstr(ecsengine_text_data(text), "needs host port 8080/tcp, which is taken"));
    ecsengine_text_free(text);
    end_host();
}
END_TEST

START_TEST(the_wait_before_cleanup_goes_on_over_a_restart)
{
    set("engine-task-cleanup-wait-duration", "1m");
    run_web();
    stop(ARN);
    settle();
    crash(false);
    host.mono_ns = 5 * SECOND; /* the machine has started anew; the wall clock went on */
    host.wall_ns += 39 * SECOND;
    restart();
    settle();
    ck_assert_int_eq(host.mono_ns + 20 * SECOND, deadline());
    pass_time(20 * SECOND);
    settle();
    ck_assert_int_eq(1, traced("task-removed"));
    end_host();
}
END_TEST

START_TEST(a_wall_clock_that_was_set_back_never_makes_a_wait_longer)
{
    set("engine-task-cleanup-wait-duration", "1m");
    run_web();
    stop(ARN);
    settle();
    crash(false);
    host.wall_ns -= 3600 * SECOND;
    restart();
    settle();
    ck_assert_int_eq(host.mono_ns + 60 * SECOND, deadline());
    end_host();
}
END_TEST

START_TEST(a_start_timeout_goes_on_over_a_restart)
{
    use_store();
    open_engine();
    add(TASK(ARN, "{'name':'web','image':'nginx','memory':64,'dependsOn':[{'containerName':'db','condition':'COMPLETE'}]},"
                  "{'name':'db','image':'postgres','memory':64,'startTimeout':100,'essential':false}"));
    settle();
    ck_assert_int_eq(1, traced("db RUNNING"));
    ck_assert_int_eq(0, traced("> create web"));
    crash(false);
    host.wall_ns = WALL_0 + 50 * SECOND; /* it started at WALL_0 */
    restart();
    settle();
    ck_assert_int_eq(0, traced("web STOPPED"));
    pass_time(52 * SECOND);
    settle();
    ck_assert_ptr_nonnull(
        strstr(host.trace, "web STOPPED: CannotStartContainerError: dependency graph: container ordering dependency"));
    end_host();
}
END_TEST

START_TEST(a_reason_with_foreign_letters_survives_a_restart)
{
    /* The words of a runtime are cut at many places; a record whose text is no UTF-8 would count as damaged. */
    char text[1024] = "denied: requested access to the resource is denied";

    for (size_t shift = 0; shift < 3; shift++) {
        size_t len = strlen("denied: requested access to the resource is denied") + shift;
        memset(text + len - shift, ' ', shift);
        for (; len + 3 < sizeof(text); len += 3)
            memcpy(text + len, "\xe4\xb8\x96", 4);
        start_host();
        use_store();
        set("image-pull-behavior", "always");
        set("image-manifest-resolution", "false");
        open_engine();
        add(TASK(ARN, WEB));
        for (int i = 0; i < 100; i++) {
            ecsengine_op *pull = find_held(ECSENGINE_OP_PULL_IMAGE, "web");
            if (pull != NULL)
                refuse(pull, ECSENGINE_FAILURE_OTHER, text);
            else if (host.held_count > 0)
                answer(held(ecsengine_op_get_kind(host.held[0]), NULL));
            turn();
            pass_time(SECOND);
        }
        ck_assert_ptr_nonnull(
            strstr(host.trace, "web STOPPED: CannotPullContainerError: The task can\xe2\x80\x99t pull the image."));
        crash(false);
        restart();
        settle();
        ecsengine_text *described = NULL;
        OK(ecsengine_task_describe(host.engine, ARN, &described, &error_));
        ck_assert_ptr_nonnull(
            strstr(ecsengine_text_data(described), "CannotPullContainerError: The task can\xe2\x80\x99t pull the image."));
        ecsengine_text_free(described);
        end_host();
    }
}
END_TEST

static int restored_with_damage(size_t damaged, size_t byte, int *out_codes, size_t *out_count)
{
    int last = 0;

    OK(ecsengine_new(host.config, NULL, &host.engine, &error_));
    *out_count = ecsengine_memory_store_count(host.store);
    for (size_t i = 0; i < *out_count; i++) {
        unsigned char value[4096];
        size_t len = 0;
        const void *kept = ecsengine_memory_store_value(host.store, i, &len);
        ck_assert_uint_le(len, sizeof(value));
        memcpy(value, kept, len);
        if (i == damaged)
            value[byte % len] ^= 0x10;
        out_codes[i] = ecsengine_restore_record(host.engine, ecsengine_memory_store_key(host.store, i), value, len, NULL);
        last = out_codes[i] < 0 ? out_codes[i] : last;
    }
    OK(ecsengine_restore_end(host.engine, &error_));
    return last;
}

START_TEST(a_damaged_record_is_set_aside_and_the_others_are_not_affected)
{
    int codes[8];
    size_t count;

    use_store();
    open_engine();
    add(TASK(ARN, WEB));
    add(TASK(ARN_HEAD "t2", DB));
    settle();
    crash(false);
    ck_assert_uint_eq(5, ecsengine_memory_store_count(host.store)); /* two definitions, the engine's own, two tasks */
    for (size_t damaged = 0; damaged < 5; damaged++) {
        for (size_t byte = 0; byte < 64; byte += 5) {
            ck_assert_int_eq(ECSENGINE_ECORRUPT, restored_with_damage(damaged, byte, codes, &count));
            for (size_t i = 0; i < count; i++)
                ck_assert_int_eq(i == damaged ? ECSENGINE_ECORRUPT : 0, codes[i]);
            ecsengine_text *text = NULL;
            OK(ecsengine_task_list(host.engine, &text, &error_));
            int running = 0;
            for (const char *at = ecsengine_text_data(text); (at = strstr(at, "\"knownStatus\":\"RUNNING\"")) != NULL; at++)
                running++;
            ck_assert_int_eq(damaged == 2 ? 2 : 1, running);
            ecsengine_text_free(text);
            close_engine();
        }
    }
    open_engine();
    end_host();
}
END_TEST

START_TEST(records_belong_before_the_first_dispatch)
{
    char record[] = "x";

    run_web();
    ck_assert_int_eq(ECSENGINE_ESTATE, ecsengine_restore_record(host.engine, "task/x", record, 1, NULL));
    ck_assert_int_eq(ECSENGINE_ESTATE, ecsengine_restore_end(host.engine, NULL));
    ck_assert_int_eq(ECSENGINE_ESTATE, ecsengine_pull_batches(host.engine, NULL));
    size_t len = 0;
    const void *value = ecsengine_memory_store_value(host.store, 0, &len);
    ecsengine *second = NULL;
    ecsengine_error *error = NULL;
    OK(ecsengine_new(host.config, NULL, &second, &error_));
    OK(ecsengine_restore_record(second, ecsengine_memory_store_key(host.store, 0), value, len, &error_));
    ck_assert_int_eq(ECSENGINE_ESTATE, ecsengine_dispatch(second, 1, 1, &error)); /* the end was not said */
    ecsengine_error_free(error);
    OK(ecsengine_restore_end(second, &error_));
    OK(ecsengine_dispatch(second, 1, 1, &error_));
    ck_assert_int_eq(0, ecsengine_free(second));
    end_host();
}
END_TEST

/* A new engine whose batches are looked at. */
static void restart_pulled(void)
{
    forget_trace();
    pass_time(SECOND);
    host.last_event = 0;
    OK(ecsengine_new(host.config, NULL, &host.engine, &error_));
    OK(ecsengine_pull_batches(host.engine, &error_));
    for (size_t i = 0; i < ecsengine_memory_store_count(host.store); i++) {
        size_t len = 0;
        const void *value = ecsengine_memory_store_value(host.store, i, &len);
        OK(ecsengine_restore_record(host.engine, ecsengine_memory_store_key(host.store, i), value, len, &error_));
    }
    OK(ecsengine_restore_end(host.engine, &error_));
}

static void ck_batch(const char *key)
{
    const ecsengine_batch *batch = ecsengine_next_batch(host.engine);

    ck_assert_ptr_nonnull(batch);
    ck_assert_uint_eq(1, ecsengine_batch_count(batch));
    ck_assert_str_eq(key, ecsengine_batch_key(batch, 0));
    OK(ecsengine_store_done(host.engine, ecsengine_batch_id(batch), 0, &error_));
}

START_TEST(a_new_engine_writes_nothing_that_it_was_given)
{
    run_web();
    crash(false);
    restart_pulled();
    settle();
    ck_trace("> subscribe\n> info\nruntime CONNECTED\nready\n> list\n> inspect web\n");
    ck_assert_ptr_null(ecsengine_next_batch(host.engine));
    OK(ecsengine_runtime_lost(host.engine, "gone", &error_)); /* all is looked at again, and is as it was */
    turn();
    pass_time(2 * SECOND);
    settle();
    ck_assert_int_eq(1, traced("> inspect web"));
    ck_assert_ptr_null(ecsengine_next_batch(host.engine));
    stop(ARN);
    turn();
    ck_batch("task/" ARN); /* and not its definition */
    end_host();
}
END_TEST

/* That its create may have gone out is new; so is what happens to it now. */
START_TEST(what_is_new_by_being_restored_is_written_and_its_create_waits_for_nothing)
{
    use_store();
    open_engine();
    add(TASK(ARN, WEB));
    while (host.held_count == 0 || ecsengine_op_get_kind(host.held[0]) != ECSENGINE_OP_PULL_IMAGE) {
        turn();
        if (host.held_count > 0 && ecsengine_op_get_kind(host.held[0]) != ECSENGINE_OP_PULL_IMAGE)
            answer(held(ecsengine_op_get_kind(host.held[0]), NULL));
    }
    crash(false);
    restart_pulled();
    settle();
    ck_assert_int_eq(1, traced("> create web"));
    ck_assert_int_eq(1, traced("> start web"));
    ck_assert_int_eq(0, traced("web RUNNING")); /* an event does wait */
    ck_batch("task/" ARN);
    settle();
    ck_batch("task/" ARN);
    settle();
    ck_assert_int_eq(1, traced("web RUNNING"));
    end_host();
}
END_TEST

START_TEST(records_come_in_any_order)
{
    run_web();
    crash(false);
    OK(ecsengine_new(host.config, NULL, &host.engine, &error_));
    for (size_t i = ecsengine_memory_store_count(host.store); i-- > 0;) {
        size_t len = 0;
        const void *value = ecsengine_memory_store_value(host.store, i, &len);
        OK(ecsengine_restore_record(host.engine, ecsengine_memory_store_key(host.store, i), value, len, &error_));
    }
    OK(ecsengine_restore_end(host.engine, &error_));
    ecsengine_text *text = NULL;
    OK(ecsengine_task_list(host.engine, &text, &error_));
    ck_assert_str_eq(
        quoted("{'tasks':[{'taskArn':'" ARN "','family':'fam','version':'3','knownStatus':'RUNNING','desiredStatus':'RUNNING'}]}"),
        ecsengine_text_data(text));
    ecsengine_text_free(text);
    end_host();
}
END_TEST

/* After a restart, and after a gap in the event stream. */
START_TEST(containers_are_looked_at_in_turn_and_what_shall_stop_first)
{
    static const char *const tasks[] = {TASK(ARN_HEAD "t1", "{'name':'c1','image':'nginx','memory':64}"),
                                        TASK(ARN_HEAD "t2", "{'name':'c2','image':'nginx','memory':64}"),
                                        TASK(ARN_HEAD "t3", "{'name':'c3','image':'nginx','memory':64}"),
                                        TASK(ARN_HEAD "t4", "{'name':'c4','image':'nginx','memory':64}"),
                                        TASK(ARN_HEAD "t5", "{'name':'c5','image':'nginx','memory':64}")};

    use_store();
    set("inspect-parallel", "2");
    open_engine();
    for (size_t i = 0; i < 5; i++)
        add(tasks[i]);
    settle();
    if (_i == 0) {
        crash(false);
        restart();
    } else {
        forget_trace();
        OK(ecsengine_runtime_lost(host.engine, "gone", &error_));
        pass_time(deadline() - host.mono_ns);
    }
    turn();
    answer(held(ECSENGINE_OP_SUBSCRIBE, NULL));
    if (_i == 0)
        answer(held(ECSENGINE_OP_INFO, NULL));
    turn();
    answer(held(ECSENGINE_OP_LIST, NULL));
    ck_assert_uint_eq(2, host.held_count);
    ck_assert(traced("> inspect c1") == 1 && traced("> inspect c2") == 1);
    stop(ARN_HEAD "t5");
    turn();
    ck_assert_int_eq(1, traced("> inspect c5"));
    answer(held(ECSENGINE_OP_INSPECT, "c5"));
    turn();
    ck_assert_int_eq(1, traced("> stop c5"));
    ck_assert_int_eq(0, traced("> inspect c3"));
    answer(held(ECSENGINE_OP_INSPECT, "c2"));
    turn();
    ck_assert_int_eq(1, traced("> inspect c3"));
    ck_assert_int_eq(0, traced("> inspect c4"));
    refuse(held(ECSENGINE_OP_INSPECT, "c1"), ECSENGINE_FAILURE_OTHER, "busy"); /* its pause is no reason to wait */
    turn();
    ck_assert_int_eq(1, traced("> inspect c4"));
    settle();
    ck_assert(traced("> inspect c2") == 1 && traced("> inspect c3") == 1 && traced("> inspect c4") == 1);
    ck_assert_int_eq(1, traced("c5 STOPPED"));
    pass_time(deadline() - host.mono_ns);
    turn();
    ck_assert_int_eq(2, traced("> inspect c1"));
    settle();
    end_host();
}
END_TEST

/* `key hex`, a line for each record of a short life. Owned by the caller. */
static char *life_in_bytes(void)
{
#define SECRETS(id) "{'credentialsId':'" id "','roleArn':'arn:role','accessKeyId':'AKIATHEKEY','secretAccessKey':'THESECRET','sessionToken':'THETOKEN'}"
    char *out = calloc(1, 1 << 16), *at = out;

    start_host();
    use_store();
    open_engine();
    add("{'arn':'" ARN "','family':'fam','version':'3','desiredStatus':'RUNNING','roleCredentials':" SECRETS("c1")
        ",'executionRoleCredentials':" SECRETS("c2") ",'containers':[{'name':'web','image':'nginx','memory':64,'essential':true}]}");
    add("{'arn':'" ARN "-agent','family':'fam','version':'4','desiredStatus':'RUNNING','containers':[{'name':'web','image':'nginx','memory':64,"
        "'essential':true,'managedAgents':[{'name':'ExecuteCommandAgent','properties':{'sessionLimit':'3'}}]}]}");
    settle();
    ck_assert_int_eq(2, traced("task RUNNING"));
    for (size_t i = 0; i < ecsengine_memory_store_count(host.store); i++) {
        size_t len = 0;
        const unsigned char *value = ecsengine_memory_store_value(host.store, i, &len);
        at += sprintf(at, "%s ", ecsengine_memory_store_key(host.store, i));
        for (size_t j = 0; j < len; j++)
            at += sprintf(at, "%02x", value[j]);
        at += sprintf(at, "\n");
        for (size_t j = 0; j + 6 < len; j++) /* no secret is in one, in whatever form it came */
            ck_assert(memcmp(value + j, "THESEC", 6) != 0 && memcmp(value + j, "THETOK", 6) != 0 && memcmp(value + j, "AKIATH", 6) != 0);
    }
    end_host();
    return out;
}

/* tests/abi/records.txt holds the bytes: if they change, stores that are out there are read otherwise, and RECORD_VERSION is to be raised. */
START_TEST(records_are_the_same_bytes_in_every_life_and_every_version)
{
    static char golden[1 << 16];
    char path[4096];
    char *one = life_in_bytes(), *other = life_in_bytes();

    ck_assert_str_eq(one, other);
    ck_assert_ptr_nonnull(getenv("ECSENGINE_SOURCE"));
    snprintf(path, sizeof(path), "%s/tests/abi/records.txt", getenv("ECSENGINE_SOURCE"));
    FILE *file = fopen(path, "rb");
    ck_assert_ptr_nonnull(file);
    golden[fread(golden, 1, sizeof(golden) - 1, file)] = '\0';
    fclose(file);
    if (strcmp(golden, one) != 0)
        ck_abort_msg("%s should be:\n%s", path, one);
    free(one);
    free(other);
}
END_TEST

static void fill(TCase *tcase)
{
    tcase_add_loop_test(tcase, an_end_after_any_turn_loses_and_doubles_nothing, 0, VARIANTS);
    tcase_add_test(tcase, what_a_slow_store_had_not_kept_is_lost_with_the_engine);
    tcase_add_test(tcase, what_was_acknowledged_is_not_told_again);
    tcase_add_test(tcase, what_was_not_acknowledged_is_told_again_as_it_is_now);
    tcase_add_test(tcase, an_event_that_is_told_again_has_the_time_of_the_turn_that_told_it);
    tcase_add_test(tcase, a_removal_that_was_not_acknowledged_is_told_again);
    tcase_add_test(tcase, a_refusal_is_told_until_it_is_acknowledged);
    tcase_add_test(tcase, a_container_that_ended_meanwhile_is_seen);
    tcase_add_test(tcase, a_create_that_ends_after_the_new_engine_has_looked_is_adopted);
    tcase_add_test(tcase, a_container_that_vanished_meanwhile_is_stopped);
    tcase_add_test(tcase, a_running_task_keeps_its_host_port);
    tcase_add_test(tcase, the_wait_before_cleanup_goes_on_over_a_restart);
    tcase_add_test(tcase, a_wall_clock_that_was_set_back_never_makes_a_wait_longer);
    tcase_add_test(tcase, a_start_timeout_goes_on_over_a_restart);
    tcase_add_test(tcase, a_reason_with_foreign_letters_survives_a_restart);
    tcase_add_test(tcase, a_damaged_record_is_set_aside_and_the_others_are_not_affected);
    tcase_add_test(tcase, records_belong_before_the_first_dispatch);
    tcase_add_test(tcase, a_new_engine_writes_nothing_that_it_was_given);
    tcase_add_test(tcase, what_is_new_by_being_restored_is_written_and_its_create_waits_for_nothing);
    tcase_add_test(tcase, records_come_in_any_order);
    tcase_add_test(tcase, records_are_the_same_bytes_in_every_life_and_every_version);
    tcase_add_loop_test(tcase, containers_are_looked_at_in_turn_and_what_shall_stop_first, 0, 2);
}

int main(void) { return run_tests("restore", fill); }

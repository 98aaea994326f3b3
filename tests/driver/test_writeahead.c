/* SPDX-License-Identifier: Apache-2.0 */
/* What relies on a record leaves when the record is durable, and nothing else waits for it. The store is pulled, so that each
 * test says when a batch is taken and how it ends. */
#include "../api/host.h"

#define MS (SECOND / 1000)

static void open_pulled(void)
{
    for (size_t i = 0; i < sizeof(host.done_codes) / sizeof(host.done_codes[0]); i++)
        host.done_codes[i] = 1;
    set("seed", "7");
    OK(ecsengine_new(host.config, NULL, &host.engine, &error_));
    OK(ecsengine_pull_batches(host.engine, &error_));
}

static const ecsengine_batch *take(void)
{
    const ecsengine_batch *batch = ecsengine_next_batch(host.engine);

    ck_assert_ptr_nonnull(batch);
    ck_assert_ptr_null(ecsengine_next_batch(host.engine)); /* one at a time */
    return batch;
}

static void done(const ecsengine_batch *batch, int code)
{
    OK(ecsengine_store_done(host.engine, ecsengine_batch_id(batch), code, &error_));
}

/* The keys as one line; deleted ones with a minus. */
static const char *keys(const ecsengine_batch *batch)
{
    static char line[4096];
    size_t len = 0, value_len;

    line[0] = '\0';
    for (size_t i = 0; i < ecsengine_batch_count(batch); i++) {
        const char *key = ecsengine_batch_key(batch, i);
        if (strncmp(key, "definition/", 11) == 0)
            key = "definition";
        len += (size_t)snprintf(line + len, sizeof(line) - len, "%s%s%s", len > 0 ? " " : "",
                                ecsengine_batch_value(batch, i, &value_len) == NULL ? "-" : "", key);
    }
    return line;
}

static void answer_all(void)
{
    while (host.held_count > 0)
        answer(held(ecsengine_op_get_kind(host.held[0]), NULL));
}

/* Turns and answers, taking no batch. */
static void run(void)
{
    for (int i = 0; i < 12; i++) {
        turn();
        answer_all();
    }
}

/* The same, with a store that works. */
static void run_durably(void)
{
    for (int i = 0; i < 40; i++) {
        const ecsengine_batch *batch;
        turn();
        while ((batch = ecsengine_next_batch(host.engine)) != NULL)
            done(batch, 0);
        answer_all();
    }
}

START_TEST(the_first_batch_has_the_engines_own_record)
{
    open_pulled();
    turn();
    const ecsengine_batch *batch = take();
    ck_assert_uint_eq(1, ecsengine_batch_id(batch));
    ck_assert_str_eq("engine", keys(batch));
    ck_trace("> subscribe\n> info\n"); /* these wait for nothing */
    done(batch, 0);
    turn();
    ck_assert_ptr_null(ecsengine_next_batch(host.engine)); /* nothing has changed since */
    end_host();
}
END_TEST

START_TEST(a_create_waits_for_the_batch_with_its_names_and_what_is_before_it_does_not)
{
    open_pulled();
    run_durably();
    forget_trace();
    add(TASK(ARN, WEB));
    run();
    ck_trace("> pull-manifest web\n> pull-image web\n> tag-image web\n");
    const ecsengine_batch *batch = take();
    ck_assert_str_eq("definition task/" ARN, keys(batch));
    done(batch, 0);
    turn();
    ck_trace("done 1 ECSENGINE_OK\n> create web\n");
    end_host();
}
END_TEST

START_TEST(the_time_of_a_create_begins_when_it_leaves)
{
    open_pulled();
    run_durably();
    add(TASK(ARN, WEB));
    run();
    pass_time(3600 * SECOND); /* a very slow disk is no reason to give up */
    run();
    ck_assert_int_eq(0, traced("> create web"));
    done(take(), 0);
    turn();
    ck_assert_int_eq(1, traced("> create web"));
    ecsengine_op *create = held(ECSENGINE_OP_CREATE, "web");
    ck_assert_int_eq(host.mono_ns + 240 * SECOND, ecsengine_op_deadline_ns(create));
    answer(create);
    run_durably();
    ck_assert_int_eq(1, traced("task RUNNING"));
    end_host();
}
END_TEST

START_TEST(one_wait_for_the_disk_is_all_between_add_and_start)
{
    open_pulled();
    run_durably();
    add(TASK(ARN, WEB));
    run();
    done(take(), 0);
    run(); /* later batches are not answered */
    ck_assert_int_eq(1, traced("> start web"));
    ck_assert_int_eq(0, traced("web RUNNING")); /* but nothing is told */
    ck_assert_int_eq(0, traced("web MANIFEST_PULLED"));
    run_durably();
    end_host();
}
END_TEST

START_TEST(a_stop_waits_for_nothing)
{
    open_pulled();
    run_durably();
    add(TASK(ARN, WEB));
    run_durably();
    forget_trace();
    stop(ARN);
    turn();
    ck_trace("> stop web\n"); /* the command is not done before it is durable */
    answer_all();
    turn();
    ck_trace("");
    done(take(), 0);
    turn();
    ck_trace("done 2 ECSENGINE_OK\n");
    done(take(), 0);
    turn();
    ck_trace("web STOPPED\ntask STOPPED\n");
    end_host();
}
END_TEST

START_TEST(a_create_that_is_not_wanted_any_more_never_leaves)
{
    open_pulled();
    run_durably();
    add(TASK(ARN, WEB));
    run();
    OK(ecsengine_task_stop(host.engine, ARN, NULL, &error_));
    run_durably();
    ck_assert_int_eq(1, traced("task STOPPED"));
    ck_assert_uint_eq(boxes_there(), (size_t)traced("> create web"));
    pass_time(INT64_C(4) * 3600 * SECOND);
    run_durably();
    ck_assert_uint_eq(0, boxes_there());
    ck_assert_int_eq(1, traced("task-removed"));
    end_host();
}
END_TEST

START_TEST(what_changes_while_a_batch_is_out_is_one_batch)
{
    open_pulled();
    run_durably();
    add(TASK(ARN, WEB));
    turn();
    const ecsengine_batch *first = take();
    uint64_t id = ecsengine_batch_id(first);
    add(TASK(ARN_HEAD "t2", WEB));
    run();
    add(TASK(ARN_HEAD "t3", DB));
    run();
    ck_assert_ptr_null(ecsengine_next_batch(host.engine));
    done(first, 0);
    turn();
    const ecsengine_batch *second = take();
    ck_assert_uint_eq(id + 1, ecsengine_batch_id(second));
    ck_assert_uint_eq(4, ecsengine_batch_count(second)); /* t1, t2, t3 and the definition of t3: each once */
    done(second, 0);
    turn();
    ck_assert_int_eq(0, host.done_codes[2]);
    ck_assert_int_eq(0, host.done_codes[3]);
    end_host();
}
END_TEST

START_TEST(a_definition_is_kept_once_and_goes_with_its_last_task)
{
    set("engine-task-cleanup-wait-duration", "1s");
    open_pulled();
    run_durably();
    add(TASK(ARN, WEB));
    turn();
    const ecsengine_batch *batch = take();
    ck_assert_str_eq("definition task/" ARN, keys(batch));
    done(batch, 0);
    run_durably();
    add(TASK(ARN_HEAD "t2", WEB));
    turn();
    batch = take();
    ck_assert_str_eq("task/" ARN_HEAD "t2", keys(batch));
    done(batch, 0);
    run_durably();
    for (int task = 1; task <= 2; task++) {
        char removed[4096] = "";
        stop(task == 1 ? ARN : ARN_HEAD "t2");
        run_durably();
        pass_time(SECOND);
        for (int i = 0; i < 20; i++) {
            turn();
            while ((batch = ecsengine_next_batch(host.engine)) != NULL) {
                if (strchr(keys(batch), '-') != NULL && keys(batch)[0] == '-')
                    snprintf(removed, sizeof(removed), "%s", keys(batch));
                done(batch, 0);
            }
            answer_all();
        }
        ck_assert_str_eq(task == 1 ? "-task/" ARN : "-task/" ARN_HEAD "t2 -definition", removed);
    }
    end_host();
}
END_TEST

START_TEST(a_store_that_fails_is_told_once_and_when_it_works_again)
{
    open_pulled();
    run_durably();
    forget_trace();
    add(TASK(ARN, WEB));
    turn();
    ck_trace("> pull-manifest web\n");
    const ecsengine_batch *batch = take();
    uint64_t id = ecsengine_batch_id(batch);
    done(batch, ECSENGINE_EIO);
    turn();
    ck_trace("store FAILING: ECSENGINE_EIO\n");
    ck_assert_ptr_null(ecsengine_next_batch(host.engine));
    for (int i = 0; i < 5; i++) {
        host.mono_ns = deadline();
        turn();
        batch = take();
        ck_assert_uint_eq(id, ecsengine_batch_id(batch)); /* the same again */
        ck_assert_str_eq("definition task/" ARN, keys(batch));
        done(batch, ECSENGINE_EIO);
        turn();
        ck_trace("");
    }
    host.mono_ns = deadline();
    turn();
    done(take(), 0);
    turn();
    ck_trace("store WORKING\ndone 1 ECSENGINE_OK\n");
    end_host();
}
END_TEST

START_TEST(the_pauses_of_a_failing_store_double_from_100_ms_to_30_s)
{
    static const int64_t pauses_ms[] = {100, 200, 400, 800, 1600, 3200, 6400, 12800, 25600, 30000, 30000};

    open_pulled();
    turn();
    for (size_t i = 0; i < sizeof(pauses_ms) / sizeof(pauses_ms[0]); i++) {
        done(take(), ECSENGINE_EIO);
        turn();
        ck_assert_int_eq(host.mono_ns + pauses_ms[i] * MS, deadline());
        host.mono_ns += pauses_ms[i] * MS - 1;
        turn();
        ck_assert_ptr_null(ecsengine_next_batch(host.engine));
        host.mono_ns++;
        turn();
        while (host.held_count > 0) /* operations without an answer have deadlines too */
            answer(held(ecsengine_op_get_kind(host.held[0]), NULL));
    }
    done(take(), 0);
    turn();
    add(TASK(ARN, WEB));
    turn();
    done(take(), ECSENGINE_EIO); /* it has worked in between: from the beginning */
    turn();
    ck_assert_int_eq(host.mono_ns + 100 * MS, deadline());
    end_host();
}
END_TEST

START_TEST(a_failing_store_holds_back_no_stop)
{
    open_pulled();
    run_durably();
    add(TASK(ARN, WEB));
    run_durably();
    stop(ARN_HEAD "nobody");
    OK(ecsengine_runtime_event(host.engine, ECSENGINE_RUNTIME_EVENT_UNHEALTHY, "nobody", NULL, &error_));
    turn();
    forget_trace();
    stop(ARN);
    turn();
    done(take(), ECSENGINE_EIO);
    ck_trace("> stop web\n");
    answer_all();
    turn();
    ck_trace("store FAILING: ECSENGINE_EIO\n");
    ck_assert_int_eq(1, host.done_codes[3]);
    end_host();
}
END_TEST

START_TEST(only_the_batch_in_flight_can_be_answered_and_once)
{
    ecsengine_error *error = NULL;

    open_pulled();
    ck_assert_int_eq(ECSENGINE_EALREADY, ecsengine_store_done(host.engine, 1, 0, NULL)); /* there is none yet */
    turn();
    const ecsengine_batch *batch = take();
    ck_assert_int_eq(ECSENGINE_EALREADY, ecsengine_store_done(host.engine, 2, 0, &error));
    ck_assert_int_eq(ECSENGINE_EALREADY, ecsengine_error_code(error));
    ecsengine_error_free(error);
    done(batch, 0);
    ck_assert_int_eq(ECSENGINE_EALREADY, ecsengine_store_done(host.engine, 1, 0, NULL));
    turn();
    ck_assert_int_eq(ECSENGINE_EALREADY, ecsengine_store_done(host.engine, 1, 0, NULL));
    end_host();
}
END_TEST

START_TEST(shutdown_is_done_when_everything_is_saved)
{
    open_pulled();
    run_durably();
    add(TASK(ARN, WEB));
    turn();
    uint64_t id = 0;
    OK(ecsengine_shutdown(host.engine, &id, &error_));
    turn();
    forget_trace();
    turn();
    ck_trace("");
    done(take(), 0);
    run_durably();
    ck_assert_int_eq(0, host.done_codes[id]);
    ck_assert_int_eq(0, traced("> create web"));
    end_host();
}
END_TEST

/* ---- a store with a vtable ---- */

static struct {
    int commits;
    int closed;
    bool at_once;
    uint64_t last;
} store;

static void commit(uint64_t batch_id, const ecsengine_batch *batch, void *user_data)
{
    ck_assert_ptr_eq(&store, user_data);
    ck_assert_uint_eq(batch_id, ecsengine_batch_id(batch));
    store.commits++;
    store.last = batch_id;
    if (store.at_once)
        OK(ecsengine_store_done(host.engine, batch_id, 0, &error_));
}

static void closed(void *user_data)
{
    ck_assert_ptr_eq(&store, user_data);
    store.closed++;
}

static void open_with_vtable(bool at_once)
{
    ecsengine_store_vtable vtable;

    memset(&store, 0, sizeof(store));
    store.at_once = at_once;
    OK(ecsengine_new(host.config, NULL, &host.engine, &error_));
    ecsengine_store_vtable_init(&vtable, sizeof(vtable));
    vtable.commit = commit;
    vtable.close = closed;
    OK(ecsengine_set_store(host.engine, &vtable, &store, &error_));
}

START_TEST(a_store_may_answer_inside_commit)
{
    open_with_vtable(true);
    settle();
    add(TASK(ARN, WEB));
    settle();
    ck_assert_int_eq(1, traced("task RUNNING"));
    ck_assert_int_gt(store.commits, 2);
    ck_assert_ptr_null(ecsengine_next_batch(host.engine)); /* that is for hosts that pull */
    end_host();
    ck_assert_int_eq(1, store.closed);
}
END_TEST

START_TEST(a_store_is_not_asked_again_before_it_has_answered)
{
    open_with_vtable(false);
    settle();
    ck_assert_int_eq(1, store.commits);
    add(TASK(ARN, WEB));
    settle();
    ck_assert_int_eq(1, store.commits);
    OK(ecsengine_store_done(host.engine, store.last, 0, &error_));
    settle();
    ck_assert_int_eq(2, store.commits);
    end_host();
    ck_assert_int_eq(1, store.closed);
}
END_TEST

START_TEST(without_a_store_nothing_waits)
{
    open_engine();
    settle();
    forget_trace();
    add(TASK(ARN, WEB));
    turn();
    ck_trace("done 1 ECSENGINE_OK\n> pull-manifest web\n");
    settle();
    ck_assert_int_eq(1, traced("task RUNNING"));
    end_host();
}
END_TEST

static void fill(TCase *tcase)
{
    tcase_add_test(tcase, the_first_batch_has_the_engines_own_record);
    tcase_add_test(tcase, a_create_waits_for_the_batch_with_its_names_and_what_is_before_it_does_not);
    tcase_add_test(tcase, the_time_of_a_create_begins_when_it_leaves);
    tcase_add_test(tcase, one_wait_for_the_disk_is_all_between_add_and_start);
    tcase_add_test(tcase, a_stop_waits_for_nothing);
    tcase_add_test(tcase, a_create_that_is_not_wanted_any_more_never_leaves);
    tcase_add_test(tcase, what_changes_while_a_batch_is_out_is_one_batch);
    tcase_add_test(tcase, a_definition_is_kept_once_and_goes_with_its_last_task);
    tcase_add_test(tcase, a_store_that_fails_is_told_once_and_when_it_works_again);
    tcase_add_test(tcase, the_pauses_of_a_failing_store_double_from_100_ms_to_30_s);
    tcase_add_test(tcase, a_failing_store_holds_back_no_stop);
    tcase_add_test(tcase, only_the_batch_in_flight_can_be_answered_and_once);
    tcase_add_test(tcase, shutdown_is_done_when_everything_is_saved);
    tcase_add_test(tcase, a_store_may_answer_inside_commit);
    tcase_add_test(tcase, a_store_is_not_asked_again_before_it_has_answered);
    tcase_add_test(tcase, without_a_store_nothing_waits);
}

int main(void) { return run_tests("writeahead", fill); }

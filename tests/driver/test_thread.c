/* SPDX-License-Identifier: Apache-2.0 */
/* The library's own thread, hosts with several threads, and what may not be called from inside a callback. Clean under
 * ThreadSanitizer. */
#include "../api/host.h"

#include <pthread.h>
#include <stdatomic.h>
#include <time.h>
#include <unistd.h>

enum { TASKS = 40, WORKERS = 4 };

/* What the threads share. */
static struct {
    pthread_mutex_t lock;
    pthread_cond_t changed;
    ecsengine_op *ops[4096];
    size_t op_count;
    int running; /* tasks that were told RUNNING */
    int removed;
    int done;
    bool ends;
    bool acks_by_hand;
    uint64_t acks[65536];
    size_t ack_count;
} shared = {.lock = PTHREAD_MUTEX_INITIALIZER, .changed = PTHREAD_COND_INITIALIZER};

static void complete(ecsengine_op *op)
{
    ecsengine_result *result = NULL;
    enum ecsengine_op_kind kind = ecsengine_op_get_kind(op);
    char id[900];

    if (ecsengine_result_new(op, &result, NULL) < 0) {
        ecsengine_op_complete(op, NULL, NULL);
        return;
    }
    snprintf(id, sizeof(id), "%.200s", ecsengine_op_runtime_name(op));
    if (kind == ECSENGINE_OP_INFO) {
        ecsengine_result_set_cpus(result, 64);
        ecsengine_result_set_memory_mib(result, 1 << 20);
    } else if (kind == ECSENGINE_OP_CREATE) {
        ecsengine_result_set_container_id(result, id);
    } else if (kind == ECSENGINE_OP_START || kind == ECSENGINE_OP_INSPECT) {
        ecsengine_result_set_running(result, 1);
        ecsengine_result_set_started_at(result, WALL_0);
    } else if (kind == ECSENGINE_OP_STOP) {
        ecsengine_result_set_running(result, 0);
        ecsengine_result_set_started_at(result, WALL_0);
        ecsengine_result_set_exit_code(result, 0);
    } else if (kind == ECSENGINE_OP_PULL_IMAGE) {
        ecsengine_op_update(op, 1, 2, "half", NULL);
    }
    ecsengine_op_complete(op, result, NULL);
}

static void *worker(void *data)
{
    (void)data;
    pthread_mutex_lock(&shared.lock);
    for (;;) {
        if (shared.op_count > 0) {
            ecsengine_op *op = shared.ops[--shared.op_count];
            pthread_mutex_unlock(&shared.lock);
            complete(op);
            pthread_mutex_lock(&shared.lock);
        } else if (shared.ack_count > 0) {
            uint64_t id = shared.acks[--shared.ack_count];
            pthread_mutex_unlock(&shared.lock);
            ecsengine_event_ack(host.engine, id, NULL);
            pthread_mutex_lock(&shared.lock);
        } else if (shared.ends) {
            break;
        } else {
            pthread_cond_wait(&shared.changed, &shared.lock);
        }
    }
    pthread_mutex_unlock(&shared.lock);
    return NULL;
}

static void submit(ecsengine_op *op, void *user_data)
{
    ck_assert_ptr_eq(&shared, user_data);
    pthread_mutex_lock(&shared.lock);
    ck_assert_uint_lt(shared.op_count, sizeof(shared.ops) / sizeof(shared.ops[0]));
    shared.ops[shared.op_count++] = op;
    pthread_cond_broadcast(&shared.changed);
    pthread_mutex_unlock(&shared.lock);
}

static void on_event(ecsengine_event *event, void *user_data)
{
    ck_assert_ptr_eq(&shared, user_data);
    pthread_mutex_lock(&shared.lock);
    shared.running += ecsengine_event_task_status(event) == ECSENGINE_TASK_RUNNING;
    shared.removed += ecsengine_event_get_kind(event) == ECSENGINE_EVENT_TASK_REMOVED;
    shared.done += ecsengine_event_get_kind(event) == ECSENGINE_EVENT_COMMAND_DONE;
    if (shared.ack_count < sizeof(shared.acks) / sizeof(shared.acks[0]))
        shared.acks[shared.ack_count++] = ecsengine_event_id(event);
    pthread_cond_broadcast(&shared.changed);
    pthread_mutex_unlock(&shared.lock);
    ecsengine_event_free(event);
}

static void *commander(void *data)
{
    int number = *(int *)data;
    char arn[128], document[512];

    for (int i = number; i < TASKS; i += WORKERS) {
        snprintf(arn, sizeof(arn), ARN_HEAD "%d", i);
        snprintf(document, sizeof(document),
                 "{\"taskArn\":\"%s\",\"family\":\"f\",\"containerDefinitions\":[{\"name\":\"a\",\"image\":\"x\",\"memory\":4}]}",
                 arn);
        if (ecsengine_task_add(host.engine, document, strlen(document), NULL, NULL) < 0)
            return NULL;
        ecsengine_text *text = NULL;
        if (ecsengine_task_list(host.engine, &text, NULL) == 0)
            ecsengine_text_free(text);
        ecsengine_runtime_event(host.engine, ECSENGINE_RUNTIME_EVENT_START, "nobody", NULL, NULL);
        ecsengine_deadline_ns(host.engine);
    }
    return data;
}

static void wait_for(const int *count, int at_least)
{
    struct timespec until;

    clock_gettime(CLOCK_REALTIME, &until);
    until.tv_sec += 40;
    pthread_mutex_lock(&shared.lock);
    while (*count < at_least)
        ck_assert_int_eq(0, pthread_cond_timedwait(&shared.changed, &shared.lock, &until));
    pthread_mutex_unlock(&shared.lock);
}

static void join_runtime_and_callback(void)
{
    ecsengine_runtime_vtable vtable;

    set("engine-task-cleanup-wait-duration", "0s");
    OK(ecsengine_new(host.config, NULL, &host.engine, &error_));
    ecsengine_runtime_vtable_init(&vtable, sizeof(vtable));
    vtable.submit = submit;
    OK(ecsengine_set_runtime(host.engine, &vtable, &shared, &error_));
    OK(ecsengine_set_event_callback(host.engine, on_event, &shared, &error_));
}

START_TEST(commands_completions_and_acknowledgements_come_from_many_threads)
{
    pthread_t workers[WORKERS], commanders[WORKERS];
    int numbers[WORKERS];
    char arn[128];

    join_runtime_and_callback();
    OK(ecsengine_start(host.engine, &error_));
    for (int i = 0; i < WORKERS; i++) {
        numbers[i] = i;
        ck_assert_int_eq(0, pthread_create(&workers[i], NULL, worker, NULL));
        ck_assert_int_eq(0, pthread_create(&commanders[i], NULL, commander, &numbers[i]));
    }
    wait_for(&shared.running, TASKS);
    for (int i = 0; i < WORKERS; i++) {
        void *result = NULL;
        pthread_join(commanders[i], &result);
        ck_assert_ptr_nonnull(result);
    }
    for (int i = 0; i < TASKS; i++) {
        snprintf(arn, sizeof(arn), ARN_HEAD "%d", i);
        OK(ecsengine_task_stop(host.engine, arn, NULL, &error_));
    }
    wait_for(&shared.removed, TASKS);
    wait_for(&shared.done, 2 * TASKS);
    pthread_mutex_lock(&shared.lock);
    shared.ends = true;
    pthread_cond_broadcast(&shared.changed);
    pthread_mutex_unlock(&shared.lock);
    for (int i = 0; i < WORKERS; i++)
        pthread_join(workers[i], NULL);
    ck_assert_int_eq(TASKS, shared.running);
    OK(ecsengine_stop(host.engine, &error_));
    end_host();
}
END_TEST

START_TEST(the_thread_can_be_stopped_and_started_and_the_engine_driven_by_hand_between)
{
    open_engine();
    ck_assert_int_eq(ECSENGINE_ESTATE, ecsengine_stop(host.engine, NULL));
    for (int i = 0; i < 3; i++) {
        OK(ecsengine_start(host.engine, &error_));
        ck_assert_int_eq(ECSENGINE_ESTATE, ecsengine_start(host.engine, NULL));
        OK(ecsengine_stop(host.engine, &error_));
        ck_assert_int_eq(ECSENGINE_ESTATE, ecsengine_stop(host.engine, NULL));
    }
    ecsengine_event *event;
    add(TASK(ARN, WEB));
    OK(ecsengine_start(host.engine, &error_));
    while ((event = ecsengine_next_event(host.engine)) == NULL)
        usleep(1000);
    ck_assert_int_eq(ECSENGINE_EVENT_COMMAND_DONE, ecsengine_event_get_kind(event));
    ecsengine_event_free(event);
    OK(ecsengine_stop(host.engine, &error_));
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    host.mono_ns = (int64_t)now.tv_sec * SECOND + now.tv_nsec;
    settle(); /* the clocks went on */
    ck_assert_int_eq(1, traced("task RUNNING"));
    end_host();
}
END_TEST

START_TEST(freeing_stops_the_thread)
{
    join_runtime_and_callback();
    OK(ecsengine_start(host.engine, &error_));
    add(TASK(ARN, WEB));
    wait_for(&shared.done, 1);
    ck_assert_int_eq(0, ecsengine_free(host.engine));
    host.engine = NULL;
    for (size_t i = 0; i < shared.op_count; i++)
        complete(shared.ops[i]); /* closed, and harmless */
    ecsengine_config_free(host.config);
}
END_TEST

static void *completes_late(void *data)
{
    ecsengine_op *op = data;
    ecsengine_result *result = NULL;

    while (ecsengine_op_update(op, 1, 2, "on its way", NULL) == 0)
        usleep(100);
    if (ecsengine_result_new(op, &result, NULL) < 0)
        return NULL;
    return ecsengine_op_complete(op, result, NULL) == ECSENGINE_ECLOSED ? &shared : NULL;
}

START_TEST(a_completion_that_races_with_the_end_is_closed)
{
    pthread_t threads[WORKERS];
    void *result = NULL;

    open_engine();
    settle();
    for (int i = 0; i < WORKERS; i++) {
        char document[512];
        snprintf(document, sizeof(document), TASK(ARN_HEAD "%d", WEB), i);
        add(document);
    }
    turn();
    for (int i = 0; i < WORKERS; i++)
        ck_assert_int_eq(0, pthread_create(&threads[i], NULL, completes_late, held(ECSENGINE_OP_PULL_MANIFEST, NULL)));
    for (int i = 0; i < 20; i++)
        turn();
    end_host();
    for (int i = 0; i < WORKERS; i++) {
        pthread_join(threads[i], &result);
        ck_assert_ptr_eq(&shared, result);
    }
}
END_TEST

/* ---- from inside ---- */

static struct {
    int codes[3]; /* of dispatch, free and stop */
    int calls;
    bool in_free; /* while the engine is being freed */
} inside;

static void try_all(void)
{
    inside.codes[0] = ecsengine_dispatch(host.engine, host.mono_ns, host.wall_ns, NULL);
    inside.codes[1] = inside.codes[0] == ECSENGINE_EREENTRANT ? ecsengine_free(host.engine) : 1;
    inside.calls++;
}

static void submit_tries(ecsengine_op *op, void *user_data)
{
    (void)user_data;
    try_all();
    answer(op);
}

static void cancel_tries(uint64_t op_id, void *user_data)
{
    (void)op_id;
    (void)user_data;
    try_all();
}

static void close_tries(void *user_data)
{
    (void)user_data;
    try_all();
}

static void event_tries(ecsengine_event *event, void *user_data)
{
    (void)user_data;
    try_all();
    ecsengine_event_free(event);
}

static void commit_tries(uint64_t batch_id, const ecsengine_batch *batch, void *user_data)
{
    (void)batch;
    (void)user_data;
    try_all();
    OK(ecsengine_store_done(host.engine, batch_id, 0, &error_));
}

static void ck_refused(void)
{
    ck_assert_int_gt(inside.calls, 0);
    ck_assert_int_eq(ECSENGINE_EREENTRANT, inside.codes[0]);
    ck_assert_int_eq(ECSENGINE_EREENTRANT, inside.codes[1]);
    memset(&inside, 0, sizeof(inside));
}

START_TEST(dispatch_and_free_are_refused_inside_of_every_callback)
{
    ecsengine_runtime_vtable runtime;
    ecsengine_store_vtable keeper;

    OK(ecsengine_new(NULL, NULL, &host.engine, &error_));
    ecsengine_runtime_vtable_init(&runtime, sizeof(runtime));
    runtime.submit = submit_tries;
    runtime.cancel = cancel_tries;
    OK(ecsengine_set_runtime(host.engine, &runtime, NULL, &error_));
    OK(ecsengine_set_event_callback(host.engine, event_tries, NULL, &error_));
    ecsengine_store_vtable_init(&keeper, sizeof(keeper));
    keeper.commit = commit_tries;
    OK(ecsengine_set_store(host.engine, &keeper, NULL, &error_));
    for (int i = 0; i < 5; i++) {
        turn();
        if (i < 2)
            ck_refused();
    }
    end_host();
}
END_TEST

START_TEST(dispatch_and_free_are_refused_while_the_engine_is_being_freed)
{
    ecsengine_runtime_vtable runtime;
    ecsengine_store_vtable keeper;

    for (int which = 0; which < 2; which++) {
        OK(ecsengine_new(NULL, NULL, &host.engine, &error_));
        ecsengine_runtime_vtable_init(&runtime, sizeof(runtime));
        runtime.submit = submit_tries;
        runtime.close = close_tries;
        ecsengine_store_vtable_init(&keeper, sizeof(keeper));
        keeper.commit = commit_tries;
        keeper.close = close_tries;
        if (which == 0)
            OK(ecsengine_set_runtime(host.engine, &runtime, NULL, &error_));
        else
            OK(ecsengine_set_store(host.engine, &keeper, NULL, &error_));
        ck_assert_int_eq(0, ecsengine_free(host.engine));
        ck_assert_int_eq(1, inside.calls);
        ck_refused();
    }
}
END_TEST

static void log_tries(enum ecsengine_log_level level, int32_t message_id, const char *text, size_t text_len, void *user_data)
{
    (void)level;
    (void)user_data;
    ck_assert_int_ge(message_id, 1001);
    ck_assert_uint_eq(strlen(text), text_len);
    try_all();
}

START_TEST(dispatch_and_free_are_refused_inside_of_the_log_hook)
{
    open_engine();
    ecsengine_set_log(host.engine, ECSENGINE_LOG_DEBUG, log_tries, NULL);
    settle();
    ck_refused();
    ecsengine_set_log(host.engine, ECSENGINE_LOG_NONE, log_tries, NULL);
    add(TASK(ARN, WEB));
    settle();
    ck_assert_int_eq(0, inside.calls); /* as a minimum NONE is nothing at all */
    end_host();
}
END_TEST

static void stops_the_thread(ecsengine_event *event, void *user_data)
{
    (void)user_data;
    pthread_mutex_lock(&shared.lock);
    inside.codes[0] = ecsengine_dispatch(host.engine, 1, 1, NULL);
    inside.codes[1] = ecsengine_free(host.engine);
    inside.codes[2] = ecsengine_stop(host.engine, NULL);
    shared.done++;
    pthread_cond_broadcast(&shared.changed);
    pthread_mutex_unlock(&shared.lock);
    ecsengine_event_free(event);
}

START_TEST(the_librarys_thread_can_not_stop_or_free_itself)
{
    open_engine();
    OK(ecsengine_set_event_callback(host.engine, stops_the_thread, NULL, &error_));
    add(TASK(ARN, WEB));
    OK(ecsengine_start(host.engine, &error_));
    wait_for(&shared.done, 1);
    OK(ecsengine_stop(host.engine, &error_));
    for (int i = 0; i < 3; i++)
        ck_assert_int_eq(ECSENGINE_EREENTRANT, inside.codes[i]);
    end_host();
}
END_TEST

static void feeds_the_engine(ecsengine_event *event, void *user_data)
{
    (void)user_data;
    if (ecsengine_event_get_kind(event) == ECSENGINE_EVENT_COMMAND_DONE && inside.calls++ == 0)
        add(TASK(ARN_HEAD "t2", WEB));
    if (ecsengine_event_task_status(event) == ECSENGINE_TASK_RUNNING)
        stop(ecsengine_event_task_arn(event));
    ecsengine_event_ack(host.engine, ecsengine_event_id(event), NULL);
    tracef("%s %s%s%s\n", ecsengine_event_kind_name(ecsengine_event_get_kind(event)), ecsengine_event_status(event), "", "");
    ecsengine_event_free(event);
}

START_TEST(callbacks_may_feed_the_engine)
{
    open_engine();
    OK(ecsengine_set_event_callback(host.engine, feeds_the_engine, NULL, &error_));
    add(TASK(ARN, WEB));
    settle();
    ck_assert_int_eq(2, traced("task STOPPED"));
    ck_assert_ptr_null(ecsengine_next_event(host.engine)); /* all went to the callback */
    end_host();
}
END_TEST

static void fill(TCase *tcase)
{
    tcase_add_test(tcase, commands_completions_and_acknowledgements_come_from_many_threads);
    tcase_add_test(tcase, the_thread_can_be_stopped_and_started_and_the_engine_driven_by_hand_between);
    tcase_add_test(tcase, freeing_stops_the_thread);
    tcase_add_test(tcase, a_completion_that_races_with_the_end_is_closed);
    tcase_add_test(tcase, dispatch_and_free_are_refused_inside_of_every_callback);
    tcase_add_test(tcase, dispatch_and_free_are_refused_while_the_engine_is_being_freed);
    tcase_add_test(tcase, dispatch_and_free_are_refused_inside_of_the_log_hook);
    tcase_add_test(tcase, the_librarys_thread_can_not_stop_or_free_itself);
    tcase_add_test(tcase, callbacks_may_feed_the_engine);
}

int main(void) { return run_tests("thread", fill); }

/* SPDX-License-Identifier: Apache-2.0 */
/* The store contract as tests. */
#include "suite.h"

#include <poll.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define SECOND INT64_C(1000000000)
#define WALL_0 (INT64_C(1780000000) * SECOND)
#define ARN "arn:aws:ecs:us-west-2:123456789012:task/default/"

enum { ROUNDS = 100000, QUIET_MS = 50 };

static const struct store_under_test *store_;

void store_host_start(struct store_host *host, ecsengine_sim *sim, void *store)
{
    ecsengine_config *config = NULL;
    ecsengine_error *error = NULL;

    *host = (struct store_host){.mono_ns = sim != NULL ? host->mono_ns : 0};
    ck_assert_int_eq(0, ecsengine_config_new(&config, NULL));
    ck_assert_int_eq(0, ecsengine_config_set(config, "seed", "7", NULL));
    ck_assert_int_eq(0, ecsengine_config_set(config, "engine-task-cleanup-wait-duration", "1s", NULL));
    ck_assert_int_eq(0, ecsengine_new(config, NULL, &host->engine, NULL));
    ecsengine_config_free(config);
    host->sim = sim;
    if (sim == NULL)
        ck_assert_int_eq(0, ecsengine_sim_new(3, &host->sim, NULL));
    if (store_->attach(store, host->engine, &error) < 0)
        ck_abort_msg("%s", ecsengine_error_message(error));
    ck_assert_int_eq(0, ecsengine_sim_attach(host->sim, host->engine, NULL));
}

void store_host_stop(struct store_host *host)
{
    ck_assert_int_eq(0, ecsengine_free(host->engine));
    host->engine = NULL;
}

void store_host_add(struct store_host *host, const char *name, const char *command)
{
    char document[512];
    int len = snprintf(document, sizeof(document),
                       "{\"taskArn\":\"" ARN "%s\",\"family\":\"f\",\"containerDefinitions\":[{\"name\":\"c\",\"image\":\"busybox\","
                       "\"memory\":8,\"command\":[%s]}]}",
                       name, command);

    ck_assert_int_eq(0, ecsengine_task_add(host->engine, document, (size_t)len, NULL, NULL));
}

static void take(struct store_host *host)
{
    ecsengine_event *event;

    while ((event = ecsengine_next_event(host->engine)) != NULL) {
        int of_store = ecsengine_event_get_kind(event) == ECSENGINE_EVENT_STORE;
        host->events++;
        host->stopped += ecsengine_event_task_status(event) == ECSENGINE_TASK_STOPPED;
        if (ecsengine_event_get_kind(event) == ECSENGINE_EVENT_COMMAND_DONE)
            host->done = ecsengine_event_command_id(event);
        host->removed += ecsengine_event_get_kind(event) == ECSENGINE_EVENT_TASK_REMOVED;
        host->failing += of_store && strcmp(ecsengine_event_status(event), "FAILING") == 0;
        host->working += of_store && strcmp(ecsengine_event_status(event), "WORKING") == 0;
        host->damaged += of_store && strcmp(ecsengine_event_status(event), "DAMAGED") == 0;
        if (ecsengine_event_get_kind(event) != ECSENGINE_EVENT_COMMAND_DONE)
            ecsengine_event_ack(host->engine, ecsengine_event_id(event), NULL);
        ecsengine_event_free(event);
    }
}

static void turn(struct store_host *host)
{
    host->turns++;
    ck_assert_int_eq(0, ecsengine_sim_advance(host->sim, host->mono_ns, WALL_0 + host->mono_ns, NULL));
    ck_assert_int_eq(0, ecsengine_dispatch(host->engine, host->mono_ns, WALL_0 + host->mono_ns, NULL));
    take(host);
}

/* A command that changes nothing: it is done when all that was changed before it is durable. */
static uint64_t ask(struct store_host *host)
{
    uint64_t id = 0;

    ck_assert_int_eq(0, ecsengine_task_stop(host->engine, ARN "nobody", &id, NULL));
    return id;
}

/* A store may answer from another thread, and what it answers may make more work. All is quiet when a command is done in the turn that
 * takes it; or when nothing comes at all, because the engine pauses before it tries a commit again. */
void store_host_settle(struct store_host *host)
{
    struct pollfd fd = {.events = POLLIN};

    ck_assert_int_eq(0, ecsengine_get_fd(host->engine, &fd.fd, NULL));
    for (int i = 0; i < ROUNDS; i++) {
        do
            turn(host);
        while (poll(&fd, 1, 0) > 0);
        uint64_t asked = ask(host);
        turn(host);
        if (host->done == asked)
            return;
        while (host->done != asked && poll(&fd, 1, QUIET_MS) > 0)
            turn(host);
        if (host->done != asked)
            return;
    }
    ck_abort_msg("the store gives no rest");
}

void store_host_run(struct store_host *host, int64_t for_ns)
{
    int64_t until_ns = host->mono_ns + for_ns;

    for (;;) {
        store_host_settle(host);
        int64_t engine_ns = ecsengine_deadline_ns(host->engine), sim_ns = ecsengine_sim_deadline_ns(host->sim);
        int64_t next_ns = engine_ns < sim_ns ? engine_ns : sim_ns;
        if (next_ns > until_ns)
            break;
        if (next_ns > host->mono_ns)
            host->mono_ns = next_ns;
    }
    host->mono_ns = until_ns;
    store_host_settle(host);
}

char *store_host_describe(struct store_host *host, const char *name)
{
    char arn[512];
    ecsengine_text *text = NULL;

    snprintf(arn, sizeof(arn), ARN "%s", name);
    if (ecsengine_task_describe(host->engine, arn, &text, NULL) < 0)
        return strdup("");
    char *copy = strdup(ecsengine_text_data(text));
    ecsengine_text_free(text);
    return copy;
}

size_t store_host_tasks(struct store_host *host)
{
    ecsengine_text *text = NULL;
    size_t count = 0;

    ck_assert_int_eq(0, ecsengine_task_list(host->engine, &text, NULL));
    for (const char *at = ecsengine_text_data(text); (at = strstr(at, "\"taskArn\"")) != NULL; at++)
        count++;
    ecsengine_text_free(text);
    return count;
}

/* ---- the contract ---- */

START_TEST(an_empty_store_has_nothing_to_give_back)
{
    struct store_host host = {0};
    void *store = store_->open();

    store_host_start(&host, NULL, store);
    ck_assert_uint_eq(0, store_host_tasks(&host));
    store_host_stop(&host);
    ecsengine_sim_free(host.sim);
    store_->end(store);
}
END_TEST

START_TEST(what_was_committed_is_given_back)
{
    struct store_host host = {0};
    void *store = store_->open();
    char name[32];

    store_host_start(&host, NULL, store);
    for (int i = 0; i < 50; i++) {
        snprintf(name, sizeof(name), "t%d", i);
        store_host_add(&host, name, "\"sleep\",\"1000\"");
    }
    store_host_settle(&host);
    char *before = store_host_describe(&host, "t17");
    ck_assert_ptr_nonnull(strstr(before, "\"knownStatus\":\"RUNNING\""));
    store_host_stop(&host);
    store = store_->reopen(store);
    store_host_start(&host, host.sim, store);
    ck_assert_uint_eq(50, store_host_tasks(&host));
    store_host_settle(&host);
    char *after = store_host_describe(&host, "t17");
    ck_assert_str_eq(before, after);
    free(before);
    free(after);
    store_host_stop(&host);
    ecsengine_sim_free(host.sim);
    store_->end(store);
}
END_TEST

START_TEST(what_was_deleted_is_not_given_back)
{
    struct store_host host = {0};
    void *store = store_->open();

    store_host_start(&host, NULL, store);
    store_host_add(&host, "short", "\"sleep\",\"5\"");
    store_host_add(&host, "long", "\"sleep\",\"5000\"");
    store_host_run(&host, 60 * SECOND);
    ck_assert_int_eq(1, host.removed);
    store_host_stop(&host);
    store = store_->reopen(store);
    store_host_start(&host, host.sim, store);
    ck_assert_uint_eq(1, store_host_tasks(&host));
    store_host_run(&host, 6000 * SECOND);
    ck_assert_int_eq(1, host.removed);
    store_host_stop(&host);
    store = store_->reopen(store);
    store_host_start(&host, host.sim, store);
    ck_assert_uint_eq(0, store_host_tasks(&host));
    store_host_stop(&host);
    ecsengine_sim_free(host.sim);
    store_->end(store);
}
END_TEST

START_TEST(the_newest_value_of_a_record_counts)
{
    struct store_host host = {0};
    void *store = store_->open();

    store_host_start(&host, NULL, store);
    store_host_add(&host, "t", "\"sleep\",\"5\"");
    store_host_settle(&host);
    host.mono_ns += 5 * SECOND + SECOND / 2;
    store_host_settle(&host);
    ck_assert_int_eq(1, host.stopped);
    store_host_stop(&host);
    store = store_->reopen(store);
    store_host_start(&host, host.sim, store);
    char *text = store_host_describe(&host, "t");
    ck_assert_ptr_nonnull(strstr(text, "\"knownStatus\":\"STOPPED\""));
    free(text);
    store_host_settle(&host);
    ck_assert_int_eq(0, host.stopped); /* and that it was acknowledged */
    store_host_stop(&host);
    ecsengine_sim_free(host.sim);
    store_->end(store);
}
END_TEST

START_TEST(a_batch_of_thousands_of_records_is_one_commit)
{
    struct store_host host = {0};
    void *store = store_->open();
    char name[32];

    store_host_start(&host, NULL, store);
    for (int i = 0; i < 5000; i++) {
        snprintf(name, sizeof(name), "t%d", i);
        store_host_add(&host, name, "\"sleep\",\"1000\"");
    }
    store_host_settle(&host);
    store_host_stop(&host);
    store = store_->reopen(store);
    store_host_start(&host, host.sim, store);
    ck_assert_uint_eq(5000, store_host_tasks(&host));
    store_host_stop(&host);
    ecsengine_sim_free(host.sim);
    store_->end(store);
}
END_TEST

START_TEST(an_arn_of_any_letters_is_a_key)
{
    static const char *const names[] = {"a'b", "a%b", "\xc3\xa9\xe2\x82\xac", "a?b=c&d", "_%;--", "A", "a"};
    struct store_host host = {0};
    void *store = store_->open();

    store_host_start(&host, NULL, store);
    for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
        store_host_add(&host, names[i], "\"sleep\",\"1000\"");
    store_host_settle(&host);
    store_host_stop(&host);
    store = store_->reopen(store);
    store_host_start(&host, host.sim, store);
    ck_assert_uint_eq(sizeof(names) / sizeof(names[0]), store_host_tasks(&host));
    store_host_stop(&host);
    ecsengine_sim_free(host.sim);
    store_->end(store);
}
END_TEST

START_TEST(an_engine_may_end_while_a_batch_is_out)
{
    struct store_host host = {0};
    void *store = store_->open();
    char name[32];

    for (int i = 0; i < 20; i++) {
        store_host_start(&host, host.sim, store);
        snprintf(name, sizeof(name), "t%d", i);
        store_host_add(&host, name, "\"sleep\",\"1000\"");
        turn(&host); /* hands a batch over, and is gone */
        store_host_stop(&host);
        store = store_->reopen(store);
    }
    store_host_start(&host, host.sim, store);
    ck_assert_uint_le(store_host_tasks(&host), 20);
    store_host_settle(&host);
    store_host_stop(&host);
    ecsengine_sim_free(host.sim);
    store_->end(store);
}
END_TEST

START_TEST(a_commit_that_failed_is_made_again_and_nothing_of_it_is_lost)
{
    struct store_host host = {0};
    void *store = store_->open();

    store_host_start(&host, NULL, store);
    store_host_settle(&host);
    store_->break_commits(store, 3);
    store_host_add(&host, "t", "\"sleep\",\"1000\"");
    store_host_run(&host, 30 * SECOND);
    ck_assert_int_eq(1, host.failing);
    ck_assert_int_eq(1, host.working);
    store_host_stop(&host);
    store = store_->reopen(store);
    store_host_start(&host, host.sim, store);
    ck_assert_uint_eq(1, store_host_tasks(&host));
    store_host_stop(&host);
    ecsengine_sim_free(host.sim);
    store_->end(store);
}
END_TEST

START_TEST(a_damaged_record_is_kept_aside_and_given_back_no_more)
{
    static const char *const names[] = {"a", "b", "c"};
    struct store_host host = {0};
    void *store = store_->open();

    store_host_start(&host, NULL, store);
    for (int i = 0; i < 3; i++)
        store_host_add(&host, names[i], "\"sleep\",\"1000\"");
    store_host_settle(&host);
    store_host_stop(&host);
    ck_assert_uint_eq(0, store_->set_aside(&store));
    store = store_->damage(store, "task/" ARN "b");
    store_host_start(&host, host.sim, store);
    store_host_settle(&host);
    ck_assert_int_eq(1, host.damaged);
    ck_assert_int_eq(1, host.stopped); /* nobody else would ever say so */
    store_host_stop(&host);
    ck_assert_uint_eq(1, store_->set_aside(&store));
    store = store_->reopen(store);
    store_host_start(&host, host.sim, store);
    store_host_run(&host, 2000 * SECOND);
    ck_assert_int_eq(0, host.damaged);
    ck_assert_int_eq(2, host.stopped); /* the others have gone on */
    ck_assert_uint_eq(0, store_host_tasks(&host));
    store_host_stop(&host);
    ck_assert_uint_eq(1, store_->set_aside(&store));
    ecsengine_sim_free(host.sim);
    store_->end(store);
}
END_TEST

START_TEST(a_store_serves_one_engine_at_a_time)
{
    struct store_host host = {0};
    void *store = store_->open();
    ecsengine *other = NULL;
    ecsengine_error *error = NULL;

    store_host_start(&host, NULL, store);
    ck_assert_int_eq(0, ecsengine_new(NULL, NULL, &other, NULL));
    ck_assert_int_eq(ECSENGINE_ESTATE, store_->attach(store, other, &error));
    ecsengine_error_free(error);
    ecsengine_free(other);
    store_host_stop(&host);
    ecsengine_sim_free(host.sim);
    store_->end(store);
}
END_TEST

int store_suite_run(const struct store_under_test *under_test, void (*more)(TCase *tcase))
{
    Suite *suite = suite_create(under_test->name);
    TCase *tcase = tcase_create(under_test->name);

    store_ = under_test;
    tcase_set_timeout(tcase, 300);
    tcase_add_test(tcase, an_empty_store_has_nothing_to_give_back);
    tcase_add_test(tcase, what_was_committed_is_given_back);
    tcase_add_test(tcase, what_was_deleted_is_not_given_back);
    tcase_add_test(tcase, the_newest_value_of_a_record_counts);
    tcase_add_test(tcase, a_batch_of_thousands_of_records_is_one_commit);
    tcase_add_test(tcase, an_arn_of_any_letters_is_a_key);
    tcase_add_test(tcase, an_engine_may_end_while_a_batch_is_out);
    tcase_add_test(tcase, a_store_serves_one_engine_at_a_time);
    if (under_test->break_commits != NULL)
        tcase_add_test(tcase, a_commit_that_failed_is_made_again_and_nothing_of_it_is_lost);
    if (under_test->damage != NULL)
        tcase_add_test(tcase, a_damaged_record_is_kept_aside_and_given_back_no_more);
    if (more != NULL)
        more(tcase);
    suite_add_tcase(suite, tcase);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_ENV);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}

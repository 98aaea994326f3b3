/* SPDX-License-Identifier: Apache-2.0 */
/* What a cause says: for every kind of it the sentence, word for word, and the members of its JSON, with and without what may be
 * missing. That the engine names the right cause is shown by tests/sim/test_explain.c. */
#include "made.h"

#include "engine/explain.h"

static struct task *task, *other;
static struct container *web, *db;
static struct view view;
static struct causes causes;

static void begin(void)
{
    made_start();
    made_open();
    task = made_task("{'taskArn':'" ARN "','family':'fam','revision':3,"
                     "'volumes':[{'name':'data','dockerVolumeConfiguration':{'scope':'task'}}],'containerDefinitions':["
                     "{'name':'web','image':'nginx','memory':4,'dependsOn':[{'containerName':'db','condition':'HEALTHY'}],"
                     "'mountPoints':[{'sourceVolume':'data','containerPath':'/d'}]},"
                     "{'name':'db','image':'postgres','memory':4,'healthCheck':{'command':['CMD','true']}}]}");
    other = made_task("{'taskArn':'" ARN_HEAD "t2','family':'fam','revision':3,'containerDefinitions':["
                      "{'name':'c1','image':'i','memory':4},{'name':'c2','image':'i','memory':4},"
                      "{'name':'c3','image':'i','memory':4},{'name':'c4','image':'i','memory':4},"
                      "{'name':'c5','image':'i','memory':4},{'name':'c6','image':'i','memory':4}]}");
    web = &task->containers[0];
    db = &task->containers[1];
    made.mono_ns = 100 * NS_PER_S;
    view = (struct view){.engine = &made};
    causes.count = 0;
}

static void end(void)
{
    task_free(task);
    task_free(other);
    made_close();
}

static struct cause *cause_of(enum cause_kind kind)
{
    causes.count = 0;
    return cause_add(&causes, kind);
}

/* The sentence of the last cause, about the container or, if NULL, the task. */
#define says(container, want)                                                    \
    do {                                                                         \
        char text_[CAUSE_TEXT_MAX];                                              \
        cause_sentence(&view, &causes.list[0], task, (container), text_);        \
        ck_assert_str_eq((want), text_);                                         \
    } while (0)

/* What its JSON has behind the sentence. */
#define has_members(container, want)                                             \
    do {                                                                         \
        struct buf out_;                                                         \
        buf_init(&out_, &made_root.mem, 0);                                      \
        cause_json(&view, &causes.list[0], task, (container), &out_);            \
        buf_byte(&out_, 0);                                                     \
        const char *at_ = strstr(out_.data, "\"text\":\"");                      \
        ck_assert_ptr_nonnull(at_);                                              \
        ck_assert_str_eq((want), strchr(at_ + 8, '"') + 1);                      \
        buf_free(&out_);                                                         \
    } while (0)

static void set_text(struct str **place, const char *text)
{
    str_unref(*place);
    *place = text != NULL ? str_new(&made_root.mem, text, strlen(text)) : NULL;
}

START_TEST(every_kind_has_its_word)
{
    static const char *const words[] = {
        "", "running", "stopped", "removed", "refused", "state-lost", "moving", "engine-shut-down", "runtime-unreachable",
        "waits-for-host-facts", "queued", "operation-in-flight", "waits-for-store", "retry", "restart-back-off",
        "removal-failing", "waits-for-pull", "waits-for-look",
        "waits-for-credentials", "waits-for-dependency", "waits-for-resource", "waits-for-stop-order", "waits-for-containers",
        "waits-for-resource-removal", "waits-for-removal", "cleanup-due", "waits-for-acknowledgement",
    };

    ck_assert_uint_eq(CAUSE_KINDS, sizeof(words) / sizeof(words[0]));
    for (int kind = 0; kind < CAUSE_KINDS; kind++)
        ck_assert_str_eq(words[kind], cause_word((enum cause_kind)kind));
}
END_TEST

START_TEST(causes_beyond_the_room_are_counted_and_change_no_other)
{
    for (unsigned i = 0; i < CAUSES_MAX; i++)
        cause_add(&causes, CAUSE_RETRY)->tries = i;
    cause_add(&causes, CAUSE_STORE);
    cause_add(&causes, CAUSE_RUNTIME);
    ck_assert_uint_eq(CAUSES_MAX + 2, causes.count);
    for (unsigned i = 0; i < CAUSES_MAX; i++) {
        ck_assert_uint_eq(CAUSE_RETRY, causes.list[i].kind);
        ck_assert_uint_eq(i, causes.list[i].tries);
    }
    ck_assert(cause_has(&causes, CAUSE_RETRY));
    ck_assert(!cause_has(&causes, CAUSE_RUNTIME)); /* it is among those that are left out */
}
END_TEST

START_TEST(a_cause_is_had_when_it_was_added_and_not_before)
{
    ck_assert(!cause_has(&causes, CAUSE_STORE));
    cause_add(&causes, CAUSE_RETRY);
    ck_assert(!cause_has(&causes, CAUSE_STORE));
    causes.list[1].kind = CAUSE_STORE; /* what an earlier use has left there */
    ck_assert(!cause_has(&causes, CAUSE_STORE));
    cause_add(&causes, CAUSE_STORE);
    ck_assert(cause_has(&causes, CAUSE_STORE));
    ck_assert(cause_has(&causes, CAUSE_RETRY));
}
END_TEST

START_TEST(an_unreachable_runtime_is_told_with_its_next_try_or_the_end_of_the_one_under_way)
{
    struct ecsengine_op subscribe = {0};

    made.runtime = RUNTIME_UNREACHABLE;
    made.runtime_since_ns = 90 * NS_PER_S;
    made.runtime_attempt = 2;
    cause_of_runtime(&view, &causes);
    says(web, "the runtime is unreachable for 10s");
    ck_assert(causes.list[0].due_ns == CAUSE_NO_TIME);
    made.subscribe_op = &subscribe;
    heap_insert(&made.timers, &subscribe.timer.node, 104 * NS_PER_S);
    causes.count = 0;
    cause_of_runtime(&view, &causes);
    says(web, "the runtime is unreachable for 10s, next try in 4s");
    heap_insert(&made.timers, &made.runtime_timer.node, 103 * NS_PER_S);
    set_text(&made.runtime_error, "refused");
    causes.count = 0;
    cause_of_runtime(&view, &causes);
    says(web, "the runtime is unreachable for 10s: refused, next try in 3s");
    made.runtime = RUNTIME_NEW;
    made.runtime_attempt = 0;
    causes.count = 0;
    cause_of_runtime(&view, &causes);
    says(web, "waits for the runtime to answer: refused");
    heap_remove(&made.timers, &subscribe.timer.node);
    heap_remove(&made.timers, &made.runtime_timer.node);
    made.subscribe_op = NULL;
}
END_TEST

START_TEST(host_facts_are_waited_for_by_the_operation_or_else_by_the_pause)
{
    struct ecsengine_op info = {.id = 7, .begun_ns = 99 * NS_PER_S};

    cause_of_admission(&view, task, &causes);
    ck_assert_uint_eq(2, causes.count);
    ck_assert_uint_eq(CAUSE_RUNTIME, causes.list[0].kind);
    ck_assert_uint_eq(CAUSE_HOST_FACTS, causes.list[1].kind);
    ck_assert_ptr_null(causes.list[1].error);
    made.runtime = RUNTIME_CONNECTED;
    set_text(&made.runtime_error, "no route");
    heap_insert(&made.timers, &made.runtime_timer.node, 103 * NS_PER_S);
    causes.count = 0;
    cause_of_admission(&view, task, &causes);
    ck_assert_uint_eq(1, causes.count);
    says(NULL, "waits for the runtime to say what the host has: no route");
    ck_assert_int_eq(103 * NS_PER_S, causes.list[0].due_ns);
    ck_assert(causes.list[0].since_ns == CAUSE_NO_TIME);
    made.info_op = &info;
    heap_insert(&made.timers, &info.timer.node, 102 * NS_PER_S);
    causes.count = 0;
    cause_of_admission(&view, task, &causes);
    ck_assert_int_eq(99 * NS_PER_S, causes.list[0].since_ns);
    ck_assert_uint_eq(7, causes.list[0].id);
    ck_assert_int_eq(102 * NS_PER_S, causes.list[0].due_ns);
    heap_remove(&made.timers, &info.timer.node);
    heap_remove(&made.timers, &made.runtime_timer.node);
    made.info_op = NULL;
}
END_TEST

START_TEST(the_store_is_a_cause_for_batches_that_are_not_durable_alone)
{
    view.store = (struct store_view){
        .durable = 4, .since_ns = 99 * NS_PER_S, .retry_ns = 105 * NS_PER_S, .tries = 2, .error = "full"};
    ck_assert(!cause_of_store(&view, 5, &causes));
    view.store.keeps = true;
    ck_assert(!cause_of_store(&view, 4, &causes));
    ck_assert_uint_eq(0, causes.count);
    ck_assert(cause_of_store(&view, 5, &causes));
    says(NULL, "its last event waits for the store, which has been writing for 1s");
    causes.list[0].operation = ECSENGINE_OP_CREATE;
    says(web, "create waits for the store, which has been writing for 1s");
    view.store.pausing = true;
    causes.count = 0;
    ck_assert(cause_of_store(&view, 5, &causes));
    says(NULL, "its last event waits for the store, which has failed: full, next try in 5s");
    has_members(NULL, ",\"batchId\":5,\"since\":1779999999000000000,\"due\":1780000005000000000,\"tries\":2,\"error\":\"full\"}");
}
END_TEST

START_TEST(durations_have_milliseconds_below_a_second_and_tenths_above)
{
    static const struct {
        int64_t ns;
        const char *text;
    } all[] = {
        {-5, "0s"}, {0, "0s"}, {999999, "0s"}, {NS_PER_MS, "1ms"}, {999999999, "999ms"}, {NS_PER_S, "1s"},
        {NS_PER_S + 99 * NS_PER_MS, "1s"}, {NS_PER_S + 100 * NS_PER_MS, "1.1s"}, {61 * NS_PER_S + 999999999, "1m1.9s"},
    };
    char want[128];

    for (size_t i = 0; i < sizeof(all) / sizeof(all[0]); i++) {
        cause_of(CAUSE_CLEANUP_DUE)->due_ns = made.mono_ns + all[i].ns;
        snprintf(want, sizeof(want), "stopped; its containers are kept for another %s", all[i].text);
        says(NULL, want);
    }
    cause_of(CAUSE_CLEANUP_DUE);
    says(NULL, "stopped; its containers are kept");
}
END_TEST

START_TEST(a_sentence_has_no_more_room_than_it_has)
{
    char arn[2000], text[CAUSE_TEXT_MAX];

    memset(arn, 'x', sizeof(arn) - 1);
    arn[sizeof(arn) - 1] = '\0';
    set_text(&task->reason, arn);
    cause_of(CAUSE_REFUSED);
    cause_sentence(&view, &causes.list[0], task, NULL, text);
    ck_assert_uint_eq(CAUSE_TEXT_MAX - 1, strlen(text));
    arn[CAUSE_TEXT_MAX - strlen("refused: ")] = '\0'; /* one more than fits */
    set_text(&task->reason, arn);
    cause_sentence(&view, &causes.list[0], task, NULL, text);
    ck_assert_uint_eq(CAUSE_TEXT_MAX - 1, strlen(text));
}
END_TEST

START_TEST(an_end_is_told_by_its_error_or_exit_code_or_that_it_never_ran)
{
    cause_of(CAUSE_STOPPED);
    says(web, "stopped without having run");
    has_members(web, ",\"reason\":\"\"}");
    web->has_exit_code = true;
    web->exit_code = 3;
    says(web, "stopped with exit code 3");
    set_text(&web->error, "OutOfMemoryError: killed");
    says(web, "stopped: OutOfMemoryError: killed");
    has_members(web, ",\"exitCode\":3,\"reason\":\"OutOfMemoryError: killed\"}");
}
END_TEST

START_TEST(what_is_removed_refused_or_shut_down_says_so)
{
    cause_of(CAUSE_REMOVED);
    says(web, "removed");
    has_members(web, "}");
    set_text(&task->reason, "no such thing");
    cause_of(CAUSE_REFUSED);
    says(NULL, "refused: no such thing");
    has_members(NULL, ",\"reason\":\"no such thing\"}");
    struct cause *lost = cause_of(CAUSE_LOST);
    says(NULL, "its saved state was damaged; the runtime is asked what is left of it");
    has_members(NULL, ",\"reason\":\"no such thing\"}");
    lost->due_ns = made.mono_ns + 5 * NS_PER_S;
    says(NULL, "its saved state was damaged; the runtime is asked what is left of it in 5s");
    cause_of(CAUSE_SHUT_DOWN);
    says(NULL, "the engine is shut down and asks nothing of the runtime any more");
}
END_TEST

START_TEST(an_operation_is_told_with_its_progress_try_and_last_error)
{
    struct ecsengine_op op = {.current = 1, .total = 4};
    struct cause *cause = cause_of(CAUSE_OPERATION);

    cause->op = &op;
    cause->operation = ECSENGINE_OP_CREATE;
    says(web, "create in flight");
    has_members(web, ",\"operation\":\"create\"}");
    cause->operation = ECSENGINE_OP_PULL_IMAGE;
    says(web, "pull-image in flight");
    op.progressed = true;
    says(web, "pull-image in flight");
    memcpy(op.progress, "layer", sizeof("layer"));
    op.progressed = false;
    says(web, "pull-image in flight");
    op.progressed = true;
    cause->since_ns = 99 * NS_PER_S;
    cause->due_ns = 130 * NS_PER_S;
    cause->tries = 1;
    cause->error = "reset";
    cause->id = 9;
    says(web, "pull-image in flight for 1s, given up in 30s; layer; try 2, the last one: reset");
    has_members(web, ",\"operation\":\"pull-image\",\"operationId\":9,\"since\":1779999999000000000,\"due\":1780000030000000000,"
                     "\"tries\":1,\"error\":\"reset\",\"pull\":{\"current\":1,\"total\":4,\"text\":\"layer\"}}");
    cause->operation = ECSENGINE_OP_CREATE;
    says(web, "create in flight for 1s, given up in 30s; try 2, the last one: reset");
}
END_TEST

START_TEST(a_retry_counts_what_has_failed)
{
    struct cause *cause = cause_of(CAUSE_RETRY);

    cause->operation = ECSENGINE_OP_STOP;
    cause->tries = 1;
    says(web, "stop failed once");
    cause->tries = 2;
    cause->due_ns = 101 * NS_PER_S;
    cause->error = "EOF";
    says(web, "stop failed 2 times, next try in 1s; EOF");
    cause->error = "";
    cause->kind = CAUSE_REMOVAL_FAILING;
    cause->operation = ECSENGINE_OP_REMOVE;
    says(web, "can not be removed; remove failed 2 times, next try in 1s");
}
END_TEST

START_TEST(a_restart_is_told_with_its_number_and_the_starts_that_failed)
{
    struct restart restart = {.count = 3, .exit_code = 7};
    struct cause *cause = cause_of(CAUSE_RESTART);

    web->restart = &restart;
    cause->due_ns = 105 * NS_PER_S;
    says(web, "has ended with exit code 7 and is started again in 5s; restart 3");
    has_members(web, ",\"due\":1780000005000000000,\"exitCode\":7,\"restarts\":3}");
    cause->tries = 1;
    cause->error = "busy";
    says(web, "has ended with exit code 7 and is started again in 5s; restart 3, try 2, the last one: busy");
    web->restart = NULL;
}
END_TEST

START_TEST(a_pull_slot_names_three_of_those_who_have_one)
{
    struct container *all = other->containers;

    made.settings.pull_parallel = 4;
    cause_of(CAUSE_PULL_SLOT);
    list_append(&made.pull_queue, &web->pull_link);
    says(web, "waits for one of 4 pulls at once to end");
    has_members(web, ",\"place\":1,\"slots\":4,\"holders\":[]}");
    list_append(&made.pulling, &db->pull_link);
    says(web, "waits for one of 4 pulls at once to end, of db");
    for (int i = 0; i < 3; i++)
        list_append(&made.pulling, &all[i].pull_link);
    says(web, "waits for one of 4 pulls at once to end, of db, c1 (" ARN_HEAD "t2), c2 (" ARN_HEAD "t2)");
    list_prepend(&made.pull_queue, &all[4].pull_link);
    list_remove(&all[1].pull_link);
    list_remove(&all[2].pull_link);
    all[0].begun_ns = 98 * NS_PER_S;
    db->begun_ns = 97 * NS_PER_S;
    has_members(web, ",\"place\":2,\"slots\":4,\"holders\":["
                     "{\"taskArn\":\"" ARN "\",\"containerName\":\"db\",\"since\":1779999997000000000},"
                     "{\"taskArn\":\"" ARN_HEAD "t2\",\"containerName\":\"c1\",\"since\":1779999998000000000}]}");
    list_remove(&all[0].pull_link);
    list_remove(&all[4].pull_link);
    list_remove(&db->pull_link);
    list_remove(&web->pull_link);
}
END_TEST

START_TEST(credentials_are_named_if_the_task_names_them)
{
    cause_of(CAUSE_CREDENTIALS);
    says(web, "waits for credentials of an execution role, and the task names none");
    set_text(&task->execution_credentials_id, "id-1");
    says(web, "waits for the credentials `id-1` of the task's execution role");
    has_members(web, ",\"credentialsId\":\"id-1\"}");
}
END_TEST

START_TEST(a_dependency_is_told_by_its_condition_or_else_by_the_status_that_is_needed)
{
    struct cause *cause = cause_of(CAUSE_DEPENDENCY);

    db->known = ECSENGINE_CONTAINER_RUNNING;
    db->desired = ECSENGINE_CONTAINER_STOPPED;
    cause->on = db;
    cause->condition = CONDITION_HEALTHY;
    cause->due_ns = 102 * NS_PER_S;
    says(web, "waits for db to be HEALTHY; it is RUNNING and its health UNKNOWN, given up in 2s");
    has_members(web, ",\"due\":1780000002000000000,\"dependency\":{\"containerName\":\"db\",\"condition\":\"HEALTHY\","
                     "\"knownStatus\":\"RUNNING\",\"desiredStatus\":\"STOPPED\",\"health\":\"UNKNOWN\"}}");
    cause->condition = CONDITION_COMPLETE;
    cause->due_ns = CAUSE_NO_TIME;
    says(web, "waits for db to be COMPLETE; it is RUNNING");
    cause->condition = CONDITION_NONE;
    cause->needed = ECSENGINE_CONTAINER_CREATED;
    says(web, "waits for db to be CREATED; it is RUNNING");
    cause->on = web;
    web->has_exit_code = true;
    web->exit_code = -1;
    has_members(db, ",\"dependency\":{\"containerName\":\"web\",\"neededStatus\":\"CREATED\",\"knownStatus\":\"NONE\","
                    "\"desiredStatus\":\"NONE\",\"exitCode\":-1}}");
}
END_TEST

START_TEST(a_stop_order_names_the_one_that_must_stop_before)
{
    cause_of(CAUSE_STOP_ORDER)->on = web;
    web->known = ECSENGINE_CONTAINER_RUNNING;
    says(db, "stops when web, which depends on it, has stopped; that is RUNNING");
    has_members(db, ",\"dependent\":{\"containerName\":\"web\",\"knownStatus\":\"RUNNING\",\"desiredStatus\":\"NONE\"}}");
}
END_TEST

START_TEST(a_resource_is_told_with_what_is_done_about_it_or_what_it_waits_for)
{
    struct cause *cause = cause_of(CAUSE_RESOURCE);

    cause->resource = &task->resources[0];
    cause->satisfied = RESOURCE_CREATED;
    says(web, "waits for the dockerVolume data to be CREATED; it is NONE");
    has_members(web, ",\"resource\":{\"name\":\"data\",\"type\":\"dockerVolume\",\"neededStatus\":\"CREATED\","
                     "\"knownStatus\":\"NONE\",\"desiredStatus\":\"NONE\"}}");
    cause->on = db;
    cause->needed = ECSENGINE_CONTAINER_RUNNING;
    db->known = ECSENGINE_CONTAINER_CREATED;
    says(web, "waits for the dockerVolume data to be CREATED; it is NONE and waits for db to be RUNNING; that is CREATED");
    has_members(web, ",\"resource\":{\"name\":\"data\",\"type\":\"dockerVolume\",\"neededStatus\":\"CREATED\","
                     "\"knownStatus\":\"NONE\",\"desiredStatus\":\"NONE\"},"
                     "\"dependency\":{\"containerName\":\"db\",\"neededStatus\":\"RUNNING\","
                     "\"knownStatus\":\"CREATED\",\"desiredStatus\":\"NONE\",\"health\":\"UNKNOWN\"}}");
    cause->operation = ECSENGINE_OP_VOLUME_CREATE;
    cause->since_ns = 99 * NS_PER_S;
    cause->due_ns = 101 * NS_PER_S;
    says(web, "waits for the dockerVolume data to be CREATED; it is NONE, volume-create in flight for 1s, given up in 1s");
}
END_TEST

START_TEST(the_removal_of_a_resource_is_under_way_or_will_be_tried_again)
{
    struct cause *cause = cause_of(CAUSE_RESOURCE_REMOVAL);

    cause->resource = &task->resources[0];
    says(NULL, "waits for the dockerVolume data to be removed");
    cause->tries = 2;
    cause->error = "in use";
    cause->due_ns = 103 * NS_PER_S;
    says(NULL, "waits for the dockerVolume data to be removed, which has failed 2 times (in use); tried again in 3s");
    cause->since_ns = 99 * NS_PER_S;
    cause->tries = 0;
    cause->error = NULL;
    says(NULL, "waits for the dockerVolume data to be removed; in flight for 1s, given up in 3s");
    has_members(NULL, ",\"since\":1779999999000000000,\"due\":1780000003000000000,\"resource\":{\"name\":\"data\","
                      "\"type\":\"dockerVolume\",\"knownStatus\":\"NONE\",\"desiredStatus\":\"NONE\"}}");
}
END_TEST

START_TEST(a_task_names_five_of_the_containers_that_hold_it_back)
{
    struct task *own = task;

    task = other;
    task->admitted = true;
    made.ready = true;
    made.runtime = RUNTIME_CONNECTED;
    for (int i = 0; i < 6; i++)
        task->containers[i].desired = ECSENGINE_CONTAINER_RUNNING;
    task->containers[0].known = ECSENGINE_CONTAINER_RUNNING;
    cause_of(CAUSE_CONTAINERS);
    says(NULL, "waits for its containers: c2 (moving), c3 (moving), c4 (moving), c5 (moving), c6 (moving)");
    task->containers[0].known = ECSENGINE_CONTAINER_NONE;
    says(NULL, "waits for its containers: c1 (moving), c2 (moving), c3 (moving), c4 (moving), c5 (moving)");
    for (int i = 0; i < 5; i++)
        task->containers[i].known = ECSENGINE_CONTAINER_RUNNING;
    has_members(NULL, ",\"parts\":[{\"containerName\":\"c6\",\"cause\":\"moving\"}]}");
    cause_of(CAUSE_REMOVAL);
    says(NULL, "its containers are being removed: c6 (moving)");
    task = own;
}
END_TEST

START_TEST(who_is_where_he_shall_be_says_where)
{
    cause_of(CAUSE_RUNNING);
    says(NULL, "it is where it shall be");
    task->known = ECSENGINE_TASK_RUNNING;
    says(NULL, "running");
    has_members(NULL, "}");
    web->known = ECSENGINE_CONTAINER_CREATED;
    says(web, "it is CREATED, as it shall be");
    has_members(web, "}");
    web->known = db->known = ECSENGINE_CONTAINER_RUNNING;
    says(web, "running");
    says(db, "running, health UNKNOWN");
    has_members(db, ",\"health\":\"UNKNOWN\"}");
}
END_TEST

START_TEST(what_moves_says_from_where_to_where)
{
    cause_of(CAUSE_MOVING);
    task->known = ECSENGINE_TASK_CREATED;
    task->desired = ECSENGINE_TASK_STOPPED;
    web->desired = ECSENGINE_CONTAINER_RUNNING;
    says(NULL, "on its way from CREATED to STOPPED");
    says(web, "on its way from NONE to RUNNING");
}
END_TEST

START_TEST(an_acknowledgement_names_the_event_and_how_long_it_is_waited_for)
{
    struct cause *cause = cause_of(CAUSE_ACKNOWLEDGEMENT);

    cause->id = 12;
    says(NULL, "waits for event 12 (STOPPED) to be acknowledged");
    task->phase = TASK_REMOVED;
    cause->due_ns = 101 * NS_PER_S;
    says(NULL, "waits for event 12 (task-removed) to be acknowledged, for another 1s");
    has_members(NULL, ",\"eventId\":12,\"due\":1780000001000000000}");
    task->phase = TASK_ACTIVE;
}
END_TEST

static void fill(TCase *tcase)
{
    tcase_add_checked_fixture(tcase, begin, end);
    tcase_add_test(tcase, every_kind_has_its_word);
    tcase_add_test(tcase, causes_beyond_the_room_are_counted_and_change_no_other);
    tcase_add_test(tcase, a_cause_is_had_when_it_was_added_and_not_before);
    tcase_add_test(tcase, an_unreachable_runtime_is_told_with_its_next_try_or_the_end_of_the_one_under_way);
    tcase_add_test(tcase, host_facts_are_waited_for_by_the_operation_or_else_by_the_pause);
    tcase_add_test(tcase, the_store_is_a_cause_for_batches_that_are_not_durable_alone);
    tcase_add_test(tcase, durations_have_milliseconds_below_a_second_and_tenths_above);
    tcase_add_test(tcase, a_sentence_has_no_more_room_than_it_has);
    tcase_add_test(tcase, an_end_is_told_by_its_error_or_exit_code_or_that_it_never_ran);
    tcase_add_test(tcase, what_is_removed_refused_or_shut_down_says_so);
    tcase_add_test(tcase, an_operation_is_told_with_its_progress_try_and_last_error);
    tcase_add_test(tcase, a_retry_counts_what_has_failed);
    tcase_add_test(tcase, a_restart_is_told_with_its_number_and_the_starts_that_failed);
    tcase_add_test(tcase, a_pull_slot_names_three_of_those_who_have_one);
    tcase_add_test(tcase, credentials_are_named_if_the_task_names_them);
    tcase_add_test(tcase, a_dependency_is_told_by_its_condition_or_else_by_the_status_that_is_needed);
    tcase_add_test(tcase, a_stop_order_names_the_one_that_must_stop_before);
    tcase_add_test(tcase, a_resource_is_told_with_what_is_done_about_it_or_what_it_waits_for);
    tcase_add_test(tcase, the_removal_of_a_resource_is_under_way_or_will_be_tried_again);
    tcase_add_test(tcase, a_task_names_five_of_the_containers_that_hold_it_back);
    tcase_add_test(tcase, who_is_where_he_shall_be_says_where);
    tcase_add_test(tcase, what_moves_says_from_where_to_where);
    tcase_add_test(tcase, an_acknowledgement_names_the_event_and_how_long_it_is_waited_for);
}

int main(void) { return made_run("cause", fill); }

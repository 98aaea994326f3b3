/* SPDX-License-Identifier: Apache-2.0 */
/* The life of a task's resources: made while the task shall run, REMOVED at once when it shall not, taken away by the cleanup
 * (task-engine: sections 1.6, 3.6, 3.7, 3.9; task-payload: 4.4, 12.1). */
#include "made.h"

#include "engine/orphans.h"
#include "engine/reason.h"
#include "engine/restore.h"
#include "model/record.h"

#define VOLUME(config) "'volumes':[{'name':'data','dockerVolumeConfiguration':{" config "}}]"
#define KEY "'ecsengine.resources':[{'name':'key','type':'secret','config':{'a':1},'requiredBy':[{'containerName':'web'}]}]"
#define WITH(members)                                                                                                       \
    "{'taskArn':'" ARN "','family':'fam','revision':3," members ",'containerDefinitions':[{'name':'web','image':'nginx',"   \
    "'memory':4,'mountPoints':[" MOUNTED "]}]}"
#define MOUNTED ""

static struct task *task;
static struct resource *resource;

static void begin(void)
{
    made_start();
    made_set("engine-task-cleanup-wait-duration", "1s");
    made_open();
    made_settle();
}

static void end(void) { made_close(); }

static void add(const char *document)
{
    task = made_add(document);
    resource = &task->resources[0];
}

/* The next operation; it is of that kind. */
static struct ecsengine_op *next(enum ecsengine_op_kind kind)
{
    ck_assert_int_eq(0, engine_settle(&made));
    struct ecsengine_op *op = made_next();

    ck_assert_ptr_nonnull(op);
    ck_assert_str_eq(ecsengine_op_kind_name(kind), ecsengine_op_kind_name((enum ecsengine_op_kind)op->kind));
    return op;
}

/* Everything that the host is told is acknowledged, so that the cleanup goes on. */
static void acknowledge(void)
{
    struct list *node;

    while ((node = list_shift(&made.events_out)) != NULL) {
        struct ecsengine_event *event = container_of(node, struct ecsengine_event, link);
        struct acknowledgement input = {.input.kind = INPUT_ACK, .event_id = event->id};
        made_apply(&input.input);
        ecsengine_event_free(event);
    }
}

/* The first operation of the cleanup. Nothing else is answered. */
static struct ecsengine_op *cleanup(void)
{
    struct ecsengine_op *op = NULL;

    while ((op = made_next()) == NULL) {
        acknowledge();
        if ((op = made_next()) != NULL)
            return op;
        made_wait();
    }
    return op;
}

static bool stopped_with(const char *reason)
{
    made_settle();
    ck_assert_str_eq(reason, str_text(task->reason));
    return task->known == ECSENGINE_TASK_STOPPED;
}

START_TEST(a_volume_of_the_task_has_a_name_that_nobody_guesses)
{
    add(WITH(VOLUME("'driver':'d','labels':{'a':'b'}")));
    struct ecsengine_op *op = next(ECSENGINE_OP_VOLUME_CREATE);
    const char *name = ecsengine_op_volume_name(op);
    ck_assert_int_eq(0, strncmp(name, "ecs-fam-3-data-", 15));
    ck_assert_uint_eq(15 + 20, strlen(name));
    ck_assert_uint_eq(20, strspn(name + 15, "0123456789abcdef"));
    ck_assert_str_eq(name, ecsengine_op_runtime_name(op));
    ck_assert_str_eq("d", ecsengine_op_volume_driver(op));
    ck_assert_str_eq("data", ecsengine_op_resource_name(op));
    ck_assert_str_eq("dockerVolume", ecsengine_op_resource_type(op));
    ck_assert_str_eq("", ecsengine_op_resource_config(op, NULL));
    ck_assert_str_eq("", ecsengine_op_container_name(op));
    ck_assert_str_eq("", ecsengine_op_container(op));
    ck_assert_str_eq(ARN, ecsengine_op_task_arn(op));
    ck_assert_int_eq(5 * NS_PER_MINUTE, ecsengine_op_deadline_ns(op) - made.mono_ns);
    ck_assert_int_eq(RESOURCE_NONE, resource->known);
    ck_assert_int_eq(RESOURCE_CREATED, resource->applied);
    made_good(op);
    ck_assert_int_eq(RESOURCE_CREATED, resource->known);
    ck_assert_int_eq(RESOURCE_NONE, resource->applied);
    end();
}
END_TEST

START_TEST(the_runtimes_own_name_for_a_volume_is_what_counts_from_then_on)
{
    add(WITH(VOLUME("")));
    struct ecsengine_result *result = made_result();
    ck_assert_int_eq(0, ecsengine_result_set_volume_name(result, "other"));
    made_answer(next(ECSENGINE_OP_VOLUME_CREATE), result);
    ck_assert_str_eq("other", str_text(resource->runtime_name));
    end();
}
END_TEST

START_TEST(what_only_the_host_can_make_is_asked_of_it_with_its_configuration)
{
    size_t len = 0;

    add(WITH(KEY));
    struct ecsengine_op *op = next(ECSENGINE_OP_RESOURCE_CREATE);
    ck_assert_str_eq("key", ecsengine_op_resource_name(op));
    ck_assert_str_eq("secret", ecsengine_op_resource_type(op));
    ck_assert_str_eq("{\"a\":1}", ecsengine_op_resource_config(op, &len));
    ck_assert_uint_eq(7, len);
    ck_assert_int_eq(0, strncmp(ecsengine_op_runtime_name(op), "ecs-fam-3-key-", 14));
    ck_assert_str_eq("", ecsengine_op_volume_name(op));
    ck_assert_str_eq("", ecsengine_op_volume_driver(op));
    ecsengine_text *text = NULL;
    ck_assert_int_eq(0, ecsengine_op_request(op, &text, NULL));
    ck_assert_ptr_nonnull(strstr(ecsengine_text_data(text), "\"resourceConfig\":{\"a\":1}"));
    ck_assert_ptr_null(strstr(ecsengine_text_data(text), "\"container\""));
    ecsengine_text_free(text);
    made_good(op);
    ck_assert_int_eq(RESOURCE_CREATED, resource->known);
    end();
}
END_TEST

START_TEST(a_resource_is_made_once_while_its_task_shall_run)
{
    add(WITH(VOLUME("")));
    struct ecsengine_op *op = next(ECSENGINE_OP_VOLUME_CREATE);
    engine_touch(&made, task);
    ck_assert_int_eq(0, engine_settle(&made));
    for (struct list *node = made.ops_out.next; node != &made.ops_out; node = node->next)
        ck_assert_int_ne(ECSENGINE_OP_VOLUME_CREATE, container_of(node, struct ecsengine_op, link)->kind);
    made_good(op);
    made_settle();
    ck_assert_int_eq(ECSENGINE_TASK_RUNNING, task->known);
    ck_assert_int_eq(RESOURCE_CREATED, resource->known);
    end();
}
END_TEST

START_TEST(a_task_that_shall_not_run_has_its_resources_removed_at_once_without_an_operation)
{
    add(WITH(VOLUME("")));
    struct ecsengine_op *op = next(ECSENGINE_OP_VOLUME_CREATE);
    made_stop(task);
    ck_assert_int_eq(RESOURCE_REMOVED, resource->known);
    ck_assert_int_eq(RESOURCE_REMOVED, resource->desired);
    ck_assert(!resource->removed); /* that is another thing */
    ck_assert_ptr_eq(op, resource->op);
    made_fail(op, ECSENGINE_FAILURE_OTHER, NULL, "too late to be heard");
    ck_assert_ptr_null(task->reason);
    ck_assert_int_eq(RESOURCE_REMOVED, resource->known);
    end();
}
END_TEST

START_TEST(the_first_reason_counts_and_is_made_presentable)
{
    add(WITH(VOLUME("") "," KEY));
    struct ecsengine_op *volume = next(ECSENGINE_OP_VOLUME_CREATE), *key = next(ECSENGINE_OP_RESOURCE_CREATE);
    made_fail(key, ECSENGINE_FAILURE_OTHER, NULL, "  asm-auth:\tno   such\n secret ");
    ck_assert_str_eq("Asm-Auth: no such secret", str_text(task->reason));
    ck_assert_str_eq("Asm-Auth: no such secret", str_text(task->resources[1].error));
    ck_assert_int_eq(ECSENGINE_TASK_STOPPED, task->desired);
    made_fail(volume, ECSENGINE_FAILURE_OTHER, NULL, "another");
    ck_assert(stopped_with("Asm-Auth: no such secret"));
    end();
}
END_TEST

START_TEST(a_failure_without_words_has_the_references)
{
    add(WITH(VOLUME("")));
    made_fail(next(ECSENGINE_OP_VOLUME_CREATE), ECSENGINE_FAILURE_OTHER, NULL, "");
    ck_assert(stopped_with("VolumeError: Agent could not create task's volume resources"));
    end();
    begin();
    add(WITH(KEY));
    made_fail(next(ECSENGINE_OP_RESOURCE_CREATE), ECSENGINE_FAILURE_OTHER, NULL, "");
    ck_assert(stopped_with("ResourceInitializationError: resource key could not be made"));
    end();
}
END_TEST

START_TEST(an_unsupported_resource_is_told_by_name_and_type_and_not_removed)
{
    add(WITH(KEY));
    made_fail(next(ECSENGINE_OP_RESOURCE_CREATE), ECSENGINE_FAILURE_UNSUPPORTED, NULL, "what is that");
    ck_assert(stopped_with("ResourceInitializationError: this host can not make resource key of type secret: what is that"));
    ck_assert(!resource->tried);
    end();
}
END_TEST

START_TEST(a_creation_that_is_never_answered_is_the_references_timeout)
{
    add(WITH(VOLUME("")));
    struct ecsengine_op *op = next(ECSENGINE_OP_VOLUME_CREATE);
    for (struct ecsengine_op *other; (other = made_next()) != NULL;)
        made_good(other);
    while (task->reason == NULL) {
        made_wait();
        for (struct ecsengine_op *other; (other = made_next()) != NULL;)
            made_good(other);
    }
    ck_assert_str_eq("Could not transition to creating volume; timed out after waiting 5m0s", str_text(task->reason));
    made_good(op);
    end();
}
END_TEST

START_TEST(the_cleanup_removes_the_containers_first)
{
    add(WITH(VOLUME("")));
    made_settle();
    made_stop(task);
    made_good(next(ECSENGINE_OP_STOP));
    struct ecsengine_op *op = cleanup();
    ck_assert_int_eq(ECSENGINE_OP_REMOVE, op->kind);
    ck_assert_ptr_null(made_next());
    made_good(op);
    op = next(ECSENGINE_OP_VOLUME_REMOVE);
    ck_assert_int_eq(TASK_CLEANING, task->phase);
    ck_assert_str_eq(str_text(resource->runtime_name), ecsengine_op_volume_name(op));
    ck_assert_int_eq(5 * NS_PER_MINUTE, ecsengine_op_deadline_ns(op) - made.mono_ns);
    made_good(op);
    ck_assert(resource->removed);
    ck_assert_int_eq(TASK_REMOVED, task->phase);
    end();
}
END_TEST

START_TEST(one_that_is_gone_already_is_removed)
{
    add(WITH(VOLUME("")));
    made_fail(next(ECSENGINE_OP_VOLUME_CREATE), ECSENGINE_FAILURE_OTHER, NULL, "no");
    made_settle();
    struct ecsengine_op *op = cleanup();
    ck_assert_int_eq(ECSENGINE_OP_VOLUME_REMOVE, op->kind);
    made_fail(op, ECSENGINE_FAILURE_NOT_FOUND, NULL, "no such volume");
    ck_assert_int_eq(TASK_REMOVED, task->phase);
    end();
}
END_TEST

/* Refuses, or is away, so many times; how many removals were asked for. */
static int removals(enum ecsengine_failure failure, int most)
{
    int count = 0;

    add(WITH(VOLUME("")));
    made_fail(next(ECSENGINE_OP_VOLUME_CREATE), ECSENGINE_FAILURE_OTHER, NULL, "no");
    made_settle();
    struct ecsengine_op *op = cleanup();
    int64_t before = made.mono_ns;
    for (;;) {
        ck_assert_int_eq(ECSENGINE_OP_VOLUME_REMOVE, op->kind);
        count++;
        made_fail(op, failure, NULL, "not now");
        if (task->phase == TASK_REMOVED || count == most)
            break;
        while ((op = made_next()) == NULL)
            made_wait();
        ck_assert_int_ge(made.mono_ns - before, count < 10 ? NS_PER_S : 5 * NS_PER_S); /* the pauses grow and stay long */
        before = made.mono_ns;
    }
    ck_assert_str_eq("not now", str_text(resource->error));
    return count;
}

START_TEST(a_removal_that_is_refused_five_times_is_given_up)
{
    ck_assert_int_eq(5, removals(ECSENGINE_FAILURE_CONFLICT, 100));
    ck_assert_int_eq(TASK_REMOVED, task->phase);
    end();
}
END_TEST

START_TEST(a_removal_is_tried_as_long_as_the_runtime_is_away)
{
    ck_assert_int_eq(400, removals(ECSENGINE_FAILURE_UNREACHABLE, 400)); /* more than a byte counts */
    ck_assert_int_eq(TASK_CLEANING, task->phase);
    end();
}
END_TEST

START_TEST(a_removal_that_the_host_knows_nothing_of_is_not_tried_again)
{
    ck_assert_int_eq(1, removals(ECSENGINE_FAILURE_UNSUPPORTED, 100));
    end();
}
END_TEST

START_TEST(the_cleanup_waits_for_a_creation_that_is_under_way)
{
    add(WITH(VOLUME("")));
    struct ecsengine_op *create = next(ECSENGINE_OP_VOLUME_CREATE);
    made_settle();
    made_stop(task);
    made_settle();
    acknowledge();
    while (task->phase == TASK_ACTIVE) {
        made_wait();
        struct ecsengine_op *op = made_next();
        if (op != NULL)
            made_good(op); /* the container's REMOVE */
    }
    made_settle();
    ck_assert_int_eq(TASK_CLEANING, task->phase);
    ck_assert_ptr_null(made_next());
    made_good(create);
    made_good(next(ECSENGINE_OP_VOLUME_REMOVE));
    ck_assert_int_eq(TASK_REMOVED, task->phase);
    end();
}
END_TEST

START_TEST(looking_for_a_shared_volume_is_given_up_by_the_cleanup)
{
    add(WITH(VOLUME("'scope':'shared','autoprovision':true")));
    struct ecsengine_op *inspect = next(ECSENGINE_OP_VOLUME_INSPECT);
    made_settle();
    made_stop(task);
    made_settle();
    acknowledge();
    while (task->phase != TASK_REMOVED) {
        made_wait();
        struct ecsengine_op *op = made_next();
        if (op != NULL)
            made_good(op);
    }
    ck_assert_ptr_null(resource->op);
    made_good(inspect); /* nobody listens */
    end();
}
END_TEST

START_TEST(a_shared_volume_is_known_by_its_name_and_never_removed)
{
    add(WITH(VOLUME("'scope':'shared','autoprovision':true")));
    struct ecsengine_op *op = next(ECSENGINE_OP_VOLUME_INSPECT);
    ck_assert_str_eq("data", ecsengine_op_volume_name(op));
    made_fail(op, ECSENGINE_FAILURE_NOT_FOUND, NULL, "no such volume");
    for (op = made_next(); op != NULL && op->kind != ECSENGINE_OP_VOLUME_CREATE; op = made_next())
        made_good(op);
    ck_assert_ptr_nonnull(op);
    made_good(op);
    ck_assert_int_eq(RESOURCE_CREATED, resource->known);
    ck_assert(!resource->tried);
    made_settle();
    made_stop(task);
    made_settle();
    op = cleanup();
    ck_assert_int_eq(ECSENGINE_OP_REMOVE, op->kind);
    made_good(op);
    ck_assert_int_eq(TASK_REMOVED, task->phase);
    end();
}
END_TEST

START_TEST(a_shared_volume_that_is_there_is_not_compared_unless_asked_for)
{
    for (int match = 0; match < 2; match++) {
        made_set("shared-volume-match-full-config", match ? "true" : "false");
        made.settings.volume_match = match;
        add(WITH(VOLUME("'scope':'shared','autoprovision':true,'driverOpts':{'b':'2','a':'1'}")));
        struct ecsengine_result *result = made_result();
        ck_assert_int_eq(0, ecsengine_result_add_volume_option(result, "b", match ? "2" : "3"));
        ck_assert_int_eq(0, ecsengine_result_add_volume_option(result, "a", "1"));
        made_answer(next(ECSENGINE_OP_VOLUME_INSPECT), result);
        ck_assert_int_eq(RESOURCE_CREATED, resource->known);
        made_settle();
        end();
        begin();
    }
    end();
}
END_TEST

START_TEST(one_that_must_be_there_is_never_compared)
{
    made.settings.volume_match = 1;
    add(WITH(VOLUME("'scope':'shared','labels':{'a':'1'}")));
    made_good(next(ECSENGINE_OP_VOLUME_INSPECT));
    ck_assert_int_eq(RESOURCE_CREATED, resource->known);
    end();
}
END_TEST

/* Of a difference in number, in a key, in a value. */
START_TEST(a_difference_is_told_as_go_prints_maps)
{
    static const struct {
        const char *key, *value, *existing;
    } rows[] = {{NULL, NULL, "map[]"}, {"a", "2", "map[a:2]"}, {"b", "1", "map[b:1]"}};
    char want[512];

    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        made.settings.volume_match = 1;
        add(WITH(VOLUME("'scope':'shared','autoprovision':true,'labels':{'a':'1'}")));
        struct ecsengine_result *result = made_result();
        if (rows[i].key != NULL)
            ck_assert_int_eq(0, ecsengine_result_add_volume_label(result, rows[i].key, rows[i].value));
        made_answer(next(ECSENGINE_OP_VOLUME_INSPECT), result);
        snprintf(want, sizeof(want),
                 "resource cannot be initialized for task " ARN ": intialize volume: non-autoprovisioned volume does not match existing "
                 "volume labels: existing: %s, expected: map[a:1]",
                 rows[i].existing);
        ck_assert(stopped_with(want));
        end();
        begin();
    }
    end();
}
END_TEST

/* ---- late answers ---- */

/* A creation that hangs until the engine gives it up, and a task that is removed meanwhile. */
static struct ecsengine_op *give_up(const char *document, enum ecsengine_op_kind kind)
{
    add(document);
    struct ecsengine_op *create = next(kind);
    while (task->phase != TASK_REMOVED) {
        for (struct ecsengine_op *op; (op = made_next()) != NULL;)
            made_good(op);
        acknowledge();
        if (task->phase != TASK_REMOVED)
            made_wait();
    }
    acknowledge();
    return create;
}

START_TEST(a_volume_that_is_made_too_late_is_removed_again)
{
    struct ecsengine_op *create = give_up(WITH(VOLUME("")), ECSENGINE_OP_VOLUME_CREATE);
    struct str *name = str_ref(create->runtime_name);

    made_good(create);
    struct ecsengine_op *op = next(ECSENGINE_OP_VOLUME_REMOVE);
    ck_assert_str_eq(name->data, ecsengine_op_volume_name(op));
    made_fail(op, ECSENGINE_FAILURE_UNREACHABLE, NULL, "away");
    while ((op = made_next()) == NULL)
        made_wait();
    ck_assert_int_eq(ECSENGINE_OP_VOLUME_REMOVE, op->kind);
    made_good(op);
    ck_assert(container_of(made.orphans.next, struct orphan, link)->gone);
    str_unref(name);
    end();
}
END_TEST

START_TEST(what_a_host_makes_too_late_or_by_halves_is_taken_away_again)
{
    struct ecsengine_op *create = give_up(WITH(KEY), ECSENGINE_OP_RESOURCE_CREATE);

    made_fail(create, ECSENGINE_FAILURE_OTHER, NULL, "half of it");
    struct ecsengine_op *op = next(ECSENGINE_OP_RESOURCE_REMOVE);
    ck_assert_str_eq("key", ecsengine_op_resource_name(op));
    ck_assert_str_eq("{\"a\":1}", ecsengine_op_resource_config(op, NULL));
    ck_assert_str_eq(ARN, ecsengine_op_task_arn(op));
    made_good(op);
    end();
}
END_TEST

START_TEST(what_was_refused_late_needs_no_removal)
{
    made_fail(give_up(WITH(VOLUME("")), ECSENGINE_OP_VOLUME_CREATE), ECSENGINE_FAILURE_OTHER, NULL, "no");
    ck_assert(list_empty(&made.orphans));
    end();
    begin();
    made_fail(give_up(WITH(KEY), ECSENGINE_OP_RESOURCE_CREATE), ECSENGINE_FAILURE_UNSUPPORTED, NULL, "no");
    ck_assert(container_of(made.orphans.next, struct orphan, link)->gone); /* it was looked for until it was answered */
    end();
}
END_TEST

START_TEST(what_was_made_too_late_is_remembered_by_the_next_engine)
{
    struct ecsengine_op *create = give_up(WITH(VOLUME("") "," KEY), ECSENGINE_OP_VOLUME_CREATE);
    struct record_reader body;
    struct buf record;
    char kind, name[LIMIT_RUNTIME_NAME + 1], key[LIMIT_RECORD_KEY];

    snprintf(name, sizeof(name), "%s", str_text(create->runtime_name));
    snprintf(key, sizeof(key), "orphan/%s", name);
    made_good(create);
    buf_init(&record, &made_root.mem, 0);
    size_t start = record_begin(&record, 'o');
    orphans_put(container_of(made.orphans.next, struct orphan, link), &record);
    record_end(&record, start);
    ck_assert_int_eq(0, record.failed);
    made_good(next(ECSENGINE_OP_VOLUME_REMOVE));
    engine_close(&made);
    made_open();
    ck_assert_int_eq(0, record_open(record.data, record.len, &kind, &body));
    ck_assert_int_eq(0, orphans_restore(&made, key, &body));
    struct ecsengine_op *op = made_until(ECSENGINE_OP_VOLUME_REMOVE);
    ck_assert_ptr_nonnull(op);
    ck_assert_str_eq(name, ecsengine_op_volume_name(op));
    made_good(op);
    /* Cut anywhere, it is refused. */
    for (size_t cut = 5; cut < record.len - 8; cut++) {
        body = (struct record_reader){.at = (unsigned char *)record.data + 5, .end = (unsigned char *)record.data + cut};
        int code = orphans_restore(&made, key, &body);
        ck_assert_int_eq(ECSENGINE_ECORRUPT, code);
    }
    buf_free(&record);
    end();
}
END_TEST

/* ---- restore ---- */

static struct buf records[2]; /* of the task, of its definition */

static void keep_records(void)
{
    for (int i = 0; i < 2; i++) {
        buf_init(&records[i], &made_root.mem, 0);
        size_t start = record_begin(&records[i], i == 0 ? 't' : 'd');
        if (i == 0)
            record_put_task(&records[i], task);
        else
            buf_put(&records[i], task->definition->content, task->definition->content_len);
        record_end(&records[i], start);
    }
}

static void reopen(void)
{
    engine_close(&made);
    made_open();
    for (int i = 0; i < 2; i++) {
        ck_assert_int_eq(0, made_give(&records[i]));
        buf_free(&records[i]);
    }
    ck_assert_int_eq(0, restore_end(&made));
    task = engine_find_task(&made, ARN);
    ck_assert_ptr_nonnull(task);
    resource = &task->resources[0];
}

START_TEST(a_restored_resource_that_was_made_goes_on)
{
    add(WITH(VOLUME("")));
    made_settle();
    struct str *name = str_ref(resource->runtime_name);
    keep_records();
    reopen();
    ck_assert_int_eq(RESOURCE_CREATED, resource->known);
    ck_assert(resource->tried);
    ck_assert_str_eq(name->data, str_text(resource->runtime_name));
    str_unref(name);
    ck_assert_ptr_null(made_until(ECSENGINE_OP_VOLUME_CREATE));
    end();
}
END_TEST

START_TEST(a_restored_resource_that_was_being_made_is_made_again_and_removed_in_any_case)
{
    add(WITH(VOLUME("")));
    struct ecsengine_op *op = next(ECSENGINE_OP_VOLUME_CREATE);
    resource->tried = false; /* the record was written before the create went out */
    keep_records();
    struct str *name = str_ref(resource->runtime_name);
    op_unref(op);
    reopen();
    ck_assert_int_eq(RESOURCE_NONE, resource->known);
    ck_assert(resource->tried);
    op = made_until(ECSENGINE_OP_VOLUME_CREATE);
    ck_assert_ptr_nonnull(op);
    ck_assert_str_eq(name->data, ecsengine_op_volume_name(op));
    str_unref(name);
    made_good(op);
    end();
}
END_TEST

START_TEST(a_task_that_was_stopped_in_the_queue_has_nothing_to_remove)
{
    made_set("host-cpu", "100");
    made_close();
    begin();
    made.host.cpu_units = 1; /* nothing fits */
    task = made_add("{'taskArn':'" ARN "','family':'fam','cpu':'512','memory':'64'," VOLUME("") ",'containerDefinitions':[{'name':'web','image':"
                    "'nginx','memory':4}]}");
    resource = &task->resources[0];
    ck_assert_ptr_null(made_next());
    made_stop(task);
    ck_assert_int_eq(ECSENGINE_TASK_STOPPED, task->known);
    keep_records();
    reopen();
    ck_assert(!resource->tried);
    end();
}
END_TEST

/* ---- words ---- */

START_TEST(the_first_word_gets_capitals_and_white_space_is_one_blank)
{
    static const char *const rows[][2] = {
        {"", ""},
        {" \t\n ", ""},
        {"fetching secret", "Fetching secret"},
        {"asm-auth failed twice", "Asm-Auth failed twice"},
        {"can't do", "Can'T do"},
        {"x_y.z a.b", "X_y.Z a.b"},
        {"1st of all", "1st of all"},
        {"Already", "Already"},
        {" a  b\r\n c ", "A b c"},
        {"a\xc2\xa0" "b\xe2\x80\x83" "c\xe3\x80\x80", "A b c"},
        {"\xc3\xa9tat grave", "\xc3\xa9tat grave"},
        {"\xe2\x80\x94" "dash", "\xe2\x80\x94" "dash"},
        {"\xe2\x80\x8b" "no space", "\xe2\x80\x8b" "no space"},
        {"{a}[b]~c", "{A}[B]~C"},
        {"cut a\xe2\x80", "Cut a\xe2\x80"},
    };
    char text[64];

    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        snprintf(text, sizeof(text), "%s", rows[i][0]);
        reason_title(text);
        ck_assert_str_eq(rows[i][1], text);
    }
    ck_assert_ptr_nonnull(made.root);
    end();
}
END_TEST

START_TEST(of_two_that_fail_in_one_moment_the_first_gives_the_reason)
{
    add(WITH(VOLUME("") "," KEY));
    struct ecsengine_op *ops[2] = {next(ECSENGINE_OP_VOLUME_CREATE), next(ECSENGINE_OP_RESOURCE_CREATE)};
    for (int i = 0; i < 2; i++) {
        struct ecsengine_result *result = made_result();
        ck_assert_int_eq(0, ecsengine_result_set_failure(result, ECSENGINE_FAILURE_OTHER, i == 0 ? "first" : "second"));
        ops[i]->completed = true;
        ops[i]->result = result;
        ops[i]->completion.kind = INPUT_COMPLETION;
        ck_assert_int_eq(0, engine_apply(&made, &ops[i]->completion)); /* both before anything follows from one */
    }
    ck_assert_int_eq(0, engine_advance(&made));
    ck_assert_str_eq("First", str_text(task->reason));
    ck_assert_str_eq("Second", str_text(task->resources[1].error));
    ck_assert_int_eq(RESOURCE_REMOVED, task->resources[0].known);
    ck_assert_int_eq(RESOURCE_REMOVED, task->resources[1].known);
    end();
}
END_TEST

START_TEST(a_runtime_that_has_no_name_for_a_volume_leaves_it_ours)
{
    char name[LIMIT_RUNTIME_NAME + 1];

    add(WITH(VOLUME("")));
    struct ecsengine_op *op = next(ECSENGINE_OP_VOLUME_CREATE);
    struct ecsengine_result *result = made_result();
    snprintf(name, sizeof(name), "%s", ecsengine_op_volume_name(op));
    ck_assert_int_eq(0, ecsengine_result_set_volume_name(result, ""));
    made_answer(op, result);
    ck_assert_str_eq(name, str_text(resource->runtime_name));
    ck_assert_int_eq(RESOURCE_CREATED, resource->known);
    end();
}
END_TEST

static void fill(TCase *tcase)
{
    tcase_add_checked_fixture(tcase, begin, NULL);
    tcase_add_test(tcase, a_volume_of_the_task_has_a_name_that_nobody_guesses);
    tcase_add_test(tcase, the_runtimes_own_name_for_a_volume_is_what_counts_from_then_on);
    tcase_add_test(tcase, what_only_the_host_can_make_is_asked_of_it_with_its_configuration);
    tcase_add_test(tcase, a_resource_is_made_once_while_its_task_shall_run);
    tcase_add_test(tcase, a_task_that_shall_not_run_has_its_resources_removed_at_once_without_an_operation);
    tcase_add_test(tcase, the_first_reason_counts_and_is_made_presentable);
    tcase_add_test(tcase, of_two_that_fail_in_one_moment_the_first_gives_the_reason);
    tcase_add_test(tcase, a_runtime_that_has_no_name_for_a_volume_leaves_it_ours);
    tcase_add_test(tcase, a_failure_without_words_has_the_references);
    tcase_add_test(tcase, an_unsupported_resource_is_told_by_name_and_type_and_not_removed);
    tcase_add_test(tcase, a_creation_that_is_never_answered_is_the_references_timeout);
    tcase_add_test(tcase, the_cleanup_removes_the_containers_first);
    tcase_add_test(tcase, one_that_is_gone_already_is_removed);
    tcase_add_test(tcase, a_removal_that_is_refused_five_times_is_given_up);
    tcase_add_test(tcase, a_removal_is_tried_as_long_as_the_runtime_is_away);
    tcase_add_test(tcase, a_removal_that_the_host_knows_nothing_of_is_not_tried_again);
    tcase_add_test(tcase, the_cleanup_waits_for_a_creation_that_is_under_way);
    tcase_add_test(tcase, looking_for_a_shared_volume_is_given_up_by_the_cleanup);
    tcase_add_test(tcase, a_shared_volume_is_known_by_its_name_and_never_removed);
    tcase_add_test(tcase, a_shared_volume_that_is_there_is_not_compared_unless_asked_for);
    tcase_add_test(tcase, one_that_must_be_there_is_never_compared);
    tcase_add_test(tcase, a_difference_is_told_as_go_prints_maps);
    tcase_add_test(tcase, a_volume_that_is_made_too_late_is_removed_again);
    tcase_add_test(tcase, what_a_host_makes_too_late_or_by_halves_is_taken_away_again);
    tcase_add_test(tcase, what_was_refused_late_needs_no_removal);
    tcase_add_test(tcase, what_was_made_too_late_is_remembered_by_the_next_engine);
    tcase_add_test(tcase, a_restored_resource_that_was_made_goes_on);
    tcase_add_test(tcase, a_restored_resource_that_was_being_made_is_made_again_and_removed_in_any_case);
    tcase_add_test(tcase, a_task_that_was_stopped_in_the_queue_has_nothing_to_remove);
    tcase_add_test(tcase, the_first_word_gets_capitals_and_white_space_is_one_blank);
}

int main(void) { return made_run("resource", fill); }

/* SPDX-License-Identifier: Apache-2.0 */
/* What a create makes after it was given up: whoever still looks after it, or else its removal by the engine itself, in this life and in
 * the next (task-engine: section 5.4). */
#include "made.h"

#include "engine/cleanup.h"
#include "engine/container.h"
#include "engine/orphans.h"
#include "model/record.h"

#define NAME_LAST "'containerDefinitions':[{'name':'web','image':'nginx','memory':4}]}"
#define HEAD(family) "{'taskArn':'" ARN "','family':'" family "','revision':3,"
#define VOLUME(config) "'volumes':[{'name':'data','dockerVolumeConfiguration':{" config "}}],"
#define KEY "'ecsengine.resources':[{'name':'key','type':'secret','config':{'a':1}}],"

/* How far the task of the create has come when the answer is there. */
enum moment { STILL_THERE, BEING_REMOVED, REMOVED, TASK_GONE };

static const struct {
    const char *document;
    enum ecsengine_op_kind create, remove;
} kinds[] = {
    {HEAD("fam") NAME_LAST, ECSENGINE_OP_CREATE, ECSENGINE_OP_REMOVE},
    {HEAD("fam") VOLUME("'driver':'local'") NAME_LAST, ECSENGINE_OP_VOLUME_CREATE, ECSENGINE_OP_VOLUME_REMOVE},
    {HEAD("fam") KEY NAME_LAST, ECSENGINE_OP_RESOURCE_CREATE, ECSENGINE_OP_RESOURCE_REMOVE},
};

static struct task *task;

static void begin(void)
{
    made_start();
    made_set("engine-task-cleanup-wait-duration", "1s");
    made_open();
    made_settle();
}

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

/* A create that is given up, for its time is over. */
static struct ecsengine_op *given_up(const char *document, enum ecsengine_op_kind kind)
{
    task = made_add(document);
    struct ecsengine_op *create = made_until(kind);
    ck_assert_ptr_nonnull(create);
    while (!create->answered)
        made_wait();
    return create;
}

/* The removal that its task's cleanup asks for, unanswered. */
static struct ecsengine_op *removal(enum ecsengine_op_kind kind)
{
    struct ecsengine_op *op;

    for (int i = 0; i < 20; i++) {
        while ((op = made_next()) != NULL) {
            if (op->kind == kind)
                return op;
            made_good(op);
        }
        acknowledge();
        made_wait();
    }
    ck_abort_msg("nothing is removed");
}

/* The task ends, and its record too. */
static void task_goes(void)
{
    for (int i = 0; i < 20 && !task->deleted; i++) {
        made_settle();
        acknowledge();
        if (!task->deleted && heap_min(&made.timers) != NULL)
            made_wait();
    }
    ck_assert(task->deleted);
    list_remove(&task->dirty);
    cleanup_forget(&made, task);
    ck_assert_ptr_null(engine_find_task(&made, ARN));
}

static struct orphan *orphan(void)
{
    ck_assert(!list_empty(&made.orphans));
    return container_of(made.orphans.next, struct orphan, link);
}

/* Until it is answered a removal is on the books; after that it's the record alone that is left. */
static void answered_well(struct ecsengine_op *op)
{
    made_good(op);
    ck_assert(orphan()->gone);
    orphans_settle(&made);
    ck_assert(list_empty(&made.orphans));
}

START_TEST(what_nobody_looks_after_any_more_is_removed_by_the_engine)
{
    int kind = _i / 4;
    enum moment moment = (enum moment)(_i % 4);
    struct ecsengine_op *swept = NULL;

    begin();
    struct ecsengine_op *create = given_up(kinds[kind].document, kinds[kind].create);
    struct str *name = str_ref(create->runtime_name);
    if (moment != STILL_THERE)
        swept = removal(kinds[kind].remove);
    if (moment >= REMOVED) {
        made_good(swept);
        swept = NULL;
    }
    if (moment == TASK_GONE)
        task_goes();
    ck_assert_int_eq(moment != TASK_GONE, engine_find_task(&made, ARN) != NULL);
    struct ecsengine_result *result = made_result();
    if (kind == 0)
        ck_assert_int_eq(0, ecsengine_result_set_container_id(result, "the-late-one"));
    made_answer(create, result);
    if (moment == STILL_THERE) {
        ck_assert(list_empty(&made.orphans));
        if (kind == 0)
            ck_assert_str_eq("the-late-one", str_text(task->containers[0].runtime_id));
    } else {
        struct ecsengine_op *op = removal(kinds[kind].remove);
        ck_assert_ptr_eq(orphan()->op, op);
        ck_assert_str_eq(name->data, ecsengine_op_runtime_name(op));
        ck_assert_int_eq(kind == 0, op->force);
        ck_assert_str_eq(kind == 0 ? "the-late-one" : "", str_text(op->runtime_id));
        answered_well(op);
    }
    if (swept != NULL)
        made_good(swept);
    str_unref(name);
    made_close();
}
END_TEST

START_TEST(a_later_task_of_the_same_arn_does_not_look_after_what_is_not_its_own)
{
    static const char *const later[] = {HEAD("fam") NAME_LAST, HEAD("other") VOLUME("'driver':'local'") NAME_LAST};

    begin();
    struct ecsengine_op *create = given_up(kinds[1].document, kinds[1].create);
    made_good(removal(kinds[1].remove));
    task_goes();
    task = made_add(later[_i]);
    made_settle();
    made_good(create);
    struct ecsengine_op *op = removal(ECSENGINE_OP_VOLUME_REMOVE);
    ck_assert_int_eq(0, strncmp("ecs-fam-3-data-", ecsengine_op_volume_name(op), 15));
    answered_well(op);
    made_close();
}
END_TEST

/* Its removal is by name and by force. */
START_TEST(what_is_looked_for_has_no_name_of_a_later_task_of_the_same_arn)
{
    static const char document[] = HEAD("fam") VOLUME("'driver':'local'") NAME_LAST;
    struct str *names[2];

    begin();
    task = made_add(document);
    names[0] = str_ref(task->containers[0].runtime_name);
    names[1] = str_ref(task->resources[0].runtime_name);
    made_settle();
    made_stop(task);
    task_goes();
    made.next_number = 0; /* as in a life that has no record of it */
    task = made_add(document);
    ck_assert_str_ne(names[0]->data, str_text(task->containers[0].runtime_name));
    ck_assert_str_ne(names[1]->data, str_text(task->resources[0].runtime_name));
    str_unref(names[0]);
    str_unref(names[1]);
    made_settle();
    made_close();
}
END_TEST

START_TEST(a_shared_volume_that_was_made_late_is_to_stay)
{
    begin();
    struct ecsengine_op *look, *create;
    task = made_add(HEAD("fam") VOLUME("'scope':'shared','autoprovision':true") NAME_LAST);
    look = made_until(ECSENGINE_OP_VOLUME_INSPECT);
    made_fail(look, ECSENGINE_FAILURE_NOT_FOUND, NULL, "no such volume");
    create = made_until(ECSENGINE_OP_VOLUME_CREATE);
    ck_assert_ptr_nonnull(create);
    while (!create->answered)
        made_wait();
    task_goes();
    made_good(create);
    ck_assert(list_empty(&made.orphans));
    made_close();
}
END_TEST

/* What a create says, late, of what it has made. */
START_TEST(only_a_plain_refusal_proves_that_nothing_was_made)
{
    static const struct {
        enum ecsengine_failure kind;
        const char *id;
        bool made_nothing;
    } answers[] = {
        {ECSENGINE_FAILURE_OTHER, NULL, true},        {ECSENGINE_FAILURE_NOT_FOUND, NULL, true},
        {ECSENGINE_FAILURE_OTHER, "half-made", false}, {ECSENGINE_FAILURE_UNREACHABLE, NULL, false},
        {ECSENGINE_FAILURE_CANCELLED, NULL, false},   {ECSENGINE_FAILURE_NONE, NULL, false},
    };

    begin();
    struct ecsengine_op *create = given_up(kinds[0].document, kinds[0].create);
    made_good(removal(kinds[0].remove));
    task_goes();
    struct ecsengine_result *result = made_result();
    if (answers[_i].kind != ECSENGINE_FAILURE_NONE)
        ck_assert_int_eq(0, ecsengine_result_set_failure(result, answers[_i].kind, "late"));
    if (answers[_i].id != NULL)
        ck_assert_int_eq(0, ecsengine_result_set_container_id(result, answers[_i].id));
    made_answer(create, result);
    ck_assert_int_eq(answers[_i].made_nothing, list_empty(&made.orphans));
    if (!answers[_i].made_nothing)
        answered_well(removal(ECSENGINE_OP_REMOVE));
    made_close();
}
END_TEST

enum { LOOKS = 8 };

/* How often it is looked for until it is believed that it will not come any more. */
static unsigned looks_in_vain(enum ecsengine_op_kind kind)
{
    unsigned looks = 0;

    for (; !orphan()->gone; looks++)
        made_fail(removal(kind), ECSENGINE_FAILURE_NOT_FOUND, NULL, "no such thing");
    ck_assert(!heap_has(&orphan()->retry.node));
    ck_assert_uint_eq(0, orphan()->refusals);
    orphans_settle(&made);
    return looks;
}

/* Its task is gone. What is left is what knows its name. */
static struct ecsengine_op *may_yet_come(int kind)
{
    begin();
    struct ecsengine_op *create = given_up(kinds[kind].document, kinds[kind].create);
    made_fail(removal(kinds[kind].remove), ECSENGINE_FAILURE_NOT_FOUND, NULL, "no such thing");
    return create;
}

START_TEST(without_an_answer_it_may_have_made_something)
{
    begin();
    struct ecsengine_op *create = given_up(kinds[_i].document, kinds[_i].create);
    made_good(removal(kinds[_i].remove));
    task_goes();
    made_answer(create, NULL);
    if (_i == 2) { /* a host takes away what is not there, too: that proves nothing */
        made_good(removal(kinds[_i].remove));
        ck_assert(!orphan()->gone);
        ck_assert_uint_le(looks_in_vain(kinds[_i].remove), LOOKS);
    } else {
        answered_well(removal(kinds[_i].remove));
    }
    made_close();
}
END_TEST

START_TEST(what_may_yet_come_is_known_before_its_task_is_gone)
{
    struct ecsengine_op *create = may_yet_come(_i);

    ck_assert_str_eq(create->runtime_name->data, orphan()->runtime_name->data);
    ck_assert(list_linked(&orphan()->dirty) && list_linked(&task->dirty)); /* so both are in one batch */
    ck_assert(_i == 0 ? task->containers[0].removed : task->resources[0].removed);
    ck_assert(!orphan()->gone);
    task_goes();
    made_answer(create, NULL);
    made_close();
}
END_TEST

START_TEST(what_may_yet_come_is_looked_for_less_and_less_often_and_not_for_ever)
{
    struct ecsengine_op *create = may_yet_come(_i);

    task_goes();
    int64_t begun_ns = made.mono_ns;
    ck_assert_uint_eq(LOOKS, looks_in_vain(kinds[_i].remove));
    ck_assert_int_gt(made.mono_ns - begun_ns, 90 * NS_PER_MINUTE);
    ck_assert_int_lt(made.mono_ns - begun_ns, 110 * NS_PER_MINUTE);
    ck_assert(list_empty(&made.orphans));
    made_good(create); /* later still */
    answered_well(removal(kinds[_i].remove));
    made_close();
}
END_TEST

/* What a create says that nobody waits for any more, but that is looked for. */
START_TEST(the_late_answer_says_what_becomes_of_what_is_looked_for)
{
    static const struct {
        enum ecsengine_failure kind;
        const char *id;
        bool over;
    } answers[] = {
        {ECSENGINE_FAILURE_OTHER, NULL, true},
        {ECSENGINE_FAILURE_NONE, "the-late-one", false},
        {ECSENGINE_FAILURE_CONFLICT, NULL, false}, /* an earlier life of ours has made it */
        {ECSENGINE_FAILURE_UNREACHABLE, NULL, false},
    };
    int answer = _i % 4;
    bool looking = _i >= 4;
    struct ecsengine_op *create = may_yet_come(0), *look = NULL;

    if (looking)
        look = removal(ECSENGINE_OP_REMOVE);
    struct ecsengine_result *result = made_result();
    if (answers[answer].kind != ECSENGINE_FAILURE_NONE)
        ck_assert_int_eq(0, ecsengine_result_set_failure(result, answers[answer].kind, "late"));
    if (answers[answer].id != NULL)
        ck_assert_int_eq(0, ecsengine_result_set_container_id(result, answers[answer].id));
    made_answer(create, result);
    ck_assert_int_eq(answers[answer].over, orphan()->gone);
    if (!answers[answer].over) {
        ck_assert_int_eq(answers[answer].kind == ECSENGINE_FAILURE_UNREACHABLE, orphan()->unanswered);
        ck_assert_str_eq(answers[answer].id != NULL ? answers[answer].id : "", str_text(orphan()->runtime_id));
        struct ecsengine_op *op = removal(ECSENGINE_OP_REMOVE);
        ck_assert_ptr_ne(look, op); /* that one may have come too early */
        answered_well(op);
    }
    if (looking)
        made_good(look);
    made_close();
}
END_TEST

START_TEST(what_was_refused_before_it_was_looked_for_is_not_looked_for)
{
    begin();
    struct ecsengine_op *create = given_up(kinds[_i].document, kinds[_i].create);
    struct ecsengine_op *swept = removal(kinds[_i].remove);
    made_fail(create, _i == 2 ? ECSENGINE_FAILURE_UNSUPPORTED : ECSENGINE_FAILURE_OTHER, NULL, "no");
    made_fail(swept, ECSENGINE_FAILURE_NOT_FOUND, NULL, "no such thing");
    ck_assert(list_empty(&made.orphans));
    made_close();
}
END_TEST

START_TEST(of_what_its_record_alone_was_left_more_may_come)
{
    struct ecsengine_op *create = may_yet_come(0);

    task_goes();
    while (!orphan()->gone)
        made_fail(removal(ECSENGINE_OP_REMOVE), ECSENGINE_FAILURE_NOT_FOUND, NULL, "no such thing");
    made_good(create); /* before the record is deleted */
    ck_assert(!orphan()->gone);
    ck_assert_ptr_eq(made.orphans.next, made.orphans.prev);
    answered_well(removal(ECSENGINE_OP_REMOVE));
    made_close();
}
END_TEST

/* Two orphans: a container and a volume. */
static void two(struct ecsengine_op *removals[2])
{
    struct ecsengine_op *creates[2];

    begin();
    for (int i = 0; i < 2; i++) {
        creates[i] = given_up(kinds[i].document, kinds[i].create);
        made_good(removal(kinds[i].remove));
        task_goes();
    }
    for (int i = 0; i < 2; i++) {
        made_answer(creates[i], NULL);
        removals[i] = removal(kinds[i].remove);
    }
}

START_TEST(each_removal_answers_for_its_own)
{
    struct ecsengine_op *removals[2];

    two(removals);
    made_good(removals[1]);
    ck_assert(!container_of(made.orphans.next, struct orphan, link)->gone);
    ck_assert(container_of(made.orphans.prev, struct orphan, link)->gone);
    made_good(removals[0]);
    orphans_settle(&made);
    ck_assert(list_empty(&made.orphans));
    made_close();
}
END_TEST

START_TEST(the_answer_of_an_operation_that_removes_no_orphan_is_left_to_others)
{
    struct ecsengine_op *removals[2], other = {.kind = ECSENGINE_OP_REMOVE};
    struct failure well = {.kind = ECSENGINE_FAILURE_NONE};

    two(removals);
    ck_assert(!orphans_answer(&made, &other, &well));
    for (int i = 0; i < 2; i++)
        made_good(removals[i]);
    made_close();
}
END_TEST

START_TEST(five_refusals_are_enough_and_an_absent_runtime_is_none)
{
    struct ecsengine_op *removals[2];
    struct orphan *first;

    two(removals);
    made_good(removals[1]);
    orphans_settle(&made);
    first = orphan();
    made_fail(removals[0], ECSENGINE_FAILURE_UNREACHABLE, NULL, "away");
    for (int refusal = 1; refusal <= 5; refusal++) {
        ck_assert(!first->gone);
        made_fail(removal(ECSENGINE_OP_REMOVE), ECSENGINE_FAILURE_OTHER, NULL, "busy");
        ck_assert_uint_eq((unsigned)refusal, first->refusals);
    }
    ck_assert(first->gone);
    ck_assert(!heap_has(&first->retry.node));
    made_close();
}
END_TEST

START_TEST(that_there_is_nothing_of_the_name_is_a_good_answer)
{
    begin();
    struct ecsengine_op *create = given_up(kinds[0].document, kinds[0].create);
    made_good(removal(kinds[0].remove));
    task_goes();
    made_good(create);
    made_fail(removal(kinds[0].remove), ECSENGINE_FAILURE_NOT_FOUND, NULL, "no such container");
    ck_assert(orphan()->gone);
    ck_assert_uint_eq(0, orphan()->refusals);
    made_close();
}
END_TEST

/* ---- the next life ---- */

/* The body of a record. `definition`: NULL: none. */
static void put(struct buf *record, const char *arn, const char *name, const char *id, uint64_t resource, const struct definition *definition)
{
    buf_init(record, &made_root.mem, 0);
    record_text(record, arn, strlen(arn));
    record_text(record, name, strlen(name));
    record_text(record, id, strlen(id));
    record_number(record, resource);
    if (definition != NULL)
        buf_put(record, definition->content, definition->content_len);
    ck_assert_int_eq(0, record->failed);
}

static int restored(const struct buf *record)
{
    struct record_reader body = {.at = (unsigned char *)record->data, .end = (unsigned char *)record->data + record->len};

    return orphans_restore(&made, "orphan/name", &body);
}

START_TEST(a_record_that_makes_no_sense_is_refused_and_leaves_nothing)
{
    struct buf record;
    char long_name[LIMIT_RUNTIME_NAME + 2], long_arn[LIMIT_ARN + 2];

    begin();
    task = made_task(kinds[1].document);
    memset(long_name, 'x', sizeof(long_name) - 1);
    long_name[sizeof(long_name) - 1] = '\0';
    memset(long_arn, 'x', sizeof(long_arn) - 1);
    long_arn[sizeof(long_arn) - 1] = '\0';
    const struct {
        const char *arn, *name, *id;
        uint64_t resource;
        const struct definition *definition;
    } records[] = {
        {ARN, "", "id", 0, NULL},                          /* without a name nothing can be removed */
        {long_arn, "name", "id", 0, NULL},                 /* longer than anything of its kind */
        {ARN, long_name, "id", 0, NULL},                   /* */
        {ARN, "name", "id", 0, task->definition},          /* something follows the end */
        {ARN, "name", "", 2, task->definition},            /* a resource that the definition does not have */
        {ARN, "name", "", LIMIT_RESOURCES + 1, task->definition},
        {ARN, "name", "", 1, NULL},                        /* a resource without its definition */
    };
    for (size_t i = 0; i < sizeof(records) / sizeof(records[0]); i++) {
        put(&record, records[i].arn, records[i].name, records[i].id, records[i].resource, records[i].definition);
        ck_assert_int_eq(ECSENGINE_ECORRUPT, restored(&record));
        ck_assert(list_empty(&made.orphans));
        buf_free(&record);
    }
    task_free(task);
    made_close();
}
END_TEST

START_TEST(an_orphan_is_restored_whole_or_there_is_no_memory)
{
    struct buf record;
    int code;

    begin();
    task = made_task(kinds[1].document);
    put(&record, ARN, "name", "id", _i == 0 ? 0 : 1, _i == 0 ? NULL : task->definition);
    unit.calls = 0;
    unit.fail_at = 1;
    for (; (code = restored(&record)) != 0; unit.fail_at++) {
        ck_assert_int_eq(ECSENGINE_ENOMEM, code);
        ck_assert(list_empty(&made.orphans));
        unit.calls = 0;
    }
    ck_assert_int_gt(unit.fail_at, 4); /* the orphan, its ARN, its name, its id */
    unit.fail_at = 0;
    struct ecsengine_op *op = made_until(_i == 0 ? ECSENGINE_OP_REMOVE : ECSENGINE_OP_VOLUME_REMOVE);
    ck_assert_ptr_nonnull(op);
    ck_assert_str_eq("name", ecsengine_op_runtime_name(op));
    ck_assert_str_eq("id", str_text(op->runtime_id));
    ck_assert_str_eq(ARN, ecsengine_op_task_arn(op));
    answered_well(op);
    buf_free(&record);
    task_free(task);
    made_close();
}
END_TEST

/* What has an id was made. Of all else nobody knows whether it was answered. */
START_TEST(the_next_life_looks_for_what_may_yet_come)
{
    struct buf record;

    begin();
    put(&record, ARN, "name", _i == 0 ? "" : "id", 0, NULL);
    ck_assert_int_eq(0, restored(&record));
    ck_assert_uint_eq(_i == 0 ? 1 + LOOKS : 1, looks_in_vain(ECSENGINE_OP_REMOVE));
    buf_free(&record);
    made_close();
}
END_TEST

static void fill(TCase *tcase)
{
    tcase_add_loop_test(tcase, what_nobody_looks_after_any_more_is_removed_by_the_engine, 0, 12);
    tcase_add_loop_test(tcase, a_later_task_of_the_same_arn_does_not_look_after_what_is_not_its_own, 0, 2);
    tcase_add_test(tcase, what_is_looked_for_has_no_name_of_a_later_task_of_the_same_arn);
    tcase_add_test(tcase, a_shared_volume_that_was_made_late_is_to_stay);
    tcase_add_loop_test(tcase, only_a_plain_refusal_proves_that_nothing_was_made, 0, 6);
    tcase_add_loop_test(tcase, without_an_answer_it_may_have_made_something, 0, 3);
    tcase_add_loop_test(tcase, what_may_yet_come_is_known_before_its_task_is_gone, 0, 3);
    tcase_add_loop_test(tcase, what_may_yet_come_is_looked_for_less_and_less_often_and_not_for_ever, 0, 3);
    tcase_add_loop_test(tcase, the_late_answer_says_what_becomes_of_what_is_looked_for, 0, 8);
    tcase_add_loop_test(tcase, what_was_refused_before_it_was_looked_for_is_not_looked_for, 0, 3);
    tcase_add_test(tcase, of_what_its_record_alone_was_left_more_may_come);
    tcase_add_test(tcase, each_removal_answers_for_its_own);
    tcase_add_test(tcase, the_answer_of_an_operation_that_removes_no_orphan_is_left_to_others);
    tcase_add_test(tcase, five_refusals_are_enough_and_an_absent_runtime_is_none);
    tcase_add_test(tcase, that_there_is_nothing_of_the_name_is_a_good_answer);
    tcase_add_test(tcase, a_record_that_makes_no_sense_is_refused_and_leaves_nothing);
    tcase_add_loop_test(tcase, an_orphan_is_restored_whole_or_there_is_no_memory, 0, 2);
    tcase_add_loop_test(tcase, the_next_life_looks_for_what_may_yet_come, 0, 2);
}

int main(void) { return made_run("orphans", fill); }

/* SPDX-License-Identifier: Apache-2.0 */
/* Commands one by one, and the names that containers get with their admission (task-engine: sections 2.2, 5.10). */
#include "made.h"

#include "engine/command.h"

#define WEB "{'name':'web','image':'nginx','memory':64}"

/* The name of the only container of a payload's task (a definition's has no such letters), without the twenty digits. */
static const char *name_of(const char *container)
{
    static char head[LIMIT_RUNTIME_NAME + 1];
    char document[2048];

    snprintf(document, sizeof(document), "{'arn':'" ARN "','family':'fam','version':'3','desiredStatus':'RUNNING','containers':[{'name':'%s','image':'nginx',"
             "'essential':true}]}", container);
    made_open();
    made_settle();
    struct task *task = made_add(document);
    snprintf(head, sizeof(head), "%s", str_text(task->containers[0].runtime_name));
    char *digits = strrchr(head, '-');
    ck_assert_ptr_nonnull(digits);
    ck_assert_uint_eq(20, strlen(digits + 1));
    ck_assert_uint_eq(20, strspn(digits + 1, "0123456789abcdef"));
    *digits = '\0';
    return head;
}

static void end(void)
{
    struct ecsengine_op *op;

    while ((op = made_next()) != NULL)
        op_unref(op);
    made_close();
}

START_TEST(a_name_is_of_family_revision_container_and_twenty_digits)
{
    ck_assert_str_eq("ecs-fam-3-web", name_of("web"));
    end();
}
END_TEST

/* Each border of what Docker allows, and the letter beyond it. */
START_TEST(other_letters_are_left_out_of_a_name)
{
    ck_assert_str_eq("ecs-fam-3-azAZ09-", name_of("`a{z@A[Z/0:9-_."));
    end();
}
END_TEST

START_TEST(the_longest_name_fits)
{
    char name[256];

    memset(name, 'x', 255);
    name[255] = '\0';
    ck_assert_uint_eq(strlen("ecs-fam-3-") + 255, strlen(name_of(name)));
    end();
}
END_TEST

START_TEST(containers_of_one_name_in_two_tasks_have_two)
{
    made_open();
    made_settle();
    struct task *one = made_add(TASK(WEB));
    struct task *two = made_add("{'taskArn':'" ARN_HEAD "t2','family':'fam','revision':3,'containerDefinitions':[" WEB "]}");
    ck_assert_str_ne(str_text(one->containers[0].runtime_name), str_text(two->containers[0].runtime_name));
    ck_assert_uint_lt(one->number, two->number);
    end();
}
END_TEST

/* ---- answers ---- */

static char words[128]; /* of the last answer */

/* The code that a command is answered with; the task of an ADD is taken or given back. */
static int answer(enum command_kind kind, const char *arn, struct task *task, enum ecsengine_task_status desired)
{
    struct command command = {.input.kind = INPUT_COMMAND, .kind = kind, .id = 7, .task = task, .desired = desired};
    struct list *node;
    int code = 1;

    words[0] = '\0';
    command.arn = str_new(&made_root.mem, arn, strlen(arn));
    command.done = event_init(mem_zalloc(&made_root.mem, sizeof(*command.done)), &made_root, ECSENGINE_EVENT_COMMAND_DONE);
    made_apply(&command.input);
    if (command.task != NULL)
        task_free(command.task);
    str_unref(command.arn);
    while ((node = list_shift(&made.events_out)) != NULL) {
        struct ecsengine_event *event = container_of(node, struct ecsengine_event, link);
        if (event->kind == ECSENGINE_EVENT_COMMAND_DONE && event->command_id == 7)
            code = event->command_code, snprintf(words, sizeof(words), "%s", str_text(event->reason));
        ecsengine_event_free(event);
    }
    return code;
}

START_TEST(a_stop_of_nobody_finds_nobody)
{
    made_open();
    made_settle();
    ck_assert_int_eq(ECSENGINE_ENOTFOUND, answer(COMMAND_TASK_STOP, ARN, NULL, 0));
    ck_assert_int_eq(ECSENGINE_ENOTFOUND, answer(COMMAND_TASK_KILL, ARN, NULL, 0));
    end();
}
END_TEST

START_TEST(a_task_that_is_known_is_answered_well_whatever_it_shall_be)
{
    made_open();
    made_settle();
    struct task *task = made_add(TASK(WEB));
    ck_assert_int_eq(0, answer(COMMAND_TASK_ADD, ARN, made_task(TASK(WEB)), ECSENGINE_TASK_RUNNING));
    ck_assert_int_eq(ECSENGINE_TASK_RUNNING, task->desired);
    ck_assert_int_eq(0, answer(COMMAND_TASK_ADD, ARN, made_task(TASK(WEB)), ECSENGINE_TASK_STOPPED));
    ck_assert_int_eq(ECSENGINE_TASK_STOPPED, task->desired);
    ck_assert_uint_eq(1, made.tasks.count);
    end();
}
END_TEST

/* It runs, is stopped, and is being removed from the runtime. */
static struct task *cleaning(void)
{
    made_set("cleanup-waits-for-ack", "false");
    made_open();
    made_settle();
    struct task *task = made_add(TASK(WEB));
    made_settle();
    ck_assert_int_eq(ECSENGINE_TASK_RUNNING, task->known);
    made_stop(task);
    made_settle();
    ck_assert_int_eq(ECSENGINE_TASK_STOPPED, task->known);
    for (int i = 0; i < 1000 && task->phase == TASK_ACTIVE; i++) {
        struct ecsengine_op *op;
        made_wait();
        while (task->phase == TASK_ACTIVE && (op = made_next()) != NULL)
            made_good(op);
    }
    ck_assert_int_eq(TASK_CLEANING, task->phase);
    return task;
}

START_TEST(a_task_that_is_being_removed_is_not_there_for_a_new_one)
{
    struct task *task = cleaning();

    ck_assert_int_eq(ECSENGINE_EEXIST, answer(COMMAND_TASK_ADD, ARN, made_task(TASK(WEB)), ECSENGINE_TASK_RUNNING));
    ck_assert_str_eq("a stopped task of this ARN is being cleaned up", words);
    ck_assert_int_eq(0, answer(COMMAND_TASK_ADD, ARN, made_task(TASK(WEB)), ECSENGINE_TASK_STOPPED)); /* it is past that */
    ck_assert_int_eq(0, answer(COMMAND_TASK_STOP, ARN, NULL, 0));
    ck_assert_int_eq(0, answer(COMMAND_TASK_KILL, ARN, NULL, 0));
    ck_assert_int_eq(TASK_CLEANING, task->phase);
    end();
}
END_TEST

START_TEST(a_task_whose_removal_is_not_acknowledged_is_not_there_for_a_new_one)
{
    struct task *task = cleaning();

    made_settle();
    ck_assert_int_eq(TASK_REMOVED, task->phase);
    ck_assert_int_eq(ECSENGINE_EEXIST, answer(COMMAND_TASK_ADD, ARN, made_task(TASK(WEB)), ECSENGINE_TASK_RUNNING));
    ck_assert_str_eq("a former task of this ARN is still known: its last event was not acknowledged yet", words);
    end();
}
END_TEST

START_TEST(a_number_that_is_known_is_not_written_again)
{
    made_open();
    made_settle();
    for (int i = 0; i < 2; i++) {
        struct command command = {.input.kind = INPUT_COMMAND, .kind = COMMAND_PAYLOAD_SEQUENCE, .id = 7, .number = 42};
        command.done = event_init(mem_zalloc(&made_root.mem, sizeof(*command.done)), &made_root, ECSENGINE_EVENT_COMMAND_DONE);
        made.instance_dirty = false;
        made_apply(&command.input);
        ck_assert_int_eq(42, made.manifest_number);
        ck_assert_int_eq(i == 0, made.instance_dirty);
    }
    end();
}
END_TEST

START_TEST(the_limit_of_tasks_is_one_that_is_reached)
{
    made_set("task-limit", "1");
    made_open();
    made_settle();
    ck_assert_int_eq(0, answer(COMMAND_TASK_ADD, ARN, made_task(TASK(WEB)), ECSENGINE_TASK_RUNNING));
    struct task *second = made_task("{'taskArn':'" ARN_HEAD "t2','family':'fam','revision':3,'containerDefinitions':[" WEB "]}");
    ck_assert_int_eq(ECSENGINE_ELIMIT, answer(COMMAND_TASK_ADD, ARN_HEAD "t2", second, ECSENGINE_TASK_RUNNING));
    ck_assert_uint_eq(1, made.tasks.count);
    end();
}
END_TEST

/* Each table in its turn is as if it were full, and can not grow. */
START_TEST(without_room_in_each_table_nothing_is_added)
{
    enum { MANY = 1 << 20 };
    size_t *const counts[] = {&made.tasks.count, &made.container_count, &made.container_count, &made.definitions.count,
                              &made.needs.count, &made.needs.count, &made.credentials.count};
    struct map *const grown[] = {NULL, NULL, &made.by_id, NULL, NULL, &made.needs, NULL}; /* which would be asked before it */

    made_open();
    made_settle();
    struct task *task = made_task(TASK(WEB));
    struct command command = {.input.kind = INPUT_COMMAND, .kind = COMMAND_TASK_ADD, .id = 1, .task = task, .arn = str_ref(task->arn)};
    command.desired = ECSENGINE_TASK_RUNNING;
    command.done = event_init(mem_zalloc(&made_root.mem, sizeof(*command.done)), &made_root, ECSENGINE_EVENT_COMMAND_DONE);
    made.settings.task_limit = 2 * MANY;
    for (size_t i = 0; i < sizeof(counts) / sizeof(counts[0]); i++) {
        size_t count = *counts[i];
        if (grown[i] != NULL)
            ck_assert_int_eq(0, map_reserve(grown[i], MANY + 1));
        *counts[i] = MANY;
        ck_assert_int_eq(0, engine_reserve(&made, task));
        unit.fail_all = true;
        int rc = command_apply(&made, &command);
        unit.fail_all = false;
        *counts[i] = count;
        ck_assert_int_eq(ECSENGINE_ENOMEM, rc);
        ck_assert_uint_eq(0, made.tasks.count);
        ck_assert(command.task == task && command.done != NULL);
    }
    made_apply(&command.input);
    ck_assert_uint_eq(1, made.tasks.count);
    str_unref(command.arn);
    end();
}
END_TEST

START_TEST(without_room_for_credentials_a_task_that_is_known_is_not_updated)
{
    made_open();
    made_settle();
    struct task *task = made_add(TASK(WEB));
    struct command command = {.input.kind = INPUT_COMMAND, .kind = COMMAND_TASK_ADD, .id = 1, .arn = str_ref(task->arn)};
    command.desired = ECSENGINE_TASK_STOPPED;
    command.done = event_init(mem_zalloc(&made_root.mem, sizeof(*command.done)), &made_root, ECSENGINE_EVENT_COMMAND_DONE);
    size_t count = made.credentials.count;
    made.credentials.count = 1 << 20; /* as if the table were full */
    ck_assert_int_eq(0, engine_reserve(&made, task));
    unit.fail_all = true;
    ck_assert_int_eq(ECSENGINE_ENOMEM, command_apply(&made, &command));
    unit.fail_all = false;
    ck_assert(task->desired == ECSENGINE_TASK_RUNNING && command.done != NULL);
    made.credentials.count = count;
    made_apply(&command.input);
    ck_assert_int_eq(ECSENGINE_TASK_STOPPED, task->desired);
    str_unref(command.arn);
    end();
}
END_TEST

static void fill(TCase *tcase)
{
    tcase_add_checked_fixture(tcase, made_start, NULL);
    tcase_add_test(tcase, a_name_is_of_family_revision_container_and_twenty_digits);
    tcase_add_test(tcase, other_letters_are_left_out_of_a_name);
    tcase_add_test(tcase, the_longest_name_fits);
    tcase_add_test(tcase, containers_of_one_name_in_two_tasks_have_two);
    tcase_add_test(tcase, a_stop_of_nobody_finds_nobody);
    tcase_add_test(tcase, a_task_that_is_known_is_answered_well_whatever_it_shall_be);
    tcase_add_test(tcase, a_task_that_is_being_removed_is_not_there_for_a_new_one);
    tcase_add_test(tcase, the_limit_of_tasks_is_one_that_is_reached);
    tcase_add_test(tcase, without_room_in_each_table_nothing_is_added);
    tcase_add_test(tcase, without_room_for_credentials_a_task_that_is_known_is_not_updated);
    tcase_add_test(tcase, a_task_whose_removal_is_not_acknowledged_is_not_there_for_a_new_one);
    tcase_add_test(tcase, a_number_that_is_known_is_not_written_again);
}

int main(void) { return made_run("command", fill); }

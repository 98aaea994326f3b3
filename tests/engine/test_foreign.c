/* SPDX-License-Identifier: Apache-2.0 */
/* Containers that carry the engine's label and that no record knows, and lost tasks: who is taken up, stopped, removed or left alone. */
#include "made.h"

#include "ecsengine/runtime.h"
#include "engine/container.h"
#include "engine/foreign.h"
#include "engine/orphans.h"

#define WEB "{'name':'web','image':'nginx','memory':64}"
#define GONE ARN_HEAD "gone"

static struct ecsengine_result *list;
static unsigned logged;
static char said[200];

static void count_logs(enum ecsengine_log_level level, int32_t id, const char *text, size_t len, void *data)
{
    (void)level;
    (void)data;
    if (id != MESSAGE_FOREIGN)
        return;
    logged++;
    snprintf(said, sizeof(said), "%.*s", (int)len, text);
}

static void begin(const char *mode)
{
    made_start();
    made_set("foreign-containers", mode);
    made_set("engine-task-cleanup-wait-duration", "1s");
    made_open();
    made.has_past = true;
    made.log = count_logs;
    made.log_minimum = ECSENGINE_LOG_WARNING;
    logged = 0;
    list = NULL;
}

/* The list that the engine asks for when the runtime is there. */
static struct ecsengine_op *asked(void)
{
    struct ecsengine_op *op = made_until(ECSENGINE_OP_LIST);

    ck_assert_ptr_nonnull(op);
    return op;
}

static void listed(const char *name, bool running, const char *arn, const char *container)
{
    char id[64];

    if (list == NULL)
        list = made_result();
    snprintf(id, sizeof(id), "id-%s", name);
    ck_assert_int_eq(0, ecsengine_result_add_container(list, id, name, running, ECSENGINE_HEALTH_UNKNOWN));
    ck_assert_int_eq(0, ecsengine_result_add_container_label(list, "com.amazonaws.ecs.task-arn", arn));
    ck_assert_int_eq(0, ecsengine_result_add_container_label(list, "com.amazonaws.ecs.container-name", container));
    ck_assert_int_eq(0, ecsengine_result_add_container_label(list, "com.amazonaws.ecs.task-definition-family", "family"));
    ck_assert_int_eq(0, ecsengine_result_add_container_label(list, "com.amazonaws.ecs.task-definition-version", "8"));
    ck_assert_int_eq(0, ecsengine_result_add_container_label(list, "somebody", "else"));
}

static void answer_list(struct ecsengine_op *op)
{
    made_answer(op, list != NULL ? list : made_result());
    list = NULL;
}

static struct task *found(const char *arn) { return engine_find_task(&made, arn); }

static void end(void)
{
    struct ecsengine_op *op;

    made_check();
    while ((op = made_next()) != NULL)
        op_unref(op);
    made_close();
}

START_TEST(an_engine_without_a_past_has_no_strangers)
{
    begin("adopt");
    made.has_past = false;
    made_settle(); /* in which no list is asked for */
    ck_assert(!made.look);
    end();
}
END_TEST

START_TEST(strangers_are_left_alone_and_that_is_said_once)
{
    begin("ignore");
    listed("x", true, GONE, "web");
    listed("y", true, "", "");
    answer_list(asked());
    ck_assert_uint_eq(2, logged);
    ck_assert_uint_eq(0, made.tasks.count);
    ck_assert(list_empty(&made.orphans));
    ck_assert(!made.look);
    made_add(TASK(WEB)); /* so that there is something to look at */
    made_settle();
    made_wait();
    listed("x", true, GONE, "web");
    answer_list(asked());
    ck_assert_uint_eq(2, logged); /* the periodic look does not repeat it */
    end();
}
END_TEST

START_TEST(strangers_of_one_task_become_that_task)
{
    begin("adopt");
    listed("x", true, GONE, "web");
    listed("z", true, ARN_HEAD "other", "web");
    listed("y", true, GONE, "db");
    answer_list(asked());
    ck_assert_uint_eq(2, made.tasks.count);
    ck_assert_str_eq(ARN_HEAD "other has 1 containers that no record knows; it is taken up", said);
    struct task *task = found(GONE);
    ck_assert_ptr_nonnull(task);
    ck_assert_uint_eq(2, task->container_count);
    ck_assert_str_eq("web", container_def(&task->containers[0])->name);
    ck_assert_str_eq("db", container_def(&task->containers[1])->name);
    ck_assert_str_eq("x", str_text(task->containers[0].runtime_name));
    ck_assert_str_eq("id-y", str_text(task->containers[1].runtime_id));
    ck_assert_str_eq("family", task->definition->family);
    ck_assert_str_eq("8", task->definition->version);
    ck_assert(!container_def(&task->containers[0])->essential && !task->charged);
    ck_assert_int_eq(ECSENGINE_TASK_RUNNING, task->desired);
    ck_assert_ptr_ne(task->definition, found(ARN_HEAD "other")->definition);
    made_settle(); /* they are inspected, and run */
    ck_assert_int_eq(ECSENGINE_TASK_RUNNING, task->known);
    end();
}
END_TEST

START_TEST(what_is_known_by_its_id_or_its_name_is_no_stranger)
{
    begin("stop");
    made.has_past = false;
    made_settle();
    struct task *task = made_add(TASK(WEB));
    made_settle();
    struct container *web = &task->containers[0];
    made_wait();
    struct ecsengine_op *op = asked();
    list = made_result();
    ck_assert_int_eq(0, ecsengine_result_add_container(list, str_text(web->runtime_id), "another", 1, ECSENGINE_HEALTH_UNKNOWN));
    ck_assert_int_eq(0, ecsengine_result_add_container(list, "another", str_text(web->runtime_name), 1, ECSENGINE_HEALTH_UNKNOWN));
    answer_list(op);
    ck_assert_uint_eq(0, logged);
    ck_assert_uint_eq(1, made.tasks.count);
    ck_assert(list_empty(&made.orphans));
    end();
}
END_TEST

START_TEST(with_stop_they_are_stopped)
{
    begin("stop");
    listed("x", true, GONE, "web");
    answer_list(asked());
    ck_assert_str_eq(GONE " has 1 containers that no record knows; it is stopped", said);
    struct task *task = found(GONE);
    ck_assert_int_eq(ECSENGINE_TASK_STOPPED, task->desired);
    struct ecsengine_op *op = made_until(ECSENGINE_OP_STOP);
    ck_assert_ptr_nonnull(op);
    ck_assert_str_eq("id-x", ecsengine_op_container(op));
    made_good(op);
    made_settle();
    ck_assert_int_eq(ECSENGINE_TASK_STOPPED, task->known);
    end();
}
END_TEST

START_TEST(what_does_not_run_is_not_started)
{
    begin("adopt");
    listed("x", false, GONE, "web");
    listed("y", true, GONE, "db");
    listed("z", false, ARN_HEAD "other", "web");
    answer_list(asked());
    ck_assert_int_eq(ECSENGINE_CONTAINER_STOPPED, found(GONE)->containers[0].desired);
    ck_assert_int_eq(ECSENGINE_CONTAINER_RUNNING, found(GONE)->containers[1].desired);
    ck_assert_int_eq(ECSENGINE_TASK_STOPPED, found(ARN_HEAD "other")->desired);
    struct ecsengine_op *op;
    while ((op = made_next()) != NULL) { /* the inspections */
        ck_assert_int_eq(ECSENGINE_OP_INSPECT, op->kind);
        struct ecsengine_result *record = made_result();
        ecsengine_result_set_container_id(record, ecsengine_op_container(op));
        ecsengine_result_set_running(record, strcmp(ecsengine_op_container(op), "id-y") == 0);
        made_answer(op, record);
    }
    ck_assert_int_eq(ECSENGINE_CONTAINER_STOPPED, found(GONE)->containers[0].known);
    ck_assert_int_eq(ECSENGINE_CONTAINER_RUNNING, found(GONE)->containers[1].known);
    ck_assert_int_eq(ECSENGINE_TASK_STOPPED, found(ARN_HEAD "other")->known);
    end();
}
END_TEST

START_TEST(two_of_one_name_are_told_apart_by_their_own)
{
    begin("adopt");
    listed("x", true, GONE, "web");
    listed("y", true, GONE, "web");
    listed("z", true, GONE, "");
    answer_list(asked());
    struct task *task = found(GONE);
    ck_assert_str_eq("web", container_def(&task->containers[0])->name);
    ck_assert_str_eq("y", container_def(&task->containers[1])->name);
    ck_assert_str_eq("z", container_def(&task->containers[2])->name);
    end();
}
END_TEST

/* A task has its own containers: another one that says that it is of it is none of them. Nor can one be told that says nothing. */
START_TEST(what_can_not_be_part_of_a_task_is_removed_or_left_alone)
{
    static const char *const modes[] = {"ignore", "adopt", "stop"};

    begin(modes[_i]);
    struct ecsengine_op *op = asked();
    made_add(TASK(WEB));
    listed("x", true, ARN, "web");
    listed("y", true, "", "web");
    answer_list(op);
    ck_assert_int_eq(_i > 0, orphans_has(&made, "x"));
    ck_assert_int_eq(_i > 1, orphans_has(&made, "y"));
    ck_assert_uint_eq(1, made.tasks.count);
    ck_assert_uint_eq(1, found(ARN)->container_count);
    ck_assert_uint_eq(2, logged);
    if (_i > 0) {
        op = made_until(ECSENGINE_OP_REMOVE);
        ck_assert_ptr_nonnull(op);
        ck_assert_str_eq(_i > 1 ? "y" : "x", ecsengine_op_container(op));
        ck_assert_int_eq(1, ecsengine_op_force(op));
        made_good(op);
    }
    end();
}
END_TEST

START_TEST(what_is_being_removed_already_is_no_stranger)
{
    begin("stop");
    struct ecsengine_op *op = asked();
    ck_assert_int_eq(0, orphans_adopt(&made, "x"));
    ck_assert_int_eq(0, orphans_adopt(&made, "x")); /* once */
    listed("x", true, GONE, "web");
    answer_list(op);
    ck_assert_uint_eq(0, made.tasks.count);
    ck_assert_uint_eq(0, logged);
    end();
}
END_TEST

/* The list was made before the container was removed, and came after. */
START_TEST(what_was_removed_meanwhile_is_old_news)
{
    begin("adopt");
    struct ecsengine_op *op = asked();
    struct str *name = str_new(made.mem, "x", 1);
    ck_assert_int_eq(0, engine_reserve(&made, NULL));
    foreign_gone(&made, name);
    foreign_gone(&made, NULL);
    str_unref(name);
    listed("x", true, GONE, "web");
    listed("y", true, ARN_HEAD "other", "web");
    answer_list(op);
    ck_assert_ptr_null(found(GONE));
    ck_assert_ptr_nonnull(found(ARN_HEAD "other"));
    ck_assert(list_empty(&made.gone));
    end();
}
END_TEST

/* ---- lost tasks ---- */

static void lose(const char *key)
{
    ck_assert_int_eq(ECSENGINE_ECORRUPT, restore_record(&made, key, "garbage", 7));
    ck_assert_int_eq(0, restore_end(&made));
    ck_assert_int_eq(TASK_LOST, found(GONE)->phase);
}

START_TEST(a_lost_task_is_stopped_whatever_is_done_with_strangers)
{
    static const char *const modes[] = {"ignore", "adopt", "stop"};

    begin(modes[_i]);
    lose("task/" GONE);
    listed("x", true, GONE, "web");
    answer_list(asked());
    struct task *task = found(GONE);
    ck_assert_int_eq(TASK_ACTIVE, task->phase);
    ck_assert_int_eq(ECSENGINE_TASK_STOPPED, task->desired);
    ck_assert_str_eq("StateLostError: the saved state of the task was damaged", str_text(task->reason));
    ck_assert_uint_eq(1, made.tasks.count);
    made_good(made_until(ECSENGINE_OP_STOP));
    made_settle();
    ck_assert_int_eq(ECSENGINE_TASK_STOPPED, task->known);
    end();
}
END_TEST

START_TEST(a_lost_task_of_which_nothing_is_left_has_ended)
{
    begin("ignore");
    lose("task/" GONE);
    struct ecsengine_op *op = asked();
    ck_assert_int_eq(ECSENGINE_TASK_NONE, found(GONE)->known);
    if (_i == 0)
        answer_list(op);
    else
        made_fail(op, ECSENGINE_FAILURE_UNSUPPORTED, NULL, "no lists");
    ck_assert_int_eq(ECSENGINE_TASK_STOPPED, found(GONE)->known);
    ck_assert(!made.look);
    end();
}
END_TEST

START_TEST(a_lost_task_waits_until_it_is_known_what_is_left)
{
    begin("ignore");
    lose("task/" GONE);
    for (int i = 0; i < 4; i++) {
        made_fail(asked(), ECSENGINE_FAILURE_UNREACHABLE, NULL, "no");
        ck_assert_int_eq(ECSENGINE_TASK_NONE, found(GONE)->known);
        ck_assert(made.look);
        made_wait();
    }
    answer_list(asked());
    ck_assert_int_eq(ECSENGINE_TASK_STOPPED, found(GONE)->known);
    end();
}
END_TEST

/* A list is taken whole, or it is not taken: the answer is still there. */
START_TEST(want_of_memory_changes_nothing)
{
    int code = ECSENGINE_ENOMEM, failures = 0;

    begin("stop");
    lose("task/" GONE);
    struct ecsengine_op *op = asked();
    listed("x", true, GONE, "web");
    listed("y", false, ARN_HEAD "other", "web");
    listed("z", true, "", "web");
    op->completed = true;
    op->result = list;
    for (; code != 0; failures++) {
        unit.calls = 0;
        unit.fail_at = failures + 1;
        code = engine_apply(&made, &op->completion);
        unit.fail_at = 0;
        ck_assert(code == 0 || code == ECSENGINE_ENOMEM);
        ck_assert_uint_eq(code == 0 ? 2 : 1, made.tasks.count);
        ck_assert_int_eq(code == 0 ? TASK_ACTIVE : TASK_LOST, found(GONE)->phase);
        ck_assert_int_eq(code == 0, orphans_has(&made, "z"));
        made_check();
    }
    ck_assert_int_gt(failures, 15);
    list = NULL;
    ck_assert_int_eq(0, engine_advance(&made));
    ck_assert(list_empty(&made.found));
    end();
}
END_TEST

/* What tells their ends is set aside before the list is taken. */
START_TEST(many_lost_tasks_end_without_another_byte)
{
    enum { TASKS = 200 };
    char key[128];
    int code = ECSENGINE_ENOMEM;

    begin("ignore");
    for (int i = 0; i < TASKS; i++) {
        snprintf(key, sizeof(key), "task/" ARN_HEAD "lost-%d", i);
        ck_assert_int_eq(ECSENGINE_ECORRUPT, restore_record(&made, key, "garbage", 7));
    }
    ck_assert_int_eq(0, restore_end(&made));
    struct ecsengine_op *op = asked();
    op->completed = true;
    op->result = made_result();
    for (unit.fail_from = 1; code != 0; unit.fail_from++) {
        unit.calls = 0;
        code = engine_apply(&made, &op->completion);
    }
    unit.fail_from = 0;
    ck_assert_int_eq(0, engine_advance(&made));
    for (const struct list *node = made.all.next; node != &made.all; node = node->next)
        ck_assert_int_eq(ECSENGINE_TASK_STOPPED, container_of(node, struct task, all)->known);
    end();
}
END_TEST

START_TEST(many_are_taken_up_and_the_tables_have_room_for_them)
{
    enum { TASKS = 100, EACH = 3 };
    char name[32], arn[128];

    begin("adopt");
    for (int i = 0; i < TASKS * EACH; i++) {
        snprintf(name, sizeof(name), "c%d", i);
        snprintf(arn, sizeof(arn), ARN_HEAD "of-%d", i % TASKS);
        listed(name, true, arn, name);
    }
    answer_list(asked());
    ck_assert_uint_eq(TASKS, made.tasks.count);
    ck_assert_uint_le(2 * TASKS, made.tasks.size);
    ck_assert_uint_le(2 * TASKS * EACH, made.by_id.size);
    end();
}
END_TEST

/* What comes up when its end was told already has no task to be told of. */
START_TEST(what_is_left_of_a_lost_task_that_has_ended_is_removed_or_left_alone)
{
    begin(_i == 0 ? "ignore" : "adopt");
    lose("task/" GONE);
    answer_list(asked());
    ck_assert_int_eq(ECSENGINE_TASK_STOPPED, found(GONE)->known);
    made_add(TASK(WEB)); /* so that there is something to look at */
    made_settle();
    made_wait();
    listed("x", true, GONE, "web");
    answer_list(asked());
    ck_assert_int_eq(TASK_LOST, found(GONE)->phase);
    ck_assert_uint_eq(0, found(GONE)->container_count);
    ck_assert_int_eq(_i == 1, orphans_has(&made, "x"));
    end();
}
END_TEST

START_TEST(a_task_has_no_more_containers_than_it_may_and_the_rest_is_removed)
{
    char name[32];

    begin("adopt");
    for (int i = 0; i <= LIMIT_CONTAINERS; i++) {
        snprintf(name, sizeof(name), "c%d", i);
        listed(name, true, GONE, name);
    }
    answer_list(asked());
    ck_assert_uint_eq(LIMIT_CONTAINERS, found(GONE)->container_count);
    ck_assert(!orphans_has(&made, "c999") && orphans_has(&made, "c1000"));
    end();
}
END_TEST

/* It has no name of its own: its id must do. */
START_TEST(one_without_a_name_has_none)
{
    begin("adopt");
    list = made_result();
    ck_assert_int_eq(0, ecsengine_result_add_container(list, "id-1", "", 1, ECSENGINE_HEALTH_UNKNOWN));
    ck_assert_int_eq(0, ecsengine_result_add_container_label(list, "com.amazonaws.ecs.task-arn", GONE));
    ck_assert_int_eq(0, ecsengine_result_add_container_label(list, "com.amazonaws.ecs.container-name", "web"));
    answer_list(asked());
    ck_assert_ptr_null(found(GONE)->containers[0].runtime_name);
    ck_assert_ptr_eq(&found(GONE)->containers[0], container_lookup(&made, "id-1"));
    end();
}
END_TEST

/* An orphan is removed by its name. */
START_TEST(one_without_a_name_and_a_task_is_not_removed)
{
    begin("stop");
    list = made_result();
    ck_assert_int_eq(0, ecsengine_result_add_container(list, "id-1", "", 1, ECSENGINE_HEALTH_UNKNOWN));
    answer_list(asked());
    ck_assert(list_empty(&made.orphans));
    ck_assert_uint_eq(0, made.tasks.count);
    end();
}
END_TEST

static void fill(TCase *tcase)
{
    tcase_add_test(tcase, an_engine_without_a_past_has_no_strangers);
    tcase_add_test(tcase, strangers_are_left_alone_and_that_is_said_once);
    tcase_add_test(tcase, strangers_of_one_task_become_that_task);
    tcase_add_test(tcase, what_is_known_by_its_id_or_its_name_is_no_stranger);
    tcase_add_test(tcase, with_stop_they_are_stopped);
    tcase_add_test(tcase, what_does_not_run_is_not_started);
    tcase_add_test(tcase, two_of_one_name_are_told_apart_by_their_own);
    tcase_add_loop_test(tcase, what_can_not_be_part_of_a_task_is_removed_or_left_alone, 0, 3);
    tcase_add_test(tcase, what_is_being_removed_already_is_no_stranger);
    tcase_add_test(tcase, what_was_removed_meanwhile_is_old_news);
    tcase_add_loop_test(tcase, a_lost_task_is_stopped_whatever_is_done_with_strangers, 0, 3);
    tcase_add_loop_test(tcase, a_lost_task_of_which_nothing_is_left_has_ended, 0, 2);
    tcase_add_test(tcase, a_lost_task_waits_until_it_is_known_what_is_left);
    tcase_add_test(tcase, want_of_memory_changes_nothing);
    tcase_add_test(tcase, many_lost_tasks_end_without_another_byte);
    tcase_add_test(tcase, many_are_taken_up_and_the_tables_have_room_for_them);
    tcase_add_loop_test(tcase, what_is_left_of_a_lost_task_that_has_ended_is_removed_or_left_alone, 0, 2);
    tcase_add_test(tcase, a_task_has_no_more_containers_than_it_may_and_the_rest_is_removed);
    tcase_add_test(tcase, one_without_a_name_has_none);
    tcase_add_test(tcase, one_without_a_name_and_a_task_is_not_removed);
}

int main(void) { return made_run("foreign", fill); }

/* SPDX-License-Identifier: Apache-2.0 */
/* One input, one timer: either it happens, or there is no memory and it is still there (step.c); and the log. */
#include "made.h"

#include "ecsengine/runtime.h"
#include "engine/accounting.h"
#include "engine/runtime.h"

#define WEB "{'name':'web','image':'nginx','memory':64}"

/* No block is to be had, and what was set aside is used up. */
static void starve(void)
{
    unit.fail_all = true;
    while (mem_reserve(made.mem, 1024) == 0)
        mem_free(made.mem, mem_sure(made.mem, 1000));
}

static void feed(void) { unit.fail_all = false; }

START_TEST(without_memory_an_engine_does_not_begin)
{
    made_open();
    starve();
    ck_assert_int_eq(ECSENGINE_ENOMEM, engine_settle(&made));
    ck_assert(!made.began && list_empty(&made.ops_out));
    feed();
    made_settle();
    ck_assert(made.ready);
    made_close();
}
END_TEST

START_TEST(a_command_that_there_is_no_memory_for_is_still_the_callers)
{
    made_open();
    made_settle();
    struct command command = {.input.kind = INPUT_COMMAND, .kind = COMMAND_TASK_ADD, .id = 1};
    command.task = made_task(TASK(WEB));
    command.arn = str_ref(command.task->arn);
    command.desired = ECSENGINE_TASK_RUNNING;
    command.done = event_init(mem_zalloc(&made_root.mem, sizeof(*command.done)), &made_root, ECSENGINE_EVENT_COMMAND_DONE);
    starve();
    ck_assert_int_eq(ECSENGINE_ENOMEM, engine_apply(&made, &command.input));
    ck_assert_ptr_nonnull(command.task);
    ck_assert_uint_eq(0, made.tasks.count);
    feed();
    made_apply(&command.input);
    ck_assert_uint_eq(1, made.tasks.count);
    str_unref(command.arn);
    made_close();
}
END_TEST

START_TEST(a_completion_that_there_is_no_memory_for_comes_again)
{
    made_open();
    made_settle();
    struct task *task = made_add(TASK(WEB));
    struct ecsengine_op *op = made_until(ECSENGINE_OP_CREATE);
    op->completed = true;
    op->result = made_result();
    ecsengine_result_set_container_id(op->result, "id");
    op->completion.kind = INPUT_COMPLETION;
    starve();
    ck_assert_int_eq(ECSENGINE_ENOMEM, engine_apply(&made, &op->completion));
    ck_assert_int_eq(ECSENGINE_CONTAINER_PULLED, task->containers[0].known);
    feed();
    made_apply(&op->completion);
    ck_assert_int_eq(ECSENGINE_CONTAINER_CREATED, task->containers[0].known);
    made_close();
}
END_TEST

START_TEST(what_a_runtime_tells_waits_for_memory_too)
{
    made_open();
    made_settle();
    struct task *task = made_add(TASK(WEB));
    made_settle();
    struct runtime_notice notice = {.input.kind = INPUT_RUNTIME_EVENT, .kind = ECSENGINE_RUNTIME_EVENT_DIE};
    notice.container = str_ref(task->containers[0].runtime_id);
    starve();
    ck_assert_int_eq(ECSENGINE_ENOMEM, engine_apply(&made, &notice.input));
    ck_assert(!task->containers[0].died);
    struct runtime_notice lost = {.input.kind = INPUT_RUNTIME_LOST, .reason = NULL};
    ck_assert_int_eq(ECSENGINE_ENOMEM, engine_apply(&made, &lost.input));
    ck_assert_int_eq(RUNTIME_CONNECTED, made.runtime);
    feed();
    made_apply(&notice.input);
    ck_assert(task->containers[0].died);
    made_apply(&lost.input);
    ck_assert_int_eq(RUNTIME_UNREACHABLE, made.runtime);
    str_unref(notice.container);
    made_close();
}
END_TEST

START_TEST(a_task_is_advanced_and_admitted_when_there_is_memory)
{
    made_set("host-cpu", "1024");
    made_set("host-memory", "64");
    made_open();
    made_settle();
    struct task *one = made_add(TASK(WEB));
    made_settle();
    struct task *two = made_add("{'taskArn':'" ARN_HEAD "t2','family':'fam','containerDefinitions':[" WEB "]}");
    made_settle();
    ck_assert(!two->admitted);
    one->desired = ECSENGINE_TASK_STOPPED;
    engine_touch(&made, one);
    starve();
    ck_assert_int_eq(ECSENGINE_ENOMEM, engine_advance(&made));
    ck_assert(list_linked(&one->touched));
    feed();
    made_good(made_until(ECSENGINE_OP_STOP)); /* made_until advances */
    ck_assert(two->admitted);
    made_close();
}
END_TEST

START_TEST(whoever_fits_is_not_admitted_without_memory)
{
    made_set("host-cpu", "1024");
    made_set("host-memory", "0");
    made_open();
    made_settle();
    struct task *task = made_add(TASK(WEB));
    ck_assert(!task->admitted);
    struct settings *settings = &made.settings;
    settings->host_memory_mib = 64;
    ck_assert_int_eq(0, engine_reserve(&made, NULL));
    accounting_learn(&made, NULL);
    starve();
    ck_assert_int_eq(ECSENGINE_ENOMEM, engine_advance(&made));
    ck_assert(!task->admitted && !task->charged);
    feed();
    made_settle();
    ck_assert(task->charged);
    made_close();
}
END_TEST

START_TEST(what_is_due_stays_due_without_memory)
{
    made_open();
    made_settle();
    made_add(TASK(WEB));
    struct ecsengine_op *op = made_until(ECSENGINE_OP_CREATE);
    made.mono_ns = ecsengine_op_deadline_ns(op);
    starve();
    ck_assert_int_eq(ECSENGINE_ENOMEM, engine_settle(&made));
    ck_assert(!op->answered);
    feed();
    ck_assert_int_eq(0, engine_settle(&made));
    ck_assert(op->answered);
    op_unref(op);
    made_close();
}
END_TEST

/* With memory for a step that touches no task, and no more. */
static void ck_stays_due(struct timer *timer, const struct task *task)
{
    ck_assert(heap_has(&timer->node));
    ck_assert_int_ge(timer->node.key, made.mono_ns);
    made.mono_ns = timer->node.key;
    starve();
    feed();
    ck_assert_int_eq(0, engine_reserve(&made, NULL));
    unit.fail_all = true;
    while (engine_reserve(&made, task) == 0)
        mem_free(made.mem, mem_sure(made.mem, 1000));
    ck_assert_int_eq(0, engine_reserve(&made, NULL));
    ck_assert_int_eq(ECSENGINE_ENOMEM, engine_settle(&made));
    ck_assert(heap_has(&timer->node));
    feed();
}

/* What a timer sets going touches its task: memory for that is there before it has gone off. */
START_TEST(what_is_due_of_a_task_waits_for_the_memory_that_the_task_needs)
{
    made_open();
    made_settle();
    struct task *task = made_add(TASK("{'name':'web','image':'nginx','memory':64,'startTimeout':60}"));
    struct container *web = &task->containers[0];
    struct ecsengine_op *op = made_until(ECSENGINE_OP_PULL_IMAGE);
    ck_stays_due(&op->timer, task);
    made_fail(op, ECSENGINE_FAILURE_OTHER, NULL, "busy");
    ck_stays_due(&web->retry, task);
    ck_assert_int_eq(0, engine_settle(&made));
    made_settle();
    ck_assert_int_eq(ECSENGINE_CONTAINER_RUNNING, web->known);
    ck_stays_due(&web->start_timer, task);
    ck_assert(!web->start_overdue);
    made_stop(task);
    made_settle();
    ck_stays_due(&task->timer, task);
    ck_assert(!task->cleanup_due);
    made_close();
}
END_TEST

/* ---- the log ---- */

static char logged[4096];
static size_t logged_len;
static int log_count;

static void on_log(enum ecsengine_log_level level, int32_t id, const char *text, size_t len, void *user_data)
{
    (void)level;
    (void)id;
    ck_assert_ptr_eq(&log_count, user_data);
    ck_assert_uint_eq(strlen(text), len);
    snprintf(logged, sizeof(logged), "%s", text);
    logged_len = len;
    log_count++;
}

START_TEST(the_log_gets_what_is_important_enough_and_a_long_line_is_cut)
{
    char longer[3000];

    made_open();
    log_count = 0;
    engine_log(&made, ECSENGINE_LOG_ERROR, 1, "nobody listens");
    made.log = on_log;
    made.log_data = &log_count;
    made.log_minimum = ECSENGINE_LOG_WARNING;
    engine_log(&made, ECSENGINE_LOG_INFO, 1, "not important");
    ck_assert_int_eq(0, log_count);
    engine_log(&made, ECSENGINE_LOG_WARNING, 1, "%d and %s", 7, "eight");
    ck_assert_int_eq(1, log_count);
    ck_assert_str_eq("7 and eight", logged);
    memset(longer, 'x', sizeof(longer));
    longer[sizeof(longer) - 1] = '\0';
    engine_log(&made, ECSENGINE_LOG_ERROR, 1, "%s", longer);
    ck_assert_uint_eq(2047, logged_len);
    made.log = NULL;
    made_close();
}
END_TEST

START_TEST(an_input_of_no_kind_does_nothing)
{
    struct input nothing = {.kind = INPUT_NONE};

    made_open();
    made_settle();
    ck_assert_int_eq(0, engine_apply(&made, &nothing));
    ck_assert_ptr_null(made_next());
    made_close();
}
END_TEST

static void fill(TCase *tcase)
{
    tcase_add_checked_fixture(tcase, made_start, NULL);
    tcase_add_test(tcase, without_memory_an_engine_does_not_begin);
    tcase_add_test(tcase, a_command_that_there_is_no_memory_for_is_still_the_callers);
    tcase_add_test(tcase, a_completion_that_there_is_no_memory_for_comes_again);
    tcase_add_test(tcase, what_a_runtime_tells_waits_for_memory_too);
    tcase_add_test(tcase, a_task_is_advanced_and_admitted_when_there_is_memory);
    tcase_add_test(tcase, whoever_fits_is_not_admitted_without_memory);
    tcase_add_test(tcase, what_is_due_stays_due_without_memory);
    tcase_add_test(tcase, the_log_gets_what_is_important_enough_and_a_long_line_is_cut);
    tcase_add_test(tcase, an_input_of_no_kind_does_nothing);
    tcase_add_test(tcase, what_is_due_of_a_task_waits_for_the_memory_that_the_task_needs);
}

int main(void) { return made_run("step", fill); }

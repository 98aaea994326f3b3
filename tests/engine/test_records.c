/* SPDX-License-Identifier: Apache-2.0 */
/* Records one by one, as an engine is given them (task-engine: section 10): what makes no sense is refused, what finds no memory can be
 * given again, and what a task has of its host is its own only if something of it has begun. */
#include "made.h"

#include "engine/restore.h"
#include "model/record.h"

#define WEB "{'name':'web','image':'nginx','memory':64,'cpu':100}"

static struct buf records[2]; /* of the definition, of the task */
static struct task *task;

static void begin(void)
{
    made_start();
    made_set("host-cpu", "1000");
    made_set("host-memory", "1000");
    made_open();
    made_settle();
}

static void keep(void) { made_records(task, records); }

static void end(void)
{
    buf_free(&records[0]);
    buf_free(&records[1]);
    made_close();
}

static void reopen(void)
{
    engine_close(&made);
    made_open();
}

static void give_both(void)
{
    for (int i = 0; i < 2; i++)
        ck_assert_int_eq(0, made_give(&records[i]));
}

static void restored(void)
{
    reopen();
    give_both();
    ck_assert_int_eq(0, restore_end(&made));
    task = engine_find_task(&made, ARN);
    ck_assert_ptr_nonnull(task);
}

static int give(char kind, const char *instance, const char *rest)
{
    struct buf record;

    buf_init(&record, &made_root.mem, 0);
    size_t start = record_begin(&record, kind);
    record_text(&record, instance, strlen(instance));
    record_number(&record, 7);
    record_signed(&record, 9);
    buf_puts(&record, rest);
    record_end(&record, start);
    int code = made_give(&record);
    buf_free(&record);
    return code;
}

START_TEST(an_engine_has_a_name_and_a_record_a_kind)
{
    begin();
    char own[LIMIT_NAME + 1];
    snprintf(own, sizeof(own), "%s", str_text(made.instance));
    ck_assert_int_eq(ECSENGINE_ECORRUPT, give('e', "", "\5"));
    ck_assert_int_eq(ECSENGINE_ECORRUPT, give('e', "instance", "")); /* it is cut */
    ck_assert_int_eq(ECSENGINE_ECORRUPT, give('x', "instance", "\5"));
    ck_assert_str_eq(own, str_text(made.instance)); /* nothing was taken of them */
    ck_assert_int_eq(0, give('e', "instance", "\5"));
    ck_assert_str_eq("instance", str_text(made.instance));
    ck_assert_uint_eq(7, made.next_number);
    ck_assert_int_eq(9, made.manifest_number);
    ck_assert_uint_eq(5, made.host.port_cursor);
    made_close();
}
END_TEST

START_TEST(a_record_that_finds_no_memory_can_be_given_again)
{
    int code, failures = 0;

    begin();
    task = made_add(TASK(WEB));
    made_settle();
    keep();
    for (int i = 0; i < 3; i++) { /* a definition, a task, and what is made of them at the end */
        if (i == 0)
            reopen();
        unit.fail_at = 1;
        do {
            unit.calls = 0;
            code = i < 2 ? made_give(&records[i]) : restore_end(&made);
            ck_assert(code == 0 || code == ECSENGINE_ENOMEM);
            failures += code != 0;
            unit.fail_at++;
        } while (code != 0);
        unit.fail_at = 0;
    }
    ck_assert_int_gt(failures, 5);
    task = engine_find_task(&made, ARN);
    ck_assert_ptr_nonnull(task);
    ck_assert_int_eq(ECSENGINE_CONTAINER_RUNNING, task->containers[0].known);
    ck_assert_uint_eq(1, made.tasks.count);
    made_check();
    end();
}
END_TEST

START_TEST(what_a_task_has_of_the_host_stays_its_own_if_anything_has_begun)
{
    static const struct {
        bool pull_began, container_began, charged;
        bool keeps, admitted;
    } rows[] = {
        {false, false, true, false, false}, /* it queues again */
        {true, false, true, true, true},    /* its images come already */
        {false, true, true, true, true},
        {false, true, false, false, true}, /* it needs nothing */
    };

    begin();
    task = made_add(TASK(WEB));
    ck_assert(task->admitted && task->charged);
    task->pull_started_at = rows[_i].pull_began ? WALL_0 : 0;
    if (rows[_i].container_began)
        task->containers[0].known = ECSENGINE_CONTAINER_PULLED;
    task->charged = rows[_i].charged;
    keep();
    task->charged = true;
    restored();
    ck_assert_int_eq(rows[_i].keeps, task->charged);
    ck_assert_int_eq(rows[_i].admitted, task->admitted);
    ck_assert_int_eq(rows[_i].keeps ? 100 : 0, task->charged_cpu_units);
    end();
}
END_TEST

START_TEST(a_task_that_was_given_twice_is_there_once)
{
    begin();
    task = made_add(TASK(WEB));
    keep();
    reopen();
    give_both();
    give_both();
    ck_assert_int_eq(0, restore_end(&made));
    ck_assert_uint_eq(1, made.tasks.count);
    ck_assert_ptr_nonnull(engine_find_task(&made, ARN));
    ck_assert(list_empty(&made.restoring));
    end();
}
END_TEST

static void fill(TCase *tcase)
{
    tcase_add_test(tcase, an_engine_has_a_name_and_a_record_a_kind);
    tcase_add_test(tcase, a_record_that_finds_no_memory_can_be_given_again);
    tcase_add_loop_test(tcase, what_a_task_has_of_the_host_stays_its_own_if_anything_has_begun, 0, 4);
    tcase_add_test(tcase, a_task_that_was_given_twice_is_there_once);
}

int main(void) { return made_run("records", fill); }

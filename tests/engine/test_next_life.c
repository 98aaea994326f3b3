/* SPDX-License-Identifier: Apache-2.0 */
/* What a task has, and is, in the next life of the engine, restored from its record (task-engine: section 8). */
#include "made.h"

#include "engine/ports.h"
#include "engine/restore.h"
#include "model/record.h"

#define PORTED "{'name':'web','image':'nginx','cpu':128,'memory':64,'portMappings':[{'containerPort':80,'hostPort':8080}]}"
#define TWO PORTED ",{'name':'side','image':'side','memory':32,'essential':false}"

static struct task *task;
static struct container *web;
static unsigned logged;
static int32_t last_logged;

static void log_line(enum ecsengine_log_level level, int32_t id, const char *text, size_t len, void *data)
{
    (void)level;
    (void)text;
    (void)len;
    (void)data;
    logged++;
    last_logged = id;
}

static void begin(const char *document)
{
    made_start();
    made_set("engine-task-cleanup-wait-duration", "1s");
    made_open();
    made_settle();
    task = made_add(document);
    web = &task->containers[0];
}

static void end(void)
{
    struct ecsengine_op *op;

    while ((op = made_next()) != NULL)
        op_unref(op);
    made_close();
}

static void keep(struct buf *out, char kind)
{
    buf_init(out, &made_root.mem, 0);
    size_t start = record_begin(out, kind);
    if (kind == 't')
        record_put_task(out, task);
    else
        buf_put(out, task->definition->content, task->definition->content_len);
    record_end(out, start);
}

/* The engine ends, and another one has what it has recorded. No turn has been made in it. */
static void live_again(void)
{
    struct buf records[2];

    keep(&records[0], 't');
    keep(&records[1], 'd');
    engine_close(&made);
    made_open();
    for (int i = 0; i < 2; i++) {
        ck_assert_int_eq(0, made_give(&records[i]));
        buf_free(&records[i]);
    }
    ck_assert_int_eq(0, restore_end(&made));
    ck_assert(list_empty(&made.restoring));
    task = engine_find_task(&made, ARN);
    ck_assert_ptr_nonnull(task);
    web = &task->containers[0];
}

static void has_of_the_host(int64_t cpu_units, int64_t memory_mib)
{
    ck_assert_int_eq(cpu_units, made.host.cpu_used);
    ck_assert_int_eq(memory_mib, made.host.memory_used);
    ck_assert_int_eq(cpu_units != 0, task->charged);
}

START_TEST(a_task_that_runs_keeps_what_it_has)
{
    begin(TASK(TWO));
    made_settle();
    live_again();
    has_of_the_host(128, 96);
    ck_assert(task->admitted);
    ck_assert(task->restored);
    ck_assert(web->create_tried);
    ck_assert(!web->adopting);
    end();
}
END_TEST

START_TEST(a_port_that_the_runtime_chose_is_still_taken)
{
    begin(TASK("{'name':'web','image':'nginx','memory':64,'portMappings':[{'containerPort':80}]},"
               "{'name':'side','image':'side','memory':32,'essential':false}"));
    struct ecsengine_op *op = made_until(ECSENGINE_OP_START);
    struct ecsengine_result *result = made_result();
    ck_assert_uint_eq(0, op->container_index);
    ecsengine_result_set_running(result, 1);
    ecsengine_result_set_started_at(result, made.wall_ns);
    ck_assert_int_eq(0, ecsengine_result_add_port(result, 80, 32768, "tcp", "0.0.0.0"));
    made_answer(op, result);
    made_settle();
    live_again();
    ck_assert(ports_taken(&made.host, PROTOCOL_TCP, 32768));
    made_check();
    end();
}
END_TEST

START_TEST(a_task_of_which_nothing_has_begun_has_nothing_and_queues_again)
{
    begin(TASK(TWO));
    ck_assert(task->admitted);
    ck_assert(task->charged);
    task->pull_started_at = 0; /* its pull was recorded by no one */
    live_again();
    has_of_the_host(0, 0);
    ck_assert(!task->admitted);
    end();
}
END_TEST

START_TEST(a_task_that_has_begun_to_pull_keeps_what_it_has)
{
    begin(TASK(TWO));
    task->pull_started_at = made.wall_ns;
    ck_assert_int_eq(ECSENGINE_CONTAINER_NONE, web->known);
    live_again();
    has_of_the_host(128, 96);
    ck_assert(task->admitted);
    end();
}
END_TEST

START_TEST(one_container_that_has_begun_is_enough)
{
    for (int which = 0; which < 2; which++) {
        begin(TASK(TWO));
        task->pull_started_at = 0;
        task->containers[which].known = ECSENGINE_CONTAINER_MANIFEST_PULLED;
        live_again();
        has_of_the_host(128, 96);
        ck_assert(task->admitted);
        end();
    }
}
END_TEST

START_TEST(a_task_that_has_begun_and_has_nothing_is_not_admitted_twice)
{
    begin(TASK(TWO));
    made_settle();
    task->charged = false; /* as a record may say */
    live_again();
    has_of_the_host(0, 0);
    ck_assert(task->admitted);
    end();
}
END_TEST

START_TEST(a_task_that_has_ended_has_nothing_and_does_not_queue)
{
    begin(TASK(TWO));
    made_settle();
    task->charged = true;
    task->known = task->desired = ECSENGINE_TASK_STOPPED;
    for (int i = 0; i < 2; i++)
        task->containers[i].known = task->containers[i].desired = ECSENGINE_CONTAINER_STOPPED;
    live_again();
    has_of_the_host(0, 0);
    ck_assert(task->admitted);
    end();
    begin(TASK(TWO));
    task->known = task->desired = ECSENGINE_TASK_STOPPED; /* before anything had begun */
    for (int i = 0; i < 2; i++)
        task->containers[i].desired = ECSENGINE_CONTAINER_STOPPED;
    task->pull_started_at = 0;
    live_again();
    has_of_the_host(0, 0);
    ck_assert(task->admitted);
    end();
}
END_TEST

START_TEST(what_may_have_been_made_and_has_no_id_is_adopted)
{
    begin(TASK(TWO));
    web->known = ECSENGINE_CONTAINER_PULLED;
    live_again();
    ck_assert(web->adopting);
    ck_assert(web->create_tried);
    ck_assert(web->unanswered); /* its create may have gone out after the record was written */
    end();
}
END_TEST

/* Nothing of it was recorded, so it queues again; and the next engine, too, dies before it has looked. */
START_TEST(what_may_have_been_made_is_adopted_however_many_engines_die_before_they_look)
{
    begin(TASK(TWO));
    task->pull_started_at = 0;
    for (int i = 0; i < 3; i++) {
        live_again();
        ck_assert(!task->admitted);
        ck_assert(web->adopting);
        ck_assert(web->unanswered);
    }
    end();
}
END_TEST

START_TEST(of_what_has_ended_the_record_says_whether_its_create_was_answered)
{
    begin(TASK(TWO));
    web->known = ECSENGINE_CONTAINER_STOPPED;
    web->unanswered = _i != 0;
    live_again();
    ck_assert_int_eq(_i != 0, web->unanswered);
    end();
}
END_TEST

START_TEST(numbers_go_on_from_the_highest_that_there_is)
{
    begin(TASK(TWO));
    made_settle();
    task->number = 41;
    live_again();
    ck_assert_uint_eq(41, made.next_number);
    made.ready = true;
    struct task *next = made_add("{'taskArn':'" ARN_HEAD "t2','family':'fam','revision':3,'containerDefinitions':["
                                 "{'name':'web','image':'nginx','memory':4}]}");
    ck_assert_uint_gt(next->number, 41);
    end();
}
END_TEST

START_TEST(a_record_of_a_kind_that_there_is_not_is_damaged_and_that_is_logged)
{
    struct buf record;

    begin(TASK(TWO));
    made_settle();
    keep(&record, 'x');
    made.log = log_line;
    made.log_minimum = ECSENGINE_LOG_ERROR;
    logged = 0;
    ck_assert_int_eq(ECSENGINE_ECORRUPT, made_give(&record));
    ck_assert_int_eq(0, restore_end(&made));
    ck_assert_uint_eq(1, logged);
    ck_assert_int_eq(MESSAGE_RECORD_DAMAGED, last_logged);
    ck_assert(list_empty(&made.restoring));
    buf_free(&record);
    end();
}
END_TEST

static void fill(TCase *tcase)
{
    tcase_add_test(tcase, a_task_that_runs_keeps_what_it_has);
    tcase_add_test(tcase, a_task_of_which_nothing_has_begun_has_nothing_and_queues_again);
    tcase_add_test(tcase, a_task_that_has_begun_to_pull_keeps_what_it_has);
    tcase_add_test(tcase, one_container_that_has_begun_is_enough);
    tcase_add_test(tcase, a_task_that_has_begun_and_has_nothing_is_not_admitted_twice);
    tcase_add_test(tcase, a_task_that_has_ended_has_nothing_and_does_not_queue);
    tcase_add_test(tcase, what_may_have_been_made_and_has_no_id_is_adopted);
    tcase_add_test(tcase, what_may_have_been_made_is_adopted_however_many_engines_die_before_they_look);
    tcase_add_loop_test(tcase, of_what_has_ended_the_record_says_whether_its_create_was_answered, 0, 2);
    tcase_add_test(tcase, numbers_go_on_from_the_highest_that_there_is);
    tcase_add_test(tcase, a_record_of_a_kind_that_there_is_not_is_damaged_and_that_is_logged);
    tcase_add_test(tcase, a_port_that_the_runtime_chose_is_still_taken);
}

int main(void) { return made_run("next life", fill); }

/* SPDX-License-Identifier: Apache-2.0 */
/* What a task is described as: the members that are there always, and those that are there when there is something to say. */
#include "made.h"

#include "engine/describe.h"

static struct task *task;
static struct container *web;
static struct buf text;

static void begin(void)
{
    made_start();
    made_open();
    made_settle();
    task = made_add(TASK("{'name':'web','image':'nginx','memory':64}"));
    web = &task->containers[0];
    buf_init(&text, &made_root.mem, 0);
}

static void end(void)
{
    buf_free(&text);
    made_stop(task);
    made_settle();
    made_close();
}

static bool says(const char *part)
{
    buf_clear(&text);
    describe_task(&made, task, &text);
    buf_byte(&text, 0);
    return strstr(text.data, part) != NULL;
}

START_TEST(bindings_are_described_with_address_and_protocol)
{
    ck_assert(says("\"networkBindings\":[]"));
    struct ecsengine_op *start = made_until(ECSENGINE_OP_START);
    struct ecsengine_result *result = made_result();
    ecsengine_result_set_running(result, 1);
    ecsengine_result_set_started_at(result, made.wall_ns);
    ck_assert_int_eq(0, ecsengine_result_add_port(result, 80, 32768, "tcp", "0.0.0.0"));
    ck_assert_int_eq(0, ecsengine_result_add_port(result, 53, 32769, "udp", "::"));
    made_answer(start, result);
    ck_assert(says("\"networkBindings\":[{\"containerPort\":80,\"hostPort\":32768,\"bindIP\":\"0.0.0.0\",\"protocol\":\"tcp\"},"
                   "{\"containerPort\":53,\"hostPort\":32769,\"bindIP\":\"::\",\"protocol\":\"udp\"}]"));
}
END_TEST

START_TEST(a_pull_is_described_while_it_goes_on)
{
    struct ecsengine_op *pull = made_until(ECSENGINE_OP_PULL_IMAGE);

    pull->current = 3;
    pull->total = 7;
    ck_assert(says("\"pull\":{\"current\":3,\"total\":7,\"text\":\"\"}"));
    made_good(pull);
    ck_assert(!says("\"pull\":"));
    made_settle();
    ck_assert(!says("\"pull\":"));
}
END_TEST

START_TEST(an_exit_code_is_described_when_there_is_one)
{
    made_settle();
    ck_assert(!says("\"exitCode\""));
    web->has_exit_code = true;
    web->exit_code = -9;
    ck_assert(says("\"exitCode\":-9"));
    web->has_exit_code = false;
}
END_TEST

static void fill(TCase *tcase)
{
    tcase_add_checked_fixture(tcase, begin, end);
    tcase_add_test(tcase, bindings_are_described_with_address_and_protocol);
    tcase_add_test(tcase, a_pull_is_described_while_it_goes_on);
    tcase_add_test(tcase, an_exit_code_is_described_when_there_is_one);
}

int main(void) { return made_run("describe", fill); }

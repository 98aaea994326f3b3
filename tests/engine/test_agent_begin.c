/* SPDX-License-Identifier: Apache-2.0 */
/* A container that runs and whose agent nobody has made ready: it was made by somebody else, or its record is older than agents are. */
#include "made.h"

#include "engine/agent.h"
#include "engine/container.h"

#define SHELL "{'name':'web','image':'nginx','memory':64,'managedAgents':[{'name':'ExecuteCommandAgent'}]}"

START_TEST(missing_uuid)
{
    made_start();
    made_open();
    made_listen(MESSAGE_AGENT_FAILED);
    struct task *task = made_add(TASK(SHELL));
    struct agent *agent = &task->containers[0].agents[0];
    ck_assert_int_eq(0, engine_reserve(&made, task));
    container_change(&made, &task->containers[0], ECSENGINE_CONTAINER_RUNNING, NULL, NULL);
    ck_assert_uint_eq(1, made_lines.count);
    ck_assert_ptr_nonnull(strstr(made_lines.text, "ExecuteCommandAgent: container has not been initialized: missing UUID"));
    ck_assert_int_eq(AGENT_WAITING, agent->phase); /* the state is as it was, and nothing is told of NONE */
    ck_assert_int_eq(ECSENGINE_AGENT_NONE, agent->status);
    ck_assert_ptr_null(agent->op);
    ck_assert_uint_eq(0, agent->event_id);
    made_close();
}
END_TEST

/* What is known to have been started may run still; of another exec nobody knows, and it is of the run before. */
START_TEST(with_a_run_of_its_container_an_exec_that_was_not_started_is_forgotten)
{
    made_start();
    made_open();
    struct task *task = made_add(TASK(SHELL));
    struct agent *agent = &task->containers[0].agents[0];
    ck_assert_int_eq(0, engine_reserve(&made, task));
    agent->uuid = str_new_sure(made.mem, "u", 1);
    agent->exec_id = str_new_sure(made.mem, "e", 1);
    agent->started_at = _i;
    agents_begin(&made, &task->containers[0]);
    ck_assert_int_eq(_i == 1 ? AGENT_LOOK : AGENT_CREATE, agent->phase);
    ck_assert_str_eq(_i == 1 ? "e" : "", str_text(agent->exec_id));
    ck_assert_int_eq(_i == 1, agent->fresh);
    made_close();
}
END_TEST

static void fill(TCase *tcase)
{
    tcase_add_test(tcase, missing_uuid);
    tcase_add_loop_test(tcase, with_a_run_of_its_container_an_exec_that_was_not_started_is_forgotten, 0, 2);
}

int main(void) { return unit_run("agent: begin", fill); }

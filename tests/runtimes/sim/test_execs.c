/* SPDX-License-Identifier: Apache-2.0 */
/* Execs of the simulated host: made, run once, ended; one-off commands; and what a host does for agents. */
#include <stdio.h>
#include <string.h>

#include "fixture.h"

static uint64_t exec(enum ecsengine_op_kind kind, const char *id, const char *config)
{
    return fake_submit(&engine, (struct ecsengine_op){.kind = kind, .task = TASK_ARN, .name = "web", .container = "rt-web", .exec_id = id, .config = config});
}

static char id[80];

static void make(void) { snprintf(id, sizeof(id), "%s", good(exec(ECSENGINE_OP_EXEC_CREATE, NULL, "{}"))->exec_id); }

static void shows(int32_t running, int32_t code)
{
    const struct ecsengine_result *seen = good(exec(ECSENGINE_OP_EXEC_INSPECT, id, NULL));

    ck_assert_int_eq(running, seen->exec_running);
    ck_assert_int_eq(code, seen->exec_code);
    ck_assert_int_eq(running, ecsengine_sim_exec_running(sim, 0));
}

START_TEST(an_exec_runs_once)
{
    run("web", "");
    make();
    shows(0, -1);
    good(exec(ECSENGINE_OP_EXEC_START, id, NULL));
    shows(1, -1);
    failed(exec(ECSENGINE_OP_EXEC_START, id, NULL), ECSENGINE_FAILURE_CONFLICT);
    ck_assert_int_eq(0, ecsengine_sim_exec_kill(sim, "rt-web", 7, NULL));
    shows(0, 7);
    ck_assert_int_eq(ECSENGINE_ENOTFOUND, ecsengine_sim_exec_kill(sim, "rt-web", 7, NULL));
    failed(exec(ECSENGINE_OP_EXEC_START, id, NULL), ECSENGINE_FAILURE_CONFLICT);
    failed(exec(ECSENGINE_OP_EXEC_INSPECT, "nobody", NULL), ECSENGINE_FAILURE_NOT_FOUND);
}
END_TEST

START_TEST(it_lives_as_the_script_says_and_ends_with_its_container)
{
    script("container=web exec-run=5s exec-exit=3 exec-times=1");
    run("web", "");
    make();
    good(exec(ECSENGINE_OP_EXEC_START, id, NULL));
    at(4 * SECONDS);
    shows(1, -1);
    at(6 * SECONDS);
    shows(0, 3);
    make();
    good(exec(ECSENGINE_OP_EXEC_START, id, NULL));
    at(60 * SECONDS);
    shows(1, -1); /* the second one lives on */
    good(stop("web", 0));
    shows(0, 137);
    failed(exec(ECSENGINE_OP_EXEC_CREATE, NULL, "{}"), ECSENGINE_FAILURE_CONFLICT);
}
END_TEST

START_TEST(a_command_says_its_words)
{
    run("web", "");
    const struct ecsengine_result *said = good(exec(ECSENGINE_OP_EXEC_RUN, NULL, "{\"Cmd\":[\"echo\",\"a b\"]}"));
    ck_assert_str_eq("echo a b\n", said->output);
    ck_assert_int_eq(0, said->exit_code);
    ck_assert_int_eq(1, good(exec(ECSENGINE_OP_EXEC_RUN, NULL, "{\"Cmd\":[\"false\"]}"))->exit_code);
}
END_TEST

START_TEST(what_agents_need_is_found_and_made)
{
    const struct ecsengine_result *made =
        good(exec(ECSENGINE_OP_AGENT_PREPARE, NULL, "{\"generated\":[{\"prefix\":\"a-\",\"suffix\":\".json\"},{\"prefix\":\"b-\",\"suffix\":\".xml\"}]}"));
    ck_assert_str_eq("3.1.0.0", made->agent_version);
    ck_assert_str_eq("a-sim.json;b-sim.xml;", made->agent_files);
    good(exec(ECSENGINE_OP_AGENT_CLEAN, NULL, "{}"));
}
END_TEST

int main(void)
{
    const TTest *tests[] = {an_exec_runs_once, it_lives_as_the_script_says_and_ends_with_its_container, a_command_says_its_words,
                                  what_agents_need_is_found_and_made};

    return run_tests("sim execs", tests, sizeof(tests) / sizeof(tests[0]));
}

/* SPDX-License-Identifier: Apache-2.0 */
/* Plans of tasks that no document makes: a step of a container waits for a status of another one, a list goes on behind its end. */
#include "made.h"

#include "engine/plan.h"

START_TEST(a_step_comes_after_the_one_that_brought_another_container_there)
{
    static const struct transition_dependency waits[] = {
        {.on = 1, .next = ECSENGINE_CONTAINER_PULLED, .satisfied = ECSENGINE_CONTAINER_CREATED},
        {.on = 1, .next = ECSENGINE_CONTAINER_CREATED, .satisfied = ECSENGINE_CONTAINER_RUNNING},
    };
    static const struct {
        uint8_t kind;
        uint16_t container;
        container_status leads_to;
    } steps[] = {
        {ECSENGINE_OP_CREATE, 1, ECSENGINE_CONTAINER_CREATED},
        {ECSENGINE_OP_START, 1, ECSENGINE_CONTAINER_RUNNING},
        {ECSENGINE_OP_PULL_IMAGE, 0, ECSENGINE_CONTAINER_MANIFEST_PULLED},
        {ECSENGINE_OP_TAG_IMAGE, 0, ECSENGINE_CONTAINER_PULLED},
        {ECSENGINE_OP_CREATE, 0, ECSENGINE_CONTAINER_CREATED},
    };
    static const uint32_t after[][2] = {{2, 0}, {4, 1}}; /* the pull the create, the create the start; the second operation of a pull nothing */
    struct plan plan;
    uint32_t found = 0;

    made_start();
    made_open();
    struct task *task = made_task(TASK("{'name':'a','image':'x','memory':4},{'name':'db','image':'x','memory':4}"));
    task->definition->containers[0].container_waits = waits;
    task->definition->containers[0].container_wait_count = 2;
    ck_assert_int_eq(0, plan_open(&plan, &made_root.mem, task->arn, task->definition));
    task->containers[0].known = ECSENGINE_CONTAINER_MANIFEST_PULLED;
    task->containers[0].desired = task->containers[1].desired = ECSENGINE_CONTAINER_RUNNING;
    for (uint32_t i = 0; i < sizeof(steps) / sizeof(steps[0]); i++) {
        struct ecsengine_op op = {.kind = steps[i].kind, .container_index = steps[i].container};
        plan_op(&plan, &made, task, &op, PLAN_START, i);
        task->containers[steps[i].container].known = steps[i].leads_to;
        plan_look(&plan, task);
    }
    for (uint32_t i = 0; i < plan.step_count; i++)
        for (uint32_t k = 0; k < plan.steps[i].edge_count; k++) {
            const struct plan_edge *edge = &plan.edges[plan.steps[i].edge_first + k];
            if (edge->why == PLAN_AFTER_OWN)
                continue;
            ck_assert_uint_lt(found, 2);
            ck_assert_int_eq(PLAN_AFTER_DEPENDENCY, edge->why);
            ck_assert_uint_eq(after[found][0], i);
            ck_assert_uint_eq(after[found][1], edge->from);
            ck_assert_int_eq(waits[found].satisfied, edge->needed);
            found++;
        }
    ck_assert_uint_eq(2, found);
    plan_close(&plan);
    task_free(task);
    made_close();
}
END_TEST

START_TEST(who_is_waited_for_is_in_the_list)
{
    static const struct dependency list[] = {{.on = 1, .condition = CONDITION_COMPLETE}, {.on = 2, .condition = CONDITION_COMPLETE}};
    struct plan plan;

    made_start();
    made_open();
    struct task *task = made_task(TASK("{'name':'web','image':'x','memory':4},{'name':'init','image':'x','memory':4,'essential':false},"
                                       "{'name':'log','image':'x','memory':4,'essential':false}"));
    task->definition->containers[0].dependencies = list;
    task->definition->containers[0].dependency_count = 1;
    ck_assert_int_eq(0, plan_open(&plan, &made_root.mem, task->arn, task->definition));
    ck_assert_int_eq(0, plan_run(&plan, &made_root, &made_settings, task, ECSENGINE_TASK_RUNNING));
    ck_assert(plan.runs && plan.ends);
    for (uint32_t i = 0; i < plan.step_count; i++)
        ck_assert(plan.steps[i].kind != PLAN_ENDS || plan.steps[i].container == 1);
    plan_close(&plan);
    made_close();
}
END_TEST

static void fill(TCase *tcase)
{
    tcase_add_test(tcase, a_step_comes_after_the_one_that_brought_another_container_there);
    tcase_add_test(tcase, who_is_waited_for_is_in_the_list);
}

int main(void) { return made_run("plan", fill); }

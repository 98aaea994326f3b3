/* SPDX-License-Identifier: Apache-2.0 */
/* The static check of dependencies: what can come true, and what never can. */
#include "fixture.h"

#define REASON "Task dependencies cannot be resolved, taskArn: " ARN
#define ON(name, condition) "'dependsOn':[{'containerName':'" name "','condition':'" condition "'}]"
#define CONTAINER(name, members) "{'name':'" name "','image':'i'," members "}"
#define STOPPED(containers) "{'arn':'" ARN "','desiredStatus':'STOPPED','containers':[" containers "]}"

START_TEST(a_dependency_on_nobody_is_refused)
{
    refuse(PAYLOAD(CONTAINER("a", ON("b", "START"))), REASON);
    refuse(PAYLOAD("{'name':'a','image':'i','dependsOn':[{}]}"), REASON);
}
END_TEST

START_TEST(a_condition_that_does_not_exist_is_refused)
{
    refuse(PAYLOAD(CONTAINER("a", ON("b", "started")) ",{'name':'b','image':'i'}"), REASON);
    refuse(PAYLOAD("{'name':'a','image':'i','dependsOn':[{'containerName':'b'}]},{'name':'b','image':'i'}"), REASON);
}
END_TEST

START_TEST(create_is_a_condition_of_payloads_alone)
{
    accept(PAYLOAD(CONTAINER("a", ON("b", "CREATE")) ",{'name':'b','image':'i'}"));
    refuse(TASKDEF(CONTAINER("a", ON("b", "CREATE")) ",{'name':'b','image':'i'}"), REASON);
}
END_TEST

START_TEST(a_container_does_not_wait_for_itself)
{
    refuse(PAYLOAD(CONTAINER("a", ON("a", "START"))), REASON);
    refuse(PAYLOAD(CONTAINER("a", "'links':['a']")), REASON);
    refuse(PAYLOAD(CONTAINER("a", "'volumesFrom':[{'sourceContainer':'a'}]")), REASON);
}
END_TEST

START_TEST(a_circle_is_refused_however_long)
{
    refuse(PAYLOAD(CONTAINER("a", ON("b", "START")) "," CONTAINER("b", ON("a", "COMPLETE"))), REASON);
    refuse(PAYLOAD(CONTAINER("a", ON("b", "START")) "," CONTAINER("b", ON("c", "START")) "," CONTAINER("c", ON("a", "START"))),
           REASON);
    refuse(PAYLOAD(CONTAINER("a", ON("b", "START")) "," CONTAINER("b", "'links':['a']")), REASON);
    refuse(PAYLOAD(CONTAINER("a", "'links':['b']") "," CONTAINER("b", "'volumesFrom':[{'sourceContainer':'a'}]")), REASON);
    /* One outside that waits for the circle, one that does not. */
    refuse(PAYLOAD("{'name':'x','image':'i'}," CONTAINER("a", ON("b", "START")) "," CONTAINER("b", ON("a", "START"))), REASON);
}
END_TEST

START_TEST(a_diamond_and_a_chain_are_fine)
{
    accept(PAYLOAD(CONTAINER("a", "'dependsOn':[{'containerName':'b','condition':'START'},{'containerName':'c','condition':'"
                                  "SUCCESS'}]") "," CONTAINER("b", ON("d", "COMPLETE")) "," CONTAINER(
        "c", ON("d", "START")) ",{'name':'d','image':'i'}"));
    ck_assert_uint_eq(last.spec->definition->containers[0].dependency_count, 2);
    accept(PAYLOAD(CONTAINER("a", "'dependsOn':[{'containerName':'b','condition':'START'},{'containerName':'b','condition':'"
                                  "SUCCESS'}]") ",{'name':'b','image':'i'}"));
}
END_TEST

START_TEST(a_long_chain_is_resolved_in_any_order)
{
    struct buf document;

    last.limits.container_count = 1000;
    for (int circle = 0; circle < 2; circle++) {
        buf_init(&document, &last.mem, 0);
        buf_puts(&document, "{'arn':'" ARN "','desiredStatus':'RUNNING','containers':[");
        for (int i = 0; i < 1000; i++) {
            buf_printf(&document, "%s{'name':'c%d','image':'i'", i > 0 ? "," : "", i);
            if (i < 999 || circle)
                buf_printf(&document, "," ON("c%d", "START"), (i + 1) % 1000);
            buf_puts(&document, "}");
        }
        buf_puts(&document, "]}");
        if (circle)
            refuse(document.data, REASON);
        else
            ck_assert_uint_eq(accept(document.data)->containers[998].dependencies[0].on, 999);
        buf_free(&document);
    }
}
END_TEST

START_TEST(healthy_needs_a_health_check)
{
    refuse(PAYLOAD(CONTAINER("a", ON("b", "HEALTHY")) ",{'name':'b','image':'i'}"), REASON);
    refuse(TASKDEF(CONTAINER("a", ON("b", "HEALTHY")) ",{'name':'b','image':'i'}"), REASON);
    accept(TASKDEF(CONTAINER("a", ON("b", "HEALTHY")) "," CONTAINER("b", "'healthCheck':{'command':['CMD','x']}")));
    ck_assert_int_eq(last.spec->definition->containers[0].dependencies[0].condition, CONDITION_HEALTHY);
}
END_TEST

START_TEST(a_task_that_shall_stop_is_not_checked)
{
    const struct definition *definition = accept(STOPPED(CONTAINER("a", ON("b", "START")) "," CONTAINER("b", ON("a", "START"))));

    ck_assert_uint_eq(definition->containers[0].dependency_count, 1);
    /* What leads nowhere is left out. */
    definition = accept(STOPPED(CONTAINER("a", ON("nobody", "START")) "," CONTAINER("b", ON("a", "x"))));
    ck_assert_uint_eq(definition->containers[0].dependency_count, 0);
    ck_assert_uint_eq(definition->containers[1].dependency_count, 0);
}
END_TEST

#define RUN_ON(names) "'RunDependencies':[" names "]"

START_TEST(run_dependencies_are_checked_like_the_others)
{
    const struct definition *definition = accept(PAYLOAD(CONTAINER("a", RUN_ON("'b'")) ",{'name':'b','image':'i'}"));

    ck_assert_uint_eq(definition->containers[0].run_dependency_count, 1);
    ck_assert_uint_eq(definition->containers[0].run_dependencies[0], 1);
    ck_assert_uint_eq(definition->containers[0].dependency_count, 0);
    definition = accept(PAYLOAD(CONTAINER("a", "'rundependencies':['b']") ",{'name':'b','image':'i'}")); /* as any key of a payload */
    ck_assert_uint_eq(definition->containers[0].run_dependency_count, 1);
    refuse(PAYLOAD(CONTAINER("a", RUN_ON("'nobody'"))), REASON);
    refuse(PAYLOAD(CONTAINER("a", RUN_ON("'a'"))), REASON);
    refuse(PAYLOAD(CONTAINER("a", RUN_ON("'b'")) "," CONTAINER("b", ON("a", "START"))), REASON);
    refuse(PAYLOAD(CONTAINER("a", RUN_ON("1"))), DECODE "$.containers[0].RunDependencies[0]: expected a string, got a number "
                                                        "(line 1, column 173)");
}
END_TEST

START_TEST(a_task_that_is_only_created_has_no_container_that_runs)
{
    refuse("{'arn':'" ARN "','desiredStatus':'CREATED','containers':[" CONTAINER("a", RUN_ON("'b'")) ",{'name':'b','image':'i'}]}",
           REASON);
    accept(STOPPED(CONTAINER("a", RUN_ON("'b'"))));
}
END_TEST

START_TEST(run_dependencies_are_of_payloads_alone)
{
    const struct definition *definition = accept(TASKDEF(CONTAINER("a", RUN_ON("'b'")) ",{'name':'b','image':'i'}"));

    ck_assert_uint_eq(definition->containers[0].run_dependency_count, 0);
    ck_assert_ptr_nonnull(strstr(notices(), "RunDependencies"));
}
END_TEST

START_TEST(links_are_looked_up_even_then)
{
    refuse(STOPPED(CONTAINER("a", "'links':['x']")),
           "resource cannot be initialized for task " ARN ": could not find container for link x");
}
END_TEST

START_TEST(lists_have_at_most_a_thousand_elements)
{
    static const struct {
        const char *member, *element;
    } lists[] = {
        {"dependsOn", "{'containerName':'b','condition':'START'}"},
        {"links", "'b'"},
        {"volumesFrom", "{'sourceContainer':'b'}"},
        {"portMappings", "{'containerPort':1}"},
    };
    struct buf document;
    char expected[256];

    for (size_t list = 0; list < 4; list++) {
        for (int count = 1000; count <= 1001; count++) {
            buf_init(&document, &last.mem, 0);
            buf_printf(&document, "{'arn':'" ARN "','containers':[{'name':'b','image':'i'},{'name':'a','image':'i','%s':[",
                       lists[list].member);
            for (int i = 0; i < count; i++)
                buf_printf(&document, "%s%s", i > 0 ? "," : "", lists[list].element);
            buf_puts(&document, "]}]}");
            snprintf(expected, sizeof(expected),
                     DECODE "$.containers[1].%s: has 1001 elements, more than 1000 (line 1, column %zu)", lists[list].member,
                     127 + strlen(lists[list].member));
            if (count == 1000)
                accept(document.data);
            else
                refuse(document.data, expected);
            buf_free(&document);
        }
    }
}
END_TEST

static void add(TCase *tcase)
{
    tcase_add_test(tcase, a_dependency_on_nobody_is_refused);
    tcase_add_test(tcase, a_condition_that_does_not_exist_is_refused);
    tcase_add_test(tcase, create_is_a_condition_of_payloads_alone);
    tcase_add_test(tcase, a_container_does_not_wait_for_itself);
    tcase_add_test(tcase, a_circle_is_refused_however_long);
    tcase_add_test(tcase, a_diamond_and_a_chain_are_fine);
    tcase_add_test(tcase, a_long_chain_is_resolved_in_any_order);
    tcase_add_test(tcase, healthy_needs_a_health_check);
    tcase_add_test(tcase, a_task_that_shall_stop_is_not_checked);
    tcase_add_test(tcase, run_dependencies_are_checked_like_the_others);
    tcase_add_test(tcase, a_task_that_is_only_created_has_no_container_that_runs);
    tcase_add_test(tcase, run_dependencies_are_of_payloads_alone);
    tcase_add_test(tcase, links_are_looked_up_even_then);
    tcase_add_test(tcase, lists_have_at_most_a_thousand_elements);
}

int main(void) { return run_cases("spec: order", add); }

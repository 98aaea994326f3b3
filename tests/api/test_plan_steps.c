/* SPDX-License-Identifier: Apache-2.0 */
/* What a plan puts in which order, and whom it names: containers that end by themselves, edges of every kind, who ended the task. */
#include "planned.h"

#define PAYLOAD(desired, containers) \
    "{'arn':'" ARN "','family':'f','version':'3','desiredStatus':'" desired "','containers':[" containers "]}"
#define MADE_BY_HOST(containers, resources) \
    "{'arn':'" ARN "','family':'f','version':'3','containers':[" containers "],'ecsengine.resources':[" resources "]}"
#define RUN(containers) PAYLOAD("RUNNING", containers)
#define ONE(name, essential, more) "{'name':'" name "','image':'" name "','memory':4,'essential':" essential more "}"
#define ESSENTIAL(name, more) ONE(name, "true", more)
#define HELPER(name) ONE(name, "false", "")
#define ON(edges) ",'dependsOn':[" edges "]"
#define EDGE(name, condition) "{'containerName':'" name "','condition':'" condition "'}"
/* More ports than there are. */
#define TOO_MANY ",'portMappings':[{'containerPortRange':'100-150'}]"

/* The lines below that heading. */
static const char *lines_below(const char *document, const char *heading)
{
    static char lines[16384];
    const char *text = plan_in(document, ECSENGINE_PLAN_TEXT), *at = strstr(text, heading), *end;

    ck_assert_msg(at != NULL, "no `%s` in\n%s", heading, text);
    at = end = at + strlen(heading);
    while (*end == ' ')
        end = strchr(end, '\n') + 1;
    snprintf(lines, sizeof(lines), "%.*s", (int)(end - at), at);
    return lines;
}

static void has(const char *document, enum ecsengine_plan_format format, const char *part)
{
    const char *text = plan_in(document, format);

    ck_assert_msg(strstr(text, quoted(part)) != NULL, "%s is not in\n%s", quoted(part), text);
}

/* Images are there, or have to be pulled one after the other. */
static void begin(bool pulls)
{
    start_host();
    set("host-cpu", "4096");
    set("host-memory", "4096");
    set("image-manifest-resolution", pulls ? "true" : "false");
    set("image-pull-behavior", pulls ? "default" : "prefer-cached");
    set("image-pull-parallel", "1");
    set("dynamic-host-ports", "engine");
    set("dynamic-host-port-range", "50000-50009");
    open_engine();
    settle();
}

/* ---- who ends when ---- */

START_TEST(who_is_waited_for_in_another_way_too_ends_later)
{
    begin(false);
    ck_assert_str_eq(lines_below(RUN(ESSENTIAL("b", ON(EDGE("log", "START") "," EDGE("job", "COMPLETE"))) ","
                                     ESSENTIAL("c", ON(EDGE("log", "COMPLETE"))) "," HELPER("log") "," HELPER("job")),
                                 "start:\n"),
                     "   1  log: inspect-image log (assumed to be there)\n"
                     "   2  job: inspect-image job (assumed to be there)\n"
                     "   3  log: create\n"
                     "   4  job: create\n"
                     "   5  log: start\n"
                     "   6  job: start\n"
                     "   7  job: ends with 0 (assumed)\n"
                     "   8  b: inspect-image b (assumed to be there)  after 5 (log START), 7 (job COMPLETE)\n"
                     "   9  b: create\n"
                     "  10  b: start\n"
                     "  11  log: ends with 0 (assumed)\n"
                     "  12  c: inspect-image c (assumed to be there)  after 11 (log COMPLETE)\n"
                     "  13  c: create\n"
                     "  14  c: start\n"
                     "  15  the task is RUNNING\n");
    end_host();
}
END_TEST

START_TEST(if_all_are_waited_for_in_another_way_too_they_end_all_the_same)
{
    begin(false);
    ck_assert_str_eq(lines_below(RUN(ESSENTIAL("b", ON(EDGE("log", "START") "," EDGE("c", "COMPLETE"))) ","
                                     ONE("c", "false", ON(EDGE("log", "COMPLETE"))) "," HELPER("log")),
                                 "start:\n"),
                     "   1  log: inspect-image log (assumed to be there)\n"
                     "   2  log: create\n"
                     "   3  log: start\n"
                     "   4  log: ends with 0 (assumed)\n"
                     "   5  c: inspect-image c (assumed to be there)  after 4 (log COMPLETE)\n"
                     "   6  c: create\n"
                     "   7  c: start\n"
                     "   8  c: ends with 0 (assumed)\n"
                     "   9  b: inspect-image b (assumed to be there)  after 3 (log START), 8 (c COMPLETE)\n"
                     "  10  b: create\n"
                     "  11  b: start\n"
                     "  12  the task is RUNNING\n");
    end_host();
}
END_TEST

/* web has come past what it waits for in log, and waits for the resource now: log and job end in one round. */
START_TEST(who_was_created_waits_for_no_other_container_any_more)
{
    begin(false);
    ck_assert_str_eq(lines_below(MADE_BY_HOST(ESSENTIAL("web", ON(EDGE("log", "START"))) ","
                                              ESSENTIAL("next", ON(EDGE("log", "COMPLETE") "," EDGE("job", "COMPLETE"))) ","
                                              HELPER("log") "," HELPER("job"),
                                              "{'name':'key','type':'x','requiredBy':[{'containerName':'web','status':'RUNNING'}],"
                                              "'dependsOn':[{'containerName':'job','status':'STOPPED'}]}"),
                                 "   8  web: create\n"),
                     "   9  log: ends with 0 (assumed)\n"
                     "  10  job: ends with 0 (assumed)\n"
                     "  11  key: resource-create  after 10 (job STOPPED)\n"
                     "  12  next: inspect-image next (assumed to be there)  after 9 (log COMPLETE), 10 (job COMPLETE)\n"
                     "  13  web: start  after 11 (key CREATED)\n"
                     "  14  next: create\n"
                     "  15  next: start\n"
                     "  16  the task is RUNNING\n");
    end_host();
}
END_TEST

START_TEST(a_resource_waits_for_an_end_as_a_container_does)
{
    begin(false);
    ck_assert_str_eq(lines_below(MADE_BY_HOST(ESSENTIAL("web", "") "," HELPER("job"),
                                              "{'name':'key','type':'x','requiredBy':[{'containerName':'web','status':'RUNNING'}],"
                                              "'dependsOn':[{'containerName':'job','status':'STOPPED'}]}"),
                                 "start:\n"),
                     "   1  web: inspect-image web (assumed to be there)\n"
                     "   2  job: inspect-image job (assumed to be there)\n"
                     "   3  web: create\n"
                     "   4  job: create\n"
                     "   5  job: start\n"
                     "   6  job: ends with 0 (assumed)\n"
                     "   7  key: resource-create  after 6 (job STOPPED)\n"
                     "   8  web: start  after 7 (key CREATED)\n"
                     "   9  the task is RUNNING\n");
    end_host();
}
END_TEST

/* ---- who ended the task ---- */

START_TEST(the_task_is_ended_by_the_essential_container_that_ended)
{
    static const char document[] = RUN(ESSENTIAL("app", ON(EDGE("init", "COMPLETE") "," EDGE("side", "COMPLETE"))) ","
                                       ESSENTIAL("init", "") "," ESSENTIAL("web", "") "," HELPER("side"));

    begin(false);
    ck_assert_str_eq(lines_below(document, "stop, since init, which is essential, has ended:\n"),
                     "  11  web: stop\n"
                     "  12  side: stop\n"
                     "  13  the task is STOPPED\n");
    has(document, ECSENGINE_PLAN_JSON, "'endedBy':'init'");
    end_host();
}
END_TEST

START_TEST(the_task_is_ended_by_the_essential_container_that_could_not_be_made)
{
    static const char document[] = RUN(ONE("side", "false", TOO_MANY) "," ESSENTIAL("web", "") ","
                                       ESSENTIAL("app", ON(EDGE("job", "COMPLETE")) TOO_MANY) "," HELPER("job"));

    begin(false);
    ck_assert_str_eq(lines_below(document, "stop, since app, which is essential, has ended:\n"),
                     "  10  web: stop\n"
                     "  11  the task is STOPPED\n");
    has(document, ECSENGINE_PLAN_JSON, "'endedBy':'app'");
    has(document, ECSENGINE_PLAN_TEXT,
        "app would never start: HostConfigError: error retrieving docker port map: 51 contiguous host ports are unavailable\n");
    end_host();
}
END_TEST

START_TEST(nobody_ended_a_task_that_shall_not_run)
{
    static const char document[] = PAYLOAD("STOPPED", HELPER("a") "," ESSENTIAL("b", ""));

    begin(false);
    has(document, ECSENGINE_PLAN_TEXT,
        "admission: shall be STOPPED, and needs nothing of the host\nstop:\n   1  the task is STOPPED\n");
    ck_assert_ptr_null(strstr(plan_in(document, ECSENGINE_PLAN_JSON), "endedBy"));
    end_host();
}
END_TEST

/* ---- what a step comes after ---- */

START_TEST(links_and_volumes_of_others_are_edges_and_what_is_said_twice_is_one)
{
    begin(false);
    has(RUN(ESSENTIAL("web", ",'links':['db'],'volumesFrom':[{'sourceContainer':'data'}]" ON(EDGE("db", "START"))) ","
            ESSENTIAL("db", "") "," ESSENTIAL("data", "")),
        ECSENGINE_PLAN_JSON,
        "'containerName':'web','image':'web','after':[{'step':5,'why':'dependency','containerName':'db','condition':'START'},"
        "{'step':4,'why':'dependency','containerName':'data','condition':'CREATE'}]}");
    end_host();
}
END_TEST

START_TEST(run_dependencies_are_edges_with_a_status)
{
    begin(false);
    has(RUN(ESSENTIAL("web", ",'RunDependencies':['db']") "," ESSENTIAL("db", "")), ECSENGINE_PLAN_JSON,
        "'containerName':'web','image':'web','after':[{'step':3,'why':'dependency','containerName':'db','neededStatus':'RUNNING'}]}");
    end_host();
}
END_TEST

/* Each edge at the first operation of the step that waits, and there alone. */
START_TEST(what_a_host_makes_comes_between_the_steps_of_containers)
{
    static const char document[] =
        MADE_BY_HOST(ESSENTIAL("a", "") "," ESSENTIAL("b", ""),
                     "{'name':'key','type':'x','requiredBy':[{'containerName':'a','status':'MANIFEST_PULLED'},"
                     "{'containerName':'a','status':'PULLED'}],'dependsOn':[{'containerName':'b','status':'PULLED'}]}");

    begin(true);
    ck_assert_str_eq(lines_below(document, "start:\n"),
                     "   1  b: pull-manifest b\n"
                     "   2  b: pull-image b\n"
                     "   3  b: tag-image b\n"
                     "   4  key: resource-create  after 3 (b PULLED)\n"
                     "   5  b: create\n"
                     "   6  a: pull-manifest a  after 4 (key CREATED)\n"
                     "   7  b: start\n"
                     "   8  a: pull-image a  after 4 (key CREATED)\n"
                     "   9  a: tag-image a\n"
                     "  10  a: create\n"
                     "  11  a: start\n"
                     "  12  the task is RUNNING\n");
    has(document, ECSENGINE_PLAN_JSON,
        "'step':'resource-remove','assumed':false,'resource':'key','after':[{'step':4,'why':'previous'},"
        "{'step':17,'why':'task','containerName':'a'},{'step':18,'why':'task','containerName':'b'}]}");
    end_host();
}
END_TEST

START_TEST(a_pull_that_waits_for_another_says_so_and_no_other_step_does)
{
    begin(true);
    ck_assert_str_eq(lines_below(RUN(ESSENTIAL("a", "") "," ESSENTIAL("b", "")), "start:\n"),
                     "   1  a: pull-manifest a\n"
                     "   2  b: pull-manifest b\n"
                     "   3  a: pull-image a\n"
                     "   4  a: tag-image a\n"
                     "   5  b: pull-image b  when one of the pulls before it has ended\n"
                     "   6  a: create\n"
                     "   7  b: tag-image b\n"
                     "   8  a: start\n"
                     "   9  b: create\n"
                     "  10  b: start\n"
                     "  11  the task is RUNNING\n");
    end_host();
}
END_TEST

static void fill(TCase *tcase)
{
    tcase_add_test(tcase, who_is_waited_for_in_another_way_too_ends_later);
    tcase_add_test(tcase, if_all_are_waited_for_in_another_way_too_they_end_all_the_same);
    tcase_add_test(tcase, who_was_created_waits_for_no_other_container_any_more);
    tcase_add_test(tcase, a_resource_waits_for_an_end_as_a_container_does);
    tcase_add_test(tcase, the_task_is_ended_by_the_essential_container_that_ended);
    tcase_add_test(tcase, the_task_is_ended_by_the_essential_container_that_could_not_be_made);
    tcase_add_test(tcase, nobody_ended_a_task_that_shall_not_run);
    tcase_add_test(tcase, links_and_volumes_of_others_are_edges_and_what_is_said_twice_is_one);
    tcase_add_test(tcase, run_dependencies_are_edges_with_a_status);
    tcase_add_test(tcase, what_a_host_makes_comes_between_the_steps_of_containers);
    tcase_add_test(tcase, a_pull_that_waits_for_another_says_so_and_no_other_step_does);
}

int main(void) { return run_tests("plan steps", fill); }

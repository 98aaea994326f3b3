/* SPDX-License-Identifier: Apache-2.0 */
/* A plan in its three forms, word for word: what sim_plan shows to be right is also said as it is. */
#include "planned.h"

static void begin(void)
{
    start_host();
    set("host-cpu", "4096");
    set("host-memory", "4096");
    set("image-manifest-resolution", "false");
    set("image-pull-behavior", "prefer-cached");
    set("engine-task-cleanup-wait-duration", "10m");
    open_engine();
    settle();
}

static void has(const char *document, const char *part)
{
    const char *text = plan_in(document, ECSENGINE_PLAN_JSON);

    ck_assert_msg(strstr(text, part) != NULL, "%s is not in %s", part, text);
}

/* One with volumes, one of them shared, that waits for a container's health and for another one's success. */
#define WHOLE                                                                                                                 \
    "{'taskArn':'" ARN_HEAD "t1','family':'fam','revision':3,'volumes':[{'name':'data','dockerVolumeConfiguration':"          \
    "{'scope':'task'}},{'name':'all','dockerVolumeConfiguration':{'scope':'shared'}}],'containerDefinitions':["               \
    "{'name':'web','image':'nginx','memory':64,'mountPoints':[{'sourceVolume':'data','containerPath':'/d'},"                  \
    "{'sourceVolume':'all','containerPath':'/a'}],'dependsOn':[{'containerName':'db','condition':'HEALTHY'},"                 \
    "{'containerName':'init','condition':'SUCCESS'}]},{'name':'db','image':'db','memory':64,'essential':false,"               \
    "'healthCheck':{'command':['CMD','true']}},{'name':'init','image':'init','memory':64,'essential':false}]}"

/* One that no host of this size can have, and whose essential container ends before the other would start. */
#define SHORT                                                                                                                 \
    "{'taskArn':'" ARN_HEAD "t2','family':'fam','revision':3,'containerDefinitions':[{'name':'web','image':'nginx',"          \
    "'memory':64,'essential':false,'dependsOn':[{'containerName':'job','condition':'COMPLETE'}]},"                            \
    "{'name':'job','image':'job','memory':5000}]}"

#define REFUSED                                                                                                               \
    "{'taskArn':'" ARN_HEAD "t3','family':'f','revision':3,'containerDefinitions':[{'name':'web','image':'nginx',"            \
    "'memory':64,'dependsOn':[{'containerName':'x','condition':'START'}]}]}"

START_TEST(steps_are_lines_with_what_they_come_after)
{
    begin();
    ck_assert_str_eq(plan_in(WHOLE, ECSENGINE_PLAN_TEXT),
        ARN_HEAD "t1 (fam:3)\n"
        "admission: fits the host now\n"
        "start:\n"
        "   1  data: volume-create\n"
        "   2  all: volume-inspect (assumed to be there)\n"
        "   3  db: inspect-image db (assumed to be there)\n"
        "   4  init: inspect-image init (assumed to be there)\n"
        "   5  db: create\n"
        "   6  init: create\n"
        "   7  db: start\n"
        "   8  init: start\n"
        "   9  db: becomes healthy (assumed)\n"
        "  10  init: ends with 0 (assumed)\n"
        "  11  web: inspect-image nginx (assumed to be there)  after 9 (db HEALTHY), 10 ("
        "init SUCCESS), 1 (data CREATED), 2 (all CREATED)\n"
        "  12  web: create\n"
        "  13  web: start\n"
        "  14  the task is RUNNING\n"
        "stop, when it is asked for:\n"
        "  15  the task is stopped\n"
        "  16  web: stop\n"
        "  17  db: stop  after 16 (web, which depends on it)\n"
        "  18  the task is STOPPED\n"
        "cleanup, 10m0s later:\n"
        "  19  web: remove\n"
        "  20  db: remove\n"
        "  21  init: remove\n"
        "  22  data: volume-remove\n"
        "  23  the task is removed\n");
    end_host();
}
END_TEST

START_TEST(an_essential_end_stops_the_task_and_what_never_starts_is_said)
{
    begin();
    ck_assert_str_eq(plan_in(SHORT, ECSENGINE_PLAN_TEXT),
        ARN_HEAD "t2 (fam:3)\n"
        "admission: would wait for what the host does not have at all: needs 5064 MiB of "
        "memory, 4096 of 4096 are free\n"
        "start:\n"
        "   1  job: inspect-image job (assumed to be there)\n"
        "   2  job: create\n"
        "   3  job: start\n"
        "   4  job: ends with 0 (assumed)\n"
        "stop, since job, which is essential, has ended:\n"
        "   5  the task is STOPPED\n"
        "cleanup, 10m0s later:\n"
        "   6  job: remove\n"
        "   7  the task is removed\n"
        "web would never start\n");
    end_host();
}
END_TEST

START_TEST(a_refused_task_has_a_reason_in_every_form)
{
    begin();
    ck_assert_str_eq(plan_in(REFUSED, ECSENGINE_PLAN_TEXT),
        ARN_HEAD "t3\n"
        "refused: Task dependencies cannot be resolved, taskArn: " ARN_HEAD
        "t3\n");
    ck_assert_str_eq(plan_in(REFUSED, ECSENGINE_PLAN_JSON),
        "{\"taskArn\":\"" ARN_HEAD "t3\",\"verdict\":\"refus"
        "ed\",\"text\":\"Task dependencies cannot be resolved, taskArn: " ARN_HEAD
        "t3\"}");
    ck_assert_str_eq(plan_in(REFUSED, ECSENGINE_PLAN_DOT),
        "digraph plan {\n"
        "  rankdir=LR;\n"
        "  node [shape=box];\n"
        "  label=\"" ARN_HEAD "t3\\nrefused: Task depen"
        "dencies cannot be resolved, taskArn: " ARN_HEAD
        "t3\";\n"
        "}\n");
    end_host();
}
END_TEST

START_TEST(a_graph_has_a_box_for_each_step_and_an_arrow_for_each_edge)
{
    begin();
    ck_assert_str_eq(plan_in(WHOLE, ECSENGINE_PLAN_DOT),
        "digraph plan {\n"
        "  rankdir=LR;\n"
        "  node [shape=box];\n"
        "  label=\"" ARN_HEAD "t1\\nadmission: fits the"
        " host now\";\n"
        "  subgraph cluster0 {\n"
        "    label=\"web\";\n"
        "    s11 [label=\"inspect-image\\nnginx\"];\n"
        "    s12 [label=\"create\"];\n"
        "    s13 [label=\"start\"];\n"
        "    s16 [label=\"stop\"];\n"
        "    s19 [label=\"remove\"];\n"
        "  }\n"
        "  subgraph cluster1 {\n"
        "    label=\"db\";\n"
        "    s3 [label=\"inspect-image\\ndb\"];\n"
        "    s5 [label=\"create\"];\n"
        "    s7 [label=\"start\"];\n"
        "    s9 [label=\"becomes-healthy\", style=dashed];\n"
        "    s17 [label=\"stop\"];\n"
        "    s20 [label=\"remove\"];\n"
        "  }\n"
        "  subgraph cluster2 {\n"
        "    label=\"init\";\n"
        "    s4 [label=\"inspect-image\\ninit\"];\n"
        "    s6 [label=\"create\"];\n"
        "    s8 [label=\"start\"];\n"
        "    s10 [label=\"ends\", style=dashed];\n"
        "    s21 [label=\"remove\"];\n"
        "  }\n"
        "  s1 [label=\"volume-create\\ndata\"];\n"
        "  s2 [label=\"volume-inspect\\nall\"];\n"
        "  s14 [label=\"task-running\", shape=ellipse];\n"
        "  s15 [label=\"stop-wanted\", shape=ellipse];\n"
        "  s18 [label=\"task-stopped\", shape=ellipse];\n"
        "  s22 [label=\"volume-remove\\ndata\"];\n"
        "  s23 [label=\"task-removed\", shape=ellipse];\n"
        "  s3 -> s5;\n"
        "  s4 -> s6;\n"
        "  s5 -> s7;\n"
        "  s6 -> s8;\n"
        "  s7 -> s9;\n"
        "  s8 -> s10;\n"
        "  s9 -> s11 [label=\"HEALTHY\"];\n"
        "  s10 -> s11 [label=\"SUCCESS\"];\n"
        "  s1 -> s11;\n"
        "  s2 -> s11;\n"
        "  s11 -> s12;\n"
        "  s12 -> s13;\n"
        "  s13 -> s14;\n"
        "  s7 -> s14;\n"
        "  s8 -> s14;\n"
        "  s13 -> s15;\n"
        "  s9 -> s15;\n"
        "  s10 -> s15;\n"
        "  s13 -> s16;\n"
        "  s15 -> s16;\n"
        "  s9 -> s17;\n"
        "  s15 -> s17;\n"
        "  s16 -> s17 [style=dotted];\n"
        "  s16 -> s18;\n"
        "  s17 -> s18;\n"
        "  s10 -> s18;\n"
        "  s16 -> s19;\n"
        "  s18 -> s19;\n"
        "  s17 -> s20;\n"
        "  s18 -> s20;\n"
        "  s10 -> s21;\n"
        "  s18 -> s21;\n"
        "  s1 -> s22;\n"
        "  s19 -> s22;\n"
        "  s20 -> s22;\n"
        "  s21 -> s22;\n"
        "  s19 -> s23;\n"
        "  s20 -> s23;\n"
        "  s21 -> s23;\n"
        "  s22 -> s23;\n"
        "  s2 -> s23;\n"
        "}\n");
    ck_assert_str_eq(plan_in(SHORT, ECSENGINE_PLAN_DOT),
        "digraph plan {\n"
        "  rankdir=LR;\n"
        "  node [shape=box];\n"
        "  label=\"" ARN_HEAD "t2\\nadmission: would wa"
        "it for what the host does not have at all: needs 5064 MiB of memory, 4096 of 409"
        "6 are free\";\n"
        "  subgraph cluster0 {\n"
        "    label=\"web\";\n"
        "  }\n"
        "  subgraph cluster1 {\n"
        "    label=\"job\";\n"
        "    s1 [label=\"inspect-image\\njob\"];\n"
        "    s2 [label=\"create\"];\n"
        "    s3 [label=\"start\"];\n"
        "    s4 [label=\"ends\", style=dashed];\n"
        "    s6 [label=\"remove\"];\n"
        "  }\n"
        "  s5 [label=\"task-stopped\", shape=ellipse];\n"
        "  s7 [label=\"task-removed\", shape=ellipse];\n"
        "  s1 -> s2;\n"
        "  s2 -> s3;\n"
        "  s3 -> s4;\n"
        "  s4 -> s5;\n"
        "  s4 -> s6;\n"
        "  s5 -> s6;\n"
        "  s6 -> s7;\n"
        "}\n");
    end_host();
}
END_TEST

START_TEST(json_has_every_step_with_its_edges)
{
    begin();
    has(WHOLE,
        "{\"taskArn\":\"" ARN_HEAD "t1\",\"verdict\":\"fits\""
        ",\"text\":\"fits the host now\",\"family\":\"fam\",\"version\":\"3\",\"lacks\":[],\"runs\":true,"
        "\"stopIsAsked\":true,\"ends\":true,\"endReason\":\"\",\"cleanupWaitNs\":600000000000,");
    has(WHOLE,
        "{\"id\":1,\"round\":0,\"phase\":\"start\",\"step\":\"volume-create\",\"assumed\":false,\"resour"
        "ce\":\"data\",\"after\":[]}");
    has(WHOLE,
        "{\"id\":2,\"round\":0,\"phase\":\"start\",\"step\":\"volume-inspect\",\"assumed\":true,\"resour"
        "ce\":\"all\",\"after\":[]}");
    has(WHOLE,
        "{\"id\":5,\"round\":1,\"phase\":\"start\",\"step\":\"create\",\"assumed\":false,\"containerName"
        "\":\"db\",\"after\":[{\"step\":3,\"why\":\"previous\",\"containerName\":\"db\"}]}");
    has(WHOLE,
        "{\"id\":9,\"round\":3,\"phase\":\"start\",\"step\":\"becomes-healthy\",\"assumed\":true,\"conta"
        "inerName\":\"db\",\"after\":[{\"step\":7,\"why\":\"previous\",\"containerName\":\"db\"}]}");
    has(WHOLE,
        "{\"id\":11,\"round\":5,\"phase\":\"start\",\"step\":\"inspect-image\",\"assumed\":true,\"contai"
        "nerName\":\"web\",\"image\":\"nginx\",\"after\":[{\"step\":9,\"why\":\"dependency\",\"containerN"
        "ame\":\"db\",\"condition\":\"HEALTHY\"},{\"step\":10,\"why\":\"dependency\",\"containerName\":\""
        "init\",\"condition\":\"SUCCESS\"},{\"step\":1,\"why\":\"resource\",\"neededStatus\":\"CREATED\""
        "},{\"step\":2,\"why\":\"resource\",\"neededStatus\":\"CREATED\"}]}");
    has(WHOLE,
        "{\"id\":14,\"round\":8,\"phase\":\"start\",\"step\":\"task-running\",\"assumed\":false,\"after\""
        ":[{\"step\":13,\"why\":\"task\",\"containerName\":\"web\"},{\"step\":7,\"why\":\"task\",\"contain"
        "erName\":\"db\"},{\"step\":8,\"why\":\"task\",\"containerName\":\"init\"}]}");
    has(WHOLE,
        "{\"id\":17,\"round\":10,\"phase\":\"stop\",\"step\":\"stop\",\"assumed\":false,\"containerName\""
        ":\"db\",\"after\":[{\"step\":9,\"why\":\"previous\",\"containerName\":\"db\"},{\"step\":15,\"why\""
        ":\"task\"},{\"step\":16,\"why\":\"stop-order\",\"containerName\":\"web\",\"neededStatus\":\"STO"
        "PPED\"}]}");
    has(WHOLE,
        "{\"id\":18,\"round\":11,\"phase\":\"stop\",\"step\":\"task-stopped\",\"assumed\":false,\"after\""
        ":[{\"step\":16,\"why\":\"task\",\"containerName\":\"web\"},{\"step\":17,\"why\":\"task\",\"contai"
        "nerName\":\"db\"},{\"step\":10,\"why\":\"task\",\"containerName\":\"init\"}]}");
    has(WHOLE,
        "{\"id\":22,\"round\":13,\"phase\":\"cleanup\",\"step\":\"volume-remove\",\"assumed\":false,\"re"
        "source\":\"data\",\"after\":[{\"step\":1,\"why\":\"previous\"},{\"step\":19,\"why\":\"task\",\"con"
        "tainerName\":\"web\"},{\"step\":20,\"why\":\"task\",\"containerName\":\"db\"},{\"step\":21,\"why"
        "\":\"task\",\"containerName\":\"init\"}]}");
    has(WHOLE,
        "{\"id\":23,\"round\":15,\"phase\":\"cleanup\",\"step\":\"task-removed\",\"assumed\":false,\"aft"
        "er\":[{\"step\":19,\"why\":\"task\",\"containerName\":\"web\"},{\"step\":20,\"why\":\"task\",\"con"
        "tainerName\":\"db\"},{\"step\":21,\"why\":\"task\",\"containerName\":\"init\"},{\"step\":22,\"wh"
        "y\":\"task\"},{\"step\":2,\"why\":\"task\"}]}");
    ck_assert_str_eq(plan_in(SHORT, ECSENGINE_PLAN_JSON),
        "{\"taskArn\":\"" ARN_HEAD "t2\",\"verdict\":\"never"
        "\",\"text\":\"would wait for what the host does not have at all: needs 5064 MiB of m"
        "emory, 4096 of 4096 are free\",\"family\":\"fam\",\"version\":\"3\",\"lacks\":[{\"resource\":"
        "\"memory\",\"text\":\"needs 5064 MiB of memory, 4096 of 4096 are free\",\"needed\":5064,"
        "\"free\":4096,\"capacity\":4096,\"missing\":968,\"holderCount\":0,\"never\":true}],\"runs\":"
        "false,\"stopIsAsked\":false,\"endedBy\":\"job\",\"ends\":true,\"endReason\":\"\",\"cleanupWai"
        "tNs\":600000000000,\"steps\":[{\"id\":1,\"round\":0,\"phase\":\"start\",\"step\":\"inspect-ima"
        "ge\",\"assumed\":true,\"containerName\":\"job\",\"image\":\"job\",\"after\":[]},{\"id\":2,\"roun"
        "d\":1,\"phase\":\"start\",\"step\":\"create\",\"assumed\":false,\"containerName\":\"job\",\"afte"
        "r\":[{\"step\":1,\"why\":\"previous\",\"containerName\":\"job\"}]},{\"id\":3,\"round\":2,\"phase"
        "\":\"start\",\"step\":\"start\",\"assumed\":false,\"containerName\":\"job\",\"after\":[{\"step\":"
        "2,\"why\":\"previous\",\"containerName\":\"job\"}]},{\"id\":4,\"round\":3,\"phase\":\"start\",\"s"
        "tep\":\"ends\",\"assumed\":true,\"containerName\":\"job\",\"after\":[{\"step\":3,\"why\":\"previ"
        "ous\",\"containerName\":\"job\"}]},{\"id\":5,\"round\":4,\"phase\":\"stop\",\"step\":\"task-stop"
        "ped\",\"assumed\":false,\"after\":[{\"step\":4,\"why\":\"task\",\"containerName\":\"job\"}]},{\""
        "id\":6,\"round\":5,\"phase\":\"cleanup\",\"step\":\"remove\",\"assumed\":false,\"containerName"
        "\":\"job\",\"after\":[{\"step\":4,\"why\":\"previous\",\"containerName\":\"job\"},{\"step\":5,\"wh"
        "y\":\"task\"}]},{\"id\":7,\"round\":7,\"phase\":\"cleanup\",\"step\":\"task-removed\",\"assumed\""
        ":false,\"after\":[{\"step\":6,\"why\":\"task\",\"containerName\":\"job\"}]}],\"containers\":[{"
        "\"containerName\":\"web\",\"starts\":false,\"reason\":\"\"},{\"containerName\":\"job\",\"starts"
        "\":true,\"reason\":\"\"}]}");
    end_host();
}
END_TEST

static void fill(TCase *tcase)
{
    tcase_add_test(tcase, steps_are_lines_with_what_they_come_after);
    tcase_add_test(tcase, an_essential_end_stops_the_task_and_what_never_starts_is_said);
    tcase_add_test(tcase, a_refused_task_has_a_reason_in_every_form);
    tcase_add_test(tcase, a_graph_has_a_box_for_each_step_and_an_arrow_for_each_edge);
    tcase_add_test(tcase, json_has_every_step_with_its_edges);
}

int main(void) { return run_tests("plan forms", fill); }

/* SPDX-License-Identifier: Apache-2.0 */
/* What fails a call, what refuses a task, and with which words. */
#include "fixture.h"

#define START "{'arn':'" ARN "','desiredStatus':'RUNNING','containers':["

START_TEST(what_is_no_json_fails_with_its_place)
{
    fail_with("", ECSENGINE_ESYNTAX, "the document is empty at line 1, column 1");
    fail_with("{\n  'arn':\n  'x", ECSENGINE_ESYNTAX, "the document ends inside a string at line 3, column 5");
    ck_assert_int_eq(ecsengine_error_line(last.error), 3);
    ck_assert_int_eq(ecsengine_error_column(last.error), 5);
    fail_with("{'arn':1} x", ECSENGINE_ESYNTAX, "the document goes on after its end at line 1, column 11");
    fail_with("hello", ECSENGINE_ESYNTAX, "expected a value at line 1, column 1");
}
END_TEST

START_TEST(what_is_no_task_fails_with_its_place)
{
    fail_with("[]", ECSENGINE_EDOCUMENT, "expected a task: an object at $ (line 1, column 1)");
    fail_with("null", ECSENGINE_EDOCUMENT, "expected a task: an object at $ (line 1, column 1)");
    fail_with("{}", ECSENGINE_EDOCUMENT, "the task has no arn at $ (line 1, column 1)");
    fail_with("\n {'arn':null}", ECSENGINE_EDOCUMENT, "the task has no arn at $ (line 2, column 2)");
    ck_assert_str_eq(ecsengine_error_path(last.error), "$");
    fail_with("{'containerDefinitions':[]}", ECSENGINE_EDOCUMENT,
              "the task definition has no taskArn beside it at $ (line 1, column 1)");
    fail_with("{'taskDefinition':{}}", ECSENGINE_EDOCUMENT, "the task definition has no taskArn beside it at $ (line 1, column 1)");
    fail_with("{'arn':5}", ECSENGINE_EDOCUMENT, "expected a string at $.arn (line 1, column 8)");
    ck_assert_str_eq(ecsengine_error_path(last.error), "$.arn");
    ck_assert_int_eq(ecsengine_error_column(last.error), 8);
}
END_TEST

START_TEST(an_arn_looks_like_one_of_a_task)
{
    static const char *const bad[] = {
        "",
        "x",
        "arn:aws:ecs:r:a:service/x",
        "arn:aws:ecs:r:a:task/",
        "arn:aws:ecs:r:a",
        "arn:aws:ecs:task/x",
        "arn:aws:ec2:r:a:task/x",
        "xrn:aws:ecs:r:a:task/x",
        "arn:aws:ecs:r:a:task/x/",
        "arn:aws:ecs:r:a:task/a b",
        "arn:aws:ecs:r:a:task/a\\u0001",
        "arn:aws:ecs:r:a:task/a\\u0000",
    };
    static const char *const good[] = {
        "arn:aws:ecs:us-west-2:123456789012:task/default/0123",
        "arn:aws-cn:ecs:cn-north-1:123456789012:task/old-form",
        "arn:aws:ecs:::task/local",
        "arn:aws:ecs:r:a:task/x:y",
    };
    char document[256];

    for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
        snprintf(document, sizeof(document), "{'arn':'%s','containers':[" WEB "]}", bad[i]);
        fail_with(document, ECSENGINE_EDOCUMENT,
                  "expected the ARN of a task, arn:PARTITION:ecs:REGION:ACCOUNT:task/... at $.arn (line 1, column 8)");
    }
    for (size_t i = 0; i < sizeof(good) / sizeof(good[0]); i++) {
        snprintf(document, sizeof(document), "{'arn':'%s','containers':[" WEB "]}", good[i]);
        parse(document);
        ck_assert_int_eq(last.code, 0);
        ck_assert_str_eq(str_text(last.spec->arn), good[i]);
    }
}
END_TEST

START_TEST(an_arn_has_at_most_2048_bytes)
{
    char document[4096], arn[2200] = "arn:aws:ecs:r:a:task/";

    memset(arn + 21, 'x', 2048 - 21);
    snprintf(document, sizeof(document), "{'arn':'%s','containers':[" WEB "]}", arn);
    parse(document);
    ck_assert_int_eq(last.code, 0);
    memset(arn + 21, 'x', 2049 - 21);
    snprintf(document, sizeof(document), "{'arn':'%s','containers':[" WEB "]}", arn);
    fail_with(document, ECSENGINE_EDOCUMENT, "expected an ARN of at most 2048 bytes at $.arn (line 1, column 8)");
}
END_TEST

START_TEST(a_document_over_its_limit_fails)
{
    last.limits.payload_bytes = 10;
    fail_with("{'arn':'x'}", ECSENGINE_ELIMIT, "the document has 11 bytes, more than 10");
}
END_TEST

START_TEST(a_task_without_containers_is_refused)
{
    refuse("{'arn':'" ARN "'}", DECODE "the task has no containers");
    refuse("{'arn':'" ARN "','containers':[]}", DECODE "the task has no containers");
    refuse("{'taskArn':'" ARN "','family':'f'}", DECODE "the task has no containers");
}
END_TEST

START_TEST(a_task_with_too_many_containers_is_refused)
{
    last.limits.container_count = 2;
    accept(START "{'name':'a','image':'i'},{'name':'b','image':'i'}]}");
    refuse(START "{'name':'a','image':'i'},{'name':'b','image':'i'},{'name':'c','image':'i'}]}",
           DECODE "$.containers: the task has 3 containers, more than 2 (container-limit) (line 1, column 100)");
}
END_TEST

START_TEST(two_containers_with_one_name_are_refused)
{
    refuse(START "{'name':'a','image':'i'},{'name':'a','image':'i'}]}",
           DECODE "$.containers[1].name: a second container with the name a (line 1, column 134)");
}
END_TEST

START_TEST(a_container_has_a_name_and_an_image)
{
    refuse(START "{'image':'i'}]}", DECODE "$.containers[0]: name is missing (line 1, column 101)");
    refuse(START "{'name':'','image':'i'}]}",
           DECODE "$.containers[0].name: expected 1 to 255 bytes without spaces and control characters (line 1, column 109)");
    refuse(START "{'name':'a b','image':'i'}]}",
           DECODE "$.containers[0].name: expected 1 to 255 bytes without spaces and control characters (line 1, column 109)");
    refuse(TASKDEF("{'name':'a.b','image':'i'}"), DECODE
           "$.containerDefinitions[0].name: expected 1 to 255 letters, digits, hyphens and underscores (line 1, column 112)");
    refuse(START "{'name':'a'}]}", DECODE "$.containers[0]: image is missing (line 1, column 101)");
    refuse(START "{'name':'a','image':''}]}", DECODE "$.containers[0].image: an image is empty (line 1, column 121)");
    accept(START "{'name':'~internal~a.b','image':'i'}]}");
}
END_TEST

START_TEST(names_have_at_most_255_bytes)
{
    char document[1024], name[300];

    for (int len = 255; len <= 256; len++) {
        memset(name, 'n', (size_t)len);
        name[len] = '\0';
        snprintf(document, sizeof(document), START "{'name':'%s','image':'i'}]}", name);
        parse(document);
        ck_assert_int_eq(last.spec->refusal != NULL, len == 256);
        snprintf(document, sizeof(document), "{'arn':'" ARN "','family':'%s','containers':[" WEB "]}", name);
        parse(document);
        ck_assert_int_eq(last.spec->refusal != NULL, len == 256);
    }
    ck_assert_str_eq(str_text(last.spec->refusal), DECODE "$.family: has 256 bytes, more than 255 (line 1, column 70)");
}
END_TEST

START_TEST(an_image_has_at_most_4096_bytes)
{
    char *document = malloc(8192), *image = calloc(1, 5000);

    for (int len = 4096; len <= 4097; len++) {
        memset(image, 'i', (size_t)len);
        snprintf(document, 8192, START "{'name':'a','image':'%s'}]}", image);
        parse(document);
        ck_assert_int_eq(last.spec->refusal != NULL, len == 4097);
    }
    free(document);
    free(image);
}
END_TEST

START_TEST(a_protocol_is_tcp_or_udp)
{
    refuse(
        START "{'name':'a','image':'i','portMappings':[{'containerPort':1,'protocol':'TCP'}]}]}", DECODE
        "$.containers[0].portMappings[0].protocol: TransportProtocol must be \"tcp\" or \"udp\"; Got \"TCP\" (line 1, column 171)");
}
END_TEST

START_TEST(numbers_are_whole_and_in_range)
{
    static const struct {
        const char *member, *number, *range;
    } cases[] = {
        {"cpu", "-1", "0 to 4294967295"},
        {"cpu", "4294967296", "0 to 4294967295"},
        {"cpu", "1.5", "0 to 4294967295"},
        {"cpu", "1.0", "0 to 4294967295"},
        {"cpu", "1e3", "0 to 4294967295"},
        {"memory", "99999999999999999999999999", "0 to 4294967295"},
        {"memory", "-9223372036854775809", "0 to 4294967295"},
        {"startTimeout", "-1", "0 to 4294967295"},
        {"stopTimeout", "1e400", "0 to 4294967295"},
    };
    char document[512], expected[256];

    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        snprintf(document, sizeof(document), START "{'name':'a','image':'i','%s':%s}]}", cases[i].member, cases[i].number);
        snprintf(expected, sizeof(expected),
                 DECODE "$.containers[0].%s: expected a whole number from %s, got %s (line 1, column %zu)", cases[i].member,
                 cases[i].range, cases[i].number, 128 + strlen(cases[i].member));
        refuse(document, expected);
    }
    refuse(
        START "{'name':'a','image':'i','portMappings':[{'containerPort':65536}]}]}", DECODE
        "$.containers[0].portMappings[0].containerPort: expected a whole number from 0 to 65535, got 65536 (line 1, column 158)");
    refuse("{'arn':'" ARN "','cpu':-0.5,'containers':[" WEB "]}",
           DECODE "$.cpu: expected a number from 0 to 4194303, got -0.5 (line 1, column 67)");
    refuse("{'arn':'" ARN "','memory':0.5,'containers':[" WEB "]}",
           DECODE "$.memory: expected a whole number from 0 to 8796093022207, got 0.5 (line 1, column 70)");
    refuse("{'arn':'" ARN "','cpu':1e400,'containers':[" WEB "]}",
           DECODE "$.cpu: expected a number from 0 to 4194303, got 1e400 (line 1, column 67)");
}
END_TEST

START_TEST(volumes_are_checked)
{
    static const struct {
        const char *volume, *reason;
    } cases[] = {
        {"{}", "$.volumes[0]: invalid Volume; must include a name (line 1, column 72)"},
        {"{'name':'a'}", "$.volumes[0]: invalid volume: empty volume configuration (line 1, column 72)"},
        {"{'name':'a','type':'docker'}", "$.volumes[0]: invalid volume: empty volume configuration (line 1, column 72)"},
        {"{'name':'a','type':'s3files'}", "$.volumes[0]: invalid volume: empty s3files volume configuration (line 1, column 72)"},
        {"{'name':'a','type':''}", "$.volumes[0].type: unrecognized volume type: \"\" (line 1, column 91)"},
        {"{'name':'a','type':'ebs'}", "$.volumes[0].type: unrecognized volume type: \"ebs\" (line 1, column 91)"},
    };
    char document[512], reason[256];

    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        snprintf(document, sizeof(document), "{'arn':'" ARN "','volumes':[%s],'containers':[" WEB "]}", cases[i].volume);
        snprintf(reason, sizeof(reason), DECODE "%s", cases[i].reason);
        refuse(document, reason);
    }
}
END_TEST

START_TEST(a_mount_has_a_volume_and_a_path)
{
    refuse(START "{'name':'a','image':'i','mountPoints':[{'sourceVolume':'v','containerPath':'/x'}]}]}",
           "HostConfigError: Invalid volume referenced: v");
    refuse(PAYLOAD_WITH("'volumes':[{'name':'v','host':{'sourcePath':'/s'}}]",
                        "{'name':'a','image':'i','mountPoints':[{'sourceVolume':'v'}]}"),
           "HostConfigError: Unable to resolve volume mounts; invalid path: a v; /s -> ");
}
END_TEST

START_TEST(links_and_volumes_from_must_lead_somewhere)
{
    static const char wrap[] = "resource cannot be initialized for task " ARN ": ";
    static const struct {
        const char *member, *cause;
    } cases[] = {
        {"'links':['x']", "could not find container for link x"},
        {"'links':['x:y']", "could not find container for link x:y"},
        {"'links':['b:c:d']", "invalid link format"},
        {"'links':['b:']", "invalid link format"},
        {"'links':['']", "could not find container for link "},
        {"'volumesFrom':[{'sourceContainer':'x'}]", "could not find volume source container with name x"},
        {"'volumesFrom':[{}]", "could not find volume source container with name "},
        /* Volumes of all containers are looked at before links of any. */
        {"'links':['x'],'volumesFrom':[{'sourceContainer':'y'}]", "could not find volume source container with name y"},
        /* And before the dependencies are. */
        {"'links':['x'],'dependsOn':[{'containerName':'z','condition':'START'}]", "could not find container for link x"},
    };
    char document[512], reason[512];

    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        snprintf(document, sizeof(document), START "{'name':'a','image':'i',%s},{'name':'b','image':'i'}]}", cases[i].member);
        snprintf(reason, sizeof(reason), "%s%s", wrap, cases[i].cause);
        refuse(document, reason);
    }
}
END_TEST

START_TEST(a_character_of_zero_is_refused_wherever_it_is)
{
    refuse(START "{'name':'a\\u0000','image':'i'}]}",
           DECODE "$.containers[0].name: the character U+0000 is not allowed (line 1, column 109)");
    refuse(START "{'name':'a','image':'i','environment':{'x':'\\u0000'}}]}",
           DECODE "$.containers[0].environment.x: the character U+0000 is not allowed (line 1, column 144)");
    refuse(START "{'name':'a','image':'i','unknown':{'\\u0000':1}}]}",
           DECODE "$.containers[0].unknown[\"?\"]: the character U+0000 is not allowed (line 1, column 145)");
}
END_TEST

START_TEST(a_reason_has_at_most_1024_bytes_and_whole_characters)
{
    char *document = malloc(8192), *name = calloc(1, 4096);

    for (size_t i = 0; i < 600; i++)
        memcpy(name + strlen(name), i % 2 == 0 ? "\xc3\xa4" : "\xe2\x82\xac", i % 2 == 0 ? 2 : 3);
    snprintf(document, 8192, START "{'name':'a','image':'i','links':['%s']}]}", name);
    parse(document);
    size_t len = str_len(last.spec->refusal);
    ck_assert_uint_le(len, 1024);
    ck_assert_uint_gt(len, 500);
    ck_assert(utf8_valid(str_text(last.spec->refusal), len));
    free(document);
    free(name);
}
END_TEST

static void add(TCase *tcase)
{
    tcase_add_test(tcase, what_is_no_json_fails_with_its_place);
    tcase_add_test(tcase, what_is_no_task_fails_with_its_place);
    tcase_add_test(tcase, an_arn_looks_like_one_of_a_task);
    tcase_add_test(tcase, an_arn_has_at_most_2048_bytes);
    tcase_add_test(tcase, a_document_over_its_limit_fails);
    tcase_add_test(tcase, a_task_without_containers_is_refused);
    tcase_add_test(tcase, a_task_with_too_many_containers_is_refused);
    tcase_add_test(tcase, two_containers_with_one_name_are_refused);
    tcase_add_test(tcase, a_container_has_a_name_and_an_image);
    tcase_add_test(tcase, names_have_at_most_255_bytes);
    tcase_add_test(tcase, an_image_has_at_most_4096_bytes);
    tcase_add_test(tcase, a_protocol_is_tcp_or_udp);
    tcase_add_test(tcase, numbers_are_whole_and_in_range);
    tcase_add_test(tcase, volumes_are_checked);
    tcase_add_test(tcase, a_mount_has_a_volume_and_a_path);
    tcase_add_test(tcase, links_and_volumes_from_must_lead_somewhere);
    tcase_add_test(tcase, a_character_of_zero_is_refused_wherever_it_is);
    tcase_add_test(tcase, a_reason_has_at_most_1024_bytes_and_whole_characters);
}

int main(void) { return run_cases("spec: refusals", add); }

/* SPDX-License-Identifier: Apache-2.0 */
/* Raw Docker JSON over what is computed, and the create request that comes of it. */
#include "fixture.h"

/* Raw texts stand in the document with \" for each quote; here they are written with " and escaped on the way. */
static const char *with_raw(const char *member, const char *raw, const char *more)
{
    static char document[4096];
    char escaped[2048];
    size_t at = 0;

    for (const char *c = raw; *c != '\0'; c++) {
        if (*c == '\'' || *c == '\\')
            escaped[at++] = '\\';
        escaped[at++] = *c;
    }
    escaped[at] = '\0';
    snprintf(document, sizeof(document),
             PAYLOAD("{'name':'web','image':'nginx'%s,'dockerConfig':{'%s':'%s'}},{'name':'db','image':'pg'}"), more, member,
             escaped);
    return document;
}

static const struct container_def *config(const char *raw, const char *more)
{
    return accept(with_raw("config", raw, more))->containers;
}

static const struct container_def *host_config(const char *raw, const char *more)
{
    return accept(with_raw("hostConfig", raw, more))->containers;
}

START_TEST(a_scalar_replaces_and_null_does_not)
{
    config("{'User':'app','Image':'other','Tty':true}", "");
    has(0, "{'Image':'other','Tty':true,'User':'app','Labels'");
    ck_assert_str_eq(last.spec->definition->containers[0].image, "nginx");
    config("{'User':null,'Image':null}", "");
    has(0, "{'Image':'nginx','Labels'");
    host_config("{'CpuShares':7,'Memory':null}", ",'cpu':10,'memory':32");
    has(0, "'HostConfig':{'CpuShares':7,'Memory':33554432}");
}
END_TEST

START_TEST(a_list_replaces_and_null_takes_it_away)
{
    config("{'Env':['A=1'],'Cmd':['x','y']}", ",'command':['a'],'environment':{'B':'2'}");
    has(0, "{'Cmd':['x','y'],'Env':['A=1'],'Image':'nginx','Labels'");
    config("{'Env':null,'Cmd':null}", ",'command':['a'],'environment':{'B':'2'}");
    has(0, "{'Image':'nginx','Labels'");
    config("{'Env':[]}", ",'environment':{'B':'2'}");
    has(0, "'Env':[]");
}
END_TEST

START_TEST(a_plain_string_is_a_list_of_one_where_go_takes_it)
{
    config("{'Cmd':'a b','Entrypoint':'/init','Shell':'sh'}", "");
    has(0, "{'Cmd':['a b'],'Entrypoint':['/init'],'Image':'nginx','Shell':['sh'],'Labels'");
    refuse(with_raw("config", "{'Env':'A=1'}", ""),
           "DockerClientConfigError: Unable decode given docker config: $.Env: expected an array, got a string");
}
END_TEST

START_TEST(keys_of_a_map_are_merged)
{
    config("{'ExposedPorts':{'90/tcp':{}},'Labels':{'b':'2','a':'1'}}", ",'portMappings':[{'containerPort':80}]");
    has(0, "{'ExposedPorts':{'80/tcp':{},'90/tcp':{}},'Image':'nginx','Labels':{'a':'1','b':'2','com.");
    host_config("{'PortBindings':{'80/tcp':[{'HostPort':'1'}],'90/tcp':[]}}",
                ",'portMappings':[{'containerPort':80},{'containerPort':81}]");
    has(0, "'PortBindings':{'80/tcp':[{'HostPort':'1'}],'81/tcp':[{'HostIp':'','HostPort':'0'}],'90/tcp':[]}");
    host_config("{'PortBindings':null}", ",'portMappings':[{'containerPort':80}]");
    has_not(0, "PortBindings");
}
END_TEST

START_TEST(a_struct_is_merged_member_by_member)
{
    host_config("{'LogConfig':{'Config':{'mode':'non-blocking'}}}", "");
    has(0, "'LogConfig':{'Config':{'max-buffer-size':'10m','mode':'non-blocking'}}");
    host_config("{'logconfig':{'type':'json-file','config':{'Mode':'x'}}}", "");
    has(0, "'LogConfig':{'Config':{'Mode':'x'},'Type':'json-file'}");
    host_config("{'LogConfig':null}", "");
    has_not(0, "LogConfig");
    config("{'Healthcheck':{'test':['NONE'],'Interval':1}}", "");
    has(0, "'Healthcheck':{'Interval':1,'Test':['NONE']}");
}
END_TEST

START_TEST(names_of_docker_have_no_case_and_an_exact_one_wins)
{
    config("{'user':'a','WORKINGDIR':'/w'}", "");
    has(0, "'User':'a','WorkingDir':'/w'");
    config("{'User':'a','user':'b'}", "");
    has(0, "'User':'a'");
    config("{'user':'b','User':'a'}", "");
    has(0, "'User':'a'");
    config("{'User':'a','User':'c'}", "");
    has(0, "'User':'c'");
}
END_TEST

START_TEST(keys_that_docker_may_have_one_day_are_kept)
{
    config("{'Zukunft':{'b':[1,2.50,null],'a':'x'},'User':'u'}", "");
    has(0, "{'Image':'nginx','User':'u','Zukunft':{'a':'x','b':[1,2.50,null]},'Labels'");
    host_config("{'x':1,'x':2}", "");
    has(0, "'x':2}");
}
END_TEST

START_TEST(a_raw_list_of_links_or_volumes_takes_the_place_of_the_tasks)
{
    const struct container_def *web =
        host_config("{'Links':['other:db'],'VolumesFrom':['c:ro']}", ",'links':['db'],'volumesFrom':[{'sourceContainer':'db'}]");

    ck_assert_uint_eq(web->link_count, 0);
    ck_assert_uint_eq(web->volumes_from_count, 0);
    ck_assert_uint_eq(web->dependency_count, 2);
    has(0, "'HostConfig':{'CpuShares':2,'Links':['other:db'],'VolumesFrom':['c:ro']}");
    host_config("{'links':null}", ",'links':['db']");
    has_not(0, "Links");
    host_config("{}", ",'links':['db']");
    has(0, "'Links':['rt-1:db']");
}
END_TEST

START_TEST(the_raw_soft_limit_is_for_admission_too)
{
    ck_assert_uint_eq(host_config("{'MemoryReservation':67108864}", "")->memory_reservation_bytes, 67108864);
    ck_assert_uint_eq(host_config("{'memoryreservation':5}", "")->memory_reservation_bytes, 5);
    ck_assert_uint_eq(host_config("{'MemoryReservation':-1}", "")->memory_reservation_bytes, 0);
}
END_TEST

START_TEST(the_mode_of_the_task_is_under_a_raw_one)
{
    accept(PAYLOAD_WITH("'networkMode':'host'",
                        "{'name':'web','image':'nginx','dockerConfig':{'hostConfig':'{\\'NetworkMode\\':\\'mine\\'}'}}"));
    has(0, "'NetworkMode':'mine'");
}
END_TEST

START_TEST(raw_texts_that_are_no_json_are_refused)
{
    refuse(with_raw("config", "{", ""),
           "DockerClientConfigError: Unable decode given docker config: the document ends inside an object at line 1, column 2");
    refuse(with_raw("hostConfig", "{'a':}", ""),
           "HostConfigError: Unable to decode given host config: expected a value at line 1, column 6");
    refuse(with_raw("config", "[]", ""),
           "DockerClientConfigError: Unable decode given docker config: expected an object, got an array");
    refuse(with_raw("config", "{'a':'\\u0000'}", ""),
           "DockerClientConfigError: Unable decode given docker config: $.a: the character U+0000 is not allowed");
    config("null", "");
    has(0, "{'Image':'nginx','Labels'");
    config("", "");
    has(0, "{'Image':'nginx','Labels'");
}
END_TEST

START_TEST(raw_values_of_another_kind_are_refused)
{
    static const struct {
        const char *member, *raw, *reason;
    } cases[] = {
        {"config", "{'User':1}", "$.User: expected a string, got a number"},
        {"config", "{'Tty':'x'}", "$.Tty: expected true or false, got a string"},
        {"config", "{'Cmd':[1]}", "$.Cmd[0]: expected a string, got a number"},
        {"config", "{'Cmd':{}}", "$.Cmd: expected an array, got an object"},
        {"config", "{'Healthcheck':[]}", "$.Healthcheck: expected an object, got an array"},
        {"config", "{'Healthcheck':{'Retries':1.5}}", "$.Healthcheck.Retries: expected a whole number, got a number"},
        {"config", "{'Labels':{'a':{}}}", "$.Labels.a: expected a string, got an object"},
        {"config", "{'ExposedPorts':[]}", "$.ExposedPorts: expected an object, got an array"},
        {"config", "{'StopTimeout':'1'}", "$.StopTimeout: expected a whole number, got a string"},
        {"hostConfig", "{'Memory':'1'}", "$.Memory: expected a whole number, got a string"},
        {"hostConfig", "{'Memory':99999999999999999999}", "$.Memory: expected a whole number, got a number"},
        {"hostConfig", "{'Init':1}", "$.Init: expected true or false, got a number"},
        {"hostConfig", "{'Ulimits':{}}", "$.Ulimits: expected an array, got an object"},
        {"hostConfig", "{'LogConfig':{'Config':{'a':1}}}", "$.LogConfig.Config.a: expected a string, got a number"},
        {"hostConfig", "{'Dns':[null]}", "$.Dns[0]: expected a string, got null"},
    };
    char reason[256];

    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        snprintf(reason, sizeof(reason), "%s: %s",
                 cases[i].member[0] == 'c' ? "DockerClientConfigError: Unable decode given docker config"
                                           : "HostConfigError: Unable to decode given host config",
                 cases[i].reason);
        refuse(with_raw(cases[i].member, cases[i].raw, ""), reason);
    }
}
END_TEST

START_TEST(a_health_check_that_is_reported_must_be_there)
{
    static const char reason[] = "DockerClientConfigError: docker health check is nil while container health check type is DOCKER";

    refuse(PAYLOAD("{'name':'web','image':'nginx','healthCheckType':'docker'}"), reason);
    refuse(with_raw("config", "{'Healthcheck':null}", ",'healthCheckType':'docker'"), reason);
    config("{'Healthcheck':{}}", ",'healthCheckType':'docker'");
}
END_TEST

START_TEST(the_request_has_no_instance_label_without_an_instance)
{
    struct config_facts facts = {.task_arn = ARN, .cluster = "c\"x", .instance = "", .runtime_name = runtime_name};

    accept(PAYLOAD(WEB));
    container_config_build(last.spec->definition, 0, &facts, &last.config);
    ck_assert_ptr_null(strstr(last.config.data, "ecsengine.instance"));
    ck_assert_ptr_nonnull(strstr(last.config.data, "\"com.amazonaws.ecs.cluster\":\"c\\\"x\"},\"HostConfig\":{"));
}
END_TEST

START_TEST(a_request_that_finds_no_memory_says_so)
{
    const struct config_facts facts = {.task_arn = ARN, .cluster = "c", .instance = "i", .runtime_name = runtime_name};
    bool failed = true;

    accept(PAYLOAD("{'name':'web','image':'nginx','links':['db']},{'name':'db','image':'pg'}"));
    for (long n = 1; failed; n++) {
        struct buf out;
        buf_init(&out, &last.mem, 0);
        last.fail_at = last.allocations + n;
        container_config_build(last.spec->definition, 0, &facts, &out);
        failed = last.allocations >= last.fail_at;
        last.fail_at = 0;
        ck_assert_int_eq(out.failed, failed ? ECSENGINE_ENOMEM : 0);
        buf_free(&out);
    }
}
END_TEST

static void add(TCase *tcase)
{
    tcase_add_test(tcase, a_scalar_replaces_and_null_does_not);
    tcase_add_test(tcase, a_list_replaces_and_null_takes_it_away);
    tcase_add_test(tcase, a_plain_string_is_a_list_of_one_where_go_takes_it);
    tcase_add_test(tcase, keys_of_a_map_are_merged);
    tcase_add_test(tcase, a_struct_is_merged_member_by_member);
    tcase_add_test(tcase, names_of_docker_have_no_case_and_an_exact_one_wins);
    tcase_add_test(tcase, keys_that_docker_may_have_one_day_are_kept);
    tcase_add_test(tcase, a_raw_list_of_links_or_volumes_takes_the_place_of_the_tasks);
    tcase_add_test(tcase, the_raw_soft_limit_is_for_admission_too);
    tcase_add_test(tcase, the_mode_of_the_task_is_under_a_raw_one);
    tcase_add_test(tcase, raw_texts_that_are_no_json_are_refused);
    tcase_add_test(tcase, raw_values_of_another_kind_are_refused);
    tcase_add_test(tcase, a_health_check_that_is_reported_must_be_there);
    tcase_add_test(tcase, the_request_has_no_instance_label_without_an_instance);
    tcase_add_test(tcase, a_request_that_finds_no_memory_says_so);
}

int main(void) { return run_cases("spec: overlay", add); }

/* SPDX-License-Identifier: Apache-2.0 */
/* The ACS task payload: every member that is honoured, and what it becomes. */
#include "fixture.h"

START_TEST(the_smallest_payload_becomes_a_request)
{
    const struct definition *definition = accept(PAYLOAD(WEB));

    ck_assert_str_eq(str_text(last.spec->arn), ARN);
    ck_assert_int_eq(last.spec->desired, ECSENGINE_TASK_RUNNING);
    ck_assert_uint_eq(last.spec->notice_count, 0);
    ck_assert_str_eq(definition->family, "fam");
    ck_assert_str_eq(definition->version, "3");
    ck_assert_str_eq(definition->network_mode, "bridge");
    ck_assert_str_eq(definition->launch_type, "");
    ck_assert_uint_eq(definition->cpu_units, 0);
    ck_assert_uint_eq(definition->memory_mib, 0);
    ck_assert_uint_eq(definition->container_count, 1);
    ck_assert_ptr_nonnull(definition->content);
    ck_assert_str_eq(request(0), "{'Image':'nginx','Labels':{"
                                 "'com.amazonaws.ecs.task-arn':'" ARN "','com.amazonaws.ecs.container-name':'web',"
                                 "'com.amazonaws.ecs.task-definition-family':'fam','com.amazonaws.ecs.task-definition-version':'3',"
                                 "'com.amazonaws.ecs.cluster':'default','ecsengine.instance':'i1'},"
                                 "'HostConfig':{'CpuShares':2},'NetworkingConfig':{}}");
}
END_TEST

START_TEST(task_size_is_vcpu_and_mebibytes)
{
    const struct definition *definition = accept(PAYLOAD_WITH("'cpu':0.25,'memory':512,'launchType':'EC2'", WEB));

    ck_assert_uint_eq(definition->cpu_units, 256);
    ck_assert_uint_eq(definition->memory_mib, 512);
    ck_assert_str_eq(definition->launch_type, "EC2");
    ck_assert_uint_eq(accept(PAYLOAD_WITH("'cpu':0.1", WEB))->cpu_units, 102);
    ck_assert_uint_eq(accept(PAYLOAD_WITH("'cpu':2.5e-1", WEB))->cpu_units, 256);
    ck_assert_uint_eq(accept(PAYLOAD_WITH("'cpu':16", WEB))->cpu_units, 16384);
}
END_TEST

START_TEST(desired_status_has_the_agents_names)
{
    static const struct {
        const char *text;
        task_status status;
    } names[] = {
        {"'RUNNING'", ECSENGINE_TASK_RUNNING}, {"'STOPPED'", ECSENGINE_TASK_STOPPED},
        {"'DEAD'", ECSENGINE_TASK_STOPPED},    {"'NONE'", ECSENGINE_TASK_NONE},
        {"'UNKNOWN'", ECSENGINE_TASK_NONE},    {"null", ECSENGINE_TASK_RUNNING},
        {"'CREATED'", ECSENGINE_TASK_CREATED}, {"'MANIFEST_PULLED'", ECSENGINE_TASK_MANIFEST_PULLED},
    };
    char document[512];

    for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
        snprintf(document, sizeof(document), "{'arn':'" ARN "','desiredStatus':%s,'containers':[" WEB "]}", names[i].text);
        accept(document);
        ck_assert_int_eq(last.spec->desired, names[i].status);
    }
    accept("{'arn':'" ARN "','containers':[" WEB "]}");
    ck_assert_int_eq(last.spec->desired, ECSENGINE_TASK_RUNNING);
}
END_TEST

START_TEST(an_unknown_desired_status_is_refused)
{
    refuse("{'arn':'" ARN "','desiredStatus':'GONE','containers':[" WEB "]}",
           DECODE "$.desiredStatus: Unrecognized TaskStatus (line 1, column 77)");
    refuse("{'arn':'" ARN "','desiredStatus':1,'containers':[" WEB "]}",
           DECODE "$.desiredStatus: TaskStatus must be a string or null (line 1, column 77)");
    refuse("{'arn':'" ARN "','desiredStatus':'PULLED','containers':[" WEB "]}",
           DECODE "$.desiredStatus: Unrecognized TaskStatus (line 1, column 77)");
}
END_TEST

START_TEST(a_refused_task_still_tells_what_was_wanted_of_it)
{
    parse("{'arn':'" ARN "','family':7,'containers':[],'desiredStatus':'STOPPED'}");
    ck_assert_ptr_nonnull(last.spec->refusal);
    ck_assert_int_eq(last.spec->desired, ECSENGINE_TASK_STOPPED);
    parse("{'arn':'" ARN "','family':'\\u0000','desiredStatus':'STOPPED'}");
    ck_assert_ptr_nonnull(last.spec->refusal);
    ck_assert_int_eq(last.spec->desired, ECSENGINE_TASK_STOPPED);
}
END_TEST

START_TEST(command_and_entry_point_are_passed_on)
{
    accept(PAYLOAD("{'name':'web','image':'nginx','command':['sh','-c','echo \\\"hi\\\"'],'entryPoint':['/init']}"));
    has(0, "'Cmd':['sh','-c','echo \\'hi\\''],'Entrypoint':['/init'],'Image':'nginx'");
}
END_TEST

START_TEST(empty_lists_leave_the_image_its_own)
{
    accept(PAYLOAD("{'name':'web','image':'nginx','command':[],'entryPoint':[]}"));
    has_not(0, "Cmd");
    has_not(0, "Entrypoint");
}
END_TEST

START_TEST(environment_is_sorted_and_the_last_duplicate_wins)
{
    accept(PAYLOAD("{'name':'web','image':'nginx','environment':{'b':'1','a':'x=y','C':'','b':'2'}}"));
    has(0, "'Env':['C=','a=x=y','b=2'],");
    accept(PAYLOAD("{'name':'web','image':'nginx','environment':[{'name':'b','value':'1'},{'name':'a','value':'2'},"
                   "{'name':'b','value':'3'},{'name':'z'}]}"));
    has(0, "'Env':['a=2','b=3','z='],");
    accept(PAYLOAD("{'name':'web','image':'nginx','environment':{'b':null}}"));
    has(0, "'Env':['b='],");
    accept(PAYLOAD("{'name':'web','image':'nginx','environment':{}}"));
    has_not(0, "Env");
}
END_TEST

START_TEST(container_size_is_shares_and_bytes)
{
    const struct definition *definition = accept(PAYLOAD("{'name':'web','image':'nginx','cpu':10,'memory':32}"));

    ck_assert_uint_eq(definition->containers[0].cpu_units, 10);
    ck_assert_uint_eq(definition->containers[0].memory_mib, 32);
    has(0, "'CpuShares':10,'Memory':33554432");
}
END_TEST

START_TEST(cpu_shares_are_kept_within_2_and_262144)
{
    accept(PAYLOAD("{'name':'web','image':'nginx','cpu':1}"));
    has(0, "'CpuShares':2}");
    accept(PAYLOAD("{'name':'web','image':'nginx','cpu':2}"));
    has(0, "'CpuShares':2}");
    accept(PAYLOAD("{'name':'web','image':'nginx','cpu':262144}"));
    has(0, "'CpuShares':262144}");
    ck_assert_uint_eq(accept(PAYLOAD("{'name':'web','image':'nginx','cpu':2147483647}"))->containers[0].cpu_units, INT32_MAX);
    has(0, "'CpuShares':262144}");
}
END_TEST

START_TEST(memory_is_at_least_4_mebibytes_or_none)
{
    accept(PAYLOAD("{'name':'web','image':'nginx','memory':1}"));
    has(0, "'Memory':4194304");
    accept(PAYLOAD("{'name':'web','image':'nginx','memory':5}"));
    has(0, "'Memory':5242880");
    accept(PAYLOAD("{'name':'web','image':'nginx','memory':2147483647}"));
    has(0, "'Memory':2251799812636672");
    accept(PAYLOAD("{'name':'web','image':'nginx','memory':0}"));
    has_not(0, "Memory");
}
END_TEST

START_TEST(essential_is_false_when_absent)
{
    ck_assert(!accept(PAYLOAD(WEB))->containers[0].essential);
    ck_assert(accept(PAYLOAD("{'name':'web','image':'nginx','essential':true}"))->containers[0].essential);
}
END_TEST

START_TEST(timeouts_are_seconds)
{
    const struct definition *definition =
        accept(PAYLOAD("{'name':'web','image':'nginx','startTimeout':2,'stopTimeout':4294967295}"));

    ck_assert_int_eq(definition->containers[0].start_timeout_ns, INT64_C(2000000000));
    ck_assert_int_eq(definition->containers[0].stop_timeout_ns, INT64_C(4294967295000000000));
}
END_TEST

START_TEST(ports_are_exposed_and_bound)
{
    const struct definition *definition = accept(PAYLOAD(
        "{'name':'web','image':'nginx','portMappings':[{'containerPort':80,'hostPort':8080},{'containerPort':80,'protocol':'udp'},"
        "{'containerPort':80,'hostPort':8081,'protocol':'tcp'},{'containerPort':9,'hostPort':0,'protocol':null}]}"));
    const struct container_def *web = &definition->containers[0];

    ck_assert_uint_eq(web->port_count, 4);
    ck_assert_uint_eq(web->ports[0].container_port, 80);
    ck_assert_uint_eq(web->ports[0].host_port, 8080);
    ck_assert_uint_eq(web->ports[0].protocol, PROTOCOL_TCP);
    ck_assert_uint_eq(web->ports[1].protocol, PROTOCOL_UDP);
    ck_assert_uint_eq(web->ports[1].host_port, 0);
    has(0, "'ExposedPorts':{'80/tcp':{},'80/udp':{},'9/tcp':{}}");
    has(0, "'PortBindings':{'80/tcp':[{'HostIp':'','HostPort':'8080'},{'HostIp':'','HostPort':'8081'}],"
           "'80/udp':[{'HostIp':'','HostPort':'0'}],'9/tcp':[{'HostIp':'','HostPort':'0'}]}");
}
END_TEST

START_TEST(in_host_mode_the_containers_port_is_the_hosts)
{
    const struct definition *definition = accept(
        PAYLOAD_WITH("'networkMode':'host'",
                     "{'name':'web','image':'nginx','portMappings':[{'containerPort':80},{'containerPort':81,'hostPort':8081}]}"));

    ck_assert_str_eq(definition->network_mode, "host");
    ck_assert_uint_eq(definition->containers[0].ports[0].host_port, 80);
    ck_assert_uint_eq(definition->containers[0].ports[1].host_port, 81);
    has(0, "'NetworkMode':'host'");
    ck_assert_str_eq(notices(), "$.containers[0].portMappings[1].hostPort has no effect in network mode host.");
}
END_TEST

START_TEST(modes_reach_the_host_config)
{
    accept(PAYLOAD_WITH("'networkMode':'none','pidMode':'host','ipcMode':'none'", WEB));
    has(0, "'HostConfig':{'CpuShares':2,'IpcMode':'none','NetworkMode':'none','PidMode':'host'}");
    ck_assert_str_eq(accept(PAYLOAD_WITH("'networkMode':'bridge','ipcMode':'host'", WEB))->network_mode, "bridge");
    has(0, "'HostConfig':{'CpuShares':2,'IpcMode':'host'}");
    ck_assert_uint_eq(last.spec->notice_count, 0);
}
END_TEST

START_TEST(pid_and_ipc_mode_of_the_task_win_over_raw_ones)
{
    accept(PAYLOAD_WITH(
        "'pidMode':'host','ipcMode':'host'",
        "{'name':'web','image':'nginx','dockerConfig':{'hostConfig':'{\\'PidMode\\':\\'x\\',\\'IpcMode\\':\\'y\\'}'}}"));
    has(0, "'IpcMode':'host','PidMode':'host'");
}
END_TEST

START_TEST(a_network_mode_of_the_users_own_is_kept_with_a_notice)
{
    ck_assert_str_eq(accept(PAYLOAD_WITH("'networkMode':'mine'", WEB))->network_mode, "mine");
    ck_assert_str_eq(notices(), "$.networkMode is not a network mode that is known: no rule of a mode applies.");
    has_not(0, "NetworkMode");
}
END_TEST

START_TEST(host_volumes_are_bound)
{
    accept(PAYLOAD_WITH(
        "'volumes':[{'name':'a','host':{'sourcePath':'/srv/a'}},{'name':'b','type':'host','host':{'sourcePath':'/b'}}]",
        "{'name':'web','image':'nginx','mountPoints':[{'sourceVolume':'b','containerPath':'/x'},"
        "{'sourceVolume':'a','containerPath':'/y','readOnly':true}]}"));
    has(0, "'Binds':['/b:/x','/srv/a:/y:ro']");
    ck_assert_uint_eq(last.spec->notice_count, 0);
}
END_TEST

START_TEST(the_first_of_two_volumes_with_one_name_counts)
{
    accept(PAYLOAD_WITH("'volumes':[{'name':'a','host':{'sourcePath':'/1'}},{'name':'a','host':{'sourcePath':'/2'}}]",
                        "{'name':'web','image':'nginx','mountPoints':[{'sourceVolume':'a','containerPath':'/x'}]}"));
    has(0, "'Binds':['/1:/x']");
    ck_assert_str_eq(notices(), "$.volumes[1] has the name of a volume before it and is ignored.");
}
END_TEST

START_TEST(health_is_reported_for_docker_alone)
{
    const struct definition *definition = accept(
        PAYLOAD("{'name':'web','image':'nginx','healthCheckType':'docker',"
                "'dockerConfig':{'config':'{\\'Healthcheck\\':{\\'Test\\':[\\'CMD\\',\\'true\\'],\\'Interval\\':5000000000}}'}}"));

    ck_assert(definition->containers[0].health_check);
    has(0, "'Healthcheck':{'Interval':5000000000,'Test':['CMD','true']}");
    ck_assert(!accept(PAYLOAD("{'name':'web','image':'nginx','healthCheckType':'DOCKER'}"))->containers[0].health_check);
    ck_assert_str_eq(notices(), "$.containers[0].healthCheckType is not \"docker\" and is ignored: no health is reported.");
}
END_TEST

START_TEST(links_and_volumes_from_name_the_containers_of_the_runtime)
{
    const struct definition *definition =
        accept(PAYLOAD("{'name':'web','image':'nginx','links':['db:database','cache'],"
                       "'volumesFrom':[{'sourceContainer':'cache','readOnly':true},{'sourceContainer':'db'}]},"
                       "{'name':'db','image':'pg'},{'name':'cache','image':'redis'}"));
    const struct container_def *web = &definition->containers[0];

    has(0, "'HostConfig':{'CpuShares':2,'Links':['rt-1:database','rt-2:cache'],'VolumesFrom':['rt-2:ro','rt-1']}");
    ck_assert_uint_eq(web->link_count, 2);
    ck_assert_uint_eq(web->volumes_from_count, 2);
}
END_TEST

START_TEST(dependencies_come_in_order_then_volumes_from_then_links)
{
    static const struct dependency expected[] = {
        {2, CONDITION_SUCCESS}, {1, CONDITION_COMPLETE}, {1, CONDITION_CREATE}, {2, CONDITION_CREATE}, {2, CONDITION_START},
    };
    const struct definition *definition = accept(
        PAYLOAD("{'name':'web','image':'nginx','links':['c'],'volumesFrom':[{'sourceContainer':'b'},{'sourceContainer':'c'}],"
                "'dependsOn':[{'containerName':'c','condition':'SUCCESS'},{'containerName':'b','condition':'COMPLETE'}]},"
                "{'name':'b','image':'b'},{'name':'c','image':'c','dependsOn':[{'containerName':'b','condition':'CREATE'}]}"));
    const struct container_def *web = &definition->containers[0];

    ck_assert_uint_eq(web->dependency_count, 5);
    for (size_t i = 0; i < 5; i++) {
        ck_assert_uint_eq(web->dependencies[i].on, expected[i].on);
        ck_assert_uint_eq(web->dependencies[i].condition, expected[i].condition);
    }
}
END_TEST

START_TEST(an_override_of_the_command_replaces_it)
{
    accept(PAYLOAD("{'name':'web','image':'nginx','command':['a'],'overrides':'{\\'command\\':[\\'b\\',\\'c\\']}'}"));
    has(0, "'Cmd':['b','c']");
    accept(PAYLOAD("{'name':'web','image':'nginx','command':['a'],'overrides':{'Command':['d']}}"));
    has(0, "'Cmd':['d']");
    accept(PAYLOAD("{'name':'web','image':'nginx','command':['a'],'overrides':'{\\'command\\':null}'}"));
    has(0, "'Cmd':['a']");
    accept(PAYLOAD("{'name':'web','image':'nginx','command':['a'],'overrides':''}"));
    has(0, "'Cmd':['a']");
    accept(PAYLOAD("{'name':'web','image':'nginx','command':['a'],'overrides':'null'}"));
    has(0, "'Cmd':['a']");
    /* Here an empty list is a list. */
    accept(PAYLOAD("{'name':'web','image':'nginx','command':['a'],'overrides':'{\\'command\\':[]}'}"));
    has(0, "'Cmd':[]");
}
END_TEST

START_TEST(an_override_of_anything_else_is_refused)
{
    refuse(PAYLOAD("{'name':'web','image':'nginx','overrides':'{\\'cpu\\':1}'}"),
           DECODE "$.containers[0].overrides: Unrecognized key: cpu (line 1, column 172)");
    refuse(PAYLOAD("{'name':'web','image':'nginx','overrides':'{'}"),
           DECODE "$.containers[0].overrides: the document ends inside an object at line 1, column 2 (line 1, column 172)");
    refuse(PAYLOAD("{'name':'web','image':'nginx','overrides':'[]'}"),
           DECODE "$.containers[0].overrides: expected an object, got an array (line 1, column 172)");
    refuse(PAYLOAD("{'name':'web','image':'nginx','overrides':'{\\'command\\':[1]}'}"),
           DECODE "$.containers[0].overrides: expected a command of strings, got a number (line 1, column 172)");
    refuse(PAYLOAD("{'name':'web','image':'nginx','overrides':{'command':'x'}}"),
           DECODE "$.containers[0].overrides: expected a command of strings, got a string (line 1, column 172)");
}
END_TEST

START_TEST(names_of_members_have_no_case_and_an_exact_one_wins)
{
    ck_assert_uint_eq(accept(PAYLOAD("{'NAME':'web','Image':'nginx','Cpu':5}"))->containers[0].cpu_units, 5);
    ck_assert_uint_eq(accept(PAYLOAD("{'name':'web','image':'nginx','cpu':7,'Cpu':5}"))->containers[0].cpu_units, 7);
    ck_assert_uint_eq(accept(PAYLOAD("{'name':'web','image':'nginx','Cpu':5,'cpu':7}"))->containers[0].cpu_units, 7);
    ck_assert_uint_eq(accept(PAYLOAD("{'name':'web','image':'nginx','Cpu':5,'CPU':6}"))->containers[0].cpu_units, 6);
    ck_assert_uint_eq(accept(PAYLOAD("{'name':'web','image':'nginx','cpu':8,'cpu':9}"))->containers[0].cpu_units, 9);
    parse("{'ARN':'" ARN "','Containers':[" WEB "]}");
    ck_assert_int_eq(last.code, 0);
    ck_assert_ptr_nonnull(last.spec->definition);
}
END_TEST

START_TEST(null_is_absent)
{
    accept(PAYLOAD_WITH("'cpu':null,'memory':null,'volumes':null,'networkMode':null,'pidMode':null,'roleCredentials':null",
                        "{'name':'web','image':'nginx','command':null,'entryPoint':null,'cpu':null,'memory':null,'essential':null,"
                        "'environment':null,'links':null,'dependsOn':null,'startTimeout':null,'portMappings':null,"
                        "'mountPoints':null,'volumesFrom':null,'healthCheckType':null,'overrides':null,'restartPolicy':null,"
                        "'dockerConfig':{'config':null,'hostConfig':null,'version':null},'secrets':null}"));
    ck_assert_uint_eq(last.spec->notice_count, 0);
    has(0, "'HostConfig':{'CpuShares':2}");
}
END_TEST

START_TEST(equal_documents_are_equal_bytes)
{
    const struct definition *definition = accept(PAYLOAD("{'name':'web','image':'nginx','environment':{'a':'1','b':'2'}}"));
    size_t len = definition->content_len;
    unsigned char *content = malloc(len);

    memcpy(content, definition->content, len);
    definition = accept(PAYLOAD("{'environment':{'b':'2','a':'1'}, 'image':'nginx', 'Name':'web', 'cpu':0}"));
    ck_assert_uint_eq(definition->content_len, len);
    ck_assert_mem_eq(definition->content, content, len);
    free(content);
}
END_TEST

static void add(TCase *tcase)
{
    tcase_add_test(tcase, the_smallest_payload_becomes_a_request);
    tcase_add_test(tcase, task_size_is_vcpu_and_mebibytes);
    tcase_add_test(tcase, desired_status_has_the_agents_names);
    tcase_add_test(tcase, an_unknown_desired_status_is_refused);
    tcase_add_test(tcase, a_refused_task_still_tells_what_was_wanted_of_it);
    tcase_add_test(tcase, command_and_entry_point_are_passed_on);
    tcase_add_test(tcase, empty_lists_leave_the_image_its_own);
    tcase_add_test(tcase, environment_is_sorted_and_the_last_duplicate_wins);
    tcase_add_test(tcase, container_size_is_shares_and_bytes);
    tcase_add_test(tcase, cpu_shares_are_kept_within_2_and_262144);
    tcase_add_test(tcase, memory_is_at_least_4_mebibytes_or_none);
    tcase_add_test(tcase, essential_is_false_when_absent);
    tcase_add_test(tcase, timeouts_are_seconds);
    tcase_add_test(tcase, ports_are_exposed_and_bound);
    tcase_add_test(tcase, in_host_mode_the_containers_port_is_the_hosts);
    tcase_add_test(tcase, modes_reach_the_host_config);
    tcase_add_test(tcase, pid_and_ipc_mode_of_the_task_win_over_raw_ones);
    tcase_add_test(tcase, a_network_mode_of_the_users_own_is_kept_with_a_notice);
    tcase_add_test(tcase, host_volumes_are_bound);
    tcase_add_test(tcase, the_first_of_two_volumes_with_one_name_counts);
    tcase_add_test(tcase, health_is_reported_for_docker_alone);
    tcase_add_test(tcase, links_and_volumes_from_name_the_containers_of_the_runtime);
    tcase_add_test(tcase, dependencies_come_in_order_then_volumes_from_then_links);
    tcase_add_test(tcase, an_override_of_the_command_replaces_it);
    tcase_add_test(tcase, an_override_of_anything_else_is_refused);
    tcase_add_test(tcase, names_of_members_have_no_case_and_an_exact_one_wins);
    tcase_add_test(tcase, null_is_absent);
    tcase_add_test(tcase, equal_documents_are_equal_bytes);
}

int main(void) { return run_cases("spec: payload", add); }

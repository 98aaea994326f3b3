/* SPDX-License-Identifier: Apache-2.0 */
/* The ECS task definition: its forms, every member that is honoured, and what it becomes. */
#include "fixture.h"

/* A definition whose container has these members more. */
#define WITH(members) TASKDEF("{'name':'web','image':'nginx'," members "}")

START_TEST(the_smallest_task_definition_becomes_a_request)
{
    const struct definition *definition = accept(TASKDEF(WEB));

    ck_assert_str_eq(str_text(last.spec->arn), ARN);
    ck_assert_int_eq(last.spec->desired, ECSENGINE_TASK_RUNNING);
    ck_assert_uint_eq(last.spec->notice_count, 0);
    ck_assert_str_eq(definition->family, "fam");
    ck_assert_str_eq(definition->version, "1");
    ck_assert_str_eq(definition->network_mode, "bridge");
    ck_assert(definition->containers[0].essential);
    ck_assert(!definition->containers[0].health_check);
    ck_assert_str_eq(definition->containers[0].config_json, "\"Image\":\"nginx\"");
    ck_assert_str_eq(definition->containers[0].labels_json, "");
    has(0, "'HostConfig':{'CapAdd':[],'CapDrop':[],'CpuShares':2,'NetworkMode':'bridge'}");
}
END_TEST

START_TEST(what_describe_task_definition_wraps_is_found)
{
    const struct definition *definition = accept(
        "{'taskDefinition':{'taskDefinitionArn':'arn:aws:ecs:us-west-2:123456789012:task-definition/"
        "fam:7','family':'fam','revision':7,"
        "'containerDefinitions':[{'name':'web','image':'nginx','cpu':0,'portMappings':[],'essential':true,'environment':[],"
        "'mountPoints':[],'volumesFrom':[],'systemControls':[],'secrets':[]}],'volumes':[],'status':'ACTIVE','requiresAttributes':"
        "[{'name':'com.amazonaws.ecs.capability.docker-remote-api.1.17'}],'placementConstraints':[],'compatibilities':['EC2'],"
        "'requiresCompatibilities':['FARGATE'],'registeredAt':1717240000.5,'registeredBy':'arn:x','enableFaultInjection':false},"
        "'tags':[{'key':'a','value':'b'}],'taskArn':'" ARN "'}");

    ck_assert_str_eq(definition->version, "7");
    ck_assert_uint_eq(last.spec->notice_count, 0);
    accept("{'taskDefinition':{'taskArn':'" ARN "','family':'fam','containerDefinitions':[" WEB "]}}");
}
END_TEST

START_TEST(task_size_is_text_with_or_without_a_unit)
{
    static const struct {
        const char *cpu, *memory;
        uint32_t cpu_units;
        uint64_t memory_mib;
    } sizes[] = {
        {"'1024'", "'512'", 1024, 512},
        {"'1 vCPU'", "'1GB'", 1024, 1024},
        {"'0.5 vcpu'", "'0.5 gb'", 512, 512},
        {"'.25 vCPU'", "'1'", 0, 0},
        {"256", "2048", 256, 2048},
        {"'0.25vCPU'", "'30 GB'", 256, 30720},
        {"null", "null", 0, 0},
        {"''", "''", 0, 0},
    };
    char document[512];

    for (size_t i = 0; i < sizeof(sizes) / sizeof(sizes[0]); i++) {
        snprintf(document, sizeof(document), TASKDEF_WITH("'cpu':%s,'memory':%s", WEB), sizes[i].cpu, sizes[i].memory);
        if (sizes[i].cpu[1] == '.') {
            refuse(document, DECODE "$.cpu: expected a whole number such as \"512\", or one with its unit such as \"0.5 vCPU\" "
                                    "(line 1, column 86)");
            continue;
        }
        const struct definition *definition = accept(document);
        ck_assert_uint_eq(definition->cpu_units, sizes[i].cpu_units);
        ck_assert_uint_eq(definition->memory_mib, sizes[i].memory_mib);
    }
}
END_TEST

START_TEST(a_size_that_is_none_is_refused)
{
    static const char *const sizes[] = {"'x'",     "'-1'", "'1.5'", "'1e3'", "'512 KB'", "' 512'", "'99999999999999999999'",
                                        "'1 GBB'", "'.'"};
    char document[512], reason[512];

    for (size_t i = 0; i < sizeof(sizes) / sizeof(sizes[0]); i++) {
        snprintf(document, sizeof(document), TASKDEF_WITH("'memory':%s", WEB), sizes[i]);
        snprintf(reason, sizeof(reason),
                 DECODE
                 "$.memory: expected a whole number such as \"512\", or one with its unit such as \"0.5 GB\" (line 1, column 89)");
        refuse(document, reason);
    }
}
END_TEST

START_TEST(texts_and_flags_become_dockers_config)
{
    accept(WITH("'user':'1000:1000','workingDirectory':'/app','hostname':'h','interactive':true,'pseudoTerminal':true,"
                "'disableNetworking':true,'dockerLabels':{'b':'2','a':'1'}"));
    has(0,
        "{'Hostname':'h','Image':'nginx','NetworkDisabled':true,'OpenStdin':true,'Tty':true,'User':'1000:1000','WorkingDir':'/app',"
        "'Labels':{'a':'1','b':'2','com.amazonaws.ecs.task-arn':");
}
END_TEST

START_TEST(what_is_false_or_empty_is_left_to_docker)
{
    accept(
        WITH("'user':'','workingDirectory':'','hostname':'','interactive':false,'pseudoTerminal':false,'disableNetworking':false,"
             "'dockerLabels':{},'privileged':false,'readonlyRootFilesystem':false,'dnsServers':[],'dnsSearchDomains':[],"
             "'extraHosts':[],'dockerSecurityOptions':[],'ulimits':[],'systemControls':[],'linuxParameters':{},"
             "'logConfiguration':{},'healthCheck':{},'restartPolicy':{'enabled':false,'restartAttemptPeriod':300}"));
    ck_assert_uint_eq(last.spec->notice_count, 0);
    ck_assert(!last.spec->definition->containers[0].health_check);
    ck_assert_str_eq(last.spec->definition->containers[0].config_json, "\"Image\":\"nginx\"");
    has(0, "'HostConfig':{'CapAdd':[],'CapDrop':[],'CpuShares':2,'NetworkMode':'bridge'}");
}
END_TEST

START_TEST(a_health_check_is_in_nanoseconds_with_the_defaults_of_ecs)
{
    ck_assert(accept(WITH("'healthCheck':{'command':['CMD-SHELL','true']}"))->containers[0].health_check);
    has(0, "'Healthcheck':{'Interval':30000000000,'Retries':3,'Test':['CMD-SHELL','true'],'Timeout':5000000000}");
    accept(WITH("'healthCheck':{'command':['CMD','x'],'interval':5,'timeout':2,'retries':1,'startPeriod':300}"));
    has(0, "'Healthcheck':{'Interval':5000000000,'Retries':1,'StartPeriod':300000000000,'Test':['CMD','x'],'Timeout':2000000000}");
}
END_TEST

START_TEST(lists_and_flags_become_dockers_host_config)
{
    accept(WITH("'privileged':true,'readonlyRootFilesystem':true,'dnsServers':['1.1.1.1'],'dnsSearchDomains':['a.b'],"
                "'extraHosts':[{'hostname':'db','ipAddress':'10.0.0.1'}],'dockerSecurityOptions':['no-new-privileges'],"
                "'ulimits':[{'name':'nofile','softLimit':1024,'hardLimit':2048},{'name':'core','softLimit':-1,'hardLimit':-1}],"
                "'systemControls':[{'namespace':'net.core.somaxconn','value':'1024'},{'namespace':'kernel.msgmax','value':'9'}]"));
    has(0,
        "'HostConfig':{'CapAdd':[],'CapDrop':[],'CpuShares':2,'Dns':['1.1.1.1'],'DnsSearch':['a.b'],'ExtraHosts':['db:10.0.0.1'],"
        "'NetworkMode':'bridge','Privileged':true,'ReadonlyRootfs':true,'SecurityOpt':['no-new-privileges'],"
        "'Sysctls':{'kernel.msgmax':'9','net.core.somaxconn':'1024'},"
        "'Ulimits':[{'Hard':2048,'Name':'nofile','Soft':1024},{'Hard':-1,'Name':'core','Soft':-1}]}");
}
END_TEST

START_TEST(linux_parameters_become_dockers_host_config)
{
    accept(WITH("'memory':64,'linuxParameters':{'capabilities':{'add':['SYS_PTRACE'],'drop':['ALL']},'initProcessEnabled':true,"
                "'sharedMemorySize':128,'maxSwap':64,'swappiness':10,"
                "'devices':[{'hostPath':'/dev/a'},{'hostPath':'/dev/b','containerPath':'/dev/c','permissions':['write','read']}],"
                "'tmpfs':[{'containerPath':'/t','size':64,'mountOptions':['rw','noexec']},{'containerPath':'/s','size':1}]}"));
    has(0, "'HostConfig':{'CapAdd':['SYS_PTRACE'],'CapDrop':['ALL'],'CpuShares':2,"
           "'Devices':[{'CgroupPermissions':'rwm','PathInContainer':'/dev/a','PathOnHost':'/dev/a'},"
           "{'CgroupPermissions':'rw','PathInContainer':'/dev/c','PathOnHost':'/dev/b'}],'Init':true,'Memory':67108864,"
           "'MemorySwap':134217728,'MemorySwappiness':10,'NetworkMode':'bridge','ShmSize':134217728,"
           "'Tmpfs':{'/s':'size=1m','/t':'rw,noexec,size=64m'}}");
    accept(WITH("'linuxParameters':{'initProcessEnabled':false}"));
    has(0, "'Init':false");
}
END_TEST

START_TEST(no_swap_is_a_swap_limit_of_the_memory)
{
    accept(WITH("'memory':64,'linuxParameters':{'maxSwap':0}"));
    has(0, "'Memory':67108864,'MemorySwap':67108864");
    accept(WITH("'linuxParameters':{'maxSwap':0,'swappiness':10}"));
    has_not(0, "MemorySwap'");
    ck_assert_str_eq(notices(), "$.containerDefinitions[0].linuxParameters.maxSwap has no effect without memory.");
    accept(WITH("'memory':64,'linuxParameters':{'swappiness':10}"));
    has_not(0, "Swap");
    ck_assert_str_eq(notices(), "$.containerDefinitions[0].linuxParameters.swappiness has no effect without maxSwap.");
}
END_TEST

START_TEST(a_plain_log_driver_is_passed_on)
{
    accept(WITH("'logConfiguration':{'logDriver':'json-file','options':{'max-size':'1m','max-file':'2'}}"));
    has(0, "'LogConfig':{'Config':{'max-file':'2','max-size':'1m'},'Type':'json-file'}");
    accept(WITH("'logConfiguration':{'logDriver':'journald'}"));
    has(0, "'LogConfig':{'Type':'journald'}");
    accept(WITH("'logConfiguration':{'logDriver':'awsfirelens','options':{'Name':'x'}}"));
    has_not(0, "LogConfig");
    ck_assert_str_eq(notices(), "$.containerDefinitions[0].logConfiguration.logDriver is awsfirelens, which is not honoured yet: "
                                "the runtime's own log driver is used.");
}
END_TEST

START_TEST(logging_that_must_not_block_is_bounded)
{
    accept(WITH("'logConfiguration':{'logDriver':'json-file','options':{'mode':'non-blocking'}}"));
    has(0, "'Config':{'max-buffer-size':'10m','mode':'non-blocking'}");
    accept(WITH("'logConfiguration':{'logDriver':'json-file','options':{'mode':'non-blocking','max-buffer-size':'1m'}}"));
    has(0, "'Config':{'max-buffer-size':'1m','mode':'non-blocking'}");
    accept(WITH("'logConfiguration':{'logDriver':'json-file','options':{'mode':'blocking'}}"));
    has(0, "'Config':{'mode':'blocking'}");
}
END_TEST

START_TEST(the_soft_limit_is_for_docker_and_for_admission)
{
    const struct definition *definition = accept(WITH("'memory':128,'memoryReservation':64"));

    ck_assert_uint_eq(definition->containers[0].memory_reservation_bytes, 67108864);
    ck_assert_uint_eq(definition->containers[0].memory_mib, 128);
    has(0, "'Memory':134217728,'MemoryReservation':67108864");
    accept(WITH("'memory':64,'memoryReservation':64"));
    refuse(WITH("'memory':32,'memoryReservation':64"),
           DECODE "$.containerDefinitions[0].memoryReservation: expected at most the container's memory, 32 MiB, got 64 "
                  "(line 1, column 166)");
}
END_TEST

START_TEST(volumes_and_mounts_are_bound)
{
    accept(
        TASKDEF_WITH("'volumes':[{'name':'a','host':{'sourcePath':'/srv'}}]",
                     "{'name':'web','image':'nginx','mountPoints':[{'sourceVolume':'a','containerPath':'/x','readOnly':false}]}"));
    has(0, "'Binds':['/srv:/x']");
    ck_assert_uint_eq(last.spec->notice_count, 0);
}
END_TEST

START_TEST(network_mode_host_binds_the_containers_port)
{
    const struct definition *definition = accept(
        TASKDEF_WITH("'networkMode':'host'", "{'name':'web','image':'nginx','portMappings':[{'containerPort':80,'name':'http',"
                                             "'appProtocol':'http2'}]}"));

    ck_assert_uint_eq(definition->containers[0].ports[0].host_port, 80);
    has(0, "'NetworkMode':'host','PortBindings':{'80/tcp':[{'HostIp':'','HostPort':'80'}]}");
    ck_assert_uint_eq(last.spec->notice_count, 0);
}
END_TEST

START_TEST(network_mode_awsvpc_becomes_bridge_with_a_notice)
{
    const struct definition *definition = accept(TASKDEF_WITH("'networkMode':'awsvpc'", WEB));

    ck_assert_str_eq(definition->network_mode, "bridge");
    has(0, "'NetworkMode':'bridge'");
    ck_assert_str_eq(notices(), "$.networkMode is not honoured yet: the task runs in network mode bridge.");
    definition =
        accept(PAYLOAD_WITH("'networkMode':'awsvpc'",
                            "{'name':'web','image':'nginx','dockerConfig':{'hostConfig':'{\\'NetworkMode\\':\\'awsvpc\\'}'}}"));
    ck_assert_str_eq(definition->network_mode, "bridge");
    has(0, "'NetworkMode':'bridge'");
}
END_TEST

START_TEST(a_mode_that_does_not_exist_is_refused)
{
    refuse(TASKDEF_WITH("'networkMode':'nat'", WEB),
           DECODE "$.networkMode: expected \"bridge\", \"host\", \"none\" or \"awsvpc\", got \"nat\" (line 1, column 94)");
    refuse(TASKDEF_WITH("'pidMode':'none'", WEB),
           DECODE "$.pidMode: expected \"host\" or \"task\", got \"none\" (line 1, column 90)");
    refuse(TASKDEF_WITH("'ipcMode':'x'", WEB),
           DECODE "$.ipcMode: expected \"host\", \"task\" or \"none\", got \"x\" (line 1, column 90)");
}
END_TEST

START_TEST(a_task_definition_needs_an_essential_container)
{
    refuse(TASKDEF("{'name':'web','image':'nginx','essential':false}"),
           DECODE "$.containerDefinitions: no container is essential (line 1, column 103)");
    accept(TASKDEF("{'name':'web','image':'nginx','essential':false},{'name':'b','image':'b'}"));
}
END_TEST

START_TEST(a_family_is_a_name)
{
    refuse("{'taskArn':'" ARN "','containerDefinitions':[" WEB "]}", DECODE "$: family is missing (line 1, column 1)");
    refuse("{'taskArn':'" ARN "','family':'a b','containerDefinitions':[" WEB "]}",
           DECODE "$.family: expected 1 to 255 letters, digits, hyphens and underscores (line 1, column 74)");
}
END_TEST

START_TEST(what_a_member_must_have_is_missed)
{
    static const struct {
        const char *members, *reason;
    } cases[] = {
        {"'healthCheck':{'interval':5}", "$.containerDefinitions[0].healthCheck: command is missing"},
        {"'ulimits':[{'softLimit':1}]", "$.containerDefinitions[0].ulimits[0]: name is missing"},
        {"'ulimits':[{'name':''}]", "$.containerDefinitions[0].ulimits[0].name: name is empty"},
        {"'systemControls':[{'value':'1'}]", "$.containerDefinitions[0].systemControls[0]: namespace is missing"},
        {"'extraHosts':[{'hostname':'a'}]", "$.containerDefinitions[0].extraHosts[0]: ipAddress is missing"},
        {"'extraHosts':[{'ipAddress':'a'}]", "$.containerDefinitions[0].extraHosts[0]: hostname is missing"},
        {"'logConfiguration':{'options':{'a':'b'}}", "$.containerDefinitions[0].logConfiguration: logDriver is missing"},
        {"'linuxParameters':{'devices':[{'containerPath':'/a'}]}",
         "$.containerDefinitions[0].linuxParameters.devices[0]: hostPath is missing"},
        {"'linuxParameters':{'devices':[{'hostPath':'/a','permissions':['x']}]}",
         "$.containerDefinitions[0].linuxParameters.devices[0].permissions[0]: expected \"read\", \"write\" or \"mknod\", got "
         "\"x\""},
        {"'linuxParameters':{'tmpfs':[{'size':1}]}",
         "$.containerDefinitions[0].linuxParameters.tmpfs[0]: containerPath is missing"},
        {"'linuxParameters':{'swappiness':101}",
         "$.containerDefinitions[0].linuxParameters.swappiness: expected a whole number from 0 to 100, got 101"},
        {"'environment':[{'value':'a'}]", "$.containerDefinitions[0].environment[0]: name is missing"},
        {"'environment':[{'name':''}]", "$.containerDefinitions[0].environment[0][\"\"]: a variable has no name"},
        {"'environment':{'a':1}", "$.containerDefinitions[0].environment.a: expected a string, got a number"},
    };
    char document[512];

    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        snprintf(document, sizeof(document), WITH("%s"), cases[i].members);
        parse(document);
        ck_assert_int_eq(last.code, 0);
        ck_assert_ptr_nonnull(last.spec->refusal);
        ck_assert_msg(strncmp(str_text(last.spec->refusal), DECODE, strlen(DECODE)) == 0 &&
                          strncmp(str_text(last.spec->refusal) + strlen(DECODE), cases[i].reason, strlen(cases[i].reason)) == 0 &&
                          strncmp(str_text(last.spec->refusal) + strlen(DECODE) + strlen(cases[i].reason), " (line 1, ", 10) == 0,
                      "%s\n%s", cases[i].reason, str_text(last.spec->refusal));
    }
}
END_TEST

START_TEST(engine_labels_are_the_engines)
{
    accept(WITH("'dockerLabels':{'com.amazonaws.ecs.cluster':'mine','com.amazonaws.ecs.x':'y','ecsengine.instance':'z','com."
                "amazonaws':'k'}"));
    has(0, "'Labels':{'com.amazonaws':'k','com.amazonaws.ecs.task-arn':'" ARN "',");
    has_not(0, "mine");
    has_not(0, "com.amazonaws.ecs.x");
    has(0, "'ecsengine.instance':'i1'}");
}
END_TEST

static void add(TCase *tcase)
{
    tcase_add_test(tcase, the_smallest_task_definition_becomes_a_request);
    tcase_add_test(tcase, what_describe_task_definition_wraps_is_found);
    tcase_add_test(tcase, task_size_is_text_with_or_without_a_unit);
    tcase_add_test(tcase, a_size_that_is_none_is_refused);
    tcase_add_test(tcase, texts_and_flags_become_dockers_config);
    tcase_add_test(tcase, what_is_false_or_empty_is_left_to_docker);
    tcase_add_test(tcase, a_health_check_is_in_nanoseconds_with_the_defaults_of_ecs);
    tcase_add_test(tcase, lists_and_flags_become_dockers_host_config);
    tcase_add_test(tcase, linux_parameters_become_dockers_host_config);
    tcase_add_test(tcase, no_swap_is_a_swap_limit_of_the_memory);
    tcase_add_test(tcase, a_plain_log_driver_is_passed_on);
    tcase_add_test(tcase, logging_that_must_not_block_is_bounded);
    tcase_add_test(tcase, the_soft_limit_is_for_docker_and_for_admission);
    tcase_add_test(tcase, volumes_and_mounts_are_bound);
    tcase_add_test(tcase, network_mode_host_binds_the_containers_port);
    tcase_add_test(tcase, network_mode_awsvpc_becomes_bridge_with_a_notice);
    tcase_add_test(tcase, a_mode_that_does_not_exist_is_refused);
    tcase_add_test(tcase, a_task_definition_needs_an_essential_container);
    tcase_add_test(tcase, a_family_is_a_name);
    tcase_add_test(tcase, what_a_member_must_have_is_missed);
    tcase_add_test(tcase, engine_labels_are_the_engines);
}

int main(void) { return run_cases("spec: task definition", add); }

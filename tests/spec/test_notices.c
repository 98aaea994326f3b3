/* SPDX-License-Identifier: Apache-2.0 */
/* What is not honoured is said, each in one sentence with its path; what has no meaning here, or is not used, is not. */
#include "fixture.h"

START_TEST(members_of_ecs_that_are_not_honoured_yet_are_noticed)
{
    accept(PAYLOAD_WITH(
        "'roleCredentials':{'credentialsId':'x'},'executionRoleCredentials':{'credentialsId':'x'},"
        "'associations':[{'name':'g','type':'elastic-inference'}],'attachments':[{'a':'b'}],'elasticNetworkInterfaces':[{'a':'b'}],"
        "'proxyConfiguration':{'type':'APPMESH'},'enableFaultInjection':true,"
        "'trustedExecutionConfiguration':{'isolationMode':'SHARED'},'pidMode':'task','ipcMode':'task'",
        "{'name':'web','image':'nginx','environmentFiles':[{'value':'x'}],'secrets':[{'name':'s'}],"
        "'registryAuthentication':{'type':'asm','asmAuthData':{'region':'x'}},'firelensConfiguration':{'type':'fluentd'},"
        "'credentialSpecs':['x'],'managedAgents':[{'name':'OtherAgent'}],'logsAuthStrategy':'ExecutionRole',"
        "'networkInterfaceNames':['eth0'],'portMappings':[{'containerPort':1,'bindIp':'::'}]}"));
    ck_assert_str_eq(notices(), "$.attachments is not honoured yet.\n"
                                "$.elasticNetworkInterfaces is not honoured yet.\n"
                                "$.proxyConfiguration is not honoured yet.\n"
                                "$.enableFaultInjection is not honoured yet.\n"
                                "$.trustedExecutionConfiguration is not honoured yet.\n"
                                "$.roleCredentials is kept, but containers are not told where to ask for it yet.\n"
                                "$.pidMode is not honoured yet: each container has a namespace of its own.\n"
                                "$.ipcMode is not honoured yet: each container has a namespace of its own.\n"
                                "$.containers[0].environmentFiles is not honoured yet.\n"
                                "$.containers[0].secrets is not honoured yet.\n"
                                "$.containers[0].firelensConfiguration is not honoured yet.\n"
                                "$.containers[0].credentialSpecs is not honoured yet.\n"
                                "$.containers[0].logsAuthStrategy is not honoured yet.\n"
                                "$.containers[0].networkInterfaceNames is not honoured yet.\n"
                                "$.containers[0].portMappings[0].bindIp is not honoured yet.\n"
                                "$.containers[0].managedAgents[0] is an agent that nobody has described, or one that is there already: it has no effect.\n"
                                "$.containers[0].registryAuthentication is not of type \"ecr\" and is not honoured yet.\n"
                                "$.associations[0] is not honoured yet.");
}
END_TEST

START_TEST(members_of_task_definitions_that_are_not_honoured_yet_are_noticed)
{
    accept(TASKDEF_WITH(
        "'taskRoleArn':'x','executionRoleArn':'x','proxyConfiguration':{'type':'APPMESH'},'enableFaultInjection':true,"
        "'ephemeralStorage':{'sizeInGiB':21},'runtimePlatform':{'cpuArchitecture':'ARM64'},"
        "'placementConstraints':[{'type':'x'}],'inferenceAccelerators':[{'deviceName':'x'}]",
        "{'name':'web','image':'nginx','repositoryCredentials':{'credentialsParameter':'x'},"
        "'resourceRequirements':[{'type':'InferenceAccelerator','value':'x'}],'logConfiguration':{'logDriver':'awslogs',"
        "'secretOptions':[{'name':'x'}]},'dockerSecurityOptions':['credentialspec:x'],'versionConsistency':'disabled'}"));
    ck_assert_str_eq(notices(), "$.taskRoleArn is not honoured yet.\n"
                                "$.executionRoleArn is not honoured yet.\n"
                                "$.proxyConfiguration is not honoured yet.\n"
                                "$.enableFaultInjection is not honoured yet.\n"
                                "$.ephemeralStorage is not honoured yet.\n"
                                "$.runtimePlatform is not honoured yet.\n"
                                "$.placementConstraints is not honoured yet.\n"
                                "$.inferenceAccelerators is not honoured yet.\n"
                                "$.containerDefinitions[0].repositoryCredentials is not honoured yet.\n"
                                "$.containerDefinitions[0].dockerSecurityOptions[0] is not honoured yet.\n"
                                "$.containerDefinitions[0].logConfiguration.secretOptions is not honoured yet.\n"
                                "$.containerDefinitions[0].resourceRequirements[0] is not honoured yet.");
    has(0, "'SecurityOpt':[]");
}
END_TEST

START_TEST(members_that_nobody_knows_are_noticed)
{
    accept(PAYLOAD_WITH("'colour':'red','KnownStatus':'RUNNING'", "{'name':'web','image':'nginx','privileged':true,'a b':1,"
                                                                  "'dependsOn':[],'portMappings':[{'containerPort':1,'x':2}]}"));
    ck_assert_str_eq(notices(), "$.colour is not known and is ignored.\n"
                                "$.KnownStatus is not known and is ignored.\n"
                                "$.containers[0].privileged is not known and is ignored.\n"
                                "$.containers[0][\"a b\"] is not known and is ignored.\n"
                                "$.containers[0].portMappings[0].x is not known and is ignored.");
    accept(TASKDEF_WITH("'$schema':'x'", "{'name':'web','image':'nginx','linuxParameters':{'capabilities':{'plus':['x']}},"
                                         "'overrides':{'command':['x']},'dockerConfig':{'version':'1.17'}}"));
    ck_assert_str_eq(notices(), "$[\"$schema\"] is not known and is ignored.\n"
                                "$.containerDefinitions[0].overrides is not known and is ignored.\n"
                                "$.containerDefinitions[0].dockerConfig is not known and is ignored.\n"
                                "$.containerDefinitions[0].linuxParameters.capabilities.plus is not known and is ignored.");
}
END_TEST

START_TEST(what_is_empty_null_or_zero_is_not_noticed)
{
    accept(PAYLOAD_WITH(
        "'associations':[],'attachments':null,'colour':'','shade':0,'deep':{'a':{'b':[]},'c':false},"
        "'enableFaultInjection':false,'proxyConfiguration':{},'roleCredentials':{'credentialsId':''}",
        "{'name':'web','image':'nginx','secrets':[],'environmentFiles':[],'restartPolicy':{'enabled':false,"
        "'restartAttemptPeriod':60},'credentialSpecs':[],'privileged':false,'linuxParameters':{},'logsAuthStrategy':''}"));
    ck_assert_uint_eq(last.spec->notice_count, 0);
}
END_TEST

START_TEST(what_the_backend_adds_for_itself_is_not_noticed)
{
    accept(PAYLOAD_WITH(
        "'taskDefinitionAccountId':'1','taskClusterArn':'x','serviceName':'s','group':'g','launchType':'EC2','zone':'z',"
        "'agentConfiguration':'x','overrides':'{\\'a\\':1}'",
        "{'name':'web','image':'nginx','containerArn':'x','dockerConfig':{'config':'{}','hostConfig':'{}','version':'1.17'}}"));
    ck_assert_uint_eq(last.spec->notice_count, 0);
}
END_TEST

START_TEST(volumes_that_are_not_honoured_yet_are_noticed_and_not_mounted)
{
    accept(TASKDEF_WITH("'volumes':[{'name':'d','efsVolumeConfiguration':{'fileSystemId':'x'}},{'name':'e','configuredAtLaunch':true}]",
                        "{'name':'web','image':'nginx','mountPoints':[{'sourceVolume':'d','containerPath':'/x'}]}"));
    ck_assert_str_eq(
        notices(), "$.volumes[0] is a volume of a kind that is not honoured yet: it is mounted nowhere.\n"
                   "$.volumes[1] is a volume of a kind that is not honoured yet: it is mounted nowhere.\n"
                   "$.containerDefinitions[0].mountPoints[0] mounts a volume of a kind that is not honoured yet, and is left out.");
    has_not(0, "/x");
    accept(PAYLOAD_WITH("'volumes':[{'name':'a','type':'host','host':{}},{'name':'b','type':'attachment'}]", WEB));
    ck_assert_uint_eq(last.spec->notice_count, 1);
}
END_TEST

START_TEST(a_mapping_without_a_port_is_noticed)
{
    ck_assert_uint_eq(
        accept(PAYLOAD("{'name':'web','image':'nginx','portMappings':[{'hostPort':80},{}]}"))->containers[0].port_count, 0);
    ck_assert_str_eq(notices(), "$.containers[0].portMappings[0] has neither containerPort nor containerPortRange and is ignored.\n"
                                "$.containers[0].portMappings[1] has neither containerPort nor containerPortRange and is ignored.");
}
END_TEST

START_TEST(modes_that_do_not_exist_are_noticed_in_a_payload)
{
    accept(PAYLOAD_WITH("'pidMode':'x','ipcMode':'y'", WEB));
    ck_assert_str_eq(notices(), "$.pidMode is none of \"host\" or \"task\" and is ignored.\n"
                                "$.ipcMode is none of \"host\", \"task\" or \"none\" and is ignored.");
}
END_TEST

START_TEST(a_refused_task_keeps_its_notices)
{
    parse(PAYLOAD_WITH("'colour':'red'", "{'name':'a','image':'i','links':['x']}"));
    ck_assert_ptr_nonnull(last.spec->refusal);
    ck_assert_str_eq(notices(), "$.colour is not known and is ignored.");
}
END_TEST

START_TEST(after_a_hundred_notices_the_rest_is_counted)
{
    struct buf document;

    buf_init(&document, &last.mem, 0);
    buf_puts(&document, "{'arn':'" ARN "','containers':[" WEB "]");
    for (int i = 0; i < 1000; i++)
        buf_printf(&document, ",'x%d':1", i);
    buf_puts(&document, "}");
    accept(document.data);
    buf_free(&document);
    ck_assert_uint_eq(last.spec->notice_count, 101);
    ck_assert_str_eq(str_text(last.spec->notices[99]), "$.x99 is not known and is ignored.");
    ck_assert_str_eq(str_text(last.spec->notices[100]), "900 more fields are not honoured.");
}
END_TEST

START_TEST(a_long_or_strange_name_is_cut_in_a_path)
{
    char document[1024], name[301] = "";

    memset(name, 'k', 300);
    snprintf(document, sizeof(document), PAYLOAD_WITH("'%s':1", WEB), name);
    accept(document);
    ck_assert_str_eq(notices(),
                     "$[\"kkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkk...\"] is not known and is ignored.");
    accept(PAYLOAD_WITH("'a\\n\\'b':1", WEB));
    ck_assert_str_eq(notices(), "$[\"a??b\"] is not known and is ignored.");
}
END_TEST

static void add(TCase *tcase)
{
    tcase_add_test(tcase, members_of_ecs_that_are_not_honoured_yet_are_noticed);
    tcase_add_test(tcase, members_of_task_definitions_that_are_not_honoured_yet_are_noticed);
    tcase_add_test(tcase, members_that_nobody_knows_are_noticed);
    tcase_add_test(tcase, what_is_empty_null_or_zero_is_not_noticed);
    tcase_add_test(tcase, what_the_backend_adds_for_itself_is_not_noticed);
    tcase_add_test(tcase, volumes_that_are_not_honoured_yet_are_noticed_and_not_mounted);
    tcase_add_test(tcase, a_mapping_without_a_port_is_noticed);
    tcase_add_test(tcase, modes_that_do_not_exist_are_noticed_in_a_payload);
    tcase_add_test(tcase, a_refused_task_keeps_its_notices);
    tcase_add_test(tcase, after_a_hundred_notices_the_rest_is_counted);
    tcase_add_test(tcase, a_long_or_strange_name_is_cut_in_a_path);
}

int main(void) { return run_cases("spec: notices", add); }

/* SPDX-License-Identifier: Apache-2.0 */
/* Every known member with a value of every kind that it has not: refused, with the path and both kinds in the text. */
#include "fixture.h"

#define TASK_P "{'arn':'" ARN "','containers':[" WEB "],%s}"
#define TASK_T "{'taskArn':'" ARN "','containerDefinitions':[" WEB "],'family':'f',%s}"
#define CONTAINER_P PAYLOAD("{'name':'n','image':'i',%s}")
#define CONTAINER_T TASKDEF("{'name':'n','image':'i',%s}")
#define AT_P "$.containers[0]"
#define AT_T "$.containerDefinitions[0]"

/* `members` has the name of the member before its value, and what goes around it; %s is the value. */
static const struct {
    const char *document;
    const char *member;
    const char *path;
    const char *expected;
} members[] = {
    {TASK_P, "'family':%s", "$.family", "a string"},
    {TASK_P, "'version':%s", "$.version", "a string"},
    {TASK_P, "'launchType':%s", "$.launchType", "a string"},
    {TASK_P, "'cpu':%s", "$.cpu", "a number"},
    {TASK_P, "'memory':%s", "$.memory", "a number"},
    {TASK_P, "'networkMode':%s", "$.networkMode", "a string"},
    {TASK_P, "'pidMode':%s", "$.pidMode", "a string"},
    {TASK_P, "'ipcMode':%s", "$.ipcMode", "a string"},
    {TASK_P, "'volumes':%s", "$.volumes", "an array"},
    {"{'arn':'" ARN "',%s}", "'containers':%s", "$.containers", "an array"},
    {TASK_P, "'taskDefinitionAccountId':%s", "$.taskDefinitionAccountId", "a string"},
    {TASK_P, "'taskClusterArn':%s", "$.taskClusterArn", "a string"},
    {TASK_P, "'serviceName':%s", "$.serviceName", "a string"},
    {TASK_P, "'group':%s", "$.group", "a string"},
    {TASK_P, "'zone':%s", "$.zone", "a string"},
    {TASK_P, "'agentConfiguration':%s", "$.agentConfiguration", "a string"},
    {TASK_P, "'roleCredentials':%s", "$.roleCredentials", "an object"},
    {TASK_P, "'executionRoleCredentials':%s", "$.executionRoleCredentials", "an object"},
    {TASK_P, "'associations':%s", "$.associations", "an array"},
    {TASK_P, "'attachments':%s", "$.attachments", "an array"},
    {TASK_P, "'elasticNetworkInterfaces':%s", "$.elasticNetworkInterfaces", "an array"},
    {TASK_P, "'proxyConfiguration':%s", "$.proxyConfiguration", "an object"},
    {TASK_P, "'enableFaultInjection':%s", "$.enableFaultInjection", "true or false"},
    {TASK_P, "'trustedExecutionConfiguration':%s", "$.trustedExecutionConfiguration", "an object"},
    {TASK_P, "'volumes':[{'name':%s}]", "$.volumes[0].name", "a string"},
    {TASK_P, "'volumes':[{'name':'v','type':%s}]", "$.volumes[0].type", "a string"},
    {TASK_P, "'volumes':[{'name':'v','host':%s}]", "$.volumes[0].host", "an object"},
    {TASK_P, "'volumes':[{'name':'v','host':{'sourcePath':%s}}]", "$.volumes[0].host.sourcePath", "a string"},
    {TASK_P, "'volumes':[{'name':'v','dockerVolumeConfiguration':%s}]", "$.volumes[0].dockerVolumeConfiguration", "an object"},
    {TASK_P, "'volumes':[{'name':'v','efsVolumeConfiguration':%s}]", "$.volumes[0].efsVolumeConfiguration", "an object"},
    {TASK_T, "'volumes':[{'name':'v','configuredAtLaunch':%s}]", "$.volumes[0].configuredAtLaunch", "true or false"},

    {PAYLOAD("{'image':'i',%s}"), "'name':%s", AT_P ".name", "a string"},
    {PAYLOAD("{'name':'n',%s}"), "'image':%s", AT_P ".image", "a string"},
    {CONTAINER_P, "'cpu':%s", AT_P ".cpu", "a number"},
    {CONTAINER_P, "'memory':%s", AT_P ".memory", "a number"},
    {CONTAINER_P, "'essential':%s", AT_P ".essential", "true or false"},
    {CONTAINER_P, "'command':%s", AT_P ".command", "an array"},
    {CONTAINER_P, "'entryPoint':%s", AT_P ".entryPoint", "an array"},
    {CONTAINER_P, "'links':%s", AT_P ".links", "an array"},
    {CONTAINER_P, "'dependsOn':%s", AT_P ".dependsOn", "an array"},
    {CONTAINER_P, "'dependsOn':[{'containerName':%s}]", AT_P ".dependsOn[0].containerName", "a string"},
    {CONTAINER_P, "'dependsOn':[{'condition':%s}]", AT_P ".dependsOn[0].condition", "a string"},
    {CONTAINER_P, "'startTimeout':%s", AT_P ".startTimeout", "a number"},
    {CONTAINER_P, "'stopTimeout':%s", AT_P ".stopTimeout", "a number"},
    {CONTAINER_P, "'portMappings':%s", AT_P ".portMappings", "an array"},
    {CONTAINER_P, "'portMappings':[{'containerPort':%s}]", AT_P ".portMappings[0].containerPort", "a number"},
    {CONTAINER_P, "'portMappings':[{'containerPortRange':%s}]", AT_P ".portMappings[0].containerPortRange", "a string"},
    {CONTAINER_P, "'portMappings':[{'hostPort':%s}]", AT_P ".portMappings[0].hostPort", "a number"},
    {CONTAINER_P, "'portMappings':[{'protocol':%s}]", AT_P ".portMappings[0].protocol", "a string"},
    {CONTAINER_P, "'portMappings':[{'bindIp':%s}]", AT_P ".portMappings[0].bindIp", "a string"},
    {CONTAINER_P, "'mountPoints':%s", AT_P ".mountPoints", "an array"},
    {CONTAINER_P, "'mountPoints':[{'sourceVolume':%s}]", AT_P ".mountPoints[0].sourceVolume", "a string"},
    {CONTAINER_P, "'mountPoints':[{'containerPath':%s}]", AT_P ".mountPoints[0].containerPath", "a string"},
    {CONTAINER_P, "'mountPoints':[{'readOnly':%s}]", AT_P ".mountPoints[0].readOnly", "true or false"},
    {CONTAINER_P, "'volumesFrom':%s", AT_P ".volumesFrom", "an array"},
    {CONTAINER_P, "'volumesFrom':[{'sourceContainer':%s}]", AT_P ".volumesFrom[0].sourceContainer", "a string"},
    {CONTAINER_P, "'volumesFrom':[{'readOnly':%s}]", AT_P ".volumesFrom[0].readOnly", "true or false"},
    {CONTAINER_P, "'environment':{'a':%s}", AT_P ".environment.a", "a string"},
    {CONTAINER_P, "'environment':[{'name':%s}]", AT_P ".environment[0].name", "a string"},
    {CONTAINER_P, "'environment':[{'name':'a','value':%s}]", AT_P ".environment[0].value", "a string"},
    {CONTAINER_P, "'restartPolicy':%s", AT_P ".restartPolicy", "an object"},
    {CONTAINER_P, "'restartPolicy':{'enabled':%s}", AT_P ".restartPolicy.enabled", "true or false"},
    {CONTAINER_P, "'restartPolicy':{'ignoredExitCodes':%s}", AT_P ".restartPolicy.ignoredExitCodes", "an array"},
    {CONTAINER_P, "'restartPolicy':{'enabled':true,'ignoredExitCodes':[%s]}", AT_P ".restartPolicy.ignoredExitCodes[0]", "a number"},
    {CONTAINER_P, "'restartPolicy':{'restartAttemptPeriod':%s}", AT_P ".restartPolicy.restartAttemptPeriod", "a number"},
    {CONTAINER_P, "'healthCheckType':%s", AT_P ".healthCheckType", "a string"},
    {CONTAINER_P, "'dockerConfig':%s", AT_P ".dockerConfig", "an object"},
    {CONTAINER_P, "'dockerConfig':{'config':%s}", AT_P ".dockerConfig.config", "a string"},
    {CONTAINER_P, "'dockerConfig':{'hostConfig':%s}", AT_P ".dockerConfig.hostConfig", "a string"},
    {CONTAINER_P, "'dockerConfig':{'version':%s}", AT_P ".dockerConfig.version", "a string"},
    {CONTAINER_P, "'containerArn':%s", AT_P ".containerArn", "a string"},
    {CONTAINER_P, "'environmentFiles':%s", AT_P ".environmentFiles", "an array"},
    {CONTAINER_P, "'secrets':%s", AT_P ".secrets", "an array"},
    {CONTAINER_P, "'registryAuthentication':%s", AT_P ".registryAuthentication", "an object"},
    {CONTAINER_P, "'firelensConfiguration':%s", AT_P ".firelensConfiguration", "an object"},
    {CONTAINER_P, "'credentialSpecs':%s", AT_P ".credentialSpecs", "an array"},
    {CONTAINER_P, "'managedAgents':%s", AT_P ".managedAgents", "an array"},
    {CONTAINER_P, "'logsAuthStrategy':%s", AT_P ".logsAuthStrategy", "a string"},

    {"{'taskArn':'" ARN "','containerDefinitions':[" WEB "],%s}", "'family':%s", "$.family", "a string"},
    {TASK_T, "'revision':%s", "$.revision", "a number"},
    {"{'taskArn':'" ARN "','family':'f',%s}", "'containerDefinitions':%s", "$.containerDefinitions", "an array"},
    {TASK_T, "'networkMode':%s", "$.networkMode", "a string"},
    {TASK_T, "'taskRoleArn':%s", "$.taskRoleArn", "a string"},
    {TASK_T, "'tags':%s", "$.tags", "an array"},
    {TASK_T, "'ephemeralStorage':%s", "$.ephemeralStorage", "an object"},
    {CONTAINER_T, "'memoryReservation':%s", AT_T ".memoryReservation", "a number"},
    {CONTAINER_T, "'user':%s", AT_T ".user", "a string"},
    {CONTAINER_T, "'workingDirectory':%s", AT_T ".workingDirectory", "a string"},
    {CONTAINER_T, "'hostname':%s", AT_T ".hostname", "a string"},
    {CONTAINER_T, "'healthCheck':%s", AT_T ".healthCheck", "an object"},
    {CONTAINER_T, "'healthCheck':{'command':%s}", AT_T ".healthCheck.command", "an array"},
    {CONTAINER_T, "'healthCheck':{'command':['x'],'interval':%s}", AT_T ".healthCheck.interval", "a number"},
    {CONTAINER_T, "'healthCheck':{'command':['x'],'timeout':%s}", AT_T ".healthCheck.timeout", "a number"},
    {CONTAINER_T, "'healthCheck':{'command':['x'],'retries':%s}", AT_T ".healthCheck.retries", "a number"},
    {CONTAINER_T, "'healthCheck':{'command':['x'],'startPeriod':%s}", AT_T ".healthCheck.startPeriod", "a number"},
    {CONTAINER_T, "'interactive':%s", AT_T ".interactive", "true or false"},
    {CONTAINER_T, "'pseudoTerminal':%s", AT_T ".pseudoTerminal", "true or false"},
    {CONTAINER_T, "'disableNetworking':%s", AT_T ".disableNetworking", "true or false"},
    {CONTAINER_T, "'dockerLabels':%s", AT_T ".dockerLabels", "an object"},
    {CONTAINER_T, "'dockerLabels':{'a':%s}", AT_T ".dockerLabels.a", "a string"},
    {CONTAINER_T, "'privileged':%s", AT_T ".privileged", "true or false"},
    {CONTAINER_T, "'readonlyRootFilesystem':%s", AT_T ".readonlyRootFilesystem", "true or false"},
    {CONTAINER_T, "'dnsServers':%s", AT_T ".dnsServers", "an array"},
    {CONTAINER_T, "'dnsSearchDomains':%s", AT_T ".dnsSearchDomains", "an array"},
    {CONTAINER_T, "'extraHosts':%s", AT_T ".extraHosts", "an array"},
    {CONTAINER_T, "'extraHosts':[{'hostname':%s}]", AT_T ".extraHosts[0].hostname", "a string"},
    {CONTAINER_T, "'extraHosts':[{'hostname':'h','ipAddress':%s}]", AT_T ".extraHosts[0].ipAddress", "a string"},
    {CONTAINER_T, "'dockerSecurityOptions':%s", AT_T ".dockerSecurityOptions", "an array"},
    {CONTAINER_T, "'ulimits':%s", AT_T ".ulimits", "an array"},
    {CONTAINER_T, "'ulimits':[{'name':%s}]", AT_T ".ulimits[0].name", "a string"},
    {CONTAINER_T, "'ulimits':[{'name':'n','softLimit':%s}]", AT_T ".ulimits[0].softLimit", "a number"},
    {CONTAINER_T, "'ulimits':[{'name':'n','hardLimit':%s}]", AT_T ".ulimits[0].hardLimit", "a number"},
    {CONTAINER_T, "'systemControls':%s", AT_T ".systemControls", "an array"},
    {CONTAINER_T, "'systemControls':[{'namespace':%s}]", AT_T ".systemControls[0].namespace", "a string"},
    {CONTAINER_T, "'systemControls':[{'namespace':'n','value':%s}]", AT_T ".systemControls[0].value", "a string"},
    {CONTAINER_T, "'logConfiguration':%s", AT_T ".logConfiguration", "an object"},
    {CONTAINER_T, "'logConfiguration':{'logDriver':%s}", AT_T ".logConfiguration.logDriver", "a string"},
    {CONTAINER_T, "'logConfiguration':{'logDriver':'x','options':%s}", AT_T ".logConfiguration.options", "an object"},
    {CONTAINER_T, "'logConfiguration':{'logDriver':'x','options':{'a':%s}}", AT_T ".logConfiguration.options.a", "a string"},
    {CONTAINER_T, "'linuxParameters':%s", AT_T ".linuxParameters", "an object"},
    {CONTAINER_T, "'linuxParameters':{'capabilities':%s}", AT_T ".linuxParameters.capabilities", "an object"},
    {CONTAINER_T, "'linuxParameters':{'capabilities':{'add':%s}}", AT_T ".linuxParameters.capabilities.add", "an array"},
    {CONTAINER_T, "'linuxParameters':{'capabilities':{'drop':%s}}", AT_T ".linuxParameters.capabilities.drop", "an array"},
    {CONTAINER_T, "'linuxParameters':{'devices':%s}", AT_T ".linuxParameters.devices", "an array"},
    {CONTAINER_T, "'linuxParameters':{'devices':[{'hostPath':%s}]}", AT_T ".linuxParameters.devices[0].hostPath", "a string"},
    {CONTAINER_T, "'linuxParameters':{'devices':[{'permissions':%s}]}", AT_T ".linuxParameters.devices[0].permissions", "an array"},
    {CONTAINER_T, "'linuxParameters':{'initProcessEnabled':%s}", AT_T ".linuxParameters.initProcessEnabled", "true or false"},
    {CONTAINER_T, "'linuxParameters':{'sharedMemorySize':%s}", AT_T ".linuxParameters.sharedMemorySize", "a number"},
    {CONTAINER_T, "'linuxParameters':{'maxSwap':%s}", AT_T ".linuxParameters.maxSwap", "a number"},
    {CONTAINER_T, "'linuxParameters':{'swappiness':%s}", AT_T ".linuxParameters.swappiness", "a number"},
    {CONTAINER_T, "'linuxParameters':{'tmpfs':%s}", AT_T ".linuxParameters.tmpfs", "an array"},
    {CONTAINER_T, "'linuxParameters':{'tmpfs':[{'containerPath':%s}]}", AT_T ".linuxParameters.tmpfs[0].containerPath", "a string"},
    {CONTAINER_T, "'linuxParameters':{'tmpfs':[{'containerPath':'/t','size':%s}]}", AT_T ".linuxParameters.tmpfs[0].size",
     "a number"},
    {CONTAINER_T, "'linuxParameters':{'tmpfs':[{'containerPath':'/t','mountOptions':%s}]}",
     AT_T ".linuxParameters.tmpfs[0].mountOptions", "an array"},
    {CONTAINER_T, "'repositoryCredentials':%s", AT_T ".repositoryCredentials", "an object"},
    {CONTAINER_T, "'resourceRequirements':%s", AT_T ".resourceRequirements", "an array"},
};

/* Elements of lists; null is none of them either. */
static const struct {
    const char *document;
    const char *member;
    const char *path;
    const char *expected;
} elements[] = {
    {TASK_P, "'volumes':[%s]", "$.volumes[0]", "an object"},
    {"{'arn':'" ARN "',%s}", "'containers':[%s]", "$.containers[0]", "an object"},
    {CONTAINER_P, "'command':['x',%s]", AT_P ".command[1]", "a string"},
    {CONTAINER_P, "'entryPoint':[%s]", AT_P ".entryPoint[0]", "a string"},
    {CONTAINER_P, "'links':[%s]", AT_P ".links[0]", "a string"},
    {CONTAINER_P, "'environment':[%s]", AT_P ".environment[0]", "an object"},
    {CONTAINER_P, "'dependsOn':[%s]", AT_P ".dependsOn[0]", "an object"},
    {CONTAINER_P, "'portMappings':[%s]", AT_P ".portMappings[0]", "an object"},
    {CONTAINER_P, "'mountPoints':[%s]", AT_P ".mountPoints[0]", "an object"},
    {CONTAINER_P, "'volumesFrom':[%s]", AT_P ".volumesFrom[0]", "an object"},
    {CONTAINER_T, "'dnsServers':[%s]", AT_T ".dnsServers[0]", "a string"},
    {CONTAINER_T, "'extraHosts':[%s]", AT_T ".extraHosts[0]", "an object"},
    {CONTAINER_T, "'dockerSecurityOptions':[%s]", AT_T ".dockerSecurityOptions[0]", "a string"},
    {CONTAINER_T, "'ulimits':[%s]", AT_T ".ulimits[0]", "an object"},
    {CONTAINER_T, "'systemControls':[%s]", AT_T ".systemControls[0]", "an object"},
    {CONTAINER_T, "'healthCheck':{'command':[%s]}", AT_T ".healthCheck.command[0]", "a string"},
    {CONTAINER_T, "'linuxParameters':{'capabilities':{'add':[%s]}}", AT_T ".linuxParameters.capabilities.add[0]", "a string"},
    {CONTAINER_T, "'linuxParameters':{'devices':[%s]}", AT_T ".linuxParameters.devices[0]", "an object"},
    {CONTAINER_T, "'linuxParameters':{'tmpfs':[%s]}", AT_T ".linuxParameters.tmpfs[0]", "an object"},
};

static const struct {
    const char *json, *name;
} values[] = {
    {"'text'", "a string"}, {"7", "a number"},        {"true", "true or false"},
    {"[1]", "an array"},    {"{'a':1}", "an object"}, {"null", "null"},
};

/* Puts one value into one place, and expects the refusal that names both kinds. */
static void check(const char *document, const char *member, const char *path, const char *expected, size_t value)
{
    char inner[512], whole[1024], reason[512];

    if (strcmp(values[value].name, expected) == 0)
        return;
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wformat-nonliteral"
    snprintf(inner, sizeof(inner), member, values[value].json);
    snprintf(whole, sizeof(whole), document, inner);
#pragma GCC diagnostic pop
    snprintf(reason, sizeof(reason), DECODE "%s: expected %s, got %s (line 1, column ", path, expected, values[value].name);
    parse(whole);
    ck_assert_msg(last.code == 0, "%s", whole);
    ck_assert_msg(strncmp(str_text(last.spec->refusal), reason, strlen(reason)) == 0, "%s\n%s\n%s", whole, reason,
                  str_text(last.spec->refusal));
}

START_TEST(a_member_of_another_kind_is_refused)
{
    for (size_t value = 0; value < 5; value++)
        check(members[_i].document, members[_i].member, members[_i].path, members[_i].expected, value);
}
END_TEST

START_TEST(an_element_of_another_kind_is_refused)
{
    for (size_t value = 0; value < 6; value++)
        check(elements[_i].document, elements[_i].member, elements[_i].path, elements[_i].expected, value);
}
END_TEST

START_TEST(a_size_of_a_task_definition_is_text_or_a_number)
{
    check(TASK_T, "'cpu':%s", "$.cpu", "a string", 2);
    check(TASK_T, "'cpu':%s", "$.cpu", "a string", 3);
    check(TASK_T, "'memory':%s", "$.memory", "a string", 4);
}
END_TEST

START_TEST(an_environment_is_an_object_or_an_array)
{
    check(CONTAINER_P, "'environment':%s", AT_P ".environment", "an object", 0);
    check(CONTAINER_P, "'environment':%s", AT_P ".environment", "an object", 1);
    check(CONTAINER_P, "'environment':%s", AT_P ".environment", "an object", 2);
}
END_TEST

static void add(TCase *tcase)
{
    tcase_add_loop_test(tcase, a_member_of_another_kind_is_refused, 0, sizeof(members) / sizeof(members[0]));
    tcase_add_loop_test(tcase, an_element_of_another_kind_is_refused, 0, sizeof(elements) / sizeof(elements[0]));
    tcase_add_test(tcase, a_size_of_a_task_definition_is_text_or_a_number);
    tcase_add_test(tcase, an_environment_is_an_object_or_an_array);
}

int main(void) { return run_cases("spec: kinds", add); }

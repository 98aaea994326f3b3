/* SPDX-License-Identifier: Apache-2.0 */
/* `ExecuteCommandAgent`, the agent behind ECS Exec (runtime-and-agents: sections 3.1 to 3.3). It is described as a host would describe one of
 * its own, and nothing else in the engine knows of it. */
#include "base/timefmt.h"
#include "model/definition.h"

#define HOME "/ecs-execute-command-${uuid}"

/* What the agent logs, and where: to its console, to a file of 40 MB with one old one, its errors also to one of 10 MB. */
#define SEELOG                                                                                                                       \
    "<seelog type=\\\"adaptive\\\" mininterval=\\\"2000000\\\" maxinterval=\\\"100000000\\\" critmsgcount=\\\"500\\\" minlevel=\\\"info\\\">\\n"           \
    "<outputs formatid=\\\"line\\\">\\n<console formatid=\\\"line\\\"/>\\n"                                                              \
    "<rollingfile type=\\\"size\\\" filename=\\\"/var/log/amazon/ssm/amazon-ssm-agent.log\\\" maxsize=\\\"40000000\\\" maxrolls=\\\"1\\\"/>\\n" \
    "<filter levels=\\\"error,critical\\\" formatid=\\\"line\\\">\\n"                                                                    \
    "<rollingfile type=\\\"size\\\" filename=\\\"/var/log/amazon/ssm/errors.log\\\" maxsize=\\\"10000000\\\" maxrolls=\\\"1\\\"/>\\n"         \
    "</filter>\\n</outputs>\\n<formats><format id=\\\"line\\\" format=\\\"%Date %Time %LEVEL %Msg%n\\\"/></formats>\\n</seelog>\\n"

#define CONFIG                                                                                                                     \
    "{\\n\\t\\\"Mgs\\\": {\\n\\t\\t\\\"StopTimeoutMillis\\\": 20000,\\n\\t\\t\\\"SessionWorkersLimit\\\": ${count:sessionLimit:2}\\n\\t},\\n" \
    "\\t\\\"Agent\\\": {\\n\\t\\t\\\"ContainerMode\\\": true,\\n\\t\\t\\\"UseDualStackEndpoint\\\": ${dual-stack}\\n\\t}\\n}"

const struct agent_description agent_builtin = {
    .name = "ExecuteCommandAgent",
    .exec = "{\"User\":\"0\",\"Detach\":true,\"Cmd\":[\"" HOME "/amazon-ssm-agent\"]}",
    .prepare = "{\"versions\":{\"dir\":\"${dir}/bin\",\"shown\":\"${runtime-dir}/bin\","
               "\"files\":[\"amazon-ssm-agent\",\"ssm-agent-worker\",\"ssm-session-worker\"]},"
               "\"generated\":[{\"dir\":\"${dir}/config\",\"prefix\":\"amazon-ssm-agent-\",\"suffix\":\".json\",\"content\":\"" CONFIG
               "\",\"error\":\"could not generate ExecAgent Config File\"},"
               "{\"dir\":\"${dir}/config\",\"prefix\":\"seelog-\",\"suffix\":\".xml\",\"content\":\"" SEELOG
               "\",\"error\":\"could not generate ExecAgent LogConfig file\"}],"
               "\"required\":[{\"path\":\"${dir}/certs/tls-ca-bundle.pem\",\"error\":\"could not find certs\"}],"
               "\"log\":{\"dir\":\"${log-dir}\",\"path\":[\"${task}\",\"${container}\"]}}",
    .binds = "\"${runtime-dir}/bin/${version}/amazon-ssm-agent:" HOME "/amazon-ssm-agent:ro\","
             "\"${runtime-dir}/bin/${version}/ssm-agent-worker:" HOME "/ssm-agent-worker:ro\","
             "\"${runtime-dir}/bin/${version}/ssm-session-worker:" HOME "/ssm-session-worker:ro\","
             "\"${runtime-dir}/config/${file:0}:" HOME "/configuration/amazon-ssm-agent.json:ro\","
             "\"${runtime-dir}/config/${file:1}:" HOME "/configuration/seelog.xml:ro\","
             "\"${runtime-dir}/certs/tls-ca-bundle.pem:" HOME "/certs/amazon-ssm-agent.crt:ro\","
             "\"${log-dir}/${task}/${container}:/var/log/amazon/ssm\"",
    .clean = "{\"log\":{\"dir\":\"${log-dir}\",\"path\":[\"${task}\"]}}",
    .delay_min_ns = NS_PER_S,
    .delay_max_ns = 15 * NS_PER_MINUTE,
    .steady_ns = 10 * NS_PER_MINUTE,
    .tries = 16,
};

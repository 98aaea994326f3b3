/* SPDX-License-Identifier: Apache-2.0 */
/* The ACS task payload: what the agent receives from the ECS backend (task-payload: 1.2, 2.1, 2.4). Most of what a container is to
 * Docker comes as two texts of Docker JSON in `dockerConfig`; they are passed on as they are (docker.c lays them over what the
 * engine computes). */
#include <string.h>

#include "model/limits.h"
#include "spec/credentials.h"
#include "spec/source.h"

enum payload_field {
    P_ARN,
    P_FAMILY,
    P_VERSION,
    P_LAUNCH_TYPE,
    P_DESIRED_STATUS,
    P_CPU,
    P_MEMORY,
    P_NETWORK_MODE,
    P_PID_MODE,
    P_IPC_MODE,
    P_VOLUMES,
    P_CONTAINERS,
    P_RESOURCES,
    P_TASK_DEFINITION_ACCOUNT_ID,
    P_TASK_CLUSTER_ARN,
    P_SERVICE_NAME,
    P_GROUP,
    P_ZONE,
    P_AGENT_CONFIGURATION,
    P_OVERRIDES,
    P_ROLE_CREDENTIALS,
    P_EXECUTION_ROLE_CREDENTIALS,
    P_ASSOCIATIONS,
    P_ATTACHMENTS,
    P_ELASTIC_NETWORK_INTERFACES,
    P_PROXY_CONFIGURATION,
    P_FAULT_INJECTION,
    P_TRUSTED_EXECUTION,
    P_FIELD_COUNT
};

#define PAYLOAD(what) .use = {what, FIELD_UNKNOWN}

static const struct field payload_fields[P_FIELD_COUNT] = {
    [P_ARN] = {"arn", JSON_KIND_TEXT, PAYLOAD(FIELD_SILENT)},
    [P_FAMILY] = {"family", JSON_KIND_TEXT, PAYLOAD(FIELD_READ)},
    [P_VERSION] = {"version", JSON_KIND_TEXT, PAYLOAD(FIELD_READ)},
    [P_LAUNCH_TYPE] = {"launchType", JSON_KIND_TEXT, PAYLOAD(FIELD_READ)},
    [P_DESIRED_STATUS] = {"desiredStatus", KIND_ANY, PAYLOAD(FIELD_READ)},
    [P_CPU] = {"cpu", JSON_KIND_NUMBER, PAYLOAD(FIELD_READ)},
    [P_MEMORY] = {"memory", JSON_KIND_NUMBER, PAYLOAD(FIELD_READ)},
    [P_NETWORK_MODE] = {"networkMode", JSON_KIND_TEXT, PAYLOAD(FIELD_READ)},
    [P_PID_MODE] = {"pidMode", JSON_KIND_TEXT, PAYLOAD(FIELD_READ)},
    [P_IPC_MODE] = {"ipcMode", JSON_KIND_TEXT, PAYLOAD(FIELD_READ)},
    [P_VOLUMES] = {"volumes", JSON_KIND_ARRAY, PAYLOAD(FIELD_READ)},
    [P_CONTAINERS] = {"containers", JSON_KIND_ARRAY, PAYLOAD(FIELD_READ)},
    [P_RESOURCES] = {"ecsengine.resources", JSON_KIND_ARRAY, PAYLOAD(FIELD_READ)},
    [P_TASK_DEFINITION_ACCOUNT_ID] = {"taskDefinitionAccountId", JSON_KIND_TEXT, PAYLOAD(FIELD_SILENT)},
    [P_TASK_CLUSTER_ARN] = {"taskClusterArn", JSON_KIND_TEXT, PAYLOAD(FIELD_SILENT)},
    [P_SERVICE_NAME] = {"serviceName", JSON_KIND_TEXT, PAYLOAD(FIELD_SILENT)},
    [P_GROUP] = {"group", JSON_KIND_TEXT, PAYLOAD(FIELD_SILENT)},
    [P_ZONE] = {"zone", JSON_KIND_TEXT, PAYLOAD(FIELD_SILENT)},
    [P_AGENT_CONFIGURATION] = {"agentConfiguration", JSON_KIND_TEXT, PAYLOAD(FIELD_SILENT)},
    /* The backend has merged them into the containers already. */
    [P_OVERRIDES] = {"overrides", KIND_ANY, PAYLOAD(FIELD_SILENT)},
    [P_ROLE_CREDENTIALS] = {"roleCredentials", JSON_KIND_OBJECT, PAYLOAD(FIELD_READ)},
    [P_EXECUTION_ROLE_CREDENTIALS] = {"executionRoleCredentials", JSON_KIND_OBJECT, PAYLOAD(FIELD_READ)},
    [P_ASSOCIATIONS] = {"associations", JSON_KIND_ARRAY, PAYLOAD(FIELD_READ)},
    [P_ATTACHMENTS] = {"attachments", JSON_KIND_ARRAY, PAYLOAD(FIELD_REPORTED)},
    [P_ELASTIC_NETWORK_INTERFACES] = {"elasticNetworkInterfaces", JSON_KIND_ARRAY, PAYLOAD(FIELD_REPORTED)},
    [P_PROXY_CONFIGURATION] = {"proxyConfiguration", JSON_KIND_OBJECT, PAYLOAD(FIELD_REPORTED)},
    [P_FAULT_INJECTION] = {"enableFaultInjection", JSON_KIND_BOOL, PAYLOAD(FIELD_REPORTED)},
    [P_TRUSTED_EXECUTION] = {"trustedExecutionConfiguration", JSON_KIND_OBJECT, PAYLOAD(FIELD_REPORTED)},
};

/* The backend always says what it wants; whoever leaves it out wants the task to run. (The reference takes NONE, and stops at once.) */
static void desired_read(struct reader *reader, const struct json_value *value, struct source_task *task)
{
    if (value == NULL) {
        task->desired = ECSENGINE_TASK_RUNNING;
        return;
    }
    if (value->kind != JSON_KIND_TEXT)
        reader_wrong(reader, value, "TaskStatus must be a string or null");
    else if (!task_status_parse(value->text, &task->desired))
        reader_wrong(reader, value, "Unrecognized TaskStatus");
}

static const char *short_text(struct reader *reader, const struct json_value *value)
{
    const char *text = reader_text(reader, value);

    if (strlen(text) > LIMIT_NAME)
        reader_wrong(reader, value, "has %zu bytes, more than %d", strlen(text), LIMIT_NAME);
    return text;
}

static void raw_text(struct reader *reader, const struct json_value *value, struct source_raw *out)
{
    out->text = reader_text(reader, value);
    out->len = value != NULL && !reader_failed(reader) ? value->count : 0;
}

static void docker_config_read(struct reader *reader, const struct json_value *value, struct source_container *out)
{
    enum { CONFIG, HOST_CONFIG, VERSION, COUNT };
    static const struct field fields[COUNT] = {
        [CONFIG] = {"config", JSON_KIND_TEXT, PAYLOAD(FIELD_READ)},
        [HOST_CONFIG] = {"hostConfig", JSON_KIND_TEXT, PAYLOAD(FIELD_READ)},
        /* Which version of its API a Docker Engine is spoken to in is the runtime's matter. */
        [VERSION] = {"version", JSON_KIND_TEXT, PAYLOAD(FIELD_SILENT)},
    };
    const struct json_value *slots[COUNT];

    reader_fields(reader, value, fields, COUNT, FORM_PAYLOAD, slots);
    raw_text(reader, slots[CONFIG], &out->config);
    raw_text(reader, slots[HOST_CONFIG], &out->host_config);
}

/* An object, or a text that is one; only `command` may be in it, and a command that is not null replaces the container's. */
static void overrides_read(struct reader *reader, const struct json_value *value, struct source_container *out)
{
    char message[READER_MESSAGE_MAX];
    const struct json_value *overrides = value;

    if (value == NULL || reader_failed(reader))
        return;
    if (value->kind == JSON_KIND_TEXT) {
        if (value->count == 0)
            return;
        overrides = reader_parse(reader, value->text, value->count, message);
        if (overrides == NULL) {
            reader_wrong(reader, value, "%s", message);
            return;
        }
    }
    if (overrides->kind != JSON_KIND_OBJECT && overrides->kind != JSON_KIND_NULL) {
        reader_wrong(reader, value, "expected an object, got %s", json_kind_name(overrides->kind));
        return;
    }
    if (overrides->kind == JSON_KIND_NULL)
        return;
    READER_EACH(reader, member, overrides)
    {
        if (!ascii_equal(member->key, "command"))
            reader_wrong(reader, value, "Unrecognized key: %s", member->key);
    }
    const struct json_value *command = json_member(overrides, "command");
    READER_EACH(reader, word, command != NULL && command->kind == JSON_KIND_ARRAY ? command : NULL)
    {
        if (word->kind != JSON_KIND_TEXT)
            reader_wrong(reader, value, "expected a command of strings, got %s", json_kind_name(word->kind));
    }
    if (command != NULL && command->kind != JSON_KIND_ARRAY)
        reader_wrong(reader, value, "expected a command of strings, got %s", json_kind_name(command->kind));
    if (command != NULL)
        out->command = command;
}

/* A type that is none of these is what the host has for all registries (task-payload 2.3). */
static void registry_read(struct reader *reader, const struct json_value *value, struct source_container *out)
{
    enum { TYPE, ECR, ASM, AUTH_COUNT };
    static const struct field auth_fields[AUTH_COUNT] = {
        [TYPE] = {"type", JSON_KIND_TEXT, PAYLOAD(FIELD_READ)},
        [ECR] = {"ecrAuthData", JSON_KIND_OBJECT, PAYLOAD(FIELD_READ)},
        [ASM] = {"asmAuthData", JSON_KIND_OBJECT, PAYLOAD(FIELD_SILENT)},
    };
    enum { REGION, REGISTRY_ID, ENDPOINT, EXECUTION_ROLE, ECR_COUNT };
    static const struct field ecr_fields[ECR_COUNT] = {
        [REGION] = {"region", JSON_KIND_TEXT, PAYLOAD(FIELD_READ)},
        [REGISTRY_ID] = {"registryId", JSON_KIND_TEXT, PAYLOAD(FIELD_READ)},
        [ENDPOINT] = {"endpointOverride", JSON_KIND_TEXT, PAYLOAD(FIELD_READ)},
        [EXECUTION_ROLE] = {"useExecutionRole", JSON_KIND_BOOL, PAYLOAD(FIELD_READ)},
    };
    const struct json_value *auth[AUTH_COUNT], *ecr[ECR_COUNT];

    reader_fields(reader, reader_object(reader, value), auth_fields, AUTH_COUNT, FORM_PAYLOAD, auth);
    const char *type = reader_text(reader, auth[TYPE]);
    reader_fields(reader, reader_object(reader, auth[ECR]), ecr_fields, ECR_COUNT, FORM_PAYLOAD, ecr);
    out->region = reader_text(reader, ecr[REGION]);
    out->registry_id = reader_text(reader, ecr[REGISTRY_ID]);
    out->endpoint_override = reader_text(reader, ecr[ENDPOINT]);
    out->uses_execution_role = reader_flag(reader, ecr[EXECUTION_ROLE], false);
    out->has_registry_auth = strcmp(type, "ecr") == 0;
    if (!out->has_registry_auth && type[0] != '\0' && !reader_failed(reader))
        reader_notice(reader, value, "is not of type \"ecr\" and is not honoured yet");
}

static void payload_container(struct reader *reader, const struct source_task *task, const struct json_value *value,
                              struct source_container *out)
{
    const struct json_value *slots[C_FIELD_COUNT];

    container_read(reader, FORM_PAYLOAD, task, value, out, slots);
    const char *health = reader_text(reader, slots[C_HEALTH_CHECK_TYPE]);
    out->health_check = strcmp(health, "docker") == 0;
    if (!out->health_check && health[0] != '\0')
        reader_notice(reader, slots[C_HEALTH_CHECK_TYPE], "is not \"docker\" and is ignored: no health is reported");
    registry_read(reader, slots[C_REGISTRY_AUTHENTICATION], out);
    docker_config_read(reader, slots[C_DOCKER_CONFIG], out);
    overrides_read(reader, slots[C_OVERRIDES], out);
}

void payload_read(struct reader *reader, const struct spec_limits *limits, const struct json_value *root, struct source_task *task)
{
    const struct json_value *slots[P_FIELD_COUNT];

    /* First: a refused task still tells what was wanted of it. */
    desired_read(reader, json_member(root, "desiredStatus"), task);
    reader_fields(reader, root, payload_fields, P_FIELD_COUNT, FORM_PAYLOAD, slots);
    task->family = short_text(reader, slots[P_FAMILY]);
    task->version = short_text(reader, slots[P_VERSION]);
    task->launch_type = short_text(reader, slots[P_LAUNCH_TYPE]);
    task->cpu_units = (uint32_t)reader_decimal(reader, slots[P_CPU], 1024, UINT32_MAX);
    task->memory_mib = (uint64_t)reader_integer(reader, slots[P_MEMORY], 0, INT64_MAX >> 20);
    task->execution_credentials = credentials_read(reader, slots[P_EXECUTION_ROLE_CREDENTIALS]);
    task->role_credentials = credentials_read(reader, slots[P_ROLE_CREDENTIALS]);
    if (task->role_credentials != NULL)
        reader_notice(reader, slots[P_ROLE_CREDENTIALS], "is kept, but containers are not told where to ask for it yet");
    modes_read(reader, FORM_PAYLOAD, task, slots[P_NETWORK_MODE], slots[P_PID_MODE], slots[P_IPC_MODE]);
    volumes_read(reader, FORM_PAYLOAD, task, slots[P_VOLUMES]);
    containers_read(reader, limits, task, reader_list(reader, slots[P_CONTAINERS]), payload_container);
    resources_read(reader, task, reader_list(reader, slots[P_RESOURCES]));
    gpu_read_associations(reader, task, slots[P_ASSOCIATIONS]);
}

/* SPDX-License-Identifier: Apache-2.0 */
/* A container as both forms write it (task-payload: 2.1, 2.5, 8.2). The table says for each member what it is and what becomes of
 * it in which form: it is the list that docs/documents-in.md repeats for users. */
#include <string.h>

#include "base/timefmt.h"
#include "model/limits.h"
#include "spec/source.h"

/* Dependencies, links, volumesFrom and mount points of one container: as many as a task can have containers, and their sum fits 16 bits. */
enum { LIST_MAX = LIMIT_CONTAINERS };

/* RegisterTaskDefinition: seconds, and exit codes. */
enum { RESTART_PERIOD_MIN = 60, RESTART_PERIOD_MAX = 1800, RESTART_PERIOD_DEFAULT = 300, RESTART_IGNORED_MAX = 50 };

#define BOTH(what) .use = {what, what}
#define PAYLOAD .use = {FIELD_READ, FIELD_UNKNOWN}
#define TASKDEF .use = {FIELD_UNKNOWN, FIELD_READ}

static const struct field container_fields[C_FIELD_COUNT] = {
    [C_NAME] = {"name", JSON_KIND_TEXT, BOTH(FIELD_READ)},
    [C_IMAGE] = {"image", JSON_KIND_TEXT, BOTH(FIELD_READ)},
    [C_CPU] = {"cpu", JSON_KIND_NUMBER, BOTH(FIELD_READ)},
    [C_MEMORY] = {"memory", JSON_KIND_NUMBER, BOTH(FIELD_READ)},
    [C_ESSENTIAL] = {"essential", JSON_KIND_BOOL, BOTH(FIELD_READ)},
    [C_COMMAND] = {"command", JSON_KIND_ARRAY, BOTH(FIELD_READ)},
    [C_ENTRY_POINT] = {"entryPoint", JSON_KIND_ARRAY, BOTH(FIELD_READ)},
    [C_ENVIRONMENT] = {"environment", KIND_ANY, BOTH(FIELD_READ)},
    [C_LINKS] = {"links", JSON_KIND_ARRAY, BOTH(FIELD_READ)},
    [C_DEPENDS_ON] = {"dependsOn", JSON_KIND_ARRAY, BOTH(FIELD_READ)},
    [C_RUN_DEPENDENCIES] = {"RunDependencies", JSON_KIND_ARRAY, PAYLOAD},
    [C_START_TIMEOUT] = {"startTimeout", JSON_KIND_NUMBER, BOTH(FIELD_READ)},
    [C_STOP_TIMEOUT] = {"stopTimeout", JSON_KIND_NUMBER, BOTH(FIELD_READ)},
    [C_PORT_MAPPINGS] = {"portMappings", JSON_KIND_ARRAY, BOTH(FIELD_READ)},
    [C_MOUNT_POINTS] = {"mountPoints", JSON_KIND_ARRAY, BOTH(FIELD_READ)},
    [C_VOLUMES_FROM] = {"volumesFrom", JSON_KIND_ARRAY, BOTH(FIELD_READ)},
    [C_RESTART_POLICY] = {"restartPolicy", JSON_KIND_OBJECT, BOTH(FIELD_READ)},
    [C_HEALTH_CHECK_TYPE] = {"healthCheckType", JSON_KIND_TEXT, PAYLOAD},
    [C_DOCKER_CONFIG] = {"dockerConfig", JSON_KIND_OBJECT, PAYLOAD},
    [C_OVERRIDES] = {"overrides", KIND_ANY, PAYLOAD},
    [C_MEMORY_RESERVATION] = {"memoryReservation", JSON_KIND_NUMBER, TASKDEF},
    [C_USER] = {"user", JSON_KIND_TEXT, TASKDEF},
    [C_WORKING_DIRECTORY] = {"workingDirectory", JSON_KIND_TEXT, TASKDEF},
    [C_HOSTNAME] = {"hostname", JSON_KIND_TEXT, TASKDEF},
    [C_HEALTH_CHECK] = {"healthCheck", JSON_KIND_OBJECT, TASKDEF},
    [C_INTERACTIVE] = {"interactive", JSON_KIND_BOOL, TASKDEF},
    [C_PSEUDO_TERMINAL] = {"pseudoTerminal", JSON_KIND_BOOL, TASKDEF},
    [C_DISABLE_NETWORKING] = {"disableNetworking", JSON_KIND_BOOL, TASKDEF},
    [C_DOCKER_LABELS] = {"dockerLabels", JSON_KIND_OBJECT, TASKDEF},
    [C_PRIVILEGED] = {"privileged", JSON_KIND_BOOL, TASKDEF},
    [C_READONLY_ROOT] = {"readonlyRootFilesystem", JSON_KIND_BOOL, TASKDEF},
    [C_DNS_SERVERS] = {"dnsServers", JSON_KIND_ARRAY, TASKDEF},
    [C_DNS_SEARCH_DOMAINS] = {"dnsSearchDomains", JSON_KIND_ARRAY, TASKDEF},
    [C_EXTRA_HOSTS] = {"extraHosts", JSON_KIND_ARRAY, TASKDEF},
    [C_SECURITY_OPTIONS] = {"dockerSecurityOptions", JSON_KIND_ARRAY, TASKDEF},
    [C_ULIMITS] = {"ulimits", JSON_KIND_ARRAY, TASKDEF},
    [C_SYSTEM_CONTROLS] = {"systemControls", JSON_KIND_ARRAY, TASKDEF},
    [C_LINUX_PARAMETERS] = {"linuxParameters", JSON_KIND_OBJECT, TASKDEF},
    [C_LOG_CONFIGURATION] = {"logConfiguration", JSON_KIND_OBJECT, TASKDEF},
    [C_CONTAINER_ARN] = {"containerArn", JSON_KIND_TEXT, {FIELD_SILENT, FIELD_UNKNOWN}},
    [C_VERSION_CONSISTENCY] = {"versionConsistency", JSON_KIND_TEXT, {FIELD_UNKNOWN, FIELD_SILENT}},
    [C_ENVIRONMENT_FILES] = {"environmentFiles", JSON_KIND_ARRAY, BOTH(FIELD_REPORTED)},
    [C_SECRETS] = {"secrets", JSON_KIND_ARRAY, BOTH(FIELD_REPORTED)},
    [C_REGISTRY_AUTHENTICATION] = {"registryAuthentication", JSON_KIND_OBJECT, {FIELD_READ, FIELD_UNKNOWN}},
    [C_REPOSITORY_CREDENTIALS] = {"repositoryCredentials", JSON_KIND_OBJECT, {FIELD_UNKNOWN, FIELD_REPORTED}},
    [C_RESOURCE_REQUIREMENTS] = {"resourceRequirements", JSON_KIND_ARRAY, {FIELD_UNKNOWN, FIELD_READ}},
    [C_FIRELENS] = {"firelensConfiguration", JSON_KIND_OBJECT, BOTH(FIELD_REPORTED)},
    [C_CREDENTIAL_SPECS] = {"credentialSpecs", JSON_KIND_ARRAY, BOTH(FIELD_REPORTED)},
    [C_MANAGED_AGENTS] = {"managedAgents", JSON_KIND_ARRAY, BOTH(FIELD_READ)},
    [C_LOGS_AUTH_STRATEGY] = {"logsAuthStrategy", JSON_KIND_TEXT, {FIELD_REPORTED, FIELD_UNKNOWN}},
    [C_NETWORK_INTERFACE_NAMES] = {"networkInterfaceNames", JSON_KIND_ARRAY, {FIELD_REPORTED, FIELD_UNKNOWN}},
};

/* A list of objects and its length, checked against a maximum. */
static size_t list_count(struct reader *reader, const struct json_value *list, size_t max)
{
    if (list == NULL || reader_failed(reader))
        return 0;
    if (list->count > max)
        reader_wrong(reader, list, "has %u elements, more than %zu", list->count, max);
    return list->count;
}

static void name_read(struct reader *reader, enum form form, const struct json_value *at, const struct json_value *value,
                      struct source_container *out)
{
    out->name = reader_text(reader, value);
    if (value == NULL)
        reader_wrong(reader, at, "name is missing");
    else if (!source_name_valid(out->name, form))
        reader_wrong(reader, value, "expected 1 to %d %s", LIMIT_NAME,
                     form == FORM_TASKDEF ? "letters, digits, hyphens and underscores"
                                          : "bytes without spaces and control characters");
}

static void image_read(struct reader *reader, const struct json_value *at, const struct json_value *value,
                       struct source_container *out)
{
    out->image = reader_text(reader, value);
    if (out->image[0] == '\0')
        reader_wrong(reader, value != NULL ? value : at, "%s", value != NULL ? "an image is empty" : "image is missing");
    else if (strlen(out->image) > LIMIT_IMAGE)
        reader_wrong(reader, value, "an image has %zu bytes, more than %d", strlen(out->image), LIMIT_IMAGE);
}

/* [{"name","value"}...] as the members of an object; NULL after a failure. */
static const struct json_value *pairs_as_object(struct reader *reader, const struct json_value *list)
{
    static const struct field fields[] = {
        {"name", JSON_KIND_TEXT, BOTH(FIELD_READ)},
        {"value", JSON_KIND_TEXT, BOTH(FIELD_READ)},
    };
    const struct json_value *pair[2];
    struct json_value *object = reader_scratch(reader, list->count, sizeof(*object)), *last = NULL;
    size_t at = 0;

    READER_EACH(reader, element, list)
    {
        reader_fields(reader, reader_object(reader, element), fields, 2, FORM_PAYLOAD, pair);
        if (reader_failed(reader))
            return NULL;
        if (pair[0] == NULL) {
            reader_wrong(reader, element, "name is missing");
            return NULL;
        }
        struct json_value *member = &object[++at];
        *member = (struct json_value){.parent = pair[0]->parent, .offset = pair[0]->offset, .kind = JSON_KIND_TEXT};
        member->key = pair[0]->text;
        member->key_len = pair[0]->count;
        member->text = reader_text(reader, pair[1]);
        member->count = pair[1] != NULL ? pair[1]->count : 0;
        if (last == NULL)
            object->first = member;
        else
            last->next = member;
        last = member;
    }
    if (object != NULL)
        object->count = (uint32_t)at;
    return object;
}

/* A map of strings, or a list of names and values; of equal names the last counts. */
static void environment_read(struct reader *reader, const struct json_value *value, struct source_container *out)
{
    if (value == NULL || reader_failed(reader))
        return;
    if (value->kind == JSON_KIND_ARRAY)
        value = pairs_as_object(reader, value);
    else
        value = reader_object(reader, value);
    READER_EACH(reader, member, value)
    {
        if (member->key_len == 0)
            reader_wrong(reader, member, "a variable has no name");
        else if (member->kind != JSON_KIND_NULL)
            reader_text(reader, member);
    }
    if (value == NULL || reader_failed(reader))
        return;
    out->environment = json_sorted(&reader->scratch, value, &out->environment_count);
    if (out->environment == NULL)
        reader_nomem(reader);
}

static uint8_t protocol_read(struct reader *reader, const struct json_value *value)
{
    const char *name = value != NULL ? reader_text(reader, value) : "tcp";

    if (strcmp(name, "tcp") != 0 && strcmp(name, "udp") != 0)
        reader_wrong(reader, value, "TransportProtocol must be \"tcp\" or \"udp\"; Got \"%s\"", name);
    return strcmp(name, "udp") == 0 ? PROTOCOL_UDP : PROTOCOL_TCP;
}

/* `8080-8090`. */
static void range_read(struct reader *reader, const struct json_value *value, struct port_mapping *port)
{
    const char *text = reader_text(reader, value);
    uint32_t ends[2] = {0, 0};
    bool good = true;

    if (value == NULL || text[0] == '\0' || reader_failed(reader))
        return;
    for (size_t i = 0; i < 2 && good; i++) {
        size_t digits = strspn(text, "0123456789");
        good = digits >= 1 && digits <= 5 && text[digits] == (i == 0 ? '-' : '\0');
        for (size_t j = 0; good && j < digits; j++)
            ends[i] = ends[i] * 10 + (uint32_t)(text[j] - '0');
        text += digits + 1;
    }
    if (!good || ends[0] < 1 || ends[1] > UINT16_MAX || ends[0] > ends[1]) {
        reader_wrong(reader, value, "expected a range of ports from 1 to 65535 such as \"8080-8090\"");
        return;
    }
    port->container_port = (uint16_t)ends[0];
    port->count = (uint16_t)(ends[1] - ends[0] + 1 > UINT16_MAX ? UINT16_MAX : ends[1] - ends[0] + 1); /* all of them are too many */
    port->is_range = true;
}

/* In the host's network the container's port is the host's; a range's host ports are never the user's to choose. Where the engine
 * chooses is where a port of the host is given to a container at all. */
static void host_port_settle(struct reader *reader, const struct source_task *task, const struct json_value *host_port,
                             struct port_mapping *port)
{
    bool own = strcmp(task->network_mode, "host") == 0;
    bool published = !own && strcmp(task->network_mode, "awsvpc") != 0 && strcmp(task->network_mode, "none") != 0;

    if (own && port->host_port != 0 && port->host_port != port->container_port)
        reader_notice(reader, host_port, "has no effect in network mode host");
    else if (!own && port->is_range && port->host_port != 0)
        reader_notice(reader, host_port, "has no effect beside containerPortRange");
    if (port->is_range)
        port->host_port = 0;
    if (own)
        port->host_port = port->container_port;
    port->engine_chooses = published && port->host_port == 0 && (port->is_range || task->limits->engine_chooses_ports);
}

static void port_read(struct reader *reader, const struct source_task *task, const struct json_value *value,
                      struct source_container *out)
{
    enum { PORT, RANGE, HOST_PORT, PROTOCOL, BIND_IP, NAME, APP_PROTOCOL, COUNT };
    static const struct field fields[COUNT] = {
        [PORT] = {"containerPort", JSON_KIND_NUMBER, BOTH(FIELD_READ)},
        [RANGE] = {"containerPortRange", JSON_KIND_TEXT, BOTH(FIELD_READ)},
        [HOST_PORT] = {"hostPort", JSON_KIND_NUMBER, BOTH(FIELD_READ)},
        [PROTOCOL] = {"protocol", JSON_KIND_TEXT, BOTH(FIELD_READ)},
        [BIND_IP] = {"bindIp", JSON_KIND_TEXT, BOTH(FIELD_REPORTED)},
        [NAME] = {"name", JSON_KIND_TEXT, BOTH(FIELD_SILENT)},
        [APP_PROTOCOL] = {"appProtocol", JSON_KIND_TEXT, BOTH(FIELD_SILENT)},
    };
    const struct json_value *slots[COUNT];

    reader_fields(reader, reader_object(reader, value), fields, COUNT, FORM_PAYLOAD, slots);
    struct port_mapping port = {
        .container_port = (uint16_t)reader_integer(reader, slots[PORT], 0, UINT16_MAX),
        .host_port = (uint16_t)reader_integer(reader, slots[HOST_PORT], 0, UINT16_MAX),
        .protocol = protocol_read(reader, slots[PROTOCOL]),
        .count = 1,
    };
    if (port.container_port == 0)
        range_read(reader, slots[RANGE], &port);
    if (reader_failed(reader))
        return;
    if (port.container_port == 0) {
        reader_notice(reader, value, "has neither containerPort nor containerPortRange and is ignored");
        return;
    }
    host_port_settle(reader, task, slots[HOST_PORT], &port);
    out->port_total += port.count;
    if (out->port_total > LIMIT_CONTAINER_PORTS)
        reader_wrong(reader, value, "with this the container maps more than %d ports", LIMIT_CONTAINER_PORTS);
    out->ports[out->port_count++] = port;
}

static void ports_read(struct reader *reader, const struct source_task *task, const struct json_value *list,
                       struct source_container *out)
{
    out->ports = reader_scratch(reader, list_count(reader, list, LIMIT_PORTS), sizeof(*out->ports));
    READER_EACH(reader, element, list) { port_read(reader, task, element, out); }
}

static uint8_t condition_parse(const char *name, enum form form)
{
    static const char *const names[] = {
        [CONDITION_START] = "START",     [CONDITION_COMPLETE] = "COMPLETE", [CONDITION_SUCCESS] = "SUCCESS",
        [CONDITION_HEALTHY] = "HEALTHY", [CONDITION_CREATE] = "CREATE",
    };

    for (uint8_t i = CONDITION_START; i <= CONDITION_CREATE; i++)
        if (strcmp(name, names[i]) == 0)
            return i == CONDITION_CREATE && form == FORM_TASKDEF ? CONDITION_NONE : i;
    return CONDITION_NONE;
}

static void dependencies_read(struct reader *reader, enum form form, const struct json_value *list, struct source_container *out)
{
    static const struct field fields[] = {
        {"containerName", JSON_KIND_TEXT, BOTH(FIELD_READ)},
        {"condition", JSON_KIND_TEXT, BOTH(FIELD_READ)},
    };
    const struct json_value *slots[2];

    out->dependencies = reader_scratch(reader, list_count(reader, list, LIST_MAX), sizeof(*out->dependencies));
    READER_EACH(reader, element, list)
    {
        reader_fields(reader, reader_object(reader, element), fields, 2, form, slots);
        out->dependencies[out->dependency_count++] = (struct source_dependency){
            .name = reader_text(reader, slots[0]),
            .condition = condition_parse(reader_text(reader, slots[1]), form),
        };
    }
}

static void volumes_from_read(struct reader *reader, const struct json_value *list, struct source_container *out)
{
    static const struct field fields[] = {
        {"sourceContainer", JSON_KIND_TEXT, BOTH(FIELD_READ)},
        {"readOnly", JSON_KIND_BOOL, BOTH(FIELD_READ)},
    };
    const struct json_value *slots[2];

    out->volumes_from = reader_scratch(reader, list_count(reader, list, LIST_MAX), sizeof(*out->volumes_from));
    READER_EACH(reader, element, list)
    {
        reader_fields(reader, reader_object(reader, element), fields, 2, FORM_PAYLOAD, slots);
        out->volumes_from[out->volumes_from_count++] = (struct source_volumes_from){
            .name = reader_text(reader, slots[0]),
            .read_only = reader_flag(reader, slots[1], false),
        };
    }
}

static void mounts_read(struct reader *reader, const struct source_task *task, const struct json_value *list,
                        struct source_container *out)
{
    static const struct field fields[] = {
        {"sourceVolume", JSON_KIND_TEXT, BOTH(FIELD_READ)},
        {"containerPath", JSON_KIND_TEXT, BOTH(FIELD_READ)},
        {"readOnly", JSON_KIND_BOOL, BOTH(FIELD_READ)},
    };
    const struct json_value *slots[3];

    out->mounts = reader_scratch(reader, list_count(reader, list, LIST_MAX), sizeof(*out->mounts));
    READER_EACH(reader, element, list)
    {
        reader_fields(reader, reader_object(reader, element), fields, 3, FORM_PAYLOAD, slots);
        struct source_mount *mount = &out->mounts[out->mount_count++];
        mount->volume = reader_text(reader, slots[0]);
        mount->container_path = reader_text(reader, slots[1]);
        mount->read_only = reader_flag(reader, slots[2], false);
        const struct source_volume *volume = source_find_volume(task, mount->volume);
        if (volume != NULL && volume->kind == VOLUME_OTHER)
            reader_notice(reader, element, "mounts a volume of a kind that is not honoured yet, and is left out");
    }
}

/* A task definition is held to what RegisterTaskDefinition allows; what comes from the backend is taken as it is (task-payload 2.6, 8.2).
 * A policy that is not enabled says nothing. */
static void restart_read(struct reader *reader, enum form form, const struct json_value *value, struct source_container *out)
{
    enum { ENABLED, IGNORED, PERIOD, COUNT };
    static const struct field fields[COUNT] = {
        [ENABLED] = {"enabled", JSON_KIND_BOOL, BOTH(FIELD_READ)},
        [IGNORED] = {"ignoredExitCodes", JSON_KIND_ARRAY, BOTH(FIELD_READ)},
        [PERIOD] = {"restartAttemptPeriod", JSON_KIND_NUMBER, BOTH(FIELD_READ)},
    };
    const struct json_value *slots[COUNT];
    bool strict = form == FORM_TASKDEF;

    reader_fields(reader, reader_object(reader, value), fields, COUNT, form, slots);
    if (!reader_flag(reader, slots[ENABLED], false))
        return;
    out->restarts = true;
    int64_t seconds = strict ? RESTART_PERIOD_DEFAULT : 0;
    if (slots[PERIOD] != NULL)
        seconds = strict ? reader_integer(reader, slots[PERIOD], RESTART_PERIOD_MIN, RESTART_PERIOD_MAX)
                         : reader_integer(reader, slots[PERIOD], INT32_MIN, INT32_MAX);
    out->restart.period_ns = seconds * NS_PER_S;
    int32_t *codes = reader_scratch(reader,
                                    list_count(reader, slots[IGNORED], strict ? RESTART_IGNORED_MAX : LIMIT_IGNORED_EXIT_CODES),
                                    sizeof(*codes));
    READER_EACH(reader, code, slots[IGNORED])
    {
        codes[out->restart.ignored_count++] = (int32_t)reader_integer(reader, code, INT32_MIN, INT32_MAX);
    }
    out->restart.ignored = codes;
}

void container_read(struct reader *reader, enum form form, const struct source_task *task, const struct json_value *value,
                    struct source_container *out, const struct json_value *slots[C_FIELD_COUNT])
{
    out->at = value;
    reader_fields(reader, reader_object(reader, value), container_fields, C_FIELD_COUNT, form, slots);
    name_read(reader, form, value, slots[C_NAME], out);
    image_read(reader, value, slots[C_IMAGE], out);
    out->essential = reader_flag(reader, slots[C_ESSENTIAL], form == FORM_TASKDEF);
    out->cpu_units = (uint32_t)reader_integer(reader, slots[C_CPU], 0, UINT32_MAX);
    out->memory_mib = (uint32_t)reader_integer(reader, slots[C_MEMORY], 0, UINT32_MAX);
    out->start_timeout_ns = reader_integer(reader, slots[C_START_TIMEOUT], 0, UINT32_MAX) * NS_PER_S;
    out->stop_timeout_ns = reader_integer(reader, slots[C_STOP_TIMEOUT], 0, UINT32_MAX) * NS_PER_S;
    /* An empty list is no list: the image's command and entry point stay. */
    out->command = reader_texts(reader, reader_list(reader, slots[C_COMMAND]));
    out->entry_point = reader_texts(reader, reader_list(reader, slots[C_ENTRY_POINT]));
    out->links = reader_texts(reader, reader_list(reader, slots[C_LINKS]));
    list_count(reader, out->links, LIST_MAX);
    environment_read(reader, slots[C_ENVIRONMENT], out);
    ports_read(reader, task, slots[C_PORT_MAPPINGS], out);
    dependencies_read(reader, form, slots[C_DEPENDS_ON], out);
    out->run_dependencies = reader_texts(reader, reader_list(reader, slots[C_RUN_DEPENDENCIES]));
    list_count(reader, out->run_dependencies, LIST_MAX);
    volumes_from_read(reader, slots[C_VOLUMES_FROM], out);
    mounts_read(reader, task, slots[C_MOUNT_POINTS], out);
    restart_read(reader, form, slots[C_RESTART_POLICY], out);
    agents_read(reader, task, slots[C_MANAGED_AGENTS], out);
}

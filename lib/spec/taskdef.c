/* SPDX-License-Identifier: Apache-2.0 */
/* The ECS task definition: what users keep in their repositories, as RegisterTaskDefinition takes it or DescribeTaskDefinition
 * gives it (task-payload: 8.1). The agent never sees this form; the backend translates it, and so does this file with
 * taskdef_docker.c. */
#include <string.h>

#include "model/limits.h"
#include "spec/source.h"

enum taskdef_field {
    T_FAMILY,
    T_REVISION,
    T_CONTAINER_DEFINITIONS,
    T_CPU,
    T_MEMORY,
    T_NETWORK_MODE,
    T_PID_MODE,
    T_IPC_MODE,
    T_VOLUMES,
    T_RESOURCES,
    T_TASK_ARN,
    T_TASK_DEFINITION_ARN,
    T_STATUS,
    T_REQUIRES_ATTRIBUTES,
    T_COMPATIBILITIES,
    T_REQUIRES_COMPATIBILITIES,
    T_REGISTERED_AT,
    T_REGISTERED_BY,
    T_DEREGISTERED_AT,
    T_TAGS,
    T_TASK_ROLE_ARN,
    T_EXECUTION_ROLE_ARN,
    T_PROXY_CONFIGURATION,
    T_FAULT_INJECTION,
    T_EPHEMERAL_STORAGE,
    T_RUNTIME_PLATFORM,
    T_PLACEMENT_CONSTRAINTS,
    T_INFERENCE_ACCELERATORS,
    T_FIELD_COUNT
};

#define TASKDEF(what) .use = {FIELD_UNKNOWN, what}

static const struct field taskdef_fields[T_FIELD_COUNT] = {
    [T_FAMILY] = {"family", JSON_KIND_TEXT, TASKDEF(FIELD_READ)},
    [T_REVISION] = {"revision", JSON_KIND_NUMBER, TASKDEF(FIELD_READ)},
    [T_CONTAINER_DEFINITIONS] = {"containerDefinitions", JSON_KIND_ARRAY, TASKDEF(FIELD_READ)},
    [T_CPU] = {"cpu", KIND_ANY, TASKDEF(FIELD_READ)},
    [T_MEMORY] = {"memory", KIND_ANY, TASKDEF(FIELD_READ)},
    [T_NETWORK_MODE] = {"networkMode", JSON_KIND_TEXT, TASKDEF(FIELD_READ)},
    [T_PID_MODE] = {"pidMode", JSON_KIND_TEXT, TASKDEF(FIELD_READ)},
    [T_IPC_MODE] = {"ipcMode", JSON_KIND_TEXT, TASKDEF(FIELD_READ)},
    [T_VOLUMES] = {"volumes", JSON_KIND_ARRAY, TASKDEF(FIELD_READ)},
    [T_RESOURCES] = {"ecsengine.resources", JSON_KIND_ARRAY, TASKDEF(FIELD_READ)},
    [T_TASK_ARN] = {"taskArn", JSON_KIND_TEXT, TASKDEF(FIELD_SILENT)},
    /* What DescribeTaskDefinition adds, and what is for registering alone. */
    [T_TASK_DEFINITION_ARN] = {"taskDefinitionArn", JSON_KIND_TEXT, TASKDEF(FIELD_SILENT)},
    [T_STATUS] = {"status", JSON_KIND_TEXT, TASKDEF(FIELD_SILENT)},
    [T_REQUIRES_ATTRIBUTES] = {"requiresAttributes", JSON_KIND_ARRAY, TASKDEF(FIELD_SILENT)},
    [T_COMPATIBILITIES] = {"compatibilities", JSON_KIND_ARRAY, TASKDEF(FIELD_SILENT)},
    [T_REQUIRES_COMPATIBILITIES] = {"requiresCompatibilities", JSON_KIND_ARRAY, TASKDEF(FIELD_SILENT)},
    [T_REGISTERED_AT] = {"registeredAt", KIND_ANY, TASKDEF(FIELD_SILENT)},
    [T_REGISTERED_BY] = {"registeredBy", JSON_KIND_TEXT, TASKDEF(FIELD_SILENT)},
    [T_DEREGISTERED_AT] = {"deregisteredAt", KIND_ANY, TASKDEF(FIELD_SILENT)},
    [T_TAGS] = {"tags", JSON_KIND_ARRAY, TASKDEF(FIELD_SILENT)},
    [T_TASK_ROLE_ARN] = {"taskRoleArn", JSON_KIND_TEXT, TASKDEF(FIELD_REPORTED)},
    [T_EXECUTION_ROLE_ARN] = {"executionRoleArn", JSON_KIND_TEXT, TASKDEF(FIELD_REPORTED)},
    [T_PROXY_CONFIGURATION] = {"proxyConfiguration", JSON_KIND_OBJECT, TASKDEF(FIELD_REPORTED)},
    [T_FAULT_INJECTION] = {"enableFaultInjection", JSON_KIND_BOOL, TASKDEF(FIELD_REPORTED)},
    [T_EPHEMERAL_STORAGE] = {"ephemeralStorage", JSON_KIND_OBJECT, TASKDEF(FIELD_REPORTED)},
    [T_RUNTIME_PLATFORM] = {"runtimePlatform", JSON_KIND_OBJECT, TASKDEF(FIELD_REPORTED)},
    [T_PLACEMENT_CONSTRAINTS] = {"placementConstraints", JSON_KIND_ARRAY, TASKDEF(FIELD_REPORTED)},
    [T_INFERENCE_ACCELERATORS] = {"inferenceAccelerators", JSON_KIND_ARRAY, TASKDEF(FIELD_REPORTED)},
};

/* A size of a task: a whole number of its smaller unit, or a decimal number of the larger one, which is 1024 of the smaller
 * (`512`, `0.5 vCPU`, `1GB`); as text, or the whole number as a number too. */
static uint64_t size_read(struct reader *reader, const struct json_value *value, const char *unit, uint64_t max)
{
    uint64_t size = 0;

    if (value == NULL || reader_failed(reader))
        return 0;
    if (value->kind == JSON_KIND_NUMBER)
        return (uint64_t)reader_integer(reader, value, 0, (int64_t)max);
    const char *text = reader_text(reader, value);
    size_t len = strspn(text, "0123456789."), whole = strspn(text, "0123456789");
    const char *rest = text + len + strspn(text + len, " ");
    bool larger = ascii_equal(rest, unit);
    if (reader_failed(reader) || text[0] == '\0')
        return 0;
    if ((rest[0] != '\0' && !larger) || (!larger && whole != len) || !json_decimal(text, len, larger ? 1024 : 1, &size) ||
        size > max)
        reader_wrong(reader, value, "expected a whole number such as \"512\", or one with its unit such as \"0.5 %s\"", unit);
    return size;
}

/* The revision as text; `1` for a definition that was never registered. */
static const char *revision_read(struct reader *reader, const struct json_value *value)
{
    if (value == NULL)
        return "1";
    return reader_integer(reader, value, 1, INT32_MAX) > 0 ? value->text : "";
}

static void taskdef_container(struct reader *reader, const struct source_task *task, const struct json_value *value,
                              struct source_container *out)
{
    const struct json_value *slots[C_FIELD_COUNT];

    container_read(reader, FORM_TASKDEF, task, value, out, slots);
    taskdef_docker(reader, slots, out);
    gpu_read_requirements(reader, task, slots[C_RESOURCE_REQUIREMENTS], out);
}

static void essential_check(struct reader *reader, const struct json_value *list, const struct source_task *task)
{
    for (size_t i = 0; i < task->container_count; i++)
        if (task->containers[i].essential)
            return;
    reader_wrong(reader, list, "no container is essential");
}

/* The definition itself: the document, or what DescribeTaskDefinition wraps. */
static const struct json_value *unwrap(struct reader *reader, const struct json_value *root)
{
    static const struct field fields[] = {
        {"taskDefinition", JSON_KIND_OBJECT, TASKDEF(FIELD_READ)},
        {"taskArn", JSON_KIND_TEXT, TASKDEF(FIELD_SILENT)},
        {"tags", JSON_KIND_ARRAY, TASKDEF(FIELD_SILENT)},
    };
    const struct json_value *slots[3];
    const struct json_value *inner = json_member(root, "taskDefinition");

    if (inner == NULL || inner->kind != JSON_KIND_OBJECT)
        return root;
    reader_fields(reader, root, fields, 3, FORM_TASKDEF, slots);
    return inner;
}

void taskdef_read(struct reader *reader, const struct spec_limits *limits, const struct json_value *root, struct source_task *task)
{
    const struct json_value *slots[T_FIELD_COUNT];
    const struct json_value *taskdef = unwrap(reader, root);

    task->desired = ECSENGINE_TASK_RUNNING;
    reader_fields(reader, taskdef, taskdef_fields, T_FIELD_COUNT, FORM_TASKDEF, slots);
    task->family = reader_text(reader, slots[T_FAMILY]);
    if (!source_name_valid(task->family, FORM_TASKDEF))
        reader_wrong(reader, slots[T_FAMILY] != NULL ? slots[T_FAMILY] : taskdef, "%s",
                     slots[T_FAMILY] != NULL ? "expected 1 to 255 letters, digits, hyphens and underscores" : "family is missing");
    task->version = revision_read(reader, slots[T_REVISION]);
    task->cpu_units = (uint32_t)size_read(reader, slots[T_CPU], "vCPU", UINT32_MAX);
    task->memory_mib = size_read(reader, slots[T_MEMORY], "GB", INT64_MAX >> 20);
    modes_read(reader, FORM_TASKDEF, task, slots[T_NETWORK_MODE], slots[T_PID_MODE], slots[T_IPC_MODE]);
    volumes_read(reader, FORM_TASKDEF, task, slots[T_VOLUMES]);
    const struct json_value *list = reader_list(reader, slots[T_CONTAINER_DEFINITIONS]);
    containers_read(reader, limits, task, list, taskdef_container);
    resources_read(reader, task, reader_list(reader, slots[T_RESOURCES]));
    essential_check(reader, list, task);
}

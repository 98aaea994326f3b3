/* SPDX-License-Identifier: Apache-2.0 */
/* GPUs of a document. A payload names devices, which the backend has chosen; a task definition says how many a container wants, and the
 * engine chooses when it admits the task. Without `enable-gpu-support` neither has an effect, as in the reference. */
#include <string.h>

#include "model/limits.h"
#include "model/settings.h"
#include "spec/source.h"

#define BOTH(what) .use = {what, what}

static void add_id(struct reader *reader, const struct json_value *at, struct source_container *container, const char *id)
{
    if (container->gpu_ids == NULL)
        container->gpu_ids = reader_scratch(reader, LIMIT_GPUS, sizeof(*container->gpu_ids));
    if (reader_failed(reader))
        return;
    if (!setting_gpu_id_valid(id, strlen(id)))
        reader_wrong(reader, at, "expected a GPU id of 1 to %d bytes without spaces, commas and quotes", LIMIT_GPU_ID);
    else if (container->gpu_id_count == LIMIT_GPUS)
        reader_wrong(reader, at, "the container has more than %d GPUs", LIMIT_GPUS);
    else
        container->gpu_ids[container->gpu_id_count++] = id;
}

static void associate(struct reader *reader, struct source_task *task, const struct json_value *at, const char *id,
                      const struct json_value *containers)
{
    if (reader_failed(reader))
        return;
    if (containers == NULL || containers->count != 1) {
        resource_refusal(reader, task, "could not associate multiple containers to GPU ", id);
        return;
    }
    struct source_container *container = source_find(task, containers->first->text, containers->first->count);
    if (container == NULL)
        reader_refuse(reader, "resource cannot be initialized for task %s: could not find container with name %s for associating GPU %s",
                      task->arn, containers->first->text, id);
    else
        add_id(reader, at, container, id);
}

void gpu_read_associations(struct reader *reader, struct source_task *task, const struct json_value *list)
{
    enum { NAME, TYPE, CONTAINERS, CONTENT, COUNT };
    static const struct field fields[COUNT] = {
        [NAME] = {"name", JSON_KIND_TEXT, BOTH(FIELD_READ)},
        [TYPE] = {"type", JSON_KIND_TEXT, BOTH(FIELD_READ)},
        [CONTAINERS] = {"containers", JSON_KIND_ARRAY, BOTH(FIELD_READ)},
        [CONTENT] = {"content", JSON_KIND_OBJECT, BOTH(FIELD_SILENT)}, /* for the task metadata endpoint */
    };
    const struct json_value *slots[COUNT];

    READER_EACH(reader, element, list)
    {
        reader_fields(reader, reader_object(reader, element), fields, COUNT, FORM_PAYLOAD, slots);
        const char *type = reader_text(reader, slots[TYPE]);
        const struct json_value *containers = reader_texts(reader, slots[CONTAINERS]);
        if (strcmp(type, "gpu") != 0)
            reader_notice(reader, element, "is not honoured yet");
        else if (!task->limits->gpu_support)
            reader_notice(reader, element, "has no effect: enable-gpu-support is off");
        else
            associate(reader, task, element, reader_text(reader, slots[NAME]), containers);
    }
}

void gpu_read_requirements(struct reader *reader, const struct source_task *task, const struct json_value *list,
                           struct source_container *out)
{
    enum { TYPE, VALUE, COUNT };
    static const struct field fields[COUNT] = {
        [TYPE] = {"type", JSON_KIND_TEXT, BOTH(FIELD_READ)},
        [VALUE] = {"value", JSON_KIND_TEXT, BOTH(FIELD_READ)},
    };
    const struct json_value *slots[COUNT];

    READER_EACH(reader, element, list)
    {
        reader_fields(reader, reader_object(reader, element), fields, COUNT, FORM_TASKDEF, slots);
        const char *type = reader_text(reader, slots[TYPE]), *value = reader_text(reader, slots[VALUE]);
        size_t digits = strspn(value, "0123456789");
        uint32_t wanted = digits == 1 || digits == 2 ? (uint32_t)(value[0] - '0') : 0;
        if (digits == 2)
            wanted = wanted * 10 + (uint32_t)(value[1] - '0');
        if (reader_failed(reader))
            return;
        if (strcmp(type, "GPU") != 0)
            reader_notice(reader, element, "is not honoured yet");
        else if (value[digits] != '\0' || wanted < 1 || out->gpu_count + wanted > LIMIT_GPUS)
            reader_wrong(reader, slots[VALUE] != NULL ? slots[VALUE] : element, "expected 1 to %d GPUs, as text", LIMIT_GPUS);
        else if (!task->limits->gpu_support)
            reader_notice(reader, element, "has no effect: enable-gpu-support is off");
        else
            out->gpu_count = (uint16_t)(out->gpu_count + wanted);
    }
}

bool gpu_any(const struct source_task *task)
{
    for (size_t i = 0; i < task->container_count; i++)
        if (task->containers[i].gpu_id_count > 0 || task->containers[i].gpu_count > 0)
            return true;
    return false;
}

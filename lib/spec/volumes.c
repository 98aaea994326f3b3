/* SPDX-License-Identifier: Apache-2.0 */
/* The volumes of a task (task-payload: 4.1, 4.2, 8.3). Honoured are directories of the host; every other kind is known by name,
 * reported, and mounted nowhere, so that a task that has one still runs. */
#include <string.h>

#include "base/prng.h"
#include "spec/source.h"

enum { V_NAME, V_TYPE, V_HOST, V_DOCKER, V_EFS, V_FSX, V_EBS, V_S3FILES, V_AT_LAUNCH, V_COUNT };

#define BOTH(what) .use = {what, what}

static const struct field volume_fields[V_COUNT] = {
    [V_NAME] = {"name", JSON_KIND_TEXT, BOTH(FIELD_READ)},
    [V_TYPE] = {"type", JSON_KIND_TEXT, {FIELD_READ, FIELD_UNKNOWN}},
    [V_HOST] = {"host", JSON_KIND_OBJECT, BOTH(FIELD_READ)},
    [V_DOCKER] = {"dockerVolumeConfiguration", JSON_KIND_OBJECT, BOTH(FIELD_READ)},
    [V_EFS] = {"efsVolumeConfiguration", JSON_KIND_OBJECT, BOTH(FIELD_READ)},
    [V_FSX] = {"fsxWindowsFileServerVolumeConfiguration", JSON_KIND_OBJECT, BOTH(FIELD_READ)},
    [V_EBS] = {"ebsVolumeConfiguration", JSON_KIND_OBJECT, {FIELD_READ, FIELD_UNKNOWN}},
    [V_S3FILES] = {"s3filesVolumeConfiguration", JSON_KIND_OBJECT, {FIELD_READ, FIELD_UNKNOWN}},
    [V_AT_LAUNCH] = {"configuredAtLaunch", JSON_KIND_BOOL, {FIELD_UNKNOWN, FIELD_READ}},
};

/* The kinds of a payload, and the member that each needs. */
static const struct {
    const char *type;
    int member; /* V_NAME: none */
} types[] = {
    {"host", V_HOST},     {"docker", V_DOCKER},   {"efs", V_EFS},         {"fsxWindowsFileServer", V_FSX},
    {"amazonebs", V_EBS}, {"s3files", V_S3FILES}, {"attachment", V_NAME},
};

/* The member that says what the volume is: V_HOST, or another one for what is not honoured. */
static int payload_kind(struct reader *reader, const struct json_value *at, const struct json_value *const slots[V_COUNT])
{
    const char *type = slots[V_TYPE] != NULL ? reader_text(reader, slots[V_TYPE]) : "host";

    for (size_t i = 0; i < sizeof(types) / sizeof(types[0]); i++) {
        if (strcmp(type, types[i].type) != 0)
            continue;
        if (slots[types[i].member] == NULL)
            reader_wrong(reader, at, "invalid volume: empty %svolume configuration",
                         types[i].member == V_S3FILES ? "s3files " : "");
        return types[i].member;
    }
    reader_wrong(reader, slots[V_TYPE], "unrecognized volume type: \"%s\"", type);
    return V_NAME;
}

static int taskdef_kind(struct reader *reader, const struct json_value *const slots[V_COUNT])
{
    for (int i = V_DOCKER; i <= V_FSX; i++)
        if (slots[i] != NULL)
            return i;
    return reader_flag(reader, slots[V_AT_LAUNCH], false) ? V_AT_LAUNCH : V_HOST;
}

static const char *source_path_read(struct reader *reader, const struct json_value *host)
{
    static const struct field fields[] = {{"sourcePath", JSON_KIND_TEXT, BOTH(FIELD_READ)}};
    const struct json_value *source_path;

    reader_fields(reader, host, fields, 1, FORM_PAYLOAD, &source_path);
    const char *path = reader_text(reader, source_path);
    return path[0] != '\0' ? path : NULL;
}

static void volume_read(struct reader *reader, enum form form, const struct json_value *at, struct source_volume *out)
{
    const struct json_value *slots[V_COUNT];

    reader_fields(reader, reader_object(reader, at), volume_fields, V_COUNT, form, slots);
    out->name = reader_text(reader, slots[V_NAME]);
    if (out->name[0] == '\0')
        reader_wrong(reader, at, "invalid Volume; must include a name");
    int kind = form == FORM_PAYLOAD ? payload_kind(reader, at, slots) : taskdef_kind(reader, slots);
    if (kind == V_HOST)
        out->source_path = source_path_read(reader, slots[V_HOST]);
    if (out->source_path == NULL)
        reader_notice(reader, at, "is a volume %s, which is not honoured yet: it is mounted nowhere",
                      kind == V_HOST ? "without a sourcePath" : "that is no directory of the host");
}

void volumes_read(struct reader *reader, enum form form, struct source_task *task, const struct json_value *list)
{
    size_t count = list != NULL ? list->count : 0, at = 0;
    struct source_volume *volumes = reader_scratch(reader, count, sizeof(*volumes));

    if (!reader_failed(reader) && map_reserve(&task->volumes_by_name, count) < 0)
        reader_nomem(reader);
    READER_EACH(reader, element, list)
    {
        struct source_volume *volume = &volumes[at++];
        volume_read(reader, form, element, volume);
        if (reader_failed(reader))
            return;
        /* Of two with one name the agent finds the first. */
        if (source_find_volume(task, volume->name) != NULL)
            reader_notice(reader, element, "has the name of a volume before it and is ignored");
        else
            map_insert(&task->volumes_by_name, &volume->by_name, hash64(0, volume->name, strlen(volume->name)));
    }
}

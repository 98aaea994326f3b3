/* SPDX-License-Identifier: Apache-2.0 */
/* The volumes of a task (task-payload: 4.1 to 4.4, 8.3). Honoured are directories of the host, volumes without a path, which are the task's
 * own, and Docker's; every other kind is known by name, reported, and mounted nowhere, so that a task that has one still runs. */
#include <string.h>

#include "base/prng.h"
#include "model/limits.h"
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

static bool texts_check(struct reader *reader, const struct json_value *object)
{
    if (object != NULL && object->count > LIMIT_VOLUME_PAIRS)
        return reader_wrong(reader, object, "has %u members, more than %d", object->count, LIMIT_VOLUME_PAIRS);
    READER_EACH(reader, member, object)
    {
        if (member->kind != JSON_KIND_NULL)
            reader_text(reader, member);
        if (member->key_len > LIMIT_VOLUME_TEXT || (member->kind == JSON_KIND_TEXT && member->count > LIMIT_VOLUME_TEXT))
            reader_wrong(reader, member, "is longer than %d bytes", LIMIT_VOLUME_TEXT);
    }
    return !reader_failed(reader);
}

/* In a payload every scope but `task` is shared; in a task definition, where people write it, it is one of two words. */
static bool shared_read(struct reader *reader, enum form form, const struct json_value *scope)
{
    const char *text = reader_text(reader, scope);

    if (form == FORM_TASKDEF && scope != NULL && strcmp(text, "task") != 0 && strcmp(text, "shared") != 0)
        reader_wrong(reader, scope, "expected \"task\" or \"shared\"");
    return form == FORM_TASKDEF ? strcmp(text, "shared") == 0 : strcmp(text, "task") != 0;
}

static void docker_read(struct reader *reader, enum form form, const struct json_value *docker, struct source_volume *out)
{
    enum { SCOPE, AUTOPROVISION, DRIVER, OPTIONS, LABELS, COUNT };
    static const struct field fields[COUNT] = {
        [SCOPE] = {"scope", JSON_KIND_TEXT, BOTH(FIELD_READ)},
        [AUTOPROVISION] = {"autoprovision", JSON_KIND_BOOL, BOTH(FIELD_READ)},
        [DRIVER] = {"driver", JSON_KIND_TEXT, BOTH(FIELD_READ)},
        [OPTIONS] = {"driverOpts", JSON_KIND_OBJECT, BOTH(FIELD_READ)},
        [LABELS] = {"labels", JSON_KIND_OBJECT, BOTH(FIELD_READ)},
    };
    const struct json_value *slots[COUNT];

    reader_fields(reader, docker, fields, COUNT, FORM_PAYLOAD, slots);
    out->kind = VOLUME_DOCKER;
    out->shared = shared_read(reader, form, slots[SCOPE]);
    out->autoprovision = reader_flag(reader, slots[AUTOPROVISION], false);
    out->driver = slots[DRIVER] != NULL || form == FORM_PAYLOAD ? reader_text(reader, slots[DRIVER]) : "local";
    out->options = slots[OPTIONS];
    out->labels = slots[LABELS];
    if (strlen(out->driver) > LIMIT_NAME)
        reader_wrong(reader, slots[DRIVER], "has more than %d bytes", LIMIT_NAME);
    texts_check(reader, out->options);
    texts_check(reader, out->labels);
}

static void volume_read(struct reader *reader, enum form form, const struct json_value *at, struct source_volume *out)
{
    const struct json_value *slots[V_COUNT];

    reader_fields(reader, reader_object(reader, at), volume_fields, V_COUNT, form, slots);
    out->name = reader_text(reader, slots[V_NAME]);
    if (out->name[0] == '\0')
        reader_wrong(reader, at, "invalid Volume; must include a name");
    int kind = form == FORM_PAYLOAD ? payload_kind(reader, at, slots) : taskdef_kind(reader, slots);
    out->driver = "local";
    if (kind == V_HOST) {
        out->source_path = source_path_read(reader, slots[V_HOST]);
        out->kind = out->source_path != NULL ? VOLUME_PATH : VOLUME_EMPTY;
    } else if (kind == V_DOCKER) {
        docker_read(reader, form, slots[V_DOCKER], out);
    } else {
        reader_notice(reader, at, "is a volume of a kind that is not honoured yet: it is mounted nowhere");
    }
    if (out->kind >= VOLUME_EMPTY && strlen(out->name) > LIMIT_NAME)
        reader_wrong(reader, slots[V_NAME], "has %zu bytes, more than %d", strlen(out->name), LIMIT_NAME);
}

void volumes_read(struct reader *reader, enum form form, struct source_task *task, const struct json_value *list)
{
    size_t count = list != NULL ? list->count : 0;

    task->volumes = reader_scratch(reader, count, sizeof(*task->volumes));

    if (!reader_failed(reader) && map_reserve(&task->volumes_by_name, count) < 0)
        reader_nomem(reader);
    READER_EACH(reader, element, list)
    {
        struct source_volume *volume = &task->volumes[task->volume_count++];
        volume_read(reader, form, element, volume);
        if (reader_failed(reader))
            return;
        /* Of two with one name the agent finds the first. */
        volume->ignored = source_find_volume(task, volume->name) != NULL;
        if (volume->ignored)
            reader_notice(reader, element, "has the name of a volume before it and is ignored");
        else
            map_insert(&task->volumes_by_name, &volume->by_name, hash64(0, volume->name, strlen(volume->name)));
    }
}

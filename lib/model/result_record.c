/* SPDX-License-Identifier: Apache-2.0 */
/* Results in bytes. */
#include "model/result_record.h"

#include <string.h>

#include "ecsengine/error.h"
#include "model/definition.h"
#include "model/limits.h"

/* What was set. Numbers are never given to something else. */
enum tag {
    TAG_END = 0,
    TAG_FAILURE = 1,
    TAG_ERROR_NAME = 2,
    TAG_CONTAINER_ID = 3,
    TAG_RUNNING = 4,
    TAG_DEAD = 5,
    TAG_EXIT_CODE = 6,
    TAG_OOM_KILLED = 7,
    TAG_STATE_ERROR = 8,
    TAG_CREATED_AT = 9,
    TAG_STARTED_AT = 10,
    TAG_FINISHED_AT = 11,
    TAG_HEALTH = 12,
    TAG_RESTART_COUNT = 13,
    TAG_PORT = 14,
    TAG_BAD_PROTOCOL = 15,
    TAG_IMAGE_ID = 16,
    TAG_DIGEST = 17,
    TAG_REPO_DIGEST = 18,
    TAG_LISTED = 19,
    TAG_VOLUME_NAME = 20,
    TAG_VOLUME_OPTION = 21,
    TAG_VOLUME_LABEL = 22,
    TAG_CPUS = 23,
    TAG_MEMORY_MIB = 24,
    TAG_GPU = 25,
    TAG_RUNTIME_VERSION = 26,
    TAG_LISTED_LABEL = 27, /* of the container before it */
    TAG_EXEC_ID = 28,
    TAG_EXEC_STATE = 29,
    TAG_OUTPUT = 30,
    TAG_AGENT_VERSION = 31,
    TAG_AGENT_FILE = 32,
};

static void put_tag(struct buf *buf, enum tag tag) { record_number(buf, tag); }

static void put_text(struct buf *buf, enum tag tag, const struct str *text)
{
    if (text == NULL)
        return;
    put_tag(buf, tag);
    record_put_str(buf, text);
}

static void put_number(struct buf *buf, enum tag tag, int64_t value)
{
    if (value == 0)
        return;
    put_tag(buf, tag);
    record_signed(buf, value);
}

static void put_pairs(struct buf *buf, enum tag tag, const struct pairs *pairs)
{
    for (uint32_t i = 0; i < pairs->count; i++) {
        put_text(buf, tag, pairs->items[i].key);
        record_put_str(buf, pairs->items[i].value);
    }
}

static void put_record(struct buf *buf, const struct ecsengine_result *result)
{
    if (result->has_record) {
        put_tag(buf, TAG_RUNNING);
        record_number(buf, result->running);
    }
    if (result->dead)
        put_tag(buf, TAG_DEAD);
    if (result->has_exit_code) {
        put_tag(buf, TAG_EXIT_CODE);
        record_signed(buf, result->exit_code);
    }
    if (result->oom_killed)
        put_tag(buf, TAG_OOM_KILLED);
    put_text(buf, TAG_STATE_ERROR, result->state_error);
    put_number(buf, TAG_CREATED_AT, result->created_at);
    put_number(buf, TAG_STARTED_AT, result->started_at);
    put_number(buf, TAG_FINISHED_AT, result->finished_at);
    if (result->has_health) {
        put_tag(buf, TAG_HEALTH);
        record_number(buf, result->health);
        record_put_str(buf, result->health_output);
    }
    put_number(buf, TAG_RESTART_COUNT, result->restart_count);
    for (uint32_t i = 0; result->ports != NULL && i < result->ports->count; i++) {
        const struct port_binding *port = &result->ports->items[i];
        put_tag(buf, TAG_PORT);
        record_number(buf, port->container_port);
        record_number(buf, port->host_port);
        record_number(buf, port->protocol);
        record_text(buf, port->bind_ip, strlen(port->bind_ip));
    }
    if (result->bad_protocol)
        put_tag(buf, TAG_BAD_PROTOCOL);
}

static void put_label(struct buf *buf, const char *key, const struct str *value)
{
    if (value == NULL)
        return;
    put_tag(buf, TAG_LISTED_LABEL);
    record_text(buf, key, strlen(key));
    record_put_str(buf, value);
}

static void put_lists(struct buf *buf, const struct ecsengine_result *result)
{
    for (size_t i = 0; i < result->repo_digest_count; i++)
        put_text(buf, TAG_REPO_DIGEST, result->repo_digests[i]);
    for (size_t i = 0; i < result->container_count; i++) {
        const struct listed_container *listed = &result->containers[i];
        put_text(buf, TAG_LISTED, listed->id);
        record_put_str(buf, listed->runtime_name);
        record_number(buf, listed->running);
        record_number(buf, listed->health);
        put_label(buf, "com.amazonaws.ecs.task-arn", listed->arn);
        put_label(buf, "com.amazonaws.ecs.container-name", listed->container_name);
        put_label(buf, "com.amazonaws.ecs.task-definition-family", listed->family);
        put_label(buf, "com.amazonaws.ecs.task-definition-version", listed->version);
    }
    put_pairs(buf, TAG_VOLUME_OPTION, &result->options);
    put_pairs(buf, TAG_VOLUME_LABEL, &result->labels);
    for (uint16_t i = 0; result->gpus != NULL && i < result->gpus->count; i++) {
        put_tag(buf, TAG_GPU);
        record_text(buf, result->gpus->ids[i], strlen(result->gpus->ids[i]));
    }
}

static void put_exec(struct buf *buf, const struct ecsengine_result *result, const struct secret_mask *mask)
{
    put_text(buf, TAG_EXEC_ID, result->exec_id);
    if (result->has_exec) {
        put_tag(buf, TAG_EXEC_STATE);
        record_number(buf, result->exec_running);
        record_signed(buf, result->exec_code);
        record_signed(buf, result->exec_pid);
    }
    if (result->output != NULL) {
        put_tag(buf, TAG_OUTPUT);
        output_put(buf, result->output, mask);
    }
    put_text(buf, TAG_AGENT_VERSION, result->agent_version);
    for (size_t i = 0; i < result->agent_file_count; i++)
        put_text(buf, TAG_AGENT_FILE, result->agent_files[i]);
}

void record_put_result(struct buf *buf, const struct ecsengine_result *result, const struct secret_mask *mask)
{
    if (result->failure != ECSENGINE_FAILURE_NONE || result->text != NULL) {
        put_tag(buf, TAG_FAILURE);
        record_number(buf, result->failure);
        record_put_str(buf, result->text);
    }
    put_text(buf, TAG_ERROR_NAME, result->error_name);
    put_text(buf, TAG_CONTAINER_ID, result->container_id);
    put_record(buf, result);
    put_text(buf, TAG_IMAGE_ID, result->image_id);
    if (result->digest != NULL) {
        put_text(buf, TAG_DIGEST, result->digest);
        record_put_str(buf, result->media_type);
    }
    put_text(buf, TAG_VOLUME_NAME, result->volume_name);
    put_lists(buf, result);
    put_number(buf, TAG_CPUS, result->cpus);
    put_number(buf, TAG_MEMORY_MIB, result->memory_mib);
    put_text(buf, TAG_RUNTIME_VERSION, result->runtime_version);
    put_exec(buf, result, mask);
    put_tag(buf, TAG_END);
}

enum { TEXT_MAX = 4096 };

/* A text of the bytes, terminated, for a setter. */
struct text {
    char data[TEXT_MAX + 1];
};

static const char *read_text(struct record_reader *reader, struct text *text)
{
    size_t len;
    const char *data = record_read_text(reader, TEXT_MAX, &len);

    memcpy(text->data, data, len);
    text->data[len] = '\0';
    return text->data;
}

static int32_t read_int(struct record_reader *reader)
{
    int64_t value = record_read_signed(reader);

    if (value < INT32_MIN || value > INT32_MAX) {
        reader->bad = true;
        return 0;
    }
    return (int32_t)value;
}

static int get_port(struct record_reader *reader, struct ecsengine_result *result)
{
    struct text ip;
    int32_t container_port = (int32_t)record_read_number(reader, UINT16_MAX);
    int32_t host_port = (int32_t)record_read_number(reader, UINT16_MAX);
    const char *protocol = record_read_number(reader, PROTOCOL_UDP) == PROTOCOL_UDP ? "udp" : "tcp";

    return ecsengine_result_add_port(result, container_port, host_port, protocol, read_text(reader, &ip));
}

static int get_listed(struct record_reader *reader, struct ecsengine_result *result)
{
    struct text id, name;

    read_text(reader, &id);
    read_text(reader, &name);
    int32_t running = (int32_t)record_read_number(reader, 1);
    enum ecsengine_health health = (enum ecsengine_health)record_read_number(reader, ECSENGINE_HEALTH_UNHEALTHY);
    return ecsengine_result_add_container(result, id.data, name.data, running, health);
}

static int get_health(struct record_reader *reader, struct ecsengine_result *result)
{
    struct text output;
    enum ecsengine_health health = (enum ecsengine_health)record_read_number(reader, ECSENGINE_HEALTH_UNHEALTHY);

    read_text(reader, &output);
    return ecsengine_result_set_health(result, health, output.data[0] != '\0' ? output.data : NULL);
}

static int get_failure(struct record_reader *reader, struct ecsengine_result *result)
{
    struct text words;
    enum ecsengine_failure failure = (enum ecsengine_failure)record_read_number(reader, ECSENGINE_FAILURE_CANCELLED);

    return ecsengine_result_set_failure(result, failure, read_text(reader, &words));
}

/* Two texts that go together. */
static int get_two(struct record_reader *reader, struct ecsengine_result *result,
                   int (*set)(struct ecsengine_result *result, const char *first, const char *second))
{
    struct text first, second;

    read_text(reader, &first);
    read_text(reader, &second);
    return set(result, first.data, second.data);
}

static int get_exec_state(struct record_reader *reader, struct ecsengine_result *result)
{
    int32_t running = (int32_t)record_read_number(reader, 1), code = read_int(reader);

    return ecsengine_result_set_exec_state(result, running, code, read_int(reader));
}

static int get_output(struct record_reader *reader, struct ecsengine_result *result)
{
    struct record_getter getter = {.reader = reader, .mem = &result->root->mem};

    output_free(result->output);
    result->output = output_get(&getter);
    return getter.no_memory ? ECSENGINE_ENOMEM : 0;
}

static int get_one(struct record_reader *reader, enum tag tag, struct ecsengine_result *result)
{
    struct text text;

    switch (tag) {
    case TAG_FAILURE: return get_failure(reader, result);
    case TAG_ERROR_NAME: return ecsengine_result_set_error_name(result, read_text(reader, &text));
    case TAG_CONTAINER_ID: return ecsengine_result_set_container_id(result, read_text(reader, &text));
    case TAG_RUNNING: return ecsengine_result_set_running(result, (int32_t)record_read_number(reader, 1));
    case TAG_DEAD: return ecsengine_result_set_dead(result, 1);
    case TAG_EXIT_CODE: return ecsengine_result_set_exit_code(result, read_int(reader));
    case TAG_OOM_KILLED: return ecsengine_result_set_oom_killed(result, 1);
    case TAG_STATE_ERROR: return ecsengine_result_set_state_error(result, read_text(reader, &text));
    case TAG_CREATED_AT: return ecsengine_result_set_created_at(result, record_read_signed(reader));
    case TAG_STARTED_AT: return ecsengine_result_set_started_at(result, record_read_signed(reader));
    case TAG_FINISHED_AT: return ecsengine_result_set_finished_at(result, record_read_signed(reader));
    case TAG_HEALTH: return get_health(reader, result);
    case TAG_RESTART_COUNT: return ecsengine_result_set_restart_count(result, read_int(reader));
    case TAG_PORT: return get_port(reader, result);
    case TAG_BAD_PROTOCOL: return ecsengine_result_add_port(result, 1, 0, "?", NULL);
    case TAG_IMAGE_ID: return ecsengine_result_set_image_id(result, read_text(reader, &text));
    case TAG_DIGEST: return get_two(reader, result, ecsengine_result_set_digest);
    case TAG_REPO_DIGEST: return ecsengine_result_add_repo_digest(result, read_text(reader, &text));
    case TAG_LISTED: return get_listed(reader, result);
    case TAG_LISTED_LABEL: return get_two(reader, result, ecsengine_result_add_container_label);
    case TAG_VOLUME_NAME: return ecsengine_result_set_volume_name(result, read_text(reader, &text));
    case TAG_VOLUME_OPTION: return get_two(reader, result, ecsengine_result_add_volume_option);
    case TAG_VOLUME_LABEL: return get_two(reader, result, ecsengine_result_add_volume_label);
    case TAG_CPUS: return ecsengine_result_set_cpus(result, read_int(reader));
    case TAG_MEMORY_MIB: return ecsengine_result_set_memory_mib(result, record_read_signed(reader));
    case TAG_GPU: return ecsengine_result_add_gpu(result, read_text(reader, &text));
    case TAG_RUNTIME_VERSION: return ecsengine_result_set_runtime_version(result, read_text(reader, &text));
    case TAG_EXEC_ID: return ecsengine_result_set_exec_id(result, read_text(reader, &text));
    case TAG_EXEC_STATE: return get_exec_state(reader, result);
    case TAG_OUTPUT: return get_output(reader, result);
    case TAG_AGENT_VERSION: return ecsengine_result_set_agent_version(result, read_text(reader, &text));
    case TAG_AGENT_FILE: return ecsengine_result_add_agent_file(result, read_text(reader, &text));
    default: return ECSENGINE_EINVAL;
    }
}

int record_get_result(struct record_reader *reader, struct root *root, struct ecsengine_result **out_result)
{
    struct ecsengine_result *result = result_new(root);
    int code = result != NULL ? 0 : ECSENGINE_ENOMEM;

    while (code == 0) {
        enum tag tag = (enum tag)record_read_number(reader, TAG_AGENT_FILE);
        if (reader->bad || tag == TAG_END)
            break;
        code = get_one(reader, tag, result);
    }
    if (code == 0 && !reader->bad) {
        *out_result = result;
        return 0;
    }
    ecsengine_result_free(result);
    return code == ECSENGINE_ENOMEM ? code : ECSENGINE_ECORRUPT;
}

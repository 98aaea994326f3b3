/* SPDX-License-Identifier: Apache-2.0 */
/* Events in bytes. */
#include "model/event_record.h"

#include "ecsengine/error.h"
#include "model/limits.h"

enum { FLAG_EXIT = 1, FLAG_CANDIDATES = 2, FLAG_OUTPUT = 4 };
enum { CANDIDATES_MAX = 1 << 20, BATCH_MAX = 1 << 20 };

static void put_candidates(struct buf *buf, const struct stop_candidates *candidates)
{
    record_put_str(buf, candidates->message_id);
    record_put_str(buf, candidates->cluster_arn);
    record_number(buf, candidates->count);
    for (size_t i = 0; i < candidates->count; i++)
        record_put_str(buf, candidates->arns[i]);
}

static void put_one(struct buf *buf, const struct ecsengine_event *event, const struct secret_mask *mask)
{
    record_number(buf, event->id);
    record_number(buf, event->kind);
    record_number(buf, event->status);
    record_number(buf, (event->has_exit_code ? FLAG_EXIT : 0) | (event->candidates != NULL ? FLAG_CANDIDATES : 0) |
                           (event->output != NULL ? FLAG_OUTPUT : 0));
    record_number(buf, event->command_id);
    record_signed(buf, event->command_code);
    record_signed(buf, event->time_ns);
    record_signed(buf, event->pull_started_at);
    record_signed(buf, event->pull_stopped_at);
    record_signed(buf, event->execution_stopped_at);
    record_signed(buf, event->exit_code);
    record_number(buf, event->definition != NULL ? event->definition->hash : 0);
    record_number(buf, event->container_index);
    record_number(buf, event->agent_index);
    record_put_str(buf, event->arn);
    record_put_str(buf, event->reason);
    record_put_str(buf, event->runtime_id);
    record_put_str(buf, event->image_digest);
    record_put_ports(buf, event->ports);
    record_number(buf, event->ports_told);
    record_number(buf, event->family);
    if (event->candidates != NULL)
        put_candidates(buf, event->candidates);
    if (event->output != NULL)
        output_put(buf, event->output, mask);
}

void record_put_event(struct buf *buf, const struct ecsengine_event *event, const struct secret_mask *mask)
{
    uint64_t count = 0;

    put_one(buf, event, mask);
    for (const struct ecsengine_event *one = event->batch; one != NULL; one = one->batch_next)
        count++;
    record_number(buf, count);
    for (const struct ecsengine_event *one = event->batch; one != NULL; one = one->batch_next)
        put_one(buf, one, mask);
}

static void get_candidates(struct record_getter *getter, struct ecsengine_event *event)
{
    struct str *message_id = record_get_str(getter, LIMIT_REASON);
    struct str *cluster_arn = record_get_str(getter, LIMIT_ARN);
    size_t count = record_read_number(getter->reader, CANDIDATES_MAX), left = (size_t)(getter->reader->end - getter->reader->at);
    struct stop_candidates *candidates = NULL;

    if (count > left) /* each has a length, if nothing else */
        getter->reader->bad = true;
    if (!getter->reader->bad)
        candidates = mem_zalloc(getter->mem, sizeof(*candidates) + count * sizeof(candidates->arns[0]));
    if (candidates == NULL) {
        getter->no_memory = getter->no_memory || !getter->reader->bad;
        str_unref(message_id);
        str_unref(cluster_arn);
        return;
    }
    candidates->mem = getter->mem;
    candidates->message_id = message_id;
    candidates->cluster_arn = cluster_arn;
    event->candidates = candidates;
    for (size_t i = 0; i < count && !getter->reader->bad && !getter->no_memory; i++) {
        candidates->arns[i] = record_get_str(getter, LIMIT_ARN);
        candidates->count = i + 1;
        if (candidates->arns[i] == NULL)
            getter->reader->bad = true;
    }
}

static bool makes_sense(const struct ecsengine_event *event)
{
    bool of_agent = event->kind == ECSENGINE_EVENT_MANAGED_AGENT;
    bool of_container = event->kind == ECSENGINE_EVENT_CONTAINER || event->kind == ECSENGINE_EVENT_EXEC_DONE || of_agent;
    bool of_host = event->kind == ECSENGINE_EVENT_RUNTIME || event->kind == ECSENGINE_EVENT_STORE;
    uint8_t most = of_container ? ECSENGINE_CONTAINER_STOPPED : of_host ? EVENT_DAMAGED : ECSENGINE_TASK_STOPPED;

    if (of_container && (event->definition == NULL || event->container_index >= event->definition->container_count))
        return false;
    if (of_agent && event->agent_index >= event->definition->containers[event->container_index].agent_count)
        return false;
    return event->status <= most && (event->kind == ECSENGINE_EVENT_STOP_CANDIDATES) == (event->candidates != NULL);
}

static void get_body(struct record_getter *getter, struct ecsengine_event *event, struct definition *(*find)(void *, uint64_t),
                     void *context)
{
    struct record_reader *reader = getter->reader;

    event->id = record_read_number(reader, UINT64_MAX);
    event->kind = (uint8_t)record_read_number(reader, ECSENGINE_EVENT_EXEC_DONE);
    event->status = (uint8_t)record_read_number(reader, UINT8_MAX);
    uint64_t flags = record_read_number(reader, FLAG_EXIT | FLAG_CANDIDATES | FLAG_OUTPUT);
    event->has_exit_code = (flags & FLAG_EXIT) != 0;
    event->command_id = record_read_number(reader, UINT64_MAX);
    event->command_code = (int)record_read_signed(reader);
    event->time_ns = record_read_signed(reader);
    event->pull_started_at = record_read_signed(reader);
    event->pull_stopped_at = record_read_signed(reader);
    event->execution_stopped_at = record_read_signed(reader);
    event->exit_code = (int32_t)record_read_signed(reader);
    uint64_t hash = record_read_number(reader, UINT64_MAX);
    event->container_index = (uint16_t)record_read_number(reader, LIMIT_CONTAINERS);
    event->agent_index = (uint8_t)record_read_number(reader, LIMIT_AGENTS - 1);
    event->arn = record_get_str(getter, LIMIT_ARN);
    event->reason = record_get_str(getter, 2 * LIMIT_REASON);
    event->runtime_id = record_get_str(getter, LIMIT_RUNTIME_ID);
    event->image_digest = record_get_str(getter, LIMIT_RUNTIME_ID);
    event->ports = record_get_ports(getter);
    event->ports_told = (uint32_t)record_read_number(reader, UINT32_MAX);
    event->family = (uint8_t)record_read_number(reader, EVENT_NO_IPV4);
    if ((flags & FLAG_CANDIDATES) != 0)
        get_candidates(getter, event);
    if ((flags & FLAG_OUTPUT) != 0)
        event->output = output_get(getter);
    struct definition *definition = hash != 0 && !reader->bad ? find(context, hash) : NULL;
    event->definition = definition != NULL ? definition_ref(definition) : NULL;
    if (event->kind == ECSENGINE_EVENT_NONE || (hash != 0 && definition == NULL) || !makes_sense(event))
        reader->bad = true;
}

/* NULL: no memory. */
static struct ecsengine_event *get_one(struct record_getter *getter, struct root *root, struct definition *(*find)(void *, uint64_t),
                                       void *context)
{
    struct ecsengine_event *event = event_init(mem_zalloc(&root->mem, sizeof(*event)), root, ECSENGINE_EVENT_NONE);

    if (event != NULL)
        get_body(getter, event, find, context);
    else
        getter->no_memory = true;
    return event;
}

int record_get_event(struct record_reader *reader, struct root *root, struct definition *(*find)(void *, uint64_t), void *context,
                     struct ecsengine_event **out_event)
{
    struct record_getter getter = {.reader = reader, .mem = &root->mem};
    struct ecsengine_event *event = get_one(&getter, root, find, context);
    struct ecsengine_event **end = event != NULL ? &event->batch : NULL;
    uint64_t count = event != NULL ? record_read_number(reader, BATCH_MAX) : 0;

    for (uint64_t i = 0; i < count && !reader->bad && !getter.no_memory; i++) {
        *end = get_one(&getter, root, find, context);
        if (*end != NULL) {
            reader->bad = reader->bad || ((*end)->kind != ECSENGINE_EVENT_CONTAINER && (*end)->kind != ECSENGINE_EVENT_MANAGED_AGENT);
            end = &(*end)->batch_next;
        }
    }
    if (getter.no_memory || reader->bad) {
        ecsengine_event_free(event);
        return getter.no_memory ? ECSENGINE_ENOMEM : ECSENGINE_ECORRUPT;
    }
    *out_event = event;
    return 0;
}

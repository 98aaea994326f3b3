/* SPDX-License-Identifier: Apache-2.0 */
/* Events: getters, their JSON line, and the end of their life. */
#include "model/event.h"

#include <string.h>

#include "ecsengine/exec_agent.h"
#include "ecsengine/manifest.h"

#include "base/buf.h"
#include "base/error.h"

static const char *const kind_names[] = {
    [ECSENGINE_EVENT_NONE] = "none",
    [ECSENGINE_EVENT_READY] = "ready",
    [ECSENGINE_EVENT_CONTAINER] = "container",
    [ECSENGINE_EVENT_TASK] = "task",
    [ECSENGINE_EVENT_TASK_REMOVED] = "task-removed",
    [ECSENGINE_EVENT_RUNTIME] = "runtime",
    [ECSENGINE_EVENT_STORE] = "store",
    [ECSENGINE_EVENT_COMMAND_DONE] = "command-done",
    [ECSENGINE_EVENT_STOP_CANDIDATES] = "stop-candidates",
    [ECSENGINE_EVENT_MANAGED_AGENT] = "managed-agent",
    [ECSENGINE_EVENT_EXEC_DONE] = "exec-done",
};

static const char *const words[] = {
    [EVENT_WORD_NONE] = "",
    [EVENT_CONNECTED] = "CONNECTED",
    [EVENT_UNREACHABLE] = "UNREACHABLE",
    [EVENT_FAILING] = "FAILING",
    [EVENT_WORKING] = "WORKING",
    [EVENT_DAMAGED] = "DAMAGED",
};

const char *ecsengine_event_kind_name(enum ecsengine_event_kind kind)
{
    return (size_t)kind < sizeof(kind_names) / sizeof(kind_names[0]) ? kind_names[kind] : "unknown";
}

enum ecsengine_event_kind ecsengine_event_get_kind(const ecsengine_event *event)
{
    return event != NULL ? (enum ecsengine_event_kind)event->kind : ECSENGINE_EVENT_NONE;
}

uint64_t ecsengine_event_id(const ecsengine_event *event) { return event != NULL ? event->id : 0; }
int64_t ecsengine_event_time_ns(const ecsengine_event *event) { return event != NULL ? event->time_ns : 0; }
const char *ecsengine_event_task_arn(const ecsengine_event *event) { return event != NULL ? str_text(event->arn) : ""; }
const char *ecsengine_event_reason(const ecsengine_event *event) { return event != NULL ? str_text(event->reason) : ""; }
const char *ecsengine_event_runtime_id(const ecsengine_event *event) { return event != NULL ? str_text(event->runtime_id) : ""; }
const char *ecsengine_event_image_digest(const ecsengine_event *event) { return event != NULL ? str_text(event->image_digest) : ""; }
int64_t ecsengine_event_pull_started_at(const ecsengine_event *event) { return event != NULL ? event->pull_started_at : 0; }
int64_t ecsengine_event_pull_stopped_at(const ecsengine_event *event) { return event != NULL ? event->pull_stopped_at : 0; }
int64_t ecsengine_event_execution_stopped_at(const ecsengine_event *event)
{
    return event != NULL ? event->execution_stopped_at : 0;
}
uint64_t ecsengine_event_command_id(const ecsengine_event *event) { return event != NULL ? event->command_id : 0; }
int ecsengine_event_command_code(const ecsengine_event *event) { return event != NULL ? event->command_code : 0; }

static bool is(const ecsengine_event *event, enum ecsengine_event_kind kind) { return event != NULL && event->kind == kind; }

const char *ecsengine_event_container_name(const ecsengine_event *event)
{
    bool has = is(event, ECSENGINE_EVENT_CONTAINER) || is(event, ECSENGINE_EVENT_MANAGED_AGENT) || is(event, ECSENGINE_EVENT_EXEC_DONE);

    return has ? event->definition->containers[event->container_index].name : "";
}

const char *ecsengine_event_agent_name(const ecsengine_event *event)
{
    bool has = is(event, ECSENGINE_EVENT_MANAGED_AGENT);

    return has ? event->definition->containers[event->container_index].agents[event->agent_index].name : "";
}

enum ecsengine_agent_status ecsengine_event_agent_status(const ecsengine_event *event)
{
    return is(event, ECSENGINE_EVENT_MANAGED_AGENT) ? (enum ecsengine_agent_status)event->status : ECSENGINE_AGENT_NONE;
}

static const char *piece_at(const ecsengine_event *event, size_t index, uint8_t *stream, size_t *len)
{
    const char *piece = NULL;
    size_t at = 0;

    do
        piece = event != NULL ? output_next(event->output, &at, stream, len) : NULL;
    while (piece != NULL && index-- > 0);
    return piece;
}

const char *ecsengine_event_output_at(const ecsengine_event *event, size_t index, int32_t *out_stream, size_t *out_len)
{
    uint8_t stream = 0;
    size_t len = 0;
    const char *piece = piece_at(event, index, &stream, &len);

    if (out_stream != NULL)
        *out_stream = piece != NULL ? stream : 0;
    if (out_len != NULL)
        *out_len = piece != NULL ? len : 0;
    return piece;
}

size_t ecsengine_event_output_count(const ecsengine_event *event)
{
    uint8_t stream;
    size_t count = 0, at = 0, len;

    while (event != NULL && output_next(event->output, &at, &stream, &len) != NULL)
        count++;
    return count;
}

int32_t ecsengine_event_output_cut(const ecsengine_event *event)
{
    return event != NULL && event->output != NULL && event->output->cut ? 1 : 0;
}

enum ecsengine_container_status ecsengine_event_container_status(const ecsengine_event *event)
{
    return is(event, ECSENGINE_EVENT_CONTAINER) ? (enum ecsengine_container_status)event->status : ECSENGINE_CONTAINER_NONE;
}

enum ecsengine_task_status ecsengine_event_task_status(const ecsengine_event *event)
{
    return is(event, ECSENGINE_EVENT_TASK) ? (enum ecsengine_task_status)event->status : ECSENGINE_TASK_NONE;
}

const char *ecsengine_event_status(const ecsengine_event *event)
{
    if (is(event, ECSENGINE_EVENT_CONTAINER))
        return ecsengine_container_status_name((enum ecsengine_container_status)event->status);
    if (is(event, ECSENGINE_EVENT_TASK))
        return ecsengine_task_status_name((enum ecsengine_task_status)event->status);
    if (is(event, ECSENGINE_EVENT_MANAGED_AGENT))
        return ecsengine_agent_status_name((enum ecsengine_agent_status)event->status);
    if (is(event, ECSENGINE_EVENT_RUNTIME) || is(event, ECSENGINE_EVENT_STORE))
        return words[event->status];
    return "";
}

int32_t ecsengine_event_exit_code(const ecsengine_event *event, int32_t *out_exit_code)
{
    if (event == NULL || !event->has_exit_code)
        return 0;
    if (out_exit_code != NULL)
        *out_exit_code = event->exit_code;
    return 1;
}

/* The event shares its container's bindings; which of them it tells is decided here. */
static bool tells(const ecsengine_event *event, const struct port_binding *port)
{
    bool ipv6 = strchr(port->bind_ip, ':') != NULL;

    return event->family == EVENT_ANY_FAMILY || ipv6 == (event->family == EVENT_NO_IPV4);
}

/* The index-th that is told; NULL past the end. `*out_count` (or NULL): how many there are up to there. */
static const struct port_binding *port_upto(const ecsengine_event *event, size_t index, size_t *out_count)
{
    const struct ports *ports = event != NULL ? event->ports : NULL;
    size_t most = event != NULL && event->ports_told != 0 ? event->ports_told : SIZE_MAX, count = 0;

    for (uint32_t i = 0; ports != NULL && i < ports->count && count < most; i++)
        if (tells(event, &ports->items[i]) && count++ == index)
            return &ports->items[i];
    if (out_count != NULL)
        *out_count = count;
    return NULL;
}

size_t ecsengine_event_port_count(const ecsengine_event *event)
{
    size_t count = 0;

    port_upto(event, SIZE_MAX, &count);
    return count;
}

static const struct port_binding *port_at(const ecsengine_event *event, size_t index) { return port_upto(event, index, NULL); }

int32_t ecsengine_event_port_container(const ecsengine_event *event, size_t index)
{
    const struct port_binding *port = port_at(event, index);

    return port != NULL ? port->container_port : 0;
}

int32_t ecsengine_event_port_host(const ecsengine_event *event, size_t index)
{
    const struct port_binding *port = port_at(event, index);

    return port != NULL ? port->host_port : 0;
}

const char *ecsengine_event_port_protocol(const ecsengine_event *event, size_t index)
{
    const struct port_binding *port = port_at(event, index);

    return port == NULL ? "" : port->protocol == PROTOCOL_UDP ? "udp" : "tcp";
}

const char *ecsengine_event_port_bind_ip(const ecsengine_event *event, size_t index)
{
    const struct port_binding *port = port_at(event, index);

    return port != NULL ? port->bind_ip : "";
}

const ecsengine_event *ecsengine_event_batch_at(const ecsengine_event *event, size_t index)
{
    const struct ecsengine_event *at = event != NULL ? event->batch : NULL;

    for (; at != NULL && index > 0; index--)
        at = at->batch_next;
    return at;
}

size_t ecsengine_event_batch_count(const ecsengine_event *event)
{
    size_t count = 0;

    for (const struct ecsengine_event *at = ecsengine_event_batch_at(event, 0); at != NULL; at = at->batch_next)
        count++;
    return count;
}

static void container_members(struct buf *buf, const ecsengine_event *event)
{
    if (event->has_exit_code)
        json_int(buf, "exitCode", event->exit_code);
    json_text(buf, "reason", str_text(event->reason));
    if (event->runtime_id != NULL)
        json_text(buf, "runtimeId", event->runtime_id->data);
    if (event->image_digest != NULL)
        json_text(buf, "imageDigest", event->image_digest->data);
    const struct port_binding *port = port_at(event, 0);
    if (port == NULL)
        return;
    json_open(buf, "networkBindings", '[');
    for (size_t i = 0; port != NULL; port = port_at(event, ++i)) {
        json_open(buf, NULL, '{');
        json_int(buf, "containerPort", port->container_port);
        json_int(buf, "hostPort", port->host_port);
        json_text(buf, "bindIP", port->bind_ip);
        json_text(buf, "protocol", ecsengine_event_port_protocol(event, i));
        json_close(buf, '}');
    }
    json_close(buf, ']');
}

static void task_members(struct buf *buf, const ecsengine_event *event)
{
    json_text(buf, "reason", str_text(event->reason));
    if (event->pull_started_at != 0)
        json_time(buf, "pullStartedAt", event->pull_started_at);
    if (event->pull_stopped_at != 0)
        json_time(buf, "pullStoppedAt", event->pull_stopped_at);
    if (event->execution_stopped_at != 0)
        json_time(buf, "executionStoppedAt", event->execution_stopped_at);
}

const char *ecsengine_event_message_id(const ecsengine_event *event)
{
    return is(event, ECSENGINE_EVENT_STOP_CANDIDATES) ? str_text(event->candidates->message_id) : "";
}

const char *ecsengine_event_cluster_arn(const ecsengine_event *event)
{
    return is(event, ECSENGINE_EVENT_STOP_CANDIDATES) ? str_text(event->candidates->cluster_arn) : "";
}

size_t ecsengine_event_candidate_count(const ecsengine_event *event)
{
    return is(event, ECSENGINE_EVENT_STOP_CANDIDATES) ? event->candidates->count : 0;
}

const char *ecsengine_event_candidate_arn(const ecsengine_event *event, size_t index)
{
    return index < ecsengine_event_candidate_count(event) ? str_text(event->candidates->arns[index]) : "";
}

static void candidate_members(struct buf *buf, const struct stop_candidates *candidates)
{
    json_text(buf, "messageId", str_text(candidates->message_id));
    json_open(buf, "stopCandidates", '[');
    for (size_t i = 0; i < candidates->count; i++) {
        json_open(buf, NULL, '{');
        json_text(buf, "taskArn", candidates->arns[i]->data);
        json_text(buf, "desiredStatus", "STOPPED");
        json_text(buf, "clusterArn", str_text(candidates->cluster_arn));
        json_close(buf, '}');
    }
    json_close(buf, ']');
}

/* The output as text; who wants its bytes has the getters. */
static void exec_members(struct buf *buf, const ecsengine_event *event)
{
    uint8_t stream;
    size_t at = 0, len;

    if (event->has_exit_code)
        json_int(buf, "exitCode", event->exit_code);
    json_open(buf, "output", '[');
    for (const char *piece; (piece = output_next(event->output, &at, &stream, &len)) != NULL;) {
        json_open(buf, NULL, '{');
        json_text(buf, "stream", stream == 1 ? "stdout" : "stderr");
        json_text_len(buf, "text", piece, len);
        json_close(buf, '}');
    }
    json_close(buf, ']');
    if (ecsengine_event_output_cut(event))
        json_bool(buf, "cut", true);
}

static void command_members(struct buf *buf, const ecsengine_event *event)
{
    json_int(buf, "commandId", (int64_t)event->command_id);
    json_bool(buf, "ok", event->command_code == 0);
    if (event->command_code == 0)
        return;
    json_open(buf, "error", '{');
    json_text(buf, "code", ecsengine_code_name(event->command_code));
    json_text(buf, "message", str_text(event->reason));
    json_close(buf, '}');
}

int ecsengine_event_json(const ecsengine_event *event, ecsengine_text **out_text, ecsengine_error **error)
{
    struct buf buf;

    if (event == NULL || out_text == NULL)
        return error_set(error, ECSENGINE_EINVAL, "an event and a place for the text are needed");
    buf_init(&buf, &event->root->mem, 0);
    json_open(&buf, NULL, '{');
    json_text(&buf, "event", ecsengine_event_kind_name((enum ecsengine_event_kind)event->kind));
    if (event->arn != NULL)
        json_text(&buf, "taskArn", event->arn->data);
    if (ecsengine_event_container_name(event)[0] != '\0')
        json_text(&buf, "containerName", ecsengine_event_container_name(event));
    if (event->kind == ECSENGINE_EVENT_MANAGED_AGENT)
        json_text(&buf, "name", ecsengine_event_agent_name(event));
    if (ecsengine_event_status(event)[0] != '\0')
        json_text(&buf, "status", ecsengine_event_status(event));
    if (event->kind == ECSENGINE_EVENT_CONTAINER)
        container_members(&buf, event);
    else if (event->kind == ECSENGINE_EVENT_TASK)
        task_members(&buf, event);
    else if (event->kind == ECSENGINE_EVENT_RUNTIME || event->kind == ECSENGINE_EVENT_STORE || event->kind == ECSENGINE_EVENT_MANAGED_AGENT)
        json_text(&buf, "reason", str_text(event->reason));
    else if (event->kind == ECSENGINE_EVENT_COMMAND_DONE || event->kind == ECSENGINE_EVENT_EXEC_DONE)
        command_members(&buf, event);
    else if (event->kind == ECSENGINE_EVENT_STOP_CANDIDATES)
        candidate_members(&buf, event->candidates);
    if (event->kind == ECSENGINE_EVENT_EXEC_DONE)
        exec_members(&buf, event);
    json_close(&buf, '}');
    int code = text_new(event->root, &buf, out_text);
    buf_free(&buf);
    return code < 0 ? error_nomem(error) : 0;
}

void ecsengine_event_free(ecsengine_event *event)
{
    if (event == NULL || atomic_fetch_sub_explicit(&event->refs, 1, memory_order_acq_rel) != 1)
        return;
    struct root *root = event->root;
    str_unref(event->arn);
    str_unref(event->reason);
    str_unref(event->runtime_id);
    str_unref(event->image_digest);
    definition_unref(event->definition);
    ports_unref(event->ports);
    stop_candidates_free(event->candidates);
    output_free(event->output);
    event_batch_free(event->batch);
    mem_free(&root->mem, event);
    root_unref(root);
}

void event_batch_free(struct ecsengine_event *first)
{
    while (first != NULL) {
        struct ecsengine_event *next = first->batch_next;
        ecsengine_event_free(first);
        first = next;
    }
}

struct ecsengine_event *event_init(struct ecsengine_event *event, struct root *root, enum ecsengine_event_kind kind)
{
    if (event == NULL)
        return NULL;
    event->root = root_ref(root);
    atomic_init(&event->refs, 1);
    event->kind = (uint8_t)kind;
    return event;
}

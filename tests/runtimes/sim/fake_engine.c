/* SPDX-License-Identifier: Apache-2.0 */
/* The stand-in for the core library. It keeps to the contract of the headers where the simulator can see it: exactly one completion
 * counts, ownership ends where it says, and allocation can fail. */
#include <stdbool.h>

#include "fake_engine.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

int fake_ops_alive, fake_results_alive;

struct ecsengine_error {
    int code;
    char message[1024];
};

struct owned_op {
    struct ecsengine_op op;
    ecsengine *engine;
    bool answered;
};

static uint64_t last_id;

static struct owned_op *owned(const ecsengine_op *op) { return (struct owned_op *)(uintptr_t)op; }
static const char *text_of(const char *text) { return text != NULL ? text : ""; }

void fake_engine_init(ecsengine *engine) { memset(engine, 0, sizeof(*engine)); }

void fake_engine_close(ecsengine *engine)
{
    if (engine->vtable.close != NULL)
        engine->vtable.close(engine->data);
    memset(&engine->vtable, 0, sizeof(engine->vtable));
}

uint64_t fake_submit(ecsengine *engine, struct ecsengine_op op)
{
    struct owned_op *copy = calloc(1, sizeof(*copy));

    copy->op = op;
    copy->op.refs = 1;
    copy->engine = engine;
    if (copy->op.id == 0)
        copy->op.id = ++last_id;
    if (copy->op.deadline_ns == 0)
        copy->op.deadline_ns = ECSENGINE_NO_DEADLINE;
    fake_ops_alive++;
    uint64_t id = copy->op.id;
    engine->vtable.submit(&copy->op, engine->data);
    return id;
}

static struct fake_said *say(ecsengine *engine, enum fake_said_kind what)
{
    struct fake_said *said = &engine->said[engine->count++];

    memset(said, 0, sizeof(*said));
    said->what = what;
    return said;
}

static void keep_result(struct fake_said *said, ecsengine_result *result)
{
    said->has_result = result != NULL;
    if (result != NULL)
        said->result = *result;
    ecsengine_result_free(result);
}

const struct fake_said *fake_answer(const ecsengine *engine, uint64_t op_id)
{
    for (size_t i = 0; i < engine->count; i++) {
        if (engine->said[i].what == SAID_ANSWER && engine->said[i].op_id == op_id)
            return &engine->said[i];
    }
    return NULL;
}

const struct fake_said *fake_event(const ecsengine *engine, enum ecsengine_runtime_event_kind kind, size_t nth)
{
    for (size_t i = 0; i < engine->count; i++) {
        const struct fake_said *said = &engine->said[i];
        if (said->what == SAID_EVENT && (kind == ECSENGINE_RUNTIME_EVENT_NONE || said->event == kind) && nth-- == 0)
            return said;
    }
    return NULL;
}

size_t fake_events(const ecsengine *engine, enum ecsengine_runtime_event_kind kind)
{
    size_t count = 0;

    while (fake_event(engine, kind, count) != NULL)
        count++;
    return count;
}

/* Operations. */

enum ecsengine_op_kind ecsengine_op_get_kind(const ecsengine_op *op) { return op->kind; }
uint64_t ecsengine_op_id(const ecsengine_op *op) { return op->id; }
int64_t ecsengine_op_deadline_ns(const ecsengine_op *op) { return op->deadline_ns; }
const char *ecsengine_op_task_arn(const ecsengine_op *op) { return text_of(op->task); }
const char *ecsengine_op_container_name(const ecsengine_op *op) { return text_of(op->name); }
const char *ecsengine_op_runtime_name(const ecsengine_op *op) { return text_of(op->runtime_name); }
const char *ecsengine_op_container(const ecsengine_op *op) { return text_of(op->container); }
const char *ecsengine_op_resource_name(const ecsengine_op *op) { return text_of(op->resource); }
const char *ecsengine_op_volume_name(const ecsengine_op *op) { return text_of(op->runtime_name); }
const char *ecsengine_op_image(const ecsengine_op *op) { return text_of(op->image); }
const char *ecsengine_op_image_target(const ecsengine_op *op) { return text_of(op->target); }
const char *ecsengine_op_label(const ecsengine_op *op) { return text_of(op->label); }
int64_t ecsengine_op_grace_ns(const ecsengine_op *op) { return op->grace_ns; }
int32_t ecsengine_op_force(const ecsengine_op *op) { return op->force; }
uint64_t ecsengine_op_cancel_id(const ecsengine_op *op) { return op->cancel_id; }

const char *ecsengine_op_create_config(const ecsengine_op *op, size_t *out_len)
{
    if (out_len != NULL)
        *out_len = strlen(text_of(op->config));
    return text_of(op->config);
}

const char *ecsengine_op_volume_config(const ecsengine_op *op, size_t *out_len) { return ecsengine_op_create_config(op, out_len); }

const char *ecsengine_op_exec_config(const ecsengine_op *op, size_t *out_len) { return ecsengine_op_create_config(op, out_len); }
const char *ecsengine_op_agent_config(const ecsengine_op *op, size_t *out_len) { return ecsengine_op_create_config(op, out_len); }
const char *ecsengine_op_exec_id(const ecsengine_op *op) { return text_of(op->exec_id); }

const char *ecsengine_op_kind_name(enum ecsengine_op_kind kind)
{
    static const char *const names[] = {"none",       "cancel",        "info",          "ping",      "subscribe",
                                        "pull-image", "pull-manifest", "inspect-image", "tag-image", "create",
                                        "start",      "stop",          "inspect",       "remove",    "list",
                                        "provision",  "volume-create", "volume-inspect", "volume-remove",
                                        "resource-create", "resource-remove", "exec-create", "exec-start", "exec-inspect",
                                        "exec-run", "agent-prepare", "agent-clean"};

    return (size_t)kind < sizeof(names) / sizeof(names[0]) ? names[kind] : "unknown";
}

ecsengine_op *ecsengine_op_ref(ecsengine_op *op)
{
    op->refs++;
    return op;
}

void ecsengine_op_release(ecsengine_op *op)
{
    if (op != NULL && --op->refs == 0) {
        free(owned(op));
        fake_ops_alive--;
    }
}

int ecsengine_op_update(ecsengine_op *op, int64_t current, int64_t total, const char *text, ecsengine_error **error)
{
    (void)current, (void)total, (void)text, (void)error;
    owned(op)->engine->updates++;
    return 0;
}

int ecsengine_op_complete(ecsengine_op *op, ecsengine_result *result, ecsengine_error **error)
{
    struct owned_op *own = owned(op);
    struct fake_said *said = say(own->engine, SAID_ANSWER);

    (void)error;
    said->op_id = op->id;
    said->rc = own->answered ? ECSENGINE_EALREADY : 0;
    own->answered = true;
    keep_result(said, result);
    int rc = said->rc;
    ecsengine_op_release(op);
    return rc;
}

/* Results. */

static int result_new(ecsengine *engine, ecsengine_result **out_result)
{
    if (engine->fail_results > 0) {
        engine->fail_results--;
        return ECSENGINE_ENOMEM;
    }
    *out_result = calloc(1, sizeof(**out_result));
    fake_results_alive++;
    return 0;
}

int ecsengine_result_new(const ecsengine_op *op, ecsengine_result **out_result, ecsengine_error **error)
{
    (void)error;
    return result_new(owned(op)->engine, out_result);
}

int ecsengine_result_new_for_event(ecsengine *engine, ecsengine_result **out_result, ecsengine_error **error)
{
    (void)error;
    return result_new(engine, out_result);
}

void ecsengine_result_free(ecsengine_result *result)
{
    fake_results_alive -= result != NULL;
    free(result);
}

static int put_text(char *to, size_t size, const char *text)
{
    snprintf(to, size, "%s", text);
    return 0;
}

#define TEXT_SETTER(name, member)                                               \
    int ecsengine_result_set_##name(ecsengine_result *result, const char *text) \
    {                                                                           \
        return put_text(result->member, sizeof(result->member), text);          \
    }
#define NUMBER_SETTER(name, type, member)                                 \
    int ecsengine_result_set_##name(ecsengine_result *result, type value) \
    {                                                                     \
        result->member = value;                                           \
        return 0;                                                         \
    }

TEXT_SETTER(error_name, error_name)
TEXT_SETTER(container_id, id)
TEXT_SETTER(image_id, image_id)
TEXT_SETTER(volume_name, volume)
TEXT_SETTER(runtime_version, version)
TEXT_SETTER(exec_id, exec_id)
TEXT_SETTER(agent_version, agent_version)
NUMBER_SETTER(oom_killed, int32_t, oom)
NUMBER_SETTER(created_at, int64_t, created_at)
NUMBER_SETTER(started_at, int64_t, started_at)
NUMBER_SETTER(finished_at, int64_t, finished_at)
NUMBER_SETTER(cpus, int32_t, cpus)
NUMBER_SETTER(memory_mib, int64_t, memory_mib)

int ecsengine_result_set_exec_state(ecsengine_result *result, int32_t running, int32_t exit_code, int32_t pid)
{
    result->exec_running = running;
    result->exec_code = exit_code;
    result->exec_pid = pid;
    return 0;
}

int ecsengine_result_add_output(ecsengine_result *result, int32_t stream, const void *bytes, size_t len)
{
    size_t used = strlen(result->output);

    (void)stream;
    snprintf(result->output + used, sizeof(result->output) - used, "%.*s", (int)len, (const char *)bytes);
    return 0;
}

int ecsengine_result_add_agent_file(ecsengine_result *result, const char *name)
{
    size_t used = strlen(result->agent_files);

    snprintf(result->agent_files + used, sizeof(result->agent_files) - used, "%s;", name);
    return 0;
}

int ecsengine_result_set_failure(ecsengine_result *result, enum ecsengine_failure failure, const char *text)
{
    result->failed = true;
    result->failure = failure;
    return put_text(result->text, sizeof(result->text), text);
}

int ecsengine_result_set_running(ecsengine_result *result, int32_t running)
{
    result->has_record = true;
    result->running = running;
    return 0;
}

int ecsengine_result_set_exit_code(ecsengine_result *result, int32_t exit_code)
{
    result->has_exit_code = true;
    result->exit_code = exit_code;
    return 0;
}

int ecsengine_result_set_health(ecsengine_result *result, enum ecsengine_health health, const char *output)
{
    (void)output;
    result->health = health;
    return 0;
}

int ecsengine_result_set_digest(ecsengine_result *result, const char *digest, const char *media_type)
{
    (void)media_type;
    return put_text(result->digest, sizeof(result->digest), digest);
}

static int add_pair(char *to, size_t size, const char *key, const char *value)
{
    size_t len = strlen(to);

    snprintf(to + len, size - len, "%s=%s;", key, value);
    return 0;
}

int ecsengine_result_add_volume_option(ecsengine_result *result, const char *key, const char *value)
{
    return add_pair(result->options, sizeof(result->options), key, value);
}

int ecsengine_result_add_volume_label(ecsengine_result *result, const char *key, const char *value)
{
    return add_pair(result->labels, sizeof(result->labels), key, value);
}

int ecsengine_result_add_repo_digest(ecsengine_result *result, const char *repo_digest)
{
    return put_text(result->repo_digest, sizeof(result->repo_digest), repo_digest);
}

int ecsengine_result_add_port(ecsengine_result *result, int32_t container_port, int32_t host_port, const char *protocol,
                              const char *bind_ip)
{
    size_t len = strlen(result->ports);

    snprintf(result->ports + len, sizeof(result->ports) - len, "%s%s:%d->%d/%s", len > 0 ? " " : "", bind_ip, host_port,
             container_port, protocol);
    return 0;
}

int ecsengine_result_add_container(ecsengine_result *result, const char *id, const char *runtime_name, int32_t running,
                                   enum ecsengine_health health)
{
    (void)health;
    result->containers += id[0] != '\0' && runtime_name[0] != '\0';
    result->containers_running += running != 0;
    return 0;
}

int ecsengine_result_add_container_label(ecsengine_result *result, const char *key, const char *value)
{
    result->container_labels += key[0] != '\0' && value[0] != '\0';
    return 0;
}

/* The runtime's side of an engine. */

void ecsengine_runtime_vtable_init(ecsengine_runtime_vtable *vtable, size_t size)
{
    memset(vtable, 0, size);
    vtable->size = size;
}

int ecsengine_set_runtime(ecsengine *engine, const ecsengine_runtime_vtable *vtable, void *user_data, ecsengine_error **error)
{
    (void)error;
    engine->vtable = *vtable;
    engine->data = user_data;
    return 0;
}

int ecsengine_runtime_event(ecsengine *engine, enum ecsengine_runtime_event_kind kind, const char *container,
                            ecsengine_result *details, ecsengine_error **error)
{
    (void)error;
    if (engine->fail_events > 0) {
        engine->fail_events--;
        ecsengine_result_free(details);
        return ECSENGINE_ENOMEM;
    }
    struct fake_said *said = say(engine, SAID_EVENT);
    said->event = kind;
    put_text(said->container, sizeof(said->container), container);
    keep_result(said, details);
    return 0;
}

int ecsengine_runtime_lost(ecsengine *engine, const char *reason, ecsengine_error **error)
{
    (void)error, (void)reason;
    if (engine->fail_events > 0) {
        engine->fail_events--;
        return ECSENGINE_ENOMEM;
    }
    say(engine, SAID_LOST);
    return 0;
}

/* Errors. */

int ecsengine_error_set(ecsengine_error **error, int code, const char *message)
{
    if (error != NULL) {
        *error = calloc(1, sizeof(**error));
        (*error)->code = code;
        put_text((*error)->message, sizeof((*error)->message), message);
    }
    return code;
}

int ecsengine_error_code(const ecsengine_error *error) { return error != NULL ? error->code : 0; }
const char *ecsengine_error_message(const ecsengine_error *error) { return error != NULL ? error->message : ""; }
void ecsengine_error_free(ecsengine_error *error) { free(error); }

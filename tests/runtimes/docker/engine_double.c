/* SPDX-License-Identifier: Apache-2.0 */
/* The double: one lock, one condition, an array of all operations ever submitted. It is no model of the engine, merely its far side. */
#include "engine_double.h"

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

enum { OPS_MAX = 4096, EVENTS_MAX = 20000 };

struct ecsengine_op {
    struct double_op spec;
    uint64_t id;
    ecsengine *engine;
    int owners; /* the double, and the taker */
    bool taken;
    bool answered;
    struct ecsengine_result *result;
    int updates;
    int64_t current, total;
    char text[256];
};

struct ecsengine {
    pthread_mutex_t lock;
    pthread_cond_t changed;
    ecsengine_runtime_vtable vtable;
    void *user_data;
    bool joined, closed;
    struct ecsengine_op *ops[OPS_MAX];
    size_t op_count;
    struct double_event *events;
    size_t event_count;
    size_t lost_count;
    char lost_reason[1024];
    int violations;
    int fail_events, fail_lost, fail_results;
    uint64_t kept;
};

static bool is_utf8(const char *text)
{
    for (const unsigned char *p = (const unsigned char *)text; *p != '\0'; p++) {
        int more = *p < 0x80 ? 0 : (*p & 0xE0) == 0xC0 ? 1 : (*p & 0xF0) == 0xE0 ? 2 : (*p & 0xF8) == 0xF0 ? 3 : -1;
        if (more < 0)
            return false;
        for (; more > 0; more--)
            if ((*++p & 0xC0) != 0x80)
                return false;
    }
    return true;
}

static void violated(ecsengine *engine, const char *what)
{
    fprintf(stderr, "violation: %s\n", what);
    engine->violations++;
}

static int copy_text(char *out, size_t size, const char *text)
{
    if (!is_utf8(text)) {
        fprintf(stderr, "violation: a text that is no UTF-8\n");
        return ECSENGINE_EINVAL;
    }
    if (strlen(text) >= size)
        return ECSENGINE_EINVAL;
    memcpy(out, text, strlen(text) + 1);
    return 0;
}

static struct timespec in_ms(int timeout_ms)
{
    struct timespec until;

    clock_gettime(CLOCK_REALTIME, &until);
    until.tv_sec += timeout_ms / 1000;
    until.tv_nsec += (long)(timeout_ms % 1000) * 1000000;
    if (until.tv_nsec >= 1000000000) {
        until.tv_sec++;
        until.tv_nsec -= 1000000000;
    }
    return until;
}

ecsengine *double_new(void)
{
    ecsengine *engine = calloc(1, sizeof(*engine));

    engine->events = calloc(EVENTS_MAX, sizeof(*engine->events));
    pthread_mutex_init(&engine->lock, NULL);
    pthread_cond_init(&engine->changed, NULL);
    return engine;
}

void double_close(ecsengine *engine)
{
    if (!engine->joined || engine->closed)
        return;
    pthread_mutex_lock(&engine->lock);
    engine->closed = true;
    pthread_mutex_unlock(&engine->lock);
    if (engine->vtable.close != NULL)
        engine->vtable.close(engine->user_data);
}

int double_free(ecsengine *engine)
{
    double_close(engine);
    int violations = engine->violations;
    for (size_t i = 0; i < engine->op_count; i++) {
        struct ecsengine_op *op = engine->ops[i];
        if (op->taken) {
            fprintf(stderr, "violation: operation %llu was neither completed nor released\n", (unsigned long long)op->id);
            violations++;
        }
        free(op->result);
        free(op);
    }
    pthread_mutex_destroy(&engine->lock);
    pthread_cond_destroy(&engine->changed);
    free(engine->events);
    free(engine);
    return violations;
}

ecsengine_op *double_pull(ecsengine *engine, const struct double_op *spec)
{
    struct ecsengine_op *op = calloc(1, sizeof(*op));

    op->spec = *spec;
    op->engine = engine;
    op->taken = true;
    op->current = op->total = -2;
    pthread_mutex_lock(&engine->lock);
    if (engine->op_count == OPS_MAX)
        abort();
    engine->ops[engine->op_count++] = op;
    op->id = engine->op_count;
    pthread_mutex_unlock(&engine->lock);
    return op;
}

uint64_t double_submit(ecsengine *engine, const struct double_op *spec)
{
    struct ecsengine_op *op = double_pull(engine, spec);

    engine->vtable.submit(op, engine->user_data);
    return op->id;
}

void double_cancel(ecsengine *engine, uint64_t op_id) { engine->vtable.cancel(op_id, engine->user_data); }

void double_answer(ecsengine *engine, uint64_t op_id)
{
    pthread_mutex_lock(&engine->lock);
    engine->ops[op_id - 1]->answered = true;
    engine->ops[op_id - 1]->result = calloc(1, sizeof(struct ecsengine_result));
    pthread_mutex_unlock(&engine->lock);
}

const struct ecsengine_result *double_wait(ecsengine *engine, uint64_t op_id, int timeout_ms)
{
    struct timespec until = in_ms(timeout_ms);

    pthread_mutex_lock(&engine->lock);
    struct ecsengine_op *op = engine->ops[op_id - 1];
    while (op->result == NULL && pthread_cond_timedwait(&engine->changed, &engine->lock, &until) == 0) {
    }
    const struct ecsengine_result *result = op->result;
    pthread_mutex_unlock(&engine->lock);
    return result;
}

const struct ecsengine_result *double_do(ecsengine *engine, const struct double_op *op)
{
    return double_wait(engine, double_submit(engine, op), 10000);
}

size_t double_wait_events(ecsengine *engine, size_t count, int timeout_ms)
{
    struct timespec until = in_ms(timeout_ms);

    pthread_mutex_lock(&engine->lock);
    while (engine->event_count < count && pthread_cond_timedwait(&engine->changed, &engine->lock, &until) == 0) {
    }
    size_t seen = engine->event_count;
    pthread_mutex_unlock(&engine->lock);
    return seen;
}

struct double_event double_event_at(ecsengine *engine, size_t index)
{
    pthread_mutex_lock(&engine->lock);
    struct double_event event = engine->events[index];
    pthread_mutex_unlock(&engine->lock);
    return event;
}

size_t double_wait_lost(ecsengine *engine, size_t count, int timeout_ms)
{
    struct timespec until = in_ms(timeout_ms);

    pthread_mutex_lock(&engine->lock);
    while (engine->lost_count < count && pthread_cond_timedwait(&engine->changed, &engine->lock, &until) == 0) {
    }
    size_t seen = engine->lost_count;
    pthread_mutex_unlock(&engine->lock);
    return seen;
}

const char *double_lost_reason(ecsengine *engine) { return engine->lost_reason; }

int double_updates(ecsengine *engine, uint64_t op_id, int64_t *out_current, int64_t *out_total, char *out_text, size_t size)
{
    pthread_mutex_lock(&engine->lock);
    struct ecsengine_op *op = engine->ops[op_id - 1];
    int updates = op->updates;
    *out_current = op->current;
    *out_total = op->total;
    snprintf(out_text, size, "%s", op->text);
    pthread_mutex_unlock(&engine->lock);
    return updates;
}

static void set_count(ecsengine *engine, int *place, int count)
{
    pthread_mutex_lock(&engine->lock);
    *place = count;
    pthread_mutex_unlock(&engine->lock);
}

void double_fail_events(ecsengine *engine, int count) { set_count(engine, &engine->fail_events, count); }
void double_fail_lost(ecsengine *engine, int count) { set_count(engine, &engine->fail_lost, count); }
void double_fail_results(ecsengine *engine, int count) { set_count(engine, &engine->fail_results, count); }

/* ---- What the adapter calls: runtime.h ---- */

void ecsengine_runtime_vtable_init(ecsengine_runtime_vtable *vtable, size_t size)
{
    memset(vtable, 0, size);
    vtable->size = size;
}

int ecsengine_set_runtime(ecsengine *engine, const ecsengine_runtime_vtable *vtable, void *user_data, ecsengine_error **error)
{
    (void)error;
    if (engine->joined)
        return ECSENGINE_ESTATE;
    engine->vtable = *vtable;
    engine->user_data = user_data;
    engine->joined = true;
    return 0;
}

static bool fails(int *count) { return *count > 0 && (*count)-- > 0; }

int ecsengine_runtime_event(ecsengine *engine, enum ecsengine_runtime_event_kind kind, const char *container,
                            ecsengine_result *details, ecsengine_error **error)
{
    int code = 0;

    (void)error;
    pthread_mutex_lock(&engine->lock);
    if (engine->closed)
        violated(engine, "an event after close");
    if (fails(&engine->fail_events)) {
        code = ECSENGINE_ENOMEM;
    } else if (engine->event_count < EVENTS_MAX) {
        struct double_event *event = &engine->events[engine->event_count++];
        event->kind = kind;
        snprintf(event->container, sizeof(event->container), "%s", container);
        event->has_exit_code = details != NULL && details->has_exit_code;
        event->exit_code = details != NULL ? details->exit_code : 0;
        snprintf(event->exec_id, sizeof(event->exec_id), "%s", details != NULL ? details->exec_id : "");
    }
    pthread_cond_broadcast(&engine->changed);
    pthread_mutex_unlock(&engine->lock);
    free(details);
    return code;
}

int ecsengine_runtime_lost(ecsengine *engine, const char *reason, ecsengine_error **error)
{
    int code = 0;

    (void)error;
    pthread_mutex_lock(&engine->lock);
    if (engine->closed)
        violated(engine, "a loss after close");
    if (fails(&engine->fail_lost)) {
        code = ECSENGINE_ENOMEM;
    } else {
        engine->lost_count++;
        snprintf(engine->lost_reason, sizeof(engine->lost_reason), "%s", reason);
    }
    pthread_cond_broadcast(&engine->changed);
    pthread_mutex_unlock(&engine->lock);
    return code;
}

/* ---- op.h: requests ---- */

static const char *or_empty(const char *text) { return text != NULL ? text : ""; }

enum ecsengine_op_kind ecsengine_op_get_kind(const ecsengine_op *op) { return op->spec.kind; }
uint64_t ecsengine_op_id(const ecsengine_op *op) { return op->id; }
int64_t ecsengine_op_deadline_ns(const ecsengine_op *op)
{
    return op->spec.deadline_ns != 0 ? op->spec.deadline_ns : ECSENGINE_NO_DEADLINE;
}
const char *ecsengine_op_runtime_name(const ecsengine_op *op) { return or_empty(op->spec.name); }
const char *ecsengine_op_volume_name(const ecsengine_op *op) { return or_empty(op->spec.name); }
const char *ecsengine_op_container(const ecsengine_op *op) { return or_empty(op->spec.container); }
const char *ecsengine_op_image(const ecsengine_op *op) { return or_empty(op->spec.image); }
const char *ecsengine_op_image_target(const ecsengine_op *op) { return or_empty(op->spec.target); }
const char *ecsengine_op_label(const ecsengine_op *op) { return or_empty(op->spec.label); }
int64_t ecsengine_op_grace_ns(const ecsengine_op *op) { return op->spec.grace_ns; }
int32_t ecsengine_op_force(const ecsengine_op *op) { return op->spec.force; }
const char *ecsengine_op_exec_id(const ecsengine_op *op) { return or_empty(op->spec.exec_id); }
uint64_t ecsengine_op_cancel_id(const ecsengine_op *op) { return op->spec.cancel_id; }

const char *ecsengine_op_create_config(const ecsengine_op *op, size_t *out_len)
{
    const char *config = or_empty(op->spec.config);

    *out_len = strlen(config);
    return config;
}

const char *ecsengine_op_volume_config(const ecsengine_op *op, size_t *out_len) { return ecsengine_op_create_config(op, out_len); }
const char *ecsengine_op_exec_config(const ecsengine_op *op, size_t *out_len) { return ecsengine_op_create_config(op, out_len); }
const char *ecsengine_op_agent_config(const ecsengine_op *op, size_t *out_len) { return ecsengine_op_create_config(op, out_len); }

int ecsengine_op_update(ecsengine_op *op, int64_t current, int64_t total, const char *text, ecsengine_error **error)
{
    ecsengine *engine = op->engine;

    (void)error;
    pthread_mutex_lock(&engine->lock);
    op->updates++;
    op->current = current;
    op->total = total;
    snprintf(op->text, sizeof(op->text), "%s", or_empty(text));
    if (text != NULL && !is_utf8(text))
        violated(engine, "an update that is no UTF-8");
    pthread_mutex_unlock(&engine->lock);
    return 0;
}

int ecsengine_op_complete(ecsengine_op *op, ecsengine_result *result, ecsengine_error **error)
{
    ecsengine *engine = op->engine;
    int code = 0;

    (void)error;
    pthread_mutex_lock(&engine->lock);
    if (!op->taken)
        violated(engine, "a second completion");
    op->taken = false;
    if (result == NULL) {
        result = calloc(1, sizeof(*result));
        result->failure = ECSENGINE_FAILURE_OTHER;
        snprintf(result->text, sizeof(result->text), "no memory");
    }
    if (op->answered || engine->closed) {
        free(result);
        code = engine->closed ? ECSENGINE_ECLOSED : ECSENGINE_EALREADY;
    } else {
        op->result = result;
    }
    op->answered = true;
    pthread_cond_broadcast(&engine->changed);
    pthread_mutex_unlock(&engine->lock);
    return code;
}

void ecsengine_op_release(ecsengine_op *op)
{
    if (op == NULL)
        return;
    pthread_mutex_lock(&op->engine->lock);
    if (!op->taken)
        violated(op->engine, "a release after the completion");
    op->taken = false;
    pthread_mutex_unlock(&op->engine->lock);
}

/* ---- op.h: results ---- */

static int make(ecsengine *engine, ecsengine_result **out_result)
{
    pthread_mutex_lock(&engine->lock);
    bool no_memory = fails(&engine->fail_results);
    pthread_mutex_unlock(&engine->lock);
    if (no_memory)
        return ECSENGINE_ENOMEM;
    *out_result = calloc(1, sizeof(**out_result));
    return 0;
}

int ecsengine_result_new(const ecsengine_op *op, ecsengine_result **out_result, ecsengine_error **error)
{
    (void)error;
    return make(op->engine, out_result);
}

int ecsengine_result_new_for_event(ecsengine *engine, ecsengine_result **out_result, ecsengine_error **error)
{
    (void)error;
    return make(engine, out_result);
}

void ecsengine_result_free(ecsengine_result *result) { free(result); }

int ecsengine_result_set_failure(ecsengine_result *result, enum ecsengine_failure failure, const char *text)
{
    if (!is_utf8(text))
        return ECSENGINE_EINVAL;
    result->failure = failure;
    snprintf(result->text, sizeof(result->text), "%s", text);
    return 0;
}

#define TEXT_SETTER(name, field) \
    int name(ecsengine_result *result, const char *text) { return copy_text(result->field, sizeof(result->field), text); }
#define NUMBER_SETTER(name, type, field)           \
    int name(ecsengine_result *result, type value) \
    {                                              \
        result->field = value;                     \
        return 0;                                  \
    }

TEXT_SETTER(ecsengine_result_set_error_name, error_name)
TEXT_SETTER(ecsengine_result_set_container_id, id)
TEXT_SETTER(ecsengine_result_set_state_error, state_error)
TEXT_SETTER(ecsengine_result_set_image_id, image_id)
TEXT_SETTER(ecsengine_result_set_volume_name, volume_name)
TEXT_SETTER(ecsengine_result_set_runtime_version, version)
NUMBER_SETTER(ecsengine_result_set_dead, int32_t, dead)
NUMBER_SETTER(ecsengine_result_set_oom_killed, int32_t, oom_killed)
NUMBER_SETTER(ecsengine_result_set_created_at, int64_t, created_at)
NUMBER_SETTER(ecsengine_result_set_started_at, int64_t, started_at)
NUMBER_SETTER(ecsengine_result_set_finished_at, int64_t, finished_at)
NUMBER_SETTER(ecsengine_result_set_restart_count, int32_t, restart_count)
NUMBER_SETTER(ecsengine_result_set_cpus, int32_t, cpus)
NUMBER_SETTER(ecsengine_result_set_memory_mib, int64_t, memory_mib)

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
    result->health = health;
    return copy_text(result->health_output, sizeof(result->health_output), output);
}

int ecsengine_result_add_port(ecsengine_result *result, int32_t container_port, int32_t host_port, const char *protocol,
                              const char *bind_ip)
{
    if (result->port_count == DOUBLE_PORTS_MAX)
        return ECSENGINE_ELIMIT;
    struct double_port *port = &result->ports[result->port_count++];
    port->inside = container_port;
    port->outside = host_port;
    int code = copy_text(port->protocol, sizeof(port->protocol), protocol);
    return code == 0 ? copy_text(port->ip, sizeof(port->ip), bind_ip) : code;
}

int ecsengine_result_set_digest(ecsengine_result *result, const char *digest, const char *media_type)
{
    int code = copy_text(result->digest, sizeof(result->digest), digest);

    return code == 0 ? copy_text(result->media_type, sizeof(result->media_type), media_type) : code;
}

static int add_pair(char *to, size_t size, const char *key, const char *value)
{
    char pair[512], whole[1024];

    snprintf(pair, sizeof(pair), "%s=%s;", key, value);
    snprintf(whole, sizeof(whole), "%s%s", to, pair);
    return copy_text(to, size, whole);
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
    result->repo_digest_count++;
    return copy_text(result->repo_digest, sizeof(result->repo_digest), repo_digest);
}

int ecsengine_result_add_container(ecsengine_result *result, const char *id, const char *runtime_name, int32_t running,
                                   enum ecsengine_health health)
{
    size_t index = result->container_count++;

    if (index >= DOUBLE_CONTAINERS_MAX)
        return 0;
    result->container_running[index] = running;
    result->container_health[index] = health;
    int code = copy_text(result->container_ids[index], sizeof(result->container_ids[index]), id);
    return code == 0 ? copy_text(result->container_names[index], sizeof(result->container_names[index]), runtime_name) : code;
}

int ecsengine_result_add_container_label(ecsengine_result *result, const char *key, const char *value)
{
    return add_pair(result->labels, sizeof(result->labels), key, value);
}

int ecsengine_result_set_exec_id(ecsengine_result *result, const char *id) { return copy_text(result->exec_id, sizeof(result->exec_id), id); }

int ecsengine_result_set_exec_state(ecsengine_result *result, int32_t running, int32_t exit_code, int32_t pid)
{
    result->has_exec_state = true;
    result->exec_running = running;
    result->exec_exit_code = exit_code;
    result->exec_pid = pid;
    return 0;
}

int ecsengine_result_add_output(ecsengine_result *result, int32_t stream, const void *bytes, size_t len)
{
    const unsigned char *at = bytes;
    size_t used = strlen(result->output);

    result->output_len += len;
    if (stream != result->last_stream && used + 4 < sizeof(result->output))
        used += (size_t)sprintf(result->output + used, "<%d>", (int)stream);
    result->last_stream = stream;
    for (; len > 0 && used + 4 < sizeof(result->output); at++, len--)
        used += (size_t)sprintf(result->output + used, *at >= ' ' && *at < 0x7f ? "%c" : "\\%02x", *at);
    return 0;
}

TEXT_SETTER(ecsengine_result_set_agent_version, agent_version)

int ecsengine_result_add_agent_file(ecsengine_result *result, const char *name)
{
    char whole[1024];

    snprintf(whole, sizeof(whole), "%s%s;", result->agent_files, name);
    return copy_text(result->agent_files, sizeof(result->agent_files), whole);
}

int ecsengine_keep_op(ecsengine *engine, enum ecsengine_op_kind kind, ecsengine_error **error)
{
    (void)error;
    if (engine->joined)
        return ECSENGINE_ESTATE;
    engine->kept |= UINT64_C(1) << kind;
    return 0;
}

uint64_t double_kept(ecsengine *engine) { return engine->kept; }

/* The code is what the tests look at; the objects are the core library's. */
int ecsengine_error_set(ecsengine_error **error, int code, const char *message)
{
    (void)error;
    (void)message;
    return code;
}

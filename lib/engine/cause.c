/* SPDX-License-Identifier: Apache-2.0 */
/* Causes as words, sentences and JSON. A time is told as it was in the last turn: sentences have durations from there, JSON has times of
 * the wall clock, which stay right until something changes. */
#include "engine/cause.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "engine/depgraph.h"
#include "engine/explain.h"

static const char *const words[CAUSE_KINDS] = {
    [CAUSE_NONE] = "",
    [CAUSE_RUNNING] = "running",
    [CAUSE_STOPPED] = "stopped",
    [CAUSE_REMOVED] = "removed",
    [CAUSE_REFUSED] = "refused",
    [CAUSE_LOST] = "state-lost",
    [CAUSE_MOVING] = "moving",
    [CAUSE_SHUT_DOWN] = "engine-shut-down",
    [CAUSE_RUNTIME] = "runtime-unreachable",
    [CAUSE_HOST_FACTS] = "waits-for-host-facts",
    [CAUSE_QUEUED] = "queued",
    [CAUSE_OPERATION] = "operation-in-flight",
    [CAUSE_STORE] = "waits-for-store",
    [CAUSE_RETRY] = "retry",
    [CAUSE_RESTART] = "restart-back-off",
    [CAUSE_REMOVAL_FAILING] = "removal-failing",
    [CAUSE_PULL_SLOT] = "waits-for-pull",
    [CAUSE_LOOK] = "waits-for-look",
    [CAUSE_CREDENTIALS] = "waits-for-credentials",
    [CAUSE_DEPENDENCY] = "waits-for-dependency",
    [CAUSE_RESOURCE] = "waits-for-resource",
    [CAUSE_STOP_ORDER] = "waits-for-stop-order",
    [CAUSE_CONTAINERS] = "waits-for-containers",
    [CAUSE_REMOVAL] = "waits-for-removal",
    [CAUSE_RESOURCE_REMOVAL] = "waits-for-resource-removal",
    [CAUSE_CLEANUP_DUE] = "cleanup-due",
    [CAUSE_ACKNOWLEDGEMENT] = "waits-for-acknowledgement",
};

struct cause *cause_add(struct causes *causes, enum cause_kind kind)
{
    struct cause *cause = &causes->list[causes->count < CAUSES_MAX ? causes->count : CAUSES_MAX];

    causes->count++;
    *cause = (struct cause){.kind = (uint8_t)kind, .since_ns = CAUSE_NO_TIME, .due_ns = CAUSE_NO_TIME};
    return cause;
}

bool cause_has(const struct causes *causes, enum cause_kind kind)
{
    for (uint32_t i = 0; i < causes->count && i < CAUSES_MAX; i++)
        if (causes->list[i].kind == kind)
            return true;
    return false;
}

const char *cause_word(enum cause_kind kind) { return words[kind]; }

/* ---- shared by tasks and containers ---- */

void cause_of_runtime(const struct view *view, struct causes *out)
{
    const struct engine *engine = view->engine;
    struct cause *cause = cause_add(out, CAUSE_RUNTIME);

    if (engine->runtime == RUNTIME_UNREACHABLE)
        cause->since_ns = engine->runtime_since_ns;
    if (heap_has(&engine->runtime_timer.node))
        cause->due_ns = engine->runtime_timer.node.key;
    else if (engine->subscribe_op != NULL)
        cause->due_ns = engine->subscribe_op->timer.node.key;
    cause->tries = engine->runtime_attempt;
    cause->error = engine->runtime_error != NULL ? str_text(engine->runtime_error) : NULL;
}

static void of_host_facts(const struct view *view, struct causes *out)
{
    const struct engine *engine = view->engine;
    struct cause *cause = cause_add(out, CAUSE_HOST_FACTS);

    cause->operation = ECSENGINE_OP_INFO;
    cause->tries = engine->runtime_attempt;
    cause->error = engine->runtime_error != NULL ? str_text(engine->runtime_error) : NULL;
    if (engine->info_op != NULL) {
        cause->id = engine->info_op->id;
        cause->since_ns = engine->info_op->begun_ns;
        cause->due_ns = engine->info_op->timer.node.key;
    } else if (heap_has(&engine->runtime_timer.node)) {
        cause->due_ns = engine->runtime_timer.node.key;
    }
}

void cause_of_admission(const struct view *view, const struct task *task, struct causes *out)
{
    const struct engine *engine = view->engine;

    (void)task;
    if (!engine->ready && engine->runtime != RUNTIME_CONNECTED)
        cause_of_runtime(view, out);
    if (!engine->ready && !engine->host.known)
        of_host_facts(view, out);
    if (engine->ready)
        cause_add(out, CAUSE_QUEUED);
}

bool cause_of_store(const struct view *view, uint64_t batch_id, struct causes *out)
{
    const struct store_view *store = &view->store;

    if (!store->keeps || batch_id <= store->durable)
        return false;
    struct cause *cause = cause_add(out, CAUSE_STORE);
    cause->batch_id = batch_id;
    cause->since_ns = store->since_ns;
    cause->tries = store->tries;
    cause->error = store->error;
    if (store->pausing)
        cause->due_ns = store->retry_ns;
    return true;
}

/* ---- sentences ---- */

struct line {
    char *text;
    size_t len;
};

static void add(struct line *line, const char *format, ...) __attribute__((format(printf, 2, 3)));
static void add(struct line *line, const char *format, ...)
{
    size_t left = CAUSE_TEXT_MAX - line->len;
    va_list args;

    va_start(args, format);
    int len = vsnprintf(line->text + line->len, left, format, args);
    va_end(args);
    line->len += (size_t)len < left ? (size_t)len : left - 1;
}

/* Whole milliseconds below a second, tenths above: nobody reads more. */
static void add_duration(struct line *line, const char *before, int64_t ns)
{
    char text[DURATION_TEXT_MAX];

    if (ns < 0)
        ns = 0;
    duration_format(ns < NS_PER_S ? ns - ns % NS_PER_MS : ns - ns % (NS_PER_S / 10), text);
    add(line, "%s%s", before, text);
}

static void add_since(struct line *line, const char *before, const struct view *view, const struct cause *cause)
{
    if (cause->since_ns != CAUSE_NO_TIME)
        add_duration(line, before, view->engine->mono_ns - cause->since_ns);
}

static void add_due(struct line *line, const char *before, const struct view *view, const struct cause *cause)
{
    if (cause->due_ns != CAUSE_NO_TIME)
        add_duration(line, before, cause->due_ns - view->engine->mono_ns);
}

static void add_error(struct line *line, const char *before, const char *error)
{
    if (error != NULL && *error != '\0')
        add(line, "%s%.600s", before, error);
}

static const char *times(uint32_t tries) { return tries == 1 ? "once" : "times"; }

static const char *status(container_status value) { return ecsengine_container_status_name((enum ecsengine_container_status)value); }

static void say_stopped(struct line *line, const struct container *container)
{
    add(line, "stopped");
    if (container->error != NULL)
        add_error(line, ": ", str_text(container->error));
    else if (container->has_exit_code)
        add(line, " with exit code %d", (int)container->exit_code);
    else
        add(line, " without having run");
}

static void say_runtime(struct line *line, const struct view *view, const struct cause *cause)
{
    add(line, cause->since_ns != CAUSE_NO_TIME ? "the runtime is unreachable" : "waits for the runtime to answer");
    add_since(line, " for ", view, cause);
    add_error(line, ": ", cause->error);
    if (cause->tries > 0)
        add_due(line, ", next try in ", view, cause);
}

static void say_operation(struct line *line, const struct view *view, const struct cause *cause)
{
    add(line, "%s in flight", ecsengine_op_kind_name((enum ecsengine_op_kind)cause->operation));
    add_since(line, " for ", view, cause);
    add_due(line, ", given up in ", view, cause);
    if (cause->operation == ECSENGINE_OP_PULL_IMAGE && cause->op->progressed && *cause->op->progress != '\0')
        add(line, "; %s", cause->op->progress);
    if (cause->tries > 0)
        add(line, "; try %u", (unsigned)cause->tries + 1);
    add_error(line, ", the last one: ", cause->error);
}

static void say_store(struct line *line, const struct view *view, const struct cause *cause)
{
    if (cause->operation != 0)
        add(line, "%s waits for the store", ecsengine_op_kind_name((enum ecsengine_op_kind)cause->operation));
    else
        add(line, "its last event waits for the store");
    if (cause->due_ns == CAUSE_NO_TIME) {
        add_since(line, ", which has been writing for ", view, cause);
        return;
    }
    add(line, ", which has failed");
    add_error(line, ": ", cause->error);
    add_due(line, ", next try in ", view, cause);
}

static void say_retry(struct line *line, const struct view *view, const struct cause *cause)
{
    if (cause->kind == CAUSE_REMOVAL_FAILING)
        add(line, "can not be removed; ");
    add(line, "%s failed ", ecsengine_op_kind_name((enum ecsengine_op_kind)cause->operation));
    if (cause->tries != 1)
        add(line, "%u ", (unsigned)cause->tries);
    add(line, "%s", times(cause->tries));
    add_due(line, ", next try in ", view, cause);
    add_error(line, "; ", cause->error);
}

static void say_restart(struct line *line, const struct view *view, const struct cause *cause, const struct container *container)
{
    const struct restart *restart = container->restart;

    add(line, "has ended with exit code %d", (int)restart->exit_code);
    add_due(line, " and is started again in ", view, cause);
    add(line, "; restart %u", (unsigned)restart->count);
    if (cause->tries > 0)
        add(line, ", try %u", (unsigned)cause->tries + 1);
    add_error(line, ", the last one: ", cause->error);
}

static void say_slot(struct line *line, const struct view *view, const struct container *container)
{
    const struct engine *engine = view->engine;
    unsigned said = 0;

    add(line, "waits for one of %lld pulls at once to end", (long long)engine->settings.pull_parallel);
    for (const struct list *node = engine->pulling.next; node != &engine->pulling && said < 3; node = node->next, said++) {
        const struct container *other = container_of(node, const struct container, pull_link);
        add(line, "%s%.120s", said == 0 ? ", of " : ", ", container_def(other)->name);
        if (other->task != container->task)
            add(line, " (%.120s)", str_text(other->task->arn));
    }
}

static void say_credentials(struct line *line, const struct task *task)
{
    if (task->execution_credentials_id != NULL)
        add(line, "waits for the credentials `%s` of the task's execution role", str_text(task->execution_credentials_id));
    else
        add(line, "waits for credentials of an execution role, and the task names none");
}

static void say_dependency(struct line *line, const struct view *view, const struct cause *cause)
{
    const struct container *on = cause->on;

    add(line, "waits for %s to be %s; it is %s", container_def(on)->name,
        cause->condition != CONDITION_NONE ? condition_name((enum condition)cause->condition) : status(cause->needed),
        status(on->known));
    if (cause->condition == CONDITION_HEALTHY)
        add(line, " and its health %s", ecsengine_health_name((enum ecsengine_health)on->health));
    add_due(line, ", given up in ", view, cause);
}

static void say_resource(struct line *line, const struct view *view, const struct cause *cause)
{
    const struct resource_def *def = resource_def(cause->resource);

    add(line, "waits for the %.60s %.255s to be %s; it is %s", def->type, def->name, resource_status_name(cause->satisfied),
        resource_status_name(cause->resource->known));
    if (cause->operation != 0) {
        add(line, ", %s in flight", ecsengine_op_kind_name((enum ecsengine_op_kind)cause->operation));
        add_since(line, " for ", view, cause);
        add_due(line, ", given up in ", view, cause);
    } else if (cause->on != NULL) {
        add(line, " and waits for %s to be %s; that is %s", container_def(cause->on)->name, status(cause->needed),
            status(cause->on->known));
    }
}

static void say_resource_removal(struct line *line, const struct view *view, const struct cause *cause)
{
    const struct resource_def *def = resource_def(cause->resource);

    add(line, "waits for the %.60s %.255s to be removed", def->type, def->name);
    if (cause->tries > 0)
        add(line, ", which has failed %u times", (unsigned)cause->tries);
    if (cause->error != NULL)
        add(line, " (%.300s)", cause->error);
    add_since(line, "; in flight for ", view, cause);
    add_due(line, cause->since_ns != CAUSE_NO_TIME ? ", given up in " : "; tried again in ", view, cause);
}

static void say_parts(struct line *line, const struct view *view, const struct cause *cause, const struct task *task)
{
    struct causes causes;
    unsigned said = 0;

    add(line, cause->kind == CAUSE_REMOVAL ? "its containers are being removed" : "waits for its containers");
    for (uint16_t i = 0; i < task->container_count && said < 5; i++) {
        explain_container(view, &task->containers[i], &causes);
        if (!explain_holds_back(&causes))
            continue;
        add(line, "%s%.120s (%s)", said++ == 0 ? ": " : ", ", container_def(&task->containers[i])->name,
            cause_word((enum cause_kind)causes.list[0].kind));
    }
}

static void say_goal(struct line *line, const struct task *task, const struct container *container)
{
    if (container == NULL)
        add(line, "%s", task->known == ECSENGINE_TASK_RUNNING ? "running" : "it is where it shall be");
    else if (!container_is_running(container->known))
        add(line, "it is %s, as it shall be", status(container->known));
    else
        add(line, "running%s%s", container_def(container)->health_check ? ", health " : "",
            container_def(container)->health_check ? ecsengine_health_name((enum ecsengine_health)container->health) : "");
}

static void say_moving(struct line *line, const struct task *task, const struct container *container)
{
    if (container != NULL)
        add(line, "on its way from %s to %s", status(container->known), status(container->desired));
    else
        add(line, "on its way from %s to %s", ecsengine_task_status_name((enum ecsengine_task_status)task->known),
            ecsengine_task_status_name((enum ecsengine_task_status)task->desired));
}

void cause_sentence(const struct view *view, const struct cause *cause, const struct task *task, const struct container *container,
                    char text[CAUSE_TEXT_MAX])
{
    struct line line = {.text = text};

    text[0] = '\0';
    switch (cause->kind) {
    case CAUSE_RUNNING:
        say_goal(&line, task, container);
        break;
    case CAUSE_STOPPED:
        say_stopped(&line, container);
        break;
    case CAUSE_REMOVED:
        add(&line, "removed");
        break;
    case CAUSE_REFUSED:
        add(&line, "refused: %s", str_text(task->reason));
        break;
    case CAUSE_LOST:
        add(&line, "its saved state was damaged; the runtime is asked what is left of it");
        add_due(&line, " in ", view, cause);
        break;
    case CAUSE_SHUT_DOWN:
        add(&line, "the engine is shut down and asks nothing of the runtime any more");
        break;
    case CAUSE_RUNTIME:
        say_runtime(&line, view, cause);
        break;
    case CAUSE_HOST_FACTS:
        add(&line, "waits for the runtime to say what the host has");
        add_error(&line, ": ", cause->error);
        break;
    case CAUSE_QUEUED:
        explain_queue_text(view->engine, task, text, CAUSE_TEXT_MAX);
        line.len = strlen(text);
        break;
    case CAUSE_OPERATION:
        say_operation(&line, view, cause);
        break;
    case CAUSE_STORE:
        say_store(&line, view, cause);
        break;
    case CAUSE_RESTART:
        say_restart(&line, view, cause, container);
        break;
    case CAUSE_RETRY:
    case CAUSE_REMOVAL_FAILING:
        say_retry(&line, view, cause);
        break;
    case CAUSE_PULL_SLOT:
        say_slot(&line, view, container);
        break;
    case CAUSE_LOOK:
        add(&line, "waits for its turn to be looked at; so many are at once: %lld", (long long)view->engine->settings.inspect_parallel);
        break;
    case CAUSE_CREDENTIALS:
        say_credentials(&line, task);
        break;
    case CAUSE_DEPENDENCY:
        say_dependency(&line, view, cause);
        break;
    case CAUSE_RESOURCE:
        say_resource(&line, view, cause);
        break;
    case CAUSE_RESOURCE_REMOVAL:
        say_resource_removal(&line, view, cause);
        break;
    case CAUSE_STOP_ORDER:
        add(&line, "stops when %s, which depends on it, has stopped; that is %s", container_def(cause->on)->name,
            status(cause->on->known));
        break;
    case CAUSE_CONTAINERS:
    case CAUSE_REMOVAL:
        say_parts(&line, view, cause, task);
        break;
    case CAUSE_CLEANUP_DUE:
        add(&line, "stopped; its containers are kept");
        add_due(&line, " for another ", view, cause);
        break;
    case CAUSE_ACKNOWLEDGEMENT:
        add(&line, "waits for event %llu (%s) to be acknowledged", (unsigned long long)cause->id,
            task->phase == TASK_REMOVED ? "task-removed" : "STOPPED");
        add_due(&line, ", for another ", view, cause);
        break;
    default:
        say_moving(&line, task, container);
        break;
    }
    text[utf8_cut(text, line.len, line.len)] = '\0';
}

/* ---- JSON ---- */

/* A monotonic time as what the wall clock said, or will say, then. */
static void put_time(struct buf *out, const char *key, const struct view *view, int64_t mono_ns)
{
    if (mono_ns != CAUSE_NO_TIME)
        json_int(out, key, view->engine->wall_ns + (mono_ns - view->engine->mono_ns));
}

static void put_parts(const struct view *view, const struct task *task, struct buf *out)
{
    struct causes causes;

    json_open(out, "parts", '[');
    for (uint16_t i = 0; i < task->container_count; i++) {
        explain_container(view, &task->containers[i], &causes);
        if (!explain_holds_back(&causes))
            continue;
        json_open(out, NULL, '{');
        json_text(out, "containerName", container_def(&task->containers[i])->name);
        json_text(out, "cause", cause_word((enum cause_kind)causes.list[0].kind));
        json_close(out, '}');
    }
    json_close(out, ']');
}

static void put_other(const char *key, const struct cause *cause, struct buf *out)
{
    const struct container *on = cause->on;

    json_open(out, key, '{');
    json_text(out, "containerName", container_def(on)->name);
    if (cause->condition != CONDITION_NONE)
        json_text(out, "condition", condition_name((enum condition)cause->condition));
    if (cause->needed != ECSENGINE_CONTAINER_NONE)
        json_text(out, "neededStatus", status(cause->needed));
    json_text(out, "knownStatus", status(on->known));
    json_text(out, "desiredStatus", status(on->desired));
    if (container_def(on)->health_check)
        json_text(out, "health", ecsengine_health_name((enum ecsengine_health)on->health));
    if (on->has_exit_code)
        json_int(out, "exitCode", on->exit_code);
    json_close(out, '}');
}

static void put_resource(const struct cause *cause, struct buf *out)
{
    json_open(out, "resource", '{');
    json_text(out, "name", resource_def(cause->resource)->name);
    json_text(out, "type", resource_def(cause->resource)->type);
    if (cause->kind == CAUSE_RESOURCE)
        json_text(out, "neededStatus", resource_status_name(cause->satisfied));
    json_text(out, "knownStatus", resource_status_name(cause->resource->known));
    json_text(out, "desiredStatus", resource_status_name(cause->resource->desired));
    json_close(out, '}');
    if (cause->on != NULL)
        put_other("dependency", cause, out);
}

static int64_t place_in(const struct list *queue, const struct list *link)
{
    int64_t place = 1;

    for (const struct list *node = queue->next; node != link; node = node->next)
        place++;
    return place;
}

static void put_slots(const struct view *view, const struct container *container, struct buf *out)
{
    const struct engine *engine = view->engine;

    json_int(out, "place", place_in(&engine->pull_queue, &container->pull_link));
    json_int(out, "slots", engine->settings.pull_parallel);
    json_open(out, "holders", '[');
    for (const struct list *node = engine->pulling.next; node != &engine->pulling; node = node->next) {
        const struct container *other = container_of(node, const struct container, pull_link);
        json_open(out, NULL, '{');
        json_text(out, "taskArn", str_text(other->task->arn));
        json_text(out, "containerName", container_def(other)->name);
        put_time(out, "since", view, other->begun_ns);
        json_close(out, '}');
    }
    json_close(out, ']');
}

static void put_pull(const struct ecsengine_op *op, struct buf *out)
{
    json_open(out, "pull", '{');
    json_int(out, "current", op->current);
    json_int(out, "total", op->total);
    json_text(out, "text", op->progress);
    json_close(out, '}');
}

static void put_members(const struct view *view, const struct cause *cause, const struct task *task,
                        const struct container *container, struct buf *out)
{
    switch (cause->kind) {
    case CAUSE_RUNNING:
        if (container != NULL && container_def(container)->health_check)
            json_text(out, "health", ecsengine_health_name((enum ecsengine_health)container->health));
        break;
    case CAUSE_STOPPED:
        if (container->has_exit_code)
            json_int(out, "exitCode", container->exit_code);
        json_text(out, "reason", str_text(container->error));
        break;
    case CAUSE_REFUSED:
    case CAUSE_LOST:
        json_text(out, "reason", str_text(task->reason));
        break;
    case CAUSE_QUEUED:
        explain_queue_json(view->engine, task, out);
        break;
    case CAUSE_OPERATION:
        if (cause->operation == ECSENGINE_OP_PULL_IMAGE)
            put_pull(cause->op, out);
        break;
    case CAUSE_RESTART:
        json_int(out, "exitCode", container->restart->exit_code);
        json_int(out, "restarts", container->restart->count);
        break;
    case CAUSE_PULL_SLOT:
        put_slots(view, container, out);
        break;
    case CAUSE_LOOK:
        json_int(out, "place", place_in(&view->engine->looks, &container->look_link));
        json_int(out, "slots", view->engine->settings.inspect_parallel);
        break;
    case CAUSE_CREDENTIALS:
        json_text(out, "credentialsId", str_text(task->execution_credentials_id));
        break;
    case CAUSE_DEPENDENCY:
        put_other("dependency", cause, out);
        break;
    case CAUSE_RESOURCE_REMOVAL:
    case CAUSE_RESOURCE:
        put_resource(cause, out);
        break;
    case CAUSE_STOP_ORDER:
        put_other("dependent", cause, out);
        break;
    case CAUSE_CONTAINERS:
    case CAUSE_REMOVAL:
        put_parts(view, task, out);
        break;
    default:
        break;
    }
}

void cause_json(const struct view *view, const struct cause *cause, const struct task *task, const struct container *container,
                struct buf *out)
{
    char text[CAUSE_TEXT_MAX];

    cause_sentence(view, cause, task, container, text);
    json_open(out, NULL, '{');
    json_text(out, "cause", cause_word((enum cause_kind)cause->kind));
    json_text(out, "text", text);
    if (cause->operation != 0)
        json_text(out, "operation", ecsengine_op_kind_name((enum ecsengine_op_kind)cause->operation));
    if (cause->id != 0)
        json_int(out, cause->kind == CAUSE_ACKNOWLEDGEMENT ? "eventId" : "operationId", (int64_t)cause->id);
    if (cause->batch_id != 0)
        json_int(out, "batchId", (int64_t)cause->batch_id);
    put_time(out, "since", view, cause->since_ns);
    put_time(out, "due", view, cause->due_ns);
    if (cause->tries > 0)
        json_int(out, "tries", cause->tries);
    if (cause->error != NULL)
        json_text(out, "error", cause->error);
    put_members(view, cause, task, container, out);
    json_close(out, '}');
}

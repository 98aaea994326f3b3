/* SPDX-License-Identifier: Apache-2.0 */
/* Why it is where it is: one cause and one sentence a container, out of the same state and the same rules that move it. */
#include <stdio.h>
#include <string.h>

#include "engine/accounting.h"
#include "engine/depgraph.h"
#include "engine/describe.h"

enum { SENTENCE = 512 };

struct cause {
    const char *code;
    char text[SENTENCE];
};

static void in_seconds(int64_t ns, char text[DURATION_TEXT_MAX])
{
    if (ns < 0)
        ns = 0;
    duration_format(ns < NS_PER_S ? ns - ns % NS_PER_MS : ns - ns % (NS_PER_S / 10), text);
}

static void explain_stopped(const struct container *container, struct cause *cause)
{
    cause->code = "stopped";
    if (container->error != NULL)
        snprintf(cause->text, SENTENCE, "stopped: %.400s", container->error->data);
    else if (container->has_exit_code)
        snprintf(cause->text, SENTENCE, "exited with code %d", (int)container->exit_code);
    else
        snprintf(cause->text, SENTENCE, "stopped without having run");
}

static void explain_op(const struct engine *engine, const struct ecsengine_op *op, struct cause *cause)
{
    char since[DURATION_TEXT_MAX], left[DURATION_TEXT_MAX];
    int len;

    cause->code = "operation-in-flight";
    in_seconds(engine->mono_ns - op->begun_ns, since);
    in_seconds(op->deadline_ns - engine->mono_ns, left);
    len = snprintf(cause->text, SENTENCE, "%s in flight for %s, given up in %s",
                   ecsengine_op_kind_name((enum ecsengine_op_kind)op->kind), since, left);
    if (op->kind == ECSENGINE_OP_PULL_IMAGE && op->progressed && len > 0)
        snprintf(cause->text + len, SENTENCE - (size_t)len, "; %s", op->progress);
}

static void explain_wait(const struct engine *engine, const struct container *container, struct cause *cause)
{
    char text[DEPGRAPH_TEXT_MAX];
    const struct container *on;
    enum condition condition;

    switch (depgraph_check(engine, container, &on, &condition, text)) {
    case VERDICT_BLOCKED:
        cause->code = "waits-for-dependency";
        snprintf(cause->text, SENTENCE, "waits for %s to be %s; it is %s%s%s", container_def(on)->name, condition_name(condition),
                 ecsengine_container_status_name((enum ecsengine_container_status)on->known),
                 condition == CONDITION_HEALTHY ? " and its health " : "",
                 condition == CONDITION_HEALTHY ? ecsengine_health_name((enum ecsengine_health)on->health) : "");
        break;
    case VERDICT_STOP_ORDER:
        cause->code = "waits-for-stop-order";
        snprintf(cause->text, SENTENCE, "stops when %s, which depends on it, has stopped; that is %s", container_def(on)->name,
                 ecsengine_container_status_name((enum ecsengine_container_status)on->known));
        break;
    default:
        cause->code = "moving";
        snprintf(cause->text, SENTENCE, "on its way from %s to %s",
                 ecsengine_container_status_name((enum ecsengine_container_status)container->known),
                 ecsengine_container_status_name((enum ecsengine_container_status)container->desired));
        break;
    }
}

static void explain_container(const struct engine *engine, const struct container *container, struct cause *cause)
{
    char left[DURATION_TEXT_MAX], why[160];
    const struct task *task = container->task;

    if (container->known == ECSENGINE_CONTAINER_STOPPED) {
        explain_stopped(container, cause);
    } else if (container->known >= container->desired && container_is_running(container->known)) {
        cause->code = "running";
        snprintf(cause->text, SENTENCE, "running%s%s", container_def(container)->health_check ? ", health " : "",
                 container_def(container)->health_check ? ecsengine_health_name((enum ecsengine_health)container->health) : "");
    } else if (!task->admitted && !engine->ready) {
        cause->code = "runtime-unreachable";
        snprintf(cause->text, SENTENCE, "waits for the runtime to answer");
    } else if (!task->admitted) {
        cause->code = "queued";
        snprintf(cause->text, SENTENCE, "waits for host resources: %s",
                 accounting_lacks(engine, task, why, sizeof(why)) ? why : "tasks that came earlier wait too");
    } else if (container->op != NULL) {
        explain_op(engine, container->op, cause);
    } else if (heap_has(&container->retry.node)) {
        cause->code = "retry";
        in_seconds(container->retry.node.key - engine->mono_ns, left);
        snprintf(cause->text, SENTENCE, "failed %u times, next try in %s", (unsigned)container->attempt, left);
    } else if (container->inspect_op != NULL) {
        explain_op(engine, container->inspect_op, cause);
    } else if (container->pull_waits) {
        cause->code = "waits-for-pull";
        snprintf(cause->text, SENTENCE, "waits for one of %lld pulls at once to end", (long long)engine->settings.pull_parallel);
    } else {
        explain_wait(engine, container, cause);
    }
}

static void explain_whole(const struct engine *engine, const struct task *task, struct buf *out)
{
    char text[SENTENCE], why[160];

    if (task->phase == TASK_REFUSED)
        snprintf(text, sizeof(text), "refused: %.400s", str_text(task->reason));
    else if (task->phase == TASK_REMOVED)
        snprintf(text, sizeof(text), "removed");
    else if (task->phase == TASK_CLEANING)
        snprintf(text, sizeof(text), "its containers are being removed");
    else if (task->known == ECSENGINE_TASK_STOPPED)
        snprintf(text, sizeof(text), task->cleanup_due ? "stopped; cleanup waits for the STOPPED event to be acknowledged"
                                                       : "stopped; its containers are kept for a while");
    else if (!task->admitted && engine->ready && accounting_lacks(engine, task, why, sizeof(why)))
        snprintf(text, sizeof(text), "waits for host resources: %s", why);
    else
        snprintf(text, sizeof(text), "%s, shall be %s", ecsengine_task_status_name((enum ecsengine_task_status)task->known),
                 ecsengine_task_status_name((enum ecsengine_task_status)task->desired));
    json_text(out, "text", text);
    json_open(out, "causes", '[');
    if (engine->runtime == RUNTIME_UNREACHABLE)
        json_text(out, NULL, "runtime-unreachable");
    if (list_linked(&task->waiting))
        json_text(out, NULL, "queued");
    json_close(out, ']');
}

bool explain_task(const struct engine *engine, const struct task *task, const char *container_name, struct buf *out)
{
    bool found = container_name == NULL;
    struct cause cause;

    json_open(out, NULL, '{');
    json_text(out, "taskArn", str_text(task->arn));
    explain_whole(engine, task, out);
    json_open(out, "containers", '[');
    for (uint16_t i = 0; i < task->container_count; i++) {
        const struct container *container = &task->containers[i];
        if (container_name != NULL && strcmp(container_def(container)->name, container_name) != 0)
            continue;
        found = true;
        explain_container(engine, container, &cause);
        json_open(out, NULL, '{');
        json_text(out, "containerName", container_def(container)->name);
        json_text(out, "cause", cause.code);
        json_text(out, "text", cause.text);
        json_close(out, '}');
    }
    json_close(out, ']');
    json_close(out, '}');
    return found;
}

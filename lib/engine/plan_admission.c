/* SPDX-License-Identifier: Apache-2.0 */
/* Whether the real engine would admit the task now: its own rules are asked, about a task that it does not have. */
#include "engine/plan.h"

#include "engine/accounting.h"
#include "engine/admission.h"
#include "engine/explain.h"
#include "engine/image.h"

static void say_lacks(struct plan *plan, const struct lack *lacks, size_t count)
{
    char text[160];

    for (size_t i = 0; i < count; i++) {
        lack_text(&lacks[i], text, sizeof(text));
        buf_printf(&plan->admission, i == 0 ? " %s" : ", %s", text);
        if (lacks[i].holder != NULL)
            buf_printf(&plan->admission, " (held by %s)", str_text(lacks[i].holder->arn));
    }
}

/* The host is known: does it have room? */
static void of_host(struct plan *plan, const struct engine *engine, const struct task *task)
{
    struct lack lacks[LACKS_MAX];
    size_t count = accounting_all_lacks(engine, task, lacks);
    bool never = false;

    for (size_t i = 0; i < count; i++)
        never = never || lacks[i].never;
    if (accounting_class(engine, task->definition->need) == CLASS_DOOMED) {
        plan->verdict = PLAN_NEVER;
        buf_puts(&plan->admission, "would be STOPPED for what the host does not have at all:");
    } else if (never) {
        plan->verdict = PLAN_NEVER;
        buf_puts(&plan->admission, "would wait for what the host does not have at all:");
    } else if (count > 0) {
        plan->verdict = PLAN_QUEUES;
        buf_puts(&plan->admission, "would wait for host resources:");
    } else if (admission_barred(engine)) {
        plan->verdict = PLAN_QUEUES;
        buf_puts(&plan->admission, "would wait for tasks that came earlier");
    } else {
        buf_puts(&plan->admission, "fits the host now");
    }
    say_lacks(plan, lacks, count);
}

void plan_admission(struct plan *plan, const struct engine *engine, const struct task *task)
{
    explain_queue_lacks(engine, task, NULL, &plan->lacks);
    for (uint16_t i = 0; i < task->container_count; i++)
        plan->marks[i].image_pulled = image_pulled(engine, container_def(&task->containers[i])->image);
    if (engine_find_task(engine, str_text(plan->arn)) != NULL) {
        plan->verdict = PLAN_KNOWN;
        buf_puts(&plan->admission, "there is a task of this ARN; the document would only change the status that is wanted of it");
    } else if (engine->tasks.count >= (size_t)engine->settings.task_limit) {
        plan->verdict = PLAN_FULL;
        buf_printf(&plan->admission, "there are %lld tasks already, which is the limit (task-limit)",
                   (long long)engine->settings.task_limit);
    } else if (task->desired == ECSENGINE_TASK_STOPPED) {
        buf_puts(&plan->admission, "shall be STOPPED, and needs nothing of the host");
    } else if (task->definition->need->exempt) {
        buf_puts(&plan->admission, "needs nothing of the host: it is of launch type FARGATE");
    } else if (!engine->host.known) {
        plan->verdict = PLAN_UNKNOWN;
        buf_puts(&plan->admission, "what the host has is not known yet");
    } else {
        of_host(plan, engine, task);
    }
}

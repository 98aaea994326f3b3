/* SPDX-License-Identifier: Apache-2.0 */
/* plan.h: the document is parsed, the real engine is asked about room, and the rest happens in memory that is the call's alone. */
#include "api/command.h"
#include "driver/driver.h"
#include "ecsengine/plan.h"
#include "engine/plan.h"
#include "spec/spec.h"

static void stays(struct root *root) { (void)root; } /* it is on the stack */

static void print(const struct plan *plan, enum ecsengine_plan_format format, struct buf *out)
{
    if (format == ECSENGINE_PLAN_TEXT)
        plan_print_text(plan, out);
    else if (format == ECSENGINE_PLAN_JSON)
        plan_print_json(plan, out);
    else
        plan_print_dot(plan, out);
}

static int run(struct ecsengine *engine, struct root *root, struct plan *plan, const struct task_spec *spec)
{
    struct task *task = task_new(&root->mem, spec->arn, spec->definition, NULL);
    struct settings settings;

    if (task == NULL)
        return ECSENGINE_ENOMEM;
    task->desired = spec->desired;
    plan->credentials = credentials_ref(spec->execution_credentials);
    task->execution_credentials_id = spec->execution_credentials != NULL ? str_ref(spec->execution_credentials->id) : NULL;
    pthread_mutex_lock(&engine->lock);
    plan_admission(plan, &engine->engine, task);
    settings = engine->engine.settings;
    pthread_mutex_unlock(&engine->lock);
    if (plan->admission.failed != 0 || plan->lacks.failed != 0) {
        task_free(task);
        return ECSENGINE_ENOMEM;
    }
    return plan_run(plan, root, &settings, task, spec->desired);
}

static int make(struct ecsengine *engine, struct root *root, const struct task_spec *spec, enum ecsengine_plan_format format,
                struct buf *out)
{
    struct plan plan;
    int code = plan_open(&plan, &root->mem, spec->arn, spec->definition);

    if (code == 0 && spec->definition != NULL) {
        code = run(engine, root, &plan, spec);
    } else if (code == 0) {
        plan.verdict = PLAN_REFUSED;
        plan.reason = str_ref(spec->refusal);
    }
    if (code == 0 && plan.stuck.failed != 0)
        code = ECSENGINE_ENOMEM;
    if (code == 0)
        print(&plan, format, out);
    plan_close(&plan);
    return code;
}

int ecsengine_plan(ecsengine *engine, const char *document, size_t document_len, enum ecsengine_plan_format format,
                   ecsengine_text **out_text, ecsengine_error **error)
{
    struct task_spec *spec;
    struct root root;
    struct buf buf;

    if (engine == NULL || document == NULL || out_text == NULL)
        return error_set(error, ECSENGINE_EINVAL, "an engine, a document and a place for the text are needed");
    if (format != ECSENGINE_PLAN_TEXT && format != ECSENGINE_PLAN_JSON && format != ECSENGINE_PLAN_DOT)
        return error_set(error, ECSENGINE_EINVAL, "there is no such format of a plan");
    struct spec_limits limits = command_limits(engine);
    root_init(&root, &engine->mailbox->root.mem.allocator, stays);
    buf_init(&buf, &engine->mailbox->root.mem, 0);
    int code = spec_parse(&root.mem, &limits, document, document_len, &spec, error);
    if (code == 0) {
        code = make(engine, &root, spec, format, &buf);
        task_spec_free(spec);
        if (code == 0)
            code = text_new(&engine->mailbox->root, &buf, out_text);
        if (code < 0)
            error_nomem(error);
    }
    buf_free(&buf);
    mem_close(&root.mem);
    return code;
}

/* SPDX-License-Identifier: Apache-2.0 */
/* task.h: commands and questions. A document is parsed here, on the caller's thread and without a lock; what the command will need in the
 * turn is made here too, so that it can't fail there for want of memory. */
#include "api/command.h"
#include "engine/describe.h"
#include "engine/explain.h"

/* The parsed document as a task that is ready to be admitted. */
static struct task *task_of_spec(struct ecsengine *engine, struct task_spec *spec)
{
    struct task *task = task_new(&engine->mailbox->root.mem, spec->arn, spec->definition, spec->refusal);

    if (task == NULL)
        return NULL;
    task->execution_credentials_id = spec->execution_credentials != NULL ? str_ref(spec->execution_credentials->id) : NULL;
    task->role_credentials_id = spec->role_credentials != NULL ? str_ref(spec->role_credentials->id) : NULL;
    task->notices = spec->notices; /* moved */
    task->notice_count = spec->notice_count;
    spec->notices = NULL;
    spec->notice_count = 0;
    return task;
}

int ecsengine_task_add(ecsengine *engine, const char *document, size_t document_len, uint64_t *out_command_id,
                       ecsengine_error **error)
{
    struct task_spec *spec;

    if (engine == NULL || document == NULL)
        return error_set(error, ECSENGINE_EINVAL, "an engine and a document are needed");
    struct spec_limits limits = command_limits(engine);
    int code = spec_parse(&engine->mailbox->root.mem, &limits, document, document_len, &spec, error);
    if (code < 0)
        return code;
    struct command *command = command_new(engine, COMMAND_TASK_ADD, spec->arn);
    if (command != NULL) {
        command->desired = spec->desired;
        command->task = task_of_spec(engine, spec);
        command->credentials[0] = credentials_ref(spec->execution_credentials);
        command->credentials[1] = credentials_ref(spec->role_credentials);
    }
    task_spec_free(spec);
    if (command == NULL || command->task == NULL) {
        if (command != NULL)
            input_free(engine->mailbox, &command->input);
        return error_nomem(error);
    }
    return command_put(engine, command, out_command_id, error);
}

static int simple(struct ecsengine *engine, enum command_kind kind, const char *task_arn, uint64_t *out_command_id,
                  struct ecsengine_error **error)
{
    size_t len = 0;

    if (engine == NULL || task_arn == NULL)
        return error_set(error, ECSENGINE_EINVAL, "an engine and a task ARN are needed");
    while (task_arn[len] != '\0' && len <= LIMIT_ARN)
        len++;
    if (len == 0 || len > LIMIT_ARN || !utf8_valid(task_arn, len))
        return error_set(error, ECSENGINE_EINVAL, "a task ARN is 1 to %d bytes of UTF-8", LIMIT_ARN);
    struct str *arn = str_new(&engine->mailbox->root.mem, task_arn, len);
    struct command *command = arn != NULL ? command_new(engine, kind, arn) : NULL;
    str_unref(arn);
    return command != NULL ? command_put(engine, command, out_command_id, error) : error_nomem(error);
}

int ecsengine_task_stop(ecsengine *engine, const char *task_arn, uint64_t *out_command_id, ecsengine_error **error)
{
    return simple(engine, COMMAND_TASK_STOP, task_arn, out_command_id, error);
}

int ecsengine_task_kill(ecsengine *engine, const char *task_arn, uint64_t *out_command_id, ecsengine_error **error)
{
    return simple(engine, COMMAND_TASK_KILL, task_arn, out_command_id, error);
}

int ecsengine_shutdown(ecsengine *engine, uint64_t *out_command_id, ecsengine_error **error)
{
    if (engine == NULL)
        return error_set(error, ECSENGINE_EINVAL, "an engine is needed");
    struct command *command = command_new(engine, COMMAND_SHUTDOWN, NULL);
    if (command == NULL)
        return error_nomem(error);
    int code = command_put(engine, command, out_command_id, error);
    if (code == 0) {
        pthread_mutex_lock(&engine->mailbox->lock);
        engine->mailbox->refusing = true;
        pthread_mutex_unlock(&engine->mailbox->lock);
    }
    return code;
}

/* Ends a question: the buffer's content for the caller. */
static int answer(struct ecsengine *engine, int code, struct buf *buf, ecsengine_text **out_text, struct ecsengine_error **error)
{
    if (code == 0 && text_new(&engine->mailbox->root, buf, out_text) < 0)
        code = error_nomem(error);
    buf_free(buf);
    return code;
}

int ecsengine_task_list(ecsengine *engine, ecsengine_text **out_text, ecsengine_error **error)
{
    struct buf buf;

    if (engine == NULL || out_text == NULL)
        return error_set(error, ECSENGINE_EINVAL, "an engine and a place for the text are needed");
    buf_init(&buf, &engine->mailbox->root.mem, 0);
    pthread_mutex_lock(&engine->lock);
    describe_list(&engine->engine, &buf);
    pthread_mutex_unlock(&engine->lock);
    return answer(engine, 0, &buf, out_text, error);
}

int ecsengine_task_describe(ecsengine *engine, const char *task_arn, ecsengine_text **out_text, ecsengine_error **error)
{
    struct buf buf;
    int code = 0;

    if (engine == NULL || task_arn == NULL || out_text == NULL)
        return error_set(error, ECSENGINE_EINVAL, "an engine, a task ARN and a place for the text are needed");
    buf_init(&buf, &engine->mailbox->root.mem, 0);
    pthread_mutex_lock(&engine->lock);
    const struct task *task = engine_find_task(&engine->engine, task_arn);
    if (task != NULL && task->phase != TASK_REMOVED)
        describe_task(&engine->engine, task, &buf);
    else
        code = error_set(error, ECSENGINE_ENOTFOUND, "there is no task `%.200s`", task_arn);
    pthread_mutex_unlock(&engine->lock);
    return answer(engine, code, &buf, out_text, error);
}

static int explain(struct ecsengine *engine, const char *task_arn, const char *container_name, enum explain_form form,
                   ecsengine_text **out_text, struct ecsengine_error **error)
{
    struct view view = {.engine = engine != NULL ? &engine->engine : NULL};
    struct buf buf;
    int code = 0;

    if (engine == NULL || task_arn == NULL || out_text == NULL)
        return error_set(error, ECSENGINE_EINVAL, "an engine, a task ARN and a place for the text are needed");
    buf_init(&buf, &engine->mailbox->root.mem, 0);
    pthread_mutex_lock(&engine->lock);
    writeahead_view(engine, &view.store);
    const struct task *task = engine_find_task(&engine->engine, task_arn);
    if (task == NULL)
        code = error_set(error, ECSENGINE_ENOTFOUND, "there is no task `%.200s`", task_arn);
    else if (!explain_document(&view, task, container_name, form, &buf))
        code = error_set(error, ECSENGINE_ENOTFOUND, "task `%.200s` has no container `%.200s`", task_arn, container_name);
    pthread_mutex_unlock(&engine->lock);
    return answer(engine, code, &buf, out_text, error);
}

int ecsengine_explain(ecsengine *engine, const char *task_arn, const char *container_name, ecsengine_text **out_text,
                      ecsengine_error **error)
{
    return explain(engine, task_arn, container_name, EXPLAIN_JSON, out_text, error);
}

int ecsengine_explain_text(ecsengine *engine, const char *task_arn, const char *container_name, ecsengine_text **out_text,
                           ecsengine_error **error)
{
    return explain(engine, task_arn, container_name, EXPLAIN_TEXT, out_text, error);
}

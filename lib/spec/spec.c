/* SPDX-License-Identifier: Apache-2.0 */
/* The entry: from bytes to a task, a refusal or an error.
 *
 * The order of the checks is what users see: no JSON, then no ARN (errors of the call: nothing could be told about a task), then
 * what the document says, then what the whole task is (refusals: the task is known by its ARN, and is STOPPED with the reason). */
#include "spec/spec.h"

#include <string.h>

#include "model/limits.h"
#include "spec/source.h"

/* An ARN of a task, loosely: arn:PARTITION:ecs:REGION:ACCOUNT:task/...; local tools leave parts empty. */
static bool arn_valid(const char *arn)
{
    const char *at = arn, *id = strrchr(arn, '/');

    if (strncmp(arn, "arn:", 4) != 0 || id == NULL || id[1] == '\0')
        return false;
    for (const char *c = arn; *c != '\0'; c++)
        if ((unsigned char)*c <= 0x20 || *c == 0x7f)
            return false;
    for (int part = 1; part <= 5; part++) {
        at = strchr(at, ':');
        if (at == NULL)
            return false;
        at++;
        if (part == 2 && strncmp(at, "ecs:", 4) != 0)
            return false;
    }
    return strncmp(at, "task/", 5) == 0;
}

static int bad_arn(const struct json_doc *doc, const struct json_value *at, struct ecsengine_error **error, const char *text)
{
    char path[JSON_PATH_MAX];
    int32_t line, column;

    json_path(at, path);
    json_place(doc, at->offset, &line, &column);
    return error_set_at(error, ECSENGINE_EDOCUMENT, NULL, path, line, column, "%s", text);
}

/* Which form it is, and its ARN. */
static int identify(const struct json_doc *doc, enum form *out_form, const struct json_value **out_arn,
                    struct ecsengine_error **error)
{
    const struct json_value *root = doc->root, *inner = json_member(root, "taskDefinition"), *arn = json_member(root, "arn");

    if (root->kind != JSON_KIND_OBJECT)
        return bad_arn(doc, root, error, "expected a task: an object");
    bool wrapped = inner != NULL && inner->kind == JSON_KIND_OBJECT;
    bool taskdef =
        wrapped || json_member(root, "containerDefinitions") != NULL || (arn == NULL && json_member(root, "taskArn") != NULL);
    if (taskdef)
        arn = json_member(root, "taskArn");
    if (arn == NULL && wrapped)
        arn = json_member(inner, "taskArn");
    if (arn == NULL)
        return bad_arn(doc, root, error, taskdef ? "the task definition has no taskArn beside it" : "the task has no arn");
    if (arn->kind != JSON_KIND_TEXT)
        return bad_arn(doc, arn, error, "expected a string");
    if (arn->count > LIMIT_ARN)
        return bad_arn(doc, arn, error, "expected an ARN of at most 2048 bytes");
    if (strlen(arn->text) != arn->count || !arn_valid(arn->text))
        return bad_arn(doc, arn, error, "expected the ARN of a task, arn:PARTITION:ecs:REGION:ACCOUNT:task/...");
    *out_form = taskdef ? FORM_TASKDEF : FORM_PAYLOAD;
    *out_arn = arn;
    return 0;
}

/* Reads and builds; what is wrong is in the reader. */
static void read_task(struct reader *reader, const struct spec_limits *limits, enum form form, struct source_task *task,
                      struct definition *definition)
{
    const struct json_value *root = reader->doc->root;

    if (reader->doc->nul != NULL)
        reader_wrong(reader, reader->doc->nul, "the character U+0000 is not allowed");
    if (form == FORM_PAYLOAD)
        payload_read(reader, limits, root, task);
    else
        taskdef_read(reader, limits, root, task);
    if (!reader_failed(reader))
        build_definition(reader, task, definition);
    if (!reader_failed(reader))
        reader->code = definition_seal(definition);
}

/* Moves what was found out of the reader; ENOMEM leaves it to be freed. */
static int fill(struct task_spec *spec, struct reader *reader, const struct source_task *task, struct definition **definition)
{
    spec->desired = task->desired;
    if (reader->code == READER_REFUSED) {
        spec->refusal = str_new(reader->mem, reader->reason.data, utf8_cut(reader->reason.data, reader->reason.len, LIMIT_REASON));
        if (spec->refusal == NULL)
            return ECSENGINE_ENOMEM;
    } else {
        spec->definition = *definition;
        *definition = NULL;
        spec->execution_credentials = credentials_ref(task->execution_credentials);
        spec->role_credentials = credentials_ref(task->role_credentials);
    }
    spec->notices = reader->notices;
    spec->notice_count = reader->notice_count;
    reader->notices = NULL;
    reader->notice_count = 0;
    return 0;
}

static int parse_task(struct mem *mem, const struct spec_limits *limits, const struct json_doc *doc, struct task_spec **out_spec,
                      struct ecsengine_error **error)
{
    const struct json_value *arn = NULL;
    struct source_task task;
    struct reader reader;
    enum form form = FORM_PAYLOAD;

    int code = identify(doc, &form, &arn, error);
    if (code < 0)
        return code;
    struct definition *definition = definition_new(mem);
    struct task_spec *spec = mem_zalloc(mem, sizeof(*spec));
    if (spec != NULL) {
        spec->mem = mem;
        spec->arn = str_new(mem, arn->text, arn->count);
    }
    if (definition == NULL || spec == NULL || spec->arn == NULL) {
        definition_unref(definition);
        task_spec_free(spec);
        return error_nomem(error);
    }
    reader_init(&reader, mem, doc, &definition->arena);
    source_task_init(&task, mem, arn->text);
    task.limits = limits;
    read_task(&reader, limits, form, &task, definition);
    reader_finish(&reader);
    code = reader.code < 0 ? reader.code : fill(spec, &reader, &task, &definition);
    source_task_free(&task);
    reader_free(&reader);
    definition_unref(definition);
    if (code < 0) {
        task_spec_free(spec);
        return code == ECSENGINE_ENOMEM ? error_nomem(error) : error_set(error, code, "the definition is too large to be kept");
    }
    *out_spec = spec;
    return 0;
}

int spec_parse(struct mem *mem, const struct spec_limits *limits, const char *document, size_t document_len,
               struct task_spec **out_spec, struct ecsengine_error **error)
{
    const struct json_limits json_limits = {.bytes = limits->payload_bytes, .depth = LIMIT_JSON_DEPTH, .values = SPEC_VALUES_MAX};
    struct json_doc doc;

    int code = json_doc_parse(&doc, mem, &json_limits, document, document_len, error);
    if (code < 0)
        return code;
    code = parse_task(mem, limits, &doc, out_spec, error);
    if (json_member(doc.root, "executionRoleCredentials") != NULL || json_member(doc.root, "roleCredentials") != NULL)
        arena_wipe(&doc.arena);
    json_doc_free(&doc);
    return code;
}

void task_spec_free(struct task_spec *spec)
{
    if (spec == NULL)
        return;
    str_unref(spec->arn);
    str_unref(spec->refusal);
    definition_unref(spec->definition);
    credentials_unref(spec->execution_credentials);
    credentials_unref(spec->role_credentials);
    for (size_t i = 0; i < spec->notice_count; i++)
        str_unref(spec->notices[i]);
    mem_free(spec->mem, spec->notices);
    mem_free(spec->mem, spec);
}

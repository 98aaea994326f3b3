/* SPDX-License-Identifier: Apache-2.0 */
/* Both messages are a message id and a list of tasks. There is no task here that could be refused: whatever is wrong is an error of the
 * call, with its place. What the control plane sends besides is its own matter and is passed over. */
#include "spec/manifest.h"

#include <stdio.h>
#include <string.h>

#include "base/json.h"
#include "model/limits.h"
#include "spec/reader.h"

/* What is read of one document; the first thing that is wrong ends it. */
struct message {
    struct mem *mem;
    struct json_doc doc;
    struct ecsengine_error **error;
    int code;
};

static void wrong(struct message *message, const struct json_value *at, const char *text)
{
    char path[JSON_PATH_MAX];
    int32_t line, column;

    if (message->code < 0)
        return;
    json_path(at, path);
    json_place(&message->doc, at->offset, &line, &column);
    message->code = error_set_at(message->error, ECSENGINE_EDOCUMENT, NULL, path, line, column, "%s", text);
}

static void no_memory(struct message *message)
{
    if (message->code == 0)
        message->code = error_nomem(message->error);
}

/* A text of 1 to `max` bytes; NULL if it is absent and may be, or after a failure. */
static struct str *text_of(struct message *message, const struct json_value *object, const char *name, size_t max, bool needed)
{
    const struct json_value *value = json_member(object, name);
    char text[96];

    if (message->code < 0 || (value == NULL && !needed))
        return NULL;
    snprintf(text, sizeof(text), value == NULL ? "%s is missing" : "expected %s, a text of 1 to %zu bytes without U+0000", name, max);
    if (value == NULL || value->kind != JSON_KIND_TEXT || (value->count == 0 && needed) || value->count > max ||
        strlen(value->text) != value->count) {
        wrong(message, value != NULL ? value : object, text);
        return NULL;
    }
    if (value->count == 0)
        return NULL;
    struct str *made = str_new(message->mem, value->text, value->count);
    if (made == NULL)
        no_memory(message);
    return made;
}

static int64_t timeline_of(struct message *message, const struct json_value *root)
{
    const struct json_value *value = json_member(root, "timeline");
    int64_t number = 0;

    if (value == NULL)
        wrong(message, root, "timeline is missing");
    else if (!json_to_int64(value, &number))
        wrong(message, value, "expected timeline, a whole number of 64 bits");
    return number;
}

/* One entry; `status` NULL: any. */
static void take_task(struct message *message, const struct json_value *entry, const char *status, struct manifest *out)
{
    if (entry->kind != JSON_KIND_OBJECT) {
        wrong(message, entry, "expected a task: an object with taskArn");
        return;
    }
    struct str *arn = text_of(message, entry, "taskArn", LIMIT_ARN, true);
    const struct json_value *desired = json_member(entry, "desiredStatus");
    if (desired != NULL && desired->kind != JSON_KIND_TEXT)
        wrong(message, desired, "expected desiredStatus, a text");
    bool counts = status == NULL || (desired != NULL && desired->kind == JSON_KIND_TEXT && strcmp(desired->text, status) == 0);
    if (message->code == 0 && counts)
        out->arns[out->count++] = arn;
    else
        str_unref(arn);
}

static struct manifest *read_message(struct message *message, const char *list_name, const char *status)
{
    const struct json_value *root = message->doc.root, *list = json_member(root, list_name);

    if (root->kind != JSON_KIND_OBJECT)
        wrong(message, root, "expected an object");
    else if (list != NULL && list->kind != JSON_KIND_ARRAY)
        wrong(message, list, "expected a list of tasks");
    struct manifest *manifest = message->code == 0 ? manifest_new(message->mem, list != NULL ? list->count : 0) : NULL;
    if (manifest == NULL) {
        no_memory(message);
        return NULL;
    }
    manifest->message_id = text_of(message, root, "messageId", LIMIT_NAME, true);
    manifest->cluster_arn = text_of(message, root, "clusterArn", LIMIT_ARN, false);
    for (const struct json_value *entry = reader_first(list); entry != NULL && message->code == 0; entry = entry->next)
        take_task(message, entry, status, manifest);
    manifest_sort(manifest);
    return manifest;
}

static int parse(struct mem *mem, const struct spec_limits *limits, const char *document, size_t document_len, bool is_manifest,
                 struct manifest **out_manifest, struct ecsengine_error **error)
{
    const struct json_limits json_limits = {.bytes = limits->payload_bytes, .depth = LIMIT_JSON_DEPTH, .values = SPEC_VALUES_MAX};
    struct message message = {.mem = mem, .error = error};

    message.code = json_doc_parse(&message.doc, mem, &json_limits, document, document_len, error);
    if (message.code < 0)
        return message.code;
    struct manifest *manifest = read_message(&message, is_manifest ? "tasks" : "stopTasks", is_manifest ? "RUNNING" : NULL);
    if (is_manifest && message.code == 0)
        manifest->timeline = timeline_of(&message, message.doc.root);
    json_doc_free(&message.doc);
    if (message.code < 0)
        manifest_free(manifest);
    else
        *out_manifest = manifest;
    return message.code;
}

int manifest_parse(struct mem *mem, const struct spec_limits *limits, const char *document, size_t document_len,
                   struct manifest **out_manifest, struct ecsengine_error **error)
{
    return parse(mem, limits, document, document_len, true, out_manifest, error);
}

int stop_verification_parse(struct mem *mem, const struct spec_limits *limits, const char *document, size_t document_len,
                            struct manifest **out_manifest, struct ecsengine_error **error)
{
    return parse(mem, limits, document, document_len, false, out_manifest, error);
}

/* SPDX-License-Identifier: Apache-2.0 */
/* Credentials are kept as they are written: the engine reads nothing of them but the id, the host does. What was parsed on the way is
 * overwritten; no message quotes a value. */
#include "spec/credentials.h"

#include <string.h>

#include "model/limits.h"

static const char *const members[] = {"credentialsId", "roleArn", "accessKeyId", "secretAccessKey", "sessionToken", "expiration"};

enum { MEMBERS = sizeof(members) / sizeof(members[0]) };

/* How long a value is in its document, which is known to be JSON. */
static size_t written_length(const char *text)
{
    size_t at = 0, depth = 0;
    bool inside = false;

    do {
        if (inside) {
            at += text[at] == '\\';
            inside = text[at] != '"';
        } else {
            inside = text[at] == '"';
            depth += text[at] == '{' || text[at] == '[';
            depth -= text[at] == '}' || text[at] == ']';
        }
        at++;
    } while (depth > 0);
    return at;
}

/* The first of the members that is no text, or NULL. */
static const struct json_value *no_text(const struct json_value *object)
{
    for (size_t i = 0; i < MEMBERS; i++) {
        const struct json_value *value = json_member(object, members[i]);
        if (value != NULL && value->kind != JSON_KIND_TEXT)
            return value;
    }
    return NULL;
}

static bool id_valid(const struct json_value *id)
{
    return id->count > 0 && id->count <= LIMIT_NAME && strlen(id->text) == id->count;
}

struct credentials *credentials_read(struct reader *reader, const struct json_value *value)
{
    if (value == NULL || reader_failed(reader) || json_is_default(value))
        return NULL;
    const struct json_value *wrong = no_text(value), *id = json_member(value, "credentialsId");
    if (wrong != NULL) {
        reader_wrong(reader, wrong, "expected a string, got %s", json_kind_name((enum json_kind)wrong->kind));
        return NULL;
    }
    if (id == NULL || id->count == 0) {
        reader_wrong(reader, value, "CredentialsId is empty");
        return NULL;
    }
    if (!id_valid(id)) {
        reader_wrong(reader, id, "expected 1 to %d bytes without U+0000", LIMIT_NAME);
        return NULL;
    }
    const char *written = reader->doc->text + value->offset;
    struct str *text = str_new(reader->mem, id->text, id->count);
    struct credentials *made = text != NULL ? credentials_new(reader->mem, text, written, written_length(written)) : NULL;
    str_unref(text);
    if (made == NULL)
        reader_nomem(reader);
    return made;
}

static int wrong_at(const struct json_doc *doc, const struct json_value *at, const char *text, struct ecsengine_error **error)
{
    char path[JSON_PATH_MAX];
    int32_t line, column;

    json_path(at, path);
    json_place(doc, at->offset, &line, &column);
    return error_set_at(error, ECSENGINE_EDOCUMENT, NULL, path, line, column, "%s", text);
}

static int check(const struct json_doc *doc, const struct str *id, struct ecsengine_error **error)
{
    if (doc->root->kind != JSON_KIND_OBJECT)
        return wrong_at(doc, doc->root, "expected credentials: an object", error);
    const struct json_value *wrong = no_text(doc->root), *own = json_member(doc->root, "credentialsId");
    if (wrong != NULL)
        return wrong_at(doc, wrong, "expected a string", error);
    if (own != NULL && (own->count != id->len || memcmp(own->text, id->data, id->len) != 0))
        return wrong_at(doc, own, "expected the id that the credentials are given under", error);
    return 0;
}

int credentials_parse(struct mem *mem, const struct spec_limits *limits, struct str *id, const char *document, size_t document_len,
                      struct credentials **out_credentials, struct ecsengine_error **error)
{
    const struct json_limits json_limits = {.bytes = limits->payload_bytes, .depth = LIMIT_JSON_DEPTH, .values = SPEC_VALUES_MAX};
    struct json_doc doc;

    int code = json_doc_parse(&doc, mem, &json_limits, document, document_len, error);
    if (code < 0)
        return code;
    code = check(&doc, id, error);
    arena_wipe(&doc.arena);
    json_doc_free(&doc);
    if (code < 0)
        return code;
    struct credentials *made = credentials_new(mem, id, document, document_len);
    if (made == NULL)
        return error_nomem(error);
    *out_credentials = made;
    return 0;
}

/* SPDX-License-Identifier: Apache-2.0 */
/* A command is given as Docker's exec has it; what is not the caller's to say is left to us: it runs attached, and without input. */
#include "spec/exec_config.h"

#include "model/limits.h"
#include "spec/reader.h"

enum member { CMD, USER, ENV, WORKING_DIR, TTY, MEMBERS };

static const struct field fields[MEMBERS] = {
    [CMD] = {"Cmd", JSON_KIND_ARRAY, {FIELD_READ}},
    [USER] = {"User", JSON_KIND_TEXT, {FIELD_READ}},
    [ENV] = {"Env", JSON_KIND_ARRAY, {FIELD_READ}},
    [WORKING_DIR] = {"WorkingDir", JSON_KIND_TEXT, {FIELD_READ}},
    [TTY] = {"Tty", JSON_KIND_BOOL, {FIELD_READ}},
};

static void put_texts(struct reader *reader, struct buf *out, const char *key, const struct json_value *value)
{
    const struct json_value *texts = reader_texts(reader, value);

    if (texts != NULL)
        json_write(out, key, texts, &reader->scratch);
}

static void put_config(struct reader *reader, struct buf *out)
{
    const struct json_value *members[MEMBERS] = {NULL}, *root = reader_object(reader, reader->doc->root);

    reader_fields(reader, root, fields, MEMBERS, FORM_PAYLOAD, members);
    if (!reader_failed(reader) && (members[CMD] == NULL || members[CMD]->count == 0))
        reader_wrong(reader, members[CMD] != NULL ? members[CMD] : root, "Cmd is missing, or empty");
    if (!reader_failed(reader) && reader->notice_count > 0)
        reader_refuse(reader, "%s", reader->notices[0]->data); /* a command that is not what was asked for is none */
    json_open(out, NULL, '{');
    put_texts(reader, out, "Cmd", members[CMD]);
    json_text(out, "User", reader_text(reader, members[USER]));
    put_texts(reader, out, "Env", members[ENV]);
    json_text(out, "WorkingDir", reader_text(reader, members[WORKING_DIR]));
    json_bool(out, "Tty", reader_flag(reader, members[TTY], false));
    json_bool(out, "Detach", false);
    json_bool(out, "AttachStdout", true);
    json_bool(out, "AttachStderr", true);
    json_close(out, '}');
}

int exec_config_parse(struct mem *mem, const struct spec_limits *limits, const char *document, size_t document_len, char **out_config,
                      size_t *out_len, struct ecsengine_error **error)
{
    const struct json_limits json_limits = {.bytes = limits->payload_bytes, .depth = LIMIT_JSON_DEPTH, .values = SPEC_VALUES_MAX};
    struct json_doc doc;
    struct reader reader;
    struct buf out;
    int code = json_doc_parse(&doc, mem, &json_limits, document, document_len, error);

    if (code < 0)
        return code;
    reader_init(&reader, mem, &doc, NULL);
    buf_init(&out, mem, 0);
    if (doc.nul != NULL)
        reader_wrong(&reader, doc.nul, "U+0000 is in no command");
    else
        put_config(&reader, &out);
    if (reader.code == READER_REFUSED)
        code = error_set(error, ECSENGINE_EDOCUMENT, "%s", reader.reason.data);
    else if (reader.code < 0 || (*out_config = buf_take(&out, out_len)) == NULL)
        code = error_nomem(error);
    buf_free(&out);
    reader_free(&reader);
    json_doc_free(&doc);
    return code;
}

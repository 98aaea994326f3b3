/* SPDX-License-Identifier: Apache-2.0 */
/* A command is given as Docker's exec has it; what is not the caller's to say is left to us: it runs attached, and without input. */
#include "spec/exec_config.h"

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

static void config_read(struct reader *reader, void *text)
{
    const struct json_value *members[MEMBERS] = {NULL}, *root = reader_object(reader, reader->doc->root);
    struct buf *out = text;

    reader_fields(reader, root, fields, MEMBERS, FORM_PAYLOAD, members);
    if (!reader_failed(reader) && (members[CMD] == NULL || members[CMD]->count == 0))
        reader_wrong(reader, members[CMD] != NULL ? members[CMD] : root, "Cmd is missing, or empty");
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
    struct buf out;

    buf_init(&out, mem, 0);
    int code = reader_document(mem, limits, document, document_len, NULL, config_read, &out, error);
    if (code == 0 && (*out_config = buf_take(&out, out_len)) == NULL)
        code = error_nomem(error);
    buf_free(&out);
    return code;
}

/* SPDX-License-Identifier: Apache-2.0 */
/* Reading with a sticky failure. Texts of a user's document are quoted in reasons only where they are names or words of a fixed
 * set: values of environment variables and options may be secrets. */
#include "spec/reader.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "model/limits.h"

/* A document inside a text of the document. */
struct reader_doc {
    struct reader_doc *next;
    struct json_doc doc;
};

enum {
    NOTICE_COUNT_MAX = 100, /* a hostile document has a million unknown members; one more notice says how many were left out */
    TEXT_MAX = 512,
};

void reader_init(struct reader *reader, struct mem *mem, const struct json_doc *doc, struct arena *kept)
{
    *reader = (struct reader){.mem = mem, .doc = doc, .kept = kept};
    arena_init(&reader->scratch, mem);
    buf_init(&reader->reason, mem, 0);
}

void reader_free(struct reader *reader)
{
    for (size_t i = 0; i < reader->notice_count; i++)
        str_unref(reader->notices[i]);
    mem_free(reader->mem, reader->notices);
    buf_free(&reader->reason);
    for (struct reader_doc *at = reader->docs; at != NULL; at = at->next)
        json_doc_free(&at->doc);
    arena_free(&reader->scratch);
}

bool reader_nomem(struct reader *reader)
{
    if (reader->code >= 0)
        reader->code = ECSENGINE_ENOMEM;
    return false;
}

static bool refused(struct reader *reader)
{
    reader->code = READER_REFUSED;
    return reader->reason.failed == 0 ? false : reader_nomem(reader);
}

/* What does not fit is cut at a character border. */
__attribute__((format(printf, 3, 0))) static void format_text(char *text, size_t size, const char *format, va_list args)
{
    int len = vsnprintf(text, size, format, args);

    if (len < 0)
        text[0] = '\0';
    if (len < 0 || (size_t)len < size)
        return;
    for (size_t kept = size - 1; kept > 0 && !utf8_valid(text, kept);)
        text[--kept] = '\0';
}

bool reader_wrong(struct reader *reader, const struct json_value *at, const char *format, ...)
{
    char path[JSON_PATH_MAX], text[TEXT_MAX];
    int32_t line, column;
    va_list args;

    if (reader_failed(reader))
        return false;
    va_start(args, format);
    format_text(text, sizeof(text), format, args);
    va_end(args);
    buf_puts(&reader->reason, "UnrecogniedTaskError: Error loading task - ");
    if (at != NULL) {
        json_path(at, path);
        buf_printf(&reader->reason, "%s: ", path);
    }
    buf_puts(&reader->reason, text);
    if (at != NULL) {
        json_place(reader->doc, at->offset, &line, &column);
        buf_printf(&reader->reason, " (line %d, column %d)", (int)line, (int)column);
    }
    return refused(reader);
}

bool reader_refuse(struct reader *reader, const char *format, ...)
{
    char text[LIMIT_ARN + TEXT_MAX];
    va_list args;

    if (reader_failed(reader))
        return false;
    va_start(args, format);
    format_text(text, sizeof(text), format, args);
    va_end(args);
    buf_puts(&reader->reason, text);
    return refused(reader);
}

static bool notice_room(struct reader *reader)
{
    if (reader->notice_count < reader->notice_cap)
        return true;
    size_t cap = reader->notice_cap == 0 ? 8 : reader->notice_cap * 2;
    struct str **grown = mem_grow(reader->mem, reader->notices, cap * sizeof(struct str *));
    if (grown == NULL)
        return reader_nomem(reader);
    reader->notices = grown;
    reader->notice_cap = cap;
    return true;
}

static void notice_add(struct reader *reader, const char *text)
{
    if (!notice_room(reader))
        return;
    struct str *made = str_new(reader->mem, text, utf8_cut(text, strlen(text), LIMIT_REASON));
    if (made == NULL)
        reader_nomem(reader);
    else
        reader->notices[reader->notice_count++] = made;
}

void reader_notice(struct reader *reader, const struct json_value *at, const char *format, ...)
{
    char path[JSON_PATH_MAX], text[TEXT_MAX], line[JSON_PATH_MAX + TEXT_MAX + 8];
    va_list args;

    if (reader_failed(reader))
        return;
    if (reader->notice_count == NOTICE_COUNT_MAX) {
        reader->notice_left_out++;
        return;
    }
    va_start(args, format);
    format_text(text, sizeof(text), format, args);
    va_end(args);
    json_path(at, path);
    snprintf(line, sizeof(line), "%s %s.", path, text);
    notice_add(reader, line);
}

void reader_finish(struct reader *reader)
{
    char line[64];

    if (reader->notice_left_out == 0 || reader->code < 0)
        return;
    snprintf(line, sizeof(line), "%zu more fields are not honoured.", reader->notice_left_out);
    notice_add(reader, line);
}

bool json_is_default(const struct json_value *value)
{
    if (value == NULL)
        return true;
    switch ((enum json_kind)value->kind) {
    case JSON_KIND_NULL:
        return true;
    case JSON_KIND_BOOL:
        return !value->truth;
    case JSON_KIND_NUMBER:
        return strcmp(value->text, "0") == 0 || strcmp(value->text, "0.0") == 0;
    case JSON_KIND_TEXT:
    case JSON_KIND_ARRAY:
        return value->count == 0;
    case JSON_KIND_OBJECT:
        break;
    }
    for (const struct json_value *member = value->first; member != NULL; member = member->next)
        if (!json_is_default(member))
            return false;
    return true;
}

static bool expect_kind(struct reader *reader, const struct json_value *value, enum json_kind kind)
{
    if (value == NULL || reader_failed(reader))
        return false;
    if (value->kind == kind)
        return true;
    return reader_wrong(reader, value, "expected %s, got %s", json_kind_name(kind), json_kind_name(value->kind));
}

static size_t field_find(const struct field *fields, size_t count, const char *name)
{
    size_t i = 0;

    while (i < count && !reader_means(name, fields[i].name))
        i++;
    return i;
}

/* Of two members for one field: the one that counts. */
static const struct json_value *prefer(const struct json_value *old, const struct json_value *new, const char *name)
{
    bool old_exact = old != NULL && strcmp(old->key, name) == 0;

    return old_exact && strcmp(new->key, name) != 0 ? old : new;
}

void reader_fields(struct reader *reader, const struct json_value *object, const struct field *fields, size_t count, enum form form,
                   const struct json_value **out)
{
    memset(out, 0, count * sizeof(*out));
    READER_EACH(reader, member, object)
    {
        size_t i = field_find(fields, count, member->key);
        if (i < count && fields[i].use[form] != FIELD_UNKNOWN)
            out[i] = prefer(out[i], member, fields[i].name);
        else if (!json_is_default(member))
            reader_notice(reader, member, reader->strict ? "is not known" : "is not known and is ignored");
    }
    for (size_t i = 0; i < count; i++) {
        if (out[i] != NULL && out[i]->kind != JSON_KIND_NULL && fields[i].kind != KIND_ANY)
            expect_kind(reader, out[i], fields[i].kind);
        if (out[i] != NULL && fields[i].use[form] == FIELD_REPORTED && !json_is_default(out[i]))
            reader_notice(reader, out[i], "is not honoured yet");
        if (out[i] != NULL && (fields[i].use[form] != FIELD_READ || out[i]->kind == JSON_KIND_NULL))
            out[i] = NULL;
    }
}

const struct json_value *reader_object(struct reader *reader, const struct json_value *value)
{
    return expect_kind(reader, value, JSON_KIND_OBJECT) ? value : NULL;
}

const struct json_value *reader_list(struct reader *reader, const struct json_value *value)
{
    return expect_kind(reader, value, JSON_KIND_ARRAY) && value->count > 0 ? value : NULL;
}

const struct json_value *reader_texts(struct reader *reader, const struct json_value *value)
{
    READER_EACH(reader, element, reader_list(reader, value)) { expect_kind(reader, element, JSON_KIND_TEXT); }
    return value != NULL && value->kind == JSON_KIND_ARRAY && !reader_failed(reader) ? value : NULL;
}

const char *reader_text(struct reader *reader, const struct json_value *value)
{
    return expect_kind(reader, value, JSON_KIND_TEXT) ? value->text : "";
}

int64_t reader_integer(struct reader *reader, const struct json_value *value, int64_t min, int64_t max)
{
    int64_t number;

    if (!expect_kind(reader, value, JSON_KIND_NUMBER))
        return 0;
    if (json_to_int64(value, &number) && number >= min && number <= max)
        return number;
    reader_wrong(reader, value, "expected a whole number from %lld to %lld, got %.40s", (long long)min, (long long)max,
                 value->text);
    return 0;
}

uint64_t reader_decimal(struct reader *reader, const struct json_value *value, uint64_t multiplier, uint64_t max)
{
    uint64_t number;

    if (!expect_kind(reader, value, JSON_KIND_NUMBER))
        return 0;
    if (json_decimal(value->text, value->count, multiplier, &number) && number <= max)
        return number;
    reader_wrong(reader, value, "expected a number from 0 to %llu, got %.40s", (unsigned long long)(max / multiplier), value->text);
    return 0;
}

bool reader_flag(struct reader *reader, const struct json_value *value, bool fallback)
{
    return expect_kind(reader, value, JSON_KIND_BOOL) ? value->truth : fallback;
}

const char *reader_keep(struct reader *reader, const char *text)
{
    if (reader_failed(reader))
        return NULL;
    const char *kept = arena_strndup(reader->kept, text, strlen(text));
    if (kept == NULL)
        reader_nomem(reader);
    return kept;
}

void *reader_scratch(struct reader *reader, size_t count, size_t size)
{
    if (reader_failed(reader))
        return NULL;
    void *made = arena_array(&reader->scratch, count + 1, size);
    if (made == NULL)
        reader_nomem(reader);
    return made;
}

const struct json_value *reader_parse(struct reader *reader, const char *text, size_t len, char message[READER_MESSAGE_MAX])
{
    const struct json_limits limits = {.bytes = SIZE_MAX, .depth = LIMIT_JSON_DEPTH, .values = SPEC_VALUES_MAX};
    struct ecsengine_error *error = NULL;
    char path[JSON_PATH_MAX];

    message[0] = '\0';
    struct reader_doc *made = reader_scratch(reader, 1, sizeof(*made));
    if (made == NULL)
        return NULL;
    if (json_doc_parse(&made->doc, reader->mem, &limits, text, len, &error) < 0) {
        if (ecsengine_error_code(error) == ECSENGINE_ENOMEM)
            reader_nomem(reader);
        snprintf(message, READER_MESSAGE_MAX, "%s", ecsengine_error_message(error));
        ecsengine_error_free(error);
        return NULL;
    }
    made->next = reader->docs;
    reader->docs = made;
    if (made->doc.nul == NULL)
        return made->doc.root;
    json_path(made->doc.nul, path);
    snprintf(message, READER_MESSAGE_MAX, "%.200s: the character U+0000 is not allowed", path);
    return NULL;
}

int reader_document(struct mem *mem, const struct spec_limits *limits, const char *document, size_t document_len, struct arena *kept,
                    reader_fn *fill, void *out, struct ecsengine_error **error)
{
    const struct json_limits json_limits = {.bytes = limits->payload_bytes, .depth = LIMIT_JSON_DEPTH, .values = SPEC_VALUES_MAX};
    struct json_doc doc;
    struct reader reader;
    int code = json_doc_parse(&doc, mem, &json_limits, document, document_len, error);

    if (code < 0)
        return code;
    reader_init(&reader, mem, &doc, kept);
    reader.strict = true;
    if (doc.nul != NULL)
        reader_wrong(&reader, doc.nul, "U+0000 is not allowed here");
    else
        fill(&reader, out);
    if (!reader_failed(&reader) && reader.notice_count > 0)
        reader_refuse(&reader, "%s", reader.notices[0]->data); /* what is not understood was meant to have an effect */
    if (reader.code == READER_REFUSED)
        code = error_set(error, ECSENGINE_EDOCUMENT, "%s", reader.reason.data);
    else if (reader.code < 0)
        code = error_nomem(error);
    reader_free(&reader);
    json_doc_free(&doc);
    return code;
}

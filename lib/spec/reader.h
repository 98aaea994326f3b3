/* SPDX-License-Identifier: Apache-2.0 */
/* Reading a document with one place to look for failures.
 *
 * The first failure sticks, and reading on after it is harmless: every getter then gives its empty value. So the code that reads
 * says what a document has, once, and looks at `code` at the end. A getter takes a value that may be NULL (absent, or null) and
 * checks its type and range; a wrong one refuses the task with the path, line and column. */
#ifndef SPEC_READER_H
#define SPEC_READER_H

#include "base/json.h"
#include "base/str.h"
#include "spec/spec.h"

/* In reader.code, beside negative codes: the task is refused, and reader.reason says why. */
enum { READER_REFUSED = 1 };

struct reader_doc;

struct reader {
    struct mem *mem;
    const struct json_doc *doc; /* whose values are read */
    struct arena scratch;       /* until the document is done with */
    struct arena *kept;         /* the definition's */
    struct reader_doc *docs;    /* JSON inside texts of the document */
    int code;
    struct buf reason;
    struct str **notices;
    size_t notice_count;
    size_t notice_cap;
    size_t notice_left_out;
    bool strict; /* a notice is an error */
};

/* What a document may hold; its bytes come from the configuration. A value costs 48 bytes of scratch memory. */
enum { SPEC_VALUES_MAX = 1000000 };

void reader_init(struct reader *reader, struct mem *mem, const struct json_doc *doc, struct arena *kept);
void reader_free(struct reader *reader);
static inline bool reader_failed(const struct reader *reader) { return reader->code != 0; }

/* Failing. `at` may be NULL. reader_wrong(): `UnrecogniedTaskError: Error loading task - PATH: TEXT (line L, column C)`.
 * reader_refuse(): the text as it is. Each returns false. */
bool reader_nomem(struct reader *reader);
bool reader_wrong(struct reader *reader, const struct json_value *at, const char *format, ...)
    __attribute__((format(printf, 3, 4)));
bool reader_refuse(struct reader *reader, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* A notice: `PATH TEXT.` */
void reader_notice(struct reader *reader, const struct json_value *at, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

/* The last notice, if some were left out. */
void reader_finish(struct reader *reader);

/* True for what a field has when it is not used: null, false, 0, "", [], {}, and objects of such. */
bool json_is_default(const struct json_value *value);

/* What becomes of a member. */
enum field_use {
    FIELD_UNKNOWN = 0, /* in this form of a document there is no such field: a notice */
    FIELD_READ,        /* honoured: given to the caller */
    FIELD_SILENT,      /* without effect by its nature */
    FIELD_REPORTED,    /* part of ECS, not honoured yet: a notice */
};

/* The two forms of a document. */
enum form { FORM_PAYLOAD = 0, FORM_TASKDEF = 1 };

enum { KIND_ANY = JSON_KIND_NULL };

struct field {
    const char *name;
    uint8_t kind;   /* enum json_kind, or KIND_ANY where the caller looks itself */
    uint8_t use[2]; /* enum field_use, by form */
};

/* Whether a member's key means a name. Most don't: the first letter says so without a call. */
static inline bool reader_means(const char *key, const char *name)
{
    return ((key[0] ^ name[0]) & ~0x20) == 0 && ascii_equal(key, name);
}

/* Sorts the members of an object into `out`, one slot a field (NULL: absent or null), without regard to case; an exact name wins
 * over an inexact one, a later member over an earlier one. A known field of another kind refuses the task. What is not READ is NULL
 * there, and noticed unless it is the default. */
void reader_fields(struct reader *reader, const struct json_value *object, const struct field *fields, size_t count, enum form form,
                   const struct json_value **out);

/* Getters. */
const struct json_value *reader_object(struct reader *reader, const struct json_value *value); /* or NULL */
const struct json_value *reader_list(struct reader *reader, const struct json_value *value);   /* NULL also if it is empty */
const struct json_value *reader_texts(struct reader *reader, const struct json_value *value);  /* a list of strings, empty too */
const char *reader_text(struct reader *reader, const struct json_value *value);                /* "" if absent */
int64_t reader_integer(struct reader *reader, const struct json_value *value, int64_t min, int64_t max);           /* 0 if absent */
uint64_t reader_decimal(struct reader *reader, const struct json_value *value, uint64_t multiplier, uint64_t max); /* 0 if absent */
bool reader_flag(struct reader *reader, const struct json_value *value, bool fallback);

/* Copies into the definition; NULL after a failure. */
const char *reader_keep(struct reader *reader, const char *text);

/* Scratch memory for `count` things and one more, zeroed; NULL after a failure. */
void *reader_scratch(struct reader *reader, size_t count, size_t size);

/* Parses JSON that stands in a text, which must live as long as the reader. NULL after a failure; if the text is at fault,
 * `message` says how and it is the caller's to refuse. */
enum { READER_MESSAGE_MAX = 256 };
const struct json_value *reader_parse(struct reader *reader, const char *text, size_t len, char message[READER_MESSAGE_MAX]);

/* Reads a whole document that is no task: `fill` with a reader of it. What refuses it is an error of the call. ESYNTAX, EDOCUMENT, ELIMIT,
 * ENOMEM. */
typedef void reader_fn(struct reader *reader, void *out);
int reader_document(struct mem *mem, const struct spec_limits *limits, const char *document, size_t document_len, struct arena *kept,
                    reader_fn *fill, void *out, struct ecsengine_error **error);

/* Walks a list or an object; stops after a failure. */
static inline const struct json_value *reader_first(const struct json_value *container)
{
    return container != NULL ? container->first : NULL;
}
#define READER_EACH(reader, item, container) \
    for (const struct json_value *item = reader_first(container); item != NULL && !reader_failed(reader); item = item->next)

#endif

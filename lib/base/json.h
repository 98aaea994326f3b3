/* SPDX-License-Identifier: Apache-2.0 */
/* JSON in: text to a tree that is only read.
 *
 * Strict RFC 8259, and bounded: bytes, depth and number of values each have a maximum. Nothing is lost on the way: numbers stay as
 * written (no double, no locale), members keep their order and their duplicates, and every value knows its parent and its place, so
 * a message can always say where. The tree, all of it, lives in the document's arena: one failed allocation fails the parse. */
#ifndef BASE_JSON_H
#define BASE_JSON_H

#include <stdbool.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/buf.h"
#include "base/error.h"

enum json_kind {
    JSON_KIND_NULL = 0,
    JSON_KIND_BOOL = 1,
    JSON_KIND_NUMBER = 2,
    JSON_KIND_TEXT = 3,
    JSON_KIND_ARRAY = 4,
    JSON_KIND_OBJECT = 5,
};

struct json_value {
    const struct json_value *parent; /* NULL: the top */
    const struct json_value *next;   /* the next member or element */
    union {
        const struct json_value *first; /* object, array */
        const char *text;               /* text: decoded; number: as written; both NUL-terminated */
        bool truth;
    };
    const char *key; /* of a member, NUL-terminated; else NULL */
    uint32_t key_len;
    uint32_t count;  /* members, elements, or bytes of text */
    uint32_t offset; /* where it begins in the document */
    uint8_t kind;
};

struct json_limits {
    size_t bytes;
    uint32_t depth;
    uint32_t values;
};

struct json_doc {
    struct arena arena;
    const char *text; /* borrowed: must outlive the document */
    size_t len;
    const struct json_value *root;
    const struct json_value *nul; /* the first value with U+0000 in its key or text, or NULL */
};

/* Parses one text. ESYNTAX (line and column), ELIMIT, ENOMEM. `doc` needs json_doc_free() only after success. */
int json_doc_parse(struct json_doc *doc, struct mem *mem, const struct json_limits *limits, const char *text, size_t len,
                   struct ecsengine_error **error);
void json_doc_free(struct json_doc *doc);

/* Line and column (in bytes) of an offset, from 1. */
void json_place(const struct json_doc *doc, size_t offset, int32_t *out_line, int32_t *out_column);

/* The path of a value: `$.containers[2].cpu`. A long one keeps its end; a strange key is quoted and cut. */
enum { JSON_PATH_MAX = 256 };
void json_path(const struct json_value *value, char path[JSON_PATH_MAX]);

/* `a string`, `an object` ... Static. */
const char *json_kind_name(enum json_kind kind);

/* The member with that name, without regard to case: an exact match wins over an inexact one, a later one over an earlier one. NULL
 * if there is none, if it is null, or if `object` is NULL or no object. */
const struct json_value *json_member(const struct json_value *object, const char *name);

/* A whole number without fraction and exponent. False if it is none or does not fit. */
bool json_to_int64(const struct json_value *value, int64_t *out_number);
/* floor(number * multiplier) of a decimal number (`0.5`, `1e3`, as JSON writes them, not negative), of which the first 18 digits
 * count. Without floating point. False if it is none or does not fit. */
bool json_decimal(const char *text, size_t len, uint64_t multiplier, uint64_t *out_number);

/* The members in the order of their keys (bytes), of equal ones the last. NULL: no memory. */
const struct json_value **json_sorted(struct arena *arena, const struct json_value *object, size_t *out_count);

/* Writes a value compactly, members sorted: equal values give equal text. `scratch` holds the order while it is written. */
void json_write(struct buf *buf, const char *key, const struct json_value *value, struct arena *scratch);

/* Where the number (RFC 8259) that begins at `at` ends; 0: none begins there. */
size_t json_number_end(const char *text, size_t at, size_t len);

#endif

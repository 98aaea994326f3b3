/* SPDX-License-Identifier: Apache-2.0 */
/* The plain members of a struct in bytes: numbers, flags, texts. One table of members says what is written and what is read, so the two
 * can't part. Before the values stand the names that the writer knew: a reader of another version leaves out what it does not know, and
 * what it does not find stays as it is. */
#ifndef MODEL_FIELDS_H
#define MODEL_FIELDS_H

#include "model/record.h"

enum field_kind {
    FIELD_NUMBER = 1, /* without a sign, or a flag, of 1, 2, 4 or 8 bytes */
    FIELD_SIGNED = 2, /* of 4 or 8 bytes */
    FIELD_TEXT = 3,   /* struct str *, or NULL */
};

/* The bounds of signed ones. */
enum field_range {
    RANGE_ANY = 0,
    RANGE_AMOUNT,    /* from 0; two of them can be added */
    RANGE_CLOCK,     /* a time that a turn can be given, or that of an engine before its first */
    RANGE_MONOTONIC, /* such a time, and what is counted from it */
    RANGE_SMALL,     /* from 0, of 32 bits */
    RANGE_FAILURE,   /* a code: 0 or less */
};

/* No pointer is in it: tables of pointers are dear in a shared library. */
struct field {
    char name[26];
    uint8_t kind; /* enum field_kind */
    uint8_t size;
    uint16_t offset;
    uint32_t most; /* of a number; UINT32_MAX: as much as fits, of 8 bytes without the last bit. Of a text: bytes. Else enum field_range */
};

struct fields {
    const struct field *items;
    size_t count;
};

#define FIELD_MEMBER(type, member) (((struct type *)NULL)->member)
#define FIELD(type, member, field_kind, at_most)                                                                     \
    {                                                                                                               \
        .name = #member, .offset = offsetof(struct type, member), .kind = (field_kind),                             \
        .size = (uint8_t)sizeof(FIELD_MEMBER(type, member)), .most = (at_most)                                      \
    }
#define NUMBER(type, member, at_most) FIELD(type, member, FIELD_NUMBER, at_most)
#define FLAG(type, member) FIELD(type, member, FIELD_NUMBER, 1)
#define SIGNED(type, member, range) FIELD(type, member, FIELD_SIGNED, range)
#define TEXT(type, member, at_most) FIELD(type, member, FIELD_TEXT, at_most)

/* What a writer's tables were: for each of its fields the one of this version, or NULL. */
struct layout_item {
    const struct field *own;
    uint8_t kind;
};

struct layout {
    struct mem *mem;
    size_t count;
    struct layout_table {
        size_t count;
        struct layout_item *items;
    } *tables;
};

void fields_put_layout(struct buf *buf, const struct fields *tables, size_t count);
/* The tables in the same order as written. After a failure too the layout is to be freed. */
void fields_get_layout(struct record_getter *getter, const struct fields *tables, size_t count, struct layout *out_layout);
void layout_free(struct layout *layout);

void fields_put(struct buf *buf, const struct fields *table, const void *object);
/* Into an object that may have been used: texts are replaced. A number out of its bounds is bad. `index` is the table's. */
void fields_get(struct record_getter *getter, const struct layout *layout, size_t index, void *object);

#endif

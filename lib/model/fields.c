/* SPDX-License-Identifier: Apache-2.0 */
/* Members by tables. */
#include "model/fields.h"

#include <string.h>

#include "ecsengine/error.h"
#include "model/limits.h"

enum { FIELDS_MAX = 1000 }; /* of one table */

/* ---- the layout ---- */

void fields_put_layout(struct buf *buf, const struct fields *tables, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        record_number(buf, tables[i].count);
        for (size_t j = 0; j < tables[i].count; j++) {
            record_text(buf, tables[i].items[j].name, strlen(tables[i].items[j].name));
            record_number(buf, tables[i].items[j].kind);
        }
    }
}

static const struct field *find(const struct fields *table, const char *name, size_t len, uint8_t kind)
{
    for (size_t i = 0; i < table->count; i++)
        if (table->items[i].kind == kind && strlen(table->items[i].name) == len && memcmp(table->items[i].name, name, len) == 0)
            return &table->items[i];
    return NULL;
}

static void get_table(struct record_getter *getter, const struct fields *own, struct layout_table *table)
{
    size_t count = record_read_number(getter->reader, FIELDS_MAX);

    if (getter->reader->bad)
        return;
    table->items = mem_array(getter->mem, count + 1, sizeof(*table->items));
    if (table->items == NULL) {
        getter->no_memory = true;
        return;
    }
    table->count = count;
    for (size_t i = 0; i < count; i++) {
        size_t len;
        const char *name = record_read_text(getter->reader, LIMIT_NAME, &len);
        table->items[i].kind = (uint8_t)record_read_number(getter->reader, FIELD_TEXT);
        table->items[i].own = find(own, name, len, table->items[i].kind);
        if (table->items[i].kind == 0)
            getter->reader->bad = true;
    }
}

void fields_get_layout(struct record_getter *getter, const struct fields *tables, size_t count, struct layout *out_layout)
{
    *out_layout = (struct layout){.mem = getter->mem};
    out_layout->tables = mem_array(getter->mem, count, sizeof(*out_layout->tables));
    if (out_layout->tables == NULL) {
        getter->no_memory = true;
        return;
    }
    out_layout->count = count;
    for (size_t i = 0; i < count && !getter->reader->bad && !getter->no_memory; i++)
        get_table(getter, &tables[i], &out_layout->tables[i]);
}

void layout_free(struct layout *layout)
{
    for (size_t i = 0; i < layout->count; i++)
        mem_free(layout->mem, layout->tables[i].items);
    mem_free(layout->mem, layout->tables);
    *layout = (struct layout){0};
}

/* ---- members ---- */

static uint64_t number_at(const void *at, size_t size)
{
    uint8_t byte;
    uint16_t two;
    uint32_t four;
    uint64_t eight;

    switch (size) {
    case 1:
        memcpy(&byte, at, size);
        return byte;
    case 2:
        memcpy(&two, at, size);
        return two;
    case 4:
        memcpy(&four, at, size);
        return four;
    default:
        memcpy(&eight, at, sizeof(eight));
        return eight;
    }
}

static void set_number(void *at, size_t size, uint64_t value)
{
    uint8_t byte = (uint8_t)value;
    uint16_t two = (uint16_t)value;
    uint32_t four = (uint32_t)value;

    switch (size) {
    case 1:
        memcpy(at, &byte, size);
        return;
    case 2:
        memcpy(at, &two, size);
        return;
    case 4:
        memcpy(at, &four, size);
        return;
    default:
        memcpy(at, &value, sizeof(value));
        return;
    }
}

/* One byte more than it has: 0 is no text at all, which is not the same as an empty one. */
static void put_text(struct buf *buf, const void *at)
{
    const struct str *text;

    memcpy(&text, at, sizeof(text));
    record_number(buf, text != NULL ? (uint64_t)text->len + 1 : 0);
    buf_put(buf, str_text(text), str_len(text));
}

void fields_put(struct buf *buf, const struct fields *table, const void *object)
{
    for (size_t i = 0; i < table->count; i++) {
        const struct field *field = &table->items[i];
        const char *at = (const char *)object + field->offset;
        if (field->kind == FIELD_NUMBER) {
            record_number(buf, number_at(at, field->size));
        } else if (field->kind == FIELD_SIGNED) {
            uint64_t bits = number_at(at, field->size);
            record_signed(buf, field->size == sizeof(int32_t) ? (int32_t)(uint32_t)bits : (int64_t)bits);
        } else {
            put_text(buf, at);
        }
    }
}

static void skip_text(struct record_reader *reader)
{
    uint64_t len = record_read_number(reader, (uint64_t)(reader->end - reader->at));

    if (len > 0 && len - 1 <= (uint64_t)(reader->end - reader->at))
        reader->at += len - 1;
    else if (len > 0)
        reader->bad = true;
}

static uint64_t most_of(const struct field *field)
{
    static const uint64_t by_size[] = {[1] = UINT8_MAX, [2] = UINT16_MAX, [4] = UINT32_MAX, [8] = INT64_MAX};

    return field->most == UINT32_MAX ? by_size[field->size] : field->most;
}

static void get_text(struct record_getter *getter, const struct field *field, void *at)
{
    struct record_reader *reader = getter->reader;
    struct str *former, *text = NULL;
    uint64_t len = record_read_number(reader, (uint64_t)field->most + 1);

    if (len > 0 && (len - 1 > (uint64_t)(reader->end - reader->at) || memchr(reader->at, '\0', len - 1) != NULL)) {
        reader->bad = true;
    } else if (len > 0) {
        text = str_new(getter->mem, (const char *)reader->at, len - 1);
        reader->at += len - 1;
        getter->no_memory = getter->no_memory || text == NULL;
    }
    memcpy(&former, at, sizeof(former));
    str_unref(former);
    memcpy(at, &text, sizeof(text));
}

static const struct {
    int64_t least;
    int64_t most;
} ranges[] = {
    [RANGE_ANY] = {INT64_MIN, INT64_MAX},
    [RANGE_AMOUNT] = {0, INT64_MAX / 2},
    [RANGE_CLOCK] = {INT64_MIN / 4, LIMIT_WALL_NS},
    [RANGE_MONOTONIC] = {INT64_MIN / 4, LIMIT_WALL_NS + LIMIT_WALL_NS / 2},
    [RANGE_SMALL] = {0, INT32_MAX},
    [RANGE_FAILURE] = {INT32_MIN, 0},
};

static void get_signed(struct record_getter *getter, const struct field *field, void *at)
{
    int64_t value = record_read_signed(getter->reader);
    int64_t least = ranges[field->most].least, most = ranges[field->most].most;

    if (field->size == sizeof(int32_t)) {
        least = least < INT32_MIN ? INT32_MIN : least;
        most = most > INT32_MAX ? INT32_MAX : most;
    }
    if (value < least || value > most)
        getter->reader->bad = true;
    else
        set_number(at, field->size, (uint64_t)value);
}

static void skip(struct record_getter *getter, uint8_t kind)
{
    if (kind == FIELD_TEXT)
        skip_text(getter->reader);
    else
        record_read_number(getter->reader, UINT64_MAX);
}

void fields_get(struct record_getter *getter, const struct layout *layout, size_t index, void *object)
{
    const struct layout_table *table = &layout->tables[index];

    for (size_t i = 0; i < table->count && !getter->reader->bad && !getter->no_memory; i++) {
        const struct field *field = table->items[i].own;
        void *at = field != NULL ? (char *)object + field->offset : NULL;
        if (field == NULL)
            skip(getter, table->items[i].kind);
        else if (field->kind == FIELD_NUMBER)
            set_number(at, field->size, record_read_number(getter->reader, most_of(field)));
        else if (field->kind == FIELD_SIGNED)
            get_signed(getter, field, at);
        else
            get_text(getter, field, at);
    }
}

/* SPDX-License-Identifier: Apache-2.0 */
/* Reading a parsed document: places and paths for messages, members without regard to case, numbers, order of keys, and writing a value
 * out again. What parses is in json.c. */
#include "base/json.h"

#include <stdio.h>
#include <string.h>

#include "base/str.h"

void json_place(const struct json_doc *doc, size_t offset, int32_t *out_line, int32_t *out_column)
{
    int32_t line = 1;
    size_t start = 0;

    for (size_t at = 0; at < offset && at < doc->len; at++) {
        if (doc->text[at] == '\n') {
            line++;
            start = at + 1;
        }
    }
    *out_line = line;
    *out_column = (int32_t)(offset - start) + 1;
}

static bool plain_key(const struct json_value *value)
{
    for (uint32_t i = 0; i < value->key_len; i++) {
        char c = value->key[i];
        if (!((c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' || c == '-'))
            return false;
    }
    return value->key_len > 0 && value->key_len <= 64;
}

/* One step of a path, as text of at most 128 bytes. */
static void path_step(const struct json_value *value, char step[128])
{
    size_t index = 0;

    if (value->key == NULL) {
        for (const struct json_value *at = value->parent->first; at != NULL && at != value; at = at->next)
            index++;
        snprintf(step, 128, "[%zu]", index);
    } else if (plain_key(value)) {
        snprintf(step, 128, ".%s", value->key);
    } else {
        char name[65];
        size_t len = utf8_cut(value->key, value->key_len, sizeof(name) - 1);
        for (; index < len; index++) {
            unsigned char byte = (unsigned char)value->key[index];
            name[index] = byte < 0x20 || byte == 0x7f || byte == '"' || byte == '\\' ? '?' : (char)byte;
        }
        name[len] = '\0';
        snprintf(step, 128, "[\"%s%s\"]", name, len < value->key_len ? "..." : "");
    }
}

void json_path(const struct json_value *value, char path[JSON_PATH_MAX])
{
    char text[JSON_PATH_MAX], step[128];
    size_t at = sizeof(text) - 1;
    bool cut = false;

    text[at] = '\0';
    for (; value != NULL && value->parent != NULL && !cut; value = value->parent) {
        path_step(value, step);
        size_t len = strlen(step);
        cut = len + 8 > at; /* room for `$...` */
        if (!cut) {
            at -= len;
            memcpy(text + at, step, len);
        }
    }
    snprintf(path, JSON_PATH_MAX, "%s%s", cut ? "$..." : "$", text + at);
}

const char *json_kind_name(enum json_kind kind)
{
    switch (kind) {
    case JSON_KIND_BOOL:
        return "true or false";
    case JSON_KIND_NUMBER:
        return "a number";
    case JSON_KIND_TEXT:
        return "a string";
    case JSON_KIND_ARRAY:
        return "an array";
    case JSON_KIND_OBJECT:
        return "an object";
    case JSON_KIND_NULL:
        break;
    }
    return "null";
}

const struct json_value *json_member(const struct json_value *object, const char *name)
{
    const struct json_value *exact = NULL, *inexact = NULL;
    size_t len = strlen(name);

    if (object == NULL || object->kind != JSON_KIND_OBJECT)
        return NULL;
    for (const struct json_value *member = object->first; member != NULL; member = member->next) {
        if (member->key_len != len)
            continue;
        if (memcmp(member->key, name, len) == 0)
            exact = member;
        else if (ascii_equal(member->key, name))
            inexact = member;
    }
    const struct json_value *found = exact != NULL ? exact : inexact;
    return found != NULL && found->kind != JSON_KIND_NULL ? found : NULL;
}

bool json_to_int64(const struct json_value *value, int64_t *out_number)
{
    int64_t number = 0;

    if (value->kind != JSON_KIND_NUMBER)
        return false;
    bool negative = value->text[0] == '-';
    for (const char *at = value->text + negative; *at != '\0'; at++) {
        if (*at < '0' || *at > '9')
            return false;
        int64_t digit = negative ? '0' - *at : *at - '0';
        if (__builtin_mul_overflow(number, 10, &number) || __builtin_add_overflow(number, digit, &number))
            return false;
    }
    *out_number = number;
    return true;
}

/* number * 10^exponent, rounded down. */
static bool shift_decimal(unsigned __int128 number, int64_t exponent, uint64_t *out_number)
{
    for (; exponent > 0 && number > 0; exponent--) {
        number *= 10;
        if (number > UINT64_MAX)
            return false;
    }
    for (; exponent < 0 && number > 0; exponent++)
        number /= 10;
    if (number > UINT64_MAX)
        return false;
    *out_number = (uint64_t)number;
    return true;
}

bool json_decimal(const char *text, size_t len, uint64_t multiplier, uint64_t *out_number)
{
    uint64_t mantissa = 0;
    int64_t exponent = 0, written = 0;
    bool fraction = false;
    size_t at = 0;

    if (json_number_end(text, 0, len) != len || len == 0 || text[0] == '-')
        return false;
    for (; at < len && text[at] != 'e' && text[at] != 'E'; at++) {
        if (text[at] == '.') {
            fraction = true;
            continue;
        }
        /* Eighteen digits are kept; what is behind them is below any unit that is asked for. */
        bool kept = mantissa < UINT64_C(100000000000000000);
        if (kept)
            mantissa = mantissa * 10 + (uint64_t)(text[at] - '0');
        exponent += (kept ? 0 : 1) - (fraction ? 1 : 0);
    }
    if (at < len) {
        bool negative = text[at + 1] == '-';
        for (at += text[at + 1] == '-' || text[at + 1] == '+' ? 2 : 1; at < len && written < 1000000; at++)
            written = written * 10 + (text[at] - '0');
        exponent += negative ? -written : written;
    }
    return shift_decimal((unsigned __int128)mantissa * multiplier, exponent, out_number);
}

static int compare_keys(const struct json_value *left, const struct json_value *right)
{
    int order = memcmp(left->key, right->key, left->key_len < right->key_len ? left->key_len : right->key_len);

    return order != 0 ? order : left->key_len < right->key_len ? -1 : left->key_len > right->key_len;
}

/* Merges two sorted neighbours [low, middle) and [middle, high) of `from` into `to`; equal keys keep their order. */
static void merge(const struct json_value **from, const struct json_value **to, size_t low, size_t middle, size_t high)
{
    size_t left = low, right = middle;

    for (size_t at = low; at < high; at++) {
        bool take_left = left < middle && (right >= high || compare_keys(from[left], from[right]) <= 0);
        to[at] = take_left ? from[left++] : from[right++];
    }
}

const struct json_value **json_sorted(struct arena *arena, const struct json_value *object, size_t *out_count)
{
    size_t count = object->count, kept = 0, at = 0;
    const struct json_value **from = arena_array(arena, count + 1, sizeof(struct json_value *));
    const struct json_value **to = arena_array(arena, count + 1, sizeof(struct json_value *));

    if (from == NULL || to == NULL)
        return NULL;
    for (const struct json_value *member = object->first; member != NULL; member = member->next)
        from[at++] = member;
    for (size_t width = 1; width < count; width *= 2) {
        for (size_t low = 0; low < count; low += 2 * width) {
            size_t middle = low + width < count ? low + width : count;
            merge(from, to, low, middle, middle + width < count ? middle + width : count);
        }
        const struct json_value **swap = from;
        from = to;
        to = swap;
    }
    for (at = 0; at < count; at++)
        if (at + 1 == count || compare_keys(from[at], from[at + 1]) != 0)
            from[kept++] = from[at];
    *out_count = kept;
    return from;
}

/* Recursive: a tree is at most as deep as its document was allowed to be. */
static void write_container(struct buf *buf, const char *key, const struct json_value *value, struct arena *scratch)
{
    size_t count;

    if (value->kind == JSON_KIND_ARRAY) {
        json_open(buf, key, '[');
        for (const struct json_value *element = value->first; element != NULL; element = element->next)
            json_write(buf, NULL, element, scratch);
        json_close(buf, ']');
        return;
    }
    const struct json_value **members = json_sorted(scratch, value, &count);
    if (members == NULL) {
        buf->failed = buf->failed != 0 ? buf->failed : ECSENGINE_ENOMEM;
        return;
    }
    json_open(buf, key, '{');
    for (size_t i = 0; i < count; i++)
        json_write(buf, members[i]->key, members[i], scratch);
    json_close(buf, '}');
}

void json_write(struct buf *buf, const char *key, const struct json_value *value, struct arena *scratch)
{
    switch ((enum json_kind)value->kind) {
    case JSON_KIND_NULL:
        json_raw(buf, key, "null", 4);
        break;
    case JSON_KIND_BOOL:
        json_bool(buf, key, value->truth);
        break;
    case JSON_KIND_NUMBER:
        json_raw(buf, key, value->text, value->count);
        break;
    case JSON_KIND_TEXT:
        json_text_len(buf, key, value->text, value->count);
        break;
    case JSON_KIND_ARRAY:
    case JSON_KIND_OBJECT:
        write_container(buf, key, value, scratch);
        break;
    }
}

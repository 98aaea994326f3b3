/* SPDX-License-Identifier: Apache-2.0 */
#include "records.h"

#include <stdlib.h>
#include <string.h>

/* Where the key is, or would be. */
static size_t place_of(const struct records *records, const char *key, bool *out_found)
{
    size_t low = 0, high = records->count;

    *out_found = false;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        int order = strcmp(records->list[middle].key, key);
        if (order == 0) {
            *out_found = true;
            return middle;
        }
        if (order < 0)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

const struct record *records_find(const struct records *records, const char *key)
{
    bool found;
    size_t at = place_of(records, key, &found);

    return found ? &records->list[at] : NULL;
}

static void *copied(const void *value, size_t len)
{
    void *copy = malloc(len + 1);

    if (copy == NULL)
        abort();
    memcpy(copy, value, len);
    return copy;
}

static void insert(struct records *records, size_t at, const char *key)
{
    if (records->count == records->size) {
        records->size = records->size > 0 ? 2 * records->size : 16;
        records->list = realloc(records->list, records->size * sizeof(*records->list));
        if (records->list == NULL)
            abort();
    }
    memmove(&records->list[at + 1], &records->list[at], (records->count - at) * sizeof(*records->list));
    records->list[at] = (struct record){.key = strdup(key)};
    records->count++;
}

static void delete(struct records *records, size_t at)
{
    free(records->list[at].key);
    free(records->list[at].value);
    records->count--;
    memmove(&records->list[at], &records->list[at + 1], (records->count - at) * sizeof(*records->list));
}

void records_put(struct records *records, const char *key, const void *value, size_t len)
{
    bool found;
    size_t at = place_of(records, key, &found);

    if (value == NULL) {
        if (found)
            delete(records, at);
        return;
    }
    if (!found)
        insert(records, at, key);
    free(records->list[at].value);
    records->list[at].value = copied(value, len);
    records->list[at].len = len;
}

void records_clear(struct records *records)
{
    while (records->count > 0)
        delete(records, records->count - 1);
    free(records->list);
    *records = (struct records){0};
}

void records_copy(struct records *to, const struct records *from)
{
    records_clear(to);
    for (size_t i = 0; i < from->count; i++)
        records_put(to, from->list[i].key, from->list[i].value, from->list[i].len);
}

bool records_equal(const struct records *one, const struct records *other)
{
    if (one->count != other->count)
        return false;
    for (size_t i = 0; i < one->count; i++) {
        const struct record *a = &one->list[i], *b = &other->list[i];
        if (strcmp(a->key, b->key) != 0 || a->len != b->len || memcmp(a->value, b->value, a->len) != 0)
            return false;
    }
    return true;
}

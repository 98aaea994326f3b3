/* SPDX-License-Identifier: Apache-2.0 */
#include "damage.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { FRAME_HEAD = 5, SUM = 8, GARBAGE_MAX = 300, PAGE = 4096 };

/* The checksum of a record (lib/model/record.c), on little-endian machines. */
static uint64_t sum_of(const unsigned char *bytes, size_t len)
{
    uint64_t sum = len;

    for (size_t at = 0; at < len; at += sizeof(uint64_t)) {
        uint64_t word = 0;
        memcpy(&word, bytes + at, len - at < sizeof(word) ? len - at : sizeof(word));
        sum = (sum ^ word) * UINT64_C(0x9fb21c651e98df25);
        sum ^= sum >> 32;
    }
    return sum;
}

static void seal(unsigned char *bytes, size_t len)
{
    uint64_t sum = len >= SUM ? sum_of(bytes, len - SUM) : 0;

    for (size_t i = 0; i < SUM && len >= SUM; i++)
        bytes[len - SUM + i] = (unsigned char)(sum >> (8 * i));
}

static void flip(struct draws *draws, unsigned char *bytes, size_t from, size_t to)
{
    for (unsigned n = 1 + below(draws, 8); n > 0 && to > from; n--)
        bytes[from + draw(draws) % (to - from)] ^= (unsigned char)(1u << below(draws, 8));
}

static void fill(struct draws *draws, unsigned char *bytes, size_t len)
{
    for (size_t i = 0; i < len; i++)
        bytes[i] = (unsigned char)draw(draws);
}

static struct record *any(struct draws *draws, const struct records *records)
{
    return &records->list[draw(draws) % records->count];
}

static void cut(struct draws *draws, struct record *record)
{
    record->len = (size_t)(draw(draws) % (record->len + 1));
}

static void lengthen(struct draws *draws, struct records *records, const struct record *record)
{
    unsigned char longer[4096];
    size_t more = 1 + below(draws, 40), len = record->len < sizeof(longer) - more ? record->len : sizeof(longer) - more;

    memcpy(longer, record->value, len);
    fill(draws, longer + len, more);
    char *key = strdup(record->key);
    records_put(records, key, longer, len + more);
    free(key);
}

/* A body that makes another sense, or none, under a checksum that is right. */
static void change_body(struct draws *draws, struct record *record)
{
    unsigned char *bytes = record->value;

    if (record->len <= FRAME_HEAD + SUM)
        return;
    if (one_in(draws, 12))
        bytes[FRAME_HEAD - 1]++; /* its version */
    else if (one_in(draws, 4))
        fill(draws, bytes + FRAME_HEAD, record->len - FRAME_HEAD - SUM);
    else
        flip(draws, bytes, FRAME_HEAD, record->len - SUM);
    if (one_in(draws, 4))
        record->len -= (size_t)(draw(draws) % (record->len - FRAME_HEAD - SUM));
    seal(bytes, record->len);
}

static void swap(struct draws *draws, const struct records *records)
{
    struct record *one = any(draws, records), *other = any(draws, records), kept = *one;

    one->value = other->value;
    one->len = other->len;
    other->value = kept.value;
    other->len = kept.len;
}

static void add_under(struct draws *draws, struct records *records, const struct record *record)
{
    static const char *const heads[] = {"task/", "definition/", "orphan/", "engine", "", "what/"};
    char key[64];

    snprintf(key, sizeof(key), "%s%llx", heads[below(draws, 6)], (unsigned long long)draw(draws));
    void *value = malloc(record->len + 1);
    size_t len = record->len;
    memcpy(value, record->value, len);
    records_put(records, key, value, len);
    free(value);
}

static void add_garbage(struct draws *draws, struct records *records)
{
    unsigned char bytes[GARBAGE_MAX];
    struct record garbage = {.value = bytes, .len = below(draws, GARBAGE_MAX)};

    fill(draws, bytes, sizeof(bytes));
    if (garbage.len > FRAME_HEAD + SUM && one_in(draws, 2)) {
        memcpy(bytes, "ecs", 3);
        bytes[3] = (unsigned char)"tdeo"[below(draws, 4)];
        bytes[4] = 1;
        seal(bytes, garbage.len);
    }
    add_under(draws, records, &garbage);
}

static void put_foreign(struct draws *draws, struct records *records, const struct records *others)
{
    const struct record *other = any(draws, others);

    if (one_in(draws, 2)) {
        records_put(records, other->key, other->value, other->len);
    } else {
        char *key = strdup(any(draws, records)->key);
        records_put(records, key, other->value, other->len);
        free(key);
    }
}

void damage_records(struct draws *draws, struct records *records, const struct records *others)
{
    for (unsigned n = 1 + below(draws, 3); n > 0 && records->count > 0; n--) {
        struct record *record = any(draws, records);
        switch (below(draws, 10)) {
        case 0:
        case 1:
            flip(draws, record->value, 0, record->len);
            break;
        case 2:
            cut(draws, record);
            break;
        case 3:
            lengthen(draws, records, record);
            break;
        case 4:
        case 5:
            change_body(draws, record);
            break;
        case 6:
            swap(draws, records);
            break;
        case 7:
            add_under(draws, records, record);
            break;
        case 8:
            put_foreign(draws, records, others);
            break;
        default:
            if (one_in(draws, 2))
                add_garbage(draws, records);
            else
                records_put(records, record->key, NULL, 0);
            break;
        }
    }
}

static void change_bytes(struct draws *draws, unsigned char *bytes, size_t *len)
{
    size_t page = *len / PAGE > 0 ? (size_t)(draw(draws) % (*len / PAGE)) * PAGE : 0;
    size_t other = *len / PAGE > 0 ? (size_t)(draw(draws) % (*len / PAGE)) * PAGE : 0, at = (size_t)(draw(draws) % *len);
    size_t run = 1 + below(draws, 600), end = at + run < *len ? at + run : *len;
    unsigned char kept[PAGE];

    switch (below(draws, 8)) {
    case 0:
        *len = at;
        break;
    case 1:
        fill(draws, bytes + at, end - at);
        break;
    case 2:
        memset(bytes + at, 0, end - at);
        break;
    case 3:
        if (page + PAGE <= *len && other + PAGE <= *len) {
            memcpy(kept, bytes + page, PAGE);
            memcpy(bytes + page, bytes + other, PAGE);
            if (one_in(draws, 2))
                memcpy(bytes + other, kept, PAGE);
        }
        break;
    case 4: /* the head of the file, or of a page */
        flip(draws, bytes, page, page + 100 < *len ? page + 100 : *len);
        break;
    default:
        flip(draws, bytes, 0, *len);
        break;
    }
}

void damage_bytes(struct draws *draws, unsigned char *bytes, size_t *len)
{
    for (unsigned n = 1 + below(draws, 4); n > 0 && *len > 0; n--)
        change_bytes(draws, bytes, len);
}

/* SPDX-License-Identifier: Apache-2.0 */
/* Tables of members: what they write they read, within bounds, and across versions what both know. */
#include "../base/unit.h"

#include "base/str.h"
#include "model/fields.h"
#include "model/limits.h"

struct thing {
    bool flag;
    uint8_t small;
    uint16_t medium;
    uint32_t large;
    uint64_t huge;
    int32_t code;
    int64_t time_ns;
    int64_t amount;
    struct str *name;
    struct str *note;
};

static const struct field thing_fields[] = {
    FLAG(thing, flag),
    NUMBER(thing, small, 7),
    NUMBER(thing, medium, UINT32_MAX),
    NUMBER(thing, large, UINT32_MAX),
    NUMBER(thing, huge, UINT32_MAX),
    SIGNED(thing, code, RANGE_ANY),
    SIGNED(thing, time_ns, RANGE_CLOCK),
    SIGNED(thing, amount, RANGE_AMOUNT),
    TEXT(thing, name, 5),
    TEXT(thing, note, 300),
};

static const struct fields things = {thing_fields, sizeof(thing_fields) / sizeof(thing_fields[0])};

static struct str *text(const char *words) { return str_new(&unit_mem, words, strlen(words)); }

static void forget(struct thing *thing)
{
    str_unref(thing->name);
    str_unref(thing->note);
    *thing = (struct thing){0};
}

/* What one table writes another one reads; false: it is bad, or there was no memory. */
static bool carry(const struct fields *from, const void *object, const struct fields *to, void *into)
{
    struct mem mem;
    struct buf buf;
    struct layout layout;

    mem_init(&mem, NULL);
    buf_init(&buf, &mem, 0);
    fields_put_layout(&buf, from, 1);
    fields_put(&buf, from, object);
    ck_assert_int_eq(0, buf.failed);
    struct record_reader reader = {.at = (unsigned char *)buf.data, .end = (unsigned char *)buf.data + buf.len};
    struct record_getter getter = {.reader = &reader, .mem = &unit_mem};
    fields_get_layout(&getter, to, 1, &layout);
    if (!getter.no_memory && !reader.bad)
        fields_get(&getter, &layout, 0, into);
    layout_free(&layout);
    bool well = !getter.no_memory && !reader.bad;
    if (well)
        ck_assert_ptr_eq(reader.at, reader.end);
    buf_free(&buf);
    mem_close(&mem);
    return well;
}

START_TEST(what_is_written_is_read)
{
    struct thing one = {true, 7, UINT16_MAX, UINT32_MAX, INT64_MAX, INT32_MIN, INT64_MIN / 4, INT64_MAX / 2, text("five!"), text("")};
    struct thing other = {.name = text("old"), .note = text("old")};

    ck_assert(carry(&things, &one, &things, &other));
    ck_assert(other.flag && other.small == 7 && other.medium == UINT16_MAX && other.large == UINT32_MAX && other.huge == INT64_MAX);
    ck_assert(other.code == INT32_MIN && other.time_ns == INT64_MIN / 4 && other.amount == INT64_MAX / 2);
    ck_assert_str_eq("five!", str_text(other.name));
    ck_assert_ptr_nonnull(other.note); /* an empty text is not none */
    forget(&one);
    ck_assert(carry(&things, &one, &things, &other));
    ck_assert_ptr_null(other.name);
    ck_assert_ptr_null(other.note);
    ck_assert(!other.flag && other.code == 0);
    unit_ends();
}
END_TEST

/* Each of these is beyond what its row allows. */
START_TEST(what_is_out_of_bounds_is_bad)
{
    const struct thing wrong[] = {
        {.small = 8}, {.huge = UINT64_MAX}, {.time_ns = INT64_MIN / 4 - 1}, {.time_ns = LIMIT_WALL_NS + 1}, {.amount = -1},
        {.amount = INT64_MAX / 2 + 1},
    };
    struct thing into = {0}, long_name = {.name = text("sixsix")};

    for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++)
        ck_assert_msg(!carry(&things, &wrong[i], &things, &into), "%zu", i);
    ck_assert(!carry(&things, &long_name, &things, &into));
    forget(&long_name);
    forget(&into);
    unit_ends();
}
END_TEST

/* A newer one, which has a member more, one less, and one of another kind. */
struct newer {
    struct str *fresh;
    uint32_t large;
    int64_t small;
    uint8_t medium;
    int64_t other;
};

static const struct field newer_fields[] = {
    TEXT(newer, fresh, 100),
    NUMBER(newer, large, UINT32_MAX),
    SIGNED(newer, small, RANGE_ANY),
    NUMBER(newer, medium, UINT32_MAX),
    SIGNED(newer, other, RANGE_ANY),
};

START_TEST(another_version_carries_what_both_know)
{
    const struct fields newers = {newer_fields, sizeof(newer_fields) / sizeof(newer_fields[0])};
    struct thing old = {.small = 3, .large = 70000, .medium = 200, .name = text("x"), .note = text("y")}, back = {.small = 5, .code = 9};
    struct newer newer = {.small = 11, .other = 12};

    ck_assert(carry(&things, &old, &newers, &newer));
    ck_assert(newer.large == 70000 && newer.medium == 200);
    ck_assert(newer.small == 11 && newer.other == 12 && newer.fresh == NULL); /* as they were */
    newer.fresh = text("unheard of");
    newer.large = 4;
    ck_assert(carry(&newers, &newer, &things, &back));
    ck_assert(back.large == 4 && back.medium == 200 && back.small == 5 && back.code == 9 && back.name == NULL);
    str_unref(newer.fresh);
    forget(&old);
    unit_ends();
}
END_TEST

START_TEST(what_is_cut_or_changed_is_bad_or_read)
{
    struct thing one = {.small = 1, .time_ns = 2, .name = text("abc"), .note = text("some words")};
    struct mem mem;
    struct buf buf;

    mem_init(&mem, NULL);
    buf_init(&buf, &mem, 0);
    fields_put_layout(&buf, &things, 1);
    fields_put(&buf, &things, &one);
    for (size_t len = 0; len < buf.len; len++) {
        unsigned char *cut = malloc(len + 1); /* a block of its own length */
        memcpy(cut, buf.data, len);
        struct record_reader reader = {.at = cut, .end = cut + len};
        struct record_getter getter = {.reader = &reader, .mem = &unit_mem};
        struct layout layout;
        struct thing into = {0};
        fields_get_layout(&getter, &things, 1, &layout);
        if (!reader.bad)
            fields_get(&getter, &layout, 0, &into);
        ck_assert_msg(reader.bad, "%zu of %zu bytes", len, buf.len);
        layout_free(&layout);
        forget(&into);
        free(cut);
    }
    buf_free(&buf);
    mem_close(&mem);
    forget(&one);
    unit_ends();
}
END_TEST

START_TEST(every_allocation_may_fail)
{
    struct thing one = {.name = text("abc"), .note = text("some words")}, into = {0};
    long points = 0;

    for (bool well = false; !well; forget(&into)) {
        unit.fail_at = unit.calls + ++points;
        well = carry(&things, &one, &things, &into);
    }
    unit.fail_at = 0;
    ck_assert_int_eq(5, points); /* the tables, one of them, two texts; and none */
    forget(&one);
    unit_ends();
}
END_TEST

static void fill(TCase *tcase)
{
    tcase_add_test(tcase, what_is_written_is_read);
    tcase_add_test(tcase, what_is_out_of_bounds_is_bad);
    tcase_add_test(tcase, another_version_carries_what_both_know);
    tcase_add_test(tcase, what_is_cut_or_changed_is_bad_or_read);
    tcase_add_test(tcase, every_allocation_may_fail);
}

int main(void) { return unit_run("fields", fill); }

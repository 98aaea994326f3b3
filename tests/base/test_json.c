/* SPDX-License-Identifier: Apache-2.0 */
/* The JSON parser: what it takes, what it refuses and where, and that it agrees with jansson's on every document here. */
#include <check.h>
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/json.h"

static struct mem mem;
static long allocations, fail_at;
static const struct json_limits wide = {.bytes = 100 << 20, .depth = 200, .values = 100000};

static void *counting_alloc(size_t size, void *user_data)
{
    (void)user_data;
    return ++allocations == fail_at ? NULL : malloc(size);
}

static void counting_free(void *ptr, size_t size, void *user_data)
{
    (void)size;
    (void)user_data;
    free(ptr);
}

static void start(void)
{
    const ecsengine_allocator allocator = {.size = sizeof(allocator), .alloc = counting_alloc, .free = counting_free};

    allocations = fail_at = 0;
    mem_init(&mem, &allocator);
}

static void end(void)
{
    ck_assert_uint_eq(mem.bytes, 0);
    mem_close(&mem);
}

static void parse(struct json_doc *doc, const char *text)
{
    struct ecsengine_error *error = NULL;
    int code = json_doc_parse(doc, &mem, &wide, text, strlen(text), &error);

    ck_assert_msg(code == 0, "%s: %s", text, ecsengine_error_message(error));
    ck_assert_ptr_null(error);
}

static void refuse_limited(const struct json_limits *limits, const char *text, size_t len, int expected, const char *message)
{
    struct ecsengine_error *error = NULL;
    struct json_doc doc = {.len = 77};

    ck_assert_int_eq(json_doc_parse(&doc, &mem, limits, text, len, &error), expected);
    ck_assert_int_eq(ecsengine_error_code(error), expected);
    ck_assert_str_eq(ecsengine_error_message(error), message);
    ck_assert_uint_eq(doc.len, 77);
    ecsengine_error_free(error);
    ck_assert_int_eq(json_doc_parse(&doc, &mem, limits, text, len, NULL), expected);
}

static void refuse(const char *text, const char *message) { refuse_limited(&wide, text, strlen(text), ECSENGINE_ESYNTAX, message); }

START_TEST(every_kind_of_value_is_read)
{
    struct json_doc doc;

    parse(&doc, " {\"a\" : null, \"b\":[true,false , -1.5e+3], \"c\":\"x\", \"d\":{}, \"e\":[]}\r\n\t ");
    ck_assert_int_eq(doc.root->kind, JSON_KIND_OBJECT);
    ck_assert_uint_eq(doc.root->count, 5);
    const struct json_value *a = doc.root->first, *b = a->next, *c = b->next, *d = c->next, *e = d->next;
    ck_assert_int_eq(a->kind, JSON_KIND_NULL);
    ck_assert_str_eq(a->key, "a");
    ck_assert_uint_eq(b->count, 3);
    ck_assert_int_eq(b->first->kind, JSON_KIND_BOOL);
    ck_assert(b->first->truth);
    ck_assert(!b->first->next->truth);
    ck_assert_str_eq(b->first->next->next->text, "-1.5e+3");
    ck_assert_ptr_eq(b->first->parent, b);
    ck_assert_ptr_null(b->first->key);
    ck_assert_str_eq(c->text, "x");
    ck_assert_int_eq(d->kind, JSON_KIND_OBJECT);
    ck_assert_int_eq(e->kind, JSON_KIND_ARRAY);
    ck_assert_ptr_null(d->first);
    ck_assert_ptr_null(e->next);
    ck_assert_uint_eq(c->offset, 46);
    json_doc_free(&doc);
}
END_TEST

START_TEST(a_document_may_be_any_value)
{
    static const char *const texts[] = {"null", "true", "false", "0", "-0", "1.25", "\"\"", "[]", "{}", " [ ] "};

    for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
        struct json_doc doc;
        parse(&doc, texts[i]);
        ck_assert_ptr_null(doc.root->parent);
        ck_assert_ptr_null(doc.nul);
        json_doc_free(&doc);
    }
}
END_TEST

START_TEST(escapes_are_decoded)
{
    struct json_doc doc;

    parse(&doc,
          "[\"\\\"\\\\\\/\\b\\f\\n\\r\\t\",\"\\u0041\\u00e4\\u20AC\\ud83d\\ude00\",\"\xc3\xa4\xf0\x9f\x98\x80\",{\"\\u006b\":1}]");
    const struct json_value *at = doc.root->first;
    ck_assert_str_eq(at->text, "\"\\/\b\f\n\r\t");
    ck_assert_uint_eq(at->count, 8);
    at = at->next;
    ck_assert_str_eq(at->text, "A\xc3\xa4\xe2\x82\xac\xf0\x9f\x98\x80");
    ck_assert_str_eq(at->next->text, "\xc3\xa4\xf0\x9f\x98\x80");
    ck_assert_str_eq(at->next->next->first->key, "k");
    json_doc_free(&doc);
}
END_TEST

START_TEST(a_character_of_zero_is_kept_and_pointed_at)
{
    struct json_doc doc;

    parse(&doc, "{\"a\":[\"b\",\"c\\u0000d\",\"\\u0000\"]}");
    ck_assert_ptr_nonnull(doc.nul);
    ck_assert_uint_eq(doc.nul->count, 3);
    ck_assert_mem_eq(doc.nul->text, "c\0d", 4);
    json_doc_free(&doc);
    parse(&doc, "[1,{\"x\\u0000\":[2]}]");
    ck_assert_ptr_nonnull(doc.nul);
    ck_assert_int_eq(doc.nul->kind, JSON_KIND_ARRAY);
    ck_assert_uint_eq(doc.nul->key_len, 2);
    json_doc_free(&doc);
}
END_TEST

START_TEST(what_is_no_json_is_refused_with_its_place)
{
    refuse("", "the document is empty at line 1, column 1");
    refuse(" \n ", "the document is empty at line 2, column 2");
    refuse("{\n \"a\": \"x", "the document ends inside a string at line 2, column 9");
    refuse("\"\\", "the document ends inside a string at line 1, column 3");
    refuse("[1,\n2", "the document ends inside an array at line 2, column 2");
    refuse("[", "the document ends inside an array at line 1, column 2");
    refuse("[1,", "the document ends inside an array at line 1, column 4");
    refuse("{", "the document ends inside an object at line 1, column 2");
    refuse("{\"a\"", "the document ends inside an object at line 1, column 5");
    refuse("{\"a\":", "the document ends inside an object at line 1, column 6");
    refuse("{\"a\":1", "the document ends inside an object at line 1, column 7");
    refuse("{\"a\":1,", "the document ends inside an object at line 1, column 8");
    refuse("[1 2]", "expected a comma or the end of an array at line 1, column 4");
    refuse("{\"a\":1 \"b\":2}", "expected a comma or the end of an object at line 1, column 8");
    refuse("{\"a\" 1}", "expected a colon after the name of a member at line 1, column 6");
    refuse("{a:1}", "expected the name of a member in quotes at line 1, column 2");
    refuse("{\"a\":1,}", "expected the name of a member in quotes at line 1, column 8");
    refuse("[1,]", "expected a value at line 1, column 4");
    refuse("[,1]", "expected a value at line 1, column 2");
    refuse("[1}", "expected a comma or the end of an array at line 1, column 3");
    refuse("{]", "expected the name of a member in quotes at line 1, column 2");
    refuse("{} {}", "the document goes on after its end at line 1, column 4");
    refuse("nul", "the document ends inside a word at line 1, column 4");
    refuse("[t", "the document ends inside a word at line 1, column 3");
    refuse("nulL", "expected a value at line 1, column 1");
    refuse("[1.", "the document ends inside a number at line 1, column 4");
    refuse("-", "the document ends inside a number at line 1, column 2");
    refuse("1e-", "the document ends inside a number at line 1, column 4");
    refuse("True", "expected a value at line 1, column 1");
    refuse("'a'", "expected a value at line 1, column 1");
    refuse("\xef\xbb\xbf{}", "expected a value at line 1, column 1");
    refuse("[NaN]", "expected a value at line 1, column 2");
    refuse("/* x */ 1", "expected a value at line 1, column 1");
    refuse("[-]", "expected a number at line 1, column 2");
    refuse("[01]", "expected a number at line 1, column 2");
    refuse("[1.]", "expected a number at line 1, column 2");
    refuse("[1.e1]", "expected a number at line 1, column 2");
    refuse("[1e]", "expected a number at line 1, column 2");
    refuse("[1e+]", "expected a number at line 1, column 2");
    refuse("[.5]", "expected a value at line 1, column 2");
    refuse("[+1]", "expected a value at line 1, column 2");
    refuse("[0x1]", "expected a comma or the end of an array at line 1, column 3");
    refuse("\"a\nb\"", "a string has a control character that is not escaped at line 1, column 3");
    refuse("\"\x01\"", "a string has a control character that is not escaped at line 1, column 2");
    refuse("\"a\\x\"", "a string has an escape that does not exist at line 1, column 3");
    refuse("\"\\u12\"", "a string has an escape that does not exist at line 1, column 2");
    refuse("\"\\u12g4\"", "a string has an escape that does not exist at line 1, column 2");
    refuse("\"\\ud800\"", "a string has an escape that does not exist at line 1, column 2");
    refuse("\"\\ud800\\u0041\"", "a string has an escape that does not exist at line 1, column 2");
    refuse("\"\\udc00\"", "a string has an escape that does not exist at line 1, column 2");
    refuse("\"ab\xff\"", "a string is no UTF-8 at line 1, column 4");
    refuse("\"\xc0\xaf\"", "a string is no UTF-8 at line 1, column 2");
    refuse("\"\xed\xa0\x80\"", "a string is no UTF-8 at line 1, column 2");
    refuse("\"\xe2\x82\"", "a string is no UTF-8 at line 1, column 2");
    refuse("{\"\xff\":1}", "a string is no UTF-8 at line 1, column 3");
}
END_TEST

START_TEST(a_byte_of_zero_is_no_json)
{
    refuse_limited(&wide, "[1\0]", 4, ECSENGINE_ESYNTAX, "expected a comma or the end of an array at line 1, column 3");
    refuse_limited(&wide, "\"\0\"", 3, ECSENGINE_ESYNTAX,
                   "a string has a control character that is not escaped at line 1, column 2");
    refuse_limited(&wide, "1\0", 2, ECSENGINE_ESYNTAX, "the document goes on after its end at line 1, column 2");
    refuse_limited(&wide, "\0", 1, ECSENGINE_ESYNTAX, "expected a value at line 1, column 1");
}
END_TEST

START_TEST(each_limit_is_reached_and_not_passed)
{
    const struct json_limits narrow = {.bytes = 12, .depth = 3, .values = 4};
    static const char *const fine[] = {"[[[]]]", "[[{}]]", "[1,2,3]", "{\"a\":[1,2]}", "            ", "[1,2,3     ]"};

    for (size_t i = 0; i < sizeof(fine) / sizeof(fine[0]); i++) {
        struct json_doc doc;
        struct ecsengine_error *error = NULL;
        int code = json_doc_parse(&doc, &mem, &narrow, fine[i], strlen(fine[i]), &error);
        ck_assert_int_eq(code, i == 4 ? ECSENGINE_ESYNTAX : 0);
        if (code == 0)
            json_doc_free(&doc);
        ecsengine_error_free(error);
    }
    refuse_limited(&narrow, "[[[[]]]]", 8, ECSENGINE_ELIMIT, "the document has more than 3 levels at line 1, column 4");
    refuse_limited(&narrow, "[[[{", 4, ECSENGINE_ELIMIT, "the document has more than 3 levels at line 1, column 4");
    refuse_limited(&narrow, "[1,2,3,4]", 9, ECSENGINE_ELIMIT, "the document has more than 4 values at line 1, column 8");
    refuse_limited(&narrow, "[1,2,3      ]", 13, ECSENGINE_ELIMIT, "the document has 13 bytes, more than 12");
}
END_TEST

START_TEST(each_failed_allocation_is_no_memory)
{
    char text[1024] = "{\"a string that is longer than sixteen bytes\":[";
    bool failed = true;

    for (int i = 0; i < 100; i++)
        strcat(text, "{},");
    strcat(text, "\"another string of some length\"]}");

    for (long n = 1; failed; n++) {
        struct ecsengine_error *error = NULL;
        struct json_doc doc;
        allocations = 0;
        fail_at = n;
        int code = json_doc_parse(&doc, &mem, &wide, text, strlen(text), &error);
        failed = allocations >= fail_at;
        ck_assert_int_eq(code, failed ? ECSENGINE_ENOMEM : 0);
        ck_assert_int_eq(ecsengine_error_code(error), code);
        if (code == 0)
            json_doc_free(&doc);
        ecsengine_error_free(error);
        ck_assert_uint_eq(mem.bytes, 0);
    }
    ck_assert_int_ge(allocations, 3);
}
END_TEST

START_TEST(members_are_found_without_regard_to_case)
{
    struct json_doc doc;

    parse(&doc, "{\"a\":1,\"A\":2,\"b\":3,\"B\":4,\"b\":5,\"C\":6,\"c\":null,\"D\":7,\"d\":8,\"dd\":9,\"E\":null}");
    ck_assert_str_eq(json_member(doc.root, "a")->text, "1");
    ck_assert_str_eq(json_member(doc.root, "A")->text, "2");
    ck_assert_str_eq(json_member(doc.root, "b")->text, "5");
    ck_assert_ptr_null(json_member(doc.root, "c"));
    ck_assert_str_eq(json_member(doc.root, "DD")->text, "9");
    ck_assert_ptr_null(json_member(doc.root, "e"));
    ck_assert_ptr_null(json_member(doc.root, "f"));
    ck_assert_ptr_null(json_member(doc.root->first, "a"));
    ck_assert_ptr_null(json_member(NULL, "a"));
    json_doc_free(&doc);
    parse(&doc, "{\"Ab\":1,\"AB\":2}");
    ck_assert_str_eq(json_member(doc.root, "ab")->text, "2");
    json_doc_free(&doc);
}
END_TEST

START_TEST(a_path_leads_to_a_value)
{
    struct json_doc doc;
    char path[JSON_PATH_MAX], text[2048] = "";

    parse(&doc, "{\"containers\":[1,2,{\"cpu\":3,\"a b\":4,\"\":5,\"x\\\"\\n\\u00e4\":6}]}");
    const struct json_value *at = doc.root->first->first->next->next->first;
    static const char *const paths[] = {"$.containers[2].cpu", "$.containers[2][\"a b\"]", "$.containers[2][\"\"]",
                                        "$.containers[2][\"x??\xc3\xa4\"]"};
    for (size_t i = 0; i < 4; i++, at = at->next) {
        json_path(at, path);
        ck_assert_str_eq(path, paths[i]);
    }
    json_path(doc.root, path);
    ck_assert_str_eq(path, "$");
    json_doc_free(&doc);
    /* Deep down only the end is kept. */
    for (int i = 0; i < 100; i++)
        strcat(text, "{\"abcdefgh\":");
    strcat(text, "{\"last\":1}");
    for (int i = 0; i < 100; i++)
        strcat(text, "}");
    parse(&doc, text);
    for (at = doc.root; at->kind == JSON_KIND_OBJECT; at = at->first)
        ;
    json_path(at, path);
    ck_assert_uint_lt(strlen(path), JSON_PATH_MAX);
    ck_assert_mem_eq(path, "$....abcdefgh.abcdefgh", 22);
    ck_assert_str_eq(path + strlen(path) - 14, ".abcdefgh.last");
    json_doc_free(&doc);
}
END_TEST

START_TEST(a_place_is_counted_from_one_in_bytes)
{
    struct json_doc doc;
    int32_t line, column;

    parse(&doc, "[\n\"\xc3\xa4\", 1\n]");
    json_place(&doc, 0, &line, &column);
    ck_assert(line == 1 && column == 1);
    json_place(&doc, doc.root->first->next->offset, &line, &column);
    ck_assert(line == 2 && column == 7);
    json_place(&doc, doc.len, &line, &column);
    ck_assert(line == 3 && column == 2);
    json_doc_free(&doc);
}
END_TEST

START_TEST(whole_numbers_have_64_bits)
{
    static const struct {
        const char *text;
        bool whole;
        int64_t number;
    } cases[] = {
        {"0", true, 0},
        {"-0", true, 0},
        {"9223372036854775807", true, INT64_MAX},
        {"-9223372036854775808", true, INT64_MIN},
        {"9223372036854775808", false, 0},
        {"-9223372036854775809", false, 0},
        {"123456789012345678901234567890", false, 0},
        {"1.0", false, 0},
        {"1e2", false, 0},
        {"\"1\"", false, 0},
        {"null", false, 0},
    };

    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct json_doc doc;
        int64_t number = 42;
        parse(&doc, cases[i].text);
        ck_assert_int_eq(json_to_int64(doc.root, &number), cases[i].whole);
        ck_assert_int_eq(number, cases[i].whole ? cases[i].number : 42);
        json_doc_free(&doc);
    }
}
END_TEST

START_TEST(decimal_numbers_are_scaled_and_rounded_down)
{
    static const struct {
        const char *text;
        uint64_t multiplier;
        bool fits;
        uint64_t number;
    } cases[] = {
        {"0.25", 1024, true, 256},
        {"0.1", 1024, true, 102},
        {"0.999999999999999999999999", 1024, true, 1023},
        {"1e3", 1, true, 1000},
        {"2.5E-1", 1024, true, 256},
        {"1e-400", 1024, true, 0},
        {"0e999999999999", 1, true, 0},
        {"0.0", 7, true, 0},
        {"18446744073709551615", 1, true, UINT64_C(18446744073709551600)},
        {"184467440737095516150", 1, false, 0},
        {"1e20", 1, false, 0},
        {"1e999999999999999999999", 1, false, 0},
        {"18014398509481984", 1024, false, 0},
        {"12.5e1", 2, true, 250},
        {"-1", 1, false, 0},
        {"1.", 1, false, 0},
        {"", 1, false, 0},
        {"1x", 1, false, 0},
        {"01", 1, false, 0},
        {"1e+2", 1, true, 100},
    };

    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        uint64_t number = 42;
        ck_assert_msg(json_decimal(cases[i].text, strlen(cases[i].text), cases[i].multiplier, &number) == cases[i].fits, "%s",
                      cases[i].text);
        ck_assert_uint_eq(number, cases[i].fits ? cases[i].number : 42);
    }
}
END_TEST

START_TEST(sorting_is_by_bytes_and_keeps_the_last_of_equal_keys)
{
    static const char *const order[] = {"", "A", "B", "a", "aa", "b", "\xc3\xa4"};
    struct json_doc doc;
    size_t count;

    parse(&doc, "{\"b\":1,\"\xc3\xa4\":2,\"a\":3,\"aa\":4,\"B\":5,\"a\":6,\"\":7,\"A\":8,\"a\":9}");
    const struct json_value **members = json_sorted(&doc.arena, doc.root, &count);
    ck_assert_uint_eq(count, 7);
    for (size_t i = 0; i < count; i++)
        ck_assert_str_eq(members[i]->key, order[i]);
    ck_assert_str_eq(members[3]->text, "9");
    json_doc_free(&doc);
}
END_TEST

START_TEST(many_members_are_sorted)
{
    struct json_doc doc;
    struct buf text;
    size_t count;

    buf_init(&text, &mem, 0);
    for (uint32_t i = 0, x = 1; i < 5000; i++, x = x * 1103515245 + 12345)
        buf_printf(&text, "%s\"k%u\":%u", i == 0 ? "{" : ",", (x >> 8) % 3000, i);
    buf_puts(&text, "}");
    parse(&doc, text.data);
    const struct json_value **members = json_sorted(&doc.arena, doc.root, &count);
    ck_assert_uint_gt(count, 2000);
    for (size_t i = 1; i < count; i++)
        ck_assert_int_lt(strcmp(members[i - 1]->key, members[i]->key), 0);
    json_doc_free(&doc);
    buf_free(&text);
}
END_TEST

START_TEST(what_is_written_is_compact_and_sorted)
{
    struct json_doc doc;
    struct buf out;

    parse(&doc, "{ \"z\" : [ 1.50 , -0, \"\\u0001\\/\\ud83d\\ude00\" ], \"a\" : { \"b\" : null, \"a\" : true, \"b\": false } }");
    buf_init(&out, &mem, 0);
    json_write(&out, NULL, doc.root, &doc.arena);
    ck_assert_str_eq(out.data, "{\"a\":{\"a\":true,\"b\":false},\"z\":[1.50,-0,\"\\u0001/\xf0\x9f\x98\x80\"]}");
    buf_free(&out);
    json_doc_free(&doc);
}
END_TEST

/* The same tree in both libraries. */
static bool same(const struct json_value *ours, const json_t *theirs)
{
    switch (json_typeof(theirs)) {
    case JSON_NULL:
        return ours->kind == JSON_KIND_NULL;
    case JSON_TRUE:
    case JSON_FALSE:
        return ours->kind == JSON_KIND_BOOL && ours->truth == json_is_true(theirs);
    case JSON_STRING:
        return ours->kind == JSON_KIND_TEXT && ours->count == json_string_length(theirs) &&
               memcmp(ours->text, json_string_value(theirs), ours->count) == 0;
    case JSON_INTEGER: {
        int64_t number;
        return json_to_int64(ours, &number) && number == json_integer_value(theirs);
    }
    case JSON_REAL:
        return ours->kind == JSON_KIND_NUMBER && strtod(ours->text, NULL) == json_real_value(theirs);
    case JSON_ARRAY: {
        size_t i = 0;
        if (ours->kind != JSON_KIND_ARRAY || ours->count != json_array_size(theirs))
            return false;
        for (const struct json_value *at = ours->first; at != NULL; at = at->next)
            if (!same(at, json_array_get(theirs, i++)))
                return false;
        return true;
    }
    case JSON_OBJECT: {
        size_t count;
        struct arena arena;
        arena_init(&arena, &mem);
        const struct json_value **members = json_sorted(&arena, ours, &count);
        bool equal = ours->kind == JSON_KIND_OBJECT && count == json_object_size(theirs);
        for (size_t i = 0; equal && i < count; i++) {
            const json_t *value = json_object_get(theirs, members[i]->key);
            equal = value != NULL && same(members[i], value);
        }
        arena_free(&arena);
        return equal;
    }
    }
    return false;
}

/* Both take it and read the same, or neither does. What jansson can't hold (numbers out of range, keys with U+0000) is passed over;
 * and it loses a byte of zero behind a number, which we don't take anywhere. */
static bool agree(const char *text, size_t len)
{
    if (len > 0 && memchr(text, '\0', len) != NULL)
        return json_doc_parse(&(struct json_doc){0}, &mem, &wide, text, len, NULL) == ECSENGINE_ESYNTAX;
    json_error_t their_error;
    json_t *theirs = json_loadb(text, len, JSON_DECODE_ANY | JSON_ALLOW_NUL, &their_error);
    struct json_doc doc;
    bool passed_over =
        theirs == NULL && (strstr(their_error.text, "too big") != NULL || strstr(their_error.text, "overflow") != NULL ||
                           strstr(their_error.text, "NUL byte in object key") != NULL);
    bool taken = json_doc_parse(&doc, &mem, &wide, text, len, NULL) == 0;
    bool agreed = passed_over || (taken == (theirs != NULL) && (!taken || same(doc.root, theirs)));

    if (taken)
        json_doc_free(&doc);
    json_decref(theirs);
    return agreed;
}

static const char sample[] = "{\"arn\":\"x\\u00e4\\n\",\"n\":[0,-1,2.50,1e3,-0.5E-2,123456789],\"t\":true,\"f\":false,\"z\":null,"
                             "\"o\":{\"a\":{},\"b\":[],\"a\":1},"
                             "\"u\":\"\xc3\xa4\xe2\x82\xac\xf0\x9f\x98\x80\",\"s\":\"\\ud83d\\ude00\\\"\\\\\\/\"}\n";

START_TEST(jansson_agrees_on_every_prefix)
{
    for (size_t len = 0; len < sizeof(sample); len++)
        ck_assert_msg(agree(sample, len), "%.*s", (int)len, sample);
}
END_TEST

START_TEST(jansson_agrees_on_every_changed_byte)
{
    static const unsigned char bytes[] = "\0\x01 \n\"\\{}[]:,-+.0123456789aeEfnrtuxD\x7f\x80\xbf\xc0\xc3\xe2\xed\xf0\xf4\xff/";
    char text[sizeof(sample)];

    for (size_t at = 0; at < sizeof(sample) - 1; at++) {
        for (size_t i = 0; i < sizeof(bytes) - 1; i++) {
            memcpy(text, sample, sizeof(sample));
            text[at] = (char)bytes[i];
            ck_assert_msg(agree(text, sizeof(sample) - 1), "byte %zu is %u", at, bytes[i]);
        }
    }
}
END_TEST

START_TEST(jansson_agrees_on_bytes_left_out_and_doubled)
{
    char text[sizeof(sample) + 1];

    for (size_t at = 0; at < sizeof(sample) - 1; at++) {
        memcpy(text, sample, at);
        memcpy(text + at, sample + at + 1, sizeof(sample) - at - 1);
        ck_assert_msg(agree(text, sizeof(sample) - 2), "without byte %zu", at);
        memcpy(text, sample, at + 1);
        memcpy(text + at + 1, sample + at, sizeof(sample) - at);
        ck_assert_msg(agree(text, sizeof(sample)), "with byte %zu twice", at);
    }
}
END_TEST

START_TEST(jansson_agrees_on_every_text_of_four_tokens)
{
    static const char *const tokens[] = {"{", "}", "[", "]", ":", ",", "\"k\"", "1", "-", "true", "\"", " "};
    enum { COUNT = sizeof(tokens) / sizeof(tokens[0]) };
    char text[64];

    for (size_t i = 0; i < COUNT * COUNT * COUNT * COUNT; i++) {
        text[0] = '\0';
        for (size_t rest = i, n = 0; n < 4; n++, rest /= COUNT)
            strcat(text, tokens[rest % COUNT]);
        ck_assert_msg(agree(text, strlen(text)), "%s", text);
    }
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("base: json");
    TCase *tcase = tcase_create("rules");
    SRunner *runner = srunner_create(suite);

    tcase_add_checked_fixture(tcase, start, end);
    tcase_set_timeout(tcase, 60);
    tcase_add_test(tcase, every_kind_of_value_is_read);
    tcase_add_test(tcase, a_document_may_be_any_value);
    tcase_add_test(tcase, escapes_are_decoded);
    tcase_add_test(tcase, a_character_of_zero_is_kept_and_pointed_at);
    tcase_add_test(tcase, what_is_no_json_is_refused_with_its_place);
    tcase_add_test(tcase, a_byte_of_zero_is_no_json);
    tcase_add_test(tcase, each_limit_is_reached_and_not_passed);
    tcase_add_test(tcase, each_failed_allocation_is_no_memory);
    tcase_add_test(tcase, members_are_found_without_regard_to_case);
    tcase_add_test(tcase, a_path_leads_to_a_value);
    tcase_add_test(tcase, a_place_is_counted_from_one_in_bytes);
    tcase_add_test(tcase, whole_numbers_have_64_bits);
    tcase_add_test(tcase, decimal_numbers_are_scaled_and_rounded_down);
    tcase_add_test(tcase, sorting_is_by_bytes_and_keeps_the_last_of_equal_keys);
    tcase_add_test(tcase, many_members_are_sorted);
    tcase_add_test(tcase, what_is_written_is_compact_and_sorted);
    tcase_add_test(tcase, jansson_agrees_on_every_prefix);
    tcase_add_test(tcase, jansson_agrees_on_every_changed_byte);
    tcase_add_test(tcase, jansson_agrees_on_bytes_left_out_and_doubled);
    tcase_add_test(tcase, jansson_agrees_on_every_text_of_four_tokens);
    suite_add_tcase(suite, tcase);
    srunner_run_all(runner, CK_ENV);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed > 0 ? EXIT_FAILURE : EXIT_SUCCESS;
}
